//! Tests of the request line and the body: what the documents refuse is refused with their code, and the checks come
//! in the documented order of checks.

use crate::caller::*;
use chat_emulator::{Settings, DEFAULT_ADMIN};
use serde_json::json;
use std::io::Read;

#[test]
fn a_bare_get_and_a_missing_or_broken_query_are_60002() {
    let setup = Setup::open();
    let browser = setup.wire().ask("GET", "/", b"");
    assert_eq!(browser.status, 200);
    assert_eq!(
        browser.json(),
        json!({"ActionStatus": "FAIL", "ErrorCode": 60002, "ErrorInfo": "HTTP parse Error"})
    );
    let good = setup.target(GET);
    assert_eq!(setup.wire().ask("GET", &good, b"").code(), 60002);
    assert_eq!(setup.wire().ask("PUT", &good, b"{}").code(), 60002);
    for target in [
        format!("/{GET}"),
        format!("/{GET}?"),
        format!("{good}&random=8"),
        good.replace("contenttype=json", "contenttype=xml"),
        good.replace(DEFAULT_ADMIN, "%ff"),
    ] {
        assert_eq!(setup.code_of(&target), 60002, "{target}");
    }
}

#[test]
fn the_reachability_check_of_the_root_is_200() {
    let setup = Setup::open();
    let mut wire = setup.wire();
    wire.send("HEAD", "/", b"").unwrap();
    let mut head = vec![0; 15];
    wire.stream.read_exact(&mut head).unwrap();
    assert_eq!(head, b"HTTP/1.1 200 OK");
}

#[test]
fn an_unknown_service_or_command_is_60009_in_every_case() {
    let setup = Setup::open();
    for path in [
        "v4/recentcontact/no_such",
        "v4/no_such/del_contact_group",
        "v3/recentcontact/del_contact_group",
        "V4/recentcontact/del_contact_group",
        "v4/recentcontact/Del_contact_group",
        "v4/recentcontact/del_contact_group/",
        "v4//del_contact_group",
        "",
    ] {
        assert_eq!(setup.code_of(&setup.target(path)), 60009, "{path}");
    }
}

#[test]
fn a_body_that_is_no_json_object_is_60003() {
    let setup = Setup::open();
    // The page's own sample holds a comment (1047/53441).
    let sample = "{\"From_Account\":\"user_0001\",\"GroupName\":[ // only one\n\"group_0001\"]}";
    let deep = "[".repeat(100_000);
    let bodies: [&[u8]; 10] = [
        b"",
        b" ",
        b"[]",
        b"7",
        b"{",
        b"{}{}",
        b"{'a':1}",
        sample.as_bytes(),
        deep.as_bytes(),
        b"{\"From_Account\":\"\xff\"}",
    ];
    for body in bodies {
        let answer = setup.wire().ask("POST", &setup.target(DELETE), body);
        assert_eq!(
            answer.code(),
            60003,
            "{}",
            String::from_utf8_lossy(&body[..body.len().min(80)])
        );
    }
}

#[test]
fn a_body_of_8_mib_is_taken_and_one_byte_more_is_60003() {
    let setup = Setup::open();
    let start = br#"{"From_Account":"user_0001","StartIndex":0,"Filler":""#;
    let end = br#""}"#;
    let filler = vec![b'x'; 8 * 1024 * 1024 - start.len() - end.len()];
    let body = [start.as_slice(), &filler, end].concat();
    let mut wire = setup.wire();
    assert_eq!(wire.ask("POST", &setup.target(GET), &body).code(), 0);
    let body = [start.as_slice(), &filler, b"x", end].concat();
    assert_eq!(wire.ask("POST", &setup.target(GET), &body).code(), 60003);
    assert_eq!(
        wire.ask("POST", &setup.target(GET), &body[..0]).code(),
        60003,
        "the connection lives on"
    );
}

#[test]
fn a_missing_or_strange_sdkappid_is_60012_or_60006() {
    let setup = Setup::open();
    let good = setup.target(GET);
    assert_eq!(setup.code_of(&good.replace("sdkappid=1400000000&", "")), 60012);
    assert_eq!(setup.code_of(&good.replace("sdkappid", "SDKAppID")), 60012);
    for strange in ["", "abc", "-1", "+5", "1.5", "99999999999999999999999"] {
        assert_eq!(setup.code_of(&good.replace("1400000000", strange)), 60006, "{strange}");
    }
    assert_eq!(setup.code_of(&good.replace("1400000000", "1400000001")), 70020);
}

