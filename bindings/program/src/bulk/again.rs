//! Writes the command that continues a run, ready to paste into a shell. It names the kept copy of the list in place of a pipe, and a new journal in
//! place of one that belongs to another list.

use std::collections::HashSet;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use clap::CommandFactory;

use super::files::beside;
use crate::arguments::Arguments;
use crate::system;

/// What is different the next time.
#[derive(Default)]
pub struct Changes<'a> {
    /// The file in which the list was kept.
    pub list: Option<&'a Path>,
    pub without_limit: bool,
    pub journal: Option<PathBuf>,
}

pub fn again(changes: &Changes) -> String {
    repeated(std::env::args_os(), changes)
}

fn repeated(words: impl Iterator<Item = OsString>, changes: &Changes) -> String {
    let with_value = options_with_values();
    let mut words = words;
    let mut kept: Vec<OsString> = words.next().into_iter().collect();
    let (mut places, mut only_places) = (0, false);
    while let Some(word) = words.next() {
        let text = word.to_string_lossy();
        let is_option = !only_places && text.len() > 1 && text.starts_with('-');
        if !is_option {
            // `bulk`, what it does, the list.
            places += 1;
            let list = changes.list.filter(|_| places == 3);
            kept.push(list.map_or(word.clone(), |list| list.as_os_str().to_owned()));
            continue;
        }
        only_places = text == "--";
        let name = text.split('=').next().unwrap_or_default();
        let value = (name == text && with_value.contains(name))
            .then(|| words.next())
            .flatten();
        let is_dropped = match name {
            "--retry-failed" => true,
            "--limit" => changes.without_limit,
            "--journal" => changes.journal.is_some(),
            _ => false,
        };
        if !is_dropped {
            kept.push(word.clone());
            kept.extend(value);
        }
    }
    if let Some(journal) = &changes.journal {
        // In front of a `--`, behind which everything is a place.
        let at = kept.iter().position(|word| word == "--").unwrap_or(kept.len());
        kept.splice(at..at, ["--journal".into(), journal.as_os_str().to_owned()]);
    }
    kept.iter().map(|word| quoted(word)).collect::<Vec<_>>().join(" ")
}

fn options_with_values() -> HashSet<String> {
    let mut all = vec![Arguments::command()];
    let mut names = HashSet::new();
    while let Some(command) = all.pop() {
        let takes = command
            .get_arguments()
            .filter(|argument| argument.get_action().takes_values());
        names.extend(
            takes
                .filter_map(|argument| argument.get_long())
                .map(|name| format!("--{name}")),
        );
        all.extend(command.get_subcommands().cloned());
    }
    names
}

/// The name of a journal that does not exist yet, beside the one that belongs to another list.
pub fn another(journal: &Path) -> PathBuf {
    (2..)
        .map(|number| beside(journal, &number.to_string()))
        .find(|path| path.symlink_metadata().is_err())
        .expect("a folder has a free name")
}

/// A word as a shell reads it back.
pub fn quoted(word: &OsStr) -> String {
    let plain = |c: char| c.is_alphanumeric() || "-_./:=@,+".contains(c) || cfg!(windows) && c == '\\';
    match word.to_str() {
        Some(word) if !word.is_empty() && word.chars().all(plain) => word.to_owned(),
        Some(word) if !word.chars().any(char::is_control) => system::quoted(word),
        _ => system::escaped(word.as_encoded_bytes()),
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::ffi::OsStrExt;

    use super::*;

    #[test]
    fn a_command_is_repeated_as_a_shell_reads_it() {
        for (word, as_typed) in [
            (&b"a.csv"[..], "a.csv"),
            ("設計".as_bytes(), "設計"),
            (b"", "''"),
            (b"a b", "'a b'"),
            (b"it's", "'it'\\''s'"),
            (b"$x", "'$x'"),
            (b"it's\n\x1b", "$'it\\'s\\x0a\\x1b'"),
            (b"\xff", "$'\\xff'"),
        ] {
            assert_eq!(quoted(OsStr::from_bytes(word)), as_typed);
        }
    }

    #[test]
    fn what_goes_on_is_the_same_command_but_for_what_has_to_be_another() {
        let typed = "p bulk --json del-group --group - --retry-failed - --limit 5 --limit=6 --journal j --journal=k -q";
        let again = |changes: &Changes| repeated(typed.split(' ').map(OsString::from), changes);
        assert_eq!(
            again(&Changes::default()),
            "p bulk --json del-group --group - - --limit 5 --limit=6 --journal j --journal=k -q"
        );
        let changes = Changes {
            list: Some(Path::new("j.input")),
            without_limit: true,
            journal: Some("j.2".into()),
        };
        assert_eq!(
            again(&changes),
            "p bulk --json del-group --group - j.input -q --journal j.2"
        );
        let places = "p bulk del-group --group=g -- --limit".split(' ').map(OsString::from);
        assert_eq!(
            repeated(places, &changes),
            "p bulk del-group --group=g --journal j.2 -- j.input"
        );
    }
}
