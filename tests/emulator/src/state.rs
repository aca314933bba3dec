//! What the emulated service remembers: accounts, each with its conversation groups and the conversations that have a
//! group or a mark. It promises that ids are never used again and that an entry with nothing left disappears; it knows
//! neither requests nor codes.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

pub use crate::mark::StandardMark;

/// Groups one user can have (1047/53437).
pub(crate) const GROUPS_PER_USER: usize = 20;
/// Conversations of one user that can be in a group (all recentcontact pages of 2026).
pub(crate) const GROUPED_CONVERSATIONS: usize = 1000;

/// The whole state: what `GET /state` shows and a seed file holds.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct State {
    /// Imported accounts by UserID.
    pub accounts: BTreeMap<String, Account>,
}

/// One imported account and its conversation groups.
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
}

impl Default for Account {
    fn default() -> Self {
        Self {
            nick: String::new(),
            face_url: String::new(),
            next_group_id: 1,
            groups: Vec::new(),
            entries: Vec::new(),
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

/// Key of a conversation.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Contact {
    /// User or chat group.
    pub(crate) kind: ContactType,
    /// UserID or chat group id.
    pub(crate) id: String,
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
    fn new(contact: &Contact) -> Self {
        Self {
            kind: contact.kind,
            id: contact.id.clone(),
            groups: BTreeSet::new(),
            standard_mark: StandardMark::default(),
            custom_mark: String::new(),
            updated: 0,
        }
    }

    fn has_nothing_left(&self) -> bool {
        self.groups.is_empty() && self.custom_mark.is_empty() && !self.standard_mark.any_set()
    }

    fn is_of(&self, contact: &Contact) -> bool {
        self.kind == contact.kind && self.id == contact.id
    }
}

/// Why a group was not made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NotMade {
    NameTaken,
    TooManyGroups,
    TooManyConversations,
}

impl Account {
    /// Makes a group of `contacts`. All or nothing; a contact given twice is in it once.
    pub(crate) fn make_group(&mut self, name: &str, contacts: &[Contact], now: i64) -> Result<u64, NotMade> {
        if self.groups.iter().any(|group| group.name == name) {
            return Err(NotMade::NameTaken);
        }
        if self.groups.len() >= GROUPS_PER_USER {
            return Err(NotMade::TooManyGroups);
        }
        if self.grouped_with(contacts) > GROUPED_CONVERSATIONS {
            return Err(NotMade::TooManyConversations);
        }
        let id = self.next_group_id;
        self.next_group_id += 1;
        self.groups.push(Group {
            id,
            name: name.to_owned(),
            created: now,
        });
        for contact in contacts {
            let entry = self.entry(contact);
            entry.groups.insert(id);
            entry.updated = now;
        }
        Ok(id)
    }

    /// Removes a group and its id from every conversation; those of them that are in nothing else disappear.
    pub(crate) fn remove_group(&mut self, name: &str, now: i64) -> Option<Group> {
        let at = self.groups.iter().position(|group| group.name == name)?;
        let group = self.groups.remove(at);
        for entry in &mut self.entries {
            if entry.groups.remove(&group.id) {
                entry.updated = now;
            }
        }
        self.entries.retain(|entry| !entry.has_nothing_left());
        Some(group)
    }

    /// How many conversations would be in some group if `contacts` were too.
    fn grouped_with(&self, contacts: &[Contact]) -> usize {
        let grouped = self.entries.iter().filter(|entry| !entry.groups.is_empty());
        let known: BTreeSet<(ContactType, &str)> = grouped.map(|entry| (entry.kind, entry.id.as_str())).collect();
        let added: BTreeSet<(ContactType, &str)> = contacts.iter().map(|c| (c.kind, c.id.as_str())).collect();
        known.union(&added).count()
    }

    fn entry(&mut self, contact: &Contact) -> &mut Entry {
        let at = self.entries.iter().position(|entry| entry.is_of(contact));
        let at = at.unwrap_or_else(|| {
            self.entries.push(Entry::new(contact));
            self.entries.len() - 1
        });
        &mut self.entries[at]
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
        let largest = ids.last().copied().unwrap_or(0);
        self.next_group_id = self.next_group_id.max(largest.saturating_add(1));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn user(id: &str) -> Contact {
        Contact {
            kind: ContactType::User,
            id: id.into(),
        }
    }

    #[test]
    fn a_conversation_in_three_groups_loses_only_the_deleted_one() {
        let mut account = Account::default();
        let ids: Vec<u64> = ["a", "b", "c"]
            .iter()
            .map(|name| account.make_group(name, &[user("peer")], 10).unwrap())
            .collect();
        assert_eq!(account.remove_group("b", 20).unwrap().id, ids[1]);
        assert_eq!(account.entries[0].groups, BTreeSet::from([ids[0], ids[2]]));
        assert_eq!(account.entries[0].updated, 20);
    }

    #[test]
    fn an_entry_with_nothing_left_disappears_and_a_marked_one_stays() {
        let mut account = Account::default();
        account.make_group("a", &[user("bare"), user("marked")], 1).unwrap();
        account.entries[1].custom_mark = "vip".into();
        account.remove_group("a", 2).unwrap();
        assert_eq!(account.entries.len(), 1);
        assert_eq!(account.entries[0].id, "marked");
    }

    #[test]
    fn ids_are_never_used_again() {
        let mut account = Account::default();
        for id in 1..=50 {
            assert_eq!(account.make_group("a", &[], 0), Ok(id));
            account.remove_group("a", 0);
        }
    }

    #[test]
    fn names_are_compared_byte_for_byte() {
        let mut account = Account::default();
        account.make_group("Work", &[], 0).unwrap();
        account.make_group("work", &[], 0).unwrap();
        // The same letter, composed and decomposed.
        account.make_group("caf\u{e9}", &[], 0).unwrap();
        assert!(account.remove_group("cafe\u{301}", 0).is_none());
        assert_eq!(account.make_group("work", &[], 0), Err(NotMade::NameTaken));
    }

    #[test]
    fn a_refused_group_changes_nothing() {
        let mut account = Account::default();
        let many: Vec<Contact> = (0..GROUPED_CONVERSATIONS).map(|n| user(&n.to_string())).collect();
        account.make_group("full", &many, 0).unwrap();
        let before = account.clone();
        assert_eq!(
            account.make_group("more", &[user("one more")], 1),
            Err(NotMade::TooManyConversations)
        );
        assert_eq!(account, before);
        account.make_group("same", &many[..3], 1).unwrap();
    }

    #[test]
    fn a_state_comes_back_from_its_json_as_it_was() {
        let mut account = Account::default();
        account.make_group("a", &[user("x")], 5).unwrap();
        account.entries[0].standard_mark = "0110".parse().unwrap();
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
