/* NULL for every pointer of every exported function: never a crash, always the code INVALID_ARGUMENT and a message that names
 * the argument, or the harmless answer that the header promises. tests/abi/capi.rs checks that no function is left out.
 * And, for every text of every command, one that is not UTF-8, which JSON, and so the suite of promises, cannot hold. */
#include "client.h"
#include "commands.h"

typedef int (*text_setter)(chat_config *, const char *);
typedef int (*number_setter)(chat_config *, uint32_t);
typedef int (*switch_setter)(chat_config *, int);

static const struct {
    const char *name;
    text_setter set;
    const char *argument;
} text_setters[] = {
    {"chat_config_set_region", chat_config_set_region, "name"},
    {"chat_config_set_base_url", chat_config_set_base_url, "url"},
    {"chat_config_set_standby_url", chat_config_set_standby_url, "url"},
    {"chat_config_set_identifier", chat_config_set_identifier, "admin"},
    {"chat_config_set_secret_key", chat_config_set_secret_key, "key"},
    {"chat_config_set_user_sig", chat_config_set_user_sig, "sig"},
    {"chat_config_set_ca_file", chat_config_set_ca_file, "path"},
    {"chat_config_add_ca_file", chat_config_add_ca_file, "path"},
    {"chat_config_set_user_agent", chat_config_set_user_agent, "suffix"},
    {"chat_config_set_proxy", chat_config_set_proxy, NULL}, /* NULL means no proxy */
};

static const struct {
    const char *name;
    number_setter set;
} number_setters[] = {
    {"chat_config_set_sdk_app_id", chat_config_set_sdk_app_id},
    {"chat_config_set_timeout_ms", chat_config_set_timeout_ms},
    {"chat_config_set_attempt_timeout_ms", chat_config_set_attempt_timeout_ms},
    {"chat_config_set_connect_timeout_ms", chat_config_set_connect_timeout_ms},
    {"chat_config_set_user_sig_lifetime_s", chat_config_set_user_sig_lifetime_s},
    {"chat_config_set_max_connections", chat_config_set_max_connections},
    {"chat_config_set_max_attempts", chat_config_set_max_attempts},
    {"chat_config_set_rate_limit", chat_config_set_rate_limit},
    {"chat_config_set_shared_limit_fallback", chat_config_set_shared_limit_fallback},
    {"chat_config_set_idle_timeout_ms", chat_config_set_idle_timeout_ms},
    {"chat_config_set_tcp_keepalive_s", chat_config_set_tcp_keepalive_s},
};

static const struct {
    const char *name;
    switch_setter set;
} switch_setters[] = {
    {"chat_config_set_allow_insecure_http", chat_config_set_allow_insecure_http},
    {"chat_config_set_local_limits", chat_config_set_local_limits},
    {"chat_config_set_use_standby", chat_config_set_use_standby},
    {"chat_config_set_system_ca", chat_config_set_system_ca},
};

#define COUNT(table) (sizeof(table) / sizeof *(table))

static void a_setter_of_a_null_config_is_refused(void) {
    size_t i;
    CHECK_INT(chat_config_set_shared_limit(NULL, "redis://host", "name"), CHAT_ERR_INVALID_ARGUMENT);
    CHECK_INT(chat_config_set_client_certificate(NULL, "certificate", "key"), CHAT_ERR_INVALID_ARGUMENT);
    CHECK_INT(chat_config_set_metric_label(NULL, "client", "a"), CHAT_ERR_INVALID_ARGUMENT);
    CHECK_INT(chat_config_set_attempt_hook(NULL, NULL, NULL), CHAT_ERR_INVALID_ARGUMENT);
    for (i = 0; i < COUNT(text_setters); ++i) {
        check_int(__FILE__, __LINE__, text_setters[i].name, text_setters[i].set(NULL, "x"), CHAT_ERR_INVALID_ARGUMENT);
    }
    for (i = 0; i < COUNT(number_setters); ++i) {
        check_int(__FILE__, __LINE__, number_setters[i].name, number_setters[i].set(NULL, 1000), CHAT_ERR_INVALID_ARGUMENT);
    }
    for (i = 0; i < COUNT(switch_setters); ++i) {
        check_int(__FILE__, __LINE__, switch_setters[i].name, switch_setters[i].set(NULL, 1), CHAT_ERR_INVALID_ARGUMENT);
    }
    CHECK_STR(chat_config_message(NULL), "config is NULL");
}

