//! The faults with a name of their own. Their spelling in JSON, the numbers they take and the defaults are what serde is
//! told here; which bytes go out is the business of `reply` and `plan`.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{as_ms, millis, name_of, names_of, tick};

/// A fault with a name of its own; see the README's table for what each plays.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "play", rename_all = "snake_case")]
pub enum Play {
    /// `handshake_delay`: the server's first TLS byte comes this much later.
    HandshakeDelay(#[serde(with = "as_ms")] Duration),
    /// `handshake_drip`: the server's part of the TLS handshake in pieces of `bytes`, `every` apart.
    HandshakeDrip {
        /// Pause before each piece but the first.
        #[serde(rename = "ms", with = "millis", default = "tick")]
        every: Duration,
        /// Size of a piece, 1 or more.
        #[serde(default = "one")]
        bytes: usize,
    },
    /// `idle_408`: the normal answer; then, after so much silence, a 408 that nobody asked for.
    #[serde(rename = "idle_408")]
    Idle408(#[serde(with = "as_ms")] Duration),
    /// `idle_408_close`: the same with `Connection: close`, and the connection ends.
    #[serde(rename = "idle_408_close")]
    Idle408Close(#[serde(with = "as_ms")] Duration),
    /// `connection_close`: the normal answer says `Connection: close`, and the connection ends.
    ConnectionClose,
    /// `drip`: the normal answer with its length, the body in pieces.
    Drip {
        /// Pause before each piece.
        #[serde(rename = "ms", with = "millis", default = "tick")]
        every: Duration,
        /// Size of a piece, 1 or more.
        #[serde(default = "one")]
        bytes: usize,
    },
    /// `head_drip`: the normal answer with its length, head and body in pieces.
    HeadDrip {
        /// Pause before each piece.
        #[serde(rename = "ms", with = "millis", default = "tick")]
        every: Duration,
        /// Size of a piece, 1 or more.
        #[serde(default = "one")]
        bytes: usize,
    },
    /// `chunked_drip`: the normal answer in chunked coding, a chunk a piece.
    ChunkedDrip {
        /// Pause before each chunk.
        #[serde(rename = "ms", with = "millis", default = "tick")]
        every: Duration,
        /// Size of a chunk, 1 or more.
        #[serde(default = "one")]
        bytes: usize,
    },
    /// `chunked_cut`: the normal answer in chunked coding, half of it, then FIN.
    ChunkedCut,
    /// `length_too_small`: `Content-Length` is 10 less than what is sent; the connection stays.
    LengthTooSmall,
    /// `length_too_large`: `Content-Length` is 10 more than what is sent; the connection stays open and silent.
    LengthTooLarge,
    /// `duplicate_answer`: the normal answer, twice.
    DuplicateAnswer,
    /// `continue_first`: `100 Continue`, then the normal answer.
    ContinueFirst,
    /// `huge`: valid JSON with `ErrorCode` 0, this large.
    Huge {
        /// Size of the body in MiB, 1 or more.
        #[serde(default = "sixteen")]
        mib: u32,
    },
    /// `huge_head`: a 200 with that many MiB of header lines.
    HugeHead {
        /// Size of the head in MiB, 1 or more.
        #[serde(default = "one_mib")]
        mib: u32,
    },
    /// `not_json`: a 200 whose body is plain text.
    NotJson,
    /// `html_502`: a gateway's error page.
    #[serde(rename = "html_502")]
    Html502,
    /// `http_500`: status 500 with a JSON body of the usual members.
    #[serde(rename = "http_500")]
    Http500,
    /// `http_429`: status 429 with `Retry-After`.
    #[serde(rename = "http_429")]
    Http429 {
        /// Seconds in `Retry-After`.
        #[serde(default = "one_second")]
        retry_after_s: u32,
    },
    /// `http_503`: status 503 with `Retry-After`.
    #[serde(rename = "http_503")]
    Http503 {
        /// Seconds in `Retry-After`.
        #[serde(default = "one_second")]
        retry_after_s: u32,
    },
    /// `redirect`: 302 to another place, path and query (signature included) of the request behind it.
    Redirect {
        /// Where to: scheme and authority.
        #[serde(default = "nowhere")]
        to: String,
    },
    /// `empty_200`: a 200 without a body.
    #[serde(rename = "empty_200")]
    Empty200,
    /// `text_code`: `ErrorCode` is a string.
    TextCode,
    /// `number_status`: `ActionStatus` is a number.
    NumberStatus,
    /// `no_error_code`: the answer lacks `ErrorCode`.
    NoErrorCode,
    /// `no_action_status`: the answer lacks `ActionStatus`.
    NoActionStatus,
    /// `no_items`: a success that lacks every member of the command's own.
    NoItems,
    /// `echo_signature`: a refusal (70003) whose `ErrorInfo` repeats the UserSig.
    EchoSignature,
    /// `echo_signature_502`: a gateway's error page that repeats the request line.
    #[serde(rename = "echo_signature_502")]
    EchoSignature502,
}

fn one() -> usize {
    1
}

fn one_second() -> u32 {
    1
}

fn one_mib() -> u32 {
    1
}

fn sixteen() -> u32 {
    16
}

fn nowhere() -> String {
    "http://127.0.0.1:1".into()
}

impl Play {
    /// Every name that `"play"` takes.
    pub fn names() -> Vec<String> {
        names_of::<Self>("play")
    }

    /// What it is called in JSON and in the log.
    pub fn name(&self) -> String {
        name_of("play", self)
    }

    /// Refuses numbers that cannot be played.
    pub(crate) fn checked(&self) -> Result<(), String> {
        match self {
            Play::HandshakeDrip { bytes: 0, .. }
            | Play::Drip { bytes: 0, .. }
            | Play::HeadDrip { bytes: 0, .. }
            | Play::ChunkedDrip { bytes: 0, .. } => Err("`bytes` is 1 or more".into()),
            Play::Huge { mib } | Play::HugeHead { mib } if !(1..=4096).contains(mib) => {
                Err("`mib` is 1 to 4096".into())
            }
            Play::Redirect { to } if hyper::header::HeaderValue::from_str(to).is_err() => {
                Err("`to` is scheme and authority, such as http://127.0.0.1:1".into())
            }
            _ => Ok(()),
        }
    }

    /// Whether it is met by a TLS handshake, not by a call.
    pub(crate) fn is_of_the_handshake(&self) -> bool {
        matches!(self, Play::HandshakeDelay(_) | Play::HandshakeDrip { .. })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn every_name_reads_back_as_it_was_written() {
        assert_eq!(Play::names().len(), 29);
        for name in Play::names() {
            let play: Play = serde_json::from_value(json!({ "play": name })).unwrap();
            assert_eq!(play.name(), name);
            let written = serde_json::to_value(&play).unwrap();
            assert_eq!(serde_json::from_value::<Play>(written).unwrap(), play);
        }
    }
}
