//! The shared limit as a caller meets it, against a real redis-server: who shares it, what happens without the server, what is refused,
//! and that its login is nowhere to be seen. A whole fleet is in tests/pace, the rule itself in shared_limit_script.rs.

use std::thread;
use std::time::{Duration, Instant};

use crate::fleet::{server_that_answers, silent_server, slow_way_to, Redis};
use crate::service::{assert_code, create, delete, delete_with, until, within, ClosedPort, Service, DELETE};
use tencent_chat::error::*;
use tencent_chat::{Cancel, Client, Config};

pub const SHARED: &str = r#""limit":"shared""#;
const FALLBACK: &str = r#""limit":"fallback""#;

/// Settings for an emulator and a limit of so many calls a second, patient so that a slow machine is no failure.
pub fn sharing(service: &Service, url: &str, name: &str, limit: u32) -> Config {
    let mut config = service.config();
    config.set_rate_limit(limit).unwrap();
    config.set_shared_limit(Some(url), name).unwrap();
    config.set_timeout_ms(30_000).unwrap();
    config
}

pub fn client(service: &Service, url: &str, name: &str, limit: u32) -> Client {
    Client::new(&sharing(service, url, name, limit)).unwrap()
}

/// Calls with so many threads of each client for so long; how many calls each client made.
fn hammer(clients: &[&Client], threads: usize, time: Duration) -> Vec<u64> {
    let end = Instant::now() + time;
    let worker = |client: &Client| {
        let mut calls = 0;
        while Instant::now() < end {
            assert_code(&delete(client, "g"), CHAT_SERVICE_GROUP_NOT_FOUND);
            calls += 1;
        }
        calls
    };
    thread::scope(|scope| {
        let worker = &worker;
        let start = |client| (0..threads).map(|_| scope.spawn(move || worker(client))).collect();
        let all: Vec<Vec<_>> = clients.iter().map(|client| start(*client)).collect();
        let sum = |mine: Vec<thread::ScopedJoinHandle<'_, u64>>| mine.into_iter().map(|one| one.join().unwrap()).sum();
        all.into_iter().map(sum).collect()
    })
}

#[test]
fn clients_that_name_the_same_limit_share_it_fairly_and_say_so() {
    let Some(redis) = Redis::start() else { return };
    let service = Service::start();
    let (one, two) = (
        client(&service, &redis.url(), "all", 40),
        client(&service, &redis.url(), "all", 40),
    );
    let calls = hammer(&[&one, &two], 12, Duration::from_secs(4));
    let rate = service.emulator.rates()[DELETE];
    // Exactly the limit is asserted in tests/pace, whose tests do not disturb each other.
    assert!(rate.largest_second <= 44, "{rate:?}");
    assert!(rate.calls >= 90, "{rate:?} in the three seconds after the first");
    assert!(calls[0].abs_diff(calls[1]) <= 40, "{calls:?}");
    assert!(delete(&one, "g").trace().contains(SHARED));
    let stats = one.stats();
    assert!(stats.get("shared_limit_trips") > 0 && stats.get("rate_waits") > 0);
    assert_eq!(stats.get("shared_limit_failures"), 0);
}

#[test]
fn another_name_another_command_and_another_app_have_slots_of_their_own() {
    let Some(redis) = Redis::start() else { return };
    let service = Service::start();
    let (one, two) = (
        client(&service, &redis.url(), "one", 1),
        client(&service, &redis.url(), "two", 1),
    );
    delete(&one, "g");
    delete(&two, "g");
    create(&one, "g");
    let mut keys: Vec<String> = redis.ask(&["KEYS", "*"]);
    keys.sort_unstable();
    let app = chat_emulator::DEFAULT_SDK_APP_ID;
    let expected = [
        format!("tencent-chat:one:{app}:v4/recentcontact/create_contact_group"),
        format!("tencent-chat:one:{app}:{DELETE}"),
        format!("tencent-chat:two:{app}:{DELETE}"),
    ];
    assert_eq!(keys, expected);
}

#[test]
fn a_script_flush_and_a_connection_that_the_server_closes_are_not_noticed() {
    let Some(redis) = Redis::start() else { return };
    let service = Service::start();
    let client = client(&service, &redis.url(), "n", 200);
    delete(&client, "g");
    let _: String = redis.ask(&["SCRIPT", "FLUSH"]);
    assert!(delete(&client, "g").trace().contains(SHARED));
    let _: i64 = redis.ask(&["CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"]);
    assert!(delete(&client, "g").trace().contains(SHARED));
    assert_eq!(client.stats().get("shared_limit_failures"), 0);
}

