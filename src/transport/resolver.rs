//! Host names to addresses, looked up at most once in 30 seconds and never by the calling thread. A caller never waits past its deadline, and the
//! last good answer serves until a newer one comes.

use std::collections::HashMap;
use std::io;
use std::net::{IpAddr, SocketAddr, ToSocketAddrs};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::background::Background;
use super::exchange::Failure;
use crate::wait::{Caller, Wait};

/// How long an answer counts as new.
const FRESH: Duration = Duration::from_secs(30);

pub(super) struct Resolver {
    /// Asks the system; blocks as long as the system likes.
    look_up: fn(&str) -> io::Result<Vec<IpAddr>>,
    names: Arc<Mutex<Names>>,
    background: Arc<Background>,
}

/// The system's own way, with everything that is configured there.
fn ask_system(host: &str) -> io::Result<Vec<IpAddr>> {
    Ok((host, 0).to_socket_addrs()?.map(|address| address.ip()).collect())
}

type Names = HashMap<String, Name>;

#[derive(Debug, Default)]
struct Name {
    addresses: Vec<IpAddr>,
    /// When `addresses` came; `None` before the first answer.
    answered: Option<Instant>,
    /// The address to begin with, where that is not the system's first: it worked last, or the one before it failed.
    preferred: Option<IpAddr>,
    /// No address of the answer could be reached: worth waiting for a newer one.
    doubted: bool,
    /// The number of the newest look-up, and of the newest that has ended.
    asked: u64,
    ended: u64,
    /// What the newest look-up that has ended said if it failed.
    error: Option<String>,
    waiting: Vec<Arc<Caller>>,
}

impl Name {
    fn place(&self, wanted: Option<IpAddr>) -> Option<usize> {
        self.addresses.iter().position(|address| Some(*address) == wanted)
    }

    /// The addresses in the system's order, after the one to begin with.
    fn in_order(&self) -> Vec<IpAddr> {
        let mut addresses = self.addresses.clone();
        if let Some(place) = self.place(self.preferred) {
            addresses[..=place].rotate_right(1);
        }
        addresses
    }
}

