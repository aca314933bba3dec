//! The answer to one call, whatever became of it: immutable, complete, and free of secrets.
//! Its strings carry a NUL behind them so that C can borrow them; the length never counts it.

use std::borrow::Cow;
use std::fmt;

use once_cell::sync::OnceCell;
use serde_json::{Map, Value};
use zeroize::Zeroize;

use crate::attempt::Attempt;
use crate::error::{describe, Error, Repeat, CHAT_ERR_PARTIAL, CHAT_ERR_PROTOCOL, CHAT_OK, THROTTLE_PAUSE_MS};
use crate::retry::Again;
use crate::text::{canonical, integer, is_json, member_text, place, shown, tokens, unsigned};

/// A text for C: NUL-terminated bytes, the NUL not part of the text.
#[derive(Default)]
pub(crate) struct Terminated(Vec<u8>);

/// Not what it says, which may be anything that somebody sent.
impl fmt::Debug for Terminated {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} bytes", self.bytes().len())
    }
}

impl Zeroize for Terminated {
    fn zeroize(&mut self) {
        self.0.zeroize();
    }
}

impl Terminated {
    pub fn new(text: impl Into<Vec<u8>>) -> Self {
        let mut bytes = text.into();
        // An empty text needs no room: its NUL is a constant.
        if !bytes.is_empty() {
            bytes.push(0);
        }
        Terminated(bytes)
    }

    /// The same of a secret, of which no copy is left where it grew.
    pub fn secret(text: &str) -> Self {
        let mut bytes = Vec::with_capacity(text.len() + 1);
        bytes.extend_from_slice(text.as_bytes());
        bytes.push(0);
        Terminated(bytes)
    }

    /// Without the NUL.
    pub fn bytes(&self) -> &[u8] {
        self.0.strip_suffix(b"\0").unwrap_or_default()
    }

    /// With the NUL.
    pub fn with_nul(&self) -> &[u8] {
        if self.0.is_empty() {
            b"\0"
        } else {
            &self.0
        }
    }
}

/// One call's result.
#[derive(Debug, Default)]
pub struct Response {
    pub(crate) code: i32,
    pub(crate) message: Terminated,
    pub(crate) http_status: u16,
    pub(crate) body: Terminated,
    pub(crate) attempts: Vec<Attempt>,
    pub(crate) in_doubt: bool,
    pub(crate) retriable: bool,
    pub(crate) retry_after_ms: u32,
    pub(crate) already_deleted: bool,
    pub(crate) clock_ahead: Option<i64>,
    /// What this outcome says about another attempt.
    pub(crate) again: Again,
    /// The body as JSON, its strings and names NUL-terminated; made when an accessor first asks.
    tree: OnceCell<Option<Value>>,
    /// The body as [`canonical`] JSON where that differs; made at the first question.
    json: OnceCell<Option<Terminated>>,
    trace: OnceCell<Terminated>,
}

impl Response {
    /// A call that failed before anything was sent.
    pub(crate) fn refused(error: Error) -> Self {
        Response::new(error.code, error.message)
    }

    /// The same with the doubt that the request may have taken effect.
    pub(crate) fn in_doubt(mut self) -> Self {
        self.in_doubt = true;
        self
    }

    pub(crate) fn new(code: i32, message: impl Into<String>) -> Self {
        let repeat = describe(code).repeat;
        Response {
            code,
            message: Terminated::new(shown(message.into())),
            retriable: repeat != Repeat::No,
            retry_after_ms: match repeat {
                Repeat::Throttled => THROTTLE_PAUSE_MS,
                Repeat::After(ms) => ms,
                Repeat::No | Repeat::Yes => 0,
            },
            ..Response::default()
        }
    }

    /// The answer of a repeat that found that the attempt before it had done everything: a success.
    pub(crate) fn done_before(self) -> Self {
        Response {
            http_status: self.http_status,
            body: self.body,
            already_deleted: true,
            ..Response::new(CHAT_OK, "")
        }
    }

    /// A success that no service answered: the body is what was asked for.
    pub(crate) fn made(body: Terminated) -> Self {
        Response {
            body,
            ..Response::new(CHAT_OK, "")
        }
    }

