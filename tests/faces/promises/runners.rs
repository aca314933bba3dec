//! The programs that keep the promises, one a language: how each is built and begun. Knows no case.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::programs::{compiler, strict, Language};
use crate::stage;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Runner {
    C,
    Cpp,
    Python,
    PythonAsync,
    Go,
}

pub const RUNNERS: [Runner; 5] = [Runner::C, Runner::Cpp, Runner::Python, Runner::PythonAsync, Runner::Go];

impl Runner {
    /// What a case calls it that it leaves out.
    pub fn name(self) -> &'static str {
        match self {
            Runner::C => "c",
            Runner::Cpp => "cpp",
            Runner::Python => "python",
            Runner::PythonAsync => "python_async",
            Runner::Go => "go",
        }
    }

    /// The program, built where it must be; `None` without the language's tools.
    pub fn command(self) -> Option<Command> {
        match self {
            Runner::C | Runner::Cpp => Some(compiled(self.name())),
            Runner::Go => stage::tool("go").map(|go| built(&go)),
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

fn program(name: &str) -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("runner_{name}"))
}

/// Both in C++, since they share what drives the emulator; the one of C calls nothing but C.
fn compiled(name: &str) -> Command {
    let prefix = stage::prefix();
    let mut command = compiler(Language::Cpp);
    command
        .args(strict(Language::Cpp))
        .arg("-I")
        .arg(prefix.join("include"));
    command
        .arg(source(&format!("runner_{name}.cpp")))
        .arg("-o")
        .arg(program(name));
    command.arg("-L").arg(prefix.join("lib"));
    command.arg(format!("-Wl,-rpath,{}", prefix.join("lib").display()));
    stage::succeed(command.args(["-ltencent_chat", "-lpthread"]));
    Command::new(program(name))
}

fn built(go: &Path) -> Command {
    let prefix = stage::prefix().display();
    let mut command = Command::new(go);
    command
        .current_dir(source("go"))
        .args(["build", "-o"])
        .arg(program("go"))
        .arg(".")
        .env("CGO_CFLAGS", format!("'-I{prefix}/include'"))
        .env("CGO_LDFLAGS", format!("'-L{prefix}/lib' '-Wl,-rpath,{prefix}/lib'"))
        .env("GOFLAGS", "-mod=mod")
        .env("GOTOOLCHAIN", "local");
    stage::succeed(&mut command);
    Command::new(program("go"))
}