#[test]
fn without_the_server_a_call_is_refused_at_once_with_the_reason() {
    let service = Service::start();
    let closed = ClosedPort::new();
    let client = client(&service, &closed.url.replace("http", "redis"), "n", 200);
    for _ in 0..3 {
        let response = delete(&client, "g");
        assert_code(&response, CHAT_ERR_THROTTLED);
        assert!(
            response
                .message()
                .contains("the shared limit cannot be asked: no connection"),
            "{}",
            response.message()
        );
        assert!(response.is_retriable() && !response.is_in_doubt() && response.retry_after_ms() == 1_000);
        assert_eq!(response.attempts(), 0);
    }
    assert_eq!(service.emulator.requests_total(), 0);
    assert!(client.stats().get("shared_limit_failures") >= 1);
}

#[test]
fn a_fallback_serves_calls_at_its_own_pace_until_the_server_is_back() {
    let Some(mut redis) = Redis::stopped(&[]) else { return };
    let service = Service::start();
    let mut config = sharing(&service, &redis.url(), "n", 200);
    config.set_shared_limit_fallback(20).unwrap();
    let client = Client::new(&config).unwrap();
    let began = Instant::now();
    for _ in 0..11 {
        assert!(delete(&client, "g").trace().contains(FALLBACK));
    }
    assert!(began.elapsed() >= Duration::from_millis(510), "ten gaps of 51 ms");
    redis.run();
    let began = Instant::now();
    while !delete(&client, "g").trace().contains(SHARED) {
        assert!(began.elapsed() < Duration::from_secs(20), "it is tried every second");
    }
    redis.kill();
    let began = Instant::now();
    while !delete(&client, "g").trace().contains(FALLBACK) {
        assert!(
            began.elapsed() < Duration::from_secs(20),
            "slots from before are used up"
        );
    }
}

#[test]
fn a_server_that_does_not_answer_holds_a_call_for_a_second_or_two_and_no_longer() {
    let service = Service::start();
    let mut config = sharing(&service, &format!("redis://127.0.0.1:{}", silent_server()), "n", 200);
    config.set_shared_limit_fallback(100).unwrap();
    let client = Client::new(&config).unwrap();
    let began = Instant::now();
    let response = delete(&client, "g");
    assert!(
        response.trace().contains(FALLBACK),
        "{} {}",
        response.message(),
        response.trace()
    );
    assert!(began.elapsed() < Duration::from_secs(15), "{:?}", began.elapsed());
}

#[test]
fn whoever_ends_a_call_that_waits_for_the_server_is_heard_at_once() {
    let service = Service::start();
    let url = format!("redis://127.0.0.1:{}", silent_server());
    // The server is given a second, so each of these ends the call before.
    let ended = |end: &dyn Fn(&Client, &Cancel)| {
        let client = client(&service, &url, "n", 200);
        let cancel = Cancel::new();
        let code = thread::scope(|scope| {
            let call = scope.spawn(|| delete_with(&client, "g", &until(&cancel)).code());
            thread::sleep(Duration::from_millis(100));
            end(&client, &cancel);
            call.join().unwrap()
        });
        let began = Instant::now();
        drop(client);
        assert!(
            began.elapsed() < Duration::from_secs(10),
            "its thread does not hold the end of a client"
        );
        code
    };
    assert_eq!(ended(&|_, cancel| cancel.trigger()), CHAT_ERR_CANCELLED);
    assert_eq!(ended(&|client, _| client.shutdown()), CHAT_ERR_SHUTDOWN);
    let client = client(&service, &url, "n", 200);
    let response = delete_with(&client, "g", &within(100));
    assert_code(&response, CHAT_ERR_THROTTLED);
    assert_eq!(response.attempts(), 0);
}

