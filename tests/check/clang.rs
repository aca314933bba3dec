//! Everything in C and C++ once more with the other compiler, which warns of other things; `-Werror`, as users have it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::programs::{strict, Language};
use crate::stage;

/// What a user builds or copies from, and what the tests build.
const FOLDERS: [&str; 6] = [
    "tests/c",
    "tests/cpp",
    "tests/promises",
    "bindings/c/samples",
    "bindings/cpp/samples",
    "tests/consumers",
];

fn sources(extension: &str) -> Vec<PathBuf> {
    let files = FOLDERS
        .iter()
        .flat_map(|folder| fs::read_dir(stage::root().join(folder)).unwrap());
    let paths = files.map(|file| file.unwrap().path());
    paths
        .filter(|path| path.extension().is_some_and(|of| of == extension))
        .collect()
}

fn compiles(program: &Path, language: Language, source: &Path) {
    let mut clang = Command::new(program);
    clang
        .args(strict(language))
        .arg("-I")
        .arg(stage::root().join("include"));
    stage::succeed(clang.args(["-c", "-o", "/dev/null"]).arg(source));
}

#[test]
fn everything_in_c_and_cpp_compiles_with_clang_without_a_warning() {
    let Some(clang) = stage::tool("clang") else { return };
    for (language, extension, least) in [(Language::C, "c", 20), (Language::Cpp, "cpp", 12)] {
        let sources = sources(extension);
        assert!(sources.len() >= least, "only {} files in {language:?}", sources.len());
        for source in sources {
            compiles(&clang, language, &source);
        }
    }
}
