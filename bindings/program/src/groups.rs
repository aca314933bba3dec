//! `groups` and `list-groups`: the conversation groups of one user, or of every user of a list, with the number of conversations in each.

use std::collections::BTreeMap;
use std::thread;

use serde_json::{json, Value};
use tencent_chat::endpoints::get_contact_group::GetContactGroup;
use tencent_chat::error::is_fatal;
use tencent_chat::{CallOptions, Client, Items, Response};

use crate::arguments::{ClientFlags, Groups, ListGroups};
use crate::bulk::list::{Item, Source, Wrong};
use crate::bulk::CALL_MS;
use crate::exit::Exit;
use crate::output::{self, quoted, Failure};
use crate::Perform;

/// Users whose groups are read at once; their rows come in the order of the list.
const AT_ONCE: usize = 32;

impl Perform for Groups {
    fn perform(&self, settings: &ClientFlags) -> Result<Exit, Failure> {
        Ok(match Listed::of(&settings.client()?, &self.account) {
            Ok(listed) => {
                listed.print(None, settings.app.json);
                Exit::Ok
            }
            Err(response) => output::refused(&response, settings.app.json),
        })
    }
}

impl Perform for ListGroups {
    fn perform(&self, settings: &ClientFlags) -> Result<Exit, Failure> {
        let source = Source::of_accounts(&self.input, &self.list);
        let mut config = settings.config()?;
        // A call may wait for its slot behind all others of its block.
        config.set_timeout_ms(CALL_MS)?;
        let client = Client::new(&config)?;
        // Not the configuration's: where a limit is shared, that is the limit of all.
        client.set_rate_limit(self.rate)?;
        let mut items = source.list()?.items;
        let mut ended = Exit::Ok;
        loop {
            let block: Vec<Item> = items
                .by_ref()
                .take(AT_ONCE)
                .collect::<Result<_, Wrong>>()
                .map_err(|wrong| {
                    Failure::usage(format!("{}: line {}: {}", self.input.display(), wrong.line, wrong.what))
                })?;
            if block.is_empty() {
                return Ok(ended);
            }
            for (item, listed) in block.iter().zip(all_of(&client, &block)) {
                match listed {
                    Ok(listed) => listed.print(Some(&item.account), settings.app.json),
                    Err(response) => ended = told(item, &response, settings.app.json)?,
                }
            }
        }
    }
}

/// What a user's failure makes of the whole; an error where no other call can succeed.
fn told(item: &Item, response: &Response, as_json: bool) -> Result<Exit, Failure> {
    let (code, exit) = (response.code(), Exit::of(response.code()));
    let message = format!("{}: {}", quoted(&item.account), response.message());
    if is_fatal(code) || matches!(exit, Exit::Network | Exit::Throttled) {
        return Err(Failure {
            code,
            ..Failure::new(exit, message)
        });
    }
    if as_json {
        output::object(&json!({"account": item.account, "code": code, "message": response.message()}));
    }
    output::note(&format!("{code} {message}"));
    Ok(Exit::SomeFailed)
}

fn all_of(client: &Client, block: &[Item]) -> Vec<Result<Listed, Box<Response>>> {
    thread::scope(|scope| {
        let asked = block
            .iter()
            .map(|item| scope.spawn(|| Listed::of(client, &item.account)));
        let asked: Vec<_> = asked.collect();
        asked
            .into_iter()
            .map(|one| one.join().expect("a call does not panic"))
            .collect()
    })
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

    /// A row for each group, after the user's name where there are several.
    fn print(&self, account: Option<&str>, as_json: bool) {
        // A tab in a name would be another column.
        let cell = |text: &str| text.replace('\t', "\\t");
        for (id, (name, conversations)) in &self.groups {
            let mut object = json!({"id": id, "conversations": conversations, "name": name});
            let mut row = format!("{id}\t{conversations}\t{}", cell(name));
            if let Some(account) = account {
                object["account"] = account.into();
                row = format!("{}\t{row}", cell(account));
            }
            match as_json {
                true => output::object(&object),
                false => output::result(row),
            }
        }
        if !self.complete {
            let whose = account
                .map(|account| format!(" of {}", quoted(account)))
                .unwrap_or_default();
            output::note(&format!(
                "the service stopped before it said that the list{whose} is complete; the numbers may be too small"
            ));
        }
    }
}

fn count(groups: &mut BTreeMap<u64, (String, u64)>, conversation: &Value) {
    for id in conversation["ContactGroupId"].as_array().into_iter().flatten() {
        if let Some((_, conversations)) = id.as_u64().and_then(|id| groups.get_mut(&id)) {
            *conversations += 1;
        }
    }
}
