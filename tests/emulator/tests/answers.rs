//! Tests of answers that are not what they should be: each named fault puts on the wire what its name says, over
//! HTTP and HTTPS, and the log tells how far the answer got and never the signature.

use std::time::{Duration, Instant};

use crate::caller::*;
use chat_emulator::{Answered, Fault, Play};
use serde_json::{json, Value};

const BODY: &[u8] = br#"{"From_Account":"user_0001","GroupName":["a"]}"#;
const TICK: Duration = Duration::from_millis(2);

fn desk_with_group() -> Setup {
    let setup = Setup::open();
    setup.create("a", json!([]));
    setup.emulator.forget_requests();
    setup
}

fn wires(setup: &Setup) -> [Wire; 2] {
    [setup.wire(), Wire::https(&setup.emulator)]
}

fn ask(setup: &Setup, wire: &mut Wire) -> Answer {
    wire.ask("POST", &setup.target(DELETE), BODY)
}

fn played(setup: &Setup, wire: &mut Wire, play: Play) -> Answer {
    setup.emulator.fault(Fault::play(play));
    ask(setup, wire)
}

fn answered(setup: &Setup) -> Answered {
    setup.emulator.requests().pop().unwrap().answered
}

fn group_is_there(setup: &Setup) -> bool {
    !setup.emulator.state().accounts["user_0001"].groups.is_empty()
}

/// Asks, and leaves the reading to the test.
fn begun(setup: &Setup, wire: &mut Wire, play: Play) {
    setup.emulator.fault(Fault::play(play));
    wire.send("POST", &setup.target(DELETE), BODY).unwrap();
}

#[test]
fn an_answer_that_says_close_is_closed() {
    let setup = desk_with_group();
    for mut wire in wires(&setup) {
        let answer = played(&setup, &mut wire, Play::ConnectionClose);
        assert_eq!(answer.header("connection"), Some("close"));
        wire.end().unwrap();
        assert_eq!(answered(&setup), Answered::Whole);
    }
    assert!(!group_is_there(&setup), "carried out");
}

#[test]
fn a_dripped_answer_comes_whole_and_slowly() {
    let setup = desk_with_group();
    for mut wire in wires(&setup) {
        for (play, head_too) in [
            (Play::Drip { every: TICK, bytes: 3 }, false),
            (Play::HeadDrip { every: TICK, bytes: 3 }, true),
        ] {
            let start = Instant::now();
            let answer = played(&setup, &mut wire, play);
            assert!(answer.code() == 0 || answer.code() == 51009);
            let least = answer.body.len() + if head_too { 100 } else { 0 };
            assert!(start.elapsed() >= TICK * u32::try_from(least / 3).unwrap());
            assert_eq!(answered(&setup), Answered::Whole);
        }
        assert_eq!(ask(&setup, &mut wire).code(), 51009, "the connection stays");
    }
}

#[test]
fn a_dripping_answer_is_cut_until_its_last_byte() {
    let setup = desk_with_group();
    let every = Duration::from_millis(200);
    setup.emulator.fault(Fault::play(Play::Drip { every, bytes: 1 }));
    let mut wire = setup.wire();
    wire.send("POST", &setup.target(DELETE), BODY).unwrap();
    wire.until("\r\n\r\n{");
    assert_eq!(answered(&setup), Answered::Cut);
    assert!(!group_is_there(&setup));
    setup.emulator.clear_faults();
    let (rest, _) = wire.rest();
    assert!(!rest.ends_with(b"}"), "it ends unfinished");
    assert_eq!(answered(&setup), Answered::Cut);
}

#[test]
fn a_chunked_answer_comes_a_chunk_a_piece_or_without_its_end() {
    let setup = desk_with_group();
    for mut wire in wires(&setup) {
        begun(&setup, &mut wire, Play::ChunkedDrip { every: TICK, bytes: 16 });
        let text = wire.until("\r\n0\r\n\r\n");
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        assert!(head.contains("transfer-encoding: chunked") && !head.contains("content-length"));
        assert!(body.starts_with("10\r\n{") && body.ends_with("\r\n0\r\n\r\n"), "{body}");
        assert_eq!(answered(&setup), Answered::Whole);
        assert_eq!(ask(&setup, &mut wire).code(), 51009, "the connection stays");
        begun(&setup, &mut wire, Play::ChunkedCut);
        let (bytes, end) = wire.rest();
        end.unwrap();
        let text = String::from_utf8(bytes).unwrap();
        assert!(text.contains("transfer-encoding: chunked") && !text.ends_with("0\r\n\r\n"));
        assert_eq!(answered(&setup), Answered::Cut);
    }
}

