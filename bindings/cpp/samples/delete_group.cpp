// Creates the conversation group 設計会議 and deletes it; shows how a refused delete and a refused signature read.
// Usage: delete_group BASE_URL [CA_FILE]. Any other outcome is printed to stderr and ends the program with 1.
#include <iostream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <tencent_chat.hpp>

namespace chat = tencent_chat;

constexpr std::string_view user = "user_0001";
constexpr std::string_view group = "設計会議";
// The emulator's key; a real one comes from your secret store.
constexpr std::string_view key = "5bd2850fff3ecb11d7c805251c51ee463a25727bddc2385f3fa8bfee1bb93b5e";
constexpr std::string_view create = R"({"From_Account":"user_0001","GroupContactItem":[{"GroupName":"設計会議"}]})";

static chat::Client client_with(std::string_view secret_key, std::string_view url, std::string_view ca_file) {
  chat::Config config;
  config.base_url(url).sdk_app_id(1400000000).identifier("administrator").secret_key(secret_key);
  if (!ca_file.empty()) config.ca_file(ca_file);
  return chat::Client(config);
}

int main(int argc, char** argv) try {
  const std::string_view url = argc > 1 ? argv[1] : "", ca_file = argc > 2 ? argv[2] : "";
  const chat::Client client = client_with(key, url, ca_file);

  const chat::Response created = client.call("v4/recentcontact/create_contact_group", create);
  const auto id = created.integer("/GroupResultItem/0/GroupItem/GroupId");
  std::cout << "created " << group << " (GroupId " << id.value() << ")\n";

  for (const chat::Group& deleted : client.del_contact_group(user, group).groups) {
    std::cout << "deleted " << deleted.name << " (GroupId " << deleted.id << ")\n";
  }

  try {
    (void)client.del_contact_group(user, group);
    throw std::runtime_error("a group was deleted twice");
  } catch (const chat::GroupNotFoundError& error) {
    std::cout << "again: " << error.number() << ' ' << error.message() << '\n';
  }

  try {
    (void)client_with(std::string(64, '0'), url, ca_file).del_contact_group(user, group);
    throw std::runtime_error("a wrong key was accepted");
  } catch (const chat::UserSigError& error) {
    std::cout << "wrong key: " << error.number() << ' ' << error.message() << '\n';
  }
  return 0;
} catch (const std::exception& error) {
  std::cerr << error.what() << '\n';
  return 1;
}
