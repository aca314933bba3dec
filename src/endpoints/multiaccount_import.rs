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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_body_is_the_documented_one() {
        let accounts = [
            Account::new("a", Some("nick"), None).unwrap(),
            Account::new("b", None, None).unwrap(),
        ];
        let sent: serde_json::Value = serde_json::from_slice(&MultiaccountImport::new(&accounts).body()).unwrap();
        assert_eq!(
            sent,
            json!({"AccountList": [{"UserID": "a", "Nick": "nick"}, {"UserID": "b"}]})
        );
    }

    #[test]
    fn from_one_to_a_hundred_accounts_are_taken() {
        let many = vec![Account::new("u", None, None).unwrap(); 101];
        assert_eq!(MultiaccountImport::new(&many[..100]).check(true), Ok(()));
        assert!(MultiaccountImport::new(&many)
            .check(true)
            .unwrap_err()
            .message
            .contains("accounts has 101 items"));
        assert!(MultiaccountImport::new(&[])
            .check(true)
            .unwrap_err()
            .message
            .contains("accounts is empty"));
    }
}
