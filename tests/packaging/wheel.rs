//! The Python package as it is given away: a wheel that works where nothing else is, a source distribution that lacks nothing, the same
//! bytes from the clone and from the source distribution, today and tomorrow. Both are built once, from the installation the other
//! tests use; `make check` compiles one from its sources. How the package behaves is for the tests in `bindings/python`.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use crate::stage;
use crate::venv::{build_tools, only, pip, python, Fresh};

const VERSION: &str = env!("CARGO_PKG_VERSION");

fn face() -> PathBuf {
    stage::root().join("bindings/python")
}

/// An empty folder of this test program's.
fn folder(name: &str) -> PathBuf {
    let folder = stage::target().join("wheel").join(name);
    if folder.exists() {
        fs::remove_dir_all(&folder).unwrap();
    }
    fs::create_dir_all(&folder).unwrap();
    folder
}

/// What `make wheel` makes: a source distribution, and a wheel from that; `None` where there is no Python.
fn given_away() -> Option<&'static Path> {
    static MADE: OnceLock<PathBuf> = OnceLock::new();
    build_tools()?;
    let made = MADE.get_or_init(|| {
        let out = folder("dist");
        let mut make = Command::new("make");
        make.args(["-s", "wheel"])
            .arg(format!("FROM={}", stage::prefix().display()));
        make.arg(format!("WHEELS={}", out.display())).current_dir(stage::root());
        make.env("CARGO_TARGET_DIR", stage::target());
        stage::succeed(make.env_remove("TENCENT_CHAT_PLATFORM"));
        out
    });
    Some(made)
}

/// The files of an archive, by their names in it.
fn inside(archive: &Path) -> BTreeMap<String, Vec<u8>> {
    let out = tempfile::tempdir().unwrap();
    let out = out.path();
    let unpack = "import shutil, sys, zipfile; from pathlib import Path; archive, out = sys.argv[1:]\n\
        zipfile.ZipFile(archive).extractall(out) if archive.endswith('.whl') else shutil.unpack_archive(archive, out)";
    stage::succeed(
        python(build_tools().unwrap())
            .args(["-c", unpack])
            .arg(archive)
            .arg(out),
    );
    let files = files_under(out);
    files
        .into_iter()
        .map(|name| (name.clone(), fs::read(out.join(&name)).unwrap()))
        .collect()
}

fn files_under(folder: &Path) -> Vec<String> {
    let mut names = Vec::new();
    for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        let name = entry.file_name().into_string().unwrap();
        if entry.file_type().unwrap().is_dir() {
            names.extend(
                files_under(&entry.path())
                    .into_iter()
                    .map(|below| format!("{name}/{below}")),
            );
        } else {
            names.push(name);
        }
    }
    names.sort();
    names
}

#[test]
fn a_wheel_needs_nothing_else_to_delete_a_group() {
    let (Some(tools), Some(dist)) = (build_tools(), given_away()) else {
        return;
    };
    Fresh::with(tools, &only(dist, ".whl")).deletes_a_group();
}

#[test]
fn an_installed_wheel_tells_one_version_and_uses_its_own_files() {
    let (Some(tools), Some(dist)) = (build_tools(), given_away()) else {
        return;
    };
    let fresh = Fresh::with(tools, &only(dist, ".whl"));
    let told = stage::succeed(fresh.python().args(["-m", "tencent_chat", "--json"])).stdout;
    let told: serde_json::Value = serde_json::from_slice(&told).unwrap();
    for part in ["package", "library"] {
        assert_eq!(told[part]["version"], VERSION, "{told}");
    }
    for part in ["package", "library", "emulator"] {
        let path = Path::new(told[part]["path"].as_str().unwrap()).canonicalize().unwrap();
        assert!(path.starts_with(fresh.path()), "{told}");
    }
    let emulator = stage::succeed(Command::new(told["emulator"]["path"].as_str().unwrap()).arg("--version"));
    assert_eq!(
        String::from_utf8_lossy(&emulator.stdout).trim(),
        format!("chat-emulator {VERSION}")
    );
}

