//go:build cgo

// Made by `make faces` from tencent_chat.h; not to be edited.

package chat

/*
#include "native.h"

static void go_account_check(const chat_client *client, const list_item *accounts, size_t accounts_count, const char *accounts_texts, const call_settings *settings, call_answer *answer, char *room, size_t size) {
	int accounts_code = CHAT_OK;
	chat_accounts *accounts_list = chat_accounts_of(accounts, accounts_count, accounts_texts, &accounts_code);
	chat_call_options *options = options_of(settings);
	chat_response *response = NULL;
	chat_account_check(client, accounts_list, options, &response);
	chat_call_options_free(options);
	chat_accounts_free(accounts_list);
	take(response, answer, room, size);
}

static void go_account_delete(const chat_client *client, const list_item *accounts, size_t accounts_count, const char *accounts_texts, const call_settings *settings, call_answer *answer, char *room, size_t size) {
	int accounts_code = CHAT_OK;
	chat_accounts *accounts_list = chat_accounts_of(accounts, accounts_count, accounts_texts, &accounts_code);
	chat_call_options *options = options_of(settings);
	chat_response *response = NULL;
	chat_account_delete(client, accounts_list, options, &response);
	chat_call_options_free(options);
	chat_accounts_free(accounts_list);
	take(response, answer, room, size);
}

static void go_account_import(const chat_client *client, const char *user_id, const char *nick, const char *face_url, const call_settings *settings, call_answer *answer, char *room, size_t size) {
	chat_call_options *options = options_of(settings);
	chat_response *response = NULL;
	chat_account_import(client, user_id, nick, face_url, options, &response);
	chat_call_options_free(options);
	take(response, answer, room, size);
}

static void go_call(const chat_client *client, const char *path, const char *json, size_t json_len, const call_settings *settings, call_answer *answer, char *room, size_t size) {
	chat_call_options *options = options_of(settings);
	chat_response *response = NULL;
	chat_call(client, path, json, json_len, options, &response);
	chat_call_options_free(options);
	take(response, answer, room, size);
}

static void go_create_contact_group(const chat_client *client, const char *from_account, const char *group_name, const list_item *contacts, size_t contacts_count, const char *contacts_texts, const call_settings *settings, call_answer *answer, char *room, size_t size) {
	int contacts_code = CHAT_OK;
	chat_contacts *contacts_list = chat_contacts_of(contacts, contacts_count, contacts_texts, &contacts_code);
	chat_call_options *options = options_of(settings);
	chat_response *response = NULL;
	chat_create_contact_group(client, from_account, group_name, contacts_list, options, &response);
	chat_call_options_free(options);
	chat_contacts_free(contacts_list);
	take(response, answer, room, size);
}

static void go_del_contact_group(const chat_client *client, const char *from_account, const char *group_name, const call_settings *settings, call_answer *answer, char *room, size_t size) {
	chat_call_options *options = options_of(settings);
	chat_response *response = NULL;
	chat_del_contact_group(client, from_account, group_name, options, &response);
	chat_call_options_free(options);
	take(response, answer, room, size);
}

static void go_get_contact_group(const chat_client *client, const char *from_account, int64_t start_index, const call_settings *settings, call_answer *answer, char *room, size_t size) {
	chat_call_options *options = options_of(settings);
	chat_response *response = NULL;
	chat_get_contact_group(client, from_account, start_index, options, &response);
	chat_call_options_free(options);
	take(response, answer, room, size);
}

static void go_mark_contact(const chat_client *client, const char *from_account, const list_item *marks, size_t marks_count, const char *marks_texts, const call_settings *settings, call_answer *answer, char *room, size_t size) {
	int marks_code = CHAT_OK;
	chat_marks *marks_list = chat_marks_of(marks, marks_count, marks_texts, &marks_code);
	chat_call_options *options = options_of(settings);
	chat_response *response = NULL;
	chat_mark_contact(client, from_account, marks_list, options, &response);
	chat_call_options_free(options);
	chat_marks_free(marks_list);
	take(response, answer, room, size);
}

static void go_multiaccount_import(const chat_client *client, const list_item *accounts, size_t accounts_count, const char *accounts_texts, const call_settings *settings, call_answer *answer, char *room, size_t size) {
	int accounts_code = CHAT_OK;
	chat_accounts *accounts_list = chat_accounts_of(accounts, accounts_count, accounts_texts, &accounts_code);
	chat_call_options *options = options_of(settings);
	chat_response *response = NULL;
	chat_multiaccount_import(client, accounts_list, options, &response);
	chat_call_options_free(options);
	chat_accounts_free(accounts_list);
	take(response, answer, room, size);
}

static void go_recent_contact_delete(const chat_client *client, const char *from_account, int type, const char *id, int clear_ramble, const call_settings *settings, call_answer *answer, char *room, size_t size) {
	chat_call_options *options = options_of(settings);
	chat_response *response = NULL;
	chat_recent_contact_delete(client, from_account, type, id, clear_ramble, options, &response);
	chat_call_options_free(options);
	take(response, answer, room, size);
}

static void go_recent_contact_get_list(const chat_client *client, const char *from_account, int64_t time_stamp, int64_t start_index, int64_t top_time_stamp, int64_t top_start_index, uint32_t assist_flags, const call_settings *settings, call_answer *answer, char *room, size_t size) {
	chat_call_options *options = options_of(settings);
	chat_response *response = NULL;
	chat_recent_contact_get_list(client, from_account, time_stamp, start_index, top_time_stamp, top_start_index, assist_flags, options, &response);
	chat_call_options_free(options);
	take(response, answer, room, size);
}

static void go_recent_contact_pin(const chat_client *client, const char *from_account, const list_item *contacts, size_t contacts_count, const char *contacts_texts, const call_settings *settings, call_answer *answer, char *room, size_t size) {
	int contacts_code = CHAT_OK;
	chat_contacts *contacts_list = chat_contacts_of(contacts, contacts_count, contacts_texts, &contacts_code);
	chat_call_options *options = options_of(settings);
	chat_response *response = NULL;
	chat_recent_contact_pin(client, from_account, contacts_list, options, &response);
	chat_call_options_free(options);
	chat_contacts_free(contacts_list);
	take(response, answer, room, size);
}

static void go_recent_contact_unpin(const chat_client *client, const char *from_account, const list_item *contacts, size_t contacts_count, const char *contacts_texts, const call_settings *settings, call_answer *answer, char *room, size_t size) {
	int contacts_code = CHAT_OK;
	chat_contacts *contacts_list = chat_contacts_of(contacts, contacts_count, contacts_texts, &contacts_code);
	chat_call_options *options = options_of(settings);
	chat_response *response = NULL;
	chat_recent_contact_unpin(client, from_account, contacts_list, options, &response);
	chat_call_options_free(options);
	chat_contacts_free(contacts_list);
	take(response, answer, room, size);
}

static void go_search_contact_group(const chat_client *client, const char *from_account, const list_item *contacts, size_t contacts_count, const char *contacts_texts, const call_settings *settings, call_answer *answer, char *room, size_t size) {
	int contacts_code = CHAT_OK;
	chat_contacts *contacts_list = chat_contacts_of(contacts, contacts_count, contacts_texts, &contacts_code);
	chat_call_options *options = options_of(settings);
	chat_response *response = NULL;
	chat_search_contact_group(client, from_account, contacts_list, options, &response);
	chat_call_options_free(options);
	chat_contacts_free(contacts_list);
	take(response, answer, room, size);
}

static void go_update_contact_group_name(const chat_client *client, const char *from_account, const char *group_name, const char *new_group_name, const call_settings *settings, call_answer *answer, char *room, size_t size) {
	chat_call_options *options = options_of(settings);
	chat_response *response = NULL;
	chat_update_contact_group_name(client, from_account, group_name, new_group_name, options, &response);
	chat_call_options_free(options);
	take(response, answer, room, size);
}

static void go_update_contact_group_contacts(const chat_client *client, const char *from_account, const char *group_name, const list_item *add, size_t add_count, const char *add_texts, const list_item *remove, size_t remove_count, const char *remove_texts, const call_settings *settings, call_answer *answer, char *room, size_t size) {
	int add_code = CHAT_OK;
	chat_contacts *add_list = chat_contacts_of(add, add_count, add_texts, &add_code);
	int remove_code = CHAT_OK;
	chat_contacts *remove_list = chat_contacts_of(remove, remove_count, remove_texts, &remove_code);
	chat_call_options *options = options_of(settings);
	chat_response *response = NULL;
	chat_update_contact_group_contacts(client, from_account, group_name, add_list, remove_list, options, &response);
	chat_call_options_free(options);
	chat_contacts_free(add_list);
	chat_contacts_free(remove_list);
	take(response, answer, room, size);
}
*/
import "C"

