//! Every call, in random order, against the emulator and against a plain model of what the service promises: a few maps and the
//! documented rules. After each step the answers' codes and the whole state must agree. A failing sequence is shrunk and printed;
//! `PROPTEST_CASES` sets how many sequences are tried.

use std::collections::{BTreeMap, BTreeSet};

use crate::service::Service;
use chat_emulator::{ContactType, Conversation, Settings};
use proptest::prelude::*;
use serde_json::Value;
use tencent_chat::endpoints::account_delete::AccountDelete;
use tencent_chat::endpoints::account_import::AccountImport;
use tencent_chat::endpoints::create_contact_group::CreateContactGroup;
use tencent_chat::endpoints::del_contact_group::DelContactGroup;
use tencent_chat::endpoints::get_contact_group::GetContactGroup;
use tencent_chat::endpoints::lists::{Account, Contact, Mark};
use tencent_chat::endpoints::mark_contact::MarkContact;
use tencent_chat::endpoints::recent_contact_delete::RecentContactDelete;
use tencent_chat::endpoints::recent_contact_get_list::{RecentContactGetList, CHAT_ASSIST_FLAGS};
use tencent_chat::endpoints::search_contact_group::SearchContactGroup;
use tencent_chat::endpoints::update_contact_group::UpdateContactGroup;
use tencent_chat::endpoints::Endpoint;
use tencent_chat::{CallOptions, Client, Response};

/// Few of each, so that steps meet what earlier steps left.
const USERS: [&str; 2] = ["user_0001", "user_0002"];
const CONTACTS: [(i32, &str); 4] = [(1, "a"), (1, "b"), (2, "a"), (2, "@TGS#1")];
/// More than a user may have groups.
const NAMES: u8 = 22;

type Key = (i32, String);

#[derive(Clone, Debug)]
enum Step {
    Create {
        user: usize,
        name: u8,
        contacts: Vec<usize>,
    },
    Delete {
        user: usize,
        name: u8,
    },
    Rename {
        user: usize,
        name: u8,
        to: u8,
    },
    Change {
        user: usize,
        name: u8,
        add: Vec<usize>,
        remove: Vec<usize>,
    },
    Mark {
        user: usize,
        contact: usize,
        set: u64,
        clear: u64,
        custom: Option<String>,
    },
    Search {
        user: usize,
        contacts: Vec<usize>,
    },
    Groups {
        user: usize,
    },
    List {
        user: usize,
    },
    DeleteConversation {
        user: usize,
        contact: usize,
    },
    Import {
        user: usize,
    },
    DeleteAccount {
        user: usize,
    },
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let user = || 0..USERS.len();
    let name = || prop_oneof![3 => 0..3u8, 1 => 0..NAMES];
    let contact = || 0..CONTACTS.len();
    let some = move || prop::collection::vec(contact(), 0..4);
    let bits = || {
        prop_oneof![
            Just(0u64),
            Just(1),
            Just(1 << 63),
            (0..64u64).prop_map(|bit| 1 << bit),
            any::<u64>()
        ]
    };
    let custom = || prop_oneof![Just(None), Just(Some(String::new())), "[a-z会]{1,4}".prop_map(Some)];
    let step = prop_oneof![
        6 => (user(), 0..NAMES, some()).prop_map(|(user, name, contacts)| Step::Create { user, name, contacts }),
        3 => (user(), name(), some()).prop_map(|(user, name, contacts)| Step::Create { user, name, contacts }),
        3 => (user(), name()).prop_map(|(user, name)| Step::Delete { user, name }),
        2 => (user(), name(), name()).prop_map(|(user, name, to)| Step::Rename { user, name, to }),
        4 => (user(), name(), some(), some()).prop_map(|(user, name, add, remove)| Step::Change { user, name, add, remove }),
        4 => (user(), contact(), bits(), bits(), custom())
            .prop_map(|(user, contact, set, clear, custom)| Step::Mark { user, contact, set, clear: clear & !set, custom }),
        2 => (user(), some()).prop_map(|(user, contacts)| Step::Search { user, contacts }),
        1 => user().prop_map(|user| Step::Groups { user }),
        1 => user().prop_map(|user| Step::List { user }),
        1 => (user(), contact()).prop_map(|(user, contact)| Step::DeleteConversation { user, contact }),
        1 => user().prop_map(|user| Step::Import { user }),
        1 => user().prop_map(|user| Step::DeleteAccount { user }),
    ];
    prop::collection::vec(step, 1..40)
}

