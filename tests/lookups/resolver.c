/* What becomes of calls when names look up slowly, not at all, or to the wrong place, and how often they are looked up. Runs under the
 * preloaded `getaddrinfo` beside it; no name here is one that the machine or the network knows. */
#include "../c/calls.h"

#include <fcntl.h>

/* Tells the preloaded resolver what to do from now on. Written aside and moved, so that half an order is never read. */
static void resolver(const char *orders) {
    const char *path = getenv("CHAT_LOOKUPS");
    char aside[4096];
    FILE *file;
    if (path == NULL) give_up("CHAT_LOOKUPS names no file");
    snprintf(aside, sizeof aside, "%s.next", path);
    file = fopen(aside, "w");
    if (file == NULL || fputs(orders, file) < 0 || fclose(file) != 0 || rename(aside, path) != 0) give_up("the orders cannot be written");
}

/* Look-ups of names since the program began. */
static long lookups(void) {
    char name[4096];
    FILE *file;
    long lines = 0;
    int c;
    snprintf(name, sizeof name, "%s.seen", getenv("CHAT_LOOKUPS"));
    file = fopen(name, "r");
    if (file == NULL) return 0;
    while ((c = fgetc(file)) != EOF) lines += c == '\n';
    fclose(file);
    return lines;
}

/* The emulator's HTTP address under a name. */
static chat_config *config_by_name(const char *host) {
    static char url[256];
    char *given = emulator_address("url");
    chat_config *config = emulator_config();
    snprintf(url, sizeof url, "http://%s%s", host, strrchr(given, ':'));
    free(given);
    CHECK_INT(chat_config_set_base_url(config, url), CHAT_OK);
    CHECK_INT(chat_config_set_allow_insecure_http(config, 1), CHAT_OK);
    CHECK_INT(chat_config_set_rate_limit(config, 0), CHAT_OK);
    return config;
}

static chat_client *client_by_name(const char *host) {
    reset_emulator();
    return client_from(config_by_name(host));
}

static chat_response *delete_within(const chat_client *client, uint32_t ms) {
    chat_call_options *options = chat_call_options_new();
    chat_response *response;
    CHECK_INT(chat_call_options_set_timeout_ms(options, ms), CHAT_OK);
    response = delete_with(client, GROUP, options);
    chat_call_options_free(options);
    return response;
}

static void is_answered(const chat_client *client) { CHECK_INT(code_of(delete_group(client, GROUP)), CHAT_SERVICE_GROUP_NOT_FOUND); }

static void a_live_connection_needs_no_look_up(void) {
    const long before = lookups();
    chat_client *client;
    int i;
    resolver("127.0.0.1");
    client = client_by_name("live.test");
    for (i = 0; i < 200; ++i) is_answered(client);
    CHECK_INT(lookups() - before, 1);
    chat_client_free(client);
}

static void a_dead_resolver_fails_nothing_while_connections_live(void) {
    const long before = lookups();
    chat_client *client;
    int i;
    resolver("127.0.0.1");
    client = client_by_name("live.test");
    is_answered(client);
    resolver("dead");
    for (i = 0; i < 200; ++i) is_answered(client);
    CHECK_INT(lookups() - before, 1);
    CHECK_INT(requests_seen(), 201);
    chat_client_free(client);
}

static void a_new_connection_uses_the_last_good_answer_while_the_resolver_is_dead(void) {
    chat_client *client;
    struct begun calls[4];
    int i;
    resolver("127.0.0.1");
    client = client_by_name("known.test");
    is_answered(client);
    resolver("dead");
    add_fault("{\"delay_ms\":300,\"times\":4}");
    for (i = 0; i < 4; ++i) begin(&calls[i], client, NULL); /* four at once on one kept connection: three are new */
    for (i = 0; i < 4; ++i) CHECK_INT(finish(&calls[i]), CHAT_SERVICE_GROUP_NOT_FOUND);
    chat_client_free(client);
}