func (n *nativeClient) accountCheck(accounts []Account, options *nativeOptions) *Response {
	accountsList := cAccounts(accounts)
	C.go_account_check(n.handle, accountsList.first(), accountsList.count(), accountsList.text(), &options.settings, &options.answer, options.text(), options.size())
	return options.response()
}

func (n *nativeClient) accountDelete(accounts []Account, options *nativeOptions) *Response {
	accountsList := cAccounts(accounts)
	C.go_account_delete(n.handle, accountsList.first(), accountsList.count(), accountsList.text(), &options.settings, &options.answer, options.text(), options.size())
	return options.response()
}

func (n *nativeClient) accountImport(userId string, nick *string, faceUrl *string, options *nativeOptions) *Response {
	C.go_account_import(n.handle, cText(&userId), cText(nick), cText(faceUrl), &options.settings, &options.answer, options.text(), options.size())
	return options.response()
}

func (n *nativeClient) call(path string, json []byte, options *nativeOptions) *Response {
	C.go_call(n.handle, cText(&path), cBytes(json), C.size_t(len(json)), &options.settings, &options.answer, options.text(), options.size())
	return options.response()
}

func (n *nativeClient) createContactGroup(fromAccount string, groupName string, contacts []Contact, options *nativeOptions) *Response {
	contactsList := cContacts(contacts)
	C.go_create_contact_group(n.handle, cText(&fromAccount), cText(&groupName), contactsList.first(), contactsList.count(), contactsList.text(), &options.settings, &options.answer, options.text(), options.size())
	return options.response()
}

