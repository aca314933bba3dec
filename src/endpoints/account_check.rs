//! `v4/im_open_login_svc/account_check`: asks which users Chat knows (1047/34956).

use std::borrow::Cow;

use serde::Serialize;

use super::lists::{check_user_ids, only_user_ids, Account};
use super::{json, Endpoint};
use crate::error::Error;

/// The request.
#[derive(Debug, Serialize)]
pub struct AccountCheck<'a> {
    #[serde(rename = "CheckItem", serialize_with = "only_user_ids")]
    accounts: &'a [Account],
}

impl<'a> AccountCheck<'a> {
    pub fn new(accounts: &'a [Account]) -> Self {
        AccountCheck { accounts }
    }
}

impl Endpoint for AccountCheck<'_> {
    const REPEATABLE: bool = true;

    fn path(&self) -> &str {
        "v4/im_open_login_svc/account_check"
    }

    fn check(&self, limits: bool) -> Result<(), Error> {
        check_user_ids(self.accounts, limits)
    }

    fn body(&self) -> Cow<'_, [u8]> {
        json(self)
    }
}
