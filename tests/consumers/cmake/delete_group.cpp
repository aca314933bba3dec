// The same as delete_group.c through the C++ header.
#include <exception>
#include <iostream>
#include <tencent_chat.hpp>

int main(int argc, char** argv) try {
  tencent_chat::Config config;
  config.base_url(argc > 1 ? argv[1] : "").sdk_app_id(1400000000).identifier("administrator");
  // The emulator's key; a real one comes from your secret store.
  config.secret_key("5bd2850fff3ecb11d7c805251c51ee463a25727bddc2385f3fa8bfee1bb93b5e");
  const tencent_chat::Client client(config);
  for (const tencent_chat::Group& group : client.del_contact_group("user_0001", "colleagues").groups)
    std::cout << "deleted " << group.name << " with tencent-chat " << chat_version() << '\n';
} catch (const std::exception& error) {
  std::cerr << error.what() << '\n';
  return 1;
}
