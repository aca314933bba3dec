// What the library does by itself about failures, as C++ sees it: repeats and their limits, a delete that was already done, the rate
// limit, the standby host, a client of the parent in a forked child, and the counters of all that.
#include "settings.hpp"

#include <sys/wait.h>

namespace chat = tencent_chat;
using namespace std::chrono_literals;

static void stats_are_read_by_name_as_a_map_and_as_text() {
  reset_emulator();
  const chat::Client client(settings());
  (void)client.recent_contact_get_list(USER);
  thrown_by<chat::GroupNotFoundError>(__LINE__, chat::Code::SERVICE_GROUP_NOT_FOUND,
                                      [&] { (void)client.del_contact_group(USER, GROUP); });
  chat::Stats stats = client.stats();
  CHECK_INT(stats["calls"], 2);
  CHECK_INT(stats["calls_service"], 1);
  CHECK_INT(stats["attempts"], requests_seen());
  CHECK_INT(stats["no such counter"], 0);
  const std::map<std::string, std::uint64_t> values = stats.values();
  CHECK_INT(values.size(), chat_stats_count(stats.handle()));
  CHECK_INT(values.at("calls_ok"), 1);
  CHECK(stats.prometheus().find("tencent_chat_calls_total{outcome=\"ok\"} 1\n") != std::string_view::npos);
  (void)client.recent_contact_get_list(USER);
  CHECK_INT(stats["calls"], 2);  // a snapshot
  const chat::Stats moved(std::move(stats));
  CHECK_INT(moved["calls"], 2);
  CHECK(stats["calls"] == 0 && stats.values().empty() && stats.prometheus().empty());  // NOLINT: moved from on purpose
}

static void a_client_of_the_parent_throws_in_a_child_and_its_end_there_is_harmless() {
  reset_emulator();
  static chat::Client* client;
  client = new chat::Client(settings());
  static chat::Items<chat::ContactGroupEntry>* items;
  items = new chat::Items<chat::ContactGroupEntry>(client->contact_group_items(USER));
  (void)client->recent_contact_get_list(USER);
  static const void* volatile let_go[2];  // where a leak checker finds what the child only lets go
  let_go[0] = client->handle();
  let_go[1] = items->handle();
  std::fflush(stdout);
  const pid_t child = fork();
  if (child == 0) {
    broken_promises = 0;
    thrown_by<chat::ForkedError>(__LINE__, chat::Code::ERR_FORKED, [] { (void)client->del_contact_group(USER, GROUP); });
    thrown_by<chat::ForkedError>(__LINE__, chat::Code::ERR_FORKED, [] { (void)client->stats(); });
    thrown_by<chat::ForkedError>(__LINE__, chat::Code::ERR_FORKED, [] { (void)client->contact_group_items(USER); });
    thrown_by<chat::ForkedError>(__LINE__, chat::Code::ERR_FORKED, [] { (void)items->next(); });
    thrown_by<chat::ForkedError>(__LINE__, chat::Code::ERR_FORKED, [] { client->set_secret_key(KEY); });
    client->shutdown();
    items->~Items();
    client->~Client();
    (void)chat::Client(settings()).recent_contact_get_list(USER);
    _exit(broken_promises != 0);
  }
  int status = -1;
  waitpid(child, &status, 0);
  CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
  (void)client->recent_contact_get_list(USER);
  CHECK_INT(client->stats()["connections_opened"], 1);
  CHECK_INT(requests_seen(), 3);
  delete items;
  delete client;
}

int main(int argc, char** argv) {
  find_emulator(argc, argv);
  KEEP(stats_are_read_by_name_as_a_map_and_as_text);
  KEEP(a_client_of_the_parent_throws_in_a_child_and_its_end_there_is_harmless);
  return broken_promises != 0;
}
