/* fork(): in a child every function refuses a client or an iteration of the parent before anything of it is touched, freeing it there is
 * harmless, and parent and children go on side by side with clients of their own: nobody gets another's answer, nobody hangs.
 * An argument behind the emulator's says how many calls that takes; tests/abi/capi.rs checks that no function is left out. */
#include "calls.h"
#include "commands.h"
#include "conversations.h"

#include <poll.h>
#include <signal.h>
#include <sys/wait.h>

/* Only stops a hang, of a child or of a call. */
#define LONGEST_S 240

static const char forked_text[] = "fork()";

/* A call in a child has to answer that the client is the parent's. */
#define FORKED(call_with)                                                        \
    do {                                                                         \
        chat_response *response = NULL;                                          \
        CHECK_INT(call_with, CHAT_ERR_FORKED);                                   \
        CHECK_INT(chat_response_code(response), CHAT_ERR_FORKED);                \
        CHECK_HAS(chat_response_message(response, NULL), forked_text);           \
        CHECK_INT(chat_response_is_in_doubt(response), 0);                       \
        CHECK_INT(chat_response_attempts(response), 0);                          \
        chat_response_free(response);                                            \
    } while (0)

/* What the calls are given: it is refused before anybody looks at it. */
static const char *a_text(void *from, const char *name) { (void)from, (void)name; return USER; }
static int64_t a_number(void *from, const char *name) { (void)from, (void)name; return 1; }
static const chat_contacts *no_contacts(void *from, const char *name) { (void)from, (void)name; return NULL; }
static const chat_marks *no_marks(void *from, const char *name) { (void)from, (void)name; return NULL; }
static const chat_accounts *no_accounts(void *from, const char *name) { (void)from, (void)name; return NULL; }
static const struct giver anything = {a_text, a_number, no_contacts, no_marks, no_accounts, NULL};

static void every_call_refuses(const chat_client *client) {
    chat_contacts *contacts = contacts_of(1);
    size_t i;
    for (i = 0; i < sizeof commands / sizeof *commands; ++i) FORKED(commands[i].call(client, &anything, NULL, &response));
    /* Also with a list, with arguments that are wrong in other ways, and without a place for the response. */
    FORKED(chat_search_contact_group(client, USER, contacts, NULL, &response));
    FORKED(chat_del_contact_group(client, NULL, NULL, NULL, &response));
    CHECK_INT(chat_del_contact_group(client, USER, GROUP, NULL, NULL), CHAT_ERR_FORKED);
    chat_contacts_free(contacts);
}

static void a_page_of_its_own_takes_none_of(const chat_client *client) {
    chat_client *own = emulator_client();
    chat_stats *stats = chat_client_stats(own);
    CHECK_INT(chat_stats_add(stats, client), CHAT_ERR_FORKED);
    chat_stats_free(stats);
    chat_client_free(own);
}

static void every_other_function_refuses(const chat_client *client) {
    chat_items *items = (chat_items *)(void *)client; /* anything but NULL: it has to be overwritten */
    CHECK_INT(chat_client_set_secret_key(client, KEY), CHAT_ERR_FORKED);
    CHECK_INT(chat_client_set_user_sig(client, "x"), CHAT_ERR_FORKED);
    CHECK(chat_client_stats(client) == NULL);
    a_page_of_its_own_takes_none_of(client);
    FORKED(chat_client_warm_up(client, 1, 1000, &response));
    CHECK_INT(chat_client_drain(client, 1000), CHAT_ERR_FORKED);
    FORKED(chat_recent_contact_items(client, USER, &items, &response));
    CHECK(items == NULL);
    FORKED(chat_contact_group_items(client, USER, &items, &response));
    CHECK(items == NULL);
}

/* Begins a child; it is killed if it hangs. What was printed before is not printed twice. */
static pid_t begin_child(void) {
    pid_t child;
    fflush(stdout);
    fflush(stderr);
    child = fork();
    if (child < 0) give_up("no child");
    if (child == 0) {
        broken_promises = 0;
        alarm(LONGEST_S);
    }
    return child;
}

/* Ends a child as a program ends, with what runs at exit. */
static void end_child(void) { exit(broken_promises != 0); }

