/* Any program over the C functions: each byte chooses a function, the bytes behind it are its arguments. No crash, no panic, no text
 * without an end, no response left unset, no secret shown. What is sent goes to the mirror in this process and nowhere else: settings
 * from outside make clients, and those make no call. */
#include "shown.h"

#include "../c/commands.h"

/* What is left of the input. */
static struct {
    const uint8_t *at;
    size_t left;
    int stops;
} input;

static unsigned byte(void) {
    if (input.left == 0) return 0;
    --input.left;
    return *input.at++;
}

static uint64_t number(void) {
    uint64_t value = 0;
    unsigned count = byte() % 9;
    while (count-- > 0) value = value << 8 | byte();
    return value;
}

/* A text of its own place among four, or NULL. Not freed; used up by the fourth text after it. */
static const char *text(void) {
    static char texts[4][300];
    static int next;
    char *text = texts[next++ % 4];
    size_t length = byte(), i;
    if (length == 255) return NULL;
    for (i = 0; i < length && input.left > 0; ++i) text[i] = (char)byte();
    text[i] = '\0';
    return text;
}

/* No path out of this folder: a device would be read for ever. */
static const char *path(void) {
    static char kept[300];
    const char *given = text();
    size_t i;
    if (given == NULL) return NULL;
    strcpy(kept, given);
    for (i = 0; kept[i] != '\0'; ++i) {
        if (kept[i] == '/') kept[i] = '_';
    }
    return kept;
}

static int asked(void *user) {
    MUST(user == &input);
    return input.stops;
}

static void told(const char *attempt_json, void *user) {
    MUST(user == &input && attempt_json[0] == '{');
    check_text(attempt_json);
}

/* One of each handle, so that a program can pass any to any; NULL where it was freed. */
static struct {
    chat_client *client; /* of the mirror */
    chat_config *config;
    chat_call_options *options;
    chat_cancel *cancel;
    chat_contacts *contacts, *others;
    chat_marks *marks;
    chat_accounts *accounts;
    chat_items *items;
} own;

static void check_code(int code) { MUST(code != CHAT_ERR_PANIC && code <= CHAT_OK && code >= -100); }

static void settings(void) {
    chat_config *config = own.config;
    switch (byte() % 18) {
        case 0: check_code(chat_config_set_region(config, text())); break;
        case 1: check_code(chat_config_set_base_url(config, text())); break;
        case 2: check_code(chat_config_set_sdk_app_id(config, (uint32_t)number())); break;
        case 3: check_code(chat_config_set_identifier(config, text())); break;
        case 4: check_code(chat_config_set_secret_key(config, text())); break;
        case 5: check_code(chat_config_set_user_sig(config, text())); break;
        case 6: check_code(chat_config_set_timeout_ms(config, (uint32_t)number())); break;
        case 7: check_code(chat_config_set_connect_timeout_ms(config, (uint32_t)number())); break;
        case 8: check_code(chat_config_set_ca_file(config, path())); break;
        case 9: check_code(chat_config_add_ca_file(config, path())); break;
        case 10: check_code(chat_config_set_proxy(config, text())); break;
        case 11: check_code(chat_config_set_user_sig_lifetime_s(config, (uint32_t)number())); break;
        case 12: check_code(chat_config_set_allow_insecure_http(config, (int)number())); break;
        case 13: check_code(chat_config_set_local_limits(config, (int)number())); break;
        case 14: check_code(chat_config_set_max_connections(config, (uint32_t)number())); break;
        case 15: check_code(chat_config_set_user_agent(config, text())); break;
        case 16: check_code(chat_config_set_secret_key(config, CANARY)); break;
        default: check_code(chat_config_set_sdk_app_id(config, 1400000000)); break;
    }
    check_text(chat_config_message(config));
}

static void more_settings(void) {
    chat_config *config = own.config;
    const char *first;
    switch (byte() % 13) {
        case 0: check_code(chat_config_set_max_attempts(config, (uint32_t)number())); break;
        case 1: check_code(chat_config_set_attempt_timeout_ms(config, (uint32_t)number())); break;
        case 2: check_code(chat_config_set_rate_limit(config, (uint32_t)number())); break;
        case 3: check_code(chat_config_set_use_standby(config, (int)number())); break;
        case 4: check_code(chat_config_set_standby_url(config, text())); break;
        case 5: check_code(chat_config_set_shared_limit_fallback(config, (uint32_t)number())); break;
        case 6: check_code(chat_config_set_idle_timeout_ms(config, (uint32_t)number())); break;
        case 7: check_code(chat_config_set_tcp_keepalive_s(config, (uint32_t)number())); break;
        case 8: check_code(chat_config_set_system_ca(config, (int)number())); break;
        case 9:
            first = path();
            check_code(chat_config_set_client_certificate(config, first, path()));
            break;
        case 10: check_code(chat_config_set_attempt_hook(config, byte() % 2 == 0 ? NULL : told, &input)); break;
        case 11:
            first = text();
            check_code(chat_config_set_metric_label(config, first, text()));
            break;
        default:
            first = text();
            check_code(chat_config_set_shared_limit(config, first, text()));
            break;
    }
    check_text(chat_config_message(config));
}

