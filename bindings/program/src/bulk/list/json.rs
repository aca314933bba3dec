//! Lists with one JSON value a line: a text or a number that is the account, or an object. A backup is such a list, too.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::Value;
use tencent_chat::endpoints::lists::Contact;

use super::{checked, plain, Item, Items, Lines, Reading, Source, Wrong, ACCOUNT_NAMES, GROUP_NAMES};
use crate::output::quoted;

pub fn items(source: &Source, lines: Lines) -> (Reading, Items) {
    let told = |wish: &Option<String>| match wish {
        Some(name) => format!("the member {}", quoted(name)),
        None => "the member with a name that is known".into(),
    };
    let reading = Reading::Json {
        account: told(&source.account_column),
        group: match &source.group {
            Some(_) => "the same for all".into(),
            None => told(&source.group_column),
        },
    };
    let source = source.clone();
    let items = lines.map(move |line| {
        let (number, line) = line?;
        source.item(line.trim()).map_err(|what| Wrong { line: number, what })
    });
    (reading, Box::new(items))
}

impl Source {
    fn item(&self, line: &str) -> Result<Item, String> {
        if line.starts_with('[') {
            return Err("a JSON array; write one value on each line: `jq -c '.[]'` does it".into());
        }
        let line: Line = serde_json::from_str(line).map_err(|error| {
            let at = error.column();
            format!("not one JSON value, at column {at}; write one on each line: `jq -c .` does it")
        })?;
        let account = match &line {
            Line::Value(account) => name(account, "the account")?,
            Line::Object(members) => {
                let found = member(
                    members,
                    self.account_column.as_deref(),
                    &ACCOUNT_NAMES,
                    "--account-column",
                )?;
                name(
                    found.ok_or("no account in it; name its member with --account-column")?,
                    "the account",
                )?
            }
        };
        let group = match (&self.group, &line) {
            (Some(group), _) => group.clone(),
            (None, Line::Value(_)) => return Err("no group in it: give --group".into()),
            (None, Line::Object(members)) => {
                let found = member(members, self.group_column.as_deref(), &GROUP_NAMES, "--group-column")?;
                let none = "no group in it: give --group, or name its member with --group-column";
                name(found.ok_or(none)?, "the group")?
            }
        };
        let mut item = checked(account, group)?;
        if self.is_backup {
            line.fill(&mut item)?;
        }
        Ok(item)
    }
}

/// What a line holds.
enum Line {
    Value(Value),
    /// In their order, those that come twice included.
    Object(Vec<(String, Value)>),
}

impl Line {
    /// What a backup wrote behind account and group.
    fn fill(&self, item: &mut Item) -> Result<(), String> {
        let members = match self {
            Line::Object(members) => members.as_slice(),
            Line::Value(_) => &[],
        };
        let called = |name: &str| members.iter().find(|(other, _)| other == name).map(|(_, value)| value);
        match (called("conversations"), called("deleted")) {
            (Some(Value::Array(list)), None) => {
                item.conversations = list.iter().map(contact).collect::<Result<_, _>>()?;
                Ok(())
            }
            (None, Some(Value::Bool(false))) => {
                item.takes_back = true;
                Ok(())
            }
            _ => Err("no list of conversations in it: not a line of a backup".into()),
        }
    }
}

impl<'de> Deserialize<'de> for Line {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Any;
        impl<'de> Visitor<'de> for Any {
            type Value = Line;

            fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
                f.write_str("a text, a number or an object")
            }

            fn visit_str<E>(self, text: &str) -> Result<Line, E> {
                Ok(Line::Value(text.into()))
            }

            fn visit_u64<E>(self, number: u64) -> Result<Line, E> {
                Ok(Line::Value(number.into()))
            }

            fn visit_i64<E>(self, number: i64) -> Result<Line, E> {
                Ok(Line::Value(number.into()))
            }

            fn visit_f64<E>(self, number: f64) -> Result<Line, E> {
                Ok(Line::Value(number.into()))
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Line, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Line::Object(members))
            }
        }
        deserializer.deserialize_any(Any)
    }
}

/// The member that is meant; two that could be are refused.
fn member<'a>(
    members: &'a [(String, Value)],
    wish: Option<&str>,
    known: &[&str],
    flag: &str,
) -> Result<Option<&'a Value>, String> {
    let is_meant = |name: &str| match wish {
        Some(wish) => name == wish,
        None => known.contains(&plain(name).as_str()),
    };
    let mut meant = members.iter().filter(|(name, _)| is_meant(name));
    match (meant.next(), meant.next()) {
        (Some((first, _)), Some((second, _))) if first == second => {
            Err(format!("the member {} comes twice in it", quoted(first)))
        }
        (Some((first, _)), Some((second, _))) => Err(format!(
            "{} or {}? Name the one that is meant with {flag}",
            quoted(first),
            quoted(second)
        )),
        (found, _) => Ok(found.map(|(_, value)| value)),
    }
}

/// A text, the digits of a number, or a list of one of them, as the service has it.
fn name(value: &Value, whose: &str) -> Result<String, String> {
    match value {
        Value::String(text) => Ok(text.clone()),
        Value::Number(number) if number.is_u64() => Ok(number.to_string()),
        Value::Number(_) => Err(format!(
            "{whose} is a number that is not written with digits alone, or too long for one; make it a text"
        )),
        Value::Array(one) if one.len() == 1 && !one[0].is_array() => name(&one[0], whose),
        _ => Err(format!("{whose} is neither a text nor a number")),
    }
}

/// A conversation as the service's answers name it.
pub fn contact(item: &Value) -> Result<Contact, String> {
    let kind = item["Type"].as_i64().and_then(|kind| i32::try_from(kind).ok());
    let id = if kind == Some(2) {
        &item["ToGroupId"]
    } else {
        &item["To_Account"]
    };
    Contact::new(kind.unwrap_or_default(), id.as_str().unwrap_or_default())
        .map_err(|error| format!("a conversation is damaged: {}", error.message))
}
