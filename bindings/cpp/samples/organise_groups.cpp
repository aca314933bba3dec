// Organises a user's conversations: imports users, makes groups, moves conversations, marks them, looks them up, pages through them,
// renames and deletes; at the end a call of which a part fails.
// Usage: organise_groups BASE_URL [CA_FILE]. An error is printed to stderr and ends the program with 1.
#include <iostream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <tencent_chat.hpp>

namespace chat = tencent_chat;

constexpr std::string_view user = "user_1001";
constexpr std::string_view colleagues = "同僚", family = "家族", relatives = "親族";
// The emulator's key; a real one comes from your secret store.
constexpr std::string_view key = "5bd2850fff3ecb11d7c805251c51ee463a25727bddc2385f3fa8bfee1bb93b5e";

static chat::Client client_of(std::string_view url, std::string_view ca_file) {
  chat::Config config;
  config.base_url(url).sdk_app_id(1400000000).identifier("administrator").secret_key(key);
  if (!ca_file.empty()) config.ca_file(ca_file);
  return chat::Client(config);
}

static std::ostream& operator<<(std::ostream& out, const chat::Group& group) {
  return out << group.name << " (GroupId " << group.id << ")";
}

static std::string shown(const std::string& text) { return text.empty() ? "-" : text; }

static void tell(const chat::ContactGroupEntry& entry) {
  std::string names;
  for (const chat::Group& group : entry.groups) names += (names.empty() ? "" : ", ") + group.name;
  std::cout << entry.contact.id() << ": groups " << shown(names) << "; marks " << shown(entry.standard_mark) << "; custom "
            << shown(entry.custom_mark) << "\n";
}

static void make_groups(const chat::Client& client) {
  (void)client.multiaccount_import({{"user_1001"}, {"user_1002"}, {"user_1003"}});
  std::cout << "imported 3 users\n";
  const chat::CreatedGroup first = client.create_contact_group(
      user, colleagues, {chat::Contact::one_to_one("user_1002"), chat::Contact::group_chat("@TGS#1B2AUI7RZ")});
  std::cout << "created " << first.group << ", conversations: " << first.contacts.size() << "\n";
  const chat::CreatedGroup second = client.create_contact_group(user, family, {chat::Contact::one_to_one("user_1003")});
  std::cout << "created " << second.group << ", conversations: " << second.contacts.size() << "\n";
}

static void move_and_mark(const chat::Client& client) {
  const chat::Contact moved = chat::Contact::one_to_one("user_1002"), marked = chat::Contact::one_to_one("user_1003");
  (void)client.update_contact_group_contacts(user, colleagues, {}, {moved});
  (void)client.update_contact_group_contacts(user, family, {moved});
  std::cout << "moved " << moved.id() << " from " << colleagues << " to " << family << "\n";
  (void)client.mark_contact(user, {chat::Mark(marked).set_mark(32).custom_mark("vip")});
  std::cout << "marked " << marked.id() << "\n";
  for (const chat::ContactGroupEntry& entry : client.search_contact_group(user, {moved, marked}).contacts) tell(entry);
}

static void page_rename_and_delete(const chat::Client& client) {
  int conversations = 0;
  chat::Items<chat::ContactGroupEntry> items = client.contact_group_items(user);
  for (const chat::ContactGroupEntry& entry : items) conversations += entry.groups.empty() ? 0 : 1;
  std::cout << conversations << " conversations in groups, " << (items.is_complete() ? "complete" : "not complete") << "\n";
  const chat::UpdatedGroup renamed = client.update_contact_group_name(user, family, relatives);
  std::cout << "renamed " << renamed.old_name << " to " << renamed.group << "\n";
  for (const std::string_view name : {colleagues, relatives}) {
    for (const chat::Group& deleted : client.del_contact_group(user, name).groups) std::cout << "deleted " << deleted << "\n";
  }
}

int main(int argc, char** argv) try {
  const chat::Client client = client_of(argc > 1 ? argv[1] : "", argc > 2 ? argv[2] : "");
  make_groups(client);
  move_and_mark(client);
  page_rename_and_delete(client);
  try {
    (void)client.account_delete({"user_1003", "nobody"});
    throw std::runtime_error("an unknown account was deleted");
  } catch (const chat::PartialError& error) {
    std::cout << "partial: " << error.number() << ' ' << error.message() << '\n';
  }
  return 0;
} catch (const std::exception& error) {
  std::cerr << error.what() << '\n';
  return 1;
}
