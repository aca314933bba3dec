//! What a call costs in counts that no load changes: system calls, instructions, allocations, threads, look-ups, connections, and the
//! size of the library. Each is the difference of two runs of the bench's own C client against a peer in this process, so start and
//! end of a program do not count. Times are nowhere in it; `make bench` compares those.

mod peer;

use crate::stage;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use peer::Peer;

/// Two runs that differ by 200 calls.
const FEW: u32 = 100;
const MANY: u32 = 300;

/// What the release build takes, measured with the compiler of this tree; a test allows 3 % more. Lower them with every gain.
const INSTRUCTIONS_HTTP: f64 = 35_700.0;
const INSTRUCTIONS_HTTPS: f64 = 42_300.0;
const ALLOCATIONS: f64 = 34.0;
const MARGIN: f64 = 1.03;
/// Bytes of the library without its symbols.
const LARGEST: u64 = 2_650_000;

/// A program or a library for preloading, compiled once from the bench's sources.
fn built(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("counts");
    fs::create_dir_all(&folder).unwrap();
    let source = stage::root().join("tests/perf/clients").join(format!("{name}.c"));
    let out = folder.join(name);
    let prefix = stage::prefix().display();
    let mut compile = Command::new("cc");
    compile.args([
        "-std=gnu11",
        "-O2",
        "-Wall",
        "-Wextra",
        "-Werror",
        "-pthread",
        "-D_GNU_SOURCE",
    ]);
    compile.arg(source).arg("-o").arg(&out);
    if name == "counts" {
        compile.args(["-shared", "-fPIC", "-ldl"]);
    } else {
        let (include, lib) = (format!("-I{prefix}/include"), format!("-L{prefix}/lib"));
        compile.args([
            include,
            lib,
            format!("-Wl,-rpath,{prefix}/lib"),
            "-ltencent_chat".into(),
        ]);
    }
    stage::succeed(&mut compile);
    out
}

fn client() -> &'static Path {
    static CLIENT: OnceLock<PathBuf> = OnceLock::new();
    CLIENT.get_or_init(|| built("tencent_chat"))
}

fn preload() -> &'static Path {
    static PRELOAD: OnceLock<PathBuf> = OnceLock::new();
    PRELOAD.get_or_init(|| built("counts"))
}

/// Where the client calls, on this peer by this name.
fn url(peer: &Peer, host: &str) -> String {
    format!("{}/v4/recentcontact/del_contact_group?", peer.url(host))
}

/// Runs the client behind a tool for so many calls on one thread, over TLS or not.
fn run(tool: &[&str], peer: &Peer, host: &str, calls: u32) {
    let mut command = Command::new(tool.first().map_or(client().as_os_str(), |program| program.as_ref()));
    command.args(tool.iter().skip(1));
    if !tool.is_empty() {
        command.arg(client());
    }
    stage::succeed(command.args([&url(peer, host), peer.ca_file(), "1", &calls.to_string()]));
}

/// What one call adds to a count.
fn per_call(count: impl Fn(u32) -> f64) -> f64 {
    (count(MANY) - count(FEW)) / f64::from(MANY - FEW)
}

fn system_calls(peer: &Peer, calls: u32) -> f64 {
    let out = tempfile::NamedTempFile::new().unwrap();
    let file = out.path().to_str().unwrap();
    run(&["strace", "-f", "-c", "-o", file], peer, "localhost", calls);
    let table = fs::read_to_string(out.path()).unwrap();
    let total = table.lines().last().unwrap();
    assert!(total.ends_with("total"), "{table}");
    total.split_whitespace().nth(3).unwrap().parse().unwrap()
}

fn instructions(peer: &Peer, calls: u32) -> f64 {
    let out = tempfile::NamedTempFile::new().unwrap();
    let file = format!("--callgrind-out-file={}", out.path().display());
    run(
        &["valgrind", "--tool=callgrind", "--quiet", &file],
        peer,
        "localhost",
        calls,
    );
    let told = fs::read_to_string(out.path()).unwrap();
    let total = told.lines().find_map(|line| line.strip_prefix("totals: ")).unwrap();
    total.trim().parse().unwrap()
}

