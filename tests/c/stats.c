/* The counters of a client: each against what the emulator itself saw, or against what the calls answered. That a panic is counted is
 * in panic.c, and that a forked child has none in fork.c. */
#include "calls.h"
#include "conversations.h"

/* Every counter that the header names. */
static const char *const names[] = {
    "calls_ok", "calls_service", "calls_partial", "calls_invalid_argument", "calls_timeout", "calls_transport", "calls_tls",
    "calls_http_status", "calls_protocol", "calls_no_error_code", "calls_throttled", "calls_cancelled", "calls_shutdown",
    "calls_panic", "calls", "calls_in_progress", "attempts", "retries", "in_doubt", "already_deleted", "retries_over_budget",
    "throttle_answers", "rate_waits", "rate_waited_ms", "re_signs", "connections_opened", "connections_open", "standby_attempts",
    "shared_limit_trips", "shared_limit_failures",
    "latency_le_1_ms", "latency_le_2_ms", "latency_le_5_ms", "latency_le_10_ms", "latency_le_20_ms", "latency_le_50_ms",
    "latency_le_100_ms", "latency_le_200_ms", "latency_le_500_ms", "latency_le_1000_ms", "latency_le_2000_ms", "latency_le_5000_ms",
    "latency_le_10000_ms", "latency_le_inf", "latency_sum_us",
};
enum { NAMES = sizeof names / sizeof *names, FIRST_BUCKET = 30, BUCKETS = 14 };

static long long counted(const chat_client *client, const char *name) {
    chat_stats *stats = chat_client_stats(client);
    const uint64_t count = chat_stats_get(stats, name);
    chat_stats_free(stats);
    return (long long)count;
}

#define COUNTED(client, name, expected) check_int(__FILE__, __LINE__, name, counted(client, name), (long long)(expected))

/* How many TCP connections the emulator read requests from. */
static long connections_logged(void) {
    char *log = admin("GET", "/log", "");
    const char *at = log;
    long serials[256], found = 0, i;
    while ((at = strstr(at, "\"connection\":")) != NULL) {
        const long serial = strtol(at += strlen("\"connection\":"), NULL, 10);
        for (i = 0; i < found && serials[i] != serial; ++i) {}
        if (i == found && found < 256) serials[found++] = serial;
    }
    free(log);
    return found;
}

static void a_new_client_has_counted_nothing_and_names_every_counter_once(void) {
    chat_client *client = emulator_client();
    chat_stats *stats = chat_client_stats(client);
    size_t i, known;
    CHECK_INT(chat_stats_count(stats), NAMES);
    for (i = 0; i < chat_stats_count(stats); ++i) {
        const char *name = chat_stats_name(stats, i);
        for (known = 0; known < NAMES && strcmp(name, names[known]) != 0; ++known) {}
        if (known == NAMES) broken(__FILE__, __LINE__, name);
        check_int(__FILE__, __LINE__, name, (long long)chat_stats_value(stats, i), 0);
    }
    for (i = 0; i < NAMES; ++i) {
        size_t found = 0;
        for (known = 0; known < chat_stats_count(stats); ++known) found += strcmp(chat_stats_name(stats, known), names[i]) == 0;
        check_int(__FILE__, __LINE__, names[i], (long long)found, 1);
    }
    CHECK_STR(chat_stats_name(stats, NAMES), "");
    CHECK_INT(chat_stats_value(stats, NAMES), 0);
    CHECK_INT(chat_stats_get(stats, "no such counter"), 0);
    chat_stats_free(stats);
    chat_client_free(client);
}

/* A call has added one to this outcome, one to the sum and nothing to the others. */
static void counted_as(int line, const chat_client *client, chat_stats *before, const char *outcome) {
    chat_stats *after = chat_client_stats(client);
    int i;
    for (i = 0; i < 14; ++i) {
        const long long added = (long long)(chat_stats_get(after, names[i]) - chat_stats_get(before, names[i]));
        check_int(__FILE__, line, names[i], added, strcmp(names[i], outcome) == 0);
    }
    check_int(__FILE__, line, "calls", (long long)(chat_stats_get(after, "calls") - chat_stats_get(before, "calls")), 1);
    chat_stats_free(before);
    chat_stats_free(after);
}

#define COUNTS(client, outcome, make_the_call)                    \
    do {                                                          \
        chat_stats *before = chat_client_stats(client);           \
        make_the_call;                                            \
        counted_as(__LINE__, client, before, outcome);            \
    } while (0)

