//! Makes a connection: look-up, TCP, proxy, TLS, all within the connect timeout and ended at once with the call. Dead addresses before a good one
//! cost a moment each and not their share of the timeout (RFC 8305), and the address that worked is the first the next time.

use std::io;
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use socket2::{Domain, Protocol, Type};

use super::exchange::Failure;
use super::network::Network;
use super::poll::poll;
use super::proxy;
use super::socket::Socket;
use super::tls::{self, Stream};
use crate::attempt::Route;
use crate::origin::Origin;
use crate::process::beside_standard_streams;
use crate::wait::{Ended, Wait, Waker};

/// How long an address is alone before the next one is tried beside it. RFC 8305 recommends 250 ms and allows 100; libcurl waits as long as this.
const STAGGER: Duration = Duration::from_millis(200);

/// `route` records how long each part took, also if the connection could not be made.
pub(super) fn dial(
    network: &Network,
    origin: &Origin,
    wait: &Wait,
    limit: Duration,
    route: &mut Route,
) -> Result<(Stream, SocketAddr), Failure> {
    let wait = wait.within(limit, Ended::ConnectDeadline);
    let resolver = &network.resolver;
    let next = network.proxy.as_ref().map_or(origin, |proxy| &proxy.origin);
    let addresses = timed(&mut route.look_up, || {
        resolver.resolve(&wait, next.bare_host(), next.port)
    })?;
    // A caller who gave up says nothing about the addresses.
    let tells = |failure: &Failure| !matches!(failure, Failure::Ended(ended) if ended.is_final());
    let connected = timed(&mut route.connect, || connect(&wait, next.bare_host(), &addresses));
    let (stream, address) = connected.inspect_err(|failure| {
        if tells(failure) {
            resolver.doubt(next.bare_host());
        }
    })?;
    route.address = Some(address);
    let stream = speak(network, origin, wait, stream, route).inspect_err(|failure| {
        if tells(failure) {
            resolver.failed(next.bare_host(), address.ip());
        }
    })?;
    resolver.worked(next.bare_host(), address.ip());
    Ok((stream, address))
}

fn timed<T>(took: &mut Duration, f: impl FnOnce() -> T) -> T {
    let began = Instant::now();
    let done = f();
    *took += began.elapsed();
    done
}

/// What follows the connection: a tunnel where there is a proxy, TLS where the origin asks for it.
fn speak(
    network: &Network,
    origin: &Origin,
    wait: Wait,
    stream: TcpStream,
    route: &mut Route,
) -> Result<Stream, Failure> {
    let mut socket = Socket::new(stream, network.tcp_keepalive)
        .map_err(|error| Failure::Connect(format!("cannot set up a socket: {error}")))?;
    socket.work_for(wait)?;
    if let Some(proxy) = &network.proxy {
        timed(&mut route.connect, || proxy::tunnel(proxy, origin, &mut socket))?;
    }
    let mut stream = match origin.https {
        false => Stream::Plain(socket),
        true => {
            let shaken = timed(&mut route.tls, || {
                tls::handshake(&network.tls, origin.bare_host(), socket)
            });
            Stream::Tls(Box::new(shaken?))
        }
    };
    stream.socket_mut().rest();
    Ok(stream)
}

/// The first of the addresses that answers.
fn connect(wait: &Wait, host: &str, addresses: &[SocketAddr]) -> Result<(TcpStream, SocketAddr), Failure> {
    let mut race = Race::new(addresses, wait.time_left()?);
    loop {
        let connected = match race.begin() {
            Some(connected) => Some(connected),
            None if race.is_lost() => return Err(Failure::Connect(race.told(host))),
            None => {
                let cannot = |error| Failure::Connect(format!("cannot wait for a connection to {host}: {error}"));
                let waker = wait.waker().map_err(cannot)?;
                race.go_on(&waker, wait.slice()?).map_err(cannot)?
            }
        };
        if let Some((socket, address)) = connected {
            let set = socket.set_nonblocking(false);
            set.map_err(|error| Failure::Connect(format!("cannot set up a socket: {error}")))?;
            return Ok((socket.into(), address));
        }
        wait.polled()?;
    }
}

type Connected = (socket2::Socket, SocketAddr);

