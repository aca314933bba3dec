//! The cases of `tests/promises` as the runners read them: with the settings that every client has, the client made first, lists and texts
//! that are only long written out, and the fault table's rows as cases like any other. Knows no runner.

use std::collections::BTreeMap;
use std::fs;
use std::sync::OnceLock;

use serde_json::{json, Map, Value};

use super::table;
use crate::generated::{commands, functions, header};
use crate::stage;

/// What a case may have, and what may be done in a step: its first member.
const MEMBERS: [&str; 4] = ["name", "settings", "steps", "not_in"];
const VERBS: [&str; 12] = [
    "admin", "call", "cancel", "client", "close", "items", "pause_ms", "set", "shutdown", "stats", "user_sig",
    "warm_up",
];
const PARTS: [&str; 14] = [
    "args",
    "arguments",
    "as",
    "body",
    "drain_ms",
    "during",
    "goes",
    "inspect",
    "options",
    "seen",
    "take",
    "timeout_ms",
    "times",
    "until",
];

pub struct Case(pub Value);

impl Case {
    pub fn name(&self) -> &str {
        self.0["name"].as_str().expect("a case has a name")
    }

    pub fn is_left_out_of(&self, runner: &str) -> bool {
        self.0["not_in"].get(runner).is_some()
    }

    /// Fails where the case says what no runner reads.
    pub fn is_complete(&self, runners: &[&str]) {
        let name = self.name();
        for member in self.0.as_object().unwrap().keys() {
            assert!(MEMBERS.contains(&member.as_str()), "{name}: no case has `{member}`");
        }
        for (runner, reason) in self.0["not_in"].as_object().into_iter().flatten() {
            assert!(
                runners.contains(&runner.as_str()),
                "{name}: there is no runner {runner}"
            );
            assert!(
                reason.as_str().is_some_and(|reason| reason.len() > 10),
                "{name}: say why not in {runner}"
            );
        }
        steps_are_known(name, &self.0["steps"]);
        assert!(
            self.0["steps"].to_string().contains("\"seen\""),
            "{name}: nothing must be seen"
        );
    }
}

fn steps_are_known(name: &str, steps: &Value) {
    for step in steps
        .as_array()
        .unwrap_or_else(|| panic!("{name}: the steps are a list"))
    {
        let members: Vec<&String> = step.as_object().expect("a step is an object").keys().collect();
        let verbs: Vec<_> = members
            .iter()
            .filter(|member| VERBS.contains(&member.as_str()))
            .collect();
        assert!(
            verbs.len() == 1,
            "{name}: one of {VERBS:?} makes a step, not {members:?}"
        );
        for member in &members {
            let known = VERBS.contains(&member.as_str()) || PARTS.contains(&member.as_str());
            assert!(known, "{name}: no step has `{member}`");
        }
        if let Some(during) = step.get("during") {
            steps_are_known(name, during);
        }
    }
}

/// All of them. Those of a file are called by its name and theirs.
pub fn all() -> Vec<Case> {
    let mut files: Vec<_> = fs::read_dir(stage::root().join("tests/promises"))
        .unwrap()
        .flatten()
        .map(|file| file.path())
        .collect();
    files.retain(|file| file.extension().is_some_and(|extension| extension == "json"));
    files.sort();
    let mut cases = Vec::new();
    for file in files {
        let subject = file.file_stem().unwrap().to_str().unwrap();
        let written: Vec<Value> = if subject == "faults" {
            table::cases()
        } else {
            let text = fs::read_to_string(&file).unwrap();
            serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
        };
        cases.extend(written.into_iter().flat_map(each).map(|case| in_full(subject, case)));
    }
    cases.extend(documented().into_iter().map(|case| in_full("documented", case)));
    cases
}

