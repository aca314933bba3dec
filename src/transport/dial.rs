//! Makes a connection: look-up, TCP, proxy, TLS, all within the connect timeout. Promises that whoever ends the call is heard.

use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use super::exchange::Failure;
use super::network::Network;
use super::proxy;
use super::socket::Socket;
use super::tls::{self, Stream};
use crate::origin::Origin;
use crate::wait::{Ended, Wait};

pub(super) fn dial(network: &Network, origin: &Origin, wait: &Wait, limit: Duration) -> Result<Stream, Failure> {
    let wait = wait.within(limit, Ended::ConnectDeadline);
    let next = network.proxy.as_ref().map_or(origin, |proxy| &proxy.origin);
    let addresses = network.resolver.resolve(&wait, next.bare_host(), next.port)?;
    let stream = connect(&wait, next.bare_host(), &addresses).inspect_err(|failure| {
        // A caller who gave up says nothing about the addresses.
        if !matches!(failure, Failure::Ended(ended) if ended.is_final()) {
            network.resolver.doubt(next.bare_host());
        }
    })?;
    let mut socket =
        Socket::new(stream).map_err(|error| Failure::Connect(format!("cannot set up a socket: {error}")))?;
    socket.work_for(wait)?;
    if let Some(proxy) = &network.proxy {
        proxy::tunnel(proxy, origin, &mut socket)?;
    }
    let mut stream = match origin.https {
        false => Stream::Plain(socket),
        true => Stream::Tls(Box::new(tls::handshake(&network.tls, origin.bare_host(), socket)?)),
    };
    stream.socket_mut().rest();
    Ok(stream)
}

/// Tries the addresses in turn, each with its share of the time left.
fn connect(wait: &Wait, host: &str, addresses: &[SocketAddr]) -> Result<TcpStream, Failure> {
    let mut last = None;
    for (tried, address) in addresses.iter().enumerate() {
        let rest = u32::try_from(addresses.len() - tried).unwrap_or(u32::MAX);
        // Half of what is left for each but the last, so that one dead address does not eat it all.
        let share = wait.time_left()? / rest.min(2);
        match TcpStream::connect_timeout(address, share.max(Duration::from_millis(1))) {
            Ok(stream) => return Ok(stream),
            Err(error) => last = Some((address, error)),
        }
        wait.ask()?;
    }
    Err(match last {
        Some((address, error)) => Failure::Connect(format!("cannot connect to {host} ({address}): {error}")),
        None => Failure::Connect(format!("cannot connect to {host}: it has no address")),
    })
}
