//! TLS by rustls with ring: which authorities are trusted, and the handshake over a [`Socket`]. TLS 1.2 or newer. A CA file is read once, when the
//! client is made, and never quoted. A failed handshake says why, and a server that wants a certificate of the client refuses before a request
//! leaves.

use std::cell::Cell;
use std::fs::File;
use std::io::{self, Read, Write};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use rustls::client::ResolvesClientCert;
use rustls::pki_types::pem::{self, PemObject};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::sign::CertifiedKey;
use rustls::{AlertDescription, ClientConfig, ClientConnection, RootCertStore, SignatureScheme, StreamOwned};
use zeroize::Zeroizing;

use super::exchange::Failure;
use super::socket::Socket;
use super::tls_words::words;
use crate::config::Config;
use crate::error::Error;

pub(super) type TlsStream = StreamOwned<ClientConnection, Socket>;

/// Reads the CA files and settles what every connection of a client shares, its session tickets included.
pub(crate) fn client_config(config: &Config) -> Result<Arc<ClientConfig>, Error> {
    let roots = trusted(config)?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| Error::config(format!("TLS: {}", words(&error, false))))?
        .with_root_certificates(roots);
    let Some((certificate, key)) = &config.client_certificate else {
        return Ok(Arc::new(builder.with_client_cert_resolver(Arc::new(Shown(None)))));
    };
    let (chain, key) = (certificates("client_certificate", certificate)?, private_key(key)?);
    let made = builder.with_client_auth_cert(chain, key);
    let refuse = |_| {
        let rule = "the key in the second file does not belong to the first certificate in the first, or one of them cannot be used";
        Error::config(format!("client_certificate: {rule}"))
    };
    let mut config = made.map_err(refuse)?;
    config.client_auth_cert_resolver = Arc::new(Shown(Some(config.client_auth_cert_resolver)));
    Ok(Arc::new(config))
}

/// The key of a client's certificate. No part of it is echoed.
fn private_key(path: &Path) -> Result<PrivateKeyDer<'static>, Error> {
    let refuse = |why: &str| Error::config(format!("client_certificate: {}: {why}", path.display()));
    let pem = read(path)
        .map(Zeroizing::new)
        .map_err(|error| refuse(&error.to_string()))?;
    PrivateKeyDer::from_pem_slice(&pem)
        .map_err(|_| refuse("no private key in it; it must be a PEM file, without a passphrase"))
}

/// The authorities that a server's certificate may come from: the built-in ones or those that replace them, and those added.
fn trusted(config: &Config) -> Result<RootCertStore, Error> {
    let mut roots = RootCertStore::empty();
    match &config.ca_file {
        Some(path) => add(&mut roots, "ca_file", path)?,
        None if config.system_ca => add_systems(&mut roots)?,
        None => roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned()),
    }
    for path in &config.added_ca_files {
        add(&mut roots, "add_ca_file", path)?;
    }
    Ok(roots)
}

/// The longest CA file that is read; the list of all public authorities has a quarter of a megabyte.
const LONGEST_CA_FILE: u64 = 16 * 1_024 * 1_024;

fn add(roots: &mut RootCertStore, setting: &str, path: &Path) -> Result<(), Error> {
    for (index, certificate) in certificates(setting, path)?.into_iter().enumerate() {
        roots.add(certificate).map_err(|_| {
            let (file, number) = (path.display(), index + 1);
            let why = "cannot be read: damaged, or none that may sign others";
            Error::config(format!("{setting}: {file}: certificate {number} in it {why}"))
        })?;
    }
    Ok(())
}

/// The certificates of a PEM file, at least one. What a refusal says is about the file, and never a part of it: people keep keys beside
/// certificates.
fn certificates(setting: &str, path: &Path) -> Result<Vec<CertificateDer<'static>>, Error> {
    let refuse = |why: &str| Error::config(format!("{setting}: {}: {why}", path.display()));
    let pem = read(path)
        .map(Zeroizing::new)
        .map_err(|error| refuse(&error.to_string()))?;
    if pem.len() as u64 > LONGEST_CA_FILE {
        return Err(refuse("larger than 16 MiB, too large for a CA file"));
    }
    let pem = pem.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&pem);
    let read: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem).collect();
    let read = read.map_err(|error| refuse(no_pem(&error)))?;
    if read.is_empty() {
        return Err(refuse("no certificate in it; it must be a PEM file with at least one"));
    }
    Ok(read)
}

