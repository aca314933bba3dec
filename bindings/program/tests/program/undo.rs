//! Backup and restore: what a bulk delete took away comes back as it was.

use std::collections::BTreeSet;

use chat_emulator::{Config as Emulation, Fault, Settings, State};
use serde_json::{json, Value};

use crate::operator::{report, Operator};

/// Conversations of each account in its group, by account.
type Members = Vec<(String, BTreeSet<String>)>;

fn members(operator: &Operator, group: &str) -> Members {
    let accounts = operator.service.state().accounts;
    let with = accounts.into_iter().filter_map(|(name, account)| {
        let id = account.groups.iter().find(|other| other.name == group)?.id;
        let inside = account.entries.into_iter().filter(|entry| entry.groups.contains(&id));
        Some((
            name,
            inside.map(|entry| format!("{:?} {}", entry.kind, entry.id)).collect(),
        ))
    });
    with.collect()
}

/// Accounts with 0, 3 and 250 conversations in the group, beside others.
fn operator() -> Operator {
    let conversation = |n: usize| json!({"type": 1 + n % 2, "id": format!("c{n}"), "groups": if n % 5 == 0 { json!([1, 2]) } else { json!([1]) }});
    let account = |conversations: usize| {
        let mut entries: Vec<Value> = (0..conversations).map(conversation).collect();
        entries.push(json!({"type": 1, "id": "other", "groups": [2]}));
        json!({"groups": [{"id": 1, "name": "retired"}, {"id": 2, "name": "kept"}], "entries": entries})
    };
    let seed =
        json!({"accounts": {"administrator": {}, "a": account(0), "b": account(3), "c": account(250), "without": {}}});
    let settings = Settings {
        page_size: 40,
        cloud_conversations: 500,
        ..Settings::default()
    };
    let seed = State::from_json(seed.to_string().as_bytes()).unwrap();
    let operator = Operator::with(Emulation {
        seed: Some(seed),
        settings,
        ..Emulation::default()
    });
    operator.write("accounts.txt", "a\nb\nwithout\nc\n");
    operator
}

#[test]
fn a_restore_brings_back_every_group_with_all_its_conversations() {
    let operator = operator();
    let before = members(&operator, "retired");
    assert_eq!(
        before.iter().map(|(_, inside)| inside.len()).collect::<Vec<_>>(),
        [0, 3, 250]
    );
    operator
        .bulk(&["--backup", "backup.jsonl"])
        .ended(0)
        .prints("deleted               3")
        .prints("not there             1");
    assert_eq!(members(&operator, "retired"), []);
    let backup = operator.read("backup.jsonl");
    assert_eq!(backup.lines().count(), 3, "an account without the group needs no line");
    let ran = operator.run(&["bulk", "restore", "backup.jsonl", "--json"]).ended(0);
    assert_eq!(report(&ran)["created"], 3);
    assert_eq!(members(&operator, "retired"), before);
    assert_eq!(members(&operator, "kept").len(), 3);
}

#[test]
fn nothing_is_deleted_that_could_not_be_written_down() {
    let operator = operator();
    operator
        .service
        .fault(Fault::code(80001).on("v4/recentcontact/get_contact_group").times(0));
    operator
        .bulk(&["--backup", "backup.jsonl"])
        .ended(3)
        .prints("failed                4\n  80001 ");
    assert_eq!(members(&operator, "retired").len(), 3);
    assert!(operator.deletes().is_empty());
    operator.service.clear_faults();
    operator
        .bulk(&["--backup", "absent/backup.jsonl", "--retry-failed"])
        .ended(1)
        .says("absent/backup.jsonl");
    assert!(operator.deletes().is_empty());
}

#[test]
fn a_backup_survives_kills_and_its_restore_does_too() {
    let operator = Operator::with_accounts(400);
    let before = members(&operator, "retired");
    for _ in 0..10 {
        let running = operator.begin(&["--quiet", "--backup", "backup.jsonl"]);
        operator.wait_for(operator.service.requests_total() + 23);
        running.kill();
    }
    operator.bulk(&["--backup", "backup.jsonl"]).ended(0);
    assert_eq!(members(&operator, "retired"), []);
    let restore = [
        "bulk",
        "restore",
        "backup.jsonl",
        "--rate",
        "10000",
        "--workers",
        "8",
        "--json",
    ];
    for _ in 0..5 {
        let mut running = operator
            .command(&restore)
            .stdout(std::process::Stdio::null())
            .stderr(std::process::Stdio::null())
            .spawn()
            .unwrap();
        operator.wait_for(operator.service.requests_total() + 31);
        running.kill().unwrap();
        running.wait().unwrap();
    }
    let report = report(&operator.run(&restore).ended(0));
    assert_eq!((report["left"], report["in_doubt"], report["failed"]), (0, 0, 0));
    assert_eq!(
        report["was_there"], 0,
        "what a killed restore created is told from what was there: {report:?}"
    );
    assert_eq!(members(&operator, "retired"), before);
}

#[test]
fn a_group_that_is_there_keeps_what_it_has_and_gets_the_rest() {
    let operator = operator();
    let before = members(&operator, "retired");
    operator.bulk(&["--backup", "backup.jsonl"]).ended(0);
    let create = r#"{"From_Account":"b","GroupContactItem":[{"GroupName":"retired","ContactItem":[{"Type":1,"To_Account":"new"}]}]}"#;
    operator
        .run(&["call", "v4/recentcontact/create_contact_group", create])
        .ended(0);
    let report = report(&operator.run(&["bulk", "restore", "backup.jsonl", "--json"]).ended(0));
    assert_eq!((report["created"], report["was_there"]), (2, 1));
    let after = members(&operator, "retired");
    assert_eq!(
        (after[0].clone(), after[2].clone()),
        (before[0].clone(), before[2].clone())
    );
    assert_eq!(after[1].1.len(), before[1].1.len() + 1);
}