/* Ends a child that kept its promises without the look that a leak checker takes: what threads of the parent and a call that was cut off
 * hold is lost there, and on purpose. */
static void end_child_unchecked(void) {
    if (broken_promises == 0) raise(SIGKILL);
    _exit(1);
}

static void await_child_unchecked(int line, pid_t child) {
    int status = -1;
    if (waitpid(child, &status, 0) != child) give_up("the child is gone");
    if (!WIFSIGNALED(status) || WTERMSIG(status) != SIGKILL) broken(__FILE__, line, "the child broke a promise, crashed or hung");
}

static void await_child(int line, pid_t child) {
    int status = -1;
    if (waitpid(child, &status, 0) != child) give_up("the child is gone");
    if (WIFSIGNALED(status)) {
        broken(__FILE__, line, WTERMSIG(status) == SIGALRM ? "the child hung" : "the child crashed");
    } else if (WEXITSTATUS(status) != 0) {
        broken(__FILE__, line, "the child broke a promise, or left memory behind");
    }
}

static uint64_t counted(const chat_client *client, const char *name) {
    chat_stats *stats = chat_client_stats(client);
    const uint64_t count = chat_stats_get(stats, name);
    chat_stats_free(stats);
    return count;
}

/* What LeakSanitizer must not count in a child: what the parent's look-up thread holds, which is not there to hold it. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void) { return "leak:transport::background\nleak:__cxa_thread_atexit_impl\n"; }

/* Where a child keeps what it lets go, so that a leak checker sees that nothing else is lost; volatile, so that nobody optimises it away. */
static chat_client *volatile let_go;
static chat_items *volatile let_go_items;

static void every_function_refuses_the_parents_client_and_sends_nothing(void) {
    chat_client *client = emulator_client();
    pid_t child;
    reset_emulator();
    create_group(client, GROUP);
    let_go = client;
    child = begin_child();
    if (child == 0) {
        every_call_refuses(client);
        every_other_function_refuses(client);
        CHECK_INT(requests_seen(), 1);
        end_child();
    }
    await_child(__LINE__, child);
    CHECK_INT(requests_seen(), 1);
    CHECK_INT(counted(client, "calls"), 1);
    chat_client_free(client);
}

static void to_end_and_free_it_in_a_child_is_harmless_to_the_parent(void) {
    chat_client *client = emulator_client();
    int round;
    reset_emulator();
    create_group(client, GROUP);
    let_go = client;
    for (round = 0; round < 3; ++round) {
        const pid_t child = begin_child();
        chat_response *response;
        if (child == 0) {
            chat_client_shutdown(client);
            every_call_refuses(client); /* refused, not shut down */
            chat_client_free(client);
            end_child();
        }
        await_child(__LINE__, child);
        response = call(client, GET_PATH, "{\"From_Account\":\"" USER "\",\"StartIndex\":0}");
        CHECK_INT(chat_response_code(response), CHAT_OK);
        CHECK_INT(chat_response_attempts(response), 1);
        CHECK_STR(chat_response_str(response, "/GroupItem/0/GroupName", NULL), GROUP);
        chat_response_free(response);
    }
    CHECK_INT(counted(client, "connections_opened"), 1); /* the child's end closed none of the parent's */
    chat_client_free(client);
}

static void an_iteration_of_the_parent_is_refused_and_goes_on_in_the_parent(void) {
    chat_client *client = emulator_client();
    chat_contacts *contacts = contacts_of(3);
    chat_items *items = NULL;
    chat_response *item = NULL;
    int left = 0;
    pid_t child;
    reset_emulator();
    tell_emulator("PUT", "/settings", "{\"page_size\":1}");
    CHECK_INT(code_of(create_with(client, GROUP, contacts)), CHAT_OK);
    CHECK_INT(chat_contact_group_items(client, USER, &items, NULL), CHAT_OK);
    CHECK_INT(chat_items_next(items, NULL, &item), CHAT_OK);
    chat_response_free(item);
    let_go = client;
    let_go_items = items;
    child = begin_child();
    if (child == 0) {
        FORKED(chat_items_next(items, NULL, &response));
        CHECK_INT(chat_items_is_complete(items), 0);
        CHECK_HAS(chat_response_body(chat_items_page(items), NULL), "\"ContactItem\""); /* what was read before is readable */
        chat_items_free(items);
        chat_client_free(client);
        end_child();
    }
    await_child(__LINE__, child);
    while (chat_items_next(items, NULL, &item) == CHAT_OK) {
        ++left;
        chat_response_free(item);
    }
    CHECK_INT(left, 2);
    CHECK_INT(chat_items_is_complete(items), 1);
    chat_items_free(items);
    chat_contacts_free(contacts);
    chat_client_free(client);
}

