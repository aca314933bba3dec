//! The one emulated service behind all listeners, which decides a call and carries it out in one step; and what a reset means.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard};

use crate::admin;
use crate::config::{Config, Settings};
use crate::http::body::Budget;
use crate::http::proxy::Connects;
use crate::service::gateway::{self, Request};
use crate::service::Outcome;
use crate::world::clock::Clock;
use crate::world::rates::RateLimits;
use crate::world::signatures::Signatures;
use crate::world::state::State;
use crate::world::{App, World};

/// Bytes that the bodies of requests under way may hold together, beside small ones.
const BODIES: usize = 64 * 1024 * 1024;

pub(crate) struct Backend {
    pub(crate) app: App,
    first_state: State,
    first_settings: Settings,
    world: Mutex<World>,
    /// Counts what may have changed the state.
    changes: AtomicU64,
    pub(crate) clock: Clock,
    /// Of requests, and of admin calls.
    pub(crate) bodies: Budget,
    pub(crate) admin_bodies: Budget,
    pub(crate) connects: Connects,
}

impl Backend {
    /// `kept`: the state of an earlier run, which is not what a reset goes back to.
    pub(crate) fn new(config: &Config, kept: Option<State>) -> Self {
        let first_state = config.first_state();
        Self {
            app: App {
                sdk_app_id: config.sdk_app_id,
                admins: config.admins.clone(),
                secret_key: config.secret_key.clone(),
            },
            world: Mutex::new(World {
                state: kept.unwrap_or_else(|| first_state.clone()),
                settings: config.settings.clone(),
                signatures: Signatures::default(),
                rate_limits: RateLimits::default(),
                asked_in_the_wrong_region: 0,
            }),
            changes: AtomicU64::new(0),
            first_state,
            first_settings: config.settings.clone(),
            clock: Clock::default(),
            bodies: Budget::new(BODIES),
            admin_bodies: Budget::new(admin::BODY_LIMIT),
            connects: Connects::default(),
        }
    }

    /// Decides one call and carries it out.
    pub(crate) fn decide(&self, request: &Request) -> Outcome {
        let mut world = self.world();
        let outcome = gateway::decide(request, &self.app, &mut world, self.clock.now_ms());
        if outcome.is_ok() {
            self.changes.fetch_add(1, Ordering::Relaxed);
        }
        outcome
    }

    /// Replaces the state by one that has been checked; with `seen`, only if nothing can have changed since.
    pub(crate) fn load(&self, state: State, seen: Option<u64>) -> bool {
        let mut world = self.world();
        let may = seen.is_none_or(|seen| seen == self.changes());
        if may {
            world.state = state;
            self.changes.fetch_add(1, Ordering::Relaxed);
        }
        may
    }

    /// Another number than before: the state may have changed since.
    pub(crate) fn changes(&self) -> u64 {
        self.changes.load(Ordering::Relaxed)
    }

    /// A handler that panicked has broken no invariant that a later call relies on more than on a refusal.
    pub(crate) fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap_or_else(|e| e.into_inner())
    }

    /// Everything as it was at the start, but for what each listener has of its own.
    pub(crate) fn reset(&self) {
        let mut world = self.world();
        world.state = self.first_state.clone();
        self.changes.fetch_add(1, Ordering::Relaxed);
        world.settings = self.first_settings.clone();
        world.signatures = Signatures::default();
        world.rate_limits = RateLimits::default();
        world.asked_in_the_wrong_region = 0;
        drop(world);
        self.clock.set(Default::default());
        self.connects.clear();
    }
}
