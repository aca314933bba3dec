/* Mistakes made on purpose, one a run, to show that each sanitizer sees into the library: `make check` expects every one to be
 * reported. Usage: seeded race | read_after_free | leak | overflow | none. Needs no service. */
#define _POSIX_C_SOURCE 200809L

#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <tencent_chat.h>

static chat_call_options *options;

static void *set_often(void *unused) {
    uint32_t i;
    for (i = 0; i < 1000; ++i) chat_call_options_set_timeout_ms(options, 1000 + i);
    return unused;
}

/* Two threads change what only one may change at a time: the writes that meet are the library's. */
static void race(void) {
    pthread_t other;
    options = chat_call_options_new();
    if (pthread_create(&other, NULL, set_often, NULL) != 0) return;
    set_often(NULL);
    pthread_join(other, NULL);
    chat_call_options_free(options);
}

/* A response that says what is missing in empty settings. */
static chat_response *refused(void) {
    chat_config *config = chat_config_new();
    chat_client *client = NULL;
    chat_response *error = NULL;
    chat_client_new(config, &client, &error);
    chat_client_free(client);
    chat_config_free(config);
    return error;
}

/* The library reads what it has freed. */
static void read_after_free(void) {
    chat_response *response = refused();
    chat_response_free(response);
    printf("%d\n", chat_response_code(response));
}

/* The second response takes the place of the only pointer to the first. */
static void leak(void) {
    static chat_response *kept;
    kept = refused();
    kept = refused();
    chat_response_free(kept);
    kept = NULL;
}

static void overflow(int argc) {
    int largest = INT_MAX;
    largest += argc;
    printf("%d\n", largest);
}

int main(int argc, char **argv) {
    const char *what = argc > 1 ? argv[1] : "";
    if (strcmp(what, "race") == 0) race();
    else if (strcmp(what, "read_after_free") == 0) read_after_free();
    else if (strcmp(what, "leak") == 0) leak();
    else if (strcmp(what, "overflow") == 0) overflow(argc);
    else if (strcmp(what, "none") == 0) chat_response_free(refused());
    else return 2;
    return 0;
}
