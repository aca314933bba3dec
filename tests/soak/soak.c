/* The soak: callers on four clients over HTTP and HTTPS while everything that may happen to a call happens at once: faults of the service,
 * cancels, deadlines, key changes, signals, forks, and clients that are shut down or freed under their calls. Each call is entered in the
 * ledger on the standard output, whose last line holds the totals; tests/check/soak.rs compares them with what the service saw.
 * Arguments: BASE_URL CA_FILE ADMIN_URL SECONDS SEED [MISTAKE]. Ends with 1 when the library's counters are not its callers', when an
 * answer crossed, or when a thread, a descriptor or more than LEFT_OVER bytes stay behind. */
#include "weather.h"

#include <dirent.h>
#include <fcntl.h>
#include <malloc.h>
#include <signal.h>
#include <sys/wait.h>

enum { CALLERS = 16, SEATS = 4, CHILDS_CALLS = 24, LEFT_OVER = 16 * 1024 };

/* Only stops a hang: of a child, and of a call behind its deadline. */
enum { LONGEST_CHILD_S = 120, LONGEST_OVERRUN_MS = 30000 };

static struct seat seats[SEATS];
static struct caller callers[CALLERS];
static int is_over;
static int signals_landed; /* in a handler: only ever added to */
static struct {
    int children, cancels, key_changes, signals_sent;
    struct sums of_children;
} happened;

static int goes_on(void) { return !__atomic_load_n(&is_over, __ATOMIC_RELAXED); }

/* ---- The clients ---- */

static chat_config *listeners_config(const char *url) {
    chat_config *config = emulator_config();
    chat_config_set_base_url(config, url);
    chat_config_set_connect_timeout_ms(config, 500);
    return config;
}

static chat_client *unlimited(const char *url) {
    chat_config *config = listeners_config(url);
    chat_config_set_rate_limit(config, 0);
    return client_from(config);
}

static chat_client *over_http(void) { return unlimited(listener.url); }
static chat_client *over_https(void) { return unlimited(listener.tls_url); }

static chat_client *over_http_with_the_services_rate(void) { return client_from(listeners_config(listener.url)); }

/* Calls wait for a slot and for a connection, some of them in vain. */
static chat_client *over_https_and_scarce(void) {
    chat_config *config = listeners_config(listener.tls_url);
    chat_config_set_rate_limit(config, 10);
    chat_config_set_max_connections(config, 2);
    return client_from(config);
}

/* ---- Threads that call, and threads that disturb them ---- */

static void *call_on(void *caller) {
    struct caller *self = (struct caller *)caller;
    while (goes_on()) {
        do_something(self);
        nap_ms(1 + (long)draw(&self->random, 24));
    }
    return NULL;
}

static void *make_weather(void *random) {
    long step = 0;
    while (goes_on()) change_weather((uint64_t *)random, ++step);
    tell_listener("DELETE", "");
    return NULL;
}

static void *cancel_calls(void *random) {
    while (goes_on()) {
        cancel_caller(&callers[draw((uint64_t *)random, CALLERS)]);
        ++happened.cancels;
        nap_ms(5);
    }
    return NULL;
}

/* A wrong key for some milliseconds, then the right one: calls of that time may be refused, later ones may not. */
static void *change_keys(void *random) {
    while (goes_on()) {
        struct seat *seat = &seats[draw((uint64_t *)random, SEATS)];
        const chat_client *client = take(seat);
        if (client != NULL) {
            chat_stats *stats = chat_client_stats(client);
            if (draw((uint64_t *)random, 10) == 0) {
                CHECK_INT(chat_client_set_secret_key(client, WRONG_KEY), CHAT_OK);
                nap_ms(5);
            }
            CHECK_INT(chat_client_set_secret_key(client, KEY), CHAT_OK);
            CHECK_HAS(chat_stats_prometheus(stats, NULL), "tencent_chat_attempts_total");
            chat_stats_free(stats);
            leave(seat, NULL);
            ++happened.key_changes;
        }
        nap_ms(20);
    }
    return NULL;
}

static void *replace_clients(void *random) {
    int gently = 0;
    while (goes_on()) {
        nap_ms(100 + (long)draw((uint64_t *)random, 300));
        replace_client(&seats[draw((uint64_t *)random, SEATS)], gently);
        gently = !gently;
    }
    return NULL;
}

static void on_signal(int number) {
    (void)number;
    __atomic_add_fetch(&signals_landed, 1, __ATOMIC_RELAXED);
}

/* Signals break system calls of the callers, and of nobody else: the handler is without SA_RESTART. */
static void *send_signals(void *random) {
    while (goes_on()) {
        if (pthread_kill(callers[draw((uint64_t *)random, CALLERS)].thread, SIGUSR1) == 0) ++happened.signals_sent;
        nap_ms(2);
    }
    return NULL;
}

