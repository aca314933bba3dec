//! The proof of the journal: a run of 200 items is cut at every byte of its journal, as by a kill or a loss of power at that moment. Each cut is
//! opened, and must be the same journal as the cut at the end of the line before; one cut of every line is gone on with, against the emulator.
//! Nothing is lost, nothing is done twice that was known to be done, and every report adds up.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use chat_emulator::{Config as Emulation, Emulator, State, DEFAULT_ADMIN, DEFAULT_SDK_APP_ID, DEFAULT_SECRET_KEY};
use tencent_chat::{Client, Config};

use super::bits::Bits;
use super::engine::{Run, Totals};
use super::job::Delete;
use super::journal::{Header, Journal, Past};
use super::list::Source;
use super::outage::Outage;
use super::status_line::{Shown, StatusLine};
use super::stop::StopRequest;
use super::survey::survey;
use crate::arguments::Format;

const ITEMS: u64 = 200;

struct Stage {
    emulator: Emulator,
    client: Client,
    source: Source,
    journal: PathBuf,
    _folder: tempfile::TempDir,
}

fn account(item: u64) -> String {
    format!("user_{item:04}")
}

/// A service in which these items still have their group.
fn state(items: impl Iterator<Item = u64>) -> State {
    let with: BTreeSet<u64> = items.collect();
    let accounts = (1..=ITEMS).map(|item| {
        let groups = if with.contains(&item) {
            r#"{"groups":[{"id":1,"name":"retired"}]}"#
        } else {
            "{}"
        };
        format!("{:?}:{groups}", account(item))
    });
    let json = format!("{{\"accounts\":{{{}}}}}", accounts.collect::<Vec<_>>().join(","));
    State::from_json(json.as_bytes()).unwrap()
}

impl Stage {
    fn set() -> Stage {
        let emulator = Emulator::start(Emulation::default()).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let list: String = (1..=ITEMS).map(|item| account(item) + "\n").collect();
        fs::write(folder.path().join("accounts.txt"), list).unwrap();
        let mut config = Config::default();
        config.set_base_url(emulator.url()).unwrap();
        config.set_sdk_app_id(DEFAULT_SDK_APP_ID).unwrap();
        config.set_identifier(DEFAULT_ADMIN).unwrap();
        config.set_secret_key(DEFAULT_SECRET_KEY).unwrap();
        config.set_rate_limit(0).unwrap();
        Stage {
            client: Client::new(&config).unwrap(),
            emulator,
            source: Source {
                path: folder.path().join("accounts.txt"),
                format: Format::Lines,
                group: Some("retired".into()),
                account_column: None,
                group_column: None,
                header: None,
                delimiter: None,
                is_backup: false,
            },
            journal: folder.path().join("journal"),
            _folder: folder,
        }
    }

    fn header() -> Header {
        Header {
            call: "del-group".into(),
            sdk_app_id: DEFAULT_SDK_APP_ID,
            backup: false,
            items: ITEMS,
            digest: "d".into(),
        }
    }

    fn past(&self) -> Past {
        Journal::peek(&self.journal, &Self::header())
            .unwrap()
            .unwrap_or_else(|| Past::none(ITEMS))
    }

    /// Begins or goes on with the run, to its end.
    fn run(&self, workers: usize) -> Totals {
        let (journal, past) = Journal::open(&self.journal, &Self::header(), false).unwrap();
        let status_line = StatusLine::new(ITEMS, 0, Shown::Nothing, None);
        let (stop, outage) = (StopRequest::default(), Outage::new(Duration::ZERO, &status_line));
        let run = Run {
            client: &self.client,
            job: &Delete {
                backup: None,
                missing_is_ok: true,
            },
            source: &self.source,
            blocks: &survey(&self.source).unwrap().blocks,
            journal: &journal,
            results: None,
            stop: &stop,
            status_line: &status_line,
            pace: None,
            limit_watch: None,
            outage: &outage,
            metrics: None,
            items: ITEMS,
            workers,
            limit: None,
            max_failures: 0,
            unknown_fails: true,
            sync_every: Duration::from_secs(3_600),
        };
        let totals = run.go(past, &Bits::none(ITEMS));
        assert_eq!(stop.reason(), None);
        totals
    }

    /// How often each item was asked for since the log was emptied.
    fn asked(&self) -> BTreeMap<u64, usize> {
        let mut asked = BTreeMap::new();
        for request in self.emulator.requests() {
            let body: serde_json::Value = serde_json::from_str(&request.body).unwrap();
            let item = body["From_Account"].as_str().unwrap()[5..].parse().unwrap();
            *asked.entry(item).or_default() += 1;
        }
        asked
    }

    fn groups_left(&self) -> usize {
        self.emulator
            .state()
            .accounts
            .values()
            .map(|account| account.groups.len())
            .sum()
    }
}

