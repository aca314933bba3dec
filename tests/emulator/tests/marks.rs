//! Tests of mark_contact and search_contact_group: which marks a call sets and clears, how they are read back, and
//! each refusal that 1047/53438 and 1047/53442 know.

use crate::caller::*;
use chat_emulator::ClockSetting;
use chat_emulator::MarkZero;
use serde_json::{json, Value};

/// The standard mark of a conversation with `u`, and its custom mark.
fn marks(setup: &Setup) -> (String, Option<String>) {
    let found = setup.search(json!([user("u")]));
    let item = &found["ContactResultItem"][0];
    let text = |name: &str| item[name].as_str().map(str::to_owned);
    (text("StandardMark").unwrap_or_default(), text("CustomMark"))
}

/// Marks the conversation with `u`.
fn mark(setup: &Setup, opt_type: i64, rest: Value) {
    let mut item = rest;
    item["OptType"] = opt_type.into();
    item["ContactItem"] = user("u");
    let answer = setup.mark(json!([item]));
    assert_eq!(answer["ResultItem"][0]["ResultCode"], 0, "{answer}");
}

#[test]
fn a_mark_is_answered_item_by_item_as_on_the_vendors_page() {
    let setup = Setup::open();
    let answer = setup.mark(json!([
        {"OptType": 3, "ContactItem": user("user_0002"), "SetMark": [1, 2, 3], "CustomMark": "abcd"},
        {"OptType": 1, "ContactItem": room("@TGS#1"), "SetMark": [32]},
    ]));
    let item = |opt_type: u8, contact: Value| json!({"OptType": opt_type, "ContactItem": contact, "ResultCode": 0, "ResultInfo": ""});
    assert_eq!(
        answer,
        json!({
            "ResultItem": [item(3, user("user_0002")), item(1, room("@TGS#1"))],
            "ActionStatus": "OK", "ErrorCode": 0, "ErrorInfo": "", "ErrorDisplay": "",
        })
    );
    let got = setup.get(0)["ContactItem"].clone();
    assert_eq!(
        (&got[0]["StandardMark"], &got[0]["CustomMark"]),
        (&json!("1110"), &json!("abcd"))
    );
    assert_eq!(got[1]["StandardMark"], format!("1{}", "0".repeat(32)));
    assert_eq!(got[1].get("CustomMark"), None);
}

#[test]
fn opt_type_says_which_marks_are_read() {
    let setup = Setup::open();
    let all = json!({"SetMark": [0], "CustomMark": "a"});
    mark(&setup, 1, all.clone());
    assert_eq!(marks(&setup), ("1".into(), None));
    mark(&setup, 2, json!({"ClearMark": [0], "SetMark": [1], "CustomMark": "b"}));
    assert_eq!(marks(&setup), ("1".into(), Some("b".into())));
    mark(&setup, 3, json!({"SetMark": [2], "CustomMark": "c"}));
    assert_eq!(marks(&setup), ("101".into(), Some("c".into())));
    mark(&setup, 1, json!({"CustomMark": ["not read"]}));
    mark(&setup, 2, json!({"SetMark": "not read", "ClearMark": 64}));
    assert_eq!(marks(&setup), ("101".into(), Some("c".into())), "what is absent stays");
}

#[test]
fn a_mark_in_both_lists_is_cleared_and_then_set() {
    let setup = Setup::open();
    mark(&setup, 1, json!({"SetMark": [0, 1]}));
    mark(&setup, 1, json!({"ClearMark": [0, 1, 5], "SetMark": [1, 1, 3]}));
    assert_eq!(marks(&setup).0, "001010");
}

#[test]
fn marks_are_0_to_63() {
    let setup = Setup::open();
    mark(&setup, 1, json!({"SetMark": [63, 0]}));
    assert_eq!(marks(&setup).0, format!("1{}1", "0".repeat(62)));
    for wrong in [
        json!(64),
        json!(-1),
        json!("1"),
        json!(1.5),
        json!(1u64 << 40),
        json!(null),
    ] {
        for list in ["SetMark", "ClearMark"] {
            let item = json!({"OptType": 1, "ContactItem": user("u"), list: [2, wrong]});
            assert_eq!(refused(&setup.mark(json!([item]))), 50002, "{list} {wrong}");
        }
    }
    assert_eq!(marks(&setup).0, format!("1{}1", "0".repeat(62)));
}

#[test]
fn a_custom_mark_has_at_most_256_bytes_and_an_empty_one_clears() {
    let setup = Setup::open();
    // Three bytes a character: 85 of them are 255 bytes.
    let long = "\u{4f1a}".repeat(85);
    mark(&setup, 2, json!({"CustomMark": format!("{long}a")}));
    assert_eq!(marks(&setup).1, Some(format!("{long}a")));
    let item = json!({"OptType": 2, "ContactItem": user("u"), "CustomMark": format!("{long}ab")});
    assert_eq!(refused(&setup.mark(json!([item]))), 50002);
    assert_eq!(marks(&setup).1, Some(format!("{long}a")));
    mark(&setup, 2, json!({"CustomMark": ""}));
    assert_eq!(setup.search(json!([user("u")]))["ContactResultItem"], json!([]));
}

