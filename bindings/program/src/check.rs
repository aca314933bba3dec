//! `check`: do the settings work? Two calls that change nothing tell six things apart. What works is named, and each failure says what to do.

use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::{json, Map, Value};
use tencent_chat::endpoints::account_check::AccountCheck;
use tencent_chat::endpoints::get_contact_group::GetContactGroup;
use tencent_chat::endpoints::lists::Account;
use tencent_chat::error::*;
use tencent_chat::{CallOptions, Client, Response};

use crate::arguments::{Check, ClientFlags};
use crate::exit::Exit;
use crate::output::{self, Failure};
use crate::Perform;

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

/// What a service forgives: a signature is back-dated by a minute.
const CLOCK_LEEWAY_S: i64 = 60;

impl Perform for Check {
    fn perform(&self, settings: &ClientFlags) -> Result<Exit, Failure> {
        let client = match settings.client() {
            Ok(client) => client,
            Err(failure) => {
                Findings::default().tell(settings, Some((Settings, &failure.message)));
                return Ok(failure.exit);
            }
        };
        let identifier = settings.app.identifier()?;
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
        let message = failed.map(|(step, response)| advised(step, response));
        let broken = failed.map(|(step, _)| step).zip(message.as_deref());
        let findings = Findings::of(settings, &client, &responses, limit.clone())?;
        findings.tell(settings, broken);
        Ok(match (failed, limit) {
            (Some((_, response)), _) => Exit::of(response.code()),
            (None, Some(_)) => Exit::of(CHAT_ERR_THROTTLED),
            (None, None) => Exit::Ok,
        })
    }
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

/// The message of a failure, with what somebody at a shell can do about it.
fn advised(step: Step, response: &Response) -> String {
    let advice = match step {
        Tls => "; `--ca-file FILE` trusts the authorities in FILE, such as that of a proxy that intercepts TLS",
        _ => "",
    };
    format!("{} {}{advice}", response.code(), response.message())
}

/// What was found on the way, whether it ended well or not.
#[derive(Default)]
struct Findings {
    host: Option<String>,
    app: Option<u32>,
    identifier: Option<String>,
    /// Key or UserSig, and where it comes from.
    signed_by: Option<String>,
    signature_ends: Option<u64>,
    /// Seconds that this machine's clock is ahead of the service's.
    clock_ahead: Option<i64>,
    /// Why the shared limit is out of use, where a fallback took its place.
    limit: Option<String>,
}

impl Findings {
    fn of(
        settings: &ClientFlags,
        client: &Client,
        responses: &[Response],
        limit: Option<String>,
    ) -> Result<Findings, Failure> {
        Ok(Findings {
            host: Some(client.place()),
            app: Some(settings.app.sdk_app_id()?),
            identifier: Some(settings.app.identifier()?),
            signed_by: Some(settings.signed_by()?),
            signature_ends: client.signature_ends(),
            clock_ahead: responses.iter().find_map(Response::clock_ahead_s),
            limit,
        })
    }

    /// The members that belong to a step, for a program.
    fn members(&self, step: Step) -> Map<String, Value> {
        let members = match step {
            Settings => json!({"sdk_app_id": self.app, "identifier": self.identifier, "signed_by": self.signed_by}),
            Place => json!({"host": self.host}),
            Signature => json!({"ends": self.signature_ends, "clock_ahead_s": self.clock_ahead}),
            _ => json!({}),
        };
        let members = members.as_object().cloned().unwrap_or_default();
        members.into_iter().filter(|(_, value)| !value.is_null()).collect()
    }

    /// The same in words, of a step that is all right.
    fn words(&self, step: Step) -> String {
        let known = |text: &Option<String>| text.clone().unwrap_or_default();
        match step {
            Settings => {
                let app = self.app.map(|app| app.to_string()).unwrap_or_default();
                format!(
                    "app {app}, identifier {}, {}",
                    known(&self.identifier),
                    known(&self.signed_by)
                )
            }
            Place => known(&self.host),
            Signature => [self.signature_ends.map(ends), self.clock_ahead.map(clock)]
                .into_iter()
                .flatten()
                .collect::<Vec<_>>()
                .join("; "),
            _ => String::new(),
        }
    }

    fn tell(&self, settings: &ClientFlags, broken: Option<(Step, &str)>) {
        let https = self.host.as_ref().is_none_or(|host| host.starts_with("https:"));
        let shares = settings.shares_a_limit().unwrap_or(false);
        for (step, name) in STEPS.into_iter().filter(|(step, _)| *step != Limit || shares) {
            let (state, what) = match (broken, &self.limit) {
                // Where it is and what the clocks say may be what is wrong.
                (Some((at, what)), _) if at == step => ("failed", self.beside(step, what)),
                (_, Some(why)) if step == Limit => ("failed", why.clone()),
                (Some((at, _)), _) if at < step => ("unknown", "not reached".into()),
                _ if step == Tls && !https => ("none", "plain http".into()),
                _ => ("ok", self.words(step)),
            };
            if settings.app.json {
                let mut object = json!({"step": name, "state": state, "message": what});
                object.as_object_mut().expect("an object").extend(self.members(step));
                output::object(&object);
            } else {
                output::result(format!("{state:<8} {name:<14} {what}").trim_end());
            }
        }
    }

    fn beside(&self, step: Step, what: &str) -> String {
        match (step, self.clock_ahead) {
            (Place, _) => format!("{what} ({})", self.words(Place)).replace(" ()", ""),
            (Signature, Some(ahead)) if ahead.abs() > CLOCK_LEEWAY_S => format!("{what}; {}", clock(ahead)),
            _ => what.to_owned(),
        }
    }
}

fn ends(ends: u64) -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    match now.is_ok_and(|now| now.as_secs() > ends) {
        true => format!("ended {}", output::date(ends)),
        false => format!("ends {}", output::date(ends)),
    }
}

/// A Date has whole seconds, and the answer took its time.
fn clock(ahead: i64) -> String {
    let seconds = ahead.unsigned_abs();
    match ahead {
        -2..=2 => "the clocks agree".into(),
        3.. => format!("this machine's clock is {seconds} seconds ahead of the service's"),
        _ => format!("this machine's clock is {seconds} seconds behind the service's"),
    }
}
