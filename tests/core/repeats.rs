//! When a call is sent again: where it is right, never where it could do something twice, never more often than said, never past its deadline.

use std::thread;
use std::time::{Duration, Instant};

use crate::service::{
    assert_code, config, create, delete, delete_with, once, until, within, ClosedPort, Service, CREATE, DELETE, USER,
};
use chat_emulator::{Ending, Fault, RawAnswer};
use tencent_chat::endpoints::account_delete::AccountDelete;
use tencent_chat::endpoints::call::AnyCall;
use tencent_chat::endpoints::create_contact_group::CreateContactGroup;
use tencent_chat::endpoints::lists::Account;
use tencent_chat::endpoints::update_contact_group::UpdateContactGroup;
use tencent_chat::error::*;
use tencent_chat::{CallOptions, Cancel, Client, Response};

fn lost(ending: Ending) -> Fault {
    Fault::drop_connection(ending).applied()
}

fn status(status: u16, retry_after: &str) -> Fault {
    Fault::answer(RawAnswer {
        status,
        headers: [("retry-after".to_owned(), retry_after.to_owned())].into(),
        body: "<html>".to_owned(),
    })
}

/// The attempts that the service saw are those that the response counts.
fn assert_attempts(service: &Service, response: &Response, path: &str, attempts: usize) {
    assert_eq!(response.attempts(), attempts, "{}", response.trace());
    assert_eq!(service.requests(path).len(), attempts, "what the service saw");
}

#[test]
fn passing_errors_of_the_service_are_tried_again_and_lasting_ones_are_not() {
    for (code, attempts) in [
        (50004, 3),
        (50005, 3),
        (60008, 3),
        (60013, 3),
        (60014, 3),
        (70169, 3),
        (70202, 3),
        (70500, 3),
        (50001, 1),
        (50002, 1),
        (51009, 1),
        (60020, 1),
        (70009, 1),
        (70050, 1),
        (99_999, 1),
    ] {
        let service = Service::start();
        service.emulator.fault(Fault::code(code).times(0));
        let response = delete(&service.client(), "g");
        assert_code(&response, i32::try_from(code).unwrap());
        assert_attempts(&service, &response, DELETE, attempts);
    }
}

#[test]
fn an_error_that_passes_is_never_seen_by_the_caller() {
    let service = Service::start();
    let client = service.client();
    assert_code(&create(&client, "g"), CHAT_OK);
    service.emulator.fault(Fault::code(50004).times(2));
    let response = delete(&client, "g");
    assert_code(&response, CHAT_OK);
    assert_attempts(&service, &response, DELETE, 3);
    assert!(!response.is_already_deleted());
}

