//! The way to one host, and the connections to it that are lent to one exchange each. A connection goes back to the pool only if the next exchange
//! can rely on it; in a forked child no lock of the parent's is touched.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use zeroize::Zeroizing;

use super::dial;
use super::exchange::{Exchange, Failure};
use super::http::{Connection, Outgoing, Root};
use super::network::Network;
use crate::attempt::{Progress, Route};
use crate::fork::Birthplace;
use crate::origin::Origin;
use crate::wait::Wait;

/// The way to one host. Any number of threads.
pub(crate) struct Host {
    pub origin: Arc<Origin>,
    pub standby: bool,
    root: Root,
    network: Arc<Network>,
}

impl Host {
    pub(super) fn new(network: &Arc<Network>, origin: Origin, standby: bool) -> Self {
        Host {
            root: Root::of(&origin),
            origin: Arc::new(origin),
            standby,
            network: network.clone(),
        }
    }

    /// How many connections lie unused, those to the other host among them.
    pub fn idle(&self) -> u64 {
        self.network.idle()
    }

    /// A connection for one exchange: the newest that is kept and alive, or one that is made now, within `connect`. `route` is told what it is and
    /// how long it took to make.
    pub fn lease(&self, wait: &Wait, connect: Duration, route: &mut Route) -> Result<Lease<'_>, Failure> {
        let network = &*self.network;
        while let Some(mut connection) = network.kept(self.standby) {
            if connection.is_quiet() {
                (route.address, route.kept) = (Some(connection.address), true);
                return Ok(Lease::new(self, connection));
            }
        }
        let (stream, address) = dial::dial(network, &self.origin, wait, connect, route)?;
        let connection = Connection::new(stream, address, &network.stats);
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

/// A connection that is lent to one exchange.
#[derive(Debug)]
pub(crate) struct Lease<'a> {
    host: &'a Host,
    /// `None` only while it is dropped.
    connection: Option<Connection>,
    born: Birthplace,
}

impl<'a> Lease<'a> {
    fn new(host: &'a Host, connection: Connection) -> Self {
        Lease {
            host,
            connection: Some(connection),
            born: Birthplace::here(),
        }
    }

    /// Sends `body` to `target` (path and query, which hold the signature) and reads at most `limit` bytes of the answer.
    pub fn exchange(mut self, wait: Wait, target: Zeroizing<String>, body: &[u8], limit: usize) -> Exchange {
        let mut exchange = Exchange::default();
        let outgoing = Outgoing {
            root: &self.host.root,
            user_agent: &self.host.network.user_agent,
            target,
            body,
        };
        if let Some(connection) = &mut self.connection {
            let result = connection.exchange(wait, outgoing, limit, &mut exchange);
            exchange.failure = result.err().map(|failure| self.explain(failure, &exchange));
        }
        exchange
    }

    /// The same break reads differently before and after the answer began.
    fn explain(&self, failure: Failure, exchange: &Exchange) -> Failure {
        match failure {
            Failure::Broken(_) if exchange.progress == Progress::AnswerBegun => Failure::CutShort(format!(
                "the answer was cut short after {} bytes of its body",
                exchange.body.len()
            )),
            Failure::Broken(why) => Failure::Broken(format!("{}: {why}", self.host.origin)),
            other => other,
        }
    }
}

impl Drop for Lease<'_> {
    fn drop(&mut self) {
        let connection = self.connection.take().filter(Connection::is_reusable);
        if let Some(connection) = connection.filter(|_| self.born.is_here()) {
            self.host.network.keep(self.host.standby, connection);
        }
    }
}
