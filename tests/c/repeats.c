/* What is sent again and what never is: by code, by how far an attempt got, by command and by option; what ends a call between attempts;
 * and that calls leave no faster than the rate that was set. The counters of all that are in stats.c. */
#include "calls.h"
#include "conversations.h"

static chat_call_options *options_with_timeout(uint32_t ms) {
    chat_call_options *options = chat_call_options_new();
    CHECK_INT(chat_call_options_set_timeout_ms(options, ms), CHAT_OK);
    return options;
}

static void passing_errors_of_the_service_are_repeated_and_lasting_ones_told(void) {
    static const struct {
        int code;
        int attempts;
    } expected[] = {
        {50004, 2}, {50005, 2}, {60008, 2}, {60013, 2}, {60014, 2}, {70169, 2}, {70202, 2}, {70500, 2}, {70001, 2}, {70052, 2},
        {10002, 2}, {20004, 2}, {20005, 2}, {40006, 2}, {60007, 2}, {60011, 2}, {60018, 2}, {60019, 2},
        {50001, 1}, {50002, 1}, {50003, 1}, {51006, 1}, {51008, 1}, {51009, 1}, {51010, 1}, {51011, 1}, {51012, 1}, {51013, 1}, {60010, 1}, {60020, 1},
        {60021, 1}, {70003, 1}, {70009, 1}, {70013, 1}, {70014, 1}, {70020, 1}, {70050, 1}, {70107, 1}, {50006, 1},
    };
    chat_client *client = emulator_client();
    size_t i;
    for (i = 0; i < sizeof expected / sizeof *expected; ++i) {
        char fault[64], what[16];
        chat_response *response;
        reset_emulator();
        snprintf(what, sizeof what, "%d", expected[i].code);
        snprintf(fault, sizeof fault, "{\"code\":%d}", expected[i].code);
        add_fault(fault);
        response = get_page(client, 0);
        check_int(__FILE__, __LINE__, what, chat_response_attempts(response), expected[i].attempts);
        check_int(__FILE__, __LINE__, what, chat_response_code(response), expected[i].attempts == 2 ? CHAT_OK : expected[i].code);
        check_int(__FILE__, __LINE__, what, requests_seen(), expected[i].attempts);
        chat_response_free(response);
    }
    chat_client_free(client);
}

static void a_call_is_tried_three_times_unless_client_or_call_say_otherwise(void) {
    chat_config *config = emulator_config();
    chat_client *standard = emulator_client(), *other;
    chat_call_options *options = chat_call_options_new();
    chat_response *response;
    CHECK_INT(chat_config_set_max_attempts(config, 2), CHAT_OK);
    other = client_from(config);
    reset_emulator();
    add_fault("{\"code\":50004,\"times\":0}");
    response = delete_group(standard, GROUP);
    CHECK_INT(chat_response_attempts(response), 3);
    CHECK_INT(code_of(response), 50004);
    response = delete_group(other, GROUP);
    CHECK_INT(chat_response_attempts(response), 2);
    chat_response_free(response);
    CHECK_INT(chat_call_options_set_max_attempts(options, 5), CHAT_OK);
    response = delete_with(other, GROUP, options);
    CHECK_INT(chat_response_attempts(response), 5);
    chat_response_free(response);
    CHECK_INT(requests_seen(), 10);
    CHECK_INT(chat_call_options_set_max_attempts(options, 0), CHAT_ERR_INVALID_ARGUMENT);
    CHECK_HAS(chat_call_options_message(options), "max_attempts");
    CHECK_INT(chat_call_options_set_max_attempts(options, 11), CHAT_ERR_INVALID_ARGUMENT);
    CHECK_INT(code_of(delete_with(other, GROUP, options)), CHAT_ERR_INVALID_ARGUMENT); /* remembered, and nothing sent */
    CHECK_INT(requests_seen(), 10);
    clear_faults();
    chat_call_options_free(options);
    chat_client_free(standard);
    chat_client_free(other);
}

static void a_delete_whose_answer_was_lost_succeeds_as_already_deleted(void) {
    chat_client *client = emulator_client();
    chat_response *response;
    reset_emulator();
    create_group(client, GROUP);
    add_fault("{\"drop\":\"reset\",\"applied\":true}");
    response = delete_group(client, GROUP);
    CHECK_INT(chat_response_code(response), CHAT_OK);
    CHECK_INT(chat_response_is_already_deleted(response), 1);
    CHECK_INT(chat_response_is_in_doubt(response), 0);
    CHECK_INT(chat_response_attempts(response), 2);
    CHECK_STR(chat_response_message(response, NULL), "");
    CHECK_HAS(chat_response_body(response, NULL), "51009"); /* the last answer as it came */
    CHECK_HAS(chat_response_trace(response), "\"attempt\":1,\"code\":-5");
    CHECK_HAS(chat_response_trace(response), "\"attempt\":2,\"code\":51009");
    chat_response_free(response);
    chat_client_free(client);
}

