//! `make install` as a user's build sees it: the tree, and one project of every kind (`tests/consumers/`) that is built by its ordinary
//! commands against an installation moved away from where it was made, and deletes a conversation group. What the binaries are made of and
//! the archives have tests of their own (`tests/platforms`).

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use crate::consumers;
use crate::consumers::{deletes_a_group, files, folder, moved, needs_the_shared_library, pkg_config_make, project};
use crate::stage;

fn text(path: impl AsRef<Path>) -> String {
    fs::read_to_string(path.as_ref()).unwrap_or_else(|error| panic!("{}: {error}", path.as_ref().display()))
}

fn said(output: Output) -> String {
    String::from_utf8(output.stdout).unwrap()
}

/// The functions of the header, from the list that another test holds against it.
fn functions() -> Vec<String> {
    let list = text(stage::root().join("tests/symbols.txt"));
    let lines = list.lines().filter(|line| !line.starts_with('#'));
    lines.map(|line| line.split(' ').next().unwrap().to_owned()).collect()
}

#[test]
fn an_installation_holds_what_each_tool_looks_for() {
    if !stage::tools(&["doxygen", "help2man", "python3"]) {
        return;
    }
    let version = env!("CARGO_PKG_VERSION");
    let soname = stage::soname();
    let mut expected: Vec<String> = [
        "bin/chat-emulator",
        "bin/tencent-chat",
        "include/tencent_chat.h",
        "include/tencent_chat.hpp",
        "lib/cmake/tencent_chat/tencent_chat-config-version.cmake",
        "lib/cmake/tencent_chat/tencent_chat-config.cmake",
        "lib/libtencent_chat.a",
        "lib/libtencent_chat.so",
        &format!("lib/{soname}"),
        &format!("lib/libtencent_chat.so.{version}"),
        "lib/pkgconfig/tencent-chat-static.pc",
        "lib/pkgconfig/tencent-chat.pc",
        "share/doc/tencent-chat/CHANGELOG.md",
        "share/doc/tencent-chat/LICENSE-APACHE",
        "share/doc/tencent-chat/LICENSE-MIT",
        "share/doc/tencent-chat/README.md",
        "share/doc/tencent-chat/SECURITY.md",
        "share/doc/tencent-chat/tests/emulator/README.md",
        "share/doc/tencent-chat/THIRD-PARTY-LICENSES.txt",
        "share/doc/tencent-chat/tencent-chat.cdx.json",
        "share/doc/tencent-chat/tsan.supp",
        "share/doc/tencent-chat/valgrind.supp",
        "share/bash-completion/completions/chat-emulator",
        "share/bash-completion/completions/tencent-chat",
        "share/fish/vendor_completions.d/chat-emulator.fish",
        "share/fish/vendor_completions.d/tencent-chat.fish",
        "share/man/man1/chat-emulator.1",
        "share/man/man1/tencent-chat.1",
        "share/zsh/site-functions/_chat-emulator",
        "share/zsh/site-functions/_tencent-chat",
        "share/man/man3/tencent_chat.3",
    ]
    .map(str::to_owned)
    .to_vec();
    expected.extend(functions().iter().map(|name| format!("share/man/man3/{name}.3")));
    for (folder, ending) in [
        ("bindings/c", ".md"),
        ("bindings/c/samples", ".c"),
        ("bindings/cpp", "README.md"),
        ("bindings/cpp/samples", ".cpp"),
        ("bindings/go", "README.md"),
        ("bindings/guides", ".md"),
        ("bindings/guides", "grafana.json"),
        ("bindings/guides", "alerts.yml"),
        ("bindings/program", "README.md"),
        ("bindings/python", "README.md"),
    ] {
        let there = fs::read_dir(stage::root().join(folder)).unwrap();
        let names = there.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        let of_ours = names.filter(|name| name.ends_with(ending));
        expected.extend(of_ours.map(|name| format!("share/doc/tencent-chat/{folder}/{name}")));
    }
    let parts = files(&stage::root().join("include/tencent_chat"));
    expected.extend(parts.iter().map(|name| format!("include/tencent_chat/{name}")));
    expected.sort();
    // A page for each command of the program; the program's own test knows which.
    let (pages, others): (Vec<String>, Vec<String>) = files(moved())
        .into_iter()
        .partition(|name| name.starts_with("share/man/man1/tencent-chat-"));
    assert!(pages.len() > 3, "{pages:?}");
    assert_eq!(others, expected);
    let program = said(stage::succeed(
        Command::new(moved().join("bin/tencent-chat")).arg("--version"),
    ));
    assert!(program.contains(version), "{program}");

    let link = |name: &str| fs::read_link(moved().join("lib").join(name)).unwrap();
    assert_eq!(link("libtencent_chat.so"), Path::new(&soname));
    assert_eq!(link(&soname), Path::new(&format!("libtencent_chat.so.{version}")));
}

