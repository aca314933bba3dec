//! The C and C++ faces as a user's build sees them: every program of tests/c and tests/cpp compiled against an installation, linked
//! shared and static, run against an emulator of its own, and once more under valgrind. Also the two samples and the headers alone.
//! Each says itself which promise is broken.

mod retire;

use std::collections::BTreeMap;
use std::env;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, Mutex, OnceLock};

use crate::programs;
use crate::programs::{compiler, run, strict, Language};
use crate::stage;
use chat_emulator::{Config, Emulator};

#[derive(Clone, Copy, PartialEq, Eq)]
enum Linked {
    Shared,
    Static,
    /// The shared library that panics on demand.
    Panicking,
}

impl Linked {
    fn prefix(self) -> &'static Path {
        match self {
            Linked::Shared | Linked::Static => stage::prefix(),
            Linked::Panicking => stage::panic_prefix(),
        }
    }
}

fn built(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("capi");
    fs::create_dir_all(&folder).unwrap();
    folder.join(name)
}

/// A source compiled against an installation; once, since most of the time goes into it, whatever is linked with it.
fn object(language: Language, source: &str, flags: &[&str]) -> PathBuf {
    static OBJECTS: Mutex<BTreeMap<String, Arc<OnceLock<PathBuf>>>> = Mutex::new(BTreeMap::new());
    let name = format!("{}.o", [&[source], flags].concat().join(" ").replace(['/', ' '], "_"));
    let once = OBJECTS.lock().unwrap().entry(name.clone()).or_default().clone();
    once.get_or_init(|| {
        let mut command = compiler(language);
        command.args(strict(language)).args(flags).arg("-I");
        command.arg(stage::prefix().join("include"));
        command.arg("-c").arg(stage::root().join(source));
        stage::succeed(command.arg("-o").arg(built(&name)));
        built(&name)
    })
    .clone()
}

/// Compiles sources into one program against an installation.
fn compile(language: Language, linked: Linked, sources: &[&str], flags: &[&str], name: &str) -> PathBuf {
    let objects: Vec<_> = sources.iter().map(|source| object(language, source, flags)).collect();
    link(language, linked, &objects, name)
}

fn link(language: Language, linked: Linked, objects: &[PathBuf], name: &str) -> PathBuf {
    let prefix = linked.prefix();
    let program = built(name);
    let mut command = compiler(language);
    command.args(objects).arg("-o").arg(&program);
    if linked == Linked::Static {
        command.arg(prefix.join("lib/libtencent_chat.a")).args(programs::NATIVE);
    } else {
        let lib = prefix.join("lib");
        command.arg("-L").arg(&lib).arg(format!("-Wl,-rpath,{}", lib.display()));
        command.args(["-ltencent_chat", "-lpthread"]);
    }
    stage::succeed(&mut command);
    program
}

/// Runs a test program against an emulator of its own; every promise it names has to be kept.
fn keeps_its_promises(command: Command, transcript: &str, url: impl Fn(&Emulator) -> OsString) {
    keeps_its_promises_about(None, command, transcript, url);
}

/// The same for a program that takes how many calls it is to make.
fn keeps_its_promises_about(
    calls: Option<OsString>,
    mut command: Command,
    transcript: &str,
    url: impl Fn(&Emulator) -> OsString,
) {
    let emulator = Emulator::start(Config::default()).unwrap();
    command.args([
        url(&emulator).as_ref(),
        emulator.ca_file().as_os_str(),
        emulator.admin_url().as_ref(),
    ]);
    command.args(calls);
    let (status, printed) = run(command, &built(transcript));
    assert!(status.success(), "{transcript} ended with {status}\n{printed}");
    assert!(printed.contains("kept   "), "{transcript} promised nothing\n{printed}");
}

fn over_https(emulator: &Emulator) -> OsString {
    emulator.tls_url().into()
}

fn over_http(emulator: &Emulator) -> OsString {
    emulator.url().into()
}

