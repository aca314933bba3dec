//! A UserSig as a text: makes one for any user, and opens one, whoever made it, to see what it says. No error shows a key or a signature. Format:
//! page 1047/34385 and the vendor's reference code.

use std::time::{SystemTime, UNIX_EPOCH};

use base64::engine::general_purpose::STANDARD as BASE64;
use base64::Engine;
use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Serialize};
use serde_json::{json, Value};
use sha2::Sha256;
use zeroize::Zeroizing;

use super::userbuf::{self, PrivateMap};
use crate::error::Error;

/// How far a new signature's `TLS.time` lies in the past, for hosts whose clock runs ahead of the service's.
pub(super) const BACKDATE_S: u64 = 60;

/// Checks a secret key. The message never holds a part of it.
pub(super) fn check_key(key: &str) -> Result<(), Error> {
    if key.is_empty() || key.len() > 1_024 || !key.bytes().all(|b| b.is_ascii_graphic()) {
        return Err(Error::argument(
            "secret_key: 1 to 1024 printable ASCII characters without spaces, as the console shows it",
        ));
    }
    Ok(())
}

/// Checks the UserID that a signature is for: any user's, so in any script. A line end in it would be another line of what is signed.
fn check_identifier(identifier: &str) -> Result<(), Error> {
    const LONGEST: usize = 32;
    match identifier.len() {
        0 => Err(Error::argument(
            "identifier is empty; it is the UserID that the UserSig is for",
        )),
        length if length > LONGEST => Err(Error::argument(format!(
            "identifier has {length} bytes of UTF-8; a UserID has at most {LONGEST}"
        ))),
        _ if identifier.contains(char::is_control) => {
            Err(Error::argument("identifier holds a control character; no UserID does"))
        }
        _ => Ok(()),
    }
}

pub(super) fn unix_seconds(time: SystemTime) -> u64 {
    time.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

#[derive(Serialize)]
struct Token<'a> {
    #[serde(rename = "TLS.ver")]
    ver: &'static str,
    #[serde(rename = "TLS.identifier")]
    identifier: &'a str,
    #[serde(rename = "TLS.sdkappid")]
    sdk_app_id: u32,
    #[serde(rename = "TLS.expire")]
    expire: u64,
    #[serde(rename = "TLS.time")]
    time: u64,
    /// In base64, as it is signed.
    #[serde(rename = "TLS.userbuf", skip_serializing_if = "Option::is_none")]
    userbuf: Option<&'a str>,
    #[serde(rename = "TLS.sig")]
    sig: &'a str,
}

/// A signature for any UserID, valid for `lifetime_s` seconds from now; with `map` a PrivateMapKey. It is a secret: whoever has it is that
/// user.
pub fn make(
    key: &str,
    sdk_app_id: u32,
    identifier: &str,
    lifetime_s: u32,
    map: Option<&PrivateMap>,
) -> Result<Zeroizing<String>, Error> {
    /// The vendor's advice is at most 50 years (1047/34385).
    const LONGEST_S: u32 = 50 * 365 * 86_400;
    check_key(key)?;
    check_identifier(identifier)?;
    if sdk_app_id == 0 {
        return Err(Error::argument(
            "sdk_app_id: 0; it is the app's number, as the console shows it",
        ));
    }
    if !(1..=LONGEST_S).contains(&lifetime_s) {
        return Err(Error::argument(format!(
            "lifetime_s: {lifetime_s}; it lies between 1 and {LONGEST_S} (50 years)"
        )));
    }
    let time = unix_seconds(SystemTime::now()).saturating_sub(BACKDATE_S);
    let expire = u64::from(lifetime_s) + BACKDATE_S;
    let userbuf = map.map(|map| map.bytes(sdk_app_id, identifier, time + expire));
    Ok(sign(key, sdk_app_id, identifier, time, expire, userbuf.as_deref()))
}

