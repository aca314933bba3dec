//! The client: what its calls share, and what changes or ends it. The life of one call is in `call.rs`.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::Arc;
use std::time::Duration;

use percent_encoding::{utf8_percent_encode, AsciiSet, NON_ALPHANUMERIC};

use crate::attempt::{AttemptHook, Route};
use crate::config::{self, Config, Proxy};
use crate::error::{self, Error};
use crate::options::Timeouts;
use crate::pace::Pace;
#[cfg(feature = "redis")]
use crate::pace::{SharedLimit, Terms};
use crate::random;
use crate::redact::LoginParts;
use crate::response::Response;
use crate::retry::Budget;
use crate::stats::{Connections, Snapshot, Stats};
use crate::transport::{tls_config, Failure, Hosts, Permits};
use crate::usersig::{self, Credential, Signer};
use crate::verdict;
use crate::wait::{Calls, Ended, Wait};
#[cfg(feature = "redis")]
use {crate::config::LimitServer, rustls::ClientConfig};

/// What may stand in a query as it is (RFC 3986, unreserved).
const QUERY: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// A client of one app in one data centre. Shared by any number of threads.
#[derive(Debug)]
pub struct Client {
    pub(crate) hosts: Hosts,
    pub(crate) signer: Signer,
    /// What a proxy must not be heard to send back.
    pub(crate) proxy_login: LoginParts,
    pub(crate) permits: Permits,
    pub(crate) pace: Pace,
    pub(crate) budget: Budget,
    pub(crate) calls: Arc<Calls>,
    pub(crate) stats: Arc<Stats>,
    /// `?sdkappid=…&identifier=…&contenttype=json&usersig=`, the signature follows.
    pub(crate) query: String,
    pub(crate) timeouts: Timeouts,
    pub(crate) max_attempts: u32,
    max_connections: u32,
    pub(crate) local_limits: bool,
    pub(crate) attempt_hook: Option<AttemptHook>,
}

impl Client {
    /// Reads the CA files; opens no connection yet.
    pub fn new(config: &Config) -> Result<Client, Error> {
        let identity = config.complete()?;
        random::reseed();
        let query = format!(
            "?sdkappid={}&identifier={}&contenttype=json&usersig=",
            identity.sdk_app_id,
            utf8_percent_encode(&identity.identifier, QUERY),
        );
        let stats = Arc::new(stats(config));
        let tls = tls_config(config)?;
        let pace = Pace::new(config.rate_limit);
        #[cfg(feature = "redis")]
        let limit_tls = limit_tls(config, &tls)?;
        #[cfg(feature = "redis")]
        let pace = pace.sharing(config.shared_limit.clone().map(|server| {
            let terms = Terms {
                tls: limit_tls,
                server,
                sdk_app_id: identity.sdk_app_id,
                calls_per_second: config.rate_limit,
                fallback: config.shared_limit_fallback,
            };
            SharedLimit::new(terms, stats.clone())
        }));
        Ok(Client {
            hosts: Hosts::new(config, tls, identity.origin, identity.standby, &stats)?,
            proxy_login: config.proxy.as_ref().map(Proxy::login).unwrap_or_default(),
            signer: Signer::new(
                identity.sdk_app_id,
                identity.identifier,
                config.user_sig_lifetime_s,
                identity.credential,
            ),
            permits: Permits::new(config.max_connections, stats.clone()),
            pace,
            budget: Budget::new(),
            calls: Arc::default(),
            stats,
            query,
            timeouts: Timeouts {
                total: config.timeout,
                attempt: config.attempt_timeout,
                connect: config.connect_timeout,
            },
            max_attempts: config.max_attempts,
            max_connections: config.max_connections,
            local_limits: config.local_limits,
            attempt_hook: config.attempt_hook,
        })
    }

    /// The counters at this moment.
    pub fn stats(&self) -> Snapshot {
        self.stats.snapshot(Connections {
            idle: self.hosts.idle(),
            awaited: self.permits.awaited(),
        })
    }

    /// Where the calls go first: scheme, host, and a port that is not the usual one.
    pub fn place(&self) -> String {
        self.hosts.first().to_string()
    }

    /// When the signature of the calls ends, in seconds since 1970; `None` if it cannot be read.
    pub fn signature_ends(&self) -> Option<u64> {
        let opened = usersig::inspect(self.signer.current().as_str(), None, None);
        opened.ok().map(|sig| sig.expires)
    }

    /// Counts a call that ended before it came here, or that a panic ended.
    pub(crate) fn count_ended(&self, code: i32) {
        self.stats.ended(code);
    }

