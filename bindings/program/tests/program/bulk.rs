//! A bulk delete from its list to its report: what is sent, what is counted, what is written, how fast.

use std::fs;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::process::Stdio;

use chat_emulator::{Config as Emulation, Fault};
use serde_json::{json, Value};

use crate::operator::{account, lines_of, report, state, Operator, Ran};
use crate::stage;

#[test]
fn every_account_loses_the_group_and_nothing_else() {
    let operator = Operator::with_accounts(300);
    let ran = operator.bulk(&["--json"]).ended(0);
    let report = report(&ran);
    assert_eq!((report["deleted"], report["items"], report["left"]), (300, 300, 0));
    assert_eq!(
        (operator.have_group("retired").len(), operator.have_group("kept").len()),
        (0, 300)
    );
    assert!(operator.deletes().values().all(|times| *times == (1, 1)));
}

#[test]
fn the_report_for_people_adds_up_as_well() {
    let operator = Operator::with_accounts(3);
    operator.write(
        "accounts.txt",
        "user_00001\nuser_00002\nuser_00001\nnobody\nadministrator\n",
    );
    let ran = operator.bulk(&[]).ended(3).says("item 4, nobody: 50001 ");
    assert_eq!(
        ran.out,
        "deleted               2\n\
         not there             1  no such group (51009)\n\
         done before           0\n\
         unknown               1  accounts that Chat does not know (50001)\n\
         failed                0\n\
         duplicates            1  come more than once in the input\n\
         in doubt              0\n\
         left                  0\n\
         items                 5\n"
    );
    assert_eq!(
        operator.deletes()["user_00001"],
        (1, 1),
        "what comes twice is done once"
    );
}

#[test]
fn the_operator_decides_what_a_missing_group_and_an_unknown_account_are() {
    let operator = Operator::with_accounts(1);
    operator.write("accounts.txt", "user_00001\nadministrator\n");
    operator
        .bulk(&["--missing", "fail", "--journal", "a"])
        .ended(3)
        .prints("failed                1\n  51009 ");
    operator
        .bulk(&["--missing", "ok", "--journal", "b"])
        .ended(0)
        .prints("not there             2");
    operator.write("accounts.txt", "user_00001\nnobody\n");
    operator
        .bulk(&["--journal", "c"])
        .ended(3)
        .prints("unknown               1");
    operator
        .bulk(&["--unknown", "ok", "--journal", "d"])
        .ended(0)
        .prints("unknown               1");
}

#[test]
fn lists_come_as_csv_jsonl_and_from_stdin() {
    let operator = Operator::with_accounts(6);
    operator.write(
        "pairs.csv",
        "\u{feff}Group,From_Account\r\nretired,user_00001\r\n\r\n\"kept\",\"user_00001\"\r\n",
    );
    operator
        .run(&["bulk", "del-group", "pairs.csv", "--header"])
        .ended(0)
        .prints("deleted               2");
    operator.write(
        "list.jsonl",
        "{\"account\":\"user_00002\",\"group\":\"retired\"}\n{\"account\":\"user_00003\",\"group\":\"kept\"}\n",
    );
    operator
        .run(&["bulk", "del-group", "list.jsonl"])
        .ended(0)
        .prints("deleted               2");
    let mut piped = operator.command(&[
        "bulk",
        "del-group",
        "-",
        "--group",
        "retired",
        "--journal",
        "j",
        "--limit",
        "1",
    ]);
    let mut child = piped
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child
        .stdin
        .take()
        .unwrap()
        .write_all(b"user_00004\nuser_00005\n")
        .unwrap();
    let ran = Ran::from(child.wait_with_output().unwrap())
        .ended(0)
        .prints("left                  1");
    let again = ran
        .err
        .lines()
        .find_map(|line| line.strip_prefix("tencent-chat: to go on: "))
        .unwrap();
    assert!(again.contains("j.input") && !again.contains(" - "), "{again}");
    operator
        .run(&["bulk", "del-group", "j.input", "--group", "retired", "--journal", "j"])
        .ended(0)
        .prints("deleted               2");
    assert_eq!(operator.have_group("retired"), [account(3), account(6)].into());
    assert_eq!(operator.have_group("kept").len(), 4);
    operator
        .run(&["bulk", "del-group", "-", "--group", "g"])
        .ended(2)
        .says("give --journal");
    operator
        .run(&[
            "bulk",
            "del-group",
            "-",
            "--group",
            "g",
            "--journal",
            "refused",
            "--account-column",
            "2",
        ])
        .ended(2)
        .says("plain lines have no --account-column");
    assert!(
        !operator.path("refused.input").exists(),
        "a refused list leaves nothing behind"
    );
}

