//! `v4/recentcontact/mark_contact`: sets and clears marks of conversations (1047/53438).

use std::borrow::Cow;
use std::os::raw::{c_char, c_int};

use serde::Serialize;

use super::lists::{check_length, check_some, Mark};
use super::{check_from_account, json, Endpoint};
use crate::error::Error;
use crate::ffi::boundary;
use crate::ffi::{chat_call_options, chat_client, chat_marks, chat_response};

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

/// Sets and clears marks of up to 100 conversations (`v4/recentcontact/mark_contact`, 1047/53438).
///
/// Blocks until the answer or the deadline. Any thread.
///
/// @param client       the client, not NULL; any number of threads may share it.
/// @param from_account the UserID whose conversations they are, not NULL, not empty, UTF-8.
/// @param marks        what to do to which conversation, not NULL: 1 to 100 items.
/// @param options      what this call does differently, or NULL.
/// @param response     receives the answer whatever the result, to be freed with `chat_response_free`; NULL if not wanted.
///                     `/ResultItem/0/ResultCode` and so on say what became of each item.
/// @return 0; a negative `CHAT_ERR_*`, with `CHAT_ERR_PARTIAL` when an item was refused; or the service's code: 50001 to 50005, 51006
///         too many conversations, 51007 (of an item) a dismissed chat group, 51008 1,000 conversations with marks, 51013 not in the
///         plan.
/// @since 0.1.0
#[no_mangle]
#[allow(unsafe_code)]
pub unsafe extern "C" fn chat_mark_contact(
    client: *const chat_client,
    from_account: *const c_char,
    marks: *const chat_marks,
    options: *const chat_call_options,
    response: *mut *mut chat_response,
) -> c_int {
    boundary::call(client, options, response, |call| {
        let from_account = boundary::text(from_account, "from_account")?;
        let marks = boundary::list(marks, "marks")?;
        Ok(call.send(&MarkContact::new(from_account, marks)))
    })
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