    /// The same answer with another body, such as one of its items.
    pub(crate) fn with_body(&self, body: impl Into<Vec<u8>>) -> Self {
        Response {
            http_status: self.http_status,
            attempts: self.attempts.clone(),
            body: Terminated::new(body),
            ..Response::new(self.code, "")
        }
    }

    /// The same answer as an error: what is in it cannot be read.
    pub(crate) fn unreadable(self, why: &str) -> Self {
        Response {
            http_status: self.http_status,
            body: self.body,
            attempts: self.attempts,
            ..Response::new(CHAT_ERR_PROTOCOL, why)
        }
    }

    /// 0, a negative code of ours, or the service's `ErrorCode`.
    pub fn code(&self) -> i32 {
        self.code
    }

    pub fn is_ok(&self) -> bool {
        self.code == CHAT_OK
    }

    /// What went wrong and what to do; empty after success.
    pub fn message(&self) -> &str {
        std::str::from_utf8(self.message.bytes()).unwrap_or_default()
    }

    /// 0 when no answer came.
    pub fn http_status(&self) -> u16 {
        self.http_status
    }

    /// The answer's body as it came, as far as it came.
    pub fn body(&self) -> &[u8] {
        self.body.bytes()
    }

    /// Requests that were handed to the network, or tried to be.
    pub fn attempts(&self) -> usize {
        self.attempts.len()
    }

    /// The `random` of the last attempt; 0 when none was made.
    pub fn random(&self) -> u32 {
        self.attempts.last().map_or(0, |attempt| attempt.random)
    }

    /// A delete that was repeated after an attempt in doubt found nothing left to delete.
    pub fn is_already_deleted(&self) -> bool {
        self.already_deleted
    }

    /// How many seconds this machine's clock is ahead of the sender's, by the Date of its answer; negative: behind.
    pub fn clock_ahead_s(&self) -> Option<i64> {
        self.clock_ahead
    }

    pub fn is_in_doubt(&self) -> bool {
        self.in_doubt
    }

    pub fn is_retriable(&self) -> bool {
        self.retriable
    }

    pub fn retry_after_ms(&self) -> u32 {
        self.retry_after_ms
    }

    /// One JSON object an attempt: what came of it, how far it got, over which connection, and where its time went.
    pub fn trace(&self) -> &str {
        std::str::from_utf8(self.trace_terminated().bytes()).unwrap_or_default()
    }

    pub(crate) fn trace_terminated(&self) -> &Terminated {
        self.trace.get_or_init(|| {
            let attempts = self.attempts.iter().enumerate();
            let objects: Vec<String> = attempts.map(|(index, attempt)| attempt.json(index + 1)).collect();
            Terminated::new(format!("[{}]", objects.join(",")))
        })
    }

    /// The member of the answer at a JSON Pointer (RFC 6901); `None` when absent or the body is no JSON.
    pub(crate) fn at(&self, pointer: &str) -> Option<&Value> {
        let tree = self.tree.get_or_init(|| {
            let mut tree = tree(self.body());
            if let Some(tree) = &mut tree {
                terminate(tree);
            }
            tree
        });
        tokens(pointer)?.try_fold(tree.as_ref()?, |value, token| match value {
            Value::Object(members) => members.get(&format!("{token}\0")),
            Value::Array(items) => items.get(place(&token)?),
            _ => None,
        })
    }

    /// The body in the one form that every JSON parser reads alike; empty when it is no JSON.
    pub(crate) fn json(&self) -> &Terminated {
        // An answer that says what became of the call was read as JSON already.
        let is_read = self.code >= CHAT_OK || self.code == CHAT_ERR_PARTIAL;
        let differs = self.json.get_or_init(|| match canonical(self.body()) {
            Some(Cow::Borrowed(same)) if is_read || is_json(same) => None,
            Some(Cow::Owned(clean)) if is_read || is_json(&clean) => Some(Terminated::new(clean)),
            _ => Some(Terminated::default()),
        });
        differs.as_ref().unwrap_or(&self.body)
    }

    /// The answer as a tree; null when it is no JSON.
    pub fn value(&self) -> Value {
        tree(self.body()).unwrap_or_default()
    }

