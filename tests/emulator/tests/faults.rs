//! Promises about faults: each plays as described on a real connection, the log tells whether the call was carried out,
//! and nothing of one test reaches the next.

use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::time::{Duration, Instant};

use crate::caller::*;
use chat_emulator::{Ending, Fault, LoggedRequest, RawAnswer};
use serde_json::json;

const BODY: &[u8] = br#"{"From_Account":"user_0001","GroupName":["a"]}"#;

/// A desk with group `a`; making it was the first request.
fn desk_with_group() -> Desk {
    let desk = Desk::open();
    assert_eq!(desk.create("a", json!([]))["ErrorCode"], 0);
    desk
}

fn group_is_there(desk: &Desk) -> bool {
    !desk.emulator.state().accounts["user_0001"].groups.is_empty()
}

fn last(desk: &Desk) -> LoggedRequest {
    desk.emulator.requests().pop().unwrap()
}

fn send_delete(desk: &Desk, wire: &mut Wire) {
    wire.send("POST", &desk.target(DELETE), BODY).unwrap();
}

fn wait_until(what: &str, condition: impl Fn() -> bool) {
    let start = Instant::now();
    while !condition() {
        assert!(start.elapsed() < Duration::from_secs(30), "{what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn a_code_is_answered_as_often_as_asked_and_the_call_is_not_carried_out() {
    let desk = desk_with_group();
    desk.emulator.fault(Fault::code(50004).on(DELETE).times(2));
    desk.emulator.fault(Fault::code(50005).on(DELETE));
    assert_eq!(desk.get(0)["ErrorCode"], 0, "another path");
    let codes: Vec<_> = (0..4)
        .map(|_| desk.delete("a")["ErrorCode"].as_i64().unwrap())
        .collect();
    assert_eq!(codes, [50004, 50004, 50005, 0]);
    let log = desk.emulator.requests();
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
    let desk = desk_with_group();
    desk.emulator.fault(Fault::code(50004).skip(2));
    let codes: Vec<_> = (0..4).map(|_| desk.get(0)["ErrorCode"].as_i64().unwrap()).collect();
    assert_eq!(codes, [0, 0, 50004, 0]);
}

#[test]
fn an_applied_call_has_its_effect_though_the_answer_says_otherwise() {
    let desk = desk_with_group();
    desk.emulator.fault(Fault::code(50005).applied());
    assert_eq!(desk.delete("a")["ErrorCode"], 50005);
    assert!(!group_is_there(&desk));
    assert!(last(&desk).applied);
    desk.emulator.fault(Fault::code(50005).applied());
    assert_eq!(desk.delete("a")["ErrorCode"], 50005);
    assert!(!last(&desk).applied, "a refused call has no effect");
}

#[test]
fn a_delayed_call_is_answered_normally_and_not_early() {
    let desk = desk_with_group();
    desk.emulator.fault(Fault::delay(Duration::from_millis(300)));
    let start = Instant::now();
    assert_eq!(desk.delete("a")["ErrorCode"], 0);
    assert!(start.elapsed() >= Duration::from_millis(300));
    assert_eq!(last(&desk).fault.as_deref(), Some("delay_ms 300"));
}

#[test]
fn a_delayed_call_is_carried_out_although_its_client_has_gone() {
    let desk = desk_with_group();
    desk.emulator.fault(Fault::delay(Duration::from_millis(200)));
    let mut wire = desk.wire();
    send_delete(&desk, &mut wire);
    assert!(desk.emulator.wait_for_requests(2, Duration::from_secs(30)));
    drop(wire);
    assert!(group_is_there(&desk));
    wait_until("carried out", || !group_is_there(&desk));
    wait_until("told by the log", || last(&desk).applied);
    assert_eq!(
        (last(&desk).status, last(&desk).answer),
        (None, None),
        "no answer was sent"
    );
}

#[test]
fn a_delayed_call_of_a_finished_test_does_not_reach_the_next() {
    let desk = Desk::open();
    desk.emulator.fault(Fault::delay(Duration::from_millis(200)));
    let mut wire = desk.wire();
    send_delete(&desk, &mut wire);
    assert!(desk.emulator.wait_for_requests(1, Duration::from_secs(30)));
    desk.emulator.reset();
    wire.end().unwrap();
    desk.create("a", json!([]));
    std::thread::sleep(Duration::from_millis(300));
    assert!(group_is_there(&desk));
}

#[test]
fn a_hanging_call_is_logged_and_never_answered_until_the_faults_are_cleared() {
    let desk = desk_with_group();
    desk.emulator.fault(Fault::hang());
    let mut wire = desk.wire();
    send_delete(&desk, &mut wire);
    assert!(desk.emulator.wait_for_requests(2, Duration::from_secs(30)));
    wire.patience(Duration::from_millis(200));
    let silence = wire.end().unwrap_err();
    assert!(
        matches!(silence.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut),
        "{silence}"
    );
    let logged = last(&desk);
    assert_eq!(
        (logged.path.as_str(), logged.status, logged.code, logged.answer),
        ("/v4/recentcontact/del_contact_group", None, None, None)
    );
    assert_eq!(desk.get(0)["ErrorCode"], 0, "others are served meanwhile");
    desk.emulator.clear_faults();
    wire.patience(Duration::from_secs(30));
    wire.end().unwrap();
    assert!(group_is_there(&desk));
}

#[test]
fn a_hanging_call_ends_with_the_emulator() {
    let desk = desk_with_group();
    desk.emulator.fault(Fault::hang());
    let mut wire = desk.wire();
    send_delete(&desk, &mut wire);
    assert!(desk.emulator.wait_for_requests(2, Duration::from_secs(30)));
    drop(desk);
    assert!(wire.end().is_ok());
}

#[test]
fn a_dropped_connection_ends_orderly_or_by_reset() {
    let desk = desk_with_group();
    for tls in [false, true] {
        let wire = || if tls { Wire::https(&desk.emulator) } else { desk.wire() };
        desk.emulator.fault(Fault::drop_connection(Ending::Fin));
        let mut orderly = wire();
        send_delete(&desk, &mut orderly);
        orderly.end().unwrap();

        desk.emulator.fault(Fault::drop_connection(Ending::Reset));
        let mut reset = wire();
        send_delete(&desk, &mut reset);
        assert_eq!(reset.end().unwrap_err().kind(), ErrorKind::ConnectionReset);
        assert_eq!(
            (last(&desk).status, last(&desk).fault.as_deref()),
            (None, Some("drop reset"))
        );
    }
    assert!(group_is_there(&desk));
}

#[test]
fn a_call_can_be_applied_and_its_answer_lost() {
    let desk = desk_with_group();
    desk.emulator.fault(Fault::drop_connection(Ending::Reset).applied());
    let mut wire = desk.wire();
    send_delete(&desk, &mut wire);
    wire.end().unwrap_err();
    assert!(!group_is_there(&desk));
    assert!(last(&desk).applied && last(&desk).answer.is_none());
}

#[test]
fn a_raw_answer_is_sent_as_it_is() {
    let desk = desk_with_group();
    desk.emulator.fault(Fault::answer(RawAnswer {
        status: 502,
        headers: BTreeMap::from([
            ("Content-Type".into(), "text/html".into()),
            ("X-Gate".into(), "1".into()),
        ]),
        body: "<html>Bad Gateway</html>".into(),
    }));
    let mut wire = desk.wire();
    let answer = wire.ask("POST", &desk.target(DELETE), BODY);
    assert_eq!(answer.status, 502);
    assert_eq!(answer.body, b"<html>Bad Gateway</html>");
    assert_eq!(
        (answer.header("content-type"), answer.header("x-gate")),
        (Some("text/html"), Some("1"))
    );
    assert_eq!((last(&desk).status, last(&desk).code), (Some(502), None));
    assert_eq!(
        wire.ask("POST", &desk.target(DELETE), BODY).code(),
        0,
        "the connection lives on"
    );
}

#[test]
fn an_empty_200_is_possible() {
    let desk = desk_with_group();
    desk.emulator.fault(Fault::answer(RawAnswer {
        status: 200,
        headers: BTreeMap::new(),
        body: String::new(),
    }));
    let answer = desk.wire().ask("POST", &desk.target(DELETE), BODY);
    assert_eq!((answer.status, answer.body.len()), (200, 0));
}

#[test]
fn a_cut_answer_declares_all_and_sends_a_part() {
    let desk = desk_with_group();
    let whole = desk.get(0).to_string().len();
    for tls in [false, true] {
        for bytes in [0, 1, 10] {
            desk.emulator.fault(Fault::cut(bytes));
            let mut wire = if tls { Wire::https(&desk.emulator) } else { desk.wire() };
            wire.send(
                "POST",
                &desk.target(GET),
                br#"{"From_Account":"user_0001","StartIndex":0}"#,
            )
            .unwrap();
            let answer = wire.read_answer().unwrap();
            assert_eq!(answer.status, 200);
            assert_eq!(answer.header("content-length").unwrap(), whole.to_string());
            assert_eq!(answer.body.len(), bytes, "tls: {tls}");
            wire.end().unwrap();
            let logged = last(&desk);
            assert_eq!(
                (logged.applied, logged.code, logged.answer.unwrap().len()),
                (true, None, bytes)
            );
        }
    }
}

#[test]
fn a_cut_beyond_the_end_sends_all_and_closes() {
    let desk = desk_with_group();
    for (mut wire, code) in [(desk.wire(), 0), (Wire::https(&desk.emulator), 51009)] {
        desk.emulator.fault(Fault::cut(1_000_000));
        assert_eq!(wire.ask("POST", &desk.target(DELETE), BODY).code(), code);
        wire.end().unwrap();
    }
}

#[test]
fn a_large_answer_is_cut_where_asked() {
    let desk = Desk::open();
    desk.emulator.fault(Fault::answer(RawAnswer {
        status: 200,
        headers: BTreeMap::new(),
        body: "y".repeat(5_000_000),
    }));
    assert_eq!(desk.wire().ask("POST", &desk.target(GET), b"{}").body.len(), 5_000_000);
    for n in 0..9 {
        desk.create(&format!("g{n}"), users(&format!("{}-{n}-", "long".repeat(20)), 100));
    }
    desk.emulator.set_settings(chat_emulator::Settings {
        page_size: 1000,
        cloud_conversations: 1000,
        ..chat_emulator::Settings::default()
    });
    let body = br#"{"From_Account":"user_0001","StartIndex":0}"#;
    for mut wire in [desk.wire(), Wire::https(&desk.emulator)] {
        desk.emulator.fault(Fault::cut(100_000));
        let answer = wire.ask("POST", &desk.target(GET), body);
        assert_eq!(answer.body.len(), 100_000);
        assert!(answer.header("content-length").unwrap().parse::<usize>().unwrap() > 100_000);
    }
}

#[test]
fn a_fault_without_end_lasts_until_cleared() {
    let desk = desk_with_group();
    desk.emulator.fault(Fault::code(60008).times(0));
    for _ in 0..10 {
        assert_eq!(desk.get(0)["ErrorCode"], 60008);
    }
    assert_eq!(desk.emulator.faults().len(), 1);
    desk.emulator.clear_faults();
    assert_eq!(desk.get(0)["ErrorCode"], 0);
}

#[test]
fn faults_meet_requests_that_the_service_would_refuse_too() {
    let desk = Desk::open();
    desk.emulator.fault(Fault::code(60018));
    assert_eq!(desk.code_as("administrator", "nonsense"), 60018);
    assert_eq!(desk.code_as("administrator", "nonsense"), 70003);
}
