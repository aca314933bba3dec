// What the library does by itself about failures, as C++ sees it: repeats and their limits, a delete that was already done, the rate
// limit, the standby host, a client of the parent in a forked child, and the counters of all that.
#include "settings.hpp"

#include <sys/wait.h>

namespace chat = tencent_chat;
using namespace std::chrono_literals;

static void a_passing_failure_is_repeated_and_the_trace_tells_each_attempt() {
  reset_emulator();
  const chat::Client client(settings());
  add_fault("{\"code\":50004,\"times\":2}");
  const chat::RecentContactPage page = client.recent_contact_get_list(USER);
  CHECK_INT(page.response.attempts(), 3);
  CHECK_HAS(std::string(page.response.trace()).c_str(), "\"attempt\":3,\"code\":0");
  CHECK_HAS(std::string(page.response.trace()).c_str(), "\"attempt\":1,\"code\":50004");
  CHECK_INT(requests_seen(), 3);
}

static void client_and_call_say_how_often_a_call_is_tried() {
  reset_emulator();
  chat::Config config = settings();
  config.max_attempts(2);
  const chat::Client client(config);
  add_fault("{\"code\":50004,\"times\":0}");
  const auto attempts = [&client](const chat::CallOptions& options) {
    const auto error = thrown_by<chat::ServiceError>(__LINE__, chat::Code::SERVICE_INTERNAL_ERROR,
                                                     [&] { (void)client.del_contact_group(USER, GROUP, options); });
    return error.response().attempts();
  };
  CHECK_INT(attempts({}), 2);
  CHECK_INT(attempts(chat::CallOptions().max_attempts(1)), 1);
  CHECK_INT(attempts(chat::CallOptions().max_attempts(4)), 4);
  CHECK_INT(requests_seen(), 7);
  thrown_by<chat::InvalidArgument>(__LINE__, chat::Code::ERR_INVALID_ARGUMENT, [&] { config.max_attempts(0); });
  thrown_by<chat::InvalidArgument>(__LINE__, chat::Code::ERR_INVALID_ARGUMENT, [] { (void)chat::CallOptions().max_attempts(11); });
  clear_faults();
}

static void a_delete_whose_answer_was_lost_succeeds_as_already_deleted() {
  reset_emulator();
  const chat::Client client(settings());
  (void)client.create_contact_group(USER, GROUP);
  CHECK(!client.del_contact_group(USER, GROUP).already_deleted);
  (void)client.create_contact_group(USER, GROUP);
  add_fault("{\"drop\":\"reset\",\"applied\":true}");
  const chat::DeletedGroups deleted = client.del_contact_group(USER, GROUP);
  CHECK(deleted.already_deleted && deleted.response.is_already_deleted());
  CHECK(deleted.groups.empty() && deleted.response.code() == chat::Code::OK);
  CHECK_INT(deleted.response.attempts(), 2);
  thrown_by<chat::GroupNotFoundError>(__LINE__, chat::Code::SERVICE_GROUP_NOT_FOUND,
                                      [&] { (void)client.del_contact_group(USER, GROUP); });
}

static void what_must_not_happen_twice_is_not_repeated_in_doubt_unless_told() {
  reset_emulator();
  const chat::Client client(settings());
  add_fault("{\"drop\":\"reset\"}");
  const auto error = thrown_by<chat::TransportError>(__LINE__, chat::Code::ERR_TRANSPORT,
                                                     [&] { (void)client.create_contact_group(USER, GROUP); });
  CHECK(error.response().is_in_doubt());
  CHECK_INT(requests_seen(), 1);
  add_fault("{\"drop\":\"reset\"}");
  const chat::CreatedGroup created = client.create_contact_group(USER, GROUP, {}, chat::CallOptions().repeat_in_doubt(true));
  CHECK_INT(created.response.attempts(), 2);
  add_fault("{\"drop\":\"reset\"}");
  thrown_by<chat::TransportError>(__LINE__, chat::Code::ERR_TRANSPORT, [&] {
    (void)client.del_contact_group(USER, GROUP, chat::CallOptions().repeat_in_doubt(false));
  });
  CHECK_INT(requests_seen(), 4);
}

