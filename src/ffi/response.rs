//! `chat_response`: the result of one call. Immutable, so any number of threads may read it.

use std::os::raw::{c_char, c_int};

use serde_json::Value;

use super::boundary;
use crate::error::{CHAT_ERR_INVALID_ARGUMENT, CHAT_ERR_PROTOCOL, CHAT_OK};
use crate::response::{Response, Terminated};

/// The result of one call, successful or not. Immutable; any number of threads may read it.
#[derive(Debug)]
pub struct chat_response {
    pub(super) response: Response,
}

/// Gives a response to the caller, or drops it when it is not wanted.
///
/// # Safety
/// `output` is NULL or may be written.
pub(super) unsafe fn give(response: Response, output: *mut *mut chat_response) -> c_int {
    let code = response.code();
    if !output.is_null() {
        output.write(Box::into_raw(Box::new(chat_response { response })));
    }
    code
}

/// Reads a property; the answer to NULL (and to a panic) is `nothing`.
unsafe fn read<T>(response: *const chat_response, nothing: T, property: impl FnOnce(&Response) -> T) -> T {
    match boundary::shared(response, "response") {
        Ok(response) => boundary::contain(|| property(&response.response)).unwrap_or(nothing),
        Err(_) => nothing,
    }
}

/// Frees a response and every string borrowed from it.
///
/// @param response the response.
/// @since 0.1.0
#[no_mangle]
pub unsafe extern "C" fn chat_response_free(response: *mut chat_response) {
    boundary::free(response);
}

/// The call's result again: 0, a negative `CHAT_ERR_*`, or the service's `ErrorCode`.
///
/// @param response the response.
/// @return the result.
/// @since 0.1.0
#[no_mangle]
pub unsafe extern "C" fn chat_response_code(response: *const chat_response) -> c_int {
    read(response, CHAT_OK, Response::code)
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
    boundary::lend(whole(response, |response| &response.message), len_or_null)
}

/// The answer's body as it came, as far as it came, also of a failed call; "" when none came. It may hold NUL bytes: use the length.
///
/// @param response    the response.
/// @param len_or_null receives the length in bytes.
/// @return the body or "".
/// @since 0.1.0
#[no_mangle]
pub unsafe extern "C" fn chat_response_body(response: *const chat_response, len_or_null: *mut usize) -> *const c_char {
    boundary::lend(whole(response, |response| &response.body), len_or_null)
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
    boundary::lend(whole(response, Response::json), len_or_null)
}

/// The attempts as a JSON array, one object each: `attempt`, `code`, `http_status`, `reached` (`nothing_written`, `written` or
/// `answer_begun`), `random`, `ms`, `standby` if it went to the standby host, and `limit` if the client shares one. Then the `address`
/// that it was connected to (the proxy's if there is one), whether the connection was `kept` from an earlier attempt, and where the time
/// went, in milliseconds with fractions, leaving out what took none: `turn_ms` waiting for its turn under the rate limit, `permit_ms` for
/// one of the client's connections, `look_up_ms`, `connect_ms` and `tls_ms` of a new connection, `exchange_ms` from the request to the end
/// of the answer. For logs; never holds the signature. `[]` for a call that was refused before any attempt.
///
/// @param response the response.
/// @return the JSON.
/// @since 0.1.0
#[no_mangle]
pub unsafe extern "C" fn chat_response_trace(response: *const chat_response) -> *const c_char {
    boundary::lend(whole(response, Response::trace_terminated), std::ptr::null_mut())
}

/// One of the response's own texts, with its NUL.
unsafe fn whole<'a>(
    response: *const chat_response,
    text: impl FnOnce(&'a Response) -> &'a Terminated,
) -> Option<&'a [u8]> {
    let response = boundary::shared(response, "response").ok()?;
    boundary::contain(|| text(&response.response).with_nul())
}

/// The HTTP status of the last attempt's answer; 0 when no answer came. The service answers everything with 200.
///
/// @param response the response.
/// @return the status or 0.
/// @since 0.1.0
#[no_mangle]
pub unsafe extern "C" fn chat_response_http_status(response: *const chat_response) -> c_int {
    read(response, 0, |response| c_int::from(response.http_status()))
}

/// How many requests were made or tried, repeats included; the service never saw more. 0 when the call was refused before any, and after
/// CHAT_ERR_PANIC, which is always in doubt.
///
/// @param response the response.
/// @return the number of attempts.
/// @since 0.1.0
#[no_mangle]
pub unsafe extern "C" fn chat_response_attempts(response: *const chat_response) -> c_int {
    read(response, 0, |response| {
        c_int::try_from(response.attempts()).unwrap_or(c_int::MAX)
    })
}

/// The `random` that the last request carried, by which the vendor's support finds it; 0 when none was made.
///
/// @param response the response.
/// @return the number or 0.
/// @since 0.1.0
#[no_mangle]
pub unsafe extern "C" fn chat_response_random(response: *const chat_response) -> u32 {
    read(response, 0, Response::random)
}

