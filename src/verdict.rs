//! From an exchange, or from why there was none, to a response: its code, its message, whether the request may have taken effect, and whether another
//! attempt is right.

use std::time::Duration;

use crate::answer::{judge, Answer};
use crate::attempt::Progress;
use crate::error::{self, describe, Error, Repeat};
use crate::pace::Refused;
use crate::response::{Response, Terminated};
use crate::retry::Again;
use crate::transport::{Exchange, Failure};
use crate::wait::Ended;

/// A call that was refused before anything was sent.
pub(crate) fn not_let_in(ended: Ended) -> Error {
    let (code, why) = why_ended(ended);
    Error::new(code, format!("{why}; nothing was sent"))
}

/// What an exchange came to. `nothing_sent`: by the attempts before this one. `needs_action_status`: of the command's answers.
pub(crate) fn of_exchange(exchange: Exchange, nothing_sent: bool, needs_action_status: bool) -> Response {
    let mut response = match (&exchange.failure, exchange.http_status) {
        (Some(failure), _) => of_failure(failure, exchange.progress, nothing_sent),
        (None, 200) => of_answer(judge(&exchange.body, needs_action_status)),
        (None, status) => of_status(status, exchange.retry_after),
    };
    response.http_status = exchange.http_status;
    response.clock_ahead = exchange.clock_ahead;
    response.body = Terminated::new(exchange.body);
    response
}

/// No connection could be made, and no call was begun.
pub(crate) fn not_connected(failure: &Failure) -> Response {
    of_failure(failure, Progress::NothingWritten, true)
}

fn of_answer(answer: Answer) -> Response {
    let row = describe(answer.code);
    let message = match answer.code {
        error::CHAT_OK => String::new(),
        error::CHAT_ERR_PARTIAL => format!("{}: {}", row.text(), answer.text),
        error::CHAT_ERR_PROTOCOL => answer.text,
        _ if answer.text.is_empty() => row.text().to_owned(),
        _ => format!("{}; the service says: \"{}\"", row.text(), answer.text),
    };
    let mut response = Response::new(answer.code, message);
    // An unreadable answer tells nothing about what the service did.
    response.in_doubt = row.in_doubt || matches!(answer.code, error::CHAT_ERR_PROTOCOL | error::CHAT_ERR_SERVICE);
    response.again = match row.repeat {
        // A whole answer that makes no sense will not make more of it the next time.
        Repeat::Yes if answer.code > 0 => Again::Soon,
        Repeat::Throttled => Again::After(Duration::from_millis(error::THROTTLE_PAUSE_MS.into())),
        // A lock-out of a minute is reported and not repeated.
        Repeat::Yes | Repeat::No | Repeat::After(_) => Again::No,
    };
    response
}

/// A gateway spoke. Whether the request reached the service behind it is unknown; 429 and 503 ask to slow down, and so does an answer that names a pause.
fn of_status(status: u16, retry_after: Option<Duration>) -> Response {
    let message = format!("the answer has HTTP status {status}, not 200: a gateway or proxy spoke, not the service");
    let mut response = Response::new(error::CHAT_ERR_HTTP_STATUS, message);
    response.in_doubt = true;
    response.again = match (status, retry_after) {
        (429 | 503, _) | (408 | 500..=599, Some(_)) => {
            response.retry_after_ms = retry_after.map_or(error::THROTTLE_PAUSE_MS, |asked| {
                u32::try_from(asked.as_millis())
                    .unwrap_or(u32::MAX)
                    .max(error::THROTTLE_PAUSE_MS)
            });
            Again::After(Duration::from_millis(response.retry_after_ms.into()))
        }
        (408 | 500..=599, None) => Again::Soon,
        _ => Again::No,
    };
    response
}

