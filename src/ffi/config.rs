//! `chat_config`: a client's settings. One thread at a time.

use std::os::raw::{c_char, c_int, c_void};

use super::boundary;
use crate::attempt::AttemptHook;
use crate::config::Config;
use crate::error::{Error, CHAT_OK};
use crate::response::Terminated;

/// A client's settings: made by `chat_config_new`, read by `chat_client_new`, changed by one thread at a time.
#[derive(Debug)]
pub struct chat_config {
    pub(super) config: Config,
    message: Terminated,
}

/// Runs one setter; its refusal is kept for `chat_config_message` and for `chat_client_new`.
unsafe fn set(
    config: *mut chat_config,
    setting: &'static str,
    setter: impl FnOnce(&mut Config) -> Result<(), Error>,
) -> c_int {
    let Ok(chat_config { config, message }) = boundary::exclusive(config, "config") else {
        return crate::error::CHAT_ERR_INVALID_ARGUMENT;
    };
    let result = boundary::contain(|| {
        config.set(setting, |config| {
            crate::injected_panic::at("config");
            setter(config)
        })
    });
    match result.unwrap_or_else(|| Err(boundary::panicked())) {
        Ok(()) => {
            *message = Terminated::default();
            CHAT_OK
        }
        Err(error) => {
            *message = Terminated::new(error.message);
            error.code
        }
    }
}

/// Makes a configuration with every default. Free it with `chat_config_free`; a client keeps no reference to it.
///
/// @return the configuration; NULL only if the library itself failed.
/// @since 0.1.0
#[no_mangle]
pub extern "C" fn chat_config_new() -> *mut chat_config {
    let new = || chat_config {
        config: Config::default(),
        message: Terminated::default(),
    };
    boundary::contain(|| Box::into_raw(Box::new(new()))).unwrap_or(std::ptr::null_mut())
}

/// Frees a configuration and wipes its secrets.
///
/// @param config the configuration.
/// @since 0.1.0
#[no_mangle]
pub unsafe extern "C" fn chat_config_free(config: *mut chat_config) {
    boundary::free(config);
}

/// Why the last setter was refused; "" when it was accepted. Valid until the next setter.
///
/// @param config the configuration; NULL answers a text that says so.
/// @return the reason or "".
/// @since 0.1.0
#[no_mangle]
pub unsafe extern "C" fn chat_config_message(config: *const chat_config) -> *const c_char {
    match boundary::shared(config, "config") {
        Ok(config) => config.message.with_nul().as_ptr().cast(),
        Err(_) => c"config is NULL".as_ptr(),
    }
}

/// Sets the data centre: china, singapore, seoul, tokyo, frankfurt, silicon_valley, jakarta or riyadh (1047/34620). It must be the app's
/// own.
///
/// There is no default. Other places need `chat_config_set_base_url`; setting both is CHAT_ERR_CONFIG when the client is made.
///
/// A refused setter returns its code, keeps its reason for `chat_config_message`, and makes `chat_client_new` fail with it until the same
/// setter accepts a value. This holds for all of them.
///
/// @param config the configuration.
/// @param name   one of the names above.
/// @return 0; CHAT_ERR_INVALID_ARGUMENT with the list of regions; CHAT_ERR_INVALID_UTF8.
/// @since 0.1.0
#[no_mangle]
pub unsafe extern "C" fn chat_config_set_region(config: *mut chat_config, name: *const c_char) -> c_int {
    set(config, "region", |config| {
        config.set_region(boundary::text(name, "name")?)
    })
}

/// Sets the place to call instead of a region: `https://host` or `https://host:port`, without a path.
///
/// Plain `http` is for loopback hosts (an emulator) unless `chat_config_set_allow_insecure_http` allows more.
///
/// @param config the configuration.
/// @param url    the place.
/// @return 0; CHAT_ERR_INVALID_ARGUMENT; CHAT_ERR_INVALID_UTF8.
/// @since 0.1.0
#[no_mangle]
pub unsafe extern "C" fn chat_config_set_base_url(config: *mut chat_config, url: *const c_char) -> c_int {
    set(config, "base_url", |config| {
        config.set_base_url(boundary::text(url, "url")?)
    })
}

