//! `v4/recentcontact/search_contact_group`: looks up marks and groups of given conversations (1047/53442).

use std::borrow::Cow;

use serde::Serialize;

use super::lists::{check_length, check_some, Contact};
use super::{check_from_account, json, Endpoint};
use crate::error::Error;

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
