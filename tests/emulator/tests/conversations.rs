//! Tests of get_list and delete: a seeded list is paged whole and once, shows groups and marks, and what delete takes
//! off and leaves.

use crate::caller::*;
use chat_emulator::{Config, ContactType, Conversation, State};
use serde_json::{json, Value};

/// A setup where `user_0001` has these conversations: id, time, pinned.
fn desk_with(conversations: &[(&str, i64, bool)]) -> Setup {
    let setup = Setup::open();
    let mut state = setup.emulator.state();
    let account = state.accounts.get_mut("user_0001").unwrap();
    let conversation = |(id, msg_time, pinned): &(&str, i64, bool)| Conversation {
        kind: ContactType::User,
        id: (*id).to_owned(),
        msg_time: *msg_time,
        pinned: *pinned,
    };
    account.conversations = conversations.iter().map(conversation).collect();
    setup.emulator.load_state(state).unwrap();
    setup
}

fn first_page() -> Value {
    json!({"From_Account": "user_0001", "TimeStamp": 0, "StartIndex": 0, "TopTimeStamp": 0, "TopStartIndex": 0, "AssistFlags": 63})
}

/// The request for the page behind `page`: all four cursors echoed.
fn page_behind(page: &Value) -> Value {
    let mut request = first_page();
    for cursor in ["TimeStamp", "StartIndex", "TopTimeStamp", "TopStartIndex"] {
        assert!(page[cursor].is_u64(), "{page}");
        request[cursor] = page[cursor].clone();
    }
    request
}

/// The ids of each page, a pinned one with a `!`.
fn pages(setup: &Setup) -> Vec<Vec<String>> {
    let mut pages = Vec::new();
    let mut request = first_page();
    loop {
        let page = setup.call(GET_LIST, request.clone());
        pages.push(shown(&page));
        if page["CompleteFlag"] == 1 {
            return pages;
        }
        let next = page_behind(&page);
        assert_ne!(next, request, "the cursors have to move on");
        request = next;
    }
}

fn shown(page: &Value) -> Vec<String> {
    let items = page["SessionItem"]
        .as_array()
        .unwrap_or_else(|| panic!("{page}"))
        .iter();
    let id = |item: &Value| {
        item.get("To_Account")
            .unwrap_or(&item["GroupId"])
            .as_str()
            .unwrap()
            .to_owned()
    };
    items
        .map(|item| if item["TopFlag"] == 1 { id(item) + "!" } else { id(item) })
        .collect()
}

#[test]
fn a_list_shows_each_conversation_with_its_groups_and_marks() {
    let seed = br#"{"accounts":{"user_0001":{
        "groups":[{"id":1,"name":"a"},{"id":2,"name":"b"}],
        "entries":[{"type":2,"id":"@TGS#1","groups":[1,2],"standard_mark":"111001","custom_mark":"abcd"},
                   {"type":1,"id":"not in the list","groups":[1]}],
        "conversations":[{"type":1,"id":"user_0002","msg_time":1772612017},
                         {"type":2,"id":"@TGS#1","msg_time":1775185968},
                         {"type":1,"id":"@TGS#1","msg_time":5,"pinned":true}]}}}"#;
    let setup = Setup::with(Config {
        seed: Some(State::from_json(seed).unwrap()),
        ..Config::default()
    });
    let page = setup.call(GET_LIST, first_page());
    assert_eq!(
        page["SessionItem"],
        json!([
            {"Type": 1, "To_Account": "@TGS#1", "MsgTime": 5, "TopFlag": 1},
            {"Type": 2, "GroupId": "@TGS#1", "MsgTime": 1775185968, "TopFlag": 0,
             "StandardMark": "111001", "CustomMark": "abcd", "ContactGroupId": [1, 2]},
            {"Type": 1, "To_Account": "user_0002", "MsgTime": 1772612017, "TopFlag": 0},
        ])
    );
    assert_eq!((&page["CompleteFlag"], &page["ErrorCode"]), (&json!(1), &json!(0)));
}