/* A client from the settings as they are: made or refused, given other credentials, never called. */
static void a_client(void) {
    chat_client *client = NULL;
    chat_response *error = NULL;
    const int code = chat_client_new(own.config, &client, &error);
    check_code(code);
    MUST((client == NULL) == (code != CHAT_OK));
    MUST((error == NULL) == (code == CHAT_OK));
    if (error != NULL) check_response(error, code, text());
    check_code(chat_client_set_secret_key(client, text()));
    check_code(chat_client_set_user_sig(client, text()));
    chat_response_free(error);
    /* None is opened: whatever address was given, nobody is to be asked. */
    check_code(chat_client_warm_up(client, 0, (uint32_t)number(), &error));
    chat_response_free(error);
    switch (byte() % 3) {
        case 0: chat_client_shutdown(client); break;
        case 1: check_code(chat_client_drain(client, (uint32_t)number())); break;
        default: break;
    }
    chat_client_free(client);
}

static void call_options(void) {
    chat_call_options *options = own.options;
    switch (byte() % 8) {
        case 0: check_code(chat_call_options_set_timeout_ms(options, (uint32_t)number())); break;
        case 1: check_code(chat_call_options_set_random(options, (uint32_t)number())); break;
        case 2: check_code(chat_call_options_set_cancel(options, own.cancel)); break;
        case 3: check_code(chat_call_options_set_interrupt(options, asked, &input)); break;
        case 4: check_code(chat_call_options_set_interrupt(options, NULL, NULL)); break;
        case 5: chat_cancel_trigger(own.cancel); break;
        case 6: input.stops = (int)byte() % 3 - 1; break;
        default:
            chat_cancel_free(own.cancel);
            own.cancel = byte() % 2 == 0 ? chat_cancel_new() : NULL;
            break;
    }
    check_text(chat_call_options_message(options));
}

static void more_call_options(void) {
    chat_call_options *options = own.options;
    switch (byte() % 4) {
        case 0: check_code(chat_call_options_set_attempt_timeout_ms(options, (uint32_t)number())); break;
        case 1: check_code(chat_call_options_set_connect_timeout_ms(options, (uint32_t)number())); break;
        case 2: check_code(chat_call_options_set_max_attempts(options, (uint32_t)number())); break;
        default: check_code(chat_call_options_set_repeat_in_doubt(options, (int)number())); break;
    }
    check_text(chat_call_options_message(options));
}

/* NULL, or a text that may be the place of another: the library copies. */
static void lists(void) {
    const char *id, *mark;
    int type;
    uint64_t set, clear;
    switch (byte() % 7) {
        case 0:
            type = (int)number();
            check_code(chat_contacts_add(byte() % 2 == 0 ? own.contacts : own.others, type, text()));
            break;
        case 1:
            type = (int)number();
            id = text();
            set = number();
            clear = number();
            mark = text();
            check_code(chat_marks_add(own.marks, type, id, set, clear, mark));
            break;
        case 2:
            id = text();
            mark = text();
            check_code(chat_accounts_add(own.accounts, id, mark, text()));
            break;
        case 3: chat_contacts_free(own.contacts); own.contacts = byte() % 2 == 0 ? chat_contacts_new() : NULL; break;
        case 4: chat_marks_free(own.marks); own.marks = byte() % 2 == 0 ? chat_marks_new() : NULL; break;
        case 5: chat_accounts_free(own.accounts); own.accounts = byte() % 2 == 0 ? chat_accounts_new() : NULL; break;
        default: chat_call_options_free(own.options); own.options = byte() % 2 == 0 ? chat_call_options_new() : NULL; break;
    }
}

/* Each argument of a command from the input. A length is that of the text before it, as far as one can be told. */
static const char *given_text(void *last, const char *name) {
    (void)name;
    return *(const char **)last = text();
}

static int64_t given_number(void *last, const char *name) {
    const char *of = *(const char **)last;
    if (strcmp(name, "json_len") != 0) return (int64_t)number();
    return of == NULL ? byte() % 2 : (int64_t)strlen(of);
}

static const chat_contacts *given_contacts(void *last, const char *name) {
    (void)last;
    return strcmp(name, "remove") == 0 ? own.others : own.contacts;
}

static const chat_marks *given_marks(void *last, const char *name) {
    (void)last, (void)name;
    return own.marks;
}

