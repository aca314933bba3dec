// A conversation as the service names it, and what a batch answers about each: the objects that
// several calls share. Arguments are checked here only for what would be lost on the way to C.

package chat

import (
	"fmt"
	"strconv"
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
	// ever set. No document says which end is bit 0, and a guess would read other marks than were
	// set: compare it with strings you have seen, or keep what you set with MarkContact.
	StandardMark string
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

// The id of a chat group is not spelled alike in all answers.
const (
	toGroupID   = "/ToGroupId"
	listGroupID = "/GroupId" // get_list
)

// readContact takes the id that belongs to the type, and the type from the id where it is missing.
func readContact(a answer, at, groupID string) Contact {
	user, group := a.text(at+"/To_Account"), a.text(at+groupID)
	contact := Contact{Type: ContactType(a.integer(at + "/Type")), ID: user}
	switch {
	case contact.Type == TypeGroupChat || user == "" && group != "":
		contact.ID = group
	case contact.Type == TypeOneToOne:
		return contact
	}
	if contact.Type == 0 && contact.ID != "" {
		contact.Type = TypeOneToOne
		if user == "" {
			contact.Type = TypeGroupChat
		}
	}
	return contact
}

func readContactResults(a answer, list, optType string) []ContactResult {
	results := make([]ContactResult, a.count(list))
	for i := range results {
		at := list + "/" + strconv.Itoa(i)
		results[i] = ContactResult{
			Contact:    readContact(a, at+"/ContactItem", toGroupID),
			ResultCode: readCode(a, at+"/ResultCode"),
			ResultInfo: a.text(at + "/ResultInfo"),
		}
		if optType != "" {
			results[i].OptType = int(a.integer(at + optType))
		}
	}
	return results
}

// readCode reads a ResultCode. One that is there and is no number is a failure of its item.
func readCode(a answer, at string) Code {
	value := a.at(at)
	code, ok := integer(value)
	if !ok && value != nil {
		return CodeService
	}
	return Code(code)
}

// readEntries reads a list of conversations; names are those of the groups in the same answer.
func readEntries(a answer, list string, names map[int64]string) []ContactGroupEntry {
	entries := make([]ContactGroupEntry, a.count(list))
	for i := range entries {
		entries[i] = readEntry(a, list+"/"+strconv.Itoa(i), names)
	}
	return entries
}

func readEntry(a answer, at string, names map[int64]string) ContactGroupEntry {
	entry := ContactGroupEntry{
		Contact:      readContact(a, at, toGroupID),
		StandardMark: a.text(at + "/StandardMark"),
		CustomMark:   a.text(at + "/CustomMark"),
		Timestamp:    readTime(a, at+"/Timestamp"),
	}
	for _, id := range readNumbers(a, at+"/ContactGroupId") {
		entry.Groups = append(entry.Groups, ContactGroup{Name: names[id], ID: id})
	}
	return entry
}

// readNumbers leaves out what has no value.
func readNumbers(a answer, list string) (numbers []int64) {
	for i, n := 0, a.count(list); i < n; i++ {
		if number, ok := a.number(list + "/" + strconv.Itoa(i)); ok {
			numbers = append(numbers, number)
		}
	}
	return numbers
}

// readTime reads seconds since 1970; 0 and absent are the zero time.
func readTime(a answer, at string) time.Time {
	if seconds := a.integer(at); seconds != 0 {
		return time.Unix(seconds, 0)
	}
	return time.Time{}
}
