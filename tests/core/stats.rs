//! What a client counts about itself, held against what the emulator counted.

use std::thread;
use std::time::Duration;

use crate::service::{assert_code, config, delete, delete_with, once, ClosedPort, Service};
use chat_emulator::{Ending, Fault};
use tencent_chat::endpoints::call::AnyCall;
use tencent_chat::error::*;
use tencent_chat::{CallOptions, Client};

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
