//! The command line: every command, flag, default and help text. No flag takes a secret, because everybody can read a process's command line. Rules
//! beyond a value's form are the library's.

use std::fmt::Display;
use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::str::FromStr;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::exit;

/// Examples stand first: most readers want one to copy.
macro_rules! examples {
    ($text:literal) => {
        concat!(
            "{about-with-newline}\nExamples:\n",
            $text,
            "\n\n{usage-heading} {usage}\n\n{all-args}{after-help}"
        )
    };
}

#[derive(Debug, Parser)]
#[command(
    name = "tencent-chat",
    version,
    about = "Works on the conversation groups of a Tencent Chat app, for one user or for millions",
    help_template = examples!(
"  tencent-chat check
  tencent-chat groups user_0001
  tencent-chat del-group user_0001 colleagues
  tencent-chat bulk del-group accounts.csv --group colleagues --backup backup.jsonl"),
    after_help = exit::TABLE,
    subcommand_required = true,
    arg_required_else_help = true,
    max_term_width = 100
)]
pub struct Arguments {
    #[command(flatten)]
    pub settings: ClientFlags,
    #[command(subcommand)]
    pub command: Command,
}

/// Whom to talk to and as whom. Each has a variable of the environment; a flag goes before its variable.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "Settings")]
pub struct ClientFlags {
    /// Data centre of the app: china, singapore, seoul, tokyo, frankfurt, silicon_valley, jakarta or riyadh [env: TENCENT_CHAT_REGION]
    #[arg(long, global = true, value_name = "NAME")]
    pub region: Option<String>,
    /// Base URL to call instead of a region, such as an emulator's [env: TENCENT_CHAT_BASE_URL]
    #[arg(long, global = true, value_name = "URL", conflicts_with = "region")]
    pub base_url: Option<String>,
    /// The app [env: TENCENT_CHAT_SDK_APP_ID]
    #[arg(long, global = true, value_name = "N", value_parser = number(1..=u32::MAX))]
    pub sdk_app_id: Option<u32>,
    /// UserID of an administrator of the app [env: TENCENT_CHAT_IDENTIFIER, default: administrator]
    #[arg(long, global = true, value_name = "USER")]
    pub identifier: Option<String>,
    /// File with the app's secret key [env: TENCENT_CHAT_KEY_FILE, or the key itself in TENCENT_CHAT_SECRET_KEY]
    #[arg(long, global = true, value_name = "FILE")]
    pub key_file: Option<PathBuf>,
    /// File with a ready UserSig instead of a key [env: TENCENT_CHAT_USER_SIG_FILE, or the UserSig in TENCENT_CHAT_USER_SIG]
    #[arg(long, global = true, value_name = "FILE", conflicts_with = "key_file")]
    pub user_sig_file: Option<PathBuf>,
    /// PEM file of the authorities to trust instead of the built-in ones [env: TENCENT_CHAT_CA_FILE]
    #[arg(long, global = true, value_name = "FILE")]
    pub ca_file: Option<String>,
    /// HTTP proxy, http://host:port; put one with a password into the variable [env: TENCENT_CHAT_PROXY]
    #[arg(long, global = true, value_name = "URL")]
    pub proxy: Option<String>,
    /// Redis or Valkey server, redis://host:port; all who name it share 200 calls a second of each command. Put a URL with a password into the
    /// variable [env: TENCENT_CHAT_SHARED_LIMIT]
    #[arg(long, global = true, value_name = "URL")]
    pub shared_limit: Option<String>,
    /// The limit's name there [env: TENCENT_CHAT_SHARED_LIMIT_NAME, default: tencent-chat]
    #[arg(long, global = true, value_name = "NAME")]
    pub shared_limit_name: Option<String>,
    /// Calls a second of each command while that server is away [default: none, calls are throttled]
    #[arg(long, global = true, value_name = "N", value_parser = number(1..=200_u32))]
    pub shared_limit_fallback: Option<u32>,
    /// Allow http:// beyond this machine: anybody on the network can read the signature
    #[arg(long, global = true)]
    pub allow_insecure_http: bool,
    /// Print one JSON object a line
    #[arg(long, global = true)]
    pub json: bool,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Delete one conversation group of a user
    #[command(help_template = examples!("  tencent-chat del-group user_0001 colleagues\n  tencent-chat del-group user_0001 colleagues --missing ok\n  tencent-chat del-group user_0001 設計会議 --json"))]
    DelGroup {
        /// UserID whose group it is
        account: String,
        /// The group's name, byte for byte
        group: String,
        /// What a user without such a group (51009) counts as
        #[arg(long, value_name = "WHAT", default_value = "fail")]
        missing: CountedAs,
    },
    /// List the conversation groups of a user: id, conversations in it, name
    #[command(help_template = examples!("  tencent-chat groups user_0001\n  tencent-chat groups user_0001 --json"))]
    Groups {
        /// UserID whose groups they are
        account: String,
    },
    /// Pin conversations to the top of a user's list
    #[command(help_template = examples!("  tencent-chat pin user_0001 user_0002 --chat-group '@TGS#1B2AUI7RZ'"))]
    Pin(Pinned),
    /// Unpin conversations of a user's list
    #[command(help_template = examples!("  tencent-chat unpin user_0001 user_0002 --chat-group '@TGS#1B2AUI7RZ'"))]
    Unpin(Pinned),
    /// Call any v4 command with a JSON object
    #[command(help_template = examples!(
"  tencent-chat call v4/recentcontact/get_contact_group '{\"From_Account\":\"user_0001\",\"StartIndex\":0}'
  tencent-chat call v4/recentcontact/create_contact_group @request.json
  cat request.json | tencent-chat call v4/recentcontact/create_contact_group -"))]
    Call {
        /// The command as v4/service/command
        path: String,
        /// The JSON object, @FILE, or - for stdin
        #[arg(default_value = "{}", value_name = "JSON")]
        request: String,
    },
    /// Make a UserSig, or say what one holds
    #[command(help_template = examples!(
"  tencent-chat sign
  tencent-chat sign --user user_0001 --lifetime 3600
  tencent-chat sign --user user_0001 --room-id 10000
  tencent-chat sign | tencent-chat sign --inspect -"))]
    Sign(Signed),
    /// Work on many users, with a journal that survives a kill
    #[command(
        subcommand,
        subcommand_required = true,
        arg_required_else_help = true,
        help_template = examples!(
"  tencent-chat bulk del-group accounts.txt --group colleagues --dry-run
  tencent-chat bulk del-group accounts.txt --group colleagues --backup backup.jsonl
  tencent-chat bulk restore backup.jsonl")
    )]
    Bulk(Bulk),
    /// Say whether the settings work: place, TLS, signature, administrator, plan
    #[command(help_template = examples!("  tencent-chat check\n  tencent-chat check --region singapore --sdk-app-id 1400000000 --key-file key.txt"))]
    Check,
    /// Print the completions of a shell
    #[command(help_template = examples!("  tencent-chat completions bash > ~/.local/share/bash-completion/completions/tencent-chat"))]
    Completions { shell: clap_complete::Shell },
    /// Print the man page, or write one page for each command into a folder
    #[command(help_template = examples!("  tencent-chat man > tencent-chat.1\n  tencent-chat man pages"))]
    Man { folder: Option<PathBuf> },
}

