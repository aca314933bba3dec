//! HTTP/1.1 on one connection: the only file that knows ureq. An [`Agent`] of its own goes with each connection, which is lent to ureq for an
//! exchange and comes back when ureq lets go of it; so ureq looks up no name, makes no connection and keeps none. It never sees the signature, a
//! connection is used again only if its answer was read to the end, and a panic costs one connection and nothing else.

use std::fmt;
use std::io::{self, Read, Write};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, SystemTime};

use ureq::config::Config;
use ureq::http::{header, HeaderMap, HeaderValue, Request, Uri};
use ureq::unversioned::resolver::{ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::{Buffers, ConnectionDetails, Connector, LazyBuffers, NextTimeout, Transport};
use ureq::Agent;
use zeroize::{Zeroize, Zeroizing};

use super::exchange::{Exchange, Failure};
use super::socket::EndedError;
use super::tls::Stream;
use crate::attempt::Progress;
use crate::error::Error;
use crate::origin::Origin;
use crate::stats::Stats;
use crate::wait::Wait;

/// Input and output buffer of a connection. A whole request and a whole answer of a typed call fit.
const BUFFER: usize = 16 * 1_024;
/// How much of an answer is read at a time where its length is not known.
const STEP: usize = 1_024;

/// All that ureq knows of where a request goes; [`Wire`] puts in path and query.
#[derive(Debug)]
pub(super) struct Root {
    uri: Uri,
    /// What ureq would make anew for each request: host, and port if it is not the scheme's own.
    host: HeaderValue,
}

impl Root {
    pub fn of(origin: &Origin) -> Root {
        let uri: Uri = format!("{origin}/").parse().expect("an origin was read from a URL");
        let host = uri
            .authority()
            .and_then(|host| HeaderValue::from_str(host.as_str()).ok());
        Root {
            host: host.expect("the host of a URL is a header's value"),
            uri,
        }
    }
}

/// What a client calls itself.
#[derive(Debug)]
pub(super) struct UserAgent(HeaderValue);

impl UserAgent {
    pub fn new(suffix: Option<&str>) -> Result<UserAgent, Error> {
        let own = concat!("tencent-chat/", env!("CARGO_PKG_VERSION"));
        let whole = suffix.map_or(own.to_owned(), |suffix| format!("{own} {suffix}"));
        let value = HeaderValue::try_from(whole);
        value
            .map(UserAgent)
            .map_err(|_| Error::argument("user_agent: at most 256 printable ASCII characters"))
    }
}

/// What one exchange sends.
pub(super) struct Outgoing<'a> {
    pub root: &'a Root,
    pub user_agent: &'a UserAgent,
    /// Path and query, with the signature.
    pub target: Zeroizing<String>,
    pub body: &'a [u8],
}

/// A connection with what it takes to speak HTTP on it.
pub(super) struct Connection {
    /// What it is connected to.
    pub address: SocketAddr,
    agent: Agent,
    lent: Slot,
    /// `None` while it is lent to ureq, and for good if that ended in a panic.
    wire: Option<Box<Wire>>,
}

type Slot = Arc<Mutex<Option<Box<Wire>>>>;

impl Connection {
    pub fn new(stream: Stream, address: SocketAddr, stats: &Arc<Stats>) -> Connection {
        let lent = Slot::default();
        let agent = Agent::with_parts(config(), Lender(lent.clone()), NoLookup);
        Connection {
            address,
            agent,
            lent,
            wire: Some(Box::new(Wire::new(stream, stats.clone()))),
        }
    }

    /// Whether the peer neither closed nor said anything unasked.
    pub fn is_quiet(&mut self) -> bool {
        self.wire.as_mut().is_some_and(|wire| wire.stream.is_quiet())
    }

    /// Whether another exchange may use it: this one's answer was read to its end, or nothing was sent at all.
    pub fn is_reusable(&self) -> bool {
        self.wire.as_ref().is_some_and(|wire| wire.whole)
    }

