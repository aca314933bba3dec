/* The settings: each refuses what breaks its rule, by name; a refusal is remembered; contradictions are CONFIG; and each setting
 * that is accepted shows at the service. */
#include "client.h"

static void expect_refused(const char *what, chat_config *config, int code, const char *part) {
    check_int(__FILE__, __LINE__, what, code, CHAT_ERR_INVALID_ARGUMENT);
    check_has(__FILE__, __LINE__, what, chat_config_message(config), part);
    chat_config_free(config);
}

/* Makes a client that has to fail; frees the settings. */
static void expect_no_client(int line, chat_config *config, int code, const char *part) {
    chat_client *client = NULL;
    chat_response *error = NULL;
    check_int(__FILE__, line, "chat_client_new", chat_client_new(config, &client, &error), code);
    check_int(__FILE__, line, "chat_response_code", chat_response_code(error), code);
    check_has(__FILE__, line, "message", chat_response_message(error, NULL), part);
    if (client != NULL) broken(__FILE__, line, "a client was made all the same");
    chat_response_free(error);
    chat_client_free(client);
    chat_config_free(config);
}

static void an_unknown_region_is_refused_with_the_list(void) {
    static const char *const regions[] = {"china", "singapore", "seoul", "tokyo", "frankfurt", "silicon_valley", "jakarta", "riyadh"};
    chat_config *config = chat_config_new();
    size_t i;
    CHECK_INT(chat_config_set_region(config, "mumbai"), CHAT_ERR_INVALID_ARGUMENT);
    for (i = 0; i < sizeof regions / sizeof *regions; ++i) CHECK_HAS(chat_config_message(config), regions[i]);
    CHECK_HAS(chat_config_message(config), "base URL");
    for (i = 0; i < sizeof regions / sizeof *regions; ++i) {
        CHECK_INT(chat_config_set_region(config, regions[i]), CHAT_OK);
        CHECK_STR(chat_config_message(config), "");
    }
    chat_config_free(config);
}

static void a_text_that_breaks_its_rule_is_refused_by_name(void) {
    static const struct {
        int (*set)(chat_config *, const char *);
        const char *value;
        const char *part;
    } refused[] = {
        {chat_config_set_region, "", "region"},
        {chat_config_set_region, "Tokyo", "region"},
        {chat_config_set_base_url, "", "base_url"},
        {chat_config_set_base_url, "localhost:80", "base_url"},
        {chat_config_set_base_url, "ftp://host", "https"},
        {chat_config_set_base_url, "https://user:pass@host", "user name"},
        {chat_config_set_base_url, "https://host/v4", "path"},
        {chat_config_set_base_url, "https://host?x=1", "only scheme, host and port"},
        {chat_config_set_base_url, "https://host:0", "port"},
        {chat_config_set_base_url, "https://host:65536", "base_url"},
        {chat_config_set_standby_url, "", "standby_url"},
        {chat_config_set_standby_url, "https://host/v4", "path"},
        {chat_config_set_identifier, "", "identifier"},
        {chat_config_set_identifier, "123456789012345678901234567890123", "33 bytes"},
        {chat_config_set_identifier, "管理者", "printable ASCII"},
        {chat_config_set_secret_key, "", "secret_key"},
        {chat_config_set_secret_key, "two words", "secret_key"},
        {chat_config_set_user_sig, "", "user_sig"},
        {chat_config_set_user_sig, "eJw+/=", "user_sig"},
        {chat_config_set_ca_file, "", "ca_file"},
        {chat_config_add_ca_file, "", "add_ca_file"},
        {chat_config_set_proxy, "", "proxy"},
        {chat_config_set_proxy, "socks5://127.0.0.1:1080", "socks5"},
        {chat_config_set_proxy, "https://proxy:8080", "https"},
        {chat_config_set_user_agent, "line\r\nbreak", "user_agent"},
    };
    size_t i;
    for (i = 0; i < sizeof refused / sizeof *refused; ++i) {
        chat_config *config = chat_config_new();
        const int code = refused[i].set(config, refused[i].value);
        expect_refused(refused[i].value, config, code, refused[i].part);
    }
}

