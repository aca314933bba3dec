//! `account_check` (1047/34956): says which of up to 100 accounts are imported.

use serde::Serialize;

use super::account_delete::user_ids;
use super::{AccountsCall, Command, Handler, Outcome};
use crate::service::answer::ok_body;

pub(super) const COMMAND: Command = Command {
    path: "v4/im_open_login_svc/account_check",
    handler: Handler::Accounts { run },
};

#[derive(Serialize)]
struct Checked<'a> {
    #[serde(rename = "ResultItem")]
    accounts: Vec<Status<'a>>,
}

#[derive(Serialize)]
struct Status<'a> {
    #[serde(rename = "UserID")]
    user: &'a str,
    #[serde(rename = "ResultCode")]
    code: i64,
    #[serde(rename = "ResultInfo")]
    info: &'static str,
    #[serde(rename = "AccountStatus")]
    status: &'static str,
}

fn run(call: AccountsCall) -> Outcome {
    let imported = |user| {
        if call.state.accounts.contains_key(user) {
            "Imported"
        } else {
            "NotImported"
        }
    };
    let status = |user| Status {
        user,
        code: 0,
        info: "",
        status: imported(user),
    };
    let users = user_ids(call.body, "CheckItem")?;
    Ok(ok_body(Checked {
        accounts: users.into_iter().map(status).collect(),
    }))
}
