//! The callers of one command who wait for a slot of the fleet, and the slots that this process was given for them. Callers are served in order of
//! arrival, a slot that nobody could use goes to the next, and few trips are made. Fallback slots begin after those the server had given, as far as
//! this process can know, and end one window before the server gives again, so that the two never meet in one window.
//! The caller passes the time in, so that the simulation of a fleet runs this very code.

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
/// Within this, every process that lost the server and can reach it again has done so: it tries once a second, and a try that fails takes
/// a second at most. So long others may be on their fallback when one is back.
pub(crate) const RETURN: Duration = Duration::from_secs(2);

/// What became of a caller's wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Served {
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
    /// How long others may be on their fallback: a server that has served nobody lately gives nothing until that is over.
    pub listen: Duration,
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

/// Who gives the slots.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Source {
    #[default]
    Server,
    Fallback,
    /// The server is back and gives slots later; those of the fallback lie before this.
    FallbackUntil(Instant),
}

/// One command's callers and slots; `T` is how the user knows a caller again.
#[derive(Debug)]
pub(crate) struct Line<T> {
    waiting: VecDeque<Waiter<T>>,
    /// Slots that nobody has taken yet, in order.
    spare: VecDeque<Instant>,
    /// The latest slot given to this process.
    latest: Option<Instant>,
    /// No slot to come lies before this, as the latest trip told, which is believed until then.
    next: Option<(Instant, Instant)>,
    /// There was no slot to be had; no trip before this.
    not_before: Option<Instant>,
    /// How far ahead the whole fleet has slots, by the latest trips.
    ahead: Duration,
    source: Source,
    /// Those who have a slot without the server that is still to come, in order.
    holding: VecDeque<(Waiter<T>, Instant)>,
    /// The latest slot given without the server, or what the fleet still had when it was lost.
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
            ahead: Duration::ZERO,
            source: Source::Server,
            holding: VecDeque::new(),
            fallback: None,
        }
    }
}

impl<T> Line<T> {
    /// A caller arrives. `None`: it waits, and will be named by a later [`Line::serve`] or [`Line::give_back`].
    pub fn enter(&mut self, ticket: T, now: Instant, deadline: Instant) -> Option<Served> {
        while self.spare.front().is_some_and(|slot| *slot < now) {
            self.spare.pop_front();
        }
        if self.spare.front().is_some_and(|slot| *slot < deadline) {
            return self.spare.pop_front().map(Served::Slot);
        }
        if let Some((next, _)) = self.next.filter(|(next, until)| *next >= deadline && now < *until) {
            return Some(Served::Late(next - deadline));
        }
        self.waiting.push_back(Waiter { ticket, deadline });
        None
    }

