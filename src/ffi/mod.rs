//! The C ABI. What holds for every function is said here once, and again at the top of the header:
//!
//! 1. A result is an `int`: 0 success, negative `CHAT_ERR_*`, positive the service's `ErrorCode` unchanged.
//! 2. Arguments come in this order: handle, inputs, options, outputs.
//! 3. `*response` is set on every return, success or not; free it once. `chat_client_new` sets `*client` only on 0, `*error` only else.
//! 4. Strings in are NUL-terminated UTF-8 and copied. JSON in is pointer and length.
//! 5. Strings out are never NULL, NUL-terminated, and borrowed from the object they come from. Only `_free` functions free.
//! 6. Every pointer is checked; a message names the argument. `_free(NULL)` does nothing; accessors answer NULL with 0 or "".
//! 7. `const` on a handle means that threads may share it. Without it, one thread at a time.
//! 8. No environment variable changes a call, no signal handler is installed, nothing is printed, nothing aborts the process.
//!
//! This module holds no logic: it reads pointers, calls the core and hands out boxes.
#![allow(unsafe_code, non_camel_case_types)]

pub(crate) mod boundary;
mod config;

mod client;

mod options;

mod lists;

mod response;

mod items;

use std::os::raw::{c_char, c_int};

pub use client::chat_client;
pub use config::chat_config;
pub use items::chat_items;
pub use lists::{chat_accounts, chat_contacts, chat_marks};
pub use options::{chat_call_options, chat_cancel};
pub use response::chat_response;

/// The version of the library that is loaded, as `0.1.0`. Compare with `CHAT_VERSION` of the header you compiled with.
///
/// Static text; never freed. Any thread.
#[no_mangle]
pub extern "C" fn chat_version() -> *const c_char {
    const VERSION: &str = concat!(env!("CARGO_PKG_VERSION"), "\0");
    VERSION.as_ptr().cast()
}

/// What a code means and what to do about it: one of `CHAT_ERR_*` or an `ErrorCode` of the service.
///
/// Static text, ASCII, never NULL, also for a code nobody knows; never freed. Any thread.
#[no_mangle]
pub extern "C" fn chat_strerror(code: c_int) -> *const c_char {
    crate::error::strerror(code).as_ptr()
}

/// Test builds only: makes the library panic once at a point ("call", "pool", "config"); NULL disarms.
///
/// # Safety
/// `point` is NULL or a NUL-terminated string.
#[cfg(feature = "panic-injection")]
#[no_mangle]
pub unsafe extern "C" fn chat_test_panic_at(point: *const c_char) {
    crate::injected_panic::arm(boundary::text(point, "point").ok().map(str::to_owned));
}
