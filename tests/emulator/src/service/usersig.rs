//! Checking a UserSig (TLSSigAPIv2, 1047/34385): from the text in the query to claims, and whether a key signed them. It shares
//! nothing with any signer.

use std::cell::RefCell;

use base64::engine::general_purpose::STANDARD;
use base64::Engine;
use flate2::{Decompress, FlushDecompress, Status};
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Map, Value};
use sha2::Sha256;

use crate::service::answer::Refusal;

/// A real token inflates to some 200 bytes; more than this is an attack.
const INFLATED_LIMIT: usize = 64 * 1024;

/// What a token says of itself. `Debug` is left out: the signature is a secret.
pub(crate) struct Claims {
    pub(crate) identifier: String,
    pub(crate) sdk_app_id: u64,
    time: i64,
    expire: i64,
    userbuf: Option<String>,
    signature: Vec<u8>,
}

impl Claims {
    /// Opens a token: character map, base64, zlib, JSON, members. 70002 empty, 70003 damaged, 70005 incomplete.
    pub(crate) fn read(token: &str) -> Result<Self, Refusal> {
        if token.is_empty() {
            return Err(Refusal::new(70002, "the usersig is empty"));
        }
        let json = opened(token).ok_or_else(|| Refusal::new(70003, "the usersig is damaged or cut"))?;
        let members: Map<String, Value> =
            serde_json::from_slice(&json).map_err(|_| Refusal::new(70003, "the usersig holds no JSON object"))?;
        Self::from_members(&members)
            .ok_or_else(|| Refusal::new(70005, "the usersig lacks a member or has one of a wrong type"))
    }

    fn from_members(members: &Map<String, Value>) -> Option<Self> {
        members.get("TLS.ver")?.as_str().filter(|version| *version == "2.0")?;
        let userbuf = match members.get("TLS.userbuf") {
            None => None,
            Some(value) => {
                let text = value.as_str()?;
                STANDARD.decode(text).ok()?;
                Some(text.to_owned())
            }
        };
        Some(Self {
            identifier: members.get("TLS.identifier")?.as_str()?.to_owned(),
            sdk_app_id: u64::try_from(number(members, "TLS.sdkappid")?).ok()?,
            time: number(members, "TLS.time")?,
            expire: number(members, "TLS.expire")?,
            userbuf,
            signature: STANDARD.decode(members.get("TLS.sig")?.as_str()?).ok()?,
        })
    }

    /// Whether `key` (the console's text as it stands, never hex-decoded) signed exactly these claims.
    pub(crate) fn signed_by(&self, key: &str) -> bool {
        let mut mac = Hmac::<Sha256>::new_from_slice(key.as_bytes()).expect("HMAC takes a key of any length");
        let mut line = |name: &str, value: &str| {
            for part in ["TLS.", name, ":", value, "\n"] {
                mac.update(part.as_bytes());
            }
        };
        line("identifier", &self.identifier);
        line("sdkappid", &self.sdk_app_id.to_string());
        line("time", &self.time.to_string());
        line("expire", &self.expire.to_string());
        if let Some(userbuf) = &self.userbuf {
            line("userbuf", userbuf);
        }
        mac.verify_slice(&self.signature).is_ok()
    }

    /// Expired means later than `time + expire`: the last second counts as valid.
    pub(crate) fn expired_at(&self, now: i64) -> bool {
        i128::from(now) > i128::from(self.time) + i128::from(self.expire)
    }

    /// The signature bytes: two spellings of one token (packed otherwise) have the same.
    pub(crate) fn into_signature(self) -> Vec<u8> {
        self.signature
    }
}

/// Go leaves zero-valued members out in its signer: a missing number is 0. A number of another type is `None`.
fn number(members: &Map<String, Value>, name: &str) -> Option<i64> {
    match members.get(name) {
        None => Some(0),
        Some(value) => value.as_i64(),
    }
}

/// Reverses the vendor's character map (not RFC 4648 base64url), decodes and inflates. `None`: damaged.
fn opened(token: &str) -> Option<Vec<u8>> {
    let standard: Option<String> = token
        .chars()
        .map(|c| match c {
            '*' => Some('+'),
            '-' => Some('/'),
            '_' => Some('='),
            'A'..='Z' | 'a'..='z' | '0'..='9' => Some(c),
            _ => None,
        })
        .collect();
    let packed = STANDARD.decode(standard?).ok()?;
    let mut json = Vec::new();
    inflated_into(&mut json, &packed).then_some(json)
}

thread_local! {
    /// Kept between calls: making one clears and copies some 40 KB, more work than the rest of the check.
    static INFLATER: RefCell<Decompress> = RefCell::new(Decompress::new(true));
}

/// Whether `packed` is exactly one zlib stream of an allowed size; writes one byte more than that at most.
fn inflated_into(json: &mut Vec<u8>, packed: &[u8]) -> bool {
    INFLATER.with_borrow_mut(|inflater| {
        inflater.reset(true);
        let mut piece = [0; 1024];
        loop {
            let (read, before) = (inflater.total_in() as usize, inflater.total_out());
            let Ok(status) = inflater.decompress(&packed[read..], &mut piece, FlushDecompress::None) else {
                return false;
            };
            let made = (inflater.total_out() - before) as usize;
            let room = INFLATED_LIMIT + 1 - json.len();
            json.extend_from_slice(&piece[..made.min(room)]);
            if json.len() > INFLATED_LIMIT {
                return false;
            }
            if status == Status::StreamEnd {
                return inflater.total_in() == packed.len() as u64;
            }
            if made == 0 {
                // The stream is cut.
                return false;
            }
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    #[test]
    fn a_bomb_is_not_inflated_beyond_the_limit() {
        let mut bomb = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
        bomb.write_all(&vec![b' '; 20_000_000]).unwrap();
        let mut json = Vec::new();
        assert!(!inflated_into(&mut json, &bomb.finish().unwrap()));
        assert!(json.len() <= INFLATED_LIMIT + 1, "{}", json.len());
    }

    #[test]
    fn a_damaged_stream_does_not_spoil_the_next() {
        let mut good = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
        good.write_all(b"[1]").unwrap();
        let good = good.finish().unwrap();
        for bad in [
            &good[..5],
            b"x",
            b"",
            &[&good[..], b"more"].concat(),
            &[&good[..5], &[0xff; 9]].concat(),
        ] {
            assert!(!inflated_into(&mut Vec::new(), bad), "{bad:?}");
            let mut json = Vec::new();
            assert!(inflated_into(&mut json, &good));
            assert_eq!(json, b"[1]");
        }
    }
}
