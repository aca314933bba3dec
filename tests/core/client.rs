//! The life of a call: what comes back when all goes well, when the service says no, and when the network fails; and that the answer
//! to "may it have taken effect?" is true each time. Held against the emulator's own log and state.

use std::sync::Arc;
use std::thread;
use std::time::Duration;

use crate::service::{assert_code, create, delete, delete_with, once, within, Service, CREATE, DELETE, USER};
use chat_emulator::{Config as Emulation, Ending, Fault, RawAnswer};
use tencent_chat::endpoints::call::AnyCall;
use tencent_chat::error::*;
use tencent_chat::{CallOptions, Cancel, Client, Response};

/// Long enough for any call that will end by itself, so that a test that fails does so before its patience ends.
const PATIENCE: Duration = Duration::from_secs(20);

fn raw(status: u16, body: &str) -> Fault {
    let headers = [("content-type".to_owned(), "text/html".to_owned())].into();
    Fault::answer(RawAnswer {
        status,
        headers,
        body: body.to_owned(),
    })
}

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
fn an_answer_that_is_not_the_services_is_an_error_that_keeps_the_body() {
    let service = Service::start();
    let client = service.client();
    for (status, body, code) in [
        (502, "<html>bad gateway</html>", CHAT_ERR_HTTP_STATUS),
        (302, "moved", CHAT_ERR_HTTP_STATUS),
        (500, r#"{"ActionStatus":"OK","ErrorCode":0}"#, CHAT_ERR_HTTP_STATUS),
        (200, "<html>hotel wifi</html>", CHAT_ERR_PROTOCOL),
        (200, r#"{"ActionStatus":"OK","ErrorCode":51009}"#, CHAT_ERR_PROTOCOL),
        (200, "", CHAT_ERR_PROTOCOL),
        (200, r#"{"ActionStatus":"FAIL","ErrorCode":0}"#, CHAT_ERR_SERVICE),
    ] {
        service.emulator.fault(raw(status, body));
        let response = delete_with(&client, "g", &once());
        assert_code(&response, code);
        assert_eq!(response.http_status(), status);
        assert_eq!(response.body(), body.as_bytes());
        assert!(response.is_in_doubt() && !response.message().is_empty());
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
fn an_answer_cut_short_is_an_error_that_keeps_what_came() {
    let service = Service::start();
    for client in [service.client(), service.tls_client()] {
        assert_code(&create(&client, "g"), CHAT_OK);
        service.emulator.fault(Fault::cut(20).applied());
        let response = delete_with(&client, "g", &once());
        assert_code(&response, CHAT_ERR_PROTOCOL);
        assert_eq!(response.body().len(), 20);
        assert!(
            response.message().contains("cut short after 20 bytes"),
            "{}",
            response.message()
        );
        assert!(response.is_in_doubt());
        assert!(service.groups().is_empty(), "the service did delete it");
    }
}

#[test]
fn a_huge_answer_is_refused_at_the_limit() {
    let service = Service::start();
    let client = service.client();
    let mebibyte = 1_024 * 1_024;
    service.emulator.fault(raw(200, &" ".repeat(mebibyte + 1)));
    let typed = delete(&client, "g");
    assert_code(&typed, CHAT_ERR_PROTOCOL);
    assert_eq!(typed.body().len(), mebibyte);
    let padded = format!(
        "{}{}",
        " ".repeat(2 * mebibyte),
        r#"{"ActionStatus":"OK","ErrorCode":0,"ErrorInfo":""}"#
    );
    service.emulator.fault(raw(200, &padded));
    assert_code(
        &client.call(&AnyCall::new(DELETE, b""), &CallOptions::default()),
        CHAT_OK,
    );
    service.emulator.fault(raw(200, &" ".repeat(8 * mebibyte + 1)));
    let generic = client.call(&AnyCall::new(DELETE, b""), &CallOptions::default());
    assert_code(&generic, CHAT_ERR_PROTOCOL);
    assert_eq!(generic.body().len(), 8 * mebibyte);
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
fn callers_beyond_the_connection_cap_wait_their_turn() {
    let service = Service::start();
    let mut config = service.config();
    config.set_max_connections(2).unwrap();
    let client = Client::new(&config).unwrap();
    service.emulator.fault(Fault::delay(Duration::from_millis(30)).times(0));
    thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| assert_code(&delete(&client, "g"), CHAT_SERVICE_GROUP_NOT_FOUND));
        }
    });
    assert_eq!(service.requests(DELETE).len(), 8);
    assert!(service.requests(DELETE).iter().all(|request| request.connection <= 2));
}

#[test]
fn a_caller_who_waits_for_a_connection_hears_deadline_cancel_and_shutdown() {
    let service = Service::start();
    let mut config = service.config();
    config.set_max_connections(1).unwrap();
    let (client, cancel) = (Client::new(&config).unwrap(), Cancel::new());
    service.emulator.fault(Fault::hang());
    thread::scope(|scope| {
        let hanging = scope.spawn(|| delete_with(&client, "g", &within(60_000)));
        service.wait_for(1);
        let late = delete_with(&client, "g", &within(50));
        assert_code(&late, CHAT_ERR_TIMEOUT);
        assert!(!late.is_in_doubt() && late.attempts() == 0);
        let cancelled = scope.spawn(|| {
            let mut options = within(60_000);
            options.set_cancel(Some(&cancel));
            delete_with(&client, "g", &options)
        });
        thread::sleep(Duration::from_millis(20));
        cancel.trigger();
        assert_code(&cancelled.join().unwrap(), CHAT_ERR_CANCELLED);
        let queued = scope.spawn(|| delete_with(&client, "g", &within(60_000)));
        thread::sleep(Duration::from_millis(20));
        client.shutdown();
        assert_code(&queued.join().unwrap(), CHAT_ERR_SHUTDOWN);
        assert_code(&hanging.join().unwrap(), CHAT_ERR_SHUTDOWN);
    });
    assert_eq!(service.emulator.requests_total(), 1, "those who waited sent nothing");
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
fn options_that_were_refused_send_nothing_until_made_good() {
    let service = Service::start();
    let client = service.client();
    let mut options = CallOptions::default();
    assert!(options.set_timeout_ms(0).is_err());
    let refused = delete_with(&client, "g", &options);
    assert_code(&refused, CHAT_ERR_INVALID_ARGUMENT);
    assert!(refused.message().starts_with("timeout_ms: 0"), "{}", refused.message());
    assert_eq!(service.emulator.requests_total(), 0);
    options.set_timeout_ms(5_000).unwrap();
    assert_code(&delete_with(&client, "g", &options), CHAT_SERVICE_GROUP_NOT_FOUND);
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
