//! Tests of extra listeners: one service behind all, and a script, log, counters, rates and certificate for each, so
//! that tests that run side by side do not see each other's.

use std::sync::Arc;
use std::time::Duration;

use crate::caller::*;
use chat_emulator::{Answered, Certificate, Config, Counters, Ending, Fault, Phase, Play};
use serde_json::{json, Value};
use tokio_rustls::rustls::pki_types::ServerName;
use tokio_rustls::rustls::{ClientConnection, StreamOwned};

const BODY: &[u8] = br#"{"From_Account":"user_0001","GroupName":["a"]}"#;

fn code(setup: &Setup, url: &str) -> i64 {
    Wire::http(url).ask("POST", &setup.target(DELETE), BODY).code()
}

#[test]
fn listeners_share_the_state_and_nothing_else() {
    let setup = Setup::open();
    let first = setup.emulator.open_listener(Certificate::Valid).unwrap();
    let second = setup.emulator.open_listener(Certificate::Valid).unwrap();
    setup.create("a", json!([]));
    first.fault(Fault::code(60008));
    assert_eq!(
        code(&setup, second.url()),
        0,
        "the group that was made on the main port"
    );
    assert_eq!(code(&setup, first.url()), 60008);
    assert_eq!(code(&setup, first.url()), 51009);
    assert_eq!(
        (
            setup.emulator.requests_total(),
            first.requests_total(),
            second.requests_total()
        ),
        (1, 2, 1)
    );
    assert_eq!((first.id(), second.id()), (1, 2));
    assert_eq!(first.requests()[1].listener_id, 1);
    assert_eq!(first.requests()[1].number, 2);
    assert_eq!(first.played()["code 60008"], 1);
    assert!(second.played().is_empty() && setup.emulator.played().is_empty());
    assert_eq!(first.rates()[DELETE].calls, 2);
    assert_eq!(setup.emulator.rates().get(DELETE), None);
    assert!(first.wait_for_requests(2, Duration::ZERO));
    first.forget_requests();
    assert_eq!((first.requests().len(), first.requests_total()), (0, 2));
}

#[test]
fn the_counters_tell_connections_handshakes_and_what_became_of_requests() {
    let setup = Setup::open();
    setup.create("a", json!([]));
    let listener = setup.emulator.open_listener(Certificate::Valid).unwrap();
    let authority = listener.tls_url().strip_prefix("https://").unwrap();
    let client = Arc::new(trusting(setup.emulator.ca_pem()));
    for _ in 0..2 {
        let name = ServerName::try_from("localhost").unwrap();
        let session = ClientConnection::new(Arc::clone(&client), name).unwrap();
        let tcp = connected(authority);
        let mut wire = Wire::http(listener.url());
        wire.stream = Box::new(StreamOwned::new(session, tcp));
        wire.ask("POST", &setup.target(DELETE), BODY);
    }
    drop(connected(authority));
    listener.fault(Fault::hang());
    listener.fault(Fault::cut(3));
    let mut hanging = Wire::http(listener.url());
    hanging.send("POST", &setup.target(DELETE), BODY).unwrap();
    assert!(listener.wait_for_requests(3, Duration::from_secs(30)));
    Wire::http(listener.url()).ask("POST", &setup.target(DELETE), BODY);
    wait_until("counted", || {
        let now = listener.counters();
        now.connections_open == 1 && now.tls_failed == 1
    });
    let expected = Counters {
        // Two of HTTP that the loop above opened and left, two of HTTPS, the one that said nothing, the last two.
        connections_accepted: 7,
        connections_open: 1,
        tls_full: 1,
        tls_resumed: 1,
        tls_failed: 1,
        requests: 4,
        applied: 1,
        answered_whole: 2,
        answered_cut: 1,
        unanswered: 1,
    };
    assert_eq!(listener.counters(), expected);
    let told = done(&setup, "GET", "/listeners/1/counters", "");
    assert_eq!(told, serde_json::to_value(expected).unwrap());
    listener.reset();
    wait_until("let go", || listener.counters().connections_open == 0);
    assert_eq!(listener.counters(), Counters::default());
    assert_eq!(setup.emulator.counters().requests, 1);
}

#[test]
fn each_listener_shows_its_certificate_with_that_flaw_alone() {
    let setup = Setup::open();
    for (certificate, says) in [
        (Certificate::Expired, "expired"),
        (Certificate::WrongName, "not valid for name"),
        (Certificate::UnknownCa, "UnknownIssuer"),
    ] {
        let listener = setup.emulator.open_listener(certificate).unwrap();
        let mut wire = Wire::https_at(listener.tls_url(), setup.emulator.ca_pem());
        let error = wire.send("POST", &setup.target(GET), b"{}").unwrap_err().to_string();
        assert!(error.contains(says), "{certificate:?}: {error}");
        assert_eq!(listener.requests_total(), 0);
        wait_until("counted", || listener.counters().tls_failed == 1);
        assert_eq!(code(&setup, listener.url()), 51009, "plain HTTP is not concerned");
    }
    let valid = setup.emulator.open_listener(Certificate::Valid).unwrap();
    let mut wire = Wire::https_at(valid.tls_url(), setup.emulator.ca_pem());
    assert_eq!(wire.ask("POST", &setup.target(DELETE), BODY).code(), 51009);
}

