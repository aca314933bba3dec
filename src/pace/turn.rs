//! A call's turns under the rate limit of its command: one for each attempt, waited for before the call takes anything that another could use. A
//! caller who cannot have a turn before its deadline is told at once, one who goes away while it waits hands its slot back, and nothing leaves in a slot that has
//! grown old.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::limits::{Limit, Pace};
use super::refused::Refused;
use super::slots::STALE;
use crate::attempt::LimitedBy;
use crate::wait::{Ended, Wait};

/// The turns of one call.
#[derive(Debug)]
pub(crate) struct Turns {
    /// `None` without a rate limit.
    limit: Option<Arc<Limit>>,
    waited: Duration,
}

/// The right to send one request now.
#[derive(Debug)]
#[must_use]
pub(crate) struct Turn {
    /// `None` without a rate limit.
    slot: Option<Instant>,
    /// The slot of the client's own, which is the same one unless the client shares a limit.
    own: Option<Instant>,
    /// `None` unless the client shares a limit.
    pub limited_by: Option<LimitedBy>,
}

impl Turns {
    /// Of a call to this command.
    pub fn of(pace: &Pace, path: &str) -> Self {
        Turns {
            limit: pace.limit(path),
            waited: Duration::ZERO,
        }
    }

    /// How long the call waited for its turns in all.
    pub fn waited(&self) -> Duration {
        self.waited
    }

    /// The service throttles the command.
    pub fn slow_down(&self) {
        if let Some(limit) = &self.limit {
            limit.slow_down();
        }
    }

    /// Waits for the next turn: a slot of the client's own, then one of those that it shares with other processes.
    pub fn take(&mut self, wait: &Wait) -> Result<Turn, Refused> {
        let Some(limit) = self.limit.clone() else {
            return Ok(Turn {
                slot: None,
                own: None,
                limited_by: None,
            });
        };
        wait.time_left()?;
        let own = self.own_slot(&limit, wait)?;
        #[cfg(feature = "redis")]
        if let Some((shared, command)) = &limit.shared {
            let began = Instant::now();
            let taken = shared.take(command, wait);
            self.waited += began.elapsed();
            let taken = taken.and_then(|(slot, by)| {
                self.wait_for(slot, wait, || false, || shared.give_back(command, slot, by))?;
                Ok((slot, by))
            });
            let (slot, by) = taken.inspect_err(|_| give_back(&limit, own, wait))?;
            return Ok(Turn {
                slot: Some(slot),
                own: Some(own),
                limited_by: Some(by),
            });
        }
        Ok(Turn {
            slot: Some(own),
            own: Some(own),
            limited_by: None,
        })
    }

    /// Just before the request leaves: a turn whose slot went stale meanwhile, as while a connection was made, goes back for a new one. A stale slot of
    /// the shared limit is lost, as its server counted it already.
    pub fn confirm(&mut self, turn: &mut Turn, wait: &Wait) -> Result<(), Refused> {
        if let (Some(slot), Some(own), Some(limit)) = (turn.slot, turn.own, &self.limit) {
            if slot.elapsed() > STALE {
                give_back(limit, own, wait);
                *turn = self.take(wait)?;
            }
        }
        Ok(())
    }

    /// Waits for a slot of the client's own, and for a sooner one where the limit is raised meanwhile.
    fn own_slot(&mut self, limit: &Limit, wait: &Wait) -> Result<Instant, Refused> {
        loop {
            let reserved = Instant::now();
            let slot = limit.lock().reserve(reserved, wait.deadline());
            let slot = slot.map_err(Refused::Throttled)?;
            let is_void = || limit.lock().is_void(slot, reserved);
            if slot <= reserved || self.wait_for(slot, wait, is_void, || limit.lock().give_back(slot))? {
                return Ok(slot);
            }
        }
    }

    /// Waits for a slot that is this call's; one that ends before hands it back. `false` once it is no slot any more.
    fn wait_for(
        &mut self,
        slot: Instant,
        wait: &Wait,
        is_void: impl Fn() -> bool,
        give_back: impl FnOnce(),
    ) -> Result<bool, Ended> {
        let began = Instant::now();
        let waited = loop {
            match slot.checked_duration_since(Instant::now()) {
                Some(left) if !left.is_zero() => match wait.nap_at_most(left) {
                    Ok(()) if is_void() => break Ok(false),
                    Ok(()) => {}
                    Err(ended) => break Err(ended),
                },
                _ => break Ok(true),
            }
        };
        self.waited += began.elapsed();
        if waited.is_err() && !wait.is_foreign() {
            give_back();
        }
        waited
    }
}

/// Not in a child that was forked meanwhile: another thread of the parent may hold the lock.
fn give_back(limit: &Limit, slot: Instant, wait: &Wait) {
    if !wait.is_foreign() {
        limit.lock().give_back(slot);
    }
}