/* Settings, options, lists and answers are plain memory: they serve in the child as well. */
static void everything_but_clients_and_iterations_serves_in_a_child(void) {
    chat_config *config = emulator_config();
    chat_call_options *options = chat_call_options_new();
    chat_client *client = NULL;
    chat_response *response;
    pid_t child;
    CHECK_INT(chat_client_new(config, &client, NULL), CHAT_OK);
    reset_emulator();
    create_group(client, GROUP);
    response = delete_group(client, GROUP);
    chat_call_options_set_random(options, 7);
    let_go = client;
    child = begin_child();
    if (child == 0) {
        chat_client *own = NULL;
        CHECK_STR(chat_response_str(response, "/GroupItem/0/GroupName", NULL), GROUP);
        CHECK_INT(chat_client_new(config, &own, NULL), CHAT_OK);
        create_group(own, GROUP);
        CHECK_INT(code_of(delete_with(own, GROUP, options)), CHAT_OK);
        chat_client_free(own);
        chat_call_options_free(options);
        chat_config_free(config);
        chat_response_free(response);
        end_child();
    }
    await_child(__LINE__, child);
    CHECK(log_holds("\"random\":\"7\""));
    chat_response_free(response);
    chat_call_options_free(options);
    chat_config_free(config);
    chat_client_free(client);
}

static void a_grandchild_is_refused_the_childs_and_the_parents_client(void) {
    chat_client *client = emulator_client();
    pid_t child;
    let_go = client;
    child = begin_child();
    if (child == 0) {
        static chat_client *own;
        pid_t grandchild;
        own = emulator_client();
        grandchild = begin_child();
        if (grandchild == 0) {
            every_call_refuses(client);
            every_call_refuses(own);
            chat_client_free(own);
            end_child();
        }
        await_child(__LINE__, grandchild);
        CHECK_INT(code_of(delete_group(own, GROUP)), CHAT_SERVICE_GROUP_NOT_FOUND);
        chat_client_free(own);
        end_child();
    }
    await_child(__LINE__, child);
    chat_client_free(client);
}

static void a_token_that_is_triggered_in_a_child_ends_no_call_of_the_parents(void) {
    chat_client *client = client_that_tries_once();
    chat_cancel *cancel = chat_cancel_new();
    chat_call_options *options = chat_call_options_new();
    struct begun call;
    pid_t child;
    reset_emulator();
    CHECK_INT(chat_call_options_set_cancel(options, cancel), CHAT_OK);
    add_fault("{\"delay_ms\":1500}");
    begin(&call, client, options);
    wait_for_requests(1);
    child = begin_child();
    if (child == 0) {
        chat_cancel_trigger(cancel);
        chat_cancel_free(cancel);
        end_child_unchecked();
    }
    await_child_unchecked(__LINE__, child);
    CHECK_INT(finish(&call), CHAT_SERVICE_GROUP_NOT_FOUND);
    CHECK_INT(call.attempts, 1);
    CHECK_INT(requests_seen(), 1);
    chat_cancel_trigger(cancel);
    CHECK_INT(code_of(delete_with(client, GROUP, options)), CHAT_ERR_CANCELLED); /* the parent's own word counts */
    chat_call_options_free(options);
    chat_cancel_free(cancel);
    chat_client_free(client);
}

static int fork_once(void *user) {
    pid_t *child = (pid_t *)user;
    if (*child < 0) *child = begin_child();
    return 0;
}

