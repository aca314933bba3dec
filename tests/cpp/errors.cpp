// Each class of failure is an exception of its own that carries code, message and answer; what C cannot take is refused before C.
#include "settings.hpp"

#include <functional>
#include <stdexcept>
#include <limits>
#include <string>
#include <type_traits>
#include <typeinfo>

namespace chat = tencent_chat;
using namespace std::chrono_literals;

static_assert(std::is_nothrow_copy_constructible_v<chat::ServiceError> && std::is_nothrow_copy_assignable_v<chat::ServiceError>);
static_assert(std::is_base_of_v<std::exception, chat::Error>);

// Runs what has to throw exactly this class with this code.
template <typename Expected>
static void expect(int line, chat::Code code, const std::function<void()>& run) {
  try {
    run();
    broken(__FILE__, line, "nothing was thrown");
  } catch (const chat::Error& error) {
    check_int(__FILE__, line, "code", error.number(), static_cast<int>(code));
    if (typeid(error) != typeid(Expected)) broken(__FILE__, line, typeid(error).name());
    if (error.message().empty()) broken(__FILE__, line, "an error without a message");
    check_has(__FILE__, line, "what", error.what(), (std::to_string(error.number()) + ": ").c_str());
    if (error.response().handle() != nullptr && error.response().code() != code) broken(__FILE__, line, "the response differs");
  }
}

static void a_refusal_is_caught_by_each_of_its_bases() {
  reset_emulator();
  const chat::Client client(settings_for_one_attempt());
  int caught = 0;
  try {
    (void)client.del_contact_group(USER, GROUP);
  } catch (const chat::ServiceError& error) {
    ++caught;
    CHECK(error.code() == chat::Code::SERVICE_GROUP_NOT_FOUND);
    CHECK(error.response().body().find("51009") != std::string_view::npos);
    CHECK(error.message() == error.response().message());
  }
  try {
    add_fault("{\"drop\":\"fin\"}");
    (void)client.del_contact_group(USER, GROUP);
  } catch (const std::exception& error) {
    ++caught;
    CHECK_HAS(error.what(), "-5: ");
  }
  CHECK_INT(caught, 2);
}

static void text_with_a_nul_is_refused_by_name_and_sends_nothing() {
  reset_emulator();
  const chat::Client client(settings());
  const std::string nul("a\0b", 3);
  const auto refused = [](const char* argument, const std::function<void()>& run) {
    try {
      run();
      broken(__FILE__, __LINE__, argument);
    } catch (const chat::InvalidArgument& error) {
      CHECK_STR(error.what(), (std::string("-1: ") + argument + ": holds a NUL character; remove it").c_str());
      CHECK(error.response().handle() == nullptr);
    }
  };
  refused("from_account", [&] { (void)client.del_contact_group(nul, GROUP); });
  refused("group_name", [&] { (void)client.del_contact_group(USER, nul); });
  refused("path", [&] { (void)client.call(nul); });
  refused("secret_key", [&] { client.set_secret_key(nul); });
  refused("user_sig", [&] { client.set_user_sig(nul); });
  refused("pointer", [&] { (void)chat::Response().has(nul); });
  chat::Config config;
  refused("region", [&] { config.region(nul); });
  refused("base_url", [&] { config.base_url(nul); });
  refused("standby_url", [&] { config.standby_url(nul); });
  refused("name", [&] { (void)client.stats()[nul]; });
  refused("identifier", [&] { config.identifier(nul); });
  refused("secret_key", [&] { config.secret_key(nul); });
  refused("user_sig", [&] { config.user_sig(nul); });
  refused("ca_file", [&] { config.ca_file(nul); });
  refused("add_ca_file", [&] { config.add_ca_file(nul); });
  refused("proxy", [&] { config.proxy(nul); });
  refused("user_agent", [&] { config.user_agent(nul); });
  CHECK_INT(requests_seen(), 0);
}