/// Tries the region's second documented host (269/1519) when no connection to the first can be made (1), or not (0, the default).
///
/// Only after a failure to connect or of the TLS handshake, as when a carrier hijacks the first name; never another region. Such a turn is
/// a repeat like any other: it counts as an attempt. The second host is then preferred for 30 seconds. All regions but riyadh have one;
/// there and with a base URL `chat_client_new` answers CHAT_ERR_CONFIG.
///
/// @param config the configuration.
/// @param yes    1 or 0.
/// @return 0; CHAT_ERR_INVALID_ARGUMENT.
/// @since 0.1.0
#[no_mangle]
pub unsafe extern "C" fn chat_config_set_use_standby(config: *mut chat_config, yes: c_int) -> c_int {
    set(config, "use_standby", |config| config.set_use_standby(yes != 0))
}

/// Sets the standby of a base URL, written like it: another way to the same data centre. With a region it is CHAT_ERR_CONFIG. See
/// `chat_config_set_use_standby`.
///
/// @param config the configuration.
/// @param url    the other way.
/// @return 0; CHAT_ERR_INVALID_ARGUMENT; CHAT_ERR_INVALID_UTF8.
/// @since 0.1.0
#[no_mangle]
pub unsafe extern "C" fn chat_config_set_standby_url(config: *mut chat_config, url: *const c_char) -> c_int {
    set(config, "standby_url", |config| {
        config.set_standby_url(boundary::text(url, "url")?)
    })
}

/// Sets the app's SDKAppID, as the console shows it; not 0. Required.
///
/// @param config the configuration.
/// @param id     the SDKAppID.
/// @return 0; CHAT_ERR_INVALID_ARGUMENT.
/// @since 0.1.0
#[no_mangle]
pub unsafe extern "C" fn chat_config_set_sdk_app_id(config: *mut chat_config, id: u32) -> c_int {
    set(config, "sdk_app_id", |config| config.set_sdk_app_id(id))
}

/// Sets the UserID of an app administrator, who makes the calls: 1 to 32 printable ASCII characters. Required.
///
/// @param config the configuration.
/// @param admin  the UserID.
/// @return 0; CHAT_ERR_INVALID_ARGUMENT; CHAT_ERR_INVALID_UTF8.
/// @since 0.1.0
#[no_mangle]
pub unsafe extern "C" fn chat_config_set_identifier(config: *mut chat_config, admin: *const c_char) -> c_int {
    set(config, "identifier", |config| {
        config.set_identifier(boundary::text(admin, "admin")?)
    })
}

/// Sets the app's secret key, from which the library makes UserSigs. Either this or `chat_config_set_user_sig` is required.
///
/// The key is the console's text, used as it is; it is copied, never shown, and wiped when no longer used. The caller wipes its own copy.
///
/// @param config the configuration.
/// @param key    the key: 1 to 1024 printable ASCII characters, no spaces.
/// @return 0; CHAT_ERR_INVALID_ARGUMENT; CHAT_ERR_INVALID_UTF8.
/// @since 0.1.0
#[no_mangle]
pub unsafe extern "C" fn chat_config_set_secret_key(config: *mut chat_config, key: *const c_char) -> c_int {
    set(config, "secret_key", |config| {
        config.set_secret_key(boundary::text(key, "key")?)
    })
}

/// Sets a ready UserSig for the identifier, for those who do not give the key to this host. The library cannot renew it: replace it in time
/// with `chat_client_set_user_sig`.
///
/// @param config the configuration.
/// @param sig    the UserSig: 1 to 8192 letters, digits, `*`, `-`, `_`.
/// @return 0; CHAT_ERR_INVALID_ARGUMENT; CHAT_ERR_INVALID_UTF8.
/// @since 0.1.0
#[no_mangle]
pub unsafe extern "C" fn chat_config_set_user_sig(config: *mut chat_config, sig: *const c_char) -> c_int {
    set(config, "user_sig", |config| {
        config.set_user_sig(boundary::text(sig, "sig")?)
    })
}

