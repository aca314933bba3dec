//! The samples of the vendor's pages: every request is accepted, every answer has exactly the documented members and types.

use crate::caller::*;
use crate::documented::{samples, Sample};
use std::collections::BTreeSet;
use std::fs;

use serde_json::{json, Value};

/// Members whose values the service chooses.
const OPAQUE: [&str; 4] = ["TimeStamp", "StartIndex", "TopTimeStamp", "TopStartIndex"];

/// Everything in which `actual` is not as documented, one line each.
fn differences(documented: &Value, actual: &Value, place: &str) -> Vec<String> {
    match (documented, actual) {
        (Value::Object(documented), Value::Object(actual)) => {
            let missing = documented.keys().filter(|name| !actual.contains_key(*name));
            let added = actual.keys().filter(|name| !documented.contains_key(*name));
            let told = missing
                .map(|name| format!("{place}/{name} is missing"))
                .chain(added.map(|name| format!("{place}/{name} is not documented")));
            let both = documented
                .iter()
                .filter_map(|(name, value)| Some((name, value, actual.get(name)?)));
            let deeper = both.flat_map(|(name, value, got)| differences(value, got, &format!("{place}/{name}")));
            told.chain(deeper).collect()
        }
        (Value::Array(documented), Value::Array(actual)) if documented.len() == actual.len() => {
            let both = documented.iter().zip(actual).enumerate();
            both.flat_map(|(n, (value, got))| differences(value, got, &format!("{place}/{n}")))
                .collect()
        }
        (Value::Number(documented), Value::Number(actual)) if documented.is_u64() && actual.is_u64() => {
            let opaque = OPAQUE.iter().any(|name| place.ends_with(&format!("/{name}")));
            let differ = documented != actual && !opaque;
            differ
                .then(|| format!("{place} is {actual}, not {documented}"))
                .into_iter()
                .collect()
        }
        _ if documented == actual => Vec::new(),
        _ => vec![format!("{place} is {actual}, not {documented}")],
    }
}

/// The answer in the order of the page: newest first and oldest first are both documented (1047/43087).
fn in_order_of_the_page(mut answer: Value) -> Value {
    if let Some(list) = answer.get_mut("SessionItem").and_then(Value::as_array_mut) {
        list.sort_by_key(|item| item["MsgTime"].as_i64());
    }
    answer
}

fn answer_to(sample: &Sample) -> Value {
    let setup = Setup::open();
    setup.emulator.load_state(sample.state()).unwrap();
    in_order_of_the_page(setup.call(&sample.path, sample.request.clone()))
}

#[test]
fn every_documented_request_gets_exactly_the_documented_answer() {
    for sample in samples() {
        let told = differences(&sample.response, &answer_to(&sample), "");
        assert!(told.is_empty(), "{} ({}): {told:#?}", sample.path, sample.name);
    }
}

#[test]
fn every_recentcontact_command_has_a_sample() {
    let shown: BTreeSet<String> = samples().into_iter().map(|sample| sample.path).collect();
    let handlers = fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/src/service")).unwrap();
    let sources = handlers.map(|file| fs::read_to_string(file.unwrap().path()).unwrap());
    let sources: String = sources.collect();
    let quoted = sources.split('"').filter(|text| text.starts_with("v4/recentcontact/"));
    let commands: BTreeSet<String> = quoted.map(str::to_owned).collect();
    assert!(commands.len() > 8, "{commands:?}");
    assert_eq!(shown, commands);
}

#[test]
fn a_member_that_is_missing_added_renamed_or_of_another_type_would_be_noticed() {
    for sample in samples() {
        let right = answer_to(&sample);
        for name in right.as_object().unwrap().keys() {
            let mut without = right.clone();
            let value = without.as_object_mut().unwrap().remove(name).unwrap();
            let mut renamed = without.clone();
            renamed[name.to_lowercase()] = value.clone();
            let mut retyped = right.clone();
            retyped[name] = if value.is_string() { json!(0) } else { json!("0") };
            let mut added = right.clone();
            added["Added"] = json!(0);
            for wrong in [without, renamed, retyped, added] {
                assert!(
                    !differences(&sample.response, &wrong, "").is_empty(),
                    "{} {name}",
                    sample.path
                );
            }
        }
    }
    let deep = differences(&json!({"A": [{"B": {"C": 1}}]}), &json!({"A": [{"B": {"c": 1}}]}), "");
    assert_eq!(deep, ["/A/0/B/C is missing", "/A/0/B/c is not documented"]);
}
