//! The program on a limit that it shares with others, through a real redis-server: runs keep to it together, and what is said without one.

#[path = "../../../tests/fleet/mod.rs"]
mod fleet;
mod operator;
#[path = "../../../tests/programs/mod.rs"]
mod programs;
#[path = "../../../tests/stage/mod.rs"]
mod stage;

use std::thread;
use std::time::{Duration, Instant};

use fleet::{free_port, Redis};
use operator::{account, report, Operator, DELETE};

#[test]
fn runs_that_name_the_same_server_keep_to_one_limit_whatever_rate_each_asks_for() {
    let Some(redis) = Redis::start() else { return };
    let operator = Operator::with_accounts(800);
    let lists = ["0", "1", "2", "3"];
    for (number, list) in lists.iter().enumerate() {
        let mine: String = (1..=200).map(|n| account(number * 200 + n) + "\n").collect();
        operator.write(list, mine);
    }
    let url = redis.url();
    let began = Instant::now();
    thread::scope(|scope| {
        for list in lists {
            let arguments = ["bulk", "del-group", list, "--group", "retired", "--rate", "1000"];
            let mut command = operator.command(&[&arguments[..], &["--json", "--shared-limit", &url]].concat());
            scope.spawn(move || {
                let ran = operator::Ran::from(command.output().unwrap()).ended(0);
                assert_eq!(report(&ran)["deleted"], 200, "{ran:?}");
            });
        }
    });
    assert!(
        began.elapsed() >= Duration::from_millis(4_000),
        "800 calls at 196 a second take longer"
    );
    assert!(operator.have_group("retired").is_empty());
    // Exactly the limit is asserted in shared_limit_fleet.rs.
    let rate = operator.service.rates()[DELETE];
    assert!(rate.largest_second <= 230, "{rate:?}");
    let keys: Vec<String> = redis.ask(&["KEYS", "*"]);
    let app = chat_emulator::DEFAULT_SDK_APP_ID;
    assert_eq!(keys, [format!("tencent-chat:tencent-chat:{app}:{DELETE}")]);
}

#[test]
fn without_the_server_a_call_is_throttled_with_the_reason_or_goes_on_at_the_stated_rate() {
    let operator = Operator::with_accounts(1);
    let url = format!("redis://127.0.0.1:{}", free_port());
    let call = ["del-group", "user_00001", "retired", "--shared-limit", &url];
    operator
        .run(&call)
        .ended(6)
        .says("the shared limit cannot be asked: no connection");
    assert_eq!(operator.service.requests_total(), 0);
    operator
        .run(&[&call[..], &["--shared-limit-fallback", "20"]].concat())
        .ended(0);
    assert!(operator.have_group("retired").is_empty());
}

#[test]
fn a_login_comes_from_the_environment_and_is_never_shown() {
    let Some(redis) = Redis::with(&["--requirepass", "canary"]) else {
        return;
    };
    let operator = Operator::with_accounts(1);
    let ask = |password: &str| {
        let mut command = operator.command(&["del-group", "user_00001", "absent"]);
        let url = format!("redis://:{password}@127.0.0.1:{}", redis.port);
        operator::Ran::from(command.env("TENCENT_CHAT_SHARED_LIMIT", url).output().unwrap())
    };
    let refused = ask("canary-wrong").ended(6).says("refuses the login");
    let accepted = ask("canary");
    assert!(accepted.err.contains("51009"), "{accepted:?}");
    for ran in [refused, accepted] {
        assert!(!format!("{ran:?}").contains("canary"), "{ran:?}");
    }
}

#[test]
fn a_limit_that_refuses_is_told_by_check_and_by_a_run_that_goes_on_without_it() {
    let Some(redis) = Redis::with(&["--requirepass", "canary"]) else {
        return;
    };
    let operator = Operator::with_accounts(30);
    let run = |arguments: &[&str], password: &str| {
        let mut command = operator.command(arguments);
        let url = format!("redis://:{password}@127.0.0.1:{}", redis.port);
        operator::Ran::from(command.env("TENCENT_CHAT_SHARED_LIMIT", url).output().unwrap())
    };
    let fallback = ["--shared-limit-fallback", "20"];
    let refused = run(&["check"], "canary-wrong").ended(6);
    assert!(refused.out.contains("failed   shared limit   -12 "), "{}", refused.out);
    assert!(refused.out.contains("unknown  place"), "{}", refused.out);
    let with_fallback = run(&[&["check"][..], &fallback].concat(), "canary-wrong").ended(6);
    assert!(
        with_fallback.out.contains("failed   shared limit   "),
        "{}",
        with_fallback.out
    );
    assert!(with_fallback.out.contains("ok       plan"), "{}", with_fallback.out);
    let good = run(&[&["check"][..], &fallback].concat(), "canary").ended(0);
    assert!(good.out.contains("ok       shared limit\n"), "{}", good.out);
    let bulk = ["bulk", "del-group", "accounts.txt", "--group", "retired", "-q"];
    let ran = run(&[&bulk[..], &fallback].concat(), "canary-wrong")
        .ended(0)
        .says("refuses the login");
    assert!(
        ran.err.contains("the run goes on at --shared-limit-fallback"),
        "{}",
        ran.err
    );
    assert_eq!(ran.err.matches("refuses the login").count(), 1, "once: {}", ran.err);
    assert!(operator.have_group("retired").is_empty());
}

#[test]
fn a_run_outlives_a_restart_of_the_server_that_keeps_the_limit() {
    let Some(mut redis) = Redis::start() else { return };
    let operator = Operator::with_accounts(300);
    let url = redis.url();
    let running = operator.begin(&["--rate", "100", "--json", "--progress", "json", "--shared-limit", &url]);
    operator.wait_for(80);
    redis.kill();
    thread::sleep(Duration::from_secs(6));
    redis.run();
    let ran = running
        .wait()
        .ended(0)
        .says("trying again for at most 10 minutes (--max-outage)");
    assert_eq!(report(&ran)["deleted"], 300, "{ran:?}");
    assert!(ran.err.contains(r#""why":"shared_limit_lost""#), "{}", ran.err);
}

#[test]
fn a_run_that_goes_on_by_the_fallback_counts_its_calls_and_says_at_what_rate() {
    let operator = Operator::with_accounts(60);
    let url = format!("redis://127.0.0.1:{}", free_port());
    let fallback = ["--shared-limit", &url, "--shared-limit-fallback", "20"];
    let ran = operator
        .bulk(&[&["--json", "--progress", "json"], &fallback[..]].concat())
        .ended(0)
        .says("60 calls by --shared-limit-fallback")
        .says(r#""now":20"#)
        .says(r#""why":"fallback""#);
    assert_eq!(ran.object()["this_run"]["fallback"], 60);
}
