//! The objects that several recentcontact calls share: the conversation key, the group reference, the stored item.
//! It promises the spellings of contract 2.1; it must not know which call it serves.

use serde::Serialize;
use serde_json::Value;

use super::BAD_PARAMETER;
use crate::answer::Refusal;
use crate::config::Settings;
use crate::fields::Fields;
use crate::state::{Account, Contact, ContactType, Entry};

/// Conversations in one create, update or mark call (51006).
pub(super) const CONVERSATIONS_PER_CALL: usize = 100;

/// `{"Type":1,"To_Account":…}` or `{"Type":2,"ToGroupId":…}`.
#[derive(Serialize)]
pub(super) struct ContactItem<'a> {
    #[serde(rename = "Type")]
    kind: u8,
    #[serde(rename = "To_Account", skip_serializing_if = "Option::is_none")]
    user: Option<&'a str>,
    #[serde(rename = "ToGroupId", skip_serializing_if = "Option::is_none")]
    chat_group: Option<&'a str>,
}

impl<'a> ContactItem<'a> {
    fn of(kind: ContactType, id: &'a str) -> Self {
        let is_user = kind == ContactType::User;
        Self {
            kind: kind.into(),
            user: is_user.then_some(id),
            chat_group: (!is_user).then_some(id),
        }
    }
}

impl<'a> From<&'a Contact> for ContactItem<'a> {
    fn from(contact: &'a Contact) -> Self {
        Self::of(contact.kind, &contact.id)
    }
}

/// Reads a conversation key. The id that does not belong to the type is ignored (contract 2.1).
pub(super) fn contact(value: &Value, place: &str) -> Result<Contact, Refusal> {
    let fields = Fields::of_value(value, place, BAD_PARAMETER, &["Type", "To_Account", "ToGroupId"])?;
    let (kind, name) = match fields.integer("Type")? {
        1 => (ContactType::User, "To_Account"),
        2 => (ContactType::ChatGroup, "ToGroupId"),
        _ => return Err(fields.wrong("Type", "is 1 (a user) or 2 (a chat group)")),
    };
    let id = fields.text(name)?.to_owned();
    Ok(Contact { kind, id })
}

/// Reads an array of conversation keys.
pub(super) fn contacts(values: &[Value], place: &str) -> Result<Vec<Contact>, Refusal> {
    let numbered = values.iter().enumerate();
    numbered
        .map(|(n, value)| contact(value, &format!("{place}[{n}]")))
        .collect()
}

/// `{"GroupName":…,"GroupId":…}`.
#[derive(Serialize)]
pub(super) struct GroupItem {
    #[serde(rename = "GroupName")]
    pub(super) name: String,
    #[serde(rename = "GroupId")]
    pub(super) id: u64,
}

/// All groups of a user.
pub(super) fn group_items(account: &Account) -> Vec<GroupItem> {
    let item = |group: &crate::state::Group| GroupItem {
        name: group.name.clone(),
        id: group.id,
    };
    account.groups.iter().map(item).collect()
}

/// The length limit of group names, in bytes of UTF-8 (51011).
pub(super) fn name_within_limit(name: &str, settings: &Settings) -> Result<(), Refusal> {
    if name.len() > settings.name_limit {
        let info = format!("a group name has at most {} bytes", settings.name_limit);
        return Err(Refusal::new(51011, info));
    }
    Ok(())
}

/// One conversation with its groups and marks, as reads return it. Members that are unset are left out.
#[derive(Serialize)]
pub(super) struct StoredItem<'a> {
    #[serde(flatten)]
    contact: ContactItem<'a>,
    #[serde(rename = "StandardMark", skip_serializing_if = "Option::is_none")]
    standard_mark: Option<String>,
    #[serde(rename = "CustomMark", skip_serializing_if = "str::is_empty")]
    custom_mark: &'a str,
    #[serde(rename = "ContactGroupId", skip_serializing_if = "Vec::is_empty")]
    groups: Vec<u64>,
    #[serde(rename = "Timestamp")]
    updated: i64,
}

impl<'a> From<&'a Entry> for StoredItem<'a> {
    fn from(entry: &'a Entry) -> Self {
        Self {
            contact: ContactItem::of(entry.kind, &entry.id),
            standard_mark: (!entry.standard_mark.is_untouched()).then(|| entry.standard_mark.to_string()),
            custom_mark: &entry.custom_mark,
            groups: entry.groups.iter().copied().collect(),
            updated: entry.updated,
        }
    }
}

/// `ResultCode` and `ResultInfo` of an item that went well.
#[derive(Serialize)]
pub(super) struct ItemOk {
    #[serde(rename = "ResultCode")]
    code: i64,
    #[serde(rename = "ResultInfo")]
    info: &'static str,
}

pub(super) const ITEM_OK: ItemOk = ItemOk { code: 0, info: "" };
