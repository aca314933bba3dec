//! The time of day as the service sees it: every rule that depends on time asks here, so that a test can stop or move it.

use std::sync::Mutex;
use std::time::{SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};

/// Where the time of day comes from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ClockSetting {
    /// A stopped clock: unix seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub now: Option<i64>,
    /// Seconds added to the real time; negative moves back.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub offset_s: Option<i64>,
    /// A stopped clock: unix milliseconds, for what happens within a second (the rate limit).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub now_ms: Option<i64>,
}

impl ClockSetting {
    /// The real time of day.
    pub fn real() -> Self {
        Self::default()
    }

    /// A clock that stands still at `now`, in unix seconds.
    pub fn frozen(now: i64) -> Self {
        Self {
            now: Some(now),
            ..Self::default()
        }
    }

    /// A clock that stands still at `now_ms`, in unix milliseconds.
    pub fn frozen_ms(now_ms: i64) -> Self {
        Self {
            now_ms: Some(now_ms),
            ..Self::default()
        }
    }

    /// The real time moved by `offset_s` seconds.
    pub fn offset(offset_s: i64) -> Self {
        Self {
            offset_s: Some(offset_s),
            ..Self::default()
        }
    }

    /// Refuses a setting that asks for more than one of a stopped and a moved clock.
    pub fn checked(self) -> Result<Self, String> {
        if [self.now, self.offset_s, self.now_ms].iter().flatten().count() > 1 {
            return Err(
                "give one of `now` and `now_ms` (a stopped clock) and `offset_s` (a moved one), not both".into(),
            );
        }
        Ok(self)
    }
}

/// The one source of the time of day.
#[derive(Debug, Default)]
pub(crate) struct Clock {
    setting: Mutex<ClockSetting>,
}

impl Clock {
    pub(crate) fn set(&self, setting: ClockSetting) {
        *self.setting.lock().unwrap_or_else(|e| e.into_inner()) = setting;
    }

    pub(crate) fn setting(&self) -> ClockSetting {
        *self.setting.lock().unwrap_or_else(|e| e.into_inner())
    }

    /// Unix milliseconds as the service's rules see them.
    pub(crate) fn now_ms(&self) -> i64 {
        let setting = self.setting();
        let stopped = setting.now_ms.or(setting.now.map(|now| now.saturating_mul(1000)));
        let real = i64::try_from(real_ms()).unwrap_or(i64::MAX);
        let offset = setting.offset_s.unwrap_or(0).saturating_mul(1000);
        stopped.unwrap_or_else(|| real.saturating_add(offset))
    }

    /// Unix seconds as the service's rules see them.
    pub(crate) fn now_s(&self) -> i64 {
        seconds(self.now_ms())
    }
}

/// The full second of a time in milliseconds.
pub(crate) fn seconds(ms: i64) -> i64 {
    ms.div_euclid(1000)
}

/// Real unix milliseconds, whatever the clock is set to: the log orders requests with it.
pub(crate) fn real_ms() -> u64 {
    real_us() / 1000
}

/// Unix microseconds of the real clock.
pub(crate) fn real_us() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_micros()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frozen_clock_stands_still_and_an_offset_moves() {
        let clock = Clock::default();
        clock.set(ClockSetting::frozen(1_700_000_000));
        assert_eq!(clock.now_s(), 1_700_000_000);
        clock.set(ClockSetting::frozen_ms(-1));
        assert_eq!((clock.now_ms(), clock.now_s()), (-1, -1));
        clock.set(ClockSetting::offset(3600));
        let real = i64::try_from(real_ms() / 1000).unwrap();
        assert!((clock.now_s() - real - 3600).abs() <= 1);
        clock.set(ClockSetting::real());
        assert!((clock.now_s() - real).abs() <= 1);
    }

    #[test]
    fn a_clock_both_stopped_and_moved_is_refused() {
        for both in [
            ClockSetting {
                now: Some(1),
                ..ClockSetting::offset(1)
            },
            ClockSetting {
                now: Some(1),
                ..ClockSetting::frozen_ms(1)
            },
        ] {
            assert!(both.checked().is_err());
        }
        assert!(ClockSetting::frozen_ms(1).checked().is_ok());
    }
}
