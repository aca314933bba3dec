//! The calls that one client, or one cancel token, may end: those inside and those to come.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::caller::{Caller, Ended, ThisThread, Wait};
use crate::fork::Birthplace;

/// The calls that one client, or one cancel token, may end.
#[derive(Debug)]
pub(crate) struct Calls {
    state: Mutex<Inside>,
    /// A call left.
    left: Condvar,
    /// In a forked child a lock that another thread of the parent held is never released, and the sockets are the parent's.
    born: Birthplace,
}

#[derive(Debug, Default)]
struct Inside {
    ended: Option<Ended>,
    callers: Vec<Arc<Caller>>,
    /// Somebody waits for calls to leave; without it, leaving costs no system call.
    awaited: bool,
}

impl Default for Calls {
    fn default() -> Self {
        Calls {
            state: Mutex::default(),
            left: Condvar::new(),
            born: Birthplace::here(),
        }
    }
}

impl Calls {
    fn lock(&self) -> MutexGuard<'_, Inside> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets a call in; refused once they were ended.
    pub fn enter(self: &Arc<Self>, wait: &Wait) -> Result<Entered, Ended> {
        if !self.born.is_here() {
            return Err(Ended::Forked);
        }
        let mut state = self.lock();
        if let Some(ended) = state.ended {
            return Err(ended);
        }
        state.callers.push(wait.caller().clone());
        Ok(Entered {
            calls: self.clone(),
            caller: wait.caller().clone(),
        })
    }

    /// Ends every call inside and refuses those to come. In a forked child, nothing.
    pub fn end(&self, reason: Ended) {
        if !self.born.is_here() {
            return;
        }
        let mut state = self.lock();
        state.ended.get_or_insert(reason);
        for caller in &state.callers {
            caller.end(reason);
        }
    }

    /// Refuses those to come, and ends every call inside of which nothing is on its way; the others end with their answer.
    pub fn end_unless_sent(&self, reason: Ended) {
        if !self.born.is_here() {
            return;
        }
        let mut state = self.lock();
        state.ended.get_or_insert(reason);
        for caller in &state.callers {
            caller.end_unless_sent(reason);
        }
    }

    /// Wakes every call inside: something that it may wait for has changed.
    pub fn wake(&self) {
        if self.born.is_here() {
            self.lock().callers.iter().for_each(|caller| caller.wake());
        }
    }

    /// Refuses calls to come and lets those inside end, for at most so long. Whether they all did; one on this very thread is not waited for.
    pub fn drain(&self, reason: Ended, longest: Duration) -> bool {
        let (here, until) = (ThisThread::here(), Instant::now() + longest);
        let mut state = self.lock();
        state.ended.get_or_insert(reason);
        state.awaited = true;
        while state.callers.iter().any(|caller| caller.thread != here) {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return false;
            }
            let waited = self.left.wait_timeout(state, left);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
        true
    }

    /// Waits until no call is inside, unless one is on this very thread, as when its interrupt callback is what waits.
    pub fn wait_until_empty(&self) {
        let here = ThisThread::here();
        let mut state = self.lock();
        if state.callers.iter().any(|caller| caller.thread == here) {
            return;
        }
        state.awaited = true;
        while !state.callers.is_empty() {
            state = self.left.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

/// A call inside [`Calls`]; leaves on drop, in a forked child without a trace.
#[derive(Debug)]
pub(crate) struct Entered {
    calls: Arc<Calls>,
    caller: Arc<Caller>,
}

impl Drop for Entered {
    fn drop(&mut self) {
        if !self.calls.born.is_here() {
            return;
        }
        let mut state = self.calls.lock();
        if let Some(place) = state.callers.iter().position(|other| Arc::ptr_eq(other, &self.caller)) {
            state.callers.swap_remove(place);
        }
        if state.awaited {
            self.calls.left.notify_all();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::thread;

    use super::*;

    const LONG: Duration = Duration::from_secs(20);
    const SHORT: Duration = Duration::from_millis(20);

    #[test]
    fn who_drains_lets_calls_end_and_tells_those_that_did_not() {
        let calls = Arc::new(Calls::default());
        let (wait, own) = (Wait::new(LONG, None), Wait::new(LONG, None));
        let inside = thread::scope(|scope| {
            scope
                .spawn(|| calls.enter(&Wait::new(LONG, None)).unwrap())
                .join()
                .unwrap()
        });
        let _own = calls.enter(&own).unwrap();
        assert!(!calls.drain(Ended::Shutdown, SHORT), "one is still inside");
        assert_eq!(calls.enter(&wait).unwrap_err(), Ended::Shutdown);
        thread::scope(|scope| {
            scope.spawn(|| {
                thread::sleep(SHORT);
                drop(inside);
            });
            assert!(calls.drain(Ended::Shutdown, LONG), "but for the one of this thread");
        });
        assert!(own.time_left().is_ok(), "and ended nobody");
    }

    #[test]
    fn the_end_of_the_last_call_is_waited_for_but_not_by_the_thread_that_makes_it() {
        let calls = Arc::new(Calls::default());
        let inside = calls.enter(&Wait::new(LONG, None)).unwrap();
        calls.wait_until_empty();
        let gone = AtomicUsize::new(0);
        thread::scope(|scope| {
            let waiting = scope.spawn(|| {
                calls.wait_until_empty();
                gone.load(Ordering::SeqCst)
            });
            thread::sleep(SHORT);
            gone.store(1, Ordering::SeqCst);
            drop(inside);
            assert_eq!(waiting.join().unwrap(), 1);
        });
    }
}