/// Attempts at several addresses, begun one after the other and then side by side.
struct Race {
    waiting: std::vec::IntoIter<SocketAddr>,
    connecting: Vec<Connected>,
    stagger: Duration,
    /// When the next one begins, unless there is nothing else to wait for.
    next: Instant,
    count: usize,
    /// The address that failed last, and why.
    failed: Option<(SocketAddr, io::Error)>,
}

impl Race {
    fn new(addresses: &[SocketAddr], time: Duration) -> Race {
        let count = addresses.len();
        // Half of the time is left for the last one.
        let share = time / 2 / u32::try_from(count).unwrap_or(u32::MAX).max(1);
        Race {
            waiting: alternating(addresses).into_iter(),
            connecting: Vec::new(),
            stagger: STAGGER.min(share),
            next: Instant::now(),
            count,
            failed: None,
        }
    }

    fn is_lost(&self) -> bool {
        self.connecting.is_empty() && self.waiting.len() == 0
    }

    /// Begins the attempts that are due; one that succeeds on the spot.
    fn begin(&mut self) -> Option<Connected> {
        while self.connecting.is_empty() || self.next <= Instant::now() {
            let address = self.waiting.next()?;
            self.next = Instant::now() + self.stagger;
            match begin(address) {
                Ok((socket, true)) => return Some((socket, address)),
                Ok((socket, false)) => self.connecting.push((socket, address)),
                Err(error) => self.fail(address, error),
            }
        }
        None
    }

    /// After an address failed, the next one is tried without waiting.
    fn fail(&mut self, address: SocketAddr, error: io::Error) {
        self.failed = Some((address, error));
        self.next = Instant::now();
    }

    /// Waits for the attempts that are under way, until the next one is due; one that succeeded.
    fn go_on(&mut self, waker: &Waker, longest: Duration) -> io::Result<Option<Connected>> {
        let until_next = self.next.saturating_duration_since(Instant::now());
        let longest = if self.waiting.len() == 0 {
            longest
        } else {
            longest.min(until_next)
        };
        let mut ended = poll(self.connecting.iter().map(|(socket, _)| socket), waker, longest)?.into_iter();
        for (socket, address) in std::mem::take(&mut self.connecting) {
            match ended.next() {
                Some(true) => match outcome(&socket) {
                    Ok(()) => return Ok(Some((socket, address))),
                    Err(error) => self.fail(address, error),
                },
                _ => self.connecting.push((socket, address)),
            }
        }
        Ok(None)
    }

    fn told(&self, host: &str) -> String {
        match &self.failed {
            Some((address, error)) if self.count > 1 => {
                let count = self.count;
                format!("cannot connect to {host}, at none of its {count} addresses; the last ({address}): {error}")
            }
            Some((address, error)) => format!("cannot connect to {host} ({address}): {error}"),
            None => format!("cannot connect to {host}: it has no address"),
        }
    }
}

/// The order of the list, but with the two families by turns: where one of them leads nowhere, it costs one moment.
fn alternating(addresses: &[SocketAddr]) -> Vec<SocketAddr> {
    let Some(first) = addresses.first() else {
        return Vec::new();
    };
    let of = |same: bool| {
        addresses
            .iter()
            .filter(move |a| (a.is_ipv6() == first.is_ipv6()) == same)
    };
    let (mut one, mut other) = (of(true), of(false));
    let mut order = Vec::with_capacity(addresses.len());
    while order.len() < addresses.len() {
        order.extend(one.next());
        order.extend(other.next());
    }
    order
}

/// Begins to connect, without waiting; whether it is connected already.
fn begin(address: SocketAddr) -> io::Result<(socket2::Socket, bool)> {
    let socket = socket2::Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
    let socket = beside_standard_streams(socket)?;
    socket.set_nonblocking(true)?;
    match socket.connect(&address.into()) {
        Ok(()) => Ok((socket, true)),
        Err(error) if is_under_way(&error) => Ok((socket, false)),
        Err(error) => Err(error),
    }
}

fn is_under_way(error: &io::Error) -> bool {
    #[cfg(unix)]
    if error.raw_os_error() == Some(libc::EINPROGRESS) {
        return true;
    }
    matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted)
}

