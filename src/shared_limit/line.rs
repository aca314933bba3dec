//! The callers of one command who wait for a slot of the fleet, and the slots that were given to this process for them.
//! Promises that callers are served in order of arrival, that a slot nobody could use goes to the next, and that few trips are made.
//! Knows no clock, no thread and no server: whoever uses it says what time it is, so that the simulation of a fleet uses it as it is.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// The second in which the service counts, and a guard for what the way to it adds to some calls and not to others.
pub(crate) const WINDOW: Duration = Duration::from_millis(1_020);
/// So many callers without a slot are worth a trip while slots given before are still to come.
const FULL: usize = 10;
/// A trip asks for no more than this: what one process takes in a row, the others wait for.
const MOST: usize = 50;
/// No slot is asked for that lies further ahead. One that does, and a little more, the script takes for a clock that jumped.
const FARTHEST: Duration = Duration::from_secs(30);

/// What became of a caller's wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Turn {
    Slot(Instant),
    /// The next slot lies so far beyond the caller's deadline.
    Late(Duration),
}

/// What one trip asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Ask {
    pub wanted: usize,
    /// No slot later than so long from now is of use.
    pub horizon: Duration,
    /// The latest slot this process was given.
    pub seen: Option<Instant>,
}

/// What one trip brought.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Grant {
    /// In order.
    pub slots: Vec<Instant>,
    /// When the slot after them would be.
    pub next: Instant,
}

#[derive(Debug)]
struct Waiter<T> {
    ticket: T,
    deadline: Instant,
}

/// One command's callers and slots; `T` is how the user knows a caller again.
#[derive(Debug)]
pub(crate) struct Line<T> {
    waiting: VecDeque<Waiter<T>>,
    /// Slots that nobody has taken yet, in order.
    spare: VecDeque<Instant>,
    /// The latest slot given to this process.
    latest: Option<Instant>,
    /// No slot to come lies before this, as far as the latest trip told.
    next: Option<Instant>,
    /// There was no slot to be had; no trip before this.
    not_before: Option<Instant>,
    /// The latest slot given without the server.
    fallback: Option<Instant>,
}

impl<T> Default for Line<T> {
    fn default() -> Self {
        Line {
            waiting: VecDeque::new(),
            spare: VecDeque::new(),
            latest: None,
            next: None,
            not_before: None,
            fallback: None,
        }
    }
}

impl<T> Line<T> {
    /// A caller arrives. `None`: it waits, and will be named by a later [`Line::serve`] or [`Line::give_back`].
    pub fn enter(&mut self, ticket: T, now: Instant, deadline: Instant) -> Option<Turn> {
        while self.spare.front().is_some_and(|slot| *slot < now) {
            self.spare.pop_front();
        }
        if self.spare.front().is_some_and(|slot| *slot < deadline) {
            return self.spare.pop_front().map(Turn::Slot);
        }
        if let Some(next) = self.next.filter(|next| *next >= deadline) {
            return Some(Turn::Late(next - deadline));
        }
        self.waiting.push_back(Waiter { ticket, deadline });
        None
    }

    /// A caller goes away without a slot.
    pub fn leave(&mut self, is_it: impl Fn(&T) -> bool) {
        self.waiting.retain(|waiter| !is_it(&waiter.ticket));
    }

    /// A slot that its caller will not use: the caller who gets it instead, if one does.
    pub fn give_back(&mut self, slot: Instant, now: Instant) -> Option<T> {
        if slot < now {
            return None;
        }
        if let Some(index) = self.waiting.iter().position(|waiter| slot < waiter.deadline) {
            return self.waiting.remove(index).map(|waiter| waiter.ticket);
        }
        let place = self.spare.partition_point(|other| *other <= slot);
        self.spare.insert(place, slot);
        None
    }

    /// When a trip is worth while for those who wait: at once when they are many, or when all slots given before are used or passed.
    pub fn due(&self, now: Instant) -> Option<Instant> {
        if self.waiting.is_empty() {
            return None;
        }
        let ready = self.latest.filter(|_| self.waiting.len() < FULL).unwrap_or(now);
        Some(self.not_before.map_or(ready, |time| ready.max(time)).max(now))
    }

