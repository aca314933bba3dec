//! Python environments for the tests of the package: one with what builds and tests it, and fresh ones, outside the tree, that hold nothing but a
//! wheel. The caller's environment cannot tell the package where a library or an emulator is.
#![allow(dead_code)] // Each test program uses its part.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use tempfile::TempDir;

use crate::stage;

/// A Python program that no variable leads to another library, emulator or build than its own.
pub fn python(program: impl AsRef<Path>) -> Command {
    let mut command = Command::new(program.as_ref());
    for variable in [
        "PYTHONPATH",
        "LD_LIBRARY_PATH",
        "TENCENT_CHAT_LIBRARY",
        "CHAT_EMULATOR",
        "TENCENT_CHAT_PREFIX",
        "TENCENT_CHAT_PLATFORM",
    ] {
        command.env_remove(variable);
    }
    command.env("PYTHONDONTWRITEBYTECODE", "1");
    command
}

/// `python -m pip` of the build tools, quiet.
pub fn pip(tools: &Path) -> Command {
    let mut command = python(tools);
    command.args(["-m", "pip", "--quiet", "--disable-pip-version-check"]);
    command
}

/// The Python of an environment with what builds and tests the package, as locked; `None` where there is no Python.
pub fn build_tools() -> Option<&'static Path> {
    static TOOLS: OnceLock<PathBuf> = OnceLock::new();
    stage::tool("python3")?;
    let tools = TOOLS.get_or_init(|| {
        stage::succeed(
            Command::new("make")
                .args(["-s", "python-tools"])
                .current_dir(stage::root())
                .env("CARGO_TARGET_DIR", stage::target()),
        );
        stage::target().join("python/bin/python")
    });
    Some(tools)
}

/// Makes pip, in whatever environment, take packages from what was fetched for that one, and from nowhere else.
pub fn offline(command: &mut Command) -> &mut Command {
    command
        .env("PIP_NO_INDEX", "1")
        // As a URL, since a blank ends a place in this list.
        .env(
            "PIP_FIND_LINKS",
            format!("file://{}/python-wheels", stage::target().display()).replace(' ', "%20"),
        )
}

/// A fresh environment with this wheel and nothing else, not even pip; gone when dropped.
pub struct Fresh {
    home: TempDir,
}

impl Fresh {
    pub fn with(tools: &Path, wheel: &Path) -> Fresh {
        let home = tempfile::tempdir().unwrap();
        stage::succeed(python(tools).args(["-m", "venv", "--without-pip"]).arg(home.path()));
        let own = Fresh { home };
        let mut install = pip(tools);
        install.arg("--python").arg(own.home.path().join("bin/python"));
        stage::succeed(install.args(["install", "--no-index"]).arg(wheel));
        own
    }

    /// Its Python, at home in its own folder.
    pub fn python(&self) -> Command {
        let mut command = python(self.home.path().join("bin/python"));
        command.current_dir(self.home.path());
        command
    }

    pub fn path(&self) -> PathBuf {
        self.home.path().canonicalize().unwrap()
    }

    /// Runs a user's first program against the emulator that came with the package.
    pub fn deletes_a_group(&self) {
        deletes_a_group_as(self.python());
    }
}

/// By a Python that finds the package.
pub fn deletes_a_group_as(mut python: Command) {
    let program = "
from tencent_chat import Contact, GroupNotFoundError
from tencent_chat.testing import Emulator

with Emulator() as emulator, emulator.client() as client:
    client.create_contact_group('user_0001', 'colleagues', [Contact.one_to_one('user_0002')])
    print(client.del_contact_group('user_0001', 'colleagues').groups[0].name)
    try:
        client.del_contact_group('user_0001', 'colleagues')
    except GroupNotFoundError as error:
        print(error.code)
";
    let output = stage::succeed(python.args(["-c", program]));
    let told = String::from_utf8_lossy(&output.stdout).replace("\r\n", "\n"); // Windows ends lines so.
    assert_eq!(told, "colleagues\n51009\n");
}

/// The one file in a folder whose name ends so.
pub fn only(folder: &Path, end: &str) -> PathBuf {
    let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let found: Vec<PathBuf> = files.filter(|file| file.to_string_lossy().ends_with(end)).collect();
    assert_eq!(found.len(), 1, "{found:?}");
    found.into_iter().next().unwrap()
}