#[test]
fn everybody_may_read_an_installation_and_only_programs_and_libraries_are_executable() {
    for name in files(moved()) {
        let path = moved().join(&name);
        let mode = fs::metadata(&path).unwrap().permissions().mode() & 0o777;
        let executable = name.starts_with("bin/") || name.contains(".so");
        assert_eq!(mode, if executable { 0o755 } else { 0o644 }, "{name}");
    }
}

#[test]
fn uninstalling_leaves_nothing_of_ours_and_everything_of_others() {
    stage::prefix();
    let home = folder("uninstall");
    let (destdir, prefix) = (format!("DESTDIR={}", home.display()), "PREFIX=/opt/chat");
    stage::succeed(&mut consumers::make(&["-s", "install", &destdir, prefix]));
    let others = [
        "lib/libother.so",
        "share/doc/tencent-chat/notes.txt",
        "share/man/man3/other.3",
    ];
    for name in others {
        let file = home.join("opt/chat").join(name);
        fs::create_dir_all(file.parent().unwrap()).unwrap(); // Where no manual was made, that of its pages is not there.
        fs::write(file, "another's").unwrap();
    }
    stage::succeed(&mut consumers::make(&["-s", "uninstall", &destdir, prefix]));
    assert_eq!(files(&home.join("opt/chat")), others);
    assert!(!home.join("opt/chat/include/tencent_chat").exists());
    assert!(!home.join("opt/chat/lib/cmake/tencent_chat").exists());
}

/// The words of what pkg-config says, in which a blank of a path has a backslash before it.
fn words(flags: &str) -> Vec<String> {
    let whole = flags.replace("\\ ", "\0");
    whole.split_whitespace().map(|word| word.replace('\0', " ")).collect()
}

/// What pkg-config 0.29 makes of a sysroot is the sysroot before each -I and -L; pkgconf adds it only where it is not there yet.
#[test]
fn a_sysroot_is_found_by_every_pkg_config() {
    if !stage::tools(&["pkg-config"]) {
        return;
    }
    let sysroot = fs::canonicalize(folder("sysroot")).unwrap();
    fs::create_dir_all(sysroot.join("usr")).unwrap();
    stage::succeed(
        Command::new("cp")
            .arg("-a")
            .arg(moved().join("."))
            .arg(sysroot.join("usr")),
    );
    for package in ["tencent-chat", "tencent-chat-static"] {
        let flags = |of_sysroot: &str| {
            let mut pkg_config = Command::new("pkg-config");
            pkg_config.args(["--cflags", "--libs", package]);
            pkg_config.env("PKG_CONFIG_LIBDIR", sysroot.join("usr/lib/pkgconfig"));
            said(stage::succeed(pkg_config.env("PKG_CONFIG_SYSROOT_DIR", of_sysroot)))
        };
        for (flags, before) in [
            (flags(""), sysroot.to_str().unwrap()),
            (flags(""), ""),
            (flags(sysroot.to_str().unwrap()), ""),
        ] {
            let places = words(&flags).into_iter().filter_map(|flag| {
                let (letter, place) = flag.split_at_checked(2)?;
                let wanted = [("-I", "usr/include"), ("-L", "usr/lib")]
                    .iter()
                    .find(|(of, _)| *of == letter)?
                    .1;
                Some((format!("{before}{place}"), sysroot.join(wanted)))
            });
            let places: Vec<_> = places.collect();
            assert!(!places.is_empty(), "{flags}");
            for (place, wanted) in places {
                assert_eq!(fs::canonicalize(&place).expect(&place), wanted, "{flags}");
            }
        }
    }
}

