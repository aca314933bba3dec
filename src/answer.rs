//! What the body of an answer says: success, a code of the service, or nothing that can be relied on.
//! Success is `ErrorCode` 0 and `ActionStatus` `OK` and nothing less (1047/34620). Numbers given as strings, a missing `ErrorInfo`
//! and members nobody knows are survived; a contradiction is never taken for success.

use std::borrow::Cow;
use std::fmt;

use serde::de::{DeserializeSeed, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};

use crate::error::{CHAT_ERR_PARTIAL, CHAT_ERR_PROTOCOL, CHAT_ERR_SERVICE, CHAT_OK};

/// The verdict on a body that came with HTTP 200.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Verdict {
    pub code: i32,
    /// For ours: why. For a code of the service: its `ErrorInfo`.
    pub text: String,
}

pub(crate) fn judge(body: &[u8]) -> Verdict {
    let verdict = |code, text: &str| Verdict {
        code,
        text: text.to_owned(),
    };
    let protocol = |text| verdict(CHAT_ERR_PROTOCOL, text);
    // serde would also read a list into a struct.
    let is_object = body.trim_ascii_start().starts_with(b"{");
    let answer: Envelope = match serde_json::from_slice(body) {
        Ok(answer) if is_object => answer,
        Err(_) if body.is_empty() => return protocol("the answer is empty"),
        Err(error) if !error.is_data() => return protocol("the answer is not JSON"),
        Ok(_) | Err(_) => return protocol("the answer is JSON, but no object of the service's shape"),
    };
    let info = answer.error_info.text().unwrap_or("");
    match (answer.action_status.text(), answer.error_code.integer()) {
        (Some("OK"), Some(0)) => items(body),
        (Some("OK"), Some(_)) => protocol("the answer contradicts itself: ActionStatus OK with an ErrorCode"),
        (Some("OK"), None) => protocol("the answer says ActionStatus OK but has no readable ErrorCode"),
        (Some("FAIL") | None, Some(code @ 1..=0x7fff_ffff)) => verdict(code as i32, info),
        (Some("FAIL"), _) => verdict(CHAT_ERR_SERVICE, info),
        (_, _) => protocol("the answer has no readable ActionStatus"),
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Envelope<'a> {
    #[serde(rename = "ActionStatus", borrow)]
    action_status: Scalar<'a>,
    #[serde(rename = "ErrorCode", borrow)]
    error_code: Scalar<'a>,
    #[serde(rename = "ErrorInfo", borrow)]
    error_info: Scalar<'a>,
}

/// A member as it may come, borrowed where it can be.
#[derive(Default)]
enum Scalar<'a> {
    Integer(i64),
    Text(Cow<'a, str>),
    Other,
    #[default]
    Missing,
}

/// By hand: serde's untagged enums keep a copy of the value and word an error for each form that it has not.
impl<'de: 'a, 'a> Deserialize<'de> for Scalar<'a> {
    fn deserialize<D: Deserializer<'de>>(json: D) -> Result<Self, D::Error> {
        json.deserialize_any(AnyScalar)
    }
}

struct AnyScalar;

impl<'de> Visitor<'de> for AnyScalar {
    type Value = Scalar<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON")
    }

    fn visit_i64<E>(self, integer: i64) -> Result<Self::Value, E> {
        Ok(Scalar::Integer(integer))
    }

    fn visit_u64<E>(self, integer: u64) -> Result<Self::Value, E> {
        Ok(i64::try_from(integer).map_or(Scalar::Other, Scalar::Integer))
    }

    fn visit_f64<E>(self, _: f64) -> Result<Self::Value, E> {
        Ok(Scalar::Other)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Self::Value, E> {
        Ok(Scalar::Other)
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(Scalar::Other)
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(Scalar::Text(Cow::Borrowed(text)))
    }

    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Scalar::Text(Cow::Owned(text.to_owned())))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self::Value, A::Error> {
        while items.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Scalar::Other)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Self::Value, A::Error> {
        while members.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Scalar::Other)
    }
}

impl Scalar<'_> {
    fn text(&self) -> Option<&str> {
        match self {
            Scalar::Text(text) => Some(text),
            _ => None,
        }
    }

    fn integer(&self) -> Option<i64> {
        match self {
            Scalar::Integer(integer) => Some(*integer),
            Scalar::Text(text) => text.parse().ok(),
            _ => None,
        }
    }
}

