//! The connection to the server of the shared limit: made, kept, made anew; one trip is one run of the script. No step takes longer than its timeout
//! once the address is known, and errors are fixed words, which can hold no secret. Protocol, scripts and errors are the crate's; the stream is ours,
//! because the crate's own takes no roots beside the built-in ones and keeps the password in memory that is not wiped.

use std::io::{self, Read, Write};
use std::net::{TcpStream, ToSocketAddrs};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use redis::{ConnectionLike, ErrorKind, RedisError, RedisResult, Script, Value};
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, ClientConnection, StreamOwned};
use zeroize::Zeroizing;

use super::socket::LimitSocket;
use crate::config::{LimitServer, LimitServerPlace, Login};
use crate::origin::Origin;
use crate::pace::refused::Why;

/// An answer of the script is a hundredth of this.
const LONGEST_ANSWER: u64 = 64 * 1_024;

impl From<RedisError> for Why {
    fn from(error: RedisError) -> Self {
        match (error.kind(), error.code()) {
            (ErrorKind::Io, _) if error.is_timeout() => Why::Silent,
            (ErrorKind::Io, _) => Why::Broken,
            (_, Some("NOAUTH")) => Why::LoginWanted,
            (_, Some("WRONGPASS")) => Why::LoginRefused,
            (_, Some("NOPERM")) => Why::NotAllowed,
            (_, Some("WRONGTYPE")) => Why::Foreign,
            (_, Some("LOADING" | "BUSY" | "TRYAGAIN")) => Why::Loading,
            (_, Some("READONLY" | "MASTERDOWN")) => Why::ReadOnly,
            (_, Some("OOM" | "MISCONF" | "NOREPLICAS")) => Why::Full,
            (_, Some("MOVED" | "ASK" | "CLUSTERDOWN" | "CROSSSLOT")) => Why::Cluster,
            (_, Some(_)) => Why::from_words(error.detail().unwrap_or_default()),
            _ => Why::Unreadable,
        }
    }
}

impl Why {
    /// An error of no kind of its own: the words of Redis and Valkey, read and never repeated.
    fn from_words(words: &str) -> Why {
        let say = |part: &str| words.contains(part);
        if say("DB index") || say("invalid DB") {
            Why::Database
        } else if say("can't run this command") || say("no permissions") {
            Why::NotAllowed
        } else if say("nknown command") || say("nknown Redis command") {
            Why::NoScripts
        } else if say("WRONGTYPE") {
            Why::Foreign
        } else if say("max number of clients") {
            Why::Full
        } else {
            Why::Refused
        }
    }
}

/// What the script is asked for; times in microseconds.
#[derive(Clone, Debug)]
pub(crate) struct Order {
    pub command: String,
    pub wanted: usize,
    pub horizon: u64,
    /// The latest slot given to this process, on the server's clock; 0: none.
    pub seen: i64,
    /// No slot sooner than so long from now is of use.
    pub lead: i64,
    /// Others may be on their fallback for so long.
    pub listen: u64,
}

/// What the script answered, on the server's clock in microseconds.
#[derive(Clone, Debug)]
pub(crate) struct Reply {
    pub now: i64,
    pub next: i64,
    pub slots: Vec<i64>,
    /// When the question left and the answer was here, on this machine's clock.
    pub sent: Instant,
    pub received: Instant,
}

/// No clock shows a later time: the script counts in doubles.
const LATEST: i64 = 1 << 53;
/// The script takes a slot that lies further ahead than 35 seconds for one of another clock; the next one may lie behind it.
const FARTHEST_NEXT: i64 = 40_000_000;

/// Runs the script on the server, over a connection that is kept.
pub(crate) struct ScriptRunner {
    server: LimitServer,
    tls: Option<Arc<ClientConfig>>,
    script: Script,
    /// Microseconds between two slots, and in the window.
    spacing: u64,
    window: u64,
    /// What stands before the command in a key.
    keys: String,
    link: Option<Link>,
}

impl ScriptRunner {
    /// `calls_per_second` of each command of the app `sdk_app_id`.
    pub fn new(
        server: LimitServer,
        tls: Option<Arc<ClientConfig>>,
        sdk_app_id: u32,
        calls_per_second: u32,
        window: Duration,
    ) -> Self {
        let window = u64::try_from(window.as_micros()).unwrap_or(u64::MAX);
        ScriptRunner {
            keys: format!("tencent-chat:{}:{sdk_app_id}:", server.name),
            script: Script::new(include_str!("reserve.lua")),
            // Rounded up: a microsecond too little would let one call too many into the window.
            spacing: window.div_ceil(u64::from(calls_per_second)),
            window,
            server,
            tls,
            link: None,
        }
    }

