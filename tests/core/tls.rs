//! What a TLS server can refuse, and what a CA file can hold: told with what to do, once, with nothing in doubt, and without a word of the file.

use std::fs;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, Issuer, KeyPair};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig, ServerConnection, StreamOwned, SupportedProtocolVersion};

use crate::service::{assert_code, config, create, delete, ClosedPort, Service};
use tencent_chat::error::*;
use tencent_chat::{Client, Error, Response};

const OK: &str = "HTTP/1.1 200 OK\r\nContent-Length: 35\r\n\r\n{\"ActionStatus\":\"OK\",\"ErrorCode\":0}\n";

struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
}

impl Authority {
    fn new() -> Self {
        let mut params = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        Authority {
            issuer: CertifiedIssuer::self_signed(params, key).unwrap(),
        }
    }

    /// A server on loopback that wants a client's certificate from this authority if `wants`, or takes one.
    fn server(&self, version: &'static SupportedProtocolVersion, wants: bool, tickets: usize) -> ServerConfig {
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
        let issuer: &Issuer<'_, KeyPair> = &self.issuer;
        let certificate = params.signed_by(&key, issuer).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let mut roots = RootCertStore::empty();
        roots.add(self.issuer.der().clone()).unwrap();
        let clients = WebPkiClientVerifier::builder_with_provider(roots.into(), provider.clone());
        let clients = if wants {
            clients
        } else {
            clients.allow_unauthenticated()
        };
        let mut server = ServerConfig::builder_with_provider(provider)
            .with_protocol_versions(&[version])
            .unwrap()
            .with_client_cert_verifier(clients.build().unwrap())
            .with_single_cert(
                vec![certificate.der().clone()],
                PrivateKeyDer::try_from(key.serialize_der()).unwrap(),
            )
            .unwrap();
        server.send_tls13_tickets = tickets;
        server
    }
}

/// A create at a server that answers every request.
fn create_at(authority: &Authority, server: ServerConfig) -> Response {
    let folder = tempfile::tempdir().unwrap();
    let ca = folder.path().join("ca.pem");
    fs::write(&ca, authority.issuer.pem()).unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let place = listener.local_addr().unwrap();
    let server = Arc::new(server);
    let over = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| {
            for socket in listener.incoming().take_while(|_| !over.load(Ordering::SeqCst)) {
                let mut tls = StreamOwned::new(ServerConnection::new(server.clone()).unwrap(), socket.unwrap());
                if tls.read(&mut [0; 4_096]).is_ok() {
                    tls.write_all(OK.as_bytes()).unwrap();
                }
                let _ = tls.flush();
            }
        });
        let mut config = config(&format!("https://localhost:{}", place.port()));
        config.set_ca_file(ca.to_str().unwrap()).unwrap();
        let response = create(&Client::new(&config).unwrap(), "g");
        over.store(true, Ordering::SeqCst);
        drop(TcpStream::connect(place));
        response
    })
}

#[test]
fn a_server_that_wants_a_certificate_of_the_client_is_told_at_once_and_without_doubt() {
    let authority = Authority::new();
    for version in [&rustls::version::TLS12, &rustls::version::TLS13] {
        for tickets in [0, 2] {
            let response = create_at(&authority, authority.server(version, true, tickets));
            assert_code(&response, CHAT_ERR_TLS);
            let message = response.message();
            assert!(message.contains("wants a certificate of the client"), "{message}");
            assert_eq!(response.attempts(), 1, "{message}");
            assert!(!response.is_in_doubt() && !response.is_retriable(), "{message}");
        }
    }
}

#[test]
fn a_server_that_takes_a_certificate_but_needs_none_is_called() {
    let authority = Authority::new();
    for version in [&rustls::version::TLS12, &rustls::version::TLS13] {
        for tickets in [0, 2] {
            let response = create_at(&authority, authority.server(version, false, tickets));
            assert_code(&response, CHAT_OK);
        }
    }
}

