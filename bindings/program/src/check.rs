//! `check`: do the settings work? Two calls that change nothing tell five things apart, and each failure says what to do.

use serde_json::json;
use tencent_chat::endpoints::account_check::AccountCheck;
use tencent_chat::endpoints::get_contact_group::GetContactGroup;
use tencent_chat::endpoints::lists::Account;
use tencent_chat::error::*;
use tencent_chat::{CallOptions, Response};

use crate::arguments::Settings as Flags;
use crate::exit::Exit;
use crate::output::{self, Failure};

/// What is checked, in the order in which one stands on the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Step {
    Settings,
    Place,
    Tls,
    Signature,
    Administrator,
    Plan,
}

use Step::*;

const STEPS: [(Step, &str); 6] = [
    (Settings, "settings"),
    (Place, "place"),
    (Tls, "tls"),
    (Signature, "signature"),
    (Administrator, "administrator"),
    (Plan, "plan"),
];

pub fn check(settings: &Flags) -> Result<Exit, Failure> {
    let client = match settings.client() {
        Ok(client) => client,
        Err(failure) => {
            tell(settings, Some((Settings, &failure.message)));
            return Ok(failure.exit);
        }
    };
    let identifier = settings.identifier()?;
    let accounts = [Account::new(&identifier, None, None)?];
    let options = CallOptions::default();
    // In this order: the account commands ask for no plan, so what they refuse lies before it.
    let failed = [
        client.call(&AccountCheck::new(&accounts), &options),
        client.call(&GetContactGroup::new(&identifier, 0), &options),
    ]
    .into_iter()
    .find_map(|response| broken(&response).map(|step| (step, response)));
    match failed {
        None => {
            tell(settings, None);
            Ok(Exit::Ok)
        }
        Some((step, response)) => {
            tell(
                settings,
                Some((step, &format!("{} {}", response.code(), response.message()))),
            );
            Ok(Exit::of(response.code()))
        }
    }
}

/// Which step an answer breaks; `None` when it gets past all of them.
fn broken(response: &Response) -> Option<Step> {
    match response.code() {
        // The administrator need not be a user of Chat, and a partial answer is an answer.
        CHAT_OK | CHAT_ERR_PARTIAL | CHAT_SERVICE_ACCOUNT_NOT_IMPORTED => None,
        CHAT_ERR_INVALID_ARGUMENT | CHAT_ERR_CONFIG => Some(Settings),
        CHAT_ERR_TLS => Some(Tls),
        CHAT_SERVICE_ADMIN_REQUIRED | CHAT_SERVICE_GATEWAY_ADMIN_REQUIRED | CHAT_SERVICE_ACCOUNT_ADMIN_REQUIRED => {
            Some(Administrator)
        }
        CHAT_SERVICE_FEATURE_NOT_IN_PLAN | CHAT_SERVICE_PLAN_NOT_ACTIVE => Some(Plan),
        60004..=60006 | 60012 | 70001..=70020 | 70050..=70052 | 70346..=70348 | 70362 => Some(Signature),
        // No answer of the service, or one that has nothing to do with who asks.
        code if code < 0 => Some(Place),
        60002..=60021 => Some(Place),
        _ => Some(Plan),
    }
}

fn tell(settings: &Flags, broken: Option<(Step, &str)>) {
    let https = !settings.speaks_plain_http();
    for (step, name) in STEPS {
        let (state, what) = match broken {
            Some((at, what)) if at == step => ("failed", what),
            Some((at, _)) if at < step => ("unknown", "not reached"),
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
