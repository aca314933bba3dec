//! `v4/recentcontact/delete`: deletes one conversation from a user's list (1047/43088).
//! Its groups and marks live apart and stay.

use std::borrow::Cow;

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

use super::lists::Contact;
use super::{check_from_account, json, Endpoint};
use crate::error::Error;

/// The request. Here, and only here, the vendor spells the group's id `ToGroupid`.
#[derive(Debug)]
pub struct RecentContactDelete<'a> {
    from_account: &'a str,
    contact: Contact,
    clear_ramble: bool,
}

impl<'a> RecentContactDelete<'a> {
    pub fn new(from_account: &'a str, contact: Contact, clear_ramble: bool) -> Self {
        RecentContactDelete {
            from_account,
            contact,
            clear_ramble,
        }
    }
}

impl Serialize for RecentContactDelete<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(4))?;
        map.serialize_entry("From_Account", self.from_account)?;
        self.contact.write(&mut map, "ToGroupid")?;
        map.serialize_entry("ClearRamble", &u8::from(self.clear_ramble))?;
        map.end()
    }
}

impl Endpoint for RecentContactDelete<'_> {
    const REPEATABLE: bool = true;

    fn path(&self) -> &str {
        "v4/recentcontact/delete"
    }

    fn check(&self, _limits: bool) -> Result<(), Error> {
        check_from_account(self.from_account)
    }

    fn body(&self) -> Cow<'_, [u8]> {
        json(self)
    }
}
