//! The tests' own client: it signs, writes HTTP/1.1 by hand over TCP or TLS, and shows exactly what came over the wire. It shares no
//! code with the emulator's verifier.
#![allow(dead_code)] // Unix alone has the tests of the program.

use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::time::Duration;

use base64::engine::general_purpose::STANDARD;
use base64::Engine;
use chat_emulator::{Config, Emulator, Settings, DEFAULT_ADMIN, DEFAULT_SDK_APP_ID, DEFAULT_SECRET_KEY};
use flate2::write::ZlibEncoder;
use flate2::Compression;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{json, Map, Value};
use sha2::Sha256;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};

pub const CREATE: &str = "v4/recentcontact/create_contact_group";
pub const DELETE: &str = "v4/recentcontact/del_contact_group";
pub const GET: &str = "v4/recentcontact/get_contact_group";
pub const UPDATE: &str = "v4/recentcontact/update_contact_group";
pub const MARK: &str = "v4/recentcontact/mark_contact";
pub const SEARCH: &str = "v4/recentcontact/search_contact_group";
pub const GET_LIST: &str = "v4/recentcontact/get_list";
pub const DELETE_CONVERSATION: &str = "v4/recentcontact/delete";
pub const TOP: &str = "v4/recentcontact/top";
pub const IMPORT: &str = "v4/im_open_login_svc/account_import";
pub const MULTI_IMPORT: &str = "v4/im_open_login_svc/multiaccount_import";
pub const CHECK: &str = "v4/im_open_login_svc/account_check";
pub const ACCOUNT_DELETE: &str = "v4/im_open_login_svc/account_delete";

/// No test waits longer than this for an answer; it only keeps a broken build from hanging.
const PATIENCE: Duration = Duration::from_secs(30);

/// A UserSig in the making.
#[derive(Clone)]
pub struct Token {
    pub identifier: String,
    pub app: u64,
    pub time: i64,
    pub expire: i64,
    pub userbuf: Option<Vec<u8>>,
    pub key: String,
    pub level: u32,
}

impl Token {
    pub fn of(identifier: &str) -> Self {
        let now = std::time::SystemTime::now()
            .duration_since(std::time::UNIX_EPOCH)
            .unwrap();
        Self {
            identifier: identifier.into(),
            app: DEFAULT_SDK_APP_ID.into(),
            time: now.as_secs() as i64 - 60,
            expire: 86_400,
            userbuf: None,
            key: DEFAULT_SECRET_KEY.into(),
            level: 6,
        }
    }

    pub fn signature(&self) -> String {
        let mut text = format!(
            "TLS.identifier:{}\nTLS.sdkappid:{}\nTLS.time:{}\nTLS.expire:{}\n",
            self.identifier, self.app, self.time, self.expire
        );
        if let Some(userbuf) = &self.userbuf {
            text += &format!("TLS.userbuf:{}\n", STANDARD.encode(userbuf));
        }
        let mut mac = Hmac::<Sha256>::new_from_slice(self.key.as_bytes()).unwrap();
        mac.update(text.as_bytes());
        STANDARD.encode(mac.finalize().into_bytes())
    }

    pub fn members(&self) -> Map<String, Value> {
        let mut members = json!({
            "TLS.ver": "2.0",
            "TLS.identifier": self.identifier,
            "TLS.sdkappid": self.app,
            "TLS.expire": self.expire,
            "TLS.time": self.time,
            "TLS.sig": self.signature(),
        });
        if let Some(userbuf) = &self.userbuf {
            members["TLS.userbuf"] = STANDARD.encode(userbuf).into();
        }
        members.as_object().unwrap().clone()
    }

    pub fn text(&self) -> String {
        packed(Value::Object(self.members()).to_string().as_bytes(), self.level)
    }
}

/// zlib, base64 and the vendor's character map around any bytes.
pub fn packed(json: &[u8], level: u32) -> String {
    let mut zlib = ZlibEncoder::new(Vec::new(), Compression::new(level));
    zlib.write_all(json).unwrap();
    mapped(&zlib.finish().unwrap())
}

