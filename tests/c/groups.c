/* Conversation groups: made, renamed, filled, emptied, looked up and read back. What is sent is what the vendor's pages show, what a
 * limit forbids is refused before anything is sent, and what the service decides comes through. */
#include "conversations.h"

static void a_group_is_created_with_its_conversations(void) {
    chat_client *client = emulator_client();
    chat_contacts *contacts = peer_and_room();
    chat_response *response;
    reset_emulator();
    response = create_with(client, "group_0001", contacts);
    CHECK_INT(chat_response_code(response), CHAT_OK);
    CHECK_STR(chat_response_str(response, "/GroupResultItem/0/GroupItem/GroupName", NULL), "group_0001");
    CHECK_INT(number_at(response, "/GroupResultItem/0/GroupItem/GroupId"), 1);
    CHECK_INT(chat_response_count(response, "/GroupResultItem/0/ResultItem"), 2);
    CHECK_STR(chat_response_str(response, "/GroupResultItem/0/ResultItem/1/ContactItem/ToGroupId", NULL), CHAT_ROOM);
    CHECK_INT(number_at(response, "/GroupResultItem/0/ResultItem/1/ResultCode"), 0);
    CHECK_INT(chat_response_attempts(response), 1);
    chat_response_free(response);
    CHECK(was_sent("{\"From_Account\":\"user_0001\",\"GroupContactItem\":[{\"GroupName\":\"group_0001\",\"ContactItem\":["
                   "{\"Type\":1,\"To_Account\":\"user_0002\"},{\"Type\":2,\"ToGroupId\":\"@TGS#1B2AUI7RZ\"}]}]}"));
    CHECK(log_holds("\"path\":\"/v4/recentcontact/create_contact_group\""));
    chat_contacts_free(contacts);
    chat_client_free(client);
}

static void a_group_is_created_without_conversations(void) {
    chat_client *client = emulator_client();
    chat_contacts *none = chat_contacts_new();
    chat_response *response;
    reset_emulator();
    response = create_with(client, GROUP, NULL);
    CHECK_INT(chat_response_code(response), CHAT_OK);
    CHECK_INT(chat_response_count(response, "/GroupResultItem/0/ResultItem"), 0);
    chat_response_free(response);
    CHECK_INT(code_of(create_with(client, "another", none)), CHAT_OK);
    CHECK_INT(groups_held(client), 2);
    chat_contacts_free(none);
    chat_client_free(client);
}

static void a_group_is_renamed_and_keeps_its_id_and_conversations(void) {
    chat_client *client = emulator_client();
    chat_contacts *contacts = peer_and_room();
    chat_response *response;
    reset_emulator();
    CHECK_INT(code_of(create_with(client, GROUP, contacts)), CHAT_OK);
    response = rename_group(client, GROUP, "企画会議");
    CHECK_INT(chat_response_code(response), CHAT_OK);
    CHECK_STR(chat_response_str(response, "/UpdateGroupResult/GroupName", NULL), "企画会議");
    CHECK_STR(chat_response_str(response, "/UpdateGroupResult/OldGroupName", NULL), GROUP);
    CHECK_INT(number_at(response, "/UpdateGroupResult/GroupId"), 1);
    chat_response_free(response);
    CHECK(was_sent("{\"From_Account\":\"user_0001\",\"UpdateType\":1,\"UpdateGroup\":{\"UpdateGroupType\":1,\"OldGroupName\":\"" GROUP
                   "\",\"NewGroupName\":\"企画会議\"}}"));
    response = get_page(client, 0);
    CHECK_INT(chat_response_count(response, "/ContactItem"), 2);
    CHECK_STR(chat_response_str(response, "/GroupItem/0/GroupName", NULL), "企画会議");
    chat_response_free(response);
    CHECK_INT(code_of(rename_group(client, GROUP, "x")), CHAT_SERVICE_GROUP_NOT_FOUND);
    chat_contacts_free(contacts);
    chat_client_free(client);
}

