//! What is made for other machines than this one, by `make platforms`: archives, wheels and the Go module for seven platforms. Each is made once, by
//! the release's own commands, read, linked with, and run where this machine can play the other: musl's programs on their own loader, arm64 under
//! qemu, Windows under Wine. What cannot be run here (macOS) is linked and read.

#[allow(dead_code)] // The cases alone; whether they are complete is the suite's own question.
#[path = "../faces/promises/case.rs"]
mod case;
#[path = "../consumers/mod.rs"]
mod consumers;
#[allow(dead_code)] // The commands of the header, which the cases stand on.
#[path = "../faces/generated/mod.rs"]
mod generated;
#[path = "../programs/mod.rs"]
mod programs;
#[path = "../service/mod.rs"]
mod service;
#[path = "../stage/mod.rs"]
mod stage;
#[allow(dead_code)]
#[path = "../faces/promises/table.rs"]
mod table;
#[path = "../venv/mod.rs"]
mod venv;

mod platform;

mod archives;
mod builds;
mod go;
mod promises;
mod python;
mod wheels;
