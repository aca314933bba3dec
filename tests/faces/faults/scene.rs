//! The stage of the table: an emulator with a user for each call, a listener of its own for each fault, and the judgement on what a
//! caller told against what its listener saw. Knows nothing of the caller's language.

use std::thread;
use std::time::{Duration, Instant};

use chat_emulator::{
    Account, Certificate, Config as Emulation, Emulator, Fault, Group, Listener, LoggedRequest, Proxy, State,
    DEFAULT_ADMIN, DEFAULT_SDK_APP_ID,
};
use serde::Deserialize;

use super::secrets::Secrets;
use super::table::{
    phrase, taken_apart, CertificateKind, Column, Credential, Limits, Outcomes, Over, Place, Row, ALLOWANCE,
};
use crate::service::ClosedPort;

/// The group that the call is about; no other text holds it.
const GROUP: &str = "colleagues";
/// How long the last request may take to be read after its call has ended.
const SETTLING: Duration = Duration::from_secs(10);

/// One call to be made: a cell of the table.
pub struct Cell<'a> {
    pub row: &'a Row,
    pub column: Column,
    pub over: Over,
    outcomes: &'a Outcomes,
    user: String,
}

impl Cell<'_> {
    pub fn name(&self) -> String {
        format!("{} ({:?}, {:?})", self.row.what, self.column, self.over)
    }

    fn limits(&self) -> Limits {
        self.row.limits(self.outcomes)
    }
}

/// The cells that are run under these orders of the resolver, each with a user of its own.
pub fn cells<'a>(rows: &'a [Row], resolver: Option<&str>) -> Vec<Cell<'a>> {
    let mut cells = Vec::new();
    for row in rows.iter().filter(|row| row.resolver.as_deref() == resolver) {
        for column in row.columns() {
            for over in &row.over {
                cells.push(Cell {
                    row,
                    column,
                    over: *over,
                    outcomes: row.outcomes(column).expect("a column of the row"),
                    user: format!("u{}", cells.len()),
                });
            }
        }
    }
    cells
}

/// What a caller prints of one call.
#[derive(Deserialize)]
pub struct Told {
    pub id: usize,
    code: i64,
    in_doubt: bool,
    already_deleted: bool,
    attempts: usize,
    /// From just before the call to just after it, in microseconds.
    us: u64,
    /// Everything that the caller's language can show of the call and the client.
    shown: String,
}

pub struct Scene {
    emulator: Emulator,
    proxy: Proxy,
    pub secrets: Secrets,
}

/// A call that is being made.
pub struct Begun {
    listener: Listener,
    _closed: ClosedPort,
    /// What the caller is told, as `caller.c` says.
    pub line: String,
}

impl Begun {
    /// Whether the fault was met.
    pub fn is_met(&self) -> bool {
        !self.listener.played().is_empty()
    }
}

