//! The life of a client and of its connections: opened ahead, kept alive, asked for a certificate, drained.

use std::fs;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use chat_emulator::Fault;
use rustls::pki_types::{CertificateDer, PrivatePkcs8KeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig, ServerConnection, StreamOwned};
use tencent_chat::error::*;
use tencent_chat::{Client, Error};

use crate::service::{assert_code, config, delete, Service};

const LONG: Duration = Duration::from_secs(20);

#[test]
fn connections_opened_ahead_are_there_for_the_first_calls() {
    let service = Service::start();
    for client in [service.client(), service.tls_client()] {
        service.emulator.reset();
        service.emulator.fault(Fault::delay(Duration::from_millis(50)).times(0));
        assert_code(&client.warm_up(3, LONG), CHAT_OK);
        assert_code(&client.warm_up(2, LONG), CHAT_OK);
        let count = |name| client.stats().get(name);
        assert_eq!(
            (count("connections_opened"), count("connections_open")),
            (3, 3),
            "ready is ready"
        );
        assert_eq!(service.emulator.requests_total(), 0);
        thread::scope(|scope| {
            for _ in 0..3 {
                scope.spawn(|| assert_code(&delete(&client, "g"), CHAT_SERVICE_GROUP_NOT_FOUND));
            }
        });
        assert_eq!((count("connections_opened"), count("calls")), (3, 3));
    }
}

#[test]
fn connections_that_cannot_be_opened_ahead_are_told_as_a_call_would_say_it() {
    let gone = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let client = Client::new(&config(&format!("http://{gone}"))).unwrap();
    let refused = client.warm_up(2, LONG);
    assert_code(&refused, CHAT_ERR_TRANSPORT);
    assert!(
        !refused.is_in_doubt() && refused.message().contains("cannot connect"),
        "{}",
        refused.message()
    );
    for n in [0, 65] {
        assert_code(&client.warm_up(n, LONG), CHAT_ERR_INVALID_ARGUMENT);
    }
    client.shutdown();
    assert_code(&client.warm_up(1, LONG), CHAT_ERR_SHUTDOWN);
}

#[test]
fn a_client_that_is_drained_lets_its_calls_end_and_refuses_others() {
    let service = Service::start();
    let client = service.client();
    service.emulator.fault(Fault::delay(Duration::from_millis(200)));
    thread::scope(|scope| {
        let call = scope.spawn(|| delete(&client, "g"));
        service.wait_for(1);
        let draining = scope.spawn(|| client.drain(LONG));
        assert_code(&call.join().unwrap(), CHAT_SERVICE_GROUP_NOT_FOUND);
        assert!(draining.join().unwrap());
    });
    assert_code(&delete(&client, "g"), CHAT_ERR_SHUTDOWN);
    assert!(client.drain(LONG), "once more does no harm");
    assert_eq!(service.emulator.requests_total(), 1);
}

#[test]
fn calls_that_outlast_the_drain_are_ended() {
    let service = Service::start();
    let client = service.client();
    service.emulator.fault(Fault::hang());
    thread::scope(|scope| {
        let call = scope.spawn(|| delete(&client, "g"));
        service.wait_for(1);
        assert!(!client.drain(Duration::from_millis(30)));
        let response = call.join().unwrap();
        assert_code(&response, CHAT_ERR_SHUTDOWN);
        assert!(response.is_in_doubt());
    });
}

/// A server on loopback that accepts only clients with this certificate, and answers one request each.
fn asking_for(client: &CertificateDer<'static>) -> (TcpListener, Arc<ServerConfig>, String) {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let key = PrivatePkcs8KeyDer::from(made.signing_key.serialize_der());
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut known = RootCertStore::empty();
    known.add(client.clone()).unwrap();
    let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(known), provider.clone());
    let server = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_client_cert_verifier(verifier.build().unwrap())
        .with_single_cert(vec![made.cert.der().clone()], key.into())
        .unwrap();
    (
        TcpListener::bind("127.0.0.1:0").unwrap(),
        Arc::new(server),
        made.cert.pem(),
    )
}

