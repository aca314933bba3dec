//! The journal of a run, in lines of text: an item is started here before its request leaves and ended here when its answer came, so that after any
//! interruption each item is done, open or in doubt.
//!
//! ```text
//! tencent-chat journal 1 {"call":"del-group","digest":"…","items":20000,…}
//! start 1..50      these may be sent from here on
//! ok 2             and missing, existing, already, unknown: what came of an item
//! failed 3 50004   the service refused it
//! doubt 4 -4       it was sent, and no answer told what came of it
//! open 5           it was not sent after all
//! retry            what failed so far is open again
//! ```
//!
//! An item that was started and has no line of its own is in doubt.

use std::collections::BTreeMap;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::bits::Bits;
use super::files::{sync_folder, Lines};
use super::outcome::{Outcome, Tally};
use crate::exit::Exit;
use crate::output::{note, Failure};
use crate::system;

const TITLE: &str = "tencent-chat journal 1 ";

/// What a journal belongs to. A run with another one does not go on with it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Header {
    pub call: String,
    pub sdk_app_id: u32,
    /// Whether conversations are written down before each delete.
    pub backup: bool,
    pub items: u64,
    /// SHA-256 of the items in their order.
    pub digest: String,
}

/// What the runs before this one did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Past {
    /// Items that are accounted for.
    pub ended: Bits,
    /// Items that were started and may have taken effect; until [`Past::leave_out`] also those that a range ran over.
    pub doubt: Bits,
    pub tally: Tally,
    /// Where failed items are, so that they can be opened again.
    failed: Bits,
}

impl Past {
    pub fn none(items: u64) -> Past {
        Past {
            ended: Bits::none(items),
            doubt: Bits::none(items),
            tally: Tally::default(),
            failed: Bits::none(items),
        }
    }

    /// Items that are no work, such as duplicates: a range of items that were started may run over them.
    pub fn leave_out(&mut self, items: &Bits) {
        self.doubt.remove_all(items);
    }

    /// What failed is open again.
    pub fn retry(&mut self) {
        self.ended.remove_all(&self.failed);
        self.failed.remove_all(&self.failed.clone());
        self.tally.forget_failures();
    }

    fn end(&mut self, item: u64, outcome: Outcome) {
        if !self.ended.add(item) {
            return;
        }
        self.doubt.remove(item);
        self.tally.count(outcome);
        if matches!(outcome, Outcome::Failed(_) | Outcome::Unknown) {
            self.failed.add(item);
        }
    }

    /// Takes one line; `None` when it is none of a journal for so many items.
    fn take(&mut self, line: &str, items: u64) -> Option<()> {
        let number = |text: &str| {
            let canonical = text.bytes().all(|b| b.is_ascii_digit()) && !text.starts_with('0');
            text.parse::<u64>()
                .ok()
                .filter(|n| canonical && (1..=items).contains(n))
        };
        let code = |text: &str| text.parse::<i32>().ok();
        let mut words = line.split(' ');
        let (word, first, second) = (words.next()?, words.next(), words.next());
        match (word, first, second, words.next()) {
            ("start", Some(range), None, None) => {
                let (from, to) = range.split_once("..")?;
                let (from, to) = (number(from)?, number(to)?);
                (from <= to).then_some(())?;
                for item in from..=to {
                    if !self.ended.has(item) {
                        self.doubt.add(item);
                    }
                }
            }
            ("open", Some(item), None, None) => {
                self.doubt.remove(number(item)?);
            }
            ("doubt", Some(item), Some(why), None) => {
                code(why)?;
                self.doubt.add(number(item)?);
            }
            ("failed", Some(item), Some(why), None) => self.end(number(item)?, Outcome::Failed(code(why)?)),
            ("retry", None, None, None) => self.retry(),
            (word, Some(item), None, None) => {
                let (_, outcome) = WORDS.iter().find(|(known, _)| *known == word)?;
                self.end(number(item)?, *outcome);
            }
            _ => return None,
        }
        Some(())
    }
}

