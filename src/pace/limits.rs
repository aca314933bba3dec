//! The limits of a client's commands. A changed limit holds from the next slot on; commands that are no longer called are forgotten.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

#[cfg(feature = "redis")]
use super::shared::SharedLimit;
use super::slots::Slots;

/// So many commands are remembered; beyond that, those which were not called lately are forgotten.
const REMEMBERED: usize = 64;

/// The limits of one client: one a command.
#[derive(Debug)]
pub(crate) struct Pace {
    /// Calls a second; 0 is no limit. Changed only while the limits are locked.
    setting: AtomicU32,
    limits: Mutex<HashMap<String, Arc<Limit>>>,
    /// What other processes take their slots from too.
    #[cfg(feature = "redis")]
    shared: Option<Arc<SharedLimit>>,
}

/// One command's limit.
#[derive(Debug)]
pub(super) struct Limit {
    slots: Mutex<Slots>,
    /// And the command, as it is known there.
    #[cfg(feature = "redis")]
    pub shared: Option<(Arc<SharedLimit>, String)>,
}

impl Pace {
    pub fn new(setting: u32) -> Self {
        Pace {
            setting: AtomicU32::new(setting),
            limits: Mutex::default(),
            #[cfg(feature = "redis")]
            shared: None,
        }
    }

    /// The same, behind a limit that other processes share.
    #[cfg(feature = "redis")]
    pub fn sharing(self, shared: Option<SharedLimit>) -> Self {
        Pace {
            shared: shared.map(Arc::new),
            ..self
        }
    }

    /// Whether other processes take their slots from the same limit.
    pub fn is_shared(&self) -> bool {
        #[cfg(feature = "redis")]
        let shared = self.shared.is_some();
        #[cfg(not(feature = "redis"))]
        let shared = false;
        shared
    }

    /// Another limit for the slots to come. A lower limit keeps the slots already given; a higher one takes them back, so wake those who wait for one.
    pub fn set(&self, setting: u32) {
        let mut limits = self.lock();
        self.setting.store(setting, Ordering::Relaxed);
        for limit in limits.values() {
            let none = u32::MAX;
            limit
                .lock()
                .set(if setting == 0 { none } else { setting }, Instant::now());
        }
        if setting == 0 {
            limits.clear();
        }
    }

    /// The service throttles the app, whatever the command.
    pub fn slow_all_down(&self) {
        for limit in self.lock().values() {
            limit.slow_down();
        }
    }

    /// The lowest of the limits that throttling answers hold down.
    pub fn slowed_to(&self) -> Option<u32> {
        let now = Instant::now();
        self.lock()
            .values()
            .filter_map(|limit| limit.lock().slowed_to(now))
            .min()
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Arc<Limit>>> {
        self.limits.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The limit of a command; `None` without one.
    pub(super) fn limit(&self, path: &str) -> Option<Arc<Limit>> {
        if self.setting.load(Ordering::Relaxed) == 0 {
            return None;
        }
        let mut limits = self.lock();
        // Again under the lock: the limit may have gone meanwhile.
        let setting = self.setting.load(Ordering::Relaxed);
        if setting == 0 {
            return None;
        }
        if let Some(limit) = limits.get(path) {
            return Some(limit.clone());
        }
        if limits.len() >= REMEMBERED {
            let now = Instant::now();
            limits.retain(|_, limit| Arc::strong_count(limit) > 1 || !limit.lock().is_idle(now));
        }
        let limit = Arc::new(Limit {
            slots: Mutex::new(Slots::new(setting)),
            #[cfg(feature = "redis")]
            shared: self.shared.clone().map(|shared| (shared, path.to_owned())),
        });
        limits.insert(path.to_owned(), limit.clone());
        Some(limit)
    }
}

impl Limit {
    pub fn lock(&self) -> MutexGuard<'_, Slots> {
        self.slots.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The service throttles the command.
    pub fn slow_down(&self) {
        self.lock().slow_down(Instant::now());
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::pace::slots::WINDOW;

    const SECOND: Duration = Duration::from_secs(1);

    impl Limit {
        fn reserve(&self, deadline: Instant) -> Result<Instant, Duration> {
            self.lock().reserve(Instant::now(), deadline)
        }
    }

    #[test]
    fn a_limit_can_be_taken_away_and_put_back() {
        let pace = Pace::new(1);
        pace.set(0);
        assert!(pace.limit("v4/a/b").is_none());
        pace.set(7);
        let (limit, far) = (pace.limit("v4/a/b").unwrap(), Instant::now() + SECOND * 60);
        let at_once = (0..7).filter(|_| limit.reserve(far).unwrap() <= Instant::now()).count();
        assert_eq!(at_once, 4, "half of seven");
    }

    #[test]
    fn a_slot_given_back_is_given_again() {
        let limit = Pace::new(1).limit("v4/a/b").unwrap();
        let far = Instant::now() + SECOND * 60;
        let first = limit.reserve(far).unwrap();
        let second = limit.reserve(far).unwrap();
        assert!(second >= first + WINDOW);
        limit.lock().give_back(second);
        assert_eq!(limit.reserve(far).unwrap(), second);
    }

    #[test]
    fn each_command_has_slots_of_its_own_and_forgotten_ones_make_room() {
        let pace = Pace::new(2);
        let far = Instant::now() + SECOND * 60;
        let kept = pace.limit("v4/a/kept").unwrap();
        kept.reserve(far).unwrap();
        kept.reserve(far).unwrap();
        assert!(pace.limit("v4/a/other").unwrap().reserve(far).unwrap() <= Instant::now());
        drop(kept);
        for number in 0..10 * REMEMBERED {
            pace.limit(&format!("v4/a/{number}")).unwrap();
        }
        assert!(pace.lock().len() <= REMEMBERED + 1);
        assert!(
            pace.limit("v4/a/kept").unwrap().reserve(far).unwrap() > Instant::now(),
            "one that was called is kept"
        );
        assert!(Pace::new(0).limit("v4/a/b").is_none());
    }
}
