//! How many calls may be on the wire at once: a permit per connection, handed out in order of arrival.
//! Promises that the cap is never passed, and that a caller who waits for a permit hears a stop, its deadline and its interrupt callback.
//! Own code because a permit must be waited for under all three at once, which no semaphore of a known crate offers without a runtime.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::call::{Call, Ended, Stopper};

#[derive(Debug)]
pub(crate) struct Permits {
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    free: u32,
    /// Those who wait, first come first served.
    queue: VecDeque<Arc<Stopper>>,
}

/// The right to use one connection; given back on drop.
#[derive(Debug)]
pub(crate) struct Permit<'a>(&'a Permits);

impl Permits {
    pub fn new(free: u32) -> Self {
        Permits {
            state: Mutex::new(State {
                free,
                queue: VecDeque::new(),
            }),
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn acquire(&self, call: &Call) -> Result<Permit<'_>, Ended> {
        call.time_left()?;
        let mut state = self.lock();
        if state.free > 0 && state.queue.is_empty() {
            state.free -= 1;
            return Ok(Permit(self));
        }
        state.queue.push_back(call.stopper().clone());
        drop(state);
        let place = Place { permits: self, call };
        loop {
            if place.take_turn() {
                return Ok(Permit(self));
            }
            call.nap()?;
        }
    }
}

/// A place in the queue, left on drop whether or not the permit came.
struct Place<'a> {
    permits: &'a Permits,
    call: &'a Call,
}

impl Place<'_> {
    fn take_turn(&self) -> bool {
        let mut state = self.permits.lock();
        let first = state
            .queue
            .front()
            .is_some_and(|first| Arc::ptr_eq(first, self.call.stopper()));
        let turn = first && state.free > 0;
        if turn {
            state.free -= 1;
        }
        turn
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        // In a child that was forked inside the wait, nobody lets go of a lock that another thread held.
        if self.call.is_foreign() {
            return;
        }
        let mut state = self.permits.lock();
        state.queue.retain(|waiting| !Arc::ptr_eq(waiting, self.call.stopper()));
        state.wake_first();
    }
}

impl Drop for Permit<'_> {
    fn drop(&mut self) {
        let mut state = self.0.lock();
        state.free += 1;
        state.wake_first();
    }
}

impl State {
    fn wake_first(&self) {
        if self.free > 0 {
            if let Some(first) = self.queue.front() {
                first.nudge();
            }
        }
    }
}