/// What the service promises to remember, in maps.
#[derive(Clone, Debug, Default, PartialEq)]
struct Model {
    users: BTreeMap<String, User>,
}

#[derive(Clone, Debug, Default, PartialEq)]
struct User {
    groups: BTreeMap<String, u64>,
    made: u64,
    entries: BTreeMap<Key, Entry>,
    conversations: BTreeSet<Key>,
}

#[derive(Clone, Debug, Default, PartialEq)]
struct Entry {
    groups: BTreeSet<u64>,
    marks: u64,
    custom: String,
}

fn group(name: u8) -> String {
    format!("group {name}")
}

fn key(contact: usize) -> Key {
    (CONTACTS[contact].0, CONTACTS[contact].1.to_owned())
}

impl User {
    fn forget_empty(&mut self) {
        self.entries.retain(|_, entry| *entry != Entry::default());
    }
}

impl Model {
    /// Applies a step and says the code it must answer. `None`: the library refuses it and nothing is sent.
    fn apply(&mut self, step: &Step) -> Option<i32> {
        let (Step::Create { user, .. }
        | Step::Delete { user, .. }
        | Step::Rename { user, .. }
        | Step::Change { user, .. }
        | Step::Mark { user, .. }
        | Step::Search { user, .. }
        | Step::Groups { user }
        | Step::List { user }
        | Step::DeleteConversation { user, .. }
        | Step::Import { user }
        | Step::DeleteAccount { user }) = step;
        let name = USERS[*user].to_owned();
        match step {
            Step::Import { .. } => {
                self.users.entry(name).or_default();
                return Some(0);
            }
            Step::DeleteAccount { .. } => return Some(if self.users.remove(&name).is_some() { 0 } else { -15 }),
            Step::Change { add, remove, .. } if add.is_empty() && remove.is_empty() => return None,
            Step::Mark {
                set: 0,
                clear: 0,
                custom: None,
                ..
            } => return None,
            Step::Search { contacts, .. } if contacts.is_empty() => return None,
            _ => {}
        }
        let Some(user) = self.users.get_mut(&name) else {
            return Some(50001);
        };
        Some(user.apply(step))
    }
}

impl User {
    fn apply(&mut self, step: &Step) -> i32 {
        match step {
            Step::Create { name, contacts, .. } => {
                if self.groups.contains_key(&group(*name)) {
                    return 50002;
                }
                if self.groups.len() == 20 {
                    return 51010;
                }
                self.made += 1;
                self.groups.insert(group(*name), self.made);
                for contact in contacts {
                    self.entries.entry(key(*contact)).or_default().groups.insert(self.made);
                }
            }
            Step::Delete { name, .. } => {
                let Some(id) = self.groups.remove(&group(*name)) else {
                    return 51009;
                };
                self.entries.values_mut().for_each(|entry| {
                    entry.groups.remove(&id);
                });
            }
            Step::Rename { name, to, .. } => {
                let Some(id) = self.groups.get(&group(*name)).copied() else {
                    return 51009;
                };
                if self.groups.contains_key(&group(*to)) {
                    return 50002;
                }
                self.groups.remove(&group(*name));
                self.groups.insert(group(*to), id);
            }
            Step::Change { name, add, remove, .. } => {
                let Some(id) = self.groups.get(&group(*name)).copied() else {
                    return 51009;
                };
                for contact in add {
                    self.entries.entry(key(*contact)).or_default().groups.insert(id);
                }
                for contact in remove {
                    self.entries.entry(key(*contact)).or_default().groups.remove(&id);
                }
            }
            Step::Mark {
                contact,
                set,
                clear,
                custom,
                ..
            } => {
                let entry = self.entries.entry(key(*contact)).or_default();
                entry.marks = entry.marks & !clear | set;
                if let Some(custom) = custom {
                    entry.custom.clone_from(custom);
                }
            }
            Step::DeleteConversation { contact, .. } => {
                self.conversations.remove(&key(*contact));
            }
            _ => {}
        }
        self.forget_empty();
        0
    }
}