#[test]
fn a_caller_whose_slot_would_come_too_late_is_told_and_the_slot_goes_to_the_next() {
    let Some(redis) = Redis::start() else { return };
    let service = Service::start();
    let client = client(&service, &redis.url(), "n", 5);
    delete(&client, "g");
    thread::scope(|scope| {
        let patient: Vec<_> = (0..10).map(|_| scope.spawn(|| delete(&client, "g").code())).collect();
        thread::sleep(Duration::from_millis(300));
        let response = delete_with(&client, "g", &within(400));
        assert_code(&response, CHAT_ERR_THROTTLED);
        assert_eq!(response.attempts(), 0);
        for caller in patient {
            assert_eq!(caller.join().unwrap(), CHAT_SERVICE_GROUP_NOT_FOUND);
        }
    });
    assert_eq!(
        service.requests(DELETE).len(),
        11,
        "the impatient caller cost no request"
    );
}

#[test]
fn a_slow_way_to_the_server_neither_breaks_the_limit_nor_wastes_it() {
    let Some(redis) = Redis::start() else { return };
    let service = Service::start();
    let slow = slow_way_to(redis.port, Duration::from_millis(60));
    let (near, far) = (
        client(&service, &redis.url(), "n", 50),
        client(&service, &format!("redis://127.0.0.1:{slow}"), "n", 50),
    );
    let calls = hammer(&[&near, &far], 16, Duration::from_secs(5));
    let rate = service.emulator.rates()[DELETE];
    assert!(rate.largest_second <= 55, "{rate:?} {calls:?}");
    assert!(
        rate.calls >= 150 && calls.iter().all(|calls| *calls >= 40),
        "{rate:?} {calls:?}"
    );
}

#[test]
fn a_server_that_cannot_write_is_no_server_and_the_message_says_which_way() {
    let Some(redis) = Redis::start() else { return };
    let service = Service::start();
    let refused = |words: &str| {
        let client = client(&service, &redis.url(), "n", 200);
        let response = delete(&client, "g");
        assert_code(&response, CHAT_ERR_THROTTLED);
        assert!(response.message().contains(words), "{}", response.message());
    };
    let _: String = redis.ask(&["CONFIG", "SET", "maxmemory", "1"]);
    refused("out of memory");
    let _: String = redis.ask(&["CONFIG", "SET", "maxmemory", "0"]);
    let closed = ClosedPort::new();
    let port = closed.url.rsplit(':').next().unwrap();
    let _: String = redis.ask(&["REPLICAOF", "127.0.0.1", port]);
    refused("read-only replica");
    let _: String = redis.ask(&["REPLICAOF", "NO", "ONE"]);
    assert!(delete(&client(&service, &redis.url(), "n", 200), "g")
        .trace()
        .contains(SHARED));
}

#[test]
fn a_login_and_a_database_are_used_and_a_wrong_login_is_named_without_being_shown() {
    let Some(redis) = Redis::with(&["--requirepass", "canary-of-all"]) else {
        return;
    };
    let service = Service::start();
    let at = |login: &str| format!("redis://{login}127.0.0.1:{}/3", redis.port);
    let mut connection = redis::Client::open(at(":canary-of-all@"))
        .unwrap()
        .get_connection()
        .unwrap();
    let mut acl = redis::cmd("ACL");
    acl.arg(&["SETUSER", "limiter", "on", ">canary:of/one", "~tencent-chat:*"]);
    acl.arg(&["+evalsha", "+script|load", "+time", "+get", "+set", "+select"]);
    acl.exec(&mut connection).unwrap();
    for login in [
        ":canary-of-all@",
        "default:canary-of-all@",
        "limiter:canary%3Aof%2Fone@",
    ] {
        let client = client(&service, &at(login), "n", 200);
        let response = delete(&client, "g");
        assert!(
            response.trace().contains(SHARED),
            "{login}: {} {}",
            response.message(),
            response.trace()
        );
    }
    let keys: Vec<String> = redis::cmd("KEYS").arg("*").query(&mut connection).unwrap();
    assert_eq!(keys.len(), 1, "in database 3");
    for (login, words) in [
        ("", "wants a login"),
        (":canary-wrong@", "refuses the login"),
        ("limiter:canary-wrong@", "refuses the login"),
        ("nobody:canary-of-all@", "refuses the login"),
    ] {
        let config = sharing(&service, &at(login), "n", 200);
        let client = Client::new(&config).unwrap();
        let response = delete(&client, "g");
        assert_code(&response, CHAT_ERR_THROTTLED);
        assert!(response.message().contains(words), "{login}: {}", response.message());
        let shown = format!("{config:?} {client:?} {response:?} {}", response.trace());
        assert!(!shown.contains("canary") && !shown.contains("limiter"), "{shown}");
    }
}

