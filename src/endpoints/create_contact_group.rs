//! `v4/recentcontact/create_contact_group`: creates one conversation group of a user (1047/53437).

use std::borrow::Cow;

use serde::Serialize;

use super::lists::{check_length, Contact};
use super::{check_from_account, check_group_name, json, Endpoint};
use crate::error::Error;

/// The request. The service takes a list of groups but allows one in it.
#[derive(Debug, Serialize)]
pub struct CreateContactGroup<'a> {
    #[serde(rename = "From_Account")]
    from_account: &'a str,
    #[serde(rename = "GroupContactItem")]
    group: [NewGroup<'a>; 1],
}

#[derive(Debug, Serialize)]
struct NewGroup<'a> {
    #[serde(rename = "GroupName")]
    name: &'a str,
    #[serde(rename = "ContactItem", skip_serializing_if = "<[Contact]>::is_empty")]
    contacts: &'a [Contact],
}

impl<'a> CreateContactGroup<'a> {
    pub fn new(from_account: &'a str, name: &'a str, contacts: &'a [Contact]) -> Self {
        CreateContactGroup {
            from_account,
            group: [NewGroup { name, contacts }],
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