fn contacts(numbers: &[usize]) -> Vec<Contact> {
    numbers
        .iter()
        .map(|number| Contact::new(CONTACTS[*number].0, CONTACTS[*number].1).unwrap())
        .collect()
}

fn send<E: Endpoint>(client: &Client, endpoint: &E) -> Response {
    client.call(endpoint, &CallOptions::default())
}

/// The same step as a call. `None` where the arguments are refused before there is one.
fn call(client: &Client, step: &Step) -> Option<Response> {
    Some(match step {
        Step::Create {
            user,
            name,
            contacts: members,
            ..
        } => send(
            client,
            &CreateContactGroup::new(USERS[*user], &group(*name), &contacts(members)),
        ),
        Step::Delete { user, name } => send(client, &DelContactGroup::new(USERS[*user], &group(*name))),
        Step::Rename { user, name, to } => send(
            client,
            &UpdateContactGroup::name(USERS[*user], &group(*name), &group(*to)),
        ),
        Step::Change {
            user,
            name,
            add,
            remove,
        } => {
            let (add, remove) = (contacts(add), contacts(remove));
            send(
                client,
                &UpdateContactGroup::contacts(USERS[*user], &group(*name), &add, &remove),
            )
        }
        Step::Mark {
            user,
            contact,
            set,
            clear,
            custom,
        } => {
            let contact = contacts(&[*contact]).remove(0);
            let mark = Mark::new(contact, *set, *clear, custom.as_deref()).ok()?;
            send(client, &MarkContact::new(USERS[*user], &[mark]))
        }
        Step::Search { user, contacts: wanted } => {
            send(client, &SearchContactGroup::new(USERS[*user], &contacts(wanted)))
        }
        Step::Groups { user } => send(client, &GetContactGroup::new(USERS[*user], 0)),
        Step::List { user } => send(
            client,
            &RecentContactGetList::new(USERS[*user], [0; 4].map(Value::from), CHAT_ASSIST_FLAGS),
        ),
        Step::DeleteConversation { user, contact } => {
            let contact = contacts(&[*contact]).remove(0);
            send(client, &RecentContactDelete::new(USERS[*user], contact, false))
        }
        Step::Import { user } => send(
            client,
            &AccountImport::new(Account::new(USERS[*user], None, None).unwrap()),
        ),
        Step::DeleteAccount { user } => send(
            client,
            &AccountDelete::new(&[Account::new(USERS[*user], None, None).unwrap()]),
        ),
    })
}

/// The emulator's state in the model's terms.
fn seen(service: &Service) -> Model {
    let mut users = BTreeMap::new();
    for (name, account) in service
        .emulator
        .state()
        .accounts
        .into_iter()
        .filter(|(name, _)| USERS.contains(&name.as_str()))
    {
        let key = |kind: ContactType, id: String| (i32::from(u8::from(kind)), id);
        let entries = account.entries.into_iter().map(|entry| {
            let marks = entry
                .standard_mark
                .to_string()
                .bytes()
                .rev() // the last character is mark 0
                .enumerate()
                .map(|(bit, b)| u64::from(b == b'1') << bit)
                .sum();
            (
                key(entry.kind, entry.id),
                Entry {
                    groups: entry.groups,
                    marks,
                    custom: entry.custom_mark,
                },
            )
        });
        let user = User {
            groups: account.groups.into_iter().map(|group| (group.name, group.id)).collect(),
            made: account.next_group_id - 1,
            entries: entries.collect(),
            conversations: account.conversations.into_iter().map(|c| key(c.kind, c.id)).collect(),
        };
        users.insert(name, user);
    }
    Model { users }
}

