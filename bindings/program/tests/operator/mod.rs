//! Somebody with a terminal: an emulated service, a folder, and the program to run in it.
#![allow(dead_code)] // Each test program uses its part.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use chat_emulator::{Config as Emulation, Emulator, State, DEFAULT_SDK_APP_ID, DEFAULT_SECRET_KEY};
use serde_json::Value;

pub const DELETE: &str = "v4/recentcontact/del_contact_group";
pub const PROGRAM: &str = env!("CARGO_BIN_EXE_tencent-chat");
/// Only stops a hang.
const LONGEST: Duration = Duration::from_secs(300);

pub struct Operator {
    pub service: Emulator,
    pub folder: tempfile::TempDir,
}

/// What a run of the program left on the terminal.
#[derive(Debug)]
pub struct Ran {
    pub status: i32,
    pub out: String,
    pub err: String,
}

impl From<Output> for Ran {
    fn from(output: Output) -> Ran {
        use std::os::unix::process::ExitStatusExt;
        Ran {
            status: output
                .status
                .code()
                .unwrap_or_else(|| -output.status.signal().unwrap_or(0)),
            out: String::from_utf8(output.stdout).expect("stdout is text"),
            err: String::from_utf8(output.stderr).expect("stderr is text"),
        }
    }
}

impl Ran {
    /// Checks the exit status, and shows everything when it is another.
    #[track_caller]
    pub fn ended(self, status: i32) -> Ran {
        assert_eq!(self.status, status, "{}\n{}", self.out, self.err);
        self
    }

    #[track_caller]
    pub fn says(self, text: &str) -> Ran {
        assert!(
            self.err.contains(text),
            "{text:?} is not in: {}\n{}",
            self.err,
            self.out
        );
        self
    }

    #[track_caller]
    pub fn prints(self, text: &str) -> Ran {
        assert!(
            self.out.contains(text),
            "{text:?} is not in: {}\n{}",
            self.out,
            self.err
        );
        self
    }

    /// The one object on stdout.
    #[track_caller]
    pub fn object(&self) -> Value {
        assert_eq!(self.out.lines().count(), 1, "{}\n{}", self.out, self.err);
        serde_json::from_str(&self.out).unwrap()
    }
}

pub fn account(number: usize) -> String {
    format!("user_{number:05}")
}

