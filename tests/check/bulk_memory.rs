//! The memory of a bulk run over ten million items: the installed program, from the first look at the list to the end of a canary, stays below
//! 64 MB. The kernel's high-water mark judges.

use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::installed::Service;
use crate::stage;

const ITEMS: usize = 10_000_000;
const LARGEST_KB: u64 = 64 * 1_024;
/// Only stops a hang.
const LONGEST: Duration = Duration::from_secs(900);

#[test]
fn ten_million_items_take_less_than_64_mb() {
    let folder = tempfile::tempdir_in(stage::target()).unwrap();
    let mut list = BufWriter::new(File::create(folder.path().join("accounts.txt")).unwrap());
    for number in 1..=ITEMS {
        writeln!(list, "user_{number:08}").unwrap();
    }
    list.into_inner().unwrap();
    let service = Service::start();
    let mut program = Command::new(stage::program());
    // Nobody is known to this service, so every item has its say in the totals.
    program.args([
        "bulk",
        "del-group",
        "accounts.txt",
        "--group",
        "retired",
        "--quiet",
        "--json",
    ]);
    program.args(["--limit", "5000", "--rate", "10000", "--unknown", "ok"]);
    program.env("TENCENT_CHAT_BASE_URL", service.place("url"));
    program.env("TENCENT_CHAT_SDK_APP_ID", chat_emulator::DEFAULT_SDK_APP_ID.to_string());
    program.env("TENCENT_CHAT_SECRET_KEY", chat_emulator::DEFAULT_SECRET_KEY);
    let mut child = program
        .current_dir(folder.path())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let (began, mut most) = (Instant::now(), 0);
    while child.try_wait().unwrap().is_none() {
        let status = fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap_or_default();
        let mark = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        most = mark.map_or(most, |line| line.trim().trim_end_matches(" kB").parse().unwrap());
        if began.elapsed() > LONGEST {
            child.kill().unwrap();
        }
        thread::sleep(Duration::from_millis(10));
    }
    let ended = child.wait_with_output().unwrap();
    let report: serde_json::Value = serde_json::from_slice(&ended.stdout).expect("the program ended with a report");
    assert!(ended.status.success(), "{report}");
    assert_eq!((&report["unknown"], &report["items"]), (&5_000.into(), &ITEMS.into()));
    assert!((1_000..LARGEST_KB).contains(&most), "{most} kB");
    // Past the capture of the test runner: the figure is what this is for.
    let _ = writeln!(std::io::stderr(), "{ITEMS} items: {most} kB");
}
