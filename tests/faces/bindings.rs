//! The Python and Go faces, tested by their own tools: pytest on an installed wheel from outside the tree, `go test` with the race
//! detector and with the oldest Go (the strict pointer check is `tests/platforms/go.rs`').

use crate::stage;
use crate::venv::{build_tools, offline, pip, python};
use std::io::Write;
use std::path::Path;
use std::process::Command;

/// Runs a face's own tests and says how many there were in the words of this test runner, past its capture: `.ci/run` counts them with its own.
/// Each test is a line of what the command prints, with one of these marks. When one fails, everything is shown but the tests that passed.
fn passes(face: &str, command: &mut Command, marks: [&str; 3]) {
    let output = command.output().unwrap();
    let printed = String::from_utf8_lossy(&output.stdout);
    let [passed, failed, skipped] = marks.map(|mark| printed.lines().filter(|line| line.contains(mark)).count());
    let line = format!("test result: {face}. {passed} passed; {failed} failed; {skipped} ignored\n");
    std::io::stderr().write_all(line.as_bytes()).unwrap();
    let complaints = String::from_utf8_lossy(&output.stderr);
    let worth_reading = |line: &&str| !line.contains(marks[0]) && !line.starts_with("=== ");
    let shown: Vec<_> = printed.lines().filter(worth_reading).collect();
    assert!(
        output.status.success() && passed > 0,
        "{}\n{complaints}",
        shown.join("\n")
    );
}

const PYTEST: [&str; 3] = [" PASSED ", " FAILED ", " SKIPPED "];
const GO: [&str; 3] = ["--- PASS: ", "--- FAIL: ", "--- SKIP: "];

/// The wheel, built from `bindings/python`, in an environment with what its tests need.
fn installed_wheel(tools: &Path) {
    let mut install = pip(tools);
    install.args(["install", "--no-deps", "--no-build-isolation", "--force-reinstall"]);
    install.arg(stage::root().join("bindings/python"));
    stage::succeed(offline(&mut install).env("TENCENT_CHAT_PREFIX", stage::prefix()));
}

#[test]
fn the_python_face_passes_its_tests_as_an_installed_wheel() {
    let Some(tools) = build_tools() else { return };
    installed_wheel(tools);
    let elsewhere = tempfile::tempdir().unwrap();
    let mut pytest = python(tools);
    pytest
        .args(["-m", "pytest", "-v", "--color=no", "-p", "no:cacheprovider"])
        .arg(stage::root().join("bindings/python/tests"))
        .current_dir(elsewhere.path());
    passes("Python", offline(&mut pytest), PYTEST);
}

/// The face's modules, and how Go is told to take what they need: nothing, or what is locked.
const MODULES: [(&str, &str, &str); 2] = [
    ("Go", "bindings/go", "-mod=mod"),
    ("Go spans", "bindings/go/chatotel", "-mod=readonly"),
];

/// The Go tool in a module's folder, told where the library is in the way the README tells users.
fn go(program: &Path, folder: &str, flags: &str) -> Command {
    let prefix = stage::prefix().display();
    let mut command = Command::new(program);
    command
        .current_dir(stage::root().join(folder))
        .env("CGO_CFLAGS", format!("'-I{prefix}/include'"))
        .env("CGO_LDFLAGS", format!("'-L{prefix}/lib' '-Wl,-rpath,{prefix}/lib'"))
        .env("CHAT_EMULATOR", format!("{prefix}/bin/chat-emulator"))
        .env("GOFLAGS", flags)
        .env("GOTOOLCHAIN", "local")
        .env_remove("LD_LIBRARY_PATH");
    command
}

#[test]
fn the_go_face_passes_its_tests_under_the_race_detector() {
    let Some(program) = stage::tool("go") else { return };
    let listed = stage::succeed(Command::new("gofmt").arg("-l").arg(stage::root().join("bindings/go")));
    let unformatted = String::from_utf8_lossy(&listed.stdout);
    assert_eq!(unformatted, "", "files that gofmt would change");
    for (face, folder, flags) in MODULES {
        stage::succeed(go(&program, folder, flags).args(["vet", "./..."]));
        let mut tests = go(&program, folder, flags);
        passes(
            face,
            tests.args(["test", "-v", "-race", "-count=1", "-timeout=30m", "./..."]),
            GO,
        );
    }
}

#[test]
fn the_go_face_builds_and_works_with_the_oldest_go_it_names() {
    // Debian 12's own; the face's language level is below it.
    let Some(program) = stage::installed("go 1.19", "/usr/lib/go-1.19/bin/go") else {
        return;
    };
    for (face, folder, flags) in MODULES {
        stage::succeed(go(&program, folder, flags).args(["vet", "./..."]));
        let mut tests = go(&program, folder, flags);
        tests
            .args(["test", "-v", "-count=1", "-timeout=30m", "./..."])
            .env("GOROOT", "/usr/lib/go-1.19");
        passes(&format!("{face}, 1.19"), &mut tests, GO);
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
