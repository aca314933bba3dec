/* As many calls as the library's own rate limit lets through: URL CA_FILE THREADS SECONDS. One client with its default limit;
 * prints the calls made, the time, and the longest wait, of any call and of those begun after two seconds, when a first burst is paid for.
 * What arrived when is the server's to say. */
#include "settings.h"

#include <pthread.h>
#include <time.h>

static chat_client *client;
static double start, end;
static pthread_mutex_t totals = PTHREAD_MUTEX_INITIALIZER;
static long calls;
static double longest, longest_steady;

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

/* A delete of a group that is not there costs the service's cap like any other. */
static void *work(void *unused) {
    long made = 0;
    double longest_here = 0, steady_here = 0;
    (void)unused;
    while (now() < end) {
        const double began = now();
        chat_response *response = NULL;
        const int code = chat_del_contact_group(client, "user_0001", "absent", NULL, &response);
        const double took = now() - began;
        if (code != CHAT_SERVICE_GROUP_NOT_FOUND) {
            fprintf(stderr, "%d %s\n", code, chat_response_message(response, NULL));
            exit(1);
        }
        chat_response_free(response);
        ++made;
        if (took > longest_here) longest_here = took;
        if (began > start + 2 && took > steady_here) steady_here = took;
    }
    pthread_mutex_lock(&totals);
    calls += made;
    if (longest_here > longest) longest = longest_here;
    if (steady_here > longest_steady) longest_steady = steady_here;
    pthread_mutex_unlock(&totals);
    return NULL;
}

int main(int argc, char **argv) {
    pthread_t threads[256];
    int count;
    if (argc != 5 || (count = atoi(argv[3])) < 1 || count > 256) {
        fprintf(stderr, "usage: cap URL CA_FILE THREADS SECONDS\n");
        return 2;
    }
    client = client_from(settings_for(argv[1], argv[2]));
    start = now();
    end = start + atof(argv[4]);
    for (int i = 0; i < count; ++i) pthread_create(&threads[i], NULL, work, NULL);
    for (int i = 0; i < count; ++i) pthread_join(threads[i], NULL);
    printf("{\"calls\":%ld,\"wall_us\":%.0f,\"longest_us\":%.0f,\"steady_us\":%.0f}\n", calls, (now() - start) * 1e6, longest * 1e6,
           longest_steady * 1e6);
    chat_client_free(client);
    return 0;
}
