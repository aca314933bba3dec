//! The Go module as it is released, seen by a project that knows its name alone: `go get` from a module proxy and from a git repository is
//! all the installation there is, `go mod vendor` takes everything along, the tag `chat_dynamic` asks pkg-config. The module is made once,
//! by the release's own scripts, from the installation that the other tests use.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use crate::blocks::blocks;
use crate::consumers;
use crate::consumers::{deletes_a_group, files, folder, needs_the_shared_library};
use crate::stage;

const NAME: &str = "github.com/tencent-chat/tencent-chat/bindings/go";
const RELEASE: &str = concat!("v", env!("CARGO_PKG_VERSION"));

fn text(path: impl AsRef<Path>) -> String {
    fs::read_to_string(path.as_ref()).unwrap_or_else(|error| panic!("{}: {error}", path.as_ref().display()))
}

fn said(command: &mut Command) -> String {
    String::from_utf8(stage::succeed(command).stdout).unwrap()
}

/// What a command that has to fail wrote to stderr.
fn refused(command: &mut Command) -> String {
    let output = command.output().unwrap();
    assert!(!output.status.success(), "{command:?} did not fail");
    String::from_utf8(output.stderr).unwrap()
}

/// What `module.py` makes.
struct Release {
    home: PathBuf,
    /// The module's line for go.sum.
    sum: String,
}

impl Release {
    fn tree(&self) -> PathBuf {
        self.home.join("tree")
    }

    fn proxy(&self) -> String {
        format!("file://{}/proxy", self.home.display())
    }

    /// Where Go keeps what it got. Go's build cache knows a module by this place and takes it for unchangeable, so another module has another one.
    fn modules(&self) -> PathBuf {
        let sum = self.sum.rsplit_once("h1:").unwrap().1;
        let name: String = sum.chars().filter(char::is_ascii_alphanumeric).collect();
        self.home.join("modules").join(name)
    }

    fn zip(&self) -> Vec<u8> {
        fs::read(self.home.join("proxy").join(NAME).join(format!("@v/{RELEASE}.zip"))).unwrap()
    }
}

fn module_py(prefix: &Path, home: &Path) -> Command {
    let mut python = Command::new("python3");
    python.arg(stage::root().join("bindings/go/packaging/module.py"));
    python.arg(prefix).arg(home).env("PYTHONDONTWRITEBYTECODE", "1");
    python
}

fn make_release(name: &str) -> Release {
    let home = folder(name);
    let sum = said(&mut module_py(stage::prefix(), &home)).trim().to_owned();
    Release { home, sum }
}

/// The release of this test run; `None` where the tools are missing to make it or use it.
fn release() -> Option<&'static Release> {
    static RELEASE: OnceLock<Release> = OnceLock::new();
    stage::tools(&["python3", "go"]).then(|| RELEASE.get_or_init(|| make_release("go-release")))
}

/// A go command of somebody who has nothing of ours installed, and says nothing of where anything is.
fn go_of(program: &Path, home: &Path, release: &Release) -> Command {
    let mut go = Command::new(program);
    go.current_dir(home);
    for variable in [
        "CGO_CFLAGS",
        "CGO_LDFLAGS",
        "CHAT_EMULATOR",
        "LD_LIBRARY_PATH",
        "PKG_CONFIG_PATH",
        "GOFLAGS",
    ] {
        go.env_remove(variable);
    }
    go.env("GOPROXY", release.proxy())
        .env("GOSUMDB", "off")
        .env("GOTOOLCHAIN", "local")
        .env("GOFLAGS", "-modcacherw")
        .env("GOMODCACHE", release.modules())
        .env("XDG_CACHE_HOME", home.join("cache"))
        .env("GOCACHE", go_cache());
    go
}

/// The build cache of the machine's user, which XDG_CACHE_HOME would move away.
fn go_cache() -> &'static str {
    static CACHE: OnceLock<String> = OnceLock::new();
    CACHE.get_or_init(|| said(Command::new("go").args(["env", "GOCACHE"])).trim().to_owned())
}

fn go(home: &Path, release: &Release) -> Command {
    go_of(Path::new("go"), home, release)
}

