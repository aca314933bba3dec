/* The main job: a conversation group is deleted, what it answers, and which arguments are refused before anything is sent. */
#include "client.h"

/* 21 characters of 3 bytes and one of 1: 64 bytes. And 22 of 3: 66 bytes, though fewer than 64 characters. */
#define TEN "会議室会議室会議室会"
#define NAME_OF_64 TEN TEN "会x"
#define NAME_OF_65 TEN TEN "会xy"
#define NAME_OF_66 TEN TEN "会議"

static void a_group_is_deleted_and_named_in_the_answer(void) {
    chat_client *client = emulator_client();
    chat_response *response;
    int64_t id = 0;
    reset_emulator();
    create_group(client, "other");
    create_group(client, GROUP);
    response = delete_group(client, GROUP);
    CHECK_INT(chat_response_code(response), CHAT_OK);
    CHECK_STR(chat_response_message(response, NULL), "");
    CHECK_INT(chat_response_http_status(response), 200);
    CHECK_INT(chat_response_attempts(response), 1);
    CHECK_INT(chat_response_is_in_doubt(response), 0);
    CHECK_INT(chat_response_is_retriable(response), 0);
    CHECK_INT(chat_response_count(response, "/GroupItem"), 1);
    CHECK_STR(chat_response_str(response, "/GroupItem/0/GroupName", NULL), GROUP);
    CHECK_INT(chat_response_int(response, "/GroupItem/0/GroupId", &id), CHAT_OK);
    CHECK_INT(id, 2);
    chat_response_free(response);
    CHECK_INT(groups_held(client), 1);
    chat_client_free(client);
}

static void the_request_is_the_documented_one(void) {
    chat_client *client = emulator_client();
    reset_emulator();
    chat_response_free(delete_group(client, GROUP));
    CHECK(log_holds("\"path\":\"/v4/recentcontact/del_contact_group\""));
    CHECK(log_holds("\"method\":\"POST\""));
    CHECK(log_holds("{\\\"From_Account\\\":\\\"" USER "\\\",\\\"GroupName\\\":[\\\"" GROUP "\\\"]}"));
    chat_client_free(client);
}

static void a_second_delete_says_that_there_is_no_such_group(void) {
    chat_client *client = emulator_client();
    chat_response *response;
    reset_emulator();
    create_group(client, GROUP);
    CHECK_INT(code_of(delete_group(client, GROUP)), CHAT_OK);
    response = delete_group(client, GROUP);
    CHECK_INT(chat_response_code(response), CHAT_SERVICE_GROUP_NOT_FOUND);
    CHECK_HAS(chat_response_message(response, NULL), chat_strerror(CHAT_SERVICE_GROUP_NOT_FOUND));
    CHECK_HAS(chat_response_message(response, NULL), "the service says: \"");
    CHECK_INT(chat_response_is_in_doubt(response), 0);
    CHECK_INT(chat_response_is_retriable(response), 0);
    CHECK_HAS(chat_response_body(response, NULL), "51009");
    chat_response_free(response);
    chat_client_free(client);
}

static void names_are_compared_byte_for_byte(void) {
    chat_client *client = emulator_client();
    reset_emulator();
    create_group(client, "Group");
    CHECK_INT(code_of(delete_group(client, "group")), CHAT_SERVICE_GROUP_NOT_FOUND);
    CHECK_INT(code_of(delete_group(client, "Group ")), CHAT_SERVICE_GROUP_NOT_FOUND);
    CHECK_INT(code_of(delete_group(client, "Group")), CHAT_OK);
    chat_client_free(client);
}

static void characters_that_json_escapes_arrive_as_they_are(void) {
    static const struct {
        const char *name;
        const char *json;
    } names[] = {
        {"a\"b", "a\\\"b"},     {"back\\slash", "back\\\\slash"},   {"tab\there", "tab\\there"},     {"\x01\x1f", "\\u0001\\u001f"},
        {"a/b", "a\\/b"},       {"</script>", "</script>"},         {"🗂", "\\ud83d\\uddc2"},         {"{\"a\":1}", "{\\\"a\\\":1}"},
    };
    chat_client *client = emulator_client();
    size_t i;
    reset_emulator();
    for (i = 0; i < sizeof names / sizeof *names; ++i) {
        chat_response *response;
        create_group(client, names[i].json);
        response = delete_group(client, names[i].name);
        check_int(__FILE__, __LINE__, names[i].json, chat_response_code(response), CHAT_OK);
        CHECK_STR(chat_response_str(response, "/GroupItem/0/GroupName", NULL), names[i].name);
        chat_response_free(response);
    }
    chat_client_free(client);
}

static void expect_local_refusal(const chat_client *client, const char *user, const char *name, int code, const char *part) {
    chat_response *response = NULL;
    CHECK_INT(chat_del_contact_group(client, user, name, NULL, &response), code);
    CHECK_INT(chat_response_code(response), code);
    CHECK_HAS(chat_response_message(response, NULL), part);
    CHECK_INT(chat_response_attempts(response), 0);
    CHECK_INT(chat_response_is_in_doubt(response), 0);
    CHECK_INT(chat_response_http_status(response), 0);
    CHECK_STR(chat_response_trace(response), "[]");
    chat_response_free(response);
}

