//! The C and C++ compiler, and programs run to their end: for the tests that build programs the way users do.
//! A program that hangs is ended and shown with what it printed; knows nothing of what a program checks.
#![allow(dead_code)] // Each test program uses its part.

use std::env;
use std::fs::{self, File};
use std::path::Path;
use std::process::{Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// Only stops a hang; the slowest program takes seconds, and minutes under a sanitizer on a loaded machine.
const LONGEST_RUN: Duration = Duration::from_secs(300);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    C,
    Cpp,
}

/// The compiler that cargo's own build scripts would take, silent about its own flags.
pub fn compiler(language: Language) -> Command {
    let libc = if cfg!(target_env = "musl") { "musl" } else { "gnu" };
    let here = format!("{}-unknown-linux-{libc}", env::consts::ARCH);
    let mut build = cc::Build::new();
    build
        .target(&here)
        .host(&here)
        .opt_level(1)
        .debug(true)
        .warnings(false)
        .cargo_metadata(false)
        .cpp(language == Language::Cpp);
    let compiler = build
        .try_get_compiler()
        .unwrap_or_else(|error| panic!("a C and C++ compiler is needed (`make deps` installs one): {error}"));
    compiler.to_command()
}

pub fn strict(language: Language) -> &'static [&'static str] {
    match language {
        Language::C => &["-std=c99", "-Wall", "-Wextra", "-Wpedantic", "-Werror"],
        Language::Cpp => &["-std=c++17", "-Wall", "-Wextra", "-Wpedantic", "-Wshadow", "-Werror"],
    }
}

/// What a program needs that holds the static library: what `rustc --print native-static-libs` names.
pub const NATIVE: [&str; 7] = ["-lgcc_s", "-lutil", "-lrt", "-lpthread", "-lm", "-ldl", "-lc"];

/// Runs a command to its end, or kills it when it hangs; its status, and what it printed.
pub fn run(mut command: Command, transcript: &Path) -> (ExitStatus, String) {
    let file = File::create(transcript).unwrap();
    let mut child = command
        .stdin(Stdio::null())
        .stdout(file.try_clone().unwrap())
        .stderr(file)
        .spawn()
        .unwrap_or_else(|error| panic!("cannot run {command:?}: {error}"));
    let started = Instant::now();
    let status = loop {
        if let Some(status) = child.try_wait().unwrap() {
            break status;
        }
        if started.elapsed() > LONGEST_RUN {
            child.kill().unwrap();
            break child.wait().unwrap();
        }
        thread::sleep(Duration::from_millis(5));
    };
    let printed = String::from_utf8_lossy(&fs::read(transcript).unwrap()).into_owned();
    (status, printed)
}
