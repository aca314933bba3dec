//! The faces beside each other: C, C++, Python and Go say what the core says, whatever goes wrong, and pass their own tests.

#[path = "../lookups/mod.rs"]
mod lookups;
#[path = "../programs/mod.rs"]
mod programs;
#[path = "../service/mod.rs"]
mod service;
#[path = "../stage/mod.rs"]
mod stage;
#[path = "../venv/mod.rs"]
mod venv;

mod bindings;
mod doubt;
mod generated;
mod parity;
mod promises;
mod suite;
