//! The connections that no exchange uses just now. Promises that the newest is lent first, so that those a quiet hour does not need grow old;
//! that one that lay for [`LONGEST_IDLE`] is closed by whoever comes next, or by the clock if nobody comes; and that a connection is never
//! closed under the lock. Knows nothing of sockets.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Below the idle time of the servers and balancers that are known.
pub(super) const LONGEST_IDLE: Duration = Duration::from_secs(15);

#[derive(Debug)]
pub(super) struct Pool<C> {
    /// Oldest first.
    idle: Mutex<Vec<Idle<C>>>,
    most: usize,
}

#[derive(Debug)]
struct Idle<C> {
    connection: C,
    /// To which of the two hosts.
    standby: bool,
    since: Instant,
}

impl<C> Pool<C> {
    pub fn new(most: usize) -> Self {
        let idle = Mutex::default();
        Pool { idle, most }
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Idle<C>>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The newest connection to that host.
    pub fn take(&self, standby: bool) -> Option<C> {
        self.take_at(standby, Instant::now())
    }

    fn take_at(&self, standby: bool, now: Instant) -> Option<C> {
        let mut idle = self.lock();
        let old = aged(&mut idle, now);
        crate::injected_panic::at("pool");
        let newest = idle.iter().rposition(|idle| idle.standby == standby);
        let taken = newest.map(|place| idle.remove(place).connection);
        drop(idle);
        drop(old);
        taken
    }

    /// Keeps a connection for the next exchange.
    pub fn put(&self, standby: bool, connection: C) {
        self.put_at(standby, connection, Instant::now());
    }

    fn put_at(&self, standby: bool, connection: C, since: Instant) {
        let mut idle = self.lock();
        let mut old = aged(&mut idle, since);
        if idle.len() >= self.most && !idle.is_empty() {
            old.push(idle.remove(0));
        }
        idle.push(Idle {
            connection,
            standby,
            since,
        });
        drop(idle);
        drop(old);
    }
}

/// Takes those out that lay too long; to be dropped without the lock, since closing takes a system call each.
fn aged<C>(idle: &mut Vec<Idle<C>>, now: Instant) -> Vec<Idle<C>> {
    let old = idle.partition_point(|idle| now.saturating_duration_since(idle.since) >= LONGEST_IDLE);
    idle.drain(..old).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_to_a_host_is_lent_first_and_the_oldest_makes_room() {
        let pool = Pool::new(3);
        for (connection, standby) in [(1, false), (2, true), (3, false), (4, false)] {
            pool.put(standby, connection);
        }
        assert_eq!(pool.take(false), Some(4));
        assert_eq!((pool.take(false), pool.take(false)), (Some(3), None), "1 had to go");
        assert_eq!((pool.take(true), pool.take(true)), (Some(2), None));
    }

    #[test]
    fn those_that_lay_too_long_are_closed_by_whoever_comes_next() {
        let (pool, start) = (Pool::new(9), Instant::now());
        for seconds in [0, 10, 20] {
            pool.put_at(false, seconds, start + Duration::from_secs(seconds));
        }
        assert_eq!(pool.lock().len(), 2, "the first was 20 s old");
        assert_eq!(pool.take_at(false, start + Duration::from_secs(25)), Some(20));
        assert_eq!(pool.take_at(false, start + Duration::from_secs(25)), None);
    }
}
