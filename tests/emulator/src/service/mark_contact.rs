//! `mark_contact` (1047/53438): sets and clears standard marks and the custom mark of up to 100 conversations. `OptType`
//! says what is read: the lists for 1, the text for 2, both for 3. A mark in both lists is cleared, then set (INF).

use serde::Serialize;
use serde_json::{Map, Value};

use super::contact::{contact, is_dismissed, item_result, refused, within_call_limit, ContactItem, ItemResult};
use super::{Command, Handler, Outcome, Plan, UserCall, BAD_PARAMETER};
use crate::service::answer::{ok_body_with_display, Refusal};
use crate::service::fields::Fields;
use crate::world::account::Marking;

pub(super) const COMMAND: Command = Command {
    path: "v4/recentcontact/mark_contact",
    handler: Handler::User { plan: Plan::Marks, run },
};

/// Bytes in a custom mark (1047/53438; its code is an inference).
const CUSTOM_LIMIT: usize = 256;

#[derive(Serialize)]
struct Marked<'a> {
    #[serde(rename = "ResultItem")]
    conversations: Vec<MarkedContact<'a>>,
}

#[derive(Serialize)]
struct MarkedContact<'a> {
    #[serde(rename = "OptType")]
    opt_type: i64,
    #[serde(rename = "ContactItem")]
    contact: ContactItem<'a>,
    #[serde(flatten)]
    result: ItemResult,
}

fn run(call: UserCall) -> Outcome {
    let fields = Fields::of(call.body, "", BAD_PARAMETER, &["From_Account", "MarkItem"])?;
    let items = fields.array("MarkItem")?;
    if items.is_empty() {
        return Err(Refusal::new(
            51006,
            "MarkItem is empty; a call takes 1 to 100 conversations",
        ));
    }
    let items = items.iter().enumerate();
    let items: Result<Vec<_>, _> = items.map(|(n, item)| read(item, &format!("MarkItem[{n}]"))).collect();
    let items = items?;
    within_call_limit(items.len())?;
    let markings = items.iter().map(|(_, marking)| marking);
    let able: Vec<&Marking> = markings.filter(|m| !is_dismissed(&m.contact, call.settings)).collect();
    call.account.mark(&able, call.now).map_err(refused)?;
    let conversations = items.iter().map(|(opt_type, marking)| MarkedContact {
        opt_type: *opt_type,
        contact: ContactItem::from(&marking.contact),
        result: item_result(&marking.contact, call.settings),
    });
    Ok(ok_body_with_display(Marked {
        conversations: conversations.collect(),
    }))
}

/// Whether the call touches custom marks alone.
pub(super) fn is_custom_only(body: &Map<String, Value>) -> bool {
    let items = body.get("MarkItem").and_then(Value::as_array);
    items.is_some_and(|items| !items.is_empty() && items.iter().all(|item| item["OptType"] == 2))
}

fn read(item: &Value, place: &str) -> Result<(i64, Marking), Refusal> {
    let known = ["OptType", "ContactItem", "ClearMark", "SetMark", "CustomMark"];
    let fields = Fields::of_value(item, place, BAD_PARAMETER, &known)?;
    let opt_type = fields.integer("OptType")?;
    if !(1..=3).contains(&opt_type) {
        return Err(fields.wrong("OptType", "is 1 (standard marks), 2 (custom mark) or 3 (both)"));
    }
    let (standard, custom) = (opt_type != 2, opt_type != 1);
    let marking = Marking {
        contact: contact(fields.value("ContactItem")?, &fields.place_of("ContactItem"))?,
        clear: if standard { bits(&fields, "ClearMark")? } else { 0 },
        set: if standard { bits(&fields, "SetMark")? } else { 0 },
        custom: if custom { custom_mark(&fields)? } else { None },
    };
    Ok((opt_type, marking))
}

/// A list of bit numbers as bits. That numbers outside 0 to 63 are refused is an inference.
fn bits(fields: &Fields, name: &str) -> Result<u64, Refusal> {
    let numbers = fields.optional_array(name)?.unwrap_or_default();
    numbers.iter().try_fold(0, |bits, number| match number.as_u64() {
        Some(number @ 0..=63) => Ok(bits | 1 << number),
        _ => Err(fields.wrong(name, "holds numbers of marks, 0 to 63")),
    })
}

fn custom_mark(fields: &Fields) -> Result<Option<String>, Refusal> {
    let custom = fields.optional_text("CustomMark")?;
    if custom.is_some_and(|text| text.len() > CUSTOM_LIMIT) {
        return Err(fields.wrong("CustomMark", "has at most 256 bytes"));
    }
    Ok(custom.map(str::to_owned))
}
