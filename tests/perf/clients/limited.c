/* Calls that no limit holds up, one every 10 ms: URL CALLS [REDIS_URL]. With the URL the client shares its limit through that server. Prints
 * what a call took: of the processor on average, of time in the median, which a busy machine moves least. */
#include "settings.h"

#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

static double seconds(clockid_t clock) {
    struct timespec time;
    clock_gettime(clock, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static int ascending(const void *a, const void *b) {
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

int main(int argc, char **argv) {
    chat_config *config;
    chat_client *client;
    double cpu = 0, *took;
    int calls;
    if (argc < 3 || argc > 4 || (calls = atoi(argv[2])) < 1) {
        fprintf(stderr, "usage: limited URL CALLS [REDIS_URL]\n");
        return 2;
    }
    config = settings_for(argv[1], "");
    if (argc == 4 && chat_config_set_shared_limit(config, argv[3], "bench") != CHAT_OK) {
        fprintf(stderr, "%s\n", chat_config_message(config));
        return 1;
    }
    client = client_from(config);
    took = (double *)calloc((size_t)calls, sizeof *took);
    if (took == NULL) return 1;
    for (int i = -20; i < calls; ++i) {
        chat_response *response = NULL;
        double began;
        if (i == 0) cpu = seconds(CLOCK_PROCESS_CPUTIME_ID);
        usleep(10000);
        began = seconds(CLOCK_MONOTONIC);
        if (chat_del_contact_group(client, "user_0001", "group_0001", NULL, &response) != CHAT_OK) {
            fprintf(stderr, "%s\n", chat_response_message(response, NULL));
            return 1;
        }
        if (i >= 0) took[i] = seconds(CLOCK_MONOTONIC) - began;
        chat_response_free(response);
    }
    cpu = seconds(CLOCK_PROCESS_CPUTIME_ID) - cpu;
    qsort(took, (size_t)calls, sizeof *took, ascending);
    printf("{\"cpu_us\":%.1f,\"median_us\":%.1f}\n", cpu / calls * 1e6, took[calls / 2] * 1e6);
    free(took);
    chat_client_free(client);
    return 0;
}
