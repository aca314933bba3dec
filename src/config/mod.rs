//! The configuration: plain values, their rules, their defaults, the data centres. An error names the setting and the rule, and `Debug` shows no
//! secret. No file or socket is opened here.

#[cfg(feature = "redis")]
mod limit_server;
mod proxy;
mod region;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

#[cfg(feature = "redis")]
pub(crate) use self::limit_server::{LimitServer, Login, Place as LimitServerPlace};
pub(crate) use self::proxy::Proxy;
use self::region::{Region, REGIONS};
use crate::attempt::AttemptHook;
use crate::error::Error;
use crate::origin::Origin;
use crate::usersig::Credential;

/// Total time of a call. The service gives itself 3 s (1047/34620), so a caller has to wait longer than that.
pub(crate) const DEFAULT_TIMEOUT: Duration = Duration::from_secs(10);
/// Time for one attempt: longer than the service's own 3 s, so that its answer is seen.
pub(crate) const DEFAULT_ATTEMPT_TIMEOUT: Duration = Duration::from_secs(4);
/// Time for look-up, TCP, proxy and TLS handshake together.
pub(crate) const DEFAULT_CONNECT_TIMEOUT: Duration = Duration::from_secs(2);
/// Validity of the signatures made here.
pub(crate) const DEFAULT_USER_SIG_LIFETIME_S: u32 = 86_400;
/// Calls on the wire at once. At the service's cap of 200 calls a second, 64 leaves each a third of a second.
pub(crate) const DEFAULT_MAX_CONNECTIONS: u32 = 64;

/// How long a connection lies unused before it is closed: below the idle time of the servers and balancers that are known.
pub(crate) const DEFAULT_IDLE_TIMEOUT: Duration = Duration::from_secs(15);

/// Calls a second of one command, as every command's page grants.
pub(crate) const DEFAULT_RATE_LIMIT: u32 = 200;
/// A bound of this library: each slot of a second takes 16 bytes a command.
const HIGHEST_RATE_LIMIT: u32 = 10_000;
pub(crate) const DEFAULT_MAX_ATTEMPTS: u32 = 3;

/// Each is on every line of the page.
const MOST_METRIC_LABELS: usize = 16;
/// The longest that Linux takes.
const LONGEST_KEEPALIVE_S: u32 = 32_767;
/// The vendor's advice is at most 50 years (1047/34385).
const LONGEST_USER_SIG_LIFETIME_S: u32 = 50 * 365 * 86_400;
/// The vendor's limit for a UserID (1047/34348).
const LONGEST_IDENTIFIER: usize = 32;

/// A client's settings. Each setter checks its own value; [`Config::complete`] checks them together.
#[derive(Clone, Debug)]
pub struct Config {
    region: Option<&'static Region>,
    base_url: Option<Origin>,
    use_standby: bool,
    standby_url: Option<Origin>,
    sdk_app_id: Option<u32>,
    identifier: Option<String>,
    secret_key: Option<Credential>,
    user_sig: Option<Credential>,
    allow_insecure_http: bool,
    pub(crate) timeout: Duration,
    pub(crate) attempt_timeout: Duration,
    pub(crate) connect_timeout: Duration,
    pub(crate) max_attempts: u32,
    pub(crate) rate_limit: u32,
    #[cfg(feature = "redis")]
    pub(crate) shared_limit: Option<LimitServer>,
    pub(crate) shared_limit_fallback: u32,
    pub(crate) ca_file: Option<PathBuf>,
    pub(crate) added_ca_files: Vec<PathBuf>,
    pub(crate) proxy: Option<Proxy>,
    pub(crate) user_agent_suffix: Option<String>,
    pub(crate) max_connections: u32,
    pub(crate) idle_timeout: Duration,
    /// After so long without traffic the system asks the peer whether it lives; `None`: it does not.
    pub(crate) tcp_keepalive: Option<Duration>,
    pub(crate) system_ca: bool,
    /// The files of a certificate and its key, for a gateway that asks for one.
    pub(crate) client_certificate: Option<(PathBuf, PathBuf)>,
    pub(crate) attempt_hook: Option<AttemptHook>,
    /// In the order of their names; a refused one until it is set well or taken back.
    metric_labels: Vec<(String, Result<String, Error>)>,
    pub(crate) user_sig_lifetime_s: u32,
    pub(crate) local_limits: bool,
    /// The last refusal of each setting, cleared when the setting is accepted later.
    refused: BTreeMap<&'static str, Error>,
}

