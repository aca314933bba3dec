/// @file client.hpp
/// The client: one method for each command of the recent-contact service and the account calls beside it. A method sends
/// one request, except for lists that it was told to split.

#ifndef TENCENT_CHAT_CLIENT_HPP
#define TENCENT_CHAT_CLIENT_HPP

#include <tencent_chat.h>
#include <tencent_chat/call_options.hpp>
#include <tencent_chat/calls.hpp>
#include <tencent_chat/config.hpp>
#include <tencent_chat/contacts.hpp>
#include <tencent_chat/error.hpp>
#include <tencent_chat/handle.hpp>
#include <tencent_chat/items.hpp>
#include <tencent_chat/response.hpp>
#include <tencent_chat/results.hpp>
#include <tencent_chat/stats.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tencent_chat {

/// A connection to the service, shared by any number of threads. Every call blocks until it ends, and throws an Error unless it
/// succeeded. The destructor refuses new calls, ends those inside and awaits them; a moved-from client throws InvalidArgument.
///
/// Every call on a user's conversations may throw AccountNotImportedError (50001), AdminRequiredError (50003), UserSigError,
/// RateExceededError, ServiceError (50002 a bad parameter, 50004 and 50005 trouble inside the service, 51013 not in the plan),
/// TimeoutError, ThrottledError, TransportError, CancelledError, ShutdownError, ForkedError, and InvalidArgument when a limit is broken
/// (nothing was sent).
/// A call on several items throws PartialError when some failed and the others took effect: `error.result<...>()` has them all.
///
/// Names of groups have 1 to 64 bytes of UTF-8, byte for byte and case-sensitive; over 32, older SDKs cannot show them.
class Client {
 public:
  /// Checks the settings together and reads the CA files; no connection is made yet. Throws ConfigError, or the refusal of a setter.
  explicit Client(const Config& config) : hook_(config.hook_) {
    chat_client* client = nullptr;
    chat_response* error = nullptr;
    const int code = chat_client_new(config.handle(), &client, &error);
    handle_.reset(client);
    Response response(error);
    detail::require(code, response);
  }

  /// Replaces the key while calls run; those in progress keep the old one. Throws InvalidArgument with the reason, and the old key
  /// stays. Any thread.
  void set_secret_key(std::string_view key) const {
    const detail::Text copy("secret_key", key);
    const int code = chat_client_set_secret_key(handle(), copy.c_str());
    if (code != CHAT_OK) refused("secret_key", code, chat_config_set_secret_key, copy);
  }
  /// Replaces the ready signature while calls run. Throws InvalidArgument with the reason, and the old one stays. Any thread.
  void set_user_sig(std::string_view sig) const {
    const detail::Text copy("user_sig", sig);
    const int code = chat_client_set_user_sig(handle(), copy.c_str());
    if (code != CHAT_OK) refused("user_sig", code, chat_config_set_user_sig, copy);
  }
  /// Ends every call in progress with ShutdownError and refuses those to come. Any thread.
  void shutdown() const noexcept { chat_client_shutdown(handle()); }

  /// Opens connections until `n` are ready, so that the first calls need not wait for them. Throws why one cannot be made; those made
  /// before it stay open. Any thread.
  void warm_up(std::uint32_t n, std::chrono::milliseconds timeout) const {
    const std::uint32_t ms = detail::to_u32("timeout_ms", timeout);
    chat_response* response = nullptr;
    const int code = chat_client_warm_up(handle(), n, ms, &response);
    Response told(response);
    detail::require(code, told);
  }
  /// Refuses calls to come, lets those inside end for at most so long, then shuts down. Whether they all ended by themselves. Any thread.
  bool drain(std::chrono::milliseconds timeout) const {
    const int code = chat_client_drain(handle(), detail::to_u32("timeout_ms", timeout));
    if (code != CHAT_OK && code != CHAT_ERR_TIMEOUT) detail::fail(code, std::string("drain: ").append(chat_strerror(code)));
    return code == CHAT_OK;
  }

