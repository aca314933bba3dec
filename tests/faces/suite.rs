//! A face's own tests, run by its own tool, and Go's in particular: with this Go, with the oldest one, under the race detector.

use std::io::Write;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::thread;

use crate::stage;

/// Runs a face's own tests, each command beside the others, and says how many there were in the words of this test runner, past its capture:
/// `.ci/run` counts them with its own. Each test is a line of what the command prints, with one of these marks. When one fails, everything is
/// shown but the tests that passed.
pub fn passes(face: &str, commands: &mut [Command], marks: [&str; 3]) {
    let outputs: Vec<Output> = thread::scope(|scope| {
        let begin = |command: &mut Command| command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let running: Vec<Child> = commands.iter_mut().map(begin).collect();
        let ends = running
            .into_iter()
            .map(|child| scope.spawn(|| child.wait_with_output().unwrap()));
        let ends: Vec<_> = ends.collect();
        ends.into_iter().map(|end| end.join().unwrap()).collect()
    });
    let text = |stream: fn(&Output) -> &[u8]| -> String {
        outputs
            .iter()
            .map(|output| String::from_utf8_lossy(stream(output)))
            .collect()
    };
    let (printed, complaints) = (text(|output| &output.stdout), text(|output| &output.stderr));
    let [passed, failed, skipped] = marks.map(|mark| printed.lines().filter(|line| line.contains(mark)).count());
    let line = format!("test result: {face}. {passed} passed; {failed} failed; {skipped} ignored\n");
    std::io::stderr().write_all(line.as_bytes()).unwrap();
    let worth_reading = |line: &&str| !line.contains(marks[0]) && !line.starts_with("=== ");
    let shown: Vec<_> = printed.lines().filter(worth_reading).collect();
    let all = outputs.iter().all(|output| output.status.success());
    assert!(all && passed > 0, "{}\n{complaints}", shown.join("\n"));
}

const GO: [&str; 3] = ["--- PASS: ", "--- FAIL: ", "--- SKIP: "];

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
        .env_remove("GOROOT") // which may be another Go's
        .env_remove("LD_LIBRARY_PATH");
    command
}

/// The Go face passes its tests, vetted, with more arguments for `go test`.
pub fn go_passes(program: &Path, by: &str, arguments: &[&str]) {
    for (face, folder, flags) in MODULES {
        stage::succeed(go(program, folder, flags).args(["vet", "./..."]));
        let mut tests = go(program, folder, flags);
        tests
            .args(["test", "-v", "-count=1", "-timeout=30m"])
            .args(arguments)
            .arg("./...");
        passes(&format!("{face}{by}"), &mut [tests], GO);
    }
}
