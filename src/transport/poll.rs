//! Waiting for several sockets at once, and for the waker of the call that waits. Knows neither addresses nor deadlines.

use std::io;
use std::time::Duration;

use socket2::Socket;

use crate::wait::Waker;

#[cfg(unix)]
mod system {
    use std::os::fd::AsRawFd;

    pub use libc::pollfd as Entry;
    use libc::{c_int, nfds_t, POLLIN, POLLOUT};

    fn entry(of: &impl AsRawFd, events: i16) -> Entry {
        Entry {
            fd: of.as_raw_fd(),
            events,
            revents: 0,
        }
    }

    pub fn writable(of: &impl AsRawFd) -> Entry {
        entry(of, POLLOUT)
    }

    pub fn readable(of: &impl AsRawFd) -> Entry {
        entry(of, POLLIN)
    }

    #[allow(unsafe_code)]
    pub fn poll(entries: &mut [Entry], ms: c_int) -> c_int {
        // SAFETY: the entries and their number are those of one slice; their descriptors are open while the caller waits.
        unsafe { libc::poll(entries.as_mut_ptr(), entries.len() as nfds_t, ms) }
    }
}

#[cfg(windows)]
mod system {
    use std::os::windows::io::AsRawSocket;

    pub use windows_sys::Win32::Networking::WinSock::WSAPOLLFD as Entry;
    use windows_sys::Win32::Networking::WinSock::{WSAPoll, POLLRDNORM, POLLWRNORM};

    fn entry(of: &impl AsRawSocket, events: i16) -> Entry {
        Entry {
            fd: of.as_raw_socket() as _,
            events,
            revents: 0,
        }
    }

    pub fn writable(of: &impl AsRawSocket) -> Entry {
        entry(of, POLLWRNORM)
    }

    pub fn readable(of: &impl AsRawSocket) -> Entry {
        entry(of, POLLRDNORM)
    }

    #[allow(unsafe_code)]
    pub fn poll(entries: &mut [Entry], ms: i32) -> i32 {
        // SAFETY: the entries and their number are those of one slice; their sockets are open while the caller waits.
        unsafe { WSAPoll(entries.as_mut_ptr(), entries.len() as u32, ms) }
    }
}

/// Waits until a socket that connects has done so or failed, or until the waker is woken, for at most so long. Tells of each socket whether
/// it is at its end; a signal ends the wait early.
pub(super) fn poll<'a>(
    connecting: impl Iterator<Item = &'a Socket>,
    waker: &Waker,
    longest: Duration,
) -> io::Result<Vec<bool>> {
    let mut entries = vec![system::readable(waker)];
    entries.extend(connecting.map(system::writable));
    // Rounded up, so that a wait of less than a millisecond is no busy one.
    let ms = i32::try_from(longest.as_micros().div_ceil(1_000)).unwrap_or(i32::MAX);
    if system::poll(&mut entries, ms) < 0 {
        let error = io::Error::last_os_error();
        if error.kind() != io::ErrorKind::Interrupted {
            return Err(error);
        }
    }
    Ok(entries[1..].iter().map(|entry| entry.revents != 0).collect())
}