#[test]
fn a_delete_whose_answer_was_lost_is_told_as_already_deleted() {
    for fault in [lost(Ending::Fin), lost(Ending::Reset), Fault::cut(9).applied()] {
        let service = Service::start();
        for client in [service.client(), service.tls_client()] {
            assert_code(&create(&client, "g"), CHAT_OK);
            service.emulator.fault(fault.clone());
            let response = delete(&client, "g");
            assert_code(&response, CHAT_OK);
            assert!(response.is_already_deleted() && !response.is_in_doubt() && !response.is_retriable());
            assert_eq!((response.attempts(), response.message()), (2, ""));
            assert!(response.trace().contains(r#""code":51009"#), "{}", response.trace());
            assert!(service.groups().is_empty());
        }
    }
}

#[test]
fn a_group_that_was_never_there_stays_an_error_also_after_a_failure_that_left_no_doubt() {
    let service = Service::start();
    service.emulator.fault(Fault::code(50004));
    let response = delete(&service.client(), "never");
    assert_code(&response, CHAT_SERVICE_GROUP_NOT_FOUND);
    assert_eq!(response.attempts(), 2);
    assert!(!response.is_already_deleted() && !response.is_in_doubt());
}

#[test]
fn a_create_in_doubt_is_never_sent_twice() {
    for fault in [
        lost(Ending::Fin),
        lost(Ending::Reset),
        Fault::cut(9).applied(),
        Fault::code(50005),
        status(502, "").applied(),
        Fault::hang().applied(),
    ] {
        let service = Service::start();
        service.emulator.fault(fault);
        let mut options = CallOptions::default();
        options.set_attempt_timeout_ms(300).unwrap();
        let request = CreateContactGroup::new(USER, "g", &[]);
        let response = service.client().call(&request, &options);
        assert!(
            response.is_in_doubt() && response.is_retriable(),
            "{}",
            response.trace()
        );
        assert_attempts(&service, &response, CREATE, 1);
    }
}

#[test]
fn what_must_not_be_sent_twice_is_repeated_in_doubt_only_on_request() {
    let service = Service::start();
    let client = service.client();
    let any = AnyCall::new(DELETE, br#"{"From_Account":"user_0001","GroupName":["g"]}"#);
    let mut repeat = CallOptions::default();
    repeat.set_repeat_in_doubt(true);
    for (options, attempts) in [(CallOptions::default(), 1), (repeat, 2)] {
        service.emulator.forget_requests();
        service.emulator.fault(Fault::drop_connection(Ending::Fin));
        assert_attempts(&service, &client.call(&any, &options), DELETE, attempts);
    }
    let mut never = CallOptions::default();
    never.set_repeat_in_doubt(false);
    service.emulator.forget_requests();
    service.emulator.fault(Fault::drop_connection(Ending::Fin));
    let response = delete_with(&client, "g", &never);
    assert_code(&response, CHAT_ERR_TRANSPORT);
    assert_attempts(&service, &response, DELETE, 1);
    service.emulator.fault(Fault::drop_connection(Ending::Fin));
    let accounts = [Account::new(USER, None, None).unwrap()];
    assert_eq!(
        client
            .call(&AccountDelete::new(&accounts), &CallOptions::default())
            .attempts(),
        1
    );
}

#[test]
fn a_rename_whose_answer_was_lost_keeps_its_doubt_when_the_old_name_is_gone() {
    let service = Service::start();
    let client = service.client();
    assert_code(&create(&client, "old"), CHAT_OK);
    service.emulator.fault(lost(Ending::Fin));
    let response = client.call(&UpdateContactGroup::name(USER, "old", "new"), &CallOptions::default());
    assert_code(&response, CHAT_SERVICE_GROUP_NOT_FOUND);
    assert!(response.is_in_doubt() && !response.is_already_deleted());
    let words = "an earlier attempt may have taken effect";
    assert!(response.message().ends_with(words), "{}", response.message());
    assert_eq!(service.groups(), ["new"]);
}

#[test]
fn a_doubt_once_raised_stays_until_an_answer_settles_it() {
    let service = Service::start();
    let client = service.client();
    service.emulator.fault(Fault::drop_connection(Ending::Fin));
    service.emulator.fault(Fault::code(50003));
    let response = delete(&client, "g");
    assert_code(&response, CHAT_SERVICE_ADMIN_REQUIRED);
    assert!(response.is_in_doubt(), "the first attempt may have deleted it");
    assert_code(&create(&client, "g"), CHAT_OK);
    service.emulator.fault(Fault::drop_connection(Ending::Fin));
    let settled = delete(&client, "g");
    assert_code(&settled, CHAT_OK);
    assert!(!settled.is_in_doubt() && !settled.is_already_deleted());
}

#[test]
fn gateways_that_fail_are_tried_again_and_those_that_refuse_are_not() {
    for (code, attempts) in [(500, 3), (502, 3), (504, 3), (408, 3), (302, 1), (403, 1), (404, 1)] {
        let service = Service::start();
        service.emulator.fault(status(code, "").times(0));
        let response = delete(&service.client(), "g");
        assert_code(&response, CHAT_ERR_HTTP_STATUS);
        assert_attempts(&service, &response, DELETE, attempts);
    }
}

#[test]
fn an_answer_that_makes_no_sense_is_not_asked_for_again() {
    let service = Service::start();
    let body = "<html>hotel wifi</html>".to_owned();
    let headers = Default::default();
    service.emulator.fault(
        Fault::answer(RawAnswer {
            status: 200,
            headers,
            body,
        })
        .times(0),
    );
    let response = delete(&service.client(), "g");
    assert_code(&response, CHAT_ERR_PROTOCOL);
    assert_attempts(&service, &response, DELETE, 1);
}

#[test]
fn when_the_service_asks_to_slow_down_the_repeat_waits_at_least_that_long() {
    for (fault, pause) in [
        (Fault::code(60007), 1_000),
        (Fault::code(60018), 1_000),
        (status(503, "2"), 2_000),
        (status(429, ""), 1_000),
    ] {
        let service = Service::start();
        service.emulator.fault(fault);
        let began = Instant::now();
        assert_eq!(delete(&service.client(), "g").attempts(), 2);
        assert!(began.elapsed() >= Duration::from_millis(pause));
    }
}

#[test]
fn a_pause_that_does_not_fit_before_the_deadline_is_not_begun() {
    let service = Service::start();
    service.emulator.fault(Fault::code(60007).times(0));
    let began = Instant::now();
    let response = delete_with(&service.client(), "g", &within(900));
    assert_code(&response, CHAT_SERVICE_CALL_RATE_EXCEEDED);
    assert_eq!((response.attempts(), response.retry_after_ms()), (1, 1_000));
    assert!(began.elapsed() < Duration::from_millis(900));
}

#[test]
fn an_attempt_that_takes_too_long_is_given_up_for_another() {
    let service = Service::start();
    let client = service.client();
    assert_code(&create(&client, "g"), CHAT_OK);
    service.emulator.fault(Fault::hang());
    let mut options = CallOptions::default();
    options.set_attempt_timeout_ms(150).unwrap();
    let response = delete_with(&client, "g", &options);
    assert_code(&response, CHAT_OK);
    assert_eq!(response.attempts(), 2);
    service.emulator.fault(Fault::hang().times(0));
    options.set_max_attempts(2).unwrap();
    let began = Instant::now();
    let response = delete_with(&client, "g", &options);
    assert_code(&response, CHAT_ERR_TIMEOUT);
    assert!(
        response.message().starts_with("the attempt took too long"),
        "{}",
        response.message()
    );
    assert_eq!(response.attempts(), 2);
    assert!(
        began.elapsed() >= Duration::from_millis(300),
        "each attempt has its time"
    );
}

#[test]
fn the_clients_own_attempt_time_and_number_hold_unless_a_call_says_otherwise() {
    let service = Service::start();
    let mut config = service.config();
    config.set_attempt_timeout_ms(100).unwrap();
    config.set_max_attempts(2).unwrap();
    let client = Client::new(&config).unwrap();
    service.emulator.fault(Fault::hang().times(0));
    let response = delete(&client, "g");
    assert_code(&response, CHAT_ERR_TIMEOUT);
    assert_attempts(&service, &response, DELETE, 2);
    service.emulator.forget_requests();
    assert_attempts(&service, &delete_with(&client, "g", &once()), DELETE, 1);
    let mut more = CallOptions::default();
    more.set_max_attempts(5).unwrap();
    service.emulator.forget_requests();
    assert_attempts(&service, &delete_with(&client, "g", &more), DELETE, 5);
}

#[test]
fn numbers_that_make_no_sense_are_refused_by_name() {
    let mut options = CallOptions::default();
    for n in [0, 11] {
        assert!(options
            .set_max_attempts(n)
            .unwrap_err()
            .message
            .starts_with("max_attempts"));
    }
    assert!(options
        .set_attempt_timeout_ms(0)
        .unwrap_err()
        .message
        .starts_with("attempt_timeout_ms"));
    assert!(options
        .set_connect_timeout_ms(0)
        .unwrap_err()
        .message
        .starts_with("connect_timeout_ms"));
    let service = Service::start();
    let response = delete_with(&service.client(), "g", &options);
    assert_code(&response, CHAT_ERR_INVALID_ARGUMENT);
    assert_eq!(
        service.emulator.requests_total(),
        0,
        "a call with refused options sends nothing"
    );
    let mut config = service.config();
    assert!(config.set_max_attempts(0).is_err() && config.set_attempt_timeout_ms(0).is_err());
    assert!(config
        .set_rate_limit(10_001)
        .unwrap_err()
        .message
        .starts_with("rate_limit"));
}

#[test]
fn a_call_that_waits_for_its_next_attempt_is_ended_at_once() {
    let service = Service::start();
    let client = service.client();
    service.emulator.fault(status(503, "30").times(0));
    let cancel = Cancel::new();
    thread::scope(|scope| {
        let call = scope.spawn(|| delete_with(&client, "g", &until(&cancel)));
        service.wait_for(1);
        // Long enough to be in the pause, which lasts half a minute.
        thread::sleep(Duration::from_millis(100));
        cancel.trigger();
        let response = call.join().unwrap();
        assert_code(&response, CHAT_ERR_CANCELLED);
        assert_eq!(response.attempts(), 1);
        assert!(response.is_in_doubt(), "a gateway's word leaves it open");
    });
}

#[test]
fn a_total_outage_costs_next_to_no_extra_requests() {
    let closed = ClosedPort::new();
    let mut config = config(&closed.url);
    config.set_rate_limit(0).unwrap();
    let client = Client::new(&config).unwrap();
    let attempts: usize = (0..3_000).map(|_| delete(&client, "g").attempts()).sum();
    assert_eq!(attempts, 3_050, "at most 1.02 a call");
    let stats = client.stats();
    assert_eq!((stats.get("attempts"), stats.get("retries")), (3_050, 50));
    assert_eq!(stats.get("retries_over_budget"), 2_975);
}

#[test]
fn successes_earn_repeats_again() {
    let service = Service::start();
    let mut config = service.config();
    config.set_rate_limit(0).unwrap();
    let client = Client::new(&config).unwrap();
    service.emulator.fault(Fault::code(50004).times(0));
    while delete(&client, "g").attempts() > 1 {}
    service.emulator.clear_faults();
    for n in 0..3 {
        create(&client, &format!("g{n}"));
    }
    for n in 0..2 {
        assert_code(&delete(&client, &format!("g{n}")), CHAT_OK);
    }
    service.emulator.fault(Fault::code(50004));
    let response = delete(&client, "g2");
    assert_code(&response, CHAT_OK);
    assert_eq!(response.attempts(), 2, "five successes paid for it");
}
