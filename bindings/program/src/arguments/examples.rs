//! Examples and notes of each command, for its help and its man page. A test runs every example.

use crate::exit;

/// A command by its words, and lines that somebody may copy.
const EXAMPLES: &[(&str, &[&str])] = &[
    (
        "",
        &[
            "tencent-chat check",
            "tencent-chat groups user_0001",
            "tencent-chat del-group user_0001 colleagues",
            "tencent-chat bulk del-group accounts.csv --group colleagues --backup backup.jsonl",
        ],
    ),
    (
        "check",
        &[
            "tencent-chat check",
            "tencent-chat check --region singapore --sdk-app-id 1400000000 --key-file key.txt",
        ],
    ),
    (
        "groups",
        &["tencent-chat groups user_0001", "tencent-chat groups user_0001 --json"],
    ),
    (
        "list-groups",
        &[
            "tencent-chat list-groups accounts.txt",
            "tencent-chat list-groups accounts.txt --json --rate 50",
        ],
    ),
    (
        "create-group",
        &[
            "tencent-chat create-group user_0001 projects",
            "tencent-chat create-group user_0001 friends user_0002 --chat-group '@TGS#1B2AUI7RZ'",
        ],
    ),
    (
        "rename-group",
        &["tencent-chat rename-group user_0001 colleagues partners"],
    ),
    (
        "del-group",
        &[
            "tencent-chat del-group user_0001 colleagues",
            "tencent-chat del-group user_0001 colleagues --missing ok",
            "tencent-chat del-group user_0001 設計会議 --json",
        ],
    ),
    (
        "mark",
        &[
            "tencent-chat mark user_0001 user_0002 --set star,unread",
            "tencent-chat mark user_0001 user_0002 --chat-group '@TGS#1B2AUI7RZ' --clear star --custom later",
        ],
    ),
    (
        "pin",
        &["tencent-chat pin user_0001 user_0002 --chat-group '@TGS#1B2AUI7RZ'"],
    ),
    (
        "unpin",
        &["tencent-chat unpin user_0001 user_0002 --chat-group '@TGS#1B2AUI7RZ'"],
    ),
    (
        "del-conversation",
        &[
            "tencent-chat del-conversation user_0001 user_0002",
            "tencent-chat del-conversation user_0001 --chat-group '@TGS#1B2AUI7RZ'",
        ],
    ),
    (
        "call",
        &[
            "tencent-chat call v4/recentcontact/get_contact_group '{\"From_Account\":\"user_0001\",\"StartIndex\":0}'",
            "tencent-chat call v4/recentcontact/create_contact_group @request.json",
            "cat request.json | tencent-chat call v4/recentcontact/create_contact_group -",
        ],
    ),
    (
        "bulk",
        &[
            "tencent-chat bulk del-group accounts.txt --group colleagues --dry-run",
            "tencent-chat bulk del-group accounts.txt --group colleagues --backup backup.jsonl",
            "tencent-chat bulk restore backup.jsonl",
        ],
    ),
    (
        "bulk del-group",
        &[
            "tencent-chat bulk del-group accounts.txt --group colleagues --dry-run",
            "tencent-chat bulk del-group accounts.txt --group colleagues --backup backup.jsonl --limit 100",
            "tencent-chat bulk del-group accounts.txt --group colleagues --backup backup.jsonl",
            "tencent-chat bulk del-group pairs.csv --header --results results.csv",
        ],
    ),
    (
        "bulk restore",
        &[
            "tencent-chat bulk restore backup.jsonl",
            "tencent-chat bulk restore backup.jsonl --limit 100",
        ],
    ),
    (
        "sign",
        &[
            "tencent-chat sign",
            "tencent-chat sign --user user_0001 --lifetime 3600",
            "tencent-chat sign --user user_0001 --room-id 10000",
            "tencent-chat sign | tencent-chat sign --inspect -",
        ],
    ),
    (
        "completions",
        &["tencent-chat completions bash > ~/.local/share/bash-completion/completions/tencent-chat"],
    ),
    ("man", &["tencent-chat man > tencent-chat.1", "tencent-chat man pages"]),
];

/// What somebody who starts a run should know.
const OF_RUNS: &str = "\
The journal (INPUT.journal) remembers what is done. After a kill, a full disk or Ctrl-C the same command goes on where it stopped.
While it runs, write another number of calls a second into JOURNAL.rate, as in `echo 20 > accounts.txt.journal.rate`; delete the \
file to go back to --rate.
Ctrl-C once: calls under way end first. Twice: they are cut off, and the journal says which are in doubt.";

/// The examples of the command of these words.
pub fn examples(words: &str) -> &'static [&'static str] {
    let found = EXAMPLES.iter().find(|(command, _)| *command == words);
    found.map_or(&[], |(_, lines)| lines)
}

/// The same command with its examples in front of its help: most readers want one to copy.
pub fn shown_in(mut command: clap::Command, words: &str) -> clap::Command {
    let lines: Vec<String> = examples(words).iter().map(|line| format!("  {line}")).collect();
    command = command.help_template(format!(
        "{{about-with-newline}}\nExamples:\n{}\n\n{{usage-heading}} {{usage}}\n\n{{all-args}}{{after-help}}",
        lines.join("\n")
    ));
    command = match words {
        "" => command.after_help(exit::TABLE),
        "bulk del-group" | "bulk restore" => command.after_help(OF_RUNS),
        _ => command,
    };
    let below: Vec<String> = command.get_subcommands().map(|sub| sub.get_name().to_owned()).collect();
    for name in below {
        let words = format!("{words} {name}").trim_start().to_owned();
        command = command.mut_subcommand(name, |sub| shown_in(sub, &words));
    }
    command
}