static void conversations_are_added_and_removed_in_one_call(void) {
    chat_client *client = emulator_client();
    chat_contacts *peer = contact(CHAT_ONE_TO_ONE, PEER), *room = contact(CHAT_GROUP_CHAT, CHAT_ROOM);
    chat_response *response;
    reset_emulator();
    CHECK_INT(code_of(create_with(client, "group_0001", room)), CHAT_OK);
    response = change(client, "group_0001", peer, room);
    CHECK_INT(chat_response_code(response), CHAT_OK);
    CHECK_INT(chat_response_count(response, "/UpdateGroupResult/ContactResultItem"), 2);
    CHECK_INT(number_at(response, "/UpdateGroupResult/ContactResultItem/0/ContactOptType"), 1);
    CHECK_STR(chat_response_str(response, "/UpdateGroupResult/ContactResultItem/0/ContactItem/To_Account", NULL), PEER);
    CHECK_INT(number_at(response, "/UpdateGroupResult/ContactResultItem/1/ContactOptType"), 2);
    chat_response_free(response);
    CHECK(was_sent("{\"From_Account\":\"user_0001\",\"UpdateType\":1,\"UpdateGroup\":{\"UpdateGroupType\":2,"
                   "\"OldGroupName\":\"group_0001\",\"ContactUpdateItem\":["
                   "{\"ContactOptType\":1,\"ContactItem\":{\"Type\":1,\"To_Account\":\"user_0002\"}},"
                   "{\"ContactOptType\":2,\"ContactItem\":{\"Type\":2,\"ToGroupId\":\"@TGS#1B2AUI7RZ\"}}]}}"));
    response = get_page(client, 0);
    CHECK_INT(chat_response_count(response, "/ContactItem"), 1);
    CHECK_STR(chat_response_str(response, "/ContactItem/0/To_Account", NULL), PEER);
    chat_response_free(response);
    chat_contacts_free(peer);
    chat_contacts_free(room);
    chat_client_free(client);
}

static void either_list_alone_is_enough_to_change_a_group(void) {
    chat_client *client = emulator_client();
    chat_contacts *peer = contact(CHAT_ONE_TO_ONE, PEER), *none = chat_contacts_new();
    chat_response *response;
    reset_emulator();
    create_group(client, GROUP);
    CHECK_INT(code_of(change(client, GROUP, peer, NULL)), CHAT_OK);
    CHECK_INT(code_of(change(client, GROUP, none, peer)), CHAT_OK);
    response = change(client, GROUP, NULL, none);
    CHECK_INT(chat_response_code(response), CHAT_ERR_INVALID_ARGUMENT);
    CHECK_HAS(chat_response_message(response, NULL), "add and remove together is empty");
    chat_response_free(response);
    CHECK_INT(requests_seen(), 3);
    chat_contacts_free(peer);
    chat_contacts_free(none);
    chat_client_free(client);
}

static void a_conversation_is_in_several_groups_and_found_with_them(void) {
    chat_client *client = emulator_client();
    chat_contacts *peer = contact(CHAT_ONE_TO_ONE, PEER), *both = peer_and_room();
    chat_response *response;
    reset_emulator();
    CHECK_INT(code_of(create_with(client, "group_0001", peer)), CHAT_OK);
    CHECK_INT(code_of(create_with(client, "group_0002", peer)), CHAT_OK);
    response = search(client, both);
    CHECK_INT(chat_response_code(response), CHAT_OK);
    CHECK_INT(chat_response_count(response, "/ContactResultItem"), 1);
    CHECK_INT(chat_response_count(response, "/ContactResultItem/0/ContactGroupId"), 2);
    CHECK_INT(number_at(response, "/ContactResultItem/0/ContactGroupId/1"), 2);
    CHECK_STR(chat_response_str(response, "/GroupItem/1/GroupName", NULL), "group_0002");
    CHECK(number_at(response, "/ContactResultItem/0/Timestamp") > 0);
    chat_response_free(response);
    CHECK(was_sent("{\"From_Account\":\"user_0001\",\"ContactItem\":[{\"Type\":1,\"To_Account\":\"user_0002\"},"
                   "{\"Type\":2,\"ToGroupId\":\"@TGS#1B2AUI7RZ\"}]}"));
    chat_contacts_free(peer);
    chat_contacts_free(both);
    chat_client_free(client);
}