static void a_group_that_is_not_found_without_a_doubt_stays_an_error(void) {
    chat_client *client = emulator_client();
    chat_response *response;
    reset_emulator();
    response = delete_group(client, GROUP);
    CHECK_INT(chat_response_is_already_deleted(response), 0);
    CHECK_INT(code_of(response), CHAT_SERVICE_GROUP_NOT_FOUND);
    add_fault("{\"code\":50004}"); /* a whole answer: the attempt had no effect */
    response = delete_group(client, GROUP);
    CHECK_INT(chat_response_is_already_deleted(response), 0);
    CHECK_INT(chat_response_attempts(response), 2);
    CHECK_INT(code_of(response), CHAT_SERVICE_GROUP_NOT_FOUND);
    add_fault("{\"drop\":\"reset\",\"applied\":true}");
    response = rename_group(client, GROUP, "x"); /* no delete: nothing is taken for done */
    CHECK_INT(chat_response_is_already_deleted(response), 0);
    CHECK_INT(chat_response_is_in_doubt(response), 1); /* the lost attempt may have renamed it */
    CHECK_INT(code_of(response), CHAT_SERVICE_GROUP_NOT_FOUND);
    chat_client_free(client);
}

/* The calls whose attempt in doubt was followed by another one. */
static int attempts_after_a_lost_answer(chat_response *response) {
    const int attempts = chat_response_attempts(response);
    chat_response_free(response);
    return attempts;
}

static void what_twice_would_do_twice_is_not_repeated_in_doubt(void) {
    static const char lost[] = "{\"drop\":\"reset\"}";
    chat_client *client = emulator_client();
    chat_contacts *contacts = contacts_of(1);
    chat_marks *marks = marks_of(1);
    chat_accounts *accounts = accounts_of(1);
    chat_response *response = NULL;
    reset_emulator();
    create_group(client, "held");
#define AFTER_LOSS(call_with, expected) \
    do { add_fault(lost); CHECK_INT(attempts_after_a_lost_answer(call_with), expected); } while (0)
    AFTER_LOSS(create_with(client, GROUP, NULL), 1);
    AFTER_LOSS(call(client, GET_PATH, "{\"From_Account\":\"" USER "\",\"StartIndex\":0}"), 1);
    AFTER_LOSS(with_accounts(chat_account_delete, client, accounts), 1);
    AFTER_LOSS(rename_group(client, "held", "held"), 2);
    AFTER_LOSS(change(client, "held", contacts, NULL), 2);
    AFTER_LOSS(delete_group(client, "held"), 2);
    AFTER_LOSS(mark(client, marks), 2);
    AFTER_LOSS(search(client, contacts), 2);
    AFTER_LOSS(get_page(client, 0), 2);
    AFTER_LOSS(with_accounts(chat_multiaccount_import, client, accounts), 2);
    AFTER_LOSS(with_accounts(chat_account_check, client, accounts), 2);
    add_fault(lost);
    CHECK_INT(chat_account_import(client, USER, NULL, NULL, NULL, &response), CHAT_OK);
    CHECK_INT(attempts_after_a_lost_answer(response), 2);
    add_fault(lost);
    CHECK_INT(chat_recent_contact_get_list(client, USER, 0, 0, 0, 0, CHAT_ASSIST_FLAGS, NULL, &response), CHAT_OK);
    CHECK_INT(attempts_after_a_lost_answer(response), 2);
    add_fault(lost);
    CHECK_INT(chat_recent_contact_delete(client, USER, CHAT_ONE_TO_ONE, PEER, 0, NULL, &response), CHAT_OK);
    CHECK_INT(attempts_after_a_lost_answer(response), 2);
    chat_contacts_free(contacts);
    chat_marks_free(marks);
    chat_accounts_free(accounts);
    chat_client_free(client);
}

