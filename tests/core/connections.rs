//! Kept connections and peers that misbehave on them: what lies about from the call before, or comes unasked, is never taken for an
//! answer, and a connection that died in the pool fails no call. The peers are raw sockets, in the clear and under TLS.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::{mpsc, Arc};
use std::thread;
use std::time::Duration;

use crate::service;
use crate::service::{config, delete, within};
use rustls::pki_types::{CertificateDer, PrivatePkcs8KeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use tencent_chat::error::*;
use tencent_chat::{Client, Response};

const OK: &str = r#"{"ActionStatus":"OK","ErrorCode":0,"ErrorInfo":""}"#;

/// A whole HTTP answer.
fn answer(body: &str) -> String {
    format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{body}", body.len())
}

fn refusal(code: i32) -> String {
    answer(&format!(
        r#"{{"ActionStatus":"FAIL","ErrorCode":{code},"ErrorInfo":""}}"#
    ))
}

/// What the peer does after a request has been read: it writes this, and, once the client has read it, that happens.
struct PeerAnswer {
    write: String,
    then: Then,
}

#[derive(Clone, Copy, PartialEq)]
enum Then {
    KeepOpen,
    /// An end of the stream; under TLS without a word.
    Fin,
    Reset,
    /// TLS's own goodbye, in the same write as the answer.
    Goodbye,
    /// Something unasked.
    Unasked,
}

/// A stream of either kind, as the peers see it.
trait Wire: Read + Write {
    fn socket(&self) -> &TcpStream;
    /// Writes an answer and an orderly end in one go.
    fn answer_and_goodbye(&mut self, answer: &[u8]) {
        self.write_all(answer).unwrap();
        self.socket().shutdown(Shutdown::Write).unwrap();
    }
}

impl Wire for TcpStream {
    fn socket(&self) -> &TcpStream {
        self
    }
}

impl Wire for StreamOwned<ServerConnection, TcpStream> {
    fn socket(&self) -> &TcpStream {
        &self.sock
    }
    fn answer_and_goodbye(&mut self, answer: &[u8]) {
        self.conn.writer().write_all(answer).unwrap();
        self.conn.send_close_notify();
        self.flush().unwrap();
    }
}

fn read_request(wire: &mut dyn Wire) -> bool {
    let mut seen = Vec::new();
    let mut byte = [0];
    while !seen.ends_with(b"}") {
        if !matches!(wire.read(&mut byte), Ok(1)) {
            return false;
        }
        seen.push(byte[0]);
    }
    true
}

/// Answers one request.
fn answer_one(wire: &mut dyn Wire, answer: &PeerAnswer) {
    assert!(read_request(wire));
    if answer.then == Then::Goodbye {
        return wire.answer_and_goodbye(answer.write.as_bytes());
    }
    wire.write_all(answer.write.as_bytes()).unwrap();
    wire.flush().unwrap();
}

/// What follows once the client has read the answer and put the connection away.
fn follow_up(wire: &mut dyn Wire, then: Then) {
    match then {
        Then::Fin => wire.socket().shutdown(Shutdown::Write).unwrap(),
        Then::Reset => close_by_reset(wire.socket()),
        Then::Unasked => {
            wire.write_all(refusal(60008).as_bytes()).unwrap();
            wire.flush().unwrap();
        }
        Then::Goodbye | Then::KeepOpen => {}
    }
}

/// Lets the close of a connection, which follows, be a RST.
fn close_by_reset(socket: &TcpStream) {
    use std::os::fd::AsRawFd;
    let linger = libc::linger {
        l_onoff: 1,
        l_linger: 0,
    };
    // SAFETY: an open descriptor and an option of the size that is said.
    let set = unsafe {
        libc::setsockopt(
            socket.as_raw_fd(),
            libc::SOL_SOCKET,
            libc::SO_LINGER,
            std::ptr::from_ref(&linger).cast(),
            size_of::<libc::linger>() as libc::socklen_t,
        )
    };
    assert_eq!(set, 0);
}

/// A certificate of its own authority for `localhost`.
struct Identity {
    pem: String,
    server: Arc<ServerConfig>,
}

fn identity() -> Identity {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let key = PrivatePkcs8KeyDer::from(made.signing_key.serialize_der());
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let server = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![CertificateDer::from(made.cert.der().to_vec())], key.into())
        .unwrap();
    Identity {
        pem: made.cert.pem(),
        server: Arc::new(server),
    }
}

/// Makes two calls on one client to a peer that plays these two turns, in the clear and under TLS, and says what each answered.
fn two_calls(first: fn() -> PeerAnswer) -> Vec<[Response; 2]> {
    let mut told = Vec::new();
    for tls in [false, true] {
        let identity = identity();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let server = tls.then(|| identity.server.clone());
        let (answered, first_call_over) = mpsc::channel();
        let (followed, follow_up_over) = mpsc::channel();
        thread::spawn(move || {
            let accept = || -> Box<dyn Wire> {
                let (socket, _) = listener.accept().unwrap();
                // Else the kernel holds back what is to arrive before the next request.
                socket.set_nodelay(true).unwrap();
                match &server {
                    Some(config) => Box::new(StreamOwned::new(ServerConnection::new(config.clone()).unwrap(), socket)),
                    None => Box::new(socket),
                }
            };
            let answer = first();
            let mut wire = accept();
            answer_one(&mut *wire, &answer);
            first_call_over.recv().unwrap();
            follow_up(&mut *wire, answer.then);
            let _kept = (answer.then != Then::Reset).then_some(wire);
            followed.send(()).unwrap();
            answer_one(
                &mut *accept(),
                &PeerAnswer {
                    write: refusal(51009),
                    then: Then::KeepOpen,
                },
            );
        });
        let scheme = if tls { "https" } else { "http" };
        let mut config = config(&format!("{scheme}://localhost:{port}"));
        let folder = tempfile::tempdir().unwrap();
        let ca = folder.path().join("ca.pem");
        std::fs::write(&ca, &identity.pem).unwrap();
        config.set_ca_file(ca.to_str().unwrap()).unwrap();
        let client = Client::new(&config).unwrap();
        let one = delete(&client, "g");
        answered.send(()).unwrap();
        follow_up_over.recv().unwrap();
        // On loopback it has arrived by now; a moment more for a machine that is busy.
        thread::sleep(Duration::from_millis(20));
        let two = service::delete_with(&client, "g", &within(5_000));
        told.push([one, two]);
    }
    told
}

