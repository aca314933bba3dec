// A user's conversation list: read it, take a conversation off it. Groups and marks live apart from
// it (contact_group.go, mark.go); a page only repeats them.

package chat

import (
	"context"
	"time"
)

// AssistFlags is what the vendor's page tells to send: pinned conversations are understood (bit 0),
// empty ones come too (bit 1), pinned ones are paged (bit 2); bits 3 to 5 are not documented.
const AssistFlags = 63

// RecentContact is one conversation of a user's list. Its last three members are empty where the
// service sends none.
type RecentContact struct {
	Contact Contact
	// MsgTime is the time of the conversation; zero when the service did not say.
	MsgTime time.Time
	// Pinned says whether it is kept at the top.
	Pinned bool
	// StandardMark is the string that the service sent: see ContactGroupEntry.
	StandardMark string
	// Marks are the standard marks that are set: see ContactGroupEntry.
	Marks      []int
	CustomMark string
	// ContactGroupIDs are the conversation groups it is in; the list does not name them.
	ContactGroupIDs []int64
}

// RecentContactCursor is where a page of a conversation list begins. The zero value is the
// beginning. Its numbers mean nothing to anybody but the service.
type RecentContactCursor struct {
	TimeStamp, StartIndex       int64 // of ordinary conversations
	TopTimeStamp, TopStartIndex int64 // of pinned ones
}

// RecentContactGetListResult is one page of a user's conversation list.
type RecentContactGetListResult struct {
	// Contacts are in no order that the service promises.
	Contacts []RecentContact
	// Complete says that this is the last page. It is no proof that everything came: see
	// Client.RecentContactGetList.
	Complete bool
	// Next begins the next page.
	Next RecentContactCursor
	*Response
}

// RecentContactGetList reads one page of the conversation list of the user fromAccount (get_list,
// 1047/43087). from is zero for the first page, then Next of the page before; assistFlags is
// AssistFlags unless you know better. RecentContactItems goes through all pages.
//
// The plan's number of cloud conversations caps what the service returns, without a word: when it
// is exceeded, a complete answer is no proof of completeness.
//
// Errors to expect: ErrAccountNotImported, ErrAdminRequired, ErrUserSig. 200 calls a second for a
// SDKAppID.
func (c *Client) RecentContactGetList(ctx context.Context, fromAccount string, from RecentContactCursor, assistFlags uint32, options ...CallOption) (*RecentContactGetListResult, error) {
	if err := refusal(checkText("fromAccount", fromAccount)); err != nil {
		return nil, err
	}
	var answer struct {
		SessionItem                                                      []recentContactItem
		CompleteFlag, TimeStamp, StartIndex, TopTimeStamp, TopStartIndex number
	}
	response, err := c.do(ctx, "recent_contact_get_list", options, &answer, func(native *nativeClient, limits *nativeOptions) *Response {
		return native.recentContactGetList(fromAccount, from.TimeStamp, from.StartIndex, from.TopTimeStamp, from.TopStartIndex, assistFlags, limits)
	})
	next := RecentContactCursor{int64(answer.TimeStamp), int64(answer.StartIndex), int64(answer.TopTimeStamp), int64(answer.TopStartIndex)}
	contacts := made(answer.SessionItem, recentContactItem.contact)
	return finish(&RecentContactGetListResult{contacts, answer.CompleteFlag == 1, next, response}, response, err)
}

// RecentContactItems goes through the whole conversation list of the user fromAccount, each
// conversation once, page by page (get_list, 1047/43087). It sends nothing until Next. The service
// promises no order.
//
// The plan's number of cloud conversations caps what the service returns, without a word: when it
// is exceeded, a complete answer is no proof of completeness. Errors to expect of Next: those of
// RecentContactGetList. options hold for each page.
func (c *Client) RecentContactItems(fromAccount string, options ...CallOption) *Items[RecentContact] {
	return &Items[RecentContact]{
		client: c, command: "recent_contact_get_list", fromAccount: fromAccount, options: options,
		open: (*nativeClient).recentContactItems,
		read: func(response *Response, _ map[int64]string) (RecentContact, string) {
			var item recentContactItem
			wrong := response.read(&item)
			return item.contact(), wrong
		},
	}
}