    /// One trip. `own` gets the socket of a new connection, and may refuse it.
    pub fn reserve(&mut self, order: &Order, own: &impl Fn(&LimitSocket) -> bool) -> Result<Reply, Why> {
        if let Some(link) = self.link.take() {
            match self.ask(link, order) {
                // A kept connection may have died since: that says nothing about the server.
                Err(Why::Broken) => {}
                answer => return answer,
            }
        }
        let link = Link::open(&self.server, self.tls.as_ref(), own)?;
        self.ask(link, order)
    }

    /// Keeps the connection if the script answered.
    fn ask(&mut self, mut link: Link, order: &Order) -> Result<Reply, Why> {
        let mut run = self.script.key(format!("{}{}", self.keys, order.command));
        run.arg(self.spacing)
            .arg(self.window)
            .arg(order.wanted)
            .arg(order.horizon)
            .arg(order.seen)
            .arg(order.lead)
            .arg(order.listen);
        let answer: RedisResult<Vec<i64>> = run.invoke(&mut link);
        let answer = answer.map_err(|error| link.why(error))?;
        let (&[now, next], slots) = answer.split_first_chunk().ok_or(Why::Unreadable)?;
        if !self.is_credible(now, next, slots, order) {
            return Err(Why::Unreadable);
        }
        let (sent, received) = (link.sent, link.received);
        self.link = Some(link);
        Ok(Reply {
            sent,
            received,
            now,
            next,
            slots: slots.to_vec(),
        })
    }

    /// Whether the script can have answered that. Anybody may own the key, or the port.
    fn is_credible(&self, now: i64, next: i64, slots: &[i64], order: &Order) -> bool {
        let spacing = i64::try_from(self.spacing).unwrap_or(i64::MAX);
        let horizon = i64::try_from(order.horizon).unwrap_or(i64::MAX);
        let ahead = |time: i64| time.checked_sub(now).filter(|ahead| *ahead >= 0);
        (1..LATEST).contains(&now)
            && slots.len() <= order.wanted
            && ahead(next).is_some_and(|ahead| ahead <= FARTHEST_NEXT)
            && slots
                .iter()
                .all(|slot| ahead(*slot).is_some_and(|ahead| ahead <= horizon))
            && slots.windows(2).all(|pair| pair[1] - pair[0] >= spacing)
    }
}

enum ServerStream {
    Plain(LimitSocket),
    Tls(Box<StreamOwned<ClientConnection, LimitSocket>>),
}

impl Read for ServerStream {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            ServerStream::Plain(stream) => stream.read(buffer),
            ServerStream::Tls(stream) => stream.read(buffer),
        }
    }
}

impl ServerStream {
    fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        match self {
            ServerStream::Plain(stream) => stream.write_all(bytes),
            ServerStream::Tls(stream) => stream.write_all(bytes).and_then(|()| stream.flush()),
        }
    }
}

/// A connection that is logged in.
struct Link {
    stream: ServerStream,
    parser: redis::Parser,
    database: u16,
    /// Of the latest command.
    sent: Instant,
    received: Instant,
}

impl Link {
    fn open(
        server: &LimitServer,
        tls: Option<&Arc<ClientConfig>>,
        own: &impl Fn(&LimitSocket) -> bool,
    ) -> Result<Link, Why> {
        let socket = connect(server)?;
        if !own(&socket) {
            return Err(Why::Broken);
        }
        let stream = match (tls, &server.place) {
            (Some(config), LimitServerPlace::Host(host)) => {
                ServerStream::Tls(Box::new(handshake(config, host.bare_host(), socket)?))
            }
            _ => ServerStream::Plain(socket),
        };
        let mut link = Link {
            stream,
            parser: redis::Parser::new(),
            database: server.database,
            sent: Instant::now(),
            received: Instant::now(),
        };
        if let Some(login) = &server.login {
            let answer = link.req_packed_command(&auth(login)).and_then(Value::extract_error);
            answer.map_err(|error| match Why::from(error) {
                // A server without a password says so in words of its own.
                Why::Refused => Why::LoginRefused,
                why => why,
            })?;
        }
        if server.database != 0 {
            let selected = redis::cmd("SELECT").arg(server.database).exec(&mut link);
            selected.map_err(|error| match link.why(error) {
                Why::NotAllowed => Why::SelectNotAllowed,
                why => why,
            })?;
        }
        Ok(link)
    }

