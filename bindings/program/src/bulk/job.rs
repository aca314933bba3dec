//! What a run does to one item: the calls, and what their answers make of it.

use std::io;
use std::path::Path;

use serde_json::{json, Value};
use tencent_chat::endpoints::create_contact_group::CreateContactGroup;
use tencent_chat::endpoints::del_contact_group::DelContactGroup;
use tencent_chat::endpoints::get_contact_group::GetContactGroup;
use tencent_chat::endpoints::lists::Contact;
use tencent_chat::endpoints::update_contact_group::UpdateContactGroup;
use tencent_chat::error::*;
use tencent_chat::{CallOptions, Client, Items, Response};

use super::files::Lines;
use super::list::{contact, Item};
use super::outcome::Outcome;
use super::pace::LimitWatch;
use crate::exit::is_throttle;
use crate::output::{json_text, why};

/// Conversations that one call takes (51006).
const CONVERSATIONS_A_CALL: usize = 100;

/// What one pass over an item came to.
#[derive(Debug)]
pub struct Finished {
    pub outcome: Outcome,
    /// The code that decided it.
    pub code: i32,
    pub random: u32,
    pub attempts: usize,
    pub message: String,
    /// Our own file could not be written: nothing more may be sent.
    pub broken: bool,
    /// Neither the service nor, where one is shared, the limit's server could be reached.
    pub unreached: bool,
}

/// The same work for each item of a list. Any number of threads.
pub trait Job: Sync {
    /// `in_doubt`: an earlier run may have done it. `attempts` made before count in.
    fn perform(&self, item: &Item, in_doubt: bool, calls: &mut Calls<'_>) -> Finished;

    /// What the work wrote beside its calls survives a loss of power from here on; an error names its file.
    fn sync(&self) -> Result<(), (&Path, io::Error)> {
        Ok(())
    }
}

/// The client as one item uses it; counts the attempts.
pub struct Calls<'a> {
    pub client: &'a Client,
    pub options: &'a CallOptions,
    pub attempts: usize,
    /// Told whenever a call that shares its limit was made.
    pub limit: Option<&'a LimitWatch<'a>>,
}

impl Calls<'_> {
    fn call<E: tencent_chat::endpoints::Endpoint>(&mut self, endpoint: &E) -> Response {
        let response = self.client.call(endpoint, self.options);
        self.attempts += response.attempts();
        if let Some(limit) = self.limit.filter(|_| response.attempts() > 0) {
            limit.look(&response);
        }
        response
    }

    /// What a code means where the command itself gives it no meaning.
    fn finished(&self, response: &Response, outcome: Option<Outcome>) -> Finished {
        let code = response.code();
        let outcome = outcome.unwrap_or(match code {
            CHAT_SERVICE_ACCOUNT_NOT_IMPORTED => Outcome::Unknown,
            _ if response.is_in_doubt() => Outcome::Doubt(code),
            // Not sent, or stopped by us: that says nothing about the item.
            CHAT_ERR_TIMEOUT | CHAT_ERR_TRANSPORT | CHAT_ERR_CANCELLED | CHAT_ERR_SHUTDOWN => Outcome::Open(code),
            code if is_throttle(code) => Outcome::Open(code),
            code => Outcome::Failed(code),
        });
        Finished {
            outcome,
            code,
            random: response.random(),
            attempts: self.attempts,
            message: response.message().to_owned(),
            broken: false,
            unreached: match code {
                CHAT_ERR_TIMEOUT | CHAT_ERR_TRANSPORT => true,
                CHAT_ERR_HTTP_STATUS => response.is_retriable(),
                CHAT_ERR_THROTTLED => self.limit.is_some(),
                _ => false,
            },
        }
    }
}

/// Deletes the item's group, after its conversations were written down if a backup is wanted: a line of JSON before the delete, and another one
/// if it is known that the delete did not happen.
///
/// ```text
/// {"account":"a","conversations":[{"To_Account":"b","Type":1}],"group":"g"}
/// {"account":"a","deleted":false,"group":"g"}
/// ```
pub struct Delete {
    pub backup: Option<Lines>,
    /// Whether a group that is not there counts as done.
    pub missing_is_ok: bool,
}