/// What a reading call answers must be what the model holds.
fn check_reading(step: &Step, response: &Response, model: &Model) {
    let answer: Value = serde_json::from_slice(response.body()).unwrap();
    let (user, member, wanted): (usize, &str, Option<BTreeSet<Key>>) = match step {
        Step::Search { user, contacts } => (
            *user,
            "ContactResultItem",
            Some(contacts.iter().map(|c| key(*c)).collect()),
        ),
        Step::Groups { user } => (*user, "ContactItem", None),
        Step::List { user } => (*user, "SessionItem", None),
        _ => return,
    };
    let user = &model.users[USERS[user]];
    let id = |item: &Value| {
        item["To_Account"]
            .as_str()
            .or(item["ToGroupId"].as_str())
            .or(item["GroupId"].as_str())
            .unwrap()
            .to_owned()
    };
    let items: BTreeMap<Key, &Value> = answer[member]
        .as_array()
        .unwrap()
        .iter()
        .map(|i| ((i["Type"].as_i64().unwrap() as i32, id(i)), i))
        .collect();
    let expected: BTreeSet<Key> = match (member, wanted) {
        ("SessionItem", _) => user.conversations.clone(),
        (_, Some(wanted)) => user
            .entries
            .keys()
            .filter(|key| wanted.contains(*key))
            .cloned()
            .collect(),
        (_, None) => user.entries.keys().cloned().collect(),
    };
    assert_eq!(items.keys().cloned().collect::<BTreeSet<_>>(), expected);
    for (key, item) in items {
        let entry = user.entries.get(&key).cloned().unwrap_or_default();
        let groups: BTreeSet<u64> = item["ContactGroupId"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|id| id.as_u64().unwrap())
            .collect();
        assert_eq!(
            (groups, item["CustomMark"].as_str().unwrap_or("")),
            (entry.groups, entry.custom.as_str())
        );
    }
    if member != "SessionItem" {
        let named = answer["GroupItem"].as_array().unwrap().iter();
        let named: BTreeMap<String, u64> = named
            .map(|g| {
                (
                    g["GroupName"].as_str().unwrap().to_owned(),
                    g["GroupId"].as_u64().unwrap(),
                )
            })
            .collect();
        assert_eq!(named, user.groups);
    }
}

/// Both users exist, the first with four conversations in his list.
fn begin(service: &Service) -> Model {
    service.emulator.reset();
    let mut state = service.emulator.state();
    let conversation = |(place, (kind, id)): (usize, &(i32, &str))| Conversation {
        kind: ContactType::try_from(*kind as u8).unwrap(),
        id: (*id).to_owned(),
        msg_time: 1_700_000_000 + place as i64,
        pinned: place == 0,
    };
    state.accounts.get_mut(USERS[0]).unwrap().conversations = CONTACTS.iter().enumerate().map(conversation).collect();
    service.emulator.load_state(state).unwrap();
    seen(service)
}

#[test]
fn any_sequence_of_calls_leaves_the_service_as_the_documents_promise() {
    let service = Service::start();
    service.emulator.set_settings(Settings::default());
    let mut config = service.config();
    // Thousands of calls, and nothing here is about how many in a second.
    config.set_rate_limit(0).unwrap();
    let client = Client::new(&config).unwrap();
    let cases = std::env::var("PROPTEST_CASES")
        .ok()
        .and_then(|cases| cases.parse().ok())
        .unwrap_or(2_000);
    let config = ProptestConfig {
        cases,
        failure_persistence: None,
        max_shrink_iters: 2_000,
        ..ProptestConfig::default()
    };
    proptest!(config, |(steps in steps())| {
        let mut model = begin(&service);
        for step in &steps {
            let expected = model.apply(step);
            match (expected, call(&client, step)) {
                (None, None) => {}
                (None, Some(response)) => prop_assert!(response.code() == -1 && response.attempts() == 0, "{step:?}: {response:?}"),
                (Some(code), Some(response)) => {
                    prop_assert_eq!(response.code(), code, "{:?}: {}", step, response.message());
                    if code == 0 {
                        check_reading(step, &response, &model);
                    }
                }
                (Some(code), None) => prop_assert!(false, "{step:?} was refused, {code} expected"),
            }
            prop_assert_eq!(&seen(&service), &model, "after {:?}", step);
        }
    });
}
