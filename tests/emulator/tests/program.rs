//! Tests of the program: the ready line, the flags, and a clean end.

use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use crate::caller::*;
use serde_json::{json, Value};

struct Program {
    child: Child,
    ready: Value,
}

fn piped(mut command: Command) -> Command {
    let pipe = Stdio::piped;
    command.stdin(pipe()).stdout(pipe()).stderr(pipe());
    command
}

fn command(flags: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_chat-emulator"));
    command.args(flags);
    piped(command)
}

impl Program {
    fn start(flags: &[&str]) -> Self {
        Self::of(command(flags))
    }

    fn of(mut command: Command) -> Self {
        let mut child = command.spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.as_mut().unwrap())
            .read_line(&mut line)
            .unwrap();
        let ready = serde_json::from_str(&line).unwrap_or_else(|e| panic!("{e}: {line:?}"));
        Self { child, ready }
    }

    fn at(&self, name: &str) -> &str {
        self.ready[name].as_str().unwrap()
    }

    fn code(&self, target: &str, body: &str) -> i64 {
        Wire::http(self.at("url")).ask("POST", target, body.as_bytes()).code()
    }

    fn signal(&self, name: &str) {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args(["-s", name, &id]).status().unwrap().success());
    }

    /// Waits for the end; the exit status and what else was written to stdout and stderr.
    fn ended(self) -> (Option<i32>, String) {
        let Output { status, stdout, stderr } = self.output();
        (status.code(), String::from_utf8([stdout, stderr].concat()).unwrap())
    }

    /// A program that does not end fails the test.
    fn output(mut self) -> Output {
        let start = Instant::now();
        let status = loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                break status;
            }
            assert!(start.elapsed() < Duration::from_secs(30), "the program does not end");
            std::thread::sleep(Duration::from_millis(5));
        };
        let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
        if let Some(mut pipe) = self.child.stdout.take() {
            pipe.read_to_end(&mut stdout).unwrap();
        }
        self.child.stderr.take().unwrap().read_to_end(&mut stderr).unwrap();
        Output { status, stdout, stderr }
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Of a program that is to end without being asked to.
fn run(command: &mut Command) -> Output {
    let child = command.spawn().unwrap();
    let ready = Value::Null;
    Program { child, ready }.output()
}

fn refused(flags: &[&str]) -> (Option<i32>, String) {
    let Output { status, stdout, stderr } = run(&mut command(flags));
    assert_eq!(stdout, b"", "{flags:?}");
    (status.code(), String::from_utf8(stderr).unwrap())
}

fn get() -> (String, &'static str) {
    let sig = Token::of("administrator").text();
    (
        target(GET, "administrator", &sig),
        r#"{"From_Account":"user_0001","StartIndex":0}"#,
    )
}

#[test]
fn it_runs_without_a_flag_and_says_where() {
    let program = Program::start(&[]);
    let port = |name: &str, start: &str| program.at(name).strip_prefix(start).unwrap().parse::<u16>().unwrap();
    assert!(port("url", "http://127.0.0.1:") > 0);
    assert!(port("tls_url", "https://localhost:") > 0);
    assert!(port("admin_url", "http://127.0.0.1:") > 0);
    assert_eq!(program.ready.as_object().unwrap().len(), 4);
    let ca = fs::read_to_string(program.at("ca_file")).unwrap();
    assert!(ca.starts_with("-----BEGIN CERTIFICATE"));
    let (target, body) = get();
    assert_eq!(program.code(&target, body), 0);
    assert_eq!(addresses(program.at("admin_url")), program.ready);
}

