//! What became of an item, and the counts. Each item of a list has exactly one outcome, so that a report adds up.

use std::collections::BTreeMap;

/// How an item ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Deleted, or created.
    Done,
    /// There was nothing to delete (51009).
    Missing,
    /// The group to create was there; its conversations were added.
    Existing,
    /// An earlier run that was cut off had done it.
    Already,
    /// Chat does not know the account (50001).
    Unknown,
    /// The service refuses it.
    Failed(i32),
    /// It may have taken effect; a resumed run finds out.
    Doubt(i32),
    /// Nothing took effect; a resumed run tries it again.
    Open(i32),
}

/// How many items are accounted for, and as what. Items in doubt and items left are no part of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    pub done: u64,
    pub missing: u64,
    pub existing: u64,
    pub already: u64,
    pub unknown: u64,
    pub failed: BTreeMap<i32, u64>,
}

impl Tally {
    pub fn count(&mut self, outcome: Outcome) {
        match outcome {
            Outcome::Done => self.done += 1,
            Outcome::Missing => self.missing += 1,
            Outcome::Existing => self.existing += 1,
            Outcome::Already => self.already += 1,
            Outcome::Unknown => self.unknown += 1,
            Outcome::Failed(code) => *self.failed.entry(code).or_default() += 1,
            Outcome::Doubt(_) | Outcome::Open(_) => {}
        }
    }

    pub fn failures(&self) -> u64 {
        self.failed.values().sum()
    }

    pub fn total(&self) -> u64 {
        self.done + self.missing + self.existing + self.already + self.unknown + self.failures()
    }

    /// What failed before is to be tried again.
    pub fn forget_failures(&mut self) {
        self.failed.clear();
        self.unknown = 0;
    }
}
