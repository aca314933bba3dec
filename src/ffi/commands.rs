//! The functions that call the service, one a command, and the frame they share. What each sends and checks is in `src/endpoints/`.

use std::os::raw::{c_char, c_int};
use std::ptr;

use serde_json::Value;

use super::boundary;
use super::client::{self, chat_client};
use super::lists::{chat_accounts, chat_contacts, chat_marks};
use super::options::chat_call_options;
use super::response::{self, chat_response};
use crate::client::Client;
use crate::endpoints::account_check::AccountCheck;
use crate::endpoints::account_delete::AccountDelete;
use crate::endpoints::account_import::AccountImport;
use crate::endpoints::call::AnyCall;
use crate::endpoints::create_contact_group::CreateContactGroup;
use crate::endpoints::del_contact_group::DelContactGroup;
use crate::endpoints::get_contact_group::GetContactGroup;
use crate::endpoints::lists::{Account, Contact};
use crate::endpoints::mark_contact::MarkContact;
use crate::endpoints::multiaccount_import::MultiaccountImport;
use crate::endpoints::recent_contact_delete::RecentContactDelete;
use crate::endpoints::recent_contact_get_list::RecentContactGetList;
use crate::endpoints::recent_contact_pin::RecentContactPin;
use crate::endpoints::search_contact_group::SearchContactGroup;
use crate::endpoints::update_contact_group::UpdateContactGroup;
use crate::error::{Error, CHAT_ERR_PANIC};
use crate::options::CallOptions;
use crate::request::Endpoint;
use crate::response::Response;

/// A client and the options of one call, both checked.
struct Ready<'a> {
    client: &'a Client,
    options: &'a CallOptions,
}

impl Ready<'_> {
    fn send<E: Endpoint>(&self, endpoint: &E) -> Response {
        self.client.call(endpoint, self.options)
    }
}

