/* Signals: a thousand that land inside calls, wherever a call may wait, fail none of them and repeat none; SIGPIPE is never raised, and
 * the program's handlers and masks stay its own. Every handler is without SA_RESTART, so that each signal breaks a blocking system call. */
#define _DEFAULT_SOURCE /* setitimer */
#include "calls.h"

#include <signal.h>
#include <sys/time.h>

enum { SIGNALS = 1000 };

/* `inside` is the calling thread's; a timer's signal may land on any other. The counts are everybody's. */
static __thread volatile sig_atomic_t inside;
static int landed, pipes;

static int counted(int *counter) { return __atomic_load_n(counter, __ATOMIC_RELAXED); }

static void on_signal(int number) {
    if (number == SIGPIPE) __atomic_add_fetch(&pipes, 1, __ATOMIC_RELAXED);
    else if (inside) __atomic_add_fetch(&landed, 1, __ATOMIC_RELAXED);
}

static void catch(int number) {
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = on_signal;
    sigemptyset(&action.sa_mask);
    sigaction(number, &action, NULL);
}

/* Keeps the signals away, or lets them in again; the emulator's admin port is asked without them. */
static void keep_away(int how) {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    sigaddset(&set, SIGALRM);
    pthread_sigmask(how, &set, NULL);
}

/* Calls that wait in one of the ways a call can wait. */
struct waiting {
    chat_client *(*client)(void);
    void (*before_each)(void);
    int attempts; /* of every call */
    /* What came of them. */
    long calls;
    int failed;
    int repeated;
};

static void *call_until_enough_have_landed(void *waiting) {
    struct waiting *self = (struct waiting *)waiting;
    chat_client *client = self->client();
    while (counted(&landed) < SIGNALS) {
        chat_response *response = NULL;
        int code;
        if (self->before_each != NULL) {
            keep_away(SIG_BLOCK);
            self->before_each();
            keep_away(SIG_UNBLOCK);
        }
        inside = 1;
        code = chat_del_contact_group(client, USER, GROUP, NULL, &response);
        inside = 0;
        ++self->calls;
        if (code != CHAT_SERVICE_GROUP_NOT_FOUND) {
            ++self->failed;
            fprintf(stderr, "  %d %s\n", code, chat_response_message(response, NULL));
        }
        self->repeated += chat_response_attempts(response) != self->attempts;
        chat_response_free(response);
    }
    chat_client_free(client);
    return NULL;
}

/* One signal after the other, until enough of them landed inside calls. */
static void disturb(int line, struct waiting *calls) {
    pthread_t thread;
    catch(SIGUSR1);
    reset_emulator();
    __atomic_store_n(&landed, 0, __ATOMIC_RELAXED);
    if (pthread_create(&thread, NULL, call_until_enough_have_landed, calls) != 0) give_up("no thread");
    while (counted(&landed) < SIGNALS) {
        struct timespec pause;
        pause.tv_sec = 0;
        pause.tv_nsec = 200000;
        pthread_kill(thread, SIGUSR1);
        nanosleep(&pause, NULL);
    }
    pthread_join(thread, NULL);
    check_int(__FILE__, line, "calls that failed", calls->failed, 0);
    check_int(__FILE__, line, "calls that were repeated", calls->repeated, 0);
    check_int(__FILE__, line, "requests", requests_seen(), calls->calls * calls->attempts);
}

static void let_the_answer_wait(void) { add_fault("{\"delay_ms\":20}"); }

static void a_thousand_signals_while_answers_are_awaited_fail_no_call(void) {
    struct waiting calls = {client_that_tries_once, let_the_answer_wait, 1, 0, 0, 0};
    disturb(__LINE__, &calls);
}

/* The peer ends each connection, so that every call makes its own. */
static void let_the_connection_end(void) {
    add_fault("{\"answer\":{\"status\":200,\"headers\":{\"connection\":\"close\"},"
              "\"body\":\"{\\\"ActionStatus\\\":\\\"FAIL\\\",\\\"ErrorCode\\\":51009}\"}}");
}

static void a_thousand_signals_while_connections_are_made_fail_no_call(void) {
    struct waiting calls = {client_that_tries_once, let_the_connection_end, 1, 0, 0, 0};
    disturb(__LINE__, &calls);
}

static chat_client *client_of_five_calls_a_second(void) {
    chat_config *config = emulator_config();
    chat_config_set_max_attempts(config, 1);
    chat_config_set_rate_limit(config, 5);
    return client_from(config);
}

static void a_thousand_signals_while_a_slot_is_waited_for_fail_no_call(void) {
    struct waiting calls = {client_of_five_calls_a_second, NULL, 1, 0, 0, 0};
    disturb(__LINE__, &calls);
}

