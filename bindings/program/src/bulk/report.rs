//! The report of a run, for people and for programs.

use std::time::Duration;

use indicatif::{HumanCount, HumanDuration};
use serde_json::{json, Map, Value};
use tencent_chat::error;

use super::engine::Totals;
use super::outcome::Tally;
use super::status_line::Counters;
use super::stop::Reason;
use crate::exit::{is_throttle, Exit};
use crate::output;

/// What the command calls its outcomes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verb {
    Deleted,
    Restored,
}

pub struct Report<'a> {
    pub verb: Verb,
    pub items: u64,
    pub duplicates: u64,
    pub totals: &'a Totals,
    pub reason: Option<Reason>,
    pub unknown_fails: bool,
    pub took: Duration,
    pub counters: Counters,
}

impl Report<'_> {
    fn doubt(&self) -> u64 {
        self.totals.doubt.count()
    }

    fn unknown_failures(&self) -> u64 {
        match self.unknown_fails {
            true => self.totals.tally.unknown,
            false => 0,
        }
    }

    /// Neither accounted for nor in doubt.
    fn left(&self) -> u64 {
        self.items - self.duplicates - self.totals.tally.total() - self.doubt()
    }

    pub fn print(&self, as_json: bool) {
        match as_json {
            true => output::object(&self.object()),
            false => self.table(),
        }
    }

    fn table(&self) {
        let tally = &self.totals.tally;
        match self.verb {
            Verb::Deleted => {
                row("deleted", tally.done, "");
                row("not there", tally.missing, "no such group (51009)");
            }
            Verb::Restored => {
                row("created", tally.done, "");
                row("was there", tally.existing, "its conversations were added");
            }
        }
        row("done before", tally.already, "by a run that was cut off");
        row("unknown", tally.unknown, "accounts that Chat does not know (50001)");
        row("failed", tally.failures(), "");
        for (code, count) in &tally.failed {
            output::result(format!(
                "  {code:<10} {:>10}  {}",
                HumanCount(*count).to_string(),
                error::text(*code)
            ));
        }
        let why = match self.verb {
            Verb::Deleted => "come more than once in the input",
            Verb::Restored => "other lines of the same groups, or of deletes that did not happen",
        };
        row("duplicates", self.duplicates, why);
        row("in doubt", self.doubt(), "the next run finds out");
        row("left", self.left(), "the next run does them");
        row("items", self.items, "");
    }

    fn object(&self) -> Value {
        let Tally {
            done,
            missing,
            existing,
            already,
            unknown,
            failed,
        } = &self.totals.tally;
        let codes = |counts: &std::collections::BTreeMap<i32, u64>| {
            counts
                .iter()
                .map(|(code, count)| (code.to_string(), json!(count)))
                .collect::<Map<String, Value>>()
        };
        let (was_there, word) = match self.verb {
            Verb::Deleted => (json!({"not_there": missing}), "deleted"),
            Verb::Restored => (json!({"was_there": existing}), "created"),
        };
        let mut object = json!({
            word: done,
            format!("already_{word}"): already,
            "unknown": unknown,
            "failed": self.totals.tally.failures(),
            "failed_by_code": codes(failed),
            "duplicates": self.duplicates,
            "in_doubt": self.doubt(),
            "left": self.left(),
            "items": self.items,
            "this_run": {
                "attempts": self.totals.attempts,
                "repeats": self.counters.repeats,
                "throttles": self.counters.throttles,
                "fallback": self.counters.fallback,
                "outages": {"count": self.counters.outages.count, "seconds": rounded(self.counters.outages.lasted)},
                "failures_by_code": codes(&self.totals.failures),
                "seconds": rounded(self.took),
            },
            "stopped": self.reason.as_ref().map(Reason::word),
        });
        if let (Some(object), Some(Value::Object(more))) = (object.as_object_mut(), Some(was_there)) {
            object.extend(more);
        }
        object
    }

    /// How many calls it took, and what made it slower.
    fn pains(&self) -> String {
        let Counters {
            repeats,
            throttles,
            fallback,
            outages,
            ..
        } = self.counters;
        let mut line = format!(
            "{} attempts in {}",
            HumanCount(self.totals.attempts),
            HumanDuration(self.took)
        );
        for (count, what) in [
            (repeats, "repeats"),
            (throttles, "answers that ask to slow down"),
            (fallback, "calls by --shared-limit-fallback"),
        ] {
            if count > 0 {
                line += &format!(", {} {what}", HumanCount(count));
            }
        }
        if outages.count > 0 {
            line += &format!(", {} in {} outages", HumanDuration(outages.lasted), outages.count);
        }
        line
    }

    /// Why the run ended and what to do about it, for stderr.
    pub fn ending(&self, again: &str) -> Vec<String> {
        let mut lines = vec![self.pains()];
        match &self.reason {
            Some(Reason::Interrupted) => lines.push("interrupted".into()),
            Some(Reason::Limit) => lines.push("stopped at --limit".into()),
            Some(Reason::Failures) => lines.push("stopped at --max-failures".into()),
            Some(Reason::Condemned(code, message)) => {
                lines.push(format!(
                    "stopped, because no call can succeed until this is fixed: {code} {message}"
                ));
            }
            Some(Reason::Outage(code, message)) => {
                lines.push(format!("given up at --max-outage: {code} {message}"));
            }
            Some(Reason::Broken(what)) => lines.push(format!("stopped: {what}")),
            Some(Reason::Changed) => {
                lines.push(
                    "stopped: the input was changed while it was read; its journal is of the list as it was".into(),
                );
                lines.push(format!("to continue with the list as it is now: {again}"));
                return lines;
            }
            None => {}
        }
        let failed = self.totals.tally.failures() + self.unknown_failures();
        if self.left() + self.doubt() > 0 {
            lines.push(format!("to go on: {again}"));
        } else if failed > 0 {
            lines.push(format!("to try again what failed: {again} --retry-failed"));
        }
        lines
    }

    pub fn exit(&self) -> Exit {
        let tally = &self.totals.tally;
        let unknown = self.unknown_failures();
        match &self.reason {
            Some(Reason::Interrupted) => Exit::Interrupted,
            Some(Reason::Condemned(code, _) | Reason::Outage(code, _)) => Exit::of(*code),
            Some(Reason::Broken(_) | Reason::Changed) => Exit::Failed,
            // What earlier runs left in doubt is the next run's business.
            Some(Reason::Limit) if tally.failures() + unknown == 0 && self.totals.failures.is_empty() => Exit::Ok,
            None if tally.failures() + unknown + self.doubt() + self.left() == 0 => Exit::Ok,
            _ => self.all_of_a_kind(),
        }
    }

    /// Where every failure of the run was of the network or a throttle, that is what to look at, however many items there were.
    fn all_of_a_kind(&self) -> Exit {
        let failures = &self.totals.failures;
        let all = |kind: fn(i32) -> bool| !failures.is_empty() && failures.keys().all(|code| kind(*code));
        if all(|code| Exit::of(code) == Exit::Network) {
            Exit::Network
        } else if all(is_throttle) {
            Exit::Throttled
        } else {
            Exit::SomeFailed
        }
    }
}

fn rounded(time: Duration) -> f64 {
    (time.as_secs_f64() * 1e3).round() / 1e3
}

fn row(name: &str, count: u64, what: &str) {
    let what = if count > 0 { what } else { "" };
    output::result(format!("{name:<12} {:>10}  {what}", HumanCount(count).to_string()).trim_end());
}