#[derive(Args, Debug)]
pub struct Pinned {
    /// UserID whose list it is
    pub account: String,
    /// UserIDs of those whose conversations with the user are meant
    #[arg(value_name = "USER", required_unless_present = "chat_groups")]
    pub users: Vec<String>,
    /// Id of a chat group; may be repeated
    #[arg(long = "chat-group", value_name = "ID")]
    pub chat_groups: Vec<String>,
}

#[derive(Args, Debug)]
pub struct Signed {
    /// Sign for this UserID instead of the identifier
    #[arg(long, value_name = "USER", conflicts_with = "inspect")]
    pub user: Option<String>,
    /// Seconds until it expires
    #[arg(long, value_name = "SECONDS", default_value_t = 86_400, value_parser = number(1..=u32::MAX), conflicts_with = "inspect")]
    pub lifetime: u32,
    /// Make a PrivateMapKey, for the room of this number
    #[arg(long, value_name = "N", value_parser = number(1..=u32::MAX), conflicts_with_all = ["inspect", "string_room_id"])]
    pub room_id: Option<u32>,
    /// Make a PrivateMapKey, for the room of this name
    #[arg(long, value_name = "NAME", conflicts_with = "inspect")]
    pub string_room_id: Option<String>,
    /// What a PrivateMapKey allows, a bit each: 1 make the room, 2 enter, 4 and 8 audio, 16 and 32 video, 64 and 128 screen
    #[arg(long, value_name = "BITS", default_value_t = 255, value_parser = number(0..=255_u32))]
    pub privilege_map: u32,
    /// Read a UserSig from a file, or - for stdin, and print what it holds
    #[arg(long, value_name = "FILE")]
    pub inspect: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
pub enum Bulk {
    /// Delete a conversation group for every account of a list
    #[command(
        help_template = examples!(
"  tencent-chat bulk del-group accounts.txt --group colleagues --dry-run
  tencent-chat bulk del-group accounts.txt --group colleagues --backup backup.jsonl --limit 100
  tencent-chat bulk del-group accounts.txt --group colleagues --backup backup.jsonl
  tencent-chat bulk del-group pairs.csv --header --results results.csv"),
        after_help = BULK_AFTER
    )]
    DelGroup(DelGroups),
    /// Create the groups of a backup again, with their conversations
    #[command(
        help_template = examples!("  tencent-chat bulk restore backup.jsonl\n  tencent-chat bulk restore backup.jsonl --limit 100"),
        after_help = BULK_AFTER
    )]
    Restore(Restore),
}