/// base64 and the vendor's character map.
pub fn mapped(bytes: &[u8]) -> String {
    STANDARD
        .encode(bytes)
        .replace('+', "*")
        .replace('/', "-")
        .replace('=', "_")
}

/// The path and query of a call.
pub fn target(path: &str, identifier: &str, usersig: &str) -> String {
    let app = DEFAULT_SDK_APP_ID;
    format!("/{path}?sdkappid={app}&identifier={identifier}&usersig={usersig}&random=7&contenttype=json")
}

/// An answer as it came.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|e| panic!("{e}: {}", String::from_utf8_lossy(&self.body)))
    }

    pub fn text(&self) -> String {
        String::from_utf8(self.body.clone()).unwrap()
    }

    pub fn code(&self) -> i64 {
        self.json()["ErrorCode"].as_i64().unwrap()
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(n, _)| n == name)
            .map(|(_, value)| value.as_str())
    }
}

pub trait Stream: Read + Write + Send {}
impl<T: Read + Write + Send> Stream for T {}

/// One kept connection.
pub struct Wire {
    pub stream: Box<dyn Stream>,
    tcp: TcpStream,
}

impl Wire {
    pub fn http(url: &str) -> Self {
        let tcp = connected(url.strip_prefix("http://").unwrap());
        Self {
            stream: Box::new(tcp.try_clone().unwrap()),
            tcp,
        }
    }

    /// Trusts the emulator's CA and nothing else; fails as a client would fail.
    pub fn https(emulator: &Emulator) -> Self {
        Self::https_at(emulator.tls_url(), emulator.ca_pem())
    }

    /// The same for any HTTPS URL.
    pub fn https_at(url: &str, ca_pem: &str) -> Self {
        let authority = url.strip_prefix("https://").unwrap();
        let name = authority.rsplit_once(':').unwrap().0;
        Self::tls_over(connected(authority), ca_pem, name)
    }

    pub fn tls_over(tcp: TcpStream, ca_pem: &str, name: &str) -> Self {
        let server = ServerName::try_from(name.to_owned()).unwrap();
        let client = ClientConnection::new(Arc::new(trusting(ca_pem)), server).unwrap();
        Self {
            stream: Box::new(StreamOwned::new(client, tcp.try_clone().unwrap())),
            tcp,
        }
    }

    pub fn patience(&self, time: Duration) {
        self.tcp.set_read_timeout(Some(time)).unwrap();
    }

    pub fn send(&mut self, method: &str, target: &str, body: &[u8]) -> io::Result<()> {
        self.send_with(method, target, "Content-Type: application/json\r\n", body)
    }

    pub fn send_with(&mut self, method: &str, target: &str, headers: &str, body: &[u8]) -> io::Result<()> {
        let length = body.len();
        let head = format!("{method} {target} HTTP/1.1\r\nHost: test\r\n{headers}Content-Length: {length}\r\n\r\n");
        self.stream.write_all(&[head.as_bytes(), body].concat())?;
        self.stream.flush()
    }

    /// Reads the head and as much of the declared body as comes before the connection ends.
    pub fn read_answer(&mut self) -> io::Result<Answer> {
        let (status, headers) = self.read_head()?;
        let length = headers.iter().find(|(name, _)| name == "content-length");
        let length: usize = length.map_or(0, |(_, value)| value.parse().unwrap());
        let mut body = Vec::new();
        (&mut self.stream)
            .take(length as u64)
            .read_to_end(&mut body)
            .or_else(|e| match e.kind() {
                // TLS tells an end without close_notify as an error; the bytes before it count.
                io::ErrorKind::UnexpectedEof => Ok(body.len()),
                _ => Err(e),
            })?;
        Ok(Answer { status, headers, body })
    }