static void a_name_that_never_looked_up_fails_without_doubt_and_works_once_it_does(void) {
    chat_client *client = client_by_name("unknown.test");
    chat_response *response;
    resolver("dead");
    response = delete_within(client, 2000);
    CHECK_INT(chat_response_code(response), CHAT_ERR_TRANSPORT);
    CHECK_HAS(chat_response_message(response, NULL), "unknown.test");
    CHECK_INT(chat_response_is_in_doubt(response), 0);
    CHECK_INT(chat_response_is_retriable(response), 1);
    chat_response_free(response);
    CHECK_INT(requests_seen(), 0);
    resolver("127.0.0.1");
    is_answered(client);
    chat_client_free(client);
}

/* Shown by order: the caller is back while the look-up still hangs, which it does for a minute. */
static void a_slow_resolver_holds_no_caller_past_its_deadline(void) {
    chat_client *client = client_by_name("slow.test");
    const long begun = now_ms();
    chat_response *response;
    resolver("slow 60000 127.0.0.1");
    response = delete_within(client, 300);
    CHECK_INT(chat_response_code(response), CHAT_ERR_TIMEOUT);
    CHECK_INT(chat_response_is_in_doubt(response), 0);
    CHECK(now_ms() - begun >= 300); /* never early */
    CHECK(now_ms() - begun < 50000); /* before the look-up ended */
    chat_response_free(response);
    CHECK_INT(requests_seen(), 0);
    resolver("127.0.0.1"); /* ends the wait */
    is_answered(client);
    chat_client_free(client);
}

static void callers_of_a_slow_resolver_share_one_look_up(void) {
    const long before = lookups();
    chat_client *client = client_by_name("shared.test");
    struct begun calls[8];
    int i;
    resolver("slow 700 127.0.0.1");
    for (i = 0; i < 8; ++i) begin(&calls[i], client, NULL);
    for (i = 0; i < 8; ++i) CHECK_INT(finish(&calls[i]), CHAT_SERVICE_GROUP_NOT_FOUND);
    CHECK_INT(lookups() - before, 1);
    chat_client_free(client);
}

static void a_client_is_freed_while_its_look_up_hangs(void) {
    chat_client *client = client_by_name("hanging.test");
    const long begun = now_ms();
    resolver("slow 60000 dead");
    CHECK_INT(code_of(delete_within(client, 50)), CHAT_ERR_TIMEOUT);
    chat_client_free(client);
    CHECK(now_ms() - begun < 50000); /* the look-up still hangs */
    resolver("127.0.0.1");
}

static void a_cancelled_call_leaves_a_look_up_that_hangs(void) {
    chat_client *client = client_by_name("hanging.test");
    const long before = lookups();
    chat_cancel *cancel = chat_cancel_new();
    chat_call_options *options = chat_call_options_new();
    struct begun call;
    resolver("slow 60000 dead");
    CHECK_INT(chat_call_options_set_cancel(options, cancel), CHAT_OK);
    begin(&call, client, options);
    while (lookups() == before) nap_ms(1);
    chat_cancel_trigger(cancel);
    CHECK_INT(finish(&call), CHAT_ERR_CANCELLED);
    CHECK_INT(call.in_doubt, 0);
    resolver("127.0.0.1");
    chat_call_options_free(options);
    chat_cancel_free(cancel);
    chat_client_free(client);
}

static void a_lying_resolver_leads_to_nobody_who_gets_the_request(void) {
    chat_config *config = emulator_config();
    chat_client *client;
    chat_response *response;
    char url[256], *given = emulator_address("tls_url");
    snprintf(url, sizeof url, "https://console.test%s", strrchr(given, ':'));
    free(given);
    CHECK_INT(chat_config_set_base_url(config, url), CHAT_OK);
    client = client_from(config);
    reset_emulator();
    resolver("127.0.0.1"); /* a server, but not the one of that name */
    response = delete_within(client, 3000);
    CHECK_INT(chat_response_code(response), CHAT_ERR_TLS);
    CHECK_INT(chat_response_is_in_doubt(response), 0);
    chat_response_free(response);
    CHECK_INT(requests_seen(), 0);
    chat_client_free(client);
}

