//! Makes from the header what faces, guides and tests would otherwise type again: codes and their texts, the types of the C functions, the list of
//! commands. `make faces` rewrites the files and parts of files below; nothing else may. One that differs from the header fails here.

mod codes;
pub(crate) mod commands;
mod go;
mod python;

use std::collections::BTreeMap;
use std::fs;

use crate::stage;

/// A code of the header.
struct Code {
    /// Without the leading `CHAT_`.
    name: String,
    number: i32,
    /// What it means, a sentence or more.
    text: String,
}

/// A declaration of the header.
pub(crate) struct Function {
    pub(super) name: String,
    /// What the comment above it says.
    words: String,
    result: String,
    /// Type and name of each; a callback's type is `(*)`.
    parameters: Vec<(String, String)>,
}

pub(crate) fn header() -> String {
    fs::read_to_string(stage::root().join("include/tencent_chat.h")).unwrap()
}

/// Every comment of the header with the code behind it.
fn blocks(header: &str) -> impl Iterator<Item = (String, &str)> {
    header.split("/**\n").skip(1).map(|block| {
        let (words, code) = block.split_once("*/\n").unwrap();
        let words = words.lines().map(|line| line.trim().trim_start_matches('*').trim());
        (words.collect::<Vec<_>>().join(" ").trim().to_owned(), code)
    })
}

fn codes(header: &str) -> Vec<Code> {
    let codes = blocks(header).filter_map(|(text, code)| {
        let define = code.lines().next()?.strip_prefix("#define CHAT_")?;
        let (name, number) = define.split_once(' ')?;
        let is_code = ["OK", "END"].contains(&name) || name.starts_with("ERR_") || name.starts_with("SERVICE_");
        is_code.then(|| Code {
            name: name.to_owned(),
            number: number.trim_matches(['(', ')']).parse().unwrap(),
            text,
        })
    });
    codes.collect()
}

pub(crate) fn functions(header: &str) -> Vec<Function> {
    let declared = blocks(header).filter_map(|(words, code)| {
        let declaration = code.split(';').next()?;
        let (head, parameters) = declaration.split_once('(')?;
        let at = head
            .rfind("chat_")
            .filter(|_| !head.starts_with("typedef") && !head.starts_with('#'))?;
        let parameters = parameters.trim_end().strip_suffix(')')?;
        Some(Function {
            name: head[at..].to_owned(),
            words,
            result: head[..at].trim().to_owned(),
            parameters: parts(parameters).iter().filter_map(|one| parameter(one)).collect(),
        })
    });
    declared.collect()
}

/// The fields of the one struct of the header that is no secret: type and name.
fn outcome(header: &str) -> Vec<(String, String)> {
    let (_, rest) = header.split_once("typedef struct {").unwrap();
    let (fields, _) = rest.split_once("} chat_outcome;").unwrap();
    let lines = fields.lines().filter_map(|line| line.trim().strip_suffix(';'));
    lines.filter_map(parameter).collect()
}

/// Parameters, cut at the commas that are not a callback's own.
fn parts(parameters: &str) -> Vec<String> {
    let mut depth = 0;
    let parts = parameters.split(|c| {
        depth += i32::from(c == '(') - i32::from(c == ')');
        c == ',' && depth == 0
    });
    parts
        .map(|part| part.split_whitespace().collect::<Vec<_>>().join(" "))
        .collect()
}

fn parameter(written: &str) -> Option<(String, String)> {
    if written == "void" {
        return None;
    }
    if let Some((_, callback)) = written.split_once("(*") {
        return Some(("(*)".to_owned(), callback.split(')').next().unwrap().to_owned()));
    }
    let at = written.rfind([' ', '*']).unwrap() + 1;
    Some((written[..at].trim().to_owned(), written[at..].to_owned()))
}

const MADE: &str = "Made by `make faces` from tencent_chat.h; not to be edited.";

fn camel(name: &str) -> String {
    let mut words = name.split('_');
    let first = words.next().unwrap().to_owned();
    words.fold(first, |text, word| text + &word[..1].to_uppercase() + &word[1..])
}

