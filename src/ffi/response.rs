//! `chat_response`: the result of one call. Immutable, so any number of threads may read it.

use std::os::raw::{c_char, c_int};

use zeroize::Zeroize;

use super::boundary;
use crate::error::CHAT_OK;
use crate::response::{Response, Terminated};

/// The result of one call, successful or not. Immutable; any number of threads may read it.
#[derive(Debug)]
pub struct chat_response {
    whole: Whole,
}

/// What the pointer to a `chat_response` points to.
#[derive(Debug)]
#[repr(C)]
struct Whole {
    /// Its texts are those of `response`, which stay where they are when it moves.
    outcome: chat_outcome,
    response: Response,
}

// The header says that a response begins with its outcome.
const _: () = assert!(std::mem::offset_of!(chat_response, whole) == 0);

/// What no service answered may be a UserSig.
impl Drop for Whole {
    fn drop(&mut self) {
        if self.response.http_status() == 0 {
            self.response.body.zeroize();
        }
    }
}

impl chat_response {
    pub(super) fn new(response: Response) -> Self {
        let outcome = chat_outcome::of(&response);
        chat_response {
            whole: Whole { outcome, response },
        }
    }

    pub(super) fn response(&self) -> &Response {
        &self.whole.response
    }
}

/// All that a response says, except its trace. A response begins with this struct, so that `(const chat_outcome *)response` reads all of it
/// without another call. The texts belong to the response, as those of the functions of the same names do.
#[derive(Debug)]
#[repr(C)]
pub struct chat_outcome {
    /// See `chat_response_code`.
    pub code: c_int,
    /// See `chat_response_http_status`.
    pub http_status: c_int,
    /// See `chat_response_attempts`.
    pub attempts: c_int,
    /// See `chat_response_is_retriable`.
    pub is_retriable: c_int,
    /// See `chat_response_is_in_doubt`.
    pub is_in_doubt: c_int,
    /// See `chat_response_is_already_deleted`.
    pub is_already_deleted: c_int,
    /// See `chat_response_random`.
    pub random: u32,
    /// See `chat_response_retry_after_ms`.
    pub retry_after_ms: u32,
    /// See `chat_response_message`.
    pub message: *const c_char,
    /// Its length in bytes, without the NUL.
    pub message_len: usize,
    /// See `chat_response_body`.
    pub body: *const c_char,
    /// Its length in bytes, without the NUL.
    pub body_len: usize,
    /// See `chat_response_json`. The same pointer as `body` where they are the same text.
    pub json: *const c_char,
    /// Its length in bytes, without the NUL.
    pub json_len: usize,
}

// The texts never change, and live as long as the response or for ever.
unsafe impl Sync for chat_outcome {}

impl chat_outcome {
    fn of(response: &Response) -> Self {
        let (message, body, json) = (&response.message, &response.body, response.json());
        let text = |text: &Terminated| (text.with_nul().as_ptr().cast(), text.bytes().len());
        let ((message, message_len), (body, body_len), (json, json_len)) = (text(message), text(body), text(json));
        chat_outcome {
            code: response.code(),
            http_status: c_int::from(response.http_status()),
            attempts: c_int::try_from(response.attempts()).unwrap_or(c_int::MAX),
            is_retriable: c_int::from(response.is_retriable()),
            is_in_doubt: c_int::from(response.is_in_doubt()),
            is_already_deleted: c_int::from(response.is_already_deleted()),
            random: response.random(),
            retry_after_ms: response.retry_after_ms(),
            message,
            message_len,
            body,
            body_len,
            json,
            json_len,
        }
    }
}

/// What stands in the place of an outcome where there is no response.
static NOTHING: chat_outcome = chat_outcome {
    code: CHAT_OK,
    http_status: 0,
    attempts: 0,
    is_retriable: 0,
    is_in_doubt: 0,
    is_already_deleted: 0,
    random: 0,
    retry_after_ms: 0,
    message: c"".as_ptr(),
    message_len: 0,
    body: c"".as_ptr(),
    body_len: 0,
    json: c"".as_ptr(),
    json_len: 0,
};

/// Gives a response to the caller, or drops it when it is not wanted.
///
/// # Safety
/// `output` is NULL or may be written.
pub(super) unsafe fn give(response: Response, output: *mut *mut chat_response) -> c_int {
    let code = response.code();
    if !output.is_null() {
        output.write(Box::into_raw(Box::new(chat_response::new(response))));
    }
    code
}

/// The outcome of a response; for NULL code 0, nothing sent, empty texts.
unsafe fn outcome<'a>(response: *const chat_response) -> &'a chat_outcome {
    response.as_ref().map_or(&NOTHING, |response| &response.whole.outcome)
}

/// Frees a response and every string borrowed from it.
///
/// @param response the response.
/// @since 0.1.0
#[no_mangle]
pub unsafe extern "C" fn chat_response_free(response: *mut chat_response) {
    boundary::free(response);
}

/// All that the response says, except its trace, in one struct. The response begins with it, so a cast of the pointer does the same.
///
/// @param response the response. NULL answers an outcome of code 0 with empty texts.
/// @return the outcome.
/// @since 0.1.0
#[no_mangle]
pub unsafe extern "C" fn chat_response_outcome(response: *const chat_response) -> *const chat_outcome {
    outcome(response)
}

/// The call's result again: 0, a negative `CHAT_ERR_*`, or the service's `ErrorCode`.
///
/// @param response the response.
/// @return the result.
/// @since 0.1.0
#[no_mangle]
pub unsafe extern "C" fn chat_response_code(response: *const chat_response) -> c_int {
    outcome(response).code
}

