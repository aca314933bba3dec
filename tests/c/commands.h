/* Every command that sends something, for programs that call all of them. Made by `make faces` from tencent_chat.h; not to be edited. */
#ifndef COMMANDS_H
#define COMMANDS_H

#include <tencent_chat.h>

/* Gives the arguments of a command, each by its name. */
struct giver {
    const char *(*text)(void *from, const char *name);
    int64_t (*number)(void *from, const char *name);
    const chat_contacts *(*contacts)(void *from, const char *name);
    const chat_marks *(*marks)(void *from, const char *name);
    const chat_accounts *(*accounts)(void *from, const char *name);
    void *from;
};

struct command {
    const char *name;
    const char *needed[4]; /* the arguments that must not be NULL */
    int (*call)(const chat_client *client, const struct giver *given, const chat_call_options *options, chat_response **response);
};

static int command_account_check(const chat_client *client, const struct giver *given, const chat_call_options *options,
        chat_response **response) {
    const chat_accounts *accounts = given->accounts(given->from, "accounts");
    return chat_account_check(client, accounts, options, response);
}

static int command_account_delete(const chat_client *client, const struct giver *given, const chat_call_options *options,
        chat_response **response) {
    const chat_accounts *accounts = given->accounts(given->from, "accounts");
    return chat_account_delete(client, accounts, options, response);
}

static int command_account_import(const chat_client *client, const struct giver *given, const chat_call_options *options,
        chat_response **response) {
    const char *user_id = given->text(given->from, "user_id");
    const char *nick = given->text(given->from, "nick");
    const char *face_url = given->text(given->from, "face_url");
    return chat_account_import(client, user_id, nick, face_url, options, response);
}

static int command_call(const chat_client *client, const struct giver *given, const chat_call_options *options,
        chat_response **response) {
    const char *path = given->text(given->from, "path");
    const char *json = given->text(given->from, "json");
    size_t json_len = (size_t)given->number(given->from, "json_len");
    return chat_call(client, path, json, json_len, options, response);
}

static int command_create_contact_group(const chat_client *client, const struct giver *given, const chat_call_options *options,
        chat_response **response) {
    const char *from_account = given->text(given->from, "from_account");
    const char *group_name = given->text(given->from, "group_name");
    const chat_contacts *contacts = given->contacts(given->from, "contacts");
    return chat_create_contact_group(client, from_account, group_name, contacts, options, response);
}

static int command_del_contact_group(const chat_client *client, const struct giver *given, const chat_call_options *options,
        chat_response **response) {
    const char *from_account = given->text(given->from, "from_account");
    const char *group_name = given->text(given->from, "group_name");
    return chat_del_contact_group(client, from_account, group_name, options, response);
}

static int command_get_contact_group(const chat_client *client, const struct giver *given, const chat_call_options *options,
        chat_response **response) {
    const char *from_account = given->text(given->from, "from_account");
    int64_t start_index = (int64_t)given->number(given->from, "start_index");
    return chat_get_contact_group(client, from_account, start_index, options, response);
}

static int command_mark_contact(const chat_client *client, const struct giver *given, const chat_call_options *options,
        chat_response **response) {
    const char *from_account = given->text(given->from, "from_account");
    const chat_marks *marks = given->marks(given->from, "marks");
    return chat_mark_contact(client, from_account, marks, options, response);
}

static int command_multiaccount_import(const chat_client *client, const struct giver *given, const chat_call_options *options,
        chat_response **response) {
    const chat_accounts *accounts = given->accounts(given->from, "accounts");
    return chat_multiaccount_import(client, accounts, options, response);
}

static int command_recent_contact_delete(const chat_client *client, const struct giver *given, const chat_call_options *options,
        chat_response **response) {
    const char *from_account = given->text(given->from, "from_account");
    int type = (int)given->number(given->from, "type");
    const char *id = given->text(given->from, "id");
    int clear_ramble = (int)given->number(given->from, "clear_ramble");
    return chat_recent_contact_delete(client, from_account, type, id, clear_ramble, options, response);
}

