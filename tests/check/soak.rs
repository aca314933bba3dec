//! The soak: tests/soak against the emulator for a while (`make soak SECONDS=…`), through the installed shared library, and then every call
//! of its ledger held against every request of the service's log. Mistakes made on purpose show that the comparison sees.

mod judge;
mod ledger;
mod trials;

use std::collections::BTreeSet;
use std::env;
use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::OnceLock;
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use crate::installed;
use crate::installed::{read_lines, Service};
use crate::stage;
use judge::{Counters, Evidence};
use ledger::{groups_in, Entry, Request};

/// How long the soak lasts; CHAT_SOAK_SECONDS sets it.
fn seconds() -> u64 {
    let given = env::var("CHAT_SOAK_SECONDS").ok();
    given.map_or(20, |text| text.parse().expect("CHAT_SOAK_SECONDS is a number"))
}

/// What is drawn. The threads run as they like, so the same number does not give the same soak, only the same mixture.
fn seed() -> u64 {
    let given = env::var("CHAT_SOAK_SEED").ok();
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap();
    given.map_or(now.as_secs(), |text| text.parse().expect("CHAT_SOAK_SEED is a number"))
}

fn folder() -> PathBuf {
    let folder = stage::target().join("check/soak");
    fs::create_dir_all(&folder).unwrap();
    folder
}

/// The soak's program, built once for all tests.
fn program() -> &'static Path {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    PROGRAM.get_or_init(|| installed::linked_shared("tests/soak/soak.c", &folder().join("soak")))
}

/// What the listener counts once every connection is closed, which takes a moment; the bound only stops a hang.
fn counters(service: &Service, listener: u64) -> Counters {
    let give_up_at = Instant::now() + Duration::from_secs(30);
    loop {
        let counted = service.ask(&format!("/listeners/{listener}/counters"));
        let number = |name: &str| counted[name].as_u64().unwrap();
        let counters = Counters {
            requests: number("requests"),
            applied: number("applied"),
            connections_open: number("connections_open"),
        };
        if counters.connections_open == 0 || Instant::now() > give_up_at {
            return counters;
        }
        thread::sleep(Duration::from_millis(50));
    }
}

/// Waits for the program's end; it is killed when it hangs.
fn end_of(mut soak: Child, longest: Duration) -> ExitStatus {
    let began = Instant::now();
    loop {
        if let Some(status) = soak.try_wait().unwrap() {
            return status;
        }
        if began.elapsed() > longest {
            soak.kill().unwrap();
            return soak.wait().unwrap();
        }
        thread::sleep(Duration::from_millis(20));
    }
}

struct Soaked {
    status: ExitStatus,
    printed: String,
    evidence: Evidence,
}

fn soak(seconds: u64, seed: u64, mistake: &str) -> Soaked {
    let transcript = folder().join(format!("soak{mistake}.txt"));
    let (service, log) = Service::with_log();
    let requests = read_lines(log, Request::from_line);
    let mut command = Command::new(program());
    command.args(["url", "ca_file", "admin_url"].map(|name| service.place(name)));
    command.args([&seconds.to_string(), &seed.to_string(), mistake]);
    command.stdin(Stdio::null()).stdout(Stdio::piped());
    command.stderr(File::create(&transcript).unwrap());
    let mut process = command.spawn().unwrap();
    let entries = read_lines(process.stdout.take().unwrap(), Entry::from_line);
    let status = end_of(process, Duration::from_secs(seconds + 240));
    let printed = fs::read_to_string(&transcript).unwrap();
    let mut entries = entries.join().unwrap().unwrap_or_else(|error| panic!("{error}"));
    let Some(Entry::Totals(totals)) = entries.pop() else {
        panic!("no totals; it ended with {status}\n{printed}");
    };
    let listener = totals["listener"].unsigned_abs();
    let counters = counters(&service, listener);
    let groups = groups_in(&service.ask("/state"));
    service.end();
    let requests = requests.join().unwrap().unwrap_or_else(|error| panic!("{error}"));
    let evidence = Evidence {
        calls: entries.into_iter().filter_map(Entry::call).collect(),
        requests: requests
            .into_iter()
            .filter(|request| request.listener == listener)
            .collect(),
        totals,
        counters,
        groups,
    };
    Soaked {
        status,
        printed,
        evidence,
    }
}

/// What a soak has to be made of; one without it proves nothing.
const INGREDIENTS: [&str; 18] = [
    "calls_ok",
    "calls_service",
    "calls_invalid_argument",
    "calls_timeout",
    "calls_transport",
    "calls_http_status",
    "calls_protocol",
    "calls_throttled",
    "calls_cancelled",
    "calls_shutdown",
    "in_doubt",
    "already_deleted",
    "children",
    "cancels",
    "key_changes",
    "signals_landed",
    "ended_gently",
    "ended_at_once",
];

/// Past the capture of the test runner: the totals are what a soak is for.
fn show(evidence: &Evidence, faults: usize, seed: u64) {
    let mut text = format!("soak, seed {seed}:");
    for (name, total) in &evidence.totals {
        text += &format!(" {name} {total},");
    }
    let counters = evidence.counters;
    text += &format!(
        " requests {}, applied {}, kinds of faults {faults}\n",
        counters.requests, counters.applied
    );
    let _ = std::io::stderr().write_all(text.as_bytes());
}

#[test]
fn every_call_is_accounted_for_and_the_service_saw_what_its_caller_says() {
    let seed = seed();
    let soaked = soak(seconds(), seed, "");
    let evidence = &soaked.evidence;
    let faults: BTreeSet<&str> = evidence.requests.iter().map(|request| request.fault.as_str()).collect();
    show(evidence, faults.len(), seed);
    let complaints = evidence.complaints();
    let first: Vec<&String> = complaints.iter().take(10).collect();
    assert!(complaints.is_empty(), "{} complaints: {first:#?}", complaints.len());
    assert!(
        soaked.status.success(),
        "it ended with {}\n{}",
        soaked.status,
        soaked.printed
    );
    assert!(faults.len() > 15, "only these faults met a request: {faults:?}");
    let absent: Vec<_> = INGREDIENTS.iter().filter(|name| evidence.totals[**name] == 0).collect();
    assert!(absent.is_empty(), "{absent:?} never happened");
}

/// A short soak in which the program makes a mistake.
fn seeded(mistake: &str) -> Soaked {
    soak(3, 1, mistake)
}

#[test]
fn a_call_that_is_missing_from_the_ledger_is_found() {
    let complaints = seeded("forget_a_call").evidence.complaints();
    assert!(complaints
        .iter()
        .any(|complaint| complaint.starts_with("a request of no call")));
    assert!(complaints.iter().any(|complaint| complaint.starts_with("calls: ")));
}

#[test]
fn doubt_that_is_hidden_is_found() {
    let complaints = seeded("hide_doubt").evidence.complaints();
    assert!(complaints
        .iter()
        .any(|complaint| complaint.starts_with("it failed, is not in doubt, and took effect")));
}

#[test]
fn a_descriptor_that_is_left_open_is_found() {
    let soaked = seeded("keep_a_descriptor");
    assert!(!soaked.status.success());
    assert!(soaked.printed.contains("now.descriptors is"), "{}", soaked.printed);
}
