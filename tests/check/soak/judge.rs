//! Compares what the callers say with what the service saw, call by call, and both with their totals and with the state at the end.
//! It names every disagreement.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::ledger::{Call, Request, Totals};

/// What the service says of the whole time.
#[derive(Clone, Copy, Debug, Default)]
pub struct Counters {
    pub requests: u64,
    pub applied: u64,
    pub connections_open: u64,
}

/// Everything that has to agree.
#[derive(Clone, Debug, Default)]
pub struct Evidence {
    /// In the order in which they returned, for each user.
    pub calls: Vec<Call>,
    pub requests: Vec<Request>,
    pub totals: Totals,
    pub counters: Counters,
    /// The groups of each user at the end.
    pub groups: BTreeMap<String, Vec<String>>,
}

const PARTIAL: i64 = -15;
const GROUP_NOT_FOUND: i64 = 51009;

/// Codes that say that nothing was sent, whatever else came.
const NOTHING_SENT: [i64; 4] = [-1, -2, -3, -8];

impl Evidence {
    /// Every disagreement, as a sentence with what it is about.
    pub fn complaints(&self) -> Vec<String> {
        let mut complaints = Vec::new();
        let mut of_call: HashMap<u64, Vec<&Request>> = HashMap::new();
        for request in &self.requests {
            of_call.entry(request.id).or_default().push(request);
        }
        for call in &self.calls {
            let requests = of_call.remove(&call.id).unwrap_or_default();
            complaints.extend(broken_rules(call, &requests).map(|rule| format!("{rule}\n  {call:?}\n  {requests:?}")));
        }
        let strays = of_call.values().flatten();
        complaints.extend(
            strays.map(|request| format!("a request of no call, or of one that is entered twice\n  {request:?}")),
        );
        complaints.extend(self.wrong_totals());
        complaints.extend(self.wrong_groups());
        complaints
    }

    fn wrong_totals(&self) -> Vec<String> {
        let mut entered: BTreeMap<&str, i64> = BTreeMap::new();
        for call in &self.calls {
            for (name, by) in [
                (call.outcome(), 1),
                ("calls", 1),
                ("attempts", i64::try_from(call.attempts).unwrap()),
                ("in_doubt", i64::from(call.in_doubt)),
                ("already_deleted", i64::from(call.already_deleted)),
            ] {
                *entered.entry(name).or_default() += by;
            }
        }
        let names = self.totals.keys().filter(|name| name.starts_with("calls_"));
        let mut wrong: Vec<String> = names
            .map(String::as_str)
            .chain([
                "calls",
                "attempts",
                "in_doubt",
                "already_deleted",
                "calls_of_no_outcome",
            ])
            .map(|name| {
                (
                    name,
                    entered.get(name).copied().unwrap_or_default(),
                    self.totals.get(name).copied().unwrap_or_default(),
                )
            })
            .filter(|(_, entered, total)| entered != total)
            .map(|(name, entered, total)| format!("{name}: {entered} in the ledger, {total} in the totals"))
            .collect();
        let applied = self.requests.iter().filter(|request| request.applied).count() as u64;
        for (name, logged, counted) in [
            ("requests", self.requests.len() as u64, self.counters.requests),
            ("applied", applied, self.counters.applied),
            ("connections left open", 0, self.counters.connections_open),
        ] {
            if logged != counted {
                wrong.push(format!(
                    "{name}: {logged} in the service's log, {counted} by its counter"
                ));
            }
        }
        wrong
    }

    /// The groups that the ledger foretells against those that are there; what is in doubt may be either.
    fn wrong_groups(&self) -> Vec<String> {
        let mut foretold: HashMap<(&str, &str), Option<bool>> = HashMap::new();
        let mut made_twice = HashSet::new();
        for call in &self.calls {
            let user = call.user.as_str();
            let became = |there: bool| if call.code == 0 { Some(there) } else { None };
            if call.did == "create" && call.attempts > 1 {
                // The service may carry an attempt out after the group of the other one is gone again.
                made_twice.insert((user, call.name.as_str()));
            }
            let (name, to) = (call.name.as_str(), call.to.as_str());
            let changes = match call.did.as_str() {
                _ if call.code != 0 && !call.in_doubt => continue,
                "create" => vec![(name, became(true))],
                "delete" => vec![(name, became(false))],
                "rename" => vec![(name, became(false)), (to, became(true))],
                _ => continue,
            };
            foretold.extend(changes.into_iter().map(|(name, there)| ((user, name), there)));
        }
        let is_there = |user: &str, name: &str| {
            self.groups
                .get(user)
                .is_some_and(|groups| groups.iter().any(|group| group == name))
        };
        let sure = foretold.iter().filter_map(|(key, there)| Some((key, (*there)?)));
        let sure = sure.filter(|(key, _)| !made_twice.contains(*key));
        let mut wrong: Vec<String> = sure
            .filter(|((user, name), there)| is_there(user, name) != *there)
            .map(|((user, name), there)| {
                format!("the group {name} of {user} is lost or came back: it should be there: {there}")
            })
            .collect();
        let held = self
            .groups
            .iter()
            .flat_map(|(user, groups)| groups.iter().map(move |group| (user, group)));
        wrong.extend(
            held.filter(|(user, group)| !foretold.contains_key(&(user.as_str(), group.as_str())))
                .map(|(user, group)| format!("nobody made the group {group} of {user}")),
        );
        wrong
    }
}

/// What one call says of itself against the requests that the service saw of it.
fn broken_rules<'a>(call: &'a Call, requests: &'a [&'a Request]) -> impl Iterator<Item = &'static str> + 'a {
    let succeeded = call.code == 0 || call.code == PARTIAL;
    let applied = || requests.iter().filter(|request| request.applied);
    let written = call.trace.iter().filter(|attempt| attempt.was_written).count();
    // A 408 may be one that nobody asked for.
    let answered = call
        .trace
        .iter()
        .filter(|attempt| !matches!(attempt.http_status, 0 | 408))
        .count();
    let rules = [
        (
            "the trace has another number of attempts than the call",
            call.trace.len() == call.attempts,
        ),
        (
            "the service saw more requests than attempts",
            requests.len() <= call.attempts,
        ),
        (
            "the service saw more requests than were written",
            requests.len() <= written,
        ),
        (
            "an answer was read to a request that the service never saw",
            requests.len() >= answered,
        ),
        (
            "nothing was to be sent, and an attempt was made",
            !NOTHING_SENT.contains(&call.code) || call.attempts == 0,
        ),
        (
            "it failed, is not in doubt, and took effect",
            succeeded || call.in_doubt || applied().next().is_none(),
        ),
        (
            "it succeeded, and no request of it was applied and answered",
            !succeeded
                || call.already_deleted
                || applied().any(|request| request.answered == "whole" && request.code == Some(0)),
        ),
        ("it succeeded and is in doubt", !succeeded || !call.in_doubt),
        (
            "the service never answered this code",
            call.code <= 0 || requests.iter().any(|request| request.code == Some(call.code)),
        ),
        (
            "it is called deleted already without an attempt in doubt and a later one that found no group",
            !call.already_deleted
                || (call.code == 0
                    && call.did == "delete"
                    && written > 1
                    && requests.iter().any(|request| request.code == Some(GROUP_NOT_FOUND))),
        ),
    ];
    rules.into_iter().filter(|(_, kept)| !kept).map(|(rule, _)| rule)
}
