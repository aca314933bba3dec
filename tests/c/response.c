/* What an answer holds and how it is read: members by JSON Pointer, texts with their length, the answer of a service or gateway
 * that misbehaves, and what a call tells about itself. */
#include "client.h"

#define OK_AND "\"ActionStatus\":\"OK\",\"ErrorCode\":0,\"ErrorInfo\":\"\"}"

/* A delete that is answered with this body. */
static chat_response *answered(const chat_client *client, const char *body) {
    answer_next(200, body);
    return delete_group(client, GROUP);
}

static void members_are_found_by_their_json_pointer(void) {
    chat_client *client = emulator_client();
    chat_response *response = answered(client, "{\"List\":[{\"Name\":\"a\"},{\"Name\":\"会議\"}],\"Object\":{\"x\":1,\"y\":null},\"Empty\":\"\"," OK_AND);
    size_t length = 0;
    CHECK_INT(chat_response_code(response), CHAT_OK);
    CHECK_INT(chat_response_count(response, "/List"), 2);
    CHECK_INT(chat_response_count(response, "/Object"), 2);
    CHECK_INT(chat_response_count(response, ""), 6);
    CHECK_INT(chat_response_count(response, "/List/0/Name"), 0);
    CHECK_STR(chat_response_str(response, "/List/1/Name", &length), "会議");
    CHECK_INT(length, strlen("会議"));
    CHECK_INT(chat_response_has(response, "/Object/x"), 1);
    CHECK_INT(chat_response_has(response, "/Object/y"), 0); /* null is as absent, though it is counted */
    CHECK_INT(chat_response_has(response, "/Empty"), 1);
    CHECK_STR(chat_response_str(response, "/Empty", &length), "");
    CHECK_INT(length, 0);
    CHECK_STR(chat_response_str(response, "/Object/x", NULL), ""); /* a number is no text */
    chat_response_free(response);
    chat_client_free(client);
}

static void slash_and_tilde_in_a_name_are_escaped_in_the_pointer(void) {
    chat_client *client = emulator_client();
    chat_response *response = answered(client, "{\"a/b\":\"slash\",\"m~n\":\"tilde\",\"~1\":\"both\",\"\":\"empty\"," OK_AND);
    CHECK_STR(chat_response_str(response, "/a~1b", NULL), "slash");
    CHECK_STR(chat_response_str(response, "/m~0n", NULL), "tilde");
    CHECK_STR(chat_response_str(response, "/~01", NULL), "both");
    CHECK_STR(chat_response_str(response, "/", NULL), "empty");
    CHECK_INT(chat_response_has(response, "/a/b"), 0);
    chat_response_free(response);
    chat_client_free(client);
}

static void what_is_absent_or_null_reads_as_nothing(void) {
    static const char *const absent[] = {"/None", "/List/1", "/List/-1", "/List/x", "/List/00", "List", "/List/0/Name/deeper", "/\xff", "/Null"};
    chat_client *client = emulator_client();
    chat_response *response = answered(client, "{\"Null\":null,\"List\":[{\"Name\":\"a\"}]," OK_AND);
    size_t i;
    for (i = 0; i < sizeof absent / sizeof *absent; ++i) {
        size_t length = 99;
        int64_t value = 99;
        check_int(__FILE__, __LINE__, absent[i], chat_response_has(response, absent[i]), 0);
        check_int(__FILE__, __LINE__, absent[i], (long long)chat_response_count(response, absent[i]), 0);
        check_str(__FILE__, __LINE__, absent[i], chat_response_str(response, absent[i], &length), "");
        CHECK_INT(length, 0);
        check_int(__FILE__, __LINE__, absent[i], chat_response_int(response, absent[i], &value), CHAT_ERR_INVALID_ARGUMENT);
        CHECK_INT(value, 99);
    }
    chat_response_free(response);
    chat_client_free(client);
}

static void numbers_keep_64_bits_and_may_come_as_text(void) {
    static const struct {
        const char *pointer;
        int code;
        int64_t value;
    } numbers[] = {
        {"/Big", CHAT_OK, INT64_C(9007199254740993)}, /* a double would lose its last digit */
        {"/Max", CHAT_OK, INT64_MAX},
        {"/Min", CHAT_OK, INT64_MIN},
        {"/Text", CHAT_OK, INT64_C(144115198371610486)},
        {"/Zero", CHAT_OK, 0},
        {"/Double", CHAT_OK, 1400000000},
        {"/Point", CHAT_OK, INT64_C(9007199254740993)},
        {"/TextPoint", CHAT_OK, 7},
        {"/Beyond", CHAT_ERR_PROTOCOL, 99},
        {"/Over", CHAT_ERR_PROTOCOL, 99},
        {"/Half", CHAT_ERR_PROTOCOL, 99},
        {"/Word", CHAT_ERR_PROTOCOL, 99},
        {"/Blank", CHAT_ERR_PROTOCOL, 99},
        {"/Null", CHAT_ERR_INVALID_ARGUMENT, 99},
        {"/List", CHAT_ERR_PROTOCOL, 99},
    };
    chat_client *client = emulator_client();
    chat_response *response = answered(client, "{\"Big\":9007199254740993,\"Max\":9223372036854775807,\"Min\":-9223372036854775808,"
                                               "\"Text\":\"144115198371610486\",\"Zero\":0,\"Over\":9223372036854775808,\"Half\":0.5,"
                                               "\"Double\":1.4e+09,\"Point\":9007199254740993.0,\"TextPoint\":\"7.0\",\"Beyond\":1e999,"
                                               "\"Word\":\"7 groups\",\"Blank\":\"\",\"Null\":null,\"List\":[1]," OK_AND);
    size_t i;
    for (i = 0; i < sizeof numbers / sizeof *numbers; ++i) {
        int64_t value = 99;
        check_int(__FILE__, __LINE__, numbers[i].pointer, chat_response_int(response, numbers[i].pointer, &value), numbers[i].code);
        check_int(__FILE__, __LINE__, numbers[i].pointer, value, numbers[i].value);
    }
    chat_response_free(response);
    chat_client_free(client);
}