/// Sets the total time of a call in milliseconds, waiting and repeats included; the default is 10,000. 0 is refused: no call waits for ever.
///
/// The service gives itself 3,000 (1047/34620), so less than that cuts off answers that would have come.
///
/// @param config the configuration.
/// @param ms     milliseconds, 1 to UINT32_MAX (49 days).
/// @return 0; CHAT_ERR_INVALID_ARGUMENT.
/// @since 0.1.0
#[no_mangle]
pub unsafe extern "C" fn chat_config_set_timeout_ms(config: *mut chat_config, ms: u32) -> c_int {
    set(config, "timeout_ms", |config| config.set_timeout_ms(ms))
}

/// Sets the time of one attempt in milliseconds; the default is 4,000, which is more than the service gives itself (1047/34620). 0 is
/// refused.
///
/// @param config the configuration.
/// @param ms     milliseconds, 1 to UINT32_MAX (49 days).
/// @return 0; CHAT_ERR_INVALID_ARGUMENT.
/// @since 0.1.0
#[no_mangle]
pub unsafe extern "C" fn chat_config_set_attempt_timeout_ms(config: *mut chat_config, ms: u32) -> c_int {
    set(config, "attempt_timeout_ms", |config| config.set_attempt_timeout_ms(ms))
}

/// Sets how often a call is tried at most: 1 (never repeat) to 10; the default is 3.
///
/// A repeat is made where it is right and only there: when nothing had been sent; after the service's own passing errors; with a new
/// signature after 70001 and 70052; after a pause when it asks to slow down (60007, 60011, 60018, 60019, HTTP 429 and 503); and, when
/// nobody knows whether an attempt took effect, for commands that may be sent twice (`chat_call_options_set_repeat_in_doubt`). The pauses
/// are random up to 50 ms, doubling; no pause goes past the deadline: the last answer is returned then. A budget for the client, earned by
/// successful calls, keeps the repeats of an outage under 2 in 100 calls.
///
/// @param config the configuration.
/// @param n      attempts, the first included.
/// @return 0; CHAT_ERR_INVALID_ARGUMENT.
/// @since 0.1.0
#[no_mangle]
pub unsafe extern "C" fn chat_config_set_max_attempts(config: *mut chat_config, n: u32) -> c_int {
    set(config, "max_attempts", |config| config.set_max_attempts(n))
}

/// Sets how many calls of one command the client sends in a second; the default is 200, what the service grants an app. 0 is no limit; at
/// most 10,000. N processes of one app set 200/N each.
///
/// Half of them may leave at once, the rest evenly, never more than the limit in any 1.02 seconds. Calls wait for their turn in order of
/// arrival; one whose turn lies beyond its deadline returns CHAT_ERR_THROTTLED at once. When the service asks to slow down, the limit is
/// halved and then rises by 5 a second to what was set.
///
/// @param config           the configuration.
/// @param calls_per_second calls of one command in a second; 0 to 10,000.
/// @return 0; CHAT_ERR_INVALID_ARGUMENT.
/// @since 0.1.0
#[no_mangle]
pub unsafe extern "C" fn chat_config_set_rate_limit(config: *mut chat_config, calls_per_second: u32) -> c_int {
    set(config, "rate_limit", |config| config.set_rate_limit(calls_per_second))
}