/// Batch answers carry a `ResultCode` per item, older ones a list `FailAccounts`; new pages name only `ErrorCode`, so both levels are read.
fn items(body: &[u8]) -> Verdict {
    let ok = Verdict {
        code: CHAT_OK,
        text: String::new(),
    };
    let mut failed = Failed::default();
    let mut json = serde_json::Deserializer::from_slice(body);
    let look = Look {
        failed: &mut failed,
        pointer: &mut String::new(),
    };
    if look.deserialize(&mut json).is_err() {
        // A member in the middle that no accessor could read: too deep, a number beyond all numbers, half a character.
        return Verdict {
            code: CHAT_ERR_PROTOCOL,
            text: "a member of the answer cannot be read".into(),
        };
    }
    match failed.first {
        None => ok,
        Some(first) => Verdict {
            code: CHAT_ERR_PARTIAL,
            text: format!("{} failed, first {first}", failed.count),
        },
    }
}

#[derive(Default)]
struct Failed {
    count: usize,
    first: Option<String>,
}

impl Failed {
    fn add(&mut self, what: impl FnOnce() -> String) {
        self.count += 1;
        self.first.get_or_insert_with(what);
    }
}

/// Walks an answer without building it: a small answer can make a large tree.
struct Look<'a> {
    failed: &'a mut Failed,
    /// Where the walk is, as a JSON Pointer.
    pointer: &'a mut String,
}

impl Look<'_> {
    /// The same walk one step further down, and back.
    fn step<T>(&mut self, name: &str, walk: impl FnOnce(Look<'_>) -> T) -> T {
        let length = self.pointer.len();
        self.pointer.push('/');
        self.pointer.push_str(name);
        let walked = walk(Look {
            failed: self.failed,
            pointer: self.pointer,
        });
        self.pointer.truncate(length);
        walked
    }
}

impl<'de> DeserializeSeed<'de> for Look<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<(), D::Error> {
        json.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Look<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON")
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut members: A) -> Result<(), A::Error> {
        while let Some(name) = members.next_key::<Scalar>()? {
            let name = name.text().unwrap_or_default();
            match name {
                "ResultCode" => {
                    let code = members.next_value::<Scalar>()?.integer();
                    if code != Some(0) {
                        let code = code.map_or("that is no number".to_owned(), |code| code.to_string());
                        let Look { failed, pointer } = &mut self;
                        failed.add(|| format!("{pointer} with ResultCode {code}"));
                    }
                }
                "FailAccounts" => members.next_value_seed(FailAccounts(&mut self))?,
                _ => self.step(name, |look| members.next_value_seed(look))?,
            }
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut items: A) -> Result<(), A::Error> {
        let mut place = 0;
        while self
            .step(&place.to_string(), |look| items.next_element_seed(look))?
            .is_some()
        {
            place += 1;
        }
        Ok(())
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }
}

/// The accounts that an older answer lists as failed.
struct FailAccounts<'a, 'b>(&'a mut Look<'b>);

