//! What is in the archives of `make dist`, read without running any of it: the tree of an installation, exported names, load commands, the libraries that
//! are asked for, and nothing of the machine that built them.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use sha2::{Digest, Sha256};

use crate::consumers::{self, files, folder};
use crate::platform::{
    archive, archives, made_again, platforms, universal_is_made, Platform, System, LINUX_AMD64, MACOS_ARM64, UNIVERSAL,
    WINDOWS_AMD64,
};
use crate::stage;

pub fn said(command: &mut Command) -> String {
    String::from_utf8_lossy(&stage::succeed(command).stdout).into_owned()
}

/// A tool of LLVM's.
pub fn llvm(tool: &str) -> Command {
    let folder = said(Command::new("llvm-config").arg("--bindir"));
    Command::new(Path::new(folder.trim()).join(tool))
}

/// The archive of both architectures of macOS, unpacked once.
fn universal() -> &'static Path {
    static UNPACKED: OnceLock<PathBuf> = OnceLock::new();
    UNPACKED.get_or_init(|| {
        let home = folder("universal");
        let mut tar = Command::new("tar");
        stage::succeed(tar.arg("-C").arg(&home).arg("-xf").arg(archive(UNIVERSAL)));
        home.join(format!("tencent-chat-{}-{UNIVERSAL}", env!("CARGO_PKG_VERSION")))
    })
}

/// Every tree with what is said of it; none where the tools are missing to make them.
fn trees() -> Vec<(Platform, PathBuf)> {
    platforms()
        .into_iter()
        .filter_map(|platform| Some((platform, platform.tree()?)))
        .collect()
}

/// A file of an installation here under its name elsewhere; Windows has the shared library beside the programs, and no links to it.
fn named(file: &str, system: System) -> Vec<String> {
    let version = env!("CARGO_PKG_VERSION");
    let (abi, _) = version.rsplit_once('.').unwrap();
    let names = match (system, file) {
        (System::Macos, _) => vec![file
            .replace(&format!(".so.{version}"), &format!(".{version}.dylib"))
            .replace(&format!(".so.{abi}"), &format!(".{abi}.dylib"))
            .replace(".so", ".dylib")],
        (System::Windows, "bin/chat-emulator" | "bin/tencent-chat") => vec![format!("{file}.exe")],
        (System::Windows, "lib/libtencent_chat.so") => {
            vec![
                "bin/tencent_chat.dll".into(),
                "lib/libtencent_chat.dll.a".into(),
                "lib/tencent_chat.lib".into(),
            ]
        }
        (System::Windows, _) if file.starts_with("lib/libtencent_chat.so.") => vec![],
        _ => vec![file.to_owned()],
    };
    names
}

#[test]
fn every_archive_holds_what_an_installation_holds() {
    let trees = trees();
    if trees.is_empty() {
        return;
    }
    let installed = files(consumers::moved());
    let both = universal_is_made().then(|| (System::Macos, universal().to_owned()));
    for (system, tree) in trees
        .into_iter()
        .map(|(platform, tree)| (platform.system, tree))
        .chain(both)
    {
        let mut expected: Vec<String> = installed.iter().flat_map(|file| named(file, system)).collect();
        expected.sort();
        assert_eq!(files(&tree), expected, "{}", tree.display());
        let bill = fs::read_to_string(tree.join("share/doc/tencent-chat/tencent-chat.cdx.json")).unwrap();
        assert_eq!(
            bill.contains("pkg:cargo/windows-sys@"),
            system == System::Windows,
            "{}",
            tree.display()
        );
    }
}

