//! The log: what a request is told as in memory, in the file and as an event, and that no signature is in any of it.

use std::io::Write;

use crate::caller::*;
use chat_emulator::Config;
use serde_json::{json, Value};

#[test]
fn each_request_is_an_event_as_it_comes_and_as_it_ends() {
    let setup = Setup::open();
    let listener = setup.emulator.open_listener(chat_emulator::Certificate::Valid).unwrap();
    let mut wire = Wire::http(setup.emulator.admin_url());
    wire.stream
        .write_all(b"GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n")
        .unwrap();
    assert!(wire.until("requests follow\n\n\r\n").contains("text/event-stream"));
    setup.emulator.fault(chat_emulator::Fault::hang());
    let mut hangs = setup.wire();
    hangs
        .send("POST", &setup.target(GET), br#"{"From_Account":"user_0001"}"#)
        .unwrap();
    let event = |wire: &mut Wire| -> Value {
        let text = wire.until("\n\n\r\n");
        let data = text.split_once("event: request\ndata: ").unwrap().1;
        assert!(!text.contains(setup.usersig.as_str()), "{text}");
        serde_json::from_str(data.trim_end()).unwrap()
    };
    let came = event(&mut wire);
    assert_eq!((&came["fault"], &came["answered"]), (&json!("hang"), &json!("no")));
    setup.emulator.clear_faults();
    assert_eq!(event(&mut wire)["number"], 1, "it has ended");
    let mut other = Wire::http(listener.url());
    other.ask(
        "POST",
        &setup.target(GET),
        br#"{"From_Account":"user_0001","StartIndex":0}"#,
    );
    event(&mut wire);
    let ended = event(&mut wire);
    assert_eq!((&ended["listener_id"], &ended["code"]), (&json!(1), &json!(0)));
}

#[test]
fn what_was_no_request_is_in_the_log_and_counts_as_none() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("requests.jsonl");
    let setup = Setup::with(Config {
        log_file: Some(file.clone()),
        ..Config::default()
    });
    let large = format!("POST / HTTP/1.1\r\nX: {}\r\n\r\n", "x".repeat(1 << 20));
    let canary = setup.usersig.as_str();
    let chunks =
        format!("POST /{GET}?usersig={canary} HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n");
    let cases = [
        (
            "\x16\x03\x01\x02\x00\x01\x00".to_owned(),
            "head of a request is not HTTP",
        ),
        (
            format!("POST /?usersig={canary} HTTP/1.1\r\nno header\r\n\r\n"),
            "head of a request is not HTTP",
        ),
        ("POST / HTTP/9.9\r\n\r\n".to_owned(), "head of a request is not HTTP"),
        (
            "POST / HTTP/1.1\r\nContent-Length: x\r\n\r\n".to_owned(),
            "head of a request is not HTTP",
        ),
        (large, "too large"),
        (chunks, "rules of its coding"),
    ];
    for (text, _) in &cases {
        let mut wire = setup.wire();
        // An error means that the emulator has closed already.
        let _ = wire.stream.write_all(text.as_bytes());
        let _ = wire.rest();
    }
    let mut gone = setup.wire();
    gone.stream
        .write_all(b"POST / HTTP/1.1\r\nContent-Length: 5\r\n\r\na")
        .unwrap();
    drop(gone);
    setup.get(0);
    let log = done(&setup, "GET", "/log", "");
    assert_eq!(
        (log["total"].as_u64(), log["requests"].as_array().unwrap().len()),
        (Some(1), 1)
    );
    let malformed = log["malformed"].as_array().unwrap();
    for ((_, says), entry) in cases.iter().zip(malformed) {
        assert!(entry["malformed"].as_str().unwrap().contains(says), "{says}: {entry}");
        assert!(
            entry["connection"].as_u64().unwrap() > 0 && entry["listener"] == "http",
            "{entry}"
        );
    }
    assert_eq!(malformed.len(), cases.len(), "a client that went away is none: {log}");
    let text = std::fs::read_to_string(&file).unwrap();
    assert_eq!(
        text.lines().filter(|line| line.contains("\"malformed\"")).count(),
        cases.len()
    );
    assert!(!format!("{log}{text}").contains(&canary[10..40]));
    done(&setup, "DELETE", "/log", "");
    assert_eq!(done(&setup, "GET", "/log", ""), json!({"total": 1, "requests": []}));
}

