//! What an exchange with the service brings: an answer, or the place where it broke.

use std::io;
use std::time::Duration;

use rustls::AlertDescription;

use super::socket::EndedError;
use super::tls_words::words;
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
        let inner = error.get_ref();
        if let Some(ended) = inner.and_then(|inner| inner.downcast_ref::<EndedError>()) {
            return Failure::Ended(ended.0);
        }
        match inner.and_then(|inner| inner.downcast_ref()) {
            // The end of a TLS 1.3 handshake, from which the server's word may come after the request has left.
            Some(error @ rustls::Error::AlertReceived(AlertDescription::CertificateRequired)) => {
                Failure::Tls(format!("TLS failed: {}", words(error, true)))
            }
            Some(error) => Failure::Broken(format!("the connection broke: TLS failed: {}", words(error, false))),
            None => Failure::Broken(broken(&error)),
        }
    }
}

/// Why a connection broke, in the words of the operating system; never in a library's.
fn broken(error: &io::Error) -> String {
    match (error.kind(), error.raw_os_error()) {
        (io::ErrorKind::UnexpectedEof, _) => "the other side closed the connection".into(),
        (_, Some(_)) => format!("the connection broke: {error}"),
        (kind, None) => format!("the connection broke: {kind}"),
    }
}

/// What one exchange brought.
#[derive(Debug, Default)]
pub(crate) struct Exchange {
    /// 0: no answer's head was read.
    pub http_status: u16,
    /// The pause that a gateway asks for.
    pub retry_after: Option<Duration>,
    /// How many seconds this machine's clock is ahead of the answer's Date.
    pub clock_ahead: Option<i64>,
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
