//! The first look at a list, before anything is sent: how many items, which of them come twice, the digest that a journal is known by.
//! Promises that a list with a wrong line is refused as a whole, and a bounded memory: a million items at a time, however long the list is.

use sha2::{Digest, Sha256};

use super::bits::Bits;
use super::input::{Item, Source, Wrong};
use crate::output::Failure;

/// Items whose keys are held at a time; each takes 24 bytes.
const AT_A_TIME: u64 = 1_000_000;
/// Wrong lines that are told one by one.
const TOLD: usize = 10;

#[derive(Debug)]
pub struct Survey {
    /// Items of the list, those that come twice included.
    pub items: u64,
    pub digest: String,
    /// All but the first of those that are the same.
    pub duplicates: Bits,
    pub first: Option<Item>,
}

pub fn survey(source: &Source) -> Result<Survey, Failure> {
    survey_by(source, AT_A_TIME)
}

fn survey_by(source: &Source, at_a_time: u64) -> Result<Survey, Failure> {
    let (mut items, mut first, mut digest) = (0, None, Sha256::new());
    let mut wrong = Vec::new();
    for item in source.items()? {
        match item {
            Ok(item) => {
                items += 1;
                digest.update(fingerprint(&item, true));
                first.get_or_insert(item);
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
    let duplicates = duplicates(source, items, at_a_time)?;
    let digest = digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
    Ok(Survey {
        items,
        digest,
        duplicates,
        first,
    })
}

/// Goes through the list once for each million of its items: those whose key falls into the part at hand are sorted and compared.
fn duplicates(source: &Source, items: u64, at_a_time: u64) -> Result<Bits, Failure> {
    let mut found = Bits::none(items);
    let parts = items.div_ceil(at_a_time).max(1);
    // Two halves of a key: as one number they would be padded to 32 bytes.
    let mut keys: Vec<(u64, u64, u32)> = Vec::with_capacity(usize::try_from(items.min(at_a_time)).unwrap_or(0));
    for part in 0..parts {
        keys.clear();
        for (number, item) in (1_u32..).zip(source.items()?) {
            let item = item.map_err(|wrong| refusal(source, &[wrong]))?;
            let hash = fingerprint(&item, false);
            let half = |at: usize| u64::from_le_bytes(hash[at..at + 8].try_into().expect("a SHA-256 has 32 bytes"));
            if half(0) % parts == part {
                keys.push((half(8), half(16), number));
            }
        }
        keys.sort_unstable();
        for pair in keys
            .windows(2)
            .filter(|pair| (pair[0].0, pair[0].1) == (pair[1].0, pair[1].1))
        {
            found.add(u64::from(pair[1].2));
        }
    }
    Ok(found)
}

/// What makes two items the same; `whole`: with what is to be put into the group.
fn fingerprint(item: &Item, whole: bool) -> [u8; 32] {
    let mut hash = Sha256::new();
    for text in [&item.account, &item.group] {
        hash.update((text.len() as u64).to_le_bytes());
        hash.update(text);
    }
    if whole && !item.conversations.is_empty() {
        hash.update(serde_json::to_vec(&item.conversations).expect("texts and numbers"));
    }
    hash.finalize().into()
}

fn refusal(source: &Source, wrong: &[Wrong]) -> Failure {
    let mut message = format!("{}: nothing was sent, because", source.path.display());
    for Wrong { line, what } in wrong.iter().take(TOLD) {
        message += &format!("\n  line {line}: {what}");
    }
    if wrong.len() > TOLD {
        message += "\n  and more";
    }
    Failure::usage(message)
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
            no_header: false,
            conversations: false,
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
        assert_eq!(digest("account,group\r\n\"u1\",g\r\n\r\nu2,g"), same);
        for other in [
            "u2,g\nu1,g\n",
            "u1,g\n",
            "u1,g\nu2,h\n",
            "u1,g\nu2,g\nu3,g\n",
            "u1g,\u{20}x\nu2,g\n",
        ] {
            assert_ne!(digest(other), same, "{other}");
        }
    }

    #[test]
    fn wrong_lines_are_told_together_and_the_list_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let failure = survey(&list(&"u,\n".repeat(50), &folder)).unwrap_err();
        assert!(
            failure.message.contains("line 1: group_name is empty"),
            "{}",
            failure.message
        );
        assert!(failure.message.contains("line 10: ") && !failure.message.contains("line 11: "));
        assert!(failure.message.ends_with("and more"));
    }
}
