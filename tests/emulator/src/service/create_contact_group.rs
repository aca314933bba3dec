//! `create_contact_group` (1047/53437): makes one conversation group, with up to 100 conversations in it. The code for a
//! name that is taken is documented nowhere; it is 50002 here (contract 2.3, an inference).

use serde::Serialize;

use super::contact::{contacts, name_within_limit, ContactItem, GroupItem, ItemOk, CONVERSATIONS_PER_CALL, ITEM_OK};
use super::{Command, Handler, Outcome, UserCall, BAD_PARAMETER};
use crate::answer::{ok_body, Refusal};
use crate::fields::Fields;
use crate::state::{Contact, NotMade};

pub(super) const COMMAND: Command = Command {
    path: "v4/recentcontact/create_contact_group",
    handler: Handler::User { plan: true, run },
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
    result: ItemOk,
}

fn run(call: UserCall) -> Outcome {
    let (name, members) = wanted(&call)?;
    name_within_limit(name, call.settings)?;
    if members.len() > CONVERSATIONS_PER_CALL {
        return Err(Refusal::new(51006, "a call takes at most 100 conversations"));
    }
    let made = call.account.make_group(name, &members, call.now);
    let id = made.map_err(refused)?;
    let name = name.to_owned();
    let joined = |contact| Joined {
        contact: ContactItem::from(contact),
        result: ITEM_OK,
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

fn refused(why: NotMade) -> Refusal {
    match why {
        NotMade::NameTaken => Refusal::new(BAD_PARAMETER, "a group of this name exists already"),
        NotMade::TooManyGroups => Refusal::new(51010, "a user has at most 20 groups"),
        NotMade::TooManyConversations => Refusal::new(51008, "at most 1000 conversations can be in a group"),
    }
}