/* The callback forks, so the child comes back into the middle of the parent's call: it may neither send nor read there. */
static void a_child_that_is_forked_inside_a_call_is_refused_there(void) {
    chat_client *client = emulator_client();
    chat_call_options *options = chat_call_options_new();
    chat_response *response;
    pid_t child = -1;
    reset_emulator();
    let_go = client;
    add_fault("{\"delay_ms\":1000}");
    CHECK_INT(chat_call_options_set_interrupt(options, fork_once, &child), CHAT_OK);
    response = delete_with(client, GROUP, options);
    if (child == 0) {
        CHECK_INT(chat_response_code(response), CHAT_ERR_FORKED);
        chat_response_free(response);
        every_call_refuses(client);
        chat_client_free(client);
        end_child_unchecked();
    }
    CHECK_INT(code_of(response), CHAT_SERVICE_GROUP_NOT_FOUND);
    if (child < 0) give_up("the callback was never asked");
    await_child_unchecked(__LINE__, child);
    CHECK_INT(requests_seen(), 1);
    chat_call_options_free(options);
    chat_client_free(client);
}

/* What one process or thread found out about its own calls. */
struct tally {
    long calls;
    long crossed; /* answers about another's group */
    long failed;
};

/* Calls of one thread: it makes and deletes groups that nobody else names. */
struct caller {
    const chat_client *client;
    const char *user;
    int process;
    int number;
    long calls;
    pthread_t thread;
    struct tally tally;
};

/* Whether the answer is about this group; `id` 0 is any, and takes the answer's. */
static void judge(struct tally *tally, int code, chat_response *response, const char *at, const char *name, int64_t *id) {
    char pointer[64];
    ++tally->calls;
    if (code != CHAT_OK) {
        ++tally->failed;
        fprintf(stderr, "  %s: %d %s\n", name, code, chat_response_message(response, NULL));
    } else {
        const char *named;
        int64_t answered_id;
        snprintf(pointer, sizeof pointer, "%s/GroupName", at);
        named = chat_response_str(response, pointer, NULL);
        snprintf(pointer, sizeof pointer, "%s/GroupId", at);
        answered_id = number_at(response, pointer);
        tally->crossed += strcmp(named, name) != 0 || (*id != 0 && *id != answered_id);
        *id = answered_id;
    }
    chat_response_free(response);
}

static void *make_and_delete(void *caller) {
    struct caller *self = (struct caller *)caller;
    while (self->tally.calls < self->calls) {
        char name[48];
        chat_response *response = NULL;
        int64_t id = 0;
        int code;
        snprintf(name, sizeof name, "%d of %d in %d", (int)self->tally.calls, self->number, self->process);
        code = chat_create_contact_group(self->client, self->user, name, NULL, NULL, &response);
        judge(&self->tally, code, response, "/GroupResultItem/0/GroupItem", name, &id);
        code = chat_del_contact_group(self->client, self->user, name, NULL, &response);
        judge(&self->tally, code, response, "/GroupItem/0", name, &id);
    }
    return NULL;
}

enum { CHILDREN = 3, THREADS = 4 };

static const char *const users[CHILDREN + 1] = {"process_0", "process_1", "process_2", "process_3"};

/* Begins the calls of one process on threads. */
static void begin_calls(struct caller *callers, const chat_client *client, int process, long calls) {
    int i;
    for (i = 0; i < THREADS; ++i) {
        memset(&callers[i], 0, sizeof callers[i]);
        callers[i].client = client;
        callers[i].user = users[process];
        callers[i].process = process;
        callers[i].number = i;
        callers[i].calls = calls / THREADS;
        if (pthread_create(&callers[i].thread, NULL, make_and_delete, &callers[i]) != 0) give_up("no thread");
    }
}

static struct tally join_calls(struct caller *callers) {
    struct tally sum = {0, 0, 0};
    int i;
    for (i = 0; i < THREADS; ++i) {
        pthread_join(callers[i].thread, NULL);
        sum.calls += callers[i].tally.calls;
        sum.crossed += callers[i].tally.crossed;
        sum.failed += callers[i].tally.failed;
    }
    return sum;
}

