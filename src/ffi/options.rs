//! `chat_call_options` and `chat_cancel`: what one call does differently, and the token that ends calls.

use std::os::raw::{c_char, c_int, c_void};

use super::boundary;
use crate::error::{Error, CHAT_ERR_INVALID_ARGUMENT};
use crate::options::{CallOptions, Cancel};
use crate::response::Terminated;
use crate::wait::Interrupt;

/// What one call does differently from its client: set by one thread, then read by any number of calls.
#[derive(Debug)]
pub struct chat_call_options {
    pub(super) options: CallOptions,
    message: Terminated,
}

/// A token that ends the calls that carry it. Any number of threads, any number of calls.
#[derive(Debug)]
pub struct chat_cancel {
    cancel: Cancel,
}

/// Makes a cancel token. Free it with `chat_cancel_free`.
///
/// @return the token; NULL only if the library itself failed.
/// @since 0.1.0
#[no_mangle]
pub extern "C" fn chat_cancel_new() -> *mut chat_cancel {
    boundary::contain(|| Box::into_raw(Box::new(chat_cancel { cancel: Cancel::new() }))).unwrap_or(std::ptr::null_mut())
}

/// Frees a cancel token. Calls that carry it go on; options that name it lose it.
///
/// @param cancel the token.
/// @since 0.1.0
#[no_mangle]
pub unsafe extern "C" fn chat_cancel_free(cancel: *mut chat_cancel) {
    boundary::free(cancel);
}

/// Ends the calls that carry the token, and those begun with it later, with CHAT_ERR_CANCELLED. Does not wait for them,
/// may be repeated, cannot be undone. A call ends at once, whatever it waits for.
/// `chat_response_is_in_doubt` tells whether the request had left. Does nothing to the parent's token in a
/// child of `fork()`; a call that carries it there answers CHAT_ERR_FORKED.
///
/// @param cancel the token, or NULL.
/// @since 0.1.0
#[no_mangle]
pub unsafe extern "C" fn chat_cancel_trigger(cancel: *const chat_cancel) {
    if let Ok(cancel) = boundary::shared(cancel, "cancel") {
        boundary::contain(|| cancel.cancel.trigger());
    }
}

/// Makes options that change nothing. Free them with `chat_call_options_free` after the calls that use them have returned.
///
/// @return the options; NULL only if the library itself failed.
/// @since 0.1.0
#[no_mangle]
pub extern "C" fn chat_call_options_new() -> *mut chat_call_options {
    let new = || chat_call_options {
        options: CallOptions::default(),
        message: Terminated::default(),
    };
    boundary::contain(|| Box::into_raw(Box::new(new()))).unwrap_or(std::ptr::null_mut())
}

/// Frees options.
///
/// @param options the options.
/// @since 0.1.0
#[no_mangle]
pub unsafe extern "C" fn chat_call_options_free(options: *mut chat_call_options) {
    boundary::free(options);
}

/// Why the last setter was refused; "" when it was accepted. Valid until the next setter.
///
/// @param options the options; NULL answers a text that says so.
/// @return the reason or "".
/// @since 0.1.0
#[no_mangle]
pub unsafe extern "C" fn chat_call_options_message(options: *const chat_call_options) -> *const c_char {
    match boundary::shared(options, "options") {
        Ok(options) => options.message.with_nul().as_ptr().cast(),
        Err(_) => c"options is NULL".as_ptr(),
    }
}

unsafe fn set(options: *mut chat_call_options, setter: impl FnOnce(&mut CallOptions) -> Result<(), Error>) -> c_int {
    let Ok(chat_call_options { options, message }) = boundary::exclusive(options, "options") else {
        return CHAT_ERR_INVALID_ARGUMENT;
    };
    boundary::told(message, boundary::contain(|| setter(options)))
}

/// Sets the total time of the call in milliseconds. 0 is refused, and a call with refused options sends nothing.
///
/// @param options the options.
/// @param ms      milliseconds, 1 to UINT32_MAX (49 days).
/// @return 0; CHAT_ERR_INVALID_ARGUMENT.
/// @since 0.1.0
#[no_mangle]
pub unsafe extern "C" fn chat_call_options_set_timeout_ms(options: *mut chat_call_options, ms: u32) -> c_int {
    set(options, |options| options.set_timeout_ms(ms))
}

