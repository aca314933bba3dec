//! A fleet on one limit, as the service sees it: 32 processes that were built against the C library, one redis-server, one emulator, whose
//! own timestamps count.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::thread;
use std::time::{Duration, Instant};

use crate::fleet::{slow_way_to, Redis};
use crate::programs::{compiler, strict, Language};
use crate::service::{Service, DELETE};
use crate::stage;
use crate::stall::{assert_limit, stalled, LIMIT};
use crate::turn;
use chat_emulator::Rate;

const PROCESSES: u32 = 32;
const THREADS: u32 = 12;
/// The caller's program, linked with a library that has the shared limit.
fn caller() -> &'static Path {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    PROGRAM.get_or_init(|| {
        let folder = stage::target().join("stage-fleet");
        fs::create_dir_all(&folder).unwrap();
        let built = stage::library_for_tests("libtencent_chat.so");
        for name in ["libtencent_chat.so", stage::soname().as_str()] {
            fs::copy(&built, folder.join(name)).unwrap();
        }
        let program = folder.join("caller");
        let mut compile = compiler(Language::C);
        compile
            .args(strict(Language::C))
            .args(["-D_POSIX_C_SOURCE=200809L", "-I"])
            .arg(stage::root().join("include"));
        compile
            .arg(stage::root().join("tests/fleet/caller.c"))
            .arg("-o")
            .arg(&program);
        compile
            .arg("-L")
            .arg(&folder)
            .arg(format!("-Wl,-rpath,{}", folder.display()));
        stage::succeed(compile.args(["-ltencent_chat", "-lpthread"]));
        program
    })
}

/// Processes that call until this goes.
struct Fleet {
    processes: Vec<Child>,
}

/// What the calls of a fleet came to.
#[derive(Debug, Default)]
struct Outcome {
    served: u64,
    throttled: u64,
    other: u64,
    /// The calls served by each process.
    shares: Vec<u64>,
}

impl Fleet {
    fn start(service: &Service, places: &[String], fallback: u32) -> Fleet {
        let start = |number: u32| {
            let place = &places[number as usize % places.len()];
            let mut command = Command::new(caller());
            command.args([service.emulator.url(), place, "fleet"]);
            command.args([LIMIT, fallback, THREADS].map(|number| number.to_string()));
            command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap()
        };
        Fleet {
            processes: (0..PROCESSES).map(start).collect(),
        }
    }

    /// Tells all to stop and adds up what they say.
    fn end(&mut self) -> Outcome {
        for process in &mut self.processes {
            drop(process.stdin.take());
        }
        let mut sum = Outcome::default();
        for process in self.processes.drain(..) {
            let output = process.wait_with_output().unwrap();
            assert!(output.status.success(), "{}", output.status);
            let text = String::from_utf8(output.stdout).unwrap();
            let numbers: Vec<u64> = text.split_whitespace().map(|number| number.parse().unwrap()).collect();
            sum.served += numbers[0];
            sum.throttled += numbers[1];
            sum.other += numbers[2];
            sum.shares.push(numbers[0]);
        }
        sum
    }
}

impl Drop for Fleet {
    fn drop(&mut self) {
        for process in &mut self.processes {
            // An error means that it ended already.
            let _ = process.kill();
            let _ = process.wait();
        }
    }
}

/// What arrives in so long, and the longest time for which the machine kept a thread from running meanwhile.
fn measure(service: &Service, time: Duration) -> (Rate, Duration) {
    service.emulator.reset();
    let ((), stall) = stalled(|| thread::sleep(time));
    (service.emulator.rates().get(DELETE).copied().unwrap_or_default(), stall)
}

/// Checks that no second saw more than the limit; answers how many calls came in how many seconds.
fn keeps_the_limit(service: &Service, time: Duration, when: &str) -> (u64, f64) {
    let (began, mut calls) = (Instant::now(), 0);
    assert_limit(when, || {
        let (rate, stall) = measure(service, time);
        calls += rate.calls;
        (rate, stall)
    });
    (calls, began.elapsed().as_secs_f64())
}

/// The same for long enough; answers the calls of a second.
fn assert_pace(service: &Service, when: &str) -> f64 {
    let (calls, seconds) = keeps_the_limit(service, Duration::from_millis(2_500), when);
    calls as f64 / seconds
}

fn wait_until_full_speed(service: &Service) {
    let began = Instant::now();
    while measure(service, Duration::from_millis(500)).0.calls < 70 {
        assert!(
            began.elapsed() < Duration::from_secs(60),
            "the fleet does not get going"
        );
    }
}

