/* Standard marks and the custom mark: set, cleared and left alone as asked, each bit by its number, and read back as the service
 * wrote them. */
#include "conversations.h"

/* One change of PEER's marks; its code. */
static int mark_peer(const chat_client *client, uint64_t set, uint64_t clear, const char *custom) {
    chat_marks *marks = chat_marks_new();
    int code;
    CHECK_INT(chat_marks_add(marks, CHAT_ONE_TO_ONE, PEER, set, clear, custom), CHAT_OK);
    code = code_of(mark(client, marks));
    chat_marks_free(marks);
    return code;
}

/* What the service has of PEER; the response to be freed. */
static chat_response *peer_now(const chat_client *client) {
    chat_contacts *peer = contact(CHAT_ONE_TO_ONE, PEER);
    chat_response *response = search(client, peer);
    CHECK_INT(chat_response_code(response), CHAT_OK);
    chat_contacts_free(peer);
    return response;
}

static void expect_marks(int line, const chat_client *client, const char *standard, const char *custom) {
    chat_response *response = peer_now(client);
    check_str(__FILE__, line, "StandardMark", chat_response_str(response, "/ContactResultItem/0/StandardMark", NULL), standard);
    check_str(__FILE__, line, "CustomMark", chat_response_str(response, "/ContactResultItem/0/CustomMark", NULL), custom);
    chat_response_free(response);
}

static void marks_are_set_cleared_and_read_back_as_the_service_wrote_them(void) {
    chat_client *client = emulator_client();
    reset_emulator();
    CHECK_INT(mark_peer(client, 0xE, 0, "abcd"), CHAT_OK);
    expect_marks(__LINE__, client, "0111", "abcd");
    CHECK_INT(mark_peer(client, 1, 4, NULL), CHAT_OK);
    expect_marks(__LINE__, client, "1101", "abcd");
    CHECK_INT(mark_peer(client, 0, 0, ""), CHAT_OK);
    expect_marks(__LINE__, client, "1101", "");
    CHECK_INT(mark_peer(client, 0, 0, "お気に入り"), CHAT_OK);
    expect_marks(__LINE__, client, "1101", "お気に入り");
    chat_client_free(client);
}

static void each_mark_is_sent_by_its_number_and_only_what_changes(void) {
    chat_client *client = emulator_client();
    reset_emulator();
    CHECK_INT(mark_peer(client, 0xE, 0, "abcd"), CHAT_OK);
    CHECK(was_sent("{\"From_Account\":\"user_0001\",\"MarkItem\":[{\"OptType\":3,\"ContactItem\":{\"Type\":1,\"To_Account\":\"user_0002\"},"
                   "\"SetMark\":[1,2,3],\"CustomMark\":\"abcd\"}]}"));
    CHECK_INT(mark_peer(client, UINT64_C(1) << 63, 1, NULL), CHAT_OK);
    CHECK(was_sent("{\"From_Account\":\"user_0001\",\"MarkItem\":[{\"OptType\":1,\"ContactItem\":{\"Type\":1,\"To_Account\":\"user_0002\"},"
                   "\"ClearMark\":[0],\"SetMark\":[63]}]}"));
    CHECK_INT(mark_peer(client, 0, 0, ""), CHAT_OK);
    CHECK(was_sent("{\"From_Account\":\"user_0001\",\"MarkItem\":[{\"OptType\":2,\"ContactItem\":{\"Type\":1,\"To_Account\":\"user_0002\"},"
                   "\"CustomMark\":\"\"}]}"));
    chat_client_free(client);
}

static void all_64_marks_can_be_set_and_cleared(void) {
    chat_client *client = emulator_client();
    chat_response *response;
    size_t length = 0;
    reset_emulator();
    CHECK_INT(mark_peer(client, UINT64_MAX, 0, NULL), CHAT_OK);
    response = peer_now(client);
    CHECK_LACKS(chat_response_str(response, "/ContactResultItem/0/StandardMark", &length), "0");
    CHECK_INT(length, 64);
    chat_response_free(response);
    CHECK_INT(mark_peer(client, 0, UINT64_MAX, NULL), CHAT_OK);
    response = peer_now(client);
    CHECK_INT(chat_response_count(response, "/ContactResultItem"), 0); /* nothing is left of it */
    chat_response_free(response);
    chat_client_free(client);
}

static void several_conversations_are_marked_in_one_call_each_with_its_result(void) {
    chat_client *client = emulator_client();
    chat_marks *marks = chat_marks_new();
    chat_response *response;
    reset_emulator();
    CHECK_INT(chat_marks_add(marks, CHAT_ONE_TO_ONE, PEER, UINT64_C(1) << 32, 0, NULL), CHAT_OK);
    CHECK_INT(chat_marks_add(marks, CHAT_GROUP_CHAT, CHAT_ROOM, 0, 0, "vip"), CHAT_OK);
    response = mark(client, marks);
    CHECK_INT(chat_response_code(response), CHAT_OK);
    CHECK_INT(chat_response_count(response, "/ResultItem"), 2);
    CHECK_INT(number_at(response, "/ResultItem/0/OptType"), 1);
    CHECK_INT(number_at(response, "/ResultItem/1/OptType"), 2);
    CHECK_STR(chat_response_str(response, "/ResultItem/1/ContactItem/ToGroupId", NULL), CHAT_ROOM);
    CHECK_INT(number_at(response, "/ResultItem/1/ResultCode"), 0);
    chat_response_free(response);
    CHECK_INT(requests_seen(), 1);
    chat_marks_free(marks);
    chat_client_free(client);
}

static void a_conversation_that_is_only_marked_is_found_and_paged(void) {
    chat_client *client = emulator_client();
    chat_response *response;
    reset_emulator();
    CHECK_INT(mark_peer(client, UINT64_C(1) << 40, 0, NULL), CHAT_OK);
    response = get_page(client, 0);
    CHECK_INT(chat_response_count(response, "/ContactItem"), 1);
    CHECK_INT(chat_response_has(response, "/ContactItem/0/ContactGroupId"), 0);
    CHECK_HAS(chat_response_str(response, "/ContactItem/0/StandardMark", NULL), "1");
    chat_response_free(response);
    chat_client_free(client);
}

static void a_lost_answer_leaves_doubt_and_the_mark_may_be_there(void) {
    chat_client *client = client_that_tries_once();
    chat_marks *marks = marks_of(1);
    chat_contacts *contacts = contacts_of(1);
    chat_response *response;
    reset_emulator();
    add_fault("{\"drop\":\"reset\",\"applied\":true}");
    response = mark(client, marks);
    CHECK_INT(chat_response_code(response), CHAT_ERR_TRANSPORT);
    CHECK_INT(chat_response_is_in_doubt(response), 1);
    chat_response_free(response);
    response = search(client, contacts);
    CHECK_INT(chat_response_count(response, "/ContactResultItem"), 1);
    chat_response_free(response);
    chat_contacts_free(contacts);
    chat_marks_free(marks);
    chat_client_free(client);
}

int main(int argc, char **argv) {
    find_emulator(argc, argv);
    KEEP(marks_are_set_cleared_and_read_back_as_the_service_wrote_them);
    KEEP(each_mark_is_sent_by_its_number_and_only_what_changes);
    KEEP(all_64_marks_can_be_set_and_cleared);
    KEEP(several_conversations_are_marked_in_one_call_each_with_its_result);
    KEEP(a_conversation_that_is_only_marked_is_found_and_paged);
    KEEP(a_lost_answer_leaves_doubt_and_the_mark_may_be_there);
    return broken_promises != 0;
}
