//! The metrics page: Prometheus accepts it, it carries the counters, and the dashboard and the alerts ask for nothing else.

use std::collections::{BTreeMap, BTreeSet};

use crate::service::{config, delete, Service};
use tencent_chat::endpoints::call::AnyCall;
use tencent_chat::error::CHAT_ERR_INVALID_ARGUMENT;
use tencent_chat::{CallOptions, Client, Config};

/// The series of a page by name and labels. Refuses what a scraper or a linter would: see the messages.
fn parsed(page: &str) -> BTreeMap<String, f64> {
    let (mut series, mut metrics) = (BTreeMap::new(), BTreeSet::new());
    let mut now = (String::new(), String::new());
    let mut lines = page.lines().peekable();
    assert!(page.ends_with('\n'), "a line without an end");
    while let Some(line) = lines.next() {
        if let Some(help) = line.strip_prefix("# HELP ") {
            let (metric, words) = help.split_once(' ').expect("a help without words");
            assert!(
                words.ends_with('.') && metrics.insert(metric.to_owned()),
                "{metric} twice"
            );
            let next = lines.next().expect("a help without a type");
            let kind = next
                .strip_prefix(&format!("# TYPE {metric} "))
                .expect("a type behind its help");
            let suffixed = ["_total", "_bucket", "_sum", "_count"]
                .iter()
                .any(|end| metric.ends_with(end));
            match kind {
                "counter" => assert!(metric.ends_with("_total"), "{metric}"),
                "gauge" | "histogram" => assert!(!suffixed, "{metric}"),
                other => panic!("{metric} is a {other}"),
            }
            assert!(
                !["_ms", "_us", "_milliseconds"].iter().any(|unit| metric.contains(unit)),
                "{metric}: seconds"
            );
            now = (metric.to_owned(), kind.to_owned());
            continue;
        }
        let (labelled, value) = line.rsplit_once(' ').expect("a value");
        let (name, labels) = labelled.split_once('{').expect("labels");
        let metric = match now.1.as_str() {
            "histogram" => ["_bucket", "_sum", "_count"]
                .iter()
                .find_map(|end| name.strip_suffix(end)),
            _ => Some(name),
        };
        assert_eq!(metric, Some(now.0.as_str()), "{line} stands below another metric");
        let mut names = BTreeSet::new();
        let mut rest = labels.strip_suffix('}').expect("an end of the labels");
        loop {
            let (label, quoted) = rest.split_once("=\"").expect("a label");
            assert!(
                label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_') && names.insert(label),
                "{line}"
            );
            let mut escaped = false;
            let end = quoted.find(|c| {
                let ends = c == '"' && !escaped;
                assert!(!escaped || "\\\"n".contains(c), "{line}: an escape that nobody knows");
                escaped = c == '\\' && !escaped;
                ends
            });
            rest = &quoted[end.expect("an end of the value") + 1..];
            match rest.strip_prefix(',') {
                Some(more) => rest = more,
                None => break assert!(rest.is_empty(), "{line}"),
            }
        }
        let value: f64 = value.parse().unwrap();
        assert!(
            value >= 0.0 && series.insert(labelled.to_owned(), value).is_none(),
            "{line}: twice or negative"
        );
    }
    histograms_rise(page, &series);
    series
}

fn histograms_rise(page: &str, series: &BTreeMap<String, f64>) {
    let mut last: Option<(&str, f64, f64)> = None;
    for line in page.lines().filter(|line| line.contains("_bucket{")) {
        let (of, le) = line
            .split_once(",le=\"")
            .expect("a bucket's bound, behind the other labels");
        let (le, count) = le.split_once("\"} ").unwrap();
        let (le, count): (f64, f64) = (le.trim_start_matches('+').parse().unwrap(), count.parse().unwrap());
        if let Some((before, bound, counted)) = last {
            let goes_on = before == of;
            assert!(
                if goes_on {
                    bound < le && counted <= count
                } else {
                    bound.is_infinite()
                },
                "{line}"
            );
        }
        last = Some((of, le, count));
        if le.is_infinite() {
            assert_eq!(
                series.get(&format!("{}}}", of.replace("_bucket{", "_count{"))),
                Some(&count),
                "{line}"
            );
            assert!(
                series.contains_key(&format!("{}}}", of.replace("_bucket{", "_sum{"))),
                "{line}"
            );
        }
    }
    assert!(
        last.is_none_or(|(_, bound, _)| bound.is_infinite()),
        "the last bucket has no end"
    );
}

