//! The flags of `bulk` and of lists.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use super::{number, CountedAs, Online};

#[derive(Debug, Subcommand)]
pub enum Bulk {
    /// Delete a conversation group for every account of a list
    DelGroup(Online<DelGroups>),
    /// Create the groups of a backup again, with their conversations
    Restore(Online<Restore>),
}

#[derive(Args, Debug)]
pub struct DelGroups {
    /// Accounts as plain lines, CSV or JSONL: a file, a pipe, or - for stdin
    #[arg(value_name = "INPUT")]
    pub input: PathBuf,
    /// The group to delete, byte for byte; without it the input names one for each account
    #[arg(long, value_name = "NAME")]
    pub group: Option<String>,
    /// What an account without such a group (51009) counts as
    #[arg(long, value_name = "WHAT", default_value = "ok")]
    pub missing: CountedAs,
    /// What an account that Chat does not know (50001) counts as
    #[arg(long, value_name = "WHAT", default_value = "fail")]
    pub unknown: CountedAs,
    /// Write each group's conversations to this file before deleting it (JSONL, for `bulk restore`)
    #[arg(long, value_name = "FILE")]
    pub backup: Option<PathBuf>,
    #[command(flatten)]
    pub list: ListFlags,
    /// Column or member of the groups, in the same way; without it, a header's column group
    #[arg(long, value_name = "COLUMN", conflicts_with = "group")]
    pub group_column: Option<String>,
    #[command(flatten)]
    pub run: RunFlags,
}

#[derive(Args, Debug)]
pub struct Restore {
    /// The file that `bulk del-group --backup` wrote
    #[arg(value_name = "BACKUP")]
    pub backup: PathBuf,
    #[command(flatten)]
    pub run: RunFlags,
}

/// How a list is read.
#[derive(Args, Debug)]
pub struct ListFlags {
    /// Format of the input; auto decides by its name, then by its first character
    #[arg(long, default_value = "auto")]
    pub format: Format,
    /// The first row names the columns, such as account and group
    #[arg(long, conflicts_with = "no_header")]
    pub header: bool,
    /// The first row is data; in CSV, accounts are in column 1, and groups in column 2 if there is one
    #[arg(long)]
    pub no_header: bool,
    /// What separates the columns of CSV: comma, semicolon, tab, bar or the character itself [default: the only one in the first row]
    #[arg(long, value_name = "CHAR", value_parser = delimiter)]
    pub delimiter: Option<char>,
    /// CSV column or JSON member of the accounts: a name, or for CSV a number from 1
    #[arg(long, value_name = "COLUMN")]
    pub account_column: Option<String>,
}

/// How a run goes, whatever it does.
#[derive(Args, Debug)]
#[command(next_help_heading = "Run")]
pub struct RunFlags {
    /// Calls a second of each command; the service grants an app 200
    #[arg(long, value_name = "N", default_value_t = 100, value_parser = number(1..=10_000_u32))]
    pub rate: u32,
    /// Calls under way at once [default: half the rate, at most 64]
    #[arg(long, value_name = "N", value_parser = number(1..=256_u32))]
    pub workers: Option<u32>,
    /// Stop after this many items of this run: a canary
    #[arg(long, value_name = "N", value_parser = number(1..=u64::MAX))]
    pub limit: Option<u64>,
    /// Stop after this many failures of this run; 0 never stops. A code that says no call can succeed stops at once
    #[arg(long, value_name = "N", default_value_t = 100, value_parser = number(0..=u64::MAX))]
    pub max_failures: u64,
    /// Go on trying for so many seconds while service or limit server cannot be reached; 0 does not wait
    #[arg(long, value_name = "SECONDS", default_value_t = 600, value_parser = number(0..=604_800_u64))]
    pub max_outage: u64,
    /// Try again what failed in earlier runs
    #[arg(long)]
    pub retry_failed: bool,
    /// Check and count the input, send one call that changes nothing, and say how long the run would take
    #[arg(long)]
    pub dry_run: bool,
    /// The journal [default: INPUT.journal]
    #[arg(long, value_name = "FILE")]
    pub journal: Option<PathBuf>,
    /// Append a line for each item: account, group, outcome, code, random, attempts. CSV, or JSONL if the name ends in .jsonl
    #[arg(long, value_name = "FILE")]
    pub results: Option<PathBuf>,
    /// Seconds between writes to the disk itself, in case of a power failure; 0 writes before every call
    #[arg(long, value_name = "SECONDS", default_value_t = 1, value_parser = number(0..=60_u32))]
    pub sync_every: u32,
    /// Append what is said on stderr (but for --verbose), every failure and a line a minute to this file, with the time
    #[arg(long, value_name = "FILE")]
    pub log_file: Option<PathBuf>,
    /// What stderr shows: auto is a bar on a terminal, else lines; json is one object a second
    #[arg(long, value_name = "HOW", default_value = "auto", conflicts_with = "quiet")]
    pub progress: Progress,
    /// Serve the run's numbers for Prometheus at http://ADDR/metrics; a port alone is one of 127.0.0.1
    #[arg(long, value_name = "ADDR")]
    pub metrics: Option<String>,
    /// No progress on stderr
    #[arg(long, short)]
    pub quiet: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Progress {
    Auto,
    Lines,
    Json,
    None,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    Auto,
    Lines,
    Csv,
    Jsonl,
}

fn delimiter(text: &str) -> Result<char, String> {
    match text {
        "comma" | "," => Ok(','),
        "semicolon" | ";" => Ok(';'),
        "tab" | "\t" | "\\t" => Ok('\t'),
        "bar" | "|" => Ok('|'),
        _ => Err("give comma, semicolon, tab or bar".into()),
    }
}
