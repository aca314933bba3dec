//! `sign`: makes a UserSig, or opens one and says what it holds. What it prints is a secret; that is what it was asked for.

use std::fs;
use std::io::{self, Read};
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::json;
use tencent_chat::usersig::{self, Inspected};
use zeroize::Zeroizing;

use crate::arguments::Settings;
use crate::exit::Exit;
use crate::output::{self, Failure};

pub fn make(settings: &Settings, user: Option<&str>, lifetime_s: u32) -> Result<Exit, Failure> {
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
        // Not through a JSON value, which would keep a copy that nobody wipes; a signature has no character that JSON escapes.
        let rest = json!({"user": user, "expires": expires}).to_string();
        let mut line = Zeroizing::new(Vec::with_capacity(sig.len() + rest.len() + 16));
        for part in ["{\"user_sig\":\"", sig.as_str(), "\",", &rest[1..]] {
            line.extend_from_slice(part.as_bytes());
        }
        output::result(&*line);
    } else {
        output::result(sig.as_bytes());
    }
    Ok(Exit::Ok)
}

pub fn inspect(settings: &Settings, file: &Path) -> Result<Exit, Failure> {
    let text = if file == Path::new("-") {
        let mut text = Zeroizing::new(String::new());
        io::stdin().lock().read_to_string(&mut text).map(|_| text)
    } else {
        fs::read_to_string(file).map(Zeroizing::new)
    };
    let text = text.map_err(|error| Failure::usage(format!("{}: {error}", file.display())))?;
    let key = settings.key()?;
    let opened = usersig::inspect(&text, key.as_ref().map(|key| key.as_str()))?;
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.as_secs());
    let verdict = verdict(&opened, now);
    if settings.json {
        output::result(
            json!({"user": opened.identifier, "sdk_app_id": opened.sdk_app_id, "made": opened.made, "expires": opened.expires,
                "expired": opened.expires <= now, "key_matches": opened.key_matches})
            .to_string(),
        );
    } else {
        output::result(format!("user      {}", output::printable(&opened.identifier)));
        output::result(format!("app       {}", opened.sdk_app_id));
        output::result(format!("made      {}", date(opened.made)));
        output::result(format!("expires   {}", date(opened.expires)));
        output::result(format!("verdict   {}", verdict.1));
    }
    Ok(verdict.0)
}

fn verdict(opened: &Inspected, now: u64) -> (Exit, &'static str) {
    match (opened.expires <= now, opened.key_matches) {
        (_, Some(false)) => (Exit::Authority, "made with another key (the service answers 70009)"),
        (true, _) => (Exit::Authority, "expired (the service answers 70001)"),
        (false, Some(true)) => (Exit::Ok, "valid: made with this key, not expired"),
        (false, None) => (Exit::Ok, "not expired; give the key to check that it was made with it"),
    }
}

fn date(unix_seconds: u64) -> String {
    let known = i64::try_from(unix_seconds)
        .ok()
        .and_then(|seconds| jiff::Timestamp::from_second(seconds).ok());
    known.map_or_else(|| unix_seconds.to_string(), |time| time.to_string())
}