static void the_caller_decides_about_repeats_in_doubt_where_told(void) {
    chat_client *client = emulator_client();
    chat_call_options *yes = chat_call_options_new(), *no = chat_call_options_new();
    chat_response *response = NULL;
    reset_emulator();
    CHECK_INT(chat_call_options_set_repeat_in_doubt(yes, 1), CHAT_OK);
    CHECK_INT(chat_call_options_set_repeat_in_doubt(no, 0), CHAT_OK);
    add_fault("{\"drop\":\"reset\"}");
    CHECK_INT(chat_create_contact_group(client, USER, GROUP, NULL, yes, &response), CHAT_OK);
    CHECK_INT(chat_response_attempts(response), 2);
    chat_response_free(response);
    add_fault("{\"drop\":\"reset\"}");
    response = delete_with(client, GROUP, no);
    CHECK_INT(chat_response_attempts(response), 1);
    CHECK_INT(chat_response_is_in_doubt(response), 1);
    CHECK_INT(code_of(response), CHAT_ERR_TRANSPORT);
    add_fault("{\"code\":50004}"); /* no doubt: repeated all the same */
    response = delete_with(client, GROUP, no);
    CHECK_INT(chat_response_attempts(response), 2);
    CHECK_INT(code_of(response), CHAT_OK);
    chat_call_options_free(yes);
    chat_call_options_free(no);
    chat_client_free(client);
}

static void what_was_never_sent_is_repeated_whatever_it_does(void) {
    chat_config *config = emulator_config();
    chat_client *client;
    chat_response *response;
    chat_config_set_base_url(config, "http://127.0.0.1:1"); /* port 1: nobody listens */
    client = client_from(config);
    response = create_with(client, GROUP, NULL);
    CHECK_INT(chat_response_code(response), CHAT_ERR_TRANSPORT);
    CHECK_INT(chat_response_attempts(response), 3);
    CHECK_INT(chat_response_is_in_doubt(response), 0);
    CHECK_HAS(chat_response_trace(response), "\"reached\":\"nothing_written\"");
    chat_response_free(response);
    chat_client_free(client);
}

static void an_attempt_may_end_before_the_call_and_the_message_says_which_time_passed(void) {
    chat_client *client = emulator_client();
    chat_call_options *options = options_with_timeout(60000);
    chat_response *response;
    long begun;
    reset_emulator();
    CHECK_INT(code_of(get_page(client, 0)), CHAT_OK); /* so that connecting takes none of the time */
    CHECK_INT(chat_call_options_set_attempt_timeout_ms(options, 400), CHAT_OK);
    add_fault("{\"hang\":true}");
    begun = now_ms();
    response = delete_with(client, GROUP, options);
    CHECK(now_ms() - begun >= 400);
    CHECK_INT(chat_response_attempts(response), 2);
    CHECK_INT(code_of(response), CHAT_OK); /* nobody knows what the first did: already deleted */
    CHECK_INT(chat_call_options_set_max_attempts(options, 1), CHAT_OK);
    add_fault("{\"hang\":true,\"times\":0}");
    response = delete_with(client, GROUP, options);
    CHECK_INT(chat_response_code(response), CHAT_ERR_TIMEOUT);
    CHECK_HAS(chat_response_message(response, NULL), "the attempt took too long");
    chat_response_free(response);
    CHECK_INT(chat_call_options_set_timeout_ms(options, 300), CHAT_OK);
    response = delete_with(client, GROUP, options);
    CHECK_INT(chat_response_code(response), CHAT_ERR_TIMEOUT);
    CHECK_HAS(chat_response_message(response, NULL), "the call's deadline passed");
    chat_response_free(response);
    CHECK_INT(chat_call_options_set_attempt_timeout_ms(options, 0), CHAT_ERR_INVALID_ARGUMENT);
    CHECK_HAS(chat_call_options_message(options), "attempt_timeout_ms");
    clear_faults();
    chat_call_options_free(options);
    chat_client_free(client);
}

static void a_call_has_a_connect_time_of_its_own(void) {
    struct sockaddr_in address;
    socklen_t length = sizeof address;
    chat_config *config = emulator_config();
    chat_call_options *options = options_with_timeout(60000);
    chat_client *client;
    chat_response *response;
    char url[64];
    long begun;
    const int silent = socket(AF_INET, SOCK_STREAM, 0);
    memset(&address, 0, sizeof address);
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (silent < 0 || bind(silent, (struct sockaddr *)&address, length) != 0 || listen(silent, 8) != 0) give_up("no listener");
    if (getsockname(silent, (struct sockaddr *)&address, &length) != 0) give_up("no port");
    snprintf(url, sizeof url, "https://127.0.0.1:%d", ntohs(address.sin_port));
    chat_config_set_base_url(config, url);
    client = client_from(config);
    CHECK_INT(chat_call_options_set_connect_timeout_ms(options, 300), CHAT_OK);
    CHECK_INT(chat_call_options_set_max_attempts(options, 2), CHAT_OK);
    begun = now_ms();
    response = delete_with(client, GROUP, options);
    CHECK(now_ms() - begun >= 600);
    CHECK_INT(chat_response_attempts(response), 2);
    CHECK_HAS(chat_response_message(response, NULL), "connecting took too long");
    CHECK_INT(code_of(response), CHAT_ERR_TIMEOUT);
    CHECK_INT(chat_call_options_set_connect_timeout_ms(options, 0), CHAT_ERR_INVALID_ARGUMENT);
    chat_call_options_free(options);
    chat_client_free(client);
    close(silent);
}