/// Each sample of the vendor's pages as a case: the call sends what the page shows, and reads what the service answers.
fn documented() -> Vec<Value> {
    let file: Value = serde_json::from_str(include_str!("../../emulator/tests/documented.json")).unwrap();
    let case = |sample: &Value| {
        let path = sample["path"].as_str().unwrap();
        let user = sample["request"]["From_Account"].as_str().unwrap();
        json!({
            "name": format!("{}, {}", path.rsplit('/').next().unwrap(), sample["name"].as_str().unwrap()),
            "steps": [
                {"admin": "PUT /state", "body": {"accounts": {user: sample["state"]}}},
                {"call": sample["call"], "args": sample["args"], "seen": "0, 1 attempt"},
                {"arrived": [{"path": format!("/{path}"), "body": {"$is": sample["request"]}}]},
            ],
        })
    };
    file["samples"].as_array().unwrap().iter().map(case).collect()
}

/// A case for each line of its `each`, whose members stand for `{member}` in the case.
fn each(case: Value) -> Vec<Value> {
    let Value::Object(mut case) = case else {
        panic!("a case is an object")
    };
    let Some(Value::Array(lines)) = case.remove("each") else {
        return vec![case.into()];
    };
    let name = case["name"].as_str().expect("a case has a name").to_owned();
    let one = |(place, line): (usize, &Value)| {
        let words = line.as_object().expect("a line is an object");
        let mut one = with_words(&Value::Object(case.clone()), words);
        let plain = words.values().filter(|value| !value.is_object() && !value.is_array());
        let mut shown: Vec<String> = plain
            .map(|value| value.as_str().map_or_else(|| value.to_string(), str::to_owned))
            .collect();
        if shown.is_empty() {
            shown.push(format!("{}", place + 1));
        }
        one["name"] = format!("{name} ({})", shown.join(", ")).into();
        one
    };
    lines.iter().enumerate().map(one).collect()
}

fn with_words(value: &Value, words: &Map<String, Value>) -> Value {
    let in_text = |text: &str| {
        let mut text = text.to_owned();
        for (word, value) in words {
            let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            text = text.replace(&format!("{{{word}}}"), &value);
        }
        text
    };
    match value {
        Value::String(text) => match text
            .strip_prefix('{')
            .and_then(|text| words.get(text.strip_suffix('}')?))
        {
            Some(whole) => whole.clone(),
            None => in_text(text).into(),
        },
        Value::Array(values) => values.iter().map(|value| with_words(value, words)).collect(),
        Value::Object(members) => {
            let with = |(name, value): (&String, &Value)| (in_text(name), with_words(value, words));
            members.iter().map(with).collect::<Map<_, _>>().into()
        }
        other => other.clone(),
    }
}

fn in_full(subject: &str, case: Value) -> Case {
    let Value::Object(mut case) = written_out(case) else {
        panic!("{subject}: a case is an object")
    };
    let name = format!(
        "{subject}: {}",
        case["name"]
            .as_str()
            .unwrap_or_else(|| panic!("{subject}: a case without a name"))
    );
    let own = case.remove("settings").unwrap_or_default();
    let Some(Value::Array(mut steps)) = case.remove("steps") else {
        panic!("{name}: no steps")
    };
    if !steps.iter().any(|step| step.get("client").is_some()) {
        steps.insert(0, json!({"client": {}}));
    }
    case.insert(
        "steps".to_owned(),
        steps.into_iter().map(|step| step_in_full(step, &own)).collect(),
    );
    case.insert("name".to_owned(), name.into());
    Case(Value::Object(case))
}

/// The names of a command's arguments, in order.
fn arguments(command: &str) -> Option<&'static [String]> {
    static COMMANDS: OnceLock<BTreeMap<String, Vec<String>>> = OnceLock::new();
    let all = COMMANDS.get_or_init(|| commands::with_arguments(&functions(&header())).into_iter().collect());
    all.get(command).map(Vec::as_slice)
}

