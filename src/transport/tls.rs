//! TLS by rustls with ring: which authorities are trusted, and the handshake over a [`Socket`].
//! Promises TLS 1.2 or newer, that a CA file is read once when the client is made, and that a failed handshake says why.

use std::fs;
use std::io::{self, Read, Write};
use std::path::Path;
use std::sync::Arc;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};

use super::exchange::Failure;
use super::socket::{EndedError, Socket};
use crate::config::Config;
use crate::error::Error;

pub(super) type TlsStream = StreamOwned<ClientConnection, Socket>;

/// Reads the CA files and settles what every connection of a client shares, its session tickets included.
pub(crate) fn client_config(config: &Config) -> Result<Arc<ClientConfig>, Error> {
    let roots = trusted(config)?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| Error::config(format!("TLS: {error}")))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(Arc::new(config))
}

/// The authorities that a server's certificate may come from: the built-in ones or those that replace them, and those added.
fn trusted(config: &Config) -> Result<RootCertStore, Error> {
    let mut roots = RootCertStore::empty();
    match &config.ca_file {
        Some(path) => add(&mut roots, "ca_file", path)?,
        None => roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned()),
    }
    for path in &config.added_ca_files {
        add(&mut roots, "add_ca_file", path)?;
    }
    Ok(roots)
}

fn add(roots: &mut RootCertStore, setting: &str, path: &Path) -> Result<(), Error> {
    let refuse = |why: String| Error::config(format!("{setting}: {}: {why}", path.display()));
    let pem = fs::read(path).map_err(|error| refuse(error.to_string()))?;
    let mut count = 0;
    for certificate in CertificateDer::pem_slice_iter(&pem) {
        let certificate = certificate.map_err(|error| refuse(format!("not a PEM file: {error}")))?;
        roots
            .add(certificate)
            .map_err(|error| refuse(format!("a certificate in it cannot be used: {error}")))?;
        count += 1;
    }
    if count == 0 {
        return Err(refuse(
            "no certificate in it; it must be a PEM file with at least one".into(),
        ));
    }
    Ok(())
}

/// Shakes hands with `host`, whose name the certificate must bear.
pub(super) fn handshake(config: &Arc<ClientConfig>, host: &str, mut socket: Socket) -> Result<TlsStream, Failure> {
    let name = ServerName::try_from(host.to_owned())
        .map_err(|_| Failure::Tls(format!("{host} is no name that a certificate can bear")))?;
    let mut connection = ClientConnection::new(config.clone(), name)
        .map_err(|error| Failure::Tls(format!("TLS with {host}: {error}")))?;
    while connection.is_handshaking() {
        if let Err(error) = connection.complete_io(&mut socket) {
            return Err(failure(host, error));
        }
    }
    Ok(StreamOwned::new(connection, socket))
}

fn failure(host: &str, error: io::Error) -> Failure {
    match error.get_ref() {
        Some(inner) if inner.is::<EndedError>() => Failure::from(error),
        Some(inner) if inner.is::<rustls::Error>() => Failure::Tls(format!("TLS with {host} failed: {inner}")),
        _ if error.kind() == io::ErrorKind::UnexpectedEof => {
            Failure::Connect(format!("{host} closed the connection during the TLS handshake"))
        }
        _ => Failure::Connect(format!(
            "the connection to {host} broke during the TLS handshake: {error}"
        )),
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
                let state = stream.conn.process_new_packets();
                let empty = |state: rustls::IoState| state.plaintext_bytes_to_read() == 0 && !state.peer_has_closed();
                state.is_ok_and(empty) && stream.sock.is_quiet()
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
