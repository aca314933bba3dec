//! What people and scripts know from other programs: where output goes, how it ends, that help helps, that secrets stay secret.

use std::fs;
use std::io::Read;
use std::process::{Command, Stdio};

use chat_emulator::{Config as Emulation, Fault, DEFAULT_SECRET_KEY};

use crate::operator::{state, Operator, Ran, PROGRAM};
use crate::stage;

#[test]
fn every_exit_status_of_the_help_text_comes_when_it_says() {
    let operator = Operator::with(Emulation {
        seed: Some(state(3)),
        ..Emulation::default()
    });
    operator.write("accounts.txt", "user_00001\nnobody\n");
    operator.run(&["groups", "user_00001"]).ended(0);
    operator.run(&["groups", "nobody"]).ended(1);
    operator.run(&["groups"]).ended(2);
    operator
        .run(&["bulk", "del-group", "accounts.txt", "--group", "retired"])
        .ended(3);
    operator
        .run(&["groups", "user_00001", "--identifier", "user_00002"])
        .ended(4);
    operator
        .run(&["groups", "user_00001", "--base-url", "http://127.0.0.1:9"])
        .ended(5);
    operator.service.fault(Fault::code(60007).times(3));
    operator.run(&["groups", "user_00001"]).ended(6);
    let help = operator.run(&["--help"]).ended(0).out;
    for status in [
        "0    ok",
        "1    failed",
        "2    wrong usage",
        "3    some items",
        "4    configuration",
        "5    network",
        "6    throttled",
        "130  interrupted",
    ] {
        assert!(help.contains(status), "{status} (130 is shown in interrupted.rs)");
    }
}

#[test]
fn help_shows_examples_before_anything_else_and_is_the_text_that_was_agreed_on() {
    let operator = Operator::new();
    let mut texts = String::new();
    for command in [
        &[][..],
        &["del-group"],
        &["groups"],
        &["call"],
        &["sign"],
        &["check"],
        &["bulk"],
        &["bulk", "del-group"],
        &["bulk", "restore"],
    ] {
        let mut arguments = command.to_vec();
        arguments.push("-h");
        let help = Ran::from(operator.bare(&arguments).output().unwrap()).ended(0).out;
        let (examples, usage) = (
            help.find("Examples:").expect("examples"),
            help.find("Usage:").expect("usage"),
        );
        assert!(examples < usage, "{help}");
        if command.is_empty() || command == ["bulk", "del-group"] {
            texts += &help;
            texts.push('\n');
        }
    }
    let agreed = stage::root().join("bindings/program/tests/program/help.txt");
    if std::env::var_os("CHAT_WRITE_HELP").is_some() {
        fs::write(&agreed, &texts).unwrap();
    }
    assert!(
        texts == fs::read_to_string(&agreed).unwrap(),
        "the help changed; if it should, run this test with CHAT_WRITE_HELP=1:\n{texts}"
    );
}

#[test]
fn wrong_usage_is_told_on_stderr_with_the_way_to_the_help() {
    let operator = Operator::new();
    for arguments in [
        &["frobnicate"][..],
        &["groups"],
        &["groups", "u", "--frobnicate"],
        &["bulk", "del-group", "f", "--rate", "0"],
        &["bulk", "del-group", "f", "--rate", "10001"],
        &["--region", "a", "--base-url", "b", "check"],
    ] {
        let ran = Ran::from(operator.bare(arguments).output().unwrap()).ended(2);
        assert!(ran.out.is_empty() && ran.err.contains("--help"), "{ran:?}");
    }
    let nothing = Ran::from(operator.bare(&[]).output().unwrap()).ended(2);
    assert!(nothing.err.contains("Examples:") && nothing.out.is_empty());
    let version = Ran::from(operator.bare(&["--version"]).output().unwrap()).ended(0);
    assert_eq!(version.out, format!("tencent-chat {}\n", env!("CARGO_PKG_VERSION")));
}