static chat_call_options *one_attempt(void) {
    chat_call_options *options = chat_call_options_new();
    CHECK_INT(chat_call_options_set_max_attempts(options, 1), CHAT_OK);
    return options;
}

static void refusals_before_sending_are_one_outcome_and_no_attempt(void) {
    chat_client *client = emulator_client();
    chat_contacts *refused = chat_contacts_new();
    chat_call_options *options = one_attempt();
    chat_contacts_add(refused, CHAT_ONE_TO_ONE, "");
    reset_emulator();
    COUNTS(client, "calls_invalid_argument", CHECK_INT(code_of(delete_group(client, "")), CHAT_ERR_INVALID_ARGUMENT));
    COUNTS(client, "calls_invalid_argument", CHECK_INT(code_of(delete_group(client, "\xff")), CHAT_ERR_INVALID_UTF8));
    COUNTS(client, "calls_invalid_argument", CHECK_INT(code_of(delete_group(client, NULL)), CHAT_ERR_INVALID_ARGUMENT));
    COUNTS(client, "calls_invalid_argument", CHECK_INT(code_of(search(client, refused)), CHAT_ERR_INVALID_ARGUMENT));
    CHECK_INT(chat_call_options_set_timeout_ms(options, 0), CHAT_ERR_INVALID_ARGUMENT);
    COUNTS(client, "calls_invalid_argument", CHECK_INT(code_of(delete_with(client, GROUP, options)), CHAT_ERR_INVALID_ARGUMENT));
    COUNTED(client, "attempts", 0);
    COUNTED(client, "latency_le_inf", 0);
    COUNTED(client, "attempts", requests_seen());
    chat_call_options_free(options);
    chat_contacts_free(refused);
    chat_client_free(client);
}

static int after_fault(const chat_client *client, const char *fault) {
    add_fault(fault);
    return code_of(delete_group(client, GROUP));
}

static void waiting_for_the_rate_limit_is_counted_and_so_are_calls_that_cannot_wait(void) {
    chat_config *config = emulator_config();
    chat_call_options *options = chat_call_options_new();
    chat_client *client;
    chat_response *response;
    struct begun calls[8];
    char *rates;
    long begun;
    int i;
    chat_config_set_rate_limit(config, 2);
    client = client_from(config);
    reset_emulator();
    begun = now_ms();
    for (i = 0; i < 8; ++i) begin(&calls[i], client, NULL);
    wait_for_requests(1);
    /* The last of the eight leaves after three seconds and more. */
    CHECK_INT(chat_call_options_set_timeout_ms(options, 100), CHAT_OK);
    response = delete_with(client, GROUP, options);
    CHECK_INT(chat_response_code(response), CHAT_ERR_THROTTLED);
    CHECK_INT(chat_response_attempts(response), 0);
    chat_response_free(response);
    COUNTED(client, "calls_throttled", 1);
    for (i = 0; i < 8; ++i) CHECK_INT(finish(&calls[i]), CHAT_SERVICE_GROUP_NOT_FOUND);
    /* Also the first may wait: a slot that grew old while its connection was made is replaced. */
    CHECK(counted(client, "rate_waits") >= 1 && counted(client, "rate_waits") <= 8);
    CHECK(counted(client, "rate_waited_ms") >= 1 && counted(client, "rate_waited_ms") <= 8 * (now_ms() - begun));
    COUNTED(client, "attempts", requests_seen());
    rates = admin("GET", "/rates", "");
    CHECK(now_ms() - begun >= 3000); /* two a second, whatever the machine holds back on the way */
    CHECK_HAS(rates, "\"calls\":8");
    free(rates);
    chat_call_options_free(options);
    chat_client_free(client);
}

static void *delete_fifty_times(void *client) {
    int i;
    for (i = 0; i < 50; ++i) chat_del_contact_group((const chat_client *)client, USER, GROUP, NULL, NULL);
    return NULL;
}

