//! The suite of all languages (`tests/promises`), kept by C and C++ on the platforms that can be played here: deadlines, cancellation, retries, paging, secrets
//! and the whole table of faults, against emulators of this machine and, on Windows, of that one.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};

use chat_emulator::{Config, Emulator};
use serde_json::Value;

use crate::case;
use crate::consumers::folder;
use crate::platform::{Platform, LINUX_ARM64, MUSL_AMD64, MUSL_ARM64, WINDOWS_AMD64};
use crate::programs::{self, Language};

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
fn runner(platform: Platform, language: Language, test: &str) -> PathBuf {
    let source = match language {
        Language::C => "tests/promises/runner_c.cpp",
        Language::Cpp => "tests/promises/runner_cpp.cpp",
    };
    let program = folder(&format!("{test}-{}-{language:?}", platform.name)).join(platform.executable("runner"));
    platform.compiled(Language::Cpp, source, &program);
    program
}

fn keeps(test: &str, platform: Platform, language: Language, cases: &[Value], admin_urls: &[String]) {
    let program = runner(platform, language, test);
    let Some(mut command) = platform.runs(&program) else {
        return;
    };
    let file = program.with_file_name("cases.json");
    fs::write(&file, serde_json::to_vec(cases).unwrap()).unwrap();
    let name = match language {
        Language::C => "c",
        Language::Cpp => "cpp",
    };
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

fn keeps_every_promise(platform: Platform, language: Language) {
    if platform.tree().is_none() {
        return;
    }
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
    keeps_every_promise(MUSL_AMD64, Language::C);
}

#[test]
fn with_musl_cpp_keeps_every_promise() {
    keeps_every_promise(MUSL_AMD64, Language::Cpp);
}

#[test]
fn on_arm64_c_keeps_every_promise() {
    keeps_every_promise(LINUX_ARM64, Language::C);
}

#[test]
fn on_arm64_with_musl_c_keeps_every_promise() {
    keeps_every_promise(MUSL_ARM64, Language::C);
}

#[test]
fn on_windows_c_keeps_every_promise() {
    keeps_every_promise(WINDOWS_AMD64, Language::C);
}

#[test]
fn on_windows_cpp_keeps_every_promise() {
    keeps_every_promise(WINDOWS_AMD64, Language::Cpp);
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
    keeps("promises-whole-archive", platform, Language::C, &cases, &urls);
}

#[test]
fn on_windows_library_and_emulator_of_one_archive_work_together() {
    keeps_with_its_own_emulator(WINDOWS_AMD64);
}

#[test]
fn on_arm64_library_and_emulator_of_one_archive_work_together() {
    keeps_with_its_own_emulator(LINUX_ARM64);
}
