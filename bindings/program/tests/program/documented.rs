//! What the help and the program's README show is run as it stands there, in a shell, with only the place and the port exchanged.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use chat_emulator::{DEFAULT_SDK_APP_ID, DEFAULT_SECRET_KEY};

use crate::operator::{Operator, Ran, PROGRAM};
use crate::stage;

/// `PATH` with the program and the emulator in front.
fn path() -> std::ffi::OsString {
    let mut places = vec![
        PathBuf::from(PROGRAM).parent().unwrap().to_owned(),
        stage::prefix().join("bin"),
    ];
    places.extend(std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default()));
    std::env::join_paths(places).unwrap()
}

fn examples(help: &str) -> Vec<String> {
    let lines = help.lines().skip_while(|line| *line != "Examples:").skip(1);
    lines
        .take_while(|line| !line.is_empty())
        .map(|line| line.trim().to_owned())
        .collect()
}

#[test]
fn every_example_of_every_help_text_works_as_it_stands() {
    let mut run = 0;
    for command in [
        "",
        "del-group",
        "groups",
        "list-groups",
        "create-group",
        "rename-group",
        "mark",
        "pin",
        "unpin",
        "del-conversation",
        "call",
        "sign",
        "check",
        "completions",
        "man",
        "bulk",
        "bulk del-group",
        "bulk restore",
    ] {
        let mut arguments: Vec<&str> = command.split_whitespace().collect();
        arguments.push("--help");
        let help = Operator::new().run(&arguments).ended(0).out;
        let shown = examples(&help);
        assert!(!shown.is_empty(), "{command} has no example");
        // Those of one command follow each other, as a canary and then the rest do.
        let operator = operator();
        for example in shown {
            let ran = shell(&operator, &example);
            let expected = match example.as_str() {
                // These name a data centre that is not to be asked from a test.
                text if text.contains("--region") => 4..=5,
                _ => 0..=0,
            };
            assert!(
                expected.contains(&ran.status),
                "{example}: {} {}{}",
                ran.status,
                ran.out,
                ran.err
            );
            run += 1;
        }
    }
    assert!(run >= 36, "{run}");
}

/// Everything that the examples name.
fn operator() -> Operator {
    let operator = Operator::new();
    let groups = r#"{"groups":[{"id":1,"name":"colleagues"},{"id":2,"name":"設計会議"},{"id":3,"name":"b"}]}"#;
    let state = format!(r#"{{"accounts":{{"administrator":{{}},"user_0001":{groups},"user_0002":{groups}}}}}"#);
    operator
        .service
        .load_state(chat_emulator::State::from_json(state.as_bytes()).unwrap())
        .unwrap();
    operator.write("accounts.txt", "user_0001\nuser_0002\n");
    operator.write("accounts.csv", "user_0001\nuser_0002\n");
    operator.write("pairs.csv", "account,group\nuser_0001,b\nuser_0002,b\n");
    operator.write(
        "backup.jsonl",
        "{\"account\":\"user_0001\",\"group\":\"restored\",\"conversations\":[]}\n",
    );
    operator.write("key.txt", DEFAULT_SECRET_KEY);
    operator.write(
        "request.json",
        r#"{"From_Account":"user_0001","GroupContactItem":[{"GroupName":"new"}]}"#,
    );
    operator
}

fn shell(operator: &Operator, line: &str) -> Ran {
    // The second of two that create the same group would be refused, and the third of two that wrote a backup is another file.
    let line = line.replace("cat request.json", "sed s/new/newer/ request.json");
    let home = operator.path("home");
    fs::create_dir_all(home.join(".local/share/bash-completion/completions")).unwrap();
    let mut command = Command::new("bash");
    command
        .args(["-c", &line])
        .current_dir(operator.folder.path())
        .env_clear()
        .env("PATH", path())
        .env("HOME", home);
    command.env("TENCENT_CHAT_SDK_APP_ID", DEFAULT_SDK_APP_ID.to_string());
    if !line.contains("--key-file") {
        command.env("TENCENT_CHAT_SECRET_KEY", DEFAULT_SECRET_KEY);
    }
    if line.contains("--region") {
        // Nothing leaves this machine.
        command.env("TENCENT_CHAT_PROXY", "http://127.0.0.1:9");
    } else {
        command.env("TENCENT_CHAT_BASE_URL", operator.service.url());
    }
    command.output().unwrap().into()
}

#[test]
fn the_readme_of_the_program_works_word_for_word() {
    let readme = fs::read_to_string(stage::root().join("bindings/program/README.md")).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let mut script = "set -e\ntrap 'kill $(jobs -p) 2>/dev/null || true' EXIT\n".to_owned();
    let (mut expected, mut block) = (Vec::new(), None);
    for line in readme.lines() {
        match (line.strip_prefix("```"), &mut block) {
            (Some(kind), None) => block = Some((kind.to_owned(), String::new())),
            (Some(_), Some((kind, text))) => {
                match kind.as_str() {
                    "sh" => {
                        script += &format!("{{\n{text}}} >out.{}\n", expected.len());
                        expected.push(None);
                    }
                    "text" => *expected.last_mut().expect("a text block follows its commands") = Some(text.clone()),
                    kind => panic!("a block tagged `{kind}` would never be run"),
                }
                block = None;
            }
            (None, Some((_, text))) => *text += &format!("{line}\n"),
            (None, None) => {}
        }
    }
    let mut shell = Command::new("bash");
    shell
        .args(["-c", &script])
        .current_dir(folder.path())
        .env_clear()
        .env("PATH", path());
    stage::succeed(&mut shell);
    let mut compared = 0;
    for (number, text) in expected.iter().enumerate() {
        if let Some(text) = text {
            assert_eq!(
                &fs::read_to_string(folder.path().join(format!("out.{number}"))).unwrap(),
                text
            );
            compared += 1;
        }
    }
    assert!(compared >= 2, "the README shows what its commands print");
}