/* ---- Children ---- */

/* Leaves without a look at memory: what belonged to the parent's threads is nobody's here. */
static void live_as_child(const chat_client *parents, int number, int report) {
    struct seat seat;
    struct caller caller;
    char user[24];
    int i;
    alarm(LONGEST_CHILD_S);
    broken_promises = 0;
    CHECK_INT(chat_del_contact_group(parents, USER, GROUP, NULL, NULL), CHAT_ERR_FORKED);
    CHECK(chat_client_stats(parents) == NULL);
    chat_client_shutdown(parents);
    chat_client_free((chat_client *)(void *)parents);
    last_id = UINT32_C(0x40000000) + (uint32_t)number * 1000;
    crossed = 0;
    snprintf(user, sizeof user, "soak_child_%d", number % 8);
    open_seat(&seat, number % 2 == 0 ? over_http : over_https);
    begin_caller(&caller, user, (uint64_t)number + 77, &seat, 1);
    for (i = 0; i < CHILDS_CALLS; ++i) do_something(&caller);
    end_client(&seat, 1);
    CHECK_INT(seat.differences, 0);
    CHECK_INT(crossed, 0);
    if (write(report, &seat.sums_before, sizeof seat.sums_before) != (ssize_t)sizeof seat.sums_before) _exit(3);
    _exit(broken_promises != 0);
}

static void await_child(pid_t child, int report) {
    struct sums sums;
    int status = -1;
    memset(&sums, 0, sizeof sums);
    if (read(report, &sums, sizeof sums) != (ssize_t)sizeof sums) broken(__FILE__, __LINE__, "a child ended without its sums");
    close(report);
    if (waitpid(child, &status, 0) != child || !WIFEXITED(status) || WEXITSTATUS(status) != 0) {
        broken(__FILE__, __LINE__, "a child broke a promise, crashed or hung");
    }
    add_sums(&happened.of_children, &sums);
    ++happened.children;
}

/* One child at a time, forked while the other threads are anywhere. */
static void *fork_children(void *random) {
    int number = 0;
    while (goes_on()) {
        struct seat *seat = &seats[draw((uint64_t *)random, SEATS)];
        const chat_client *client = take(seat);
        int ends[2];
        pid_t child;
        if (client != NULL) {
            if (pipe(ends) != 0) give_up("no pipe");
            child = fork();
            if (child < 0) give_up("no child");
            if (child == 0) live_as_child(client, number, ends[1]);
            leave(seat, NULL);
            close(ends[1]);
            await_child(child, ends[0]);
            ++number;
        }
        nap_ms(100);
    }
    return NULL;
}

/* ---- What stays behind ---- */

static int entries(const char *folder) {
    DIR *list = opendir(folder);
    int number = 0;
    if (list == NULL) give_up("no /proc");
    while (readdir(list) != NULL) ++number;
    closedir(list);
    return number;
}

struct holdings {
    int threads, descriptors;
    long long bytes;
};

static struct holdings holdings(void) {
    const struct mallinfo2 info = mallinfo2();
    struct holdings now;
    now.bytes = (long long)(info.uordblks + info.hblkhd);
    now.threads = entries("/proc/self/task");
    now.descriptors = entries("/proc/self/fd");
    return now;
}

static int fits(struct holdings now, struct holdings before) {
    return now.threads <= before.threads && now.descriptors <= before.descriptors && now.bytes < before.bytes + LEFT_OVER;
}

/* What ends with a client may take a moment to be gone from /proc; the bound only stops a hang. */
static struct holdings check_holdings(struct holdings before) {
    const long give_up_at = now_ms() + 20000;
    struct holdings now = holdings();
    while (!fits(now, before) && now_ms() < give_up_at) {
        nap_ms(20);
        now = holdings();
    }
    CHECK_INT(now.threads, before.threads);
    CHECK_INT(now.descriptors, before.descriptors);
    CHECK(now.bytes < before.bytes + LEFT_OVER);
    return now;
}

/* ---- The whole ---- */

static void import_users(void) {
    chat_client *client = emulator_client();
    char user[24];
    int i;
    for (i = 0; i < CALLERS + 8; ++i) {
        snprintf(user, sizeof user, i < CALLERS ? "soak_%d" : "soak_child_%d", i < CALLERS ? i : i - CALLERS);
        CHECK_INT(chat_account_import(client, user, NULL, NULL, NULL, NULL), CHAT_OK);
    }
    chat_client_free(client);
}

typedef void *(*work)(void *);

static const work disturbances[] = {make_weather, cancel_calls, change_keys, replace_clients, send_signals, fork_children};

enum { DISTURBANCES = sizeof disturbances / sizeof *disturbances };

