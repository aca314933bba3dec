//! One exchange with the service: a request goes out, an answer or the place where it broke comes back.
//! The only place that knows ureq, which brings HTTP/1.1 and the pool; sockets, look-ups and TLS are ours so that a call can be
//! ended at any time, no name is looked up for a live connection and no thread starts per call.
//! Promises that the signature, which stands in the query, passes through no memory that is not wiped: ureq never sees it.

mod proxy;
mod resolver;
mod socket;
pub(crate) mod tls;

use std::fmt;
use std::io::{self, Read, Write};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use ureq::http::Uri;
use ureq::unversioned::resolver::{ResolvedSocketAddrs, Resolver as UreqResolver};
use ureq::unversioned::transport::{
    Buffers, ConnectionDetails, Connector, LazyBuffers, NextTimeout, Transport as UreqTransport,
};
use ureq::Agent;
use zeroize::{Zeroize, Zeroizing};

use self::resolver::Resolver;
use self::socket::{EndedError, Socket};
use self::tls::Stream;
use crate::call::{Call, Ended, Progress};
use crate::config::{Config, Origin, Proxy};
use crate::error::Error;
use crate::stats::Stats;

/// Below the idle time of the servers and balancers that are known (15 s is also ureq's own choice).
const LONGEST_IDLE: Duration = Duration::from_secs(15);
/// Input and output buffer of a connection. A whole request and a whole answer of a typed call fit.
const BUFFER: usize = 16 * 1_024;

/// Where and why an exchange broke.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Failure {
    Ended(Ended),
    /// The name could not be looked up, or no connection made to the host or through the proxy.
    Connect(String),
    Tls(String),
    /// The connection broke while the request was sent or the answer awaited.
    Broken(String),
    /// The answer had begun, but not ended.
    CutShort(String),
    /// What came is not an HTTP answer.
    Malformed(String),
}

impl From<Ended> for Failure {
    fn from(ended: Ended) -> Self {
        Failure::Ended(ended)
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        match error.get_ref().and_then(|inner| inner.downcast_ref::<EndedError>()) {
            Some(ended) => Failure::Ended(ended.0),
            None => Failure::Broken(broken(&error)),
        }
    }
}

/// Why a connection broke, in the words of the operating system or of TLS; never in ureq's.
fn broken(error: &io::Error) -> String {
    let tls = error.get_ref().filter(|inner| inner.is::<rustls::Error>());
    match (error.kind(), error.raw_os_error(), tls) {
        (io::ErrorKind::UnexpectedEof, ..) => "the other side closed the connection".into(),
        (_, Some(_), _) => format!("the connection broke: {error}"),
        (_, None, Some(tls)) => format!("the connection broke: TLS: {tls}"),
        (kind, None, None) => format!("the connection broke: {kind}"),
    }
}

/// What one exchange brought.
#[derive(Debug, Default)]
pub(crate) struct Exchange {
    /// 0: no answer's head was read.
    pub http_status: u16,
    /// Pause that a throttling gateway asks for, in seconds.
    pub retry_after_s: Option<u32>,
    /// As much of the body as came, within the limit.
    pub body: Vec<u8>,
    pub progress: Progress,
    pub failure: Option<Failure>,
}

impl Exchange {
    /// Whether it failed before there was a connection.
    pub fn is_unreachable(&self) -> bool {
        let failed = matches!(
            self.failure,
            Some(Failure::Connect(_) | Failure::Tls(_) | Failure::Ended(Ended::ConnectDeadline))
        );
        failed && self.progress == Progress::NothingWritten
    }
}

/// The way to one host. Any number of threads.
pub(crate) struct Transport {
    network: Arc<Network>,
    /// All that ureq is told of where a request goes; path and query are put in by [`Connection`].
    root: Uri,
    /// Replaced after a panic, which may leave ureq's pool lock poisoned.
    agent: RwLock<Agent>,
}

/// What the hosts of a client share.
#[derive(Clone)]
pub(crate) struct Shared(Arc<Settings>);

struct Settings {
    proxy: Option<Proxy>,
    max_connections: usize,
    resolver: Resolver,
    tls: Arc<rustls::ClientConfig>,
    user_agent: String,
    stats: Arc<Stats>,
}

