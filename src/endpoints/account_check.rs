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
        let sent: serde_json::Value = serde_json::from_slice(&AccountCheck::new(&accounts).body()).unwrap();
        assert_eq!(sent, json!({"CheckItem": [{"UserID": "a"}, {"UserID": "b"}]}));
    }

    #[test]
    fn from_one_to_a_hundred_accounts_are_taken() {
        let many = vec![Account::new("u", None, None).unwrap(); 101];
        assert_eq!(AccountCheck::new(&many[..100]).check(true), Ok(()));
        assert!(AccountCheck::new(&many)
            .check(true)
            .unwrap_err()
            .message
            .contains("accounts has 101 items"));
        assert!(AccountCheck::new(&[])
            .check(true)
            .unwrap_err()
            .message
            .contains("accounts is empty"));
    }
}
