//! A rate limit that every process of every machine shares: slots for calls, kept by a server of the Redis protocol on its clock. One thread of a
//! client, started with the first call, talks to the server; callers wait on their own condition, so that deadline, token and shutdown end the wait
//! at once. Without the server a caller is served by the fallback, or told. The rule itself is `reserve.lua`; who waits for what is in [`line`].

mod line;
mod link;
mod socket;

use std::collections::HashMap;
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use once_cell::sync::OnceCell;
use rustls::ClientConfig;

use self::line::{Ask, Clock, Grant, Line, Served, WINDOW};
use self::link::{Order, Reply, ScriptRunner};
use self::socket::LimitSocket;
use crate::attempt::LimitedBy;
use crate::config::LimitServer;
use crate::pace::refused::{Refused, Why};
use crate::process::OwnThread;
use crate::stats::Stats;
use crate::wait::{Caller, Ended, Wait};

/// How often a server that cannot be reached is tried again.
const RETRY: Duration = Duration::from_secs(1);
/// A trip that takes longer is given up by those who wait for it; it ends by itself, mostly sooner, since each of its steps has its own time. Not
/// longer than what others wait before they share the limit again.
const PATIENCE: Duration = Duration::from_secs(2);
/// So many commands are remembered; beyond that, those which were not called lately are forgotten.
const REMEMBERED: usize = 64;

/// What a client's settings say about its shared limit.
#[derive(Debug)]
pub(crate) struct Terms {
    pub server: LimitServer,
    pub tls: Option<Arc<ClientConfig>>,
    pub sdk_app_id: u32,
    /// Of each command, for all processes together; not 0.
    pub calls_per_second: u32,
    /// Of each command, for this client alone while the server cannot be reached; 0: none.
    pub fallback: u32,
}

/// The shared limit of one client.
#[derive(Debug)]
pub(crate) struct SharedLimit {
    terms: Terms,
    queues: Arc<Queues>,
    thread: OnceCell<OwnThread>,
}

/// What the callers and the thread share.
#[derive(Debug)]
struct Queues {
    state: Mutex<State>,
    /// For the thread: something became due.
    wake: Condvar,
    stats: Arc<Stats>,
    /// Between two slots without the server; `None`: there are none.
    fallback: Option<Duration>,
}

/// One command's callers.
type Callers = Line<Arc<Ticket>>;

#[derive(Debug, Default)]
struct State {
    lines: HashMap<String, Callers>,
    /// The server cannot be reached.
    lost: Option<Lost>,
    /// Why it could not be, the last time; it may be back, and its slots not yet.
    why: Option<Why>,
    /// Since when the thread is on its way.
    trip: Option<Instant>,
    /// The thread's connection, so that the client's end cuts it.
    socket: Option<LimitSocket>,
    closing: bool,
}

#[derive(Debug)]
struct Lost {
    retry: Instant,
    /// What is asked for to see whether it is back.
    command: String,
}

/// One caller who waits.
#[derive(Debug)]
struct Ticket {
    caller: Arc<Caller>,
    /// A slot of the fallback may be followed by one of the server; any other stands.
    result: Mutex<Option<SlotResult>>,
}

type SlotResult = Result<(Instant, LimitedBy), Refused>;

impl Ticket {
    fn of(wait: &Wait) -> Arc<Ticket> {
        Arc::new(Ticket {
            caller: wait.caller().clone(),
            result: Mutex::default(),
        })
    }

    fn result(&self) -> Option<SlotResult> {
        *self.result.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn answer(&self, result: SlotResult) {
        *self.result.lock().unwrap_or_else(PoisonError::into_inner) = Some(result);
        self.caller.wake();
    }
}

fn slot_result(served: Served, by: LimitedBy) -> SlotResult {
    match served {
        Served::Slot(slot) => Ok((slot, by)),
        Served::Late(late) => Err(Refused::Throttled(late)),
    }
}

impl SharedLimit {
    pub fn new(terms: Terms, stats: Arc<Stats>) -> Self {
        let fallback = (terms.fallback > 0).then(|| WINDOW / terms.fallback);
        SharedLimit {
            queues: Arc::new(Queues {
                state: Mutex::default(),
                wake: Condvar::new(),
                stats,
                fallback,
            }),
            terms,
            thread: OnceCell::new(),
        }
    }

