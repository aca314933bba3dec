//! The members of an answer, read by JSON Pointer.

use std::os::raw::{c_char, c_int};
use std::ptr;

use serde_json::Value;

use super::boundary;
use super::response::{self, chat_response};
use crate::error::{CHAT_ERR_INVALID_ARGUMENT, CHAT_ERR_PROTOCOL, CHAT_OK};
use crate::response::Response;
use crate::text::marks;

/// The member at a JSON Pointer, for the accessors below.
unsafe fn member<'a>(response: *const chat_response, pointer: *const c_char) -> Option<&'a Value> {
    let response = boundary::shared(response, "response").ok()?;
    let pointer = boundary::text(pointer, "pointer").ok()?;
    boundary::contain(|| response.response().at(pointer)).flatten()
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

/// There is no such member.
pub const CHAT_TYPE_ABSENT: i32 = 0;
/// The member is null.
pub const CHAT_TYPE_NULL: i32 = 1;
/// The member is true or false.
pub const CHAT_TYPE_BOOL: i32 = 2;
/// The member is a number that is an integer of 64 bits, with a sign or without.
pub const CHAT_TYPE_INTEGER: i32 = 3;
/// The member is another number.
pub const CHAT_TYPE_DOUBLE: i32 = 4;
/// The member is a string.
pub const CHAT_TYPE_STRING: i32 = 5;
/// The member is an array.
pub const CHAT_TYPE_ARRAY: i32 = 6;
/// The member is an object.
pub const CHAT_TYPE_OBJECT: i32 = 7;

/// The type of the member at a JSON Pointer. `1.0` is an integer; a number beyond a double's, such as `1e999`, is a string.
///
/// @param response the response. NULL answers CHAT_TYPE_ABSENT.
/// @param pointer  the JSON Pointer; "" is the whole body. NULL finds nothing.
/// @return one of `CHAT_TYPE_*`.
/// @since 0.1.0
#[no_mangle]
pub unsafe extern "C" fn chat_response_type(response: *const chat_response, pointer: *const c_char) -> c_int {
    match member(response, pointer) {
        None => CHAT_TYPE_ABSENT,
        Some(Value::Null) => CHAT_TYPE_NULL,
        Some(Value::Bool(_)) => CHAT_TYPE_BOOL,
        Some(Value::Number(number)) if number.is_f64() => CHAT_TYPE_DOUBLE,
        Some(Value::Number(_)) => CHAT_TYPE_INTEGER,
        Some(Value::String(_)) => CHAT_TYPE_STRING,
        Some(Value::Array(_)) => CHAT_TYPE_ARRAY,
        Some(Value::Object(_)) => CHAT_TYPE_OBJECT,
    }
}

/// The name of one member of the object at a JSON Pointer, UTF-8; "" when there is none. In the order of their bytes, not of the answer.
///
/// `chat_response_count` tells how many there are.
///
/// @param response    the response.
/// @param pointer     the JSON Pointer; "" is the whole body. NULL finds nothing.
/// @param index       which member: 0 and up.
/// @param len_or_null receives the length in bytes.
/// @return the name or "".
/// @since 0.1.0
#[no_mangle]
pub unsafe extern "C" fn chat_response_name(
    response: *const chat_response,
    pointer: *const c_char,
    index: usize,
    len_or_null: *mut usize,
) -> *const c_char {
    let members = member(response, pointer).and_then(Value::as_object);
    let name = members.and_then(|members| members.keys().nth(index));
    boundary::lend(name.map(String::as_bytes), len_or_null)
}

/// The member at a JSON Pointer as an answer of its own: its body is the member's JSON text as `chat_response_json` shows it, and the
/// accessors read from there.
///
/// @param response the response.
/// @param pointer  the JSON Pointer; "" is the whole body. NULL finds nothing.
/// @param member   receives it on 0, else NULL. It may outlive the response.
/// @return 0; CHAT_ERR_INVALID_ARGUMENT when there is no such member or an argument is NULL.
/// @since 0.1.0
#[no_mangle]
pub unsafe extern "C" fn chat_response_member(
    response: *const chat_response,
    pointer: *const c_char,
    member: *mut *mut chat_response,
) -> c_int {
    boundary::put(member, ptr::null_mut());
    let found = boundary::contain(|| {
        boundary::exclusive(member, "member").ok()?;
        let pointer = boundary::text(pointer, "pointer").ok()?;
        boundary::shared(response, "response").ok()?.response().member(pointer)
    });
    match found.flatten() {
        Some(found) => {
            response::give(found, member);
            CHAT_OK
        }
        None => CHAT_ERR_INVALID_ARGUMENT,
    }
}

/// Writes what `read` makes of a member, if it makes anything of it.
unsafe fn read_into<T>(
    response: *const chat_response,
    pointer: *const c_char,
    value: *mut T,
    read: impl FnOnce(&Value) -> Option<T>,
) -> c_int {
    let member = member(response, pointer).filter(|member| !member.is_null());
    let (Some(member), false) = (member, value.is_null()) else {
        return CHAT_ERR_INVALID_ARGUMENT;
    };
    let Some(found) = boundary::contain(|| read(member)).flatten() else {
        return CHAT_ERR_PROTOCOL;
    };
    value.write(found);
    CHAT_OK
}

/// The integer at a JSON Pointer, in every form JSON has for it (`7`, `7.0`, `7e0`), also as a string.
///
/// @param response the response.
/// @param pointer  the JSON Pointer; "" is the whole body. NULL finds nothing.
/// @param value    receives the integer; untouched unless 0 is returned.
/// @return 0; CHAT_ERR_INVALID_ARGUMENT when there is no such member, it is null, or an argument is NULL; CHAT_ERR_PROTOCOL when it is
///         something else than an integer of 64 bits.
/// @since 0.1.0
#[no_mangle]
pub unsafe extern "C" fn chat_response_int(
    response: *const chat_response,
    pointer: *const c_char,
    value: *mut i64,
) -> c_int {
    read_into(response, pointer, value, Response::integer)
}

/// The integer without a sign at a JSON Pointer, otherwise as `chat_response_int`.
///
/// @param response the response.
/// @param pointer  the JSON Pointer; "" is the whole body. NULL finds nothing.
/// @param value    receives the integer; untouched unless 0 is returned.
/// @return 0; CHAT_ERR_INVALID_ARGUMENT when there is no such member, it is null, or an argument is NULL; CHAT_ERR_PROTOCOL when it is
///         something else than an integer from 0 to `UINT64_MAX`.
/// @since 0.1.0
#[no_mangle]
pub unsafe extern "C" fn chat_response_uint(
    response: *const chat_response,
    pointer: *const c_char,
    value: *mut u64,
) -> c_int {
    read_into(response, pointer, value, Response::unsigned)
}

/// The number at a JSON Pointer, also an integer, also as a string.
///
/// @param response the response.
/// @param pointer  the JSON Pointer; "" is the whole body. NULL finds nothing.
/// @param value    receives the number; untouched unless 0 is returned.
/// @return 0; CHAT_ERR_INVALID_ARGUMENT when there is no such member, it is null, or an argument is NULL; CHAT_ERR_PROTOCOL when it is
///         no number or beyond what a double holds.
/// @since 0.1.0
#[no_mangle]
pub unsafe extern "C" fn chat_response_double(
    response: *const chat_response,
    pointer: *const c_char,
    value: *mut f64,
) -> c_int {
    read_into(response, pointer, value, Response::double)
}

/// The truth value at a JSON Pointer.
///
/// @param response the response.
/// @param pointer  the JSON Pointer; "" is the whole body. NULL finds nothing.
/// @param value    receives 1 or 0; untouched unless 0 is returned.
/// @return 0; CHAT_ERR_INVALID_ARGUMENT when there is no such member, it is null, or an argument is NULL; CHAT_ERR_PROTOCOL when it is
///         neither true nor false.
/// @since 0.1.0
#[no_mangle]
pub unsafe extern "C" fn chat_response_bool(
    response: *const chat_response,
    pointer: *const c_char,
    value: *mut c_int,
) -> c_int {
    read_into(response, pointer, value, |member| member.as_bool().map(c_int::from))
}

/// The marks that are set in a `StandardMark`, one bit each: mark 40 is `UINT64_C(1) << 40`, the star `UINT64_C(1) << CHAT_MARK_STAR`.
///
/// The last character of that text is mark 0. So the vendor's own SDK for the web reads it; no page says it of these answers. An empty
/// text is no mark.
///
/// @param response the response.
/// @param pointer  the JSON Pointer; "" is the whole body. NULL finds nothing.
/// @param value    receives the marks; untouched unless 0 is returned.
/// @return 0; CHAT_ERR_INVALID_ARGUMENT when there is no such member, it is null, or an argument is NULL; CHAT_ERR_PROTOCOL when it is
///         no text of up to 64 characters `0` and `1`.
/// @since 0.1.0
#[no_mangle]
pub unsafe extern "C" fn chat_response_marks(
    response: *const chat_response,
    pointer: *const c_char,
    value: *mut u64,
) -> c_int {
    read_into(response, pointer, value, |member| {
        marks(member.as_str()?.trim_end_matches('\0'))
    })
}
