//! `get_list` (1047/43087): pages through a user's recent conversations, the pinned ones first, the newest of each kind
//! first. Its cursors are a time and how many conversations of that very second came already, so that a conversation that
//! moves up while a client pages leaves no gap. Page size and the meaning of the cursors are inferences.

use std::cmp::Reverse;

use serde::Serialize;

use super::{Command, Handler, Outcome, Plan, UserCall, BAD_PARAMETER};
use crate::service::answer::{ok_body, Refusal};
use crate::service::fields::Fields;
use crate::world::state::{Account, ContactType, Conversation, MarkZero};

pub(super) const COMMAND: Command = Command {
    path: "v4/recentcontact/get_list",
    handler: Handler::User { plan: Plan::None, run },
};

/// Bit 0 of `AssistFlags`: the client knows pinned conversations. Without it they come as ordinary ones (INF); the other
/// bits change nothing here.
const KNOWS_PINNED: i64 = 1;

#[derive(Serialize)]
struct Page<'a> {
    #[serde(rename = "SessionItem")]
    conversations: Vec<Session<'a>>,
    #[serde(rename = "CompleteFlag")]
    complete: u8,
    #[serde(rename = "TimeStamp")]
    time: i64,
    #[serde(rename = "StartIndex")]
    index: usize,
    #[serde(rename = "TopTimeStamp")]
    top_time: i64,
    #[serde(rename = "TopStartIndex")]
    top_index: usize,
}

/// Here the chat group's id is called `GroupId`, and members that are unset are left out.
#[derive(Serialize)]
struct Session<'a> {
    #[serde(rename = "Type")]
    kind: u8,
    #[serde(rename = "To_Account", skip_serializing_if = "Option::is_none")]
    user: Option<&'a str>,
    #[serde(rename = "GroupId", skip_serializing_if = "Option::is_none")]
    chat_group: Option<&'a str>,
    #[serde(rename = "MsgTime")]
    msg_time: i64,
    #[serde(rename = "TopFlag")]
    pinned: u8,
    #[serde(rename = "StandardMark", skip_serializing_if = "Option::is_none")]
    standard_mark: Option<String>,
    #[serde(rename = "CustomMark", skip_serializing_if = "Option::is_none")]
    custom_mark: Option<&'a str>,
    #[serde(rename = "ContactGroupId", skip_serializing_if = "Option::is_none")]
    groups: Option<Vec<u64>>,
}

fn run(call: UserCall) -> Outcome {
    let wanted = Wanted::read(&call)?;
    let (pinned, ordinary) = lists(call.account, call.settings.cloud_conversations, wanted.knows_pinned);
    let size = call.settings.list_page_size;
    let top = wanted.top.page(&pinned, size);
    let rest = wanted.ordinary.page(&ordinary, size - top.items.len());
    let session = |item, pinned| Session::of(call.account, item, pinned, call.settings.mark_zero);
    let top_sessions = top.items.iter().map(|item| session(item, 1));
    let rest_sessions = rest.items.iter().map(|item| session(item, 0));
    Ok(ok_body(Page {
        conversations: top_sessions.chain(rest_sessions).collect(),
        complete: (top.last && rest.last).into(),
        time: rest.next.time,
        index: rest.next.index,
        top_time: top.next.time,
        top_index: top.next.index,
    }))
}

struct Wanted {
    ordinary: Cursor,
    top: Cursor,
    knows_pinned: bool,
}

impl Wanted {
    fn read(call: &UserCall) -> Result<Self, Refusal> {
        let known = [
            "From_Account",
            "TimeStamp",
            "StartIndex",
            "TopTimeStamp",
            "TopStartIndex",
            "AssistFlags",
        ];
        let fields = Fields::of(call.body, "", BAD_PARAMETER, &known)?;
        Ok(Self {
            ordinary: Cursor::read(&fields, "TimeStamp", "StartIndex")?,
            top: Cursor::read(&fields, "TopTimeStamp", "TopStartIndex")?,
            knows_pinned: fields.integer("AssistFlags")? & KNOWS_PINNED != 0,
        })
    }
}

/// The newest conversations, as many as the plan keeps: the pinned ones and the others, each the newest first.
fn lists(account: &Account, kept: usize, knows_pinned: bool) -> (Vec<&Conversation>, Vec<&Conversation>) {
    let mut newest: Vec<&Conversation> = account.conversations.iter().collect();
    newest.sort_by_key(|item| (Reverse(item.msg_time), item.kind, &item.id));
    newest.truncate(kept);
    newest.into_iter().partition(|item| item.pinned && knows_pinned)
}

/// How far a list has been read: everything newer than `time`, and `index` conversations of that second. A `time` of 0 is
/// the beginning.
#[derive(Clone, Copy)]
struct Cursor {
    time: i64,
    index: usize,
}

/// Part of one list.
struct Part<'a> {
    items: &'a [&'a Conversation],
    next: Cursor,
    last: bool,
}

impl Cursor {
    fn read(fields: &Fields, time: &str, index: &str) -> Result<Self, Refusal> {
        let seconds = fields.integer(time)?;
        if seconds < 0 {
            return Err(fields.wrong(time, "has to be 0 or more"));
        }
        Ok(Self {
            time: seconds,
            index: fields.position(index)?,
        })
    }

    fn page<'a>(self, list: &'a [&'a Conversation], size: usize) -> Part<'a> {
        let start = self.start_in(list);
        let end = start.saturating_add(size).min(list.len());
        Part {
            items: &list[start..end],
            next: if end > start { Self::behind(&list[..end]) } else { self },
            last: end == list.len(),
        }
    }

    fn start_in(self, list: &[&Conversation]) -> usize {
        if self.time == 0 {
            return self.index.min(list.len());
        }
        let newer = list.iter().filter(|item| item.msg_time > self.time).count();
        let same = list.iter().filter(|item| item.msg_time == self.time).count();
        newer + self.index.min(same)
    }

    /// The cursor once `read`, the beginning of a list, has been sent.
    fn behind(read: &[&Conversation]) -> Self {
        let time = read.last().map_or(0, |item| item.msg_time);
        let index = read.iter().filter(|item| item.msg_time == time).count();
        Self { time, index }
    }
}

impl<'a> Session<'a> {
    fn of(account: &'a Account, item: &'a Conversation, pinned: u8, zero: MarkZero) -> Self {
        let entry = account.entry_of(item.kind, &item.id);
        let is_user = item.kind == ContactType::User;
        Self {
            kind: item.kind.into(),
            user: is_user.then_some(item.id.as_str()),
            chat_group: (!is_user).then_some(item.id.as_str()),
            msg_time: item.msg_time,
            pinned,
            standard_mark: entry
                .filter(|entry| !entry.standard_mark.is_untouched())
                .map(|entry| entry.standard_mark.text(zero)),
            custom_mark: entry
                .filter(|entry| !entry.custom_mark.is_empty())
                .map(|entry| entry.custom_mark.as_str()),
            groups: entry
                .filter(|entry| !entry.groups.is_empty())
                .map(|entry| entry.groups.iter().copied().collect()),
        }
    }
}
