// The calls of the suite by the C++ face: typed values, and exceptions by class.
#include "runner.hpp"

#include <tencent_chat.hpp>

#include <cstring>
#include <type_traits>

namespace chat = tencent_chat;
using Members = std::map<std::string, Json>;

std::vector<std::string> never_shown() { return {}; }

namespace {

Json num(std::int64_t value) { return static_cast<long double>(value); }

Json plain(const chat::Contact& contact) { return Members{{"type", static_cast<int>(contact.type())}, {"id", contact.id()}}; }
Json plain(const chat::Group& group) { return Members{{"name", group.name}, {"id", num(group.id)}}; }
Json plain(const std::string& text) { return text; }

Json plain(const chat::ContactResult& one) {
  return Members{{"contact", plain(one.contact)}, {"result_code", static_cast<int>(one.result_code)}, {"result_info", one.result_info}, {"opt_type", num(one.opt_type)}};
}

template <typename T>
Json account(const T& one) {
  return Members{{"user_id", one.user_id}, {"result_code", static_cast<int>(one.result_code)}, {"result_info", one.result_info}};
}
Json plain(const chat::AccountResult& one) { return account(one); }
Json plain(const chat::AccountStatus& one) {
  Json all = account(one);
  all.members["account_status"] = one.account_status;
  return all;
}

Json plain(const std::set<int>& marks) {
  std::vector<Json> all;
  for (const int mark : marks) all.emplace_back(mark);
  return all;
}
Json plain(const chat::ContactGroupEntry& one) {
  std::vector<Json> ids, names;
  for (const chat::Group& group : one.groups) ids.push_back(num(group.id)), names.emplace_back(group.name);
  return Members{{"contact", plain(one.contact)}, {"standard_mark", one.standard_mark}, {"custom_mark", one.custom_mark}, {"group_ids", ids},
                 {"group_names", names}, {"timestamp", num(one.timestamp)}, {"marks", plain(one.marks)}};
}
Json plain(const chat::RecentContact& one) {
  std::vector<Json> ids;
  for (const std::int64_t id : one.contact_group_ids) ids.push_back(num(id));
  return Members{{"contact", plain(one.contact)}, {"standard_mark", one.standard_mark}, {"custom_mark", one.custom_mark},
                 {"group_ids", ids}, {"msg_time", num(one.msg_time)}, {"pinned", one.is_pinned}, {"marks", plain(one.marks)}};
}

template <typename T>
Json all_of(const std::vector<T>& values) {
  std::vector<Json> all;
  for (const T& value : values) all.push_back(plain(value));
  return all;
}

// A result in Python's names: what it has of them.
#define PART(NAME, VALUE)                                                             \
  template <typename R>                                                               \
  auto put_##NAME(Members& all, const R& r, int) -> decltype(void(VALUE)) {           \
    all[#NAME] = VALUE;                                                               \
  }                                                                                   \
  template <typename R>                                                               \
  void put_##NAME(Members&, const R&, long) {}
PART(group, plain(r.group))
PART(groups, all_of(r.groups))
PART(old_group_name, Json(r.old_name))
PART(fail_accounts, all_of(r.fail_accounts))
PART(complete, Json(r.is_complete))
PART(next_start_index, num(r.next_start_index))
PART(time_stamp, num(r.next.time_stamp))
PART(start_index, num(r.next.start_index))
PART(top_time_stamp, num(r.next.top_time_stamp))
PART(top_start_index, num(r.next.top_start_index))
#undef PART

// One for each of what was given, or those that the service has.
constexpr const char* name_of(const chat::ContactResult*) { return "items"; }
constexpr const char* name_of(...) { return "entries"; }
template <typename R>
auto put_list(Members& all, const R& r, int) -> decltype(void(r.contacts)) { all[name_of(r.contacts.data())] = all_of(r.contacts); }
template <typename R>
auto put_list(Members& all, const R& r, int) -> decltype(void(r.accounts)) { all["items"] = all_of(r.accounts); }
template <typename R>
void put_list(Members&, const R&, long) {}

template <typename R>
Json plain(const R& r) {
  Members all;
  put_group(all, r, 0), put_groups(all, r, 0), put_old_group_name(all, r, 0), put_fail_accounts(all, r, 0), put_complete(all, r, 0);
  put_next_start_index(all, r, 0), put_time_stamp(all, r, 0), put_start_index(all, r, 0), put_top_time_stamp(all, r, 0), put_top_start_index(all, r, 0);
  put_list(all, r, 0);
  return all.empty() ? Json() : Json(all);
}

const chat::Response& last_of(const chat::Response& response) { return response; }
template <typename R>
auto last_of(const R& result) -> decltype((result.response)) { return result.response; }
template <typename R>
auto last_of(const R& result) -> decltype((result.responses.back())) { return result.responses.back(); }
template <typename R>
auto parts_of(const R& result, int) -> decltype(result.responses.size()) { return result.responses.size(); }
template <typename R>
std::size_t parts_of(const R&, long) { return 1; }

Json seen_of(int code, std::string message, const chat::Response& response) {
  const bool doubt = response.is_in_doubt(), gone = response.is_already_deleted();
  Json seen = Members{{"code", code}, {"outcome", outcome(code, doubt, gone, response.attempts())}, {"in_doubt", doubt}, {"already_deleted", gone},
                      {"attempts", response.attempts()}, {"message", std::move(message)}, {"http_status", response.http_status()},
                      {"retriable", response.is_retriable()}, {"retry_after_ms", num(response.retry_after().count())}, {"random", num(response.random())},
                      {"trace", read_or_none(std::string(response.trace()))}, {"body", std::string(response.body())}, {"items_done", 0}};
  const Json answer = read_or_none(std::string(response.json()));
  if (!answer.is(Json::Kind::NONE)) seen.members["answer"] = answer;
  return seen;
}

// Whether an error is of the class that the suite names.
template <typename E>
bool is(const chat::Error& error) { return dynamic_cast<const E*>(&error) != nullptr; }

const std::map<std::string, bool (*)(const chat::Error&)>& classes() {
  static const std::map<std::string, bool (*)(const chat::Error&)> all{
      {"InvalidArgument", is<chat::InvalidArgument>}, {"InvalidUtf8", is<chat::InvalidArgument>}, {"Config", is<chat::ConfigError>},
      {"CallTimeout", is<chat::TimeoutError>}, {"Transport", is<chat::TransportError>}, {"Tls", is<chat::TlsError>}, {"HttpStatus", is<chat::HttpStatusError>},
      {"Protocol", is<chat::ProtocolError>}, {"Shutdown", is<chat::ShutdownError>}, {"Throttled", is<chat::ThrottledError>},
      {"Cancelled", is<chat::CancelledError>}, {"Partial", is<chat::PartialError>}, {"GroupNotFound", is<chat::GroupNotFoundError>},
      {"AccountNotImported", is<chat::AccountNotImportedError>}, {"AdminRequired", is<chat::AdminRequiredError>}, {"UserSig", is<chat::UserSigError>},
      {"LockedOut", is<chat::UserSigError>}, {"RateExceeded", is<chat::RateExceededError>}};
  return all;
}

Json seen_of(const chat::Error& error) {
  Json seen = seen_of(error.number(), std::string(error.message()), error.response());
  std::vector<Json> names;
  for (const auto& [name, is_one] : classes()) if (is_one(error)) names.emplace_back(name);
  // Classes that only other languages tell apart.
  for (const char* name : {"Service", "InvalidParameter", "GroupNameTooLong", "LimitReached", "Plan", "IpNotAllowed", "SdkAppId"}) {
    if (is<chat::ServiceError>(error)) names.emplace_back(name);
  }
  seen.members["error"] = names;
  seen.members["items_done"] = num(static_cast<std::int64_t>(error.done()));
  return seen;
}

std::vector<chat::Contact> contacts(const Json& pairs) {
  std::vector<chat::Contact> all;
  for (const Json& pair : pairs.list) all.emplace_back(static_cast<chat::ContactType>(static_cast<int>(pair.list[0].number)), pair.list[1].text);
  return all;
}

std::vector<chat::Mark> marks(const Json& given) {
  std::vector<chat::Mark> all;
  for (const Json& one : given.list) {
    const std::vector<Json>& pair = one["contact"].list;
    chat::Mark mark(chat::Contact(static_cast<chat::ContactType>(static_cast<int>(pair[0].number)), pair[1].text));
    for (const Json& bit : one["set"].list) mark.set_mark(static_cast<int>(bit.number));
    for (const Json& bit : one["clear"].list) mark.clear_mark(static_cast<int>(bit.number));
    if (one.has("custom_mark")) mark.custom_mark(one["custom_mark"].text);
    all.push_back(std::move(mark));
  }
  return all;
}

chat::Account account_of(const Json& one) {
  chat::Account account;
  account.user_id = one.is(Json::Kind::TEXT) ? one.text : one["user_id"].text;
  if (one["nick"].is(Json::Kind::TEXT)) account.nick = one["nick"].text;
  if (one["face_url"].is(Json::Kind::TEXT)) account.face_url = one["face_url"].text;
  return account;
}

std::vector<chat::Account> accounts(const Json& given) {
  std::vector<chat::Account> all;
  for (const Json& one : given.list) all.push_back(account_of(one));
  return all;
}

std::vector<std::string> user_ids(const Json& given) {
  std::vector<std::string> all;
  for (const Json& one : given.list) all.push_back(account_of(one).user_id);
  return all;
}

// An argument of a case as whatever type the command takes it.
class Argument {
 public:
  Argument(const Json& args, const char* name, const std::string& body) : args_(args), name_(name), body_(body) {}