    /// A caller goes away without a slot.
    pub fn leave(&mut self, is_it: impl Fn(&T) -> bool) {
        self.waiting.retain(|waiter| !is_it(&waiter.ticket));
        self.holding.retain(|(holder, _)| !is_it(&holder.ticket));
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
    /// While the fallback gives the slots, always: what the server says about this command ends that.
    pub fn due(&self, now: Instant) -> Option<Instant> {
        if self.source == Source::Fallback {
            return Some(now);
        }
        if self.waiting.is_empty() {
            return None;
        }
        let ready = self.latest.filter(|_| self.waiting.len() < FULL).unwrap_or(now);
        Some(self.not_before.map_or(ready, |time| ready.max(time)).max(now))
    }

    /// What a trip asks for now: as many slots as callers wait, or one when the trip is only to see whether the server is back.
    pub fn ask(&self, now: Instant) -> Ask {
        let holders = self.holding.iter().map(|(holder, _)| holder);
        let callers = || self.waiting.iter().chain(holders.clone());
        let wanted = callers().count().clamp(1, MOST);
        let patience = callers().take(wanted).map(|waiter| waiter.deadline).max();
        Ask {
            wanted,
            horizon: patience.map_or(WINDOW, |deadline| deadline.saturating_duration_since(now).min(FARTHEST)),
            seen: self.latest,
            listen: if self.source == Source::Fallback {
                RETURN
            } else {
                Duration::ZERO
            },
        }
    }

    /// A trip came back: who is served, and who cannot be in time.
    pub fn serve(&mut self, now: Instant, asked: &Ask, grant: Grant) -> Vec<(T, Served)> {
        let mut served = Vec::new();
        self.learn(now, &grant);
        self.latest = self.latest.max(grant.slots.last().copied());
        let short = grant.slots.len() < asked.wanted;
        for slot in grant.slots {
            match self.next_in_time(slot, &mut served) {
                Some(ticket) => served.push((ticket, Served::Slot(slot))),
                None => self.spare.push_back(slot),
            }
        }
        self.not_before = short.then(|| grant.next.min(now + WINDOW));
        if short {
            for waiter in std::mem::take(&mut self.waiting) {
                if waiter.deadline <= grant.next {
                    served.push((waiter.ticket, Served::Late(grant.next - waiter.deadline)));
                } else {
                    self.waiting.push_back(waiter);
                }
            }
        }
        served
    }

    /// What a grant says beside its slots: how deep the fleet's line is, and when the fallback ends. Those who hold a slot of the fallback
    /// beyond that wait again.
    fn learn(&mut self, now: Instant, grant: &Grant) {
        // A wrong answer is heard once, and for a window.
        self.next = Some((grant.next, now + WINDOW));
        let ahead = grant.next.saturating_duration_since(now).min(FARTHEST);
        // Up at once, down slowly: other processes ask at other times.
        self.ahead = ahead.max((self.ahead + ahead) / 2);
        let end = grant.next.checked_sub(WINDOW).unwrap_or(now);
        self.source = match self.source {
            Source::Fallback | Source::FallbackUntil(_) if grant.slots.is_empty() => Source::FallbackUntil(end),
            _ => Source::Server,
        };
        let end = if self.source == Source::Server {
            now
        } else {
            end.max(now)
        };
        let kept = self.holding.partition_point(|(_, slot)| *slot < end);
        self.waiting
            .extend(self.holding.drain(kept..).map(|(holder, _)| holder));
        self.fallback = self.fallback.map(|last| last.min(end));
    }

    /// The first who can use this slot; those before it cannot have one in time.
    fn next_in_time(&mut self, slot: Instant, served: &mut Vec<(T, Served)>) -> Option<T> {
        while let Some(waiter) = self.waiting.pop_front() {
            if slot < waiter.deadline {
                return Some(waiter.ticket);
            }
            served.push((waiter.ticket, Served::Late(slot - waiter.deadline)));
        }
        None
    }

    /// Whether a caller who arrives now is served without the server.
    pub fn is_alone(&self, now: Instant) -> bool {
        match self.source {
            Source::Server => false,
            Source::Fallback => true,
            Source::FallbackUntil(end) => now < end,
        }
    }

    /// A caller arrives, or is left, without the server: a slot evenly `spacing` behind the one before. It has to ask [`Line::depart`] when
    /// that comes, for the server may be back by then. The ticket comes back where the fallback ends before.
    pub fn fall_back(&mut self, ticket: T, now: Instant, deadline: Instant, spacing: Duration) -> Result<Served, T> {
        let slot = self.fallback.map_or(now, |last| now.max(last + spacing));
        if matches!(self.source, Source::FallbackUntil(end) if slot >= end) {
            return Err(ticket);
        }
        if slot >= deadline {
            return Ok(Served::Late(slot - deadline));
        }
        self.fallback = Some(slot);
        self.holding.push_back((Waiter { ticket, deadline }, slot));
        Ok(Served::Slot(slot))
    }

    /// The slot without the server has come: `false` when it is void, and its caller waits for one of the server's.
    pub fn depart(&mut self, is_it: impl Fn(&T) -> bool) -> bool {
        let place = self.holding.iter().position(|(holder, _)| is_it(&holder.ticket));
        place.and_then(|place| self.holding.remove(place)).is_some()
    }

    /// The server cannot be reached: all who wait, to be refused or to [`Line::fall_back`]. What it said before no longer counts, but
    /// for the slots it gave to the fleet: with a fallback, this process leaves the time until they are used to those who have them.
    pub fn lose(&mut self, now: Instant, has_fallback: bool) -> Vec<(T, Instant)> {
        (self.next, self.not_before) = (None, None);
        if has_fallback {
            if self.source == Source::Server && !self.ahead.is_zero() {
                self.fallback = self.fallback.max(Some(now + self.ahead));
            }
            self.source = Source::Fallback;
        }
        self.waiting
            .drain(..)
            .map(|waiter| (waiter.ticket, waiter.deadline))
            .collect()
    }

    /// It can be forgotten: nobody waits, and every slot passed too long ago to count.
    pub fn is_idle(&self, now: Instant) -> bool {
        let passed = |slot: Option<Instant>| slot.is_none_or(|slot| slot + WINDOW < now);
        self.waiting.is_empty() && self.holding.is_empty() && passed(self.latest) && passed(self.fallback)
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

#[cfg(test)]
mod tests {
    use super::*;

    const MS: Duration = Duration::from_millis(1);
    const FAR: Duration = Duration::from_secs(20);

    fn grant(now: Instant, slots: &[u32], next: u32) -> Grant {
        Grant {
            slots: slots.iter().map(|ms| now + MS * *ms).collect(),
            next: now + MS * next,
        }
    }

    /// A line in which callers 0, 1, 2 … wait, each with its own patience.
    fn waiting(now: Instant, patience: &[Duration]) -> Line<usize> {
        let mut line = Line::default();
        for (caller, patience) in patience.iter().enumerate() {
            assert_eq!(line.enter(caller, now, now + *patience), None);
        }
        line
    }

    #[test]
    fn callers_are_served_in_order_and_a_slot_too_late_for_one_goes_to_the_next() {
        let now = Instant::now();
        let mut line = waiting(now, &[FAR, MS * 15, FAR, FAR]);
        let asked = line.ask(now);
        assert_eq!((asked.wanted, asked.horizon), (4, FAR));
        let served = line.serve(now, &asked, grant(now, &[10, 20, 30, 40], 50));
        let slot = |ms| Served::Slot(now + MS * ms);
        assert_eq!(
            served,
            [(0, slot(10)), (1, Served::Late(MS * 5)), (2, slot(20)), (3, slot(30))]
        );
        assert_eq!(line.enter(4, now, now + FAR), Some(slot(40)), "the slot left over");
        assert_eq!(
            line.enter(5, now, now + MS * 45),
            Some(Served::Late(MS * 5)),
            "the next lies at 50"
        );
    }

    #[test]
    fn a_trip_is_made_for_ten_callers_or_when_all_slots_are_used() {
        let now = Instant::now();
        let mut line: Line<usize> = Line::default();
        assert_eq!(line.due(now), None);
        line.enter(0, now, now + FAR);
        assert_eq!(line.due(now), Some(now), "nothing was given yet");
        let asked = line.ask(now);
        line.serve(now, &asked, grant(now, &[100], 200));
        for caller in 1..10 {
            line.enter(caller, now, now + FAR);
            assert_eq!(line.due(now), Some(now + MS * 100), "{caller} wait");
        }
        line.enter(10, now, now + FAR);
        assert_eq!(line.due(now), Some(now));
    }

    #[test]
    fn one_trip_asks_for_fifty_slots_and_half_a_minute_at_most() {
        let now = Instant::now();
        let mut line = waiting(now, &[FAR * 10; 80]);
        let asked = line.ask(now);
        assert_eq!((asked.wanted, asked.horizon, asked.seen), (MOST, FARTHEST, None));
        let slots: Vec<u32> = (0..50).collect();
        assert_eq!(line.serve(now, &asked, grant(now, &slots, 50)).len(), 50);
        assert_eq!(line.ask(now).wanted, 30);
        assert_eq!(line.ask(now).seen, Some(now + MS * 49));
    }

    #[test]
    fn where_there_is_no_slot_in_time_the_patient_ask_again_later_and_the_others_are_told() {
        let now = Instant::now();
        let mut line = waiting(now, &[MS * 300, FAR]);
        let asked = line.ask(now);
        let served = line.serve(now, &asked, grant(now, &[], 400));
        assert_eq!(served, [(0, Served::Late(MS * 100))]);
        assert_eq!(line.due(now), Some(now + MS * 400));
        let asked = line.ask(now);
        line.serve(now, &asked, grant(now, &[], 15_000));
        assert_eq!(
            line.due(now),
            Some(now + WINDOW),
            "but the server may know better by then"
        );
    }

    #[test]
    fn a_slot_given_back_goes_to_whoever_waits_or_to_the_next_to_come() {
        let now = Instant::now();
        let mut line = waiting(now, &[MS * 5, FAR]);
        assert_eq!(line.give_back(now + MS * 10, now), Some(1), "the first who can use it");
        assert_eq!(line.give_back(now + MS * 10, now), None);
        assert_eq!(line.enter(2, now, now + FAR), Some(Served::Slot(now + MS * 10)));
        assert_eq!(line.give_back(now + MS * 10, now + MS * 11), None);
        assert_eq!(line.enter(3, now + MS * 11, now + FAR), None, "it has passed");
        line.leave(|caller| *caller == 3);
        line.leave(|caller| *caller == 0);
        assert_eq!(line.due(now), None);
    }

    #[test]
    fn without_the_server_everyone_is_told_and_the_fallback_is_even() {
        let now = Instant::now();
        let mut line = waiting(now, &[FAR, MS * 15]);
        assert_eq!(line.lose(now, true), [(0, now + FAR), (1, now + MS * 15)]);
        let patience = [FAR, FAR, MS * 15, FAR].into_iter().enumerate();
        let slots: Vec<_> = patience
            .map(|(caller, patience)| line.fall_back(caller, now, now + patience, MS * 10).unwrap())
            .collect();
        let slot = |ms| Served::Slot(now + MS * ms);
        assert_eq!(slots, [slot(0), slot(10), Served::Late(MS * 5), slot(20)]);
        assert!(line.depart(|caller| *caller == 0) && !line.depart(|caller| *caller == 0));
        line.leave(|_| true);
        assert!(!line.is_idle(now) && line.is_idle(now + FAR));
    }

    #[test]
    fn the_fallback_begins_behind_what_the_fleet_was_given() {
        let now = Instant::now();
        let mut line = waiting(now, &[FAR]);
        let asked = line.ask(now);
        line.serve(now, &asked, grant(now, &[800], 1_000));
        line.enter(1, now, now + FAR);
        let lost = now + MS * 900;
        assert_eq!(line.lose(lost, true), [(1, now + FAR)]);
        let first = line.fall_back(1, lost, now + FAR, MS * 10);
        assert_eq!(
            first,
            Ok(Served::Slot(lost + MS * 1_010)),
            "all others may have slots for another second"
        );
        line.lose(lost + MS * 100, true);
        let second = line.fall_back(2, lost, now + FAR, MS * 10);
        assert_eq!(
            second,
            Ok(Served::Slot(lost + MS * 1_020)),
            "a try that failed again is no new loss"
        );
    }

    #[test]
    fn the_fallback_ends_a_window_before_the_server_gives_slots_and_its_callers_wait_for_those() {
        let now = Instant::now();
        let mut line: Line<usize> = Line::default();
        line.lose(now, true);
        for caller in 0..4 {
            line.fall_back(caller, now, now + FAR, MS * 100).unwrap();
        }
        assert_eq!(line.due(now), Some(now), "the server knows when that has to end");
        let asked = line.ask(now);
        assert_eq!((asked.wanted, asked.listen), (4, RETURN));
        let from = now + WINDOW + MS * 150;
        let listening = Grant {
            slots: vec![],
            next: from,
        };
        assert_eq!(line.serve(now, &asked, listening), []);
        assert!(line.is_alone(now + MS * 149) && !line.is_alone(now + MS * 150));
        assert!(line.depart(|caller| *caller == 1), "100 ms");
        assert!(!line.depart(|caller| *caller == 2), "200 ms");
        assert_eq!(line.fall_back(4, now, now + FAR, MS * 100), Err(4));
        line.enter(4, now, now + FAR);
        let asked = line.ask(from);
        assert_eq!((asked.wanted, asked.listen), (4, Duration::ZERO), "0 has not left yet");
        let slot = |ms| Served::Slot(from + MS * ms);
        let served = line.serve(from, &asked, grant(from, &[5, 10, 15], 20));
        assert_eq!(served, [(2, slot(5)), (3, slot(10)), (4, slot(15))]);
    }

    #[test]
    fn one_wrong_answer_is_believed_for_no_longer_than_a_window() {
        let now = Instant::now();
        let mut line = waiting(now, &[MS * 300]);
        let asked = line.ask(now);
        assert_eq!(line.serve(now, &asked, grant(now, &[], 35_000)).len(), 1);
        assert!(matches!(line.enter(1, now, now + FAR), Some(Served::Late(_))));
        let later = now + WINDOW;
        assert_eq!(line.enter(2, later, later + FAR), None);
        assert_eq!(line.due(later), Some(later), "it asks again");
    }

    #[test]
    fn the_servers_clock_is_learnt_half_way_of_the_shortest_trip() {
        let mut clock = Clock::default();
        assert_eq!(clock.to_server(7), None);
        clock.observe(1_000, 1_400, 50_000);
        assert_eq!(
            (clock.to_here(50_000), clock.to_server(1_200), clock.shortest_trip()),
            (1_200, Some(50_000), 400)
        );
        clock.observe(2_000, 2_900, 50_950);
        assert_eq!(clock.to_here(50_950), 2_150, "a longer trip says less");
        clock.observe(3_000, 3_020, 51_830);
        assert_eq!((clock.to_here(51_830), clock.shortest_trip()), (3_010, 20));
        clock.observe(4_000, 4_400, 60_000);
        assert_eq!(clock.to_here(60_000), 4_200, "it was set");
        clock.observe(3_004_000, 3_005_800, 3_060_500);
        assert_eq!(
            clock.to_here(3_060_500),
            3_004_900,
            "what was learnt long ago counts less: clocks drift"
        );
    }
}
