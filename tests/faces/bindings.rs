//! The Python and Go faces, tested by their own tools: pytest on an installed wheel from outside the tree, `go test` with the race
//! detector and with the oldest Go (the strict pointer check is `tests/packaging/go_module.rs`'). What the tools print is shown as it is.

use crate::stage;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Runs a face's own test command and shows what it said, also past the capture of this test runner.
fn show(command: &mut Command) {
    let output = stage::succeed(command);
    std::io::stderr().write_all(&output.stdout).unwrap();
}

/// A virtual environment with the wheel, built from `bindings/python`, and what its tests need.
fn installed_wheel(python: &Path) -> PathBuf {
    let home = stage::target().join("python");
    stage::succeed(Command::new(python).args(["-m", "venv", "--clear"]).arg(&home));
    let program = home.join("bin/python");
    let package = stage::root().join("bindings/python");
    let mut install = Command::new(&program);
    install.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"]);
    install
        .arg(&package)
        .arg("-r")
        .arg(package.join("tests/requirements.txt"));
    stage::succeed(install.env("TENCENT_CHAT_PREFIX", stage::prefix()));
    program
}

#[test]
fn the_python_face_passes_its_tests_as_an_installed_wheel() {
    let Some(python) = stage::tool("python3") else { return };
    let program = installed_wheel(&python);
    let elsewhere = tempfile::tempdir().unwrap();
    let mut pytest = Command::new(program);
    pytest
        .args(["-m", "pytest", "-q", "-p", "no:cacheprovider"])
        .arg(stage::root().join("bindings/python/tests"));
    for variable in ["PYTHONPATH", "TENCENT_CHAT_LIBRARY", "CHAT_EMULATOR", "LD_LIBRARY_PATH"] {
        pytest.env_remove(variable);
    }
    show(pytest.current_dir(elsewhere.path()).env("PYTHONDONTWRITEBYTECODE", "1"));
}

/// The Go tool in the face's folder, told where the library is in the way the README tells users.
fn go(program: &Path) -> Command {
    let prefix = stage::prefix().display();
    let mut command = Command::new(program);
    command
        .current_dir(stage::root().join("bindings/go"))
        .env("CGO_CFLAGS", format!("-I{prefix}/include"))
        .env("CGO_LDFLAGS", format!("-L{prefix}/lib -Wl,-rpath,{prefix}/lib"))
        .env("CHAT_EMULATOR", format!("{prefix}/bin/chat-emulator"))
        .env("GOFLAGS", "-mod=mod")
        .env("GOTOOLCHAIN", "local")
        .env_remove("LD_LIBRARY_PATH");
    command
}

#[test]
fn the_go_face_passes_its_tests_under_the_race_detector() {
    let Some(program) = stage::tool("go") else { return };
    let formatted = stage::tool("gofmt").map(|gofmt| {
        let listed = stage::succeed(Command::new(gofmt).arg("-l").arg(stage::root().join("bindings/go")));
        String::from_utf8_lossy(&listed.stdout).into_owned()
    });
    assert_eq!(formatted.unwrap_or_default(), "", "files that gofmt would change");
    stage::succeed(go(&program).args(["vet", "./..."]));
    show(go(&program).args(["test", "-race", "-count=1", "./..."]));
}

#[test]
fn the_go_face_builds_and_works_with_the_oldest_go_it_names() {
    // Debian 12's own; the face's language level is below it.
    let program = Path::new("/usr/lib/go-1.19/bin/go");
    if program.exists() {
        stage::succeed(go(program).args(["vet", "./..."]));
        show(
            go(program)
                .args(["test", "-count=1", "./..."])
                .env("GOROOT", "/usr/lib/go-1.19"),
        );
    } else {
        stage::missing("Go 1.19");
    }
}

#[test]
fn the_longer_story_is_told_in_the_same_words_in_four_languages() {
    let Some(python) = stage::tool("python3") else { return };
    let mut demo = Command::new(python);
    demo.arg(stage::root().join("tests/demo/demo.py"));
    demo.arg(stage::prefix())
        .arg(stage::target().join("demo"))
        .arg("organise_groups");
    let told = String::from_utf8(stage::succeed(&mut demo).stdout).unwrap();
    assert_eq!(
        told.matches("\ndeleted 親族 (GroupId 2)\npartial: -15 ").count(),
        4,
        "{told}"
    );
}
