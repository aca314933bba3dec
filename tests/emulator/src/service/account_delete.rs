//! `account_delete` (1047/34955): forgets up to 100 accounts with their groups and marks. The real service keeps a deleted
//! id from being imported again for months; the emulator does not (an inference, its code is unknown).

use serde::Serialize;
use serde_json::{Map, Value};

use super::multiaccount_import::batch;
use super::{AccountsCall, Command, Handler, Outcome, BAD_ACCOUNT_PARAMETER};
use crate::service::answer::{ok_body, Refusal};
use crate::service::fields::Fields;

pub(super) const COMMAND: Command = Command {
    path: "v4/im_open_login_svc/account_delete",
    handler: Handler::Accounts { run },
};

#[derive(Serialize)]
struct Deleted<'a> {
    #[serde(rename = "ResultItem")]
    accounts: Vec<DeletedAccount<'a>>,
}

#[derive(Serialize)]
struct DeletedAccount<'a> {
    #[serde(rename = "ResultCode")]
    code: i64,
    #[serde(rename = "ResultInfo")]
    info: &'static str,
    #[serde(rename = "UserID")]
    user: &'a str,
}

fn run(call: AccountsCall) -> Outcome {
    let mut accounts = Vec::new();
    for user in user_ids(call.body, "DeleteItem")? {
        let (code, info) = match call.state.accounts.remove(user) {
            Some(_) => (0, ""),
            None => (70107, "no such account"),
        };
        accounts.push(DeletedAccount { code, info, user });
    }
    Ok(ok_body(Deleted { accounts }))
}

/// The users of `[{"UserID":…},…]`, the list that both check and delete take.
pub(super) fn user_ids<'a>(body: &'a Map<String, Value>, list: &str) -> Result<Vec<&'a str>, Refusal> {
    let fields = Fields::of(body, "", BAD_ACCOUNT_PARAMETER, &[list])?;
    let items = batch(fields.array(list)?)?.iter().enumerate();
    let user = |(n, item): (usize, &'a Value)| {
        Fields::of_value(item, &format!("{list}[{n}]"), BAD_ACCOUNT_PARAMETER, &["UserID"])?.text("UserID")
    };
    items.map(user).collect()
}
