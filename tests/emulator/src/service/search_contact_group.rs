//! `search_contact_group` (1047/53442): groups and marks of up to 300 given conversations, in the order asked. Those that
//! have none are left out (an inference). Unlike elsewhere an unset standard mark is shown, as "" (the page's sample).

use serde::Serialize;

use super::contact::{contacts, group_items, GroupItem, StoredItem};
use super::{Command, Handler, Outcome, Plan, UserCall, BAD_PARAMETER};
use crate::service::answer::ok_body;
use crate::service::fields::Fields;

pub(super) const COMMAND: Command = Command {
    path: "v4/recentcontact/search_contact_group",
    handler: Handler::User { plan: Plan::Reads, run },
};

/// Conversations in one call (1047/53442); the code for more is an inference.
const CONVERSATIONS_PER_CALL: usize = 300;

#[derive(Serialize)]
struct Found<'a> {
    #[serde(rename = "ContactResultItem")]
    conversations: Vec<StoredItem<'a>>,
    #[serde(rename = "GroupItem")]
    groups: Vec<GroupItem>,
}

fn run(call: UserCall) -> Outcome {
    let fields = Fields::of(call.body, "", BAD_PARAMETER, &["From_Account", "ContactItem"])?;
    let items = fields.filled_array("ContactItem")?;
    if items.len() > CONVERSATIONS_PER_CALL {
        return Err(fields.wrong("ContactItem", "has at most 300 conversations"));
    }
    let wanted = contacts(items, "ContactItem")?;
    let found = wanted.iter().filter_map(|key| call.account.entry_of(key.kind, &key.id));
    Ok(ok_body(Found {
        conversations: found
            .map(|entry| StoredItem::with_standard_mark(entry, call.settings))
            .collect(),
        groups: group_items(call.account),
    }))
}