static void a_null_text_is_refused_by_name_and_remembered(void) {
    size_t i;
    for (i = 0; i < COUNT(text_setters); ++i) {
        chat_config *config = emulator_config();
        chat_client *client = NULL;
        chat_response *error = NULL;
        char message[64];
        const int refused = text_setters[i].argument != NULL;
        const int code = text_setters[i].set(config, NULL);
        check_int(__FILE__, __LINE__, text_setters[i].name, code, refused ? CHAT_ERR_INVALID_ARGUMENT : CHAT_OK);
        snprintf(message, sizeof message, "%s is NULL", refused ? text_setters[i].argument : "");
        check_str(__FILE__, __LINE__, text_setters[i].name, chat_config_message(config), refused ? message : "");
        check_int(__FILE__, __LINE__, text_setters[i].name, chat_client_new(config, &client, &error), code);
        CHECK_STR(chat_response_message(error, NULL), refused ? message : "");
        chat_response_free(error);
        chat_client_free(client);
        chat_config_free(config);
    }
}

static void a_setter_of_null_options_is_refused(void) {
    CHECK_INT(chat_call_options_set_timeout_ms(NULL, 1000), CHAT_ERR_INVALID_ARGUMENT);
    CHECK_INT(chat_call_options_set_attempt_timeout_ms(NULL, 1000), CHAT_ERR_INVALID_ARGUMENT);
    CHECK_INT(chat_call_options_set_connect_timeout_ms(NULL, 1000), CHAT_ERR_INVALID_ARGUMENT);
    CHECK_INT(chat_call_options_set_max_attempts(NULL, 1), CHAT_ERR_INVALID_ARGUMENT);
    CHECK_INT(chat_call_options_set_repeat_in_doubt(NULL, 1), CHAT_ERR_INVALID_ARGUMENT);
    CHECK_INT(chat_call_options_set_random(NULL, 7), CHAT_ERR_INVALID_ARGUMENT);
    CHECK_INT(chat_call_options_set_cancel(NULL, NULL), CHAT_ERR_INVALID_ARGUMENT);
    CHECK_INT(chat_call_options_set_interrupt(NULL, NULL, NULL), CHAT_ERR_INVALID_ARGUMENT);
    CHECK_STR(chat_call_options_message(NULL), "options is NULL");
}

static void a_null_token_or_callback_takes_it_away(void) {
    chat_client *client = emulator_client();
    chat_call_options *options = chat_call_options_new();
    chat_cancel *cancel = chat_cancel_new();
    chat_cancel_trigger(cancel);
    CHECK_INT(chat_call_options_set_cancel(options, cancel), CHAT_OK);
    CHECK_INT(code_of(delete_with(client, GROUP, options)), CHAT_ERR_CANCELLED);
    CHECK_INT(chat_call_options_set_cancel(options, NULL), CHAT_OK);
    CHECK_INT(chat_call_options_set_interrupt(options, NULL, NULL), CHAT_OK);
    CHECK_INT(code_of(delete_with(client, GROUP, options)), CHAT_SERVICE_GROUP_NOT_FOUND);
    chat_call_options_free(options);
    chat_cancel_free(cancel);
    chat_client_free(client);
}

