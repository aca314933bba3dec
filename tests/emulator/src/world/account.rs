//! What calls change in one account: its groups, who is in them, marks, recent conversations. A change is made whole or not at
//! all.

use std::collections::BTreeSet;

use crate::world::state::{Account, ContactType, Conversation, Entry, Group, StandardMark};

/// Groups one user can have (1047/53437).
pub(crate) const GROUPS_PER_USER: usize = 20;
/// Conversations of one user that can be in a group (all recentcontact pages of 2026).
pub(crate) const GROUPED_CONVERSATIONS: usize = 1000;
/// Conversations of one user that can carry a mark, standard or custom; counted apart from those in groups (1047/53437).
pub(crate) const MARKED_CONVERSATIONS: usize = 1000;

/// Conversations of one user that can be pinned (269/75376).
pub(crate) const PINNED_CONVERSATIONS: usize = 50;

/// Key of a conversation.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Contact {
    /// User or chat group.
    pub(crate) kind: ContactType,
    /// UserID or chat group id.
    pub(crate) id: String,
}

/// Whether a conversation goes into a group or out of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Move {
    In,
    Out,
}

/// What happens to the marks of one conversation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Marking {
    pub(crate) contact: Contact,
    /// Standard marks to clear, one bit each; done before `set`.
    pub(crate) clear: u64,
    /// Standard marks to set, one bit each.
    pub(crate) set: u64,
    /// The new custom mark; empty takes it away, `None` leaves it.
    pub(crate) custom: Option<String>,
}

/// Why nothing was changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unchanged {
    NoSuchGroup,
    NameTaken,
    TooManyGroups,
    TooManyGrouped,
    TooManyMarked,
    TooManyPinned,
}

impl Account {
    /// Makes a group of `contacts`; a contact given twice is in it once.
    pub(crate) fn make_group(&mut self, name: &str, contacts: &[&Contact], now: i64) -> Result<u64, Unchanged> {
        if self.group(name).is_some() {
            return Err(Unchanged::NameTaken);
        }
        if self.groups.len() >= GROUPS_PER_USER {
            return Err(Unchanged::TooManyGroups);
        }
        let id = self.next_group_id;
        let moves: Vec<(Move, &Contact)> = contacts.iter().map(|contact| (Move::In, *contact)).collect();
        self.change_members(id, &moves, now)?;
        self.next_group_id += 1;
        self.groups.push(Group {
            id,
            name: name.to_owned(),
            created: now,
        });
        Ok(id)
    }

    /// Gives a group another name; its id and its conversations stay.
    pub(crate) fn rename_group(&mut self, old: &str, new: &str) -> Result<u64, Unchanged> {
        let at = self.position(old).ok_or(Unchanged::NoSuchGroup)?;
        if self.group(new).is_some() {
            return Err(Unchanged::NameTaken);
        }
        self.groups[at].name = new.to_owned();
        Ok(self.groups[at].id)
    }

    /// Moves conversations into a group and out of it, one after the other. What is there or gone already stays so.
    pub(crate) fn change_group(&mut self, name: &str, moves: &[(Move, &Contact)], now: i64) -> Result<u64, Unchanged> {
        let id = self.group(name).ok_or(Unchanged::NoSuchGroup)?.id;
        self.change_members(id, moves, now)?;
        Ok(id)
    }

    /// Removes a group and its id from every conversation; those of them that are in nothing else disappear.
    pub(crate) fn remove_group(&mut self, name: &str, now: i64) -> Result<Group, Unchanged> {
        let at = self.position(name).ok_or(Unchanged::NoSuchGroup)?;
        let group = self.groups.remove(at);
        for entry in &mut self.entries {
            if entry.groups.remove(&group.id) {
                entry.updated = now;
            }
        }
        self.drop_empty();
        Ok(group)
    }

    /// Changes marks, one conversation after the other.
    pub(crate) fn mark(&mut self, markings: &[&Marking], now: i64) -> Result<(), Unchanged> {
        self.all_or_nothing(|account| {
            for marking in markings {
                account.entry(&marking.contact).take(marking, now);
            }
            let marked = account.entries.iter().filter(|entry| entry.is_marked());
            if marked.count() > MARKED_CONVERSATIONS {
                return Err(Unchanged::TooManyMarked);
            }
            Ok(())
        })
    }

    /// Pins recent conversations or unpins them; what is so already stays so. One that is not on the list gets there when it is pinned.
    pub(crate) fn pin(&mut self, contacts: &[Contact], pinned: bool, now: i64) -> Result<(), Unchanged> {
        let mut conversations = self.conversations.clone();
        for contact in contacts {
            let found = conversations
                .iter_mut()
                .find(|other| other.kind == contact.kind && other.id == contact.id);
            match found {
                Some(conversation) => conversation.pinned = pinned,
                None if pinned => conversations.push(Conversation {
                    kind: contact.kind,
                    id: contact.id.clone(),
                    msg_time: now.max(1),
                    pinned,
                }),
                None => {}
            }
        }
        if pinned && conversations.iter().filter(|other| other.pinned).count() > PINNED_CONVERSATIONS {
            return Err(Unchanged::TooManyPinned);
        }
        self.conversations = conversations;
        Ok(())
    }

