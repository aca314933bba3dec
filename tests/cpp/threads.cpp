// One client under many threads: every call gets its own answer, cancel and interrupt end what they should, and keys are replaced
// under calls.
#include "settings.hpp"

#include <atomic>
#include <cstdio>
#include <functional>
#include <memory>
#include <stdexcept>
#include <thread>
#include <vector>

namespace chat = tencent_chat;
using namespace std::chrono_literals;

static chat::Client client_for_a_minute() {
  reset_emulator();
  return chat::Client(settings());
}

static void threads_sharing_a_client_each_get_their_own_answer() {
  const chat::Client client = client_for_a_minute();
  std::atomic<int> own{0}, foreign{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 8; ++t) {
    threads.emplace_back([&, t] {
      for (int round = 0; round < 10; ++round) {
        const std::string name = "group_" + std::to_string(t) + "_" + std::to_string(round);
        (void)client.call(CREATE_PATH, R"({"From_Account":"user_0001","GroupContactItem":[{"GroupName":")" + name + "\"}]}");
        const chat::DeletedGroups deleted = client.del_contact_group("user_0001", name);
        ++(deleted.groups.size() == 1 && deleted.groups.front().name == name ? own : foreign);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK_INT(own.load(), 80);
  CHECK_INT(foreign.load(), 0);
  CHECK_INT(requests_seen(), 160);
  CHECK_INT(groups_held(client.handle()), 0);
}

static void a_response_may_be_read_by_many_threads() {
  const chat::Client client = client_for_a_minute();
  create_group(client.handle(), GROUP);
  const chat::DeletedGroups deleted = client.del_contact_group(USER, GROUP);
  std::atomic<int> right{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 8; ++t) {
    threads.emplace_back([&] {
      const bool same = deleted.response.str("/GroupItem/0/GroupName") == GROUP && deleted.response.trace().size() > 2;
      right += same && deleted.response.integer("/GroupItem/0/GroupId") == 1;
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK_INT(right.load(), 8);
}

static void options_outlive_the_token_they_were_given() {
  const chat::Client client = client_for_a_minute();
  chat::CallOptions options;
  options.cancel(chat::Cancel());
  try {
    (void)client.del_contact_group(USER, GROUP, options);
  } catch (const chat::GroupNotFoundError& error) {
    CHECK_INT(error.response().attempts(), 1);
    return;
  }
  CHECK(!"the service never answered");
}

static void an_interrupt_is_asked_on_the_calling_thread_also_after_the_options_moved() {
  const chat::Client client = client_for_a_minute();
  std::thread::id asked;
  chat::CallOptions first;
  first.interrupt([&asked] {
    asked = std::this_thread::get_id();
    return true;
  });
  const chat::CallOptions options(std::move(first));
  add_fault("{\"hang\":true}");
  try {
    (void)client.del_contact_group(USER, GROUP, options);
    CHECK(!"the call went on");
  } catch (const chat::CancelledError&) {
    CHECK(asked == std::this_thread::get_id());
  }
  clear_faults();
}

// Not an exception of the standard library's: whatever the caller throws comes back as it is.
struct Enough {
  std::thread::id thrown_on;
};

static void an_exception_in_an_interrupt_comes_out_of_its_own_call() {
  const chat::Client client = client_for_a_minute();
  chat::CallOptions options;
  options.interrupt([]() -> bool { throw Enough{std::this_thread::get_id()}; });
  const std::vector<chat::Contact> contacts(301, chat::Contact::one_to_one(USER));
  const std::function<void()> calls[] = {
      [&] { (void)client.del_contact_group(USER, GROUP, options); },
      [&] { (void)client.search_contact_group(USER, contacts, chat::split, options); },
      [&] { (void)client.call("v4/recentcontact/del_contact_group", "{}", options); },
      [&] { (void)client.contact_group_items(USER, chat::CallOptions().interrupt([]() -> bool { throw Enough{std::this_thread::get_id()}; })).next(); },
  };
  add_fault("{\"hang\":true,\"times\":0}");
  std::atomic<int> own{0};
  std::vector<std::thread> threads;  // all with the same options at once
  for (const auto& call : calls) {
    for (int i = 0; i < 2; ++i) {
      threads.emplace_back([&] {
        try {
          call();
        } catch (const Enough& enough) {
          own += enough.thrown_on == std::this_thread::get_id() ? 1 : 0;
        } catch (const std::exception&) {
        }
      });
    }
  }
  for (std::thread& thread : threads) thread.join();
  CHECK_INT(own, 8);
  clear_faults();
  // What was thrown is over: the next call of this thread with a calm interrupt succeeds or fails on its own.
  bool is_thrown = false;
  options.interrupt([&is_thrown]() -> bool {
    if (is_thrown) throw Enough{};
    return false;
  });
  create_group(client.handle(), "calm");
  CHECK_INT(client.del_contact_group(USER, "calm", options).groups.size(), 1);
}

// Calls that hang, wait for a connection, for a slot and between attempts: all of them end, and none touches what is gone.
static void destroying_a_client_ends_the_calls_inside_and_waits_for_them() {
  for (int round = 0; round < 10; ++round) {
    reset_emulator();
    chat::Config config = settings();
    config.max_connections(6).rate_limit(20);
    auto client = std::make_unique<chat::Client>(config);
    const chat::Client* shared = client.get();
    std::atomic<int> begun{0}, ended_by_shutdown{0}, other{0};
    add_fault("[{\"code\":60007,\"times\":2},{\"hang\":true,\"times\":0}]");
    std::vector<std::thread> threads;
    for (int t = 0; t < 16; ++t) {
      threads.emplace_back([&, shared] {
        ++begun;
        try {
          (void)shared->del_contact_group(USER, GROUP);
          ++other;
        } catch (const chat::ShutdownError& error) {
          ended_by_shutdown += error.response().code() == chat::Code::ERR_SHUTDOWN;
        } catch (const chat::Error& error) {
          std::fprintf(stderr, "  %s\n", error.what());
          ++other;
        }
      });
    }
    wait_for_requests(3);
    while (begun < 16 || shared->stats()["calls_in_progress"] < 16) nap_ms(1);
    client.reset();
    for (std::thread& thread : threads) thread.join();
    CHECK_INT(ended_by_shutdown.load(), 16);
    CHECK_INT(other.load(), 0);
  }
  clear_faults();
}

static void a_client_that_is_moved_under_nobody_serves_on_and_the_old_name_refuses() {
  reset_emulator();
  chat::Client first(settings());
  (void)first.recent_contact_get_list(USER);
  const chat::Client second(std::move(first));
  (void)second.recent_contact_get_list(USER);
  CHECK_INT(second.stats()["calls_ok"], 2);
  CHECK_INT(second.stats()["connections_opened"], 1);
  thrown_by<chat::InvalidArgument>(__LINE__, chat::Code::ERR_INVALID_ARGUMENT, [&] { (void)first.stats(); });  // NOLINT: on purpose
}

int main(int argc, char** argv) {
  find_emulator(argc, argv);
  KEEP(threads_sharing_a_client_each_get_their_own_answer);
  KEEP(a_response_may_be_read_by_many_threads);
  KEEP(options_outlive_the_token_they_were_given);
  KEEP(an_interrupt_is_asked_on_the_calling_thread_also_after_the_options_moved);
  KEEP(an_exception_in_an_interrupt_comes_out_of_its_own_call);
  KEEP(destroying_a_client_ends_the_calls_inside_and_waits_for_them);
  KEEP(a_client_that_is_moved_under_nobody_serves_on_and_the_old_name_refuses);
  return broken_promises != 0;
}
