//! `chat_config`: a client's settings. One thread at a time.

use std::os::raw::{c_char, c_int, c_void};

use super::boundary;
use crate::attempt::AttemptHook;
use crate::config::Config;
use crate::error::Error;
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
    boundary::told(message, result)
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
/// There is no default. For any other host use `chat_config_set_base_url`; if both are set, `chat_client_new` answers CHAT_ERR_CONFIG.
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

/// Sets the host to call instead of a region: `https://host` or `https://host:port`, without a path.
///
/// Plain `http` goes only to loopback hosts (an emulator) unless `chat_config_set_allow_insecure_http` allows more.
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
/// This happens only after a connection or a TLS handshake failed, as when a carrier hijacks the name of the first host, and never leads
/// to another region. It is a repeat like any other and counts as an attempt. The second host is then preferred for 30 seconds. Riyadh has
/// none: there, and with a base URL, `chat_client_new` answers CHAT_ERR_CONFIG.
///
/// @param config the configuration.
/// @param yes    1 or 0.
/// @return 0; CHAT_ERR_INVALID_ARGUMENT.
/// @since 0.1.0
#[no_mangle]
pub unsafe extern "C" fn chat_config_set_use_standby(config: *mut chat_config, yes: c_int) -> c_int {
    set(config, "use_standby", |config| config.set_use_standby(yes != 0))
}

/// Sets the standby host of a base URL, written in the same way: another way to the same data centre. With a region, `chat_client_new`
/// answers CHAT_ERR_CONFIG. See `chat_config_set_use_standby`.
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
/// Give the key as the console shows it. The library copies it, never shows it, and wipes its copy when it is no longer used. Your copy is
/// yours to wipe.
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

/// Sets a ready UserSig for the identifier, if you do not want the key on this host. The library cannot renew it: replace it in time with
/// `chat_client_set_user_sig`.
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

/// Sets the total time of a call in milliseconds, waiting and repeats included; the default is 10,000. 0 is refused, because every call
/// must end.
///
/// The service allows itself 3,000 (1047/34620), so a shorter time loses answers that would have come.
///
/// @param config the configuration.
/// @param ms     milliseconds, 1 to UINT32_MAX (49 days).
/// @return 0; CHAT_ERR_INVALID_ARGUMENT.
/// @since 0.1.0
#[no_mangle]
pub unsafe extern "C" fn chat_config_set_timeout_ms(config: *mut chat_config, ms: u32) -> c_int {
    set(config, "timeout_ms", |config| config.set_timeout_ms(ms))
}

/// Sets the time of one attempt in milliseconds; the default is 4,000, more than the service allows itself (1047/34620). 0 is refused.
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
/// A call is repeated when nothing was sent; after passing errors of the service; with a new signature after 70001 and 70052; after a
/// pause when the service asks to slow down (60007, 60011, 60018, 60019, HTTP 429 and 503); and in doubt, for commands that may be sent
/// twice (`chat_call_options_set_repeat_in_doubt`). Pauses are random, up to 50 ms, then 100 ms and so on. If a pause would pass the
/// deadline, the last answer is returned instead. A budget, which successful calls fill, keeps the repeats of an outage under 2 in 100
/// calls.
///
/// @param config the configuration.
/// @param n      attempts, the first included.
/// @return 0; CHAT_ERR_INVALID_ARGUMENT.
/// @since 0.1.0
#[no_mangle]
pub unsafe extern "C" fn chat_config_set_max_attempts(config: *mut chat_config, n: u32) -> c_int {
    set(config, "max_attempts", |config| config.set_max_attempts(n))
}

