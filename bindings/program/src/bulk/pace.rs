//! The pace of a run while it runs: a number in a file beside the journal. Where there is none, the pace is that of the command line.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use tencent_chat::error::CHAT_ERR_THROTTLED;
use tencent_chat::{Client, Response};

use super::status_line::StatusLine;
use crate::output::fallback_reason;
use crate::system::read_at_once;

const EVERY: Duration = Duration::from_secs(1);
/// As the flag `--rate`.
const RATES: std::ops::RangeInclusive<u32> = 1..=10_000;

#[derive(Debug)]
pub struct Pace {
    file: PathBuf,
    /// Calls a second of the command line.
    rate: u32,
    /// Calls a second as they are asked for now.
    asked: AtomicU32,
    seen: Mutex<Seen>,
}

/// How many calls a second a run may make now, and why.
#[derive(Clone, Copy, Debug)]
pub struct Rate {
    pub now: u32,
    pub asked: u32,
    pub why: Why,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    Asked,
    /// By answers of the service, such as 60007.
    Slowed,
    /// The limit that is shared is away.
    Fallback,
    LimitLost,
    Outage,
}

impl Why {
    /// For programs.
    pub fn word(self) -> &'static str {
        match self {
            Why::Asked => "asked",
            Why::Slowed => "slowed",
            Why::Fallback => "fallback",
            Why::LimitLost => "shared_limit_lost",
            Why::Outage => "outage",
        }
    }
}

impl Rate {
    pub fn new(asked: u32, slowed: Option<u32>, fallback: Option<u32>, waiting_for: Option<i32>) -> Rate {
        let asked = asked.max(1);
        let (now, why) = match (waiting_for, fallback, slowed) {
            (Some(CHAT_ERR_THROTTLED), _, _) => (0, Why::LimitLost),
            (Some(_), _, _) => (0, Why::Outage),
            (None, Some(fallback), slowed) if slowed.is_none_or(|slowed| fallback <= slowed) => {
                (fallback.min(asked), Why::Fallback)
            }
            (None, _, Some(slowed)) => (slowed.min(asked), Why::Slowed),
            (None, _, None) => (asked, Why::Asked),
        };
        Rate { now, asked, why }
    }

    /// For people, where it is not as asked.
    pub fn because(self) -> String {
        let why = match self.why {
            Why::Asked | Why::LimitLost | Why::Outage => return String::new(),
            Why::Slowed => "the service throttles",
            Why::Fallback => "without the shared limit",
        };
        format!(" (at most {} of {}: {why})", self.now, self.asked)
    }
}

#[derive(Debug)]
struct Seen {
    at: Option<Instant>,
    /// What the file held.
    text: Option<String>,
}

impl Pace {
    pub fn new(file: PathBuf, rate: u32) -> Self {
        Pace {
            file,
            rate,
            asked: AtomicU32::new(rate),
            seen: Mutex::new(Seen { at: None, text: None }),
        }
    }

    pub fn asked(&self) -> u32 {
        self.asked.load(Ordering::Relaxed)
    }

    /// Follows the file, looking at most once a second.
    pub fn look(&self, client: &Client, status_line: &StatusLine) {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if seen.at.is_some_and(|at| at.elapsed() < EVERY) {
            return;
        }
        seen.at = Some(Instant::now());
        // A file that is being written may be empty for a moment; it is as good as none until it holds something.
        let text = written(&self.file);
        if text == seen.text || text.as_deref() == Some("") {
            return;
        }
        let (rate, whence) = match text.as_deref().map(str::parse) {
            None => (Some(self.rate), "--rate"),
            Some(Ok(rate)) if RATES.contains(&rate) => (Some(rate), "its file"),
            Some(_) => (None, ""),
        };
        match rate {
            Some(rate) if client.set_rate_limit(rate).is_ok() => {
                self.asked.store(rate, Ordering::Relaxed);
                status_line.say(&format!(
                    "{}: {rate} calls a second, from {whence}",
                    self.file.display()
                ));
            }
            _ => status_line.say(&format!(
                "{}: holds no number from 1 to 10000; the rate stays",
                self.file.display()
            )),
        }
        seen.text = text;
    }
}

/// Says when a run loses the limit that it shares, and when it has it again. Without a fallback the calls themselves say so.
pub struct LimitWatch<'a> {
    status_line: &'a StatusLine,
    /// Calls a second without it; 0: none.
    fallback: u32,
    lost: Mutex<Option<String>>,
    /// Calls that went by the fallback.
    calls: AtomicU64,
}

impl<'a> LimitWatch<'a> {
    pub fn new(status_line: &'a StatusLine, fallback: u32) -> Self {
        LimitWatch {
            status_line,
            fallback,
            lost: Mutex::default(),
            calls: AtomicU64::new(0),
        }
    }

    /// The rate that holds in place of the shared limit's, while it does.
    pub fn fallback(&self) -> Option<u32> {
        let lost = self.lost.lock().unwrap_or_else(PoisonError::into_inner);
        lost.as_ref().map(|_| self.fallback)
    }

    pub fn calls_by_fallback(&self) -> u64 {
        self.calls.load(Ordering::Relaxed)
    }

    pub fn look(&self, response: &Response) {
        let why = fallback_reason(response);
        self.calls.fetch_add(u64::from(why.is_some()), Ordering::Relaxed);
        let mut lost = self.lost.lock().unwrap_or_else(PoisonError::into_inner);
        match (&*lost, &why) {
            (None, None) => return,
            (Some(before), Some(why)) if before == why => return,
            (_, Some(why)) => self
                .status_line
                .say(&format!("{why}; the run goes on at --shared-limit-fallback")),
            (Some(_), None) => self.status_line.say("the shared limit works again"),
        }
        *lost = why;
    }
}

/// What stands at the beginning of a file; nothing where it is none, as a pipe, at which a run would wait.
fn written(path: &Path) -> Option<String> {
    const LONGEST: u64 = 64;
    let file = read_at_once(path).ok()?;
    if !file.metadata().is_ok_and(|about| about.is_file()) {
        return Some("no file".into());
    }
    let mut text = Vec::new();
    file.take(LONGEST).read_to_end(&mut text).ok()?;
    Some(
        String::from_utf8_lossy(&text)
            .trim_start_matches('\u{feff}')
            .trim()
            .to_owned(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rate_says_what_holds_it_down() {
        for (slowed, fallback, waiting_for, now, why) in [
            (None, None, None, 100, "asked"),
            (Some(50), None, None, 50, "slowed"),
            (None, Some(20), None, 20, "fallback"),
            (Some(10), Some(20), None, 10, "slowed"),
            (Some(50), Some(20), None, 20, "fallback"),
            (Some(50), None, Some(-12), 0, "shared_limit_lost"),
            (None, None, Some(-5), 0, "outage"),
        ] {
            let rate = Rate::new(100, slowed, fallback, waiting_for);
            assert_eq!((rate.now, rate.why.word()), (now, why));
        }
        assert_eq!(
            Rate::new(100, Some(50), None, None).because(),
            " (at most 50 of 100: the service throttles)"
        );
    }
}
