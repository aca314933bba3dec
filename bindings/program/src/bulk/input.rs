//! Lists of accounts as they come: plain lines, CSV, JSONL; with or without BOM, CRLF, blank lines, a header, quotes.
//! Gives the items in the order of the file, the same each time it is read, and holds one of them at a time.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use serde_json::Value;
use tencent_chat::endpoints::lists::Contact;

use crate::arguments::Format;
use crate::output::Failure;

/// What one call, or a few that belong together, work on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    pub account: String,
    pub group: String,
    /// The conversations to put into the group; only a restore has them.
    pub conversations: Vec<Contact>,
}

/// A line that holds no item.
#[derive(Debug)]
pub struct Wrong {
    /// From 1, as an editor counts.
    pub line: u64,
    pub what: String,
}

/// How a list is to be read.
#[derive(Clone, Debug)]
pub struct Source {
    pub path: PathBuf,
    pub format: Format,
    /// The group of every account.
    pub group: Option<String>,
    pub account_column: Option<String>,
    pub group_column: Option<String>,
    pub no_header: bool,
    /// The lines are those of a backup.
    pub conversations: bool,
}

type Items = Box<dyn Iterator<Item = Result<Item, Wrong>>>;

/// More than any account and group together; a line beyond it is not held in memory.
const LONGEST_LINE: u64 = 8 * 1_024 * 1_024;

/// Names by which a column is known, without case and marks; the first that is there counts.
const ACCOUNT_NAMES: [&str; 6] = ["account", "fromaccount", "userid", "user", "accountid", "identifier"];
const GROUP_NAMES: [&str; 3] = ["group", "groupname", "contactgroup"];

impl Source {
    /// The items from the first one on.
    pub fn items(&self) -> Result<Items, Failure> {
        let told = |error: io::Error| Failure::usage(format!("{}: {error}", self.path.display()));
        let mut reader = BufReader::with_capacity(64 * 1_024, File::open(&self.path).map_err(told)?);
        skip_bom(&mut reader).map_err(told)?;
        let format = match self.format {
            Format::Auto => self.guess(&mut reader).map_err(told)?,
            format => format,
        };
        match format {
            Format::Csv => self.csv(reader),
            Format::Jsonl => Ok(self.lines(reader, Source::json_item)),
            Format::Lines | Format::Auto if self.group.is_none() => Err(Failure::usage(format!(
                "{}: plain lines hold accounts only: give --group, or --format csv",
                self.path.display()
            ))),
            Format::Lines | Format::Auto => Ok(self.lines(reader, Source::plain_item)),
        }
    }

    fn guess(&self, reader: &mut impl BufRead) -> io::Result<Format> {
        let ending = self
            .path
            .extension()
            .and_then(|ending| ending.to_str())
            .unwrap_or_default()
            .to_ascii_lowercase();
        Ok(match ending.as_str() {
            "csv" | "tsv" => Format::Csv,
            "jsonl" | "ndjson" => Format::Jsonl,
            _ if reader.fill_buf()?.trim_ascii_start().starts_with(b"{") => Format::Jsonl,
            _ => Format::Lines,
        })
    }

    fn lines(&self, mut reader: BufReader<File>, item: fn(&Source, &str) -> Result<Item, String>) -> Items {
        let source = self.clone();
        let (mut number, mut text) = (0, Vec::new());
        Box::new(std::iter::from_fn(move || loop {
            number += 1;
            let wrong = |what: String| Some(Err(Wrong { line: number, what }));
            text.clear();
            match reader.by_ref().take(LONGEST_LINE).read_until(b'\n', &mut text) {
                Ok(0) => return None,
                Ok(_) => {}
                Err(error) => return wrong(error.to_string()),
            }
            if text.len() as u64 == LONGEST_LINE {
                return wrong(format!("the line has over {LONGEST_LINE} bytes"));
            }
            let Ok(line) = std::str::from_utf8(&text) else {
                return wrong("not valid UTF-8".into());
            };
            let line = line.trim();
            if !line.is_empty() {
                return Some(item(&source, line).map_err(|what| Wrong { line: number, what }));
            }
        }))
    }

