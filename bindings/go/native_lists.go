//go:build cgo

// The lists that calls take, in C, and C's copies of texts. What is made here is freed by who made it,
// after the call that reads it.

package chat

/*
#include <stdlib.h>
#include <tencent_chat.h>
*/
import "C"

import "unsafe"

// texts are C's copies of one call's texts.
type texts []*C.char

func (t *texts) add(text string) *C.char {
	copied := C.CString(text)
	*t = append(*t, copied)
	return copied
}

// optional gives NULL for a text that is left out.
func (t *texts) optional(text *string) *C.char {
	if text == nil {
		return nil
	}
	return t.add(*text)
}

func (t texts) free() {
	for _, copied := range t {
		C.free(unsafe.Pointer(copied))
	}
}

// newContacts makes a list; ok is false when the library refused an item. It remembers why: a call
// with the list answers with the item's place and the reason, and sends nothing. So it is with the
// other lists.
func newContacts(contacts []Contact) (list *C.chat_contacts, ok bool) {
	var held texts
	defer func() { held.free() }()
	list, ok = C.chat_contacts_new(), true
	for _, contact := range contacts {
		if C.chat_contacts_add(list, C.int(contact.Type), held.add(contact.ID)) != C.CHAT_OK {
			return list, false
		}
	}
	return list, ok
}

func newMarks(marks []plainMark) (list *C.chat_marks, ok bool) {
	var held texts
	defer func() { held.free() }()
	list, ok = C.chat_marks_new(), true
	for _, mark := range marks {
		id, custom := held.add(mark.contact.ID), held.optional(mark.customMark)
		if C.chat_marks_add(list, C.int(mark.contact.Type), id, C.uint64_t(mark.set), C.uint64_t(mark.clear), custom) != C.CHAT_OK {
			return list, false
		}
	}
	return list, ok
}

func newAccounts(accounts []Account) (list *C.chat_accounts, ok bool) {
	var held texts
	defer func() { held.free() }()
	list, ok = C.chat_accounts_new(), true
	for _, account := range accounts {
		id, nick, face := held.add(account.UserID), held.optional(account.Nick), held.optional(account.FaceURL)
		if C.chat_accounts_add(list, id, nick, face) != C.CHAT_OK {
			return list, false
		}
	}
	return list, ok
}

func contactsRefused(contacts []Contact) bool {
	list, ok := newContacts(contacts)
	C.chat_contacts_free(list)
	return !ok
}

func marksRefused(marks []plainMark) bool {
	list, ok := newMarks(marks)
	C.chat_marks_free(list)
	return !ok
}

func accountsRefused(accounts []Account) bool {
	list, ok := newAccounts(accounts)
	C.chat_accounts_free(list)
	return !ok
}