impl Job for Delete {
    fn perform(&self, item: &Item, in_doubt: bool, calls: &mut Calls<'_>) -> Finished {
        let mut written = None;
        if let Some(backup) = &self.backup {
            match back_up(backup, item, calls) {
                Ok(true) => written = Some(backup),
                Ok(false) => {}
                Err(finished) => return *finished,
            }
        }
        let response = calls.call(&DelContactGroup::new(&item.account, &item.group));
        let outcome = match response.code() {
            CHAT_OK => Some(Outcome::Done),
            CHAT_SERVICE_GROUP_NOT_FOUND if in_doubt => Some(Outcome::Already),
            CHAT_SERVICE_GROUP_NOT_FOUND if self.missing_is_ok => Some(Outcome::Missing),
            CHAT_SERVICE_GROUP_NOT_FOUND => Some(Outcome::Failed(CHAT_SERVICE_GROUP_NOT_FOUND)),
            _ => None,
        };
        let finished = calls.finished(&response, outcome);
        match written {
            Some(backup) if !may_be_done(finished.outcome) => take_back(backup, item, finished),
            _ => finished,
        }
    }

    fn sync(&self) -> Result<(), (&Path, io::Error)> {
        match &self.backup {
            Some(backup) => backup.sync().map_err(|error| (backup.path(), error)),
            None => Ok(()),
        }
    }
}

/// Writes down the group as it is, and says whether there is one: an account without such a group needs no line.
fn back_up(backup: &Lines, item: &Item, calls: &mut Calls<'_>) -> Result<bool, Box<Finished>> {
    let Some(conversations) = conversations(item, calls)? else {
        return Ok(false);
    };
    let line = json!({"account": item.account, "group": item.group, "conversations": conversations});
    match write_down(backup, &line) {
        Ok(()) => Ok(true),
        Err(message) => Err(Box::new(Finished {
            outcome: Outcome::Open(0),
            code: 0,
            random: 0,
            attempts: calls.attempts,
            message,
            broken: true,
            unreached: false,
        })),
    }
}

fn write_down(backup: &Lines, line: &Value) -> Result<(), String> {
    let text = format!("{}\n", json_text(line));
    let written = backup.line(text.as_bytes());
    written.map_err(|error| format!("{}: {}", backup.path().display(), why(&error)))
}

fn may_be_done(outcome: Outcome) -> bool {
    matches!(outcome, Outcome::Done | Outcome::Already | Outcome::Doubt(_))
}

/// The delete did not happen: what was written down for it is none of the groups to restore.
fn take_back(backup: &Lines, item: &Item, mut finished: Finished) -> Finished {
    let line = json!({"account": item.account, "group": item.group, "deleted": false});
    if let Err(message) = write_down(backup, &line) {
        (finished.message, finished.broken) = (message, true);
    }
    finished
}