    fn plain_item(&self, line: &str) -> Result<Item, String> {
        let quoted = line.len() >= 2 && line.starts_with('"') && line.ends_with('"');
        let account = if quoted {
            line[1..line.len() - 1].replace("\"\"", "\"")
        } else {
            line.to_owned()
        };
        checked(account, self.group.clone().unwrap_or_default(), Vec::new())
    }

    fn json_item(&self, line: &str) -> Result<Item, String> {
        let value: Value = serde_json::from_str(line).map_err(|error| format!("not JSON: {error}"))?;
        let account = match &value {
            Value::String(account) => Some(account.clone()),
            value => text_in(value, self.account_column.as_deref(), &ACCOUNT_NAMES),
        };
        let account = account.ok_or("no account in it; name its member with --account-column")?;
        let group = match &self.group {
            Some(group) => group.clone(),
            None => text_in(&value, self.group_column.as_deref(), &GROUP_NAMES)
                .ok_or("no group in it: give --group, or name its member with --group-column")?,
        };
        let conversations = if self.conversations {
            conversations(&value)?
        } else {
            Vec::new()
        };
        checked(account, group, conversations)
    }

    fn csv(&self, mut reader: BufReader<File>) -> Result<Items, Failure> {
        let refused = |what: String| Failure::usage(format!("{}: {what}", self.path.display()));
        let delimiter = delimiter(reader.fill_buf().map_err(|error| refused(error.to_string()))?);
        let mut builder = csv::ReaderBuilder::new();
        builder
            .has_headers(false)
            .flexible(true)
            .trim(csv::Trim::All)
            .delimiter(delimiter);
        let mut records = builder
            .from_reader(reader)
            .into_records()
            .filter(|record| !is_blank(record));
        let first = records.next();
        let Some(Ok(head)) = &first else {
            return Ok(Box::new(first.into_iter().map(|row| Err(broken(row.unwrap_err())))));
        };
        let columns = Columns::of(self, head).map_err(refused)?;
        let first = if columns.head { None } else { first };
        let group = self.group.clone();
        Ok(Box::new(first.into_iter().chain(records).map(move |row| {
            let row = row.map_err(broken)?;
            let line = row.position().map_or(0, csv::Position::line);
            columns
                .item(&row, group.as_deref())
                .map_err(|what| Wrong { line, what })
        })))
    }
}

/// Where the account and the group stand in a row.
struct Columns {
    account: usize,
    group: usize,
    /// The first row only names them.
    head: bool,
}

impl Columns {
    fn of(source: &Source, first: &csv::StringRecord) -> Result<Columns, String> {
        let known = |names: &[&str]| {
            names
                .iter()
                .find_map(|name| first.iter().position(|cell| plain(cell) == *name))
        };
        let (account, group) = (known(&ACCOUNT_NAMES), known(&GROUP_NAMES));
        let named = |wish: &Option<String>| match wish {
            Some(wish) => match wish.parse::<usize>() {
                Ok(0) => Err("columns are counted from 1".to_owned()),
                Ok(number) => Ok(Some((number - 1, false))),
                Err(_) if source.no_header => {
                    Err(format!("a column is called {wish:?} only in a header; give its number"))
                }
                Err(_) => match first.iter().position(|cell| cell == wish) {
                    Some(at) => Ok(Some((at, true))),
                    None => Err(format!("no column is called {wish:?} in its first row")),
                },
            },
            None => Ok(None),
        };
        let (wished_account, wished_group) = (named(&source.account_column)?, named(&source.group_column)?);
        let by_name = |wish: &Option<(usize, bool)>| wish.is_some_and(|(_, by_name)| by_name);
        let head = !source.no_header
            && (by_name(&wished_account) || by_name(&wished_group) || account.is_some() || group.is_some());
        // Of several columns the first is the account only if somebody says so: a run for the wrong users cannot be taken back.
        let expected = if source.group.is_some() { 1 } else { 2 };
        if !head && !source.no_header && wished_account.is_none() && first.len() > expected {
            return Err(
                "which column holds the accounts? Its first row is no header with a name that is known: \
                 give --account-column, or --no-header if it is the first"
                    .into(),
            );
        }
        let known = |found: Option<usize>| found.filter(|_| head);
        let account = wished_account.map(|(at, _)| at).or(known(account)).unwrap_or(0);
        Ok(Columns {
            account,
            group: wished_group
                .map(|(at, _)| at)
                .or(known(group))
                .unwrap_or(usize::from(account == 0)),
            head,
        })
    }

