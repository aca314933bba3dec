//! What is written down is true: guides, tables, and the tools for those who work on the project.

#[path = "../blocks/mod.rs"]
mod blocks;
#[path = "../stage/mod.rs"]
mod stage;
#[path = "../venv/mod.rs"]
mod venv;

mod contributing;
mod errors;
mod guides;
mod layers;
mod live_harness;
mod readme;
