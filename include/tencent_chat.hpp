/// @file tencent_chat.hpp
/// The C++17 face of the Tencent Chat REST client: owning handles and exceptions over tencent_chat.h, header-only.
/// Promises that nothing leaks on any path, that no handle is ever copied, and that a failure keeps everything the C API
/// knows about it. It decides nothing by itself: every rule, code and message is the library's, but for text with a NUL.
///
/// Threads: a Client, a Cancel and a finished Response may be used by any number of threads at once; a CallOptions is set
/// by one thread and may then be read by many; a Config belongs to one thread at a time. Moving from or destroying an object
/// is like writing to it. Link with -ltencent_chat.

#ifndef TENCENT_CHAT_HPP
#define TENCENT_CHAT_HPP

#include <tencent_chat.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tencent_chat {

/// Every named code of the C API, by the same name without CHAT_. 0 is success, negative numbers are the library's, positive
/// ones the service's `ErrorCode` unchanged; one without a name here is still a valid value: `static_cast<Code>(51012)`.
enum class Code : int {
  OK = CHAT_OK,
  ERR_INVALID_ARGUMENT = CHAT_ERR_INVALID_ARGUMENT,
  ERR_INVALID_UTF8 = CHAT_ERR_INVALID_UTF8,
  ERR_CONFIG = CHAT_ERR_CONFIG,
  ERR_TIMEOUT = CHAT_ERR_TIMEOUT,
  ERR_TRANSPORT = CHAT_ERR_TRANSPORT,
  ERR_HTTP_STATUS = CHAT_ERR_HTTP_STATUS,
  ERR_PROTOCOL = CHAT_ERR_PROTOCOL,
  ERR_SHUTDOWN = CHAT_ERR_SHUTDOWN,
  ERR_PANIC = CHAT_ERR_PANIC,
  ERR_SERVICE = CHAT_ERR_SERVICE,
  ERR_CANCELLED = CHAT_ERR_CANCELLED,
  ERR_TLS = CHAT_ERR_TLS,
  ERR_PARTIAL = CHAT_ERR_PARTIAL,
  SERVICE_ACCOUNT_NOT_IMPORTED = CHAT_SERVICE_ACCOUNT_NOT_IMPORTED,
  SERVICE_INVALID_PARAMETER = CHAT_SERVICE_INVALID_PARAMETER,
  SERVICE_ADMIN_REQUIRED = CHAT_SERVICE_ADMIN_REQUIRED,
  SERVICE_INTERNAL_ERROR = CHAT_SERVICE_INTERNAL_ERROR,
  SERVICE_NETWORK_TIMEOUT = CHAT_SERVICE_NETWORK_TIMEOUT,
  SERVICE_TOO_MANY_CONVERSATIONS = CHAT_SERVICE_TOO_MANY_CONVERSATIONS,
  SERVICE_GROUP_CHAT_FAILED = CHAT_SERVICE_GROUP_CHAT_FAILED,
  SERVICE_CONVERSATION_LIMIT = CHAT_SERVICE_CONVERSATION_LIMIT,
  SERVICE_GROUP_NOT_FOUND = CHAT_SERVICE_GROUP_NOT_FOUND,
  SERVICE_GROUP_LIMIT = CHAT_SERVICE_GROUP_LIMIT,
  SERVICE_GROUP_NAME_TOO_LONG = CHAT_SERVICE_GROUP_NAME_TOO_LONG,
  SERVICE_FEATURE_NOT_IN_PLAN = CHAT_SERVICE_FEATURE_NOT_IN_PLAN,
  SERVICE_CALL_RATE_EXCEEDED = CHAT_SERVICE_CALL_RATE_EXCEEDED,
  SERVICE_TIMED_OUT = CHAT_SERVICE_TIMED_OUT,
  SERVICE_GATEWAY_ADMIN_REQUIRED = CHAT_SERVICE_GATEWAY_ADMIN_REQUIRED,
  SERVICE_APP_RATE_EXCEEDED = CHAT_SERVICE_APP_RATE_EXCEEDED,
  SERVICE_PLAN_NOT_ACTIVE = CHAT_SERVICE_PLAN_NOT_ACTIVE,
  SERVICE_IP_NOT_ALLOWED = CHAT_SERVICE_IP_NOT_ALLOWED,
  SERVICE_USER_SIG_EXPIRED = CHAT_SERVICE_USER_SIG_EXPIRED,
  SERVICE_USER_SIG_DAMAGED = CHAT_SERVICE_USER_SIG_DAMAGED,
  SERVICE_USER_SIG_INVALID = CHAT_SERVICE_USER_SIG_INVALID,
  SERVICE_USER_SIG_WRONG_KEY = CHAT_SERVICE_USER_SIG_WRONG_KEY,
  SERVICE_USER_SIG_WRONG_IDENTIFIER = CHAT_SERVICE_USER_SIG_WRONG_IDENTIFIER,
  SERVICE_USER_SIG_WRONG_SDK_APP_ID = CHAT_SERVICE_USER_SIG_WRONG_SDK_APP_ID,
  SERVICE_SDK_APP_ID_NOT_FOUND = CHAT_SERVICE_SDK_APP_ID_NOT_FOUND,
  SERVICE_LOCKED_OUT = CHAT_SERVICE_LOCKED_OUT,
  SERVICE_USER_SIG_REVOKED = CHAT_SERVICE_USER_SIG_REVOKED,
  SERVICE_ACCOUNT_NOT_FOUND = CHAT_SERVICE_ACCOUNT_NOT_FOUND,
  SERVICE_ACCOUNT_ADMIN_REQUIRED = CHAT_SERVICE_ACCOUNT_ADMIN_REQUIRED,
};

