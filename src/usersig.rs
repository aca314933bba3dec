//! UserSig (TLSSigAPIv2): makes, caches and renews the signature that every call carries. It is renewed long before it expires, whatever a wall clock
//! does meanwhile, and no two read the same. Neither key nor signature is ever printed, and both are wiped when dropped. Format: vendor page
//! 1047/34385 and the vendor's reference code.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use base64::engine::general_purpose::STANDARD as BASE64;
use base64::Engine;
use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::error::Error;
use crate::redact;

/// How far a new signature's `TLS.time` lies in the past, for hosts whose clock runs ahead of the service's.
const BACKDATE_S: u64 = 60;

/// A signature as written in the URL.
pub(crate) struct UserSig {
    text: Zeroizing<String>,
}

impl UserSig {
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

impl fmt::Debug for UserSig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("UserSig(redacted)")
    }
}

/// Where signatures come from: the console's secret key, or somebody else.
pub(crate) enum Credential {
    /// The key as text bytes, never hex-decoded.
    SecretKey(Zeroizing<String>),
    UserSig(Zeroizing<String>),
}

impl Credential {
    /// Checks a secret key. The message never holds a part of it.
    pub fn secret_key(key: &str) -> Result<Credential, Error> {
        if key.is_empty() || key.len() > 1_024 || !key.bytes().all(|b| b.is_ascii_graphic()) {
            return Err(Error::argument(
                "secret_key: 1 to 1024 printable ASCII characters without spaces, as the console shows it",
            ));
        }
        Ok(Credential::SecretKey(Zeroizing::new(key.to_owned())))
    }

    /// Checks a ready signature, so that nothing but a signature ever enters the URL.
    pub fn user_sig(sig: &str) -> Result<Credential, Error> {
        let legal = |b: u8| b.is_ascii_alphanumeric() || b"*-_".contains(&b);
        if sig.is_empty() || sig.len() > 8_192 || !sig.bytes().all(legal) {
            return Err(Error::argument("user_sig: 1 to 8192 letters, digits, '*', '-' and '_'"));
        }
        Ok(Credential::UserSig(Zeroizing::new(sig.to_owned())))
    }
}

impl fmt::Debug for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Credential::SecretKey(_) => "SecretKey(redacted)",
            Credential::UserSig(_) => "UserSig(redacted)",
        })
    }
}

impl Clone for Credential {
    fn clone(&self) -> Self {
        match self {
            Credential::SecretKey(key) => Credential::SecretKey(key.clone()),
            Credential::UserSig(sig) => Credential::UserSig(sig.clone()),
        }
    }
}

/// Gives out the current signature and replaces it in time. Any number of threads.
#[derive(Debug)]
pub(crate) struct Signer {
    sdk_app_id: u32,
    identifier: String,
    lifetime_s: u32,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    credential: Credential,
    current: Option<Current>,
    /// `TLS.time` of the newest signature made, so that the next one differs even within the same second.
    last_time: u64,
    /// Every signature given out that the service may still take, with the Unix second of its end where that is known.
    valid: Vec<(Arc<UserSig>, Option<u64>)>,
}

/// So many signatures are remembered. A client makes one a day; somebody who sets a new one every minute stays within it for a day.
const MOST_VALID: usize = 2_000;

#[derive(Debug)]
struct Current {
    sig: Arc<UserSig>,
    /// Both clocks, because either may jump or stop while the host sleeps or is set right. `None`: not ours to renew.
    renew: Option<(Instant, SystemTime)>,
}

impl Current {
    fn is_due(&self) -> bool {
        self.renew
            .is_some_and(|(monotonic, wall)| Instant::now() >= monotonic || SystemTime::now() >= wall)
    }
}

impl State {
    fn remember(&mut self, sig: Arc<UserSig>, expires: Option<u64>) {
        let now = unix_seconds(SystemTime::now());
        self.valid
            .retain(|(_, expires)| expires.is_none_or(|expires| expires > now));
        if self.valid.len() == MOST_VALID {
            self.valid.remove(0);
        }
        self.valid.push((sig, expires));
    }
}

impl Signer {
    pub fn new(sdk_app_id: u32, identifier: String, lifetime_s: u32, credential: Credential) -> Self {
        let state = State {
            credential,
            current: None,
            last_time: 0,
            valid: Vec::new(),
        };
        Signer {
            sdk_app_id,
            identifier,
            lifetime_s,
            state: Mutex::new(state),
        }
    }