#[test]
fn a_fleet_keeps_to_the_limit_uses_it_shares_it_and_makes_few_trips() {
    let Some(redis) = Redis::start() else { return };
    let _turn = turn();
    let service = Service::start();
    let mut fleet = Fleet::start(&service, &[redis.url()], 0);
    wait_until_full_speed(&service);
    let trips = redis.trips();
    let (calls, seconds) = keeps_the_limit(&service, Duration::from_secs(3), "steady");
    let trips = redis.trips() - trips;
    let used = calls as f64 / seconds / f64::from(LIMIT);
    println!(
        "{:.1} % of the cap, {:.3} trips a call",
        used * 100.0,
        trips as f64 / calls as f64
    );
    // With the machine to itself it is 97.5 % and more, by 0.1 trips a call. Here 384 threads share it with whatever else runs, and who wakes too
    // late for its slot takes another.
    assert!(used > 0.7, "{calls} calls in {seconds} s");
    assert!(trips as f64 / calls as f64 <= 0.2, "{trips} trips for {calls} calls");
    let outcome = fleet.end();
    let (least, most) = (
        outcome.shares.iter().min().unwrap(),
        outcome.shares.iter().max().unwrap(),
    );
    assert!(most - least <= u64::from(3 * THREADS), "{outcome:?}");
    assert_eq!((outcome.throttled, outcome.other), (0, 0));
}

#[test]
fn a_server_that_forgets_and_comes_back_lets_through_no_more_than_was_given_before() {
    let Some(mut redis) = Redis::start() else { return };
    let _turn = turn();
    let service = Service::start();
    let mut fleet = Fleet::start(&service, &[redis.url()], 0);
    wait_until_full_speed(&service);
    let restart = || {
        redis.kill();
        thread::sleep(Duration::from_millis(700));
        redis.run();
    };
    let (rate, _) = thread::scope(|scope| {
        let measured = scope.spawn(|| measure(&service, Duration::from_secs(7)));
        scope.spawn(restart);
        measured.join().unwrap()
    });
    // Given before and still to come: at most a slot for each thread.
    let outstanding = u64::from(PROCESSES * THREADS);
    assert!(rate.largest_second as u64 <= u64::from(2 * LIMIT), "{rate:?}");
    assert!(rate.calls <= u64::from(7 * LIMIT) + outstanding, "{rate:?}");
    wait_until_full_speed(&service);
    assert!(assert_pace(&service, "after the restart") > 0.6 * f64::from(LIMIT));
    let outcome = fleet.end();
    assert!(outcome.throttled > 0 && outcome.other == 0, "{outcome:?}");
}

#[test]
fn a_fleet_without_its_server_lives_on_its_fallback_and_finds_back_within_the_limit_all_the_time() {
    let Some(mut redis) = Redis::start() else { return };
    let _turn = turn();
    let service = Service::start();
    let share = LIMIT / PROCESSES;
    let mut fleet = Fleet::start(&service, &[redis.url()], share);
    wait_until_full_speed(&service);
    let (rate, stall) = thread::scope(|scope| {
        let throughout = scope.spawn(|| measure(&service, Duration::from_secs(18)));
        redis.kill();
        thread::sleep(Duration::from_secs(12));
        redis.run();
        throughout.join().unwrap()
    });
    // At both switches at once, two limits would let twice as many pass.
    let most = (1.3 + 2.0 * stall.as_secs_f64()) * f64::from(LIMIT);
    assert!(rate.largest_second as f64 <= most, "{rate:?}, stall {stall:?}");
    // What was given before is used up, then comes a pause as long, then six seconds of the fallback at least.
    assert!(
        rate.calls > u64::from(5 * share * PROCESSES),
        "{rate:?}, stall {stall:?}"
    );
    assert!(assert_pace(&service, "with the server again") > 0.6 * f64::from(LIMIT));
    let outcome = fleet.end();
    assert_eq!(outcome.other, 0, "{outcome:?}");
}

#[test]
fn machines_far_from_the_server_and_machines_near_it_keep_to_the_limit_together() {
    let Some(redis) = Redis::start() else { return };
    let _turn = turn();
    let service = Service::start();
    let far = slow_way_to(redis.port, Duration::from_millis(40));
    let places = [redis.url(), format!("redis://127.0.0.1:{far}")];
    let mut fleet = Fleet::start(&service, &places, 0);
    wait_until_full_speed(&service);
    let _: String = redis.ask(&["SCRIPT", "FLUSH"]);
    assert!(assert_pace(&service, "near and far") > 0.6 * f64::from(LIMIT));
    let outcome = fleet.end();
    assert_eq!((outcome.throttled, outcome.other), (0, 0));
}