/// The names that a shared library gives away.
fn exports(library: &Path, system: System) -> BTreeSet<String> {
    let words =
        |text: String, named: fn(&str) -> Option<&str>| text.lines().filter_map(named).map(str::to_owned).collect();
    match system {
        System::Linux => words(
            said(Command::new("readelf").args(["--dyn-syms", "-W"]).arg(library)),
            |line| {
                let columns: Vec<&str> = line.split_whitespace().collect();
                let given = columns.len() == 8 && columns[4] == "GLOBAL" && columns[6] != "UND";
                given.then(|| columns[7])
            },
        ),
        System::Macos => words(said(llvm("llvm-nm").args(["-gU", "-j"]).arg(library)), |line| {
            line.strip_prefix('_').map(str::trim)
        }),
        System::Windows => words(said(llvm("llvm-readobj").arg("--coff-exports").arg(library)), |line| {
            line.trim().strip_prefix("Name: ")
        }),
    }
}

#[test]
fn every_shared_library_exports_the_functions_of_the_header_and_nothing_else() {
    let list = fs::read_to_string(stage::root().join("tests/symbols.txt")).unwrap();
    let functions: BTreeSet<String> = list
        .lines()
        .filter(|line| !line.starts_with('#') && !line.is_empty())
        .map(|line| line.split(' ').next().unwrap().to_owned())
        .collect();
    for (platform, tree) in trees() {
        let found = exports(&tree.join(platform.shared_library()), platform.system);
        assert_eq!(found, functions, "{}", platform.name);
    }
}

/// What has to be on the machine that runs a file.
fn asked_for(file: &Path, system: System) -> Vec<String> {
    let (text, begin) = match system {
        System::Linux => (said(Command::new("readelf").arg("-dW").arg(file)), "Shared library: ["),
        System::Macos => (
            said(llvm("llvm-objdump").args(["--macho", "--dylibs-used"]).arg(file)),
            "\t",
        ),
        System::Windows => (said(llvm("llvm-readobj").arg("--coff-imports").arg(file)), "  Name: "),
    };
    let ends = |rest: &str| rest.split([']', ' ']).next().unwrap().to_owned();
    let lines = text.lines().filter_map(|line| line.split_once(begin));
    lines.map(|(_, rest)| ends(rest).to_lowercase()).collect()
}

/// Nothing but what every machine of the platform has: no runtime of a compiler, and on macOS no framework, private or public.
#[test]
fn nothing_of_an_archive_needs_more_than_its_system() {
    for (platform, tree) in trees() {
        let known: &[&str] = match (platform.system, platform.has_musl()) {
            (System::Linux, true) => &["libc.so"],
            (System::Linux, false) => &[
                "libc.so.6",
                "libpthread.so.0",
                "libdl.so.2",
                "libm.so.6",
                "librt.so.1",
                "ld-linux-",
            ],
            (System::Macos, _) => &["/usr/lib/libsystem.b.dylib", "@rpath/libtencent_chat."],
            (System::Windows, _) => &[
                "advapi32.dll",
                "api-ms-win-core-synch-",
                "bcrypt.dll",
                "bcryptprimitives.dll",
                "kernel32.dll",
                "msvcrt.dll",
                "ntdll.dll",
                "secur32.dll",
                "user32.dll",
                "userenv.dll",
                "ws2_32.dll",
                "dbghelp.dll",
            ],
        };
        for name in [
            platform.shared_library(),
            "bin/chat-emulator".into(),
            "bin/tencent-chat".into(),
        ] {
            let name = if name.starts_with("lib") || name.ends_with(".dll") {
                name
            } else {
                platform.executable(&name)
            };
            let asked = asked_for(&tree.join(&name), platform.system);
            // A program of musl has its libc inside.
            let whole = platform.has_musl() && name.starts_with("bin/");
            assert_eq!(asked.is_empty(), whole, "{name} of {}: {asked:?}", platform.name);
            for one in &asked {
                assert!(
                    known.iter().any(|known| one.starts_with(known)),
                    "{name} of {} needs {one}",
                    platform.name
                );
            }
        }
    }
}

/// That of RHEL 7 and of every manylinux2014 wheel.
const OLDEST_GLIBC: [u32; 2] = [2, 17];

