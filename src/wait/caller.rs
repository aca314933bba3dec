//! The calling thread's side of a call, and what other threads see of it.

use std::io;
use std::net::{Shutdown, TcpStream};
use std::os::raw::{c_int, c_void};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::waker::Waker;
use crate::fork::Birthplace;

/// How often the interrupt callback is asked while nothing else happens.
const INTERRUPT_EVERY: Duration = Duration::from_millis(200);

/// Why a call, or a part of it, cannot go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ended {
    /// The cancel token was triggered.
    Cancelled,
    /// The client was shut down.
    Shutdown,
    /// The interrupt callback said so.
    Interrupted,
    /// This is a forked child, and the call, its client or its token the parent's.
    Forked,
    /// The call's deadline passed.
    Deadline,
    /// The time for one attempt passed, the call's own has not.
    AttemptDeadline,
    /// The time for making a connection passed, the call's own has not.
    ConnectDeadline,
}

impl Ended {
    /// Whether the whole call is at its end, not only what it did just now.
    pub fn is_final(self) -> bool {
        !matches!(self, Ended::AttemptDeadline | Ended::ConnectDeadline)
    }
}

/// The caller's own way to end a call from within: asked on the calling thread.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Interrupt {
    pub stop: extern "C" fn(*mut c_void) -> c_int,
    pub user: *mut c_void,
}

// SAFETY: `user` is only handed to `stop`, and only by `Wait::ask`, on the thread that made the call. The header says that options with a
// callback may be read by many threads: each call of theirs asks on its own thread.
#[allow(unsafe_code)]
unsafe impl Send for Interrupt {}
#[allow(unsafe_code)]
// SAFETY: as above.
unsafe impl Sync for Interrupt {}

/// A living thread, told from every other one at no cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct ThisThread(usize);

impl ThisThread {
    pub fn here() -> Self {
        thread_local!(static MARK: u8 = const { 0 });
        ThisThread(MARK.with(|mark| std::ptr::from_ref(mark) as usize))
    }
}

/// A call as other threads see it: they may end it or wake it.
#[derive(Debug)]
pub(crate) struct Caller {
    born: Birthplace,
    pub(super) thread: ThisThread,
    state: Mutex<State>,
    woken: Condvar,
    interrupt: Option<Interrupt>,
    began: Instant,
    /// When the callback was asked last, in milliseconds since the call began.
    asked_ms: AtomicU64,
}

#[derive(Debug, Default)]
struct State {
    ended: Option<Ended>,
    /// A request of the call is on its way, or its answer is.
    sent: bool,
    /// Why the call sends no further request.
    last: Option<Ended>,
    /// Something the call may wait for happened since it last looked.
    woken: bool,
    /// The socket the call owns just now; never one that lies in the pool.
    socket: Option<Arc<TcpStream>>,
    /// Made when the call first polls.
    waker: Option<Arc<Waker>>,
}

impl State {
    fn wake_poll(&self) {
        if let Some(waker) = &self.waker {
            waker.wake();
        }
    }
}

impl Caller {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Ends the call: wakes it where it waits, cuts its socket where it reads or writes. The first reason stands.
    pub fn end(&self, reason: Ended) {
        let mut state = self.lock();
        state.ended.get_or_insert(reason);
        if let Some(socket) = &state.socket {
            // An error means that the socket is closed already.
            let _ = socket.shutdown(Shutdown::Both);
        }
        state.wake_poll();
        self.woken.notify_all();
    }

    /// The same for a call of which nothing is on its way; another one ends when its answer has come.
    pub fn end_unless_sent(&self, reason: Ended) {
        let mut state = self.lock();
        if state.sent {
            state.last.get_or_insert(reason);
        } else {
            drop(state);
            self.end(reason);
        }
    }

    /// Wakes the call without ending it.
    pub fn wake(&self) {
        let mut state = self.lock();
        state.woken = true;
        state.wake_poll();
        self.woken.notify_all();
    }
}

/// Until when the calling thread may wait, and its side of the [`Caller`]. A clone is the same wait.
#[derive(Clone, Debug)]
pub(crate) struct Wait {
    caller: Arc<Caller>,
    until: Instant,
    /// What it means when `until` has passed.
    passed: Ended,
}

impl Wait {
    /// A call that begins now on this thread and may take so long.
    pub fn new(total: Duration, interrupt: Option<Interrupt>) -> Wait {
        let began = Instant::now();
        let caller = Caller {
            born: Birthplace::here(),
            thread: ThisThread::here(),
            state: Mutex::default(),
            woken: Condvar::new(),
            interrupt,
            began,
            asked_ms: AtomicU64::new(0),
        };
        Wait {
            caller: Arc::new(caller),
            until: began + total,
            passed: Ended::Deadline,
        }
    }

    /// A part of the same call that has so long from now, and `passed` to say when that is over; never longer than the whole.
    pub fn within(&self, limit: Duration, passed: Ended) -> Wait {
        let until = Instant::now() + limit;
        let mut part = self.clone();
        if until < part.until {
            (part.until, part.passed) = (until, passed);
        }
        part
    }