  operator std::string_view() const { return std::strcmp(name_, "json") == 0 ? body_ : value().text; }
  operator bool() const { return value().yes; }
  operator std::int64_t() const { return static_cast<std::int64_t>(value().number_or(0)); }
  operator std::uint32_t() const {
    return args_.has(name_) || std::strcmp(name_, "assist_flags") != 0 ? static_cast<std::uint32_t>(value().number_or(0)) : CHAT_ASSIST_FLAGS;
  }
  operator chat::Contact() const { return contacts(std::vector<Json>{value()})[0]; }
  operator chat::Account() const { return account_of(args_); }
  operator chat::RecentContactCursor() const {
    const auto at = [this](const char* name) { return static_cast<std::int64_t>(args_[name].number_or(0)); };
    chat::RecentContactCursor cursor;
    cursor.time_stamp = at("time_stamp"), cursor.start_index = at("start_index");
    cursor.top_time_stamp = at("top_time_stamp"), cursor.top_start_index = at("top_start_index");
    return cursor;
  }
  operator std::vector<chat::Contact>() const { return contacts(value()); }
  operator std::vector<chat::Mark>() const { return marks(value()); }
  operator std::vector<chat::Account>() const { return accounts(value()); }
  operator std::vector<std::string>() const { return user_ids(value()); }

