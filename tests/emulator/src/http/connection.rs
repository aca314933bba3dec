//! One connection from accept to end: TLS, HTTP, and the moments at which a fault takes the connection out of HTTP's hands.

use std::convert::Infallible;
use std::future::pending;
use std::io;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::task::{ready, Context, Poll};

use bytes::{Buf, Bytes};
use hyper::server::conn::http2;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::sync::Notify;
use tokio_rustls::rustls::HandshakeKind;
use tokio_rustls::server::TlsStream;
use tokio_rustls::TlsAcceptor;

use crate::backend::Backend;
use crate::faults::perform::{perform, After, Wire};
use crate::faults::plan::{Plan, Step};
use crate::faults::script::Met;
use crate::faults::Play;
use crate::faults::{Action, Event};
use crate::http::counters::OpenConnection;
use crate::http::exchange::{exchange, Connection};
use crate::http::line::{Line, LineControl};
use crate::http::listener::ListenerState;
use crate::http::log::{Answered, Record};
use crate::http::port::http1_server;

/// Whose turn it is on an HTTP/1.1 connection, and what a fault will do with it.
#[derive(Default)]
pub(crate) struct Http1State {
    /// A request has begun and is not answered yet.
    busy: AtomicBool,
    plan: Mutex<Option<Plan>>,
    taken_over: Notify,
    /// An answer is with HTTP and not yet with the kernel.
    unsent: AtomicBool,
    sending: Mutex<Option<Sending>>,
}

struct Sending {
    record: Record,
    /// Bytes that the kernel had before this answer.
    before: u64,
}

impl Http1State {
    /// Takes the connection out of HTTP's hands; the caller's own future is dropped soon.
    pub(crate) async fn take_over(&self, plan: Plan) -> Infallible {
        self.give(plan);
        pending().await
    }

    fn give(&self, plan: Plan) {
        *locked(&self.plan) = Some(plan);
        self.taken_over.notify_one();
    }

    async fn taken(&self) -> Plan {
        loop {
            self.taken_over.notified().await;
            if let Some(plan) = locked(&self.plan).take() {
                return plan;
            }
        }
    }

    /// Whether this is the start of a request.
    fn begins(&self) -> bool {
        !self.busy.swap(true, Ordering::Relaxed)
    }

    /// An answer goes to HTTP; `record` is corrected should it not get out.
    pub(crate) fn answers(&self, record: Record, line: &LineControl) {
        let before = line.written();
        *locked(&self.sending) = Some(Sending { record, before });
        self.unsent.store(true, Ordering::Relaxed);
        self.busy.store(false, Ordering::Relaxed);
    }

    fn flushed(&self) {
        if self.unsent.swap(false, Ordering::Relaxed) {
            *locked(&self.sending) = None;
        }
    }

