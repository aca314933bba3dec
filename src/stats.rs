//! What a client counts about itself: counters that take no lock, a snapshot of them, and the snapshot as Prometheus text. New names may come; a name
//! never changes its meaning.

use std::fmt::Write as _;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use once_cell::sync::OnceCell;

use crate::error::{self, Error};
use crate::response::{Response, Terminated};

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

/// So many commands are counted apart. Those that a program makes up as it goes are not to fill the memory, here or where the page is read.
const COMMANDS: usize = 64;

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
#[derive(Debug)]
pub(crate) struct Stats {
    /// What its series are told from another client's by, as it stands on the page.
    labels: String,
    /// In the order of their first calls.
    commands: [OnceLock<Box<Command>>; COMMANDS],
    /// The commands after those, and calls refused before their command was known.
    other: Command,
    pub calls_in_progress: Counter,
    retries: Counter,
    already_deleted: Counter,
    pub retries_over_budget: Counter,
    pub throttle_answers: Counter,
    pub signature_refusals: Counter,
    rate_waits: Counter,
    rate_waited_us: Counter,
    connection_waits: Counter,
    connection_waited_us: Counter,
    pub re_signs: Counter,
    pub connections_opened: Counter,
    pub connections_open: Counter,
    pub standby_attempts: Counter,
    pub shared_limit_trips: Counter,
    pub shared_limit_failures: Counter,
}

/// The counters of one command's calls.
#[derive(Debug, Default)]
pub(crate) struct Command {
    path: Arc<str>,
    outcomes: [Counter; OUTCOMES.len()],
    attempts: Counter,
    in_doubt: Counter,
    latency: [Counter; BOUNDS_MS.len() + 1],
    latency_us: Counter,
}

/// What is read off a client's connections, not counted.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Connections {
    pub idle: u64,
    pub awaited: u64,
}

fn micros(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}

impl Stats {
    /// `labels` are names and values for all series of the client.
    pub fn new(labels: &[(&str, &str)]) -> Self {
        Stats {
            labels: series_labels(labels),
            commands: [const { OnceLock::new() }; COMMANDS],
            other: Command::of("other"),
            calls_in_progress: Counter::default(),
            retries: Counter::default(),
            already_deleted: Counter::default(),
            retries_over_budget: Counter::default(),
            throttle_answers: Counter::default(),
            signature_refusals: Counter::default(),
            rate_waits: Counter::default(),
            rate_waited_us: Counter::default(),
            connection_waits: Counter::default(),
            connection_waited_us: Counter::default(),
            re_signs: Counter::default(),
            connections_opened: Counter::default(),
            connections_open: Counter::default(),
            standby_attempts: Counter::default(),
            shared_limit_trips: Counter::default(),
            shared_limit_failures: Counter::default(),
        }
    }

    /// The counters of a command by its path; "" is none.
    // Once in the library, not once a command.
    #[inline(never)]
    pub fn command(&self, path: &str) -> &Command {
        if path.is_empty() {
            return &self.other;
        }
        let mut known = self
            .commands
            .iter()
            .map(|command| command.get_or_init(|| Box::new(Command::of(path))));
        known
            .find(|command| *command.path == *path)
            .map_or(&self.other, AsRef::as_ref)
    }

    /// A call ended before its command was known, or in an unknown way.
    pub fn ended(&self, code: i32) {
        self.other.ended(code);
    }

    /// A call returned, so long after it began.
    pub fn returned(&self, command: &Command, response: &Response, took: Duration) {
        command.ended(response.code());
        command.in_doubt.add(u64::from(response.is_in_doubt()));
        self.already_deleted.add(u64::from(response.is_already_deleted()));
        let attempts = response.attempts() as u64;
        if attempts > 0 {
            command.attempts.add(attempts);
            self.retries.add(attempts - 1);
            let bucket = BOUNDS_MS.partition_point(|bound| Duration::from_millis(*bound) < took);
            command.latency[bucket].add(1);
            command.latency_us.add(micros(took));
        }
    }

    /// A call waited so long for its turns under the rate limit.
    pub fn waited_for_turns(&self, time: Duration) {
        if !time.is_zero() {
            self.rate_waits.add(1);
            self.rate_waited_us.add(micros(time));
        }
    }

    /// An attempt waited so long for one of the client's connections.
    pub fn waited_for_connection(&self, time: Duration) {
        self.connection_waits.add(1);
        self.connection_waited_us.add(micros(time));
    }

