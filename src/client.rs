//! The client and the life of one call, readable from top to bottom in [`Client::call`]: check, slot, connection, attempt, verdict, repeat.
//! Promises that every call ends by its deadline, that a call refused locally sends nothing, that nothing is sent twice where that could
//! do something twice, and that a client is shared by any number of threads. Knows no endpoint and no pointer.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::mem;
use std::rc::Rc;
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use percent_encoding::{utf8_percent_encode, AsciiSet, NON_ALPHANUMERIC};
use zeroize::Zeroizing;

use crate::answer::{judge, Verdict};
use crate::call::{Call, Ended, Entered, Interrupt, Limits, Progress, Stop, Stopper, Stoppers};
use crate::config::{self, Config};
use crate::endpoints::{Endpoint, Request};
use crate::error::{self, describe, Error, Repeat};
use crate::hosts::Hosts;
use crate::limit::{Permit, Permits};
use crate::rate::Rates;
use crate::response::{Attempt, Response, Terminated};
use crate::retry::{Again, Budget};
#[cfg(feature = "redis")]
use crate::shared_limit::SharedLimit;
use crate::stats::{Snapshot, Stats};
use crate::transport::{Exchange, Failure};
use crate::usersig::{Signer, UserSig};

/// What may stand in a query as it is (RFC 3986, unreserved).
const QUERY: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// A client of one app in one data centre. Shared by any number of threads.
#[derive(Debug)]
pub struct Client {
    hosts: Hosts,
    signer: Signer,
    permits: Permits,
    rates: Rates,
    budget: Budget,
    calls: Arc<Stoppers>,
    stats: Arc<Stats>,
    /// `?sdkappid=…&identifier=…&contenttype=json&usersig=`, the signature follows.
    query: String,
    limits: Limits,
    max_attempts: u32,
    local_limits: bool,
}

/// Ends the calls that carry it. Any number of threads, any number of calls.
#[derive(Debug, Default)]
pub struct Cancel {
    calls: Arc<Stoppers>,
}

impl Cancel {
    pub fn new() -> Self {
        Cancel::default()
    }

    /// Ends the calls that carry this token, at once, and those begun with it later.
    pub fn trigger(&self) {
        self.calls.stop(Stop::Cancelled);
    }
}

/// What one call does differently from its client.
#[derive(Clone, Debug, Default)]
pub struct CallOptions {
    timeout: Option<Duration>,
    attempt_timeout: Option<Duration>,
    connect_timeout: Option<Duration>,
    max_attempts: Option<u32>,
    repeat_in_doubt: Option<bool>,
    random: Option<u32>,
    cancel: Option<Weak<Stoppers>>,
    interrupt: Option<Interrupt>,
    /// The last refusal of each setting, cleared when the setting is accepted later.
    refused: BTreeMap<&'static str, Error>,
}

impl CallOptions {
    pub fn set_timeout_ms(&mut self, ms: u32) -> Result<(), Error> {
        self.timeout = self.accepted("timeout_ms", config::timeout("timeout_ms", ms))?;
        Ok(())
    }

    pub fn set_attempt_timeout_ms(&mut self, ms: u32) -> Result<(), Error> {
        self.attempt_timeout = self.accepted("attempt_timeout_ms", config::timeout("attempt_timeout_ms", ms))?;
        Ok(())
    }

    pub fn set_connect_timeout_ms(&mut self, ms: u32) -> Result<(), Error> {
        self.connect_timeout = self.accepted("connect_timeout_ms", config::timeout("connect_timeout_ms", ms))?;
        Ok(())
    }

    pub fn set_max_attempts(&mut self, n: u32) -> Result<(), Error> {
        self.max_attempts = self.accepted("max_attempts", config::max_attempts(n))?;
        Ok(())
    }

    /// Whether the call may be repeated when nobody knows if an attempt took effect; unset, the command decides.
    pub fn set_repeat_in_doubt(&mut self, yes: bool) {
        self.repeat_in_doubt = Some(yes);
    }

    /// Remembers a refusal, so that a caller who ignores the result still sends nothing.
    fn accepted<T>(&mut self, setting: &'static str, value: Result<T, Error>) -> Result<Option<T>, Error> {
        match &value {
            Ok(_) => self.refused.remove(setting),
            Err(error) => self.refused.insert(setting, error.clone()),
        };
        value.map(Some)
    }

