//go:build cgo

// Made by `make faces` from tencent_chat.h; not to be edited.

package chat

/*
#include "native.h"

void tencent_chat_go_account_check(native_call *call) {
	int accounts_code = CHAT_OK;
	chat_accounts *accounts_list = chat_accounts_of(call->lists[0], &accounts_code);
	chat_call_options *options = options_of(&call->settings);
	chat_response *response = NULL;
	chat_account_check(call->client, accounts_list, options, &response);
	chat_call_options_free(options);
	chat_accounts_free(accounts_list);
	take(response, call);
}

void tencent_chat_go_account_delete(native_call *call) {
	int accounts_code = CHAT_OK;
	chat_accounts *accounts_list = chat_accounts_of(call->lists[0], &accounts_code);
	chat_call_options *options = options_of(&call->settings);
	chat_response *response = NULL;
	chat_account_delete(call->client, accounts_list, options, &response);
	chat_call_options_free(options);
	chat_accounts_free(accounts_list);
	take(response, call);
}

void tencent_chat_go_account_import(native_call *call) {
	chat_call_options *options = options_of(&call->settings);
	chat_response *response = NULL;
	chat_account_import(call->client, call->texts[0], call->texts[1], call->texts[2], options, &response);
	chat_call_options_free(options);
	take(response, call);
}

void tencent_chat_go_call(native_call *call) {
	chat_call_options *options = options_of(&call->settings);
	chat_response *response = NULL;
	chat_call(call->client, call->texts[0], call->texts[1], (size_t)call->numbers[0], options, &response);
	chat_call_options_free(options);
	take(response, call);
}

void tencent_chat_go_create_contact_group(native_call *call) {
	int contacts_code = CHAT_OK;
	chat_contacts *contacts_list = chat_contacts_of(call->lists[0], &contacts_code);
	chat_call_options *options = options_of(&call->settings);
	chat_response *response = NULL;
	chat_create_contact_group(call->client, call->texts[0], call->texts[1], contacts_list, options, &response);
	chat_call_options_free(options);
	chat_contacts_free(contacts_list);
	take(response, call);
}

void tencent_chat_go_del_contact_group(native_call *call) {
	chat_call_options *options = options_of(&call->settings);
	chat_response *response = NULL;
	chat_del_contact_group(call->client, call->texts[0], call->texts[1], options, &response);
	chat_call_options_free(options);
	take(response, call);
}

void tencent_chat_go_get_contact_group(native_call *call) {
	chat_call_options *options = options_of(&call->settings);
	chat_response *response = NULL;
	chat_get_contact_group(call->client, call->texts[0], call->numbers[0], options, &response);
	chat_call_options_free(options);
	take(response, call);
}

void tencent_chat_go_mark_contact(native_call *call) {
	int marks_code = CHAT_OK;
	chat_marks *marks_list = chat_marks_of(call->lists[0], &marks_code);
	chat_call_options *options = options_of(&call->settings);
	chat_response *response = NULL;
	chat_mark_contact(call->client, call->texts[0], marks_list, options, &response);
	chat_call_options_free(options);
	chat_marks_free(marks_list);
	take(response, call);
}

void tencent_chat_go_multiaccount_import(native_call *call) {
	int accounts_code = CHAT_OK;
	chat_accounts *accounts_list = chat_accounts_of(call->lists[0], &accounts_code);
	chat_call_options *options = options_of(&call->settings);
	chat_response *response = NULL;
	chat_multiaccount_import(call->client, accounts_list, options, &response);
	chat_call_options_free(options);
	chat_accounts_free(accounts_list);
	take(response, call);
}

void tencent_chat_go_recent_contact_delete(native_call *call) {
	chat_call_options *options = options_of(&call->settings);
	chat_response *response = NULL;
	chat_recent_contact_delete(call->client, call->texts[0], call->numbers[0], call->texts[1], call->numbers[1], options, &response);
	chat_call_options_free(options);
	take(response, call);
}

void tencent_chat_go_recent_contact_get_list(native_call *call) {
	chat_call_options *options = options_of(&call->settings);
	chat_response *response = NULL;
	chat_recent_contact_get_list(call->client, call->texts[0], call->numbers[0], call->numbers[1], call->numbers[2], call->numbers[3], call->numbers[4], options, &response);
	chat_call_options_free(options);
	take(response, call);
}

void tencent_chat_go_recent_contact_pin(native_call *call) {
	int contacts_code = CHAT_OK;
	chat_contacts *contacts_list = chat_contacts_of(call->lists[0], &contacts_code);
	chat_call_options *options = options_of(&call->settings);
	chat_response *response = NULL;
	chat_recent_contact_pin(call->client, call->texts[0], contacts_list, options, &response);
	chat_call_options_free(options);
	chat_contacts_free(contacts_list);
	take(response, call);
}

void tencent_chat_go_recent_contact_unpin(native_call *call) {
	int contacts_code = CHAT_OK;
	chat_contacts *contacts_list = chat_contacts_of(call->lists[0], &contacts_code);
	chat_call_options *options = options_of(&call->settings);
	chat_response *response = NULL;
	chat_recent_contact_unpin(call->client, call->texts[0], contacts_list, options, &response);
	chat_call_options_free(options);
	chat_contacts_free(contacts_list);
	take(response, call);
}

void tencent_chat_go_search_contact_group(native_call *call) {
	int contacts_code = CHAT_OK;
	chat_contacts *contacts_list = chat_contacts_of(call->lists[0], &contacts_code);
	chat_call_options *options = options_of(&call->settings);
	chat_response *response = NULL;
	chat_search_contact_group(call->client, call->texts[0], contacts_list, options, &response);
	chat_call_options_free(options);
	chat_contacts_free(contacts_list);
	take(response, call);
}

void tencent_chat_go_update_contact_group_name(native_call *call) {
	chat_call_options *options = options_of(&call->settings);
	chat_response *response = NULL;
	chat_update_contact_group_name(call->client, call->texts[0], call->texts[1], call->texts[2], options, &response);
	chat_call_options_free(options);
	take(response, call);
}

void tencent_chat_go_update_contact_group_contacts(native_call *call) {
	int add_code = CHAT_OK;
	chat_contacts *add_list = chat_contacts_of(call->lists[0], &add_code);
	int remove_code = CHAT_OK;
	chat_contacts *remove_list = chat_contacts_of(call->lists[1], &remove_code);
	chat_call_options *options = options_of(&call->settings);
	chat_response *response = NULL;
	chat_update_contact_group_contacts(call->client, call->texts[0], call->texts[1], add_list, remove_list, options, &response);
	chat_call_options_free(options);
	chat_contacts_free(add_list);
	chat_contacts_free(remove_list);
	take(response, call);
}
*/
import "C"