/// What a code means and what to do about it. Static text, any thread.
[[nodiscard]] inline std::string_view describe(Code code) noexcept { return chat_strerror(static_cast<int>(code)); }

/// The version of the library in use, such as "0.1.0"; CHAT_VERSION is that of the header.
[[nodiscard]] inline std::string_view version() noexcept { return chat_version(); }

/// What the public classes are made of; not for use by name.
namespace detail {

/// The one deleter: `Free` is the handle's own `chat_..._free`.
template <auto Free>
struct Deleter {
  template <typename T>
  void operator()(T* handle) const noexcept {
    Free(handle);
  }
};

template <typename T, auto Free>
using Handle = std::unique_ptr<T, Deleter<Free>>;

/// Text that C can read, made from text that may not end in NUL. Wiped at the end, since it may be a key; never copied.
class Text {
 public:
  /// Throws InvalidArgument, naming `argument`, when the text holds a NUL: C would silently drop what stands behind it.
  Text(const char* argument, std::string_view text) : text_(without_nul(argument, text)) {}
  Text(const Text&) = delete;
  Text& operator=(const Text&) = delete;
  ~Text() {
    volatile char* byte = text_.data();
    for (std::size_t left = text_.size(); left > 0; --left) *byte++ = '\0';
  }
  [[nodiscard]] const char* c_str() const noexcept { return text_.c_str(); }

 private:
  static std::string_view without_nul(const char* argument, std::string_view text);
  std::string text_;
};

/// A duration as the C API takes it. Throws InvalidArgument, naming `argument`, when it does not fit.
template <typename Duration>
[[nodiscard]] std::uint32_t to_u32(const char* argument, Duration duration);

}  // namespace detail

/// What a call answered, success or failure: immutable. An empty one (default-made or moved-from) answers 0, "" or nothing.
/// Every string_view lives as long as the Response it came from.
class Response {
 public:
  /// An empty response.
  Response() noexcept = default;
  /// Takes ownership of a response of the C API; may be null.
  explicit Response(chat_response* taken) noexcept : handle_(taken) {}