#[test]
fn a_conversation_that_the_service_refuses_keeps_no_other_out_and_is_told() {
    let operator = operator();
    operator.bulk(&["--backup", "backup.jsonl"]).ended(0);
    operator.service.set_settings(Settings {
        dismissed_groups: vec!["c1".into()],
        cloud_conversations: 500,
        ..Settings::default()
    });
    let ran = operator
        .run(&["bulk", "restore", "backup.jsonl", "--json"])
        .ended(3)
        .says("-15 ");
    assert_eq!((report(&ran)["created"], report(&ran)["failed"]), (1, 2));
    assert_eq!(
        members(&operator, "retired")
            .iter()
            .map(|(_, inside)| inside.len())
            .collect::<Vec<_>>(),
        [0, 2, 249]
    );
}

#[test]
fn only_a_backup_is_restored() {
    let operator = operator();
    operator.write("backup.jsonl", "{\"account\":\"a\",\"group\":\"g\"}\n");
    operator
        .run(&["bulk", "restore", "backup.jsonl"])
        .ended(2)
        .says("line 1: no list of conversations in it");
    operator.write(
        "backup.jsonl",
        "{\"account\":\"a\",\"group\":\"g\",\"conversations\":[{\"Type\":1}]}\n",
    );
    operator
        .run(&["bulk", "restore", "backup.jsonl"])
        .ended(2)
        .says("line 1: a conversation is damaged");
    assert_eq!(operator.service.requests_total(), 0);
}

/// The conversations of one user's group, before and after what runs and others did to it; each run by its backup and journal.
#[test]
fn of_several_backups_of_a_group_the_newest_that_may_have_been_deleted_is_restored() {
    const DEL: &str = "v4/recentcontact/del_contact_group";
    let seed = json!({"accounts": {"administrator": {}, "a": {"groups": [{"id": 1, "name": "g"}], "entries": [{"type": 1, "id": "p1", "groups": [1]}]}}});
    let join = r#"{"From_Account":"a","UpdateType":1,"UpdateGroup":{"UpdateGroupType":2,"OldGroupName":"g","ContactUpdateItem":[{"ContactOptType":1,"ContactItem":{"Type":1,"To_Account":"p2"}}]}}"#;
    let create = r#"{"From_Account":"a","GroupContactItem":[{"GroupName":"g"}]}"#;
    let call = |operator: &Operator, command: &str, request: &str| {
        let path = format!("v4/recentcontact/{command}");
        operator.run(&["call", &path, request]).ended(0);
    };
    for (applied, between, expected) in [
        // Killed before the delete; the user went on.
        (false, "join", &["p1", "p2"][..]),
        // Killed after the delete took effect: no newer backup has the group.
        (true, "", &["p1"]),
        // And somebody made an empty group of that name since.
        (true, "create", &["p1"]),
    ] {
        let operator = Operator::with(Emulation {
            seed: Some(State::from_json(seed.to_string().as_bytes()).unwrap()),
            ..Emulation::default()
        });
        operator.write("list", "a\n");
        let hang = Fault::hang().on(DEL).times(1);
        operator.service.fault(if applied { hang.applied() } else { hang });
        let run = ["bulk", "del-group", "list", "--group", "g", "--backup", "b", "-q"];
        let mut killed = operator.command(&run).spawn().unwrap();
        operator.wait_for(2);
        killed.kill().unwrap();
        killed.wait().unwrap();
        operator.service.clear_faults();
        match between {
            "join" => call(&operator, "update_contact_group", join),
            "create" => call(&operator, "create_contact_group", create),
            _ => {}
        }
        operator.run(&run).ended(0);
        assert_eq!(members(&operator, "g"), []);
        operator
            .run(&["bulk", "restore", "b", "-q"])
            .ended(0)
            .prints("created               1");
        let inside: Vec<String> = members(&operator, "g")[0].1.iter().cloned().collect();
        assert_eq!(inside.len(), expected.len(), "{between}: {inside:?}");
        assert!(
            inside
                .iter()
                .zip(expected)
                .all(|(inside, expected)| inside.ends_with(expected)),
            "{inside:?}"
        );
    }
}

#[test]
fn a_group_whose_delete_did_not_happen_is_not_restored() {
    let operator = Operator::with_accounts(3);
    operator
        .service
        .fault(Fault::code(80001).on("v4/recentcontact/del_contact_group").times(1));
    operator
        .bulk(&["--backup", "b", "--workers", "1"])
        .ended(3)
        .prints("failed                1");
    let left = operator.have_group("retired");
    assert_eq!(left.len(), 1);
    let account = left.first().unwrap();
    let taken_back = format!("{{\"account\":\"{account}\",\"deleted\":false,\"group\":\"retired\"}}\n");
    assert!(operator.read("b").contains(&taken_back), "{}", operator.read("b"));
    // Its owner takes it away without our help.
    operator.run(&["del-group", account, "retired"]).ended(0);
    let report = report(&operator.run(&["bulk", "restore", "b", "--json"]).ended(0));
    assert_eq!((report["created"], report["duplicates"], report["items"]), (2, 2, 4));
    assert!(!operator.have_group("retired").contains(account));
}
