//! Gives the shared library what a C library has and plain cargo does not set: a name that carries the ABI number (the soname; on macOS the install name
//! and its versions; on Windows the resource that Explorer and installers read); on Linux `-z nodelete`, because a thread of ours may still be
//! inside the library when the host process calls `dlclose`, and an empty environment for all that is inside (src/process.rs). Writes nothing
//! but that resource; in particular it does not generate the header (a test compares it, `make header` rewrites it).

use std::path::Path;
use std::process::Command;
use std::{env, fs};

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    let (major, minor) = (told("CARGO_PKG_VERSION_MAJOR"), told("CARGO_PKG_VERSION_MINOR"));
    match told("CARGO_CFG_TARGET_OS").as_str() {
        "linux" => {
            link(&format!("-Wl,-soname,libtencent_chat.so.{major}.{minor}"));
            link("-Wl,-z,nodelete");
            if ["x86_64", "aarch64"].contains(&told("CARGO_CFG_TARGET_ARCH").as_str()) {
                link("-Wl,--wrap=getenv");
            }
        }
        "macos" => {
            link_apart(&[
                "-install_name",
                &format!("@rpath/libtencent_chat.{major}.{minor}.dylib"),
            ]);
            link_apart(&["-compatibility_version", &format!("{major}.{minor}.0")]);
            link_apart(&["-current_version", &told("CARGO_PKG_VERSION")]);
            // What a dependency names and nothing of ours calls (libiconv) is not asked for.
            link_apart(&["-dead_strip_dylibs"]);
        }
        "windows" => version_resource(),
        _ => {}
    }
}

fn told(name: &str) -> String {
    env::var(name).expect("cargo tells what is built")
}

fn link(argument: &str) {
    println!("cargo:rustc-cdylib-link-arg={argument}");
}

/// To the linker through the compiler that calls it, or straight where rustc calls the linker itself, as `make dist` has it for macOS.
fn link_apart(words: &[&str]) {
    match told("CARGO_ENCODED_RUSTFLAGS").contains("linker-flavor=ld64.lld") {
        true => words.iter().for_each(|word| link(word)),
        false => link(&format!("-Wl,{}", words.join(","))),
    }
}

/// By the compiler of the linker that is used: windres beside GNU's, rc beside Microsoft's. Without it the library is whole but nameless.
fn version_resource() {
    let out = told("OUT_DIR");
    let (source, object) = (Path::new(&out).join("version.rc"), Path::new(&out).join("version.o"));
    let number = |part: &str| told(&format!("CARGO_PKG_VERSION_{part}"));
    let numbers = format!("{},{},{},0", number("MAJOR"), number("MINOR"), number("PATCH"));
    let version = told("CARGO_PKG_VERSION");
    let text = format!(
        "1 VERSIONINFO\nFILEVERSION {numbers}\nPRODUCTVERSION {numbers}\nFILEOS 0x40004\nFILETYPE 0x2\n\
         BEGIN\nBLOCK \"StringFileInfo\"\nBEGIN\nBLOCK \"040904b0\"\nBEGIN\n\
         VALUE \"FileDescription\", \"{}\"\nVALUE \"FileVersion\", \"{version}\"\nVALUE \"InternalName\", \"tencent_chat\"\n\
         VALUE \"LegalCopyright\", \"{}\"\nVALUE \"OriginalFilename\", \"tencent_chat.dll\"\n\
         VALUE \"ProductName\", \"tencent-chat\"\nVALUE \"ProductVersion\", \"{version}\"\n\
         END\nEND\nBLOCK \"VarFileInfo\"\nBEGIN\nVALUE \"Translation\", 0x409, 1200\nEND\nEND\n",
        told("CARGO_PKG_DESCRIPTION"),
        told("CARGO_PKG_LICENSE"),
    );
    fs::write(&source, text).expect("cargo's own folder can be written");
    let gnu = format!("{}-w64-mingw32-windres", told("CARGO_CFG_TARGET_ARCH"));
    let made = match told("CARGO_CFG_TARGET_ENV").as_str() {
        "msvc" => run(Command::new("rc").arg("/nologo").arg("/fo").arg(&object).arg(&source)),
        _ => [gnu.as_str(), "windres"]
            .iter()
            .any(|windres| run(Command::new(windres).arg(&source).arg(&object))),
    };
    match made {
        true => link(&object.display().to_string()),
        false => println!("cargo:warning=no resource compiler (windres, rc): the DLL has no version resource"),
    }
}

fn run(command: &mut Command) -> bool {
    command.status().is_ok_and(|status| status.success())
}
