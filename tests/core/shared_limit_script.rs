//! The rule of the shared limit, as the script on the server keeps it: run by a real redis-server, at times that the test chooses.
//! The simulation of a fleet stands on a copy of the rule in Rust, which is held against the script here.

// What the simulation does not need of the library's part.
#[allow(dead_code)]
#[path = "../../src/pace/shared/line.rs"]
mod line;
#[path = "../perf/fleet/machine.rs"]
mod machine;
#[path = "../perf/fleet/server.rs"]
mod server;
#[path = "../perf/fleet/world.rs"]
mod world;

use crate::fleet::Redis;
use server::{Question, Server};
use world::{Scale, World, A_THOUSAND};

const SECOND: i64 = 1_000_000;
const WINDOW: i64 = 1_020_000;
const TIME: &str = "redis.call('TIME')";

/// The script with its clock in the hands of the test.
struct Script {
    connection: redis::Connection,
    script: redis::Script,
}

impl Script {
    fn on(redis: &Redis) -> Script {
        let text = include_str!("../../src/pace/shared/reserve.lua");
        assert_eq!(text.matches(TIME).count(), 1, "it asks for the time once");
        Script {
            connection: redis::Client::open(redis.url()).unwrap().get_connection().unwrap(),
            script: redis::Script::new(&text.replace(TIME, "{ ARGV[8], ARGV[9] }")),
        }
    }

    fn reserve(&mut self, now: i64, question: &Question) -> (i64, Vec<i64>) {
        let mut run = self.script.key("k");
        run.arg(question.spacing)
            .arg(question.window)
            .arg(question.wanted)
            .arg(question.horizon);
        run.arg(question.seen).arg(question.lead).arg(question.listen);
        run.arg(now / SECOND).arg(format!("{:06}", now % SECOND));
        let mut answer: Vec<i64> = run.invoke(&mut self.connection).unwrap();
        assert_eq!(answer.remove(0), now);
        (answer.remove(0), answer)
    }

    fn forget(&mut self) {
        redis::cmd("DEL").arg("k").exec(&mut self.connection).unwrap();
    }
}

/// Ten slots of 200 a second, soon, by a client that was given none before.
const TEN: Question = Question {
    spacing: 5_100,
    window: WINDOW,
    wanted: 10,
    horizon: 10 * SECOND,
    seen: 0,
    lead: 0,
    listen: 0,
};

/// A time of today's size, so that every digit counts.
const NOW: i64 = 1_795_500_000_123_457;

/// A script that was asked before and gives slots.
fn open(redis: &Redis) -> Script {
    let mut script = Script::on(redis);
    script.forget();
    script.reserve(NOW - 2 * SECOND, &TEN);
    script
}

#[test]
fn slots_are_evenly_spaced_and_follow_the_latest_whoever_asks() {
    let Some(redis) = Redis::start() else { return };
    let mut script = open(&redis);
    let slots = |first: i64| (0..10).map(|n| first + n * 5_100).collect::<Vec<_>>();
    assert_eq!(script.reserve(NOW, &TEN), (NOW + 51_000, slots(NOW)));
    assert_eq!(script.reserve(NOW + 1, &TEN), (NOW + 102_000, slots(NOW + 51_000)));
    let told = Question {
        seen: NOW + SECOND,
        ..TEN
    };
    assert_eq!(
        script.reserve(NOW + 2, &told).1,
        slots(NOW + SECOND + 5_100),
        "it may know of later ones"
    );
    let far = Question {
        lead: 3 * SECOND,
        ..TEN
    };
    assert_eq!(
        script.reserve(NOW + 3, &far).1,
        slots(NOW + 3 + 3 * SECOND),
        "none that has passed when it is there"
    );
    let ttl: i64 = redis.ask(&["TTL", "k"]);
    assert!((86_000..=86_400).contains(&ttl), "kept for a day, not for ever: {ttl}");
}

#[test]
fn no_slot_is_given_beyond_the_horizon_and_none_is_taken_for_it() {
    let Some(redis) = Redis::start() else { return };
    let mut script = open(&redis);
    let near = Question { horizon: 12_000, ..TEN };
    let given = vec![NOW, NOW + 5_100, NOW + 10_200];
    assert_eq!(script.reserve(NOW, &near), (NOW + 15_300, given));
    assert_eq!(script.reserve(NOW, &near), (NOW + 15_300, vec![]));
    assert_eq!(script.reserve(NOW, &TEN).1[0], NOW + 15_300);
}

#[test]
fn a_server_that_forgot_listens_for_a_window_and_goes_on_behind_the_latest_it_is_told() {
    let Some(redis) = Redis::start() else { return };
    let mut script = open(&redis);
    script.forget();
    assert_eq!(script.reserve(NOW, &TEN), (NOW + WINDOW, vec![]));
    let (one, two) = (
        Question {
            seen: NOW + 2 * SECOND,
            ..TEN
        },
        Question {
            seen: NOW + 3 * SECOND,
            ..TEN
        },
    );
    assert!(script.reserve(NOW + 10, &two).1.is_empty());
    assert!(script.reserve(NOW + 20, &one).1.is_empty());
    assert!(script.reserve(NOW + WINDOW - 1, &TEN).1.is_empty());
    assert_eq!(script.reserve(NOW + WINDOW, &TEN).1[0], NOW + 3 * SECOND + 5_100);
}

