//! A running emulator as a value: started synchronously, stopped and joined on drop, any number side by side. It promises
//! that every listener answers once `start` has returned.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use crate::addresses::{http_url, https_url, Addresses};
use crate::backend::Backend;
use crate::background::{Background, StartError};
use crate::certificate::{Certificate, Certificates};
use crate::clock::ClockSetting;
use crate::config::{Config, Settings};
use crate::extra::{Listener, Listeners};
use crate::fault::Fault;
use crate::listener::{caller_service, Port};
use crate::log::{LogFile, LoggedRequest, Malformed};
use crate::outlet::{Counters, Outlet};
use crate::proxy::ProxyConnect;
use crate::rate::Rate;
use crate::state::State;
use crate::visitor::Visitors;
use crate::{admin, proxy};

/// The emulated service on its own ports. Any thread may use it; dropping it closes every connection, removes the CA
/// file and waits for its thread.
pub struct Emulator {
    // Dropped first: the thread ends before the CA file goes.
    _background: Background,
    backend: Arc<Backend>,
    addresses: Arc<Addresses>,
    certificates: Certificates,
    listeners: Arc<Listeners>,
    log_file: Option<Arc<LogFile>>,
}

impl Emulator {
    /// Starts an emulator. Errors say which port or file was the matter.
    pub fn start(config: Config) -> Result<Self, StartError> {
        let config = config.checked().map_err(StartError::new)?;
        let file = config.log_file.as_deref().map(LogFile::open).transpose();
        let file = file.map_err(StartError::new)?.map(Arc::new);
        let certificates = Certificates::make(&config.tls_names, config.listen)?;
        let main = Arc::new(Outlet::new(0, config.log_limit, file.clone()));
        let backend = Arc::new(Backend::new(&config, main));
        let log_file = file.clone();
        let set_up = {
            let backend = Arc::clone(&backend);
            let tls = Arc::clone(&certificates.server);
            let authority = Arc::clone(&certificates.authority);
            let ca_file = certificates.ca_file().to_string_lossy().into_owned();
            move || async move {
                let ports = Ports::open(&config).await?;
                let addresses = Arc::new(ports.addresses(&config, ca_file));
                let main = &backend.main;
                ports.http.serve(caller_service(&backend, main, None));
                ports.https.serve(caller_service(&backend, main, Some(tls)));
                if let Some(port) = ports.proxy {
                    proxy::serve(port, config.proxy_login.clone(), backend.connects.clone());
                }
                let listeners = Listeners::new(&config, file, Arc::clone(&backend), authority, Arc::clone(&addresses));
                let listeners = Arc::new(listeners);
                let visitors = Visitors::new(config.listen, &config.tls_names);
                admin::serve(ports.admin, backend, Arc::clone(&listeners), visitors);
                Ok((addresses, listeners))
            }
        };
        let (background, (addresses, listeners)) = Background::start("chat-emulator", set_up)?;
        Ok(Self {
            _background: background,
            backend,
            addresses,
            certificates,
            listeners,
            log_file,
        })
    }

    /// Opens two more ports of the same service with a script, log, counters, rates and certificate of their own, so that
    /// tests that run side by side do not see each other's. They close when the [`Listener`] is dropped. Errors say what
    /// was the matter.
    pub fn open_listener(&self, certificate: Certificate) -> Result<Listener, StartError> {
        Listener::open(&self.listeners, certificate)
    }

    /// The ready line: a JSON object with the URLs and the CA file.
    pub fn ready_line(&self) -> String {
        self.addresses.to_json()
    }

    /// `http://127.0.0.1:{port}`.
    pub fn url(&self) -> &str {
        &self.addresses.url
    }

    /// `https://localhost:{port}`, or the address where 127.0.0.1 does not reach the port.
    pub fn tls_url(&self) -> &str {
        &self.addresses.tls_url
    }

    /// URL of the admin port.
    pub fn admin_url(&self) -> &str {
        &self.addresses.admin_url
    }

    /// URL of the CONNECT proxy, if [`Config::proxy_port`] asked for one.
    pub fn proxy_url(&self) -> Option<&str> {
        self.addresses.proxy_url.as_deref()
    }

    /// The CA certificate to trust, as a PEM file; it goes with the emulator.
    pub fn ca_file(&self) -> &Path {
        self.certificates.ca_file()
    }

    /// The CA certificate to trust, as PEM text.
    pub fn ca_pem(&self) -> &str {
        &self.certificates.ca_pem
    }

    /// Adds a fault behind those already scripted.
    ///
    /// # Panics
    /// When the fault cannot be played; the message says what to change.
    pub fn fault(&self, fault: Fault) {
        self.backend.main.script(fault);
    }

    /// How often each fault was played since the start or the last reset, by its name in the log.
    pub fn played(&self) -> BTreeMap<String, u64> {
        self.backend.main.faults.played()
    }