  /// What this client has counted so far, for operators. Any thread, does not block. Throws ForkedError in a child of fork().
  [[nodiscard]] Stats stats() const {
    Stats counted(chat_client_stats(handle()));
    if (counted.handle() == nullptr) detail::fail(handle() == nullptr ? CHAT_ERR_INVALID_ARGUMENT : CHAT_ERR_FORKED, "");
    return counted;
  }

  /// Creates a conversation group, with up to 100 conversations in it from the start (1047/53437). They need not be in the user's
  /// list. A user has at most 20 groups (51010) and 1,000 conversations with groups (51008); a name that exists is refused. Never
  /// split. PartialError: the group is there, without the conversations whose `result_code` is not OK.
  CreatedGroup create_contact_group(std::string_view from_account, std::string_view group_name,
                                    const std::vector<Contact>& contacts = {}, const CallOptions& options = {}) const {
    const detail::Text account("from_account", from_account), name("group_name", group_name);
    const detail::Contacts list = detail::list_of("contacts", contacts);
    return detail::answered<CreatedGroup>(options, [&](chat_response** response) {
      return chat_create_contact_group(handle(), account.c_str(), name.c_str(), list.handle.get(), options.handle(), response);
    });
  }

  /// Renames a conversation group, which keeps its number and its conversations (1047/53439). Throws GroupNotFoundError.
  UpdatedGroup update_contact_group_name(std::string_view from_account, std::string_view group_name,
                                         std::string_view new_group_name, const CallOptions& options = {}) const {
    const detail::Text account("from_account", from_account), name("group_name", group_name);
    const detail::Text new_name("new_group_name", new_group_name);
    return detail::answered<UpdatedGroup>(options, [&](chat_response** response) {
      return chat_update_contact_group_name(handle(), account.c_str(), name.c_str(), new_name.c_str(), options.handle(), response);
    });
  }

  /// Adds conversations to a conversation group and removes others from it, 1 to 100 in both lists together (1047/53439). A
  /// conversation may be in several groups. Never split. Throws GroupNotFoundError, and PartialError when a conversation was refused.
  UpdatedGroup update_contact_group_contacts(std::string_view from_account, std::string_view group_name,
                                             const std::vector<Contact>& add, const std::vector<Contact>& remove = {},
                                             const CallOptions& options = {}) const {
    const detail::Text account("from_account", from_account), name("group_name", group_name);
    const detail::Contacts added = detail::list_of("add", add), removed = detail::list_of("remove", remove);
    return detail::answered<UpdatedGroup>(options, [&](chat_response** response) {
      return chat_update_contact_group_contacts(handle(), account.c_str(), name.c_str(), added.handle.get(), removed.handle.get(),
                                                options.handle(), response);
    });
  }

  /// Deletes a conversation group (1047/53441). Its conversations stay; they only lose the group. Throws GroupNotFoundError.
  DeletedGroups del_contact_group(std::string_view from_account, std::string_view group_name,
                                  const CallOptions& options = {}) const {
    const detail::Text account("from_account", from_account), name("group_name", group_name);
    return detail::answered<DeletedGroups>(options, [&](chat_response** response) {
      return chat_del_contact_group(handle(), account.c_str(), name.c_str(), options.handle(), response);
    });
  }

  /// Sets and clears marks of 1 to 100 conversations (1047/53438). 1,000 conversations of a user can have marks (51008). Marks under
  /// 32 belong to Chat itself. PartialError when a conversation was refused, such as a dismissed chat group (51007).
  MarkedContacts mark_contact(std::string_view from_account, const std::vector<Mark>& marks, const CallOptions& options = {}) const {
    return mark(from_account, marks, detail::unsplit, options);
  }
  /// The same for any number of conversations, 100 a request.
  MarkedContacts mark_contact(std::string_view from_account, const std::vector<Mark>& marks, Split,
                              const CallOptions& options = {}) const {
    return mark(from_account, marks, 100, options);
  }

