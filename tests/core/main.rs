//! The core in this process, through its Rust interface: what a call promises, held against the emulator's own log and state.
//! The tests mostly wait, so they lie in one program and wait side by side.

#[path = "../fleet/mod.rs"]
mod fleet;
#[path = "../programs/mod.rs"]
mod programs;
#[path = "../service/mod.rs"]
mod service;
#[path = "../stage/mod.rs"]
mod stage;

mod client;
mod connections;
mod model;
mod network;
mod process;
mod prometheus;
mod rate;
mod settings;
mod shared_limit;
mod shared_limit_places;
mod shared_limit_script;
mod standby;
mod tls;