func (n *nativeClient) accountCheck(accounts []Account, options *nativeOptions) *Response {
	call := options.call
	call.lists[0] = options.list(cAccounts(accounts))
	return n.make(C.tencent_chat_go_account_check, options)
}

func (n *nativeClient) accountDelete(accounts []Account, options *nativeOptions) *Response {
	call := options.call
	call.lists[0] = options.list(cAccounts(accounts))
	return n.make(C.tencent_chat_go_account_delete, options)
}

func (n *nativeClient) accountImport(userId string, nick *string, faceUrl *string, options *nativeOptions) *Response {
	call := options.call
	call.texts[0] = options.text(&userId)
	call.texts[1] = options.text(nick)
	call.texts[2] = options.text(faceUrl)
	return n.make(C.tencent_chat_go_account_import, options)
}

func (n *nativeClient) call(path string, json []byte, options *nativeOptions) *Response {
	call := options.call
	call.texts[0] = options.text(&path)
	call.texts[1] = options.bytes(json)
	call.numbers[0] = C.int64_t(len(json))
	return n.make(C.tencent_chat_go_call, options)
}

func (n *nativeClient) createContactGroup(fromAccount string, groupName string, contacts []Contact, options *nativeOptions) *Response {
	call := options.call
	call.texts[0] = options.text(&fromAccount)
	call.texts[1] = options.text(&groupName)
	call.lists[0] = options.list(cContacts(contacts))
	return n.make(C.tencent_chat_go_create_contact_group, options)
}

func (n *nativeClient) delContactGroup(fromAccount string, groupName string, options *nativeOptions) *Response {
	call := options.call
	call.texts[0] = options.text(&fromAccount)
	call.texts[1] = options.text(&groupName)
	return n.make(C.tencent_chat_go_del_contact_group, options)
}

