//! `v4/im_open_login_svc/account_check`: asks which users Chat knows (1047/34956).

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

/// Asks which of up to 100 users Chat knows (`v4/im_open_login_svc/account_check`, 1047/34956).
///
/// Blocks until the answer or the deadline. Any thread.
///
/// @param client   the client, not NULL; any number of threads may share it.
/// @param accounts the accounts, not NULL: 1 to 100; only their UserIDs count.
/// @param options  what this call does differently, or NULL.
/// @param response receives the answer whatever the result, to be freed with `chat_response_free`; NULL if not wanted.
///                 `/ResultItem/0/AccountStatus` and so on say `Imported` or `NotImported`, in the order asked.
/// @return 0; a negative `CHAT_ERR_*`, with `CHAT_ERR_PARTIAL` when an account could not be checked; or the service's code: 70169,
///         70402, 70403, 70500.
/// @since 0.1.0
#[no_mangle]
#[allow(unsafe_code)]
pub unsafe extern "C" fn chat_account_check(
    client: *const chat_client,
    accounts: *const chat_accounts,
    options: *const chat_call_options,
    response: *mut *mut chat_response,
) -> c_int {
    boundary::call(client, options, response, |call| {
        let accounts = boundary::list(accounts, "accounts")?;
        Ok(call.send(&AccountCheck::new(accounts)))
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
