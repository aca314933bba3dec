/// @file results.hpp
/// What the calls answer, as plain values in the vendor's terms. A missing member reads as 0 or empty, a number may come as
/// text, and the whole answer stays at hand.

#ifndef TENCENT_CHAT_RESULTS_HPP
#define TENCENT_CHAT_RESULTS_HPP

#include <tencent_chat.h>
#include <tencent_chat/codes.hpp>
#include <tencent_chat/contacts.hpp>
#include <tencent_chat/response.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace tencent_chat {

/// A conversation group: its name and its number, unique for its user and never used again.
struct Group {
  std::string name{};
  std::int64_t id = 0;
};

/// What became of one conversation of a call.
struct ContactResult {
  Contact contact;
  /// OK, or why this conversation was left out: SERVICE_GROUP_CHAT_FAILED for a dismissed chat group, and so on.
  Code result_code = Code::OK;
  std::string result_info{};
  /// In an update 1 added, 2 removed (`ContactOptType`); in a mark 1 standard, 2 custom, 3 both (`OptType`); else 0.
  std::int64_t opt_type = 0;
};

/// What became of one account of a call.
struct AccountResult {
  std::string user_id{};
  /// OK, or SERVICE_ACCOUNT_NOT_FOUND and so on.
  Code result_code = Code::OK;
  std::string result_info{};
};

/// What create_contact_group answers.
struct CreatedGroup {
  Group group{};
  /// Each conversation that was to be in it.
  std::vector<ContactResult> contacts{};
  /// The whole answer.
  Response response{};
};

/// What update_contact_group_name and update_contact_group_contacts answer.
struct UpdatedGroup {
  /// The group as it is now.
  Group group{};
  /// Its name before.
  std::string old_name{};
  /// Each conversation that was to be added or removed; those to add first.
  std::vector<ContactResult> contacts{};
  /// The whole answer.
  Response response{};
};

/// What del_contact_group answers.
struct DeletedGroups {
  /// The groups deleted: one; the service may name none.
  std::vector<Group> groups{};
  /// Whether a repeat found no such group after an attempt in doubt: that attempt had deleted it, or somebody else had. `groups` is empty.
  bool already_deleted = false;
  /// The whole answer.
  Response response{};
};

/// What mark_contact answers.
struct MarkedContacts {
  /// Each conversation in the order given.
  std::vector<ContactResult> contacts{};
  /// The whole answers: one, or with `split` one a request.
  std::vector<Response> responses{};
};

/// What recent_contact_pin and recent_contact_unpin answer.
struct PinnedContacts {
  /// The whole answers: one, or with `split` one a request.
  std::vector<Response> responses{};
};

/// The marks and groups of one conversation.
struct ContactGroupEntry {
  Contact contact;
  /// The standard marks as the service sent them, such as "0110"; "" when unset.
  std::string standard_mark{};
  /// "" when unset.
  std::string custom_mark{};
  /// The groups it is in, named as the same answer names them; a group that it does not name has an empty name.
  std::vector<Group> groups{};
  /// When its groups or marks last changed, in seconds since 1970.
  std::int64_t timestamp = 0;
  /// The standard marks that are set, by number: `entry.marks.count(Mark::STAR)`. The last character of `standard_mark` is mark 0; so the
  /// vendor's own SDK for the web reads it, and no page says it of these answers.
  std::set<int> marks{};
};

/// What search_contact_group answers.
struct FoundContacts {
  /// Those of the conversations asked for that have a group or a mark.
  std::vector<ContactGroupEntry> contacts{};
  /// The user's groups.
  std::vector<Group> groups{};
  /// The whole answers: one, or with `split` one a request.
  std::vector<Response> responses{};
};

/// What get_contact_group answers: one page.
struct ContactGroupPage {
  std::vector<ContactGroupEntry> contacts{};
  /// The user's groups.
  std::vector<Group> groups{};
  /// Whether the service says that this is the last page.
  bool is_complete = false;
  /// What to ask the next page with.
  std::int64_t next_start_index = 0;
  /// The whole answer.
  Response response{};
};

