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

mod account;
mod addresses;
mod admin;
mod answer;
mod backend;
mod background;
mod body;
mod certificate;
mod clock;
mod config;
mod connection;
mod emulator;
mod exchange;
mod extra;
mod fault;
mod fault_json;
mod fields;
mod gateway;
mod line;
mod listener;
mod log;
mod mark;
mod offline;
mod outlet;
mod perform;
mod plan;
mod play;
mod proxy;
mod query;
mod rate;
mod reply;
mod script;
mod service;
mod signatures;
mod state;
mod usersig;
mod visitor;

pub use background::StartError;
pub use certificate::Certificate;
pub use clock::ClockSetting;
pub use config::{check_admin, check_key, check_login, check_tls_name};
pub use config::{Config, Settings, DEFAULT_ACCOUNTS, DEFAULT_ADMIN, DEFAULT_SDK_APP_ID, DEFAULT_SECRET_KEY};
pub use emulator::Emulator;
pub use extra::Listener;
pub use fault::{Ending, Fault, Phase, RawAnswer};
pub use log::{Answered, LoggedRequest, Malformed};
pub use offline::{verify_usersig, Offline};
pub use outlet::Counters;
pub use play::Play;
pub use proxy::{Proxy, ProxyConnect};
pub use rate::{Rate, RateWindow};
pub use state::{Account, ContactType, Conversation, Entry, Group, StandardMark, State};
