//! Makes the lists of commands: the C programs and the runners of the suite call each command, and the guide shows each.

use std::fmt::Write;
use std::fs;

use super::{camel, commands, is_optional, Function, MADE};
use crate::stage;

/// Between the client and the options.
fn own(function: &Function) -> &[(String, String)] {
    &function.parameters[1..function.parameters.len() - 2]
}

/// A statement of C that takes an argument from who gives them.
fn taken(kind: &str, name: &str) -> String {
    let (from, cast) = match kind {
        "const char *" => ("text", String::new()),
        "size_t" | "int" | "int64_t" | "uint32_t" => ("number", format!("({kind})")),
        list => (
            list.trim_start_matches("const chat_").trim_end_matches(" *"),
            String::new(),
        ),
    };
    let space = if kind.ends_with('*') { "" } else { " " };
    format!("    {kind}{space}{name} = {cast}given->{from}(given->from, \"{name}\");\n")
}

/// `tests/c/commands.h`.
pub(super) fn c(functions: &[Function]) -> String {
    let (commands, _) = commands(functions);
    let mut made = format!(
        "/* Every command that sends something, for programs that call all of them. {MADE} */
#ifndef COMMANDS_H
#define COMMANDS_H

#include <tencent_chat.h>

/* Gives the arguments of a command, each by its name. */
struct giver {{
    const char *(*text)(void *from, const char *name);
    int64_t (*number)(void *from, const char *name);
    const chat_contacts *(*contacts)(void *from, const char *name);
    const chat_marks *(*marks)(void *from, const char *name);
    const chat_accounts *(*accounts)(void *from, const char *name);
    void *from;
}};

struct command {{
    const char *name;
    const char *needed[4]; /* the arguments that must not be NULL */
    int (*call)(const chat_client *client, const struct giver *given, const chat_call_options *options, chat_response **response);
}};

"
    );
    let mut table = String::new();
    for function in &commands {
        let name = function.name.trim_start_matches("chat_");
        let takes: String = own(function).iter().map(|(kind, name)| taken(kind, name)).collect();
        let hands: String = own(function).iter().map(|(_, name)| format!("{name}, ")).collect();
        write!(
            made,
            "static int command_{name}(const chat_client *client, const struct giver *given, const chat_call_options *options,
        chat_response **response) {{
{takes}    return chat_{name}(client, {hands}options, response);
}}

"
        )
        .unwrap();
        let has_length = |name: &str| own(function).iter().any(|(_, other)| *other == format!("{name}_len"));
        let needed = own(function)
            .iter()
            .filter(|(kind, name)| kind.ends_with('*') && (has_length(name) || !is_optional(function, name)));
        let needed: Vec<String> = needed.map(|(_, name)| format!("\"{name}\"")).collect();
        writeln!(table, "    {{\"{name}\", {{{}}}, command_{name}}},", needed.join(", ")).unwrap();
    }
    made + "static const struct command commands[] = {\n" + &table + "};\n\n#endif\n"
}

/// Parameters of C that are one value in the other languages, and its name there.
const ONE_VALUE: [(&[&str], &str); 4] = [
    (&["type", "id"], "contact"),
    (
        &["time_stamp", "start_index", "top_time_stamp", "top_start_index"],
        "cursor",
    ),
    (&["user_id", "nick", "face_url"], "account"),
    (&["json", "json_len"], "json"),
];

/// The names of a command's arguments in the other languages, in order.
fn arguments(function: &Function) -> Vec<String> {
    let mut left: Vec<&str> = own(function).iter().map(|(_, name)| name.as_str()).collect();
    let mut names = Vec::new();
    while !left.is_empty() {
        let whole = ONE_VALUE.iter().find(|(names, _)| left.starts_with(names));
        let (count, name) = whole.map_or((1, left[0]), |(names, name)| (names.len(), name));
        names.push(name.to_owned());
        left.drain(..count);
    }
    names
}

/// Every command with the names of its arguments, without those that go through a list.
pub(crate) fn with_arguments(functions: &[Function]) -> Vec<(String, Vec<String>)> {
    let named = |one: &&Function| (one.name.trim_start_matches("chat_").to_owned(), arguments(one));
    commands(functions).0.iter().map(named).collect()
}