/// One conversation of a user's list.
struct RecentContact {
  Contact contact;
  /// Seconds since 1970.
  std::int64_t msg_time = 0;
  /// Whether it is pinned to the top (`TopFlag`).
  bool is_pinned = false;
  /// As ContactGroupEntry::standard_mark; "" when unset.
  std::string standard_mark{};
  /// "" when unset.
  std::string custom_mark{};
  /// The numbers of the groups it is in. This list names no groups: get_contact_group does.
  std::vector<std::int64_t> contact_group_ids{};
  /// As ContactGroupEntry::marks.
  std::set<int> marks{};
};

/// Where recent_contact_get_list goes on; all 0 is the beginning. Opaque: hand it back as it came.
struct RecentContactCursor {
  std::int64_t time_stamp = 0;
  std::int64_t start_index = 0;
  std::int64_t top_time_stamp = 0;
  std::int64_t top_start_index = 0;
};

/// What recent_contact_get_list answers: one page.
struct RecentContactPage {
  /// In no promised order.
  std::vector<RecentContact> contacts{};
  /// Whether the service says that this is the last page.
  bool is_complete = false;
  /// What to ask the next page with.
  RecentContactCursor next{};
  /// The whole answer.
  Response response{};
};

/// What multiaccount_import answers.
struct ImportedAccounts {
  /// UserIDs that were not imported, wherever the answer names them.
  std::vector<std::string> fail_accounts{};
  /// Each account, from a service that answers so; usually empty.
  std::vector<AccountResult> accounts{};
  /// The whole answers: one, or with `split` one a request.
  std::vector<Response> responses{};
};

/// What Chat knows of one account.
struct AccountStatus {
  std::string user_id{};
  /// OK, or why it could not be checked.
  Code result_code = Code::OK;
  std::string result_info{};
  /// "Imported" or "NotImported", as the service sent it.
  std::string account_status{};

  [[nodiscard]] bool is_imported() const noexcept { return account_status == "Imported"; }
};

/// What account_check answers.
struct CheckedAccounts {
  /// Each account in the order given.
  std::vector<AccountStatus> accounts{};
  /// The whole answers: one, or with `split` one a request.
  std::vector<Response> responses{};
};

/// What account_delete answers.
struct DeletedAccounts {
  /// Each account in the order given.
  std::vector<AccountResult> accounts{};
  /// The whole answers: one, or with `split` one a request.
  std::vector<Response> responses{};
};

