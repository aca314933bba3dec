//! Tests of faults: each plays as described on a real connection, the log tells whether the call was carried out,
//! and nothing of one test reaches the next.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use crate::caller::*;
use chat_emulator::{Fault, LoggedRequest, RawAnswer};
use serde_json::json;

const BODY: &[u8] = br#"{"From_Account":"user_0001","GroupName":["a"]}"#;

/// A setup with group `a`; making it was the first request.
fn desk_with_group() -> Setup {
    let setup = Setup::open();
    assert_eq!(setup.create("a", json!([]))["ErrorCode"], 0);
    setup
}

fn group_is_there(setup: &Setup) -> bool {
    !setup.emulator.state().accounts["user_0001"].groups.is_empty()
}

fn last(setup: &Setup) -> LoggedRequest {
    setup.emulator.requests().pop().unwrap()
}

fn send_delete(setup: &Setup, wire: &mut Wire) {
    wire.send("POST", &setup.target(DELETE), BODY).unwrap();
}

#[test]
fn a_code_is_answered_as_often_as_asked_and_the_call_is_not_carried_out() {
    let setup = desk_with_group();
    setup.emulator.fault(Fault::code(50004).on(DELETE).times(2));
    setup.emulator.fault(Fault::code(50005).on(DELETE));
    assert_eq!(setup.get(0)["ErrorCode"], 0, "another path");
    let codes: Vec<_> = (0..4)
        .map(|_| setup.delete("a")["ErrorCode"].as_i64().unwrap())
        .collect();
    assert_eq!(codes, [50004, 50004, 50005, 0]);
    let log = setup.emulator.requests();
    let told: Vec<_> = log[2..]
        .iter()
        .map(|r| (r.fault.as_deref(), r.applied, r.code))
        .collect();
    assert_eq!(
        told,
        [
            (Some("code 50004"), false, Some(50004)),
            (Some("code 50004"), false, Some(50004)),
            (Some("code 50005"), false, Some(50005)),
            (None, true, Some(0)),
        ]
    );
}

#[test]
fn skipped_calls_pass() {
    let setup = desk_with_group();
    setup.emulator.fault(Fault::code(50004).skip(2));
    let codes: Vec<_> = (0..4).map(|_| setup.get(0)["ErrorCode"].as_i64().unwrap()).collect();
    assert_eq!(codes, [0, 0, 50004, 0]);
}

#[test]
fn an_applied_call_has_its_effect_though_the_answer_says_otherwise() {
    let setup = desk_with_group();
    setup.emulator.fault(Fault::code(50005).applied());
    assert_eq!(setup.delete("a")["ErrorCode"], 50005);
    assert!(!group_is_there(&setup));
    assert!(last(&setup).applied);
    setup.emulator.fault(Fault::code(50005).applied());
    assert_eq!(setup.delete("a")["ErrorCode"], 50005);
    assert!(!last(&setup).applied, "a refused call has no effect");
}

#[test]
fn a_delayed_call_is_answered_normally_and_not_early() {
    let setup = desk_with_group();
    setup.emulator.fault(Fault::delay(Duration::from_millis(300)));
    let start = Instant::now();
    assert_eq!(setup.delete("a")["ErrorCode"], 0);
    assert!(start.elapsed() >= Duration::from_millis(300));
    assert_eq!(last(&setup).fault.as_deref(), Some("delay_ms 300"));
}

#[test]
fn a_delayed_call_is_carried_out_although_its_client_has_gone() {
    let setup = desk_with_group();
    setup.emulator.fault(Fault::delay(Duration::from_millis(200)));
    let mut wire = setup.wire();
    send_delete(&setup, &mut wire);
    assert!(setup.emulator.wait_for_requests(2, Duration::from_secs(30)));
    drop(wire);
    assert!(group_is_there(&setup));
    wait_until("carried out", || !group_is_there(&setup));
    wait_until("told by the log", || last(&setup).applied);
    assert_eq!(
        (last(&setup).status, last(&setup).answer),
        (None, None),
        "no answer was sent"
    );
}

#[test]
fn a_delayed_call_of_a_finished_test_does_not_reach_the_next() {
    let setup = Setup::open();
    setup.emulator.fault(Fault::delay(Duration::from_millis(200)));
    let mut wire = setup.wire();
    send_delete(&setup, &mut wire);
    assert!(setup.emulator.wait_for_requests(1, Duration::from_secs(30)));
    setup.emulator.reset();
    wire.end().unwrap();
    setup.create("a", json!([]));
    std::thread::sleep(Duration::from_millis(300));
    assert!(group_is_there(&setup));
}

