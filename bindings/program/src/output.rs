//! Writes results to stdout and everything else to stderr. Text from outside cannot move a cursor or forge a line. A result that cannot be written
//! ends the program with an error, except where the reader went away (`| head`).

use std::fmt::Write as _;
use std::io::{self, IsTerminal, Write};
use std::path::Path;
use std::sync::OnceLock;

use serde_json::{json, Value};
use tencent_chat::{Error, Response};

use crate::exit::Exit;
use crate::system;

/// Why a command ends without having done what it should.
#[derive(Debug)]
pub struct Failure {
    pub exit: Exit,
    /// The library's or the service's code; 0 where the program itself has the say.
    pub code: i32,
    pub message: String,
    /// What belongs to the message, a line each.
    pub lines: Vec<String>,
}

impl Failure {
    pub fn new(exit: Exit, message: impl Into<String>) -> Self {
        Failure {
            exit,
            code: 0,
            message: message.into(),
            lines: Vec::new(),
        }
    }

    pub fn usage(message: impl Into<String>) -> Self {
        Failure::new(Exit::Usage, message)
    }

    /// A file that cannot be read or written, by name.
    pub fn file(path: &Path, error: &io::Error) -> Self {
        Failure::new(Exit::Failed, format!("{}: {}", path.display(), why(error)))
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Failure {
            code: error.code,
            ..Failure::new(Exit::of(error.code), error.message)
        }
    }
}

/// What the system's refusal means; its own words change with the machine.
pub fn why(error: &io::Error) -> String {
    use io::ErrorKind;
    if let Some(words) = system::meaning(error) {
        return words.into();
    }
    let words = match error.kind() {
        ErrorKind::NotFound => "there is no such file or folder",
        ErrorKind::PermissionDenied => "no permission",
        ErrorKind::StorageFull => "no space left on the disk",
        ErrorKind::QuotaExceeded => "the quota of the disk is used up",
        ErrorKind::FileTooLarge => "the file would be larger than is allowed",
        ErrorKind::ReadOnlyFilesystem => "the disk can only be read",
        ErrorKind::IsADirectory => "this is a folder",
        ErrorKind::NotADirectory => "a part of this path is not a folder",
        ErrorKind::AlreadyExists => "there is something already",
        ErrorKind::NotSeekable => "this is a pipe",
        ErrorKind::BrokenPipe => "nobody reads any more",
        ErrorKind::InvalidData => "not UTF-8 text",
        ErrorKind::UnexpectedEof => "it ends too early",
        ErrorKind::WriteZero => "nothing more can be written to it",
        _ => match error.raw_os_error() {
            Some(number) => return format!("the system refuses it (error {number})"),
            None => "it cannot be read or written",
        },
    };
    words.into()
}

/// Why a result could not be written.
static LOST: OnceLock<String> = OnceLock::new();

/// A line on stdout. What cannot be written is not forgotten: see [`ending`].
pub fn result(line: impl AsRef<str>) {
    write(&[printable(line.as_ref()).as_bytes(), b"\n"]);
}

/// Several lines on stdout that are this program's own, such as a page of its manual.
pub fn page(text: &[u8]) {
    write(&[text]);
}

/// A secret on stdout, which leaves no copy behind.
pub fn secret(line: &[u8]) {
    write(&[line, b"\n"]);
}

/// An object on stdout.
pub fn object(value: &Value) {
    write(&[json_text(value).as_bytes(), b"\n"]);
}

/// What the service sent, on stdout: JSON stays the same JSON, with its line ends.
pub fn body(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let shown = if serde_json::from_str::<serde::de::IgnoredAny>(&text).is_ok() {
        // In valid JSON a carriage return is a blank, and every other one of these stands inside a text.
        escaped_json(&text.replace('\r', ""))
    } else {
        let lines: Vec<String> = text.split('\n').map(printable).collect();
        lines.join("\n")
    };
    write(&[shown.as_bytes(), b"\n"]);
}

fn write(parts: &[&[u8]]) {
    let mut out = io::stdout().lock();
    let written = parts
        .iter()
        .try_for_each(|part| out.write_all(part))
        .and_then(|()| out.flush());
    match written {
        Ok(()) => {}
        // The reader closed it on purpose.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {}
        Err(error) => _ = LOST.set(format!("stdout: {}", why(&error))),
    }
}

/// How the program ends after all: one whose results got lost has not done what it should.
pub fn ending(exit: Exit) -> Exit {
    match LOST.get() {
        None => exit,
        Some(why) => {
            note(&format!("{why}; what should stand there is lost"));
            if exit == Exit::Ok {
                Exit::Failed
            } else {
                exit
            }
        }
    }
}

/// A line on stderr. If that cannot be written, there is no other way to report it.
pub fn note(line: &str) {
    let _ = writeln!(io::stderr(), "tencent-chat: {}", printable(line));
}

/// What clap says of the command line, whose words are printable already.
pub fn usage(text: &str) {
    let _ = writeln!(io::stderr(), "{text}");
}