#[test]
fn a_name_wrong_for_the_host_is_right_for_its_own() {
    let setup = Setup::open();
    let listener = setup.emulator.open_listener(Certificate::WrongName).unwrap();
    let authority = listener.tls_url().strip_prefix("https://").unwrap();
    let mut wire = Wire::tls_over(connected(authority), setup.emulator.ca_pem(), "wrong-name.example");
    assert_eq!(wire.ask("POST", &setup.target(DELETE), BODY).code(), 51009);
}

#[test]
fn a_dropped_listener_has_let_go_of_ports_and_connections() {
    let setup = Setup::open();
    let listener = setup.emulator.open_listener(Certificate::Valid).unwrap();
    let authority = listener.url().strip_prefix("http://").unwrap().to_owned();
    listener.fault(Fault::hang());
    let (mut hanging, mut idle) = (Wire::http(listener.url()), Wire::http(listener.url()));
    hanging.send("POST", &setup.target(DELETE), BODY).unwrap();
    assert!(listener.wait_for_requests(1, Duration::from_secs(30)));
    assert_eq!(idle.ask("POST", &setup.target(DELETE), BODY).code(), 51009);
    drop(listener);
    assert!(std::net::TcpStream::connect(&authority).is_err());
    hanging.end().unwrap();
    idle.end().unwrap();
    assert_eq!(done(&setup, "GET", "/listeners", ""), json!([]));
    assert_eq!(setup.get(0)["ErrorCode"], 0, "the emulator goes on");
}

#[test]
fn a_listener_may_outlive_its_emulator() {
    let setup = Setup::open();
    let ca = setup.emulator.ca_file().to_owned();
    let listener = setup.emulator.open_listener(Certificate::Valid).unwrap();
    let authority = listener.url().strip_prefix("http://").unwrap().to_owned();
    drop(setup);
    assert!(!ca.exists());
    assert!(std::net::TcpStream::connect(&authority).is_err());
    assert_eq!(listener.requests_total(), 0);
    drop(listener);
}

