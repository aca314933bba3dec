//! The commands of the service, one file each, one line each in [`COMMANDS`]. A handler is given what the gateway has already
//! checked, changes nothing when it refuses, and knows nothing of HTTP, signatures or faults.

mod account_check;
mod account_delete;
mod account_import;
pub(crate) mod answer;
mod contact;
mod create_contact_group;
mod del_contact_group;
mod delete;
mod fields;
pub(crate) mod gateway;
mod get_contact_group;
mod get_list;
mod mark_contact;
mod multiaccount_import;
mod pin;
mod search_contact_group;
mod update_contact_group;
mod usersig;

use serde_json::{Map, Value};

use crate::config::Settings;
use crate::service::answer::Refusal;
use crate::world::state::{Account, State};

/// One command of the service.
pub(crate) struct Command {
    /// `v4/{service}/{command}`.
    pub(crate) path: &'static str,
    pub(crate) handler: Handler,
}

/// What a command works on, which also says what the gateway checks before.
pub(crate) enum Handler {
    /// `v4/recentcontact`: one imported user's data.
    User { plan: Plan, run: fn(UserCall) -> Outcome },
    /// `v4/im_open_login_svc`: the accounts themselves.
    Accounts { run: fn(AccountsCall) -> Outcome },
}

/// Which calls a plan without groups and marks refuses (51013).
#[derive(Clone, Copy)]
pub(crate) enum Plan {
    /// It has nothing to do with the call.
    None,
    Changes,
    /// Custom marks are not the plan's business (269/85792).
    Marks,
    /// That reads are refused too is an inference.
    Reads,
}

impl Plan {
    pub(crate) fn refuses(self, settings: &Settings, body: &Map<String, Value>) -> bool {
        let covers = match self {
            Plan::None => false,
            Plan::Changes => true,
            Plan::Marks => !mark_contact::is_custom_only(body),
            Plan::Reads => settings.plan_covers_reads,
        };
        covers && !settings.plan
    }
}

/// The body of the answer, or why there is none.
pub(crate) type Outcome = Result<String, Refusal>;

/// A call on one user's groups and marks.
pub(crate) struct UserCall<'a> {
    pub(crate) account: &'a mut Account,
    pub(crate) body: &'a Map<String, Value>,
    pub(crate) settings: &'a Settings,
    /// Unix seconds.
    pub(crate) now: i64,
}

/// A call on the accounts.
pub(crate) struct AccountsCall<'a> {
    pub(crate) state: &'a mut State,
    pub(crate) body: &'a Map<String, Value>,
    pub(crate) settings: &'a Settings,
}

const COMMANDS: &[Command] = &[
    account_check::COMMAND,
    account_delete::COMMAND,
    account_import::COMMAND,
    create_contact_group::COMMAND,
    del_contact_group::COMMAND,
    delete::COMMAND,
    get_contact_group::COMMAND,
    get_list::COMMAND,
    mark_contact::COMMAND,
    multiaccount_import::COMMAND,
    pin::COMMAND,
    search_contact_group::COMMAND,
    update_contact_group::COMMAND,
];

/// The path of every command.
pub(crate) fn paths() -> Vec<&'static str> {
    COMMANDS.iter().map(|command| command.path).collect()
}

/// Finds a command by `/v4/{service}/{command}`; case-sensitive (1047/34620).
pub(crate) fn command(path: &str) -> Option<&'static Command> {
    let path = path.strip_prefix('/')?;
    COMMANDS.iter().find(|command| command.path == path)
}

/// Bad parameter of a recentcontact call.
const BAD_PARAMETER: i64 = 50002;
/// Bad parameter of an account call.
const BAD_ACCOUNT_PARAMETER: i64 = 70402;
