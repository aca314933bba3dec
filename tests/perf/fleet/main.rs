//! A thousand machines on one shared limit, in simulated time: the rate they reach, the largest second at the service, and fairness.
//! The callers' side is the library's own code (src/pace/shared/line.rs); the server's is a copy of its script, which a test holds against
//! the script. Every run gives the same figures. Ends with 1 where the limit is broken or wasted.
//!
//! `make fleet`, or `fleet [--json] [machines] [callers on each] [calls a second] [seconds]`

// What the simulation does not need of the library's part.
#[allow(dead_code)]
#[path = "../../../src/pace/shared/line.rs"]
mod line;
mod machine;
mod server;
mod world;

use world::{Phase, Scale, World, A_THOUSAND};

fn scale(numbers: &[usize]) -> Scale {
    let number = |index: usize, default: usize| numbers.get(index).copied().unwrap_or(default);
    Scale {
        machines: number(0, A_THOUSAND.machines),
        threads: number(1, A_THOUSAND.threads),
        cap: number(2, A_THOUSAND.cap),
        seconds: number(3, A_THOUSAND.seconds),
        fallback: A_THOUSAND.fallback,
    }
}

fn show(phase: &Phase, json: bool) {
    let Phase {
        name,
        share,
        largest_second,
        trips_a_call,
        throttled,
    } = phase;
    if json {
        println!(
            r#"{{"phase":"{name}","share":{share:.2},"largest_second":{largest_second},"trips_a_call":{trips_a_call:.4},"throttled":{throttled}}}"#
        );
    } else {
        println!(
            "{name:<42} {share:>5.1} % of the cap, largest second {largest_second:>5}, {trips_a_call:>5.3} trips a call, {throttled} throttled"
        );
    }
}

fn main() {
    let mut arguments: Vec<String> = std::env::args().skip(1).collect();
    let json = arguments.first().is_some_and(|first| first == "--json");
    if json {
        arguments.remove(0);
    }
    let Ok(numbers) = arguments
        .iter()
        .map(|text| text.parse())
        .collect::<Result<Vec<usize>, _>>()
    else {
        eprintln!("usage: fleet [--json] [machines] [callers on each] [calls a second] [seconds]");
        std::process::exit(2);
    };
    let scale = scale(&numbers);
    let (machines, threads, cap, seconds) = (scale.machines, scale.threads, scale.cap, scale.seconds);
    if !json {
        println!("{machines} machines with {threads} callers each, {cap} calls a second, {seconds} seconds of simulated time");
    }
    let mut world = World::new(scale);
    let phases = world.live();
    for phase in &phases {
        show(phase, json);
    }
    let fairness = world.fairness();
    let (fewest, most, jain) = (fairness.fewest, fairness.most, fairness.jain);
    if json {
        println!(r#"{{"fewest":{fewest},"most":{most},"jain":{jain:.6}}}"#);
    } else {
        println!("calls of a machine: fewest {fewest}, most {most}, Jain's index {jain:.4}");
    }
    if let Err(broken) = world::judge(scale, &phases, &fairness) {
        eprintln!("{broken}");
        std::process::exit(1);
    }
}
