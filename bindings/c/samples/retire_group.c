/* Deletes one conversation group for every user of a list: some threads over one client, whose rate limit they share. Ends at once on a
 * code that says no call can succeed. Run it again after a stop: a user who is done is then "not there".
 * Usage: retire_group BASE_URL LIST GROUP [CA_FILE]. LIST has a UserID a line. Exit status 0 if no user has the group any more, else 1. */
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <tencent_chat.h>

/* A call takes about 50 ms, so 8 threads make 160 a second: more than the rate below lets through. */
#define THREADS 8
/* Half of the 200 a second that the service grants, so that a live app keeps the other half. */
#define RATE 100
/* The emulator's key; a real one comes from your secret store. */
#define KEY "5bd2850fff3ecb11d7c805251c51ee463a25727bddc2385f3fa8bfee1bb93b5e"

/* What the threads share; all but the client and the group's name under the lock. */
static struct {
    const chat_client *client;
    const char *group;
    pthread_mutex_t lock;
    FILE *list;
    int stopped;
    unsigned long deleted, missing, failed;
} run = {NULL, NULL, PTHREAD_MUTEX_INITIALIZER, NULL, 0, 0, 0, 0};

/* The next user of the list; 0 at its end and after a stop. Reading as they go, the threads never hold more than a name each. */
static int next_user(char *user, int size) {
    int found = 0;
    pthread_mutex_lock(&run.lock);
    while (!run.stopped && !found && fgets(user, size, run.list) != NULL) {
        const size_t length = strcspn(user, "\r\n");
        if (user[length] == '\0' && !feof(run.list)) {
            fprintf(stderr, "a line of the list is longer than any UserID\n");
            run.stopped = 1;
        }
        user[length] = '\0';
        found = length > 0 && !run.stopped;
    }
    pthread_mutex_unlock(&run.lock);
    return found;
}

static void count(const char *user, int code, const chat_response *response) {
    pthread_mutex_lock(&run.lock);
    if (code == CHAT_OK) {
        ++run.deleted;
    } else if (code == CHAT_SERVICE_GROUP_NOT_FOUND) {
        ++run.missing;
    } else {
        ++run.failed;
        fprintf(stderr, "%s: %d %s\n", user, code, chat_response_message(response, NULL));
        run.stopped |= chat_code_is_fatal(code);
    }
    pthread_mutex_unlock(&run.lock);
}

static void *work(void *unused) {
    char user[256];
    while (next_user(user, sizeof user)) {
        chat_response *response = NULL;
        const int code = chat_del_contact_group(run.client, user, run.group, NULL, &response);
        count(user, code, response);
        chat_response_free(response);
    }
    return unused;
}

/* A refused setter is remembered and chat_client_new reports it, so one check is enough. */
static chat_client *client_of(const char *url, const char *ca_file) {
    chat_client *client = NULL;
    chat_response *error = NULL;
    chat_config *config = chat_config_new();
    chat_config_set_base_url(config, url);
    chat_config_set_sdk_app_id(config, 1400000000);
    chat_config_set_identifier(config, "administrator");
    chat_config_set_secret_key(config, KEY);
    chat_config_set_rate_limit(config, RATE);
    if (ca_file[0] != '\0') chat_config_set_ca_file(config, ca_file);
    if (chat_client_new(config, &client, &error) != CHAT_OK) fprintf(stderr, "%s\n", chat_response_message(error, NULL));
    chat_response_free(error);
    chat_config_free(config);
    return client;
}

int main(int argc, char **argv) {
    pthread_t threads[THREADS];
    chat_client *client;
    int started = 0;
    if (argc < 4) {
        fprintf(stderr, "usage: retire_group BASE_URL LIST GROUP [CA_FILE]\n");
        return 1;
    }
    run.list = fopen(argv[2], "r");
    if (run.list == NULL) perror(argv[2]);
    run.group = argv[3];
    run.client = client = client_of(argv[1], argc > 4 ? argv[4] : "");
    if (run.list != NULL && client != NULL) {
        while (started < THREADS && pthread_create(&threads[started], NULL, work, NULL) == 0) ++started;
        if (started == 0) work(NULL); /* a system without room for one thread more */
        while (started > 0) pthread_join(threads[--started], NULL);
        printf("deleted %lu, not there %lu, failed %lu%s\n", run.deleted, run.missing, run.failed, run.stopped ? ", stopped" : "");
    }
    chat_client_free(client);
    if (run.list == NULL || client == NULL) return 1;
    if (ferror(run.list)) {
        fprintf(stderr, "%s cannot be read to its end\n", argv[2]);
        run.stopped = 1;
    }
    fclose(run.list);
    return run.failed > 0 || run.stopped ? 1 : 0;
}
