//! What the tests that leave Rust stand on: an installation made by `make stage`, and the tools of the machine.
#![allow(dead_code)] // Each test program uses its part.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;

mod tools;
#[allow(unused_imports)]
pub use tools::{installed, missing, rust_for, tool, tools};

/// The project's root, also for the tests of a member of the workspace.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .ancestors()
        .find(|folder| folder.join("Cargo.lock").is_file())
        .expect("the lock file is at the root")
}

/// Cargo's target directory.
pub fn target() -> &'static Path {
    Path::new(env!("CARGO_TARGET_TMPDIR"))
        .parent()
        .expect("cargo keeps it inside the target directory")
}

/// An installation of the release build (`lib`, `include`, `bin`), made anew if the sources changed.
pub fn prefix() -> &'static Path {
    static PREFIX: OnceLock<PathBuf> = OnceLock::new();
    PREFIX.get_or_init(|| {
        succeed(builder("make").arg("stage"));
        target().join("stage")
    })
}

/// The program `tencent-chat` as it is installed; no part of the installation above, since few tests need it and it takes long to build.
pub fn program() -> PathBuf {
    succeed(builder("make").args(["-s", "build-program"]));
    target().join("tool/tencent-chat")
}

/// The library as cargo built it beside this test program, with what only tests ask for: it panics on demand (`chat_test_panic_at`), and has the
/// shared limit. `name` is the shared library's file or the archive's.
pub fn library_for_tests(name: &str) -> PathBuf {
    let program = env::current_exe().unwrap();
    program.with_file_name(name)
}

/// The same as `prefix` from a build that panics on demand (`chat_test_panic_at`).
pub fn panic_prefix() -> &'static Path {
    static PREFIX: OnceLock<PathBuf> = OnceLock::new();
    PREFIX.get_or_init(|| {
        let prefix = target().join("stage-panic");
        fs::create_dir_all(prefix.join("lib")).unwrap();
        fs::create_dir_all(prefix.join("include")).unwrap();
        for name in ["libtencent_chat.so", soname().as_str()] {
            fs::copy(library_for_tests("libtencent_chat.so"), prefix.join("lib").join(name)).unwrap();
        }
        let mut headers = Command::new("cp");
        succeed(
            headers
                .arg("-R")
                .arg(root().join("include/."))
                .arg(prefix.join("include")),
        );
        prefix
    })
}

/// A command that may build with cargo, in the project and into its target directory. It is not told what cargo told this process of its own
/// package: ring's build script asks for that, and with another answer than at the prompt all that stands on ring is built anew.
pub fn builder(program: &str) -> Command {
    let mut command = Command::new(program);
    command.current_dir(root()).env("CARGO_TARGET_DIR", target());
    for (name, _) in env::vars_os() {
        let told = name.to_string_lossy();
        if told.starts_with("CARGO_PKG_") || told.starts_with("CARGO_MANIFEST_") || told == "OUT_DIR" {
            command.env_remove(name);
        }
    }
    command
}

/// The name programs ask for: it carries the ABI number, major and minor.
pub fn soname() -> String {
    let (abi, _) = env!("CARGO_PKG_VERSION").rsplit_once('.').unwrap();
    format!("libtencent_chat.so.{abi}")
}

/// Debian's cross libc; what is linked statically does not look there.
const ARM64_LIBC: &str = "/usr/aarch64-linux-gnu";

/// A program for arm64, under emulation.
pub fn under_qemu(program: &Path) -> Option<Command> {
    let qemu = tool("qemu-aarch64-static")?;
    installed("libc of aarch64", &format!("{ARM64_LIBC}/lib/libc.so.6"))?;
    let mut command = Command::new(qemu);
    command.args(["-L", ARM64_LIBC]).arg(program);
    Some(command)
}

/// Loads a library into a program before its own. By its name alone, which the loader looks for along LD_LIBRARY_PATH: it takes a blank in LD_PRELOAD for
/// the end of a name.
pub fn preload<'a>(command: &'a mut Command, library: &Path) -> &'a mut Command {
    let earlier = std::env::var("LD_LIBRARY_PATH").unwrap_or_default();
    let places = format!("{}:{earlier}", library.parent().unwrap().display());
    command
        .env("LD_PRELOAD", library.file_name().unwrap())
        .env("LD_LIBRARY_PATH", places.trim_end_matches(':'))
}

/// Runs a command that has to succeed; its output is shown when it does not.
pub fn succeed(command: &mut Command) -> Output {
    let output = command
        .output()
        .unwrap_or_else(|error| panic!("cannot run {command:?}: {error}"));
    assert!(
        output.status.success(),
        "{command:?} failed with {}\n{}{}",
        output.status,
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    output
}
