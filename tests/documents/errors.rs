//! `bindings/c/ERRORS.md` is the code table of `src/error.rs` as a page for users. `make errors` rewrites it; nothing else may.
//! Reads the table's own lines, because meaning, advice and retry of a row are no part of the library's interface; a line it does not
//! understand fails.

use std::fmt::Write;
use std::path::Path;

const SOURCE: &str = include_str!("../../src/error.rs");

struct Row {
    name: String,
    repeat: String,
    in_doubt: bool,
    is_fatal: bool,
    text: String,
}

/// The lines of the table, in its order.
fn rows() -> Vec<Row> {
    let lines = SOURCE.lines().skip_while(|line| !line.contains("static TABLE: &[Row]"));
    let lines = lines.skip(1).take_while(|line| *line != "];").map(str::trim);
    lines.filter(|line| !line.starts_with("//")).map(read).collect()
}

/// `row(CODE, "NAME", Repeat, c"text"),`; `open(...)` where the answer leaves open whether the request took effect, `fatal(...)` where no call
/// will succeed.
fn read(line: &str) -> Row {
    let parts = || {
        let (kind, rest) = line.split_once('(')?;
        let (_, rest) = rest.split_once(", \"")?;
        let (name, rest) = rest.split_once("\", ")?;
        let (repeat, rest) = rest.split_once(", c\"")?;
        let text = rest.strip_suffix("\"),")?;
        ["row", "open", "fatal"].contains(&kind).then(|| Row {
            name: name.to_owned(),
            repeat: repeat.to_owned(),
            in_doubt: kind == "open",
            is_fatal: kind == "fatal",
            text: text.to_owned(),
        })
    };
    parts().unwrap_or_else(|| panic!("a line of the code table is written in a way this test does not know: {line}"))
}

/// `1_000` milliseconds in words.
fn after(milliseconds: &str) -> String {
    let number: u32 = milliseconds.replace('_', "").parse().unwrap();
    assert_eq!(number % 1_000, 0, "whole seconds are all this page can say");
    format!("after {} s", number / 1_000)
}

/// The pause after an answer that asks to slow down.
fn throttle_pause() -> String {
    let mut lines = SOURCE.lines();
    let value = lines.find_map(|line| line.strip_prefix("pub(crate) const THROTTLE_PAUSE_MS: u32 = "));
    after(value.unwrap().trim_end_matches(';'))
}

/// Whether the same call may succeed, in words.
fn retry(row: &Row) -> String {
    let again = match row.repeat.as_str() {
        "Yes" => "yes".to_owned(),
        "No" => "no".to_owned(),
        "Throttled" => throttle_pause(),
        pause => match pause.strip_prefix("After(").and_then(|rest| rest.strip_suffix(')')) {
            Some(milliseconds) => after(milliseconds),
            None => panic!("{pause} is no way to repeat that this test knows"),
        },
    };
    match row {
        Row { in_doubt: true, .. } => again + ", in doubt",
        Row { is_fatal: true, .. } => again + ", fatal",
        _ => again,
    }
}

/// What happened, and what to do about it.
fn parts(text: &str) -> (&str, &str) {
    text.split_once(": ")
        .or_else(|| text.split_once(", "))
        .unwrap_or((text, ""))
}

fn page() -> String {
    let mut page = String::from(
        "# Results\n\n\
         Every `int` that a call returns: 0 for success, negative for the library's own, positive for the service's `ErrorCode`, unchanged.\n\
         `chat_strerror` gives the same words, `chat_response_message` adds what is particular to the call. A number means the same for ever;\n\
         one that is not here comes from a newer service or library. Made by `make errors` from the code table; not to be edited.\n\n\
         Retry: whether the same call may succeed without anybody changing anything (`chat_response_is_retriable`), and after which pause\n\
         (`chat_response_retry_after_ms`). \"In doubt\": the answer leaves open whether the request took effect. For every failed call\n\
         `chat_response_is_in_doubt` tells: ask it before repeating what must not happen twice. \"Fatal\": no call will succeed before somebody\n\
         changes the settings, the app or its plan (`chat_code_is_fatal`), so a run of many calls should end.\n\n\
         | Code | Name | Meaning | Retry | What to do |\n|---|---|---|---|---|\n",
    );
    let rows = rows();
    let codes: Vec<(i32, &str)> = tencent_chat::error::codes().collect();
    assert_eq!(rows.len(), codes.len(), "this test overlooks a line of the code table");
    for (row, (code, name)) in rows.iter().zip(codes) {
        assert_eq!(row.name, name, "this test misreads the line of {code}");
        let (meaning, advice) = parts(&row.text);
        let name = if name.is_empty() {
            String::new()
        } else {
            format!("`{name}`")
        };
        writeln!(page, "| {code} | {name} | {meaning} | {} | {advice} |", retry(row)).unwrap();
    }
    page
}

#[test]
fn the_page_of_errors_is_what_the_code_table_says() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("bindings/c/ERRORS.md");
    let made = page();
    if std::env::var_os("CHAT_WRITE_ERRORS").is_some() {
        std::fs::write(&path, &made).unwrap();
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        committed == made,
        "bindings/c/ERRORS.md is not up to date: run `make errors` and look at the difference"
    );
}

#[test]
fn every_failure_on_the_page_that_the_same_call_cannot_mend_says_what_to_do() {
    let silent: Vec<String> = rows()
        .into_iter()
        .filter(|row| row.repeat == "No" && parts(&row.text).1.is_empty() && row.name.starts_with("CHAT_ERR"))
        .map(|row| row.name)
        .collect();
    assert_eq!(silent, Vec::<String>::new());
}
