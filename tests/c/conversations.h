/* Lists of conversations, marks and accounts as tests need them, and calls that have to answer. Reads as C99 and as C++17. */
#ifndef CONVERSATIONS_H
#define CONVERSATIONS_H

#include "client.h"

#define PEER "user_0002"
#define CHAT_ROOM "@TGS#1B2AUI7RZ"

/* So many one-to-one conversations: with u0, u1 and so on. */
static inline chat_contacts *contacts_of(int number) {
    chat_contacts *contacts = chat_contacts_new();
    char id[32];
    int i;
    for (i = 0; i < number; ++i) {
        snprintf(id, sizeof id, "u%d", i);
        CHECK_INT(chat_contacts_add(contacts, CHAT_ONE_TO_ONE, id), CHAT_OK);
    }
    return contacts;
}

/* One conversation. */
static inline chat_contacts *contact(int type, const char *id) {
    chat_contacts *contacts = chat_contacts_new();
    CHECK_INT(chat_contacts_add(contacts, type, id), CHAT_OK);
    return contacts;
}

/* With a user, and in a chat group. */
static inline chat_contacts *peer_and_room(void) {
    chat_contacts *contacts = contact(CHAT_ONE_TO_ONE, PEER);
    CHECK_INT(chat_contacts_add(contacts, CHAT_GROUP_CHAT, CHAT_ROOM), CHAT_OK);
    return contacts;
}

/* Mark 32 set on so many one-to-one conversations. */
static inline chat_marks *marks_of(int number) {
    chat_marks *marks = chat_marks_new();
    char id[32];
    int i;
    for (i = 0; i < number; ++i) {
        snprintf(id, sizeof id, "u%d", i);
        CHECK_INT(chat_marks_add(marks, CHAT_ONE_TO_ONE, id, UINT64_C(1) << 32, 0, NULL), CHAT_OK);
    }
    return marks;
}

/* So many accounts: u0, u1 and so on. */
static inline chat_accounts *accounts_of(int number) {
    chat_accounts *accounts = chat_accounts_new();
    char id[32];
    int i;
    for (i = 0; i < number; ++i) {
        snprintf(id, sizeof id, "u%d", i);
        CHECK_INT(chat_accounts_add(accounts, id, NULL, NULL), CHAT_OK);
    }
    return accounts;
}

/* One account. */
static inline chat_accounts *account(const char *user_id) {
    chat_accounts *accounts = chat_accounts_new();
    CHECK_INT(chat_accounts_add(accounts, user_id, NULL, NULL), CHAT_OK);
    return accounts;
}

/* The calls by code and response together; the response is never NULL. */
static inline chat_response *answered(int code, chat_response *response) {
    if (response == NULL) give_up("a call leaves the response NULL");
    CHECK_INT(chat_response_code(response), code);
    return response;
}

static inline chat_response *create_with(const chat_client *client, const char *name, const chat_contacts *contacts) {
    chat_response *response = NULL;
    const int code = chat_create_contact_group(client, USER, name, contacts, NULL, &response);
    return answered(code, response);
}

static inline chat_response *rename_group(const chat_client *client, const char *name, const char *new_name) {
    chat_response *response = NULL;
    const int code = chat_update_contact_group_name(client, USER, name, new_name, NULL, &response);
    return answered(code, response);
}

static inline chat_response *change(const chat_client *client, const char *name, const chat_contacts *add, const chat_contacts *remove) {
    chat_response *response = NULL;
    const int code = chat_update_contact_group_contacts(client, USER, name, add, remove, NULL, &response);
    return answered(code, response);
}

static inline chat_response *mark(const chat_client *client, const chat_marks *marks) {
    chat_response *response = NULL;
    const int code = chat_mark_contact(client, USER, marks, NULL, &response);
    return answered(code, response);
}

static inline chat_response *search(const chat_client *client, const chat_contacts *contacts) {
    chat_response *response = NULL;
    const int code = chat_search_contact_group(client, USER, contacts, NULL, &response);
    return answered(code, response);
}

typedef int (*accounts_call)(const chat_client *, const chat_accounts *, const chat_call_options *, chat_response **);

static inline chat_response *with_accounts(accounts_call call_of, const chat_client *client, const chat_accounts *accounts) {
    chat_response *response = NULL;
    const int code = call_of(client, accounts, NULL, &response);
    return answered(code, response);
}

/* A number in the answer; -99 when there is none. */
static inline int64_t number_at(const chat_response *response, const char *pointer) {
    int64_t value = -99;
    chat_response_int(response, pointer, &value);
    return value;
}

/* A client that leaves the vendor's limits to the service. */
static inline chat_client *unlimited_client(void) {
    chat_config *config = emulator_config();
    CHECK_INT(chat_config_set_local_limits(config, 0), CHAT_OK);
    return client_from(config);
}

#endif
