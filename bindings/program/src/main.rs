//! The program `tencent-chat`: the library's calls for operators, one at a time or in bulk. Results go to stdout, everything else to stderr, without
//! a secret in either; scripts can rely on the documented exit status.
#![forbid(unsafe_code)]

mod arguments;
mod bulk;
mod check;
mod exit;
mod given;
mod output;
mod pages;
mod settings;
mod sign;
mod single;
mod system;

use std::process::ExitCode;

use clap::Parser;

use arguments::{Arguments, Command};
use exit::Exit;
use output::Failure;

fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => return output::ending(unparsed(&error)).into(),
    };
    let json = arguments.settings.json;
    let ended = run(&arguments).unwrap_or_else(|failure| output::failed(&failure, json));
    output::ending(ended).into()
}

/// Help and version are no error, and go to stdout.
fn unparsed(error: &clap::Error) -> Exit {
    if !error.use_stderr() {
        output::page(error.render().to_string().as_bytes());
        return Exit::Ok;
    }
    // What was typed is repeated in it, and may move a cursor or forge a line.
    let typed = std::env::args_os().map(|word| output::printable(&word.to_string_lossy()));
    match Arguments::try_parse_from(typed) {
        Err(error) => output::usage(error.render().to_string().trim_end()),
        Ok(_) => output::note("an argument holds characters that are not allowed there"),
    }
    Exit::Usage
}

fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    let settings = &arguments.settings;
    match &arguments.command {
        Command::DelGroup {
            account,
            group,
            missing,
        } => single::del_group(settings, account, group, *missing),
        Command::Groups { account } => single::groups(settings, account),
        Command::Pin(pinned) => single::pin(settings, pinned, true),
        Command::Unpin(pinned) => single::pin(settings, pinned, false),
        Command::Call { path, request } => single::call(settings, path, request),
        Command::Sign(wanted) => match &wanted.inspect {
            Some(file) => sign::inspect(settings, file),
            None => sign::make(settings, wanted),
        },
        Command::Bulk(command) => bulk::run(settings, command),
        Command::Check => check::check(settings),
        Command::Completions { shell } => pages::completions(*shell),
        Command::Man { folder } => pages::man(folder.as_deref()),
    }
}
