//! Where words go: results to stdout, everything else to stderr. A reader that goes away (`| head`) is no error, and nothing here ever panics.

use std::io::{self, IsTerminal, Write};
use std::path::Path;

use serde_json::{json, Value};
use tencent_chat::{Error, Response};

use crate::exit::Exit;

/// Why a command ends without having done what it should.
#[derive(Debug)]
pub struct Failure {
    pub exit: Exit,
    /// The library's or the service's code; 0 where the program itself has the say.
    pub code: i32,
    pub message: String,
}

impl Failure {
    pub fn new(exit: Exit, message: impl Into<String>) -> Self {
        Failure {
            exit,
            code: 0,
            message: message.into(),
        }
    }

    pub fn usage(message: impl Into<String>) -> Self {
        Failure::new(Exit::Usage, message)
    }

    /// A file that cannot be read or written, by name.
    pub fn file(path: &Path, error: &io::Error) -> Self {
        Failure::new(Exit::Failed, format!("{}: {error}", path.display()))
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Failure {
            exit: Exit::of(error.code),
            code: error.code,
            message: error.message,
        }
    }
}

/// A line on stdout.
pub fn result(line: impl AsRef<[u8]>) {
    let mut out = io::stdout().lock();
    // Whoever closed it does not want to know.
    let _ = out
        .write_all(line.as_ref())
        .and_then(|()| out.write_all(b"\n"))
        .and_then(|()| out.flush());
}

/// A line on stderr.
pub fn note(line: &str) {
    let _ = writeln!(io::stderr(), "tencent-chat: {line}");
}

pub fn stderr_is_terminal() -> bool {
    io::stderr().is_terminal()
}

/// Tells a failure and gives its exit status.
pub fn failed(failure: &Failure, as_json: bool) -> Exit {
    if as_json {
        result(json!({"code": failure.code, "message": failure.message}).to_string());
    }
    match failure.code {
        0 => note(&failure.message),
        code => note(&format!("{code} {}", failure.message)),
    }
    failure.exit
}

/// A call's outcome as one object.
pub fn object(response: &Response) -> Value {
    let body: Value = serde_json::from_slice(response.body()).unwrap_or_else(|_| Value::String(text(response)));
    json!({
        "code": response.code(),
        "message": response.message(),
        "attempts": response.attempts(),
        "random": response.random(),
        "in_doubt": response.is_in_doubt(),
        "already_deleted": response.is_already_deleted(),
        "body": body,
    })
}

pub fn text(response: &Response) -> String {
    String::from_utf8_lossy(response.body()).into_owned()
}

/// A call that failed, told on stderr; with JSON also on stdout.
pub fn refused(response: &Response, as_json: bool) -> Exit {
    if as_json {
        result(object(response).to_string());
    }
    note(&format!("{} {}", response.code(), response.message()));
    Exit::of(response.code())
}

/// Nothing that somebody else wrote may move the cursor or forge a line.
pub fn printable(text: &str) -> String {
    text.chars()
        .flat_map(|c| {
            if c.is_control() {
                c.escape_default().collect::<Vec<_>>()
            } else {
                vec![c]
            }
        })
        .collect()
}