  /// Looks up marks and groups of 1 to 300 conversations (1047/53442). Those that have neither are left out.
  FoundContacts search_contact_group(std::string_view from_account, const std::vector<Contact>& contacts,
                                     const CallOptions& options = {}) const {
    return search(from_account, contacts, detail::unsplit, options);
  }
  /// The same for any number of conversations, 300 a request.
  FoundContacts search_contact_group(std::string_view from_account, const std::vector<Contact>& contacts, Split,
                                     const CallOptions& options = {}) const {
    return search(from_account, contacts, 300, options);
  }

  /// Reads one page of a user's marks and groups (1047/53440): 0 for the first, then `next_start_index` of the page before.
  /// contact_group_items() goes through all pages. Even a complete answer is no proof of completeness: the plan's number of cloud
  /// conversations caps what comes.
  ContactGroupPage get_contact_group(std::string_view from_account, std::int64_t start_index = 0,
                                     const CallOptions& options = {}) const {
    const detail::Text account("from_account", from_account);
    return detail::answered<ContactGroupPage>(options, [&](chat_response** response) {
      return chat_get_contact_group(handle(), account.c_str(), start_index, options.handle(), response);
    });
  }

  /// Goes through a user's conversations that have marks or groups, as Items describes. Sends nothing yet.
  [[nodiscard]] Items<ContactGroupEntry> contact_group_items(std::string_view from_account, CallOptions options = {}) const {
    return items<ContactGroupEntry>(chat_contact_group_items, from_account, std::move(options));
  }

  /// Reads one page of a user's conversation list (1047/43087): an empty cursor for the first, then `next` of the page before.
  /// recent_contact_items() goes through all pages. Even a complete answer is no proof of completeness: the plan's number of cloud
  /// conversations caps what comes. `assist_flags` is the vendor's advice; leave it unless you know better.
  RecentContactPage recent_contact_get_list(std::string_view from_account, const RecentContactCursor& cursor = {},
                                            const CallOptions& options = {}, std::uint32_t assist_flags = CHAT_ASSIST_FLAGS) const {
    const detail::Text account("from_account", from_account);
    return detail::answered<RecentContactPage>(options, [&](chat_response** response) {
      return chat_recent_contact_get_list(handle(), account.c_str(), cursor.time_stamp, cursor.start_index, cursor.top_time_stamp,
                                          cursor.top_start_index, assist_flags, options.handle(), response);
    });
  }

  /// Goes through a user's conversation list, as Items describes. Sends nothing yet.
  [[nodiscard]] Items<RecentContact> recent_contact_items(std::string_view from_account, CallOptions options = {}) const {
    return items<RecentContact>(chat_recent_contact_items, from_account, std::move(options));
  }

  /// Deletes a conversation from a user's list (1047/43088), with its roaming messages if `clear_ramble`. Its groups and marks live
  /// apart and stay. Whether an absent conversation is an error is not documented.
  Response recent_contact_delete(std::string_view from_account, const Contact& contact, bool clear_ramble = false,
                                 const CallOptions& options = {}) const {
    const detail::Text account("from_account", from_account), id("id", contact.id());
    return detail::succeeded(options, [&](chat_response** response) {
      return chat_recent_contact_delete(handle(), account.c_str(), static_cast<int>(contact.type()), id.c_str(), clear_ramble ? 1 : 0,
                                        options.handle(), response);
    });
  }