    /// The same `random` for every attempt; 0 is a value.
    pub fn set_random(&mut self, random: u32) {
        self.random = Some(random);
    }

    /// `None` takes the token away. A token that is dropped while options name it ends nothing any more.
    pub fn set_cancel(&mut self, cancel: Option<&Cancel>) {
        self.cancel = cancel.map(|cancel| Arc::downgrade(&cancel.calls));
    }

    pub(crate) fn set_interrupt(&mut self, interrupt: Option<Interrupt>) {
        self.interrupt = interrupt;
    }

    pub(crate) fn refused(&self) -> Option<&Error> {
        self.refused.values().next()
    }
}

/// A call that was let in; leaves its client's and its token's books on drop.
struct Inside<'a> {
    call: Rc<Call>,
    stats: &'a Stats,
    _books: (Entered, Option<Entered>),
}

impl<'a> Inside<'a> {
    fn new(call: Rc<Call>, books: (Entered, Option<Entered>), stats: &'a Stats) -> Self {
        stats.calls_in_progress.add(1);
        Inside {
            call,
            stats,
            _books: books,
        }
    }
}

impl Drop for Inside<'_> {
    fn drop(&mut self) {
        self.stats.calls_in_progress.take_away(1);
        self.stats.waited(self.call.rate_waited());
    }
}

/// What became of a call's attempts so far.
struct Course {
    sig: Arc<UserSig>,
    signed_anew: bool,
    attempts: Vec<Attempt>,
    /// An attempt before the last may have taken effect.
    in_doubt: bool,
    /// What the last attempt came to, while another one is waited for.
    last: Option<Response>,
}

impl Course {
    fn new(sig: Arc<UserSig>) -> Self {
        Course {
            sig,
            signed_anew: false,
            attempts: Vec::with_capacity(1),
            in_doubt: false,
            last: None,
        }
    }

    /// Whether no attempt so far handed a byte to the network.
    fn nothing_sent(&self) -> bool {
        let sent = |attempt: &Attempt| attempt.progress > Progress::NothingWritten;
        !self.attempts.iter().any(sent)
    }

    /// There will be another attempt.
    fn keep(&mut self, response: Response) {
        self.in_doubt |= response.in_doubt;
        self.last = Some(response);
    }

    /// The next attempt was not made: somebody ended the call, or its time would not have sufficed.
    fn stopped(mut self, ended: Ended) -> Response {
        let response = match (self.last.take(), ended) {
            // An answer says more than that there was no time for another one.
            (Some(last), Ended::Deadline | Ended::Throttled(_)) => last,
            #[cfg(feature = "redis")]
            (Some(last), Ended::NoSharedLimit(_)) => last,
            _ => judge_failure(&Failure::Ended(ended), Progress::NothingWritten, self.nothing_sent()),
        };
        self.finish(response, None)
    }

    fn finish(self, mut response: Response, done_before: Option<i32>) -> Response {
        if self.in_doubt && done_before == Some(response.code) {
            response = response.done_before();
        } else if self.in_doubt
            && !response.in_doubt
            && !matches!(response.code, error::CHAT_OK | error::CHAT_ERR_PARTIAL)
        {
            let message = format!("{}; an earlier attempt may have taken effect", response.message());
            response.message = Terminated::new(message);
            response.in_doubt = true;
        }
        response.attempts = self.attempts;
        response
    }
}

