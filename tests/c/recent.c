/* The list of a user's conversations: read page by page with the service's own cursors, and shortened by one conversation. */
#include "conversations.h"

/* USER with a pinned chat and two others in the list; one of them marked and in a group. */
static void seed_list(void) {
    tell_emulator("PUT", "/state",
                  "{\"accounts\":{\"" USER "\":{\"groups\":[{\"id\":1,\"name\":\"" GROUP "\"}],"
                  "\"entries\":[{\"type\":2,\"id\":\"" CHAT_ROOM "\",\"groups\":[1],\"standard_mark\":\"011\",\"custom_mark\":\"vip\"}],"
                  "\"conversations\":[{\"type\":1,\"id\":\"" PEER "\",\"msg_time\":1772612017,\"pinned\":true},"
                  "{\"type\":2,\"id\":\"" CHAT_ROOM "\",\"msg_time\":1775185968},"
                  "{\"type\":1,\"id\":\"user_0003\",\"msg_time\":1772612000}]}}}");
}

/* The page after `before`, or the first one when that is NULL. */
static chat_response *next_page(const chat_client *client, const chat_response *before) {
    chat_response *response = NULL;
    const int first = before == NULL;
    const int code = chat_recent_contact_get_list(
        client, USER, first ? 0 : number_at(before, "/TimeStamp"), first ? 0 : number_at(before, "/StartIndex"),
        first ? 0 : number_at(before, "/TopTimeStamp"), first ? 0 : number_at(before, "/TopStartIndex"), CHAT_ASSIST_FLAGS, NULL, &response);
    return answered(code, response);
}

static chat_response *delete_conversation(const chat_client *client, int type, const char *id, int clear_ramble) {
    chat_response *response = NULL;
    const int code = chat_recent_contact_delete(client, USER, type, id, clear_ramble, NULL, &response);
    return answered(code, response);
}

static void a_page_holds_conversations_with_time_pin_and_what_else_is_set(void) {
    chat_client *client = emulator_client();
    chat_response *page;
    reset_emulator();
    seed_list();
    page = next_page(client, NULL);
    CHECK_INT(chat_response_code(page), CHAT_OK);
    CHECK_INT(chat_response_count(page, "/SessionItem"), 3);
    CHECK_STR(chat_response_str(page, "/SessionItem/0/To_Account", NULL), PEER);
    CHECK_INT(number_at(page, "/SessionItem/0/MsgTime"), 1772612017);
    CHECK_INT(number_at(page, "/SessionItem/0/TopFlag"), 1);
    CHECK_INT(chat_response_has(page, "/SessionItem/0/StandardMark"), 0);
    CHECK_STR(chat_response_str(page, "/SessionItem/1/GroupId", NULL), CHAT_ROOM);
    CHECK_STR(chat_response_str(page, "/SessionItem/1/StandardMark", NULL), "011");
    CHECK_STR(chat_response_str(page, "/SessionItem/1/CustomMark", NULL), "vip");
    CHECK_INT(number_at(page, "/SessionItem/1/ContactGroupId/0"), 1);
    CHECK_INT(number_at(page, "/CompleteFlag"), 1);
    chat_response_free(page);
    CHECK(was_sent("{\"From_Account\":\"user_0001\",\"TimeStamp\":0,\"StartIndex\":0,\"TopTimeStamp\":0,\"TopStartIndex\":0,"
                   "\"AssistFlags\":63}"));
    chat_client_free(client);
}

static void the_four_cursors_lead_from_page_to_page(void) {
    chat_client *client = emulator_client();
    chat_response *page, *next;
    int seen = 0;
    reset_emulator();
    seed_list();
    set_service("{\"list_page_size\":1}");
    page = next_page(client, NULL);
    while (chat_response_code(page) == CHAT_OK && seen < 10) {
        seen += (int)chat_response_count(page, "/SessionItem");
        if (number_at(page, "/CompleteFlag") == 1) break;
        next = next_page(client, page);
        chat_response_free(page);
        page = next;
    }
    CHECK_INT(chat_response_code(page), CHAT_OK);
    CHECK_INT(seen, 3);
    chat_response_free(page);
    chat_client_free(client);
}

