//! A client for the Tencent Chat REST API (conversation groups and marks). Not affiliated with the vendor.
//!
//! Made by `make header` from the Rust sources; do not edit. What holds for every function:
//!
//! 1. Results.   An `int` result is 0 for success, negative (CHAT_ERR_*) for the library's own failures, positive for the service's
//!               `ErrorCode`, unchanged.
//! 2. Order.     Handle, inputs, options, outputs. Options may be NULL.
//! 3. Outputs.   `*response`, or `*error`, is set on every return. Free it once with `chat_response_free`, or pass NULL if you do not want
//!               it. There is no "last error" per thread: everything about a call is in its response.
//! 4. Texts in.  NUL-terminated UTF-8, copied. JSON is pointer and length. Lists are built item by item.
//! 5. Texts out. NUL-terminated and never NULL. A text belongs to the object it comes from and is freed with it. `*len_or_null`
//!               receives the length without the NUL, if you pass a pointer.
//! 6. NULL.      Pass NULL only where the words of a parameter allow it. It is checked everywhere all the same: a call and a setter answer
//!               CHAT_ERR_INVALID_ARGUMENT, an accessor answers 0 or an empty text, a `_free` does nothing. A `_new` without a result
//!               `int` returns NULL only if the library itself failed. After its `_free` an object must not be used.
//! 7. Threads.   Any thread may call any function, but not from a signal handler. `const` on a handle means that any number of threads may
//!               use it at once; without `const`, one at a time. An object may move between threads.
//! 8. Blocking.  A function with `client`, `options` and `response` calls the service and blocks until the answer or the deadline. Of the
//!               others those block whose words say so.
//! 9. Process.   The library reads no environment variable (the C library's look-up of names does), installs no signal handler, prints
//!               nothing, and exits or aborts only if the system refuses a small allocation. A function takes at most 64 KiB of stack,
//!               without your callbacks, and may be called in destructors of statics, of thread-locals and of pthread keys. A thread that is
//!               cancelled inside one (`pthread_cancel`, deferred, as it is unless set otherwise) ends after it. A client's threads end
//!               with it, except one that the system keeps in a look-up: it ends with the look-up and holds nothing of the client.
//!               In a child of `fork()`, a client of the parent answers CHAT_ERR_FORKED and may be freed: make a client in the child.
//! 10. Secrets.  Key, UserSig, proxy password and the shared limit's login are in no message, body, trace or printout; no error quotes a
//!               file. The one exception: a UserSig that you ask for is the body of its response (`chat_user_sig_new`).
//! 11. Answers.  A member that is absent or null reads as 0, "" or nothing. One of another type is an error that names it. An integer is
//!               read in every form JSON has for it (`1`, `1.0`, `1e0`, `"1"`). A broken text shows U+FFFD and spoils nothing beside it. A
//!               message shows control characters as escapes (`\n`, `\u001b`); the body keeps its bytes.
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

mod members;

mod stats;

mod items;

mod commands;

mod usersig;

use std::os::raw::{c_char, c_int};

pub use client::chat_client;
pub use config::chat_config;
pub use items::chat_items;
pub use lists::{chat_accounts, chat_contacts, chat_marks};
pub use options::{chat_call_options, chat_cancel};
pub use response::{chat_outcome, chat_response};
pub use stats::chat_stats;

/// The version of the library that is loaded, as `0.1.0`. Compare with `CHAT_VERSION` of the header you compiled with.
///
/// @return the version; never freed.
/// @since 0.1.0
#[no_mangle]
pub extern "C" fn chat_version() -> *const c_char {
    const VERSION: &str = concat!(env!("CARGO_PKG_VERSION"), "\0");
    VERSION.as_ptr().cast()
}

/// What a code means and what to do about it: one of `CHAT_ERR_*` or an `ErrorCode` of the service.
///
/// ASCII, also for an unknown code.
///
/// @param code the number.
/// @return the words; never freed.
/// @since 0.1.0
#[no_mangle]
pub extern "C" fn chat_strerror(code: c_int) -> *const c_char {
    crate::error::strerror(code).as_ptr()
}

/// 1 when no call can succeed until somebody changes something, so that a run of many calls should end: app, key, signature,
/// administrator, plan, address or certificate is wrong, or the client is closed. Else 0, also for an unknown code.
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
