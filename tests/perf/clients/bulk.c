/* Deletes one group of each of many users through the C ABI: BASE_URL CA_FILE USERS WORKERS LIMIT (calls a second, 0: off). */
#include "settings.h"

#include <pthread.h>
#include <stdatomic.h>
#include <time.h>

static chat_client *client;
static atomic_int next_user = 1;
static int users;

static double now_us(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec * 1e6 + (double)time.tv_nsec / 1e3;
}

static void *work(void *unused) {
    (void)unused;
    for (int user = next_user++; user <= users; user = next_user++) {
        chat_response *response = NULL;
        char name[32];
        snprintf(name, sizeof name, "user_%04d", user);
        if (chat_del_contact_group(client, name, "group_0001", NULL, &response) != CHAT_OK) {
            fprintf(stderr, "%s: %s\n", name, chat_response_message(response, NULL));
            exit(1);
        }
        chat_response_free(response);
    }
    return NULL;
}

int main(int argc, char **argv) {
    pthread_t threads[64];
    chat_config *config;
    double began;
    int workers;
    if (argc != 6 || (workers = atoi(argv[4])) < 1 || workers > 64) {
        fprintf(stderr, "usage: bulk BASE_URL CA_FILE USERS WORKERS LIMIT\n");
        return 2;
    }
    users = atoi(argv[3]);
    config = settings_for(argv[1], argv[2]);
    chat_config_set_timeout_ms(config, 60000);
    chat_config_set_rate_limit(config, (unsigned)atoi(argv[5]));
    client = client_from(config);
    began = now_us();
    for (int i = 0; i < workers; ++i) pthread_create(&threads[i], NULL, work, NULL);
    for (int i = 0; i < workers; ++i) pthread_join(threads[i], NULL);
    printf("{\"calls\":%d,\"wall_us\":%.0f}\n", users, now_us() - began);
    chat_client_free(client);
    return 0;
}
