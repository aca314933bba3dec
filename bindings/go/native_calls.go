//go:build cgo

// The calls in C, one function each: texts and lists copied in, the answer read while it lives, then
// copied out. Nothing is decided here.

package chat

/*
#include <stdlib.h>
#include <tencent_chat.h>
*/
import "C"

import (
	"runtime"
	"unsafe"
)

// answered reads an answer that has items to read, and takes it.
func answered(code C.int, handle *C.chat_response, read func(answer)) *Response {
	if code != C.CHAT_OK && code != C.CHAT_ERR_PARTIAL {
		return takeResponse(handle)
	}
	members := readAnswer(handle)
	read(members)
	return members.told(takeResponse(handle))
}

func (n *nativeClient) createContactGroup(fromAccount, groupName string, contacts []Contact, options *nativeOptions, read func(answer)) *Response {
	var held texts
	defer func() { held.free() }()
	list, _ := newContacts(contacts)
	defer C.chat_contacts_free(list)
	var handle *C.chat_response
	code := C.chat_create_contact_group(n.handle, held.add(fromAccount), held.add(groupName), list, options.handle, &handle)
	return answered(code, handle, read)
}

func (n *nativeClient) updateContactGroupName(fromAccount, groupName, newGroupName string, options *nativeOptions, read func(answer)) *Response {
	var held texts
	defer func() { held.free() }()
	var handle *C.chat_response
	code := C.chat_update_contact_group_name(n.handle, held.add(fromAccount), held.add(groupName), held.add(newGroupName), options.handle, &handle)
	return answered(code, handle, read)
}

func (n *nativeClient) updateContactGroupContacts(fromAccount, groupName string, add, remove []Contact, options *nativeOptions, read func(answer)) *Response {
	var held texts
	defer func() { held.free() }()
	added, _ := newContacts(add)
	defer C.chat_contacts_free(added)
	removed, _ := newContacts(remove)
	defer C.chat_contacts_free(removed)
	var handle *C.chat_response
	code := C.chat_update_contact_group_contacts(n.handle, held.add(fromAccount), held.add(groupName), added, removed, options.handle, &handle)
	return answered(code, handle, read)
}

func (n *nativeClient) delContactGroup(fromAccount, groupName string, options *nativeOptions, read func(answer)) *Response {
	var held texts
	defer func() { held.free() }()
	var handle *C.chat_response
	code := C.chat_del_contact_group(n.handle, held.add(fromAccount), held.add(groupName), options.handle, &handle)
	return answered(code, handle, read)
}

func (n *nativeClient) markContact(fromAccount string, marks []plainMark, options *nativeOptions, read func(answer)) *Response {
	var held texts
	defer func() { held.free() }()
	list, _ := newMarks(marks)
	defer C.chat_marks_free(list)
	var handle *C.chat_response
	code := C.chat_mark_contact(n.handle, held.add(fromAccount), list, options.handle, &handle)
	return answered(code, handle, read)
}

func (n *nativeClient) searchContactGroup(fromAccount string, contacts []Contact, options *nativeOptions, read func(answer)) *Response {
	var held texts
	defer func() { held.free() }()
	list, _ := newContacts(contacts)
	defer C.chat_contacts_free(list)
	var handle *C.chat_response
	code := C.chat_search_contact_group(n.handle, held.add(fromAccount), list, options.handle, &handle)
	return answered(code, handle, read)
}

func (n *nativeClient) getContactGroup(fromAccount string, startIndex int64, options *nativeOptions, read func(answer)) *Response {
	var held texts
	defer func() { held.free() }()
	var handle *C.chat_response
	code := C.chat_get_contact_group(n.handle, held.add(fromAccount), C.int64_t(startIndex), options.handle, &handle)
	return answered(code, handle, read)
}

func (n *nativeClient) recentContactGetList(fromAccount string, from RecentContactCursor, assistFlags uint32, options *nativeOptions, read func(answer)) *Response {
	var held texts
	defer func() { held.free() }()
	var handle *C.chat_response
	code := C.chat_recent_contact_get_list(n.handle, held.add(fromAccount), C.int64_t(from.TimeStamp), C.int64_t(from.StartIndex),
		C.int64_t(from.TopTimeStamp), C.int64_t(from.TopStartIndex), C.uint32_t(assistFlags), options.handle, &handle)
	return answered(code, handle, read)
}

func (n *nativeClient) recentContactDelete(fromAccount string, contact Contact, clearRamble bool, options *nativeOptions) *Response {
	var held texts
	defer func() { held.free() }()
	var handle *C.chat_response
	C.chat_recent_contact_delete(n.handle, held.add(fromAccount), C.int(contact.Type), held.add(contact.ID), flag(clearRamble), options.handle, &handle)
	return takeResponse(handle)
}

func (n *nativeClient) accountImport(account Account, options *nativeOptions) *Response {
	var held texts
	defer func() { held.free() }()
	var handle *C.chat_response
	C.chat_account_import(n.handle, held.add(account.UserID), held.optional(account.Nick), held.optional(account.FaceURL), options.handle, &handle)
	return takeResponse(handle)
}

func (n *nativeClient) multiaccountImport(accounts []Account, options *nativeOptions, read func(answer)) *Response {
	list, _ := newAccounts(accounts)
	defer C.chat_accounts_free(list)
	var handle *C.chat_response
	code := C.chat_multiaccount_import(n.handle, list, options.handle, &handle)
	return answered(code, handle, read)
}

func (n *nativeClient) accountCheck(accounts []Account, options *nativeOptions, read func(answer)) *Response {
	list, _ := newAccounts(accounts)
	defer C.chat_accounts_free(list)
	var handle *C.chat_response
	code := C.chat_account_check(n.handle, list, options.handle, &handle)
	return answered(code, handle, read)
}

func (n *nativeClient) accountDelete(accounts []Account, options *nativeOptions, read func(answer)) *Response {
	list, _ := newAccounts(accounts)
	defer C.chat_accounts_free(list)
	var handle *C.chat_response
	code := C.chat_account_delete(n.handle, list, options.handle, &handle)
	return answered(code, handle, read)
}

func (n *nativeClient) call(path string, body []byte, options *nativeOptions) *Response {
	var held texts
	defer func() { held.free() }()
	var text *C.char
	if len(body) > 0 {
		text = (*C.char)(unsafe.Pointer(&body[0])) // lent for the call: cgo pins it, and C copies what it keeps
	}
	var handle *C.chat_response
	C.chat_call(n.handle, held.add(path), text, C.size_t(len(body)), options.handle, &handle)
	runtime.KeepAlive(body)
	return takeResponse(handle)
}
