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
