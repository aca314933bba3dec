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

static void ok_is_zero_and_has_no_message(void) {
    chat_client *client = emulator_client();
    chat_response *response;
    reset_emulator();
    create_group(client, GROUP);
    response = delete_group(client, GROUP);
    CHECK_INT(chat_response_code(response), CHAT_OK);
    CHECK_STR(chat_response_message(response, NULL), "");
    chat_response_free(response);
    chat_client_free(client);
}

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

static void config_is_the_code_of_settings_that_cannot_work(void) {
    chat_config *config = chat_config_new();
    chat_client *client = NULL;
    chat_response *error = NULL;
    CHECK_INT(chat_client_new(config, &client, &error), CHAT_ERR_CONFIG);
    expect(__LINE__, error, CHAT_ERR_CONFIG, NO, NO, 0);
    chat_config_free(config);
}

static void a_silent_service_is_a_timeout_in_doubt(void) {
    chat_client *client = emulator_client();
    chat_call_options *options = chat_call_options_new();
    reset_emulator();
    create_group(client, GROUP); /* so that connecting takes none of the time */
    add_fault("{\"hang\":true,\"times\":0}");
    CHECK_INT(chat_call_options_set_timeout_ms(options, 1000), CHAT_OK);
    expect(__LINE__, delete_with(client, GROUP, options), CHAT_ERR_TIMEOUT, YES, YES, 1);
    clear_faults();
    chat_call_options_free(options);
    chat_client_free(client);
}

static void nobody_there_is_a_transport_error_without_doubt(void) {
    chat_config *config = emulator_config();
    chat_client *client;
    chat_config_set_base_url(config, "http://127.0.0.1:1"); /* port 1: nobody listens */
    chat_config_set_max_attempts(config, 1);
    client = client_from(config);
    expect(__LINE__, delete_group(client, GROUP), CHAT_ERR_TRANSPORT, NO, YES, 1);
    chat_client_free(client);
    config = emulator_config();
    chat_config_set_base_url(config, "https://no-such-host.invalid");
    chat_config_set_max_attempts(config, 1);
    client = client_from(config);
    expect(__LINE__, delete_group(client, GROUP), CHAT_ERR_TRANSPORT, NO, YES, 1);
    chat_client_free(client);
}

static void a_connection_that_breaks_after_the_request_is_a_transport_error_in_doubt(void) {
    chat_client *client = client_that_tries_once();
    reset_emulator();
    add_fault("{\"drop\":\"reset\"}");
    expect(__LINE__, delete_group(client, GROUP), CHAT_ERR_TRANSPORT, YES, YES, 1);
    add_fault("{\"drop\":\"fin\"}");
    expect(__LINE__, delete_group(client, GROUP), CHAT_ERR_TRANSPORT, YES, YES, 1);
    CHECK_INT(requests_seen(), 2);
    chat_client_free(client);
}

static void a_lost_answer_is_in_doubt_and_the_group_is_gone(void) {
    chat_client *client = client_that_tries_once();
    reset_emulator();
    create_group(client, GROUP);
    add_fault("{\"drop\":\"reset\",\"applied\":true}");
    expect(__LINE__, delete_group(client, GROUP), CHAT_ERR_TRANSPORT, YES, YES, 1);
    CHECK_INT(groups_held(client), 0);
    chat_client_free(client);
}

static void a_gateway_that_answers_is_http_status_in_doubt(void) {
    chat_client *client = client_that_tries_once();
    chat_response *response;
    reset_emulator();
    answer_next(502, "<html>bad gateway</html>");
    response = delete_group(client, GROUP);
    CHECK_INT(chat_response_http_status(response), 502);
    CHECK_STR(chat_response_body(response, NULL), "<html>bad gateway</html>");
    CHECK_HAS(chat_response_message(response, NULL), "502");
    expect(__LINE__, response, CHAT_ERR_HTTP_STATUS, YES, YES, 1);
    chat_client_free(client);
}

