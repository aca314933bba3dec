//! The cap as the service sees it, by the emulator's own timestamps. Alone in its program, so that no other test's load shifts them.

mod operator;

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use operator::{Operator, DELETE};

/// The longest time for which this machine kept a thread of ours from running while `f` ran.
fn stalled<R>(f: impl FnOnce() -> R) -> (R, Duration) {
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        let probe = scope.spawn(|| {
            let mut longest = Duration::ZERO;
            while !done.load(Ordering::Relaxed) {
                let began = Instant::now();
                thread::sleep(Duration::from_millis(1));
                longest = longest.max(began.elapsed());
            }
            longest
        });
        let result = f();
        done.store(true, Ordering::Relaxed);
        (result, probe.join().unwrap())
    })
}

/// A machine that stands still for longer than a part of the limit's guard of 20 ms moves the emulator's timestamps itself; then it is measured
/// again.
#[test]
fn a_run_at_the_whole_cap_never_passes_it_in_any_second() {
    for _ in 0..10 {
        let operator = Operator::with_accounts(600);
        let (ran, stall) = stalled(|| operator.bulk(&["--rate", "200", "--json", "--quiet"]).ended(0));
        let rate = operator.service.rates()[DELETE];
        let seconds = ran.object()["this_run"]["seconds"].as_f64().unwrap();
        assert_eq!(rate.calls, 600);
        // Half of it at once, then 200 a second.
        assert!(seconds >= 2.4, "{seconds} s");
        if rate.largest_second <= 200 {
            return;
        }
        assert!(stall > Duration::from_millis(8), "{rate:?}, stall {stall:?}");
    }
    panic!("this machine never ran for three seconds without standing still");
}