static void a_new_client_needs_settings_and_a_place(void) {
    chat_config *config = emulator_config();
    chat_client *client = (chat_client *)config; /* anything but NULL: it has to be overwritten */
    chat_response *error = NULL;
    CHECK_INT(chat_client_new(NULL, &client, &error), CHAT_ERR_INVALID_ARGUMENT);
    CHECK_STR(chat_response_message(error, NULL), "config is NULL");
    CHECK(client == NULL);
    chat_response_free(error);
    CHECK_INT(chat_client_new(config, NULL, &error), CHAT_ERR_INVALID_ARGUMENT);
    CHECK_STR(chat_response_message(error, NULL), "client is NULL");
    chat_response_free(error);
    CHECK_INT(chat_client_new(NULL, NULL, NULL), CHAT_ERR_INVALID_ARGUMENT);
    CHECK_INT(chat_client_new(config, &client, NULL), CHAT_OK);
    chat_client_free(client);
    chat_config_free(config);
}

static void a_new_credential_that_is_null_is_refused(void) {
    chat_client *client = emulator_client();
    CHECK_INT(chat_client_set_secret_key(NULL, KEY), CHAT_ERR_INVALID_ARGUMENT);
    CHECK_INT(chat_client_set_secret_key(client, NULL), CHAT_ERR_INVALID_ARGUMENT);
    CHECK_INT(chat_client_set_user_sig(NULL, "x"), CHAT_ERR_INVALID_ARGUMENT);
    CHECK_INT(chat_client_set_user_sig(client, NULL), CHAT_ERR_INVALID_ARGUMENT);
    chat_client_free(client);
}

static void expect_refusal(int line, int code, chat_response *response, const char *message) {
    check_int(__FILE__, line, "code", code, CHAT_ERR_INVALID_ARGUMENT);
    check_int(__FILE__, line, "chat_response_code", chat_response_code(response), CHAT_ERR_INVALID_ARGUMENT);
    check_str(__FILE__, line, "message", chat_response_message(response, NULL), message);
    check_int(__FILE__, line, "in doubt", chat_response_is_in_doubt(response), 0);
    check_int(__FILE__, line, "attempts", chat_response_attempts(response), 0);
    chat_response_free(response);
}

static void a_null_list_or_text_is_refused_when_an_item_is_added(void) {
    chat_contacts *contacts = chat_contacts_new();
    chat_marks *marks = chat_marks_new();
    chat_accounts *accounts = chat_accounts_new();
    CHECK(contacts != NULL && marks != NULL && accounts != NULL);
    CHECK_INT(chat_contacts_add(NULL, CHAT_ONE_TO_ONE, "x"), CHAT_ERR_INVALID_ARGUMENT);
    CHECK_INT(chat_contacts_add(contacts, CHAT_ONE_TO_ONE, NULL), CHAT_ERR_INVALID_ARGUMENT);
    CHECK_INT(chat_marks_add(NULL, CHAT_ONE_TO_ONE, "x", 1, 0, NULL), CHAT_ERR_INVALID_ARGUMENT);
    CHECK_INT(chat_marks_add(marks, CHAT_ONE_TO_ONE, NULL, 1, 0, NULL), CHAT_ERR_INVALID_ARGUMENT);
    CHECK_INT(chat_accounts_add(NULL, "x", NULL, NULL), CHAT_ERR_INVALID_ARGUMENT);
    CHECK_INT(chat_accounts_add(accounts, NULL, NULL, NULL), CHAT_ERR_INVALID_ARGUMENT);
    chat_contacts_free(contacts);
    chat_marks_free(marks);
    chat_accounts_free(accounts);
}

/* Complete arguments of every call, except one that is missing or not UTF-8; and the names of the texts that a call asked for. */
static struct {
    chat_client *client;
    chat_contacts *contacts;
    chat_marks *marks;
    chat_accounts *accounts;
    const char *missing, *broken;
    const char *texts[8];
    size_t asked;
} whole;

static void make_whole(void) {
    whole.client = emulator_client();
    whole.contacts = chat_contacts_new();
    whole.marks = chat_marks_new();
    whole.accounts = chat_accounts_new();
    whole.missing = whole.broken = "";
    CHECK_INT(chat_contacts_add(whole.contacts, CHAT_ONE_TO_ONE, "user_0002"), CHAT_OK);
    CHECK_INT(chat_marks_add(whole.marks, CHAT_ONE_TO_ONE, "user_0002", 1, 0, NULL), CHAT_OK);
    CHECK_INT(chat_accounts_add(whole.accounts, USER, NULL, NULL), CHAT_OK);
    reset_emulator();
}

