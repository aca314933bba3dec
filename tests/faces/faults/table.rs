//! The table of faults as data: `table.json` read, its outcomes taken apart and put together, and the table as the README shows it.
//! An outcome is a phrase such as `-5, in doubt, 3 attempts, 0 arrived`, so that what is written down is what is compared and what is
//! shown. Knows neither emulator nor faces.

use std::fmt::Write as _;
use std::time::Duration;

use serde::Deserialize;
use serde_json::Value;

const TABLE: &str = include_str!("../../faults/table.json");

/// What a call has where its row says nothing: far more than any row's own, so that it is never one of these that ends it in time.
pub const TIMEOUT: Duration = Duration::from_secs(60);
pub const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(50);
pub const CONNECT_TIMEOUT: Duration = Duration::from_secs(40);
/// How late a call may be on a loaded machine. Far from proving speed, but short of the deadlines above.
pub const ALLOWANCE: Duration = Duration::from_secs(20);
/// Where a later attempt is to succeed, each has so many times its row's limits: that attempt is then not the machine's load's to lose.
const ROOM_TO_RECOVER: u32 = 5;
/// The pause that the throttling answers of the table ask for.
const ASKED_PAUSE: Duration = Duration::from_secs(1);

#[derive(Deserialize)]
#[serde(untagged)]
enum Line {
    Part { part: String },
    Row(Box<Row>),
}

/// One thing that goes wrong, and what becomes of a delete and a create then.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Row {
    pub what: String,
    /// Why the outcomes are right, in a few words.
    pub why: String,
    /// As the emulator's admin port takes them; `{url}` is the listener's own.
    #[serde(default)]
    pub faults: Vec<Value>,
    #[serde(default = "plain")]
    pub over: Vec<Over>,
    #[serde(default)]
    pub certificate: CertificateKind,
    #[serde(default)]
    pub place: Place,
    /// Orders for the preloaded resolver; the place is then called by a name.
    pub resolver: Option<String>,
    pub timeout_ms: Option<u32>,
    pub attempt_timeout_ms: Option<u32>,
    pub connect_timeout_ms: Option<u32>,
    pub max_connections: Option<u32>,
    pub rate_limit: Option<u32>,
    /// The group is not there, though the call is a delete.
    #[serde(default)]
    pub absent: bool,
    /// Another call of the same client, before or beside the one that counts.
    #[serde(default)]
    pub warm: Warm,
    #[serde(default)]
    pub pause_ms: u32,
    /// What the caller does once the fault is met.
    #[serde(default)]
    pub act: Act,
    /// What signs; by default deletes are signed with the key, and creates bring a ready signature.
    pub credential: Option<Credential>,
    /// A delete that meets the faults as they are written: once each.
    delete_once: Option<Outcomes>,
    /// A delete that meets them again and again.
    delete: Option<Outcomes>,
    create: Option<Outcomes>,
}

fn plain() -> Vec<Over> {
    vec![Over::Http]
}

#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub enum Over {
    Http,
    Https,
}

#[derive(Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CertificateKind {
    #[default]
    Valid,
    Expired,
    WrongName,
    UnknownCa,
}

#[derive(Clone, Copy, Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub enum Place {
    #[default]
    Listener,
    ClosedPort,
    ProxyRefuses,
    ProxyAway,
}

#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub enum Warm {
    #[default]
    Nothing,
    Before,
    Beside,
}

#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub enum Act {
    #[default]
    Nothing,
    Cancel,
    Shutdown,
}

#[derive(Clone, Copy, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub enum Credential {
    Key,
    UserSig,
}

/// More than one where a race decides, each with its own truth.
#[derive(Clone, Deserialize, PartialEq, Eq)]
#[serde(untagged)]
pub enum Outcomes {
    One(String),
    Several(Vec<String>),
}

impl Outcomes {
    pub fn all(&self) -> &[String] {
        match self {
            Outcomes::One(one) => std::slice::from_ref(one),
            Outcomes::Several(several) => several,
        }
    }