 private:
  const Json& value() const { return args_[name_]; }

  const Json& args_;
  const char* name_;
  const std::string& body_;
};

class CppFace : public Face {
 public:
  explicit CppFace(const chat::Config& config) : client_(std::make_unique<chat::Client>(config)) {}

  Json call(const std::string& name, const Json& args, const Json& options) override {
    return watched([&] { return make(name, args, options); });
  }

  Go items(const std::string& name, const Json& args, const Json& given) override {
    const std::string user = args["from_account"].text;
    if (name == "contact_group_items") {
      return goes(std::make_shared<chat::Items<chat::ContactGroupEntry>>(client_->contact_group_items(user, options_of(given))));
    }
    return goes(std::make_shared<chat::Items<chat::RecentContact>>(client_->recent_contact_items(user, options_of(given))));
  }

  Json set(const std::string& name, const std::string& value) override {
    return watched([&] {
      if (name == "secret_key") client_->set_secret_key(value);
      else client_->set_user_sig(value);
      return seen_of(CHAT_OK, "", {});
    });
  }

  Json user_sig(const Json& given, const Json& inspect) override {
    return watched([&] {
      const auto u32 = [](const Json& value) { return static_cast<std::uint32_t>(value.number_or(0)); };
      const auto sig = [&] {
        const std::uint32_t app = u32(given["sdk_app_id"]), allowed = u32(given["privilege_map"]);
        const std::string &user = given["identifier"].text, &held = given["secret_key"].text;
        const std::chrono::seconds lifetime(u32(given["lifetime_s"]));
        if (!given.has("privilege_map")) return chat::user_sig_new(app, user, held, lifetime);
        if (given.has("room_id")) return chat::private_map_key_new(app, user, held, lifetime, u32(given["room_id"]), allowed);
        return chat::private_map_key_new(app, user, held, lifetime, given["string_room_id"].text, allowed);
      };
      const std::string made = inspect.has("user_sig") ? inspect["user_sig"].text : sig();
      const std::string held = inspect["secret_key"].text;
      const std::optional<std::string_view> key = held.empty() ? std::nullopt : std::optional<std::string_view>(held);
      const chat::InspectedUserSig told = chat::user_sig_inspect(made, u32(inspect["sdk_app_id"]), key);
      const auto checked = [](const std::optional<bool>& matches) { return matches ? Json(*matches) : Json(); };
      Json map;
      if (told.private_map) {
        map = Members{{"privilege_map", num(told.private_map->privilege_map)}};
        if (told.private_map->room_id) map.members["room_id"] = num(*told.private_map->room_id);
        if (told.private_map->string_room_id) map.members["string_room_id"] = *told.private_map->string_room_id;
      }
      return Json(Members{{"code", 0}, {"private_map", map}, {"identifier", told.identifier}, {"sdk_app_id", num(told.sdk_app_id)}, {"expired", told.is_expired},
                          {"app_matches", checked(told.app_matches)}, {"key_matches", checked(told.key_matches)}, {"valid", told.is_valid},
                          {"verdict", told.verdict}});
    });
  }