fn step_in_full(step: Value, own: &Value) -> Value {
    let Value::Object(mut step) = step else { return step };
    if let Some(fault) = step.remove("fault") {
        step.insert("admin".to_owned(), "POST /faults".into());
        step.insert("body".to_owned(), fault);
    }
    if let Some(arrived) = step.remove("arrived") {
        let requests = if arrived.is_number() {
            json!({ "$count": arrived })
        } else {
            arrived
        };
        step.insert("admin".to_owned(), "GET /log".into());
        step.insert("until".to_owned(), json!({ "requests": requests }));
    }
    if let Some(command) = step.get("call").or(step.get("items")).and_then(Value::as_str) {
        // An iteration over a list takes a user as well.
        let names = arguments(command);
        if names.is_none_or(|names| names[0] == "from_account") {
            let args = step
                .entry("args")
                .or_insert_with(|| json!({}))
                .as_object_mut()
                .expect("args are an object");
            args.entry("from_account").or_insert_with(|| "user_0001".into());
        }
        step.extend(names.map(|names| ("arguments".to_owned(), json!(names))));
    }
    if let Some(settings) = step.get_mut("client") {
        *settings = settings_in_full([own, settings]);
        // A client that must work is not seen otherwise.
        step.entry("seen").or_insert_with(|| json!({"code": 0}));
    }
    if let Some(Value::String(outcome)) = step.get("seen").cloned() {
        step.insert("seen".to_owned(), json!({ "outcome": outcome }));
    }
    if let Some(Value::Array(inner)) = step.remove("during") {
        step.insert(
            "during".to_owned(),
            inner.into_iter().map(|step| step_in_full(step, own)).collect(),
        );
    }
    Value::Object(step)
}

/// Patient, so that a slow machine is never taken for a silent service. null takes a setting away.
fn settings_in_full(given: [&Value; 2]) -> Value {
    let mut settings = json!({
        "base_url": "{url}", "ca_file": "{ca_file}", "sdk_app_id": chat_emulator::DEFAULT_SDK_APP_ID,
        "identifier": chat_emulator::DEFAULT_ADMIN, "secret_key": chat_emulator::DEFAULT_SECRET_KEY,
        "timeout_ms": 60_000, "attempt_timeout_ms": 60_000, "connect_timeout_ms": 30_000,
    });
    let all = settings.as_object_mut().unwrap();
    for (name, value) in given.iter().filter_map(|one| one.as_object()).flatten() {
        all.insert(name.clone(), value.clone());
    }
    if let Some(signature) = all.get_mut("user_sig") {
        if signature == "{user_sig}" {
            let (key, app, admin) = (
                chat_emulator::DEFAULT_SECRET_KEY,
                chat_emulator::DEFAULT_SDK_APP_ID,
                chat_emulator::DEFAULT_ADMIN,
            );
            *signature = tencent_chat::usersig::make(key, app, admin, 86_400, None)
                .unwrap()
                .as_str()
                .into();
        }
        all.remove("secret_key");
    }
    all.retain(|_, value| !value.is_null());
    settings
}

/// `{"list": x, "of": 3}` is three x, with `{i}` in them counted from 0; `{"text": "x", "of": 3}` is "xxx".
fn written_out(value: Value) -> Value {
    match value {
        Value::Array(values) => values.into_iter().map(written_out).collect(),
        Value::Object(members) => match long(&members) {
            Some(long) => long,
            None => members
                .into_iter()
                .map(|(name, value)| (name, written_out(value)))
                .collect::<Map<_, _>>()
                .into(),
        },
        other => other,
    }
}

fn long(members: &Map<String, Value>) -> Option<Value> {
    let of = members.get("of")?.as_u64()?;
    if let Some(text) = members.get("text").and_then(Value::as_str) {
        return Some(text.repeat(of as usize).into());
    }
    let one = members.get("list")?;
    let counted = |i: u64| serde_json::from_str(&one.to_string().replace("{i}", &i.to_string())).unwrap();
    Some((0..of).map(|i| written_out(counted(i))).collect())
}
