/* A batch whose top level is OK while an item failed is never silent success: PARTIAL, with the items in the body. */
#include "client.h"

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
    chat_client *client = emulator_client();
    size_t i;
    reset_emulator();
    for (i = 0; i < sizeof answers / sizeof *answers; ++i) {
        answer_next(200, answers[i].body);
        check_int(__FILE__, __LINE__, answers[i].body, code_of(call(client, DELETE_PATH, "{}")), answers[i].code);
    }
    chat_client_free(client);
}

int main(int argc, char **argv) {
    find_emulator(argc, argv);
    KEEP(an_unknown_account_in_a_batch_is_partial);
    KEEP(the_items_that_did_not_fail_took_effect);
    KEEP(a_batch_without_a_failed_item_is_success);
    KEEP(failed_items_are_found_in_every_shape_the_vendor_writes);
    return broken_promises != 0;
}
