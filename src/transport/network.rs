//! What all connections of a client share.

use std::sync::Arc;

use rustls::ClientConfig;

use super::http::{Connection, UserAgent};
use super::pool::Pool;
use super::resolver::Resolver;
use crate::config::{Config, Proxy};
use crate::error::Error;
use crate::stats::Stats;

pub(super) struct Network {
    pub proxy: Option<Proxy>,
    pub resolver: Resolver,
    pub tls: Arc<ClientConfig>,
    pub pool: Pool<Connection>,
    pub user_agent: UserAgent,
    pub stats: Arc<Stats>,
}

impl Network {
    pub fn new(config: &Config, tls: Arc<ClientConfig>, stats: &Arc<Stats>) -> Result<Self, Error> {
        Ok(Network {
            proxy: config.proxy.clone(),
            resolver: Resolver::default(),
            tls,
            pool: Pool::new(config.max_connections as usize),
            user_agent: UserAgent::new(config.user_agent_suffix.as_deref())?,
            stats: stats.clone(),
        })
    }
}