/// The versions of glibc whose symbols a file asks for.
fn versions_of_glibc(file: &Path) -> BTreeSet<Vec<u32>> {
    let table = said(Command::new("readelf").args(["--dyn-syms", "-W"]).arg(file));
    let versions = table
        .split('@')
        .filter_map(|rest| rest.trim_start_matches('@').strip_prefix("GLIBC_"));
    let digits = |rest: &str| {
        rest.find(|c: char| !c.is_ascii_digit() && c != '.')
            .unwrap_or(rest.len())
    };
    versions
        .map(|rest| {
            rest[..digits(rest)]
                .split('.')
                .map(|part| part.parse().unwrap())
                .collect()
        })
        .collect()
}

#[test]
fn no_archive_for_glibc_asks_for_a_newer_one_than_the_oldest_supported() {
    for (platform, tree) in trees() {
        if platform.system != System::Linux || platform.has_musl() {
            continue;
        }
        for name in [&platform.shared_library(), "bin/chat-emulator", "bin/tencent-chat"] {
            let asked = versions_of_glibc(&tree.join(name));
            let newest = asked.last().expect("it asks for no version: it was read wrongly");
            assert!(
                newest[..] <= OLDEST_GLIBC[..],
                "{name} of {} asks for {newest:?}",
                platform.name
            );
        }
    }
}

#[test]
fn two_builds_in_two_places_give_the_same_archive() {
    if LINUX_AMD64.tree().is_none() {
        return;
    }
    let told = made_again(LINUX_AMD64);
    let name = archive(LINUX_AMD64.archive);
    let name = name.file_name().unwrap().to_str().unwrap();
    assert!(told.contains(&format!("equal: {name}\n")), "{told}");
    assert!(!stage::target().join("again").exists(), "gigabytes are left behind");
}

#[test]
fn a_dylib_has_its_names_versions_and_oldest_macos_and_an_arm64_one_is_signed() {
    let (version, (abi, _)) = (
        env!("CARGO_PKG_VERSION"),
        env!("CARGO_PKG_VERSION").rsplit_once('.').unwrap(),
    );
    for (platform, tree) in trees()
        .into_iter()
        .filter(|(platform, _)| platform.system == System::Macos)
    {
        for file in [
            platform.shared_library(),
            "bin/chat-emulator".into(),
            "bin/tencent-chat".into(),
        ] {
            let commands = said(
                llvm("llvm-objdump")
                    .args(["--macho", "--private-headers"])
                    .arg(tree.join(&file)),
            );
            let has = |text: &str| {
                assert!(
                    commands.contains(text),
                    "{file} of {} has no `{text}`\n{commands}",
                    platform.name
                )
            };
            has("minos 11.0");
            if platform.name.ends_with("arm64") {
                has("LC_CODE_SIGNATURE");
            }
            if file.ends_with(".dylib") {
                has(&format!("name @rpath/libtencent_chat.{abi}.dylib"));
                has(&format!("current version {version}"));
                has(&format!("compatibility version {abi}.0"));
            }
        }
    }
}

/// The kernel of an arm64 Mac ends whatever has no signature, or one of other bytes (as stripping leaves behind). Needs nobody's key: "ad hoc".
#[test]
fn the_signature_of_an_arm64_image_is_of_the_bytes_it_has() {
    let Some(tree) = MACOS_ARM64.tree() else { return };
    for name in [
        MACOS_ARM64.shared_library().as_str(),
        "bin/chat-emulator",
        "bin/tencent-chat",
    ] {
        let image = fs::read(tree.join(name)).unwrap();
        let pages = signed_pages(&image).unwrap_or_else(|| panic!("{name} has no signature that can be read"));
        assert!(!pages.is_empty());
        for (page, (bytes, hash)) in pages.into_iter().enumerate() {
            assert!(
                Sha256::digest(bytes)[..] == *hash,
                "{name} was changed in page {page} after it was signed"
            );
        }
    }
}

