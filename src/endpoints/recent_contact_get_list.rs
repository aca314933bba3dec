//! `v4/recentcontact/get_list`: one page of a user's conversation list (1047/43087).

use std::borrow::Cow;
use std::os::raw::{c_char, c_int};

use serde::Serialize;
use serde_json::Value;

use super::{check_from_account, json, Endpoint};
use crate::error::Error;
use crate::ffi::boundary;
use crate::ffi::{chat_call_options, chat_client, chat_response};
use crate::paging::Paged;

/// What the vendor's page tells to send as AssistFlags: bit 0 pinned conversations are understood, bit 1 empty ones come too, bit 2
/// pinned ones are paged; bits 3 to 5 are not documented.
pub const CHAT_ASSIST_FLAGS: u32 = 63;

/// The request: four cursors, all zero for the first page.
#[derive(Debug, Serialize)]
pub struct RecentContactGetList<'a> {
    #[serde(rename = "From_Account")]
    from_account: &'a str,
    #[serde(rename = "TimeStamp")]
    time_stamp: Value,
    #[serde(rename = "StartIndex")]
    start_index: Value,
    #[serde(rename = "TopTimeStamp")]
    top_time_stamp: Value,
    #[serde(rename = "TopStartIndex")]
    top_start_index: Value,
    #[serde(rename = "AssistFlags")]
    assist_flags: u32,
}

impl<'a> RecentContactGetList<'a> {
    /// `cursor`: TimeStamp, StartIndex, TopTimeStamp, TopStartIndex.
    pub fn new(from_account: &'a str, cursor: [Value; 4], assist_flags: u32) -> Self {
        let [time_stamp, start_index, top_time_stamp, top_start_index] = cursor;
        RecentContactGetList {
            from_account,
            time_stamp,
            start_index,
            top_time_stamp,
            top_start_index,
            assist_flags,
        }
    }
}

impl Endpoint for RecentContactGetList<'_> {
    const REPEATABLE: bool = true;
    const ANSWER_LIMIT: usize = super::PAGE_LIMIT;

    fn path(&self) -> &str {
        "v4/recentcontact/get_list"
    }

    fn check(&self, _limits: bool) -> Result<(), Error> {
        check_from_account(self.from_account)
    }

    fn body(&self) -> Cow<'_, [u8]> {
        json(self)
    }
}

/// How its pages follow each other: all four cursors are echoed.
pub(crate) const PAGES: Paged = Paged {
    items: "/SessionItem",
    first: &[
        ("TimeStamp", 0),
        ("StartIndex", 0),
        ("TopTimeStamp", 0),
        ("TopStartIndex", 0),
    ],
    fetch: |client, from_account, cursor, options| {
        let cursor = std::array::from_fn(|place| cursor[place].clone());
        client.call(
            &RecentContactGetList::new(from_account, cursor, CHAT_ASSIST_FLAGS),
            options,
        )
    },
};

/// Reads one page of a user's conversation list (`v4/recentcontact/get_list`, 1047/43087).
///
/// `chat_recent_contact_items` goes through all pages. Blocks until the answer or the deadline. Any thread.
///
/// @param client          the client, not NULL; any number of threads may share it.
/// @param from_account    the UserID whose list it is, not NULL, not empty, UTF-8.
/// @param time_stamp      0 for the first page, then `/TimeStamp` of the page before; so the other three with their own members.
/// @param start_index     0, then `/StartIndex`.
/// @param top_time_stamp  0, then `/TopTimeStamp`.
/// @param top_start_index 0, then `/TopStartIndex`.
/// @param assist_flags    `CHAT_ASSIST_FLAGS` unless you know better.
/// @param options         what this call does differently, or NULL.
/// @param response        receives the answer whatever the result, to be freed with `chat_response_free`; NULL if not wanted.
///                        `/SessionItem` holds conversations: `Type`, `To_Account` or `GroupId`, `MsgTime` (seconds since 1970),
///                        `TopFlag`, and, where set, `StandardMark`, `CustomMark`, `ContactGroupId`; `/CompleteFlag` is 1 on the last
///                        page. The plan's number of cloud conversations caps what comes, so a complete answer is no proof of
///                        completeness. No order is promised.
/// @return 0; a negative `CHAT_ERR_*`; or the service's code: 50001 to 50005.
/// @since 0.1.0
#[no_mangle]
#[allow(unsafe_code)]
#[allow(clippy::too_many_arguments)] // the service's four cursors
pub unsafe extern "C" fn chat_recent_contact_get_list(
    client: *const chat_client,
    from_account: *const c_char,
    time_stamp: i64,
    start_index: i64,
    top_time_stamp: i64,
    top_start_index: i64,
    assist_flags: u32,
    options: *const chat_call_options,
    response: *mut *mut chat_response,
) -> c_int {
    boundary::call(client, options, response, |call| {
        let from_account = boundary::text(from_account, "from_account")?;
        let cursor = [time_stamp, start_index, top_time_stamp, top_start_index].map(Value::from);
        Ok(call.send(&RecentContactGetList::new(from_account, cursor, assist_flags)))
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_body_is_the_documented_one() {
        let request = RecentContactGetList::new("user_0001", [0, 0, 0, 0].map(Value::from), CHAT_ASSIST_FLAGS);
        let sent: Value = serde_json::from_slice(&request.body()).unwrap();
        assert_eq!(
            sent,
            json!({"From_Account": "user_0001", "TimeStamp": 0, "StartIndex": 0, "TopTimeStamp": 0, "TopStartIndex": 0,
                "AssistFlags": 63})
        );
    }
}