/// Where the distributions keep what they trust: Debian and its like, Fedora and its like, SUSE, Alpine.
const SYSTEMS: [&str; 5] = [
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
];

/// The first of those files that exists. A certificate that the system trusts but this library cannot read is left out.
fn add_systems(roots: &mut RootCertStore) -> Result<(), Error> {
    if !cfg!(target_os = "linux") {
        return Err(Error::config("system_ca is not available on this system; use ca_file"));
    }
    for path in SYSTEMS {
        if let Ok(certificates) = certificates("system_ca", Path::new(path)) {
            roots.add_parsable_certificates(certificates);
            return Ok(());
        }
    }
    Err(Error::config(format!(
        "system_ca: none of {} can be read; install the package ca-certificates, or use ca_file",
        SYSTEMS.join(", ")
    )))
}

fn read(path: &Path) -> io::Result<Vec<u8>> {
    let mut text = Vec::new();
    File::open(path)?.take(LONGEST_CA_FILE + 1).read_to_end(&mut text)?;
    Ok(text)
}

fn no_pem(error: &pem::Error) -> &'static str {
    match error {
        pem::Error::IllegalSectionStart { .. } => {
            "not a PEM file: a BEGIN mark does not stand on a line of its own; the file may have lost its line ends"
        }
        pem::Error::MissingSectionEnd { .. } => {
            "not a PEM file: a section has no END mark on a line of its own; the file may be cut short, or have lost its line ends"
        }
        pem::Error::Base64Decode(_) => "not a PEM file: what stands between two marks is not base64",
        _ => "not a PEM file",
    }
}

thread_local! {
    /// Whether the handshake that runs on this thread was asked for a certificate of the client; the TLS library reports it in no other way.
    static ASKED: Cell<bool> = const { Cell::new(false) };
}

/// Shows the client's certificate, if it has one, and notes that one was wanted.
#[derive(Debug)]
struct Shown(Option<Arc<dyn ResolvesClientCert>>);

impl ResolvesClientCert for Shown {
    fn resolve(&self, authorities: &[&[u8]], schemes: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        ASKED.set(true);
        self.0.as_ref()?.resolve(authorities, schemes)
    }

    fn has_certs(&self) -> bool {
        self.0.as_ref().is_some_and(|certificate| certificate.has_certs())
    }
}

/// How long a server that asked for a certificate is given to refuse a client, without one or with the wrong one.
const TIME_TO_REFUSE: Duration = Duration::from_millis(500);

/// Shakes hands with `host`, whose name the certificate must bear.
pub(super) fn handshake(config: &Arc<ClientConfig>, host: &str, mut socket: Socket) -> Result<TlsStream, Failure> {
    let name = ServerName::try_from(host.to_owned())
        .map_err(|_| Failure::Tls(format!("{host} is not a name that a certificate can have")))?;
    ASKED.set(false);
    let mut tls =
        ClientConnection::new(config.clone(), name).map_err(|error| Failure::Tls(failed(host, &error, false)))?;
    while tls.is_handshaking() {
        tls.complete_io(&mut socket).map_err(|error| failure(host, error))?;
    }
    // From TLS 1.3 on the server's refusal comes after the client's last word. A request sent meanwhile would be lost with it; so the
    // client listens first, which ends with the ticket of a server that goes on.
    if ASKED.get() && socket.has_input_within(TIME_TO_REFUSE) {
        let heard = tls.read_tls(&mut socket).and_then(|length| match length {
            0 => Err(io::ErrorKind::UnexpectedEof.into()),
            _ => tls.process_new_packets().map_err(io::Error::other),
        });
        heard.map_err(|error| failure(host, error))?;
    }
    Ok(StreamOwned::new(tls, socket))
}

