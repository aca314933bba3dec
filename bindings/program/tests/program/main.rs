//! The program as its users meet it: the real binary, against an emulator of its own for each test, judged by what it prints, how it ends, which files
//! it leaves, and what the service saw.

#[path = "../../../../tests/stage/mod.rs"]
mod stage;

mod bulk;
mod commands;
mod conventions;
mod documented;
mod interrupted;
mod lists;
#[path = "../operator/mod.rs"]
mod operator;
mod outage;
mod single;
mod stopped;
mod undo;
mod watched;
mod writers;