func (n *nativeClient) delContactGroup(fromAccount string, groupName string, options *nativeOptions) *Response {
	C.go_del_contact_group(n.handle, cText(&fromAccount), cText(&groupName), &options.settings, &options.answer, options.text(), options.size())
	return options.response()
}

func (n *nativeClient) getContactGroup(fromAccount string, startIndex int64, options *nativeOptions) *Response {
	C.go_get_contact_group(n.handle, cText(&fromAccount), C.int64_t(startIndex), &options.settings, &options.answer, options.text(), options.size())
	return options.response()
}

func (n *nativeClient) markContact(fromAccount string, marks []plainMark, options *nativeOptions) *Response {
	marksList := cMarks(marks)
	C.go_mark_contact(n.handle, cText(&fromAccount), marksList.first(), marksList.count(), marksList.text(), &options.settings, &options.answer, options.text(), options.size())
	return options.response()
}

func (n *nativeClient) multiaccountImport(accounts []Account, options *nativeOptions) *Response {
	accountsList := cAccounts(accounts)
	C.go_multiaccount_import(n.handle, accountsList.first(), accountsList.count(), accountsList.text(), &options.settings, &options.answer, options.text(), options.size())
	return options.response()
}

func (n *nativeClient) recentContactDelete(fromAccount string, kind int, id string, clearRamble int, options *nativeOptions) *Response {
	C.go_recent_contact_delete(n.handle, cText(&fromAccount), C.int(kind), cText(&id), C.int(clearRamble), &options.settings, &options.answer, options.text(), options.size())
	return options.response()
}

func (n *nativeClient) recentContactGetList(fromAccount string, timeStamp int64, startIndex int64, topTimeStamp int64, topStartIndex int64, assistFlags uint32, options *nativeOptions) *Response {
	C.go_recent_contact_get_list(n.handle, cText(&fromAccount), C.int64_t(timeStamp), C.int64_t(startIndex), C.int64_t(topTimeStamp), C.int64_t(topStartIndex), C.uint32_t(assistFlags), &options.settings, &options.answer, options.text(), options.size())
	return options.response()
}

func (n *nativeClient) recentContactPin(fromAccount string, contacts []Contact, options *nativeOptions) *Response {
	contactsList := cContacts(contacts)
	C.go_recent_contact_pin(n.handle, cText(&fromAccount), contactsList.first(), contactsList.count(), contactsList.text(), &options.settings, &options.answer, options.text(), options.size())
	return options.response()
}

func (n *nativeClient) recentContactUnpin(fromAccount string, contacts []Contact, options *nativeOptions) *Response {
	contactsList := cContacts(contacts)
	C.go_recent_contact_unpin(n.handle, cText(&fromAccount), contactsList.first(), contactsList.count(), contactsList.text(), &options.settings, &options.answer, options.text(), options.size())
	return options.response()
}

func (n *nativeClient) searchContactGroup(fromAccount string, contacts []Contact, options *nativeOptions) *Response {
	contactsList := cContacts(contacts)
	C.go_search_contact_group(n.handle, cText(&fromAccount), contactsList.first(), contactsList.count(), contactsList.text(), &options.settings, &options.answer, options.text(), options.size())
	return options.response()
}

func (n *nativeClient) updateContactGroupName(fromAccount string, groupName string, newGroupName string, options *nativeOptions) *Response {
	C.go_update_contact_group_name(n.handle, cText(&fromAccount), cText(&groupName), cText(&newGroupName), &options.settings, &options.answer, options.text(), options.size())
	return options.response()
}

func (n *nativeClient) updateContactGroupContacts(fromAccount string, groupName string, add []Contact, remove []Contact, options *nativeOptions) *Response {
	addList := cContacts(add)
	removeList := cContacts(remove)
	C.go_update_contact_group_contacts(n.handle, cText(&fromAccount), cText(&groupName), addList.first(), addList.count(), addList.text(), removeList.first(), removeList.count(), removeList.text(), &options.settings, &options.answer, options.text(), options.size())
	return options.response()
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
