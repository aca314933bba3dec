//! A client for the Tencent Chat REST API (conversation groups and marks). Not affiliated with the vendor.
//!
//! Made by `make header` from the Rust sources; not to be edited. What holds for every function:
//!
//! 1. Results.   An `int` result is 0 for success, negative (CHAT_ERR_*) for ours, positive for the service's `ErrorCode`, unchanged.
//! 2. Order.     Handle, inputs, options, outputs. Options may be NULL.
//! 3. Outputs.   `*response` is set on every return, success or not: free it once with `chat_response_free`. Pass NULL if not wanted.
//!               There is no `last error` per thread: everything about a call is in its response.
//! 4. Texts in.  NUL-terminated UTF-8, copied. JSON is pointer and length. Lists are built item by item.
//! 5. Texts out. Never NULL, NUL-terminated, borrowed from the object they come from. Only `_free` functions free.
//! 6. NULL.      Is checked everywhere: a call names the argument in its message, an accessor answers 0 or an empty text, a `_free` does
//!               nothing. A `_new` without a result `int` returns NULL only if the library itself failed.
//! 7. Threads.   `const` on a handle means that any number of threads may share it; without it, one thread at a time.
//!               Any function may be called on any thread, and an object may move between threads. Not in a signal handler.
//! 8. Process.   No environment variable is read but by the C library's own look-up of names, no signal handler is installed, nothing is
//!               printed. A function takes at most 64 KiB of stack, callbacks of yours apart, and may be called in destructors of statics,
//!               of thread-locals and of pthread keys. A thread that is cancelled inside one (`pthread_cancel`, deferred, as it is unless
//!               set otherwise) ends after it. A client's threads end with it, but for one that the system keeps in a look-up: that one
//!               ends with the look-up and holds nothing of the client. Nothing exits or aborts (but for a small allocation that the
//!               system refuses).
//!               In a child of `fork()`, a client of the parent answers CHAT_ERR_FORKED and is harmless to free: make a client in the child.
//! 9. Secrets.   Key, UserSig, proxy password and the shared limit's login are in no message, body, trace or printout; no error quotes a file.
//! 10. Answers.  A member that is absent or null reads as one that is not there: 0, "", nothing. One of another type is an error that names
//!               it. An integer is one in every form JSON has for it (`1`, `1.0`, `1e0`, `"1"`); a broken text shows U+FFFD and spoils
//!               nothing beside it. A message shows control characters as escapes (`\n`, `\u001b`); the body keeps its bytes.
//!
//! This module holds no logic: it reads pointers, calls the core and hands out boxes.
#![allow(unsafe_code, non_camel_case_types)]
// The text stands in the header as it stands here, in columns.
#![allow(clippy::doc_overindented_list_items)]

mod boundary;
mod config;

mod client;

mod options;

mod lists;

mod response;

mod stats;

mod items;

mod commands;

use std::os::raw::{c_char, c_int};

pub use client::chat_client;
pub use config::chat_config;
pub use items::chat_items;
pub use lists::{chat_accounts, chat_contacts, chat_marks};
pub use options::{chat_call_options, chat_cancel};
pub use response::chat_response;
pub use stats::chat_stats;

/// The version of the library that is loaded, as `0.1.0`. Compare with `CHAT_VERSION` of the header you compiled with.
///
/// Static text; never freed. Any thread. Does not block.
///
/// @return the version, as static text; never NULL, never freed.
/// @since 0.1.0
#[no_mangle]
pub extern "C" fn chat_version() -> *const c_char {
    const VERSION: &str = concat!(env!("CARGO_PKG_VERSION"), "\0");
    VERSION.as_ptr().cast()
}

/// What a code means and what to do about it: one of `CHAT_ERR_*` or an `ErrorCode` of the service.
///
/// Static text, ASCII, never NULL, also for a code nobody knows; never freed. Any thread. Does not block.
///
/// @param code the number.
/// @return the words, as static text; never NULL, never freed.
/// @since 0.1.0
#[no_mangle]
pub extern "C" fn chat_strerror(code: c_int) -> *const c_char {
    crate::error::strerror(code).as_ptr()
}

/// 1 when a code says of every call what it says of this one, so that a run of many calls should end: app, key, signature, administrator,
/// plan, address or certificate is wrong, or the client is closed. No call will succeed before somebody changes that. Else 0, also for a
/// code nobody knows. Any thread. Does not block.
///
/// @param code the number.
/// @return 1 or 0.
/// @since 0.1.0
#[no_mangle]
pub extern "C" fn chat_code_is_fatal(code: c_int) -> c_int {
    c_int::from(crate::error::is_fatal(code))
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
