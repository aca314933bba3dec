//! A bit for each item of a run, so that ten million items fit into a few megabytes.

/// Items by number, from 1.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bits {
    words: Vec<u64>,
    ones: u64,
}

impl Bits {
    /// None of the items 1 to `items`.
    pub fn none(items: u64) -> Self {
        let words = usize::try_from(items / 64 + 1).expect("a list that was read fits into memory as bits");
        Bits {
            words: vec![0; words],
            ones: 0,
        }
    }

    pub fn has(&self, item: u64) -> bool {
        let (word, bit) = Self::place(item);
        self.words.get(word).is_some_and(|word| word & bit != 0)
    }

    /// Whether it was not there before.
    pub fn add(&mut self, item: u64) -> bool {
        let (word, bit) = Self::place(item);
        let new = self.words[word] & bit == 0;
        self.words[word] |= bit;
        self.ones += u64::from(new);
        new
    }

    /// Whether it was there before.
    pub fn remove(&mut self, item: u64) -> bool {
        let (word, bit) = Self::place(item);
        let had = self.words[word] & bit != 0;
        self.words[word] &= !bit;
        self.ones -= u64::from(had);
        had
    }

    pub fn count(&self) -> u64 {
        self.ones
    }

    pub fn add_all(&mut self, others: &Bits) {
        for (word, other) in self.words.iter_mut().zip(&others.words) {
            *word |= other;
        }
        self.recount();
    }

    pub fn remove_all(&mut self, others: &Bits) {
        for (word, other) in self.words.iter_mut().zip(&others.words) {
            *word &= !other;
        }
        self.recount();
    }

    fn recount(&mut self) {
        self.ones = self.words.iter().map(|word| u64::from(word.count_ones())).sum();
    }

    fn place(item: u64) -> (usize, u64) {
        (usize::try_from(item / 64).unwrap_or(usize::MAX), 1 << (item % 64))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_come_and_go_and_are_counted() {
        let mut bits = Bits::none(130);
        for item in [1, 63, 64, 65, 130] {
            assert!(bits.add(item));
            assert!(!bits.add(item));
        }
        assert_eq!(bits.count(), 5);
        assert!(bits.remove(64) && !bits.remove(64));
        assert!(bits.has(130) && !bits.has(64) && !bits.has(129) && !bits.has(9_999));
        let mut others = Bits::none(130);
        others.add(2);
        others.add(130);
        bits.add_all(&others);
        assert_eq!(bits.count(), 5);
        bits.remove_all(&others);
        assert_eq!((bits.count(), bits.has(130)), (3, false));
    }
}