impl Shared {
    /// Reads the CA files.
    pub fn new(config: &Config, stats: &Arc<Stats>) -> Result<Self, Error> {
        let mut user_agent = concat!("tencent-chat/", env!("CARGO_PKG_VERSION")).to_owned();
        if let Some(suffix) = &config.user_agent_suffix {
            user_agent = format!("{user_agent} {suffix}");
        }
        Ok(Shared(Arc::new(Settings {
            proxy: config.proxy.clone(),
            max_connections: config.max_connections as usize,
            resolver: Resolver::default(),
            tls: tls::client_config(config)?,
            user_agent,
            stats: stats.clone(),
        })))
    }
}

/// What every connection to one host shares.
struct Network {
    origin: Origin,
    settings: Arc<Settings>,
}

impl Transport {
    pub fn new(shared: &Shared, origin: Origin) -> Self {
        let settings = shared.0.clone();
        let root = format!("{origin}/").parse().expect("an origin was read from a URL");
        let network = Arc::new(Network { origin, settings });
        let agent = RwLock::new(agent(&network));
        Transport { network, root, agent }
    }

    /// Sends `body` to `target` (path and query, which hold the signature) and reads at most `limit` bytes of the answer.
    pub fn exchange(&self, call: &Call, target: Zeroizing<String>, body: &[u8], limit: usize) -> Exchange {
        let mut exchange = Exchange::default();
        call.begin_attempt(target);
        let result = self.run(body, limit, &mut exchange);
        call.end_attempt();
        exchange.progress = call.progress();
        exchange.failure = result
            .err()
            .map(|failure| self.explain(failure, exchange.progress, exchange.body.len()));
        exchange
    }

    fn run(&self, body: &[u8], limit: usize, exchange: &mut Exchange) -> Result<(), Failure> {
        let agent = self.agent.read().unwrap_or_else(PoisonError::into_inner).clone();
        let request = ureq::http::Request::post(self.root.clone())
            .header("content-type", "application/json")
            .body(body)
            .map_err(|_| Failure::Malformed("the request cannot be put into HTTP; please report this".into()))?;
        let response = agent.run(request).map_err(from_ureq)?;
        exchange.http_status = response.status().as_u16();
        exchange.retry_after_s = response
            .headers()
            .get("retry-after")
            .and_then(|value| value.to_str().ok()?.trim().parse().ok());
        let answer = response.into_body();
        let expected = answer.content_length().and_then(|length| usize::try_from(length).ok());
        read_bounded(&mut answer.into_reader(), expected, limit, &mut exchange.body)
    }

    /// The same break reads differently before and after the answer began.
    fn explain(&self, failure: Failure, progress: Progress, got: usize) -> Failure {
        match failure {
            Failure::Broken(_) if progress == Progress::AnswerBegun => {
                Failure::CutShort(format!("the answer was cut short after {got} bytes of its body"))
            }
            Failure::Broken(why) => Failure::Broken(format!("{}: {why}", self.network.origin)),
            other => other,
        }
    }

    /// After a panic on any thread: nothing of the old agent is trusted, not even its locks.
    pub fn replace_agent(&self) {
        let new = agent(&self.network);
        let old = std::mem::replace(&mut *self.agent.write().unwrap_or_else(PoisonError::into_inner), new);
        drop(old);
    }
}

impl fmt::Debug for Transport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Transport")
            .field("origin", &self.network.origin)
            .field("proxy", &self.network.settings.proxy)
            .finish()
    }
}

fn agent(network: &Arc<Network>) -> Agent {
    let max_connections = network.settings.max_connections;
    let config = Agent::config_builder()
        .proxy(None)
        .http_status_as_error(false)
        .max_redirects(0)
        .max_redirects_will_error(false)
        .max_idle_connections(max_connections)
        .max_idle_connections_per_host(max_connections)
        .max_idle_age(LONGEST_IDLE)
        .input_buffer_size(BUFFER)
        .output_buffer_size(BUFFER)
        .user_agent(network.settings.user_agent.as_str())
        .accept("")
        .accept_encoding("")
        .build();
    Agent::with_parts(config, Dialer(network.clone()), NoLookup)
}

/// How much of an answer is read at a time where its length is not known.
const STEP: usize = 1_024;

