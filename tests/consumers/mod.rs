//! An installation moved away from where it was made, and the proof that a program built against it works: it deletes a conversation
//! group of an emulated service. For the tests of installation and release.
#![allow(dead_code)] // Each test program uses its part.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use crate::service::{assert_code, create, Service};
use crate::stage;

/// A folder that only this test program writes to, emptied the first time it is asked for.
pub fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    folder
}

/// `make` in the project, with the results of this test run's own builds.
pub fn make(arguments: &[&str]) -> Command {
    let mut make = Command::new("make");
    make.current_dir(stage::root())
        .env("CARGO_TARGET_DIR", stage::target())
        .args(arguments);
    for variable in ["MAKEFLAGS", "MAKELEVEL", "DESTDIR", "PREFIX"] {
        make.env_remove(variable);
    }
    make
}

/// An installation that was made in one place and moved to another, as an archive is that somebody unpacks.
pub fn moved() -> &'static Path {
    static MOVED: OnceLock<PathBuf> = OnceLock::new();
    MOVED.get_or_init(|| {
        stage::prefix(); // Builds what is to be installed.
        let home = folder("moved");
        let first = home.join("first");
        stage::succeed(&mut make(&["-s", "install", &format!("PREFIX={}", first.display())]));
        let elsewhere = home.join("somewhere/else");
        fs::create_dir_all(elsewhere.parent().unwrap()).unwrap();
        fs::rename(first, &elsewhere).unwrap();
        elsewhere
    })
}

/// A project of `tests/consumers`.
pub fn project(name: &str) -> PathBuf {
    stage::root().join("tests/consumers").join(name)
}

/// A consumer's own `make`, with pkg-config looking into an installation.
pub fn pkg_config_make(name: &str, prefix: &Path, out: &Path, arguments: &[&str]) {
    let mut make = Command::new("make");
    make.current_dir(project(name))
        .arg(format!("OUT={}", out.display()))
        .args(arguments);
    with_pkg_config(&mut make, prefix);
    make.env_remove("MAKEFLAGS").env_remove("MAKELEVEL");
    stage::succeed(&mut make);
}

pub fn with_pkg_config<'a>(command: &'a mut Command, prefix: &Path) -> &'a mut Command {
    command.env("PKG_CONFIG_PATH", prefix.join("lib/pkgconfig"))
}

/// Runs a program that was built against the library, and sees the conversation group gone.
pub fn deletes_a_group(program: &Path) {
    deletes_a_group_as(Command::new(program));
}

pub fn deletes_a_group_as(mut program: Command) {
    let service = Service::start();
    assert_code(&create(&service.client(), "colleagues"), 0);
    assert_eq!(service.groups(), ["colleagues"]);
    let output = stage::succeed(program.arg(service.emulator.url()).env_remove("LD_LIBRARY_PATH"));
    let said = String::from_utf8(output.stdout).unwrap();
    assert_eq!(
        said.replace("\r\n", "\n"), // Windows ends lines so.
        format!("deleted colleagues with tencent-chat {}\n", env!("CARGO_PKG_VERSION"))
    );
    assert_eq!(service.groups(), [""; 0]);
}

/// Whether a program asks for the shared library when it starts.
pub fn needs_the_shared_library(program: &Path) -> bool {
    let output = stage::succeed(Command::new("readelf").arg("-dW").arg(program));
    let soname = format!("[{}]", stage::soname());
    String::from_utf8_lossy(&output.stdout).contains(&soname)
}

/// Every file and link below a folder, by its path inside it.
pub fn files(folder: &Path) -> Vec<String> {
    fn walk(folder: &Path, base: &Path, found: &mut Vec<String>) {
        for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
            if entry.file_type().unwrap().is_dir() {
                walk(&entry.path(), base, found);
            } else {
                found.push(entry.path().strip_prefix(base).unwrap().to_str().unwrap().to_owned());
            }
        }
    }
    let mut found = Vec::new();
    walk(folder, folder, &mut found);
    found.sort();
    found
}