#[test]
fn a_user_who_may_not_run_the_script_and_a_login_nobody_asked_for_are_told_so() {
    let Some(redis) = Redis::start() else { return };
    let service = Service::start();
    let url = |login: &str| format!("redis://{login}@127.0.0.1:{}", redis.port);
    let _: String = redis.ask(&["ACL", "SETUSER", "reader", "on", ">p", "~*", "+get"]);
    let response = delete(&client(&service, &url("reader:p"), "n", 200), "g");
    assert!(response.message().contains("+evalsha"), "{}", response.message());
    let response = delete(&client(&service, &url(":canary"), "n", 200), "g");
    assert!(
        response.message().contains("refuses the login"),
        "{}",
        response.message()
    );
    assert!(!response.message().contains("canary"));
}

#[test]
fn what_is_wrong_at_the_server_has_words_of_its_own_and_a_fallback_keeps_them_in_the_trace() {
    let Some(redis) = Redis::start() else { return };
    let service = Service::start();
    let user = |name: &str, rules: &[&str]| {
        let words = [&["ACL", "SETUSER", name, "on", ">canary"], rules].concat();
        let _: String = redis.ask(&words);
    };
    user("noget", &["~tencent-chat:*", "+evalsha", "+script|load", "+time"]);
    user(
        "noselect",
        &["~tencent-chat:*", "+evalsha", "+script|load", "+time", "+get", "+set"],
    );
    user("nokey", &["~other:*", "+@all"]);
    let _: i64 = redis.ask(&[
        "LPUSH",
        &format!("tencent-chat:taken:{}:{DELETE}", chat_emulator::DEFAULT_SDK_APP_ID),
        "canary",
    ]);
    for (login, database, name, words) in [
        ("noget:canary@", "", "n", "+get +set"),
        ("nokey:canary@", "", "n", "~tencent-chat:*"),
        ("noselect:canary@", "/1", "n", "allow +select"),
        ("", "/99", "n", "no database of that number"),
        ("", "", "taken", "another program"),
        ("nobody:canary@", "", "n", "refuses the login"),
    ] {
        let url = format!("redis://{login}127.0.0.1:{}{database}", redis.port);
        let mut config = sharing(&service, &url, name, 200);
        let refused = delete(&Client::new(&config).unwrap(), "g");
        assert_code(&refused, CHAT_ERR_THROTTLED);
        assert!(refused.message().contains(words), "{}", refused.message());
        config.set_shared_limit_fallback(50).unwrap();
        let served = delete(&Client::new(&config).unwrap(), "g");
        let trace: serde_json::Value = serde_json::from_str(served.trace()).unwrap();
        assert_eq!(trace[0]["limit"], "fallback");
        let reason = trace[0]["limit_reason"].as_str().unwrap();
        assert!(refused.message().starts_with(reason), "{reason}");
        let shown = format!("{refused:?} {served:?} {trace}");
        assert!(!shown.contains("canary") && !shown.contains("ERR "), "{shown}");
    }
}

/// An array of numbers as Redis writes it.
fn numbers(numbers: &[i64]) -> String {
    let lines: String = numbers.iter().map(|number| format!(":{number}\r\n")).collect();
    format!("*{}\r\n{lines}", numbers.len())
}

