//! What a client counts about itself, held against what the emulator counted.

use std::thread;
use std::time::Duration;

use crate::service::{
    assert_code, config, create, delete, delete_with, once, until, within, ClosedPort, Service, USER,
};
use chat_emulator::{Ending, Fault, RawAnswer};
use tencent_chat::endpoints::call::AnyCall;
use tencent_chat::endpoints::create_contact_group::CreateContactGroup;
use tencent_chat::endpoints::lists::Contact;
use tencent_chat::error::*;
use tencent_chat::{CallOptions, Cancel, Client, Snapshot};

fn answer(status: u16, body: &str) -> Fault {
    Fault::answer(RawAnswer {
        status,
        headers: Default::default(),
        body: body.to_owned(),
    })
}

/// The counters that are not 0, but for the latencies.
fn counted(stats: &Snapshot) -> Vec<(String, u64)> {
    let timeless = stats
        .iter()
        .filter(|(name, value)| *value > 0 && !name.starts_with("latency"));
    timeless.map(|(name, value)| (name.to_owned(), value)).collect()
}

#[test]
fn a_new_client_has_counted_nothing() {
    assert_eq!(counted(&Service::start().client().stats()), []);
}

#[test]
fn every_call_stands_under_one_outcome_and_every_request_is_an_attempt() {
    let service = Service::start();
    let client = service.client();
    let count = |name: &str| client.stats().get(name);

    assert_code(&create(&client, "g"), CHAT_OK);
    assert_code(&delete(&client, "g"), CHAT_OK);
    assert_code(&delete(&client, "g"), CHAT_SERVICE_GROUP_NOT_FOUND);
    assert_code(&delete(&client, ""), CHAT_ERR_INVALID_ARGUMENT);
    assert_eq!(
        (
            count("calls_ok"),
            count("calls_service"),
            count("calls_invalid_argument")
        ),
        (2, 1, 1)
    );

    let mut settings = service.emulator.settings();
    settings.dismissed_groups = vec!["@TGS#gone".to_owned()];
    service.emulator.set_settings(settings);
    let contacts = [Contact::new(2, "@TGS#gone").unwrap()];
    let partial = client.call(&CreateContactGroup::new(USER, "p", &contacts), &CallOptions::default());
    assert_code(&partial, CHAT_ERR_PARTIAL);
    service.emulator.fault(answer(404, ""));
    assert_code(&delete(&client, "g"), CHAT_ERR_HTTP_STATUS);
    service.emulator.fault(answer(200, "<html>"));
    assert_code(&delete(&client, "g"), CHAT_ERR_PROTOCOL);
    service
        .emulator
        .fault(answer(200, r#"{"ActionStatus":"FAIL","ErrorCode":0}"#));
    assert_code(&delete(&client, "g"), CHAT_ERR_SERVICE);
    service.emulator.fault(Fault::drop_connection(Ending::Fin));
    assert_code(&delete_with(&client, "g", &once()), CHAT_ERR_TRANSPORT);
    service.emulator.fault(Fault::hang());
    assert_code(&delete_with(&client, "g", &within(50)), CHAT_ERR_TIMEOUT);
    let cancel = Cancel::new();
    cancel.trigger();
    assert_code(&delete_with(&client, "g", &until(&cancel)), CHAT_ERR_CANCELLED);
    for outcome in [
        "partial",
        "http_status",
        "protocol",
        "no_error_code",
        "transport",
        "timeout",
        "cancelled",
    ] {
        assert_eq!(count(&format!("calls_{outcome}")), 1, "{outcome}");
    }
    assert_eq!(
        count("in_doubt"),
        5,
        "all of those but the partial and the cancelled one"
    );

    client.shutdown();
    assert_code(&delete(&client, "g"), CHAT_ERR_SHUTDOWN);
    assert_eq!((count("calls_shutdown"), count("calls")), (1, 12));
    assert_eq!(count("attempts"), service.emulator.requests_total());
    assert_eq!(count("latency_le_inf"), 9, "calls that made an attempt");
    assert!(count("latency_sum_us") >= 50_000, "one of them hung for 50 ms");
    assert_eq!(count("calls_in_progress"), 0);
}

#[test]
fn failures_before_the_first_byte_are_counted_by_their_kind() {
    let service = Service::start();
    let untrusted = Client::new(&config(service.emulator.tls_url())).unwrap();
    assert_code(&delete(&untrusted, "g"), CHAT_ERR_TLS);
    assert_eq!(untrusted.stats().get("calls_tls"), 1);
    let closed = ClosedPort::new();
    let nobody = Client::new(&config(&closed.url)).unwrap();
    assert_code(&delete(&nobody, "g"), CHAT_ERR_TRANSPORT);
    let stats = nobody.stats();
    assert_eq!(
        (
            stats.get("attempts"),
            stats.get("retries"),
            stats.get("connections_opened")
        ),
        (3, 2, 0)
    );
}

#[test]
fn repeats_and_what_they_settle_are_counted() {
    let service = Service::start();
    let client = service.client();
    create(&client, "g");
    service.emulator.fault(Fault::drop_connection(Ending::Fin).applied());
    assert!(delete(&client, "g").is_already_deleted());
    service.emulator.fault(Fault::code(60007));
    delete(&client, "g");
    service
        .emulator
        .fault(Fault::code(i64::from(CHAT_SERVICE_USER_SIG_EXPIRED)));
    delete(&client, "g");
    let stats = client.stats();
    let count = ["retries", "already_deleted", "throttle_answers", "re_signs", "in_doubt"].map(|name| stats.get(name));
    assert_eq!(count, [3, 1, 1, 1, 0]);
    assert_eq!(stats.get("attempts"), service.emulator.requests_total());
}

#[test]
fn time_spent_waiting_for_slots_is_counted() {
    let service = Service::start();
    let mut config = service.config();
    config.set_rate_limit(1).unwrap();
    let client = Client::new(&config).unwrap();
    for _ in 0..2 {
        delete(&client, "g");
    }
    assert_code(&delete_with(&client, "g", &within(100)), CHAT_ERR_THROTTLED);
    let stats = client.stats();
    assert_eq!((stats.get("rate_waits"), stats.get("calls_throttled")), (1, 1));
    assert!(
        (900..60_000).contains(&stats.get("rate_waited_ms")),
        "{}",
        stats.get("rate_waited_ms")
    );
}

#[test]
fn connections_are_counted_when_they_are_made_and_when_they_end() {
    let service = Service::start();
    let client = service.client();
    let connections = || {
        (
            client.stats().get("connections_opened"),
            client.stats().get("connections_open"),
        )
    };
    for _ in 0..5 {
        delete(&client, "g");
    }
    assert_eq!(connections(), (1, 1), "one is kept");
    service.emulator.fault(Fault::drop_connection(Ending::Fin));
    delete_with(&client, "g", &once());
    assert_eq!(connections(), (1, 0));
    thread::scope(|scope| {
        service
            .emulator
            .fault(Fault::delay(Duration::from_millis(200)).times(0));
        for _ in 0..4 {
            scope.spawn(|| delete(&client, "g"));
        }
        while client.stats().get("calls_in_progress") < 4 {
            thread::sleep(Duration::from_millis(1));
        }
    });
    assert_eq!(connections(), (5, 4));
    assert_eq!(client.stats().get("calls_in_progress"), 0);
}

#[test]
fn the_exposition_carries_the_same_numbers() {
    let service = Service::start();
    let client = service.client();
    delete(&client, "g");
    client.call(&AnyCall::new("no command", b""), &CallOptions::default());
    let stats = client.stats();
    let text = stats.prometheus();
    for line in [
        "tencent_chat_calls_total{outcome=\"service\"} 1",
        "tencent_chat_calls_total{outcome=\"invalid_argument\"} 1",
        "tencent_chat_attempts_total 1",
        "tencent_chat_connections_open 1",
        "tencent_chat_calls_in_progress 0",
        "tencent_chat_call_duration_seconds_bucket{le=\"+Inf\"} 1",
        "tencent_chat_call_duration_seconds_count 1",
    ] {
        assert!(text.lines().any(|known| known == line), "{line}\n{text}");
    }
}
