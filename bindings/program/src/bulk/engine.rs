//! Runs the calls of a list: one reader, a bounded queue, workers. An item is in the journal before its request leaves, and has its line when the run
//! ends by anything but a kill. Memory grows by a few bits an item only.

use std::collections::BTreeMap;
use std::sync::mpsc::{sync_channel, Receiver, RecvTimeoutError, SyncSender};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use tencent_chat::error::{is_fatal, CHAT_ERR_CANCELLED, CHAT_ERR_TLS};
use tencent_chat::{CallOptions, Client};

use super::bits::Bits;
use super::job::{Calls, Finished, Job};
use super::journal::{Journal, Past};
use super::list::{Item, Source, Wrong};
use super::metrics::Metrics;
use super::outage::{Outage, Rounds};
use super::outcome::{Outcome, Tally};
use super::pace::{LimitWatch, Pace, Rate};
use super::results::Results;
use super::status_line::{Counters, Moment, StatusLine};
use super::stop::{Reason, StopRequest};
use super::survey::{fingerprint, Block, BLOCK};
use crate::exit::is_throttle;

/// How often an item is tried again that the service throttled in spite of the client's own repeats, which slow the client down each time.
const THROTTLED_ROUNDS: usize = 5;
const TICK: Duration = Duration::from_millis(100);

/// What a run needs to know.
pub struct Run<'a> {
    pub client: &'a Client,
    pub job: &'a dyn Job,
    pub source: &'a Source,
    /// What the first look saw in each block of the list.
    pub blocks: &'a [u64],
    pub journal: &'a Journal,
    pub results: Option<&'a Results>,
    pub stop: &'a StopRequest,
    pub status_line: &'a StatusLine,
    pub pace: Option<&'a Pace>,
    /// Where the run shares its limit with others.
    pub limit_watch: Option<&'a LimitWatch<'a>>,
    pub outage: &'a Outage<'a>,
    pub metrics: Option<&'a Metrics>,
    /// Those of the list that are work.
    pub items: u64,
    pub workers: usize,
    pub limit: Option<u64>,
    /// 0: no end to them.
    pub max_failures: u64,
    /// Whether an account that Chat does not know is a failure.
    pub unknown_fails: bool,
    /// Between two syncs of the files.
    pub sync_every: Duration,
}

/// What a run came to, with all runs before it.
#[derive(Clone, Debug)]
pub struct Totals {
    pub tally: Tally,
    pub doubt: Bits,
    /// Failures of this run by code, the ones that are not final included.
    pub failures: BTreeMap<i32, u64>,
    /// Items of this run that ended well.
    pub good: u64,
    /// Requests of this run.
    pub attempts: u64,
}

impl Totals {
    /// Before a run that has this past.
    pub fn of(past: Past) -> Totals {
        Totals {
            tally: past.tally,
            doubt: past.doubt,
            failures: BTreeMap::new(),
            good: 0,
            attempts: 0,
        }
    }
}

struct Task {
    number: u64,
    in_doubt: bool,
    item: Item,
}

