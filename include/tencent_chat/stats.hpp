/// @file stats.hpp
/// What a client counted about itself, at one moment. Names and meaning are the library's.

#ifndef TENCENT_CHAT_STATS_HPP
#define TENCENT_CHAT_STATS_HPP

#include <tencent_chat.h>
#include <tencent_chat/handle.hpp>

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace tencent_chat {

class Client;

/// A client's counters at one moment, made by Client::stats(), and those of others that were added. tencent_chat.h says beside `chat_stats` what each name
/// counts. An empty one (default-made or moved-from) has none. A string_view lives as long as the Stats it came from.
class Stats {
 public:
  /// An empty snapshot.
  Stats() noexcept = default;
  /// Takes ownership of a snapshot of the C API; may be null.
  explicit Stats(chat_stats* taken) noexcept : handle_(taken) {}

  /// Adds another client's counters: one page of several, the series of each under its own labels (Config::metric_label). Throws
  /// InvalidArgument when one with the same labels is there already.
  void add(const Client& other);
  /// The counter of that name, such as "calls_ok"; 0 for one that the library in use does not have.
  [[nodiscard]] std::uint64_t operator[](std::string_view name) const {
    const detail::Text text("name", name);
    return chat_stats_get(handle(), text.c_str());
  }
  /// All counters by name.
  [[nodiscard]] std::map<std::string, std::uint64_t> values() const {
    std::map<std::string, std::uint64_t> values;
    const std::size_t count = chat_stats_count(handle());
    for (std::size_t i = 0; i < count; ++i) values.emplace(chat_stats_name(handle(), i), chat_stats_value(handle(), i));
    return values;
  }
  /// The snapshot in Prometheus' text exposition format 0.0.4, ready to be served.
  [[nodiscard]] std::string_view prometheus() const noexcept {
    std::size_t length = 0;
    const char* text = chat_stats_prometheus(handle(), &length);
    return {text, length};
  }

  /// The C handle, still owned by this object; null when empty.
  [[nodiscard]] const chat_stats* handle() const noexcept { return handle_.get(); }

 private:
  detail::Handle<chat_stats, &chat_stats_free> handle_;
};

}  // namespace tencent_chat

#endif  // TENCENT_CHAT_STATS_HPP
