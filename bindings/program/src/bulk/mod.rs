//! `bulk`: the same call for every item of a list, with a journal. Puts the parts of a run together in the order in which each may refuse it: list,
//! settings, journal, files; only then a request leaves.

mod again;
mod bits;
mod dry_run;
mod engine;
mod files;
mod job;
mod journal;
pub mod list;
mod metrics;
mod outage;
mod outcome;
mod pace;
mod report;
mod results;
mod status_line;
mod stop;
mod survey;
#[cfg(test)]
mod truncation;

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use indicatif::HumanCount;
use tencent_chat::Client;

use crate::arguments::{ClientFlags, CountedAs, DelGroups, Format, Progress, Restore, RunFlags};
use crate::exit::Exit;
use crate::given::{self, Kind};
use crate::output::{self, note, Failure};
use crate::system;
use crate::Perform;
use again::Changes;
use engine::{Run, Totals};
use files::{beside, Lines};
use job::{Create, Delete, Job};
use journal::{Header, Journal, Past};
use list::Source;
use metrics::Metrics;
use outage::Outage;
use pace::{LimitWatch, Pace};
use report::{Report, Verb};
use results::Results;
use status_line::{Counters, Shown, StatusLine};
use stop::{Reason, SignalListener, StopRequest};
use survey::Survey;

/// Above this many at once, more workers add nothing but waiting: each call has a third of a second at the service's cap.
const MOST_WORKERS: u32 = 64;
/// For a call of a run: it may wait for a slot behind all other workers.
pub const CALL_MS: u32 = 600_000;

impl Perform for DelGroups {
    fn perform(&self, settings: &ClientFlags) -> Result<Exit, Failure> {
        Work::deleting(self)?.run(settings)
    }
}

impl Perform for Restore {
    fn perform(&self, settings: &ClientFlags) -> Result<Exit, Failure> {
        Work::restoring(self)?.run(settings)
    }
}

/// A command with its files.
struct Work<'a> {
    flags: &'a RunFlags,
    source: Source,
    journal: PathBuf,
    /// What the journal calls it.
    call: String,
    verb: Verb,
    backup: Option<&'a Path>,
    missing_is_ok: bool,
    unknown_fails: bool,
    /// The list is a copy of what stdin or a pipe held.
    is_kept: bool,
}

