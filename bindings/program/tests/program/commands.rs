//! What the commands of single calls do on the service and print, what check names, what --verbose says.

use std::io::Write;
use std::process::Stdio;
use std::time::{Duration, Instant};

use chat_emulator::{Config as Emulation, Fault, DEFAULT_SECRET_KEY};
use serde_json::{json, Value};

use crate::operator::{state, Operator, Ran};

fn operator() -> Operator {
    Operator::with(Emulation {
        seed: Some(state(40)),
        ..Emulation::default()
    })
}

/// What the last request was: its path, and a member of its body.
fn last(operator: &Operator, member: &str) -> (String, Value) {
    let requests = operator.service.requests();
    let request = requests.last().unwrap();
    let body: Value = serde_json::from_str(&request.body).unwrap();
    (
        request.path.trim_start_matches("/v4/recentcontact/").to_owned(),
        body[member].clone(),
    )
}

#[test]
fn groups_are_created_and_renamed() {
    let operator = operator();
    let create = ["create-group", "user_00001", "new", "peer", "--chat-group", "@TGS#1"];
    operator.run(&create).ended(0).prints("created new (GroupId 3)\n");
    operator.run(&["groups", "user_00001"]).prints("3\t2\tnew\n");
    operator.run(&create).ended(1).says("50002 ");
    operator
        .run(&["rename-group", "user_00001", "new", "newer"])
        .ended(0)
        .prints("renamed new to newer\n");
    assert_eq!(operator.have_group("newer").len(), 1);
    let object = operator
        .run(&["create-group", "user_00002", "new", "--json"])
        .ended(0)
        .object();
    assert_eq!(object["body"]["GroupResultItem"][0]["GroupItem"]["GroupId"], 3);
    operator
        .run(&["rename-group", "user_00001", "absent", "x"])
        .ended(1)
        .says("51009 ");
}

#[test]
fn conversations_are_marked_pinned_and_taken_off_the_list() {
    let operator = operator();
    let mark = [
        "mark",
        "user_00001",
        "peer",
        "--set",
        "star,63",
        "--clear",
        "unread",
        "--custom",
        "later",
    ];
    operator.run(&mark).ended(0).prints("marked 1\n");
    let (path, marks) = last(&operator, "MarkItem");
    let item = json!({"Type": 1, "To_Account": "peer"});
    let sent =
        json!([{"OptType": 3, "ContactItem": item, "ClearMark": [1], "SetMark": [0, 63], "CustomMark": "later"}]);
    assert_eq!((path.as_str(), marks), ("mark_contact", sent));
    for wrong in ["shiny", "64", "-1", ""] {
        operator
            .run(&["mark", "user_00001", "peer", &format!("--set={wrong}")])
            .ended(2)
            .says("star, unread, fold, hide");
    }
    operator
        .run(&["mark", "user_00001", "peer"])
        .ended(2)
        .says("nothing to do");
    operator
        .run(&["pin", "user_00001", "peer"])
        .ended(0)
        .prints("pinned 1\n");
    operator
        .run(&["unpin", "user_00001", "--chat-group", "@TGS#1"])
        .ended(0)
        .prints("unpinned 1\n");
    operator.run(&["pin", "user_00001"]).ended(2).says("contacts is empty");
    operator
        .run(&["del-conversation", "user_00001", "peer"])
        .ended(0)
        .prints("deleted the conversation with peer\n");
    assert_eq!(last(&operator, "To_Account"), ("delete".into(), "peer".into()));
    operator
        .run(&[
            "del-conversation",
            "user_00001",
            "--chat-group",
            "@TGS#1",
            "--clear-ramble",
        ])
        .ended(0);
    assert_eq!(last(&operator, "ClearRamble"), ("delete".into(), json!(1)));
    operator.run(&["del-conversation", "user_00001"]).ended(2);
}

