//! Memory over a million calls: tests/c/memory.c once more, with more calls than `make test` makes and an emulator built for speed.
//! CHAT_MEMORY_CALLS asks for another number.

use std::env;
use std::fs;
use std::io::Write;
use std::process::Command;

use crate::installed;
use crate::installed::Service;
use crate::programs::run;
use crate::stage;

#[test]
fn a_million_calls_leave_no_more_memory_behind_than_ten_thousand() {
    let folder = stage::target().join("check");
    fs::create_dir_all(&folder).unwrap();
    let program = installed::linked_shared("tests/c/memory.c", &folder.join("memory"));
    let service = Service::start();
    let mut command = Command::new(program);
    command.args(["url", "ca_file", "admin_url"].map(|name| service.place(name)));
    command.arg(env::var("CHAT_MEMORY_CALLS").unwrap_or("1000000".into()));
    let (status, printed) = run(command, &folder.join("memory.txt"));
    assert!(status.success(), "it ended with {status}\n{printed}");
    // Past the capture of the test runner: the bytes are what this is for.
    let _ = std::io::stderr().write_all(printed.as_bytes());
}
