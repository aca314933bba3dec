// A list longer than one request takes, with `split`: cut, called in order, joined. Failed items do not stop the rest and are told once
// at the end; any other failure stops and tells what was done.
#include "settings.hpp"

#include <set>

namespace chat = tencent_chat;
using chat::Contact;

static std::vector<Contact> contacts_of(int number) {
  std::vector<Contact> contacts;
  for (int i = 0; i < number; ++i) contacts.push_back(Contact::one_to_one("u" + std::to_string(i)));
  return contacts;
}

static std::vector<chat::Mark> marks_of(int number) {
  std::vector<chat::Mark> marks;
  for (const Contact& contact : contacts_of(number)) marks.push_back(chat::Mark(contact).custom_mark("vip"));
  return marks;
}

static std::vector<std::string> ids_of(int number) {
  std::vector<std::string> ids;
  for (const Contact& contact : contacts_of(number)) ids.push_back(contact.id());
  return ids;
}

static std::vector<chat::Account> accounts_of(int number) {
  std::vector<chat::Account> accounts;
  for (const std::string& id : ids_of(number)) accounts.push_back({id});
  return accounts;
}

static void a_hundred_marks_are_one_request_and_101_are_two() {
  reset_emulator();
  const chat::Client client(settings());
  const chat::MarkedContacts one = client.mark_contact(USER, marks_of(100), chat::split);
  CHECK_INT(one.contacts.size(), 100);
  CHECK_INT(one.responses.size(), 1);
  CHECK_INT(requests_seen(), 1);
  const chat::MarkedContacts two = client.mark_contact(USER, marks_of(101), chat::split);
  CHECK_INT(two.contacts.size(), 101);
  CHECK_INT(two.responses.size(), 2);
  CHECK_INT(requests_seen(), 3);
  for (std::size_t i = 0; i < two.contacts.size(); ++i) CHECK(two.contacts[i].contact.id() == "u" + std::to_string(i));
  CHECK_INT(two.responses.at(1).count("/ResultItem"), 1);
}

static void three_hundred_are_searched_in_one_request_and_301_in_two() {
  reset_emulator();
  const chat::Client client(settings());
  (void)client.create_contact_group(USER, GROUP, {Contact::one_to_one("u0"), Contact::one_to_one("u300")});
  CHECK_INT(client.search_contact_group(USER, contacts_of(300), chat::split).responses.size(), 1);
  const chat::FoundContacts found = client.search_contact_group(USER, contacts_of(301), chat::split);
  CHECK_INT(found.responses.size(), 2);
  CHECK_INT(requests_seen(), 4);
  CHECK_INT(found.contacts.size(), 2);
  CHECK(found.contacts.at(1).contact.id() == "u300" && found.contacts.at(1).groups.at(0).name == GROUP);
  CHECK_INT(found.groups.size(), 1);  // told with each part, kept once
}

static void a_failure_behind_failed_items_keeps_their_codes() {
  reset_emulator();
  const chat::Client client(settings());
  (void)client.multiaccount_import(accounts_of(150), chat::split);
  std::vector<std::string> ids = ids_of(150);
  ids[0] = "nobody";
  add_fault("{\"drop\":\"reset\",\"skip\":1}");
  const auto error = thrown_by<chat::TransportError>(
      __LINE__, chat::Code::ERR_TRANSPORT, [&] { (void)client.account_delete(ids, chat::split); });
  CHECK_INT(error.done(), 100);
  CHECK(error.response().is_in_doubt());  // about the last request's items only
  CHECK(error.result<chat::DeletedAccounts>()->accounts.at(0).result_code == chat::Code::SERVICE_ACCOUNT_NOT_FOUND);
  CHECK(error.result<chat::DeletedAccounts>()->accounts.at(1).result_code == chat::Code::OK);
}

static void a_failure_of_the_first_part_has_nothing_done() {
  reset_emulator();
  const chat::Client client(settings());
  const auto error = thrown_by<chat::AccountNotImportedError>(
      __LINE__, chat::Code::SERVICE_ACCOUNT_NOT_IMPORTED, [&] { (void)client.mark_contact("nobody", marks_of(101), chat::split); });
  CHECK_INT(error.done(), 0);
  CHECK(error.result<chat::MarkedContacts>() == nullptr);
  CHECK_HAS(error.what(), "items 0 to 99 of 101: ");
  CHECK_INT(requests_seen(), 1);
}

static void an_item_that_the_library_refuses_is_found_before_anything_is_sent() {
  reset_emulator();
  const chat::Client client(settings());
  std::vector<chat::Mark> marks = marks_of(250);
  marks[230] = chat::Mark(Contact::one_to_one("x"));
  const auto error = thrown_by<chat::InvalidArgument>(
      __LINE__, chat::Code::ERR_INVALID_ARGUMENT, [&] { (void)client.mark_contact(USER, marks, chat::split); });
  CHECK_HAS(error.what(), "items 200 to 249 of 250: marks[30]: nothing to do");
  CHECK_INT(error.done(), 0);
  std::vector<std::string> ids = ids_of(301);
  ids[300] = "";
  (void)thrown_by<chat::InvalidArgument>(
      __LINE__, chat::Code::ERR_INVALID_ARGUMENT, [&] { (void)client.account_check(ids, chat::split); });
  CHECK_INT(requests_seen(), 0);
}

static void options_hold_for_every_part() {
  reset_emulator();
  const chat::Client client(settings());
  const chat::MarkedContacts marked = client.mark_contact(USER, marks_of(150), chat::split, chat::CallOptions().random(7));
  CHECK(marked.responses.at(0).random() == 7 && marked.responses.at(1).random() == 7);
  const chat::Cancel cancel;
  cancel.trigger();
  (void)thrown_by<chat::CancelledError>(__LINE__, chat::Code::ERR_CANCELLED, [&] {
    (void)client.search_contact_group(USER, contacts_of(400), chat::split, chat::CallOptions().cancel(cancel));
  });
  CHECK_INT(requests_seen(), 2);
}

int main(int argc, char** argv) {
  find_emulator(argc, argv);
  KEEP(a_hundred_marks_are_one_request_and_101_are_two);
  KEEP(three_hundred_are_searched_in_one_request_and_301_in_two);
  KEEP(a_failure_behind_failed_items_keeps_their_codes);
  KEEP(a_failure_of_the_first_part_has_nothing_done);
  KEEP(an_item_that_the_library_refuses_is_found_before_anything_is_sent);
  KEEP(options_hold_for_every_part);
  return broken_promises != 0;
}
