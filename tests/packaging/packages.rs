//! The packages this project is built from: each builds with the oldest Rust that the manifest promises, and what is linked into the
//! binaries is on the bill of materials, under a licence we accept, with its text.

use crate::stage;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

fn packages() -> Vec<serde_json::Value> {
    let mut metadata = Command::new(env!("CARGO"));
    metadata
        .args(["metadata", "--format-version", "1", "--locked"])
        .current_dir(env!("CARGO_MANIFEST_DIR"));
    let output = metadata.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    metadata["packages"].as_array().unwrap().clone()
}

fn number(version: &str) -> Vec<u32> {
    version.split('.').map(|part| part.parse().unwrap()).collect()
}

#[test]
fn no_package_needs_a_newer_rust_than_promised() {
    let promised = number(env!("CARGO_PKG_RUST_VERSION"));
    assert_eq!(promised, [1, 85], "the README and ureq say 1.85");
    for package in packages() {
        let needs = package["rust_version"].as_str().map(number).unwrap_or_default();
        assert!(
            needs[..needs.len().min(2)] <= promised[..],
            "{} needs Rust {needs:?}",
            package["name"]
        );
    }
}

#[test]
fn ureq_is_pinned_to_one_version() {
    let own = packages()
        .into_iter()
        .find(|package| package["name"] == "tencent-chat")
        .unwrap();
    let needs = own["dependencies"]
        .as_array()
        .unwrap()
        .iter()
        .find(|needed| needed["name"] == "ureq")
        .unwrap();
    assert_eq!(needs["req"], "=3.5.2");
}

const PROGRAMS: [&str; 2] = ["chat-emulator", "tencent-chat-program"];

/// The bill of materials and the licences, made afresh.
fn made(name: &str) -> (serde_json::Value, String) {
    let out = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let mut components = Command::new("python3");
    components.arg(stage::root().join("bindings/c/packaging/components.py"));
    stage::succeed(components.arg(&out));
    let read = |name: &str| fs::read_to_string(out.join(name)).unwrap();
    let bill = serde_json::from_str(&read("tencent-chat.cdx.json")).unwrap();
    (bill, read("THIRD-PARTY-LICENSES.txt"))
}

#[test]
fn the_bill_of_materials_names_what_is_linked_in_and_no_tool_of_ours() {
    if stage::tool("python3").is_none() {
        return;
    }
    let (bill, _) = made("bill");
    assert_eq!(
        (&bill["bomFormat"], &bill["specVersion"]),
        (&"CycloneDX".into(), &"1.5".into())
    );
    let components = bill["components"].as_array().unwrap();
    let names: BTreeSet<&str> = components.iter().map(|part| part["name"].as_str().unwrap()).collect();
    for linked in [
        "ureq",
        "rustls",
        "ring",
        "webpki-roots",
        "serde_json",
        "hmac",
        "chat-emulator",
        "tokio",
        "tencent-chat-program",
        "signal-hook",
        "redis",
        "rust-std",
    ] {
        assert!(names.contains(linked), "{linked} is missing");
    }
    for tool in ["cbindgen", "cc", "proptest", "serde_derive", "syn"] {
        assert!(!names.contains(tool), "{tool} is linked into nothing");
    }
    let lock = fs::read_to_string(stage::root().join("Cargo.lock")).unwrap();
    for part in components.iter().filter(|part| part["name"] != "rust-std") {
        let (name, version) = (part["name"].as_str().unwrap(), part["version"].as_str().unwrap());
        assert!(
            lock.contains(&format!("name = \"{name}\"\nversion = \"{version}\"\n")),
            "{name} {version}"
        );
        let from_elsewhere = !PROGRAMS.contains(&name);
        assert_eq!(part["hashes"][0]["content"].is_string(), from_elsewhere, "{name}");
    }
}

#[test]
fn every_package_that_is_linked_in_stands_under_a_licence_whose_text_is_carried() {
    if stage::tool("python3").is_none() {
        return;
    }
    let (bill, licences) = made("licences");
    let (list, texts) = licences.split_once("====").unwrap();
    for part in bill["components"].as_array().unwrap() {
        if PROGRAMS.iter().any(|ours| part["name"] == *ours) {
            continue;
        }
        let named = format!(
            "{} {}",
            part["name"].as_str().unwrap(),
            part["version"].as_str().unwrap()
        );
        assert!(list.contains(&format!("\n{named}  (")), "{named} is not on the list");
        assert!(texts.contains(&named), "no text for {named}");
    }
    for words in [
        "Apache License",
        "Permission is hereby granted, free of charge",
        "Permission to use, copy, modify, and/or distribute",
    ] {
        assert!(texts.contains(words), "{words}");
    }
}

#[test]
fn a_licence_is_accepted_only_if_it_leaves_a_choice_that_we_accept() {
    let Some(python) = stage::tool("python3") else { return };
    let asks = "import sys; sys.path.insert(0, sys.argv[1]); sys.dont_write_bytecode = True; import components\n\
        for expression in sys.argv[2:]: print(components.accepted(expression))";
    let expressions = [
        ("MIT", "True"),
        ("GPL-3.0-only OR MIT", "True"),
        ("MIT/Apache-2.0", "True"),
        ("(MIT OR Apache-2.0) AND Unicode-3.0", "True"),
        ("Apache-2.0 WITH LLVM-exception OR GPL-2.0-only", "True"),
        ("GPL-3.0-only", "False"),
        ("MIT AND GPL-3.0-only", "False"),
        ("MPL-2.0", "False"),
        ("MIT AND (GPL-3.0-only OR MPL-2.0)", "False"),
        ("Apache-2.0 WITH Another-exception", "False"),
        ("", "False"),
    ];
    let mut asked = Command::new(python);
    asked.args(["-c", asks]).arg(stage::root().join("bindings/c/packaging"));
    let answers = stage::succeed(asked.args(expressions.map(|(expression, _)| expression)));
    let answers = String::from_utf8(answers.stdout).unwrap();
    for (answer, (expression, expected)) in answers.lines().zip(expressions) {
        assert_eq!(answer, expected, "{expression}");
    }
    assert_eq!(answers.lines().count(), expressions.len());
}

