//! Tests of conversation groups: the answers of the vendor's pages, the state behind them, and each refusal of
//! the vendor's pages provoked by input.

use crate::caller::*;
use chat_emulator::{Config, Settings, State};
use serde_json::{json, Value};

#[test]
fn create_get_and_delete_answer_as_on_the_vendors_pages() {
    let setup = Setup::open();
    setup.emulator.set_clock(chat_emulator::ClockSetting::real());
    let peer = json!({"Type": 1, "To_Account": "user_0002"});
    let room = json!({"Type": 2, "ToGroupId": "@TGS#1B2AUI7RZ"});
    let created = setup.create("group_0001", json!([peer, room]));
    let item = |contact: &Value| json!({"ContactItem": contact, "ResultCode": 0, "ResultInfo": ""});
    assert_eq!(
        created,
        json!({
            "GroupResultItem": [{
                "GroupItem": {"GroupName": "group_0001", "GroupId": 1},
                "ResultItem": [item(&peer), item(&room)],
            }],
            "ActionStatus": "OK", "ErrorCode": 0, "ErrorInfo": "",
        })
    );
    let mut got = setup.get(0);
    for entry in got["ContactItem"].as_array_mut().unwrap() {
        assert!(entry["Timestamp"].as_i64().unwrap() > 1_700_000_000);
        entry.as_object_mut().unwrap().remove("Timestamp");
    }
    assert_eq!(
        got,
        json!({
            "ContactItem": [
                {"Type": 1, "To_Account": "user_0002", "ContactGroupId": [1]},
                {"Type": 2, "ToGroupId": "@TGS#1B2AUI7RZ", "ContactGroupId": [1]},
            ],
            "GroupItem": [{"GroupName": "group_0001", "GroupId": 1}],
            "CompleteFlag": 1, "NextStartIndex": 0,
            "ActionStatus": "OK", "ErrorCode": 0, "ErrorInfo": "",
        })
    );
    assert_eq!(
        setup.delete("group_0001"),
        json!({
            "GroupItem": [{"GroupName": "group_0001", "GroupId": 1}],
            "ActionStatus": "OK", "ErrorCode": 0, "ErrorInfo": "",
        })
    );
    assert_eq!(refused(&setup.delete("group_0001")), 51009);
}

#[test]
fn the_delete_answer_is_the_documented_text_to_the_byte() {
    let setup = Setup::open();
    setup.create("group_0001", json!([]));
    let body = br#"{"From_Account":"user_0001","GroupName":["group_0001"]}"#;
    let answer = setup.wire().ask("POST", &setup.target(DELETE), body);
    let expected =
        r#"{"GroupItem":[{"GroupName":"group_0001","GroupId":1}],"ActionStatus":"OK","ErrorCode":0,"ErrorInfo":""}"#;
    assert_eq!(String::from_utf8(answer.body).unwrap(), expected);
}

#[test]
fn one_conversation_in_three_groups_loses_only_the_deleted_one() {
    let setup = Setup::open();
    for name in ["a", "b", "c"] {
        assert_eq!(setup.create(name, users("peer", 1))["ErrorCode"], 0);
    }
    setup.delete("b");
    assert_eq!(setup.get(0)["ContactItem"][0]["ContactGroupId"], json!([1, 3]));
    setup.delete("a");
    setup.delete("c");
    assert_eq!(setup.get(0)["ContactItem"], json!([]));
}

#[test]
fn a_group_made_again_gets_a_new_id() {
    let setup = Setup::open();
    assert_eq!(
        setup.create("a", json!([]))["GroupResultItem"][0]["GroupItem"]["GroupId"],
        1
    );
    setup.delete("a");
    assert_eq!(
        setup.create("a", json!([]))["GroupResultItem"][0]["GroupItem"]["GroupId"],
        2
    );
}

#[test]
fn groups_of_one_user_are_not_anothers() {
    let setup = Setup::open();
    setup.create("mine", json!([]));
    let other = json!({"From_Account": "user_0002", "GroupName": ["mine"]});
    assert_eq!(setup.code(DELETE, other), 51009);
    assert_eq!(setup.delete("mine")["ErrorCode"], 0);
}

