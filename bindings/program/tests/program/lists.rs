//! Lists as operators have them, up to the request that leaves: nothing is deleted by a guess, nothing hangs, and what is sent is what was seen.

use std::fs;
use std::process::Stdio;
use std::time::{Duration, Instant};

use chat_emulator::{Config as Emulation, State};
use serde_json::json;

use crate::operator::{Operator, Ran};

/// One user with these groups.
fn with_groups(groups: &[&str]) -> Operator {
    let groups: Vec<_> = (1..)
        .zip(groups)
        .map(|(id, name)| json!({"id": id, "name": name}))
        .collect();
    let seed = json!({"accounts": {"administrator": {}, "u1": {"groups": groups}}}).to_string();
    Operator::with(Emulation {
        seed: Some(State::from_json(seed.as_bytes()).unwrap()),
        ..Emulation::default()
    })
}

fn left(operator: &Operator) -> Vec<String> {
    let accounts = operator.service.state().accounts;
    accounts["u1"].groups.iter().map(|group| group.name.clone()).collect()
}

/// A shell with the program as `$P` and the emulator's settings, ended after a minute.
fn shell(operator: &Operator, script: &str) -> Ran {
    let known = operator.command(&[]);
    let mut bash = std::process::Command::new("timeout");
    bash.args(["60", "bash", "-c", script])
        .current_dir(operator.folder.path());
    bash.env("P", crate::operator::PROGRAM).stdin(Stdio::null());
    bash.envs(known.get_envs().filter_map(|(name, value)| Some((name, value?))));
    bash.output().unwrap().into()
}

#[test]
fn a_group_with_a_blank_at_its_edge_is_told_from_the_one_without() {
    let operator = with_groups(&["work", "work ", "x"]);
    operator.write("list.csv", "account,group\n\"u1\",\"work \"\n");
    let run = |more: &[&str]| operator.run(&[&["bulk", "del-group", "list.csv", "-q"], more].concat());
    run(&[])
        .ended(2)
        .says("give --header if it is one, --no-header if it is data");
    let dry = run(&["--header", "--dry-run"]).ended(0);
    assert!(dry.out.contains("first       \"u1\"  \"work \"\n"), "{}", dry.out);
    assert!(
        dry.out
            .contains("list        CSV, columns separated by ',', the first row is a header\n"),
        "{}",
        dry.out
    );
    assert!(dry.out.contains("group       column 2, \"group\"\n"), "{}", dry.out);
    let object = run(&["--header", "--dry-run", "--json"]).ended(0).object();
    assert_eq!(object["first"], json!([{"account": "u1", "group": "work "}]));
    assert_eq!(
        (&object["list"]["delimiter"], &object["list"]["group_column"]),
        (&json!(","), &json!(2))
    );
    assert_eq!(left(&operator), ["work", "work ", "x"]);
    run(&["--header"]).ended(0).prints("deleted               1");
    assert_eq!(left(&operator), ["work", "x"]);
}

#[test]
fn what_nobody_named_is_never_taken_for_the_group() {
    let operator = with_groups(&["sales", "EMEA", "Sales, EMEA"]);
    for (list, more) in [
        ("account,department\nu1,sales\n", &[][..]),
        ("account,department\nu1,sales\n", &["--header"]),
        ("u1,sales\n", &[]),
        ("u1;Sales, EMEA\n", &[]),
        ("u1;Sales, EMEA\n", &["--no-header"]),
        ("u1,Sales, EMEA\n", &["--no-header"]),
        ("account,group\nu1,Sales, EMEA\n", &["--header"]),
    ] {
        operator.write("list.csv", list);
        let refused = operator
            .run(&[&["bulk", "del-group", "list.csv"], more].concat())
            .ended(2);
        assert!(
            refused.err.contains("--") || refused.err.contains("between quotes"),
            "what to type: {}",
            refused.err
        );
    }
    assert_eq!((operator.service.requests_total(), left(&operator).len()), (0, 3));
    operator.write("list.csv", "u1;Sales, EMEA\n");
    let semicolon = ["bulk", "del-group", "list.csv", "--no-header", "--delimiter", ";"];
    operator.run(&semicolon).ended(0).prints("deleted               1");
    assert_eq!(left(&operator), ["sales", "EMEA"]);
}

