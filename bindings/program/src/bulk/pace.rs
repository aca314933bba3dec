//! The pace of a run while it runs: a number in a file beside the journal. Where there is none, the pace is that of the command line.

use std::fs;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use tencent_chat::Client;

use super::progress::Progress;

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
    pub fn look(&self, client: &Client, progress: &Progress) {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if seen.at.is_some_and(|at| at.elapsed() < EVERY) {
            return;
        }
        seen.at = Some(Instant::now());
        // A file that is being written may be empty for a moment; it is as good as none until it holds something.
        let text = fs::read_to_string(&self.file).ok().map(|text| text.trim().to_owned());
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
                progress.say(&format!(
                    "{}: {rate} calls a second, from {whence}",
                    self.file.display()
                ));
            }
            _ => progress.say(&format!(
                "{}: holds no number from 1 to 10000; the rate stays",
                self.file.display()
            )),
        }
        seen.text = text;
    }
}
