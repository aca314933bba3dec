//! Any bytes as a request to the emulator, past HTTP itself, which is hyper's: as path and query, or as the JSON of a command with
//! everything else right; the first byte chooses. No panic, an answer of the service's shape, a log that hides the signature.

use std::sync::OnceLock;

use chat_emulator::{Config, LoggedRequest, Offline, Settings};
use serde_json::Value;

use super::signature::USER_SIG;

const COMMANDS: [&str; 14] = [
    "recentcontact/create_contact_group",
    "recentcontact/del_contact_group",
    "recentcontact/update_contact_group",
    "recentcontact/get_contact_group",
    "recentcontact/search_contact_group",
    "recentcontact/mark_contact",
    "recentcontact/get_list",
    "recentcontact/delete",
    "im_open_login_svc/account_import",
    "im_open_login_svc/multiaccount_import",
    "im_open_login_svc/account_check",
    "im_open_login_svc/account_delete",
    "no_such_service/command",
    "",
];

/// A user with one group, so that commands find something.
const FIRST: &str = r#"{"From_Account":"user_0001","GroupContactItem":[{"GroupName":"g","ContactItem":[{"Type":1,"To_Account":"b"}]}]}"#;

/// Shows the emulator one input, in a state of its own.
pub fn run(data: &[u8]) {
    let Some((&choice, rest)) = data.split_first() else {
        return;
    };
    match usize::from(choice).checked_sub(1) {
        None => target(rest),
        Some(number) => command(COMMANDS[number % COMMANDS.len()], rest),
    }
}

/// A service that takes any number of calls.
fn service() -> Offline {
    let settings = Settings {
        rate_limit: 0,
        ..Settings::default()
    };
    Offline::new(&Config {
        settings,
        ..Config::default()
    })
}

/// Path and query as they come; the body is a good one.
fn target(bytes: &[u8]) {
    static SERVICE: OnceLock<Offline> = OnceLock::new();
    if let Some((answer, shown)) = SERVICE.get_or_init(service).answer(bytes, FIRST.as_bytes()) {
        error_code(&answer);
        hides_the_signature(&shown, bytes);
    }
}

fn hides_the_signature(shown: &LoggedRequest, target: &[u8]) {
    // Under its own name; what another parameter holds is a signature to nobody.
    let given = |before: &str| {
        let parameter = [before.as_bytes(), b"usersig=", USER_SIG.as_bytes()].concat();
        target.windows(parameter.len()).any(|window| window == parameter)
    };
    let is_shown = format!("{shown:?}").contains(USER_SIG);
    assert!(!(is_shown && (given("?") || given("&"))), "{shown:?}");
}

fn command(name: &str, body: &[u8]) {
    let service = service();
    let query = format!("sdkappid=1400000000&identifier=administrator&random=1&contenttype=json&usersig={USER_SIG}");
    let asked = |name: &str, body: &[u8]| {
        let answer = service.answer(format!("/v4/{name}?{query}").as_bytes(), body);
        error_code(&answer.expect("HTTP takes the target").0)
    };
    assert_eq!(asked(COMMANDS[0], FIRST.as_bytes()), 0);
    let code = asked(name, body);
    let again = asked(name, body);
    assert!(code >= 0 && again >= 0, "{code} {again}");
}

/// The `ErrorCode` of an answer, which says one thing only.
fn error_code(answer: &str) -> i64 {
    let json: Value = serde_json::from_str(answer).unwrap_or_else(|error| panic!("{error}: {answer}"));
    let code = json["ErrorCode"]
        .as_i64()
        .unwrap_or_else(|| panic!("no ErrorCode in {answer}"));
    assert_eq!(json["ActionStatus"] == "OK", code == 0, "{answer}");
    code
}
