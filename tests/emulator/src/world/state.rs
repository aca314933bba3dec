//! What the emulated service remembers, as its JSON has it: accounts, their groups, the conversations with a group or a mark, and
//! the recent conversations; and what no service could be in.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

pub use crate::world::mark::{MarkZero, StandardMark};

/// The whole state: what `GET /state` shows and a seed file holds.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct State {
    /// Imported accounts by UserID.
    pub accounts: BTreeMap<String, Account>,
}

/// One imported account, its conversation groups and its recent conversations.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Account {
    /// Nickname; empty when none was given.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub nick: String,
    /// Avatar URL; empty when none was given.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub face_url: String,
    /// Id of the next group. In a file it may be left out: one more than the largest id.
    pub next_group_id: u64,
    /// Groups in the order they were made.
    pub groups: Vec<Group>,
    /// Conversations that have a group or a mark, in the order they first got one.
    pub entries: Vec<Entry>,
    /// Recent conversations (`get_list`), in any order. They and the entries know nothing of each other.
    pub conversations: Vec<Conversation>,
}

impl Default for Account {
    fn default() -> Self {
        Self {
            nick: String::new(),
            face_url: String::new(),
            next_group_id: 1,
            groups: Vec::new(),
            entries: Vec::new(),
            conversations: Vec::new(),
        }
    }
}

/// A conversation group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Group {
    /// Unique within its user, never used again.
    pub id: u64,
    /// Unique within its user; compared byte for byte.
    pub name: String,
    /// Unix seconds.
    #[serde(default)]
    pub created: i64,
}

/// Whom a conversation is with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "u8", into = "u8")]
pub enum ContactType {
    /// `Type` 1: a user, named by UserID.
    User,
    /// `Type` 2: a chat group, named by its group id.
    ChatGroup,
}

impl From<ContactType> for u8 {
    fn from(kind: ContactType) -> u8 {
        match kind {
            ContactType::User => 1,
            ContactType::ChatGroup => 2,
        }
    }
}

impl TryFrom<u8> for ContactType {
    type Error = String;

    fn try_from(number: u8) -> Result<Self, String> {
        match number {
            1 => Ok(ContactType::User),
            2 => Ok(ContactType::ChatGroup),
            _ => Err("`type` is 1 (a user) or 2 (a chat group)".into()),
        }
    }
}

/// One recent conversation, as `get_list` shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Conversation {
    /// User or chat group.
    #[serde(rename = "type")]
    pub kind: ContactType,
    /// UserID or chat group id.
    pub id: String,
    /// Unix seconds of its last message; 1 or more.
    pub msg_time: i64,
    /// Whether it is pinned to the top.
    #[serde(default)]
    pub pinned: bool,
}

/// One conversation that is in a group or carries a mark.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// User or chat group.
    #[serde(rename = "type")]
    pub kind: ContactType,
    /// UserID or chat group id.
    pub id: String,
    /// Ids of the groups it is in.
    #[serde(default)]
    pub groups: BTreeSet<u64>,
    /// The 64 standard marks, as the service's string.
    #[serde(default, skip_serializing_if = "StandardMark::is_untouched")]
    pub standard_mark: StandardMark,
    /// The custom mark; empty when unset.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub custom_mark: String,
    /// Unix seconds of the last change of its groups or marks.
    #[serde(default)]
    pub updated: i64,
}

impl Entry {
    pub(crate) fn has_nothing_left(&self) -> bool {
        self.groups.is_empty() && !self.is_marked()
    }

    /// Whether it carries a standard or the custom mark.
    pub(crate) fn is_marked(&self) -> bool {
        !self.custom_mark.is_empty() || self.standard_mark.any_set()
    }
}

impl State {
    /// Reads a state file or a `PUT /state` body and refuses one that no service could be in. The error says what to
    /// change.
    pub fn from_json(text: &[u8]) -> Result<Self, String> {
        let state: State = serde_json::from_slice(text).map_err(|e| format!("the state is not as documented: {e}"))?;
        state.checked()
    }

    /// Refuses a state that no service could be in, and fills in a `next_group_id` that was left out.
    pub fn checked(mut self) -> Result<Self, String> {
        for (user, account) in &mut self.accounts {
            account.checked().map_err(|what| format!("account {user:?}: {what}"))?;
        }
        Ok(self)
    }
}

