// Handles move and are never copied; a moved-from object is refused or answers nothing; a failure in the middle leaks nothing
// (valgrind counts); a client that is destroyed ends its calls first.
#include "settings.hpp"

#include <sys/wait.h>

#include <map>

#include <thread>
#include <type_traits>
#include <utility>

namespace chat = tencent_chat;
using namespace std::chrono_literals;

template <typename Handle>
constexpr bool moves_only = std::is_nothrow_move_constructible_v<Handle> && std::is_nothrow_move_assignable_v<Handle> &&
                            !std::is_copy_constructible_v<Handle> && !std::is_copy_assignable_v<Handle>;

static_assert(moves_only<chat::Config> && moves_only<chat::Client> && moves_only<chat::Cancel>);
static_assert(moves_only<chat::CallOptions> && moves_only<chat::Response>);
static_assert(sizeof(chat::Client) == sizeof(void*) + sizeof(std::shared_ptr<int>), "a client is its pointer and its hook");

static void a_client_is_made_in_one_expression_and_moves() {
  reset_emulator();
  chat::Client first(settings());
  chat::Client second(std::move(first));
  create_group(second.handle(), GROUP);
  const chat::DeletedGroups deleted = second.del_contact_group(USER, GROUP);
  CHECK_INT(deleted.groups.size(), 1);
  CHECK_STR(deleted.groups.at(0).name.c_str(), GROUP);
  CHECK_INT(deleted.groups.at(0).id, 1);
  CHECK_INT(deleted.response.http_status(), 200);
  CHECK(first.handle() == nullptr);
}

static void a_moved_from_object_is_refused_with_a_message() {
  chat::Client client(settings());
  chat::Client taken(std::move(client));
  try {
    (void)client.del_contact_group(USER, GROUP);
    CHECK(!"a moved-from client made a call");
  } catch (const chat::InvalidArgument& error) {
    CHECK_STR(error.what(), "-1: client is NULL");
  }
  try {
    client.set_secret_key(KEY);
    CHECK(!"a moved-from client took a key");
  } catch (const chat::InvalidArgument& error) {
    CHECK_HAS(error.what(), "secret_key");
  }
  client.shutdown();
  chat::Config config;
  chat::Config other(std::move(config));
  try {
    config.timeout(5s);
    CHECK(!"a moved-from config took a value");
  } catch (const chat::InvalidArgument& error) {
    CHECK_STR(error.what(), "-1: config is NULL");
  }
  try {
    const chat::Client none(config);
    CHECK(!"a moved-from config made a client");
  } catch (const chat::InvalidArgument& error) {
    CHECK_STR(error.what(), "-1: config is NULL");
  }
}

static void an_empty_response_answers_nothing() {
  const chat::Response none;
  CHECK(none.code() == chat::Code::OK && none.message().empty() && none.body().empty() && none.trace().empty());
  CHECK(!none.has("/a") && none.count("/a") == 0 && !none.str("/a") && !none.integer("/a"));
  CHECK(none.attempts() == 0 && none.random() == 0 && none.http_status() == 0 && none.retry_after().count() == 0);
  CHECK(!none.is_in_doubt() && !none.is_retriable());
  CHECK(none.handle() == nullptr);
}

static void a_response_outlives_its_client() {
  reset_emulator();
  chat::Response kept;
  {
    const chat::Client client(settings());
    kept = client.call(GET_PATH, R"({"From_Account":"user_0001","StartIndex":0})");
  }
  CHECK_INT(kept.integer("/CompleteFlag").value_or(-1), 1);
  CHECK(kept.str("/ActionStatus") == "OK");
}

static void assigning_frees_what_was_there() {
  chat::Client client(settings());
  client = chat::Client(settings());
  chat::CallOptions options;
  options.interrupt([] { return false; }).random(7);
  options.interrupt([] { return false; });
  options = chat::CallOptions();
  chat::Cancel cancel;
  cancel = chat::Cancel();
  chat::Response response;
  for (int i = 0; i < 3; ++i) response = client.call(GET_PATH, R"({"From_Account":"user_0001","StartIndex":0})");
  CHECK(response.code() == chat::Code::OK);
}

static void a_call_that_throws_frees_everything_it_held() {
  reset_emulator();
  const chat::Client client(settings());
  const std::string with_nul("a\0b", 3);
  for (int i = 0; i < 3; ++i) {
    try {
      (void)client.del_contact_group(USER, GROUP);
    } catch (const chat::Error&) {
    }
    try {
      (void)client.del_contact_group(USER, with_nul);
    } catch (const chat::Error&) {
    }
    try {
      chat::Config config = settings();
      config.region("nowhere");
    } catch (const chat::Error&) {
    }
    try {
      const chat::Client none{chat::Config()};
    } catch (const chat::Error&) {
    }
  }
  CHECK_INT(requests_seen(), 3);
}

