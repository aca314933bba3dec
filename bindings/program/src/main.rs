//! The program `tencent-chat`: the library's calls for operators, one at a time or in bulk. Promises what its users' scripts rely on: results on
//! stdout, everything else on stderr, the documented exit status, and no secret in either. Knows the library by its Rust items only.
#![forbid(unsafe_code)]

mod arguments;
mod bulk;
mod check;
mod exit;
mod output;
mod pages;
mod settings;
mod sign;
mod single;

use std::process::ExitCode;

use clap::Parser;

use arguments::{Arguments, Command};
use exit::Exit;
use output::Failure;

fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            // Help and version are no error, and go to stdout; a reader that closed it is none either.
            let _ = error.print();
            return if error.use_stderr() {
                Exit::Usage.into()
            } else {
                Exit::Ok.into()
            };
        }
    };
    let json = arguments.settings.json;
    run(&arguments)
        .unwrap_or_else(|failure| output::failed(&failure, json))
        .into()
}

fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    let settings = &arguments.settings;
    match &arguments.command {
        Command::DelGroup { account, group } => single::del_group(settings, account, group),
        Command::Groups { account } => single::groups(settings, account),
        Command::Call { path, request } => single::call(settings, path, request),
        Command::Sign {
            inspect: Some(file), ..
        } => sign::inspect(settings, file),
        Command::Sign { user, lifetime, .. } => sign::make(settings, user.as_deref(), *lifetime),
        Command::Bulk(command) => bulk::run(settings, command),
        Command::Check => check::check(settings),
        Command::Completions { shell } => pages::completions(*shell),
        Command::Man { folder } => pages::man(folder.as_deref()),
    }
}
