/* The accounts behind the conversations: imported one by one and in lists, looked for, deleted. */
#include "conversations.h"

static chat_response *import(const chat_client *client, const char *user_id, const char *nick, const char *face_url) {
    chat_response *response = NULL;
    const int code = chat_account_import(client, user_id, nick, face_url, NULL, &response);
    return answered(code, response);
}

/* Whether the service knows the account. */
static int is_imported(const chat_client *client, const char *user_id) {
    chat_accounts *accounts = account(user_id);
    chat_response *response = with_accounts(chat_account_check, client, accounts);
    const char *status = chat_response_str(response, "/ResultItem/0/AccountStatus", NULL);
    const int imported = strcmp(status, "Imported") == 0;
    CHECK(imported || strcmp(status, "NotImported") == 0);
    chat_response_free(response);
    chat_accounts_free(accounts);
    return imported;
}

static void an_account_is_imported_and_again_without_harm(void) {
    chat_client *client = emulator_client();
    reset_emulator();
    CHECK(!is_imported(client, "user_1001"));
    CHECK_INT(code_of(import(client, "user_1001", "太郎", "https://example.com/1.png")), CHAT_OK);
    CHECK(was_sent("{\"UserID\":\"user_1001\",\"Nick\":\"太郎\",\"FaceUrl\":\"https://example.com/1.png\"}"));
    CHECK_INT(code_of(import(client, "user_1001", NULL, NULL)), CHAT_OK);
    CHECK(was_sent("{\"UserID\":\"user_1001\"}"));
    CHECK_INT(code_of(import(client, "user_1001", "", NULL)), CHAT_OK);
    CHECK(was_sent("{\"UserID\":\"user_1001\",\"Nick\":\"\"}"));
    CHECK(is_imported(client, "user_1001"));
    chat_client_free(client);
}

static void an_account_that_cannot_be_is_refused_by_argument_and_nothing_is_sent(void) {
    static const struct {
        const char *user_id, *nick, *face_url;
        int code;
        const char *message;
    } refused[] = {
        {"", NULL, NULL, CHAT_ERR_INVALID_ARGUMENT, "user_id is empty"},
        {"012345678901234567890123456789012", NULL, NULL, CHAT_ERR_INVALID_ARGUMENT, "user_id has 33 bytes"},
        {"\xff", NULL, NULL, CHAT_ERR_INVALID_UTF8, "user_id"},
        {"x", "\xff", NULL, CHAT_ERR_INVALID_UTF8, "nick"},
        {"x", NULL, "\xff", CHAT_ERR_INVALID_UTF8, "face_url"},
    };
    chat_client *client = emulator_client();
    chat_response *response;
    char long_text[502];
    size_t i;
    reset_emulator();
    memset(long_text, 'x', sizeof long_text - 1);
    long_text[501] = '\0';
    response = import(client, "x", long_text, NULL);
    CHECK_INT(chat_response_code(response), CHAT_ERR_INVALID_ARGUMENT);
    CHECK_HAS(chat_response_message(response, NULL), "nick has 501 bytes; the limit is 500");
    chat_response_free(response);
    response = import(client, "x", NULL, long_text);
    CHECK_INT(chat_response_code(response), CHAT_ERR_INVALID_ARGUMENT);
    CHECK_HAS(chat_response_message(response, NULL), "face_url has 501 bytes; the limit is 500");
    chat_response_free(response);
    for (i = 0; i < sizeof refused / sizeof *refused; ++i) {
        response = import(client, refused[i].user_id, refused[i].nick, refused[i].face_url);
        check_int(__FILE__, __LINE__, refused[i].message, chat_response_code(response), refused[i].code);
        CHECK_HAS(chat_response_message(response, NULL), refused[i].message);
        chat_response_free(response);
    }
    CHECK_INT(requests_seen(), 0);
    long_text[500] = '\0';
    CHECK_INT(code_of(import(client, "x", long_text, long_text)), CHAT_OK);
    chat_client_free(client);
}