static void free_whole(void) {
    chat_contacts_free(whole.contacts);
    chat_marks_free(whole.marks);
    chat_accounts_free(whole.accounts);
    chat_client_free(whole.client);
}

static int is_missing(const char *name) { return strcmp(name, whole.missing) == 0; }

static const char *text_of(void *from, const char *name) {
    (void)from;
    if (whole.asked < COUNT(whole.texts)) whole.texts[whole.asked++] = name;
    if (is_missing(name)) return NULL;
    if (strcmp(name, whole.broken) == 0) return "\xe4\xbc";
    if (strcmp(name, "group_name") == 0) return GROUP;
    if (strcmp(name, "path") == 0) return GET_PATH;
    return strcmp(name, "json") == 0 ? "{}" : strcmp(name, "id") == 0 ? "user_0002" : USER;
}

static int64_t number_of(void *from, const char *name) {
    (void)from;
    return strcmp(name, "json_len") == 0 ? 2 : strcmp(name, "type") == 0 ? CHAT_ONE_TO_ONE : 0;
}

static const chat_contacts *contacts_of(void *from, const char *name) {
    (void)from;
    return is_missing(name) ? NULL : whole.contacts;
}

static const chat_marks *marks_of(void *from, const char *name) {
    (void)from;
    return is_missing(name) ? NULL : whole.marks;
}

static const chat_accounts *accounts_of(void *from, const char *name) {
    (void)from;
    return is_missing(name) ? NULL : whole.accounts;
}

static const struct giver giver = {text_of, number_of, contacts_of, marks_of, accounts_of, NULL};

/* A call, written with `client`, `user` and so on, has to refuse NULL for the argument. */
#define REFUSES(argument, call_with)                                      \
    do {                                                                  \
        chat_response *response = NULL;                                   \
        const int code = call_with;                                       \
        expect_refusal(__LINE__, code, response, argument " is NULL");    \
    } while (0)

static void every_command_refuses_null_by_name_and_sends_nothing(void) {
    size_t i, k;
    make_whole();
    for (i = 0; i < COUNT(commands); ++i) {
        REFUSES("client", commands[i].call(NULL, &giver, NULL, &response));
        for (k = 0; k < COUNT(commands[i].needed) && commands[i].needed[k] != NULL; ++k) {
            chat_response *response = NULL;
            char message[64];
            int code;
            whole.missing = commands[i].needed[k];
            code = commands[i].call(whole.client, &giver, NULL, &response);
            whole.missing = "";
            snprintf(message, sizeof message, "%s is NULL", commands[i].needed[k]);
            expect_refusal(__LINE__, code, response, message);
        }
    }
    CHECK_INT(requests_seen(), 0);
    free_whole();
}

static void every_text_that_is_not_utf8_is_refused_by_name_and_sends_nothing(void) {
    size_t i, k, texts = 0;
    chat_items *items = NULL;
    chat_response *response = NULL;
    make_whole();
    for (i = 0; i < COUNT(commands); ++i) {
        size_t asked;
        whole.asked = 0;
        commands[i].call(NULL, &giver, NULL, NULL); /* refused; what it takes was asked for */
        asked = whole.asked;
        for (k = 0; k < asked; ++k, ++texts) {
            whole.broken = whole.texts[k];
            check_int(__FILE__, __LINE__, commands[i].name, commands[i].call(whole.client, &giver, NULL, &response), CHAT_ERR_INVALID_UTF8);
            CHECK(strncmp(chat_response_message(response, NULL), whole.broken, strlen(whole.broken)) == 0);
            CHECK_HAS(chat_response_message(response, NULL), " is not valid UTF-8");
            CHECK_INT(chat_response_attempts(response), 0);
            chat_response_free(response);
            whole.broken = "";
        }
    }
    CHECK(texts > 20);
    CHECK_INT(chat_contact_group_items(whole.client, "\xff", &items, &response), CHAT_ERR_INVALID_UTF8);
    CHECK(items == NULL);
    CHECK_HAS(chat_response_message(response, NULL), "from_account is not valid UTF-8 at byte 0");
    chat_response_free(response);
    CHECK_INT(requests_seen(), 0);
    free_whole();
}

