/* One process of a fleet: deletes a group that is not there, on so many threads, until its standard input is closed.
 * Arguments: base URL, URL and name of the shared limit, calls a second that the fleet shares, fallback, threads.
 * Prints at the end, for its calls, what they came to: served, throttled, other. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <tencent_chat.h>

enum { MOST_THREADS = 64 };

struct counts {
    const chat_client *client;
    unsigned long served, throttled, other;
};

static volatile int over;

static void *call(void *argument) {
    struct counts *counts = argument;
    while (!over) {
        const struct timespec pause = {0, 50 * 1000 * 1000};
        chat_response *response = NULL;
        const int code = chat_del_contact_group(counts->client, "user_0001", "g", NULL, &response);
        if (code == CHAT_SERVICE_GROUP_NOT_FOUND) {
            counts->served++;
        } else if (code == CHAT_ERR_THROTTLED) {
            counts->throttled++;
            nanosleep(&pause, NULL);
        } else if (code != CHAT_ERR_SHUTDOWN) {
            counts->other++;
            fprintf(stderr, "%d %s\n", code, chat_response_message(response, NULL));
        }
        chat_response_free(response);
    }
    return NULL;
}

static chat_client *client(char **arguments) {
    chat_config *config = chat_config_new();
    chat_client *client = NULL;
    chat_response *error = NULL;
    chat_config_set_base_url(config, arguments[1]);
    chat_config_set_sdk_app_id(config, 1400000000);
    chat_config_set_identifier(config, "administrator");
    /* The emulator's documented key; it opens nothing. */
    chat_config_set_secret_key(config, "5bd2850fff3ecb11d7c805251c51ee463a25727bddc2385f3fa8bfee1bb93b5e");
    chat_config_set_shared_limit(config, arguments[2], arguments[3]);
    chat_config_set_rate_limit(config, (uint32_t)atoi(arguments[4]));
    chat_config_set_shared_limit_fallback(config, (uint32_t)atoi(arguments[5]));
    chat_config_set_timeout_ms(config, 20000);
    chat_config_set_attempt_timeout_ms(config, 20000);
    chat_config_set_connect_timeout_ms(config, 20000);
    if (chat_client_new(config, &client, &error) != CHAT_OK) {
        fprintf(stderr, "%s\n", chat_response_message(error, NULL));
        exit(1);
    }
    chat_config_free(config);
    return client;
}

int main(int count, char **arguments) {
    static struct counts counts[MOST_THREADS];
    pthread_t threads[MOST_THREADS];
    struct counts sum = {0};
    char byte;
    int thread, wanted;
    if (count != 7 || (wanted = atoi(arguments[6])) < 1 || wanted > MOST_THREADS) return 2;
    chat_client *shared = client(arguments);
    for (thread = 0; thread < wanted; thread++) {
        counts[thread].client = shared;
        if (pthread_create(&threads[thread], NULL, call, &counts[thread]) != 0) return 1;
    }
    while (read(0, &byte, 1) > 0) {
    }
    over = 1;
    chat_client_shutdown(shared);
    for (thread = 0; thread < wanted; thread++) {
        pthread_join(threads[thread], NULL);
        sum.served += counts[thread].served;
        sum.throttled += counts[thread].throttled;
        sum.other += counts[thread].other;
    }
    chat_client_free(shared);
    printf("%lu %lu %lu\n", sum.served, sum.throttled, sum.other);
    return 0;
}