    fn item(&self, row: &csv::StringRecord, group: Option<&str>) -> Result<Item, String> {
        // A quote that is never closed swallows the rows behind it; none may get lost unseen.
        if row.iter().any(|cell| cell.contains('\n')) {
            return Err("a cell goes over several lines; is a quote not closed?".into());
        }
        let account = row.get(self.account).unwrap_or_default();
        let group = match group {
            Some(group) => group,
            None => row
                .get(self.group)
                .ok_or("no group in it: give --group, or name its column with --group-column")?,
        };
        checked(account.to_owned(), group.to_owned(), Vec::new())
    }
}

fn broken(error: csv::Error) -> Wrong {
    let line = error.position().map_or(0, csv::Position::line);
    let what = match error.kind() {
        csv::ErrorKind::Utf8 { .. } => "not valid UTF-8".into(),
        csv::ErrorKind::Io(error) => error.to_string(),
        _ => error.to_string(),
    };
    Wrong { line, what }
}

fn is_blank(record: &Result<csv::StringRecord, csv::Error>) -> bool {
    record.as_ref().is_ok_and(|record| record.iter().all(str::is_empty))
}

/// The first row decides; a comma goes before the others.
fn delimiter(start: &[u8]) -> u8 {
    let row = start.split(|byte| *byte == b'\n').next().unwrap_or_default();
    [b',', b'\t', b';']
        .into_iter()
        .find(|delimiter| row.contains(delimiter))
        .unwrap_or(b',')
}

fn skip_bom(reader: &mut impl BufRead) -> io::Result<()> {
    if reader.fill_buf()?.starts_with(b"\xef\xbb\xbf") {
        reader.consume(3);
    }
    Ok(())
}

/// A name without case, spaces and marks: `From_Account` and `from account` are the same.
fn plain(name: &str) -> String {
    name.chars()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect()
}

/// A member that is a text, or a list of one text as the service has it.
fn text_in(value: &Value, wish: Option<&str>, names: &[&str]) -> Option<String> {
    let members = value.as_object()?;
    let found = match wish {
        Some(wish) => members.get(wish),
        None => names
            .iter()
            .find_map(|name| members.iter().find(|(member, _)| plain(member) == *name))
            .map(|(_, value)| value),
    };
    match found? {
        Value::String(text) => Some(text.clone()),
        Value::Array(texts) if texts.len() == 1 => texts[0].as_str().map(str::to_owned),
        _ => None,
    }
}

fn conversations(line: &Value) -> Result<Vec<Contact>, String> {
    let list = line["conversations"]
        .as_array()
        .ok_or("no list of conversations in it: it is no line of a backup")?;
    list.iter().map(contact).collect()
}

/// A conversation as the service's answers name it.
pub fn contact(item: &Value) -> Result<Contact, String> {
    let kind = item["Type"]
        .as_i64()
        .and_then(|kind| i32::try_from(kind).ok())
        .unwrap_or_default();
    let id = if kind == 2 {
        &item["ToGroupId"]
    } else {
        &item["To_Account"]
    };
    Contact::new(kind, id.as_str().unwrap_or_default())
        .map_err(|error| format!("a conversation is damaged: {}", error.message))
}

