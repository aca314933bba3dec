//! Tests of conversation groups: the answers of the vendor's pages, the state behind them, and each refusal of
//! the vendor's pages provoked by input.

use crate::caller::*;
use crate::documented::documented;
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

/// A request that breaks a rule of its page is refused with the page's code, and changes nothing: by command and code.
#[test]
fn a_request_that_breaks_a_rule_is_refused_with_its_code_and_changes_nothing() {
    let setup = Setup::open();
    setup.create("a", json!([]));
    setup.create("b", json!([]));
    let before = setup.emulator.state();
    let documented = documented();
    let refusals = &documented["refusals"];
    let mut bodies = 0;
    for (path, codes) in refusals.as_object().unwrap() {
        for (code, list) in codes.as_object().unwrap() {
            for body in list.as_array().unwrap() {
                let answer = setup.call(path, body.clone());
                assert_eq!(refused(&answer).to_string(), *code, "{path} {body}");
                bodies += 1;
            }
        }
    }
    assert!(bodies > 150);
    assert_eq!(setup.emulator.state(), before);
}

#[test]
fn a_call_takes_as_many_items_as_its_page_says() {
    let setup = Setup::open();
    setup.create("a", json!([]));
    let ids = |number: usize| -> Value { (0..number).map(|n| json!({"UserID": format!("u{n}")})).collect() };
    let each = |number: usize, item: &dyn Fn(&Value) -> Value| -> Value {
        users("u", number).as_array().unwrap().iter().map(item).collect()
    };
    let mark = |contact: &Value| json!({"OptType": 2, "ContactItem": contact, "CustomMark": "m"});
    let adding = |contact: &Value| json!({"ContactOptType": 1, "ContactItem": contact});
    for (number, codes) in [
        (100, [0, 0, 0, 0, 0, 0, 0]),
        (101, [51006, 51006, 51006, 50002, 70206, 70206, 70206]),
    ] {
        let answers = [
            setup.create(&format!("{number}"), users("u", number)),
            setup.change("a", each(number, &adding)),
            setup.mark(each(number, &mark)),
            setup.pin(2, users("u", number)),
            setup.call(MULTI_IMPORT, json!({"AccountList": ids(number)})),
            setup.call(CHECK, json!({"CheckItem": ids(number)})),
            setup.call(ACCOUNT_DELETE, json!({"DeleteItem": ids(number)})),
        ];
        assert_eq!(
            answers.map(|answer| answer["ErrorCode"].as_i64().unwrap()),
            codes,
            "{number}"
        );
    }
    assert_eq!(setup.search(users("u", 300))["ErrorCode"], 0);
    assert_eq!(refused(&setup.search(users("u", 301))), 50002);
}
