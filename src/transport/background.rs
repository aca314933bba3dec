//! The one thread of a client: it does what may block for as long as the system likes, such as a look-up, and what is due though nobody calls, such
//! as closing a connection that idled too long. It starts with the first errand, sleeps when there is none, and does not outlive its client unless an
//! errand hangs.

use std::io;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use once_cell::sync::OnceCell;

use crate::process::OwnThread;

/// Done once; may block.
type Errand = Box<dyn FnOnce() + Send>;
/// Done now, and again when it says; until it says nothing more.
type Round = Box<dyn FnMut() -> Option<Instant> + Send>;

enum Task {
    Errand(Errand),
    Round(Round),
}

#[derive(Debug, Default)]
pub(super) struct Background {
    /// With its inbox; it ends when that is dropped.
    thread: OnceCell<(Sender<Task>, OwnThread)>,
    state: Arc<Mutex<State>>,
}

#[derive(Debug, Default)]
struct State {
    /// The thread is inside an errand, which nothing can end.
    busy: bool,
    /// No further errand begins.
    closing: bool,
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Background {
    /// Has it done as soon as the thread is free. An error says that there is no thread to be had.
    pub fn errand(&self, errand: impl FnOnce() + Send + 'static) -> io::Result<()> {
        let (tasks, _) = self.thread.get_or_try_init(|| {
            let (tasks, inbox) = mpsc::channel();
            let state = self.state.clone();
            let thread = OwnThread::start("tencent-chat", move || serve(&inbox, &state))?;
            Ok::<_, io::Error>((tasks, thread))
        })?;
        let gone = |_| io::Error::other("it has ended");
        tasks.send(Task::Errand(Box::new(errand))).map_err(gone)
    }

    /// Repeats it from now on, in place of the round before. A round alone starts no thread.
    pub fn round(&self, round: impl FnMut() -> Option<Instant> + Send + 'static) {
        if let Some((tasks, _)) = self.thread.get() {
            // An error means that the thread has ended.
            let _ = tasks.send(Task::Round(Box::new(round)));
        }
    }

    #[cfg(test)]
    pub fn has_started(&self) -> bool {
        self.thread.get().is_some()
    }
}

impl Drop for Background {
    /// Waits for the thread, so that none outlives its client, unless it is inside an errand: that one ends by itself later.
    fn drop(&mut self) {
        let Some((tasks, thread)) = self.thread.take() else {
            return;
        };
        drop(tasks);
        if !thread.is_here() {
            return;
        }
        let busy = {
            let mut state = lock(&self.state);
            state.closing = true;
            state.busy
        };
        if !busy {
            thread.wait_for_its_end();
        }
    }
}

fn serve(inbox: &Receiver<Task>, state: &Mutex<State>) {
    let mut next: Option<(Instant, Round)> = None;
    loop {
        let task = match &next {
            Some((due, _)) => inbox.recv_timeout(due.saturating_duration_since(Instant::now())),
            None => inbox.recv().map_err(|_| RecvTimeoutError::Disconnected),
        };
        match task {
            Ok(Task::Errand(errand)) => {
                let mut before = lock(state);
                if before.closing {
                    return;
                }
                before.busy = true;
                drop(before);
                errand();
                lock(state).busy = false;
            }
            Ok(Task::Round(round)) => next = Some((Instant::now(), round)),
            Err(RecvTimeoutError::Timeout) => {
                next = next.and_then(|(_, mut round)| Some((round()?, round)));
            }
            Err(RecvTimeoutError::Disconnected) => return,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_round_is_made_until_it_says_nothing_more_and_errands_go_between() {
        let background = Background::default();
        background.round(|| panic!("not worth a thread"));
        assert!(!background.has_started());
        background.errand(|| {}).unwrap();
        let (told, heard) = mpsc::channel();
        let tell = told.clone();
        let mut rounds = 0;
        background.round(move || {
            rounds += 1;
            tell.send(rounds).unwrap();
            (rounds < 3).then(|| Instant::now() + Duration::from_millis(5))
        });
        assert_eq!(heard.iter().take(3).collect::<Vec<_>>(), [1, 2, 3]);
        background.errand(move || told.send(9).unwrap()).unwrap();
        assert_eq!(heard.recv(), Ok(9));
        drop(background);
        assert!(heard.recv().is_err(), "no fourth, and the thread is gone");
    }

    #[test]
    fn an_errand_that_hangs_holds_up_nobody() {
        let background = Background::default();
        let (_hold, held) = mpsc::channel::<()>();
        let (told, heard) = mpsc::channel();
        background
            .errand(move || {
                told.send(()).unwrap();
                let _ = held.recv();
            })
            .unwrap();
        heard.recv().unwrap();
        drop(background);
    }
}
