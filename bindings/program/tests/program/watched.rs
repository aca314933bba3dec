//! What somebody sees of a run: people by lines, programs by an object a second and by the page for Prometheus.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::Stdio;
use std::time::{Duration, Instant};

use chat_emulator::Fault;
use serde_json::Value;

use crate::operator::{Operator, Ran};

fn objects(ran: &Ran) -> Vec<Value> {
    let lines = ran.err.lines();
    lines
        .map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{line}: {error}")))
        .collect()
}

#[test]
fn progress_as_json_is_an_object_a_second_and_nothing_else_on_stderr() {
    let operator = Operator::with_accounts(150);
    let ran = operator.bulk(&["--rate", "50", "--progress", "json"]).ended(0);
    let all = objects(&ran);
    let seen: Vec<&Value> = all.iter().filter(|object| object["items"].is_u64()).collect();
    // Half a second's worth at once, then fifty a second.
    assert!(seen.len() >= 3, "{}", ran.err);
    for object in &seen {
        assert_eq!((&object["items"], &object["rate"]["asked"]), (&150.into(), &50.into()));
        assert_eq!(
            (&object["rate"]["why"], &object["waiting"]),
            (&"asked".into(), &Value::Null)
        );
        assert!(object["pace"].is_number() && object["throttles"] == 0, "{object}");
    }
    let (first, last) = (seen[0], seen[seen.len() - 1]);
    assert!(first["accounted_for"].as_u64() < Some(150), "{first}");
    assert_eq!(
        (&last["accounted_for"], &last["done"], &last["seconds_left"]),
        (&150.into(), &150.into(), &0.into())
    );
    assert!(
        all.iter().any(|object| object["message"].is_string()),
        "what is said is an object as well"
    );
}

#[test]
fn a_throttled_run_says_what_slows_it_and_how_often() {
    let operator = Operator::with_accounts(150);
    operator.service.fault(Fault::code(60007).skip(40).times(3));
    let ran = operator
        .bulk(&["--rate", "100", "--progress", "json", "--json"])
        .ended(0);
    let all = objects(&ran);
    let slowed = all.iter().find(|object| object["rate"]["why"] == "slowed");
    let slowed = slowed.unwrap_or_else(|| panic!("{}", ran.err));
    assert!(slowed["rate"]["now"].as_u64() < Some(100), "{slowed}");
    let run = &ran.object()["this_run"];
    assert_eq!((&run["throttles"], &run["repeats"]), (&3.into(), &3.into()), "{run}");
}

#[test]
fn a_run_that_waits_says_for_what_to_programs_too() {
    let operator = Operator::with_accounts(20);
    let ran = operator
        .bulk(&[
            "--base-url",
            "http://127.0.0.1:9",
            "--progress",
            "json",
            "--max-outage",
            "3",
        ])
        .ended(5);
    let all = objects(&ran);
    let waits = all
        .iter()
        .find(|object| object["waiting"].is_object())
        .expect("it waits");
    assert_eq!(
        (&waits["waiting"]["code"], &waits["rate"]["why"]),
        (&(-5).into(), &"outage".into())
    );
    assert_eq!(waits["seconds_left"], Value::Null);
}

/// What a reader of the page gets: the head, the page.
fn ask(port: u16, request: &str) -> (String, String) {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (head, page) = answer.split_once("\r\n\r\n").unwrap();
    (head.to_owned(), page.to_owned())
}

#[test]
fn the_numbers_of_a_run_are_served_for_prometheus_while_it_runs() {
    let operator = Operator::with_accounts(200);
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let running = operator.begin(&["--rate", "40", "--metrics", &port.to_string()]);
    operator.wait_for(30);
    // One who says nothing holds the others up for two seconds, and the run not at all.
    let _silent = TcpStream::connect(("127.0.0.1", port)).unwrap();
    let began = Instant::now();
    let (head, page) = ask(port, "GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n");
    assert!(began.elapsed() < Duration::from_secs(60));
    assert!(
        head.starts_with("HTTP/1.1 200 OK") && head.contains("version=0.0.4"),
        "{head}"
    );
    assert!(page.contains("tencent_chat_bulk_items 200\n"), "{page}");
    assert!(page.contains("tencent_chat_bulk_rate_asked 40\n"), "{page}");
    let calls = page
        .lines()
        .find(|line| line.starts_with("tencent_chat_") && line.contains("outcome=\"ok\""));
    assert!(calls.is_some(), "the client's own page: {page}");
    for series in page.lines().filter(|line| line.starts_with("tencent_chat_bulk_")) {
        let name = series.split(['{', ' ']).next().unwrap();
        assert!(
            page.contains(&format!("# HELP {name} ")) && page.contains(&format!("# TYPE {name} gauge\n")),
            "{name}"
        );
    }
    let (head, page) = ask(port, "HEAD /metrics HTTP/1.1\r\n\r\n");
    assert!(head.starts_with("HTTP/1.1 200") && page.is_empty(), "{head}");
    assert!(ask(port, "GET /else HTTP/1.1\r\n\r\n").0.starts_with("HTTP/1.1 404"));
    assert!(ask(port, "POST /metrics HTTP/1.1\r\n\r\n")
        .0
        .starts_with("HTTP/1.1 405"));
    running
        .wait()
        .ended(0)
        .says(&format!("http://127.0.0.1:{port}/metrics"));
}

#[test]
fn an_address_that_cannot_be_listened_on_is_refused_before_anything_is_sent() {
    let operator = Operator::with_accounts(5);
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    operator
        .bulk(&["--metrics", &port])
        .ended(2)
        .says("somebody else listens there");
    operator.bulk(&["--metrics", "nowhere"]).ended(2).says("give a port");
    operator
        .bulk(&["--metrics", "192.0.2.1:9464"])
        .ended(2)
        .says("no such address");
    assert_eq!(operator.service.requests_total(), 0);
    assert!(!operator.path("accounts.txt.journal").exists());
}

#[test]
fn a_finished_list_says_so_and_how_to_start_over() {
    let operator = Operator::with_accounts(3);
    operator.bulk(&[]).ended(0);
    let ran = operator
        .bulk(&[])
        .ended(0)
        .says("this list is finished, nothing is sent");
    let way = ran
        .err
        .lines()
        .find_map(|line| line.split_once("its journal: "))
        .expect("how")
        .1;
    assert_eq!(way, "rm accounts.txt.journal");
    assert_eq!(operator.service.requests_total(), 3);
}

#[test]
fn an_empty_list_is_a_success_without_items() {
    let operator = Operator::new();
    for (file, text) in [
        ("accounts.txt", ""),
        ("accounts.txt", "\n\n"),
        ("list.csv", "\n"),
        ("list.jsonl", ""),
    ] {
        operator.write(file, text);
        for more in [&[][..], &["--dry-run"]] {
            let arguments = [&["bulk", "del-group", file, "--group", "g", "--json"], more].concat();
            let ran = operator.run(&arguments).ended(0).says("there is no item in it");
            assert_eq!(ran.object()["items"], 0, "{file}");
        }
    }
    let mut piped = operator.command(&["bulk", "del-group", "-", "--group", "g", "--journal", "j"]);
    let ran = Ran::from(piped.stdin(Stdio::null()).output().unwrap()).ended(0);
    assert!(ran.out.contains("items                 0"), "{}", ran.out);
    assert_eq!(operator.service.requests_total(), 0);
    let left = std::fs::read_dir(operator.folder.path()).unwrap().count();
    assert_eq!(left, 3, "only the lists");
}
