//! `v4/recentcontact/get_contact_group`: one page of a user's marks and groups (1047/53440).

use std::borrow::Cow;
use std::os::raw::{c_char, c_int};

use serde::Serialize;
use serde_json::Value;

use super::{check_from_account, json, Endpoint};
use crate::error::Error;
use crate::ffi::boundary;
use crate::ffi::{chat_call_options, chat_client, chat_response};
use crate::paging::Paged;

/// The request.
#[derive(Debug, Serialize)]
pub struct GetContactGroup<'a> {
    #[serde(rename = "From_Account")]
    from_account: &'a str,
    #[serde(rename = "StartIndex")]
    start_index: Value,
}

impl<'a> GetContactGroup<'a> {
    pub fn new(from_account: &'a str, start_index: impl Into<Value>) -> Self {
        GetContactGroup {
            from_account,
            start_index: start_index.into(),
        }
    }
}

impl Endpoint for GetContactGroup<'_> {
    const REPEATABLE: bool = true;
    const ANSWER_LIMIT: usize = super::PAGE_LIMIT;

    fn path(&self) -> &str {
        "v4/recentcontact/get_contact_group"
    }

    fn check(&self, _limits: bool) -> Result<(), Error> {
        check_from_account(self.from_account)
    }

    fn body(&self) -> Cow<'_, [u8]> {
        json(self)
    }
}

/// How its pages follow each other. `NextStartIndex` 0 also means "first page", so only `CompleteFlag` or a standstill ends them.
pub(crate) const PAGES: Paged = Paged {
    items: "/ContactItem",
    first: &[("NextStartIndex", 0)],
    fetch: |client, from_account, cursor, options| {
        client.call(&GetContactGroup::new(from_account, cursor[0].clone()), options)
    },
};

/// Reads one page of a user's marks and groups (`v4/recentcontact/get_contact_group`, 1047/53440).
///
/// `chat_contact_group_items` goes through all pages. Blocks until the answer or the deadline. Any thread.
///
/// @param client       the client, not NULL; any number of threads may share it.
/// @param from_account the UserID whose conversations they are, not NULL, not empty, UTF-8.
/// @param start_index  0 for the first page, then `/NextStartIndex` of the page before.
/// @param options      what this call does differently, or NULL.
/// @param response     receives the answer whatever the result, to be freed with `chat_response_free`; NULL if not wanted.
///                     `/ContactItem` holds conversations as `chat_search_contact_group` describes them, `/GroupItem` the groups,
///                     `/CompleteFlag` is 1 on the last page. The plan's number of cloud conversations caps what comes, so a complete
///                     answer is no proof of completeness.
/// @return 0; a negative `CHAT_ERR_*`; or the service's code: 50001 to 50005, 51013 not in the plan.
/// @since 0.1.0
#[no_mangle]
#[allow(unsafe_code)]
pub unsafe extern "C" fn chat_get_contact_group(
    client: *const chat_client,
    from_account: *const c_char,
    start_index: i64,
    options: *const chat_call_options,
    response: *mut *mut chat_response,
) -> c_int {
    boundary::call(client, options, response, |call| {
        let from_account = boundary::text(from_account, "from_account")?;
        Ok(call.send(&GetContactGroup::new(from_account, start_index)))
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_body_is_the_documented_one() {
        let sent: Value = serde_json::from_slice(&GetContactGroup::new("user_0001", 0).body()).unwrap();
        assert_eq!(sent, json!({"From_Account": "user_0001", "StartIndex": 0}));
    }
}
