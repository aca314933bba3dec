//! The table of faults: `faults.json` read, each of its cells made a case, and the table as the guide shows it. An outcome is a phrase
//! such as `-5, in doubt, 3 attempts, 0 arrived`, so that what is written down is what is compared and what is shown. Knows no runner.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::time::Duration;

use serde::Deserialize;
use serde_json::{json, Value};

const TABLE: &str = include_str!("../../promises/faults.json");
/// The group that the call is about; no other request names it.
const GROUP: &str = "colleagues";

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
    #[serde(rename = "why")]
    _why: String,
    /// As the emulator's admin port takes them; `{url}` is the listener's own.
    #[serde(default)]
    pub faults: Vec<Value>,
    #[serde(default = "plain")]
    pub over: Vec<Over>,
    /// A flaw of the place's certificate, as the emulator calls it.
    pub certificate: Option<String>,
    #[serde(default)]
    pub place: Place,
    /// What the place's name looks up to: orders for the preloaded resolver.
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

/// One outcome as it is written: what the call answers, how many requests arrived, and before when it must not be back.
struct Outcome<'a> {
    answer: &'a str,
    arrived: u64,
    earliest: Duration,
}

impl Outcome<'_> {
    fn read(text: &str, limits: Limits) -> Outcome<'_> {
        let (phrase, when) = text.split_once(", after ").unwrap_or((text, ""));
        let attempts = phrase.split(", ").find(|part| part.contains(" attempt"));
        let attempts = attempts
            .and_then(|part| part.split(' ').next()?.parse().ok())
            .expect("so many attempts");
        let (answer, arrived) = match phrase.strip_suffix(" arrived").and_then(|rest| rest.rsplit_once(", ")) {
            Some((answer, arrived)) => (answer, arrived.parse().expect("so many arrived")),
            None => (phrase, attempts),
        };
        Outcome {
            answer,
            arrived,
            earliest: time(when, limits),
        }
    }

    fn code(&self) -> &str {
        self.answer.split(',').next().expect("a code")
    }

    fn seen(&self) -> Value {
        let earliest = self.earliest.as_millis() as u64;
        json!({
            "outcome": self.answer, "ms": {"$from": earliest, "$to": earliest + ALLOWANCE.as_millis() as u64},
        })
    }
}

fn time(when: &str, limits: Limits) -> Duration {
    let Some((number, what)) = when.split_once(' ') else {
        return Duration::ZERO;
    };
    if when == "the total deadline" {
        return limits.total;
    }
    let number: u32 = number.parse().expect("a number");
    let each = match what.trim_end_matches('s') {
        "attempt deadline" => limits.attempt,
        "connect deadline" => limits.connect,
        "pause" => ASKED_PAUSE,
        other => panic!("no such time in the table: {other}"),
    };
    number * each
}

/// Each cell as a case.
pub fn cases() -> Vec<Value> {
    let mut cases = Vec::new();
    let mut under = String::new();
    for line in lines() {
        match line {
            Line::Part { part } => under = part,
            Line::Row(row) => {
                for column in row.columns() {
                    cases.extend(row.over.iter().map(|over| case(&under, &row, column, *over)));
                }
            }
        }
    }
    cases
}

fn case(part: &str, row: &Row, column: Column, over: Over) -> Value {
    let outcomes = row.outcomes(column).expect("a column of the row");
    let limits = row.limits(outcomes);
    let options = json!({
        "timeout_ms": limits.total.as_millis() as u64, "attempt_timeout_ms": limits.attempt.as_millis() as u64,
        "connect_timeout_ms": limits.connect.as_millis() as u64, "cancel": true,
    });
    let command = if column.is_delete() {
        "del_contact_group"
    } else {
        "create_contact_group"
    };
    let call = |group: &str| json!({"call": command, "args": {"from_account": "user_0001", "group_name": group}});
    let all: Vec<Outcome<'_>> = outcomes.all().iter().map(|text| Outcome::read(text, limits)).collect();
    let mut counted = call(GROUP);
    counted["options"] = options;
    counted["seen"] = json!({"$any": all.iter().map(Outcome::seen).collect::<Vec<_>>()});
    let met = json!({"admin": "GET /played", "until": {"$count": {"$from": 1}}});
    match row.act {
        Act::Nothing => {}
        Act::Cancel => counted["during"] = json!([met, {"cancel": true}]),
        Act::Shutdown => counted["during"] = json!([met, {"shutdown": true}]),
    }
    let mut steps = scene(row, column, over);
    if row.warm == Warm::Before {
        steps.push(call("warm"));
    }
    if row.pause_ms > 0 {
        steps.push(json!({ "pause_ms": row.pause_ms }));
    }
    if row.warm == Warm::Beside {
        let mut beside = call("warm");
        beside["during"] = json!([met, counted, {"shutdown": true}]);
        steps.push(beside);
    } else {
        steps.push(counted);
    }
    steps.extend(truths(row, column, &all));
    json!({"name": format!("{part}: {} ({column:?}, {over:?})", row.what), "steps": steps})
}