#[test]
fn pages_cover_pinned_and_ordinary_conversations_once_also_those_of_the_same_second() {
    let list = [
        ("a", 50, false),
        ("b", 50, false),
        ("c", 50, false),
        ("d", 50, false),
        ("e", 40, false),
        ("p", 10, true),
        ("q", 60, true),
        ("r", 10, true),
    ];
    let setup = desk_with(&list);
    for (size, expected) in [
        (1, vec!["q!", "p!", "r!", "a", "b", "c", "d", "e"]),
        (2, vec!["q! p!", "r! a", "b c", "d e"]),
        (3, vec!["q! p! r!", "a b c", "d e"]),
        (8, vec!["q! p! r! a b c d e"]),
        (100, vec!["q! p! r! a b c d e"]),
    ] {
        setup.switch(|settings| settings.list_page_size = size);
        let got: Vec<String> = pages(&setup).iter().map(|page| page.join(" ")).collect();
        assert_eq!(got, expected, "{size} a page");
    }
}

#[test]
fn a_conversation_that_moves_up_while_a_client_pages_leaves_no_gap() {
    let setup = desk_with(&[("a", 50, false), ("b", 40, false), ("c", 30, false), ("d", 20, false)]);
    setup.switch(|settings| settings.list_page_size = 2);
    let first = setup.call(GET_LIST, first_page());
    assert_eq!(shown(&first), ["a", "b"]);
    let mut state = setup.emulator.state();
    state.accounts.get_mut("user_0001").unwrap().conversations[3].msg_time = 60;
    setup.emulator.load_state(state).unwrap();
    let second = setup.call(GET_LIST, page_behind(&first));
    assert_eq!((shown(&second), &second["CompleteFlag"]), (vec!["c".into()], &json!(1)));
}

#[test]
fn a_client_that_does_not_know_pinned_conversations_gets_them_as_ordinary_ones() {
    let setup = desk_with(&[("a", 50, false), ("p", 10, true), ("q", 60, true)]);
    let with_flags = |flags: Value| {
        let mut request = first_page();
        request["AssistFlags"] = flags;
        setup.call(GET_LIST, request)
    };
    for flags in [json!(1), json!(7), json!(63), json!(-1), json!(1i64 << 40 | 1)] {
        assert_eq!(shown(&with_flags(flags.clone())), ["q!", "p!", "a"], "{flags}");
    }
    for flags in [json!(0), json!(62), json!(-2)] {
        assert_eq!(shown(&with_flags(flags.clone())), ["q", "a", "p"], "{flags}");
    }
}

#[test]
fn the_plans_number_of_cloud_conversations_cuts_both_readings_without_a_word() {
    let names: Vec<String> = (0..130).map(|n| format!("u{n:03}")).collect();
    let list: Vec<(&str, i64, bool)> = names
        .iter()
        .enumerate()
        .map(|(n, name)| (name.as_str(), 1000 - n as i64, n == 129))
        .collect();
    let setup = desk_with(&list);
    for n in 0..2 {
        setup.create(&format!("g{n}"), users(&format!("{n}-"), 75));
    }
    let counts = || {
        let listed: usize = pages(&setup).iter().map(Vec::len).sum();
        let (mut grouped, mut start) = (0, 0);
        loop {
            let page = setup.get(start);
            grouped += page["ContactItem"].as_array().unwrap().len();
            start = page["NextStartIndex"].as_i64().unwrap();
            if page["CompleteFlag"] == 1 {
                return (listed, grouped);
            }
        }
    };
    assert_eq!(counts(), (100, 100));
    assert_eq!(pages(&setup)[0][0], "u000", "the oldest are cut, pinned or not");
    setup.switch(|settings| {
        settings.cloud_conversations = 500;
        settings.page_size = 40;
    });
    assert_eq!(counts(), (130, 150));
    assert_eq!(pages(&setup)[0][0], "u129!");
    setup.switch(|settings| settings.cloud_conversations = 7);
    assert_eq!(counts(), (7, 7));
}

