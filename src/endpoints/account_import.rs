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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_not_given_is_not_sent() {
        let sent = |nick, face| {
            let account = Account::new("user_0001", nick, face).unwrap();
            serde_json::from_slice::<serde_json::Value>(&AccountImport::new(account).body()).unwrap()
        };
        assert_eq!(sent(None, None), json!({"UserID": "user_0001"}));
        assert_eq!(
            sent(Some("n"), Some("")),
            json!({"UserID": "user_0001", "Nick": "n", "FaceUrl": ""})
        );
    }

    #[test]
    fn a_user_id_has_1_to_32_bytes() {
        assert!(Account::new("", None, None)
            .unwrap_err()
            .message
            .contains("user_id is empty"));
        let account = |length| AccountImport::new(Account::new(&"x".repeat(length), None, None).unwrap());
        assert_eq!(account(32).check(true), Ok(()));
        assert!(account(33)
            .check(true)
            .unwrap_err()
            .message
            .starts_with("user_id has 33 bytes"));
        assert_eq!(account(33).check(false), Ok(()));
        let nick = AccountImport::new(Account::new("u", Some(&"x".repeat(501)), None).unwrap());
        assert!(nick.check(true).unwrap_err().message.starts_with("nick has 501 bytes"));
    }
}
