//! `account_import` (1047/34953): makes an account known. Repeating it is fine and keeps the account's groups.

use super::{AccountsCall, Command, Handler, Outcome, BAD_ACCOUNT_PARAMETER};
use crate::config::{Settings, USER_ID_LIMIT};
use crate::service::answer::{ok_body, Nothing, Refusal};
use crate::service::fields::Fields;
use crate::world::state::State;

pub(super) const COMMAND: Command = Command {
    path: "v4/im_open_login_svc/account_import",
    handler: Handler::Accounts { run },
};

/// Bytes in a nickname or an avatar URL (40601).
const PROFILE_LIMIT: usize = 500;

fn run(call: AccountsCall) -> Outcome {
    let fields = Fields::of(call.body, "", BAD_ACCOUNT_PARAMETER, &PROFILE_MEMBERS)?;
    let profile = Profile::read(&fields)?;
    if !has_room_for(profile.user, call.state, call.settings) {
        let info = format!("this edition holds {} accounts", call.settings.account_limit);
        return Err(Refusal::new(70398, info));
    }
    profile.import_into(call.state);
    Ok(ok_body(Nothing {}))
}

/// Members of an account to import.
pub(super) const PROFILE_MEMBERS: [&str; 3] = ["UserID", "Nick", "FaceUrl"];

/// An account to import.
pub(super) struct Profile<'a> {
    user: &'a str,
    nick: Option<&'a str>,
    face_url: Option<&'a str>,
}

impl<'a> Profile<'a> {
    pub(super) fn read(fields: &Fields<'a>) -> Result<Self, Refusal> {
        let profile = Self {
            user: user_id(fields.text("UserID")?)?,
            nick: fields.optional_text("Nick")?,
            face_url: fields.optional_text("FaceUrl")?,
        };
        let texts = [profile.nick, profile.face_url];
        if texts.iter().flatten().any(|text| text.len() > PROFILE_LIMIT) {
            return Err(Refusal::new(40601, "a profile value has at most 500 bytes"));
        }
        Ok(profile)
    }

    /// An account that exists takes the new nickname and avatar and keeps the rest.
    pub(super) fn import_into(&self, state: &mut State) {
        let account = state.accounts.entry(self.user.to_owned()).or_default();
        if let Some(nick) = self.nick {
            account.nick = nick.to_owned();
        }
        if let Some(face_url) = self.face_url {
            account.face_url = face_url.to_owned();
        }
    }
}

/// Whether the edition holds one account more (70398), if it is one more.
pub(super) fn has_room_for(user: &str, state: &State, settings: &Settings) -> bool {
    let limit = settings.account_limit;
    limit == 0 || state.accounts.contains_key(user) || state.accounts.len() < limit
}

/// A UserID is printable ASCII of at most 32 bytes (1047/34348, error 7003).
pub(super) fn user_id(text: &str) -> Result<&str, Refusal> {
    let printable = text.bytes().all(|byte| (0x20..=0x7e).contains(&byte));
    if text.is_empty() || text.len() > USER_ID_LIMIT || !printable {
        let info = "a UserID is 1 to 32 bytes of printable ASCII";
        return Err(Refusal::new(BAD_ACCOUNT_PARAMETER, info));
    }
    Ok(text)
}