static void a_pause_that_does_not_fit_before_the_deadline_is_not_begun(void) {
    chat_client *client = emulator_client();
    chat_call_options *options = options_with_timeout(900);
    chat_response *response;
    reset_emulator();
    add_fault("{\"code\":60007}");
    response = delete_with(client, GROUP, options); /* the pause would be a second and more */
    CHECK_INT(chat_response_code(response), CHAT_SERVICE_CALL_RATE_EXCEEDED);
    CHECK_INT(chat_response_attempts(response), 1);
    CHECK_INT(chat_response_retry_after_ms(response), 1000);
    chat_response_free(response);
    CHECK_INT(requests_seen(), 1);
    chat_call_options_free(options);
    chat_client_free(client);
}

static int after_some_time(void *asked) { return ++*(int *)asked > 1; }

static void token_shutdown_and_callback_end_a_pause_between_attempts(void) {
    int way;
    for (way = 0; way < 3; ++way) {
        chat_client *client = emulator_client();
        chat_cancel *cancel = chat_cancel_new();
        chat_call_options *options = chat_call_options_new();
        struct begun call;
        int asked = 0;
        reset_emulator();
        CHECK_INT(chat_call_options_set_cancel(options, cancel), CHAT_OK);
        if (way == 2) CHECK_INT(chat_call_options_set_interrupt(options, after_some_time, &asked), CHAT_OK);
        add_fault("{\"answer\":{\"status\":503,\"headers\":{\"retry-after\":\"20\"},\"body\":\"\"}}"); /* the service would answer then */
        begin(&call, client, options);
        wait_for_requests(1);
        nap_ms(50);
        if (way == 0) chat_cancel_trigger(cancel);
        if (way == 1) chat_client_shutdown(client);
        CHECK_INT(finish(&call), way == 1 ? CHAT_ERR_SHUTDOWN : CHAT_ERR_CANCELLED);
        CHECK_INT(call.attempts, 1);
        CHECK_INT(call.in_doubt, 1); /* a gateway answered: nobody knows about the service */
        CHECK_INT(requests_seen(), 1);
        chat_call_options_free(options);
        chat_cancel_free(cancel);
        chat_client_free(client);
    }
}

static chat_client *client_of_rate(uint32_t calls_per_second) {
    chat_config *config = emulator_config();
    CHECK_INT(chat_config_set_rate_limit(config, calls_per_second), CHAT_OK);
    return client_from(config);
}

static void token_and_shutdown_end_the_wait_for_a_slot_and_nothing_is_sent(void) {
    int way;
    for (way = 0; way < 2; ++way) {
        chat_client *client = client_of_rate(1);
        chat_cancel *cancel = chat_cancel_new();
        chat_call_options *options = chat_call_options_new();
        struct begun calls[20];
        int i, sent = 0;
        reset_emulator();
        CHECK_INT(chat_call_options_set_cancel(options, cancel), CHAT_OK);
        for (i = 0; i < 20; ++i) begin(&calls[i], client, options);
        wait_for_requests(1);
        if (way == 0) chat_cancel_trigger(cancel);
        else chat_client_shutdown(client);
        for (i = 0; i < 20; ++i) {
            finish(&calls[i]);
            sent += calls[i].attempts;
            if (calls[i].attempts == 0) {
                CHECK_INT(calls[i].code, way == 0 ? CHAT_ERR_CANCELLED : CHAT_ERR_SHUTDOWN);
                CHECK_INT(calls[i].in_doubt, 0);
            }
        }
        CHECK(sent < 20); /* 20 calls would take 19 seconds and more */
        CHECK(requests_seen() <= sent); /* one may have been ended while it connected */
        chat_call_options_free(options);
        chat_cancel_free(cancel);
        chat_client_free(client);
    }
}

