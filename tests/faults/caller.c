/* Makes the calls of the fault table from C. Each line of standard input is a call, made on a thread of its own with a client of its own:
 *
 *   id command url ca_file proxy sdk_app_id identifier key user_sig user group timeout attempt_timeout connect_timeout max_connections
 *   rate_limit warm pause act
 *
 * with tabs between, times in milliseconds, `-` for what is not given. `warm` is another call of the same client, on a group that is
 * called otherwise: `before` the one that counts, or `beside` it, begun and met by its fault before. A line with an id alone says that
 * the call's fault was met: then a call whose `act` is `cancel` or `shutdown` is ended in that way. Of each call one line of JSON is
 * printed. Ends when its input does. Knows nothing of what is right. */
#define _POSIX_C_SOURCE 200809L

#include <tencent_chat.h>

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define CALLS 4096
#define WARM_GROUP "warm"

enum { ID, COMMAND, URL, CA_FILE, PROXY, SDK_APP_ID, IDENTIFIER, KEY, USER_SIG, USER, GROUP, TIMEOUT, ATTEMPT_TIMEOUT, CONNECT_TIMEOUT,
       MAX_CONNECTIONS, RATE_LIMIT, WARM, PAUSE, ACT, FIELDS };

struct call {
    char *line;
    char *field[FIELDS];
    chat_client *client;
    chat_cancel *cancel;
    pthread_t thread;
    int met;  /* its fault was */
    int over; /* the client may be gone */
};

static struct call *calls[CALLS];
/* Guards `met`, `over` and what is printed. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;

static void give_up(const char *why) {
    fprintf(stderr, "cannot go on: %s\n", why);
    exit(2);
}

static int is(const struct call *call, int field, const char *text) { return strcmp(call->field[field], text) == 0; }

static uint32_t number(const struct call *call, int field) { return (uint32_t)strtoul(call->field[field], NULL, 10); }

/* The client has time; what the call that counts has is in its options. */
static chat_client *client_of(const struct call *call) {
    chat_client *client = NULL;
    chat_response *error = NULL;
    chat_config *config = chat_config_new();
    chat_config_set_base_url(config, call->field[URL]);
    chat_config_set_ca_file(config, call->field[CA_FILE]);
    chat_config_set_sdk_app_id(config, number(call, SDK_APP_ID));
    chat_config_set_identifier(config, call->field[IDENTIFIER]);
    if (!is(call, PROXY, "-")) chat_config_set_proxy(config, call->field[PROXY]);
    if (!is(call, KEY, "-")) chat_config_set_secret_key(config, call->field[KEY]);
    if (!is(call, USER_SIG, "-")) chat_config_set_user_sig(config, call->field[USER_SIG]);
    chat_config_set_timeout_ms(config, 60000);
    chat_config_set_attempt_timeout_ms(config, 60000);
    chat_config_set_connect_timeout_ms(config, 60000);
    chat_config_set_max_connections(config, number(call, MAX_CONNECTIONS));
    chat_config_set_rate_limit(config, number(call, RATE_LIMIT));
    if (chat_client_new(config, &client, &error) != CHAT_OK) give_up(chat_response_message(error, NULL));
    chat_config_free(config);
    return client;
}

static chat_call_options *options_of(const struct call *call) {
    chat_call_options *options = chat_call_options_new();
    if (chat_call_options_set_timeout_ms(options, number(call, TIMEOUT)) != CHAT_OK
        || chat_call_options_set_attempt_timeout_ms(options, number(call, ATTEMPT_TIMEOUT)) != CHAT_OK
        || chat_call_options_set_connect_timeout_ms(options, number(call, CONNECT_TIMEOUT)) != CHAT_OK
        || chat_call_options_set_cancel(options, call->cancel) != CHAT_OK) {
        give_up(chat_call_options_message(options));
    }
    return options;
}

static chat_response *make(const struct call *call, const char *group, const chat_call_options *options) {
    chat_response *response = NULL;
    if (is(call, COMMAND, "delete")) {
        chat_del_contact_group(call->client, call->field[USER], group, options, &response);
    } else {
        chat_create_contact_group(call->client, call->field[USER], group, NULL, options, &response);
    }
    return response;
}

static void *make_beside(void *argument) {
    chat_response_free(make((const struct call *)argument, WARM_GROUP, NULL));
    return NULL;
}

static void nap_ms(uint32_t ms) {
    struct timespec time;
    time.tv_sec = ms / 1000;
    time.tv_nsec = (long)(ms % 1000) * 1000000;
    nanosleep(&time, NULL);
}

