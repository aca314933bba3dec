//! What a command has to say of itself to be sent, and one request that is ready to be.

use std::borrow::Cow;
use std::sync::Arc;

use crate::error::Error;

/// One command of the service, ready to be sent.
pub trait Endpoint {
    /// The most bytes of an answer that are read.
    const ANSWER_LIMIT: usize = 1_024 * 1_024;

    /// Whether sending the request twice has the effect of sending it once, so that it may be repeated while in doubt.
    const REPEATABLE: bool;

    /// Whether an answer without `ActionStatus` is none. Only commands that nobody here knows may do without.
    const NEEDS_ACTION_STATUS: bool = true;

    /// The code by which the repeat of an attempt in doubt learns that the attempt had done it all.
    const DONE_BEFORE: Option<i32> = None;

    /// `v4/service/command`; "" for one that `check` refuses.
    fn path(&self) -> &str;

    /// The rules that need no request: the shape always, the vendor's limits where `limits` is set.
    fn check(&self, limits: bool) -> Result<(), Error>;

    /// The JSON to send; what the caller wrote is not copied. Called after `check`.
    fn body(&self) -> Cow<'_, [u8]>;
}

/// One request, checked and ready to be sent, whatever its command: from here on nothing is compiled once for each of them.
#[derive(Debug)]
pub(crate) struct Request<'a> {
    pub path: Arc<str>,
    pub body: Cow<'a, [u8]>,
    pub answer_limit: usize,
    pub repeatable: bool,
    pub needs_action_status: bool,
    pub done_before: Option<i32>,
}

impl<'a> Request<'a> {
    /// `path`: the endpoint's, shared by all of its calls.
    pub fn of<E: Endpoint>(endpoint: &'a E, path: Arc<str>, limits: bool) -> Result<Self, Error> {
        endpoint.check(limits)?;
        Ok(Request {
            path,
            body: endpoint.body(),
            answer_limit: E::ANSWER_LIMIT,
            repeatable: E::REPEATABLE,
            needs_action_status: E::NEEDS_ACTION_STATUS,
            done_before: E::DONE_BEFORE,
        })
    }
}