/// What a function's comment says of a parameter.
fn said_of<'a>(function: &'a Function, name: &str) -> &'a str {
    let mut parameters = function.words.split("@param ").skip(1);
    let said = parameters.find(|said| said.split(' ').next() == Some(name));
    said.unwrap_or_else(|| panic!("{}: say what {name} is", function.name))
}

/// Whether NULL may stand for it.
fn is_optional(function: &Function, name: &str) -> bool {
    said_of(function, name).contains("NULL")
}

/// The functions that send something, and those that begin to go through a list.
fn commands(functions: &[Function]) -> (Vec<&Function>, Vec<&Function>) {
    let ours = || {
        functions.iter().filter(|one| {
            one.parameters
                .first()
                .is_some_and(|(kind, _)| kind == "const chat_client *")
        })
    };
    let has = |one: &&Function, kind: &str| one.parameters.iter().any(|(has, _)| has == kind);
    let commands = ours().filter(|one| has(one, "const chat_call_options *")).collect();
    (commands, ours().filter(|one| has(one, "chat_items **")).collect())
}

/// The symbols that are listed, and each new one with the version of now. None ever leaves the list.
fn symbols(functions: &[Function]) -> String {
    let listed = fs::read_to_string(stage::root().join("tests/symbols.txt")).unwrap();
    let (head, listed) = listed.split_once('\n').unwrap();
    let mut symbols: BTreeMap<&str, &str> = listed.lines().map(|line| line.split_once(' ').unwrap()).collect();
    for function in functions {
        symbols.entry(&function.name).or_insert(env!("CARGO_PKG_VERSION"));
    }
    let lines = symbols.iter().map(|(name, version)| format!("{name} {version}\n"));
    format!("{head}\n{}", lines.collect::<String>())
}

/// A file in which what lies between two lines, each with its mark, is made anew.
fn with_made_part(path: &str, text: &str) -> String {
    let file = fs::read_to_string(stage::root().join(path)).unwrap();
    let mark = file
        .find("Made by `make faces`")
        .unwrap_or_else(|| panic!("{path} has no part that is made"));
    let begin = mark + file[mark..].find('\n').unwrap() + 1;
    let end = begin + file[begin..].find("Here ends what is made").unwrap();
    let end = file[..end].rfind('\n').unwrap() + 1;
    [&file[..begin], text, &file[end..]].concat()
}

#[test]
fn what_the_faces_say_again_is_what_the_header_says() {
    let header = header();
    let (codes, functions) = (codes(&header), functions(&header));
    let read = (codes.len(), functions.len());
    assert!(read.0 > 40 && read.1 > 100, "{read:?}");
    let made = [
        ("tests/symbols.txt", symbols(&functions)),
        ("include/tencent_chat/codes.hpp", codes::cpp_codes(&codes)),
        ("bindings/python/tencent_chat/codes.py", codes::python_codes(&codes)),
        (
            "bindings/python/tencent_chat/_signatures.py",
            python::signatures(&header, &functions),
        ),
        ("tests/c/commands.h", commands::c(&functions)),
        ("tests/promises/commands.hpp", commands::cpp(&functions)),
        (
            "bindings/python/tencent_chat/async_client.py",
            with_made_part(
                "bindings/python/tencent_chat/async_client.py",
                &python::awaitable(&functions),
            ),
        ),
        (
            "bindings/guides/calls-and-limits.md",
            with_made_part("bindings/guides/calls-and-limits.md", &commands::guide(&functions)),
        ),
        ("bindings/go/codes.go", codes::go_codes(&codes)),
        ("bindings/go/native_calls.go", go::calls(&functions)),
        ("bindings/go/nocgo_calls.go", go::calls_without_cgo(&functions)),
    ];
    for (path, text) in made {
        let file = stage::root().join(path);
        if std::env::var_os("CHAT_WRITE_FACES").is_some() {
            fs::write(&file, &text).unwrap();
        }
        let committed = fs::read_to_string(&file).unwrap_or_default();
        assert!(
            committed == text,
            "{path} is not up to date: run `make faces` and look at the difference"
        );
    }
}