#[test]
fn a_list_that_can_be_read_only_once_is_kept_or_refused_at_once() {
    let operator = with_groups(&["a", "b", "c", "d"]);
    let ends = |script: &str, status: i32, says: &str| shell(&operator, script).ended(status).says(says);
    ends("\"$P\" bulk del-group <(echo u1) --group a -q", 2, "give --journal");
    ends(
        "echo u1 | \"$P\" bulk del-group /dev/stdin --group a -q",
        2,
        "give --journal",
    );
    ends(
        "echo u1 >l; \"$P\" bulk del-group /dev/stdin --group a -q <l",
        2,
        "give --journal",
    );
    ends(
        "mkfifo lonely; \"$P\" bulk del-group lonely --group a --journal 0 -q",
        2,
        "nobody writes into",
    );
    ends("\"$P\" bulk del-group /dev/zero --group a -q", 2, "a device");
    ends(
        "mkdir folder; \"$P\" bulk del-group folder --group a -q",
        2,
        "this is a folder",
    );
    assert_eq!((operator.service.requests_total(), left(&operator).len()), (0, 4));
    ends(
        "\"$P\" bulk del-group <(echo u1) --group a -q --journal 1",
        0,
        "1 attempts",
    );
    ends(
        "echo u1 | \"$P\" bulk del-group /dev/stdin --group b -q --journal 2",
        0,
        "1 attempts",
    );
    ends(
        "mkfifo p.csv; (echo u1,c >p.csv) & \"$P\" bulk del-group p.csv --no-header -q --journal 3",
        0,
        "1 attempts",
    );
    // Slow, but somebody is there.
    ends(
        "mkfifo s; (exec >s; sleep 4; echo u1) & \"$P\" bulk del-group s --group d -q --journal 4",
        0,
        "1 attempts",
    );
    assert_eq!(left(&operator), Vec::<String>::new());
    assert_eq!(operator.read("3.input.csv"), "u1,c\n");
    let parts = fs::read_dir(operator.folder.path())
        .unwrap()
        .filter(|file| file.as_ref().unwrap().file_name().to_string_lossy().ends_with(".part"));
    assert_eq!(parts.count(), 0);
}

#[test]
fn no_file_of_a_run_is_a_pipe_at_which_it_would_wait() {
    let operator = with_groups(&["a"]);
    operator.write("list", "u1\n");
    for more in ["--journal p", "--journal p --dry-run", "--results p", "--backup p"] {
        shell(
            &operator,
            &format!("rm -f list.journal; [ -p p ] || mkfifo p; \"$P\" bulk del-group list --group a -q {more}"),
        )
        .ended(2)
        .says("a pipe or a device, not a file");
    }
    assert_eq!(left(&operator), ["a"]);
    shell(
        &operator,
        "mkfifo j.rate; \"$P\" bulk del-group list --group a --journal j",
    )
    .ended(0)
    .says("holds no number");
}

#[test]
fn a_list_that_is_overwritten_in_place_sends_nothing_that_was_not_seen_and_the_way_on_is_accepted() {
    // Far more than is read ahead.
    let operator = Operator::with_accounts(30_000);
    let before = operator.read("accounts.txt");
    let running = operator.begin(&["--quiet", "--rate", "2000", "--journal", "j", "--results", "r.csv"]);
    operator.wait_for(1);
    // The same length, other users, in the same file.
    operator.write("accounts.txt", before.replace("user_0", "admin0"));
    let ran = running.wait().ended(1).says("was changed while it was read");
    assert!(operator.deletes().keys().all(|account| account.starts_with("user_0")));
    let again = ran
        .err
        .lines()
        .find_map(|line| line.split_once("as it is now: "))
        .expect("how to go on")
        .1
        .to_owned();
    operator.write("accounts.txt", &before);
    let again = format!("{} --rate 10000", again.replace("--rate 2000 ", ""));
    shell(&operator, &again).ended(0).prints("left                  0");
    assert_eq!(operator.have_group("retired").len(), 0);
}