const BULK_AFTER: &str = "\
The journal (INPUT.journal) remembers what is done. After a kill, a full disk or Ctrl-C the same command goes on where it stopped.
While it runs, write another number of calls a second into JOURNAL.rate, as in `echo 20 > accounts.txt.journal.rate`; delete the \
file to go back to --rate.
Ctrl-C once: calls under way end first. Twice: they are cut off, and the journal says which are in doubt.";

#[derive(Args, Debug)]
pub struct DelGroups {
    /// Accounts as plain lines, CSV or JSONL: a file, a pipe, or - for stdin
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
    /// Format of the input; auto decides by its name, then by its first character
    #[arg(long, default_value = "auto")]
    pub format: Format,
    /// CSV column or JSON member of the accounts: a name, or for CSV a number from 1
    #[arg(long, value_name = "COLUMN")]
    pub account_column: Option<String>,
    /// The same for the groups; without it, a header's column group
    #[arg(long, value_name = "COLUMN", conflicts_with = "group")]
    pub group_column: Option<String>,
    /// The first row names the columns, such as account and group
    #[arg(long, conflicts_with = "no_header")]
    pub header: bool,
    /// The first row is data; in CSV, accounts are in column 1, and groups in column 2 if there is one
    #[arg(long)]
    pub no_header: bool,
    /// What separates the columns of CSV: comma, semicolon, tab, bar or the character itself [default: the only one in the first row]
    #[arg(long, value_name = "CHAR", value_parser = delimiter)]
    pub delimiter: Option<char>,
    #[command(flatten)]
    pub run: RunFlags,
}

#[derive(Args, Debug)]
pub struct Restore {
    /// The file that `bulk del-group --backup` wrote
    pub backup: PathBuf,
    #[command(flatten)]
    pub run: RunFlags,
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
    /// Append what is said on stderr, every failure and a line a minute to this file, with the time
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
pub enum CountedAs {
    Ok,
    Fail,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    Auto,
    Lines,
    Csv,
    Jsonl,
}

/// Reads a number of a flag, and says which ones it may be.
fn number<N>(range: RangeInclusive<N>) -> impl Fn(&str) -> Result<N, String> + Clone + Send + Sync
where
    N: FromStr + PartialOrd + Display + Clone + Send + Sync,
{
    move |text| {
        let number = text.parse().ok().filter(|number| range.contains(number));
        number.ok_or_else(|| format!("give a number from {} to {}", range.start(), range.end()))
    }
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
