//! Runs that end before their end: killed, interrupted, out of disk, begun twice. Each is gone on with, and the emulator's own log says what happened.

use std::fs;
use std::io::Write;
use std::process::Command;

use chat_emulator::Fault;

use crate::operator::{account, report, Operator, Ran};
use crate::stage;

#[test]
fn a_hundred_kills_lose_nothing_and_leave_nothing_unaccounted_for() {
    const ACCOUNTS: usize = 4_000;
    let operator = Operator::with_accounts(ACCOUNTS);
    // Every hundredth account comes twice.
    let list: String = (1..=ACCOUNTS)
        .map(|n| account(n) + "\n" + &if n % 100 == 0 { account(n) + "\n" } else { String::new() })
        .collect();
    operator.write("accounts.txt", list);
    let mut random = 20_261_124_u64;
    for _ in 0..100 {
        let running = operator.begin(&["--quiet", "--results", "results.csv"]);
        random = random
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        // From the first request on, so that it is killed at work and not while it starts.
        let seen = operator.service.requests_total();
        operator.wait_for(seen + 1 + (random >> 33) % 35);
        running.kill();
    }
    let killed = operator.deletes();
    assert!(killed.len() < ACCOUNTS, "every kill met a run at work");
    let ran = operator.bulk(&["--json", "--results", "results.csv"]).ended(0);
    let report = report(&ran);
    assert_eq!(
        (
            report["items"],
            report["duplicates"],
            report["left"],
            report["in_doubt"],
            report["failed"]
        ),
        (4_040, 40, 0, 0, 0)
    );
    assert_eq!(operator.have_group("retired").len(), 0);
    assert_eq!(operator.have_group("kept").len(), ACCOUNTS);
    let deletes = operator.deletes();
    assert_eq!(deletes.len(), ACCOUNTS, "every account was asked for");
    assert!(
        deletes.values().all(|(_, applied)| *applied == 1),
        "and its group deleted exactly once"
    );
    assert_eq!(
        report["not_there"], 0,
        "what a killed run deleted is told from what was never there"
    );
    let twice = deletes.values().filter(|(asked, _)| *asked > 1).count();
    assert!(
        twice <= 100 * 3 * 8,
        "{twice}: only what was under way or next is asked for again"
    );
    let mut accounts: Vec<String> = operator
        .read("results.csv")
        .lines()
        .skip(1)
        .map(|row| row.split(',').next().unwrap().to_owned())
        .collect();
    accounts.sort_unstable();
    accounts.dedup();
    assert_eq!(accounts.len(), ACCOUNTS, "the results have a line for every account");
}

#[test]
fn a_killed_program_goes_on_from_its_journal_cut_anywhere() {
    let operator = Operator::with_accounts(200);
    operator.bulk(&[]).ended(0);
    let journal = fs::read(operator.path("accounts.txt.journal")).unwrap();
    for cut in (0..journal.len()).step_by(journal.len() / 23) {
        fs::write(operator.path("accounts.txt.journal"), &journal[..cut]).unwrap();
        let ran = operator.bulk(&["--json", "--quiet"]).ended(0);
        let report = report(&ran);
        assert_eq!(
            (report["items"], report["left"], report["in_doubt"]),
            (200, 0, 0),
            "cut at {cut}"
        );
    }
}

#[test]
fn ctrl_c_finishes_what_is_under_way_and_says_how_to_go_on() {
    let operator = Operator::with_accounts(300);
    let running = operator.begin(&["--rate", "50"]);
    operator.wait_for(60);
    running.signal("INT");
    let ran = running
        .wait()
        .ended(130)
        .says("stopping: calls under way end first")
        .says("interrupted");
    let again = ran
        .err
        .lines()
        .find_map(|line| line.strip_prefix("tencent-chat: to go on: "))
        .expect("how to go on");
    assert!(ran.out.contains("in doubt              0"), "{}", ran.out);
    let asked = operator.deletes();
    assert!(asked.len() < 300 && asked.values().all(|times| *times == (1, 1)));
    // The command as it was printed, in a shell.
    let mut shell = Command::new("sh");
    let known = operator.command(&[]);
    shell.args(["-c", again]).current_dir(operator.folder.path());
    shell.envs(known.get_envs().filter_map(|(name, value)| Some((name, value?))));
    operator.write("accounts.txt.journal.rate", "10000");
    let ran = Ran::from(shell.output().unwrap())
        .ended(0)
        .says(" are done, 0 in doubt");
    assert!(
        ran.out.contains("deleted             300") && ran.out.contains("done before           0"),
        "{}",
        ran.out
    );
    assert!(
        operator.deletes().values().all(|times| *times == (1, 1)),
        "nobody is asked twice"
    );
}

#[test]
fn sigterm_and_a_closed_terminal_stop_it_like_ctrl_c() {
    for name in ["TERM", "HUP"] {
        let operator = Operator::with_accounts(300);
        let running = operator.begin(&["--rate", "50"]);
        operator.wait_for(5);
        running.signal(name);
        running.wait().ended(130).prints("in doubt              0");
        assert!(operator.deletes().values().all(|times| *times == (1, 1)));
    }
}

#[test]
fn a_second_ctrl_c_cuts_off_what_hangs_and_the_next_run_settles_it() {
    let operator = Operator::with_accounts(100);
    operator.service.fault(Fault::hang().skip(20).times(0));
    let running = operator.begin(&["--quiet"]);
    operator.wait_for(28);
    running.signal("INT");
    std::thread::sleep(std::time::Duration::from_millis(200));
    running.signal("INT");
    let ran = running.wait().ended(130);
    assert!(ran.out.contains("in doubt              8"), "{}", ran.out);
    operator.service.clear_faults();
    let report = report(
        &operator
            .bulk(&["--json"])
            .ended(0)
            .says("20 of 100 are done, 8 in doubt"),
    );
    assert_eq!((report["deleted"], report["in_doubt"], report["left"]), (100, 0, 0));
}