// RecentContactDelete takes one conversation off the list of the user fromAccount (delete,
// 1047/43088). clearRamble deletes its roaming messages as well. Its groups and marks stay.
//
// Errors to expect: ErrAccountNotImported, ErrAdminRequired, ErrUserSig. Whether an absent
// conversation is an error is not documented. 200 calls a second for a SDKAppID.
func (c *Client) RecentContactDelete(ctx context.Context, fromAccount string, contact Contact, clearRamble bool, options ...CallOption) (*Response, error) {
	if err := refusal(checkText("fromAccount", fromAccount), checkText("contact.ID", contact.ID)); err != nil {
		return nil, err
	}
	response, err := c.do(ctx, "recent_contact_delete", options, nil, func(native *nativeClient, limits *nativeOptions) *Response {
		return native.recentContactDelete(fromAccount, int(contact.Type), contact.ID, flag(clearRamble), limits)
	})
	return response, partial(err, response)
}

// RecentContactPinResult is the answer of RecentContactPin and RecentContactUnpin.
type RecentContactPinResult struct {
	// Parts are the answers of all calls, in order, when Split made several; else nil.
	Parts []*Response
	*Response
}

func (r *RecentContactPinResult) join(part *RecentContactPinResult) {
	r.Parts, r.Response = append(r.Parts, part.Response), part.Response
}

// RecentContactPin pins conversations of the user fromAccount to the top of the list (top,
// 269/103772). contacts has 1 to 100 items; with [Split] more, in as many calls as it takes. Pinning
// one that is pinned is no error.
//
// Errors to expect: ErrPinnedLimit (50 pinned conversations), ErrAccountNotImported,
// ErrInvalidParameter, ErrAdminRequired, ErrUserSig; with Split a [SplitError]. 200 calls a second
// for a SDKAppID.
func (c *Client) RecentContactPin(ctx context.Context, fromAccount string, contacts []Contact, options ...CallOption) (*RecentContactPinResult, error) {
	return c.pin(ctx, "recent_contact_pin", (*nativeClient).recentContactPin, fromAccount, contacts, options)
}

// RecentContactUnpin undoes RecentContactPin. Unpinning a conversation that is not pinned is no error.
// Errors to expect: those of RecentContactPin but ErrPinnedLimit.
func (c *Client) RecentContactUnpin(ctx context.Context, fromAccount string, contacts []Contact, options ...CallOption) (*RecentContactPinResult, error) {
	return c.pin(ctx, "recent_contact_unpin", (*nativeClient).recentContactUnpin, fromAccount, contacts, options)
}

func (c *Client) pin(ctx context.Context, command string, call func(*nativeClient, string, []Contact, *nativeOptions) *Response, fromAccount string, contacts []Contact, options []CallOption) (*RecentContactPinResult, error) {
	if err := refusal(checkText("fromAccount", fromAccount), checkContacts("contacts", contacts)); err != nil {
		return nil, err
	}
	pin := func(part []Contact, options []CallOption) (*RecentContactPinResult, error) {
		response, err := c.do(ctx, command, options, nil, func(native *nativeClient, limits *nativeOptions) *Response {
			return call(native, fromAccount, part, limits)
		})
		return finish(&RecentContactPinResult{Response: response}, response, err)
	}
	return inParts(contacts, 100, options, contactsRefused, pin, (*RecentContactPinResult).join)
}

// recentContactItem is a RecentContact in an answer.
type recentContactItem struct {
	conversation
	MsgTime, TopFlag         number
	StandardMark, CustomMark string
	ContactGroupId           numbers
}

func (i recentContactItem) contact() RecentContact {
	return RecentContact{
		Contact:         i.conversation.contact(),
		MsgTime:         i.MsgTime.time(),
		Pinned:          i.TopFlag == 1,
		StandardMark:    i.StandardMark,
		Marks:           marksOf(i.StandardMark),
		CustomMark:      i.CustomMark,
		ContactGroupIDs: i.ContactGroupId,
	}
}
