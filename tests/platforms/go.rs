//! The released Go module on every platform: `go build` for each from this machine, with a C compiler for it; programs and the module's own tests run where
//! they can.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

use crate::consumers::{self, deletes_a_group_as, folder, project};
use crate::platform::{
    made_of_archives, platforms, Platform, System, LINUX_AMD64, LINUX_ARM64, MUSL_AMD64, MUSL_ARM64,
};
use crate::programs::{self, Language};
use crate::stage;

/// The module as it is released; `None` where the tools are missing to make or use it.
fn module() -> Option<&'static Path> {
    static MADE: LazyLock<Option<PathBuf>> = LazyLock::new(|| {
        stage::tool("go")?;
        // What a release's sums are made of; the others are added to it.
        LINUX_AMD64.tree()?;
        Some(made_of_archives("go-module").join("tree"))
    });
    MADE.as_deref()
}

/// What Apple's linker would find in the SDK: Go's linker names a framework and a library, of which these programs take nothing.
fn stands_for_the_sdk() -> PathBuf {
    let home = folder("sdk");
    let framework = home.join("CoreFoundation.framework");
    fs::create_dir_all(&framework).unwrap();
    for (file, name) in [
        (
            framework.join("CoreFoundation.tbd"),
            "/System/Library/Frameworks/CoreFoundation.framework/Versions/A/CoreFoundation",
        ),
        (home.join("libresolv.tbd"), "/usr/lib/libresolv.9.dylib"),
    ] {
        let targets = "[ x86_64-macos, arm64-macos ]";
        let text = format!(
            "--- !tapi-tbd\ntbd-version: 4\ntargets: {targets}\ninstall-name: '{name}'\nexports:\n  - targets: {targets}\n    symbols: [ _none ]\n...\n"
        );
        fs::write(file, text).unwrap();
    }
    home
}

/// The go command that builds for a platform, with nothing of ours installed.
fn go_for(platform: Platform, home: &Path) -> Command {
    let mut go = Command::new("go");
    let (system, machine) = platform.name.rsplit_once('_').unwrap();
    let system = system.split('_').next().unwrap();
    go.current_dir(home)
        .env("CGO_ENABLED", "1")
        .env("GOOS", system)
        .env("GOARCH", machine);
    go.env("CC", platform.compiler_words(Language::C))
        .env("GOTOOLCHAIN", "local")
        .env("GOPROXY", "off")
        .env("GOSUMDB", "off");
    for variable in ["CGO_CFLAGS", "CGO_LDFLAGS", "CHAT_EMULATOR", "PKG_CONFIG_PATH"] {
        go.env_remove(variable);
    }
    // With the tag that a user gives who builds for musl.
    go.env(
        "GOFLAGS",
        if platform.has_musl() {
            "-tags=musl -mod=mod"
        } else {
            "-mod=mod"
        },
    );
    if platform.system == System::Macos {
        let sdk = stands_for_the_sdk();
        go.env("CGO_LDFLAGS", format!("'-F{0}' '-L{0}'", sdk.display()));
    }
    go
}

/// What a user of musl and of mingw adds, so that the program needs nothing of the compiler's where it runs.
fn all_inside(platform: Platform) -> &'static str {
    match platform.system {
        System::Windows => "-extldflags=-static",
        System::Linux if platform.has_musl() => "-linkmode=external -extldflags=-static",
        System::Linux | System::Macos => "",
    }
}

/// A program of one folder's sources, built for a platform with the released module; `None` where the tools are missing.
pub fn program(platform: Platform, sources: &Path, test: &str) -> Option<PathBuf> {
    let module = module()?;
    let home = folder(&format!("{test}-{}-go", platform.name));
    for name in consumers::files(sources).iter().filter(|name| name.ends_with(".go")) {
        fs::copy(sources.join(name), home.join(name)).unwrap();
    }
    let name = "github.com/tencent-chat/tencent-chat/bindings/go";
    let manifest = format!(
        "module example.com/mine\ngo 1.19\nrequire {name} v0.0.0\nreplace {name} => {}\n",
        module.display()
    );
    fs::write(home.join("go.mod"), manifest).unwrap();
    let program = home.join(platform.executable("mine"));
    let inside = format!("-s -w {}", all_inside(platform));
    let mut go = go_for(platform, &home);
    go.args(["build", "-ldflags", &inside, "-o"]).arg(&program).arg(".");
    stage::succeed(&mut go);
    Some(program)
}

#[test]
fn go_build_makes_a_program_for_every_platform() {
    for platform in platforms() {
        let Some(program) = program(platform, &project("go"), "consumer") else {
            return;
        };
        if let Some(command) = platform.runs(&program) {
            deletes_a_group_as(command);
        }
    }
}

/// The module's own tests.
fn keeps_its_own_tests(platform: Platform, experiment: &str) {
    let Some(module) = module() else { return };
    let home = folder(&format!("go-tests-{}", platform.name));
    let program = home.join("tests");
    let mut go = go_for(platform, module);
    go.args(["test", "-c", "-ldflags", all_inside(platform), "-o"])
        .arg(&program);
    stage::succeed(go.arg(".").env("GOEXPERIMENT", experiment));
    let Some(mut command) = platform.runs(&program) else {
        return;
    };
    command.current_dir(module).arg("-test.timeout=280s");
    command.env("CHAT_EMULATOR", stage::prefix().join("bin/chat-emulator"));
    // What another C library does not have, such as glibc's count of memory, is not missing there.
    command.env_remove("CHAT_REQUIRE_ALL").env_remove("CHAT_MISSING_TOOLS");
    command.env("CHAT_UNDER_EMULATION", if platform.is_emulated() { "1" } else { "" });
    let (status, printed) = programs::run(command, &home.join("transcript"));
    assert!(
        status.success() && printed.contains("PASS"),
        "{}: {printed}",
        platform.name
    );
}

/// Under the strict pointer check, which is about what is passed to C and the same everywhere.
#[test]
fn with_musl_go_passes_its_own_tests() {
    keeps_its_own_tests(MUSL_AMD64, "cgocheck2");
}

#[test]
fn on_arm64_go_passes_its_own_tests() {
    keeps_its_own_tests(LINUX_ARM64, "");
}

#[test]
fn on_arm64_with_musl_go_passes_its_own_tests() {
    keeps_its_own_tests(MUSL_ARM64, "");
}

/// Above 30 MB, a module for each platform would be better. As they are released, the emulators weigh 0.6 of what they weigh here.
#[test]
fn the_module_of_all_platforms_is_small_enough_to_be_one() {
    let Some(module) = module() else { return };
    let proxy = module.with_file_name("proxy");
    let zips = consumers::files(&proxy)
        .into_iter()
        .filter(|name| name.ends_with(".zip"));
    let sizes: Vec<u64> = zips.map(|name| fs::metadata(proxy.join(name)).unwrap().len()).collect();
    assert!(sizes.len() == 1 && sizes[0] < 42_000_000, "{sizes:?}");
}
