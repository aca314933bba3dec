//! What a TLS server can refuse, and what a CA file can hold: told with what to do, once, with nothing in doubt, and without a word of the file.

use std::fs;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::Arc;
use std::thread;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, Issuer, KeyPair};
use rustls::pki_types::PrivateKeyDer;
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig, ServerConnection, StreamOwned, SupportedProtocolVersion};

use crate::service::{assert_code, config, create, ClosedPort};
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