#[test]
fn the_admin_port_opens_scripts_reads_and_closes_a_listener() {
    let setup = Setup::open();
    let opened = done(&setup, "POST", "/listeners", "");
    assert_eq!((&opened["id"], &opened["certificate"]), (&json!(1), &json!("valid")));
    assert_eq!(opened["ca_file"], setup.emulator.ca_file().to_str().unwrap());
    let flawed = done(&setup, "POST", "/listeners", r#"{"certificate":"wrong_name"}"#);
    assert_eq!(
        (&flawed["id"], &flawed["certificate"]),
        (&json!(2), &json!("wrong_name"))
    );
    assert_eq!(done(&setup, "GET", "/listeners", ""), json!([opened, flawed]));

    let url = opened["url"].as_str().unwrap();
    done(
        &setup,
        "POST",
        "/listeners/1/faults",
        r#"[{"code":50004},{"play":"html_502","applied":true}]"#,
    );
    assert_eq!(
        done(&setup, "GET", "/listeners/1/faults", "").as_array().unwrap().len(),
        2
    );
    assert_eq!(done(&setup, "GET", "/faults", ""), json!([]));
    assert_eq!(code(&setup, url), 50004);
    assert_eq!(Wire::http(url).ask("POST", &setup.target(DELETE), BODY).status, 502);
    let played = json!({"code 50004": 1, "html_502": 1});
    assert_eq!(done(&setup, "GET", "/listeners/1/played", ""), played);
    assert_eq!(done(&setup, "GET", "/listeners/2/played", ""), json!({}));
    let log = done(&setup, "GET", "/listeners/1/log", "");
    assert_eq!(log["total"], 2);
    let entry = &log["requests"][0];
    assert_eq!(
        (&entry["listener_id"], &entry["answered"]),
        (&json!(1), &json!("whole"))
    );
    let (ms, us) = (entry["time_ms"].as_u64().unwrap(), entry["time_us"].as_u64().unwrap());
    assert_eq!(us / 1000, ms);
    assert_eq!(done(&setup, "GET", "/log", "")["total"], 0);
    assert_eq!(done(&setup, "GET", "/listeners/1/rates", "")[DELETE]["calls"], 2);

    done(&setup, "POST", "/listeners/1/faults", r#"{"hang":true,"times":0}"#);
    done(&setup, "DELETE", "/listeners/1/faults", "");
    assert_eq!(code(&setup, url), 51009);
    done(&setup, "POST", "/reset", "");
    assert_eq!(done(&setup, "GET", "/listeners/1/log", "")["total"], 3, "its own");
    done(&setup, "DELETE", "/listeners/1/log", "");
    assert_eq!(
        done(&setup, "GET", "/listeners/1/log", ""),
        json!({"total": 3, "requests": []})
    );
    done(&setup, "POST", "/listeners/1/reset", "");
    assert_eq!(done(&setup, "GET", "/listeners/1/log", "")["total"], 0);
    assert_eq!(done(&setup, "GET", "/listeners/1/played", ""), json!({}));

    done(&setup, "DELETE", "/listeners/1", "");
    assert!(std::net::TcpStream::connect(url.strip_prefix("http://").unwrap()).is_err());
    assert_eq!(done(&setup, "GET", "/listeners", ""), json!([flawed]));
}

#[test]
fn the_main_ports_are_listener_0() {
    let setup = Setup::open();
    assert_eq!(setup.emulator.id(), 0);
    setup.get(0);
    assert_eq!(
        done(&setup, "GET", "/listeners/0/log", ""),
        done(&setup, "GET", "/log", "")
    );
    done(&setup, "POST", "/listeners/0/faults", r#"{"code":50004}"#);
    assert_eq!(setup.emulator.faults().len(), 1);
    done(&setup, "POST", "/listeners/0/reset", "");
    assert_eq!((setup.emulator.faults().len(), setup.emulator.requests_total()), (0, 0));
    assert_eq!(done(&setup, "GET", "/listeners", ""), json!([]), "it is no extra one");
}

#[test]
fn a_listener_call_that_makes_no_sense_is_refused_with_what_to_do() {
    let setup = Setup::open();
    done(&setup, "POST", "/listeners", "{}");
    for (method, path, body, says) in [
        ("POST", "/listeners", r#"{"certificate":"none"}"#, "wrong_name"),
        ("POST", "/listeners", r#"{"cert":"valid"}"#, "certificate"),
        ("DELETE", "/listeners/7", "", "no listener"),
        ("DELETE", "/listeners/0", "", "closes with it"),
        ("GET", "/listeners/x/log", "", "no listener"),
        ("GET", "/listeners/1/nothing", "", "there is no such admin call"),
        ("PUT", "/listeners/1", "", "there is no such admin call"),
        ("POST", "/listeners/1/faults", r#"{"play":"dirp"}"#, "`dirp`"),
        (
            "POST",
            "/listeners/1/faults",
            r#"[{"code":1},{"drop":"fin","at":"x"}]"#,
            "`x`, expected one of `accept`",
        ),
    ] {
        let error = rejected(&setup, method, path, body);
        assert!(error.contains(says), "{error}");
    }
    assert_eq!(done(&setup, "GET", "/listeners/1/faults", ""), json!([]));
}

#[test]
fn a_fault_that_cannot_be_played_is_refused_in_rust_too() {
    let setup = Setup::open();
    for fault in [
        Fault::drop_at(Ending::Fin, Phase::Accept).on(DELETE),
        Fault::hang_at(Phase::Request).applied(),
        Fault::hang_at(Phase::Idle(Duration::ZERO)),
        Fault::play(Play::Drip {
            every: Duration::ZERO,
            bytes: 0,
        }),
    ] {
        let told = format!("{fault:?}");
        let asked = std::panic::AssertUnwindSafe(|| setup.emulator.fault(fault));
        assert!(std::panic::catch_unwind(asked).is_err(), "{told}");
    }
    assert!(setup.emulator.faults().is_empty());
}

#[test]
fn the_log_file_has_the_requests_of_all_listeners() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("requests.jsonl");
    let setup = Setup::with(Config {
        log_file: Some(file.clone()),
        ..Config::default()
    });
    let listener = setup.emulator.open_listener(Certificate::Valid).unwrap();
    listener.fault(Fault::drop_at(Ending::Reset, Phase::Body));
    setup.get(0);
    let mut wire = Wire::http(listener.url());
    wire.send("POST", &setup.target(DELETE), BODY).unwrap();
    assert!(wire.rest().1.is_err());
    let lines = || std::fs::read_to_string(&file).unwrap();
    wait_until("written", || lines().lines().count() == 2);
    let told: Vec<_> = lines()
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap())
        .map(|line| (line["listener_id"].as_u64().unwrap(), line["answered"].clone()))
        .collect();
    assert_eq!(told, [(0, json!("whole")), (1, json!("cut"))]);
    assert_eq!(listener.requests()[0].answered, Answered::Cut);
}