/// `None` where valgrind is not there.
fn under_valgrind<P: AsRef<OsStr>>(program: impl FnOnce() -> P) -> Option<Command> {
    let mut command = Command::new(stage::tool("valgrind")?);
    let known = stage::root().join("bindings/c/valgrind.supp");
    command.args([
        "--quiet",
        "--error-exitcode=99",
        "--leak-check=full",
        "--errors-for-leak-kinds=definite",
        "--show-leak-kinds=definite",
    ]);
    command
        .arg(format!("--suppressions={}", known.display()))
        .arg(program());
    Some(command)
}

/// One test a program and way to link or run it. Named last: how it runs under valgrind, since both ways of sending are to be seen there;
/// nothing for what measures memory itself, which valgrind replaces.
macro_rules! programs {
    ($($promise:ident: $language:ident $source:literal $($watched:ident)?;)*) => {$(
        mod $promise {
            use super::*;

            fn shared() -> &'static Path {
                static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
                PROGRAM.get_or_init(|| {
                    let name = concat!(stringify!($promise), "_shared");
                    compile(Language::$language, Linked::Shared, &[$source], &[], name)
                })
            }

            #[test]
            fn linked_shared_over_https() {
                keeps_its_promises(Command::new(shared()), concat!(stringify!($promise), "_shared.txt"), over_https);
            }

            #[test]
            fn linked_static_over_http() {
                let name = concat!(stringify!($promise), "_static");
                let program = compile(Language::$language, Linked::Static, &[$source], &[], name);
                keeps_its_promises(Command::new(&program), concat!(stringify!($promise), "_static.txt"), over_http);
            }

            $(
                #[test]
                fn without_memory_errors_or_leaks() {
                    if let Some(command) = under_valgrind(shared) {
                        keeps_its_promises(command, concat!(stringify!($promise), "_valgrind.txt"), $watched);
                    }
                }
            )?
        }
    )*};
}

programs! {
    null_is_refused_by_name_everywhere: C "tests/c/null.c" over_http;
    settings_are_checked_and_act: C "tests/c/config.c" over_https;
    calls_end_by_token_shutdown_deadline_and_callback: C "tests/c/cancel.c" over_https;
    answers_are_read_and_broken_ones_told: C "tests/c/response.c" over_http;
    lists_remember_and_name_what_they_refuse: C "tests/c/lists.c" over_http;
    every_page_is_gone_through_once: C "tests/c/items.c" over_https;
    threads_race_with_every_end_of_a_call: C "tests/c/races.c" over_http;
    a_client_counts_what_the_service_saw: C "tests/c/stats.c" over_http;
    signals_disturb_no_call: C "tests/c/signals.c" over_http;
    no_answer_tells_a_secret: C "tests/c/secrets.c" over_http;
    no_secret_stays_in_memory: C "tests/c/canary.c";
    a_call_takes_little_of_its_process: C "tests/c/host.c";
    cpp_handles_move_and_leak_nothing: Cpp "tests/cpp/ownership.cpp" over_http;
    cpp_failures_are_exceptions_by_class: Cpp "tests/cpp/errors.cpp" over_http;
    cpp_clients_are_shared_by_threads: Cpp "tests/cpp/threads.cpp" over_https;
    cpp_destructors_make_calls: Cpp "tests/cpp/teardown.cpp" over_https;
    cpp_lists_are_ranges: Cpp "tests/cpp/items.cpp" over_http;
}

mod forked_children_are_refused_and_kept_apart {
    use super::*;

    const SOURCES: &[&str] = &["tests/c/fork.c"];

    fn shared() -> &'static Path {
        static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
        PROGRAM.get_or_init(|| compile(Language::C, Linked::Shared, SOURCES, &[], "fork_shared"))
    }

    #[test]
    fn linked_shared_over_https() {
        keeps_its_promises(Command::new(shared()), "fork_shared.txt", over_https);
    }

    #[test]
    fn linked_static_over_http() {
        let program = compile(Language::C, Linked::Static, SOURCES, &[], "fork_static");
        keeps_its_promises(Command::new(program), "fork_static.txt", over_http);
    }

    /// By the process's number, where the kernel wipes no page in a child.
    #[test]
    fn on_a_kernel_from_before_4_14() {
        let sources = ["tests/c/fork.c", "tests/c/before_4_14.c"];
        let program = compile(Language::C, Linked::Shared, &sources, &[], "fork_old_kernel");
        keeps_its_promises(Command::new(program), "fork_old_kernel.txt", over_http);
    }

    #[test]
    fn without_memory_errors_or_leaks() {
        if let Some(command) = under_valgrind(shared) {
            keeps_its_promises_about(Some("400".into()), command, "fork_valgrind.txt", over_http);
        }
    }
}

