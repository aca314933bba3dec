//! `v4/recentcontact/get_list`: one page of a user's conversation list (1047/43087).

use std::borrow::Cow;

use serde::Serialize;
use serde_json::Value;

use super::{check_from_account, json, Endpoint};
use crate::error::Error;
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
