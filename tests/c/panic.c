/* A bug inside the library never takes the host process down: with a build that panics on demand, each panic becomes the code PANIC,
 * nothing is printed, and the same client or configuration goes on working. Linked against that build only. */
#include "client.h"

/* Of the test build alone: it panics once at "call", "pool" or "config"; NULL disarms. */
extern void chat_test_panic_at(const char *point);

/* Sends stdout and stderr into a file until `count_printed`. */
static struct {
    FILE *file;
    int kept[2];
} capture;

static void watch_output(void) {
    int fd;
    fflush(stdout);
    fflush(stderr);
    capture.file = tmpfile();
    if (capture.file == NULL) give_up("no temporary file");
    for (fd = 1; fd <= 2; ++fd) {
        capture.kept[fd - 1] = dup(fd);
        dup2(fileno(capture.file), fd);
    }
}

/* Gives stdout and stderr back; how many bytes came meanwhile. */
static long count_printed(void) {
    long printed;
    int fd;
    fflush(stdout);
    fflush(stderr);
    for (fd = 1; fd <= 2; ++fd) {
        dup2(capture.kept[fd - 1], fd);
        close(capture.kept[fd - 1]);
    }
    fseek(capture.file, 0, SEEK_END);
    printed = ftell(capture.file);
    fclose(capture.file);
    return printed;
}

static void expect_contained(chat_response *response) {
    CHECK_INT(chat_response_code(response), CHAT_ERR_PANIC);
    CHECK_HAS(chat_response_message(response, NULL), "a bug inside the tencent-chat library was contained");
    CHECK_LACKS(chat_response_message(response, NULL), "injected"); /* the panic's own text stays inside */
    chat_response_free(response);
}

static void a_panic_in_a_call_is_contained_and_the_client_works_on(void) {
    chat_client *client = emulator_client();
    chat_response *response;
    int round;
    reset_emulator();
    for (round = 0; round < 3; ++round) {
        chat_test_panic_at("call");
        watch_output();
        response = delete_group(client, GROUP);
        CHECK_INT(count_printed(), 0);
        expect_contained(response);
        CHECK_INT(code_of(delete_group(client, GROUP)), CHAT_SERVICE_GROUP_NOT_FOUND);
    }
    CHECK_INT(requests_seen(), 3);
    chat_client_free(client);
}

static void a_panic_under_the_pools_lock_is_contained_and_the_client_works_on(void) {
    chat_client *client = emulator_client();
    chat_response *response;
    int round;
    reset_emulator();
    for (round = 0; round < 3; ++round) {
        CHECK_INT(code_of(delete_group(client, GROUP)), CHAT_SERVICE_GROUP_NOT_FOUND); /* so that the pool holds a connection */
        chat_test_panic_at("pool");
        watch_output();
        response = delete_group(client, GROUP);
        CHECK_INT(count_printed(), 0);
        expect_contained(response);
        CHECK_INT(code_of(delete_group(client, GROUP)), CHAT_SERVICE_GROUP_NOT_FOUND);
    }
    CHECK_INT(requests_seen(), 6);
    chat_client_free(client);
}

static void a_panic_leaves_no_permit_behind(void) {
    chat_config *config = emulator_config();
    chat_client *client;
    chat_config_set_max_connections(config, 1);
    client = client_from(config);
    reset_emulator();
    CHECK_INT(code_of(delete_group(client, GROUP)), CHAT_SERVICE_GROUP_NOT_FOUND);
    chat_test_panic_at("pool");
    CHECK_INT(code_of(delete_group(client, GROUP)), CHAT_ERR_PANIC);
    CHECK_INT(code_of(delete_group(client, GROUP)), CHAT_SERVICE_GROUP_NOT_FOUND);
    chat_client_shutdown(client);
    CHECK_INT(code_of(delete_group(client, GROUP)), CHAT_ERR_SHUTDOWN);
    chat_client_free(client); /* waits for calls inside: one left behind by the panic would hang here */
}