static void a_text_with_nul_characters_keeps_its_length_and_a_message_shows_them(void) {
    chat_client *client = emulator_client();
    chat_response *response = answered(client, "{\"Name\":\"a\\u0000b\"," OK_AND);
    size_t length = 0;
    const char *text = chat_response_str(response, "/Name", &length);
    CHECK_INT(length, 3);
    CHECK(memcmp(text, "a\0b", 4) == 0);
    chat_response_free(response);
    response = answered(client, "{\"ActionStatus\":\"FAIL\",\"ErrorCode\":50002,\"ErrorInfo\":\"x\\u0000y\"}");
    text = chat_response_message(response, &length);
    CHECK_INT(length, strlen(text));
    CHECK(strstr(text, "\"x\\u0000y\"") != NULL);
    chat_response_free(response);
    chat_client_free(client);
}

/* A success whose text member has so many bytes; to be freed. */
static char *large_answer(size_t text) {
    char *body = (char *)malloc(text + 128);
    if (body == NULL) give_up("no memory");
    strcpy(body, "{\"Text\":\"");
    memset(body + strlen(body), 'x', text);
    strcpy(body + strlen("{\"Text\":\"") + text, "\"," OK_AND);
    return body;
}

static void a_typed_call_reads_at_most_a_mebibyte_and_the_generic_one_eight(void) {
    chat_client *client = emulator_client();
    char *body = large_answer(1024 * 1024);
    chat_response *response;
    size_t length = 0;
    reset_emulator();
    response = answered(client, body);
    CHECK_INT(chat_response_code(response), CHAT_ERR_PROTOCOL);
    CHECK_HAS(chat_response_message(response, NULL), "larger than 1048576 bytes");
    CHECK_INT(chat_response_is_in_doubt(response), 1);
    chat_response_body(response, &length);
    CHECK_INT(length, 1048576);
    chat_response_free(response);
    answer_next(200, body);
    response = call(client, GET_PATH, "{}");
    CHECK_INT(chat_response_code(response), CHAT_OK);
    chat_response_str(response, "/Text", &length);
    CHECK_INT(length, 1024 * 1024);
    chat_response_free(response);
    free(body);
    body = large_answer(1000 * 1000);
    CHECK_INT(code_of(answered(client, body)), CHAT_OK);
    free(body);
    chat_client_free(client);
}

static void refused_options_fail_the_call_and_send_nothing(void) {
    chat_client *client = emulator_client();
    chat_call_options *options = chat_call_options_new();
    chat_response *response;
    reset_emulator();
    CHECK_INT(chat_call_options_set_timeout_ms(options, 0), CHAT_ERR_INVALID_ARGUMENT);
    CHECK_HAS(chat_call_options_message(options), "timeout_ms");
    response = delete_with(client, GROUP, options);
    CHECK_INT(chat_response_code(response), CHAT_ERR_INVALID_ARGUMENT);
    CHECK_HAS(chat_response_message(response, NULL), "timeout_ms");
    chat_response_free(response);
    CHECK_INT(requests_seen(), 0);
    CHECK_INT(chat_call_options_set_timeout_ms(options, 5000), CHAT_OK);
    CHECK_STR(chat_call_options_message(options), "");
    CHECK_INT(code_of(delete_with(client, GROUP, options)), CHAT_SERVICE_GROUP_NOT_FOUND);
    chat_call_options_free(options);
    chat_client_free(client);
}

static void the_generic_call_sends_the_json_as_it_is(void) {
    static const char json[] = "{ \"From_Account\" : \"" USER "\" , \"StartIndex\":0 }trailing";
    chat_client *client = emulator_client();
    chat_response *response = NULL;
    reset_emulator();
    CHECK_INT(chat_call(client, GET_PATH, json, sizeof json - sizeof "trailing", NULL, &response), CHAT_OK); /* the length counts */
    CHECK_INT(chat_response_has(response, "/CompleteFlag"), 1);
    chat_response_free(response);
    CHECK(log_holds("\"{ \\\"From_Account\\\" : \\\"" USER "\\\" , \\\"StartIndex\\\":0 }\""));
    CHECK_INT(code_of(call(client, GET_PATH, NULL)), CHAT_SERVICE_INVALID_PARAMETER);
    CHECK(log_holds("\"body\":\"{}\""));
    CHECK_INT(code_of(call(client, "v4/recentcontact/no_such_command", "{}")), 60009);
    chat_client_free(client);
}

int main(int argc, char **argv) {
    find_emulator(argc, argv);
    KEEP(members_are_found_by_their_json_pointer);
    KEEP(slash_and_tilde_in_a_name_are_escaped_in_the_pointer);
    KEEP(what_is_absent_or_null_reads_as_nothing);
    KEEP(numbers_keep_64_bits_and_may_come_as_text);
    KEEP(a_text_with_nul_characters_keeps_its_length_and_a_message_shows_them);
    KEEP(a_typed_call_reads_at_most_a_mebibyte_and_the_generic_one_eight);
    KEEP(refused_options_fail_the_call_and_send_nothing);
    KEEP(the_generic_call_sends_the_json_as_it_is);
    return broken_promises != 0;
}
