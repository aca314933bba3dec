//! The hosts of one data centre: the first and, where asked for, its documented standby, which carriers do not hijack (1047/34620).
//! Promises that the standby is turned to only after a connection could not be made, never in the middle of an exchange.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use rustls::ClientConfig;

use super::http::{Connection, Root};
use super::{dial, Failure, Lease, Network};
use crate::config::Config;
use crate::error::Error;
use crate::origin::Origin;
use crate::stats::Stats;
use crate::wait::Wait;

/// How long the other host is preferred after one could not be reached; then the first is tried again.
const PREFERENCE: Duration = Duration::from_secs(30);

/// The way to one host. Any number of threads.
pub(crate) struct Host {
    pub origin: Origin,
    pub standby: bool,
    pub(super) root: Root,
    pub(super) network: Arc<Network>,
}

impl Host {
    fn new(network: &Arc<Network>, origin: Origin, standby: bool) -> Self {
        Host {
            root: Root::of(&origin),
            origin,
            standby,
            network: network.clone(),
        }
    }

    /// A connection for one exchange: the newest that is kept and alive, or one that is made now, within `connect`.
    pub fn lease(&self, wait: &Wait, connect: Duration) -> Result<Lease<'_>, Failure> {
        let network = &*self.network;
        while let Some(mut connection) = network.pool.take(self.standby) {
            if connection.is_quiet() {
                return Ok(Lease::new(self, connection));
            }
        }
        let stream = dial::dial(network, &self.origin, wait, connect)?;
        let connection = Connection::new(stream, &network.stats);
        Ok(Lease::new(self, connection))
    }
}

impl fmt::Debug for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Host")
            .field("origin", &self.origin)
            .field("proxy", &self.network.proxy)
            .finish()
    }
}

#[derive(Debug)]
pub(crate) struct Hosts {
    first: Host,
    standby: Option<Host>,
    /// Until when the standby is preferred.
    standby_until: Mutex<Option<Instant>>,
}

impl Hosts {
    pub fn new(
        config: &Config,
        tls: Arc<ClientConfig>,
        first: Origin,
        standby: Option<Origin>,
        stats: &Arc<Stats>,
    ) -> Result<Hosts, Error> {
        let network = Arc::new(Network::new(config, tls, stats)?);
        Ok(Hosts {
            first: Host::new(&network, first, false),
            standby: standby.map(|origin| Host::new(&network, origin, true)),
            standby_until: Mutex::new(None),
        })
    }

    /// The host to try next.
    pub fn preferred(&self) -> &Host {
        match &self.standby {
            Some(standby) if self.standby_is_preferred() => standby,
            _ => &self.first,
        }
    }

    fn standby_is_preferred(&self) -> bool {
        let until = *self.standby_until.lock().unwrap_or_else(PoisonError::into_inner);
        until.is_some_and(|until| until > Instant::now())
    }

    /// No connection to `host` could be made. Whether there is another one to try.
    pub fn unreachable(&self, host: &Host) -> bool {
        if self.standby.is_none() {
            return false;
        }
        let until = (!host.standby).then(|| Instant::now() + PREFERENCE);
        *self.standby_until.lock().unwrap_or_else(PoisonError::into_inner) = until;
        true
    }
}