func (n *nativeClient) getContactGroup(fromAccount string, startIndex int64, options *nativeOptions) *Response {
	call := options.call
	call.texts[0] = options.text(&fromAccount)
	call.numbers[0] = C.int64_t(startIndex)
	return n.make(C.tencent_chat_go_get_contact_group, options)
}

func (n *nativeClient) markContact(fromAccount string, marks []plainMark, options *nativeOptions) *Response {
	call := options.call
	call.texts[0] = options.text(&fromAccount)
	call.lists[0] = options.list(cMarks(marks))
	return n.make(C.tencent_chat_go_mark_contact, options)
}

func (n *nativeClient) multiaccountImport(accounts []Account, options *nativeOptions) *Response {
	call := options.call
	call.lists[0] = options.list(cAccounts(accounts))
	return n.make(C.tencent_chat_go_multiaccount_import, options)
}

func (n *nativeClient) recentContactDelete(fromAccount string, kind int, id string, clearRamble int, options *nativeOptions) *Response {
	call := options.call
	call.texts[0] = options.text(&fromAccount)
	call.numbers[0] = C.int64_t(kind)
	call.texts[1] = options.text(&id)
	call.numbers[1] = C.int64_t(clearRamble)
	return n.make(C.tencent_chat_go_recent_contact_delete, options)
}

func (n *nativeClient) recentContactGetList(fromAccount string, timeStamp int64, startIndex int64, topTimeStamp int64, topStartIndex int64, assistFlags uint32, options *nativeOptions) *Response {
	call := options.call
	call.texts[0] = options.text(&fromAccount)
	call.numbers[0] = C.int64_t(timeStamp)
	call.numbers[1] = C.int64_t(startIndex)
	call.numbers[2] = C.int64_t(topTimeStamp)
	call.numbers[3] = C.int64_t(topStartIndex)
	call.numbers[4] = C.int64_t(assistFlags)
	return n.make(C.tencent_chat_go_recent_contact_get_list, options)
}

func (n *nativeClient) recentContactPin(fromAccount string, contacts []Contact, options *nativeOptions) *Response {
	call := options.call
	call.texts[0] = options.text(&fromAccount)
	call.lists[0] = options.list(cContacts(contacts))
	return n.make(C.tencent_chat_go_recent_contact_pin, options)
}

func (n *nativeClient) recentContactUnpin(fromAccount string, contacts []Contact, options *nativeOptions) *Response {
	call := options.call
	call.texts[0] = options.text(&fromAccount)
	call.lists[0] = options.list(cContacts(contacts))
	return n.make(C.tencent_chat_go_recent_contact_unpin, options)
}

func (n *nativeClient) searchContactGroup(fromAccount string, contacts []Contact, options *nativeOptions) *Response {
	call := options.call
	call.texts[0] = options.text(&fromAccount)
	call.lists[0] = options.list(cContacts(contacts))
	return n.make(C.tencent_chat_go_search_contact_group, options)
}

func (n *nativeClient) updateContactGroupName(fromAccount string, groupName string, newGroupName string, options *nativeOptions) *Response {
	call := options.call
	call.texts[0] = options.text(&fromAccount)
	call.texts[1] = options.text(&groupName)
	call.texts[2] = options.text(&newGroupName)
	return n.make(C.tencent_chat_go_update_contact_group_name, options)
}

func (n *nativeClient) updateContactGroupContacts(fromAccount string, groupName string, add []Contact, remove []Contact, options *nativeOptions) *Response {
	call := options.call
	call.texts[0] = options.text(&fromAccount)
	call.texts[1] = options.text(&groupName)
	call.lists[0] = options.list(cContacts(add))
	call.lists[1] = options.list(cContacts(remove))
	return n.make(C.tencent_chat_go_update_contact_group_contacts, options)
}

func (n *nativeClient) recentContactItems(fromAccount string) (*nativeItems, *Response) {
	items := &nativeItems{}
	var failure *C.chat_response
	if C.chat_recent_contact_items(n.handle, cText(&fromAccount), &items.handle, &failure) != C.CHAT_OK {
		return nil, taken(failure)
	}
	return items, nil
}

func (n *nativeClient) contactGroupItems(fromAccount string) (*nativeItems, *Response) {
	items := &nativeItems{}
	var failure *C.chat_response
	if C.chat_contact_group_items(n.handle, cText(&fromAccount), &items.handle, &failure) != C.CHAT_OK {
		return nil, taken(failure)
	}
	return items, nil
}
