/* What a call takes from the process it is in: 64 KiB of stack, no environment variable and no descriptor below 3; and a thread that is
 * cancelled inside a call ends after it. */
#define _GNU_SOURCE /* pthread_attr_setstack with MAP_ANONYMOUS */
#include "calls.h"

#include <errno.h>
#include <sys/mman.h>
#include <sys/wait.h>

/* The header's number. */
enum { STACK = 64 * 1024 };

/* A stack larger than that, painted, so that what a call took of it is measured and a breach is no crash. */
enum { ROOM = 1024 * 1024, PAINT = 0xa5 };

static size_t stack_taken_by(void *(*work)(void *), void *user) {
    unsigned char *stack = (unsigned char *)mmap(NULL, ROOM, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    pthread_attr_t attributes;
    pthread_t thread;
    size_t untouched = 0;
    if (stack == MAP_FAILED) give_up("no memory");
    memset(stack, PAINT, ROOM);
    pthread_attr_init(&attributes);
    if (pthread_attr_setstack(&attributes, stack, ROOM) != 0) give_up("no stack");
    if (pthread_create(&thread, &attributes, work, user) != 0) give_up("no thread");
    pthread_join(thread, NULL);
    pthread_attr_destroy(&attributes);
    while (untouched < ROOM && stack[untouched] == PAINT) ++untouched;
    munmap(stack, ROOM);
    return ROOM - untouched;
}

static void *nothing(void *user) { return user; }

static chat_client *client;

static void *make_a_client(void *user) {
    client = client_that_tries_once();
    return user;
}

static void *free_the_client(void *user) {
    chat_client_free(client);
    return user;
}

/* The call's code goes where `user` points. */
static void *delete_here(void *user) {
    chat_response *response = delete_group(client, GROUP);
    (void)chat_response_str(response, "/GroupItem/0/GroupName", NULL);
    (void)chat_response_trace(response);
    *(int *)user = code_of(response);
    return NULL;
}

static int await_an_item(void);

static void *go_through_items(void *user) {
    *(int *)user = await_an_item();
    return NULL;
}

static char *nested(int depth) {
    char *json = (char *)malloc((size_t)depth * 2 + 64);
    char *end;
    if (json == NULL) give_up("no memory");
    end = json + sprintf(json, "{\"ActionStatus\":\"OK\",\"ErrorCode\":0,\"x\":");
    memset(end, '[', (size_t)depth);
    memset(end + depth, ']', (size_t)depth);
    strcpy(end + 2 * depth, "}");
    return json;
}

static void *send_nested(void *user) {
    char *json = nested(100000);
    *(int *)user = code_of(call(client, GET_PATH, json));
    free(json);
    return NULL;
}

static void *make_and_free_settings(void *user) {
    chat_config *config = emulator_config();
    CHECK_INT(chat_config_set_proxy(config, "http://user:word@localhost:1"), CHAT_OK);
    CHECK_INT(chat_config_add_ca_file(config, place.ca_file), CHAT_OK);
    CHECK(chat_config_set_base_url(config, "no URL") != CHAT_OK);
    chat_config_free(config);
    return user;
}

static void fits(const char *what, void *(*work)(void *), void *user) {
    const size_t own = stack_taken_by(nothing, NULL), taken = stack_taken_by(work, user) - own;
    if (taken > STACK - own) fprintf(stderr, "  %s takes %lu bytes of stack\n", what, (unsigned long)taken);
    CHECK(taken <= STACK - own);
    CHECK(taken > 0); /* the measuring sees something */
}

static void every_call_works_on_sixty_four_kib_of_stack(void) {
    char *deep = nested(120), *deeper = nested(100000);
    int code = 0;
    reset_emulator();
    fits("making settings", make_and_free_settings, NULL);
    fits("making a client", make_a_client, NULL);
    fits("the first call: signature, look-up, connection, handshake", delete_here, &code);
    CHECK_INT(code, CHAT_SERVICE_GROUP_NOT_FOUND);
    fits("a call", delete_here, &code);
    CHECK_INT(code, CHAT_SERVICE_GROUP_NOT_FOUND);
    add_fault("{\"code\":70001}");
    fits("a call that renews its signature", delete_here, &code);
    answer_next(200, deep);
    fits("a nested answer", delete_here, &code);
    answer_next(200, deeper);
    fits("an answer nested beyond reason", delete_here, &code);
    answer_next(502, "<html>no JSON</html>");
    fits("an answer of a gateway", delete_here, &code);
    add_fault("{\"drop\":\"reset\",\"at\":\"request\"}");
    fits("a connection that breaks", delete_here, &code);
    fits("nested JSON of the caller's", send_nested, &code);
    fits("an iteration", go_through_items, &code);
    fits("freeing a client", free_the_client, NULL);
    free(deep);
    free(deeper);
}

/* A thread that is cancelled before it calls, so that whatever waits inside would be where it ends. */
struct cancelled {
    int (*work)(void);
    int returned;
    int cleaned_up;
};

static void clean_up(void *cancelled) { ((struct cancelled *)cancelled)->cleaned_up = 1; }

static void *be_cancelled(void *cancelled) {
    struct cancelled *self = (struct cancelled *)cancelled;
    pthread_cleanup_push(clean_up, self);
    pthread_cancel(pthread_self());
    self->returned = self->work();
    pthread_testcancel();
    self->returned = -99; /* it was not cancelled at all */
    pthread_cleanup_pop(0);
    return NULL;
}

static int make_clients(void) {
    client = client_that_tries_once();
    return chat_config_set_ca_file(NULL, place.ca_file);
}

static int await_an_answer(void) { return code_of(delete_group(client, GROUP)); }

static int await_an_item(void) {
    chat_items *items = NULL;
    chat_response *item = NULL;
    int code = chat_contact_group_items(client, USER, &items, NULL);
    if (code == CHAT_OK) code = chat_items_next(items, NULL, &item);
    chat_response_free(item);
    chat_items_free(items);
    return code;
}

static struct begun inside;

static int await_the_end_of_another_call(void) {
    chat_client_free(client);
    return 0;
}

static void is_cancelled_after(int line, int (*work)(void), int code) {
    struct cancelled cancelled = {work, -99, 0};
    pthread_t thread;
    void *ended = NULL;
    if (pthread_create(&thread, NULL, be_cancelled, &cancelled) != 0) give_up("no thread");
    pthread_join(thread, &ended);
    check_int(__FILE__, line, "what it returned", cancelled.returned, code);
    check_int(__FILE__, line, "cancelled", ended == PTHREAD_CANCELED, 1);
    check_int(__FILE__, line, "cleaned up", cancelled.cleaned_up, 1);
}

static void a_thread_that_is_cancelled_inside_a_call_ends_after_it(void) {
    is_cancelled_after(__LINE__, make_clients, CHAT_ERR_INVALID_ARGUMENT);
    reset_emulator();
    add_fault("{\"delay_ms\":50}");
    is_cancelled_after(__LINE__, await_an_answer, CHAT_SERVICE_GROUP_NOT_FOUND);
    CHECK_INT(requests_seen(), 1);
    add_fault("{\"delay_ms\":50}");
    is_cancelled_after(__LINE__, await_an_item, CHAT_END);
    reset_emulator();
    add_fault("{\"hang\":true}");
    begin(&inside, client, NULL);
    wait_for_requests(1);
    is_cancelled_after(__LINE__, await_the_end_of_another_call, 0);
    CHECK_INT(finish(&inside), CHAT_ERR_SHUTDOWN);
}

static void a_thread_that_refuses_cancellation_still_does_after_a_call(void) {
    int before = -1, after = -1;
    client = emulator_client();
    pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &before);
    CHECK_INT(code_of(delete_group(client, GROUP)), CHAT_SERVICE_GROUP_NOT_FOUND);
    pthread_setcancelstate(before, &after);
    CHECK_INT(after, PTHREAD_CANCEL_DISABLE);
    CHECK_INT(before, PTHREAD_CANCEL_ENABLE);
    chat_client_free(client);
}

