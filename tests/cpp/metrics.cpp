// What the README's lines about metrics need around them: a client, a call that succeeds and one that finds no group.
#include "settings.hpp"

// The README's.
std::string metrics(const tencent_chat::Client& client);

int main(int argc, char** argv) {
  find_emulator(argc, argv);
  const tencent_chat::Client client(settings());
  create_group(client.handle(), "other");
  if (code_of(delete_group(client.handle(), GROUP)) != CHAT_SERVICE_GROUP_NOT_FOUND) give_up("the group is there");
  std::fputs(metrics(client).c_str(), stdout);
  return 0;
}