static void an_unreadable_answer_is_protocol_in_doubt(void) {
    chat_client *client = emulator_client();
    reset_emulator();
    answer_next(200, "{\"ActionStatus\":\"OK\",\"ErrorCode\":51009}");
    expect(__LINE__, delete_group(client, GROUP), CHAT_ERR_PROTOCOL, YES, YES, 1);
    chat_client_free(client);
}

static void a_client_that_was_shut_down_sends_nothing_more(void) {
    chat_client *client = emulator_client();
    reset_emulator();
    chat_client_shutdown(client);
    chat_client_shutdown(client);
    expect(__LINE__, delete_group(client, GROUP), CHAT_ERR_SHUTDOWN, NO, NO, 0);
    CHECK_INT(requests_seen(), 0);
    chat_client_free(client);
}

static void fail_without_a_code_is_service(void) {
    chat_client *client = emulator_client();
    reset_emulator();
    answer_next(200, "{\"ActionStatus\":\"FAIL\",\"ErrorInfo\":\"no idea\"}");
    expect(__LINE__, delete_group(client, GROUP), CHAT_ERR_SERVICE, YES, NO, 1);
    chat_client_free(client);
}

static void a_triggered_token_is_cancelled_and_sends_nothing(void) {
    chat_client *client = emulator_client();
    chat_call_options *options = chat_call_options_new();
    chat_cancel *cancel = chat_cancel_new();
    reset_emulator();
    chat_cancel_trigger(cancel);
    chat_call_options_set_cancel(options, cancel);
    expect(__LINE__, delete_with(client, GROUP, options), CHAT_ERR_CANCELLED, NO, NO, 0);
    CHECK_INT(requests_seen(), 0);
    chat_call_options_free(options);
    chat_cancel_free(cancel);
    chat_client_free(client);
}

static void an_unknown_certificate_authority_is_tls_and_sends_nothing(void) {
    char *tls = emulator_address("tls_url");
    chat_config *config = chat_config_new();
    chat_client *client;
    chat_config_set_base_url(config, tls);
    chat_config_set_sdk_app_id(config, SDK_APP_ID);
    chat_config_set_identifier(config, ADMIN);
    chat_config_set_secret_key(config, KEY);
    client = client_from(config);
    reset_emulator();
    expect(__LINE__, delete_group(client, GROUP), CHAT_ERR_TLS, NO, NO, 1);
    CHECK_INT(requests_seen(), 0);
    chat_client_free(client);
    free(tls);
}

static void the_eight_codes_of_the_page_come_through(void) {
    chat_client *client = client_that_tries_once();
    chat_config *config = emulator_config();
    chat_client *other;
    chat_response *response = NULL;
    char long_name[66];
    reset_emulator();
    chat_del_contact_group(client, "user_9999", GROUP, NULL, &response);
    expect(__LINE__, response, 50001, NO, NO, 1);
    response = call(client, "v4/recentcontact/del_contact_group", "{\"From_Account\":\"" USER "\",\"GroupName\":[\"a\",\"b\"]}");
    expect(__LINE__, response, 50002, NO, NO, 1);
    chat_config_set_identifier(config, USER); /* validly signed, but no administrator */
    other = client_from(config);
    expect(__LINE__, delete_group(other, GROUP), 50003, NO, NO, 1);
    chat_client_free(other);
    expect(__LINE__, delete_group(client, GROUP), 51009, NO, NO, 1);
    tell_emulator("PUT", "/settings", "{\"plan\":false}");
    expect(__LINE__, delete_group(client, GROUP), 51013, NO, NO, 1);
    reset_emulator();
    config = emulator_config();
    chat_config_set_local_limits(config, 0);
    other = client_from(config);
    memset(long_name, 'n', 65);
    long_name[65] = '\0';
    expect(__LINE__, delete_group(other, long_name), 51011, NO, NO, 1);
    chat_client_free(other);
    add_fault("[{\"code\":50004},{\"code\":50005}]");
    expect(__LINE__, delete_group(client, GROUP), 50004, NO, YES, 1);
    expect(__LINE__, delete_group(client, GROUP), 50005, YES, YES, 1);
    chat_client_free(client);
}

