//! The program `tencent-chat`: the library's calls for operators, one at a time or in bulk. Results go to stdout, everything else to stderr, without
//! a secret in either; scripts can rely on the documented exit status.
#![forbid(unsafe_code)]

mod arguments;
mod bulk;
mod check;
mod exit;
mod given;
mod groups;
mod output;
mod pages;
mod settings;
mod sign;
mod single;
mod system;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::{Args, FromArgMatches};

use arguments::{Arguments, Bulk, ClientFlags, Command, Online};
use exit::Exit;
use output::Failure;

/// What a command does that calls the service.
trait Perform {
    fn perform(&self, settings: &ClientFlags) -> Result<Exit, Failure>;
}

fn main() -> ExitCode {
    let ended = match parsed(std::env::args_os()) {
        Ok(arguments) => run(&arguments.command),
        Err(error) => unparsed(&error),
    };
    output::ending(ended).into()
}

fn parsed(words: impl IntoIterator<Item = impl Into<OsString> + Clone>) -> Result<Arguments, clap::Error> {
    let matches = Arguments::definition().try_get_matches_from(words)?;
    Arguments::from_arg_matches(&matches)
}

/// Help and version are no error, and go to stdout.
fn unparsed(error: &clap::Error) -> Exit {
    if !error.use_stderr() {
        output::page(error.render().to_string().as_bytes());
        return Exit::Ok;
    }
    // What was typed is repeated in it, and may move a cursor or forge a line.
    let typed = std::env::args_os().map(|word| output::printable(&word.to_string_lossy()));
    match parsed(typed) {
        Err(error) => output::usage(error.render().to_string().trim_end()),
        Ok(_) => output::note("an argument holds characters that are not allowed there"),
    }
    Exit::Usage
}

fn run(command: &Command) -> Exit {
    match command {
        Command::Check(given) => online(given),
        Command::Groups(given) => online(given),
        Command::ListGroups(given) => online(given),
        Command::CreateGroup(given) => online(given),
        Command::RenameGroup(given) => online(given),
        Command::DelGroup(given) => online(given),
        Command::Mark(given) => online(given),
        Command::Pin(given) => online(given),
        Command::Unpin(given) => online(given),
        Command::DelConversation(given) => online(given),
        Command::Call(given) => online(given),
        Command::Bulk(Bulk::DelGroup(given)) => online(given),
        Command::Bulk(Bulk::Restore(given)) => online(given),
        Command::Sign(wanted) => ended(sign::sign(wanted), wanted.app.json),
        Command::Completions { shell } => ended(pages::completions(*shell), false),
        Command::Man { folder } => ended(pages::man(folder.as_deref()), false),
    }
}

fn online<A: Args + Perform>(given: &Online<A>) -> Exit {
    ended(given.wanted.perform(&given.settings), given.settings.app.json)
}

fn ended(result: Result<Exit, Failure>, json: bool) -> Exit {
    result.unwrap_or_else(|failure| output::failed(&failure, json))
}
