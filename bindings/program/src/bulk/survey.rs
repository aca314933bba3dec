//! Reads a list before anything is sent: how many items, which of them count, and the digest by which its journal is known. A wrong line refuses the
//! whole list. Memory is bounded: a million items at a time, however long the list is.

use sha2::{Digest, Sha256};

use super::bits::Bits;
use super::list::{Item, Reading, Source, Wrong};
use crate::output::Failure;

/// Items whose keys are held at a time; each takes 24 bytes.
const AT_A_TIME: u64 = 1_000_000;
/// How many wrong lines are printed one by one.
const TOLD: usize = 10;
/// Items of the beginning that a dry run shows.
const SHOWN: usize = 3;
/// Items that are compared with what was seen before any of them is sent.
pub const BLOCK: usize = 64;

#[derive(Debug)]
pub struct Survey {
    /// Items of the list, those that come twice included.
    pub items: u64,
    pub digest: String,
    /// Of those that are the same, all but the one that counts.
    pub duplicates: Bits,
    /// The first few, as they would be sent.
    pub first: Vec<Item>,
    pub reading: Reading,
    /// Eight bytes of what each block of items held.
    pub blocks: Vec<u64>,
}

pub fn survey(source: &Source) -> Result<Survey, Failure> {
    survey_by(source, AT_A_TIME)
}

fn survey_by(source: &Source, at_a_time: u64) -> Result<Survey, Failure> {
    let list = source.list().map_err(|failure| with_wrong_lines(source, failure))?;
    let (mut items, mut first, mut digest) = (0, Vec::new(), Sha256::new());
    let (mut blocks, mut block) = (Vec::new(), Block::default());
    let mut wrong = Vec::new();
    for item in list.items {
        match item {
            Ok(item) => {
                items += 1;
                let print = fingerprint(&item, true);
                digest.update(print);
                blocks.extend(block.take(&print));
                if first.len() < SHOWN {
                    first.push(item);
                }
            }
            Err(line) => wrong.push(line),
        }
        if wrong.len() > TOLD {
            break;
        }
    }
    if !wrong.is_empty() {
        return Err(refusal(source, &wrong));
    }
    blocks.extend(block.end());
    let duplicates = duplicates(source, items, at_a_time)?;
    let digest = digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
    Ok(Survey {
        items,
        digest,
        duplicates,
        first,
        reading: list.reading,
        blocks,
    })
}

/// Where it is open whether a list has a header, also the lines that are wrong if it has one: all there is to put right, told at once.
fn with_wrong_lines(source: &Source, mut failure: Failure) -> Failure {
    let with_header = Source {
        header: source.header.or(Some(true)),
        ..source.clone()
    };
    if let Ok(list) = with_header.list() {
        let wrong = list.items.filter_map(Result::err).take(TOLD);
        failure.lines = wrong
            .map(|Wrong { line, what }| format!("line {line}: {what}"))
            .collect();
    }
    failure
}

/// The marks of a list's blocks, an item after the other.
#[derive(Default)]
pub struct Block {
    hash: Sha256,
    held: usize,
}

impl Block {
    /// The mark of the block that this item ends.
    pub fn take(&mut self, print: &[u8; 32]) -> Option<u64> {
        self.hash.update(print);
        self.held += 1;
        if self.held == BLOCK {
            self.end()
        } else {
            None
        }
    }

    /// The mark of what is left at the end of a list.
    pub fn end(&mut self) -> Option<u64> {
        let held = std::mem::take(&mut self.held);
        (held > 0).then(|| eight_bytes(&self.hash.finalize_reset(), 0))
    }
}

fn eight_bytes(hash: &[u8], at: usize) -> u64 {
    u64::from_le_bytes(hash[at..at + 8].try_into().expect("a SHA-256 has 32 bytes"))
}

/// What a line of several for the same group says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Says {
    /// The line before it does not count.
    TakesBack,
    /// A group without conversations.
    Empty,
    Something,
}

/// Goes through the list once for each million of its items: those whose key falls into the part at hand are sorted and compared.
fn duplicates(source: &Source, items: u64, at_a_time: u64) -> Result<Bits, Failure> {
    let mut found = Bits::none(items);
    let parts = items.div_ceil(at_a_time).max(1);
    // Two halves of a key: as one number they would be padded to 32 bytes.
    let mut keys: Vec<(u64, u64, u32, Says)> = Vec::with_capacity(usize::try_from(items.min(at_a_time)).unwrap_or(0));
    for part in 0..parts {
        keys.clear();
        for (number, item) in (1_u32..).zip(source.list()?.items) {
            let item = item.map_err(|wrong| refusal(source, &[wrong]))?;
            let hash = fingerprint(&item, false);
            if eight_bytes(&hash, 0) % parts == part {
                keys.push((
                    eight_bytes(&hash, 8),
                    eight_bytes(&hash, 16),
                    number,
                    says(source, &item),
                ));
            }
        }
        keys.sort_unstable();
        for same in keys.chunk_by(|a, b| (a.0, a.1) == (b.0, b.1)) {
            let counts = if source.is_backup {
                newest(same.iter().map(|(_, _, number, says)| (*number, *says)))
            } else {
                Some(same[0].2)
            };
            let others = same.iter().filter(|(_, _, number, _)| Some(*number) != counts);
            others.for_each(|(_, _, number, _)| _ = found.add(u64::from(*number)));
        }
    }
    Ok(found)
}

