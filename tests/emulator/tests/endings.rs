//! Tests of connections that end or fall silent: at every phase of a connection's life, over HTTP and HTTPS, the
//! client sees what the fault says, and log, counters and state tell whether the call was carried out and how far it was
//! answered.

use std::io::{self, ErrorKind};
use std::time::{Duration, Instant};

use crate::caller::*;
use chat_emulator::{Answered, Certificate, Ending, Fault, Listener, LoggedRequest, Phase, Play};
use serde_json::json;

const BODY: &[u8] = br#"{"From_Account":"user_0001","GroupName":["a"]}"#;
const PHASES: [Phase; 4] = [Phase::Request, Phase::Answer, Phase::Head, Phase::Body];

/// A listener of its own, and the emulator behind it with group `a`.
struct Scene {
    listener: Listener,
    setup: Setup,
}

impl Scene {
    fn set() -> Self {
        let setup = Setup::open();
        setup.create("a", json!([]));
        let listener = setup.emulator.open_listener(Certificate::Valid).unwrap();
        Self { listener, setup }
    }

    fn wire(&self, tls: bool) -> Wire {
        if tls {
            Wire::https_at(self.listener.tls_url(), self.setup.emulator.ca_pem())
        } else {
            Wire::http(self.listener.url())
        }
    }

    fn send(&self, wire: &mut Wire) -> io::Result<()> {
        wire.send("POST", &self.setup.target(DELETE), BODY)
    }

    fn ask(&self, wire: &mut Wire) -> i64 {
        wire.ask("POST", &self.setup.target(DELETE), BODY).code()
    }

    /// The request that came, once it is known how far it was answered.
    fn only(&self) -> LoggedRequest {
        let mut requests = self.listener.requests();
        assert_eq!(requests.len(), 1);
        requests.remove(0)
    }

    fn group_is_there(&self) -> bool {
        !self.setup.emulator.state().accounts["user_0001"].groups.is_empty()
    }
}

fn is_as_told(end: &io::Result<()>, ending: Ending) -> bool {
    match ending {
        Ending::Fin => end.is_ok(),
        Ending::Reset => end.as_ref().is_err_and(|e| e.kind() == ErrorKind::ConnectionReset),
    }
}

/// What the client and the log have to see of a call that breaks off there.
fn expected(phase: Phase) -> (usize, bool, Option<Answered>) {
    match phase {
        Phase::Request => (0, false, None),
        Phase::Answer => (0, false, Some(Answered::No)),
        Phase::Head => (10, true, Some(Answered::Cut)),
        _ => (100, true, Some(Answered::Cut)),
    }
}

#[test]
fn a_call_breaks_off_where_and_how_the_fault_says() {
    for tls in [false, true] {
        for phase in PHASES {
            for ending in [Ending::Fin, Ending::Reset] {
                let scene = Scene::set();
                let what = format!("{phase:?} {ending:?} tls {tls}");
                scene.listener.fault(Fault::drop_at(ending, phase));
                let mut wire = scene.wire(tls);
                scene.send(&mut wire).unwrap();
                let (bytes, end) = wire.rest();
                assert!(is_as_told(&end, ending), "{what}: {end:?}");
                let (least, applied, answered) = expected(phase);
                assert!(
                    bytes.len() >= least && (least > 0 || bytes.is_empty()),
                    "{what}: {bytes:?}"
                );
                assert_eq!(scene.group_is_there(), !applied, "{what}");
                let seen: Vec<_> = scene
                    .listener
                    .requests()
                    .iter()
                    .map(|r| (r.applied, r.answered))
                    .collect();
                assert_eq!(
                    seen,
                    answered
                        .map(|answered| (applied, answered))
                        .into_iter()
                        .collect::<Vec<_>>(),
                    "{what}"
                );
                assert_eq!(scene.listener.played().values().sum::<u64>(), 1, "{what}");
            }
        }
    }
}