/// What every client must know, once the settings agree with each other.
pub(crate) struct Identity {
    pub origin: Origin,
    pub standby: Option<Origin>,
    pub sdk_app_id: u32,
    pub identifier: String,
    pub credential: Credential,
}

impl Default for Config {
    fn default() -> Self {
        Config {
            region: None,
            base_url: None,
            use_standby: false,
            standby_url: None,
            sdk_app_id: None,
            identifier: None,
            secret_key: None,
            user_sig: None,
            allow_insecure_http: false,
            timeout: DEFAULT_TIMEOUT,
            attempt_timeout: DEFAULT_ATTEMPT_TIMEOUT,
            connect_timeout: DEFAULT_CONNECT_TIMEOUT,
            max_attempts: DEFAULT_MAX_ATTEMPTS,
            rate_limit: DEFAULT_RATE_LIMIT,
            #[cfg(feature = "redis")]
            shared_limit: None,
            shared_limit_fallback: 0,
            ca_file: None,
            added_ca_files: Vec::new(),
            proxy: None,
            user_agent_suffix: None,
            max_connections: DEFAULT_MAX_CONNECTIONS,
            idle_timeout: DEFAULT_IDLE_TIMEOUT,
            tcp_keepalive: None,
            system_ca: false,
            client_certificate: None,
            attempt_hook: None,
            metric_labels: Vec::new(),
            user_sig_lifetime_s: DEFAULT_USER_SIG_LIFETIME_S,
            local_limits: true,
            refused: BTreeMap::new(),
        }
    }
}

