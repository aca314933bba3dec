//! Every output on a disk that is full, at a reader that went away, and with words of others that would move a cursor.

use std::process::{Command, Stdio};

use chat_emulator::{Config as Emulation, Fault, RawAnswer, State};
use serde_json::json;

use crate::operator::{Operator, Ran};

/// Every command that prints a result, in each of its forms.
const PRINTING: &[&[&str]] = &[
    &["--help"],
    &["--version"],
    &["bulk", "del-group", "--help"],
    &["groups", "user_00001"],
    &["groups", "user_00001", "--json"],
    &["groups", "nobody", "--json"],
    &["del-group", "user_00001", "kept"],
    &["del-group", "user_00002", "kept", "--json"],
    &[
        "call",
        "v4/recentcontact/get_contact_group",
        "{\"From_Account\":\"user_00001\",\"StartIndex\":0}",
    ],
    &["call", "v4/recentcontact/get_contact_group", "{}", "--json"],
    &["sign"],
    &["sign", "--json"],
    &["sign", "--inspect", "sig.txt"],
    &["sign", "--inspect", "sig.txt", "--json"],
    &["check"],
    &["check", "--json"],
    &["completions", "bash"],
    &["man"],
    &[
        "bulk",
        "del-group",
        "accounts.txt",
        "--group",
        "retired",
        "-q",
        "--dry-run",
    ],
    &[
        "bulk",
        "del-group",
        "accounts.txt",
        "--group",
        "retired",
        "-q",
        "--dry-run",
        "--json",
    ],
    &[
        "bulk",
        "del-group",
        "accounts.txt",
        "--group",
        "retired",
        "-q",
        "--backup",
        "b.jsonl",
    ],
    &[
        "bulk",
        "del-group",
        "accounts.txt",
        "--group",
        "retired",
        "-q",
        "--backup",
        "b.jsonl",
        "--json",
    ],
    &["bulk", "restore", "b.jsonl", "-q"],
    &["groups", "user_00001", "--json", "--base-url", "nonsense"],
];

fn operator() -> Operator {
    let operator = Operator::with_accounts(3);
    let sig = operator.run(&["sign"]).ended(0).out;
    operator.write("sig.txt", sig);
    operator.write(
        "b.jsonl",
        "{\"account\":\"user_00001\",\"conversations\":[],\"group\":\"again\"}\n",
    );
    operator
}

#[test]
fn a_result_that_cannot_be_written_is_told_and_never_ends_with_0() {
    for arguments in PRINTING {
        let operator = operator();
        let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
        let written = Ran::from(operator.command(arguments).stdout(full).output().unwrap());
        assert!(written.status > 0, "{arguments:?}: {written:?}");
        written.says("stdout: no space left on the disk");
    }
}

#[test]
fn a_reader_that_goes_away_changes_no_status_and_is_not_told() {
    for arguments in PRINTING {
        let whole = operator().run(arguments).status;
        let operator = operator();
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let ran = Ran::from(operator.command(arguments).stdout(writer).output().unwrap()).ended(whole);
        assert!(!ran.err.contains("stdout") && !ran.err.contains("panicked"), "{ran:?}");
    }
}

#[test]
fn a_man_page_that_cannot_be_written_is_told() {
    let operator = operator();
    operator.write("file", "");
    operator
        .run(&["man", "file/pages"])
        .ended(1)
        .says("file/pages: a part of this path is not a folder");
}

/// Each file of a run, limited to so few bytes that it fills up in the middle. What was begun is gone on with when there is room.
#[test]
fn a_file_that_fills_up_loses_no_line_of_an_item_that_is_done() {
    for (file, limit) in [
        ("--results=r.csv", 4),
        ("--results=r.jsonl", 4),
        ("--backup=b2.jsonl", 8),
        ("-q", 1),
    ] {
        let operator = Operator::with_accounts(400);
        let run = format!("bulk del-group accounts.txt --group retired --rate 10000 --workers 8 --json -q {file}")
            .replace("-q -q", "-q");
        let words: Vec<&str> = run.split(' ').collect();
        let mut limited = Command::new("bash");
        let script = format!(
            "trap '' XFSZ; ulimit -f {limit}; exec '{}' {run}",
            crate::operator::PROGRAM
        );
        let known = operator.command(&[]);
        limited
            .args(["-c", &script])
            .current_dir(operator.folder.path())
            .stdin(Stdio::null());
        limited.envs(known.get_envs().filter_map(|(name, value)| Some((name, value?))));
        Ran::from(limited.output().unwrap())
            .ended(1)
            .says("the file would be larger than is allowed");
        let after = operator.run(&words).ended(0).object();
        assert_eq!(
            (&after["left"], &after["in_doubt"], &after["not_there"]),
            (&json!(0), &json!(0), &json!(0))
        );
        assert_eq!(operator.have_group("retired").len(), 0);
        assert!(operator.deletes().values().all(|(_, applied)| *applied == 1));
        if let Some(name) = file.strip_prefix("--results=") {
            let text = operator.read(name);
            for account in (1..=400).map(crate::operator::account) {
                assert!(text.contains(&account), "{account} is missing in {name}");
            }
        }
        if let Some(name) = file.strip_prefix("--backup=") {
            let rows = operator.read(name);
            assert!((1..=400)
                .map(crate::operator::account)
                .all(|account| rows.contains(&account)));
        }
    }
}