/// Reads to the end, or one byte past the limit, keeping what came. `expected`: the length that the answer's head tells.
fn read_bounded(
    reader: &mut impl Read,
    expected: Option<usize>,
    limit: usize,
    body: &mut Vec<u8>,
) -> Result<(), Failure> {
    loop {
        let got = body.len();
        // One byte more than may come, so that the end is seen in the same step; and the NUL that C needs fits later.
        let room = expected
            .map_or(STEP, |length| length.saturating_sub(got))
            .min(limit - got)
            .min(64 * STEP)
            + 1;
        if body.try_reserve(room).is_err() {
            return Err(Failure::Malformed(format!(
                "no memory for an answer of more than {got} bytes"
            )));
        }
        body.resize(got + room, 0);
        let read = reader.read(&mut body[got..]);
        body.truncate(got + read.as_ref().map_or(0, |n| *n));
        match read {
            Ok(0) => return Ok(()),
            Ok(_) if body.len() > limit => {
                body.truncate(limit);
                return Err(Failure::Malformed(format!("the answer is larger than {limit} bytes")));
            }
            Ok(_) => {}
            Err(error) => return Err(from_reader(error)),
        }
    }
}

/// ureq wraps its own errors when a body is read through `io::Read`.
fn from_reader(error: io::Error) -> Failure {
    let is_ended = error.get_ref().is_some_and(|inner| inner.is::<EndedError>());
    if is_ended {
        return Failure::from(error);
    }
    match error.downcast::<ureq::Error>() {
        Ok(error) => from_ureq(error),
        Err(error) => Failure::from(error),
    }
}

/// ureq's errors without their texts.
fn from_ureq(error: ureq::Error) -> Failure {
    match error {
        ureq::Error::Other(inner) => match inner.downcast::<FailureError>() {
            Ok(failure) => failure.0,
            Err(_) => Failure::Broken("the connection failed".into()),
        },
        ureq::Error::Io(error) => Failure::from(error),
        ureq::Error::Protocol(_) | ureq::Error::LargeResponseHeader(..) => {
            Failure::Malformed("the answer is not readable HTTP".into())
        }
        _ => Failure::Broken("the connection failed".into()),
    }
}

/// Carries a [`Failure`] through ureq.
#[derive(Debug)]
struct FailureError(Failure);

impl fmt::Display for FailureError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.0)
    }
}

impl std::error::Error for FailureError {}

impl From<Failure> for ureq::Error {
    fn from(failure: Failure) -> Self {
        ureq::Error::Other(Box::new(FailureError(failure)))
    }
}

/// ureq asks for addresses on every call, pooled connection or not; ours are looked up by the [`Dialer`] when it needs them.
#[derive(Debug)]
struct NoLookup;

impl UreqResolver for NoLookup {
    fn resolve(&self, _: &Uri, _: &ureq::config::Config, _: NextTimeout) -> Result<ResolvedSocketAddrs, ureq::Error> {
        Ok(self.empty())
    }
}

/// Makes connections: look-up, TCP, proxy, TLS, all within the connect timeout.
struct Dialer(Arc<Network>);

impl fmt::Debug for Dialer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Dialer({})", self.0.origin)
    }
}

impl Connector<()> for Dialer {
    type Out = Connection;

    fn connect(&self, _: &ConnectionDetails, _: Option<()>) -> Result<Option<Connection>, ureq::Error> {
        let call = socket::current_call().map_err(Failure::from)?;
        call.begin_connecting();
        let stream = self.dial(&call);
        call.connected();
        Ok(Some(Connection::new(stream?, self.0.settings.stats.clone())))
    }
}

impl Dialer {
    fn dial(&self, call: &Call) -> Result<Stream, Failure> {
        let (network, settings) = (&*self.0, &*self.0.settings);
        let next = settings.proxy.as_ref().map_or(&network.origin, |proxy| &proxy.origin);
        let addresses = settings.resolver.resolve(call, next.bare_host(), next.port)?;
        let mut socket = Socket::connect(call, next.bare_host(), &addresses).inspect_err(|failure| {
            // A caller who gave up says nothing about the addresses.
            if !matches!(failure, Failure::Ended(Ended::Stopped(_) | Ended::Deadline)) {
                settings.resolver.doubt(next.bare_host());
            }
        })?;
        socket.own(call)?;
        if let Some(proxy) = &settings.proxy {
            proxy::tunnel(proxy, &network.origin, &mut socket)?;
        }
        if !network.origin.https {
            return Ok(Stream::Plain(socket));
        }
        let stream = tls::handshake(&settings.tls, network.origin.bare_host(), socket)?;
        Ok(Stream::Tls(Box::new(stream)))
    }
}

