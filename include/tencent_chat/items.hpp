/// @file items.hpp
/// Goes through a list that the service gives page by page, as an input range: each conversation once, with an end whatever
/// the service answers. A page that failed can be asked for again.

#ifndef TENCENT_CHAT_ITEMS_HPP
#define TENCENT_CHAT_ITEMS_HPP

#include <tencent_chat.h>
#include <tencent_chat/call_options.hpp>
#include <tencent_chat/error.hpp>
#include <tencent_chat/handle.hpp>
#include <tencent_chat/response.hpp>
#include <tencent_chat/results.hpp>

#include <cstddef>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tencent_chat {

/// The conversations of a user, page after page: `for (const ContactGroupEntry& entry : client.contact_group_items(user))`.
///
/// A page is read when its first item is asked for; that blocks, and throws an Error when it fails. The iteration stays where it
/// was: the next begin() or next() asks for the same page again. An item with a member of another type than documented throws a
/// ProtocolError that names it, with the rest of the item as its result(), and the next begin() or next() goes on behind it. Leaving a loop early frees what it held; a second loop over the
/// same object goes on behind the last item given, since each comes once. It may outlive its client, and then throws
/// ShutdownError. One thread at a time.
///
/// The plan's number of cloud conversations caps what comes (1047/48322), so even a complete answer is no proof of completeness.
template <typename Entry>
class Items {
 public:
  /// An input iterator; valid as long as the Items it came from stay where they are.
  class iterator {
   public:
    using iterator_category = std::input_iterator_tag;
    using value_type = Entry;
    using difference_type = std::ptrdiff_t;
    using pointer = const Entry*;
    using reference = const Entry&;

    /// The end.
    iterator() noexcept = default;
    /// The item last given; until the next one is asked for.
    [[nodiscard]] reference operator*() const { return *items_->current_; }
    [[nodiscard]] pointer operator->() const { return &*items_->current_; }
    /// Asks for the next item; throws as the page's call does.
    iterator& operator++() {
      items_ = items_->advance() ? items_ : nullptr;
      return *this;
    }
    /// The same; what it gives holds a copy of the item.
    auto operator++(int) {
      Before before{**this};
      ++*this;
      return before;
    }
    friend bool operator==(const iterator& a, const iterator& b) noexcept { return a.items_ == b.items_; }
    friend bool operator!=(const iterator& a, const iterator& b) noexcept { return !(a == b); }

   private:
    struct Before {
      Entry entry;
      const Entry& operator*() const noexcept { return entry; }
    };
    friend class Items;
    explicit iterator(Items* items) noexcept : items_(items) {}
    Items* items_ = nullptr;
  };

  /// Takes ownership of an iteration of the C API; `options` are those of every page.
  Items(chat_items* taken, CallOptions options) noexcept : options_(std::move(options)), handle_(taken) {}

  /// Asks for the next item.
  [[nodiscard]] iterator begin() { return iterator(advance() ? this : nullptr); }
  [[nodiscard]] iterator end() noexcept { return iterator(); }

  /// The next item, or nothing at the end. Throws as the page's call does.
  [[nodiscard]] std::optional<Entry> next() {
    if (!advance()) return std::nullopt;
    return current_;
  }
  /// Whether the iteration has ended and the service itself had said that nothing follows. False also when it made no progress: a
  /// page without anything new, or a cursor that came back.
  [[nodiscard]] bool is_complete() const noexcept { return chat_items_is_complete(handle()) != 0; }
  /// The last item as the service sent it: a JSON object in body(), with attempts, `random` and trace of its page.
  [[nodiscard]] const Response& response() const noexcept { return response_; }
  /// The whole answer that the last item came in; "" before the first. Until the next item is asked for.
  [[nodiscard]] std::string_view page_body() const noexcept {
    std::size_t length = 0;
    const char* body = chat_response_body(chat_items_page(handle_.get()), &length);
    return {body, length};
  }

  /// The C handle, still owned by this object; null when moved from.
  [[nodiscard]] const chat_items* handle() const noexcept { return handle_.get(); }

 private:
  /// Reads the next item into `current_`; false at the end.
  bool advance() {
    chat_response* raw = nullptr;
    const int code = chat_items_next(handle_.get(), options_.handle(), &raw);
    Response item(raw);
    options_.rethrow();
    if (code == CHAT_END) return false;
    detail::require(code, item);
    detail::Reading answer{item.handle()};
    current_ = read(answer);
    response_ = std::move(item);
    if (answer.wrong.empty()) return true;
    detail::Evidence evidence;
    evidence.result = std::make_shared<const Entry>(*current_);
    detail::fail(CHAT_ERR_PROTOCOL, answer.wrong, std::move(evidence));
  }
  Entry read(detail::Answer item);

  CallOptions options_;
  detail::Handle<chat_items, &chat_items_free> handle_;
  std::optional<Entry> current_;
  Response response_;
  // The groups of the page that `page_` is the body of: named once a page, not once an item.
  std::string page_;
  std::vector<Group> groups_;
};

template <>
inline RecentContact Items<RecentContact>::read(detail::Answer item) {
  return detail::recent_contact_at(item, "");
}

template <>
inline ContactGroupEntry Items<ContactGroupEntry>::read(detail::Answer item) {
  if (page_body() != page_) {
    page_ = page_body();
    detail::Reading page{chat_items_page(handle_.get())};
    groups_ = detail::groups_at(page, "/GroupItem");
    item.wrong = page.wrong;
  }
  return detail::entry_at(item, "", groups_);
}

}  // namespace tencent_chat

#endif  // TENCENT_CHAT_ITEMS_HPP
