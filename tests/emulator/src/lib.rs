//! `chat-emulator`: the recentcontact part of the Tencent Chat REST API (v4) on this machine, with real state, real
//! signature checks, a request log and faults on demand. It is for tests; it shares no code with any client.
//!
//! ```
//! use chat_emulator::{Config, Emulator, Fault};
//!
//! let emulator = Emulator::start(Config::default()).unwrap();
//! emulator.fault(Fault::code(50004).on("v4/recentcontact/del_contact_group"));
//! println!("point your client at {}", emulator.url());
//! ```

#![deny(missing_docs, unsafe_code)]

mod admin;
mod backend;
mod background;
mod config;
mod emulator;
mod faults;
mod http;
mod offline;
mod service;
mod world;

pub use background::StartError;
pub use config::{check_admin, check_key, check_login, check_tls_name};
pub use config::{Config, Settings, DEFAULT_ACCOUNTS, DEFAULT_ADMIN, DEFAULT_SDK_APP_ID, DEFAULT_SECRET_KEY};
pub use emulator::Emulator;
pub use faults::{Ending, Fault, Phase, Play, RawAnswer};
pub use http::certificate::Certificate;
pub use http::counters::Counters;
pub use http::listener::Listener;
pub use http::log::{Answered, LoggedRequest, Malformed};
pub use http::proxy::{Proxy, ProxyConnect};
pub use offline::{verify_usersig, Offline};
pub use world::clock::ClockSetting;
pub use world::rates::{Rate, RateWindow};
pub use world::state::{Account, ContactType, Conversation, Entry, Group, MarkZero, StandardMark, State};
