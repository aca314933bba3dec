//! `bulk`: the same call for every item of a list, with a journal. Puts the parts of a run together in the order in which each may refuse it: list,
//! settings, journal, files; only then a request leaves.

mod bits;
mod engine;
mod files;
mod input;
mod job;
mod journal;
mod outcome;
mod pace;
mod progress;
mod report;
mod results;
mod stop;
mod survey;
#[cfg(test)]
mod truncation;

use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use indicatif::{HumanCount, HumanDuration};
use serde_json::json;
use tencent_chat::endpoints::get_contact_group::GetContactGroup;
use tencent_chat::error::{CHAT_OK, CHAT_SERVICE_ACCOUNT_NOT_IMPORTED};
use tencent_chat::{CallOptions, Client};

use crate::arguments::{Bulk, DelGroups, Format, Restore, RunFlags, Settings, Verdict};
use crate::exit::Exit;
use crate::output::{self, note, Failure};
use engine::Run;
use files::{beside, Lines};
use input::Source;
use job::{Create, Delete, Job};
use journal::{Header, Journal, Past};
use pace::Pace;
use progress::Progress;
use report::{Report, Verb};
use results::Results;
use stop::{Ear, Reason, Stop};
use survey::Survey;

/// Above this many at once, more workers add nothing but waiting: each call has a third of a second at the service's cap.
const MOST_WORKERS: u32 = 64;
/// For a call of a run: it may wait for a slot behind all other workers.
const CALL_MS: u32 = 600_000;

pub fn run(settings: &Settings, command: &Bulk) -> Result<Exit, Failure> {
    let work = match command {
        Bulk::DelGroup(command) => Work::deleting(command)?,
        Bulk::Restore(command) => Work::restoring(command)?,
    };
    let ended = work.go(settings);
    if ended.is_err() && work.from_stdin {
        // Nothing was sent, so nobody has to go on with it; that it may stay behind is less bad than what went wrong.
        let _ = std::fs::remove_file(&work.source.path);
    }
    ended
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
    /// What stdin held is in a file now.
    from_stdin: bool,
}

