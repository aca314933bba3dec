//! `create_contact_group` (1047/53437): makes one conversation group, with up to 100 conversations in it. An item that
//! fails keeps its conversation out of the group, which is made all the same (an inference).

use serde::Serialize;

use super::contact::{
    contacts, is_dismissed, item_result, name_within_limit, refused, within_call_limit, ContactItem, GroupItem,
    ItemResult,
};
use super::{Command, Handler, Outcome, Plan, UserCall, BAD_PARAMETER};
use crate::service::answer::{ok_body, Refusal};
use crate::service::fields::Fields;
use crate::world::account::Contact;

pub(super) const COMMAND: Command = Command {
    path: "v4/recentcontact/create_contact_group",
    handler: Handler::User {
        plan: Plan::Changes,
        run,
    },
};

#[derive(Serialize)]
struct Created<'a> {
    #[serde(rename = "GroupResultItem")]
    groups: [CreatedGroup<'a>; 1],
}

#[derive(Serialize)]
struct CreatedGroup<'a> {
    #[serde(rename = "GroupItem")]
    group: GroupItem,
    #[serde(rename = "ResultItem")]
    conversations: Vec<Joined<'a>>,
}

#[derive(Serialize)]
struct Joined<'a> {
    #[serde(rename = "ContactItem")]
    contact: ContactItem<'a>,
    #[serde(flatten)]
    result: ItemResult,
}

fn run(call: UserCall) -> Outcome {
    let (name, members) = wanted(&call)?;
    name_within_limit(name, call.settings)?;
    within_call_limit(members.len())?;
    let able = |contact: &&Contact| !is_dismissed(contact, call.settings);
    let able: Vec<&Contact> = members.iter().filter(able).collect();
    let id = call.account.make_group(name, &able, call.now).map_err(refused)?;
    let name = name.to_owned();
    let joined = |contact| Joined {
        contact: ContactItem::from(contact),
        result: item_result(contact, call.settings),
    };
    Ok(ok_body(Created {
        groups: [CreatedGroup {
            group: GroupItem { name, id },
            conversations: members.iter().map(joined).collect(),
        }],
    }))
}

fn wanted<'a>(call: &UserCall<'a>) -> Result<(&'a str, Vec<Contact>), Refusal> {
    let fields = Fields::of(call.body, "", BAD_PARAMETER, &["From_Account", "GroupContactItem"])?;
    let [group] = fields.array("GroupContactItem")? else {
        return Err(fields.wrong("GroupContactItem", "has to hold exactly one group"));
    };
    let group = Fields::of_value(
        group,
        "GroupContactItem[0]",
        BAD_PARAMETER,
        &["GroupName", "ContactItem"],
    )?;
    let members = group.optional_array("ContactItem")?.unwrap_or_default();
    Ok((group.text("GroupName")?, contacts(members, "ContactItem")?))
}