    fn read_head(&mut self) -> io::Result<(u16, Vec<(String, String)>)> {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            let mut byte = [0];
            self.stream.read_exact(&mut byte)?;
            head.push(byte[0]);
        }
        let head = String::from_utf8(head).unwrap();
        let mut lines = head.split("\r\n").filter(|line| !line.is_empty());
        let status = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
        let headers = lines.map(|line| {
            let (name, value) = line.split_once(':').unwrap();
            (name.to_ascii_lowercase(), value.trim().to_owned())
        });
        Ok((status, headers.collect()))
    }

    pub fn ask(&mut self, method: &str, target: &str, body: &[u8]) -> Answer {
        self.send(method, target, body).unwrap();
        self.read_answer().unwrap()
    }

    /// Everything up to the end of the connection, and what ended it.
    pub fn rest(&mut self) -> (Vec<u8>, io::Result<()>) {
        let mut bytes = Vec::new();
        let end = match self.stream.read_to_end(&mut bytes) {
            Err(e) if e.kind() != io::ErrorKind::UnexpectedEof => Err(e),
            _ => Ok(()),
        };
        (bytes, end)
    }

    /// Everything that comes until so much silence follows, or the end.
    pub fn until_silence(&mut self, silence: Duration) -> Vec<u8> {
        self.patience(silence);
        let (bytes, _) = self.rest();
        self.patience(PATIENCE);
        bytes
    }

    /// Reads up to and with `last`.
    pub fn until(&mut self, last: &str) -> String {
        let mut bytes = Vec::new();
        while !bytes.ends_with(last.as_bytes()) {
            let mut byte = [0];
            self.stream.read_exact(&mut byte).unwrap();
            bytes.push(byte[0]);
        }
        String::from_utf8(bytes).unwrap()
    }

    /// Reads so many bytes and tells how many came.
    pub fn take(&mut self, bytes: u64) -> usize {
        let mut taken = Vec::new();
        (&mut self.stream).take(bytes).read_to_end(&mut taken).unwrap()
    }

    /// What ends the connection: `Ok` for an orderly end, else the error.
    pub fn end(&mut self) -> io::Result<()> {
        let mut byte = [0];
        match self.stream.read(&mut byte) {
            Ok(0) => Ok(()),
            Ok(_) => panic!("a byte came instead of the end"),
            Err(e) if e.kind() == io::ErrorKind::UnexpectedEof => Ok(()),
            Err(e) => Err(e),
        }
    }
}

pub fn connected(authority: &str) -> TcpStream {
    let tcp = TcpStream::connect(authority).unwrap();
    tcp.set_nodelay(true).unwrap();
    tcp.set_read_timeout(Some(PATIENCE)).unwrap();
    tcp
}

pub fn trusting(ca_pem: &str) -> ClientConfig {
    let mut roots = RootCertStore::empty();
    roots
        .add(CertificateDer::from_pem_slice(ca_pem.as_bytes()).unwrap())
        .unwrap();
    ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth()
}

/// Asks the admin port.
pub fn admin(admin_url: &str, method: &str, path: &str, body: &str) -> (u16, Value) {
    let answer = Wire::http(admin_url).ask(method, path, body.as_bytes());
    (answer.status, answer.json())
}

/// What the admin port answers to a call that it carries out.
pub fn done(setup: &Setup, method: &str, path: &str, body: &str) -> Value {
    let (status, value) = admin(setup.emulator.admin_url(), method, path, body);
    assert_eq!(status, 200, "{method} {path}: {value}");
    value
}

/// The error of an admin call that is not carried out.
pub fn rejected(setup: &Setup, method: &str, path: &str, body: &str) -> String {
    let (status, value) = admin(setup.emulator.admin_url(), method, path, body);
    assert!(
        [400, 404, 405].contains(&status),
        "{method} {path} {body}: {status} {value}"
    );
    value["error"].as_str().unwrap().to_owned()
}

/// The addresses that the admin port tells, as the ready line has them.
pub fn addresses(admin_url: &str) -> Value {
    let mut told = admin(admin_url, "GET", "/", "").1;
    told.as_object_mut().unwrap().remove("calls");
    told
}

/// An emulator and an admin's signature for it.
pub struct Setup {
    pub emulator: Emulator,
    pub usersig: String,
}

impl Setup {
    pub fn open() -> Self {
        Self::with(Config::default())
    }

    pub fn with(config: Config) -> Self {
        Self {
            emulator: Emulator::start(config).unwrap(),
            usersig: Token::of(DEFAULT_ADMIN).text(),
        }
    }

    pub fn target(&self, path: &str) -> String {
        target(path, DEFAULT_ADMIN, &self.usersig)
    }

