/* How late a call returns after its deadline when the peer takes the request and never answers: URL CA_FILE THREADS CALLS
 * TIMEOUT_MS. Prints the lateness of all calls in microseconds, sorted; an early return ends the program with 1. */
#include "settings.h"

#include <pthread.h>
#include <time.h>

static chat_client *client;
static int calls, timeout_ms;

static double now_us(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec * 1e6 + (double)time.tv_nsec / 1e3;
}

static void *work(void *opaque) {
    double *late = (double *)opaque;
    for (int i = 0; i < calls; ++i) {
        const double began = now_us();
        const int code = chat_del_contact_group(client, "user_0001", "g", NULL, NULL);
        late[i] = now_us() - began - timeout_ms * 1e3;
        if (code != CHAT_ERR_TIMEOUT || late[i] < 0) {
            fprintf(stderr, "code %d, %.0f us past the deadline\n", code, late[i]);
            exit(1);
        }
    }
    return NULL;
}

static int ascending(const void *a, const void *b) {
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

int main(int argc, char **argv) {
    pthread_t threads[256];
    chat_config *config;
    double *late;
    int count;
    if (argc != 6 || (count = atoi(argv[3])) < 1 || count > 256) {
        fprintf(stderr, "usage: late URL CA_FILE THREADS CALLS TIMEOUT_MS\n");
        return 2;
    }
    calls = atoi(argv[4]);
    timeout_ms = atoi(argv[5]);
    config = settings_for(argv[1], argv[2]);
    chat_config_set_timeout_ms(config, (unsigned)timeout_ms);
    chat_config_set_rate_limit(config, 0);
    chat_config_set_max_attempts(config, 1);
    client = client_from(config);
    late = (double *)calloc((size_t)(count * calls), sizeof *late);
    if (late == NULL) return 1;
    for (int i = 0; i < count; ++i) pthread_create(&threads[i], NULL, work, late + i * calls);
    for (int i = 0; i < count; ++i) pthread_join(threads[i], NULL);
    qsort(late, (size_t)(count * calls), sizeof *late, ascending);
    for (int i = 0; i < count * calls; ++i) printf("%s%.0f", i == 0 ? "[" : ",", late[i]);
    printf("]\n");
    free(late);
    chat_client_free(client);
    return 0;
}