/// One way of linking, since both hold the same code and it takes long.
#[test]
fn scarce_memory_is_an_error() {
    let program = compile(Language::C, Linked::Shared, &["tests/c/scarce.c"], &[], "scarce");
    keeps_its_promises(Command::new(program), "scarce.txt", over_https);
}

/// Thirty thousand calls, or as many as `CHAT_MEMORY_CALLS` says. Plain connections: those of TLS hold more.
#[test]
fn many_calls_leave_no_memory_behind() {
    let program = compile(Language::C, Linked::Shared, &["tests/c/memory.c"], &[], "memory_shared");
    let calls = env::var_os("CHAT_MEMORY_CALLS");
    keeps_its_promises_about(calls, Command::new(program), "memory_shared.txt", over_http);
}

mod panics_are_contained {
    use super::*;

    fn program() -> &'static Path {
        static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
        PROGRAM.get_or_init(|| {
            compile(
                Language::C,
                Linked::Panicking,
                &["tests/c/panic.c"],
                &[],
                "panics_are_contained",
            )
        })
    }

    #[test]
    fn linked_shared_over_https() {
        keeps_its_promises(Command::new(program()), "panics_are_contained.txt", over_https);
    }

    #[test]
    fn without_memory_errors_or_leaks() {
        if let Some(command) = under_valgrind(program) {
            keeps_its_promises(command, "panics_are_contained_valgrind.txt", over_https);
        }
    }
}

/// The names of the functions that a header declares.
fn declared(header: &str) -> Vec<String> {
    let code = header
        .lines()
        .filter(|line| line.contains("chat_") && !line.trim_start().starts_with(['*', '/', '#']));
    let before_bracket = code.filter_map(|line| line.split_once('(').map(|(before, _)| before));
    let names = before_bracket.filter_map(|before| before.split([' ', '*']).next_back());
    names
        .filter(|name| name.starts_with("chat_"))
        .map(str::to_owned)
        .collect()
}

/// A program that calls all of `tests/c/commands.h`, with what stands there.
fn with_every_command(program: &str) -> String {
    let [program, commands] =
        [program, "tests/c/commands.h"].map(|file| fs::read_to_string(stage::root().join(file)).unwrap());
    assert!(program.contains("commands[i].call("));
    program + &commands
}

#[test]
fn no_exported_function_is_left_out_of_the_null_test() {
    let functions = declared(&fs::read_to_string(stage::root().join("include/tencent_chat.h")).unwrap());
    assert!(
        functions.iter().any(|name| name == "chat_del_contact_group"),
        "{functions:?}"
    );
    let tested = with_every_command("tests/c/null.c");
    let called = |name: &String| {
        // Called, or named in a table of setters.
        tested.contains(&format!("{name}("))
            || tested.contains(&format!(", {name}, "))
            || tested.contains(&format!(", {name}}}"))
    };
    let missing: Vec<_> = functions.iter().filter(|name| !called(name)).collect();
    assert!(missing.is_empty(), "tests/c/null.c does not call {missing:?}");
}

#[test]
fn no_function_that_takes_a_client_is_left_out_of_the_fork_test() {
    let header = fs::read_to_string(stage::root().join("include/tencent_chat.h")).unwrap();
    let tested = with_every_command("tests/c/fork.c");
    let takes_client = |name: &String| {
        let arguments = header.split(&format!("{name}(")).nth(1).unwrap_or_default();
        let arguments = arguments.split(')').next().unwrap_or_default();
        arguments.contains("chat_client *client") || arguments.contains("chat_items *items")
    };
    let concerned: Vec<_> = declared(&header).into_iter().filter(takes_client).collect();
    assert!(concerned.len() > 20, "{concerned:?}");
    let missing: Vec<_> = concerned
        .iter()
        .filter(|name| !tested.contains(&format!("{name}(")))
        .collect();
    assert!(missing.is_empty(), "tests/c/fork.c does not call {missing:?}");
}

