//! The tarball of a release: the tree of an installation, built for machines with an old glibc. Reads every versioned symbol of what is in it,
//! builds consumers against the unpacked tree, and runs a tarball of another machine under user-mode emulation.
//! That a second build gives the same bytes is proved by `make reproducible`, which builds everything twice.

#[path = "../consumers/mod.rs"]
mod consumers;
#[path = "../service/mod.rs"]
mod service;
#[path = "../stage/mod.rs"]
mod stage;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, OnceLock, PoisonError};

use chat_emulator::{Config, Emulator};
use consumers::{deletes_a_group, deletes_a_group_as, files, folder, pkg_config_make, with_pkg_config};

/// The oldest glibc a release asks for: that of RHEL 7 and every manylinux2014 wheel.
const FLOOR: [u32; 2] = [2, 17];

const HERE: &str = "x86_64";
const ELSEWHERE: &str = "aarch64";

fn tools(names: &[&str]) -> bool {
    names.iter().filter(|name| stage::tool(name).is_none()).count() == 0
}

/// The name that tarball and folder share.
fn name(machine: &str) -> String {
    let [major, minor] = FLOOR;
    format!(
        "tencent-chat-{}-linux-{machine}-glibc{major}.{minor}",
        env!("CARGO_PKG_VERSION")
    )
}

/// Whether this machine can build for another: its standard library is there.
fn builds_for(machine: &str) -> bool {
    let sysroot = stage::succeed(Command::new("rustc").args(["--print", "sysroot"])).stdout;
    let place = format!("lib/rustlib/{machine}-unknown-linux-gnu/lib");
    let found = Path::new(String::from_utf8(sysroot).unwrap().trim())
        .join(place)
        .is_dir();
    if !found {
        stage::missing(&format!(
            "Rust for {machine} (`rustup target add {machine}-unknown-linux-gnu`)"
        ));
    }
    found
}

/// One at a time: they share a folder of generated pages.
fn make_tarball(machine: &str) {
    static ONE: Mutex<()> = Mutex::new(());
    let _one = ONE.lock().unwrap_or_else(PoisonError::into_inner);
    let platform = format!("PLATFORMS={machine}-unknown-linux-gnu");
    stage::succeed(&mut consumers::make(&["-s", "dist", &platform]));
}

/// An unpacked tarball; `None` where the tools to make it are missing.
fn unpacked(machine: &'static str) -> Option<PathBuf> {
    if !tools(&["python3", "tar", "gzip", "doxygen", "help2man", "readelf"]) || !builds_for(machine) {
        return None;
    }
    stage::prefix(); // So that only one of the two builds what both need.
    make_tarball(machine);
    let home = folder(&format!("dist-{machine}"));
    let tarball = stage::target().join("dist").join(name(machine) + ".tar.gz");
    stage::succeed(Command::new("tar").arg("-C").arg(&home).arg("-xf").arg(tarball));
    Some(home.join(name(machine)))
}

fn here() -> Option<&'static Path> {
    static HERE_UNPACKED: OnceLock<Option<PathBuf>> = OnceLock::new();
    HERE_UNPACKED.get_or_init(|| unpacked(HERE)).as_deref()
}

fn elsewhere() -> Option<&'static Path> {
    static ELSEWHERE_UNPACKED: OnceLock<Option<PathBuf>> = OnceLock::new();
    // After the first, because both use one cargo.
    here()?;
    ELSEWHERE_UNPACKED
        .get_or_init(|| {
            stage::tool("aarch64-linux-gnu-objcopy")?;
            unpacked(ELSEWHERE)
        })
        .as_deref()
}

/// The versions of glibc that a binary asks for.
fn asked_for(binary: &Path) -> BTreeSet<Vec<u32>> {
    let table = stage::succeed(Command::new("readelf").args(["--dyn-syms", "-W"]).arg(binary));
    let table = String::from_utf8(table.stdout).unwrap();
    let versions = table
        .split('@')
        .skip(1)
        .filter_map(|rest| rest.trim_start_matches('@').strip_prefix("GLIBC_"));
    let number = |text: &str| text.split('.').map(|part| part.parse().unwrap()).collect();
    versions
        .map(|rest| number(rest.split(|c: char| !c.is_ascii_digit() && c != '.').next().unwrap()))
        .collect()
}

fn keeps_the_floor(tree: &Path) {
    let library = format!("lib/libtencent_chat.so.{}", env!("CARGO_PKG_VERSION"));
    for binary in [library.as_str(), "bin/chat-emulator"] {
        let asked = asked_for(&tree.join(binary));
        assert!(!asked.is_empty(), "{binary} asks for no version: it was read wrongly");
        let above: Vec<&Vec<u32>> = asked.iter().filter(|version| version[..] > FLOOR[..]).collect();
        assert!(
            above.is_empty(),
            "{binary} asks for glibc {above:?}, and the floor is {FLOOR:?}"
        );
        // Whatever else it needs has to be everywhere: nothing but glibc's own parts, no libgcc_s.
        let needed = stage::succeed(Command::new("readelf").arg("-dW").arg(tree.join(binary))).stdout;
        let needed = String::from_utf8(needed).unwrap();
        for line in needed.lines().filter(|line| line.contains("(NEEDED)")) {
            let of_glibc = [
                "[libc.so.",
                "[libpthread.so.",
                "[libdl.so.",
                "[libm.so.",
                "[librt.so.",
                "[ld-linux-",
            ];
            assert!(of_glibc.iter().any(|name| line.contains(name)), "{binary}: {line}");
        }
    }
}

#[test]
fn a_release_asks_for_no_newer_glibc_than_the_floor() {
    if let Some(tree) = here() {
        keeps_the_floor(tree);
    }
}