#[test]
fn a_journal_that_went_through_another_systems_line_ends_counts_what_is_done() {
    let operator = Operator::with_accounts(30);
    operator.bulk(&["--limit", "20"]).ended(0);
    let journal = operator.read("accounts.txt.journal");
    operator.write("accounts.txt.journal", journal.replace('\n', "\r\n"));
    operator.bulk(&[]).ended(0).says("going on; 20 of 30 are done");
    assert!(operator.deletes().values().all(|times| *times == (1, 1)));
    // Made unreadable from its first line on: nothing is forgotten without a word.
    operator.write("accounts.txt.journal", journal.replace('\n', "\n>"));
    operator.bulk(&[]).ended(1).says("line 2 is damaged");
    assert_eq!(operator.deletes().len(), 30);
}

#[test]
fn a_file_of_the_run_that_is_not_ours_alone_is_refused_or_made_so() {
    use std::os::unix::fs::{symlink, PermissionsExt};
    let operator = with_groups(&["a"]);
    operator.write("list", "u1\n");
    let file = operator.path("open");
    for flag in ["--journal", "--backup", "--results"] {
        let _ = fs::remove_file(operator.path("list.journal"));
        let run = |name: &str| operator.run(&["bulk", "del-group", "list", "--group", "a", "--limit", "1", flag, name]);
        symlink("nowhere", operator.path("link")).unwrap();
        run("link").ended(2).says("a link to nothing");
        fs::remove_file(operator.path("link")).unwrap();
        assert!(!operator.path("nowhere").exists());
        fs::write(&file, "").unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o666)).unwrap();
        run("open").ended(0).says("others could read or change it (mode 666)");
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
        fs::remove_file(&file).unwrap();
        let _ = fs::remove_file(operator.path("list.journal"));
        if std::os::unix::fs::chown(operator.path("list"), Some(12_345), None).is_ok() {
            fs::write(&file, "").unwrap();
            std::os::unix::fs::chown(&file, Some(12_345), None).unwrap();
            run("open").ended(2).says("the file of another user (uid 12345)");
            fs::remove_file(&file).unwrap();
        }
    }
}

#[test]
fn a_signal_stops_what_waits_for_its_turn_and_a_raised_rate_holds_at_once() {
    let operator = Operator::with_accounts(300);
    let slow = ["--rate", "1", "--workers", "50", "--quiet"];
    let running = operator.begin(&slow);
    operator.wait_for(2);
    let sent = operator.service.requests_total();
    let began = Instant::now();
    running.signal("TERM");
    running.wait().ended(130).prints("in doubt              0");
    // Fifty workers waited for their turn, a second each.
    assert!(began.elapsed() < Duration::from_secs(20), "{:?}", began.elapsed());
    assert!(
        operator.service.requests_total() <= sent + 1,
        "nothing leaves after the signal"
    );
    let running = operator.begin(&slow);
    operator.wait_for(operator.service.requests_total() + 1);
    let began = Instant::now();
    operator.write("accounts.txt.journal.rate", "10000");
    running.wait().ended(0);
    assert!(began.elapsed() < Duration::from_secs(20), "{:?}", began.elapsed());
}

#[test]
fn under_nohup_a_terminal_that_goes_away_stops_nothing() {
    let operator = Operator::with_accounts(60);
    let words = operator.bulk_arguments(&["--rate", "30", "--quiet"]).join(" ");
    let script = format!("trap '' HUP; \"$P\" {words} & sleep 0.5; kill -HUP $!; wait $!");
    shell(&operator, &script).ended(0).prints("deleted              60");
    let script = format!("\"$P\" {words} --journal other & sleep 0.5; kill -HUP $!; wait $!");
    shell(&operator, &script).ended(130);
}
