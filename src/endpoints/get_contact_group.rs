//! `v4/recentcontact/get_contact_group`: one page of a user's marks and groups (1047/53440).

use std::borrow::Cow;

use serde::Serialize;
use serde_json::Value;

use super::{check_from_account, json, Endpoint};
use crate::error::Error;
use crate::paging::{Items, Paged};

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

impl Items {
    /// A user's conversations that have a group or a mark, as `get_contact_group` gives them.
    pub fn contact_groups(from_account: &str) -> Self {
        Items::new(&PAGES, from_account)
    }
}