/// `tests/promises/commands.hpp`. Flags of a call stand behind its options in C++, where nobody needs to give them.
pub(super) fn cpp(functions: &[Function]) -> String {
    let mut made =
        format!("// Every command by the C++ face: COMMAND(its name, its arguments and how it is called...). {MADE}\n");
    for (name, arguments) in with_arguments(functions) {
        let (last, first): (Vec<_>, Vec<_>) = arguments.iter().partition(|name| name.ends_with("_flags"));
        let given = |name: &&String| format!("arg(\"{name}\")");
        let mut all: Vec<String> = first.iter().map(given).collect();
        all.push("how...".to_owned());
        all.extend(last.iter().map(given));
        writeln!(made, "COMMAND({name}, {})", all.join(", ")).unwrap();
    }
    made
}

/// The service's codes that a comment names, runs of three and more as one.
fn codes(function: &Function) -> String {
    let said = function.words.split("the service's code").nth(1).unwrap_or_default();
    let words: Vec<&str> = said
        .split([' ', ',', ':', ';', '.', '(', ')'])
        .filter(|word| !word.is_empty())
        .collect();
    let number = |word: &str| word.parse::<u32>().ok().filter(|_| word.len() == 5);
    let mut found: Vec<(u32, String)> = Vec::new();
    for (place, word) in words.iter().enumerate() {
        let Some(code) = number(word) else { continue };
        if place > 1 && words[place - 1] == "to" {
            let first = found.last().unwrap().0;
            found.extend((first + 1..=code).map(|code| (code, String::new())));
        } else {
            let is_items = words[place + 1..].starts_with(&["of", "an", "item"]);
            found.push((code, if is_items { " (item)" } else { "" }.to_owned()));
        }
    }
    found.sort();
    let mut told: Vec<String> = Vec::new();
    let mut place = 0;
    while place < found.len() {
        let follows = |at: usize| found[at].0 == found[at - 1].0 + 1 && found[at].1 == found[at - 1].1;
        let end = (place + 1..found.len()).find(|at| !follows(*at)).unwrap_or(found.len());
        if end - place > 2 {
            told.push(format!("{}..{}", found[place].0, found[end - 1].0));
        } else {
            told.extend(found[place..end].iter().map(|(code, of)| format!("{code}{of}")));
        }
        place = end;
    }
    told.join(", ")
}

/// The two tables of the guide: what there is, and what the library checks.
pub(super) fn guide(functions: &[Function]) -> String {
    let python = fs::read_to_string(stage::root().join("bindings/python/tencent_chat/client.py")).unwrap();
    let splits = |name: &str| {
        let method = python.split(&format!("def {name}(")).nth(1).unwrap_or_default();
        method.split("->").next().unwrap().contains("split: bool")
    };
    let (commands, _) = commands(functions);
    let mut commands: Vec<&Function> = commands.into_iter().filter(|one| one.name != "chat_call").collect();
    commands.sort_by_key(|one| !one.words.contains("`v4/recentcontact/"));
    let mut there = "| command | what it does | C | Python, C++ | Go |\n|---|---|---|---|---|\n".to_owned();
    let mut limits = "| call | limits | codes of the service |\n|---|---|---|\n".to_owned();
    let mut row = |command: &str, what: &str, name: &str| {
        let mark = if splits(name) { " †" } else { "" };
        let go = camel(&format!("_{name}"));
        writeln!(
            there,
            "| {command} | {what} | `chat_{name}` | `{name}`{mark} | `{go}`{mark} |"
        )
        .unwrap();
    };
    let mut last = "";
    for function in commands {
        let name = function.name.trim_start_matches("chat_");
        let (what, path) = function
            .words
            .split_once(" (`v4/")
            .unwrap_or_else(|| panic!("{name}: say its path"));
        let command = path.split('`').next().unwrap().split('/').nth(1).unwrap();
        let shown = if command == last {
            String::new()
        } else {
            format!("`{command}`")
        };
        last = command;
        row(&shown, &(what[..1].to_lowercase() + &what[1..]), name);
        if let Some((before, _)) = function.words.split_once("` goes through all pages") {
            let items = before.rsplit_once("`chat_").unwrap().1;
            row("", "all pages, one conversation at a time", items);
        }
        let limit = function
            .words
            .split_once("Limits: ")
            .unwrap_or_else(|| panic!("{name}: say its limits"))
            .1;
        let limit = limit.split_once(". ").unwrap().0;
        writeln!(limits, "| `{name}` | {limit} | {} |", codes(function)).unwrap();
    }
    format!(
        "
{there}
† splits: told to (`split=True`, in C++ the tag `tencent_chat::split`, in Go `chat.Split()`), the call takes a longer list, sends it in parts and joins
the answers. Create and update never split, because a part of them could fail and leave the group half made.

The library checks these limits before it sends anything. `chat_config_set_local_limits(config, 0)` leaves them to the service. What the codes mean:
[table of all codes](../c/ERRORS.md).

{limits}
"
    )
}
