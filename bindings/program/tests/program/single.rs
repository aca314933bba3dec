//! The commands that make one call: what they print, how they end.

use std::io::Write;
use std::process::Stdio;

use chat_emulator::{Config as Emulation, Fault, Settings, DEFAULT_SECRET_KEY};
use serde_json::{json, Value};

use crate::operator::{state, Operator, Ran};

#[test]
fn del_group_deletes_once_and_says_so_the_second_time() {
    let operator = Operator::with(Emulation {
        seed: Some(state(1)),
        ..Emulation::default()
    });
    let ran = operator.run(&["del-group", "user_00001", "retired"]).ended(0);
    assert_eq!(
        (ran.out.as_str(), ran.err.as_str()),
        ("deleted retired (GroupId 1)\n", "")
    );
    let ran = operator
        .run(&["del-group", "user_00001", "retired"])
        .ended(1)
        .says("tencent-chat: 51009 ");
    assert_eq!(ran.out, "", "what went wrong is no result");
    assert_eq!(operator.have_group("kept").len(), 1);
}

#[test]
fn a_script_may_say_that_a_missing_group_is_as_good_as_deleted() {
    let operator = Operator::with(Emulation {
        seed: Some(state(1)),
        ..Emulation::default()
    });
    let ask = ["del-group", "user_00001", "absent"];
    operator.run(&ask).ended(1).says("51009 ");
    let ran = operator.run(&[&ask[..], &["--missing", "ok"]].concat()).ended(0);
    assert_eq!((ran.out.as_str(), ran.err.as_str()), ("not there: absent\n", ""));
    let ran = operator
        .run(&[&ask[..], &["--missing", "ok", "--json"]].concat())
        .ended(0);
    assert_eq!(ran.object()["code"], 51009);
    operator
        .run(&["del-group", "nobody", "absent", "--missing", "ok"])
        .ended(1);
}

#[test]
fn a_secret_from_two_variables_is_refused_by_their_names() {
    let operator = Operator::new();
    operator.write("key.txt", "another");
    for (subcommand, name, value) in [
        (vec!["sign"], "TENCENT_CHAT_KEY_FILE", "key.txt"),
        (vec!["check"], "TENCENT_CHAT_USER_SIG", "sig"),
    ] {
        let mut both = operator.command(&subcommand);
        let told = crate::operator::Ran::from(both.env(name, value).output().unwrap()).ended(2);
        let wanted = format!("TENCENT_CHAT_SECRET_KEY and {name} are both set; leave one out");
        assert!(
            told.out.contains(&wanted) || told.err.contains(&wanted),
            "{}{}",
            told.out,
            told.err
        );
    }
    // A new UserSig is made beside the old one, and where it was kept may be gone.
    let mut renewal = operator.command(&["sign"]);
    renewal.env("TENCENT_CHAT_USER_SIG", "sig");
    crate::operator::Ran::from(renewal.env("TENCENT_CHAT_USER_SIG_FILE", "gone.txt").output().unwrap()).ended(0);
    operator
        .run(&["groups", "user_0001", "--key-file", "key.txt"])
        .ended(2)
        .says("TENCENT_CHAT_SECRET_KEY and --key-file are both set");
    operator
        .run(&["groups", "user_0001", "--user-sig-file", "key.txt"])
        .ended(2)
        .says("TENCENT_CHAT_SECRET_KEY and --user-sig-file are both set");
    let mut sigs = operator.command(&["check"]);
    sigs.env_remove("TENCENT_CHAT_SECRET_KEY")
        .env("TENCENT_CHAT_USER_SIG", "a");
    crate::operator::Ran::from(sigs.env("TENCENT_CHAT_USER_SIG_FILE", "key.txt").output().unwrap())
        .ended(2)
        .prints("TENCENT_CHAT_USER_SIG and TENCENT_CHAT_USER_SIG_FILE are both set");
}

