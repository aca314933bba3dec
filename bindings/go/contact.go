// A conversation as the service names it, and what a batch answers about each: the objects that
// several calls share. Arguments are checked here only for what would be lost on the way to C.

package chat

import (
	"fmt"
	"time"
)

// ContactType says what the other side of a conversation is.
type ContactType int32

// The types of conversation (1047/53437).
const (
	TypeOneToOne  ContactType = 1 // with another user
	TypeGroupChat ContactType = 2 // in a chat group
)

// Contact names one conversation of a user. It is comparable, so it can be the key of a map.
type Contact struct {
	Type ContactType
	// ID is the other user's UserID, or the chat group's id ("@TGS#1B2AUI7RZ").
	ID string
}

// OneToOne is the conversation with the user userID.
func OneToOne(userID string) Contact { return Contact{Type: TypeOneToOne, ID: userID} }

// GroupChat is the conversation in the chat group groupID: a group of people who chat, not one
// of the conversation groups that this package creates.
func GroupChat(groupID string) Contact { return Contact{Type: TypeGroupChat, ID: groupID} }

// ContactResult is what became of one conversation in a call about several.
type ContactResult struct {
	Contact Contact
	// OptType is what was asked for, as the service repeats it. UpdateContactGroupContacts: 1 add,
	// 2 remove. MarkContact: 1 standard marks, 2 the custom mark, 3 both. Elsewhere 0.
	OptType int
	// ResultCode is 0 on success; CodeServiceGroupChatFailed is a dismissed chat group.
	ResultCode Code
	// ResultInfo is the service's own text; empty on success.
	ResultInfo string
}

// ContactGroupEntry is the groups and marks of one conversation.
type ContactGroupEntry struct {
	Contact Contact
	// StandardMark is the string of 0 and 1 that the service sent, untouched; "" when no mark was
	// ever set.
	StandardMark string
	// Marks are the standard marks that are set, in rising order: MarkStar and so on, an app's own
	// from 32. The last character of StandardMark is mark 0; so the vendor's own SDK for the web reads
	// it, and no page says it of these answers.
	Marks []int
	// CustomMark is the app's own text; "" when there is none.
	CustomMark string
	// Groups are the conversation groups it is in, named from the same answer; the Name is "" for
	// an id that the answer does not name.
	Groups []ContactGroup
	// Timestamp is the last change of these groups and marks; zero when the service did not say.
	Timestamp time.Time
}

// String gives a pointer to text, for members that may be left out: Mark.CustomMark,
// Account.Nick, Account.FaceURL.
func String(text string) *string { return &text }

// refusal is the first of the failures found, as an error; nil when there is none.
func refusal(found ...*Error) error {
	for _, failure := range found {
		if failure != nil {
			return failure
		}
	}
	return nil
}

// checkItemText is checkText for a member (".ID") of an item of a list; "" is the item itself.
func checkItemText(list string, place int, member, text string) *Error {
	if checkText("", text) == nil {
		return nil
	}
	return checkText(fmt.Sprintf("%s[%d]%s", list, place, member), text)
}

func checkContacts(name string, contacts []Contact) *Error {
	for place, contact := range contacts {
		if failure := checkItemText(name, place, ".ID", contact.ID); failure != nil {
			return failure
		}
	}
	return nil
}

// contactResultItem is a ContactResult in an answer.
type contactResultItem struct {
	ContactItem             conversation
	ContactOptType, OptType number
	ResultCode              resultCode
	ResultInfo              string
}

func (i contactResultItem) result() ContactResult {
	return ContactResult{
		Contact:    i.ContactItem.contact(),
		OptType:    int(i.ContactOptType + i.OptType), // a command has one of them
		ResultCode: Code(i.ResultCode),
		ResultInfo: i.ResultInfo,
	}
}

// contactGroupItem is a ContactGroupEntry in an answer.
type contactGroupItem struct {
	conversation
	StandardMark, CustomMark string
	Timestamp                number
	ContactGroupId           numbers
}

// entry takes the names of groups from the answer that the item stands in.
func (i contactGroupItem) entry(names map[int64]string) ContactGroupEntry {
	entry := ContactGroupEntry{
		Contact:      i.contact(),
		StandardMark: i.StandardMark,
		Marks:        marksOf(i.StandardMark),
		CustomMark:   i.CustomMark,
		Timestamp:    i.Timestamp.time(),
	}
	for _, id := range i.ContactGroupId {
		entry.Groups = append(entry.Groups, ContactGroup{Name: names[id], ID: id})
	}
	return entry
}

func entriesOf(items []contactGroupItem, groups []ContactGroup) []ContactGroupEntry {
	names := groupNames(groups)
	return made(items, func(item contactGroupItem) ContactGroupEntry { return item.entry(names) })
}
