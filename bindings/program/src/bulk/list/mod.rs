//! Reads lists of accounts: plain lines, CSV, JSON lines; with or without BOM, CRLF, blank lines, a header, quotes. Items come one at a time, in the
//! same order each time. Nothing is guessed: what could mean two things is refused, with what to type.

mod csv;
mod encoding;
mod json;

use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use serde_json::{json, Value};
use tencent_chat::endpoints::lists::Contact;

use crate::arguments::{Format, ListFlags};
use crate::given;
use crate::output::{quoted, why, Failure};

pub use json::contact;

/// What one call, or a few that belong together, work on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Item {
    pub account: String,
    pub group: String,
    /// The conversations to put into the group; only a restore has them.
    pub conversations: Vec<Contact>,
    /// A backup's line that takes the one before it back: its delete did not happen.
    pub takes_back: bool,
}

/// A line that holds no item.
#[derive(Debug)]
pub struct Wrong {
    /// From 1, as an editor counts.
    pub line: u64,
    pub what: String,
}

/// How a list is to be read, as far as somebody said so.
#[derive(Clone, Debug)]
pub struct Source {
    pub path: PathBuf,
    pub format: Format,
    /// The group of every account.
    pub group: Option<String>,
    pub account_column: Option<String>,
    pub group_column: Option<String>,
    /// Whether the first row names the columns.
    pub header: Option<bool>,
    pub delimiter: Option<char>,
    /// The lines are those of a backup.
    pub is_backup: bool,
}

/// How a list is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reading {
    Lines { header: bool },
    Json { account: String, group: String },
    Csv(csv::Columns),
}

pub struct List {
    pub reading: Reading,
    pub items: Box<dyn Iterator<Item = Result<Item, Wrong>>>,
}

/// Names by which a column is known, without case and marks.
const ACCOUNT_NAMES: [&str; 6] = ["account", "fromaccount", "userid", "user", "accountid", "identifier"];
const GROUP_NAMES: [&str; 3] = ["group", "groupname", "contactgroup"];

impl Source {
    /// A list by its flags, without groups yet.
    pub fn of(path: PathBuf, flags: &ListFlags) -> Source {
        Source {
            path,
            format: flags.format,
            group: None,
            account_column: flags.account_column.clone(),
            group_column: None,
            header: (flags.header || flags.no_header).then_some(flags.header),
            delimiter: flags.delimiter,
            is_backup: false,
        }
    }

    /// A list of which only the accounts matter: what stands for the group in each item is never sent.
    pub fn of_accounts(path: &Path, flags: &ListFlags) -> Source {
        Source {
            group: Some("every".into()),
            ..Source::of(path.to_owned(), flags)
        }
    }

    /// The items from the first one on.
    pub fn list(&self) -> Result<List, Failure> {
        let refused = |what: String| Failure::usage(format!("{}: {what}", self.path.display()));
        let file: Box<dyn Read> = if self.path == Path::new("-") {
            given::stdin_is_free()?;
            Box::new(io::stdin())
        } else {
            Box::new(given::open(&self.path)?)
        };
        let mut reader = BufReader::with_capacity(64 * 1_024, file);
        let start = reader.fill_buf().map_err(|error| refused(why(&error)))?;
        encoding::of_the_start(start).map_err(refused)?;
        let bom = start.starts_with(encoding::BOM);
        let format = match self.format {
            Format::Auto => self.guess(start),
            format => format,
        };
        if bom {
            reader.consume(encoding::BOM.len());
        }
        self.flags_of(format).map_err(refused)?;
        let mut lines = Lines { reader, number: 0 };
        let (reading, items) = match format {
            Format::Csv => match lines.next() {
                Some(first) => csv::items(self, first, lines).map_err(refused)?,
                // Nothing is read in any way.
                None => (Reading::Lines { header: false }, Box::new(std::iter::empty()) as _),
            },
            Format::Jsonl => json::items(self, lines),
            Format::Lines | Format::Auto => self.plain(lines).map_err(refused)?,
        };
        Ok(List { reading, items })
    }

    fn guess(&self, start: &[u8]) -> Format {
        let ending = self.path.extension().and_then(|ending| ending.to_str());
        let start = start.strip_prefix(encoding::BOM).unwrap_or(start);
        match ending.unwrap_or_default().to_ascii_lowercase().as_str() {
            "csv" | "tsv" => Format::Csv,
            "json" | "jsonl" | "ndjson" => Format::Jsonl,
            _ if matches!(start.trim_ascii_start().first(), Some(b'{' | b'[')) => Format::Jsonl,
            _ => Format::Lines,
        }
    }

    /// What somebody said of the list has to mean something for it.
    fn flags_of(&self, format: Format) -> Result<(), String> {
        let columns = self.account_column.is_some() || self.group_column.is_some();
        let (wrong, whose) = match format {
            Format::Csv => return Ok(()),
            Format::Jsonl => (
                [("--header or --no-header", self.header.is_some()), ("", false)],
                "JSON lines",
            ),
            Format::Lines | Format::Auto => (
                [("", false), ("--account-column or --group-column", columns)],
                "plain lines",
            ),
        };
        let wrong = wrong.into_iter().chain([("--delimiter", self.delimiter.is_some())]);
        match wrong.into_iter().find(|(_, given)| *given) {
            Some((flag, _)) => Err(format!("{whose} have no {flag}: leave it out, or give --format csv")),
            None => Ok(()),
        }
    }

