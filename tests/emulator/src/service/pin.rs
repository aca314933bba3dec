//! `top` (269/103772): pins and unpins conversations of a user's list. Its own spelling is `GroupId`. That repeating it changes
//! nothing, that pinning puts a conversation on the list that is not there, and how many one call takes are inferences.

use super::contact::{read_contact, refused};
use super::{Command, Handler, Outcome, Plan, UserCall, BAD_PARAMETER};
use crate::service::answer::{ok_body_with_display, Nothing};
use crate::service::fields::Fields;
use crate::world::account::Contact;

pub(super) const COMMAND: Command = Command {
    path: "v4/recentcontact/top",
    handler: Handler::User { plan: Plan::None, run },
};

const CONVERSATIONS_PER_CALL: usize = 100;
/// The chat group's id in this call.
const CHAT_GROUP: &str = "GroupId";

fn run(call: UserCall) -> Outcome {
    let known = ["From_Account", "OperationType", "RecentContactItem"];
    let fields = Fields::of(call.body, "", BAD_PARAMETER, &known)?;
    let pinned = match fields.integer("OperationType")? {
        1 => true,
        2 => false,
        _ => return Err(fields.wrong("OperationType", "is 1 (pin) or 2 (unpin)")),
    };
    let items = fields.filled_array("RecentContactItem")?;
    if items.len() > CONVERSATIONS_PER_CALL {
        return Err(fields.wrong("RecentContactItem", "has at most 100 conversations"));
    }
    let read = |(n, item)| {
        let place = format!("RecentContactItem[{n}]");
        read_contact(
            &Fields::of_value(item, &place, BAD_PARAMETER, &["Type", "To_Account", CHAT_GROUP])?,
            CHAT_GROUP,
        )
    };
    let contacts: Vec<Contact> = items.iter().enumerate().map(read).collect::<Result<_, _>>()?;
    call.account.pin(&contacts, pinned, call.now).map_err(refused)?;
    Ok(ok_body_with_display(Nothing {}))
}
