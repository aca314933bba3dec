/* Memory that the system refuses (RLIMIT_AS, as a container's limit does): an answer or a member too large for it ends in an error, a
 * request is not copied at all, nothing ever aborts, and the client works on. Each in a child of its own with a client of its own, so that an abort
 * is seen and the limit is gone afterwards. Not for valgrind or sanitizers, which need address space of their own. */
#define _DEFAULT_SOURCE
#include "client.h"

#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>

enum { KIB = 1024, MIB = 1024 * KIB, LARGE = 7 * MIB };

/* Lets the process have so much more address space than it has now. */
static void allow_only(size_t more) {
    struct rlimit limit;
    unsigned long pages = 0;
    FILE *statm = fopen("/proc/self/statm", "r");
    if (statm == NULL || fscanf(statm, "%lu", &pages) != 1) give_up("the size of the process is not known");
    fclose(statm);
    getrlimit(RLIMIT_AS, &limit);
    limit.rlim_cur = pages * (rlim_t)sysconf(_SC_PAGESIZE) + more;
    if (setrlimit(RLIMIT_AS, &limit) != 0) give_up("no limit can be set");
}

static void allow_all(void) {
    struct rlimit limit;
    getrlimit(RLIMIT_AS, &limit);
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_AS, &limit);
}

/* Runs a part of a promise in a child; it has to come back alive. */
static void in_a_child(int line, void (*part)(chat_client *client)) {
    int status = -1;
    pid_t child;
    fflush(stdout);
    fflush(stderr);
    child = fork();
    if (child < 0) give_up("no child");
    if (child == 0) {
        chat_client *client = client_that_tries_once();
        broken_promises = 0;
        if (code_of(delete_group(client, GROUP)) != CHAT_SERVICE_GROUP_NOT_FOUND) give_up("the service does not answer");
        part(client);
        allow_all();
        CHECK_INT(code_of(delete_group(client, GROUP)), CHAT_SERVICE_GROUP_NOT_FOUND); /* the client works on */
        chat_client_free(client);
        exit(broken_promises != 0);
    }
    if (waitpid(child, &status, 0) != child) give_up("the child is gone");
    if (WIFSIGNALED(status)) broken(__FILE__, line, WTERMSIG(status) == SIGABRT ? "the library aborted" : "the child crashed");
    else CHECK_INT(WEXITSTATUS(status), 0);
}

/* Text with a beginning, an end, and in between a piece again and again until it is LARGE. */
static char *large_text(const char *beginning, const char *piece, const char *end) {
    char *text = (char *)malloc(LARGE + 1);
    const size_t head = strlen(beginning), tail = strlen(end), step = strlen(piece);
    size_t at = head;
    if (text == NULL) give_up("no memory");
    memcpy(text, beginning, head);
    for (; at + step + tail <= LARGE; at += step) memcpy(text + at, piece, step);
    memset(text + at, ' ', LARGE - at);
    memcpy(text + LARGE - tail, end, tail + 1);
    return text;
}

static char *body;

static void read_it_with_too_little_memory(chat_client *client) {
    chat_response *response;
    answer_next(200, body);
    allow_only(4 * MIB);
    response = call(client, GET_PATH, "{}");
    CHECK_INT(chat_response_code(response), CHAT_ERR_PROTOCOL);
    CHECK_HAS(chat_response_message(response, NULL), "memory");
    CHECK_INT(chat_response_is_in_doubt(response), 1);
    chat_response_free(response);
}

static void an_answer_larger_than_the_memory_is_an_error(void) {
    reset_emulator();
    body = large_text("{\"ActionStatus\":\"OK\",\"ErrorCode\":0,\"Text\":\"", "x", "\"}");
    in_a_child(__LINE__, read_it_with_too_little_memory);
    free(body);
}

static void send_it_with_too_little_memory(chat_client *client) {
    chat_response *response = NULL;
    allow_only(4 * MIB);
    chat_call(client, GET_PATH, body, LARGE, NULL, &response);
    allow_all();
    CHECK_INT(chat_response_code(response), CHAT_SERVICE_INVALID_PARAMETER); /* the service's word: it has read the whole */
    CHECK_INT(chat_response_attempts(response), 1);
    chat_response_free(response);
}