/// The counts of the preloaded library, by name.
fn preloaded(peer: &Peer, calls: u32) -> serde_json::Value {
    let out = tempfile::NamedTempFile::new().unwrap();
    let mut command = Command::new(client());
    command.args([&url(peer, "localhost"), peer.ca_file(), "1", &calls.to_string()]);
    stage::succeed(stage::preload(&mut command, preload()).env("COUNTS_FILE", out.path()));
    serde_json::from_slice(&fs::read(out.path()).unwrap()).unwrap()
}

fn preloaded_per_call(peer: &Peer, name: &str) -> f64 {
    per_call(|calls| preloaded(peer, calls)[name].as_f64().unwrap())
}

#[test]
fn a_call_on_a_kept_connection_takes_three_system_calls_in_the_clear_and_under_tls() {
    if !stage::tools(&["strace"]) {
        return;
    }
    for peer in [Peer::plain(), Peer::tls()] {
        // A wake-up that came for nothing adds one in a hundred calls, or in five on a busy machine; a fourth call would add a whole one to each.
        let mut taken = (0..5).map(|_| per_call(|calls| system_calls(&peer, calls)));
        let first = taken.next().unwrap();
        assert!(
            [first]
                .into_iter()
                .chain(taken)
                .any(|taken| (2.9..3.1).contains(&taken)),
            "{first} system calls a call, and no better four more times"
        );
    }
}

#[test]
fn a_call_takes_no_more_instructions_than_it_did() {
    if !stage::tools(&["valgrind"]) {
        return;
    }
    for (peer, pinned) in [(Peer::plain(), INSTRUCTIONS_HTTP), (Peer::tls(), INSTRUCTIONS_HTTPS)] {
        let taken = per_call(|calls| instructions(&peer, calls));
        let scheme = peer.url("localhost");
        assert!(
            taken <= pinned * MARGIN,
            "{taken} instructions a call, {pinned} are allowed for: {scheme}"
        );
    }
}

#[test]
fn a_call_takes_no_more_allocations_than_it_did() {
    let taken = preloaded_per_call(&Peer::plain(), "allocations");
    assert!(taken <= ALLOCATIONS * MARGIN, "{taken} allocations a call");
}

#[test]
fn a_call_on_a_live_pool_starts_no_thread_and_looks_no_name_up() {
    for peer in [Peer::plain(), Peer::tls()] {
        assert_eq!(preloaded_per_call(&peer, "threads"), 0.0);
        assert_eq!(preloaded_per_call(&peer, "look_ups"), 0.0);
        let whole = preloaded(&peer, MANY);
        assert_eq!(whole["look_ups"], 1, "the counting sees look-ups: {whole}");
        // The client's own thread and the one for names.
        assert_eq!(whole["threads"], 2, "the counting sees threads: {whole}");
    }
}

#[test]
fn twenty_bursts_of_thirty_two_threads_open_no_more_than_thirty_two_connections() {
    for peer in [Peer::plain(), Peer::tls()] {
        let before = peer.connections();
        let place = url(&peer, "localhost");
        stage::succeed(Command::new(client()).args([&place, peer.ca_file(), "32", "0", "20"]));
        let opened = peer.connections() - before;
        assert!((1..=32).contains(&opened), "{opened} connections");
        assert!(peer.requests() >= 640, "all calls were made");
    }
}

#[test]
fn the_stripped_library_stays_small() {
    let out = tempfile::NamedTempFile::new().unwrap();
    let library = stage::prefix().join("lib/libtencent_chat.so");
    stage::succeed(Command::new("strip").arg("-s").arg("-o").arg(out.path()).arg(library));
    let bytes = fs::metadata(out.path()).unwrap().len();
    assert!((1_000_000..=LARGEST).contains(&bytes), "{bytes} bytes");
}
