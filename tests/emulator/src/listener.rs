//! The sockets: binding, accepting, TLS, and handing each connection to HTTP. It promises that a connection lives until
//! its client closes it, a fault ends it, or the emulator stops; it never closes an idle one of its own accord.

use std::future::Future;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use hyper::server::conn::{http1, http2};
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::TlsAcceptor;

use crate::backend::Backend;
use crate::background::StartError;
use crate::exchange::{exchange, Origin};
use crate::line::Line;

/// One port, on one address or on both loopback addresses.
pub(crate) struct Door {
    listeners: Vec<TcpListener>,
    pub(crate) address: SocketAddr,
}

impl Door {
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
            let serve = serve.clone();
            tokio::spawn(async move {
                loop {
                    match listener.accept().await {
                        Ok((stream, _)) => {
                            let _ = stream.set_nodelay(true);
                            tokio::spawn(serve(stream));
                        }
                        // Out of descriptors, mostly: some may be free again soon.
                        Err(_) => tokio::time::sleep(Duration::from_millis(20)).await,
                    }
                }
            });
        }
    }
}

/// Opens the service on a door; with `tls`, over HTTPS.
pub(crate) fn serve_calls(door: Door, backend: Arc<Backend>, tls: Option<Arc<ServerConfig>>) {
    let acceptor = tls.map(TlsAcceptor::from);
    door.serve(move |stream| {
        let backend = Arc::clone(&backend);
        let acceptor = acceptor.clone();
        async move {
            let (line, control) = Line::new(stream, backend.next_connection());
            let origin = Arc::new(Origin {
                listener: if acceptor.is_some() { "https" } else { "http" },
                line: Arc::clone(&control),
            });
            tokio::select! {
                () = control.ended() => {}
                () = talk(line, acceptor, backend, origin) => {}
            }
        }
    });
}

/// Serves a connection to its end. What goes wrong on it is the client's to see; there is no one else to tell.
async fn talk(line: Line, acceptor: Option<TlsAcceptor>, backend: Arc<Backend>, origin: Arc<Origin>) {
    let service = service_fn(move |request| exchange(Arc::clone(&backend), Arc::clone(&origin), request));
    let Some(acceptor) = acceptor else {
        let _ = http1_server().serve_connection(TokioIo::new(line), service).await;
        return;
    };
    let Ok(stream) = acceptor.accept(line).await else {
        return;
    };
    if stream.get_ref().1.alpn_protocol() == Some(b"h2") {
        let server = http2::Builder::new(TokioExecutor::new());
        let _ = server.serve_connection(TokioIo::new(stream), service).await;
    } else {
        let _ = http1_server().serve_connection(TokioIo::new(stream), service).await;
    }
}

/// HTTP/1.1 without a time limit on idle connections.
pub(crate) fn http1_server() -> http1::Builder {
    let mut server = http1::Builder::new();
    server.header_read_timeout(None);
    server
}
