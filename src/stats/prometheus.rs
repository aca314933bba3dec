//! The page that Prometheus reads, in its text exposition format 0.0.4: each metric once, with its help and its type, and below it the series of every
//! client and command.

use std::fmt::Write as _;

use super::{Connections, Counted, Page, Stats, BOUNDS_MS, OUTCOMES};

/// A number of the client as a whole.
pub(super) struct Single {
    /// As C calls it; `_us` is one that C is told in milliseconds and the page in seconds.
    pub name: &'static str,
    kind: &'static str,
    help: &'static str,
    pub read: fn(&Stats, Connections) -> u64,
}

const fn counter(name: &'static str, help: &'static str, read: fn(&Stats, Connections) -> u64) -> Single {
    let kind = "counter";
    Single { name, kind, help, read }
}

const fn gauge(name: &'static str, help: &'static str, read: fn(&Stats, Connections) -> u64) -> Single {
    let kind = "gauge";
    Single { name, kind, help, read }
}

#[rustfmt::skip]
pub(super) const SINGLES: &[Single] = &[
    gauge("calls_in_progress", "Calls that are inside the client now.", |s, _| s.calls_in_progress.get()),
    counter("retries", "Attempts that were repeats.", |s, _| s.retries.get()),
    counter("already_deleted", "Deletes whose repeat found nothing left.", |s, _| s.already_deleted.get()),
    counter("retries_over_budget", "Repeats that were not made because the budget was spent.", |s, _| s.retries_over_budget.get()),
    counter("throttle_answers", "Answers that asked to slow down.", |s, _| s.throttle_answers.get()),
    counter("signature_refusals", "Answers that refused the UserSig.", |s, _| s.signature_refusals.get()),
    counter("re_signs", "Signatures replaced because the service called them expired or revoked.", |s, _| s.re_signs.get()),
    counter("rate_waits", "Calls that waited for a turn under the rate limit.", |s, _| s.rate_waits.get()),
    counter("rate_waited_us", "Time that calls waited for a turn under the rate limit.", |s, _| s.rate_waited_us.get()),
    gauge("connections_open", "Connections that are open now.", |s, _| s.connections_open.get()),
    gauge("connections_idle", "Open connections that no call uses now.", |_, now| now.idle),
    gauge("connections_awaited", "Calls that wait for one of the client's connections now.", |_, now| now.awaited),
    counter("connections_opened", "Connections that were opened.", |s, _| s.connections_opened.get()),
    counter("connection_waits", "Attempts that waited for one of the client's connections.", |s, _| s.connection_waits.get()),
    counter("connection_waited_us", "Time that attempts waited for one of the client's connections.", |s, _| s.connection_waited_us.get()),
    counter("standby_attempts", "Attempts at the standby host.", |s, _| s.standby_attempts.get()),
    counter("shared_limit_trips", "Trips to the server of the shared limit.", |s, _| s.shared_limit_trips.get()),
    counter("shared_limit_failures", "Trips to the server of the shared limit that brought nothing.", |s, _| s.shared_limit_failures.get()),
];

impl Single {
    fn write(&self, text: &mut String, clients: &[Page], index: usize) {
        let (name, part) = match self.name.strip_suffix("_us") {
            Some(name) => (format!("{name}_seconds"), 1e6),
            None => (self.name.to_owned(), 1.0),
        };
        let ending = if self.kind == "counter" { "_total" } else { "" };
        let name = format!("tencent_chat_{name}{ending}");
        head(text, &name, self.kind, self.help);
        for page in clients {
            let value = page.singles[index] as f64 / part;
            let _ = writeln!(text, "{name}{{{}}} {value}", page.labels);
        }
    }
}

/// Names and values as they stand between the braces of a series.
pub(super) fn labels(labels: &[(&str, &str)]) -> String {
    let mut text = String::new();
    for (name, value) in labels {
        let comma = if text.is_empty() { "" } else { "," };
        let _ = write!(text, "{comma}{name}=\"");
        for letter in value.chars() {
            // No label holds a line's end.
            if matches!(letter, '\\' | '"') {
                text.push('\\');
            }
            text.push(letter);
        }
        text.push('"');
    }
    text
}

fn head(text: &mut String, name: &str, kind: &str, help: &str) {
    let _ = writeln!(text, "# HELP {name} {help}\n# TYPE {name} {kind}");
}

pub(super) fn text(clients: &[Page]) -> String {
    let mut text = String::new();
    let mut commands = Vec::new();
    for page in clients {
        for command in &page.commands {
            let own = labels(&[("command", &command.path)]);
            commands.push((command, format!("{},{own}", page.labels)));
        }
    }
    head(
        &mut text,
        "tencent_chat_calls_total",
        "counter",
        "Calls that returned, by what they came to.",
    );
    for (command, labels) in &commands {
        for ((outcome, _), count) in OUTCOMES.iter().zip(&command.outcomes) {
            let _ = writeln!(
                text,
                "tencent_chat_calls_total{{{labels},outcome=\"{outcome}\"}} {count}"
            );
        }
    }
    let attempts: fn(&Counted) -> u64 = |command| command.attempts;
    let in_doubt: fn(&Counted) -> u64 = |command| command.in_doubt;
    for (name, help, read) in [
        ("attempts", "Requests that were made, or tried.", attempts),
        (
            "in_doubt",
            "Calls of which nobody knows whether they took effect.",
            in_doubt,
        ),
    ] {
        let name = format!("tencent_chat_{name}_total");
        head(&mut text, &name, "counter", help);
        for (command, labels) in &commands {
            let _ = writeln!(text, "{name}{{{labels}}} {}", read(command));
        }
    }
    for (index, single) in SINGLES.iter().enumerate() {
        single.write(&mut text, clients, index);
    }
    let name = "tencent_chat_call_duration_seconds";
    head(
        &mut text,
        name,
        "histogram",
        "Time of calls that made an attempt, from begin to return.",
    );
    for (command, labels) in &commands {
        let bounds = BOUNDS_MS.iter().map(|bound| (*bound as f64 / 1e3).to_string());
        for (le, count) in bounds.chain(["+Inf".to_owned()]).zip(&command.within) {
            let _ = writeln!(text, "{name}_bucket{{{labels},le=\"{le}\"}} {count}");
        }
        let (sum, count) = (command.latency_us as f64 / 1e6, command.within[BOUNDS_MS.len()]);
        let _ = writeln!(text, "{name}_sum{{{labels}}} {sum}\n{name}_count{{{labels}}} {count}");
    }
    text
}