/// What a signature says about itself, and whether it fits what it was opened with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inspected {
    pub identifier: String,
    pub sdk_app_id: u32,
    /// Unix seconds.
    pub made: u64,
    /// Unix seconds; later than that it is refused (70001).
    pub expires: u64,
    /// Whether it was made with the key that was given; `None` without a key.
    pub key_matches: Option<bool>,
    /// Whether it is for the app that was given; `None` without one.
    pub app_matches: Option<bool>,
    /// What it carries beside, in base64, as PrivateMapKeys do.
    userbuf: Option<String>,
}

impl Inspected {
    /// Whether the service would take it at that Unix second, and the first thing that speaks against it, in the service's order: app, key,
    /// time. Without key or app that part is not looked at.
    pub fn verdict(&self, now: u64) -> (bool, String) {
        /// How far the clocks of a maker and of the service may differ before it says more than that.
        const CLOCKS_S: u64 = 60;
        match (self.app_matches, self.key_matches) {
            (Some(false), _) => (
                false,
                format!(
                    "for another app, {} (the service answers 70020 or 70014)",
                    self.sdk_app_id
                ),
            ),
            (_, Some(false)) => (false, "made with another key (the service answers 70009)".into()),
            _ if self.made > now.saturating_add(CLOCKS_S) => (
                false,
                format!(
                    "made in the future, {} s from now by this machine's clock: one of the two clocks is wrong",
                    self.made - now
                ),
            ),
            _ if self.expires < now => (false, "expired (the service answers 70001)".into()),
            (_, Some(true)) => (true, "valid: made with this key, not expired".into()),
            (_, None) => (
                true,
                "not expired; give the key to check that it was made with it".into(),
            ),
        }
    }

    /// The same as an object, without anything that could sign.
    pub fn json(&self, now: u64) -> Value {
        let (valid, verdict) = self.verdict(now);
        let userbuf = self.userbuf.as_deref().and_then(|userbuf| BASE64.decode(userbuf).ok());
        json!({"identifier": self.identifier, "sdk_app_id": self.sdk_app_id, "made": self.made, "expires": self.expires,
            "expired": self.expires < now, "key_matches": self.key_matches, "app_matches": self.app_matches, "userbuf": self.userbuf,
            "private_map": userbuf.map_or(Value::Null, |userbuf| userbuf::read(&userbuf)), "valid": valid, "verdict": verdict})
    }
}

/// Opens a signature and checks it as the service does: given a key, whether it was made with it; given an app, whether it is for it.
pub fn inspect(sig: &str, key: Option<&str>, app: Option<u32>) -> Result<Inspected, Error> {
    key.map_or(Ok(()), check_key)?;
    let token = open(sig)?;
    let sig = Zeroizing::new(token.sig);
    let key_matches = key.map(|key| {
        let made = hmac(
            key,
            token.sdk_app_id,
            &token.identifier,
            token.time,
            token.expire,
            token.userbuf.as_deref(),
        );
        made == sig
    });
    Ok(Inspected {
        sdk_app_id: token.sdk_app_id,
        made: token.time,
        expires: token.time.saturating_add(token.expire),
        key_matches,
        app_matches: app.map(|app| app == token.sdk_app_id),
        userbuf: token.userbuf,
        identifier: token.identifier,
    })
}

fn open(sig: &str) -> Result<Opened, Error> {
    let damaged = |what: &str| Error::argument(format!("no UserSig: {what}; copy it whole"));
    let text = sig.trim();
    let mut plain = Zeroizing::new(Vec::with_capacity(text.len()));
    plain.extend(text.bytes().map(from_vendors_alphabet));
    let packed = BASE64.decode(&*plain).map(Zeroizing::new);
    let packed = packed.map_err(|_| damaged("it is not in its alphabet"))?;
    let mut json = Zeroizing::new(vec![0; LONGEST_TOKEN]);
    let length =
        miniz_oxide::inflate::decompress_slice_iter_to_slice(&mut json, std::iter::once(&packed[..]), true, false)
            .map_err(|_| damaged("it does not unpack"))?;
    serde_json::from_slice(&json[..length]).map_err(|_| damaged("a member is missing or of another type"))
}

