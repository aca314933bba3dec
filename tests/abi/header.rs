//! `include/tencent_chat.h` is what cbindgen makes of `src/` today. `make header` rewrites it; nothing else may.
//! A test and not a build script, because a build that writes into its own sources cannot run from a read-only checkout, and because
//! generating it costs every cold build twenty seconds.

use std::path::Path;

/// What every reader of the header needs to know once: the head of `src/ffi/mod.rs` up to its last paragraph.
fn preface() -> String {
    let source = include_str!("../../src/ffi/mod.rs");
    let head = source.lines().map_while(|line| line.strip_prefix("//!"));
    let shared: Vec<&str> = head
        .take_while(|line| !line.contains("This module holds no logic"))
        .collect();
    let lines = shared.iter().map(|line| format!(" *{line}\n")).collect::<String>();
    format!("/**\n * @file tencent_chat.h\n{} */", lines.trim_end_matches(" *\n"))
}

fn generate() -> String {
    let mut config = cbindgen::Config {
        language: cbindgen::Language::C,
        header: Some(preface()),
        include_guard: Some("TENCENT_CHAT_H".into()),
        no_includes: true,
        sys_includes: vec!["stddef.h".into(), "stdint.h".into()],
        after_includes: Some(version()),
        cpp_compat: true,
        usize_is_size_t: true,
        documentation_style: cbindgen::DocumentationStyle::Doxy,
        style: cbindgen::Style::Type,
        line_length: 120,
        ..Default::default()
    };
    config.parse.parse_deps = false;
    // Only in test builds; the system's own, which the library calls.
    config.export.exclude = ["chat_test_panic_at", "pthread_setcancelstate"]
        .map(String::from)
        .into();
    config.function.sort_by = Some(cbindgen::SortKey::None);
    config.constant.sort_by = Some(cbindgen::SortKey::None);
    let mut text = Vec::new();
    cbindgen::Builder::new()
        .with_crate(env!("CARGO_MANIFEST_DIR"))
        .with_config(config)
        .generate()
        .expect("cbindgen reads src/")
        .write(&mut text);
    parenthesised(&String::from_utf8(text).unwrap())
}

/// `(-14)` for `-14`, so that `x -CHAT_ERR_TLS` reads as it should; cbindgen writes constants bare.
fn parenthesised(header: &str) -> String {
    let line = |line: &str| match line.rsplit_once(' ') {
        Some((name, number)) if line.starts_with("#define") && number.starts_with('-') => {
            format!("{name} ({number})\n")
        }
        _ => format!("{line}\n"),
    };
    header.lines().map(line).collect()
}

fn version() -> String {
    let [major, minor, patch] = [
        "CARGO_PKG_VERSION_MAJOR",
        "CARGO_PKG_VERSION_MINOR",
        "CARGO_PKG_VERSION_PATCH",
    ]
    .map(|part| std::env::var(part).unwrap());
    format!(
        "\n/** The version of this header; `chat_version()` tells that of the library. */\n#define CHAT_VERSION \"{major}.{minor}.{patch}\"\n\
         #define CHAT_VERSION_MAJOR {major}\n#define CHAT_VERSION_MINOR {minor}\n#define CHAT_VERSION_PATCH {patch}"
    )
}

#[test]
fn the_header_is_what_the_sources_say() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("include/tencent_chat.h");
    let generated = generate();
    if std::env::var_os("CHAT_WRITE_HEADER").is_some() {
        std::fs::write(&path, &generated).unwrap();
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        committed == generated,
        "include/tencent_chat.h is not up to date: run `make header` and look at the difference"
    );
}

#[test]
fn every_item_of_the_header_is_documented() {
    let header = generate();
    let lines: Vec<&str> = header.lines().collect();
    for (number, line) in lines.iter().enumerate().skip(1) {
        let is_item = line.starts_with("#define CHAT_ERR")
            || line.starts_with("#define CHAT_S")
            || line.starts_with("typedef")
            || line.contains(" chat_") && line.contains('(') && !line.starts_with(" *");
        assert!(!is_item || lines[number - 1].trim() == "*/", "undocumented: {line}");
    }
}

/// Every function of the header: its comment and its declaration.
fn functions(header: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for block in header.split("/**\n").skip(1) {
        let (words, rest) = block.split_once("*/\n").unwrap();
        let code = rest.split_once(';').map_or(rest, |(code, _)| code);
        if code.contains('(') && !code.starts_with(['#', 't', '\n']) {
            found.push((words.to_owned(), code.to_owned()));
        }
    }
    found
}

/// `chat_del_contact_group` of its declaration.
fn name(declaration: &str) -> &str {
    let start = declaration.find("chat_").unwrap();
    let head = declaration.split('(').next().unwrap();
    let name = head.rsplit([' ', '*']).next().unwrap();
    assert!(start <= head.len(), "{declaration}");
    name
}

/// What the preface says for every function, in the words that a function would say it again.
const SAID_ONCE: &[&str] = &[
    "does not block",
    " any thread",
    "one thread at a time",
    "any number of threads may share it",
    "NULL answers CHAT_ERR_INVALID_ARGUMENT",
    "NULL answers 0.",
    "not NULL",
    "NULL is nothing",
    "NULL if not wanted",
    "never NULL",
    "to be freed with `chat_response_free`",
    "; copied.",
];

#[test]
fn what_holds_for_every_function_is_said_once_and_each_says_since_when_and_who_frees() {
    let header = generate();
    let functions = functions(&header);
    let list = include_str!("../symbols.txt")
        .lines()
        .filter(|line| !line.starts_with('#'));
    let versions: Vec<(&str, &str)> = list.map(|line| line.split_once(' ').unwrap()).collect();
    assert_eq!(functions.len(), versions.len());
    for (words, declaration) in &functions {
        let name = name(declaration);
        let flat = words.replace("\n *", " ");
        let flat = flat.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase();
        for repeated in SAID_ONCE {
            let again = flat.contains(&repeated.to_lowercase());
            // Two settings that belong together: one of them alone is refused.
            assert!(!again || name.contains("shared_limit"), "{name} says again: {repeated}");
        }
        let (_, since) = versions.iter().find(|(listed, _)| *listed == name).unwrap();
        assert!(words.contains(&format!("\n * @since {since}\n")), "{name}: since when?");
        let calls = ["*client", "*options", "**response"];
        let waits = [
            "chat_client_warm_up",
            "chat_client_drain",
            "chat_client_free",
            "chat_items_next",
        ];
        let is_call = calls.iter().all(|parameter| declaration.contains(parameter));
        assert!(
            is_call || !waits.contains(&name) || flat.contains("blocks"),
            "{name}: does it block?"
        );
        let gives_object = name.ends_with("_new") || name == "chat_client_stats" || name.ends_with("_items");
        assert!(!gives_object || flat.contains("_free`"), "{name}: who frees it?");
    }
}