/// A new project with the program of `tests/consumers/go` and the released module.
fn project(name: &str, release: &Release) -> PathBuf {
    let home = folder(name);
    for file in ["main.go", "main_test.go"] {
        fs::copy(consumers::project("go").join(file), home.join(file)).unwrap();
    }
    stage::succeed(go(&home, release).args(["mod", "init", "example.com/mine"]));
    stage::succeed(go(&home, release).args(["get", &format!("{NAME}@{RELEASE}")]));
    home
}

#[test]
fn a_released_module_holds_the_header_library_and_emulator_of_the_installation() {
    let Some(release) = release() else { return };
    let (tree, prefix) = (release.tree(), stage::prefix());
    let same = |name: &str, installed: &str| {
        assert!(
            fs::read(tree.join(name)).unwrap() == fs::read(prefix.join(installed)).unwrap(),
            "{name}"
        );
    };
    same("include/tencent_chat.h", "include/tencent_chat.h");
    same("lib/linux_amd64/libtencent_chat.a", "lib/libtencent_chat.a");
    same(
        "THIRD-PARTY-LICENSES.txt",
        "share/doc/tencent-chat/THIRD-PARTY-LICENSES.txt",
    );
    let mut unpack = Command::new("gzip");
    let packed = fs::File::open(tree.join("chattest/linux_amd64/chat-emulator.gz")).unwrap();
    let emulator = stage::succeed(unpack.arg("-dc").stdin(Stdio::from(packed))).stdout;
    assert!(emulator == fs::read(prefix.join("bin/chat-emulator")).unwrap());
}

#[test]
fn a_released_module_is_the_sources_as_they_are_and_nothing_of_how_it_is_made() {
    let Some(release) = release() else { return };
    let sources = stage::root().join("bindings/go");
    let released = files(&release.tree());
    let mut compared = 0;
    for name in files(&sources)
        .iter()
        .filter(|name| (name.ends_with(".go") || *name == "go.mod") && !name.starts_with("chatotel/"))
    {
        assert_eq!(text(release.tree().join(name)), text(sources.join(name)), "{name}");
        compared += 1;
    }
    assert!(compared > 60, "{compared}");
    for name in ["README.md", "LICENSE-MIT", "LICENSE-APACHE", "CHANGELOG.md"] {
        assert!(released.iter().any(|file| file == name), "{name} is missing");
    }
    assert!(
        !released
            .iter()
            .any(|file| file.starts_with("packaging/") || file.starts_with("chatotel/")),
        "{released:?}"
    );
}

#[test]
fn the_same_installation_makes_the_same_module() {
    let Some(release) = release() else { return };
    let again = make_release("go-release-again");
    assert!(again.zip() == release.zip());
    assert_eq!(again.sum, release.sum);
    fs::remove_dir_all(again.home).unwrap();
}

#[test]
fn an_installation_of_another_version_or_without_its_library_makes_no_module() {
    let Some(_) = release() else { return };
    let (prefix, out) = (folder("go-other-prefix"), folder("go-other-module"));
    for name in [
        "include/tencent_chat.h",
        "lib/libtencent_chat.a",
        "bin/chat-emulator",
        "share/doc/tencent-chat/THIRD-PARTY-LICENSES.txt",
    ] {
        let said = refused(&mut module_py(&prefix, &out));
        assert!(said.contains(name) && said.contains("make install"), "{said}");
        fs::create_dir_all(prefix.join(name).parent().unwrap()).unwrap();
        fs::copy(stage::prefix().join(name), prefix.join(name)).unwrap();
    }
    let header = prefix.join("include/tencent_chat.h");
    let other = text(&header).replace(
        &format!("#define CHAT_VERSION \"{}\"", env!("CARGO_PKG_VERSION")),
        "#define CHAT_VERSION \"9.8.7\"",
    );
    fs::write(&header, other).unwrap();
    let said = refused(&mut module_py(&prefix, &out));
    assert!(
        said.contains("9.8.7") && said.contains(env!("CARGO_PKG_VERSION")),
        "{said}"
    );
}

#[test]
fn go_get_is_all_the_installation_a_program_and_its_tests_need() {
    let Some(release) = release() else { return };
    let home = project("go-get", release);
    let sums = text(home.join("go.sum"));
    assert!(
        sums.contains(&format!("{}\n", release.sum)),
        "{sums} has not {}",
        release.sum
    );
    stage::succeed(go(&home, release).args(["vet", "./..."]));
    stage::succeed(go(&home, release).args(["test", "-count=1", "./..."]));
    stage::succeed(go(&home, release).args(["build", "-o", "mine", "."]));
    assert!(!needs_the_shared_library(&home.join("mine")));
    deletes_a_group(&home.join("mine"));
}