#[test]
fn a_head_breaks_off_within_the_head_and_a_body_within_the_body() {
    let scene = Scene::set();
    scene.listener.fault(Fault::drop_at(Ending::Fin, Phase::Head));
    let mut wire = scene.wire(false);
    scene.send(&mut wire).unwrap();
    let (bytes, _) = wire.rest();
    assert!(bytes.starts_with(b"HTTP/1.1 200 OK\r\n") && !bytes.ends_with(b"\r\n\r\n"));
    assert_eq!((scene.only().status, scene.only().answer), (None, None));
    scene.listener.reset();
    scene.listener.fault(Fault::drop_at(Ending::Reset, Phase::Body));
    let mut wire = scene.wire(false);
    scene.send(&mut wire).unwrap();
    let text = String::from_utf8(wire.rest().0).unwrap();
    let (head, body) = text.split_once("\r\n\r\n").unwrap();
    let declared: usize = head.rsplit_once("content-length: ").unwrap().1.parse().unwrap();
    assert_eq!(body.len(), declared / 2);
    assert_eq!(
        (scene.only().status, scene.only().answer.as_deref()),
        (Some(200), Some(body))
    );
    assert_eq!(scene.only().code, None);
}

#[test]
fn a_call_falls_silent_where_the_fault_says_until_the_faults_are_cleared() {
    for tls in [false, true] {
        for phase in PHASES {
            let scene = Scene::set();
            scene.listener.fault(Fault::hang_at(phase));
            let mut wire = scene.wire(tls);
            scene.send(&mut wire).unwrap();
            let (least, applied, _) = expected(phase);
            assert_eq!(wire.take(least as u64), least, "{phase:?} tls {tls}");
            wait_until("met", || scene.listener.faults().is_empty());
            let more = wire.until_silence(Duration::from_millis(150));
            assert!(least > 0 || more.is_empty(), "{phase:?} tls {tls}: {more:?}");
            assert_eq!(scene.group_is_there(), !applied, "{phase:?} tls {tls}");
            assert_eq!(scene.listener.counters().connections_open, 1);
            scene.listener.clear_faults();
            let (more, _) = wire.rest();
            assert!(more.is_empty(), "{phase:?} tls {tls}");
        }
    }
}

#[test]
fn a_silent_connection_goes_when_its_client_goes() {
    let scene = Scene::set();
    for phase in [Phase::Accept, Phase::Request, Phase::Head, Phase::Body] {
        scene.listener.fault(Fault::hang_at(phase));
        let mut wire = scene.wire(false);
        scene.send(&mut wire).unwrap();
        wait_until("played", || scene.listener.faults().is_empty());
        assert_eq!(scene.listener.counters().connections_open, 1, "{phase:?}");
        drop(wire);
        wait_until("closed", || scene.listener.counters().connections_open == 0);
    }
}

#[test]
fn a_new_connection_is_ended_or_left_alone_before_anything_is_read() {
    for tls in [false, true] {
        for ending in [Ending::Fin, Ending::Reset] {
            let scene = Scene::set();
            scene.listener.fault(Fault::drop_at(ending, Phase::Accept).skip(1));
            let mut first = scene.wire(tls);
            assert_eq!(scene.ask(&mut first), 0, "skip counts connections");
            let mut second = scene.wire(tls);
            // The reset may be there before the request is.
            let sent = scene.send(&mut second);
            let (bytes, end) = second.rest();
            assert!(bytes.is_empty());
            assert!(
                is_as_told(&end, ending) || (ending == Ending::Reset && sent.is_err()),
                "{ending:?} tls {tls}: {sent:?} {end:?}"
            );
            assert_eq!(scene.listener.requests_total(), 1);
            assert_eq!(scene.ask(&mut scene.wire(tls)), 51009);
            assert_eq!(scene.listener.counters().connections_accepted, 3);
        }
        let scene = Scene::set();
        scene.listener.fault(Fault::hang_at(Phase::Accept));
        let mut silent = scene.wire(tls);
        silent.patience(Duration::from_millis(150));
        let asked = scene.send(&mut silent).and_then(|()| silent.end());
        assert!(matches!(
            asked.unwrap_err().kind(),
            ErrorKind::WouldBlock | ErrorKind::TimedOut
        ));
        assert_eq!(scene.listener.requests_total(), 0);
    }
}

