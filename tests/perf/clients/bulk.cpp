// Deletes one group of each of many users through the C++ face: BASE_URL CA_FILE USERS WORKERS LIMIT (calls a second, 0: off).
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <string>
#include <thread>
#include <vector>

#include <tencent_chat.hpp>

namespace chat = tencent_chat;

static std::string name_of(int user) {
  const std::string digits = std::to_string(user);
  return "user_" + std::string(digits.size() < 4 ? 4 - digits.size() : 0, '0') + digits;
}

int main(int argc, char** argv) try {
  if (argc != 6) return 2;
  const int users = std::atoi(argv[3]), workers = std::atoi(argv[4]);
  chat::Config config;
  config.base_url(argv[1]).sdk_app_id(1400000000).identifier("administrator");
  config.secret_key("5bd2850fff3ecb11d7c805251c51ee463a25727bddc2385f3fa8bfee1bb93b5e");
  config.timeout(std::chrono::minutes(1)).rate_limit(static_cast<std::uint32_t>(std::atoi(argv[5])));
  if (argv[2][0] != '\0') config.ca_file(argv[2]);
  const chat::Client client(config);

  std::atomic<int> next{1};
  std::vector<std::thread> threads;
  const auto began = std::chrono::steady_clock::now();
  for (int worker = 0; worker < workers; ++worker) {
    threads.emplace_back([&] {
      for (int user = next++; user <= users; user = next++) {
        try {
          client.del_contact_group(name_of(user), "group_0001");
        } catch (const std::exception& error) {
          std::fprintf(stderr, "%s: %s\n", name_of(user).c_str(), error.what());
          std::exit(1);
        }
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  const std::chrono::duration<double, std::micro> wall = std::chrono::steady_clock::now() - began;
  std::printf("{\"calls\":%d,\"wall_us\":%.0f}\n", users, wall.count());
  return 0;
} catch (const std::exception& error) {
  std::fprintf(stderr, "%s\n", error.what());
  return 1;
}
