//! Tests of the account calls that stand next to the groups (1047/34953 to 34956).

use crate::caller::*;
use serde_json::{json, Value};

#[test]
fn an_import_makes_an_account_known_and_may_be_repeated() {
    let setup = Setup::open();
    let create = json!({"From_Account": "new", "GroupContactItem": [{"GroupName": "a"}]});
    assert_eq!(setup.code(CREATE, create.clone()), 50001);
    let done = setup.call(
        IMPORT,
        json!({"UserID": "new", "Nick": "N", "FaceUrl": "http://x/y.png"}),
    );
    assert_eq!(done, json!({"ActionStatus": "OK", "ErrorCode": 0, "ErrorInfo": ""}));
    assert_eq!(setup.code(CREATE, create), 0);
    assert_eq!(setup.code(IMPORT, json!({"UserID": "new", "Nick": "M"})), 0);
    let account = &setup.emulator.state().accounts["new"];
    assert_eq!(
        (account.nick.as_str(), account.face_url.as_str(), account.groups.len()),
        ("M", "http://x/y.png", 1)
    );
}

#[test]
fn bad_parameters_of_an_import_are_70402_and_40601() {
    let setup = Setup::open();
    for (body, code) in [
        (json!({}), 70402),
        (json!({"UserID": ""}), 70402),
        (json!({"UserID": "a".repeat(33)}), 70402),
        (json!({"UserID": "caf\u{e9}"}), 70402),
        (json!({"UserID": "tab\there"}), 70402),
        (json!({"userid": "a"}), 70402),
        (json!({"UserID": "a", "Nick": 5}), 70402),
        (json!({"UserID": "a", "Nick": "n".repeat(501)}), 40601),
        (json!({"UserID": "a", "FaceUrl": "n".repeat(501)}), 40601),
        (json!({"UserID": "a".repeat(32), "Nick": "n".repeat(500)}), 0),
    ] {
        assert_eq!(setup.code(IMPORT, body.clone()), code, "{body}");
    }
    assert_eq!(setup.emulator.state().accounts.len(), 4);
}

#[test]
fn many_accounts_are_imported_in_both_forms_and_failures_are_named() {
    let setup = Setup::open();
    let long = "x".repeat(33);
    let list = json!({"AccountList": [{"UserID": "a", "Nick": "A"}, {"UserID": long}, {"UserID": "b", "Nick": "n".repeat(501)}]});
    let answer = setup.call(MULTI_IMPORT, list);
    assert_eq!(
        (&answer["ErrorCode"], &answer["FailAccounts"]),
        (&json!(0), &json!([long, "b"]))
    );
    assert_eq!(
        setup.call(MULTI_IMPORT, json!({"Accounts": ["c", ""]}))["FailAccounts"],
        json!([""])
    );
    let known: Vec<String> = setup.emulator.state().accounts.into_keys().collect();
    assert_eq!(known, ["a", "administrator", "c", "user_0001", "user_0002"]);
}

#[test]
fn a_batch_has_1_to_100_accounts() {
    let setup = Setup::open();
    let ids = |number: usize| {
        (0..number)
            .map(|n| json!({"UserID": format!("u{n}")}))
            .collect::<Value>()
    };
    for (path, list) in [
        (MULTI_IMPORT, "AccountList"),
        (CHECK, "CheckItem"),
        (ACCOUNT_DELETE, "DeleteItem"),
    ] {
        assert_eq!(setup.code(path, json!({list: ids(100)})), 0, "{path}");
        assert_eq!(setup.code(path, json!({list: ids(101)})), 70206, "{path}");
        assert_eq!(setup.code(path, json!({list: []})), 70206, "{path}");
        assert_eq!(setup.code(path, json!({})), 70402, "{path}");
        assert_eq!(setup.code(path, json!({list: "u"})), 70402, "{path}");
        assert_eq!(setup.code(path, json!({list: [{}]})), 70402, "{path}");
    }
    assert_eq!(setup.code(MULTI_IMPORT, json!({"Accounts": vec!["a"; 101]})), 70206);
}

#[test]
fn check_tells_who_is_imported() {
    let setup = Setup::open();
    let answer = setup.call(
        CHECK,
        json!({"CheckItem": [{"UserID": "user_0001"}, {"UserID": "nobody"}]}),
    );
    let item =
        |user: &str, status: &str| json!({"UserID": user, "ResultCode": 0, "ResultInfo": "", "AccountStatus": status});
    assert_eq!(
        answer["ResultItem"],
        json!([item("user_0001", "Imported"), item("nobody", "NotImported")])
    );
}

#[test]
fn a_deleted_account_loses_its_groups_and_may_come_back_without_them() {
    let setup = Setup::open();
    setup.create("a", users("u", 2));
    let answer = setup.call(
        ACCOUNT_DELETE,
        json!({"DeleteItem": [{"UserID": "user_0001"}, {"UserID": "nobody"}]}),
    );
    assert_eq!(answer["ErrorCode"], 0);
    assert_eq!(
        answer["ResultItem"][0],
        json!({"ResultCode": 0, "ResultInfo": "", "UserID": "user_0001"})
    );
    assert_eq!(answer["ResultItem"][1]["ResultCode"], 70107);
    assert_eq!(setup.get(0)["ErrorCode"], 50001);
    setup.call(IMPORT, json!({"UserID": "user_0001"}));
    assert_eq!(setup.get(0)["GroupItem"], json!([]));
}

#[test]
fn an_account_call_of_a_non_admin_is_70403() {
    let setup = Setup::open();
    let sig = Token::of("user_0001").text();
    let body = br#"{"UserID":"x"}"#;
    assert_eq!(
        setup
            .wire()
            .ask("POST", &target(IMPORT, "user_0001", &sig), body)
            .code(),
        70403
    );
}

#[test]
fn an_edition_holds_so_many_accounts_and_one_that_is_there_is_no_other() {
    let setup = Setup::open();
    setup.switch(|settings| settings.account_limit = 4);
    assert_eq!(setup.code(IMPORT, json!({"UserID": "a"})), 0);
    for _ in 0..2 {
        assert_eq!(setup.code(IMPORT, json!({"UserID": "b"})), 70398);
        assert_eq!(setup.code(IMPORT, json!({"UserID": "a"})), 0);
    }
    let many = setup.call(MULTI_IMPORT, json!({"AccountList": [{"UserID": "a"}, {"UserID": "c"}]}));
    assert_eq!(many["FailAccounts"], json!(["c"]));
    assert_eq!(
        setup.call(MULTI_IMPORT, json!({"Accounts": ["d"]}))["FailAccounts"],
        json!(["d"])
    );
}