    /// The call succeeds, if need be after a failed attempt.
    fn succeeds(&self) -> bool {
        self.all().iter().any(|outcome| outcome.starts_with("0,"))
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Column {
    DeleteOnce,
    Delete,
    Create,
}

const COLUMNS: [Column; 3] = [Column::DeleteOnce, Column::Delete, Column::Create];

impl Column {
    pub fn is_delete(self) -> bool {
        self != Column::Create
    }
}

/// The deadlines of one call.
#[derive(Clone, Copy)]
pub struct Limits {
    pub total: Duration,
    pub attempt: Duration,
    pub connect: Duration,
}

impl Row {
    pub fn outcomes(&self, column: Column) -> Option<&Outcomes> {
        match column {
            Column::DeleteOnce => self.delete_once.as_ref(),
            Column::Delete => self.delete.as_ref(),
            Column::Create => self.create.as_ref(),
        }
    }

    pub fn columns(&self) -> impl Iterator<Item = Column> + '_ {
        COLUMNS.into_iter().filter(|column| self.outcomes(*column).is_some())
    }

    pub fn limits(&self, outcomes: &Outcomes) -> Limits {
        let room = if outcomes.succeeds() { ROOM_TO_RECOVER } else { 1 };
        let given = |ms: Option<u32>, or| ms.map_or(or, |ms| room * Duration::from_millis(ms.into()));
        Limits {
            total: given(self.timeout_ms, TIMEOUT),
            attempt: given(self.attempt_timeout_ms, ATTEMPT_TIMEOUT),
            connect: given(self.connect_timeout_ms, CONNECT_TIMEOUT),
        }
    }
}

/// What becomes of a call, without when.
pub fn phrase(code: i64, in_doubt: bool, already_deleted: bool, attempts: usize, arrived: usize) -> String {
    let mut phrase = code.to_string();
    if in_doubt {
        phrase += ", in doubt";
    }
    if already_deleted {
        phrase += ", already deleted";
    }
    let plural = if attempts == 1 { "" } else { "s" };
    let _ = write!(phrase, ", {attempts} attempt{plural}");
    if arrived != attempts {
        let _ = write!(phrase, ", {arrived} arrived");
    }
    phrase
}

/// The phrase of an outcome, and before when the call must not be back.
pub fn taken_apart(outcome: &str, limits: Limits) -> (&str, Duration) {
    let Some((phrase, when)) = outcome.split_once(", after ") else {
        return (outcome, Duration::ZERO);
    };
    if when == "the total deadline" {
        return (phrase, limits.total);
    }
    let (number, what) = when.split_once(' ').expect("a number and what");
    let number: u32 = number.parse().expect("a number");
    let each = match what.trim_end_matches('s') {
        "attempt deadline" => limits.attempt,
        "connect deadline" => limits.connect,
        "pause" => ASKED_PAUSE,
        other => panic!("no such time in the table: {other}"),
    };
    (phrase, number * each)
}

fn lines() -> Vec<Line> {
    serde_json::from_str(TABLE).expect("tests/faults/table.json reads as rows")
}

pub fn rows() -> Vec<Row> {
    let row = |line| match line {
        Line::Row(row) => Some(*row),
        Line::Part { .. } => None,
    };
    lines().into_iter().filter_map(row).collect()
}

/// Empty for what cannot happen so: a place that is not there is not there just once.
fn cell(row: &Row, column: Column) -> String {
    row.outcomes(column)
        .map_or(String::new(), |outcomes| outcomes.all().join(" *or* "))
}

/// The table in Markdown. Rows next to each other with the same outcomes become one.
pub fn markdown() -> String {
    let mut table = String::from(
        "| what goes wrong | a delete, once | a delete, again and again | a create, once |\n|---|---|---|---|\n",
    );
    let mut open: Option<(String, String)> = None;
    let close = |open: &mut Option<(String, String)>, table: &mut String| {
        if let Some((what, cells)) = open.take() {
            let _ = writeln!(table, "| {what} | {cells} |");
        }
    };
    for line in lines() {
        match line {
            Line::Part { part } => {
                close(&mut open, &mut table);
                let _ = writeln!(table, "| **{part}** | | | |");
            }
            Line::Row(row) => {
                let cells = COLUMNS.map(|column| cell(&row, column)).join(" | ");
                match &mut open {
                    Some((what, same)) if *same == cells => *what += &format!("; {}", row.what),
                    _ => {
                        close(&mut open, &mut table);
                        open = Some((row.what.clone(), cells));
                    }
                }
            }
        }
    }
    close(&mut open, &mut table);
    table
}