#[test]
fn a_handshake_is_ended_or_left_alone_and_a_plain_connection_meets_no_such_fault() {
    for fault in [
        Fault::drop_at(Ending::Fin, Phase::Handshake),
        Fault::drop_at(Ending::Reset, Phase::Handshake),
        Fault::hang_at(Phase::Handshake),
    ] {
        let scene = Scene::set();
        scene.listener.fault(fault.clone());
        assert_eq!(scene.ask(&mut scene.wire(false)), 0);
        assert_eq!(scene.listener.faults().len(), 1);
        let mut wire = scene.wire(true);
        if fault == Fault::hang_at(Phase::Handshake) {
            wire.patience(Duration::from_millis(150));
        }
        let error = scene.send(&mut wire).unwrap_err();
        let kinds: &[ErrorKind] = if fault == Fault::hang_at(Phase::Handshake) {
            &[ErrorKind::WouldBlock, ErrorKind::TimedOut]
        } else if fault == Fault::drop_at(Ending::Fin, Phase::Handshake) {
            &[ErrorKind::UnexpectedEof]
        } else {
            &[ErrorKind::ConnectionReset]
        };
        assert!(kinds.contains(&error.kind()), "{fault:?}: {error:?}");
        drop(wire);
        wait_until("counted", || scene.listener.counters().tls_failed == 1);
        assert_eq!(scene.ask(&mut scene.wire(true)), 51009);
        assert_eq!(scene.listener.counters().tls_full, 1);
    }
}

#[test]
fn a_slow_handshake_is_slow_and_completes() {
    let scene = Scene::set();
    scene
        .listener
        .fault(Fault::play(Play::HandshakeDelay(Duration::from_millis(200))));
    let start = Instant::now();
    assert_eq!(scene.ask(&mut scene.wire(true)), 0);
    assert!(start.elapsed() >= Duration::from_millis(200));
    // The server's flight is over 500 bytes: at least 5 pieces of 100, with a pause before each.
    let every = Duration::from_millis(30);
    scene
        .listener
        .fault(Fault::play(Play::HandshakeDrip { every, bytes: 100 }));
    let start = Instant::now();
    let mut wire = scene.wire(true);
    assert_eq!(scene.ask(&mut wire), 51009);
    assert!(start.elapsed() >= 5 * every);
    assert_eq!(scene.listener.counters().tls_full, 2);
}

#[test]
fn a_kept_connection_ends_before_its_next_request_is_parsed() {
    for tls in [false, true] {
        for ending in [Ending::Fin, Ending::Reset] {
            let scene = Scene::set();
            scene.listener.fault(Fault::drop_at(ending, Phase::Request).skip(2));
            let mut wire = scene.wire(tls);
            assert_eq!(scene.ask(&mut wire), 0);
            assert_eq!(scene.ask(&mut wire), 51009);
            scene.send(&mut wire).unwrap();
            assert!(is_as_told(&wire.end(), ending), "{ending:?} tls {tls}");
            assert_eq!(scene.listener.requests_total(), 2);
        }
    }
}

#[test]
fn an_idle_connection_ends_after_the_silence_it_was_given() {
    for tls in [false, true] {
        for ending in [Ending::Fin, Ending::Reset] {
            let scene = Scene::set();
            let silence = Duration::from_millis(60);
            scene.listener.fault(Fault::drop_at(ending, Phase::Idle(silence)));
            let mut wire = scene.wire(tls);
            let start = Instant::now();
            assert_eq!(scene.ask(&mut wire), 0);
            assert!(is_as_told(&wire.end(), ending), "{ending:?} tls {tls}");
            assert!(start.elapsed() >= silence);
            assert_eq!((scene.only().applied, scene.only().answered), (true, Answered::Whole));
        }
    }
}

