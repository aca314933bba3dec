//! The service without a socket, for fuzzers and for tests of single answers: bytes in, answer out, by the code that serves
//! connections; it plays no faults.

use crate::backend::Backend;
use crate::config::Config;
use crate::http::exchange::logged;
use crate::http::log::LoggedRequest;
use crate::service::gateway::{self, Request};
use crate::world::World;

/// Checks the text of a UserSig as the service does: its form, app, identifier, key, expiry. `now`: unix seconds. The error
/// is the service's code (70001, 70002, 70003, 70005, 70009, 70013, 70014).
pub fn verify_usersig(usersig: &str, key: &str, sdk_app_id: u32, identifier: &str, now: i64) -> Result<(), i64> {
    let config = Config {
        sdk_app_id,
        secret_key: key.to_owned(),
        ..Config::default()
    };
    let backend = Backend::new(&config, None);
    let world: &World = &backend.world();
    gateway::verified(identifier, usersig, sdk_app_id.into(), &backend.app, world, now)
        .map(drop)
        .map_err(|refusal| refusal.code)
}

/// The service, answering one request after the other. Any thread may use it.
pub struct Offline {
    backend: Backend,
}

impl Offline {
    /// The service in its first state; ports, proxy and log file of the config mean nothing here.
    pub fn new(config: &Config) -> Self {
        Self {
            backend: Backend::new(config, None),
        }
    }

    /// Answers a POST of `body` to `target` (path and query) as the service would, and tells what its log would show of
    /// it. `None`: HTTP does not take such a target, so the service would not see it.
    pub fn answer(&self, target: &[u8], body: &[u8]) -> Option<(String, LoggedRequest)> {
        let uri = hyper::Uri::try_from(target).ok()?;
        let request = Request::new(&hyper::Method::POST, &uri, Some(body.to_vec()));
        let mut shown = logged(&request);
        let outcome = self.backend.decide(&request);
        shown.applied = outcome.is_ok();
        let answer = outcome.unwrap_or_else(|refusal| refusal.body());
        Some((answer, shown))
    }
}
