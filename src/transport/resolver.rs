//! Host names to addresses, looked up at most once in 30 seconds and never by the calling thread.
//! Promises that a caller never waits past its deadline, that the last good answer serves until a newer one comes, and that a
//! client runs at most one look-up thread, started with the first name that needs one. Knows nothing of HTTP or ureq.

use std::collections::HashMap;
use std::io;
use std::net::{IpAddr, SocketAddr, ToSocketAddrs};
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use once_cell::sync::OnceCell;

use super::exchange::Failure;
use crate::process::start_thread;
use crate::wait::{Caller, Wait};

/// How long an answer counts as new.
const FRESH: Duration = Duration::from_secs(30);

pub(super) struct Resolver {
    /// Asks the system; blocks as long as the system likes.
    look_up: fn(&str) -> io::Result<Vec<IpAddr>>,
    shared: Arc<Mutex<Names>>,
    worker: OnceCell<Worker>,
}

/// The system's own way, with everything that is configured there.
fn ask_system(host: &str) -> io::Result<Vec<IpAddr>> {
    Ok((host, 0).to_socket_addrs()?.map(|address| address.ip()).collect())
}

impl Default for Resolver {
    fn default() -> Self {
        Resolver::asking(ask_system)
    }
}

#[derive(Debug)]
struct Worker {
    /// The thread's inbox; it ends when this is dropped.
    hosts: Sender<String>,
    thread: JoinHandle<()>,
    /// The process that has the thread; a forked child has only its handle.
    process: u32,
}

#[derive(Debug, Default)]
struct Names {
    known: HashMap<String, Name>,
    /// The thread is inside a look-up, which nothing can end.
    busy: bool,
    /// No further look-up begins.
    closing: bool,
}

#[derive(Debug, Default)]
struct Name {
    addresses: Vec<IpAddr>,
    /// When `addresses` came; `None` before the first answer.
    answered: Option<Instant>,
    /// The address that worked last, where that is another one than the first.
    worked: Option<IpAddr>,
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
    /// The addresses in the system's order, but for the one that worked.
    fn in_order(&self) -> Vec<IpAddr> {
        let mut addresses = self.addresses.clone();
        let worked = self
            .worked
            .and_then(|worked| addresses.iter().position(|address| *address == worked));
        if let Some(place) = worked {
            addresses[..=place].rotate_right(1);
        }
        addresses
    }
}

fn lock(names: &Mutex<Names>) -> MutexGuard<'_, Names> {
    names.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Resolver {
    fn asking(look_up: fn(&str) -> io::Result<Vec<IpAddr>>) -> Self {
        Resolver {
            look_up,
            shared: Arc::default(),
            worker: OnceCell::new(),
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
            names: &self.shared,
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
        if let Some(name) = lock(&self.shared).known.get_mut(host) {
            name.doubted = true;
        }
    }

    /// A connection to this address could be made, and it is the first to be tried from now on.
    pub fn worked(&self, host: &str, address: IpAddr) {
        if let Some(name) = lock(&self.shared).known.get_mut(host) {
            name.worked = Some(address).filter(|address| name.addresses.first() != Some(address));
        }
    }

    /// Where this address was the first only for having worked, it is so no longer.
    pub fn failed(&self, host: &str, address: IpAddr) {
        if let Some(name) = lock(&self.shared).known.get_mut(host) {
            name.worked = name.worked.filter(|worked| *worked != address);
        }
    }

    /// The addresses if they are known, asking for newer ones when they are old; `None`: wait, the call will be woken.
    fn known(&self, wait: &Wait, host: &str, awaited: &mut Option<u64>) -> Result<Option<Vec<IpAddr>>, Failure> {
        let mut names = lock(&self.shared);
        let name = names.known.entry(host.to_owned()).or_default();
        let known = name.answered.is_some();
        let fresh = name.answered.is_some_and(|at| at.elapsed() < FRESH) && !name.doubted;
        if !fresh && name.asked == name.ended {
            // Everyone who waited for a look-up that failed is told so, or gets the last good answer; who comes later asks anew.
            match &name.error {
                Some(_) if *awaited == Some(name.ended) && known => return Ok(Some(name.in_order())),
                Some(error) if *awaited == Some(name.ended) => {
                    return Err(Failure::Connect(format!("cannot look up {host}: {error}")));
                }
                _ => {}
            }
            let worker = self.worker.get_or_try_init(|| start(self.look_up, self.shared.clone()));
            let worker =
                worker.map_err(|error| Failure::Connect(format!("cannot start the look-up thread: {error}")))?;
            name.asked += u64::from(worker.hosts.send(host.to_owned()).is_ok());
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
        // In a child that was forked inside the wait, nobody lets go of the lock that the look-up thread held.
        if self.wait.is_foreign() {
            return;
        }
        if let Some(name) = lock(self.names).known.get_mut(self.host) {
            name.waiting.retain(|waiting| !Arc::ptr_eq(waiting, self.wait.caller()));
        }
    }
}

impl Drop for Resolver {
    /// Waits for the thread, so that none outlives its client, unless it is inside a look-up: that one ends by itself later.
    fn drop(&mut self) {
        let Some(Worker { hosts, thread, process }) = self.worker.take() else {
            return;
        };
        drop(hosts);
        // A forked child has neither the thread nor, perhaps, a lock that anybody will ever let go.
        if process != std::process::id() {
            return;
        }
        let busy = {
            let mut names = lock(&self.shared);
            names.closing = true;
            names.busy
        };
        if !busy {
            // It has no panic to tell of: its work is the system's look-up.
            let _ = thread.join();
        }
    }
}

/// Starts the look-up thread. It holds only the table, so it may outlive the client inside a look-up that hangs.
fn start(look_up: fn(&str) -> io::Result<Vec<IpAddr>>, names: Arc<Mutex<Names>>) -> io::Result<Worker> {
    let (hosts, inbox) = mpsc::channel();
    let thread = start_thread("tencent-chat dns", move || serve(look_up, &inbox, &names))?;
    Ok(Worker {
        hosts,
        thread,
        process: std::process::id(),
    })
}

fn serve(look_up: fn(&str) -> io::Result<Vec<IpAddr>>, hosts: &Receiver<String>, names: &Mutex<Names>) {
    while let Ok(host) = hosts.recv() {
        {
            let mut names = lock(names);
            if names.closing {
                return;
            }
            names.busy = true;
        }
        let answer = look_up(&host);
        let mut names = lock(names);
        names.busy = false;
        let name = names.known.entry(host).or_default();
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
        let resolver = Resolver::asking(slow_failure);
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
        let resolver = Resolver::asking(fails_after_the_first);
        let good = Ok(vec!["192.0.2.1:443".parse().unwrap()]);
        assert_eq!(resolve(&resolver, "h", LONG), good);
        lock(&resolver.shared).known.get_mut("h").unwrap().answered = Instant::now().checked_sub(2 * FRESH);
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
    fn the_address_that_worked_is_the_first_until_it_fails() {
        let resolver = Resolver::asking(three_addresses);
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
        resolver.failed("h", address(3));
        assert_eq!(order(), [1, 2, 3]);
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
        let resolver = Resolver::asking(hangs);
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
        let resolver = Resolver::asking(hangs);
        assert_eq!(resolve(&resolver, "::1", LONG), Ok(vec!["[::1]:443".parse().unwrap()]));
        assert!(resolver.worker.get().is_none());
    }
}