    pub fn wire(&self) -> Wire {
        Wire::http(self.emulator.url())
    }

    /// A signed call of the admin on a new connection.
    pub fn call(&self, path: &str, body: Value) -> Value {
        let answer = self.wire().ask("POST", &self.target(path), body.to_string().as_bytes());
        assert_eq!(answer.status, 200);
        answer.json()
    }

    pub fn code(&self, path: &str, body: Value) -> i64 {
        self.call(path, body)["ErrorCode"].as_i64().unwrap()
    }

    /// The code of a call with this identifier and signature.
    pub fn code_as(&self, identifier: &str, usersig: &str) -> i64 {
        self.code_of(&target(GET, identifier, usersig))
    }

    /// The code of a `get_contact_group` with this path and query.
    pub fn code_of(&self, target: &str) -> i64 {
        self.wire()
            .ask("POST", target, br#"{"From_Account":"user_0001","StartIndex":0}"#)
            .code()
    }

    pub fn create(&self, name: &str, contacts: Value) -> Value {
        let group = json!({"GroupName": name, "ContactItem": contacts});
        self.call(
            CREATE,
            json!({"From_Account": "user_0001", "GroupContactItem": [group]}),
        )
    }

    pub fn delete(&self, name: &str) -> Value {
        self.call(DELETE, json!({"From_Account": "user_0001", "GroupName": [name]}))
    }

    /// `user_0001`'s group `name` takes in and lets go.
    pub fn change(&self, name: &str, items: Value) -> Value {
        let group = json!({"UpdateGroupType": 2, "OldGroupName": name, "ContactUpdateItem": items});
        self.call(
            UPDATE,
            json!({"From_Account": "user_0001", "UpdateType": 1, "UpdateGroup": group}),
        )
    }

    pub fn rename(&self, old: &str, new: &str) -> Value {
        let group = json!({"UpdateGroupType": 1, "OldGroupName": old, "NewGroupName": new});
        self.call(
            UPDATE,
            json!({"From_Account": "user_0001", "UpdateType": 1, "UpdateGroup": group}),
        )
    }

    pub fn mark(&self, items: Value) -> Value {
        self.call(MARK, json!({"From_Account": "user_0001", "MarkItem": items}))
    }

    /// 1 pins, 2 unpins.
    pub fn pin(&self, operation: u8, contacts: Value) -> Value {
        self.call(
            TOP,
            json!({"From_Account": "user_0001", "OperationType": operation, "RecentContactItem": contacts}),
        )
    }

    pub fn search(&self, contacts: Value) -> Value {
        self.call(SEARCH, json!({"From_Account": "user_0001", "ContactItem": contacts}))
    }

    /// Turns some switches of the default settings.
    pub fn switch(&self, change: impl FnOnce(&mut Settings)) {
        let mut settings = Settings::default();
        change(&mut settings);
        self.emulator.set_settings(settings);
    }

    pub fn get(&self, start: i64) -> Value {
        self.call(GET, json!({"From_Account": "user_0001", "StartIndex": start}))
    }
}

/// The code of a refusal, which has to give a reason.
pub fn refused(answer: &Value) -> i64 {
    assert_eq!(answer["ActionStatus"], "FAIL", "{answer}");
    assert!(
        answer["ErrorInfo"].as_str().is_some_and(|info| !info.is_empty()),
        "{answer}"
    );
    answer["ErrorCode"].as_i64().unwrap()
}

/// The key of a conversation with a user.
pub fn user(id: &str) -> Value {
    json!({"Type": 1, "To_Account": id})
}

/// The key of a conversation in a chat group.
pub fn room(id: &str) -> Value {
    json!({"Type": 2, "ToGroupId": id})
}

/// Conversations with users `{prefix}0`, `{prefix}1`, …
pub fn users(prefix: &str, number: usize) -> Value {
    (0..number)
        .map(|n| json!({"Type": 1, "To_Account": format!("{prefix}{n}")}))
        .collect()
}

/// Polls until the condition holds; gives up after half a minute.
pub fn wait_until(what: &str, condition: impl Fn() -> bool) {
    let start = std::time::Instant::now();
    while !condition() {
        assert!(start.elapsed() < Duration::from_secs(30), "{what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}
