//! Measures a run of the program: that it uses at least 97.5 % of the rate limit and passes it in no second, and its memory over ten million items.
//! Run alone, on a quiet machine: `cargo bench -p tencent-chat-program`. Prints; judges nothing.

#[path = "../tests/operator/mod.rs"]
mod operator;

use std::fs;
use std::io::{BufWriter, Write};
use std::process::Stdio;
use std::thread;
use std::time::{Duration, Instant};

use operator::{account, Operator, Ran, DELETE};

fn main() {
    // `cargo test --benches` only asks whether it builds.
    if std::env::args().any(|argument| argument == "--test") {
        return;
    }
    // `-- rate` or `-- memory` measures one of them.
    let wanted: Vec<String> = std::env::args()
        .skip(1)
        .filter(|argument| !argument.starts_with('-'))
        .collect();
    for (name, measure) in [("rate", rate as fn()), ("memory", memory)] {
        if wanted.is_empty() || wanted.iter().any(|other| other == name) {
            measure();
        }
    }
}

/// A minute at the cap.
fn rate() {
    const ACCOUNTS: usize = 12_000;
    let operator = Operator::with_accounts(ACCOUNTS);
    let ran = operator.bulk(&["--rate", "200", "--json", "--quiet"]).ended(0);
    let seconds = ran.object()["this_run"]["seconds"].as_f64().unwrap();
    let rate = operator.service.rates()[DELETE];
    println!(
        "rate: {ACCOUNTS} deletes at the cap of 200 a second in {seconds:.2} s: {:.1} % of the cap; largest second {}",
        ACCOUNTS as f64 / seconds / 2.0,
        rate.largest_second
    );
}

/// Ten million items, from the first look at the list over a canary to a resumed run; the largest resident size of each.
fn memory() {
    const ITEMS: usize = 10_000_000;
    let operator = Operator::with_accounts(1);
    let mut list = BufWriter::new(fs::File::create(operator.path("accounts.txt")).unwrap());
    for number in 1..=ITEMS {
        list.write_all((account(number) + "\n").as_bytes()).unwrap();
    }
    list.flush().unwrap();
    // A journal in which nine million have ended and half a million more were begun.
    operator.bulk(&["--limit", "1", "--quiet"]).ended(0);
    let journal = fs::OpenOptions::new()
        .append(true)
        .open(operator.path("accounts.txt.journal"))
        .unwrap();
    let mut journal = BufWriter::new(journal);
    writeln!(journal, "start 1..9500000").unwrap();
    for item in 2..=9_000_000 {
        writeln!(journal, "missing {item}").unwrap();
    }
    journal.flush().unwrap();
    let began = Instant::now();
    let words = operator.bulk_arguments(&["--limit", "2000", "--quiet", "--json", "--unknown", "ok"]);
    let mut child = operator.command(&words).stdout(Stdio::piped()).spawn().unwrap();
    let mut most = String::new();
    while child.try_wait().unwrap().is_none() {
        // The kernel's own high-water mark.
        let status = fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap_or_default();
        if let Some(line) = status.lines().find(|line| line.starts_with("VmHWM:")) {
            most = line["VmHWM:".len()..].trim().to_owned();
        }
        thread::sleep(Duration::from_millis(20));
    }
    let ran = Ran::from(child.wait_with_output().unwrap()).ended(0);
    println!(
        "memory: resuming a run of {ITEMS} items, largest resident size {most}, {:.0} s; {}",
        began.elapsed().as_secs_f64(),
        ran.out.trim()
    );
}
