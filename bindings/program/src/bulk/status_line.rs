//! What a run shows while it runs, on stderr: a bar on a terminal, a plain line every few seconds otherwise, nothing if asked so.

use std::fmt;
use std::io::Write;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use indicatif::{HumanCount, HumanDuration, ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};

use super::job::Finished;
use super::list::Item;
use super::outcome::Tally;
use crate::output::{note, stderr_is_terminal};

/// Between two plain lines.
const EVERY: Duration = Duration::from_secs(5);
/// How many failures are printed one by one; the report counts all.
const TOLD: u64 = 10;

pub struct StatusLine {
    kind: Kind,
    items: u64,
    began: Instant,
    told: Mutex<u64>,
}

enum Kind {
    Bar(ProgressBar),
    /// When the last line was shown, and how many items were accounted for then.
    Lines(Mutex<(Instant, u64)>),
    Quiet,
}

impl StatusLine {
    pub fn new(items: u64, before: u64, quiet: bool) -> Self {
        let kind = match (quiet, stderr_is_terminal()) {
            (true, _) => Kind::Quiet,
            (false, true) => Kind::Bar(bar(items, before)),
            (false, false) => Kind::Lines(Mutex::new((Instant::now(), before))),
        };
        StatusLine {
            kind,
            items,
            began: Instant::now(),
            told: Mutex::new(0),
        }
    }

    pub fn show(&self, tally: &Tally, doubt: u64) {
        match &self.kind {
            Kind::Bar(bar) => {
                bar.set_message(counts(tally, doubt));
                bar.set_position(tally.total());
            }
            Kind::Lines(last) => {
                let mut last = last.lock().unwrap_or_else(PoisonError::into_inner);
                if last.0.elapsed() >= EVERY {
                    note(&self.line(tally, doubt, *last));
                    *last = (Instant::now(), tally.total());
                }
            }
            Kind::Quiet => {}
        }
    }

    /// The speed is that since the last line: another rate is seen at once.
    fn line(&self, tally: &Tally, doubt: u64, (at, before): (Instant, u64)) -> String {
        let total = tally.total();
        let speed = total.saturating_sub(before) as f64 / at.elapsed().as_secs_f64();
        let left = self.items.saturating_sub(total) as f64 / speed;
        let eta = match left.is_finite() {
            true => format!(", {} to go", HumanDuration(Duration::from_secs_f64(left.min(1e9)))),
            false => String::new(),
        };
        format!(
            "{} of {}: {}; {speed:.0} a second{eta}",
            HumanCount(total),
            HumanCount(self.items),
            counts(tally, doubt)
        )
    }

    /// A line that is no progress, above the bar if there is one.
    pub fn say(&self, line: &str) {
        match &self.kind {
            Kind::Bar(bar) => bar.suspend(|| note(line)),
            Kind::Lines(_) | Kind::Quiet => note(line),
        }
    }

    /// The first failures of a run are printed as they come.
    pub fn failed(&self, number: u64, item: &Item, finished: &Finished) {
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        *told += 1;
        if *told <= TOLD {
            self.say(&format!(
                "item {number}, {}: {} {}",
                item.account, finished.code, finished.message
            ));
        }
        if *told == TOLD {
            self.say("further failures are counted in the report and listed in --results");
        }
    }

    pub fn end(&self) {
        if let Kind::Bar(bar) = &self.kind {
            bar.abandon();
            let _ = writeln!(std::io::stderr());
        }
    }

    pub fn took(&self) -> Duration {
        self.began.elapsed()
    }
}

fn bar(items: u64, before: u64) -> ProgressBar {
    let bar = ProgressBar::with_draw_target(Some(items), ProgressDrawTarget::stderr());
    // Without colour: nothing here needs it, so there is nothing that NO_COLOR would have to take away.
    let style = ProgressStyle::with_template("{bar:30} {human_pos}/{human_len}  {speed}  {eta} to go  {msg}");
    let speed = |state: &ProgressState, text: &mut dyn fmt::Write| {
        // What cannot be shown is not shown.
        let _ = write!(text, "{:.0} a second", state.per_sec());
    };
    bar.set_style(style.expect("the template is a constant").with_key("speed", speed));
    bar.set_position(before);
    bar.reset_eta();
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