#[test]
fn an_authoritys_own_certificate_shown_by_a_server_is_refused_with_what_to_do() {
    let authority = Authority::new();
    let key = PrivateKeyDer::try_from(authority.issuer.key().serialize_der()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let server = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![authority.issuer.der().clone()], key)
        .unwrap();
    let response = create_at(&authority, server);
    assert_code(&response, CHAT_ERR_TLS);
    assert!(
        response.message().contains("make one with CA:FALSE"),
        "{}",
        response.message()
    );
}

/// The refusal of a client whose CA file holds this.
fn with_ca_file(content: &[u8]) -> Option<Error> {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("ca.pem");
    fs::write(&file, content).unwrap();
    let mut config = config(&ClosedPort::new().url);
    config.set_ca_file(file.to_str().unwrap()).unwrap();
    let error = Client::new(&config).err()?;
    assert!(
        error.message.starts_with(&format!("ca_file: {}: ", file.display())),
        "{error}"
    );
    Some(Error::new(
        error.code,
        error.message.replace(file.to_str().unwrap(), "ca.pem"),
    ))
}

#[test]
fn a_ca_file_in_any_state_is_refused_in_a_few_words_that_show_nothing_of_it() {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let (key, certificate) = (made.signing_key.serialize_pem(), made.cert.pem());
    let whole = format!("{key}{certificate}");
    assert!(
        with_ca_file(whole.as_bytes()).is_none(),
        "a key beside the certificate is overlooked"
    );
    assert!(
        with_ca_file(format!("\u{feff}{certificate}").as_bytes()).is_none(),
        "a byte-order mark is skipped"
    );
    let cut = |text: &str, at: usize| text.as_bytes()[..text.len() - at].to_vec();
    let broken: Vec<Vec<u8>> = vec![
        whole.replace(['\r', '\n'], "").into_bytes(),
        whole.replace('\n', " ").into_bytes(),
        whole.replace('\n', "\\n").into_bytes(),
        whole.replace("-----END", "----END").into_bytes(),
        whole.replace("CERTIFICATE-----", "CERTIFICATE").into_bytes(),
        certificate.replace("MI", "M!").into_bytes(),
        certificate.replace("MI", "MA").into_bytes(),
        key.clone().into_bytes(),
        cut(&whole, 60),
        cut(&certificate, 10),
        whole.encode_utf16().flat_map(u16::to_le_bytes).collect(),
        made.cert.der().to_vec(),
        b"-----BEGIN \x1b[31mRED-----".to_vec(),
        b"".to_vec(),
    ];
    for content in broken {
        let error = with_ca_file(&content).unwrap_or_else(|| panic!("{}", String::from_utf8_lossy(&content)));
        assert_eq!(error.code, CHAT_ERR_CONFIG);
        assert!(error.message.len() < 200, "{error}");
        let secret: String = key.lines().filter(|line| !line.starts_with('-')).collect();
        let numbers: Vec<u8> = error
            .message
            .split(|c: char| !c.is_ascii_digit())
            .filter_map(|part| part.parse().ok())
            .collect();
        assert!(numbers.len() < 4, "{error}");
        for part in secret
            .as_bytes()
            .windows(6)
            .chain(certificate.as_bytes()[30..200].windows(6))
        {
            assert!(!error.message.contains(std::str::from_utf8(part).unwrap()), "{error}");
        }
    }
}

#[test]
fn a_certificate_in_the_place_of_its_path_is_refused_unseen() {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let mut config = config(&ClosedPort::new().url);
    for text in [made.signing_key.serialize_pem(), made.cert.pem().replace('\n', " ")] {
        for error in [
            config.set_ca_file(&text).unwrap_err(),
            config.add_ca_file(&text).unwrap_err(),
        ] {
            assert!(
                error
                    .message
                    .ends_with("takes the path of a PEM file, not what is in it"),
                "{error}"
            );
        }
    }
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
        assert_code(&client.warm_up(1, Duration::from_secs(20)), CHAT_OK);
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