    /// One request and its answer, read as far as it comes and `limit` allows.
    pub fn exchange(
        &mut self,
        wait: Wait,
        outgoing: Outgoing<'_>,
        limit: usize,
        exchange: &mut Exchange,
    ) -> Result<(), Failure> {
        let Some(mut wire) = self.wire.take() else {
            return Err(Failure::Broken("the connection is lost".into()));
        };
        if let Err(ended) = wire.begin(wait, outgoing.target) {
            self.wire = Some(wire);
            return Err(ended);
        }
        *self.slot() = Some(wire);
        let result = run(
            &self.agent,
            outgoing.root,
            outgoing.user_agent,
            outgoing.body,
            limit,
            exchange,
        );
        let back = self.slot().take();
        self.wire = back;
        if let Some(wire) = &mut self.wire {
            wire.end();
            exchange.progress = wire.progress;
        }
        result
    }

    fn slot(&self) -> MutexGuard<'_, Option<Box<Wire>>> {
        self.lent.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Connection").field(&self.wire).finish()
    }
}

/// Made once in a process: ureq reads the environment for a proxy whenever it makes one, and that races with a host that changes it.
fn config() -> Config {
    static CONFIG: OnceLock<Config> = OnceLock::new();
    let made = || {
        Agent::config_builder()
            .proxy(None)
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .input_buffer_size(BUFFER)
            .output_buffer_size(BUFFER)
            .user_agent("")
            .accept("")
            .accept_encoding("")
            .build()
    };
    CONFIG.get_or_init(made).clone()
}

fn run(
    agent: &Agent,
    root: &Root,
    user_agent: &UserAgent,
    body: &[u8],
    limit: usize,
    exchange: &mut Exchange,
) -> Result<(), Failure> {
    let request = Request::post(root.uri.clone())
        .header(header::HOST, root.host.clone())
        .header(header::CONTENT_TYPE, HeaderValue::from_static("application/json"))
        .header(header::USER_AGENT, user_agent.0.clone())
        .body(body)
        .map_err(|_| Failure::Malformed("the request cannot be put into HTTP; please report this".into()))?;
    let response = agent.run(request).map_err(from_ureq)?;
    exchange.http_status = response.status().as_u16();
    exchange.retry_after = pause(response.headers());
    exchange.clock_ahead = date(response.headers()).and_then(clock_ahead);
    let answer = response.into_body();
    let expected = answer.content_length().and_then(|length| usize::try_from(length).ok());
    read_bounded(&mut answer.into_reader(), expected, limit, &mut exchange.body)
}

/// The longest pause that the answer's head asks for.
fn pause(headers: &HeaderMap) -> Option<Duration> {
    let asked = headers.get_all(header::RETRY_AFTER).into_iter();
    asked
        .filter_map(|asked| retry_after(asked.to_str().ok()?, date(headers)))
        .max()
}

fn date(headers: &HeaderMap) -> Option<&str> {
    headers.get(header::DATE)?.to_str().ok()
}

fn date_of(text: &str) -> Option<SystemTime> {
    httpdate::parse_http_date(text.trim()).ok()
}

/// A Date has whole seconds, so that up to one second more or less says nothing.
fn clock_ahead(date: &str) -> Option<i64> {
    let seconds = |time: Duration| i64::try_from(time.as_secs()).unwrap_or(i64::MAX);
    Some(match SystemTime::now().duration_since(date_of(date)?) {
        Ok(ahead) => seconds(ahead),
        Err(behind) => -seconds(behind.duration()),
    })
}

/// The pause that a `Retry-After` asks for: in seconds, or until a date by the clock of the sender.
fn retry_after(asked: &str, date: Option<&str>) -> Option<Duration> {
    let asked = asked.trim();
    let (seconds, fraction) = asked.split_once('.').unwrap_or((asked, ""));
    if !seconds.is_empty() && format!("{seconds}{fraction}").bytes().all(|byte| byte.is_ascii_digit()) {
        // Beyond all numbers, or beside the rule with a fraction, it is still a pause that is asked for.
        let seconds = seconds.parse().unwrap_or(u64::MAX);
        return Some(Duration::from_secs(
            seconds.saturating_add(u64::from(!fraction.is_empty())),
        ));
    }
    let now = date.and_then(date_of).unwrap_or_else(SystemTime::now);
    Some(date_of(asked)?.duration_since(now).unwrap_or_default())
}

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
        ureq::Error::Io(error) if error.get_ref().is_some_and(|inner| inner.is::<NoRoom>()) => {
            Failure::Malformed(format!("the head of the answer is larger than {} KiB", BUFFER / 1_024))
        }
        ureq::Error::Io(error) => Failure::from(error),
        ureq::Error::Protocol(error) => Failure::Malformed(malformed(&format!("{error:?}")).into()),
        ureq::Error::LargeResponseHeader(..) => Failure::Malformed("the head of the answer is too large".into()),
        _ => Failure::Broken("the connection failed".into()),
    }
}