fn says(source: &Source, item: &Item) -> Says {
    match item {
        _ if !source.is_backup => Says::Something,
        item if item.takes_back => Says::TakesBack,
        item if item.conversations.is_empty() => Says::Empty,
        _ => Says::Something,
    }
}

/// Which of a backup's lines for a group counts: the newest that holds conversations, since a run that was killed may have deleted the group, and
/// what was made afterwards under its name may be empty. A line whose delete is known not to have happened counts as little as none.
fn newest(lines: impl Iterator<Item = (u32, Says)>) -> Option<u32> {
    let mut counting = Vec::new();
    for (number, says) in lines {
        match says {
            Says::TakesBack => _ = counting.pop(),
            says => counting.push((number, says)),
        }
    }
    let full = counting.iter().rev().find(|(_, says)| *says == Says::Something);
    full.or(counting.last()).map(|(number, _)| *number)
}

/// What makes two items the same; `whole`: with what is to be put into the group.
pub fn fingerprint(item: &Item, whole: bool) -> [u8; 32] {
    let mut hash = Sha256::new();
    for text in [&item.account, &item.group] {
        hash.update((text.len() as u64).to_le_bytes());
        hash.update(text);
    }
    if whole && !item.conversations.is_empty() {
        hash.update(serde_json::to_vec(&item.conversations).expect("texts and numbers"));
    }
    if whole && item.takes_back {
        hash.update([1]);
    }
    hash.finalize().into()
}

fn refusal(source: &Source, wrong: &[Wrong]) -> Failure {
    let told = wrong.iter().take(TOLD);
    let mut lines: Vec<String> = told
        .map(|Wrong { line, what }| format!("line {line}: {what}"))
        .collect();
    if wrong.len() > TOLD {
        lines.push("and more".into());
    }
    Failure {
        lines,
        ..Failure::usage(format!("{}: nothing was sent, because", source.path.display()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::arguments::Format;

    fn list(text: &str, folder: &tempfile::TempDir) -> Source {
        let path = folder.path().join("list.csv");
        std::fs::write(&path, text).unwrap();
        Source {
            path,
            format: Format::Auto,
            group: None,
            account_column: None,
            group_column: None,
            header: Some(false),
            delimiter: None,
            is_backup: false,
        }
    }

    #[test]
    fn what_comes_twice_is_found_in_any_part_and_the_first_one_stays() {
        let folder = tempfile::tempdir().unwrap();
        let mut text = String::new();
        for row in 0..500 {
            text += &format!("u{},g\n", row % 200);
        }
        text += "u1,other\n";
        let source = list(&text, &folder);
        for at_a_time in [1_000_000, 100, 7] {
            let survey = survey_by(&source, at_a_time).unwrap();
            assert_eq!((survey.items, survey.duplicates.count()), (501, 300));
            assert!((1..=200).all(|item| !survey.duplicates.has(item)) && !survey.duplicates.has(501));
        }
    }

    #[test]
    fn the_digest_is_that_of_the_items_and_not_of_how_they_are_written() {
        let folder = tempfile::tempdir().unwrap();
        let digest = |text: &str| survey(&list(text, &folder)).unwrap().digest;
        let same = digest("u1,g\nu2,g\n");
        assert_eq!(digest("\u{feff}\"u1\";g\r\n\r\nu2;\"g\""), same);
        for other in [
            "u2,g\nu1,g\n",
            "u1,g\n",
            "u1,g\nu2,h\n",
            "u1,g\nu2,g\nu3,g\n",
            "u1g,x\nu2,g\n",
        ] {
            assert_ne!(digest(other), same, "{other}");
        }
    }

    #[test]
    fn wrong_lines_are_told_together_and_the_list_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let failure = survey(&list(&"u,\n".repeat(50), &folder)).unwrap_err();
        assert_eq!(failure.lines.len(), 11, "{:?}", failure.lines);
        assert!(
            failure.lines[0].starts_with("line 1: group_name is empty") && failure.lines[9].starts_with("line 10: ")
        );
        assert_eq!(failure.lines[10], "and more");
    }

    #[test]
    fn of_a_backups_lines_for_a_group_the_newest_that_holds_something_and_may_have_been_deleted_counts() {
        use Says::{Empty, Something, TakesBack};
        for (lines, counts) in [
            (&[Something][..], Some(0)),
            (&[Something, Something], Some(1)),
            (&[Something, Empty], Some(0)),
            (&[Empty, Empty], Some(1)),
            (&[Something, TakesBack], None),
            (&[Something, Something, TakesBack], Some(0)),
            (&[Something, TakesBack, Something], Some(2)),
            (&[Something, TakesBack, TakesBack, Empty], Some(3)),
        ] {
            assert_eq!(newest((0..).zip(lines.iter().copied())), counts, "{lines:?}");
        }
    }
}
