// Marks of conversations: 64 standard ones, each a bit, and one text of the app's own. It refuses
// bits that do not exist; everything else about a mark is the native library's to decide.

package chat

import (
	"context"
	"strings"
)

// The standard marks that Chat's own SDKs know. Bits up to 31 belong to Chat; an app's own marks
// are 32 to 63 (1047/53438).
const (
	MarkStar   = 0
	MarkUnread = 1
	MarkFold   = 2
	MarkHide   = 3
)

// Mark is what MarkContact does to one conversation.
type Mark struct {
	Contact Contact
	// Set and Clear are the bits to set and to clear, 0 to 63, none in both. Those under 32 belong to
	// Chat itself (see MarkStar), 32 to 63 are the app's own.
	Set, Clear []int
	// CustomMark is the app's own text, at most 256 bytes of UTF-8: String("vip") sets it,
	// String("") clears it, nil leaves it.
	CustomMark *string
}

// MarkContactResult is the answer of MarkContact.
type MarkContactResult struct {
	// Contacts says what became of each conversation, in the order asked.
	Contacts []ContactResult
	// Parts are the answers of all calls, in order, when Split made several; else nil.
	Parts []*Response
	*Response
}

// MarkContact sets and clears marks of conversations of the user fromAccount (mark_contact,
// 1047/53438). marks has 1 to 100 items; with [Split] more, in as many calls as it takes. A
// conversation need not be in the user's conversation list.
//
// Errors to expect: a [PartialError] when not every conversation was marked, ErrConversationLimit
// (1000 conversations with marks), ErrTooManyConversations, ErrAccountNotImported,
// ErrInvalidParameter, ErrFeatureNotInPlan, ErrAdminRequired, ErrUserSig; with Split a
// [SplitError]. 200 calls a second for a SDKAppID.
func (c *Client) MarkContact(ctx context.Context, fromAccount string, marks []Mark, options ...CallOption) (*MarkContactResult, error) {
	plain, failure := plainMarks("marks", marks)
	if err := refusal(checkText("fromAccount", fromAccount), failure); err != nil {
		return nil, err
	}
	mark := func(part []plainMark, options []CallOption) (*MarkContactResult, error) {
		var answer struct{ ResultItem []contactResultItem }
		response, err := c.do(ctx, "mark_contact", options, &answer, func(native *nativeClient, limits *nativeOptions) *Response {
			return native.markContact(fromAccount, part, limits)
		})
		contacts := made(answer.ResultItem, contactResultItem.result)
		return finish(&MarkContactResult{Contacts: contacts, Response: response}, response, err)
	}
	return inParts(plain, 100, options, marksRefused, mark, (*MarkContactResult).join)
}

func (r *MarkContactResult) join(part *MarkContactResult) {
	r.Contacts = append(r.Contacts, part.Contacts...)
	r.Parts, r.Response = append(r.Parts, part.Response), part.Response
}

// plainMark is a Mark in C's form: bits as masks.
type plainMark struct {
	contact    Contact
	set, clear uint64
	customMark *string
}

func plainMarks(name string, marks []Mark) ([]plainMark, *Error) {
	plain := make([]plainMark, len(marks))
	for place, mark := range marks {
		if failure := checkItemText(name, place, ".Contact.ID", mark.Contact.ID); failure != nil {
			return nil, failure
		}
		if mark.CustomMark != nil {
			if failure := checkItemText(name, place, ".CustomMark", *mark.CustomMark); failure != nil {
				return nil, failure
			}
		}
		set, failure := mask(name, place, "Set", mark.Set)
		if failure != nil {
			return nil, failure
		}
		clear, failure := mask(name, place, "Clear", mark.Clear)
		if failure != nil {
			return nil, failure
		}
		plain[place] = plainMark{contact: mark.Contact, set: set, clear: clear, customMark: mark.CustomMark}
	}
	return plain, nil
}

// marksOf reads a StandardMark, whose last character is mark 0; what is no such text has no marks.
func marksOf(text string) (marks []int) {
	text = strings.TrimLeft(text, "0")
	if len(text) > 64 || strings.Trim(text, "01") != "" {
		return nil
	}
	for number := range text {
		if text[len(text)-1-number] == '1' {
			marks = append(marks, number)
		}
	}
	return marks
}

func mask(name string, place int, member string, bits []int) (mask uint64, failure *Error) {
	for _, bit := range bits {
		if bit < 0 || bit > 63 {
			return 0, newError(CodeInvalidArgument, "%s[%d].%s holds %d; a standard mark is a bit from 0 to 63, and those under 32 belong to Chat itself", name, place, member, bit)
		}
		mask |= 1 << uint(bit)
	}
	return mask, nil
}
