//! The pace of a run while it runs: a number in a file beside the journal. Where there is none, the pace is that of the command line.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

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
    seen: Mutex<Seen>,
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
            seen: Mutex::new(Seen { at: None, text: None }),
        }
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
    lost: Mutex<Option<String>>,
}

impl<'a> LimitWatch<'a> {
    pub fn new(status_line: &'a StatusLine) -> Self {
        LimitWatch {
            status_line,
            lost: Mutex::default(),
        }
    }

    pub fn look(&self, response: &Response) {
        let why = fallback_reason(response);
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