#[test]
fn a_packager_may_choose_every_place() {
    if !stage::tools(&["pkg-config", "cmake"]) {
        return;
    }
    stage::prefix();
    let home = folder("places");
    let destdir = format!("DESTDIR={}", home.display());
    let places = [
        "PREFIX=/usr",
        "LIBDIR=/usr/lib/some-machine",
        "INCLUDEDIR=/usr/include/chat",
    ];
    stage::succeed(&mut consumers::make(
        &[&["-s", "install", destdir.as_str()], &places[..]].concat(),
    ));
    let library = home.join("usr/lib/some-machine");
    let mut pkg_config = Command::new("pkg-config");
    pkg_config.args(["--cflags", "tencent-chat"]);
    let flags = said(stage::succeed(
        pkg_config.env("PKG_CONFIG_PATH", library.join("pkgconfig")),
    ));
    let flag = &words(&flags)[0];
    let include = fs::canonicalize(flag.strip_prefix("-I").unwrap()).unwrap();
    assert_eq!(include, fs::canonicalize(home.join("usr/include/chat")).unwrap());
    let program = cmake("places/build", &library, &project("cmake"), &[]).join("delete_group");
    deletes_a_group(&program);
    stage::succeed(&mut consumers::make(
        &[&["-s", "uninstall", destdir.as_str()], &places[..]].concat(),
    ));
    let left: Vec<String> = files(&home)
        .into_iter()
        .filter(|name| name.starts_with("usr/"))
        .collect();
    assert_eq!(left, [""; 0]);
}

#[test]
fn pkg_config_finds_the_shared_library() {
    if !stage::tools(&["pkg-config"]) {
        return;
    }
    let out = folder("pkg-config-shared");
    pkg_config_make("pkg_config", moved(), &out, &[]);
    let program = out.join("delete_group");
    assert!(needs_the_shared_library(&program));
    deletes_a_group(&program);
}

#[test]
fn pkg_config_finds_the_static_library_beside_the_shared_one() {
    if !stage::tools(&["pkg-config"]) {
        return;
    }
    let out = folder("pkg-config-static");
    pkg_config_make("pkg_config", moved(), &out, &["PACKAGE=tencent-chat-static"]);
    let program = out.join("delete_group");
    assert!(!needs_the_shared_library(&program));
    deletes_a_group(&program);
}

#[test]
fn pkg_config_names_the_private_libraries_where_only_the_static_one_is_installed() {
    if !stage::tools(&["pkg-config"]) {
        return;
    }
    let home = folder("pkg-config-only-static");
    let prefix = home.join("prefix");
    stage::succeed(Command::new("cp").arg("-R").arg(moved()).arg(&prefix));
    for name in files(&prefix).iter().filter(|name| name.contains(".so")) {
        fs::remove_file(prefix.join(name)).unwrap();
    }
    pkg_config_make("pkg_config", &prefix, &home, &["PKG_CONFIG_FLAGS=--static"]);
    let program = home.join("delete_group");
    assert!(!needs_the_shared_library(&program));
    deletes_a_group(&program);
}

