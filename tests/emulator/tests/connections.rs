//! Tests of connections: HTTPS with the CA file, HTTP/2, keep-alive, the proxy, and emulators side by side.

use std::io::{Read, Write};
use std::sync::Arc;

use crate::caller::*;
use chat_emulator::{Config, Emulator, Proxy};
use http_body_util::{BodyExt, Full};
use hyper::body::Bytes;
use hyper_util::rt::{TokioExecutor, TokioIo};
use serde_json::json;
use tokio_rustls::rustls::pki_types::ServerName;
use tokio_rustls::TlsConnector;

const BODY: &[u8] = br#"{"From_Account":"user_0001","StartIndex":0}"#;

#[test]
fn https_works_under_every_name_of_the_certificate() {
    let setup = Setup::with(Config {
        tls_names: vec!["emulator.test".into(), "10.1.2.3".into()],
        ..Config::default()
    });
    let port = setup.emulator.tls_url().rsplit_once(':').unwrap().1;
    for name in ["localhost", "127.0.0.1", "::1", "emulator.test", "10.1.2.3"] {
        let tcp = connected(&format!("127.0.0.1:{port}"));
        let answer = Wire::tls_over(tcp, setup.emulator.ca_pem(), name).ask("POST", &setup.target(GET), BODY);
        assert_eq!(answer.code(), 0, "{name}");
    }
}

#[test]
fn https_is_refused_under_another_name_and_without_the_ca() {
    let setup = Setup::open();
    let other = Emulator::start(Config::default()).unwrap();
    let authority = setup.emulator.tls_url().strip_prefix("https://").unwrap();
    for (ca, name) in [(setup.emulator.ca_pem(), "example.org"), (other.ca_pem(), "localhost")] {
        let mut wire = Wire::tls_over(connected(authority), ca, name);
        let error = wire.send("POST", &setup.target(GET), BODY).unwrap_err();
        assert!(error.to_string().contains("certificate"), "{error}");
    }
    assert_eq!(setup.emulator.requests_total(), 0);
}

#[test]
fn the_ca_file_holds_what_the_library_tells() {
    let setup = Setup::open();
    assert_eq!(
        std::fs::read_to_string(setup.emulator.ca_file()).unwrap(),
        setup.emulator.ca_pem()
    );
}

#[test]
fn localhost_is_served_on_both_loopback_addresses_where_there_are_two() {
    let has_v6 = std::net::TcpListener::bind("[::1]:0").is_ok();
    let setup = Setup::open();
    let port = setup.emulator.url().rsplit_once(':').unwrap().1;
    let reached = std::net::TcpStream::connect(format!("[::1]:{port}")).is_ok();
    assert_eq!(reached, has_v6);
}

#[test]
fn one_connection_serves_many_calls() {
    let setup = Setup::open();
    for mut wire in [setup.wire(), Wire::https(&setup.emulator)] {
        for _ in 0..50 {
            assert_eq!(wire.ask("POST", &setup.target(GET), BODY).code(), 0);
        }
    }
    let mut connections: Vec<u64> = setup.emulator.requests().iter().map(|r| r.connection).collect();
    connections.dedup();
    assert_eq!(connections.len(), 2);
}

#[test]
fn http_2_is_spoken_where_the_client_asks_for_it() {
    let setup = Setup::open();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let body = runtime.block_on(async {
        let authority = setup.emulator.tls_url().strip_prefix("https://").unwrap();
        let tcp = tokio::net::TcpStream::connect(authority).await.unwrap();
        let mut tls = trusting(setup.emulator.ca_pem());
        tls.alpn_protocols = vec![b"h2".to_vec()];
        let name = ServerName::try_from("localhost").unwrap();
        let stream = TlsConnector::from(Arc::new(tls)).connect(name, tcp).await.unwrap();
        let (mut sender, connection) =
            hyper::client::conn::http2::handshake(TokioExecutor::new(), TokioIo::new(stream))
                .await
                .unwrap();
        tokio::spawn(connection);
        let target = format!("{}{}", setup.emulator.tls_url(), setup.target(GET));
        let request = hyper::Request::post(target)
            .body(Full::new(Bytes::from_static(BODY)))
            .unwrap();
        let answer = sender.send_request(request).await.unwrap();
        answer.into_body().collect().await.unwrap().to_bytes()
    });
    assert_eq!(
        serde_json::from_slice::<serde_json::Value>(&body).unwrap()["ErrorCode"],
        0
    );
    assert_eq!(setup.emulator.requests()[0].http, "HTTP/2.0");
}

#[test]
fn two_emulators_do_not_know_each_other() {
    let first = Setup::open();
    let second = Setup::open();
    assert_ne!(first.emulator.url(), second.emulator.url());
    first.create("a", json!([]));
    first.emulator.fault(chat_emulator::Fault::code(50004));
    assert_eq!(second.delete("a")["ErrorCode"], 51009);
    assert_eq!(second.emulator.requests_total(), 1);
}

