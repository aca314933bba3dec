// Deletes one conversation group for every user of a list: some threads over one client, whose rate limit they share. Ends at once on a
// code that says no call can succeed. Run it again after a stop: a user who is done is then "not there".
// Usage: retire_group BASE_URL LIST GROUP [CA_FILE]. LIST has a UserID a line. Exit status 0 if no user has the group any more, else 1.
#include <fstream>
#include <iostream>
#include <mutex>
#include <stdexcept>
#include <string>
#include <string_view>
#include <tencent_chat.hpp>
#include <thread>
#include <vector>

namespace chat = tencent_chat;

// A call takes about 50 ms, so 8 threads make 160 a second: more than the rate below lets through.
constexpr int threads = 8;
// Half of the 200 a second that the service grants, so that a live app keeps the other half.
constexpr int rate = 100;
// The emulator's key; a real one comes from your secret store.
constexpr std::string_view key = "5bd2850fff3ecb11d7c805251c51ee463a25727bddc2385f3fa8bfee1bb93b5e";

static chat::Client client_of(std::string_view url, std::string_view ca_file) {
  chat::Config config;
  config.base_url(url).sdk_app_id(1400000000).identifier("administrator").secret_key(key).rate_limit(rate);
  if (!ca_file.empty()) config.ca_file(ca_file);
  return chat::Client(config);
}

// The list and the counts, which the threads share.
class Run {
 public:
  Run(const chat::Client& client, const std::string& list, std::string_view group) : client_(client), list_(list), group_(group) {
    if (!list_) throw std::runtime_error("cannot read " + list);
  }

  // What each thread does. Reading as they go, the threads never hold more than a name each.
  void work() {
    for (std::string user; next(user);) {
      try {
        (void)client_.del_contact_group(user, group_);
        const std::lock_guard lock(mutex_);
        ++deleted_;
      } catch (const chat::GroupNotFoundError&) {
        const std::lock_guard lock(mutex_);
        ++missing_;
      } catch (const chat::Error& error) {
        const std::lock_guard lock(mutex_);
        ++failed_;
        stopped_ = stopped_ || chat::is_fatal(error.code());
        std::cerr << user << ": " << error.number() << ' ' << error.message() << '\n';
      }
    }
  }

  // After the threads have ended.
  bool report() const {
    std::cout << "deleted " << deleted_ << ", not there " << missing_ << ", failed " << failed_ << (stopped_ ? ", stopped\n" : "\n");
    if (list_.bad()) throw std::runtime_error("the list cannot be read to its end");
    return failed_ == 0 && !stopped_;
  }

 private:
  bool next(std::string& user) {
    const std::lock_guard lock(mutex_);
    while (!stopped_ && std::getline(list_, user)) {
      if (!user.empty() && user.back() == '\r') user.pop_back();
      if (!user.empty()) return true;
    }
    return false;
  }

  const chat::Client& client_;
  std::mutex mutex_;
  std::ifstream list_;
  std::string_view group_;
  bool stopped_ = false;
  unsigned long deleted_ = 0, missing_ = 0, failed_ = 0;
};

int main(int argc, char** argv) try {
  if (argc < 4) throw std::runtime_error("usage: retire_group BASE_URL LIST GROUP [CA_FILE]");
  const chat::Client client = client_of(argv[1], argc > 4 ? argv[4] : "");
  Run run(client, argv[2], argv[3]);
  std::vector<std::thread> pool;
  for (int n = 0; n < threads; ++n) pool.emplace_back(&Run::work, &run);
  for (std::thread& thread : pool) thread.join();
  return run.report() ? 0 : 1;
} catch (const std::exception& error) {
  std::cerr << error.what() << '\n';
  return 1;
}
