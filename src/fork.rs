//! Remembers in which process an object was made, so that a client of the parent is refused in a forked child. On Linux from 4.14 that takes neither
//! a lock nor a system call: the mark is a page that the kernel wipes in every child. Elsewhere the process id is compared (one system call).

use std::process;
use std::sync::atomic::{AtomicU64, Ordering};

use once_cell::sync::Lazy;

/// The process that something was made in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Birthplace(u64);

impl Birthplace {
    pub fn here() -> Birthplace {
        Birthplace(current())
    }

    pub fn is_here(self) -> bool {
        self.0 == current()
    }
}

/// `None` where the kernel wipes no page.
static MARK: Lazy<Option<&'static AtomicU64>> = Lazy::new(wiped_page);

/// A number that differs between a process and every child that was forked from it.
fn current() -> u64 {
    // A child inherits this counter, so the number it draws is one that no ancestor has used.
    static NEXT: AtomicU64 = AtomicU64::new(1);
    let Some(mark) = *MARK else {
        return u64::from(process::id());
    };
    match mark.load(Ordering::Acquire) {
        0 => {
            let new = NEXT.fetch_add(1, Ordering::Relaxed);
            mark.compare_exchange(0, new, Ordering::AcqRel, Ordering::Acquire)
                .map_or_else(|other| other, |_| new)
        }
        number => number,
    }
}

/// A page for the life of the process that reads as zeros in every forked child.
#[cfg(target_os = "linux")]
#[allow(unsafe_code)]
fn wiped_page() -> Option<&'static AtomicU64> {
    // SAFETY: a new anonymous page, zeroed and aligned by the kernel, is never unmapped, and is only ever used as this one atomic.
    unsafe {
        let size = usize::try_from(libc::sysconf(libc::_SC_PAGESIZE)).ok()?;
        let (access, kind) = (
            libc::PROT_READ | libc::PROT_WRITE,
            libc::MAP_PRIVATE | libc::MAP_ANONYMOUS,
        );
        let page = libc::mmap(std::ptr::null_mut(), size, access, kind, -1, 0);
        if page == libc::MAP_FAILED {
            return None;
        }
        if libc::madvise(page, size, libc::MADV_WIPEONFORK) != 0 {
            libc::munmap(page, size);
            return None;
        }
        Some(&*page.cast::<AtomicU64>())
    }
}

#[cfg(not(target_os = "linux"))]
fn wiped_page() -> Option<&'static AtomicU64> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_made_here_is_from_here() {
        let made = Birthplace::here();
        assert!(made.is_here());
        assert_eq!(made, Birthplace::here());
    }

    /// The child only reads an atomic and leaves, which is all that a child of a threaded process may do.
    #[test]
    #[allow(unsafe_code)]
    fn what_the_parent_made_is_not_from_here_in_a_child() {
        let made = Birthplace::here();
        // SAFETY: the child calls nothing but `is_here`, `here` and `_exit`.
        let status = unsafe {
            match libc::fork() {
                0 => {
                    let foreign = !made.is_here();
                    let own = Birthplace::here().is_here();
                    libc::_exit(i32::from(!(foreign && own)));
                }
                child => {
                    let mut status = -1;
                    libc::waitpid(child, &mut status, 0);
                    status
                }
            }
        };
        assert_eq!(status, 0);
        assert!(made.is_here(), "the parent goes on");
    }
}
