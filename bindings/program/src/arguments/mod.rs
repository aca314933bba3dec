//! The command line: every command, flag, default and help text. No flag takes a secret, because everybody can read a process's command line. Rules
//! beyond a value's form are the library's.

mod bulk;
mod client;
mod examples;

use std::fmt::Display;
use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::str::FromStr;

use clap::{Args, CommandFactory, Parser, Subcommand, ValueEnum};

pub use bulk::{Bulk, DelGroups, Format, ListFlags, Progress, Restore, RunFlags};
pub use client::{AppFlags, ClientFlags};
pub use examples::examples;

#[derive(Debug, Parser)]
#[command(
    name = "tencent-chat",
    version,
    about = "Works on the conversation groups of a Tencent Chat app, for one user or for millions",
    subcommand_required = true,
    arg_required_else_help = true,
    max_term_width = 100
)]
pub struct Arguments {
    #[command(subcommand)]
    pub command: Command,
}

impl Arguments {
    /// The command line's definition, with its examples: parser, help, man pages and completions are made from it.
    pub fn definition() -> clap::Command {
        examples::shown_in(Arguments::command(), "")
    }
}

/// What a command that calls the service is told: what it should do, and the settings.
#[derive(Args, Debug)]
pub struct Online<A: Args> {
    #[command(flatten)]
    pub wanted: A,
    #[command(flatten)]
    pub settings: ClientFlags,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Say whether the settings work: place, TLS, signature, administrator, plan
    Check(Online<Check>),
    /// List the conversation groups of a user: id, conversations in it, name
    Groups(Online<Groups>),
    /// List the conversation groups of many users: user, id, conversations in it, name
    ListGroups(Online<ListGroups>),
    /// Create a conversation group of a user, with conversations in it
    CreateGroup(Online<CreateGroup>),
    /// Rename a conversation group of a user
    RenameGroup(Online<RenameGroup>),
    /// Delete one conversation group of a user
    DelGroup(Online<DelGroup>),
    /// Set and clear marks of a user's conversations
    Mark(Online<MarkContacts>),
    /// Pin conversations to the top of a user's list
    Pin(Online<Pin>),
    /// Unpin conversations of a user's list
    Unpin(Online<Unpin>),
    /// Take a conversation off a user's list; one that is not there is no error
    DelConversation(Online<DelConversation>),
    /// Call any v4 command with a JSON object
    Call(Online<Call>),
    /// Work on many users, with a journal that survives a kill
    #[command(subcommand, subcommand_required = true, arg_required_else_help = true)]
    Bulk(Bulk),
    /// Make a UserSig, or say what one holds
    Sign(Signed),
    /// Print the completions of a shell
    Completions { shell: clap_complete::Shell },
    /// Print the man page, or write one page for each command into a folder
    Man {
        #[arg(value_name = "DIR")]
        folder: Option<PathBuf>,
    },
}

#[derive(Args, Debug)]
pub struct Check {}

#[derive(Args, Debug)]
pub struct Groups {
    /// UserID whose groups they are
    pub account: String,
}

#[derive(Args, Debug)]
pub struct ListGroups {
    /// Accounts as plain lines, CSV or JSONL: a file, or - for stdin
    #[arg(value_name = "INPUT")]
    pub input: PathBuf,
    #[command(flatten)]
    pub list: ListFlags,
    /// Calls a second; the service grants an app 200
    #[arg(long, value_name = "N", default_value_t = 100, value_parser = number(1..=10_000_u32))]
    pub rate: u32,
}

#[derive(Args, Debug)]
pub struct CreateGroup {
    /// UserID whose group it will be
    pub account: String,
    /// The group's name, byte for byte
    pub group: String,
    #[command(flatten)]
    pub conversations: Conversations,
}

#[derive(Args, Debug)]
pub struct RenameGroup {
    /// UserID whose group it is
    pub account: String,
    /// The group's name, byte for byte
    pub group: String,
    /// Its name from now on
    pub new_name: String,
}

#[derive(Args, Debug)]
pub struct DelGroup {
    /// UserID whose group it is
    pub account: String,
    /// The group's name, byte for byte
    pub group: String,
    /// What a user without such a group (51009) counts as
    #[arg(long, value_name = "WHAT", default_value = "fail")]
    pub missing: CountedAs,
}

#[derive(Args, Debug)]
pub struct MarkContacts {
    /// UserID whose conversations they are
    pub account: String,
    #[command(flatten)]
    pub conversations: Conversations,
    /// Marks to set: star, unread, fold, hide or a number from 0 to 63; several with commas
    #[arg(long, value_name = "MARKS", value_delimiter = ',', value_parser = mark)]
    pub set: Vec<u32>,
    /// Marks to clear, in the same way
    #[arg(long, value_name = "MARKS", value_delimiter = ',', value_parser = mark)]
    pub clear: Vec<u32>,
    /// A text of your own as the custom mark; an empty one takes it away
    #[arg(long, value_name = "TEXT")]
    pub custom: Option<String>,
}

#[derive(Args, Debug)]
pub struct Pin {
    /// UserID whose list it is
    pub account: String,
    #[command(flatten)]
    pub conversations: Conversations,
}

#[derive(Args, Debug)]
pub struct Unpin {
    /// UserID whose list it is
    pub account: String,
    #[command(flatten)]
    pub conversations: Conversations,
}

#[derive(Args, Debug)]
pub struct DelConversation {
    /// UserID whose list it is
    pub account: String,
    /// UserID of the one whose conversation with the user is meant
    #[arg(value_name = "USER", required_unless_present = "chat_group")]
    pub user: Option<String>,
    /// Id of a chat group instead
    #[arg(long, value_name = "ID", conflicts_with = "user")]
    pub chat_group: Option<String>,
    /// Also remove its messages from the roaming ones
    #[arg(long)]
    pub clear_ramble: bool,
}

#[derive(Args, Debug)]
pub struct Conversations {
    /// UserIDs of those whose conversations with the user are meant
    #[arg(value_name = "USER")]
    pub users: Vec<String>,
    /// Id of a chat group; may be repeated
    #[arg(long = "chat-group", value_name = "ID")]
    pub chat_groups: Vec<String>,
}

#[derive(Args, Debug)]
pub struct Call {
    /// The command as v4/service/command
    #[arg(value_name = "PATH")]
    pub path: String,
    /// The JSON object, @FILE, or - for stdin
    #[arg(default_value = "{}", value_name = "JSON")]
    pub request: String,
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
    #[command(flatten)]
    pub app: AppFlags,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum CountedAs {
    Ok,
    Fail,
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

/// A mark by its name or number.
fn mark(text: &str) -> Result<u32, String> {
    const NAMED: [&str; 4] = ["star", "unread", "fold", "hide"];
    let named = NAMED.iter().zip(0..).find(|(name, _)| **name == text);
    let number = named.map(|(_, number)| number).or_else(|| text.parse().ok());
    let number = number.filter(|number| *number < 64);
    number.ok_or_else(|| format!("give {} or a number from 0 to 63", NAMED.join(", ")))
}