fn lock(names: &Mutex<Names>) -> MutexGuard<'_, Names> {
    names.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Resolver {
    pub fn new(background: &Arc<Background>) -> Self {
        Resolver::asking(ask_system, background)
    }

    fn asking(look_up: fn(&str) -> io::Result<Vec<IpAddr>>, background: &Arc<Background>) -> Self {
        Resolver {
            look_up,
            names: Arc::default(),
            background: background.clone(),
        }
    }

    /// The addresses of `host` (a name, or an address without brackets).
    pub fn resolve(&self, wait: &Wait, host: &str, port: u16) -> Result<Vec<SocketAddr>, Failure> {
        if let Ok(address) = host.parse::<IpAddr>() {
            return Ok(vec![SocketAddr::new(address, port)]);
        }
        // The look-up whose end this call waits for.
        let mut awaited = None;
        let _leave = Leave {
            names: &self.names,
            host,
            wait,
        };
        loop {
            if let Some(addresses) = self.known(wait, host, &mut awaited)? {
                return Ok(addresses.into_iter().map(|ip| SocketAddr::new(ip, port)).collect());
            }
            wait.nap()?;
        }
    }

    /// After no address of `host` could be reached: the next caller waits for a new answer.
    pub fn doubt(&self, host: &str) {
        if let Some(name) = lock(&self.names).get_mut(host) {
            name.doubted = true;
        }
    }

    /// A connection to this address could be made, and it is the first to be tried from now on.
    pub fn worked(&self, host: &str, address: IpAddr) {
        if let Some(name) = lock(&self.names).get_mut(host) {
            name.preferred = Some(address).filter(|address| name.addresses.first() != Some(address));
        }
    }

    /// A connection to this address was made and came to nothing, as where a server hangs in the handshake: the next one has its turn.
    pub fn failed(&self, host: &str, address: IpAddr) {
        if let Some(name) = lock(&self.names).get_mut(host) {
            let first = name.preferred.or(name.addresses.first().copied()) == Some(address);
            if let Some(place) = name.place(Some(address)).filter(|_| first) {
                name.preferred = name.addresses.get(place + 1).copied();
            }
        }
    }

    /// The addresses if they are known, asking for newer ones when they are old; `None`: wait, the call will be woken.
    fn known(&self, wait: &Wait, host: &str, awaited: &mut Option<u64>) -> Result<Option<Vec<IpAddr>>, Failure> {
        let mut names = lock(&self.names);
        let name = names.entry(host.to_owned()).or_default();
        let known = name.answered.is_some();
        let fresh = name.answered.is_some_and(|at| at.elapsed() < FRESH) && !name.doubted;
        if !fresh && name.asked == name.ended {
            // All who waited for a failed look-up get its error or the last good answer; later callers ask again.
            match &name.error {
                Some(_) if *awaited == Some(name.ended) && known => return Ok(Some(name.in_order())),
                Some(error) if *awaited == Some(name.ended) => {
                    return Err(Failure::Connect(format!("cannot look up {host}: {error}")));
                }
                _ => {}
            }
            let (look_up, table, asked) = (self.look_up, self.names.clone(), host.to_owned());
            let sent = self.background.errand(move || settle(&table, &asked, look_up(&asked)));
            sent.map_err(|error| Failure::Connect(format!("cannot start the look-up thread: {error}")))?;
            name.asked += 1;
        }
        if known && !name.doubted {
            return Ok(Some(name.in_order()));
        }
        awaited.get_or_insert(name.asked);
        if !name.waiting.iter().any(|waiting| Arc::ptr_eq(waiting, wait.caller())) {
            name.waiting.push(wait.caller().clone());
        }
        Ok(None)
    }
}

/// Takes a caller off the list of those who wait, however its wait ends.
struct Leave<'a> {
    names: &'a Mutex<Names>,
    host: &'a str,
    wait: &'a Wait,
}

impl Drop for Leave<'_> {
    fn drop(&mut self) {
        // In a child that was forked inside the wait, the lock that the look-up thread held is never released.
        if self.wait.is_foreign() {
            return;
        }
        if let Some(name) = lock(self.names).get_mut(self.host) {
            name.waiting.retain(|waiting| !Arc::ptr_eq(waiting, self.wait.caller()));
        }
    }
}