#[test]
fn the_private_libraries_are_those_that_rustc_names() {
    if !stage::tools(&["pkg-config"]) {
        return;
    }
    // For any library of Rust's; that ours needs no more is what linking it shows.
    let empty = folder("native-libraries").join("empty.rs");
    fs::write(&empty, "").unwrap();
    let mut rustc = Command::new("rustc");
    rustc.args(["--crate-type", "staticlib", "--print", "native-static-libs"]);
    rustc.arg(&empty).arg("-o").arg(empty.with_extension("a"));
    let notes = String::from_utf8(stage::succeed(&mut rustc).stderr).unwrap();
    let named = notes
        .lines()
        .find_map(|line| line.split_once("native-static-libs: "))
        .unwrap()
        .1;
    for package in ["tencent-chat", "tencent-chat-static"] {
        let mut pkg_config = Command::new("pkg-config");
        pkg_config.args(["--static", "--libs", package]);
        let libraries = said(stage::succeed(consumers::with_pkg_config(&mut pkg_config, moved())));
        assert!(
            libraries.trim_end().ends_with(named),
            "{libraries} ends not with {named}"
        );
    }
}

/// Configures and builds a CMake project out of its sources; the build folder.
fn cmake(name: &str, prefix: &Path, source: &Path, settings: &[&str]) -> PathBuf {
    let build = folder(name);
    let mut configure = Command::new("cmake");
    configure.arg("-S").arg(source).arg("-B").arg(&build);
    configure.arg(format!("-DCMAKE_PREFIX_PATH={}", prefix.display()));
    configure.arg(format!(
        "-Dtencent_chat_DIR={}",
        prefix.join(config_folder(prefix)).display()
    ));
    stage::succeed(configure.args(settings));
    stage::succeed(Command::new("cmake").arg("--build").arg(&build));
    build
}

/// CMake looks into `lib` of a prefix by itself, but not into a folder that only a packager knows.
fn config_folder(prefix: &Path) -> &'static str {
    match prefix.join("lib/cmake").is_dir() {
        true => "lib/cmake/tencent_chat",
        false => "cmake/tencent_chat",
    }
}

#[test]
fn cmake_finds_the_shared_library() {
    if !stage::tools(&["cmake"]) {
        return;
    }
    let build = cmake("cmake-shared", moved(), &project("cmake"), &[]);
    for program in ["delete_group", "delete_group_cpp"] {
        assert!(needs_the_shared_library(&build.join(program)));
        deletes_a_group(&build.join(program));
    }
}

#[test]
fn cmake_finds_the_static_library() {
    if !stage::tools(&["cmake"]) {
        return;
    }
    let settings = ["-DLIBRARY=tencent_chat::static"];
    let build = cmake("cmake-static", moved(), &project("cmake"), &settings);
    for program in ["delete_group", "delete_group_cpp"] {
        assert!(!needs_the_shared_library(&build.join(program)));
        deletes_a_group(&build.join(program));
    }
}

#[test]
fn cmake_builds_the_library_as_a_part_of_a_project() {
    if !stage::tools(&["cmake"]) {
        return;
    }
    let sources = format!("-DTENCENT_CHAT={}", stage::root().display());
    // What this test run has built already need not be built again.
    let built = format!("-DTENCENT_CHAT_CARGO_TARGET_DIR={}", stage::target().display());
    for (library, shared) in [("tencent_chat::tencent_chat", true), ("tencent_chat::static", false)] {
        let linked = format!("-DLIBRARY={library}");
        let build = folder("cmake-subdirectory");
        let mut configure = Command::new("cmake");
        configure
            .arg("-S")
            .arg(project("cmake_subdirectory"))
            .arg("-B")
            .arg(&build);
        stage::succeed(configure.args([&sources, &built, &linked]));
        stage::succeed(Command::new("cmake").arg("--build").arg(&build));
        assert_eq!(needs_the_shared_library(&build.join("delete_group")), shared);
        deletes_a_group(&build.join("delete_group"));
    }
}

