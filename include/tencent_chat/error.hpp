/// @file error.hpp
/// The exceptions: one class for each kind of failure that callers act on, chosen by code. Copying one never throws, it
/// keeps all that the C API knows of the call, and another shared object than the one that threw it can catch it.

#ifndef TENCENT_CHAT_ERROR_HPP
#define TENCENT_CHAT_ERROR_HPP

#include <tencent_chat.h>
#include <tencent_chat/codes.hpp>
#include <tencent_chat/handle.hpp>
#include <tencent_chat/response.hpp>

#include <any>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <limits>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace tencent_chat {

namespace detail {

/// What a failure keeps of its call beside code and message.
struct Evidence {
  explicit Evidence() : response(std::make_shared<const Response>()) {}
  explicit Evidence(Response answer) : response(std::make_shared<const Response>(std::move(answer))) {}

  std::shared_ptr<const Response> response;  // never null
  std::any result;                           // a std::shared_ptr<const Result>, or nothing
  std::size_t done = 0;
};

}  // namespace detail

/// Any failure of this library; the classes below say of which kind. Copies share one detail, so copying never throws.
class TENCENT_CHAT_VISIBLE Error : public std::exception {
 public:
  /// `response` may be empty: what was refused before a call has none.
  Error(Code code, std::string_view message, Response response = Response())
      : Error(code, message, detail::Evidence(std::move(response))) {}
  /// For this library's own use.
  Error(Code code, std::string_view message, detail::Evidence evidence)
      : detail_(std::make_shared<const Detail>(code, message, std::move(evidence))) {}
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
  [[nodiscard]] const Response& response() const noexcept { return *detail_->evidence.response; }
  /// What the call would have returned, as far as it came: of a PartialError everything, with the `ResultCode` of each item; of a
  /// call with `split` that stopped, the parts that were answered. `Result` is the call's return type, as in
  /// `error.result<MarkedContacts>()`; null for any other type and where there is nothing. Lives as long as a copy of the error.
  template <typename Result>
  [[nodiscard]] const Result* result() const noexcept {
    const auto* held = std::any_cast<std::shared_ptr<const Result>>(&detail_->evidence.result);
    return held == nullptr ? nullptr : held->get();
  }
  /// Of the calls that take `split`: how many items of the list were answered, well or not; in a PartialError all of them. Those
  /// behind are untouched, except those of the one request that failed, where response().is_in_doubt() tells. 0 of other calls.
  [[nodiscard]] std::size_t done() const noexcept { return detail_->evidence.done; }

 private:
  struct Detail {
    Detail(Code number, std::string_view text, detail::Evidence kept)
        : code(number),
          message(text),
          what(std::to_string(static_cast<int>(number)) + ": " + message),
          evidence(std::move(kept)) {}
    Code code;
    std::string message;
    std::string what;
    detail::Evidence evidence;
  };
  std::shared_ptr<const Detail> detail_;
};