/// What builds or tests with, and is in no binary, may ask for more than a notice: cbindgen writes the header (MPL-2.0).
const TOOLS: [&str; 1] = ["cbindgen"];

#[test]
fn every_package_stands_under_a_licence_we_accept_and_the_tools_that_do_not_are_named() {
    let Some(python) = stage::tool("python3") else { return };
    let packages = packages();
    assert!(packages.len() > 100, "{}", packages.len());
    let asks = "import sys; sys.path.insert(0, sys.argv[1]); sys.dont_write_bytecode = True; import components\n\
        for line in sys.stdin: print(line.split()[0]) if not components.accepted(line.split(None, 1)[1].strip()) else None";
    let lines: String = packages
        .iter()
        .map(|package| {
            format!(
                "{} {}\n",
                package["name"].as_str().unwrap(),
                package["license"].as_str().unwrap_or("none")
            )
        })
        .collect();
    let list = Path::new(env!("CARGO_TARGET_TMPDIR")).join("licences-of-all.txt");
    fs::write(&list, lines).unwrap();
    let mut asked = Command::new(python);
    asked.args(["-c", asks]).arg(stage::root().join("bindings/c/packaging"));
    let refused = stage::succeed(asked.stdin(fs::File::open(list).unwrap())).stdout;
    let refused = String::from_utf8(refused).unwrap();
    assert_eq!(refused.lines().collect::<Vec<_>>(), TOOLS);
}

/// Whatever asks a registry takes what a lock file names: cargo with `--locked`, pip by hash, from what was fetched by hash, or nothing at all.
#[test]
fn every_command_that_may_ask_a_registry_is_held_to_a_lock() {
    let is_script = |name: &&String| {
        let end = name.rsplit(['.', '/']).next().unwrap();
        ["Makefile", "sh", "py", "run", "rs"].contains(&end) && !name.ends_with("packages.rs")
    };
    let mut seen = 0;
    for name in files_of_the_project().iter().filter(is_script) {
        let text = fs::read_to_string(stage::root().join(name)).unwrap();
        for line in text
            .replace("\\\n", " ")
            .lines()
            .filter(|line| !line.trim_start().starts_with(['#', '/']))
        {
            let asks_cargo = ["build", "rustc", "test", "run", "clippy", "metadata"]
                .iter()
                .any(|verb| {
                    line.contains(&format!("$(CARGO) {verb}")) || line.contains(&format!("cargo-zigbuild {verb}"))
                });
            let asks_pip = [
                "$(PIP) install",
                "$(PIP) download",
                "-m pip install",
                "\"pip\", \"install\"",
            ]
            .iter()
            .any(|call| line.contains(call));
            let is_held = line.contains("--locked") || line.contains("--version");
            assert!(!asks_cargo || is_held, "{name}: {line}");
            assert!(
                !asks_pip || line.contains("--require-hashes") || line.contains("--no-index"),
                "{name}: {line}"
            );
            seen += usize::from(asks_cargo || asks_pip);
        }
        let builds = text.contains("Command::new(env!(\"CARGO\"))") || text.contains("builder(env!(\"CARGO\"))");
        assert!(
            !builds || text.contains("\"--locked\""),
            "{name} calls cargo without --locked"
        );
    }
    assert!(seen > 10, "{seen}");
}

#[test]
fn every_python_package_is_locked_by_its_hashes() {
    let lists = files_of_the_project().into_iter().filter(|name| name.ends_with(".in"));
    let lists: Vec<String> = lists
        .filter(|name| stage::root().join(name).with_extension("txt").exists())
        .collect();
    assert!(lists.len() >= 5, "{lists:?}");
    for list in lists {
        let [wanted, lock] =
            ["in", "txt"].map(|end| fs::read_to_string(stage::root().join(&list).with_extension(end)).unwrap());
        for wanted in wanted.lines().filter(|line| !line.starts_with('#')) {
            assert!(
                lock.contains(&format!("\n{wanted} \\\n")),
                "{list} asks for {wanted}: make lock"
            );
        }
        // A line that does not begin with a blank names a package; those below it are its hashes.
        let mut lines = lock.lines().filter(|line| !line.starts_with('#')).peekable();
        while let Some(line) = lines.next() {
            let has_a_hash = lines.peek().is_some_and(|next| next.starts_with("    --hash=sha256:"));
            assert!(line.starts_with(' ') || has_a_hash, "{list}: {line}");
        }
    }
}

/// What is in the repository, or about to be.
fn files_of_the_project() -> Vec<String> {
    fn look(folder: &Path, found: &mut Vec<String>) {
        for path in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            if path.is_file() {
                found.push(path.strip_prefix(stage::root()).unwrap().to_str().unwrap().to_owned());
            } else if name != ".git" && !path.join("CACHEDIR.TAG").exists() && path != stage::target() {
                look(&path, found);
            }
        }
    }
    let mut found = Vec::new();
    look(stage::root(), &mut found);
    found
}