    /// The integer in a member of the answer, also where it is given as a string.
    pub(crate) fn integer(value: &Value) -> Option<i64> {
        value
            .as_i64()
            .or_else(|| integer(value.as_str()?.trim_end_matches('\0')))
    }

    /// The same without a sign, up to 64 bits.
    pub(crate) fn unsigned(value: &Value) -> Option<u64> {
        value
            .as_u64()
            .or_else(|| unsigned(value.as_str()?.trim_end_matches('\0')))
    }

    /// The number in a member of the answer, also where it is given as a string; none that is beyond a double's.
    pub(crate) fn double(value: &Value) -> Option<f64> {
        let text = || serde_json::from_str(value.as_str()?.trim_end_matches('\0')).ok();
        value.as_f64().or_else(text).filter(|double| double.is_finite())
    }

    /// The JSON text of a member as it stands in the answer, as a response of its own; `None` when there is no such member.
    pub(crate) fn member(&self, pointer: &str) -> Option<Response> {
        // What no other accessor can reach, in an answer nested too deeply, is no member here either.
        self.at(pointer)?;
        let json = std::str::from_utf8(self.json().bytes()).ok()?;
        Some(self.with_body(member_text(json, pointer)?))
    }
}

/// The body as a tree; `None` when it is no JSON, or when there is no memory for it: a tree takes many times its text, and an allocation
/// that fails while it grows would end the process.
pub(crate) fn tree(body: &[u8]) -> Option<Value> {
    // A list doubles as it grows; an object's smallest node has room for eleven members.
    const VALUE: usize = 2 * size_of::<Value>() + 48;
    const OBJECT: usize = 12 * (size_of::<String>() + size_of::<Value>());
    let count = |marks: &[u8]| body.iter().filter(|byte| marks.contains(byte)).count();
    let need = (count(b",:[") + 1) * VALUE + count(b"{") * OBJECT + 2 * body.len();
    let mut probe: Vec<u8> = Vec::new();
    probe.try_reserve_exact(need).ok()?;
    drop(probe);
    serde_json::from_slice(&canonical(body)?).ok()
}

