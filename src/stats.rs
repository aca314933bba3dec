//! What a client counts about itself: counters that take no lock, a snapshot of them, and the snapshot as Prometheus text. New names may come; a name
//! never changes its meaning.

use std::fmt::Write as _;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use once_cell::sync::OnceCell;

use crate::error;
use crate::response::{Response, Terminated};

/// What goes up and down; everything else only rises.
const GAUGES: [&str; 2] = ["calls_in_progress", "connections_open"];

/// How calls end: the name of the outcome, its code. The service's own codes are `service`.
const OUTCOMES: &[(&str, i32)] = &[
    ("ok", error::CHAT_OK),
    ("service", i32::MAX),
    ("partial", error::CHAT_ERR_PARTIAL),
    ("invalid_argument", error::CHAT_ERR_INVALID_ARGUMENT),
    ("timeout", error::CHAT_ERR_TIMEOUT),
    ("transport", error::CHAT_ERR_TRANSPORT),
    ("tls", error::CHAT_ERR_TLS),
    ("http_status", error::CHAT_ERR_HTTP_STATUS),
    ("protocol", error::CHAT_ERR_PROTOCOL),
    ("no_error_code", error::CHAT_ERR_SERVICE),
    ("throttled", error::CHAT_ERR_THROTTLED),
    ("cancelled", error::CHAT_ERR_CANCELLED),
    ("shutdown", error::CHAT_ERR_SHUTDOWN),
    ("panic", error::CHAT_ERR_PANIC),
];

/// Upper bounds of the latency histogram in milliseconds; one more bucket has none.
const BOUNDS_MS: [u64; 13] = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000];

/// A number that only threads of this client touch.
#[derive(Debug, Default)]
pub(crate) struct Counter(AtomicU64);

impl Counter {
    pub fn add(&self, n: u64) {
        self.0.fetch_add(n, Ordering::Relaxed);
    }

    pub fn take_away(&self, n: u64) {
        self.0.fetch_sub(n, Ordering::Relaxed);
    }

    fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// The counters of one client.
#[derive(Debug, Default)]
pub(crate) struct Stats {
    outcomes: [Counter; OUTCOMES.len()],
    pub calls_in_progress: Counter,
    attempts: Counter,
    retries: Counter,
    in_doubt: Counter,
    already_deleted: Counter,
    pub retries_over_budget: Counter,
    pub throttle_answers: Counter,
    rate_waits: Counter,
    rate_waited_us: Counter,
    pub re_signs: Counter,
    pub connections_opened: Counter,
    pub connections_open: Counter,
    pub standby_attempts: Counter,
    pub shared_limit_trips: Counter,
    pub shared_limit_failures: Counter,
    latency: [Counter; BOUNDS_MS.len() + 1],
    latency_us: Counter,
}

fn micros(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}

impl Stats {
    /// A call ended without being sent, or in an unknown way.
    pub fn ended(&self, code: i32) {
        let class = match code {
            error::CHAT_ERR_INVALID_UTF8 | error::CHAT_ERR_CONFIG => error::CHAT_ERR_INVALID_ARGUMENT,
            1.. => i32::MAX,
            code => code,
        };
        if let Some(index) = OUTCOMES.iter().position(|(_, code)| *code == class) {
            self.outcomes[index].add(1);
        }
    }

    /// A call returned, so long after it began.
    pub fn returned(&self, response: &Response, took: Duration) {
        self.ended(response.code());
        self.in_doubt.add(u64::from(response.is_in_doubt()));
        self.already_deleted.add(u64::from(response.is_already_deleted()));
        let attempts = response.attempts() as u64;
        self.attempts.add(attempts);
        self.retries.add(attempts.saturating_sub(1));
        if attempts > 0 {
            let bucket = BOUNDS_MS.partition_point(|bound| Duration::from_millis(*bound) < took);
            self.latency[bucket].add(1);
            self.latency_us.add(micros(took));
        }
    }