/// Makes every process that names the same limit share the one set by `chat_config_set_rate_limit`, through a server of the Redis protocol
/// (Redis from 5, Valkey): each command's calls a second, counted together. NULL, the default, is a limit of the client's own.
///
/// `url` is `redis://user:password@host:port/database`, or `rediss://` for TLS (`ca_file` and `add_ca_file` count, the proxy does not);
/// all but the host may be left out. The login, percent-encoded, is a secret like the key. `name`, 1 to 64 letters, digits, '-', '_' and
/// '.', belongs to the limit together with SDKAppID and command; all who share it set the same rate. Clusters are not supported.
///
/// Slots are given out on the server's clock, evenly and in order, several a trip: a limit of N a second is N evenly spaced calls in
/// 1.02 seconds, no burst. A thread of the client makes the trips; a call waits as it does for the client's own limit, which stays in
/// front. A command that nobody called for a day begins after 1.02 seconds. What a server forgets, as in a restart, its clients tell it for
/// 1.02 seconds before it gives slots again: on top of the limit comes at most what clients that made no trip in that time had been given
/// before. The same holds for a clock that jumps; up to 35 seconds back it only waits until it has caught up.
///
/// How that clock lies to the machine's is learnt from the trips themselves, as NTP does: machines far from the server and near it keep to
/// the limit together while the way to it and the way back take the same time, within 40 milliseconds.
///
/// While the server cannot be asked (no connection, no answer in a second, no memory, a wrong login), calls are served by
/// `chat_config_set_shared_limit_fallback`, or return CHAT_ERR_THROTTLED with a message that says why; it is tried again every second. An
/// answer that the script cannot have given (a slot further ahead than was asked for, text) counts as no answer; what one answer said is
/// believed for a second. `chat_response_trace` has `"limit":"shared"` for each attempt, or `"limit":"fallback"` and in `"limit_reason"`
/// why: fixed words. The client's first call connects.
///
/// @param config the configuration.
/// @param url    the server, as above. NULL takes the setting back.
/// @param name   the limit's name there. NULL answers CHAT_ERR_INVALID_ARGUMENT, but where `url` is NULL, too.
/// @return 0; CHAT_ERR_INVALID_ARGUMENT, also from a library that was built without it; CHAT_ERR_INVALID_UTF8.
/// @since 0.1.0
#[no_mangle]
pub unsafe extern "C" fn chat_config_set_shared_limit(
    config: *mut chat_config,
    url: *const c_char,
    name: *const c_char,
) -> c_int {
    set(config, "shared_limit", |config| {
        match boundary::optional_text(url, "url")? {
            Some(url) => config.set_shared_limit(Some(url), boundary::text(name, "name")?),
            None => config.set_shared_limit(None, ""),
        }
    })
}

/// Sets how many calls of one command this client sends in a second, evenly, while the server of its shared limit cannot be asked; 0, the
/// default, is none. With N processes, a N-th of the shared limit.
///
/// Each process may assume that N such shares are within the limit, and that the others lose the server when it does. At the switch it first
/// leaves the time for slots that the server had given to the whole fleet, as deep as its own latest answers showed; a process that has no
/// answer yet begins at once. At the return, a server by which nobody was served for a second gives nothing for three, in which every
/// process finds it again; the fallback ends one second before, and whoever waits for a slot of it gets one of the server's. So the sum stays
/// within the limit throughout. Where only some processes lose the server, the others go on sharing all of the limit and those come on top.
///
/// Without a shared limit, or above it, this is CHAT_ERR_CONFIG when the client is made.
///
/// @param config           the configuration.
/// @param calls_per_second calls of one command in a second; 0 to 10,000.
/// @return 0; CHAT_ERR_INVALID_ARGUMENT.
/// @since 0.1.0
#[no_mangle]
pub unsafe extern "C" fn chat_config_set_shared_limit_fallback(
    config: *mut chat_config,
    calls_per_second: u32,
) -> c_int {
    set(config, "shared_limit_fallback", |config| {
        config.set_shared_limit_fallback(calls_per_second)
    })
}

/// Sets the time for look-up, TCP connection, proxy and TLS handshake together, in milliseconds; the default is 2,000. 0 is refused.
///
/// @param config the configuration.
/// @param ms     milliseconds, 1 to UINT32_MAX (49 days).
/// @return 0; CHAT_ERR_INVALID_ARGUMENT.
/// @since 0.1.0
#[no_mangle]
pub unsafe extern "C" fn chat_config_set_connect_timeout_ms(config: *mut chat_config, ms: u32) -> c_int {
    set(config, "connect_timeout_ms", |config| config.set_connect_timeout_ms(ms))
}

/// Sets a PEM file of CA certificates that replaces the built-in ones (Mozilla's). Read by `chat_client_new`.
///
/// @param config the configuration.
/// @param path   the path of the file.
/// @return 0; CHAT_ERR_INVALID_ARGUMENT; CHAT_ERR_INVALID_UTF8.
/// @since 0.1.0
#[no_mangle]
pub unsafe extern "C" fn chat_config_set_ca_file(config: *mut chat_config, path: *const c_char) -> c_int {
    set(config, "ca_file", |config| {
        config.set_ca_file(boundary::text(path, "path")?)
    })
}

