//! The C ABI against the released one, which stands in tests/abi: no released function, type or constant may change or go. What is compared
//! are two libraries made from headers (one function each declaration, as the C compiler lays it out), so that what is private inside
//! the real one does not count; that the real one exports what its header declares, tests/abi/symbols.rs says.
//!
//! `make abi-baseline` (CHAT_WRITE_ABI=1) makes the header of now the released one.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use crate::programs::{compiler, Language};
use crate::stage;

fn header() -> String {
    fs::read_to_string(stage::root().join("include/tencent_chat.h")).unwrap()
}

fn released(name: &str) -> PathBuf {
    stage::root().join("tests/abi").join(name)
}

/// The header without comments.
fn code(header: &str) -> String {
    let mut code = String::new();
    let mut rest = header;
    while let Some((before, comment)) = rest.split_once("/*") {
        code.push_str(before);
        rest = comment.split_once("*/").expect("a comment ends").1;
    }
    code + rest
}

/// Every constant with its value, as `CHAT_OK 0`. Names and numbers are part of the ABI that no library shows.
fn constants(header: &str) -> BTreeMap<String, String> {
    let code = code(header);
    let lines = code.lines().filter_map(|line| line.strip_prefix("#define CHAT_"));
    let pairs = lines.filter_map(|line| line.split_once(' '));
    pairs
        .filter(|(name, _)| *name != "VERSION") // Is to change.
        .map(|(name, value)| (format!("CHAT_{name}"), value.trim().to_owned()))
        .collect()
}

/// The declarations of functions, each without its semicolon.
fn declarations(header: &str) -> Vec<String> {
    let code = code(header);
    let lines = code
        .lines()
        .filter(|line| !line.starts_with('#') && !line.starts_with("extern \"C\""));
    let joined = lines.collect::<Vec<_>>().join(" ");
    let statements = joined.split(';').map(str::trim);
    statements
        .filter(|statement| statement.contains('(') && !statement.starts_with("typedef"))
        .map(str::to_owned)
        .collect()
}

/// A library that has the header's functions and nothing in them, with the compiler's description of their types.
fn shell(header: &str, folder: &Path) -> PathBuf {
    fs::create_dir_all(folder.join("include")).unwrap();
    fs::write(folder.join("include/tencent_chat.h"), header).unwrap();
    let functions = declarations(header);
    assert!(functions.len() > 60, "{functions:#?}");
    let bodies: String = functions
        .iter()
        .map(|function| format!("{function} {{ __builtin_trap(); }}\n"))
        .collect();
    fs::write(folder.join("shell.c"), format!("#include <tencent_chat.h>\n{bodies}")).unwrap();
    let library = folder.join("libtencent_chat.so");
    let mut command = compiler(Language::C);
    command.current_dir(folder);
    command.args([
        "-g",
        "-shared",
        "-fPIC",
        "-w",
        "-Iinclude",
        "-Wl,-soname,libtencent_chat.so",
        "shell.c",
        "-o",
    ]);
    stage::succeed(command.arg(&library));
    library
}

/// The description that is committed: no paths of this machine, no lines that move with every comment.
fn described(library: &Path) -> String {
    let mut command = Command::new("abidw");
    command.args([
        "--no-show-locs",
        "--no-corpus-path",
        "--no-comp-dir-path",
        "--short-locs",
        "--no-elf-needed",
    ]);
    String::from_utf8(stage::succeed(command.arg(library)).stdout).unwrap()
}

/// Compares the header's shell with the released description; additions are no change.
fn compared(abidiff: &Path, header: &str) -> Output {
    let folder = tempfile::tempdir().unwrap();
    let library = shell(header, folder.path());
    let mut command = Command::new(abidiff);
    command.args(["--no-added-syms", "--no-show-locs"]);
    command.arg(released("functions.abi")).arg(library).output().unwrap()
}

/// Any exit but 0 is a change, or a comparison that did not happen.
fn changes(abidiff: &Path, header: &str) -> Option<String> {
    let output = compared(abidiff, header);
    let said = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    (!output.status.success()).then_some(said)
}

#[test]
fn no_released_function_or_type_changed() {
    let Some(abidiff) = stage::tool("abidiff") else { return };
    if std::env::var_os("CHAT_WRITE_ABI").is_some() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(released("functions.abi"), described(&shell(&header(), folder.path()))).unwrap();
    }
    let changes = changes(&abidiff, &header());
    assert!(
        changes.is_none(),
        "programs that are out there would break:\n{}",
        changes.unwrap()
    );
}

#[test]
fn no_released_constant_changed() {
    let now = constants(&header());
    let file = released("constants.txt");
    if std::env::var_os("CHAT_WRITE_ABI").is_some() {
        let lines: String = now.iter().map(|(name, value)| format!("{name} {value}\n")).collect();
        fs::write(&file, lines).unwrap();
    }
    let text = fs::read_to_string(file).unwrap();
    let released: Vec<(&str, &str)> = text.lines().filter_map(|line| line.split_once(' ')).collect();
    assert!(released.len() > 30, "{text}");
    for (name, value) in released {
        assert_eq!(
            now.get(name).map(String::as_str),
            Some(value),
            "{name} was released with {value}"
        );
    }
}

#[test]
fn a_function_that_goes_a_type_that_changes_and_nothing_else_is_reported() {
    let Some(abidiff) = stage::tool("abidiff") else { return };
    let header = header();
    let changed = |from: &str, to: &str| {
        assert!(header.contains(from), "{from}");
        changes(&abidiff, &header.replace(from, to))
    };
    let gone = changed("void chat_cancel_trigger(const chat_cancel *cancel);", "").expect("a function is gone");
    assert!(gone.contains("chat_cancel_trigger"), "{gone}");
    let wider = changed(
        "const char *chat_strerror(int code);",
        "const char *chat_strerror(int64_t code);",
    )
    .expect("a parameter is wider");
    assert!(wider.contains("chat_strerror"), "{wider}");
    let added = changed(
        "const char *chat_version(void);",
        "const char *chat_version(void);\nint chat_new_one(int a);",
    );
    assert_eq!(added, None, "an addition breaks nobody");
}
