//! The README's table of codes against the emulator: what comes by input, what comes by fault only, and that none is missing.

use std::collections::BTreeSet;

use crate::caller::*;
use chat_emulator::{Fault, DEFAULT_ADMIN};
use serde_json::{json, Value};

/// The codes in the documents' tables. Of 70001 to 70020 they know neither 70011 nor 70012.
fn documented() -> BTreeSet<i64> {
    let ranges = [
        50001..=50005,
        51006..=51013,
        60002..=60021,
        70001..=70010,
        70013..=70020,
    ];
    ranges.into_iter().flatten().chain([70050, 70052, 70398]).collect()
}

/// The two columns of the README's table.
fn columns() -> (Vec<i64>, Vec<i64>) {
    let readme = include_str!("../README.md");
    let table = readme.split("| By input: how | Injected only |").nth(1).unwrap();
    let rows = table.lines().skip(1).take_while(|line| line.starts_with('|')).skip(1);
    let cells = rows.map(|line| line.split('|').map(str::trim).collect::<Vec<_>>());
    let (mut by_input, mut injected) = (Vec::new(), Vec::new());
    for row in cells {
        assert_eq!(row.len(), 4, "{row:?}");
        for (cell, column) in [(row[1], &mut by_input), (row[2], &mut injected)] {
            let code = cell.split_once(": ").map(|(code, _)| code.parse::<i64>().unwrap());
            assert_eq!(code.is_none(), cell.is_empty(), "{cell}");
            column.extend(code);
        }
    }
    (by_input, injected)
}

/// Brings one code about on a new emulator and tells what came.
type Provocation = fn(&Setup) -> Value;

fn with_token(setup: &Setup, token: &Token) -> Value {
    asked(setup, &target(GET, DEFAULT_ADMIN, &token.text()))
}

fn asked(setup: &Setup, target: &str) -> Value {
    json!(setup.code_of(target))
}

fn of_admin() -> Token {
    Token::of(DEFAULT_ADMIN)
}

const SERVICE: &[(i64, Provocation)] = &[
    (50001, |setup| {
        setup.call(SEARCH, json!({"From_Account": "nobody"}))["ErrorCode"].clone()
    }),
    (50002, |setup| setup.delete("")["ErrorCode"].clone()),
    (50003, |setup| {
        json!(setup.code_as("user_0001", &Token::of("user_0001").text()))
    }),
    (51006, |setup| setup.create("a", users("u", 101))["ErrorCode"].clone()),
    (51007, |setup| {
        setup.switch(|settings| settings.dismissed_groups = vec!["@gone".into()]);
        let answer = setup.create("a", json!([room("@gone")]));
        assert_eq!(answer["ErrorCode"], 0);
        answer["GroupResultItem"][0]["ResultItem"][0]["ResultCode"].clone()
    }),
    (51008, |setup| {
        (0..10).for_each(|n| drop(setup.create(&n.to_string(), users(&format!("{n}-"), 100))));
        setup.create("a", users("u", 1))["ErrorCode"].clone()
    }),
    (51009, |setup| setup.delete("a")["ErrorCode"].clone()),
    (51010, |setup| {
        (0..20).for_each(|n| drop(setup.create(&n.to_string(), json!([]))));
        setup.create("a", json!([]))["ErrorCode"].clone()
    }),
    (51011, |setup| setup.delete(&"x".repeat(65))["ErrorCode"].clone()),
    (51012, |setup| setup.pin(1, users("u", 51))["ErrorCode"].clone()),
    (51013, |setup| {
        setup.switch(|settings| settings.plan = false);
        setup.delete("a")["ErrorCode"].clone()
    }),
];

const GATEWAY: &[(i64, Provocation)] = &[
    (60002, |setup| json!(setup.wire().ask("GET", "/", b"").code())),
    (60003, |setup| {
        json!(setup.wire().ask("POST", &setup.target(GET), b"").code())
    }),
    (60004, |setup| {
        asked(setup, &setup.target(GET).replace("identifier=administrator&", ""))
    }),
    (60005, |setup| {
        asked(setup, &setup.target(GET).replace("usersig=", "sig="))
    }),
    (60006, |setup| {
        asked(setup, &setup.target(GET).replace("1400000000", "x"))
    }),
    (60007, |setup| {
        setup.switch(|settings| settings.rate_limit = 1);
        setup
            .emulator
            .set_clock(chat_emulator::ClockSetting::frozen(setup.emulator.now()));
        setup.get(0);
        setup.get(0)["ErrorCode"].clone()
    }),
    (60009, |setup| asked(setup, &setup.target("v4/recentcontact/nothing"))),
    (60010, |setup| {
        setup.switch(|settings| settings.non_admin_code = 60010);
        json!(setup.code_as("user_0001", &Token::of("user_0001").text()))
    }),
    (60012, |setup| {
        asked(setup, &setup.target(GET).replace("sdkappid=1400000000&", ""))
    }),
    (60015, |setup| {
        setup.call(GET, json!({"From_Account": 1}))["ErrorCode"].clone()
    }),
];