    pub fn snapshot(&self, connections: Connections) -> Snapshot {
        let mut commands = Vec::new();
        let mut places = self.commands.iter();
        loop {
            let next = places.next().and_then(OnceLock::get);
            let counted = next.map_or(&self.other, AsRef::as_ref).counted();
            if counted.is_called() {
                commands.push(counted);
            }
            if next.is_none() {
                break;
            }
        }
        Snapshot::new(Page {
            labels: self.labels.clone(),
            commands,
            singles: SINGLES.iter().map(|single| (single.read)(self, connections)).collect(),
        })
    }
}

impl Command {
    fn of(path: &str) -> Self {
        Command {
            path: path.into(),
            ..Command::default()
        }
    }

    /// The path of a call that is counted here. Among the commands that are counted together each call has its own.
    pub fn path(&self, called: &str) -> Arc<str> {
        if *self.path == *called {
            self.path.clone()
        } else {
            called.into()
        }
    }

    fn ended(&self, code: i32) {
        let class = match code {
            error::CHAT_ERR_INVALID_UTF8 | error::CHAT_ERR_CONFIG => error::CHAT_ERR_INVALID_ARGUMENT,
            1.. => i32::MAX,
            code => code,
        };
        if let Some(index) = OUTCOMES.iter().position(|(_, code)| *code == class) {
            self.outcomes[index].add(1);
        }
    }

    fn counted(&self) -> Counted {
        let mut counted = Counted {
            path: self.path.to_string(),
            attempts: self.attempts.get(),
            in_doubt: self.in_doubt.get(),
            latency_us: self.latency_us.get(),
            ..Counted::default()
        };
        for (count, counter) in counted.outcomes.iter_mut().zip(&self.outcomes) {
            *count = counter.get();
        }
        let mut so_far = 0;
        for (count, counter) in counted.within.iter_mut().zip(&self.latency) {
            so_far += counter.get();
            *count = so_far;
        }
        counted
    }
}

/// A command's counters at one moment.
#[derive(Debug, Default)]
struct Counted {
    path: String,
    /// As [`OUTCOMES`].
    outcomes: [u64; OUTCOMES.len()],
    attempts: u64,
    in_doubt: u64,
    /// How many calls took no longer than each of [`BOUNDS_MS`], and how many there were.
    within: [u64; BOUNDS_MS.len() + 1],
    latency_us: u64,
}

impl Counted {
    fn is_called(&self) -> bool {
        self.outcomes.iter().any(|count| *count > 0)
    }

    fn add(&mut self, other: &Counted) {
        for (sum, count) in self.outcomes.iter_mut().zip(&other.outcomes) {
            *sum += count;
        }
        for (sum, count) in self.within.iter_mut().zip(&other.within) {
            *sum += count;
        }
        self.attempts += other.attempts;
        self.in_doubt += other.in_doubt;
        self.latency_us += other.latency_us;
    }
}

/// A client's counters at one moment.
#[derive(Debug)]
struct Page {
    labels: String,
    commands: Vec<Counted>,
    /// As [`SINGLES`].
    singles: Vec<u64>,
}

/// The counters at one moment, of one client or several.
#[derive(Debug)]
pub struct Snapshot {
    clients: Vec<Page>,
    values: Vec<(String, u64)>,
    /// The names for C, in the same order.
    names: Vec<Terminated>,
    prometheus: OnceCell<Terminated>,
}

impl Snapshot {
    fn new(client: Page) -> Self {
        let values = summed(std::slice::from_ref(&client));
        Snapshot {
            names: values.iter().map(|(name, _)| Terminated::new(name.as_str())).collect(),
            clients: vec![client],
            values,
            prometheus: OnceCell::new(),
        }
    }

    /// Adds those of other clients. Refuses one whose series have the same labels as those that are there.
    pub fn add(&mut self, mut other: Snapshot) -> Result<(), Error> {
        let twice = |new: &Page| self.clients.iter().any(|old| old.labels == new.labels);
        if other.clients.iter().any(twice) {
            return Err(Error::argument(
                "client: one with the same labels is there already; give each its own by metric_label",
            ));
        }
        self.clients.append(&mut other.clients);
        self.values = summed(&self.clients);
        self.prometheus = OnceCell::new();
        Ok(())
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
        self.prometheus
            .get_or_init(|| Terminated::new(exposition(&self.clients)))
    }
}