    /// What the HTTP and the HTTPS port counted since the start or the last reset.
    pub fn counters(&self) -> Counters {
        self.backend.main.counters()
    }

    /// Faults still to come.
    pub fn faults(&self) -> Vec<Fault> {
        self.backend.main.faults.remaining()
    }

    /// Forgets all faults; calls that hang or wait lose their connection without being carried out.
    pub fn clear_faults(&self) {
        self.backend.main.faults.clear();
    }

    /// The kept requests, newest last.
    pub fn requests(&self) -> Vec<LoggedRequest> {
        self.backend.main.log.requests()
    }

    /// What came and was no request: HTTP could not read it. The oldest come first.
    pub fn malformed(&self) -> Vec<Malformed> {
        self.backend.main.log.malformed()
    }

    /// Why requests are missing in the log file; `None`: none are.
    pub fn log_file_failure(&self) -> Option<String> {
        self.log_file.as_ref()?.failure()
    }

    /// Forgets the kept requests; the count goes on.
    pub fn forget_requests(&self) {
        self.backend.main.log.forget();
    }

    /// Requests since the start or the last reset, kept or not.
    pub fn requests_total(&self) -> u64 {
        self.backend.main.log.total()
    }

    /// Waits until so many requests have come in all; `false` when `timeout` is over first.
    pub fn wait_for_requests(&self, number: u64, timeout: Duration) -> bool {
        self.backend.main.log.wait_for(number, timeout)
    }

    /// The switches in force.
    pub fn settings(&self) -> Settings {
        self.backend.world().settings.clone()
    }

    /// Replaces the switches.
    ///
    /// # Panics
    /// When a value is one that no documented service has; the message says which ones it takes.
    pub fn set_settings(&self, settings: Settings) {
        let settings = settings.checked().unwrap_or_else(|what| panic!("settings: {what}"));
        self.backend.world().settings = settings;
    }

    /// Stops, moves or frees the time of day that signatures and timestamps see.
    pub fn set_clock(&self, setting: ClockSetting) {
        self.backend.clock.set(setting);
    }

    /// What the clock was set to.
    pub fn clock(&self) -> ClockSetting {
        self.backend.clock.setting()
    }

    /// The time of day as the service's rules see it, in unix seconds.
    pub fn now(&self) -> i64 {
        self.backend.clock.now_s()
    }

    /// The whole state.
    pub fn state(&self) -> State {
        self.backend.world().state.clone()
    }

    /// Replaces the whole state. The error says what no service could be in.
    pub fn load_state(&self, state: State) -> Result<(), String> {
        let state = state.checked()?;
        self.backend.world().state = state;
        Ok(())
    }

    /// Everything as it was at the start: state, switches, clock, faults, log and its count, counters, rates, revoked
    /// signatures. Extra listeners keep what is their own.
    pub fn reset(&self) {
        self.backend.reset();
    }

    /// Invalidates every signature of `identifier` that has been accepted so far (70052); says how many that were.
    pub fn revoke(&self, identifier: &str) -> usize {
        self.backend.world().signatures.revoke(identifier)
    }

    /// How often each command was called, by `v4/{service}/{command}`, faults and refusals included.
    pub fn rates(&self) -> BTreeMap<String, Rate> {
        self.backend.main.arrivals.rates()
    }

    /// Every CONNECT that came to the proxy, oldest first, and whether its login was right.
    pub fn connects(&self) -> Vec<ProxyConnect> {
        self.backend.connects.all()
    }

    /// `host:port` of every CONNECT that came to the proxy, oldest first.
    pub fn proxy_connects(&self) -> Vec<String> {
        let connects = self.backend.connects.all();
        connects.into_iter().map(|connect| connect.authority).collect()
    }
}

struct Ports {
    http: Port,
    https: Port,
    admin: Port,
    proxy: Option<Port>,
}

impl Ports {
    async fn open(config: &Config) -> Result<Self, StartError> {
        let listen: IpAddr = config.listen;
        Ok(Self {
            http: Port::open(listen, config.port, "HTTP").await?,
            https: Port::open(listen, config.tls_port, "HTTPS").await?,
            admin: Port::open(listen, config.admin_port, "admin").await?,
            proxy: match config.proxy_port {
                Some(port) => Some(Port::open(listen, port, "proxy").await?),
                None => None,
            },
        })
    }

    fn addresses(&self, config: &Config, ca_file: String) -> Addresses {
        Addresses {
            url: http_url(self.http.address),
            tls_url: https_url(self.https.address, &config.tls_names),
            ca_file,
            admin_url: http_url(self.admin.address),
            proxy_url: self.proxy.as_ref().map(|port| http_url(port.address)),
            listen: config.listen.is_unspecified().then_some(config.listen),
        }
    }
}
