//! One simulated machine: its clock, its network, and the library's own line of callers.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use super::line::{Ask, Clock, Grant, Line, Served, WINDOW};
use super::server::{Question, Server};

/// After a trip that failed: as in the library.
pub const RETRY: i64 = 1_000_000;
/// The time a caller gives each call.
const PATIENCE: Duration = Duration::from_secs(20);

pub struct Machine {
    pub line: Line<usize>,
    clock: Clock,
    /// Microseconds by which its clock is off, and how many in a million it drifts.
    skew: i64,
    drift: i64,
    /// To the shared limit's server, one way, without jitter.
    distance: i64,
    pub on_a_trip: bool,
    /// The server cannot be reached; until then callers are refused, or served by the fallback.
    pub lost_until: Option<i64>,
    /// Between two slots without the server; `None`: there are none.
    fallback: Option<Duration>,
    /// The slot without the server that each caller has.
    held: BTreeMap<usize, Instant>,
    pub calls: u64,
    zero: Instant,
}

/// What a caller meets who arrives.
pub enum Arrival {
    Served(Served),
    /// Without the server; it asks again when the slot has come.
    Alone(Served),
    Refused,
    Waits,
}

/// A trip under way: what was asked, and when, on the machine's clock.
pub struct Trip {
    asked: Ask,
    question: Question,
    sent: i64,
}

impl Machine {
    /// `fallback`: calls a second without the server; 0: none.
    pub fn new(zero: Instant, fallback: usize, random: &mut fastrand::Rng) -> Machine {
        Machine {
            fallback: (fallback > 0).then(|| WINDOW / fallback as u32),
            held: BTreeMap::new(),
            line: Line::default(),
            clock: Clock::default(),
            skew: random.i64(0..100_000_000),
            drift: random.i64(-50..=50),
            // One machine in ten is far away.
            distance: if random.u32(..10) == 0 {
                random.i64(10_000..40_000)
            } else {
                random.i64(100..1_000)
            },
            on_a_trip: false,
            lost_until: None,
            calls: 0,
            zero,
        }
    }

    fn micros_here(&self, now: i64) -> i64 {
        now + self.skew + now * self.drift / 1_000_000
    }

    /// The machine's own time.
    fn here(&self, now: i64) -> Instant {
        self.instant(self.micros_here(now))
    }

    fn instant(&self, micros: i64) -> Instant {
        self.zero + Duration::from_micros(micros.max(0) as u64)
    }

    /// When its clock will show that.
    pub fn world(&self, here: Instant) -> i64 {
        let micros = (here - self.zero).as_micros() as i64 - self.skew;
        micros - micros * self.drift / 1_000_000
    }

    /// One way to the server: mostly a little more than the distance, at times much more.
    pub fn way(&self, random: &mut fastrand::Rng) -> i64 {
        let slow = if random.u32(..100) == 0 { 20_000 } else { 300 };
        self.distance + random.i64(0..slow)
    }

    pub fn arrive(&mut self, now: i64, caller: usize) -> Arrival {
        let here = self.here(now);
        if self.lost_until.is_some() || self.line.is_alone(here) {
            if let Some(arrival) = self.without(here, caller, here + PATIENCE) {
                return arrival;
            }
        }
        let served = self.line.enter(caller, here, here + PATIENCE);
        served.map_or(Arrival::Waits, Arrival::Served)
    }

    /// Without the server; `None` where that ends before.
    fn without(&mut self, here: Instant, caller: usize, deadline: Instant) -> Option<Arrival> {
        let Some(spacing) = self.fallback else {
            return Some(Arrival::Refused);
        };
        let served = self.line.fall_back(caller, here, deadline, spacing).ok()?;
        if let Served::Slot(slot) = served {
            self.held.insert(caller, slot);
        }
        Some(Arrival::Alone(served))
    }

    /// A slot without the server has come; `false`: it is void.
    pub fn depart(&mut self, caller: usize, slot: Instant) -> bool {
        self.held.get(&caller) == Some(&slot) && self.line.depart(|other| *other == caller)
    }

    /// When the next trip is due, in the world's time.
    pub fn due(&self, now: i64) -> Option<i64> {
        if self.on_a_trip {
            return None;
        }
        if let Some(retry) = self.lost_until {
            return Some(retry);
        }
        self.line.due(self.here(now)).map(|due| self.world(due).max(now))
    }

    pub fn leave_for_the_server(&mut self, now: i64, cap: usize) -> Trip {
        self.on_a_trip = true;
        let asked = self.line.ask(self.here(now));
        let micros = |time: Instant| (time - self.zero).as_micros() as i64;
        Trip {
            asked,
            question: Question {
                spacing: (WINDOW.as_micros() as u64).div_ceil(cap as u64) as i64,
                window: WINDOW.as_micros() as i64,
                wanted: asked.wanted,
                horizon: asked.horizon.as_micros() as i64,
                seen: asked
                    .seen
                    .and_then(|seen| self.clock.to_server(micros(seen)))
                    .unwrap_or(0),
                lead: self.clock.shortest_trip(),
                listen: asked.listen.as_micros() as i64,
            },
            sent: self.micros_here(now),
        }
    }

    /// The answer is here: who got what.
    pub fn come_back(
        &mut self,
        now: i64,
        trip: &Trip,
        (server, (next, slots)): &(i64, (i64, Vec<i64>)),
    ) -> Vec<(usize, Served)> {
        (self.on_a_trip, self.lost_until) = (false, None);
        self.clock.observe(trip.sent, self.micros_here(now), *server);
        let grant = Grant {
            slots: slots
                .iter()
                .map(|slot| self.instant(self.clock.to_here(*slot)))
                .collect(),
            next: self.instant(self.clock.to_here(*next)),
        };
        self.line.serve(self.here(now), &trip.asked, grant)
    }

    /// The trip came to nothing: what everyone who waits meets.
    pub fn lose(&mut self, now: i64) -> Vec<(usize, Arrival)> {
        (self.on_a_trip, self.lost_until) = (false, Some(now + RETRY));
        let here = self.here(now);
        let waiting = self.line.lose(here, self.fallback.is_some());
        let meet = |(caller, deadline)| (caller, self.without(here, caller, deadline).unwrap_or(Arrival::Refused));
        waiting.into_iter().map(meet).collect()
    }
}

impl Trip {
    pub fn ask(&self, server: &mut Server, now: i64) -> (i64, (i64, Vec<i64>)) {
        (now, server.reserve(now, &self.question))
    }
}