/// The frame of every function that calls the service: checks the handles, contains panics, gives out the response.
///
/// # Safety
/// As the header says of each argument.
unsafe fn command(
    handle: *const chat_client,
    options: *const chat_call_options,
    response: *mut *mut chat_response,
    f: impl FnOnce(&Ready<'_>) -> Result<Response, Error>,
) -> c_int {
    boundary::put(response, ptr::null_mut());
    let result = boundary::contain(|| -> Result<Response, Error> {
        let client = client::lent(handle)?;
        let client = &client.client;
        let standard = CallOptions::default();
        let options = options.as_ref().map_or(&standard, |options| &options.options);
        let result = boundary::contain(|| f(&Ready { client, options })).unwrap_or_else(|| {
            client.count_ended(CHAT_ERR_PANIC);
            // How far the call had come is unknown.
            Ok(Response::refused(boundary::panicked()).in_doubt())
        });
        result.inspect_err(|refusal| client.count_ended(refusal.code))
    });
    let answer = result
        .unwrap_or_else(|| Err(boundary::panicked()))
        .unwrap_or_else(Response::refused);
    response::give(answer, response)
}

/// Asks which of up to 100 users Chat knows (`v4/im_open_login_svc/account_check`, 1047/34956).
///
/// Limits: 100 accounts.
///
/// @param client   the client.
/// @param accounts the accounts: 1 to 100; only their UserIDs count.
/// @param options  what this call does differently.
/// @param response receives the answer. `/ResultItem/0/AccountStatus` and so on say `Imported` or `NotImported`, in the order asked.
/// @return 0; a negative `CHAT_ERR_*`, with `CHAT_ERR_PARTIAL` when an account could not be checked; or the service's code: 70169,
///         70206, 70402, 70403, 70500.
/// @since 0.1.0
#[no_mangle]
pub unsafe extern "C" fn chat_account_check(
    client: *const chat_client,
    accounts: *const chat_accounts,
    options: *const chat_call_options,
    response: *mut *mut chat_response,
) -> c_int {
    command(client, options, response, |call| {
        let accounts = boundary::list(accounts, "accounts")?;
        Ok(call.send(&AccountCheck::new(accounts)))
    })
}

/// Deletes up to 100 users with their conversations and groups (`v4/im_open_login_svc/account_delete`, 1047/34955).
///
/// On paid editions the UserIDs cannot be imported again for three months.
///
/// Limits: 100 accounts.
///
/// @param client   the client.
/// @param accounts the accounts: 1 to 100; only their UserIDs count.
/// @param options  what this call does differently.
/// @param response receives the answer. `/ResultItem/0/ResultCode` and so on say what became of each; 70107 is an account that was not
///                 there.
/// @return 0; a negative `CHAT_ERR_*`, with `CHAT_ERR_PARTIAL` when an account was not deleted; or the service's code: 70169, 70206,
///         70402, 70403, 70500, 71000, 70107 (of an item) not there.
/// @since 0.1.0
#[no_mangle]
pub unsafe extern "C" fn chat_account_delete(
    client: *const chat_client,
    accounts: *const chat_accounts,
    options: *const chat_call_options,
    response: *mut *mut chat_response,
) -> c_int {
    command(client, options, response, |call| {
        let accounts = boundary::list(accounts, "accounts")?;
        Ok(call.send(&AccountDelete::new(accounts)))
    })
}

/// Makes one user known to Chat (`v4/im_open_login_svc/account_import`, 1047/34953).
///
/// Repeating it is no error.
///
/// Limits: a UserID of 1 to 32 bytes; 500 bytes of nickname and of picture URL.
///
/// @param client   the client.
/// @param user_id  the UserID: 1 to 32 bytes of UTF-8.
/// @param nick     the nickname, or NULL to leave it; at most 500 bytes (40601).
/// @param face_url the picture's URL, or NULL to leave it; at most 500 bytes (40601).
/// @param options  what this call does differently.
/// @param response receives the answer.
/// @return 0; a negative `CHAT_ERR_*`; or the service's code: 40006, 40601, 70169, 70398 (100 accounts on the free edition), 70402,
///         70403, 70500.
/// @since 0.1.0
#[no_mangle]
pub unsafe extern "C" fn chat_account_import(
    client: *const chat_client,
    user_id: *const c_char,
    nick: *const c_char,
    face_url: *const c_char,
    options: *const chat_call_options,
    response: *mut *mut chat_response,
) -> c_int {
    command(client, options, response, |call| {
        let user_id = boundary::text(user_id, "user_id")?;
        let nick = boundary::optional_text(nick, "nick")?;
        let face_url = boundary::optional_text(face_url, "face_url")?;
        Ok(call.send(&AccountImport::new(Account::new(user_id, nick, face_url)?)))
    })
}

/// Calls any command of the service with a JSON object of yours.
///
/// For commands that have no function of their own.
///
/// @param client   the client.
/// @param path     the command as `v4/service/command`, for example `v4/recentcontact/create_contact_group`; no host, no query.
/// @param json     the request: a JSON object in UTF-8, at most 8 MiB, not NUL-terminated; NULL with length 0 sends `{}`.
/// @param json_len the length of `json` in bytes.
/// @param options  what this call does differently.
/// @param response receives the answer. Answers up to 8 MiB.
/// @return 0; a negative `CHAT_ERR_*`, with `CHAT_ERR_PARTIAL` when an item of a batch failed; or the service's code.
/// @since 0.1.0
#[no_mangle]
pub unsafe extern "C" fn chat_call(
    client: *const chat_client,
    path: *const c_char,
    json: *const c_char,
    json_len: usize,
    options: *const chat_call_options,
    response: *mut *mut chat_response,
) -> c_int {
    command(client, options, response, |call| {
        let path = boundary::text(path, "path")?;
        let json = boundary::bytes(json, json_len, "json")?;
        Ok(call.send(&AnyCall::new(path, json)))
    })
}

/// Creates one conversation group of a user (`v4/recentcontact/create_contact_group`, 1047/53437).
///
/// A name that exists is refused.
///
/// Limits: one group a call, 20 a user; a name of 1 to 64 bytes; 100 conversations.
///
/// @param client       the client.
/// @param from_account the UserID whose group it becomes, not empty.
/// @param group_name   its name: 1 to 64 bytes of UTF-8 (over 32, older SDKs cannot show it).
/// @param contacts     the conversations in it from the start, at most 100; NULL or empty for none (pages before 2026 ask for one at
///                     least). They need not be in the user's conversation list.
/// @param options      what this call does differently.
/// @param response     receives the answer. `/GroupResultItem/0/GroupItem/GroupId` is the new id, `/GroupResultItem/0/ResultItem` says what
///                     became of each conversation.
/// @return 0; a negative `CHAT_ERR_*`, with `CHAT_ERR_PARTIAL` when a conversation was refused; or the service's code: 50001 to 50005,
///         51006 too many conversations, 51007 (of an item) a dismissed chat group, 51008 1,000 conversations with groups, 51010 20
///         groups, 51011 name too long, 51013 not in the plan. A repeat after doubt may find the group that the first attempt made.
/// @since 0.1.0
#[no_mangle]
pub unsafe extern "C" fn chat_create_contact_group(
    client: *const chat_client,
    from_account: *const c_char,
    group_name: *const c_char,
    contacts: *const chat_contacts,
    options: *const chat_call_options,
    response: *mut *mut chat_response,
) -> c_int {
    command(client, options, response, |call| {
        let from_account = boundary::text(from_account, "from_account")?;
        let group_name = boundary::text(group_name, "group_name")?;
        let contacts = boundary::optional_list(contacts)?;
        Ok(call.send(&CreateContactGroup::new(from_account, group_name, contacts)))
    })
}

/// Deletes one conversation group of a user (`v4/recentcontact/del_contact_group`, 1047/53441).
///
/// The conversations in the group stay; they only lose the group.
///
/// Limits: one group a call; a name of 1 to 64 bytes.
///
/// @param client       the client.
/// @param from_account the UserID whose group it is, not empty.
/// @param group_name   the group's name, byte for byte and case-sensitive: 1 to 64 bytes of UTF-8 (32 before April 2026, and older SDKs
///                     cannot show more). The length is checked before anything is sent unless `chat_config_set_local_limits` is off; then
///                     the service answers 51011.
/// @param options      what this call does differently.
/// @param response     receives the answer. `/GroupItem/0/GroupName` and `/GroupItem/0/GroupId` name the deleted group. An answer without
///                     items is success.
/// @return 0; a negative `CHAT_ERR_*`; or the service's code: 50001 unknown user, 50002 bad parameter, 50003 not an administrator,
///         50004 and 50005 trouble inside the service, 51009 no such group, 51011 name too long, 51013 not in the plan.
/// @since 0.1.0
#[no_mangle]
pub unsafe extern "C" fn chat_del_contact_group(
    client: *const chat_client,
    from_account: *const c_char,
    group_name: *const c_char,
    options: *const chat_call_options,
    response: *mut *mut chat_response,
) -> c_int {
    command(client, options, response, |call| {
        let from_account = boundary::text(from_account, "from_account")?;
        let group_name = boundary::text(group_name, "group_name")?;
        Ok(call.send(&DelContactGroup::new(from_account, group_name)))
    })
}

/// Reads one page of a user's marks and groups (`v4/recentcontact/get_contact_group`, 1047/53440).
///
/// `chat_contact_group_items` goes through all pages.
///
/// Limits: one page a call; the plan caps how many conversations come.
///
/// @param client       the client.
/// @param from_account the UserID whose conversations they are, not empty.
/// @param start_index  0 for the first page, then `/NextStartIndex` of the page before.
/// @param options      what this call does differently.
/// @param response     receives the answer. `/ContactItem` holds conversations as `chat_search_contact_group` describes them, `/GroupItem`
///                     the groups, `/CompleteFlag` is 1 on the last page. The plan's number of cloud conversations limits what comes, so
///                     the last page does not prove that you have seen all.
/// @return 0; a negative `CHAT_ERR_*`; or the service's code: 50001 to 50005, 51013 not in the plan.
/// @since 0.1.0
#[no_mangle]
pub unsafe extern "C" fn chat_get_contact_group(
    client: *const chat_client,
    from_account: *const c_char,
    start_index: i64,
    options: *const chat_call_options,
    response: *mut *mut chat_response,
) -> c_int {
    command(client, options, response, |call| {
        let from_account = boundary::text(from_account, "from_account")?;
        Ok(call.send(&GetContactGroup::new(from_account, start_index)))
    })
}

/// Sets and clears marks of up to 100 conversations (`v4/recentcontact/mark_contact`, 1047/53438).
///
/// Limits: 100 conversations; marks 0 to 63; a custom mark of 256 bytes; 1,000 marked conversations a user.
///
/// @param client       the client.
/// @param from_account the UserID whose conversations they are, not empty.
/// @param marks        what to do to which conversation: 1 to 100 items.
/// @param options      what this call does differently.
/// @param response     receives the answer. `/ResultItem/0/ResultCode` and so on say what became of each item.
/// @return 0; a negative `CHAT_ERR_*`, with `CHAT_ERR_PARTIAL` when an item was refused; or the service's code: 50001 to 50005, 51006
///         too many conversations, 51007 (of an item) a dismissed chat group, 51008 1,000 conversations with marks, 51013 not in the
///         plan.
/// @since 0.1.0
#[no_mangle]
pub unsafe extern "C" fn chat_mark_contact(
    client: *const chat_client,
    from_account: *const c_char,
    marks: *const chat_marks,
    options: *const chat_call_options,
    response: *mut *mut chat_response,
) -> c_int {
    command(client, options, response, |call| {
        let from_account = boundary::text(from_account, "from_account")?;
        let marks = boundary::list(marks, "marks")?;
        Ok(call.send(&MarkContact::new(from_account, marks)))
    })
}

/// Makes up to 100 users known to Chat (`v4/im_open_login_svc/multiaccount_import`, 1047/34954).
///
/// Repeating it is no error; an account that exists takes the new nickname and picture.
///
/// Limits: 100 accounts, each with the limits of `chat_account_import`.
///
/// @param client   the client.
/// @param accounts the accounts: 1 to 100.
/// @param options  what this call does differently.
/// @param response receives the answer. `/FailAccounts` or `/ResultItem` name those that failed.
/// @return 0; a negative `CHAT_ERR_*`, with `CHAT_ERR_PARTIAL` when an account failed; or the service's code: 40006, 40601, 70169,
///         70206, 70398, 70402, 70403, 70500.
/// @since 0.1.0
#[no_mangle]
pub unsafe extern "C" fn chat_multiaccount_import(
    client: *const chat_client,
    accounts: *const chat_accounts,
    options: *const chat_call_options,
    response: *mut *mut chat_response,
) -> c_int {
    command(client, options, response, |call| {
        let accounts = boundary::list(accounts, "accounts")?;
        Ok(call.send(&MultiaccountImport::new(accounts)))
    })
}

/// Deletes one conversation from a user's conversation list (`v4/recentcontact/delete`, 1047/43088).
///
/// The conversation's groups and marks are separate and stay.
///
/// Limits: one conversation a call.
///
/// @param client       the client.
/// @param from_account the UserID whose list it is, not empty.
/// @param type         `CHAT_ONE_TO_ONE` or `CHAT_GROUP_CHAT`.
/// @param id           the other user's UserID, or the chat group's id, not empty.
/// @param clear_ramble 1 deletes the roaming messages as well, 0 keeps them.
/// @param options      what this call does differently.
/// @param response     receives the answer.
/// @return 0; a negative `CHAT_ERR_*`; or the service's code: 50001 to 50005. Whether an absent conversation is an error is not
///         documented.
/// @since 0.1.0
#[no_mangle]
pub unsafe extern "C" fn chat_recent_contact_delete(
    client: *const chat_client,
    from_account: *const c_char,
    r#type: c_int,
    id: *const c_char,
    clear_ramble: c_int,
    options: *const chat_call_options,
    response: *mut *mut chat_response,
) -> c_int {
    command(client, options, response, |call| {
        let from_account = boundary::text(from_account, "from_account")?;
        let contact = Contact::new(r#type, boundary::text(id, "id")?)?;
        Ok(call.send(&RecentContactDelete::new(from_account, contact, clear_ramble != 0)))
    })
}

/// Reads one page of a user's conversation list (`v4/recentcontact/get_list`, 1047/43087).
///
/// `chat_recent_contact_items` goes through all pages.
///
/// Limits: one page a call; the plan caps how many conversations come.
///
/// @param client          the client.
/// @param from_account    the UserID whose list it is, not empty.
/// @param time_stamp      0 for the first page, then `/TimeStamp` of the page before; likewise the next three.
/// @param start_index     0, then `/StartIndex`.
/// @param top_time_stamp  0, then `/TopTimeStamp`.
/// @param top_start_index 0, then `/TopStartIndex`.
/// @param assist_flags    `CHAT_ASSIST_FLAGS` unless you know better.
/// @param options         what this call does differently.
/// @param response        receives the answer. `/SessionItem` holds conversations: `Type`, `To_Account` or `GroupId`, `MsgTime` (seconds
///                        since 1970), `TopFlag`, and, where set, `StandardMark`, `CustomMark`, `ContactGroupId`; `/CompleteFlag` is 1 on
///                        the last page. The plan's number of cloud conversations limits what comes, so the last page does not prove that
///                        you have seen all. The order is not defined.
/// @return 0; a negative `CHAT_ERR_*`; or the service's code: 50001 to 50005.
/// @since 0.1.0
#[no_mangle]
#[allow(clippy::too_many_arguments)] // the service's four cursors
pub unsafe extern "C" fn chat_recent_contact_get_list(
    client: *const chat_client,
    from_account: *const c_char,
    time_stamp: i64,
    start_index: i64,
    top_time_stamp: i64,
    top_start_index: i64,
    assist_flags: u32,
    options: *const chat_call_options,
    response: *mut *mut chat_response,
) -> c_int {
    command(client, options, response, |call| {
        let from_account = boundary::text(from_account, "from_account")?;
        let cursor = [time_stamp, start_index, top_time_stamp, top_start_index].map(Value::from);
        Ok(call.send(&RecentContactGetList::new(from_account, cursor, assist_flags)))
    })
}

/// Pins up to 100 conversations to the top of a user's conversation list (`v4/recentcontact/top`, 269/103772).
///
/// Pinning one that is pinned is no error.
///
/// Limits: 100 conversations a call; 50 pinned ones a user.
///
/// @param client       the client.
/// @param from_account the UserID whose list it is, not empty.
/// @param contacts     the conversations: 1 to 100.
/// @param options      what this call does differently.
/// @param response     receives the answer.
/// @return 0; a negative `CHAT_ERR_*`; or the service's code: 50001 to 50005, 51012 50 pinned conversations.
/// @since 0.1.0
#[no_mangle]
pub unsafe extern "C" fn chat_recent_contact_pin(
    client: *const chat_client,
    from_account: *const c_char,
    contacts: *const chat_contacts,
    options: *const chat_call_options,
    response: *mut *mut chat_response,
) -> c_int {
    command(client, options, response, |call| {
        let from_account = boundary::text(from_account, "from_account")?;
        let contacts = boundary::list(contacts, "contacts")?;
        Ok(call.send(&RecentContactPin::pin(from_account, contacts)))
    })
}

/// Unpins up to 100 conversations of a user's conversation list (`v4/recentcontact/top`, 269/103772).
///
/// Unpinning one that is not pinned is no error.
///
/// Limits: 100 conversations.
///
/// @param client       the client.
/// @param from_account the UserID whose list it is, not empty.
/// @param contacts     the conversations: 1 to 100.
/// @param options      what this call does differently.
/// @param response     receives the answer.
/// @return 0; a negative `CHAT_ERR_*`; or the service's code: 50001 to 50005.
/// @since 0.1.0
#[no_mangle]
pub unsafe extern "C" fn chat_recent_contact_unpin(
    client: *const chat_client,
    from_account: *const c_char,
    contacts: *const chat_contacts,
    options: *const chat_call_options,
    response: *mut *mut chat_response,
) -> c_int {
    command(client, options, response, |call| {
        let from_account = boundary::text(from_account, "from_account")?;
        let contacts = boundary::list(contacts, "contacts")?;
        Ok(call.send(&RecentContactPin::unpin(from_account, contacts)))
    })
}

/// Looks up marks and groups of up to 300 conversations (`v4/recentcontact/search_contact_group`, 1047/53442).
///
/// Limits: 300 conversations.
///
/// @param client       the client.
/// @param from_account the UserID whose conversations they are, not empty.
/// @param contacts     the conversations: 1 to 300.
/// @param options      what this call does differently.
/// @param response     receives the answer. `/ContactResultItem` holds those that have a group or a mark: `StandardMark`
///                     (`chat_response_marks` reads it), `CustomMark`, `ContactGroupId`, `Timestamp`. `/GroupItem` names the groups.
/// @return 0; a negative `CHAT_ERR_*`; or the service's code: 50001 to 50005, 51013 not in the plan.
/// @since 0.1.0
#[no_mangle]
pub unsafe extern "C" fn chat_search_contact_group(
    client: *const chat_client,
    from_account: *const c_char,
    contacts: *const chat_contacts,
    options: *const chat_call_options,
    response: *mut *mut chat_response,
) -> c_int {
    command(client, options, response, |call| {
        let from_account = boundary::text(from_account, "from_account")?;
        let contacts = boundary::list(contacts, "contacts")?;
        Ok(call.send(&SearchContactGroup::new(from_account, contacts)))
    })
}

/// Renames a conversation group (`v4/recentcontact/update_contact_group`, mode 1, 1047/53439).
///
/// The group keeps its id and its conversations.
///
/// Limits: names of 1 to 64 bytes.
///
/// @param client         the client.
/// @param from_account   the UserID whose group it is, not empty.
/// @param group_name     its name now, byte for byte: 1 to 64 bytes of UTF-8.
/// @param new_group_name its name from now on: 1 to 64 bytes of UTF-8 (over 32, older SDKs cannot show it).
/// @param options        what this call does differently.
/// @param response       receives the answer. `/UpdateGroupResult/GroupName` and `/UpdateGroupResult/GroupId` name the group.
/// @return 0; a negative `CHAT_ERR_*`; or the service's code: 50001 to 50005, 51009 no such group, 51011 name too long, 51013 not in
///         the plan.
/// @since 0.1.0
#[no_mangle]
pub unsafe extern "C" fn chat_update_contact_group_name(
    client: *const chat_client,
    from_account: *const c_char,
    group_name: *const c_char,
    new_group_name: *const c_char,
    options: *const chat_call_options,
    response: *mut *mut chat_response,
) -> c_int {
    command(client, options, response, |call| {
        let from_account = boundary::text(from_account, "from_account")?;
        let group_name = boundary::text(group_name, "group_name")?;
        let new_group_name = boundary::text(new_group_name, "new_group_name")?;
        Ok(call.send(&UpdateContactGroup::name(from_account, group_name, new_group_name)))
    })
}

/// Adds conversations to a conversation group and removes others from it, in one call
/// (`v4/recentcontact/update_contact_group`, mode 2, 1047/53439).
///
/// A conversation may be in several groups.
///
/// Limits: 100 conversations to add and remove together; 1,000 a user in groups.
///
/// @param client       the client.
/// @param from_account the UserID whose group it is, not empty.
/// @param group_name   its name, byte for byte: 1 to 64 bytes of UTF-8.
/// @param add          the conversations to add, or NULL.
/// @param remove       the conversations to remove, or NULL. One at least and 100 at most in both lists together.
/// @param options      what this call does differently.
/// @param response     receives the answer. `/UpdateGroupResult/ContactResultItem` says what became of each conversation, those to add
///                     first.
/// @return 0; a negative `CHAT_ERR_*`, with `CHAT_ERR_PARTIAL` when a conversation was refused; or the service's code: 50001 to 50005,
///         51006 too many conversations, 51007 (of an item) a dismissed chat group, 51008 1,000 conversations with groups, 51009 no such
///         group, 51013 not in the plan.
/// @since 0.1.0
#[no_mangle]
pub unsafe extern "C" fn chat_update_contact_group_contacts(
    client: *const chat_client,
    from_account: *const c_char,
    group_name: *const c_char,
    add: *const chat_contacts,
    remove: *const chat_contacts,
    options: *const chat_call_options,
    response: *mut *mut chat_response,
) -> c_int {
    command(client, options, response, |call| {
        let from_account = boundary::text(from_account, "from_account")?;
        let group_name = boundary::text(group_name, "group_name")?;
        let (add, remove) = (boundary::optional_list(add)?, boundary::optional_list(remove)?);
        Ok(call.send(&UpdateContactGroup::contacts(from_account, group_name, add, remove)))
    })
}
