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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn sent(request: &UpdateContactGroup) -> serde_json::Value {
        serde_json::from_slice(&request.body()).unwrap()
    }

    #[test]
    fn the_bodies_are_the_documented_ones() {
        assert_eq!(
            sent(&UpdateContactGroup::name("user_0001", "group_0001", "group_0002")),
            json!({"From_Account": "user_0001", "UpdateType": 1,
                "UpdateGroup": {"UpdateGroupType": 1, "OldGroupName": "group_0001", "NewGroupName": "group_0002"}})
        );
        let (add, remove) = (
            [Contact::new(1, "user_0002").unwrap()],
            [Contact::new(2, "@TGS#1B2AUI7RZ").unwrap()],
        );
        assert_eq!(
            sent(&UpdateContactGroup::contacts("user_0001", "group_0001", &add, &remove)),
            json!({"From_Account": "user_0001", "UpdateType": 1, "UpdateGroup": {
                "UpdateGroupType": 2, "OldGroupName": "group_0001", "ContactUpdateItem": [
                    {"ContactOptType": 1, "ContactItem": {"Type": 1, "To_Account": "user_0002"}},
                    {"ContactOptType": 2, "ContactItem": {"Type": 2, "ToGroupId": "@TGS#1B2AUI7RZ"}}]}})
        );
    }

    #[test]
    fn each_argument_is_refused_by_its_own_name() {
        let refusal = |request: UpdateContactGroup| request.check(true).unwrap_err().message;
        let long = "x".repeat(65);
        assert!(refusal(UpdateContactGroup::name("u", &long, "g")).starts_with("group_name has 65"));
        assert!(refusal(UpdateContactGroup::name("u", "g", &long)).starts_with("new_group_name has 65"));
        assert!(refusal(UpdateContactGroup::name("u", "g", "")).starts_with("new_group_name is empty"));
        assert!(
            refusal(UpdateContactGroup::contacts("u", "g", &[], &[])).starts_with("add and remove together is empty")
        );
        let half = vec![Contact::new(1, "u").unwrap(); 51];
        assert!(refusal(UpdateContactGroup::contacts("u", "g", &half, &half))
            .starts_with("add and remove together has 102"));
    }
}
