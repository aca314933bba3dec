//! A thread of our own that runs the sockets. Starting is synchronous, and dropping it ends every connection and joins the
//! thread, also inside someone else's async runtime.

use std::fmt;
use std::future::Future;
use std::sync::mpsc;
use std::thread::{Builder, JoinHandle};

use tokio::runtime;
use tokio::sync::oneshot;

/// Why something could not be started, with what to do.
#[derive(Debug)]
pub struct StartError {
    message: String,
}

impl StartError {
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
        }
    }
}

impl fmt::Display for StartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for StartError {}

/// One thread with a runtime on it.
pub(crate) struct Background {
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Background {
    /// Runs `set_up` on a new thread, waits for its result, and keeps the tasks it spawned running until dropped.
    pub(crate) fn start<T, F>(name: &str, set_up: impl FnOnce() -> F + Send + 'static) -> Result<(Self, T), StartError>
    where
        T: Send + 'static,
        F: Future<Output = Result<T, StartError>>,
    {
        let (stop, stopped) = oneshot::channel();
        let (ready, readiness) = mpsc::channel();
        let run = move || {
            let runtime = match runtime::Builder::new_current_thread().enable_all().build() {
                Ok(runtime) => runtime,
                Err(e) => {
                    let _ = ready.send(Err(StartError::new(format!("no event loop: {e}"))));
                    return;
                }
            };
            runtime.block_on(async {
                let started = set_up().await;
                let goes_on = started.is_ok();
                if ready.send(started).is_ok() && goes_on {
                    let _ = stopped.await;
                }
            });
            // A name look-up that hangs must not keep us.
            runtime.shutdown_background();
        };
        let thread = Builder::new().name(name.to_owned()).spawn(run);
        let thread = thread.map_err(|e| StartError::new(format!("no thread: {e}")))?;
        let background = Self {
            stop: Some(stop),
            thread: Some(thread),
        };
        let started = readiness.recv();
        let started = started.map_err(|_| StartError::new("the emulator's thread ended before it was ready"))?;
        Ok((background, started?))
    }
}

impl Drop for Background {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