static void a_number_that_breaks_its_rule_is_refused_by_name(void) {
    static const struct {
        int (*set)(chat_config *, uint32_t);
        uint32_t value;
        const char *part;
    } refused[] = {
        {chat_config_set_sdk_app_id, 0, "sdk_app_id"},
        {chat_config_set_timeout_ms, 0, "timeout_ms"},
        {chat_config_set_connect_timeout_ms, 0, "connect_timeout_ms"},
        {chat_config_set_attempt_timeout_ms, 0, "attempt_timeout_ms"},
        {chat_config_set_max_attempts, 0, "max_attempts"},
        {chat_config_set_max_attempts, 11, "max_attempts"},
        {chat_config_set_rate_limit, 10001, "rate_limit"},
        {chat_config_set_user_sig_lifetime_s, 0, "user_sig_lifetime_s"},
        {chat_config_set_user_sig_lifetime_s, 59, "user_sig_lifetime_s"},
        {chat_config_set_user_sig_lifetime_s, UINT32_MAX, "user_sig_lifetime_s"},
        {chat_config_set_max_connections, 0, "max_connections"},
        {chat_config_set_max_connections, 10001, "max_connections"},
        {chat_config_set_idle_timeout_ms, 0, "idle_timeout_ms"},
        {chat_config_set_tcp_keepalive_s, 32768, "tcp_keepalive_s"},
    };
    size_t i;
    for (i = 0; i < sizeof refused / sizeof *refused; ++i) {
        chat_config *config = chat_config_new();
        const int code = refused[i].set(config, refused[i].value);
        expect_refused(refused[i].part, config, code, refused[i].part);
    }
}

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

static void settings_that_contradict_each_other_are_config_errors(void) {
    chat_config *config = emulator_config();
    chat_config_set_region(config, "tokyo");
    expect_no_client(__LINE__, config, CHAT_ERR_CONFIG, "region and base_url are both set");
    config = emulator_config();
    chat_config_set_user_sig(config, "eJw_");
    expect_no_client(__LINE__, config, CHAT_ERR_CONFIG, "secret_key and user_sig are both set");
}

static chat_config *config_of_region(const char *region) {
    chat_config *config = chat_config_new();
    chat_config_set_region(config, region);
    chat_config_set_sdk_app_id(config, SDK_APP_ID);
    chat_config_set_identifier(config, ADMIN);
    chat_config_set_secret_key(config, KEY);
    return config;
}

static void a_standby_host_needs_a_region_that_has_one_or_an_address_for_a_base_url(void) {
    static const char *const regions[] = {"china", "singapore", "seoul", "tokyo", "frankfurt", "silicon_valley", "jakarta"};
    chat_config *config;
    size_t i;
    for (i = 0; i < sizeof regions / sizeof *regions; ++i) {
        config = config_of_region(regions[i]);
        CHECK_INT(chat_config_set_use_standby(config, 1), CHAT_OK);
        chat_client_free(client_from(config));
    }
    config = config_of_region("riyadh");
    CHECK_INT(chat_config_set_use_standby(config, 1), CHAT_OK);
    expect_no_client(__LINE__, config, CHAT_ERR_CONFIG, "standby");
    config = emulator_config();
    CHECK_INT(chat_config_set_use_standby(config, 1), CHAT_OK);
    expect_no_client(__LINE__, config, CHAT_ERR_CONFIG, "standby");
    config = config_of_region("china");
    CHECK_INT(chat_config_set_standby_url(config, "https://example.com"), CHAT_OK);
    expect_no_client(__LINE__, config, CHAT_ERR_CONFIG, "standby_url");
    config = emulator_config();
    CHECK_INT(chat_config_set_standby_url(config, "http://example.com"), CHAT_OK);
    expect_no_client(__LINE__, config, CHAT_ERR_CONFIG, "plain http");
}

static void each_setting_that_is_missing_is_named(void) {
    static const char *const named[] = {"region or base_url is missing", "sdk_app_id is missing", "identifier is missing",
                                        "secret_key or user_sig is missing"};
    int left_out;
    for (left_out = 0; left_out < 4; ++left_out) {
        chat_config *config = chat_config_new();
        if (left_out != 0) chat_config_set_region(config, "tokyo");
        if (left_out != 1) chat_config_set_sdk_app_id(config, SDK_APP_ID);
        if (left_out != 2) chat_config_set_identifier(config, ADMIN);
        if (left_out != 3) chat_config_set_secret_key(config, KEY);
        expect_no_client(__LINE__, config, CHAT_ERR_CONFIG, named[left_out]);
    }
}

