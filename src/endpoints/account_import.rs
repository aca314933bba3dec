//! `v4/im_open_login_svc/account_import`: makes one user known to Chat (1047/34953).

use std::borrow::Cow;
use std::os::raw::{c_char, c_int};

use super::lists::Account;
use super::{json, Endpoint};
use crate::error::Error;
use crate::ffi::boundary;
use crate::ffi::{chat_call_options, chat_client, chat_response};

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

/// Makes one user known to Chat (`v4/im_open_login_svc/account_import`, 1047/34953).
///
/// Repeating it is no error. Blocks until the answer or the deadline. Any thread.
///
/// @param client   the client, not NULL; any number of threads may share it.
/// @param user_id  the UserID, not NULL: 1 to 32 bytes of UTF-8.
/// @param nick     the nickname, or NULL to leave it; at most 500 bytes (40601).
/// @param face_url the picture's URL, or NULL to leave it; at most 500 bytes (40601).
/// @param options  what this call does differently, or NULL.
/// @param response receives the answer whatever the result, to be freed with `chat_response_free`; NULL if not wanted.
/// @return 0; a negative `CHAT_ERR_*`; or the service's code: 40006, 40601, 70169, 70398 (100 accounts on the free edition), 70402,
///         70403, 70500.
/// @since 0.1.0
#[no_mangle]
#[allow(unsafe_code)]
pub unsafe extern "C" fn chat_account_import(
    client: *const chat_client,
    user_id: *const c_char,
    nick: *const c_char,
    face_url: *const c_char,
    options: *const chat_call_options,
    response: *mut *mut chat_response,
) -> c_int {
    boundary::call(client, options, response, |call| {
        let user_id = boundary::text(user_id, "user_id")?;
        let nick = boundary::optional_text(nick, "nick")?;
        let face_url = boundary::optional_text(face_url, "face_url")?;
        Ok(call.send(&AccountImport::new(Account::new(user_id, nick, face_url)?)))
    })
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