/// By the name of the kind, since the type has none that is public; the version is pinned.
fn malformed(kind: &str) -> &'static str {
    match kind {
        "HttpParseTooManyHeaders" => "the head of the answer has too many lines, more than 128",
        "UnsupportedVersion" => "the answer is of another HTTP version than 1.1",
        _ if kind.starts_with("Chunk") => {
            "the chunks of the answer cannot be read: a chunk's size is damaged, or has more than 20 characters with its extensions"
        }
        _ if kind.contains("ContentLength") => "the answer contradicts itself about its length",
        _ => "the answer is not readable HTTP",
    }
}

/// The input buffer is full, and what is in it is still no whole head.
#[derive(Debug)]
struct NoRoom;

impl fmt::Display for NoRoom {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the head of the answer is too large")
    }
}

impl std::error::Error for NoRoom {}

/// Asked for a connection, it hands over the one that the exchange is about.
#[derive(Debug)]
struct Lender(Slot);

impl Connector<()> for Lender {
    type Out = Lent;

    fn connect(&self, _: &ConnectionDetails, _: Option<()>) -> Result<Option<Lent>, ureq::Error> {
        let wire = self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        Ok(wire.map(|wire| Lent {
            wire: Some(wire),
            slot: self.0.clone(),
        }))
    }
}

/// ureq asks for addresses on every exchange; there is a connection already.
#[derive(Debug)]
struct NoLookup;

impl Resolver for NoLookup {
    fn resolve(&self, _: &Uri, _: &Config, _: NextTimeout) -> Result<ResolvedSocketAddrs, ureq::Error> {
        Ok(self.empty())
    }
}

/// A connection in ureq's hands; goes back on drop.
#[derive(Debug)]
struct Lent {
    /// `None` only while it is dropped.
    wire: Option<Box<Wire>>,
    slot: Slot,
}

impl Lent {
    fn wire(&mut self) -> &mut Wire {
        self.wire.as_mut().expect("it has its wire until it is dropped")
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        *self.slot.lock().unwrap_or_else(PoisonError::into_inner) = self.wire.take();
    }
}

impl Transport for Lent {
    fn buffers(&mut self) -> &mut dyn Buffers {
        &mut self.wire().buffers
    }

    fn transmit_output(&mut self, amount: usize, _: NextTimeout) -> Result<(), ureq::Error> {
        self.wire().transmit(amount).map_err(ureq::Error::from)
    }

    fn await_input(&mut self, _: NextTimeout) -> Result<bool, ureq::Error> {
        self.wire().receive().map_err(ureq::Error::from)
    }

    /// Called when an answer was read to its end and the connection may be kept. It is kept elsewhere, so ureq must let go of it.
    fn is_open(&mut self) -> bool {
        self.wire().whole = true;
        false
    }

    fn is_tls(&self) -> bool {
        self.wire.as_ref().is_some_and(|wire| wire.stream.is_tls())
    }
}

/// The stream of a connection, and what is on its way in and out.
struct Wire {
    stream: Stream,
    buffers: LazyBuffers,
    /// Head and body gather here and leave in one write when the answer is awaited. Never grows, so that nothing is left behind.
    pending: Vec<u8>,
    /// The exchange's path and query, until they are in `pending`.
    target: Zeroizing<String>,
    progress: Progress,
    /// No exchange has left anything unread on it.
    whole: bool,
    stats: Arc<Stats>,
}

impl fmt::Debug for Wire {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Wire")
            .field("tls", &self.stream.is_tls())
            .finish_non_exhaustive()
    }
}

