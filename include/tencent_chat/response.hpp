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
#include <set>
#include <string_view>
#include <vector>

namespace tencent_chat {

/// What a member of an answer is.
enum class JsonType : int {
  ABSENT = CHAT_TYPE_ABSENT,
  NULL_VALUE = CHAT_TYPE_NULL,
  BOOL = CHAT_TYPE_BOOL,
  /// An integer of 64 bits, with a sign or without; `1.0` is one.
  INTEGER = CHAT_TYPE_INTEGER,
  DOUBLE = CHAT_TYPE_DOUBLE,
  STRING = CHAT_TYPE_STRING,
  ARRAY = CHAT_TYPE_ARRAY,
  OBJECT = CHAT_TYPE_OBJECT,
};

namespace detail {

/// The numbers of the marks that are set in a mask.
inline std::set<int> marks_of(std::uint64_t mask) {
  std::set<int> marks;
  for (int number = 0; number < 64; ++number) {
    if ((mask >> number & 1) != 0) marks.insert(number);
  }
  return marks;
}

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
    return value<std::int64_t>(pointer, chat_response_int);
  }
  /// The same without a sign, up to 64 bits.
  [[nodiscard]] std::optional<std::uint64_t> unsigned_integer(std::string_view pointer) const {
    return value<std::uint64_t>(pointer, chat_response_uint);
  }
  /// The number at `pointer`, also when it came as text; nothing when absent or beyond a double.
  [[nodiscard]] std::optional<double> number(std::string_view pointer) const { return value<double>(pointer, chat_response_double); }
  /// The truth value at `pointer`; nothing when absent or neither true nor false.
  [[nodiscard]] std::optional<bool> boolean(std::string_view pointer) const {
    const std::optional<int> yes = value<int>(pointer, chat_response_bool);
    return yes ? std::optional<bool>(*yes != 0) : std::nullopt;
  }
  /// The marks that are set in the StandardMark at `pointer`, as numbers: 0 to 63; nothing when absent or no such text.
  [[nodiscard]] std::optional<std::set<int>> marks(std::string_view pointer) const {
    const std::optional<std::uint64_t> mask = value<std::uint64_t>(pointer, chat_response_marks);
    return mask ? std::optional<std::set<int>>(detail::marks_of(*mask)) : std::nullopt;
  }
  /// What stands at `pointer`.
  [[nodiscard]] JsonType type(std::string_view pointer) const {
    const detail::Text path("pointer", pointer);
    return static_cast<JsonType>(chat_response_type(handle(), path.c_str()));
  }
  /// The names in the object at `pointer`, sorted; empty for anything else.
  [[nodiscard]] std::vector<std::string_view> names(std::string_view pointer) const {
    std::vector<std::string_view> names;
    if (type(pointer) != JsonType::OBJECT) return names;
    const detail::Text path("pointer", pointer);
    for (std::size_t i = 0; i < chat_response_count(handle(), path.c_str()); ++i) {
      std::size_t length = 0;
      const char* name = chat_response_name(handle(), path.c_str(), i, &length);
      names.emplace_back(name, length);
    }
    return names;
  }
  /// The member at `pointer` as an answer of its own, whose body is the member's JSON text; nothing when absent.
  [[nodiscard]] std::optional<Response> member(std::string_view pointer) const {
    const detail::Text path("pointer", pointer);
    chat_response* found = nullptr;
    if (chat_response_member(handle(), path.c_str(), &found) != CHAT_OK) return std::nullopt;
    return Response(found);
  }

  /// The C handle, still owned by this object; null when empty.
  [[nodiscard]] const chat_response* handle() const noexcept { return handle_.get(); }

 private:
  template <typename T>
  [[nodiscard]] std::optional<T> value(std::string_view pointer, int (*read)(const chat_response*, const char*, T*)) const {
    const detail::Text path("pointer", pointer);
    T found{};
    if (read(handle(), path.c_str(), &found) != CHAT_OK) return std::nullopt;
    return found;
  }

  detail::Handle<chat_response, &chat_response_free> handle_;
};

}  // namespace tencent_chat

#endif  // TENCENT_CHAT_RESPONSE_HPP