/// An exchange that broke. `nothing_sent`: nor by the attempts before this one.
fn of_failure(failure: &Failure, progress: Progress, nothing_sent: bool) -> Response {
    let (code, why) = match failure {
        Failure::Ended(ended) => why_ended(*ended),
        Failure::Connect(why) | Failure::Broken(why) => (error::CHAT_ERR_TRANSPORT, why.as_str()),
        Failure::Tls(why) => (error::CHAT_ERR_TLS, why.as_str()),
        Failure::CutShort(why) | Failure::Malformed(why) => (error::CHAT_ERR_PROTOCOL, why.as_str()),
    };
    // A server that ends the handshake reads no request, even if one had left meanwhile.
    let unread = matches!((failure, progress), (Failure::Tls(_), Progress::Written));
    let sent = match unread {
        true => "the request was not read",
        false => what_was_sent(progress, nothing_sent),
    };
    let mut response = Response::new(code, format!("{why}; {sent}"));
    response.in_doubt = progress > Progress::NothingWritten && !unread;
    response.again = match failure {
        Failure::Ended(ended) if ended.is_final() => Again::No,
        Failure::Ended(_) | Failure::Connect(_) | Failure::Broken(_) | Failure::CutShort(_) => Again::Soon,
        Failure::Tls(_) | Failure::Malformed(_) => Again::No,
    };
    response
}

/// An attempt that was not made.
pub(crate) fn of_refused(refused: Refused, nothing_sent: bool) -> Response {
    let (code, why) = match refused {
        Refused::Ended(ended) => why_ended(ended),
        Refused::Throttled(_) => (
            error::CHAT_ERR_THROTTLED,
            "the client's rate limit has no slot for this command before the deadline",
        ),
        #[cfg(feature = "redis")]
        Refused::NoSharedLimit(why) => (error::CHAT_ERR_THROTTLED, why.text()),
    };
    let sent = what_was_sent(Progress::NothingWritten, nothing_sent);
    let mut response = Response::new(code, format!("{why}; {sent}"));
    response.retry_after_ms = match refused {
        Refused::Ended(_) => response.retry_after_ms,
        Refused::Throttled(late) => u32::try_from(late.as_millis() + 1).unwrap_or(u32::MAX),
        // Its server is tried again every second.
        #[cfg(feature = "redis")]
        Refused::NoSharedLimit(_) => error::THROTTLE_PAUSE_MS,
    };
    response
}

fn what_was_sent(progress: Progress, nothing_before: bool) -> &'static str {
    match progress {
        Progress::NothingWritten if nothing_before => "nothing was sent",
        Progress::NothingWritten => "nothing more was sent",
        Progress::Written => "the request was sent, no answer came; it may have taken effect",
        Progress::AnswerBegun => "the answer had begun; the request may have taken effect",
    }
}

fn why_ended(ended: Ended) -> (i32, &'static str) {
    match ended {
        Ended::Deadline => (error::CHAT_ERR_TIMEOUT, "the call's deadline passed"),
        Ended::AttemptDeadline => (error::CHAT_ERR_TIMEOUT, "the attempt took too long"),
        Ended::ConnectDeadline => (error::CHAT_ERR_TIMEOUT, "connecting took too long"),
        Ended::Shutdown => (error::CHAT_ERR_SHUTDOWN, "the client was shut down"),
        Ended::Forked => (
            error::CHAT_ERR_FORKED,
            "this is a forked child, and the client or the cancel token is the parent's, where a call that was under way goes on",
        ),
        Ended::Cancelled => (error::CHAT_ERR_CANCELLED, "the cancel token was triggered"),
        Ended::Interrupted => (error::CHAT_ERR_CANCELLED, "the interrupt callback ended the call"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_that_left_before_the_server_refused_the_handshake_is_not_in_doubt() {
        let refused = Failure::Tls("refused".into());
        let written = of_failure(&refused, Progress::Written, true);
        assert_eq!((written.code(), written.is_in_doubt()), (error::CHAT_ERR_TLS, false));
        assert_eq!(written.message(), "refused; the request was not read");
        assert!(of_failure(&refused, Progress::AnswerBegun, true).is_in_doubt());
    }
}
