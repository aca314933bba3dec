// Going through a list as a C++ range: each conversation once over all pages, with its groups by name; left early, resumed, retried
// after a failure, and ended when the client goes.
#include "settings.hpp"

#include <algorithm>
#include <iterator>
#include <thread>
#include <type_traits>

namespace chat = tencent_chat;
using namespace std::chrono_literals;
using chat::Contact;
using Groups = chat::Items<chat::ContactGroupEntry>;

static_assert(std::is_nothrow_move_constructible_v<Groups> && !std::is_copy_constructible_v<Groups>);
static_assert(std::is_same_v<std::iterator_traits<Groups::iterator>::iterator_category, std::input_iterator_tag>);

// A service whose user has u0, u1 and so on in one group, two conversations a page.
static chat::Client client_with_members(int number) {
  reset_emulator();
  set_service("{\"page_size\":2,\"list_page_size\":2}");
  chat::Client client(settings());
  std::vector<Contact> contacts;
  for (int i = 0; i < number; ++i) contacts.push_back(Contact::one_to_one("u" + std::to_string(i)));
  (void)client.create_contact_group(USER, GROUP, contacts);
  return client;
}

static void a_loop_left_early_is_gone_on_with_by_the_next_loop() {
  const chat::Client client = client_with_members(5);
  const long before = requests_seen();
  Groups items = client.contact_group_items(USER);
  std::string seen;
  for (const chat::ContactGroupEntry& entry : items) {
    seen += entry.contact.id() + " ";
    if (entry.contact.id() == "u1") break;
  }
  CHECK_INT(requests_seen(), before + 1);
  for (const chat::ContactGroupEntry& entry : items) seen += entry.contact.id() + " ";
  CHECK_STR(seen.c_str(), "u0 u1 u2 u3 u4 ");
  for (const chat::ContactGroupEntry& entry : items) broken(__FILE__, __LINE__, entry.contact.id().c_str());
  CHECK_INT(requests_seen(), before + 3);
}

static void iterators_serve_the_algorithms_of_input_ranges() {
  const chat::Client client = client_with_members(5);
  Groups items = client.contact_group_items(USER);
  const auto found = std::find_if(items.begin(), items.end(), [](const auto& entry) { return entry.contact.id() == "u2"; });
  if (found == items.end()) return broken(__FILE__, __LINE__, "not found");
  CHECK(found->contact.id() == "u2");
  Groups::iterator it = found;
  CHECK((*it++).contact.id() == "u2");
  CHECK(it->contact.id() == "u3");
  ++it;
  CHECK(it != items.end() && ++it == items.end());
}

static void the_last_item_and_its_page_are_at_hand_as_they_came() {
  const chat::Client client = client_with_members(3);
  Groups items = client.contact_group_items(USER, chat::CallOptions().random(9));
  const std::optional<chat::ContactGroupEntry> first = items.next();
  CHECK(first && first->contact.id() == "u0");
  CHECK(items.response().str("/To_Account") == "u0" && items.response().random() == 9);
  CHECK(items.page_body().find("\"CompleteFlag\":0") != std::string_view::npos);
  CHECK(items.page_body().find(GROUP) != std::string_view::npos);
}

static void a_range_keeps_its_options_and_may_move_and_outlive_its_client() {
  std::optional<chat::Client> client(client_with_members(3));
  Groups items = client->contact_group_items(USER, chat::CallOptions().timeout(30s).interrupt([] { return false; }));
  CHECK(items.next().has_value());
  Groups moved(std::move(items));
  CHECK(moved.next().has_value());
  client.reset();
  (void)thrown_by<chat::ShutdownError>(__LINE__, chat::Code::ERR_SHUTDOWN, [&] { (void)moved.next(); });
  const auto error = thrown_by<chat::InvalidArgument>(__LINE__, chat::Code::ERR_INVALID_ARGUMENT, [&] { (void)items.begin(); });
  CHECK_STR(error.what(), "-1: items is NULL");
  CHECK(!items.is_complete() && items.page_body().empty());
}

static void a_user_that_cannot_be_is_refused_and_sends_nothing() {
  reset_emulator();
  chat::Client client(settings());
  (void)thrown_by<chat::InvalidArgument>(
      __LINE__, chat::Code::ERR_INVALID_UTF8, [&] { (void)client.contact_group_items("\xff"); });
  const std::string nul("a\0b", 3);
  const auto error = thrown_by<chat::InvalidArgument>(
      __LINE__, chat::Code::ERR_INVALID_ARGUMENT, [&] { (void)client.recent_contact_items(nul); });
  CHECK_HAS(error.what(), "from_account: holds a NUL");
  CHECK_INT(requests_seen(), 0);
  const chat::Client taken(std::move(client));
  const auto moved = thrown_by<chat::InvalidArgument>(
      __LINE__, chat::Code::ERR_INVALID_ARGUMENT, [&] { (void)client.contact_group_items(USER); });
  CHECK_STR(moved.what(), "-1: client is NULL");
}

static void destroying_the_client_ends_a_page_that_hangs() {
  std::optional<chat::Client> client(client_with_members(1));
  Groups items = client->contact_group_items(USER);
  const long before = requests_seen();
  add_fault("{\"hang\":true,\"times\":0}");
  int code = 0;
  std::thread thread([&] {
    try {
      (void)items.next();
    } catch (const chat::ShutdownError& error) {
      code = error.number();
    }
  });
  wait_for_requests(before + 1);
  client.reset();
  thread.join();
  CHECK_INT(code, CHAT_ERR_SHUTDOWN);
  clear_faults();
}

int main(int argc, char** argv) {
  find_emulator(argc, argv);
  KEEP(a_loop_left_early_is_gone_on_with_by_the_next_loop);
  KEEP(iterators_serve_the_algorithms_of_input_ranges);
  KEEP(the_last_item_and_its_page_are_at_hand_as_they_came);
  KEEP(a_range_keeps_its_options_and_may_move_and_outlive_its_client);
  KEEP(a_user_that_cannot_be_is_refused_and_sends_nothing);
  KEEP(destroying_the_client_ends_a_page_that_hangs);
  return broken_promises != 0;
}
