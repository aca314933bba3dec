//! The faces say what the core says: the code table in C (`generated` has the other languages), one method per command in each, and every
//! setting, call option and answer of the C API bound.

use crate::stage;
use std::collections::BTreeMap;
use std::fs;

use tencent_chat::error::codes;

/// The table's names without the leading `CHAT_`.
fn table() -> BTreeMap<String, i32> {
    let named = codes().filter(|(_, name)| !name.is_empty());
    named
        .map(|(code, name)| {
            (
                name.strip_prefix("CHAT_").expect("every name begins so").to_owned(),
                code,
            )
        })
        .collect()
}

fn read(path: &str) -> String {
    fs::read_to_string(stage::root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn is_code(name: &str) -> bool {
    ["OK", "END"].contains(&name) || name.starts_with("ERR_") || name.starts_with("SERVICE_")
}

#[test]
fn the_c_header_has_the_tables_codes() {
    let text = read("include/tencent_chat.h");
    let defines = text
        .lines()
        .filter_map(|line| line.strip_prefix("#define CHAT_")?.split_once(' '));
    let found: BTreeMap<String, i32> = defines
        .filter(|(name, _)| is_code(name))
        .map(|(name, value)| (name.to_owned(), value.trim_matches(['(', ')']).parse().unwrap()))
        .collect();
    assert_eq!(found, table());
}

/// All files of a folder with an ending, as one text.
fn sources(folder: &str, ending: &str) -> String {
    let files = fs::read_dir(stage::root().join(folder)).unwrap().flatten();
    let named = files.filter(|file| file.file_name().to_str().is_some_and(|name| name.ends_with(ending)));
    named.map(|file| fs::read_to_string(file.path()).unwrap()).collect()
}

/// The header's functions that send something, or begin to, without their `chat_`.
fn commands() -> Vec<String> {
    let header = read("include/tencent_chat.h").replace('\n', " ");
    let functions = header.split(';').filter_map(|declaration| {
        let (before, arguments) = declaration
            .rsplit_once("*/")
            .map_or(declaration, |(_, code)| code)
            .split_once('(')?;
        let sends = arguments.contains("const chat_client *client")
            && (arguments.contains("chat_call_options *options") || arguments.contains("chat_items **items"));
        sends.then(|| before.rsplit_once("chat_").map(|(_, name)| name.to_owned()))?
    });
    functions.filter(|name| name != "call").collect()
}

#[test]
fn every_face_has_every_command() {
    let (cpp, python, go) = (
        sources("include/tencent_chat", ".hpp"),
        sources("bindings/python/tencent_chat", "client.py"),
        sources("bindings/go", ".go"),
    );
    let commands = commands();
    assert!(
        commands.len() > 12 && commands.iter().any(|name| name == "del_contact_group"),
        "{commands:?}"
    );
    for command in commands {
        let camel: String = command
            .split('_')
            .map(|word| word[..1].to_uppercase() + &word[1..])
            .collect();
        for (face, text, needle) in [
            ("C++", &cpp, format!(" {command}(")),
            ("Python", &python, format!("def {command}(")),
            ("Go", &go, format!("(c *Client) {camel}(")),
        ] {
            assert!(text.contains(&needle), "{face} lacks {command}: no `{needle}`");
        }
    }
}

/// The header's functions that set or ask something that every face offers.
fn bound_by_every_face() -> Vec<String> {
    let header = read("include/tencent_chat.h");
    let names = header.split(|c: char| c != '_' && !c.is_ascii_alphanumeric());
    let mut names: Vec<String> = names
        .filter(|name| {
            let setting = name.starts_with("chat_config_set_") || name.starts_with("chat_config_add_");
            let answer = name.starts_with("chat_response_") && !name.ends_with("_free");
            let option = name.starts_with("chat_call_options_set_");
            setting || answer || option || ["chat_client_stats", "chat_stats_prometheus"].contains(name)
        })
        // The answer's members are read by JSON Pointer in C and C++, by a parser of their own elsewhere; so are the texts that
        // `chat_outcome` has as well.
        .filter(|name| {
            ![
                "has", "count", "str", "int", "uint", "double", "bool", "type", "name", "member", "marks", "outcome",
            ]
            .iter()
            .any(|by| name.strip_prefix("chat_response_") == Some(by))
        })
        .map(str::to_owned)
        .collect();
    names.sort_unstable();
    names.dedup();
    names
}

/// What Go does without; where it binds one, that leaves this list. A context ends its calls, not a callback.
const NOT_IN_GO: [&str; 1] = ["chat_call_options_set_interrupt"];

#[test]
fn every_face_binds_every_setting_option_and_answer() {
    let (cpp, python, go) = (
        sources("include/tencent_chat", ".hpp"),
        sources("bindings/python/tencent_chat", ".py"),
        sources("bindings/go", ".go") + &read("bindings/go/native.h"),
    );
    let names = bound_by_every_face();
    assert!(
        names.len() > 35 && names.iter().any(|name| name == "chat_config_set_rate_limit"),
        "{names:?}"
    );
    for name in names {
        // The code is what the call returns; what else the struct at the head of a response holds is read there.
        if name == "chat_response_code" {
            continue;
        }
        if let Some(member) = name.strip_prefix("chat_response_").filter(|member| *member != "trace") {
            assert!(cpp.contains(&name), "C++ lacks {name}");
            for (face, text) in [("Python", &python), ("Go", &go)] {
                assert!(
                    text.contains(&format!("outcome.{member}")),
                    "{face} never reads {member} of an outcome"
                );
            }
            continue;
        }
        assert!(cpp.contains(&name), "C++ lacks {name}");
        // Python's table of signatures names each; a setter is then called by what follows the type's name, the others by their own.
        let short = name
            .trim_start_matches("chat_config_")
            .trim_start_matches("chat_call_options_");
        let called = [
            format!("\"{short}\""),
            format!("library.{name}"),
            format!("quick.{name}"),
        ];
        assert!(
            python.contains(&format!("\"{name}\"")),
            "Python's signatures lack {name}"
        );
        assert!(
            called.iter().any(|call| python.contains(call)),
            "Python never calls {name}: none of {called:?}"
        );
        let bound = go.contains(&format!("{name}("));
        let is_exception = NOT_IN_GO.contains(&name.as_str());
        assert!(
            bound != is_exception,
            "{name}: bound by Go {bound}, in NOT_IN_GO {is_exception}"
        );
    }
}

#[test]
fn the_emulator_has_every_path_that_the_library_sends() {
    let files = fs::read_dir(stage::root().join("src/endpoints")).unwrap().flatten();
    let typed = files.filter(|file| file.file_name() != "call.rs");
    let text: String = typed.map(|file| fs::read_to_string(file.path()).unwrap()).collect();
    let paths: Vec<&str> = text.split('"').filter(|quoted| quoted.starts_with("v4/")).collect();
    assert!(paths.len() >= 12, "{paths:?}");
    let emulator = sources("tests/emulator/src/service", ".rs");
    for path in paths {
        assert!(emulator.contains(&format!("\"{path}\"")), "the emulator lacks {path}");
    }
}