    /// Waits until the caller knows its slot, which may still lie ahead if the server gave it.
    pub fn take(&self, command: &str, wait: &Wait) -> SlotResult {
        let thread = self.thread.get_or_try_init(|| self.start());
        thread.map_err(|_| Refused::NoSharedLimit(Why::Thread))?;
        let ticket = Ticket::of(wait);
        self.queues.enter(command, &ticket, wait.deadline());
        loop {
            let nap = match ticket.result() {
                Some(Ok((slot, by @ LimitedBy::Fallback(_)))) => match slot.checked_duration_since(Instant::now()) {
                    Some(left) if !left.is_zero() => left.min(PATIENCE),
                    _ if self.queues.depart(command, &ticket) => return Ok((slot, by)),
                    _ => PATIENCE,
                },
                Some(result) => return result,
                None => PATIENCE,
            };
            if let Err(ended) = wait.nap_at_most(nap) {
                // In a child that was forked inside the wait, a lock that another thread held is never released.
                if !wait.is_foreign() {
                    self.queues.leave(command, &ticket);
                }
                // It had asked for a slot until its deadline, and there was none.
                return Err(match ended {
                    Ended::Deadline => Refused::Throttled(RETRY),
                    ended => Refused::Ended(ended),
                });
            }
            self.queues.give_up_on_a_trip_that_hangs(command);
        }
    }

    /// Takes back a slot that will not be used, for others of this client.
    pub fn give_back(&self, command: &str, slot: Instant, by: LimitedBy) {
        if by == LimitedBy::Shared {
            self.queues.give_back(&mut self.queues.lock(), command, slot);
        }
    }

    fn start(&self) -> std::io::Result<OwnThread> {
        let Terms {
            server,
            tls,
            sdk_app_id,
            calls_per_second,
            ..
        } = &self.terms;
        let mut runner = ScriptRunner::new(server.clone(), tls.clone(), *sdk_app_id, *calls_per_second, WINDOW);
        let queues = self.queues.clone();
        OwnThread::start("tencent-chat limit", move || queues.serve(&mut runner))
    }
}

impl Drop for SharedLimit {
    /// Cuts the thread's connection and waits for it, unless it is looking a name up or connecting: that ends by itself later.
    fn drop(&mut self) {
        let Some(thread) = self.thread.take().filter(OwnThread::is_here) else {
            return;
        };
        let unreachable = {
            let mut state = self.queues.lock();
            state.closing = true;
            if let Some(socket) = &state.socket {
                socket.shut_down();
            }
            state.trip.is_some() && state.socket.is_none()
        };
        self.queues.wake.notify_all();
        if !unreachable {
            thread.wait_for_its_end();
        }
    }
}

/// The callers' side.
impl Queues {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A caller arrives: its ticket has a result, or it has to wait for the thread.
    fn enter(&self, command: &str, ticket: &Arc<Ticket>, deadline: Instant) {
        let now = Instant::now();
        let mut state = self.lock();
        let (lost, why) = (state.lost.is_some(), state.why);
        let line = state.line(command, now);
        if let Some(why) = why.filter(|_| lost || line.is_alone(now)) {
            if self.without(line, ticket, why, now, deadline) {
                return;
            }
        }
        match line.enter(ticket.clone(), now, deadline) {
            Some(served) => ticket.answer(slot_result(served, LimitedBy::Shared)),
            None if line.due(now).is_some() => self.wake.notify_one(),
            None => {}
        }
    }

    /// What a caller gets while the server cannot be reached; `false`: the fallback ends before, since it can be reached again.
    fn without(&self, line: &mut Callers, ticket: &Arc<Ticket>, why: Why, now: Instant, deadline: Instant) -> bool {
        let Some(spacing) = self.fallback else {
            ticket.answer(Err(Refused::NoSharedLimit(why)));
            return true;
        };
        let served = line.fall_back(ticket.clone(), now, deadline, spacing);
        served
            .map(|served| ticket.answer(slot_result(served, LimitedBy::Fallback(why.text()))))
            .is_ok()
    }

    /// The slot of the fallback has come; `false`: it is void, and the caller waits for one of the server's.
    fn depart(&self, command: &str, ticket: &Arc<Ticket>) -> bool {
        let mut state = self.lock();
        let line = state.lines.get_mut(command);
        line.is_some_and(|line| line.depart(|other| Arc::ptr_eq(other, ticket)))
    }

    /// A caller goes away; a slot that it was given meanwhile goes to another.
    fn leave(&self, command: &str, ticket: &Arc<Ticket>) {
        let mut state = self.lock();
        if let Some(Ok((slot, LimitedBy::Shared))) = ticket.result() {
            self.give_back(&mut state, command, slot);
        } else if let Some(line) = state.lines.get_mut(command) {
            line.leave(|other| Arc::ptr_eq(other, ticket));
        }
    }

    fn give_back(&self, state: &mut State, command: &str, slot: Instant) {
        let line = state.lines.get_mut(command);
        if let Some(next) = line.and_then(|line| line.give_back(slot, Instant::now())) {
            next.answer(Ok((slot, LimitedBy::Shared)));
        }
    }

    fn give_up_on_a_trip_that_hangs(&self, command: &str) {
        let mut state = self.lock();
        let hangs = state.trip.is_some_and(|began| began.elapsed() >= PATIENCE);
        if hangs && state.lost.is_none() {
            self.lose(&mut state, command, Why::Silent);
        }
    }

