/* The counters of a client as C reads them: their names, snapshots, and none lost among threads. What each counts is in the suite of
 * promises, a panic in panic.c, and that a forked child has none in fork.c. */
#include "calls.h"
#include "conversations.h"

/* Every counter that the header names. */
static const char *const names[] = {
    "calls_ok", "calls_service", "calls_partial", "calls_invalid_argument", "calls_timeout", "calls_transport", "calls_tls",
    "calls_http_status", "calls_protocol", "calls_no_error_code", "calls_throttled", "calls_cancelled", "calls_shutdown",
    "calls_panic", "calls", "calls_in_progress", "attempts", "retries", "in_doubt", "already_deleted", "retries_over_budget",
    "throttle_answers", "signature_refusals", "rate_waits", "rate_waited_ms", "re_signs", "connections_opened", "connections_open",
    "connections_idle", "connections_awaited", "connection_waits", "connection_waited_ms", "standby_attempts",
    "shared_limit_trips", "shared_limit_failures",
    "latency_le_1_ms", "latency_le_2_ms", "latency_le_5_ms", "latency_le_10_ms", "latency_le_20_ms", "latency_le_50_ms",
    "latency_le_100_ms", "latency_le_200_ms", "latency_le_500_ms", "latency_le_1000_ms", "latency_le_2000_ms", "latency_le_5000_ms",
    "latency_le_10000_ms", "latency_le_inf", "latency_sum_us",
};
enum { NAMES = sizeof names / sizeof *names };

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

static void the_text_for_prometheus_is_borrowed_and_may_be_of_several_clients(void) {
    chat_client *client = emulator_client(), *other = emulator_client();
    chat_stats *stats;
    const char *text;
    size_t length = 0;
    reset_emulator();
    create_group(client, GROUP);
    add_fault("{\"code\":50004}");
    CHECK_INT(code_of(delete_group(other, GROUP)), CHAT_OK);
    stats = chat_client_stats(client);
    CHECK_INT(chat_stats_get(stats, "attempts"), 1);
    CHECK_LACKS(chat_stats_prometheus(stats, NULL), "del_contact_group");
    CHECK_INT(chat_stats_add(stats, other), CHAT_OK);
    CHECK_INT(chat_stats_add(stats, other), CHAT_ERR_INVALID_ARGUMENT); /* it is there already */
    CHECK_INT(chat_stats_get(stats, "attempts"), 3);
    CHECK_INT(chat_stats_get(stats, "connections_idle"), 2);
    text = chat_stats_prometheus(stats, &length);
    CHECK_INT(length, strlen(text));
    CHECK(length > 0 && text[length - 1] == '\n');
    CHECK(chat_stats_prometheus(stats, NULL) == text); /* made once */
    CHECK_HAS(text, "command=\"v4/recentcontact/create_contact_group\",outcome=\"ok\"} 1\n");
    CHECK_HAS(text, "command=\"v4/recentcontact/del_contact_group\",outcome=\"ok\"} 1\n");
    CHECK_LACKS(text, KEY);
    chat_stats_free(stats);
    chat_client_free(other);
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
    CHECK_HAS(chat_stats_prometheus(before, NULL), "outcome=\"service\"} 1\n");
    chat_stats_free(before);
}

int main(int argc, char **argv) {
    find_emulator(argc, argv);
    KEEP(a_new_client_has_counted_nothing_and_names_every_counter_once);
    KEEP(nothing_is_lost_among_threads);
    KEEP(the_text_for_prometheus_is_borrowed_and_may_be_of_several_clients);
    KEEP(a_snapshot_stays_as_it_was_and_outlives_its_client);
    return broken_promises != 0;
}
