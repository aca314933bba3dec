//! Promises about how often a command may be called: the limit in fixed and sliding seconds, where it stands among the
//! checks, and the count of what arrived.

use crate::caller::*;
use chat_emulator::{ClockSetting, Fault, Rate, RateWindow};
use serde_json::json;

/// A desk that lets two calls a second through, and the full second its clock is moved around.
fn desk(window: RateWindow) -> (Desk, i64) {
    let desk = Desk::open();
    desk.switch(|settings| {
        settings.rate_limit = 2;
        settings.rate_window = window;
    });
    let second = desk.emulator.now();
    (desk, second * 1000)
}

/// The codes of calls at these milliseconds.
fn codes(desk: &Desk, start_ms: i64, at: &[i64]) -> Vec<i64> {
    let code = |ms: &i64| {
        desk.emulator.set_clock(ClockSetting::frozen_ms(start_ms + ms));
        desk.get(0)["ErrorCode"].as_i64().unwrap()
    };
    at.iter().map(code).collect()
}

#[test]
fn a_fixed_second_begins_with_the_clocks() {
    let (desk, start) = desk(RateWindow::Fixed);
    let at = [900, 950, 999, 1000, 1001, 1002, 2000];
    assert_eq!(codes(&desk, start, &at), [0, 0, 60007, 0, 0, 60007, 0]);
}

#[test]
fn a_sliding_second_is_the_one_before_each_call() {
    let (desk, start) = desk(RateWindow::Sliding);
    let at = [900, 950, 999, 1000, 1899, 1900, 1949, 1950];
    assert_eq!(codes(&desk, start, &at), [0, 0, 60007, 60007, 60007, 0, 60007, 0]);
}

#[test]
fn without_a_limit_every_call_passes() {
    let desk = Desk::open();
    let start = desk.emulator.now() * 1000;
    assert_eq!(codes(&desk, start, &[0; 300]), [0; 300]);
}

#[test]
fn the_documented_limit_lets_200_calls_of_each_command_through() {
    let desk = Desk::open();
    desk.switch(|settings| settings.rate_limit = 200);
    let start = desk.emulator.now() * 1000;
    let answers = codes(&desk, start, &[0; 201]);
    assert_eq!(answers[..200], [0; 200]);
    assert_eq!(answers[200], 60007);
    assert_eq!(desk.create("a", json!([]))["ErrorCode"], 0, "another command");
    assert_eq!(codes(&desk, start, &[1000]), [0]);
}

#[test]
fn the_limit_stands_behind_the_admin_and_before_the_body() {
    let (desk, start) = desk(RateWindow::Fixed);
    desk.emulator.set_clock(ClockSetting::frozen_ms(start));
    let wrong = json!({"From_Account": 7, "StartIndex": 0});
    let user = Token::of("user_0001").text();
    for _ in 0..3 {
        assert_eq!(desk.code_as("user_0001", &user), 50003, "uses nothing up");
    }
    assert_eq!(desk.code(GET, wrong.clone()), 60015);
    assert_eq!(desk.code(GET, wrong.clone()), 60015);
    assert_eq!(desk.code(GET, wrong), 60007);
    assert_eq!(desk.code_as("user_0001", &user), 50003);
    assert_eq!(desk.code(CHECK, json!({"CheckItem": []})), 70206);
}

#[test]
fn a_call_over_the_limit_is_not_carried_out() {
    let (desk, start) = desk(RateWindow::Sliding);
    desk.emulator.set_clock(ClockSetting::frozen_ms(start));
    for (name, code) in [("a", 0), ("b", 0), ("c", 60007)] {
        assert_eq!(desk.create(name, json!([]))["ErrorCode"], code);
    }
    assert_eq!(desk.emulator.state().accounts["user_0001"].groups.len(), 2);
    assert_eq!(desk.emulator.requests().last().unwrap().code, Some(60007));
}

#[test]
fn what_arrives_is_counted_a_command_whatever_it_is_answered() {
    let (desk, start) = desk(RateWindow::Sliding);
    desk.emulator.set_clock(ClockSetting::frozen_ms(start));
    assert_eq!(admin(desk.emulator.admin_url(), "GET", "/rates", "").1, json!({}));
    desk.emulator.fault(Fault::code(50004).on(GET));
    for expected in [50004, 0, 0, 60007, 60007] {
        assert_eq!(desk.get(0)["ErrorCode"], expected);
    }
    desk.delete("a");
    desk.call("v4/no/such", json!({}));
    let rates = desk.emulator.rates();
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
    let told = admin(desk.emulator.admin_url(), "GET", "/rates", "").1;
    assert_eq!(told, json!(rates));
    assert_eq!(told[DELETE], json!({"largest_second": 1, "calls": 1}));
    desk.emulator.reset();
    assert_eq!(admin(desk.emulator.admin_url(), "GET", "/rates", "").1, json!({}));
    assert_eq!(desk.get(0)["ErrorCode"], 0);
}

#[test]
fn a_reset_forgets_what_passed() {
    let (desk, start) = desk(RateWindow::Sliding);
    assert_eq!(codes(&desk, start, &[0, 0, 0]), [0, 0, 60007]);
    desk.emulator.reset();
    desk.switch(|settings| settings.rate_limit = 1);
    assert_eq!(codes(&desk, start, &[0, 0]), [0, 60007]);
}

#[test]
fn the_window_is_fixed_or_sliding_on_the_admin_port_too() {
    let desk = Desk::open();
    let put = |body: &str| admin(desk.emulator.admin_url(), "PUT", "/settings", body);
    let (status, all) = put(r#"{"rate_limit":200,"rate_window":"sliding"}"#);
    assert_eq!((status, &all["rate_window"]), (200, &json!("sliding")));
    assert_eq!(put(r#"{"rate_window":"weekly"}"#).0, 400);
    assert_eq!(put(r#"{"rate_limit":-1}"#).0, 400);
    assert_eq!(desk.emulator.settings().rate_window, RateWindow::Sliding);
}
