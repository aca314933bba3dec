//! What stands between the client and the service: proxies and names.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::thread;

use crate::service::{assert_code, config, create, delete, delete_with, once, Service};
use chat_emulator::Proxy;
use tencent_chat::error::*;
use tencent_chat::{Client, Config, Response};

fn through(service: &Service, proxy: &str) -> Config {
    let mut config = config(service.emulator.tls_url());
    config
        .set_ca_file(service.emulator.ca_file().to_str().unwrap())
        .unwrap();
    config.set_proxy(Some(proxy)).unwrap();
    config
}

#[test]
fn a_proxy_tunnels_every_connection_and_sees_no_request() {
    let service = Service::start();
    let proxy = Proxy::start(None).unwrap();
    let client = Client::new(&through(&service, proxy.url())).unwrap();
    for _ in 0..3 {
        assert_eq!(delete(&client, "g").code(), CHAT_SERVICE_GROUP_NOT_FOUND);
    }
    let place = service.emulator.tls_url().trim_start_matches("https://").to_owned();
    let seen: Vec<String> = proxy.connects().into_iter().map(|connect| connect.authority).collect();
    assert_eq!(seen, [place], "one tunnel for the kept connection, to the service");
}

#[test]
fn a_proxys_login_is_sent_decoded_and_a_wrong_one_is_told_without_showing_it() {
    let service = Service::start();
    let proxy = Proxy::start(Some(("user", "p@ss:w%rd"))).unwrap();
    let place = proxy.url().trim_start_matches("http://");
    let right = through(&service, &format!("http://user:p%40ss%3Aw%25rd@{place}"));
    assert_eq!(
        delete(&Client::new(&right).unwrap(), "g").code(),
        CHAT_SERVICE_GROUP_NOT_FOUND
    );
    let wrong = through(&service, &format!("http://user:canary-password@{place}"));
    let client = Client::new(&wrong).unwrap();
    let response = delete(&client, "g");
    assert_eq!(response.code(), CHAT_ERR_TRANSPORT);
    assert!(response.message().contains("407"), "{}", response.message());
    assert!(!response.is_in_doubt());
    let shown = format!("{wrong:?} {client:?} {response:?} {}", response.message());
    assert!(!shown.contains("canary") && !shown.contains("Y2FuYXJ5"), "{shown}");
}

#[test]
fn a_proxy_that_is_away_or_talks_nonsense_is_told_with_nothing_sent() {
    let service = Service::start();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let place = listener.local_addr().unwrap();
    let client = Client::new(&through(&service, &format!("http://{place}"))).unwrap();
    let answers = ["SSH-2.0-OpenSSH\r\n\r\n", "HTTP/1.1 503 Busy\r\n\r\n", ""];
    for (answer, words) in answers.iter().zip([
        "gave an answer that cannot be read",
        "HTTP 503",
        "closed the connection",
    ]) {
        let response = std::thread::scope(|scope| {
            scope.spawn(|| {
                use std::io::{Read, Write};
                let (mut stream, _) = listener.accept().unwrap();
                let mut head = [0; 1_024];
                let _ = stream.read(&mut head);
                stream.write_all(answer.as_bytes()).unwrap();
            });
            delete_with(&client, "g", &once())
        });
        assert_eq!(response.code(), CHAT_ERR_TRANSPORT);
        assert!(response.message().contains(words), "{}", response.message());
        assert!(!response.is_in_doubt());
    }
    drop(listener);
    assert!(delete(&client, "g").message().contains("refused"));
}

#[test]
fn proxies_that_cannot_be_used_are_refused_by_name() {
    let mut config = Config::default();
    for (url, words) in [
        ("socks5://h:1", "socks5:// proxies are not supported"),
        ("https://h:1", "https:// proxies are not supported"),
        ("h:1", "write http://user:password@host:port"),
        ("http://u:canary@h:0", "the port must be a number from 1 to 65535"),
        ("http://u:canary@h:1/path", "only scheme, host and port"),
        ("http://:canary@h:1", "the user name is not empty"),
    ] {
        let error = config.set_proxy(Some(url)).unwrap_err();
        assert_eq!(error.code, CHAT_ERR_INVALID_ARGUMENT);
        assert!(
            error.message.contains(words) && !error.message.contains("canary"),
            "{error}"
        );
    }
    config.set_proxy(None).unwrap();
}

#[test]
fn a_host_with_a_dead_address_before_a_live_one_is_reached() {
    // `localhost` gives ::1 and 127.0.0.1 on most machines; the emulator listens on the second only.
    let service = Service::start();
    let client = Client::new(&config(&service.emulator.url().replace("127.0.0.1", "localhost"))).unwrap();
    assert_eq!(delete(&client, "g").code(), CHAT_SERVICE_GROUP_NOT_FOUND);
}

/// What a call comes to whose answer is this, byte for byte.
fn answered(answer: &[u8]) -> Response {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let config = config(&format!("http://{}", listener.local_addr().unwrap()));
    thread::scope(|scope| {
        scope.spawn(|| {
            let (mut stream, _) = listener.accept().unwrap();
            let _ = stream.read(&mut [0; 4_096]).unwrap();
            // An error means that the client has heard enough.
            let _ = stream.write_all(answer);
            let _ = stream.shutdown(std::net::Shutdown::Write);
            let _ = stream.read(&mut [0; 1]);
        });
        create(&Client::new(&config).unwrap(), "g")
    })
}

