//! The tarballs of a release: the tree of an installation, built for machines with an old glibc, or with musl. Reads every versioned symbol
//! of what is in them, builds programs against the unpacked trees, runs those of another machine under user-mode emulation, and compares two
//! builds byte by byte. What is built here is built nowhere else: only the tarball of this machine has the emulator in it, to save minutes.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, OnceLock, PoisonError};

use crate::consumers;
use crate::consumers::{deletes_a_group, deletes_a_group_as, files, folder, pkg_config_make, with_pkg_config};
use crate::stage;
use chat_emulator::{Config, Emulator};

/// The oldest glibc a release asks for: that of RHEL 7 and every manylinux2014 wheel.
const FLOOR: [u32; 2] = [2, 17];

const HERE: &str = "x86_64-unknown-linux-gnu";
const ELSEWHERE: &str = "aarch64-unknown-linux-gnu";
const MUSL: &str = "x86_64-unknown-linux-musl";

/// The name that tarball and folder share.
fn name(triple: &str) -> String {
    let [major, minor] = FLOOR;
    let platform = match triple.split_once("-unknown-linux-") {
        Some((machine, "gnu")) => format!("{machine}-glibc{major}.{minor}"),
        Some((machine, libc)) => format!("{machine}-{libc}"),
        None => panic!("no tarball is made for {triple}"),
    };
    format!("tencent-chat-{}-linux-{platform}", env!("CARGO_PKG_VERSION"))
}

/// The folder of this test's tarballs.
fn tarballs() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("tarballs")
}

/// One at a time: they share a folder of generated pages.
fn make_tarball(triple: &str) {
    static ONE: Mutex<()> = Mutex::new(());
    let _one = ONE.lock().unwrap_or_else(PoisonError::into_inner);
    let (platform, folder) = (format!("PLATFORMS={triple}"), format!("DIST={}", tarballs().display()));
    let parts = if triple == HERE {
        "PARTS=library emulator"
    } else {
        "PARTS=library"
    };
    stage::succeed(&mut consumers::make(&["-s", "dist", &platform, &folder, parts]));
}

/// An unpacked tarball; `None` where the tools to make it are missing.
fn unpacked(triple: &'static str) -> Option<PathBuf> {
    if !stage::tools(&["python3", "doxygen", "help2man"]) || !stage::rust_for(triple) {
        return None;
    }
    stage::prefix(); // So that only one of the two builds what both need.
    make_tarball(triple);
    let home = folder(&format!("dist-{triple}"));
    let tarball = tarballs().join(name(triple) + ".tar.gz");
    stage::succeed(Command::new("tar").arg("-C").arg(&home).arg("-xf").arg(tarball));
    Some(home.join(name(triple)))
}

/// The tarball of this machine.
fn here() -> Option<&'static Path> {
    static UNPACKED: OnceLock<Option<PathBuf>> = OnceLock::new();
    UNPACKED.get_or_init(|| unpacked(HERE)).as_deref()
}

/// That of another machine.
fn elsewhere() -> Option<&'static Path> {
    static UNPACKED: OnceLock<Option<PathBuf>> = OnceLock::new();
    let make = || {
        stage::tool("aarch64-linux-gnu-objcopy")?;
        unpacked(ELSEWHERE)
    };
    UNPACKED.get_or_init(make).as_deref()
}

/// That of this machine with another C library.
fn with_musl() -> Option<&'static Path> {
    static UNPACKED: OnceLock<Option<PathBuf>> = OnceLock::new();
    UNPACKED.get_or_init(|| unpacked(MUSL)).as_deref()
}

