//! The client and the life of one call, readable from top to bottom: let in, its turn, a connection, the exchange, the verdict, another attempt or
//! the end. Every call ends by its deadline, and nothing is sent twice where that could do something twice.

use std::fmt::Write as _;
use std::sync::Arc;
use std::time::{Duration, Instant};

use percent_encoding::{utf8_percent_encode, AsciiSet, NON_ALPHANUMERIC};
use zeroize::Zeroizing;

use crate::attempt::{Attempt, AttemptHook, Progress, Route};
use crate::config::{self, Config, Proxy};
use crate::error::{self, Error};
use crate::options::{CallOptions, Limits};
use crate::pace::{Pace, Refused, Turns};
#[cfg(feature = "redis")]
use crate::pace::{SharedLimit, Terms};
use crate::random;
use crate::redact::Login;
use crate::request::{Endpoint, Request};
use crate::response::{Response, Terminated};
use crate::retry::{Again, Budget};
use crate::stats::{Snapshot, Stats};
use crate::transport::{tls_config, Exchange, Failure, Hosts, Permits};
use crate::usersig::{Credential, Signer, UserSig};
use crate::verdict;
use crate::wait::{Calls, Ended, Entered, Wait};

/// What may stand in a query as it is (RFC 3986, unreserved).
const QUERY: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// A client of one app in one data centre. Shared by any number of threads.
#[derive(Debug)]
pub struct Client {
    hosts: Hosts,
    signer: Signer,
    /// What a proxy must not be heard to send back.
    proxy_login: Login,
    permits: Permits,
    pace: Pace,
    budget: Budget,
    calls: Arc<Calls>,
    stats: Arc<Stats>,
    /// `?sdkappid=…&identifier=…&contenttype=json&usersig=`, the signature follows.
    query: String,
    limits: Limits,
    max_attempts: u32,
    max_connections: u32,
    local_limits: bool,
    attempt_hook: Option<AttemptHook>,
}

impl Client {
    /// Reads the CA files; opens no connection yet.
    pub fn new(config: &Config) -> Result<Client, Error> {
        let identity = config.complete()?;
        random::reseed();
        let query = format!(
            "?sdkappid={}&identifier={}&contenttype=json&usersig=",
            identity.sdk_app_id,
            utf8_percent_encode(&identity.identifier, QUERY),
        );
        let stats: Arc<Stats> = Arc::default();
        let tls = tls_config(config)?;
        let pace = Pace::new(config.rate_limit);
        #[cfg(feature = "redis")]
        let pace = pace.sharing(config.shared_limit.clone().map(|server| {
            let terms = Terms {
                tls: server.origin.https.then(|| tls.clone()),
                server,
                sdk_app_id: identity.sdk_app_id,
                calls_per_second: config.rate_limit,
                fallback: config.shared_limit_fallback,
            };
            SharedLimit::new(terms, stats.clone())
        }));
        Ok(Client {
            hosts: Hosts::new(config, tls, identity.origin, identity.standby, &stats)?,
            proxy_login: config.proxy.as_ref().map(Proxy::login).unwrap_or_default(),
            signer: Signer::new(
                identity.sdk_app_id,
                identity.identifier,
                config.user_sig_lifetime_s,
                identity.credential,
            ),
            permits: Permits::new(config.max_connections),
            pace,
            budget: Budget::new(),
            calls: Arc::default(),
            stats,
            query,
            limits: Limits {
                total: config.timeout,
                attempt: config.attempt_timeout,
                connect: config.connect_timeout,
            },
            max_attempts: config.max_attempts,
            max_connections: config.max_connections,
            local_limits: config.local_limits,
            attempt_hook: config.attempt_hook,
        })
    }

    /// The counters at this moment.
    pub fn stats(&self) -> Snapshot {
        self.stats.snapshot()
    }

    /// Counts a call that ended before it came here, or that a panic ended.
    pub(crate) fn count_ended(&self, code: i32) {
        self.stats.ended(code);
    }

    /// Another key for the calls to come. The client signs from now on, also where it was given signatures before.
    pub fn set_secret_key(&self, key: &str) -> Result<(), Error> {
        self.signer.set_credential(Credential::secret_key(key)?);
        Ok(())
    }

    /// Another ready signature for the calls to come.
    pub fn set_user_sig(&self, sig: &str) -> Result<(), Error> {
        self.signer.set_credential(Credential::user_sig(sig)?);
        Ok(())
    }