#[test]
fn a_reader_that_goes_away_is_no_crash() {
    let operator = Operator::new();
    for arguments in [
        &["--help"][..],
        &["groups", "user_0001"],
        &["man"],
        &["completions", "bash"],
    ] {
        let mut child = operator
            .command(arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        drop(child.stdout.take());
        let mut told = String::new();
        child.stderr.take().unwrap().read_to_string(&mut told).unwrap();
        assert!(child.wait().unwrap().code().is_some(), "{arguments:?}");
        assert!(!told.contains("panicked"), "{told}");
    }
}

#[test]
fn no_escape_code_is_printed_where_there_is_no_terminal_or_no_color_is_wished() {
    let operator = Operator::new();
    for arguments in [&["--help"][..], &["frobnicate"], &["check"], &["groups", "nobody"]] {
        let ran = operator.run(arguments);
        assert!(
            !ran.out.contains('\u{1b}') && !ran.err.contains('\u{1b}'),
            "{arguments:?}"
        );
    }
    let Some(script) = stage::tool("script") else { return };
    let mut terminal = Command::new(script);
    terminal
        .args(["-qec", &format!("{PROGRAM} --help; {PROGRAM} frobnicate"), "/dev/null"])
        .env("NO_COLOR", "1")
        .env("TERM", "xterm");
    let shown = terminal.stdin(Stdio::null()).output().unwrap();
    assert!(!String::from_utf8_lossy(&shown.stdout).contains('\u{1b}'));
}

#[test]
fn no_secret_is_in_any_output_or_file_whatever_goes_wrong() {
    const KEY: &str = "canary0key0that0must0never0show";
    const PASSWORD: &str = "canary-password";
    let operator = Operator::with_accounts(30);
    operator.write("key.txt", KEY);
    let sig = operator.run(&["sign"]).ended(0).out.trim().to_owned();
    operator.write("sig.txt", &sig);
    operator.write("damaged.txt", &sig[..40]);
    let mut heard = String::new();
    let mut listen = |command: &mut Command| {
        let output = command.output().unwrap();
        heard += &String::from_utf8_lossy(&output.stdout);
        heard += &String::from_utf8_lossy(&output.stderr);
    };
    let proxy = format!("http://user:{PASSWORD}@127.0.0.1:9");
    let shared = format!("redis://user:{PASSWORD}@127.0.0.1:9");
    for (name, value) in [
        ("TENCENT_CHAT_SECRET_KEY", KEY),
        ("TENCENT_CHAT_SECRET_KEY", DEFAULT_SECRET_KEY),
        ("TENCENT_CHAT_PROXY", proxy.as_str()),
        ("TENCENT_CHAT_SHARED_LIMIT", shared.as_str()),
        ("TENCENT_CHAT_USER_SIG", sig.as_str()),
    ] {
        for arguments in [
            &["check"][..],
            &["check", "--json"],
            &["groups", "user_00001"],
            &["call", "v4/recentcontact/get_contact_group", "{}", "--json"],
            &["del-group", "user_00001", "absent", "--json"],
            &["sign", "--inspect", "sig.txt"],
            &["sign", "--inspect", "damaged.txt"],
            &["check", "--key-file", "key.txt"],
            &["check", "--user-sig-file", "sig.txt"],
            &["check", "--proxy", proxy.as_str()],
            &[
                "bulk",
                "del-group",
                "accounts.txt",
                "--group",
                "retired",
                "--max-failures",
                "1",
                "--results",
                "r.csv",
                "--backup",
                "b.jsonl",
            ],
        ] {
            listen(operator.command(arguments).env(name, value));
        }
    }
    for file in ["accounts.txt.journal", "r.csv", "b.jsonl"] {
        heard += &fs::read_to_string(operator.path(file)).unwrap_or_default();
    }
    assert!(heard.len() > 4_000, "it was loud enough to hear something");
    for secret in [KEY, DEFAULT_SECRET_KEY, PASSWORD, &sig, &sig[..40]] {
        assert!(!heard.contains(secret), "{secret} in {heard}");
    }
}

#[test]
fn a_key_or_a_password_on_the_command_line_is_refused() {
    let operator = Operator::new();
    operator.run(&["check", "--secret-key", "abc"]).ended(2);
    operator
        .run(&["groups", "u", "--proxy", "http://user:password@127.0.0.1:9"])
        .ended(2)
        .says("put the URL into TENCENT_CHAT_PROXY");
    operator
        .run(&["groups", "u", "--shared-limit", "redis://user:password@127.0.0.1:9"])
        .ended(2)
        .says("put the URL into TENCENT_CHAT_SHARED_LIMIT");
}

#[test]
fn completions_and_man_pages_know_every_command() {
    let operator = Operator::new();
    for shell in ["bash", "zsh", "fish"] {
        let text = operator.run(&["completions", shell]).ended(0).out;
        for word in ["del-group", "restore", "--max-failures", "--key-file"] {
            let word = if shell == "fish" {
                word.trim_start_matches('-')
            } else {
                word
            };
            assert!(text.contains(word), "{shell}: {word}");
        }
    }
    let script = operator.run(&["completions", "bash"]).out;
    operator.write("completions", script);
    let check = "source ./completions; COMP_WORDS=(tencent-chat bulk del-group --max-f); COMP_CWORD=3; $(complete -p tencent-chat | sed 's/.*-F \\([^ ]*\\).*/\\1/') tencent-chat --max-f del-group; echo \"${COMPREPLY[@]}\"";
    let ran = Ran::from(
        Command::new("bash")
            .args(["--norc", "-c", check])
            .current_dir(operator.folder.path())
            .output()
            .unwrap(),
    )
    .ended(0);
    assert_eq!(ran.out.trim(), "--max-failures", "{}", ran.err);
    let page = operator.run(&["man"]).ended(0).out;
    assert!(
        page.contains(".TH") && page.contains("Exit status") && page.contains("TENCENT_CHAT_SECRET_KEY"),
        "{page}"
    );
    operator.run(&["man", "pages"]).ended(0);
    for name in [
        "tencent-chat.1",
        "tencent-chat-bulk-del-group.1",
        "tencent-chat-check.1",
    ] {
        assert!(operator.path("pages").join(name).exists(), "{name}");
    }
}

#[test]
fn an_installation_puts_program_pages_and_completions_where_they_are_looked_for_and_takes_all_of_them_away_again() {
    let folder = tempfile::tempdir().unwrap();
    let make = |target: &str| {
        let mut make = stage::builder("make");
        make.args(["--silent", target, "DESTDIR="]);
        make.arg(format!("PREFIX={}", folder.path().display()));
        stage::succeed(&mut make);
    };
    // What it builds is in the installation that other tests use as well.
    stage::prefix();
    make("install-program");
    for file in [
        "bin/tencent-chat",
        "share/man/man1/tencent-chat.1",
        "share/man/man1/tencent-chat-bulk-del-group.1",
        "share/bash-completion/completions/tencent-chat",
        "share/zsh/site-functions/_tencent-chat",
        "share/fish/vendor_completions.d/tencent-chat.fish",
    ] {
        let length = fs::metadata(folder.path().join(file)).map_or(0, |file| file.len());
        assert!(length > 100, "{file}");
    }
    let library = fs::read(stage::prefix().join("lib/libtencent_chat.a")).unwrap();
    let is_in = |library: &[u8], text: &[u8]| library.windows(text.len()).any(|part| part == text);
    assert!(
        is_in(&library, b"chat_del_contact_group") && !is_in(&library, b"max-failures"),
        "the library carries nothing of the program"
    );
    make("uninstall-program");
    let left = Command::new("find")
        .arg(folder.path())
        .args(["-type", "f"])
        .output()
        .unwrap();
    assert_eq!(String::from_utf8(left.stdout).unwrap(), "");
}