/// The conversations in the item's group; `None` where the account has no such group.
fn conversations(item: &Item, calls: &mut Calls<'_>) -> Result<Option<Vec<Contact>>, Box<Finished>> {
    let first = calls.call(&GetContactGroup::new(&item.account, 0));
    if !first.is_ok() {
        return Err(Box::new(read_only(calls.finished(&first, None))));
    }
    let answer = first.value();
    let Some(id) = group_id(&answer, &item.group) else {
        return Ok(None);
    };
    let mut found = Vec::new();
    let mut take = |conversation: &Value| {
        let in_it = conversation["ContactGroupId"]
            .as_array()
            .is_some_and(|ids| ids.iter().any(|other| other.as_u64() == Some(id)));
        if in_it {
            found.push(contact(conversation)?);
        }
        Ok::<(), String>(())
    };
    let unreadable = |calls: &Calls, what: String| {
        let message = format!("the group cannot be written down, so it is not deleted: {what}");
        let outcome = Outcome::Failed(CHAT_ERR_PROTOCOL);
        Box::new(Finished {
            outcome,
            code: CHAT_ERR_PROTOCOL,
            random: first.random(),
            attempts: calls.attempts,
            message,
            broken: false,
            unreached: false,
        })
    };
    if answer["CompleteFlag"].as_u64() == Some(1) {
        for conversation in answer["ContactItem"].as_array().into_iter().flatten() {
            take(conversation).map_err(|what| unreadable(calls, what))?;
        }
        return Ok(Some(found));
    }
    let mut items = Items::contact_groups(&item.account);
    while let Some(next) = items.next(calls.client, calls.options) {
        if !next.is_ok() {
            calls.attempts += next.attempts();
            return Err(Box::new(read_only(calls.finished(&next, None))));
        }
        take(&next.value()).map_err(|what| unreadable(calls, what))?;
    }
    match items.is_complete() {
        true => Ok(Some(found)),
        false => Err(unreadable(
            calls,
            "the service stopped before it said that the list is complete".into(),
        )),
    }
}

/// A read leaves nothing in doubt.
fn read_only(mut finished: Finished) -> Finished {
    if let Outcome::Doubt(code) = finished.outcome {
        finished.outcome = Outcome::Open(code);
    }
    finished
}

fn group_id(answer: &Value, name: &str) -> Option<u64> {
    let groups = answer["GroupItem"].as_array()?;
    groups.iter().find(|group| group["GroupName"] == name)?["GroupId"].as_u64()
}

/// Creates the item's group with its conversations.
pub struct Create;

impl Job for Create {
    fn perform(&self, item: &Item, in_doubt: bool, calls: &mut Calls<'_>) -> Finished {
        let at_once = item.conversations.len().min(CONVERSATIONS_A_CALL);
        let (first, rest) = item.conversations.split_at(at_once);
        let created = calls.call(&CreateContactGroup::new(&item.account, &item.group, first));
        let (outcome, rest) = match created.code() {
            CHAT_OK | CHAT_ERR_PARTIAL => (Outcome::Done, rest),
            // What the code of a name that is taken is, no page says: the list of groups tells.
            CHAT_SERVICE_INVALID_PARAMETER => match exists(item, calls) {
                Ok(true) if in_doubt => (Outcome::Already, item.conversations.as_slice()),
                Ok(true) => (Outcome::Existing, item.conversations.as_slice()),
                Ok(false) => return calls.finished(&created, None),
                Err(finished) => return *finished,
            },
            _ => return calls.finished(&created, None),
        };
        // A conversation that the service refuses, such as that of a dismissed chat group, does not stop the others.
        let mut last = created;
        for conversations in rest.chunks(CONVERSATIONS_A_CALL) {
            let added = calls.call(&UpdateContactGroup::contacts(
                &item.account,
                &item.group,
                conversations,
                &[],
            ));
            match added.code() {
                CHAT_OK if last.code() != CHAT_ERR_PARTIAL => last = added,
                CHAT_OK => {}
                CHAT_ERR_PARTIAL => last = added,
                _ => return half_done(calls.finished(&added, None)),
            }
        }
        let refused = last.code() == CHAT_ERR_PARTIAL;
        calls.finished(&last, (!refused).then_some(outcome))
    }
}

/// The group is there, but not all of its conversations are: another run goes on, and must not take the group for somebody else's.
fn half_done(mut finished: Finished) -> Finished {
    if let Outcome::Open(code) = finished.outcome {
        finished.outcome = Outcome::Doubt(code);
    }
    finished
}

fn exists(item: &Item, calls: &mut Calls<'_>) -> Result<bool, Box<Finished>> {
    let listed = calls.call(&GetContactGroup::new(&item.account, 0));
    if !listed.is_ok() {
        return Err(Box::new(calls.finished(&listed, None)));
    }
    let answer = listed.value();
    Ok(group_id(&answer, &item.group).is_some())
}