#[test]
fn an_answer_that_cannot_be_the_scripts_is_not_believed_and_the_server_is_asked_again() {
    const SECOND: i64 = 1_000_000;
    type Wrong = fn(i64) -> String;
    let wrong: [(&str, Wrong, &str); 13] = [
        (
            "a slot in an hour",
            |now| numbers(&[now, now + 5_100, now + 3_600 * SECOND]),
            "something else",
        ),
        (
            "a slot an hour ago",
            |now| numbers(&[now, now + 5_100, now - 3_600 * SECOND]),
            "something else",
        ),
        (
            "the next in an hour",
            |now| numbers(&[now, now + 3_600 * SECOND]),
            "something else",
        ),
        (
            "the next at the end of time",
            |now| numbers(&[now, i64::MAX]),
            "something else",
        ),
        (
            "the next before time began",
            |now| numbers(&[now, i64::MIN]),
            "something else",
        ),
        (
            "a clock at the end of time",
            |_| numbers(&[i64::MAX, i64::MAX]),
            "something else",
        ),
        (
            "a clock before time began",
            |_| numbers(&[i64::MIN, 0, 0]),
            "something else",
        ),
        (
            "more slots than were asked for",
            |now| numbers(&[now, now + 20_000, now + 5_100, now + 10_200]),
            "something else",
        ),
        ("no number", |_| "$3\r\nabc\r\n".into(), "something else"),
        ("too few", |now| numbers(&[now]), "something else"),
        (
            "no answer of Redis",
            |_| "HTTP/1.1 400 Bad Request\r\n\r\n".into(),
            "shared limit cannot be asked",
        ),
        (
            "an error of an unknown kind",
            |_| "-ODD canary at redis://canary\r\n".into(),
            "a reason this library does not know",
        ),
        (
            "the next in half a minute",
            |now| numbers(&[now, now + 30 * SECOND]),
            "rate limit",
        ),
    ];
    let service = Service::start();
    thread::scope(|scope| {
        for (what, answer, words) in wrong {
            let service = &service;
            scope.spawn(move || {
                let port = server_that_answers(move |number, now| match number {
                    0 => answer(now),
                    _ => numbers(&[now, now + 20_000, now + 5_100]),
                });
                let client = client(service, &format!("redis://127.0.0.1:{port}"), "n", 200);
                let response = delete_with(&client, "g", &within(500));
                assert_code(&response, CHAT_ERR_THROTTLED);
                assert!(response.message().contains(words), "{what}: {}", response.message());
                assert!(!format!("{response:?}").contains("canary"), "{what}");
                let began = Instant::now();
                while !delete_with(&client, "g", &within(500)).trace().contains(SHARED) {
                    assert!(began.elapsed() < Duration::from_secs(20), "{what} is believed for good");
                    thread::sleep(Duration::from_millis(50));
                }
            });
        }
    });
}

#[test]
fn a_clock_that_jumps_stops_nobody_for_long_and_breaks_the_limit_by_no_more_than_was_given_before() {
    let Some(redis) = Redis::with_a_clock_of_its_own() else {
        return;
    };
    let service = Service::start();
    let client = client(&service, &redis.url(), "n", 50);
    delete(&client, "g");
    for jump in [3_600, -3_600, 60, 0] {
        redis.shift_clock(jump);
        let time: Vec<i64> = redis.ask(&["TIME"]);
        let now = std::time::SystemTime::UNIX_EPOCH.elapsed().unwrap().as_secs();
        assert!(
            (time[0] - i64::try_from(now).unwrap() - jump).abs() <= 2,
            "the clock did not move: {time:?}"
        );
        let settings = service.emulator.settings();
        service.emulator.reset();
        service.emulator.set_settings(settings);
        let began = Instant::now();
        let calls = hammer(&[&client], 12, Duration::from_secs(2))[0];
        assert!(
            began.elapsed() < Duration::from_secs(25),
            "a jump to {jump} held calls for {:?}",
            began.elapsed()
        );
        let rate = service.emulator.rates()[DELETE];
        assert!(
            calls >= 20 && rate.largest_second <= 50 + 12,
            "a jump to {jump}: {rate:?}"
        );
    }
}

#[test]
fn settings_that_contradict_each_other_are_refused() {
    let service = Service::start();
    let complain = |change: &dyn Fn(&mut Config), words: &str| {
        let mut config = sharing(&service, "redis://h", "n", 200);
        change(&mut config);
        let error = Client::new(&config).unwrap_err();
        assert!(
            error.code == CHAT_ERR_CONFIG && error.message.contains(words),
            "{error}"
        );
    };
    complain(&|c| c.set_rate_limit(0).unwrap(), "shared_limit needs a rate_limit");
    complain(
        &|c| c.set_shared_limit_fallback(201).unwrap(),
        "more than the rate_limit",
    );
    let alone = |c: &mut Config| {
        c.set_shared_limit(None, "").unwrap();
        c.set_shared_limit_fallback(20).unwrap();
    };
    complain(&alone, "but no shared_limit");
    let mut config = Config::default();
    let error = config.set_shared_limit_fallback(10_001).unwrap_err();
    assert_eq!(error.code, CHAT_ERR_INVALID_ARGUMENT);
}