static void a_signature_without_its_texts_is_refused_by_name(void) {
    REFUSES("identifier", chat_user_sig_new(1, NULL, "key", 60, &response));
    REFUSES("secret_key", chat_user_sig_new(1, USER, NULL, 60, &response));
    REFUSES("identifier", chat_private_map_key_new(1, NULL, "key", 60, 1, NULL, 255, &response));
    REFUSES("secret_key", chat_private_map_key_new(1, USER, NULL, 60, 1, NULL, 255, &response));
    REFUSES("user_sig", chat_user_sig_inspect(NULL, 1, "key", &response));
    CHECK_INT(chat_user_sig_new(1, USER, "key", 60, NULL), CHAT_OK);
}

/* What a command answers when the emulator holds one group and is otherwise fresh. */
static int answer_of(const struct command *command, chat_response **response) {
    reset_emulator();
    create_group(whole.client, GROUP);
    return command->call(whole.client, &giver, NULL, response);
}

static void every_command_does_the_same_when_its_response_is_not_wanted(void) {
    size_t i;
    make_whole();
    for (i = 0; i < COUNT(commands); ++i) {
        chat_response *response = NULL;
        const int code = answer_of(&commands[i], &response);
        CHECK(code >= CHAT_OK); /* the service's word */
        CHECK_INT(chat_response_code(response), code);
        check_int(__FILE__, __LINE__, commands[i].name, answer_of(&commands[i], NULL), code);
        CHECK_INT(requests_seen(), 2);
        chat_response_free(response);
    }
    CHECK_INT(chat_update_contact_group_contacts(whole.client, USER, GROUP, NULL, NULL, NULL, NULL), CHAT_ERR_INVALID_ARGUMENT);
    free_whole();
}

static void an_iteration_needs_a_client_a_user_and_places(void) {
    static const struct {
        const char *name;
        int (*begin)(const chat_client *, const char *, chat_items **, chat_response **);
    } begins[] = {
        {"chat_recent_contact_items", chat_recent_contact_items},
        {"chat_contact_group_items", chat_contact_group_items},
    };
    size_t i;
    make_whole();
    for (i = 0; i < COUNT(begins); ++i) {
        chat_items *items = (chat_items *)whole.client; /* anything but NULL: it has to be overwritten */
        REFUSES("client", begins[i].begin(NULL, USER, &items, &response));
        CHECK(items == NULL);
        items = (chat_items *)whole.client;
        REFUSES("from_account", begins[i].begin(whole.client, NULL, &items, &response));
        CHECK(items == NULL);
        REFUSES("items", begins[i].begin(whole.client, USER, NULL, &response));
        check_int(__FILE__, __LINE__, begins[i].name, begins[i].begin(NULL, NULL, NULL, NULL), CHAT_ERR_INVALID_ARGUMENT);
        CHECK_INT(begins[i].begin(whole.client, USER, &items, NULL), CHAT_OK);
        CHECK_INT(chat_items_next(items, NULL, NULL), CHAT_ERR_INVALID_ARGUMENT);
        CHECK_INT(chat_items_is_complete(items), 0);
        chat_items_free(items);
    }
    CHECK_INT(requests_seen(), 0);
    REFUSES("items", chat_items_next(NULL, NULL, &response));
    CHECK_INT(chat_items_next(NULL, NULL, NULL), CHAT_ERR_INVALID_ARGUMENT);
    CHECK(chat_items_page(NULL) == NULL);
    CHECK_INT(chat_items_is_complete(NULL), 0);
    free_whole();
}