#[test]
fn names_are_compared_byte_for_byte() {
    let setup = Setup::open();
    setup.create("Group", json!([]));
    assert_eq!(refused(&setup.delete("group")), 51009);
    assert_eq!(refused(&setup.delete("Group ")), 51009);
    setup.create("\u{304c}", json!([]));
    assert_eq!(refused(&setup.delete("\u{304b}\u{3099}")), 51009);
    assert_eq!(setup.delete("\u{304c}")["ErrorCode"], 0);
}

#[test]
fn a_user_has_at_most_20_groups() {
    let setup = Setup::open();
    for n in 0..20 {
        assert_eq!(setup.create(&format!("g{n}"), json!([]))["ErrorCode"], 0);
    }
    assert_eq!(refused(&setup.create("g20", json!([]))), 51010);
    setup.delete("g7");
    assert_eq!(setup.create("g20", json!([]))["ErrorCode"], 0);
}

#[test]
fn a_name_has_at_most_64_bytes_or_32_by_switch() {
    let setup = Setup::open();
    // Three bytes a character: 21 characters are 63 bytes.
    let japanese = "\u{4f1a}".repeat(21);
    assert_eq!(setup.create(&japanese, json!([]))["ErrorCode"], 0);
    assert_eq!(setup.create(&format!("{japanese}a"), json!([]))["ErrorCode"], 0);
    assert_eq!(refused(&setup.create(&format!("{japanese}ab"), json!([]))), 51011);
    assert_eq!(refused(&setup.delete(&"x".repeat(65))), 51011);
    assert_eq!(refused(&setup.delete(&"x".repeat(64))), 51009);
    setup.emulator.set_settings(Settings {
        name_limit: 32,
        ..Settings::default()
    });
    assert_eq!(refused(&setup.create(&"x".repeat(33), json!([]))), 51011);
    assert_eq!(setup.create(&"x".repeat(32), json!([]))["ErrorCode"], 0);
    assert_eq!(refused(&setup.delete(&"x".repeat(33))), 51011);
}

#[test]
fn a_call_takes_at_most_100_conversations() {
    let setup = Setup::open();
    assert_eq!(refused(&setup.create("too many", users("u", 101))), 51006);
    assert_eq!(setup.get(0)["GroupItem"], json!([]));
    let made = setup.create("just so", users("u", 100));
    assert_eq!(made["GroupResultItem"][0]["ResultItem"].as_array().unwrap().len(), 100);
}

#[test]
fn at_most_1000_conversations_are_in_groups() {
    let setup = Setup::open();
    for n in 0..10 {
        assert_eq!(
            setup.create(&format!("g{n}"), users(&format!("{n}-"), 100))["ErrorCode"],
            0
        );
    }
    assert_eq!(refused(&setup.create("over", users("new", 1))), 51008);
    assert_eq!(setup.create("known only", users("3-", 50))["ErrorCode"], 0);
}

#[test]
fn a_name_that_is_taken_is_refused() {
    let setup = Setup::open();
    setup.create("a", json!([]));
    assert_eq!(refused(&setup.create("a", users("u", 1))), 50002);
    assert_eq!(setup.get(0)["ContactItem"], json!([]));
}

