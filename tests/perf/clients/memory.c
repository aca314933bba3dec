/* What grows with use: URL CA_FILE SILENT_URL. Prints the resident memory of a client without a connection, of a kept connection, and of a
 * caller who waits for an answer, its thread included, each as the slope between few of them and many. */
#include "settings.h"

#include <pthread.h>
#include <unistd.h>

#define FEW 8
#define MANY 64

static void give_up(const char *what) {
    fprintf(stderr, "%s\n", what);
    exit(1);
}

static double resident_kb(void) {
    long pages = 0;
    FILE *file = fopen("/proc/self/statm", "r");
    if (file == NULL || fscanf(file, "%*s %ld", &pages) != 1) give_up("no /proc/self/statm");
    fclose(file);
    return (double)pages * (double)sysconf(_SC_PAGESIZE) / 1024;
}

static chat_client *silent;

static void *wait_for_ever(void *unused) {
    (void)unused;
    if (chat_del_contact_group(silent, "user_0001", "group_0001", NULL, NULL) != CHAT_ERR_SHUTDOWN) give_up("a call was answered by a peer that never answers");
    return NULL;
}

static double clients(const char *url, const char *ca_file) {
    chat_client *all[MANY];
    double few = 0;
    for (int i = 0; i < MANY; ++i) {
        if (i == FEW) few = resident_kb();
        all[i] = client_from(settings_for(url, ca_file));
    }
    few = (resident_kb() - few) / (MANY - FEW);
    for (int i = 0; i < MANY; ++i) chat_client_free(all[i]);
    return few;
}

static void warm_up(const chat_client *client, unsigned count) {
    chat_response *response = NULL;
    if (chat_client_warm_up(client, count, 10000, &response) != CHAT_OK) give_up(chat_response_message(response, NULL));
    chat_response_free(response);
}

static double connections(const char *url, const char *ca_file) {
    chat_client *client = client_from(settings_for(url, ca_file));
    double few;
    warm_up(client, FEW);
    few = resident_kb();
    warm_up(client, MANY);
    few = (resident_kb() - few) / (MANY - FEW);
    chat_client_free(client);
    return few;
}

static double callers(const char *url) {
    pthread_t threads[MANY];
    double few = 0;
    chat_config *config = settings_for(url, "");
    chat_config_set_timeout_ms(config, 60000);
    chat_config_set_attempt_timeout_ms(config, 60000);
    silent = client_from(config);
    for (int i = 0; i < MANY; ++i) {
        if (i == FEW) {
            usleep(300000);
            few = resident_kb();
        }
        if (pthread_create(&threads[i], NULL, wait_for_ever, NULL) != 0) give_up("no thread to be had");
    }
    usleep(300000);
    few = (resident_kb() - few) / (MANY - FEW);
    chat_client_shutdown(silent);
    for (int i = 0; i < MANY; ++i) pthread_join(threads[i], NULL);
    chat_client_free(silent);
    return few;
}

int main(int argc, char **argv) {
    double client, connection, caller;
    if (argc != 4) {
        fprintf(stderr, "usage: memory URL CA_FILE SILENT_URL\n");
        return 2;
    }
    caller = callers(argv[3]);
    client = clients(argv[1], argv[2]);
    connection = connections(argv[1], argv[2]);
    printf("{\"client_kb\":%.1f,\"connection_kb\":%.1f,\"caller_kb\":%.1f}\n", client, connection, caller);
    return 0;
}