  Json warm_up(std::uint32_t n, std::uint32_t timeout_ms) override {
    return watched([&] {
      client_->warm_up(n, std::chrono::milliseconds(timeout_ms));
      return seen_of(CHAT_OK, "", {});
    });
  }

  Json stats() override {
    const chat::Stats stats = client_->stats();
    Json all = Members{{"prometheus", std::string(stats.prometheus())}};
    for (const auto& [name, value] : stats.values()) all.members[name] = static_cast<long double>(value);
    show(all.write());
    return all;
  }

  void shutdown() override { client_->shutdown(); }
  void cancel() override { cancel_.trigger(); }
  void close(const Json& drain_ms) override {
    if (client_ && drain_ms.is(Json::Kind::NUMBER)) client_->drain(std::chrono::milliseconds(static_cast<long>(drain_ms.number)));
    else client_.reset();
  }

 private:
  Json watched(const std::function<Json()>& act) {
    try {
      const Json seen = act();
      show(seen.write());
      return seen;
    } catch (const chat::Error& error) {
      const Json seen = seen_of(error);
      show(seen.write() + error.what());
      return seen;
    }
  }

  template <typename Entry>
  Go goes(std::shared_ptr<chat::Items<Entry>> items) {
    return [this, items](long most) {
      std::vector<Json> came;
      Json seen = watched([&] {
        while (static_cast<long>(came.size()) != most) {
          const auto entry = items->next();
          if (!entry) break;
          came.push_back(plain(*entry));
        }
        return seen_of(CHAT_OK, "", {});
      });
      seen.members["items"] = came;
      seen.members["complete"] = items->is_complete();
      return seen;
    };
  }

  chat::CallOptions options_of(const Json& given) const {
    chat::CallOptions options;
    const auto number = [](const Json& value) { return static_cast<std::uint32_t>(value.number_or(0)); };
    for (const auto& [name, value] : given.members) {
      const std::chrono::milliseconds time(number(value));
      if (name == "timeout_ms") options.timeout(time);
      if (name == "attempt_timeout_ms") options.attempt_timeout(time);
      if (name == "connect_timeout_ms") options.connect_timeout(time);
      if (name == "max_attempts") options.max_attempts(number(value));
      if (name == "random") options.random(number(value));
      if (name == "repeat_in_doubt") options.repeat_in_doubt(value.yes);
      if (name == "cancel" && value.yes) options.cancel(cancel_);
    }
    return options;
  }

  template <typename Result>
  static Json seen_of_result(const Result& result) {
    Json seen = seen_of(CHAT_OK, std::string(last_of(result).message()), last_of(result));
    Json read = plain(result);
    if (!read.is(Json::Kind::NONE)) seen.members["result"] = std::move(read);
    seen.members["parts"] = num(static_cast<std::int64_t>(parts_of(result, 0)));
    return seen;
  }

  // One call, split if it can be and is to be; a failure with a result shows both.
  template <typename Act>
  static Json told(const Act& act, bool split, const chat::CallOptions& options) {
    using Result = decltype(act(options));
    try {
      if constexpr (std::is_invocable_v<Act, const chat::Split&, const chat::CallOptions&>) {
        if (split) return seen_of_result(act(chat::split, options));
      }
      return seen_of_result(act(options));
    } catch (const chat::Error& error) {
      Json seen = seen_of(error);
      if (const Result* result = error.template result<Result>()) {
        seen.members["result"] = plain(*result);
        seen.members["parts"] = num(static_cast<std::int64_t>(parts_of(*result, 0)));
      }
      return seen;
    }
  }

