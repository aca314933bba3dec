//! The named faults: what each is called in the admin port's JSON, which numbers it takes, and their defaults. It promises
//! that every name reads back as it was written; which bytes go out is the business of `canned` and `plan`.

use std::time::Duration;

/// A fault with a name of its own; see the README's table for what each plays.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Play {
    /// `handshake_delay`: the server's first TLS byte comes this much later.
    HandshakeDelay(Duration),
    /// `handshake_drip`: the server's part of the TLS handshake in pieces of `bytes`, `every` apart.
    HandshakeDrip {
        /// Pause before each piece but the first.
        every: Duration,
        /// Size of a piece, 1 or more.
        bytes: usize,
    },
    /// `idle_408`, `idle_408_close`: the normal answer; then, after so much silence, a 408 that nobody asked for.
    Idle408 {
        /// Silence on the kept connection before the 408.
        after: Duration,
        /// Whether it says `Connection: close` and the connection ends.
        close: bool,
    },
    /// `connection_close`: the normal answer says `Connection: close`, and the connection ends.
    ConnectionClose,
    /// `drip`: the normal answer with its length, the body in pieces.
    Drip {
        /// Pause before each piece.
        every: Duration,
        /// Size of a piece, 1 or more.
        bytes: usize,
    },
    /// `head_drip`: the normal answer with its length, head and body in pieces.
    HeadDrip {
        /// Pause before each piece.
        every: Duration,
        /// Size of a piece, 1 or more.
        bytes: usize,
    },
    /// `chunked_drip`: the normal answer in chunked coding, a chunk a piece.
    ChunkedDrip {
        /// Pause before each chunk.
        every: Duration,
        /// Size of a chunk, 1 or more.
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
        mib: u32,
    },
    /// `huge_head`: a 200 with that many MiB of header lines.
    HugeHead {
        /// Size of the head in MiB, 1 or more.
        mib: u32,
    },
    /// `not_json`: a 200 whose body is plain text.
    NotJson,
    /// `html_502`: a gateway's error page.
    Html502,
    /// `http_500`: status 500 with a JSON body of the usual members.
    Http500,
    /// `http_429`: status 429 with `Retry-After`.
    Http429 {
        /// Seconds in `Retry-After`.
        retry_after_s: u32,
    },
    /// `http_503`: status 503 with `Retry-After`.
    Http503 {
        /// Seconds in `Retry-After`.
        retry_after_s: u32,
    },
    /// `redirect`: 302 to another place, path and query (signature included) of the request behind it.
    Redirect {
        /// Where to: scheme and authority.
        to: String,
    },
    /// `empty_200`: a 200 without a body.
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
    EchoSignature502,
}

/// The numbers beside a name in JSON. Reading a play takes those it knows; what is left does not belong there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Numbers {
    pub(crate) ms: Option<u64>,
    pub(crate) bytes: Option<usize>,
    pub(crate) mib: Option<u32>,
    pub(crate) retry_after_s: Option<u32>,
    pub(crate) to: Option<String>,
}

impl Numbers {
    /// 20 ms unless told.
    pub(crate) fn time(&mut self) -> Duration {
        Duration::from_millis(self.ms.take().unwrap_or(20))
    }

    fn piece(&mut self) -> usize {
        self.bytes.take().unwrap_or(1)
    }

    fn seconds(&mut self) -> u32 {
        self.retry_after_s.take().unwrap_or(1)
    }

    /// Refuses what nobody took.
    pub(crate) fn all_taken(&self, by: &str) -> Result<(), String> {
        let left = [
            ("ms", self.ms.is_some()),
            ("bytes", self.bytes.is_some()),
            ("mib", self.mib.is_some()),
            ("retry_after_s", self.retry_after_s.is_some()),
            ("to", self.to.is_some()),
        ];
        match left.iter().find(|(_, is_left)| *is_left) {
            Some((name, _)) => Err(format!("`{name}` does not go with {by}; leave it out")),
            None => Ok(()),
        }
    }
}

type Reader = fn(&mut Numbers) -> Play;

/// Every name and how its numbers are read.
const NAMES: [(&str, Reader); 29] = [
    ("handshake_delay", |n| Play::HandshakeDelay(n.time())),
    ("handshake_drip", |n| Play::HandshakeDrip {
        every: n.time(),
        bytes: n.piece(),
    }),
    ("idle_408", |n| Play::Idle408 {
        after: n.time(),
        close: false,
    }),
    ("idle_408_close", |n| Play::Idle408 {
        after: n.time(),
        close: true,
    }),
    ("connection_close", |_| Play::ConnectionClose),
    ("drip", |n| Play::Drip {
        every: n.time(),
        bytes: n.piece(),
    }),
    ("head_drip", |n| Play::HeadDrip {
        every: n.time(),
        bytes: n.piece(),
    }),
    ("chunked_drip", |n| Play::ChunkedDrip {
        every: n.time(),
        bytes: n.piece(),
    }),
    ("chunked_cut", |_| Play::ChunkedCut),
    ("length_too_small", |_| Play::LengthTooSmall),
    ("length_too_large", |_| Play::LengthTooLarge),
    ("duplicate_answer", |_| Play::DuplicateAnswer),
    ("continue_first", |_| Play::ContinueFirst),
    ("huge", |n| Play::Huge {
        mib: n.mib.take().unwrap_or(16),
    }),
    ("huge_head", |n| Play::HugeHead {
        mib: n.mib.take().unwrap_or(1),
    }),
    ("not_json", |_| Play::NotJson),
    ("html_502", |_| Play::Html502),
    ("http_500", |_| Play::Http500),
    ("http_429", |n| Play::Http429 {
        retry_after_s: n.seconds(),
    }),
    ("http_503", |n| Play::Http503 {
        retry_after_s: n.seconds(),
    }),
    ("redirect", |n| Play::Redirect {
        to: n.to.take().unwrap_or_else(|| "http://127.0.0.1:1".into()),
    }),
    ("empty_200", |_| Play::Empty200),
    ("text_code", |_| Play::TextCode),
    ("number_status", |_| Play::NumberStatus),
    ("no_error_code", |_| Play::NoErrorCode),
    ("no_action_status", |_| Play::NoActionStatus),
    ("no_items", |_| Play::NoItems),
    ("echo_signature", |_| Play::EchoSignature),
    ("echo_signature_502", |_| Play::EchoSignature502),
];

