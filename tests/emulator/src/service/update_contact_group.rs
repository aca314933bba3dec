//! `update_contact_group` (1047/53439): renames a conversation group (mode 1), or moves up to 100 conversations into it and
//! out of it in one call (mode 2). What belongs to the other mode is ignored, as the id of the other type is.

use serde::Serialize;
use serde_json::Value;

use super::contact::{
    contact, is_dismissed, item_result, name_within_limit, refused, within_call_limit, ContactItem, ItemResult,
};
use super::{Command, Handler, Outcome, Plan, UserCall, BAD_PARAMETER};
use crate::service::answer::{ok_body, Refusal};
use crate::service::fields::Fields;
use crate::world::account::{Contact, Move};

pub(super) const COMMAND: Command = Command {
    path: "v4/recentcontact/update_contact_group",
    handler: Handler::User {
        plan: Plan::Changes,
        run,
    },
};

/// The only documented `UpdateType`: change a group.
const BY_GROUP: i64 = 1;
/// `UpdateGroupType` of a new name.
const RENAME: i64 = 1;
/// `UpdateGroupType` of other conversations.
const CHANGE: i64 = 2;

#[derive(Serialize)]
struct Updated<'a> {
    #[serde(rename = "UpdateType")]
    update: i64,
    #[serde(rename = "UpdateGroupResult")]
    result: UpdatedGroup<'a>,
}

#[derive(Serialize)]
struct UpdatedGroup<'a> {
    #[serde(rename = "UpdateGroupType")]
    mode: i64,
    #[serde(rename = "GroupName")]
    name: &'a str,
    #[serde(rename = "GroupId")]
    id: u64,
    #[serde(rename = "OldGroupName")]
    old_name: &'a str,
    #[serde(rename = "ContactResultItem", skip_serializing_if = "Option::is_none")]
    conversations: Option<Vec<Moved<'a>>>,
}

#[derive(Serialize)]
struct Moved<'a> {
    #[serde(rename = "ContactOptType")]
    way: i64,
    #[serde(rename = "ContactItem")]
    contact: ContactItem<'a>,
    #[serde(flatten)]
    result: ItemResult,
}

fn run(call: UserCall) -> Outcome {
    let fields = Fields::of(
        call.body,
        "",
        BAD_PARAMETER,
        &["From_Account", "UpdateType", "UpdateGroup"],
    )?;
    if fields.integer("UpdateType")? != BY_GROUP {
        return Err(fields.wrong("UpdateType", "is 1, the only documented value"));
    }
    let group = Fields::of_value(
        fields.value("UpdateGroup")?,
        "UpdateGroup",
        BAD_PARAMETER,
        &["UpdateGroupType", "OldGroupName", "NewGroupName", "ContactUpdateItem"],
    )?;
    match group.integer("UpdateGroupType")? {
        RENAME => renamed(call, &group),
        CHANGE => changed(call, &group),
        _ => Err(group.wrong("UpdateGroupType", "is 1 (rename) or 2 (change the conversations)")),
    }
}

fn renamed(call: UserCall, group: &Fields) -> Outcome {
    let (old_name, name) = (group.text("OldGroupName")?, group.text("NewGroupName")?);
    name_within_limit(old_name, call.settings)?;
    name_within_limit(name, call.settings)?;
    let id = call.account.rename_group(old_name, name).map_err(refused)?;
    Ok(ok_body(Updated {
        update: BY_GROUP,
        result: UpdatedGroup {
            mode: RENAME,
            name,
            id,
            old_name,
            conversations: None,
        },
    }))
}

fn changed(call: UserCall, group: &Fields) -> Outcome {
    let name = group.text("OldGroupName")?;
    let place = group.place_of("ContactUpdateItem");
    let items = group.filled_array("ContactUpdateItem")?.iter().enumerate();
    let moves: Result<Vec<_>, _> = items
        .map(|(n, item)| one_move(item, &format!("{place}[{n}]")))
        .collect();
    let moves = moves?;
    name_within_limit(name, call.settings)?;
    within_call_limit(moves.len())?;
    let able = moves
        .iter()
        .filter(|(_, contact)| !is_dismissed(contact, call.settings));
    let able: Vec<(Move, &Contact)> = able.map(|(way, contact)| (*way, contact)).collect();
    let id = call.account.change_group(name, &able, call.now).map_err(refused)?;
    let moved = moves.iter().map(|(way, contact)| Moved {
        way: opt_type(*way),
        contact: ContactItem::from(contact),
        result: item_result(contact, call.settings),
    });
    Ok(ok_body(Updated {
        update: BY_GROUP,
        result: UpdatedGroup {
            mode: CHANGE,
            name,
            id,
            old_name: name,
            conversations: Some(moved.collect()),
        },
    }))
}

fn one_move(item: &Value, place: &str) -> Result<(Move, Contact), Refusal> {
    let fields = Fields::of_value(item, place, BAD_PARAMETER, &["ContactOptType", "ContactItem"])?;
    let way = match fields.integer("ContactOptType")? {
        1 => Move::In,
        2 => Move::Out,
        _ => return Err(fields.wrong("ContactOptType", "is 1 (add) or 2 (remove)")),
    };
    let contact = contact(fields.value("ContactItem")?, &fields.place_of("ContactItem"))?;
    Ok((way, contact))
}

fn opt_type(way: Move) -> i64 {
    match way {
        Move::In => 1,
        Move::Out => 2,
    }
}