#[test]
fn the_c_header_stands_alone_and_reads_as_c_and_as_cpp() {
    let source = &["tests/c/include_first.c"];
    for (language, linked, flags, name) in [
        (Language::C, Linked::Shared, &[][..], "include_first_shared"),
        (Language::C, Linked::Static, &[], "include_first_static"),
        (Language::Cpp, Linked::Shared, &["-x", "c++"], "include_first_as_cpp"),
    ] {
        let program = compile(language, linked, source, flags, name);
        let (status, printed) = run(Command::new(&program), &program.with_extension("txt"));
        assert!(status.success(), "{name} ended with {status}\n{printed}");
    }
}

#[test]
fn the_cpp_header_stands_alone_and_joins_from_two_units() {
    let unit = |flags: &[&str]| object(Language::Cpp, "tests/cpp/include_first.cpp", flags);
    let units = [unit(&[]), unit(&["-DSECOND_UNIT"])];
    let program = link(Language::Cpp, Linked::Shared, &units, "include_first_cpp");
    let (status, printed) = run(Command::new(&program), &program.with_extension("txt"));
    assert!(status.success(), "include_first.cpp ended with {status}\n{printed}");
}

/// The parts of the C++ header as `tencent_chat/<name>.hpp`.
fn parts() -> Vec<String> {
    let files = fs::read_dir(stage::root().join("include/tencent_chat"))
        .unwrap()
        .flatten();
    files
        .map(|file| format!("tencent_chat/{}", file.file_name().to_str().unwrap()))
        .collect()
}

#[test]
fn each_part_of_the_cpp_header_is_installed_and_compiles_alone() {
    let parts = parts();
    assert!(parts.len() >= 10, "{parts:?}");
    for part in parts {
        let source = built(&format!("{}.cpp", part.replace('/', "_")));
        fs::write(&source, format!("#include <{part}>\n#include <{part}>\n")).unwrap();
        let mut command = compiler(Language::Cpp);
        command.args(strict(Language::Cpp)).args(["-fsyntax-only", "-I"]);
        stage::succeed(command.arg(stage::prefix().join("include")).arg(source));
    }
}

#[test]
fn the_headers_are_clean_for_users_who_warn_about_more() {
    let of_c = [
        "-Wall",
        "-Wextra",
        "-Wpedantic",
        "-Wshadow",
        "-Wconversion",
        "-Wsign-conversion",
        "-Werror",
    ];
    let of_cpp = ["-Wold-style-cast", "-Wnon-virtual-dtor", "-Wextra-semi", "-fno-rtti"];
    let of_both = [of_c.as_slice(), &of_cpp, &["-Wswitch-enum"]].concat();
    let clang = stage::tool("clang").map(Command::new);
    for mut compiler in [Some(compiler(Language::Cpp)), clang].into_iter().flatten() {
        compiler.args(&of_both).args(["-fsyntax-only", "-I"]);
        compiler.arg(stage::prefix().join("include"));
        compiler.arg(stage::root().join("tests/cpp/include_first.cpp"));
        for standard in ["-std=c++17", "-std=c++20"] {
            stage::succeed(compiler.arg(standard));
        }
    }
}

/// Otherwise a program whose parts hide their symbols cannot catch in one part what another throws, where the C++ library compares types by address.
#[test]
fn the_exceptions_are_seen_by_other_shared_objects_also_where_everything_else_is_hidden() {
    let header = fs::read_to_string(stage::prefix().join("include/tencent_chat/error.hpp")).unwrap();
    let classes = header
        .lines()
        .filter(|line| line.starts_with("class ") && line.contains(" : public "));
    let names = classes.map(|line| line.split(" : ").next().unwrap().rsplit(' ').next().unwrap());
    let names: Vec<&str> = names.collect();
    assert!(names.len() > 15 && names.contains(&"GroupNotFoundError"), "{names:?}");
    let source = built("thrower.cpp");
    let text = "#include <tencent_chat.hpp>\nvoid shut(const tencent_chat::Client& client) { client.del_contact_group(\"u\", \"g\"); }\n";
    fs::write(&source, text).unwrap();
    let library = built("thrower.so");
    let mut command = compiler(Language::Cpp);
    command.args([
        "-std=c++17",
        "-fPIC",
        "-shared",
        "-fvisibility=hidden",
        "-fvisibility-inlines-hidden",
        "-I",
    ]);
    command.arg(stage::prefix().join("include")).arg(source);
    stage::succeed(command.arg("-o").arg(&library));
    let seen = stage::succeed(Command::new("nm").args(["-D", "-C", "--defined-only"]).arg(&library));
    let seen = String::from_utf8(seen.stdout).unwrap();
    for name in names {
        assert!(
            seen.contains(&format!("typeinfo for tencent_chat::{name}\n")),
            "{name} is hidden"
        );
    }
}

