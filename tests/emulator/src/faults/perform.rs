//! Carries out the steps of a fault on a connection, above TLS and without HTTP's help, and tells the log how far an answer got.

use std::io;

use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt};
use tokio::sync::watch;
use tokio::time::{sleep, timeout};
use tokio_rustls::server::TlsStream;

use crate::faults::plan::{Plan, Step};
use crate::http::line::Line;
use crate::http::log::Answered;

/// A connection above TLS, if there is TLS, with the socket beneath it.
pub(crate) trait Wire: AsyncRead + AsyncWrite + Send + Unpin {
    fn line(&self) -> &Line;
}

impl Wire for Line {
    fn line(&self) -> &Line {
        self
    }
}

impl Wire for TlsStream<Line> {
    fn line(&self) -> &Line {
        self.get_ref().0
    }
}

/// What becomes of the connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum After {
    /// The next request is welcome.
    ServedOn,
    Over,
}

/// Carries the plan out to its end.
pub(crate) async fn perform<W: Wire>(wire: &mut W, plan: Plan) -> After {
    let mut performance = Performance {
        wire,
        sent: 0,
        cleared: plan.cleared,
    };
    for step in plan.steps {
        if let Step::Mark(answered) = step {
            if let Some(entry) = &plan.entry {
                entry.record().answered(answered);
            }
            continue;
        }
        match performance.one(step).await {
            Ok(None) => {}
            Ok(Some(after)) => return after,
            Err(_) => {
                let answered = if performance.sent > 0 {
                    Answered::Cut
                } else {
                    Answered::No
                };
                if let Some(entry) = &plan.entry {
                    entry.record().answered(answered);
                }
                return After::Over;
            }
        }
    }
    After::ServedOn
}

struct Performance<'a, W> {
    wire: &'a mut W,
    /// Bytes of this plan.
    sent: u64,
    cleared: watch::Receiver<u64>,
}

impl<W: Wire> Performance<'_, W> {
    /// `Some`: the plan is over.
    async fn one(&mut self, step: Step) -> io::Result<Option<After>> {
        match step {
            Step::Mark(_) => {}
            Step::Send(bytes) => self.send(&bytes).await?,
            Step::Flood(bytes, times) => {
                for _ in 0..times {
                    self.send(&bytes).await?;
                }
            }
            Step::Drip(pieces, every) => {
                for piece in pieces {
                    tokio::select! {
                        () = sleep(every) => self.send(&piece).await?,
                        // The answer stays as far as it got.
                        _ = self.cleared.changed() => return Err(io::ErrorKind::Interrupted.into()),
                        () = self.wire.line().closes() => return Err(io::ErrorKind::BrokenPipe.into()),
                    }
                }
            }
            Step::Silence(time) => {
                let spoke = tokio::select! {
                    spoke = timeout(time, self.wire.line().speaks()) => spoke.is_ok(),
                    _ = self.cleared.changed() => true,
                };
                return Ok(spoke.then_some(After::ServedOn));
            }
            Step::End(ending) => {
                tokio::select! {
                    () = self.wire.line().finish(ending) => {}
                    _ = self.cleared.changed() => {}
                }
                return Ok(Some(After::Over));
            }
            Step::Hang => {
                tokio::select! {
                    () = self.wire.line().closes() => {}
                    _ = self.cleared.changed() => {}
                }
                return Ok(Some(After::Over));
            }
        }
        Ok(None)
    }

    async fn send(&mut self, mut bytes: &[u8]) -> io::Result<()> {
        while !bytes.is_empty() {
            let taken = self.wire.write(bytes).await?;
            if taken == 0 {
                return Err(io::ErrorKind::WriteZero.into());
            }
            self.sent += taken as u64;
            bytes = &bytes[taken..];
        }
        self.wire.flush().await
    }
}
