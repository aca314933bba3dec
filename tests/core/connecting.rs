//! Reaching the service: names, hosts, certificates. Whatever fails here, the caller is told that nothing was sent.

use std::net::TcpListener;
use std::thread;
use std::time::Duration;

use crate::service::{assert_code, config, delete, delete_with, once, within, ClosedPort, Service};
use tencent_chat::error::*;
use tencent_chat::Client;

#[test]
fn a_host_that_refuses_is_told_with_nothing_sent() {
    let closed = ClosedPort::new();
    let client = Client::new(&config(&closed.url)).unwrap();
    let response = delete(&client, "g");
    assert_code(&response, CHAT_ERR_TRANSPORT);
    assert!(
        response.message().contains(closed.url.trim_start_matches("http://")) && response.message().contains("refused"),
        "{}",
        response.message()
    );
    assert!(!response.is_in_doubt() && response.is_retriable());
    assert_eq!(response.attempts(), 3, "{}", response.trace());
    assert_eq!(delete_with(&client, "g", &once()).attempts(), 1);
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

/// A listener whose queue is full drops further connection requests, as a dead host does.
fn deaf_listener() -> (TcpListener, Vec<std::net::TcpStream>) {
    use std::os::fd::AsRawFd;
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    // SAFETY: an open descriptor; a second `listen` only sets the queue's length.
    assert_eq!(unsafe { libc::listen(listener.as_raw_fd(), 0) }, 0);
    let address = listener.local_addr().unwrap();
    let fill = |_| std::net::TcpStream::connect_timeout(&address, Duration::from_millis(100)).ok();
    let waiting = (0..8).filter_map(fill).collect();
    (listener, waiting)
}

#[test]
fn connecting_ends_by_the_connect_timeout_or_the_deadline_whichever_is_first() {
    let (listener, _waiting) = deaf_listener();
    let mut config = config(&format!("http://{}", listener.local_addr().unwrap()));
    config.set_connect_timeout_ms(120).unwrap();
    let client = Client::new(&config).unwrap();
    for (ms, words) in [(5_000, "connecting took too long"), (40, "the call's deadline passed")] {
        let response = delete_with(&client, "g", &within(ms));
        assert_code(&response, CHAT_ERR_TIMEOUT);
        assert!(response.message().starts_with(words), "{}", response.message());
        assert!(!response.is_in_doubt());
    }
}

#[test]
fn a_service_that_accepts_and_then_hangs_in_the_handshake_ends_by_the_connect_timeout() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let mut config = config(&format!("https://{}", listener.local_addr().unwrap()));
    config.set_connect_timeout_ms(120).unwrap();
    let response = delete(&Client::new(&config).unwrap(), "g");
    assert_code(&response, CHAT_ERR_TIMEOUT);
    assert!(
        response
            .message()
            .starts_with("connecting took too long; nothing was sent"),
        "{}",
        response.message()
    );
    assert!(!response.is_in_doubt());
}

#[test]
fn a_certificate_from_elsewhere_is_a_tls_error_with_nothing_sent() {
    let service = Service::start();
    let client = Client::new(&config(service.emulator.tls_url())).unwrap();
    let response = delete(&client, "g");
    assert_code(&response, CHAT_ERR_TLS);
    assert!(
        response.message().contains("no authority that is trusted"),
        "{}",
        response.message()
    );
    assert!(!response.is_in_doubt());
    assert_eq!(service.emulator.requests_total(), 0);
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

#[test]
fn an_added_authority_stands_beside_the_built_in_ones_and_a_replacing_one_alone() {
    let service = Service::start();
    let ca = service.emulator.ca_file().to_str().unwrap();
    let mut added = config(service.emulator.tls_url());
    added.add_ca_file(ca).unwrap();
    assert_code(
        &delete(&Client::new(&added).unwrap(), "g"),
        CHAT_SERVICE_GROUP_NOT_FOUND,
    );
    let other = Service::start();
    let mut replaced = config(service.emulator.tls_url());
    replaced
        .set_ca_file(other.emulator.ca_file().to_str().unwrap())
        .unwrap();
    assert_code(&delete(&Client::new(&replaced).unwrap(), "g"), CHAT_ERR_TLS);
    replaced.add_ca_file(ca).unwrap();
    assert_code(
        &delete(&Client::new(&replaced).unwrap(), "g"),
        CHAT_SERVICE_GROUP_NOT_FOUND,
    );
}

#[test]
fn a_ca_file_that_cannot_be_used_is_told_when_the_client_is_made() {
    let folder = tempfile::tempdir().unwrap();
    let empty = folder.path().join("empty.pem");
    std::fs::write(&empty, "no certificate here\n").unwrap();
    for (path, words) in [
        (folder.path().join("absent.pem"), "No such file"),
        (empty, "no certificate in it"),
    ] {
        let mut config = config("https://localhost");
        config.set_ca_file(path.to_str().unwrap()).unwrap();
        let error = Client::new(&config).unwrap_err();
        assert_eq!(error.code, CHAT_ERR_CONFIG);
        assert!(
            error.message.starts_with("ca_file: ") && error.message.contains(words),
            "{error}"
        );
    }
}
