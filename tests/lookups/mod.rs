//! The preloaded resolver of the tests: `lookups.c` built as a shared object, and orders for the processes that carry it.
//! Programs of any language are started through [`Lookups::preload`]; what the orders mean stands at the head of `lookups.c`.
#![allow(dead_code)] // Each test program uses its part.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use tempfile::TempDir;

use crate::programs::{compiler, Language};
use crate::stage;

/// The shared object, built once.
fn library() -> &'static Path {
    static LIBRARY: OnceLock<PathBuf> = OnceLock::new();
    LIBRARY.get_or_init(|| {
        let library = Path::new(env!("CARGO_TARGET_TMPDIR")).join("liblookups.so");
        let mut command = compiler(Language::C);
        command.args(["-std=gnu99", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC"]);
        command.arg(stage::root().join("tests/lookups/lookups.c"));
        stage::succeed(command.arg("-o").arg(&library).arg("-ldl"));
        library
    })
}

/// What one program, or one group of programs, is told when it looks names up.
pub struct Lookups {
    folder: TempDir,
}

impl Lookups {
    /// Begins with these orders, such as `127.0.0.1` or `slow 500 dead`.
    pub fn new(orders: &str) -> Lookups {
        let lookups = Lookups {
            folder: tempfile::tempdir().unwrap(),
        };
        lookups.order(orders);
        lookups
    }

    fn file(&self) -> PathBuf {
        self.folder.path().join("orders")
    }

    /// From now on, and for look-ups that wait.
    pub fn order(&self, orders: &str) {
        let aside = self.folder.path().join("orders.aside");
        fs::write(&aside, orders).unwrap();
        fs::rename(aside, self.file()).unwrap();
    }

    /// The names that were looked up, in order.
    pub fn seen(&self) -> Vec<String> {
        let text = fs::read_to_string(self.folder.path().join("orders.seen")).unwrap_or_default();
        text.lines().map(str::to_owned).collect()
    }

    /// Makes a program, and what it starts, look names up here.
    pub fn preload<'a>(&self, command: &'a mut Command) -> &'a mut Command {
        stage::preload(command, library()).env("CHAT_LOOKUPS", self.file())
    }
}