/// Each counter by its name, over all clients and commands.
fn summed(clients: &[Page]) -> Vec<(String, u64)> {
    let mut all = Counted::default();
    for command in clients.iter().flat_map(|page| &page.commands) {
        all.add(command);
    }
    let mut values = Vec::new();
    for ((name, _), count) in OUTCOMES.iter().zip(&all.outcomes) {
        put(&mut values, format_args!("calls_{name}"), *count);
    }
    put(&mut values, format_args!("calls"), all.outcomes.iter().sum());
    put(&mut values, format_args!("attempts"), all.attempts);
    put(&mut values, format_args!("in_doubt"), all.in_doubt);
    for (index, single) in SINGLES.iter().enumerate() {
        let sum: u64 = clients.iter().map(|page| page.singles[index]).sum();
        match single.name.strip_suffix("_us") {
            Some(name) => put(&mut values, format_args!("{name}_ms"), sum / 1_000),
            None => put(&mut values, format_args!("{}", single.name), sum),
        }
    }
    for (bucket, count) in all.within.iter().enumerate() {
        match BOUNDS_MS.get(bucket) {
            Some(bound) => put(&mut values, format_args!("latency_le_{bound}_ms"), *count),
            None => put(&mut values, format_args!("latency_le_inf"), *count),
        }
    }
    put(&mut values, format_args!("latency_sum_us"), all.latency_us);
    values
}

// Once in the library, not once a name.
#[inline(never)]
fn put(values: &mut Vec<(String, u64)>, name: std::fmt::Arguments<'_>, count: u64) {
    values.push((name.to_string(), count));
}

/// A number of the client as a whole.
struct Single {
    /// As C calls it; `_us` is one that C is told in milliseconds and the page in seconds.
    name: &'static str,
    kind: &'static str,
    help: &'static str,
    read: fn(&Stats, Connections) -> u64,
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
const SINGLES: &[Single] = &[
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
fn series_labels(labels: &[(&str, &str)]) -> String {
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

fn exposition(clients: &[Page]) -> String {
    let mut text = String::new();
    let mut commands = Vec::new();
    for page in clients {
        for command in &page.commands {
            let own = series_labels(&[("command", &command.path)]);
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

#[cfg(test)]
mod tests {
    use super::*;

    fn stats() -> Stats {
        Stats::new(&[("client", "1")])
    }

    fn snapshot(stats: &Stats) -> Snapshot {
        stats.snapshot(Connections::default())
    }

    fn returned(stats: &Stats, path: &str, took: Duration) {
        let mut response = Response::default();
        response.attempts = vec![crate::attempt::Attempt::sample()];
        stats.returned(stats.command(path), &response, took);
    }

    #[test]
    fn every_outcome_of_the_code_table_is_counted_under_a_name() {
        for (code, name) in error::codes() {
            // A client of the parent counts nothing in a child, and the end of a list is the end of no call.
            if [error::CHAT_ERR_FORKED, error::CHAT_END].contains(&code) {
                continue;
            }
            let stats = stats();
            stats.ended(code);
            assert_eq!(snapshot(&stats).get("calls"), 1, "{name} {code}");
        }
    }

    #[test]
    fn the_histogram_is_cumulative_and_a_bound_belongs_to_its_bucket() {
        let stats = stats();
        for took in [1_000, 1_001, 2_000, 60_000_000] {
            returned(&stats, "v4/a/b", Duration::from_micros(took));
        }
        let snapshot = snapshot(&stats);
        let counts = ["1_ms", "2_ms", "5_ms", "10000_ms", "inf"].map(|le| snapshot.get(&format!("latency_le_{le}")));
        assert_eq!(counts, [1, 3, 3, 3, 4]);
        assert_eq!(snapshot.get("latency_sum_us"), 60_004_001);
        let series = r#"tencent_chat_call_duration_seconds_bucket{client="1",command="v4/a/b",le="0.002"} 3"#;
        assert!(snapshot.prometheus().lines().any(|line| line == series));
        let sum = r#"tencent_chat_call_duration_seconds_sum{client="1",command="v4/a/b"} 60.004001"#;
        assert!(snapshot.prometheus().lines().any(|line| line == sum));
    }

    #[test]
    fn commands_without_end_are_counted_together_and_none_is_lost() {
        let stats = stats();
        std::thread::scope(|scope| {
            for thread in 0..4 {
                let stats = &stats;
                scope.spawn(move || {
                    for call in 0..100 {
                        returned(stats, &format!("v4/a/{}", (thread * 25 + call) % 100), Duration::ZERO);
                    }
                });
            }
        });
        let snapshot = snapshot(&stats);
        assert_eq!(snapshot.get("calls"), 400);
        let paths: Vec<&str> = snapshot.clients[0]
            .commands
            .iter()
            .map(|command| &*command.path)
            .collect();
        let mut once = paths.clone();
        once.sort_unstable();
        once.dedup();
        assert_eq!((paths.len(), once.len()), (COMMANDS + 1, COMMANDS + 1), "{paths:?}");
        assert_eq!(paths.last(), Some(&"other"));
    }
}