#[test]
fn a_list_with_a_wrong_line_is_refused_before_anything_is_sent() {
    let operator = Operator::with_accounts(3);
    for (text, says) in [
        (
            "user_00001,retired\nuser_00002\n",
            "pairs.csv: nothing was sent, because\n  line 2: 1 cell where the first row has 2",
        ),
        ("user_00001,retired\n,retired\n", "line 2: from_account is empty"),
    ] {
        operator.write("pairs.csv", text);
        operator
            .run(&["bulk", "del-group", "pairs.csv", "--no-header"])
            .ended(2)
            .says(says);
    }
    operator
        .run(&["bulk", "del-group", "absent.txt", "--group", "g"])
        .ended(2)
        .says("absent.txt");
    assert_eq!(operator.service.requests_total(), 0);
    assert!(
        !operator.path("pairs.csv.journal").exists(),
        "a refused list begins no journal"
    );
}

#[test]
fn a_dry_run_counts_and_asks_once_and_changes_nothing() {
    let operator = Operator::with_accounts(450);
    let ran = operator
        .bulk(&["--dry-run", "--rate", "100"])
        .ended(0)
        .says("the settings work")
        .says("nothing was changed");
    assert!(
        ran.out.contains("to do              450") && ran.out.contains("takes       5 seconds at 100 a second"),
        "{}",
        ran.out
    );
    assert_eq!(operator.service.requests_total(), 1);
    assert_eq!(operator.have_group("retired").len(), 450);
    assert_eq!(
        fs::read_dir(operator.folder.path()).unwrap().count(),
        1,
        "not even a journal is left"
    );
    operator.bulk(&["--limit", "200"]).ended(0);
    let object = operator.bulk(&["--dry-run", "--json"]).ended(0).object();
    assert_eq!(
        (&object["done"], &object["to_do"], &object["seconds"]),
        (&json!(200), &json!(250), &json!(1))
    );
    let mut wrong = operator.command(&operator.bulk_arguments(&["--dry-run"]));
    Ran::from(wrong.env("TENCENT_CHAT_SECRET_KEY", "wrong").output().unwrap())
        .ended(4)
        .says("70009 ");
}

#[test]
fn a_canary_does_so_many_and_the_same_command_without_it_does_the_rest() {
    let operator = Operator::with_accounts(120);
    let ran = operator.bulk(&["--limit", "25", "--json"]).ended(0);
    let again = ran.err.lines().find(|line| line.contains("to go on: ")).unwrap();
    assert!(again.contains("--group retired") && !again.contains("25"), "{again}");
    assert_eq!((report(&ran)["deleted"], report(&ran)["left"]), (25, 95));
    assert_eq!(ran.object()["stopped"], "limit");
    assert_eq!(operator.have_group("retired").len(), 95);
    let ran = operator
        .bulk(&["--json"])
        .ended(0)
        .says("going on; 25 of 120 are done, 0 in doubt");
    assert_eq!((report(&ran)["deleted"], report(&ran)["left"]), (120, 0));
    operator.bulk(&["--json"]).ended(0);
    assert!(
        operator.deletes().values().all(|times| *times == (1, 1)),
        "nobody is asked twice"
    );
}

