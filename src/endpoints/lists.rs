//! The lists that calls take: conversations, marks, accounts. Built item by item, checked item by item.
//! A refused item is remembered: the call reports it and sends nothing, even if the caller ignored the result.

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

use super::{check_size, LONGEST_REQUEST};
use crate::error::Error;

/// A one-to-one conversation; its id is the other user's UserID.
pub const CHAT_ONE_TO_ONE: i32 = 1;
/// A group chat; its id is the chat group's id, such as `@TGS#1B2AUI7RZ`.
pub const CHAT_GROUP_CHAT: i32 = 2;

/// The mark that a user sees as a star.
pub const CHAT_MARK_STAR: i32 = 0;
/// The mark of a conversation that counts as unread.
pub const CHAT_MARK_UNREAD: i32 = 1;
/// The mark of a folded conversation.
pub const CHAT_MARK_FOLD: i32 = 2;
/// The mark of a hidden conversation.
pub const CHAT_MARK_HIDE: i32 = 3;

/// What `T`s a call works on.
#[derive(Debug)]
pub struct List<T> {
    items: Vec<T>,
    /// Bytes of text in all items, bounded so that no list outgrows a request.
    bytes: usize,
    refused: Option<Error>,
}

impl<T> Default for List<T> {
    fn default() -> Self {
        List {
            items: Vec::new(),
            bytes: 0,
            refused: None,
        }
    }
}

/// What an item adds to a request, in bytes of text.
pub trait Size {
    fn size(&self) -> usize;
}

impl<T: Size> List<T> {
    /// Adds an item that was made, or remembers why it was not. Messages begin with the item's place: `contacts[3]: …`.
    pub fn add(&mut self, list: &str, made: Result<T, Error>) -> Result<(), Error> {
        let place = self.items.len();
        let fitting = made.and_then(|item| {
            // What JSON puts around an item is at most a few dozen bytes.
            self.bytes += item.size() + 64;
            match self.bytes > LONGEST_REQUEST {
                true => Err(Error::argument("no request holds that much")),
                false => Ok(item),
            }
        });
        match fitting {
            Ok(item) => {
                self.items.push(item);
                Ok(())
            }
            Err(error) => {
                let error = Error::new(error.code, format!("{list}[{place}]: {}", error.message));
                self.refused.get_or_insert(error.clone());
                Err(error)
            }
        }
    }

    /// The items, unless one was refused.
    pub fn items(&self) -> Result<&[T], Error> {
        match &self.refused {
            Some(error) => Err(error.clone()),
            None => Ok(&self.items),
        }
    }
}

/// Checks a list's length against the vendor's limit.
pub(super) fn check_length(
    argument: &str,
    length: usize,
    limit: usize,
    answer: &str,
    limits: bool,
) -> Result<(), Error> {
    if limits && length > limit {
        return Err(Error::argument(format!(
            "{argument} has {length} items; one call takes at most {limit} (the service answers {answer})"
        )));
    }
    Ok(())
}

/// Checks that a list a call is about is not empty.
pub(super) fn check_some(argument: &str, length: usize) -> Result<(), Error> {
    if length == 0 {
        return Err(Error::argument(format!(
            "{argument} is empty; the call would do nothing"
        )));
    }
    Ok(())
}

/// A conversation, by its type and the id that belongs to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contact {
    group_chat: bool,
    id: String,
}

impl Contact {
    pub fn new(kind: i32, id: &str) -> Result<Contact, Error> {
        if ![CHAT_ONE_TO_ONE, CHAT_GROUP_CHAT].contains(&kind) {
            return Err(Error::argument(format!(
                "type {kind} is neither 1 (one-to-one) nor 2 (group chat)"
            )));
        }
        if id.is_empty() {
            return Err(Error::argument(
                "the id is empty; it is a UserID for type 1 and a group id for type 2",
            ));
        }
        check_size("id", id)?;
        Ok(Contact {
            group_chat: kind == CHAT_GROUP_CHAT,
            id: id.to_owned(),
        })
    }

    /// Writes the key under the name that a command uses for group chats: they are not spelled alike (1047/43088).
    pub(super) fn write<M: SerializeMap>(&self, map: &mut M, group_id: &'static str) -> Result<(), M::Error> {
        map.serialize_entry(
            "Type",
            if self.group_chat {
                &CHAT_GROUP_CHAT
            } else {
                &CHAT_ONE_TO_ONE
            },
        )?;
        map.serialize_entry(if self.group_chat { group_id } else { "To_Account" }, &self.id)
    }
}

