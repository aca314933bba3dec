/* This library as a client of the bench: one client for all threads, the typed delete, its answer checked and freed.
 * The rate limit is off, because the bench measures the cost of a call and not the service's cap. With CLIENTS in the environment each
 * thread goes round so many clients, whose connections are there from the start. */
#include "client.h"
#include "settings.h"

#define MOST_CLIENTS 100

struct worker {
    int next;
};

static chat_client *clients[MOST_CLIENTS];
static int count;

static chat_client *open_one(const struct run *run) {
    chat_config *config = settings_for(run->url, run->ca_file);
    chat_config_set_timeout_ms(config, DEADLINE_MS);
    chat_config_set_rate_limit(config, 0);
    return client_from(config);
}

static void *open_client(const struct run *run) {
    const char *wanted = getenv("CLIENTS");
    count = wanted == NULL ? 1 : atoi(wanted);
    if (count < 1 || count > MOST_CLIENTS) give_up("CLIENTS is 1 to 100");
    for (int i = 0; i < count; ++i) {
        clients[i] = open_one(run);
        if (wanted != NULL && chat_client_warm_up(clients[i], (unsigned)run->threads, DEADLINE_MS, NULL) != CHAT_OK) give_up("no connection");
    }
    return NULL;
}

static void *open_worker(const struct run *run, void *client) {
    (void)run;
    (void)client;
    return calloc(1, sizeof(struct worker));
}

static void call_once(void *worker) {
    chat_response *response = NULL;
    struct worker *own = (struct worker *)worker;
    const chat_client *client = clients[own->next++ % count];
    if (chat_del_contact_group(client, USER, GROUP, NULL, &response) != CHAT_OK) {
        give_up(chat_response_message(response, NULL));
    }
    chat_response_free(response);
}

static void close_worker(void *worker) { free(worker); }

static void close_client(void *client) {
    (void)client;
    for (int i = 0; i < count; ++i) chat_client_free(clients[i]);
}
