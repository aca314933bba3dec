//! `v4/recentcontact/mark_contact`: sets and clears marks of conversations (1047/53438).

use std::borrow::Cow;

use serde::Serialize;

use super::lists::{check_length, check_some, Mark};
use super::{check_from_account, json, Endpoint};
use crate::error::Error;

/// The request.
#[derive(Debug, Serialize)]
pub struct MarkContact<'a> {
    #[serde(rename = "From_Account")]
    from_account: &'a str,
    #[serde(rename = "MarkItem")]
    marks: &'a [Mark],
}

impl<'a> MarkContact<'a> {
    pub fn new(from_account: &'a str, marks: &'a [Mark]) -> Self {
        MarkContact { from_account, marks }
    }
}

impl Endpoint for MarkContact<'_> {
    const REPEATABLE: bool = true;

    fn path(&self) -> &str {
        "v4/recentcontact/mark_contact"
    }

    fn check(&self, limits: bool) -> Result<(), Error> {
        check_from_account(self.from_account)?;
        check_some("marks", self.marks.len())?;
        check_length("marks", self.marks.len(), 100, "51006", limits)?;
        self.marks
            .iter()
            .enumerate()
            .try_for_each(|(place, mark)| mark.check(place, limits))
    }

    fn body(&self) -> Cow<'_, [u8]> {
        json(self)
    }
}
