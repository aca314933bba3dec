//! `delete` (1047/43088): takes one conversation off a user's list. Its groups and marks stay, and one that is not on the
//! list is no error (inferences: 1047/43088 is silent). Its own spelling is `ToGroupid`; `ToGroupId`, as elsewhere, is 50002.

use super::contact::read_contact;
use super::{Command, Handler, Outcome, Plan, UserCall, BAD_PARAMETER};
use crate::service::answer::{ok_body_with_display, Nothing};
use crate::service::fields::Fields;

pub(super) const COMMAND: Command = Command {
    path: "v4/recentcontact/delete",
    handler: Handler::User { plan: Plan::None, run },
};

/// The chat group's id in this call.
const CHAT_GROUP: &str = "ToGroupid";

fn run(call: UserCall) -> Outcome {
    let known = ["From_Account", "Type", "To_Account", CHAT_GROUP, "ClearRamble"];
    let fields = Fields::of(call.body, "", BAD_PARAMETER, &known)?;
    let contact = read_contact(&fields, CHAT_GROUP)?;
    // Messages are no part of the emulated service: the flag is checked and has nothing to clear.
    if !matches!(fields.optional_integer("ClearRamble")?, None | Some(0 | 1)) {
        return Err(fields.wrong("ClearRamble", "is 0 or 1"));
    }
    call.account.forget_conversation(&contact);
    Ok(ok_body_with_display(Nothing {}))
}
