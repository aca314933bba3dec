/* 32 threads on one client while it is cancelled, shut down, freed, counted and given new keys: every call ends with an answer of its
 * own or with the one code that the disturbance has. ThreadSanitizer watches this program (`make check`); without it, it shows that
 * nothing hangs. */
#include "client.h"

#include <pthread.h>

#define CALLERS 32
#define CALLS 8 /* of each thread, where it does not call until the end */

/* What all threads see: what to call with, and what came. */
static struct {
    const chat_client *client;
    const chat_call_options *options;
    const chat_response *response;
    int answered, ended, other;
    int until_ended;
} shared;

static pthread_t callers[CALLERS];

static void count(int *counter) { __atomic_add_fetch(counter, 1, __ATOMIC_RELAXED); }
static int counted(int *counter) { return __atomic_load_n(counter, __ATOMIC_RELAXED); }

/* Whether one call was answered; any code but the service's and the two of an ended call is counted as another. */
static int call_once(void) {
    chat_response *response = NULL;
    const int code = chat_del_contact_group(shared.client, USER, GROUP, shared.options, &response);
    const int is_whole = response != NULL && chat_response_code(response) == code && chat_response_trace(response)[0] == '[';
    if (!is_whole) count(&shared.other);
    else if (code == CHAT_SERVICE_GROUP_NOT_FOUND) count(&shared.answered);
    else if (code == CHAT_ERR_CANCELLED || code == CHAT_ERR_SHUTDOWN) count(&shared.ended);
    else {
        fprintf(stderr, "  %d %s\n", code, chat_response_message(response, NULL));
        count(&shared.other);
    }
    chat_response_free(response);
    return is_whole && code == CHAT_SERVICE_GROUP_NOT_FOUND;
}

static void *call_often(void *unused) {
    int i;
    for (i = 0; i < CALLS || shared.until_ended; ++i) {
        if (!call_once()) break;
    }
    return unused;
}

static void *call_only_once(void *unused) {
    call_once();
    return unused;
}

static void begin_all(const chat_client *client, const chat_call_options *options, int until_ended, void *(*work)(void *)) {
    int i;
    memset(&shared, 0, sizeof shared);
    shared.client = client;
    shared.options = options;
    shared.until_ended = until_ended;
    for (i = 0; i < CALLERS; ++i) {
        if (pthread_create(&callers[i], NULL, work, NULL) != 0) give_up("no thread");
    }
}

static void join_all(void) {
    int i;
    for (i = 0; i < CALLERS; ++i) pthread_join(callers[i], NULL);
}

/* Waits until so many calls were answered; the bound only stops a hang. */
static void wait_for_answers(int number) {
    const long give_up_at = now_ms() + 60000;
    while (counted(&shared.answered) < number) {
        if (now_ms() > give_up_at) give_up("the calls are not answered");
        nap_ms(1);
    }
}

/* A client whose calls last a minute if nothing ends them and go out as fast as they come. */
static chat_client *patient_client(void) {
    chat_config *config = emulator_config();
    CHECK_INT(chat_config_set_rate_limit(config, 0), CHAT_OK);
    CHECK_INT(chat_config_set_attempt_timeout_ms(config, 60000), CHAT_OK);
    reset_emulator();
    return client_from(config);
}

static void calls_are_answered_while_the_key_is_replaced_and_counters_are_read(void) {
    chat_client *client = patient_client();
    int i;
    begin_all(client, NULL, 0, call_often);
    for (i = 0; i < 200; ++i) {
        chat_stats *stats = chat_client_stats(client);
        CHECK_INT(chat_client_set_secret_key(client, KEY), CHAT_OK); /* the same key, a new signature */
        CHECK(chat_stats_get(stats, "calls") <= CALLERS * CALLS);
        chat_stats_free(stats);
        nap_ms(1);
    }
    join_all();
    CHECK_INT(shared.answered, CALLERS * CALLS);
    CHECK_INT(shared.ended + shared.other, 0);
    chat_client_free(client);
}

static void a_token_meets_calls_in_every_state(void) {
    chat_client *client = patient_client();
    int round;
    for (round = 0; round < 5; ++round) {
        chat_cancel *cancel = chat_cancel_new();
        chat_call_options *options = chat_call_options_new();
        CHECK_INT(chat_call_options_set_cancel(options, cancel), CHAT_OK);
        begin_all(client, options, 1, call_often);
        wait_for_answers(round * 8);
        chat_cancel_trigger(cancel);
        join_all();
        chat_cancel_free(cancel);
        CHECK_INT(shared.ended, CALLERS);
        CHECK_INT(shared.other, 0);
        chat_call_options_free(options);
    }
    CHECK_INT(code_of(delete_group(client, GROUP)), CHAT_SERVICE_GROUP_NOT_FOUND); /* the client goes on */
    chat_client_free(client);
}

static void shutdown_meets_calls_in_every_state(void) {
    int round;
    for (round = 0; round < 5; ++round) {
        chat_client *client = patient_client();
        begin_all(client, NULL, 1, call_often);
        wait_for_answers(round * 8);
        chat_client_shutdown(client);
        chat_client_shutdown(client);
        join_all();
        CHECK_INT(shared.ended, CALLERS);
        CHECK_INT(shared.other, 0);
        chat_client_free(client);
    }
}

static void free_meets_calls_that_hang_while_keys_are_replaced(void) {
    chat_client *client = patient_client();
    int i;
    add_fault("{\"hang\":true,\"times\":0}");
    begin_all(client, NULL, 0, call_only_once);
    for (i = 0; i < 20; ++i) CHECK_INT(chat_client_set_secret_key(client, KEY), CHAT_OK);
    wait_for_requests(CALLERS);
    chat_client_free(client);
    CHECK_INT(counted(&shared.answered), 0);
    join_all();
    CHECK_INT(shared.ended, CALLERS);
    CHECK_INT(shared.other, 0);
    clear_faults();
}

static void *read_response(void *unused) {
    int64_t code = -1;
    const int is_read = chat_response_int(shared.response, "/ErrorCode", &code) == CHAT_OK && code == CHAT_SERVICE_GROUP_NOT_FOUND
        && strcmp(chat_response_str(shared.response, "/ActionStatus", NULL), "FAIL") == 0
        && strlen(chat_response_trace(shared.response)) > 2;
    count(is_read ? &shared.answered : &shared.other);
    return unused;
}

static void a_response_is_first_read_by_all_threads_at_once(void) {
    chat_client *client = patient_client();
    chat_response *response = delete_group(client, GROUP);
    int i;
    memset(&shared, 0, sizeof shared);
    shared.response = response;
    for (i = 0; i < CALLERS; ++i) {
        if (pthread_create(&callers[i], NULL, read_response, NULL) != 0) give_up("no thread");
    }
    join_all();
    CHECK_INT(shared.answered, CALLERS);
    chat_response_free(response);
    chat_client_free(client);
}

int main(int argc, char **argv) {
    find_emulator(argc, argv);
    KEEP(calls_are_answered_while_the_key_is_replaced_and_counters_are_read);
    KEEP(a_token_meets_calls_in_every_state);
    KEEP(shutdown_meets_calls_in_every_state);
    KEEP(free_meets_calls_that_hang_while_keys_are_replaced);
    KEEP(a_response_is_first_read_by_all_threads_at_once);
    return broken_promises != 0;
}