const WORDS: [(&str, Outcome); 5] = [
    ("ok", Outcome::Done),
    ("missing", Outcome::Missing),
    ("existing", Outcome::Existing),
    ("already", Outcome::Already),
    ("unknown", Outcome::Unknown),
];

/// A journal that is read or written for one list.
#[derive(Debug)]
pub struct Journal {
    lines: Lines,
}

impl Journal {
    /// Begins a journal, or continues the one that is there. `at_once`: each line reaches the disk before it counts.
    pub fn open(path: &Path, header: &Header, at_once: bool) -> Result<(Journal, Past), Failure> {
        let lines = Lines::open(path, TITLE, at_once)?;
        let journal = Journal { lines };
        if journal.lines.is_empty() {
            let title = format!("{TITLE}{}\n", serde_json::to_string(header).expect("texts and numbers"));
            let begun = journal
                .lines
                .line(title.as_bytes())
                .and_then(|()| journal.sync())
                .and_then(|()| sync_folder(path));
            begun.map_err(|error| Failure::file(path, &error))?;
            return Ok((journal, Past::none(header.items)));
        }
        let read = journal
            .lines
            .read(|file| read(file, path, header))
            .map_err(|error| Failure::file(path, &error))?;
        let (past, length) = read?;
        journal.lines.cut(length).map_err(|error| Failure::file(path, &error))?;
        Ok((journal, past))
    }