static void a_view_into_a_longer_text_is_taken_as_it_is() {
  reset_emulator();
  const chat::Client client(settings());
  const std::string_view longer = "group_0001 and more";
  create_group(client.handle(), "group_0001");
  CHECK(client.del_contact_group(std::string_view("user_0001xyz").substr(0, 9), longer.substr(0, 10)).groups.size() == 1);
}

static void a_running_client_says_why_it_refuses_a_key_as_its_settings_do() {
  const chat::Client client(settings());
  chat::Config config;
  const std::string long_key(300, 'k');
  for (const std::string& bad : {std::string("a b"), std::string(), std::string("\xff"), long_key, std::string("?")}) {
    using Set = std::function<void()>;
    const std::pair<Set, Set> pairs[] = {{[&] { client.set_secret_key(bad); }, [&] { config.secret_key(bad); }},
                                         {[&] { client.set_user_sig(bad); }, [&] { config.user_sig(bad); }}};
    for (const auto& [of_client, of_config] : pairs) {
      std::string told[2];
      const Set* both[] = {&of_client, &of_config};
      for (int i = 0; i < 2; ++i) {
        try {
          (*both[i])();
        } catch (const chat::InvalidArgument& error) {
          told[i] = error.what();
        }
      }
      CHECK_STR(told[0].c_str(), told[1].c_str());
      if (bad.size() > 2) CHECK_LACKS(told[0].c_str(), bad.c_str());
    }
  }
}

// Makes a call whose answer has this member among others.
template <typename Call>
static void answer_once(const std::string& members, const Call& call) {
  reset_emulator();
  add_fault(("{\"answer\":{\"status\":200,\"body\":\"{\\\"ActionStatus\\\":\\\"OK\\\",\\\"ErrorCode\\\":0," + members + "}\"}}").c_str());
  call();
}

static void members_are_read_by_one_rule_and_one_of_another_type_is_named_beside_all_others() {
  const chat::Client client(settings());
  for (const char* number : {"7", "7.0", "70e-1", "\\\"7\\\""}) {
    answer_once(std::string("\\\"GroupItem\\\":[{\\\"GroupName\\\":\\\"g\\\",\\\"GroupId\\\":") + number + "}]",
                [&] { CHECK_INT(client.del_contact_group(USER, GROUP).groups.at(0).id, 7); });
  }
  struct Wrong {
    const char* members;
    const char* place;
  };
  const Wrong wrong[] = {
      {"\\\"GroupItem\\\":[{\\\"GroupName\\\":\\\"g\\\",\\\"GroupId\\\":\\\"odd\\\"}]", "/GroupItem/0/GroupId"},
      {"\\\"GroupItem\\\":[{\\\"GroupName\\\":\\\"g\\\",\\\"GroupId\\\":1.5}]", "/GroupItem/0/GroupId"},
      {"\\\"GroupItem\\\":[{\\\"GroupName\\\":\\\"g\\\"},{\\\"GroupName\\\":5}]", "/GroupItem/1/GroupName"},
      {"\\\"GroupItem\\\":[{\\\"GroupName\\\":\\\"g\\\"},{\\\"GroupName\\\":true}]", "/GroupItem/1/GroupName"},
      {"\\\"GroupItem\\\":[{\\\"GroupName\\\":\\\"g\\\"},{\\\"GroupName\\\":[]}]", "/GroupItem/1/GroupName"},
  };
  for (const Wrong& one : wrong) {
    answer_once(one.members, [&] {
      const auto error = thrown_by<chat::ProtocolError>(__LINE__, chat::Code::ERR_PROTOCOL, [&] { (void)client.del_contact_group(USER, GROUP); });
      CHECK_HAS(error.what(), one.place);
      const auto* rest = error.result<chat::DeletedGroups>();
      CHECK(rest != nullptr && rest->groups.at(0).name == "g" && rest->response.code() == chat::Code::OK);
    });
  }
  for (const char* nothing : {"\\\"GroupItem\\\":null", "\\\"Other\\\":1"}) {
    answer_once(nothing, [&] { CHECK(client.del_contact_group(USER, GROUP).groups.empty()); });
  }
  answer_once("\\\"GroupItem\\\":[{\\\"GroupName\\\":\\\"\\\",\\\"GroupId\\\":null}]", [&] {
    const chat::DeletedGroups deleted = client.del_contact_group(USER, GROUP);
    CHECK(deleted.groups.at(0).name.empty() && deleted.groups.at(0).id == 0);
  });
  answer_once("\\\"CompleteFlag\\\":1,\\\"SessionItem\\\":[{\\\"Type\\\":1,\\\"To_Account\\\":\\\"b\\\",\\\"MsgTime\\\":\\\"noon\\\"},{\\\"Type\\\":1,\\\"To_Account\\\":\\\"c\\\"}]",
              [&] {
                auto items = client.recent_contact_items(USER);
                const auto error = thrown_by<chat::ProtocolError>(__LINE__, chat::Code::ERR_PROTOCOL, [&] { (void)items.next(); });
                CHECK_HAS(error.what(), "/MsgTime");
                CHECK(error.result<chat::RecentContact>()->contact.id() == "b");
                CHECK(items.next()->contact.id() == "c");
              });
}

