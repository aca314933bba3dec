//! `chat_contacts`, `chat_marks` and `chat_accounts`: what a call works on. Built by one thread, then read by any number of calls.

use std::os::raw::{c_char, c_int};

use super::boundary::{self, Listed};
use crate::endpoints::lists::{Account, Contact, List, Mark};
use crate::error::{Error, CHAT_OK};

/// A list of conversations: built by one thread, then read by any number of calls.
#[derive(Debug, Default)]
pub struct chat_contacts {
    list: List<Contact>,
}

impl Listed for chat_contacts {
    type Item = Contact;
    fn list(&self) -> &List<Contact> {
        &self.list
    }
}

/// A list of changes to marks: built by one thread, then read by any number of calls.
#[derive(Debug, Default)]
pub struct chat_marks {
    list: List<Mark>,
}

impl Listed for chat_marks {
    type Item = Mark;
    fn list(&self) -> &List<Mark> {
        &self.list
    }
}

/// A list of accounts: built by one thread, then read by any number of calls.
#[derive(Debug, Default)]
pub struct chat_accounts {
    list: List<Account>,
}

impl Listed for chat_accounts {
    type Item = Account;
    fn list(&self) -> &List<Account> {
        &self.list
    }
}

fn new<T: Default>() -> *mut T {
    boundary::contain(|| Box::into_raw(Box::<T>::default())).unwrap_or(std::ptr::null_mut())
}

/// Adds one item. A NULL list can remember nothing, so its code is all there is.
unsafe fn add<T>(list: *mut T, name: &str, f: impl FnOnce(&mut T) -> Result<(), Error>) -> c_int {
    let result = boundary::contain(|| f(boundary::exclusive(list, name)?));
    match result.unwrap_or_else(|| Err(boundary::panicked())) {
        Ok(()) => CHAT_OK,
        Err(error) => error.code,
    }
}

/// Makes an empty list of conversations. Free it with `chat_contacts_free` after the calls that use it have returned.
///
/// @return the list; NULL only if the library itself failed.
/// @since 0.1.0
#[no_mangle]
pub extern "C" fn chat_contacts_new() -> *mut chat_contacts {
    new()
}

/// Frees a list of conversations.
///
/// @param contacts the list.
/// @since 0.1.0
#[no_mangle]
pub unsafe extern "C" fn chat_contacts_free(contacts: *mut chat_contacts) {
    boundary::free(contacts);
}

/// Adds a conversation.
///
/// A refused item is remembered: every call with this list then fails with its code and message and sends nothing.
///
/// @param contacts the list.
/// @param type     `CHAT_ONE_TO_ONE` or `CHAT_GROUP_CHAT`.
/// @param id       the other user's UserID, or the chat group's id, not empty.
/// @return 0; CHAT_ERR_INVALID_ARGUMENT; CHAT_ERR_INVALID_UTF8.
/// @since 0.1.0
#[no_mangle]
pub unsafe extern "C" fn chat_contacts_add(contacts: *mut chat_contacts, r#type: c_int, id: *const c_char) -> c_int {
    add(contacts, "contacts", |contacts| {
        let made = boundary::text(id, "id").and_then(|id| Contact::new(r#type, id));
        contacts.list.add("contacts", made)
    })
}

/// Makes an empty list of changes to marks. Free it with `chat_marks_free` after the calls that use it have returned.
///
/// @return the list; NULL only if the library itself failed.
/// @since 0.1.0
#[no_mangle]
pub extern "C" fn chat_marks_new() -> *mut chat_marks {
    new()
}

/// Frees a list of changes to marks.
///
/// @param marks the list.
/// @since 0.1.0
#[no_mangle]
pub unsafe extern "C" fn chat_marks_free(marks: *mut chat_marks) {
    boundary::free(marks);
}

/// Adds a change to the marks of one conversation.
///
/// A standard mark is a bit: bit n stands for the mark n of the service. Bits 0 to 31 belong to Chat itself (`CHAT_MARK_STAR` and so on), 32
/// to 63 are the app's own (1047/53438). A refused item is remembered: every call with this list then fails with its code and
/// message and sends nothing.
///
/// @param marks       the list.
/// @param type        `CHAT_ONE_TO_ONE` or `CHAT_GROUP_CHAT`.
/// @param id          the other user's UserID, or the chat group's id, not empty.
/// @param set_bits    the marks to set, one bit each: mark 40 is `UINT64_C(1) << 40`, not 40. 0 for none.
/// @param clear_bits  the marks to clear, one bit each; none that is also in `set_bits`. 0 for none.
/// @param custom_mark the custom mark, at most 256 bytes of UTF-8, "" to clear it; NULL leaves it as it is.
/// @return 0; CHAT_ERR_INVALID_ARGUMENT, also when there is nothing to do; CHAT_ERR_INVALID_UTF8.
/// @since 0.1.0
#[no_mangle]
pub unsafe extern "C" fn chat_marks_add(
    marks: *mut chat_marks,
    r#type: c_int,
    id: *const c_char,
    set_bits: u64,
    clear_bits: u64,
    custom_mark: *const c_char,
) -> c_int {
    add(marks, "marks", |marks| {
        let made = || {
            let contact = Contact::new(r#type, boundary::text(id, "id")?)?;
            Mark::new(
                contact,
                set_bits,
                clear_bits,
                boundary::optional_text(custom_mark, "custom_mark")?,
            )
        };
        marks.list.add("marks", made())
    })
}

/// Makes an empty list of accounts. Free it with `chat_accounts_free` after the calls that use it have returned.
///
/// @return the list; NULL only if the library itself failed.
/// @since 0.1.0
#[no_mangle]
pub extern "C" fn chat_accounts_new() -> *mut chat_accounts {
    new()
}

/// Frees a list of accounts.
///
/// @param accounts the list.
/// @since 0.1.0
#[no_mangle]
pub unsafe extern "C" fn chat_accounts_free(accounts: *mut chat_accounts) {
    boundary::free(accounts);
}

/// Adds an account.
///
/// A refused item is remembered: every call with this list then fails with its code and message and sends nothing.
///
/// @param accounts the list.
/// @param user_id  the UserID: 1 to 32 bytes of UTF-8.
/// @param nick     for an import the nickname, or NULL to leave it.
/// @param face_url for an import the picture's URL, or NULL to leave it.
/// @return 0; CHAT_ERR_INVALID_ARGUMENT; CHAT_ERR_INVALID_UTF8.
/// @since 0.1.0
#[no_mangle]
pub unsafe extern "C" fn chat_accounts_add(
    accounts: *mut chat_accounts,
    user_id: *const c_char,
    nick: *const c_char,
    face_url: *const c_char,
) -> c_int {
    add(accounts, "accounts", |accounts| {
        let made = || {
            let user_id = boundary::text(user_id, "user_id")?;
            let (nick, face_url) = (
                boundary::optional_text(nick, "nick")?,
                boundary::optional_text(face_url, "face_url")?,
            );
            Account::new(user_id, nick, face_url)
        };
        accounts.list.add("accounts", made())
    })
}