#[test]
fn cmake_takes_a_version_of_the_same_abi_and_refuses_others() {
    if !stage::tools(&["cmake"]) {
        return;
    }
    let build = folder("cmake-versions");
    let numbers: Vec<u32> = env!("CARGO_PKG_VERSION")
        .split('.')
        .map(|n| n.parse().unwrap())
        .collect();
    let (major, minor, patch) = (numbers[0], numbers[1], numbers[2]);
    let asked = [
        (String::new(), "yes"),
        (format!("{major}"), "yes"),
        (format!("{major}.{minor}"), "yes"),
        (format!("{major}.{minor}.{patch} EXACT"), "yes"),
        (format!("{major}.{minor}...<{major}.{}", minor + 1), "yes"),
        (format!("{major}.{minor}.{}", patch + 1), "no"),
        (format!("{major}.{}", minor + 1), "no"),
        (format!("{}", major + 1), "no"),
        (format!("{major}.{}...{major}.{}", minor + 1, minor + 2), "no"),
    ];
    let mut lists = String::from("cmake_minimum_required(VERSION 3.19)\nproject(asks LANGUAGES NONE)\n");
    for (version, _) in &asked {
        lists += &format!(
            "find_package(tencent_chat {version} CONFIG QUIET)\nif(tencent_chat_FOUND)\n message(STATUS \"asked {version}: yes\")\n\
             else()\n message(STATUS \"asked {version}: no\")\nendif()\nunset(tencent_chat_DIR CACHE)\n"
        );
    }
    fs::write(build.join("CMakeLists.txt"), lists).unwrap();
    let mut configure = Command::new("cmake");
    configure.arg("-S").arg(&build).arg("-B").arg(build.join("build"));
    configure.arg(format!("-DCMAKE_PREFIX_PATH={}", moved().display()));
    let output = said(stage::succeed(&mut configure));
    for (version, answer) in asked {
        assert!(
            output.contains(&format!("asked {version}: {answer}\n")),
            "{version}: {output}"
        );
    }
}

#[test]
fn a_program_may_own_a_chat_call_beside_either_library() {
    if !stage::tools(&["pkg-config"]) {
        return;
    }
    for package in ["tencent-chat-static", "tencent-chat"] {
        let out = folder("own-chat-call");
        pkg_config_make("own_chat_call", moved(), &out, &[&format!("PACKAGE={package}")]);
        deletes_a_group(&out.join("server"));
    }
}

#[test]
fn a_program_may_link_another_rust_archive_before_or_after_ours() {
    if !stage::tools(&["pkg-config"]) {
        return;
    }
    for order in ["ORDER=ours theirs", "ORDER=theirs ours"] {
        let out = folder("two-rust-archives");
        pkg_config_make("two_rust_archives", moved(), &out, &["RUSTC=rustc", order]);
        deletes_a_group(&out.join("two"));
    }
}

#[test]
fn every_function_and_the_emulator_have_a_manual_page() {
    if !stage::tools(&["doxygen", "help2man"]) {
        return;
    }
    let man = moved().join("share/man");
    let overview = text(man.join("man3/tencent_chat.3"));
    for function in functions() {
        let page = text(man.join(format!("man3/{function}.3")));
        let said = [
            format!("{function}("),
            ".SH DESCRIPTION\n".to_owned(),
            ".SH SINCE\n".to_owned(),
        ];
        for words in said {
            assert!(page.contains(&words), "the page of {function} lacks {words}:\n{page}");
        }
        assert!(
            overview.contains(&format!("{function}\\fP(3)")),
            "the overview lacks {function}"
        );
    }
    let help = said(stage::succeed(
        Command::new(moved().join("bin/chat-emulator")).arg("--help"),
    ));
    let page = text(man.join("man1/chat-emulator.1")).replace('\\', "");
    let flags: Vec<&str> = help.split_whitespace().filter(|word| word.starts_with("--")).collect();
    assert!(flags.len() > 10);
    for flag in flags {
        let flag = flag.trim_matches(|c: char| c != '-' && !c.is_ascii_alphanumeric());
        assert!(page.contains(flag), "the page lacks {flag}");
    }
}

#[test]
fn the_reference_has_no_gap_and_no_mistake() {
    if !stage::tools(&["doxygen"]) {
        return;
    }
    stage::succeed(&mut consumers::make(&["-s", "reference"]));
    let page = stage::target().join("reference/html/tencent__chat_8h.html");
    assert!(text(page).contains("chat_del_contact_group"));
}
