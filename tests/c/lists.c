/* The lists that calls work on. A refused item is remembered, named by its place, and makes every call with its list fail without
 * sending; a list is read by any number of calls. The vendor's limits are in the suite of promises. */
#include "conversations.h"

#include <pthread.h>

/* What the list's call has to say; nothing may be sent for it. */
static void expect_refusal(int line, chat_response *response, int code, const char *message) {
    check_int(__FILE__, line, "code", chat_response_code(response), code);
    check_has(__FILE__, line, "message", chat_response_message(response, NULL), message);
    check_int(__FILE__, line, "attempts", chat_response_attempts(response), 0);
    check_int(__FILE__, line, "in doubt", chat_response_is_in_doubt(response), 0);
    chat_response_free(response);
}

static void a_refused_conversation_is_remembered_and_named_by_its_place(void) {
    static const struct {
        int type;
        const char *id;
        int code;
        const char *message;
    } refused[] = {
        {CHAT_GROUP_CHAT, "", CHAT_ERR_INVALID_ARGUMENT, "contacts[2]: the id is empty"},
        {CHAT_GROUP_CHAT, "\xff", CHAT_ERR_INVALID_UTF8, "contacts[2]: id"},
        {CHAT_ONE_TO_ONE, NULL, CHAT_ERR_INVALID_ARGUMENT, "contacts[2]: id is NULL"},
    };
    chat_client *client = emulator_client();
    size_t i;
    reset_emulator();
    for (i = 0; i < sizeof refused / sizeof *refused; ++i) {
        chat_contacts *contacts = contacts_of(2);
        CHECK_INT(chat_contacts_add(contacts, refused[i].type, refused[i].id), refused[i].code);
        CHECK_INT(chat_contacts_add(contacts, CHAT_ONE_TO_ONE, PEER), CHAT_OK); /* a good one behind it changes nothing */
        CHECK_INT(chat_contacts_add(contacts, 9, "later"), CHAT_ERR_INVALID_ARGUMENT); /* the first refusal stays */
        expect_refusal(__LINE__, search(client, contacts), refused[i].code, refused[i].message);
        expect_refusal(__LINE__, create_with(client, GROUP, contacts), refused[i].code, refused[i].message);
        expect_refusal(__LINE__, change(client, GROUP, contacts, NULL), refused[i].code, refused[i].message);
        expect_refusal(__LINE__, change(client, GROUP, NULL, contacts), refused[i].code, refused[i].message);
        chat_contacts_free(contacts);
    }
    CHECK_INT(requests_seen(), 0);
    chat_client_free(client);
}

static void a_refused_mark_is_remembered_and_named_by_its_place(void) {
    static const struct {
        int type;
        const char *id;
        uint64_t set, clear;
        const char *custom;
        int code;
        const char *message;
    } refused[] = {
        {CHAT_ONE_TO_ONE, NULL, 1, 0, NULL, CHAT_ERR_INVALID_ARGUMENT, "marks[1]: id is NULL"},
        {CHAT_ONE_TO_ONE, "x", 5, 4, "", CHAT_ERR_INVALID_ARGUMENT, "marks[1]: bit 2 is both set and cleared"},
        {CHAT_ONE_TO_ONE, "x", 1, 0, "\xff", CHAT_ERR_INVALID_UTF8, "marks[1]: custom_mark"},
        {CHAT_ONE_TO_ONE, "\xff", 1, 0, NULL, CHAT_ERR_INVALID_UTF8, "marks[1]: id"},
    };
    chat_client *client = emulator_client();
    size_t i;
    reset_emulator();
    for (i = 0; i < sizeof refused / sizeof *refused; ++i) {
        chat_marks *marks = marks_of(1);
        CHECK_INT(chat_marks_add(marks, refused[i].type, refused[i].id, refused[i].set, refused[i].clear, refused[i].custom),
                  refused[i].code);
        CHECK_INT(chat_marks_add(marks, CHAT_ONE_TO_ONE, "y", 1, 0, NULL), CHAT_OK);
        expect_refusal(__LINE__, mark(client, marks), refused[i].code, refused[i].message);
        chat_marks_free(marks);
    }
    CHECK_INT(requests_seen(), 0);
    chat_client_free(client);
}