#[test]
fn bad_parameters_of_create_are_50002() {
    let setup = Setup::open();
    let group = |group: Value| json!({"From_Account": "user_0001", "GroupContactItem": [group]});
    let contact = |contact: Value| group(json!({"GroupName": "g", "ContactItem": [contact]}));
    for body in [
        json!({"From_Account": "user_0001"}),
        json!({"GroupContactItem": [{"GroupName": "g"}]}),
        json!({"From_Account": "", "GroupContactItem": [{"GroupName": "g"}]}),
        json!({"From_Account": "user_0001", "GroupContactItem": []}),
        json!({"From_Account": "user_0001", "GroupContactItem": {"GroupName": "g"}}),
        json!({"From_Account": "user_0001", "GroupContactItem": [{"GroupName": "g"}, {"GroupName": "h"}]}),
        json!({"From_Account": "user_0001", "groupContactItem": [{"GroupName": "g"}]}),
        json!({"From_Account": "user_0001", "GroupNames": ["g"]}),
        group(json!("g")),
        group(json!({})),
        group(json!({"GroupName": ""})),
        group(json!({"GroupName": 5})),
        group(json!({"groupname": "g"})),
        group(json!({"GroupName": "g", "ContactItem": {}})),
        group(json!({"GroupName": "g", "contactItem": []})),
        contact(json!("user_0002")),
        contact(json!({"To_Account": "a"})),
        contact(json!({"type": 1, "To_Account": "a"})),
        contact(json!({"Type": "1", "To_Account": "a"})),
        contact(json!({"Type": 3, "To_Account": "a"})),
        contact(json!({"Type": 1})),
        contact(json!({"Type": 1, "To_Account": ""})),
        contact(json!({"Type": 1, "ToGroupId": "a"})),
        contact(json!({"Type": 2, "To_Account": "a"})),
        contact(json!({"Type": 2, "ToGroupid": "a"})),
        contact(json!({"Type": 2, "ToGroupId": 7})),
    ] {
        assert_eq!(refused(&setup.call(CREATE, body.clone())), 50002, "{body}");
    }
    assert_eq!(setup.get(0)["GroupItem"], json!([]), "a refused call changes nothing");
}

#[test]
fn bad_parameters_of_delete_are_50002() {
    let setup = Setup::open();
    setup.create("a", json!([]));
    setup.create("b", json!([]));
    for body in [
        json!({"From_Account": "user_0001"}),
        json!({"GroupName": ["a"]}),
        json!({"From_Account": "user_0001", "GroupName": "a"}),
        json!({"From_Account": "user_0001", "GroupName": []}),
        json!({"From_Account": "user_0001", "GroupName": [""]}),
        json!({"From_Account": "user_0001", "GroupName": [1]}),
        json!({"From_Account": "user_0001", "GroupName": null}),
        json!({"From_Account": "user_0001", "GroupName": ["a", "b"]}),
        json!({"From_Account": "user_0001", "groupName": ["a"]}),
        json!({"From_Account": "user_0001", "GroupName": ["a"], "groupname": ["b"]}),
        json!({"from_account": "user_0001", "GroupName": ["a"]}),
    ] {
        assert_eq!(refused(&setup.call(DELETE, body.clone())), 50002, "{body}");
    }
    assert_eq!(setup.get(0)["GroupItem"].as_array().unwrap().len(), 2);
}

#[test]
fn bad_parameters_of_get_are_50002() {
    let setup = Setup::open();
    for start in [json!("0"), json!(-1), json!(0.5), Value::Null] {
        assert_eq!(
            setup.code(GET, json!({"From_Account": "user_0001", "StartIndex": start})),
            50002,
            "{start}"
        );
    }
    assert_eq!(setup.code(GET, json!({"From_Account": "user_0001"})), 50002);
    assert_eq!(
        setup.code(GET, json!({"From_Account": "user_0001", "startIndex": 0})),
        50002
    );
}

#[test]
fn an_account_that_was_never_imported_is_50001() {
    let setup = Setup::open();
    for (path, rest) in [
        (DELETE, json!({"GroupName": ["a"]})),
        (CREATE, json!({"GroupContactItem": [{"GroupName": "a"}]})),
        (GET, json!({"StartIndex": 0})),
    ] {
        let mut body = rest;
        body["From_Account"] = "nobody".into();
        assert_eq!(refused(&setup.call(path, body)), 50001);
    }
}

#[test]
fn an_account_that_is_no_string_is_60015() {
    let setup = Setup::open();
    assert_eq!(
        setup.code(DELETE, json!({"From_Account": 7, "GroupName": ["a"]})),
        60015
    );
    assert_eq!(
        setup.code(DELETE, json!({"From_Account": null, "GroupName": ["a"]})),
        60015
    );
    assert_eq!(
        refused(&setup.create("a", json!([{"Type": 1, "To_Account": 5}]))),
        60015
    );
    assert_eq!(setup.code(CHECK, json!({"CheckItem": [{"UserID": 5}]})), 60015);
}

