/* Memory over a client's life: what thirty thousand calls leave behind, what a pooled connection holds, and that the end of a client
 * gives everything back. Counted by the C library's malloc, which the library under test uses as well; so it is not for valgrind.
 * An argument behind the emulator's says how many calls; `make check` asks for a million. */
#include "conversations.h"

#include <malloc.h>
#include <pthread.h>

/* Bytes that are allocated and not freed, in all arenas. */
static long long in_use(void) {
#if defined(__GLIBC_PREREQ)
#if __GLIBC_PREREQ(2, 33)
    const struct mallinfo2 info = mallinfo2();
    return (long long)(info.uordblks + info.hblkhd);
#else
    const struct mallinfo info = mallinfo(); /* wraps at 4 GiB, which nothing here comes near */
    return (long long)(unsigned)info.uordblks + (unsigned)info.hblkhd;
#endif
#else
#error "this C library does not tell how much is allocated"
#endif
}

static chat_client *fast_client(void) {
    chat_config *config = emulator_config();
    chat_config_set_max_attempts(config, 1);
    chat_config_set_rate_limit(config, 0);
    return client_from(config);
}

enum { THREADS = 4 };

struct worker {
    const chat_client *client;
    long calls;
    int number;
    int unexpected;
    pthread_t thread;
};

/* Reads all that an answer can tell, and frees it. */
static int read_whole(chat_response *response) {
    const int code = chat_response_code(response);
    size_t length = 0;
    chat_response_message(response, &length);
    chat_response_trace(response);
    chat_response_body(response, &length);
    chat_response_str(response, "/GroupResultItem/0/GroupItem/GroupName", &length);
    number_at(response, "/GroupItem/0/GroupId");
    chat_response_free(response);
    return code;
}

/* Successes, refusals of the service and of the library, an iteration and a snapshot, in turn. */
static void *work(void *worker) {
    struct worker *self = (struct worker *)worker;
    char name[32];
    long call_number;
    snprintf(name, sizeof name, "group %d", self->number);
    for (call_number = 0; call_number < self->calls; call_number += 5) {
        chat_response *response = NULL;
        chat_items *items = NULL;
        int code = chat_create_contact_group(self->client, USER, name, NULL, NULL, &response);
        self->unexpected += code != read_whole(response) || code != CHAT_OK;
        code = chat_del_contact_group(self->client, USER, name, NULL, &response);
        self->unexpected += code != read_whole(response) || code != CHAT_OK;
        code = chat_del_contact_group(self->client, USER, name, NULL, &response);
        self->unexpected += code != read_whole(response) || code != CHAT_SERVICE_GROUP_NOT_FOUND;
        code = chat_del_contact_group(self->client, USER, "", NULL, &response);
        self->unexpected += code != read_whole(response) || code != CHAT_ERR_INVALID_ARGUMENT;
        self->unexpected += chat_contact_group_items(self->client, USER, &items, NULL) != CHAT_OK;
        code = chat_items_next(items, NULL, &response);
        self->unexpected += code != CHAT_END;
        chat_response_free(response);
        chat_items_free(items);
        chat_stats_free(chat_client_stats(self->client));
    }
    return NULL;
}

static void make_calls(const chat_client *client, long calls) {
    struct worker workers[THREADS];
    int i;
    for (i = 0; i < THREADS; ++i) {
        memset(&workers[i], 0, sizeof workers[i]);
        workers[i].client = client;
        workers[i].number = i;
        workers[i].calls = calls / THREADS;
        if (pthread_create(&workers[i].thread, NULL, work, &workers[i]) != 0) give_up("no thread");
    }
    for (i = 0; i < THREADS; ++i) {
        pthread_join(workers[i].thread, NULL);
        CHECK_INT(workers[i].unexpected, 0);
    }
}

enum { WARM = 10000, ALLOWED = 64 * 1024 };

static void the_last_of_many_calls_leaves_no_more_than_the_ten_thousandth(void) {
    const long calls = place.number == 0 ? 30000 : place.number;
    chat_client *client = fast_client();
    long long after_warm, after_all;
    reset_emulator();
    make_calls(client, WARM);
    after_warm = in_use();
    make_calls(client, calls - WARM);
    after_all = in_use();
    printf("        %lld bytes in use after call %d, %lld after call %ld\n", after_warm, (int)WARM, after_all, calls);
    CHECK(after_all - after_warm < ALLOWED && after_warm - after_all < ALLOWED);
    chat_client_free(client);
}

enum { FEW = 50, MANY = 500 };

static void the_end_of_a_client_gives_back_what_it_took(void) {
    long long after_few = 0, after_all;
    int clients;
    reset_emulator();
    for (clients = 1; clients <= MANY; ++clients) {
        chat_client *client = fast_client();
        CHECK_INT(code_of(delete_group(client, GROUP)), CHAT_SERVICE_GROUP_NOT_FOUND);
        chat_client_free(client);
        if (clients == FEW) after_few = in_use();
    }
    after_all = in_use();
    printf("        %lld bytes in use after %d clients, %lld after %d\n", after_few, (int)FEW, after_all, (int)MANY);
    CHECK(after_all - after_few < ALLOWED / 4);
}

enum { CONNECTIONS = 40, MOST_BYTES = 80 * 1024 };

static void *call_once(void *client) {
    chat_response *response = NULL;
    chat_del_contact_group((const chat_client *)client, USER, GROUP, NULL, &response);
    chat_response_free(response);
    return NULL;
}

/* So many calls at the service at once, and so many connections in the pool afterwards. */
static void fill_the_pool(chat_client *client, int connections) {
    pthread_t threads[CONNECTIONS];
    char fault[64];
    int i;
    reset_emulator();
    snprintf(fault, sizeof fault, "{\"delay_ms\":1500,\"times\":%d}", connections);
    add_fault(fault);
    for (i = 0; i < connections; ++i) {
        if (pthread_create(&threads[i], NULL, call_once, client) != 0) give_up("no thread");
    }
    for (i = 0; i < connections; ++i) pthread_join(threads[i], NULL);
}

static uint64_t counted(const chat_client *client, const char *name) {
    chat_stats *stats = chat_client_stats(client);
    const uint64_t count = chat_stats_get(stats, name);
    chat_stats_free(stats);
    return count;
}

static void a_pooled_connection_holds_at_most_80_kilobytes(void) {
    chat_client *client = fast_client();
    long long one, all, each;
    fill_the_pool(client, 1);
    one = in_use();
    fill_the_pool(client, CONNECTIONS);
    all = in_use();
    CHECK_INT(counted(client, "connections_open"), CONNECTIONS);
    each = (all - one) / (CONNECTIONS - 1);
    printf("        %lld bytes a connection\n", each);
    CHECK(each > 0 && each <= MOST_BYTES);
    chat_client_free(client);
}

int main(int argc, char **argv) {
    find_emulator(argc, argv);
    KEEP(the_end_of_a_client_gives_back_what_it_took);
    KEEP(a_pooled_connection_holds_at_most_80_kilobytes);
    KEEP(the_last_of_many_calls_leaves_no_more_than_the_ten_thousandth);
    return broken_promises != 0;
}