impl Size for Contact {
    fn size(&self) -> usize {
        self.id.len()
    }
}

impl Serialize for Contact {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(2))?;
        self.write(&mut map, "ToGroupId")?;
        map.end()
    }
}

/// What `mark_contact` does to one conversation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mark {
    contact: Contact,
    set: u64,
    clear: u64,
    custom: Option<String>,
}

impl Mark {
    pub fn new(contact: Contact, set: u64, clear: u64, custom: Option<&str>) -> Result<Mark, Error> {
        if set & clear != 0 {
            return Err(Error::argument(format!(
                "bit {} is both set and cleared; the service documents no order",
                (set & clear).trailing_zeros()
            )));
        }
        if set | clear == 0 && custom.is_none() {
            return Err(Error::argument(
                "nothing to do: no mark to set or clear, no custom mark",
            ));
        }
        Ok(Mark {
            contact,
            set,
            clear,
            custom: custom.map(str::to_owned),
        })
    }

    /// 256 bytes (1047/53438).
    pub(super) fn check(&self, place: usize, limits: bool) -> Result<(), Error> {
        const LONGEST: usize = 256;
        match &self.custom {
            Some(custom) if limits && custom.len() > LONGEST => Err(Error::argument(format!(
                "marks[{place}]: custom_mark has {} bytes of UTF-8; the limit is {LONGEST} (the service answers 50002)",
                custom.len()
            ))),
            _ => Ok(()),
        }
    }
}

impl Size for Mark {
    fn size(&self) -> usize {
        self.contact.size() + self.custom.as_ref().map_or(0, String::len)
    }
}

impl Serialize for Mark {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let bits = |mask: u64| (0..64).filter(|bit| mask >> bit & 1 == 1).collect::<Vec<u8>>();
        let mut map = serializer.serialize_map(None)?;
        // 1: standard marks, 2: the custom mark, 3: both. The service ignores what the number does not name.
        let kind = u8::from(self.set | self.clear != 0) + 2 * u8::from(self.custom.is_some());
        map.serialize_entry("OptType", &kind)?;
        map.serialize_entry("ContactItem", &self.contact)?;
        if self.clear != 0 {
            map.serialize_entry("ClearMark", &bits(self.clear))?;
        }
        if self.set != 0 {
            map.serialize_entry("SetMark", &bits(self.set))?;
        }
        if let Some(custom) = &self.custom {
            map.serialize_entry("CustomMark", custom)?;
        }
        map.end()
    }
}

/// An account to import, check or delete.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Account {
    #[serde(rename = "UserID")]
    pub user_id: String,
    #[serde(rename = "Nick", skip_serializing_if = "Option::is_none")]
    pub nick: Option<String>,
    #[serde(rename = "FaceUrl", skip_serializing_if = "Option::is_none")]
    pub face_url: Option<String>,
}

impl Size for Account {
    fn size(&self) -> usize {
        let optional = |text: &Option<String>| text.as_ref().map_or(0, String::len);
        self.user_id.len() + optional(&self.nick) + optional(&self.face_url)
    }
}

impl Account {
    pub fn new(user_id: &str, nick: Option<&str>, face_url: Option<&str>) -> Result<Account, Error> {
        if user_id.is_empty() {
            return Err(Error::argument("user_id is empty"));
        }
        for (argument, text) in [("user_id", Some(user_id)), ("nick", nick), ("face_url", face_url)] {
            check_size(argument, text.unwrap_or_default())?;
        }
        let owned = |text: Option<&str>| text.map(str::to_owned);
        Ok(Account {
            user_id: user_id.to_owned(),
            nick: owned(nick),
            face_url: owned(face_url),
        })
    }

    /// A UserID has 32 bytes (1047/34953).
    fn check_user_id(&self, place: &str, limits: bool) -> Result<(), Error> {
        check_text(place, "user_id", &self.user_id, 32, "70402", limits)
    }

    /// Also a value of the profile has its limit, 500 bytes (40601).
    pub(super) fn check(&self, place: &str, limits: bool) -> Result<(), Error> {
        self.check_user_id(place, limits)?;
        for (argument, text) in [("nick", &self.nick), ("face_url", &self.face_url)] {
            check_text(
                place,
                argument,
                text.as_deref().unwrap_or_default(),
                500,
                "40601",
                limits,
            )?;
        }
        Ok(())
    }
}

