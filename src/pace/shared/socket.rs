//! A socket to the server of the shared limit: TCP, or a Unix socket on the same machine.

use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpStream};
#[cfg(unix)]
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::Duration;

use crate::process::beside_standard_streams;

#[derive(Debug)]
pub(crate) enum Socket {
    Tcp(TcpStream),
    #[cfg(unix)]
    Unix(UnixStream),
}

/// The same of either kind.
macro_rules! either {
    ($socket:expr, $stream:ident => $what:expr) => {
        match $socket {
            Socket::Tcp($stream) => $what,
            #[cfg(unix)]
            Socket::Unix($stream) => $what,
        }
    };
}

impl Socket {
    pub fn tcp(stream: TcpStream, timeout: Duration) -> io::Result<Socket> {
        stream.set_nodelay(true)?;
        Socket::Tcp(beside_standard_streams(stream)?).bounded(timeout)
    }

    #[cfg(unix)]
    pub fn unix(path: &Path, timeout: Duration) -> io::Result<Socket> {
        Socket::Unix(beside_standard_streams(UnixStream::connect(path)?)?).bounded(timeout)
    }

    /// No URL names one here.
    #[cfg(not(unix))]
    pub fn unix(_: &Path, _: Duration) -> io::Result<Socket> {
        Err(io::ErrorKind::Unsupported.into())
    }

    fn bounded(self, timeout: Duration) -> io::Result<Socket> {
        either!(&self, stream => {
            stream.set_read_timeout(Some(timeout))?;
            stream.set_write_timeout(Some(timeout))?;
        });
        Ok(self)
    }

    pub fn try_clone(&self) -> io::Result<Socket> {
        Ok(match self {
            Socket::Tcp(stream) => Socket::Tcp(stream.try_clone()?),
            #[cfg(unix)]
            Socket::Unix(stream) => Socket::Unix(stream.try_clone()?),
        })
    }

    /// Ends what another thread waits for on it; an error means that it is closed already.
    pub fn shut_down(&self) {
        let _ = either!(self, stream => stream.shutdown(Shutdown::Both));
    }
}

impl Read for Socket {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        either!(self, stream => stream.read(buffer))
    }
}

impl Write for Socket {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        either!(self, stream => stream.write(bytes))
    }

    fn flush(&mut self) -> io::Result<()> {
        either!(self, stream => stream.flush())
    }
}
