//! What the emulated service is and remembers: its app, the accounts, the settings, the signatures it has seen and the clock.

pub(crate) mod account;
pub(crate) mod clock;
pub(crate) mod kept;
pub(crate) mod mark;
pub(crate) mod rates;
pub(crate) mod signatures;
pub(crate) mod state;

use crate::config::Settings;
use rates::RateLimits;
use signatures::Signatures;
use state::State;

/// What never changes while the emulator runs.
pub(crate) struct App {
    pub(crate) sdk_app_id: u32,
    pub(crate) admins: Vec<String>,
    pub(crate) secret_key: String,
}

/// What calls change.
pub(crate) struct World {
    pub(crate) state: State,
    pub(crate) settings: Settings,
    pub(crate) signatures: Signatures,
    pub(crate) rate_limits: RateLimits,
    /// How many calls were answered as by another data centre.
    pub(crate) asked_in_the_wrong_region: usize,
}
