//! Tests of how often a command may be called: the limit in fixed and sliding seconds, where it stands among the
//! checks, and the count of what arrived.

use crate::caller::*;
use chat_emulator::{ClockSetting, Fault, Rate, RateWindow};
use serde_json::json;

/// A setup that lets two calls a second through, and the full second its clock is moved around.
fn setup(window: RateWindow) -> (Setup, i64) {
    let setup = Setup::open();
    setup.switch(|settings| {
        settings.rate_limit = 2;
        settings.rate_window = window;
    });
    let second = setup.emulator.now();
    (setup, second * 1000)
}

/// The codes of calls at these milliseconds.
fn codes(setup: &Setup, start_ms: i64, at: &[i64]) -> Vec<i64> {
    let code = |ms: &i64| {
        setup.emulator.set_clock(ClockSetting::frozen_ms(start_ms + ms));
        setup.get(0)["ErrorCode"].as_i64().unwrap()
    };
    at.iter().map(code).collect()
}

#[test]
fn a_fixed_second_begins_with_the_clocks() {
    let (setup, start) = setup(RateWindow::Fixed);
    let at = [900, 950, 999, 1000, 1001, 1002, 2000];
    assert_eq!(codes(&setup, start, &at), [0, 0, 60007, 0, 0, 60007, 0]);
}

#[test]
fn a_sliding_second_is_the_one_before_each_call() {
    let (setup, start) = setup(RateWindow::Sliding);
    let at = [900, 950, 999, 1000, 1899, 1900, 1949, 1950];
    assert_eq!(codes(&setup, start, &at), [0, 0, 60007, 60007, 60007, 0, 60007, 0]);
}

#[test]
fn without_a_limit_every_call_passes() {
    let setup = Setup::open();
    let start = setup.emulator.now() * 1000;
    assert_eq!(codes(&setup, start, &[0; 300]), [0; 300]);
}

#[test]
fn the_documented_limit_lets_200_calls_of_each_command_through() {
    let setup = Setup::open();
    setup.switch(|settings| settings.rate_limit = 200);
    let start = setup.emulator.now() * 1000;
    let answers = codes(&setup, start, &[0; 201]);
    assert_eq!(answers[..200], [0; 200]);
    assert_eq!(answers[200], 60007);
    assert_eq!(setup.create("a", json!([]))["ErrorCode"], 0, "another command");
    assert_eq!(codes(&setup, start, &[1000]), [0]);
}

#[test]
fn the_limit_stands_behind_the_admin_and_before_the_body() {
    let (setup, start) = setup(RateWindow::Fixed);
    setup.emulator.set_clock(ClockSetting::frozen_ms(start));
    let wrong = json!({"From_Account": 7, "StartIndex": 0});
    let user = Token::of("user_0001").text();
    for _ in 0..3 {
        assert_eq!(setup.code_as("user_0001", &user), 50003, "uses nothing up");
    }
    assert_eq!(setup.code(GET, wrong.clone()), 60015);
    assert_eq!(setup.code(GET, wrong.clone()), 60015);
    assert_eq!(setup.code(GET, wrong), 60007);
    assert_eq!(setup.code_as("user_0001", &user), 50003);
    assert_eq!(setup.code(CHECK, json!({"CheckItem": []})), 70206);
}

#[test]
fn a_call_over_the_limit_is_not_carried_out() {
    let (setup, start) = setup(RateWindow::Sliding);
    setup.emulator.set_clock(ClockSetting::frozen_ms(start));
    for (name, code) in [("a", 0), ("b", 0), ("c", 60007)] {
        assert_eq!(setup.create(name, json!([]))["ErrorCode"], code);
    }
    assert_eq!(setup.emulator.state().accounts["user_0001"].groups.len(), 2);
    assert_eq!(setup.emulator.requests().last().unwrap().code, Some(60007));
}

#[test]
fn what_arrives_is_counted_a_command_whatever_it_is_answered() {
    let (setup, start) = setup(RateWindow::Sliding);
    setup.emulator.set_clock(ClockSetting::frozen_ms(start));
    assert_eq!(admin(setup.emulator.admin_url(), "GET", "/rates", "").1, json!({}));
    setup.emulator.fault(Fault::code(50004).on(GET));
    for expected in [50004, 0, 0, 60007, 60007] {
        assert_eq!(setup.get(0)["ErrorCode"], expected);
    }
    setup.delete("a");
    setup.call("v4/no/such", json!({}));
    let rates = setup.emulator.rates();
    assert_eq!(rates.keys().collect::<Vec<_>>(), [DELETE, GET]);
    assert_eq!(rates[GET].calls, 5);
    // All five may not fall into one second on a slow machine; one does for sure.
    assert!((1..=5).contains(&rates[GET].largest_second));
    assert_eq!(
        rates[DELETE],
        Rate {
            largest_second: 1,
            calls: 1
        }
    );
    let told = admin(setup.emulator.admin_url(), "GET", "/rates", "").1;
    assert_eq!(told, json!(rates));
    assert_eq!(told[DELETE], json!({"largest_second": 1, "calls": 1}));
    setup.emulator.reset();
    assert_eq!(admin(setup.emulator.admin_url(), "GET", "/rates", "").1, json!({}));
    assert_eq!(setup.get(0)["ErrorCode"], 0);
}

#[test]
fn a_reset_forgets_what_passed() {
    let (setup, start) = setup(RateWindow::Sliding);
    assert_eq!(codes(&setup, start, &[0, 0, 0]), [0, 0, 60007]);
    setup.emulator.reset();
    setup.switch(|settings| settings.rate_limit = 1);
    assert_eq!(codes(&setup, start, &[0, 0]), [0, 60007]);
}

#[test]
fn the_window_is_fixed_or_sliding_on_the_admin_port_too() {
    let setup = Setup::open();
    let put = |body: &str| admin(setup.emulator.admin_url(), "PUT", "/settings", body);
    let (status, all) = put(r#"{"rate_limit":200,"rate_window":"sliding"}"#);
    assert_eq!((status, &all["rate_window"]), (200, &json!("sliding")));
    assert_eq!(put(r#"{"rate_window":"weekly"}"#).0, 400);
    assert_eq!(put(r#"{"rate_limit":-1}"#).0, 400);
    assert_eq!(setup.emulator.settings().rate_window, RateWindow::Sliding);
}
