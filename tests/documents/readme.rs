//! The README and the guides are true: they are run from top to bottom as a reader would, in one shell, the README first and the guides of
//! `bindings/guides` after it, and what they show is compared with what comes out.
//!
//! Every fenced block is tagged. `sh` blocks run one after the other in an empty folder (or, tagged `sh clone`, in the project); a `text` block is
//! what the `sh` block before it prints. A code block names its file: one of the project's, which it must equal, or a new one, which it becomes.
//! The port of Redis and the home folder are exchanged, so that a test disturbs nobody; whatever port the emulator took is as good as the one shown.

use std::fs;
use std::net::TcpListener;
use std::path::Path;

use crate::blocks::{blocks, Block};
use crate::stage;
use crate::venv::{build_tools, offline};

fn text(file: &str) -> String {
    fs::read_to_string(stage::root().join(file)).unwrap()
}

/// The README and then the guides, by name.
fn documents() -> Vec<String> {
    let folder = fs::read_dir(stage::root().join("bindings/guides")).unwrap();
    let names = folder.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut guides: Vec<String> = names
        .filter(|name| name.ends_with(".md"))
        .map(|name| format!("bindings/guides/{name}"))
        .collect();
    guides.sort();
    guides.insert(0, "README.md".into());
    guides
}

#[test]
fn the_front_page_ends_and_every_sample_is_the_file_it_names() {
    assert!(text("README.md").lines().count() <= 200, "README.md is over 200 lines");
    for document in documents() {
        for block in blocks(&text(&document)) {
            match block.kind.as_str() {
                "sh" | "text" => {}
                "c" | "cpp" | "python" | "go" => {
                    assert!(!block.file.is_empty(), "{document}:{} names no file", block.line);
                    if block.file.starts_with("bindings/") {
                        let same = block.text == text(&block.file);
                        assert!(same, "{document}:{} differs from {}", block.line, block.file);
                    }
                }
                kind => panic!("{document}:{}: a block tagged `{kind}` would never be run", block.line),
            }
        }
    }
}

/// All blocks as one script: each `sh` block prints into a file of its own.
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
fn readme_and_guides_work_word_for_word_and_show_what_comes_out() {
    if !stage::tools(&["go", "curl", "python3", "redis-server"]) {
        return;
    }
    stage::prefix(); // So that no other test installs while the README does, which builds another variant of the library too.
    let work = tempfile::tempdir().unwrap();
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let of_this_test = |text: String| text.replace("6379", &free.to_string()).replace("$HOME", "$README_HOME");
    let (mut shown, mut places) = (Vec::new(), Vec::new());
    for document in documents() {
        for block in blocks(&of_this_test(text(&document))) {
            places.push(format!("{document}:{}", block.line));
            shown.push(block);
        }
    }
    for block in shown
        .iter()
        .filter(|block| !block.file.is_empty() && !block.file.contains('/') && block.kind != "sh")
    {
        fs::write(work.path().join(&block.file), &block.text).unwrap();
    }
    let mut shell = stage::builder("bash");
    shell
        .arg("-c")
        .arg(script(&shown, work.path()))
        .env_remove("MAKEFLAGS")
        .env_remove("MAKELEVEL");
    build_tools(); // Fetches what `pip install` asks for.
    stage::succeed(offline(&mut shell));
    let mut compared = 0;
    for (number, block) in shown.iter().enumerate().filter(|(_, block)| block.kind == "text") {
        let printed = fs::read_to_string(work.path().join(format!("out.{}", number - 1))).unwrap();
        assert_eq!(
            with_one_port(&printed),
            with_one_port(&block.text),
            "{}",
            places[number]
        );
        compared += 1;
    }
    assert!(
        compared >= 6,
        "the README and the guides show what their commands print"
    );
}

#[test]
fn the_table_of_calls_names_every_function_that_calls_the_service() {
    let (table, header) = (
        text("bindings/guides/calls-and-limits.md"),
        text("include/tencent_chat.h"),
    );
    let mut seen = 0;
    for line in header.lines().filter(|line| line.starts_with("int chat_")) {
        let name = line.trim_start_matches("int ").split('(').next().unwrap();
        let is_call = header.contains(&format!("{name}(const chat_client *client,"));
        if is_call && !name.starts_with("chat_client_") {
            assert!(table.contains(&format!("`{name}`")), "the table of calls lacks {name}");
            seen += 1;
        }
    }
    assert!(seen >= 13, "{seen}");
}
