//! `multiaccount_import` (1047/34954): makes up to 100 accounts known, given as objects (`AccountList`) or, in the older
//! form, as strings (`Accounts`). Those that cannot be imported are listed; the others are imported all the same.

use serde::Serialize;
use serde_json::Value;

use super::account_import::{has_room_for, user_id, Profile, PROFILE_MEMBERS};
use super::{AccountsCall, Command, Handler, Outcome, BAD_ACCOUNT_PARAMETER};
use crate::config::Settings;
use crate::service::answer::{ok_body, Refusal};
use crate::service::fields::Fields;
use crate::world::state::State;

pub(super) const COMMAND: Command = Command {
    path: "v4/im_open_login_svc/multiaccount_import",
    handler: Handler::Accounts { run },
};

/// Accounts in one call; more, or none, is 70206 (1047/34348).
const ACCOUNTS_PER_CALL: usize = 100;

#[derive(Serialize)]
struct Imported {
    #[serde(rename = "FailAccounts")]
    failed: Vec<String>,
}

fn run(call: AccountsCall) -> Outcome {
    let fields = Fields::of(call.body, "", BAD_ACCOUNT_PARAMETER, &["AccountList", "Accounts"])?;
    let failed = match fields.optional_array("AccountList")? {
        Some(list) => import_profiles(batch(list)?, call.state, call.settings)?,
        None => import_names(batch(fields.array("Accounts")?)?, call.state, call.settings),
    };
    Ok(ok_body(Imported { failed }))
}

/// The items of a batch call, if it is of an allowed size.
pub(super) fn batch(items: &[Value]) -> Result<&[Value], Refusal> {
    if items.is_empty() || items.len() > ACCOUNTS_PER_CALL {
        return Err(Refusal::new(70206, "a call takes 1 to 100 accounts"));
    }
    Ok(items)
}

fn import_profiles(list: &[Value], state: &mut State, settings: &Settings) -> Result<Vec<String>, Refusal> {
    let mut named = Vec::new();
    for (n, value) in list.iter().enumerate() {
        let place = format!("AccountList[{n}]");
        let fields = Fields::of_value(value, &place, BAD_ACCOUNT_PARAMETER, &PROFILE_MEMBERS)?;
        named.push((fields.text("UserID")?, Profile::read(&fields)));
    }
    let mut failed = Vec::new();
    for (user, profile) in named {
        match profile {
            Ok(profile) if has_room_for(user, state, settings) => profile.import_into(state),
            _ => failed.push(user.to_owned()),
        }
    }
    Ok(failed)
}

fn import_names(list: &[Value], state: &mut State, settings: &Settings) -> Vec<String> {
    let mut failed = Vec::new();
    for user in list.iter().filter_map(Value::as_str) {
        match user_id(user) {
            Ok(user) if has_room_for(user, state, settings) => drop(state.accounts.entry(user.to_owned()).or_default()),
            _ => failed.push(user.to_owned()),
        }
    }
    failed
}
