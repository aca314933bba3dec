//! Tests of update_contact_group: a new name, other conversations, and each refusal that 1047/53439 knows.

use crate::caller::*;
use chat_emulator::ClockSetting;
use serde_json::{json, Value};

fn adding(contact: Value) -> Value {
    json!({"ContactOptType": 1, "ContactItem": contact})
}

fn removing(contact: Value) -> Value {
    json!({"ContactOptType": 2, "ContactItem": contact})
}

fn additions(contacts: &Value) -> Value {
    contacts.as_array().unwrap().iter().cloned().map(adding).collect()
}

/// The groups of each conversation, by its id.
fn members(setup: &Setup) -> Vec<(String, Vec<u64>)> {
    let account = setup.emulator.state().accounts["user_0001"].clone();
    let entries = account.entries.into_iter();
    entries
        .map(|entry| (entry.id, entry.groups.into_iter().collect()))
        .collect()
}

#[test]
fn a_renamed_group_keeps_its_id_and_its_conversations() {
    let setup = Setup::open();
    setup.create("old", users("u", 2));
    assert_eq!(
        setup.rename("old", "new"),
        json!({
            "UpdateType": 1,
            "UpdateGroupResult": {"UpdateGroupType": 1, "GroupName": "new", "GroupId": 1, "OldGroupName": "old"},
            "ActionStatus": "OK", "ErrorCode": 0, "ErrorInfo": "",
        })
    );
    let got = setup.get(0);
    assert_eq!(got["GroupItem"], json!([{"GroupName": "new", "GroupId": 1}]));
    assert_eq!(got["ContactItem"][1]["ContactGroupId"], json!([1]));
    assert_eq!(refused(&setup.delete("old")), 51009);
    assert_eq!(setup.delete("new")["GroupItem"][0]["GroupId"], 1);
}

#[test]
fn a_group_cannot_take_a_name_that_exists() {
    let setup = Setup::open();
    setup.create("a", json!([]));
    setup.create("b", json!([]));
    assert_eq!(refused(&setup.rename("a", "b")), 50002);
    assert_eq!(refused(&setup.rename("a", "a")), 50002, "its own name exists too");
    assert_eq!(refused(&setup.rename("no such group", "b")), 51009);
    assert_eq!(setup.rename("a", "A")["ErrorCode"], 0, "another case is another name");
    let names = setup.get(0)["GroupItem"].clone();
    assert_eq!(
        names,
        json!([{"GroupName": "A", "GroupId": 1}, {"GroupName": "b", "GroupId": 2}])
    );
}

#[test]
fn both_names_have_the_limit_of_a_group_name() {
    let setup = Setup::open();
    setup.create("a", json!([]));
    let at = |bytes: usize| "x".repeat(bytes);
    assert_eq!(refused(&setup.rename("a", &at(65))), 51011);
    assert_eq!(refused(&setup.rename(&at(65), "b")), 51011);
    assert_eq!(refused(&setup.change(&at(65), json!([adding(user("u"))]))), 51011);
    assert_eq!(setup.rename("a", &at(64))["ErrorCode"], 0);
    setup.switch(|settings| settings.name_limit = 32);
    assert_eq!(refused(&setup.rename(&at(64), "b")), 51011);
    setup.create("a", json!([]));
    assert_eq!(refused(&setup.rename("a", &at(33))), 51011);
    assert_eq!(setup.rename("a", &at(32))["ErrorCode"], 0);
}

#[test]
fn adding_and_removing_go_in_one_call_and_are_answered_item_by_item() {
    let setup = Setup::open();
    setup.create("a", json!([user("stays"), room("@TGS#1")]));
    let items = json!([
        adding(user("new")),
        removing(room("@TGS#1")),
        removing(user("stranger"))
    ]);
    let answer = setup.change("a", items);
    let item = |way: u8, contact: Value| json!({"ContactOptType": way, "ContactItem": contact, "ResultCode": 0, "ResultInfo": ""});
    assert_eq!(
        answer,
        json!({
            "UpdateType": 1,
            "UpdateGroupResult": {
                "UpdateGroupType": 2, "GroupName": "a", "GroupId": 1, "OldGroupName": "a",
                "ContactResultItem": [item(1, user("new")), item(2, room("@TGS#1")), item(2, user("stranger"))],
            },
            "ActionStatus": "OK", "ErrorCode": 0, "ErrorInfo": "",
        })
    );
    assert_eq!(members(&setup), [("stays".into(), vec![1]), ("new".into(), vec![1])]);
}

#[test]
fn a_conversation_given_twice_is_changed_in_the_order_of_the_items() {
    let setup = Setup::open();
    setup.create("a", json!([]));
    setup.change(
        "a",
        json!([
            adding(user("u")),
            removing(user("u")),
            removing(user("v")),
            adding(user("v"))
        ]),
    );
    assert_eq!(members(&setup), [("v".into(), vec![1])]);
}