/// Adds a PEM file of CA certificates trusted beside the others. May be called several times. Read by `chat_client_new`.
///
/// @param config the configuration.
/// @param path   the path of the file.
/// @return 0; CHAT_ERR_INVALID_ARGUMENT; CHAT_ERR_INVALID_UTF8.
/// @since 0.1.0
#[no_mangle]
pub unsafe extern "C" fn chat_config_add_ca_file(config: *mut chat_config, path: *const c_char) -> c_int {
    set(config, "add_ca_file", |config| {
        config.add_ca_file(boundary::text(path, "path")?)
    })
}

/// Sets an HTTP proxy, `http://host:port` or `http://user:password@host:port` (both percent-encoded); NULL, the default, is none.
///
/// Every connection goes through a CONNECT tunnel. Other kinds of proxy are refused by name. No environment variable is read.
///
/// @param config the configuration.
/// @param url    the proxy, or NULL for none.
/// @return 0; CHAT_ERR_INVALID_ARGUMENT; CHAT_ERR_INVALID_UTF8.
/// @since 0.1.0
#[no_mangle]
pub unsafe extern "C" fn chat_config_set_proxy(config: *mut chat_config, url: *const c_char) -> c_int {
    set(config, "proxy", |config| {
        config.set_proxy(boundary::optional_text(url, "url")?)
    })
}

/// Sets how long the signatures made here are valid, in seconds; the default is 86,400, a day. From 60 to 1,576,800,000.
///
/// Each is renewed when a quarter of that is left, and back-dated 60 seconds for clocks that run ahead.
///
/// @param config  the configuration.
/// @param seconds seconds.
/// @return 0; CHAT_ERR_INVALID_ARGUMENT.
/// @since 0.1.0
#[no_mangle]
pub unsafe extern "C" fn chat_config_set_user_sig_lifetime_s(config: *mut chat_config, seconds: u32) -> c_int {
    set(config, "user_sig_lifetime_s", |config| {
        config.set_user_sig_lifetime_s(seconds)
    })
}

/// Allows plain `http` to hosts other than loopback (1) or not (0, the default). The signature, which may do everything an administrator
/// may, then crosses the network readable by anybody.
///
/// @param config the configuration.
/// @param yes    1 or 0.
/// @return 0; CHAT_ERR_INVALID_ARGUMENT.
/// @since 0.1.0
#[no_mangle]
pub unsafe extern "C" fn chat_config_set_allow_insecure_http(config: *mut chat_config, yes: c_int) -> c_int {
    set(config, "allow_insecure_http", |config| {
        config.set_allow_insecure_http(yes != 0)
    })
}

/// Checks the vendor's limits before sending (1, the default) or leaves them to the service (0), which may have changed them.
///
/// @param config the configuration.
/// @param yes    1 or 0.
/// @return 0; CHAT_ERR_INVALID_ARGUMENT.
/// @since 0.1.0
#[no_mangle]
pub unsafe extern "C" fn chat_config_set_local_limits(config: *mut chat_config, yes: c_int) -> c_int {
    set(config, "local_limits", |config| config.set_local_limits(yes != 0))
}

/// Sets how many connections the client opens at most; the default is 64. From 1 to 10,000. Further callers wait their turn, in order,
/// until their deadline (CHAT_ERR_TIMEOUT, not in doubt).
///
/// @param config the configuration.
/// @param n      connections.
/// @return 0; CHAT_ERR_INVALID_ARGUMENT.
/// @since 0.1.0
#[no_mangle]
pub unsafe extern "C" fn chat_config_set_max_connections(config: *mut chat_config, n: u32) -> c_int {
    set(config, "max_connections", |config| config.set_max_connections(n))
}

/// Sets after how many milliseconds a connection that no call uses is closed; the default is 15,000. Keep it below the idle time of the
/// balancers and firewalls on the way. Where the host is an address and not a name, it is closed by the next call.
///
/// @param config the configuration.
/// @param ms     milliseconds, at least 1.
/// @return 0; CHAT_ERR_INVALID_ARGUMENT.
/// @since 0.1.0
#[no_mangle]
pub unsafe extern "C" fn chat_config_set_idle_timeout_ms(config: *mut chat_config, ms: u32) -> c_int {
    set(config, "idle_timeout_ms", |config| config.set_idle_timeout_ms(ms))
}