static void a_response_that_is_not_wanted_changes_nothing_else(void) {
    chat_client *client = emulator_client();
    reset_emulator();
    create_group(client, GROUP);
    CHECK_INT(chat_del_contact_group(NULL, NULL, NULL, NULL, NULL), CHAT_ERR_INVALID_ARGUMENT);
    CHECK_INT(chat_del_contact_group(client, USER, GROUP, NULL, NULL), CHAT_OK);
    CHECK_INT(chat_del_contact_group(client, USER, GROUP, NULL, NULL), CHAT_SERVICE_GROUP_NOT_FOUND);
    CHECK_INT(chat_call(client, GET_PATH, NULL, 0, NULL, NULL), CHAT_SERVICE_INVALID_PARAMETER);
    chat_client_free(client);
}

static void accessors_of_a_null_response_answer_nothing(void) {
    size_t length = 99;
    int64_t value = 99;
    uint64_t unsigned_value = 99;
    double double_value = 99;
    int yes = 99;
    chat_response *member = NULL;
    CHECK_INT(chat_response_code(NULL), 0);
    CHECK_INT(chat_response_outcome(NULL)->code, 0);
    CHECK_STR(chat_response_outcome(NULL)->json, "");
    CHECK_INT(chat_response_http_status(NULL), 0);
    CHECK_INT(chat_response_attempts(NULL), 0);
    CHECK_INT(chat_response_random(NULL), 0);
    CHECK_INT(chat_response_is_retriable(NULL), 0);
    CHECK_INT(chat_response_is_in_doubt(NULL), 0);
    CHECK_INT(chat_response_is_already_deleted(NULL), 0);
    CHECK_INT(chat_response_retry_after_ms(NULL), 0);
    CHECK_STR(chat_response_trace(NULL), "");
    CHECK_STR(chat_response_message(NULL, &length), "");
    CHECK_INT(length, 0);
    length = 99;
    CHECK_STR(chat_response_body(NULL, &length), "");
    CHECK_STR(chat_response_json(NULL, &length), "");
    CHECK_INT(length, 0);
    length = 99;
    CHECK_STR(chat_response_str(NULL, "/a", &length), "");
    CHECK_INT(length, 0);
    CHECK_STR(chat_response_str(NULL, NULL, NULL), "");
    CHECK_INT(chat_response_has(NULL, "/a"), 0);
    CHECK_INT(chat_response_count(NULL, "/a"), 0);
    CHECK_INT(chat_response_int(NULL, "/a", &value), CHAT_ERR_INVALID_ARGUMENT);
    CHECK_INT(chat_response_uint(NULL, "/a", &unsigned_value), CHAT_ERR_INVALID_ARGUMENT);
    CHECK_INT(chat_response_marks(NULL, "/a", &unsigned_value), CHAT_ERR_INVALID_ARGUMENT);
    CHECK_INT(chat_response_double(NULL, "/a", &double_value), CHAT_ERR_INVALID_ARGUMENT);
    CHECK_INT(chat_response_bool(NULL, "/a", &yes), CHAT_ERR_INVALID_ARGUMENT);
    CHECK_INT(chat_response_member(NULL, "/a", &member), CHAT_ERR_INVALID_ARGUMENT);
    CHECK_INT(chat_response_type(NULL, "/a"), CHAT_TYPE_ABSENT);
    CHECK_STR(chat_response_name(NULL, "/a", 0, NULL), "");
    CHECK_INT(value, 99);
}

static void counters_of_nothing_are_0_and_have_no_name(void) {
    chat_client *client = emulator_client();
    chat_stats *stats = chat_client_stats(client);
    size_t length = 99;
    CHECK(chat_client_stats(NULL) == NULL);
    CHECK_INT(chat_stats_add(NULL, client), CHAT_ERR_INVALID_ARGUMENT);
    CHECK_INT(chat_stats_add(stats, NULL), CHAT_ERR_INVALID_ARGUMENT);
    CHECK_INT(chat_stats_add(stats, client), CHAT_ERR_INVALID_ARGUMENT); /* it is there already */
    CHECK_INT(chat_stats_get(NULL, "calls"), 0);
    CHECK_INT(chat_stats_get(stats, NULL), 0);
    CHECK_INT(chat_stats_get(stats, "\xff"), 0);
    CHECK_INT(chat_stats_count(NULL), 0);
    CHECK_STR(chat_stats_name(NULL, 0), "");
    CHECK_STR(chat_stats_name(stats, (size_t)-1), "");
    CHECK_INT(chat_stats_value(NULL, 0), 0);
    CHECK_INT(chat_stats_value(stats, (size_t)-1), 0);
    CHECK_STR(chat_stats_prometheus(NULL, &length), "");
    CHECK_INT(length, 0);
    CHECK(chat_stats_prometheus(stats, NULL)[0] == '#');
    chat_stats_free(stats);
    chat_client_free(client);
}

