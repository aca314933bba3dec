//! What becomes of a call when things go wrong, the same in every language: each fault of the emulator meets a delete and a create made
//! from C, Python and Go, and what the caller is told is held against `tests/faults/table.json` and against what the service saw.
//! The README shows the table. Beside it, random calls under random faults, for what must hold whatever goes wrong.
//!
//! `CHAT_WRITE_TABLE=1` writes the table into the README.

mod callers;
mod doubt;
mod scene;
mod secrets;
mod table;

use std::collections::BTreeSet;
use std::{env, fs};

use crate::lookups::Lookups;
use crate::stage;
use callers::Face;
use scene::{cells, Scene};

/// Every row of the table, made by one program; and once more for each order of the resolver, which holds for a whole process.
fn faces_every_fault(face: Face) {
    let Some(program) = face.program() else { return };
    let rows = table::rows();
    let resolvers: BTreeSet<Option<&str>> = rows.iter().map(|row| row.resolver.as_deref()).collect();
    let mut wrong = Vec::new();
    for resolver in resolvers {
        let cells = cells(&rows, resolver);
        let scene = Scene::new(&cells);
        let lookups = resolver.map(Lookups::new);
        let mut command = std::process::Command::new(program.get_program());
        command.args(program.get_args());
        for (name, value) in program.get_envs() {
            command.env(name, value.unwrap_or_default());
        }
        wrong.extend(callers::run(face, command, lookups.as_ref(), &scene, &cells));
    }
    assert!(
        wrong.is_empty(),
        "{} wrong\n{}\n\n{}",
        wrong.len(),
        wrong.join("\n"),
        table::markdown()
    );
}

#[test]
fn a_caller_in_c_is_told_the_truth_under_every_fault_and_no_secret() {
    faces_every_fault(Face::C);
}

#[test]
fn a_caller_in_python_is_told_the_truth_under_every_fault_and_no_secret() {
    faces_every_fault(Face::Python);
}

#[test]
fn a_caller_in_go_is_told_the_truth_under_every_fault_and_no_secret() {
    faces_every_fault(Face::Go);
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

#[test]
fn every_row_says_why_and_its_faults_can_be_played() {
    for row in table::rows() {
        assert!(!row.why.is_empty() && row.columns().count() > 0, "{}", row.what);
        for fault in &row.faults {
            if let Err(error) = serde_json::from_value::<chat_emulator::Fault>(fault.clone()) {
                panic!("{}: {error}", row.what);
            }
        }
        for column in row.columns() {
            let outcomes = row.outcomes(column).unwrap();
            for outcome in outcomes.all() {
                table::taken_apart(outcome, row.limits(outcomes));
            }
        }
    }
}

const BEGIN: &str = "<!-- What `cargo test --test faces faults` finds; written by CHAT_WRITE_TABLE=1. -->\n";
const END: &str = "<!-- The end of what it finds. -->\n";

#[test]
fn the_readme_shows_the_table() {
    let path = stage::root().join("README.md");
    let readme = fs::read_to_string(&path).unwrap();
    let (before, rest) = readme.split_once(BEGIN).expect("the README has the table's first mark");
    let (shown, after) = rest.split_once(END).expect("the README has the table's last mark");
    let table = table::markdown();
    if env::var_os("CHAT_WRITE_TABLE").is_some_and(|value| value == "1") {
        fs::write(&path, format!("{before}{BEGIN}{table}{END}{after}")).unwrap();
    } else {
        assert!(shown == table, "README.md shows another table than tests/faults/table.json has: CHAT_WRITE_TABLE=1 cargo test --test faces faults");
    }
}