  /// The outcome: equal to what the C function returned.
  [[nodiscard]] Code code() const noexcept { return static_cast<Code>(chat_response_code(handle())); }
  /// What went wrong and what to do about it, in English; never holds a key or signature. May contain NUL if the service sent one.
  [[nodiscard]] std::string_view message() const noexcept {
    std::size_t length = 0;
    const char* text = chat_response_message(handle(), &length);
    return {text, length};
  }
  /// The answer's body as it came, at most 1 MiB (8 MiB from call()); "" without one.
  [[nodiscard]] std::string_view body() const noexcept {
    std::size_t length = 0;
    const char* text = chat_response_body(handle(), &length);
    return {text, length};
  }
  /// HTTP status of the answer; 0 when there was none.
  [[nodiscard]] int http_status() const noexcept { return chat_response_http_status(handle()); }
  /// Requests made for this call; 0 when it was refused before sending.
  [[nodiscard]] int attempts() const noexcept { return chat_response_attempts(handle()); }
  /// The `random` of the last attempt: the vendor's support finds a request by it.
  [[nodiscard]] std::uint32_t random() const noexcept { return chat_response_random(handle()); }
  /// Whether the same call may succeed later.
  [[nodiscard]] bool is_retriable() const noexcept { return chat_response_is_retriable(handle()) != 0; }
  /// Whether a failed call may have taken effect all the same. Ask before repeating what must not happen twice.
  [[nodiscard]] bool is_in_doubt() const noexcept { return chat_response_is_in_doubt(handle()) != 0; }
  /// How long to wait before repeating; 0: no pause is asked for.
  [[nodiscard]] std::chrono::milliseconds retry_after() const noexcept {
    return std::chrono::milliseconds(chat_response_retry_after_ms(handle()));
  }
  /// A JSON array with one object an attempt.
  [[nodiscard]] std::string_view trace() const noexcept { return chat_response_trace(handle()); }

  /// Whether the answer has this member. `pointer`: a JSON Pointer (RFC 6901) in the vendor's names, "/GroupItem/0/GroupId".
  [[nodiscard]] bool has(std::string_view pointer) const {
    const detail::Text path("pointer", pointer);
    return chat_response_has(handle(), path.c_str()) != 0;
  }
  /// Members of the array or object at `pointer`; 0 for anything else.
  [[nodiscard]] std::size_t count(std::string_view pointer) const {
    const detail::Text path("pointer", pointer);
    return chat_response_count(handle(), path.c_str());
  }
  /// The text at `pointer`, as chat_response_str gives it; nothing when there is no such member.
  [[nodiscard]] std::optional<std::string_view> str(std::string_view pointer) const {
    const detail::Text path("pointer", pointer);
    std::size_t length = 0;
    const char* text = chat_response_str(handle(), path.c_str(), &length);
    if (length == 0 && chat_response_has(handle(), path.c_str()) == 0) return std::nullopt;
    return std::string_view(text, length);
  }
  /// The whole number at `pointer`, also when it came as text; nothing when absent or no whole number.
  [[nodiscard]] std::optional<std::int64_t> integer(std::string_view pointer) const {
    const detail::Text path("pointer", pointer);
    std::int64_t value = 0;
    if (chat_response_int(handle(), path.c_str(), &value) != CHAT_OK) return std::nullopt;
    return value;
  }

  /// The C handle, still owned by this object; null when empty.
  [[nodiscard]] const chat_response* handle() const noexcept { return handle_.get(); }

 private:
  detail::Handle<chat_response, &chat_response_free> handle_;
};

/// Any failure of this library; the classes below say of which kind. Copies share one detail, so copying never throws.
class Error : public std::exception {
 public:
  /// `response` may be empty: what was refused before a call has none.
  Error(Code code, std::string_view message, Response response = Response())
      : detail_(std::make_shared<const Detail>(code, message, std::move(response))) {}
  // No move on purpose: a moved-from exception would have no text.
  Error(const Error&) noexcept = default;
  Error& operator=(const Error&) noexcept = default;
  ~Error() override = default;

