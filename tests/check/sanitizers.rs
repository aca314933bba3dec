//! Every program of tests/c and tests/cpp once more, with the library and the program built for a sanitizer: addresses, leaks and
//! undefined behaviour in one build, data races in the other, whose standard library is built for it too. Mistakes seeded on purpose
//! show that each job sees them. Go's own tests run under its race detector. Slow, so `make check` runs it, not `make test`. Knows nothing of what
//! the programs check.

use std::env;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus};
use std::sync::{Mutex, OnceLock};
use std::thread;

use crate::programs;
use crate::programs::{compiler, run, strict, Language};
use crate::stage;
use crate::suite::go_passes;
use chat_emulator::{Config, Emulator};

/// What a build for one sanitizer is made of.
struct Sanitizer {
    name: &'static str,
    /// Of the C and C++ compiler.
    flags: &'static [&'static str],
    /// Its environment while a program runs.
    options: (&'static str, &'static str),
    /// Whether the standard library has to be built for it: locks and reference counts that are not seen look like races.
    builds_std: bool,
}

static ADDRESS: Sanitizer = Sanitizer {
    name: "address",
    flags: &[
        "-fsanitize=address,undefined",
        "-fno-sanitize-recover=undefined",
        "-fno-omit-frame-pointer",
    ],
    options: (
        "ASAN_OPTIONS",
        "detect_leaks=1:detect_stack_use_after_return=1:abort_on_error=0",
    ),
    builds_std: false,
};

static THREAD: Sanitizer = Sanitizer {
    name: "thread",
    flags: &["-fsanitize=thread"],
    // Programs that fork with threads around are among those that run.
    options: ("TSAN_OPTIONS", "die_after_fork=0:second_deadlock_stack=1"),
    builds_std: true,
};

const TARGET: &str = "x86_64-unknown-linux-gnu";

impl Sanitizer {
    fn folder(&self) -> PathBuf {
        stage::target().join("check").join(self.name)
    }

    /// The static library built for this sanitizer, with the door that makes it panic on demand. `None` where a part of the toolchain
    /// is missing.
    fn library(&self) -> Option<PathBuf> {
        if self.builds_std && !toolchain().join("lib/rustlib/src/rust/library/std").is_dir() {
            stage::missing("rust-src");
            return None;
        }
        let mut build = Command::new(env!("CARGO"));
        build.args([
            "rustc",
            "--lib",
            "--crate-type",
            "staticlib",
            "--locked",
            "--profile",
            "tool",
            "--features",
            "panic-injection",
        ]);
        build.args(["--target", TARGET]);
        if self.builds_std {
            build.arg("-Zbuild-std");
        }
        build
            .current_dir(stage::root())
            .env("CARGO_TARGET_DIR", self.folder())
            .env("CARGO_PROFILE_TOOL_DEBUG", "line-tables-only")
            .env("CARGO_PROFILE_TOOL_STRIP", "none")
            .env("CARGO_PROFILE_TOOL_DEBUG_ASSERTIONS", "true")
            // Sanitizers are options of the nightly compiler; this opens them in the one that builds everything else.
            .env("RUSTC_BOOTSTRAP", "1")
            .env("RUSTFLAGS", format!("-Zsanitizer={}", self.name))
            .env_remove("CARGO_ENCODED_RUSTFLAGS");
        stage::succeed(&mut build);
        Some(self.folder().join(TARGET).join("tool/libtencent_chat.a"))
    }

    fn compile(&self, library: &Path, source: &Source) -> PathBuf {
        let program = self.folder().join(&source.name);
        let mut command = compiler(source.language);
        command.args(strict(source.language)).args(self.flags);
        command.arg("-I").arg(stage::root().join("include"));
        command.arg(&source.path).arg("-o").arg(&program).arg(library);
        if self.builds_std {
            // The compiler's own run-time part is too old for what rustc emits; two of them in one program do not work.
            let runtime = toolchain().join(format!("lib/rustlib/{TARGET}/lib/librustc-stable_rt.tsan.a"));
            let object = self.object(source);
            command = compiler(source.language);
            command.arg(object).arg("-o").arg(&program).arg(library);
            command.arg("-Wl,--whole-archive").arg(runtime);
            command.args(["-Wl,--no-whole-archive", "-Wl,--export-dynamic"]);
        }
        stage::succeed(command.args(programs::NATIVE));
        program
    }

    fn object(&self, source: &Source) -> PathBuf {
        let object = self.folder().join(format!("{}.o", source.name));
        let mut command = compiler(source.language);
        command.args(strict(source.language)).args(self.flags);
        command.arg("-I").arg(stage::root().join("include"));
        stage::succeed(command.arg("-c").arg(&source.path).arg("-o").arg(&object));
        object
    }