#[test]
fn go_get_is_enough_for_the_oldest_go_too() {
    let Some(release) = release() else { return };
    let Some(oldest) = stage::installed("go 1.19", "/usr/lib/go-1.19/bin/go") else {
        return;
    };
    let home = folder("go-get-oldest");
    fs::copy(consumers::project("go").join("main.go"), home.join("main.go")).unwrap();
    let get = format!("{NAME}@{RELEASE}");
    for arguments in [
        &["mod", "init", "example.com/mine"][..],
        &["get", &get],
        &["build", "-o", "mine", "."],
    ] {
        stage::succeed(
            go_of(&oldest, &home, release)
                .env("GOROOT", "/usr/lib/go-1.19")
                .args(arguments),
        );
    }
    deletes_a_group(&home.join("mine"));
}

#[test]
fn a_vendored_module_builds_and_tests_with_no_proxy_in_reach() {
    let Some(release) = release() else { return };
    let home = project("go-vendor", release);
    stage::succeed(go(&home, release).args(["mod", "vendor"]));
    let alone = |arguments: &[&str]| {
        let mut go = go(&home, release);
        go.env("GOPROXY", "off").env("GOMODCACHE", home.join("nothing"));
        stage::succeed(go.env("GOFLAGS", "-mod=vendor -modcacherw").args(arguments));
    };
    alone(&["test", "-count=1", "./..."]);
    alone(&["build", "-o", "mine", "."]);
    assert!(!needs_the_shared_library(&home.join("mine")));
    deletes_a_group(&home.join("mine"));
}

#[test]
fn the_tag_chat_dynamic_takes_the_installed_library_and_nothing_else_does() {
    let Some(release) = release() else { return };
    if stage::tool("pkg-config").is_none() {
        return;
    }
    let home = project("go-dynamic", release);
    let library = stage::prefix().join("lib");
    let build = |tags: &str, pkg_config: &Path| {
        let mut go = go(&home, release);
        go.env("PKG_CONFIG_PATH", pkg_config)
            .env("PKG_CONFIG_LIBDIR", pkg_config);
        // As on a machine that has one installed where every linker looks.
        go.env("CGO_LDFLAGS", format!("'-L{0}' '-Wl,-rpath,{0}'", library.display()));
        go.args(["build", "-tags", tags, "-o", "mine", "."]);
        go
    };
    let program = home.join("mine");
    stage::succeed(&mut build("chat_dynamic", &library.join("pkgconfig")));
    assert!(needs_the_shared_library(&program));
    deletes_a_group(&program);
    stage::succeed(&mut build("", &library.join("pkgconfig")));
    assert!(
        !needs_the_shared_library(&program),
        "the carried library gave way to an installed one"
    );
    deletes_a_group(&program);
}

#[test]
fn a_header_of_another_version_is_refused_by_the_compiler() {
    let Some(release) = release() else { return };
    let home = project("go-other-header", release);
    let (abi, _) = env!("CARGO_PKG_VERSION").rsplit_once('.').unwrap();
    let (_, minor) = abi.rsplit_once('.').unwrap();
    let header = text(stage::prefix().join("include/tencent_chat.h"));
    let other = header.replace(
        &format!("#define CHAT_VERSION_MINOR {minor}\n"),
        "#define CHAT_VERSION_MINOR 99\n",
    );
    assert_ne!(header, other);
    fs::write(home.join("tencent_chat.h"), other).unwrap();
    let said = refused(
        go(&home, release)
            .env("CGO_CFLAGS", format!("'-I{}'", home.display()))
            .args(["build", "."]),
    );
    assert!(
        said.contains(&format!(
            "package chat {abi} was given the tencent_chat.h of another version"
        )),
        "{said}"
    );
}

#[test]
fn the_unreleased_sources_say_what_they_are_when_somebody_gets_them() {
    let Some(release) = release() else { return };
    let home = folder("go-unreleased");
    stage::succeed(
        Command::new("cp")
            .arg("-R")
            .arg(stage::root().join("bindings/go"))
            .arg(home.join("module")),
    );
    let said = refused(go(&home.join("module"), release).args(["build", "."]));
    assert!(said.contains("`go get` a released version"), "{said}");
}

