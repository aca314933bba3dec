//! One call in progress: its deadline, who may end it, and how far it got on the wire.
//! Promises: whoever ends a call (token, shutdown, callback) is heard at once while the call reads, writes or waits;
//! a socket is only ever cut while this call owns it; `Progress` never says less was sent than the kernel took.
//! Knows nothing of HTTP. Two halves: [`Stopper`] is shared with other threads, [`Call`] stays on the calling thread.

use std::cell::{Cell, Ref, RefCell};
use std::net::{Shutdown, TcpStream};
use std::os::raw::{c_int, c_void};
use std::rc::Rc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use zeroize::Zeroizing;

use crate::fork::Birthplace;
use crate::rate::{is_stale, Bucket};
#[cfg(feature = "redis")]
use crate::shared_limit::Why;

/// How often the interrupt callback is asked while nothing else happens.
const INTERRUPT_EVERY: Duration = Duration::from_millis(200);

/// Why a call was told to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stop {
    Cancelled,
    Shutdown,
    Interrupted,
    /// This is a forked child, and the call, its client or its token the parent's.
    Forked,
}

/// How far the current attempt got.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Progress {
    /// No byte of the request was handed to the kernel.
    #[default]
    NothingWritten,
    /// At least one byte of the request was; none of the answer came.
    Written,
    /// At least one byte of the answer came.
    AnswerBegun,
}

/// The half of a call that other threads see: they may end it.
#[derive(Debug, Default)]
pub(crate) struct Stopper {
    state: Mutex<StopState>,
    wake: Condvar,
}

#[derive(Debug, Default)]
struct StopState {
    stop: Option<Stop>,
    /// Something the call may wait for happened since it last looked.
    nudged: bool,
    /// The socket the call owns just now; never one that lies in the pool.
    socket: Option<Arc<TcpStream>>,
}

impl Stopper {
    fn lock(&self) -> MutexGuard<'_, StopState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Ends the call: wakes it where it waits, cuts its socket where it reads or writes. The first reason stands.
    pub fn stop(&self, reason: Stop) {
        let mut state = self.lock();
        state.stop.get_or_insert(reason);
        if let Some(socket) = &state.socket {
            // An error means that the socket is closed already.
            let _ = socket.shutdown(Shutdown::Both);
        }
        self.wake.notify_all();
    }

    /// Wakes the call from [`Call::nap`] without ending it.
    pub fn nudge(&self) {
        self.lock().nudged = true;
        self.wake.notify_all();
    }

    /// From now until [`Stopper::disown`] a stop cuts this socket.
    fn own(&self, socket: &Arc<TcpStream>) -> Result<(), Stop> {
        let mut state = self.lock();
        if let Some(stop) = state.stop {
            return Err(stop);
        }
        state.socket = Some(socket.clone());
        Ok(())
    }

    fn disown(&self) {
        self.lock().socket = None;
    }

    fn stopped(&self) -> Option<Stop> {
        self.lock().stop
    }
}

/// The calls that one client, or one cancel token, may end.
#[derive(Debug)]
pub(crate) struct Stoppers {
    state: Mutex<StoppersState>,
    empty: Condvar,
    /// In a forked child nobody lets the lock go that another thread of the parent held, and the sockets are the parent's.
    born: Birthplace,
}

impl Default for Stoppers {
    fn default() -> Self {
        Stoppers {
            state: Mutex::default(),
            empty: Condvar::new(),
            born: Birthplace::here(),
        }
    }
}

#[derive(Debug, Default)]
struct StoppersState {
    stop: Option<Stop>,
    calls: Vec<(u64, Arc<Stopper>)>,
    /// Somebody waits for the last call to leave; without it, leaving costs no system call.
    awaited: bool,
}

