/// @file response.hpp
/// What one call answered, success or failure, as the C API keeps it.

#ifndef TENCENT_CHAT_RESPONSE_HPP
#define TENCENT_CHAT_RESPONSE_HPP

#include <tencent_chat.h>
#include <tencent_chat/codes.hpp>
#include <tencent_chat/handle.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace tencent_chat {

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
  /// What went wrong and what to do about it, in English; never holds a key or signature. Control characters of the service's are escaped.
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
  /// The answer as JSON that every parser reads alike: the body, but in UTF-8 with U+FFFD where a text is broken, without a byte-order
  /// mark, and with whole numbers as plain digits; "" when it is no JSON.
  [[nodiscard]] std::string_view json() const noexcept {
    std::size_t length = 0;
    const char* text = chat_response_json(handle(), &length);
    return {text, length};
  }
  /// HTTP status of the answer; 0 when there was none.
  [[nodiscard]] int http_status() const noexcept { return chat_response_http_status(handle()); }
  /// Requests made for this call, repeats included; 0 when it was refused before sending.
  [[nodiscard]] int attempts() const noexcept { return chat_response_attempts(handle()); }
  /// The `random` of the last attempt: the vendor's support finds a request by it.
  [[nodiscard]] std::uint32_t random() const noexcept { return chat_response_random(handle()); }
  /// Whether the same call may succeed later.
  [[nodiscard]] bool is_retriable() const noexcept { return chat_response_is_retriable(handle()) != 0; }
  /// Whether a failed call may still have taken effect. Ask before repeating what must not happen twice.
  [[nodiscard]] bool is_in_doubt() const noexcept { return chat_response_is_in_doubt(handle()) != 0; }
  /// Whether a delete succeeded because its repeat found no such group after an attempt in doubt: that attempt had deleted it, or
  /// somebody else had.
  [[nodiscard]] bool is_already_deleted() const noexcept { return chat_response_is_already_deleted(handle()) != 0; }
  /// How long to wait before repeating; 0: no pause is asked for.
  [[nodiscard]] std::chrono::milliseconds retry_after() const noexcept {
    return std::chrono::milliseconds(chat_response_retry_after_ms(handle()));
  }
  /// The attempts as a JSON array, one object each: `code`, `reached`, `random`, `ms` and more. For logs; never holds a signature.
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
  /// The text at `pointer`, as chat_response_str gives it; nothing when there is no such member, empty when it
  /// is no text.
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

}  // namespace tencent_chat

#endif  // TENCENT_CHAT_RESPONSE_HPP
