//! `--dry-run`: what a run would do, to whom and how long; one call that changes nothing says whether the settings work.

use std::time::Duration;

use indicatif::{HumanCount, HumanDuration};
use serde_json::json;
use tencent_chat::endpoints::get_contact_group::GetContactGroup;
use tencent_chat::error::{CHAT_OK, CHAT_SERVICE_ACCOUNT_NOT_IMPORTED};
use tencent_chat::{CallOptions, Client, Response};

use super::journal::{Header, Journal, Past};
use super::survey::Survey;
use super::Work;
use crate::arguments::ClientFlags;
use crate::exit::Exit;
use crate::output::{self, note, quoted, Failure};

/// What a run would find and do.
struct Preview<'a> {
    work: &'a Work<'a>,
    survey: &'a Survey,
    host: String,
    app: u32,
    identifier: String,
    duplicates: u64,
    done: u64,
    to_do: u64,
    time: Duration,
}

impl Work<'_> {
    pub(super) fn preview(
        &self,
        settings: &ClientFlags,
        client: &Client,
        survey: &Survey,
        header: &Header,
    ) -> Result<Exit, Failure> {
        let mut past = Journal::peek(&self.journal, header)?.unwrap_or_else(|| Past::none(survey.items));
        if self.flags.retry_failed {
            past.retry();
        }
        let (duplicates, done) = (survey.duplicates.count(), past.ended.count());
        let to_do = (survey.items - duplicates - done).min(self.flags.limit.unwrap_or(u64::MAX));
        let preview = Preview {
            work: self,
            survey,
            host: client.place(),
            app: settings.app.sdk_app_id()?,
            identifier: settings.app.identifier()?,
            duplicates,
            done,
            to_do,
            time: Duration::from_secs(to_do.div_ceil(u64::from(self.flags.rate))),
        };
        let first = survey.first.first().expect("a list without items comes not so far");
        let response = client.call(&GetContactGroup::new(&first.account, 0), &CallOptions::default());
        if self.is_kept {
            std::fs::remove_file(&self.source.path).map_err(|error| Failure::file(&self.source.path, &error))?;
        }
        match settings.app.json {
            true => preview.object(&response),
            false => preview.table(),
        }
        Ok(verdict(&response, &quoted(&first.account)))
    }
}

impl Preview<'_> {
    fn object(&self, response: &Response) {
        let survey = self.survey;
        let shown = survey.first.iter();
        let shown = shown.map(|item| json!({"account": item.account, "group": item.group}));
        output::object(&json!({
            "host": self.host, "sdk_app_id": self.app, "identifier": self.identifier, "command": self.work.call,
            "list": survey.reading.object(), "group": self.work.source.group, "first": shown.collect::<Vec<_>>(),
            "items": survey.items, "duplicates": self.duplicates, "done": self.done, "to_do": self.to_do,
            "rate": self.work.flags.rate, "seconds": self.time.as_secs(),
            "call": {"code": response.code(), "message": response.message()},
        }));
    }

    fn table(&self) {
        let mut rows = vec![
            ("host", self.host.clone()),
            ("app", format!("{} as {}", self.app, quoted(&self.identifier))),
            ("call", self.work.call.clone()),
        ];
        rows.extend(self.survey.reading.rows());
        rows.extend(
            self.work
                .source
                .group
                .as_ref()
                .map(|group| ("group", format!("{}, for all", quoted(group)))),
        );
        let first = self.survey.first.iter().zip(["first", "", ""]);
        rows.extend(first.map(|(item, name)| (name, format!("{}  {}", quoted(&item.account), quoted(&item.group)))));
        for (name, count) in [
            ("items", self.survey.items),
            ("duplicates", self.duplicates),
            ("done", self.done),
            ("to do", self.to_do),
        ] {
            rows.push((name, format!("{:>10}", HumanCount(count).to_string())));
        }
        let rate = self.work.flags.rate;
        rows.push(("takes", format!("{} at {rate} a second", HumanDuration(self.time))));
        for (name, what) in rows {
            output::result(format!("{name:<12}{what}"));
        }
    }
}

/// Whether the settings work, by the answer about the first account.
fn verdict(response: &Response, who: &str) -> Exit {
    match response.code() {
        CHAT_OK => note(&format!("the settings work: the groups of {who} were read")),
        CHAT_SERVICE_ACCOUNT_NOT_IMPORTED => {
            note(&format!(
                "the settings work, but Chat does not know the first account, {who}"
            ));
        }
        code => {
            note(&format!("{code} {}", response.message()));
            return Exit::of(code);
        }
    }
    note("dry run: nothing was changed");
    Exit::Ok
}