#[test]
fn groups_of_many_users_are_a_row_each_in_the_order_of_the_list() {
    let operator = operator();
    let accounts: Vec<String> = (1..=40).rev().map(crate::operator::account).collect();
    operator.write(
        "accounts.csv",
        "user_id,city\n".to_owned() + &accounts.iter().map(|a| format!("{a},x\n")).collect::<String>(),
    );
    let ran = operator
        .run(&["list-groups", "accounts.csv", "--header", "--rate", "1000"])
        .ended(0);
    let rows: Vec<String> = accounts
        .iter()
        .map(|a| format!("{a}\t1\t1\tretired\n{a}\t2\t0\tkept\n"))
        .collect();
    assert_eq!(ran.out, rows.concat());
    operator.write("two.txt", "user_00001\nnobody\nuser_00002\n");
    let ran = operator
        .run(&["list-groups", "two.txt", "--json"])
        .ended(3)
        .says("50001 \"nobody\"");
    let objects: Vec<Value> = ran
        .out
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(objects.len(), 5);
    assert_eq!(
        (&objects[2]["account"], &objects[2]["code"]),
        (&json!("nobody"), &json!(50001))
    );
    assert_eq!(
        objects[3],
        json!({"account": "user_00002", "id": 1, "conversations": 1, "name": "retired"})
    );
    let mut piped = operator.command(&["list-groups", "-"]);
    let mut piped = piped
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    piped.stdin.take().unwrap().write_all(b"user_00003\n").unwrap();
    Ran::from(piped.wait_with_output().unwrap())
        .ended(0)
        .prints("user_00003\t1\t1\tretired\n");
    operator.service.fault(Fault::code(70009).times(0));
    let ran = operator.run(&["list-groups", "accounts.csv", "--header"]).ended(4);
    assert_eq!(
        (ran.err.lines().count(), ran.out.as_str()),
        (1, ""),
        "it stops at once: {}",
        ran.err
    );
}

#[test]
fn groups_of_many_users_wait_for_their_turn_for_longer_than_a_call_may_take() {
    let operator = Operator::with_accounts(14);
    let began = Instant::now();
    let ran = operator.run(&["list-groups", "accounts.txt", "--rate", "1"]).ended(0);
    assert_eq!(ran.out.matches("\tretired\n").count(), 14, "{}", ran.out);
    let waited = began.elapsed();
    assert!(waited > Duration::from_secs(11), "{waited:?}: nobody waited for long");
}

#[test]
fn a_key_comes_from_stdin_and_stdin_is_read_for_one_thing() {
    let operator = operator();
    operator.write("accounts.txt", "user_00001\n");
    let run = |arguments: &[&str], stdin: &str| {
        let mut command = operator.command(arguments);
        command.env_remove("TENCENT_CHAT_SECRET_KEY");
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        // It may have refused before it read.
        let _ = child.stdin.take().unwrap().write_all(stdin.as_bytes());
        Ran::from(child.wait_with_output().unwrap())
    };
    let key = format!("{DEFAULT_SECRET_KEY}\n");
    run(&["check", "--key-file", "-"], &key)
        .ended(0)
        .prints("key from --key-file (-)");
    run(
        &[
            "bulk",
            "del-group",
            "accounts.txt",
            "--group",
            "kept",
            "--key-file",
            "-",
            "-q",
        ],
        &key,
    )
    .ended(0);
    run(&["sign", "--key-file", "-"], &key).ended(0);
    run(&["check", "--key-file", "-"], "\n")
        .ended(4)
        .prints("the file is empty");
    for twice in [
        &["call", "v4/recentcontact/get_list", "-", "--key-file", "-"][..],
        &["list-groups", "-", "--key-file", "-"],
        &["sign", "--inspect", "-", "--key-file", "-"],
        &[
            "bulk",
            "del-group",
            "-",
            "--group",
            "g",
            "--journal",
            "j",
            "--key-file",
            "-",
        ],
    ] {
        run(twice, &key).ended(2).says("two things are to be read from stdin");
    }
    assert!(!operator.path("j.input").exists(), "what was kept of stdin is gone");
}