impl<'a> Work<'a> {
    fn deleting(command: &'a DelGroups) -> Result<Work<'a>, Failure> {
        let (path, journal, from_stdin) = list(&command.input, &command.run)?;
        Ok(Work {
            flags: &command.run,
            source: Source {
                path,
                format: command.format,
                group: command.group.clone(),
                account_column: command.account_column.clone(),
                group_column: command.group_column.clone(),
                no_header: command.no_header,
                conversations: false,
            },
            journal,
            call: "del-group".into(),
            verb: Verb::Deleted,
            backup: command.backup.as_deref(),
            missing_is_ok: command.missing == Verdict::Ok,
            unknown_fails: command.unknown == Verdict::Fail,
            from_stdin,
        })
    }

    fn restoring(command: &'a Restore) -> Result<Work<'a>, Failure> {
        let (path, journal, from_stdin) = list(&command.backup, &command.run)?;
        Ok(Work {
            flags: &command.run,
            source: Source {
                path,
                format: Format::Jsonl,
                group: None,
                account_column: None,
                group_column: None,
                no_header: false,
                conversations: true,
            },
            journal,
            call: "restore".into(),
            verb: Verb::Restored,
            backup: None,
            missing_is_ok: true,
            unknown_fails: true,
            from_stdin,
        })
    }

    fn go(&self, settings: &Settings) -> Result<Exit, Failure> {
        let survey = survey::survey(&self.source)?;
        if survey.items == 0 {
            return Err(Failure::usage(format!(
                "{}: there is no item in it",
                self.source.path.display()
            )));
        }
        let client = self.client(settings)?;
        let header = self.header(settings, &survey)?;
        match self.flags.dry_run {
            true => self.rehearse(settings, &client, &survey, &header),
            false => self.perform(settings, &client, survey, &header),
        }
    }

    fn workers(&self) -> u32 {
        self.flags
            .workers
            .unwrap_or_else(|| self.flags.rate.div_ceil(2).clamp(1, MOST_WORKERS))
    }

    fn client(&self, settings: &Settings) -> Result<Client, Failure> {
        let mut config = settings.config()?;
        config.set_max_connections(self.workers())?;
        config.set_timeout_ms(CALL_MS)?;
        let client = Client::new(&config)?;
        // Not the configuration's: where a limit is shared, that is the limit of all, and this run's pace stands before it.
        client.set_rate_limit(self.flags.rate)?;
        Ok(client)
    }

    fn header(&self, settings: &Settings, survey: &Survey) -> Result<Header, Failure> {
        Ok(Header {
            call: self.call.clone(),
            sdk_app_id: settings.sdk_app_id()?,
            backup: self.backup.is_some(),
            items: survey.items,
            digest: survey.digest.clone(),
        })
    }

    /// `--dry-run`: what would happen, and whether the settings work.
    fn rehearse(
        &self,
        settings: &Settings,
        client: &Client,
        survey: &Survey,
        header: &Header,
    ) -> Result<Exit, Failure> {
        let past = Journal::peek(&self.journal, header)?.unwrap_or_else(|| Past::none(survey.items));
        let duplicates = survey.duplicates.count();
        let open = survey.items - duplicates - past.ended.count();
        let sent = open.min(self.flags.limit.unwrap_or(u64::MAX));
        let time = Duration::from_secs(sent.div_ceil(u64::from(self.flags.rate)));
        let first = survey.first.as_ref().expect("a list without items is refused");
        let response = client.call(&GetContactGroup::new(&first.account, 0), &CallOptions::default());
        if self.from_stdin {
            std::fs::remove_file(&self.source.path).map_err(|error| Failure::file(&self.source.path, &error))?;
        }
        if settings.json {
            let call = output::object(&response);
            let object = json!({"items": survey.items, "duplicates": duplicates, "done": past.ended.count(), "to_do": sent,
                "rate": self.flags.rate, "seconds": time.as_secs(), "call": {"code": call["code"], "message": call["message"]}});
            output::result(object.to_string());
        } else {
            output::result(format!("items       {:>10}", HumanCount(survey.items).to_string()));
            output::result(format!("duplicates  {:>10}", HumanCount(duplicates).to_string()));
            output::result(format!(
                "done        {:>10}",
                HumanCount(past.ended.count()).to_string()
            ));
            output::result(format!("to do       {:>10}", HumanCount(sent).to_string()));
            output::result(format!(
                "takes       {} at {} a second",
                HumanDuration(time),
                self.flags.rate
            ));
        }
        match response.code() {
            CHAT_OK => note(&format!(
                "the settings work: the groups of {} were read",
                output::printable(&first.account)
            )),
            CHAT_SERVICE_ACCOUNT_NOT_IMPORTED => {
                note(&format!(
                    "the settings work, but Chat does not know the first account, {}",
                    output::printable(&first.account)
                ));
            }
            code => {
                note(&format!("{code} {}", response.message()));
                return Ok(Exit::of(code));
            }
        }
        note("dry run: nothing was changed");
        Ok(Exit::Ok)
    }

    fn perform(&self, settings: &Settings, client: &Client, survey: Survey, header: &Header) -> Result<Exit, Failure> {
        let at_once = self.flags.sync_every == 0;
        let (journal, mut past) = Journal::open(&self.journal, header, at_once)?;
        past.leave_out(&survey.duplicates);
        if self.flags.retry_failed {
            journal
                .retry(&mut past)
                .map_err(|error| Failure::file(&self.journal, &error))?;
        }
        self.tell_past(&past, &survey);
        let results = self.flags.results.as_deref().map(Results::open).transpose()?;
        let job = self.job(at_once)?;
        let (stop, pace) = (
            Stop::default(),
            Pace::new(beside(&self.journal, "rate"), self.flags.rate),
        );
        let work = survey.items - survey.duplicates.count();
        let progress = Progress::new(work, past.tally.total(), self.flags.quiet);
        pace.look(client, &progress);
        let run = Run {
            client,
            job: &*job,
            source: &self.source,
            items: survey.items,
            journal: &journal,
            results: results.as_ref(),
            stop: &stop,
            progress: &progress,
            pace: Some(&pace),
            workers: self.workers() as usize,
            limit: self.flags.limit,
            max_failures: self.flags.max_failures,
            unknown_fails: self.unknown_fails,
            sync_every: Duration::from_secs(self.flags.sync_every.max(1).into()),
        };
        let books = thread::scope(|scope| {
            let ear = Ear::listen(scope, &stop, &progress)
                .map_err(|error| Failure::new(Exit::Failed, format!("signals: {error}")))?;
            let books = run.go(past, &survey.duplicates);
            drop(ear);
            Ok::<_, Failure>(books)
        })?;
        progress.end();
        let report = Report {
            verb: self.verb,
            items: survey.items,
            duplicates: survey.duplicates.count(),
            books: &books,
            reason: stop.reason(),
            unknown_fails: self.unknown_fails,
            took: progress.took(),
        };
        report.print(settings.json);
        let again = self.again(report.reason == Some(Reason::Limit));
        report.ending(&again).iter().for_each(|line| note(line));
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

    fn tell_past(&self, past: &Past, survey: &Survey) {
        if past.ended.count() + past.doubt.count() > 0 && !self.flags.quiet {
            note(&format!(
                "{}: going on; {} of {} are done, {} in doubt",
                self.journal.display(),
                HumanCount(past.ended.count()),
                HumanCount(survey.items - survey.duplicates.count()),
                HumanCount(past.doubt.count()),
            ));
        }
    }

    /// The command that goes on with this run, after a canary to its end. It holds no secret: the command line never does.
    fn again(&self, without_limit: bool) -> String {
        let mut words = Vec::new();
        let mut arguments = std::env::args();
        while let Some(word) = arguments.next() {
            match word.as_str() {
                "--retry-failed" => {}
                "--limit" if without_limit => drop(arguments.next()),
                text if without_limit && text.starts_with("--limit=") => {}
                "-" if self.from_stdin => words.push(quoted(&self.source.path.to_string_lossy())),
                word => words.push(quoted(word)),
            }
        }
        words.join(" ")
    }
}

/// The list, its journal, and whether the list came from stdin.
fn list(input: &Path, flags: &RunFlags) -> Result<(PathBuf, PathBuf, bool), Failure> {
    if input != Path::new("-") {
        let journal = flags.journal.clone().unwrap_or_else(|| beside(input, "journal"));
        return Ok((input.to_owned(), journal, false));
    }
    let Some(journal) = flags.journal.clone() else {
        return Err(Failure::usage(
            "a list from stdin has no name that a journal could be called by: give --journal",
        ));
    };
    let path = beside(&journal, "input");
    input::keep_stdin(&path)?;
    Ok((path, journal, true))
}

/// A word as a shell reads it back.
fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "-_./:=@,+".contains(c);
    match !word.is_empty() && word.chars().all(plain) {
        true => word.to_owned(),
        false => format!("'{}'", word.replace('\'', "'\\''")),
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_command_is_repeated_as_a_shell_reads_it() {
        for (word, as_typed) in [
            ("a.csv", "a.csv"),
            ("設計", "設計"),
            ("", "''"),
            ("a b", "'a b'"),
            ("it's", "'it'\\''s'"),
            ("$x", "'$x'"),
        ] {
            assert_eq!(super::quoted(word), as_typed);
        }
    }
}