/// The steps before the call: what is there, who calls, and what goes wrong.
fn scene(row: &Row, column: Column, over: Over) -> Vec<Value> {
    let mut user = json!({});
    if column.is_delete() && !row.absent {
        user["groups"] = json!([{"id": 1, "name": GROUP}]);
    }
    let mut steps =
        vec![json!({"admin": "PUT /state", "body": {"accounts": {"administrator": {}, "user_0001": user}}})];
    if let Some(flaw) = &row.certificate {
        steps.push(json!({"admin": "POST /listeners", "body": {"certificate": flaw}, "as": "flawed"}));
    }
    let base_url = match (row.place, &row.resolver, &row.certificate, over) {
        (Place::ClosedPort, ..) => "http://127.0.0.1:1".to_owned(),
        (_, Some(orders), ..) => format!("https://{}.lookups.test:{{tls_port}}", orders.replace(' ', "-")),
        (_, _, Some(_), _) => "{flawed.tls_url}".to_owned(),
        (_, _, _, Over::Http) => "{url}".to_owned(),
        (_, _, _, Over::Https) => "{tls_url}".to_owned(),
    };
    let mut client = json!({"base_url": base_url});
    match row.place {
        Place::ProxyRefuses => {
            client["proxy"] = "http://user:canaryPassword2fd4e1c67a2d28@127.0.0.1:{proxy_port}".into()
        }
        Place::ProxyAway => client["proxy"] = "http://user:canaryPassword2fd4e1c67a2d28@127.0.0.1:1".into(),
        Place::Listener | Place::ClosedPort => {}
    }
    let signed = row.credential.unwrap_or(if column.is_delete() {
        Credential::Key
    } else {
        Credential::UserSig
    });
    if signed == Credential::UserSig {
        client["user_sig"] = "{user_sig}".into();
    }
    for (name, value) in [("max_connections", row.max_connections), ("rate_limit", row.rate_limit)] {
        if let Some(value) = value {
            client[name] = value.into();
        }
    }
    steps.push(json!({ "client": client }));
    let mut faults = row.faults.clone();
    if column == Column::Delete {
        faults.iter_mut().for_each(|fault| fault["times"] = 0.into());
    }
    if !faults.is_empty() {
        steps.push(json!({"admin": "POST /faults", "body": faults}));
    }
    steps
}

/// What must hold once the call is back: what arrived, that every fault was met, and that what was told of the group is true.
fn truths(row: &Row, column: Column, outcomes: &[Outcome<'_>]) -> Vec<Value> {
    let log = if row.certificate.is_some() {
        "GET /listeners/{flawed.id}/log"
    } else {
        "GET /log"
    };
    let about = |arrived: u64| json!({"$only": {"body": {"$has": GROUP}}, "$count": arrived});
    let arrived: Vec<Value> = outcomes.iter().map(|outcome| about(outcome.arrived)).collect();
    let mut steps = vec![
        json!({"admin": log, "until": {"requests": {"$any": arrived}}}),
        json!({"admin": log, "seen": {"requests": {"$only": {"body": {"$has": GROUP}, "applied": true}, "$count": {"$to": 1}}}}),
    ];
    if let Some(flaw) = &row.certificate {
        assert!(row.faults.is_empty(), "{flaw}: the faults would be played elsewhere");
        steps.push(json!({"admin": "DELETE /listeners/{flawed.id}"}));
    }
    let names: BTreeSet<String> = row.faults.iter().map(Value::to_string).collect();
    steps.push(json!({"admin": "GET /played", "seen": {"$count": {"$from": names.len()}}}));
    let code = outcomes[0].code();
    if outcomes
        .iter()
        .any(|outcome| outcome.code() != code || outcome.answer.contains("in doubt"))
    {
        return steps;
    }
    let was_there = column.is_delete() && !row.absent;
    let there = if code == "0" { !column.is_delete() } else { was_there };
    let groups = json!({"$only": {"name": GROUP}, "$count": u32::from(there)});
    steps.push(json!({"admin": "GET /state", "seen": {"accounts": {"user_0001": {"groups": groups}}}}));
    steps
}

fn lines() -> Vec<Line> {
    serde_json::from_str(TABLE).expect("tests/promises/faults.json reads as rows")
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
