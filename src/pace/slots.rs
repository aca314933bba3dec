//! How many calls of a command may leave in a second: a slot for each attempt, reserved in order of arrival. Never more than the limit in any 1.02
//! seconds; half of them at once after a pause and the others evenly. Throttling answers halve the limit until it is quiet, and a caller who cannot
//! be served in time takes no slot.
//! The caller passes the time in.
//! Own code because the known limiters were measured and fail: `governor` let 400 calls pass in the first second and kept the unluckiest of 64
//! threads waiting for 5 to 9 seconds, as its callers check, sleep and check again; here each reserves once and sleeps once.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// The second in which the service counts, and a guard for what the way to it adds to some calls and not to others.
pub(crate) const WINDOW: Duration = Duration::from_millis(1_020);
/// A slot so much older than this may not be used any more: the guard covers no more.
pub(super) const STALE: Duration = Duration::from_millis(15);
/// By how much the limit rises in each second without a throttling answer.
const RISE: u32 = 5;
/// Spacings are at most this part shorter while room is owed.
const CATCH_UP: u32 = 8;
const SECOND: Duration = Duration::from_secs(1);

/// The slots of one command.
#[derive(Debug)]
pub(super) struct Slots {
    setting: u32,
    /// Calls a second for now: the setting, or less after throttling answers.
    limit: u32,
    /// When the limit was last halved, and since when it rises.
    halved: Option<Instant>,
    rises_from: Option<Instant>,
    /// The slots that are in the window or still to come, in order.
    given: VecDeque<Instant>,
    /// The room of slots that were given back while later ones were given already: these could not move up, the next ones may.
    owed: Duration,
    /// When the limit was last raised: slots for later that were given before are none any more.
    raised: Option<Instant>,
}

impl Slots {
    pub fn new(setting: u32) -> Self {
        Slots {
            setting,
            limit: setting,
            halved: None,
            rises_from: None,
            given: VecDeque::new(),
            owed: Duration::ZERO,
            raised: None,
        }
    }

    /// Where throttling has lowered the limit, a higher setting is reached by rising like any other.
    pub fn set(&mut self, setting: u32, now: Instant) {
        self.rise(now);
        let (throttled, before) = (self.limit < self.setting, self.limit);
        self.limit = if throttled { self.limit.min(setting) } else { setting };
        if self.limit > before {
            self.given.retain(|slot| *slot <= now);
            (self.owed, self.raised) = (Duration::ZERO, Some(now));
        }
        self.setting = setting;
        self.rises_from = (self.limit < setting).then(|| self.rises_from.unwrap_or(now));
    }

    pub fn is_idle(&self, now: Instant) -> bool {
        self.limit == self.setting && self.given.back().is_none_or(|last| *last + WINDOW < now)
    }

    /// The next slot, or how far beyond `deadline` it would lie.
    pub fn reserve(&mut self, now: Instant, deadline: Instant) -> Result<Instant, Duration> {
        self.rise(now);
        let (slot, owed) = self.next(now);
        if slot >= deadline {
            return Err(slot - deadline);
        }
        self.owed = owed;
        let passed = self.given.partition_point(|slot| *slot + WINDOW <= now);
        self.given.drain(..passed);
        self.given.push_back(slot);
        Ok(slot)
    }

    /// Whether a slot that was reserved then has to be reserved anew.
    pub fn is_void(&self, slot: Instant, reserved: Instant) -> bool {
        self.raised.is_some_and(|raised| reserved <= raised && raised < slot)
    }

    /// Takes back a slot in which nothing was sent: the next to be reserved come sooner for it. Slots already given stand.
    pub fn give_back(&mut self, slot: Instant) {
        let Ok(at) = self.given.binary_search(&slot) else {
            return;
        };
        self.given.remove(at);
        if at < self.given.len() {
            self.owed = (self.owed + WINDOW / self.limit).min(WINDOW);
        }
    }

    /// The next slot, and what is owed from there on.
    fn next(&self, now: Instant) -> (Instant, Duration) {
        let Some(&last) = self.given.back() else {
            return (now, Duration::ZERO);
        };
        let limit = self.limit as usize;
        let recent = self.given.len() - self.given.partition_point(|slot| *slot + WINDOW <= now);
        if last <= now && recent < limit.div_ceil(2) {
            return (now, Duration::ZERO);
        }
        let (earliest, even) = self.spacings(last, limit);
        let sooner = self.owed.min(even / CATCH_UP).min(even - earliest);
        (now.max(last + even - sooner), self.owed - sooner)
    }

    /// From `last` to the next slot: the least that keeps the limit, and the smallest even spacing with which no later slot runs into the
    /// window: the j-th slot from here is free when the one `limit` before it leaves the window.
    fn spacings(&self, last: Instant, limit: usize) -> (Duration, Duration) {
        let behind = self.given.len().saturating_sub(limit);
        let held = self.given.len() - behind;
        let until_free = |nth: usize| {
            let leaves = (self.given[behind + nth] + WINDOW).saturating_duration_since(last);
            let j = (limit - held + nth + 1) as u64;
            // Rounded up: a nanosecond too little would let one call too many into the window.
            Duration::from_nanos((leaves.as_secs() * 1_000_000_000 + u64::from(leaves.subsec_nanos())).div_ceil(j))
        };
        // The first is the limit itself and is never left out; the others only make it smooth.
        let step = (held / 64).max(1);
        let even = (0..held).step_by(step).map(until_free).max().unwrap_or_default();
        (until_free(0), even)
    }