static void plain_http_is_for_loopback_hosts_unless_allowed(void) {
    static const char *const loopback[] = {"http://localhost:1", "http://127.0.0.1", "http://[::1]:8080", "http://127.9.9.9"};
    static const char *const beyond[] = {"http://example.com", "http://10.0.0.1:80", "http://localhost.example.com"};
    chat_config *config;
    size_t i;
    for (i = 0; i < sizeof loopback / sizeof *loopback; ++i) {
        config = emulator_config();
        chat_config_set_base_url(config, loopback[i]);
        chat_client_free(client_from(config));
    }
    for (i = 0; i < sizeof beyond / sizeof *beyond; ++i) {
        config = emulator_config();
        CHECK_INT(chat_config_set_base_url(config, beyond[i]), CHAT_OK);
        expect_no_client(__LINE__, config, CHAT_ERR_CONFIG, "plain http");
        config = emulator_config();
        chat_config_set_base_url(config, beyond[i]);
        CHECK_INT(chat_config_set_allow_insecure_http(config, 1), CHAT_OK);
        chat_client_free(client_from(config));
    }
}

static void a_ca_file_that_cannot_be_used_is_named_when_the_client_is_made(void) {
    chat_config *config = emulator_config();
    chat_config_set_ca_file(config, "no/such/file.pem");
    expect_no_client(__LINE__, config, CHAT_ERR_CONFIG, "no/such/file.pem");
    config = emulator_config();
    chat_config_add_ca_file(config, "no/such/addition.pem");
    expect_no_client(__LINE__, config, CHAT_ERR_CONFIG, "no/such/addition.pem");
}

static void a_shared_limit_needs_a_library_that_was_built_with_it_and_a_name(void) {
    chat_config *config = emulator_config();
    CHECK_INT(chat_config_set_shared_limit(config, "redis://user:canary@host", NULL), CHAT_ERR_INVALID_ARGUMENT);
    CHECK_HAS(chat_config_message(config), "name");
    CHECK_INT(chat_config_set_shared_limit(config, "redis://user:canary@host", "name"), CHAT_ERR_INVALID_ARGUMENT);
    CHECK_HAS(chat_config_message(config), "FEATURES=redis");
    CHECK_LACKS(chat_config_message(config), "canary");
    CHECK_INT(chat_config_set_shared_limit(config, NULL, NULL), CHAT_OK);
    CHECK_INT(chat_config_set_shared_limit_fallback(config, 20), CHAT_OK);
    expect_no_client(__LINE__, config, CHAT_ERR_CONFIG, "no shared_limit");
}

static void a_key_or_password_never_stands_in_a_message(void) {
    chat_config *config = chat_config_new();
    chat_config_set_secret_key(config, "canary key");
    CHECK_LACKS(chat_config_message(config), "canary");
    chat_config_set_user_sig(config, "canary+sig");
    CHECK_LACKS(chat_config_message(config), "canary");
    chat_config_set_proxy(config, "socks5://user:canary@host");
    CHECK_LACKS(chat_config_message(config), "canary");
    chat_config_set_base_url(config, "https://user:canary@host");
    CHECK_LACKS(chat_config_message(config), "canary");
    chat_config_free(config);
}

/* The service's view of one call made with these settings, which are freed; to be freed. */
static char *log_after_a_call(chat_config *config, int expected) {
    chat_client *client = client_from(config);
    reset_emulator();
    CHECK_INT(code_of(delete_group(client, GROUP)), expected);
    chat_client_free(client);
    return admin("GET", "/log", "");
}

