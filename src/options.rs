//! What one call does differently from its client, and the token that ends calls. A refused value is remembered, so that a caller who ignores the
//! refusal still sends nothing.

use std::collections::BTreeMap;
use std::sync::{Arc, Weak};
use std::time::Duration;

use crate::config;
use crate::error::Error;
use crate::wait::{Calls, Ended, Interrupt};

/// How long a call may take, as a whole and in its parts.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Timeouts {
    pub total: Duration,
    pub attempt: Duration,
    pub connect: Duration,
}

/// Ends the calls that carry it. Any number of threads, any number of calls.
#[derive(Debug, Default)]
pub struct Cancel {
    calls: Arc<Calls>,
}

impl Cancel {
    pub fn new() -> Self {
        Cancel::default()
    }

    /// Ends the calls that carry this token, at once, and those begun with it later.
    pub fn trigger(&self) {
        self.calls.end(Ended::Cancelled);
    }

    /// Lets no further request leave: a call with nothing on its way ends at once, the others with the answer to what they sent, or as
    /// cancelled where that answer asks for another attempt.
    pub fn hold(&self) {
        self.calls.end_unless_sent(Ended::Cancelled);
    }
}

/// What one call does differently from its client.
#[derive(Clone, Debug, Default)]
pub struct CallOptions {
    timeout: Option<Duration>,
    attempt_timeout: Option<Duration>,
    connect_timeout: Option<Duration>,
    pub(crate) max_attempts: Option<u32>,
    pub(crate) repeat_in_doubt: Option<bool>,
    pub(crate) random: Option<u32>,
    cancel: Option<Weak<Calls>>,
    pub(crate) interrupt: Option<Interrupt>,
    /// The last refusal of each setting, cleared when the setting is accepted later.
    refused: BTreeMap<&'static str, Error>,
}

impl CallOptions {
    pub fn set_timeout_ms(&mut self, ms: u32) -> Result<(), Error> {
        self.timeout = self.accepted("timeout_ms", config::timeout("timeout_ms", ms))?;
        Ok(())
    }

    pub fn set_attempt_timeout_ms(&mut self, ms: u32) -> Result<(), Error> {
        self.attempt_timeout = self.accepted("attempt_timeout_ms", config::timeout("attempt_timeout_ms", ms))?;
        Ok(())
    }

    pub fn set_connect_timeout_ms(&mut self, ms: u32) -> Result<(), Error> {
        self.connect_timeout = self.accepted("connect_timeout_ms", config::timeout("connect_timeout_ms", ms))?;
        Ok(())
    }

    pub fn set_max_attempts(&mut self, n: u32) -> Result<(), Error> {
        self.max_attempts = self.accepted("max_attempts", config::max_attempts(n))?;
        Ok(())
    }

    /// Whether the call may be repeated when nobody knows if an attempt took effect; unset, the command decides.
    pub fn set_repeat_in_doubt(&mut self, yes: bool) {
        self.repeat_in_doubt = Some(yes);
    }

    /// Remembers a refusal, so that a caller who ignores the result still sends nothing.
    fn accepted<T>(&mut self, setting: &'static str, value: Result<T, Error>) -> Result<Option<T>, Error> {
        match &value {
            Ok(_) => self.refused.remove(setting),
            Err(error) => self.refused.insert(setting, error.clone()),
        };
        value.map(Some)
    }

    /// The same `random` for every attempt; 0 is a value.
    pub fn set_random(&mut self, random: u32) {
        self.random = Some(random);
    }

    /// `None` takes the token away. A token that is dropped while options name it ends nothing any more.
    pub fn set_cancel(&mut self, cancel: Option<&Cancel>) {
        self.cancel = cancel.map(|cancel| Arc::downgrade(&cancel.calls));
    }

    pub(crate) fn set_interrupt(&mut self, interrupt: Option<Interrupt>) {
        self.interrupt = interrupt;
    }

    /// The calls that its token may end; `None` without one, or when it was freed.
    pub(crate) fn cancelled_by(&self) -> Option<Arc<Calls>> {
        self.cancel.as_ref().and_then(Weak::upgrade)
    }

    /// How long a call may take that has them, where its client's calls may take so long.
    pub(crate) fn timeouts(&self, clients: &Timeouts) -> Timeouts {
        Timeouts {
            total: self.timeout.unwrap_or(clients.total),
            attempt: self.attempt_timeout.unwrap_or(clients.attempt),
            connect: self.connect_timeout.unwrap_or(clients.connect),
        }
    }

    pub(crate) fn refused(&self) -> Option<&Error> {
        self.refused.values().next()
    }
}