    /// A call waited so long for its slots under the rate limit.
    pub fn waited(&self, time: Duration) {
        if !time.is_zero() {
            self.rate_waits.add(1);
            self.rate_waited_us.add(micros(time));
        }
    }

    pub fn snapshot(&self) -> Snapshot {
        let mut values = Vec::new();
        let mut calls = 0;
        for ((name, _), counter) in OUTCOMES.iter().zip(&self.outcomes) {
            calls += counter.get();
            values.push((format!("calls_{name}"), counter.get()));
        }
        let single = [
            ("calls", calls),
            ("calls_in_progress", self.calls_in_progress.get()),
            ("attempts", self.attempts.get()),
            ("retries", self.retries.get()),
            ("in_doubt", self.in_doubt.get()),
            ("already_deleted", self.already_deleted.get()),
            ("retries_over_budget", self.retries_over_budget.get()),
            ("throttle_answers", self.throttle_answers.get()),
            ("rate_waits", self.rate_waits.get()),
            ("rate_waited_ms", self.rate_waited_us.get() / 1_000),
            ("re_signs", self.re_signs.get()),
            ("connections_opened", self.connections_opened.get()),
            ("connections_open", self.connections_open.get()),
            ("standby_attempts", self.standby_attempts.get()),
            ("shared_limit_trips", self.shared_limit_trips.get()),
            ("shared_limit_failures", self.shared_limit_failures.get()),
        ];
        values.extend(single.map(|(name, value)| (name.to_owned(), value)));
        let mut so_far = 0;
        for (bucket, counter) in self.latency.iter().enumerate() {
            so_far += counter.get();
            let name = match BOUNDS_MS.get(bucket) {
                Some(bound) => format!("latency_le_{bound}_ms"),
                None => "latency_le_inf".to_owned(),
            };
            values.push((name, so_far));
        }
        values.push(("latency_sum_us".to_owned(), self.latency_us.get()));
        Snapshot::new(values)
    }
}

/// The counters at one moment.
#[derive(Debug)]
pub struct Snapshot {
    values: Vec<(String, u64)>,
    /// The names for C, in the same order.
    names: Vec<Terminated>,
    prometheus: OnceCell<Terminated>,
}

impl Snapshot {
    fn new(values: Vec<(String, u64)>) -> Self {
        Snapshot {
            names: values.iter().map(|(name, _)| Terminated::new(name.as_str())).collect(),
            values,
            prometheus: OnceCell::new(),
        }
    }

    /// 0 for a name that this version does not have.
    pub fn get(&self, name: &str) -> u64 {
        self.values
            .iter()
            .find(|(known, _)| known == name)
            .map_or(0, |(_, value)| *value)
    }

    pub fn iter(&self) -> impl Iterator<Item = (&str, u64)> {
        self.values.iter().map(|(name, value)| (name.as_str(), *value))
    }

    pub(crate) fn name(&self, index: usize) -> Option<&Terminated> {
        self.names.get(index)
    }

    pub(crate) fn value(&self, index: usize) -> u64 {
        self.values.get(index).map_or(0, |(_, value)| *value)
    }

    pub(crate) fn len(&self) -> usize {
        self.values.len()
    }

    /// The text exposition format of Prometheus, version 0.0.4.
    pub fn prometheus(&self) -> &str {
        std::str::from_utf8(self.prometheus_terminated().bytes()).unwrap_or_default()
    }

    pub(crate) fn prometheus_terminated(&self) -> &Terminated {
        self.prometheus.get_or_init(|| Terminated::new(self.exposition()))
    }

