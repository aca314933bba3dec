//! `get_contact_group` (1047/53440): pages through a user's conversations that have a group or a mark. The page size is
//! documented nowhere (setting `page_size`); every page lists all groups (an inference from the one-page sample). Past the
//! plan's number of cloud conversations nothing comes, and nothing tells so.

use serde::Serialize;

use super::contact::{group_items, GroupItem, StoredItem};
use super::{Command, Handler, Outcome, Plan, UserCall, BAD_PARAMETER};
use crate::service::answer::ok_body;
use crate::service::fields::Fields;

pub(super) const COMMAND: Command = Command {
    path: "v4/recentcontact/get_contact_group",
    handler: Handler::User { plan: Plan::Reads, run },
};

#[derive(Serialize)]
struct Page<'a> {
    #[serde(rename = "ContactItem")]
    conversations: Vec<StoredItem<'a>>,
    #[serde(rename = "GroupItem")]
    groups: Vec<GroupItem>,
    #[serde(rename = "CompleteFlag")]
    complete: u8,
    #[serde(rename = "NextStartIndex")]
    next: usize,
}

fn run(call: UserCall) -> Outcome {
    let fields = Fields::of(call.body, "", BAD_PARAMETER, &["From_Account", "StartIndex"])?;
    let start = fields.position("StartIndex")?;
    let entries = &call.account.entries;
    let entries = &entries[..entries.len().min(call.settings.cloud_conversations)];
    let start = start.min(entries.len());
    let end = start.saturating_add(call.settings.page_size).min(entries.len());
    let complete = end == entries.len();
    Ok(ok_body(Page {
        conversations: entries[start..end]
            .iter()
            .map(|entry| StoredItem::of(entry, call.settings))
            .collect(),
        groups: group_items(call.account),
        complete: complete.into(),
        next: if complete { 0 } else { end },
    }))
}
