//! Projects of others that are built for another machine than the one that builds: CMake with a file that names the compilers, and make with
//! pkg-config. Their programs delete a group where they can be run.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::archives::{llvm, said};
use crate::consumers::{deletes_a_group_as, folder, project, with_pkg_config};
use crate::platform::{platforms, Platform, System, LINUX_ARM64, MACOS_ARM64, WINDOWS_AMD64};
use crate::programs::Language;
use crate::stage;

fn deletes_a_group(platform: Platform, program: &Path) {
    if let Some(command) = platform.runs(program) {
        deletes_a_group_as(command);
    }
}

/// What a project gives CMake to build for another machine: `cmake -DCMAKE_TOOLCHAIN_FILE=...`.
fn toolchain_file(platform: Platform, out: &Path) -> PathBuf {
    let (system, machine) = match platform.system {
        System::Linux => ("Linux", "aarch64"),
        System::Macos => ("Darwin", "arm64"),
        System::Windows => ("Windows", "AMD64"),
    };
    // CMake takes one program; the words after it are its first arguments.
    let compiler = |language| match platform.system {
        System::Windows => platform.compiler_words(language),
        System::Linux | System::Macos => platform.compiler_words(language).replace('\'', "").replace(' ', ";"),
    };
    // CMake asks the Mac that it runs on whether @rpath is known there, and here there is none to ask.
    let known = out.join("rpath.cmake");
    fs::write(&known, "set(CMAKE_SHARED_LIBRARY_RUNTIME_C_FLAG -Wl,-rpath,)\n").unwrap();
    let included = match platform.system {
        System::Macos => format!("set(CMAKE_PROJECT_INCLUDE {})\n", known.display()),
        System::Linux | System::Windows => String::new(),
    };
    let text = format!(
        "set(CMAKE_SYSTEM_NAME {system})\nset(CMAKE_SYSTEM_PROCESSOR {machine})\nset(CMAKE_C_COMPILER \"{}\")\nset(CMAKE_CXX_COMPILER \"{}\")\n{included}",
        compiler(Language::C),
        compiler(Language::Cpp)
    );
    let file = out.join("toolchain.cmake");
    fs::write(&file, text).unwrap();
    file
}

fn built_by_cmake(platform: Platform) {
    if !stage::tools(&["cmake"]) {
        return;
    }
    let Some(tree) = platform.tree() else { return };
    for target in ["tencent_chat::tencent_chat", "tencent_chat::static"] {
        let out = folder(&format!("cmake-{}", platform.name));
        let mut configure = Command::new("cmake");
        configure
            .arg("-S")
            .arg(project("cmake"))
            .arg("-B")
            .arg(&out)
            .arg(format!("-DLIBRARY={target}"));
        configure.arg(format!(
            "-DCMAKE_TOOLCHAIN_FILE={}",
            toolchain_file(platform, &out).display()
        ));
        configure.arg(format!("-Dtencent_chat_DIR={}/lib/cmake/tencent_chat", tree.display()));
        if platform.system == System::Windows {
            // The compiler's own libraries inside, so that only the DLL is beside the program.
            configure.arg("-DCMAKE_EXE_LINKER_FLAGS=-static");
            fs::copy(tree.join("bin/tencent_chat.dll"), out.join("tencent_chat.dll")).unwrap();
        }
        stage::succeed(&mut configure);
        stage::succeed(Command::new("cmake").arg("--build").arg(&out));
        for name in ["delete_group", "delete_group_cpp"] {
            deletes_a_group(platform, &out.join(platform.executable(name)));
        }
    }
}

#[test]
fn cmake_builds_for_windows_with_mingw() {
    built_by_cmake(WINDOWS_AMD64);
}

#[test]
fn cmake_builds_for_arm64_with_a_file_of_its_own() {
    built_by_cmake(LINUX_ARM64);
}

#[test]
fn cmake_builds_for_macos() {
    built_by_cmake(MACOS_ARM64);
}

/// Both libraries, as pkg-config names them, on every platform.
#[test]
fn pkg_config_is_enough_to_build_for_every_platform() {
    if !stage::tools(&["pkg-config"]) {
        return;
    }
    for platform in platforms() {
        let Some(tree) = platform.tree() else { return };
        for package in ["tencent-chat", "tencent-chat-static"] {
            let mut pkg_config = Command::new("pkg-config");
            let flags = stage::succeed(with_pkg_config(pkg_config.args(["--cflags", "--libs", package]), &tree)).stdout;
            let flags = String::from_utf8(flags).unwrap();
            let out = folder(&format!("pkg-config-{}", platform.name));
            let program = out.join(platform.executable(package));
            let mut shell = Command::new("sh");
            shell
                .arg("-c")
                .arg(format!("{} -O1 \"$@\"", platform.compiler_words(Language::C)))
                .arg("sh");
            shell
                .arg(project("delete_group.c"))
                .args(flags.split_whitespace())
                .arg("-o")
                .arg(&program);
            let shared = package == "tencent-chat";
            match platform.system {
                System::Windows => {
                    fs::copy(tree.join("bin/tencent_chat.dll"), out.join("tencent_chat.dll")).unwrap();
                }
                System::Linux | System::Macos => {
                    shell.arg(format!("-Wl,-rpath,{}/lib", tree.display()));
                }
            }
            if platform.has_musl() {
                shell.arg(if shared { "-dynamic" } else { "-static" });
            }
            stage::succeed(&mut shell);
            if platform.has_musl() && !shared {
                let table = said(Command::new("readelf").arg("-dlW").arg(&program));
                assert!(!table.contains("(NEEDED)") && !table.contains("INTERP"), "{table}");
            }
            // No loader of musl for arm64 is here.
            if !(shared && platform.name == "linux_musl_arm64") {
                deletes_a_group(platform, &program);
            }
        }
    }
}

/// As far as a check can tell: Microsoft's linker is not here. The C of a dependency is compiled by mingw's compiler, and nobody links it.
#[test]
fn the_library_compiles_for_windows_with_microsofts_abi() {
    let triple = "x86_64-pc-windows-msvc";
    if !stage::tools(&["x86_64-w64-mingw32-gcc", "llvm-config"]) || !stage::rust_for(triple) {
        return;
    }
    let mut check = stage::builder("cargo");
    check.args([
        "check",
        "--locked",
        "--quiet",
        "--lib",
        "--features",
        "redis",
        "--target",
        triple,
    ]);
    check.env("CC_x86_64_pc_windows_msvc", WINDOWS_AMD64.compiler_words(Language::C));
    stage::succeed(check.env("AR_x86_64_pc_windows_msvc", llvm("llvm-lib").get_program()));
}