static void an_error_keeps_its_response_after_everything_else_is_gone() {
  reset_emulator();
  std::exception_ptr thrown;
  try {
    const chat::Client client(settings());
    (void)client.del_contact_group(USER, GROUP);
  } catch (...) {
    thrown = std::current_exception();
  }
  std::thread([&thrown] {
    try {
      std::rethrow_exception(thrown);
    } catch (const chat::GroupNotFoundError& error) {
      const chat::GroupNotFoundError copy(error);
      thrown = nullptr;
      CHECK(copy.response().str("/ActionStatus") == "FAIL");
      CHECK_INT(copy.response().attempts(), 1);
    }
  }).join();
}

static void destroying_a_client_ends_the_calls_inside_and_waits_for_them() {
  reset_emulator();
  add_fault("{\"hang\":true,\"times\":0}");
  std::optional<chat::Client> client(std::in_place, settings());
  const chat::Client& shared = *client;
  int codes[3] = {};
  std::vector<std::thread> threads;
  for (int& code : codes) {
    threads.emplace_back([&shared, &code] {
      try {
        (void)shared.del_contact_group(USER, GROUP);
      } catch (const chat::ShutdownError& error) {
        code = error.number();
      }
    });
  }
  wait_for_requests(3);
  client.reset();
  for (std::thread& thread : threads) thread.join();
  for (const int code : codes) CHECK_INT(code, CHAT_ERR_SHUTDOWN);
  clear_faults();
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
  CHECK(stats.prometheus().find(",outcome=\"ok\"} 1\n") != std::string_view::npos);
  (void)client.recent_contact_get_list(USER);
  CHECK_INT(stats["calls"], 2);  // a snapshot
  thrown_by<chat::InvalidArgument>(__LINE__, chat::Code::ERR_INVALID_ARGUMENT, [&] { stats.add(client); });  // it is there already
  const chat::Client other(settings().metric_label("client", "other"));
  stats.add(other);
  CHECK(stats.prometheus().find("tencent_chat_connections_open{client=\"other\"} 0\n") != std::string_view::npos);
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

static const chat::Contact peer = chat::Contact::one_to_one("user_0002");

static void a_mark_outside_0_to_63_is_refused_where_it_is_named() {
  for (const int number : {-1, 64, 1000, -2147483647 - 1}) {
    const auto set = thrown_by<chat::InvalidArgument>(
        __LINE__, chat::Code::ERR_INVALID_ARGUMENT, [&] { chat::Mark(peer).set_mark(number); });
    CHECK_HAS(set.what(), ("set_mark: there is no standard mark " + std::to_string(number)).c_str());
    const auto clear =
        thrown_by<chat::InvalidArgument>(
            __LINE__, chat::Code::ERR_INVALID_ARGUMENT, [&] { chat::Mark(peer).clear_mark(number); });
    CHECK_HAS(clear.what(), "clear_mark: there is no standard mark");
  }
  const chat::Mark mark = chat::Mark(peer).set_mark(0).set_mark(63).clear_mark(32);
  CHECK(mark.set_marks() == (std::uint64_t{1} << 63 | 1u) && mark.clear_marks() == std::uint64_t{1} << 32 && !mark.custom_mark());
}

static void contacts_are_values_that_can_be_compared_and_be_keys() {
  CHECK(peer == chat::Contact(chat::ContactType::ONE_TO_ONE, "user_0002") && peer != chat::Contact::group_chat("user_0002"));
  std::map<chat::Contact, int> order{{chat::Contact::group_chat("@TGS#1B2AUI7RZ"), 3}, {peer, 2}, {chat::Contact::one_to_one("a"), 1}, {peer, 9}};
  CHECK_INT(order.size(), 3);
  CHECK_INT(order.begin()->second, 1);
  CHECK_INT(order.at(peer), 2);
}

int main(int argc, char** argv) {
  find_emulator(argc, argv);
  KEEP(a_client_is_made_in_one_expression_and_moves);
  KEEP(a_moved_from_object_is_refused_with_a_message);
  KEEP(an_empty_response_answers_nothing);
  KEEP(a_response_outlives_its_client);
  KEEP(assigning_frees_what_was_there);
  KEEP(a_call_that_throws_frees_everything_it_held);
  KEEP(an_error_keeps_its_response_after_everything_else_is_gone);
  KEEP(destroying_a_client_ends_the_calls_inside_and_waits_for_them);
  KEEP(stats_are_read_by_name_as_a_map_and_as_text);
  KEEP(a_client_of_the_parent_throws_in_a_child_and_its_end_there_is_harmless);
  KEEP(a_mark_outside_0_to_63_is_refused_where_it_is_named);
  KEEP(contacts_are_values_that_can_be_compared_and_be_keys);
  return broken_promises != 0;
}