static void a_list_of_accounts_is_imported_checked_and_deleted(void) {
    chat_client *client = emulator_client();
    chat_accounts *accounts = chat_accounts_new();
    chat_response *response;
    reset_emulator();
    CHECK_INT(chat_accounts_add(accounts, "user_1001", "nick", NULL), CHAT_OK);
    CHECK_INT(chat_accounts_add(accounts, "user_1002", NULL, "https://example.com/2.png"), CHAT_OK);
    CHECK_INT(code_of(with_accounts(chat_multiaccount_import, client, accounts)), CHAT_OK);
    CHECK(was_sent("{\"AccountList\":[{\"UserID\":\"user_1001\",\"Nick\":\"nick\"},"
                   "{\"UserID\":\"user_1002\",\"FaceUrl\":\"https://example.com/2.png\"}]}"));
    CHECK_INT(chat_accounts_add(accounts, "nobody", NULL, NULL), CHAT_OK);
    response = with_accounts(chat_account_check, client, accounts);
    CHECK_INT(chat_response_code(response), CHAT_OK);
    CHECK_INT(chat_response_count(response, "/ResultItem"), 3);
    CHECK_STR(chat_response_str(response, "/ResultItem/1/UserID", NULL), "user_1002");
    CHECK_STR(chat_response_str(response, "/ResultItem/1/AccountStatus", NULL), "Imported");
    CHECK_STR(chat_response_str(response, "/ResultItem/2/AccountStatus", NULL), "NotImported");
    chat_response_free(response);
    CHECK(was_sent("{\"CheckItem\":[{\"UserID\":\"user_1001\"},{\"UserID\":\"user_1002\"},{\"UserID\":\"nobody\"}]}"));
    CHECK_INT(code_of(with_accounts(chat_account_delete, client, accounts)), CHAT_ERR_PARTIAL); /* of nobody */
    CHECK(was_sent("{\"DeleteItem\":[{\"UserID\":\"user_1001\"},{\"UserID\":\"user_1002\"},{\"UserID\":\"nobody\"}]}"));
    CHECK(!is_imported(client, "user_1001"));
    chat_accounts_free(accounts);
    chat_client_free(client);
}

static void what_the_service_refuses_of_accounts_comes_through(void) {
    static const accounts_call calls[] = {chat_multiaccount_import, chat_account_check, chat_account_delete};
    chat_client *client = client_that_tries_once(), *unlimited = unlimited_client();
    chat_accounts *accounts = accounts_of(1), *many = accounts_of(101);
    char nick[502];
    size_t i;
    reset_emulator();
    memset(nick, 'n', sizeof nick - 1);
    nick[sizeof nick - 1] = '\0';
    CHECK_INT(code_of(import(unlimited, "user_1001", nick, NULL)), 40601);
    CHECK_INT(code_of(import(unlimited, "012345678901234567890123456789012", NULL, NULL)), 70402);
    for (i = 0; i < sizeof calls / sizeof *calls; ++i) {
        CHECK_INT(code_of(with_accounts(calls[i], unlimited, many)), 70206);
        add_fault("{\"code\":70500}");
        CHECK_INT(code_of(with_accounts(calls[i], client, accounts)), 70500);
        add_fault("{\"code\":70403}");
        CHECK_INT(code_of(with_accounts(calls[i], client, accounts)), CHAT_SERVICE_ACCOUNT_ADMIN_REQUIRED);
    }
    chat_accounts_free(accounts);
    chat_accounts_free(many);
    chat_client_free(unlimited);
    chat_client_free(client);
}

static void deleting_an_account_deletes_its_groups(void) {
    chat_client *client = emulator_client();
    chat_accounts *accounts = account(USER);
    reset_emulator();
    create_group(client, GROUP);
    CHECK_INT(code_of(with_accounts(chat_account_delete, client, accounts)), CHAT_OK);
    CHECK_INT(code_of(delete_group(client, GROUP)), CHAT_SERVICE_ACCOUNT_NOT_IMPORTED);
    CHECK_INT(code_of(import(client, USER, NULL, NULL)), CHAT_OK);
    CHECK_INT(code_of(delete_group(client, GROUP)), CHAT_SERVICE_GROUP_NOT_FOUND);
    chat_accounts_free(accounts);
    chat_client_free(client);
}

int main(int argc, char **argv) {
    find_emulator(argc, argv);
    KEEP(an_account_is_imported_and_again_without_harm);
    KEEP(an_account_that_cannot_be_is_refused_by_argument_and_nothing_is_sent);
    KEEP(a_list_of_accounts_is_imported_checked_and_deleted);
    KEEP(what_the_service_refuses_of_accounts_comes_through);
    KEEP(deleting_an_account_deletes_its_groups);
    return broken_promises != 0;
}