/// Puts a NUL behind every string and every name, so that C can borrow it where it stands.
fn terminate(value: &mut Value) {
    match value {
        Value::String(text) => text.push('\0'),
        Value::Array(items) => items.iter_mut().for_each(terminate),
        Value::Object(members) => {
            members.values_mut().for_each(terminate);
            terminate_names(members);
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// Not inlined: each level of a nested answer would take its room on the caller's stack.
#[inline(never)]
fn terminate_names(members: &mut Map<String, Value>) {
    let named = std::mem::take(members).into_iter();
    *members = named.map(|(name, value)| (name + "\0", value)).collect();
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::attempt::{LimitedBy, Progress, Route};
    use crate::origin::Origin;
    use std::sync::Arc;

    fn with_body(body: &str) -> Response {
        Response {
            body: Terminated::new(body),
            ..Response::new(CHAT_OK, "")
        }
    }

    #[test]
    fn members_are_found_by_pointer_in_the_vendors_names() {
        let response =
            with_body(r#"{"GroupItem":[{"GroupName":"会議","GroupId":9007199254740993}],"a/b":{"m~n":"7"}}"#);
        let integer = |pointer| response.at(pointer).and_then(Response::integer);
        assert_eq!(response.at("/GroupItem/0/GroupName").unwrap(), "会議\0", "ready for C");
        assert_eq!(integer("/GroupItem/0/GroupId"), Some(9_007_199_254_740_993));
        assert_eq!(integer("/a~1b/m~0n"), Some(7), "a number given as a string");
        assert_eq!(integer("/GroupItem/0/GroupName"), None);
        assert!(response.at("/GroupItem/1/GroupName").is_none());
    }

    #[test]
    fn a_member_is_shown_in_its_own_text() {
        let response =
            with_body(r#"{"z":1.0,"A":{"b": [1, {"n": 123456789012345678901234567890}],"a":"\ud83c"},"A~":2}"#);
        let member = |pointer| {
            response
                .member(pointer)
                .map(|member| String::from_utf8(member.body().to_vec()).unwrap())
        };
        assert_eq!(member("/z").as_deref(), Some("1"));
        assert_eq!(member("/A/b/1/n").as_deref(), Some("123456789012345678901234567890"));
        assert_eq!(member("/A/a").as_deref(), Some("\"\u{fffd}\""));
        assert_eq!(
            member("/A/b").as_deref(),
            Some(r#"[1, {"n": 123456789012345678901234567890}]"#)
        );
        assert_eq!(member("/A~0").as_deref(), Some("2"));
        for pointer in ["/B", "/A/b/2", "/A/b/00", "/A/b/-", "/z/0", "A", "/"] {
            assert_eq!(member(pointer), None, "{pointer}");
            assert!(response.at(pointer).is_none(), "{pointer}");
        }
    }

    #[test]
    fn numbers_are_read_as_what_they_are() {
        let response = with_body(
            r#"{"u":18446744073709551615,"f":18446744073709551615.0,"s":"18446744073709551615","d":1.5,"e":"1.5e2","n":-1,"big":1e999,"x":"x"}"#,
        );
        let at = |name: &str| response.at(&format!("/{name}")).unwrap();
        for name in ["u", "f", "s"] {
            assert_eq!(Response::unsigned(at(name)), Some(u64::MAX), "{name}");
            assert_eq!(Response::integer(at(name)), None, "{name}");
        }
        assert_eq!(
            (Response::double(at("d")), Response::double(at("e"))),
            (Some(1.5), Some(150.0))
        );
        assert_eq!(
            (Response::double(at("n")), Response::unsigned(at("n"))),
            (Some(-1.0), None)
        );
        for name in ["big", "x"] {
            assert_eq!(
                (Response::double(at(name)), Response::integer(at(name))),
                (None, None),
                "{name}"
            );
        }
    }

    #[test]
    fn a_body_that_is_no_json_has_no_members() {
        assert!(with_body("<html>").at("").is_none());
    }

    #[test]
    fn the_trace_is_json_with_one_object_an_attempt() {
        let attempt = Attempt {
            origin: Arc::new(Origin::parse("base_url", "https://[::1]").unwrap()),
            path: "v4/recentcontact/del_contact_group".into(),
            code: 70001,
            http_status: 200,
            random: 7,
            at: std::time::Duration::from_micros(250),
            took: std::time::Duration::from_millis(12),
            progress: Progress::AnswerBegun,
            standby: false,
            limit: None,
            route: Route {
                address: Some("[::1]:443".parse().unwrap()),
                look_up: std::time::Duration::from_micros(1_500),
                ..Route::default()
            },
        };
        let response = Response {
            attempts: vec![
                attempt.clone(),
                Attempt {
                    code: 0,
                    standby: true,
                    limit: Some(LimitedBy::Fallback("no server")),
                    ..attempt
                },
            ],
            ..Response::default()
        };
        let trace: Value = serde_json::from_str(response.trace()).unwrap();
        assert_eq!(trace.as_array().unwrap().len(), 2);
        assert_eq!(trace[0]["code"], 70001);
        assert_eq!(trace[1]["attempt"], 2);
        assert_eq!(trace[0]["reached"], "answer_begun");
        assert_eq!(
            (&trace[0]["scheme"], &trace[0]["host"], &trace[0]["path"]),
            (
                &"https".into(),
                &"[::1]:443".into(),
                &"v4/recentcontact/del_contact_group".into()
            )
        );
        assert_eq!(
            (&trace[0]["address"], &trace[0]["kept"]),
            (&"[::1]:443".into(), &false.into())
        );
        assert_eq!(
            (
                trace[0]["ms"].as_u64(),
                trace[0]["at_ms"].as_f64(),
                trace[0]["look_up_ms"].as_f64()
            ),
            (Some(12), Some(0.25), Some(1.5))
        );
        assert!(trace[0].get("tls_ms").is_none(), "there was none");
        assert!(trace[0].get("standby").is_none());
        assert!(trace[0].get("limit").is_none());
        assert_eq!(
            (&trace[1]["standby"], &trace[1]["limit"], &trace[1]["limit_reason"]),
            (&true.into(), &"fallback".into(), &"no server".into())
        );
        assert_eq!(Response::default().trace(), "[]");
    }
}