fn checked(account: String, group: String, conversations: Vec<Contact>) -> Result<Item, String> {
    use tencent_chat::endpoints::{del_contact_group::DelContactGroup, Endpoint};
    DelContactGroup::new(&account, &group)
        .check(true)
        .map_err(|error| error.message)?;
    if account.chars().any(char::is_control) {
        return Err("the account holds a control character".into());
    }
    Ok(Item {
        account,
        group,
        conversations,
    })
}

/// What stdin holds, kept in a file beside the journal: a list is read more than once.
pub fn keep_stdin(path: &Path) -> Result<(), Failure> {
    use std::os::unix::fs::OpenOptionsExt;
    let mut options = File::options();
    let mut file = options.write(true).create_new(true).mode(0o600).open(path).map_err(|error| match error.kind() {
        io::ErrorKind::AlreadyExists => Failure::usage(format!(
            "{0}: what an earlier run read from stdin; go on with that run by naming this file instead of -, or remove it",
            path.display()
        )),
        _ => Failure::file(path, &error),
    })?;
    io::copy(&mut io::stdin().lock(), &mut file)
        .and_then(|_| file.sync_all())
        .map_err(|error| Failure::file(path, &error))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(name: &str, text: &[u8], folder: &tempfile::TempDir) -> Source {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        Source {
            path,
            format: Format::Auto,
            group: None,
            account_column: None,
            group_column: None,
            no_header: false,
            conversations: false,
        }
    }

    fn read(source: &Source) -> Vec<(String, String)> {
        let items = source.items().unwrap_or_else(|failure| panic!("{}", failure.message));
        items
            .map(|item| item.unwrap_or_else(|wrong| panic!("{wrong:?}")))
            .map(|item| (item.account, item.group))
            .collect()
    }

    fn pairs(expected: &[(&str, &str)]) -> Vec<(String, String)> {
        expected
            .iter()
            .map(|(account, group)| ((*account).to_owned(), (*group).to_owned()))
            .collect()
    }

    #[test]
    fn plain_lines_come_with_bom_crlf_blanks_and_quotes() {
        let folder = tempfile::tempdir().unwrap();
        let text = b"\xef\xbb\xbfuser_1\r\n\r\n  user_2  \n\"user \"\"3\"\"\"\n\n#4\nuser,5";
        let list = Source {
            group: Some("g".into()),
            ..source("a.txt", text, &folder)
        };
        let expected = [
            ("user_1", "g"),
            ("user_2", "g"),
            ("user \"3\"", "g"),
            ("#4", "g"),
            ("user,5", "g"),
        ];
        assert_eq!(read(&list), pairs(&expected));
        assert_eq!(read(&list), read(&list), "the same each time");
    }

    #[test]
    fn csv_comes_with_and_without_a_header_and_with_columns_anywhere() {
        let folder = tempfile::tempdir().unwrap();
        let both = pairs(&[("u1", "g 1"), ("u2", "a,\"b\"")]);
        for text in [
            "u1,g 1\nu2,\"a,\"\"b\"\"\"\n",
            "\u{feff}account,group\r\nu1,g 1\r\n\r\n,\r\nu2,\"a,\"\"b\"\"\"\r\n",
            "user,group,account\nx,g 1,u1\ny,\"a,\"\"b\"\"\",u2\n",
            "id,GroupName,From_Account\n1,g 1,u1\n2,\"a,\"\"b\"\"\",u2\n",
            "User ID;Group\nu1;g 1\nu2;\"a,\"\"b\"\"\"",
            "account\tgroup\nu1\tg 1\nu2\t\"a,\"\"b\"\"\"",
        ] {
            assert_eq!(read(&source("a.csv", text.as_bytes(), &folder)), both, "{text}");
        }
        let one = Source {
            group: Some("g".into()),
            ..source("a.csv", b"u1\nu2\n", &folder)
        };
        assert_eq!(read(&one), pairs(&[("u1", "g"), ("u2", "g")]));
        let numbered = Source {
            account_column: Some("3".into()),
            group_column: Some("2".into()),
            ..source("a.csv", b"1,g,u\n", &folder)
        };
        assert_eq!(read(&numbered), pairs(&[("u", "g")]));
        let named = Source {
            account_column: Some("who".into()),
            group: Some("g".into()),
            ..source("a.csv", b"n,who\n1,u\n", &folder)
        };
        assert_eq!(read(&named), pairs(&[("u", "g")]));
        let data = Source {
            no_header: true,
            ..source("a.csv", b"user,group\n", &folder)
        };
        assert_eq!(read(&data), pairs(&[("user", "group")]));
    }

    #[test]
    fn jsonl_is_known_by_name_or_first_character() {
        let folder = tempfile::tempdir().unwrap();
        let text = b"{\"account\":\"u1\",\"group\":\"g\"}\n\n{\"From_Account\":\"u2\",\"GroupName\":[\"h\"]}\r\n";
        for name in ["a.jsonl", "a.ndjson", "a.txt"] {
            assert_eq!(read(&source(name, text, &folder)), pairs(&[("u1", "g"), ("u2", "h")]));
        }
        let bare = Source {
            group: Some("g".into()),
            ..source("a.jsonl", b"\"u1\"\n", &folder)
        };
        assert_eq!(read(&bare), pairs(&[("u1", "g")]));
        let named = Source {
            account_column: Some("x".into()),
            group: Some("g".into()),
            ..source("a.jsonl", b"{\"x\":\"u\"}", &folder)
        };
        assert_eq!(read(&named), pairs(&[("u", "g")]));
    }

    #[test]
    fn a_line_without_an_item_is_told_by_its_number() {
        let folder = tempfile::tempdir().unwrap();
        for (name, text, line, says) in [
            ("a.csv", &b"account,group\nu1,g\n,g\n"[..], 3, "from_account is empty"),
            ("a.csv", b"u1,g\nu2\n", 2, "no group in it"),
            (
                "a.csv",
                b"account,group,note\nu1,g,ok\nu2,g,\"5 inches\nu3,g,ok\nu4,g,\n",
                3,
                "is a quote not closed?",
            ),
            ("a.csv", b"u1,g\nu\xff,g\n", 2, "UTF-8"),
            (
                "a.jsonl",
                b"{\"account\":\"u\",\"group\":\"g\"}\n{\"acount\":\"u\"}\n",
                2,
                "no account",
            ),
            ("a.jsonl", b"{\"account\":\"u\"\n", 1, "not JSON"),
            (
                "a.jsonl",
                b"{\"account\":\"u\\u0007\",\"group\":\"g\"}\n",
                1,
                "control character",
            ),
            (
                "a.csv",
                format!("u,{}\n", "g".repeat(65)).as_bytes(),
                1,
                "the limit is 64",
            ),
        ] {
            let wrong = source(name, text, &folder)
                .items()
                .unwrap()
                .find_map(Result::err)
                .unwrap();
            assert_eq!(wrong.line, line, "{wrong:?}");
            assert!(wrong.what.contains(says), "{wrong:?}");
        }
        let list = Source {
            account_column: Some("who".into()),
            ..source("a.csv", b"a,b\n", &folder)
        };
        assert!(list.items().err().unwrap().message.contains("no column is called"));
    }

    #[test]
    fn a_list_that_leaves_open_who_is_meant_is_refused_as_a_whole() {
        let folder = tempfile::tempdir().unwrap();
        let refused = |source: Source| source.items().err().unwrap().message;
        assert!(refused(source("a.txt", b"u1\nu2\n", &folder)).contains("give --group"));
        assert!(refused(source("a.csv", b"phone,member,group of\n1,u1,g\n", &folder)).contains("--account-column"));
        let other = Source {
            group: Some("g".into()),
            ..source("a.csv", b"phone,member\n1,u1\n", &folder)
        };
        assert!(refused(other.clone()).contains("--account-column"));
        let first = Source {
            no_header: true,
            ..other
        };
        assert_eq!(read(&first), pairs(&[("phone", "g"), ("1", "g")]));
    }
}
