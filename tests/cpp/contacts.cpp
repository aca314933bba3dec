// Conversations, groups, marks and accounts as typed values: what goes in is what the service gets, what comes back is in the vendor's
// terms, and answers with missing members or numbers as text are read all the same.
#include "settings.hpp"

#include <map>
#include <type_traits>

namespace chat = tencent_chat;
using chat::Contact;

static const Contact peer = Contact::one_to_one("user_0002");
static const Contact room = Contact::group_chat("@TGS#1B2AUI7RZ");

static_assert(std::is_copy_assignable_v<Contact> && std::is_copy_constructible_v<chat::Mark>);
static_assert(std::is_copy_constructible_v<chat::ContactGroupEntry> && std::is_copy_constructible_v<chat::RecentContact>);

static void a_group_is_created_renamed_changed_and_deleted() {
  reset_emulator();
  const chat::Client client(settings());
  const chat::CreatedGroup created = client.create_contact_group(USER, GROUP, {peer, room});
  CHECK_STR(created.group.name.c_str(), GROUP);
  CHECK_INT(created.group.id, 1);
  CHECK_INT(created.contacts.size(), 2);
  CHECK(created.contacts.at(0).contact == peer && created.contacts.at(1).contact == room);
  CHECK(created.contacts.at(1).result_code == chat::Code::OK && created.contacts.at(1).result_info.empty());
  CHECK_INT(created.response.http_status(), 200);

  const chat::UpdatedGroup renamed = client.update_contact_group_name(USER, GROUP, "企画会議");
  CHECK_STR(renamed.group.name.c_str(), "企画会議");
  CHECK_STR(renamed.old_name.c_str(), GROUP);
  CHECK_INT(renamed.group.id, 1);
  CHECK(renamed.contacts.empty());

  const chat::UpdatedGroup changed = client.update_contact_group_contacts(USER, "企画会議", {Contact::one_to_one("x")}, {peer});
  CHECK_INT(changed.contacts.size(), 2);
  CHECK(changed.contacts.at(0).contact.id() == "x" && changed.contacts.at(0).opt_type == 1);
  CHECK(changed.contacts.at(1).contact == peer && changed.contacts.at(1).opt_type == 2);

  const chat::ContactGroupPage page = client.get_contact_group(USER);
  CHECK_INT(page.contacts.size(), 2);
  CHECK(page.is_complete && page.next_start_index == 0);
  CHECK_INT(page.groups.size(), 1);
  CHECK_STR(page.contacts.at(0).groups.at(0).name.c_str(), "企画会議");
  set_service("{\"page_size\":1}");
  const chat::ContactGroupPage first = client.get_contact_group(USER);
  CHECK(!first.is_complete && first.contacts.size() == 1);
  const chat::ContactGroupPage last = client.get_contact_group(USER, first.next_start_index);
  CHECK(last.is_complete && last.contacts.size() == 1 && last.contacts.at(0).contact != first.contacts.at(0).contact);
  CHECK_INT(client.del_contact_group(USER, "企画会議").groups.size(), 1);
  CHECK_INT(client.create_contact_group(USER, "without conversations").contacts.size(), 0);
}

static void conversations_are_found_with_marks_and_named_groups() {
  reset_emulator();
  const chat::Client client(settings());
  (void)client.create_contact_group(USER, "group_0001", {peer});
  (void)client.create_contact_group(USER, "group_0002", {peer, room});
  const chat::MarkedContacts marked = client.mark_contact(
      USER, {chat::Mark(peer).set_mark(1).set_mark(3).custom_mark("abcd"), chat::Mark(room).clear_mark(0).set_mark(2)});
  CHECK_INT(marked.contacts.size(), 2);
  CHECK(marked.contacts.at(0).contact == peer && marked.contacts.at(0).opt_type == 3 && marked.contacts.at(1).opt_type == 1);
  CHECK_INT(marked.responses.size(), 1);
  CHECK(was_sent("{\"From_Account\":\"user_0001\",\"MarkItem\":[{\"OptType\":3,\"ContactItem\":{\"Type\":1,\"To_Account\":\"user_0002\"},"
                 "\"SetMark\":[1,3],\"CustomMark\":\"abcd\"},{\"OptType\":1,\"ContactItem\":{\"Type\":2,\"ToGroupId\":\"@TGS#1B2AUI7RZ\"},"
                 "\"ClearMark\":[0],\"SetMark\":[2]}]}"));
  const chat::FoundContacts found = client.search_contact_group(USER, {peer, room, Contact::one_to_one("nobody")});
  CHECK_INT(found.contacts.size(), 2);
  CHECK_INT(found.groups.size(), 2);
  CHECK_INT(found.responses.size(), 1);
  const chat::ContactGroupEntry& entry = found.contacts.at(0);
  CHECK(entry.contact == peer);
  CHECK_STR(entry.standard_mark.c_str(), "0101");  // as it came, not turned into numbers
  CHECK_STR(entry.custom_mark.c_str(), "abcd");
  CHECK_INT(entry.groups.size(), 2);
  CHECK(entry.groups.at(1).id == 2 && entry.groups.at(1).name == "group_0002");
  CHECK(entry.timestamp > 0);
  CHECK(found.contacts.at(1).custom_mark.empty());
  (void)client.mark_contact(USER, {chat::Mark(peer).custom_mark("")});
  CHECK(client.search_contact_group(USER, {peer}).contacts.at(0).custom_mark.empty());
}