impl Scene {
    pub fn new(cells: &[Cell<'_>]) -> Scene {
        let secrets = Secrets::new();
        let mut state = State::default();
        state.accounts.insert(DEFAULT_ADMIN.to_owned(), Account::default());
        for cell in cells {
            let mut account = Account::default();
            if cell.column.is_delete() && !cell.row.absent {
                account.groups.push(Group {
                    id: 1,
                    name: GROUP.to_owned(),
                    created: 1,
                });
            }
            state.accounts.insert(cell.user.clone(), account);
        }
        let emulation = Emulation {
            secret_key: secrets.key.clone(),
            seed: Some(state.checked().unwrap()),
            ..Emulation::default()
        };
        Scene {
            emulator: Emulator::start(emulation).unwrap(),
            proxy: Proxy::start(Some(("user", "not the password that is given"))).unwrap(),
            secrets,
        }
    }

    /// Opens the listener of a cell, scripts it, and says what a caller is to do there.
    pub fn begin(&self, id: usize, cell: &Cell<'_>) -> Begun {
        let certificate = match cell.row.certificate {
            CertificateKind::Valid => Certificate::Valid,
            CertificateKind::Expired => Certificate::Expired,
            CertificateKind::WrongName => Certificate::WrongName,
            CertificateKind::UnknownCa => Certificate::UnknownCa,
        };
        let listener = self.emulator.open_listener(certificate).unwrap();
        for fault in &cell.row.faults {
            let text = fault.to_string().replace("{url}", listener.url());
            let fault: Fault = serde_json::from_str(&text).unwrap();
            let again = cell.column == Column::Delete;
            listener.fault(if again { fault.times(0) } else { fault });
        }
        let closed = ClosedPort::new();
        let line = self.line(id, cell, &listener, &closed);
        Begun {
            listener,
            _closed: closed,
            line,
        }
    }

    fn line(&self, id: usize, cell: &Cell<'_>, listener: &Listener, closed: &ClosedPort) -> String {
        let row = cell.row;
        let by_name = |url: &str| url.replace("localhost", "chat.test");
        let url = match (row.place, &row.resolver, cell.over) {
            (Place::ClosedPort, ..) => closed.url.clone(),
            (_, Some(_), _) => by_name(listener.tls_url()),
            (_, None, Over::Http) => listener.url().to_owned(),
            (_, None, Over::Https) => listener.tls_url().to_owned(),
        };
        let proxy = match row.place {
            Place::ProxyRefuses => self.secrets.login_at(self.proxy.url()),
            Place::ProxyAway => self.secrets.login_at(&closed.url),
            Place::Listener | Place::ClosedPort => "-".to_owned(),
        };
        let signed = row.credential.unwrap_or(if cell.column.is_delete() {
            Credential::Key
        } else {
            Credential::UserSig
        });
        let (key, user_sig) = match signed {
            Credential::Key => (self.secrets.key.as_str(), "-"),
            Credential::UserSig => ("-", self.secrets.user_sig.as_str()),
        };
        let limits = cell.limits();
        let fields = [
            id.to_string(),
            if cell.column.is_delete() { "delete" } else { "create" }.to_owned(),
            url,
            self.emulator.ca_file().display().to_string(),
            proxy,
            DEFAULT_SDK_APP_ID.to_string(),
            DEFAULT_ADMIN.to_owned(),
            key.to_owned(),
            user_sig.to_owned(),
            cell.user.clone(),
            GROUP.to_owned(),
            limits.total.as_millis().to_string(),
            limits.attempt.as_millis().to_string(),
            limits.connect.as_millis().to_string(),
            row.max_connections.unwrap_or(64).to_string(),
            row.rate_limit.unwrap_or(200).to_string(),
            format!("{:?}", row.warm).to_lowercase(),
            row.pause_ms.to_string(),
            format!("{:?}", row.act).to_lowercase(),
        ];
        fields.join("\t")
    }

    /// Compares what a caller told with the table and with what the listener saw. The peer still hangs where it does: nothing of the
    /// script is cleared before.
    pub fn judge(&self, cell: &Cell<'_>, begun: &Begun, told: &Told) -> Vec<String> {
        let limits = cell.limits();
        let expected: Vec<(&str, Duration)> = cell.outcomes.all().iter().map(|one| taken_apart(one, limits)).collect();
        let came = |seen: usize| phrase(told.code, told.in_doubt, told.already_deleted, told.attempts, seen);
        let requests = settled(&begun.listener, |seen| {
            expected.iter().any(|(phrase, _)| *phrase == came(seen))
        });
        let mut wrong = self.broken_truths(cell, told, &requests);
        match expected.iter().find(|(phrase, _)| *phrase == came(requests.len())) {
            None => wrong.push(format!(
                "{}, not {}",
                came(requests.len()),
                cell.outcomes.all().join(" or ")
            )),
            Some((_, earliest)) => {
                let took = Duration::from_micros(told.us);
                if took < *earliest || took > *earliest + ALLOWANCE {
                    wrong.push(format!(
                        "back after {took:?}, not between {earliest:?} and {ALLOWANCE:?} later"
                    ));
                }
            }
        }
        let played: u64 = begun.listener.played().values().sum();
        if played < cell.row.faults.len() as u64 {
            wrong.push(format!("met {played} of {} faults", cell.row.faults.len()));
        }
        if told.attempts > 0
            && !told.shown.contains("nothing_written")
            && !told.shown.contains("written")
            && !told.shown.contains("answer_begun")
        {
            wrong.push(format!("shows no trace: {}", told.shown));
        }
        wrong
            .into_iter()
            .map(|what| format!("{}: {what}\n    {}", cell.name(), told.shown.replace('\n', " | ")))
            .collect()
    }

    /// What holds for every call, whatever the table says.
    fn broken_truths(&self, cell: &Cell<'_>, told: &Told, requests: &[LoggedRequest]) -> Vec<String> {
        let state = self.emulator.state();
        let there = state.accounts[&cell.user]
            .groups
            .iter()
            .any(|group| group.name == GROUP);
        let was_there = cell.column.is_delete() && !cell.row.absent;
        let applied = requests.iter().filter(|request| request.applied).count();
        let truths = [
            (
                requests.len() <= told.attempts,
                "the service saw more requests than there were attempts",
            ),
            (applied <= 1, "it was carried out twice"),
            (
                told.code != 0 || there != cell.column.is_delete(),
                "success, and the state says otherwise",
            ),
            (
                told.code == 0 || told.in_doubt || there == was_there,
                "failed without doubt, and it was carried out",
            ),
            (told.code != 0 || !told.in_doubt, "success in doubt"),
        ];
        let broken = truths.iter().filter(|(holds, _)| !holds);
        broken.map(|(_, what)| (*what).to_owned()).collect()
    }
}

/// The requests about the group, once their number is right; the last may still lie unread in the kernel when its call has ended.
fn settled(listener: &Listener, is_right: impl Fn(usize) -> bool) -> Vec<LoggedRequest> {
    let end = Instant::now() + SETTLING;
    loop {
        let mut requests = listener.requests();
        requests.retain(|request| request.body.contains(GROUP));
        if is_right(requests.len()) || Instant::now() > end {
            return requests;
        }
        thread::sleep(Duration::from_millis(10));
    }
}
