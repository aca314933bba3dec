// The calls of the suite by the C face: plain C functions, read back by the accessors.
#include "runner.hpp"

#include "../c/commands.h"

#include <tencent_chat.h>

std::vector<std::string> never_shown() { return {"error", "result", "parts", "items_done"}; }

namespace {

struct Response {
  explicit Response(chat_response* taken = nullptr) : of(taken) {}
  Response(Response&& other) noexcept : of(std::exchange(other.of, nullptr)) {}
  ~Response() { chat_response_free(of); }
  chat_response* of;
};

// A part of the answer by the accessors; `shape` says what is there.
Json accessed(const chat_response* response, const std::string& pointer, const Json& shape) {
  if (shape.is(Json::Kind::OBJECT) || shape.is(Json::Kind::LIST)) {
    Json all = shape;
    if (chat_response_count(response, pointer.c_str()) != all.list.size() + all.members.size()) throw Broken("count of " + pointer);
    for (std::size_t i = 0; i < all.list.size(); ++i) all.list[i] = accessed(response, pointer + "/" + std::to_string(i), shape.list[i]);
    for (auto& [name, one] : all.members) {
      std::string escaped;
      for (const char c : name) escaped += c == '~' ? "~0" : c == '/' ? "~1" : std::string(1, c);
      one = accessed(response, pointer + "/" + escaped, shape[name]);
    }
    return all;
  }
  if (shape.is(Json::Kind::TEXT)) {
    std::size_t length = 0;
    const char* text = chat_response_str(response, pointer.c_str(), &length);
    return std::string(text, length);
  }
  std::int64_t number = 0;
  if (shape.is(Json::Kind::NUMBER) && chat_response_int(response, pointer.c_str(), &number) == CHAT_OK) return static_cast<long double>(number);
  return shape;
}

Json seen_of(int code, const chat_response* response) {
  Json seen;
  seen.kind = Json::Kind::OBJECT;
  std::size_t length = 0;
  const auto put = [&seen](const char* name, Json value) { seen.members[name] = std::move(value); };
  const int attempts = chat_response_attempts(response);
  const bool doubt = chat_response_is_in_doubt(response) != 0, gone = chat_response_is_already_deleted(response) != 0;
  if (response != nullptr && chat_response_code(response) != code) throw Broken("the code returned is not the response's");
  put("code", code);
  put("outcome", outcome(code, doubt, gone, attempts));
  put("in_doubt", doubt);
  put("already_deleted", gone);
  put("attempts", attempts);
  const char* message = chat_response_message(response, &length);
  put("message", std::string(message, length));
  put("http_status", chat_response_http_status(response));
  put("retriable", chat_response_is_retriable(response) != 0);
  put("retry_after_ms", static_cast<long double>(chat_response_retry_after_ms(response)));
  put("random", static_cast<long double>(chat_response_random(response)));
  put("trace", read_or_none(chat_response_trace(response)));
  const char* body = chat_response_body(response, &length);
  put("body", std::string(body, length));
  const char* json = chat_response_json(response, &length);
  const Json answer = read_or_none(std::string(json, length));
  if (!answer.is(Json::Kind::NONE)) put("answer", accessed(response, "", answer));
  return seen;
}

const char* text_or_null(const Json& value) { return value.is(Json::Kind::TEXT) ? value.text.c_str() : nullptr; }

std::uint32_t u32(const Json& value) { return static_cast<std::uint32_t>(value.number_or(0)); }

// An owned handle of C.
template <typename T>
using Owned = std::unique_ptr<T, void (*)(T*)>;

Owned<chat_contacts> contacts(const Json& pairs) {
  Owned<chat_contacts> list(pairs.is(Json::Kind::LIST) ? chat_contacts_new() : nullptr, chat_contacts_free);
  for (const Json& pair : pairs.list) chat_contacts_add(list.get(), static_cast<int>(pair.list[0].number), pair.list[1].text.c_str());
  return list;
}

Owned<chat_marks> marks(const Json& given) {
  Owned<chat_marks> list(chat_marks_new(), chat_marks_free);
  for (const Json& mark : given.list) {
    std::uint64_t set = 0, clear = 0;
    for (const Json& bit : mark["set"].list) set |= std::uint64_t{1} << static_cast<int>(bit.number);
    for (const Json& bit : mark["clear"].list) clear |= std::uint64_t{1} << static_cast<int>(bit.number);
    const std::vector<Json>& pair = mark["contact"].list;
    chat_marks_add(list.get(), static_cast<int>(pair[0].number), pair[1].text.c_str(), set, clear, text_or_null(mark["custom_mark"]));
  }
  return list;
}

Owned<chat_accounts> accounts(const Json& given) {
  Owned<chat_accounts> list(chat_accounts_new(), chat_accounts_free);
  for (const Json& one : given.list) {
    const Json& id = one.is(Json::Kind::TEXT) ? one : one["user_id"];
    chat_accounts_add(list.get(), id.text.c_str(), text_or_null(one["nick"]), text_or_null(one["face_url"]));
  }
  return list;
}

// Gives a command its arguments from a case, and keeps the lists that it makes of them. The contact of a case is a type and an id here.
class Given {
 public:
  explicit Given(const Json& args) : args_(args), body_(args.has("body") ? args["body"].write() : "") {}

