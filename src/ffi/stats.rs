//! `chat_stats`: what a client, or several, counted about themselves, at one moment.

use std::os::raw::{c_char, c_int};
use std::ptr;

use super::boundary;
use super::client::{self, chat_client};
use crate::error::CHAT_OK;
use crate::stats::Snapshot;

/// A client's counters at one moment, and those of others that were added. Any number of threads may read it.
///
/// Counters only rise, except those marked as gauges; they begin at 0 with the client. All are `uint64_t`:
///  - `calls`: calls that returned; each is counted in exactly one of `calls_ok`, `calls_service` (the service's own codes),
///    `calls_partial`, `calls_invalid_argument` (refused locally: codes -1 to -3), `calls_timeout`, `calls_transport`, `calls_tls`,
///    `calls_http_status`, `calls_protocol`, `calls_no_error_code`, `calls_throttled`, `calls_cancelled`, `calls_shutdown`, `calls_panic`.
///  - `calls_in_progress` (gauge): calls that are inside the client now.
///  - `attempts`: requests made, or tried; `retries`: those of them that were repeats; `standby_attempts`: those to the standby host.
///  - `in_doubt`: calls that returned in doubt; `already_deleted`: deletes whose repeat found nothing left.
///  - `retries_over_budget`: repeats that were not made because the budget was spent; `throttle_answers`: answers that asked to slow down.
///  - `signature_refusals`: answers that refused the UserSig; `re_signs`: signatures replaced because the service called them expired or
///    revoked.
///  - `rate_waits`, `rate_waited_ms`: calls that waited for a slot under the rate limit, and for how long in all.
///  - `shared_limit_trips`, `shared_limit_failures`: trips to the server of the shared limit, and those of them that brought nothing.
///  - `connections_opened`; `connections_open` (gauge), `connections_idle` (gauge): those that are open, and of these the ones that no call
///    uses; `connections_awaited` (gauge): calls that wait for one of the client's connections.
///  - `connection_waits`, `connection_waited_ms`: attempts that waited for one of the client's connections, and for how long in all.
///  - `latency_le_1_ms` and so on for 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000 and `latency_le_inf`: calls that made an
///    attempt and returned within so many milliseconds, each including those before it; `latency_sum_us`: their time in all.
#[derive(Debug)]
pub struct chat_stats {
    snapshot: Snapshot,
}

unsafe fn read<T>(stats: *const chat_stats, nothing: T, property: impl FnOnce(&Snapshot) -> T) -> T {
    match boundary::shared(stats, "stats") {
        Ok(stats) => boundary::contain(|| property(&stats.snapshot)).unwrap_or(nothing),
        Err(_) => nothing,
    }
}

/// Takes a snapshot of a client's counters. Free it with `chat_stats_free`.
///
/// @param client the client, or NULL.
/// @return the snapshot; NULL for NULL and for a client made before `fork()`.
/// @since 0.1.0
#[no_mangle]
pub unsafe extern "C" fn chat_client_stats(client: *const chat_client) -> *mut chat_stats {
    let snapshot = boundary::contain(|| client::native(client).map(|client| client.client.stats()));
    match snapshot {
        Some(Ok(snapshot)) => Box::into_raw(Box::new(chat_stats { snapshot })),
        _ => ptr::null_mut(),
    }
}

/// Frees a snapshot and every text borrowed from it.
///
/// @param stats the snapshot.
/// @since 0.1.0
#[no_mangle]
pub unsafe extern "C" fn chat_stats_free(stats: *mut chat_stats) {
    boundary::free(stats);
}

/// Adds another client's counters to a snapshot, for one page of several clients: each counter becomes the sum, and
/// `chat_stats_prometheus` has the series of each under its own labels (`chat_config_set_metric_label`). Texts borrowed before must not be
/// used any more.
///
/// @param stats  the snapshot.
/// @param client the other client.
/// @return 0; CHAT_ERR_INVALID_ARGUMENT, and nothing is added, when one with the same labels is there already; CHAT_ERR_FORKED.
/// @since 0.1.0
#[no_mangle]
pub unsafe extern "C" fn chat_stats_add(stats: *mut chat_stats, client: *const chat_client) -> c_int {
    let result = boundary::contain(|| {
        let stats = boundary::exclusive(stats, "stats")?;
        stats.snapshot.add(client::native(client)?.client.stats())
    });
    match result.unwrap_or_else(|| Err(boundary::panicked())) {
        Ok(()) => CHAT_OK,
        Err(refusal) => refusal.code,
    }
}

/// The counter of that name; 0 for a name that this version does not have.
///
/// @param stats the snapshot.
/// @param name  its name as above.
/// @return the counter or 0.
/// @since 0.1.0
#[no_mangle]
pub unsafe extern "C" fn chat_stats_get(stats: *const chat_stats, name: *const c_char) -> u64 {
    read(stats, 0, |snapshot| {
        boundary::text(name, "name").map_or(0, |name| snapshot.get(name))
    })
}

/// How many counters there are, to go through them all: a later version may have more.
///
/// @param stats the snapshot.
/// @return the number of counters.
/// @since 0.1.0
#[no_mangle]
pub unsafe extern "C" fn chat_stats_count(stats: *const chat_stats) -> usize {
    read(stats, 0, Snapshot::len)
}

/// The name of a counter by its index from 0; "" past the end.
///
/// @param stats the snapshot.
/// @param index the index.
/// @return the name or "".
/// @since 0.1.0
#[no_mangle]
pub unsafe extern "C" fn chat_stats_name(stats: *const chat_stats, index: usize) -> *const c_char {
    let name = boundary::shared(stats, "stats")
        .ok()
        .and_then(|stats| stats.snapshot.name(index));
    boundary::lend(name.map(|name| name.with_nul()), ptr::null_mut())
}

/// The value of a counter by its index from 0; 0 past the end.
///
/// @param stats the snapshot.
/// @param index the index.
/// @return the counter or 0.
/// @since 0.1.0
#[no_mangle]
pub unsafe extern "C" fn chat_stats_value(stats: *const chat_stats, index: usize) -> u64 {
    read(stats, 0, |snapshot| snapshot.value(index))
}

/// The snapshot in Prometheus' text exposition format 0.0.4, ready to be served; "" for NULL.
///
/// Counters are called `tencent_chat_retries_total` and so on, gauges `tencent_chat_connections_open`, times `…_seconds_total`. Each command
/// that was called has `tencent_chat_calls_total` by `outcome`, `tencent_chat_attempts_total`, `tencent_chat_in_doubt_total` and the
/// histogram `tencent_chat_call_duration_seconds` with the label `command`, its path; those beyond 64 commands, and calls refused before
/// their command was known, are `other`. All have the label `client` and those of `chat_config_set_metric_label`.
///
/// @param stats       the snapshot.
/// @param len_or_null receives the length in bytes.
/// @return the text or "".
/// @since 0.1.0
#[no_mangle]
pub unsafe extern "C" fn chat_stats_prometheus(stats: *const chat_stats, len_or_null: *mut usize) -> *const c_char {
    let stats = boundary::shared(stats, "stats").ok();
    let text = stats.and_then(|stats| boundary::contain(|| stats.snapshot.prometheus_terminated().with_nul()));
    boundary::lend(text, len_or_null)
}