impl Run<'_> {
    /// Goes through what the past left open. `skip`: items that are no work, such as duplicates.
    pub fn go(&self, mut past: Past, skip: &Bits) -> Totals {
        let mut closed = std::mem::replace(&mut past.ended, Bits::none(0));
        closed.add_all(skip);
        let totals = Mutex::new(Totals::of(past));
        let (ended, end) = sync_channel::<()>(0);
        thread::scope(|scope| {
            let (sender, receiver) = sync_channel(self.workers);
            let receiver = Mutex::new(receiver);
            scope.spawn({
                let totals = &totals;
                move || self.keep_time(totals, &end)
            });
            thread::scope(|workers| {
                for _ in 0..self.workers {
                    workers.spawn(|| self.work(&receiver, &totals));
                }
                self.feed(sender, &closed, &totals);
            });
            drop(ended);
        });
        self.sync();
        let totals = totals.into_inner().unwrap_or_else(PoisonError::into_inner);
        self.status_line.show_last(&self.moment(&totals));
        totals
    }

    /// Reads the list and hands out what is open, a batch at a time; nothing of a block that is not as it was at the first look.
    fn feed(&self, queue: SyncSender<Task>, closed: &Bits, totals: &Mutex<Totals>) {
        let mut items = match self.source.list() {
            Ok(list) => list.items,
            // It could be read a moment ago.
            Err(_) => return self.stop.ask(Reason::Changed),
        };
        let mut batch = Vec::with_capacity(self.workers);
        let (mut read, mut fed) = (0, 0);
        for mark in self.blocks {
            let Some(block) = block_as_it_was(&mut items, *mark) else {
                return self.stop.ask(Reason::Changed);
            };
            for item in block {
                read += 1;
                if closed.has(read) {
                    continue;
                }
                if self.limit == Some(fed) {
                    self.hand_out(&mut batch, &queue, totals);
                    return self.stop.at_limit();
                }
                fed += 1;
                batch.push((read, item));
                if batch.len() == self.workers && !self.hand_out(&mut batch, &queue, totals) {
                    return;
                }
            }
        }
        self.hand_out(&mut batch, &queue, totals);
        if items.next().is_some() {
            self.stop.ask(Reason::Changed);
        }
    }

    /// Whether there is any use in reading on.
    fn hand_out(&self, batch: &mut Vec<(u64, Item)>, queue: &SyncSender<Task>, totals: &Mutex<Totals>) -> bool {
        let (Some((first, _)), Some((last, _))) = (batch.first(), batch.last()) else {
            return true;
        };
        if self.stop.is_asked() {
            return false;
        }
        if let Err(error) = self.journal.start(*first, *last) {
            self.stop.broken(self.journal.path(), &error);
            return false;
        }
        for (number, item) in batch.drain(..) {
            let in_doubt = lock(totals).doubt.has(number);
            // The workers take every item, also to give it back, so this never waits for long.
            if queue.send(Task { number, in_doubt, item }).is_err() {
                return false;
            }
        }
        true
    }

    fn work(&self, queue: &Mutex<Receiver<Task>>, totals: &Mutex<Totals>) {
        let mut options = CallOptions::default();
        options.set_cancel(Some(&self.stop.cancel));
        loop {
            // The lock is held while waiting: the others wait for it instead of the queue.
            let task = match queue.lock().unwrap_or_else(PoisonError::into_inner).recv() {
                Ok(task) => task,
                Err(_) => return,
            };
            if self.stop.is_asked() {
                self.give_back(&task);
                continue;
            }
            let worked = lock(totals).good > 0;
            match self.perform(&task, &options, worked) {
                Some(finished) => self.record(&task, finished, totals),
                None => self.give_back(&task),
            }
        }
    }

    /// `None` where nothing was sent.
    fn perform(&self, task: &Task, options: &CallOptions, worked: bool) -> Option<Finished> {
        let mut calls = Calls {
            client: self.client,
            options,
            attempts: 0,
            limit: self.limit_watch,
        };
        let (mut round, mut rounds, mut last) = (1, Rounds::default(), None);
        let mut in_doubt = task.in_doubt;
        while self.outage.let_through(&mut rounds, self.stop) {
            let mut finished = self.job.perform(&task.item, in_doubt, &mut calls);
            // What one round left in doubt, none of the later ones settles by not being sent.
            in_doubt |= matches!(finished.outcome, Outcome::Doubt(_));
            if let (true, Outcome::Open(code)) = (in_doubt && !task.in_doubt, finished.outcome) {
                finished.outcome = Outcome::Doubt(code);
            }
            if finished.unreached || (finished.code == CHAT_ERR_TLS && worked) {
                if !self
                    .outage
                    .met(&mut rounds, finished.code, &finished.message, self.stop)
                {
                    return Some(finished);
                }
                last = Some(finished);
                continue;
            }
            if finished.code != CHAT_ERR_CANCELLED {
                self.outage.answered(&mut rounds);
            }
            let throttled = matches!(finished.outcome, Outcome::Open(code) | Outcome::Doubt(code) if is_throttle(code));
            if !throttled || round == THROTTLED_ROUNDS || self.stop.is_asked() {
                return Some(finished);
            }
            (round, last) = (round + 1, Some(finished));
        }
        last
    }

    /// An item that was not sent. Where an earlier run left it in doubt, it stays so.
    fn give_back(&self, task: &Task) {
        if !task.in_doubt {
            if let Err(error) = self.journal.end(task.number, Outcome::Open(0)) {
                self.stop.broken(self.journal.path(), &error);
            }
        }
    }

    /// Records an item: the results first, so that an item that the journal knows to be done has its line there. One whose line cannot be written
    /// is in doubt: the next run asks again, and writes it.
    fn record(&self, task: &Task, finished: Finished, totals: &Mutex<Totals>) {
        let mut finished = self.judged(finished, lock(totals).good > 0);
        if finished.broken {
            self.stop.ask(Reason::Broken(finished.message.clone()));
        }
        if let Some(results) = self.results {
            if let Err(error) = results.write(&task.item, &finished) {
                self.stop.broken(results.path(), &error);
                if !matches!(finished.outcome, Outcome::Open(_)) {
                    finished.outcome = Outcome::Doubt(finished.code);
                }
            }
        }
        match finished.outcome {
            Outcome::Open(_) => self.give_back(task),
            outcome => {
                if let Err(error) = self.journal.end(task.number, outcome) {
                    self.stop.broken(self.journal.path(), &error);
                }
            }
        }
        self.enter(task, &finished, &mut lock(totals));
    }

    /// A code that condemns the settings says nothing about the item. A broken handshake does so only while nothing has worked yet.
    fn judged(&self, mut finished: Finished, worked: bool) -> Finished {
        let condemned = is_fatal(finished.code) && !(finished.code == CHAT_ERR_TLS && worked);
        if condemned && !matches!(finished.outcome, Outcome::Done) {
            self.stop
                .ask(Reason::Condemned(finished.code, finished.message.clone()));
            if let Outcome::Failed(code) = finished.outcome {
                finished.outcome = Outcome::Open(code);
            }
        }
        finished
    }

    fn enter(&self, task: &Task, finished: &Finished, totals: &mut Totals) {
        totals.attempts += finished.attempts as u64;
        totals.tally.count(finished.outcome);
        match finished.outcome {
            Outcome::Doubt(_) => totals.doubt.add(task.number),
            Outcome::Open(_) => false,
            _ => totals.doubt.remove(task.number),
        };
        let failure = match finished.outcome {
            Outcome::Failed(code) | Outcome::Doubt(code) | Outcome::Open(code) => Some(code),
            Outcome::Unknown if self.unknown_fails => Some(finished.code),
            _ => None,
        };
        match failure {
            None => totals.good += 1,
            // What we stopped ourselves is no failure of the item's.
            Some(_) if finished.broken || self.stop.is_asked() => {}
            Some(code) => {
                *totals.failures.entry(code).or_default() += 1;
                self.status_line.failed(task.number, &task.item, finished);
                if self.max_failures > 0 && totals.failures.values().sum::<u64>() >= self.max_failures {
                    self.stop.ask(Reason::Failures);
                }
            }
        }
    }

    /// What goes on beside the calls: the disk, the status line, the pace.
    fn keep_time(&self, totals: &Mutex<Totals>, end: &Receiver<()>) {
        let mut synced = Instant::now();
        while end.recv_timeout(TICK) == Err(RecvTimeoutError::Timeout) {
            if synced.elapsed() >= self.sync_every {
                self.sync();
                synced = Instant::now();
            }
            if let Some(pace) = self.pace {
                pace.look(self.client, self.status_line);
            }
            let totals = lock(totals);
            let moment = self.moment(&totals);
            self.status_line.show(&moment);
            if let Some(metrics) = self.metrics {
                metrics.update(self.items, &moment);
            }
        }
    }

    fn moment<'t>(&self, totals: &'t Totals) -> Moment<'t> {
        let waiting = self.outage.waiting();
        let asked = self.pace.map_or(0, Pace::asked);
        let fallback = self.limit_watch.and_then(LimitWatch::fallback);
        let code = waiting.as_ref().map(|waiting| waiting.code);
        Moment {
            tally: &totals.tally,
            doubt: totals.doubt.count(),
            counters: self.counters(),
            rate: Rate::new(asked, self.client.slowed_to(), fallback, code),
            waiting,
        }
    }

    pub fn counters(&self) -> Counters {
        let stats = self.client.stats();
        Counters {
            attempts: stats.get("attempts"),
            repeats: stats.get("retries"),
            throttles: stats.get("throttle_answers"),
            fallback: self.limit_watch.map_or(0, LimitWatch::calls_by_fallback),
            outages: self.outage.past(),
        }
    }

    /// The journal last: what it says is done stands in the other files.
    fn sync(&self) {
        if let Err((path, error)) = self.job.sync() {
            self.stop.broken(path, &error);
        }
        if let Some((results, Err(error))) = self.results.map(|results| (results, results.sync())) {
            self.stop.broken(results.path(), &error);
        }
        if let Err(error) = self.journal.sync() {
            self.stop.broken(self.journal.path(), &error);
        }
    }
}

/// The next items of a list, if they are those that the mark stands for.
fn block_as_it_was(items: &mut dyn Iterator<Item = Result<Item, Wrong>>, mark: u64) -> Option<Vec<Item>> {
    let (mut block, mut seen) = (Vec::with_capacity(BLOCK), Block::default());
    for item in items.take(BLOCK) {
        let item = item.ok()?;
        let print = fingerprint(&item, true);
        block.push(item);
        if let Some(whole) = seen.take(&print) {
            return (whole == mark).then_some(block);
        }
    }
    (seen.end() == Some(mark)).then_some(block)
}

fn lock(totals: &Mutex<Totals>) -> MutexGuard<'_, Totals> {
    totals.lock().unwrap_or_else(PoisonError::into_inner)
}