impl Stoppers {
    fn lock(&self) -> MutexGuard<'_, StoppersState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Enters a call; refused once stopped.
    pub fn enter(self: &Arc<Self>, stopper: &Arc<Stopper>) -> Result<Entered, Stop> {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        if !self.born.is_here() {
            return Err(Stop::Forked);
        }
        let mut state = self.lock();
        if let Some(stop) = state.stop {
            return Err(stop);
        }
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        state.calls.push((number, stopper.clone()));
        Ok(Entered {
            stoppers: self.clone(),
            number,
        })
    }

    /// Ends every call inside and refuses those to come. In a forked child, nothing.
    pub fn stop(&self, reason: Stop) {
        if !self.born.is_here() {
            return;
        }
        let mut state = self.lock();
        state.stop.get_or_insert(reason);
        for (_, stopper) in &state.calls {
            stopper.stop(reason);
        }
    }

    /// Waits until no call is inside.
    pub fn wait_until_empty(&self) {
        let mut state = self.lock();
        state.awaited = true;
        while !state.calls.is_empty() {
            state = self.empty.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

/// A call inside a [`Stoppers`]; leaves on drop.
#[derive(Debug)]
pub(crate) struct Entered {
    stoppers: Arc<Stoppers>,
    number: u64,
}

impl Drop for Entered {
    fn drop(&mut self) {
        let mut state = self.stoppers.lock();
        state.calls.retain(|(number, _)| *number != self.number);
        if state.awaited && state.calls.is_empty() {
            self.stoppers.empty.notify_all();
        }
    }
}

/// The caller's own way to end a call from within: asked on the calling thread.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Interrupt {
    pub stop: extern "C" fn(*mut c_void) -> c_int,
    pub user: *mut c_void,
}

/// Why waiting or input and output cannot go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ended {
    Stopped(Stop),
    /// The call's deadline passed.
    Deadline,
    /// The time for one attempt passed, the call's own has not.
    AttemptDeadline,
    /// The time for making a connection passed, the call's own has not.
    ConnectDeadline,
    /// The next slot under the rate limit lies so far beyond the call's deadline.
    Throttled(Duration),
    /// The server of the shared limit cannot be asked, and there is no fallback.
    #[cfg(feature = "redis")]
    NoSharedLimit(Why),
}

/// How long a call may take, as a whole and in its parts.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    pub total: Duration,
    pub attempt: Duration,
    pub connect: Duration,
}

/// The calling thread's half.
pub(crate) struct Call {
    born: Birthplace,
    stopper: Arc<Stopper>,
    limits: Limits,
    deadline: Instant,
    /// Set while an attempt is made.
    attempt_deadline: Cell<Option<Instant>>,
    /// Set while a connection is being made.
    connect_deadline: Cell<Option<Instant>>,
    /// Where slots come from; `None` without a rate limit.
    bucket: Option<Arc<Bucket>>,
    /// The slot that the attempt may be sent in.
    slot: Cell<Option<Instant>>,
    /// Under which limit that slot was given, where the client shares one.
    limit: Cell<Option<&'static str>>,
    /// How long the call waited for its slots.
    rate_waited: Cell<Duration>,
    /// Path and query of the attempt: the signature is in there, so it is handed to the connection and to nobody between.
    target: RefCell<Zeroizing<String>>,
    interrupt: Option<Interrupt>,
    /// When the callback was asked last.
    asked: Cell<Instant>,
    progress: Cell<Progress>,
}

thread_local! {
    /// The transport is called back by ureq, which knows nothing of our calls; a call never leaves its thread.
    static CURRENT: RefCell<Option<Rc<Call>>> = const { RefCell::new(None) };
}

impl Call {
    pub fn new(
        stopper: Arc<Stopper>,
        limits: Limits,
        bucket: Option<Arc<Bucket>>,
        interrupt: Option<Interrupt>,
    ) -> Rc<Call> {
        let now = Instant::now();
        Rc::new(Call {
            born: Birthplace::here(),
            stopper,
            limits,
            deadline: now + limits.total,
            attempt_deadline: Cell::new(None),
            connect_deadline: Cell::new(None),
            bucket,
            slot: Cell::new(None),
            limit: Cell::new(None),
            rate_waited: Cell::new(Duration::ZERO),
            target: RefCell::default(),
            interrupt,
            asked: Cell::new(now),
            progress: Cell::new(Progress::NothingWritten),
        })
    }