#[test]
fn the_log_tells_every_request_and_its_answer() {
    let setup = Setup::open();
    let mut wire = setup.wire();
    let body = br#"{"From_Account":"user_0001","GroupName":["a"]}"#;
    wire.send_with(
        "POST",
        &setup.target(DELETE),
        "X-Own: 1\r\nx-own: 2\r\nAuthorization: Basic abc\r\n",
        body,
    )
    .unwrap();
    wire.read_answer().unwrap();
    wire.ask("POST", &setup.target(GET), b"{}");
    Wire::https(&setup.emulator).ask("POST", &setup.target(GET), b"{}");
    let log = done(&setup, "GET", "/log", "");
    assert_eq!(log["total"], 3);
    let first = &log["requests"][0];
    assert_eq!(first["number"], 1);
    assert_eq!(first["listener"], "http");
    assert_eq!(first["http"], "HTTP/1.1");
    assert_eq!(first["method"], "POST");
    assert_eq!(first["path"], format!("/{DELETE}"));
    assert_eq!(first["query"]["sdkappid"], "1400000000");
    assert_eq!(first["query"]["identifier"], "administrator");
    assert_eq!(first["query"]["random"], "7");
    assert_eq!(first["query"]["usersig_sha256"].as_str().unwrap().len(), 12);
    assert_eq!(first["query"].get("usersig"), None);
    assert_eq!(first["headers"]["x-own"], "1, 2");
    assert_eq!(first["headers"]["authorization"], "[hidden]");
    assert_eq!(first["body"].as_str().unwrap().as_bytes(), body);
    assert_eq!(
        (&first["applied"], &first["status"], &first["code"]),
        (&json!(false), &json!(200), &json!(51009))
    );
    assert!(first["answer"].as_str().unwrap().contains("51009"));
    assert_eq!(first["fault"], Value::Null);
    assert!(first["time_ms"].as_u64().unwrap() > 1_700_000_000_000);
    let connections: Vec<_> = (0..3)
        .map(|n| log["requests"][n]["connection"].as_u64().unwrap())
        .collect();
    assert_eq!(connections[0], connections[1], "kept alive");
    assert_ne!(connections[1], connections[2]);
    assert_eq!(log["requests"][2]["listener"], "https");
    done(&setup, "DELETE", "/log", "");
    assert_eq!(done(&setup, "GET", "/log", ""), json!({"total": 3, "requests": []}));
}

#[test]
fn the_log_keeps_the_newest_and_the_file_all() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("requests.jsonl");
    let setup = Setup::with(Config {
        log_limit: 5,
        log_file: Some(file.clone()),
        ..Config::default()
    });
    for _ in 0..12 {
        setup.get(0);
    }
    let numbers: Vec<u64> = setup.emulator.requests().iter().map(|r| r.number).collect();
    assert_eq!(numbers, [8, 9, 10, 11, 12]);
    assert_eq!(setup.emulator.requests_total(), 12);
    let text = std::fs::read_to_string(&file).unwrap();
    let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let numbers: Vec<u64> = lines.iter().map(|line| line["number"].as_u64().unwrap()).collect();
    assert_eq!(numbers, (1..=12).collect::<Vec<u64>>());
    assert!(lines.iter().all(|line| line["code"] == 0));
}

#[test]
fn the_signature_appears_nowhere() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("requests.jsonl");
    let setup = Setup::with(Config {
        log_file: Some(file.clone()),
        ..Config::default()
    });
    let token = Token::of("administrator").text();
    // A part of the token that no other text can hold.
    let canary = &token[40..60];
    let encoded = token.replace('*', "%2A").replace('-', "%2D").replace('_', "%5F");
    let mut seen = String::new();
    for sig in [&token, &encoded] {
        let good = target(GET, "administrator", sig);
        for line in [
            good.clone(),
            good.replace("usersig", "UserSig"),
            good.replace("usersig", "user%73ig"),
            good.replace("sdkappid=1400000000", "sdkappid=1"),
            good.replace("identifier=administrator", "identifier=x"),
            good.replace("contenttype=json", "contenttype=%ff"),
            good.replace("random=7", &format!("random={sig}")),
            good.replace(&format!("usersig={sig}"), &format!("usersig={}", &sig[..sig.len() - 3])),
            good.replace("get_contact_group?", "get_contact_group&"),
            format!("{good}&usersig={sig}"),
            format!("/{sig}?usersig={sig}"),
        ] {
            let pasted = format!("Referer: http://x/?usersig={sig}\r\nX-Sig: {sig}\r\nCookie: {token}\r\n");
            let body = format!(r#"{{"From_Account":"{sig}","GroupName":["{token}"]}}"#);
            let mut wire = setup.wire();
            wire.send_with("POST", &line, &pasted, body.as_bytes()).unwrap();
            seen += &String::from_utf8(wire.read_answer().unwrap().body).unwrap();
        }
    }
    for path in ["/", "/log", "/state", "/settings", "/clock", "/faults", "/proxy"] {
        seen += &done(&setup, "GET", path, "").to_string();
    }
    seen += &done(&setup, "POST", "/revoke", r#"{"identifier":"administrator"}"#).to_string();
    seen += &std::fs::read_to_string(&file).unwrap();
    assert_eq!(setup.emulator.requests_total(), 22);
    assert!(
        !seen.contains(canary),
        "{}",
        &seen[seen.find(canary).unwrap().saturating_sub(300)..][..400]
    );
}
