//! The way to the service: a connection is lent to one exchange, a request goes out on it, an answer or the place where it broke comes back. A call
//! can be ended at any time, and the signature, which stands in the query, passes only through memory that is wiped.

mod background;
mod dial;
mod exchange;
mod host;
mod hosts;
mod http;
mod network;
mod permits;
mod poll;
mod pool;
mod proxy;
mod resolver;
mod socket;
mod tls;
mod tls_words;

pub(crate) use self::exchange::{Exchange, Failure};
pub(crate) use self::host::Host;
pub(crate) use self::hosts::Hosts;
pub(crate) use self::permits::Permits;
pub(crate) use self::tls::client_config as tls_config;
