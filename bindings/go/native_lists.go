//go:build cgo

// The lists that calls take, and their texts, as C reads them.

package chat

/*
#include "native.h"

static int contacts_refused(const list_item *items, size_t count, const char *texts) {
	int code = CHAT_OK;
	chat_contacts_free(chat_contacts_of((call_list){items, count, texts}, &code));
	return code;
}

static int marks_refused(const list_item *items, size_t count, const char *texts) {
	int code = CHAT_OK;
	chat_marks_free(chat_marks_of((call_list){items, count, texts}, &code));
	return code;
}

static int accounts_refused(const list_item *items, size_t count, const char *texts) {
	int code = CHAT_OK;
	chat_accounts_free(chat_accounts_of((call_list){items, count, texts}, &code));
	return code;
}
*/
import "C"

import "unsafe"

// cText is a text with its NUL; nil is NULL.
func cText(text *string) *C.char {
	if text == nil {
		return nil
	}
	copied := make([]byte, len(*text)+1)
	copy(copied, *text)
	return (*C.char)(unsafe.Pointer(&copied[0]))
}

// cBytes is a text that is told with its length.
func cBytes(text []byte) *C.char {
	if len(text) == 0 {
		return nil
	}
	return (*C.char)(unsafe.Pointer(&text[0]))
}

// cList is a list before C makes its own of it.
type cList struct {
	items []C.list_item
	texts []byte
}

// add takes an item with its texts; of those behind the first, nil ones are left out.
func (l *cList) add(item C.list_item, id string, optional ...*string) {
	l.texts = append(append(l.texts, id...), 0)
	has := []*C.int{&item.has_first, &item.has_second}
	for place, text := range optional {
		if text != nil {
			*has[place] = 1
			l.texts = append(append(l.texts, *text...), 0)
		}
	}
	l.items = append(l.items, item)
}

func (l *cList) first() *C.list_item {
	if len(l.items) == 0 {
		return nil
	}
	return &l.items[0]
}

func (l *cList) count() C.size_t { return C.size_t(len(l.items)) }

func (l *cList) text() *C.char { return cBytes(l.texts) }

func cContacts(contacts []Contact) *cList {
	list := &cList{}
	for _, contact := range contacts {
		list.add(C.list_item{kind: C.int(contact.Type)}, contact.ID)
	}
	return list
}

func cMarks(marks []plainMark) *cList {
	list := &cList{}
	for _, mark := range marks {
		item := C.list_item{kind: C.int(mark.contact.Type), set: C.uint64_t(mark.set), clear: C.uint64_t(mark.clear)}
		list.add(item, mark.contact.ID, mark.customMark)
	}
	return list
}

func cAccounts(accounts []Account) *cList {
	list := &cList{}
	for _, account := range accounts {
		list.add(C.list_item{}, account.UserID, account.Nick, account.FaceURL)
	}
	return list
}

func contactsRefused(contacts []Contact) bool {
	list := cContacts(contacts)
	return C.contacts_refused(list.first(), list.count(), list.text()) != C.CHAT_OK
}

func marksRefused(marks []plainMark) bool {
	list := cMarks(marks)
	return C.marks_refused(list.first(), list.count(), list.text()) != C.CHAT_OK
}

func accountsRefused(accounts []Account) bool {
	list := cAccounts(accounts)
	return C.accounts_refused(list.first(), list.count(), list.text()) != C.CHAT_OK
}
