//! Why a run stops before its end, and who may say so: a signal, a rule, an answer, a disk. The first reason stands.

use std::io;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;

use tencent_chat::Cancel;

use super::status_line::StatusLine;
use crate::output::why;
use crate::system::{StopHandle, StopSignals};

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reason {
    /// Ctrl-C, or a signal that asks to end.
    Interrupted,
    /// As many items as `--limit` allows.
    Limit,
    /// As many failures as `--max-failures` allows.
    Failures,
    /// No call will succeed with these settings.
    Condemned(i32, String),
    /// Neither service nor limit server could be reached for `--max-outage`.
    Outage(i32, String),
    /// A file of ours cannot be written.
    Broken(String),
    /// The list is not the one that was surveyed.
    Changed,
}

impl Reason {
    /// For programs.
    pub fn word(&self) -> &'static str {
        match self {
            Reason::Interrupted => "interrupted",
            Reason::Limit => "limit",
            Reason::Failures => "max_failures",
            Reason::Condemned(..) => "condemned",
            Reason::Outage(..) => "outage",
            Reason::Broken(_) => "broken",
            Reason::Changed => "input_changed",
        }
    }
}

#[derive(Debug, Default)]
pub struct StopRequest {
    asked: AtomicBool,
    limited: AtomicBool,
    reason: Mutex<Option<Reason>>,
    /// Ends the calls under way.
    pub cancel: Cancel,
}

impl StopRequest {
    /// Nothing more leaves from here on; what is on its way is finished.
    pub fn ask(&self, reason: Reason) {
        self.reason
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .get_or_insert(reason);
        self.asked.store(true, Ordering::Release);
        self.cancel.hold();
    }

    /// The limit is reached: what was begun is still finished.
    pub fn at_limit(&self) {
        self.limited.store(true, Ordering::Release);
    }

    pub fn broken(&self, path: &Path, error: &io::Error) {
        self.ask(Reason::Broken(format!("{}: {}", path.display(), why(error))));
    }

    pub fn is_asked(&self) -> bool {
        self.asked.load(Ordering::Acquire)
    }

    pub fn reason(&self) -> Option<Reason> {
        let reason = self.reason.lock().unwrap_or_else(PoisonError::into_inner).clone();
        reason.or_else(|| self.limited.load(Ordering::Acquire).then_some(Reason::Limit))
    }

    /// One signal stops, a second one cuts off what is under way.
    fn signalled(&self, status_line: &StatusLine) {
        if self.is_asked() {
            status_line.say("cutting off the calls under way; the journal says which are in doubt");
            self.cancel.trigger();
        } else {
            status_line.say("stopping: calls under way end first; a second signal cuts them off");
        }
        self.ask(Reason::Interrupted);
    }
}

/// Hears signals until it is dropped.
pub struct SignalListener(StopHandle);

impl SignalListener {
    pub fn listen<'scope>(
        scope: &'scope thread::Scope<'scope, '_>,
        stop: &'scope StopRequest,
        status_line: &'scope StatusLine,
    ) -> io::Result<SignalListener> {
        let signals = StopSignals::new()?;
        let handle = signals.handle();
        scope.spawn(move || signals.each(|| stop.signalled(status_line)));
        Ok(SignalListener(handle))
    }
}

impl Drop for SignalListener {
    fn drop(&mut self) {
        self.0.close();
    }
}