impl<'a> Work<'a> {
    fn deleting(command: &'a DelGroups) -> Result<Work<'a>, Failure> {
        let (path, journal, is_kept) = list_and_journal(&command.input, &command.run)?;
        Ok(Work {
            flags: &command.run,
            source: Source {
                group: command.group.clone(),
                group_column: command.group_column.clone(),
                ..Source::of(path, &command.list)
            },
            journal,
            call: "del-group".into(),
            verb: Verb::Deleted,
            backup: command.backup.as_deref(),
            missing_is_ok: command.missing == CountedAs::Ok,
            unknown_fails: command.unknown == CountedAs::Fail,
            is_kept,
        })
    }

    fn restoring(command: &'a Restore) -> Result<Work<'a>, Failure> {
        let (path, journal, is_kept) = list_and_journal(&command.backup, &command.run)?;
        Ok(Work {
            flags: &command.run,
            source: Source {
                path,
                format: Format::Jsonl,
                group: None,
                account_column: None,
                group_column: None,
                header: None,
                delimiter: None,
                is_backup: true,
            },
            journal,
            call: "restore".into(),
            verb: Verb::Restored,
            backup: None,
            missing_is_ok: true,
            unknown_fails: true,
            is_kept,
        })
    }

    fn run(&self, settings: &ClientFlags) -> Result<Exit, Failure> {
        let ended = self.go(settings);
        if ended.is_err() && self.is_kept {
            // Nothing was sent, so there is no run to continue. If the kept list cannot be removed, the first error matters more.
            let _ = std::fs::remove_file(&self.source.path);
        }
        ended
    }

    fn go(&self, settings: &ClientFlags) -> Result<Exit, Failure> {
        let survey = survey::survey(&self.source)?;
        let client = self.client(settings)?;
        if survey.items == 0 {
            return Ok(self.nothing_to_do(settings, &survey));
        }
        let header = self.header(settings, &survey)?;
        match self.flags.dry_run {
            true => self.preview(settings, &client, &survey, &header),
            false => self.perform(settings, &client, survey, &header),
        }
    }

    fn workers(&self) -> u32 {
        self.flags
            .workers
            .unwrap_or_else(|| self.flags.rate.div_ceil(2).clamp(1, MOST_WORKERS))
    }

    fn client(&self, settings: &ClientFlags) -> Result<Client, Failure> {
        let mut config = settings.config()?;
        config.set_max_connections(self.workers())?;
        config.set_timeout_ms(CALL_MS)?;
        if settings.verbose && self.flags.progress == Progress::Json {
            config.on_attempt(output::attempt_object);
        }
        let client = Client::new(&config)?;
        // Not the configuration's: where a limit is shared, that is the limit of all, and this run's pace stands before it.
        client.set_rate_limit(self.flags.rate)?;
        Ok(client)
    }

    fn header(&self, settings: &ClientFlags, survey: &Survey) -> Result<Header, Failure> {
        Ok(Header {
            call: self.call.clone(),
            sdk_app_id: settings.app.sdk_app_id()?,
            backup: self.backup.is_some(),
            items: survey.items,
            digest: survey.digest.clone(),
        })
    }

    fn perform(
        &self,
        settings: &ClientFlags,
        client: &Client,
        survey: Survey,
        header: &Header,
    ) -> Result<Exit, Failure> {
        let at_once = self.flags.sync_every == 0;
        let metrics = self.flags.metrics.as_deref().map(Metrics::listen).transpose()?;
        let (journal, mut past) = Journal::open(&self.journal, header, at_once)?;
        past.leave_out(&survey.duplicates);
        if self.flags.retry_failed {
            journal
                .retry(&mut past)
                .map_err(|error| Failure::file(&self.journal, &error))?;
        }
        let results = self.flags.results.as_deref().map(Results::open).transpose()?;
        let log = self.flags.log_file.as_deref();
        let log = log.map(|path| Lines::open(path, "20", false)).transpose()?;
        let job = self.job(at_once)?;
        let (stop, pace) = (
            StopRequest::default(),
            Pace::new(beside(&self.journal, "rate"), self.flags.rate),
        );
        let work = survey.items - survey.duplicates.count();
        let shown = Shown::by(self.flags.progress, self.flags.quiet, settings.verbose);
        let status_line = StatusLine::new(work, past.tally.total(), shown, log);
        if let Some(metrics) = &metrics {
            status_line.say(&format!("the numbers of the run are at {}", metrics.url()));
        }
        self.tell_past(&past, work, &status_line);
        pace.look(client, &status_line);
        let limit = LimitWatch::new(&status_line, settings.shared_limit_fallback.unwrap_or(0));
        let outage = Outage::new(Duration::from_secs(self.flags.max_outage), &status_line);
        let run = Run {
            client,
            job: &*job,
            source: &self.source,
            blocks: &survey.blocks,
            journal: &journal,
            results: results.as_ref(),
            stop: &stop,
            status_line: &status_line,
            pace: Some(&pace),
            limit_watch: settings.shares_a_limit()?.then_some(&limit),
            outage: &outage,
            metrics: metrics.as_ref(),
            items: work,
            workers: self.workers() as usize,
            limit: self.flags.limit,
            max_failures: self.flags.max_failures,
            unknown_fails: self.unknown_fails,
            sync_every: Duration::from_secs(self.flags.sync_every.max(1).into()),
        };
        let totals = thread::scope(|scope| {
            let listener = SignalListener::listen(scope, &stop, &status_line)
                .map_err(|error| Failure::new(Exit::Failed, format!("signals: {}", output::why(&error))))?;
            if let Some(metrics) = &metrics {
                scope.spawn(|| metrics.serve(client));
            }
            let totals = run.go(past, &survey.duplicates);
            metrics.iter().for_each(Metrics::end);
            drop(listener);
            Ok::<_, Failure>(totals)
        })?;
        status_line.end();
        let report = Report {
            verb: self.verb,
            items: survey.items,
            duplicates: survey.duplicates.count(),
            totals: &totals,
            reason: stop.reason(),
            unknown_fails: self.unknown_fails,
            took: status_line.took(),
            counters: run.counters(),
        };
        report.print(settings.app.json);
        let again = again::again(&Changes {
            list: self.is_kept.then_some(&self.source.path),
            without_limit: report.reason == Some(Reason::Limit),
            journal: (report.reason == Some(Reason::Changed)).then(|| again::another(&self.journal)),
        });
        report.ending(&again).iter().for_each(|line| status_line.say(line));
        Ok(report.exit())
    }

    fn job(&self, at_once: bool) -> Result<Box<dyn Job>, Failure> {
        if self.verb == Verb::Restored {
            return Ok(Box::new(Create));
        }
        let backup = self
            .backup
            .map(|path| Lines::open(path, "{\"account\":", at_once))
            .transpose()?;
        Ok(Box::new(Delete {
            backup,
            missing_is_ok: self.missing_is_ok,
        }))
    }

    /// What the journal knows of earlier runs. Where nothing is left to do, somebody may have meant to begin anew.
    fn tell_past(&self, past: &Past, work: u64, status_line: &StatusLine) {
        let (ended, doubt) = (past.ended.count(), past.doubt.count());
        if ended + doubt == 0 {
            return;
        }
        let journal = self.journal.display();
        if ended == work && doubt == 0 {
            let again = again::quoted(self.journal.as_os_str());
            status_line.say(&format!(
                "{journal}: this list is finished, nothing is sent; to start over, remove its journal: {} {again}",
                system::REMOVE
            ));
        } else if !self.flags.quiet {
            status_line.say(&format!(
                "{journal}: going on; {} of {} are done, {} in doubt",
                HumanCount(ended),
                HumanCount(work),
                HumanCount(doubt),
            ));
        }
    }

    /// A list without items is done as it stands: whoever makes lists by a program need not count.
    fn nothing_to_do(&self, settings: &ClientFlags, survey: &Survey) -> Exit {
        if self.is_kept {
            // A copy of nothing; the next run has another.
            let _ = std::fs::remove_file(&self.source.path);
        }
        note(&format!("{}: there is no item in it", self.source.path.display()));
        Report {
            verb: self.verb,
            items: 0,
            duplicates: 0,
            totals: &Totals::of(Past::none(survey.items)),
            reason: None,
            unknown_fails: self.unknown_fails,
            took: Duration::ZERO,
            counters: Counters::default(),
        }
        .print(settings.app.json);
        Exit::Ok
    }
}

/// The list, its journal, and whether the list is a copy of what can be read only once.
fn list_and_journal(input: &Path, flags: &RunFlags) -> Result<(PathBuf, PathBuf, bool), Failure> {
    let is_stdin = input == Path::new("-");
    if !is_stdin && given::kind(input)? == Kind::File {
        let journal = flags.journal.clone().unwrap_or_else(|| beside(input, "journal"));
        return Ok((input.to_owned(), journal, false));
    }
    let Some(journal) = flags.journal.clone() else {
        let what = if is_stdin { "stdin" } else { "a pipe" };
        return Err(Failure::usage(format!(
            "a list from {what} has no name that a journal could be called by: give --journal"
        )));
    };
    let mut path = beside(&journal, "input");
    // By its ending the list is known for what it is.
    if let Some(ending) = input.extension().filter(|_| !is_stdin) {
        path.as_mut_os_string().extend([".".as_ref(), ending]);
    }
    keep(input, &path)?;
    Ok((path, journal, true))
}

/// What stdin or a pipe holds, kept in a file beside the journal: a list is read more than once. It has its name only when it is whole.
fn keep(input: &Path, path: &Path) -> Result<(), Failure> {
    if path.symlink_metadata().is_ok() {
        return Err(Failure::usage(format!(
            "{}: what an earlier run read from its input; continue that run by naming this file instead, or remove it",
            path.display()
        )));
    }
    let part = beside(path, "part");
    let told = |error: io::Error| Failure::file(&part, &error);
    let mut from: Box<dyn io::Read> = match input == Path::new("-") {
        true => {
            given::stdin_is_free()?;
            Box::new(io::stdin().lock())
        }
        false => Box::new(given::open(input)?),
    };
    match std::fs::remove_file(&part) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(told(error)),
        _ => {}
    }
    let mut options = File::options();
    options.write(true).create_new(true);
    let mut file = system::private(&mut options).open(&part).map_err(told)?;
    let kept = io::copy(&mut from, &mut file).and_then(|_| file.sync_all());
    drop(file);
    let kept = kept.and_then(|()| std::fs::rename(&part, path));
    kept.map_err(|error| {
        // What is there of it is of no use.
        let _ = std::fs::remove_file(&part);
        told(error)
    })
}
