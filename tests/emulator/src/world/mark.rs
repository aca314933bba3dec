//! The 64 standard marks of a conversation and their string. No page says which end of it is mark 0. The vendor's own SDK for the
//! web reads it from the right; that the service itself sends it so is an inference.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// Which end of a conversation's string is mark 0.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MarkZero {
    /// As the vendor's SDK reads it.
    #[default]
    Rightmost,
    /// The other way.
    Leftmost,
}

/// Up to 64 bits; its length is the highest bit ever touched plus one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct StandardMark {
    bits: u64,
    length: u8,
}

impl StandardMark {
    /// Whether at least one mark is set.
    pub fn any_set(&self) -> bool {
        self.bits != 0
    }

    pub(crate) fn is_untouched(&self) -> bool {
        self.length == 0
    }

    /// The string that an answer shows. A state shows it with the rightmost character for mark 0.
    pub(crate) fn text(&self, zero: MarkZero) -> String {
        match zero {
            MarkZero::Rightmost => self.to_string(),
            MarkZero::Leftmost => self.to_string().chars().rev().collect(),
        }
    }

    /// Clears, then sets; each of the two has one bit a mark. Either one touches a mark.
    pub(crate) fn change(&mut self, clear: u64, set: u64) {
        self.bits = self.bits & !clear | set;
        let touched = 64 - (clear | set).leading_zeros();
        self.length = self.length.max(u8::try_from(touched).unwrap_or(64));
    }
}

impl fmt::Display for StandardMark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (0..self.length)
            .rev()
            .try_for_each(|bit| f.write_str(if self.bits >> bit & 1 == 1 { "1" } else { "0" }))
    }
}

impl FromStr for StandardMark {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text.len() > 64 || !text.bytes().all(|b| b == b'0' || b == b'1') {
            return Err("a standard mark is at most 64 characters 0 or 1".into());
        }
        let bits = text.bytes().fold(0, |bits, b| bits << 1 | u64::from(b == b'1'));
        Ok(Self {
            bits,
            length: u8::try_from(text.len()).unwrap_or(64),
        })
    }
}

impl TryFrom<String> for StandardMark {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<StandardMark> for String {
    fn from(mark: StandardMark) -> String {
        mark.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_string_is_written_back_as_it_was_read() {
        for text in ["", "0", "111001", "011111110", &"1".repeat(64), &"01".repeat(32)] {
            let mark: StandardMark = text.parse().unwrap();
            assert_eq!(mark.to_string(), text);
            assert_eq!(mark.any_set(), text.contains('1'));
        }
    }

    #[test]
    fn a_mark_is_cleared_before_it_is_set_and_stays_as_long_as_the_highest_ever_touched() {
        let mut mark = StandardMark::default();
        mark.change(0, 0);
        assert!(mark.is_untouched());
        mark.change(0b100, 0b110);
        assert_eq!(mark.to_string(), "110");
        assert_eq!(mark.text(MarkZero::Leftmost), "011");
        mark.change(1 << 5, 0);
        assert_eq!(mark.to_string(), "000110");
        mark.change(u64::MAX, 1 << 63);
        assert_eq!(mark.to_string(), format!("1{}", "0".repeat(63)));
    }

    #[test]
    fn a_mark_string_of_anything_else_is_refused() {
        for text in ["2", "1 0", &"1".repeat(65)] {
            assert!(text.parse::<StandardMark>().is_err());
        }
    }
}
