//! UserSigs for an app's users: making them and saying what one holds. Needs no client and sends nothing.

use std::os::raw::{c_char, c_int};
use std::ptr;
use std::time::{SystemTime, UNIX_EPOCH};

use super::boundary;
use super::response::{self, chat_response};
use crate::error::Error;
use crate::response::{Response, Terminated};
use crate::usersig::{inspect, make, PrivateMap};

/// The frame of all three.
unsafe fn answered(response: *mut *mut chat_response, f: impl FnOnce() -> Result<Response, Error>) -> c_int {
    boundary::put(response, ptr::null_mut());
    let answer = boundary::contain(f).unwrap_or_else(|| Err(boundary::panicked()));
    response::give(answer.unwrap_or_else(Response::refused), response)
}

/// Makes a UserSig for any user of the app, which a chat back end hands to that user's device (1047/34385). Sends nothing.
///
/// The body of the response is the UserSig, and the only place where it stands: whoever has it is that user. `chat_response_free` wipes it.
/// A client signs its own calls by itself and needs none.
///
/// @param sdk_app_id the app's number, as the console shows it; not 0.
/// @param identifier the UserID: 1 to 32 bytes of UTF-8 without control characters.
/// @param secret_key the app's key as the console shows it; never hex-decoded.
/// @param lifetime_s for how many seconds from now it is valid: 1 to 1,576,800,000 (50 years). The vendor's advice is a day at least.
/// @param response   receives the answer.
/// @return 0; CHAT_ERR_INVALID_ARGUMENT; CHAT_ERR_INVALID_UTF8.
/// @since 0.1.0
#[no_mangle]
pub unsafe extern "C" fn chat_user_sig_new(
    sdk_app_id: u32,
    identifier: *const c_char,
    secret_key: *const c_char,
    lifetime_s: u32,
    response: *mut *mut chat_response,
) -> c_int {
    answered(response, || {
        let identifier = boundary::text(identifier, "identifier")?;
        let key = boundary::text(secret_key, "secret_key")?;
        let sig = make(key, sdk_app_id, identifier, lifetime_s, None)?;
        Ok(Response::made(Terminated::secret(&sig)))
    })
}

/// Makes a UserSig that allows its user certain things in one room of TRTC, which the vendor calls a PrivateMapKey. Sends nothing.
///
/// Otherwise as `chat_user_sig_new`: the body of the response is the PrivateMapKey; `chat_response_free` wipes it.
///
/// @param sdk_app_id     the app's number, as the console shows it; not 0.
/// @param identifier     the UserID: 1 to 32 bytes of UTF-8 without control characters.
/// @param secret_key     the app's key as the console shows it; never hex-decoded.
/// @param lifetime_s     for how many seconds from now it is valid: 1 to 1,576,800,000 (50 years).
/// @param room_id        the room's number; 0 for a room with a name.
/// @param string_room_id the room's name, 1 to 64 bytes of UTF-8; NULL for a room with a number.
/// @param privilege_map  what is allowed, one bit each, added up: 1 make the room, 2 enter it, 4 send and 8 receive audio, 16 send and 32
///                       receive video, 64 send and 128 receive the screen; 255 for all.
/// @param response       receives the answer.
/// @return 0; CHAT_ERR_INVALID_ARGUMENT; CHAT_ERR_INVALID_UTF8.
/// @since 0.1.0
#[no_mangle]
#[allow(clippy::too_many_arguments)] // the vendor's own five, and the app's credentials
pub unsafe extern "C" fn chat_private_map_key_new(
    sdk_app_id: u32,
    identifier: *const c_char,
    secret_key: *const c_char,
    lifetime_s: u32,
    room_id: u32,
    string_room_id: *const c_char,
    privilege_map: u32,
    response: *mut *mut chat_response,
) -> c_int {
    answered(response, || {
        let identifier = boundary::text(identifier, "identifier")?;
        let key = boundary::text(secret_key, "secret_key")?;
        let string_room_id = boundary::optional_text(string_room_id, "string_room_id")?;
        let map = PrivateMap::new(room_id, string_room_id, privilege_map)?;
        let sig = make(key, sdk_app_id, identifier, lifetime_s, Some(&map))?;
        Ok(Response::made(Terminated::secret(&sig)))
    })
}

/// Opens a UserSig, whoever made it, and says what is in it, until when it is valid, and whether app and key fit. Sends nothing.
///
/// @param user_sig           the UserSig; blanks and line ends around it do not matter.
/// @param sdk_app_id         the app that it should be for; 0 if that is not to be checked.
/// @param secret_key_or_null the key that it should have been made with; NULL if that is not to be checked.
/// @param response           receives the answer. The
///                           accessors read `/identifier`, `/sdk_app_id`, `/made` and `/expires` (seconds since 1970), `/expired`,
///                           `/app_matches` and `/key_matches` (null where not checked), `/valid` and `/verdict` (the first thing that
///                           speaks against it), `/userbuf` (base64) and, of a PrivateMapKey, `/private_map` with `identifier`,
///                           `sdk_app_id`, `room_id`, `string_room_id`, `expires` and `privilege_map`.
/// @return 0 when it could be opened, valid or not; CHAT_ERR_INVALID_ARGUMENT when it is no UserSig or damaged; CHAT_ERR_INVALID_UTF8.
/// @since 0.1.0
#[no_mangle]
pub unsafe extern "C" fn chat_user_sig_inspect(
    user_sig: *const c_char,
    sdk_app_id: u32,
    secret_key_or_null: *const c_char,
    response: *mut *mut chat_response,
) -> c_int {
    answered(response, || {
        let sig = boundary::text(user_sig, "user_sig")?;
        let key = boundary::optional_text(secret_key_or_null, "secret_key")?;
        let opened = inspect(sig, key, Some(sdk_app_id).filter(|app| *app != 0))?;
        let now = SystemTime::now().duration_since(UNIX_EPOCH);
        let json = opened.json(now.map_or(0, |now| now.as_secs()));
        Ok(Response::made(Terminated::new(json.to_string())))
    })
}