  /// "51009: the user has no ...": the number and the message.
  [[nodiscard]] const char* what() const noexcept override { return detail_->what.c_str(); }
  [[nodiscard]] Code code() const noexcept { return detail_->code; }
  /// The code as a number: the service's `ErrorCode` when positive.
  [[nodiscard]] int number() const noexcept { return static_cast<int>(detail_->code); }
  /// What went wrong and what to do about it.
  [[nodiscard]] std::string_view message() const noexcept { return detail_->message; }
  /// What the call answered: body, attempts, in doubt and more. Empty when a setter refused.
  [[nodiscard]] const Response& response() const noexcept { return detail_->response; }

 private:
  struct Detail {
    Detail(Code number, std::string_view text, Response answer)
        : code(number),
          message(text),
          what(std::to_string(static_cast<int>(number)) + ": " + message),
          response(std::move(answer)) {}
    Code code;
    std::string message;
    std::string what;
    Response response;
  };
  std::shared_ptr<const Detail> detail_;
};

/// An argument or setting breaks a rule; nothing was sent. ERR_INVALID_ARGUMENT, ERR_INVALID_UTF8.
class InvalidArgument : public Error { using Error::Error; };
/// The settings are incomplete or contradict each other. ERR_CONFIG.
class ConfigError : public Error { using Error::Error; };
/// The deadline passed. ERR_TIMEOUT.
class TimeoutError : public Error { using Error::Error; };
/// No connection, or it broke. ERR_TRANSPORT.
class TransportError : public Error { using Error::Error; };
/// Certificate or handshake refused; nothing was sent. ERR_TLS.
class TlsError : public TransportError { using TransportError::TransportError; };
/// A gateway or proxy answered with an HTTP status that is not 200. ERR_HTTP_STATUS.
class HttpStatusError : public Error { using Error::Error; };
/// The answer was cut short, too large, no JSON, or contradicts itself. ERR_PROTOCOL.
class ProtocolError : public Error { using Error::Error; };
/// The client was shut down. ERR_SHUTDOWN.
class ShutdownError : public Error { using Error::Error; };
/// A Cancel or an interrupt ended the call. ERR_CANCELLED.
class CancelledError : public Error { using Error::Error; };
/// A bug of the library was contained; the client stays usable. ERR_PANIC.
class PanicError : public Error { using Error::Error; };
/// The call succeeded but some of its items failed: read their `ResultCode` in response(). ERR_PARTIAL.
class PartialError : public Error { using Error::Error; };
/// The service refused: every positive code, and ERR_SERVICE (FAIL without a usable code).
class ServiceError : public Error { using Error::Error; };
/// The user has no conversation group of that name. 51009.
class GroupNotFoundError : public ServiceError { using ServiceError::ServiceError; };
/// The user was never imported, or does not exist. 50001, 70107.
class AccountNotImportedError : public ServiceError { using ServiceError::ServiceError; };
/// The identifier is not an administrator of the app. 50003, 60010, 70403.
class AdminRequiredError : public ServiceError { using ServiceError::ServiceError; };
/// The signature was refused. 70001 to 70014, 70052, 70346, 70347.
class UserSigError : public ServiceError { using ServiceError::ServiceError; };
/// Too many calls; wait response().retry_after(). 60007, 60011, 60018, 60019, 70050.
class RateExceededError : public ServiceError { using ServiceError::ServiceError; };

