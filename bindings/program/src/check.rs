//! `check`: do the settings work? Two calls that change nothing tell five things apart, and each failure says what to do.

use serde_json::json;
use tencent_chat::endpoints::account_check::AccountCheck;
use tencent_chat::endpoints::get_contact_group::GetContactGroup;
use tencent_chat::endpoints::lists::Account;
use tencent_chat::error::*;
use tencent_chat::{CallOptions, Response};

use crate::arguments::ClientFlags;
use crate::exit::Exit;
use crate::output::{self, Failure};

/// What is checked, in the order in which one stands on the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Step {
    Settings,
    /// Where the limit is shared.
    Limit,
    Place,
    Tls,
    Signature,
    Administrator,
    Plan,
}

use Step::*;

const STEPS: [(Step, &str); 7] = [
    (Settings, "settings"),
    (Limit, "shared limit"),
    (Place, "place"),
    (Tls, "tls"),
    (Signature, "signature"),
    (Administrator, "administrator"),
    (Plan, "plan"),
];

pub fn check(settings: &ClientFlags) -> Result<Exit, Failure> {
    let client = match settings.client() {
        Ok(client) => client,
        Err(failure) => {
            tell(settings, None, Some((Settings, &failure.message)));
            return Ok(failure.exit);
        }
    };
    let identifier = settings.identifier()?;
    let accounts = [Account::new(&identifier, None, None)?];
    let options = CallOptions::default();
    // In this order: the account commands ask for no plan, so what they refuse lies before it.
    let responses = [
        client.call(&AccountCheck::new(&accounts), &options),
        client.call(&GetContactGroup::new(&identifier, 0), &options),
    ];
    // With a fallback the calls go on without the limit, and all but that can be checked.
    let limit = responses.iter().find_map(output::fallback_reason);
    let shares = settings.shares_a_limit()?;
    let failed = responses
        .iter()
        .find_map(|response| broken(response, shares).map(|step| (step, response)));
    let message = failed.map(|(_, response)| format!("{} {}", response.code(), response.message()));
    let broken = failed.map(|(step, _)| step).zip(message.as_deref());
    tell(settings, limit.as_deref(), broken);
    Ok(match (failed, limit) {
        (Some((_, response)), _) => Exit::of(response.code()),
        (None, Some(_)) => Exit::of(CHAT_ERR_THROTTLED),
        (None, None) => Exit::Ok,
    })
}

/// Which step an answer breaks; `None` when it gets past all of them.
fn broken(response: &Response, shares_a_limit: bool) -> Option<Step> {
    match response.code() {
        CHAT_ERR_THROTTLED if shares_a_limit => Some(Limit),
        // The administrator need not be a user of Chat, and a partial answer is an answer.
        CHAT_OK | CHAT_ERR_PARTIAL | CHAT_SERVICE_ACCOUNT_NOT_IMPORTED => None,
        CHAT_ERR_INVALID_ARGUMENT | CHAT_ERR_CONFIG => Some(Settings),
        CHAT_ERR_TLS => Some(Tls),
        CHAT_SERVICE_ADMIN_REQUIRED | CHAT_SERVICE_GATEWAY_ADMIN_REQUIRED | CHAT_SERVICE_ACCOUNT_ADMIN_REQUIRED => {
            Some(Administrator)
        }
        CHAT_SERVICE_FEATURE_NOT_IN_PLAN | CHAT_SERVICE_PLAN_NOT_ACTIVE => Some(Plan),
        60004..=60006 | 60012 | 70001..=70020 | 70050..=70052 | 70346..=70348 | 70362 => Some(Signature),
        // No answer from the service, or one that does not depend on the caller.
        code if code < 0 => Some(Place),
        60002..=60021 => Some(Place),
        _ => Some(Plan),
    }
}

/// `limit`: why the shared limit is out of use, where a fallback took its place.
fn tell(settings: &ClientFlags, limit: Option<&str>, broken: Option<(Step, &str)>) {
    let https = !settings.speaks_plain_http();
    let shares = settings.shares_a_limit().unwrap_or(false);
    for (step, name) in STEPS.into_iter().filter(|(step, _)| *step != Limit || shares) {
        let (state, what) = match (broken, limit) {
            (Some((at, what)), _) if at == step => ("failed", what),
            (_, Some(why)) if step == Limit => ("failed", why),
            (Some((at, _)), _) if at < step => ("unknown", "not reached"),
            _ if step == Tls && !https => ("none", "plain http"),
            _ => ("ok", ""),
        };
        if settings.json {
            output::object(&json!({"step": name, "state": state, "message": what}));
        } else {
            output::result(format!("{state:<8} {name:<14} {what}").trim_end());
        }
    }
}