/* A client for more calls in a second than the service grants. */
static chat_client *fast_client(void) {
    chat_config *config = emulator_config();
    CHECK_INT(chat_config_set_rate_limit(config, 0), CHAT_OK);
    return client_from(config);
}

/* A child's whole life: the parent's client, then one of its own. */
static void live_as_child(const chat_client *parents, int process, long calls, int report) {
    struct caller callers[THREADS];
    struct tally tally;
    chat_client *own;
    FORKED(chat_del_contact_group(parents, users[0], GROUP, NULL, &response));
    chat_client_shutdown(parents);
    chat_client_free((chat_client *)(void *)parents);
    own = fast_client();
    begin_calls(callers, own, process, calls);
    tally = join_calls(callers);
    tally.failed += broken_promises;
    chat_client_free(own);
    if (write(report, &tally, sizeof tally) != (ssize_t)sizeof tally) abort();
    end_child_unchecked();
}

/* A child's findings, which come before it ends; one that hangs is killed. */
static struct tally await_tally(pid_t child, int report) {
    struct tally tally = {0, 0, 0};
    struct pollfd end;
    end.fd = report;
    end.events = POLLIN;
    if (poll(&end, 1, LONGEST_S * 1000) != 1) {
        kill(child, SIGKILL);
        broken(__FILE__, __LINE__, "a child hung");
    } else if (read(report, &tally, sizeof tally) != (ssize_t)sizeof tally) {
        broken(__FILE__, __LINE__, "a child ended without its findings");
    }
    waitpid(child, NULL, 0);
    close(report);
    return tally;
}

/* The children are forked while threads of the parent are in the middle of calls, which go on all the time. */
static void parent_and_children_call_side_by_side_and_nobody_gets_anothers_answer(void) {
    const long calls = place.number == 0 ? 10000 : place.number;
    chat_client *client = fast_client();
    struct caller callers[THREADS];
    struct tally sum;
    pid_t children[CHILDREN];
    int reports[CHILDREN], i;
    reset_emulator();
    for (i = 0; i <= CHILDREN; ++i) CHECK_INT(chat_account_import(client, users[i], NULL, NULL, NULL, NULL), CHAT_OK);
    begin_calls(callers, client, 0, calls / (CHILDREN + 1));
    for (i = 0; i < CHILDREN; ++i) {
        int ends[2];
        if (pipe(ends) != 0) give_up("no pipe");
        wait_for_requests(CHILDREN + 1 + 20 * (i + 1));
        children[i] = begin_child();
        if (children[i] == 0) live_as_child(client, i + 1, calls / (CHILDREN + 1), ends[1]);
        close(ends[1]);
        reports[i] = ends[0];
    }
    sum = join_calls(callers);
    for (i = 0; i < CHILDREN; ++i) {
        const struct tally of_child = await_tally(children[i], reports[i]);
        sum.calls += of_child.calls;
        sum.crossed += of_child.crossed;
        sum.failed += of_child.failed;
    }
    printf("        %ld calls, %ld crossed, %ld failed\n", sum.calls, sum.crossed, sum.failed);
    CHECK(sum.calls >= calls);
    CHECK_INT(sum.crossed, 0);
    CHECK_INT(sum.failed, 0);
    CHECK_INT(counted(client, "retries"), 0); /* no child cut or ate at a connection of the parent's */
    chat_client_free(client);
}

int main(int argc, char **argv) {
    find_emulator(argc, argv);
    KEEP(every_function_refuses_the_parents_client_and_sends_nothing);
    KEEP(to_end_and_free_it_in_a_child_is_harmless_to_the_parent);
    KEEP(an_iteration_of_the_parent_is_refused_and_goes_on_in_the_parent);
    KEEP(everything_but_clients_and_iterations_serves_in_a_child);
    KEEP(a_grandchild_is_refused_the_childs_and_the_parents_client);
    KEEP(a_token_that_is_triggered_in_a_child_ends_no_call_of_the_parents);
    KEEP(a_child_that_is_forked_inside_a_call_is_refused_there);
    KEEP(parent_and_children_call_side_by_side_and_nobody_gets_anothers_answer);
    return broken_promises != 0;
}
