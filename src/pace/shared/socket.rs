//! A socket to the server of the shared limit: TCP, or a Unix socket on the same machine.

use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpStream};
#[cfg(unix)]
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::Duration;

use crate::process::beside_standard_streams;

#[derive(Debug)]
pub(crate) enum LimitSocket {
    Tcp(TcpStream),
    #[cfg(unix)]
    Unix(UnixStream),
}

/// The same of either kind.
macro_rules! either {
    ($socket:expr, $stream:ident => $what:expr) => {
        match $socket {
            LimitSocket::Tcp($stream) => $what,
            #[cfg(unix)]
            LimitSocket::Unix($stream) => $what,
        }
    };
}

impl LimitSocket {
    pub fn tcp(stream: TcpStream, timeout: Duration) -> io::Result<LimitSocket> {
        stream.set_nodelay(true)?;
        LimitSocket::Tcp(beside_standard_streams(stream)?).bounded(timeout)
    }

    #[cfg(unix)]
    pub fn unix(path: &Path, timeout: Duration) -> io::Result<LimitSocket> {
        LimitSocket::Unix(beside_standard_streams(UnixStream::connect(path)?)?).bounded(timeout)
    }

    /// No URL names one here.
    #[cfg(not(unix))]
    pub fn unix(_: &Path, _: Duration) -> io::Result<LimitSocket> {
        Err(io::ErrorKind::Unsupported.into())
    }

    fn bounded(self, timeout: Duration) -> io::Result<LimitSocket> {
        either!(&self, stream => {
            stream.set_read_timeout(Some(timeout))?;
            stream.set_write_timeout(Some(timeout))?;
        });
        Ok(self)
    }

    pub fn try_clone(&self) -> io::Result<LimitSocket> {
        Ok(match self {
            LimitSocket::Tcp(stream) => LimitSocket::Tcp(stream.try_clone()?),
            #[cfg(unix)]
            LimitSocket::Unix(stream) => LimitSocket::Unix(stream.try_clone()?),
        })
    }

    /// Ends what another thread waits for on it; an error means that it is closed already.
    pub fn shut_down(&self) {
        let _ = either!(self, stream => stream.shutdown(Shutdown::Both));
    }
}

impl Read for LimitSocket {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        either!(self, stream => stream.read(buffer))
    }
}

impl Write for LimitSocket {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        either!(self, stream => stream.write(bytes))
    }

    fn flush(&mut self) -> io::Result<()> {
        either!(self, stream => stream.flush())
    }
}