/* The pause after such an answer is a second and more. */
static void let_the_service_ask_for_a_pause(void) { add_fault("{\"code\":60007}"); }

static void a_thousand_signals_between_attempts_fail_no_call(void) {
    struct waiting calls = {emulator_client, let_the_service_ask_for_a_pause, 2, 0, 0, 0};
    disturb(__LINE__, &calls);
}

/* A client whose only connection another call holds for a second and a half. */
static struct begun holder;

static chat_client *client_of_one_connection(void) {
    chat_config *config = emulator_config();
    chat_config_set_max_connections(config, 1);
    chat_config_set_max_attempts(config, 1);
    return client_from(config);
}

static void a_thousand_signals_while_a_connection_is_waited_for_fail_no_call(void) {
    chat_client *client = client_of_one_connection();
    struct begun waiting[4];
    int i, sent = 0;
    catch(SIGUSR1);
    reset_emulator();
    add_fault("{\"delay_ms\":1500}");
    begin(&holder, client, NULL);
    wait_for_requests(1);
    for (i = 0; i < 4; ++i) begin(&waiting[i], client, NULL);
    /* The signals go to threads that wait; how many of them landed while they did is not known here, so more are sent. */
    while (sent < 2 * SIGNALS) {
        pthread_kill(waiting[sent % 4].thread, SIGUSR1);
        if (++sent % 2 == 0) nap_ms(1);
    }
    CHECK_INT(finish(&holder), CHAT_SERVICE_GROUP_NOT_FOUND);
    for (i = 0; i < 4; ++i) CHECK_INT(finish(&waiting[i]), CHAT_SERVICE_GROUP_NOT_FOUND);
    CHECK_INT(requests_seen(), 5);
    chat_client_free(client);
}

static void a_timer_of_the_program_fails_no_call(void) {
    chat_client *client = client_that_tries_once();
    const struct itimerval every = {{0, 500}, {0, 500}}, never = {{0, 0}, {0, 0}};
    long calls = 0;
    catch(SIGALRM);
    reset_emulator();
    __atomic_store_n(&landed, 0, __ATOMIC_RELAXED);
    setitimer(ITIMER_REAL, &every, NULL);
    while (counted(&landed) < SIGNALS) {
        inside = 1;
        CHECK_INT(code_of(delete_group(client, GROUP)), CHAT_SERVICE_GROUP_NOT_FOUND);
        inside = 0;
        ++calls;
    }
    setitimer(ITIMER_REAL, &never, NULL);
    CHECK_INT(requests_seen(), calls);
    chat_client_free(client);
}

static chat_client *client_of(const char *url) {
    chat_config *config = emulator_config();
    chat_config_set_base_url(config, url);
    chat_config_set_max_attempts(config, 1);
    return client_from(config);
}

/* A request that no socket buffer holds, sent on its own thread. */
struct large {
    const chat_client *client;
    const chat_call_options *options;
    char *json;
    size_t length;
    int code;
    int in_doubt;
    pthread_t thread;
};

static void *send_large(void *large) {
    struct large *self = (struct large *)large;
    chat_response *response = NULL;
    self->code = chat_call(self->client, GET_PATH, self->json, self->length, self->options, &response);
    self->in_doubt = chat_response_is_in_doubt(response);
    chat_response_free(response);
    return NULL;
}

static void begin_large(struct large *call, const chat_client *client, const chat_call_options *options) {
    call->client = client;
    call->options = options;
    call->length = 7 * 1024 * 1024;
    call->json = (char *)malloc(call->length);
    if (call->json == NULL) give_up("no memory");
    memset(call->json, ' ', call->length);
    call->json[0] = '{';
    call->json[call->length - 1] = '}';
    if (pthread_create(&call->thread, NULL, send_large, call) != 0) give_up("no thread");
}

static void finish_large(struct large *call) {
    pthread_join(call->thread, NULL);
    free(call->json);
}