static void an_attempt_has_a_time_of_its_own() {
  reset_emulator();
  chat::Config config = settings();
  config.attempt_timeout(400ms);
  const chat::Client client(config);
  (void)client.recent_contact_get_list(USER);  // so that connecting takes none of the time
  add_fault("{\"hang\":true}");
  CHECK_INT(client.recent_contact_get_list(USER).response.attempts(), 2);
  add_fault("{\"hang\":true,\"times\":0}");
  const long begun = now_ms();
  const auto error = thrown_by<chat::TimeoutError>(__LINE__, chat::Code::ERR_TIMEOUT, [&] {
    (void)client.recent_contact_get_list(USER, {}, chat::CallOptions().attempt_timeout(800ms).max_attempts(1));
  });
  CHECK(now_ms() - begun >= 800);
  CHECK_HAS(error.what(), "attempt");
  clear_faults();
}

static void the_standby_is_turned_to_when_nobody_listens() {
  reset_emulator();
  chat::Config config = settings();
  config.base_url("http://127.0.0.1:1").standby_url(place.base_url);
  const chat::Client client(config);
  const chat::RecentContactPage page = client.recent_contact_get_list(USER);
  CHECK_INT(page.response.attempts(), 2);
  CHECK_HAS(std::string(page.response.trace()).c_str(), "\"standby\":true");
  CHECK_INT(client.stats()["standby_attempts"], requests_seen());
  chat::Config riyadh;
  riyadh.region("riyadh").use_standby(true).sdk_app_id(1).identifier(ADMIN).secret_key(KEY);
  thrown_by<chat::ConfigError>(__LINE__, chat::Code::ERR_CONFIG, [&] { const chat::Client none(riyadh); });
}

static void the_rate_limit_is_settable_and_may_be_off() {
  reset_emulator();
  chat::Config config = settings();
  config.rate_limit(0);
  const chat::Client fast(config);
  for (int i = 0; i < 250; ++i) (void)fast.recent_contact_get_list(USER);
  CHECK_INT(fast.stats()["rate_waits"], 0);
  config.rate_limit(1);
  const chat::Client slow(config);
  for (int i = 0; i < 2; ++i) (void)slow.recent_contact_get_list(USER);
  thrown_by<chat::ThrottledError>(__LINE__, chat::Code::ERR_THROTTLED, [&] {
    (void)slow.recent_contact_get_list(USER, {}, chat::CallOptions().timeout(200ms));
  });
  CHECK_INT(slow.stats()["calls_throttled"], 1);
  thrown_by<chat::InvalidArgument>(__LINE__, chat::Code::ERR_INVALID_ARGUMENT, [&] { config.rate_limit(10001); });
}

static void a_shared_limit_is_refused_by_name_where_it_cannot_be_had() {
  chat::Config config = settings();
  thrown_by<chat::InvalidArgument>(__LINE__, chat::Code::ERR_INVALID_ARGUMENT, [&] { config.shared_limit("redis://host", "one"); });
  config.no_shared_limit().shared_limit_fallback(20);
  thrown_by<chat::ConfigError>(__LINE__, chat::Code::ERR_CONFIG, [&] { const chat::Client none(config); });
}

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
  KEEP(a_passing_failure_is_repeated_and_the_trace_tells_each_attempt);
  KEEP(client_and_call_say_how_often_a_call_is_tried);
  KEEP(a_delete_whose_answer_was_lost_succeeds_as_already_deleted);
  KEEP(what_must_not_happen_twice_is_not_repeated_in_doubt_unless_told);
  KEEP(an_attempt_has_a_time_of_its_own);
  KEEP(the_standby_is_turned_to_when_nobody_listens);
  KEEP(the_rate_limit_is_settable_and_may_be_off);
  KEEP(a_shared_limit_is_refused_by_name_where_it_cannot_be_had);
  KEEP(stats_are_read_by_name_as_a_map_and_as_text);
  KEEP(a_client_of_the_parent_throws_in_a_child_and_its_end_there_is_harmless);
  return broken_promises != 0;
}
