//! The objects that several recentcontact calls share (1047/53437): the conversation key, the group reference, the stored item.

use serde::Serialize;
use serde_json::Value;

use super::BAD_PARAMETER;
use crate::config::Settings;
use crate::service::answer::Refusal;
use crate::service::fields::Fields;
use crate::world::account::{Contact, Unchanged};
use crate::world::state::{Account, ContactType, Entry, Group};

/// Conversations in one create, update or mark call (51006).
const CONVERSATIONS_PER_CALL: usize = 100;

/// The chat group's id everywhere but in `delete` and in the answer of `get_list`.
const CHAT_GROUP: &str = "ToGroupId";

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
    pub(super) fn of(kind: ContactType, id: &'a str) -> Self {
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

/// Reads a conversation key that is an object of its own.
pub(super) fn contact(value: &Value, place: &str) -> Result<Contact, Refusal> {
    let known = ["Type", "To_Account", CHAT_GROUP];
    read_contact(&Fields::of_value(value, place, BAD_PARAMETER, &known)?, CHAT_GROUP)
}

/// Reads a conversation key whose chat group id is called `chat_group`. The id that does not belong to the type is
/// ignored (1047/53437).
pub(super) fn read_contact(fields: &Fields, chat_group: &str) -> Result<Contact, Refusal> {
    let (kind, name) = match fields.integer("Type")? {
        1 => (ContactType::User, "To_Account"),
        2 => (ContactType::ChatGroup, chat_group),
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
    let item = |group: &Group| GroupItem {
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

impl<'a> StoredItem<'a> {
    /// The item with its standard mark even when that is unset: "".
    pub(super) fn with_standard_mark(entry: &'a Entry, settings: &Settings) -> Self {
        Self {
            standard_mark: Some(entry.standard_mark.text(settings.mark_zero)),
            ..Self::of(entry, settings)
        }
    }

    pub(super) fn of(entry: &'a Entry, settings: &Settings) -> Self {
        let mark = entry.standard_mark;
        Self {
            contact: ContactItem::of(entry.kind, &entry.id),
            standard_mark: (!mark.is_untouched()).then(|| mark.text(settings.mark_zero)),
            custom_mark: &entry.custom_mark,
            groups: entry.groups.iter().copied().collect(),
            updated: entry.updated,
        }
    }
}

/// `ResultCode` and `ResultInfo` of one item of a list.
#[derive(Serialize)]
pub(super) struct ItemResult {
    #[serde(rename = "ResultCode")]
    code: i64,
    #[serde(rename = "ResultInfo")]
    info: &'static str,
}

/// What becomes of an item on this conversation: a chat group that is dismissed is 51007 and left as it is, while the
/// call and its other items go on.
pub(super) fn item_result(contact: &Contact, settings: &Settings) -> ItemResult {
    if is_dismissed(contact, settings) {
        let info = "the chat group is dismissed";
        return ItemResult { code: 51007, info };
    }
    ItemResult { code: 0, info: "" }
}

/// Whether setting `dismissed_groups` names this conversation.
pub(super) fn is_dismissed(contact: &Contact, settings: &Settings) -> bool {
    contact.kind == ContactType::ChatGroup && settings.dismissed_groups.contains(&contact.id)
}

/// How many conversations a create, update or mark call may name; a mark call names one at least.
pub(super) fn within_call_limit(conversations: usize) -> Result<(), Refusal> {
    if conversations > CONVERSATIONS_PER_CALL {
        return Err(Refusal::new(51006, "a call takes at most 100 conversations"));
    }
    Ok(())
}

/// The code of a change that was not made. That of a taken name is documented nowhere (an inference).
pub(super) fn refused(why: Unchanged) -> Refusal {
    let (code, info) = match why {
        Unchanged::NoSuchGroup => (51009, "the conversation group does not exist"),
        Unchanged::NameTaken => (BAD_PARAMETER, "a group of this name exists already"),
        Unchanged::TooManyGroups => (51010, "a user has at most 20 groups"),
        Unchanged::TooManyGrouped => (51008, "at most 1000 conversations can be in a group"),
        Unchanged::TooManyMarked => (51008, "at most 1000 conversations can carry a mark"),
        Unchanged::TooManyPinned => (51012, "at most 50 conversations can be pinned"),
    };
    Refusal::new(code, info)
}
