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
        &["list-groups"],
        &["mark"],
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
        &["check", "--region", "tokyo", "--base-url", "b"],
        &["check", "--region", "atlantis"],
        &["sign", "--proxy", "http://127.0.0.1:9"],
        &["completions", "bash", "--json"],
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
        .args([
            "-qec",
            &format!("'{PROGRAM}' --help; '{PROGRAM}' frobnicate"),
            "/dev/null",
        ])
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
    let page = operator.run(&["man"]).ended(0).out;
    assert!(page.starts_with(".ie") && page.contains(".TH"), "{page}");
    operator.run(&["man", "pages"]).ended(0);
    let commands = every_command(&operator, &[]);
    assert!(commands.len() >= 17, "{commands:?}");
    for command in &commands {
        let words = [&["tencent-chat".to_owned()], &command[..]].concat();
        let page = operator.read(&format!("pages/{}.1", words.join("-")));
        let example = page.find(".SH EXAMPLES").map(|at| &page[at..]);
        assert!(
            example.is_some_and(|text| text.contains("tencent\\-chat")),
            "{words:?}: {page}"
        );
        assert!(
            page.contains(".SH \"EXIT STATUS\"") && page.contains("throttled"),
            "{words:?}: {page}"
        );
        assert_eq!(page.matches(".ds Aq").count(), 2, "{words:?}: its beginning comes once");
    }
    assert_eq!(
        fs::read_dir(operator.path("pages")).unwrap().count(),
        commands.len() + 1
    );
    let page = operator.read("pages/tencent-chat-bulk-del-group.1");
    let places = [
        "group",
        "missing",
        "backup",
        "rate",
        "journal",
        "region",
        "key\\-file",
        "shared\\-limit",
    ]
    .map(|flag| {
        let header = format!(".TP\n\\fB\\-\\-{flag}\\fR");
        page.find(&header).unwrap_or_else(|| panic!("{flag}: {page}"))
    });
    assert!(places.is_sorted(), "in the order of --help: {places:?}");
}

/// The words of each command, from what the help lists.
fn every_command(operator: &Operator, words: &[String]) -> Vec<Vec<String>> {
    let mut ask: Vec<&str> = words.iter().map(String::as_str).collect();
    ask.push("--help");
    let help = operator.run(&ask).ended(0).out;
    let listed = help.lines().skip_while(|line| *line != "Commands:").skip(1);
    let listed = listed.take_while(|line| !line.is_empty());
    let names = listed
        .filter_map(|line| line.split_whitespace().next())
        .filter(|name| *name != "help");
    let below = names.map(|name| [words, &[name.to_owned()]].concat());
    below
        .flat_map(|words| [vec![words.clone()], every_command(operator, &words)].concat())
        .collect()
}

#[test]
fn settings_stand_only_where_they_act() {
    let operator = Operator::new();
    for command in every_command(&operator, &[]) {
        let mut ask: Vec<&str> = command.iter().map(String::as_str).collect();
        ask.push("--help");
        let help = operator.run(&ask).ended(0).out;
        let connects = !["sign", "completions", "man", "bulk"].contains(&command.join(" ").as_str());
        for flag in ["--region", "--proxy", "--shared-limit ", "--verbose"] {
            assert_eq!(help.contains(flag), connects, "{command:?} {flag}");
        }
        let signs = connects || command == ["sign"];
        for flag in ["--key-file", "--json"] {
            assert_eq!(help.contains(flag), signs, "{command:?} {flag}");
        }
    }
}

