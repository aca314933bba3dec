//! A connection that is lent to one exchange. Promises that it goes back to the pool only if the next exchange can rely on it, and that in a
//! child that was forked meanwhile it touches no lock of the parent's.

use zeroize::Zeroizing;

use super::http::{Connection, Outgoing};
use super::{Exchange, Failure, Host};
use crate::attempt::Progress;
use crate::fork::Birthplace;
use crate::wait::Wait;

#[derive(Debug)]
pub(crate) struct Lease<'a> {
    host: &'a Host,
    /// `None` only while it is dropped.
    connection: Option<Connection>,
    born: Birthplace,
}

impl<'a> Lease<'a> {
    pub(super) fn new(host: &'a Host, connection: Connection) -> Self {
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
            self.host.network.pool.put(self.host.standby, connection);
        }
    }
}