#[test]
fn the_page_of_several_clients_is_one_that_prometheus_accepts_and_carries_the_counters() {
    let service = Service::start();
    let (client, mut settings) = (service.client(), config(service.emulator.url()));
    for (label, value) in [("client", "a \"b\" \\n,}"), ("zone", "é")] {
        settings.set_metric_label(label, Some(value)).unwrap();
    }
    let other = Client::new(&settings).unwrap();
    delete(&client, "g");
    delete(&other, "g");
    client.call(&AnyCall::new("no command", b""), &CallOptions::default());
    assert!(
        parsed(Client::new(&settings).unwrap().stats().prometheus()).len() > 10,
        "nothing was called"
    );
    let mut stats = client.stats();
    stats.add(other.stats()).unwrap();
    let series = parsed(stats.prometheus());
    let sum = |name: &str, labels: &[&str]| -> f64 {
        let alike = |key: &str| key.starts_with(&format!("{name}{{")) && labels.iter().all(|label| key.contains(label));
        series
            .iter()
            .filter(|(key, _)| alike(key))
            .map(|(_, value)| value)
            .sum()
    };
    let deletes = r#"command="v4/recentcontact/del_contact_group""#;
    let service_codes = r#"outcome="service""#;
    assert_eq!(sum("tencent_chat_calls_total", &[deletes, service_codes]), 2.0);
    assert_eq!(
        sum(
            "tencent_chat_calls_total",
            &[r#"command="other""#, r#"outcome="invalid_argument""#]
        ),
        1.0
    );
    assert_eq!(
        sum(
            "tencent_chat_calls_total",
            &[r#"client="a \"b\" \\n,}""#, r#"zone="é""#]
        ),
        1.0
    );
    for (name, value) in stats.iter().filter(|(name, _)| !name.starts_with("latency_")) {
        let (page, part) = match name.strip_suffix("_ms") {
            Some(name) => (format!("tencent_chat_{name}_seconds_total"), 1e3),
            None => (format!("tencent_chat_{name}"), 1.0),
        };
        let read = match name.strip_prefix("calls_").filter(|outcome| *outcome != "in_progress") {
            Some(outcome) => sum("tencent_chat_calls_total", &[&format!("outcome=\"{outcome}\"")]),
            None => sum(&page, &[]) + sum(&format!("{page}_total"), &[]),
        };
        assert_eq!((read * part).floor(), value as f64, "{name}");
    }
    assert_eq!(sum("tencent_chat_call_duration_seconds_count", &[]), 2.0);
}

#[test]
fn clients_with_the_same_labels_never_come_onto_one_page() {
    let service = Service::start();
    let mut settings = config(service.emulator.url());
    let (one, other) = (Client::new(&settings).unwrap(), Client::new(&settings).unwrap());
    one.stats().add(other.stats()).unwrap();
    settings.set_metric_label("client", Some("orders")).unwrap();
    let (one, other) = (Client::new(&settings).unwrap(), Client::new(&settings).unwrap());
    let mut stats = one.stats();
    assert_eq!(stats.add(other.stats()).unwrap_err().code, CHAT_ERR_INVALID_ARGUMENT);
    parsed(stats.prometheus());
}

#[test]
fn a_label_that_is_set_again_is_replaced_and_one_that_is_taken_back_is_gone() {
    let service = Service::start();
    let mut settings = config(service.emulator.url());
    let page = |settings: &Config| Client::new(settings).unwrap().stats().prometheus().to_owned();
    settings.set_metric_label("team", Some("first")).unwrap();
    settings.set_metric_label("team", Some("second")).unwrap();
    let second = page(&settings);
    parsed(&second);
    assert!(
        second.contains(r#"team="second""#) && !second.contains("first"),
        "{second}"
    );
    settings.set_metric_label("team", None).unwrap();
    assert!(!page(&settings).contains("team"));
    settings.set_metric_label("0", Some("x")).unwrap_err();
    assert!(Client::new(&settings).is_err(), "a refused label stays refused");
    settings.set_metric_label("0", None).unwrap();
    assert!(Client::new(&settings).is_ok());
}

/// The names of series that a text asks for, and with which braces.
fn asked(text: &str) -> Vec<(&str, &str)> {
    let word = |c: char| c == '_' || c.is_ascii_alphanumeric();
    let places = text.match_indices("tencent_chat_").map(|(at, _)| &text[at..]);
    let split = places.map(|rest| rest.split_at(rest.find(|c| !word(c)).unwrap_or(rest.len())));
    split
        .map(|(name, rest)| match rest.strip_prefix('{') {
            Some(labels) => (name, labels.split('}').next().unwrap()),
            None => (name, ""),
        })
        .collect()
}

#[test]
fn the_dashboard_and_the_alerts_ask_only_for_series_that_a_page_has() {
    let service = Service::start();
    let client = service.client();
    delete(&client, "g");
    let stats = client.stats();
    let series = parsed(stats.prometheus());
    let guides = concat!(env!("CARGO_MANIFEST_DIR"), "/bindings/guides/");
    let file = |name: &str| std::fs::read_to_string(format!("{guides}{name}")).unwrap();
    let dashboard: serde_json::Value = serde_json::from_str(&file("grafana.json")).unwrap();
    let panels = dashboard["panels"].as_array().unwrap();
    let mut expressions: Vec<String> = panels
        .iter()
        .flat_map(|panel| panel["targets"].as_array().unwrap())
        .map(|target| target["expr"].as_str().unwrap().to_owned())
        .collect();
    let variables = dashboard["templating"]["list"].as_array().unwrap();
    expressions.extend(
        variables
            .iter()
            .filter_map(|variable| Some(variable["query"].as_str()?.to_owned())),
    );
    let rules = file("alerts.yml");
    let rules: Vec<&str> = rules.split("- alert: ").skip(1).collect();
    for part in ["Throttled", "InDoubt", "SignatureRefused"] {
        let rule = rules
            .iter()
            .find(|rule| rule.lines().next().unwrap().ends_with(part))
            .expect(part);
        assert!(
            ["expr: ", "severity: ", "summary: ", "description: "]
                .iter()
                .all(|has| rule.contains(has)),
            "{rule}"
        );
        let expression = rule.split_once("expr: >-").unwrap().1.split("labels:").next().unwrap();
        expressions.push(expression.split("for:").next().unwrap().to_owned());
    }
    for expression in &expressions {
        assert_eq!(
            expression.matches('(').count(),
            expression.matches(')').count(),
            "{expression}"
        );
        assert!(
            expression == "prometheus" || !asked(expression).is_empty(),
            "{expression} asks for nothing"
        );
        for (name, labels) in asked(expression) {
            let key = series.keys().find(|key| key.starts_with(&format!("{name}{{")));
            let key = key.unwrap_or_else(|| panic!("no page has {name}: {expression}"));
            for matcher in labels.split(',').filter(|matcher| !matcher.is_empty()) {
                let (label, value) = matcher.split_once('=').unwrap();
                let named = label == "job" || key.contains(&format!("{label}=\""));
                assert!(named, "{name} has no label {label}");
                let exact = !value.starts_with('~');
                let there = series.keys().any(|key| key.starts_with(name) && key.contains(matcher));
                assert!(!exact || there, "{name} never has {matcher}");
            }
        }
    }
    // And whoever looks at the dashboard sees everything that may go wrong.
    for name in [
        "calls_total",
        "in_doubt_total",
        "throttle_answers_total",
        "signature_refusals_total",
        "connections_awaited",
    ] {
        let name = format!("tencent_chat_{name}");
        let shown = expressions
            .iter()
            .any(|expression| asked(expression).iter().any(|(asked, _)| *asked == name));
        assert!(shown, "{name} is nowhere shown");
    }
}