impl Account {
    fn checked(&mut self) -> Result<(), String> {
        let ids: BTreeSet<u64> = self.groups.iter().map(|group| group.id).collect();
        let names: BTreeSet<&str> = self.groups.iter().map(|group| group.name.as_str()).collect();
        if ids.len() != self.groups.len() || ids.contains(&0) {
            return Err("give each group an id of its own, 1 or more".into());
        }
        if names.len() != self.groups.len() || names.contains("") {
            return Err("give each group a name of its own".into());
        }
        let mut keys = BTreeSet::new();
        for entry in &self.entries {
            if !keys.insert((entry.kind, entry.id.as_str())) {
                return Err(format!("the conversation {:?} is listed twice", entry.id));
            }
            if !entry.groups.is_subset(&ids) {
                return Err(format!(
                    "the conversation {:?} is in a group that is not listed",
                    entry.id
                ));
            }
            if entry.has_nothing_left() {
                return Err(format!(
                    "the conversation {:?} has no group and no mark; leave it out",
                    entry.id
                ));
            }
        }
        self.checked_conversations()?;
        let largest = ids.last().copied().unwrap_or(0);
        self.next_group_id = self.next_group_id.max(largest.saturating_add(1));
        Ok(())
    }
    fn checked_conversations(&self) -> Result<(), String> {
        let mut keys = BTreeSet::new();
        for conversation in &self.conversations {
            let id = &conversation.id;
            if !keys.insert((conversation.kind, id.as_str())) {
                return Err(format!("the recent conversation {id:?} is listed twice"));
            }
            if conversation.msg_time < 1 {
                return Err(format!(
                    "the recent conversation {id:?} needs a `msg_time` of 1 or more (unix seconds)"
                ));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_state_comes_back_from_its_json_as_it_was() {
        let mut account = Account {
            nick: "U".into(),
            ..Account::default()
        };
        account.groups.push(Group {
            id: 1,
            name: "a".into(),
            created: 5,
        });
        account.next_group_id = 2;
        account.entries.push(Entry {
            kind: ContactType::ChatGroup,
            id: "x".into(),
            groups: BTreeSet::from([1]),
            standard_mark: "0110".parse().unwrap(),
            custom_mark: "vip".into(),
            updated: 6,
        });
        account.conversations.push(Conversation {
            kind: ContactType::User,
            id: "y".into(),
            msg_time: 7,
            pinned: true,
        });
        let state = State {
            accounts: BTreeMap::from([("u".to_owned(), account)]),
        };
        let text = serde_json::to_vec(&state).unwrap();
        assert_eq!(State::from_json(&text).unwrap(), state);
    }

    #[test]
    fn a_state_no_service_could_be_in_is_refused_with_what_to_change() {
        for (text, says) in [
            (
                r#"{"accounts":{"u":{"groups":[{"id":1,"name":"a"},{"id":1,"name":"b"}]}}}"#,
                "id of its own",
            ),
            (
                r#"{"accounts":{"u":{"groups":[{"id":1,"name":"a"},{"id":2,"name":"a"}]}}}"#,
                "name of its own",
            ),
            (
                r#"{"accounts":{"u":{"entries":[{"type":1,"id":"x","groups":[4]}]}}}"#,
                "not listed",
            ),
            (
                r#"{"accounts":{"u":{"entries":[{"type":1,"id":"x"}]}}}"#,
                "leave it out",
            ),
            (r#"{"accounts":{"u":{"entries":[{"type":3,"id":"x"}]}}}"#, "`type` is 1"),
            (
                r#"{"accounts":{"u":{"conversations":[{"type":1,"id":"x","msg_time":0}]}}}"#,
                "1 or more",
            ),
            (
                r#"{"accounts":{"u":{"conversations":[{"type":1,"id":"x","msg_time":1},{"type":1,"id":"x","msg_time":2}]}}}"#,
                "listed twice",
            ),
            (r#"{"acounts":{}}"#, "acounts"),
        ] {
            let error = State::from_json(text.as_bytes()).unwrap_err();
            assert!(error.contains(says), "{error}");
        }
    }

    #[test]
    fn a_seed_may_leave_the_next_id_out() {
        let text = br#"{"accounts":{"u":{"groups":[{"id":7,"name":"a"}]}}}"#;
        assert_eq!(State::from_json(text).unwrap().accounts["u"].next_group_id, 8);
    }
}