static void admin_required_has_three_numbers(void) {
    chat_config *config = emulator_config();
    chat_client *client;
    chat_config_set_identifier(config, USER);
    client = client_from(config);
    reset_emulator();
    expect(__LINE__, delete_group(client, GROUP), CHAT_SERVICE_ADMIN_REQUIRED, NO, NO, 1);
    tell_emulator("PUT", "/settings", "{\"non_admin_code\":60010}");
    expect(__LINE__, delete_group(client, GROUP), CHAT_SERVICE_GATEWAY_ADMIN_REQUIRED, NO, NO, 1);
    expect(__LINE__, call(client, "v4/im_open_login_svc/account_check", "{\"CheckItem\":[{\"UserID\":\"" USER "\"}]}"),
           CHAT_SERVICE_ACCOUNT_ADMIN_REQUIRED, NO, NO, 1);
    reset_emulator();
    chat_client_free(client);
}

static void an_expired_signature_is_renewed_once_and_the_call_repeated(void) {
    chat_client *client = emulator_client();
    chat_response *response;
    reset_emulator();
    create_group(client, GROUP);
    add_fault("{\"code\":70001}");
    response = delete_group(client, GROUP);
    CHECK_INT(chat_response_code(response), CHAT_OK);
    CHECK_INT(chat_response_attempts(response), 2);
    CHECK_HAS(chat_response_trace(response), "\"code\":70001");
    chat_response_free(response);
    add_fault("{\"code\":70052,\"times\":2}");
    expect(__LINE__, delete_group(client, GROUP), CHAT_SERVICE_USER_SIG_REVOKED, NO, NO, 2);
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

static void a_pause_is_asked_for_where_the_service_wants_one(void) {
    chat_client *client = client_that_tries_once();
    chat_response *response;
    reset_emulator();
    add_fault("[{\"code\":60007},{\"code\":70050},{\"code\":50004},{\"answer\":{\"status\":503,\"headers\":{\"Retry-After\":\"7\"}}}]");
    response = delete_group(client, GROUP);
    CHECK_INT(chat_response_retry_after_ms(response), 1000);
    chat_response_free(response);
    response = delete_group(client, GROUP);
    CHECK_INT(chat_response_retry_after_ms(response), 60000);
    chat_response_free(response);
    response = delete_group(client, GROUP);
    CHECK_INT(chat_response_retry_after_ms(response), 0);
    chat_response_free(response);
    response = delete_group(client, GROUP);
    CHECK_INT(chat_response_retry_after_ms(response), 7000);
    chat_response_free(response);
    chat_client_free(client);
}

int main(int argc, char **argv) {
    find_emulator(argc, argv);
    KEEP(ok_is_zero_and_has_no_message);
    KEEP(invalid_argument_and_invalid_utf8_send_nothing);
    KEEP(config_is_the_code_of_settings_that_cannot_work);
    KEEP(a_silent_service_is_a_timeout_in_doubt);
    KEEP(nobody_there_is_a_transport_error_without_doubt);
    KEEP(a_connection_that_breaks_after_the_request_is_a_transport_error_in_doubt);
    KEEP(a_lost_answer_is_in_doubt_and_the_group_is_gone);
    KEEP(a_gateway_that_answers_is_http_status_in_doubt);
    KEEP(an_unreadable_answer_is_protocol_in_doubt);
    KEEP(a_client_that_was_shut_down_sends_nothing_more);
    KEEP(fail_without_a_code_is_service);
    KEEP(a_triggered_token_is_cancelled_and_sends_nothing);
    KEEP(an_unknown_certificate_authority_is_tls_and_sends_nothing);
    KEEP(the_eight_codes_of_the_page_come_through);
    KEEP(admin_required_has_three_numbers);
    KEEP(an_expired_signature_is_renewed_once_and_the_call_repeated);
    KEEP(every_named_code_of_the_service_comes_through_with_its_advice);
    KEEP(a_pause_is_asked_for_where_the_service_wants_one);
    return broken_promises != 0;
}