namespace detail {

/// Throws the class of a positive code.
[[noreturn]] inline void fail_by_service(int number, std::string_view message, Response response) {
  const Code code = static_cast<Code>(number);
  switch (number) {
    case CHAT_SERVICE_GROUP_NOT_FOUND:
      throw GroupNotFoundError(code, message, std::move(response));
    case CHAT_SERVICE_ACCOUNT_NOT_IMPORTED:
    case CHAT_SERVICE_ACCOUNT_NOT_FOUND:
      throw AccountNotImportedError(code, message, std::move(response));
    case CHAT_SERVICE_ADMIN_REQUIRED:
    case CHAT_SERVICE_GATEWAY_ADMIN_REQUIRED:
    case CHAT_SERVICE_ACCOUNT_ADMIN_REQUIRED:
      throw AdminRequiredError(code, message, std::move(response));
    case CHAT_SERVICE_CALL_RATE_EXCEEDED:
    case CHAT_SERVICE_APP_RATE_EXCEEDED:
    case 60018:  // 1047/34620: too many requests, like the next
    case 60019:
    case CHAT_SERVICE_LOCKED_OUT:
      throw RateExceededError(code, message, std::move(response));
    case CHAT_SERVICE_USER_SIG_REVOKED:
    case 70346:  // 269/1671: the vendor's gateway for a bad signature, and for an expired one
    case 70347:
      throw UserSigError(code, message, std::move(response));
    default:
      break;
  }
  if (number >= CHAT_SERVICE_USER_SIG_EXPIRED && number <= CHAT_SERVICE_USER_SIG_WRONG_SDK_APP_ID) {
    throw UserSigError(code, message, std::move(response));
  }
  throw ServiceError(code, message, std::move(response));
}

/// Throws the class of any code but OK.
[[noreturn]] inline void fail(int number, std::string_view message, Response response = Response()) {
  const Code code = static_cast<Code>(number);
  if (message.empty()) message = describe(code);  // a moved-from object has no message of its own
  switch (code) {
    case Code::ERR_INVALID_ARGUMENT:
    case Code::ERR_INVALID_UTF8:
      throw InvalidArgument(code, message, std::move(response));
    case Code::ERR_CONFIG:
      throw ConfigError(code, message, std::move(response));
    case Code::ERR_TIMEOUT:
      throw TimeoutError(code, message, std::move(response));
    case Code::ERR_TRANSPORT:
      throw TransportError(code, message, std::move(response));
    case Code::ERR_TLS:
      throw TlsError(code, message, std::move(response));
    case Code::ERR_HTTP_STATUS:
      throw HttpStatusError(code, message, std::move(response));
    case Code::ERR_PROTOCOL:
      throw ProtocolError(code, message, std::move(response));
    case Code::ERR_SHUTDOWN:
      throw ShutdownError(code, message, std::move(response));
    case Code::ERR_CANCELLED:
      throw CancelledError(code, message, std::move(response));
    case Code::ERR_PANIC:
      throw PanicError(code, message, std::move(response));
    case Code::ERR_PARTIAL:
      throw PartialError(code, message, std::move(response));
    case Code::ERR_SERVICE:
      throw ServiceError(code, message, std::move(response));
    default:
      break;
  }
  if (number > 0) fail_by_service(number, message, std::move(response));
  throw Error(code, message, std::move(response));
}

/// Throws unless the call that gave this code and response succeeded. The message is copied before the response moves.
inline void require(int number, Response& response) {
  if (number == CHAT_OK) return;
  const std::string message(response.message());
  fail(number, message, std::move(response));
}

inline std::string_view Text::without_nul(const char* argument, std::string_view text) {
  if (text.find('\0') != std::string_view::npos) {
    fail(CHAT_ERR_INVALID_ARGUMENT, std::string(argument) + ": holds a NUL character; remove it");
  }
  return text;
}

template <typename Duration>
std::uint32_t to_u32(const char* argument, Duration duration) {
  constexpr auto longest = std::numeric_limits<std::uint32_t>::max();
  if (duration.count() < 0 || duration.count() > static_cast<typename Duration::rep>(longest)) {
    fail(CHAT_ERR_INVALID_ARGUMENT, std::string(argument) + ": negative, or too long for 32 bits");
  }
  return static_cast<std::uint32_t>(duration.count());
}

}  // namespace detail

/// The settings of a Client. Each setter gives the object back, so that calls can be chained, and throws InvalidArgument when it
/// refuses a value. A refused setting is remembered until it is set well: making a Client fails with it. One thread at a time.
class Config {
 public:
  Config() : handle_(chat_config_new()) {}

