/* The first call of a client that was warmed up, beside a later one on the same connection: URL CA_FILE ROUNDS. A client a round; prints
 * how long each took. */
#include "settings.h"

#include <time.h>

static double now_us(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec * 1e6 + (double)time.tv_nsec / 1e3;
}

static double timed_call(const chat_client *client) {
    const double began = now_us();
    chat_response *response = NULL;
    if (chat_del_contact_group(client, "user_0001", "group_0001", NULL, &response) != CHAT_OK) {
        fprintf(stderr, "%s\n", chat_response_message(response, NULL));
        exit(1);
    }
    chat_response_free(response);
    return now_us() - began;
}

int main(int argc, char **argv) {
    if (argc != 4) {
        fprintf(stderr, "usage: warm URL CA_FILE ROUNDS\n");
        return 2;
    }
    printf("[");
    for (int round = 0; round < atoi(argv[3]); ++round) {
        chat_client *client = client_from(settings_for(argv[1], argv[2]));
        double first, later;
        if (chat_client_warm_up(client, 1, 10000, NULL) != CHAT_OK) return 1;
        first = timed_call(client);
        timed_call(client);
        later = timed_call(client);
        printf("%s{\"first_us\":%.1f,\"later_us\":%.1f}", round == 0 ? "" : ",", first, later);
        chat_client_free(client);
    }
    printf("]\n");
    return 0;
}