static void a_null_pointer_or_place_for_the_value_is_survived(void) {
    chat_client *client = emulator_client();
    chat_response *response;
    int64_t value = 99;
    size_t length = 99;
    reset_emulator();
    create_group(client, GROUP);
    response = delete_group(client, GROUP);
    CHECK_INT(chat_response_has(response, NULL), 0);
    CHECK_INT(chat_response_count(response, NULL), 0);
    CHECK_STR(chat_response_str(response, NULL, &length), "");
    CHECK_INT(length, 0);
    CHECK_INT(chat_response_int(response, NULL, &value), CHAT_ERR_INVALID_ARGUMENT);
    CHECK_INT(chat_response_uint(response, "/GroupItem/0/GroupId", NULL), CHAT_ERR_INVALID_ARGUMENT);
    CHECK_INT(chat_response_marks(response, "/GroupItem/0/GroupName", NULL), CHAT_ERR_INVALID_ARGUMENT);
    CHECK_INT(chat_response_double(response, "/GroupItem/0/GroupId", NULL), CHAT_ERR_INVALID_ARGUMENT);
    CHECK_INT(chat_response_bool(response, "/GroupItem/0/GroupId", NULL), CHAT_ERR_INVALID_ARGUMENT);
    CHECK_INT(chat_response_member(response, "/GroupItem", NULL), CHAT_ERR_INVALID_ARGUMENT);
    CHECK_INT(chat_response_member(response, NULL, NULL), CHAT_ERR_INVALID_ARGUMENT);
    CHECK_INT(chat_response_type(response, NULL), CHAT_TYPE_ABSENT);
    CHECK_STR(chat_response_name(response, NULL, 0, NULL), "");
    CHECK_STR(chat_response_name(response, "/GroupItem/0", 2, NULL), "");
    CHECK_INT(value, 99);
    CHECK_INT(chat_response_int(response, "/GroupItem/0/GroupId", NULL), CHAT_ERR_INVALID_ARGUMENT);
    CHECK_STR(chat_response_str(response, "/GroupItem/0/GroupName", NULL), GROUP);
    CHECK_STR(chat_response_message(response, NULL), "");
    CHECK_HAS(chat_response_body(response, NULL), "\"GroupItem\"");
    CHECK_HAS(chat_response_json(response, NULL), "\"GroupItem\"");
    chat_response_free(response);
    chat_client_free(client);
}

static void a_null_client_is_not_warmed_up_or_drained(void) {
    chat_response *response = NULL;
    CHECK_INT(chat_client_warm_up(NULL, 1, 1000, &response), CHAT_ERR_INVALID_ARGUMENT);
    CHECK_STR(chat_response_message(response, NULL), "client is NULL");
    chat_response_free(response);
    CHECK_INT(chat_client_warm_up(NULL, 1, 1000, NULL), CHAT_ERR_INVALID_ARGUMENT);
    CHECK_INT(chat_client_drain(NULL, 1000), CHAT_ERR_INVALID_ARGUMENT);
}