/// The sample's output over HTTPS.
fn story(language: Language, source: &str, name: &str) -> String {
    let program = compile(language, Linked::Shared, &[source], &[], name);
    let emulator = Emulator::start(Config::default()).unwrap();
    let mut command = Command::new(&program);
    command.arg(emulator.tls_url()).arg(emulator.ca_file());
    let (status, printed) = run(command, &program.with_extension("txt"));
    assert!(status.success(), "{source} ended with {status}\n{printed}");
    printed
}

/// As it is called by somebody who knows no option of it and no file of ours: `possibly lost` counts.
#[test]
fn valgrind_reports_nothing_of_the_library_by_default() {
    let Some(valgrind) = stage::tool("valgrind") else {
        return;
    };
    let source = "bindings/c/samples/delete_group.c";
    let program = compile(Language::C, Linked::Shared, &[source], &[], "sample_under_valgrind");
    let emulator = Emulator::start(Config::default()).unwrap();
    let mut command = Command::new(valgrind);
    command.args(["--quiet", "--leak-check=full", "--error-exitcode=99"]);
    command.arg(&program).arg(emulator.url()).arg(emulator.ca_file());
    let (status, printed) = run(command, &program.with_extension("txt"));
    assert!(status.success(), "{printed}");
}

#[test]
fn the_samples_tell_the_same_story() {
    let in_c = story(Language::C, "bindings/c/samples/delete_group.c", "sample_c");
    let in_cpp = story(Language::Cpp, "bindings/cpp/samples/delete_group.cpp", "sample_cpp");
    let lines: Vec<&str> = in_c.lines().collect();
    assert_eq!(
        lines[..2],
        ["created 設計会議 (GroupId 1)", "deleted 設計会議 (GroupId 1)"]
    );
    assert!(
        lines[2].starts_with("again: 51009 the user has no conversation group of that name"),
        "{}",
        lines[2]
    );
    assert!(
        lines[3].starts_with("wrong key: 70009 the UserSig was made with a key that"),
        "{}",
        lines[3]
    );
    assert_eq!(lines.len(), 4);
    assert_eq!(in_c, in_cpp);
}

/// What the longer sample says in every language; its last line goes on with the error's message.
const ORGANISED: &str = "\
imported 3 users
created 同僚 (GroupId 1), conversations: 2
created 家族 (GroupId 2), conversations: 1
moved user_1002 from 同僚 to 家族
marked user_1003
user_1002: groups 家族; marks -; custom -
user_1003: groups 家族; marks 100000000000000000000000000000000; custom vip
3 conversations in groups, complete
renamed 家族 to 親族 (GroupId 2)
deleted 同僚 (GroupId 1)
deleted 親族 (GroupId 2)
partial: -15 the call succeeded but some of its items failed";

#[test]
fn the_longer_samples_tell_the_same_story() {
    let in_c = story(Language::C, "bindings/c/samples/organise_groups.c", "organise_c");
    let in_cpp = story(
        Language::Cpp,
        "bindings/cpp/samples/organise_groups.cpp",
        "organise_cpp",
    );
    assert!(in_c.starts_with(ORGANISED), "{in_c}");
    assert!(in_c.ends_with("first /ResultItem/1 with ResultCode 70107\n"), "{in_c}");
    assert_eq!(in_c, in_cpp);
}

