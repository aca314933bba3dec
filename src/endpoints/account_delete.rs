//! `v4/im_open_login_svc/account_delete`: deletes users and all that is theirs (1047/34955).

use std::borrow::Cow;
use std::os::raw::c_int;

use serde::Serialize;

use super::lists::{check_user_ids, only_user_ids, Account};
use super::{json, Endpoint};
use crate::error::Error;
use crate::ffi::boundary;
use crate::ffi::{chat_accounts, chat_call_options, chat_client, chat_response};

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

/// Deletes up to 100 users with their conversations and groups (`v4/im_open_login_svc/account_delete`, 1047/34955).
///
/// On paid editions the UserIDs cannot be imported again for three months. Blocks until the answer or the deadline. Any thread.
///
/// @param client   the client, not NULL; any number of threads may share it.
/// @param accounts the accounts, not NULL: 1 to 100; only their UserIDs count.
/// @param options  what this call does differently, or NULL.
/// @param response receives the answer whatever the result, to be freed with `chat_response_free`; NULL if not wanted.
///                 `/ResultItem/0/ResultCode` and so on say what became of each; 70107 is an account that was not there.
/// @return 0; a negative `CHAT_ERR_*`, with `CHAT_ERR_PARTIAL` when an account was not deleted; or the service's code: 70169, 70402,
///         70403, 70500, 71000.
/// @since 0.1.0
#[no_mangle]
#[allow(unsafe_code)]
pub unsafe extern "C" fn chat_account_delete(
    client: *const chat_client,
    accounts: *const chat_accounts,
    options: *const chat_call_options,
    response: *mut *mut chat_response,
) -> c_int {
    boundary::call(client, options, response, |call| {
        let accounts = boundary::list(accounts, "accounts")?;
        Ok(call.send(&AccountDelete::new(accounts)))
    })
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
        let sent: serde_json::Value = serde_json::from_slice(&AccountDelete::new(&accounts).body()).unwrap();
        assert_eq!(sent, json!({"DeleteItem": [{"UserID": "a"}, {"UserID": "b"}]}));
    }

    #[test]
    fn from_one_to_a_hundred_accounts_are_taken() {
        let many = vec![Account::new("u", None, None).unwrap(); 101];
        assert_eq!(AccountDelete::new(&many[..100]).check(true), Ok(()));
        assert!(AccountDelete::new(&many)
            .check(true)
            .unwrap_err()
            .message
            .contains("accounts has 101 items"));
        assert!(AccountDelete::new(&[])
            .check(true)
            .unwrap_err()
            .message
            .contains("accounts is empty"));
    }
}
