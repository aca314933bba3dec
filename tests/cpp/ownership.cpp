// Handles move and are never copied; a moved-from object is refused or answers nothing; a failure in the middle leaks nothing
// (valgrind counts); a client that is destroyed ends its calls first.
#include "settings.hpp"

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
  return broken_promises != 0;
}
