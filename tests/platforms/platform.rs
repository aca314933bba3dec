//! The platforms: what each is called by those who build for it, what a compiler for it is, and how its programs run here. Knows nothing of what they are
//! to prove.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{LazyLock, OnceLock};

use crate::consumers;
use crate::programs::{strict, Language};
use crate::stage;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum System {
    Linux,
    Macos,
    Windows,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Platform {
    /// As Go calls it; the folder of its unpacked archive too.
    pub name: &'static str,
    pub triple: &'static str,
    /// Between version and ending of the archive's name.
    pub archive: &'static str,
    /// What the zig compiler calls it.
    pub zig: &'static str,
    /// The wheel's tag.
    pub wheel: &'static str,
    pub system: System,
}

const fn platform(names: [&'static str; 5], system: System) -> Platform {
    let [name, triple, archive, zig, wheel] = names;
    Platform {
        name,
        triple,
        archive,
        zig,
        wheel,
        system,
    }
}

pub const LINUX_AMD64: Platform = platform(
    [
        "linux_amd64",
        "x86_64-unknown-linux-gnu",
        "linux-x86_64-glibc2.17",
        "x86_64-linux-gnu.2.17",
        "manylinux_2_17_x86_64.manylinux2014_x86_64",
    ],
    System::Linux,
);
pub const LINUX_ARM64: Platform = platform(
    [
        "linux_arm64",
        "aarch64-unknown-linux-gnu",
        "linux-aarch64-glibc2.17",
        "aarch64-linux-gnu.2.17",
        "manylinux_2_17_aarch64.manylinux2014_aarch64",
    ],
    System::Linux,
);
pub const MUSL_AMD64: Platform = platform(
    [
        "linux_musl_amd64",
        "x86_64-unknown-linux-musl",
        "linux-x86_64-musl",
        "x86_64-linux-musl",
        "musllinux_1_2_x86_64",
    ],
    System::Linux,
);
pub const MUSL_ARM64: Platform = platform(
    [
        "linux_musl_arm64",
        "aarch64-unknown-linux-musl",
        "linux-aarch64-musl",
        "aarch64-linux-musl",
        "musllinux_1_2_aarch64",
    ],
    System::Linux,
);
pub const MACOS_AMD64: Platform = platform(
    [
        "darwin_amd64",
        "x86_64-apple-darwin",
        "macos-x86_64",
        "x86_64-macos.11.0",
        "macosx_11_0_x86_64",
    ],
    System::Macos,
);
pub const MACOS_ARM64: Platform = platform(
    [
        "darwin_arm64",
        "aarch64-apple-darwin",
        "macos-arm64",
        "aarch64-macos.11.0",
        "macosx_11_0_arm64",
    ],
    System::Macos,
);
pub const WINDOWS_AMD64: Platform = platform(
    [
        "windows_amd64",
        "x86_64-pc-windows-gnu",
        "windows-x86_64",
        "x86_64-windows-gnu",
        "win_amd64",
    ],
    System::Windows,
);

const ALL: [Platform; 7] = [
    LINUX_AMD64,
    LINUX_ARM64,
    MUSL_AMD64,
    MUSL_ARM64,
    MACOS_AMD64,
    MACOS_ARM64,
    WINDOWS_AMD64,
];

/// All of them, or those of `CHAT_PLATFORMS`, such as `windows_amd64 darwin_arm64`.
pub fn platforms() -> Vec<Platform> {
    let wanted = env::var("CHAT_PLATFORMS").unwrap_or_default();
    let wanted: Vec<&str> = wanted.split_whitespace().collect();
    for name in &wanted {
        assert!(
            ALL.iter().any(|platform| platform.name == *name),
            "no platform is called {name}"
        );
    }
    ALL.into_iter()
        .filter(|platform| wanted.is_empty() || wanted.contains(&platform.name))
        .collect()
}

/// Both architectures of macOS in one; no package index and no Go asks for it.
pub const UNIVERSAL: &str = "macos-universal";

/// Whether that one is made: its halves are.
pub fn universal_is_made() -> bool {
    [MACOS_AMD64, MACOS_ARM64].iter().all(|half| platforms().contains(half))
}

/// Where the archives are; `None` where the tools are missing to make them. Tried once: if it fails, so does every test that asks.
pub fn archives() -> Option<&'static Path> {
    static MADE: LazyLock<Option<PathBuf>> = LazyLock::new(|| {
        let tools = [
            "python3",
            "doxygen",
            "help2man",
            "aarch64-linux-gnu-objcopy",
            "x86_64-w64-mingw32-gcc",
            "llvm-config",
        ];
        let rust = platforms()
            .iter()
            .filter(|platform| !stage::rust_for(platform.triple))
            .count()
            == 0;
        if !stage::tools(&tools) || !rust {
            return None;
        }
        stage::succeed(&mut make(&["unpacked"]));
        Some(home().join("dist"))
    });
    MADE.as_deref()
}

/// Apart from what a user makes, since the programs are not optimised here: whether they run elsewhere is the question, not how fast. The library is
/// the one that is released.
fn home() -> PathBuf {
    stage::target().join("platforms")
}

fn make(arguments: &[&str]) -> Command {
    let (home, here) = (home(), consumers::moved());
    let mut triples: Vec<&str> = platforms().iter().map(|platform| platform.triple).collect();
    if universal_is_made() {
        triples.push("universal-apple-darwin");
    }
    let mut make = consumers::make(&["-s"]);
    make.env("CARGO_PROFILE_TOOL_OPT_LEVEL", "0");
    // What the programs say of themselves, for man and the shells, those of this machine say.
    make.arg(format!("EMULATOR={}/bin/chat-emulator", here.display()))
        .arg(format!("PROGRAM={}/bin/tencent-chat", here.display()));
    make.arg(format!("PLATFORMS={}", triples.join(" ")));
    make.arg(format!("DIST={}/dist", home.display()))
        .arg(format!("UNPACKED={}/unpacked", home.display()));
    make.arg(format!("GO_MODULE={}/go-module", home.display()))
        .arg(format!("WHEELS={}/wheels", home.display()));
    make.args(arguments);
    make
}

/// What `make TARGET` makes of the archives, which are not made again for it.
pub fn made_of_archives(target: &str) -> PathBuf {
    stage::succeed(&mut make(&["-o", "unpacked", target]));
    home().join(target)
}

/// What `make reproducible` prints that compares a platform's archive with another build's.
pub fn made_again(platform: Platform) -> String {
    let mut make = make(&["-o", "dist", "reproducible"]);
    make.arg(format!("PLATFORMS={}", platform.triple));
    String::from_utf8(stage::succeed(&mut make).stdout).unwrap()
}

pub fn archive(of: &str) -> PathBuf {
    let ending = if of.starts_with("windows") { "zip" } else { "tar.gz" };
    let name = format!("tencent-chat-{}-{of}.{ending}", env!("CARGO_PKG_VERSION"));
    home().join("dist").join(name)
}

impl Platform {
    /// Whether its C library is musl, which a program may have inside.
    pub fn has_musl(&self) -> bool {
        self.zig.ends_with("musl")
    }

    /// Whether its programs run by an emulator of another processor, which they cannot start themselves.
    pub fn is_emulated(&self) -> bool {
        self.triple.starts_with("aarch64-unknown-linux")
    }

    /// What is in the archive.
    pub fn tree(&self) -> Option<PathBuf> {
        archives().filter(|_| platforms().contains(self))?;
        Some(home().join("unpacked").join(self.name))
    }

    pub fn shared_library(&self) -> String {
        let version = env!("CARGO_PKG_VERSION");
        match self.system {
            System::Linux => format!("lib/libtencent_chat.so.{version}"),
            System::Macos => format!("lib/libtencent_chat.{version}.dylib"),
            System::Windows => "bin/tencent_chat.dll".to_owned(),
        }
    }

    pub fn executable(&self, name: &str) -> String {
        match self.system {
            System::Windows => format!("{name}.exe"),
            System::Linux | System::Macos => name.to_owned(),
        }
    }

    /// A compiler for it, in the words of a shell: the one that built the archive.
    pub fn compiler_words(&self, language: Language) -> String {
        let zig = stage::target().join("zig/bin/python-zig");
        match (self.system, language) {
            (System::Windows, Language::C) => "x86_64-w64-mingw32-gcc-posix".to_owned(),
            (System::Windows, Language::Cpp) => "x86_64-w64-mingw32-g++-posix".to_owned(),
            (_, Language::C) => format!("'{}' cc -target {}", zig.display(), self.zig),
            (_, Language::Cpp) => format!("'{}' c++ -target {}", zig.display(), self.zig),
        }
    }

    /// A program for it, from one source, linked with the shared library; where no loader of its libc is here, with the static one.
    pub fn compiled(&self, language: Language, source: &str, program: &Path) {
        let tree = self.tree().expect("the caller has asked");
        let mut shell = Command::new("sh");
        shell
            .arg("-c")
            .arg(format!("{} \"$@\"", self.compiler_words(language)))
            .arg("sh");
        shell
            .args(strict(language))
            .arg("-O1")
            .arg("-I")
            .arg(tree.join("include"));
        shell.arg("-I").arg(stage::root().join("tests/c"));
        shell.arg(stage::root().join(source)).arg("-o").arg(program);
        match (self.system, *self == MUSL_ARM64) {
            (System::Windows, _) => {
                // All but the DLL inside, so that nothing of the compiler's is missing beside it.
                shell
                    .arg("-static")
                    .arg(tree.join("lib/libtencent_chat.dll.a"))
                    .arg("-lws2_32");
                let beside = program.with_file_name("tencent_chat.dll");
                fs::copy(tree.join(self.shared_library()), beside).unwrap();
            }
            (_, true) => {
                shell.arg("-static").arg(tree.join("lib/libtencent_chat.a"));
            }
            _ => {
                let library = tree.join("lib");
                shell.arg("-L").arg(&library).arg("-ltencent_chat").arg("-lpthread");
                shell.arg(format!("-Wl,-rpath,{}", library.display()));
                if self.has_musl() {
                    shell.arg("-dynamic");
                }
            }
        }
        stage::succeed(&mut shell);
    }

    /// How a program of it is run here; `None` where it cannot be.
    pub fn runs(&self, program: &Path) -> Option<Command> {
        match self.name {
            "linux_amd64" => Some(Command::new(program)),
            "linux_musl_amd64" => {
                if !Path::new("/lib/ld-musl-x86_64.so.1").exists() {
                    stage::missing("musl");
                    return None;
                }
                Some(Command::new(program))
            }
            "linux_arm64" | "linux_musl_arm64" => stage::under_qemu(program),
            "windows_amd64" => under_wine(program),
            _ => None,
        }
    }
}

const WINE: &str = "/usr/lib/wine/wine64";

/// In a Windows of the tests' own.
fn under_wine(program: &Path) -> Option<Command> {
    static WINDOWS: OnceLock<PathBuf> = OnceLock::new();
    if !Path::new(WINE).exists() {
        stage::missing("wine64");
        return None;
    }
    let home = WINDOWS.get_or_init(|| {
        let home = Path::new(env!("CARGO_TARGET_TMPDIR")).join("wine");
        fs::create_dir_all(&home).unwrap();
        stage::succeed(in_wine(&home).args(["cmd", "/c", "exit"]));
        let lacking = home.join("drive_c/windows/system32/bcryptprimitives.dll");
        let mut compiler = Command::new("x86_64-w64-mingw32-gcc-posix");
        compiler.args(["-shared", "-O1", "-o"]).arg(&lacking);
        compiler.arg(stage::root().join("tests/platforms/bcryptprimitives.c"));
        stage::succeed(compiler.arg("-ladvapi32"));
        home
    });
    let mut command = in_wine(home);
    command.arg(program);
    Some(command)
}

fn in_wine(home: &Path) -> Command {
    let mut command = Command::new(WINE);
    // Neither its own words nor windows, Mono, Gecko.
    command
        .env("WINEPREFIX", home)
        .env("WINEDEBUG", "-all")
        .env_remove("DISPLAY");
    command.env("WINEDLLOVERRIDES", "mscoree=;mshtml=");
    command
}
