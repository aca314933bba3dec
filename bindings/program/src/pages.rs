//! Completions and man pages, made from the same definitions as `--help`.

use std::fs;
use std::io;
use std::path::Path;

use clap::builder::PossibleValuesParser;
use clap::{Arg, ValueHint};
use clap_complete::Shell;
use clap_mangen::roff::{roman, Roff};
use clap_mangen::Man;

use crate::arguments::{examples, Arguments};
use crate::exit::{self, Exit};
use crate::output::{self, Failure};

/// The commands that `call` completes.
const CALLS: [&str; 13] = [
    "v4/im_open_login_svc/account_check",
    "v4/im_open_login_svc/account_delete",
    "v4/im_open_login_svc/account_import",
    "v4/im_open_login_svc/multiaccount_import",
    "v4/recentcontact/create_contact_group",
    "v4/recentcontact/del_contact_group",
    "v4/recentcontact/delete",
    "v4/recentcontact/get_contact_group",
    "v4/recentcontact/get_list",
    "v4/recentcontact/mark_contact",
    "v4/recentcontact/search_contact_group",
    "v4/recentcontact/top",
    "v4/recentcontact/update_contact_group",
];

pub fn completions(shell: Shell) -> Result<Exit, Failure> {
    let mut text = Vec::new();
    let mut definition = completed(Arguments::definition());
    clap_complete::generate(shell, &mut definition, "tencent-chat", &mut text);
    match shell {
        Shell::Bash => text = without_placeholders(&String::from_utf8_lossy(&text)).into_bytes(),
        Shell::Fish => {
            text.extend(b"complete -c tencent-chat -f\n");
            text.extend(places_in_fish(&definition, "").into_bytes());
        }
        _ => {}
    }
    output::page(&text);
    Ok(Exit::Ok)
}

/// What fish is told of flags only: the values of what stands without one, and where a file may stand.
fn places_in_fish(command: &clap::Command, condition: &str) -> String {
    let mut script = String::new();
    for place in command.get_positionals() {
        let values: Vec<String> = place
            .get_possible_values()
            .iter()
            .map(|value| value.get_name().to_owned())
            .collect();
        let offered = match place.get_value_hint() {
            ValueHint::FilePath => "-F".to_owned(),
            ValueHint::DirPath => "-a '(__fish_complete_directories)'".to_owned(),
            _ => format!("-a '{}'", values.join(" ")),
        };
        script += &format!("complete -c tencent-chat -n '{condition}' {offered}\n");
    }
    for below in command.get_subcommands() {
        let name = below.get_name();
        let condition = match condition {
            "" => format!("__fish_tencent_chat_using_subcommand {name}"),
            above => format!("{above}; and __fish_seen_subcommand_from {name}"),
        };
        script += &places_in_fish(below, &condition);
    }
    script
}

/// The definition with what a shell should offer: files only where a file is meant, and the commands of `call`.
fn completed(command: clap::Command) -> clap::Command {
    let hint = |arg: Arg| {
        let name = arg.get_value_names().and_then(|names| names.first());
        match name.map(|name| name.as_str()) {
            Some("FILE" | "INPUT" | "BACKUP") => arg.value_hint(ValueHint::FilePath),
            Some("DIR") => arg.value_hint(ValueHint::DirPath),
            Some("PATH") => arg.value_parser(PossibleValuesParser::new(CALLS)),
            _ if arg.get_action().takes_values() => arg.value_hint(ValueHint::Other),
            _ => arg,
        }
    };
    command.mut_args(hint).mut_subcommands(completed)
}

/// Bash would offer `<ACCOUNT>` and `[JSON]` as words.
fn without_placeholders(script: &str) -> String {
    let mut kept = String::with_capacity(script.len());
    for line in script.lines() {
        match line
            .trim_start()
            .strip_prefix("opts=\"")
            .and_then(|rest| rest.strip_suffix('"'))
        {
            Some(words) => {
                let words: Vec<&str> = words.split(' ').filter(|word| !word.starts_with(['<', '['])).collect();
                let blanks = &line[..line.len() - line.trim_start().len()];
                kept += &format!("{blanks}opts=\"{}\"", words.join(" "));
            }
            None => kept += line,
        }
        kept.push('\n');
    }
    kept
}

pub fn man(folder: Option<&Path>) -> Result<Exit, Failure> {
    let mut root = Arguments::definition().disable_help_subcommand(true);
    root.build();
    let Some(folder) = folder else {
        output::page(&page(&root, ""));
        return Ok(Exit::Ok);
    };
    let written = fs::create_dir_all(folder).and_then(|()| write_pages(&root, "", folder));
    written.map_err(|error| Failure::file(folder, &error))?;
    Ok(Exit::Ok)
}

/// A page for a command, and one for each below it.
fn write_pages(command: &clap::Command, words: &str, folder: &Path) -> io::Result<()> {
    let name = command.get_display_name().unwrap_or_else(|| command.get_name());
    fs::write(folder.join(format!("{name}.1")), page(command, words))?;
    for below in command.get_subcommands() {
        write_pages(below, format!("{words} {}", below.get_name()).trim_start(), folder)?;
    }
    Ok(())
}

fn page(command: &clap::Command, words: &str) -> Vec<u8> {
    let man = Man::new(command.clone()).source(concat!("tencent-chat ", env!("CARGO_PKG_VERSION")));
    let mut parts = vec![
        Man::render_title,
        Man::render_name_section,
        Man::render_synopsis_section,
        Man::render_description_section,
        Man::render_options_section,
    ];
    if command.has_subcommands() {
        parts.push(Man::render_subcommands_section);
    }
    let mut text = Vec::new();
    let rendered = parts.iter().try_for_each(|render| render(&man, &mut text));
    let mut rest = Roff::new();
    // The root's are its exit statuses, which every page has.
    if let Some(notes) = command.get_after_help().filter(|_| !words.is_empty()) {
        rest.control("SH", ["NOTES"])
            .text([roman(notes.to_string().replace('\n', " "))]);
    }
    listing(&mut rest, "EXAMPLES", examples(words).iter().copied());
    listing(&mut rest, "EXIT STATUS", exit::TABLE.lines().skip(1).map(str::trim));
    let own = command.get_display_name().unwrap_or_else(|| command.get_name());
    if let Some(above) = own.strip_suffix(&format!("-{}", command.get_name())) {
        rest.control("SH", ["SEE ALSO"]).text([roman(format!("{above}(1)"))]);
    }
    rendered
        .and_then(|()| rest.to_writer(&mut text))
        .expect("memory takes a page");
    let text = String::from_utf8_lossy(&text);
    // Every part begins with what a page should begin with.
    let (beginning, _) = text.split_at(text.find(".TH").unwrap_or(0));
    [beginning, &text.replace(beginning, "")].concat().into_bytes()
}

/// Lines that stay lines.
fn listing<'a>(page: &mut Roff, heading: &str, lines: impl Iterator<Item = &'a str>) {
    page.control("SH", [heading]).control("nf", []);
    for line in lines {
        page.text([roman(line)]);
    }
    page.control("fi", []);
}