#[test]
fn a_dropped_emulator_lets_go_of_its_ports_files_and_connections() {
    let setup = Setup::open();
    let mut wire = setup.wire();
    assert_eq!(wire.ask("POST", &setup.target(GET), BODY).code(), 0);
    let (ca, authority) = (
        setup.emulator.ca_file().to_owned(),
        setup.emulator.url().replace("http://", ""),
    );
    drop(setup);
    assert!(!ca.exists());
    wire.end().unwrap();
    assert!(std::net::TcpStream::connect(&authority).is_err());
    drop(std::net::TcpListener::bind(&authority).unwrap());
}

#[test]
fn an_emulator_can_start_and_stop_inside_an_async_runtime() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let emulator = Emulator::start(Config::default()).unwrap();
        drop(emulator);
        drop(Proxy::start(None).unwrap());
    });
}

#[test]
fn a_port_in_use_is_told_by_name() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let config = Config {
        admin_port: taken.local_addr().unwrap().port(),
        ..Config::default()
    };
    let error = Emulator::start(config).err().unwrap().to_string();
    assert!(
        error.contains("admin port") && error.contains("choose another"),
        "{error}"
    );
}

/// Sends CONNECT and returns the status line and the open stream.
fn connect(proxy_url: &str, authority: &str, login: &str) -> (String, std::net::TcpStream) {
    let mut tcp = connected(proxy_url.strip_prefix("http://").unwrap());
    write!(tcp, "CONNECT {authority} HTTP/1.1\r\nHost: {authority}\r\n{login}\r\n").unwrap();
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        tcp.read_exact(&mut byte).unwrap();
        head.push(byte[0]);
    }
    let head = String::from_utf8(head).unwrap();
    (head.lines().next().unwrap().to_owned(), tcp)
}

#[test]
fn the_proxy_tunnels_https_and_remembers_where_to() {
    let setup = Setup::with(Config {
        proxy_port: Some(0),
        ..Config::default()
    });
    let authority = setup.emulator.tls_url().strip_prefix("https://").unwrap().to_owned();
    let (status, tcp) = connect(setup.emulator.proxy_url().unwrap(), &authority, "");
    assert_eq!(status, "HTTP/1.1 200 OK");
    let mut wire = Wire::tls_over(tcp, setup.emulator.ca_pem(), "localhost");
    for _ in 0..3 {
        assert_eq!(wire.ask("POST", &setup.target(GET), BODY).code(), 0);
    }
    assert_eq!(setup.emulator.proxy_connects(), std::slice::from_ref(&authority));
    let (_, told) = admin(setup.emulator.admin_url(), "GET", "/proxy", "");
    assert_eq!(
        told,
        json!({"connects": [{"authority": authority, "login_accepted": true}]})
    );
}

#[test]
fn the_proxy_asks_for_its_login() {
    let proxy = Proxy::start(Some(("user", "pass:word"))).unwrap();
    let emulator = Emulator::start(Config::default()).unwrap();
    let authority = emulator.url().strip_prefix("http://").unwrap();
    // user:pass:word, then user:wrong
    let right = "Proxy-Authorization: Basic dXNlcjpwYXNzOndvcmQ=\r\n";
    let wrong = "Proxy-Authorization: Basic dXNlcjp3cm9uZw==\r\n";
    assert!(connect(proxy.url(), authority, "").0.contains("407"));
    assert!(connect(proxy.url(), authority, wrong).0.contains("407"));
    assert!(connect(proxy.url(), authority, right).0.contains("200"));
    let told: Vec<_> = proxy
        .connects()
        .into_iter()
        .map(|c| (c.authority, c.login_accepted))
        .collect();
    assert_eq!(
        told,
        [false, false, true].map(|accepted| (authority.to_owned(), accepted))
    );
    assert!(!format!("{:?}", proxy.connects()).contains("pass"));
}

#[test]
fn the_proxy_takes_connect_only_and_tells_of_hosts_it_cannot_reach() {
    let proxy = Proxy::start(None).unwrap();
    let mut tcp = connected(proxy.url().strip_prefix("http://").unwrap());
    tcp.write_all(b"GET http://localhost/ HTTP/1.1\r\nHost: localhost\r\n\r\n")
        .unwrap();
    let mut start = [0; 12];
    tcp.read_exact(&mut start).unwrap();
    assert_eq!(&start, b"HTTP/1.1 405");
    let closed = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    assert!(connect(proxy.url(), &closed.to_string(), "").0.contains("502"));
    assert_eq!(proxy.connects()[0].authority, closed.to_string());
}

#[test]
fn bytes_that_are_no_http_harm_nobody() {
    let setup = Setup::open();
    for bytes in [
        &b"\x00\x01\x02\x03\r\n\r\n"[..],
        b"POST / HTTP/9.9\r\n\r\n",
        b"\r\n\r\n",
        b"POST",
    ] {
        for url in [
            setup.emulator.url(),
            setup.emulator.tls_url(),
            setup.emulator.admin_url(),
        ] {
            let mut tcp = connected(url.split_once("://").unwrap().1);
            tcp.write_all(bytes).unwrap();
            drop(tcp);
        }
    }
    assert_eq!(setup.get(0)["ErrorCode"], 0);
    assert_eq!(
        setup.emulator.requests_total(),
        1,
        "only what was a whole request is counted"
    );
}
