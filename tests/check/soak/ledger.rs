//! What the callers say of each call and what the service says of each request, read from their lines of JSON.
//! Keeps the little that is compared, so that an hour's soak fits into memory; knows nothing of what has to agree.

use std::collections::BTreeMap;

use serde_json::Value;

/// How far an attempt got, as the call's trace tells it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Attempt {
    pub was_written: bool,
    /// 0: no answer was read.
    pub http_status: u64,
}

/// One line of the callers' ledger.
#[derive(Clone, Debug)]
pub struct Call {
    pub id: u64,
    pub did: String,
    pub user: String,
    pub name: String,
    /// The new name of a rename.
    pub to: String,
    pub code: i64,
    pub in_doubt: bool,
    pub already_deleted: bool,
    pub attempts: usize,
    pub trace: Vec<Attempt>,
}

/// What the callers write: calls, and at last how many there were.
#[derive(Clone, Debug)]
pub enum Entry {
    Call(Call),
    Totals(Totals),
}

/// The ledger's last line.
pub type Totals = BTreeMap<String, i64>;

impl Entry {
    pub fn from_line(line: &str) -> Result<Entry, String> {
        let value: Value = serde_json::from_str(line).map_err(|error| format!("{error}: {line}"))?;
        match value["id"].as_u64() {
            Some(id) => Call::from_value(id, &value, line).map(Entry::Call),
            None => serde_json::from_value(value)
                .map(Entry::Totals)
                .map_err(|error| format!("{error}: {line}")),
        }
    }

    pub fn call(self) -> Option<Call> {
        match self {
            Entry::Call(call) => Some(call),
            Entry::Totals(_) => None,
        }
    }
}

impl Call {
    fn from_value(id: u64, value: &Value, line: &str) -> Result<Call, String> {
        let text = |name: &str| value[name].as_str().unwrap_or_default().to_owned();
        let trace = value["trace"].as_array().ok_or_else(|| format!("no trace: {line}"))?;
        Ok(Call {
            id,
            did: text("did"),
            user: text("user"),
            name: text("name"),
            to: text("to"),
            code: value["code"].as_i64().ok_or_else(|| format!("no code: {line}"))?,
            in_doubt: value["in_doubt"] == 1,
            already_deleted: value["already_deleted"] == 1,
            attempts: usize::try_from(value["attempts"].as_u64().unwrap_or_default()).unwrap(),
            trace: trace
                .iter()
                .map(|attempt| Attempt {
                    was_written: attempt["reached"] != "nothing_written",
                    http_status: attempt["http_status"].as_u64().unwrap_or_default(),
                })
                .collect(),
        })
    }

    /// Under which name `chat_client_stats` counts it.
    pub fn outcome(&self) -> &'static str {
        match self.code {
            0 => "calls_ok",
            1.. => "calls_service",
            -15 => "calls_partial",
            -3..=-1 => "calls_invalid_argument",
            -4 => "calls_timeout",
            -5 => "calls_transport",
            -14 => "calls_tls",
            -6 => "calls_http_status",
            -7 => "calls_protocol",
            -11 => "calls_no_error_code",
            -12 => "calls_throttled",
            -13 => "calls_cancelled",
            -9 => "calls_shutdown",
            -10 => "calls_panic",
            _ => "calls_of_no_outcome",
        }
    }
}

/// One line of the emulator's log.
#[derive(Clone, Debug)]
pub struct Request {
    /// 0 for the emulator's own ports.
    pub listener: u64,
    /// The `random` of its call, which is the call's id here.
    pub id: u64,
    pub applied: bool,
    /// `whole`, `cut` or `no`.
    pub answered: String,
    pub code: Option<i64>,
    pub fault: String,
}

impl Request {
    pub fn from_line(line: &str) -> Result<Request, String> {
        let value: Value = serde_json::from_str(line).map_err(|error| format!("{error}: {line}"))?;
        let text = |name: &str| value[name].as_str().unwrap_or_default().to_owned();
        let random = value["query"]["random"].as_str().and_then(|random| random.parse().ok());
        Ok(Request {
            listener: value["listener_id"].as_u64().unwrap_or_default(),
            id: random.ok_or_else(|| format!("a request without `random`: {line}"))?,
            applied: value["applied"] == true,
            answered: text("answered"),
            code: value["code"].as_i64(),
            fault: text("fault"),
        })
    }
}

/// The groups that each user has at the service, from its state.
pub fn groups_in(state: &Value) -> BTreeMap<String, Vec<String>> {
    let accounts = state["accounts"].as_object().into_iter().flatten();
    let names = |account: &Value| {
        let groups = account["groups"].as_array().into_iter().flatten();
        groups
            .filter_map(|group| Some(group["name"].as_str()?.to_owned()))
            .collect()
    };
    accounts.map(|(user, account)| (user.clone(), names(account))).collect()
}