#[test]
fn calls_that_were_carried_out_without_an_answer_are_settled_as_done_before() {
    let operator = Operator::with_accounts(40);
    operator.service.fault(Fault::hang().applied().skip(10).times(4));
    let running = operator.begin(&["--quiet", "--workers", "4"]);
    operator.wait_for(14);
    running.kill();
    operator.service.clear_faults();
    let report = report(&operator.bulk(&["--json"]).ended(0));
    assert_eq!((report["already_deleted"], report["not_there"]), (4, 0));
    assert_eq!(report["deleted"], 36);
}

#[test]
fn two_runs_never_share_a_journal() {
    let operator = Operator::with_accounts(100);
    let mut running = operator.begin(&["--rate", "5"]);
    operator.wait_for(1);
    operator
        .bulk(&[])
        .ended(1)
        .says("accounts.txt.journal: another run is using it");
    assert!(running.is_running());
    running.kill();
    operator.bulk(&[]).ended(0).prints("left                  0");
}

/// Runs a shell script in a mount namespace of its own, with `$DISK` a disk of 64 KiB. `None` where this machine allows neither.
fn with_small_disk(operator: &Operator, script: &str) -> Option<Ran> {
    let unshare = stage::tool("unshare")?;
    let disk = operator.path("disk");
    fs::create_dir_all(&disk).unwrap();
    let script = format!(
        "mount -t tmpfs -o size=64k none '{0}' || exit 99\nDISK='{0}'\n{script}",
        disk.display()
    );
    let mut command = Command::new(unshare);
    let known = operator.command(&[]);
    command
        .args(["--user", "--map-root-user", "--mount", "sh", "-c", &script])
        .current_dir(operator.folder.path());
    command.envs(known.get_envs().filter_map(|(name, value)| Some((name, value?))));
    let output = command.output().unwrap();
    if output.status.code() == Some(99) || String::from_utf8_lossy(&output.stderr).contains("unshare failed") {
        stage::missing("a mount namespace");
        return None;
    }
    Some(output.into())
}

#[test]
fn a_full_disk_stops_the_run_before_anything_is_sent_that_the_journal_does_not_know() {
    let operator = Operator::with_accounts(9_000);
    let run = format!(
        "'{}' bulk del-group accounts.txt --group retired --rate 10000 --workers 8",
        crate::operator::PROGRAM
    );
    let script = format!(
        "{run} --journal \"$DISK/j\" --results results.csv >first.txt 2>first.err; echo $? >first.status\n\
         cp \"$DISK/j\" j.full; rm -f \"$DISK/other\"\n\
         {run} --journal \"$DISK/j\" >again.txt 2>again.err; echo $? >again.status\n\
         cp \"$DISK/j\" j"
    );
    if with_small_disk(&operator, &script).is_none() {
        return;
    }
    let (first, error) = (operator.read("first.txt"), operator.read("first.err"));
    assert_eq!(operator.read("first.status").trim(), "1", "{first}{error}");
    assert!(error.contains("no space left on the disk"), "{error}");
    assert_eq!(
        operator.read("again.status").trim(),
        "1",
        "a disk that is still full stops the next run, too"
    );
    assert!(
        operator.read("again.err").contains("going on; "),
        "but its journal is read"
    );
    let asked = operator.deletes();
    assert!((1_000..9_000).contains(&asked.len()), "{}", asked.len());
    // What the service saw, the journal has started.
    let journal = operator.read("j");
    let mut started = vec![false; 9_001];
    for range in journal.lines().filter_map(|line| line.strip_prefix("start ")) {
        let (from, to) = range.split_once("..").unwrap();
        (from.parse::<usize>().unwrap()..=to.parse().unwrap()).for_each(|item| started[item] = true);
    }
    assert!(
        asked
            .keys()
            .all(|account| started[account[5..].parse::<usize>().unwrap()]),
        "nothing is sent unknown to the journal"
    );
    // With room again the run goes on to a report that adds up.
    let report = report(&operator.bulk(&["--json", "--journal", "j", "--quiet"]).ended(0));
    assert_eq!(
        (report["items"], report["left"], report["in_doubt"], report["not_there"]),
        (9_000, 0, 0, 0)
    );
    assert_eq!(operator.have_group("retired").len(), 0);
    assert!(operator.deletes().values().all(|(_, applied)| *applied == 1));
}

#[test]
fn a_journal_that_cannot_be_written_sends_nothing() {
    let operator = Operator::with_accounts(10);
    operator.bulk(&["--journal", "absent/j"]).ended(1).says("absent/j: ");
    assert_eq!(operator.service.requests_total(), 0);
}

#[test]
fn an_input_that_changes_while_it_is_read_stops_the_run() {
    // Far more than is read ahead.
    let operator = Operator::with_accounts(30_000);
    let running = operator.begin(&["--quiet", "--rate", "2000"]);
    operator.wait_for(1);
    let list = operator.read("accounts.txt");
    operator.write("accounts.txt", "");
    fs::OpenOptions::new()
        .append(true)
        .open(operator.path("accounts.txt"))
        .unwrap()
        .write_all(b"user_00001\n")
        .unwrap();
    running.wait().ended(1).says("was changed while it was read");
    operator.bulk(&[]).ended(2).says("differs");
    operator.write("accounts.txt", &list);
    let report = report(&operator.bulk(&["--json", "--quiet", "--limit", "500"]).ended(0));
    assert_eq!((report["failed"], report["in_doubt"]), (0, 0));
}