static void cursors_and_flags_are_sent_as_given(void) {
    chat_client *client = emulator_client();
    reset_emulator();
    CHECK_INT(chat_recent_contact_get_list(client, USER, INT64_MAX, 2, 3, 4, 7, NULL, NULL), CHAT_OK);
    CHECK(was_sent("{\"From_Account\":\"user_0001\",\"TimeStamp\":9223372036854775807,\"StartIndex\":2,\"TopTimeStamp\":3,"
                   "\"TopStartIndex\":4,\"AssistFlags\":7}"));
    CHECK_INT(chat_recent_contact_get_list(client, "nobody", 0, 0, 0, 0, CHAT_ASSIST_FLAGS, NULL, NULL), CHAT_SERVICE_ACCOUNT_NOT_IMPORTED);
    CHECK_INT(chat_recent_contact_get_list(client, "", 0, 0, 0, 0, CHAT_ASSIST_FLAGS, NULL, NULL), CHAT_ERR_INVALID_ARGUMENT);
    CHECK_INT(requests_seen(), 2);
    chat_client_free(client);
}

static void a_deleted_conversation_leaves_the_list_and_keeps_groups_and_marks(void) {
    chat_client *client = emulator_client();
    chat_response *page;
    reset_emulator();
    seed_list();
    CHECK_INT(code_of(delete_conversation(client, CHAT_GROUP_CHAT, CHAT_ROOM, 1)), CHAT_OK);
    CHECK(was_sent("{\"From_Account\":\"user_0001\",\"Type\":2,\"ToGroupid\":\"@TGS#1B2AUI7RZ\",\"ClearRamble\":1}"));
    CHECK_INT(code_of(delete_conversation(client, CHAT_ONE_TO_ONE, PEER, 0)), CHAT_OK);
    CHECK(was_sent("{\"From_Account\":\"user_0001\",\"Type\":1,\"To_Account\":\"user_0002\",\"ClearRamble\":0}"));
    page = next_page(client, NULL);
    CHECK_INT(chat_response_count(page, "/SessionItem"), 1);
    CHECK_STR(chat_response_str(page, "/SessionItem/0/To_Account", NULL), "user_0003");
    chat_response_free(page);
    page = get_page(client, 0);
    CHECK_STR(chat_response_str(page, "/ContactItem/0/CustomMark", NULL), "vip");
    CHECK_INT(number_at(page, "/ContactItem/0/ContactGroupId/0"), 1);
    chat_response_free(page);
    chat_client_free(client);
}

static void a_conversation_without_type_or_id_is_refused_and_nothing_is_sent(void) {
    static const struct {
        int type;
        const char *id;
        int clear_ramble, code;
        const char *message;
    } refused[] = {
        {0, PEER, 0, CHAT_ERR_INVALID_ARGUMENT, "type 0 is neither 1 (one-to-one) nor 2 (group chat)"},
        {3, PEER, 0, CHAT_ERR_INVALID_ARGUMENT, "type 3 is neither"},
        {CHAT_ONE_TO_ONE, "", 0, CHAT_ERR_INVALID_ARGUMENT, "the id is empty"},
        {CHAT_GROUP_CHAT, "\xff", 0, CHAT_ERR_INVALID_UTF8, "id"},
    };
    chat_client *client = emulator_client();
    chat_response *response;
    size_t i;
    reset_emulator();
    for (i = 0; i < sizeof refused / sizeof *refused; ++i) {
        response = delete_conversation(client, refused[i].type, refused[i].id, refused[i].clear_ramble);
        check_int(__FILE__, __LINE__, refused[i].message, chat_response_code(response), refused[i].code);
        CHECK_HAS(chat_response_message(response, NULL), refused[i].message);
        chat_response_free(response);
    }
    CHECK_INT(requests_seen(), 0);
    chat_client_free(client);
}

int main(int argc, char **argv) {
    find_emulator(argc, argv);
    KEEP(a_page_holds_conversations_with_time_pin_and_what_else_is_set);
    KEEP(the_four_cursors_lead_from_page_to_page);
    KEEP(cursors_and_flags_are_sent_as_given);
    KEEP(a_deleted_conversation_leaves_the_list_and_keeps_groups_and_marks);
    KEEP(a_conversation_without_type_or_id_is_refused_and_nothing_is_sent);
    return broken_promises != 0;
}