static const chat_accounts *given_accounts(void *last, const char *name) {
    (void)last, (void)name;
    return own.accounts;
}

/* One command over the mirror client, or over none. */
static int command(chat_response **response) {
    const chat_client *client = byte() % 16 == 0 ? NULL : own.client;
    const char *last = NULL;
    const struct giver giver = {given_text, given_number, given_contacts, given_marks, given_accounts, &last};
    return commands[byte() % (sizeof commands / sizeof *commands)].call(client, &giver, own.options, response);
}

static void call(void) {
    chat_response *response = NULL;
    const int code = command(&response);
    check_response(response, code, text());
    chat_response_free(response);
}

static void items(void) {
    chat_response *response = NULL;
    int code;
    if (own.items == NULL) {
        code = byte() % 2 == 0 ? chat_recent_contact_items(own.client, text(), &own.items, &response)
                               : chat_contact_group_items(own.client, text(), &own.items, &response);
        check_code(code);
        MUST((own.items == NULL) == (code != CHAT_OK));
    } else {
        code = chat_items_next(own.items, own.options, &response);
        MUST(code != CHAT_ERR_PANIC);
        MUST(chat_items_is_complete(own.items) == 0 || chat_items_is_complete(own.items) == 1);
        chat_response_code(chat_items_page(own.items));
        if (byte() % 4 == 0) {
            chat_items_free(own.items);
            own.items = NULL;
        }
    }
    if (response != NULL) check_response(response, chat_response_code(response), text());
    chat_response_free(response);
}

static void texts(void) {
    check_text(chat_version());
    check_text(chat_strerror((int)number()));
    MUST((chat_code_is_fatal((int)number()) | 1) == 1);
}

/* Signatures for others: what is made is opened again. Its key is the caller's, and what was asked for is the body. */
static void user_sigs(void) {
    chat_response *made = NULL, *opened = NULL;
    const uint32_t app = (uint32_t)number(), lifetime = (uint32_t)number();
    const char *user = text(), *key = text();
    int code;
    if (byte() % 2 == 0) {
        code = chat_user_sig_new(app, user, key, lifetime, &made);
    } else {
        const uint32_t room = (uint32_t)number();
        code = chat_private_map_key_new(app, user, key, lifetime, room, text(), (uint32_t)number(), &made);
    }
    MUST(code != CHAT_ERR_PANIC && chat_response_code(made) == code);
    code = chat_user_sig_inspect(code == CHAT_OK ? chat_response_body(made, NULL) : text(), app, key, &opened);
    MUST(code != CHAT_ERR_PANIC && chat_response_code(opened) == code);
    chat_response_free(opened);
    chat_response_free(made);
}

static void counters(void) {
    chat_stats *stats = chat_client_stats(byte() % 8 == 0 ? NULL : own.client);
    size_t length = 7;
    const size_t index = (size_t)number();
    check_code(chat_stats_add(stats, byte() % 8 == 0 ? NULL : own.client));
    check_text(chat_stats_name(stats, index));
    MUST(index < chat_stats_count(stats) || chat_stats_value(stats, index) == 0);
    chat_stats_get(stats, text());
    check_text(chat_stats_prometheus(stats, &length));
    MUST(strlen(chat_stats_prometheus(stats, NULL)) == length);
    chat_stats_free(stats);
}

static void begin(const uint8_t *data, size_t size) {
    if (own.client == NULL) own.client = mirror_client();
    input.at = data;
    input.left = size;
    input.stops = 0;
    own.config = chat_config_new();
    own.options = chat_call_options_new();
    own.cancel = chat_cancel_new();
    own.contacts = chat_contacts_new();
    own.others = chat_contacts_new();
    own.marks = chat_marks_new();
    own.accounts = chat_accounts_new();
    own.items = NULL;
}

static void end(void) {
    chat_config_free(own.config);
    chat_call_options_free(own.options);
    chat_cancel_free(own.cancel);
    chat_contacts_free(own.contacts);
    chat_contacts_free(own.others);
    chat_marks_free(own.marks);
    chat_accounts_free(own.accounts);
    chat_items_free(own.items);
}

void chat_fuzz_calls(const uint8_t *data, size_t size) {
    if (holds(data, size, CANARY)) return; /* what is given is shown */
    begin(data, size);
    while (input.left > 0) {
        switch (byte() % 11) {
            case 0: settings(); break;
            case 1: more_settings(); break;
            case 2: a_client(); break;
            case 3: call_options(); break;
            case 4: more_call_options(); break;
            case 5: lists(); break;
            case 6: items(); break;
            case 7: texts(); break;
            case 8: counters(); break;
            case 9: user_sigs(); break;
            default: call(); break;
        }
    }
    end();
}
