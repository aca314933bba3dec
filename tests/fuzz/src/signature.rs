//! Any bytes as a UserSig for the emulator: the text itself, or members that are packed the way a signer packs them. No panic, and never an
//! accepted signature but the one that is known to be right: nobody can make another without the key.

use base64::engine::general_purpose::STANDARD;
use base64::Engine;
use chat_emulator::{verify_usersig, DEFAULT_ADMIN, DEFAULT_SDK_APP_ID, DEFAULT_SECRET_KEY};
use miniz_oxide::deflate::compress_to_vec_zlib;
use miniz_oxide::inflate::decompress_to_vec_zlib;
use serde_json::Value;

/// Signed with the emulator's key for its admin, at 1700000000 for 30,000 years; by another program, so that no code is shared.
pub const USER_SIG: &str = concat!(
    "eJyrVgrxCdYrSy1SslJQMtIzUNJRAItkpqTmlWSmZUIkElNyM-Myi0uKEkvyi2BKilOyEwsKMlOACgxNDKAAKpdaUZBZlA",
    "qSMUACUMmSzFywlDmaeHFmOsgyc9fK7LAMVxdf75CKXEdTM0evTPfMqOCcoGzP0JKSgBTDcINyD4M8xwLnSFulWgCoWDbA"
);

/// Within the validity of [`USER_SIG`].
const NOW: i64 = 1_700_000_100;

/// Shows the emulator one input: the first byte says how it is packed.
pub fn run(data: &[u8]) {
    let Some((&choice, rest)) = data.split_first() else {
        return;
    };
    let token = match choice % 3 {
        0 => String::from_utf8_lossy(rest).into_owned(),
        1 => mapped(&STANDARD.encode(rest)),
        _ => mapped(&STANDARD.encode(compress_to_vec_zlib(rest, 6))),
    };
    let verdict = verify_usersig(&token, DEFAULT_SECRET_KEY, DEFAULT_SDK_APP_ID, DEFAULT_ADMIN, NOW);
    match verdict {
        // The same claims may be packed and spelled in several ways.
        Ok(()) => assert_eq!(claims(&token), claims(USER_SIG), "{token} was accepted"),
        Err(code) => assert!(token != USER_SIG && (70001..=70020).contains(&code), "{token}: {code}"),
    }
}

/// What a token says that its signature covers, and the signature; read here by other means than the emulator's.
fn claims(token: &str) -> Option<Vec<Value>> {
    let base64 = token.replace('*', "+").replace('-', "/").replace('_', "=");
    let json: Value = serde_json::from_slice(&decompress_to_vec_zlib(&STANDARD.decode(base64).ok()?).ok()?).ok()?;
    let names = ["ver", "identifier", "sdkappid", "time", "expire", "sig", "userbuf"];
    Some(names.iter().map(|name| json[format!("TLS.{name}")].clone()).collect())
}

/// The vendor's own character map.
fn mapped(base64: &str) -> String {
    base64.replace('+', "*").replace('/', "-").replace('=', "_")
}
