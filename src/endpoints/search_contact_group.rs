//! `v4/recentcontact/search_contact_group`: looks up marks and groups of given conversations (1047/53442).

use std::borrow::Cow;
use std::os::raw::{c_char, c_int};

use serde::Serialize;

use super::lists::{check_length, check_some, Contact};
use super::{check_from_account, json, Endpoint};
use crate::error::Error;
use crate::ffi::boundary;
use crate::ffi::{chat_call_options, chat_client, chat_contacts, chat_response};

/// The request.
#[derive(Debug, Serialize)]
pub struct SearchContactGroup<'a> {
    #[serde(rename = "From_Account")]
    from_account: &'a str,
    #[serde(rename = "ContactItem")]
    contacts: &'a [Contact],
}

impl<'a> SearchContactGroup<'a> {
    pub fn new(from_account: &'a str, contacts: &'a [Contact]) -> Self {
        SearchContactGroup { from_account, contacts }
    }
}

impl Endpoint for SearchContactGroup<'_> {
    const REPEATABLE: bool = true;

    fn path(&self) -> &str {
        "v4/recentcontact/search_contact_group"
    }

    fn check(&self, limits: bool) -> Result<(), Error> {
        check_from_account(self.from_account)?;
        check_some("contacts", self.contacts.len())?;
        check_length("contacts", self.contacts.len(), 300, "50002", limits)
    }

    fn body(&self) -> Cow<'_, [u8]> {
        json(self)
    }
}

/// Looks up marks and groups of up to 300 conversations (`v4/recentcontact/search_contact_group`, 1047/53442).
///
/// Blocks until the answer or the deadline. Any thread.
///
/// @param client       the client, not NULL; any number of threads may share it.
/// @param from_account the UserID whose conversations they are, not NULL, not empty, UTF-8.
/// @param contacts     the conversations, not NULL: 1 to 300.
/// @param options      what this call does differently, or NULL.
/// @param response     receives the answer whatever the result, to be freed with `chat_response_free`; NULL if not wanted.
///                     `/ContactResultItem` holds those that have a group or a mark: `StandardMark` (as the service sent it: which end
///                     is bit 0 is documented nowhere), `CustomMark`, `ContactGroupId`, `Timestamp`. `/GroupItem` names the groups.
/// @return 0; a negative `CHAT_ERR_*`; or the service's code: 50001 to 50005, 51013 not in the plan.
/// @since 0.1.0
#[no_mangle]
#[allow(unsafe_code)]
pub unsafe extern "C" fn chat_search_contact_group(
    client: *const chat_client,
    from_account: *const c_char,
    contacts: *const chat_contacts,
    options: *const chat_call_options,
    response: *mut *mut chat_response,
) -> c_int {
    boundary::call(client, options, response, |call| {
        let from_account = boundary::text(from_account, "from_account")?;
        let contacts = boundary::list(contacts, "contacts")?;
        Ok(call.send(&SearchContactGroup::new(from_account, contacts)))
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_body_is_the_documented_one() {
        let contacts = [
            Contact::new(1, "user_0002").unwrap(),
            Contact::new(2, "@TGS#1B2AUI7RZ").unwrap(),
        ];
        let sent: serde_json::Value =
            serde_json::from_slice(&SearchContactGroup::new("user_0001", &contacts).body()).unwrap();
        assert_eq!(
            sent,
            json!({"From_Account": "user_0001", "ContactItem": [
                {"Type": 1, "To_Account": "user_0002"}, {"Type": 2, "ToGroupId": "@TGS#1B2AUI7RZ"}]})
        );
    }

    #[test]
    fn from_one_to_three_hundred_conversations_are_searched() {
        let many = vec![Contact::new(1, "u").unwrap(); 301];
        assert_eq!(SearchContactGroup::new("u", &many[..300]).check(true), Ok(()));
        assert!(SearchContactGroup::new("u", &many)
            .check(true)
            .unwrap_err()
            .message
            .contains("has 301 items"));
        assert!(SearchContactGroup::new("u", &[])
            .check(true)
            .unwrap_err()
            .message
            .contains("is empty"));
    }
}
