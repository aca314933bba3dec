//! What the body of an answer says: success, a code of the service, or nothing that can be relied on.
//! Success is exactly `ErrorCode` 0 and `ActionStatus` `OK` (1047/34620), except where the command's answers have no `ActionStatus`
//! (1047/34924). Numbers given as strings, a missing `ErrorInfo` and unknown members are accepted; a contradiction is never taken for
//! success.

mod failed;
mod scalar;

use std::fmt;

use serde::de::{self, Deserializer, MapAccess, Visitor};
use serde::Deserialize;

use self::failed::{Failed, Look};
use self::scalar::Scalar;
use crate::error::{CHAT_ERR_PARTIAL, CHAT_ERR_PROTOCOL, CHAT_ERR_SERVICE, CHAT_OK};
use crate::text::canonical;

/// What a body that came with HTTP 200 says.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Answer {
    pub code: i32,
    /// For ours: why. For a code of the service: its `ErrorInfo`.
    pub text: String,
}

/// `needs_status`: without `ActionStatus` nothing is a success.
pub(crate) fn judge(body: &[u8], needs_status: bool) -> Answer {
    let mut failed = Failed::default();
    match whole(body, &mut failed) {
        Some(envelope) => envelope.answer(needs_status, || of_items(&failed)),
        None => judge_repaired(body, needs_status),
    }
}

/// The same for an answer with a bad text somewhere, which is no reason to lose what stands beside it.
#[cold]
fn judge_repaired(body: &[u8], needs_status: bool) -> Answer {
    let Some(body) = canonical(body) else {
        return protocol("no memory to read the answer");
    };
    let mut failed = Failed::default();
    match whole(&body, &mut failed) {
        Some(envelope) => envelope.answer(needs_status, || of_items(&failed)),
        None => judge_in_part(&body, &failed, needs_status),
    }
}

/// The same for an answer with a member that no accessor could read, one that is nested too deeply: a code of the service in it still
/// counts, a success does not.
fn judge_in_part(body: &[u8], failed: &Failed, needs_status: bool) -> Answer {
    let unreadable = failed
        .unreadable
        .as_deref()
        .unwrap_or("a member of the answer is nested too deeply");
    // serde would also read a list into a struct.
    let is_object = body.trim_ascii_start().starts_with(b"{");
    match serde_json::from_slice::<Envelope>(body) {
        Ok(envelope) if is_object => envelope.answer(needs_status, || protocol(unreadable)),
        Err(_) if body.is_empty() => protocol("the answer is empty"),
        Err(error) if !error.is_data() => protocol("the answer is not JSON"),
        Ok(_) | Err(_) => protocol("the answer is JSON, but no object of the service's shape"),
    }
}

fn answer(code: i32, text: &str) -> Answer {
    Answer {
        code,
        text: text.to_owned(),
    }
}

fn of_items(failed: &Failed) -> Answer {
    failed
        .text()
        .map_or_else(|| answer(CHAT_OK, ""), |text| answer(CHAT_ERR_PARTIAL, &text))
}

fn protocol(text: &str) -> Answer {
    answer(CHAT_ERR_PROTOCOL, text)
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

impl Envelope<'_> {
    /// What the three members say together; of a success, what its items say.
    fn answer(&self, needs_status: bool, items: impl FnOnce() -> Answer) -> Answer {
        let info = self.error_info.text().unwrap_or("");
        let is_missing = matches!(self.action_status, Scalar::Missing);
        match (self.action_status.text(), self.error_code.integer()) {
            (Some("OK"), Some(0)) => items(),
            (None, Some(0)) if is_missing && !needs_status => items(),
            (Some("OK"), Some(_)) => protocol("the answer contradicts itself: ActionStatus OK with an ErrorCode"),
            (Some("OK"), None) => protocol("the answer says ActionStatus OK but has no readable ErrorCode"),
            (Some("FAIL") | None, Some(code @ 1..=0x7fff_ffff)) => answer(code as i32, info),
            (Some("FAIL"), _) => answer(CHAT_ERR_SERVICE, info),
            (_, _) => protocol("the answer has no readable ActionStatus"),
        }
    }
}

