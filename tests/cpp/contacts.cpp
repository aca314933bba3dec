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
  KEEP(a_mark_outside_0_to_63_is_refused_where_it_is_named);
  KEEP(answers_with_missing_members_and_numbers_as_text_are_read);
  KEEP(any_other_failure_has_no_result);
  KEEP(contacts_are_values_that_can_be_compared_and_be_keys);
  return broken_promises != 0;
}
