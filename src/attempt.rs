//! One attempt of a call: how far it got on the wire, and what came of it. [`Progress`] never says less was sent than the kernel took: whether a call
//! is in doubt rests on it.

use std::ffi::CString;
use std::fmt::Write as _;
use std::net::SocketAddr;
use std::os::raw::{c_char, c_void};
use std::sync::Arc;
use std::time::Duration;

use crate::origin::Origin;

/// How far an attempt got.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Progress {
    /// No byte of the request was handed to the kernel.
    #[default]
    NothingWritten,
    /// At least one byte of the request was; none of the answer came.
    Written,
    /// At least one byte of the answer came.
    AnswerBegun,
}

/// What one attempt came to, for the trace.
#[derive(Clone, Debug)]
pub(crate) struct Attempt {
    /// Where it was to go; shared with the client, so that an attempt nobody asks for costs no text.
    pub origin: Arc<Origin>,
    /// The command's, without the query and so without the signature.
    pub path: Arc<str>,
    pub code: i32,
    pub http_status: u16,
    pub random: u32,
    pub progress: Progress,
    /// Made to the data centre's standby host.
    pub standby: bool,
    /// Under which limit, where the client shares one.
    pub limit: Option<LimitedBy>,
    /// From the call's begin to its permit.
    pub at: Duration,
    /// From its permit to its end, and with it a second turn where the first grew old.
    pub took: Duration,
    pub route: Route,
}

/// Which limit gave the slot, where a client shares one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(not(feature = "redis"), allow(dead_code))]
pub(crate) enum LimitedBy {
    Shared,
    /// Without the server of the shared one, and why.
    Fallback(&'static str),
}

/// The caller's function that is called after each attempt, on the thread of the call.
#[derive(Clone, Copy, Debug)]
pub(crate) enum AttemptHook {
    C {
        told: extern "C" fn(*const c_char, *mut c_void),
        user: *mut c_void,
    },
    Rust(fn(&str)),
}

// SAFETY: `user` is only handed to `told`, and the header says that this happens on any thread that calls.
#[allow(unsafe_code)]
unsafe impl Send for AttemptHook {}
// SAFETY: as above, on several threads at once.
#[allow(unsafe_code)]
unsafe impl Sync for AttemptHook {}

impl AttemptHook {
    pub fn tell(self, attempt: &Attempt, number: usize) {
        let json = attempt.json(number);
        match self {
            AttemptHook::Rust(told) => told(&json),
            AttemptHook::C { told, user } => {
                // JSON has no NUL in it.
                if let Ok(text) = CString::new(json) {
                    told(text.as_ptr(), user);
                }
            }
        }
    }
}

/// What an attempt went over, and where its time went.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Route {
    /// What it was connected to, the service or a proxy; `None` without a connection.
    pub address: Option<SocketAddr>,
    /// The connection was made for an attempt before it.
    pub kept: bool,
    /// Waited for its turn under the rate limit, and for its permit.
    pub turn: Duration,
    pub permit: Duration,
    /// A new connection's: the host's name, TCP with a proxy's tunnel, the handshake.
    pub look_up: Duration,
    pub connect: Duration,
    pub tls: Duration,
    /// From the request to the end of its answer.
    pub exchange: Duration,
}

impl Attempt {
    /// The attempt as a JSON object; `number` counts from 1. What does not apply is left out.
    pub fn json(&self, number: usize) -> String {
        let reached = match self.progress {
            Progress::NothingWritten => "nothing_written",
            Progress::Written => "written",
            Progress::AnswerBegun => "answer_begun",
        };
        let mut text = format!(
            r#"{{"attempt":{number},"code":{},"http_status":{},"reached":"{reached}","random":{},"ms":{}"#,
            self.code,
            self.http_status,
            self.random,
            self.took.as_millis(),
        );
        let _ = write!(text, r#","at_ms":{:.3}"#, self.at.as_secs_f64() * 1e3);
        let (scheme, host, port) = (self.origin.scheme(), &self.origin.host, self.origin.port);
        let _ = write!(
            text,
            r#","scheme":"{scheme}","host":"{host}:{port}","path":"{}""#,
            self.path
        );
        if self.standby {
            text.push_str(r#","standby":true"#);
        }
        let _ = match self.limit {
            None => Ok(()),
            Some(LimitedBy::Shared) => write!(text, r#","limit":"shared""#),
            Some(LimitedBy::Fallback(why)) => write!(text, r#","limit":"fallback","limit_reason":"{why}""#),
        };
        let route = &self.route;
        if let Some(address) = route.address {
            let _ = write!(text, r#","address":"{address}","kept":{}"#, route.kept);
        }
        let parts = [
            ("turn_ms", route.turn),
            ("permit_ms", route.permit),
            ("look_up_ms", route.look_up),
            ("connect_ms", route.connect),
            ("tls_ms", route.tls),
            ("exchange_ms", route.exchange),
        ];
        for (name, time) in parts.into_iter().filter(|(_, time)| !time.is_zero()) {
            let _ = write!(text, r#","{name}":{:.3}"#, time.as_secs_f64() * 1e3);
        }
        text.push('}');
        text
    }

    /// One of which nothing is known but that it was made.
    #[cfg(test)]
    pub fn sample() -> Self {
        Attempt {
            origin: Arc::new(Origin::documented("console.tim.qq.com")),
            path: "v4/a/b".into(),
            code: 0,
            http_status: 0,
            random: 0,
            progress: Progress::default(),
            standby: false,
            limit: None,
            at: Duration::ZERO,
            took: Duration::ZERO,
            route: Route::default(),
        }
    }
}
