//! What goes out for one call: status, header fields and body, and the answers that the named faults give instead.

use serde_json::{json, Value};

use crate::faults::Play;
use crate::faults::RawAnswer;
use crate::service::gateway::Request;

pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
    /// Send only so many bytes of the body, then close.
    pub(crate) cut: Option<usize>,
}

impl Reply {
    /// The service's own answer.
    pub(crate) fn of(body: String) -> Self {
        let headers = [
            ("content-type", "application/json"),
            // As in the overview's sample answer (1047/34620).
            ("access-control-allow-origin", "*"),
            ("access-control-allow-headers", "X-Requested-With"),
            ("access-control-allow-methods", "POST"),
        ];
        Self {
            status: 200,
            headers: headers.map(|(name, value)| (name.to_owned(), value.to_owned())).into(),
            body,
            cut: None,
        }
    }

    pub(crate) fn raw(answer: RawAnswer) -> Self {
        Self {
            status: answer.status,
            headers: answer.headers.into_iter().collect(),
            body: answer.body,
            cut: None,
        }
    }

    fn with_status(mut self, status: u16) -> Self {
        self.status = status;
        self
    }

    pub(crate) fn with_header(mut self, name: &str, value: &str) -> Self {
        self.headers.retain(|(own, _)| own != name);
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    fn page(status: u16, body: String) -> Self {
        let reply = Reply::of(body).with_status(status);
        reply.with_header("content-type", "text/html")
    }

    /// The `ErrorCode` of the body.
    pub(crate) fn code(&self) -> Option<i64> {
        let value: Value = serde_json::from_str(&self.body).ok()?;
        value.get("ErrorCode")?.as_i64()
    }
}

/// The answer that a play gives instead of the call's own; `None` for those that shape the call's own.
pub(crate) fn canned(play: &Play, request: &Request) -> Option<Reply> {
    Some(match play {
        Play::NotJson => Reply::of("upstream said something else".into()).with_header("content-type", "text/plain"),
        Play::Html502 => bad_gateway(""),
        Play::Http500 => common("FAIL", 10002, "internal error").with_status(500),
        Play::Http429 { retry_after_s } => later(429, *retry_after_s),
        Play::Http503 { retry_after_s } => later(503, *retry_after_s),
        Play::Redirect { to } => {
            let target = format!("{}{}", to.trim_end_matches('/'), request.target());
            Reply::page(302, "<html>moved</html>".into()).with_header("location", &target)
        }
        Play::Empty200 => Reply::of(String::new()),
        Play::TextCode => json_reply(&json!({"ActionStatus": "OK", "ErrorCode": "0", "ErrorInfo": ""})),
        Play::NumberStatus => json_reply(&json!({"ActionStatus": 1, "ErrorCode": 0, "ErrorInfo": ""})),
        Play::NoErrorCode => json_reply(&json!({"ActionStatus": "OK", "ErrorInfo": ""})),
        Play::NoActionStatus => json_reply(&json!({"ErrorCode": 0, "ErrorInfo": ""})),
        Play::NoItems => common("OK", 0, ""),
        Play::EchoSignature => {
            let usersig = request.query.get("usersig").unwrap_or("");
            common("FAIL", 70003, &format!("the usersig {usersig} is not right"))
        }
        Play::EchoSignature502 => bad_gateway(&format!("{} {}", request.method, request.target())),
        _ => return None,
    })
}

fn json_reply(body: &Value) -> Reply {
    Reply::of(body.to_string())
}

fn common(status: &str, code: i64, info: &str) -> Reply {
    json_reply(&json!({"ActionStatus": status, "ErrorCode": code, "ErrorInfo": info}))
}

fn later(status: u16, seconds: u32) -> Reply {
    Reply::page(status, "<html>try again later</html>".into()).with_header("retry-after", &seconds.to_string())
}

fn bad_gateway(about: &str) -> Reply {
    Reply::page(502, format!("<html><h1>502 Bad Gateway</h1>{about}</html>"))
}