namespace detail {

/// An answer that is being read; owned elsewhere. A member that is absent or null has no value. One of another type than the vendor
/// documents has none either, and the first of them is remembered.
struct Reading {
  const chat_response* response;
  std::string wrong{};
};
using Answer = Reading&;

inline void refuse(Answer answer, const std::string& pointer, const char* wanted) {
  if (answer.wrong.empty()) answer.wrong = pointer + " in the answer is not " + wanted + "; the other members were read";
}

inline std::string text_at(Answer answer, const std::string& pointer) {
  std::size_t length = 0;
  const char* text = chat_response_str(answer.response, pointer.c_str(), &length);
  // What is no text is lent as the same empty one for every answer; an empty text of the answer is its own.
  const bool is_text = length > 0 || text != chat_response_str(nullptr, "", nullptr);
  if (!is_text && chat_response_has(answer.response, pointer.c_str()) != 0) refuse(answer, pointer, "a string");
  return {text, length};
}

inline std::int64_t number_at(Answer answer, const std::string& pointer) {
  std::int64_t value = 0;
  if (chat_response_int(answer.response, pointer.c_str(), &value) == CHAT_ERR_PROTOCOL) refuse(answer, pointer, "an integer of 64 bits");
  return value;
}

inline std::set<int> marks_at(Answer answer, const std::string& pointer) {
  std::uint64_t mask = 0;
  if (chat_response_marks(answer.response, pointer.c_str(), &mask) == CHAT_ERR_PROTOCOL) {
    refuse(answer, pointer, "a text of up to 64 characters 0 and 1");
  }
  return marks_of(mask);
}

/// One that is there and is no number is a failure of its item.
inline Code code_at(Answer answer, const std::string& pointer) {
  std::int64_t value = 0;
  const int code = chat_response_int(answer.response, pointer.c_str(), &value);
  return code == CHAT_ERR_PROTOCOL ? Code::ERR_SERVICE : static_cast<Code>(static_cast<int>(value));
}

/// The elements of the array at `pointer`, each read by `read(answer, its pointer)`.
template <typename Read>
auto all_at(Answer answer, const std::string& pointer, const Read& read) {
  std::vector<decltype(read(answer, pointer))> elements;
  const std::size_t count = chat_response_count(answer.response, pointer.c_str());
  std::size_t length = 0;
  std::int64_t number = 0;
  chat_response_str(answer.response, pointer.c_str(), &length);
  const bool is_scalar = length > 0 || chat_response_int(answer.response, pointer.c_str(), &number) == CHAT_OK;
  if (is_scalar) refuse(answer, pointer, "an array");
  elements.reserve(count);
  for (std::size_t i = 0; i < count; ++i) elements.push_back(read(answer, pointer + "/" + std::to_string(i)));
  return elements;
}

/// The id of a chat group is spelled in three ways on the vendor's pages.
inline Contact contact_at(Answer answer, const std::string& at) {
  const auto type = static_cast<ContactType>(static_cast<int>(number_at(answer, at + "/Type")));
  if (type != ContactType::GROUP_CHAT) return {type, text_at(answer, at + "/To_Account")};
  for (const char* spelling : {"/GroupId", "/ToGroupid"}) {
    if (chat_response_has(answer.response, (at + spelling).c_str()) != 0) return {type, text_at(answer, at + spelling)};
  }
  return {type, text_at(answer, at + "/ToGroupId")};
}

inline Group group_at(Answer answer, const std::string& at) {
  return {text_at(answer, at + "/GroupName"), number_at(answer, at + "/GroupId")};
}

inline std::vector<Group> groups_at(Answer answer, const std::string& at) { return all_at(answer, at, group_at); }

inline ContactResult contact_result_at(Answer answer, const std::string& at) {
  const char* opt_type = chat_response_has(answer.response, (at + "/ContactOptType").c_str()) != 0 ? "/ContactOptType" : "/OptType";
  return {contact_at(answer, at + "/ContactItem"), code_at(answer, at + "/ResultCode"), text_at(answer, at + "/ResultInfo"),
          number_at(answer, at + opt_type)};
}

inline AccountResult account_result_at(Answer answer, const std::string& at) {
  return {text_at(answer, at + "/UserID"), code_at(answer, at + "/ResultCode"), text_at(answer, at + "/ResultInfo")};
}

inline AccountStatus account_status_at(Answer answer, const std::string& at) {
  return {text_at(answer, at + "/UserID"), code_at(answer, at + "/ResultCode"), text_at(answer, at + "/ResultInfo"),
          text_at(answer, at + "/AccountStatus")};
}

/// A conversation with its groups, whose names stand beside it.
inline ContactGroupEntry entry_at(Answer answer, const std::string& at, const std::vector<Group>& named) {
  ContactGroupEntry entry{contact_at(answer, at), text_at(answer, at + "/StandardMark"), text_at(answer, at + "/CustomMark"), {},
                          number_at(answer, at + "/Timestamp"), marks_at(answer, at + "/StandardMark")};
  for (const std::int64_t id : all_at(answer, at + "/ContactGroupId", number_at)) {
    const auto found = std::find_if(named.begin(), named.end(), [id](const Group& group) { return group.id == id; });
    entry.groups.push_back(Group{found == named.end() ? std::string() : found->name, id});
  }
  return entry;
}

inline RecentContact recent_contact_at(Answer answer, const std::string& at) {
  return {contact_at(answer, at), number_at(answer, at + "/MsgTime"),   number_at(answer, at + "/TopFlag") == 1,
          text_at(answer, at + "/StandardMark"),     text_at(answer, at + "/CustomMark"),
          all_at(answer, at + "/ContactGroupId", number_at), marks_at(answer, at + "/StandardMark")};
}

/// Puts further elements behind those that are there, so that the answers of a split list join.
template <typename T>
void append(std::vector<T>& elements, std::vector<T>&& more) {
  elements.insert(elements.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
}

// Each `read` adds what one answer says to a result that may hold earlier answers.

inline void read(Answer answer, CreatedGroup& result) {
  result.group = group_at(answer, "/GroupResultItem/0/GroupItem");
  result.contacts = all_at(answer, "/GroupResultItem/0/ResultItem", contact_result_at);
}

inline void read(Answer answer, UpdatedGroup& result) {
  result.group = group_at(answer, "/UpdateGroupResult");
  result.old_name = text_at(answer, "/UpdateGroupResult/OldGroupName");
  result.contacts = all_at(answer, "/UpdateGroupResult/ContactResultItem", contact_result_at);
}

inline void read(Answer answer, DeletedGroups& result) {
  result.groups = groups_at(answer, "/GroupItem");
  result.already_deleted = chat_response_is_already_deleted(answer.response) != 0;
}

inline void read(Answer, PinnedContacts&) {}

inline void read(Answer answer, MarkedContacts& result) {
  append(result.contacts, all_at(answer, "/ResultItem", contact_result_at));
}

/// The conversations at `at`, with the names that stand beside them.
inline std::vector<ContactGroupEntry> entries_at(Answer answer, const std::string& at, const std::vector<Group>& named) {
  return all_at(answer, at, [&named](Answer of, const std::string& place) { return entry_at(of, place, named); });
}

inline void read(Answer answer, FoundContacts& result) {
  result.groups = groups_at(answer, "/GroupItem");
  append(result.contacts, entries_at(answer, "/ContactResultItem", result.groups));
}

inline void read(Answer answer, ContactGroupPage& result) {
  result.groups = groups_at(answer, "/GroupItem");
  result.contacts = entries_at(answer, "/ContactItem", result.groups);
  result.is_complete = number_at(answer, "/CompleteFlag") == 1;
  result.next_start_index = number_at(answer, "/NextStartIndex");
}

inline void read(Answer answer, RecentContactPage& result) {
  result.contacts = all_at(answer, "/SessionItem", recent_contact_at);
  result.is_complete = number_at(answer, "/CompleteFlag") == 1;
  result.next = {number_at(answer, "/TimeStamp"), number_at(answer, "/StartIndex"), number_at(answer, "/TopTimeStamp"),
                 number_at(answer, "/TopStartIndex")};
}

inline void read(Answer answer, ImportedAccounts& result) {
  append(result.fail_accounts, all_at(answer, "/FailAccounts", text_at));
  std::vector<AccountResult> accounts = all_at(answer, "/ResultItem", account_result_at);
  for (const AccountResult& account : accounts) {
    std::vector<std::string>& failed = result.fail_accounts;
    const bool is_named = std::find(failed.begin(), failed.end(), account.user_id) != failed.end();
    if (account.result_code != Code::OK && !is_named) failed.push_back(account.user_id);
  }
  append(result.accounts, std::move(accounts));
}

inline void read(Answer answer, CheckedAccounts& result) {
  append(result.accounts, all_at(answer, "/ResultItem", account_status_at));
}

inline void read(Answer answer, DeletedAccounts& result) {
  append(result.accounts, all_at(answer, "/ResultItem", account_result_at));
}

}  // namespace detail

}  // namespace tencent_chat

#endif  // TENCENT_CHAT_RESULTS_HPP