    fn run(&self, program: &Path, arguments: &[&str]) -> (ExitStatus, String) {
        let mut command = Command::new(program);
        command.args(arguments).env(self.options.0, self.options.1);
        command.env("UBSAN_OPTIONS", "print_stacktrace=1");
        let name = arguments
            .first()
            .unwrap_or(&"")
            .replace(|c: char| !c.is_ascii_alphanumeric(), "_");
        run(command, &program.with_extension(format!("{name}.txt")))
    }
}

fn toolchain() -> PathBuf {
    let output = stage::succeed(Command::new("rustc").args(["--print", "sysroot"]));
    PathBuf::from(String::from_utf8(output.stdout).unwrap().trim())
}

struct Source {
    path: PathBuf,
    name: String,
    language: Language,
}

impl Source {
    fn of(path: PathBuf) -> Source {
        let extension = path.extension().and_then(|extension| extension.to_str());
        let language = if extension == Some("cpp") {
            Language::Cpp
        } else {
            Language::C
        };
        let stem = path.file_stem().unwrap().to_str().unwrap();
        Source {
            name: format!("{stem}_{language:?}").to_lowercase(),
            language,
            path,
        }
    }
}

/// Programs that look at what a sanitizer replaces or adds to: the memory of their own process, its use, its bound and what freed parts still
/// hold, and the stack that a call takes.
const OF_MEMORY: [&str; 4] = ["canary.c", "host.c", "memory.c", "scarce.c"];

/// The programs that promise something of an emulator; what else stands in those folders is headers, trials of the compiler, and what
/// the README's lines need around them.
fn sources() -> Vec<Source> {
    let mut paths: Vec<PathBuf> = Vec::new();
    for folder in ["tests/c", "tests/cpp"] {
        let files = fs::read_dir(stage::root().join(folder)).unwrap().flatten();
        paths.extend(files.map(|file| file.path()).filter(|path| {
            let is_code = path
                .extension()
                .is_some_and(|extension| extension == "c" || extension == "cpp");
            let text = || fs::read_to_string(path).unwrap();
            is_code
                && !OF_MEMORY.iter().any(|name| path.ends_with(name))
                && text().contains("find_emulator(argc, argv)")
                && text().contains("KEEP(")
        }));
    }
    paths.sort();
    paths.into_iter().map(Source::of).collect()
}

/// Runs a program against an emulator of its own, over HTTPS, which is all of HTTP and more; says what is wrong.
fn complaint(sanitizer: &Sanitizer, library: &Path, source: &Source) -> Option<String> {
    let program = sanitizer.compile(library, source);
    let emulator = Emulator::start(Config::default()).unwrap();
    let ca_file = emulator.ca_file().to_str().unwrap();
    let (status, printed) = sanitizer.run(&program, &[emulator.tls_url(), ca_file, emulator.admin_url()]);
    if !status.success() || !printed.contains("kept   ") {
        return Some(format!("{} ended with {status}\n{printed}", source.name));
    }
    // Past the capture of this test runner, so that a long job is seen to go on.
    let _ = writeln!(
        std::io::stderr(),
        "{} sanitizer: {} is clean",
        sanitizer.name,
        source.name
    );
    None
}

/// Three at a time: most of them wait.
fn every_program_is_clean_under(sanitizer: &Sanitizer) {
    let Some(library) = built(sanitizer) else { return };
    let sources = sources();
    assert!(sources.len() >= 15, "only {} programs were found", sources.len());
    let left = Mutex::new(sources);
    let complaints = Mutex::new(Vec::new());
    thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| loop {
                let Some(source) = left.lock().unwrap().pop() else {
                    break;
                };
                let complaint = complaint(sanitizer, library, &source);
                complaints.lock().unwrap().extend(complaint);
            });
        }
    });
    let complaints = complaints.into_inner().unwrap();
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
}

/// Built once, for all tests that want it.
fn built(sanitizer: &Sanitizer) -> Option<&'static Path> {
    static BUILT: [OnceLock<Option<PathBuf>>; 2] = [OnceLock::new(), OnceLock::new()];
    let library = BUILT[usize::from(sanitizer.builds_std)].get_or_init(|| sanitizer.library());
    library.as_deref()
}

/// What the sanitizer says of a mistake made on purpose.
fn seeded(sanitizer: &Sanitizer, mistake: &str) -> Option<(ExitStatus, String)> {
    static PROGRAMS: [OnceLock<PathBuf>; 2] = [OnceLock::new(), OnceLock::new()];
    let library = built(sanitizer)?;
    let program = PROGRAMS[usize::from(sanitizer.builds_std)]
        .get_or_init(|| sanitizer.compile(library, &Source::of(stage::root().join("tests/check/seeded.c"))));
    Some(sanitizer.run(program, &[mistake]))
}

