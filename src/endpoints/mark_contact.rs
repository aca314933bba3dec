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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::lists::Contact;
    use super::*;

    fn mark(custom: Option<&str>) -> Mark {
        Mark::new(Contact::new(1, "user_0002").unwrap(), 0b1110, 0, custom).unwrap()
    }

    #[test]
    fn the_body_is_the_documented_one() {
        let marks = [mark(Some("abcd"))];
        let sent: serde_json::Value = serde_json::from_slice(&MarkContact::new("user_0001", &marks).body()).unwrap();
        assert_eq!(
            sent,
            json!({"From_Account": "user_0001", "MarkItem": [{"OptType": 3,
                "ContactItem": {"Type": 1, "To_Account": "user_0002"}, "SetMark": [1, 2, 3], "CustomMark": "abcd"}]})
        );
    }

    #[test]
    fn length_of_list_and_custom_mark_are_checked_unless_the_service_decides() {
        let many = vec![mark(None); 101];
        assert!(MarkContact::new("u", &many)
            .check(true)
            .unwrap_err()
            .message
            .contains("marks has 101 items"));
        assert!(MarkContact::new("u", &[])
            .check(false)
            .unwrap_err()
            .message
            .contains("marks is empty"));
        let long = [mark(Some(&"x".repeat(256))), mark(Some(&"x".repeat(257)))];
        assert_eq!(MarkContact::new("u", &long[..1]).check(true), Ok(()));
        let error = MarkContact::new("u", &long).check(true).unwrap_err();
        assert!(
            error.message.starts_with("marks[1]: custom_mark has 257 bytes"),
            "{error}"
        );
        assert_eq!(MarkContact::new("u", &long).check(false), Ok(()));
    }
}
