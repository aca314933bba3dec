//! The Python and Go faces, tested by their own tools: pytest on an installed wheel from outside the tree, `go test` with this Go and
//! with the oldest one. The race detector is `tests/check/sanitizers.rs`', the strict pointer check `tests/platforms/go.rs`'.

use crate::stage;
use crate::suite::{go_passes, passes};
use crate::venv::{build_tools, offline, pip, python};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

const PYTEST: [&str; 3] = [" PASSED ", " FAILED ", " SKIPPED "];

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
    let tests = stage::root().join("bindings/python/tests");
    let mut files: Vec<PathBuf> = fs::read_dir(tests)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.retain(|file| file.file_name().unwrap().to_str().unwrap().starts_with("test_"));
    files.sort();
    // Most tests wait, so half of the files run beside the other half.
    let half = |first| {
        let mut pytest = python(tools);
        pytest.args(["-m", "pytest", "-v", "--color=no", "-p", "no:cacheprovider"]);
        pytest
            .args(files.iter().skip(first).step_by(2))
            .current_dir(elsewhere.path());
        offline(&mut pytest);
        pytest
    };
    passes("Python", &mut [half(0), half(1)], PYTEST);
}

#[test]
fn the_go_face_passes_its_tests() {
    let Some(program) = stage::tool("go") else { return };
    let listed = stage::succeed(Command::new("gofmt").arg("-l").arg(stage::root().join("bindings/go")));
    let unformatted = String::from_utf8_lossy(&listed.stdout);
    assert_eq!(unformatted, "", "files that gofmt would change");
    go_passes(&program, "", &[]);
}

#[test]
fn the_go_face_builds_and_works_with_the_oldest_go_it_names() {
    // Debian 12's own; the face's language level is below it.
    if let Some(program) = stage::installed("go 1.19", "/usr/lib/go-1.19/bin/go") {
        go_passes(&program, ", 1.19", &[]);
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