    /// From now on go without the server, also for those who wait.
    fn lose(&self, state: &mut State, command: &str, why: Why) {
        let now = Instant::now();
        state.lost = Some(Lost {
            retry: now + RETRY,
            command: command.to_owned(),
        });
        state.why = Some(why);
        for line in state.lines.values_mut() {
            for (ticket, deadline) in line.lose(now, self.fallback.is_some()) {
                self.without(line, &ticket, why, now, deadline);
            }
        }
    }
}

impl State {
    fn line(&mut self, command: &str, now: Instant) -> &mut Callers {
        if self.lines.len() >= REMEMBERED && !self.lines.contains_key(command) {
            self.lines.retain(|_, line| !line.is_idle(now));
        }
        self.lines.entry(command.to_owned()).or_default()
    }

    /// The command for which a trip is due, or when one will be.
    fn due(&self, now: Instant) -> Result<String, Option<Instant>> {
        if let Some(lost) = &self.lost {
            return if lost.retry <= now {
                Ok(lost.command.clone())
            } else {
                Err(Some(lost.retry))
            };
        }
        let due = |(command, line): (&String, &Line<_>)| Some((line.due(now)?, command.clone()));
        match self.lines.iter().filter_map(due).min() {
            Some((then, command)) if then <= now => Ok(command),
            soonest => Err(soonest.map(|(then, _)| then)),
        }
    }
}

/// The thread's side.
impl Queues {
    fn serve(&self, runner: &mut ScriptRunner) {
        let (began, mut clock) = (Instant::now(), Clock::default());
        let micros = |time: Instant| match time.checked_duration_since(began) {
            Some(after) => i64::try_from(after.as_micros()).unwrap_or(i64::MAX),
            None => 0,
        };
        while let Some((command, asked)) = self.next_trip() {
            let order = Order {
                wanted: asked.wanted,
                horizon: u64::try_from(asked.horizon.as_micros()).unwrap_or(u64::MAX),
                seen: asked.seen.and_then(|seen| clock.to_server(micros(seen))).unwrap_or(0),
                lead: clock.shortest_trip(),
                listen: u64::try_from(asked.listen.as_micros()).unwrap_or(u64::MAX),
                command,
            };
            // The answer is from outside: whatever it does to a parser, no caller waits for a thread that is gone.
            let trip = AssertUnwindSafe(|| runner.reserve(&order, &|socket| self.own(socket)));
            let reply = catch_unwind(trip).unwrap_or(Err(Why::Unreadable));
            let grant = reply.map(
                |Reply {
                     now,
                     next,
                     slots,
                     sent,
                     received,
                 }| {
                    clock.observe(micros(sent), micros(received), now);
                    let here =
                        |time: &i64| began + Duration::from_micros(u64::try_from(clock.to_here(*time)).unwrap_or(0));
                    Grant {
                        slots: slots.iter().map(here).collect(),
                        next: here(&next),
                    }
                },
            );
            self.settle(&order.command, &asked, grant);
        }
    }

    /// Waits until a trip is due; `None` when the client ends.
    fn next_trip(&self) -> Option<(String, Ask)> {
        let mut state = self.lock();
        loop {
            if state.closing {
                return None;
            }
            let now = Instant::now();
            match state.due(now) {
                Ok(command) => {
                    state.trip = Some(now);
                    let asked = state.line(&command, now).ask(now);
                    return Some((command, asked));
                }
                Err(Some(then)) => {
                    let waited = self.wake.wait_timeout(state, then - now);
                    state = waited.unwrap_or_else(PoisonError::into_inner).0;
                }
                Err(None) => state = self.wake.wait(state).unwrap_or_else(PoisonError::into_inner),
            }
        }
    }

    /// Keeps hold of a new connection; refused when the client ends.
    fn own(&self, socket: &LimitSocket) -> bool {
        let mut state = self.lock();
        state.socket = socket.try_clone().ok();
        !state.closing && state.socket.is_some()
    }

    fn settle(&self, command: &str, asked: &Ask, grant: Result<Grant, Why>) {
        self.stats.shared_limit_trips.add(1);
        let mut state = self.lock();
        state.trip = None;
        match grant {
            Ok(grant) => {
                state.lost = None;
                let now = Instant::now();
                for (ticket, served) in state.line(command, now).serve(now, asked, grant) {
                    ticket.answer(slot_result(served, LimitedBy::Shared));
                }
            }
            Err(why) => {
                self.stats.shared_limit_failures.add(1);
                state.socket = None;
                self.lose(&mut state, command, why);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    /// The simulation of a fleet takes line.rs as it is, so the number stands there a second time.
    #[test]
    fn the_window_is_that_of_a_clients_own_limit() {
        assert_eq!(super::WINDOW, crate::pace::slots::WINDOW);
    }
}