#[test]
fn check_names_whom_it_asks_as_whom_by_which_key_and_what_the_clocks_say() {
    let operator = operator();
    let ran = operator.run(&["check"]).ended(0);
    assert!(
        ran.out
            .contains("app 1400000000, identifier administrator, key from TENCENT_CHAT_SECRET_KEY\n"),
        "{}",
        ran.out
    );
    assert!(
        ran.out
            .contains(&format!("ok       place          {}\n", operator.service.url())),
        "{}",
        ran.out
    );
    assert!(ran.out.contains("; the clocks agree\n"), "{}", ran.out);
    let objects = |ran: &Ran| -> Vec<Value> {
        ran.out
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    };
    let told = objects(&operator.run(&["check", "--json"]).ended(0));
    assert_eq!(
        (&told[0]["sdk_app_id"], &told[0]["identifier"]),
        (&json!(1_400_000_000), &json!("administrator"))
    );
    assert_eq!(told[1]["host"], operator.service.url());
    assert!(
        told[3]["clock_ahead_s"].as_i64().is_some_and(|ahead| ahead.abs() <= 2),
        "{}",
        told[3]
    );
    let now = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap()
        .as_secs();
    let ends = told[3]["ends"].as_u64().unwrap();
    assert!((now + 86_000..=now + 86_400).contains(&ends), "{ends}");
    operator.write("sig.txt", operator.run(&["sign", "--lifetime", "1000"]).out);
    let mut by_sig = operator.command(&["check", "--user-sig-file", "sig.txt", "--json"]);
    let told = objects(&Ran::from(by_sig.env_remove("TENCENT_CHAT_SECRET_KEY").output().unwrap()).ended(0));
    assert_eq!(told[0]["signed_by"], "UserSig from --user-sig-file (sig.txt)");
    assert!(told[3]["ends"].as_u64().unwrap() <= now + 1_100, "{}", told[3]);
    let tls = operator
        .run(&["check", "--base-url", operator.service.tls_url()])
        .ended(4);
    assert!(
        tls.out.contains("--ca-file FILE") && tls.out.contains("intercepts TLS"),
        "{}",
        tls.out
    );
    let nowhere = operator.run(&["check", "--base-url", "http://127.0.0.1:9"]).ended(5);
    assert!(nowhere.out.contains("(http://127.0.0.1:9)"), "{}", nowhere.out);
}

#[test]
fn verbose_tells_each_attempt_on_stderr_as_it_ends() {
    let operator = Operator::with_accounts(2);
    operator.service.fault(Fault::code(60007));
    let ran = operator.run(&["groups", "user_00001", "-v"]).ended(0);
    let lines: Vec<&str> = ran.err.lines().collect();
    assert_eq!(lines.len(), 2, "{}", ran.err);
    assert!(
        lines[0].starts_with("tencent-chat: attempt=1 ") && lines[0].contains(" code=60007 "),
        "{}",
        lines[0]
    );
    assert!(
        lines[1].starts_with("tencent-chat: attempt=2 ") && lines[1].contains(" code=0 "),
        "{}",
        lines[1]
    );
    let ran = operator.bulk(&["-v", "--progress", "json"]).ended(0);
    let told: Vec<Value> = ran
        .err
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(
        told.iter().filter(|object| object["attempt"] == 1).count(),
        2,
        "{}",
        ran.err
    );
    assert!(operator.run(&["groups", "user_00001"]).ended(0).err.is_empty());
}

#[test]
fn a_dry_run_shows_whom_it_would_ask_about_what() {
    let operator = Operator::with_accounts(3);
    let ran = operator.bulk(&["--dry-run"]).ended(0);
    let (host, app) = (operator.service.url(), "1400000000 as \"administrator\"");
    for row in [
        &format!("host        {host}\n"),
        &format!("app         {app}\n"),
        "call        del-group\n",
        "list        plain lines, the first one is data\n",
        "group       \"retired\", for all\n",
        "first       \"user_00001\"  \"retired\"\n",
    ] {
        assert!(ran.out.contains(row), "{row}: {}", ran.out);
    }
    operator.write("pairs.tsv", "user_id\tgroup\nuser_00001\tretired\n");
    let ran = operator
        .run(&["bulk", "del-group", "pairs.tsv", "--header", "--dry-run"])
        .ended(0);
    for row in [
        "columns separated by a tab",
        "account     column 1, \"user_id\"\n",
        "group       column 2, \"group\"\n",
    ] {
        assert!(ran.out.contains(row), "{row}: {}", ran.out);
    }
    let object = operator.bulk(&["--dry-run", "--json"]).ended(0).object();
    assert_eq!(
        (&object["host"], &object["sdk_app_id"]),
        (&json!(host), &json!(1_400_000_000))
    );
    assert_eq!(
        (&object["group"], &object["identifier"]),
        (&json!("retired"), &json!("administrator"))
    );
    assert_eq!(operator.have_group("retired").len(), 3);
}
