//! The packages this project is built from: each builds with the oldest Rust that the manifest promises.

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