#[test]
fn a_missing_identifier_or_usersig_is_60004_or_60005() {
    let setup = Setup::open();
    let good = setup.target(GET);
    assert_eq!(setup.code_of(&good.replace("identifier=administrator&", "")), 60004);
    assert_eq!(setup.code_of(&good.replace("=administrator", "=")), 60004);
    assert_eq!(setup.code_of(&good.replace("identifier", "Identifier")), 60004);
    assert_eq!(setup.code_of(&good.replace("usersig", "UserSig")), 60005);
    assert_eq!(setup.code_of(&good.replace("usersig", "sig")), 60005);
}

#[test]
fn a_non_admin_is_50003_or_60010_by_switch() {
    let setup = Setup::open();
    let sig = Token::of("user_0001").text();
    assert_eq!(setup.code_as("user_0001", &sig), 50003);
    setup.emulator.set_settings(Settings {
        non_admin_code: 60010,
        ..Settings::default()
    });
    assert_eq!(setup.code_as("user_0001", &sig), 60010);
}

#[test]
fn checks_come_in_the_promised_order() {
    let setup = Setup::open();
    let off = Settings {
        plan: false,
        ..Settings::default()
    };
    setup.emulator.set_settings(off);
    let admin = Token::of(DEFAULT_ADMIN).text();
    let user = Token::of("user_0001").text();
    let query = |app: &str, who: &str, sig: &str| format!("{app}{who}{sig}contenttype=json");
    let app = "sdkappid=1400000000&";
    let as_user = format!("usersig={user}&");
    let as_admin = format!("usersig={admin}&");
    let bad = r#"{"From_Account":7,"GroupName":5}"#;
    let unknown = r#"{"From_Account":"nobody","GroupName":5}"#;
    let named = format!(r#"{{"From_Account":"user_0001","GroupName":["{}"]}}"#, "x".repeat(65));
    let mut wire = setup.wire();
    let mut code =
        |path: &str, query: String, body: &str| wire.ask("POST", &format!("/{path}?{query}"), body.as_bytes()).code();
    // Each line mends the fault that the line before was refused for, and keeps all that come later.
    assert_eq!(code("v4/no/such", String::new(), "{"), 60009);
    assert_eq!(code(DELETE, String::new(), "{"), 60002);
    assert_eq!(code(DELETE, query("", "", ""), "{"), 60003);
    assert_eq!(code(DELETE, query("", "", ""), bad), 60012);
    assert_eq!(code(DELETE, query("sdkappid=x&", "", ""), bad), 60006);
    assert_eq!(code(DELETE, query("sdkappid=1&", "", ""), bad), 60004);
    assert_eq!(code(DELETE, query("sdkappid=1&", "identifier=nobody&", ""), bad), 60005);
    assert_eq!(
        code(DELETE, query("sdkappid=1&", "identifier=nobody&", "usersig=&"), bad),
        70002
    );
    assert_eq!(
        code(DELETE, query("sdkappid=1&", "identifier=nobody&", &as_user), bad),
        70020
    );
    assert_eq!(code(DELETE, query(app, "identifier=nobody&", &as_user), bad), 70013);
    assert_eq!(code(DELETE, query(app, "identifier=user_0001&", &as_user), bad), 50003);
    let sure = query(app, "identifier=administrator&", &as_admin);
    assert_eq!(code(DELETE, sure.clone(), bad), 60015);
    assert_eq!(code(DELETE, sure.clone(), unknown), 51013);
    setup.emulator.set_settings(Settings::default());
    assert_eq!(code(DELETE, sure.clone(), unknown), 50001);
    assert_eq!(
        code(DELETE, sure.clone(), &unknown.replace("nobody", "user_0001")),
        50002
    );
    assert_eq!(code(DELETE, sure.clone(), &named), 51011);
    assert_eq!(code(DELETE, sure, &named.replace("xx", "")), 51009);
}

#[test]
fn an_answer_carries_the_headers_of_the_overview() {
    let setup = Setup::open();
    let answer = setup.wire().ask("POST", &setup.target(GET), b"{}");
    assert_eq!(answer.header("content-type"), Some("application/json"));
    assert_eq!(answer.header("access-control-allow-origin"), Some("*"));
    assert_eq!(answer.header("access-control-allow-headers"), Some("X-Requested-With"));
    assert_eq!(answer.header("access-control-allow-methods"), Some("POST"));
}

#[test]
fn another_data_centre_answers_with_codes_that_look_unrelated() {
    let setup = Setup::open();
    setup.switch(|settings| settings.wrong_region = true);
    let codes: Vec<i64> = (0..6).map(|_| refused(&setup.get(0))).collect();
    assert_eq!(codes, [60006, 70020, 70009, 70003, 50001, 60006]);
    setup.switch(|settings| settings.wrong_region = false);
    assert_eq!(setup.get(0)["ErrorCode"], 0);
}