/// A look-up came back: its answer is for everyone who waits for it.
fn settle(names: &Mutex<Names>, host: &str, answer: io::Result<Vec<IpAddr>>) {
    let mut names = lock(names);
    let Some(name) = names.get_mut(host) else { return };
    name.ended = name.asked;
    match answer {
        Ok(addresses) if !addresses.is_empty() => {
            name.addresses = addresses;
            name.answered = Some(Instant::now());
            name.doubted = false;
            name.error = None;
        }
        Ok(_) => name.error = Some("it has no address".into()),
        Err(error) => name.error = Some(error.to_string()),
    }
    for waiting in name.waiting.drain(..) {
        waiting.wake();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::thread;

    use super::*;
    use crate::wait::Ended;

    fn resolve(resolver: &Resolver, host: &str, within: Duration) -> Result<Vec<SocketAddr>, Failure> {
        resolver.resolve(&Wait::new(within, None), host, 443)
    }

    const LONG: Duration = Duration::from_secs(20);

    fn slow_failure(_: &str) -> io::Result<Vec<IpAddr>> {
        static ASKED: AtomicUsize = AtomicUsize::new(0);
        thread::sleep(Duration::from_millis(100));
        Err(io::Error::other(format!(
            "failure {}",
            ASKED.fetch_add(1, Ordering::SeqCst)
        )))
    }

    #[test]
    fn everyone_who_waits_for_a_failing_look_up_is_told_and_who_comes_later_asks_anew() {
        let resolver = Resolver::asking(slow_failure, &Arc::default());
        let told = |number| Err(Failure::Connect(format!("cannot look up h: failure {number}")));
        thread::scope(|scope| {
            let callers: Vec<_> = (0..8).map(|_| scope.spawn(|| resolve(&resolver, "h", LONG))).collect();
            for caller in callers {
                assert_eq!(caller.join().unwrap(), told(0));
            }
        });
        assert_eq!(resolve(&resolver, "h", LONG), told(1));
    }

    fn fails_after_the_first(_: &str) -> io::Result<Vec<IpAddr>> {
        static ASKED: AtomicUsize = AtomicUsize::new(0);
        match ASKED.fetch_add(1, Ordering::SeqCst) {
            0 => Ok(vec!["192.0.2.1".parse().unwrap()]),
            _ => Err(io::Error::other("dead")),
        }
    }

    #[test]
    fn the_last_good_answer_serves_until_a_newer_one_comes() {
        let resolver = Resolver::asking(fails_after_the_first, &Arc::default());
        let good = Ok(vec!["192.0.2.1:443".parse().unwrap()]);
        assert_eq!(resolve(&resolver, "h", LONG), good);
        lock(&resolver.names).get_mut("h").unwrap().answered = Instant::now().checked_sub(2 * FRESH);
        for _ in 0..3 {
            assert_eq!(resolve(&resolver, "h", LONG), good, "old, but the only one there is");
        }
        resolver.doubt("h");
        assert_eq!(resolve(&resolver, "h", LONG), good, "asked anew, in vain");
    }

    fn three_addresses(_: &str) -> io::Result<Vec<IpAddr>> {
        Ok((1..=3).map(|n| IpAddr::from([192, 0, 2, n])).collect())
    }

    #[test]
    fn the_address_that_worked_is_the_first_until_it_fails_and_then_the_next_one() {
        let resolver = Resolver::asking(three_addresses, &Arc::default());
        let order = || -> Vec<u8> {
            let addresses = resolve(&resolver, "h", LONG).unwrap();
            let last = |address: SocketAddr| address.ip().to_string().split('.').next_back()?.parse().ok();
            addresses.into_iter().filter_map(last).collect()
        };
        let address = |n| IpAddr::from([192, 0, 2, n]);
        assert_eq!(order(), [1, 2, 3]);
        resolver.worked("h", address(3));
        assert_eq!(order(), [3, 1, 2]);
        resolver.failed("h", address(1));
        assert_eq!(order(), [3, 1, 2], "another one failed");
        for next in [[1, 2, 3], [2, 1, 3], [3, 1, 2], [1, 2, 3]] {
            resolver.failed("h", address(order()[0]));
            assert_eq!(order(), next);
        }
        resolver.worked("h", address(2));
        resolver.worked("h", address(1));
        assert_eq!(order(), [1, 2, 3]);
    }

    fn hangs(_: &str) -> io::Result<Vec<IpAddr>> {
        thread::sleep(Duration::from_secs(2));
        Ok(Vec::new())
    }

    #[test]
    fn a_look_up_that_hangs_holds_neither_the_caller_nor_the_end_of_the_client() {
        let resolver = Resolver::asking(hangs, &Arc::default());
        assert_eq!(
            resolve(&resolver, "h", Duration::from_millis(30)),
            Err(Failure::Ended(Ended::Deadline))
        );
        let before = Instant::now();
        drop(resolver);
        assert!(before.elapsed() < Duration::from_secs(1), "the look-up still hangs");
    }

    #[test]
    fn an_address_is_not_looked_up() {
        let resolver = Resolver::asking(hangs, &Arc::default());
        assert_eq!(resolve(&resolver, "::1", LONG), Ok(vec!["[::1]:443".parse().unwrap()]));
        assert!(!resolver.background.has_started());
    }
}