    /// Another limit of calls a second for each command; 0 is none. A higher one holds at once, for calls that
    /// wait for their turn too. A limit that the client shares stays as it is, behind this one.
    pub fn set_rate_limit(&self, calls_per_second: u32) -> Result<(), Error> {
        if calls_per_second == 0 && self.pace.is_shared() {
            return Err(Error::argument("rate_limit: shared_limit needs one"));
        }
        self.pace.set(config::rate_limit(calls_per_second)?);
        self.calls.wake();
        Ok(())
    }

    /// Ends the calls in progress and refuses those to come.
    pub fn shutdown(&self) {
        self.calls.end(Ended::Shutdown);
    }

    /// Refuses calls to come, lets those inside end for at most so long, then shuts down. Whether all of them ended by themselves.
    pub fn drain(&self, longest: Duration) -> bool {
        let ended = self.calls.drain(Ended::Shutdown, longest);
        self.shutdown();
        ended
    }

    /// Opens connections until `count` of them are ready for the calls to come, within `longest`; fewer if one cannot be made.
    pub fn warm_up(&self, count: u32, longest: Duration) -> Response {
        if !(1..=self.max_connections).contains(&count) {
            let most = self.max_connections;
            return Response::refused(Error::argument(format!(
                "n: {count}; it lies between 1 and max_connections, {most}"
            )));
        }
        let wait = Wait::new(longest, None);
        let _inside = match self.calls.enter(&wait) {
            Ok(inside) => inside,
            Err(ended) => return Response::refused(verdict::not_let_in(ended)),
        };
        let (host, mut route, mut leases) = (self.hosts.preferred(), Route::default(), Vec::new());
        while leases.len() < count as usize {
            let permit = self.permits.acquire(&wait).map_err(Failure::from);
            let lease = permit.and_then(|permit| Ok((host.lease(&wait, self.limits.connect, &mut route)?, permit)));
            match lease {
                Ok(lease) => leases.push(lease),
                Err(failure) => return verdict::of_exchange(failure.into(), true, true),
            }
        }
        Response::new(error::CHAT_OK, "")
    }

    /// Waits until no call is inside, unless this is the thread of one; after [`Client::shutdown`] that is soon.
    pub fn wait_until_idle(&self) {
        self.calls.wait_until_empty();
    }

    /// One call, from the local checks to the answer. Blocks until its deadline at most.
    pub fn call<E: Endpoint>(&self, endpoint: &E, options: &CallOptions) -> Response {
        let began = Instant::now();
        let response = self.run(Request::of(endpoint, self.local_limits), options);
        self.stats.returned(&response, began.elapsed());
        response
    }

    // Once in the library, not once a command.
    #[inline(never)]
    fn run(&self, request: Result<Request<'_>, Error>, options: &CallOptions) -> Response {
        match self.let_in(request, options) {
            Ok(call) => call.perform(),
            Err(error) => Response::refused(error),
        }
    }

    /// Everything that can refuse a call without a request: its options, its arguments, a client that was shut down.
    fn let_in<'a>(&'a self, request: Result<Request<'a>, Error>, options: &'a CallOptions) -> Result<Call<'a>, Error> {
        if let Some(error) = options.refused() {
            return Err(error.clone());
        }
        let request = request?;
        let limits = options.limits(&self.limits);
        let wait = Wait::new(limits.total, options.interrupt);
        let enter = |calls: &Arc<Calls>| calls.enter(&wait).map_err(verdict::not_let_in);
        let inside = (
            enter(&self.calls)?,
            options.cancelled_by().as_ref().map(enter).transpose()?,
        );
        self.stats.calls_in_progress.add(1);
        let call = Call {
            client: self,
            turns: Turns::of(&self.pace, request.path),
            sig: self.signer.current(),
            request,
            options,
            limits,
            wait,
            signed_anew: false,
            attempts: Vec::with_capacity(1),
            in_doubt: false,
            last: None,
            _inside: inside,
        };
        crate::injected_panic::at("call");
        Ok(call)
    }

    /// Path and query of one attempt.
    fn target(&self, path: &str, sig: &UserSig, random: u32) -> Zeroizing<String> {
        let length = "/".len() + path.len() + self.query.len() + sig.as_str().len() + "&random=4294967295".len();
        // Sized once: a growing string would leave copies of the signature behind.
        let mut target = Zeroizing::new(String::with_capacity(length));
        for part in ["/", path, &self.query, sig.as_str()] {
            target.push_str(part);
        }
        let _ = write!(target, "&random={random}");
        target
    }
}