/// A state in which accounts 1 to `accounts` have the group `retired` with a conversation in it, and another group.
pub fn state(accounts: usize) -> State {
    const ONE: &str = r#"{"groups":[{"id":1,"name":"retired"},{"id":2,"name":"kept"}],"entries":[{"type":1,"id":"peer","groups":[1]}]}"#;
    let accounts = (1..=accounts).map(|number| format!("{:?}:{ONE}", account(number)));
    let all = accounts
        .chain([r#""administrator":{}"#.to_owned()])
        .collect::<Vec<_>>()
        .join(",");
    State::from_json(format!("{{\"accounts\":{{{all}}}}}").as_bytes()).unwrap()
}

impl Operator {
    pub fn new() -> Operator {
        Operator::with(Emulation::default())
    }

    pub fn with(emulation: Emulation) -> Operator {
        // Under nohup, as these tests may be, children would ignore a hang-up; those of a process that hears it do not.
        static HEARD: OnceLock<()> = OnceLock::new();
        HEARD.get_or_init(|| {
            signal_hook::flag::register(signal_hook::consts::SIGHUP, Arc::default()).unwrap();
        });
        let folder = tempfile::tempdir().unwrap();
        Operator {
            service: Emulator::start(emulation).unwrap(),
            folder,
        }
    }

    /// A service with so many accounts, and `accounts.txt` that lists them.
    pub fn with_accounts(accounts: usize) -> Operator {
        let operator = Operator::with(Emulation {
            seed: Some(state(accounts)),
            log_limit: 100_000,
            ..Emulation::default()
        });
        let list: String = (1..=accounts).map(|number| account(number) + "\n").collect();
        operator.write("accounts.txt", &list);
        operator
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn write(&self, name: &str, text: impl AsRef<[u8]>) {
        fs::write(self.path(name), text).unwrap();
    }

    pub fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap()
    }

    /// The program with the emulator's settings in an environment that holds nothing else.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = self.bare(arguments);
        command
            .env("TENCENT_CHAT_BASE_URL", self.service.url())
            .env("TENCENT_CHAT_SDK_APP_ID", DEFAULT_SDK_APP_ID.to_string())
            .env("TENCENT_CHAT_SECRET_KEY", DEFAULT_SECRET_KEY);
        command
    }

    /// The program without any settings.
    pub fn bare(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(PROGRAM);
        command
            .args(arguments)
            .current_dir(self.folder.path())
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .stdin(Stdio::null());
        command
    }

    pub fn run(&self, arguments: &[&str]) -> Ran {
        self.command(arguments).output().unwrap().into()
    }

    /// As `bulk del-group accounts.txt --group retired`, as fast as it goes, with more arguments.
    pub fn bulk(&self, more: &[&str]) -> Ran {
        self.run(&self.bulk_arguments(more))
    }

    pub fn bulk_arguments<'a>(&self, more: &[&'a str]) -> Vec<&'a str> {
        let mut arguments = vec!["bulk", "del-group", "accounts.txt", "--group", "retired"];
        if !more.contains(&"--rate") {
            arguments.extend(["--rate", "10000"]);
            if !more.contains(&"--workers") {
                arguments.extend(["--workers", "8"]);
            }
        }
        arguments.extend(more);
        arguments
    }

    /// The same in the background, with its output kept.
    pub fn begin(&self, more: &[&str]) -> Running {
        let mut command = self.command(&self.bulk_arguments(more));
        Running(Some(
            command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap(),
        ))
    }

    /// Waits until so many requests have arrived in all.
    pub fn wait_for(&self, requests: u64) {
        assert!(
            self.service.wait_for_requests(requests, LONGEST),
            "the requests never came"
        );
    }

    /// Accounts that still have the group.
    pub fn have_group(&self, group: &str) -> BTreeSet<String> {
        let accounts = self.service.state().accounts;
        let with = accounts
            .into_iter()
            .filter(|(_, account)| account.groups.iter().any(|other| other.name == group));
        with.map(|(account, _)| account).collect()
    }

    /// How often each account's group was asked to be deleted, and how often that was done.
    pub fn deletes(&self) -> BTreeMap<String, (usize, usize)> {
        let mut deletes: BTreeMap<String, (usize, usize)> = BTreeMap::new();
        for request in self.service.requests() {
            if request.path.trim_start_matches('/') == DELETE {
                let body: Value = serde_json::from_str(&request.body).unwrap();
                let entry = deletes
                    .entry(body["From_Account"].as_str().unwrap().to_owned())
                    .or_default();
                entry.0 += 1;
                entry.1 += usize::from(request.applied);
            }
        }
        deletes
    }
}

/// A program that runs; ended when it is dropped.
pub struct Running(Option<Child>);

impl Running {
    pub fn id(&self) -> u32 {
        self.0.as_ref().unwrap().id()
    }

    /// Sends a signal by its name, such as `INT`.
    pub fn signal(&self, name: &str) {
        let sent = Command::new("kill")
            .args([&format!("-{name}"), &self.id().to_string()])
            .status()
            .unwrap();
        assert!(sent.success(), "the program had ended before the signal");
    }

    pub fn is_running(&mut self) -> bool {
        self.0.as_mut().unwrap().try_wait().unwrap().is_none()
    }

    pub fn wait(mut self) -> Ran {
        let deadline = Instant::now() + LONGEST;
        while self.is_running() {
            assert!(Instant::now() < deadline, "the program hangs");
            std::thread::sleep(Duration::from_millis(5));
        }
        self.0.take().unwrap().wait_with_output().unwrap().into()
    }

    /// As the kernel does it: no cleaning up.
    pub fn kill(mut self) {
        let mut child = self.0.take().unwrap();
        // It may have ended by itself.
        let _ = child.kill();
        child.wait().unwrap();
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if let Some(child) = &mut self.0 {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// A report's numbers, and that they add up.
#[track_caller]
pub fn report(ran: &Ran) -> BTreeMap<String, u64> {
    let object = ran.object();
    let numbers = object
        .as_object()
        .unwrap()
        .iter()
        .filter_map(|(name, value)| Some((name.clone(), value.as_u64()?)));
    let numbers: BTreeMap<String, u64> = numbers.collect();
    let sum: u64 = numbers
        .iter()
        .filter(|(name, _)| *name != "items")
        .map(|(_, number)| number)
        .sum();
    assert_eq!(sum, numbers["items"], "the report adds up: {object}");
    numbers
}

pub fn lines_of(path: &Path) -> usize {
    fs::read_to_string(path).unwrap().lines().count()
}