#[test]
fn a_hanging_call_ends_with_the_emulator() {
    let setup = desk_with_group();
    setup.emulator.fault(Fault::hang());
    let mut wire = setup.wire();
    send_delete(&setup, &mut wire);
    assert!(setup.emulator.wait_for_requests(2, Duration::from_secs(30)));
    drop(setup);
    assert!(wire.end().is_ok());
}

#[test]
fn a_raw_answer_is_sent_as_it_is() {
    let setup = desk_with_group();
    setup.emulator.fault(Fault::answer(RawAnswer {
        status: 502,
        headers: BTreeMap::from([
            ("Content-Type".into(), "text/html".into()),
            ("X-Gate".into(), "1".into()),
        ]),
        body: "<html>Bad Gateway</html>".into(),
    }));
    let mut wire = setup.wire();
    let answer = wire.ask("POST", &setup.target(DELETE), BODY);
    assert_eq!(answer.status, 502);
    assert_eq!(answer.body, b"<html>Bad Gateway</html>");
    assert_eq!(
        (answer.header("content-type"), answer.header("x-gate")),
        (Some("text/html"), Some("1"))
    );
    assert_eq!((last(&setup).status, last(&setup).code), (Some(502), None));
    assert_eq!(
        wire.ask("POST", &setup.target(DELETE), BODY).code(),
        0,
        "the connection lives on"
    );
}

#[test]
fn a_cut_answer_declares_all_and_sends_a_part() {
    let setup = desk_with_group();
    let whole = setup.get(0).to_string().len();
    for tls in [false, true] {
        for bytes in [0, 1, 10] {
            setup.emulator.fault(Fault::cut(bytes));
            let mut wire = if tls {
                Wire::https(&setup.emulator)
            } else {
                setup.wire()
            };
            wire.send(
                "POST",
                &setup.target(GET),
                br#"{"From_Account":"user_0001","StartIndex":0}"#,
            )
            .unwrap();
            let answer = wire.read_answer().unwrap();
            assert_eq!(answer.status, 200);
            assert_eq!(answer.header("content-length").unwrap(), whole.to_string());
            assert_eq!(answer.body.len(), bytes, "tls: {tls}");
            wire.end().unwrap();
            let logged = last(&setup);
            assert_eq!(
                (logged.applied, logged.code, logged.answer.unwrap().len()),
                (true, None, bytes)
            );
        }
    }
}

#[test]
fn a_cut_beyond_the_end_sends_all_and_closes() {
    let setup = desk_with_group();
    for (mut wire, code) in [(setup.wire(), 0), (Wire::https(&setup.emulator), 51009)] {
        setup.emulator.fault(Fault::cut(1_000_000));
        assert_eq!(wire.ask("POST", &setup.target(DELETE), BODY).code(), code);
        wire.end().unwrap();
    }
}

#[test]
fn a_large_answer_is_cut_where_asked() {
    let setup = Setup::open();
    setup.emulator.fault(Fault::answer(RawAnswer {
        status: 200,
        headers: BTreeMap::new(),
        body: "y".repeat(5_000_000),
    }));
    assert_eq!(
        setup.wire().ask("POST", &setup.target(GET), b"{}").body.len(),
        5_000_000
    );
    for n in 0..9 {
        setup.create(&format!("g{n}"), users(&format!("{}-{n}-", "long".repeat(20)), 100));
    }
    setup.emulator.set_settings(chat_emulator::Settings {
        page_size: 1000,
        cloud_conversations: 1000,
        ..chat_emulator::Settings::default()
    });
    let body = br#"{"From_Account":"user_0001","StartIndex":0}"#;
    for mut wire in [setup.wire(), Wire::https(&setup.emulator)] {
        setup.emulator.fault(Fault::cut(100_000));
        let answer = wire.ask("POST", &setup.target(GET), body);
        assert_eq!(answer.body.len(), 100_000);
        assert!(answer.header("content-length").unwrap().parse::<usize>().unwrap() > 100_000);
    }
}

#[test]
fn a_fault_without_end_lasts_until_cleared() {
    let setup = desk_with_group();
    setup.emulator.fault(Fault::code(60008).times(0));
    for _ in 0..10 {
        assert_eq!(setup.get(0)["ErrorCode"], 60008);
    }
    assert_eq!(setup.emulator.faults().len(), 1);
    setup.emulator.clear_faults();
    assert_eq!(setup.get(0)["ErrorCode"], 0);
}

#[test]
fn faults_meet_requests_that_the_service_would_refuse_too() {
    let setup = Setup::open();
    setup.emulator.fault(Fault::code(60018));
    assert_eq!(setup.code_as("administrator", "nonsense"), 60018);
    assert_eq!(setup.code_as("administrator", "nonsense"), 70003);
}