#[test]
fn what_http_allows_is_read_and_what_cannot_be_read_is_named() {
    const BODY: &str = r#"{"ActionStatus":"OK","ErrorCode":0,"ErrorInfo":""}"#;
    let ok = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{BODY}", BODY.len());
    let chunked = |extension: &str| {
        format!(
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{:x}{extension}\r\n{BODY}\r\n0\r\n\r\n",
            BODY.len()
        )
    };
    let with_head = |lines: &str| ok.replacen("\r\n", &format!("\r\n{lines}"), 1);
    for (what, answer, code, words) in [
        ("plain", ok.clone(), CHAT_OK, ""),
        ("100", format!("HTTP/1.1 100 Continue\r\n\r\n{ok}"), CHAT_OK, ""),
        (
            "103",
            format!("HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n{ok}"),
            CHAT_OK,
            "",
        ),
        ("bare line ends", ok.replace("\r\n", "\n"), CHAT_OK, ""),
        ("HTTP/1.0", format!("HTTP/1.0 200 OK\r\n\r\n{BODY}"), CHAT_OK, ""),
        ("no reason", ok.replace("200 OK", "200"), CHAT_OK, ""),
        ("a chunk's extension", chunked(";a=b"), CHAT_OK, ""),
        (
            "a head of 15 KiB",
            with_head(&format!("X: {}\r\n", "x".repeat(15_000))),
            CHAT_OK,
            "",
        ),
        (
            "a head of 17 KiB",
            with_head(&format!("X: {}\r\n", "x".repeat(17_000))),
            CHAT_ERR_PROTOCOL,
            "head of the answer is larger than 16 KiB",
        ),
        (
            "a head of many lines",
            with_head(&"X: x\r\n".repeat(500)),
            CHAT_ERR_PROTOCOL,
            "head of the answer has too many lines",
        ),
        (
            "a chunk's long extension",
            chunked(&format!(";a={}", "b".repeat(40))),
            CHAT_ERR_PROTOCOL,
            "chunks of the answer",
        ),
        (
            "a chunk's damaged size",
            chunked("x"),
            CHAT_ERR_PROTOCOL,
            "chunks of the answer",
        ),
        (
            "two lengths",
            with_head("Content-Length: 7\r\n"),
            CHAT_ERR_PROTOCOL,
            "contradicts itself about its length",
        ),
        (
            "another protocol",
            "SSH-2.0-OpenSSH_9.6\r\n\r\n".into(),
            CHAT_ERR_PROTOCOL,
            "not readable HTTP",
        ),
    ] {
        let response = answered(answer.as_bytes());
        assert_eq!(response.code(), code, "{what}: {}", response.message());
        assert!(response.message().contains(words), "{what}: {}", response.message());
        assert_eq!(response.is_in_doubt(), code != CHAT_OK, "{what}");
    }
}

#[test]
fn a_proxy_may_say_to_wait_first_and_end_its_lines_bare() {
    let service = Service::start();
    for tunnel in [
        "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 Connection established\r\n\r\n",
        "HTTP/1.1 102 Processing\nX: y\n\nHTTP/1.1 200 OK\n\n",
    ] {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let place = listener.local_addr().unwrap();
        let target = service.emulator.tls_url().trim_start_matches("https://").to_owned();
        let client = Client::new(&through(&service, &format!("http://{place}"))).unwrap();
        let tunnelling = thread::spawn(move || {
            let (mut here, _) = listener.accept().unwrap();
            let _ = here.read(&mut [0; 1_024]).unwrap();
            here.write_all(tunnel.as_bytes()).unwrap();
            let mut there = TcpStream::connect(target.replace("localhost", "127.0.0.1")).unwrap();
            let (mut here2, mut there2) = (here.try_clone().unwrap(), there.try_clone().unwrap());
            thread::spawn(move || std::io::copy(&mut here2, &mut there2));
            let _ = std::io::copy(&mut there, &mut here);
        });
        assert_eq!(delete(&client, "g").code(), CHAT_SERVICE_GROUP_NOT_FOUND, "{tunnel:?}");
        drop((client, tunnelling));
    }
}

#[test]
fn a_name_that_does_not_exist_is_told_with_nothing_sent() {
    let client = Client::new(&config("https://no-such-host.invalid")).unwrap();
    for _ in 0..2 {
        let response = delete(&client, "g");
        assert_code(&response, CHAT_ERR_TRANSPORT);
        assert!(
            response.message().starts_with("cannot look up no-such-host.invalid"),
            "{}",
            response.message()
        );
        assert!(!response.is_in_doubt());
    }
}

#[test]
fn a_certificate_for_another_name_is_a_tls_error() {
    let service = Service::start();
    let port = service.emulator.tls_url().rsplit(':').next().unwrap().to_owned();
    let mut config = config(&format!("https://127.0.0.2:{port}"));
    config
        .set_ca_file(service.emulator.ca_file().to_str().unwrap())
        .unwrap();
    // The emulator listens on 127.0.0.1 only; a tunnel leads there under the wrong name.
    let listener = TcpListener::bind(format!("127.0.0.2:{port}")).unwrap();
    let target = format!("127.0.0.1:{port}");
    thread::spawn(move || {
        let (mut here, _) = listener.accept().unwrap();
        let mut there = std::net::TcpStream::connect(target).unwrap();
        let (mut here2, mut there2) = (here.try_clone().unwrap(), there.try_clone().unwrap());
        thread::spawn(move || std::io::copy(&mut here2, &mut there2));
        let _ = std::io::copy(&mut there, &mut here);
    });
    let response = delete(&Client::new(&config).unwrap(), "g");
    assert_code(&response, CHAT_ERR_TLS);
    assert!(
        response
            .message()
            .contains("TLS with 127.0.0.2 failed: the server's certificate bears another name"),
        "{}",
        response.message()
    );
}