#[test]
fn with_json_stdout_is_one_object_whether_the_call_succeeded_or_not() {
    let operator = Operator::with(Emulation {
        seed: Some(state(1)),
        ..Emulation::default()
    });
    let object = operator
        .run(&["del-group", "--json", "user_00001", "retired"])
        .ended(0)
        .object();
    assert_eq!(
        (&object["code"], &object["body"]["GroupItem"][0]["GroupId"]),
        (&json!(0), &json!(1))
    );
    let object = operator
        .run(&["del-group", "user_00001", "retired", "--json"])
        .ended(1)
        .object();
    assert_eq!(
        (&object["code"], &object["attempts"], &object["in_doubt"]),
        (&json!(51009), &json!(1), &json!(false))
    );
    let object = operator.run(&["del-group", "", "retired", "--json"]).ended(2).object();
    assert_eq!(object["code"], -1);
    let object = operator
        .bare(&["check", "--json"])
        .output()
        .map(crate::operator::Ran::from)
        .unwrap()
        .ended(4);
    assert!(object
        .out
        .lines()
        .all(|line| serde_json::from_str::<Value>(line).is_ok()));
}

#[test]
fn groups_lists_every_group_with_its_conversations_over_all_pages() {
    let operator = Operator::new();
    let entries: Vec<Value> = (0..250)
        .map(|n| json!({"type": 1, "id": format!("peer_{n}"), "groups": [1 + n % 2]}))
        .collect();
    let seed = json!({"accounts": {"user_0001": {"groups": [{"id": 1, "name": "設計会議"}, {"id": 2, "name": "b\u{1b}[2J"}, {"id": 3, "name": "c"}],
        "entries": entries}}});
    operator
        .service
        .load_state(chat_emulator::State::from_json(seed.to_string().as_bytes()).unwrap())
        .unwrap();
    operator.service.set_settings(Settings {
        page_size: 40,
        cloud_conversations: 500,
        ..Settings::default()
    });
    let ran = operator.run(&["groups", "user_0001"]).ended(0);
    assert_eq!(
        ran.out, "1\t125\t設計会議\n2\t125\tb\\u{1b}[2J\n3\t0\tc\n",
        "a name cannot move the cursor"
    );
    let ran = operator.run(&["groups", "user_0001", "--json"]).ended(0);
    let objects: Vec<Value> = ran
        .out
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(objects[1], json!({"id": 2, "conversations": 125, "name": "b\u{1b}[2J"}));
    operator.run(&["groups", "nobody"]).ended(1).says("50001 ");
}

