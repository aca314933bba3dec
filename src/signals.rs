//! How the library's own threads are started: without the signals of the program it is in. Promises that the mask of the caller is as
//! before. Installs no handler, and knows nothing of what the threads do.

/// Signals are for the program's own threads: a new thread inherits the mask, and with this one it takes none of them.
#[allow(unsafe_code)]
pub(crate) fn without_signals<T>(start: impl FnOnce() -> T) -> T {
    // SAFETY: both sets are plain data, written by the C library before they are read.
    unsafe {
        let (mut all, mut before) = (std::mem::zeroed(), std::mem::zeroed());
        libc::sigfillset(&mut all);
        libc::pthread_sigmask(libc::SIG_SETMASK, &all, &mut before);
        let started = start();
        libc::pthread_sigmask(libc::SIG_SETMASK, &before, std::ptr::null_mut());
        started
    }
}
