//! A TCP socket that obeys the call it works for: its deadline, its stop, its interrupt callback, its count of what was sent. A read or write is one
//! system call as a rule; a signal never fails a call, and SIGPIPE is never raised.

use std::io::{self, Read, Write};
use std::mem::MaybeUninit;
use std::net::TcpStream;
use std::sync::Arc;
use std::time::{Duration, Instant};

use socket2::{SockRef, TcpKeepalive};

use crate::process::beside_standard_streams;
use crate::wait::{Ended, Wait};

/// A socket's time-out is left as it is while it ends at most so much after the deadline: a system call saved per step.
const TIMEOUT_SLACK: Duration = Duration::from_millis(10);

#[derive(Debug)]
pub(super) struct Socket {
    stream: Arc<TcpStream>,
    read_timeout: Option<Duration>,
    write_timeout: Option<Duration>,
    /// Bytes the kernel took since the socket was made.
    pub taken: u64,
    /// The call it works for; `None` while it lies in the pool.
    wait: Option<Wait>,
}

/// Travels through `io::Error` so that TLS, which sits above the socket, hands it on untouched.
#[derive(Debug)]
pub(super) struct EndedError(pub Ended);

impl std::fmt::Display for EndedError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "the call ended: {:?}", self.0)
    }
}

impl std::error::Error for EndedError {}

impl From<EndedError> for io::Error {
    fn from(ended: EndedError) -> Self {
        io::Error::other(ended)
    }
}

impl Socket {
    pub fn new(stream: TcpStream, keepalive: Option<Duration>) -> io::Result<Socket> {
        let stream = beside_standard_streams(stream)?;
        stream.set_nodelay(true)?;
        if let Some(time) = keepalive {
            let keepalive = TcpKeepalive::new().with_time(time).with_interval(time);
            SockRef::from(&stream).set_tcp_keepalive(&keepalive)?;
        }
        Ok(Socket {
            stream: Arc::new(stream),
            read_timeout: None,
            write_timeout: None,
            taken: 0,
            wait: None,
        })
    }

    /// From now until [`Socket::rest`] it reads and writes for this call, which alone may be ended by cutting it.
    pub fn work_for(&mut self, wait: Wait) -> Result<(), Ended> {
        wait.own(&self.stream)?;
        self.wait = Some(wait);
        Ok(())
    }

    /// The call is done with it.
    pub fn rest(&mut self) {
        if let Some(wait) = self.wait.take() {
            wait.disown();
        }
    }

    /// Whether the peer neither closed nor said anything unasked. Never blocks.
    pub fn is_quiet(&self) -> bool {
        // Any byte, an end of file and any error but "nothing there" mean that this connection must not be used again.
        peek(&self.stream).is_err_and(|error| error.kind() == io::ErrorKind::WouldBlock)
    }

    /// Waits at most this long until there is something to read, or the end. No callback is asked meanwhile.
    pub fn has_input_within(&mut self, longest: Duration) -> bool {
        let left = self.wait.as_ref().and_then(|wait| wait.time_left().ok());
        let end = Instant::now() + left.unwrap_or_default().min(longest);
        loop {
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() || self.stream.set_read_timeout(Some(left)).is_err() {
                return false;
            }
            self.read_timeout = Some(left);
            match self.stream.peek(&mut [0]).map_err(|error| error.kind()) {
                Err(io::ErrorKind::Interrupted | io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut) => {}
                // What it is, reading tells.
                Ok(_) | Err(_) => return true,
            }
        }
    }

    /// What has come already, without waiting for more; an error of the kind `WouldBlock` if nothing has.
    pub fn read_at_once(&self, buffer: &mut [u8]) -> io::Result<usize> {
        match peek(&self.stream)? {
            0 => Ok(0),
            _ => (&*self.stream).read(buffer),
        }
    }

    /// One blocking step: sets the time-out when it must, retries after signals and early wake-ups.
    fn step(
        &mut self,
        timeout_of: fn(&mut Socket) -> &mut Option<Duration>,
        set: fn(&TcpStream, Option<Duration>) -> io::Result<()>,
        mut io: impl FnMut(&TcpStream) -> io::Result<usize>,
    ) -> io::Result<usize> {
        let wait = self
            .wait
            .clone()
            .ok_or_else(|| io::Error::other("no call uses this socket"))?;
        loop {
            let slice = wait.slice().map_err(EndedError)?;
            if timeout_of(self).is_none_or(|timeout| timeout > slice + TIMEOUT_SLACK) {
                set(&self.stream, Some(slice))?;
                *timeout_of(self) = Some(slice);
            }
            match io(&self.stream) {
                // A stop cuts the socket, which reads as an end of file or an error.
                Ok(0) => return wait.ask().map(|()| 0).map_err(|ended| EndedError(ended).into()),
                Ok(n) => return Ok(n),
                Err(error) => {
                    wait.ask().map_err(EndedError)?;
                    match error.kind() {
                        io::ErrorKind::Interrupted => {}
                        // Woken before the deadline by an older, shorter time-out, or at the end of a slice.
                        io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut => *timeout_of(self) = None,
                        _ => return Err(error),
                    }
                }
            }
        }
    }
}

/// One system call.
#[cfg(unix)]
fn peek(stream: &TcpStream) -> io::Result<usize> {
    let mut byte = [MaybeUninit::uninit()];
    SockRef::from(stream).recv_with_flags(&mut byte, libc::MSG_PEEK | libc::MSG_DONTWAIT)
}

#[cfg(not(unix))]
fn peek(stream: &TcpStream) -> io::Result<usize> {
    stream.set_nonblocking(true)?;
    let got = SockRef::from(stream).peek(&mut [MaybeUninit::uninit()]);
    stream.set_nonblocking(false)?;
    got
}

impl Drop for Socket {
    fn drop(&mut self) {
        self.rest();
    }
}

impl Read for Socket {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.is_empty() {
            return Ok(0);
        }
        self.step(
            |s| &mut s.read_timeout,
            TcpStream::set_read_timeout,
            |mut stream| stream.read(buffer),
        )
    }
}

/// `write_vectored` is left to its default: the standard library's own raises SIGPIPE, `write` does not.
impl Write for Socket {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        if buffer.is_empty() {
            return Ok(0);
        }
        let n = self.step(
            |s| &mut s.write_timeout,
            TcpStream::set_write_timeout,
            |mut stream| stream.write(buffer),
        )?;
        self.taken += n as u64;
        Ok(n)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
