//! `v4/im_open_login_svc/multiaccount_import`: makes up to 100 users known to Chat (1047/34954).

use std::borrow::Cow;
use std::os::raw::c_int;

use serde::Serialize;

use super::lists::{check_accounts, Account};
use super::{json, Endpoint};
use crate::error::Error;
use crate::ffi::boundary;
use crate::ffi::{chat_accounts, chat_call_options, chat_client, chat_response};

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

/// Makes up to 100 users known to Chat (`v4/im_open_login_svc/multiaccount_import`, 1047/34954).
///
/// Repeating it is no error; an account that exists takes the new nickname and picture. Blocks until the answer or the deadline. Any thread.
///
/// @param client   the client, not NULL; any number of threads may share it.
/// @param accounts the accounts, not NULL: 1 to 100.
/// @param options  what this call does differently, or NULL.
/// @param response receives the answer whatever the result, to be freed with `chat_response_free`; NULL if not wanted. `/FailAccounts`
///                 or `/ResultItem` name those that failed.
/// @return 0; a negative `CHAT_ERR_*`, with `CHAT_ERR_PARTIAL` when an account failed; or the service's code: 40006, 40601, 70169,
///         70398, 70402, 70403, 70500.
/// @since 0.1.0
#[no_mangle]
#[allow(unsafe_code)]
pub unsafe extern "C" fn chat_multiaccount_import(
    client: *const chat_client,
    accounts: *const chat_accounts,
    options: *const chat_call_options,
    response: *mut *mut chat_response,
) -> c_int {
    boundary::call(client, options, response, |call| {
        let accounts = boundary::list(accounts, "accounts")?;
        Ok(call.send(&MultiaccountImport::new(accounts)))
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
