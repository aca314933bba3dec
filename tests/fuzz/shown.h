/* What holds for every response, whatever was asked and answered, and a client of the mirror to ask with. */
#ifndef SHOWN_H
#define SHOWN_H

#include "mirror.h"

#include <tencent_chat.h>

/* The key of every client: in no text that the library gives out. */
#define CANARY "canary0key0that0nobody0may0see"

static int holds(const void *data, size_t size, const char *text) {
    const size_t length = strlen(text);
    size_t i;
    for (i = 0; i + length <= size; ++i) {
        if (memcmp((const char *)data + i, text, length) == 0) return 1;
    }
    return 0;
}

static void check_text(const char *text) {
    MUST(text != NULL);
    MUST(strstr(text, CANARY) == NULL);
}

static void check_members_of_every_type(const chat_response *response, const char *pointer) {
    chat_response *member = NULL;
    uint64_t number = 0;
    double real = 0;
    int yes = 0;
    const int is_member = chat_response_member(response, pointer, &member) == CHAT_OK;
    const int is_uint = chat_response_uint(response, pointer, &number) == CHAT_OK;
    const int is_bool = chat_response_bool(response, pointer, &yes) == CHAT_OK;
    const int is_marks = chat_response_marks(response, pointer, &number) == CHAT_OK;
    const int type = chat_response_type(response, pointer);
    (void)chat_response_double(response, pointer, &real);
    check_text(chat_response_name(response, pointer, 0, NULL));
    MUST(!is_bool || yes == 0 || yes == 1);
    MUST(chat_response_has(response, pointer) || (!is_uint && !is_bool && !is_marks && !is_member && type == CHAT_TYPE_ABSENT));
    chat_response_free(member);
}

/* Every accessor with a pointer from outside. */
static void check_members(const chat_response *response, const char *pointer) {
    int64_t integer = 7;
    size_t length = 7;
    const int has = chat_response_has(response, pointer);
    const char *text = chat_response_str(response, pointer, &length);
    const int is_integer = chat_response_int(response, pointer, &integer) == CHAT_OK;
    check_text(text);
    MUST(text[length] == '\0');
    MUST(has == 0 || has == 1);
    MUST(has || (chat_response_count(response, pointer) == 0 && length == 0 && !is_integer));
    check_members_of_every_type(response, pointer);
}

/* The response of a call that answered `code`. */
static void check_response(const chat_response *response, int code, const char *pointer) {
    size_t length = 0, body_length = 0;
    const char *message = chat_response_message(response, &length);
    const char *body = chat_response_body(response, &body_length);
    size_t json_length = 0;
    const char *json = chat_response_json(response, &json_length);
    MUST(response != NULL);
    MUST(chat_response_code(response) == code && chat_response_outcome(response)->code == code);
    MUST(code != CHAT_ERR_PANIC && code >= -100);
    check_text(message);
    MUST(message[length] == '\0');
    MUST(body != NULL && body[body_length] == '\0');
    MUST(json != NULL && json[json_length] == '\0');
    check_text(chat_response_trace(response));
    MUST(chat_response_trace(response)[0] == '[');
    MUST((chat_response_attempts(response) == 0) <= (code != CHAT_OK));
    MUST(chat_response_http_status(response) >= 0);
    MUST(code != CHAT_OK || !chat_response_is_retriable(response));
    MUST(chat_response_is_in_doubt(response) == 0 || chat_response_attempts(response) > 0);
    chat_response_retry_after_ms(response);
    chat_response_random(response);
    MUST(!chat_response_is_already_deleted(response) || code == CHAT_OK);
    check_members(response, pointer);
}

/* Settings for the mirror: no repeats and no pace, so that one input is one request. */
static chat_config *mirror_config(const char *url) {
    chat_config *config = chat_config_new();
    MUST(chat_config_set_base_url(config, url) == CHAT_OK);
    MUST(chat_config_set_sdk_app_id(config, 1400000000) == CHAT_OK);
    MUST(chat_config_set_identifier(config, "administrator") == CHAT_OK);
    MUST(chat_config_set_secret_key(config, CANARY) == CHAT_OK);
    MUST(chat_config_set_max_attempts(config, 1) == CHAT_OK);
    MUST(chat_config_set_rate_limit(config, 0) == CHAT_OK);
    return config;
}

static chat_client *mirror_client(void) {
    chat_config *config = mirror_config(mirror_start());
    chat_client *client = NULL;
    MUST(chat_client_new(config, &client, NULL) == CHAT_OK);
    chat_config_free(config);
    return client;
}

#endif