#[test]
fn a_gateway_that_asks_for_a_certificate_gets_it() {
    let own = rcgen::generate_simple_self_signed(["client".to_owned()]).unwrap();
    let other = rcgen::generate_simple_self_signed(["client".to_owned()]).unwrap();
    let (listener, server, ca) = asking_for(own.cert.der());
    let port = listener.local_addr().unwrap().port();
    thread::spawn(move || {
        for socket in listener.incoming() {
            let mut stream = StreamOwned::new(ServerConnection::new(server.clone()).unwrap(), socket.unwrap());
            // A client that is refused ends the connection.
            if stream.read(&mut [0; 16 * 1_024]).is_ok_and(|n| n > 0) {
                let body = r#"{"ActionStatus":"OK","ErrorCode":0}"#;
                let answer = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{body}", body.len());
                stream.write_all(answer.as_bytes()).unwrap();
                stream.flush().unwrap();
            }
        }
    });
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| {
        let path = folder.path().join(name);
        fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let (ca, pem, key) = (
        file("ca", &ca),
        file("pem", &own.cert.pem()),
        file("key", &own.signing_key.serialize_pem()),
    );
    let mut settings = config(&format!("https://localhost:{port}"));
    settings.set_ca_file(&ca).unwrap();
    settings.set_max_attempts(1).unwrap();
    assert_code(&delete(&Client::new(&settings).unwrap(), "g"), CHAT_ERR_TLS);
    let wrong = (
        file("wrong", &other.cert.pem()),
        file("its", &other.signing_key.serialize_pem()),
    );
    settings.set_client_certificate(Some((&wrong.0, &wrong.1))).unwrap();
    let refused = delete(&Client::new(&settings).unwrap(), "g");
    assert_code(&refused, CHAT_ERR_TLS);
    assert!(
        !refused.is_in_doubt() && refused.message().contains("client_certificate"),
        "{}",
        refused.message()
    );
    settings.set_client_certificate(Some((&pem, &key))).unwrap();
    assert_code(&delete(&Client::new(&settings).unwrap(), "g"), CHAT_OK);

    let refused = |pem: &str, key: &str, words: &str| {
        let mut settings = settings.clone();
        settings.set_client_certificate(Some((pem, key))).unwrap();
        let Error { code, message } = Client::new(&settings).unwrap_err();
        assert_eq!(code, CHAT_ERR_CONFIG);
        assert!(
            message.starts_with("client_certificate") && message.contains(words),
            "{message}"
        );
    };
    refused(&pem, &file("other", &other.signing_key.serialize_pem()), "belong");
    refused(&key, &key, "no certificate in it");
    refused(&pem, &pem, "no private key in it");
    refused(&pem, "/nowhere/key", "/nowhere/key");
}

#[test]
fn the_systems_authorities_take_the_place_of_the_built_in_ones() {
    let service = Service::start();
    let mut settings = config(service.emulator.tls_url());
    settings.set_system_ca(true).unwrap();
    let Ok(client) = Client::new(&settings) else {
        let message = Client::new(&settings).unwrap_err().message;
        return assert!(message.starts_with("system_ca: none of /etc/"), "{message}");
    };
    assert_code(&delete(&client, "g"), CHAT_ERR_TLS);
    let ca = service.emulator.ca_file().to_str().unwrap().to_owned();
    settings.add_ca_file(&ca).unwrap();
    assert_code(
        &delete(&Client::new(&settings).unwrap(), "g"),
        CHAT_SERVICE_GROUP_NOT_FOUND,
    );
    settings.set_ca_file(&ca).unwrap();
    assert_eq!(
        Client::new(&settings).unwrap_err().code,
        CHAT_ERR_CONFIG,
        "one of the two"
    );
}

/// What the kernel says of a connection's timers (`/proc/net/tcp`): 2 is the one that asks the peer whether it lives.
#[test]
#[cfg(target_os = "linux")]
fn the_system_watches_a_connection_where_that_is_asked_for() {
    let service = Service::start();
    for (seconds, timer) in [(0, "00"), (7, "02")] {
        let mut settings = service.config();
        settings.set_tcp_keepalive_s(seconds).unwrap();
        let client = Client::new(&settings).unwrap();
        assert_code(&client.warm_up(1, LONG), CHAT_OK);
        let (_, port) = service.emulator.url().rsplit_once(':').unwrap();
        let remote = format!("0100007F:{:04X}", port.parse::<u16>().unwrap());
        let table = fs::read_to_string("/proc/self/net/tcp").unwrap();
        let established = table.lines().map(|line| line.split_whitespace().collect::<Vec<_>>());
        let found: Vec<String> = established
            .filter(|row| row.get(2) == Some(&remote.as_str()) && row[3] == "01")
            .map(|row| row[5][..2].to_owned())
            .collect();
        assert_eq!(found, [timer], "{seconds} s");
    }
}
