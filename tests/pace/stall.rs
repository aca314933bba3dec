//! What a machine that stands still does to arrivals by the service's timestamps, and how much of that is let pass.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use chat_emulator::Rate;

pub const LIMIT: u32 = 200;
/// How often a measurement is made anew because calls were held up in it.
const MEASUREMENTS: usize = 4;

/// The longest time for which this machine kept a thread of ours from running while `f` ran.
pub fn stalled<R>(f: impl FnOnce() -> R) -> (R, Duration) {
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

/// Measures until no second sees more than the limit. More is right only where the machine held calls up on their way, so that they count in a later
/// second: by a twentieth, and by what the stall explains. Then it is measured again, and once it has to be explained. That no second sees more by the
/// library's own clock is proven where slots are given, and on a quiet machine by `make bench`.
pub fn assert_limit(when: &str, mut measure: impl FnMut() -> (Rate, Duration)) {
    let mut seen = Vec::new();
    for _ in 0..MEASUREMENTS {
        let (rate, stall) = measure();
        if rate.largest_second <= LIMIT as usize {
            return;
        }
        seen.push((rate, stall));
    }
    let most = |stall: Duration| (1.05 + 2.0 * stall.as_secs_f64()) * f64::from(LIMIT);
    let explained = seen
        .iter()
        .any(|(rate, stall)| rate.largest_second as f64 <= most(*stall));
    assert!(explained, "{when}: {seen:?}");
}
