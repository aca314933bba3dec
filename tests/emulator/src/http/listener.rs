//! Listeners: two ports each, HTTP and HTTPS, before the same service, with a script, log, counters and rates of their own.
//! The emulator's own ports are listener 0; others are opened while it runs. One that is closed has let go of its ports and
//! its connections, and a handle may outlive the emulator.

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
use tokio_rustls::rustls::ServerConfig;

use crate::admin::addresses::{http_url, https_url, Addresses};
use crate::backend::Backend;
use crate::background::StartError;
use crate::config::Config;
use crate::faults::script::Faults;
use crate::faults::Fault;
use crate::http::certificate::{Authority, Certificate};
use crate::http::counters::{Connections, Counters};
use crate::http::log::{Log, LogFile, LoggedRequest, Malformed, News};
use crate::http::port::{caller_service, Port};
use crate::world::rates::{Arrivals, Rate};

/// What one listener has of its own; two of them know nothing of each other.
pub(crate) struct ListenerState {
    /// 0: the emulator's own ports.
    pub(crate) id: u64,
    pub(crate) faults: Faults,
    pub(crate) log: Log,
    pub(crate) arrivals: Arrivals,
    pub(crate) connections: Connections,
}

impl ListenerState {
    fn new(id: u64, log_limit: usize, file: Option<Arc<LogFile>>, news: News) -> Self {
        Self {
            id,
            faults: Faults::default(),
            log: Log::new(log_limit, file, news),
            arrivals: Arrivals::default(),
            connections: Connections::default(),
        }
    }

    /// Everything of its own as it was at the start; calls that hang are let go.
    pub(crate) fn reset(&self) {
        self.faults.reset();
        self.log.reset();
        self.arrivals.reset();
        self.connections.reset();
    }
}

/// The listeners that are open, and what opening one takes.
pub(crate) struct Listeners {
    pub(crate) backend: Arc<Backend>,
    authority: Arc<Authority>,
    /// The emulator's own.
    pub(crate) addresses: Addresses,
    listen: IpAddr,
    tls_names: Vec<String>,
    log_limit: usize,
    log_file: Option<Arc<LogFile>>,
    /// Of the requests of all listeners.
    pub(crate) news: News,
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
        addresses: Addresses,
    ) -> Self {
        Self {
            backend,
            authority,
            addresses,
            listen: config.listen,
            tls_names: config.tls_names.clone(),
            log_limit: config.log_limit,
            log_file,
            news: News::default(),
            runtime: Handle::current(),
            open: Mutex::default(),
            next_id: AtomicU64::new(1),
        }
    }

    /// Opens one; on the emulator's own runtime.
    pub(crate) async fn open(&self, certificate: Certificate) -> Result<Arc<Opened>, StartError> {
        let http = Port::open(self.listen, 0, "HTTP").await?;
        let https = Port::open(self.listen, 0, "HTTPS").await?;
        let tls = Arc::new(self.authority.server(certificate)?);
        let id = self.next_id.fetch_add(1, Ordering::Relaxed);
        Ok(self.serve(id, (http, https), certificate, tls))
    }

    /// Serves calls on two ports.
    pub(crate) fn serve(
        &self,
        id: u64,
        (http, https): (Port, Port),
        certificate: Certificate,
        tls: Arc<ServerConfig>,
    ) -> Arc<Opened> {
        let state = Arc::new(ListenerState::new(
            id,
            self.log_limit,
            self.log_file.clone(),
            self.news.clone(),
        ));
        let (stop, stopped) = watch::channel(());
        let told = Told {
            id,
            url: http_url(http.address),
            tls_url: https_url(https.address, &self.tls_names),
            ca_file: self.addresses.ca_file.clone(),
            certificate,
        };
        let mut tasks = http.serve_until(&stopped, caller_service(&self.backend, &state, None));
        tasks.extend(https.serve_until(&stopped, caller_service(&self.backend, &state, Some(tls))));
        let opened = Arc::new(Opened {
            state,
            told,
            running: Mutex::new(Some(Running { stop, tasks })),
        });
        self.table().insert(id, Arc::clone(&opened));
        opened
    }

    /// Everything as it was at the start; calls that hang are let go. Extra listeners keep what is theirs.
    pub(crate) fn reset(&self) {
        self.backend.reset();
        if let Some(main) = self.get(Some(0)) {
            main.state.reset();
        }
    }

    /// Those that were opened beside the emulator's own.
    pub(crate) fn extra(&self) -> Vec<Told> {
        let table = self.table();
        table.range(1..).map(|(_, opened)| opened.told.clone()).collect()
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
    pub(crate) state: Arc<ListenerState>,
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
        self.state.faults.clear();
        for task in tasks {
            let _ = task.await;
        }
    }
}

