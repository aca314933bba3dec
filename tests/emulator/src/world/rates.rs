//! How often each command is called: the limit a second that the service lets through, and a count of what really came.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::{Mutex, MutexGuard};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

/// Which second a rate limit counts in; the vendor's pages do not tell.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RateWindow {
    /// From one full second of the clock to the next.
    #[default]
    Fixed,
    /// The thousand milliseconds before each call.
    Sliding,
}

/// Milliseconds of a window.
const SECOND_MS: i64 = 1000;

/// The calls of each command that were let through in the last second, by the emulator's clock in unix milliseconds.
#[derive(Default)]
pub(crate) struct RateLimits {
    passed: HashMap<&'static str, VecDeque<i64>>,
}

impl RateLimits {
    /// Whether a call may pass at `now_ms`, and notes it if so. One that may not pass uses nothing up (an inference).
    pub(crate) fn pass(&mut self, command: &'static str, limit: u32, window: RateWindow, now_ms: i64) -> bool {
        let passed = self.passed.entry(command).or_default();
        // A clock that was moved back leaves times ahead of it, which say nothing any more.
        passed.retain(|at| now_ms.saturating_sub(SECOND_MS) < *at && *at <= now_ms);
        let counted = match window {
            RateWindow::Sliding => passed.len(),
            RateWindow::Fixed => {
                let second = now_ms.div_euclid(SECOND_MS);
                passed.iter().filter(|at| at.div_euclid(SECOND_MS) == second).count()
            }
        };
        let may_pass = counted < usize::try_from(limit).unwrap_or(usize::MAX);
        if may_pass {
            passed.push_back(now_ms);
        }
        may_pass
    }
}

/// How often one command was called, whatever it was answered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Rate {
    /// The largest number of calls that arrived within any one second (sliding, of real time).
    pub largest_second: usize,
    /// All calls.
    pub calls: u64,
}

/// Counts what arrives, by real time: a stopped clock does not make it one endless second.
#[derive(Default)]
pub(crate) struct Arrivals {
    commands: Mutex<BTreeMap<&'static str, Arrived>>,
}

#[derive(Default)]
struct Arrived {
    last_second: VecDeque<Instant>,
    rate: Rate,
}

impl Arrivals {
    /// Counts a call that has just been read.
    pub(crate) fn count(&self, command: &'static str) {
        let mut commands = self.commands();
        commands.entry(command).or_default().count(Instant::now());
    }

    pub(crate) fn rates(&self) -> BTreeMap<String, Rate> {
        let commands = self.commands();
        let rates = commands
            .iter()
            .map(|(path, arrived)| ((*path).to_owned(), arrived.rate));
        rates.collect()
    }

    pub(crate) fn reset(&self) {
        self.commands().clear();
    }

    fn commands(&self) -> MutexGuard<'_, BTreeMap<&'static str, Arrived>> {
        self.commands.lock().unwrap_or_else(|e| e.into_inner())
    }
}

impl Arrived {
    /// `now` is never before that of an earlier call.
    fn count(&mut self, now: Instant) {
        let second = Duration::from_secs(1);
        while self.last_second.front().is_some_and(|at| now - *at >= second) {
            self.last_second.pop_front();
        }
        self.last_second.push_back(now);
        self.rate.calls += 1;
        self.rate.largest_second = self.rate.largest_second.max(self.last_second.len());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn passes(limits: &mut RateLimits, window: RateWindow, at: &[i64]) -> Vec<bool> {
        at.iter().map(|ms| limits.pass("a", 2, window, *ms)).collect()
    }

    #[test]
    fn a_fixed_window_starts_anew_with_each_second_of_the_clock() {
        let mut limits = RateLimits::default();
        let at = [1900, 1950, 1999, 2000, 2001, 2002, 2999, 3000];
        let expected = [true, true, false, true, true, false, false, true];
        assert_eq!(passes(&mut limits, RateWindow::Fixed, &at), expected);
    }

    #[test]
    fn a_sliding_window_counts_the_last_thousand_milliseconds() {
        let mut limits = RateLimits::default();
        let at = [1900, 1950, 2000, 2899, 2900, 2949, 2950, 2951];
        let expected = [true, true, false, false, true, false, true, false];
        assert_eq!(passes(&mut limits, RateWindow::Sliding, &at), expected);
    }

    #[test]
    fn commands_are_counted_apart_and_a_clock_moved_back_starts_anew() {
        let mut limits = RateLimits::default();
        assert_eq!(
            passes(&mut limits, RateWindow::Sliding, &[5000, 5000, 5000]),
            [true, true, false]
        );
        assert!(limits.pass("b", 2, RateWindow::Sliding, 5000));
        assert!(limits.pass("a", 2, RateWindow::Sliding, 1000));
    }

    #[test]
    fn the_largest_second_is_found_wherever_it_begins() {
        let start = Instant::now();
        let mut arrived = Arrived::default();
        for ms in [0, 900, 950, 1000, 1100, 1899, 1900, 5000, 5001] {
            arrived.count(start + Duration::from_millis(ms));
        }
        // 900 to 1899; the call at 1900 is a whole second behind the first of them.
        let expected = Rate {
            largest_second: 5,
            calls: 9,
        };
        assert_eq!(arrived.rate, expected);
    }
}
