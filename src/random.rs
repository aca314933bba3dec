//! Numbers that need not be secret: `random` in the URL, and how long a pause is. From one counter of the process: the generators that fastrand
//! keeps for each thread leave memory behind in a thread that is not Rust's.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

static NEXT: AtomicU64 = AtomicU64::new(0);

/// Begins anew; a forked child would otherwise draw the same numbers as its parent.
pub(crate) fn reseed() {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let seed =
        now.as_secs() ^ u64::from(now.subsec_nanos()).rotate_left(20) ^ u64::from(std::process::id()).rotate_left(40);
    NEXT.fetch_add(seed, Ordering::Relaxed);
}

/// A new generator for each use, so that threads never wait for each other.
pub(crate) fn generator() -> fastrand::Rng {
    /// The golden ratio: seeds in its steps lie far apart.
    const STEP: u64 = 0x9e37_79b9_7f4a_7c15;
    fastrand::Rng::with_seed(NEXT.fetch_add(STEP, Ordering::Relaxed))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_spread_evenly_and_not_drawn_twice() {
        reseed();
        let mut drawn: Vec<u32> = (0..4_096).map(|_| generator().u32(..)).collect();
        for bit in 0..32 {
            let set = drawn.iter().filter(|number| *number >> bit & 1 == 1).count();
            assert!((1_848..=2_248).contains(&set), "bit {bit} in {set} of 4096");
        }
        drawn.sort_unstable();
        drawn.dedup();
        assert!(drawn.len() > 4_090, "{} different ones", drawn.len());
    }
}
