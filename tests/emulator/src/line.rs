//! The TCP connection as the emulator holds it: beneath HTTP and beneath TLS. It promises that a connection can be ended
//! from outside, orderly or by a reset, at once or after what is on its way has been handed to the kernel. It knows no
//! HTTP; faults of the socket belong here.

use std::io;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use socket2::SockRef;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::sync::Notify;

use crate::fault::Ending;

/// What is known of a connection and can be done to it while HTTP holds the stream.
pub(crate) struct LineControl {
    /// Serial number of the connection, from 1.
    pub(crate) number: u64,
    ended: Notify,
    reset: AtomicBool,
    end_once_flushed: AtomicBool,
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
}

/// An accepted connection.
pub(crate) struct Line {
    stream: TcpStream,
    control: Arc<LineControl>,
}

impl Line {
    pub(crate) fn new(stream: TcpStream, number: u64) -> (Self, Arc<LineControl>) {
        let control = Arc::new(LineControl {
            number,
            ended: Notify::new(),
            reset: AtomicBool::new(false),
            end_once_flushed: AtomicBool::new(false),
        });
        let line = Self {
            stream,
            control: Arc::clone(&control),
        };
        (line, control)
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
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        parts: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(cx, parts)
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
