//! The signature on the wire: made once, renewed when the service says so, replaced on a live client, never repeated blindly.

use std::thread;

use crate::service::{create, delete, Service, DELETE};
use chat_emulator::{ClockSetting, Fault, Settings, DEFAULT_ADMIN, DEFAULT_SDK_APP_ID};
use tencent_chat::error::*;
use tencent_chat::{Client, Config};

/// Short prints of the signatures sent, in order.
fn signatures(service: &Service) -> Vec<String> {
    service
        .requests(DELETE)
        .iter()
        .map(|request| request.query["usersig_sha256"].clone())
        .collect()
}

#[test]
fn one_signature_serves_many_calls() {
    let service = Service::start();
    let client = service.client();
    for _ in 0..5 {
        delete(&client, "g");
    }
    let sent = signatures(&service);
    assert!(sent.len() == 5 && sent.iter().all(|signature| signature == &sent[0]));
}

#[test]
fn an_expired_or_revoked_signature_is_renewed_once_and_the_call_repeated_once() {
    for code in [CHAT_SERVICE_USER_SIG_EXPIRED, CHAT_SERVICE_USER_SIG_REVOKED] {
        let service = Service::start();
        let client = service.client();
        create(&client, "g");
        service.emulator.fault(Fault::code(i64::from(code)));
        let response = delete(&client, "g");
        assert_eq!(
            (response.code(), response.attempts()),
            (CHAT_OK, 2),
            "{}",
            response.message()
        );
        let sent = signatures(&service);
        assert_ne!(sent[0], sent[1]);
        assert!(response.trace().contains(&format!(r#""code":{code}"#)));
        service.emulator.fault(Fault::code(i64::from(code)).times(5));
        let response = delete(&client, "g");
        assert_eq!(
            (response.code(), response.attempts()),
            (code, 2),
            "a second refusal is told, not hammered"
        );
    }
}

#[test]
fn a_signature_revoked_by_the_service_is_made_good_within_the_same_second() {
    let service = Service::start();
    let client = service.client();
    create(&client, "g");
    assert_eq!(service.emulator.revoke(DEFAULT_ADMIN), 1);
    let response = delete(&client, "g");
    assert_eq!(
        (response.code(), response.attempts()),
        (CHAT_OK, 2),
        "{}",
        response.message()
    );
}

#[test]
fn a_service_whose_clock_is_a_minute_behind_accepts_the_signature() {
    // Neither reference verifier rejects a TLS.time in the future, but nobody promises that the service does not.
    let service = Service::start();
    service.emulator.set_clock(ClockSetting::offset(-55));
    assert_eq!(delete(&service.client(), "g").code(), 51009);
}

#[test]
fn a_ready_signature_is_used_as_it_is_and_can_be_replaced_on_a_live_client() {
    let service = Service::start();
    let mut config = Config::default();
    config.set_base_url(service.emulator.url()).unwrap();
    config.set_sdk_app_id(DEFAULT_SDK_APP_ID).unwrap();
    config.set_identifier("xiaojun").unwrap();
    // The vendor's demo token of 2023, valid for 180 days from then.
    config
        .set_user_sig(concat!(
            "eAEBqwBU-3siVExTLnZlciI6IjIuMCIsIlRMUy5pZGVudGlmaWVyIjoieGlhb2p1biIsIlRMUy5zZGthcHBpZCI6MTQwMDAwMDAwMCwiVExTLmV4cGlyZSI6",
            "MTU1NTIwMDAsIlRMUy50aW1lIjoxNzAwMDAwMDAwLCJUTFMuc2lnIjoiTHZBN2QvSXc3Z1NzbnNrdlZ6QkRQT0NDRGJ1TkN3NEdId1RDMGJpcCtCND0ifa3H",
            "MfI_"
        ))
        .unwrap();
    let client = Client::new(&config).unwrap();
    let expired = delete(&client, "g");
    assert_eq!(
        (expired.code(), expired.attempts()),
        (CHAT_SERVICE_USER_SIG_EXPIRED, 1),
        "nobody here can renew it"
    );
    service.emulator.set_clock(ClockSetting::frozen(1_700_000_100));
    assert_eq!(
        delete(&client, "g").code(),
        CHAT_SERVICE_ADMIN_REQUIRED,
        "valid then, but xiaojun is no administrator"
    );
    client.set_user_sig("eJxgarbage").unwrap();
    assert_eq!(delete(&client, "g").code(), CHAT_SERVICE_USER_SIG_DAMAGED);
    assert_eq!(
        client.set_user_sig("not a signature").unwrap_err().code,
        CHAT_ERR_INVALID_ARGUMENT
    );
    assert_eq!(
        delete(&client, "g").code(),
        CHAT_SERVICE_USER_SIG_DAMAGED,
        "a refused one changes nothing"
    );
}

#[test]
fn the_key_can_be_rotated_while_calls_run() {
    let service = Service::start();
    let mut config = service.config();
    config.set_secret_key(&"0".repeat(64)).unwrap();
    let client = Client::new(&config).unwrap();
    assert_eq!(delete(&client, "g").code(), CHAT_SERVICE_USER_SIG_WRONG_KEY);
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..50 {
                    let code = delete(&client, "g").code();
                    assert!(
                        [CHAT_SERVICE_USER_SIG_WRONG_KEY, CHAT_SERVICE_GROUP_NOT_FOUND].contains(&code),
                        "{code}"
                    );
                }
            });
        }
        client.set_secret_key(chat_emulator::DEFAULT_SECRET_KEY).unwrap();
    });
    assert_eq!(delete(&client, "g").code(), CHAT_SERVICE_GROUP_NOT_FOUND);
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
fn a_locked_account_is_told_with_its_pause_and_not_hammered() {
    let service = Service::start();
    service.emulator.set_settings(Settings {
        lock_out: true,
        ..Settings::default()
    });
    let mut config = service.config();
    config.set_secret_key(&"0".repeat(64)).unwrap();
    let client = Client::new(&config).unwrap();
    let codes: Vec<i32> = (0..6).map(|_| delete(&client, "g").code()).collect();
    assert_eq!(codes.last(), Some(&CHAT_SERVICE_LOCKED_OUT), "{codes:?}");
    let before = service.emulator.requests_total();
    assert_eq!(delete(&client, "g").retry_after_ms(), 60_000);
    assert_eq!(service.emulator.requests_total() - before, 1);
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