  Json make(const std::string& name, const Json& args, const Json& given) {
    const chat::Client& c = *client_;
    const chat::CallOptions options = options_of(given);
    const std::string body = args.has("body") ? args["body"].write() : "";
    const auto arg = [&](const char* of) { return Argument(args, of, body); };
#define COMMAND(NAME, ...)                                                                        \
  if (name == #NAME) {                                                                            \
    const auto act = [&](const auto&... how) -> decltype(c.NAME(__VA_ARGS__)) { return c.NAME(__VA_ARGS__); }; \
    return told(act, given["split"].yes, options);                                                \
  }
#include "commands.hpp"
#undef COMMAND
    throw Broken("C++ knows no command " + name);
  }

  std::unique_ptr<chat::Client> client_;
  chat::Cancel cancel_;
};

void apply(chat::Config& config, const std::string& name, const Json& value) {
  using std::chrono::milliseconds;
  using std::chrono::seconds;
  const auto number = static_cast<std::uint32_t>(value.number_or(0));
  static const std::map<std::string, chat::Config& (chat::Config::*)(std::string_view)> texts{
      {"region", &chat::Config::region}, {"base_url", &chat::Config::base_url}, {"standby_url", &chat::Config::standby_url},
      {"identifier", &chat::Config::identifier}, {"secret_key", &chat::Config::secret_key}, {"user_sig", &chat::Config::user_sig},
      {"ca_file", &chat::Config::ca_file}, {"add_ca_file", &chat::Config::add_ca_file}, {"proxy", &chat::Config::proxy},
      {"user_agent", &chat::Config::user_agent}};
  static const std::map<std::string, chat::Config& (chat::Config::*)(std::uint32_t)> numbers{
      {"sdk_app_id", &chat::Config::sdk_app_id}, {"max_attempts", &chat::Config::max_attempts}, {"rate_limit", &chat::Config::rate_limit},
      {"shared_limit_fallback", &chat::Config::shared_limit_fallback}, {"max_connections", &chat::Config::max_connections}};
  static const std::map<std::string, chat::Config& (chat::Config::*)(milliseconds)> times{
      {"timeout_ms", &chat::Config::timeout}, {"attempt_timeout_ms", &chat::Config::attempt_timeout}, {"connect_timeout_ms", &chat::Config::connect_timeout},
      {"idle_timeout_ms", &chat::Config::idle_timeout}};
  static const std::map<std::string, chat::Config& (chat::Config::*)(bool)> flags{
      {"use_standby", &chat::Config::use_standby}, {"allow_insecure_http", &chat::Config::allow_insecure_http},
      {"local_limits", &chat::Config::local_limits}, {"system_ca", &chat::Config::system_ca}};
  if (texts.count(name) != 0) (config.*texts.at(name))(value.text);
  else if (numbers.count(name) != 0) (config.*numbers.at(name))(number);
  else if (times.count(name) != 0) (config.*times.at(name))(milliseconds(number));
  else if (flags.count(name) != 0) (config.*flags.at(name))(value.number_or(0) != 0);
  else if (name == "user_sig_lifetime_s") config.user_sig_lifetime(seconds(number));
  else if (name == "tcp_keepalive_s") config.tcp_keepalive(seconds(number));
  else if (name == "shared_limit") config.shared_limit(value.list[0].text, value.list[1].text);
  else if (name == "client_certificate") config.client_certificate(value.list[0].text, value.list[1].text);
  else if (name == "metric_labels") {
    for (const auto& [label, content] : value.members) config.metric_label(label, content.text);
  } else throw Broken("C++ knows no setting " + name);
}

}  // namespace

Json make_client(const Json& settings, std::unique_ptr<Face>& face) {
  try {
    chat::Config config;
    for (const auto& [name, value] : settings.members) apply(config, name, value);
    face = std::make_unique<CppFace>(config);
    return seen_of(CHAT_OK, "", {});
  } catch (const chat::Error& error) {
    return seen_of(error);
  }
}

int main(int argc, char** argv) { return keep_promises(argc, argv); }
