/* A client that works: made for the emulator with its documented key, so that a test only says what it changes.
 * Anything unexpected on the way ends the program. Reads as C99 and as C++17. */
#ifndef CLIENT_H
#define CLIENT_H

#include "emulator.h"

#include <tencent_chat.h>

#define SDK_APP_ID 1400000000
#define ADMIN "administrator"
#define USER "user_0001"
/* The emulator's documented key; it opens nothing. */
#define KEY "5bd2850fff3ecb11d7c805251c51ee463a25727bddc2385f3fa8bfee1bb93b5e"
#define WRONG_KEY "0000000000000000000000000000000000000000000000000000000000000000"
#define GROUP "設計会議"
#define CREATE_PATH "v4/recentcontact/create_contact_group"
#define GET_PATH "v4/recentcontact/get_contact_group"

/* Complete settings for the emulator. Patient, so that a slow machine or valgrind is never taken for a silent service. */
static inline chat_config *emulator_config(void) {
    chat_config *config = chat_config_new();
    chat_config_set_base_url(config, place.base_url);
    chat_config_set_ca_file(config, place.ca_file);
    chat_config_set_sdk_app_id(config, SDK_APP_ID);
    chat_config_set_identifier(config, ADMIN);
    chat_config_set_secret_key(config, KEY);
    chat_config_set_timeout_ms(config, 60000);
    chat_config_set_attempt_timeout_ms(config, 60000);
    chat_config_set_connect_timeout_ms(config, 30000);
    return config;
}

/* Makes a client and frees the settings. */
static inline chat_client *client_from(chat_config *config) {
    chat_client *client = NULL;
    chat_response *error = NULL;
    if (chat_client_new(config, &client, &error) != CHAT_OK) give_up(chat_response_message(error, NULL));
    if (client == NULL || error != NULL) give_up("chat_client_new answers 0 without a client or with an error");
    chat_config_free(config);
    return client;
}

static inline chat_client *emulator_client(void) { return client_from(emulator_config()); }

/* One whose calls are never repeated, for tests of what one attempt comes to. */
static inline chat_client *client_that_tries_once(void) {
    chat_config *config = emulator_config();
    if (chat_config_set_max_attempts(config, 1) != CHAT_OK) give_up(chat_config_message(config));
    return client_from(config);
}

/* The generic call with NUL-terminated JSON; the response is never NULL. */
static inline chat_response *call(const chat_client *client, const char *path, const char *json) {
    chat_response *response = NULL;
    const int code = chat_call(client, path, json, json == NULL ? 0 : strlen(json), NULL, &response);
    if (response == NULL) give_up("chat_call leaves the response NULL");
    CHECK_INT(chat_response_code(response), code);
    return response;
}

/* chat_del_contact_group with options; the response is never NULL. */
static inline chat_response *delete_with(const chat_client *client, const char *name, const chat_call_options *options) {
    chat_response *response = NULL;
    const int code = chat_del_contact_group(client, USER, name, options, &response);
    if (response == NULL) give_up("chat_del_contact_group leaves the response NULL");
    CHECK_INT(chat_response_code(response), code);
    return response;
}

static inline chat_response *delete_group(const chat_client *client, const char *name) { return delete_with(client, name, NULL); }

/* Frees the response; its code. */
static inline int code_of(chat_response *response) {
    const int code = chat_response_code(response);
    chat_response_free(response);
    return code;
}

static inline void create_group(const chat_client *client, const char *name) {
    char json[512];
    snprintf(json, sizeof json, "{\"From_Account\":\"" USER "\",\"GroupContactItem\":[{\"GroupName\":\"%s\"}]}", name);
    if (code_of(call(client, CREATE_PATH, json)) != CHAT_OK) give_up("the group cannot be created");
}

/* How many conversation groups the user has at the service. */
static inline size_t groups_held(const chat_client *client) {
    chat_response *response = call(client, GET_PATH, "{\"From_Account\":\"" USER "\",\"StartIndex\":0}");
    const size_t held = chat_response_count(response, "/GroupItem");
    chat_response_free(response);
    return held;
}

#endif
