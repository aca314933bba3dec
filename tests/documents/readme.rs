//! The README is true: it is run from top to bottom as a reader would, and what it shows is compared with what comes out.
//!
//! Every fenced block is tagged. `sh` blocks run in one shell, one after the other, in an empty folder (or, tagged `sh clone`, in the
//! project); a `text` block is what the `sh` block before it prints. A code block names its file: one of the project's, which it must
//! equal, or a new one, which it becomes. Only the port of
//! Redis and the home folder are exchanged, so that a test disturbs nobody; whatever port the emulator took is as good as the one shown.

use std::fs;
use std::net::TcpListener;
use std::path::Path;

use crate::blocks::{blocks, Block};
use crate::stage;
use crate::venv::{build_tools, offline};

fn readme() -> String {
    fs::read_to_string(stage::root().join("README.md")).unwrap()
}

#[test]
fn every_block_of_the_readme_is_tagged_and_every_sample_is_the_file_it_names() {
    for block in blocks(&readme()) {
        match block.kind.as_str() {
            "sh" | "text" => {}
            "c" | "cpp" | "python" | "go" => {
                assert!(!block.file.is_empty(), "README.md:{} names no file", block.line);
                if block.file.starts_with("bindings/") {
                    let file = fs::read_to_string(stage::root().join(&block.file)).unwrap();
                    assert!(
                        block.text == file,
                        "README.md:{} differs from {}",
                        block.line,
                        block.file
                    );
                }
            }
            kind => panic!("README.md:{}: a block tagged `{kind}` would never be run", block.line),
        }
    }
}

/// The whole README as one script: each `sh` block prints into a file of its own.
fn script(blocks: &[Block], work: &Path) -> String {
    let mut script = format!(
        "set -e\ntrap 'kill $(jobs -p) 2>/dev/null || true' EXIT\nREADME_HOME={}/home\n",
        work.display()
    );
    // As a reader does it: a block that says "in the clone" runs there; the others go on where the last of their kind left off.
    script += &format!("ROOT='{}' OWN='{}'\n", stage::root().display(), work.display());
    for (number, block) in blocks.iter().enumerate().filter(|(_, block)| block.kind == "sh") {
        let printed = format!("{}/out.{number}", work.display());
        script += &match block.file.as_str() {
            "clone" => format!("cd \"$ROOT\"\n{{\n{}}} >'{printed}'\n", block.text),
            _ => format!("cd \"$OWN\"\n{{\n{}}} >'{printed}'\nOWN=$PWD\n", block.text),
        };
    }
    script
}

/// A text in which every place on this machine has the same port.
fn with_one_port(text: &str) -> String {
    let mut parts = text.split("127.0.0.1:");
    let first = parts.next().unwrap().to_owned();
    parts.fold(first, |text, part| {
        text + "127.0.0.1:1" + part.trim_start_matches(|c: char| c.is_ascii_digit())
    })
}

#[test]
fn the_readme_works_word_for_word_and_shows_what_comes_out() {
    if !stage::tools(&["go", "curl", "python3", "redis-server"]) {
        return;
    }
    stage::prefix(); // So that no other test installs while the README does, which builds another variant of the library too.
    let work = tempfile::tempdir().unwrap();
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let readme = readme()
        .replace("6379", &free.to_string())
        .replace("$HOME", "$README_HOME");
    let blocks = blocks(&readme);
    for block in blocks
        .iter()
        .filter(|block| !block.file.is_empty() && !block.file.contains('/') && block.kind != "sh")
    {
        fs::write(work.path().join(&block.file), &block.text).unwrap();
    }
    let mut shell = stage::builder("bash");
    shell
        .arg("-c")
        .arg(script(&blocks, work.path()))
        .env_remove("MAKEFLAGS")
        .env_remove("MAKELEVEL");
    build_tools(); // Fetches what `pip install` asks for.
    stage::succeed(offline(&mut shell));
    let mut compared = 0;
    for (number, block) in blocks.iter().enumerate().filter(|(_, block)| block.kind == "text") {
        let printed = fs::read_to_string(work.path().join(format!("out.{}", number - 1))).unwrap();
        assert_eq!(
            with_one_port(&printed),
            with_one_port(&block.text),
            "README.md:{}",
            block.line
        );
        compared += 1;
    }
    assert!(compared >= 6, "the README shows what its commands print");
}

#[test]
fn the_error_table_of_the_readme_is_the_librarys() {
    let readme = readme();
    for (code, name) in tencent_chat::error::codes().filter(|(code, _)| *code < 0) {
        assert!(
            readme.contains(&format!("| {code} | `{name}` |")),
            "the README lacks {name} {code}"
        );
    }
    let rows = readme
        .lines()
        .filter(|line| line.starts_with("| -") && line.contains("| `CHAT_"))
        .count();
    assert_eq!(rows, tencent_chat::error::codes().filter(|(code, _)| *code < 0).count());
}

#[test]
fn the_table_of_calls_names_every_function_that_calls_the_service() {
    let (readme, header) = (
        readme(),
        fs::read_to_string(stage::root().join("include/tencent_chat.h")).unwrap(),
    );
    let mut seen = 0;
    for line in header.lines().filter(|line| line.starts_with("int chat_")) {
        let name = line.trim_start_matches("int ").split('(').next().unwrap();
        let is_call = header.contains(&format!("{name}(const chat_client *client,"));
        if is_call && name != "chat_call" && !name.starts_with("chat_client_") {
            assert!(readme.contains(&format!("`{name}`")), "the README's table lacks {name}");
            seen += 1;
        }
    }
    assert!(seen >= 13, "{seen}");
}
