//! Tests of the service without a socket: the same answers and codes as over a connection, whatever the bytes.

use crate::caller::*;
use chat_emulator::{verify_usersig, Config, Offline, DEFAULT_ADMIN, DEFAULT_SDK_APP_ID, DEFAULT_SECRET_KEY};
use serde_json::{json, Value};

#[test]
fn bytes_are_answered_as_over_a_connection() {
    let (setup, offline) = (Setup::open(), Offline::new(&Config::default()));
    let bodies = [
        json!({"From_Account": "user_0001", "GroupContactItem": [{"GroupName": "a"}]}).to_string(),
        json!({"From_Account": "nobody", "GroupContactItem": [{"GroupName": "a"}]}).to_string(),
        "not json".to_owned(),
        String::new(),
    ];
    for path in [CREATE, DELETE, "v4/x/y"] {
        for body in &bodies {
            let target = setup.target(path);
            let connected = setup.wire().ask("POST", &target, body.as_bytes());
            let (answer, logged) = offline.answer(target.as_bytes(), body.as_bytes()).unwrap();
            let parsed: Value = serde_json::from_str(&answer).unwrap();
            assert_eq!(parsed, connected.json());
            let over_http = setup.emulator.requests().pop().unwrap();
            assert_eq!(
                (logged.applied, logged.path, logged.query, logged.body),
                (over_http.applied, over_http.path, over_http.query, over_http.body)
            );
        }
    }
}

#[test]
fn any_bytes_are_answered_or_are_no_target_and_no_signature_is_shown() {
    let offline = Offline::new(&Config::default());
    let good = target(CREATE, DEFAULT_ADMIN, &Token::of(DEFAULT_ADMIN).text());
    for at in 0..good.len() {
        for byte in [0, b'%', b'&', b'?', b'"', 0xff] {
            let mut bytes = good.clone().into_bytes();
            bytes[at] = byte;
            if let Some((answer, _)) = offline.answer(&bytes, &bytes) {
                assert!(serde_json::from_str::<Value>(&answer).unwrap()["ErrorCode"].is_i64());
            }
        }
    }
    let (_, logged) = offline.answer(good.as_bytes(), good.as_bytes()).unwrap();
    let sig = Token::of(DEFAULT_ADMIN).text();
    assert!(!format!("{logged:?}").contains(&sig[20..60]));
    assert_eq!(offline.answer(b"\x00", b""), None);
}

#[test]
fn a_usersig_is_verified_with_the_services_codes() {
    let token = Token::of(DEFAULT_ADMIN);
    let now = token.time + 1;
    let verify = |text: &str, key: &str, app: u32, who: &str, now: i64| verify_usersig(text, key, app, who, now);
    let text = token.text();
    let app = DEFAULT_SDK_APP_ID;
    assert_eq!(verify(&text, DEFAULT_SECRET_KEY, app, DEFAULT_ADMIN, now), Ok(()));
    for (code, outcome) in [
        (
            70001,
            verify(
                &text,
                DEFAULT_SECRET_KEY,
                app,
                DEFAULT_ADMIN,
                token.time + token.expire + 1,
            ),
        ),
        (70002, verify("", DEFAULT_SECRET_KEY, app, DEFAULT_ADMIN, now)),
        (70003, verify(&text[..60], DEFAULT_SECRET_KEY, app, DEFAULT_ADMIN, now)),
        (
            70005,
            verify(&packed(b"{}", 6), DEFAULT_SECRET_KEY, app, DEFAULT_ADMIN, now),
        ),
        (70009, verify(&text, "another key", app, DEFAULT_ADMIN, now)),
        (70013, verify(&text, DEFAULT_SECRET_KEY, app, "someone", now)),
        (70014, verify(&text, DEFAULT_SECRET_KEY, 7, DEFAULT_ADMIN, now)),
    ] {
        assert_eq!(outcome, Err(code));
    }
}