impl Client {
    pub fn new(config: &Config) -> Result<Client, Error> {
        let identity = config.complete()?;
        // A forked child would otherwise draw the same `random`s and pauses as its parent.
        fastrand::seed(seed());
        let query = format!(
            "?sdkappid={}&identifier={}&contenttype=json&usersig=",
            identity.sdk_app_id,
            utf8_percent_encode(&identity.identifier, QUERY),
        );
        let stats: Arc<Stats> = Arc::default();
        Ok(Client {
            hosts: Hosts::new(config, identity.origin, identity.standby, &stats)?,
            signer: Signer::new(
                identity.sdk_app_id,
                identity.identifier,
                config.user_sig_lifetime_s,
                identity.credential,
            ),
            permits: Permits::new(config.max_connections),
            rates: rates(config, identity.sdk_app_id, &stats)?,
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
            local_limits: config.local_limits,
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
        self.signer.set_credential(config::secret_key(key)?);
        Ok(())
    }

    /// Another ready signature for the calls to come.
    pub fn set_user_sig(&self, sig: &str) -> Result<(), Error> {
        self.signer.set_credential(config::user_sig(sig)?);
        Ok(())
    }

    /// Another limit of calls a second for each command; 0 is none. Calls that wait for a slot keep the one they have. A limit that the
    /// client shares stays as it is, behind this one.
    pub fn set_rate_limit(&self, calls_per_second: u32) -> Result<(), Error> {
        if calls_per_second == 0 && self.rates.are_shared() {
            return Err(Error::argument("rate_limit: shared_limit needs one"));
        }
        self.rates.set(config::rate_limit(calls_per_second)?);
        Ok(())
    }

    /// Ends the calls in progress and refuses those to come.
    pub fn shutdown(&self) {
        self.calls.stop(Stop::Shutdown);
    }

    /// Waits until no call is inside; after [`Client::shutdown`] that is soon.
    pub fn wait_until_idle(&self) {
        self.calls.wait_until_empty();
    }

    /// After a panic in a call: the next call finds a working client.
    pub(crate) fn recover(&self) {
        self.hosts.replace_agents();
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
            Ok((inside, request)) => {
                let response = inside.call.run(|| self.perform(&inside.call, &request, options));
                if inside.call.is_foreign() {
                    // The books are the parent's, and their locks may be held for ever.
                    mem::forget(inside);
                }
                response
            }
            Err(error) => Response::refused(error),
        }
    }

    /// Everything that can refuse a call without a request: its options, its arguments, a client that was shut down.
    fn let_in<'a>(
        &self,
        request: Result<Request<'a>, Error>,
        options: &CallOptions,
    ) -> Result<(Inside<'_>, Request<'a>), Error> {
        if let Some(error) = options.refused() {
            return Err(error.clone());
        }
        let request = request?;
        let stopper = Arc::new(Stopper::default());
        let entered = self.calls.enter(&stopper).map_err(stop_error)?;
        let token = options.cancel.as_ref().and_then(Weak::upgrade);
        let carried = token
            .map(|token| token.enter(&stopper))
            .transpose()
            .map_err(stop_error)?;
        let limits = Limits {
            total: options.timeout.unwrap_or(self.limits.total),
            attempt: options.attempt_timeout.unwrap_or(self.limits.attempt),
            connect: options.connect_timeout.unwrap_or(self.limits.connect),
        };
        let call = Call::new(stopper, limits, self.rates.bucket(request.path), options.interrupt);
        let inside = Inside::new(call, (entered, carried), &self.stats);
        crate::injected_panic::at("call");
        Ok((inside, request))
    }

    /// The attempts of one call: as many as its outcome, the command, the budget and the deadline allow.
    fn perform(&self, call: &Call, request: &Request<'_>, options: &CallOptions) -> Response {
        let mut course = Course::new(self.signer.current());
        loop {
            let mut response = match self.admit(call) {
                Ok(permit) => {
                    let response = self.attempt(call, request, options, &mut course);
                    if call.is_foreign() {
                        mem::forget(permit);
                    }
                    response
                }
                Err(ended) => return course.stopped(ended),
            };
            self.heed(call, &mut response, &mut course);
            let Some(pause) = self.pause_before_another(call, request, &response, &course, options) else {
                return course.finish(response, request.done_before);
            };
            course.keep(response);
            if !pause.is_zero() {
                if let Err(ended) = call.pause_until(Instant::now() + pause) {
                    return course.stopped(ended);
                }
            }
        }
    }

