//! `v4/im_open_login_svc/account_delete`: deletes users and all that is theirs (1047/34955).

use std::borrow::Cow;

use serde::Serialize;

use super::lists::{check_user_ids, only_user_ids, Account};
use super::{json, Endpoint};
use crate::error::Error;

/// The request.
#[derive(Debug, Serialize)]
pub struct AccountDelete<'a> {
    #[serde(rename = "DeleteItem", serialize_with = "only_user_ids")]
    accounts: &'a [Account],
}

impl<'a> AccountDelete<'a> {
    pub fn new(accounts: &'a [Account]) -> Self {
        AccountDelete { accounts }
    }
}

impl Endpoint for AccountDelete<'_> {
    /// A repeat would be told that the accounts are gone, as if they had never been.
    const REPEATABLE: bool = false;

    fn path(&self) -> &str {
        "v4/im_open_login_svc/account_delete"
    }

    fn check(&self, limits: bool) -> Result<(), Error> {
        check_user_ids(self.accounts, limits)
    }

    fn body(&self) -> Cow<'_, [u8]> {
        json(self)
    }
}