  struct giver giver() {
    return {[](void* from, const char* name) { return of(from).text(name); },
            [](void* from, const char* name) { return of(from).number(name); },
            [](void* from, const char* name) -> const chat_contacts* { return of(from).keep(of(from).contacts_, contacts(of(from).args_[name])); },
            [](void* from, const char* name) -> const chat_marks* { return of(from).keep(of(from).marks_, marks(of(from).args_[name])); },
            [](void* from, const char* name) -> const chat_accounts* { return of(from).keep(of(from).accounts_, accounts(of(from).args_[name])); },
            this};
  }

 private:
  static Given& of(void* from) { return *static_cast<Given*>(from); }

  const char* text(const std::string& name) const {
    if (name == "json") return args_.has("body") ? body_.c_str() : nullptr;
    return text_or_null(name == "id" ? args_["contact"].list[1] : args_[name]);
  }

  std::int64_t number(const std::string& name) const {
    if (name == "json_len") return static_cast<std::int64_t>(body_.size());
    if (name == "assist_flags" && !args_.has(name)) return CHAT_ASSIST_FLAGS;
    const Json& value = name == "type" ? args_["contact"].list[0] : args_[name];
    return static_cast<std::int64_t>(value.number_or(0));
  }

  template <typename T>
  static const T* keep(std::vector<Owned<T>>& kept, Owned<T> list) {
    kept.push_back(std::move(list));
    return kept.back().get();
  }

  const Json& args_;
  std::string body_;
  std::vector<Owned<chat_contacts>> contacts_;
  std::vector<Owned<chat_marks>> marks_;
  std::vector<Owned<chat_accounts>> accounts_;
};

class CFace : public Face {
 public:
  explicit CFace(chat_client* client) : client_(client), cancel_(chat_cancel_new()) {}
  ~CFace() override {
    close({});
    chat_cancel_free(cancel_);
  }

  Json call(const std::string& name, const Json& args, const Json& given) override {
    const Owned<chat_call_options> options = options_of(given);
    Response response;
    const int code = make(name, args, options.get(), &response.of);
    return shown_and_seen(code, response);
  }

  Go items(const std::string& name, const Json& args, const Json& given) override {
    auto begin = name == "contact_group_items" ? chat_contact_group_items : chat_recent_contact_items;
    chat_items* begun = nullptr;
    Response error;
    const int begun_code = begin(client_, args["from_account"].text.c_str(), &begun, &error.of);
    if (begun_code != CHAT_OK) {
      const Json seen = shown_and_seen(begun_code, error);
      return [seen](long) { return seen; };
    }
    auto held = std::shared_ptr<chat_items>(begun, chat_items_free);
    auto options = std::shared_ptr<chat_call_options>(options_of(given).release(), chat_call_options_free);
    return [this, held, options](long most) {
      std::vector<Json> came;
      Json seen = seen_of(CHAT_OK, nullptr);
      while (static_cast<long>(came.size()) != most) {
        Response item;
        const int code = chat_items_next(held.get(), options.get(), &item.of);
        if (code == CHAT_END) break;
        seen = shown_and_seen(code, item);
        if (code != CHAT_OK) break;
        came.push_back(plain(seen["answer"], chat_items_page(held.get())));
        came.back().members["marks"] = marks_of(item.of);
      }
      seen.members["items"] = came;
      seen.members["complete"] = chat_items_is_complete(held.get()) != 0;
      return seen;
    };
  }

  Json set(const std::string& name, const std::string& value) override {
    auto setter = name == "secret_key" ? chat_client_set_secret_key : chat_client_set_user_sig;
    const int code = setter(client_, value.c_str());
    Json seen = seen_of(code, nullptr);
    seen.members["message"] = chat_strerror(code);
    return seen;
  }