/* Stands before the C library's own for this program and for what is linked to it; that library's own questions do not come here. */
static int questions;

char *getenv(const char *name) {
    (void)name;
    __atomic_add_fetch(&questions, 1, __ATOMIC_RELAXED);
    return NULL;
}

char *secure_getenv(const char *name) { return getenv(name); }

/* Runs last: whatever this program made the library do is behind it. */
static void no_environment_variable_was_asked_for(void) {
    CHECK_INT(questions, 0);
    CHECK(getenv("HOME") == NULL);
    CHECK_INT(questions, 1);
}

/* In a child, which has closed what it was given; its exit code tells how often something sat down there. */
static int descriptors_below_3_after_a_call(void) {
    int fd, code, taken = 0;
    for (fd = 0; fd <= 2; ++fd) close(fd);
    client = emulator_client();
    code = code_of(delete_group(client, GROUP));
    for (fd = 0; fd <= 2; ++fd) taken += lseek(fd, 0, SEEK_CUR) != -1 || errno != EBADF;
    return code == CHAT_SERVICE_GROUP_NOT_FOUND ? taken : 100;
}

static void no_connection_sits_on_a_standard_descriptor(void) {
    int status = -1;
    const pid_t child = fork();
    if (child == 0) _exit(descriptors_below_3_after_a_call());
    waitpid(child, &status, 0);
    CHECK(WIFEXITED(status));
    CHECK_INT(WEXITSTATUS(status), 0);
}

int main(int argc, char **argv) {
    find_emulator(argc, argv);
    KEEP(every_call_works_on_sixty_four_kib_of_stack);
    KEEP(a_thread_that_is_cancelled_inside_a_call_ends_after_it);
    KEEP(a_thread_that_refuses_cancellation_still_does_after_a_call);
    KEEP(no_connection_sits_on_a_standard_descriptor);
    KEEP(no_environment_variable_was_asked_for);
    return broken_promises != 0;
}
