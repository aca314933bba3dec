//! A thousand machines on one shared limit, in simulated time: the rate they reach, the largest second at the service, and fairness.
//! The callers' side is the library's own code (src/shared_limit/line.rs); the server's is a copy of its script, which a test holds against
//! the script. Promises the same figures at every run; ends with 1 where the limit is broken or wasted.
//!
//! `cargo run --profile tool --features redis --example fleet -- [machines] [threads] [calls a second] [seconds]`

// What the simulation does not need of the library's part.
#[allow(dead_code)]
#[path = "../../../src/shared_limit/line.rs"]
mod line;
mod machine;
mod server;
mod world;

use world::{Figures, World};

/// What the fleet is made of.
#[derive(Clone, Copy, Debug)]
pub struct Scale {
    pub machines: usize,
    /// Callers on each machine, who call again when their call has returned.
    pub threads: usize,
    /// What the service grants, calls a second.
    pub cap: usize,
    pub seconds: usize,
}

fn scale() -> Scale {
    let numbers: Vec<usize> = std::env::args()
        .skip(1)
        .map(|text| text.parse().expect("a number"))
        .collect();
    let number = |index: usize, default: usize| numbers.get(index).copied().unwrap_or(default);
    Scale {
        machines: number(0, 1_000),
        threads: number(1, 2),
        cap: number(2, 200),
        seconds: number(3, 300).max(200),
    }
}

fn print(name: &str, figures: &Figures, cap: usize) {
    println!(
        "{name:<42} {:>6.1} % of the cap, largest second {:>5}, {:>5.3} trips a call, {} throttled",
        figures.rate / cap as f64 * 100.0,
        figures.largest_second,
        figures.trips as f64 / figures.calls.max(1) as f64,
        figures.throttled,
    );
}

fn main() {
    let scale = scale();
    println!(
        "{} machines with {} callers each, {} calls a second, {} seconds of simulated time",
        scale.machines, scale.threads, scale.cap, scale.seconds
    );
    let mut world = World::new(scale);
    let mut run = |name: &str, until: usize| {
        let figures = world.run_until(until);
        print(name, &figures, scale.cap);
        figures
    };
    run("start", 20);
    let steady = run("jitter, 1 trip in 200 lost", 80);
    world.forget(5);
    let mut run = |name: &str, until: usize| {
        let figures = world.run_until(until);
        print(name, &figures, scale.cap);
        figures
    };
    let restart = run("server gone for 5 s, forgot everything", 110);
    let again = run("afterwards", 140);
    world.cut_off_a_tenth(10);
    let cut = world.run_until(160);
    print("a tenth of the machines cut off for 10 s", &cut, scale.cap);
    let end = world.run_until(scale.seconds);
    print("afterwards", &end, scale.cap);
    let fairness = world.fairness();
    println!(
        "calls of a machine: fewest {}, most {}, Jain's index {:.4}",
        fairness.fewest, fairness.most, fairness.jain
    );
    let kept = [&steady, &again, &cut, &end]
        .iter()
        .all(|figures| figures.largest_second <= scale.cap);
    let used = [&steady, &again, &end]
        .iter()
        .all(|figures| figures.rate >= 0.95 * scale.cap as f64);
    if !(kept && used && restart.largest_second <= 2 * scale.cap && fairness.jain > 0.95) {
        println!("the limit was broken, wasted or shared unfairly");
        std::process::exit(1);
    }
}