/// A call that was let in, and what became of its attempts so far.
struct Call<'a> {
    client: &'a Client,
    request: Request<'a>,
    options: &'a CallOptions,
    limits: Limits,
    wait: Wait,
    turns: Turns,
    sig: Arc<UserSig>,
    signed_anew: bool,
    attempts: Vec<Attempt>,
    /// An attempt before the last may have taken effect.
    in_doubt: bool,
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
            self.tell();
            if self.wait.is_foreign() {
                return self.give_up(Ended::Forked.into());
            }
            self.react(&mut response);
            let Some(pause) = self.pause_before_another(&response) else {
                return self.finish(response);
            };
            self.in_doubt |= response.in_doubt;
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
        let (mut route, mut clock) = (Route::default(), Clock::new());
        let mut turn = self.turns.take(&self.wait)?;
        route.turn = clock.lap();
        let _permit = client.permits.acquire(&self.wait)?;
        route.permit = clock.lap();
        let host = client.hosts.preferred();
        let random = self.options.random.unwrap_or_else(|| random::generator().u32(..));
        let started = clock.0;
        let connecting = self.wait.within(self.limits.attempt, Ended::AttemptDeadline);
        let mut exchange = match host.lease(&connecting, self.limits.connect, &mut route) {
            Ok(lease) => {
                let left = self.limits.attempt.saturating_sub(clock.lap());
                turn = self.turns.confirm(turn, &self.wait)?;
                route.turn += clock.lap();
                let exchanging = self.wait.within(left, Ended::AttemptDeadline);
                let target = client.target(self.request.path, &self.sig, random);
                self.wait.leave()?;
                let exchange = lease.exchange(exchanging, target, &self.request.body, self.request.answer_limit);
                self.wait.answered();
                route.exchange = clock.lap();
                exchange
            }
            Err(failure) => Exchange::from(failure),
        };
        if self.wait.is_foreign() {
            // In a child that was forked meanwhile the answer is the parent's, and the signer's lock may never be released.
            exchange.body.clear();
        } else {
            client.signer.redact(&mut exchange.body);
            client.proxy_login.redact(&mut exchange.body);
        }
        let (progress, http_status) = (exchange.progress, exchange.http_status);
        let unreachable = exchange.is_unreachable();
        let mut response = verdict::of_exchange(exchange, self.nothing_sent(), self.request.needs_action_status);
        if unreachable && client.hosts.unreachable(host) {
            response.again = Again::Now;
        }
        client.stats.standby_attempts.add(u64::from(host.standby));
        self.attempts.push(Attempt {
            code: response.code,
            http_status,
            random,
            progress,
            standby: host.standby,
            limit: turn.under,
            took: started.elapsed(),
            route,
        });
        Ok(response)
    }

    /// Tells the caller's hook of the attempt that ended. The hook is the caller's code: it may have forked, and this may be the child.
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

    /// How long to wait before another attempt; `None` when the outcome at hand is the call's.
    fn pause_before_another(&self, response: &Response) -> Option<Duration> {
        let (client, made) = (self.client, self.attempts.len());
        let pause = response.again.pause(made)?;
        let repeatable = self.options.repeat_in_doubt.unwrap_or(self.request.repeatable);
        let allowed = made < self.options.max_attempts.unwrap_or(client.max_attempts) as usize
            && (repeatable || !response.in_doubt)
            && self.wait.has_time_for(pause);
        if !allowed {
            return None;
        }
        let paid = client.budget.spend();
        client.stats.retries_over_budget.add(u64::from(!paid));
        paid.then_some(pause)
    }

    /// The next attempt was not made: somebody ended the call, or its time would not have sufficed.
    fn give_up(mut self, refused: Refused) -> Response {
        let somebody_ended_it = matches!(refused, Refused::Ended(ended) if ended != Ended::Deadline);
        // An answer says more than that there was no time for another one.
        let last = self.last.take().filter(|_| !somebody_ended_it);
        let response = last.unwrap_or_else(|| verdict::of_refused(refused, self.nothing_sent()));
        // What the repeat of a deletion says of the attempt before it, no attempt said.
        self.request.done_before = None;
        self.finish(response)
    }

    fn finish(mut self, mut response: Response) -> Response {
        if self.in_doubt && self.request.done_before == Some(response.code) {
            response = response.done_before();
        } else if self.in_doubt
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
        self.client.stats.waited(self.turns.waited());
    }
}

/// Tells how long each part of an attempt took.
struct Clock(Instant);

impl Clock {
    fn new() -> Self {
        Clock(Instant::now())
    }

    /// Since the lap before.
    fn lap(&mut self) -> Duration {
        let before = std::mem::replace(&mut self.0, Instant::now());
        self.0 - before
    }
}