const SIGNATURE: &[(i64, Provocation)] = &[
    (70001, |setup| {
        with_token(
            setup,
            &Token {
                expire: 1,
                ..of_admin()
            },
        )
    }),
    (70002, |setup| json!(setup.code_as(DEFAULT_ADMIN, ""))),
    (70003, |setup| {
        json!(setup.code_as(DEFAULT_ADMIN, &setup.usersig[..setup.usersig.len() - 8]))
    }),
    (70005, |setup| json!(setup.code_as(DEFAULT_ADMIN, &packed(b"{}", 6)))),
    (70009, |setup| {
        with_token(
            setup,
            &Token {
                key: "0".repeat(64),
                ..of_admin()
            },
        )
    }),
    (70013, |setup| json!(setup.code_as("user_0001", &setup.usersig))),
    (70014, |setup| with_token(setup, &Token { app: 1, ..of_admin() })),
    (70016, |setup| {
        setup.switch(|settings| settings.key_on_file = false);
        setup.get(0)["ErrorCode"].clone()
    }),
    (70020, |setup| {
        asked(setup, &setup.target(GET).replace("1400000000", "1"))
    }),
    (70050, |setup| {
        setup.switch(|settings| settings.lock_out = true);
        (0..5).for_each(|_| assert_eq!(setup.code_as(DEFAULT_ADMIN, "abcd"), 70003));
        setup.get(0)["ErrorCode"].clone()
    }),
    (70052, |setup| {
        setup.get(0);
        setup.emulator.revoke(DEFAULT_ADMIN);
        setup.get(0)["ErrorCode"].clone()
    }),
    (70398, |setup| {
        setup.switch(|settings| settings.account_limit = 1);
        setup.call(IMPORT, json!({"UserID": "one more"}))["ErrorCode"].clone()
    }),
];

fn provocations() -> impl Iterator<Item = &'static (i64, Provocation)> {
    SERVICE.iter().chain(GATEWAY).chain(SIGNATURE)
}

#[test]
fn every_code_in_the_readmes_left_column_comes_by_input() {
    for (code, provoke) in provocations() {
        let setup = Setup::open();
        assert_eq!(provoke(&setup), json!(code));
        assert!(setup.emulator.requests().iter().all(|request| request.fault.is_none()));
    }
    let provoked: Vec<i64> = provocations().map(|(code, _)| *code).collect();
    assert_eq!(columns().0, provoked, "the left column, in its order");
}

#[test]
fn every_code_in_the_readmes_right_column_can_be_injected() {
    let setup = Setup::open();
    let injected = columns().1;
    assert!(!injected.is_empty());
    for code in injected {
        setup.emulator.fault(Fault::code(code));
        assert_eq!(refused(&setup.get(0)), code);
    }
    assert_eq!(setup.get(0)["ErrorCode"], 0);
}

/// What the emulator's sources say outside comments and tests.
fn sources() -> String {
    let mut text = String::new();
    let mut folders = vec![std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let source = std::fs::read_to_string(path).unwrap();
            let code = source.split("#[cfg(test)]").next().unwrap().lines();
            code.filter(|line| !line.trim_start().starts_with("//"))
                .for_each(|line| text += line);
        }
    }
    text
}

#[test]
fn the_sources_know_every_code_of_the_left_column_and_none_of_the_right() {
    let (sources, (by_input, injected)) = (sources(), columns());
    for code in by_input {
        assert!(sources.contains(&code.to_string()), "{code}");
    }
    for code in injected {
        assert!(!sources.contains(&code.to_string()), "{code} may come by input, too");
    }
}

#[test]
fn every_documented_code_stands_in_one_column_once() {
    let (by_input, injected) = columns();
    let listed: Vec<i64> = by_input.into_iter().chain(injected).collect();
    let distinct: BTreeSet<i64> = listed.iter().copied().collect();
    assert_eq!(listed.len(), distinct.len(), "{listed:?}");
    assert_eq!(distinct, documented());
}
