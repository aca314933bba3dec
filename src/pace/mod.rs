//! When an attempt may leave: a limit for each command, and behind it the one that other processes share.
//! Promises that a caller's turn comes in order of arrival, never beyond its deadline, and that no second sees more than the limit.
//! Knows nothing of HTTP and of connections. What a call does with it is in [`turn`]; how slots lie is in [`slots`].

mod limits;
mod refused;
#[cfg(feature = "redis")]
mod shared;
mod slots;
mod turn;

pub(crate) use self::limits::Pace;
pub(crate) use self::refused::Refused;
#[cfg(feature = "redis")]
pub(crate) use self::shared::{SharedLimit, Terms};
pub(crate) use self::turn::Turns;