    /// The signature to use now. Makes one when there is none or a quarter of its lifetime is all that is left.
    pub fn current(&self) -> Arc<UserSig> {
        let mut state = self.lock();
        if let Some(current) = state.current.as_ref().filter(|current| !current.is_due()) {
            return current.sig.clone();
        }
        self.make(&mut state)
    }

    /// After the service refused `used` as expired or revoked: a different signature, or `None` when there is no other.
    /// Of many threads refused at once, the first makes the new one and the others get the same.
    pub fn replacement_for(&self, used: &Arc<UserSig>) -> Option<Arc<UserSig>> {
        let mut state = self.lock();
        match &state.current {
            Some(current) if !Arc::ptr_eq(&current.sig, used) => Some(current.sig.clone()),
            _ if matches!(state.credential, Credential::UserSig(_)) => None,
            // A service that refuses every signature must not push TLS.time into the future, one second a refusal.
            _ if state.last_time == unix_seconds(SystemTime::now()) => None,
            _ => Some(self.make(&mut state)),
        }
    }

    /// Takes every signature of this client that has not expired out of what a server sent back.
    pub fn redact(&self, bytes: &mut Vec<u8>) {
        if redact::is_suspect(bytes) {
            let valid: Vec<_> = self.lock().valid.iter().map(|(sig, _)| sig.clone()).collect();
            redact::redact(bytes, valid.iter().map(|sig| sig.as_str()), redact::SIGNATURE);
        }
    }

    /// Puts another key or signature in place for every call that begins after this one returns.
    pub fn set_credential(&self, credential: Credential) {
        let mut state = self.lock();
        state.credential = credential;
        state.current = None;
    }

    /// A panic while the lock was held leaves no half-made state behind: `current` is written last.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn make(&self, state: &mut State) -> Arc<UserSig> {
        let (text, renew, expires) = match &state.credential {
            Credential::UserSig(sig) => (sig.clone(), None, inspect(sig, None).ok().map(|sig| sig.expires)),
            Credential::SecretKey(key) => {
                let wall = SystemTime::now();
                let now = unix_seconds(wall);
                // One more than the last while that is in the back-dated minute; a clock that was set back begins anew.
                let time = match now.saturating_sub(BACKDATE_S) {
                    oldest if (oldest..now).contains(&state.last_time) => state.last_time + 1,
                    oldest => oldest,
                };
                let expire = u64::from(self.lifetime_s) + BACKDATE_S;
                state.last_time = time;
                let renew_in = Duration::from_millis(u64::from(self.lifetime_s) * 750);
                let text = sign(key, self.sdk_app_id, &self.identifier, time, expire);
                (
                    text,
                    Some((Instant::now() + renew_in, wall + renew_in)),
                    Some(time + expire),
                )
            }
        };
        let sig = Arc::new(UserSig { text });
        state.remember(sig.clone(), expires);
        state.current = Some(Current {
            sig: sig.clone(),
            renew,
        });
        sig
    }
}

fn unix_seconds(time: SystemTime) -> u64 {
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
    #[serde(rename = "TLS.sig")]
    sig: &'a str,
}

/// A signature for any UserID, valid for `lifetime_s` seconds from now; the key is checked like the one of a client. It is a secret: whoever
/// has it is that user.
pub fn make(key: &str, sdk_app_id: u32, identifier: &str, lifetime_s: u32) -> Result<Zeroizing<String>, Error> {
    Credential::secret_key(key)?;
    let time = unix_seconds(SystemTime::now()).saturating_sub(BACKDATE_S);
    Ok(sign(
        key,
        sdk_app_id,
        identifier,
        time,
        u64::from(lifetime_s) + BACKDATE_S,
    ))
}

/// What a signature says about itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inspected {
    pub identifier: String,
    pub sdk_app_id: u32,
    /// Unix seconds.
    pub made: u64,
    /// Unix seconds from which on it is refused (70001).
    pub expires: u64,
    /// Whether it was made with the key that was given; `None` without a key.
    pub key_matches: Option<bool>,
    /// Whether it carries bytes of its maker's, as signatures for rooms do.
    pub has_userbuf: bool,
}