#[test]
fn a_wheel_is_for_every_python_3_of_the_platform() {
    let Some(dist) = given_away() else { return };
    let wheel = only(dist, ".whl");
    let name = wheel.file_name().unwrap().to_string_lossy().into_owned();
    assert_eq!(
        name,
        format!("tencent_chat-{VERSION}-py3-none-linux_{}.whl", std::env::consts::ARCH)
    );
    let metadata = inside(&wheel)
        .remove(&format!("tencent_chat-{VERSION}.dist-info/METADATA"))
        .unwrap();
    let metadata = String::from_utf8(metadata).unwrap();
    for line in [
        "Requires-Python: >=3.9",
        "License-Expression: MIT OR Apache-2.0",
        &format!("Version: {VERSION}"),
    ] {
        assert!(metadata.contains(&format!("\n{line}\n")), "{metadata}");
    }
    let mut needed = metadata.lines().filter(|line| line.starts_with("Requires-Dist"));
    assert!(needed.all(|line| line.contains("extra == ")), "{metadata}");
}

/// Folders of this machine that a build passes through.
fn places() -> Vec<String> {
    let home = std::env::var("HOME").unwrap_or_default();
    let cargo = std::env::var("CARGO_HOME").unwrap_or_else(|_| format!("{home}/.cargo"));
    let folders = [stage::root(), stage::target(), Path::new(&cargo)];
    folders.map(|folder| format!("{}/", folder.display())).into()
}

#[test]
fn no_file_of_a_wheel_names_a_place_of_the_builders_machine() {
    let Some(dist) = given_away() else { return };
    let files = inside(&only(dist, ".whl"));
    for (name, content) in files {
        let text = String::from_utf8_lossy(&content);
        for place in places() {
            assert!(
                !text.contains(&place),
                "{name} names {place}, a place of the builder's machine"
            );
        }
    }
}

#[test]
fn a_wheel_holds_the_package_the_binaries_and_the_licences_and_nothing_more() {
    let Some(dist) = given_away() else { return };
    let mut files = inside(&only(dist, ".whl"));
    let about = format!("tencent_chat-{VERSION}.dist-info");
    for licence in ["LICENSE-MIT", "LICENSE-APACHE"] {
        let text = files.remove(&format!("{about}/licenses/{licence}")).unwrap();
        assert!(
            text == fs::read(stage::root().join(licence)).unwrap(),
            "{licence} is not the project's"
        );
    }
    for (name, place) in [("libtencent_chat.so", "lib"), ("chat-emulator", "bin")] {
        let packed = files.remove(&format!("tencent_chat/_native/{name}")).unwrap();
        assert!(
            packed == fs::read(stage::prefix().join(place).join(name)).unwrap(),
            "{name}"
        );
    }
    let sources = files_under(&face().join("tencent_chat"));
    let sources = sources
        .iter()
        .filter(|name| !name.starts_with("_native/") && !name.contains("__pycache__"));
    let sources = sources.map(|name| format!("tencent_chat/{name}"));
    for name in sources.chain(["_tencent_chat_pytestplugin.py".into()]) {
        assert!(
            files.remove(&name).unwrap() == fs::read(face().join(&name)).unwrap(),
            "{name}"
        );
    }
    for name in files.keys() {
        // Of what is left, an installation's notices on the code of others may be there.
        let known = [
            "METADATA",
            "WHEEL",
            "RECORD",
            "entry_points.txt",
            "licenses/THIRD-PARTY-LICENSES.txt",
            "sboms/tencent-chat.cdx.json",
        ];
        assert!(
            known.iter().any(|known| *name == format!("{about}/{known}")),
            "{name} is in the wheel"
        );
    }
}

