//! When an attempt may leave: a limit for each command, and behind it the one that other processes share. Turns come in order of arrival and never
//! beyond the caller's deadline. A call's turn is in [`turn`], the order of slots in [`slots`].

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
pub(crate) use self::turn::{Turn, Turns};
