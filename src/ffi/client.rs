//! `chat_client`: the connection to one app. Any number of threads.

use std::os::raw::{c_char, c_int};
use std::ptr;
use std::sync::Arc;

use super::boundary;
use super::config::chat_config;
use super::response::{self, chat_response};
use crate::client::Client;
use crate::config;
use crate::error::{describe, Error, CHAT_ERR_FORKED, CHAT_ERR_TIMEOUT, CHAT_OK};
use crate::fork::Birthplace;
use crate::response::Response;

/// A client of one app in one data centre: made by `chat_client_new`, shared by any number of threads.
#[derive(Debug)]
pub struct chat_client {
    pub(super) client: Client,
    /// Looked at before anything else: in a forked child the locks and sockets of the client belong to others.
    pub(super) born: Birthplace,
}

/// A client, kept alive until this call ends even if another thread frees it meanwhile.
///
/// # Safety
/// `client` is NULL or came from `chat_client_new`, and its free has not begun.
pub(super) unsafe fn lent(client: *const chat_client) -> Result<Arc<chat_client>, Error> {
    native(client)?;
    Arc::increment_strong_count(client);
    Ok(Arc::from_raw(client))
}

/// A client of this process: one that the parent made before `fork()` is refused before anything of it is touched.
///
/// # Safety
/// As [`lent`].
pub(super) unsafe fn native<'a>(client: *const chat_client) -> Result<&'a chat_client, Error> {
    let client = boundary::shared(client, "client")?;
    if client.born.is_here() {
        Ok(client)
    } else {
        Err(Error::new(CHAT_ERR_FORKED, describe(CHAT_ERR_FORKED).text()))
    }
}

/// Makes a client. Reads the CA files; opens no connection yet. Blocks only while it reads those files.
///
/// @param config the settings; copied, so it may be freed or changed afterwards.
/// @param client receives the client on 0, else NULL. Free it with `chat_client_free`.
/// @param error  receives what is wrong on anything but 0, else NULL.
/// @return 0; CHAT_ERR_CONFIG when settings are missing, contradict each other or a CA file cannot be used; the code of a setter that
///         was refused; CHAT_ERR_INVALID_ARGUMENT when `config` or `client` is NULL.
/// @since 0.1.0
#[no_mangle]
pub unsafe extern "C" fn chat_client_new(
    config: *const chat_config,
    client: *mut *mut chat_client,
    error: *mut *mut chat_response,
) -> c_int {
    boundary::put(client, ptr::null_mut());
    boundary::put(error, ptr::null_mut());
    let result = boundary::contain(|| -> Result<Arc<chat_client>, Error> {
        let config = boundary::shared(config, "config")?;
        boundary::exclusive(client, "client")?;
        Ok(Arc::new(chat_client {
            client: Client::new(&config.config)?,
            born: Birthplace::here(),
        }))
    });
    match result.unwrap_or_else(|| Err(boundary::panicked())) {
        Ok(new) => {
            boundary::put(client, Arc::into_raw(new).cast_mut());
            CHAT_OK
        }
        Err(refusal) => response::give(Response::refused(refusal), error),
    }
}

/// Replaces the secret key for the calls to come; calls in progress end with the old one.
///
/// @param client the client.
/// @param key    the key.
/// @return 0; CHAT_ERR_INVALID_ARGUMENT or CHAT_ERR_INVALID_UTF8, and the old key stays (1 to 1024 printable ASCII characters, no
///         spaces); CHAT_ERR_FORKED.
/// @since 0.1.0
#[no_mangle]
pub unsafe extern "C" fn chat_client_set_secret_key(client: *const chat_client, key: *const c_char) -> c_int {
    with(client, |client| client.set_secret_key(boundary::text(key, "key")?))
}

/// Replaces the UserSig for the calls to come; calls in progress end with the old one.
///
/// @param client the client.
/// @param sig    the UserSig.
/// @return 0; CHAT_ERR_INVALID_ARGUMENT or CHAT_ERR_INVALID_UTF8, and the old signature stays (1 to 8192 letters, digits, `*`, `-`,
///         `_`); CHAT_ERR_FORKED.
/// @since 0.1.0
#[no_mangle]
pub unsafe extern "C" fn chat_client_set_user_sig(client: *const chat_client, sig: *const c_char) -> c_int {
    with(client, |client| client.set_user_sig(boundary::text(sig, "sig")?))
}

