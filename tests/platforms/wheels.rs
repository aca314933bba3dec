//! The wheels of `make wheels`: each is opened, and holds library and emulator of its platform's archive under the tag of that platform; those that
//! can be run delete a group. Where a platform's library is not there, the package can still be imported.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

use crate::consumers::{files, folder};
use crate::platform::{archives, made_of_archives, platforms, System, LINUX_AMD64, WINDOWS_AMD64};
use crate::stage;
use crate::venv::{build_tools, python, Fresh};

const VERSION: &str = env!("CARGO_PKG_VERSION");

pub fn wheels() -> Option<&'static Path> {
    static MADE: LazyLock<Option<PathBuf>> = LazyLock::new(|| {
        build_tools()?;
        let made = archives()?.with_file_name("wheels");
        let _ = fs::remove_dir_all(made); // An earlier run's, of another version.
        Some(made_of_archives("wheels"))
    });
    MADE.as_deref()
}

pub fn wheel(tag: &str) -> PathBuf {
    wheels()
        .expect("the caller has asked")
        .join(format!("tencent_chat-{VERSION}-py3-none-{tag}.whl"))
}

/// Unpacks a wheel or another zip.
pub fn unpacked(zip: &Path, out: &Path) {
    let unpack = "import sys, zipfile; zipfile.ZipFile(sys.argv[1]).extractall(sys.argv[2])";
    stage::succeed(Command::new("python3").args(["-c", unpack]).arg(zip).arg(out));
}

fn inside(wheel: &Path) -> BTreeMap<String, Vec<u8>> {
    let out = folder("wheel-of-a-platform");
    unpacked(wheel, &out);
    let read = |name: String| (name.clone(), fs::read(out.join(name)).unwrap());
    files(&out).into_iter().map(read).collect()
}

#[test]
fn each_platform_has_a_wheel_of_its_tag_with_its_library_its_emulator_and_nothing_else_of_its_own() {
    let Some(wheels) = wheels() else { return };
    assert_eq!(files(wheels).len(), platforms().len());
    let about = format!("tencent_chat-{VERSION}.dist-info");
    let mut plain: Option<Vec<String>> = None;
    for platform in platforms() {
        let tree = platform.tree().unwrap();
        let mut files = inside(&wheel(platform.wheel));
        let stated = String::from_utf8(files[&format!("{about}/WHEEL")].clone()).unwrap();
        for tag in platform.wheel.split('.') {
            assert!(stated.contains(&format!("Tag: py3-none-{tag}\n")), "{stated}");
        }
        assert!(stated.contains("Root-Is-Purelib: false"), "{stated}");
        let library = match platform.system {
            System::Linux => "libtencent_chat.so",
            System::Macos => "libtencent_chat.dylib",
            System::Windows => "tencent_chat.dll",
        };
        let emulator = platform.executable("chat-emulator");
        for (name, installed) in [
            (library, platform.shared_library()),
            (&emulator, format!("bin/{emulator}")),
        ] {
            let packed = files.remove(&format!("tencent_chat/_native/{name}"));
            assert!(
                packed == Some(fs::read(tree.join(&installed)).unwrap()),
                "{name} of {}",
                platform.name
            );
        }
        for (name, folder) in [
            ("THIRD-PARTY-LICENSES.txt", "licenses"),
            ("tencent-chat.cdx.json", "sboms"),
        ] {
            let packed = files.remove(&format!("{about}/{folder}/{name}"));
            let installed = fs::read(tree.join("share/doc/tencent-chat").join(name)).unwrap();
            assert!(packed == Some(installed), "{name} of {}", platform.name);
        }
        let names: Vec<String> = files.into_keys().collect();
        assert!(!names.iter().any(|name| name.contains("_native")), "{names:?}");
        assert_eq!(plain.get_or_insert_with(|| names.clone()), &names, "{}", platform.name);
    }
}

#[test]
fn the_wheel_of_this_machine_needs_nothing_else_to_delete_a_group() {
    let (Some(tools), Some(_), Some(_)) = (build_tools(), LINUX_AMD64.tree(), wheels()) else {
        return;
    };
    Fresh::with(tools, &wheel(LINUX_AMD64.wheel)).deletes_a_group();
}

/// As on a machine for which there is none: a wheel of another system, unpacked by hand.
#[test]
fn without_a_library_for_its_platform_the_package_is_imported_and_only_a_client_says_what_is_missing() {
    if WINDOWS_AMD64.tree().is_none() || wheels().is_none() {
        return;
    }
    let home = folder("wheel-of-another");
    unpacked(&wheel(WINDOWS_AMD64.wheel), &home);
    let program = "
import tencent_chat as t
contact, mark = t.Contact.one_to_one('user_0002'), t.StandardMark.STAR
assert issubclass(t.GroupNotFoundError, t.ChatError) and t.codes.OK == 0
try:
    t.Client(sdk_app_id=1400000000, identifier='administrator', secret_key='0123456789abcdef0123456789abcdef')
except ImportError as error:
    print(error)
";
    let told = stage::succeed(python("python3").current_dir(&home).args(["-c", program])).stdout;
    let told = String::from_utf8(told).unwrap();
    for part in [
        "no usable library",
        "libtencent_chat.so",
        "pip install",
        "TENCENT_CHAT_LIBRARY",
    ] {
        assert!(told.contains(part), "{told}");
    }
}
