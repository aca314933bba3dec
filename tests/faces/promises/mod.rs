//! The suite: every case of `tests/promises` in every language, each by a runner of its own that knows only the public face and the admin
//! port of the emulators it is given. Here the cases are read, checked and written out in full; what a case says stands in
//! `tests/promises/README.md`.
//!
//! `CHAT_CASE=text` runs the cases whose name holds the text; `CHAT_WRITE_TABLE=1` writes the fault table into the guide.

mod case;
mod runners;
mod table;

use std::collections::BTreeSet;
use std::path::Path;
use std::{env, fs};

use chat_emulator::{Config, Emulator};

use crate::lookups::Lookups;
use crate::stage;
use runners::{Runner, RUNNERS};

/// Cases of one runner under way at a time, each on an emulator of its own: most of them wait.
const AT_ONCE: usize = 24;

fn keeps_every_promise(runner: Runner) {
    let wanted = env::var("CHAT_CASE").unwrap_or_default();
    let cases = case::all();
    let chosen: Vec<_> = cases.iter().filter(|case| case.name().contains(&wanted)).collect();
    assert!(!chosen.is_empty(), "no case is called {wanted}");
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("cases.{}.json", runner.name()));
    let written: Vec<_> = chosen.iter().map(|case| &case.0).collect();
    fs::write(&file, serde_json::to_vec(&written).unwrap()).unwrap();
    let Some(mut command) = runner.command() else { return };
    let emulators: Vec<Emulator> = (0..AT_ONCE.min(chosen.len()))
        .map(|_| {
            let login = Some(("user".to_owned(), "the proxy's own".to_owned()));
            let config = Config {
                proxy_port: Some(0),
                proxy_login: login,
                ..Config::default()
            };
            Emulator::start(config).unwrap()
        })
        .collect();
    command.arg(&file).arg(runner.name());
    command.args(emulators.iter().map(Emulator::admin_url));
    Lookups::new("real").preload(&mut command);
    let output = command
        .output()
        .unwrap_or_else(|error| panic!("cannot run {command:?}: {error}"));
    let printed = String::from_utf8_lossy(&output.stdout);
    let due = chosen.iter().filter(|case| !case.is_left_out_of(runner.name())).count();
    assert!(
        output.status.success() && printed.lines().last() == Some(&format!("{due} passed, 0 failed")),
        "{} of {due} cases\n{printed}{}",
        runner.name(),
        String::from_utf8_lossy(&output.stderr)
    );
}

#[test]
fn c_keeps_every_promise() {
    keeps_every_promise(Runner::C);
}

#[test]
fn cpp_keeps_every_promise() {
    keeps_every_promise(Runner::Cpp);
}

#[test]
fn go_keeps_every_promise() {
    keeps_every_promise(Runner::Go);
}

#[test]
fn python_keeps_every_promise() {
    keeps_every_promise(Runner::Python);
}

#[test]
fn python_keeps_every_promise_awaited() {
    keeps_every_promise(Runner::PythonAsync);
}

/// Every name once, every member known, every case that a runner leaves out with its reason.
#[test]
fn every_case_reads() {
    let cases = case::all();
    let names: BTreeSet<&str> = cases.iter().map(case::Case::name).collect();
    assert_eq!(names.len(), cases.len(), "two cases of one name");
    for case in &cases {
        case.is_complete(&RUNNERS.map(Runner::name));
    }
}

#[test]
fn every_fault_that_the_emulator_can_play_is_in_the_table() {
    let faults: Vec<_> = table::rows().into_iter().flat_map(|row| row.faults).collect();
    let text = |fault: &serde_json::Value, member: &str| fault[member].as_str().unwrap_or_default().to_owned();
    let named: BTreeSet<String> = faults.iter().map(|fault| text(fault, "play")).collect();
    let readme = fs::read_to_string(stage::root().join("tests/emulator/README.md")).unwrap();
    let plays: Vec<&str> = readme
        .lines()
        .filter_map(|line| line.strip_prefix("| `{\"play\":\"")?.split('"').next())
        .collect();
    assert!(plays.len() > 25, "{plays:?}");
    for play in plays {
        assert!(named.contains(play), "no row of the table plays {play}");
    }
    for ending in ["reset", "fin", "hang"] {
        for phase in ["accept", "handshake", "request", "", "head", "body", "idle"] {
            let ends =
                |fault: &&serde_json::Value| text(fault, "drop") == ending || ending == "hang" && fault["hang"] == true;
            let there = faults.iter().filter(ends).any(|fault| text(fault, "at") == phase);
            assert!(
                there || (ending, phase) == ("hang", "idle"),
                "no row of the table plays {ending} at {phase:?}"
            );
        }
    }
}

const BEGIN: &str = "<!-- What `cargo test --test faces promises` finds; written by CHAT_WRITE_TABLE=1. -->\n";
const END: &str = "<!-- The end of what it finds. -->\n";

#[test]
fn the_guide_shows_the_table() {
    let path = stage::root().join("bindings/guides/errors-and-repeats.md");
    let guide = fs::read_to_string(&path).unwrap();
    let (before, rest) = guide.split_once(BEGIN).expect("the guide has the table's first mark");
    let (shown, after) = rest.split_once(END).expect("the guide has the table's last mark");
    let table = table::markdown();
    if env::var_os("CHAT_WRITE_TABLE").is_some_and(|value| value == "1") {
        fs::write(&path, format!("{before}{BEGIN}{table}{END}{after}")).unwrap();
    } else {
        assert!(shown == table, "the guide shows another table than tests/promises/faults.json has: CHAT_WRITE_TABLE=1 cargo test --test faces promises");
    }
}
