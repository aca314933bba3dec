//! Reads `tests/fuzz/corpus.txt`: the inputs that the fuzzers started from or once found, a line each, `TARGET/NAME BYTES`, where `\n`,
//! `\r`, `\t`, `\\` and `\x00` to `\xff` stand for what cannot be written.

use std::fs;
use std::path::{Path, PathBuf};

use crate::stage;

/// Writes the inputs of one target as files of a folder, and gives the files in their order.
pub fn unpacked(target: &str, folder: &Path) -> Vec<PathBuf> {
    let _ = fs::remove_dir_all(folder);
    fs::create_dir_all(folder).unwrap();
    let corpus = fs::read_to_string(stage::root().join("tests/fuzz/corpus.txt")).unwrap();
    let inputs = corpus.lines().filter_map(|line| {
        let (name, text) = line.strip_prefix(target)?.strip_prefix('/')?.split_once(' ').unwrap();
        let file = folder.join(name);
        fs::write(&file, bytes(text)).unwrap();
        Some(file)
    });
    let files: Vec<PathBuf> = inputs.collect();
    assert!(files.len() >= 8, "only {} inputs for {target}", files.len());
    files
}

fn bytes(text: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        let escaped = if byte == b'\\' { rest.next() } else { None };
        bytes.push(match escaped {
            None => byte,
            Some(b'n') => b'\n',
            Some(b'r') => b'\r',
            Some(b't') => b'\t',
            Some(b'\\') => b'\\',
            Some(b'x') => {
                let digits: String = rest.by_ref().take(2).map(char::from).collect();
                u8::from_str_radix(&digits, 16).unwrap()
            }
            Some(other) => panic!("\\{} in {text}", char::from(other)),
        });
    }
    bytes
}