/// What is signed of a Mach-O image, page by page, and the hash of each: `LC_CODE_SIGNATURE`, and in it the code directory (`cs_blobs.h` of xnu).
fn signed_pages(image: &[u8]) -> Option<Vec<(&[u8], &[u8])>> {
    const LC_CODE_SIGNATURE: usize = 0x1d;
    const CODE_DIRECTORY: usize = 0xfade_0c02;
    const AD_HOC: usize = 2;
    let little = |at: usize| Some(u32::from_le_bytes(image.get(at..at + 4)?.try_into().ok()?) as usize);
    let big = |at: usize| Some(u32::from_be_bytes(image.get(at..at + 4)?.try_into().ok()?) as usize);
    let mut command = 32; // the header's size
    for _ in 0..little(16)? {
        if little(command)? == LC_CODE_SIGNATURE {
            break;
        }
        command += little(command + 4)?;
    }
    let signature = (little(command)? == LC_CODE_SIGNATURE).then_some(little(command + 8)?)?;
    let mut blobs = (0..big(signature + 8)?).filter_map(|i| Some(signature + big(signature + 12 + 8 * i + 4)?));
    let directory = blobs.find(|at| big(*at) == Some(CODE_DIRECTORY))?;
    (big(directory + 12)? & AD_HOC != 0).then_some(())?;
    let (hashes, count, end) = (
        directory + big(directory + 16)?,
        big(directory + 28)?,
        big(directory + 32)?,
    );
    let (size, page) = (
        usize::from(*image.get(directory + 36)?),
        1 << image.get(directory + 39)?,
    );
    let pages: Vec<&[u8]> = image.get(..end)?.chunks(page).collect();
    let hashes: Vec<&[u8]> = image.get(hashes..hashes + count * size)?.chunks(size).collect();
    (pages.len() == count && end == signature).then(|| pages.into_iter().zip(hashes).collect())
}

#[test]
fn the_universal_archive_holds_the_two_others_byte_for_byte() {
    if archives().is_none() || !universal_is_made() {
        return;
    }
    let home = universal();
    for (platform, tree) in trees()
        .into_iter()
        .filter(|(platform, _)| platform.system == System::Macos)
    {
        let arch = if platform.name.ends_with("arm64") {
            "arm64"
        } else {
            "x86_64"
        };
        for file in [
            platform.shared_library(),
            "lib/libtencent_chat.a".into(),
            "bin/chat-emulator".into(),
            "bin/tencent-chat".into(),
        ] {
            let thin = folder("thin").join(arch);
            stage::succeed(
                llvm("llvm-lipo")
                    .arg(home.join(&file))
                    .args(["-thin", arch, "-output"])
                    .arg(&thin),
            );
            assert!(
                fs::read(&thin).unwrap() == fs::read(tree.join(&file)).unwrap(),
                "{file} for {arch}"
            );
        }
    }
}

#[test]
fn a_dll_says_what_it_is_and_has_an_import_library_of_each_name() {
    let Some(tree) = WINDOWS_AMD64.tree() else { return };
    let bytes = fs::read(tree.join("bin/tencent_chat.dll")).unwrap();
    let wide = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
    for text in ["ProductVersion", env!("CARGO_PKG_VERSION"), "tencent_chat.dll"] {
        let text = wide(text);
        assert!(
            bytes.windows(text.len()).any(|part| part == text),
            "no version resource"
        );
    }
    let little = |at: usize| u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap());
    let header = little(0x3c) as usize;
    assert_eq!(
        (&bytes[header..header + 4], little(header + 8)),
        (&b"PE\0\0"[..], 0),
        "another date would be other bytes"
    );
    let import = fs::read(tree.join("lib/libtencent_chat.dll.a")).unwrap();
    assert!(import.starts_with(b"!<arch>") && import == fs::read(tree.join("lib/tencent_chat.lib")).unwrap());
    for name in ["__imp_chat_client_new\0", "tencent_chat.dll\0"] {
        let found = import.windows(name.len()).any(|part| part == name.as_bytes());
        assert!(found, "the import library does not name {name}");
    }
}

