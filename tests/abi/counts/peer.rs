//! A peer for counting: gives every request the same answer, a successful delete, and counts connections and requests. One thread a
//! connection, in the clear or under TLS. It checks nothing and knows nothing of the client.

use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::Arc;
use std::thread;

use rustls::pki_types::{CertificateDer, PrivatePkcs8KeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

const ANSWER: &str = concat!(
    "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 104\r\n\r\n",
    r#"{"GroupItem":[{"GroupName":"group_0001","GroupId":1}],"ActionStatus":"OK","ErrorCode":0,"ErrorInfo":""} "#
);

#[derive(Default)]
struct Seen {
    connections: AtomicU64,
    requests: AtomicU64,
}

pub struct Peer {
    port: u16,
    scheme: &'static str,
    seen: Arc<Seen>,
    ca_file: String,
    _folder: tempfile::TempDir,
}

impl Peer {
    pub fn plain() -> Peer {
        Peer::start(false)
    }

    pub fn tls() -> Peer {
        Peer::start(true)
    }

    fn start(tls: bool) -> Peer {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let folder = tempfile::tempdir().unwrap();
        let ca_file = folder.path().join("ca.pem");
        let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        std::fs::write(&ca_file, made.cert.pem()).unwrap();
        let peer = Peer {
            port: listener.local_addr().unwrap().port(),
            scheme: if tls { "https" } else { "http" },
            seen: Arc::default(),
            ca_file: ca_file.to_str().unwrap().to_owned(),
            _folder: folder,
        };
        let config = tls.then(|| server_config(&made));
        let seen = peer.seen.clone();
        // Ends with the test program; nobody connects once the test is over.
        thread::spawn(move || {
            for socket in listener.incoming().flatten() {
                seen.connections.fetch_add(1, Ordering::SeqCst);
                let (seen, config) = (seen.clone(), config.clone());
                thread::spawn(move || {
                    // A client that goes away is how every connection ends.
                    let _ = serve(socket, config, &seen);
                });
            }
        });
        peer
    }

    /// Scheme, host and port, by one of the peer's names.
    pub fn url(&self, host: &str) -> String {
        format!("{}://{host}:{}", self.scheme, self.port)
    }

    /// The authority of the peer's certificate; in the clear it does no harm.
    pub fn ca_file(&self) -> &str {
        &self.ca_file
    }

    pub fn connections(&self) -> u64 {
        self.seen.connections.load(Ordering::SeqCst)
    }

    pub fn requests(&self) -> u64 {
        self.seen.requests.load(Ordering::SeqCst)
    }
}

fn server_config(made: &rcgen::CertifiedKey<rcgen::KeyPair>) -> Arc<ServerConfig> {
    let key = PrivatePkcs8KeyDer::from(made.signing_key.serialize_der());
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![CertificateDer::from(made.cert.der().to_vec())], key.into())
        .unwrap();
    Arc::new(config)
}

fn serve(socket: TcpStream, tls: Option<Arc<ServerConfig>>, seen: &Seen) -> io::Result<()> {
    socket.set_nodelay(true)?;
    match tls {
        None => answer_all(&mut &socket, seen),
        Some(config) => {
            let connection = ServerConnection::new(config).map_err(io::Error::other)?;
            answer_all(&mut StreamOwned::new(connection, socket), seen)
        }
    }
}

/// The client sends head and body in one write, which arrives as one read on loopback; a request ends with its body's brace.
fn answer_all(stream: &mut (impl Read + Write), seen: &Seen) -> io::Result<()> {
    let mut request = Vec::new();
    let mut bytes = [0; 4_096];
    loop {
        let n = stream.read(&mut bytes)?;
        if n == 0 {
            return Ok(());
        }
        request.extend_from_slice(&bytes[..n]);
        if request.ends_with(b"}") {
            request.clear();
            seen.requests.fetch_add(1, Ordering::SeqCst);
            stream.write_all(ANSWER.as_bytes())?;
            stream.flush()?;
        }
    }
}
