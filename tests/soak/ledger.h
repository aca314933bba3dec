/* What the soak's own side knows of each call: one line of JSON on the standard output as soon as the call has returned, and sums by
 * outcome under the names that `chat_client_stats` uses. A line is one write, so that threads and children never mix theirs. */
#ifndef LEDGER_H
#define LEDGER_H

#include "client.h"

#include <errno.h>

/* A mistake that is made on purpose, so that the judge is known to see it: the program's last argument. "" is none. */
static const char *mistake = "";

static inline int is_made(const char *name) { return strcmp(mistake, name) == 0; }

enum { OUTCOMES = 14 };

static const struct {
    const char *name;
    int code; /* of ours; of CHAT_ERR_INVALID_ARGUMENT also those refused like it */
} outcomes[OUTCOMES] = {
    {"calls_ok", CHAT_OK},
    {"calls_service", 1},
    {"calls_partial", CHAT_ERR_PARTIAL},
    {"calls_invalid_argument", CHAT_ERR_INVALID_ARGUMENT},
    {"calls_timeout", CHAT_ERR_TIMEOUT},
    {"calls_transport", CHAT_ERR_TRANSPORT},
    {"calls_tls", CHAT_ERR_TLS},
    {"calls_http_status", CHAT_ERR_HTTP_STATUS},
    {"calls_protocol", CHAT_ERR_PROTOCOL},
    {"calls_no_error_code", CHAT_ERR_SERVICE},
    {"calls_throttled", CHAT_ERR_THROTTLED},
    {"calls_cancelled", CHAT_ERR_CANCELLED},
    {"calls_shutdown", CHAT_ERR_SHUTDOWN},
    {"calls_panic", CHAT_ERR_PANIC},
};

/* What calls came to. */
struct sums {
    uint64_t by_outcome[OUTCOMES];
    uint64_t calls, attempts, retries, in_doubt, already_deleted, with_attempts;
};

static inline void add_sums(struct sums *to, const struct sums *from) {
    int i;
    for (i = 0; i < OUTCOMES; ++i) to->by_outcome[i] += from->by_outcome[i];
    to->calls += from->calls;
    to->attempts += from->attempts;
    to->retries += from->retries;
    to->in_doubt += from->in_doubt;
    to->already_deleted += from->already_deleted;
    to->with_attempts += from->with_attempts;
}

static inline int outcome_of(int code) {
    int i;
    if (code > 0) return 1;
    if (code == CHAT_ERR_INVALID_UTF8 || code == CHAT_ERR_CONFIG) code = CHAT_ERR_INVALID_ARGUMENT;
    for (i = 0; i < OUTCOMES; ++i) {
        if (outcomes[i].code == code) return i;
    }
    return -1;
}

static inline void add_response(struct sums *sums, const chat_response *response) {
    const int outcome = outcome_of(chat_response_code(response));
    const int attempts = chat_response_attempts(response);
    if (outcome < 0) give_up("a call answers a code that has no counter");
    ++sums->by_outcome[outcome];
    ++sums->calls;
    sums->attempts += (uint64_t)attempts;
    sums->retries += attempts > 1 ? (uint64_t)attempts - 1 : 0;
    sums->with_attempts += attempts > 0;
    sums->in_doubt += (uint64_t)chat_response_is_in_doubt(response);
    sums->already_deleted += (uint64_t)chat_response_is_already_deleted(response);
}

/* How often the library's counter and the caller's differ; each is said. */
static inline int differs(const chat_stats *stats, const char *name, uint64_t expected) {
    const uint64_t counted = chat_stats_get(stats, name);
    if (counted == expected) return 0;
    fprintf(stderr, "  the library counts %s %lu, its caller %lu\n", name, (unsigned long)counted, (unsigned long)expected);
    return 1;
}

/* Compares a client that no call is inside of with what its callers saw; how many counters differ. */
static inline int differences(const chat_client *client, const struct sums *sums) {
    chat_stats *stats = chat_client_stats(client);
    int i, found = 0;
    for (i = 0; i < OUTCOMES; ++i) found += differs(stats, outcomes[i].name, sums->by_outcome[i]);
    found += differs(stats, "calls", sums->calls);
    found += differs(stats, "calls_in_progress", 0);
    found += differs(stats, "attempts", sums->attempts);
    found += differs(stats, "retries", sums->retries);
    found += differs(stats, "in_doubt", sums->in_doubt);
    found += differs(stats, "already_deleted", sums->already_deleted);
    found += differs(stats, "latency_le_inf", sums->with_attempts);
    chat_stats_free(stats);
    return found;
}

/* What a call was asked to do. Names are made here and need no escapes. */
struct deed {
    uint32_t id; /* the `random` of all its requests, by which they are found in the service's log */
    const char *did;
    char user[24];
    char name[32];
    char to[32];
};

static inline void write_line(const char *line, size_t length) {
    for (;;) {
        const ssize_t n = write(1, line, length);
        if (n == (ssize_t)length) return;
        if (n >= 0 || errno != EINTR) _exit(3); /* nobody reads any more */
    }
}

static inline void enter_in_ledger(const struct deed *deed, const chat_response *response) {
    char line[4096]; /* as much as a pipe takes in one piece */
    const int in_doubt = is_made("hide_doubt") ? 0 : chat_response_is_in_doubt(response);
    const int length = snprintf(line, sizeof line,
        "{\"id\":%lu,\"did\":\"%s\",\"user\":\"%s\",\"name\":\"%s\",\"to\":\"%s\",\"code\":%d,\"in_doubt\":%d,\"already_deleted\":%d,"
        "\"attempts\":%d,\"trace\":%s}\n",
        (unsigned long)deed->id, deed->did, deed->user, deed->name, deed->to, chat_response_code(response), in_doubt,
        chat_response_is_already_deleted(response), chat_response_attempts(response), chat_response_trace(response));
    if (length < 0 || (size_t)length >= sizeof line) give_up("a line of the ledger is too long");
    if (is_made("forget_a_call") && deed->id % 50 == 0) return;
    write_line(line, (size_t)length);
}

#endif