/// Two ports of the emulated service with a script, log, counters, rates and certificate of their own. The state, the switches
/// and the clock are the emulator's, whose own ports are one, too. Any thread may use it; dropping it closes the ports and
/// every connection.
pub struct Listener {
    pub(crate) opened: Arc<Opened>,
    pub(crate) listeners: Arc<Listeners>,
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

    /// Its number in the admin port's paths and in the log file: 0 for the emulator's own, 1 and so on for those opened later.
    pub fn id(&self) -> u64 {
        self.opened.told.id
    }

    /// `http://127.0.0.1:{port}`.
    pub fn url(&self) -> &str {
        &self.opened.told.url
    }

    /// `https://localhost:{port}`, or the address where 127.0.0.1 does not reach the port. HTTP/2 only on listener 0.
    pub fn tls_url(&self) -> &str {
        &self.opened.told.tls_url
    }

    /// Adds a fault behind those already scripted.
    ///
    /// # Panics
    /// When the fault cannot be played; the message says what to change.
    pub fn fault(&self, fault: Fault) {
        let added = fault.checked().and_then(|fault| self.opened.state.faults.add([fault]));
        added.unwrap_or_else(|what| panic!("fault: {what}"));
    }

    /// Faults still to come.
    pub fn faults(&self) -> Vec<Fault> {
        self.opened.state.faults.remaining()
    }

    /// Forgets all faults; calls that hang, drip or wait lose their connection without being carried out.
    pub fn clear_faults(&self) {
        self.opened.state.faults.clear();
    }

    /// How often each fault was played since the start or the last reset, by its name in the log.
    pub fn played(&self) -> BTreeMap<String, u64> {
        self.opened.state.faults.played()
    }

    /// What it counted since it was opened or last reset.
    pub fn counters(&self) -> Counters {
        Counters::of(&self.opened.state)
    }

    /// The kept requests, newest last.
    pub fn requests(&self) -> Vec<LoggedRequest> {
        self.opened.state.log.requests()
    }

    /// What came and was no request: HTTP could not read it. The oldest come first.
    pub fn malformed(&self) -> Vec<Malformed> {
        self.opened.state.log.malformed()
    }

    /// Forgets the kept requests; the count goes on.
    pub fn forget_requests(&self) {
        self.opened.state.log.forget();
    }

    /// Requests since it was opened or last reset, kept or not.
    pub fn requests_total(&self) -> u64 {
        self.opened.state.log.total()
    }

    /// Waits until so many requests have come in all; `false` when `timeout` is over first.
    pub fn wait_for_requests(&self, number: u64, timeout: Duration) -> bool {
        self.opened.state.log.wait_for(number, timeout)
    }

    /// How often each command was called on it, by `v4/{service}/{command}`, faults and refusals included.
    pub fn rates(&self) -> BTreeMap<String, Rate> {
        self.opened.state.arrivals.rates()
    }

    /// Its faults, log, counters and rates as they were when it was opened; the state is left as it is.
    pub fn reset(&self) {
        self.opened.state.reset();
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
