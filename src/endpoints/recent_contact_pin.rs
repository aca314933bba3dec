//! `v4/recentcontact/top`: pins conversations of a user's list to its top, or unpins them (269/103772, 1047/78304).

use std::borrow::Cow;

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

use super::lists::{check_length, check_some, Contact};
use super::{check_from_account, json, Endpoint};
use crate::error::Error;

/// The request. One command of the service, two functions here: each says what it does.
#[derive(Debug, Serialize)]
pub struct RecentContactPin<'a> {
    #[serde(rename = "From_Account")]
    from_account: &'a str,
    #[serde(rename = "OperationType")]
    operation: u8,
    #[serde(rename = "RecentContactItem", serialize_with = "with_group_id")]
    contacts: &'a [Contact],
}

impl<'a> RecentContactPin<'a> {
    pub fn pin(from_account: &'a str, contacts: &'a [Contact]) -> Self {
        RecentContactPin {
            from_account,
            operation: 1,
            contacts,
        }
    }

    pub fn unpin(from_account: &'a str, contacts: &'a [Contact]) -> Self {
        RecentContactPin {
            operation: 2,
            ..RecentContactPin::pin(from_account, contacts)
        }
    }
}

/// A chat group's id is `GroupId` here.
fn with_group_id<S: Serializer>(contacts: &[Contact], serializer: S) -> Result<S::Ok, S::Error> {
    struct Item<'a>(&'a Contact);
    impl Serialize for Item<'_> {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            let mut map = serializer.serialize_map(Some(2))?;
            self.0.write(&mut map, "GroupId")?;
            map.end()
        }
    }
    serializer.collect_seq(contacts.iter().map(Item))
}

impl Endpoint for RecentContactPin<'_> {
    const REPEATABLE: bool = true;

    fn path(&self) -> &str {
        "v4/recentcontact/top"
    }

    /// No page says how many one call takes; a hundred is what the other calls on a user's conversations take.
    fn check(&self, limits: bool) -> Result<(), Error> {
        check_from_account(self.from_account)?;
        check_some("contacts", self.contacts.len())?;
        check_length("contacts", self.contacts.len(), 100, "50002", limits)
    }

    fn body(&self) -> Cow<'_, [u8]> {
        json(self)
    }
}