/// An argument or setting breaks a rule; nothing was sent. ERR_INVALID_ARGUMENT, ERR_INVALID_UTF8.
class TENCENT_CHAT_VISIBLE InvalidArgument : public Error { using Error::Error; };
/// The settings are incomplete or contradict each other. ERR_CONFIG.
class TENCENT_CHAT_VISIBLE ConfigError : public Error { using Error::Error; };
/// The deadline passed. ERR_TIMEOUT.
class TENCENT_CHAT_VISIBLE TimeoutError : public Error { using Error::Error; };
/// No connection, or it broke. ERR_TRANSPORT.
class TENCENT_CHAT_VISIBLE TransportError : public Error { using Error::Error; };
/// Certificate or handshake refused; nothing was sent. ERR_TLS.
class TENCENT_CHAT_VISIBLE TlsError : public TransportError { using TransportError::TransportError; };
/// A gateway or proxy answered with an HTTP status that is not 200. ERR_HTTP_STATUS.
class TENCENT_CHAT_VISIBLE HttpStatusError : public Error { using Error::Error; };
/// The answer was cut short, too large, no JSON, or contradicts itself; or a call succeeded, and a member of its answer is of another
/// type than documented: the message names it, and result() has all the others. ERR_PROTOCOL.
class TENCENT_CHAT_VISIBLE ProtocolError : public Error { using Error::Error; };
/// The client was made before fork() and this is a child: make one here. Nothing was sent. ERR_FORKED.
class TENCENT_CHAT_VISIBLE ForkedError : public Error { using Error::Error; };
/// The client was shut down. ERR_SHUTDOWN.
class TENCENT_CHAT_VISIBLE ShutdownError : public Error { using Error::Error; };
/// A Cancel or an interrupt ended the call. ERR_CANCELLED.
class TENCENT_CHAT_VISIBLE CancelledError : public Error { using Error::Error; };
/// The client's own rate limit has no slot before the deadline. Nothing was sent unless response().is_in_doubt(). ERR_THROTTLED.
class TENCENT_CHAT_VISIBLE ThrottledError : public Error {
 public:
  using Error::Error;
  /// How long until a slot is free.
  [[nodiscard]] std::chrono::milliseconds retry_after() const noexcept { return response().retry_after(); }
};
/// A bug of the library was contained; the client stays usable. ERR_PANIC.
class TENCENT_CHAT_VISIBLE PanicError : public Error { using Error::Error; };
/// The call succeeded but some of its items failed; the others took effect. result() has them all, each with its `ResultCode`.
/// ERR_PARTIAL.
class TENCENT_CHAT_VISIBLE PartialError : public Error { using Error::Error; };
/// The service refused: every positive code, and ERR_SERVICE (FAIL without a usable code).
class TENCENT_CHAT_VISIBLE ServiceError : public Error { using Error::Error; };
/// The user has no conversation group of that name. 51009.
class TENCENT_CHAT_VISIBLE GroupNotFoundError : public ServiceError { using ServiceError::ServiceError; };
/// The user was never imported, or does not exist. 50001, 70107.
class TENCENT_CHAT_VISIBLE AccountNotImportedError : public ServiceError { using ServiceError::ServiceError; };
/// The identifier is not an administrator of the app. 50003, 60010, 70403.
class TENCENT_CHAT_VISIBLE AdminRequiredError : public ServiceError { using ServiceError::ServiceError; };
/// The signature was refused. 70001 to 70014, 70052, 70346, 70347; 70050: too many refusals, locked for response().retry_after().
class TENCENT_CHAT_VISIBLE UserSigError : public ServiceError { using ServiceError::ServiceError; };
/// Too many calls; wait response().retry_after(). 60007, 60011, 60018, 60019.
class TENCENT_CHAT_VISIBLE RateExceededError : public ServiceError { using ServiceError::ServiceError; };

