//! The client and the life of one call, readable from top to bottom in [`Client::call`]: check, permit, signature, attempt, verdict.
//! Promises that every call ends by its deadline, that a call refused locally sends nothing, that the one automatic repeat is the one
//! after an expired or revoked signature, and that a client is shared by any number of threads. Knows no endpoint and no pointer.

use std::fmt::Write as _;
use std::rc::Rc;
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

use percent_encoding::{utf8_percent_encode, AsciiSet, NON_ALPHANUMERIC};
use zeroize::Zeroizing;

use crate::answer::{judge, Verdict};
use crate::call::{Call, Ended, Entered, Interrupt, Progress, Stop, Stopper, Stoppers};
use crate::config::{self, Config};
use crate::endpoints::Endpoint;
use crate::error::{self, describe, Error};
use crate::limit::Permits;
use crate::response::{Attempt, Response, Terminated};
use crate::transport::{Exchange, Failure, Transport};
use crate::usersig::{Signer, UserSig};

/// What may stand in a query as it is (RFC 3986, unreserved).
const QUERY: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// A client of one app in one data centre. Shared by any number of threads.
#[derive(Debug)]
pub struct Client {
    transport: Transport,
    signer: Signer,
    permits: Permits,
    calls: Arc<Stoppers>,
    /// `https://host:port/`, the path follows.
    base: String,
    /// `?sdkappid=…&identifier=…&contenttype=json&usersig=`, the signature follows.
    query: String,
    timeout: Duration,
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
    random: Option<u32>,
    cancel: Option<Weak<Stoppers>>,
    interrupt: Option<Interrupt>,
    refused: Option<Error>,
}

impl CallOptions {
    pub fn set_timeout_ms(&mut self, ms: u32) -> Result<(), Error> {
        let timeout = config::timeout("timeout_ms", ms);
        if let Err(error) = &timeout {
            self.refused = Some(error.clone());
        }
        self.timeout = Some(timeout?);
        self.refused = None;
        Ok(())
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
        self.refused.as_ref()
    }
}

/// A call that was let in; leaves its client's and its token's books on drop.
struct Inside {
    call: Rc<Call>,
    _books: (Entered, Option<Entered>),
}

impl Client {
    pub fn new(config: &Config) -> Result<Client, Error> {
        let identity = config.complete()?;
        let base = format!("{}/", identity.origin);
        let query = format!(
            "?sdkappid={}&identifier={}&contenttype=json&usersig=",
            identity.sdk_app_id,
            utf8_percent_encode(&identity.identifier, QUERY),
        );
        let lifetime_s = config.user_sig_lifetime_s;
        Ok(Client {
            transport: Transport::new(config, identity.origin)?,
            signer: Signer::new(
                identity.sdk_app_id,
                identity.identifier,
                lifetime_s,
                identity.credential,
            ),
            permits: Permits::new(config.max_connections),
            calls: Arc::default(),
            base,
            query,
            timeout: config.timeout,
            local_limits: config.local_limits,
        })
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
        self.transport.replace_agent();
    }

    /// One call, from the local checks to the answer. Blocks until its deadline at most.
    pub fn call<E: Endpoint>(&self, endpoint: &E, options: &CallOptions) -> Response {
        match self.prepare(endpoint, options) {
            Ok((inside, body)) => inside.call.run(|| self.perform(&inside.call, endpoint, &body, options)),
            Err(error) => Response::refused(error),
        }
    }

    /// Everything that can refuse a call without a request: its options, its arguments, a client that was shut down.
    fn prepare<E: Endpoint>(&self, endpoint: &E, options: &CallOptions) -> Result<(Inside, Vec<u8>), Error> {
        if let Some(error) = options.refused() {
            return Err(error.clone());
        }
        endpoint.check(self.local_limits)?;
        let stopper = Arc::new(Stopper::default());
        let entered = self.calls.enter(&stopper).map_err(stop_error)?;
        let token = options.cancel.as_ref().and_then(Weak::upgrade);
        let carried = token
            .map(|token| token.enter(&stopper))
            .transpose()
            .map_err(stop_error)?;
        let deadline = Instant::now() + options.timeout.unwrap_or(self.timeout);
        let call = Call::new(stopper, deadline, options.interrupt);
        crate::injected_panic::at("call");
        Ok((
            Inside {
                call,
                _books: (entered, carried),
            },
            endpoint.body(),
        ))
    }

