//! The judge on trial: a small soak in which everything agrees, and one disagreement of each kind, which has to be named.

use std::collections::BTreeMap;

use super::judge::{Counters, Evidence};
use super::ledger::{Attempt, Call, Request};

const READ: Attempt = Attempt {
    was_written: true,
    http_status: 200,
};
const LOST: Attempt = Attempt {
    was_written: true,
    http_status: 0,
};

fn call(id: u64, did: &str, name: &str, code: i64, trace: &[Attempt]) -> Call {
    Call {
        id,
        did: did.into(),
        user: "u".into(),
        name: name.into(),
        to: String::new(),
        code,
        in_doubt: code == -5,
        already_deleted: false,
        attempts: trace.len(),
        trace: trace.to_vec(),
    }
}

fn request(id: u64, applied: bool, answered: &str, code: Option<i64>) -> Request {
    Request {
        listener: 1,
        id,
        applied,
        answered: answered.into(),
        code,
        fault: String::new(),
    }
}

/// Two groups are made, one is deleted, its answer being lost once; a third is in doubt and not there.
fn agreeing() -> Evidence {
    let already_deleted = Call {
        already_deleted: true,
        ..call(3, "delete", "a", 0, &[LOST, READ])
    };
    let totals = [
        ("calls_ok", 3),
        ("calls_service", 1),
        ("calls_transport", 1),
        ("calls", 5),
        ("attempts", 6),
        ("in_doubt", 1),
        ("already_deleted", 1),
    ];
    Evidence {
        calls: vec![
            call(1, "create", "a", 0, &[READ]),
            call(2, "create", "b", 0, &[READ]),
            already_deleted,
            call(4, "create", "c", -5, &[LOST]),
            call(5, "delete", "d", 51009, &[READ]),
        ],
        requests: vec![
            request(1, true, "whole", Some(0)),
            request(2, true, "whole", Some(0)),
            request(3, true, "no", None),
            request(3, false, "whole", Some(51009)),
            request(4, false, "no", None),
            request(5, false, "whole", Some(51009)),
        ],
        totals: totals.map(|(name, total)| (name.to_owned(), total)).into(),
        counters: Counters {
            requests: 6,
            applied: 3,
            connections_open: 0,
        },
        groups: BTreeMap::from([("u".into(), vec!["b".into()])]),
    }
}

#[test]
fn evidence_that_agrees_is_not_complained_of() {
    assert_eq!(agreeing().complaints(), Vec::<String>::new());
}

/// What is wrong, and how the complaint about it begins.
type Trial = (&'static str, fn(&mut Evidence));

const TRIALS: [Trial; 16] = [
    ("a request of no call", |evidence| evidence.requests[4].id = 77),
    ("a request of no call, or of one that is entered twice", |evidence| {
        evidence.requests.push(request(77, false, "whole", Some(50001)));
    }),
    ("the trace has another number of attempts", |evidence| {
        evidence.calls[0].attempts = 2;
    }),
    ("the service saw more requests than attempts", |evidence| {
        evidence.requests.push(request(1, false, "whole", Some(50002)));
    }),
    ("the service saw more requests than were written", |evidence| {
        evidence.calls[3].trace[0].was_written = false;
    }),
    (
        "an answer was read to a request that the service never saw",
        |evidence| {
            evidence.requests.pop();
        },
    ),
    ("nothing was to be sent, and an attempt was made", |evidence| {
        evidence.calls[4].code = -1;
    }),
    ("it failed, is not in doubt, and took effect", |evidence| {
        evidence.requests[4].applied = true;
        evidence.calls[3].in_doubt = false;
    }),
    (
        "it succeeded, and no request of it was applied and answered",
        |evidence| evidence.requests[0].applied = false,
    ),
    ("it succeeded and is in doubt", |evidence| {
        evidence.calls[0].in_doubt = true;
    }),
    ("the service never answered this code", |evidence| {
        evidence.calls[4].code = 50001;
    }),
    ("it is called deleted already without an attempt in doubt", |evidence| {
        evidence.calls[2].trace[0].was_written = false;
    }),
    ("calls_ok: 3 in the ledger, 4 in the totals", |evidence| {
        evidence.totals.insert("calls_ok".into(), 4);
    }),
    (
        "connections left open: 0 in the service's log, 1 by its counter",
        |evidence| evidence.counters.connections_open = 1,
    ),
    ("the group b of u is lost", |evidence| evidence.groups.clear()),
    ("nobody made the group x of u", |evidence| {
        evidence.groups.get_mut("u").unwrap().push("x".into());
    }),
];

#[test]
fn every_disagreement_is_named() {
    for (expected, spoil) in TRIALS {
        let mut evidence = agreeing();
        spoil(&mut evidence);
        let complaints = evidence.complaints();
        assert!(
            complaints.iter().any(|complaint| complaint.starts_with(expected)),
            "{expected}: {complaints:#?}"
        );
    }
}

#[test]
fn a_deleted_group_that_comes_back_is_named() {
    let mut evidence = agreeing();
    evidence.groups.get_mut("u").unwrap().push("a".into());
    assert!(evidence.complaints()[0].starts_with("the group a of u is lost or came back"));
}
