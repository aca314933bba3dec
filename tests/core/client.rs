//! The life of a call: what comes back when all goes well, when the service says no, and when the network fails; and that the answer
//! to "may it have taken effect?" is true each time. Held against the emulator's own log and state.

use std::sync::Arc;
use std::thread;
use std::time::Duration;

use crate::service::{assert_code, create, delete, delete_with, once, within, Service, CREATE, DELETE, USER};
use chat_emulator::{ClockSetting, Config as Emulation, Ending, Fault, RawAnswer, DEFAULT_ADMIN};
use tencent_chat::error::*;
use tencent_chat::{CallOptions, Cancel, Client, Response};

/// Long enough for any call that will end by itself, so that a test that fails does so before its patience ends.
const PATIENCE: Duration = Duration::from_secs(20);

#[test]
fn the_request_is_the_documented_one_and_carries_no_header_beyond_need() {
    let service = Service::start();
    let mut config = service.config();
    config.set_user_agent("orders/7").unwrap();
    delete(&Client::new(&config).unwrap(), "g");
    let request = &service.requests(DELETE)[0];
    assert_eq!((request.method.as_str(), request.http.as_str()), ("POST", "HTTP/1.1"));
    assert_eq!(request.body, r#"{"From_Account":"user_0001","GroupName":["g"]}"#);
    let names: Vec<&str> = request.query.keys().map(String::as_str).collect();
    assert_eq!(
        names,
        ["contenttype", "identifier", "random", "sdkappid", "usersig_sha256"]
    );
    assert_eq!(request.query["contenttype"], "json");
    assert_eq!(request.query["sdkappid"], "1400000000");
    let headers: Vec<&str> = request.headers.keys().map(String::as_str).collect();
    assert_eq!(headers, ["content-length", "content-type", "host", "user-agent"]);
    assert_eq!(request.headers["content-type"], "application/json");
    assert_eq!(
        request.headers["user-agent"],
        concat!("tencent-chat/", env!("CARGO_PKG_VERSION"), " orders/7")
    );
}

#[test]
fn an_identifier_with_every_printable_character_arrives_unchanged() {
    let printable: String = (0x20..=0x7e_u8).map(char::from).collect();
    let characters: Vec<char> = printable.chars().collect();
    for identifier in characters.chunks(32).map(|part| part.iter().collect::<String>()) {
        let service = Service::with(Emulation {
            admins: vec![identifier.clone()],
            ..Emulation::default()
        });
        let mut config = service.config();
        config.set_identifier(&identifier).unwrap();
        let client = Client::new(&config).unwrap();
        assert_code(&create(&client, "g"), CHAT_OK);
        assert_eq!(service.requests(CREATE)[0].query["identifier"], identifier);
    }
}

#[test]
fn a_broken_connection_is_told_in_words_of_its_own() {
    let service = Service::start();
    for client in [service.client(), service.tls_client()] {
        service.emulator.fault(Fault::drop_connection(Ending::Fin));
        let message = delete_with(&client, "g", &once()).message().to_owned();
        assert!(
            message.contains("the other side closed the connection; the request was sent"),
            "{message}"
        );
        service.emulator.fault(Fault::drop_connection(Ending::Reset));
        let message = delete_with(&client, "g", &once()).message().to_owned();
        assert!(
            message.contains("the connection broke: Connection reset by peer"),
            "{message}"
        );
    }
}

#[test]
fn a_short_deadline_holds_on_a_connection_that_a_patient_call_used_before() {
    let service = Service::start();
    let client = service.client();
    assert_code(
        &delete_with(&client, "g", &within(60_000)),
        CHAT_SERVICE_GROUP_NOT_FOUND,
    );
    service.emulator.fault(Fault::hang());
    let started = std::time::Instant::now();
    assert_code(&delete_with(&client, "g", &within(100)), CHAT_ERR_TIMEOUT);
    assert!(started.elapsed() < PATIENCE, "it kept the time-out of the call before");
}

#[test]
fn a_cancelled_call_never_harms_a_connection_that_another_call_uses() {
    let service = Service::start();
    let mut config = service.config();
    config.set_max_connections(1).unwrap();
    let client = Client::new(&config).unwrap();
    for _ in 0..50 {
        let cancel = Cancel::new();
        let mut options = CallOptions::default();
        options.set_cancel(Some(&cancel));
        assert_code(&delete_with(&client, "g", &options), CHAT_SERVICE_GROUP_NOT_FOUND);
        cancel.trigger();
        assert_code(&delete(&client, "g"), CHAT_SERVICE_GROUP_NOT_FOUND);
    }
    assert_eq!(
        service.requests(DELETE).iter().map(|request| request.connection).max(),
        Some(1)
    );
}

#[test]
fn calls_share_a_kept_connection_and_survive_its_end() {
    let service = Service::start();
    for client in [service.client(), service.tls_client()] {
        service.emulator.reset();
        for _ in 0..10 {
            assert_code(&delete(&client, "g"), CHAT_SERVICE_GROUP_NOT_FOUND);
        }
        let connections: Vec<u64> = service
            .requests(DELETE)
            .iter()
            .map(|request| request.connection)
            .collect();
        assert!(
            connections.iter().all(|connection| connection == &connections[0]),
            "{connections:?}"
        );
        let headers = [("connection".to_owned(), "close".to_owned())].into();
        let body = r#"{"ActionStatus":"OK","ErrorCode":0,"ErrorInfo":""}"#.to_owned();
        service.emulator.fault(Fault::answer(RawAnswer {
            status: 200,
            headers,
            body,
        }));
        assert_code(&delete(&client, "g"), CHAT_OK);
        assert_code(&delete(&client, "g"), CHAT_SERVICE_GROUP_NOT_FOUND);
        assert_ne!(service.requests(DELETE).last().unwrap().connection, connections[0]);
    }
}

#[test]
fn a_hundred_threads_share_one_client() {
    let service = Service::start();
    let client = Arc::new(service.client());
    thread::scope(|scope| {
        for number in 0..100 {
            let client = client.clone();
            scope.spawn(move || {
                let name = format!("absent {number}");
                let response = delete_with(&client, &name, &within(PATIENCE.as_millis() as u32));
                assert_code(&response, CHAT_SERVICE_GROUP_NOT_FOUND);
            });
        }
    });
    let mut names: Vec<String> = service
        .requests(DELETE)
        .into_iter()
        .map(|request| request.body)
        .collect();
    names.sort();
    names.dedup();
    assert_eq!(names.len(), 100, "each call sent its own request once");
    assert!(names.iter().all(|body| body.contains(USER)));
}

#[test]
fn the_trace_tells_the_connection_of_each_attempt_and_where_its_time_went() {
    let service = Service::start();
    for (client, tls) in [(service.client(), false), (service.tls_client(), true)] {
        let attempt = |response: Response| -> serde_json::Value {
            let mut trace: serde_json::Value = serde_json::from_str(response.trace()).unwrap();
            trace[0].take()
        };
        let (new, kept) = (attempt(delete(&client, "g")), attempt(delete(&client, "g")));
        let url = if tls {
            service.emulator.tls_url()
        } else {
            service.emulator.url()
        };
        let port = url.rsplit(':').next().unwrap();
        let target = ["scheme", "host", "path"].map(|member| new[member].as_str().unwrap());
        assert_eq!(
            format!("{}://{}/{}", target[0], target[1], target[2]),
            format!("{url}/{DELETE}")
        );
        assert!(new["address"].as_str().unwrap().ends_with(&format!(":{port}")), "{new}");
        assert_eq!(new["address"], kept["address"]);
        assert_eq!((&new["kept"], &kept["kept"]), (&false.into(), &true.into()));
        for (part, made) in [("connect_ms", true), ("tls_ms", tls), ("exchange_ms", true)] {
            assert_eq!(new.get(part).is_some(), made, "{part} of {new}");
        }
        let parts = ["look_up_ms", "connect_ms", "tls_ms", "exchange_ms"];
        let sum: f64 = parts.iter().filter_map(|part| new[part].as_f64()).sum();
        assert!(sum <= new["ms"].as_f64().unwrap() + 1.0, "the parts are parts: {new}");
        assert!(
            kept.get("connect_ms").is_none() && kept.get("tls_ms").is_none(),
            "{kept}"
        );
    }
}

/// Short prints of the signatures sent, in order.
fn signatures(service: &Service) -> Vec<String> {
    service
        .requests(DELETE)
        .iter()
        .map(|request| request.query["usersig_sha256"].clone())
        .collect()
}

#[test]
fn a_service_whose_clock_is_a_minute_behind_accepts_the_signature() {
    // Neither reference verifier rejects a TLS.time in the future, but nobody promises that the service does not.
    let service = Service::start();
    service.emulator.set_clock(ClockSetting::offset(-55));
    assert_eq!(delete(&service.client(), "g").code(), 51009);
}

#[test]
fn threads_refused_together_share_one_renewal() {
    let service = Service::start();
    let client = service.client();
    delete(&client, "g");
    service.emulator.revoke(DEFAULT_ADMIN);
    thread::scope(|scope| {
        for _ in 0..16 {
            scope.spawn(|| assert_eq!(delete(&client, "g").code(), CHAT_SERVICE_GROUP_NOT_FOUND));
        }
    });
    let mut distinct = signatures(&service);
    distinct.sort();
    distinct.dedup();
    assert_eq!(distinct.len(), 2);
}

#[test]
fn a_call_that_may_be_tried_once_is_not_repeated_but_the_next_one_signs_anew() {
    let service = Service::start();
    let mut config = service.config();
    config.set_max_attempts(1).unwrap();
    let client = Client::new(&config).unwrap();
    service
        .emulator
        .fault(Fault::code(i64::from(CHAT_SERVICE_USER_SIG_EXPIRED)));
    let response = delete(&client, "g");
    assert_eq!(
        (response.code(), response.attempts()),
        (CHAT_SERVICE_USER_SIG_EXPIRED, 1)
    );
    assert_eq!(delete(&client, "g").code(), CHAT_SERVICE_GROUP_NOT_FOUND);
    let sent = signatures(&service);
    assert_ne!(sent[0], sent[1]);
    assert_eq!(client.stats().get("re_signs"), 1);
}