    /// Takes a conversation off the list of recent ones. Its groups and marks stay (1047/43088 is silent: an inference).
    pub(crate) fn forget_conversation(&mut self, contact: &Contact) {
        self.conversations
            .retain(|other| other.kind != contact.kind || other.id != contact.id);
    }

    /// Groups and marks of a conversation, if it has any.
    pub(crate) fn entry_of(&self, kind: ContactType, id: &str) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.kind == kind && entry.id == id)
    }

    fn group(&self, name: &str) -> Option<&Group> {
        self.groups.iter().find(|group| group.name == name)
    }

    fn position(&self, name: &str) -> Option<usize> {
        self.groups.iter().position(|group| group.name == name)
    }

    fn change_members(&mut self, id: u64, moves: &[(Move, &Contact)], now: i64) -> Result<(), Unchanged> {
        self.all_or_nothing(|account| {
            for (way, contact) in moves {
                let entry = account.entry(contact);
                let changed = match way {
                    Move::In => entry.groups.insert(id),
                    Move::Out => entry.groups.remove(&id),
                };
                if changed {
                    entry.updated = now;
                }
            }
            let grouped = account.entries.iter().filter(|entry| !entry.groups.is_empty());
            if grouped.count() > GROUPED_CONVERSATIONS {
                return Err(Unchanged::TooManyGrouped);
            }
            Ok(())
        })
    }

    /// Runs a change of entries; when it fails they are as before. Limits are checked once it is made, so a call that
    /// takes one away and adds one fits at the limit, in either order.
    fn all_or_nothing(&mut self, change: impl FnOnce(&mut Self) -> Result<(), Unchanged>) -> Result<(), Unchanged> {
        let before = self.entries.clone();
        let outcome = change(self);
        match outcome {
            Ok(()) => self.drop_empty(),
            Err(_) => self.entries = before,
        }
        outcome
    }

    fn drop_empty(&mut self) {
        self.entries.retain(|entry| !entry.has_nothing_left());
    }

    fn entry(&mut self, contact: &Contact) -> &mut Entry {
        let is_of = |entry: &Entry| entry.kind == contact.kind && entry.id == contact.id;
        let at = self.entries.iter().position(is_of).unwrap_or_else(|| {
            self.entries.push(Entry {
                kind: contact.kind,
                id: contact.id.clone(),
                groups: BTreeSet::new(),
                standard_mark: StandardMark::default(),
                custom_mark: String::new(),
                updated: 0,
            });
            self.entries.len() - 1
        });
        &mut self.entries[at]
    }
}

impl Entry {
    fn take(&mut self, marking: &Marking, now: i64) {
        let before = (self.standard_mark, self.custom_mark.clone());
        self.standard_mark.change(marking.clear, marking.set);
        if let Some(custom) = &marking.custom {
            self.custom_mark.clone_from(custom);
        }
        if before != (self.standard_mark, self.custom_mark.clone()) {
            self.updated = now;
        }
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
            .map(|name| account.make_group(name, &[&user("peer")], 10).unwrap())
            .collect();
        assert_eq!(account.remove_group("b", 20).unwrap().id, ids[1]);
        assert_eq!(account.entries[0].groups, BTreeSet::from([ids[0], ids[2]]));
        assert_eq!(account.entries[0].updated, 20);
    }

    #[test]
    fn an_entry_with_nothing_left_disappears_and_a_marked_one_stays() {
        let mut account = Account::default();
        account.make_group("a", &[&user("bare"), &user("marked")], 1).unwrap();
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
            account.remove_group("a", 0).unwrap();
        }
    }

    #[test]
    fn names_are_compared_byte_for_byte() {
        let mut account = Account::default();
        account.make_group("Work", &[], 0).unwrap();
        account.make_group("work", &[], 0).unwrap();
        // The same letter, composed and decomposed.
        account.make_group("caf\u{e9}", &[], 0).unwrap();
        assert!(account.remove_group("cafe\u{301}", 0).is_err());
        assert_eq!(account.make_group("work", &[], 0), Err(Unchanged::NameTaken));
    }

    #[test]
    fn a_refused_group_changes_nothing() {
        let mut account = Account::default();
        let many: Vec<Contact> = (0..GROUPED_CONVERSATIONS).map(|n| user(&n.to_string())).collect();
        let many: Vec<&Contact> = many.iter().collect();
        account.make_group("full", &many, 0).unwrap();
        let before = account.clone();
        assert_eq!(
            account.make_group("more", &[&user("one more")], 1),
            Err(Unchanged::TooManyGrouped)
        );
        assert_eq!(account, before);
        account.make_group("same", &many[..3], 1).unwrap();
    }
}
