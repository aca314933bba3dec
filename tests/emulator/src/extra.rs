//! Listeners opened while the emulator runs: two ports each, before the same service. It promises that a closed listener
//! has let go of its ports and its connections, and that a handle may outlive the emulator.

use std::collections::BTreeMap;
use std::future::Future;
use std::net::IpAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{mpsc, Arc, Mutex, MutexGuard};
use std::time::Duration;

use serde::Serialize;
use tokio::runtime::Handle;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::addresses::{http_url, https_url, Addresses};
use crate::backend::Backend;
use crate::background::StartError;
use crate::certificate::{Authority, Certificate};
use crate::config::Config;
use crate::fault::Fault;
use crate::listener::{caller_service, Port};
use crate::log::{LogFile, LoggedRequest, Malformed};
use crate::outlet::{Counters, Outlet};
use crate::rate::Rate;

/// The extra listeners that are open, and what opening one takes.
pub(crate) struct Listeners {
    backend: Arc<Backend>,
    authority: Arc<Authority>,
    addresses: Arc<Addresses>,
    listen: IpAddr,
    tls_names: Vec<String>,
    log_limit: usize,
    log_file: Option<Arc<LogFile>>,
    runtime: Handle,
    open: Mutex<BTreeMap<u64, Arc<Opened>>>,
    next_id: AtomicU64,
}

impl Listeners {
    /// To be called on the emulator's own runtime.
    pub(crate) fn new(
        config: &Config,
        log_file: Option<Arc<LogFile>>,
        backend: Arc<Backend>,
        authority: Arc<Authority>,
        addresses: Arc<Addresses>,
    ) -> Self {
        Self {
            backend,
            authority,
            addresses,
            listen: config.listen,
            tls_names: config.tls_names.clone(),
            log_limit: config.log_limit,
            log_file,
            runtime: Handle::current(),
            open: Mutex::default(),
            next_id: AtomicU64::new(1),
        }
    }

    /// The emulator's own addresses.
    pub(crate) fn addresses(&self) -> &Addresses {
        &self.addresses
    }

    /// Opens one; on the emulator's own runtime.
    pub(crate) async fn open(&self, certificate: Certificate) -> Result<Arc<Opened>, StartError> {
        let http = Port::open(self.listen, 0, "HTTP").await?;
        let https = Port::open(self.listen, 0, "HTTPS").await?;
        let tls = Arc::new(self.authority.server(certificate)?);
        let id = self.next_id.fetch_add(1, Ordering::Relaxed);
        let outlet = Arc::new(Outlet::new(id, self.log_limit, self.log_file.clone()));
        let (stop, stopped) = watch::channel(());
        let told = Told {
            id,
            url: http_url(http.address),
            tls_url: https_url(https.address, &self.tls_names),
            ca_file: self.addresses.ca_file.clone(),
            certificate,
        };
        let mut tasks = http.serve_until(&stopped, caller_service(&self.backend, &outlet, None));
        tasks.extend(https.serve_until(&stopped, caller_service(&self.backend, &outlet, Some(tls))));
        let opened = Arc::new(Opened {
            outlet,
            told,
            running: Mutex::new(Some(Running { stop, tasks })),
        });
        self.table().insert(id, Arc::clone(&opened));
        Ok(opened)
    }

    pub(crate) fn all(&self) -> Vec<Told> {
        self.table().values().map(|opened| opened.told.clone()).collect()
    }

    pub(crate) fn get(&self, id: Option<u64>) -> Option<Arc<Opened>> {
        self.table().get(&id?).cloned()
    }

    /// Takes it off the table; closing it is the caller's.
    pub(crate) fn remove(&self, id: Option<u64>) -> Option<Arc<Opened>> {
        self.table().remove(&id?)
    }

    fn table(&self) -> MutexGuard<'_, BTreeMap<u64, Arc<Opened>>> {
        self.open.lock().unwrap_or_else(|e| e.into_inner())
    }

    /// Runs on the emulator's thread and waits for it; `None` when the emulator has stopped.
    fn wait_for<T: Send + 'static>(&self, what: impl Future<Output = T> + Send + 'static) -> Option<T> {
        let (tell, told) = mpsc::channel();
        self.runtime.spawn(async move {
            let _ = tell.send(what.await);
        });
        told.recv().ok()
    }
}

/// One open listener.
pub(crate) struct Opened {
    pub(crate) outlet: Arc<Outlet>,
    told: Told,
    running: Mutex<Option<Running>>,
}

