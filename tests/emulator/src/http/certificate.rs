//! A certificate authority made at start, the server certificate of it, and those with one flaw. The keys stay in
//! memory, but for an authority that is to outlive the emulator.

use std::fs;
use std::io::{ErrorKind, Write};
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, KeyUsagePurpose,
};
use serde::{Deserialize, Serialize};
use tempfile::TempDir;
use tokio_rustls::rustls::client::danger::ServerCertVerifier;
use tokio_rustls::rustls::client::WebPkiServerVerifier;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer, ServerName, UnixTime};
use tokio_rustls::rustls::{version, RootCertStore, ServerConfig};

use crate::background::StartError;
use crate::config::Config;

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

/// What HTTPS needs, and the CA file for clients: in the folder that was asked for, or in a private one that goes when this goes.
pub(crate) struct Certificates {
    pub(crate) server: Arc<ServerConfig>,
    pub(crate) ca_pem: String,
    pub(crate) authority: Arc<Authority>,
    ca_file: PathBuf,
    _directory: Option<TempDir>,
}

impl Certificates {
    pub(crate) fn make(config: &Config) -> Result<Self, StartError> {
        let names = all_names(&config.tls_names, config.listen);
        let no_file = |e| {
            StartError::new(format!(
                "no place for the CA file: {e}; set TMPDIR to a writable directory"
            ))
        };
        let (authority, directory, folder) = match &config.ca_dir {
            Some(folder) => (Authority::kept_in(folder, names)?, None, folder.clone()),
            None => {
                let authority = Authority::new(names, "chat-emulator CA", YEAR).map_err(not_made)?;
                let directory = private_directory().map_err(no_file)?;
                let folder = directory.path().to_owned();
                (authority, Some(directory), folder)
            }
        };
        let ca_file = folder.join("ca.pem");
        if directory.is_some() {
            fs::write(&ca_file, &authority.pem).map_err(no_file)?;
        }
        let mut server = authority.server(Certificate::Valid)?;
        server.alpn_protocols.insert(0, b"h2".to_vec());
        Ok(Self {
            server: Arc::new(server),
            ca_pem: authority.pem.clone(),
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
const YEAR: Duration = Duration::from_secs(365 * 24 * 3600);
/// Key and certificate of an authority that outlives the emulator.
const KEPT: &str = "authority.pem";

impl Authority {
    fn new(names: Vec<String>, common_name: &str, valid: Duration) -> Result<Self, rcgen::Error> {
        let key = KeyPair::generate()?;
        let ca = ca_params(common_name, valid)?;
        let pem = ca.self_signed(&key)?.pem();
        Ok(Self {
            names,
            issuer: Issuer::new(ca, key),
            pem,
        })
    }

    /// The authority of that folder; a new one if it has none. Its key and certificate are one file, so that of two emulators
    /// that start at once the second takes the first one's; `ca.pem` beside it is for clients.
    fn kept_in(folder: &Path, names: Vec<String>) -> Result<Self, StartError> {
        let file = folder.join(KEPT);
        let failed = |what: String| StartError::new(format!("the certificate authority {}: {what}", file.display()));
        let io = |e: std::io::Error| failed(e.to_string());
        fs::create_dir_all(folder).map_err(io)?;
        if !file.exists() {
            let made = Self::new(names.clone(), "chat-emulator CA", 10 * YEAR).map_err(not_made)?;
            // Nobody but the owner reads a temporary file.
            let mut new = tempfile::NamedTempFile::new_in(folder).map_err(io)?;
            new.write_all((made.issuer.key().serialize_pem() + &made.pem).as_bytes())
                .map_err(io)?;
            match new.persist_noclobber(&file) {
                Err(e) if e.error.kind() != ErrorKind::AlreadyExists => return Err(io(e.error)),
                _ => {}
            }
        }
        let text = fs::read_to_string(&file).map_err(io)?;
        let again = "is not one that was made here; remove it to get a new one";
        let kept = Self::from_text(&text, names).ok_or_else(|| failed(again.into()))?;
        let ca_file = folder.join("ca.pem");
        if fs::read(&ca_file).ok().as_deref() != Some(kept.pem.as_bytes()) {
            fs::write(&ca_file, &kept.pem).map_err(|e| failed(format!("cannot write ca.pem beside it: {e}")))?;
        }
        Ok(kept)
    }

    /// `None`: key and certificate do not belong together.
    fn from_text(text: &str, names: Vec<String>) -> Option<Self> {
        let at = text.find("-----BEGIN CERTIFICATE-----")?;
        let key = KeyPair::from_pem(&text[..at]).ok()?;
        let authority = Self {
            names,
            issuer: Issuer::new(ca_params("chat-emulator CA", YEAR).ok()?, key),
            pem: text[at..].to_owned(),
        };
        let (chain, _) = authority.issued(Certificate::Valid).ok()?;
        let mut roots = RootCertStore::empty();
        roots
            .add(CertificateDer::from_pem_slice(authority.pem.as_bytes()).ok()?)
            .ok()?;
        let provider = Arc::new(ring::default_provider());
        let client = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider)
            .build()
            .ok()?;
        let name = ServerName::try_from("localhost").ok()?;
        let accepted = client.verify_server_cert(&chain[0], &[], &name, &[], UnixTime::now());
        accepted.is_ok().then_some(authority)
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
            let stranger = Self::new(self.names.clone(), "nobody's CA", YEAR)?;
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

fn ca_params(common_name: &str, valid: Duration) -> Result<CertificateParams, rcgen::Error> {
    let mut ca = params(Vec::new(), common_name)?;
    ca.not_after = (SystemTime::now() + valid).into();
    ca.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    ca.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    Ok(ca)
}

/// Valid from yesterday (clocks differ) for a year.
fn params(names: Vec<String>, common_name: &str) -> Result<CertificateParams, rcgen::Error> {
    let mut params = CertificateParams::new(names)?;
    params.distinguished_name = rcgen::DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, common_name);
    let now = SystemTime::now();
    params.not_before = (now - DAY).into();
    params.not_after = (now + YEAR).into();
    Ok(params)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::Ipv4Addr;

    #[test]
    fn the_ca_file_is_private_and_goes_with_its_owner() {
        let made = Certificates::make(&Config::default()).unwrap();
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

    #[test]
    fn an_authority_that_is_kept_is_the_same_at_every_start_and_a_strange_one_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let config = Config {
            ca_dir: Some(folder.path().join("ca")),
            ..Config::default()
        };
        let first = Certificates::make(&config).unwrap().ca_pem;
        assert_eq!(Certificates::make(&config).unwrap().ca_pem, first);
        let kept = folder.path().join("ca").join(KEPT);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(fs::metadata(&kept).unwrap().permissions().mode() & 0o077, 0);
        }
        let whole = fs::read_to_string(&kept).unwrap();
        assert!(whole.ends_with(&first));
        let other = Authority::new(vec!["localhost".into()], "chat-emulator CA", YEAR).unwrap();
        let of_another_key = format!("{}{first}", other.issuer.key().serialize_pem());
        for strange in ["", &first, &whole[..200], &of_another_key] {
            fs::write(&kept, strange).unwrap();
            let error = Certificates::make(&config).err().unwrap().to_string();
            assert!(
                error.contains("authority.pem") && error.contains("remove it"),
                "{error}"
            );
            assert!(!error.contains("PRIVATE"), "{error}");
        }
    }
}
