//! Promises about the program: the ready line, the flags, and a clean end.

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

fn command(flags: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_chat-emulator"));
    command
        .args(flags)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

impl Program {
    fn start(flags: &[&str]) -> Self {
        let mut child = command(flags).spawn().unwrap();
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
    fn ended(mut self) -> (Option<i32>, String) {
        let start = Instant::now();
        let status = loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                break status;
            }
            assert!(start.elapsed() < Duration::from_secs(30), "the program does not end");
            std::thread::sleep(Duration::from_millis(5));
        };
        let mut rest = String::new();
        self.child.stdout.take().unwrap().read_to_string(&mut rest).unwrap();
        self.child.stderr.take().unwrap().read_to_string(&mut rest).unwrap();
        (status.code(), rest)
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn refused(flags: &[&str]) -> (Option<i32>, String) {
    let Output { status, stdout, stderr } = command(flags).output().unwrap();
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
    assert!(fs::read_to_string(program.at("ca_file"))
        .unwrap()
        .starts_with("-----BEGIN CERTIFICATE"));
    let (target, body) = get();
    assert_eq!(program.code(&target, body), 0);
    assert_eq!(admin(program.at("admin_url"), "GET", "/", "").1, program.ready);
}

#[test]
fn sigterm_and_sigint_end_it_with_0_and_without_a_trace() {
    for signal in ["TERM", "INT"] {
        let program = Program::start(&[]);
        let ca = program.at("ca_file").to_owned();
        let (target, body) = get();
        assert_eq!(program.code(&target, body), 0);
        program.signal(signal);
        assert_eq!(program.ended(), (Some(0), String::new()), "{signal}");
        assert!(!Path::new(&ca).parent().unwrap().exists());
    }
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

#[test]
fn usage_errors_end_with_2_and_say_what() {
    let dir = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| {
        let path = dir.path().join(name);
        fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let empty = file("key", " \n");
    let seed = file("seed", r#"{"accounts":{"a":{"groups":[{"id":0,"name":"x"}]}}}"#);
    for (flags, says) in [
        (vec!["--port", "70000"], "--port"),
        (vec!["--prot", "1"], "--prot"),
        (vec!["--sdk-app-id", "x"], "--sdk-app-id"),
        (vec!["--listen", "nowhere"], "--listen"),
        (vec!["--proxy-login", "a:b"], "--proxy-port"),
        (vec!["--proxy-port", "0", "--proxy-login", "ab"], "user:password"),
        (vec!["--name-limit", "48"], "64 or 32"),
        (vec!["--non-admin-code", "1"], "50003 or 60010"),
        (vec!["--secret-key-file", "/no/such/file"], "/no/such/file"),
        (vec!["--secret-key-file", &empty], "empty"),
        (vec!["--seed", "/no/such/file"], "/no/such/file"),
        (vec!["--seed", &seed], "id of its own"),
        (vec!["surplus"], "surplus"),
    ] {
        let (status, error) = refused(&flags);
        assert_eq!(status, Some(2), "{flags:?}: {error}");
        assert!(error.contains(says), "{flags:?}: {error}");
    }
}

#[test]
fn a_port_in_use_ends_with_1_and_says_which() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let (status, error) = refused(&["--tls-port", &port]);
    assert_eq!(status, Some(1));
    assert!(
        error.contains(&port) && error.contains("HTTPS port") && error.contains("choose another"),
        "{error}"
    );
}

#[test]
fn help_and_version_need_no_port() {
    for (flag, says) in [
        ("--help", "--until-stdin-closes"),
        ("--version", env!("CARGO_PKG_VERSION")),
    ] {
        let output = command(&[flag]).output().unwrap();
        assert_eq!(output.status.code(), Some(0));
        assert!(String::from_utf8(output.stdout).unwrap().contains(says));
    }
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
fn the_proxy_opens_when_asked_and_the_ready_line_says_where() {
    let program = Program::start(&["--proxy-port", "0", "--proxy-login", "user:secret"]);
    assert!(program.at("proxy_url").starts_with("http://127.0.0.1:"));
    assert!(!program.ready.to_string().contains("secret"));
}

#[test]
fn it_listens_where_it_is_told() {
    let program = Program::start(&["--listen", "0.0.0.0"]);
    assert!(program.at("url").starts_with("http://127.0.0.1:"));
    let (target, body) = get();
    assert_eq!(program.code(&target, body), 0);
}

#[test]
fn a_chosen_port_is_used() {
    // Asked for once, given back, and free again: the chance of a stranger taking it in between is small and shows as an error.
    let free = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port()
        .to_string();
    let program = Program::start(&["--port", &free]);
    assert_eq!(program.at("url"), format!("http://127.0.0.1:{free}"));
}