    /// What a trip asks for now: as many slots as callers wait, or one when the trip is only to see whether the server is back.
    pub fn ask(&self, now: Instant) -> Ask {
        let wanted = self.waiting.len().clamp(1, MOST);
        let patience = self.waiting.iter().take(wanted).map(|waiter| waiter.deadline).max();
        Ask {
            wanted,
            horizon: patience.map_or(WINDOW, |deadline| deadline.saturating_duration_since(now).min(FARTHEST)),
            seen: self.latest,
        }
    }

    /// A trip came back: who is served, and who cannot be in time.
    pub fn serve(&mut self, now: Instant, asked: &Ask, grant: Grant) -> Vec<(T, Turn)> {
        let mut served = Vec::new();
        self.latest = self.latest.max(grant.slots.last().copied());
        let short = grant.slots.len() < asked.wanted;
        for slot in grant.slots {
            match self.next_in_time(slot, &mut served) {
                Some(ticket) => served.push((ticket, Turn::Slot(slot))),
                None => self.spare.push_back(slot),
            }
        }
        self.next = Some(grant.next);
        self.not_before = short.then(|| grant.next.min(now + WINDOW));
        if short {
            for waiter in std::mem::take(&mut self.waiting) {
                if waiter.deadline <= grant.next {
                    served.push((waiter.ticket, Turn::Late(grant.next - waiter.deadline)));
                } else {
                    self.waiting.push_back(waiter);
                }
            }
        }
        served
    }

    /// The first who can use this slot; those before it cannot have one in time.
    fn next_in_time(&mut self, slot: Instant, served: &mut Vec<(T, Turn)>) -> Option<T> {
        while let Some(waiter) = self.waiting.pop_front() {
            if slot < waiter.deadline {
                return Some(waiter.ticket);
            }
            served.push((waiter.ticket, Turn::Late(slot - waiter.deadline)));
        }
        None
    }

    /// A slot without the server: evenly `spacing` apart, never several at once.
    pub fn fall_back(&mut self, now: Instant, deadline: Instant, spacing: Duration) -> Turn {
        let slot = self.fallback.map_or(now, |last| now.max(last + spacing));
        if slot >= deadline {
            return Turn::Late(slot - deadline);
        }
        self.fallback = Some(slot);
        Turn::Slot(slot)
    }

    /// The server cannot be reached: everyone who waits, to be told so. What it said before counts no more.
    pub fn disperse(&mut self) -> Vec<(T, Instant)> {
        (self.next, self.not_before) = (None, None);
        self.waiting
            .drain(..)
            .map(|waiter| (waiter.ticket, waiter.deadline))
            .collect()
    }

    /// Nothing is lost by forgetting it: nobody waits, and every slot has passed so long ago that it counts no more.
    pub fn is_idle(&self, now: Instant) -> bool {
        let passed = |slot: Option<Instant>| slot.is_none_or(|slot| slot + WINDOW < now);
        self.waiting.is_empty() && passed(self.latest) && passed(self.fallback)
    }
}

/// How the server's clock lies to this machine's, learnt from trips as NTP does: half way between leaving and coming back, the shortest trip
/// counting most. What it is wrong by is half of what the ways there and back differ in. All times are microseconds.
#[derive(Debug, Default)]
pub(crate) struct Clock {
    best: Option<Sample>,
}

#[derive(Clone, Copy, Debug)]
struct Sample {
    /// What is added to the server's time to have ours.
    offset: i64,
    /// It is wrong by no more than this.
    error: i64,
    learnt: i64,
}

impl Clock {
    /// A trip that left at `sent` and was back at `received` found the server's clock at `server`.
    pub fn observe(&mut self, sent: i64, received: i64, server: i64) {
        let new = Sample {
            offset: (sent + received) / 2 - server,
            error: (received - sent) / 2,
            learnt: received,
        };
        let better = self.best.is_none_or(|kept| {
            // Clocks that are being set are slewed by at most 500 parts in a million; one that moved further was set at once.
            let aged = kept.error + (received - kept.learnt) / 2_000;
            new.error <= aged || (new.offset - kept.offset).abs() > new.error + aged
        });
        if better {
            self.best = Some(new);
        }
    }

    /// `None` before the first trip.
    pub fn to_server(&self, here: i64) -> Option<i64> {
        self.best.map(|best| here - best.offset)
    }

    pub fn to_here(&self, server: i64) -> i64 {
        server + self.best.map_or(0, |best| best.offset)
    }

    /// How long a trip takes at best: a slot sooner than that would have passed when the answer is here.
    pub fn shortest_trip(&self) -> i64 {
        self.best.map_or(0, |best| 2 * best.error)
    }
}