    fn exposition(&self) -> String {
        let mut text = String::from("# TYPE tencent_chat_calls_total counter\n");
        for (outcome, _) in OUTCOMES {
            let value = self.get(&format!("calls_{outcome}"));
            let _ = writeln!(text, "tencent_chat_calls_total{{outcome=\"{outcome}\"}} {value}");
        }
        for (name, value) in self.iter() {
            let named = match name {
                "calls" | "rate_waited_ms" => continue,
                name if GAUGES.contains(&name) => format!("{name} gauge"),
                name if name.starts_with("calls_") || name.starts_with("latency_") => continue,
                name => format!("{name}_total counter"),
            };
            let metric = named.split(' ').next().unwrap_or_default();
            let _ = writeln!(text, "# TYPE tencent_chat_{named}\ntencent_chat_{metric} {value}");
        }
        let waited = self.get("rate_waited_ms") as f64 / 1e3;
        let _ = writeln!(
            text,
            "# TYPE tencent_chat_rate_waited_seconds_total counter\ntencent_chat_rate_waited_seconds_total {waited}"
        );
        let _ = writeln!(text, "# TYPE tencent_chat_call_duration_seconds histogram");
        for bound in BOUNDS_MS {
            let (le, value) = (bound as f64 / 1e3, self.get(&format!("latency_le_{bound}_ms")));
            let _ = writeln!(text, "tencent_chat_call_duration_seconds_bucket{{le=\"{le}\"}} {value}");
        }
        let (count, sum) = (self.get("latency_le_inf"), self.get("latency_sum_us") as f64 / 1e6);
        let _ = writeln!(text, "tencent_chat_call_duration_seconds_bucket{{le=\"+Inf\"}} {count}");
        let _ = writeln!(
            text,
            "tencent_chat_call_duration_seconds_sum {sum}\ntencent_chat_call_duration_seconds_count {count}"
        );
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_outcome_of_the_code_table_is_counted_under_a_name() {
        for (code, name) in error::codes() {
            // A client of the parent counts nothing in a child, and the end of a list is the end of no call.
            if [error::CHAT_ERR_FORKED, error::CHAT_END].contains(&code) {
                continue;
            }
            let stats = Stats::default();
            stats.ended(code);
            assert_eq!(stats.snapshot().get("calls"), 1, "{name} {code}");
        }
    }

    #[test]
    fn the_histogram_is_cumulative_and_a_bound_belongs_to_its_bucket() {
        let stats = Stats::default();
        for took in [1_000, 1_001, 2_000, 60_000_000] {
            let attempt = crate::attempt::Attempt::default();
            let mut response = Response::default();
            response.attempts = vec![attempt];
            stats.returned(&response, Duration::from_micros(took));
        }
        let snapshot = stats.snapshot();
        let counts = ["1_ms", "2_ms", "5_ms", "10000_ms", "inf"].map(|le| snapshot.get(&format!("latency_le_{le}")));
        assert_eq!(counts, [1, 3, 3, 3, 4]);
        assert_eq!(snapshot.get("latency_sum_us"), 60_004_001);
        assert!(snapshot
            .prometheus()
            .contains("tencent_chat_call_duration_seconds_bucket{le=\"0.002\"} 3\n"));
        assert!(snapshot
            .prometheus()
            .contains("tencent_chat_call_duration_seconds_sum 60.004001\n"));
    }

    #[test]
    fn the_exposition_names_every_counter_once() {
        let text = Stats::default().snapshot().prometheus().to_owned();
        let types: Vec<&str> = text.lines().filter(|line| line.starts_with("# TYPE")).collect();
        let mut once = types.clone();
        once.sort_unstable();
        once.dedup();
        assert_eq!(once.len(), types.len());
        let gauges: Vec<&&str> = types.iter().filter(|line| line.ends_with(" gauge")).collect();
        assert_eq!(gauges.len(), GAUGES.len(), "{gauges:?}");
        for gauge in GAUGES {
            assert!(types.contains(&&*format!("# TYPE tencent_chat_{gauge} gauge")));
        }
        // What only rises is a `_total`, and each outcome stands in one series alone.
        let counters = types.iter().filter(|line| line.ends_with(" counter"));
        for line in counters {
            assert!(line.ends_with("_total counter"), "{line}");
        }
        for (outcome, _) in OUTCOMES {
            let named = text.lines().filter(|line| line.contains(&format!("calls_{outcome}")));
            assert_eq!(named.count(), 0, "{outcome}");
        }
    }
}
