//! Tests of the admin port: everything the library can do, from another process, with errors that say what to do.

use std::io::Write;

use crate::caller::*;
use chat_emulator::{ClockSetting, Config, ProxyConnect, Settings};
use serde_json::{json, Value};

#[test]
fn the_root_tells_the_addresses() {
    let emulator = Setup::open().emulator;
    let told = addresses(emulator.admin_url());
    assert_eq!(told, serde_json::from_str::<Value>(&emulator.ready_line()).unwrap());
    assert_eq!(told["url"], emulator.url());
    assert_eq!(told["tls_url"], emulator.tls_url());
    assert_eq!(told["admin_url"], emulator.admin_url());
    assert_eq!(told["ca_file"], emulator.ca_file().to_str().unwrap());
    assert_eq!(told.get("proxy_url"), None);
}

/// Sends a bare request line; status, header fields and body.
fn bare(setup: &Setup, method: &str, path: &str) -> Answer {
    let mut wire = Wire::http(setup.emulator.admin_url());
    let text = format!("{method} {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    wire.stream.write_all(text.as_bytes()).unwrap();
    wire.read_answer().unwrap()
}

#[test]
fn the_root_lists_every_call_in_a_line_and_each_of_them_is_there() {
    let setup = Setup::open();
    let shown = bare(&setup, "GET", "/").text();
    done(&setup, "POST", "/listeners", "");
    let calls = done(&setup, "GET", "/", "")["calls"].as_object().unwrap().clone();
    assert!(calls.len() > 30);
    for (call, about) in &calls {
        let line = format!("    \"{call}\": {about}");
        assert!(
            shown.lines().any(|shown| shown.trim_end_matches(',') == line),
            "{line}: {shown}"
        );
        let (method, path) = call.split_once(' ').unwrap();
        if method != "DELETE" {
            let answer = bare(&setup, method, &path.replace("ID", "1").replace("PART", "style.css"));
            assert!([200, 400].contains(&answer.status), "{call}: {}", answer.text());
            assert!(!answer.text().contains("does nothing"), "{call}: {}", answer.text());
        }
    }
}

#[test]
fn a_call_that_is_not_there_is_404_and_another_method_is_405_with_those_that_are() {
    let setup = Setup::open();
    let unknown = bare(&setup, "GET", "/favicon.ico");
    assert!(
        unknown.status == 404 && unknown.text().contains("POST /reset"),
        "{}",
        unknown.text()
    );
    for (method, path, allow) in [
        ("POST", "/state", "GET, PUT, HEAD"),
        ("GET", "/reset", "POST"),
        ("OPTIONS", "/listeners/7/faults", "GET, POST, DELETE, HEAD"),
        ("HEAD", "/revoke", "POST"),
    ] {
        let answer = bare(&setup, method, path);
        assert_eq!(
            (answer.status, answer.header("allow")),
            (405, Some(allow)),
            "{method} {path}"
        );
    }
}

#[test]
fn head_answers_as_get_does_without_the_body() {
    let setup = Setup::open();
    for path in ["/health", "/", "/ca.pem", "/state"] {
        let (head, get) = (bare(&setup, "HEAD", path), bare(&setup, "GET", path));
        assert_eq!((head.status, head.text().as_str()), (200, ""), "{path}");
        for name in ["content-type", "content-length"] {
            assert_eq!(head.header(name), get.header(name), "{path}");
        }
    }
    assert_eq!(bare(&setup, "GET", "/health").json()["status"], "ok");
    assert_eq!(bare(&setup, "GET", "/ca.pem").text(), setup.emulator.ca_pem());
}

/// Sends these header lines with a GET.
fn get_with(setup: &Setup, path: &str, headers: &str) -> Answer {
    let mut wire = Wire::http(setup.emulator.admin_url());
    let text = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n{headers}\r\n");
    wire.stream.write_all(text.as_bytes()).unwrap();
    wire.read_answer().unwrap()
}

#[test]
fn a_browser_gets_the_page_and_all_its_parts_and_tools_the_json() {
    let setup = Setup::open();
    let browser = "Accept: text/html,application/xhtml+xml,*/*;q=0.8\r\n";
    let page = get_with(&setup, "/", browser);
    assert!(page.header("content-type").unwrap().starts_with("text/html"));
    let policy = page.header("content-security-policy").unwrap();
    assert!(
        policy.starts_with("default-src 'none'; script-src 'self'") && !policy.contains("unsafe"),
        "{policy}"
    );
    assert_eq!(bare(&setup, "GET", "/ui/").text(), page.text());
    for accept in ["", "Accept: */*\r\n", "Accept: application/json\r\n"] {
        assert_eq!(get_with(&setup, "/", accept).json()["url"], setup.emulator.url());
    }
    let mut parts = vec!["/ui/".to_owned()];
    for at in 0.. {
        let Some(path) = parts.get(at).cloned() else { break };
        let part = bare(&setup, "GET", &path);
        assert_eq!(part.status, 200, "{path}");
        let text = part.text();
        // What it names of its own is there, and nothing is named of elsewhere; `http://` is a name space of SVG.
        for word in text
            .split('"')
            .filter(|word| word.ends_with(".js") || word.ends_with(".css"))
        {
            let named = word.replacen("./", "/ui/", 1);
            if !parts.contains(&named) {
                parts.push(named);
            }
        }
        assert_eq!(
            text.matches("://").count(),
            text.matches("http://www.w3.org/2000/svg").count(),
            "{path}"
        );
    }
    assert!(parts.len() > 8, "{parts:?}");
    assert_eq!(bare(&setup, "GET", "/ui/nothing.js").status, 404);
    let without = Setup::with(Config {
        ui: false,
        ..Config::default()
    });
    assert_eq!(get_with(&without, "/", browser).json()["url"], without.emulator.url());
    for path in ["/ui/", "/ui/main.js"] {
        let refused = bare(&without, "GET", path);
        assert!(refused.status == 404 && refused.text().contains("--no-ui"), "{path}");
    }
}

#[test]
fn a_state_that_has_changed_since_it_was_read_is_not_overwritten() {
    let setup = Setup::open();
    let read = bare(&setup, "GET", "/state");
    let etag = read.header("etag").unwrap().to_owned();
    let put = |headers: &str| {
        let mut wire = Wire::http(setup.emulator.admin_url());
        wire.send_with("PUT", "/state", headers, br#"{"accounts":{"a":{}}}"#)
            .unwrap();
        wire.read_answer().unwrap().status
    };
    setup.create("meanwhile", json!([user("peer")]));
    assert_eq!(put(&format!("If-Match: {etag}\r\n")), 412);
    assert_eq!(setup.get(0)["GroupItem"].as_array().map(Vec::len), Some(1));
    let now = bare(&setup, "GET", "/state").header("etag").unwrap().to_owned();
    assert_eq!(
        (
            put(&format!("If-Match: {now}\r\n")),
            put("If-Match: \"x\"\r\n"),
            put("")
        ),
        (200, 412, 200)
    );
}

#[test]
fn what_a_form_needs_is_told_commands_and_a_playable_fault_of_each_kind() {
    let setup = Setup::open();
    let commands = done(&setup, "GET", "/commands", "");
    assert!(commands.as_array().unwrap().contains(&json!(DELETE)), "{commands}");
    let examples = done(&setup, "GET", "/faults/examples", "");
    done(&setup, "POST", "/faults", &examples.to_string());
    assert_eq!(setup.emulator.faults().len(), examples.as_array().unwrap().len());
}

#[test]
fn the_admin_port_is_called_by_the_names_it_was_given() {
    let setup = Setup::with(Config {
        admin_hosts: vec!["team.example".into()],
        ..Config::default()
    });
    let ask = |host: &str| {
        let mut wire = Wire::http(setup.emulator.admin_url());
        let text = format!("GET /health HTTP/1.1\r\nHost: {host}\r\nOrigin: http://{host}\r\n\r\n");
        wire.stream.write_all(text.as_bytes()).unwrap();
        wire.read_answer().unwrap().status
    };
    assert_eq!((ask("team.example:80"), ask("other.example")), (200, 403));
}

#[test]
fn what_a_call_does_not_know_is_refused_and_changes_nothing() {
    let setup = Setup::open();
    setup.get(0);
    for (method, path, body, says) in [
        ("GET", "/log?limit=5", "", "\"limit\""),
        ("GET", "/?x", "", "\"x\""),
        ("DELETE", "/log?number=1", "", "takes no parameter"),
        ("DELETE", "/faults?path=v4/a/b", "", "takes no parameter"),
        ("POST", "/reset?what=log", "", "takes no parameter"),
        ("PUT", "/settings?plan=false", "{}", "takes no parameter"),
        ("POST", "/reset", r#"{"log":true}"#, "takes no body"),
        ("DELETE", "/log", r#"{"number":1}"#, "takes no body"),
        ("GET", "/rates", "x", "takes no body"),
        (
            "POST",
            "/revoke",
            r#"{"identifier":"administrator","since":1}"#,
            "since",
        ),
        ("PUT", "/settings", r#"{"paln":false}"#, "paln"),
        ("PUT", "/clock", r#"{"now":1,"zone":2}"#, "zone"),
        ("PUT", "/state", r#"{"accounts":{},"x":1}"#, "`x`"),
        ("POST", "/faults", r#"{"code":50004,"tims":2}"#, "tims"),
        ("POST", "/faults", r#"{"answer":{"status":200,"boby":""}}"#, "boby"),
        ("POST", "/listeners", r#"{"port":1}"#, "port"),
        ("GET", "/listeners1/log", "", "no such admin call"),
        ("GET", "/log/", "", "no such admin call"),
    ] {
        let error = rejected(&setup, method, path, body);
        assert!(error.contains(says), "{method} {path} {body}: {error}");
    }
    assert_eq!(setup.emulator.requests_total(), 1);
    assert_eq!(setup.get(0)["ErrorCode"], 0);
    done(&setup, "POST", "/reset", "{}");
}

#[test]
fn a_web_page_of_somewhere_else_cannot_call_and_tools_can() {
    let setup = Setup::open();
    let ask = |headers: &str, body: &[u8]| {
        let mut wire = Wire::http(setup.emulator.admin_url());
        let head = format!(
            "PUT /settings HTTP/1.1\r\n{headers}Content-Length: {}\r\n\r\n",
            body.len()
        );
        wire.stream.write_all(&[head.as_bytes(), body].concat()).unwrap();
        let answer = wire.read_answer().unwrap();
        (
            answer.status,
            answer.json()["error"].as_str().unwrap_or_default().to_owned(),
        )
    };
    let off = br#"{"plan":false}"#;
    for (headers, says) in [
        ("Host: evil.example\r\n", "Host \"evil.example\""),
        (
            "Host: evil.example:8080\r\nContent-Type: application/json\r\n",
            "--admin-host",
        ),
        (
            "Host: 127.0.0.1\r\nOrigin: https://evil.example\r\nContent-Type: application/json\r\n",
            "Origin",
        ),
        (
            "Host: 127.0.0.1\r\nOrigin: null\r\nContent-Type: application/json\r\n",
            "Origin",
        ),
        (
            "Host: 127.0.0.1\r\nOrigin: http://localhost:3000\r\nContent-Type: text/plain\r\n",
            "application/json",
        ),
    ] {
        let (status, error) = ask(headers, off);
        assert!(status == 403 && error.contains(says), "{headers}: {status} {error}");
    }
    assert!(setup.emulator.settings().plan, "nothing was changed");
    let tool = "Host: 127.0.0.1\r\nContent-Type: application/x-www-form-urlencoded\r\n";
    assert_eq!(ask(tool, off).0, 200);
    let page = "Host: localhost\r\nOrigin: http://localhost:3000\r\nContent-Type: application/json\r\n";
    assert_eq!(ask(page, br#"{"plan":true}"#).0, 200);
}

#[test]
fn large_answers_of_faults_are_bounded_in_sum() {
    let setup = Setup::open();
    let large = json!({"answer": {"status": 200, "body": "x".repeat(30 << 20)}}).to_string();
    done(&setup, "POST", "/faults", &large);
    done(&setup, "POST", "/faults", &large);
    let error = rejected(&setup, "POST", "/faults", &large);
    assert!(error.contains("64 MiB"), "{error}");
    assert_eq!(setup.emulator.faults().len(), 2);
    done(&setup, "DELETE", "/faults", "");
    done(&setup, "POST", "/faults", &large);
}

/// Bytes that this process holds; other tests hold some, too.
#[cfg(target_os = "linux")]
fn resident(id: u32) -> usize {
    let status = std::fs::read_to_string(format!("/proc/{id}/status")).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches(" kB").parse::<usize>().unwrap() * 1024
}

#[cfg(target_os = "linux")]
#[test]
fn twenty_large_bodies_at_once_are_all_answered_and_hold_little_together() {
    let mut program = std::process::Command::new(env!("CARGO_BIN_EXE_chat-emulator"));
    program
        .arg("--until-stdin-closes")
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped());
    let mut program = program.spawn().unwrap();
    let mut line = String::new();
    std::io::BufRead::read_line(
        &mut std::io::BufReader::new(program.stdout.as_mut().unwrap()),
        &mut line,
    )
    .unwrap();
    let ready: Value = serde_json::from_str(&line).unwrap();
    for (url, target, status, size, bound) in [
        (
            ready["url"].as_str().unwrap(),
            "/v4/recentcontact/delete",
            200,
            9 << 20,
            130 << 20,
        ),
        (
            ready["admin_url"].as_str().unwrap(),
            "/settings",
            400,
            24 << 20,
            400 << 20,
        ),
    ] {
        let body = vec![b'x'; size];
        let ready = std::sync::Barrier::new(20);
        std::thread::scope(|scope| {
            for _ in 0..20 {
                scope.spawn(|| {
                    let mut wire = Wire::http(url);
                    ready.wait();
                    assert_eq!(wire.ask("PUT", target, &body).status, status);
                });
            }
        });
        let most = resident(program.id());
        assert!(most < bound, "{most} bytes for {target}");
    }
    drop(program.stdin.take());
    assert!(program.wait().unwrap().success());
}

#[test]
fn a_wrong_state_is_refused_and_changes_nothing() {
    let setup = Setup::open();
    let before = setup.emulator.state();
    for (body, says) in [
        ("", "not as documented"),
        ("[]", "not as documented"),
        (
            r#"{"accounts":{"a":{"groups":[{"id":0,"name":"x"}]}}}"#,
            "id of its own",
        ),
        (r#"{"accounts":{"a":{"gruops":[]}}}"#, "gruops"),
    ] {
        let error = rejected(&setup, "PUT", "/state", body);
        assert!(error.contains(says), "{error}");
    }
    assert_eq!(setup.emulator.state(), before);
}

#[test]
fn a_reset_brings_back_the_start() {
    let setup = Setup::with(Config {
        settings: Settings {
            name_limit: 32,
            ..Settings::default()
        },
        ..Config::default()
    });
    let first = setup.emulator.state();
    setup.create("a", json!([]));
    setup.emulator.revoke("administrator");
    done(&setup, "PUT", "/settings", r#"{"plan":false,"name_limit":64}"#);
    done(&setup, "PUT", "/clock", r#"{"now":1}"#);
    done(&setup, "POST", "/faults", r#"{"code":50004,"times":0}"#);
    done(&setup, "POST", "/reset", "");
    assert_eq!(setup.emulator.state(), first);
    assert_eq!(setup.emulator.settings().name_limit, 32);
    assert!(setup.emulator.settings().plan);
    assert_eq!(setup.emulator.requests_total(), 0);
    assert!(done(&setup, "GET", "/clock", "")["now"].as_i64().unwrap() > 1_000_000_000);
    assert_eq!(done(&setup, "GET", "/faults", ""), json!([]));
    assert_eq!(
        setup.create("a", json!([]))["GroupResultItem"][0]["GroupItem"]["GroupId"],
        1,
        "not revoked any more"
    );
    assert_eq!(setup.emulator.requests()[0].number, 1);
}

#[test]
fn settings_change_one_by_one() {
    let setup = Setup::open();
    let all = json!({
        "plan": true, "name_limit": 64, "page_size": 100, "list_page_size": 100, "cloud_conversations": 100,
        "dismissed_groups": [], "non_admin_code": 50003, "lock_out": false, "key_on_file": true,
        "rate_limit": 0, "rate_window": "fixed", "plan_covers_reads": true, "mark_zero": "rightmost",
        "wrong_region": false, "account_limit": 0,
    });
    assert_eq!(done(&setup, "GET", "/settings", ""), all);
    let changed = done(&setup, "PUT", "/settings", r#"{"plan":false,"page_size":7}"#);
    let mut expected = all.clone();
    expected["plan"] = false.into();
    expected["page_size"] = 7.into();
    assert_eq!(changed, expected);
    for (body, says) in [
        (r#"{"name_limit":48}"#, "64 or 32"),
        (r#"{"non_admin_code":1}"#, "50003 or 60010"),
        (r#"{"page_size":0}"#, "1 or more"),
        (r#"{"plan":"no"}"#, "not as documented"),
        (r#"{"plna":true}"#, "plna"),
        ("7", "not as documented"),
    ] {
        let error = rejected(&setup, "PUT", "/settings", body);
        assert!(error.contains(says), "{error}");
    }
    assert_eq!(done(&setup, "GET", "/settings", ""), expected);
    done(&setup, "PUT", "/settings", r#"{"plan":true}"#);
    assert_eq!(setup.get(0)["ErrorCode"], 0);
}

#[test]
fn the_library_tells_what_the_admin_port_tells() {
    let setup = Setup::with(Config {
        proxy_port: Some(0),
        proxy_login: Some(("user".into(), "password".into())),
        ..Config::default()
    });
    let emulator = &setup.emulator;
    emulator.set_clock(ClockSetting::frozen_ms(1_700_000_000_999));
    assert_eq!(emulator.now(), 1_700_000_000);
    assert_eq!(emulator.clock(), ClockSetting::frozen_ms(1_700_000_000_999));
    let told = done(&setup, "GET", "/clock", "");
    assert_eq!(
        told,
        json!({"now": 1_700_000_000, "setting": {"now_ms": 1_700_000_000_999i64}})
    );
    setup.get(0);
    assert_eq!(done(&setup, "GET", "/rates", ""), json!(emulator.rates()));
    assert_eq!(
        done(&setup, "GET", "/log", ""),
        json!({"total": 1, "requests": emulator.requests()})
    );
    emulator.forget_requests();
    assert_eq!((emulator.requests(), emulator.requests_total()), (vec![], 1));
    let mut proxy = Wire::http(emulator.proxy_url().unwrap());
    proxy.send("CONNECT", "localhost:1", b"").unwrap();
    assert_eq!(proxy.read_answer().unwrap().status, 407);
    assert_eq!(
        done(&setup, "GET", "/proxy", ""),
        json!({"connects": emulator.connects()})
    );
    let expected = ProxyConnect {
        authority: "localhost:1".into(),
        login_accepted: false,
    };
    assert_eq!(emulator.connects(), [expected]);
}

#[test]
fn the_clock_stops_moves_and_runs_again() {
    let setup = Setup::open();
    done(&setup, "PUT", "/clock", r#"{"now":1700000000}"#);
    assert_eq!(done(&setup, "GET", "/clock", "")["now"], 1_700_000_000);
    setup.create("a", users("u", 1));
    done(&setup, "PUT", "/clock", "{}");
    assert_eq!(setup.get(0)["ContactItem"][0]["Timestamp"], 1_700_000_000);
    done(&setup, "PUT", "/clock", r#"{"offset_s":200000}"#);
    assert_eq!(setup.get(0)["ErrorCode"], 70001, "a day has passed");
    done(&setup, "PUT", "/clock", "{}");
    assert_eq!(setup.get(0)["ErrorCode"], 0);
    assert!(rejected(&setup, "PUT", "/clock", r#"{"now":1,"offset_s":1}"#).contains("not both"));
    assert!(rejected(&setup, "PUT", "/clock", r#"{"nwo":1}"#).contains("nwo"));
}

#[test]
fn faults_are_added_one_or_many_listed_and_cleared() {
    let setup = Setup::open();
    done(&setup, "POST", "/faults", r#"{"code":50004,"info":"try again"}"#);
    done(
        &setup,
        "POST",
        "/faults",
        r#"[{"path":"v4/recentcontact/get_contact_group","delay_ms":1,"times":3},{"cut":5,"skip":1}]"#,
    );
    assert_eq!(done(&setup, "GET", "/faults", "").as_array().unwrap().len(), 3);
    assert_eq!(setup.get(0)["ErrorInfo"], "try again");
    assert_eq!(setup.get(0)["ErrorCode"], 0);
    let left = done(&setup, "GET", "/faults", "");
    assert_eq!((&left[0]["delay_ms"], &left[0]["times"]), (&json!(1), &json!(2)));
    done(&setup, "DELETE", "/faults", "");
    assert_eq!(done(&setup, "GET", "/faults", ""), json!([]));
}

#[test]
fn a_list_with_one_wrong_fault_adds_none() {
    let setup = Setup::open();
    let error = rejected(&setup, "POST", "/faults", r#"[{"code":50004},{"cut":1,"hang":true}]"#);
    assert!(error.contains("exactly one of"), "{error}");
    assert_eq!(done(&setup, "GET", "/faults", ""), json!([]));
}

#[test]
fn revoking_counts_what_was_seen() {
    let setup = Setup::open();
    setup.get(0);
    setup.get(0);
    assert_eq!(
        done(&setup, "POST", "/revoke", r#"{"identifier":"administrator"}"#),
        json!({"revoked": 1})
    );
    assert_eq!(setup.get(0)["ErrorCode"], 70052);
    assert!(rejected(&setup, "POST", "/revoke", "{}").contains("identifier"));
}
