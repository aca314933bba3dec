//! What an exchange with the service brings: an answer, or the place where it broke.

use std::io;
use std::time::Duration;

use super::socket::EndedError;
use crate::attempt::Progress;
use crate::wait::Ended;

/// Where and why an exchange broke.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Failure {
    Ended(Ended),
    /// The name could not be looked up, or no connection made to the host or through the proxy.
    Connect(String),
    Tls(String),
    /// The connection broke while the request was sent or the answer awaited.
    Broken(String),
    /// The answer had begun, but not ended.
    CutShort(String),
    /// What came is not an HTTP answer.
    Malformed(String),
}

impl From<Ended> for Failure {
    fn from(ended: Ended) -> Self {
        Failure::Ended(ended)
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        match error.get_ref().and_then(|inner| inner.downcast_ref::<EndedError>()) {
            Some(ended) => Failure::Ended(ended.0),
            None => Failure::Broken(broken(&error)),
        }
    }
}

/// Why a connection broke, in the words of the operating system or of TLS; never in ureq's.
fn broken(error: &io::Error) -> String {
    let tls = error.get_ref().filter(|inner| inner.is::<rustls::Error>());
    match (error.kind(), error.raw_os_error(), tls) {
        (io::ErrorKind::UnexpectedEof, ..) => "the other side closed the connection".into(),
        (_, Some(_), _) => format!("the connection broke: {error}"),
        (_, None, Some(tls)) => format!("the connection broke: TLS: {tls}"),
        (kind, None, None) => format!("the connection broke: {kind}"),
    }
}

/// What one exchange brought.
#[derive(Debug, Default)]
pub(crate) struct Exchange {
    /// 0: no answer's head was read.
    pub http_status: u16,
    /// The pause that a gateway asks for.
    pub retry_after: Option<Duration>,
    /// As much of the body as came, within the limit.
    pub body: Vec<u8>,
    pub progress: Progress,
    pub failure: Option<Failure>,
}

impl From<Failure> for Exchange {
    /// It failed before there was a connection.
    fn from(failure: Failure) -> Self {
        Exchange {
            failure: Some(failure),
            ..Exchange::default()
        }
    }
}

impl Exchange {
    /// Whether it failed because no connection could be made.
    pub fn is_unreachable(&self) -> bool {
        let failed = matches!(
            self.failure,
            Some(Failure::Connect(_) | Failure::Tls(_) | Failure::Ended(Ended::ConnectDeadline))
        );
        failed && self.progress == Progress::NothingWritten
    }
}
