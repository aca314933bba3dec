//! A client for the Tencent Chat REST API behind a C ABI: conversation groups and marks of an app's users.
//!
//! A request travels one way, and the answer the same way back:
//!
//! ```text
//! C, C++, Python, Go -> ffi (reads pointers, contains panics) -> endpoints (one command each) -> call (the life of one call, on a client)
//!   -> wait (until when, who may end it) -> pace (its turn) -> transport (host, pool or dial, TLS, HTTP) -> the service, or the emulator
//!   <- redact (no secret comes back) <- verdict (answer, error: what it means) <- retry (once more, after what pause)
//! ```
//!
//! This crate is built for its `cdylib` and `staticlib`; the Rust items are public for the project's own program and tests and promise nothing.
#![deny(unsafe_code)]
#![warn(missing_debug_implementations)]
// The safety rules of the C functions are in the header, which is made from these docs; Rust code does not call them.
#![allow(clippy::missing_safety_doc)]

#[cfg(panic = "abort")]
compile_error!("a panic must reach the boundary, where it becomes CHAT_ERR_PANIC: build with panic = \"unwind\"");

// The order of these four is the order of the C header.
pub mod error;

pub mod ffi;

pub mod endpoints;

mod response;

mod answer;
mod attempt;
mod call;
mod client;
mod config;
mod fork;
mod injected_panic;
mod options;
mod origin;
mod pace;
mod paging;
mod process;
mod random;
mod redact;
mod request;
mod retry;
mod stats;
mod text;
mod transport;
pub mod usersig;
mod verdict;
mod wait;

pub use client::Client;
pub use config::Config;
pub use error::Error;
pub use options::{CallOptions, Cancel};
pub use paging::Items;
pub use response::Response;
pub use stats::Snapshot;
