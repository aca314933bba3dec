//! `v4/recentcontact/delete`: deletes one conversation from a user's list (1047/43088).
//! Its groups and marks live apart and stay.

use std::borrow::Cow;
use std::os::raw::{c_char, c_int};

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

use super::lists::Contact;
use super::{check_from_account, json, Endpoint};
use crate::error::Error;
use crate::ffi::boundary;
use crate::ffi::{chat_call_options, chat_client, chat_response};

/// The request. Here, and only here, the vendor spells the group's id `ToGroupid`.
#[derive(Debug)]
pub struct RecentContactDelete<'a> {
    from_account: &'a str,
    contact: Contact,
    clear_ramble: bool,
}

impl<'a> RecentContactDelete<'a> {
    pub fn new(from_account: &'a str, contact: Contact, clear_ramble: bool) -> Self {
        RecentContactDelete {
            from_account,
            contact,
            clear_ramble,
        }
    }
}

impl Serialize for RecentContactDelete<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(4))?;
        map.serialize_entry("From_Account", self.from_account)?;
        self.contact.write(&mut map, "ToGroupid")?;
        map.serialize_entry("ClearRamble", &u8::from(self.clear_ramble))?;
        map.end()
    }
}

impl Endpoint for RecentContactDelete<'_> {
    const REPEATABLE: bool = true;

    fn path(&self) -> &str {
        "v4/recentcontact/delete"
    }

    fn check(&self, _limits: bool) -> Result<(), Error> {
        check_from_account(self.from_account)
    }

    fn body(&self) -> Cow<'_, [u8]> {
        json(self)
    }
}

/// Deletes one conversation from a user's conversation list (`v4/recentcontact/delete`, 1047/43088).
///
/// The conversation's groups and marks live apart and stay. Blocks until the answer or the deadline. Any thread.
///
/// @param client       the client, not NULL; any number of threads may share it.
/// @param from_account the UserID whose list it is, not NULL, not empty, UTF-8.
/// @param type         `CHAT_ONE_TO_ONE` or `CHAT_GROUP_CHAT`.
/// @param id           the other user's UserID, or the chat group's id; not NULL, not empty, UTF-8.
/// @param clear_ramble 1 deletes the roaming messages as well, 0 keeps them.
/// @param options      what this call does differently, or NULL.
/// @param response     receives the answer whatever the result, to be freed with `chat_response_free`; NULL if not wanted.
/// @return 0; a negative `CHAT_ERR_*`; or the service's code: 50001 to 50005. Whether an absent conversation is an error is not
///         documented.
/// @since 0.1.0
#[no_mangle]
#[allow(unsafe_code)]
pub unsafe extern "C" fn chat_recent_contact_delete(
    client: *const chat_client,
    from_account: *const c_char,
    r#type: c_int,
    id: *const c_char,
    clear_ramble: c_int,
    options: *const chat_call_options,
    response: *mut *mut chat_response,
) -> c_int {
    boundary::call(client, options, response, |call| {
        let from_account = boundary::text(from_account, "from_account")?;
        let contact = Contact::new(r#type, boundary::text(id, "id")?)?;
        Ok(call.send(&RecentContactDelete::new(from_account, contact, clear_ramble != 0)))
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_bodies_are_the_documented_ones_with_their_own_spelling() {
        let sent = |kind, clear| {
            let contact = Contact::new(kind, "id2").unwrap();
            let request = RecentContactDelete::new("id1", contact, clear);
            serde_json::from_slice::<serde_json::Value>(&request.body()).unwrap()
        };
        assert_eq!(
            sent(1, true),
            json!({"From_Account": "id1", "Type": 1, "To_Account": "id2", "ClearRamble": 1})
        );
        assert_eq!(
            sent(2, false),
            json!({"From_Account": "id1", "Type": 2, "ToGroupid": "id2", "ClearRamble": 0})
        );
    }
}