/// The most bytes a token unpacks to; a real one has about 200.
const LONGEST_TOKEN: usize = 8 * 1_024;

/// The vendor's Go code leaves out a number that is 0.
#[derive(Deserialize)]
struct Opened {
    #[serde(rename = "TLS.identifier")]
    identifier: String,
    #[serde(rename = "TLS.sdkappid", default)]
    sdk_app_id: u32,
    #[serde(rename = "TLS.expire", default)]
    expire: u64,
    #[serde(rename = "TLS.time", default)]
    time: u64,
    #[serde(rename = "TLS.sig")]
    sig: String,
    /// In base64, as it is signed.
    #[serde(rename = "TLS.userbuf")]
    userbuf: Option<String>,
}

fn from_vendors_alphabet(byte: u8) -> u8 {
    match byte {
        b'*' => b'+',
        b'-' => b'/',
        b'_' => b'=',
        other => other,
    }
}

/// A whole token: `time` in Unix seconds, `expire` a duration in seconds.
pub(super) fn sign(
    key: &str,
    sdk_app_id: u32,
    identifier: &str,
    time: u64,
    expire: u64,
    userbuf: Option<&[u8]>,
) -> Zeroizing<String> {
    let userbuf = userbuf.map(|bytes| BASE64.encode(bytes));
    let sig = hmac(key, sdk_app_id, identifier, time, expire, userbuf.as_deref());
    let token = Token {
        ver: "2.0",
        identifier,
        sdk_app_id,
        expire,
        time,
        userbuf: userbuf.as_deref(),
        sig: &sig,
    };
    let json = Zeroizing::new(serde_json::to_vec(&token).expect("strings and numbers always serialise"));
    let packed = stored(&json);
    let mut text = Zeroizing::new(BASE64.encode(&*packed).into_bytes());
    // The vendor's own URL-safe alphabet, not the one of RFC 4648.
    for byte in text.iter_mut() {
        *byte = match *byte {
            b'+' => b'*',
            b'/' => b'-',
            b'=' => b'_',
            other => other,
        };
    }
    Zeroizing::new(std::str::from_utf8(&text).expect("base64 is ASCII").to_owned())
}

/// A zlib stream that holds `json` as it is, as the vendor's own Go code makes it. A compressor would save 60 of the 250 characters in the URL,
/// but takes 64 KiB of a caller's stack, which may have no more.
fn stored(json: &[u8]) -> Zeroizing<Vec<u8>> {
    const HEADER: [u8; 2] = [0x78, 0x01];
    const LONGEST_BLOCK: usize = u16::MAX as usize;
    let mut packed = Zeroizing::new(Vec::with_capacity(json.len() + 16 + json.len() / LONGEST_BLOCK * 5));
    packed.extend_from_slice(&HEADER);
    let blocks = json.chunks(LONGEST_BLOCK);
    let last = blocks.len() - 1;
    for (number, block) in blocks.enumerate() {
        let length = u16::try_from(block.len()).expect("a chunk is no longer than that");
        packed.push(u8::from(number == last));
        packed.extend_from_slice(&length.to_le_bytes());
        packed.extend_from_slice(&(!length).to_le_bytes());
        packed.extend_from_slice(block);
    }
    packed.extend_from_slice(&adler2::adler32_slice(json).to_be_bytes());
    packed
}