#[test]
fn every_signal_that_asks_for_an_end_ends_it_with_0_and_without_a_trace() {
    // Under `nohup`, as these tests may be, a hang-up is ignored by whatever is started.
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let hup_ends = ignored.is_none_or(|mask| u64::from_str_radix(mask.trim(), 16).unwrap() & 1 == 0);
    let signals = ["TERM", "INT", "HUP", "QUIT", "USR1", "USR2", "ALRM"];
    for signal in signals.into_iter().filter(|signal| hup_ends || *signal != "HUP") {
        let program = Program::start(&[]);
        let ca = program.at("ca_file").to_owned();
        let (target, body) = get();
        assert_eq!(program.code(&target, body), 0);
        program.signal(signal);
        assert_eq!(program.ended(), (Some(0), String::new()), "{signal}");
        assert!(!Path::new(&ca).parent().unwrap().exists(), "{signal}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn under_nohup_a_hang_up_does_not_end_it() {
    let mut nohup = Command::new("nohup");
    nohup.arg(env!("CARGO_BIN_EXE_chat-emulator"));
    let program = Program::of(piped(nohup));
    program.signal("HUP");
    std::thread::sleep(Duration::from_millis(100));
    let (target, body) = get();
    assert_eq!(program.code(&target, body), 0);
    program.signal("TERM");
    assert_eq!(program.ended().0, Some(0));
}

/// Whoever asked is told what could not be written, and by the exit status, too.
#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_and_a_closed_pipe_are_told_wherever_it_writes() {
    for flags in [&[][..], &["--help"], &["--version"]] {
        let full = fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
        let output = run(command(flags).stdout(full));
        let error = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1), "{flags:?}: {error}");
        assert!(error.contains("No space left"), "{flags:?}: {error}");

        let (reader, writer) = std::os::unix::net::UnixStream::pair().unwrap();
        drop(reader);
        let output = run(command(flags).stdout(std::os::fd::OwnedFd::from(writer)));
        let error = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1), "{flags:?}: {error}");
        assert!(error.contains("Broken pipe"), "{flags:?}: {error}");
    }
    let output = run(command(&[]).env("TMPDIR", "/no/such/folder"));
    let error = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.code() == Some(1) && error.contains("CA file"), "{error}");

    let program = Program::start(&["--log-file", "/dev/full"]);
    let (target, body) = get();
    for _ in 0..3 {
        assert_eq!(program.code(&target, body), 0, "it goes on");
    }
    let (_, log) = admin(program.at("admin_url"), "GET", "/log", "");
    assert_eq!(
        log["requests"].as_array().unwrap().len(),
        3,
        "in memory nothing is missing"
    );
    program.signal("TERM");
    let (status, error) = program.ended();
    assert_eq!(status, Some(1), "{error}");
    assert!(
        error.contains("/dev/full lacks 3 of the requests: No space left"),
        "{error}"
    );
}

#[test]
fn closed_stdin_ends_it_only_when_asked() {
    let mut program = Program::start(&["--until-stdin-closes"]);
    let ca = program.at("ca_file").to_owned();
    drop(program.child.stdin.take());
    assert_eq!(program.ended(), (Some(0), String::new()));
    assert!(!Path::new(&ca).exists());

    let mut program = Program::start(&[]);
    drop(program.child.stdin.take());
    std::thread::sleep(Duration::from_millis(100));
    let (target, body) = get();
    assert_eq!(program.code(&target, body), 0);
    program.signal("TERM");
    assert_eq!(program.ended().0, Some(0));
}