fn check_text(
    place: &str,
    argument: &str,
    text: &str,
    longest: usize,
    answer: &str,
    limits: bool,
) -> Result<(), Error> {
    if limits && text.len() > longest {
        return Err(Error::argument(format!(
            "{place}{argument} has {} bytes; the limit is {longest} (the service answers {answer})",
            text.len()
        )));
    }
    Ok(())
}

/// Writes accounts as check and delete take them: `[{"UserID": …}]`.
pub(super) fn only_user_ids<S: Serializer>(accounts: &[Account], serializer: S) -> Result<S::Ok, S::Error> {
    #[derive(Serialize)]
    struct OnlyUserId<'a> {
        #[serde(rename = "UserID")]
        user_id: &'a str,
    }
    serializer.collect_seq(accounts.iter().map(|account| OnlyUserId {
        user_id: &account.user_id,
    }))
}

/// 100 accounts a call (1047/34954, 34955, 34956).
fn check_each(
    accounts: &[Account],
    limits: bool,
    check: impl Fn(&Account, &str, bool) -> Result<(), Error>,
) -> Result<(), Error> {
    check_some("accounts", accounts.len())?;
    check_length("accounts", accounts.len(), 100, "70206", limits)?;
    let mut numbered = accounts.iter().enumerate();
    numbered.try_for_each(|(place, account)| check(account, &format!("accounts[{place}]: "), limits))
}

/// Checks accounts to import.
pub(super) fn check_accounts(accounts: &[Account], limits: bool) -> Result<(), Error> {
    check_each(accounts, limits, Account::check)
}

/// Checks accounts of which only the UserID is sent.
pub(super) fn check_user_ids(accounts: &[Account], limits: bool) -> Result<(), Error> {
    check_each(accounts, limits, Account::check_user_id)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn contact(kind: i32, id: &str) -> Contact {
        Contact::new(kind, id).unwrap()
    }

    #[test]
    fn only_the_id_that_belongs_to_the_type_is_sent() {
        assert_eq!(
            serde_json::to_value(contact(1, "u")).unwrap(),
            json!({"Type": 1, "To_Account": "u"})
        );
        assert_eq!(
            serde_json::to_value(contact(2, "@TGS#1")).unwrap(),
            json!({"Type": 2, "ToGroupId": "@TGS#1"})
        );
    }

    #[test]
    fn a_refused_item_is_named_by_its_place_and_remembered() {
        let mut list = List::default();
        list.add("contacts", Contact::new(1, "u")).unwrap();
        let error = list.add("contacts", Contact::new(3, "x")).unwrap_err();
        assert!(error.message.starts_with("contacts[1]: type 3 is neither"), "{error}");
        list.add("contacts", Contact::new(1, "w")).unwrap();
        assert_eq!(list.items().unwrap_err(), error);
    }

    #[test]
    fn a_mark_names_what_it_touches() {
        let mark =
            |set, clear, custom| serde_json::to_value(Mark::new(contact(1, "u"), set, clear, custom).unwrap()).unwrap();
        let key = json!({"Type": 1, "To_Account": "u"});
        assert_eq!(
            mark(0b1110, 0, Some("abcd")),
            json!({"OptType": 3, "ContactItem": key, "SetMark": [1, 2, 3], "CustomMark": "abcd"})
        );
        assert_eq!(
            mark(1 << 63, 1, None),
            json!({"OptType": 1, "ContactItem": key, "ClearMark": [0], "SetMark": [63]})
        );
        assert_eq!(
            mark(0, 0, Some("")),
            json!({"OptType": 2, "ContactItem": key, "CustomMark": ""})
        );
    }

    #[test]
    fn a_mark_that_contradicts_itself_or_does_nothing_is_refused() {
        assert!(Mark::new(contact(1, "u"), 6, 4, None)
            .unwrap_err()
            .message
            .contains("bit 2 is both"));
        assert!(Mark::new(contact(1, "u"), 0, 0, None)
            .unwrap_err()
            .message
            .contains("nothing to do"));
    }

    #[test]
    fn a_list_never_outgrows_a_request() {
        let mut list = List::default();
        let long = "x".repeat(LONGEST_REQUEST / 8);
        for _ in 0..7 {
            list.add("contacts", Contact::new(1, &long)).unwrap();
        }
        assert!(list
            .add("contacts", Contact::new(1, &long))
            .unwrap_err()
            .message
            .contains("no request"));
        assert!(Contact::new(1, &(long + "x"))
            .unwrap_err()
            .message
            .contains("id has 1048577 bytes"));
    }
}
