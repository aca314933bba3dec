//! The TCP connection beneath TLS and HTTP, which can be ended from outside or made to drip: faults of the socket belong here.

use std::future::Future;
use std::io;
use std::net::Shutdown;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::Arc;
use std::task::{ready, Context, Poll};
use std::time::Duration;

use socket2::SockRef;
use tokio::io::{AsyncRead, AsyncWrite, Interest, ReadBuf};
use tokio::net::TcpStream;
use tokio::sync::Notify;
use tokio::time::{sleep, Sleep};

use crate::faults::Ending;

/// What is known of a connection and can be done to it while HTTP holds the stream.
pub(crate) struct LineControl {
    /// Serial number of the connection, from 1.
    pub(crate) number: u64,
    ended: Notify,
    reset: AtomicBool,
    end_once_flushed: AtomicBool,
    written: AtomicU64,
}

impl LineControl {
    /// Ends the connection now. Whoever serves it waits on [`LineControl::ended`] and drops the stream.
    pub(crate) fn end(&self, ending: Ending) {
        self.reset.store(ending == Ending::Reset, Ordering::Relaxed);
        self.ended.notify_one();
    }

    /// Ends the connection as soon as everything written so far has been handed to the kernel.
    pub(crate) fn end_once_flushed(&self) {
        self.end_once_flushed.store(true, Ordering::Relaxed);
    }

    pub(crate) async fn ended(&self) {
        self.ended.notified().await;
    }

    /// Bytes that the kernel has taken over so far.
    pub(crate) fn written(&self) -> u64 {
        self.written.load(Ordering::Relaxed)
    }
}

/// An accepted connection.
pub(crate) struct Line {
    stream: TcpStream,
    control: Arc<LineControl>,
    drip: Option<Drip>,
}

/// What goes out does so in pieces, with a pause before each.
struct Drip {
    every: Duration,
    bytes: usize,
    pause: Pin<Box<Sleep>>,
}

impl Line {
    pub(crate) fn new(stream: TcpStream, number: u64) -> (Self, Arc<LineControl>) {
        let control = Arc::new(LineControl {
            number,
            ended: Notify::new(),
            reset: AtomicBool::new(false),
            end_once_flushed: AtomicBool::new(false),
            written: AtomicU64::new(0),
        });
        let line = Self {
            stream,
            control: Arc::clone(&control),
            drip: None,
        };
        (line, control)
    }

    /// From now on what is written goes out in pieces of `bytes`, `every` apart.
    pub(crate) fn drip(&mut self, every: Duration, bytes: usize) {
        self.drip = Some(Drip {
            every,
            bytes,
            pause: Box::pin(sleep(every)),
        });
    }

    /// From now on what is written goes out at once.
    pub(crate) fn flow(&mut self) {
        self.drip = None;
    }

    /// Waits until the client has sent something that is not read yet, or has closed.
    pub(crate) async fn speaks(&self) {
        let _ = self.stream.peek(&mut [0]).await;
    }

    /// Waits until the client has closed; reads nothing, but on Windows.
    pub(crate) async fn closes(&self) {
        if cfg!(windows) {
            // Under Wine what is unread hides the close, and is told of again and again: nothing else there gets its turn.
            return self.read_away().await;
        }
        // What is left unread keeps the socket readable, so its state is looked at now and then.
        const LOOK: Duration = Duration::from_millis(20);
        loop {
            match self.stream.ready(Interest::READABLE).await {
                Ok(state) if !state.is_read_closed() => sleep(LOOK).await,
                _ => return,
            }
        }
    }

    /// Ends the connection: a reset once this is dropped, or FIN now, and then what the client still sends is thrown away
    /// until it closes. (Closing with bytes unread would send a reset.)
    pub(crate) async fn finish(&self, ending: Ending) {
        if ending == Ending::Reset {
            self.control.reset.store(true, Ordering::Relaxed);
            return;
        }
        let _ = SockRef::from(&self.stream).shutdown(Shutdown::Write);
        self.read_away().await;
    }

    /// Throws away what the client sends until it closes.
    async fn read_away(&self) {
        let mut waste = [0; 4096];
        while self.stream.readable().await.is_ok() {
            match self.stream.try_read(&mut waste) {
                Ok(0) => return,
                Ok(_) => {}
                Err(e) if e.kind() == io::ErrorKind::WouldBlock => {}
                Err(_) => return,
            }
        }
    }

    /// How many bytes may go out now.
    fn poll_room(&mut self, cx: &mut Context<'_>) -> Poll<usize> {
        let Some(drip) = &mut self.drip else {
            return Poll::Ready(usize::MAX);
        };
        ready!(drip.pause.as_mut().poll(cx));
        drip.pause = Box::pin(sleep(drip.every));
        Poll::Ready(drip.bytes)
    }

    fn counted(&self, written: Poll<io::Result<usize>>) -> Poll<io::Result<usize>> {
        if let Poll::Ready(Ok(bytes)) = &written {
            self.control.written.fetch_add(*bytes as u64, Ordering::Relaxed);
        }
        written
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        if self.control.reset.load(Ordering::Relaxed) {
            // Closing with a linger time of zero sends RST instead of FIN.
            let _ = SockRef::from(&self.stream).set_linger(Some(Duration::ZERO));
        }
    }
}

impl AsyncRead for Line {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buffer)
    }
}

impl AsyncWrite for Line {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let room = ready!(self.poll_room(cx)).min(bytes.len());
        let written = Pin::new(&mut self.stream).poll_write(cx, &bytes[..room]);
        self.counted(written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        parts: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        if self.drip.is_some() {
            let first = parts.iter().find(|part| !part.is_empty()).map_or(&[][..], |part| part);
            return self.poll_write(cx, first);
        }
        let written = Pin::new(&mut self.stream).poll_write_vectored(cx, parts);
        self.counted(written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        // Whatever sits above (TLS, HTTP) flushes only after it has written all it had.
        if self.control.end_once_flushed.load(Ordering::Relaxed) {
            self.control.end(Ending::Fin);
        }
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