#[test]
fn the_linked_system_libraries_are_those_that_rustc_names() {
    let named = said(&mut consumers::make(&["-s", "native-libs"]));
    // The unwinder as what is linked in, which zig has by that name too; a program then does not need the compiler's shared library. What of libc is to be
    // linked, the compiler knows.
    let named = named.replace("-lgcc_s", "-lgcc_eh").replace("-lc\n", "");
    let linked = text(stage::root().join("bindings/go/link_carried.go"));
    let flags = linked
        .split("#cgo linux,!musl LDFLAGS: ")
        .nth(1)
        .unwrap()
        .lines()
        .next()
        .unwrap();
    let linked: Vec<&str> = flags.split(' ').filter(|flag| flag.starts_with("-l")).collect();
    assert_eq!(linked, named.split_whitespace().collect::<Vec<_>>());
}

/// A command in a git repository, by somebody.
fn within(repository: &Path, program: impl AsRef<std::ffi::OsStr>, arguments: &[&str]) -> Command {
    let mut command = Command::new(program);
    command.current_dir(repository).args(arguments);
    for name in ["AUTHOR", "COMMITTER"] {
        command
            .env(format!("GIT_{name}_NAME"), "A")
            .env(format!("GIT_{name}_EMAIL"), "a@example.com");
    }
    command
}

fn tag(repository: &Path, release: &Release) -> Command {
    let mut tag = within(repository, stage::root().join("bindings/go/packaging/tag.sh"), &[]);
    tag.arg(release.tree()).arg(env!("CARGO_PKG_VERSION"));
    tag
}

/// A repository with the sources as they are in ours, and the tag of the release.
fn repository(release: &Release) -> PathBuf {
    let home = folder("go-repository");
    fs::create_dir_all(home.join("bindings")).unwrap();
    stage::succeed(
        Command::new("cp")
            .arg("-R")
            .arg(stage::root().join("bindings/go"))
            .arg(home.join("bindings")),
    );
    fs::write(home.join(".gitignore"), "*.gz\n").unwrap();
    for arguments in [
        &["init", "-q", "-b", "main"][..],
        &["add", "-A"],
        &["commit", "-q", "-m", "Sources"],
    ] {
        stage::succeed(&mut within(&home, "git", arguments));
    }
    stage::succeed(&mut tag(&home, release));
    home
}

#[test]
fn go_get_finds_the_tagged_release_in_the_repository_itself() {
    let Some(release) = release() else { return };
    if stage::tool("git").is_none() {
        return;
    }
    let repository = repository(release);
    let home = folder("go-get-direct");
    let instead = format!(
        "[url \"file://{}\"]\ninsteadOf = https://github.com/tencent-chat/tencent-chat\n",
        repository.display()
    );
    fs::write(home.join("gitconfig"), instead).unwrap();
    fs::copy(consumers::project("go").join("main.go"), home.join("main.go")).unwrap();
    let (latest, spans) = (format!("{NAME}@latest"), format!("{NAME}/chatotel@latest"));
    let with_spans = format!("package main\n\nimport \"{NAME}/chatotel\"\n\nvar _ = chatotel.Spans(nil)\n");
    let go = |arguments: &[&str]| {
        let mut go = go(&home, release);
        // Ours from the repository; what OpenTelemetry needs from where this machine gets its modules.
        go.env("GOPROXY", said(Command::new("go").args(["env", "GOPROXY"])).trim())
            .env("GONOPROXY", "github.com/tencent-chat/*")
            .env("GOMODCACHE", release.modules().with_extension("direct"));
        stage::succeed(go.env("GIT_CONFIG_GLOBAL", home.join("gitconfig")).args(arguments));
    };
    go(&["mod", "init", "example.com/mine"]);
    go(&["get", &latest]);
    go(&["build", "-o", "mine", "."]);
    let sums = text(home.join("go.sum"));
    assert!(
        !sums.contains("opentelemetry"),
        "who makes no spans needs no OpenTelemetry: {sums}"
    );
    fs::write(home.join("spans.go"), with_spans).unwrap();
    go(&["get", &spans]);
    go(&["build", "-o", "mine", "."]);
    assert!(
        sums.contains(&format!("{}\n", release.sum)),
        "{sums} has not {}",
        release.sum
    );
    deletes_a_group(&home.join("mine"));
}

