//! Tests of the README's table of faults: it has every fault that the code knows and no other, each example is
//! accepted, and what it says about carrying out is what happens.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use crate::caller::*;
use chat_emulator::{Fault, Phase, Play};
use serde_json::{json, Value};

struct Row {
    example: String,
    carried_out: String,
}

fn rows() -> Vec<Row> {
    let readme = include_str!("../README.md");
    let table = readme.split("| Fault | Plays | Carried out |").nth(1).unwrap();
    let table = table.split("\n\n").next().unwrap();
    let mut rows = Vec::new();
    for line in table.lines().skip(2) {
        let cells: Vec<&str> = line.trim_matches('|').split(" | ").map(str::trim).collect();
        let [examples, _, carried_out] = cells[..] else {
            panic!("{line}")
        };
        // The text between each pair of backticks that is an object.
        for example in examples.split('`').filter(|text| text.starts_with('{')) {
            rows.push(Row {
                example: example.to_owned(),
                carried_out: carried_out.to_owned(),
            });
        }
    }
    rows
}

fn named(member: &str) -> Vec<String> {
    let value = |row: &Row| serde_json::from_str::<Value>(&row.example).unwrap()[member].clone();
    rows()
        .iter()
        .filter_map(|row| value(row).as_str().map(str::to_owned))
        .collect()
}

#[test]
fn the_table_has_every_name_once_and_no_other() {
    assert_eq!(named("play"), Play::names());
    assert_eq!(named("at"), Phase::names());
    let kinds: BTreeSet<String> = rows()
        .iter()
        .flat_map(|row| {
            let example: Value = serde_json::from_str(&row.example).unwrap();
            example.as_object().unwrap().keys().cloned().collect::<Vec<_>>()
        })
        .filter(|key| !["at", "ms", "bytes", "mib", "retry_after_s", "to"].contains(&key.as_str()))
        .collect();
    let error = serde_json::from_str::<Fault>("{}").unwrap_err().to_string();
    let listed = error.split_once("exactly one of ").unwrap().1;
    let known: BTreeSet<String> = listed
        .split(", ")
        .map(|name| name.split(' ').next().unwrap().to_owned())
        .collect();
    assert_eq!(kinds, known);
}

#[test]
fn the_numbers_of_the_table_are_the_defaults() {
    for row in rows() {
        let written: Value = serde_json::from_str(&row.example).unwrap();
        let Some(name) = written["play"].as_str().filter(|name| *name != "handshake_delay") else {
            continue;
        };
        let bare: Fault = serde_json::from_value(json!({ "play": name })).unwrap();
        assert_eq!(
            serde_json::from_str::<Fault>(&row.example).unwrap(),
            bare,
            "{}",
            row.example
        );
    }
}

#[test]
fn what_the_table_says_of_carrying_out_is_what_happens() {
    let setup = Setup::open();
    for row in rows() {
        for applied in [false, true] {
            let mut fault: Value = serde_json::from_str(&row.example).unwrap();
            fault["applied"] = applied.into();
            if fault.get("bytes").is_some() {
                fault["ms"] = 1.into();
            }
            let told = admin(setup.emulator.admin_url(), "POST", "/faults", &fault.to_string());
            if row.carried_out == "no" {
                assert_eq!(told.0, if applied { 400 } else { 200 }, "{}", row.example);
                setup.emulator.clear_faults();
                continue;
            }
            assert_eq!(told.0, 200, "{}: {}", row.example, told.1);
            let before = setup.emulator.requests_total();
            let mut wire = setup.wire();
            wire.send(
                "POST",
                &setup.target(GET),
                br#"{"From_Account":"user_0001","StartIndex":0}"#,
            )
            .unwrap();
            assert!(setup.emulator.wait_for_requests(before + 1, Duration::from_secs(30)));
            wire.patience(Duration::from_millis(50));
            drop(wire.rest());
            // A call that is delayed for long is carried out by then or not at all.
            let expected = applied || (row.carried_out == "yes" && !row.example.contains("delay_ms"));
            let start = Instant::now();
            let now = || setup.emulator.requests().pop().unwrap().applied;
            while expected && !now() && start.elapsed() < Duration::from_secs(30) {
                std::thread::sleep(Duration::from_millis(5));
            }
            assert_eq!(now(), expected, "{} applied {applied}", row.example);
            setup.emulator.clear_faults();
        }
    }
}