/// The journal of a run of 200 items, with what came between: a failure, an item in doubt, one that was given back.
fn whole_journal(stage: &Stage) -> Vec<u8> {
    stage
        .emulator
        .load_state(state((1..=ITEMS).filter(|item| item % 10 != 0)))
        .unwrap();
    let totals = stage.run(16);
    assert_eq!((totals.tally.done, totals.tally.missing), (180, 20));
    fs::read(&stage.journal).unwrap()
}

/// Goes on with a journal that was cut, where the items that `present` says still have their group.
fn go_on(stage: &Stage, cut: &[u8], present: impl Fn(&Past, u64) -> bool) {
    fs::write(&stage.journal, cut).unwrap();
    let past = stage.past();
    let present: BTreeSet<u64> = (1..=ITEMS).filter(|item| present(&past, *item)).collect();
    stage.emulator.load_state(state(present.iter().copied())).unwrap();
    stage.emulator.forget_requests();
    let totals = stage.run(8);

    let open: BTreeSet<u64> = (1..=ITEMS).filter(|item| !past.ended.has(*item)).collect();
    let asked = stage.asked();
    assert!(asked.values().all(|times| *times == 1), "an item is asked for once");
    assert_eq!(
        asked.into_keys().collect::<BTreeSet<u64>>(),
        open,
        "what has ended is left alone, everything else is done"
    );
    assert_eq!(stage.groups_left(), 0, "no group is forgotten");

    let (tally, before) = (&totals.tally, &past.tally);
    assert_eq!((tally.total(), totals.doubt.count()), (ITEMS, 0), "the report adds up");
    assert_eq!(
        tally.done - before.done,
        present.len() as u64,
        "each group that was there is counted as deleted"
    );
    let gone_in_doubt = open
        .iter()
        .filter(|item| past.doubt.has(**item) && !present.contains(item))
        .count() as u64;
    assert_eq!(
        tally.already - before.already,
        gone_in_doubt,
        "what was begun and is gone was deleted by the run before"
    );
    let again = stage.past();
    assert_eq!(
        (again.ended.count(), again.tally),
        (ITEMS, tally.clone()),
        "the journal says the same"
    );
}

/// Opens a journal that was cut: what it says, and what is left of its file.
fn opened(stage: &Stage, cut: &[u8]) -> (Past, Vec<u8>) {
    fs::write(&stage.journal, cut).unwrap();
    let peeked = stage.past();
    let (_, past) = Journal::open(&stage.journal, &Stage::header(), false).unwrap();
    assert_eq!(peeked, past, "a look says the same as going on");
    (past, fs::read(&stage.journal).unwrap())
}

#[test]
fn a_run_goes_on_from_its_journal_cut_at_every_byte_and_nothing_is_lost() {
    let stage = Stage::set();
    let journal = whole_journal(&stage);
    let (mut start, mut cuts, mut runs) = (0, 0, 0);
    for line in journal.split_inclusive(|byte| *byte == b'\n') {
        let (past, left) = opened(&stage, &journal[..start]);
        assert!(start == 0 || left == journal[..start], "whole lines are kept");
        for length in 0..line.len() {
            let cut = &journal[..start + length];
            assert_eq!(opened(&stage, cut), (past.clone(), left.clone()), "{}", cut.len());
            cuts += 1;
        }
        // In turn: nothing of what is open had reached the service; all of it had; every second item had.
        go_on(&stage, &journal[..start + runs % line.len()], |past, item| {
            !past.ended.has(item)
                && match runs % 3 {
                    0 => true,
                    1 => false,
                    _ => item % 2 == 0,
                }
        });
        (start, runs) = (start + line.len(), runs + 1);
    }
    go_on(&stage, &journal, |past, item| !past.ended.has(item));
    assert_eq!(cuts, journal.len());
}

#[test]
fn a_second_cut_in_the_run_that_went_on_loses_nothing_either() {
    let stage = Stage::set();
    let journal = whole_journal(&stage);
    go_on(&stage, &journal[..journal.len() / 2], |past, item| {
        !past.ended.has(item) && item % 3 == 0
    });
    let journal = fs::read(&stage.journal).unwrap();
    for cut in (journal.len() / 2..journal.len()).step_by(29) {
        go_on(&stage, &journal[..cut], |past, item| {
            !past.ended.has(item) && item % 2 == 0
        });
    }
}

#[test]
fn garbage_behind_a_cut_as_a_loss_of_power_leaves_it_is_dropped() {
    let stage = Stage::set();
    let journal = whole_journal(&stage);
    for (cut, tail) in [(700, &[0; 4_096][..]), (900, b"\n\n\n"), (1_100, b"\xff\xfe ok 1\0\n")] {
        let mut cut = journal[..cut].to_vec();
        cut.extend_from_slice(tail);
        go_on(&stage, &cut, |past, item| !past.ended.has(item));
    }
    assert!(Path::new(&stage.journal).exists());
}