static void a_certificate_needs_its_key_and_null_takes_both_back(void) {
    chat_config *config = emulator_config();
    chat_client *client = NULL;
    CHECK_INT(chat_config_set_client_certificate(config, "certificate", NULL), CHAT_ERR_INVALID_ARGUMENT);
    CHECK_STR(chat_config_message(config), "key_file is NULL");
    CHECK_INT(chat_client_new(config, &client, NULL), CHAT_ERR_INVALID_ARGUMENT);
    CHECK_INT(chat_config_set_client_certificate(config, "/nowhere", "/nowhere"), CHAT_OK);
    CHECK_INT(chat_client_new(config, &client, NULL), CHAT_ERR_CONFIG);
    CHECK_INT(chat_config_set_client_certificate(config, NULL, NULL), CHAT_OK);
    CHECK_INT(chat_config_set_attempt_hook(config, NULL, NULL), CHAT_OK);
    client = client_from(config);
    CHECK_INT(chat_client_drain(client, 0), CHAT_ERR_INVALID_ARGUMENT);
    CHECK_INT(chat_client_warm_up(client, 1, 0, NULL), CHAT_ERR_INVALID_ARGUMENT);
    CHECK_INT(chat_client_warm_up(client, 1, 20000, NULL), CHAT_OK);
    CHECK_INT(chat_client_drain(client, 20000), CHAT_OK);
    CHECK_INT(code_of(delete_group(client, GROUP)), CHAT_ERR_SHUTDOWN);
    chat_client_free(client);
}

static void freeing_or_ending_null_does_nothing(void) {
    chat_config_free(NULL);
    chat_client_shutdown(NULL);
    chat_client_free(NULL);
    chat_cancel_trigger(NULL);
    chat_cancel_free(NULL);
    chat_call_options_free(NULL);
    chat_response_free(NULL);
    chat_contacts_free(NULL);
    chat_marks_free(NULL);
    chat_accounts_free(NULL);
    chat_items_free(NULL);
    chat_stats_free(NULL);
}

static void what_is_new_is_never_null_and_static_texts_never_are(void) {
    chat_config *config = chat_config_new();
    chat_call_options *options = chat_call_options_new();
    chat_cancel *cancel = chat_cancel_new();
    CHECK(config != NULL && options != NULL && cancel != NULL);
    CHECK_STR(chat_config_message(config), "");
    CHECK_STR(chat_call_options_message(options), "");
    CHECK_STR(chat_version(), CHAT_VERSION);
    CHECK_HAS(chat_strerror(-2147483647 - 1), "no code of this version");
    CHECK_HAS(chat_strerror(2147483647), "ErrorInfo");
    CHECK_INT(chat_code_is_fatal(2147483647), 0);
    CHECK_INT(chat_code_is_fatal(-2147483647 - 1), 0);
    chat_config_free(config);
    chat_call_options_free(options);
    chat_cancel_free(cancel);
}

int main(int argc, char **argv) {
    find_emulator(argc, argv);
    KEEP(a_setter_of_a_null_config_is_refused);
    KEEP(a_null_text_is_refused_by_name_and_remembered);
    KEEP(a_setter_of_null_options_is_refused);
    KEEP(a_null_token_or_callback_takes_it_away);
    KEEP(a_new_client_needs_settings_and_a_place);
    KEEP(a_new_credential_that_is_null_is_refused);
    KEEP(a_null_list_or_text_is_refused_when_an_item_is_added);
    KEEP(every_command_refuses_null_by_name_and_sends_nothing);
    KEEP(every_text_that_is_not_utf8_is_refused_by_name_and_sends_nothing);
    KEEP(a_signature_without_its_texts_is_refused_by_name);
    KEEP(every_command_does_the_same_when_its_response_is_not_wanted);
    KEEP(an_iteration_needs_a_client_a_user_and_places);
    KEEP(a_response_that_is_not_wanted_changes_nothing_else);
    KEEP(accessors_of_a_null_response_answer_nothing);
    KEEP(counters_of_nothing_are_0_and_have_no_name);
    KEEP(a_null_pointer_or_place_for_the_value_is_survived);
    KEEP(a_null_client_is_not_warmed_up_or_drained);
    KEEP(a_certificate_needs_its_key_and_null_takes_both_back);
    KEEP(freeing_or_ending_null_does_nothing);
    KEEP(what_is_new_is_never_null_and_static_texts_never_are);
    return broken_promises != 0;
}
