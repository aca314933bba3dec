//! `v4/recentcontact/del_contact_group`: deletes one conversation group of a user (1047/53441).
//! Conversations in the group stay; they only lose the group.

use std::borrow::Cow;

use serde::Serialize;

use super::{check_from_account, check_group_name, json, Endpoint};
use crate::error::{Error, CHAT_SERVICE_GROUP_NOT_FOUND};

/// The request. The service takes a list of names but allows one name in it.
#[derive(Debug, Serialize)]
pub struct DelContactGroup<'a> {
    #[serde(rename = "From_Account")]
    from_account: &'a str,
    #[serde(rename = "GroupName")]
    group_name: [&'a str; 1],
}

impl<'a> DelContactGroup<'a> {
    pub fn new(from_account: &'a str, group_name: &'a str) -> Self {
        DelContactGroup {
            from_account,
            group_name: [group_name],
        }
    }
}

impl Endpoint for DelContactGroup<'_> {
    const REPEATABLE: bool = true;
    const DONE_BEFORE: Option<i32> = Some(CHAT_SERVICE_GROUP_NOT_FOUND);

    fn path(&self) -> &str {
        "v4/recentcontact/del_contact_group"
    }

    fn check(&self, limits: bool) -> Result<(), Error> {
        check_from_account(self.from_account)?;
        check_group_name("group_name", self.group_name[0], limits)
    }

    fn body(&self) -> Cow<'_, [u8]> {
        json(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::CHAT_ERR_INVALID_ARGUMENT;

    fn refusal(from_account: &str, group_name: &str, limits: bool) -> Option<Error> {
        DelContactGroup::new(from_account, group_name).check(limits).err()
    }

    #[test]
    fn the_body_is_the_documented_one() {
        let sent: serde_json::Value =
            serde_json::from_slice(&DelContactGroup::new("user_0001", "group_0001").body()).unwrap();
        assert_eq!(
            sent,
            serde_json::json!({"From_Account": "user_0001", "GroupName": ["group_0001"]})
        );
    }

    #[test]
    fn quotes_and_control_characters_cannot_break_out_of_the_body() {
        let name = "a\"],\"x\":[\"\n\u{1}\\";
        let sent: serde_json::Value = serde_json::from_slice(&DelContactGroup::new("u", name).body()).unwrap();
        assert_eq!(sent["GroupName"][0], name);
        assert_eq!(sent.as_object().unwrap().len(), 2);
    }

    #[test]
    fn empty_arguments_are_refused_by_name_also_without_the_vendors_limits() {
        for limits in [true, false] {
            assert!(refusal("", "g", limits)
                .unwrap()
                .message
                .starts_with("from_account is empty"));
            assert!(refusal("u", "", limits)
                .unwrap()
                .message
                .starts_with("group_name is empty"));
        }
    }

    #[test]
    fn a_name_is_measured_in_bytes_and_the_vendors_limit_can_be_left_to_the_service() {
        let at_the_limit = "会".repeat(21) + "x";
        assert_eq!(at_the_limit.len(), 64);
        assert_eq!(refusal("u", &at_the_limit, true), None);
        let error = refusal("u", &"会".repeat(22), true).unwrap();
        assert_eq!(error.code, CHAT_ERR_INVALID_ARGUMENT);
        assert_eq!(
            error.message,
            "group_name has 66 bytes of UTF-8; the limit is 64 (the service answers 51011)"
        );
        assert_eq!(refusal("u", &"会".repeat(22), false), None);
    }
}
