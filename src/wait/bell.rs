//! A descriptor that becomes readable when a call is ended or woken, for a call that polls.

use std::io::{self, Read, Write};
#[cfg(windows)]
use std::net::TcpStream;

use crate::process::beside_standard_streams;

#[cfg(unix)]
type Wire = std::os::unix::net::UnixStream;
#[cfg(windows)]
type Wire = TcpStream;

/// A descriptor that is readable from the first ring until it is silenced.
#[derive(Debug)]
pub(crate) struct Bell {
    heard: Wire,
    rung: Wire,
}

impl Bell {
    pub fn new() -> io::Result<Bell> {
        let (heard, rung) = Bell::pair()?;
        let (heard, rung) = (beside_standard_streams(heard)?, beside_standard_streams(rung)?);
        heard.set_nonblocking(true)?;
        rung.set_nonblocking(true)?;
        Ok(Bell { heard, rung })
    }

    #[cfg(unix)]
    fn pair() -> io::Result<(Wire, Wire)> {
        Wire::pair()
    }

    /// Windows polls nothing but sockets.
    #[cfg(windows)]
    fn pair() -> io::Result<(Wire, Wire)> {
        let listener = std::net::TcpListener::bind((std::net::Ipv4Addr::LOCALHOST, 0))?;
        let rung = TcpStream::connect(listener.local_addr()?)?;
        loop {
            let (heard, peer) = listener.accept()?;
            // Any program on the machine may connect.
            if peer == rung.local_addr()? {
                return Ok((heard, rung));
            }
        }
    }

    pub fn ring(&self) {
        // An error means that it rings already, so often that nothing more fits.
        let _ = (&self.rung).write(&[1]);
    }

    pub fn silence(&self) {
        let mut rings = [0; 64];
        while matches!((&self.heard).read(&mut rings), Ok(n) if n == rings.len()) {}
    }
}

#[cfg(unix)]
impl std::os::fd::AsRawFd for Bell {
    fn as_raw_fd(&self) -> std::os::fd::RawFd {
        self.heard.as_raw_fd()
    }
}

#[cfg(windows)]
impl std::os::windows::io::AsRawSocket for Bell {
    fn as_raw_socket(&self) -> std::os::windows::io::RawSocket {
        self.heard.as_raw_socket()
    }
}