static void nothing_is_lost_among_threads(void) {
    chat_config *config = emulator_config();
    chat_client *client;
    pthread_t threads[8];
    int i;
    chat_config_set_rate_limit(config, 0);
    client = client_from(config);
    reset_emulator();
    for (i = 0; i < 8; ++i) {
        if (pthread_create(&threads[i], NULL, delete_fifty_times, client) != 0) give_up("no thread");
    }
    for (i = 0; i < 8; ++i) pthread_join(threads[i], NULL);
    COUNTED(client, "calls_service", 400);
    COUNTED(client, "attempts", requests_seen());
    COUNTED(client, "latency_le_inf", 400);
    COUNTED(client, "connections_opened", connections_logged());
    COUNTED(client, "connections_open", connections_logged());
    chat_client_free(client);
}

/* The value behind a metric's name and labels, whole line by whole line; NULL when there is no such line. */
static const char *sample(const char *text, const char *metric, char *room, size_t size) {
    const size_t length = strlen(metric);
    const char *line = text;
    for (; line != NULL && *line != '\0'; line = strchr(line, '\n'), line += line != NULL) {
        if (strncmp(line, metric, length) == 0 && line[length] == ' ') {
            snprintf(room, size, "%.*s", (int)strcspn(line + length + 1, "\n"), line + length + 1);
            return room;
        }
    }
    return NULL;
}

static void the_text_for_prometheus_says_the_same_as_the_counters(void) {
    chat_client *client = emulator_client();
    chat_stats *stats;
    const char *text;
    char room[64], value[32];
    size_t length = 0;
    int i;
    reset_emulator();
    create_group(client, GROUP);
    CHECK_INT(after_fault(client, "{\"code\":50004}"), CHAT_OK);
    CHECK_INT(code_of(delete_group(client, "")), CHAT_ERR_INVALID_ARGUMENT);
    stats = chat_client_stats(client);
    text = chat_stats_prometheus(stats, &length);
    CHECK_INT(length, strlen(text));
    CHECK(length > 0 && text[length - 1] == '\n');
    CHECK(chat_stats_prometheus(stats, NULL) == text); /* borrowed, and made once */
    for (i = 0; i < 14; ++i) {
        char metric[80];
        snprintf(metric, sizeof metric, "tencent_chat_calls_total{outcome=\"%s\"}", names[i] + strlen("calls_"));
        snprintf(value, sizeof value, "%llu", (unsigned long long)chat_stats_get(stats, names[i]));
        check_str(__FILE__, __LINE__, metric, sample(text, metric, room, sizeof room), value);
    }
    CHECK_STR(sample(text, "tencent_chat_attempts_total", room, sizeof room), "3");
    CHECK_STR(sample(text, "tencent_chat_retries_total", room, sizeof room), "1");
    CHECK_STR(sample(text, "tencent_chat_connections_open", room, sizeof room), "1");
    CHECK_STR(sample(text, "tencent_chat_calls_in_progress", room, sizeof room), "0");
    CHECK_STR(sample(text, "tencent_chat_call_duration_seconds_count", room, sizeof room), "2");
    CHECK_STR(sample(text, "tencent_chat_call_duration_seconds_bucket{le=\"+Inf\"}", room, sizeof room), "2");
    CHECK_LACKS(text, KEY);
    chat_stats_free(stats);
    chat_client_free(client);
}

static void a_snapshot_stays_as_it_was_and_outlives_its_client(void) {
    chat_client *client = emulator_client();
    chat_stats *before;
    reset_emulator();
    CHECK_INT(code_of(delete_group(client, GROUP)), CHAT_SERVICE_GROUP_NOT_FOUND);
    before = chat_client_stats(client);
    CHECK_INT(code_of(delete_group(client, GROUP)), CHAT_SERVICE_GROUP_NOT_FOUND);
    COUNTED(client, "calls", 2);
    chat_client_free(client);
    CHECK_INT(chat_stats_get(before, "calls"), 1);
    CHECK_HAS(chat_stats_prometheus(before, NULL), "tencent_chat_calls_total{outcome=\"service\"} 1\n");
    chat_stats_free(before);
}

int main(int argc, char **argv) {
    find_emulator(argc, argv);
    KEEP(a_new_client_has_counted_nothing_and_names_every_counter_once);
    KEEP(refusals_before_sending_are_one_outcome_and_no_attempt);
    KEEP(waiting_for_the_rate_limit_is_counted_and_so_are_calls_that_cannot_wait);
    KEEP(nothing_is_lost_among_threads);
    KEEP(the_text_for_prometheus_says_the_same_as_the_counters);
    KEEP(a_snapshot_stays_as_it_was_and_outlives_its_client);
    return broken_promises != 0;
}