impl Play {
    /// Every name that `"play"` takes.
    pub fn names() -> Vec<&'static str> {
        NAMES.iter().map(|(name, _)| *name).collect()
    }

    /// What it is called in JSON and in the log.
    pub fn name(&self) -> &'static str {
        match self {
            Play::HandshakeDelay(_) => "handshake_delay",
            Play::HandshakeDrip { .. } => "handshake_drip",
            Play::Idle408 { close: false, .. } => "idle_408",
            Play::Idle408 { close: true, .. } => "idle_408_close",
            Play::ConnectionClose => "connection_close",
            Play::Drip { .. } => "drip",
            Play::HeadDrip { .. } => "head_drip",
            Play::ChunkedDrip { .. } => "chunked_drip",
            Play::ChunkedCut => "chunked_cut",
            Play::LengthTooSmall => "length_too_small",
            Play::LengthTooLarge => "length_too_large",
            Play::DuplicateAnswer => "duplicate_answer",
            Play::ContinueFirst => "continue_first",
            Play::Huge { .. } => "huge",
            Play::HugeHead { .. } => "huge_head",
            Play::NotJson => "not_json",
            Play::Html502 => "html_502",
            Play::Http500 => "http_500",
            Play::Http429 { .. } => "http_429",
            Play::Http503 { .. } => "http_503",
            Play::Redirect { .. } => "redirect",
            Play::Empty200 => "empty_200",
            Play::TextCode => "text_code",
            Play::NumberStatus => "number_status",
            Play::NoErrorCode => "no_error_code",
            Play::NoActionStatus => "no_action_status",
            Play::NoItems => "no_items",
            Play::EchoSignature => "echo_signature",
            Play::EchoSignature502 => "echo_signature_502",
        }
    }

    /// The play of that name; takes its numbers out of `numbers`.
    pub(crate) fn named(name: &str, numbers: &mut Numbers) -> Result<Self, String> {
        let Some((_, read)) = NAMES.iter().find(|(known, _)| *known == name) else {
            return Err(format!(
                "there is no play {name:?}; there are {}",
                Play::names().join(", ")
            ));
        };
        Ok(read(numbers))
    }

    /// The numbers that make [`Play::named`] give this play back.
    pub(crate) fn numbers(&self) -> Numbers {
        let mut numbers = Numbers::default();
        match self {
            Play::HandshakeDelay(time) | Play::Idle408 { after: time, .. } => numbers.ms = Some(in_ms(*time)),
            Play::HandshakeDrip { every, bytes }
            | Play::Drip { every, bytes }
            | Play::HeadDrip { every, bytes }
            | Play::ChunkedDrip { every, bytes } => {
                numbers.ms = Some(in_ms(*every));
                numbers.bytes = Some(*bytes);
            }
            Play::Huge { mib } | Play::HugeHead { mib } => numbers.mib = Some(*mib),
            Play::Http429 { retry_after_s } | Play::Http503 { retry_after_s } => {
                numbers.retry_after_s = Some(*retry_after_s);
            }
            Play::Redirect { to } => numbers.to = Some(to.clone()),
            _ => {}
        }
        numbers
    }

    /// Refuses numbers that cannot be played.
    pub(crate) fn checked(&self) -> Result<(), String> {
        let numbers = self.numbers();
        if numbers.bytes == Some(0) {
            return Err("`bytes` is 1 or more".into());
        }
        if numbers.mib.is_some_and(|mib| !(1..=4096).contains(&mib)) {
            return Err("`mib` is 1 to 4096".into());
        }
        match numbers.to {
            Some(to) if hyper::header::HeaderValue::from_str(&to).is_err() => {
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

/// Whole milliseconds, as JSON has them.
pub(crate) fn in_ms(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_reads_back_as_it_was_written() {
        for (name, read) in NAMES {
            let play = read(&mut Numbers::default());
            assert_eq!(play.name(), name);
            let mut numbers = play.numbers();
            assert_eq!(Play::named(name, &mut numbers), Ok(play));
            assert_eq!(numbers, Numbers::default(), "{name} takes what it writes");
        }
    }

    #[test]
    fn an_unknown_name_is_refused_with_the_list() {
        let error = Play::named("dirp", &mut Numbers::default()).unwrap_err();
        assert!(error.contains("dirp") && error.contains("chunked_drip"), "{error}");
    }
}