/// What went wrong and what to do about it, UTF-8; "" after success. Never holds a secret.
///
/// @param response    the response.
/// @param len_or_null receives the length in bytes.
/// @return the message or "".
/// @since 0.1.0
#[no_mangle]
pub unsafe extern "C" fn chat_response_message(
    response: *const chat_response,
    len_or_null: *mut usize,
) -> *const c_char {
    let outcome = outcome(response);
    boundary::put(len_or_null, outcome.message_len);
    outcome.message
}

/// The answer's body as it came, as far as it came, also of a failed call; "" when none came. It may hold NUL bytes: use the length.
///
/// @param response    the response.
/// @param len_or_null receives the length in bytes.
/// @return the body or "".
/// @since 0.1.0
#[no_mangle]
pub unsafe extern "C" fn chat_response_body(response: *const chat_response, len_or_null: *mut usize) -> *const c_char {
    let outcome = outcome(response);
    boundary::put(len_or_null, outcome.body_len);
    outcome.body
}

/// The answer as JSON that every parser reads alike; "" when it is not JSON. It is the body, but in UTF-8 with U+FFFD where a text is
/// broken, without a byte-order mark, and with whole numbers as plain digits (`1`, where a gateway wrote `1.0`). The accessors read this
/// form.
///
/// @param response    the response.
/// @param len_or_null receives the length in bytes.
/// @return the JSON or "".
/// @since 0.1.0
#[no_mangle]
pub unsafe extern "C" fn chat_response_json(response: *const chat_response, len_or_null: *mut usize) -> *const c_char {
    let outcome = outcome(response);
    boundary::put(len_or_null, outcome.json_len);
    outcome.json
}

/// The attempts as a JSON array, one object each: `attempt`, `code`, `http_status`, `reached` (`nothing_written`, `written` or
/// `answer_begun`), `random`, `ms` that it took and `at_ms` from the call's begin to its own; where it was to go: `scheme`, `host` with its
/// port, and the command's `path` without a query; `standby` if that is the standby host, and `limit` if the client shares one. Then the
/// `address` that it was connected to (the proxy's if there is one), whether the connection was `kept` from an earlier attempt, and where
/// the time went, in milliseconds with fractions, leaving out what took none: `turn_ms` waiting for its turn under the rate limit,
/// `permit_ms` for one of the client's connections, `look_up_ms`, `connect_ms` and `tls_ms` of a new connection, `exchange_ms` from the
/// request to the end of the answer. For logs and tracing; never holds the signature. `[]` for a call that was refused before any attempt.
///
/// @param response the response.
/// @return the JSON.
/// @since 0.1.0
#[no_mangle]
pub unsafe extern "C" fn chat_response_trace(response: *const chat_response) -> *const c_char {
    let trace = response
        .as_ref()
        .and_then(|response| boundary::contain(|| response.response().trace_terminated().with_nul()));
    boundary::lend(trace, std::ptr::null_mut())
}

/// The HTTP status of the last attempt's answer; 0 when no answer came. The service answers everything with 200.
///
/// @param response the response.
/// @return the status or 0.
/// @since 0.1.0
#[no_mangle]
pub unsafe extern "C" fn chat_response_http_status(response: *const chat_response) -> c_int {
    outcome(response).http_status
}

/// How many requests were made or tried, repeats included; the service never saw more. 0 when the call was refused before any, and after
/// CHAT_ERR_PANIC, which is always in doubt.
///
/// @param response the response.
/// @return the number of attempts.
/// @since 0.1.0
#[no_mangle]
pub unsafe extern "C" fn chat_response_attempts(response: *const chat_response) -> c_int {
    outcome(response).attempts
}

/// The `random` that the last request carried, by which the vendor's support finds it; 0 when none was made.
///
/// @param response the response.
/// @return the number or 0.
/// @since 0.1.0
#[no_mangle]
pub unsafe extern "C" fn chat_response_random(response: *const chat_response) -> u32 {
    outcome(response).random
}

/// 1 when the same call may succeed later although nothing is changed, else 0.
///
/// @param response the response.
/// @return 1 or 0.
/// @since 0.1.0
#[no_mangle]
pub unsafe extern "C" fn chat_response_is_retriable(response: *const chat_response) -> c_int {
    outcome(response).is_retriable
}

/// 1 when a delete succeeded because its repeat found no such group (51009) after an attempt in doubt, else 0. That attempt or another
/// client had deleted it. The code is then 0, and the body is that of the last answer.
///
/// @param response the response.
/// @return 1 or 0.
/// @since 0.1.0
#[no_mangle]
pub unsafe extern "C" fn chat_response_is_already_deleted(response: *const chat_response) -> c_int {
    outcome(response).is_already_deleted
}

/// 1 when the call failed but the request may have taken effect, else 0. It is never 0 if a byte of the request left and no complete
/// answer came back.
///
/// @param response the response.
/// @return 1 or 0.
/// @since 0.1.0
#[no_mangle]
pub unsafe extern "C" fn chat_response_is_in_doubt(response: *const chat_response) -> c_int {
    outcome(response).is_in_doubt
}

/// How long to pause before repeating, in milliseconds; 0 when the answer asks for no pause. 60,000 after 70050.
///
/// @param response the response.
/// @return milliseconds.
/// @since 0.1.0
#[no_mangle]
pub unsafe extern "C" fn chat_response_retry_after_ms(response: *const chat_response) -> u32 {
    outcome(response).retry_after_ms
}