    fn plain(&self, mut lines: Lines) -> Result<(Reading, Items), String> {
        let Some(group) = self.group.clone() else {
            return Err("plain lines hold accounts only: give --group, or --format csv".into());
        };
        let first = lines.next();
        if let Some(Ok((_, line))) = &first {
            if self.header.is_none() && is_known(line) {
                return Err(csv::either(line));
            }
        }
        let header = self.header == Some(true);
        let first = first.filter(|_| !header);
        let items = first.into_iter().chain(lines).map(move |line| {
            let (number, line) = line?;
            plain_account(&line)
                .and_then(|account| checked(account, group.clone()))
                .map_err(|what| Wrong { line: number, what })
        });
        Ok((Reading::Lines { header }, Box::new(items)))
    }
}

type Items = Box<dyn Iterator<Item = Result<Item, Wrong>>>;

/// A line that is one account, plain or in quotes.
fn plain_account(line: &str) -> Result<String, String> {
    if !line.starts_with('"') {
        return bare(line, "the line").map(str::to_owned);
    }
    match csv::cells(line, None)?.as_slice() {
        [cell] => Ok(cell.text.clone()),
        _ => Err("something follows its quotes".into()),
    }
}

/// A text without quotes: blanks around it may belong to it or not.
fn bare<'a>(text: &'a str, whose: &str) -> Result<&'a str, String> {
    let unseen = |c: char| c.is_whitespace() || matches!(c, '\u{feff}' | '\u{200b}'..='\u{200d}' | '\u{2060}');
    if text.starts_with(unseen) || text.ends_with(unseen) {
        return Err(format!(
            "{whose} begins or ends with a blank, {}: take it away, or put all of it between quotes if it belongs to the name",
            quoted(text)
        ));
    }
    Ok(text)
}

/// The lines that hold something, decoded, with their numbers.
pub struct Lines {
    reader: BufReader<Box<dyn Read>>,
    number: u64,
}

/// More than any account and group together, and than a backup of as many conversations as there can be; a line beyond it is not held in memory.
const LONGEST_LINE: u64 = 8 * 1_024 * 1_024;

impl Iterator for Lines {
    type Item = Result<(u64, String), Wrong>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            self.number += 1;
            let line = self.number;
            let wrong = |what: String| Some(Err(Wrong { line, what }));
            let mut text = Vec::new();
            match self.reader.by_ref().take(LONGEST_LINE).read_until(b'\n', &mut text) {
                Ok(0) => return None,
                Ok(_) => {}
                Err(error) => return wrong(why(&error)),
            }
            if text.len() as u64 == LONGEST_LINE {
                return wrong(format!("the line has over {LONGEST_LINE} bytes"));
            }
            for end in *b"\n\r" {
                if text.last() == Some(&end) {
                    text.pop();
                }
            }
            match String::from_utf8(text) {
                Err(error) => return wrong(encoding::of_a_line(error.as_bytes())),
                Ok(text) if text.contains('\r') => {
                    return wrong(
                        "a carriage return is inside it; does the file have the line ends of an old Mac?".into(),
                    )
                }
                Ok(text) if text.trim().is_empty() => {}
                Ok(text) => return Some(Ok((line, text))),
            }
        }
    }
}

fn checked(account: String, group: String) -> Result<Item, String> {
    use tencent_chat::endpoints::{del_contact_group::DelContactGroup, Endpoint};
    DelContactGroup::new(&account, &group)
        .check(true)
        .map_err(|error| error.message)?;
    if account.chars().any(char::is_control) {
        return Err("the account holds a control character".into());
    }
    Ok(Item {
        account,
        group,
        ..Item::default()
    })
}

/// A name without case, blanks and marks: `From_Account` and `from account` are the same.
fn plain(name: &str) -> String {
    name.chars()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect()
}

/// Whether a text reads like the name of a column.
fn is_known(text: &str) -> bool {
    let name = plain(text);
    ACCOUNT_NAMES.contains(&name.as_str()) || GROUP_NAMES.contains(&name.as_str())
}

impl Reading {
    /// For a program.
    pub fn object(&self) -> Value {
        match self {
            Reading::Lines { header } => json!({"format": "lines", "header": header}),
            Reading::Json { account, group } => {
                json!({"format": "jsonl", "account": account, "group": group})
            }
            Reading::Csv(columns) => json!({"format": "csv", "header": columns.header.is_some(),
                "delimiter": columns.delimiter.map(String::from),
                "account_column": columns.account + 1, "group_column": columns.group.map(|at| at + 1)}),
        }
    }

    /// For people: what was taken for what.
    pub fn rows(&self) -> Vec<(&'static str, String)> {
        match self {
            Reading::Lines { header } => {
                vec![("list", format!("plain lines, {}", csv::first_line(*header)))]
            }
            Reading::Json { account, group } => vec![
                ("list", "JSON, one value a line".into()),
                ("account", account.clone()),
                ("group", group.clone()),
            ],
            Reading::Csv(columns) => columns.rows(),
        }
    }
}

#[cfg(test)]
mod tests;