#[test]
fn a_deleted_conversation_keeps_its_groups_and_marks() {
    let setup = desk_with(&[("u", 50, false), ("v", 40, true)]);
    setup.create("a", json!([user("u")]));
    setup.mark(json!([{"OptType": 3, "ContactItem": user("u"), "SetMark": [0], "CustomMark": "m"}]));
    let before = setup.get(0);
    let body = json!({"From_Account": "user_0001", "Type": 1, "To_Account": "u", "ClearRamble": 1});
    assert_eq!(
        setup.call(DELETE_CONVERSATION, body),
        json!({"ActionStatus": "OK", "ErrorCode": 0, "ErrorInfo": "", "ErrorDisplay": ""})
    );
    assert_eq!(pages(&setup), [["v!"]]);
    assert_eq!(setup.get(0), before);
}

#[test]
fn deleting_names_one_kind_and_an_absent_conversation_is_no_error() {
    let setup = desk_with(&[("same", 50, false)]);
    let room = json!({"From_Account": "user_0001", "Type": 2, "ToGroupid": "same"});
    assert_eq!(setup.code(DELETE_CONVERSATION, room.clone()), 0);
    assert_eq!(
        pages(&setup),
        [["same"]],
        "a chat group of that id is another conversation"
    );
    let mut state = setup.emulator.state();
    state.accounts.get_mut("user_0001").unwrap().conversations[0].kind = ContactType::ChatGroup;
    setup.emulator.load_state(state).unwrap();
    assert_eq!(setup.code(DELETE_CONVERSATION, room.clone()), 0);
    assert_eq!(pages(&setup), [[""; 0]]);
    assert_eq!(setup.code(DELETE_CONVERSATION, room), 0);
}

/// The ids of the pinned conversations and of the others, as the list shows them.
fn pins(setup: &Setup) -> (Vec<String>, Vec<String>) {
    let body = json!({"From_Account": "user_0001", "TimeStamp": 0, "StartIndex": 0, "TopTimeStamp": 0, "TopStartIndex": 0, "AssistFlags": 63});
    let answer = setup.call(GET_LIST, body);
    let (pinned, others): (Vec<&Value>, Vec<&Value>) = answer["SessionItem"]
        .as_array()
        .unwrap()
        .iter()
        .partition(|item| item["TopFlag"] == 1);
    let ids = |items: Vec<&Value>| -> Vec<String> {
        let id = |item: &Value| {
            item.get("To_Account")
                .or(item.get("GroupId"))
                .unwrap()
                .as_str()
                .unwrap()
                .to_owned()
        };
        let mut ids: Vec<String> = items.into_iter().map(id).collect();
        ids.sort();
        ids
    };
    (ids(pinned), ids(others))
}

#[test]
fn conversations_are_pinned_and_unpinned_and_a_repeat_changes_nothing() {
    let setup = Setup::open();
    let seed = r#"{"accounts":{"user_0001":{"conversations":[{"type":1,"id":"a","msg_time":5},{"type":2,"id":"@TGS#1","msg_time":6}]}}}"#;
    setup
        .emulator
        .load_state(chat_emulator::State::from_json(seed.as_bytes()).unwrap())
        .unwrap();
    let room = json!({"Type": 2, "GroupId": "@TGS#1"});
    for _ in 0..2 {
        assert_eq!(setup.pin(1, json!([room, user("new")]))["ErrorCode"], 0);
        assert_eq!(pins(&setup), (vec!["@TGS#1".into(), "new".into()], vec!["a".into()]));
    }
    for _ in 0..2 {
        assert_eq!(setup.pin(2, json!([room, user("nobody")]))["ErrorCode"], 0);
        assert_eq!(pins(&setup), (vec!["new".into()], vec!["@TGS#1".into(), "a".into()]));
    }
}
