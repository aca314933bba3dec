/// @file contacts.hpp
/// What calls work on, as plain values: conversations, changes to their marks, accounts; and the C lists made from them.
/// Text is never cut at a NUL and a mark is never out of range; the library checks the rest.

#ifndef TENCENT_CHAT_CONTACTS_HPP
#define TENCENT_CHAT_CONTACTS_HPP

#include <tencent_chat.h>
#include <tencent_chat/error.hpp>
#include <tencent_chat/handle.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tencent_chat {

/// The vendor's `Type` of a conversation.
enum class ContactType : int {
  /// With one user; the id is a UserID.
  ONE_TO_ONE = 1,
  /// In a chat group; the id is that group's id, such as "@TGS#1B2AUI7RZ".
  GROUP_CHAT = 2,
};
static_assert(static_cast<int>(ContactType::ONE_TO_ONE) == CHAT_ONE_TO_ONE && static_cast<int>(ContactType::GROUP_CHAT) == CHAT_GROUP_CHAT);

/// One conversation; its type and id together are its key. It changes only by assignment.
class Contact {
 public:
  /// The conversation with the user `user_id`.
  [[nodiscard]] static Contact one_to_one(std::string_view user_id) { return {ContactType::ONE_TO_ONE, user_id}; }
  /// The conversation in the chat group `group_id`; not a conversation group, which has a name and a number.
  [[nodiscard]] static Contact group_chat(std::string_view group_id) { return {ContactType::GROUP_CHAT, group_id}; }

  /// For a type known at run time only. An empty id or another type is refused by the call, before anything is sent.
  Contact(ContactType type, std::string_view id) : type_(type), id_(id) {}

  [[nodiscard]] ContactType type() const noexcept { return type_; }
  /// UserID, or the chat group's id.
  [[nodiscard]] const std::string& id() const noexcept { return id_; }

  friend bool operator==(const Contact& a, const Contact& b) noexcept { return a.type_ == b.type_ && a.id_ == b.id_; }
  friend bool operator!=(const Contact& a, const Contact& b) noexcept { return !(a == b); }
  /// By type, then id; so that a Contact can be the key of a map.
  friend bool operator<(const Contact& a, const Contact& b) noexcept {
    return a.type_ != b.type_ ? a.type_ < b.type_ : a.id_ < b.id_;
  }

 private:
  ContactType type_;
  std::string id_;
};

/// What mark_contact does to one conversation: `Mark(contact).set_mark(32).custom_mark("vip")`. One that does nothing, or sets and
/// clears the same mark, is refused by the call.
///
/// Standard marks are numbered 0 to 63 (1047/53438). 0 to 31 belong to Chat itself; 32 to 63 are the app's own.
class Mark {
 public:
  /// Marks of Chat's own: a star, counted as unread, folded, hidden.
  static constexpr int STAR = CHAT_MARK_STAR;
  static constexpr int UNREAD = CHAT_MARK_UNREAD;
  static constexpr int FOLD = CHAT_MARK_FOLD;
  static constexpr int HIDE = CHAT_MARK_HIDE;

  explicit Mark(Contact contact) : contact_(std::move(contact)) {}

  /// Sets a standard mark. Throws InvalidArgument for a number outside 0 to 63.
  Mark& set_mark(int number) {
    set_ |= bit("set_mark", number);
    return *this;
  }
  /// Clears a standard mark. Throws InvalidArgument for a number outside 0 to 63.
  Mark& clear_mark(int number) {
    clear_ |= bit("clear_mark", number);
    return *this;
  }
  /// Sets the custom mark: at most 256 bytes of UTF-8; "" clears it. Without this call it stays as it is.
  Mark& custom_mark(std::string_view text) {
    custom_ = std::string(text);
    return *this;
  }

  [[nodiscard]] const Contact& contact() const noexcept { return contact_; }
  /// The marks to set: bit n is mark n.
  [[nodiscard]] std::uint64_t set_marks() const noexcept { return set_; }
  /// The marks to clear: bit n is mark n.
  [[nodiscard]] std::uint64_t clear_marks() const noexcept { return clear_; }
  /// The custom mark to set; nothing leaves it as it is.
  [[nodiscard]] const std::optional<std::string>& custom_mark() const noexcept { return custom_; }

 private:
  static std::uint64_t bit(const char* argument, int number) {
    if (number < 0 || number > 63) {
      detail::fail(CHAT_ERR_INVALID_ARGUMENT,
                   std::string(argument) + ": there is no standard mark " + std::to_string(number) + "; they are numbered 0 to 63");
    }
    return std::uint64_t{1} << number;
  }

  Contact contact_;
  std::uint64_t set_ = 0;
  std::uint64_t clear_ = 0;
  std::optional<std::string> custom_;
};

