//! How many calls may be on the wire at once: a permit per connection, handed out in order of arrival.
//! Own code because a permit must be waited for under a stop, a deadline and an interrupt callback at once, which no semaphore of a known crate
//! offers without a runtime.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use crate::fork::Birthplace;
use crate::stats::Stats;
use crate::wait::{Caller, Ended, Wait};

#[derive(Debug)]
pub(crate) struct Permits {
    state: Mutex<State>,
    stats: Arc<Stats>,
}

#[derive(Debug)]
struct State {
    free: u32,
    /// Those who wait, first come first served.
    queue: VecDeque<Arc<Caller>>,
}

/// The right to use one connection; given back on drop, but not in a child that was forked meanwhile: nobody lets go of a lock that another
/// thread of the parent held.
#[derive(Debug)]
pub(crate) struct Permit<'a> {
    permits: &'a Permits,
    born: Birthplace,
}

impl Permits {
    pub fn new(free: u32, stats: Arc<Stats>) -> Self {
        Permits {
            state: Mutex::new(State {
                free,
                queue: VecDeque::new(),
            }),
            stats,
        }
    }

    /// How many callers wait now.
    pub fn awaited(&self) -> u64 {
        self.lock().queue.len() as u64
    }

    fn permit(&self) -> Permit<'_> {
        Permit {
            permits: self,
            born: Birthplace::here(),
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn acquire(&self, wait: &Wait) -> Result<Permit<'_>, Ended> {
        wait.time_left()?;
        let mut state = self.lock();
        if state.free > 0 && state.queue.is_empty() {
            state.free -= 1;
            return Ok(self.permit());
        }
        state.queue.push_back(wait.caller().clone());
        drop(state);
        let queued = Queued {
            permits: self,
            wait,
            since: Instant::now(),
        };
        loop {
            if queued.is_served() {
                return Ok(self.permit());
            }
            wait.nap()?;
        }
    }
}

/// A place in the queue, left on drop whether or not the permit came.
struct Queued<'a> {
    permits: &'a Permits,
    wait: &'a Wait,
    since: Instant,
}

impl Queued<'_> {
    fn is_served(&self) -> bool {
        let mut state = self.permits.lock();
        let first = state
            .queue
            .front()
            .is_some_and(|first| Arc::ptr_eq(first, self.wait.caller()));
        let served = first && state.free > 0;
        if served {
            state.free -= 1;
        }
        served
    }
}

impl Drop for Queued<'_> {
    fn drop(&mut self) {
        // In a child that was forked inside the wait, a lock that another thread held is never released.
        if self.wait.is_foreign() {
            return;
        }
        self.permits.stats.waited_for_connection(self.since.elapsed());
        let mut state = self.permits.lock();
        state.queue.retain(|waiting| !Arc::ptr_eq(waiting, self.wait.caller()));
        state.wake_first();
    }
}

impl Drop for Permit<'_> {
    fn drop(&mut self) {
        if !self.born.is_here() {
            return;
        }
        let mut state = self.permits.lock();
        state.free += 1;
        state.wake_first();
    }
}

impl State {
    fn wake_first(&self) {
        if self.free > 0 {
            if let Some(first) = self.queue.front() {
                first.wake();
            }
        }
    }
}
