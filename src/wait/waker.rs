//! A descriptor that becomes readable when a call is ended or woken, for a call that polls.

use std::io::{self, Read, Write};
#[cfg(windows)]
use std::net::TcpStream;

use crate::process::beside_standard_streams;

#[cfg(unix)]
type PairedSocket = std::os::unix::net::UnixStream;
#[cfg(windows)]
type PairedSocket = TcpStream;

/// A descriptor that is readable from the first wake until it is cleared.
#[derive(Debug)]
pub(crate) struct Waker {
    reader: PairedSocket,
    writer: PairedSocket,
}

impl Waker {
    pub fn new() -> io::Result<Waker> {
        let (reader, writer) = Waker::pair()?;
        let (reader, writer) = (beside_standard_streams(reader)?, beside_standard_streams(writer)?);
        reader.set_nonblocking(true)?;
        writer.set_nonblocking(true)?;
        Ok(Waker { reader, writer })
    }

    #[cfg(unix)]
    fn pair() -> io::Result<(PairedSocket, PairedSocket)> {
        PairedSocket::pair()
    }

    /// Windows polls nothing but sockets.
    #[cfg(windows)]
    fn pair() -> io::Result<(PairedSocket, PairedSocket)> {
        let listener = std::net::TcpListener::bind((std::net::Ipv4Addr::LOCALHOST, 0))?;
        let writer = TcpStream::connect(listener.local_addr()?)?;
        loop {
            let (reader, peer) = listener.accept()?;
            // Any program on the machine may connect.
            if peer == writer.local_addr()? {
                return Ok((reader, writer));
            }
        }
    }

    pub fn wake(&self) {
        // An error means that it is readable already: so often was it woken that nothing more fits.
        let _ = (&self.writer).write(&[1]);
    }

    pub fn clear(&self) {
        let mut written = [0; 64];
        while matches!((&self.reader).read(&mut written), Ok(n) if n == written.len()) {}
    }
}

#[cfg(unix)]
impl std::os::fd::AsRawFd for Waker {
    fn as_raw_fd(&self) -> std::os::fd::RawFd {
        self.reader.as_raw_fd()
    }
}

#[cfg(windows)]
impl std::os::windows::io::AsRawSocket for Waker {
    fn as_raw_socket(&self) -> std::os::windows::io::RawSocket {
        self.reader.as_raw_socket()
    }
}
