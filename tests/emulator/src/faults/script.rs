//! The script of one listener: its faults in the order they were added, and how often each was played.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard};

use tokio::sync::watch;

use crate::faults::{Event, Fault};

/// Bytes of the answers that the faults of one listener hold together.
const SCRIPT_BYTES: usize = 64 * 1024 * 1024;

#[derive(Default)]
struct Script {
    faults: Vec<Fault>,
    played: BTreeMap<String, u64>,
}

pub(crate) struct Faults {
    script: Mutex<Script>,
    /// Whether there is any fault to come; changed with the lock held.
    any: AtomicBool,
    /// Counts how often the faults were cleared; calls that hang wait for it.
    cleared: watch::Sender<u64>,
}

/// A fault that fires now.
pub(crate) struct Met {
    pub(crate) fault: Fault,
    /// Changes when the faults are cleared from now on.
    pub(crate) cleared: watch::Receiver<u64>,
}

impl Default for Faults {
    fn default() -> Self {
        Self {
            script: Mutex::default(),
            any: AtomicBool::new(false),
            cleared: watch::Sender::new(0),
        }
    }
}

impl Faults {
    /// Adds faults that have been checked: all, or none where their answers would hold too much together.
    pub(crate) fn add(&self, faults: impl IntoIterator<Item = Fault>) -> Result<(), String> {
        let mut script = self.script();
        let before = script.faults.len();
        script.faults.extend(faults);
        if script.faults.iter().map(Fault::size).sum::<usize>() > SCRIPT_BYTES {
            script.faults.truncate(before);
            return Err(
                "the answers of all faults to come are larger than 64 MiB together; `huge` plays a large one".into(),
            );
        }
        self.any.store(!script.faults.is_empty(), Ordering::Release);
        Ok(())
    }

    /// What is still to come.
    pub(crate) fn remaining(&self) -> Vec<Fault> {
        self.script().faults.clone()
    }

    /// How often each fault was played, by its name in the log.
    pub(crate) fn played(&self) -> BTreeMap<String, u64> {
        self.script().played.clone()
    }

    /// Forgets the script, not what was played, and lets the calls go that hang.
    pub(crate) fn clear(&self) {
        let mut script = self.script();
        script.faults.clear();
        self.any.store(false, Ordering::Release);
        // With the lock held, so that no fault that fires later is taken for one that was cleared.
        self.cleared.send_modify(|times| *times += 1);
    }

    /// [`Faults::clear`], and forgets what was played.
    pub(crate) fn reset(&self) {
        self.clear();
        self.script().played.clear();
    }

    /// Whether there is any fault to come.
    pub(crate) fn any(&self) -> bool {
        self.any.load(Ordering::Acquire)
    }

    /// The fault that meets this event: the first that matches and has nothing left to skip. Those before it that match
    /// have this event behind them.
    pub(crate) fn next_for(&self, event: Event<'_>) -> Option<Met> {
        if !self.any() {
            return None;
        }
        let mut script = self.script();
        let mut fires = None;
        for (at, fault) in script.faults.iter_mut().enumerate() {
            if !fault.meets(event) {
                continue;
            }
            if fault.skip == 0 {
                fires = Some(at);
                break;
            }
            fault.skip -= 1;
        }
        let at = fires?;
        let fault = script.faults[at].clone();
        match script.faults[at].times {
            0 => {}
            1 => drop(script.faults.remove(at)),
            _ => script.faults[at].times -= 1,
        }
        self.any.store(!script.faults.is_empty(), Ordering::Release);
        *script.played.entry(fault.name()).or_default() += 1;
        Some(Met {
            fault,
            cleared: self.cleared.subscribe(),
        })
    }

    fn script(&self) -> MutexGuard<'_, Script> {
        self.script.lock().unwrap_or_else(|e| e.into_inner())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::faults::{Ending, Phase};

    fn met(faults: &Faults, event: Event<'_>) -> Option<String> {
        faults.next_for(event).map(|met| met.fault.name())
    }

    fn fired(faults: &Faults, path: &str) -> Option<String> {
        met(faults, Event::Call(path))
    }

    #[test]
    fn a_fault_fires_as_often_as_it_says() {
        let faults = Faults::default();
        faults.add([Fault::code(50004).times(2)]).unwrap();
        assert_eq!(fired(&faults, "/a").as_deref(), Some("code 50004"));
        assert_eq!(fired(&faults, "/b").as_deref(), Some("code 50004"));
        assert_eq!(fired(&faults, "/a"), None);
    }

    #[test]
    fn a_fault_of_zero_times_fires_until_cleared() {
        let faults = Faults::default();
        faults.add([Fault::cut(3).times(0)]).unwrap();
        for _ in 0..50 {
            assert_eq!(fired(&faults, "/a").as_deref(), Some("cut 3"));
        }
        faults.clear();
        assert_eq!(fired(&faults, "/a"), None);
    }

    #[test]
    fn a_fault_meets_its_own_path_only_and_after_those_it_skips() {
        let faults = Faults::default();
        faults
            .add([Fault::hang().on("/v4/x/y").skip(1), Fault::code(1)])
            .unwrap();
        assert_eq!(fired(&faults, "/v4/x/z").as_deref(), Some("code 1"));
        assert_eq!(fired(&faults, "/v4/x/y"), None);
        assert_eq!(fired(&faults, "/v4/x/y").as_deref(), Some("hang"));
    }

    #[test]
    fn a_fault_meets_its_own_kind_of_event_and_counts_that_kind_alone() {
        let faults = Faults::default();
        faults
            .add([
                Fault::drop_at(Ending::Fin, Phase::Request).skip(1),
                Fault::hang_at(Phase::Accept),
                Fault::code(1),
            ])
            .unwrap();
        assert_eq!(met(&faults, Event::Handshake), None);
        assert_eq!(met(&faults, Event::Request), None);
        assert_eq!(fired(&faults, "/a").as_deref(), Some("code 1"));
        assert_eq!(met(&faults, Event::Accept).as_deref(), Some("hang at accept"));
        assert_eq!(met(&faults, Event::Request).as_deref(), Some("drop fin at request"));
        assert_eq!(met(&faults, Event::Request), None);
    }

    #[test]
    fn what_was_played_is_counted_until_the_reset() {
        let faults = Faults::default();
        faults.add([Fault::code(1).times(2), Fault::code(2).skip(1)]).unwrap();
        for _ in 0..4 {
            fired(&faults, "/a");
        }
        faults.clear();
        let counted = BTreeMap::from([("code 1".to_owned(), 2), ("code 2".to_owned(), 1)]);
        assert_eq!(faults.played(), counted);
        faults.reset();
        assert_eq!(faults.played(), BTreeMap::new());
    }
}
