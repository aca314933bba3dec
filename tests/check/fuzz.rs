//! The fuzzers for a bounded time each: built for libFuzzer and AddressSanitizer, begun with the committed corpus, ended by the clock.
//! `make fuzz SECONDS=600` runs them for longer. An input that breaks a promise is kept and named; a mistake seeded on purpose shows that
//! they see. Slow, so `make check` runs it, not `make test`.

use std::env;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

#[path = "../fuzz/corpus.rs"]
mod corpus;

use crate::programs::run;
use crate::stage;

const TARGET: &str = "x86_64-unknown-linux-gnu";

/// What cargo-fuzz passes, so that it need not be installed: edges and comparisons are told to the fuzzer, bad addresses reported.
const FLAGS: [&str; 7] = [
    "--cfg fuzzing",
    "-Cpasses=sancov-module",
    "-Cllvm-args=-sanitizer-coverage-level=4",
    "-Cllvm-args=-sanitizer-coverage-inline-8bit-counters",
    "-Cllvm-args=-sanitizer-coverage-pc-table",
    "-Cllvm-args=-sanitizer-coverage-trace-compares",
    "-Zsanitizer=address",
];

/// Seconds for each fuzzer; CHAT_FUZZ_SECONDS sets them.
fn seconds() -> u32 {
    let given = env::var("CHAT_FUZZ_SECONDS").ok();
    given.map_or(20, |text| text.parse().expect("CHAT_FUZZ_SECONDS is a number"))
}

fn folder() -> PathBuf {
    stage::target().join("check/fuzz")
}

/// The folder of the fuzzers, built once for all tests.
fn fuzzers() -> &'static Path {
    static FUZZERS: OnceLock<PathBuf> = OnceLock::new();
    FUZZERS.get_or_init(|| {
        let mut build = Command::new(env!("CARGO"));
        build.args([
            "build",
            "--release",
            "--locked",
            "--features",
            "fuzzer",
            "--target",
            TARGET,
        ]);
        build
            .current_dir(stage::root().join("tests/fuzz"))
            .env("CARGO_TARGET_DIR", folder())
            // Sanitizers are options of the nightly compiler; this opens them in the one that builds everything else.
            .env("RUSTC_BOOTSTRAP", "1")
            .env("RUSTFLAGS", FLAGS.join(" "))
            .env_remove("CARGO_ENCODED_RUSTFLAGS");
        stage::succeed(&mut build);
        folder().join(TARGET).join("release")
    })
}

/// Begins with the committed corpus; what is found on the way stays in the target directory and is begun with the next time.
fn finds_nothing(target: &str) {
    let found = folder().join("found").join(target);
    fs::create_dir_all(&found).unwrap();
    let broken = folder().join(format!("{target}-"));
    let mut command = Command::new(fuzzers().join(target));
    command.arg(format!("-max_total_time={}", seconds()));
    command.args([
        "-timeout=25",
        "-rss_limit_mb=4096",
        "-max_len=4096",
        "-print_final_stats=1",
    ]);
    command
        .arg(format!("-artifact_prefix={}", broken.display()))
        .arg(&found);
    let committed = folder().join("corpus").join(target);
    corpus::unpacked(target, &committed);
    command.arg(committed);
    let (status, printed) = run(command, &folder().join(format!("{target}.txt")));
    assert!(
        status.success(),
        "{target} ended with {status}; add the input that it names to tests/fuzz/corpus.txt\n{printed}"
    );
    let runs = number_behind(&printed, "stat::number_of_executed_units:");
    // An instrumented build that is not, or a corpus that is not read, would find nothing too.
    assert!(runs > 100 && number_behind(&printed, "cov: ") > 500, "{printed}");
    let _ = writeln!(
        std::io::stderr(),
        "{target}: {runs} inputs in {} s, none breaks a promise",
        seconds()
    );
}

/// The last number that stands behind these words.
fn number_behind(printed: &str, words: &str) -> u64 {
    let rest = printed.rsplit_once(words).map_or("", |(_, rest)| rest).trim_start();
    let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
    digits.parse().unwrap_or(0)
}

#[test]
fn no_answer_is_found_that_breaks_the_library() {
    finds_nothing("answer");
}

#[test]
fn no_arguments_are_found_that_break_a_c_function() {
    finds_nothing("calls");
}

#[test]
fn no_request_is_found_that_breaks_the_emulator() {
    finds_nothing("request");
}

#[test]
fn no_signature_is_found_that_is_accepted_without_the_key() {
    finds_nothing("signature");
}

#[test]
fn a_seeded_mistake_is_found() {
    let mut command = Command::new(fuzzers().join("seeded"));
    let artifact = folder().join("seeded-");
    // Only ends a fuzzer that is blind; one that sees needs a second.
    command.args(["-max_total_time=120", "-max_len=64"]);
    command.arg(format!("-artifact_prefix={}", artifact.display()));
    let (status, printed) = run(command, &folder().join("seeded.txt"));
    assert!(
        !status.success() && printed.contains("the seeded mistake"),
        "{status}\n{printed}"
    );
}