static long long now_us(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (long long)time.tv_sec * 1000000 + time.tv_nsec / 1000;
}

static void print_json(const char *text, size_t length) {
    size_t i;
    for (i = 0; i < length; ++i) {
        const unsigned char c = (unsigned char)text[i];
        if (c < 0x20 || c == '"' || c == '\\') printf("\\u%04x", c);
        else putchar(c);
    }
}

/* One line of everything that C can show of a call and its client. */
static void tell(const struct call *call, const chat_response *response, long long us) {
    chat_stats *stats = chat_client_stats(call->client);
    size_t length = 0;
    const char *text;
    pthread_mutex_lock(&lock);
    printf("{\"id\":%s,\"code\":%d,\"in_doubt\":%s,\"already_deleted\":%s,\"attempts\":%d,\"us\":%lld,\"shown\":\"", call->field[ID],
           chat_response_code(response), chat_response_is_in_doubt(response) ? "true" : "false",
           chat_response_is_already_deleted(response) ? "true" : "false", chat_response_attempts(response), us);
    text = chat_response_message(response, &length);
    print_json(text, length);
    print_json("\n", 1);
    text = chat_response_trace(response);
    print_json(text, strlen(text));
    print_json("\n", 1);
    text = chat_response_body(response, &length);
    print_json(text, length);
    print_json("\n", 1);
    text = chat_stats_prometheus(stats, &length);
    print_json(text, length);
    printf("\"}\n");
    fflush(stdout);
    pthread_mutex_unlock(&lock);
    chat_stats_free(stats);
}

static void wait_until_met(const struct call *call) {
    pthread_mutex_lock(&lock);
    while (!call->met) pthread_cond_wait(&changed, &lock);
    pthread_mutex_unlock(&lock);
}

static void *run(void *argument) {
    struct call *call = (struct call *)argument;
    chat_call_options *options = options_of(call);
    chat_response *response;
    pthread_t beside;
    long long begun;
    if (is(call, WARM, "before")) make_beside(call);
    if (is(call, WARM, "beside")) {
        if (pthread_create(&beside, NULL, make_beside, call) != 0) give_up("no thread");
        wait_until_met(call);
    }
    nap_ms(number(call, PAUSE));
    begun = now_us();
    response = make(call, call->field[GROUP], options);
    tell(call, response, now_us() - begun);
    chat_response_free(response);
    chat_call_options_free(options);
    pthread_mutex_lock(&lock);
    call->over = 1;
    pthread_mutex_unlock(&lock);
    chat_client_shutdown(call->client);
    if (is(call, WARM, "beside")) pthread_join(beside, NULL);
    chat_client_free(call->client);
    return NULL;
}

static void begin(char *line) {
    struct call *call = (struct call *)calloc(1, sizeof *call);
    char *rest = NULL;
    unsigned long id;
    int i;
    if (call == NULL) give_up("no memory");
    call->line = line;
    for (i = 0; i < FIELDS; ++i) {
        call->field[i] = strtok_r(i == 0 ? line : NULL, "\t", &rest);
        if (call->field[i] == NULL) give_up("a line has too few fields");
    }
    id = number(call, ID);
    if (id >= CALLS) give_up("too many calls");
    call->client = client_of(call);
    call->cancel = chat_cancel_new();
    calls[id] = call;
    if (pthread_create(&call->thread, NULL, run, call) != 0) give_up("no thread");
}

static void meet(const char *line) {
    struct call *call = calls[strtoul(line, NULL, 10) % CALLS];
    if (call == NULL) give_up("no such call");
    pthread_mutex_lock(&lock);
    call->met = 1;
    pthread_cond_broadcast(&changed);
    if (!call->over && is(call, ACT, "cancel")) chat_cancel_trigger(call->cancel);
    if (!call->over && is(call, ACT, "shutdown")) chat_client_shutdown(call->client);
    pthread_mutex_unlock(&lock);
}

int main(void) {
    char *line = NULL;
    size_t room = 0, i;
    ssize_t length;
    while ((length = getline(&line, &room, stdin)) > 0) {
        line[length - 1] = '\0';
        if (strchr(line, '\t') == NULL) {
            meet(line);
        } else {
            begin(line);
            line = NULL; /* the call's now */
            room = 0;
        }
    }
    free(line);
    for (i = 0; i < CALLS; ++i) {
        if (calls[i] == NULL) continue;
        pthread_join(calls[i]->thread, NULL);
        chat_cancel_free(calls[i]->cancel);
        free(calls[i]->line);
        free(calls[i]);
    }
    return 0;
}