fn assert_second_call_is_fresh(first: fn() -> PeerAnswer) {
    for [one, two] in two_calls(first) {
        assert_eq!(one.code(), CHAT_OK, "{}", one.message());
        assert_eq!(
            (two.code(), two.attempts()),
            (CHAT_SERVICE_GROUP_NOT_FOUND, 1),
            "{}",
            two.message()
        );
        assert!(!two.is_in_doubt());
    }
}

#[test]
fn a_connection_that_was_closed_while_idle_is_not_used_again() {
    assert_second_call_is_fresh(|| PeerAnswer {
        write: answer(OK),
        then: Then::Fin,
    });
}

#[test]
fn a_connection_that_was_reset_while_idle_is_not_used_again() {
    assert_second_call_is_fresh(|| PeerAnswer {
        write: answer(OK),
        then: Then::Reset,
    });
}

#[test]
fn what_comes_unasked_on_an_idle_connection_is_never_taken_for_an_answer() {
    assert_second_call_is_fresh(|| PeerAnswer {
        write: answer(OK),
        then: Then::Unasked,
    });
}

#[test]
fn a_second_answer_in_the_same_flight_is_never_taken_for_the_next_calls() {
    assert_second_call_is_fresh(|| PeerAnswer {
        write: answer(OK) + &refusal(60008),
        then: Then::KeepOpen,
    });
}

#[test]
fn a_second_answer_hidden_behind_a_full_buffer_is_never_taken_for_the_next_calls() {
    // Head and body fill a connection's input buffer (16 KiB) to the byte, so that the rest stays where only TLS sees it.
    assert_second_call_is_fresh(|| {
        let room = 16 * 1_024 - answer(&" ".repeat(16_000)).len() + 16_000;
        let exact = answer(&(OK.to_owned() + &" ".repeat(room - OK.len())));
        assert_eq!(exact.len(), 16 * 1_024);
        PeerAnswer {
            write: exact + &refusal(60008),
            then: Then::KeepOpen,
        }
    });
}

#[test]
fn a_goodbye_together_with_the_answer_costs_the_next_call_nothing() {
    assert_second_call_is_fresh(|| PeerAnswer {
        write: answer(OK),
        then: Then::Goodbye,
    });
}

#[test]
fn a_gateway_that_sends_the_url_back_does_not_make_the_answer_tell_the_signature() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let place = format!("http://{}", listener.local_addr().unwrap());
    let echo = thread::spawn(move || {
        let (mut socket, _) = listener.accept().unwrap();
        let mut request = vec![0; 8_192];
        let n = socket.read(&mut request).unwrap();
        let head = String::from_utf8_lossy(&request[..n]).into_owned();
        let url = head.split(' ').nth(1).unwrap().to_owned();
        let body = format!(r#"{{"ActionStatus":"FAIL","ErrorCode":60002,"ErrorInfo":"bad URL {url}"}}"#);
        socket.write_all(answer(&body).as_bytes()).unwrap();
        url.split("usersig=")
            .nth(1)
            .unwrap()
            .split('&')
            .next()
            .unwrap()
            .to_owned()
    });
    let response = delete(&Client::new(&config(&place)).unwrap(), "g");
    let signature = echo.join().unwrap();
    assert_eq!(response.code(), 60002);
    let shown = format!(
        "{response:?} {} {}",
        response.message(),
        String::from_utf8_lossy(response.body())
    );
    assert!(signature.len() > 100 && !shown.contains(&signature), "{shown}");
    assert!(response.message().contains("(redacted UserSig)"));
}

#[test]
fn a_connection_that_lay_too_long_is_closed_though_nobody_calls() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    // A name: the thread that looks it up sees to the connections as well.
    let mut settings = config(&format!("http://localhost:{}", listener.local_addr().unwrap().port()));
    settings.set_idle_timeout_ms(100).unwrap();
    let client = Client::new(&settings).unwrap();
    thread::scope(|scope| {
        let served = scope.spawn(|| {
            let (mut stream, _) = listener.accept().unwrap();
            stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
            assert!(read_request(&mut stream));
            stream.write_all(answer(OK).as_bytes()).unwrap();
            stream.read(&mut [0]).unwrap()
        });
        assert_eq!(delete(&client, "g").code(), CHAT_OK);
        assert_eq!(client.stats().get("connections_open"), 1);
        assert_eq!(served.join().unwrap(), 0, "its end, while the client is idle");
    });
    assert_eq!(client.stats().get("connections_open"), 0);
}
