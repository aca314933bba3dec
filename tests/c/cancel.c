/* The end of a call before its answer: by token, shutdown, free, deadline, callback and signal. Each is shown by order (the call
 * is back while the peer still hangs), never by a stopwatch; a deadline is only checked for never being early. */
#include "calls.h"

#include <fcntl.h>
#include <signal.h>

/* A client whose calls last a minute if nothing ends them, so that a TIMEOUT is never what a test sees by chance. */
static chat_client *patient_client(void) {
    reset_emulator();
    return emulator_client();
}

static chat_call_options *options_with(const chat_cancel *cancel) {
    chat_call_options *options = chat_call_options_new();
    CHECK_INT(chat_call_options_set_cancel(options, cancel), CHAT_OK);
    return options;
}

static void a_token_that_is_freed_ends_nothing_any_more(void) {
    chat_client *client = patient_client();
    chat_cancel *cancel = chat_cancel_new();
    chat_call_options *options = options_with(cancel);
    struct begun call;
    add_fault("{\"delay_ms\":200}");
    begin(&call, client, options);
    wait_for_requests(1);
    chat_cancel_free(cancel);
    CHECK_INT(finish(&call), CHAT_SERVICE_GROUP_NOT_FOUND);
    CHECK_INT(code_of(delete_with(client, GROUP, options)), CHAT_SERVICE_GROUP_NOT_FOUND);
    chat_call_options_free(options);
    chat_client_free(client);
}

/* What an interrupt callback saw, and what it is to do. */
static struct {
    pthread_t thread;
    int asked;
    int end_when_asked;
    volatile sig_atomic_t signalled;
    chat_client *client;
    int nested;
    int inside; /* atomic: written on the calling thread, read on another */
} interrupt;

static chat_call_options *options_asking(int (*stop)(void *)) {
    chat_call_options *options = chat_call_options_new();
    memset(&interrupt, 0, sizeof interrupt);
    CHECK_INT(chat_call_options_set_interrupt(options, stop, &interrupt), CHAT_OK);
    return options;
}

static int end_by_count(void *user) {
    if (user != &interrupt) return 1;
    interrupt.thread = pthread_self();
    return ++interrupt.asked == interrupt.end_when_asked;
}

/* A listener whose queue is full: it drops further connection requests, as a dead host does. */
static int deaf_listener(char *url, size_t room, int *waiting) {
    struct sockaddr_in address;
    socklen_t length = sizeof address;
    const int fd = listener_at("https", url, room);
    int i;
    if (listen(fd, 0) != 0 || getsockname(fd, (struct sockaddr *)&address, &length) != 0) give_up("no deaf listener");
    for (i = 0; i < 4; ++i) {
        waiting[i] = socket(AF_INET, SOCK_STREAM, 0);
        if (fcntl(waiting[i], F_SETFL, O_NONBLOCK) != 0) give_up("no socket");
        (void)connect(waiting[i], (struct sockaddr *)&address, length);
    }
    nap_ms(50);
    return fd;
}

enum place_to_hang { WHILE_CONNECTING, IN_THE_HANDSHAKE, AT_THE_PROXY, PLACES };
enum who_ends { TOKEN, SHUTDOWN, CALLBACK, FREE, WHO };

static void is_ended_at_once(enum place_to_hang where, enum who_ends who) {
    char url[64];
    int waiting[4] = {-1, -1, -1, -1}, i;
    const int listener = where == WHILE_CONNECTING ? deaf_listener(url, sizeof url, waiting) : listener_at("https", url, sizeof url);
    const int expected = who == TOKEN || who == CALLBACK ? CHAT_ERR_CANCELLED : CHAT_ERR_SHUTDOWN;
    const long begun = now_ms();
    chat_cancel *cancel = chat_cancel_new();
    chat_call_options *options = who == CALLBACK ? options_asking(end_by_count) : options_with(cancel);
    chat_config *config = emulator_config();
    chat_client *client;
    struct begun call;
    interrupt.end_when_asked = 2;
    chat_config_set_connect_timeout_ms(config, 60000);
    if (where == AT_THE_PROXY) {
        CHECK_INT(chat_config_set_base_url(config, "https://service.invalid"), CHAT_OK);
        memmove(url + 4, url + 5, strlen(url + 5) + 1); /* a proxy is http */
        CHECK_INT(chat_config_set_proxy(config, url), CHAT_OK);
    } else {
        CHECK_INT(chat_config_set_base_url(config, url), CHAT_OK);
    }
    client = client_from(config);
    begin(&call, client, options);
    nap_ms(100);
    if (who == TOKEN) chat_cancel_trigger(cancel);
    if (who == SHUTDOWN) chat_client_shutdown(client);
    if (who == FREE) chat_client_free(client);
    check_int(__FILE__, __LINE__, "where and who", finish(&call) == expected ? 0 : 100 + where * 10 + who, 0);
    CHECK_INT(call.in_doubt, 0);
    CHECK(now_ms() - begun < 30000); /* nothing else would have ended it in a minute */
    if (who != FREE) chat_client_free(client);
    close(listener);
    for (i = 0; i < 4; ++i) close(waiting[i]);
    chat_call_options_free(options);
    chat_cancel_free(cancel);
}