/// Sets the time of each attempt of the call, in milliseconds. 0 is refused. See `chat_config_set_attempt_timeout_ms`.
///
/// @param options the options.
/// @param ms      milliseconds, 1 to UINT32_MAX (49 days).
/// @return 0; CHAT_ERR_INVALID_ARGUMENT.
/// @since 0.1.0
#[no_mangle]
pub unsafe extern "C" fn chat_call_options_set_attempt_timeout_ms(options: *mut chat_call_options, ms: u32) -> c_int {
    set(options, |options| options.set_attempt_timeout_ms(ms))
}

/// Sets the time for making a connection, in milliseconds. 0 is refused. See `chat_config_set_connect_timeout_ms`.
///
/// @param options the options.
/// @param ms      milliseconds, 1 to UINT32_MAX (49 days).
/// @return 0; CHAT_ERR_INVALID_ARGUMENT.
/// @since 0.1.0
#[no_mangle]
pub unsafe extern "C" fn chat_call_options_set_connect_timeout_ms(options: *mut chat_call_options, ms: u32) -> c_int {
    set(options, |options| options.set_connect_timeout_ms(ms))
}

/// Sets how often the call is tried at most, repeats included: 1 (never repeat) to 10. See `chat_config_set_max_attempts`.
///
/// @param options the options.
/// @param n       attempts, the first included.
/// @return 0; CHAT_ERR_INVALID_ARGUMENT.
/// @since 0.1.0
#[no_mangle]
pub unsafe extern "C" fn chat_call_options_set_max_attempts(options: *mut chat_call_options, n: u32) -> c_int {
    set(options, |options| options.set_max_attempts(n))
}

/// Sets whether the call may be repeated in doubt, that is when an attempt may or may not have taken effect: 1 or 0.
///
/// Without it the command decides: `chat_create_contact_group`, `chat_account_delete` and `chat_call` are not repeated in doubt; all
/// others are, because doing them twice is the same as doing them once.
///
/// @param options the options.
/// @param yes     1 or 0.
/// @return 0; CHAT_ERR_INVALID_ARGUMENT.
/// @since 0.1.0
#[no_mangle]
pub unsafe extern "C" fn chat_call_options_set_repeat_in_doubt(options: *mut chat_call_options, yes: c_int) -> c_int {
    set(options, |options| {
        options.set_repeat_in_doubt(yes != 0);
        Ok(())
    })
}

/// Sets the `random` that every attempt of the call sends, by which the vendor's support finds a request; 0 is a valid number. Without it
/// each attempt sends a new one. `chat_response_random` tells the last.
///
/// @param options the options.
/// @param random  the number.
/// @return 0; CHAT_ERR_INVALID_ARGUMENT.
/// @since 0.1.0
#[no_mangle]
pub unsafe extern "C" fn chat_call_options_set_random(options: *mut chat_call_options, random: u32) -> c_int {
    set(options, |options| {
        options.set_random(random);
        Ok(())
    })
}

/// Lets a token end the calls that use these options; NULL takes it away. The options do not own the token.
///
/// @param options the options.
/// @param cancel  the token, or NULL; it may be freed at any time.
/// @return 0; CHAT_ERR_INVALID_ARGUMENT.
/// @since 0.1.0
#[no_mangle]
pub unsafe extern "C" fn chat_call_options_set_cancel(
    options: *mut chat_call_options,
    cancel: *const chat_cancel,
) -> c_int {
    set(options, |options| {
        options.set_cancel(cancel.as_ref().map(|token| &token.cancel));
        Ok(())
    })
}

/// Lets a function of yours end the call from inside; NULL takes it away.
///
/// @param options the options.
/// @param stop    asked on the calling thread while the call reads, writes or waits: after every signal and every 200 ms. It returns 0 to
///                go on, anything else to end the call with CHAT_ERR_CANCELLED. It must return soon, and must not unwind or end its
///                thread. If it forks, the call goes on in the parent and returns CHAT_ERR_FORKED in the child. NULL for none.
/// @param user    passed to `stop`, may be NULL; must live as long as calls use the options.
/// @return 0; CHAT_ERR_INVALID_ARGUMENT.
/// @since 0.1.0
#[no_mangle]
pub unsafe extern "C" fn chat_call_options_set_interrupt(
    options: *mut chat_call_options,
    stop: Option<extern "C" fn(user: *mut c_void) -> c_int>,
    user: *mut c_void,
) -> c_int {
    set(options, |options| {
        options.set_interrupt(stop.map(|stop| Interrupt { stop, user }));
        Ok(())
    })
}