#[test]
fn the_longer_samples_leak_nothing() {
    for (language, source, name) in [
        (
            Language::C,
            "bindings/c/samples/organise_groups.c",
            "organise_c_watched",
        ),
        (
            Language::Cpp,
            "bindings/cpp/samples/organise_groups.cpp",
            "organise_cpp_watched",
        ),
    ] {
        let program = || compile(language, Linked::Shared, &[source], &[], name);
        let Some(mut command) = under_valgrind(program) else {
            return;
        };
        let emulator = Emulator::start(Config::default()).unwrap();
        command.arg(emulator.url());
        let (status, printed) = run(command, &built(name).with_extension("txt"));
        assert!(status.success(), "{source} ended with {status}\n{printed}");
    }
}

#[test]
fn a_sample_that_fails_says_why_and_ends_with_1() {
    for (language, source, name) in [
        (Language::C, "bindings/c/samples/delete_group.c", "sample_c_failing"),
        (
            Language::Cpp,
            "bindings/cpp/samples/delete_group.cpp",
            "sample_cpp_failing",
        ),
        (
            Language::C,
            "bindings/c/samples/organise_groups.c",
            "organise_c_failing",
        ),
        (
            Language::Cpp,
            "bindings/cpp/samples/organise_groups.cpp",
            "organise_cpp_failing",
        ),
    ] {
        let program = compile(language, Linked::Shared, &[source], &[], name);
        let mut command = Command::new(&program);
        command.arg("http://127.0.0.1:1"); // port 1: nobody listens
        let (status, printed) = run(command, &program.with_extension("txt"));
        assert_eq!(status.code(), Some(1), "{printed}");
        assert!(printed.contains("-5"), "{printed}");
        assert!(!printed.contains("5bd2850f"), "the key is in: {printed}");
    }
}

/// The blocks of one kind that a README shows.
fn shown(readme: &str, kind: &str) -> Vec<String> {
    let text = fs::read_to_string(stage::root().join(readme)).unwrap();
    let fence = format!("```{kind}\n");
    let blocks = text.split(&fence).skip(1);
    blocks
        .map(|rest| rest.split("```").next().unwrap().to_owned())
        .collect()
}

#[test]
fn the_compile_lines_of_the_readmes_work() {
    if !stage::tools(&["pkg-config"]) {
        return;
    }
    for (readme, expected) in [("bindings/c/README.md", 2), ("bindings/cpp/README.md", 1)] {
        let commands = shown(readme, "sh");
        assert_eq!(commands.len(), expected, "{readme}");
        for command in commands {
            let folder = tempfile::tempdir().unwrap();
            std::os::unix::fs::symlink(stage::root().join("bindings"), folder.path().join("bindings")).unwrap();
            let mut shell = Command::new("sh");
            shell.args(["-e", "-c", &command]).current_dir(folder.path());
            stage::succeed(shell.env("PREFIX", stage::prefix()));
            assert!(folder.path().join("delete_group").exists(), "{readme}: {command}");
        }
    }
}

#[test]
fn the_metrics_of_the_readmes_are_what_they_show() {
    for (language, readme, kind, around) in [
        (Language::C, "bindings/c/README.md", "c", "tests/c/metrics.c"),
        (Language::Cpp, "bindings/cpp/README.md", "cpp", "tests/cpp/metrics.cpp"),
    ] {
        let source = built(&format!("readme_metrics.{kind}"));
        fs::write(&source, shown(readme, kind).concat()).unwrap();
        let sources = [around, source.to_str().unwrap()];
        let program = compile(language, Linked::Shared, &sources, &[], &format!("metrics_{kind}"));
        let emulator = Emulator::start(Config::default()).unwrap();
        let mut command = Command::new(&program);
        command.args([
            emulator.url().as_ref(),
            emulator.ca_file().as_os_str(),
            emulator.admin_url().as_ref(),
        ]);
        let (status, printed) = run(command, &program.with_extension("txt"));
        assert!(status.success(), "{readme}: {printed}");
        let promised = shown(readme, "text").concat();
        assert!(promised.lines().count() > 3, "{readme} shows no metrics");
        for line in promised.lines() {
            assert!(
                printed.lines().any(|said| said == line),
                "{readme}: `{line}` is not in\n{printed}"
            );
        }
    }
}
