//! The programs that keep the promises, one a language: how each is built and begun. Knows no case.

use std::path::PathBuf;
use std::process::Command;

use crate::stage;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Runner {
    Python,
    PythonAsync,
}

pub const RUNNERS: [Runner; 2] = [Runner::Python, Runner::PythonAsync];

impl Runner {
    /// What a case calls it that it leaves out.
    pub fn name(self) -> &'static str {
        match self {
            Runner::Python => "python",
            Runner::PythonAsync => "python_async",
        }
    }

    /// The program, built where it must be; `None` without the language's tools.
    pub fn command(self) -> Option<Command> {
        match self {
            Runner::Python | Runner::PythonAsync => stage::tool("python3").map(interpreted),
        }
    }
}

fn source(name: &str) -> PathBuf {
    stage::root().join("tests/promises").join(name)
}

fn interpreted(python: PathBuf) -> Command {
    let mut command = Command::new(python);
    command
        .arg("-B")
        .arg(source("runner.py"))
        .env("PYTHONPATH", stage::root().join("bindings/python"))
        .env("PYTHONIOENCODING", "utf-8")
        .env("TENCENT_CHAT_LIBRARY", stage::prefix().join("lib/libtencent_chat.so"));
    command
}