impl<'de> DeserializeSeed<'de> for FailAccounts<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<(), D::Error> {
        json.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for FailAccounts<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of accounts")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut accounts: A) -> Result<(), A::Error> {
        let Look { failed, pointer } = self.0;
        while let Some(account) = accounts.next_element::<Scalar>()? {
            failed.add(|| format!("{pointer}/FailAccounts: {:?}", account.text().unwrap_or("no text")));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(body: &str) -> i32 {
        judge(body.as_bytes()).code
    }

    #[test]
    fn a_success_with_a_member_that_cannot_be_read_is_not_relied_on() {
        for member in ["1e999", r#""\ud800""#, &"[".repeat(200)] {
            let body = format!(r#"{{"ActionStatus":"OK","ErrorCode":0,"X":{member},"G":1}}"#);
            assert_eq!(code(&body), CHAT_ERR_PROTOCOL, "{member}");
        }
        let broken = [
            br#"{"ActionStatus":"OK","ErrorCode":0,"X":""#.as_slice(),
            b"\xff",
            br#""}"#,
        ]
        .concat();
        assert_eq!(judge(&broken).code, CHAT_ERR_PROTOCOL);
    }

    #[test]
    fn success_is_code_zero_and_ok_and_nothing_less() {
        assert_eq!(code(r#"{"ActionStatus":"OK","ErrorCode":0,"ErrorInfo":""}"#), CHAT_OK);
        assert_eq!(code(r#"{"ErrorCode":0}"#), CHAT_ERR_PROTOCOL);
        assert_eq!(code(r#"{"ActionStatus":"OK"}"#), CHAT_ERR_PROTOCOL);
        assert_eq!(code(r#"{"ActionStatus":"ok","ErrorCode":0}"#), CHAT_ERR_PROTOCOL);
    }

    #[test]
    fn contradictions_are_never_success() {
        assert_eq!(code(r#"{"ActionStatus":"OK","ErrorCode":50004}"#), CHAT_ERR_PROTOCOL);
        assert_eq!(code(r#"{"ActionStatus":"FAIL","ErrorCode":0}"#), CHAT_ERR_SERVICE);
        assert_eq!(code(r#"{"ActionStatus":"FAIL"}"#), CHAT_ERR_SERVICE);
        assert_eq!(code(r#"{"ActionStatus":"FAIL","ErrorCode":-4}"#), CHAT_ERR_SERVICE);
        assert_eq!(
            code(r#"{"ActionStatus":"FAIL","ErrorCode":99999999999}"#),
            CHAT_ERR_SERVICE
        );
    }

    #[test]
    fn the_services_code_comes_through_with_its_text() {
        let verdict = judge(r#"{"ActionStatus":"FAIL","ErrorCode":51009,"ErrorInfo":"グループ"}"#.as_bytes());
        assert_eq!(
            verdict,
            Verdict {
                code: 51009,
                text: "グループ".into()
            }
        );
    }

    #[test]
    fn numbers_as_strings_missing_error_info_and_unknown_members_are_survived() {
        assert_eq!(
            code(r#"{"ActionStatus":"OK","ErrorCode":"0","RequestId":{"a":[1,{}]},"ErrorDisplay":null}"#),
            CHAT_OK
        );
        assert_eq!(code(r#"{"ActionStatus":"FAIL","ErrorCode":"70001"}"#), 70001);
        assert_eq!(
            code(r#"{"ActionStatus":"FAIL","ErrorCode":60002,"ErrorInfo":null}"#),
            60002
        );
        assert_eq!(code(r#"{"ErrorCode":60002,"ErrorInfo":"x"}"#), 60002);
    }

    #[test]
    fn what_is_not_the_services_json_is_a_protocol_error() {
        for body in [
            "",
            "<html>",
            "[]",
            "null",
            "7",
            r#"{"ActionStatus":"OK","ErrorCode":0"#,
            r#"{"ActionStatus":1,"ErrorCode":1.5}"#,
        ] {
            assert_eq!(code(body), CHAT_ERR_PROTOCOL, "{body}");
        }
        assert_eq!(judge(b"\xff{").code, CHAT_ERR_PROTOCOL);
    }

    #[test]
    fn failed_items_under_an_ok_are_told() {
        let verdict = judge(
            br#"{"ResultItem":[{"UserID":"a","ResultCode":0},{"UserID":"b","ResultCode":70107}],"ActionStatus":"OK","ErrorCode":0}"#,
        );
        assert_eq!(verdict.code, CHAT_ERR_PARTIAL);
        assert_eq!(verdict.text, "1 failed, first /ResultItem/1 with ResultCode 70107");
        assert_eq!(
            code(r#"{"FailAccounts":["x"],"ActionStatus":"OK","ErrorCode":0}"#),
            CHAT_ERR_PARTIAL
        );
        assert_eq!(
            code(r#"{"FailAccounts":[],"ResultItem":[{"ResultCode":"0"}],"ActionStatus":"OK","ErrorCode":0}"#),
            CHAT_OK
        );
    }

    #[test]
    fn failed_items_beside_something_too_deep_to_read_are_not_taken_for_success() {
        let deep = format!("{}{}", "[".repeat(200), "]".repeat(200));
        let body =
            format!(r#"{{"Deep":{deep},"ResultItem":[{{"ResultCode":70107}}],"ActionStatus":"OK","ErrorCode":0}}"#);
        assert_eq!(code(&body), CHAT_ERR_PROTOCOL);
    }

    #[test]
    fn a_name_in_a_text_is_no_failed_item() {
        assert_eq!(
            code(r#"{"Text":"\"ResultCode\"","ActionStatus":"OK","ErrorCode":0}"#),
            CHAT_OK
        );
    }
}
