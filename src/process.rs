//! The library is a guest in a process: it reads no environment variable, takes no signal, survives the cancellation of a thread, and keeps its
//! descriptors off 0 to 2.

use std::io;
#[cfg(unix)]
use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::thread::{self, JoinHandle};

/// A thread of the library. Signals are for the program's own threads: a new thread inherits the mask, and with this one it takes none of them.
#[derive(Debug)]
pub(crate) struct OwnThread {
    handle: JoinHandle<()>,
    /// The process that has the thread; a forked child has only its handle.
    process: u32,
}

impl OwnThread {
    pub fn start(name: &str, work: impl FnOnce() + Send + 'static) -> io::Result<OwnThread> {
        let thread = thread::Builder::new().name(name.into()).stack_size(STACK);
        Ok(OwnThread {
            handle: without_signals(|| thread.spawn(work))?,
            process: std::process::id(),
        })
    }

    /// Not in a forked child, where neither the thread is nor, perhaps, anybody who will ever let go of a lock.
    pub fn is_here(&self) -> bool {
        self.process == std::process::id()
    }

    pub fn wait_for_its_end(self) {
        // What panics in it is contained there, or has nothing left to tell.
        let _ = self.handle.join();
    }
}

/// Said, since the standard library would ask the environment. Enough for whatever the system's look-up brings along.
const STACK: usize = 2 * 1_024 * 1_024;

#[cfg(unix)]
#[allow(unsafe_code)]
fn without_signals<T>(start: impl FnOnce() -> T) -> T {
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

/// No thread gets signals here. But `FreeLibrary` would take the code away from under a thread, so from the first one on the DLL stays loaded, as
/// `-z nodelete` has it on Linux; macOS unloads no library that has thread-local variables.
#[cfg(windows)]
#[allow(unsafe_code)]
fn without_signals<T>(start: impl FnOnce() -> T) -> T {
    use windows_sys::Win32::System::LibraryLoader::{
        GetModuleHandleExW, GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS, GET_MODULE_HANDLE_EX_FLAG_PIN,
    };
    static INSIDE: u8 = 0;
    let mut module = std::ptr::null_mut();
    let how = GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS | GET_MODULE_HANDLE_EX_FLAG_PIN;
    // SAFETY: the address is one of this module's own, and the handle is written and not used. Where it fails, the module stays as it was.
    unsafe { GetModuleHandleExW(how, (&raw const INSIDE).cast(), &mut module) };
    start()
}

/// While it lives, `pthread_cancel` waits: it unwinds the thread, and unwinding that is no panic of Rust's ends the process.
#[derive(Debug)]
pub(crate) struct Uncancellable {
    #[cfg(unix)]
    before: std::os::raw::c_int,
}

#[cfg(unix)]
mod cancellation {
    use std::os::raw::c_int;

    /// POSIX names it, and each system numbers it.
    pub const DISABLED: c_int = if cfg!(target_vendor = "apple") { 0 } else { 1 };

    extern "C" {
        pub fn pthread_setcancelstate(state: c_int, before: *mut c_int) -> c_int;
    }
}

#[cfg(unix)]
#[allow(unsafe_code)]
impl Uncancellable {
    pub fn new() -> Uncancellable {
        let mut before = 0;
        // SAFETY: `before` is written and nothing else.
        unsafe { cancellation::pthread_setcancelstate(cancellation::DISABLED, &mut before) };
        Uncancellable { before }
    }
}

#[cfg(unix)]
#[allow(unsafe_code)]
impl Drop for Uncancellable {
    fn drop(&mut self) {
        // SAFETY: a state that the same function gave; with deferred cancellation, which is the default, it acts at a later point.
        unsafe { cancellation::pthread_setcancelstate(self.before, std::ptr::null_mut()) };
    }
}

#[cfg(not(unix))]
impl Uncancellable {
    pub fn new() -> Uncancellable {
        Uncancellable {}
    }
}

/// The same socket on a descriptor above 2: a host that closed its standard descriptors would otherwise read from it or print into it.
#[cfg(unix)]
pub(crate) fn beside_standard_streams<S: AsFd + From<OwnedFd>>(socket: S) -> io::Result<S> {
    if socket.as_fd().as_raw_fd() > 2 {
        return Ok(socket);
    }
    // The standard library never puts a clone there either.
    Ok(socket.as_fd().try_clone_to_owned()?.into())
}

/// Windows keeps its sockets and its standard handles apart.
#[cfg(not(unix))]
pub(crate) fn beside_standard_streams<S>(socket: S) -> io::Result<S> {
    Ok(socket)
}

/// An empty environment: `getenv` beside another thread's `setenv` crashes a process, and crates read the environment unasked (ureq the proxy
/// variables whenever a configuration is made, the standard library `RUST_MIN_STACK` and `RUST_BACKTRACE`). So the linker leads every
/// `getenv` of the shared library and of the static archive here (`--wrap`, in build.rs and in the archive's packaging), where nothing is ever set. Only on Linux: macOS
/// and Windows guard their environments with locks. A Rust program that links this crate keeps its own `getenv`.
///
/// The symbol is hidden, so that the host never meets it; that is why it is no Rust function, whose only names are exported or mangled.
#[cfg(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64")))]
#[allow(unsafe_code)]
mod environment {
    macro_rules! answer_null {
        ($($instruction:literal),*) => {
            core::arch::global_asm!(
                ".pushsection .text.__wrap_getenv,\"ax\",@progbits",
                ".globl __wrap_getenv",
                ".hidden __wrap_getenv",
                ".type __wrap_getenv,@function",
                "__wrap_getenv:",
                $($instruction,)*
                ".size __wrap_getenv, . - __wrap_getenv",
                ".popsection"
            );
        };
    }

    #[cfg(target_arch = "x86_64")]
    answer_null!("xor eax, eax", "ret");
    #[cfg(target_arch = "aarch64")]
    answer_null!("mov x0, xzr", "ret");
}