/// 1 when the same call may succeed later although nothing is changed, else 0.
///
/// @param response the response.
/// @return 1 or 0.
/// @since 0.1.0
#[no_mangle]
pub unsafe extern "C" fn chat_response_is_retriable(response: *const chat_response) -> c_int {
    read(response, 0, |response| c_int::from(response.is_retriable()))
}

/// 1 when a delete succeeded because its repeat found no such group (51009) after an attempt in doubt, else 0. That attempt or another
/// client had deleted it. The code is then 0, and the body is that of the last answer.
///
/// @param response the response.
/// @return 1 or 0.
/// @since 0.1.0
#[no_mangle]
pub unsafe extern "C" fn chat_response_is_already_deleted(response: *const chat_response) -> c_int {
    read(response, 0, |response| c_int::from(response.is_already_deleted()))
}

/// 1 when the call failed but the request may have taken effect, else 0. It is never 0 if a byte of the request left and no complete
/// answer came back.
///
/// @param response the response.
/// @return 1 or 0.
/// @since 0.1.0
#[no_mangle]
pub unsafe extern "C" fn chat_response_is_in_doubt(response: *const chat_response) -> c_int {
    read(response, 0, |response| c_int::from(response.is_in_doubt()))
}

/// How long to pause before repeating, in milliseconds; 0 when the answer asks for no pause. 60,000 after 70050.
///
/// @param response the response.
/// @return milliseconds.
/// @since 0.1.0
#[no_mangle]
pub unsafe extern "C" fn chat_response_retry_after_ms(response: *const chat_response) -> u32 {
    read(response, 0, Response::retry_after_ms)
}

/// The member at a JSON Pointer, for the accessors below.
unsafe fn member<'a>(response: *const chat_response, pointer: *const c_char) -> Option<&'a Value> {
    let response = boundary::shared(response, "response").ok()?;
    let pointer = boundary::text(pointer, "pointer").ok()?;
    boundary::contain(|| response.response.at(pointer)).flatten()
}

/// 1 when the answer has a member at a JSON Pointer (RFC 6901) in the vendor's names, such as `/GroupItem/0/GroupId`; else 0, also when it
/// is null.
///
/// @param response the response.
/// @param pointer  the JSON Pointer; "" is the whole body. NULL finds nothing.
/// @return 1 or 0.
/// @since 0.1.0
#[no_mangle]
pub unsafe extern "C" fn chat_response_has(response: *const chat_response, pointer: *const c_char) -> c_int {
    c_int::from(member(response, pointer).is_some_and(|member| !member.is_null()))
}

/// The number of elements of the array, or members of the object, at a JSON Pointer; 0 when there is none.
///
/// @param response the response.
/// @param pointer  the JSON Pointer; "" is the whole body. NULL finds nothing.
/// @return the number.
/// @since 0.1.0
#[no_mangle]
pub unsafe extern "C" fn chat_response_count(response: *const chat_response, pointer: *const c_char) -> usize {
    match member(response, pointer) {
        Some(Value::Array(items)) => items.len(),
        Some(Value::Object(members)) => members.len(),
        _ => 0,
    }
}

/// The string at a JSON Pointer, UTF-8; "" when there is no such member (`chat_response_has` tells) or it is not a string.
///
/// `len_or_null` receives the length in bytes; the text may hold NUL characters.
///
/// @param response    the response.
/// @param pointer     the JSON Pointer; "" is the whole body. NULL finds nothing.
/// @param len_or_null receives the length in bytes.
/// @return the text or "".
/// @since 0.1.0
#[no_mangle]
pub unsafe extern "C" fn chat_response_str(
    response: *const chat_response,
    pointer: *const c_char,
    len_or_null: *mut usize,
) -> *const c_char {
    boundary::lend(
        member(response, pointer).and_then(Value::as_str).map(str::as_bytes),
        len_or_null,
    )
}

/// The integer at a JSON Pointer, in every form JSON has for it (`7`, `7.0`, `7e0`), also as a string.
///
/// @param response the response.
/// @param pointer  the JSON Pointer; "" is the whole body. NULL finds nothing.
/// @param value    receives the integer; untouched unless 0 is returned.
/// @return 0; CHAT_ERR_INVALID_ARGUMENT when there is no such member, it is null, or an argument is NULL; CHAT_ERR_PROTOCOL when it is not
///         an integer of 64 bits.
/// @since 0.1.0
#[no_mangle]
pub unsafe extern "C" fn chat_response_int(
    response: *const chat_response,
    pointer: *const c_char,
    value: *mut i64,
) -> c_int {
    let member = member(response, pointer).filter(|member| !member.is_null());
    let (Some(member), false) = (member, value.is_null()) else {
        return CHAT_ERR_INVALID_ARGUMENT;
    };
    let Some(found) = Response::integer(member) else {
        return CHAT_ERR_PROTOCOL;
    };
    value.write(found);
    CHAT_OK
}
