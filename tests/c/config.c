/* The settings: each refuses what breaks its rule, by name; a refusal is remembered; contradictions are CONFIG; and each setting
 * that is accepted shows at the service. */
#include "client.h"

static void text_that_is_not_utf8_is_refused_with_a_code_of_its_own(void) {
    chat_config *config = chat_config_new();
    CHECK_INT(chat_config_set_region(config, "tok\xff"), CHAT_ERR_INVALID_UTF8);
    CHECK_HAS(chat_config_message(config), "name is not valid UTF-8 at byte 3");
    CHECK_INT(chat_config_set_ca_file(config, "\xc3("), CHAT_ERR_INVALID_UTF8);
    chat_config_free(config);
}

static void a_refused_setting_fails_the_client_until_it_is_made_good(void) {
    chat_config *config = emulator_config();
    chat_client *client = NULL;
    chat_response *error = NULL;
    CHECK_INT(chat_config_set_timeout_ms(config, 0), CHAT_ERR_INVALID_ARGUMENT);
    CHECK_INT(chat_config_set_max_connections(config, 8), CHAT_OK);
    CHECK_STR(chat_config_message(config), "");
    CHECK_INT(chat_client_new(config, &client, &error), CHAT_ERR_INVALID_ARGUMENT);
    CHECK_HAS(chat_response_message(error, NULL), "timeout_ms");
    CHECK(client == NULL);
    chat_response_free(error);
    CHECK_INT(chat_config_set_timeout_ms(config, 5000), CHAT_OK);
    CHECK_INT(chat_client_new(config, &client, &error), CHAT_OK);
    CHECK(client != NULL && error == NULL);
    chat_client_free(client);
    chat_config_free(config);
}

static void a_proxy_is_used_and_taken_back_by_null(void) {
    chat_config *config = emulator_config();
    chat_client *client;
    chat_response *response;
    CHECK_INT(chat_config_set_proxy(config, "http://127.0.0.1:1"), CHAT_OK); /* port 1: nobody listens */
    client = client_from(config);
    response = delete_group(client, GROUP);
    CHECK_INT(chat_response_code(response), CHAT_ERR_TRANSPORT);
    CHECK_INT(chat_response_is_in_doubt(response), 0);
    chat_response_free(response);
    chat_client_free(client);
    config = emulator_config();
    chat_config_set_proxy(config, "http://127.0.0.1:1");
    CHECK_INT(chat_config_set_proxy(config, NULL), CHAT_OK);
    client = client_from(config);
    CHECK_INT(code_of(delete_group(client, GROUP)), CHAT_SERVICE_GROUP_NOT_FOUND);
    chat_client_free(client);
}

static void settings_may_be_changed_and_freed_once_a_client_is_made(void) {
    chat_config *config = emulator_config();
    chat_client *first = NULL, *second = NULL;
    CHECK_INT(chat_client_new(config, &first, NULL), CHAT_OK);
    chat_config_set_secret_key(config, WRONG_KEY);
    CHECK_INT(chat_client_new(config, &second, NULL), CHAT_OK);
    chat_config_free(config);
    CHECK_INT(code_of(delete_group(first, GROUP)), CHAT_SERVICE_GROUP_NOT_FOUND);
    CHECK_INT(code_of(delete_group(second, GROUP)), CHAT_SERVICE_USER_SIG_WRONG_KEY);
    chat_client_free(first);
    chat_client_free(second);
}

struct told {
    chat_client *client;
    int attempts;
    int inner;
    char last[1024];
};

static void note(const char *attempt_json, void *user) {
    struct told *told = user;
    ++told->attempts;
    snprintf(told->last, sizeof told->last, "%s", attempt_json);
    if (told->attempts == 2) told->inner = code_of(delete_group(told->client, GROUP));
}

static void a_hook_is_told_of_each_attempt_as_it_ends_and_may_call_itself(void) {
    struct told told = {NULL, 0, 0, ""};
    chat_config *config = emulator_config();
    chat_response *response;
    char expected[1024];
    reset_emulator();
    CHECK_INT(chat_config_set_attempt_hook(config, note, &told), CHAT_OK);
    told.client = client_from(config);
    add_fault("{\"code\":50004}"); /* repeated after a moment */
    response = delete_group(told.client, GROUP);
    CHECK_INT(chat_response_attempts(response), 2);
    CHECK_INT(told.inner, CHAT_SERVICE_GROUP_NOT_FOUND);
    CHECK_INT(told.attempts, 3);
    chat_response_free(response);
    response = delete_group(told.client, GROUP);
    snprintf(expected, sizeof expected, "[%s]", told.last);
    CHECK_STR(chat_response_trace(response), expected);
    CHECK_HAS(told.last, "\"attempt\":1,\"code\":51009,");
    chat_response_free(response);
    chat_client_free(told.client);
}

int main(int argc, char **argv) {
    find_emulator(argc, argv);
    KEEP(text_that_is_not_utf8_is_refused_with_a_code_of_its_own);
    KEEP(a_refused_setting_fails_the_client_until_it_is_made_good);
    KEEP(a_proxy_is_used_and_taken_back_by_null);
    KEEP(a_hook_is_told_of_each_attempt_as_it_ends_and_may_call_itself);
    KEEP(settings_may_be_changed_and_freed_once_a_client_is_made);
    return broken_promises != 0;
}
