/* Every code of the library provoked end to end (PANIC in panic.c), the eight codes of page 1047/53441 and what else the service
 * decides, and every named code of the service passed through unchanged with its advice. */
#include "client.h"

/* What a failed call has to answer, and what must never stand in it; frees the response. */
static void expect(int line, chat_response *response, int code, int in_doubt, int retriable, int attempts) {
    const int before = broken_promises;
    check_int(__FILE__, line, "code", chat_response_code(response), code);
    check_int(__FILE__, line, "in doubt", chat_response_is_in_doubt(response), in_doubt);
    check_int(__FILE__, line, "retriable", chat_response_is_retriable(response), retriable);
    check_int(__FILE__, line, "attempts", chat_response_attempts(response), attempts);
    if (chat_response_message(response, NULL)[0] == '\0') broken(__FILE__, line, "a failure without a message");
    check_lacks(__FILE__, line, "message", chat_response_message(response, NULL), KEY);
    check_lacks(__FILE__, line, "message", chat_response_message(response, NULL), "usersig=");
    check_lacks(__FILE__, line, "trace", chat_response_trace(response), "usersig=");
    if (broken_promises != before) fprintf(stderr, "  the message: %s\n", chat_response_message(response, NULL));
    chat_response_free(response);
}

enum { NO = 0, YES = 1 };

static void invalid_argument_and_invalid_utf8_send_nothing(void) {
    chat_client *client = emulator_client();
    chat_response *response = NULL;
    reset_emulator();
    expect(__LINE__, delete_group(client, ""), CHAT_ERR_INVALID_ARGUMENT, NO, NO, 0);
    expect(__LINE__, delete_group(client, "\xff"), CHAT_ERR_INVALID_UTF8, NO, NO, 0);
    expect(__LINE__, call(client, "v4/recentcontact", "{}"), CHAT_ERR_INVALID_ARGUMENT, NO, NO, 0);
    expect(__LINE__, call(client, GET_PATH, "[]"), CHAT_ERR_INVALID_ARGUMENT, NO, NO, 0);
    expect(__LINE__, call(client, GET_PATH, "{\"a\":"), CHAT_ERR_INVALID_ARGUMENT, NO, NO, 0);
    expect(__LINE__, call(client, GET_PATH, "{\"a\":\"\xff\"}"), CHAT_ERR_INVALID_UTF8, NO, NO, 0);
    chat_call(client, GET_PATH, "{}", (size_t)-1, NULL, &response);
    expect(__LINE__, response, CHAT_ERR_INVALID_ARGUMENT, NO, NO, 0);
    CHECK_INT(requests_seen(), 0);
    chat_client_free(client);
}

#define NAMED(code) {code, #code}

static void every_named_code_of_the_service_comes_through_with_its_advice(void) {
    static const struct {
        int code;
        const char *name;
    } named[] = {
        NAMED(CHAT_SERVICE_ACCOUNT_NOT_IMPORTED), NAMED(CHAT_SERVICE_INVALID_PARAMETER), NAMED(CHAT_SERVICE_ADMIN_REQUIRED),
        NAMED(CHAT_SERVICE_INTERNAL_ERROR), NAMED(CHAT_SERVICE_NETWORK_TIMEOUT), NAMED(CHAT_SERVICE_TOO_MANY_CONVERSATIONS),
        NAMED(CHAT_SERVICE_GROUP_CHAT_FAILED), NAMED(CHAT_SERVICE_CONVERSATION_LIMIT), NAMED(CHAT_SERVICE_GROUP_NOT_FOUND),
        NAMED(CHAT_SERVICE_GROUP_LIMIT), NAMED(CHAT_SERVICE_GROUP_NAME_TOO_LONG), NAMED(CHAT_SERVICE_FEATURE_NOT_IN_PLAN),
        NAMED(CHAT_SERVICE_CALL_RATE_EXCEEDED), NAMED(CHAT_SERVICE_TIMED_OUT), NAMED(CHAT_SERVICE_GATEWAY_ADMIN_REQUIRED),
        NAMED(CHAT_SERVICE_APP_RATE_EXCEEDED), NAMED(CHAT_SERVICE_PLAN_NOT_ACTIVE), NAMED(CHAT_SERVICE_IP_NOT_ALLOWED),
        NAMED(CHAT_SERVICE_USER_SIG_EXPIRED), NAMED(CHAT_SERVICE_USER_SIG_DAMAGED), NAMED(CHAT_SERVICE_USER_SIG_INVALID),
        NAMED(CHAT_SERVICE_USER_SIG_WRONG_KEY), NAMED(CHAT_SERVICE_USER_SIG_WRONG_IDENTIFIER),
        NAMED(CHAT_SERVICE_USER_SIG_WRONG_SDK_APP_ID), NAMED(CHAT_SERVICE_SDK_APP_ID_NOT_FOUND), NAMED(CHAT_SERVICE_LOCKED_OUT),
        NAMED(CHAT_SERVICE_USER_SIG_REVOKED), NAMED(CHAT_SERVICE_ACCOUNT_NOT_FOUND), NAMED(CHAT_SERVICE_ACCOUNT_ADMIN_REQUIRED),
        NAMED(CHAT_SERVICE_PINNED_LIMIT), NAMED(CHAT_SERVICE_PROFILE_FAILED), NAMED(CHAT_SERVICE_PROFILE_TOO_LONG),
        NAMED(CHAT_SERVICE_ACCOUNT_TIMED_OUT), NAMED(CHAT_SERVICE_TOO_MANY_ACCOUNTS), NAMED(CHAT_SERVICE_ACCOUNT_LIMIT),
        NAMED(CHAT_SERVICE_ACCOUNT_INVALID_PARAMETER), NAMED(CHAT_SERVICE_ACCOUNT_INTERNAL_ERROR), {10002, "10002"},
        {20004, "20004"}, {20005, "20005"}, {50006, "a code without a name"},
    };
    chat_client *client = client_that_tries_once();
    size_t i;
    reset_emulator();
    for (i = 0; i < sizeof named / sizeof *named; ++i) {
        char fault[128];
        chat_response *response;
        snprintf(fault, sizeof fault, "{\"code\":%d,\"info\":\"ここ %d\",\"times\":2}", named[i].code, named[i].code);
        add_fault(fault);
        response = delete_group(client, GROUP);
        check_int(__FILE__, __LINE__, named[i].name, chat_response_code(response), named[i].code);
        CHECK_HAS(chat_response_message(response, NULL), chat_strerror(named[i].code));
        snprintf(fault, sizeof fault, "; the service says: \"ここ %d\"", named[i].code);
        CHECK_HAS(chat_response_message(response, NULL), fault);
        chat_response_free(response);
        clear_faults();
    }
    chat_client_free(client);
}

int main(int argc, char **argv) {
    find_emulator(argc, argv);
    KEEP(invalid_argument_and_invalid_utf8_send_nothing);
    KEEP(every_named_code_of_the_service_comes_through_with_its_advice);
    return broken_promises != 0;
}
