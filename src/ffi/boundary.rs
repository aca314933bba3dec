//! Where C meets Rust: reading the caller's pointers, containing panics. NULL becomes an error that names the argument. What cannot be seen,
//! such as a freed handle, is the caller's duty; the header says so.

use std::ffi::CStr;
use std::os::raw::{c_char, c_int};
use std::panic::{catch_unwind, AssertUnwindSafe};

use crate::endpoints::lists::{List, Size};
use crate::error::{Error, CHAT_ERR_INVALID_UTF8, CHAT_ERR_PANIC, CHAT_OK};
use crate::process::Uncancellable;
use crate::response::Terminated;

/// Runs `f`; a panic in it becomes `None` and is not printed, and the thread is not cancelled meanwhile.
pub(crate) fn contain<R>(f: impl FnOnce() -> R) -> Option<R> {
    silence();
    let _uncancellable = Uncancellable::new();
    catch_unwind(AssertUnwindSafe(f)).ok()
}

/// The shared object carries its own copy of the standard library, and with it a panic hook of its own, which would print the panic's
/// text. Unit tests share theirs with the test runner, so there it stays.
fn silence() {
    #[cfg(not(test))]
    {
        static ONCE: std::sync::Once = std::sync::Once::new();
        ONCE.call_once(|| std::panic::set_hook(Box::new(|_| {})));
    }
}

/// The error that a contained panic becomes. The panic's own text is not shown, because it may hold anything.
pub(crate) fn panicked() -> Error {
    Error::new(
        CHAT_ERR_PANIC,
        "a bug inside the tencent-chat library was contained; please report what you called",
    )
}

/// The code of a setter that was contained; `message` says why it refused.
pub(crate) fn told(message: &mut Terminated, result: Option<Result<(), Error>>) -> c_int {
    let refused = result.unwrap_or_else(|| Err(panicked())).err();
    let code = refused.as_ref().map_or(CHAT_OK, |error| error.code);
    *message = refused.map_or_else(Terminated::default, |error| Terminated::new(error.message));
    code
}

fn missing(argument: &str) -> Error {
    Error::argument(format!("{argument} is NULL"))
}

/// A handle lent for this call and shared with other threads.
///
/// # Safety
/// `handle` is NULL or came from the matching `_new` and is not freed.
pub(crate) unsafe fn shared<'a, T>(handle: *const T, argument: &str) -> Result<&'a T, Error> {
    handle.as_ref().ok_or_else(|| missing(argument))
}

/// A handle lent for this call alone.
///
/// # Safety
/// As [`shared`], and no other thread uses it meanwhile.
pub(crate) unsafe fn exclusive<'a, T>(handle: *mut T, argument: &str) -> Result<&'a mut T, Error> {
    handle.as_mut().ok_or_else(|| missing(argument))
}

/// A text argument.
///
/// # Safety
/// `text` is NULL or NUL-terminated and stays as it is during the call.
pub(crate) unsafe fn text<'a>(text: *const c_char, argument: &str) -> Result<&'a str, Error> {
    if text.is_null() {
        return Err(missing(argument));
    }
    CStr::from_ptr(text).to_str().map_err(|error| {
        let at = error.valid_up_to();
        Error::new(
            CHAT_ERR_INVALID_UTF8,
            format!("{argument} is not valid UTF-8 at byte {at}"),
        )
    })
}

/// A text argument that may be left out.
///
/// # Safety
/// As [`text`].
pub(crate) unsafe fn optional_text<'a>(content: *const c_char, argument: &str) -> Result<Option<&'a str>, Error> {
    if content.is_null() {
        Ok(None)
    } else {
        text(content, argument).map(Some)
    }
}

/// A list as the calls read it.
pub(crate) trait Listed {
    type Item: Size;
    fn list(&self) -> &List<Self::Item>;
}

/// A list's items, unless one of them was refused.
///
/// # Safety
/// As [`shared`].
pub(crate) unsafe fn list<'a, L: Listed + 'a>(list: *const L, argument: &str) -> Result<&'a [L::Item], Error> {
    shared(list, argument)?.list().items()
}

/// A list that may be left out.
///
/// # Safety
/// As [`shared`].
pub(crate) unsafe fn optional_list<'a, L: Listed + 'a>(list: *const L) -> Result<&'a [L::Item], Error> {
    list.as_ref().map_or(Ok(&[]), |list| list.list().items())
}

/// A byte argument with its length; NULL with 0 is empty.
///
/// # Safety
/// `bytes` is NULL or points to `len` bytes that stay as they are during the call.
pub(crate) unsafe fn bytes<'a>(bytes: *const c_char, len: usize, argument: &str) -> Result<&'a [u8], Error> {
    match (bytes.is_null(), len) {
        (true, 0) => Ok(&[]),
        (true, _) => Err(missing(argument)),
        // A length that no object can have is a negative number gone wrong.
        (false, len) if len > isize::MAX as usize => {
            Err(Error::argument(format!("{argument}_len is larger than any text")))
        }
        (false, len) => Ok(std::slice::from_raw_parts(bytes.cast(), len)),
    }
}

/// Writes an output argument, if it is wanted.
///
/// # Safety
/// `output` is NULL or may be written.
pub(crate) unsafe fn put<T>(output: *mut T, value: T) {
    if !output.is_null() {
        output.write(value);
    }
}

/// Frees what [`Box::into_raw`] gave out; NULL is nothing.
///
/// # Safety
/// `object` is NULL or was given out by a box of `T` and not freed.
pub(crate) unsafe fn free<T>(object: *mut T) {
    if !object.is_null() {
        contain(|| drop(Box::from_raw(object)));
    }
}

/// Lends a NUL-terminated text and tells its length.
///
/// # Safety
/// `len` is NULL or may be written.
pub(crate) unsafe fn lend(with_nul: Option<&[u8]>, len: *mut usize) -> *const c_char {
    let with_nul = with_nul.unwrap_or(b"\0");
    put(len, with_nul.len() - 1);
    with_nul.as_ptr().cast()
}