unsafe fn with(client: *const chat_client, f: impl FnOnce(&Client) -> Result<(), Error>) -> c_int {
    let result = boundary::contain(|| f(&lent(client)?.client));
    match result.unwrap_or_else(|| Err(boundary::panicked())) {
        Ok(()) => CHAT_OK,
        Err(error) => error.code,
    }
}

/// Ends the calls in progress and refuses those to come, both with CHAT_ERR_SHUTDOWN. Does not wait for them, and may be repeated. A call
/// ends at once, whatever it waits for. The client still has to be freed. Does nothing
/// for NULL and, in a child of `fork()`, for a client of the parent.
///
/// @param client the client, or NULL.
/// @since 0.1.0
#[no_mangle]
pub unsafe extern "C" fn chat_client_shutdown(client: *const chat_client) {
    with(client, |client| {
        client.shutdown();
        Ok(())
    });
}

/// Opens connections ahead of the first calls: look-up, TCP and TLS. Blocks until they are open, one cannot be made, or the time is over.
/// They close like others after the idle timeout.
///
/// @param client     the client.
/// @param n          how many connections are to be ready; 1 to those of `chat_config_set_max_connections`.
/// @param timeout_ms for all of them, in milliseconds, at least 1; each also has the client's connect timeout.
/// @param response   receives what went wrong.
/// @return 0; else why one could not be made, in the codes of a call. Those made before stay open.
/// @since 0.1.0
#[no_mangle]
pub unsafe extern "C" fn chat_client_warm_up(
    client: *const chat_client,
    n: u32,
    timeout_ms: u32,
    response: *mut *mut chat_response,
) -> c_int {
    boundary::put(response, ptr::null_mut());
    let result = boundary::contain(|| -> Result<Response, Error> {
        let longest = config::timeout("timeout_ms", timeout_ms)?;
        Ok(lent(client)?.client.warm_up(n, longest))
    });
    let answer = result.unwrap_or_else(|| Err(boundary::panicked()));
    response::give(answer.unwrap_or_else(Response::refused), response)
}

/// Shuts a client down and lets the calls inside end first: refuses new calls with CHAT_ERR_SHUTDOWN, waits until those inside have ended
/// or the time is over, and then does what `chat_client_shutdown` does. Blocks until then; from inside an interrupt callback or an attempt
/// hook it does not wait for that call. The client still has to be freed.
///
/// @param client     the client.
/// @param timeout_ms how long the calls inside have, in milliseconds, at least 1.
/// @return 0 when all of them ended by themselves; CHAT_ERR_TIMEOUT when some had to be ended; CHAT_ERR_INVALID_ARGUMENT;
///         CHAT_ERR_FORKED.
/// @since 0.1.0
#[no_mangle]
pub unsafe extern "C" fn chat_client_drain(client: *const chat_client, timeout_ms: u32) -> c_int {
    let drain = |client: &Client| match client.drain(config::timeout("timeout_ms", timeout_ms)?) {
        true => Ok(()),
        false => Err(Error::new(CHAT_ERR_TIMEOUT, "calls were still under way")),
    };
    with(client, drain)
}

/// Frees a client: refuses new calls, ends those inside, waits for them, wipes key and signature.
///
/// Other threads may be inside a call, but none may begin one from now on. From inside an interrupt callback it does not wait. In a child
/// of `fork()` a client of the parent is only forgotten: its memory and sockets stay until the child ends. Blocks until the calls inside
/// have returned, which they do at once.
///
/// @param client the client.
/// @since 0.1.0
#[no_mangle]
pub unsafe extern "C" fn chat_client_free(client: *mut chat_client) {
    boundary::contain(|| {
        if native(client).is_err() {
            return;
        }
        // The calls inside hold references of their own, so the last one to leave frees the memory.
        let client = Arc::from_raw(client);
        client.client.shutdown();
        client.client.wait_until_idle();
    });
}
