/* A batch whose top level is OK while an item failed is never silent success: PARTIAL, with the items in the body. */
#include "conversations.h"

#define DELETE_PATH "v4/im_open_login_svc/account_delete"
#define CHECK_PATH "v4/im_open_login_svc/account_check"

static void an_unknown_account_in_a_batch_is_partial(void) {
    chat_client *client = emulator_client();
    chat_response *response;
    int64_t code = 99;
    reset_emulator();
    response = call(client, DELETE_PATH, "{\"DeleteItem\":[{\"UserID\":\"user_0002\"},{\"UserID\":\"nobody\"}]}");
    CHECK_INT(chat_response_code(response), CHAT_ERR_PARTIAL);
    CHECK_HAS(chat_response_message(response, NULL), chat_strerror(CHAT_ERR_PARTIAL));
    CHECK_HAS(chat_response_message(response, NULL), "/ResultItem/1");
    CHECK_HAS(chat_response_message(response, NULL), "70107");
    CHECK_INT(chat_response_is_retriable(response), 0);
    CHECK_INT(chat_response_is_in_doubt(response), 0);
    CHECK_INT(chat_response_http_status(response), 200);
    CHECK_INT(chat_response_count(response, "/ResultItem"), 2);
    CHECK_STR(chat_response_str(response, "/ActionStatus", NULL), "OK");
    CHECK_INT(chat_response_int(response, "/ResultItem/0/ResultCode", &code), CHAT_OK);
    CHECK_INT(code, 0);
    CHECK_STR(chat_response_str(response, "/ResultItem/1/UserID", NULL), "nobody");
    CHECK_INT(chat_response_int(response, "/ResultItem/1/ResultCode", &code), CHAT_OK);
    CHECK_INT(code, CHAT_SERVICE_ACCOUNT_NOT_FOUND);
    chat_response_free(response);
    chat_client_free(client);
}

static void the_items_that_did_not_fail_took_effect(void) {
    chat_client *client = emulator_client();
    chat_response *response;
    reset_emulator();
    chat_response_free(call(client, DELETE_PATH, "{\"DeleteItem\":[{\"UserID\":\"nobody\"},{\"UserID\":\"user_0002\"}]}"));
    response = call(client, CHECK_PATH, "{\"CheckItem\":[{\"UserID\":\"user_0002\"}]}");
    CHECK_INT(chat_response_code(response), CHAT_OK);
    CHECK_STR(chat_response_str(response, "/ResultItem/0/AccountStatus", NULL), "NotImported");
    chat_response_free(response);
    chat_client_free(client);
}

static void a_batch_without_a_failed_item_is_success(void) {
    chat_client *client = emulator_client();
    chat_response *response;
    reset_emulator();
    response = call(client, DELETE_PATH, "{\"DeleteItem\":[{\"UserID\":\"user_0002\"}]}");
    CHECK_INT(chat_response_code(response), CHAT_OK);
    CHECK_STR(chat_response_message(response, NULL), "");
    chat_response_free(response);
    chat_client_free(client);
}

static void failed_items_are_found_in_every_shape_the_vendor_writes(void) {
    static const struct {
        const char *body;
        int code;
    } answers[] = {
        {"{\"FailAccounts\":[\"a\"],\"ActionStatus\":\"OK\",\"ErrorCode\":0}", CHAT_ERR_PARTIAL},
        {"{\"FailAccounts\":[],\"ActionStatus\":\"OK\",\"ErrorCode\":0}", CHAT_OK},
        {"{\"ResultItem\":[{\"ResultCode\":\"70107\"}],\"ActionStatus\":\"OK\",\"ErrorCode\":0}", CHAT_ERR_PARTIAL},
        {"{\"ResultItem\":[{\"ResultCode\":\"0\"}],\"ActionStatus\":\"OK\",\"ErrorCode\":0}", CHAT_OK},
        {"{\"GroupResultItem\":[{\"ResultItem\":[{\"ResultCode\":0},{\"ResultCode\":51007}]}],\"ActionStatus\":\"OK\",\"ErrorCode\":0}",
         CHAT_ERR_PARTIAL},
        {"{\"Text\":\"{\\\"ResultCode\\\":1}\",\"ActionStatus\":\"OK\",\"ErrorCode\":0}", CHAT_OK},
        {"{\"ResultItem\":[{\"ResultCode\":1}],\"ActionStatus\":\"FAIL\",\"ErrorCode\":50004}", CHAT_SERVICE_INTERNAL_ERROR},
    };
    chat_client *client = client_that_tries_once();
    size_t i;
    reset_emulator();
    for (i = 0; i < sizeof answers / sizeof *answers; ++i) {
        answer_next(200, answers[i].body);
        check_int(__FILE__, __LINE__, answers[i].body, code_of(call(client, DELETE_PATH, "{}")), answers[i].code);
    }
    chat_client_free(client);
}

/* The room is dismissed; the other conversation is fine. */
static void dismiss_room(void) {
    reset_emulator();
    set_service("{\"dismissed_groups\":[\"" CHAT_ROOM "\"]}");
}

static void expect_partial(int line, chat_response *response, const char *first) {
    check_int(__FILE__, line, "code", chat_response_code(response), CHAT_ERR_PARTIAL);
    check_has(__FILE__, line, "message", chat_response_message(response, NULL), chat_strerror(CHAT_ERR_PARTIAL));
    check_has(__FILE__, line, "message", chat_response_message(response, NULL), first);
    check_int(__FILE__, line, "in doubt", chat_response_is_in_doubt(response), 0);
    check_int(__FILE__, line, "status", chat_response_http_status(response), 200);
}