  /// The app's data centre: china singapore seoul tokyo frankfurt silicon_valley jakarta. There is no default.
  Config& region(std::string_view name) { return text("region", name, chat_config_set_region); }
  /// A place of your own instead of a region: "https://host[:port]"; http for loopback hosts only.
  Config& base_url(std::string_view url) { return text("base_url", url, chat_config_set_base_url); }
  /// The app's number, as the console shows it.
  Config& sdk_app_id(std::uint32_t id) { return checked(chat_config_set_sdk_app_id(handle(), id)); }
  /// UserID of an app administrator: printable ASCII, at most 32 bytes.
  Config& identifier(std::string_view admin) { return text("identifier", admin, chat_config_set_identifier); }
  /// The app's secret key; the library signs. Or user_sig(), never both.
  Config& secret_key(std::string_view key) { return text("secret_key", key, chat_config_set_secret_key); }
  /// A ready UserSig of the identifier, made elsewhere.
  Config& user_sig(std::string_view sig) { return text("user_sig", sig, chat_config_set_user_sig); }
  /// Total time of a call; 10 s unless set. The service gives itself 3 s.
  Config& timeout(std::chrono::milliseconds time) {
    return checked(chat_config_set_timeout_ms(handle(), detail::to_u32("timeout_ms", time)));
  }
  /// Time for look-up, TCP, proxy and TLS handshake together; 2 s unless set.
  Config& connect_timeout(std::chrono::milliseconds time) {
    return checked(chat_config_set_connect_timeout_ms(handle(), detail::to_u32("connect_timeout_ms", time)));
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
  /// Added behind the library's own User-Agent.
  Config& user_agent(std::string_view suffix) { return text("user_agent", suffix, chat_config_set_user_agent); }

  /// The C handle, still owned by this object.
  [[nodiscard]] chat_config* handle() noexcept { return handle_.get(); }
  [[nodiscard]] const chat_config* handle() const noexcept { return handle_.get(); }

 private:
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
};

/// Ends calls from another thread: every call whose options carry it, those to come included. Any number of threads.
class Cancel {
 public:
  Cancel() : handle_(chat_cancel_new()) {}
  /// Ends the calls at once with CancelledError; cannot be taken back.
  void trigger() const noexcept { chat_cancel_trigger(handle()); }
  /// The C handle, still owned by this object.
  [[nodiscard]] const chat_cancel* handle() const noexcept { return handle_.get(); }

 private:
  detail::Handle<chat_cancel, &chat_cancel_free> handle_;
};

/// What one call does differently from its client. `{}` changes nothing. Set by one thread, then read by any number.
class CallOptions {
 public:
  /// Total time of the call instead of the client's.
  CallOptions& timeout(std::chrono::milliseconds time) {
    const std::uint32_t ms = detail::to_u32("timeout_ms", time);
    return checked(chat_call_options_set_timeout_ms(made(), ms));
  }
  /// The `random` to send; 0 is a value. A new one for each attempt unless set.
  CallOptions& random(std::uint32_t random) { return checked(chat_call_options_set_random(made(), random)); }
  /// Lets this token end the call. The options keep what they need of it: `cancel` may be destroyed at any time.
  CallOptions& cancel(const Cancel& cancel) { return checked(chat_call_options_set_cancel(made(), cancel.handle())); }
  /// `stop` is asked on the calling thread after each signal (EINTR) and every 200 ms; true ends the call with CancelledError,
  /// and so does an exception in it, which goes no further.
  CallOptions& interrupt(std::function<bool()> stop) {
    if (!stop) detail::fail(CHAT_ERR_INVALID_ARGUMENT, "stop: an empty function; give one to ask");
    auto asked = std::make_unique<std::function<bool()>>(std::move(stop));
    checked(chat_call_options_set_interrupt(made(), &CallOptions::ask, asked.get()));
    interrupt_ = std::move(asked);
    return *this;
  }

  /// The C handle, still owned by this object; null while nothing is set.
  [[nodiscard]] const chat_call_options* handle() const noexcept { return handle_.get(); }

 private:
  static int ask(void* user) noexcept {
    try {
      return (*static_cast<std::function<bool()>*>(user))() ? 1 : 0;
    } catch (...) {
      return 1;  // it must not travel through C
    }
  }
  chat_call_options* made() {
    if (!handle_) handle_.reset(chat_call_options_new());
    return handle_.get();
  }
  CallOptions& checked(int code) {
    if (code != CHAT_OK) detail::fail(code, chat_call_options_message(handle()));
    return *this;
  }