#[test]
fn a_release_has_the_tree_of_an_installation() {
    let Some(tree) = here() else { return };
    assert_eq!(files(tree), files(stage::prefix()));
}

#[test]
fn a_release_names_no_place_of_the_builders_machine() {
    let Some(tree) = here() else { return };
    let places = [stage::root(), stage::target()].map(|folder| format!("{}/", folder.display()));
    for name in files(tree) {
        let bytes = fs::read(tree.join(&name)).unwrap();
        for place in &places {
            let found = bytes.windows(place.len()).any(|window| window == place.as_bytes());
            assert!(!found, "{name} holds {place}");
        }
    }
}

#[test]
fn a_release_is_packed_the_same_way_every_time() {
    let Some(_) = here() else { return };
    let tarball = stage::target().join("dist").join(name(HERE) + ".tar.gz");
    let first = fs::read(&tarball).unwrap();
    let sum = fs::read_to_string(tarball.with_extension("gz.sha256")).unwrap();
    make_tarball(HERE);
    assert!(first == fs::read(&tarball).unwrap());
    let listed = stage::succeed(Command::new("tar").arg("--numeric-owner").arg("-tvf").arg(&tarball));
    let listed = String::from_utf8(listed.stdout).unwrap();
    assert!(listed.lines().all(|line| line.contains(" 0/0 ")), "{listed}");
    let mut check = Command::new("sha256sum");
    stage::succeed(
        check
            .arg("-c")
            .arg("-")
            .current_dir(tarball.parent().unwrap())
            .stdin(sum_file(&sum)),
    );
}

fn sum_file(sum: &str) -> fs::File {
    let path = folder("dist-sum").join("sum");
    fs::write(&path, sum).unwrap();
    fs::File::open(path).unwrap()
}

#[test]
fn programs_are_built_against_an_unpacked_release() {
    let Some(tree) = here() else { return };
    if !tools(&["pkg-config", "cc"]) {
        return;
    }
    for package in ["tencent-chat", "tencent-chat-static"] {
        let out = folder("dist-consumer");
        pkg_config_make("pkg_config", tree, &out, &[&format!("PACKAGE={package}")]);
        deletes_a_group(&out.join("delete_group"));
    }
}

/// What a program for the other machine finds at run time: Debian's cross libc.
const ELSEWHERE_LIBC: &str = "/usr/aarch64-linux-gnu";

/// A program for the other machine, under emulation.
fn run_elsewhere(program: &Path) -> Option<Command> {
    let qemu = stage::tool("qemu-aarch64-static")?;
    if !Path::new(ELSEWHERE_LIBC).join("lib/libc.so.6").exists() {
        stage::missing("the C library of aarch64 (libc6-arm64-cross)");
        return None;
    }
    let mut command = Command::new(qemu);
    command.args(["-L", ELSEWHERE_LIBC]).arg(program);
    Some(command)
}

/// The compiler that built the release, for the other machine.
fn compile_elsewhere(sources: &[PathBuf], flags: &[String], program: &Path) {
    let mut zig = Command::new(stage::target().join("zig/bin/python"));
    zig.args([
        "-m",
        "ziglang",
        "cc",
        "-target",
        "aarch64-linux-gnu.2.17",
        "-std=c99",
        "-O1",
    ]);
    stage::succeed(zig.args(sources).args(flags).arg("-o").arg(program));
}

#[test]
fn a_release_for_another_machine_keeps_the_floor_and_deletes_a_group_there() {
    let Some(tree) = elsewhere() else { return };
    keeps_the_floor(tree);
    assert_eq!(files(tree), files(stage::prefix()));
    if stage::tool("pkg-config").is_none() {
        return;
    }
    let out = folder("dist-elsewhere");
    let source = [stage::root().join("tests/consumers/delete_group.c")];
    for package in ["tencent-chat", "tencent-chat-static"] {
        let mut pkg_config = Command::new("pkg-config");
        pkg_config.args(["--cflags", "--libs", package]);
        let flags = stage::succeed(with_pkg_config(&mut pkg_config, tree)).stdout;
        let flags = String::from_utf8(flags).unwrap();
        let mut flags: Vec<String> = flags.split_whitespace().map(str::to_owned).collect();
        flags.push(format!("-Wl,-rpath,{}/lib", tree.display()));
        let program = out.join(package);
        compile_elsewhere(&source, &flags, &program);
        let Some(command) = run_elsewhere(&program) else { return };
        deletes_a_group_as(command);
    }
}

#[test]
fn the_c_tests_keep_their_promises_on_another_machine() {
    let Some(tree) = elsewhere() else { return };
    let out = folder("dist-elsewhere-c");
    let programs = [
        "delete", "null", "config", "response", "lists", "groups", "marks", "recent", "accounts", "items",
    ];
    let flags = ["-I", "-L", "-Wl,-rpath,"].map(|flag| {
        let part = if flag == "-I" { "include" } else { "lib" };
        format!("{flag}{}/{part}", tree.display())
    });
    let flags: Vec<String> = flags
        .into_iter()
        .chain(["-ltencent_chat", "-lpthread"].map(str::to_owned))
        .collect();
    for name in programs {
        let program = out.join(name);
        compile_elsewhere(&[stage::root().join(format!("tests/c/{name}.c"))], &flags, &program);
        let Some(mut command) = run_elsewhere(&program) else {
            return;
        };
        let emulator = Emulator::start(Config::default()).unwrap();
        let (url, admin) = (emulator.tls_url(), emulator.admin_url());
        let output = stage::succeed(command.arg(url).arg(emulator.ca_file()).arg(admin));
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(said.contains("kept   "), "{name} promised nothing: {said}");
    }
}