impl Config {
    /// The names of the data centres.
    pub fn regions() -> impl Iterator<Item = &'static str> {
        REGIONS.iter().map(|region| region.name)
    }

    /// Runs one setter and remembers its refusal, so that a caller who ignores the result is still told by [`Config::complete`].
    pub fn set(
        &mut self,
        setting: &'static str,
        setter: impl FnOnce(&mut Config) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let result = setter(self);
        match &result {
            // What is added comes on top of what was refused; what is set replaces it.
            Ok(()) if setting.starts_with("add_") => None,
            Ok(()) => self.refused.remove(setting),
            Err(error) => self.refused.insert(setting, error.clone()),
        };
        result
    }

    /// The data centre by name.
    pub fn set_region(&mut self, name: &str) -> Result<(), Error> {
        let Some(region) = REGIONS.iter().find(|region| region.name == name) else {
            let names: Vec<&str> = Config::regions().collect();
            return Err(Error::argument(format!(
                "region: {name:?} is unknown; it is one of {}, or set a base URL",
                names.join(", ")
            )));
        };
        self.region = Some(region);
        Ok(())
    }

    /// A place of one's own instead of a region. Whether plain http is allowed is checked by [`Config::complete`].
    pub fn set_base_url(&mut self, url: &str) -> Result<(), Error> {
        self.base_url = Some(Origin::parse("base_url", url)?);
        Ok(())
    }

    /// Whether the region's standby host is tried when no connection to the first can be made.
    pub fn set_use_standby(&mut self, yes: bool) -> Result<(), Error> {
        self.use_standby = yes;
        Ok(())
    }

    /// The standby of a base URL: another way to the same data centre.
    pub fn set_standby_url(&mut self, url: &str) -> Result<(), Error> {
        self.standby_url = Some(Origin::parse("standby_url", url)?);
        Ok(())
    }

    pub fn set_sdk_app_id(&mut self, id: u32) -> Result<(), Error> {
        if id == 0 {
            return Err(Error::argument("sdk_app_id: 0 is no SDKAppID; the console shows it"));
        }
        self.sdk_app_id = Some(id);
        Ok(())
    }

    pub fn set_identifier(&mut self, identifier: &str) -> Result<(), Error> {
        if identifier.is_empty() {
            return Err(Error::argument(
                "identifier: empty; it is the UserID of an app administrator",
            ));
        }
        if identifier.len() > LONGEST_IDENTIFIER {
            return Err(Error::argument(format!(
                "identifier: {} bytes; a UserID has at most {LONGEST_IDENTIFIER}",
                identifier.len()
            )));
        }
        if !identifier.bytes().all(|b| (0x20..=0x7e).contains(&b)) {
            return Err(Error::argument(
                "identifier: a UserID holds only printable ASCII characters",
            ));
        }
        self.identifier = Some(identifier.to_owned());
        Ok(())
    }

    /// The app's secret key as the console shows it, used as text.
    pub fn set_secret_key(&mut self, key: &str) -> Result<(), Error> {
        self.secret_key = Some(Credential::secret_key(key)?);
        Ok(())
    }

    /// A ready UserSig for the identifier, made elsewhere.
    pub fn set_user_sig(&mut self, sig: &str) -> Result<(), Error> {
        self.user_sig = Some(Credential::user_sig(sig)?);
        Ok(())
    }

    pub fn set_timeout_ms(&mut self, ms: u32) -> Result<(), Error> {
        self.timeout = timeout("timeout_ms", ms)?;
        Ok(())
    }

    pub fn set_attempt_timeout_ms(&mut self, ms: u32) -> Result<(), Error> {
        self.attempt_timeout = timeout("attempt_timeout_ms", ms)?;
        Ok(())
    }

    pub fn set_max_attempts(&mut self, n: u32) -> Result<(), Error> {
        self.max_attempts = max_attempts(n)?;
        Ok(())
    }

    /// Calls a second of each command; 0 is no limit.
    pub fn set_rate_limit(&mut self, calls_per_second: u32) -> Result<(), Error> {
        self.rate_limit = rate_limit(calls_per_second)?;
        Ok(())
    }

    /// Where the limit is kept that all processes share, and its name there; `None` for a limit of the client's own.
    #[cfg(feature = "redis")]
    pub fn set_shared_limit(&mut self, url: Option<&str>, name: &str) -> Result<(), Error> {
        self.shared_limit = url.map(|url| LimitServer::parse(url, name)).transpose()?;
        Ok(())
    }

    /// The same in a build that cannot: everything but `None` is refused.
    #[cfg(not(feature = "redis"))]
    pub fn set_shared_limit(&mut self, url: Option<&str>, _: &str) -> Result<(), Error> {
        url.map_or(Ok(()), |_| {
            Err(Error::argument(
                "shared_limit: this library was built without it; build it with `make install FEATURES=redis`",
            ))
        })
    }

    /// Calls a second of each command while the server of the shared limit cannot be reached; 0 is none.
    pub fn set_shared_limit_fallback(&mut self, calls_per_second: u32) -> Result<(), Error> {
        if calls_per_second > HIGHEST_RATE_LIMIT {
            return Err(Error::argument(format!(
                "shared_limit_fallback: {calls_per_second}; at most {HIGHEST_RATE_LIMIT} calls a second, or 0 to refuse calls"
            )));
        }
        self.shared_limit_fallback = calls_per_second;
        Ok(())
    }

    fn check_shared_limit(&self) -> Result<(), Error> {
        #[cfg(feature = "redis")]
        let shared = self.shared_limit.is_some();
        #[cfg(not(feature = "redis"))]
        let shared = false;
        match (shared, self.rate_limit, self.shared_limit_fallback) {
            (false, _, 1..) => Err(Error::config("shared_limit_fallback is set, but no shared_limit")),
            (true, 0, _) => Err(Error::config(
                "shared_limit needs a rate_limit: what all processes share",
            )),
            (true, limit, fallback) if fallback > limit => Err(Error::config(format!(
                "shared_limit_fallback is {fallback}, more than the rate_limit of {limit} that all processes share"
            ))),
            _ => Ok(()),
        }
    }

    pub fn set_connect_timeout_ms(&mut self, ms: u32) -> Result<(), Error> {
        self.connect_timeout = timeout("connect_timeout_ms", ms)?;
        Ok(())
    }

    /// A PEM file of CA certificates that replaces the built-in roots. Read when the client is made.
    pub fn set_ca_file(&mut self, path: &str) -> Result<(), Error> {
        self.ca_file = Some(path_of("ca_file", path)?);
        Ok(())
    }

    /// A PEM file of CA certificates trusted beside the others. May be called several times.
    pub fn add_ca_file(&mut self, path: &str) -> Result<(), Error> {
        self.added_ca_files.push(path_of("add_ca_file", path)?);
        Ok(())
    }

    /// `http://[user[:password]@]host[:port]`, or none. No environment variable is ever read.
    pub fn set_proxy(&mut self, url: Option<&str>) -> Result<(), Error> {
        self.proxy = url.map(Proxy::parse).transpose()?;
        Ok(())
    }

    pub fn set_user_sig_lifetime_s(&mut self, seconds: u32) -> Result<(), Error> {
        if !(60..=LONGEST_USER_SIG_LIFETIME_S).contains(&seconds) {
            return Err(Error::argument(format!(
                "user_sig_lifetime_s: {seconds}; it lies between 60 and {LONGEST_USER_SIG_LIFETIME_S} (50 years)"
            )));
        }
        self.user_sig_lifetime_s = seconds;
        Ok(())
    }

    /// Plain http beyond loopback. The signature then crosses the network readable by anybody.
    pub fn set_allow_insecure_http(&mut self, yes: bool) -> Result<(), Error> {
        self.allow_insecure_http = yes;
        Ok(())
    }

    /// Whether the vendor's limits are checked before sending. Off: the service decides.
    pub fn set_local_limits(&mut self, yes: bool) -> Result<(), Error> {
        self.local_limits = yes;
        Ok(())
    }

    pub fn set_max_connections(&mut self, n: u32) -> Result<(), Error> {
        if !(1..=10_000).contains(&n) {
            return Err(Error::argument(format!(
                "max_connections: {n}; it lies between 1 and 10000"
            )));
        }
        self.max_connections = n;
        Ok(())
    }

    /// How long a connection may lie unused; keep it below the idle time of whatever stands between.
    pub fn set_idle_timeout_ms(&mut self, ms: u32) -> Result<(), Error> {
        self.idle_timeout = timeout("idle_timeout_ms", ms)?;
        Ok(())
    }

    /// After so many seconds without traffic the system asks whether the peer lives, so that what stands between does not forget the
    /// connection; 0 is never.
    pub fn set_tcp_keepalive_s(&mut self, seconds: u32) -> Result<(), Error> {
        if seconds > LONGEST_KEEPALIVE_S {
            return Err(Error::argument(format!(
                "tcp_keepalive_s: {seconds}; at most {LONGEST_KEEPALIVE_S}, or 0 for none"
            )));
        }
        self.tcp_keepalive = (seconds > 0).then(|| Duration::from_secs(seconds.into()));
        Ok(())
    }

    /// Whether the authorities that the system trusts take the place of the built-in ones.
    pub fn set_system_ca(&mut self, yes: bool) -> Result<(), Error> {
        self.system_ca = yes;
        Ok(())
    }

    /// PEM files of a certificate (with those between it and its authority) and of its key, for a gateway that asks for one; `None` takes
    /// them back. Read when the client is made.
    pub fn set_client_certificate(&mut self, files: Option<(&str, &str)>) -> Result<(), Error> {
        let paths = |(certificate, key)| {
            let certificate = path_of("client_certificate: the certificate's file", certificate)?;
            Ok((certificate, path_of("client_certificate: the key's file", key)?))
        };
        self.client_certificate = files.map(paths).transpose()?;
        Ok(())
    }

    /// A label of every series on the client's metrics page; `None` takes it back.
    pub fn set_metric_label(&mut self, name: &str, value: Option<&str>) -> Result<(), Error> {
        let labels = &mut self.metric_labels;
        let place = labels.partition_point(|(known, _)| known.as_str() < name);
        if labels.get(place).is_some_and(|(known, _)| known == name) {
            drop(labels.remove(place));
        }
        let Some(value) = value else { return Ok(()) };
        let checked = match labels.len() {
            MOST_METRIC_LABELS => Err(Error::argument("metric_label: a client has at most 16")),
            _ => metric_label(name, value),
        };
        if labels.len() < MOST_METRIC_LABELS {
            labels.insert(place, (name.to_owned(), checked.clone().map(|()| value.to_owned())));
        }
        checked
    }

    /// In the order of their names, once [`Config::complete`] accepted them.
    pub(crate) fn metric_labels(&self) -> Vec<(&str, &str)> {
        let labels = self.metric_labels.iter();
        labels
            .filter_map(|(name, value)| Some((name.as_str(), value.as_ref().ok()?.as_str())))
            .collect()
    }

    /// Told of each attempt when it ends.
    pub(crate) fn set_attempt_hook(&mut self, hook: Option<AttemptHook>) {
        self.attempt_hook = hook;
    }

    /// The same for Rust: told of each attempt as a JSON object, on the thread of its call.
    pub fn on_attempt(&mut self, told: fn(&str)) {
        self.attempt_hook = Some(AttemptHook::Rust(told));
    }

    /// Added behind the library's own User-Agent, so that operators recognise their service in a log.
    pub fn set_user_agent(&mut self, suffix: &str) -> Result<(), Error> {
        if suffix.len() > 256 || !suffix.bytes().all(|b| (0x20..=0x7e).contains(&b)) {
            return Err(Error::argument("user_agent: at most 256 printable ASCII characters"));
        }
        self.user_agent_suffix = (!suffix.trim().is_empty()).then(|| suffix.trim().to_owned());
        Ok(())
    }

    /// Checks the settings together: the first refusal that was never made good, then what is missing or contradicts.
    pub(crate) fn complete(&self) -> Result<Identity, Error> {
        let labels = self.metric_labels.iter().filter_map(|(_, label)| label.as_ref().err());
        if let Some(error) = self.refused.values().chain(labels).next() {
            return Err(error.clone());
        }
        let origin = match (self.region, &self.base_url) {
            (Some(_), Some(_)) => Err("region and base_url are both set; choose one"),
            (None, None) => Err("region or base_url is missing; there is no default data centre"),
            (Some(region), None) => Ok(Origin::documented(region.host)),
            (None, Some(origin)) => Ok(origin.clone()),
        };
        let origin = origin.map_err(Error::config)?;
        self.check_readable("base_url", &origin)?;
        let standby = self.standby(&origin)?;
        self.check_shared_limit()?;
        if self.system_ca && self.ca_file.is_some() {
            return Err(Error::config(
                "ca_file and system_ca are both set; choose one (add_ca_file adds to either)",
            ));
        }
        let credential = match (&self.secret_key, &self.user_sig) {
            (Some(_), Some(_)) => Err("secret_key and user_sig are both set; choose one"),
            (None, None) => Err("secret_key or user_sig is missing"),
            (Some(credential), None) | (None, Some(credential)) => Ok(credential.clone()),
        };
        let credential = credential.map_err(Error::config)?;
        Ok(Identity {
            origin,
            standby,
            sdk_app_id: self.sdk_app_id.ok_or_else(|| Error::config("sdk_app_id is missing"))?,
            identifier: self
                .identifier
                .clone()
                .ok_or_else(|| Error::config("identifier is missing"))?,
            credential,
        })
    }

    fn check_readable(&self, setting: &str, origin: &Origin) -> Result<(), Error> {
        if origin.https || origin.is_loopback() || self.allow_insecure_http {
            return Ok(());
        }
        Err(Error::config(format!(
            "{setting}: plain http sends the signature readable; use https, or allow_insecure_http if you must"
        )))
    }

    /// The other way to the same data centre, if one is wanted.
    fn standby(&self, first: &Origin) -> Result<Option<Origin>, Error> {
        match (self.region, self.use_standby, &self.standby_url) {
            (Some(_), _, Some(_)) => Err(Error::config(
                "standby_url belongs to a base_url; a region has a standby of its own (use_standby)",
            )),
            (Some(region), true, None) => match region.standby {
                Some(host) => Ok(Some(Origin::documented(host))),
                None => Err(Error::config(format!(
                    "use_standby: no standby host of {} is documented",
                    region.name
                ))),
            },
            (None, true, _) => Err(Error::config(
                "use_standby belongs to a region; a base_url takes a standby_url",
            )),
            (None, false, Some(url)) if url == first => Err(Error::config("standby_url is the base_url itself")),
            (None, false, Some(url)) => {
                self.check_readable("standby_url", url)?;
                Ok(Some(url.clone()))
            }
            (_, false, None) => Ok(None),
        }
    }
}

