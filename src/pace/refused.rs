//! Why a call gets no turn. Each reason of the shared limit is a whole message, which can hold no secret.

use std::time::Duration;

use crate::wait::Ended;

/// Why a call gets no turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refused {
    /// It ended while it waited.
    Ended(Ended),
    /// The next slot lies so far beyond the call's deadline.
    Throttled(Duration),
    /// The server of the shared limit cannot be asked, and there is no fallback.
    #[cfg(feature = "redis")]
    NoSharedLimit(Why),
}

impl From<Ended> for Refused {
    fn from(ended: Ended) -> Self {
        Refused::Ended(ended)
    }
}

/// Why the server gave no slots. Each is a whole message, and says what to do.
#[cfg(feature = "redis")]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Why {
    LookUp,
    Connect,
    Tls,
    Silent,
    Broken,
    LoginWanted,
    LoginRefused,
    NotAllowed,
    SelectNotAllowed,
    SocketNotAllowed,
    Database,
    Foreign,
    Loading,
    ReadOnly,
    Full,
    Cluster,
    Sentinel,
    NoScripts,
    Refused,
    Unreadable,
    Thread,
}

#[cfg(feature = "redis")]
impl Why {
    pub fn text(self) -> &'static str {
        match self {
            Why::LookUp => "the shared limit cannot be asked: its host name cannot be looked up; check shared_limit",
            Why::Connect => "the shared limit cannot be asked: no connection to its server; check that it runs, and shared_limit",
            Why::Tls => "the shared limit cannot be asked: TLS with its server failed; check that it speaks TLS, and its certificate (ca_file)",
            Why::Silent => "the shared limit cannot be asked: its server did not answer in time",
            Why::Broken => "the shared limit cannot be asked: the connection to its server broke; a server that speaks TLS wants rediss://",
            Why::LoginWanted => "the shared limit cannot be asked: its server wants a login; put user and password into shared_limit",
            Why::LoginRefused => "the shared limit cannot be asked: its server refuses the login in shared_limit",
            Why::NotAllowed => {
                "the shared limit cannot be asked: the user may not run its script; allow +evalsha +script|load +time +get +set ~tencent-chat:*"
            }
            Why::SelectNotAllowed => "the shared limit cannot be asked: the user may not choose its database; allow +select, or name database 0",
            Why::SocketNotAllowed => "the shared limit cannot be asked: no permission for its socket; check its mode (unixsocketperm)",
            Why::Database => "the shared limit cannot be asked: its server has no database of that number; check the end of shared_limit",
            Why::Foreign => "the shared limit cannot be asked: its key holds something of another program; give the limit another name",
            Why::Loading => "the shared limit cannot be asked: its server still loads its data",
            Why::ReadOnly => "the shared limit cannot be asked: its server is a read-only replica; name the primary in shared_limit",
            Why::Full => "the shared limit cannot be asked: its server is full: out of memory, of connections, or of disk",
            Why::Cluster => "the shared limit cannot be asked: its server is a node of a cluster, where a fail-over forgets the slots that were given; use one server",
            Why::Sentinel => "the shared limit cannot be asked: its server is a Sentinel, whose fail-over forgets the slots that were given; use one server",
            Why::NoScripts => {
                "the shared limit cannot be asked: its server does not know EVALSHA; it has to be Redis 5, Valkey 7 or newer"
            }
            Why::Refused => "the shared limit cannot be asked: its server refused its script, for a reason this library does not know",
            Why::Unreadable => "the shared limit cannot be asked: its server answered with something else than the script does",
            Why::Thread => "the shared limit cannot be asked: its thread cannot be started",
        }
    }
}