/// Opens a signature and, given a key, checks it as the service does.
pub fn inspect(sig: &str, key: Option<&str>) -> Result<Inspected, Error> {
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
    let token: Opened = serde_json::from_slice(&json[..length]).map_err(|_| damaged("a member is missing"))?;
    let sig = Zeroizing::new(token.sig);
    let key_matches = key.map(|key| {
        let userbuf = token.userbuf.as_deref();
        let made = hmac(
            key,
            token.sdk_app_id,
            &token.identifier,
            token.time,
            token.expire,
            userbuf,
        );
        made == sig
    });
    Ok(Inspected {
        sdk_app_id: token.sdk_app_id,
        made: token.time,
        expires: token.time.saturating_add(token.expire),
        key_matches,
        has_userbuf: token.userbuf.is_some(),
        identifier: token.identifier,
    })
}

/// The most bytes a token unpacks to; a real one has about 200.
const LONGEST_TOKEN: usize = 8 * 1_024;

#[derive(Deserialize)]
struct Opened {
    #[serde(rename = "TLS.identifier")]
    identifier: String,
    #[serde(rename = "TLS.sdkappid")]
    sdk_app_id: u32,
    #[serde(rename = "TLS.expire")]
    expire: u64,
    #[serde(rename = "TLS.time")]
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
fn sign(key: &str, sdk_app_id: u32, identifier: &str, time: u64, expire: u64) -> Zeroizing<String> {
    let sig = hmac(key, sdk_app_id, identifier, time, expire, None);
    let token = Token {
        ver: "2.0",
        identifier,
        sdk_app_id,
        expire,
        time,
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

    fn decode(token: &str) -> serde_json::Value {
        let plain: String = token
            .chars()
            .map(|c| match c {
                '*' => '+',
                '-' => '/',
                '_' => '=',
                other => other,
            })
            .collect();
        let packed = BASE64.decode(plain).unwrap();
        serde_json::from_slice(&miniz_oxide::inflate::decompress_to_vec_zlib(&packed).unwrap()).unwrap()
    }

    fn signer(credential: Credential) -> Signer {
        Signer::new(APP, "administrator".into(), 86_400, credential)
    }

    fn secret(key: &str) -> Credential {
        Credential::SecretKey(Zeroizing::new(key.to_owned()))
    }

    #[test]
    fn a_userbuf_is_signed_as_the_vendors_reference_code_signs_it() {
        for (userbuf, sig) in [
            (
                "AAAHeGlhb2p1blNyTgAAACcQZkE/AAAAAP8AAAAA",
                "y9Avb5xwHgIgoABbGakLaE0xs+v/dLcIPegbWfcbRLI=",
            ),
            (
                "AQAHeGlhb2p1blNyTgAAAAAAZkE/AAAAAP8AAAAAAAZhZGJqa2w=",
                "3JrO3Pxr1r0w8ssGgqR3c1J+DJdHL0qe+iE9IUV0lTU=",
            ),
        ] {
            assert_eq!(*hmac(KEY, APP, "xiaojun", TIME, EXPIRE, Some(userbuf)), sig);
        }
    }

    #[test]
    fn the_vendors_reference_values_come_out() {
        for (identifier, sig) in [
            ("xiaojun", "LvA7d/Iw7gSsnskvVzBDPOCCDbuNCw4GHwTC0bip+B4="),
            ("administrator", "JCzxanF8NTTXau4m+2h9wv7gYJnyNksm0xm1NEXU274="),
        ] {
            let token = decode(&sign(KEY, APP, identifier, TIME, EXPIRE));
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
        let sig = make(KEY, APP, "user_0001", 3_600).unwrap();
        let opened = inspect(&format!(" {}\n", *sig), Some(KEY)).unwrap();
        assert_eq!((opened.identifier.as_str(), opened.sdk_app_id), ("user_0001", APP));
        assert_eq!(opened.expires - opened.made, 3_600 + BACKDATE_S);
        assert_eq!(opened.key_matches, Some(true));
        assert_eq!(inspect(&sig, Some("another")).unwrap().key_matches, Some(false));
        assert_eq!(inspect(&sig, None).unwrap().key_matches, None);
    }

    #[test]
    fn what_is_no_signature_is_refused_without_an_echo() {
        let sig = make(KEY, APP, "user_0001", 3_600).unwrap();
        for text in ["", "no+sig", "eJx", &sig[..sig.len() - 8]] {
            let error = inspect(text, None).unwrap_err();
            assert!(error.message.starts_with("no UserSig"), "{error}");
            assert!(text.is_empty() || !error.message.contains(text));
        }
        assert!(!make("a key", APP, "u", 60).unwrap_err().message.contains("a key"));
    }

    #[test]
    fn a_token_uses_only_letters_digits_and_the_vendors_three_marks() {
        for time in TIME..TIME + 200 {
            let token = sign(KEY, APP, "administrator", time, EXPIRE);
            assert!(token.bytes().all(|b| b.is_ascii_alphanumeric() || b"*-_".contains(&b)));
        }
    }

    #[test]
    fn a_signature_is_backdated_and_lives_as_long_as_asked() {
        let signer = signer(secret(KEY));
        let token = decode(signer.current().as_str());
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
        let time = token["TLS.time"].as_u64().unwrap();
        assert!((now - 70..=now - BACKDATE_S).contains(&time));
        assert_eq!(token["TLS.expire"], 86_400 + BACKDATE_S);
    }

    #[test]
    fn one_signature_serves_until_a_quarter_of_its_life_is_left() {
        let signer = signer(secret(KEY));
        let first = signer.current();
        assert!(Arc::ptr_eq(&first, &signer.current()));
        let (past, due) = (Instant::now(), SystemTime::now() + Duration::from_secs(64_000));
        for renew in [
            (past, due),
            (past + Duration::from_secs(64_000), SystemTime::UNIX_EPOCH),
        ] {
            let before = signer.current();
            signer.lock().current.as_mut().unwrap().renew = Some(renew);
            assert!(
                !Arc::ptr_eq(&before, &signer.current()),
                "either clock may call for a new one"
            );
        }
    }

    #[test]
    fn a_renewed_signature_differs_even_within_the_same_second() {
        let signer = signer(secret(KEY));
        let first = signer.current();
        let second = signer.replacement_for(&first).unwrap();
        assert_ne!(first.as_str(), second.as_str());
        assert!(
            Arc::ptr_eq(&second, &signer.replacement_for(&first).unwrap()),
            "late threads share the renewal"
        );
    }

    #[test]
    fn a_service_that_refuses_everything_cannot_push_signatures_into_the_future() {
        let signer = signer(secret(KEY));
        let mut used = signer.current();
        let mut made = 0;
        while let Some(next) = signer.replacement_for(&used) {
            assert_ne!(next.as_str(), used.as_str());
            let time = decode(next.as_str())["TLS.time"].as_u64().unwrap();
            assert!(time <= unix_seconds(SystemTime::now()));
            (used, made) = (next, made + 1);
            assert!(made < 1_000);
        }
        assert!(made >= 59);
    }

    #[test]
    fn a_given_signature_has_no_replacement_until_another_is_set() {
        let given = |text: &str| Credential::UserSig(Zeroizing::new(text.to_owned()));
        let signer = signer(given("eJxabc"));
        let used = signer.current();
        assert_eq!(used.as_str(), "eJxabc");
        assert!(signer.replacement_for(&used).is_none());
        signer.set_credential(given("eJxdef"));
        assert_eq!(signer.current().as_str(), "eJxdef");
        assert_eq!(signer.replacement_for(&used).unwrap().as_str(), "eJxdef");
    }

    #[test]
    fn what_a_server_sends_back_is_free_of_every_signature_that_still_counts() {
        let signer = signer(secret(KEY));
        let first = signer.current();
        let second = signer.replacement_for(&first).unwrap();
        let given = make(KEY, APP, "administrator", 3_600).unwrap();
        signer.set_credential(Credential::UserSig(given.clone()));
        signer.current();
        let mut echo = format!("{} {} {}", first.as_str(), second.as_str(), *given).into_bytes();
        signer.redact(&mut echo);
        assert_eq!(String::from_utf8(echo).unwrap(), ["(redacted UserSig)"; 3].join(" "));
    }

    #[test]
    fn an_expired_signature_is_forgotten() {
        let signer = signer(secret(KEY));
        let first = signer.current();
        signer.lock().valid[0].1 = Some(1);
        signer.replacement_for(&first).unwrap();
        assert_eq!(signer.lock().valid.len(), 1);
    }

    #[test]
    fn debug_shows_neither_key_nor_signature() {
        let signer = signer(secret(KEY));
        let sig = signer.current();
        let shown = format!("{signer:?} {sig:?} {:?}", secret(KEY));
        assert!(!shown.contains(KEY) && !shown.contains(sig.as_str()));
    }
}