/// Sets after how many seconds without traffic the system asks the other side whether it lives (TCP keep-alive), and how often it asks
/// again. Off unless set. For a network that forgets connections on which a call waits long.
///
/// @param config  the configuration.
/// @param seconds 1 to 32,767; 0 for none.
/// @return 0; CHAT_ERR_INVALID_ARGUMENT.
/// @since 0.1.0
#[no_mangle]
pub unsafe extern "C" fn chat_config_set_tcp_keepalive_s(config: *mut chat_config, seconds: u32) -> c_int {
    set(config, "tcp_keepalive_s", |config| config.set_tcp_keepalive_s(seconds))
}

/// Sets whether the authorities that the system trusts take the place of the built-in ones (Mozilla's): on Linux the bundle of the
/// distribution, read when the client is made; no environment variable has a say. Elsewhere `chat_client_new` answers CHAT_ERR_CONFIG. Off
/// unless set; not together with `chat_config_set_ca_file`.
///
/// @param config the configuration.
/// @param yes    0 or not.
/// @return 0; CHAT_ERR_INVALID_ARGUMENT.
/// @since 0.1.0
#[no_mangle]
pub unsafe extern "C" fn chat_config_set_system_ca(config: *mut chat_config, yes: c_int) -> c_int {
    set(config, "system_ca", |config| config.set_system_ca(yes != 0))
}

/// Sets the certificate that the client shows to a gateway that asks for one, as two PEM files: the certificate, followed by those between
/// it and its authority, and its private key without a passphrase. Both are read when the client is made.
///
/// @param config           the configuration.
/// @param certificate_file path of the certificates, or NULL for none.
/// @param key_file         path of the key; NULL only if the other is.
/// @return 0; CHAT_ERR_INVALID_ARGUMENT, CHAT_ERR_INVALID_UTF8. `chat_client_new` answers CHAT_ERR_CONFIG for a file that cannot be used.
/// @since 0.1.0
#[no_mangle]
pub unsafe extern "C" fn chat_config_set_client_certificate(
    config: *mut chat_config,
    certificate_file: *const c_char,
    key_file: *const c_char,
) -> c_int {
    set(config, "client_certificate", |config| {
        let certificate = boundary::optional_text(certificate_file, "certificate_file")?;
        let files = certificate.map(|certificate| Ok((certificate, boundary::text(key_file, "key_file")?)));
        config.set_client_certificate(files.transpose()?)
    })
}

/// Sets a function that is told of each attempt when it ends, for logs and for tracing: `attempt_json` is its object as in
/// `chat_response_trace`, lent until the function returns. It is called on the thread of the call, so by as many threads at once as there
/// are calls, and the call waits for it. It may make calls, also with the same client. It must not throw, jump out, or free the client.
///
/// @param config  the configuration.
/// @param attempt the function, or NULL for none.
/// @param user    handed to the function, NULL as well; has to outlive the client.
/// @return 0; CHAT_ERR_INVALID_ARGUMENT.
/// @since 0.1.0
#[no_mangle]
pub unsafe extern "C" fn chat_config_set_attempt_hook(
    config: *mut chat_config,
    attempt: Option<extern "C" fn(attempt_json: *const c_char, user: *mut c_void)>,
    user: *mut c_void,
) -> c_int {
    set(config, "attempt_hook", |config| {
        config.set_attempt_hook(attempt.map(|told| AttemptHook { told, user }));
        Ok(())
    })
}

/// Sets what follows the library's name and version in the User-Agent header: at most 256 printable ASCII characters.
///
/// @param config the configuration.
/// @param suffix the text.
/// @return 0; CHAT_ERR_INVALID_ARGUMENT; CHAT_ERR_INVALID_UTF8.
/// @since 0.1.0
#[no_mangle]
pub unsafe extern "C" fn chat_config_set_user_agent(config: *mut chat_config, suffix: *const c_char) -> c_int {
    set(config, "user_agent", |config| {
        config.set_user_agent(boundary::text(suffix, "suffix")?)
    })
}
