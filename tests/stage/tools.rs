//! What a machine may lack: the rows of `tests/tools.txt`. A test that needs one asks here first, in its own thread, and ends if the answer is no.
//! A row that is missing becomes a file of its name with the names of the tests that did not run, in `target/missing-tools`: `make test` ends with
//! the rows, and `.ci/run` repeats the tests. Under `CHAT_REQUIRE_ALL=1` it is an error.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, thread};

use super::{succeed, target};

const TABLE: &str = include_str!("../tools.txt");

/// A program of the machine; `None` is noted.
pub fn tool(name: &str) -> Option<PathBuf> {
    let how_to_get_it = row(name);
    let path = env::var_os("PATH").unwrap_or_default();
    let found = env::split_paths(&path)
        .map(|folder| folder.join(name))
        .find(|candidate| candidate.is_file());
    if found.is_none() {
        note(name, how_to_get_it);
    }
    found
}

/// Whether the machine has all of them; each that it lacks is noted.
pub fn tools(names: &[&str]) -> bool {
    names.iter().filter(|name| tool(name).is_none()).count() == 0
}

/// A file of the machine that no PATH leads to. `.ci/run` hides those too, by CHAT_BARE.
pub fn installed(name: &str, path: &str) -> Option<PathBuf> {
    let found = env::var_os("CHAT_BARE").is_none() && Path::new(path).exists();
    if !found {
        missing(name);
    }
    found.then(|| path.into())
}

/// Notes something that is no program of the PATH.
pub fn missing(name: &str) {
    note(name, row(name));
}

/// Whether Rust's standard library for another machine is there.
pub fn rust_for(triple: &str) -> bool {
    let sysroot = succeed(Command::new("rustc").args(["--print", "sysroot"])).stdout;
    let sysroot = PathBuf::from(String::from_utf8(sysroot).unwrap().trim());
    let found = sysroot.join("lib/rustlib").join(triple).join("lib").is_dir();
    if !found {
        missing(&format!("Rust for {triple}"));
    }
    found
}

/// How to get it.
fn row(name: &str) -> &'static str {
    let rows = TABLE.lines().filter_map(|line| line.rsplit_once(" | "));
    let mut named = rows.filter(|(row, _)| row.split_once(" | ").is_some_and(|(tool, _)| tool == name));
    named
        .next()
        .unwrap_or_else(|| panic!("tests/tools.txt has no row for {name}"))
        .1
}

fn note(name: &str, how_to_get_it: &str) {
    assert!(
        env::var_os("CHAT_REQUIRE_ALL").is_none_or(|value| value != "1"),
        "{name} is missing: {how_to_get_it}"
    );
    let folder = env::var_os("CHAT_MISSING_TOOLS").map_or_else(|| target().join("missing-tools"), PathBuf::from);
    fs::create_dir_all(&folder).unwrap();
    let list = OpenOptions::new().create(true).append(true).open(folder.join(name));
    // One write a line, so that tests that note at once never mix theirs. A test has its thread named after it.
    let line = format!("{}\n", thread::current().name().unwrap_or_default());
    list.unwrap().write_all(line.as_bytes()).unwrap();
}
