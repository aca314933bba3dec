//! The one emulated service behind all listeners: its state, switches, clock, faults and log, and what a reset means. It
//! promises that a call is decided and carried out in one step, whatever runs beside it.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard};

use crate::clock::Clock;
use crate::config::{Config, Settings};
use crate::fault::Faults;
use crate::gateway::{self, Request};
use crate::log::Log;
use crate::proxy::Connects;
use crate::rate::{Arrivals, RateLimits};
use crate::service::Outcome;
use crate::signatures::Signatures;
use crate::state::State;

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
}

pub(crate) struct Backend {
    app: App,
    first_state: State,
    first_settings: Settings,
    world: Mutex<World>,
    pub(crate) clock: Clock,
    pub(crate) faults: Faults,
    pub(crate) log: Log,
    pub(crate) connects: Connects,
    pub(crate) arrivals: Arrivals,
    connections: AtomicU64,
}

impl Backend {
    pub(crate) fn new(config: &Config, log: Log) -> Self {
        let first_state = config.first_state();
        Self {
            app: App {
                sdk_app_id: config.sdk_app_id,
                admins: config.admins.clone(),
                secret_key: config.secret_key.clone(),
            },
            world: Mutex::new(World {
                state: first_state.clone(),
                settings: config.settings.clone(),
                signatures: Signatures::default(),
                rate_limits: RateLimits::default(),
            }),
            first_state,
            first_settings: config.settings.clone(),
            clock: Clock::default(),
            faults: Faults::default(),
            log,
            connects: Connects::default(),
            arrivals: Arrivals::default(),
            connections: AtomicU64::new(0),
        }
    }

    /// Decides one call and carries it out.
    pub(crate) fn decide(&self, request: &Request) -> Outcome {
        let mut world = self.world();
        gateway::decide(request, &self.app, &mut world, self.clock.now_ms())
    }

    /// Serial number for a new connection, from 1; it goes on after a reset.
    pub(crate) fn next_connection(&self) -> u64 {
        self.connections.fetch_add(1, Ordering::Relaxed) + 1
    }

    /// A handler that panicked has broken no invariant that a later call relies on more than on a refusal.
    pub(crate) fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap_or_else(|e| e.into_inner())
    }

    /// Everything as it was at the start; calls that hang are let go.
    pub(crate) fn reset(&self) {
        let mut world = self.world();
        world.state = self.first_state.clone();
        world.settings = self.first_settings.clone();
        world.signatures = Signatures::default();
        world.rate_limits = RateLimits::default();
        drop(world);
        self.clock.set(Default::default());
        self.faults.clear();
        self.log.reset();
        self.connects.clear();
        self.arrivals.reset();
    }
}