namespace detail {

/// Throws the class of a positive code.
[[noreturn]] inline void fail_by_service(int number, std::string_view message, Evidence evidence) {
  const Code code = static_cast<Code>(number);
  switch (number) {
    case CHAT_SERVICE_GROUP_NOT_FOUND:
      throw GroupNotFoundError(code, message, std::move(evidence));
    case CHAT_SERVICE_ACCOUNT_NOT_IMPORTED:
    case CHAT_SERVICE_ACCOUNT_NOT_FOUND:
      throw AccountNotImportedError(code, message, std::move(evidence));
    case CHAT_SERVICE_ADMIN_REQUIRED:
    case CHAT_SERVICE_GATEWAY_ADMIN_REQUIRED:
    case CHAT_SERVICE_ACCOUNT_ADMIN_REQUIRED:
      throw AdminRequiredError(code, message, std::move(evidence));
    case CHAT_SERVICE_CALL_RATE_EXCEEDED:
    case CHAT_SERVICE_APP_RATE_EXCEEDED:
    case 60018:  // 1047/34620: too many requests, like the next
    case 60019:
      throw RateExceededError(code, message, std::move(evidence));
    case CHAT_SERVICE_LOCKED_OUT:
    case CHAT_SERVICE_USER_SIG_REVOKED:
    case 70346:  // 269/1671: the vendor's gateway for a bad signature, and for an expired one
    case 70347:
      throw UserSigError(code, message, std::move(evidence));
    default:
      break;
  }
  if (number >= CHAT_SERVICE_USER_SIG_EXPIRED && number <= CHAT_SERVICE_USER_SIG_WRONG_SDK_APP_ID) {
    throw UserSigError(code, message, std::move(evidence));
  }
  throw ServiceError(code, message, std::move(evidence));
}

/// Throws the class of any code but OK.
[[noreturn]] inline void fail(int number, std::string_view message, Evidence evidence = Evidence()) {
  const Code code = static_cast<Code>(number);
  if (message.empty()) message = describe(code);  // a moved-from object has no message of its own
  switch (number) {
    case CHAT_ERR_INVALID_ARGUMENT:
    case CHAT_ERR_INVALID_UTF8:
      throw InvalidArgument(code, message, std::move(evidence));
    case CHAT_ERR_CONFIG:
      throw ConfigError(code, message, std::move(evidence));
    case CHAT_ERR_TIMEOUT:
      throw TimeoutError(code, message, std::move(evidence));
    case CHAT_ERR_TRANSPORT:
      throw TransportError(code, message, std::move(evidence));
    case CHAT_ERR_TLS:
      throw TlsError(code, message, std::move(evidence));
    case CHAT_ERR_HTTP_STATUS:
      throw HttpStatusError(code, message, std::move(evidence));
    case CHAT_ERR_PROTOCOL:
      throw ProtocolError(code, message, std::move(evidence));
    case CHAT_ERR_FORKED:
      throw ForkedError(code, message, std::move(evidence));
    case CHAT_ERR_THROTTLED:
      throw ThrottledError(code, message, std::move(evidence));
    case CHAT_ERR_SHUTDOWN:
      throw ShutdownError(code, message, std::move(evidence));
    case CHAT_ERR_CANCELLED:
      throw CancelledError(code, message, std::move(evidence));
    case CHAT_ERR_PANIC:
      throw PanicError(code, message, std::move(evidence));
    case CHAT_ERR_PARTIAL:
      throw PartialError(code, message, std::move(evidence));
    case CHAT_ERR_SERVICE:
      throw ServiceError(code, message, std::move(evidence));
    default:
      break;
  }
  if (number > 0) fail_by_service(number, message, std::move(evidence));
  throw Error(code, message, std::move(evidence));
}

/// Throws unless the call that gave this code and response succeeded. The message is copied before the response moves.
inline void require(int number, Response& response) {
  if (number == CHAT_OK) return;
  const std::string message(response.message());
  fail(number, message, Evidence(std::move(response)));
}

/// The text, unless it holds a NUL. `argument` names it in the message.
inline std::string_view refuse_nul(std::string_view argument, std::string_view text) {
  if (text.find('\0') != std::string_view::npos) {
    fail(CHAT_ERR_INVALID_ARGUMENT, std::string(argument) + ": holds a NUL character; remove it");
  }
  return text;
}

inline std::string_view Text::without_nul(const char* argument, std::string_view text) { return refuse_nul(argument, text); }

template <typename Duration>
std::uint32_t to_u32(const char* argument, Duration duration) {
  constexpr auto longest = std::numeric_limits<std::uint32_t>::max();
  if (duration.count() < 0 || duration.count() > static_cast<typename Duration::rep>(longest)) {
    fail(CHAT_ERR_INVALID_ARGUMENT, std::string(argument) + ": " + std::to_string(duration.count()) + "; it lies between 0 and " + std::to_string(longest));
  }
  return static_cast<std::uint32_t>(duration.count());
}

}  // namespace detail

}  // namespace tencent_chat

#endif  // TENCENT_CHAT_ERROR_HPP
