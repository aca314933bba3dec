//! Where the shared limit's server may be: behind TLS, on a Unix socket; how long it may take; and what is refused, since it fails over.

use std::fs;
use std::time::Duration;

use crate::fleet::{self, server_that_answers, slow_way_to, Redis};
use crate::service::{assert_code, delete, Service};
use crate::shared_limit::{client, sharing, SHARED};
use tencent_chat::error::*;
use tencent_chat::Client;

#[test]
fn tls_is_spoken_with_the_same_authorities_as_to_the_service_or_with_its_own() {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned(), "127.0.0.1".to_owned()]).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: String| {
        let path = folder.path().join(name);
        fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let (certificate, key) = (
        file("cert.pem", made.cert.pem()),
        file("key.pem", made.signing_key.serialize_pem()),
    );
    let port = fleet::free_port().to_string();
    let arguments = [
        "--port",
        "0",
        "--tls-port",
        &port,
        "--tls-cert-file",
        &certificate,
        "--tls-key-file",
        &key,
    ];
    let more = ["--tls-auth-clients", "no", "--requirepass", "canary"];
    let Some(mut redis) = Redis::stopped(&[&arguments[..], &more].concat()) else {
        return;
    };
    redis.port = port.parse().unwrap();
    redis.run();
    let service = Service::start();
    let url = format!("rediss://:canary@localhost:{port}");
    let mut trusting = sharing(&service, &url, "n", 200);
    trusting.add_ca_file(&certificate).unwrap();
    let response = delete(&Client::new(&trusting).unwrap(), "g");
    assert!(
        response.trace().contains(SHARED),
        "{} {}",
        response.message(),
        response.trace()
    );
    let response = delete(&client(&service, &url, "n", 200), "g");
    let own = client(&service, &format!("{url}?ca_file={certificate}"), "n", 200);
    let response_by_own = delete(&own, "g");
    assert!(
        response_by_own.trace().contains(SHARED),
        "{}",
        response_by_own.message()
    );
    assert!(
        response.message().contains("TLS with its server failed"),
        "{}",
        response.message()
    );
    let plain = delete(&client(&service, &url.replace("rediss", "redis"), "n", 200), "g");
    assert!(plain.message().contains("rediss://"), "{}", plain.message());
}

#[cfg(unix)]
#[test]
fn a_unix_socket_serves_as_a_port_does_with_its_login_and_database() {
    let folder = tempfile::tempdir().unwrap();
    let socket = folder.path().join("redis 1@2.sock");
    let path = socket.to_str().unwrap();
    let Some(mut redis) = Redis::with(&["--unixsocket", path, "--requirepass", "canary"]) else {
        return;
    };
    let service = Service::start();
    let url = |login: &str| format!("redis+unix://{login}{}?db=3", path.replace(' ', "%20"));
    let good = client(&service, &url(":canary@"), "n", 200);
    let response = delete(&good, "g");
    assert!(response.trace().contains(SHARED), "{}", response.message());
    let refused = delete(&client(&service, &url(":canary-wrong@"), "n", 200), "g");
    assert_code(&refused, CHAT_ERR_THROTTLED);
    assert!(refused.message().contains("refuses the login") && !refused.message().contains("canary"));
    let long = format!("redis+unix:///{}", "a".repeat(108));
    let refused = service.config().set_shared_limit(Some(&long), "n").unwrap_err();
    assert!(refused.to_string().contains("too long for this system"), "{refused}");
    redis.kill();
    let gone = delete(&client(&service, &url(":canary@"), "n", 200), "g");
    assert!(
        gone.message().contains("no connection to its server"),
        "{}",
        gone.message()
    );
}

#[test]
fn a_timeout_of_its_own_gives_up_a_slow_server_that_the_usual_one_waits_for() {
    let Some(redis) = Redis::start() else { return };
    let service = Service::start();
    let port = slow_way_to(redis.port, Duration::from_millis(75));
    let ask = |query: &str| {
        let url = format!("redis://127.0.0.1:{port}{query}");
        delete(&client(&service, &url, "n", 200), "g")
    };
    let hasty = ask("?timeout_ms=20");
    assert_code(&hasty, CHAT_ERR_THROTTLED);
    assert!(
        hasty.message().contains("did not answer in time"),
        "{}",
        hasty.message()
    );
    let patient = ask("");
    assert!(patient.trace().contains(SHARED), "{}", patient.message());
}

#[test]
fn what_fails_over_is_told_by_name_with_the_reason() {
    let service = Service::start();
    let told = |port: u16| {
        let refused = delete(&client(&service, &format!("redis://127.0.0.1:{port}"), "n", 200), "g");
        assert_code(&refused, CHAT_ERR_THROTTLED);
        refused.message().to_owned()
    };
    let scripted = |role: &'static str| {
        server_that_answers(move |number, _| match number % 2 {
            0 => "-ERR unknown command 'EVALSHA'\r\n".into(),
            _ => role.to_owned(),
        })
    };
    let sentinel = told(scripted("*2\r\n$8\r\nsentinel\r\n*1\r\n$7\r\nprimary\r\n"));
    assert!(
        sentinel.contains("is a Sentinel") && sentinel.contains("fail-over forgets"),
        "{sentinel}"
    );
    let old = told(scripted("*3\r\n$6\r\nmaster\r\n:0\r\n*0\r\n"));
    assert!(old.contains("does not know EVALSHA"), "{old}");
    let Some(node) = Redis::with(&["--cluster-enabled", "yes"]) else {
        return;
    };
    let cluster = told(node.port);
    assert!(
        cluster.contains("a node of a cluster") && cluster.contains("fail-over forgets"),
        "{cluster}"
    );
}
