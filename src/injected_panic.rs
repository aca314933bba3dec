//! Panics on demand, for the tests that prove that no panic leaves the library. Without the feature `panic-injection` this is nothing.

#[cfg(feature = "panic-injection")]
pub(crate) use armed::*;

#[cfg(not(feature = "panic-injection"))]
#[inline(always)]
pub(crate) fn at(_point: &str) {}

#[cfg(feature = "panic-injection")]
mod armed {
    use std::sync::{Mutex, PoisonError};

    static POINT: Mutex<Option<String>> = Mutex::new(None);

    /// Panics once at the point named next; `None` disarms.
    pub(crate) fn arm(point: Option<String>) {
        *POINT.lock().unwrap_or_else(PoisonError::into_inner) = point;
    }

    pub(crate) fn at(point: &str) {
        let mut armed = POINT.lock().unwrap_or_else(PoisonError::into_inner);
        if armed.as_deref() == Some(point) {
            *armed = None;
            drop(armed);
            panic!("injected at {point}");
        }
    }
}
