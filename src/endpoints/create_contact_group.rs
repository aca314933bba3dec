//! `v4/recentcontact/create_contact_group`: creates one conversation group of a user (1047/53437).

use std::borrow::Cow;
use std::os::raw::{c_char, c_int};

use serde::Serialize;

use super::lists::{check_length, Contact};
use super::{check_from_account, check_group_name, json, Endpoint};
use crate::error::Error;
use crate::ffi::boundary;
use crate::ffi::{chat_call_options, chat_client, chat_contacts, chat_response};

/// The request. The service takes a list of groups but allows one in it.
#[derive(Debug, Serialize)]
pub struct CreateContactGroup<'a> {
    #[serde(rename = "From_Account")]
    from_account: &'a str,
    #[serde(rename = "GroupContactItem")]
    group: [Group<'a>; 1],
}

#[derive(Debug, Serialize)]
struct Group<'a> {
    #[serde(rename = "GroupName")]
    name: &'a str,
    #[serde(rename = "ContactItem", skip_serializing_if = "<[Contact]>::is_empty")]
    contacts: &'a [Contact],
}

impl<'a> CreateContactGroup<'a> {
    pub fn new(from_account: &'a str, name: &'a str, contacts: &'a [Contact]) -> Self {
        CreateContactGroup {
            from_account,
            group: [Group { name, contacts }],
        }
    }
}

impl Endpoint for CreateContactGroup<'_> {
    /// A repeat may meet the group that the first attempt made.
    const REPEATABLE: bool = false;

    fn path(&self) -> &str {
        "v4/recentcontact/create_contact_group"
    }

    fn check(&self, limits: bool) -> Result<(), Error> {
        check_from_account(self.from_account)?;
        check_group_name("group_name", self.group[0].name, limits)?;
        check_length("contacts", self.group[0].contacts.len(), 100, "51006", limits)
    }

    fn body(&self) -> Cow<'_, [u8]> {
        json(self)
    }
}

/// Creates one conversation group of a user (`v4/recentcontact/create_contact_group`, 1047/53437).
///
/// Blocks until the answer or the deadline. Any thread. A user has at most 20 groups; a name that exists is refused.
///
/// @param client       the client, not NULL; any number of threads may share it.
/// @param from_account the UserID whose group it becomes, not NULL, not empty, UTF-8.
/// @param group_name   its name, not NULL: 1 to 64 bytes of UTF-8 (over 32, older SDKs cannot show it).
/// @param contacts     the conversations in it from the start, at most 100; NULL or empty for none (pages before 2026 ask for one at
///                     least). They need not be in the user's conversation list.
/// @param options      what this call does differently, or NULL.
/// @param response     receives the answer whatever the result, to be freed with `chat_response_free`; NULL if not wanted.
///                     `/GroupResultItem/0/GroupItem/GroupId` is the new id, `/GroupResultItem/0/ResultItem` says what became of each
///                     conversation.
/// @return 0; a negative `CHAT_ERR_*`, with `CHAT_ERR_PARTIAL` when a conversation was refused; or the service's code: 50001 to 50005,
///         51006 too many conversations, 51007 (of an item) a dismissed chat group, 51008 1,000 conversations with groups, 51010 20
///         groups, 51011 name too long, 51013 not in the plan. A repeat after doubt may meet its own first effect.
/// @since 0.1.0
#[no_mangle]
#[allow(unsafe_code)]
pub unsafe extern "C" fn chat_create_contact_group(
    client: *const chat_client,
    from_account: *const c_char,
    group_name: *const c_char,
    contacts: *const chat_contacts,
    options: *const chat_call_options,
    response: *mut *mut chat_response,
) -> c_int {
    boundary::call(client, options, response, |call| {
        let from_account = boundary::text(from_account, "from_account")?;
        let group_name = boundary::text(group_name, "group_name")?;
        let contacts = boundary::optional_list(contacts)?;
        Ok(call.send(&CreateContactGroup::new(from_account, group_name, contacts)))
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn sent(request: &CreateContactGroup) -> serde_json::Value {
        serde_json::from_slice(&request.body()).unwrap()
    }

    #[test]
    fn the_body_is_the_documented_one() {
        let contacts = [
            Contact::new(1, "user_0002").unwrap(),
            Contact::new(2, "@TGS#1B2AUI7RZ").unwrap(),
        ];
        assert_eq!(
            sent(&CreateContactGroup::new("user_0001", "group_0001", &contacts)),
            json!({"From_Account": "user_0001", "GroupContactItem": [{"GroupName": "group_0001", "ContactItem": [
                {"Type": 1, "To_Account": "user_0002"}, {"Type": 2, "ToGroupId": "@TGS#1B2AUI7RZ"}]}]})
        );
    }

    #[test]
    fn a_group_without_conversations_sends_no_list() {
        let request = CreateContactGroup::new("u", "g", &[]);
        assert_eq!(
            sent(&request),
            json!({"From_Account": "u", "GroupContactItem": [{"GroupName": "g"}]})
        );
        assert_eq!(request.check(true), Ok(()));
    }

    #[test]
    fn a_hundred_conversations_pass_and_one_more_is_refused_unless_the_service_decides() {
        let many = vec![Contact::new(1, "u").unwrap(); 101];
        assert_eq!(CreateContactGroup::new("u", "g", &many[..100]).check(true), Ok(()));
        let error = CreateContactGroup::new("u", "g", &many).check(true).unwrap_err();
        assert_eq!(
            error.message,
            "contacts has 101 items; one call takes at most 100 (the service answers 51006)"
        );
        assert_eq!(CreateContactGroup::new("u", "g", &many).check(false), Ok(()));
    }
}