    /// The connection has ended.
    fn ends(&self, line: &LineControl) {
        let Some(sending) = locked(&self.sending).take() else {
            return;
        };
        let began = line.written() > sending.before;
        sending
            .record
            .answered(if began { Answered::Cut } else { Answered::No });
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(|e| e.into_inner())
}

/// Serves a connection to its end. What goes wrong on it is the client's to see; there is no one else to tell.
pub(crate) async fn serve(
    stream: TcpStream,
    backend: Arc<Backend>,
    state: Arc<ListenerState>,
    tls: Option<TlsAcceptor>,
) {
    let open = OpenConnection::new(&state);
    let (line, control) = Line::new(stream, open.number);
    let connection = Arc::new(Connection {
        backend,
        state,
        listener: if tls.is_some() { "https" } else { "http" },
        line: Arc::clone(&control),
        http1_state: Http1State::default(),
    });
    tokio::select! {
        () = control.ended() => {}
        () = accepted(line, &connection, tls) => {}
    }
}

async fn accepted(line: Line, connection: &Arc<Connection>, tls: Option<TlsAcceptor>) {
    let faults = &connection.state.faults;
    if let Some(met) = faults.next_for(Event::Accept) {
        perform(&mut { line }, stopping(met)).await;
        return;
    }
    let Some(acceptor) = tls else {
        return http1(line, connection).await;
    };
    let Some(stream) = handshake(line, connection, acceptor).await else {
        connection.state.connections.tls_failed.fetch_add(1, Ordering::Relaxed);
        return;
    };
    let connections = &connection.state.connections;
    let counter = match stream.get_ref().1.handshake_kind() {
        Some(HandshakeKind::Resumed) => &connections.tls_resumed,
        _ => &connections.tls_full,
    };
    counter.fetch_add(1, Ordering::Relaxed);
    if stream.get_ref().1.alpn_protocol() == Some(b"h2") {
        http2(stream, connection).await;
    } else {
        http1(stream, connection).await;
    }
}

/// The plan of a fault that meets a connection before any request.
fn stopping(met: Met) -> Plan {
    let step = match met.fault.action {
        Action::Drop { drop, .. } => Step::End(drop),
        _ => Step::Hang,
    };
    Plan {
        steps: vec![step],
        entry: None,
        cleared: met.cleared,
    }
}

/// `None`: it came to nothing.
async fn handshake(mut line: Line, connection: &Connection, acceptor: TlsAcceptor) -> Option<TlsStream<Line>> {
    let faults = &connection.state.faults;
    if faults.any() {
        // A connection on which nothing is said meets no handshake fault.
        line.speaks().await;
        if let Some(mut met) = faults.next_for(Event::Handshake) {
            match met.fault.action {
                Action::Play(Play::HandshakeDelay(time)) => tokio::select! {
                    () = tokio::time::sleep(time) => {}
                    _ = met.cleared.changed() => return None,
                },
                Action::Play(Play::HandshakeDrip { every, bytes }) => line.drip(every, bytes),
                _ => {
                    perform(&mut line, stopping(met)).await;
                    return None;
                }
            }
        }
    }
    let mut stream = acceptor.accept(line).await.ok()?;
    stream.get_mut().0.flow();
    Some(stream)
}

async fn http2(stream: TlsStream<Line>, connection: &Arc<Connection>) {
    let own = Arc::clone(connection);
    let service = service_fn(move |request| exchange(Arc::clone(&own), request));
    let server = http2::Builder::new(TokioExecutor::new());
    let _ = server.serve_connection(TokioIo::new(stream), service).await;
}

/// Serves HTTP/1.1; each time a fault takes over, its plan is carried out, and then HTTP begins anew.
async fn http1<W: Wire>(mut wire: W, connection: &Arc<Connection>) {
    let mut early = Bytes::new();
    loop {
        let own = Arc::clone(connection);
        let service = service_fn(move |request| exchange(Arc::clone(&own), request));
        let intake = Intake {
            wire,
            early,
            connection: Arc::clone(connection),
        };
        let mut http = http1_server().serve_connection(TokioIo::new(intake), service);
        let plan = tokio::select! {
            biased;
            served = &mut http => {
                if let Err(e) = served {
                    connection.malformed(&e);
                }
                break;
            }
            plan = connection.http1_state.taken() => plan,
        };
        let parts = http.into_parts();
        let intake = parts.io.into_inner();
        (wire, early) = (intake.wire, joined(parts.read_buf, intake.early));
        if perform(&mut wire, plan).await == After::Over {
            break;
        }
        connection.http1_state.busy.store(!early.is_empty(), Ordering::Relaxed);
    }
    connection.http1_state.ends(&connection.line);
}

/// What was read and not parsed, in the order it came.
fn joined(first: Bytes, second: Bytes) -> Bytes {
    match (first.is_empty(), second.is_empty()) {
        (_, true) => first,
        (true, _) => second,
        _ => [first, second].concat().into(),
    }
}

/// What HTTP reads from. Faults that meet the first bytes of a request strike here, before HTTP sees them.
struct Intake<W> {
    wire: W,
    /// Read before and given back.
    early: Bytes,
    connection: Arc<Connection>,
}

impl<W: Wire> AsyncRead for Intake<W> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        if !self.early.is_empty() {
            let bytes = self.early.len().min(buffer.remaining());
            buffer.put_slice(&self.early[..bytes]);
            self.early.advance(bytes);
            return Poll::Ready(Ok(()));
        }
        let before = buffer.filled().len();
        ready!(Pin::new(&mut self.wire).poll_read(cx, buffer))?;
        if buffer.filled().len() > before && self.connection.http1_state.begins() {
            if let Some(met) = self.connection.state.faults.next_for(Event::Request) {
                buffer.set_filled(before);
                self.connection.http1_state.give(stopping(met));
                return Poll::Pending;
            }
        }
        Poll::Ready(Ok(()))
    }
}

impl<W: Wire> AsyncWrite for Intake<W> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.wire).poll_write(cx, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        parts: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.wire).poll_write_vectored(cx, parts)
    }

    fn is_write_vectored(&self) -> bool {
        self.wire.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let flushed = Pin::new(&mut self.wire).poll_flush(cx);
        if let Poll::Ready(Ok(())) = &flushed {
            self.connection.http1_state.flushed();
        }
        flushed
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.wire).poll_shutdown(cx)
    }
}
