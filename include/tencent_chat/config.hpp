/// @file config.hpp
/// The settings of a client. Every rule and message is the library's; this only refuses what C cannot take, text with a NUL and
/// durations over 32 bits.

#ifndef TENCENT_CHAT_CONFIG_HPP
#define TENCENT_CHAT_CONFIG_HPP

#include <tencent_chat.h>
#include <tencent_chat/error.hpp>
#include <tencent_chat/handle.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>
#include <utility>

namespace tencent_chat {

/// The settings of a Client. Each setter gives the object back, so that calls can be chained, and throws InvalidArgument when it
/// refuses a value. A refused setting is remembered until it is set well: making a Client fails with it. One thread at a time.
class Config {
 public:
  Config() : handle_(chat_config_new()) {}

  /// The app's data centre: china singapore seoul tokyo frankfurt silicon_valley jakarta riyadh. There is no default.
  Config& region(std::string_view name) { return text("region", name, chat_config_set_region); }
  /// A place of your own instead of a region: "https://host[:port]"; http for loopback hosts only.
  Config& base_url(std::string_view url) { return text("base_url", url, chat_config_set_base_url); }
  /// Whether the region's second documented host is tried after a connection could not be made; off unless set. Never another region;
  /// riyadh has none, and a base_url takes standby_url() instead.
  Config& use_standby(bool yes) { return checked(chat_config_set_use_standby(handle(), yes ? 1 : 0)); }
  /// The second way to the data centre of a base_url(), written like it.
  Config& standby_url(std::string_view url) { return text("standby_url", url, chat_config_set_standby_url); }
  /// The app's number, as the console shows it.
  Config& sdk_app_id(std::uint32_t id) { return checked(chat_config_set_sdk_app_id(handle(), id)); }
  /// UserID of an app administrator: printable ASCII, at most 32 bytes.
  Config& identifier(std::string_view admin) { return text("identifier", admin, chat_config_set_identifier); }
  /// The app's secret key; the library signs. Or user_sig(), never both.
  Config& secret_key(std::string_view key) { return text("secret_key", key, chat_config_set_secret_key); }
  /// A ready UserSig of the identifier, made elsewhere.
  Config& user_sig(std::string_view sig) { return text("user_sig", sig, chat_config_set_user_sig); }
  /// Total time of a call, waiting and repeats included; 10 s unless set. The service gives itself 3 s.
  Config& timeout(std::chrono::milliseconds time) {
    return checked(chat_config_set_timeout_ms(handle(), detail::to_u32("timeout_ms", time)));
  }
  /// Time of one attempt; 4 s unless set.
  Config& attempt_timeout(std::chrono::milliseconds time) {
    return checked(chat_config_set_attempt_timeout_ms(handle(), detail::to_u32("attempt_timeout_ms", time)));
  }
  /// Time for look-up, TCP, proxy and TLS handshake together; 2 s unless set.
  Config& connect_timeout(std::chrono::milliseconds time) {
    return checked(chat_config_set_connect_timeout_ms(handle(), detail::to_u32("connect_timeout_ms", time)));
  }
  /// How often a call is tried at most, 1 (never repeat) to 10; 3 unless set. Repeats are made only where they are right.
  Config& max_attempts(std::uint32_t n) { return checked(chat_config_set_max_attempts(handle(), n)); }
  /// Calls of one command that leave in a second, 0 (no limit) to 10,000; 200 unless set, which is what the service grants an app: N
  /// processes of one app set 200/N each.
  Config& rate_limit(std::uint32_t calls_per_second) { return checked(chat_config_set_rate_limit(handle(), calls_per_second)); }
  /// Shares rate_limit() with every process that names the same limit, through Redis or Valkey: "redis://[user:password@]host[:port][/0]",
  /// rediss:// for TLS, redis+unix:///path for a socket. The library has to be built with it (make install FEATURES=redis).
  Config& shared_limit(std::string_view url, std::string_view name) {
    const detail::Text place("shared_limit", url), limit("shared_limit", name);
    return checked(chat_config_set_shared_limit(handle(), place.c_str(), limit.c_str()));
  }
  /// Takes back shared_limit().
  Config& no_shared_limit() { return checked(chat_config_set_shared_limit(handle(), nullptr, nullptr)); }
  /// Calls of one command that leave in a second while that server cannot be asked; 0 unless set: such calls fail with ThrottledError.
  Config& shared_limit_fallback(std::uint32_t calls_per_second) {
    return checked(chat_config_set_shared_limit_fallback(handle(), calls_per_second));
  }
  /// PEM file of CA certificates that replaces the built-in roots; read when the Client is made.
  Config& ca_file(std::string_view path) { return text("ca_file", path, chat_config_set_ca_file); }
  /// PEM file of CA certificates trusted beside the others. May be called several times.
  Config& add_ca_file(std::string_view path) { return text("add_ca_file", path, chat_config_add_ca_file); }
  /// "http://[user:password@]host:port", a proxy that tunnels with CONNECT. No environment variable is read.
  Config& proxy(std::string_view url) { return text("proxy", url, chat_config_set_proxy); }
  /// Takes back proxy().
  Config& no_proxy() { return checked(chat_config_set_proxy(handle(), nullptr)); }
  /// Validity of the signatures the library makes; a day unless set.
  Config& user_sig_lifetime(std::chrono::seconds time) {
    return checked(chat_config_set_user_sig_lifetime_s(handle(), detail::to_u32("user_sig_lifetime_s", time)));
  }
  /// Plain http beyond loopback: the signature then crosses the network readable by anybody. Off unless set.
  Config& allow_insecure_http(bool yes) { return checked(chat_config_set_allow_insecure_http(handle(), yes ? 1 : 0)); }
  /// Whether the vendor's limits are checked before sending; on unless set. Off: the service decides.
  Config& local_limits(bool yes) { return checked(chat_config_set_local_limits(handle(), yes ? 1 : 0)); }
  /// Most connections, and so calls on the wire, at once; 64 unless set. Further callers wait their turn.
  Config& max_connections(std::uint32_t n) { return checked(chat_config_set_max_connections(handle(), n)); }
  /// How long a connection that no call uses stays open; 15 seconds unless set.
  Config& idle_timeout(std::chrono::milliseconds time) {
    return checked(chat_config_set_idle_timeout_ms(handle(), detail::to_u32("idle_timeout_ms", time)));
  }
  /// After so long without traffic the system asks whether the other side lives; 0, and unless set: never.
  Config& tcp_keepalive(std::chrono::seconds time) {
    return checked(chat_config_set_tcp_keepalive_s(handle(), detail::to_u32("tcp_keepalive_s", time)));
  }
  /// Whether the system's authorities take the place of the built-in ones, on Linux; off unless set.
  Config& system_ca(bool yes) { return checked(chat_config_set_system_ca(handle(), yes ? 1 : 0)); }
  /// PEM files of a certificate and its key, for a gateway that asks for one; read when the Client is made.
  Config& client_certificate(std::string_view certificate_file, std::string_view key_file) {
    const detail::Text certificate("client_certificate", certificate_file), key("client_certificate", key_file);
    return checked(chat_config_set_client_certificate(handle(), certificate.c_str(), key.c_str()));
  }
  /// Told of each attempt when it ends, with its object as in Response::trace(), on the thread of the call and so on several at once.
  /// What it throws is dropped. It lives as long as the clients made from this.
  Config& attempt_hook(std::function<void(std::string_view)> hook) {
    hook_ = hook ? std::make_shared<Hook>(std::move(hook)) : nullptr;
    return checked(chat_config_set_attempt_hook(handle(), hook_ ? &told : nullptr, hook_.get()));
  }
  /// A label that each series of Stats::prometheus() has beside its own, as `client`, which is a number of the process unless set.
  Config& metric_label(std::string_view name, std::string_view value) {
    const detail::Text label("metric_label", name), content("metric_label", value);
    return checked(chat_config_set_metric_label(handle(), label.c_str(), content.c_str()));
  }
  /// Takes back metric_label().
  Config& no_metric_label(std::string_view name) {
    const detail::Text label("metric_label", name);
    return checked(chat_config_set_metric_label(handle(), label.c_str(), nullptr));
  }
  /// Added behind the library's own User-Agent.
  Config& user_agent(std::string_view suffix) { return text("user_agent", suffix, chat_config_set_user_agent); }

  /// The C handle, still owned by this object.
  [[nodiscard]] chat_config* handle() noexcept { return handle_.get(); }
  [[nodiscard]] const chat_config* handle() const noexcept { return handle_.get(); }

 private:
  friend class Client;
  using Hook = std::function<void(std::string_view)>;

  static void told(const char* attempt, void* user) noexcept {
    try {
      (*static_cast<const Hook*>(user))(attempt);
    } catch (...) {  // NOLINT(bugprone-empty-catch): there is nobody to tell.
    }
  }

  using TextSetter = int (*)(chat_config*, const char*);

  Config& text(const char* argument, std::string_view value, TextSetter set) {
    const detail::Text copy(argument, value);
    return checked(set(handle(), copy.c_str()));
  }
  Config& checked(int code) {
    if (code != CHAT_OK) detail::fail(code, chat_config_message(handle()));
    return *this;
  }

  detail::Handle<chat_config, &chat_config_free> handle_;
  std::shared_ptr<Hook> hook_;
};

}  // namespace tencent_chat

#endif  // TENCENT_CHAT_CONFIG_HPP