#[track_caller]
fn is_reported(sanitizer: &Sanitizer, mistake: &str, words: &[&str]) {
    let Some((status, printed)) = seeded(sanitizer, mistake) else {
        return;
    };
    assert!(!status.success(), "{mistake} was not seen\n{printed}");
    assert!(
        words.iter().all(|word| printed.contains(word)),
        "{words:?} not in:\n{printed}"
    );
}

#[track_caller]
fn is_silent(sanitizer: &Sanitizer) {
    let Some((status, printed)) = seeded(sanitizer, "none") else {
        return;
    };
    assert!(status.success() && printed.is_empty(), "{status}\n{printed}");
}

#[test]
fn every_program_keeps_its_promises_without_memory_errors_leaks_or_undefined_behaviour() {
    every_program_is_clean_under(&ADDRESS);
}

#[test]
fn every_program_keeps_its_promises_without_data_races() {
    every_program_is_clean_under(&THREAD);
}

/// As a user has it, whose own program alone is built for the sanitizer.
#[test]
fn the_installed_library_is_not_accused_of_races_with_the_installed_suppressions() {
    let prefix = stage::prefix();
    let program = stage::target().join("check").join("threads_installed");
    let mut command = compiler(Language::Cpp);
    command.args(strict(Language::Cpp)).args(THREAD.flags);
    command
        .arg("-I")
        .arg(prefix.join("include"))
        .arg(stage::root().join("tests/cpp/threads.cpp"));
    command.arg("-o").arg(&program).arg("-L").arg(prefix.join("lib"));
    command.arg(format!("-Wl,-rpath,{}", prefix.join("lib").display()));
    stage::succeed(command.args(["-ltencent_chat", "-lpthread"]));
    let known = prefix.join("share/doc/tencent-chat/tsan.supp");
    for (option, is_clean) in [
        (format!("suppressions={}", known.display()), true),
        (String::new(), false),
    ] {
        let emulator = Emulator::start(Config::default()).unwrap();
        let mut threads = Command::new(&program);
        threads
            .arg(emulator.tls_url())
            .arg(emulator.ca_file())
            .arg(emulator.admin_url());
        threads.env("TSAN_OPTIONS", option);
        let (status, printed) = run(threads, &program.with_extension("txt"));
        assert_eq!(status.success(), is_clean, "{status}\n{printed}");
        assert_eq!(printed.contains("data race"), !is_clean, "{printed}");
    }
}

#[test]
fn a_seeded_read_after_free_inside_the_library_is_reported() {
    is_reported(
        &ADDRESS,
        "read_after_free",
        &["heap-use-after-free", "chat_response_code"],
    );
}

#[test]
fn a_seeded_leak_of_the_librarys_memory_is_reported() {
    is_reported(&ADDRESS, "leak", &["LeakSanitizer", "chat_client_new"]);
}

#[test]
fn seeded_undefined_behaviour_of_a_program_is_reported() {
    is_reported(&ADDRESS, "overflow", &["signed integer overflow"]);
}

#[test]
fn a_seeded_race_inside_the_library_is_reported() {
    is_reported(&THREAD, "race", &["data race", "set_timeout_ms"]);
}

/// As it is installed, the library was not compiled for the thread sanitizer, which then sees none of its locks.
#[test]
fn the_file_that_is_installed_keeps_the_thread_sanitizer_from_accusing_the_library() {
    let prefix = stage::prefix();
    let program = stage::target().join("check/races_installed");
    fs::create_dir_all(program.parent().unwrap()).unwrap();
    let lib = prefix.join("lib");
    let mut command = compiler(Language::C);
    command.args(strict(Language::C)).args(THREAD.flags);
    command.arg("-I").arg(prefix.join("include"));
    command
        .arg(stage::root().join("tests/c/races.c"))
        .arg("-o")
        .arg(&program);
    command.arg("-L").arg(&lib).arg(format!("-Wl,-rpath,{}", lib.display()));
    stage::succeed(command.args(["-ltencent_chat", "-lpthread"]));
    let known = prefix.join("share/doc/tencent-chat/tsan.supp");
    for (options, is_clean) in [
        (String::new(), false),
        (format!("suppressions={}", known.display()), true),
    ] {
        let emulator = Emulator::start(Config::default()).unwrap();
        let mut races = Command::new(&program);
        races
            .arg(emulator.url())
            .arg(emulator.ca_file())
            .arg(emulator.admin_url());
        let output = races.env("TSAN_OPTIONS", options).output().unwrap();
        let printed = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.success(), is_clean, "{printed}");
        assert_eq!(printed.contains("data race"), !is_clean, "{printed}");
    }
}

#[test]
fn a_program_without_a_mistake_is_not_accused() {
    is_silent(&ADDRESS);
    is_silent(&THREAD);
}

#[test]
fn the_go_face_passes_its_tests_under_the_race_detector() {
    if let Some(go) = stage::tool("go") {
        go_passes(&go, " under the race detector", &["-race"]);
    }
}