/// Of a socket that is no longer connecting. Without an error it is connected, but not everything that answers `poll` says the truth.
fn outcome(socket: &socket2::Socket) -> io::Result<()> {
    match socket.take_error()? {
        Some(error) => Err(error),
        None => socket.peer_addr().map(drop),
    }
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;
    use std::thread;

    use super::*;

    const LONG: Duration = Duration::from_secs(20);

    fn address(text: &str) -> SocketAddr {
        text.parse().unwrap()
    }

    /// A listener whose queue is full drops further connection requests, as a dead host does.
    struct Deaf {
        listener: TcpListener,
        _waiting: Vec<TcpStream>,
    }

    impl Deaf {
        fn at(ip: &str) -> Deaf {
            let socket = socket2::Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
            socket.bind(&address(&format!("{ip}:0")).into()).unwrap();
            socket.listen(0).unwrap();
            let listener = TcpListener::from(socket);
            let own = listener.local_addr().unwrap();
            let fill = |_| TcpStream::connect_timeout(&own, Duration::from_millis(50)).ok();
            let _waiting = (0..4).filter_map(fill).collect();
            Deaf { listener, _waiting }
        }

        fn address(&self) -> SocketAddr {
            self.listener.local_addr().unwrap()
        }
    }

    #[test]
    fn families_alternate_and_the_first_stays_the_first() {
        let [a, b, c, d] = ["[::1]:1", "[::2]:1", "[::3]:1", "1.0.0.1:1"].map(address);
        assert_eq!(alternating(&[a, b, c, d]), [a, d, b, c]);
        assert_eq!(alternating(&[d, a, b, c]), [d, a, b, c]);
        assert_eq!(alternating(&[a, b]), [a, b]);
        assert_eq!(alternating(&[]), []);
    }

    /// Shared out among them, the time would be over half of it later at the soonest.
    #[test]
    fn dead_addresses_before_a_good_one_cost_a_moment_each() {
        let dead: Vec<Deaf> = (2..8).map(|n| Deaf::at(&format!("127.0.0.{n}"))).collect();
        let good = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let _listener = TcpListener::bind(good).unwrap();
        let mut addresses: Vec<SocketAddr> = dead.iter().map(Deaf::address).collect();
        addresses.push(good);
        let began = Instant::now();
        let (_, winner) = connect(&Wait::new(LONG, None), "h", &addresses).unwrap();
        assert_eq!(winner, good);
        assert!(began.elapsed() < LONG / 4, "{:?}", began.elapsed());
        assert!(began.elapsed() >= 6 * STAGGER, "each was alone for a while");
        let short = Duration::from_millis(600);
        let (_, winner) = connect(&Wait::new(short, None), "h", &addresses).unwrap();
        assert_eq!(winner, good, "the shorter the time, the shorter the moments");
    }

    #[test]
    fn addresses_that_refuse_cost_nothing_and_the_last_is_named() {
        let closed = |ip: &str| TcpListener::bind((ip, 0)).unwrap().local_addr().unwrap();
        let refusing = [closed("127.0.0.2"), closed("127.0.0.3")];
        let began = Instant::now();
        let told = connect(&Wait::new(LONG, None), "h", &refusing).unwrap_err();
        assert!(began.elapsed() < STAGGER, "{:?}", began.elapsed());
        let Failure::Connect(told) = told else {
            panic!("{told:?}")
        };
        assert!(
            told.contains("none of its 2 addresses") && told.contains("refused"),
            "{told}"
        );
        assert!(told.contains(&refusing[1].to_string()), "{told}");
    }

    #[test]
    fn whoever_ends_the_call_is_heard_while_it_connects() {
        let dead = [Deaf::at("127.0.0.2"), Deaf::at("127.0.0.3")];
        let addresses = dead.iter().map(Deaf::address).collect::<Vec<_>>();
        let wait = Wait::new(LONG, None);
        let began = Instant::now();
        thread::scope(|scope| {
            let connecting = scope.spawn(|| connect(&wait, "h", &addresses));
            thread::sleep(Duration::from_millis(50));
            wait.caller().wake();
            thread::sleep(Duration::from_millis(50));
            assert!(!connecting.is_finished(), "woken is not ended");
            wait.caller().end(Ended::Cancelled);
            assert_eq!(
                connecting.join().unwrap().unwrap_err(),
                Failure::Ended(Ended::Cancelled)
            );
        });
        assert!(began.elapsed() < LONG / 2);
        let limited = Wait::new(LONG, None).within(Duration::from_millis(100), Ended::ConnectDeadline);
        let told = connect(&limited, "h", &addresses).unwrap_err();
        assert_eq!(told, Failure::Ended(Ended::ConnectDeadline));
    }
}