static void a_panic_in_a_call_whose_response_is_not_wanted_is_contained(void) {
    chat_client *client = emulator_client();
    reset_emulator();
    chat_test_panic_at("call");
    CHECK_INT(chat_del_contact_group(client, USER, GROUP, NULL, NULL), CHAT_ERR_PANIC);
    chat_test_panic_at("call");
    CHECK_INT(chat_call(client, GET_PATH, NULL, 0, NULL, NULL), CHAT_ERR_PANIC);
    CHECK_INT(requests_seen(), 0);
    chat_client_free(client);
}

static void a_panic_while_a_page_is_read_is_contained_and_the_iteration_goes_on(void) {
    static const char *const points[] = {"call", "pool"};
    chat_client *client = emulator_client();
    size_t i;
    reset_emulator();
    for (i = 0; i < sizeof points / sizeof *points; ++i) {
        chat_items *items = NULL;
        chat_response *item = NULL;
        int code;
        CHECK_INT(code_of(delete_group(client, GROUP)), CHAT_SERVICE_GROUP_NOT_FOUND); /* so that the pool holds a connection */
        CHECK_INT(chat_contact_group_items(client, USER, &items, NULL), CHAT_OK);
        chat_test_panic_at(points[i]);
        watch_output();
        code = chat_items_next(items, NULL, &item);
        CHECK_INT(count_printed(), 0);
        CHECK_INT(code, CHAT_ERR_PANIC);
        expect_contained(item);
        CHECK_INT(chat_items_next(items, NULL, &item), CHAT_END);
        CHECK_INT(chat_items_is_complete(items), 1);
        chat_items_free(items);
    }
    chat_client_free(client); /* would hang on a permit left behind */
}

static void a_panic_in_a_setter_is_contained_and_the_settings_stay_usable(void) {
    chat_config *config = emulator_config();
    chat_client *client;
    int code;
    chat_test_panic_at("config");
    watch_output();
    code = chat_config_set_timeout_ms(config, 5000);
    CHECK_INT(count_printed(), 0);
    CHECK_INT(code, CHAT_ERR_PANIC);
    CHECK_HAS(chat_config_message(config), "a bug inside the tencent-chat library was contained");
    CHECK_INT(chat_config_set_timeout_ms(config, 5000), CHAT_OK);
    client = client_from(config);
    CHECK_INT(code_of(delete_group(client, GROUP)), CHAT_SERVICE_GROUP_NOT_FOUND);
    chat_client_free(client);
}

static void a_panic_is_counted_as_a_call_that_ended_so(void) {
    chat_client *client = emulator_client();
    chat_stats *stats;
    chat_test_panic_at("call");
    CHECK_INT(code_of(delete_group(client, GROUP)), CHAT_ERR_PANIC);
    CHECK_INT(code_of(delete_group(client, GROUP)), CHAT_SERVICE_GROUP_NOT_FOUND);
    stats = chat_client_stats(client);
    CHECK_INT(chat_stats_get(stats, "calls_panic"), 1);
    CHECK_INT(chat_stats_get(stats, "calls"), 2);
    CHECK_INT(chat_stats_get(stats, "calls_in_progress"), 0);
    chat_stats_free(stats);
    chat_client_free(client);
}

static void disarmed_nothing_panics(void) {
    chat_client *client = emulator_client();
    chat_test_panic_at("call");
    chat_test_panic_at(NULL);
    CHECK_INT(code_of(delete_group(client, GROUP)), CHAT_SERVICE_GROUP_NOT_FOUND);
    chat_client_free(client);
}

int main(int argc, char **argv) {
    find_emulator(argc, argv);
    KEEP(a_panic_in_a_call_is_contained_and_the_client_works_on);
    KEEP(a_panic_under_the_pools_lock_is_contained_and_the_client_works_on);
    KEEP(a_panic_leaves_no_permit_behind);
    KEEP(a_panic_in_a_call_whose_response_is_not_wanted_is_contained);
    KEEP(a_panic_while_a_page_is_read_is_contained_and_the_iteration_goes_on);
    KEEP(a_panic_in_a_setter_is_contained_and_the_settings_stay_usable);
    KEEP(a_panic_is_counted_as_a_call_that_ended_so);
    KEEP(disarmed_nothing_panics);
    return broken_promises != 0;
}
