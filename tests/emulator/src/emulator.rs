//! A running emulator as a value: started synchronously (every listener answers once `start` has returned), stopped and
//! joined on drop, any number side by side.

use std::net::IpAddr;
use std::ops::Deref;
use std::path::Path;
use std::sync::Arc;

use crate::admin::addresses::{http_url, https_url, Addresses};
use crate::admin::visitor::Visitors;
use crate::admin::AdminPort;
use crate::backend::Backend;
use crate::background::{Background, StartError};
use crate::config::{Config, Settings};
use crate::http::certificate::{Certificate, Certificates};
use crate::http::listener::{Listener, Listeners};
use crate::http::log::LogFile;
use crate::http::port::Port;
use crate::http::proxy;
use crate::http::proxy::ProxyConnect;
use crate::world::clock::ClockSetting;
use crate::world::kept::StateFile;
use crate::world::state::State;

/// The emulated service on its own ports, which are its [`Listener`] 0: what a listener tells and takes, so does the emulator.
/// Any thread may use it; dropping it closes every connection, removes the CA file and waits for its thread.
pub struct Emulator {
    // Dropped first: the thread ends before the CA file goes.
    _background: Background,
    main: Listener,
    certificates: Certificates,
    log_file: Option<Arc<LogFile>>,
    state_file: Option<StateFile>,
}

impl Deref for Emulator {
    type Target = Listener;

    fn deref(&self) -> &Listener {
        &self.main
    }
}

impl Emulator {
    /// Starts an emulator. Errors say which port or file was the matter.
    pub fn start(config: Config) -> Result<Self, StartError> {
        let config = config.checked().map_err(StartError::new)?;
        let file = config.log_file.as_deref().map(LogFile::open).transpose();
        let file = file.map_err(StartError::new)?.map(Arc::new);
        let (state_file, kept) = match config.state_file.as_deref().map(StateFile::open) {
            Some(opened) => opened.map(|(file, kept)| (Some(file), kept)).map_err(StartError::new)?,
            None => (None, None),
        };
        let certificates = Certificates::make(&config)?;
        let set_up = {
            let log_file = file.clone();
            let tls = Arc::clone(&certificates.server);
            let authority = Arc::clone(&certificates.authority);
            let ca_file = certificates.ca_file().to_string_lossy().into_owned();
            let ca_pem = certificates.ca_pem.clone();
            move || async move {
                let ports = Ports::open(&config).await?;
                let addresses = ports.addresses(&config, ca_file);
                let backend = Arc::new(Backend::new(&config, kept));
                if let Some(port) = ports.proxy {
                    proxy::serve(port, config.proxy_login.clone(), backend.connects.clone());
                }
                let listeners = Arc::new(Listeners::new(&config, log_file, backend, authority, addresses));
                let opened = listeners.serve(0, (ports.http, ports.https), Certificate::Valid, tls);
                let admin = AdminPort {
                    listeners: Arc::clone(&listeners),
                    visitors: Visitors::new(&config),
                    ca_pem,
                    ui: config.ui,
                };
                admin.serve(ports.admin);
                Ok(Listener { opened, listeners })
            }
        };
        let (background, main) = Background::start("chat-emulator", set_up)?;
        let emulator = Self {
            _background: background,
            main,
            certificates,
            log_file: file,
            state_file,
        };
        // That the file cannot be written is better known now than at the end.
        emulator.save_state().map_err(StartError::new)?;
        Ok(emulator)
    }

    /// Writes the state to [`Config::state_file`], if there is one and the state may have changed since the last time. The
    /// error names the file.
    pub fn save_state(&self) -> Result<(), String> {
        self.state_file
            .as_ref()
            .map_or(Ok(()), |file| file.save(self.backend()))
    }

    fn backend(&self) -> &Backend {
        &self.main.listeners.backend
    }

    /// Opens two more ports of the same service with a script, log, counters, rates and certificate of their own, so that
    /// tests that run side by side do not see each other's. They close when the [`Listener`] is dropped. Errors say what
    /// was the matter.
    pub fn open_listener(&self, certificate: Certificate) -> Result<Listener, StartError> {
        Listener::open(&self.main.listeners, certificate)
    }

    /// The ready line: a JSON object with the URLs and the CA file.
    pub fn ready_line(&self) -> String {
        self.main.listeners.addresses.to_json()
    }

    /// URL of the admin port.
    pub fn admin_url(&self) -> &str {
        &self.main.listeners.addresses.admin_url
    }

    /// URL of the CONNECT proxy, if [`Config::proxy_port`] asked for one.
    pub fn proxy_url(&self) -> Option<&str> {
        self.main.listeners.addresses.proxy_url.as_deref()
    }

    /// The CA certificate to trust, as a PEM file; it goes with the emulator.
    pub fn ca_file(&self) -> &Path {
        self.certificates.ca_file()
    }

    /// The CA certificate to trust, as PEM text.
    pub fn ca_pem(&self) -> &str {
        &self.certificates.ca_pem
    }

    /// Why requests are missing in the log file; `None`: none are.
    pub fn log_file_failure(&self) -> Option<String> {
        self.log_file.as_ref()?.failure()
    }

    /// The switches in force.
    pub fn settings(&self) -> Settings {
        self.backend().world().settings.clone()
    }

    /// Replaces the switches.
    ///
    /// # Panics
    /// When a value is one that no documented service has; the message says which ones it takes.
    pub fn set_settings(&self, settings: Settings) {
        let settings = settings.checked().unwrap_or_else(|what| panic!("settings: {what}"));
        self.backend().world().settings = settings;
    }

    /// Stops, moves or frees the time of day that signatures and timestamps see.
    pub fn set_clock(&self, setting: ClockSetting) {
        self.backend().clock.set(setting);
    }

    /// What the clock was set to.
    pub fn clock(&self) -> ClockSetting {
        self.backend().clock.setting()
    }

    /// The time of day as the service's rules see it, in unix seconds.
    pub fn now(&self) -> i64 {
        self.backend().clock.now_s()
    }

    /// The whole state.
    pub fn state(&self) -> State {
        self.backend().world().state.clone()
    }

    /// Replaces the whole state. The error says what no service could be in.
    pub fn load_state(&self, state: State) -> Result<(), String> {
        let state = state.checked()?;
        self.backend().load(state, None);
        Ok(())
    }

    /// Everything as it was at the start: state, switches, clock, faults, log and its count, counters, rates, revoked
    /// signatures. Extra listeners keep what is their own.
    pub fn reset(&self) {
        self.main.listeners.reset();
    }

    /// Invalidates every signature of `identifier` that has been accepted so far (70052); says how many that were.
    pub fn revoke(&self, identifier: &str) -> usize {
        self.backend().world().signatures.revoke(identifier)
    }

    /// Every CONNECT that came to the proxy, oldest first, and whether its login was right.
    pub fn connects(&self) -> Vec<ProxyConnect> {
        self.backend().connects.all()
    }

    /// `host:port` of every CONNECT that came to the proxy, oldest first.
    pub fn proxy_connects(&self) -> Vec<String> {
        let connects = self.backend().connects.all();
        connects.into_iter().map(|connect| connect.authority).collect()
    }
}

impl Drop for Emulator {
    fn drop(&mut self) {
        // Whoever has to know calls it before.
        let _ = self.save_state();
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
