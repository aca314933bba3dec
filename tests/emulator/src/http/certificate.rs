//! A certificate authority made at start, the server certificate of it, and those with one flaw. The keys never leave memory.

use std::fs;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, KeyUsagePurpose,
};
use serde::{Deserialize, Serialize};
use tempfile::TempDir;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio_rustls::rustls::{version, ServerConfig};

use crate::background::StartError;

/// Which certificate a listener shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Certificate {
    /// `valid`: the emulator's own.
    #[default]
    Valid,
    /// `expired`: valid until yesterday.
    Expired,
    /// `wrong_name`: made out to `wrong-name.example`.
    WrongName,
    /// `unknown_ca`: by an authority that is not in the CA file.
    UnknownCa,
}

/// What HTTPS needs, and the CA file for clients in a private directory that goes when this goes.
pub(crate) struct Certificates {
    pub(crate) server: Arc<ServerConfig>,
    pub(crate) ca_pem: String,
    pub(crate) authority: Arc<Authority>,
    ca_file: PathBuf,
    _directory: TempDir,
}

impl Certificates {
    /// `names` are host names or addresses, beside those of loopback.
    pub(crate) fn make(names: &[String], listen: IpAddr) -> Result<Self, StartError> {
        let authority = Authority::new(all_names(names, listen), "chat-emulator CA").map_err(not_made)?;
        let mut server = authority.server(Certificate::Valid)?;
        server.alpn_protocols.insert(0, b"h2".to_vec());
        let ca_pem = authority.pem.clone();
        let no_file = |e| {
            StartError::new(format!(
                "no place for the CA file: {e}; set TMPDIR to a writable directory"
            ))
        };
        let directory = private_directory().map_err(no_file)?;
        let ca_file = directory.path().join("ca.pem");
        fs::write(&ca_file, &ca_pem).map_err(no_file)?;
        Ok(Self {
            server: Arc::new(server),
            ca_pem,
            authority: Arc::new(authority),
            ca_file,
            _directory: directory,
        })
    }

    pub(crate) fn ca_file(&self) -> &Path {
        &self.ca_file
    }
}

fn private_directory() -> std::io::Result<TempDir> {
    let mut builder = tempfile::Builder::new();
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o700));
    builder.prefix("chat-emulator-").tempdir()
}

fn all_names(names: &[String], listen: IpAddr) -> Vec<String> {
    let mut all: Vec<String> = ["localhost", "127.0.0.1", "::1"].map(str::to_owned).into();
    let own = (!listen.is_unspecified()).then(|| listen.to_string());
    for name in names.iter().cloned().chain(own) {
        if !all.contains(&name) {
            all.push(name);
        }
    }
    all
}

fn not_made(e: rcgen::Error) -> StartError {
    StartError::new(format!("no certificate: {e}; check the TLS names"))
}

/// A certificate authority and the names that its servers have.
pub(crate) struct Authority {
    names: Vec<String>,
    issuer: Issuer<'static, KeyPair>,
    pem: String,
}

const DAY: Duration = Duration::from_secs(24 * 3600);

impl Authority {
    fn new(names: Vec<String>, common_name: &str) -> Result<Self, rcgen::Error> {
        let key = KeyPair::generate()?;
        let mut ca = params(Vec::new(), common_name)?;
        ca.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        ca.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        let pem = ca.self_signed(&key)?.pem();
        Ok(Self {
            names,
            issuer: Issuer::new(ca, key),
            pem,
        })
    }

    /// What HTTPS needs to show that certificate; HTTP/1.1 only.
    pub(crate) fn server(&self, certificate: Certificate) -> Result<ServerConfig, StartError> {
        let (chain, key) = self.issued(certificate).map_err(not_made)?;
        let server = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_protocol_versions(&[&version::TLS13, &version::TLS12])
            .and_then(|builder| builder.with_no_client_auth().with_single_cert(chain, key));
        let mut server = server.map_err(|e| StartError::new(format!("no TLS: {e}")))?;
        server.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(server)
    }

    fn issued(&self, certificate: Certificate) -> Result<Issued, rcgen::Error> {
        if certificate == Certificate::UnknownCa {
            let stranger = Self::new(self.names.clone(), "nobody's CA")?;
            return stranger.issued(Certificate::Valid);
        }
        let names = match certificate {
            Certificate::WrongName => vec!["wrong-name.example".to_owned()],
            _ => self.names.clone(),
        };
        let mut leaf = params(names, "chat-emulator")?;
        if certificate == Certificate::Expired {
            let now = SystemTime::now();
            leaf.not_before = (now - 30 * DAY).into();
            leaf.not_after = (now - DAY).into();
        }
        leaf.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        leaf.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        leaf.use_authority_key_identifier_extension = true;
        let key = KeyPair::generate()?;
        let leaf = leaf.signed_by(&key, &self.issuer)?;
        let private = PrivatePkcs8KeyDer::from(key.serialize_der());
        Ok((vec![leaf.der().clone()], private.into()))
    }
}

type Issued = (Vec<CertificateDer<'static>>, PrivateKeyDer<'static>);

/// Valid from yesterday (clocks differ) for a year.
fn params(names: Vec<String>, common_name: &str) -> Result<CertificateParams, rcgen::Error> {
    let mut params = CertificateParams::new(names)?;
    params.distinguished_name = rcgen::DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, common_name);
    let now = SystemTime::now();
    params.not_before = (now - DAY).into();
    params.not_after = (now + 365 * DAY).into();
    Ok(params)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::Ipv4Addr;

    #[test]
    fn the_ca_file_is_private_and_goes_with_its_owner() {
        let made = Certificates::make(&["emulator.test".into()], IpAddr::V4(Ipv4Addr::LOCALHOST)).unwrap();
        let file = made.ca_file().to_owned();
        assert_eq!(fs::read_to_string(&file).unwrap(), made.ca_pem);
        assert!(made.ca_pem.starts_with("-----BEGIN CERTIFICATE-----") && !made.ca_pem.contains("PRIVATE"));
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = fs::metadata(file.parent().unwrap()).unwrap().permissions().mode();
            assert_eq!(mode & 0o077, 0);
        }
        drop(made);
        assert!(!file.parent().unwrap().exists());
    }

    #[test]
    fn the_address_listened_on_is_a_name_too_and_none_is_doubled() {
        let listen = IpAddr::V4(Ipv4Addr::new(10, 0, 0, 5));
        let names = all_names(&["a.test".into(), "localhost".into()], listen);
        assert_eq!(names, ["localhost", "127.0.0.1", "::1", "a.test", "10.0.0.5"]);
    }
}