/// Reads an answer in one go: its three members, and what it says of its items. Whether all of it is UTF-8 is asked once, not of each text.
fn whole<'a>(body: &'a [u8], failed: &mut Failed) -> Option<Envelope<'a>> {
    let mut json = serde_json::Deserializer::from_str(std::str::from_utf8(body).ok()?);
    let answer = json.deserialize_map(EnvelopeVisitor(failed)).ok()?;
    json.end().ok()?;
    Some(answer)
}

struct EnvelopeVisitor<'a>(&'a mut Failed);

impl<'de> Visitor<'de> for EnvelopeVisitor<'_> {
    type Value = Envelope<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an answer of the service")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Self::Value, A::Error> {
        let mut answer = Envelope::default();
        while let Some(name) = members.next_key::<Scalar>()? {
            let (member, name) = match name.text().unwrap_or_default() {
                "ActionStatus" => (&mut answer.action_status, "ActionStatus"),
                "ErrorCode" => (&mut answer.error_code, "ErrorCode"),
                "ErrorInfo" => (&mut answer.error_info, "ErrorInfo"),
                other => {
                    Look::top(self.0).member(other, &mut members)?;
                    continue;
                }
            };
            if !matches!(member, Scalar::Missing) {
                return Err(de::Error::duplicate_field(name));
            }
            *member = members.next_value()?;
        }
        Ok(answer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judge(body: &[u8]) -> Answer {
        super::judge(body, true)
    }

    fn code(body: &str) -> i32 {
        judge(body.as_bytes()).code
    }

    #[test]
    fn where_answers_have_no_action_status_a_code_of_zero_is_enough_and_nothing_else_is() {
        let lenient = |body: &str| super::judge(body.as_bytes(), false).code;
        for body in [
            r#"{"ErrorCode":0,"ErrorInfo":"","C2CUnreadMsgNumList":[]}"#,
            r#"{"ErrorCode":0.0}"#,
            r#"{"ErrorCode":0,"ActionStatus":null}"#,
            r#"{"ErrorCode":0,"ErrorInfo":"party \ud83c"}"#,
        ] {
            assert_eq!(lenient(body), CHAT_OK, "{body}");
            assert_eq!(code(body), CHAT_ERR_PROTOCOL, "{body}");
        }
        assert_eq!(
            lenient(r#"{"ErrorCode":0,"R":[{"ResultCode":70107}]}"#),
            CHAT_ERR_PARTIAL
        );
        assert_eq!(lenient(r#"{"ErrorCode":10002}"#), 10002);
        for body in [
            "{}",
            r#"{"ErrorInfo":""}"#,
            r#"{"ErrorCode":null}"#,
            r#"{"ErrorCode":0.5}"#,
            r#"{"ErrorCode":0,"ActionStatus":0}"#,
            r#"{"ErrorCode":0,"ActionStatus":""}"#,
            r#"{"ErrorCode":0,"ActionStatus":"ok"}"#,
            r#"{"ErrorCode":50004,"ActionStatus":"OK"}"#,
        ] {
            assert_eq!(lenient(body), CHAT_ERR_PROTOCOL, "{body}");
        }
        assert_eq!(lenient(r#"{"ErrorCode":0,"ActionStatus":"FAIL"}"#), CHAT_ERR_SERVICE);
    }

    #[test]
    fn a_success_with_a_member_that_cannot_be_read_is_not_relied_on() {
        for depth in [200, 20_000] {
            let member = format!("{}{}", "[".repeat(depth), "]".repeat(depth));
            let body = format!(r#"{{"ActionStatus":"OK","ErrorCode":0,"X":{member},"G":1}}"#);
            assert_eq!(code(&body), CHAT_ERR_PROTOCOL, "{depth}");
            let body = format!(r#"{{"ActionStatus":"FAIL","ErrorCode":51009,"X":{member}}}"#);
            assert_eq!(code(&body), 51009, "{depth}");
        }
    }

    #[test]
    fn a_bad_text_spoils_neither_the_code_nor_a_success() {
        for bad in [
            &b"party \\ud83c"[..],
            b"\\udc00",
            b"party \xf0\x9f",
            b"\xc8\xba\xd7\xe9",
            b"\xff",
            b"a\tb\x01",
            b"\\x41",
        ] {
            for (head, expected) in [
                (r#"{"ActionStatus":"FAIL","ErrorCode":51009,"ErrorInfo":""#, 51009),
                (
                    r#"{"ActionStatus":"FAIL","ErrorCode":70001,"ErrorInfo":"","X":""#,
                    70001,
                ),
                (
                    r#"{"ActionStatus":"FAIL","ErrorCode":60007,"ErrorInfo":"","X":[{"Y":""#,
                    60007,
                ),
                (
                    r#"{"ActionStatus":"OK","ErrorCode":0,"ContactItem":[{"CustomMark":""#,
                    CHAT_OK,
                ),
                (
                    r#"{"ActionStatus":"OK","ErrorCode":0,"ResultItem":[{"ResultCode":51007,"ResultInfo":""#,
                    CHAT_ERR_PARTIAL,
                ),
            ] {
                let close = if head.contains('[') { "\"}]}" } else { "\"}" };
                let body = [head.as_bytes(), bad, close.as_bytes()].concat();
                assert_eq!(judge(&body).code, expected, "{}", String::from_utf8_lossy(&body));
            }
        }
    }

    #[test]
    fn codes_are_read_in_every_form_json_has_for_an_integer() {
        for number in [
            "51009",
            "51009.0",
            "5.1009e4",
            "5.1009E+04",
            "510090e-1",
            "\"51009\"",
            "\"51009.0\"",
        ] {
            assert_eq!(
                code(&format!(r#"{{"ActionStatus":"FAIL","ErrorCode":{number}}}"#)),
                51009,
                "{number}"
            );
            let items = format!(r#"{{"ActionStatus":"OK","ErrorCode":0.0,"ResultItem":[{{"ResultCode":{number}}}]}}"#);
            let answer = judge(items.as_bytes());
            assert_eq!(answer.code, CHAT_ERR_PARTIAL, "{number}");
            assert!(answer.text.ends_with("with ResultCode 51009"), "{}", answer.text);
        }
        for number in ["51009.5", "true", "[51009]", "null"] {
            assert_eq!(
                code(&format!(r#"{{"ActionStatus":"FAIL","ErrorCode":{number}}}"#)),
                CHAT_ERR_SERVICE,
                "{number}"
            );
        }
    }

    #[test]
    fn null_is_as_absent_and_what_has_another_type_is_no_success() {
        let with =
            |member: &str| judge(format!(r#"{{"ActionStatus":"OK","ErrorCode":0,"R":[{{{member}}}]}}"#).as_bytes());
        for member in [r#""ResultCode":null"#, r#""FailAccounts":null"#, r#""X":1e999"#] {
            assert_eq!(with(member).code, CHAT_OK, "{member}");
        }
        for member in [
            r#""ResultCode":0.5"#,
            r#""ResultCode":"x""#,
            r#""ResultCode":[]"#,
            r#""ResultCode":true"#,
        ] {
            let answer = with(member);
            assert_eq!(answer.code, CHAT_ERR_PARTIAL, "{member}");
            assert_eq!(answer.text, "1 failed, first /R/0 with a ResultCode that is no integer");
        }
        for list in [r#""x""#, "1", "{}", "true"] {
            let answer = with(&format!(r#""FailAccounts":{list}"#));
            assert_eq!(answer, protocol("/R/0/FailAccounts is no list"), "{list}");
        }
        assert_eq!(
            code(r#"{"ActionStatus":null,"ErrorCode":51009,"ErrorInfo":null}"#),
            51009
        );
        assert_eq!(code(r#"{"ActionStatus":"OK","ErrorCode":null}"#), CHAT_ERR_PROTOCOL);
    }

    #[test]
    fn a_byte_order_mark_before_the_answer_is_skipped() {
        assert_eq!(
            judge(b"\xef\xbb\xbf{\"ActionStatus\":\"OK\",\"ErrorCode\":0}").code,
            CHAT_OK
        );
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
        let answer = judge(r#"{"ActionStatus":"FAIL","ErrorCode":51009,"ErrorInfo":"グループ"}"#.as_bytes());
        assert_eq!(
            answer,
            Answer {
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
        let answer = judge(
            br#"{"ResultItem":[{"UserID":"a","ResultCode":0},{"UserID":"b","ResultCode":70107}],"ActionStatus":"OK","ErrorCode":0}"#,
        );
        assert_eq!(answer.code, CHAT_ERR_PARTIAL);
        assert_eq!(answer.text, "1 failed, first /ResultItem/1 with ResultCode 70107");
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
