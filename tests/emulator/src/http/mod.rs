//! How calls come in and answers go out: ports, TLS, connections, HTTP, the log of it all; and a proxy.

pub(crate) mod body;
pub(crate) mod certificate;
pub(crate) mod connection;
pub(crate) mod counters;
pub(crate) mod exchange;
pub(crate) mod line;
pub(crate) mod listener;
pub(crate) mod log;
pub(crate) mod port;
pub(crate) mod proxy;
pub(crate) mod query;
pub(crate) mod reply;
