//! Host names to addresses, looked up at most once in 30 seconds and never by the calling thread.
//! Promises that a caller never waits past its deadline, that the last good answer serves until a newer one comes, and that a
//! client runs at most one look-up thread, started with the first name that needs one. Knows nothing of HTTP or ureq.

use std::collections::HashMap;
use std::io;
use std::net::{IpAddr, SocketAddr, ToSocketAddrs};
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use once_cell::sync::OnceCell;

use super::Failure;
use crate::call::{Call, Stopper};

/// How long an answer counts as new.
const FRESH: Duration = Duration::from_secs(30);

#[derive(Debug, Default)]
pub(super) struct Resolver {
    shared: Arc<Mutex<Names>>,
    worker: OnceCell<Worker>,
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
    /// When `addresses` came; `None` before the first answer, and when every address of it was found dead.
    answered: Option<Instant>,
    /// A look-up is under way.
    asked: bool,
    /// What the last look-up said if it failed.
    error: Option<String>,
    waiting: Vec<Arc<Stopper>>,
}

fn lock(names: &Mutex<Names>) -> MutexGuard<'_, Names> {
    names.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Resolver {
    /// The addresses of `host` (a name, or an address without brackets).
    pub fn resolve(&self, call: &Call, host: &str, port: u16) -> Result<Vec<SocketAddr>, Failure> {
        if let Ok(address) = host.parse::<IpAddr>() {
            return Ok(vec![SocketAddr::new(address, port)]);
        }
        loop {
            if let Some(addresses) = self.known(call, host)? {
                return Ok(addresses.into_iter().map(|ip| SocketAddr::new(ip, port)).collect());
            }
            call.nap(Duration::MAX)?;
        }
    }

    /// After no address of `host` could be reached: the next caller waits for a new answer.
    pub fn doubt(&self, host: &str) {
        if let Some(name) = lock(&self.shared).known.get_mut(host) {
            name.answered = None;
        }
    }

    /// The addresses if they are known, asking for newer ones when they are old; `None`: wait, `call` will be nudged.
    fn known(&self, call: &Call, host: &str) -> Result<Option<Vec<IpAddr>>, Failure> {
        let mut names = lock(&self.shared);
        let name = names.known.entry(host.to_owned()).or_default();
        name.waiting.retain(|waiting| !Arc::ptr_eq(waiting, call.stopper()));
        let fresh = name.answered.is_some_and(|at| at.elapsed() < FRESH);
        if !fresh && !name.asked {
            if let Some(error) = name.error.take().filter(|_| name.answered.is_none()) {
                return Err(Failure::Lookup(format!("cannot look up {host}: {error}")));
            }
            let worker = self.worker.get_or_try_init(|| start(self.shared.clone()));
            let worker =
                worker.map_err(|error| Failure::Lookup(format!("cannot start the look-up thread: {error}")))?;
            name.asked = worker.hosts.send(host.to_owned()).is_ok();
        }
        if name.answered.is_some() {
            return Ok(Some(name.addresses.clone()));
        }
        name.waiting.push(call.stopper().clone());
        Ok(None)
    }
}

impl Drop for Resolver {
    /// Waits for the thread, so that none outlives its client, unless it is inside a look-up: that one ends by itself later.
    fn drop(&mut self) {
        let Some(Worker { hosts, thread, process }) = self.worker.take() else {
            return;
        };
        drop(hosts);
        let busy = {
            let mut names = lock(&self.shared);
            names.closing = true;
            names.busy
        };
        if !busy && process == std::process::id() {
            // It catches no panic, and has none to tell of: its work is the system's look-up.
            let _ = thread.join();
        }
    }
}

/// Starts the look-up thread. It holds only the table, so it may outlive the client inside a look-up that hangs.
fn start(names: Arc<Mutex<Names>>) -> io::Result<Worker> {
    let (hosts, inbox) = mpsc::channel();
    let thread = thread::Builder::new()
        .name("tencent-chat dns".into())
        .spawn(move || serve(&inbox, &names))?;
    Ok(Worker {
        hosts,
        thread,
        process: std::process::id(),
    })
}

fn serve(hosts: &Receiver<String>, names: &Mutex<Names>) {
    while let Ok(host) = hosts.recv() {
        {
            let mut names = lock(names);
            if names.closing {
                return;
            }
            names.busy = true;
        }
        let answer = (host.as_str(), 0)
            .to_socket_addrs()
            .map(|found| found.map(|a| a.ip()).collect::<Vec<_>>());
        let mut names = lock(names);
        names.busy = false;
        let name = names.known.entry(host).or_default();
        name.asked = false;
        match answer {
            Ok(addresses) if !addresses.is_empty() => {
                *name = Name {
                    addresses,
                    answered: Some(Instant::now()),
                    ..std::mem::take(name)
                };
                name.error = None;
            }
            Ok(_) => name.error = Some("it has no address".into()),
            Err(error) => name.error = Some(error.to_string()),
        }
        for waiting in name.waiting.drain(..) {
            waiting.nudge();
        }
    }
}
