//! The results file: a line for each item as it ends. CSV with a header, or JSONL if the file is called so. The last line of an item counts: one
//! that was in doubt has another when the next run has found out.

use std::io;
use std::path::Path;

use serde_json::json;

use super::files::Lines;
use super::job::Finished;
use super::list::Item;
use super::outcome::Outcome;
use crate::output::{json_text, Failure};

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
            return self.lines.line(format!("{}\n", json_text(&line)).as_bytes());
        }
        let line = format!(
            "{},{},{outcome},{},{},{}\n",
            cell(&item.account),
            cell(&item.group),
            finished.code,
            finished.random,
            finished.attempts
        );
        self.lines.line(line.as_bytes())
    }

    pub fn sync(&self) -> io::Result<()> {
        self.lines.sync()
    }

    pub fn path(&self) -> &Path {
        self.lines.path()
    }
}

/// A text as a cell that is read back byte for byte.
fn cell(text: &str) -> String {
    let is_plain = |c: char| !c.is_control() && !",;|\"".contains(c);
    match text.trim() == text && text.chars().all(is_plain) {
        true => text.to_owned(),
        false => format!("\"{}\"", text.replace('"', "\"\"")),
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