pub fn stderr_is_terminal() -> bool {
    io::stderr().is_terminal()
}

/// Tells a failure and gives its exit status.
pub fn failed(failure: &Failure, as_json: bool) -> Exit {
    if as_json {
        let message = [std::slice::from_ref(&failure.message), &failure.lines]
            .concat()
            .join("\n");
        object(&json!({"code": failure.code, "message": message}));
    }
    match failure.code {
        0 => note(&failure.message),
        code => note(&format!("{code} {}", failure.message)),
    }
    for line in &failure.lines {
        let _ = writeln!(io::stderr(), "  {}", printable(line));
    }
    failure.exit
}

/// A call's outcome as one object.
pub fn outcome(response: &Response) -> Value {
    let body = match response.value() {
        Value::Null => Value::String(String::from_utf8_lossy(response.body()).into_owned()),
        answer => answer,
    };
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

/// Why the call's last attempt went by the fallback instead of the limit that it shares.
pub fn fallback_reason(response: &Response) -> Option<String> {
    let trace: Value = serde_json::from_str(response.trace()).ok()?;
    let last = trace.as_array()?.last()?;
    Some(last["limit_reason"].as_str()?.to_owned())
}

/// A call that failed, told on stderr; with JSON also on stdout.
pub fn refused(response: &Response, as_json: bool) -> Exit {
    if as_json {
        object(&outcome(response));
    }
    note(&format!("{} {}", response.code(), response.message()));
    Exit::of(response.code())
}

/// What became of an attempt, as the library tells it while a call goes on.
pub fn attempt(json: &str) {
    const FIRST: [&str; 6] = ["attempt", "path", "code", "http_status", "reached", "ms"];
    let Ok(Value::Object(told)) = serde_json::from_str(json) else {
        return;
    };
    let mut parts: Vec<(&String, &Value)> = told.iter().collect();
    parts.sort_by_key(|(name, _)| FIRST.iter().position(|first| first == name).unwrap_or(FIRST.len()));
    let parts: Vec<String> = parts
        .iter()
        .map(|(name, value)| format!("{name}={}", plain(value)))
        .collect();
    note(&parts.join(" "));
}

/// The same for a program that reads objects from stderr.
pub fn attempt_object(json: &str) {
    let _ = writeln!(io::stderr(), "{json}");
}

/// Without the quotes of a text.
fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// A moment for people.
pub fn date(unix_seconds: u64) -> String {
    let known = i64::try_from(unix_seconds)
        .ok()
        .and_then(|seconds| jiff::Timestamp::from_second(seconds).ok());
    known.map_or_else(|| unix_seconds.to_string(), |time| time.to_string())
}

/// Moves a cursor, ends a line, or turns the order of what is read around.
fn is_unsafe(c: char) -> bool {
    c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// A text from anywhere, made safe for one line; a tab is harmless.
pub fn printable(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        match is_unsafe(c) && c != '\t' {
            true => shown.extend(c.escape_default()),
            false => shown.push(c),
        }
    }
    shown
}

/// A text between quotes: every blank in it is seen.
pub fn quoted(text: &str) -> String {
    json_text(&Value::from(text))
}

/// JSON on one line, for a terminal as much as for a program.
pub fn json_text(value: &Value) -> String {
    escaped_json(&value.to_string())
}

/// The same JSON: what is escaped stands inside its texts.
fn escaped_json(json: &str) -> String {
    let mut escaped = String::with_capacity(json.len());
    for c in json.chars() {
        match is_unsafe(c) && !matches!(c, '\n' | '\t') {
            true => _ = write!(escaped, "\\u{:04x}", u32::from(c)),
            false => escaped.push(c),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_moves_a_cursor_or_forges_a_line_is_shown_and_all_else_stays() {
        for c in (0..0xa0).chain(0x2020..0x2070).filter_map(char::from_u32) {
            let text = format!("a{c}b");
            let (shown, object) = (printable(&text), quoted(&text));
            let harmless = |shown: &str| !shown.chars().any(|c| is_unsafe(c) && c != '\t');
            assert!(harmless(&shown) && harmless(&object), "{c:?}");
            assert_eq!(serde_json::from_str::<String>(&object).unwrap(), text);
            assert!(c.is_control() || is_unsafe(c) || shown == text, "{c:?}");
        }
        assert_eq!(printable("設計会議 👩‍💻 é"), "設計会議 👩‍💻 é");
    }

    #[test]
    fn a_refusal_of_the_system_is_told_in_words_of_our_own() {
        for errno in 1..134 {
            let said = why(&io::Error::from_raw_os_error(errno));
            assert!(!said.contains("os error") && !said.is_empty(), "{said}");
        }
        assert_eq!(why(&io::Error::from_raw_os_error(28)), "no space left on the disk");
        let inner = io::Error::new(io::ErrorKind::InvalidData, "words of a dependency");
        assert_eq!(why(&inner), "not UTF-8 text");
    }
}