/// A connection as ureq's pool keeps it.
struct Connection {
    stream: Stream,
    buffers: LazyBuffers,
    /// Head and body gather here and leave in one write when the answer is awaited. Never grows, so that nothing is left behind.
    pending: Vec<u8>,
    /// Whether a call uses it; else it lies in the pool.
    busy: bool,
    /// The next bytes are a request's first.
    at_head: bool,
    stats: Arc<Stats>,
}

impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connection")
            .field("tls", &self.stream.is_tls())
            .finish_non_exhaustive()
    }
}

impl Connection {
    fn new(stream: Stream, stats: Arc<Stats>) -> Self {
        stats.connections_opened.add(1);
        stats.connections_open.add(1);
        Connection {
            stream,
            buffers: LazyBuffers::new(BUFFER, BUFFER),
            pending: Vec::with_capacity(2 * BUFFER),
            busy: true,
            at_head: true,
            stats,
        }
    }

    /// Puts the call's own path and query in the place of ureq's, which are `/`, so that the signature is never in memory that is not
    /// wiped. How much of ureq's output is done with.
    fn begin_request(&mut self, amount: usize) -> io::Result<usize> {
        const LINE: &[u8] = b"POST /";
        let call = socket::current_call()?;
        let target = call.target();
        let known = self.buffers.output()[..amount].starts_with(b"POST / HTTP/1.1\r\n");
        if !known || target.len() + amount + LINE.len() > self.pending.capacity() {
            return Err(io::Error::other("the request has no room"));
        }
        self.pending.extend_from_slice(b"POST ");
        self.pending.extend_from_slice(target.as_bytes());
        Ok(LINE.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        let call = socket::current_call()?;
        call.confirm_slot().map_err(EndedError)?;
        let before = self.stream.socket().taken;
        let sent = self.stream.write_all(&self.pending).and_then(|()| self.stream.flush());
        if self.stream.socket().taken > before {
            call.reached(Progress::Written);
        }
        // What it held, not its whole room: that is clean.
        self.pending.as_mut_slice().zeroize();
        self.pending.clear();
        sent
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.pending.zeroize();
        self.stats.connections_open.take_away(1);
    }
}

impl UreqTransport for Connection {
    fn buffers(&mut self) -> &mut dyn Buffers {
        &mut self.buffers
    }

    fn transmit_output(&mut self, amount: usize, _: NextTimeout) -> Result<(), ureq::Error> {
        let mut output = 0..amount;
        if std::mem::take(&mut self.at_head) {
            output.start = self.begin_request(amount)?;
        }
        if self.pending.len() + output.len() > self.pending.capacity() {
            self.flush()?;
        }
        self.pending.extend_from_slice(&self.buffers.output()[output]);
        Ok(())
    }

    fn await_input(&mut self, _: NextTimeout) -> Result<bool, ureq::Error> {
        if !self.pending.is_empty() {
            self.flush()?;
        }
        let n = self.stream.read(self.buffers.input_append_buf())?;
        self.buffers.input_appended(n);
        if n > 0 {
            socket::current_call()?.reached(Progress::AnswerBegun);
        }
        Ok(n > 0)
    }

    /// Asked once when an answer was read to its end (back to the pool) and once before the next request (out of it).
    fn is_open(&mut self) -> bool {
        let Some(call) = Call::current() else { return false };
        if self.busy {
            self.busy = false;
            call.disown();
            return true;
        }
        self.busy = true;
        self.at_head = true;
        // ureq's pool is locked here.
        crate::injected_panic::at("pool");
        // A call that was stopped meanwhile says nothing about the connection; it ends at its first step.
        let _ = self.stream.socket().own(&call);
        self.stream.is_quiet()
    }

    fn is_tls(&self) -> bool {
        self.stream.is_tls()
    }
}