/// That a program links with them, and needs no other, is what `builds.rs` shows.
#[test]
fn the_libraries_to_link_with_on_windows_are_those_that_rustc_names_and_those_that_the_dll_asks_for_besides() {
    let Some(tree) = WINDOWS_AMD64.tree() else { return };
    let empty = folder("libraries-of-windows").join("empty.rs");
    fs::write(&empty, "").unwrap();
    let mut rustc = Command::new("rustc");
    rustc.args(["--target", WINDOWS_AMD64.triple, "--crate-type", "staticlib"]);
    rustc.args(["--print", "native-static-libs"]).arg(&empty);
    let told = stage::succeed(rustc.arg("-o").arg(empty.with_extension("a"))).stderr;
    let libraries = |line: &str| -> BTreeSet<String> {
        let words = line.split_whitespace();
        words
            .filter_map(|word| word.strip_prefix("-l"))
            .map(str::to_owned)
            .collect()
    };
    let of_rust = String::from_utf8(told).unwrap();
    let of_rust = libraries(of_rust.split_once("native-static-libs: ").unwrap().1);
    let asked = asked_for(&tree.join("bin/tencent_chat.dll"), System::Windows);
    let asked: BTreeSet<String> = asked
        .iter()
        .filter_map(|name| name.strip_suffix(".dll"))
        .map(str::to_owned)
        .collect();
    let package = fs::read_to_string(tree.join("lib/pkgconfig/tencent-chat-static.pc")).unwrap();
    let listed = libraries(package.lines().find(|line| line.starts_with("Libs:")).unwrap());
    assert!(listed.is_superset(&of_rust), "{listed:?} lacks some of {of_rust:?}");
    for name in listed.difference(&of_rust) {
        assert!(
            asked.contains(name),
            "{name} is in the list, and nothing needs it: {asked:?}"
        );
    }
}

/// In no binary either, but for those names that begin at a crate.
#[test]
fn no_archive_names_a_place_of_the_builders_machine() {
    let home = std::env::var("HOME").unwrap();
    for (platform, tree) in trees() {
        let mut grep = Command::new("grep");
        grep.args(["--recursive", "--text", "--files-with-matches", "--fixed-strings"]);
        for place in [stage::root(), stage::target(), Path::new(&home)] {
            grep.arg(format!("--regexp={}/", place.display()));
        }
        let found = grep.arg(&tree).output().unwrap();
        let named = String::from_utf8_lossy(&found.stdout);
        assert!(
            found.status.code() == Some(1),
            "a place is named for {} in {named}",
            platform.name
        );
    }
}

#[test]
fn every_archive_has_its_checksum_and_is_packed_without_an_owner_or_a_date_of_its_own() {
    let Some(folder) = archives() else { return };
    let names = platforms().into_iter().map(|platform| platform.archive);
    let names = names.chain(universal_is_made().then_some(UNIVERSAL));
    for path in names.map(archive) {
        let mut sum = path.clone().into_os_string();
        sum.push(".sha256");
        stage::succeed(Command::new("sha256sum").arg("-c").arg(sum).current_dir(folder));
        let listed = match path.extension().is_some_and(|ending| ending == "zip") {
            true => "import sys, zipfile\nfor i in zipfile.ZipFile(sys.argv[1]).infolist(): print('0/0', i.date_time, i.filename)",
            false => "import sys, tarfile\nfor i in tarfile.open(sys.argv[1]): print(f'{i.uid}/{i.gid}', i.mtime, i.name)",
        };
        let listed = said(Command::new("python3").args(["-c", listed]).arg(&path));
        let dates: BTreeSet<&str> = listed.lines().map(|line| line.rsplit_once(' ').unwrap().0).collect();
        assert!(
            dates.len() == 1 && listed.starts_with("0/0 "),
            "{}: {dates:?}",
            path.display()
        );
    }
}
