//! Tests of the emulator, a file a subject, in one program, so that they wait side by side.

mod caller;
mod documented;

mod accounts;
mod admin;
mod answers;
mod codes;
mod connections;
mod conversations;
mod endings;
mod fault_table;
mod faults;
mod groups;
mod listeners;
mod log;
mod marks;
mod offline;
#[cfg(unix)]
mod program;
mod rates;
mod real_clients;
mod requests;
mod samples;
mod updates;
mod usersig;