static void what_is_refused_here_costs_no_request(void) {
    chat_client *client = emulator_client();
    reset_emulator();
    expect_local_refusal(client, "", GROUP, CHAT_ERR_INVALID_ARGUMENT, "from_account is empty");
    expect_local_refusal(client, USER, "", CHAT_ERR_INVALID_ARGUMENT, "group_name is empty");
    expect_local_refusal(client, "\xe4\xbc", GROUP, CHAT_ERR_INVALID_UTF8, "from_account is not valid UTF-8 at byte 0");
    expect_local_refusal(client, USER, "abc\xff", CHAT_ERR_INVALID_UTF8, "group_name is not valid UTF-8 at byte 3");
    expect_local_refusal(client, USER, NAME_OF_65, CHAT_ERR_INVALID_ARGUMENT, "group_name has 65 bytes of UTF-8; the limit is 64");
    expect_local_refusal(client, USER, NAME_OF_66, CHAT_ERR_INVALID_ARGUMENT, "group_name has 66 bytes of UTF-8; the limit is 64");
    expect_local_refusal(client, USER, NAME_OF_66, CHAT_ERR_INVALID_ARGUMENT, "51011");
    CHECK_INT(requests_seen(), 0);
    chat_client_free(client);
}

static void a_name_of_64_bytes_is_sent_and_deleted(void) {
    chat_client *client = emulator_client();
    reset_emulator();
    CHECK_INT(strlen(NAME_OF_64), 64);
    create_group(client, NAME_OF_64);
    CHECK_INT(code_of(delete_group(client, NAME_OF_64)), CHAT_OK);
    chat_client_free(client);
}

static void without_local_limits_the_service_decides(void) {
    chat_config *config = emulator_config();
    chat_client *client;
    chat_response *response;
    CHECK_INT(chat_config_set_local_limits(config, 0), CHAT_OK);
    client = client_from(config);
    reset_emulator();
    response = delete_group(client, NAME_OF_65);
    CHECK_INT(chat_response_code(response), CHAT_SERVICE_GROUP_NAME_TOO_LONG);
    CHECK_INT(chat_response_attempts(response), 1);
    chat_response_free(response);
    CHECK_INT(requests_seen(), 1);
    expect_local_refusal(client, USER, "", CHAT_ERR_INVALID_ARGUMENT, "group_name is empty"); /* a shape, no limit */
    CHECK_INT(requests_seen(), 1);
    chat_client_free(client);
}

static void a_conversation_in_two_groups_keeps_the_other_one(void) {
    static const char member[] = "{\"From_Account\":\"" USER "\",\"GroupContactItem\":[{\"GroupName\":\"%s\",\"ContactItem\":"
                                 "[{\"Type\":1,\"To_Account\":\"user_0002\"}]}]}";
    chat_client *client = emulator_client();
    chat_response *response;
    char json[512];
    int64_t kept = 0;
    reset_emulator();
    snprintf(json, sizeof json, member, "first");
    CHECK_INT(code_of(call(client, CREATE_PATH, json)), CHAT_OK);
    snprintf(json, sizeof json, member, "second");
    CHECK_INT(code_of(call(client, CREATE_PATH, json)), CHAT_OK);
    CHECK_INT(code_of(delete_group(client, "first")), CHAT_OK);
    response = call(client, GET_PATH, "{\"From_Account\":\"" USER "\",\"StartIndex\":0}");
    CHECK_INT(chat_response_count(response, "/ContactItem"), 1);
    CHECK_INT(chat_response_count(response, "/ContactItem/0/ContactGroupId"), 1);
    CHECK_INT(chat_response_int(response, "/ContactItem/0/ContactGroupId/0", &kept), CHAT_OK);
    CHECK_INT(kept, 2);
    chat_response_free(response);
    chat_client_free(client);
}

static void an_answer_without_items_is_success(void) {
    chat_client *client = emulator_client();
    chat_response *response;
    reset_emulator();
    answer_next(200, "{\"GroupItem\":[],\"ActionStatus\":\"OK\",\"ErrorCode\":0,\"ErrorInfo\":\"\"}");
    response = delete_group(client, GROUP);
    CHECK_INT(chat_response_code(response), CHAT_OK);
    CHECK_INT(chat_response_count(response, "/GroupItem"), 0);
    chat_response_free(response);
    chat_client_free(client);
}

int main(int argc, char **argv) {
    find_emulator(argc, argv);
    KEEP(a_group_is_deleted_and_named_in_the_answer);
    KEEP(the_request_is_the_documented_one);
    KEEP(a_second_delete_says_that_there_is_no_such_group);
    KEEP(names_are_compared_byte_for_byte);
    KEEP(characters_that_json_escapes_arrive_as_they_are);
    KEEP(what_is_refused_here_costs_no_request);
    KEEP(a_name_of_64_bytes_is_sent_and_deleted);
    KEEP(without_local_limits_the_service_decides);
    KEEP(a_conversation_in_two_groups_keeps_the_other_one);
    KEEP(an_answer_without_items_is_success);
    return broken_promises != 0;
}