#[test]
fn a_clock_set_back_far_begins_anew_and_one_set_back_a_little_is_waited_for() {
    let Some(redis) = Redis::start() else { return };
    let mut script = open(&redis);
    script.reserve(NOW, &TEN);
    let (little, far) = (NOW - 30 * SECOND, NOW - 3_600 * SECOND);
    assert_eq!(script.reserve(little, &TEN), (NOW + 51_000, vec![]));
    let misled = Question { seen: NOW, ..TEN };
    assert_eq!(
        script.reserve(far, &misled),
        (far + WINDOW, vec![]),
        "what a client was told by the old clock counts no more"
    );
    assert_eq!(script.reserve(far + WINDOW, &TEN).1.len(), 10);
    let ahead = NOW + 3_600 * SECOND;
    assert_eq!(
        script.reserve(ahead, &TEN).1[0],
        ahead,
        "a clock set forward needs no wait"
    );
}

#[test]
fn what_is_not_the_scripts_own_in_a_key_is_as_good_as_nothing() {
    let Some(redis) = Redis::start() else { return };
    let mut script = open(&redis);
    for text in ["", "x", "-1 -1", "1", "1e300 1"] {
        redis::cmd("SET")
            .arg("k")
            .arg(text)
            .exec(&mut script.connection)
            .unwrap();
        assert_eq!(script.reserve(NOW, &TEN), (NOW + WINDOW, vec![]), "{text:?}");
    }
}

#[test]
fn the_simulations_copy_of_the_rule_does_what_the_script_does() {
    let Some(redis) = Redis::start() else { return };
    let mut script = Script::on(&redis);
    let mut random = fastrand::Rng::with_seed(20_261_124);
    for _ in 0..60 {
        script.forget();
        let (mut copy, mut now) = (Server::default(), NOW);
        for step in 0..40 {
            now += match random.u32(..20) {
                0 => -random.i64(0..100 * SECOND),
                1 => random.i64(0..100 * SECOND),
                _ => random.i64(0..SECOND / 2),
            };
            let question = Question {
                spacing: [1_020_000, 5_100, 102][random.usize(..3)],
                window: WINDOW,
                wanted: random.usize(1..51),
                horizon: random.i64(0..30 * SECOND),
                seen: [0, now + random.i64(-SECOND..5 * SECOND), now + 90 * SECOND][random.usize(..3)],
                lead: [0, random.i64(0..SECOND)][random.usize(..2)],
                listen: [0, 2 * SECOND][random.usize(..2)],
            };
            assert_eq!(
                script.reserve(now, &question),
                copy.reserve(now, &question),
                "step {step}: {question:?}"
            );
        }
    }
}

#[test]
fn a_thousand_machines_with_clocks_and_networks_of_their_own_keep_to_the_limit_and_use_it() {
    let mut world = World::new(A_THOUSAND);
    let phases = world.live();
    let fairness = world.fairness();
    world::judge(A_THOUSAND, &phases, &fairness).unwrap();
    assert!(fairness.most - fairness.fewest <= 10, "{fairness:?}");
    let steady = &phases[1];
    // One call in 200 meets a lost trip, and so does whoever calls within a second of it.
    assert!(steady.trips_a_call <= 1.1 && steady.throttled <= 240, "{steady:?}");
}

/// Runs on one server with a share of the cap each for the time without it.
#[test]
fn a_fleet_that_loses_its_server_keeps_to_the_limit_at_the_switch_without_it_and_at_the_return() {
    for (machines, threads, fallback) in [(4, 40, 40), (4, 40, 50), (32, 12, 6), (10, 3, 20), (50, 20, 4)] {
        for (forgets, seconds) in [(true, 6), (true, 20), (false, 7), (false, 20)] {
            let scale = Scale {
                machines,
                threads,
                cap: 200,
                seconds: 0,
                fallback,
            };
            let mut world = World::new(scale);
            world.one_lost_in = u32::MAX;
            world.run_until(10);
            if forgets {
                world.forget(seconds);
            } else {
                world.cut_off(seconds);
            }
            let throughout = world.run_until(10 + seconds as usize + 10);
            let after = world.run_until(60);
            let case = format!("{machines} of {threads}, {fallback} each, gone {seconds} s, forgets: {forgets}");
            assert!(throughout.largest_second <= 200, "{case}: {throughout:?}");
            let without = (seconds - 5) * (machines * fallback) as i64 + 5 * 200;
            assert!(throughout.calls as i64 >= without, "{case}: {throughout:?}");
            assert!(after.rate >= 195.0 && after.largest_second <= 200, "{case}: {after:?}");
        }
    }
}