impl Wire {
    fn new(stream: Stream, stats: Arc<Stats>) -> Self {
        stats.connections_opened.add(1);
        stats.connections_open.add(1);
        Wire {
            stream,
            buffers: LazyBuffers::new(BUFFER, BUFFER),
            pending: Vec::with_capacity(2 * BUFFER),
            target: Zeroizing::default(),
            progress: Progress::NothingWritten,
            whole: true,
            stats,
        }
    }

    fn begin(&mut self, wait: Wait, target: Zeroizing<String>) -> Result<(), Failure> {
        self.stream.socket_mut().work_for(wait)?;
        self.progress = Progress::NothingWritten;
        self.whole = false;
        self.target = target;
        Ok(())
    }

    fn end(&mut self) {
        self.stream.socket_mut().rest();
        self.target = Zeroizing::default();
    }

    /// ureq's output gathers in `pending`.
    fn transmit(&mut self, amount: usize) -> io::Result<()> {
        let mut output = 0..amount;
        if !self.target.is_empty() {
            output.start = self.begin_request(amount)?;
        }
        if self.pending.len() + output.len() > self.pending.capacity() {
            self.flush()?;
        }
        self.pending.extend_from_slice(&self.buffers.output()[output]);
        Ok(())
    }

    /// Puts the call's own path and query in the place of ureq's, which are `/`, so that the signature is never in memory that is not
    /// wiped. How much of ureq's output is done with.
    fn begin_request(&mut self, amount: usize) -> io::Result<usize> {
        const LINE: &[u8] = b"POST /";
        let target = std::mem::take(&mut self.target);
        let known = self.buffers.output()[..amount].starts_with(b"POST / HTTP/1.1\r\n");
        if !known || target.len() + amount + LINE.len() > self.pending.capacity() {
            return Err(io::Error::other("the request has no room"));
        }
        self.pending.extend_from_slice(b"POST ");
        self.pending.extend_from_slice(target.as_bytes());
        Ok(LINE.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        let before = self.stream.socket().taken;
        let sent = self.stream.write_all(&self.pending).and_then(|()| self.stream.flush());
        if self.stream.socket().taken > before {
            self.progress = self.progress.max(Progress::Written);
        }
        // What it held, not its whole room: that is clean.
        self.pending.as_mut_slice().zeroize();
        self.pending.clear();
        sent
    }

    /// Sends what is pending and reads what comes next; whether anything came.
    fn receive(&mut self) -> io::Result<bool> {
        if !self.pending.is_empty() {
            self.flush()?;
        }
        let room = self.buffers.input_append_buf();
        if room.is_empty() {
            return Err(io::Error::other(NoRoom));
        }
        let n = self.stream.read(room)?;
        self.buffers.input_appended(n);
        if n > 0 {
            self.progress = Progress::AnswerBegun;
        }
        Ok(n > 0)
    }
}

impl Drop for Wire {
    fn drop(&mut self) {
        self.pending.zeroize();
        self.stats.connections_open.take_away(1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pause_is_understood_in_every_form_http_has_for_it() {
        const NOW: Option<&str> = Some("Sun, 06 Nov 1994 08:49:37 GMT");
        for (asked, expected) in [
            ("0", Some(0)),
            (" 3600 ", Some(3_600)),
            ("1.5", Some(2)),
            ("99999999999999999999999", Some(u64::MAX)),
            ("Sun, 06 Nov 1994 09:49:37 GMT", Some(3_600)),
            ("Sunday, 06-Nov-94 09:49:37 GMT", Some(3_600)),
            ("Sun Nov  6 09:49:37 1994", Some(3_600)),
            ("Sun, 06 Nov 1994 08:00:00 GMT", Some(0)),
            ("", None),
            ("-1", None),
            ("soon", None),
        ] {
            assert_eq!(retry_after(asked, NOW), expected.map(Duration::from_secs), "{asked}");
        }
        let in_an_hour = httpdate::fmt_http_date(SystemTime::now() + Duration::from_secs(3_600));
        let pause = retry_after(&in_an_hour, None).unwrap().as_secs();
        assert!(
            (3_590..=3_600).contains(&pause),
            "without a Date of the sender's, by our clock: {pause}"
        );
    }
}