    /// Another key for the calls to come. The client signs from now on, also where it was given signatures before.
    pub fn set_secret_key(&self, key: &str) -> Result<(), Error> {
        self.signer.set_credential(Credential::secret_key(key)?);
        Ok(())
    }

    /// Another ready signature for the calls to come.
    pub fn set_user_sig(&self, sig: &str) -> Result<(), Error> {
        self.signer.set_credential(Credential::user_sig(sig)?);
        Ok(())
    }

    /// Another limit of calls a second for each command; 0 is none. A higher one holds at once, for calls that
    /// wait for their turn too. A limit that the client shares stays as it is, behind this one.
    pub fn set_rate_limit(&self, calls_per_second: u32) -> Result<(), Error> {
        if calls_per_second == 0 && self.pace.is_shared() {
            return Err(Error::argument("rate_limit: shared_limit needs one"));
        }
        self.pace.set(config::rate_limit(calls_per_second)?);
        self.calls.wake();
        Ok(())
    }

    /// Calls a second of the command that the service's throttling answers slow down most; `None` while all go as they were set.
    pub fn slowed_to(&self) -> Option<u32> {
        self.pace.slowed_to()
    }

    /// Ends the calls in progress and refuses those to come.
    pub fn shutdown(&self) {
        self.calls.end(Ended::Shutdown);
    }

    /// Refuses calls to come, lets those inside end for at most so long, then shuts down. Whether all of them ended by themselves.
    pub fn drain(&self, longest: Duration) -> bool {
        let ended = self.calls.drain(Ended::Shutdown, longest);
        self.shutdown();
        ended
    }

    /// Opens connections until `count` of them are ready for the calls to come, within `longest`; fewer if one cannot be made.
    pub fn warm_up(&self, count: u32, longest: Duration) -> Response {
        if !(1..=self.max_connections).contains(&count) {
            let most = self.max_connections;
            return Response::refused(Error::argument(format!(
                "n: {count}; it lies between 1 and max_connections, {most}"
            )));
        }
        let wait = Wait::new(longest, None);
        let _inside = match self.calls.enter(&wait) {
            Ok(inside) => inside,
            Err(ended) => return Response::refused(verdict::not_let_in(ended)),
        };
        // Made here, so that the first call finds it.
        self.signer.current();
        let (host, mut route, mut leases) = (self.hosts.preferred(), Route::default(), Vec::new());
        while leases.len() < count as usize {
            let permit = self.permits.acquire(&wait).map_err(Failure::from);
            let lease = permit.and_then(|permit| Ok((host.lease(&wait, self.timeouts.connect, &mut route)?, permit)));
            match lease {
                Ok(lease) => leases.push(lease),
                Err(failure) => return verdict::not_connected(&failure),
            }
        }
        Response::new(error::CHAT_OK, "")
    }

    /// Waits until no call is inside, unless this is the thread of one; after [`Client::shutdown`] that is soon.
    pub fn wait_until_idle(&self) {
        self.calls.wait_until_empty();
    }
}

/// How TLS with the shared limit's server goes: by the authorities of the service, or by its own.
#[cfg(feature = "redis")]
fn limit_tls(config: &Config, tls: &Arc<ClientConfig>) -> Result<Option<Arc<ClientConfig>>, Error> {
    match config.shared_limit.as_ref().filter(|server| server.uses_tls()) {
        None => Ok(None),
        Some(LimitServer { ca_file: None, .. }) => Ok(Some(tls.clone())),
        Some(server) => {
            let mut of_its_own = config.clone();
            of_its_own.ca_file.clone_from(&server.ca_file);
            of_its_own.added_ca_files.clear();
            of_its_own.system_ca = false;
            let named = |error: Error| Error::new(error.code, format!("shared_limit: {}", error.message));
            tls_config(&of_its_own).map(Some).map_err(named)
        }
    }
}

/// A client's counters under its labels. One of them is always there, so that two clients of a process are two even where nobody named them.
fn stats(config: &Config) -> Stats {
    static UNNAMED: AtomicU64 = AtomicU64::new(0);
    let number;
    let mut labels = config.metric_labels();
    if !labels.iter().any(|(name, _)| *name == "client") {
        number = (UNNAMED.fetch_add(1, Ordering::Relaxed) + 1).to_string();
        let place = labels.partition_point(|(name, _)| *name < "client");
        labels.insert(place, ("client", &number));
    }
    Stats::new(&labels)
}