static void catch_signals(void) {
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = on_signal;
    sigemptyset(&action.sa_mask);
    sigaction(SIGUSR1, &action, NULL);
}

static void soak_for(long seconds, uint64_t seed) {
    static chat_client *(*const makers[SEATS])(void) = {over_http, over_https, over_http_with_the_services_rate, over_https_and_scarce};
    uint64_t randoms[DISTURBANCES];
    pthread_t threads[DISTURBANCES];
    char user[24];
    int i;
    for (i = 0; i < SEATS; ++i) open_seat(&seats[i], makers[i]);
    for (i = 0; i < CALLERS; ++i) {
        snprintf(user, sizeof user, "soak_%d", i);
        begin_caller(&callers[i], user, seed + (uint64_t)i * 1000003, seats, SEATS);
        if (pthread_create(&callers[i].thread, NULL, call_on, &callers[i]) != 0) give_up("no thread");
    }
    for (i = 0; i < DISTURBANCES; ++i) {
        randoms[i] = (seed + (uint64_t)i * 7919) * 2 + 1;
        if (pthread_create(&threads[i], NULL, disturbances[i], &randoms[i]) != 0) give_up("no thread");
    }
    for (i = 0; i < seconds * 10; ++i) nap_ms(100);
    __atomic_store_n(&is_over, 1, __ATOMIC_RELAXED);
    for (i = 0; i < DISTURBANCES; ++i) pthread_join(threads[i], NULL);
    for (i = 0; i < CALLERS; ++i) pthread_join(callers[i].thread, NULL);
    for (i = 0; i < CALLERS; ++i) end_caller(&callers[i]);
    for (i = 0; i < SEATS; ++i) end_client(&seats[i], 1);
}

static void *soak(void *seed) {
    soak_for(place.number, *(uint64_t *)seed);
    return NULL;
}

/* On a thread of its own, whose end gives back what malloc keeps for a thread. */
static void soak_apart(uint64_t seed) {
    pthread_t thread;
    if (pthread_create(&thread, NULL, soak, &seed) != 0) give_up("no thread");
    pthread_join(thread, NULL);
}

static void write_totals(struct holdings before, struct holdings after) {
    struct sums sums = happened.of_children;
    char line[4096];
    size_t length;
    int i, gently = 0, at_once = 0;
    for (i = 0; i < SEATS; ++i) {
        add_sums(&sums, &seats[i].sums_before);
        CHECK_INT(seats[i].differences, 0);
        gently += seats[i].ended_gently;
        at_once += seats[i].ended_at_once;
    }
    length = (size_t)snprintf(line, sizeof line,
        "{\"listener\":%d,\"children\":%d,\"cancels\":%d,\"key_changes\":%d,\"signals_sent\":%d,\"signals_landed\":%d,\"ended_gently\":%d,"
        "\"ended_at_once\":%d,\"longest_overrun_ms\":%ld,\"bytes_before\":%lld,\"bytes_after\":%lld,\"threads\":%d,\"descriptors\":%d",
        listener.id, happened.children, happened.cancels, happened.key_changes, happened.signals_sent, signals_landed, gently, at_once,
        longest_overrun_ms, before.bytes, after.bytes, after.threads - before.threads, after.descriptors - before.descriptors);
    for (i = 0; i < OUTCOMES; ++i) {
        length += (size_t)snprintf(line + length, sizeof line - length, ",\"%s\":%lu", outcomes[i].name, (unsigned long)sums.by_outcome[i]);
    }
    length += (size_t)snprintf(line + length, sizeof line - length, ",\"calls\":%lu,\"attempts\":%lu,\"in_doubt\":%lu,\"already_deleted\":%lu}\n",
        (unsigned long)sums.calls, (unsigned long)sums.attempts, (unsigned long)sums.in_doubt, (unsigned long)sums.already_deleted);
    write_line(line, length);
}

int main(int argc, char **argv) {
    struct holdings before, after;
    if (argc < 6 || argc > 7) give_up("usage: soak BASE_URL CA_FILE ADMIN_URL SECONDS SEED [MISTAKE]");
    if (argc == 7) mistake = argv[6];
    find_emulator(5, argv);
    mallopt(M_ARENA_MAX, 1); /* what malloc keeps for every further one, 2 KB, would look left over */
    catch_signals();
    open_listener();
    import_users(); /* what a first client leaves for good is not the soak's */
    before = holdings();
    soak_apart(strtoull(argv[5], NULL, 10));
    if (is_made("keep_a_descriptor") && open("/dev/null", O_RDONLY) < 0) give_up("no descriptor");
    after = check_holdings(before);
    CHECK_INT(crossed, 0);
    CHECK(longest_overrun_ms < LONGEST_OVERRUN_MS);
    write_totals(before, after);
    return broken_promises != 0;
}