/// The tasks that accept; they end when `stop` goes.
struct Running {
    stop: watch::Sender<()>,
    tasks: Vec<JoinHandle<()>>,
}

/// What the admin port tells of a listener.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Told {
    id: u64,
    url: String,
    tls_url: String,
    ca_file: String,
    certificate: Certificate,
}

impl Opened {
    pub(crate) fn told(&self) -> Told {
        self.told.clone()
    }

    /// Closes the ports and all connections, and waits until that is done.
    pub(crate) async fn close(&self) {
        let running = self.running.lock().unwrap_or_else(|e| e.into_inner()).take();
        let Some(Running { stop, tasks }) = running else { return };
        drop(stop);
        // Calls that wait in a task of their own are not carried out any more.
        self.outlet.faults.clear();
        for task in tasks {
            let _ = task.await;
        }
    }
}

/// An extra listener: two ports of the emulated service with a script, log, counters, rates and certificate of their own.
/// The state, the switches and the clock are the emulator's. Any thread may use it; dropping it closes the ports and every
/// connection.
pub struct Listener {
    opened: Arc<Opened>,
    listeners: Arc<Listeners>,
}

impl Listener {
    pub(crate) fn open(listeners: &Arc<Listeners>, certificate: Certificate) -> Result<Self, StartError> {
        let own = Arc::clone(listeners);
        let opened = listeners.wait_for(async move { own.open(certificate).await });
        let stopped = || StartError::new("the emulator has stopped; start another one");
        Ok(Self {
            opened: opened.ok_or_else(stopped)??,
            listeners: Arc::clone(listeners),
        })
    }

    /// Its number in the admin port's paths and in the log file, from 1.
    pub fn id(&self) -> u64 {
        self.opened.told.id
    }

    /// `http://127.0.0.1:{port}`.
    pub fn url(&self) -> &str {
        &self.opened.told.url
    }

    /// `https://localhost:{port}`; HTTP/1.1 only.
    pub fn tls_url(&self) -> &str {
        &self.opened.told.tls_url
    }

    /// Adds a fault behind those already scripted.
    ///
    /// # Panics
    /// When the fault cannot be played; the message says what to change.
    pub fn fault(&self, fault: Fault) {
        self.opened.outlet.script(fault);
    }

    /// Faults still to come.
    pub fn faults(&self) -> Vec<Fault> {
        self.opened.outlet.faults.remaining()
    }

    /// Forgets all faults; calls that hang, drip or wait lose their connection without being carried out.
    pub fn clear_faults(&self) {
        self.opened.outlet.faults.clear();
    }

    /// How often each fault was played since the start or the last reset, by its name in the log.
    pub fn played(&self) -> BTreeMap<String, u64> {
        self.opened.outlet.faults.played()
    }

    /// What it counted since it was opened or last reset.
    pub fn counters(&self) -> Counters {
        self.opened.outlet.counters()
    }

    /// The kept requests, newest last.
    pub fn requests(&self) -> Vec<LoggedRequest> {
        self.opened.outlet.log.requests()
    }

    /// What came and was no request: HTTP could not read it. The oldest come first.
    pub fn malformed(&self) -> Vec<Malformed> {
        self.opened.outlet.log.malformed()
    }

    /// Forgets the kept requests; the count goes on.
    pub fn forget_requests(&self) {
        self.opened.outlet.log.forget();
    }

    /// Requests since it was opened or last reset, kept or not.
    pub fn requests_total(&self) -> u64 {
        self.opened.outlet.log.total()
    }

    /// Waits until so many requests have come in all; `false` when `timeout` is over first.
    pub fn wait_for_requests(&self, number: u64, timeout: Duration) -> bool {
        self.opened.outlet.log.wait_for(number, timeout)
    }

    /// How often each command was called on it, by `v4/{service}/{command}`, faults and refusals included.
    pub fn rates(&self) -> BTreeMap<String, Rate> {
        self.opened.outlet.arrivals.rates()
    }

    /// Its faults, log, counters and rates as they were when it was opened; the state is left as it is.
    pub fn reset(&self) {
        self.opened.outlet.reset();
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.listeners.remove(Some(self.id()));
        let opened = Arc::clone(&self.opened);
        // Nothing to wait for when the emulator has stopped: it has closed everything.
        let _ = self.listeners.wait_for(async move { opened.close().await });
    }
}
