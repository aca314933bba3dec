//! A server that gives every POST the same answer: a successful delete. One thread a connection, one read and one write a call, so
//! that what is measured is the client. It checks nothing, holds no state but its counts, and must not know who asks.
//!
//! Prints one line of JSON when it listens and ends when its standard input closes. Listeners: `url` and `tls_url` keep connections,
//! `closing_url` (TLS) ends each after one answer, `slow_url` thinks for 20 ms, `silent_url` reads and never answers. `GET /counts` on `url` tells what came.

use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use rustls::pki_types::{CertificateDer, PrivatePkcs8KeyDer};
use rustls::{HandshakeKind, ServerConfig, ServerConnection, StreamOwned};

const BODY: &str =
    r#"{"GroupItem":[{"GroupName":"group_0001","GroupId":1}],"ActionStatus":"OK","ErrorCode":0,"ErrorInfo":""}"#;

#[derive(Default)]
struct Counts {
    connections: AtomicU64,
    requests: AtomicU64,
    full_handshakes: AtomicU64,
    resumed_handshakes: AtomicU64,
}

impl Counts {
    fn json(&self) -> String {
        let of = |count: &AtomicU64| count.load(Ordering::Relaxed);
        format!(
            r#"{{"connections":{},"requests":{},"full_handshakes":{},"resumed_handshakes":{}}}"#,
            of(&self.connections),
            of(&self.requests),
            of(&self.full_handshakes),
            of(&self.resumed_handshakes)
        )
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Manner {
    Keep,
    CloseAfterOne,
    Slow,
    Silent,
}

fn answer(body: &str, manner: Manner) -> Vec<u8> {
    let last = if manner == Manner::CloseAfterOne {
        "connection: close\r\n"
    } else {
        ""
    };
    let length = body.len();
    format!("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n{last}content-length: {length}\r\n\r\n{body}")
        .into_bytes()
}

/// The length of the whole request at the front of `bytes`, once its head and body are there.
fn whole_request(bytes: &[u8]) -> Option<usize> {
    let head = bytes.windows(4).position(|window| window == b"\r\n\r\n")? + 4;
    let text = std::str::from_utf8(&bytes[..head]).ok()?;
    let length = text.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length")
            .then(|| value.trim().parse::<usize>().ok())?
    });
    let whole = head + length.unwrap_or(0);
    (bytes.len() >= whole).then_some(whole)
}

/// Answers until the client leaves.
fn serve(stream: &mut (impl Read + Write), manner: Manner, counts: &Counts) -> io::Result<()> {
    let canned = answer(BODY, manner);
    let mut bytes = vec![0; 16 * 1_024];
    let mut got = 0;
    loop {
        let n = stream.read(&mut bytes[got..])?;
        if n == 0 {
            return Ok(());
        }
        got += n;
        let Some(whole) = whole_request(&bytes[..got]) else {
            continue;
        };
        if manner == Manner::Silent {
            got = 0;
            continue;
        }
        if bytes.starts_with(b"GET /counts ") {
            stream.write_all(&answer(&counts.json(), manner))?;
        } else {
            if manner == Manner::Slow {
                thread::sleep(Duration::from_millis(20));
            }
            counts.requests.fetch_add(1, Ordering::Relaxed);
            stream.write_all(&canned)?;
        }
        stream.flush()?;
        if manner == Manner::CloseAfterOne {
            return Ok(());
        }
        bytes.copy_within(whole..got, 0);
        got -= whole;
    }
}

fn serve_tls(socket: TcpStream, tls: Arc<ServerConfig>, manner: Manner, counts: &Counts) -> io::Result<()> {
    let mut stream = StreamOwned::new(ServerConnection::new(tls).map_err(io::Error::other)?, socket);
    while stream.conn.is_handshaking() {
        stream.conn.complete_io(&mut stream.sock)?;
    }
    match stream.conn.handshake_kind() {
        Some(HandshakeKind::Resumed) => counts.resumed_handshakes.fetch_add(1, Ordering::Relaxed),
        _ => counts.full_handshakes.fetch_add(1, Ordering::Relaxed),
    };
    serve(&mut stream, manner, counts)?;
    stream.conn.send_close_notify();
    stream.flush()
}

/// Listens on a free port of 127.0.0.1 and serves each connection on its own thread; the port.
fn listen(tls: Option<Arc<ServerConfig>>, manner: Manner, counts: &Arc<Counts>) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let port = listener.local_addr().expect("its number").port();
    let counts = counts.clone();
    thread::spawn(move || {
        for socket in listener.incoming().flatten() {
            counts.connections.fetch_add(1, Ordering::Relaxed);
            let (tls, counts) = (tls.clone(), counts.clone());
            thread::spawn(move || {
                let _ = socket.set_nodelay(true);
                // A client that goes away is no matter of this server.
                let _ = match tls {
                    Some(tls) => serve_tls(socket, tls, manner, &counts),
                    None => serve(&mut &socket, manner, &counts),
                };
            });
        }
    });
    port
}

/// A certificate for localhost, its own authority, written to `ca_file`.
fn certificate(ca_file: &Path) -> Arc<ServerConfig> {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).expect("a certificate");
    std::fs::write(ca_file, made.cert.pem()).expect("a file for the certificate");
    let key = PrivatePkcs8KeyDer::from(made.signing_key.serialize_der());
    let mut config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("TLS versions")
        .with_no_client_auth()
        .with_single_cert(vec![CertificateDer::from(made.cert.der().to_vec())], key.into())
        .expect("a key that fits");
    config.ticketer = rustls::crypto::ring::Ticketer::new().expect("session tickets");
    Arc::new(config)
}

fn main() {
    let ca_file = std::env::args().nth(1).expect("usage: responder CA_FILE");
    let tls = certificate(Path::new(&ca_file));
    let counts = Arc::new(Counts::default());
    let plain = listen(None, Manner::Keep, &counts);
    let kept = listen(Some(tls.clone()), Manner::Keep, &counts);
    let closing = listen(Some(tls), Manner::CloseAfterOne, &counts);
    let slow = listen(None, Manner::Slow, &counts);
    let silent = listen(None, Manner::Silent, &counts);
    println!(
        r#"{{"url":"http://127.0.0.1:{plain}","tls_url":"https://localhost:{kept}","closing_url":"https://localhost:{closing}","slow_url":"http://127.0.0.1:{slow}","silent_url":"http://127.0.0.1:{silent}","ca_file":"{ca_file}"}}"#
    );
    let _ = io::stdin().read_to_end(&mut Vec::new());
}