  Json user_sig(const Json& given, const Json& inspect) override {
    Response made, told;
    std::string signature = inspect["user_sig"].text;
    if (!inspect.has("user_sig")) {
      const std::uint32_t app = u32(given["sdk_app_id"]), lifetime = u32(given["lifetime_s"]);
      const char *user = text_or_null(given["identifier"]), *key = text_or_null(given["secret_key"]);
      const int code = !given.has("privilege_map")
                           ? chat_user_sig_new(app, user, key, lifetime, &made.of)
                           : chat_private_map_key_new(app, user, key, lifetime, u32(given["room_id"]), text_or_null(given["string_room_id"]),
                                                      u32(given["privilege_map"]), &made.of);
      if (code != CHAT_OK) return shown_and_seen(code, made);
      signature = chat_response_body(made.of, nullptr);
    }
    const int code = chat_user_sig_inspect(signature.c_str(), u32(inspect["sdk_app_id"]), text_or_null(inspect["secret_key"]), &told.of);
    Json seen = shown_and_seen(code, told);
    for (const auto& [name, value] : Json(seen["answer"]).members) seen.members[name] = value;
    return seen;
  }

  Json warm_up(std::uint32_t n, std::uint32_t timeout_ms) override {
    Response response;
    const int code = chat_client_warm_up(client_, n, timeout_ms, &response.of);
    return shown_and_seen(code, response);
  }

  Json stats() override {
    const Owned<chat_stats> stats(chat_client_stats(client_), chat_stats_free);
    Json all;
    all.kind = Json::Kind::OBJECT;
    for (std::size_t i = 0; i < chat_stats_count(stats.get()); ++i) {
      const char* name = chat_stats_name(stats.get(), i);
      if (chat_stats_get(stats.get(), name) != chat_stats_value(stats.get(), i)) throw Broken(std::string("two values of ") + name);
      all.members[name] = static_cast<long double>(chat_stats_value(stats.get(), i));
    }
    all.members["prometheus"] = chat_stats_prometheus(stats.get(), nullptr);
    show(all.write());
    return all;
  }

  void shutdown() override { chat_client_shutdown(client_); }
  void cancel() override { chat_cancel_trigger(cancel_); }
  void close(const Json& drain_ms) override {
    if (drain_ms.is(Json::Kind::NUMBER)) {
      chat_client_drain(client_, u32(drain_ms));
    } else {
      chat_client_free(std::exchange(client_, nullptr));
    }
  }

 private:
  Json shown_and_seen(int code, const Response& response) {
    Json seen = seen_of(code, response.of);
    show(seen.write());
    return seen;
  }

  Owned<chat_call_options> options_of(const Json& given) const {
    Owned<chat_call_options> options(given.members.empty() ? nullptr : chat_call_options_new(), chat_call_options_free);
    static const std::map<std::string, int (*)(chat_call_options*, std::uint32_t)> numbers{
        {"timeout_ms", chat_call_options_set_timeout_ms}, {"attempt_timeout_ms", chat_call_options_set_attempt_timeout_ms},
        {"connect_timeout_ms", chat_call_options_set_connect_timeout_ms}, {"max_attempts", chat_call_options_set_max_attempts},
        {"random", chat_call_options_set_random}};
    // What is refused is remembered: the call answers it.
    for (const auto& [name, value] : given.members) {
      const auto found = numbers.find(name);
      if (found != numbers.end()) found->second(options.get(), u32(value));
      if (name == "repeat_in_doubt") chat_call_options_set_repeat_in_doubt(options.get(), value.yes ? 1 : 0);
      if (name == "cancel" && value.yes) chat_call_options_set_cancel(options.get(), cancel_);
    }
    return options;
  }

  int make(const std::string& name, const Json& args, const chat_call_options* options, chat_response** response) {
    Given given(args);
    const giver giver = given.giver();
    for (const command& one : commands) {
      if (name == one.name) return one.call(client_, &giver, options, response);
    }
    throw Broken("C knows no command " + name);
  }

  // An item in the suite's names.
  static Json marks_of(const chat_response* item) {
    std::uint64_t mask = 0;
    std::vector<Json> numbers;
    (void)chat_response_marks(item, "/StandardMark", &mask);
    for (int number = 0; number < 64; ++number) {
      if ((mask >> number & 1) != 0) numbers.emplace_back(number);
    }
    return numbers;
  }

