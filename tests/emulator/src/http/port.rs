//! The sockets: binding, accepting, and handing each connection on. An idle connection is never closed from here.

use std::future::{pending, Future};
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use hyper::server::conn::http1;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::{JoinHandle, JoinSet};
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::TlsAcceptor;

use crate::backend::Backend;
use crate::background::StartError;
use crate::http::connection;
use crate::http::listener::ListenerState;

/// One port, on one address or on both loopback addresses.
pub(crate) struct Port {
    listeners: Vec<TcpListener>,
    pub(crate) address: SocketAddr,
}

impl Port {
    /// Binds `port` (0: a free one). On 127.0.0.1 the same port of ::1 is taken too where there is one, because many
    /// clients try ::1 first for `localhost`. `what` names the port in the error.
    pub(crate) async fn open(listen: IpAddr, port: u16, what: &str) -> Result<Self, StartError> {
        let failed = |e: io::Error| {
            let advice = match e.kind() {
                io::ErrorKind::AddrInUse => "; choose another port, or 0 for a free one",
                _ => "",
            };
            StartError::new(format!(
                "cannot listen on {}, the {what} port: {e}{advice}",
                SocketAddr::new(listen, port)
            ))
        };
        for attempt in 0.. {
            let first = TcpListener::bind((listen, port)).await.map_err(failed)?;
            let address = first.local_addr().map_err(failed)?;
            let mut listeners = vec![first];
            if listen == Ipv4Addr::LOCALHOST {
                match TcpListener::bind((Ipv6Addr::LOCALHOST, address.port())).await {
                    Ok(second) => listeners.push(second),
                    // Someone else's port on ::1 would answer for `localhost`: take another pair.
                    Err(e) if e.kind() == io::ErrorKind::AddrInUse && port == 0 && attempt < 20 => continue,
                    Err(_) => {}
                }
            }
            return Ok(Self { listeners, address });
        }
        unreachable!("the loop returns on its last attempt")
    }

    /// Accepts until the runtime stops; each connection is served in a task of its own.
    pub(crate) fn serve<S, F>(self, serve: S)
    where
        S: Fn(TcpStream) -> F + Clone + Send + 'static,
        F: Future<Output = ()> + Send + 'static,
    {
        for listener in self.listeners {
            tokio::spawn(accepting(listener, pending(), serve.clone()));
        }
    }

    /// Accepts until the sender of `stop` goes; then the ports and all connections are closed, and the tasks end.
    pub(crate) fn serve_until<S, F>(self, stop: &watch::Receiver<()>, serve: S) -> Vec<JoinHandle<()>>
    where
        S: Fn(TcpStream) -> F + Clone + Send + 'static,
        F: Future<Output = ()> + Send + 'static,
    {
        let accept = |listener| {
            let mut stop = stop.clone();
            let stopped = async move { drop(stop.changed().await) };
            tokio::spawn(accepting(listener, stopped, serve.clone()))
        };
        self.listeners.into_iter().map(accept).collect()
    }
}

async fn accepting<S, F>(listener: TcpListener, stopped: impl Future<Output = ()>, serve: S)
where
    S: Fn(TcpStream) -> F,
    F: Future<Output = ()> + Send + 'static,
{
    let mut connections = JoinSet::new();
    tokio::pin!(stopped);
    loop {
        tokio::select! {
            () = &mut stopped => break,
            Some(_) = connections.join_next() => {}
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    let _ = stream.set_nodelay(true);
                    connections.spawn(serve(stream));
                }
                // Out of descriptors, mostly: some may be free again soon.
                Err(_) => tokio::time::sleep(Duration::from_millis(20)).await,
            }
        }
    }
    drop(listener);
    connections.shutdown().await;
}

/// What the calls on a port come to: the service, and the listener's own things; with `tls`, over HTTPS.
pub(crate) fn caller_service(
    backend: &Arc<Backend>,
    state: &Arc<ListenerState>,
    tls: Option<Arc<ServerConfig>>,
) -> impl Fn(TcpStream) -> BoxedService + Clone + Send + 'static {
    let (backend, state) = (Arc::clone(backend), Arc::clone(state));
    let acceptor = tls.map(TlsAcceptor::from);
    move |stream| {
        let (backend, state, acceptor) = (Arc::clone(&backend), Arc::clone(&state), acceptor.clone());
        Box::pin(connection::serve(stream, backend, state, acceptor))
    }
}

type BoxedService = std::pin::Pin<Box<dyn Future<Output = ()> + Send>>;

/// HTTP/1.1 without a time limit on idle connections.
pub(crate) fn http1_server() -> http1::Builder {
    let mut server = http1::Builder::new();
    server.header_read_timeout(None);
    server
}