#[test]
fn a_conversation_without_a_mark_or_a_group_is_gone() {
    let setup = Setup::open();
    mark(&setup, 1, json!({"ClearMark": [3]}));
    assert_eq!(setup.get(0)["ContactItem"], json!([]));
    mark(&setup, 1, json!({"SetMark": [3]}));
    mark(&setup, 1, json!({"ClearMark": [3]}));
    assert_eq!(setup.get(0)["ContactItem"], json!([]));
    setup.create("a", json!([user("u")]));
    mark(&setup, 1, json!({"SetMark": [3]}));
    mark(&setup, 1, json!({"ClearMark": [3]}));
    let left = setup.get(0)["ContactItem"][0].clone();
    assert_eq!(
        (&left["StandardMark"], &left["ContactGroupId"]),
        (&json!("0000"), &json!([1]))
    );
}

#[test]
fn the_time_of_a_conversation_moves_only_when_its_marks_change() {
    let setup = Setup::open();
    let start = setup.emulator.now();
    let time = || setup.search(json!([user("u")]))["ContactResultItem"][0]["Timestamp"].clone();
    let freeze = |s: i64| setup.emulator.set_clock(ClockSetting::frozen(start + s));
    freeze(0);
    mark(&setup, 3, json!({"SetMark": [3], "CustomMark": "a"}));
    freeze(1);
    mark(&setup, 3, json!({"SetMark": [3], "CustomMark": "a"}));
    assert_eq!(time(), start);
    mark(&setup, 2, json!({"CustomMark": "b"}));
    assert_eq!(time(), start + 1);
    freeze(2);
    mark(&setup, 1, json!({"ClearMark": [3]}));
    assert_eq!(time(), start + 2);
}

#[test]
fn a_dismissed_chat_group_is_51007_in_its_item_and_keeps_its_marks() {
    let setup = Setup::open();
    let items = |text: &str| {
        let item = |contact: Value| json!({"OptType": 2, "ContactItem": contact, "CustomMark": text});
        json!([item(room("@gone")), item(user("u"))])
    };
    setup.mark(items("before"));
    setup.switch(|settings| settings.dismissed_groups = vec!["@gone".into()]);
    let answer = setup.mark(items("after"));
    let codes: Vec<&Value> = (0..2).map(|n| &answer["ResultItem"][n]["ResultCode"]).collect();
    assert_eq!(
        (&answer["ErrorCode"], codes),
        (&json!(0), vec![&json!(51007), &json!(0)])
    );
    let found = setup.search(json!([room("@gone"), user("u")]))["ContactResultItem"].clone();
    assert_eq!(
        (&found[0]["CustomMark"], &found[1]["CustomMark"]),
        (&json!("before"), &json!("after"))
    );
}

#[test]
fn a_search_answers_in_the_order_asked_and_leaves_out_what_has_nothing() {
    let setup = Setup::open();
    setup.create("a", json!([user("grouped")]));
    setup.create("b", json!([]));
    setup.mark(json!([{"OptType": 2, "ContactItem": room("marked"), "CustomMark": "m"}]));
    let found = setup.search(json!([
        room("grouped"),
        room("marked"),
        user("nobody"),
        user("grouped")
    ]));
    let items = found["ContactResultItem"].as_array().unwrap();
    let keys: Vec<&Value> = items
        .iter()
        .map(|item| item.get("To_Account").unwrap_or(&item["ToGroupId"]))
        .collect();
    assert_eq!(keys, ["marked", "grouped"]);
    assert_eq!(
        (&items[0]["StandardMark"], &items[0]["CustomMark"]),
        (&json!(""), &json!("m"))
    );
    assert_eq!(items[0].get("ContactGroupId"), None);
    assert_eq!(
        (&items[1]["ContactGroupId"], items[1].get("CustomMark")),
        (&json!([1]), None)
    );
    assert_eq!(
        found["GroupItem"],
        json!([{"GroupName": "a", "GroupId": 1}, {"GroupName": "b", "GroupId": 2}])
    );
}

#[test]
fn a_mark_string_is_read_from_the_end_that_the_setting_names() {
    let setup = Setup::open();
    mark(&setup, 1, json!({"SetMark": [0, 40], "ClearMark": [41]}));
    let right = marks(&setup).0;
    setup.switch(|settings| settings.mark_zero = MarkZero::Leftmost);
    let left = marks(&setup).0;
    let set = |characters: &mut dyn Iterator<Item = char>| -> Vec<usize> {
        characters
            .enumerate()
            .filter(|(_, c)| *c == '1')
            .map(|(n, _)| n)
            .collect()
    };
    assert_eq!(set(&mut right.chars().rev()), [0, 40]);
    assert_eq!(set(&mut left.chars()), [0, 40]);
    assert_eq!((left.len(), right.len()), (42, 42));
}

#[test]
fn a_plan_without_marks_lets_custom_marks_be_changed_and_nothing_else() {
    let setup = Setup::open();
    setup.switch(|settings| settings.plan = false);
    let item = |opt_type: u8| json!({"OptType": opt_type, "ContactItem": user("u"), "SetMark": [1], "CustomMark": "m"});
    assert_eq!(setup.mark(json!([item(2), item(2)]))["ErrorCode"], 0);
    for refused_ones in [json!([item(1)]), json!([item(2), item(3)]), json!([])] {
        assert_eq!(refused(&setup.mark(refused_ones)), 51013);
    }
    assert_eq!(refused(&setup.search(json!([user("u")]))), 51013);
    setup.switch(|settings| (settings.plan, settings.plan_covers_reads) = (false, false));
    assert_eq!(marks(&setup), (String::new(), Some("m".into())));
    assert_eq!(setup.get(0)["ErrorCode"], 0);
    assert_eq!(refused(&setup.create("g", json!([]))), 51013);
}