/// Sets how many calls of one command the client sends in a second; the default is 200, which the service grants an app. 0 is no limit; at
/// most 10,000. With N processes of one app, set 200/N in each.
///
/// Half of them may leave at once, the rest evenly, never more than the limit in any 1.02 seconds. Calls wait in order of arrival; one
/// whose turn would come after its deadline returns CHAT_ERR_THROTTLED at once. When the service asks to slow down, the limit is halved
/// and then rises by 5 a second to what was set.
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
/// all but the host may be left out. `redis+unix://user:password@/run/redis.sock?db=0` is a Unix socket. After a `?`, `timeout_ms=250` is how
/// long each step of a trip may take, from 10 to 1000 (the default), and `ca_file=/path` of `rediss://` has the authorities for this server
/// alone. Login and paths are percent-encoded; the login is a secret like the key. `name`, 1 to 64 letters, digits, '-', '_' and '.', belongs to the limit
/// together with SDKAppID and command; all who share it set the same rate. Sentinel and clusters are refused: a fail-over forgets the slots
/// that were given.
///
/// Slots are given out on the server's clock, evenly and in order, several a trip: a limit of N a second is N evenly spaced calls in 1.02
/// seconds, no burst. A thread of the client makes the trips; a call waits as it does for the client's own limit, which stays in front. A
/// command that was not called for a day begins after 1.02 seconds. If the server forgets, as in a restart, its clients tell it for 1.02
/// seconds what they were given before it gives slots again; clients that made no trip in that time may exceed the limit by the slots they
/// still hold. The same holds if its clock jumps; after a jump of up to 35 seconds back it only waits until it has caught up.
///
/// Each trip measures how far that clock differs from the machine's, as NTP does. Near and far machines keep the limit together as long as
/// the ways to the server and back differ by at most 40 milliseconds.
///
/// While the server cannot be asked (no connection, no answer in time, no memory, a wrong login), calls go on under
/// `chat_config_set_shared_limit_fallback`, or return CHAT_ERR_THROTTLED with a message that says why; the server is tried again every
/// second. An impossible answer (a slot further ahead than was asked for, text) counts as none, and any answer is believed for a second
/// only. `chat_response_trace` has `"limit":"shared"` for each attempt, or `"limit":"fallback"` and in `"limit_reason"` why: fixed words.
/// The client's first call connects.
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
/// default, is none. With N processes, set an N-th of the shared limit.
///
/// The sum stays within the limit if N such shares do and all processes lose the server together. At the switch a process first leaves
/// time for the slots that the server had given to the whole fleet, as far ahead as its own latest answers showed; a process without an
/// answer yet begins at once. A server that is back and served nobody for a second gives nothing for three, until every process has found
/// it; the fallback ends one second earlier, and callers that wait under it get slots of the server. If only some processes lose the
/// server, the others still share all of the limit, and the fallbacks come on top.
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

/// Allows plain `http` to hosts other than loopback (1) or not (0, the default). Anybody on the network can then read the signature, which
/// can do everything that an administrator can.
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
/// balancers and firewalls on the way. If the host is an address and not a name, the next call closes it.
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
/// again. Off unless set. For networks that drop connections on which a call waits long.
///
/// @param config  the configuration.
/// @param seconds 1 to 32,767; 0 for none.
/// @return 0; CHAT_ERR_INVALID_ARGUMENT.
/// @since 0.1.0
#[no_mangle]
pub unsafe extern "C" fn chat_config_set_tcp_keepalive_s(config: *mut chat_config, seconds: u32) -> c_int {
    set(config, "tcp_keepalive_s", |config| config.set_tcp_keepalive_s(seconds))
}

/// Sets whether the system's trusted authorities replace the built-in ones (Mozilla's): on Linux the bundle of the distribution, read when
/// the client is made; environment variables do not matter. Elsewhere `chat_client_new` answers CHAT_ERR_CONFIG. Off unless set; not
/// together with `chat_config_set_ca_file`.
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

/// Sets a function that the library calls after each attempt, for logs and tracing. `attempt_json` is the attempt's object as in
/// `chat_response_trace`, valid until the function returns. The function runs on the thread of the call, so on several threads at once,
/// and the call waits for it. It may make calls, also with the same client. It must not throw, jump out, or free the client.
///
/// @param config  the configuration.
/// @param attempt the function, or NULL for none.
/// @param user    passed to the function, may be NULL; must outlive the client.
/// @return 0; CHAT_ERR_INVALID_ARGUMENT.
/// @since 0.1.0
#[no_mangle]
pub unsafe extern "C" fn chat_config_set_attempt_hook(
    config: *mut chat_config,
    attempt: Option<extern "C" fn(attempt_json: *const c_char, user: *mut c_void)>,
    user: *mut c_void,
) -> c_int {
    set(config, "attempt_hook", |config| {
        config.set_attempt_hook(attempt.map(|told| AttemptHook::C { told, user }));
        Ok(())
    })
}

/// Sets a label that each series of `chat_stats_prometheus` has beside its own, to tell clients and programs apart: `client` is the
/// client's name, and a number of the process unless set. NULL as the value takes the label back.
///
/// A refused label is refused by `chat_client_new` too until the same name is set well or taken back. At most 16.
///
/// @param config the configuration.
/// @param name   the label: 1 to 64 of A-Z, a-z, 0-9 and _, no digit and no __ at its beginning; `command`, `outcome` and `le` are taken.
/// @param value  its value: 1 to 256 bytes without control characters; or NULL.
/// @return 0; CHAT_ERR_INVALID_ARGUMENT; CHAT_ERR_INVALID_UTF8.
/// @since 0.1.0
#[no_mangle]
pub unsafe extern "C" fn chat_config_set_metric_label(
    config: *mut chat_config,
    name: *const c_char,
    value: *const c_char,
) -> c_int {
    set(config, "metric_label", |config| {
        config.set_metric_label(boundary::text(name, "name")?, boundary::optional_text(value, "value")?)
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
