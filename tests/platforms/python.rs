//! Python for Windows, under Wine, with nothing but that platform's wheel: a user's first program.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use crate::consumers::folder;
use crate::platform::WINDOWS_AMD64;
use crate::stage;
use crate::venv::{build_tools, deletes_a_group_as, only, pip};
use crate::wheels::{unpacked, wheel, wheels};

/// An interpreter that finds the wheel and nothing else. Its streams have to be pipes, which alone it takes under Wine.
fn on_windows() -> Option<Command> {
    static MADE: OnceLock<Option<PathBuf>> = OnceLock::new();
    let python = MADE.get_or_init(|| {
        WINDOWS_AMD64.tree()?;
        wheels()?;
        let home = folder("python-for-windows");
        let python = fetched(&home);
        unpacked(&wheel(WINDOWS_AMD64.wheel), &home.join("wheel"));
        fs::write(python.join("python311._pth"), "python311.zip\n.\n../../wheel\n").unwrap();
        Some(python.join("python.exe"))
    });
    let mut command = WINDOWS_AMD64.runs(python.as_ref()?)?;
    command.args(["-B", "-X", "utf8"]);
    Some(command)
}

/// The files of it, as locked.
fn fetched(home: &Path) -> PathBuf {
    let mut download = pip(build_tools().expect("the caller has asked"));
    download.args(["download", "--require-hashes", "--no-build-isolation", "--dest"]);
    download.arg(home).arg("-r");
    stage::succeed(download.arg(stage::root().join("tests/platforms/python.txt")));
    let mut unpack = Command::new("tar");
    unpack.arg("-C").arg(home).arg("-xf").arg(only(home, ".tar.gz"));
    stage::succeed(unpack.args(["--strip-components=3", "--wildcards", "*/data.zip"]));
    unpacked(&home.join("data.zip"), &home.join("python"));
    home.join("python/cp311")
}

#[test]
fn on_windows_the_wheel_needs_nothing_else_to_delete_a_group() {
    if let Some(python) = on_windows() {
        deletes_a_group_as(python);
    }
}