  static Json plain(const Json& item, const chat_response* page) {
    const int type = item["Type"].is(Json::Kind::TEXT) ? std::stoi(item["Type"].text) : static_cast<int>(item["Type"].number);
    const char* id = type == CHAT_ONE_TO_ONE ? "To_Account" : item.has("ToGroupId") ? "ToGroupId" : "GroupId";
    Json all = std::map<std::string, Json>{{"contact", std::map<std::string, Json>{{"type", type}, {"id", item[id].text}}},
                                           {"standard_mark", item["StandardMark"].text}, {"custom_mark", item["CustomMark"].text}};
    std::vector<Json> names;
    for (const Json& group : item["ContactGroupId"].list) {
      std::string named;
      for (std::size_t i = 0; i < chat_response_count(page, "/GroupItem"); ++i) {
        const std::string at = "/GroupItem/" + std::to_string(i);
        std::int64_t number = 0;
        chat_response_int(page, (at + "/GroupId").c_str(), &number);
        if (static_cast<long double>(number) == group.number) named = chat_response_str(page, (at + "/GroupName").c_str(), nullptr);
      }
      names.emplace_back(named);
    }
    all.members["group_ids"] = item["ContactGroupId"].list;
    if (item.has("MsgTime")) {
      all.members["msg_time"] = item["MsgTime"];
      all.members["pinned"] = item["TopFlag"].number == 1;
    } else {
      all.members["group_names"] = names;
      all.members["timestamp"] = item["Timestamp"];
    }
    return all;
  }

  chat_client* client_;
  chat_cancel* cancel_;
};

}  // namespace

Json make_client(const Json& settings, std::unique_ptr<Face>& face) {
  static const std::map<std::string, int (*)(chat_config*, const char*)> texts{
      {"region", chat_config_set_region}, {"base_url", chat_config_set_base_url}, {"standby_url", chat_config_set_standby_url},
      {"identifier", chat_config_set_identifier}, {"secret_key", chat_config_set_secret_key}, {"user_sig", chat_config_set_user_sig},
      {"ca_file", chat_config_set_ca_file}, {"add_ca_file", chat_config_add_ca_file}, {"proxy", chat_config_set_proxy},
      {"user_agent", chat_config_set_user_agent}};
  static const std::map<std::string, int (*)(chat_config*, std::uint32_t)> numbers{
      {"sdk_app_id", chat_config_set_sdk_app_id}, {"timeout_ms", chat_config_set_timeout_ms}, {"attempt_timeout_ms", chat_config_set_attempt_timeout_ms},
      {"connect_timeout_ms", chat_config_set_connect_timeout_ms}, {"max_attempts", chat_config_set_max_attempts},
      {"rate_limit", chat_config_set_rate_limit}, {"shared_limit_fallback", chat_config_set_shared_limit_fallback},
      {"user_sig_lifetime_s", chat_config_set_user_sig_lifetime_s}, {"max_connections", chat_config_set_max_connections},
      {"idle_timeout_ms", chat_config_set_idle_timeout_ms}, {"tcp_keepalive_s", chat_config_set_tcp_keepalive_s}};
  static const std::map<std::string, int (*)(chat_config*, int)> flags{
      {"use_standby", chat_config_set_use_standby}, {"allow_insecure_http", chat_config_set_allow_insecure_http},
      {"local_limits", chat_config_set_local_limits}, {"system_ca", chat_config_set_system_ca}};
  const Owned<chat_config> config(chat_config_new(), chat_config_free);
  // What is refused is remembered: chat_client_new answers it.
  for (const auto& [name, value] : settings.members) {
    if (texts.count(name) != 0) texts.at(name)(config.get(), value.text.c_str());
    else if (numbers.count(name) != 0) numbers.at(name)(config.get(), u32(value));
    else if (flags.count(name) != 0) flags.at(name)(config.get(), value.number_or(0) != 0 ? 1 : 0);
    else if (name == "shared_limit") chat_config_set_shared_limit(config.get(), value.list[0].text.c_str(), value.list[1].text.c_str());
    else if (name == "client_certificate") chat_config_set_client_certificate(config.get(), value.list[0].text.c_str(), value.list[1].text.c_str());
    else if (name == "metric_labels") {
      for (const auto& [label, content] : value.members) chat_config_set_metric_label(config.get(), label.c_str(), content.text.c_str());
    } else throw Broken("C knows no setting " + name);
  }
  chat_client* client = nullptr;
  Response error;
  const int code = chat_client_new(config.get(), &client, &error.of);
  if (client != nullptr) face = std::make_unique<CFace>(client);
  return seen_of(code, error.of);
}

int main(int argc, char** argv) { return keep_promises(argc, argv); }
