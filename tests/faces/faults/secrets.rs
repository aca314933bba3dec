//! The canaries: a key, a ready signature and a proxy's password that are looked for in everything a program printed, in every
//! spelling they could have, whole or in part. Knows no program.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::thread;

use base64::engine::general_purpose::STANDARD_NO_PAD;
use base64::Engine;
use percent_encoding::{utf8_percent_encode, NON_ALPHANUMERIC};

use crate::service::{config, delete};
use tencent_chat::Client;

/// Bytes of a signature that are too many to be there by chance.
const PART: usize = 16;

pub struct Secrets {
    pub key: String,
    /// A signature that this key made; valid for a day.
    pub user_sig: String,
    password: String,
}

impl Secrets {
    pub fn new() -> Secrets {
        let key = "canaryKey5d41402abc4b2a76b9719d911017c592ae41e4649b934ca495991b7".to_owned();
        Secrets {
            user_sig: signature_of(&key),
            key,
            password: "canaryPassword2fd4e1c67a2d28fced849".to_owned(),
        }
    }

    /// The address of a proxy with the login that it is given.
    pub fn login_at(&self, proxy: &str) -> String {
        proxy.replace("http://", &format!("http://user:{}@", self.password))
    }

    /// What of it stands in a text.
    pub fn found_in(&self, text: &str) -> Option<&'static str> {
        let login = format!("user:{}", self.password);
        if [&self.key, &self.password, &login]
            .iter()
            .any(|secret| holds(text, secret))
        {
            return Some("the key or the proxy's password");
        }
        let parts = self.user_sig.as_bytes().windows(PART).step_by(PART / 2);
        let mut parts = parts.map(|part| std::str::from_utf8(part).expect("a signature is ASCII"));
        if parts.any(|part| text.contains(part)) {
            return Some("the signature");
        }
        looks_signed(text).then_some("something that looks like a signature")
    }
}

/// Whether the secret is there as it is, percent-encoded, or in base64.
fn holds(text: &str, secret: &str) -> bool {
    let spellings = [
        secret.to_owned(),
        utf8_percent_encode(secret, NON_ALPHANUMERIC).to_string(),
        STANDARD_NO_PAD.encode(secret),
    ];
    spellings.iter().any(|spelling| text.contains(spelling))
}

/// A UserSig is base64 of zlib, in whose place of `+/=` stand `*-_`: it begins with `eJ`, or `eA` where it is only stored, and goes on for more
/// than a hundred characters. Those that the library makes are known to nobody, so this is what is looked for.
fn looks_signed(text: &str) -> bool {
    let signs = |c: char| c.is_ascii_alphanumeric() || "*-_".contains(c);
    ["eJ", "eA"]
        .iter()
        .flat_map(|begin| text.match_indices(begin))
        .any(|(at, _)| text[at..].chars().take_while(|c| signs(*c)).count() > 60)
}

/// The signature that a client of this key sends, read off the wire.
fn signature_of(key: &str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let mut config = config(&format!("http://{}", listener.local_addr().unwrap()));
    config.set_secret_key(key).unwrap();
    let client = Client::new(&config).unwrap();
    let head = thread::scope(|scope| {
        let heard = scope.spawn(|| {
            let (mut stream, _) = listener.accept().unwrap();
            let mut head = vec![0; 4_096];
            let length = stream.read(&mut head).unwrap();
            let answer = r#"{"ActionStatus":"OK","ErrorCode":0,"ErrorInfo":""}"#;
            write!(
                stream,
                "HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{answer}",
                answer.len()
            )
            .unwrap();
            String::from_utf8_lossy(&head[..length]).into_owned()
        });
        assert_eq!(delete(&client, "g").code(), 0);
        heard.join().unwrap()
    });
    let rest = head.split_once("usersig=").expect("a request carries it").1;
    rest.split(['&', ' ']).next().expect("and it ends").to_owned()
}

#[test]
fn a_secret_is_found_in_every_spelling_and_in_part() {
    let secrets = Secrets::new();
    let password = &secrets.password;
    assert!(secrets.user_sig.len() > 100 && looks_signed(&secrets.user_sig));
    for text in [
        format!("key={}", secrets.key),
        format!("POST /v4/x?usersig={}&random=1", secrets.user_sig),
        format!("cut: {}", &secrets.user_sig[7..40]),
        format!("made by the library: {}", signature_of("keyThatNobodyLooksFor")),
        format!(
            "Proxy-Authorization: Basic {}",
            STANDARD_NO_PAD.encode(format!("user:{password}"))
        ),
        format!("http://user:{password}@localhost:1"),
        STANDARD_NO_PAD.encode(password),
        format!("{{\"ErrorInfo\":\"eJ{}\"}}", "wVzM0Nj*-_".repeat(9)),
    ] {
        assert!(secrets.found_in(&text).is_some(), "{text}");
    }
    assert_eq!(
        secrets.found_in("-5 http://127.0.0.1:1: the connection broke, user u1, usersig=***"),
        None
    );
}