    /// Why it refused; one that knows no scripts may be a sentinel, which says so.
    fn why(&mut self, error: RedisError) -> Why {
        match Why::from(error) {
            Why::NoScripts if self.is_sentinel() => Why::Sentinel,
            why => why,
        }
    }

    fn is_sentinel(&mut self) -> bool {
        let role: RedisResult<Vec<Value>> = redis::cmd("ROLE").query(self);
        role.is_ok_and(|role| matches!(role.first(), Some(Value::BulkString(name)) if name == b"sentinel"))
    }
}

/// AUTH as it goes on the wire; written here so that no copy of the password is left in memory.
fn auth(login: &Login) -> Zeroizing<Vec<u8>> {
    let parts: &[&[u8]] = match login.user.is_empty() {
        true => &[b"AUTH", &login.password],
        false => &[b"AUTH", &login.user, &login.password],
    };
    let length: usize = parts.iter().map(|part| part.len() + 32).sum();
    let mut bytes = Zeroizing::new(Vec::with_capacity(length));
    bytes.extend(format!("*{}\r\n", parts.len()).as_bytes());
    for part in parts {
        bytes.extend(format!("${}\r\n", part.len()).as_bytes());
        bytes.extend_from_slice(part);
        bytes.extend(b"\r\n");
    }
    bytes
}

impl ConnectionLike for Link {
    fn req_packed_command(&mut self, cmd: &[u8]) -> RedisResult<Value> {
        self.sent = Instant::now();
        self.stream.send(cmd)?;
        let answer = self.parser.parse_value((&mut self.stream).take(LONGEST_ANSWER));
        self.received = Instant::now();
        answer
    }

    fn req_packed_commands(&mut self, cmd: &[u8], offset: usize, count: usize) -> RedisResult<Vec<Value>> {
        self.stream.send(cmd)?;
        let mut answers = Vec::with_capacity(count);
        for index in 0..offset + count {
            let answer = self.parser.parse_value((&mut self.stream).take(LONGEST_ANSWER))?;
            if index >= offset {
                answers.push(answer);
            }
        }
        Ok(answers)
    }

    fn get_db(&self) -> i64 {
        self.database.into()
    }

    fn check_connection(&mut self) -> bool {
        redis::cmd("PING").exec(self).is_ok()
    }

    /// One that failed is dropped at once.
    fn is_open(&self) -> bool {
        true
    }
}

fn connect(server: &LimitServer) -> Result<LimitSocket, Why> {
    match &server.place {
        LimitServerPlace::Host(host) => connect_to_host(host, server.timeout),
        LimitServerPlace::Socket(path) => connect_to_socket(path, server.timeout),
    }
}

/// It takes no time, or somebody does not take connections any more; then it is given up as a trip that hangs is.
fn connect_to_socket(path: &Path, timeout: Duration) -> Result<LimitSocket, Why> {
    LimitSocket::unix(path, timeout).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::ConnectionRefused => Why::Connect,
        io::ErrorKind::PermissionDenied => Why::SocketNotAllowed,
        _ => Why::Broken,
    })
}

fn connect_to_host(host: &Origin, timeout: Duration) -> Result<LimitSocket, Why> {
    let addresses = (host.bare_host(), host.port)
        .to_socket_addrs()
        .map_err(|_| Why::LookUp)?;
    let mut why = Why::LookUp;
    for address in addresses {
        match TcpStream::connect_timeout(&address, timeout) {
            Ok(stream) => return LimitSocket::tcp(stream, timeout).map_err(|_| Why::Broken),
            Err(error) if error.kind() == io::ErrorKind::TimedOut => why = Why::Silent,
            Err(_) => why = Why::Connect,
        }
    }
    Err(why)
}

fn handshake(
    config: &Arc<ClientConfig>,
    host: &str,
    mut socket: LimitSocket,
) -> Result<StreamOwned<ClientConnection, LimitSocket>, Why> {
    let name = ServerName::try_from(host.to_owned()).map_err(|_| Why::Tls)?;
    let mut connection = ClientConnection::new(config.clone(), name).map_err(|_| Why::Tls)?;
    while connection.is_handshaking() {
        connection
            .complete_io(&mut socket)
            .map_err(|error| match error.kind() {
                io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut => Why::Silent,
                _ => Why::Tls,
            })?;
    }
    Ok(StreamOwned::new(connection, socket))
}