#[test]
fn the_same_wheel_comes_out_byte_for_byte_whichever_way_it_is_made() {
    let (Some(tools), Some(dist)) = (build_tools(), given_away()) else {
        return;
    };
    let expected = fs::read(only(dist, ".whl")).unwrap();
    // From an installation, and compiled on the way, as by `pip install ./bindings/python`.
    for prefix in [Some(stage::prefix()), None] {
        let out = folder("again");
        let mut wheel = pip(tools);
        wheel.env("CARGO_TARGET_DIR", stage::target());
        wheel.envs(prefix.map(|prefix| ("TENCENT_CHAT_PREFIX", prefix)));
        wheel.args(["wheel", "--no-build-isolation", "--no-deps", "--wheel-dir"]);
        stage::succeed(wheel.arg(&out).arg(face()));
        let made = only(&out, ".whl");
        assert!(
            fs::read(&made).unwrap() == expected,
            "{:?} from {prefix:?}",
            inside(&made).keys()
        );
    }
}

/// The source distribution, unpacked away from the repository.
fn unpacked(dist: &Path, home: &Path) -> PathBuf {
    stage::succeed(
        Command::new("tar")
            .arg("-C")
            .arg(home)
            .arg("-xf")
            .arg(only(dist, ".tar.gz")),
    );
    home.join(format!("tencent_chat-{VERSION}"))
}

#[test]
fn a_source_distribution_carries_the_sources_of_the_library_and_the_emulator() {
    let Some(dist) = given_away() else { return };
    let root = format!("tencent_chat-{VERSION}");
    let files = inside(&only(dist, ".tar.gz"));
    for folder in ["src", "include", "tests/emulator/src"] {
        for name in files_under(&stage::root().join(folder)) {
            let packed = files.get(&format!("{root}/core/{folder}/{name}"));
            assert!(
                packed == Some(&fs::read(stage::root().join(folder).join(&name)).unwrap()),
                "{folder}/{name}"
            );
        }
    }
    let binary = files.iter().find(|(_, content)| content.starts_with(b"\x7fELF"));
    assert!(binary.is_none(), "{binary:?}");
}

#[test]
fn cargo_finds_everything_it_needs_in_a_source_distribution() {
    let Some(dist) = given_away() else { return };
    let home = tempfile::tempdir().unwrap();
    let core = unpacked(dist, home.path()).join("core");
    let mut cargo = Command::new(env!("CARGO"));
    cargo
        .args(["metadata", "--locked", "--format-version", "1", "--no-deps"])
        .current_dir(&core);
    let told: serde_json::Value = serde_json::from_slice(&stage::succeed(&mut cargo).stdout).unwrap();
    for package in told["packages"].as_array().unwrap() {
        for target in package["targets"].as_array().unwrap() {
            let kind = target["kind"][0].as_str().unwrap();
            if !["test", "example", "bench"].contains(&kind) {
                assert!(Path::new(target["src_path"].as_str().unwrap()).is_file(), "{target}");
            }
        }
    }
    // The command that the build of the package gives; `-n` shows what it would run.
    let planned = stage::succeed(
        Command::new("make")
            .args(["-n", "build-library", "build-emulator", "build-notices"])
            .current_dir(&core),
    )
    .stdout;
    assert!(String::from_utf8_lossy(&planned).contains("chat-emulator"));
}

#[test]
fn a_source_distribution_can_be_made_from_an_unpacked_one() {
    let (Some(tools), Some(dist)) = (build_tools(), given_away()) else {
        return;
    };
    let home = tempfile::tempdir().unwrap();
    let source = unpacked(dist, home.path());
    let out = folder("from-unpacked");
    let mut build = python(tools);
    build.args(["-m", "build", "--no-isolation", "--sdist", "--outdir"]);
    stage::succeed(build.arg(&out).arg(source));
    assert!(inside(&only(&out, ".tar.gz")) == inside(&only(dist, ".tar.gz")));
}
