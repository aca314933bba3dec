//! `v4/im_open_login_svc/multiaccount_import`: makes up to 100 users known to Chat (1047/34954).

use std::borrow::Cow;

use serde::Serialize;

use super::lists::{check_accounts, Account};
use super::{json, Endpoint};
use crate::error::Error;

/// The request.
#[derive(Debug, Serialize)]
pub struct MultiaccountImport<'a> {
    #[serde(rename = "AccountList")]
    accounts: &'a [Account],
}

impl<'a> MultiaccountImport<'a> {
    pub fn new(accounts: &'a [Account]) -> Self {
        MultiaccountImport { accounts }
    }
}

impl Endpoint for MultiaccountImport<'_> {
    const REPEATABLE: bool = true;

    fn path(&self) -> &str {
        "v4/im_open_login_svc/multiaccount_import"
    }

    fn check(&self, limits: bool) -> Result<(), Error> {
        check_accounts(self.accounts, limits)
    }

    fn body(&self) -> Cow<'_, [u8]> {
        json(self)
    }
}
