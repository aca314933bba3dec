/// @file handle.hpp
/// What the public classes own and hand to C: handles that free themselves, text that ends in NUL, durations that fit.

#ifndef TENCENT_CHAT_HANDLE_HPP
#define TENCENT_CHAT_HANDLE_HPP

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

/// Of a type that one shared object throws and another catches, also where both are built with -fvisibility=hidden.
#if defined(__GNUC__) && !defined(_WIN32)
#define TENCENT_CHAT_VISIBLE __attribute__((visibility("default")))
#else
#define TENCENT_CHAT_VISIBLE
#endif

namespace tencent_chat {

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

}  // namespace tencent_chat

#endif  // TENCENT_CHAT_HANDLE_HPP
