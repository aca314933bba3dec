//! What the shared object shows to the linker: the listed symbols and nothing else, a soname, no unloading.

use crate::stage;
use std::collections::BTreeSet;
use std::fs;
use std::process::Command;

fn listed() -> BTreeSet<String> {
    let list = fs::read_to_string(stage::root().join("tests/symbols.txt")).unwrap();
    let lines = list.lines().filter(|line| !line.starts_with('#'));
    lines
        .map(|line| line.split_once(' ').expect("name and version").0.to_owned())
        .collect()
}

fn declared() -> BTreeSet<String> {
    let header = fs::read_to_string(stage::root().join("include/tencent_chat.h")).unwrap();
    let code = header
        .lines()
        .filter(|line| !line.trim_start().starts_with(['*', '/', '#']));
    let code: String = code.collect::<Vec<_>>().join("\n");
    let words = code.split(|c: char| !c.is_ascii_alphanumeric() && c != '_' && c != '(');
    let functions = words
        .filter_map(|word| word.split_once('('))
        .map(|(name, _)| name.to_owned());
    functions.filter(|name| name.starts_with("chat_")).collect()
}

#[test]
fn the_list_and_the_header_name_the_same_functions() {
    assert_eq!(listed(), declared());
}

#[test]
fn the_list_is_sorted_and_every_version_is_known() {
    let list = fs::read_to_string(stage::root().join("tests/symbols.txt")).unwrap();
    let lines: Vec<&str> = list.lines().filter(|line| !line.starts_with('#')).collect();
    assert!(lines.windows(2).all(|pair| pair[0] < pair[1]));
    assert!(lines.iter().all(|line| line.ends_with(" 0.1.0")));
}

#[test]
fn the_shared_object_exports_the_listed_symbols_and_nothing_else() {
    let library = stage::prefix().join("lib/libtencent_chat.so");
    let output = stage::succeed(Command::new("nm").args(["-D", "--defined-only"]).arg(library));
    let text = String::from_utf8(output.stdout).unwrap();
    let exported: BTreeSet<String> = text
        .lines()
        .filter_map(|line| Some(line.split_whitespace().nth(2)?.to_owned()))
        .collect();
    assert_eq!(exported, listed());
}

#[test]
fn the_shared_object_has_its_soname_and_stays_loaded() {
    let library = stage::prefix().join("lib/libtencent_chat.so");
    let output = stage::succeed(Command::new("readelf").arg("-d").arg(library));
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains("[libtencent_chat.so.0.1]"), "{text}");
    assert!(text.contains("NODELETE"), "{text}");
}