  /// Pins 1 to 100 conversations to the top of a user's list (269/103772). A user has at most 50 pinned ones (51012); pinning one that is
  /// pinned is no error.
  PinnedContacts recent_contact_pin(std::string_view from_account, const std::vector<Contact>& contacts,
                                    const CallOptions& options = {}) const {
    return top(chat_recent_contact_pin, from_account, contacts, detail::unsplit, options);
  }
  /// The same for any number of conversations, 100 a request.
  PinnedContacts recent_contact_pin(std::string_view from_account, const std::vector<Contact>& contacts, Split,
                                    const CallOptions& options = {}) const {
    return top(chat_recent_contact_pin, from_account, contacts, 100, options);
  }

  /// Unpins 1 to 100 conversations of a user's list. Unpinning one that is not pinned is no error.
  PinnedContacts recent_contact_unpin(std::string_view from_account, const std::vector<Contact>& contacts,
                                    const CallOptions& options = {}) const {
    return top(chat_recent_contact_unpin, from_account, contacts, detail::unsplit, options);
  }
  /// The same for any number of conversations, 100 a request.
  PinnedContacts recent_contact_unpin(std::string_view from_account, const std::vector<Contact>& contacts, Split,
                                    const CallOptions& options = {}) const {
    return top(chat_recent_contact_unpin, from_account, contacts, 100, options);
  }

  /// Makes a user known to Chat (1047/34953). Repeating it is no error. Throws ServiceError: 70398 100 accounts on the free edition,
  /// 70402 a bad parameter, and, with local limits off, 40601 a value over 500 bytes.
  Response account_import(const Account& account, const CallOptions& options = {}) const {
    const detail::Text id("user_id", account.user_id), nick("nick", account.nick.value_or(""));
    const detail::Text face_url("face_url", account.face_url.value_or(""));
    return detail::succeeded(options, [&](chat_response** response) {
      return chat_account_import(handle(), id.c_str(), account.nick ? nick.c_str() : nullptr,
                                 account.face_url ? face_url.c_str() : nullptr, options.handle(), response);
    });
  }

  /// Makes 1 to 100 users known to Chat (1047/34954). Repeating it is no error; an account that exists takes the new nickname and
  /// picture. PartialError when an account failed.
  ImportedAccounts multiaccount_import(const std::vector<Account>& accounts, const CallOptions& options = {}) const {
    return accounts_call<ImportedAccounts>(chat_multiaccount_import, accounts, detail::unsplit, options);
  }
  /// The same for any number of accounts, 100 a request.
  ImportedAccounts multiaccount_import(const std::vector<Account>& accounts, Split, const CallOptions& options = {}) const {
    return accounts_call<ImportedAccounts>(chat_multiaccount_import, accounts, 100, options);
  }

  /// Asks which of 1 to 100 UserIDs Chat knows (1047/34956).
  CheckedAccounts account_check(const std::vector<std::string>& user_ids, const CallOptions& options = {}) const {
    return accounts_call<CheckedAccounts>(chat_account_check, user_ids, detail::unsplit, options);
  }
  /// The same for any number of UserIDs, 100 a request.
  CheckedAccounts account_check(const std::vector<std::string>& user_ids, Split, const CallOptions& options = {}) const {
    return accounts_call<CheckedAccounts>(chat_account_check, user_ids, 100, options);
  }

  /// Deletes 1 to 100 users with all that is theirs (1047/34955). On paid editions the UserIDs cannot be imported again for three
  /// months. PartialError when one was not there (70107).
  DeletedAccounts account_delete(const std::vector<std::string>& user_ids, const CallOptions& options = {}) const {
    return accounts_call<DeletedAccounts>(chat_account_delete, user_ids, detail::unsplit, options);
  }
  /// The same for any number of UserIDs, 100 a request.
  DeletedAccounts account_delete(const std::vector<std::string>& user_ids, Split, const CallOptions& options = {}) const {
    return accounts_call<DeletedAccounts>(chat_account_delete, user_ids, 100, options);
  }