#[test]
fn it_ends_at_once_while_a_call_hangs() {
    let program = Program::start(&[]);
    assert_eq!(
        admin(program.at("admin_url"), "POST", "/faults", r#"{"hang":true}"#).0,
        200
    );
    let mut wire = Wire::http(program.at("url"));
    let (target, body) = get();
    wire.send("POST", &target, body.as_bytes()).unwrap();
    program.signal("TERM");
    assert_eq!(program.ended().0, Some(0));
}

/// For every flag that takes a value: what is none, and what the error says. Those of files that cannot be written end with 1.
#[test]
fn a_bad_value_of_any_flag_is_refused_and_the_error_names_the_flag_and_the_rule() {
    let dir = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| {
        let path = dir.path().join(name);
        fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let empty = file("key", " \n");
    let two_lines = file("two", "a\nb\n");
    let seed = file("seed", r#"{"accounts":{"a":{"groups":[{"id":0,"name":"x"}]}}}"#);
    let good_seed = file("good", r#"{"accounts":{}}"#);
    let fifo = dir.path().join("fifo").to_str().unwrap().to_owned();
    assert!(Command::new("mkfifo").arg(&fifo).status().unwrap().success());
    let (folder, long) = (dir.path().to_str().unwrap(), "x".repeat(64));
    let no_number = ["", "x", "-1", "1.5", "0x1", "99999999999999999999999"];
    let no_port = ["70000", "-1", "", "http", "1 "];
    let mut table: Vec<(&str, Vec<&str>, &str)> = vec![
        ("--port", no_port.to_vec(), "--port"),
        ("--tls-port", no_port.to_vec(), "--tls-port"),
        ("--admin-port", no_port.to_vec(), "--admin-port"),
        ("--proxy-port", no_port.to_vec(), "--proxy-port"),
        ("--proxy-login", vec!["", "ab", ":b", "a:b\n"], "user:password"),
        (
            "--listen",
            vec!["", "nowhere", "localhost", "127.0.0.1:80", "::1%lo"],
            "--listen",
        ),
        (
            "--tls-name",
            vec![
                "", "bad name", "a..b", "-a", "a-", ".", "a_b.ü", "http://a", "a:80", "*", "*.*.a", &long,
            ],
            "host name",
        ),
        (
            "--sdk-app-id",
            [&no_number[..], &["0", "4294967296"]].concat(),
            "--sdk-app-id",
        ),
        ("--admin-host", vec!["", "bad name", "http://a", "a:80"], "host name"),
        ("--admin", vec!["", "ü", "a\tb", &long], "UserID"),
        (
            "--secret-key-file",
            vec!["", "/no/such/file", folder],
            "--secret-key-file",
        ),
        ("--secret-key-file", vec![&empty], "empty"),
        ("--secret-key-file", vec![&two_lines], "one line"),
        ("--seed", vec!["", "/no/such/file", folder, &empty], "--seed"),
        ("--seed", vec![&seed], "id of its own"),
        ("--completions", vec!["", "tcsh"], "--completions"),
        ("--log-limit", no_number.to_vec(), "--log-limit"),
        ("--non-admin-code", no_number.to_vec(), "--non-admin-code"),
        ("--non-admin-code", vec!["1", "0"], "50003 or 60010"),
        ("--name-limit", no_number.to_vec(), "--name-limit"),
        ("--name-limit", vec!["48", "0"], "64 or 32"),
    ];
    let written = [
        (
            "--log-file",
            vec!["/no/such/file", folder, fifo.as_str()],
            "cannot write the log file",
        ),
        (
            "--state",
            vec!["/no/such/file", folder, seed.as_str()],
            "the state file",
        ),
        (
            "--ca-dir",
            vec!["/dev/null/x", seed.as_str()],
            "the certificate authority",
        ),
    ];
    let help = String::from_utf8(run(&mut command(&["--help"])).stdout).unwrap();
    for flag in help.split_whitespace().filter(|word| word.starts_with("--")) {
        let known = ["--until-stdin-closes", "--lock-out", "--no-ui", "--help", "--version"].contains(&flag)
            || written.iter().any(|(name, ..)| *name == flag);
        assert!(
            known || table.iter().any(|(name, ..)| *name == flag),
            "{flag} has no bad values here"
        );
    }
    let writes = written.clone().map(|(flag, ..)| flag);
    table.extend(written);
    for (flag, values, says) in &table {
        for value in values {
            let port = if *flag == "--proxy-login" {
                "--proxy-port=0"
            } else {
                "--port=0"
            };
            let (status, error) = refused(&[&format!("{flag}={value}"), port]);
            let expected = if writes.contains(flag) { 1 } else { 2 };
            assert_eq!(status, Some(expected), "{flag} {value:?}: {error}");
            assert!(error.contains(says), "{flag} {value:?}: {error}");
        }
    }
    for (flags, says) in [
        (vec!["--prot", "1"], "--prot"),
        (vec!["--proxy-login", "a:b"], "--proxy-port"),
        (
            vec!["--seed", &good_seed, "--log-file", &good_seed],
            "the file of --seed",
        ),
        (vec!["surplus"], "surplus"),
    ] {
        let (status, error) = refused(&flags);
        assert_eq!(status, Some(2), "{flags:?}: {error}");
        assert!(error.contains(says), "{flags:?}: {error}");
    }
}

#[test]
fn help_and_version_need_no_port() {
    for (flag, says) in [
        ("--help", "--until-stdin-closes"),
        ("--version", env!("CARGO_PKG_VERSION")),
    ] {
        let output = run(&mut command(&[flag]));
        assert_eq!(output.status.code(), Some(0));
        assert!(String::from_utf8(output.stdout).unwrap().contains(says));
    }
}

#[test]
fn shells_complete_the_flags_and_files_where_a_file_is_meant() {
    for shell in ["bash", "zsh", "fish"] {
        let output = run(&mut command(&["--completions", shell]));
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(
            output.status.success() && text.contains("lock-out") && text.contains("ca-dir"),
            "{shell}: {text}"
        );
    }
    // In a shell that is set up for an emulator, too.
    let mut set_up = command(&["--completions", "bash"]);
    set_up.env("CHAT_EMULATOR_LOCK_OUT", "true");
    assert!(run(&mut set_up).status.success());
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("seed.json"), "").unwrap();
    std::fs::write(
        folder.path().join("script"),
        run(&mut command(&["--completions", "bash"])).stdout,
    )
    .unwrap();
    let completed = |before: &str, word: &str| {
        let ask = format!("source ./script; COMP_WORDS=(chat-emulator {before} {word}); COMP_CWORD=2; _chat-emulator chat-emulator {word} {before} 2>/dev/null; echo ${{COMPREPLY[@]}}");
        let mut bash = Command::new("bash");
        let told = bash
            .args(["--norc", "-c", &ask])
            .current_dir(folder.path())
            .output()
            .unwrap();
        String::from_utf8(told.stdout).unwrap().trim().to_owned()
    };
    assert_eq!(completed("--seed", "se"), "seed.json");
    assert_eq!(completed("--admin", "se"), "se", "no file");
    assert_eq!(completed("--no-ui", "--lock"), "--lock-out");
}

#[test]
fn the_flags_set_app_admins_key_seed_switches_and_log() {
    let dir = tempfile::tempdir().unwrap();
    let path = |name: &str| dir.path().join(name).to_str().unwrap().to_owned();
    let (key_file, seed_file, log_file) = (path("key"), path("seed"), path("log"));
    let key = "a key of one's own";
    fs::write(&key_file, format!("{key}\n")).unwrap();
    fs::write(
        &seed_file,
        r#"{"accounts":{"only":{"groups":[{"id":3,"name":"seeded"}]}}}"#,
    )
    .unwrap();
    let program = Program::start(&[
        "--sdk-app-id",
        "77",
        "--admin",
        "boss",
        "--admin",
        "deputy",
        "--secret-key-file",
        &key_file,
        "--seed",
        &seed_file,
        "--log-limit",
        "2",
        "--log-file",
        &log_file,
        "--non-admin-code",
        "60010",
        "--name-limit",
        "32",
        "--lock-out",
        "--tls-name",
        "emulator.test",
    ]);
    let target = |path: &str, identifier: &str| {
        let token = Token {
            app: 77,
            key: key.into(),
            ..Token::of(identifier)
        };
        crate::caller::target(path, identifier, &token.text()).replace("1400000000", "77")
    };
    let get = r#"{"From_Account":"only","StartIndex":0}"#;
    assert_eq!(program.code(&target(GET, "boss"), get), 0);
    assert_eq!(program.code(&target(GET, "deputy"), get), 0);
    assert_eq!(program.code(&target(GET, "administrator"), get), 60010);
    assert_eq!(
        program.code(&target(GET, "boss"), &get.replace("only", "user_0001")),
        50001
    );
    let delete = |name: &str| json!({"From_Account": "only", "GroupName": [name]}).to_string();
    assert_eq!(program.code(&target(DELETE, "boss"), &delete(&"x".repeat(33))), 51011);
    assert_eq!(program.code(&target(DELETE, "boss"), &delete("seeded")), 0);
    for _ in 0..5 {
        assert_eq!(
            program.code(
                &crate::caller::target(GET, "boss", "abcd").replace("1400000000", "77"),
                get
            ),
            70003
        );
    }
    assert_eq!(program.code(&target(GET, "boss"), get), 70050);
    let (_, log) = admin(program.at("admin_url"), "GET", "/log", "");
    assert_eq!(
        (log["total"].as_u64(), log["requests"].as_array().unwrap().len()),
        (Some(12), 2)
    );
    let logged = fs::read_to_string(&log_file).unwrap();
    assert_eq!(logged.lines().count(), 12);
    assert!(!logged.contains(key));
    let tcp = connected(program.at("tls_url").strip_prefix("https://").unwrap());
    let ca = fs::read_to_string(program.at("ca_file")).unwrap();
    let mut wire = Wire::tls_over(tcp, &ca, "emulator.test");
    assert_eq!(wire.ask("POST", &target(GET, "deputy"), get.as_bytes()).code(), 0);
    program.signal("TERM");
    let (status, written) = program.ended();
    assert_eq!(
        (status, written.as_str()),
        (Some(0), ""),
        "nothing is printed, whatever came in"
    );
}

#[test]
fn every_flag_is_an_environment_variable_too() {
    let help = Command::new(env!("CARGO_BIN_EXE_chat-emulator"))
        .arg("--help")
        .output()
        .unwrap();
    let help = String::from_utf8(help.stdout).unwrap();
    let flags = help.split_whitespace().filter_map(|word| word.strip_prefix("--"));
    let flags = flags
        .filter(|flag| !["help", "version", "completions"].contains(flag) && flag.starts_with(char::is_alphabetic));
    let flags: std::collections::BTreeSet<&str> = flags.collect();
    assert!(flags.len() > 18, "{flags:?}");
    let of = |flag: &str| format!("CHAT_EMULATOR_{}", flag.replace('-', "_").to_uppercase());
    for flag in flags {
        // No value of any flag.
        let wrong = format!("/dev/null/{}", "x".repeat(40));
        let ended = run(command(&[]).env(of(flag), wrong));
        let told = String::from_utf8(ended.stderr).unwrap();
        assert!(matches!(ended.status.code(), Some(1 | 2)), "{flag}: {told}");
        let named = [
            flag.to_owned(),
            "CA".into(),
            "log file".into(),
            "state file".into(),
            "certificate authority".into(),
        ];
        assert!(named.iter().any(|name| told.contains(name)), "{flag}: {told}");
    }
    let mut with = command(&["--name-limit", "64"]);
    with.env("CHAT_EMULATOR_ADMIN", "boss, of all\ndeputy")
        .env("CHAT_EMULATOR_LOCK_OUT", "1")
        .env("CHAT_EMULATOR_NAME_LIMIT", "32")
        .env("CHAT_EMULATOR_UNTIL_STDIN_CLOSES", "false")
        .env("CHAT_EMULATOR_PORT", "")
        .env("CHAT_EMULATOR_PROXY_PORT", "0")
        .env("CHAT_EMULATOR_PROXY_LOGIN", "user:pass-canary");
    let mut program = Program::of(with);
    drop(program.child.stdin.take());
    let (_, settings) = admin(program.at("admin_url"), "GET", "/settings", "");
    assert_eq!(
        (&settings["lock_out"], &settings["name_limit"]),
        (&json!(true), &json!(64)),
        "a flag wins"
    );
    let (_, state) = admin(program.at("admin_url"), "GET", "/state", "");
    let accounts: Vec<&String> = state["accounts"].as_object().unwrap().keys().collect();
    assert_eq!(accounts, ["boss, of all", "deputy", "user_0001", "user_0002"]);
    let help = run(command(&["--help"]).env("CHAT_EMULATOR_PROXY_LOGIN", "user:pass-canary"));
    assert!(!String::from_utf8(help.stdout).unwrap().contains("pass-canary"));
}

#[test]
fn the_state_is_kept_from_one_start_to_the_next_also_when_it_is_killed() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("state.json");
    let flags = ["--state", file.to_str().unwrap()];
    let groups = |program: &Program| {
        let (_, state) = admin(program.at("admin_url"), "GET", "/state", "");
        state["accounts"]["user_0001"]["groups"].as_array().map_or(0, Vec::len)
    };
    let create = |program: &Program, name: &str| {
        let contacts = json!([{"Type": 1, "To_Account": "user_0002"}]);
        let body =
            json!({"From_Account": "user_0001", "GroupContactItem": [{"GroupName": name, "ContactItem": contacts}]});
        let (target, _) = get();
        assert_eq!(program.code(&target.replace(GET, CREATE), &body.to_string()), 0);
    };
    let program = Program::start(&flags);
    create(&program, "a");
    program.signal("TERM");
    assert_eq!(program.ended(), (Some(0), String::new()));
    let mut program = Program::start(&flags);
    assert_eq!(groups(&program), 1);
    create(&program, "b");
    let start = Instant::now();
    while !fs::read_to_string(&file).unwrap().contains("\"b\"") {
        assert!(
            start.elapsed() < Duration::from_secs(30),
            "it is not written while it runs"
        );
        std::thread::sleep(Duration::from_millis(20));
    }
    program.child.kill().unwrap();
    drop(program);
    let program = Program::start(&flags);
    assert_eq!(groups(&program), 2);
    admin(program.at("admin_url"), "POST", "/reset", "");
    assert_eq!(groups(&program), 0, "a reset goes back to the seed");
    fs::remove_file(&file).unwrap();
    fs::create_dir(&file).unwrap();
    create(&program, "c");
    program.signal("TERM");
    let (status, told) = program.ended();
    assert!(status == Some(1) && told.contains("state.json"), "{told}");
    let (status, told) = refused(&flags);
    assert!(status == Some(1) && told.contains("state.json"), "{told}");
    fs::remove_dir(&file).unwrap();
    fs::write(&file, "{}").unwrap();
    let (status, told) = refused(&flags);
    assert!(
        status == Some(1) && told.contains("state.json") && told.contains("accounts"),
        "{told}"
    );
    assert_eq!(
        fs::read_to_string(&file).unwrap(),
        "{}",
        "what is no state is left as it is"
    );
    let (status, told) = refused(&["--state", file.to_str().unwrap(), "--seed", file.to_str().unwrap()]);
    assert!(status == Some(2) && told.contains("--seed"), "{told}");
}

#[test]
fn a_ca_folder_gives_the_same_authority_at_every_start() {
    let dir = tempfile::tempdir().unwrap();
    let flags = ["--ca-dir", dir.path().to_str().unwrap()];
    let first = Program::start(&flags);
    let ca = fs::read_to_string(first.at("ca_file")).unwrap();
    assert_eq!(Path::new(first.at("ca_file")), dir.path().join("ca.pem"));
    let mut side_by_side = Program::start(&flags);
    first.signal("TERM");
    assert_eq!(first.ended(), (Some(0), String::new()));
    for _ in 0..2 {
        let tcp = connected(side_by_side.at("tls_url").strip_prefix("https://").unwrap());
        let (target, body) = get();
        let mut wire = Wire::tls_over(tcp, &ca, "localhost");
        assert_eq!(wire.ask("POST", &target, body.as_bytes()).code(), 0);
        side_by_side = Program::start(&flags);
    }
}

/// Every URL can be used as it stands, and HTTPS by a name of the certificate.
#[test]
fn it_listens_where_it_is_told_and_its_urls_lead_there() {
    for (listen, http, https) in [
        ("127.0.0.1", "http://127.0.0.1:", "https://localhost:"),
        ("127.0.0.2", "http://127.0.0.2:", "https://127.0.0.2:"),
        ("::1", "http://[::1]:", "https://[::1]:"),
        ("0.0.0.0", "http://127.0.0.1:", "https://localhost:"),
        ("::", "http://[::1]:", "https://[::1]:"),
    ] {
        // Without IPv6 `::` can be had all the same, and nobody reaches it.
        let reached = if listen == "::" { "::1" } else { listen };
        if std::net::TcpListener::bind((reached, 0)).is_err() {
            eprintln!("this machine has no {reached}");
            continue;
        }
        let program = Program::start(&["--listen", listen]);
        assert!(program.at("url").starts_with(http), "{}", program.ready);
        assert!(program.at("tls_url").starts_with(https), "{}", program.ready);
        let everywhere = ["0.0.0.0", "::"].contains(&listen);
        assert_eq!(program.ready.get("listen"), everywhere.then_some(&json!(listen)));
        let (target, body) = get();
        assert_eq!(program.code(&target, body), 0);
        assert_eq!(addresses(program.at("admin_url")), program.ready);
        let authority = program.at("tls_url").strip_prefix("https://").unwrap();
        let name = authority.rsplit_once(':').unwrap().0.trim_matches(['[', ']']);
        let ca = fs::read_to_string(program.at("ca_file")).unwrap();
        let mut wire = Wire::tls_over(connected(authority), &ca, name);
        assert_eq!(wire.ask("POST", &target, body.as_bytes()).code(), 0);
    }
}