fn failed(host: &str, error: &rustls::Error, asked: bool) -> String {
    format!("TLS with {host} failed: {}", words(error, asked))
}

fn failure(host: &str, error: io::Error) -> Failure {
    let inner = error.get_ref();
    if let Some(error) = inner.and_then(|inner| inner.downcast_ref()) {
        return Failure::Tls(failed(host, error, ASKED.get()));
    }
    match Failure::from(error) {
        // Its refusal is lost where the end of the connection overtakes it.
        Failure::Broken(_) if ASKED.get() => {
            let refused = rustls::Error::AlertReceived(AlertDescription::CertificateRequired);
            Failure::Tls(failed(host, &refused, true))
        }
        Failure::Broken(why) => Failure::Connect(format!("{host}: {why}, during the TLS handshake")),
        other => other,
    }
}

/// So often is read what a server sent before anybody asked it anything.
const MOST_READS: usize = 8;

/// Reads what has come already.
struct AtOnce<'a>(&'a Socket);

impl Read for AtOnce<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.read_at_once(buffer)
    }
}

/// A stream of bytes to the service, in the clear or not.
#[derive(Debug)]
pub(super) enum Stream {
    Plain(Socket),
    // Boxed: a TLS connection is a hundred times the size of a socket.
    Tls(Box<TlsStream>),
}

impl Stream {
    pub fn socket(&self) -> &Socket {
        match self {
            Stream::Plain(socket) => socket,
            Stream::Tls(stream) => &stream.sock,
        }
    }

    pub fn socket_mut(&mut self) -> &mut Socket {
        match self {
            Stream::Plain(socket) => socket,
            Stream::Tls(stream) => &mut stream.sock,
        }
    }

    /// Whether nothing waits to be read: in the kernel, or, decrypted already, in TLS. A connection where something does belongs to
    /// an answer nobody asked for, or is closing.
    pub fn is_quiet(&mut self) -> bool {
        match self {
            Stream::Plain(socket) => socket.is_quiet(),
            Stream::Tls(stream) => {
                let StreamOwned { conn, sock } = &mut **stream;
                let mut read = Ok(1);
                // A connection that has not been read from holds session tickets, which TLS keeps to itself.
                for _ in 0..MOST_READS {
                    let state = conn.process_new_packets();
                    let empty =
                        |state: rustls::IoState| state.plaintext_bytes_to_read() == 0 && !state.peer_has_closed();
                    if !state.is_ok_and(empty) || !matches!(read, Ok(1..)) {
                        return false;
                    }
                    read = conn.read_tls(&mut AtOnce(sock));
                    if read
                        .as_ref()
                        .is_err_and(|error| error.kind() == io::ErrorKind::WouldBlock)
                    {
                        return true;
                    }
                }
                false
            }
        }
    }

    pub fn is_tls(&self) -> bool {
        matches!(self, Stream::Tls(_))
    }
}

impl Read for Stream {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Stream::Plain(socket) => socket.read(buffer),
            Stream::Tls(stream) => stream.read(buffer),
        }
    }
}

impl Write for Stream {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        match self {
            Stream::Plain(socket) => socket.write(buffer),
            Stream::Tls(stream) => stream.write(buffer),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Stream::Plain(socket) => socket.flush(),
            Stream::Tls(stream) => stream.flush(),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn built_in_authorities_are_trusted_unless_a_file_replaces_them() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("ca.pem");
        let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        fs::write(&file, made.cert.pem()).unwrap();
        let path = file.to_str().unwrap();
        let built_in = trusted(&Config::default()).unwrap().len();
        assert!(built_in > 100, "Mozilla's list, {built_in}");
        let (mut added, mut replaced) = (Config::default(), Config::default());
        added.add_ca_file(path).unwrap();
        replaced.set_ca_file(path).unwrap();
        assert_eq!(trusted(&added).unwrap().len(), built_in + 1);
        assert_eq!(trusted(&replaced).unwrap().len(), 1);
    }
}