    /// What a journal says, without touching it. `None` where there is none yet.
    pub fn peek(path: &Path, header: &Header) -> Result<Option<Past>, Failure> {
        match system::read_at_once(path) {
            Ok(mut file) => {
                if !file.metadata().is_ok_and(|about| about.is_file()) {
                    return Err(Failure::usage(format!(
                        "{}: a pipe or a device, not a file; name another one",
                        path.display()
                    )));
                }
                let mut first = [0];
                let begun = file.read(&mut first).map_err(|error| Failure::file(path, &error))? > 0;
                if !begun {
                    return Ok(None);
                }
                let mut file = (&first[..]).chain(file);
                Ok(Some(read(&mut file, path, header)?.0))
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(Failure::file(path, &error)),
        }
    }

    pub fn path(&self) -> &Path {
        self.lines.path()
    }

    /// From here on these items may be sent.
    pub fn start(&self, first: u64, last: u64) -> io::Result<()> {
        self.lines.line(format!("start {first}..{last}\n").as_bytes())
    }

    pub fn end(&self, item: u64, outcome: Outcome) -> io::Result<()> {
        let line = match outcome {
            Outcome::Failed(code) => format!("failed {item} {code}\n"),
            Outcome::Doubt(code) => format!("doubt {item} {code}\n"),
            Outcome::Open(_) => format!("open {item}\n"),
            other => {
                let word = WORDS
                    .iter()
                    .find(|(_, known)| *known == other)
                    .expect("every other outcome has a word")
                    .0;
                format!("{word} {item}\n")
            }
        };
        self.lines.line(line.as_bytes())
    }

    /// What failed so far is to be tried again.
    pub fn retry(&self, past: &mut Past) -> io::Result<()> {
        self.lines.line(b"retry\n")?;
        past.retry();
        Ok(())
    }

    pub fn sync(&self) -> io::Result<()> {
        self.lines.sync()
    }
}

/// Reads a journal and says up to where it is good.
fn read(file: &mut dyn Read, path: &Path, header: &Header) -> Result<(Past, u64), Failure> {
    let mut reader = BufReader::new(file);
    let mut raw = Vec::new();
    let mut next = |raw: &mut Vec<u8>| -> Result<bool, Failure> {
        raw.clear();
        let read = reader.read_until(b'\n', raw);
        read.map_err(|error| Failure::file(path, &error))?;
        Ok(raw.ends_with(b"\n"))
    };
    if !next(&mut raw)? {
        return Ok((Past::none(header.items), 0));
    }
    let mut length = raw.len() as u64;
    check(line(&raw), path, header)?;
    let mut past = Past::none(header.items);
    let mut number = 1_u64;
    let mut bad = Bad::default();
    while next(&mut raw)? {
        number += 1;
        let text = std::str::from_utf8(line(&raw)).ok();
        match (text.and_then(|text| past.take(text, header.items)), bad.first) {
            (Some(()), None) => length += raw.len() as u64,
            (None, _) => bad.add(number, text),
            (Some(()), Some(at)) => return Err(damaged(path, at)),
        }
    }
    match bad.first {
        // A loss of power leaves anything behind the last sync, but no text of somebody's right behind the title.
        Some(at) if at == 2 && bad.texts > 1 => Err(damaged(path, at)),
        Some(at) => {
            note(&format!(
                "{}: from line {at} on it is damaged, as by a loss of power; what stood there is asked again",
                path.display()
            ));
            Ok((past, length))
        }
        None => Ok((past, length)),
    }
}

/// Lines that say nothing.
#[derive(Default)]
struct Bad {
    first: Option<u64>,
    /// How many of them are text.
    texts: u64,
}

impl Bad {
    fn add(&mut self, number: u64, text: Option<&str>) {
        self.first.get_or_insert(number);
        self.texts += u64::from(text.is_some_and(|text| !text.is_empty() && !text.contains('\0')));
    }
}

/// Without its end, which an editor or a transfer may have made that of another system.
fn line(raw: &[u8]) -> &[u8] {
    let line = raw.strip_suffix(b"\n").unwrap_or(raw);
    line.strip_suffix(b"\r").unwrap_or(line)
}

fn damaged(path: &Path, at: u64) -> Failure {
    let name = path.display();
    Failure::new(
        Exit::Failed,
        format!("{name}: line {at} is damaged; keep the file and begin with another --journal"),
    )
}

fn check(title: &[u8], path: &Path, header: &Header) -> Result<(), Failure> {
    let refuse = |what: &str| Err(Failure::usage(format!("{}: {what}", path.display())));
    let json = title.strip_prefix(TITLE.as_bytes());
    let Some(theirs) = json.and_then(|json| serde_json::from_slice::<Header>(json).ok()) else {
        return refuse("not a journal of this version of the program; name another file with --journal");
    };
    if theirs == *header {
        return Ok(());
    }
    let differs: BTreeMap<&str, bool> = BTreeMap::from([
        ("the command", theirs.call != header.call),
        ("the app", theirs.sdk_app_id != header.sdk_app_id),
        ("whether there is a --backup", theirs.backup != header.backup),
        (
            "the input or its --group",
            theirs.digest != header.digest || theirs.items != header.items,
        ),
    ]);
    let which: Vec<&str> = differs
        .into_iter()
        .filter(|(_, differs)| *differs)
        .map(|(name, _)| name)
        .collect();
    refuse(&format!(
        "the journal of another run ({} differs); continue it with its own command, or name another file with --journal",
        which.join(", ")
    ))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn header() -> Header {
        Header {
            call: "del-group".into(),
            sdk_app_id: 1,
            backup: false,
            items: 30,
            digest: "d".into(),
        }
    }

    fn after(lines: &str) -> Result<(Past, u64), Failure> {
        let text = format!("{TITLE}{}\n{lines}", serde_json::to_string(&header()).unwrap());
        let before = (text.len() - lines.len()) as u64;
        read(&mut text.as_bytes(), Path::new("j"), &header()).map(|(past, length)| (past, length - before))
    }

    fn open_and_doubtful(past: &Past) -> (u64, Vec<u64>) {
        (
            30 - past.ended.count() - past.doubt.count(),
            (1..=30).filter(|item| past.doubt.has(*item)).collect(),
        )
    }

    #[test]
    fn what_was_started_and_has_no_line_is_in_doubt() {
        let (past, _) = after("start 1..4\nok 2\nmissing 3\n").unwrap();
        assert_eq!(open_and_doubtful(&past), (26, vec![1, 4]));
        assert_eq!((past.tally.done, past.tally.missing), (1, 1));
    }

    #[test]
    fn what_was_given_back_is_open_and_what_was_in_doubt_stays_so_until_it_ends() {
        let (past, _) = after("start 1..3\nopen 1\ndoubt 2 -4\nstart 2..3\nalready 3\n").unwrap();
        assert_eq!(open_and_doubtful(&past), (28, vec![2]));
    }

    #[test]
    fn starting_what_has_ended_changes_nothing_and_a_second_end_does_not_count() {
        let (past, _) = after("start 1..3\nok 1\nok 2\nstart 1..3\nok 1\n").unwrap();
        assert_eq!((past.tally.done, past.tally.total()), (2, 2));
        assert_eq!(open_and_doubtful(&past), (27, vec![3]));
    }

    #[test]
    fn a_retry_opens_what_failed_and_nothing_else() {
        let (past, _) =
            after("start 1..5\nfailed 1 50004\nunknown 2\nok 3\nretry\nstart 1..1\nfailed 1 50005\n").unwrap();
        assert_eq!(past.tally.failed, BTreeMap::from([(50005, 1)]));
        assert_eq!((past.tally.unknown, past.tally.done), (0, 1));
        assert!(!past.ended.has(2) && past.ended.has(3));
        let (past, _) = after("start 1..1\nfailed 1 50004\nretry\nretry\n").unwrap();
        assert_eq!(past.tally.total(), 0);
    }

    #[test]
    fn what_follows_the_last_good_line_is_dropped_but_damage_between_good_lines_is_told() {
        let good = "start 1..3\nok 1\n";
        for tail in [
            "",
            "ok",
            "ok 2",
            "\0\0\0\n",
            "ok \0\n\0\0",
            "nonsense\nmore\n",
            "ok 31\n",
            "ok 02\n",
            "ok 2 3\n",
            "start 3..1\n",
        ] {
            let (past, length) = after(&format!("{good}{tail}")).unwrap();
            assert_eq!((past.tally.done, length), (1, good.len() as u64), "{tail:?}");
        }
        let failure = after("start 1..3\nnonsense\nok 1\n").unwrap_err();
        assert!(failure.message.contains("line 3 is damaged"), "{}", failure.message);
    }

    #[test]
    fn a_journal_of_another_run_is_refused_with_what_differs() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("j");
        drop(Journal::open(&path, &header(), false).unwrap());
        let before = fs::read(&path).unwrap();
        for (other, says) in [
            (
                Header {
                    digest: "e".into(),
                    ..header()
                },
                "the input or its --group",
            ),
            (
                Header {
                    call: "restore".into(),
                    ..header()
                },
                "the command",
            ),
            (
                Header {
                    sdk_app_id: 2,
                    ..header()
                },
                "the app",
            ),
            (
                Header {
                    backup: true,
                    ..header()
                },
                "whether there is a --backup",
            ),
        ] {
            let failure = Journal::open(&path, &other, false).unwrap_err();
            assert!(
                failure.message.contains(says) && failure.exit == Exit::Usage,
                "{}",
                failure.message
            );
        }
        assert_eq!(fs::read(&path).unwrap(), before, "a refused journal is left as it is");
        fs::write(&path, "my notes\n").unwrap();
        assert!(Journal::open(&path, &header(), false).is_err());
        assert_eq!(fs::read(&path).unwrap(), b"my notes\n");
    }

    #[test]
    fn every_outcome_is_read_back_as_it_was_written() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("j");
        let (journal, mut expected) = Journal::open(&path, &header(), false).unwrap();
        journal.start(1, 8).unwrap();
        for item in 1..=8 {
            expected.doubt.add(item);
        }
        let outcomes = [
            Outcome::Done,
            Outcome::Missing,
            Outcome::Existing,
            Outcome::Already,
            Outcome::Unknown,
            Outcome::Failed(-7),
            Outcome::Doubt(-4),
            Outcome::Open(0),
        ];
        for (item, outcome) in (1..).zip(outcomes) {
            journal.end(item, outcome).unwrap();
            match outcome {
                Outcome::Doubt(_) => {}
                Outcome::Open(_) => assert!(expected.doubt.remove(item)),
                outcome => expected.end(item, outcome),
            }
        }
        drop(journal);
        assert_eq!(Journal::peek(&path, &header()).unwrap().unwrap(), expected);
        assert_eq!(Journal::open(&path, &header(), false).unwrap().1, expected);
    }
}