  /// Any call of the service: `path` like "v4/recentcontact/create_contact_group", `json` the text of a JSON object ("" sends {}).
  /// Answers of up to 8 MiB. Throws PartialError when some items failed.
  Response call(std::string_view path, std::string_view json = {}, const CallOptions& options = {}) const {
    const detail::Text name("path", path);
    const char* text = json.empty() ? nullptr : json.data();
    return detail::succeeded(options, [&](chat_response** response) {
      return chat_call(handle(), name.c_str(), text, json.size(), options.handle(), response);
    });
  }

  /// The C handle, still owned by this object; null when moved from.
  [[nodiscard]] const chat_client* handle() const noexcept { return handle_.get(); }

 private:
  using AccountsCall = int (*)(const chat_client*, const chat_accounts*, const chat_call_options*, chat_response**);
  using PinCall = int (*)(const chat_client*, const char*, const chat_contacts*, const chat_call_options*, chat_response**);
  using SecretSetter = int (*)(chat_config*, const char*);
  using BeginItems = int (*)(const chat_client*, const char*, chat_items**, chat_response**);

  /// Throws with the reason. A client answers with the code alone; a configuration has the same rule, and words for it.
  [[noreturn]] static void refused(const char* argument, int code, SecretSetter set, const detail::Text& secret) {
    const detail::Handle<chat_config, &chat_config_free> same(chat_config_new());
    if (set(same.get(), secret.c_str()) == code) detail::fail(code, chat_config_message(same.get()));
    detail::fail(code, std::string(argument).append(": ").append(chat_strerror(code)));
  }

  MarkedContacts mark(std::string_view from_account, const std::vector<Mark>& marks, std::size_t most,
                      const CallOptions& options) const {
    const detail::Text account("from_account", from_account);
    return detail::joined<MarkedContacts>("marks", marks, most, options, [&](const chat_marks* part, chat_response** response) {
      return chat_mark_contact(handle(), account.c_str(), part, options.handle(), response);
    });
  }

  FoundContacts search(std::string_view from_account, const std::vector<Contact>& contacts, std::size_t most,
                       const CallOptions& options) const {
    const detail::Text account("from_account", from_account);
    return detail::joined<FoundContacts>("contacts", contacts, most, options, [&](const chat_contacts* part, chat_response** response) {
      return chat_search_contact_group(handle(), account.c_str(), part, options.handle(), response);
    });
  }

  PinnedContacts top(PinCall command, std::string_view from_account, const std::vector<Contact>& contacts, std::size_t most,
                     const CallOptions& options) const {
    const detail::Text account("from_account", from_account);
    return detail::joined<PinnedContacts>("contacts", contacts, most, options, [&](const chat_contacts* part, chat_response** response) {
      return command(handle(), account.c_str(), part, options.handle(), response);
    });
  }

  template <typename Result, typename Item>
  Result accounts_call(AccountsCall command, const std::vector<Item>& items, std::size_t most, const CallOptions& options) const {
    return detail::joined<Result>("accounts", items, most, options, [&](const chat_accounts* part, chat_response** response) {
      return command(handle(), part, options.handle(), response);
    });
  }

  template <typename Entry>
  Items<Entry> items(BeginItems begin, std::string_view from_account, CallOptions options) const {
    const detail::Text account("from_account", from_account);
    chat_items* begun = nullptr;
    chat_response* error = nullptr;
    const int code = begin(handle(), account.c_str(), &begun, &error);
    Items<Entry> range(begun, std::move(options));
    Response response(error);
    detail::require(code, response);
    return range;
  }

  /// Declared first, so that it outlives the client.
  std::shared_ptr<Config::Hook> hook_;
  detail::Handle<chat_client, &chat_client_free> handle_;
};

inline void Stats::add(const Client& other) {
  const int code = chat_stats_add(handle_.get(), other.handle());
  if (code != CHAT_OK) detail::fail(code, "the snapshot is empty, or a client with the same labels is in it already: give each its own by metric_label");
}

}  // namespace tencent_chat

#endif  // TENCENT_CHAT_CLIENT_HPP
