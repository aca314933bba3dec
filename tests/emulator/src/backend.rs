//! The one emulated service behind all listeners: its state, switches and clock, and what a reset means. It promises that
//! a call is decided and carried out in one step, whatever runs beside it; scripts and logs are each outlet's own.

use std::sync::{Arc, Mutex, MutexGuard};

use crate::admin;
use crate::body::Budget;
use crate::clock::Clock;
use crate::config::{Config, Settings};
use crate::gateway::{self, Request};
use crate::outlet::Outlet;
use crate::proxy::Connects;
use crate::rate::RateLimits;
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

/// Bytes that the bodies of requests under way may hold together, beside small ones.
const BODIES: usize = 64 * 1024 * 1024;

pub(crate) struct Backend {
    pub(crate) app: App,
    first_state: State,
    first_settings: Settings,
    world: Mutex<World>,
    pub(crate) clock: Clock,
    /// Of requests, and of admin calls.
    pub(crate) bodies: Budget,
    pub(crate) admin_bodies: Budget,
    pub(crate) connects: Connects,
    /// The emulator's own two ports.
    pub(crate) main: Arc<Outlet>,
}

impl Backend {
    pub(crate) fn new(config: &Config, main: Arc<Outlet>) -> Self {
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
            bodies: Budget::new(BODIES),
            admin_bodies: Budget::new(admin::BODY_LIMIT),
            connects: Connects::default(),
            main,
        }
    }

    /// Decides one call and carries it out.
    pub(crate) fn decide(&self, request: &Request) -> Outcome {
        let mut world = self.world();
        gateway::decide(request, &self.app, &mut world, self.clock.now_ms())
    }

    /// A handler that panicked has broken no invariant that a later call relies on more than on a refusal.
    pub(crate) fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap_or_else(|e| e.into_inner())
    }

    /// Everything as it was at the start; calls that hang are let go. Extra listeners keep what is theirs.
    pub(crate) fn reset(&self) {
        let mut world = self.world();
        world.state = self.first_state.clone();
        world.settings = self.first_settings.clone();
        world.signatures = Signatures::default();
        world.rate_limits = RateLimits::default();
        drop(world);
        self.clock.set(Default::default());
        self.connects.clear();
        self.main.reset();
    }
}