#[test]
fn a_plan_without_groups_is_51013_and_back_again() {
    let setup = Setup::open();
    let without = Settings {
        plan: false,
        ..Settings::default()
    };
    setup.emulator.set_settings(without);
    assert_eq!(refused(&setup.create("a", json!([]))), 51013);
    assert_eq!(refused(&setup.delete("a")), 51013);
    assert_eq!(refused(&setup.get(0)), 51013);
    assert_eq!(setup.code(CHECK, json!({"CheckItem": [{"UserID": "user_0001"}]})), 0);
    setup.emulator.set_settings(Settings::default());
    assert_eq!(setup.create("a", json!([]))["ErrorCode"], 0);
}

#[test]
fn pages_cover_everything_once() {
    let setup = Setup::open();
    setup.create("a", users("u", 25));
    setup.emulator.set_settings(Settings {
        page_size: 10,
        ..Settings::default()
    });
    let mut seen = Vec::new();
    let mut start = 0;
    for (size, complete) in [(10, 0), (10, 0), (5, 1)] {
        let page = setup.get(start);
        let items = page["ContactItem"].as_array().unwrap();
        assert_eq!(items.len(), size);
        assert_eq!(page["CompleteFlag"], complete);
        assert_eq!(page["GroupItem"].as_array().unwrap().len(), 1);
        seen.extend(items.iter().map(|item| item["To_Account"].as_str().unwrap().to_owned()));
        start = page["NextStartIndex"].as_i64().unwrap();
    }
    assert_eq!(start, 0);
    let expected: Vec<String> = (0..25).map(|n| format!("u{n}")).collect();
    assert_eq!(seen, expected);
    let beyond = setup.get(1000);
    assert_eq!(
        (&beyond["ContactItem"], &beyond["CompleteFlag"]),
        (&json!([]), &json!(1))
    );
}

#[test]
fn seeded_marks_are_shown_and_outlive_the_group() {
    let seed = br#"{"accounts":{"user_0001":{
        "groups":[{"id":4,"name":"a"}],
        "entries":[{"type":1,"id":"x","groups":[4],"standard_mark":"111001","custom_mark":"abcd","updated":1670843110}]}}}"#;
    let setup = Setup::with(Config {
        seed: Some(State::from_json(seed).unwrap()),
        ..Config::default()
    });
    let item = json!({"Type": 1, "To_Account": "x", "StandardMark": "111001", "CustomMark": "abcd",
                      "ContactGroupId": [4], "Timestamp": 1670843110});
    assert_eq!(setup.get(0)["ContactItem"], json!([item]));
    setup.delete("a");
    let left = setup.get(0)["ContactItem"][0].clone();
    assert_eq!(
        (&left["CustomMark"], left.get("ContactGroupId")),
        (&json!("abcd"), None)
    );
    assert_eq!(
        setup.create("b", json!([]))["GroupResultItem"][0]["GroupItem"]["GroupId"],
        5
    );
}

#[test]
fn many_callers_at_once_lose_nothing() {
    let setup = Setup::open();
    std::thread::scope(|scope| {
        for caller in 0..8 {
            let setup = &setup;
            scope.spawn(move || {
                let user = format!("worker{caller}");
                assert_eq!(setup.code(IMPORT, json!({"UserID": user})), 0);
                for n in 0..20 {
                    let group = json!({"GroupName": format!("g{n}"), "ContactItem": users("u", 3)});
                    let body = json!({"From_Account": user, "GroupContactItem": [group]});
                    assert_eq!(setup.code(CREATE, body), 0);
                }
            });
        }
    });
    let state = setup.emulator.state();
    for caller in 0..8 {
        let account = &state.accounts[&format!("worker{caller}")];
        assert_eq!((account.groups.len(), account.entries.len()), (20, 3));
    }
    assert_eq!(setup.emulator.requests_total(), 8 * 21);
}