static void a_duration_that_does_not_fit_is_refused_by_name() {
  chat::Config config;
  expect<chat::InvalidArgument>(__LINE__, chat::Code::ERR_INVALID_ARGUMENT, [&] { config.timeout(-4294962296ms); });  // cut to 32 bits: 5 s
  expect<chat::InvalidArgument>(__LINE__, chat::Code::ERR_INVALID_ARGUMENT, [&] { config.timeout(0ms); });
  expect<chat::InvalidArgument>(__LINE__, chat::Code::ERR_INVALID_ARGUMENT, [&] { config.connect_timeout(4294972296ms); });
  expect<chat::InvalidArgument>(__LINE__, chat::Code::ERR_INVALID_ARGUMENT, [&] { config.attempt_timeout(4294972296ms); });
  expect<chat::InvalidArgument>(__LINE__, chat::Code::ERR_INVALID_ARGUMENT, [&] { config.user_sig_lifetime(4294970896s); });
  chat::CallOptions options;
  expect<chat::InvalidArgument>(__LINE__, chat::Code::ERR_INVALID_ARGUMENT, [&] { options.timeout(-4294962296ms); });
  expect<chat::InvalidArgument>(__LINE__, chat::Code::ERR_INVALID_ARGUMENT, [&] { options.timeout(0ms); });
  expect<chat::InvalidArgument>(__LINE__, chat::Code::ERR_INVALID_ARGUMENT, [&] { options.attempt_timeout(-1ms); });
  expect<chat::InvalidArgument>(__LINE__, chat::Code::ERR_INVALID_ARGUMENT, [&] { options.connect_timeout(4294972296ms); });
  expect<chat::InvalidArgument>(__LINE__, chat::Code::ERR_INVALID_ARGUMENT, [&] { options.interrupt(nullptr); });
  constexpr std::chrono::milliseconds longest(std::numeric_limits<std::uint32_t>::max());
  config.timeout(longest).attempt_timeout(longest).connect_timeout(longest);
  options.timeout(longest).attempt_timeout(longest).connect_timeout(longest);
  create_group(chat::Client(settings().timeout(longest).attempt_timeout(longest).connect_timeout(longest)).handle(), "long");
  CHECK_INT(chat::Client(settings()).del_contact_group(USER, "long", options).groups.size(), 1);
  config.timeout(3s).attempt_timeout(2s).connect_timeout(1s).user_sig_lifetime(24h);
  options.timeout(2min).attempt_timeout(1min).connect_timeout(1s);
}