static void a_call_that_connects_ends_at_once_whoever_ends_it(void) {
    int where, who;
    for (where = 0; where < PLACES; ++where) {
        for (who = 0; who < WHO; ++who) is_ended_at_once((enum place_to_hang)where, (enum who_ends)who);
    }
}

static void the_callback_is_asked_on_the_calling_thread_and_ends_the_call(void) {
    chat_client *client = patient_client();
    chat_call_options *options = options_asking(end_by_count);
    chat_response *response;
    interrupt.end_when_asked = 2;
    add_fault("{\"hang\":true}");
    response = delete_with(client, GROUP, options);
    CHECK_INT(chat_response_code(response), CHAT_ERR_CANCELLED);
    CHECK_INT(chat_response_is_in_doubt(response), 1);
    CHECK_HAS(chat_response_message(response, NULL), "interrupt");
    chat_response_free(response);
    CHECK_INT(interrupt.asked, 2);
    CHECK(pthread_equal(interrupt.thread, pthread_self()));
    chat_call_options_free(options);
    chat_client_free(client);
    clear_faults();
}

static void a_callback_that_answers_0_lets_the_call_go_on(void) {
    chat_client *client = patient_client();
    chat_call_options *options = options_asking(end_by_count);
    add_fault("{\"delay_ms\":700}");
    CHECK_INT(code_of(delete_with(client, GROUP, options)), CHAT_SERVICE_GROUP_NOT_FOUND);
    CHECK(interrupt.asked >= 2); /* every 200 ms */
    chat_call_options_free(options);
    chat_client_free(client);
}

static void on_signal(int number) {
    (void)number;
    interrupt.signalled = 1;
}

/* Signals break a blocking system call, as those of a program without SA_RESTART do. */
static void catch_signals(void) {
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = on_signal;
    sigemptyset(&action.sa_mask);
    sigaction(SIGUSR1, &action, NULL);
}

static void signals_alone_disturb_no_call(void) {
    chat_client *client = patient_client();
    struct begun call;
    int i;
    catch_signals();
    add_fault("{\"delay_ms\":600}");
    begin(&call, client, NULL);
    wait_for_requests(1);
    for (i = 0; i < 100; ++i) {
        pthread_kill(call.thread, SIGUSR1);
        nap_ms(2);
    }
    CHECK_INT(finish(&call), CHAT_SERVICE_GROUP_NOT_FOUND);
    CHECK_INT(requests_seen(), 1);
    CHECK(interrupt.signalled);
    chat_client_free(client);
}

static int end_after_a_signal(void *user) {
    (void)user;
    return interrupt.signalled;
}

static void a_signal_ends_the_call_when_the_callback_says_so(void) {
    chat_client *client = patient_client();
    chat_call_options *options = options_asking(end_after_a_signal);
    struct begun call;
    catch_signals();
    add_fault("{\"hang\":true}");
    begin(&call, client, options);
    wait_for_requests(1);
    pthread_kill(call.thread, SIGUSR1);
    CHECK_INT(finish(&call), CHAT_ERR_CANCELLED);
    chat_call_options_free(options);
    chat_client_free(client);
    clear_faults();
}

static int call_again_once(void *user) {
    (void)user;
    if (interrupt.asked++ == 0) interrupt.nested = code_of(delete_group(interrupt.client, GROUP));
    return 0;
}