    /// The attempts: one, and one more with a new signature after the service called the old one expired or revoked.
    fn perform<E: Endpoint>(&self, call: &Call, endpoint: &E, body: &[u8], options: &CallOptions) -> Response {
        let mut attempts = Vec::with_capacity(1);
        let _permit = match self.permits.acquire(call) {
            Ok(permit) => permit,
            Err(ended) => return judge_failure(&Failure::Ended(ended), Progress::NothingWritten),
        };
        let mut sig = self.signer.current();
        loop {
            let random = options.random.unwrap_or_else(|| fastrand::u32(..));
            let started = Instant::now();
            let url = self.url(endpoint.path(), &sig, random);
            let mut exchange = self.transport.exchange(call, &url, body, E::ANSWER_LIMIT);
            sig.redact(&mut exchange.body);
            let (progress, http_status) = (exchange.progress, exchange.http_status);
            let mut response = judge_exchange(exchange);
            let ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
            attempts.push(Attempt {
                code: response.code,
                http_status,
                random,
                ms,
                progress,
            });
            if let Some(new) = self.new_signature(&sig, &response, attempts.len()) {
                sig = new;
                continue;
            }
            response.attempts = attempts;
            return response;
        }
    }

    fn new_signature(&self, used: &Arc<UserSig>, response: &Response, attempts: usize) -> Option<Arc<UserSig>> {
        let refused = matches!(
            response.code,
            error::CHAT_SERVICE_USER_SIG_EXPIRED | error::CHAT_SERVICE_USER_SIG_REVOKED
        );
        if refused && attempts == 1 {
            self.signer.replacement_for(used)
        } else {
            None
        }
    }

    fn url(&self, path: &str, sig: &UserSig, random: u32) -> Zeroizing<String> {
        let length = self.base.len() + path.len() + self.query.len() + sig.as_str().len() + "&random=4294967295".len();
        // Sized once: a growing string would leave copies of the signature behind.
        let mut url = Zeroizing::new(String::with_capacity(length));
        for part in [&self.base, path, &self.query, sig.as_str()] {
            url.push_str(part);
        }
        let _ = write!(url, "&random={random}");
        url
    }
}

fn stop_error(stop: Stop) -> Error {
    match stop {
        Stop::Shutdown => Error::new(error::CHAT_ERR_SHUTDOWN, "the client was shut down; nothing was sent"),
        Stop::Cancelled => Error::new(
            error::CHAT_ERR_CANCELLED,
            "the cancel token was triggered; nothing was sent",
        ),
        Stop::Interrupted => Error::new(
            error::CHAT_ERR_CANCELLED,
            "the interrupt callback ended the call; nothing was sent",
        ),
    }
}

/// The answer's verdict, or the place where the exchange broke, as a response.
fn judge_exchange(exchange: Exchange) -> Response {
    let mut response = match (&exchange.failure, exchange.http_status) {
        (Some(failure), _) => judge_failure(failure, exchange.progress),
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
    response
}

/// A gateway spoke. Whether the request reached the service behind it is unknown; 429 and 503 ask to slow down.
fn judge_status(status: u16, retry_after_s: Option<u32>) -> Response {
    let message = format!("the answer has HTTP status {status}, not 200: a gateway or proxy spoke, not the service");
    let mut response = Response::new(error::CHAT_ERR_HTTP_STATUS, message);
    response.in_doubt = true;
    if matches!(status, 429 | 503) {
        response.retry_after_ms = retry_after_s.map_or(1_000, |s| s.clamp(1, 3_600) * 1_000);
    }
    response
}

fn judge_failure(failure: &Failure, progress: Progress) -> Response {
    let sent = match progress {
        Progress::NothingWritten => "nothing was sent",
        Progress::Written => "the request was sent, no answer came; it may have taken effect",
        Progress::AnswerBegun => "the answer had begun; the request may have taken effect",
    };
    let (code, message) = match failure {
        Failure::Ended(Ended::Deadline) => (error::CHAT_ERR_TIMEOUT, format!("the deadline passed; {sent}")),
        Failure::Ended(Ended::ConnectDeadline) => {
            (error::CHAT_ERR_TIMEOUT, format!("connecting took too long; {sent}"))
        }
        Failure::Ended(Ended::Stopped(Stop::Shutdown)) => {
            (error::CHAT_ERR_SHUTDOWN, format!("the client was shut down; {sent}"))
        }
        Failure::Ended(Ended::Stopped(Stop::Cancelled)) => (
            error::CHAT_ERR_CANCELLED,
            format!("the cancel token was triggered; {sent}"),
        ),
        Failure::Ended(Ended::Stopped(Stop::Interrupted)) => (
            error::CHAT_ERR_CANCELLED,
            format!("the interrupt callback ended the call; {sent}"),
        ),
        Failure::Connect(why) | Failure::Broken(why) => (error::CHAT_ERR_TRANSPORT, format!("{why}; {sent}")),
        Failure::Tls(why) => (error::CHAT_ERR_TLS, format!("{why}; {sent}")),
        Failure::Malformed(why) => (error::CHAT_ERR_PROTOCOL, format!("{why}; {sent}")),
    };
    let mut response = Response::new(code, message);
    response.in_doubt = progress > Progress::NothingWritten;
    response
}
