//! `sign`: makes a UserSig, or opens one and says what it holds. What it prints is a secret; that is what it was asked for.

use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::json;
use tencent_chat::usersig::{self, PrivateMap};
use zeroize::Zeroizing;

use crate::arguments::{AppFlags, Signed};
use crate::exit::Exit;
use crate::given;
use crate::output::{self, Failure};
use crate::settings::no_key;

pub fn sign(wanted: &Signed) -> Result<Exit, Failure> {
    match &wanted.inspect {
        Some(file) => inspect(&wanted.app, file),
        None => make(wanted),
    }
}

fn make(wanted: &Signed) -> Result<Exit, Failure> {
    let settings = &wanted.app;
    let key = settings.key()?.ok_or_else(no_key)?;
    let user = match &wanted.user {
        Some(user) => user.clone(),
        None => settings.identifier()?,
    };
    let is_for_room = wanted.room_id.is_some() || wanted.string_room_id.is_some();
    let map = is_for_room
        .then(|| {
            PrivateMap::new(
                wanted.room_id.unwrap_or(0),
                wanted.string_room_id.as_deref(),
                wanted.privilege_map,
            )
        })
        .transpose()?;
    let sig = usersig::make(key, settings.sdk_app_id()?, &user, wanted.lifetime, map.as_ref())?;
    if settings.json {
        let expires = usersig::inspect(&sig, None, None)?.expires;
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

fn inspect(settings: &AppFlags, file: &Path) -> Result<Exit, Failure> {
    /// A signature has some 250 bytes, with a userbuf a few hundred more.
    const LONGEST: u64 = 64 * 1_024;
    let bytes = given::bytes(file, LONGEST)?;
    let text = std::str::from_utf8(&bytes)
        .map_err(|_| Failure::usage(format!("{}: no UserSig: not UTF-8 text", file.display())))?;
    let (key, app) = (settings.key()?, settings.known_sdk_app_id()?);
    let text = text.trim_start_matches('\u{feff}');
    let opened = usersig::inspect(text, key, app)?;
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.as_secs());
    let (valid, verdict) = opened.verdict(now);
    let mut told = opened.json(now);
    if settings.json {
        told["user"] = told["identifier"].take();
        if let Some(members) = told.as_object_mut() {
            members.remove("identifier");
        }
        output::object(&told);
    } else {
        output::result(format!("user      {}", opened.identifier));
        output::result(format!("app       {}", opened.sdk_app_id));
        output::result(format!("made      {}", output::date(opened.made)));
        output::result(format!("expires   {}", output::date(opened.expires)));
        output::result(format!(
            "userbuf   {}",
            if told["userbuf"].is_null() { "none" } else { "yes" }
        ));
        let room = &told["private_map"];
        if !room.is_null() {
            let name = room["string_room_id"].as_str().map(str::to_owned);
            let name = name.unwrap_or_else(|| room["room_id"].to_string());
            output::result(format!("room      {name}"));
            output::result(format!("allowed   {}", room["privilege_map"]));
        }
        output::result(format!("verdict   {verdict}"));
    }
    Ok(if valid { Exit::Ok } else { Exit::Authority })
}
