//! The results file: a line for each item as it ends. CSV with a header, or JSONL if the file is called so. The last line of an item counts: one
//! that was in doubt has another when the next run has found out.

use std::io;
use std::path::Path;

use serde_json::json;

use super::files::Lines;
use super::input::Item;
use super::job::Finished;
use super::outcome::Outcome;
use crate::output::Failure;

const HEADER: &str = "account,group,outcome,code,random,attempts\n";

#[derive(Debug)]
pub struct Results {
    lines: Lines,
    as_json: bool,
}

impl Results {
    pub fn open(path: &Path) -> Result<Results, Failure> {
        let as_json = path
            .extension()
            .is_some_and(|ending| ending == "jsonl" || ending == "ndjson");
        let lines = Lines::open(path, if as_json { "{\"account\":" } else { HEADER }, false)?;
        if lines.is_empty() && !as_json {
            lines
                .line(HEADER.as_bytes())
                .map_err(|error| Failure::file(path, &error))?;
        }
        Ok(Results { lines, as_json })
    }

    pub fn write(&self, item: &Item, finished: &Finished) -> io::Result<()> {
        let outcome = word(finished.outcome);
        if self.as_json {
            let line = json!({"account": item.account, "group": item.group, "outcome": outcome, "code": finished.code,
                "random": finished.random, "attempts": finished.attempts});
            return self.lines.line(format!("{line}\n").as_bytes());
        }
        let mut writer = csv::Writer::from_writer(Vec::new());
        let numbers = [
            finished.code.to_string(),
            finished.random.to_string(),
            finished.attempts.to_string(),
        ];
        writer.write_record([
            &item.account,
            &item.group,
            outcome,
            &numbers[0],
            &numbers[1],
            &numbers[2],
        ])?;
        self.lines
            .line(&writer.into_inner().map_err(|error| error.into_error())?)
    }

    pub fn path(&self) -> &Path {
        self.lines.path()
    }
}

fn word(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Done => "done",
        Outcome::Missing => "not_there",
        Outcome::Existing => "existing",
        Outcome::Already => "already_done",
        Outcome::Unknown => "unknown_account",
        Outcome::Failed(_) => "failed",
        Outcome::Doubt(_) => "in_doubt",
        Outcome::Open(_) => "left",
    }
}
