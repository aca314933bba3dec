//! `v4/recentcontact/search_contact_group`: looks up marks and groups of given conversations (1047/53442).

use std::borrow::Cow;

use serde::Serialize;

use super::lists::{check_length, check_some, Contact};
use super::{check_from_account, json, Endpoint};
use crate::error::Error;

/// The request.
#[derive(Debug, Serialize)]
pub struct SearchContactGroup<'a> {
    #[serde(rename = "From_Account")]
    from_account: &'a str,
    #[serde(rename = "ContactItem")]
    contacts: &'a [Contact],
}

impl<'a> SearchContactGroup<'a> {
    pub fn new(from_account: &'a str, contacts: &'a [Contact]) -> Self {
        SearchContactGroup { from_account, contacts }
    }
}

impl Endpoint for SearchContactGroup<'_> {
    const REPEATABLE: bool = true;

    fn path(&self) -> &str {
        "v4/recentcontact/search_contact_group"
    }

    fn check(&self, limits: bool) -> Result<(), Error> {
        check_from_account(self.from_account)?;
        check_some("contacts", self.contacts.len())?;
        check_length("contacts", self.contacts.len(), 300, "50002", limits)
    }

    fn body(&self) -> Cow<'_, [u8]> {
        json(self)
    }
}