static void a_page_says_where_the_next_one_begins(void) {
    chat_client *client = emulator_client();
    chat_contacts *contacts = contacts_of(3);
    chat_response *response;
    int64_t next;
    reset_emulator();
    set_service("{\"page_size\":2}");
    CHECK_INT(code_of(create_with(client, GROUP, contacts)), CHAT_OK);
    response = get_page(client, 0);
    CHECK_INT(chat_response_count(response, "/ContactItem"), 2);
    CHECK_INT(number_at(response, "/CompleteFlag"), 0);
    next = number_at(response, "/NextStartIndex");
    chat_response_free(response);
    CHECK(next != 0);
    response = get_page(client, next);
    CHECK_INT(chat_response_count(response, "/ContactItem"), 1);
    CHECK_STR(chat_response_str(response, "/ContactItem/0/To_Account", NULL), "u2");
    CHECK_INT(number_at(response, "/CompleteFlag"), 1);
    chat_response_free(response);
    CHECK(was_sent("{\"From_Account\":\"user_0001\",\"StartIndex\":0}"));
    CHECK(was_sent("{\"From_Account\":\"user_0001\",\"StartIndex\":2}"));
    chat_contacts_free(contacts);
    chat_client_free(client);
}

static void names_over_64_bytes_and_empty_ones_are_refused_by_argument_and_send_nothing(void) {
    static const struct {
        const char *name, *new_name, *message;
    } refusals[] = {
        {"", "x", "group_name is empty"},
        {"x", "", "new_group_name is empty"},
        {"0123456789012345678901234567890123456789012345678901234567890123x", "x", "group_name has 65 bytes"},
        {"x", "0123456789012345678901234567890123456789012345678901234567890123x", "new_group_name has 65 bytes"},
        {"x", "設計会議設計会議設計会議設計会議設計会議設計", "new_group_name has 66 bytes"},
    };
    chat_client *client = emulator_client();
    chat_response *response;
    size_t i;
    reset_emulator();
    for (i = 0; i < sizeof refusals / sizeof *refusals; ++i) {
        response = rename_group(client, refusals[i].name, refusals[i].new_name);
        check_int(__FILE__, __LINE__, refusals[i].message, chat_response_code(response), CHAT_ERR_INVALID_ARGUMENT);
        CHECK_HAS(chat_response_message(response, NULL), refusals[i].message);
        chat_response_free(response);
        if (strlen(refusals[i].new_name) > 1) {
            response = create_with(client, refusals[i].new_name, NULL);
            check_int(__FILE__, __LINE__, refusals[i].message, chat_response_code(response), CHAT_ERR_INVALID_ARGUMENT);
            chat_response_free(response);
        }
    }
    CHECK_INT(code_of(rename_group(client, "\xff", "x")), CHAT_ERR_INVALID_UTF8);
    CHECK_INT(code_of(rename_group(client, "x", "\xff")), CHAT_ERR_INVALID_UTF8);
    CHECK_INT(requests_seen(), 0);
    chat_client_free(client);
}

static void an_empty_user_is_refused_by_every_call(void) {
    chat_client *client = emulator_client();
    chat_contacts *peer = contact(CHAT_ONE_TO_ONE, PEER);
    chat_marks *marks = marks_of(1);
    chat_response *responses[7] = {NULL};
    size_t i;
    reset_emulator();
    chat_create_contact_group(client, "", GROUP, NULL, NULL, &responses[0]);
    chat_update_contact_group_name(client, "", GROUP, "x", NULL, &responses[1]);
    chat_update_contact_group_contacts(client, "", GROUP, peer, NULL, NULL, &responses[2]);
    chat_mark_contact(client, "", marks, NULL, &responses[3]);
    chat_search_contact_group(client, "", peer, NULL, &responses[4]);
    chat_get_contact_group(client, "", 0, NULL, &responses[5]);
    chat_recent_contact_delete(client, "", CHAT_ONE_TO_ONE, PEER, 0, NULL, &responses[6]);
    for (i = 0; i < sizeof responses / sizeof *responses; ++i) {
        CHECK_INT(chat_response_code(responses[i]), CHAT_ERR_INVALID_ARGUMENT);
        CHECK_HAS(chat_response_message(responses[i], NULL), "from_account is empty");
        chat_response_free(responses[i]);
    }
    CHECK_INT(requests_seen(), 0);
    chat_marks_free(marks);
    chat_contacts_free(peer);
    chat_client_free(client);
}

