//! The rate limit as a caller meets it: who waits, who is told at once, what slows down. The service's view of it is in tests/pace.

use std::thread;
use std::time::{Duration, Instant};

use crate::service;
use crate::service::{assert_code, delete, delete_with, until, within, Service, DELETE};
use chat_emulator::{Config as Emulation, Fault, Settings};
use tencent_chat::error::*;
use tencent_chat::{CallOptions, Cancel, Client};

#[test]
fn a_burst_after_a_pause_is_not_held_back() {
    let service = Service::start();
    let client = service.client();
    let began = Instant::now();
    for _ in 0..100 {
        delete(&client, "g");
    }
    let stats = client.stats();
    assert_eq!(
        (stats.get("rate_waits"), stats.get("calls")),
        (0, 100),
        "{:?}",
        began.elapsed()
    );
}

#[test]
fn callers_that_wait_for_slots_of_one_command_hold_no_connection_of_another() {
    let service = Service::start();
    let mut config = service.config();
    config.set_rate_limit(1).unwrap();
    config.set_max_connections(1).unwrap();
    let client = Client::new(&config).unwrap();
    delete(&client, "g");
    thread::scope(|scope| {
        scope.spawn(|| delete_with(&client, "g", &within(60_000)));
        while client.stats().get("calls_in_progress") < 1 {
            thread::sleep(Duration::from_millis(1));
        }
        assert_code(&service::create(&client, "h"), CHAT_OK);
        assert_eq!(
            service.requests(DELETE).len(),
            1,
            "the other command's call still waits"
        );
    });
}

#[test]
fn callers_outside_this_library_are_survived_by_slowing_down() {
    // The service lets 40 a second through, whatever this client was told.
    let settings = Settings {
        rate_limit: 40,
        ..Settings::default()
    };
    let service = Service::with(Emulation {
        settings,
        ..Emulation::default()
    });
    let client = service.client();
    let deadline = Instant::now() + Duration::from_secs(8);
    let mut refused = Vec::new();
    thread::scope(|scope| {
        let worker = || {
            let mut codes = Vec::new();
            while Instant::now() < deadline {
                codes.push(delete_with(&client, "g", &within(30_000)).code());
            }
            codes
        };
        let workers: Vec<_> = (0..4).map(|_| scope.spawn(worker)).collect();
        refused.extend(workers.into_iter().flat_map(|worker| worker.join().unwrap()));
    });
    let stats = client.stats();
    let rate = service.emulator.rates()[DELETE];
    assert!(stats.get("throttle_answers") > 0);
    assert!(
        rate.calls < 8 * 150,
        "{} requests in 8 s: it never slowed down ({} throttle answers)",
        rate.calls,
        stats.get("throttle_answers")
    );
}

#[test]
fn repeats_take_slots_too() {
    let service = Service::start();
    let mut config = service.config();
    config.set_rate_limit(2).unwrap();
    let client = Client::new(&config).unwrap();
    service.emulator.fault(Fault::code(50004).times(2));
    let began = Instant::now();
    let response = client.call(
        &tencent_chat::endpoints::del_contact_group::DelContactGroup::new(service::USER, "g"),
        &CallOptions::default(),
    );
    assert_eq!(response.attempts(), 3);
    assert!(
        began.elapsed() >= Duration::from_millis(1_000),
        "three requests at two a second"
    );
}

#[test]
fn a_limit_that_is_raised_or_taken_away_holds_at_once_for_calls_that_wait() {
    for raised in [200, 0] {
        let service = Service::start();
        let mut config = service.config();
        config.set_rate_limit(1).unwrap();
        let client = Client::new(&config).unwrap();
        let began = Instant::now();
        thread::scope(|scope| {
            for _ in 0..30 {
                scope.spawn(|| delete_with(&client, "g", &within(60_000)));
            }
            service.wait_for(1);
            client.set_rate_limit(raised).unwrap();
        });
        // Half a minute at one a second.
        assert!(began.elapsed() < Duration::from_secs(15), "{:?}", began.elapsed());
        assert_eq!(service.requests(DELETE).len(), 30);
    }
}

#[test]
fn a_token_that_is_held_lets_nothing_leave_and_what_has_left_end_well() {
    let service = Service::start();
    let mut config = service.config();
    config.set_rate_limit(1).unwrap();
    let client = Client::new(&config).unwrap();
    let cancel = Cancel::new();
    service
        .emulator
        .fault(Fault::delay(Duration::from_millis(500)).times(1));
    thread::scope(|scope| {
        let begin = || scope.spawn(|| delete_with(&client, "g", &until(&cancel)));
        let sent = begin();
        service.wait_for(1);
        let waiting = begin();
        thread::sleep(Duration::from_millis(100));
        cancel.hold();
        let held = waiting.join().unwrap();
        assert_code(&held, CHAT_ERR_CANCELLED);
        assert!(!held.is_in_doubt() && held.attempts() == 0);
        assert_code(&sent.join().unwrap(), CHAT_SERVICE_GROUP_NOT_FOUND);
        assert_code(&begin().join().unwrap(), CHAT_ERR_CANCELLED);
    });
    assert_eq!(service.requests(DELETE).len(), 1);
}