#[test]
fn a_user_and_a_chat_group_of_the_same_id_are_two_conversations() {
    let setup = Setup::open();
    setup.create("a", json!([user("same"), room("same")]));
    setup.change("a", json!([removing(user("same"))]));
    let left = setup.get(0)["ContactItem"].clone();
    assert_eq!(
        (left.as_array().unwrap().len(), &left[0]["ToGroupId"]),
        (1, &json!("same"))
    );
}

#[test]
fn the_time_of_a_conversation_moves_only_when_its_groups_change() {
    let setup = Setup::open();
    let start = setup.emulator.now();
    setup.emulator.set_clock(ClockSetting::frozen(start));
    setup.create("a", users("u", 2));
    setup.emulator.set_clock(ClockSetting::frozen(start + 5));
    setup.change("a", json!([adding(user("u0")), removing(user("u9"))]));
    setup.rename("a", "b");
    setup.create("other", json!([user("u1")]));
    let times: Vec<i64> = setup.emulator.state().accounts["user_0001"]
        .entries
        .iter()
        .map(|entry| entry.updated)
        .collect();
    assert_eq!(times, [start, start + 5]);
}

#[test]
fn at_most_1000_conversations_are_in_groups_whichever_call_puts_them_there() {
    let setup = Setup::open();
    setup.create("a", json!([]));
    for n in 0..10 {
        let hundred = additions(&users(&format!("{n}-"), 100));
        assert_eq!(setup.change("a", hundred)["ErrorCode"], 0);
    }
    let before = setup.emulator.state();
    assert_eq!(
        refused(&setup.change("a", json!([adding(user("0-0")), adding(user("new"))]))),
        51008
    );
    assert_eq!(setup.emulator.state(), before, "a refused call changes nothing");
    let exchange = json!([adding(user("new")), removing(user("0-0"))]);
    assert_eq!(
        setup.change("a", exchange)["ErrorCode"],
        0,
        "one for another fits at the limit"
    );
    assert_eq!(members(&setup).len(), 1000);
}

#[test]
fn a_dismissed_chat_group_is_51007_in_its_item_and_the_others_go_on() {
    let setup = Setup::open();
    setup.create("a", json!([room("@old")]));
    setup.switch(|settings| settings.dismissed_groups = vec!["@gone".into(), "@old".into()]);
    let answer = setup.change(
        "a",
        json!([adding(room("@gone")), adding(user("@gone")), removing(room("@old"))]),
    );
    assert_eq!(answer["ErrorCode"], 0);
    let codes: Vec<&Value> = (0..3)
        .map(|n| &answer["UpdateGroupResult"]["ContactResultItem"][n]["ResultCode"])
        .collect();
    assert_eq!(codes, [51007, 0, 51007]);
    assert_eq!(members(&setup), [("@old".into(), vec![1]), ("@gone".into(), vec![1])]);

    let created = setup.create("b", json!([user("u"), room("@gone")]));
    let results = &created["GroupResultItem"][0]["ResultItem"];
    assert_eq!(
        (
            &created["ErrorCode"],
            &results[0]["ResultCode"],
            &results[1]["ResultCode"]
        ),
        (&json!(0), &json!(0), &json!(51007))
    );
    assert!(!results[1]["ResultInfo"].as_str().unwrap().is_empty());
    let of_b: Vec<String> = members(&setup)
        .into_iter()
        .filter(|(_, groups)| groups.contains(&2))
        .map(|(id, _)| id)
        .collect();
    assert_eq!(of_b, ["u"]);

    setup.switch(|_| {});
    let back = setup.change("a", json!([adding(room("@gone"))]));
    assert_eq!(back["UpdateGroupResult"]["ContactResultItem"][0]["ResultCode"], 0);
}

#[test]
fn what_belongs_to_the_other_mode_is_ignored() {
    let setup = Setup::open();
    setup.create("a", json!([]));
    let call = |group: Value| {
        setup.call(
            UPDATE,
            json!({"From_Account": "user_0001", "UpdateType": 1, "UpdateGroup": group}),
        )
    };
    let item = adding(user("u"));
    let renamed = json!({"UpdateGroupType": 1, "OldGroupName": "a", "NewGroupName": "b", "ContactUpdateItem": [item]});
    assert_eq!(call(renamed)["ErrorCode"], 0);
    let changed = json!({"UpdateGroupType": 2, "OldGroupName": "b", "NewGroupName": "c", "ContactUpdateItem": [item]});
    assert_eq!(call(changed)["UpdateGroupResult"]["GroupName"], "b");
    assert_eq!(members(&setup).len(), 1);
}
