//! Tests of the account calls that stand next to the groups (1047/34953 to 34956).

use crate::caller::*;
use serde_json::json;

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