    /// For those who have something this call waits for.
    pub fn caller(&self) -> &Arc<Caller> {
        &self.caller
    }

    pub fn deadline(&self) -> Instant {
        self.until
    }

    /// Whether the time lasts longer than that.
    pub fn has_time_for(&self, pause: Duration) -> bool {
        Instant::now() + pause < self.until
    }

    /// Whether this is a child that was forked inside the call: nothing of it may be touched any more, since nobody lets go of the locks that
    /// other threads of the parent held.
    pub fn is_foreign(&self) -> bool {
        !self.caller.born.is_here()
    }

    /// Time left, or why there is none. Looks only at the clock and at what may have ended the call.
    pub fn time_left(&self) -> Result<Duration, Ended> {
        if let Some(ended) = self.caller.lock().ended {
            return Err(ended);
        }
        let left = self.until.saturating_duration_since(Instant::now());
        if left.is_zero() {
            Err(self.passed)
        } else {
            Ok(left)
        }
    }

    /// The longest one blocking step may take, so that the interrupt callback is asked in time. Asks it when it is due, for a peer that
    /// never lets a step run out.
    pub fn slice(&self) -> Result<Duration, Ended> {
        if self.caller.interrupt.is_none() {
            return self.time_left();
        }
        let asked = Duration::from_millis(self.caller.asked_ms.load(Ordering::Relaxed));
        if self.caller.began.elapsed() >= asked + INTERRUPT_EVERY {
            self.ask()?;
        }
        Ok(self.time_left()?.min(INTERRUPT_EVERY))
    }

    /// Asks the interrupt callback, and tells whether the call goes on; called after each step and each signal.
    pub fn ask(&self) -> Result<(), Ended> {
        let caller = &*self.caller;
        if let Some(interrupt) = caller.interrupt.filter(|_| caller.thread == ThisThread::here()) {
            let since = u64::try_from(caller.began.elapsed().as_millis()).unwrap_or(u64::MAX);
            caller.asked_ms.store(since, Ordering::Relaxed);
            let stop = (interrupt.stop)(interrupt.user) != 0;
            // The callback is the caller's code: it may have forked, and this may be the child.
            if self.is_foreign() {
                return Err(Ended::Forked);
            }
            if stop {
                caller.end(Ended::Interrupted);
            }
        }
        self.time_left().map(drop)
    }

    /// Waits until then, or until the call ends.
    pub fn pause_until(&self, then: Instant) -> Result<(), Ended> {
        loop {
            match then.checked_duration_since(Instant::now()) {
                Some(left) if !left.is_zero() => self.nap_at_most(left)?,
                _ => return Ok(()),
            }
        }
    }

    /// Waits for at most a slice; ending or waking the call ends the wait early.
    pub fn nap(&self) -> Result<(), Ended> {
        self.nap_at_most(Duration::MAX)
    }

