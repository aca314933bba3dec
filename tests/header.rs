//! `include/tencent_chat.h` is what cbindgen makes of `src/` today. `make header` rewrites it; nothing else may.
//! A test and not a build script, because a build that writes into its own sources cannot run from a read-only checkout, and because
//! generating it costs every cold build twenty seconds.

use std::path::Path;

/// What every reader of the header needs to know once. Kept in step with the module docs of `src/ffi/mod.rs`.
const PREFACE: &str = r"/**
 * @file tencent_chat.h
 * A client for the Tencent Chat REST API (conversation groups and marks). Not affiliated with the vendor.
 *
 * Made by `make header` from the Rust sources; not to be edited. What holds for every function:
 *
 * 1. Results.   An `int` result is 0 for success, negative (CHAT_ERR_*) for ours, positive for the service's `ErrorCode`, unchanged.
 * 2. Order.     Handle, inputs, options, outputs. Options may be NULL.
 * 3. Outputs.   `*response` is set on every return, success or not: free it once with `chat_response_free`. Pass NULL if not wanted.
 *               There is no `last error` per thread: everything about a call is in its response.
 * 4. Texts in.  NUL-terminated UTF-8, copied. JSON is pointer and length.
 * 5. Texts out. Never NULL, NUL-terminated, borrowed from the object they come from. Only `_free` functions free.
 * 6. NULL.      Is checked everywhere: a call names the argument in its message, an accessor answers 0 or an empty text, a `_free` does
 *               nothing. A `_new` without a result `int` returns NULL only if the library itself failed.
 * 7. Threads.   `const` on a handle means that any number of threads may share it; without it, one thread at a time.
 *               Any function may be called on any thread, and an object may move between threads. Not in a signal handler.
 * 8. Process.   No environment variable changes a call, no signal handler is installed, nothing is printed, nothing exits or aborts.
 *               Do not use in a child what was made before `fork()`: make a client in the child.
 * 9. Secrets.   Key, UserSig and proxy password are in no message, body, trace or printout.
 */";

fn generate() -> String {
    let mut config = cbindgen::Config {
        language: cbindgen::Language::C,
        header: Some(PREFACE.into()),
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
    config.export.exclude = vec!["chat_test_panic_at".into()]; // only in test builds
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
