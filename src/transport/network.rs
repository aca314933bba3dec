//! What all connections of a client share.

use std::sync::Arc;
use std::time::Duration;

use rustls::ClientConfig;

use super::background::Background;
use super::http::{Connection, UserAgent};
use super::pool::Pool;
use super::resolver::Resolver;
use crate::config::{Config, Proxy};
use crate::error::Error;
use crate::stats::Stats;

pub(super) struct Network {
    pub proxy: Option<Proxy>,
    pub tcp_keepalive: Option<Duration>,
    pub resolver: Resolver,
    background: Arc<Background>,
    pub tls: Arc<ClientConfig>,
    pool: Arc<Pool<Connection>>,
    pub user_agent: UserAgent,
    pub stats: Arc<Stats>,
}

impl Network {
    pub fn new(config: &Config, tls: Arc<ClientConfig>, stats: &Arc<Stats>) -> Result<Self, Error> {
        let background: Arc<Background> = Arc::default();
        Ok(Network {
            proxy: config.proxy.clone(),
            tcp_keepalive: config.tcp_keepalive,
            resolver: Resolver::new(&background),
            background,
            tls,
            pool: Arc::new(Pool::new(config.max_connections as usize, config.idle_timeout)),
            user_agent: UserAgent::new(config.user_agent_suffix.as_deref())?,
            stats: stats.clone(),
        })
    }

    /// How many connections are kept.
    pub fn idle(&self) -> u64 {
        self.pool.len() as u64
    }

    /// The newest kept connection to that host.
    pub fn kept(&self, standby: bool) -> Option<Connection> {
        self.pool.take(standby)
    }

    /// Keeps a connection, for as long as it may lie.
    pub fn keep(&self, standby: bool, connection: Connection) {
        if self.pool.put(standby, connection) {
            let pool = Arc::downgrade(&self.pool);
            // Without a thread, as for a host that is an address, the next caller closes connections that idled too long.
            self.background.round(move || pool.upgrade()?.round());
        }
    }
}