    /// Waits for a slot under the rate limit, then for a connection. In this order: who waits for a slot holds no connection that
    /// another command could use. A slot that grows old meanwhile is replaced before the first byte leaves.
    fn admit(&self, call: &Call) -> Result<Permit<'_>, Ended> {
        call.take_slot()?;
        self.permits.acquire(call)
    }

    fn attempt(&self, call: &Call, request: &Request<'_>, options: &CallOptions, course: &mut Course) -> Response {
        let host = self.hosts.preferred();
        let random = options.random.unwrap_or_else(|| fastrand::u32(..));
        let started = Instant::now();
        let target = self.target(request.path, &course.sig, random);
        let mut exchange = host
            .transport
            .exchange(call, target, &request.body, request.answer_limit);
        course.sig.redact(&mut exchange.body);
        let (progress, http_status) = (exchange.progress, exchange.http_status);
        let unreachable = exchange.is_unreachable();
        let mut response = judge_exchange(exchange, course.nothing_sent());
        if unreachable && self.hosts.unreachable(host) {
            response.again = Again::Now;
        }
        self.stats.standby_attempts.add(u64::from(host.standby));
        course.attempts.push(Attempt {
            code: response.code,
            http_status,
            random,
            ms: u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX),
            progress,
            standby: host.standby,
            limit: call.limit(),
        });
        response
    }

    /// Does what an answer asks for beside its call: signs anew, slows down.
    fn heed(&self, call: &Call, response: &mut Response, course: &mut Course) {
        match (response.code, response.again) {
            (error::CHAT_SERVICE_USER_SIG_EXPIRED | error::CHAT_SERVICE_USER_SIG_REVOKED, _) if !course.signed_anew => {
                if let Some(new) = self.signer.replacement_for(&course.sig) {
                    self.stats.re_signs.add(1);
                    (course.sig, course.signed_anew) = (new, true);
                    response.again = Again::Now;
                }
            }
            (code, Again::After(_)) => {
                self.stats.throttle_answers.add(1);
                if code == error::CHAT_SERVICE_APP_RATE_EXCEEDED {
                    self.rates.slow_all_down();
                } else if let Some(bucket) = call.bucket() {
                    bucket.slow_down();
                }
            }
            (error::CHAT_OK | error::CHAT_ERR_PARTIAL, _) => self.budget.earn(),
            _ => {}
        }
    }

    /// How long to wait before another attempt; `None` when the outcome at hand is the call's.
    fn pause_before_another(
        &self,
        call: &Call,
        request: &Request<'_>,
        response: &Response,
        course: &Course,
        options: &CallOptions,
    ) -> Option<Duration> {
        let made = course.attempts.len();
        let pause = response.again.pause(made)?;
        let repeatable = options.repeat_in_doubt.unwrap_or(request.repeatable);
        let allowed = made < options.max_attempts.unwrap_or(self.max_attempts) as usize
            && (repeatable || !response.in_doubt)
            && call.has_time_for(pause);
        if !allowed {
            return None;
        }
        let paid = self.budget.spend();
        self.stats.retries_over_budget.add(u64::from(!paid));
        paid.then_some(pause)
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

/// The limits of a client's commands: its own, and in front of it the one that it shares.
#[cfg(feature = "redis")]
fn rates(config: &Config, sdk_app_id: u32, stats: &Arc<Stats>) -> Result<Rates, Error> {
    let shared = config.shared_limit(sdk_app_id)?;
    Ok(Rates::new(config.rate_limit).sharing(shared.map(|terms| SharedLimit::new(terms, stats.clone()))))
}

#[cfg(not(feature = "redis"))]
fn rates(config: &Config, _: u32, _: &Arc<Stats>) -> Result<Rates, Error> {
    Ok(Rates::new(config.rate_limit))
}

/// Differs between processes and moments.
fn seed() -> u64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    now.as_secs() ^ u64::from(now.subsec_nanos()).rotate_left(20) ^ u64::from(std::process::id()).rotate_left(40)
}

fn stop_error(stop: Stop) -> Error {
    let (code, why) = judge_end(Ended::Stopped(stop));
    Error::new(code, format!("{why}; nothing was sent"))
}

/// The answer's verdict, or the place where the exchange broke, as a response.
fn judge_exchange(exchange: Exchange, nothing_sent: bool) -> Response {
    let mut response = match (&exchange.failure, exchange.http_status) {
        (Some(failure), _) => judge_failure(failure, exchange.progress, nothing_sent),
        (None, 200) => judge_answer(judge(&exchange.body)),
        (None, status) => judge_status(status, exchange.retry_after_s),
    };
    response.http_status = exchange.http_status;
    response.body = Terminated::new(exchange.body);
    response
}

fn judge_answer(verdict: Verdict) -> Response {
    let row = describe(verdict.code);
    let message = match verdict.code {
        error::CHAT_OK => String::new(),
        error::CHAT_ERR_PARTIAL => format!("{}: {}", row.text(), verdict.text),
        error::CHAT_ERR_PROTOCOL => verdict.text,
        _ if verdict.text.is_empty() => row.text().to_owned(),
        _ => format!("{}; the service says: \"{}\"", row.text(), verdict.text),
    };
    let mut response = Response::new(verdict.code, message);
    // An unreadable answer tells nothing about what the service did.
    response.in_doubt = row.in_doubt || matches!(verdict.code, error::CHAT_ERR_PROTOCOL | error::CHAT_ERR_SERVICE);
    response.again = match row.repeat {
        // A whole answer that makes no sense will not make more of it the next time.
        Repeat::Yes if verdict.code > 0 => Again::Soon,
        Repeat::Throttled => Again::After(Duration::from_millis(error::THROTTLE_PAUSE_MS.into())),
        // A minute's lock-out is told, not hammered.
        Repeat::Yes | Repeat::No | Repeat::After(_) => Again::No,
    };
    response
}

