//! The connections that no exchange uses just now. The newest is lent first, so that those a quiet hour does not need grow old and are closed, by the
//! next caller or by the round that [`Pool::put`] asks for; never under the lock.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

#[derive(Debug)]
pub(super) struct Pool<C> {
    state: Mutex<State<C>>,
    most: usize,
    longest_idle: Duration,
}

#[derive(Debug)]
struct State<C> {
    /// Oldest first.
    idle: Vec<Idle<C>>,
    /// Somebody makes rounds.
    watched: bool,
}

#[derive(Debug)]
struct Idle<C> {
    connection: C,
    /// To which of the two hosts.
    standby: bool,
    since: Instant,
}

impl<C> Pool<C> {
    pub fn new(most: usize, longest_idle: Duration) -> Self {
        let state = State {
            idle: Vec::new(),
            watched: false,
        };
        Pool {
            state: Mutex::new(state),
            most,
            longest_idle,
        }
    }

    fn lock(&self) -> MutexGuard<'_, State<C>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn len(&self) -> usize {
        self.lock().idle.len()
    }

    /// The newest connection to that host.
    pub fn take(&self, standby: bool) -> Option<C> {
        self.take_at(standby, Instant::now())
    }

    fn take_at(&self, standby: bool, now: Instant) -> Option<C> {
        let mut state = self.lock();
        let old = state.aged(now, self.longest_idle);
        crate::injected_panic::at("pool");
        let newest = state.idle.iter().rposition(|idle| idle.standby == standby);
        let taken = newest.map(|place| state.idle.remove(place).connection);
        drop(state);
        drop(old);
        taken
    }

    /// Keeps a connection for the next exchange. Whether somebody has to begin with [`Pool::round`].
    #[must_use]
    pub fn put(&self, standby: bool, connection: C) -> bool {
        self.put_at(standby, connection, Instant::now())
    }

    fn put_at(&self, standby: bool, connection: C, since: Instant) -> bool {
        let mut state = self.lock();
        let mut old = state.aged(since, self.longest_idle);
        if state.idle.len() >= self.most && !state.idle.is_empty() {
            old.push(state.idle.remove(0));
        }
        state.idle.push(Idle {
            connection,
            standby,
            since,
        });
        let unwatched = !std::mem::replace(&mut state.watched, true);
        drop(state);
        drop(old);
        unwatched
    }

    /// Closes those that lay too long; when the next will have, or `None` if there are no others.
    pub fn round(&self) -> Option<Instant> {
        self.round_at(Instant::now())
    }

    fn round_at(&self, now: Instant) -> Option<Instant> {
        let mut state = self.lock();
        let old = state.aged(now, self.longest_idle);
        let next = state.idle.first().map(|idle| idle.since + self.longest_idle);
        state.watched = next.is_some();
        drop(state);
        drop(old);
        next
    }
}

impl<C> State<C> {
    /// Takes those out that lay too long; to be dropped without the lock, since closing takes a system call each.
    fn aged(&mut self, now: Instant, longest_idle: Duration) -> Vec<Idle<C>> {
        let old = |idle: &Idle<C>| now.saturating_duration_since(idle.since) >= longest_idle;
        let count = self.idle.partition_point(old);
        self.idle.drain(..count).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LONG: Duration = Duration::from_secs(15);

    #[test]
    fn the_newest_to_a_host_is_lent_first_and_the_oldest_makes_room() {
        let pool = Pool::new(3, LONG);
        for (connection, standby) in [(1, false), (2, true), (3, false), (4, false)] {
            assert_eq!(pool.put(standby, connection), connection == 1, "one is asked to watch");
        }
        assert_eq!(pool.take(false), Some(4));
        assert_eq!((pool.take(false), pool.take(false)), (Some(3), None), "1 had to go");
        assert_eq!((pool.take(true), pool.take(true)), (Some(2), None));
    }

    #[test]
    fn those_that_lay_too_long_are_closed_by_whoever_comes_next_or_by_the_round() {
        let (pool, start) = (Pool::new(9, LONG), Instant::now());
        let at = |seconds| start + Duration::from_secs(seconds);
        for seconds in [0, 10, 20] {
            let _ = pool.put_at(false, seconds, at(seconds));
        }
        assert_eq!(pool.lock().idle.len(), 2, "the first was 20 s old");
        assert_eq!(pool.round_at(at(24)), Some(at(25)));
        assert_eq!(pool.round_at(at(25)), Some(at(35)));
        assert_eq!(pool.take_at(false, at(26)), Some(20));
        assert_eq!(pool.round_at(at(27)), None);
        assert!(pool.put_at(false, 30, at(30)), "nobody watches any more");
        assert_eq!(pool.take_at(false, at(45)), None);
    }
}
