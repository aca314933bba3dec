//! The life of one call, readable from top to bottom: let in, its turn, a connection, the exchange, the verdict, another attempt or the end. Every call
//! ends by its deadline, and nothing is sent twice where that could do something twice.

use std::fmt::Write as _;
use std::sync::Arc;
use std::time::{Duration, Instant};

use zeroize::Zeroizing;

use crate::attempt::{Attempt, Progress, Route};
use crate::client::Client;
use crate::error::{self, Error};
use crate::options::{CallOptions, Timeouts};
use crate::pace::{Refused, Turn, Turns};
use crate::random;
use crate::request::{Endpoint, Request};
use crate::response::{Response, Terminated};
use crate::retry::{Again, Bounds, Next};
use crate::transport::{Exchange, Host};
use crate::usersig::UserSig;
use crate::verdict;
use crate::wait::{Calls, Ended, Entered, Wait};

impl Client {
    /// One call, from the local checks to the answer. Blocks until its deadline at most.
    pub fn call<E: Endpoint>(&self, endpoint: &E, options: &CallOptions) -> Response {
        let began = Instant::now();
        let counters = self.stats.command(endpoint.path());
        let path = counters.path(endpoint.path());
        let response = self.run(Request::of(endpoint, path, self.local_limits), options, began);
        self.stats.returned(counters, &response, began.elapsed());
        response
    }

    // Once in the library, not once a command.
    #[inline(never)]
    fn run(&self, request: Result<Request<'_>, Error>, options: &CallOptions, began: Instant) -> Response {
        match self.let_in(request, options, began) {
            Ok(call) => call.perform(),
            Err(error) => Response::refused(error),
        }
    }

    /// Everything that can refuse a call without a request: its options, its arguments, a client that was shut down.
    fn let_in<'a>(
        &'a self,
        request: Result<Request<'a>, Error>,
        options: &'a CallOptions,
        began: Instant,
    ) -> Result<Call<'a>, Error> {
        if let Some(error) = options.refused() {
            return Err(error.clone());
        }
        let request = request?;
        let timeouts = options.timeouts(&self.timeouts);
        let wait = Wait::new(timeouts.total, options.interrupt);
        let enter = |calls: &Arc<Calls>| calls.enter(&wait).map_err(verdict::not_let_in);
        let inside = (
            enter(&self.calls)?,
            options.cancelled_by().as_ref().map(enter).transpose()?,
        );
        self.stats.calls_in_progress.add(1);
        let call = Call {
            client: self,
            began,
            turns: Turns::of(&self.pace, &request.path),
            sig: self.signer.current(),
            request,
            options,
            timeouts,
            wait,
            signed_anew: false,
            attempts: Vec::with_capacity(1),
            earlier_in_doubt: false,
            last: None,
            _inside: inside,
        };
        crate::injected_panic::at("call");
        Ok(call)
    }
}

/// A call that was let in, and what became of its attempts so far.
struct Call<'a> {
    client: &'a Client,
    began: Instant,
    request: Request<'a>,
    options: &'a CallOptions,
    timeouts: Timeouts,
    wait: Wait,
    turns: Turns,
    sig: Arc<UserSig>,
    signed_anew: bool,
    attempts: Vec<Attempt>,
    /// An attempt before the last may have taken effect.
    earlier_in_doubt: bool,
    /// What the last attempt came to, while another one is waited for.
    last: Option<Response>,
    /// On the lists of those whom its client and its token may end.
    _inside: (Entered, Option<Entered>),
}

