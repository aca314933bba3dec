//! What is given away: installation, wheel, Go module, and what is inside them.

#[path = "../blocks/mod.rs"]
mod blocks;
#[path = "../consumers/mod.rs"]
mod consumers;
#[path = "../service/mod.rs"]
mod service;
#[path = "../stage/mod.rs"]
mod stage;
#[path = "../venv/mod.rs"]
mod venv;

mod artefacts;
mod go_module;
mod install;
mod packages;
mod wheel;
