/* Going through all pages of a list: each conversation once, an end whatever the service answers, a failed page asked for again, and
 * an iteration that may be left, outlive its client, and be ended from another thread. */
#include "calls.h"
#include "conversations.h"

#define OK "\"ActionStatus\":\"OK\",\"ErrorCode\":0,\"ErrorInfo\":\"\"}"

typedef int (*begin_items)(const chat_client *, const char *, chat_items **, chat_response **);

static chat_items *begun(const chat_client *client, begin_items begin_of) {
    chat_items *items = NULL;
    chat_response *error = NULL;
    CHECK_INT(begin_of(client, USER, &items, &error), CHAT_OK);
    CHECK(error == NULL);
    if (items == NULL) give_up("no iteration");
    return items;
}

/* The next item; NULL at the end. The code into `*code`. */
static chat_response *next_item(chat_items *items, int *code) {
    chat_response *item = NULL;
    *code = chat_items_next(items, NULL, &item);
    CHECK_INT(item == NULL, *code == CHAT_END);
    CHECK_INT(chat_response_code(item), item == NULL ? 0 : *code);
    return item;
}

/* Takes the next item and checks whom it is with. */
static void expect_item(int line, chat_items *items, const char *pointer, const char *id) {
    int code;
    chat_response *item = next_item(items, &code);
    check_int(__FILE__, line, "code", code, CHAT_OK);
    check_str(__FILE__, line, "item", chat_response_str(item, pointer, NULL), id);
    chat_response_free(item);
}

static void expect_end(int line, chat_items *items, int is_complete) {
    int code;
    chat_response_free(next_item(items, &code));
    check_int(__FILE__, line, "code", code, CHAT_END);
    check_int(__FILE__, line, "complete", chat_items_is_complete(items), is_complete);
}

/* A group with u0, u1 and so on, two conversations a page. */
static chat_client *client_with_members(int number) {
    chat_client *client = client_that_tries_once();
    chat_contacts *contacts = contacts_of(number);
    reset_emulator();
    set_service("{\"page_size\":2,\"list_page_size\":2}");
    CHECK_INT(code_of(create_with(client, GROUP, contacts)), CHAT_OK);
    tell_emulator("DELETE", "/log", "");
    chat_contacts_free(contacts);
    return client;
}

static void an_item_stands_alone_with_what_its_page_knows_of_the_request(void) {
    chat_client *client = client_with_members(3);
    chat_items *items = begun(client, chat_contact_group_items);
    chat_call_options *options = chat_call_options_new();
    chat_response *item = NULL;
    CHECK_INT(chat_call_options_set_random(options, 77), CHAT_OK);
    CHECK_INT(chat_items_next(items, options, &item), CHAT_OK);
    CHECK_INT(chat_response_random(item), 77);
    CHECK_INT(chat_response_attempts(item), 1);
    CHECK_INT(chat_response_http_status(item), 200);
    CHECK_INT(number_at(item, "/Type"), CHAT_ONE_TO_ONE);
    CHECK_INT(number_at(item, "/ContactGroupId/0"), 1);
    CHECK_INT(chat_response_has(item, "/ContactItem"), 0);
    CHECK_STR(chat_response_message(item, NULL), "");
    chat_items_free(items);
    chat_client_free(client);
    CHECK_STR(chat_response_str(item, "/To_Account", NULL), "u0"); /* also when everything else is gone */
    chat_response_free(item);
    chat_call_options_free(options);
}

static void the_page_names_the_groups_beside_the_items(void) {
    chat_client *client = client_with_members(3);
    chat_items *items = begun(client, chat_contact_group_items);
    const chat_response *page;
    CHECK(chat_items_page(items) == NULL);
    expect_item(__LINE__, items, "/To_Account", "u0");
    page = chat_items_page(items);
    CHECK(page == chat_items_page(items)); /* borrowed: the same until the next item */
    CHECK_STR(chat_response_str(page, "/GroupItem/0/GroupName", NULL), GROUP);
    CHECK_INT(chat_response_count(page, "/ContactItem"), 2);
    CHECK_INT(number_at(page, "/CompleteFlag"), 0);
    expect_item(__LINE__, items, "/To_Account", "u1");
    expect_item(__LINE__, items, "/To_Account", "u2");
    CHECK_INT(number_at(chat_items_page(items), "/CompleteFlag"), 1);
    expect_end(__LINE__, items, 1);
    CHECK_INT(number_at(chat_items_page(items), "/CompleteFlag"), 1);
    chat_items_free(items);
    chat_client_free(client);
}

static void an_iteration_may_outlive_its_client_and_then_answers_shutdown(void) {
    chat_client *client = client_with_members(3);
    chat_items *items = begun(client, chat_contact_group_items);
    int code;
    expect_item(__LINE__, items, "/To_Account", "u0");
    chat_client_free(client);
    expect_item(__LINE__, items, "/To_Account", "u1"); /* of the page that was read */
    chat_response_free(next_item(items, &code));
    CHECK_INT(code, CHAT_ERR_SHUTDOWN);
    CHECK_STR(chat_response_str(chat_items_page(items), "/GroupItem/0/GroupName", NULL), GROUP);
    CHECK_INT(chat_items_is_complete(items), 0);
    chat_items_free(items);
}

int main(int argc, char **argv) {
    find_emulator(argc, argv);
    KEEP(an_item_stands_alone_with_what_its_page_knows_of_the_request);
    KEEP(the_page_names_the_groups_beside_the_items);
    KEEP(an_iteration_may_outlive_its_client_and_then_answers_shutdown);
    return broken_promises != 0;
}
