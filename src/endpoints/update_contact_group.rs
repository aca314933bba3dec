//! `v4/recentcontact/update_contact_group`: renames a conversation group, or adds and removes conversations (1047/53439).
//! One command of the service, two functions here: each says what it does.

use std::borrow::Cow;

use serde::Serialize;

use super::lists::{check_length, check_some, Contact};
use super::{check_from_account, check_group_name, json, Endpoint};
use crate::error::Error;

/// The only documented `UpdateType`: the update of a group.
const UPDATE_TYPE: u8 = 1;

/// The request. `OldGroupName` names the group in both modes; one table ties it to renaming only, its samples do not.
#[derive(Debug, Serialize)]
pub struct UpdateContactGroup<'a> {
    #[serde(rename = "From_Account")]
    from_account: &'a str,
    #[serde(rename = "UpdateType")]
    update_type: u8,
    #[serde(rename = "UpdateGroup")]
    group: GroupUpdate<'a>,
}

#[derive(Debug, Serialize)]
struct GroupUpdate<'a> {
    #[serde(rename = "UpdateGroupType")]
    mode: u8,
    #[serde(rename = "OldGroupName")]
    name: &'a str,
    #[serde(rename = "NewGroupName", skip_serializing_if = "Option::is_none")]
    new_name: Option<&'a str>,
    #[serde(rename = "ContactUpdateItem", skip_serializing_if = "Vec::is_empty")]
    changes: Vec<Change<'a>>,
}

#[derive(Debug, Serialize)]
struct Change<'a> {
    #[serde(rename = "ContactOptType")]
    operation: u8,
    #[serde(rename = "ContactItem")]
    contact: &'a Contact,
}

impl<'a> UpdateContactGroup<'a> {
    /// Mode 1.
    pub fn name(from_account: &'a str, name: &'a str, new_name: &'a str) -> Self {
        let group = GroupUpdate {
            mode: 1,
            name,
            new_name: Some(new_name),
            changes: Vec::new(),
        };
        UpdateContactGroup {
            from_account,
            update_type: UPDATE_TYPE,
            group,
        }
    }

    /// Mode 2.
    pub fn contacts(from_account: &'a str, name: &'a str, add: &'a [Contact], remove: &'a [Contact]) -> Self {
        let all =
            |contacts: &'a [Contact], operation| contacts.iter().map(move |contact| Change { operation, contact });
        let changes = all(add, 1).chain(all(remove, 2)).collect();
        let group = GroupUpdate {
            mode: 2,
            name,
            new_name: None,
            changes,
        };
        UpdateContactGroup {
            from_account,
            update_type: UPDATE_TYPE,
            group,
        }
    }
}

impl Endpoint for UpdateContactGroup<'_> {
    const REPEATABLE: bool = true;

    fn path(&self) -> &str {
        "v4/recentcontact/update_contact_group"
    }

    fn check(&self, limits: bool) -> Result<(), Error> {
        check_from_account(self.from_account)?;
        check_group_name("group_name", self.group.name, limits)?;
        match self.group.new_name {
            Some(new_name) => check_group_name("new_group_name", new_name, limits),
            None => {
                check_some("add and remove together", self.group.changes.len())?;
                check_length(
                    "add and remove together",
                    self.group.changes.len(),
                    100,
                    "51006",
                    limits,
                )
            }
        }
    }

    fn body(&self) -> Cow<'_, [u8]> {
        json(self)
    }
}
