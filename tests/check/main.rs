//! What is too slow for `make test`; `make check` runs it, one test at a time, since each has its own threads.

#[path = "../consumers/mod.rs"]
mod consumers;
mod installed;
#[path = "../programs/mod.rs"]
mod programs;
#[path = "../service/mod.rs"]
mod service;
#[path = "../stage/mod.rs"]
mod stage;
#[path = "../faces/suite.rs"]
mod suite;
#[path = "../venv/mod.rs"]
mod venv;

mod bulk_memory;
mod clang;
mod fuzz;
mod memory;
mod page;
mod sanitizers;
mod sdist;
mod site;
mod soak;