static int command_recent_contact_get_list(const chat_client *client, const struct giver *given, const chat_call_options *options,
        chat_response **response) {
    const char *from_account = given->text(given->from, "from_account");
    int64_t time_stamp = (int64_t)given->number(given->from, "time_stamp");
    int64_t start_index = (int64_t)given->number(given->from, "start_index");
    int64_t top_time_stamp = (int64_t)given->number(given->from, "top_time_stamp");
    int64_t top_start_index = (int64_t)given->number(given->from, "top_start_index");
    uint32_t assist_flags = (uint32_t)given->number(given->from, "assist_flags");
    return chat_recent_contact_get_list(client, from_account, time_stamp, start_index, top_time_stamp, top_start_index, assist_flags, options, response);
}

static int command_recent_contact_pin(const chat_client *client, const struct giver *given, const chat_call_options *options,
        chat_response **response) {
    const char *from_account = given->text(given->from, "from_account");
    const chat_contacts *contacts = given->contacts(given->from, "contacts");
    return chat_recent_contact_pin(client, from_account, contacts, options, response);
}

static int command_recent_contact_unpin(const chat_client *client, const struct giver *given, const chat_call_options *options,
        chat_response **response) {
    const char *from_account = given->text(given->from, "from_account");
    const chat_contacts *contacts = given->contacts(given->from, "contacts");
    return chat_recent_contact_unpin(client, from_account, contacts, options, response);
}

static int command_search_contact_group(const chat_client *client, const struct giver *given, const chat_call_options *options,
        chat_response **response) {
    const char *from_account = given->text(given->from, "from_account");
    const chat_contacts *contacts = given->contacts(given->from, "contacts");
    return chat_search_contact_group(client, from_account, contacts, options, response);
}

static int command_update_contact_group_name(const chat_client *client, const struct giver *given, const chat_call_options *options,
        chat_response **response) {
    const char *from_account = given->text(given->from, "from_account");
    const char *group_name = given->text(given->from, "group_name");
    const char *new_group_name = given->text(given->from, "new_group_name");
    return chat_update_contact_group_name(client, from_account, group_name, new_group_name, options, response);
}

static int command_update_contact_group_contacts(const chat_client *client, const struct giver *given, const chat_call_options *options,
        chat_response **response) {
    const char *from_account = given->text(given->from, "from_account");
    const char *group_name = given->text(given->from, "group_name");
    const chat_contacts *add = given->contacts(given->from, "add");
    const chat_contacts *remove = given->contacts(given->from, "remove");
    return chat_update_contact_group_contacts(client, from_account, group_name, add, remove, options, response);
}

static const struct command commands[] = {
    {"account_check", {"accounts"}, command_account_check},
    {"account_delete", {"accounts"}, command_account_delete},
    {"account_import", {"user_id"}, command_account_import},
    {"call", {"path", "json"}, command_call},
    {"create_contact_group", {"from_account", "group_name"}, command_create_contact_group},
    {"del_contact_group", {"from_account", "group_name"}, command_del_contact_group},
    {"get_contact_group", {"from_account"}, command_get_contact_group},
    {"mark_contact", {"from_account", "marks"}, command_mark_contact},
    {"multiaccount_import", {"accounts"}, command_multiaccount_import},
    {"recent_contact_delete", {"from_account", "id"}, command_recent_contact_delete},
    {"recent_contact_get_list", {"from_account"}, command_recent_contact_get_list},
    {"recent_contact_pin", {"from_account", "contacts"}, command_recent_contact_pin},
    {"recent_contact_unpin", {"from_account", "contacts"}, command_recent_contact_unpin},
    {"search_contact_group", {"from_account", "contacts"}, command_search_contact_group},
    {"update_contact_group_name", {"from_account", "group_name", "new_group_name"}, command_update_contact_group_name},
    {"update_contact_group_contacts", {"from_account", "group_name"}, command_update_contact_group_contacts},
};

#endif
