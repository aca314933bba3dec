/* How the bench's C programs make a client of the library: for any base URL, with the emulator's app and key, patient enough
 * that a busy machine never shows. Anything unexpected ends the program. */
#ifndef SETTINGS_H
#define SETTINGS_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <tencent_chat.h>

/* The emulator's documented app; it opens nothing. */
#define APP 1400000000
#define ADMIN "administrator"
#define KEY "5bd2850fff3ecb11d7c805251c51ee463a25727bddc2385f3fa8bfee1bb93b5e"

/* Settings for the service at `url`, of which scheme, host and port are taken. */
static inline chat_config *settings_for(const char *url, const char *ca_file) {
    chat_config *config = chat_config_new();
    const char *path = strstr(url, "/v4/");
    char base[256];
    snprintf(base, sizeof base, "%.*s", (int)(path == NULL ? strlen(url) : (size_t)(path - url)), url);
    chat_config_set_base_url(config, base);
    chat_config_set_allow_insecure_http(config, 1);
    if (ca_file[0] != '\0') chat_config_set_ca_file(config, ca_file);
    chat_config_set_sdk_app_id(config, APP);
    chat_config_set_identifier(config, ADMIN);
    chat_config_set_secret_key(config, KEY);
    return config;
}

/* Makes the client and frees the settings. */
static inline chat_client *client_from(chat_config *config) {
    chat_client *client = NULL;
    chat_response *error = NULL;
    if (chat_client_new(config, &client, &error) != CHAT_OK) {
        fprintf(stderr, "%s\n", chat_response_message(error, NULL));
        exit(1);
    }
    chat_config_free(config);
    return client;
}

#endif
