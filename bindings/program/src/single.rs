//! The commands that make one call, or the few calls of one list: `del-group`, `groups`, `call`.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::{json, Value};
use tencent_chat::endpoints::call::AnyCall;
use tencent_chat::endpoints::del_contact_group::DelContactGroup;
use tencent_chat::endpoints::get_contact_group::GetContactGroup;
use tencent_chat::endpoints::lists::{Contact, CHAT_GROUP_CHAT, CHAT_ONE_TO_ONE};
use tencent_chat::endpoints::recent_contact_pin::RecentContactPin;
use tencent_chat::error::CHAT_SERVICE_GROUP_NOT_FOUND;
use tencent_chat::{CallOptions, Client, Items, Response};

use crate::arguments::{ClientFlags, CountedAs, Pinned};
use crate::exit::Exit;
use crate::given;
use crate::output::{self, Failure};

pub fn del_group(settings: &ClientFlags, account: &str, group: &str, missing: CountedAs) -> Result<Exit, Failure> {
    let client = settings.client()?;
    let response = client.call(&DelContactGroup::new(account, group), &CallOptions::default());
    if response.code() == CHAT_SERVICE_GROUP_NOT_FOUND && missing == CountedAs::Ok {
        match settings.json {
            true => output::object(&output::outcome(&response)),
            false => output::result(format!("not there: {group}")),
        }
        return Ok(Exit::Ok);
    }
    if !response.is_ok() {
        return Ok(output::refused(&response, settings.json));
    }
    let answer = response.value();
    if settings.json {
        output::object(&output::outcome(&response));
    } else if response.is_already_deleted() {
        output::result(format!("deleted {group} (the first attempt had done it)"));
    } else {
        output::result(match answer.pointer("/GroupItem/0/GroupId") {
            Some(id) => format!("deleted {group} (GroupId {id})"),
            None => format!("deleted {group}"),
        });
    }
    Ok(Exit::Ok)
}

pub fn groups(settings: &ClientFlags, account: &str) -> Result<Exit, Failure> {
    let client = settings.client()?;
    let listed = match Listed::of(&client, account) {
        Ok(listed) => listed,
        Err(response) => return Ok(output::refused(&response, settings.json)),
    };
    for (id, (name, conversations)) in &listed.groups {
        if settings.json {
            output::object(&json!({"id": id, "conversations": conversations, "name": name}));
        } else {
            // A tab in the name would be another column.
            output::result(format!("{id}\t{conversations}\t{}", name.replace('\t', "\\t")));
        }
    }
    if !listed.complete {
        output::note("the service stopped before it said that the list is complete; the numbers may be too small");
    }
    Ok(Exit::Ok)
}

/// A user's groups by id: name, number of conversations.
struct Listed {
    groups: BTreeMap<u64, (String, u64)>,
    complete: bool,
}

impl Listed {
    fn of(client: &Client, account: &str) -> Result<Listed, Box<Response>> {
        let first = client.call(&GetContactGroup::new(account, 0), &CallOptions::default());
        if !first.is_ok() {
            return Err(Box::new(first));
        }
        let answer = first.value();
        let mut groups = BTreeMap::new();
        for group in answer["GroupItem"].as_array().into_iter().flatten() {
            if let (Some(id), Some(name)) = (group["GroupId"].as_u64(), group["GroupName"].as_str()) {
                groups.insert(id, (name.to_owned(), 0));
            }
        }
        if answer["CompleteFlag"].as_u64() == Some(1) {
            answer["ContactItem"]
                .as_array()
                .into_iter()
                .flatten()
                .for_each(|item| count(&mut groups, item));
            return Ok(Listed { groups, complete: true });
        }
        let mut items = Items::contact_groups(account);
        while let Some(item) = items.next(client, &CallOptions::default()) {
            if !item.is_ok() {
                return Err(Box::new(item));
            }
            count(&mut groups, &item.value());
        }
        Ok(Listed {
            groups,
            complete: items.is_complete(),
        })
    }
}

fn count(groups: &mut BTreeMap<u64, (String, u64)>, conversation: &Value) {
    for id in conversation["ContactGroupId"].as_array().into_iter().flatten() {
        if let Some((_, conversations)) = id.as_u64().and_then(|id| groups.get_mut(&id)) {
            *conversations += 1;
        }
    }
}

pub fn pin(settings: &ClientFlags, pinned: &Pinned, is_pin: bool) -> Result<Exit, Failure> {
    let users = pinned.users.iter().map(|id| Contact::new(CHAT_ONE_TO_ONE, id));
    let chat_groups = pinned.chat_groups.iter().map(|id| Contact::new(CHAT_GROUP_CHAT, id));
    let contacts: Vec<Contact> = users.chain(chat_groups).collect::<Result<_, _>>()?;
    let client = settings.client()?;
    let (request, done) = match is_pin {
        true => (RecentContactPin::pin(&pinned.account, &contacts), "pinned"),
        false => (RecentContactPin::unpin(&pinned.account, &contacts), "unpinned"),
    };
    let response = client.call(&request, &CallOptions::default());
    if !response.is_ok() {
        return Ok(output::refused(&response, settings.json));
    }
    if settings.json {
        output::object(&output::outcome(&response));
    } else {
        output::result(format!("{done} {}", contacts.len()));
    }
    Ok(Exit::Ok)
}

pub fn call(settings: &ClientFlags, path: &str, json: &str) -> Result<Exit, Failure> {
    let json = request(json)?;
    let client = settings.client()?;
    let response = client.call(&AnyCall::new(path, &json), &CallOptions::default());
    if settings.json {
        output::object(&output::outcome(&response));
    } else if !response.body().is_empty() {
        // Also the service's refusal: its body may say more than its code.
        output::body(response.body());
    }
    if !response.is_ok() {
        output::note(&format!("{} {}", response.code(), response.message()));
    }
    Ok(Exit::of(response.code()))
}

fn request(json: &str) -> Result<Vec<u8>, Failure> {
    /// More than the service takes.
    const LONGEST: u64 = 16 * 1_024 * 1_024;
    let file = match json.strip_prefix('@') {
        Some(file) => file,
        None if json == "-" => json,
        None => return Ok(json.as_bytes().to_vec()),
    };
    let bytes = given::bytes(Path::new(file), LONGEST)?;
    Ok(bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes).to_vec())
}