    /// Runs `f` as this call: inside, [`Call::current`] is this call.
    pub fn run<R>(self: &Rc<Self>, f: impl FnOnce() -> R) -> R {
        struct Restore(Option<Rc<Call>>);
        impl Drop for Restore {
            fn drop(&mut self) {
                let outer = self.0.take();
                if let Some(call) = CURRENT.with(|current| current.replace(outer)) {
                    call.disown();
                }
            }
        }
        // An interrupt callback may itself make a call on this thread, so the outer one is kept and put back.
        let _restore = Restore(CURRENT.with(|current| current.replace(Some(self.clone()))));
        f()
    }

    /// Forgets how far the attempt before got, and gives the new one its time and its path with query.
    pub fn begin_attempt(&self, target: Zeroizing<String>) {
        *self.target.borrow_mut() = target;
        self.progress.set(Progress::NothingWritten);
        self.attempt_deadline.set(Some(Instant::now() + self.limits.attempt));
    }

    /// Leaves the socket to others; what follows is no part of an attempt.
    pub fn end_attempt(&self) {
        self.disown();
        self.attempt_deadline.set(None);
    }

    /// Path and query of the attempt.
    pub fn target(&self) -> Ref<'_, Zeroizing<String>> {
        self.target.borrow()
    }

    /// Waits for a slot under the rate limit. The caller who cannot have one before the deadline is told at once.
    pub fn take_slot(&self) -> Result<(), Ended> {
        let Some(bucket) = &self.bucket else { return Ok(()) };
        self.time_left()?;
        let slot = bucket.reserve(self.deadline).map_err(Ended::Throttled)?;
        self.wait_for(slot, || bucket.give_back(slot))?;
        self.slot.set(Some(slot));
        #[cfg(feature = "redis")]
        if let Some((shared, command)) = bucket.shared() {
            let began = Instant::now();
            let taken = shared.take(command, self);
            self.rate_waited.set(self.rate_waited.get() + began.elapsed());
            let (slot, under) = taken?;
            self.wait_for(slot, || shared.give_back(command, slot, under))?;
            self.slot.set(Some(slot));
            self.limit.set(Some(under.name()));
        }
        Ok(())
    }

    /// Waits for a slot that is this call's; one that ends before hands it back.
    fn wait_for(&self, slot: Instant, give_back: impl FnOnce()) -> Result<(), Ended> {
        let began = Instant::now();
        if slot <= began {
            return Ok(());
        }
        let waited = self.pause_until(slot);
        self.rate_waited.set(self.rate_waited.get() + began.elapsed());
        if waited.is_err() && !self.is_foreign() {
            give_back();
        }
        waited
    }

    /// Just before the first byte leaves: a slot that went stale meanwhile, as while a connection was made, goes back for a new one.
    pub fn confirm_slot(&self) -> Result<(), Ended> {
        match self.slot.take() {
            Some(slot) if is_stale(slot) => {
                self.return_slot(slot);
                self.take_slot()?;
                self.slot.set(None);
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// A slot in which nothing was sent. A child that was forked meanwhile leaves it: another thread of the parent may hold the lock.
    fn return_slot(&self, slot: Instant) {
        if let Some(bucket) = self.bucket.as_ref().filter(|_| !self.is_foreign()) {
            bucket.give_back(slot);
        }
    }

    pub fn bucket(&self) -> Option<&Bucket> {
        self.bucket.as_deref()
    }

    /// Under which limit the attempt was made, where the client shares one.
    pub fn limit(&self) -> Option<&'static str> {
        self.limit.get()
    }

    /// How long the call waited for its slots in all.
    pub fn rate_waited(&self) -> Duration {
        self.rate_waited.get()
    }

    /// The call that runs on this thread.
    pub fn current() -> Option<Rc<Call>> {
        CURRENT.with(|current| current.borrow().clone())
    }

    pub fn progress(&self) -> Progress {
        self.progress.get()
    }

    pub fn reached(&self, progress: Progress) {
        self.progress.set(self.progress.get().max(progress));
    }

    pub fn own(&self, socket: &Arc<TcpStream>) -> Result<(), Ended> {
        self.stopper.own(socket).map_err(Ended::Stopped)
    }

    pub fn disown(&self) {
        if !self.is_foreign() {
            self.stopper.disown();
        }
    }

    /// Whether this is a child that was forked inside the call: nothing of it may be touched any more.
    pub fn is_foreign(&self) -> bool {
        !self.born.is_here()
    }

    pub fn begin_connecting(&self) {
        self.connect_deadline.set(Some(Instant::now() + self.limits.connect));
    }

    pub fn connected(&self) {
        self.connect_deadline.set(None);
    }

    /// Time left for what the call does now, or why there is none. Asks nobody but the clock and the stop flag.
    pub fn time_left(&self) -> Result<Duration, Ended> {
        if let Some(stop) = self.stopper.stopped() {
            return Err(Ended::Stopped(stop));
        }
        let now = Instant::now();
        let mut left = self.deadline.saturating_duration_since(now);
        let mut ended = Ended::Deadline;
        let parts = [
            (self.attempt_deadline.get(), Ended::AttemptDeadline),
            (self.connect_deadline.get(), Ended::ConnectDeadline),
        ];
        for (deadline, would_end) in parts {
            let Some(deadline) = deadline else { continue };
            let part = deadline.saturating_duration_since(now);
            if part < left {
                (left, ended) = (part, would_end);
            }
        }
        if left.is_zero() {
            Err(ended)
        } else {
            Ok(left)
        }
    }

    /// The longest one blocking step may take, so that the interrupt callback is asked in time. Asks it when it is due, for a peer that
    /// never lets a step run out.
    pub fn slice(&self) -> Result<Duration, Ended> {
        if self.interrupt.is_none() {
            return self.time_left();
        }
        if self.asked.get().elapsed() >= INTERRUPT_EVERY {
            self.ask_interrupt()?;
        }
        Ok(self.time_left()?.min(INTERRUPT_EVERY))
    }

    /// Asks the interrupt callback; called after each slice and each signal.
    pub fn ask_interrupt(&self) -> Result<(), Ended> {
        if let Some(interrupt) = self.interrupt {
            self.asked.set(Instant::now());
            let stop = (interrupt.stop)(interrupt.user) != 0;
            // The callback is the caller's code: it may have forked, and this may be the child.
            if self.is_foreign() {
                return Err(Ended::Stopped(Stop::Forked));
            }
            if stop {
                self.stopper.stop(Stop::Interrupted);
            }
        }
        self.time_left().map(drop)
    }

    #[cfg(feature = "redis")]
    pub fn deadline(&self) -> Instant {
        self.deadline
    }

    /// Whether the call's time lasts longer than that.
    pub fn has_time_for(&self, pause: Duration) -> bool {
        Instant::now() + pause < self.deadline
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

    /// Waits on the call's own condition for at most a slice; a stop or a nudge ends the wait early.
    pub fn nap(&self) -> Result<(), Ended> {
        self.nap_at_most(Duration::MAX)
    }

    /// The same for at most so long.
    pub fn nap_at_most(&self, longest: Duration) -> Result<(), Ended> {
        let slice = self.slice()?.min(longest);
        let mut state = self.stopper.lock();
        if state.stop.is_none() && !state.nudged {
            let waited = self.stopper.wake.wait_timeout(state, slice);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
        state.nudged = false;
        drop(state);
        self.ask_interrupt()
    }

    /// For those who have something this call waits for.
    pub fn stopper(&self) -> &Arc<Stopper> {
        &self.stopper
    }
}