    /// At most once a second: the answers of calls that were under way together are one complaint.
    pub fn slow_down(&mut self, now: Instant) {
        if self.halved.is_none_or(|at| now.saturating_duration_since(at) >= SECOND) {
            self.rise(now);
            self.limit = (self.limit / 2).max(1);
            self.halved = Some(now);
        }
        self.rises_from = Some(now);
    }

    /// The limit of this moment, where throttling answers hold it below the setting.
    pub fn slowed_to(&mut self, now: Instant) -> Option<u32> {
        self.rise(now);
        (self.limit < self.setting).then_some(self.limit)
    }

    fn rise(&mut self, now: Instant) {
        let Some(from) = self.rises_from else { return };
        let quiet = u32::try_from(now.saturating_duration_since(from).as_secs()).unwrap_or(u32::MAX);
        if quiet == 0 {
            return;
        }
        self.limit = self.limit.saturating_add(quiet.saturating_mul(RISE)).min(self.setting);
        self.rises_from = (self.limit < self.setting).then(|| from + SECOND * quiet);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A clock that only moves when it is told to.
    struct Simulation {
        slots: Slots,
        start: Instant,
        given: Vec<Duration>,
    }

    impl Simulation {
        fn of(setting: u32) -> Self {
            Simulation {
                slots: Slots::new(setting),
                start: Instant::now(),
                given: Vec::new(),
            }
        }

        fn at(&self, since_start: Duration) -> Instant {
            self.start + since_start
        }

        /// A call that arrives then and may wait for ever; when it may leave.
        fn arrive(&mut self, now: Duration) -> Duration {
            let slot = self
                .slots
                .reserve(self.at(now), self.at(now + SECOND * 10_000))
                .unwrap();
            self.given.push(slot - self.start);
            slot - self.start
        }

        fn most_in(&self, window: Duration) -> usize {
            let first_after = |from: usize| self.given.partition_point(|slot| *slot < self.given[from] + window) - from;
            (0..self.given.len()).map(first_after).max().unwrap_or(0)
        }
    }

    const MS: Duration = Duration::from_millis(1);

    /// Threads that each call again as soon as their call left, until `end`; the longest wait of a call that began after `from`.
    fn saturate(simulation: &mut Simulation, threads: usize, from: Duration, end: Duration) -> Duration {
        let mut ready = vec![Duration::ZERO; threads];
        let mut longest = Duration::ZERO;
        loop {
            let next = (0..threads).min_by_key(|thread| ready[*thread]).unwrap();
            let began = ready[next];
            if began >= end {
                return longest;
            }
            ready[next] = simulation.arrive(began);
            if began >= from {
                longest = longest.max(ready[next] - began);
            }
        }
    }

    #[test]
    fn however_calls_arrive_no_second_sees_more_than_the_limit() {
        let mut random = fastrand::Rng::with_seed(20_261_123);
        for _ in 0..300 {
            let setting = [1, 2, 7, 200, 1_000][random.usize(..5)];
            let mut simulation = Simulation::of(setting);
            let mut now = Duration::ZERO;
            for _ in 0..2_000 {
                // Bursts, trickles and pauses, on either side of the limit.
                now += match random.u32(..100) {
                    0 => SECOND * random.u32(..3),
                    1..=40 => Duration::from_micros(random.u64(..20_000)),
                    _ => Duration::ZERO,
                };
                simulation.arrive(now);
                if random.u32(..500) == 0 {
                    simulation.slots.slow_down(simulation.start + now);
                }
            }
            assert!(
                simulation.given.windows(2).all(|pair| pair[0] <= pair[1]),
                "in order of arrival"
            );
            assert!(simulation.most_in(WINDOW) <= setting as usize);
        }
    }

    #[test]
    fn after_a_pause_half_of_a_second_goes_at_once_and_the_rest_evenly() {
        let mut simulation = Simulation::of(200);
        for _ in 0..200 {
            simulation.arrive(Duration::ZERO);
        }
        assert_eq!(simulation.given.iter().filter(|slot| slot.is_zero()).count(), 100);
        let gaps: Vec<Duration> = simulation.given[99..]
            .windows(2)
            .map(|pair| pair[1] - pair[0])
            .collect();
        let (least, most) = (gaps.iter().min().unwrap(), gaps.iter().max().unwrap());
        assert!(*most - *least < MS, "{least:?} to {most:?}");
        assert!(*simulation.given.last().unwrap() <= WINDOW);
    }

    #[test]
    fn under_load_the_limit_is_used_and_nobody_waits_much_longer_than_the_others() {
        for threads in [1, 8, 64] {
            let mut simulation = Simulation::of(200);
            let (warm, end) = (SECOND * 3, SECOND * 33);
            let longest = saturate(&mut simulation, threads, warm, end);
            let used = simulation
                .given
                .iter()
                .filter(|slot| (warm..end).contains(*slot))
                .count();
            assert!(used >= 5_850, "{used} of 6000 in 30 s");
            let fair = Duration::from_secs_f64(threads as f64 / 200.0 * 1.1) + MS * 10;
            assert!(longest <= fair, "{threads} threads: {longest:?}, not {fair:?}");
        }
    }

    #[test]
    fn a_steady_load_below_the_limit_never_waits() {
        let mut simulation = Simulation::of(200);
        for call in 0..1_500 {
            let now = Duration::from_micros(6_667 * call);
            assert_eq!(simulation.arrive(now), now, "call {call} of 150 a second");
        }
    }

    #[test]
    fn who_cannot_be_served_in_time_is_told_how_late_and_takes_no_slot() {
        let mut simulation = Simulation::of(200);
        let (now, soon) = (simulation.start, simulation.start + MS * 100);
        let served = (0..1_000)
            .filter(|_| simulation.slots.reserve(now, soon).is_ok())
            .count();
        assert!((100..=110).contains(&served), "{served}");
        let late = simulation.slots.reserve(now, soon).unwrap_err();
        assert!(late > Duration::ZERO && late < MS * 20);
        assert!(
            simulation.slots.reserve(now, soon + late + MS).is_ok(),
            "a more patient caller is served"
        );
    }

    #[test]
    fn throttling_halves_the_limit_once_a_second_and_quiet_seconds_raise_it_to_the_setting() {
        let mut slots = Slots::new(200);
        let start = Instant::now();
        for ms in [0, 10, 999] {
            slots.slow_down(start + MS * ms);
        }
        assert_eq!(slots.limit, 100, "answers of one second are one complaint");
        slots.slow_down(start + MS * 1_000);
        assert_eq!(slots.limit, 50);
        slots.rise(start + MS * 1_999);
        assert_eq!(slots.limit, 50);
        slots.rise(start + MS * 4_500);
        assert_eq!(slots.limit, 65);
        slots.rise(start + MS * 5_000);
        assert_eq!(slots.limit, 70, "no part of a second is lost");
        slots.rise(start + SECOND * 600);
        assert_eq!(slots.limit, 200);
        for half in 0..20 {
            slots.slow_down(start + SECOND * 1_000 + MS * 500 * half);
        }
        assert_eq!(slots.limit, 1, "never none at all");
    }

    #[test]
    fn a_changed_limit_holds_from_the_next_slot_on_and_throttling_is_not_forgotten() {
        let mut simulation = Simulation::of(200);
        saturate(&mut simulation, 8, Duration::ZERO, SECOND * 3);
        simulation.slots.set(20, simulation.at(SECOND * 3));
        let before = simulation.given.len();
        saturate(&mut simulation, 8, Duration::ZERO, SECOND * 8);
        let slow = simulation.given.split_off(before);
        assert!(slow.len() <= 5 * 20 + 8, "{}", slow.len());
        simulation.slots.set(200, simulation.at(SECOND * 8));
        assert_eq!(simulation.slots.limit, 200, "nobody complained");
        simulation.slots.slow_down(simulation.at(SECOND * 9));
        simulation.slots.set(400, simulation.at(SECOND * 9));
        assert_eq!(simulation.slots.limit, 100);
        simulation.slots.rise(simulation.at(SECOND * 10));
        assert_eq!(simulation.slots.limit, 105);
        simulation.slots.set(50, simulation.at(SECOND * 10));
        assert_eq!(simulation.slots.limit, 50);
    }

    /// On a busy machine a thread wakes too late for its slot and takes another.
    #[test]
    fn slots_that_were_missed_are_not_lost_to_the_calls_after_them() {
        let mut simulation = Simulation::of(200);
        let mut random = fastrand::Rng::with_seed(20_261_124);
        let end = SECOND * 33;
        // Of each of 64 threads: when it comes back, and the slot that it will have missed by then. Every fiftieth is missed.
        let mut threads = vec![(Duration::ZERO, None); 64];
        loop {
            let next = (0..64).min_by_key(|thread| threads[*thread].0).unwrap();
            let (now, missed) = threads[next];
            if now >= end {
                break;
            }
            if let Some(slot) = missed {
                simulation.slots.give_back(simulation.at(slot));
                simulation.given.retain(|used| *used != slot);
            }
            let slot = simulation.arrive(now);
            threads[next] = match random.u32(..50) {
                0 => (slot + STALE + MS, Some(slot)),
                _ => (slot, None),
            };
        }
        for (_, missed) in threads {
            simulation.given.retain(|used| Some(*used) != missed);
        }
        assert!(simulation.most_in(WINDOW) <= 200);
        let used = simulation.given.iter().filter(|slot| **slot >= SECOND * 3).count();
        assert!(used >= 5_850, "{used} of 6000 in 30 s");
    }
}