/// Checks how often a call may be tried.
pub(crate) fn max_attempts(n: u32) -> Result<u32, Error> {
    if !(1..=10).contains(&n) {
        return Err(Error::argument(format!(
            "max_attempts: {n}; it lies between 1 (never repeat) and 10"
        )));
    }
    Ok(n)
}

/// Checks a label of the metrics page by the rules of Prometheus.
fn metric_label(name: &str, value: &str) -> Result<(), Error> {
    let letters = name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    let wrong =
        if name.is_empty() || name.len() > 64 || !letters || name.starts_with(|first: char| first.is_ascii_digit()) {
            "a name has 1 to 64 of A-Z, a-z, 0-9 and _, and no digit at its beginning"
        } else if name.starts_with("__") {
            "names that begin with __ belong to Prometheus"
        } else if ["command", "outcome", "le"].contains(&name) {
            "command, outcome and le are the library's own"
        } else if value.is_empty() || value.len() > 256 || value.chars().any(char::is_control) {
            "a value has 1 to 256 bytes and no control characters"
        } else {
            return Ok(());
        };
    Err(Error::argument(format!("metric_label: {name:?}: {wrong}")))
}

/// Checks a rate limit; 0 is none.
pub(crate) fn rate_limit(calls_per_second: u32) -> Result<u32, Error> {
    if calls_per_second > HIGHEST_RATE_LIMIT {
        return Err(Error::argument(format!(
            "rate_limit: {calls_per_second}; at most {HIGHEST_RATE_LIMIT} calls a second, or 0 for no limit"
        )));
    }
    Ok(calls_per_second)
}

/// Checks a timeout in milliseconds; a call without one does not exist here.
pub(crate) fn timeout(setting: &str, ms: u32) -> Result<Duration, Error> {
    if ms == 0 {
        return Err(Error::argument(format!(
            "{setting}: 0; give 1 millisecond or more (no call waits for ever)"
        )));
    }
    Ok(Duration::from_millis(u64::from(ms)))
}

fn path_of(setting: &str, path: &str) -> Result<PathBuf, Error> {
    if path.is_empty() {
        return Err(Error::argument(format!("{setting}: the path is empty")));
    }
    // A path is shown in errors, a file's content never.
    if path.contains("-----") || path.contains('\n') {
        return Err(Error::argument(format!(
            "{setting}: takes the path of a PEM file, not what is in it"
        )));
    }
    Ok(PathBuf::from(path))
}