  std::unique_ptr<std::function<bool()>> interrupt_;  // an address that survives a move of the options
  detail::Handle<chat_call_options, &chat_call_options_free> handle_;
};

/// A conversation group: its name and its number, unique for its user.
struct Group {
  std::string name;
  std::int64_t id = 0;
};

/// What del_contact_group answers.
struct DeletedGroups {
  /// The groups deleted: one; the service may name none.
  std::vector<Group> groups;
  /// The whole answer.
  Response response;
};

/// A connection to the service, shared by any number of threads. Every call blocks until it ends, and throws an Error unless it
/// succeeded. The destructor refuses new calls, ends those inside and awaits them; a moved-from client throws InvalidArgument.
class Client {
 public:
  /// Checks the settings together and reads the CA files; no connection is made yet. Throws ConfigError, or the refusal of a setter.
  explicit Client(const Config& config) {
    chat_client* client = nullptr;
    chat_response* error = nullptr;
    const int code = chat_client_new(config.handle(), &client, &error);
    handle_.reset(client);
    Response response(error);
    detail::require(code, response);
  }

  /// Replaces the key while calls run; those in progress keep the old one. Any thread.
  void set_secret_key(std::string_view key) const {
    const detail::Text copy("secret_key", key);
    const int code = chat_client_set_secret_key(handle(), copy.c_str());
    if (code != CHAT_OK) detail::fail(code, std::string("secret_key: ").append(chat_strerror(code)));
  }
  /// Replaces the ready signature while calls run. Any thread.
  void set_user_sig(std::string_view sig) const {
    const detail::Text copy("user_sig", sig);
    const int code = chat_client_set_user_sig(handle(), copy.c_str());
    if (code != CHAT_OK) detail::fail(code, std::string("user_sig: ").append(chat_strerror(code)));
  }
  /// Ends every call in progress with ShutdownError and refuses those to come. Any thread.
  void shutdown() const noexcept { chat_client_shutdown(handle()); }

  /// Deletes the conversation group `group_name` (1 to 64 bytes of UTF-8) of the user `from_account` (1047/53441).
  /// Throws GroupNotFoundError, AccountNotImportedError, InvalidArgument (nothing was sent), TimeoutError and others.
  DeletedGroups del_contact_group(std::string_view from_account, std::string_view group_name,
                                  const CallOptions& options = {}) const {
    const detail::Text account("from_account", from_account);
    const detail::Text name("group_name", group_name);
    chat_response* raw = nullptr;
    const int code = chat_del_contact_group(handle(), account.c_str(), name.c_str(), options.handle(), &raw);
    DeletedGroups deleted{{}, Response(raw)};
    detail::require(code, deleted.response);
    const std::size_t count = deleted.response.count("/GroupItem");
    for (std::size_t i = 0; i < count; ++i) {
      const std::string item = "/GroupItem/" + std::to_string(i);
      deleted.groups.push_back(Group{std::string(deleted.response.str(item + "/GroupName").value_or("")),
                                     deleted.response.integer(item + "/GroupId").value_or(0)});
    }
    return deleted;
  }

  /// Any call of the service: `path` like "v4/recentcontact/create_contact_group", `json` the text of a JSON object ("" sends {}).
  /// Answers of up to 8 MiB. Throws PartialError when some items failed.
  Response call(std::string_view path, std::string_view json = {}, const CallOptions& options = {}) const {
    const detail::Text name("path", path);
    const char* text = json.empty() ? nullptr : json.data();
    chat_response* raw = nullptr;
    const int code = chat_call(handle(), name.c_str(), text, json.size(), options.handle(), &raw);
    Response response(raw);
    detail::require(code, response);
    return response;
  }

  /// The C handle, still owned by this object; null when moved from.
  [[nodiscard]] const chat_client* handle() const noexcept { return handle_.get(); }

 private:
  detail::Handle<chat_client, &chat_client_free> handle_;
};

}  // namespace tencent_chat

#endif  // TENCENT_CHAT_HPP