/// What a tarball without the emulator holds.
fn without_emulator(tree: &Path) -> Vec<String> {
    let mut files = files(tree);
    files.retain(|name| !name.contains("chat-emulator"));
    files
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

fn library() -> String {
    format!("lib/libtencent_chat.so.{}", env!("CARGO_PKG_VERSION"))
}

fn keeps_the_floor(tree: &Path, binaries: &[&str]) {
    for binary in binaries {
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
        keeps_the_floor(tree, &[&library(), "bin/chat-emulator"]);
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
        let text = String::from_utf8_lossy(&bytes);
        for place in &places {
            assert!(!text.contains(place), "{name} holds {place}");
        }
    }
}

#[test]
fn a_release_is_packed_the_same_way_every_time() {
    let Some(_) = here() else { return };
    let tarball = tarballs().join(name(HERE) + ".tar.gz");
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
    if !stage::tools(&["pkg-config"]) {
        return;
    }
    for package in ["tencent-chat", "tencent-chat-static"] {
        let out = folder("dist-consumer");
        pkg_config_make("pkg_config", tree, &out, &[&format!("PACKAGE={package}")]);
        deletes_a_group(&out.join("delete_group"));
    }
}

/// The compiler that built the releases, for another machine or another C library.
fn compile_for(target: &str, sources: &[PathBuf], flags: &[String], program: &Path) {
    let mut zig = Command::new(stage::target().join("zig/bin/python"));
    zig.args(["-m", "ziglang", "cc", "-target", target, "-std=c99", "-O1"]);
    stage::succeed(zig.args(sources).args(flags).arg("-o").arg(program));
}

/// What pkg-config says of a package in an unpacked tarball, with the tarball's folder of libraries in the program.
fn flags(tree: &Path, package: &str) -> Vec<String> {
    let mut pkg_config = Command::new("pkg-config");
    pkg_config.args(["--cflags", "--libs", package]);
    let said = stage::succeed(with_pkg_config(&mut pkg_config, tree)).stdout;
    let said = String::from_utf8(said).unwrap();
    let mut flags: Vec<String> = said.split_whitespace().map(str::to_owned).collect();
    flags.push(format!("-Wl,-rpath,{}/lib", tree.display()));
    flags
}

const ELSEWHERE_C: &str = "aarch64-linux-gnu.2.17";

#[test]
fn a_release_for_another_machine_keeps_the_floor_and_deletes_a_group_there() {
    let Some(tree) = elsewhere() else { return };
    keeps_the_floor(tree, &[&library()]);
    assert_eq!(files(tree), without_emulator(stage::prefix()));
    if stage::tool("pkg-config").is_none() {
        return;
    }
    let out = folder("dist-elsewhere");
    let source = [stage::root().join("tests/consumers/delete_group.c")];
    for package in ["tencent-chat", "tencent-chat-static"] {
        let program = out.join(package);
        compile_for(ELSEWHERE_C, &source, &flags(tree, package), &program);
        let Some(command) = stage::under_qemu(&program) else {
            return;
        };
        deletes_a_group_as(command);
    }
}

#[test]
fn the_c_tests_keep_their_promises_on_another_machine() {
    let Some(tree) = elsewhere() else { return };
    let out = folder("dist-elsewhere-c");
    let programs = [
        "null", "config", "response", "lists", "items", "stats", "cancel", "secrets",
    ];
    if stage::tool("pkg-config").is_none() {
        return;
    }
    let mut flags = flags(tree, "tencent-chat");
    flags.push("-lpthread".to_owned());
    for name in programs {
        let program = out.join(name);
        compile_for(
            ELSEWHERE_C,
            &[stage::root().join(format!("tests/c/{name}.c"))],
            &flags,
            &program,
        );
        let Some(mut command) = stage::under_qemu(&program) else {
            return;
        };
        let emulator = Emulator::start(Config::default()).unwrap();
        let (url, admin) = (emulator.tls_url(), emulator.admin_url());
        let output = stage::succeed(command.arg(url).arg(emulator.ca_file()).arg(admin));
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(said.contains("kept   "), "{name} promised nothing: {said}");
    }
}

#[test]
fn with_musl_a_program_has_the_library_beside_it_or_inside_it_and_needs_nothing_else() {
    let Some(tree) = with_musl() else { return };
    assert_eq!(files(tree), without_emulator(stage::prefix()));
    if stage::tool("pkg-config").is_none() {
        return;
    }
    let out = folder("dist-musl");
    let source = [stage::root().join("tests/consumers/delete_group.c")];
    let target = "x86_64-linux-musl";

    let alone = out.join("alone");
    let mut static_flags = flags(tree, "tencent-chat-static");
    static_flags.push("-static".to_owned());
    compile_for(target, &source, &static_flags, &alone);
    let table = stage::succeed(Command::new("readelf").arg("-dlW").arg(&alone)).stdout;
    let table = String::from_utf8(table).unwrap();
    assert!(!table.contains("(NEEDED)") && !table.contains("INTERP"), "{table}");
    deletes_a_group(&alone);

    let needs = stage::succeed(Command::new("readelf").arg("-dW").arg(tree.join(library()))).stdout;
    let needs = String::from_utf8(needs).unwrap();
    let needed: Vec<&str> = needs.lines().filter(|line| line.contains("(NEEDED)")).collect();
    assert!(needed.len() == 1 && needed[0].contains("[libc.so"), "{needed:?}");
    if !Path::new("/lib/ld-musl-x86_64.so.1").exists() {
        stage::missing("musl");
        return;
    }
    let beside = out.join("beside");
    let mut shared_flags = flags(tree, "tencent-chat");
    shared_flags.push("-dynamic".to_owned());
    compile_for(target, &source, &shared_flags, &beside);
    assert!(consumers::needs_the_shared_library(&beside));
    deletes_a_group(&beside);
}

#[test]
fn two_builds_in_two_places_give_the_same_tarball() {
    if here().is_none() {
        return;
    }
    let platform = format!("PLATFORMS={HERE}");
    let folder = format!("DIST={}", folder("tarballs-compared").display());
    let told = stage::succeed(&mut consumers::make(&[
        "-s",
        "reproducible",
        &platform,
        &folder,
        "PARTS=library",
    ]));
    let told = String::from_utf8(told.stdout).unwrap();
    assert!(told.contains(&format!("equal: {}.tar.gz", name(HERE))), "{told}");
    assert!(!stage::target().join("again").exists(), "gigabytes are left behind");
}
