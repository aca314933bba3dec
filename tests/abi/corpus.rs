//! The inputs that the fuzzers started from or once found, shown to every fuzz target without a fuzzer: what broke a promise once is
//! never forgotten. The targets stand in tests/fuzz, with their promises; `make fuzz` looks for new inputs.

#[path = "../fuzz/src/request.rs"]
mod request;
#[path = "../fuzz/src/signature.rs"]
mod signature;
#[path = "../fuzz/corpus.rs"]
mod unpack;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::programs::{compiler, run, strict, Language};
use crate::stage;

/// The inputs of one target, by name.
fn inputs(target: &str) -> Vec<PathBuf> {
    unpack::unpacked(
        target,
        &Path::new(env!("CARGO_TARGET_TMPDIR")).join("corpus").join(target),
    )
}

#[test]
fn no_request_of_the_corpus_breaks_the_emulator() {
    for input in inputs("request") {
        request::run(&fs::read(&input).unwrap());
    }
}

#[test]
fn no_user_sig_of_the_corpus_is_accepted_but_the_right_one() {
    for input in inputs("signature") {
        signature::run(&fs::read(&input).unwrap());
    }
}

/// Builds a C target with the program that shows it inputs, against the installation, and runs it.
fn replay(target: &str) {
    let program = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("replay_{target}"));
    let folder = stage::root().join("tests/fuzz");
    let lib = stage::prefix().join("lib");
    let mut command = compiler(Language::C);
    command
        .args(strict(Language::C))
        .arg("-I")
        .arg(stage::prefix().join("include"));
    command
        .arg(format!("-DTARGET=chat_fuzz_{target}"))
        .arg(folder.join("replay.c"));
    command.arg(folder.join(format!("{target}.c"))).arg("-o").arg(&program);
    command.arg("-L").arg(&lib).arg(format!("-Wl,-rpath,{}", lib.display()));
    stage::succeed(command.args(["-ltencent_chat", "-lpthread"]));
    let inputs = inputs(target);
    let mut command = Command::new(&program);
    command.args(&inputs);
    let (status, printed) = run(command, &program.with_extension("txt"));
    assert!(status.success(), "{target} ended with {status}\n{printed}");
    assert!(
        printed.ends_with(&format!("kept   {} inputs\n", inputs.len())),
        "{printed}"
    );
}

#[test]
fn no_answer_of_the_corpus_breaks_the_library() {
    replay("answer");
}

#[test]
fn no_program_of_the_corpus_breaks_a_c_function() {
    replay("calls");
}

#[test]
fn every_c_function_is_fuzzed() {
    let folder = stage::root().join("tests/fuzz");
    let read = |name: &str| fs::read_to_string(folder.join(name)).unwrap();
    let code = ["calls.c", "../c/commands.h", "answer.c", "shown.h"]
        .map(read)
        .join("\n");
    let list = fs::read_to_string(stage::root().join("tests/symbols.txt")).unwrap();
    let functions = list
        .lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| line.split(' ').next());
    let missing: Vec<&str> = functions.filter(|name| !code.contains(&format!("{name}("))).collect();
    assert!(missing.is_empty(), "tests/fuzz/calls.c does not call {missing:?}");
}

#[test]
fn the_corpus_stays_small() {
    let bytes = fs::metadata(stage::root().join("tests/fuzz/corpus.txt")).unwrap().len();
    assert!(
        bytes < 200_000,
        "{bytes} bytes: `make fuzz` can make it smaller (-merge=1)"
    );
}
