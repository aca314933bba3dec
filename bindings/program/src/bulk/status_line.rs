//! What a run shows while it runs, on stderr: a bar on a terminal, a plain line every few seconds otherwise, an object a second for a program, nothing
//! if asked so. With a log file, also what was said and a line a minute.

use std::collections::VecDeque;
use std::io::Write;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use indicatif::{HumanCount, HumanDuration, ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde_json::json;

use super::files::Lines;
use super::job::Finished;
use super::list::Item;
use super::outage::{Past, Waiting};
use super::outcome::Tally;
use super::pace::Rate;
use crate::arguments::Progress;
use crate::output::{json_text, note, printable, stderr_is_terminal, why};

/// Between two plain lines, two of the log, two objects.
const LINE_EVERY: Duration = Duration::from_secs(5);
const LOG_EVERY: Duration = Duration::from_secs(60);
const OBJECT_EVERY: Duration = Duration::from_secs(1);
/// Over this time the pace is measured: a change is seen, and a moment's pause is not taken for one.
const PACE_OVER: Duration = Duration::from_secs(60);
/// How many failures are printed one by one; the report counts all.
const TOLD: u64 = 10;

/// How a run is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shown {
    Bar,
    Lines,
    Objects,
    Nothing,
}

impl Shown {
    /// Lines about attempts would tear a bar.
    pub fn by(progress: Progress, quiet: bool, verbose: bool) -> Shown {
        match progress {
            _ if quiet => Shown::Nothing,
            Progress::Auto if stderr_is_terminal() && !verbose => Shown::Bar,
            Progress::Auto | Progress::Lines => Shown::Lines,
            Progress::Json => Shown::Objects,
            Progress::None => Shown::Nothing,
        }
    }
}

/// What a run's calls came to, besides its items.
#[derive(Clone, Copy, Debug, Default)]
pub struct Counters {
    pub attempts: u64,
    pub repeats: u64,
    /// Answers that ask to slow down.
    pub throttles: u64,
    /// Calls that went by the fallback of a shared limit.
    pub fallback: u64,
    pub outages: Past,
}

/// A run at one moment.
pub struct Moment<'a> {
    pub tally: &'a Tally,
    pub doubt: u64,
    pub counters: Counters,
    pub rate: Rate,
    pub waiting: Option<Waiting>,
}

pub struct StatusLine {
    shown: Shown,
    bar: Option<ProgressBar>,
    log: Option<Lines>,
    items: u64,
    began: Instant,
    told: Mutex<u64>,
    log_is_lost: AtomicBool,
    last: Mutex<Last>,
}

/// What was shown when.
struct Last {
    line: Instant,
    log: Instant,
    /// None yet: the first one comes at once.
    object: Option<Instant>,
    /// How many items were accounted for, a second between two.
    minute: VecDeque<(Instant, u64)>,
}

impl StatusLine {
    /// `before`: of so many items, those that earlier runs accounted for.
    pub fn new(items: u64, before: u64, shown: Shown, log: Option<Lines>) -> Self {
        let now = Instant::now();
        StatusLine {
            bar: (shown == Shown::Bar).then(|| bar(items, before)),
            shown,
            log,
            items,
            began: now,
            told: Mutex::new(0),
            log_is_lost: AtomicBool::new(false),
            last: Mutex::new(Last {
                line: now,
                log: now,
                object: None,
                minute: VecDeque::from([(now, before)]),
            }),
        }
    }

    pub fn show(&self, moment: &Moment) {
        let mut last = self.lock();
        let now = Instant::now();
        let pace = last.pace(now, moment.tally.total());
        if let Some(bar) = &self.bar {
            bar.set_message(self.line(moment, pace, false));
            bar.set_position(moment.tally.total());
        }
        if self.shown == Shown::Lines && now - last.line >= LINE_EVERY {
            last.line = now;
            note(&self.line(moment, pace, true));
        }
        if self.shown == Shown::Objects && last.object.is_none_or(|at| now - at >= OBJECT_EVERY) {
            last.object = Some(now);
            self.object(moment, pace);
        }
        if now - last.log >= LOG_EVERY {
            last.log = now;
            self.log(&self.line(moment, pace, true));
        }
    }