static void a_callback_may_make_a_call_of_its_own(void) {
    chat_client *client = patient_client();
    chat_call_options *options = options_asking(call_again_once);
    interrupt.client = client;
    add_fault("{\"delay_ms\":500}");
    CHECK_INT(code_of(delete_with(client, GROUP, options)), CHAT_SERVICE_GROUP_NOT_FOUND);
    CHECK_INT(interrupt.nested, CHAT_SERVICE_GROUP_NOT_FOUND);
    CHECK_INT(requests_seen(), 2);
    chat_call_options_free(options);
    chat_client_free(client);
}

static int free_the_client(void *user) {
    (void)user;
    chat_client_free(interrupt.client);
    interrupt.client = NULL;
    return 0;
}

static void a_callback_may_free_the_client_it_is_called_from(void) {
    chat_client *client = patient_client();
    chat_call_options *options = options_asking(free_the_client);
    interrupt.client = client;
    add_fault("{\"hang\":true}");
    CHECK_INT(code_of(delete_with(client, GROUP, options)), CHAT_ERR_SHUTDOWN);
    CHECK(interrupt.client == NULL);
    chat_call_options_free(options);
    clear_faults();
}

static int stay_inside(void *user) {
    (void)user;
    __atomic_store_n(&interrupt.inside, 1, __ATOMIC_SEQ_CST);
    nap_ms(400);
    __atomic_store_n(&interrupt.inside, 0, __ATOMIC_SEQ_CST);
    return 0;
}

static void free_ends_the_calls_inside_and_waits_for_them(void) {
    chat_client *client = patient_client();
    chat_call_options *options = options_asking(stay_inside);
    struct begun call;
    add_fault("{\"hang\":true}");
    begin(&call, client, options);
    while (!__atomic_load_n(&interrupt.inside, __ATOMIC_SEQ_CST)) nap_ms(1);
    chat_client_free(client);
    CHECK_INT(__atomic_load_n(&interrupt.inside, __ATOMIC_SEQ_CST), 0); /* the call was inside when free began, and is not when it ended */
    CHECK_INT(finish(&call), CHAT_ERR_SHUTDOWN);
    chat_call_options_free(options);
    clear_faults();
}

static int after_some_time(void *asked) { return ++*(int *)asked > 1; }

static void token_shutdown_and_callback_end_a_pause_between_attempts(void) {
    int way;
    for (way = 0; way < 3; ++way) {
        chat_client *client = emulator_client();
        chat_cancel *cancel = chat_cancel_new();
        chat_call_options *options = chat_call_options_new();
        struct begun call;
        int asked = 0;
        reset_emulator();
        CHECK_INT(chat_call_options_set_cancel(options, cancel), CHAT_OK);
        if (way == 2) CHECK_INT(chat_call_options_set_interrupt(options, after_some_time, &asked), CHAT_OK);
        add_fault("{\"answer\":{\"status\":503,\"headers\":{\"retry-after\":\"20\"},\"body\":\"\"}}"); /* the service would answer then */
        begin(&call, client, options);
        wait_for_requests(1);
        nap_ms(50);
        if (way == 0) chat_cancel_trigger(cancel);
        if (way == 1) chat_client_shutdown(client);
        CHECK_INT(finish(&call), way == 1 ? CHAT_ERR_SHUTDOWN : CHAT_ERR_CANCELLED);
        CHECK_INT(call.attempts, 1);
        CHECK_INT(call.in_doubt, 1); /* a gateway answered: nobody knows about the service */
        CHECK_INT(requests_seen(), 1);
        chat_call_options_free(options);
        chat_cancel_free(cancel);
        chat_client_free(client);
    }
}

int main(int argc, char **argv) {
    find_emulator(argc, argv);
    KEEP(a_token_that_is_freed_ends_nothing_any_more);
    KEEP(a_call_that_connects_ends_at_once_whoever_ends_it);
    KEEP(the_callback_is_asked_on_the_calling_thread_and_ends_the_call);
    KEEP(a_callback_that_answers_0_lets_the_call_go_on);
    KEEP(signals_alone_disturb_no_call);
    KEEP(a_signal_ends_the_call_when_the_callback_says_so);
    KEEP(a_callback_may_make_a_call_of_its_own);
    KEEP(a_callback_may_free_the_client_it_is_called_from);
    KEEP(free_ends_the_calls_inside_and_waits_for_them);
    KEEP(token_shutdown_and_callback_end_a_pause_between_attempts);
    return broken_promises != 0;
}