#[test]
fn a_wrong_length_is_wrong_by_ten() {
    // No group: the answer is a refusal, which has one closing brace.
    let setup = Setup::open();
    for mut wire in wires(&setup) {
        let answer = played(&setup, &mut wire, Play::LengthTooSmall);
        let rest = wire.until_silence(Duration::from_millis(100));
        let whole = [&answer.body[..], &rest].concat();
        assert_eq!(rest.len(), 10);
        assert!(serde_json::from_slice::<Value>(&whole).is_ok());
        assert_eq!(answered(&setup), Answered::Cut);
        assert_eq!(ask(&setup, &mut wire).code(), 51009, "the connection stays");

        begun(&setup, &mut wire, Play::LengthTooLarge);
        let text = wire.until("}");
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        let declared: usize = head.rsplit_once("content-length: ").unwrap().1.parse().unwrap();
        assert_eq!(declared, body.len() + 10);
        assert_eq!(answered(&setup), Answered::Cut);
        wire.patience(Duration::from_millis(100));
        assert!(wire.end().is_err(), "open and silent");
    }
}

#[test]
fn two_answers_come_for_one_request() {
    let setup = desk_with_group();
    for mut wire in wires(&setup) {
        let first = played(&setup, &mut wire, Play::DuplicateAnswer);
        let second = wire.read_answer().unwrap();
        assert_eq!(first.body, second.body);
        assert_eq!(ask(&setup, &mut wire).code(), 51009, "the connection stays");
    }
    assert_eq!(
        setup.emulator.counters().answered_whole,
        5,
        "the group's making, two calls, two more"
    );
}

#[test]
fn an_interim_answer_comes_first() {
    let setup = desk_with_group();
    for mut wire in wires(&setup) {
        let interim = played(&setup, &mut wire, Play::ContinueFirst);
        assert_eq!((interim.status, interim.headers.len()), (100, 0));
        assert_eq!(wire.read_answer().unwrap().status, 200);
        assert_eq!(ask(&setup, &mut wire).code(), 51009);
    }
}

#[test]
fn a_huge_answer_is_valid_and_of_the_size_asked_for() {
    let setup = desk_with_group();
    for mut wire in wires(&setup) {
        let answer = played(&setup, &mut wire, Play::Huge { mib: 3 });
        assert!(answer.body.len() > 3 << 20 && answer.body.len() < (3 << 20) + 200);
        assert_eq!(answer.code(), 0);
        let logged = setup.emulator.requests().pop().unwrap();
        assert_eq!(
            (logged.answered, logged.answer, logged.code),
            (Answered::Whole, None, Some(0))
        );
        assert_eq!(
            played(&setup, &mut wire, Play::Empty200).status,
            200,
            "the connection stays"
        );
    }
    let mut wire = setup.wire();
    let answer = played(&setup, &mut wire, Play::HugeHead { mib: 1 });
    let size: usize = answer
        .headers
        .iter()
        .map(|(name, value)| name.len() + value.len() + 4)
        .sum();
    assert!(size > 1 << 20, "{size}");
    assert_eq!(answer.code(), 0);
    assert!(group_is_there(&setup), "not carried out by itself");
}

#[test]
fn other_answers_are_what_their_names_say_and_carry_nothing_out() {
    let setup = desk_with_group();
    for mut wire in wires(&setup) {
        let answer = played(&setup, &mut wire, Play::NotJson);
        assert_eq!(answer.status, 200);
        assert!(serde_json::from_slice::<Value>(&answer.body).is_err() && !answer.body.is_empty());
        let answer = played(&setup, &mut wire, Play::Html502);
        assert_eq!((answer.status, answer.header("content-type")), (502, Some("text/html")));
        let answer = played(&setup, &mut wire, Play::Http500);
        assert_eq!((answer.status, &answer.json()["ActionStatus"]), (500, &json!("FAIL")));
        for (play, status) in [
            (Play::Http429 { retry_after_s: 7 }, 429),
            (Play::Http503 { retry_after_s: 7 }, 503),
        ] {
            let answer = played(&setup, &mut wire, play);
            assert_eq!((answer.status, answer.header("retry-after")), (status, Some("7")));
        }
        let answer = played(&setup, &mut wire, Play::Empty200);
        assert_eq!((answer.status, answer.body.len()), (200, 0));
        let answer = played(&setup, &mut wire, Play::TextCode).json();
        assert!(answer["ErrorCode"].is_string() && answer["ActionStatus"] == "OK");
        let answer = played(&setup, &mut wire, Play::NumberStatus).json();
        assert!(answer["ActionStatus"].is_number() && answer["ErrorCode"] == 0);
        let answer = played(&setup, &mut wire, Play::NoErrorCode).json();
        assert!(answer.get("ErrorCode").is_none() && answer["ActionStatus"] == "OK");
        let answer = played(&setup, &mut wire, Play::NoActionStatus).json();
        assert!(answer.get("ActionStatus").is_none() && answer["ErrorCode"] == 0);
        let answer = played(&setup, &mut wire, Play::NoItems).json();
        assert_eq!(answer, json!({"ActionStatus": "OK", "ErrorCode": 0, "ErrorInfo": ""}));
    }
    assert!(group_is_there(&setup));
    assert!(setup
        .emulator
        .requests()
        .iter()
        .all(|r| r.answered == Answered::Whole && !r.applied));
    setup.emulator.fault(Fault::play(Play::Html502).applied());
    assert_eq!(ask(&setup, &mut setup.wire()).status, 502);
    assert!(!group_is_there(&setup), "applied, and the answer says nothing of it");
}