    /// The last object, with the numbers of the report.
    pub fn show_last(&self, moment: &Moment) {
        let pace = self.lock().pace(Instant::now(), moment.tally.total());
        self.log(&self.line(moment, pace, true));
        if self.shown == Shown::Objects {
            self.object(moment, pace);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Last> {
        self.last.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn seconds_left(&self, moment: &Moment, pace: f64) -> Option<u64> {
        let left = self.items.saturating_sub(moment.tally.total()) as f64 / pace;
        // Whoever waits for a service does not know how long.
        (left.is_finite() && moment.waiting.is_none()).then_some(left.min(1e9) as u64)
    }

    /// `whole`: with what a bar shows in its own way.
    fn line(&self, moment: &Moment, pace: f64, whole: bool) -> String {
        let total = moment.tally.total();
        let mut text = match whole {
            true => format!("{} of {}: ", HumanCount(total), HumanCount(self.items)),
            false => String::new(),
        };
        text += &counts(moment.tally, moment.doubt);
        match &moment.waiting {
            Some(waiting) => {
                let lasted = HumanDuration(waiting.lasted);
                text += &format!("; waiting for {lasted}: {} {}", waiting.code, waiting.why);
            }
            None => text += &format!("; {pace:.0} a second{}", moment.rate.because()),
        }
        if let Some(seconds) = self.seconds_left(moment, pace) {
            text += &format!(", {} to go", HumanDuration(Duration::from_secs(seconds)));
        }
        text
    }

    fn object(&self, moment: &Moment, pace: f64) {
        let Moment {
            tally, counters, rate, ..
        } = moment;
        let total = tally.total();
        let waiting = moment
            .waiting
            .as_ref()
            .map(|waiting| json!({"code": waiting.code, "message": waiting.why, "seconds": waiting.lasted.as_secs()}));
        let object = json!({
            "seconds": (self.began.elapsed().as_secs_f64() * 1e3).round() / 1e3,
            "items": self.items,
            "accounted_for": total,
            "done": tally.done + tally.already + tally.existing,
            "not_there": tally.missing,
            "unknown": tally.unknown,
            "failed": tally.failures(),
            "in_doubt": moment.doubt,
            "attempts": counters.attempts,
            "repeats": counters.repeats,
            "throttles": counters.throttles,
            "fallback": counters.fallback,
            "outages": counters.outages.count,
            "pace": (pace * 10.0).round() / 10.0,
            "seconds_left": self.seconds_left(moment, pace),
            "rate": {"now": rate.now, "asked": rate.asked, "why": rate.why.word()},
            "waiting": waiting,
        });
        let _ = writeln!(std::io::stderr(), "{}", json_text(&object));
    }

    /// A line that is no progress, above the bar if there is one.
    pub fn say(&self, line: &str) {
        match (&self.bar, self.shown) {
            (Some(bar), _) => bar.suspend(|| note(line)),
            (None, Shown::Objects) => {
                let _ = writeln!(std::io::stderr(), "{}", json_text(&json!({"message": line})));
            }
            (None, _) => note(line),
        }
        self.log(line);
    }

    fn log(&self, line: &str) {
        let Some(log) = &self.log else { return };
        let now = jiff::Timestamp::now();
        let text = format!("{now:.3} {}\n", printable(line).replace('\n', " "));
        if let Err(error) = log.line(text.as_bytes()) {
            // What the run does is in its journal; a log that is full stops nothing.
            if !self.log_is_lost.swap(true, Ordering::Relaxed) {
                note(&format!(
                    "{}: {}; the log lacks lines",
                    log.path().display(),
                    why(&error)
                ));
            }
        }
    }

    /// The first failures of a run are printed as they come; the log has all.
    pub fn failed(&self, number: u64, item: &Item, finished: &Finished) {
        let line = format!(
            "item {number}, {}: {} {}",
            item.account, finished.code, finished.message
        );
        let told = {
            let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
            *told += 1;
            *told
        };
        match told {
            ..=TOLD => self.say(&line),
            _ => self.log(&line),
        }
        if told == TOLD {
            self.say("further failures are counted in the report and listed in --results");
        }
    }

    pub fn end(&self) {
        if let Some(bar) = &self.bar {
            bar.abandon();
            let _ = writeln!(std::io::stderr());
        }
    }

    pub fn took(&self) -> Duration {
        self.began.elapsed()
    }
}

impl Last {
    /// Items a second of the last minute.
    fn pace(&mut self, now: Instant, total: u64) -> f64 {
        while self.minute.len() > 1 && now - self.minute[1].0 >= PACE_OVER {
            self.minute.pop_front();
        }
        let (at, before) = self.minute[0];
        if now - self.minute[self.minute.len() - 1].0 >= Duration::from_secs(1) {
            self.minute.push_back((now, total));
        }
        let over = (now - at).as_secs_f64();
        match over > 0.0 {
            true => total.saturating_sub(before) as f64 / over,
            false => 0.0,
        }
    }
}

fn bar(items: u64, before: u64) -> ProgressBar {
    let bar = ProgressBar::with_draw_target(Some(items), ProgressDrawTarget::stderr());
    // Without colour: nothing here needs it, so there is nothing that NO_COLOR would have to take away.
    let style = ProgressStyle::with_template("{bar:30} {human_pos}/{human_len}  {msg}");
    bar.set_style(style.expect("the template is a constant"));
    bar.set_position(before);
    bar
}

fn counts(tally: &Tally, doubt: u64) -> String {
    let done = tally.done + tally.already + tally.existing;
    let mut text = format!("{} done", HumanCount(done));
    let rest = [
        (tally.missing, "not there"),
        (tally.unknown, "unknown"),
        (tally.failures(), "failed"),
        (doubt, "in doubt"),
    ];
    for (count, name) in rest {
        if count > 0 {
            text += &format!(", {} {name}", HumanCount(count));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pace_is_that_of_the_last_minute() {
        let began = Instant::now();
        let mut last = Last {
            line: began,
            log: began,
            object: None,
            minute: VecDeque::from([(began, 0)]),
        };
        // A hundred a second for ten minutes, then ten.
        let mut total = 0;
        for second in 1..=600 {
            total += 100;
            last.pace(began + Duration::from_secs(second), total);
        }
        for second in 601..=660 {
            total += 10;
            last.pace(began + Duration::from_secs(second), total);
        }
        let pace = last.pace(began + Duration::from_secs(661), total + 10);
        assert!((9.9..12.0).contains(&pace), "{pace}");
        assert!(last.minute.len() <= 62, "{}", last.minute.len());
    }
}