static void a_group_is_made_without_the_conversation_that_failed(void) {
    chat_client *client = emulator_client();
    chat_contacts *both = peer_and_room();
    chat_response *response;
    dismiss_room();
    response = create_with(client, GROUP, both);
    expect_partial(__LINE__, response, "1 failed, first /GroupResultItem/0/ResultItem/1 with ResultCode 51007");
    CHECK_INT(number_at(response, "/GroupResultItem/0/GroupItem/GroupId"), 1);
    CHECK_INT(number_at(response, "/GroupResultItem/0/ResultItem/0/ResultCode"), 0);
    CHECK_INT(number_at(response, "/GroupResultItem/0/ResultItem/1/ResultCode"), CHAT_SERVICE_GROUP_CHAT_FAILED);
    CHECK(chat_response_str(response, "/GroupResultItem/0/ResultItem/1/ResultInfo", NULL)[0] != '\0');
    chat_response_free(response);
    response = get_page(client, 0);
    CHECK_INT(chat_response_count(response, "/ContactItem"), 1);
    CHECK_STR(chat_response_str(response, "/ContactItem/0/To_Account", NULL), PEER);
    chat_response_free(response);
    chat_contacts_free(both);
    chat_client_free(client);
}

static void an_update_says_which_conversation_failed(void) {
    chat_client *client = emulator_client();
    chat_contacts *peer = contact(CHAT_ONE_TO_ONE, PEER), *room = contact(CHAT_GROUP_CHAT, CHAT_ROOM);
    chat_response *response;
    dismiss_room();
    create_group(client, GROUP);
    response = change(client, GROUP, room, peer);
    expect_partial(__LINE__, response, "first /UpdateGroupResult/ContactResultItem/0 with ResultCode 51007");
    CHECK_INT(number_at(response, "/UpdateGroupResult/ContactResultItem/0/ContactOptType"), 1);
    CHECK_INT(number_at(response, "/UpdateGroupResult/ContactResultItem/1/ResultCode"), 0);
    chat_response_free(response);
    chat_contacts_free(peer);
    chat_contacts_free(room);
    chat_client_free(client);
}

static void a_mark_says_which_conversation_failed_and_the_others_have_it(void) {
    chat_client *client = emulator_client();
    chat_marks *marks = chat_marks_new();
    chat_contacts *both = peer_and_room();
    chat_response *response;
    dismiss_room();
    CHECK_INT(chat_marks_add(marks, CHAT_GROUP_CHAT, CHAT_ROOM, 0, 0, "vip"), CHAT_OK);
    CHECK_INT(chat_marks_add(marks, CHAT_ONE_TO_ONE, PEER, 0, 0, "vip"), CHAT_OK);
    response = mark(client, marks);
    expect_partial(__LINE__, response, "1 failed, first /ResultItem/0 with ResultCode 51007");
    chat_response_free(response);
    response = search(client, both);
    CHECK_INT(chat_response_count(response, "/ContactResultItem"), 1);
    CHECK_STR(chat_response_str(response, "/ContactResultItem/0/CustomMark", NULL), "vip");
    chat_response_free(response);
    chat_contacts_free(both);
    chat_marks_free(marks);
    chat_client_free(client);
}

static void a_list_of_accounts_says_which_failed(void) {
    chat_client *client = unlimited_client(); /* so that the service refuses the long nickname */
    chat_accounts *accounts = account("user_1001");
    chat_response *response;
    char nick[502];
    reset_emulator();
    memset(nick, 'n', sizeof nick - 1);
    nick[sizeof nick - 1] = '\0';
    CHECK_INT(chat_accounts_add(accounts, "user_1002", nick, NULL), CHAT_OK);
    response = with_accounts(chat_multiaccount_import, client, accounts);
    expect_partial(__LINE__, response, "1 failed, first /FailAccounts: \"user_1002\"");
    CHECK_INT(chat_response_count(response, "/FailAccounts"), 1);
    chat_response_free(response);
    response = with_accounts(chat_account_delete, client, accounts);
    expect_partial(__LINE__, response, "1 failed, first /ResultItem/1 with ResultCode 70107");
    CHECK_INT(number_at(response, "/ResultItem/0/ResultCode"), 0);
    chat_response_free(response);
    answer_next(200, "{\"ResultItem\":[{\"UserID\":\"x\",\"ResultCode\":70169}],\"ActionStatus\":\"OK\",\"ErrorCode\":0}");
    response = with_accounts(chat_account_check, client, accounts);
    expect_partial(__LINE__, response, "first /ResultItem/0 with ResultCode 70169");
    chat_response_free(response);
    chat_accounts_free(accounts);
    chat_client_free(client);
}

int main(int argc, char **argv) {
    find_emulator(argc, argv);
    KEEP(an_unknown_account_in_a_batch_is_partial);
    KEEP(the_items_that_did_not_fail_took_effect);
    KEEP(a_batch_without_a_failed_item_is_success);
    KEEP(failed_items_are_found_in_every_shape_the_vendor_writes);
    KEEP(a_group_is_made_without_the_conversation_that_failed);
    KEEP(an_update_says_which_conversation_failed);
    KEEP(a_mark_says_which_conversation_failed_and_the_others_have_it);
    KEEP(a_list_of_accounts_says_which_failed);
    return broken_promises != 0;
}
