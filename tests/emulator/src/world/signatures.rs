//! What the service remembers of signatures (never of tokens): which it has seen, which were invalidated, and who failed too often.

use std::collections::{HashMap, HashSet, VecDeque};

/// Failed checks within a minute that lock an identifier out (70050; the number is an inference).
const FAILURES: usize = 5;
/// Seconds in which failures count, and seconds a lock lasts (1047/34348).
const MINUTE_S: i64 = 60;

/// Codes of a failed check that count towards the lock-out. Expired and revoked tokens are not guesses.
const COUNTED: [i64; 5] = [70003, 70005, 70009, 70013, 70014];

#[derive(Default)]
pub(crate) struct Signatures {
    seen: HashMap<String, HashSet<Vec<u8>>>,
    revoked: HashSet<Vec<u8>>,
    failures: HashMap<String, VecDeque<i64>>,
    locked_until: HashMap<String, i64>,
}

impl Signatures {
    pub(crate) fn saw(&mut self, identifier: &str, signature: Vec<u8>) {
        self.seen.entry(identifier.to_owned()).or_default().insert(signature);
    }

    pub(crate) fn is_revoked(&self, signature: &[u8]) -> bool {
        self.revoked.contains(signature)
    }

    /// Invalidates every signature of `identifier` seen so far; says how many that were.
    pub(crate) fn revoke(&mut self, identifier: &str) -> usize {
        let seen = self.seen.remove(identifier).unwrap_or_default();
        let number = seen.len();
        self.revoked.extend(seen);
        number
    }

    pub(crate) fn is_locked(&self, identifier: &str, now: i64) -> bool {
        self.locked_until.get(identifier).is_some_and(|until| now < *until)
    }

    /// Counts a failed check; the fifth within a minute locks the identifier for a minute.
    pub(crate) fn failed(&mut self, identifier: &str, code: i64, now: i64) {
        if !COUNTED.contains(&code) {
            return;
        }
        let times = self.failures.entry(identifier.to_owned()).or_default();
        times.push_back(now);
        while times.front().is_some_and(|first| now - first >= MINUTE_S) {
            times.pop_front();
        }
        if times.len() >= FAILURES {
            times.clear();
            self.locked_until.insert(identifier.to_owned(), now + MINUTE_S);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn five_failures_in_a_minute_lock_for_a_minute() {
        let mut signatures = Signatures::default();
        for _ in 0..4 {
            signatures.failed("a", 70009, 100);
        }
        assert!(!signatures.is_locked("a", 100));
        signatures.failed("a", 70003, 159);
        assert!(signatures.is_locked("a", 218));
        assert!(!signatures.is_locked("a", 219));
        assert!(!signatures.is_locked("b", 159));
    }

    #[test]
    fn failures_spread_over_more_than_a_minute_do_not_lock() {
        let mut signatures = Signatures::default();
        for n in 0..20 {
            signatures.failed("a", 70009, n * 15);
        }
        assert!(!signatures.is_locked("a", 285));
    }

    #[test]
    fn an_expired_token_does_not_count_as_a_guess() {
        let mut signatures = Signatures::default();
        for _ in 0..20 {
            signatures.failed("a", 70001, 0);
        }
        assert!(!signatures.is_locked("a", 0));
    }

    #[test]
    fn only_what_was_seen_before_is_revoked() {
        let mut signatures = Signatures::default();
        signatures.saw("a", vec![1]);
        signatures.saw("b", vec![2]);
        assert_eq!(signatures.revoke("a"), 1);
        assert!(signatures.is_revoked(&[1]));
        assert!(!signatures.is_revoked(&[2]) && !signatures.is_revoked(&[3]));
    }
}