impl Call<'_> {
    /// As many attempts as the outcome, the command, the budget and the deadline allow.
    fn perform(mut self) -> Response {
        loop {
            let mut response = match self.attempt() {
                Ok(response) => response,
                Err(refused) => return self.give_up(refused),
            };
            if !self.wait.is_foreign() {
                self.tell();
            }
            if self.wait.is_foreign() {
                return self.give_up(Ended::Forked.into());
            }
            self.react(&mut response);
            let pause = match self.next(&response) {
                Next::Attempt(pause) => pause,
                over => {
                    let over_budget = over == Next::OverBudget;
                    self.client.stats.retries_over_budget.add(u64::from(over_budget));
                    return self.end(response);
                }
            };
            self.earlier_in_doubt |= response.in_doubt;
            self.last = Some(response);
            if !pause.is_zero() {
                if let Err(ended) = self.wait.pause_until(Instant::now() + pause) {
                    return self.give_up(ended.into());
                }
            }
        }
    }

    /// One attempt. Its turn comes first, so that a call which waits for the rate limit holds nothing that another command could use. A turn that grows old
    /// while a connection is made is replaced before the request leaves.
    fn attempt(&mut self) -> Result<Response, Refused> {
        let client = self.client;
        let (mut route, mut stopwatch) = (Route::default(), Stopwatch::new());
        let mut turn = self.turns.take(&self.wait)?;
        route.turn = stopwatch.lap();
        let _permit = client.permits.acquire(&self.wait)?;
        route.permit = stopwatch.lap();
        let host = client.hosts.preferred();
        let random = self.options.random.unwrap_or_else(|| random::generator().u32(..));
        let started = Instant::now();
        let exchange = self.exchange(host, random, &mut turn, &mut route, stopwatch)?;
        let (progress, http_status) = (exchange.progress, exchange.http_status);
        let unreachable = exchange.is_unreachable();
        let mut response = verdict::of_exchange(exchange, self.nothing_sent(), self.request.needs_action_status);
        if unreachable && client.hosts.switch_from(host) {
            response.again = Again::Now;
        }
        client.stats.standby_attempts.add(u64::from(host.standby));
        self.attempts.push(Attempt {
            origin: host.origin.clone(),
            path: self.request.path.clone(),
            code: response.code,
            http_status,
            random,
            progress,
            standby: host.standby,
            limit: turn.limited_by,
            at: started - self.began,
            took: started.elapsed(),
            route,
        });
        Ok(response)
    }

    /// A connection, then the request on it and what came back.
    fn exchange(
        &mut self,
        host: &Host,
        random: u32,
        turn: &mut Turn,
        route: &mut Route,
        mut stopwatch: Stopwatch,
    ) -> Result<Exchange, Refused> {
        let connecting = self.wait.within(self.timeouts.attempt, Ended::AttemptDeadline);
        let lease = match host.lease(&connecting, self.timeouts.connect, route) {
            Ok(lease) => lease,
            Err(failure) => return Ok(Exchange::from(failure)),
        };
        let left = self.timeouts.attempt.saturating_sub(stopwatch.lap());
        self.turns.confirm(turn, &self.wait)?;
        route.turn += stopwatch.lap();
        let exchanging = self.wait.within(left, Ended::AttemptDeadline);
        let target = self.target(random);
        self.wait.begin_sending()?;
        let mut exchange = lease.exchange(exchanging, target, &self.request.body, self.request.answer_limit);
        self.wait.end_sending();
        route.exchange = stopwatch.lap();
        if self.wait.is_foreign() {
            // In a child that was forked meanwhile the answer is the parent's, and the signer's lock may never be released.
            exchange.body.clear();
        } else {
            self.client.signer.redact(&mut exchange.body);
            self.client.proxy_login.redact(&mut exchange.body);
        }
        Ok(exchange)
    }

    /// Path and query of one attempt.
    fn target(&self, random: u32) -> Zeroizing<String> {
        let (path, query, sig) = (&*self.request.path, &self.client.query, self.sig.as_str());
        let length = "/".len() + path.len() + query.len() + sig.len() + "&random=4294967295".len();
        // Sized once: a growing string would leave copies of the signature behind.
        let mut target = Zeroizing::new(String::with_capacity(length));
        for part in ["/", path, query, sig] {
            target.push_str(part);
        }
        let _ = write!(target, "&random={random}");
        target
    }

    /// Tells the caller's hook of the attempt that ended. The hook is the caller's code: it may fork, and what goes on may be the child.
    fn tell(&self) {
        if let (Some(hook), Some(attempt)) = (self.client.attempt_hook, self.attempts.last()) {
            hook.tell(attempt, self.attempts.len());
        }
    }

    /// Whether no attempt so far handed a byte to the network.
    fn nothing_sent(&self) -> bool {
        let sent = |attempt: &Attempt| attempt.progress > Progress::NothingWritten;
        !self.attempts.iter().any(sent)
    }

    /// Does what an answer asks for beside its call: signs anew, slows down.
    fn react(&mut self, response: &mut Response) {
        let client = self.client;
        client
            .stats
            .signature_refusals
            .add(u64::from(error::refuses_signature(response.code)));
        match (response.code, response.again) {
            (error::CHAT_SERVICE_USER_SIG_EXPIRED | error::CHAT_SERVICE_USER_SIG_REVOKED, _) if !self.signed_anew => {
                if let Some(new) = client.signer.replacement_for(&self.sig) {
                    client.stats.re_signs.add(1);
                    (self.sig, self.signed_anew) = (new, true);
                    response.again = Again::Now;
                }
            }
            (code, Again::After(_)) => {
                client.stats.throttle_answers.add(1);
                if code == error::CHAT_SERVICE_APP_RATE_EXCEEDED {
                    client.pace.slow_all_down();
                } else {
                    self.turns.slow_down();
                }
            }
            (error::CHAT_OK | error::CHAT_ERR_PARTIAL, _) => client.budget.earn(),
            _ => {}
        }
    }

    /// Whether another attempt follows, and after what pause.
    fn next(&self, response: &Response) -> Next {
        let bounds = Bounds {
            max_attempts: self.options.max_attempts.unwrap_or(self.client.max_attempts),
            repeat_in_doubt: self.options.repeat_in_doubt.unwrap_or(self.request.repeatable),
            budget: &self.client.budget,
        };
        let has_time_for = |pause| self.wait.has_time_for(pause);
        bounds.next(self.attempts.len(), response.again, response.in_doubt, has_time_for)
    }

    /// The next attempt was not made: somebody ended the call, or its time would not have sufficed.
    fn give_up(mut self, refused: Refused) -> Response {
        let somebody_ended_it = matches!(refused, Refused::Ended(ended) if ended != Ended::Deadline);
        // An answer says more than that there was no time for another one.
        let last = self.last.take().filter(|_| !somebody_ended_it);
        let response = last.unwrap_or_else(|| verdict::of_refused(refused, self.nothing_sent()));
        self.end(response)
    }

    fn end(mut self, mut response: Response) -> Response {
        if self.earlier_in_doubt && self.request.done_before == Some(response.code) {
            response = response.done_before();
        } else if self.earlier_in_doubt
            && !response.in_doubt
            && !matches!(response.code, error::CHAT_OK | error::CHAT_ERR_PARTIAL)
        {
            let message = format!("{}; an earlier attempt may have taken effect", response.message());
            response.message = Terminated::new(message);
            response.in_doubt = true;
        }
        response.attempts = std::mem::take(&mut self.attempts);
        response
    }
}

impl Drop for Call<'_> {
    fn drop(&mut self) {
        self.client.stats.calls_in_progress.take_away(1);
        self.client.stats.waited_for_turns(self.turns.waited());
    }
}

/// Tells how long each part of an attempt took.
struct Stopwatch(Instant);

impl Stopwatch {
    fn new() -> Self {
        Stopwatch(Instant::now())
    }

    /// Since the lap before.
    fn lap(&mut self) -> Duration {
        let before = std::mem::replace(&mut self.0, Instant::now());
        self.0 - before
    }
}
