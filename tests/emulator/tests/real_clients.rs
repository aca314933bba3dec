//! Tests of what real clients may send and get accepted: the spellings of the request line, the headers, the body and
//! the signature that differ between HTTP libraries, JSON libraries and signers.

use std::io::{Read, Write};

use crate::caller::*;
use crate::documented::{samples, Sample};
use chat_emulator::{ClockSetting, DEFAULT_ADMIN};
use serde_json::{json, Value};

const BODY: &str = r#"{"From_Account":"user_0001","StartIndex":0}"#;

/// A way to write JSON.
struct Style {
    reversed: bool,
    escaped: bool,
    space: &'static str,
}

impl Style {
    fn written(&self, value: &Value) -> String {
        let (space, list) = (self.space, |items: Vec<String>| {
            items.join(&format!("{},{}", self.space, self.space))
        });
        match value {
            Value::String(text) => self.quoted(text),
            Value::Array(items) => {
                let items = items.iter().map(|item| self.written(item)).collect();
                format!("[{space}{}{space}]", list(items))
            }
            Value::Object(members) => {
                let member = |(name, value): (&String, &Value)| {
                    format!("{}{space}:{space}{}", self.quoted(name), self.written(value))
                };
                let mut members: Vec<String> = members.iter().map(member).collect();
                if self.reversed {
                    members.reverse();
                }
                format!("{space}{{{space}{}{space}}}{space}", list(members))
            }
            other => other.to_string(),
        }
    }

    fn quoted(&self, text: &str) -> String {
        if !self.escaped {
            return Value::String(text.to_owned()).to_string();
        }
        let units = text.encode_utf16().map(|unit| format!("\\u{unit:04X}"));
        format!("\"{}\"", units.collect::<String>())
    }
}

#[test]
fn every_documented_request_is_the_same_however_its_json_is_written() {
    // One moment for all, or the seconds in the state differ where one begins in between.
    let moment = ClockSetting::frozen(Setup::open().emulator.now());
    let answer = |sample: &Sample, body: &str| {
        let setup = Setup::open();
        setup.emulator.set_clock(moment);
        setup.emulator.load_state(sample.state()).unwrap();
        let target = setup.target(&sample.path);
        let answer = setup.wire().ask("POST", &target, body.as_bytes()).json();
        (answer, setup.emulator.state().accounts)
    };
    for sample in samples() {
        let plain = answer(&sample, &sample.request.to_string());
        assert_eq!(plain.0["ErrorCode"], 0, "{}", plain.0);
        for reversed in [false, true] {
            for escaped in [false, true] {
                for space in ["", " ", "\r\n\t "] {
                    let body = Style {
                        reversed,
                        escaped,
                        space,
                    }
                    .written(&sample.request);
                    assert_eq!(answer(&sample, &body), plain, "{body}");
                }
            }
        }
    }
}

#[test]
fn headers_come_in_any_order_and_case_and_with_any_content_type_or_none() {
    let setup = Setup::open();
    let mut wire = setup.wire();
    let length = BODY.len();
    for head in [
        format!("Host: test\r\nContent-Length: {length}\r\n"),
        format!("content-length:{length}\r\nCONTENT-TYPE: application/json; charset=utf-8\r\nhost: test\r\n"),
        format!("Accept: */*\r\nHOST: test\r\nContent-Type:text/plain\r\ncOnTeNt-LeNgTh:   {length}  \r\n"),
        format!(
            "Host: test\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: {length}\r\nX-Empty:\r\n"
        ),
        format!("Host: test\r\nConnection: keep-alive\r\nAccept-Encoding: gzip\r\nContent-Length: {length}\r\n"),
    ] {
        let request = format!("POST {} HTTP/1.1\r\n{head}\r\n{BODY}", setup.target(GET));
        wire.stream.write_all(request.as_bytes()).unwrap();
        assert_eq!(wire.read_answer().unwrap().code(), 0, "{head}");
    }
}

#[test]
fn the_request_line_is_spelled_freely() {
    let setup = Setup::open();
    let good = setup.target(GET);
    let sig = setup.usersig.as_str();
    for target in [
        format!("/{GET}?usersig={sig}&identifier=administrator&contenttype=json&random=4294967295&sdkappid=1400000000"),
        good.replace("=administrator", "=%61dministrato%72"),
        good.replace("sdkappid=", "%73dkappid="),
        good.replace("&contenttype=json", ""),
        good.replace("&random=7", ""),
        format!("{good}&"),
        format!("{good}&later=1"),
        // Through a plain proxy, the whole URL.
        format!("http://test{good}"),
    ] {
        assert_eq!(setup.code_of(&target), 0, "{target}");
    }
}

