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