#[test]
fn call_takes_its_json_from_the_argument_a_file_or_stdin_and_prints_the_answer() {
    let operator = Operator::new();
    let path = "v4/recentcontact/create_contact_group";
    let request =
        |group: &str| json!({"From_Account": "user_0001", "GroupContactItem": [{"GroupName": group}]}).to_string();
    let answer: Value = serde_json::from_str(&operator.run(&["call", path, &request("a")]).ended(0).out).unwrap();
    assert_eq!(answer["ErrorCode"], 0);
    operator.write("request.json", request("b"));
    operator.run(&["call", path, "@request.json"]).ended(0);
    let mut child = operator
        .command(&["call", path, "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(request("c").as_bytes()).unwrap();
    crate::operator::Ran::from(child.wait_with_output().unwrap()).ended(0);
    assert_eq!(
        operator.have_group("a").len() + operator.have_group("b").len() + operator.have_group("c").len(),
        3
    );
    operator
        .run(&["call", path, &request("a")])
        .ended(1)
        .prints("\"ErrorCode\":50002")
        .says("50002 ");
    operator
        .run(&["call", "del_contact_group", "{}"])
        .ended(2)
        .says("path must be like");
    operator
        .run(&["call", path, "@absent.json"])
        .ended(2)
        .says("absent.json");
}

#[test]
fn sign_makes_a_signature_that_the_service_accepts_and_inspect_opens_it() {
    let operator = Operator::new();
    let sig = operator.run(&["sign"]).ended(0).out;
    operator.write("sig.txt", &sig);
    let mut groups = operator.bare(&[
        "groups",
        "user_0001",
        "--user-sig-file",
        "sig.txt",
        "--base-url",
        operator.service.url(),
    ]);
    crate::operator::Ran::from(groups.args(["--sdk-app-id", "1400000000"]).output().unwrap()).ended(0);
    operator
        .run(&["sign", "--inspect", "sig.txt"])
        .ended(0)
        .prints("user      administrator\n")
        .prints("valid: made with this key");
    let mut other = operator.command(&["sign", "--inspect", "sig.txt", "--json"]);
    let object = crate::operator::Ran::from(other.env("TENCENT_CHAT_SECRET_KEY", "another").output().unwrap())
        .ended(4)
        .object();
    assert_eq!(
        (&object["user"], &object["key_matches"]),
        (&json!("administrator"), &json!(false))
    );
    let short = operator
        .run(&["sign", "--user", "user_0001", "--lifetime", "60", "--json"])
        .ended(0)
        .object();
    operator.write("sig.txt", short["user_sig"].as_str().unwrap());
    let opened = operator
        .run(&["sign", "--inspect", "sig.txt", "--json"])
        .ended(0)
        .object();
    assert_eq!(opened["user"], "user_0001");
    assert!((60..=120).contains(&(opened["expires"].as_u64().unwrap() - opened["made"].as_u64().unwrap())));
    operator.write("sig.txt", &sig[..sig.len() / 2]);
    operator
        .run(&["sign", "--inspect", "sig.txt"])
        .ended(2)
        .says("copy it whole");
    operator
        .bare(&["sign"])
        .output()
        .map(crate::operator::Ran::from)
        .unwrap()
        .ended(4)
        .says("which key?");
}

#[test]
fn inspect_says_what_the_service_would_refuse() {
    // Made by the vendor's own library with the demo key: a userbuf of three bytes, valid for a hundred years from 2023 on.
    const WITH_USERBUF: &str = "eJyrVgrxCdYrSy1SslJQMtIzUNJRAItkpqTmlWSmZUIkElNyM-Myi0uKEkvyi2BKilOyEwsKMlOACgxNDKAAKpdaUZBZlAqUgUvAZEoyc0HihuZo4qXFqUVJpWkg2yLDvbLglmSmg4SM0y2LfA2jCpPDyozywyxCKoMjsitdfQpyktItXJ3LjE0zTKvy0rSTs9NdbZVqAT2wPVQ_";
    const IN_2100: &str = "eJyrVgrxCdYrSy1SslJQMtIzUNJRAItkpqTmlWSmZUIkElNyM-Myi0uKEkvyi2BKilOyEwsKMlOACgxNDKAAKpdaUZBZlAqUsTAzgQuWZOaChEwMDYxMTEws4OLFmekgSyKyciO9tLW9-d0N0yMzjJIy-fKKPC0sjc2dLCpyk5xLEn3z3dOjIiLKQjxtlWoBOcU1Ow__";
    let operator = Operator::new();
    operator.write("sig.txt", format!("\u{feff}{WITH_USERBUF}\r\n"));
    let inspect = |more: &[&str]| operator.run(&[&["sign", "--inspect", "sig.txt"], more].concat());
    inspect(&[])
        .ended(0)
        .prints("userbuf   yes\n")
        .prints("valid: made with this key, not expired");
    inspect(&["--sdk-app-id", "1400000001"])
        .ended(4)
        .prints("for another app, 1400000000");
    let object = inspect(&["--sdk-app-id", "1400000001", "--json"]).ended(4).object();
    assert_eq!(
        (
            &object["app_matches"],
            &object["userbuf"].is_string().into(),
            &object["valid"]
        ),
        (&json!(false), &json!(true), &json!(false))
    );
    let mut bare = operator.bare(&["sign", "--inspect", "sig.txt"]);
    Ran::from(bare.output().unwrap())
        .ended(0)
        .prints("give the key to check");
    // By the vendor's library as well, where the clock said 2100.
    operator.write("sig.txt", IN_2100);
    inspect(&[]).ended(4).prints("made in the future");
}

#[test]
fn a_key_file_may_begin_with_a_mark_and_others_who_may_read_it_are_told() {
    use std::os::unix::fs::PermissionsExt;
    let operator = Operator::new();
    operator.write("key", format!("\u{feff}{DEFAULT_SECRET_KEY}\r\n"));
    let key = operator.path("key");
    let check = |file: &str| {
        let mut command = operator.command(&["check", "--key-file", file]);
        Ran::from(command.env_remove("TENCENT_CHAT_SECRET_KEY").output().unwrap())
    };
    for (mode, is_told) in [
        (0o600, false),
        (0o400, false),
        (0o640, true),
        (0o604, true),
        (0o666, true),
    ] {
        std::fs::set_permissions(&key, std::fs::Permissions::from_mode(mode)).unwrap();
        let ran = check("key").ended(0);
        assert_eq!(ran.err.contains("chmod 600 key"), is_told, "{mode:o}: {}", ran.err);
    }
    for content in [&b"\xff\xfes\0e\0c\0"[..], b"M\xfcller", b"", &[b'x'; 70_000]] {
        operator.write("key", content);
        let ran = check("key").ended(4);
        assert!(
            !ran.out.contains("xxx") && !ran.out.contains("ller"),
            "nothing of it is shown: {}",
            ran.out
        );
    }
}

#[test]
fn check_names_the_first_thing_that_is_wrong_and_what_to_do() {
    let operator = Operator::new();
    let ran = operator.run(&["check"]).ended(0);
    let rows: Vec<&str> = ran
        .out
        .lines()
        .map(|line| line[..24.min(line.len())].trim_end())
        .collect();
    let (ok, none) = (
        ["settings", "place", "signature", "administrator", "plan"].map(|step| format!("ok       {step}")),
        "none     tls",
    );
    assert_eq!(rows, [&*ok[0], &*ok[1], none, &*ok[2], &*ok[3], &*ok[4]]);
    let failed = |ran: crate::operator::Ran, step: &str, says: &str| {
        let line = ran
            .out
            .lines()
            .find(|line| line.starts_with("failed"))
            .unwrap_or_else(|| panic!("{}", ran.out));
        assert!(line.contains(step) && line.contains(says), "{line}");
    };
    failed(
        operator.bare(&["check"]).output().unwrap().into(),
        "settings",
        "which data centre?",
    );
    let mut nowhere = operator.command(&["check", "--base-url", "http://127.0.0.1:9"]);
    let ran = crate::operator::Ran::from(nowhere.output().unwrap()).ended(5);
    failed(ran, "place", "-5 ");
    failed(
        operator
            .run(&["check", "--base-url", operator.service.tls_url()])
            .ended(4),
        "tls",
        "-14 ",
    );
    operator
        .run(&[
            "check",
            "--base-url",
            operator.service.tls_url(),
            "--ca-file",
            operator.service.ca_file().to_str().unwrap(),
        ])
        .ended(0)
        .prints("ok       tls\n");
    let mut key = operator.command(&["check"]);
    failed(
        crate::operator::Ran::from(key.env("TENCENT_CHAT_SECRET_KEY", "wrong").output().unwrap()).ended(4),
        "signature",
        "70009 ",
    );
    failed(
        operator.run(&["check", "--sdk-app-id", "1400000001"]).ended(4),
        "signature",
        "70020 ",
    );
    failed(
        operator.run(&["check", "--identifier", "user_0001"]).ended(4),
        "administrator",
        "70403 ",
    );
    operator.service.set_settings(Settings {
        plan: false,
        ..Settings::default()
    });
    failed(operator.run(&["check"]).ended(4), "plan", "51013 ");
    operator.service.set_settings(Settings::default());
    operator.service.fault(Fault::code(60021));
    failed(operator.run(&["check"]).ended(4), "place", "60021 ");
    assert_eq!(
        operator.service.state(),
        Operator::new().service.state(),
        "nothing is changed by it"
    );
}

#[test]
fn the_key_comes_from_a_file_as_well_and_a_flag_goes_before_the_environment() {
    let operator = Operator::new();
    operator.write("key.txt", format!("{DEFAULT_SECRET_KEY}\n"));
    operator.write("empty.txt", "\n");
    let check = |file: &str| {
        let mut command = operator.command(&["check", "--key-file", file]);
        command.env_remove("TENCENT_CHAT_SECRET_KEY");
        command.env("TENCENT_CHAT_KEY_FILE", "absent.txt");
        Ran::from(command.output().unwrap())
    };
    check("key.txt").ended(0).prints("key from --key-file (key.txt)");
    check("absent.txt").ended(4).prints("absent.txt");
    check("empty.txt").ended(4).prints("the file is empty");
    let mut url = operator.command(&["check", "--base-url", operator.service.url()]);
    crate::operator::Ran::from(url.env("TENCENT_CHAT_BASE_URL", "http://127.0.0.1:9").output().unwrap()).ended(0);
    let mut region = operator.command(&["check"]);
    let ran = crate::operator::Ran::from(region.env("TENCENT_CHAT_REGION", "singapore").output().unwrap()).ended(2);
    assert!(ran.out.contains("both set"), "{}", ran.out);
}