static void the_list_of_conversations_is_read_and_shortened() {
  reset_emulator();
  tell_emulator("PUT", "/state",
                R"({"accounts":{"user_0001":{"groups":[{"id":1,"name":"g"}],"entries":[{"type":2,"id":"@TGS#1B2AUI7RZ","groups":[1],)"
                R"("standard_mark":"011","custom_mark":"vip"}],"conversations":[{"type":1,"id":"user_0002","msg_time":5,"pinned":true},)"
                R"({"type":2,"id":"@TGS#1B2AUI7RZ","msg_time":4}]}}})");
  set_service("{\"list_page_size\":1}");
  const chat::Client client(settings());
  const chat::RecentContactPage first = client.recent_contact_get_list(USER);
  CHECK_INT(first.contacts.size(), 1);
  CHECK(first.contacts.at(0).contact == peer && first.contacts.at(0).is_pinned && first.contacts.at(0).msg_time == 5);
  CHECK(first.contacts.at(0).standard_mark.empty() && first.contacts.at(0).contact_group_ids.empty() && !first.is_complete);
  const chat::RecentContactPage second = client.recent_contact_get_list(USER, first.next);
  CHECK_INT(second.contacts.size(), 1);
  const chat::RecentContact& last = second.contacts.at(0);
  CHECK(last.contact == room && !last.is_pinned && last.standard_mark == "011" && last.custom_mark == "vip");
  CHECK(last.contact_group_ids == std::vector<std::int64_t>{1} && second.is_complete);
  (void)client.recent_contact_get_list(USER, {}, {}, 7);
  CHECK(log_holds("\\\"AssistFlags\\\":7"));
  CHECK(client.recent_contact_delete(USER, room, true).code() == chat::Code::OK);
  CHECK(log_holds("\\\"ToGroupid\\\":\\\"@TGS#1B2AUI7RZ\\\",\\\"ClearRamble\\\":1"));
  CHECK(client.recent_contact_delete(USER, peer).code() == chat::Code::OK);
  CHECK(client.recent_contact_get_list(USER).contacts.empty());
}

static void accounts_are_imported_checked_and_deleted() {
  reset_emulator();
  const chat::Client client(settings());
  CHECK(client.account_import({"user_1001", "太郎", "https://example.com/1.png"}).code() == chat::Code::OK);
  CHECK(was_sent("{\"UserID\":\"user_1001\",\"Nick\":\"太郎\",\"FaceUrl\":\"https://example.com/1.png\"}"));
  (void)client.account_import({"user_1001"});
  CHECK(was_sent("{\"UserID\":\"user_1001\"}"));
  const chat::ImportedAccounts imported = client.multiaccount_import({{"user_1002"}, {"user_1003", ""}});
  CHECK(imported.fail_accounts.empty() && imported.responses.size() == 1);
  CHECK(was_sent("{\"AccountList\":[{\"UserID\":\"user_1002\"},{\"UserID\":\"user_1003\",\"Nick\":\"\"}]}"));
  const chat::CheckedAccounts checked = client.account_check({"user_1002", "nobody"});
  CHECK_INT(checked.accounts.size(), 2);
  CHECK(checked.accounts.at(0).user_id == "user_1002" && checked.accounts.at(0).is_imported());
  CHECK(!checked.accounts.at(1).is_imported() && checked.accounts.at(1).account_status == "NotImported");
  const chat::DeletedAccounts deleted = client.account_delete({"user_1001", "user_1002"});
  CHECK_INT(deleted.accounts.size(), 2);
  CHECK(deleted.accounts.at(1).user_id == "user_1002" && deleted.accounts.at(1).result_code == chat::Code::OK);
}

static void a_mark_outside_0_to_63_is_refused_where_it_is_named() {
  for (const int number : {-1, 64, 1000, -2147483647 - 1}) {
    const auto set = thrown_by<chat::InvalidArgument>(
        __LINE__, chat::Code::ERR_INVALID_ARGUMENT, [&] { chat::Mark(peer).set_mark(number); });
    CHECK_HAS(set.what(), ("set_mark: there is no standard mark " + std::to_string(number)).c_str());
    const auto clear =
        thrown_by<chat::InvalidArgument>(
            __LINE__, chat::Code::ERR_INVALID_ARGUMENT, [&] { chat::Mark(peer).clear_mark(number); });
    CHECK_HAS(clear.what(), "clear_mark: there is no standard mark");
  }
  const chat::Mark mark = chat::Mark(peer).set_mark(0).set_mark(63).clear_mark(32);
  CHECK(mark.set_marks() == (std::uint64_t{1} << 63 | 1u) && mark.clear_marks() == std::uint64_t{1} << 32 && !mark.custom_mark());
}

static void what_breaks_a_rule_is_refused_by_place_and_sends_nothing() {
  reset_emulator();
  const chat::Client client(settings());
  const auto refused = [](int line, const char* message, const std::function<void()>& run) {
    const auto error = thrown_by<chat::InvalidArgument>(line, chat::Code::ERR_INVALID_ARGUMENT, run);
    check_has(__FILE__, line, "what", error.what(), message);
  };
  const std::string nul("a\0b", 3);
  refused(__LINE__, "contacts[1]: the id is empty", [&] { (void)client.search_contact_group(USER, {peer, Contact::group_chat("")}); });
  refused(__LINE__, "contacts[0]: type 3 is neither",
          [&] { (void)client.create_contact_group(USER, GROUP, {Contact(static_cast<chat::ContactType>(3), "x")}); });
  refused(__LINE__, "contacts[1]: id: holds a NUL", [&] { (void)client.search_contact_group(USER, {peer, Contact::one_to_one(nul)}); });
  refused(__LINE__, "add[0]: id: holds a NUL",
          [&] { (void)client.update_contact_group_contacts(USER, GROUP, {Contact::one_to_one(nul)}); });
  refused(__LINE__, "remove[0]: id: holds a NUL",
          [&] { (void)client.update_contact_group_contacts(USER, GROUP, {}, {Contact::one_to_one(nul)}); });
  refused(__LINE__, "add and remove together is empty", [&] { (void)client.update_contact_group_contacts(USER, GROUP, {}); });
  refused(__LINE__, "marks[0]: nothing to do", [&] { (void)client.mark_contact(USER, {chat::Mark(peer)}); });
  refused(__LINE__, "marks[0]: bit 5 is both",
          [&] { (void)client.mark_contact(USER, {chat::Mark(peer).set_mark(5).clear_mark(5)}); });
  refused(__LINE__, "marks[0]: custom_mark: holds a NUL", [&] { (void)client.mark_contact(USER, {chat::Mark(peer).custom_mark(nul)}); });
  refused(__LINE__, "marks[0]: id: holds a NUL",
          [&] { (void)client.mark_contact(USER, {chat::Mark(Contact::one_to_one(nul)).set_mark(1)}); });
  refused(__LINE__, "marks is empty", [&] { (void)client.mark_contact(USER, {}, {}); });
  refused(__LINE__, "contacts is empty", [&] { (void)client.search_contact_group(USER, {}, chat::split); });
  refused(__LINE__, "new_group_name: holds a NUL", [&] { (void)client.update_contact_group_name(USER, GROUP, nul); });
  refused(__LINE__, "id: holds a NUL", [&] { (void)client.recent_contact_delete(USER, Contact::one_to_one(nul)); });
  refused(__LINE__, "nick: holds a NUL", [&] { (void)client.account_import({"x", nul}); });
  refused(__LINE__, "accounts[0]: face_url: holds a NUL", [&] { (void)client.multiaccount_import({{"x", std::nullopt, nul}}); });
  refused(__LINE__, "accounts[1]: user_id: holds a NUL", [&] { (void)client.account_check({"x", nul}); });
  refused(__LINE__, "accounts[0]: user_id is empty", [&] { (void)client.account_delete({""}); });
  refused(__LINE__, "from_account is empty", [&] { (void)client.get_contact_group(""); });
  refused(__LINE__, "contacts has 301 items", [&] { (void)client.search_contact_group(USER, std::vector<Contact>(301, peer)); });
  CHECK_INT(requests_seen(), 0);
}

static void answers_with_missing_members_and_numbers_as_text_are_read() {
  reset_emulator();
  const chat::Client client(settings());
  const std::string ok = R"("ActionStatus":"OK","ErrorCode":0})";
  answer_next(200, (R"({"ContactItem":[{"Type":"2","ToGroupId":"g","ContactGroupId":["7",9007199254740993],"Timestamp":"5"},{"Type":1,)"
                    R"("To_Account":"u"},{}],"GroupItem":[{"GroupId":"7","GroupName":"seven"},{"GroupName":"no number"}],)"
                    R"("CompleteFlag":"1","NextStartIndex":"12",)" + ok).c_str());
  const chat::ContactGroupPage page = client.get_contact_group(USER);
  CHECK_INT(page.contacts.size(), 3);
  CHECK(page.contacts.at(0).contact == Contact::group_chat("g") && page.contacts.at(0).timestamp == 5);
  CHECK(page.contacts.at(0).groups.at(0).name == "seven" && page.contacts.at(0).groups.at(1).name.empty());
  CHECK_INT(page.contacts.at(0).groups.at(1).id, 9007199254740993);
  CHECK(page.contacts.at(1).standard_mark.empty() && page.contacts.at(1).groups.empty());
  CHECK(page.contacts.at(2).contact.id().empty() && static_cast<int>(page.contacts.at(2).contact.type()) == 0);
  CHECK(page.is_complete && page.next_start_index == 12);
  CHECK(page.response.str("/ContactItem/0/Timestamp") == "5");

  answer_next(200, ("{" + ok).c_str());
  const chat::CreatedGroup nothing = client.create_contact_group(USER, GROUP);
  CHECK(nothing.group.name.empty() && nothing.group.id == 0 && nothing.contacts.empty());
  answer_next(200, ("{" + ok).c_str());
  CHECK(client.search_contact_group(USER, {peer}).contacts.empty());
  answer_next(200, ("{" + ok).c_str());
  CHECK(client.multiaccount_import({{"u"}}).fail_accounts.empty());
  answer_next(200, ("{" + ok).c_str());
  CHECK(!client.recent_contact_get_list(USER).is_complete);
}

static void failed_items_are_in_the_partial_error_with_the_whole_result() {
  reset_emulator();
  set_service("{\"dismissed_groups\":[\"@TGS#1B2AUI7RZ\"]}");
  const chat::Client client(settings());
  const auto created =
      thrown_by<chat::PartialError>(
          __LINE__, chat::Code::ERR_PARTIAL, [&] { (void)client.create_contact_group(USER, GROUP, {room, peer}); });
  const chat::CreatedGroup* group = created.result<chat::CreatedGroup>();
  if (group == nullptr) return broken(__FILE__, __LINE__, "no result");
  CHECK(group->group.id == 1 && group->contacts.size() == 2);
  CHECK(group->contacts.at(0).result_code == chat::Code::SERVICE_GROUP_CHAT_FAILED && !group->contacts.at(0).result_info.empty());
  CHECK(group->contacts.at(1).result_code == chat::Code::OK);
  CHECK(&group->response == &created.response() && created.response().http_status() == 200);
  CHECK(created.result<chat::UpdatedGroup>() == nullptr);  // the type of another call
  CHECK_HAS(created.what(), "-15: the call succeeded but some of its items failed");

  const auto changed = thrown_by<chat::PartialError>(
      __LINE__, chat::Code::ERR_PARTIAL, [&] { (void)client.update_contact_group_contacts(USER, GROUP, {room}, {peer}); });
  CHECK(changed.result<chat::UpdatedGroup>()->contacts.at(0).result_code == chat::Code::SERVICE_GROUP_CHAT_FAILED);
  const auto marked = thrown_by<chat::PartialError>(
      __LINE__, chat::Code::ERR_PARTIAL,
      [&] { (void)client.mark_contact(USER, {chat::Mark(peer).set_mark(32), chat::Mark(room).set_mark(32)}); });
  CHECK(marked.result<chat::MarkedContacts>()->contacts.at(1).result_code == chat::Code::SERVICE_GROUP_CHAT_FAILED);
  CHECK_INT(marked.done(), 2);
  const chat::Client unlimited(settings().local_limits(false));  // so that the service refuses the long nickname
  const auto imported = thrown_by<chat::PartialError>(
      __LINE__, chat::Code::ERR_PARTIAL,
      [&] { (void)unlimited.multiaccount_import({{"user_1001"}, {"user_1002", std::string(501, 'n')}}); });
  CHECK(imported.result<chat::ImportedAccounts>()->fail_accounts == std::vector<std::string>{"user_1002"});
  answer_next(200, R"({"FailAccounts":["a"],"ResultItem":[{"UserID":"a","ResultCode":1},{"UserID":"b","ResultCode":70169},{"UserID":"c",)"
                   R"("ResultCode":0}],"ActionStatus":"OK","ErrorCode":0})");
  const auto both = thrown_by<chat::PartialError>(
      __LINE__, chat::Code::ERR_PARTIAL, [&] { (void)client.multiaccount_import({{"a"}, {"b"}, {"c"}}); });
  CHECK((both.result<chat::ImportedAccounts>()->fail_accounts == std::vector<std::string>{"a", "b"}));
  CHECK_INT(both.result<chat::ImportedAccounts>()->accounts.size(), 3);
  const auto deleted =
      thrown_by<chat::PartialError>(
          __LINE__, chat::Code::ERR_PARTIAL, [&] { (void)client.account_delete({"nobody", "user_1001"}); });
  CHECK(deleted.result<chat::DeletedAccounts>()->accounts.at(0).result_code == chat::Code::SERVICE_ACCOUNT_NOT_FOUND);
  CHECK(deleted.result<chat::DeletedAccounts>()->accounts.at(1).result_code == chat::Code::OK);
}

static void any_other_failure_has_no_result() {
  reset_emulator();
  const chat::Client client(settings());
  const auto missing = thrown_by<chat::GroupNotFoundError>(
      __LINE__, chat::Code::SERVICE_GROUP_NOT_FOUND, [&] { (void)client.update_contact_group_name(USER, GROUP, "x"); });
  CHECK(missing.result<chat::UpdatedGroup>() == nullptr && missing.done() == 0);
  const auto unknown = thrown_by<chat::AccountNotImportedError>(
      __LINE__, chat::Code::SERVICE_ACCOUNT_NOT_IMPORTED, [&] { (void)client.search_contact_group("nobody", {peer}); });
  CHECK(unknown.result<chat::FoundContacts>() == nullptr && unknown.done() == 0);
  CHECK(unknown.response().body().find("50001") != std::string_view::npos);
}

static void contacts_are_values_that_can_be_compared_and_be_keys() {
  CHECK(peer == Contact(chat::ContactType::ONE_TO_ONE, "user_0002") && peer != Contact::group_chat("user_0002"));
  std::map<Contact, int> order{{room, 3}, {peer, 2}, {Contact::one_to_one("a"), 1}, {peer, 9}};
  CHECK_INT(order.size(), 3);
  CHECK_INT(order.begin()->second, 1);
  CHECK_INT(order.at(peer), 2);
}

int main(int argc, char** argv) {
  find_emulator(argc, argv);
  KEEP(a_group_is_created_renamed_changed_and_deleted);
  KEEP(conversations_are_found_with_marks_and_named_groups);
  KEEP(the_list_of_conversations_is_read_and_shortened);
  KEEP(accounts_are_imported_checked_and_deleted);
  KEEP(a_mark_outside_0_to_63_is_refused_where_it_is_named);
  KEEP(what_breaks_a_rule_is_refused_by_place_and_sends_nothing);
  KEEP(answers_with_missing_members_and_numbers_as_text_are_read);
  KEEP(failed_items_are_in_the_partial_error_with_the_whole_result);
  KEEP(any_other_failure_has_no_result);
  KEEP(contacts_are_values_that_can_be_compared_and_be_keys);
  return broken_promises != 0;
}