#[test]
fn the_characters_of_a_signature_come_raw_or_encoded() {
    let setup = Setup::open();
    let with = |expire: i64| {
        Token {
            expire,
            ..Token::of(DEFAULT_ADMIN)
        }
        .text()
    };
    // A signature that has all three characters of the vendor's alphabet.
    let token = (86_400..)
        .map(with)
        .find(|text| ['*', '-', '_'].iter().all(|c| text.contains(*c)));
    let token = token.unwrap();
    let each: String = token.bytes().map(|byte| format!("%{byte:02x}")).collect();
    for spelled in [
        token.clone(),
        token.replace('*', "%2A"),
        token.replace('*', "%2a"),
        token.replace('*', "%2A").replace('-', "%2D").replace('_', "%5F"),
        each,
    ] {
        assert_eq!(setup.code_as(DEFAULT_ADMIN, &spelled), 0, "{spelled}");
    }
}

#[test]
fn the_json_in_a_signature_is_written_freely_and_packed_at_any_level() {
    let setup = Setup::open();
    let members = Value::Object(Token::of(DEFAULT_ADMIN).members());
    for reversed in [false, true] {
        for escaped in [false, true] {
            for level in [0, 1, 6, 9] {
                let text = Style {
                    reversed,
                    escaped,
                    space: " ",
                }
                .written(&members);
                assert_eq!(
                    setup.code_as(DEFAULT_ADMIN, &packed(text.as_bytes(), level)),
                    0,
                    "{text}"
                );
            }
        }
    }
    let slashes = members.to_string().replace('/', "\\/");
    assert_eq!(setup.code_as(DEFAULT_ADMIN, &packed(slashes.as_bytes(), 6)), 0);
}

#[test]
fn a_body_may_come_in_chunks() {
    let setup = Setup::open();
    let mut wire = setup.wire();
    let (first, rest) = BODY.split_at(5);
    let head = format!(
        "POST {} HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\n",
        setup.target(GET)
    );
    let chunks = format!(
        "{:x}\r\n{first}\r\n{:X}\r\n{rest}\r\n0\r\n\r\n",
        first.len(),
        rest.len()
    );
    wire.stream.write_all(head.as_bytes()).unwrap();
    wire.stream.write_all(chunks.as_bytes()).unwrap();
    assert_eq!(wire.read_answer().unwrap().code(), 0);
    assert_eq!(setup.emulator.requests()[0].body, BODY);
}

#[test]
fn a_client_that_waits_for_100_continue_is_told_to() {
    let setup = Setup::open();
    let mut wire = setup.wire();
    let head = format!(
        "POST {} HTTP/1.1\r\nHost: test\r\nExpect: 100-continue\r\nContent-Length: {}\r\n\r\n",
        setup.target(GET),
        BODY.len()
    );
    wire.stream.write_all(head.as_bytes()).unwrap();
    let mut go_on = [0; 25];
    wire.stream.read_exact(&mut go_on).unwrap();
    assert_eq!(&go_on, b"HTTP/1.1 100 Continue\r\n\r\n");
    wire.stream.write_all(BODY.as_bytes()).unwrap();
    assert_eq!(wire.read_answer().unwrap().code(), 0);
}

#[test]
fn http_1_0_keeps_its_connection_when_it_asks_to() {
    let setup = Setup::open();
    let mut wire = setup.wire();
    for _ in 0..2 {
        let request = format!(
            "POST {} HTTP/1.0\r\nConnection: keep-alive\r\nContent-Length: {}\r\n\r\n{BODY}",
            setup.target(GET),
            BODY.len()
        );
        wire.stream.write_all(request.as_bytes()).unwrap();
        assert_eq!(wire.read_answer().unwrap().code(), 0);
    }
    let seen = setup.emulator.requests();
    assert_eq!((seen.len(), seen[0].connection), (2, seen[1].connection));
}

#[test]
fn unknown_members_of_the_body_are_ignored() {
    let setup = Setup::open();
    let body = json!({"From_Account": "user_0001", "StartIndex": 0, "Unknown": [1, {"a": null}]});
    assert_eq!(setup.code(GET, body), 0);
}

#[test]
fn a_name_is_the_same_raw_escaped_or_with_an_escaped_slash() {
    let setup = Setup::open();
    let mut wire = setup.wire();
    for body in [
        r#"{"From_Account":"user_0001","GroupName":["a/\u4f1a\u8b70\ud83d\ude00"]}"#,
        r#"{"From_Account":"user_0001","GroupName":["a\/会議😀"]}"#,
        r#"{"From_Account":"user_0001","GroupName":["a/会議😀"]}"#,
    ] {
        setup.create("a/会議😀", json!([]));
        assert_eq!(
            wire.ask("POST", &setup.target(DELETE), body.as_bytes()).code(),
            0,
            "{body}"
        );
    }
}