static void the_service_decides_where_local_limits_are_off(void) {
    chat_client *client = unlimited_client();
    chat_contacts *many = contacts_of(101), *half = contacts_of(51), *searched = contacts_of(301);
    char name[66];
    reset_emulator();
    memset(name, 'n', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    create_group(client, GROUP);
    CHECK_INT(code_of(create_with(client, "many", many)), CHAT_SERVICE_TOO_MANY_CONVERSATIONS);
    CHECK_INT(code_of(create_with(client, name, NULL)), CHAT_SERVICE_GROUP_NAME_TOO_LONG);
    CHECK_INT(code_of(rename_group(client, GROUP, name)), CHAT_SERVICE_GROUP_NAME_TOO_LONG);
    CHECK_INT(code_of(change(client, GROUP, half, half)), CHAT_SERVICE_TOO_MANY_CONVERSATIONS);
    CHECK_INT(code_of(search(client, searched)), CHAT_SERVICE_INVALID_PARAMETER);
    CHECK_INT(requests_seen(), 6);
    chat_contacts_free(many);
    chat_contacts_free(half);
    chat_contacts_free(searched);
    chat_client_free(client);
}

static void a_21st_group_a_name_that_exists_and_an_unknown_user_are_the_services_refusals(void) {
    chat_client *client = emulator_client();
    chat_contacts *peer = contact(CHAT_ONE_TO_ONE, PEER);
    char name[32];
    int i;
    reset_emulator();
    for (i = 0; i < 20; ++i) {
        snprintf(name, sizeof name, "group_%04d", i);
        CHECK_INT(code_of(create_with(client, name, NULL)), CHAT_OK);
    }
    CHECK_INT(code_of(create_with(client, "one more", NULL)), CHAT_SERVICE_GROUP_LIMIT);
    CHECK_INT(code_of(rename_group(client, "group_0000", "group_0001")), CHAT_SERVICE_INVALID_PARAMETER);
    CHECK_INT(code_of(change(client, "one more", peer, NULL)), CHAT_SERVICE_GROUP_NOT_FOUND);
    CHECK_INT(chat_get_contact_group(client, "nobody", 0, NULL, NULL), CHAT_SERVICE_ACCOUNT_NOT_IMPORTED);
    CHECK_INT(chat_search_contact_group(client, "nobody", peer, NULL, NULL), CHAT_SERVICE_ACCOUNT_NOT_IMPORTED);
    chat_contacts_free(peer);
    chat_client_free(client);
}

static void the_plan_decides_for_all_calls_on_groups_and_marks(void) {
    chat_client *client = emulator_client();
    chat_contacts *peer = contact(CHAT_ONE_TO_ONE, PEER);
    chat_marks *marks = marks_of(1);
    reset_emulator();
    set_service("{\"plan\":false}");
    CHECK_INT(code_of(create_with(client, GROUP, NULL)), CHAT_SERVICE_FEATURE_NOT_IN_PLAN);
    CHECK_INT(code_of(rename_group(client, GROUP, "x")), CHAT_SERVICE_FEATURE_NOT_IN_PLAN);
    CHECK_INT(code_of(change(client, GROUP, peer, NULL)), CHAT_SERVICE_FEATURE_NOT_IN_PLAN);
    CHECK_INT(code_of(search(client, peer)), CHAT_SERVICE_FEATURE_NOT_IN_PLAN);
    CHECK_INT(code_of(get_page(client, 0)), CHAT_SERVICE_FEATURE_NOT_IN_PLAN);
    CHECK_INT(code_of(mark(client, marks)), CHAT_SERVICE_FEATURE_NOT_IN_PLAN);
    reset_emulator();
    chat_marks_free(marks);
    chat_contacts_free(peer);
    chat_client_free(client);
}

/* USER with 1000 conversations in one group or, with a mark, in none. */
static void fill_user(const char *member) {
    char *state = (char *)malloc(200000), *end;
    int i;
    if (state == NULL) give_up("no memory");
    end = state + sprintf(state, "{\"accounts\":{\"" USER "\":{\"groups\":[{\"id\":1,\"name\":\"" GROUP "\"}],\"entries\":[");
    for (i = 0; i < 1000; ++i) end += sprintf(end, "%s{\"type\":1,\"id\":\"v%d\",%s}", i == 0 ? "" : ",", i, member);
    strcpy(end, "]}}}");
    tell_emulator("PUT", "/state", state);
    free(state);
}

static void a_1001st_conversation_is_the_services_refusal(void) {
    chat_client *client = emulator_client();
    chat_contacts *peer = contact(CHAT_ONE_TO_ONE, PEER);
    chat_marks *marks = marks_of(1);
    reset_emulator();
    fill_user("\"groups\":[1]");
    CHECK_INT(code_of(change(client, GROUP, peer, NULL)), CHAT_SERVICE_CONVERSATION_LIMIT);
    CHECK_INT(code_of(create_with(client, "another", peer)), CHAT_SERVICE_CONVERSATION_LIMIT);
    CHECK_INT(code_of(mark(client, marks)), CHAT_OK);
    fill_user("\"custom_mark\":\"x\"");
    CHECK_INT(code_of(mark(client, marks)), CHAT_SERVICE_CONVERSATION_LIMIT);
    CHECK_INT(code_of(change(client, GROUP, peer, NULL)), CHAT_OK);
    reset_emulator();
    chat_marks_free(marks);
    chat_contacts_free(peer);
    chat_client_free(client);
}

static void options_hold_for_every_call(void) {
    chat_client *client = emulator_client();
    chat_call_options *options = chat_call_options_new();
    chat_cancel *cancel = chat_cancel_new();
    chat_contacts *peer = contact(CHAT_ONE_TO_ONE, PEER);
    chat_marks *marks = marks_of(1);
    chat_accounts *accounts = accounts_of(1);
    reset_emulator();
    chat_cancel_trigger(cancel);
    CHECK_INT(chat_call_options_set_cancel(options, cancel), CHAT_OK);
    CHECK_INT(chat_create_contact_group(client, USER, GROUP, peer, options, NULL), CHAT_ERR_CANCELLED);
    CHECK_INT(chat_update_contact_group_name(client, USER, GROUP, "x", options, NULL), CHAT_ERR_CANCELLED);
    CHECK_INT(chat_update_contact_group_contacts(client, USER, GROUP, peer, NULL, options, NULL), CHAT_ERR_CANCELLED);
    CHECK_INT(chat_mark_contact(client, USER, marks, options, NULL), CHAT_ERR_CANCELLED);
    CHECK_INT(chat_search_contact_group(client, USER, peer, options, NULL), CHAT_ERR_CANCELLED);
    CHECK_INT(chat_get_contact_group(client, USER, 0, options, NULL), CHAT_ERR_CANCELLED);
    CHECK_INT(chat_recent_contact_get_list(client, USER, 0, 0, 0, 0, CHAT_ASSIST_FLAGS, options, NULL), CHAT_ERR_CANCELLED);
    CHECK_INT(chat_recent_contact_delete(client, USER, CHAT_ONE_TO_ONE, PEER, 0, options, NULL), CHAT_ERR_CANCELLED);
    CHECK_INT(chat_account_import(client, "u0", NULL, NULL, options, NULL), CHAT_ERR_CANCELLED);
    CHECK_INT(chat_multiaccount_import(client, accounts, options, NULL), CHAT_ERR_CANCELLED);
    CHECK_INT(chat_account_check(client, accounts, options, NULL), CHAT_ERR_CANCELLED);
    CHECK_INT(chat_account_delete(client, accounts, options, NULL), CHAT_ERR_CANCELLED);
    CHECK_INT(requests_seen(), 0);
    chat_accounts_free(accounts);
    chat_marks_free(marks);
    chat_contacts_free(peer);
    chat_call_options_free(options);
    chat_cancel_free(cancel);
    chat_client_free(client);
}

int main(int argc, char **argv) {
    find_emulator(argc, argv);
    KEEP(a_group_is_created_with_its_conversations);
    KEEP(a_group_is_created_without_conversations);
    KEEP(a_group_is_renamed_and_keeps_its_id_and_conversations);
    KEEP(conversations_are_added_and_removed_in_one_call);
    KEEP(either_list_alone_is_enough_to_change_a_group);
    KEEP(a_conversation_is_in_several_groups_and_found_with_them);
    KEEP(a_page_says_where_the_next_one_begins);
    KEEP(names_over_64_bytes_and_empty_ones_are_refused_by_argument_and_send_nothing);
    KEEP(an_empty_user_is_refused_by_every_call);
    KEEP(the_service_decides_where_local_limits_are_off);
    KEEP(a_21st_group_a_name_that_exists_and_an_unknown_user_are_the_services_refusals);
    KEEP(the_plan_decides_for_all_calls_on_groups_and_marks);
    KEEP(a_1001st_conversation_is_the_services_refusal);
    KEEP(options_hold_for_every_call);
    return broken_promises != 0;
}