#[test]
fn tagging_a_release_leaves_branch_and_files_alone_and_is_done_once() {
    let Some(release) = release() else { return };
    if stage::tool("git").is_none() {
        return;
    }
    let home = folder("go-tagging");
    fs::create_dir_all(home.join("bindings/go/chatotel")).unwrap();
    fs::write(home.join("bindings/go/go.mod"), "module old\n").unwrap();
    let spans = home.join("bindings/go/chatotel/go.mod");
    fs::write(&spans, format!("require {NAME} v0.0.9\n")).unwrap();
    fs::write(home.join("other.txt"), "other\n").unwrap();
    for arguments in [
        &["init", "-q", "-b", "main"][..],
        &["add", "-A"],
        &["commit", "-q", "-m", "Sources"],
    ] {
        stage::succeed(&mut within(&home, "git", arguments));
    }
    assert!(refused(&mut tag(&home, release)).contains("chatotel/go.mod asks for another version"));
    fs::write(&spans, format!("require {NAME} {RELEASE}\n")).unwrap();
    let asked = |arguments: &[&str]| said(&mut within(&home, "git", arguments));
    asked(&["commit", "-q", "-a", "-m", "Spans for this release"]);
    let before = asked(&["rev-parse", "main"]);
    stage::succeed(&mut tag(&home, release));
    assert_eq!(asked(&["rev-parse", "main"]), before);
    assert_eq!(asked(&["status", "--porcelain"]), "");
    let name = format!("bindings/go/{RELEASE}");
    assert_eq!(asked(&["rev-parse", &format!("{name}~1")]), before);
    let mut expected: Vec<String> = files(&release.tree())
        .iter()
        .map(|file| format!("bindings/go/{file}"))
        .collect();
    expected.push("other.txt".into());
    let mut found: Vec<String> = asked(&["ls-tree", "-r", "--name-only", &name])
        .lines()
        .map(str::to_owned)
        .collect();
    found.sort();
    assert_eq!(found, expected);
    assert!(refused(&mut tag(&home, release)).contains("is there already"));
}

/// The README's blocks as one script: files appear where the reader is told to save them, `sh clone` runs in the project.
fn script(readme: &str, home: &Path) -> String {
    let mut script = String::from("set -e\n");
    for (number, block) in blocks(readme).iter().enumerate() {
        let file = home.join(&block.file);
        match (block.kind.as_str(), block.file.as_str()) {
            ("sh", "clone") => script += &format!("(cd '{}'\n{})\n", stage::root().display(), block.text),
            ("sh", "") => script += &format!("{{\n{}}} >'{}/out.{number}'\n", block.text, home.display()),
            ("go", "") => {} // A part of a tested file, which the module's own tests see to.
            ("go", _) => {
                script += &format!(
                    "cat >'{}' <<'END OF THE FILE'\n{}END OF THE FILE\n",
                    file.display(),
                    block.text
                )
            }
            ("text", "") => {}
            (kind, file) => panic!(
                "README.md:{}: a block tagged `{kind} {file}` would never be run",
                block.line
            ),
        }
    }
    script
}

#[test]
fn the_readme_of_the_module_works_word_for_word_and_shows_what_comes_out() {
    let Some(release) = release() else { return };
    if stage::tool("pkg-config").is_none() {
        return;
    }
    let home = folder("go-readme");
    let readme = text(release.tree().join("README.md")).replace("$HOME", "$README_HOME");
    let mut shell = Command::new("bash");
    shell.arg("-c").arg(script(&readme, &home)).current_dir(&home);
    for (name, value) in go(&home, release).get_envs() {
        match value {
            Some(value) => shell.env(name, value),
            None => shell.env_remove(name),
        };
    }
    shell
        .env("README_HOME", home.join("home"))
        .env("CARGO_TARGET_DIR", stage::target());
    stage::succeed(shell.env_remove("MAKEFLAGS").env_remove("MAKELEVEL"));
    let blocks = blocks(&readme);
    let mut compared = 0;
    for (number, block) in blocks.iter().enumerate().filter(|(_, block)| block.kind == "text") {
        assert_eq!(
            text(home.join(format!("out.{}", number - 1))),
            block.text,
            "README.md:{}",
            block.line
        );
        compared += 1;
    }
    assert!(compared >= 3, "the README shows what its commands print");
}