/* It is sent from where it lies, so there is no copy that could fail. */
static void a_request_larger_than_the_memory_left_needs_none(void) {
    reset_emulator();
    body = large_text("{\"Text\":\"", "x", "\"}");
    in_a_child(__LINE__, send_it_with_too_little_memory);
    reset_emulator(); /* its log holds the request */
    free(body);
}

static void claim_more_than_there_is(chat_client *client) {
    static const size_t lengths[] = {(size_t)-1, (size_t)-1 / 2, (size_t)-1 / 2 + 1, (size_t)1 << 31, 8 * MIB + 1};
    size_t i;
    for (i = 0; i < sizeof lengths / sizeof *lengths; ++i) {
        chat_response *response = NULL;
        CHECK_INT(chat_call(client, GET_PATH, body, lengths[i], NULL, &response), CHAT_ERR_INVALID_ARGUMENT);
        CHECK_HAS(chat_response_message(response, NULL), "json");
        chat_response_free(response);
    }
}

/* Nothing behind the first bytes exists; a length that is too large is refused before anything is read or copied. */
static void a_json_len_larger_than_any_request_is_refused_unread(void) {
    body = large_text("{", " ", "}");
    in_a_child(__LINE__, claim_more_than_there_is);
    free(body);
}

/* Answers whose parts take many times their text once they are taken apart. */
static void look_into_it_with_too_little_memory(chat_client *client) {
    chat_response *response;
    int64_t value = 0;
    answer_next(200, body);
    response = call(client, GET_PATH, "{}");
    allow_only(24 * MIB);
    CHECK_INT(chat_response_code(response), CHAT_OK);
    CHECK_INT(chat_response_has(response, "/Nothing"), 0);
    chat_response_count(response, "/Many");
    chat_response_str(response, "/Many/0", NULL);
    chat_response_int(response, "/Many/0", &value);
    chat_response_free(response);
}

static void looking_into_an_answer_that_takes_more_than_the_memory_finds_nothing(void) {
    static const char *const pieces[] = {"0,", "[],", "{\"a\":0},"};
    size_t i;
    for (i = 0; i < sizeof pieces / sizeof *pieces; ++i) {
        reset_emulator();
        body = large_text("{\"ActionStatus\":\"OK\",\"ErrorCode\":0,\"Many\":[", pieces[i], "0]}");
        in_a_child(__LINE__, look_into_it_with_too_little_memory);
        free(body);
    }
}

static void judge_it_with_little_memory(chat_client *client) {
    chat_response *response;
    answer_next(200, body);
    allow_only(24 * MIB);
    response = call(client, GET_PATH, "{}");
    chat_response_free(response); /* which code is not the point: it came back */
}

static void an_answer_whose_members_take_more_than_the_memory_is_survived(void) {
    static const char *const beginnings[] = {"{\"ErrorInfo\":[", "{\"ErrorCode\":[", "{\"ActionStatus\":[",
                                             "{\"ActionStatus\":\"OK\",\"ErrorCode\":0,\"ResultItem\":[],\"FailAccounts\":["};
    size_t i;
    for (i = 0; i < sizeof beginnings / sizeof *beginnings; ++i) {
        reset_emulator();
        body = large_text(beginnings[i], "0,", "0]}");
        in_a_child(__LINE__, judge_it_with_little_memory);
        free(body);
        body = large_text(beginnings[i], "\"\\u0041\",", "0]}");
        in_a_child(__LINE__, judge_it_with_little_memory);
        free(body);
    }
}

int main(int argc, char **argv) {
    find_emulator(argc, argv);
    KEEP(an_answer_larger_than_the_memory_is_an_error);
    KEEP(a_request_larger_than_the_memory_left_needs_none);
    KEEP(a_json_len_larger_than_any_request_is_refused_unread);
    KEEP(looking_into_an_answer_that_takes_more_than_the_memory_finds_nothing);
    KEEP(an_answer_whose_members_take_more_than_the_memory_is_survived);
    return broken_promises != 0;
}