/// What somebody else wrote and a terminal would obey: escape, line ends, C1, an order of reading turned around.
const HOSTILE: &str = "a\u{1b}[2Jb\rc\nforged\u{85}e\u{9b}31mf\u{7f}g\u{202e}h";

#[track_caller]
fn harmless(text: &str) {
    let raw = text
        .chars()
        .find(|c| (c.is_control() && !"\n\t".contains(*c)) || *c == '\u{202e}');
    assert_eq!(raw, None, "{text:?}");
    assert!(
        // A page that is no JSON has lines of its own.
        text.starts_with("<html>") || !text.lines().any(|line| line.starts_with("forged")),
        "a line is forged: {text}"
    );
}

#[test]
fn nothing_that_somebody_else_wrote_reaches_a_terminal_or_a_log_raw() {
    let state = json!({"accounts": {"administrator": {}, "u1": {"groups": [{"id": 1, "name": "plain"}]}}}).to_string();
    let answers = [
        json!({"ActionStatus": "FAIL", "ErrorCode": 80001, "ErrorInfo": HOSTILE}).to_string(),
        json!({"ActionStatus": "OK", "ErrorCode": 0, "ErrorInfo": "", "GroupItem": [{"GroupId": 1, "GroupName": HOSTILE}],
            "ContactItem": [], "CompleteFlag": 1, "NextStartIndex": 0})
        .to_string(),
        format!("<html>{HOSTILE}</html>"),
        format!("{{\"ActionStatus\":\"OK\",\r\n\"ErrorCode\":0,\"x\":{}}}", json!(HOSTILE)),
    ];
    let mut heard = 0;
    for (number, body) in answers.iter().enumerate() {
        let operator = Operator::with(Emulation {
            seed: Some(State::from_json(state.as_bytes()).unwrap()),
            ..Emulation::default()
        });
        let answer = RawAnswer {
            status: if number == 2 { 502 } else { 200 },
            headers: [("Content-Type".to_owned(), "application/json".to_owned())].into(),
            body: body.clone(),
        };
        operator.service.fault(Fault::answer(answer).times(0));
        operator.write("list.txt", "u1\n");
        operator.write("hostile.jsonl", json!({"account": "u1", "group": HOSTILE}).to_string());
        operator.write("sig.txt", HOSTILE);
        operator.write(HOSTILE, "x");
        for arguments in [
            &["groups", "u1"][..],
            &["groups", "u1", "--json"],
            &["del-group", "u1", "plain"],
            &["del-group", "u1", HOSTILE],
            &["del-group", "u1", "plain", "--json"],
            &["call", "v4/recentcontact/get_contact_group", "{}"],
            &["call", "v4/recentcontact/get_contact_group", "{}", "--json"],
            &["call", HOSTILE, "{}"],
            &["call", "v4/a/b", &format!("@{HOSTILE}")],
            &["check"],
            &["check", "--json"],
            &[
                "bulk",
                "del-group",
                "list.txt",
                "--group",
                "plain",
                "--results",
                "r.jsonl",
                "--max-outage",
                "1",
            ],
            &["bulk", "del-group", "list.txt", "--group", HOSTILE, "--dry-run"],
            &[
                "bulk",
                "del-group",
                "list.txt",
                "--group",
                HOSTILE,
                "--journal",
                "j2",
                "--max-outage",
                "1",
            ],
            &["bulk", "del-group", "hostile.jsonl", "--dry-run", "--json"],
            &[
                "bulk",
                "del-group",
                "hostile.jsonl",
                "--backup",
                "b.jsonl",
                "--max-outage",
                "1",
                "--log-file",
                "l",
            ],
            &["bulk", "del-group", HOSTILE, "--group", "g", "--max-outage", "1"],
            &["bulk", "del-group", "list.txt", "--group", "g", "--format", HOSTILE],
            &["sign", "--inspect", "sig.txt"],
            &["sign", "--inspect", HOSTILE],
            &["groups", "u1", "--key-file", HOSTILE],
            &["groups", "u1", "--region", HOSTILE],
            &["groups", "u1", "--ca-file", HOSTILE],
            &["groups", "u1", "--identifier", HOSTILE],
            &["groups", HOSTILE],
            &[HOSTILE],
        ] {
            let ran = operator.run(arguments);
            harmless(&ran.out);
            harmless(&ran.err);
            heard += ran.out.len() + ran.err.len();
        }
        for file in ["r.jsonl", "b.jsonl"] {
            harmless(&std::fs::read_to_string(operator.path(file)).unwrap_or_default());
        }
    }
    assert!(heard > 4_000, "it was loud enough to hear something");
}

#[test]
fn a_body_that_is_json_stays_the_same_json() {
    let operator = Operator::new();
    let body = format!(
        "{{\"ActionStatus\":\"OK\",\r\n\t\"ErrorCode\":0,\"x\":\"\u{85}é\u{7f}\u{202e}\",\"y\":{}}}",
        json!(HOSTILE)
    );
    let answer = RawAnswer {
        status: 200,
        headers: [].into(),
        body: body.clone(),
    };
    operator.service.fault(Fault::answer(answer).times(1));
    let shown = operator
        .run(&["call", "v4/recentcontact/get_contact_group", "{}"])
        .ended(0)
        .out;
    let read = |text: &str| serde_json::from_str::<serde_json::Value>(text).unwrap();
    assert_eq!(read(&shown), read(&body));
    harmless(&shown);
}
