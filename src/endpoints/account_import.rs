//! `v4/im_open_login_svc/account_import`: makes one user known to Chat (1047/34953).

use std::borrow::Cow;

use super::lists::Account;
use super::{json, Endpoint};
use crate::error::Error;

/// The request: the account itself.
#[derive(Debug)]
pub struct AccountImport {
    account: Account,
}

impl AccountImport {
    pub fn new(account: Account) -> Self {
        AccountImport { account }
    }
}

impl Endpoint for AccountImport {
    const REPEATABLE: bool = true;

    fn path(&self) -> &str {
        "v4/im_open_login_svc/account_import"
    }

    fn check(&self, limits: bool) -> Result<(), Error> {
        self.account.check("", limits)
    }

    fn body(&self) -> Cow<'_, [u8]> {
        json(&self.account)
    }
}