static void a_call_without_a_slot_before_its_deadline_is_told_at_once_when_to_come_again(void) {
    chat_client *client = client_of_rate(1);
    chat_call_options *options = options_with_timeout(50);
    chat_response *response;
    int i;
    reset_emulator();
    for (i = 0; i < 2; ++i) CHECK_INT(code_of(delete_group(client, GROUP)), CHAT_SERVICE_GROUP_NOT_FOUND);
    response = delete_with(client, GROUP, options);
    CHECK_INT(chat_response_code(response), CHAT_ERR_THROTTLED);
    CHECK_INT(chat_response_is_retriable(response), 1);
    CHECK(chat_response_retry_after_ms(response) >= 1 && chat_response_retry_after_ms(response) <= 1020);
    CHECK_HAS(chat_response_message(response, NULL), "nothing was sent");
    chat_response_free(response);
    CHECK_INT(code_of(get_page(client, 0)), CHAT_OK); /* another command has slots of its own */
    CHECK_INT(requests_seen(), 3);
    chat_call_options_free(options);
    chat_client_free(client);
}

static void *delete_twenty_times(void *client) {
    int i;
    for (i = 0; i < 20; ++i) chat_del_contact_group((const chat_client *)client, USER, GROUP, NULL, NULL);
    return NULL;
}

static void no_second_sees_more_calls_of_a_command_than_the_limit(void) {
    chat_client *client = client_of_rate(50);
    pthread_t threads[8];
    char *rates;
    const char *most;
    int i;
    reset_emulator();
    for (i = 0; i < 8; ++i) {
        if (pthread_create(&threads[i], NULL, delete_twenty_times, client) != 0) give_up("no thread");
    }
    for (i = 0; i < 8; ++i) pthread_join(threads[i], NULL);
    CHECK_INT(requests_seen(), 160);
    rates = admin("GET", "/rates", "");
    most = strstr(rates, "\"largest_second\":");
    if (most == NULL) give_up("the emulator tells no rates");
    /* 50, and what a loaded machine holds back for 200 ms on the way and lets go into the next second. */
    CHECK(strtol(most + strlen("\"largest_second\":"), NULL, 10) <= 50 + 10);
    free(rates);
    chat_client_free(client);
}

static void the_standby_is_tried_when_nobody_listens_and_never_in_doubt(void) {
    chat_config *config = emulator_config();
    chat_client *client;
    chat_response *response;
    chat_config_set_base_url(config, place.base_url);
    CHECK_INT(chat_config_set_standby_url(config, "http://127.0.0.1:1"), CHAT_OK);
    client = client_from(config);
    reset_emulator();
    add_fault("{\"drop\":\"reset\",\"times\":3}");
    response = delete_group(client, GROUP);
    CHECK_INT(chat_response_code(response), CHAT_ERR_TRANSPORT);
    CHECK_LACKS(chat_response_trace(response), "standby"); /* the first host took the request each time */
    chat_response_free(response);
    CHECK_INT(requests_seen(), 3);
    chat_client_free(client);
    config = emulator_config();
    chat_config_set_base_url(config, "http://127.0.0.1:1");
    CHECK_INT(chat_config_set_standby_url(config, place.base_url), CHAT_OK);
    client = client_from(config);
    response = delete_group(client, GROUP);
    CHECK_INT(chat_response_code(response), CHAT_SERVICE_GROUP_NOT_FOUND);
    CHECK_INT(chat_response_attempts(response), 2);
    CHECK_HAS(chat_response_trace(response), "\"standby\":true");
    chat_response_free(response);
    chat_client_free(client);
}

int main(int argc, char **argv) {
    find_emulator(argc, argv);
    KEEP(passing_errors_of_the_service_are_repeated_and_lasting_ones_told);
    KEEP(a_call_is_tried_three_times_unless_client_or_call_say_otherwise);
    KEEP(a_delete_whose_answer_was_lost_succeeds_as_already_deleted);
    KEEP(a_group_that_is_not_found_without_a_doubt_stays_an_error);
    KEEP(what_twice_would_do_twice_is_not_repeated_in_doubt);
    KEEP(the_caller_decides_about_repeats_in_doubt_where_told);
    KEEP(what_was_never_sent_is_repeated_whatever_it_does);
    KEEP(an_attempt_may_end_before_the_call_and_the_message_says_which_time_passed);
    KEEP(a_call_has_a_connect_time_of_its_own);
    KEEP(a_pause_that_does_not_fit_before_the_deadline_is_not_begun);
    KEEP(token_shutdown_and_callback_end_a_pause_between_attempts);
    KEEP(token_and_shutdown_end_the_wait_for_a_slot_and_nothing_is_sent);
    KEEP(a_call_without_a_slot_before_its_deadline_is_told_at_once_when_to_come_again);
    KEEP(no_second_sees_more_calls_of_a_command_than_the_limit);
    KEEP(the_standby_is_tried_when_nobody_listens_and_never_in_doubt);
    return broken_promises != 0;
}
