//! `del_contact_group` (1047/53441): deletes one conversation group. The conversations stay; they lose its id.

use serde::Serialize;
use serde_json::Value;

use super::contact::{name_within_limit, refused, GroupItem};
use super::{Command, Handler, Outcome, Plan, UserCall, BAD_PARAMETER};
use crate::service::answer::ok_body;
use crate::service::fields::Fields;

pub(super) const COMMAND: Command = Command {
    path: "v4/recentcontact/del_contact_group",
    handler: Handler::User {
        plan: Plan::Changes,
        run,
    },
};

#[derive(Serialize)]
struct Deleted {
    #[serde(rename = "GroupItem")]
    groups: [GroupItem; 1],
}

fn run(call: UserCall) -> Outcome {
    let fields = Fields::of(call.body, "", BAD_PARAMETER, &["From_Account", "GroupName"])?;
    let name = match fields.array("GroupName")? {
        [Value::String(name)] if !name.is_empty() => name,
        [Value::String(_)] => return Err(fields.wrong("GroupName", "holds an empty name")),
        [_] => return Err(fields.wrong("GroupName", "has to hold a string")),
        _ => return Err(fields.wrong("GroupName", "has to hold exactly one name")),
    };
    name_within_limit(name, call.settings)?;
    let group = call.account.remove_group(name, call.now).map_err(refused)?;
    Ok(ok_body(Deleted {
        groups: [GroupItem {
            name: group.name,
            id: group.id,
        }],
    }))
}
