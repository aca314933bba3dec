//! The C ABI: its header, its symbols, the released one, and C and C++ programs that use it as a stranger's build does.

#[path = "../lookups/mod.rs"]
mod lookups;
#[path = "../programs/mod.rs"]
mod programs;
#[path = "../stage/mod.rs"]
mod stage;

mod capi;
mod corpus;
mod counts;
mod header;
mod released;
mod resolver;
mod symbols;
