//! The rate limits as the service sees them, by its own timestamps. A program of its own whose tests take turns, so that no other test's
//! load shifts the times.

#[path = "../fleet/mod.rs"]
mod fleet;
#[path = "../programs/mod.rs"]
mod programs;
#[path = "../service/mod.rs"]
mod service;
#[path = "../stage/mod.rs"]
mod stage;

mod shared_limit;
mod stall;
mod wire_rate;

use std::sync::{Mutex, MutexGuard, PoisonError};

fn turn() -> MutexGuard<'static, ()> {
    static TURN: Mutex<()> = Mutex::new(());
    TURN.lock().unwrap_or_else(PoisonError::into_inner)
}