/// One account to import.
struct Account {
  /// 1 to 32 bytes of UTF-8.
  std::string user_id{};
  /// The nickname, at most 500 bytes; nothing leaves it as it is.
  std::optional<std::string> nick{};
  /// The picture's URL, at most 500 bytes; nothing leaves it as it is.
  std::optional<std::string> face_url{};
};

/// Passed to a call, lets its list be longer than one request takes: `client.mark_contact(user, marks, tencent_chat::split)`. The
/// list is cut, the requests follow each other, the results are joined. A part with failed items does not stop the rest; one
/// PartialError at the end has all. Any other failure stops, and its error tells what was done: `error.done()`, `error.result<...>()`.
/// An item that cannot be (type, id, marks that contradict) is found before anything is sent, a text over its limit with its request.
struct Split {
  explicit constexpr Split(int) noexcept {}  // no default, so that `{}` stays the word for no options
};
inline constexpr Split split{0};

namespace detail {

/// The C list of some items of a vector.
template <typename T, auto Free>
struct List {
  Handle<T, Free> handle;
  /// Whether the library refused an item; a call with the list then says why and sends nothing.
  bool has_refused = false;
};

using Contacts = List<chat_contacts, &chat_contacts_free>;
using Marks = List<chat_marks, &chat_marks_free>;
using Accounts = List<chat_accounts, &chat_accounts_free>;

/// Where a text stands, for messages: "contacts[3]: id".
inline std::string place(const char* list, std::size_t index, const char* member) {
  return std::string(list) + "[" + std::to_string(index) + "]: " + member;
}

/// The text as C reads it. Throws InvalidArgument when it holds a NUL.
inline const char* c_text(const char* list, std::size_t index, const char* member, const std::string& text) {
  if (text.find('\0') != std::string::npos) refuse_nul(place(list, index, member), text);
  return text.c_str();
}
inline const char* c_text(const char* list, std::size_t index, const char* member, const std::optional<std::string>& text) {
  return text ? c_text(list, index, member, *text) : nullptr;
}

/// The items from `begin` to before `end`; `name` is the argument's, for messages.
inline Contacts list_of(const char* name, const std::vector<Contact>& items, std::size_t begin, std::size_t end) {
  Contacts list{Handle<chat_contacts, &chat_contacts_free>(chat_contacts_new())};
  for (std::size_t i = begin; i < end; ++i) {
    const char* id = c_text(name, i, "id", items[i].id());
    list.has_refused |= chat_contacts_add(list.handle.get(), static_cast<int>(items[i].type()), id) != CHAT_OK;
  }
  return list;
}

inline Marks list_of(const char* name, const std::vector<Mark>& items, std::size_t begin, std::size_t end) {
  Marks list{Handle<chat_marks, &chat_marks_free>(chat_marks_new())};
  for (std::size_t i = begin; i < end; ++i) {
    const Mark& mark = items[i];
    const char* id = c_text(name, i, "id", mark.contact().id());
    const char* custom = c_text(name, i, "custom_mark", mark.custom_mark());
    const int type = static_cast<int>(mark.contact().type());
    list.has_refused |= chat_marks_add(list.handle.get(), type, id, mark.set_marks(), mark.clear_marks(), custom) != CHAT_OK;
  }
  return list;
}

inline Accounts list_of(const char* name, const std::vector<Account>& items, std::size_t begin, std::size_t end) {
  Accounts list{Handle<chat_accounts, &chat_accounts_free>(chat_accounts_new())};
  for (std::size_t i = begin; i < end; ++i) {
    const char* id = c_text(name, i, "user_id", items[i].user_id);
    const char* nick = c_text(name, i, "nick", items[i].nick);
    const char* face_url = c_text(name, i, "face_url", items[i].face_url);
    list.has_refused |= chat_accounts_add(list.handle.get(), id, nick, face_url) != CHAT_OK;
  }
  return list;
}

/// UserIDs alone.
inline Accounts list_of(const char* name, const std::vector<std::string>& items, std::size_t begin, std::size_t end) {
  Accounts list{Handle<chat_accounts, &chat_accounts_free>(chat_accounts_new())};
  for (std::size_t i = begin; i < end; ++i) {
    const char* id = c_text(name, i, "user_id", items[i]);
    list.has_refused |= chat_accounts_add(list.handle.get(), id, nullptr, nullptr) != CHAT_OK;
  }
  return list;
}

/// All items.
template <typename Item>
auto list_of(const char* name, const std::vector<Item>& items) {
  return list_of(name, items, 0, items.size());
}

}  // namespace detail

}  // namespace tencent_chat

#endif  // TENCENT_CHAT_CONTACTS_HPP