static void app_identifier_and_user_agent_reach_the_service(void) {
    chat_config *config = emulator_config();
    char *log;
    chat_config_set_user_agent(config, "ledger/7");
    log = log_after_a_call(config, CHAT_SERVICE_GROUP_NOT_FOUND);
    CHECK_HAS(log, "\"sdkappid\":\"1400000000\"");
    CHECK_HAS(log, "\"identifier\":\"administrator\"");
    CHECK_HAS(log, "\"contenttype\":\"json\"");
    CHECK_HAS(log, "tencent-chat/" CHAT_VERSION " ledger/7");
    free(log);
    config = emulator_config();
    chat_config_set_sdk_app_id(config, 1400000001);
    log = log_after_a_call(config, CHAT_SERVICE_SDK_APP_ID_NOT_FOUND);
    CHECK_HAS(log, "\"sdkappid\":\"1400000001\"");
    free(log);
    config = emulator_config();
    chat_config_set_identifier(config, "a b&c=d#%+");
    log = log_after_a_call(config, CHAT_SERVICE_ADMIN_REQUIRED);
    CHECK_HAS(log, "\"identifier\":\"a b&c=d#%+\"");
    free(log);
}

static void signatures_live_as_long_as_they_are_told_to(void) {
    chat_config *config = emulator_config();
    char *log;
    chat_client *client = client_from(config);
    reset_emulator();
    tell_emulator("PUT", "/clock", "{\"offset_s\":7200}");
    CHECK_INT(code_of(delete_group(client, GROUP)), CHAT_SERVICE_GROUP_NOT_FOUND); /* a day by default */
    chat_client_free(client);
    config = emulator_config();
    CHECK_INT(chat_config_set_user_sig_lifetime_s(config, 3600), CHAT_OK);
    client = client_from(config);
    CHECK_INT(code_of(delete_group(client, GROUP)), CHAT_SERVICE_USER_SIG_EXPIRED);
    log = admin("GET", "/log", "");
    CHECK_HAS(log, "\"total\":3"); /* one call, and one with its repeat under a new signature */
    free(log);
    chat_client_free(client);
    reset_emulator();
}

static void ca_files_decide_whom_to_trust(void) {
    char *tls = emulator_address("tls_url");
    chat_config *config = chat_config_new();
    chat_client *client;
    int way;
    chat_config_free(config);
    for (way = 0; way < 3; ++way) {
        config = chat_config_new();
        chat_config_set_base_url(config, tls);
        chat_config_set_sdk_app_id(config, SDK_APP_ID);
        chat_config_set_identifier(config, ADMIN);
        chat_config_set_secret_key(config, KEY);
        if (way == 1) chat_config_set_ca_file(config, place.ca_file);
        if (way == 2) chat_config_add_ca_file(config, place.ca_file);
        client = client_from(config);
        CHECK_INT(code_of(delete_group(client, GROUP)), way == 0 ? CHAT_ERR_TLS : CHAT_SERVICE_GROUP_NOT_FOUND);
        chat_client_free(client);
    }
    free(tls);
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
    KEEP(an_unknown_region_is_refused_with_the_list);
    KEEP(a_text_that_breaks_its_rule_is_refused_by_name);
    KEEP(a_number_that_breaks_its_rule_is_refused_by_name);
    KEEP(text_that_is_not_utf8_is_refused_with_a_code_of_its_own);
    KEEP(a_refused_setting_fails_the_client_until_it_is_made_good);
    KEEP(settings_that_contradict_each_other_are_config_errors);
    KEEP(a_standby_host_needs_a_region_that_has_one_or_an_address_for_a_base_url);
    KEEP(each_setting_that_is_missing_is_named);
    KEEP(plain_http_is_for_loopback_hosts_unless_allowed);
    KEEP(a_ca_file_that_cannot_be_used_is_named_when_the_client_is_made);
    KEEP(a_shared_limit_needs_a_library_that_was_built_with_it_and_a_name);
    KEEP(a_key_or_password_never_stands_in_a_message);
    KEEP(app_identifier_and_user_agent_reach_the_service);
    KEEP(signatures_live_as_long_as_they_are_told_to);
    KEEP(ca_files_decide_whom_to_trust);
    KEEP(a_proxy_is_used_and_taken_back_by_null);
    KEEP(a_hook_is_told_of_each_attempt_as_it_ends_and_may_call_itself);
    KEEP(settings_may_be_changed_and_freed_once_a_client_is_made);
    return broken_promises != 0;
}