static void a_peer_that_breaks_the_connection_under_a_request_raises_no_sigpipe(void) {
    static const char *const schemes[] = {"http", "https"};
    size_t i;
    int round;
    catch(SIGPIPE);
    for (i = 0; i < 2; ++i) {
        char url[64];
        const int listener = listener_at(schemes[i], url, sizeof url);
        chat_client *client = client_of(url);
        for (round = 0; round < 10; ++round) {
            const struct linger reset = {1, 0};
            struct large call;
            char first[1024];
            int accepted;
            begin_large(&call, client, NULL);
            accepted = accept(listener, NULL, NULL);
            if (recv(accepted, first, sizeof first, 0) <= 0) give_up("nothing came");
            if (round % 2 == 0) setsockopt(accepted, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
            close(accepted);
            finish_large(&call);
            CHECK_INT(call.code, CHAT_ERR_TRANSPORT);
            CHECK_INT(call.in_doubt, i == 0);
        }
        chat_client_free(client);
        close(listener);
    }
    CHECK_INT(counted(&pipes), 0);
}

/* The library cuts its own socket then, and the call that is writing into it finds a broken pipe. */
static void a_call_that_is_cancelled_while_it_sends_raises_no_sigpipe(void) {
    char url[64];
    const int listener = listener_at("http", url, sizeof url);
    chat_client *client = client_of(url);
    int round;
    catch(SIGPIPE);
    for (round = 0; round < 10; ++round) {
        chat_cancel *cancel = chat_cancel_new();
        chat_call_options *options = chat_call_options_new();
        struct large call;
        char first[1024];
        int accepted;
        CHECK_INT(chat_call_options_set_cancel(options, cancel), CHAT_OK);
        begin_large(&call, client, options);
        accepted = accept(listener, NULL, NULL);
        if (recv(accepted, first, sizeof first, 0) <= 0) give_up("nothing came");
        nap_ms(20); /* for the call to fill the socket's buffer and to wait */
        chat_cancel_trigger(cancel);
        finish_large(&call);
        CHECK_INT(call.code, CHAT_ERR_CANCELLED);
        CHECK_INT(call.in_doubt, 1);
        close(accepted);
        chat_call_options_free(options);
        chat_cancel_free(cancel);
    }
    CHECK_INT(counted(&pipes), 0);
    chat_client_free(client);
    close(listener);
}

static void the_programs_handlers_and_mask_stay_its_own(void) {
    struct sigaction before[32], after;
    sigset_t mask_before, mask_after;
    chat_client *client;
    int number;
    signal(SIGUSR1, SIG_DFL);
    signal(SIGALRM, SIG_DFL);
    signal(SIGPIPE, SIG_DFL);
    for (number = 1; number < 32; ++number) sigaction(number, NULL, &before[number]);
    pthread_sigmask(SIG_BLOCK, NULL, &mask_before);
    reset_emulator();
    client = emulator_client();
    CHECK_INT(code_of(delete_group(client, GROUP)), CHAT_SERVICE_GROUP_NOT_FOUND);
    add_fault("{\"drop\":\"reset\",\"times\":0}");
    CHECK_INT(code_of(delete_group(client, GROUP)), CHAT_ERR_TRANSPORT);
    chat_client_free(client);
    pthread_sigmask(SIG_BLOCK, NULL, &mask_after);
    for (number = 1; number < 32; ++number) {
        sigaction(number, NULL, &after);
        CHECK(after.sa_handler == before[number].sa_handler);
        CHECK_INT(sigismember(&mask_after, number), sigismember(&mask_before, number));
    }
    clear_faults();
}

/* What a program waits for with its own threads' masks must not end on a thread that it does not know. */
static void a_signal_to_the_program_is_not_taken_by_a_thread_of_the_library(void) {
    chat_client *client = client_of("http://localhost:1");
    const struct timespec at_once = {0, 0};
    sigset_t set;
    catch(SIGUSR1);
    CHECK_INT(code_of(delete_group(client, GROUP)), CHAT_ERR_TRANSPORT); /* the look-up thread has started */
    keep_away(SIG_BLOCK);
    kill(getpid(), SIGUSR1);
    nap_ms(50);
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    CHECK_INT(sigtimedwait(&set, NULL, &at_once), SIGUSR1);
    keep_away(SIG_UNBLOCK);
    chat_client_free(client);
}

int main(int argc, char **argv) {
    find_emulator(argc, argv);
    KEEP(a_thousand_signals_while_answers_are_awaited_fail_no_call);
    KEEP(a_thousand_signals_while_connections_are_made_fail_no_call);
    KEEP(a_thousand_signals_while_a_slot_is_waited_for_fail_no_call);
    KEEP(a_thousand_signals_between_attempts_fail_no_call);
    KEEP(a_thousand_signals_while_a_connection_is_waited_for_fail_no_call);
    KEEP(a_timer_of_the_program_fails_no_call);
    KEEP(a_peer_that_breaks_the_connection_under_a_request_raises_no_sigpipe);
    KEEP(a_call_that_is_cancelled_while_it_sends_raises_no_sigpipe);
    KEEP(the_programs_handlers_and_mask_stay_its_own);
    KEEP(a_signal_to_the_program_is_not_taken_by_a_thread_of_the_library);
    return broken_promises != 0;
}
