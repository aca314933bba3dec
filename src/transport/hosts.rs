//! The hosts of one data centre: the first and, where asked for, its documented standby, which carriers do not hijack (1047/34620). The standby is
//! used only after a connection could not be made, never in the middle of an exchange.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use rustls::ClientConfig;

use super::host::Host;
use super::network::Network;
use crate::config::Config;
use crate::error::Error;
use crate::origin::Origin;
use crate::stats::Stats;

/// How long the other host is preferred after one could not be reached; then the first is tried again.
const PREFERENCE: Duration = Duration::from_secs(30);

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

    /// Where the first of them is.
    pub fn first(&self) -> &Origin {
        &self.first.origin
    }

    /// How many connections no exchange uses now.
    pub fn idle(&self) -> u64 {
        self.first.idle()
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

    /// After no connection to `host` could be made: prefers the other one, if there is one.
    pub fn switch_from(&self, host: &Host) -> bool {
        if self.standby.is_none() {
            return false;
        }
        let until = (!host.standby).then(|| Instant::now() + PREFERENCE);
        *self.standby_until.lock().unwrap_or_else(PoisonError::into_inner) = until;
        true
    }
}
