//! The suite of all languages (`tests/promises`), kept by C, C++ and Go on the platforms that can be played here: deadlines, cancellation, retries,
//! paging, secrets and the whole table of faults, against emulators of this machine and, for Windows and arm64, of that one.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};

use chat_emulator::{Config, Emulator};
use serde_json::Value;

use crate::case;
use crate::consumers::folder;
use crate::go;
use crate::platform::{Platform, LINUX_ARM64, MUSL_AMD64, MUSL_ARM64, WINDOWS_AMD64};
use crate::programs::{self, Language};
use crate::stage;

/// Cases under way at a time, each on an emulator of its own: most of them wait.
const AT_ONCE: usize = 16;

/// The cases, but for those that need a resolver preloaded: no program of another machine takes one of this.
fn cases() -> Vec<Value> {
    let mut cases: Vec<Value> = case::all().into_iter().map(|case| case.0).collect();
    let all = cases.len();
    cases.retain(|case| !case.to_string().contains("lookups.test"));
    assert!(cases.len() > 300 && all - cases.len() < 30, "{} of {all}", cases.len());
    cases
}

/// The runner of a language, built for a platform, in a folder of the test's own: tests run side by side.
fn runner(platform: Platform, language: &str, test: &str) -> Option<PathBuf> {
    platform.tree()?;
    if language == "go" {
        return go::program(platform, &stage::root().join("tests/promises/go"), test);
    }
    let program = folder(&format!("{test}-{}-{language}", platform.name)).join(platform.executable("runner"));
    platform.compiled(
        Language::Cpp,
        &format!("tests/promises/runner_{language}.cpp"),
        &program,
    );
    Some(program)
}

fn keeps(test: &str, platform: Platform, name: &str, cases: &[Value], admin_urls: &[String]) {
    let Some(program) = runner(platform, name, test) else {
        return;
    };
    let Some(mut command) = platform.runs(&program) else {
        return;
    };
    let file = program.with_file_name("cases.json");
    fs::write(&file, serde_json::to_vec(cases).unwrap()).unwrap();
    command.arg(&file).arg(name).args(admin_urls);
    let (status, printed) = programs::run(command, &program.with_file_name("transcript"));
    let due = cases.iter().filter(|case| case["not_in"].get(name).is_none()).count();
    assert!(
        status.success() && printed.lines().last().map(str::trim) == Some(&format!("{due} passed, 0 failed")),
        "{} of {due} cases in {name} on {}\n{printed}",
        status,
        platform.name
    );
}

fn keeps_every_promise(platform: Platform, language: &str) {
    let emulators: Vec<Emulator> = (0..AT_ONCE)
        .map(|_| {
            let proxy_login = Some(("user".to_owned(), "the proxy's own".to_owned()));
            let config = Config {
                proxy_port: Some(0),
                proxy_login,
                ..Config::default()
            };
            Emulator::start(config).unwrap()
        })
        .collect();
    let urls: Vec<String> = emulators
        .iter()
        .map(|emulator| emulator.admin_url().to_owned())
        .collect();
    keeps("promises", platform, language, &cases(), &urls);
}

#[test]
fn with_musl_c_keeps_every_promise() {
    keeps_every_promise(MUSL_AMD64, "c");
}

#[test]
fn with_musl_cpp_keeps_every_promise() {
    keeps_every_promise(MUSL_AMD64, "cpp");
}

#[test]
fn with_musl_go_keeps_every_promise() {
    keeps_every_promise(MUSL_AMD64, "go");
}

#[test]
fn on_arm64_c_keeps_every_promise() {
    keeps_every_promise(LINUX_ARM64, "c");
}

#[test]
fn on_arm64_go_keeps_every_promise() {
    keeps_every_promise(LINUX_ARM64, "go");
}

#[test]
fn on_arm64_with_musl_c_keeps_every_promise() {
    keeps_every_promise(MUSL_ARM64, "c");
}

#[test]
fn on_windows_c_keeps_every_promise() {
    keeps_every_promise(WINDOWS_AMD64, "c");
}

#[test]
fn on_windows_cpp_keeps_every_promise() {
    keeps_every_promise(WINDOWS_AMD64, "cpp");
}

#[test]
fn on_windows_go_keeps_every_promise() {
    keeps_every_promise(WINDOWS_AMD64, "go");
}

/// What C alone promises: NULL, structs, lists, strings, a wait that another thread ends.
fn keeps_the_promises_of_c(platform: Platform) {
    if platform.tree().is_none() {
        return;
    }
    let home = folder(&format!("promises-of-c-{}", platform.name));
    for name in [
        "null", "config", "response", "lists", "items", "stats", "cancel", "secrets",
    ] {
        let program = home.join(platform.executable(name));
        platform.compiled(Language::C, &format!("tests/c/{name}.c"), &program);
        let Some(mut command) = platform.runs(&program) else {
            return;
        };
        let emulator = Emulator::start(Config::default()).unwrap();
        let (url, admin) = (emulator.tls_url(), emulator.admin_url());
        command.arg(url).arg(emulator.ca_file()).arg(admin);
        let (status, printed) = programs::run(command, &home.join("transcript"));
        assert!(
            status.success() && printed.contains("kept   "),
            "{name}: {status}\n{printed}"
        );
    }
}

#[test]
fn on_arm64_c_keeps_the_promises_of_its_own() {
    keeps_the_promises_of_c(LINUX_ARM64);
}

#[test]
fn with_musl_c_keeps_the_promises_of_its_own() {
    keeps_the_promises_of_c(MUSL_AMD64);
}

/// The emulator of a platform's archive; it ends with this value.
struct Started(Child, Value);

impl Started {
    fn of(platform: Platform, tree: &Path) -> Option<Started> {
        let mut command = platform.runs(&tree.join("bin").join(platform.executable("chat-emulator")))?;
        command.args([
            "--until-stdin-closes",
            "--proxy-port",
            "0",
            "--proxy-login",
            "user:the proxy's own",
        ]);
        let mut process = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        let mut stdout = BufReader::new(process.stdout.take().unwrap());
        stdout.read_line(&mut line).unwrap();
        let ready = serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line:?}"));
        Some(Started(process, ready))
    }
}

impl Drop for Started {
    fn drop(&mut self) {
        drop(self.0.stdin.take());
        let _ = self.0.wait();
    }
}

/// Each by another emulator than the tests above, and by one that answers from the other machine: what a user there has in one archive.
fn keeps_with_its_own_emulator(platform: Platform) {
    let Some(tree) = platform.tree() else { return };
    let emulators: Option<Vec<Started>> = (0..4).map(|_| Started::of(platform, &tree)).collect();
    let Some(emulators) = emulators else { return };
    let urls: Vec<String> = emulators
        .iter()
        .map(|emulator| emulator.1["admin_url"].as_str().unwrap().to_owned())
        .collect();
    let mut cases = cases();
    // The subjects that lean most on what an operating system gives: sockets that end, deadlines, threads.
    cases.retain(|case| {
        ["cancel: ", "accounts: ", "secrets: ", "groups: "]
            .iter()
            .any(|subject| case["name"].as_str().unwrap().starts_with(subject))
    });
    assert!(cases.len() > 40, "{}", cases.len());
    keeps("promises-whole-archive", platform, "c", &cases, &urls);
}

#[test]
fn on_windows_library_and_emulator_of_one_archive_work_together() {
    keeps_with_its_own_emulator(WINDOWS_AMD64);
}

#[test]
fn on_arm64_library_and_emulator_of_one_archive_work_together() {
    keeps_with_its_own_emulator(LINUX_ARM64);
}
