//! What is inside the installed binaries: the static archive shows the header's functions and hides the rest, still contains a panic, and
//! is small; nothing names the machine it was built on; every artefact and face tells one version, the manifest's.

use crate::consumers;
use crate::stage;
use std::collections::BTreeSet;
use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use chat_emulator::{Config, Emulator};

fn text(path: impl AsRef<Path>) -> String {
    let path = stage::root().join(path);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn said(command: &mut Command) -> String {
    String::from_utf8(stage::succeed(command).stdout).unwrap()
}

fn functions() -> BTreeSet<String> {
    let list = text("tests/symbols.txt");
    let lines = list.lines().filter(|line| !line.starts_with('#'));
    lines.map(|line| line.split(' ').next().unwrap().to_owned()).collect()
}

fn archive() -> PathBuf {
    stage::prefix().join("lib/libtencent_chat.a")
}

/// Symbols that others can see, with their binding.
fn shown(archive: &Path) -> BTreeSet<(String, String)> {
    let table = said(Command::new("readelf").arg("-sW").arg(archive));
    let symbols = table.lines().map(|line| line.split_whitespace().collect::<Vec<_>>());
    let named = symbols.filter(|columns| columns.len() == 8 && columns[4] != "LOCAL" && columns[6] != "UND");
    named
        .filter(|columns| columns[0].trim_end_matches(':').parse::<u32>().is_ok())
        .map(|columns| (columns[7].to_owned(), columns[4].to_owned()))
        .collect()
}

#[test]
fn the_static_library_shows_the_functions_of_the_header_and_hides_the_rest() {
    // Weak, so that a program's own function of that name wins, as it does over the shared library's.
    let mut expected: BTreeSet<(String, String)> = functions().into_iter().map(|name| (name, "WEAK".into())).collect();
    expected.insert(("DW.ref.rust_eh_personality".into(), "WEAK".into()));
    assert_eq!(shown(&archive()), expected);
}

#[test]
fn the_library_never_calls_its_own_functions_by_the_names_that_a_program_may_take() {
    let relocations = said(Command::new("readelf").arg("-rW").arg(archive()));
    assert!(relocations.contains(" malloc "), "{relocations}");
    let by_name: Vec<&str> = relocations.lines().filter(|line| line.contains(" chat_")).collect();
    assert_eq!(by_name, [""; 0]);
    let relocations = said(
        Command::new("readelf")
            .arg("-rW")
            .arg(stage::prefix().join("lib/libtencent_chat.so")),
    );
    let by_name: Vec<&str> = relocations.lines().filter(|line| line.contains(" chat_")).collect();
    assert_eq!(by_name, [""; 0]);
}

/// `getenv` beside a `setenv` of the program's is a crash, so whatever in the library asks, the question goes nowhere.
#[test]
fn the_libraries_know_no_function_that_reads_or_writes_the_environment() {
    for library in [archive(), stage::prefix().join("lib/libtencent_chat.so")] {
        let table = said(Command::new("readelf").arg("-sW").arg(&library));
        let names = table.lines().filter(|line| line.contains(" UND "));
        let names = names.filter_map(|line| line.split_whitespace().nth(7)?.split('@').next());
        let names: BTreeSet<&str> = names.collect();
        assert!(names.contains("malloc"), "{names:?}");
        let of_environment: Vec<_> = names
            .iter()
            .filter(|name| name.to_lowercase().contains("env"))
            .collect();
        assert!(of_environment.is_empty(), "{}: {of_environment:?}", library.display());
    }
}

#[test]
fn the_static_library_is_small() {
    let size = fs::metadata(archive()).unwrap().len();
    assert!(size < 8 << 20, "{size} bytes");
    let bytes = fs::read(archive()).unwrap();
    assert!(!holds(&bytes, ".llvmbc"), "the compiler's own notes are in it");
}

#[test]
fn the_static_library_contains_a_panic() {
    let home = consumers::folder("panic-static");
    let (archive, program) = (home.join("libtencent_chat.a"), home.join("panic"));
    let mut localise = Command::new(stage::root().join("bindings/c/packaging/localise.sh"));
    localise.args(["libtencent_chat.so", "libtencent_chat.a"].map(stage::library_for_tests));
    stage::succeed(localise.arg(&archive));
    let mut cc = Command::new("cc");
    cc.arg("-I").arg(stage::root().join("include"));
    cc.arg(stage::root().join("tests/c/panic.c"))
        .arg("-o")
        .arg(&program)
        .arg(&archive);
    stage::succeed(cc.args(native_libraries().split(' ')));
    let emulator = Emulator::start(Config::default()).unwrap();
    let mut panic = Command::new(&program);
    panic.args([
        emulator.url().as_ref(),
        emulator.ca_file().as_os_str(),
        emulator.admin_url().as_ref(),
    ]);
    assert!(said(&mut panic).contains("kept   "));
}

fn native_libraries() -> String {
    said(&mut consumers::make(&["-s", "native-libs"])).trim().to_owned()
}

/// By the standard library's search, which is quick in a test that is built for debugging too.
fn holds(bytes: &[u8], part: &str) -> bool {
    String::from_utf8_lossy(bytes).contains(part)
}

/// Folders of this machine that a build passes through.
fn places() -> Vec<String> {
    let home = env::var("HOME").unwrap_or_default();
    let cargo = env::var("CARGO_HOME").unwrap_or_else(|_| format!("{home}/.cargo"));
    let sysroot = said(Command::new("rustc").args(["--print", "sysroot"]));
    let folders = [
        stage::root(),
        stage::target(),
        Path::new(&cargo),
        Path::new(sysroot.trim()),
    ];
    folders.iter().map(|folder| format!("{}/", folder.display())).collect()
}

#[test]
fn no_installed_file_names_a_place_of_the_builders_machine() {
    let places = places();
    let files = consumers::files(stage::prefix());
    assert!(files.iter().any(|name| name == "lib/libtencent_chat.a"), "{files:?}");
    for name in files {
        let bytes = fs::read(stage::prefix().join(&name)).unwrap();
        for place in &places {
            assert!(!holds(&bytes, place), "{name} holds {place}");
        }
    }
}

#[test]
fn every_artefact_and_face_tells_the_version_of_the_manifest() {
    let version = env!("CARGO_PKG_VERSION");
    let (abi, _) = version.rsplit_once('.').unwrap();
    let prefix = stage::prefix();
    for member in ["tests/emulator", "bindings/program"] {
        assert!(text(format!("{member}/Cargo.toml")).contains(&format!("\nversion = \"{version}\"")));
    }
    assert!(text("include/tencent_chat.h").contains(&format!("#define CHAT_VERSION \"{version}\"")));
    let emulator = said(Command::new(prefix.join("bin/chat-emulator")).arg("--version"));
    assert_eq!(emulator.trim(), format!("chat-emulator {version}"));
    for package in ["tencent-chat", "tencent-chat-static"] {
        let file = text(prefix.join(format!("lib/pkgconfig/{package}.pc")));
        assert!(file.contains(&format!("\nVersion: {version}\n")), "{file}");
    }
    let cmake = text(prefix.join("lib/cmake/tencent_chat/tencent_chat-config-version.cmake"));
    assert!(
        cmake.contains(&format!("set(PACKAGE_VERSION \"{version}\")")),
        "{cmake}"
    );
    assert!(prefix.join(format!("lib/libtencent_chat.so.{version}")).is_file());
    if stage::tools(&["python3"]) {
        let bill = text(prefix.join("share/doc/tencent-chat/tencent-chat.cdx.json"));
        let bill: serde_json::Value = serde_json::from_str(&bill).unwrap();
        assert_eq!(bill["metadata"]["component"]["version"], version);
    }
    for (page, tool) in [("man1/chat-emulator.1", "help2man"), ("man3/tencent_chat.3", "doxygen")] {
        if stage::tools(&[tool]) {
            let page = text(prefix.join("share/man").join(page));
            let title = page.lines().find(|line| line.starts_with(".TH")).unwrap();
            assert!(title.contains(version), "{title}");
        }
    }
    for readme in ["README.md", "bindings/go/README.md"] {
        assert!(text(readme).contains(&format!("/bindings/go@v{version}")), "{readme}");
    }
    // The Python package takes its number from the manifest; both faces refuse a library of another ABI.
    let python = text("bindings/python/pyproject.toml");
    assert!(python.contains("dynamic = [\"version\"]") && python.contains("path = \"../../Cargo.toml\""));
    assert!(text("bindings/python/tencent_chat/_signatures.py").contains(&format!("\"{abi}\"")));
    assert!(text("bindings/go/native.go").contains("C.CHAT_VERSION"));
    let newest = text("CHANGELOG.md");
    let newest = newest.lines().find(|line| line.starts_with("## ")).unwrap();
    assert!(newest.starts_with(&format!("## {version}")), "{newest}");
}

#[test]
fn the_library_that_python_loads_tells_the_version_of_the_manifest() {
    let Some(python) = stage::tool("python3") else { return };
    let mut asked = Command::new(python);
    asked.args(["-c", "from tencent_chat import _library; print(_library.version)"]);
    asked.env("PYTHONPATH", stage::root().join("bindings/python"));
    asked.env("PYTHONDONTWRITEBYTECODE", "1");
    asked.env("TENCENT_CHAT_LIBRARY", stage::prefix().join("lib/libtencent_chat.so"));
    assert_eq!(said(&mut asked).trim(), env!("CARGO_PKG_VERSION"));
}