/// `TLS.sig`: base64 of HMAC-SHA256 over the signed lines, the last LF included.
fn hmac(
    key: &str,
    sdk_app_id: u32,
    identifier: &str,
    time: u64,
    expire: u64,
    userbuf: Option<&str>,
) -> Zeroizing<String> {
    let mut content =
        format!("TLS.identifier:{identifier}\nTLS.sdkappid:{sdk_app_id}\nTLS.time:{time}\nTLS.expire:{expire}\n");
    if let Some(userbuf) = userbuf {
        content += &format!("TLS.userbuf:{userbuf}\n");
    }
    let mut mac = Hmac::<Sha256>::new_from_slice(key.as_bytes()).expect("HMAC takes a key of any length");
    mac.update(content.as_bytes());
    Zeroizing::new(BASE64.encode(mac.finalize().into_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The public demo values of the vendor's README files; they open nothing.
    const APP: u32 = 1_400_000_000;
    const KEY: &str = "5bd2850fff3ecb11d7c805251c51ee463a25727bddc2385f3fa8bfee1bb93b5e";
    const TIME: u64 = 1_700_000_000;
    const EXPIRE: u64 = 15_552_000;

    /// With parts of its own, not those it checks.
    fn decode(token: &str) -> Value {
        let plain = token.replace('*', "+").replace('-', "/").replace('_', "=");
        let packed = BASE64.decode(plain).unwrap();
        serde_json::from_slice(&miniz_oxide::inflate::decompress_to_vec_zlib(&packed).unwrap()).unwrap()
    }

    #[test]
    fn a_userbuf_is_carried_and_signed_as_the_vendors_reference_code_does() {
        for (map, userbuf, sig) in [
            (
                PrivateMap::new(10_000, None, 255),
                "AAAHeGlhb2p1blNyTgAAACcQZkE/AAAAAP8AAAAA",
                "y9Avb5xwHgIgoABbGakLaE0xs+v/dLcIPegbWfcbRLI=",
            ),
            (
                PrivateMap::new(0, Some("adbjkl"), 255),
                "AQAHeGlhb2p1blNyTgAAAAAAZkE/AAAAAP8AAAAAAAZhZGJqa2w=",
                "3JrO3Pxr1r0w8ssGgqR3c1J+DJdHL0qe+iE9IUV0lTU=",
            ),
        ] {
            let bytes = map.unwrap().bytes(APP, "xiaojun", TIME + EXPIRE);
            let token = decode(&sign(KEY, APP, "xiaojun", TIME, EXPIRE, Some(&bytes)));
            assert_eq!(
                (&token["TLS.userbuf"], &token["TLS.sig"]),
                (&userbuf.into(), &sig.into())
            );
        }
    }

    #[test]
    fn the_vendors_reference_values_come_out() {
        for (identifier, sig) in [
            ("xiaojun", "LvA7d/Iw7gSsnskvVzBDPOCCDbuNCw4GHwTC0bip+B4="),
            ("administrator", "JCzxanF8NTTXau4m+2h9wv7gYJnyNksm0xm1NEXU274="),
        ] {
            let token = decode(&sign(KEY, APP, identifier, TIME, EXPIRE, None));
            assert_eq!(token["TLS.sig"], sig);
            assert_eq!(token["TLS.ver"], "2.0");
            assert_eq!(token["TLS.identifier"], identifier);
            assert_eq!(token["TLS.sdkappid"], APP);
            assert_eq!(token["TLS.time"], TIME);
            assert_eq!(token["TLS.expire"], EXPIRE);
        }
    }

    #[test]
    fn what_was_made_opens_again_and_tells_whose_key_it_is() {
        let sig = make(KEY, APP, "user_0001", 3_600, None).unwrap();
        let opened = inspect(&format!(" {}\n", *sig), Some(KEY), Some(APP)).unwrap();
        assert_eq!((opened.identifier.as_str(), opened.sdk_app_id), ("user_0001", APP));
        assert_eq!(opened.expires - opened.made, 3_600 + BACKDATE_S);
        assert_eq!(opened.key_matches, Some(true));
        assert_eq!(inspect(&sig, Some("another"), None).unwrap().key_matches, Some(false));
        let unknown = inspect(&sig, None, Some(1)).unwrap();
        assert_eq!((unknown.key_matches, unknown.app_matches), (None, Some(false)));
    }

    #[test]
    fn what_is_no_signature_is_refused_without_an_echo() {
        let sig = make(KEY, APP, "user_0001", 3_600, None).unwrap();
        for text in ["", "no+sig", "eJx", &sig[..sig.len() - 8]] {
            let error = inspect(text, None, None).unwrap_err();
            assert!(error.message.starts_with("no UserSig"), "{error}");
            assert!(text.is_empty() || !error.message.contains(text));
        }
        assert!(!make("a key", APP, "u", 60, None).unwrap_err().message.contains("a key"));
    }

    #[test]
    fn a_token_uses_only_letters_digits_and_the_vendors_three_marks() {
        for time in TIME..TIME + 200 {
            let token = sign(KEY, APP, "administrator", time, EXPIRE, None);
            assert!(token.bytes().all(|b| b.is_ascii_alphanumeric() || b"*-_".contains(&b)));
        }
    }

    #[test]
    fn a_private_map_key_opens_to_the_room_and_what_it_allows() {
        let map = PrivateMap::new(0, Some("会議室"), 3).unwrap();
        let sig = make(KEY, APP, "ユーザー", 60, Some(&map)).unwrap();
        let opened = inspect(&sig, Some(KEY), None).unwrap();
        assert_eq!(opened.key_matches, Some(true));
        let told = opened.json(opened.made);
        assert_eq!(told["private_map"]["string_room_id"], "会議室");
        assert_eq!(told["private_map"]["expires"], opened.expires);
        assert_eq!(told["private_map"]["privilege_map"], 3);
        let plain = make(KEY, APP, "u", 60, None).unwrap();
        assert_eq!(inspect(&plain, None, None).unwrap().json(0)["private_map"], Value::Null);
    }

    #[test]
    fn the_verdict_is_the_first_thing_that_the_service_would_refuse() {
        let sig = sign(KEY, APP, "u", TIME, 100, None);
        let says = |key, app, now| inspect(&sig, key, app).unwrap().verdict(now);
        for (key, app, now, valid, word) in [
            (Some(KEY), Some(APP), TIME + 100, true, "valid"),
            (None, None, TIME, true, "give the key"),
            (Some(KEY), Some(APP), TIME + 101, false, "70001"),
            (Some("other"), Some(APP), TIME + 101, false, "70009"),
            (Some("other"), Some(7), TIME + 101, false, "70014"),
            (Some(KEY), None, TIME - 61, false, "in the future"),
        ] {
            let (is_valid, verdict) = says(key, app, now);
            assert_eq!(is_valid, valid, "{verdict}");
            assert!(verdict.contains(word), "{verdict}");
        }
    }

    #[test]
    fn what_other_makers_write_is_opened_too() {
        let json = br#"{"TLS.ver":"2.0","TLS.sig":"x","TLS.identifier":"a\u003cb","TLS.sdkappid":7,"TLS.time":5}
"#;
        let text: String = BASE64
            .encode(&*stored(json))
            .replace('+', "*")
            .replace('/', "-")
            .replace('=', "_");
        let opened = inspect(&text, Some(KEY), None).unwrap();
        assert_eq!((opened.identifier.as_str(), opened.made, opened.expires), ("a<b", 5, 5));
        assert_eq!(opened.key_matches, Some(false));
    }

    #[test]
    fn what_no_user_or_signature_can_be_is_refused_by_name() {
        for (app, identifier, lifetime, says) in [
            (0, "u", 60, "sdk_app_id: 0"),
            (APP, "", 60, "identifier is empty"),
            (APP, "u\nTLS.sdkappid:1", 60, "control character"),
            (APP, "これは三十二バイトより長い", 60, "39 bytes"),
            (APP, "u", 0, "lifetime_s: 0"),
            (APP, "u", u32::MAX, "lifetime_s"),
        ] {
            let error = make(KEY, app, identifier, lifetime, None).unwrap_err();
            assert!(error.message.contains(says), "{error}");
        }
    }
}