#[test]
fn the_results_file_has_a_line_for_each_item_with_what_support_asks_for() {
    let operator = Operator::with_accounts(20);
    operator.write("accounts.txt", "user_00001\nnobody\nadministrator\nuser_00002\n");
    operator.service.fault(Fault::code(50004).times(1));
    operator.bulk(&["--results", "results.csv", "--workers", "1"]).ended(3);
    let rows: Vec<Vec<String>> = operator
        .read("results.csv")
        .lines()
        .map(|row| row.split(',').map(str::to_owned).collect())
        .collect();
    assert_eq!(rows[0], ["account", "group", "outcome", "code", "random", "attempts"]);
    assert_eq!(rows[1][..4], ["user_00001", "retired", "done", "0"]);
    assert_eq!(rows[1][5], "2", "the repeat counts");
    assert_eq!(rows[2][..4], ["nobody", "retired", "unknown_account", "50001"]);
    assert_eq!(rows[3][2..4], ["not_there", "51009"]);
    let random = operator.service.requests().last().unwrap().query["random"].clone();
    assert_eq!(rows[4][4], random, "the random by which the service finds the call");
    operator
        .bulk(&["--results", "results.jsonl", "--journal", "other", "--workers", "1"])
        .ended(3);
    let text = operator.read("results.jsonl");
    let object: Value = serde_json::from_str(text.lines().next().unwrap()).unwrap();
    assert!(
        object["account"] == "user_00001" && object["random"].is_u64() && object["outcome"] == "not_there",
        "{object}"
    );
    operator.write("notes.csv", "account,mine\n");
    operator
        .bulk(&["--results", "notes.csv", "--journal", "third"])
        .ended(2)
        .says("something else");
    assert_eq!(operator.read("notes.csv"), "account,mine\n");
}

#[test]
fn what_failed_is_tried_again_only_when_asked_for() {
    let operator = Operator::with_accounts(50);
    operator.service.fault(Fault::code(80001).times(5));
    let ran = operator.bulk(&["--json"]).ended(3);
    assert_eq!((report(&ran)["failed"], report(&ran)["deleted"]), (5, 45));
    assert_eq!(ran.object()["failed_by_code"], json!({"80001": 5}));
    let ran = operator.bulk(&["--json"]).ended(3).says("--retry-failed");
    assert_eq!((report(&ran)["failed"], operator.have_group("retired").len()), (5, 5));
    let preview = operator
        .bulk(&["--dry-run", "--json", "--retry-failed"])
        .ended(0)
        .object();
    assert_eq!(preview["to_do"], 5);
    let ran = operator.bulk(&["--json", "--retry-failed"]).ended(0);
    assert_eq!((report(&ran)["failed"], report(&ran)["deleted"]), (0, 50));
    assert_eq!(operator.have_group("retired").len(), 0);
}

#[test]
fn the_journal_is_the_owners_alone_and_belongs_to_its_list_and_app() {
    let operator = Operator::with_accounts(10);
    operator.bulk(&["--limit", "5"]).ended(0);
    let mode = fs::metadata(operator.path("accounts.txt.journal"))
        .unwrap()
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o600);
    let journal = operator.read("accounts.txt.journal");
    operator
        .bulk(&["--sdk-app-id", "1400000001"])
        .ended(2)
        .says("the app differs");
    operator
        .bulk(&["--backup", "b.jsonl"])
        .ended(2)
        .says("whether there is a --backup differs");
    operator
        .run(&["bulk", "del-group", "accounts.txt", "--group", "kept"])
        .ended(2)
        .says("(the input or its --group differs)");
    operator.write("accounts.txt", "user_00009\n");
    operator.bulk(&[]).ended(2).says("(the input or its --group differs)");
    assert_eq!(operator.read("accounts.txt.journal"), journal);
    assert_eq!(operator.service.requests_total(), 5);
}

#[test]
fn a_plain_line_every_few_seconds_takes_the_place_of_the_bar_where_there_is_no_terminal() {
    let operator = Operator::with_accounts(120);
    let ran = operator.bulk(&["--rate", "20"]).ended(0);
    let lines: Vec<&str> = ran
        .err
        .lines()
        .filter(|line| line.contains(" of 120: ") && line.contains("to go"))
        .collect();
    assert!(!lines.is_empty(), "{}", ran.err);
    assert!(!ran.err.contains('\u{1b}') && !ran.err.contains('\r'));
    let quiet = operator.bulk(&["--journal", "other", "--quiet"]).ended(0);
    assert!(!quiet.err.contains(" of 120"), "{}", quiet.err);
}