#[test]
fn a_request_that_comes_in_time_keeps_the_connection() {
    let scene = Scene::set();
    let silence = Duration::from_secs(60);
    scene
        .listener
        .fault(Fault::drop_at(Ending::Reset, Phase::Idle(silence)));
    scene.listener.fault(Fault::play(Play::Idle408Close(silence)));
    for tls in [false, true] {
        let mut wire = scene.wire(tls);
        for _ in 0..3 {
            scene.ask(&mut wire);
        }
    }
    let connections: Vec<u64> = scene.listener.requests().iter().map(|r| r.connection).collect();
    assert_eq!(connections, [1, 1, 1, 2, 2, 2]);
}

#[test]
fn clearing_the_faults_keeps_an_idle_connection() {
    let scene = Scene::set();
    scene
        .listener
        .fault(Fault::drop_at(Ending::Fin, Phase::Idle(Duration::from_secs(60))));
    let mut wire = scene.wire(false);
    assert_eq!(scene.ask(&mut wire), 0);
    scene.listener.clear_faults();
    assert_eq!(scene.ask(&mut wire), 51009);
    assert_eq!(scene.listener.counters().connections_accepted, 1);
}

#[test]
fn an_idle_connection_gets_a_408_that_nobody_asked_for() {
    for tls in [false, true] {
        let scene = Scene::set();
        let after = Duration::from_millis(30);
        scene.listener.fault(Fault::play(Play::Idle408(after)));
        let mut wire = scene.wire(tls);
        assert_eq!(scene.ask(&mut wire), 0);
        let unasked = wire.read_answer().unwrap();
        assert_eq!((unasked.status, unasked.header("connection")), (408, None));
        assert_eq!(scene.ask(&mut wire), 51009, "the connection stays");
        scene.listener.fault(Fault::play(Play::Idle408Close(after)));
        assert_eq!(scene.ask(&mut wire), 51009);
        let unasked = wire.read_answer().unwrap();
        assert_eq!((unasked.status, unasked.header("connection")), (408, Some("close")));
        wire.end().unwrap();
        assert_eq!(scene.listener.requests_total(), 3);
    }
}

#[test]
fn an_applied_call_loses_its_answer_in_each_form() {
    for fault in [
        Fault::drop_connection(Ending::Reset),
        Fault::drop_connection(Ending::Fin),
        Fault::hang(),
    ] {
        let scene = Scene::set();
        scene.listener.fault(fault.applied());
        let mut wire = scene.wire(false);
        scene.send(&mut wire).unwrap();
        wait_until("applied", || !scene.group_is_there());
        let bytes = wire.until_silence(Duration::from_millis(150));
        assert!(bytes.is_empty());
        assert_eq!((scene.only().applied, scene.only().answered), (true, Answered::No));
        let counters = scene.listener.counters();
        assert_eq!(
            (
                counters.requests,
                counters.applied,
                counters.answered_whole,
                counters.unanswered
            ),
            (1, 1, 0, 1)
        );
    }
}

#[test]
fn an_answer_that_its_client_did_not_take_is_not_told_as_whole() {
    let scene = Scene::set();
    // More than the kernel buffers of a loopback connection hold.
    scene.listener.fault(Fault::play(Play::Huge { mib: 64 }));
    let mut wire = scene.wire(false);
    scene.send(&mut wire).unwrap();
    assert_eq!(wire.take(1000), 1000);
    drop(wire);
    wait_until("closed", || scene.listener.counters().connections_open == 0);
    assert_eq!(scene.only().answered, Answered::Cut);
    scene.listener.reset();
    scene.listener.fault(Fault::answer(chat_emulator::RawAnswer {
        status: 200,
        headers: Default::default(),
        body: "y".repeat(32 * 1024 * 1024),
    }));
    let mut wire = scene.wire(false);
    scene.send(&mut wire).unwrap();
    assert_eq!(wire.take(1000), 1000);
    drop(wire);
    wait_until("closed", || scene.listener.counters().connections_open == 0);
    assert_eq!(scene.only().answered, Answered::Cut, "by HTTP itself");
}