static void an_address_where_nobody_listens_is_told_and_a_corrected_one_used(void) {
    chat_client *client = client_by_name("moved.test");
    chat_response *response;
    resolver("127.77.77.77");
    response = delete_within(client, 2000);
    CHECK_INT(chat_response_code(response), CHAT_ERR_TRANSPORT);
    CHECK_INT(chat_response_is_in_doubt(response), 0);
    chat_response_free(response);
    resolver("127.0.0.1");
    is_answered(client); /* an address that refused is asked anew */
    CHECK_INT(requests_seen(), 1);
    chat_client_free(client);
}

/* A listener on another address with the emulator's port. Deaf at first, its queue being full; then it accepts and says nothing. */
static int deaf_neighbour(int waiting[4]) {
    struct sockaddr_in address;
    char *given = emulator_address("url");
    const int fd = socket(AF_INET, SOCK_STREAM, 0), yes = 1;
    int i;
    memset(&address, 0, sizeof address);
    address.sin_family = AF_INET;
    address.sin_port = htons((unsigned short)atoi(strrchr(given, ':') + 1));
    if (inet_pton(AF_INET, "127.0.0.2", &address.sin_addr) != 1) give_up("no address");
    free(given);
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    if (bind(fd, (struct sockaddr *)&address, sizeof address) != 0 || listen(fd, 0) != 0) give_up("no listener beside the emulator");
    for (i = 0; i < 4; ++i) {
        waiting[i] = socket(AF_INET, SOCK_STREAM, 0);
        if (fcntl(waiting[i], F_SETFL, O_NONBLOCK) != 0) give_up("no socket");
        (void)connect(waiting[i], (struct sockaddr *)&address, sizeof address);
    }
    nap_ms(50);
    return fd;
}

static void a_dead_address_before_a_good_one_costs_a_moment_and_is_not_the_first_again(void) {
    chat_config *config = config_by_name("many.test");
    chat_client *client;
    int waiting[4], i;
    const int listener = deaf_neighbour(waiting);
    const long begun = now_ms();
    CHECK_INT(chat_config_set_max_attempts(config, 1), CHAT_OK);
    client = client_from(config);
    reset_emulator();
    resolver("127.0.0.2 127.0.0.1");
    add_fault("{\"answer\":{\"status\":200,\"headers\":{\"connection\":\"close\"},"
              "\"body\":\"{\\\"ActionStatus\\\":\\\"FAIL\\\",\\\"ErrorCode\\\":51009}\"}}");
    is_answered(client);
    CHECK(now_ms() - begun < 15000); /* half of the time for a connection */
    /* From now on a connection there would be one where no answer comes. */
    for (i = 0; i < 4; ++i) close(waiting[i]);
    if (listen(listener, 8) != 0) give_up("no listener");
    is_answered(client);
    CHECK_INT(requests_seen(), 2);
    chat_client_free(client);
    close(listener);
}

int main(int argc, char **argv) {
    find_emulator(argc, argv);
    KEEP(a_live_connection_needs_no_look_up);
    KEEP(a_dead_resolver_fails_nothing_while_connections_live);
    KEEP(a_new_connection_uses_the_last_good_answer_while_the_resolver_is_dead);
    KEEP(a_name_that_never_looked_up_fails_without_doubt_and_works_once_it_does);
    KEEP(a_slow_resolver_holds_no_caller_past_its_deadline);
    KEEP(callers_of_a_slow_resolver_share_one_look_up);
    KEEP(a_client_is_freed_while_its_look_up_hangs);
    KEEP(a_cancelled_call_leaves_a_look_up_that_hangs);
    KEEP(a_lying_resolver_leads_to_nobody_who_gets_the_request);
    KEEP(a_dead_address_before_a_good_one_costs_a_moment_and_is_not_the_first_again);
    KEEP(an_address_where_nobody_listens_is_told_and_a_corrected_one_used);
    return broken_promises != 0;
}