static void options_are_set_on_a_temporary_as_well() {
  reset_emulator();
  const chat::Client client(settings());
  expect<chat::InvalidArgument>(__LINE__, chat::Code::ERR_INVALID_ARGUMENT, [] { (void)chat::CallOptions().timeout(0ms); });
  chat::Cancel cancel;
  cancel.trigger();
  expect<chat::CancelledError>(__LINE__, chat::Code::ERR_CANCELLED,
                               [&] { (void)client.del_contact_group(USER, GROUP, chat::CallOptions().cancel(cancel)); });
  add_fault("{\"hang\":true}");
  expect<chat::CancelledError>(__LINE__, chat::Code::ERR_CANCELLED, [&] {
    (void)client.del_contact_group(USER, GROUP, chat::CallOptions().random(123).interrupt([] { return requests_seen() > 0; }));
  });
  CHECK(log_holds("\"random\":\"123\""));
  clear_faults();
  chat::CallOptions kept = chat::CallOptions().timeout(5s).random(7);
  kept.random(8).timeout(6s);
}

static void codes_describe_themselves_and_the_version_is_the_headers() {
  CHECK(chat::describe(chat::Code::OK) == "success");
  CHECK(chat::describe(chat::Code::SERVICE_GROUP_NOT_FOUND).find("conversation group") != std::string_view::npos);
  CHECK(chat::version() == CHAT_VERSION);
}

static void a_hook_is_told_of_attempts_what_it_throws_is_dropped_and_it_outlives_its_config() {
  reset_emulator();
  int told = 0;
  auto make = [&] {
    chat::Config config = settings();
    config.attempt_hook([&, owned = std::string("kept")](std::string_view attempt) {
      const auto has = [&](const char* member) { return attempt.find(member) != std::string_view::npos; };
      told += owned == "kept" && has("\"code\":51009") && has("\"path\":\"v4/recentcontact/del_contact_group\"") && has("\"host\":\"") ? 1 : 0;
      throw std::runtime_error("nobody hears it");
    });
    config.idle_timeout(5s).tcp_keepalive(60s).system_ca(false);
    expect<chat::InvalidArgument>(__LINE__, chat::Code::ERR_INVALID_ARGUMENT, [] { chat::Config().idle_timeout(0ms); });
    expect<chat::InvalidArgument>(__LINE__, chat::Code::ERR_INVALID_ARGUMENT, [] { chat::Config().client_certificate("a", ""); });
    return chat::Client(config);
  };
  const chat::Client client = make();
  client.warm_up(2, 20s);
  CHECK(requests_seen() == 0);
  expect<chat::GroupNotFoundError>(__LINE__, chat::Code::SERVICE_GROUP_NOT_FOUND, [&] { (void)client.del_contact_group(USER, GROUP); });
  CHECK(told == 1);
  CHECK(client.drain(20s));
  expect<chat::ShutdownError>(__LINE__, chat::Code::ERR_SHUTDOWN, [&] { (void)client.del_contact_group(USER, GROUP); });
  expect<chat::ShutdownError>(__LINE__, chat::Code::ERR_SHUTDOWN, [&] { client.warm_up(1, 1s); });
}

int main(int argc, char** argv) {
  find_emulator(argc, argv);
  KEEP(a_refusal_is_caught_by_each_of_its_bases);
  KEEP(text_with_a_nul_is_refused_by_name_and_sends_nothing);
  KEEP(a_view_into_a_longer_text_is_taken_as_it_is);
  KEEP(members_are_read_by_one_rule_and_one_of_another_type_is_named_beside_all_others);
  KEEP(a_running_client_says_why_it_refuses_a_key_as_its_settings_do);
  KEEP(a_duration_that_does_not_fit_is_refused_by_name);
  KEEP(options_are_set_on_a_temporary_as_well);
  KEEP(a_hook_is_told_of_attempts_what_it_throws_is_dropped_and_it_outlives_its_config);
  KEEP(codes_describe_themselves_and_the_version_is_the_headers);
  return broken_promises != 0;
}