    /// The same for at most so long.
    pub fn nap_at_most(&self, longest: Duration) -> Result<(), Ended> {
        let slice = self.slice()?.min(longest);
        let mut state = self.caller.lock();
        if state.ended.is_none() && !state.woken {
            let waited = self.caller.woken.wait_timeout(state, slice);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
        state.woken = false;
        drop(state);
        self.ask()
    }

    /// What becomes readable when the call is ended or woken, for a call that polls: made at the first question, so a call that never dials
    /// pays nothing. Poll for at most a [`Wait::slice`], then go on with [`Wait::polled`].
    pub fn waker(&self) -> io::Result<Arc<Waker>> {
        let mut state = self.caller.lock();
        if let Some(waker) = &state.waker {
            return Ok(waker.clone());
        }
        let waker = Arc::new(Waker::new()?);
        if state.ended.is_some() || state.woken {
            waker.wake();
        }
        state.waker = Some(waker.clone());
        Ok(waker)
    }

    /// After a poll: clears the waker, asks the interrupt callback, and tells whether the call goes on.
    pub fn polled(&self) -> Result<(), Ended> {
        let mut state = self.caller.lock();
        state.woken = false;
        if let Some(waker) = &state.waker {
            waker.clear();
        }
        drop(state);
        self.ask()
    }

    /// From now until [`Wait::disown`], ending the call cuts this socket.
    pub fn own(&self, socket: &Arc<TcpStream>) -> Result<(), Ended> {
        let mut state = self.caller.lock();
        if let Some(ended) = state.ended {
            return Err(ended);
        }
        state.socket = Some(socket.clone());
        Ok(())
    }

    /// Just before a request leaves: from now until [`Wait::end_sending`] only those who cut calls off end this one.
    pub fn begin_sending(&self) -> Result<(), Ended> {
        let mut state = self.caller.lock();
        match state.ended {
            Some(ended) => Err(ended),
            None => {
                state.sent = true;
                Ok(())
            }
        }
    }

    /// The answer came, or none will. In a forked child, nothing.
    pub fn end_sending(&self) {
        if self.is_foreign() {
            return;
        }
        let mut state = self.caller.lock();
        state.sent = false;
        state.ended = state.ended.or(state.last);
    }

    /// In a forked child, nothing.
    pub fn disown(&self) {
        if !self.is_foreign() {
            self.caller.lock().socket = None;
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::wait::calls::Calls;
    use std::sync::atomic::AtomicUsize;
    use std::thread;

    use super::*;

    const LONG: Duration = Duration::from_secs(20);
    const SHORT: Duration = Duration::from_millis(20);

    #[test]
    fn a_part_ends_with_its_own_reason_and_never_after_the_whole() {
        let wait = Wait::new(LONG, None);
        let part = wait.within(SHORT, Ended::AttemptDeadline);
        assert_eq!(part.pause_until(part.deadline() + LONG), Err(Ended::AttemptDeadline));
        assert!(wait.time_left().is_ok());
        let short = Wait::new(SHORT, None);
        let longer = short.within(LONG, Ended::ConnectDeadline);
        assert_eq!(longer.pause_until(Instant::now() + LONG), Err(Ended::Deadline));
    }

    #[test]
    fn whoever_ends_a_call_wakes_it_where_it_waits_and_the_first_reason_stands() {
        let calls = Arc::new(Calls::default());
        let wait = Wait::new(LONG, None);
        let _inside = calls.enter(&wait).unwrap();
        thread::scope(|scope| {
            scope.spawn(|| {
                thread::sleep(SHORT);
                wait.caller().wake();
                thread::sleep(SHORT);
                calls.end(Ended::Shutdown);
                calls.end(Ended::Cancelled);
            });
            assert_eq!(wait.nap(), Ok(()), "woken, not ended");
            assert_eq!(wait.pause_until(Instant::now() + LONG), Err(Ended::Shutdown));
        });
        assert_eq!(calls.enter(&Wait::new(LONG, None)).unwrap_err(), Ended::Shutdown);
    }

    #[test]
    fn a_call_that_has_sent_its_request_is_spared_until_its_answer_came() {
        let calls = Arc::new(Calls::default());
        let (waiting, sent) = (Wait::new(LONG, None), Wait::new(LONG, None));
        let _inside = [calls.enter(&waiting).unwrap(), calls.enter(&sent).unwrap()];
        sent.begin_sending().unwrap();
        calls.end_unless_sent(Ended::Cancelled);
        assert_eq!(waiting.begin_sending(), Err(Ended::Cancelled));
        assert!(sent.time_left().is_ok());
        sent.end_sending();
        assert_eq!(sent.begin_sending(), Err(Ended::Cancelled), "no repeat either");
        let late = Wait::new(LONG, None);
        assert_eq!(calls.enter(&late).unwrap_err(), Ended::Cancelled);
    }

    #[test]
    #[cfg(unix)]
    #[allow(unsafe_code)]
    fn a_call_that_polls_is_woken_also_when_that_was_before() {
        use std::os::fd::AsRawFd;
        let is_readable = |waker: &Waker| {
            let mut polled = libc::pollfd {
                fd: waker.as_raw_fd(),
                events: libc::POLLIN,
                revents: 0,
            };
            // SAFETY: one entry, alive during the call.
            unsafe { libc::poll(&mut polled, 1, 0) == 1 }
        };
        let wait = Wait::new(LONG, None);
        wait.caller().wake();
        let waker = wait.waker().unwrap();
        assert!(is_readable(&waker), "woken before it polled");
        assert_eq!(wait.polled(), Ok(()));
        assert!(!is_readable(&waker));
        for _ in 0..100_000 {
            wait.caller().wake();
        }
        assert_eq!(wait.polled(), Ok(()));
        assert!(!is_readable(&waker), "however often it was woken");
        wait.caller().end(Ended::Cancelled);
        assert!(is_readable(&waker));
        assert_eq!(wait.polled(), Err(Ended::Cancelled));
    }

    extern "C" fn count(user: *mut c_void) -> c_int {
        // SAFETY: every test hands in a counter that outlives its call.
        #[allow(unsafe_code)]
        let asked = unsafe { &*user.cast::<AtomicUsize>() };
        c_int::from(asked.fetch_add(1, Ordering::SeqCst) == 1)
    }

    #[test]
    fn the_callback_is_asked_on_the_calling_thread_alone_and_its_word_ends_the_call() {
        let asked = AtomicUsize::new(0);
        let interrupt = Interrupt {
            stop: count,
            user: std::ptr::from_ref(&asked).cast_mut().cast(),
        };
        let wait = Wait::new(LONG, Some(interrupt));
        assert_eq!(wait.ask(), Ok(()));
        thread::scope(|scope| scope.spawn(|| assert_eq!(wait.ask(), Ok(()))).join().unwrap());
        assert_eq!(asked.load(Ordering::SeqCst), 1);
        assert_eq!(wait.pause_until(Instant::now() + LONG), Err(Ended::Interrupted));
        assert_eq!(asked.load(Ordering::SeqCst), 2);
    }
}
