//! `sign`: makes a UserSig, or opens one and says what it holds. What it prints is a secret; that is what it was asked for.

use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::{json, Value};
use tencent_chat::usersig::{self, Inspected};
use zeroize::Zeroizing;

use crate::arguments::ClientFlags;
use crate::exit::Exit;
use crate::given;
use crate::output::{self, Failure};

pub fn make(settings: &ClientFlags, user: Option<&str>, lifetime_s: u32) -> Result<Exit, Failure> {
    let Some(key) = settings.key()? else {
        return Err(Failure::new(
            Exit::Authority,
            "which key? Give --key-file, or set TENCENT_CHAT_KEY_FILE or TENCENT_CHAT_SECRET_KEY",
        ));
    };
    let user = match user {
        Some(user) => user.to_owned(),
        None => settings.identifier()?,
    };
    tencent_chat::Config::default().set_identifier(&user)?;
    let sig = usersig::make(&key, settings.sdk_app_id()?, &user, lifetime_s)?;
    if settings.json {
        let expires = usersig::inspect(&sig, None)?.expires;
        // Not through a JSON value, which would keep a copy that is never wiped; a signature has no character that JSON escapes.
        let rest = output::json_text(&json!({"user": user, "expires": expires}));
        let mut line = Zeroizing::new(Vec::with_capacity(sig.len() + rest.len() + 16));
        for part in ["{\"user_sig\":\"", sig.as_str(), "\",", &rest[1..]] {
            line.extend_from_slice(part.as_bytes());
        }
        output::secret(&line);
    } else {
        output::secret(sig.as_bytes());
    }
    Ok(Exit::Ok)
}

pub fn inspect(settings: &ClientFlags, file: &Path) -> Result<Exit, Failure> {
    /// A signature has some 250 bytes, with a userbuf a few hundred more.
    const LONGEST: u64 = 64 * 1_024;
    let bytes = given::bytes(file, LONGEST)?;
    let text = std::str::from_utf8(&bytes)
        .map_err(|_| Failure::usage(format!("{}: no UserSig: not UTF-8 text", file.display())))?;
    let (key, app) = (settings.key()?, settings.known_sdk_app_id()?);
    let text = text.trim_start_matches('\u{feff}');
    let opened = usersig::inspect(text, key.as_ref().map(|key| key.as_str()))?;
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.as_secs());
    let (exit, validity) = validity(&opened, app, now);
    if settings.json {
        output::object(
            &json!({"user": opened.identifier, "sdk_app_id": opened.sdk_app_id, "made": opened.made, "expires": opened.expires,
            "expired": opened.expires <= now, "key_matches": opened.key_matches, "has_userbuf": opened.has_userbuf,
            "app_matches": app.map_or(Value::Null, |app| json!(app == opened.sdk_app_id)), "valid": exit == Exit::Ok, "verdict": validity}),
        );
    } else {
        output::result(format!("user      {}", opened.identifier));
        output::result(format!("app       {}", opened.sdk_app_id));
        output::result(format!("made      {}", date(opened.made)));
        output::result(format!("expires   {}", date(opened.expires)));
        output::result(format!("userbuf   {}", if opened.has_userbuf { "yes" } else { "none" }));
        output::result(format!("verdict   {validity}"));
    }
    Ok(exit)
}

/// How far the clocks of a maker and of the service may differ before it says more than that.
const CLOCKS_S: u64 = 60;

/// The first thing that the service would refuse, in its own order: app, key, time.
fn validity(opened: &Inspected, app: Option<u32>, now: u64) -> (Exit, String) {
    let refused = |why: String| (Exit::Authority, why);
    match (app, opened.key_matches) {
        (Some(app), _) if app != opened.sdk_app_id => refused(format!(
            "for another app than {app}, which the settings name (the service answers 70020 or 70014)"
        )),
        (_, Some(false)) => refused("made with another key (the service answers 70009)".into()),
        _ if opened.made > now.saturating_add(CLOCKS_S) => refused(format!(
            "made in the future, {} s from now by this machine's clock: one of the two clocks is wrong",
            opened.made - now
        )),
        _ if opened.expires <= now => refused("expired (the service answers 70001)".into()),
        (_, Some(true)) => (Exit::Ok, "valid: made with this key, not expired".into()),
        (_, None) => (
            Exit::Ok,
            "not expired; give the key to check that it was made with it".into(),
        ),
    }
}

fn date(unix_seconds: u64) -> String {
    let known = i64::try_from(unix_seconds)
        .ok()
        .and_then(|seconds| jiff::Timestamp::from_second(seconds).ok());
    known.map_or_else(|| unix_seconds.to_string(), |time| time.to_string())
}