static void a_refused_account_is_remembered_and_named_by_its_place(void) {
    static const accounts_call calls[] = {chat_multiaccount_import, chat_account_check, chat_account_delete};
    static const struct {
        const char *id, *nick, *face_url;
        int code;
        const char *message;
    } refused[] = {
        {NULL, NULL, NULL, CHAT_ERR_INVALID_ARGUMENT, "accounts[1]: user_id is NULL"},
        {"\xff", NULL, NULL, CHAT_ERR_INVALID_UTF8, "accounts[1]: user_id"},
        {"x", "\xff", NULL, CHAT_ERR_INVALID_UTF8, "accounts[1]: nick"},
        {"x", NULL, "\xff", CHAT_ERR_INVALID_UTF8, "accounts[1]: face_url"},
    };
    chat_client *client = emulator_client();
    size_t i, k;
    reset_emulator();
    for (i = 0; i < sizeof refused / sizeof *refused; ++i) {
        chat_accounts *accounts = accounts_of(1);
        CHECK_INT(chat_accounts_add(accounts, refused[i].id, refused[i].nick, refused[i].face_url), refused[i].code);
        CHECK_INT(chat_accounts_add(accounts, "y", NULL, NULL), CHAT_OK);
        for (k = 0; k < sizeof calls / sizeof *calls; ++k) {
            expect_refusal(__LINE__, with_accounts(calls[k], client, accounts), refused[i].code, refused[i].message);
        }
        chat_accounts_free(accounts);
    }
    CHECK_INT(requests_seen(), 0);
    chat_client_free(client);
}

static void texts_are_copied_when_they_are_added(void) {
    chat_client *client = emulator_client();
    chat_contacts *contacts = chat_contacts_new();
    char id[] = PEER;
    reset_emulator();
    CHECK_INT(chat_contacts_add(contacts, CHAT_ONE_TO_ONE, id), CHAT_OK);
    memset(id, '!', sizeof id - 1);
    CHECK_INT(code_of(search(client, contacts)), CHAT_OK);
    CHECK(log_holds(PEER));
    CHECK(!log_holds("!!!"));
    chat_contacts_free(contacts);
    chat_client_free(client);
}

/* A list that threads share, and the client they call. */
static const chat_contacts *shared_contacts;
static const chat_client *shared_client;

static void *search_shared(void *failures) {
    int i;
    for (i = 0; i < 5; ++i) {
        if (chat_search_contact_group(shared_client, USER, shared_contacts, NULL, NULL) != CHAT_OK) ++*(int *)failures;
    }
    return NULL;
}

static void a_list_is_read_by_many_calls_at_once_and_may_go_before_the_client(void) {
    chat_client *client = emulator_client();
    chat_contacts *contacts = contacts_of(50);
    pthread_t threads[4];
    int failures[4] = {0, 0, 0, 0};
    int i;
    reset_emulator();
    shared_contacts = contacts;
    shared_client = client;
    for (i = 0; i < 4; ++i) {
        if (pthread_create(&threads[i], NULL, search_shared, &failures[i]) != 0) give_up("no thread");
    }
    for (i = 0; i < 4; ++i) {
        pthread_join(threads[i], NULL);
        CHECK_INT(failures[i], 0);
    }
    CHECK_INT(requests_seen(), 20);
    chat_contacts_free(contacts);
    chat_client_free(client);
}

static void a_list_that_no_request_can_hold_is_refused(void) {
    chat_client *client = unlimited_client();
    chat_contacts *contacts = chat_contacts_new();
    const size_t length = 1024 * 1024;
    char *id = (char *)malloc(length + 2);
    char message[64];
    int added = 0, code;
    if (id == NULL) give_up("no memory");
    memset(id, 'x', length + 1);
    id[length] = '\0';
    reset_emulator();
    while ((code = chat_contacts_add(contacts, CHAT_ONE_TO_ONE, id)) == CHAT_OK && added < 100) ++added;
    CHECK_INT(code, CHAT_ERR_INVALID_ARGUMENT);
    CHECK_INT(added, 7); /* 8 MiB in all */
    snprintf(message, sizeof message, "contacts[%d]: no request holds that much", added);
    expect_refusal(__LINE__, search(client, contacts), CHAT_ERR_INVALID_ARGUMENT, message);
    chat_contacts_free(contacts);
    contacts = chat_contacts_new();
    id[length] = 'x';
    id[length + 1] = '\0';
    CHECK_INT(chat_contacts_add(contacts, CHAT_ONE_TO_ONE, id), CHAT_ERR_INVALID_ARGUMENT);
    expect_refusal(__LINE__, search(client, contacts), CHAT_ERR_INVALID_ARGUMENT, "contacts[0]: id has 1048577 bytes");
    CHECK_INT(requests_seen(), 0);
    free(id);
    chat_contacts_free(contacts);
    chat_client_free(client);
}

int main(int argc, char **argv) {
    find_emulator(argc, argv);
    KEEP(a_refused_conversation_is_remembered_and_named_by_its_place);
    KEEP(a_refused_mark_is_remembered_and_named_by_its_place);
    KEEP(a_refused_account_is_remembered_and_named_by_its_place);
    KEEP(texts_are_copied_when_they_are_added);
    KEEP(a_list_is_read_by_many_calls_at_once_and_may_go_before_the_client);
    KEEP(a_list_that_no_request_can_hold_is_refused);
    return broken_promises != 0;
}