#[test]
fn a_redirect_leads_elsewhere_with_the_whole_query() {
    let setup = desk_with_group();
    let to = "http://127.0.0.1:9".to_owned();
    let answer = played(&setup, &mut setup.wire(), Play::Redirect { to });
    let location = format!("http://127.0.0.1:9{}", setup.target(DELETE));
    assert_eq!((answer.status, answer.header("location")), (302, Some(&*location)));
}

#[test]
fn a_signature_that_an_answer_repeats_is_not_in_the_log() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("requests.jsonl");
    let setup = Setup::with(chat_emulator::Config {
        log_file: Some(file.clone()),
        ..chat_emulator::Config::default()
    });
    let mut wire = setup.wire();
    let to = "http://127.0.0.1:9".to_owned();
    for (play, in_body) in [
        (Play::EchoSignature, true),
        (Play::EchoSignature502, true),
        (Play::Redirect { to }, false),
    ] {
        let answer = played(&setup, &mut wire, play);
        let text = String::from_utf8(answer.body).unwrap();
        assert_eq!(text.contains(&setup.usersig), in_body, "{text}");
    }
    drop(wire);
    let told = format!("{:?}", setup.emulator.requests());
    let (_, shown) = admin(setup.emulator.admin_url(), "GET", "/log", "");
    let written = std::fs::read_to_string(&file).unwrap();
    assert_eq!(written.lines().count(), 3);
    for text in [told, shown.to_string(), written] {
        assert!(
            text.contains("[usersig]") && !text.contains(&setup.usersig[20..60]),
            "{text}"
        );
    }
}

#[test]
fn an_http_2_connection_meets_what_can_be_said_in_http_2_and_is_reset_otherwise() {
    let setup = desk_with_group();
    for (play, survives) in [
        (Play::Html502, true),
        (Play::DuplicateAnswer, false),
        (Play::Huge { mib: 1 }, false),
    ] {
        setup.emulator.fault(Fault::play(play));
        let status = http2_status(&setup);
        assert_eq!(status, survives.then_some(502));
        let answered = setup.emulator.requests().pop().unwrap().answered;
        assert_eq!(answered, if survives { Answered::Whole } else { Answered::No });
    }
}

/// Status of a delete over HTTP/2; `None`: the connection broke.
fn http2_status(setup: &Setup) -> Option<u16> {
    use hyper_util::rt::{TokioExecutor, TokioIo};
    use tokio_rustls::rustls::pki_types::ServerName;
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    runtime.enable_all().build().unwrap().block_on(async {
        let authority = setup.emulator.tls_url().strip_prefix("https://").unwrap();
        let tcp = tokio::net::TcpStream::connect(authority).await.unwrap();
        let mut tls = trusting(setup.emulator.ca_pem());
        tls.alpn_protocols = vec![b"h2".to_vec()];
        let connector = tokio_rustls::TlsConnector::from(std::sync::Arc::new(tls));
        let name = ServerName::try_from("localhost").unwrap();
        let stream = TokioIo::new(connector.connect(name, tcp).await.unwrap());
        let (mut sender, connection) = hyper::client::conn::http2::handshake(TokioExecutor::new(), stream)
            .await
            .unwrap();
        tokio::spawn(connection);
        let target = format!("{}{}", setup.emulator.tls_url(), setup.target(DELETE));
        let body = http_body_util::Full::new(hyper::body::Bytes::from_static(BODY));
        let request = hyper::Request::post(target).body(body).unwrap();
        sender
            .send_request(request)
            .await
            .ok()
            .map(|answer| answer.status().as_u16())
    })
}
