//! Bodies of requests, read up to a limit and bounded in sum: large ones wait for each other, small ones never.

use http_body_util::BodyExt;
use hyper::body::{Body, Incoming};
use std::sync::Arc;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// So many bytes may any body have; it takes a share of the budget beyond that.
const SMALL: usize = 64 * 1024;
const KIB: usize = 1024;

/// What all large bodies may hold together.
#[derive(Clone)]
pub(crate) struct Budget(Arc<Semaphore>);

/// A body that was read.
pub(crate) struct Held {
    /// Up to the limit.
    pub(crate) bytes: Vec<u8>,
    /// Whether that was all.
    pub(crate) whole: bool,
    /// Its share of the budget.
    _share: Option<OwnedSemaphorePermit>,
}

impl Budget {
    /// `bytes` is at least the limit of each body.
    pub(crate) fn new(bytes: usize) -> Self {
        Self(Arc::new(Semaphore::new(bytes / KIB)))
    }

    /// Reads a body to its end; what is beyond the limit is thrown away, so that the client can hear of it. A large one waits
    /// until its share is free, all at once, so that no two wait for each other.
    pub(crate) async fn read(&self, mut body: Incoming, limit: usize) -> Result<Held, hyper::Error> {
        let most = body
            .size_hint()
            .upper()
            .map_or(limit, |told| usize::try_from(told).unwrap_or(limit).min(limit));
        let mut held = Held {
            bytes: Vec::new(),
            whole: true,
            _share: None,
        };
        while let Some(frame) = body.frame().await {
            let Ok(data) = frame?.into_data() else { continue };
            let room = limit - held.bytes.len();
            held.whole &= data.len() <= room;
            if held._share.is_none() && held.bytes.len() + data.len() > SMALL {
                let share = u32::try_from(most.div_ceil(KIB)).unwrap_or(u32::MAX);
                held._share = Arc::clone(&self.0).acquire_many_owned(share).await.ok();
                held.bytes.reserve_exact(most - held.bytes.len().min(most));
            }
            held.bytes.extend_from_slice(&data[..data.len().min(room)]);
        }
        Ok(held)
    }
}
