//! What is counted on one listener: connections, handshakes, requests and how they were answered.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::Arc;

use serde::Serialize;

use crate::http::listener::ListenerState;

/// What a listener counted since it was opened or last reset, and how many connections are open now.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Counters {
    /// TCP connections accepted, over HTTP and HTTPS.
    pub connections_accepted: u64,
    /// Those that are open now, whatever was reset.
    pub connections_open: u64,
    /// TLS handshakes completed from nothing.
    pub tls_full: u64,
    /// TLS handshakes that resumed a session.
    pub tls_resumed: u64,
    /// TLS handshakes that came to nothing, by fault or by the client.
    pub tls_failed: u64,
    /// Requests read whole.
    pub requests: u64,
    /// Those carried out with `ErrorCode` 0.
    pub applied: u64,
    /// Those answered whole.
    pub answered_whole: u64,
    /// Those answered in part, or with another length than told.
    pub answered_cut: u64,
    /// Those without an answer, or still in progress.
    pub unanswered: u64,
}

impl Counters {
    pub(crate) fn of(state: &ListenerState) -> Self {
        let totals = state.log.totals();
        let count = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        let lines = &state.connections;
        Self {
            connections_accepted: count(&lines.accepted),
            connections_open: count(&lines.open),
            tls_full: count(&lines.tls_full),
            tls_resumed: count(&lines.tls_resumed),
            tls_failed: count(&lines.tls_failed),
            requests: totals.requests,
            applied: totals.applied,
            answered_whole: totals.whole,
            answered_cut: totals.cut,
            unanswered: totals.requests.saturating_sub(totals.whole + totals.cut),
        }
    }
}

#[derive(Default)]
pub(crate) struct Connections {
    /// Goes on after a reset, so that no two connections share a number.
    serial: AtomicU64,
    accepted: AtomicU64,
    open: AtomicU64,
    pub(crate) tls_full: AtomicU64,
    pub(crate) tls_resumed: AtomicU64,
    pub(crate) tls_failed: AtomicU64,
}

impl Connections {
    pub(crate) fn reset(&self) {
        for counter in [&self.accepted, &self.tls_full, &self.tls_resumed, &self.tls_failed] {
            counter.store(0, Ordering::Relaxed);
        }
    }
}

/// An open connection; counted as long as it lives.
pub(crate) struct OpenConnection {
    state: Arc<ListenerState>,
    /// Serial number within the listener, from 1.
    pub(crate) number: u64,
}

impl OpenConnection {
    pub(crate) fn new(state: &Arc<ListenerState>) -> Self {
        let lines = &state.connections;
        lines.accepted.fetch_add(1, Ordering::Relaxed);
        lines.open.fetch_add(1, Ordering::Relaxed);
        Self {
            state: Arc::clone(state),
            number: lines.serial.fetch_add(1, Ordering::Relaxed) + 1,
        }
    }
}

impl Drop for OpenConnection {
    fn drop(&mut self) {
        self.state.connections.open.fetch_sub(1, Ordering::Relaxed);
    }
}