#[test]
fn bash_completes_commands_flags_regions_calls_and_files_and_no_placeholder() {
    let operator = Operator::new();
    operator.write("completions", operator.run(&["completions", "bash"]).ended(0).out);
    operator.write("accounts.txt", "");
    let completed = |line: &str| {
        let words: Vec<&str> = line.split(' ').collect();
        let (last, before) = (words[words.len() - 1], words[words.len() - 2]);
        let typed: Vec<String> = words.iter().map(|word| format!("'{word}'")).collect();
        let script = format!(
            "source ./completions; COMP_WORDS=({}); COMP_CWORD={}; \
             $(complete -p tencent-chat | sed 's/.*-F \\([^ ]*\\).*/\\1/') tencent-chat '{last}' '{before}' 2>/dev/null; echo \"${{COMPREPLY[@]}}\"",
            typed.join(" "),
            words.len() - 1
        );
        let mut bash = Command::new("bash");
        bash.args(["--norc", "-c", &script]).current_dir(operator.folder.path());
        Ran::from(bash.output().unwrap()).ended(0).out.trim().to_owned()
    };
    assert_eq!(completed("tencent-chat list-g"), "list-groups");
    let header = include_str!("../../../../include/tencent_chat.h");
    let documented = header
        .split("(`v4/")
        .skip(1)
        .map(|rest| rest.split('`').next().unwrap());
    for command in documented {
        let path = format!("v4/{command}");
        assert_eq!(
            completed(&format!("tencent-chat call {path}")).split(' ').next(),
            Some(path.as_str())
        );
    }
    assert_eq!(completed("tencent-chat bulk del-group --max-f"), "--max-failures");
    assert_eq!(completed("tencent-chat check --region t"), "tokyo");
    assert_eq!(completed("tencent-chat bulk del-group --progress j"), "json");
    assert_eq!(completed("tencent-chat check --key-file acc"), "accounts.txt");
    assert_eq!(
        completed("tencent-chat bulk del-group x --group acc"),
        "acc",
        "a group is no file"
    );
    let served: Vec<String> = {
        let url = operator.service.admin_url().trim_start_matches("http://").to_owned();
        let mut stream = std::net::TcpStream::connect(&url).unwrap();
        let ask = format!("GET /commands HTTP/1.1\r\nHost: {url}\r\nConnection: close\r\n\r\n");
        std::io::Write::write_all(&mut stream, ask.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        serde_json::from_str(answer.split_once("\r\n\r\n").unwrap().1).unwrap()
    };
    let mut calls: Vec<String> = completed("tencent-chat call v4/")
        .split(' ')
        .map(str::to_owned)
        .collect();
    let mut served: Vec<String> = served
        .iter()
        .map(|path| path.trim_start_matches('/').to_owned())
        .collect();
    calls.sort();
    served.sort();
    assert_eq!(calls, served);
    for command in every_command(&operator, &[]) {
        let offered = completed(&format!("tencent-chat {} ", command.join(" ")));
        assert!(!offered.contains(['<', '[']), "{command:?}: {offered}");
    }
}

/// What is typed, and what completes it.
const TYPED: [[&str; 2]; 7] = [
    ["tencent-chat list-g", "list-groups"],
    ["tencent-chat bulk del-group --max-f", "--max-failures"],
    ["tencent-chat check --region t", "tokyo"],
    ["tencent-chat bulk del-group --progress j", "json"],
    ["tencent-chat call v4/recentcontact/to", "v4/recentcontact/top"],
    ["tencent-chat check --key-file acc", "accounts.txt"],
    ["tencent-chat bulk del-group acc", "accounts.txt"],
];

#[test]
fn fish_completes_the_same_and_the_emulators_flags() {
    let Some(fish) = stage::tool("fish") else { return };
    let operator = Operator::new();
    let emulators = "share/fish/vendor_completions.d/chat-emulator.fish";
    let emulators = fs::read_to_string(stage::prefix().join(emulators)).unwrap();
    let own = operator.run(&["completions", "fish"]).ended(0).out;
    operator.write("completions", own + &emulators);
    operator.write("accounts.txt", "");
    let offered = |line: &str| {
        let mut fish = Command::new(&fish);
        let script = format!("source ./completions; complete -C '{line}'");
        fish.args(["--no-config", "-c", &script])
            .current_dir(operator.folder.path());
        let told = Ran::from(fish.output().unwrap()).ended(0).out;
        let words = told.lines().map(|line| line.split('\t').next().unwrap().to_owned());
        words.collect::<Vec<String>>()
    };
    let flags = [
        ["chat-emulator --lock", "--lock-out"],
        ["chat-emulator --seed acc", "accounts.txt"],
    ];
    for [line, word] in TYPED.into_iter().chain(flags) {
        assert_eq!(offered(line), [word], "{line}");
    }
    for no_file in [
        "tencent-chat bulk del-group x --group acc",
        "tencent-chat check acc",
        "chat-emulator acc",
    ] {
        assert_eq!(offered(no_file), [""; 0], "{no_file}");
    }
}

#[test]
fn zsh_completes_the_same() {
    let Some(zsh) = stage::tool("zsh") else { return };
    let operator = Operator::new();
    operator.write("_tencent-chat", operator.run(&["completions", "zsh"]).ended(0).out);
    operator.write("accounts.txt", "");
    for [line, word] in TYPED {
        let typed = line.rsplit(' ').next().unwrap();
        // On a terminal of its own, until the rest of the word has appeared.
        let script = format!(
            "zmodload zsh/zpty; zpty -b shell '{} -f -i'
             zpty -w shell 'fpath=($PWD $fpath); autoload -U compinit; compinit -u -D; print re''ady'
             zpty -r shell shown '*ready*'; zpty -n -w shell '{line}'$'\\t'; zpty -r shell shown '*{}*'; zpty -d shell; print completed",
            zsh.display(),
            word.strip_prefix(typed).unwrap()
        );
        let mut terminal = Command::new("timeout");
        terminal.arg("60").arg(&zsh).args(["-f", "-c", &script]);
        let ran = Ran::from(terminal.current_dir(operator.folder.path()).output().unwrap());
        assert!(ran.status == 0 && ran.out == "completed\n", "{line}: {ran:?}");
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