/// A run with a wide terminal as its stdin, stdout and stderr; `None` where no tool makes one.
pub fn on_a_terminal(operator: &Operator, more: &[&str]) -> Option<Ran> {
    let script = stage::tool("script")?;
    let words = operator.bulk_arguments(more).join(" ");
    let command = format!("stty cols 240; '{}' {words}", crate::operator::PROGRAM);
    let settings = operator.command(&[]);
    let settings = settings.get_envs().filter_map(|(name, value)| Some((name, value?)));
    let mut run = std::process::Command::new(script);
    run.args(["-qec", &command, "/dev/null"]).env_clear().envs(settings);
    run.env("TERM", "xterm").env("NO_COLOR", "1");
    run.current_dir(operator.folder.path()).stdin(Stdio::null());
    Some(Ran::from(run.output().unwrap()))
}

#[test]
fn a_terminal_gets_a_bar_without_colour() {
    let operator = Operator::with_accounts(400);
    let Some(ran) = on_a_terminal(&operator, &["--rate", "400"]) else {
        return;
    };
    let ran = ran.ended(0);
    assert!(ran.out.contains('█') && ran.out.contains("/400"), "{}", ran.out);
    let colour = ran.out.split("\u{1b}[").skip(1).any(|rest| {
        rest.trim_start_matches(|c: char| c.is_ascii_digit() || c == ';')
            .starts_with('m')
    });
    assert!(!colour, "{:?}", ran.out);
}

#[test]
fn a_run_keeps_to_half_the_cap_unless_told_otherwise() {
    let operator = Operator::with_accounts(250);
    let seconds = |more: &[&str]| {
        let mut arguments = vec![
            "bulk",
            "del-group",
            "accounts.txt",
            "--group",
            "retired",
            "--json",
            "--quiet",
        ];
        arguments.extend(more);
        operator.run(&arguments).ended(0).object()["this_run"]["seconds"]
            .as_f64()
            .unwrap()
    };
    // Fifty go at once, a hundred a second follow. Only from below: how long it may take is the machine's business.
    assert!(seconds(&[]) >= 1.9);
    // Five at once, ten a second.
    assert!(seconds(&["--rate", "10", "--limit", "25", "--journal", "other"]) >= 1.9);
}

#[test]
fn the_rate_is_changed_while_it_runs_by_a_number_in_a_file() {
    let operator = Operator::with_accounts(400);
    let running = operator.begin(&["--rate", "2"]);
    operator.wait_for(3);
    operator.write("accounts.txt.journal.rate", "5000\n");
    let ran = running
        .wait()
        .ended(0)
        .says("accounts.txt.journal.rate: 5000 calls a second");
    assert_eq!(operator.have_group("retired").len(), 0, "{}", ran.err);
    operator.write("accounts.txt.journal.rate", "fast\n");
    operator.bulk(&[]).ended(0).says("holds no number from 1 to 10000");
}

#[test]
fn throttling_slows_the_run_down_and_fails_no_item() {
    let settings = chat_emulator::Settings {
        rate_limit: 60,
        ..chat_emulator::Settings::default()
    };
    let operator = Operator::with(Emulation {
        seed: Some(state(200)),
        settings,
        ..Emulation::default()
    });
    operator.write(
        "accounts.txt",
        (1..=200).map(|number| account(number) + "\n").collect::<String>(),
    );
    let ran = operator.bulk(&["--rate", "200", "--json"]).ended(0);
    assert_eq!(report(&ran)["deleted"], 200);
    assert_eq!(operator.have_group("retired").len(), 0);
    assert!(operator
        .service
        .requests()
        .iter()
        .any(|request| request.code == Some(60007)));
}

#[test]
fn the_journal_of_a_run_has_no_line_too_many() {
    let operator = Operator::with_accounts(64);
    operator.bulk(&[]).ended(0);
    // A title, a start for each batch of eight, an end for each item.
    assert_eq!(lines_of(&operator.path("accounts.txt.journal")), 1 + 8 + 64);
}
