/* This library as a client of the bench: one client for all threads, the typed delete, its answer checked and freed.
 * The rate limit is off, because the bench measures the cost of a call and not the service's cap. */
#include "client.h"
#include "settings.h"

static void *open_client(const struct run *run) {
    chat_config *config = settings_for(run->url, run->ca_file);
    chat_config_set_timeout_ms(config, DEADLINE_MS);
    chat_config_set_rate_limit(config, 0);
    return client_from(config);
}

static void *open_worker(const struct run *run, void *client) {
    (void)run;
    return client;
}

static void call_once(void *worker) {
    chat_response *response = NULL;
    if (chat_del_contact_group((chat_client *)worker, USER, GROUP, NULL, &response) != CHAT_OK) {
        give_up(chat_response_message(response, NULL));
    }
    chat_response_free(response);
}

static void close_worker(void *worker) { (void)worker; }

static void close_client(void *client) { chat_client_free((chat_client *)client); }