/// A gateway spoke. Whether the request reached the service behind it is unknown; 429 and 503 ask to slow down.
fn judge_status(status: u16, retry_after_s: Option<u32>) -> Response {
    let message = format!("the answer has HTTP status {status}, not 200: a gateway or proxy spoke, not the service");
    let mut response = Response::new(error::CHAT_ERR_HTTP_STATUS, message);
    response.in_doubt = true;
    response.again = match status {
        429 | 503 => {
            response.retry_after_ms = retry_after_s.map_or(error::THROTTLE_PAUSE_MS, |s| s.clamp(1, 3_600) * 1_000);
            Again::After(Duration::from_millis(response.retry_after_ms.into()))
        }
        408 | 500..=599 => Again::Soon,
        _ => Again::No,
    };
    response
}

/// `nothing_sent`: nor by the attempts before this one.
fn judge_failure(failure: &Failure, progress: Progress, nothing_sent: bool) -> Response {
    let sent = match progress {
        Progress::NothingWritten if nothing_sent => "nothing was sent",
        Progress::NothingWritten => "nothing more was sent",
        Progress::Written => "the request was sent, no answer came; it may have taken effect",
        Progress::AnswerBegun => "the answer had begun; the request may have taken effect",
    };
    let (code, why) = match failure {
        Failure::Ended(ended) => judge_end(*ended),
        Failure::Connect(why) | Failure::Broken(why) => (error::CHAT_ERR_TRANSPORT, why.as_str()),
        Failure::Tls(why) => (error::CHAT_ERR_TLS, why.as_str()),
        Failure::CutShort(why) | Failure::Malformed(why) => (error::CHAT_ERR_PROTOCOL, why.as_str()),
    };
    let mut response = Response::new(code, format!("{why}; {sent}"));
    response.in_doubt = progress > Progress::NothingWritten;
    response.again = match failure {
        Failure::Ended(Ended::AttemptDeadline | Ended::ConnectDeadline)
        | Failure::Connect(_)
        | Failure::Broken(_)
        | Failure::CutShort(_) => Again::Soon,
        Failure::Ended(_) | Failure::Tls(_) | Failure::Malformed(_) => Again::No,
    };
    if let Failure::Ended(Ended::Throttled(late)) = failure {
        response.retry_after_ms = u32::try_from(late.as_millis() + 1).unwrap_or(u32::MAX);
    }
    #[cfg(feature = "redis")]
    if let Failure::Ended(Ended::NoSharedLimit(_)) = failure {
        // Its server is tried again every second.
        response.retry_after_ms = error::THROTTLE_PAUSE_MS;
    }
    response
}

fn judge_end(ended: Ended) -> (i32, &'static str) {
    match ended {
        Ended::Deadline => (error::CHAT_ERR_TIMEOUT, "the call's deadline passed"),
        Ended::AttemptDeadline => (error::CHAT_ERR_TIMEOUT, "the attempt took too long"),
        Ended::ConnectDeadline => (error::CHAT_ERR_TIMEOUT, "connecting took too long"),
        Ended::Throttled(_) => (
            error::CHAT_ERR_THROTTLED,
            "the client's rate limit has no slot for this command before the deadline",
        ),
        #[cfg(feature = "redis")]
        Ended::NoSharedLimit(why) => (error::CHAT_ERR_THROTTLED, why.text()),
        Ended::Stopped(Stop::Shutdown) => (error::CHAT_ERR_SHUTDOWN, "the client was shut down"),
        Ended::Stopped(Stop::Forked) => (
            error::CHAT_ERR_FORKED,
            "this is a forked child, and the client or the cancel token is the parent's",
        ),
        Ended::Stopped(Stop::Cancelled) => (error::CHAT_ERR_CANCELLED, "the cancel token was triggered"),
        Ended::Stopped(Stop::Interrupted) => (error::CHAT_ERR_CANCELLED, "the interrupt callback ended the call"),
    }
}
