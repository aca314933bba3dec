//! Rules that stop a run: settings that are condemned, too many failures, a network that is gone. What was not done is left for the next run.

use chat_emulator::{Ending, Fault, Settings};

use crate::operator::{report, Operator, Ran};

#[test]
fn a_code_that_condemns_the_settings_stops_at_once_and_fails_no_item() {
    for code in [51013, 50003, 60010, 60020, 60021, 70009, 70014, 70020] {
        let operator = Operator::with_accounts(400);
        operator.service.fault(Fault::code(code).skip(50).times(0));
        let ran = operator
            .bulk(&["--json", "--quiet"])
            .ended(4)
            .says(&format!("no call can succeed until this is fixed: {code} "));
        let report = report(&ran);
        assert_eq!(
            (report["deleted"], report["failed"], report["in_doubt"], report["left"]),
            (50, 0, 0, 350),
            "{code}"
        );
        // One for each worker that was under way, and one more where the signature was made anew.
        assert!(
            operator.service.requests_total() <= 50 + 16,
            "{code}: {} requests",
            operator.service.requests_total()
        );
        operator.service.clear_faults();
        operator.bulk(&["--quiet"]).ended(0).prints("deleted             400");
        assert!(operator.deletes().values().all(|(_, applied)| *applied == 1));
    }
}

#[test]
fn a_wrong_key_asks_a_few_times_and_not_a_million() {
    let operator = Operator::with_accounts(500);
    let mut wrong = operator.command(&operator.bulk_arguments(&["--quiet"]));
    Ran::from(wrong.env("TENCENT_CHAT_SECRET_KEY", "wrong").output().unwrap())
        .ended(4)
        .says("70009 ");
    assert!(operator.service.requests_total() <= 16);
    operator.bulk(&["--quiet"]).ended(0).prints("deleted             500");
}

#[test]
fn too_many_failures_stop_the_run_and_zero_never_does() {
    let operator = Operator::with_accounts(400);
    operator.service.fault(Fault::code(80001).times(0));
    let ran = operator
        .bulk(&["--json", "--max-failures", "20"])
        .ended(3)
        .says("stopped at --max-failures");
    let failed = report(&ran)["failed"];
    assert!((20..=36).contains(&failed), "{failed}: those under way end as well");
    assert_eq!(
        ran.err.matches("80001 ").count(),
        10,
        "the first ten are told, the others counted: {}",
        ran.err
    );
    let ran = operator.bulk(&["--json", "--max-failures", "0", "--quiet"]).ended(3);
    assert_eq!((report(&ran)["failed"], report(&ran)["left"]), (400, 0));
}

#[test]
fn the_hundredth_failure_is_the_last_unless_told_otherwise() {
    let operator = Operator::with_accounts(400);
    operator.service.fault(Fault::code(80001).times(0));
    let failed = report(&operator.bulk(&["--json", "--quiet"]).ended(3))["failed"];
    assert!((100..=116).contains(&failed), "{failed}");
}

#[test]
fn a_network_that_is_gone_ends_with_its_own_status_and_every_item_is_left_for_the_next_run() {
    let operator = Operator::with_accounts(300);
    let nowhere = operator
        .bulk(&[
            "--base-url",
            "http://127.0.0.1:9",
            "--json",
            "--quiet",
            "--max-outage",
            "0",
            "--max-failures",
            "10",
        ])
        .ended(5);
    assert_eq!((report(&nowhere)["left"], report(&nowhere)["failed"]), (300, 0));
    operator.bulk(&[]).ended(0).prints("deleted             300");
}

#[test]
fn an_answer_that_never_comes_leaves_the_item_in_doubt_and_the_next_run_settles_it() {
    let operator = Operator::with_accounts(30);
    // Three attempts each: the client's own repeats are cut as well.
    operator
        .service
        .fault(Fault::drop_connection(Ending::Fin).applied().times(6));
    let ran = operator
        .bulk(&["--json", "--quiet", "--workers", "1", "--max-outage", "0"])
        .ended(5);
    assert_eq!((report(&ran)["in_doubt"], report(&ran)["deleted"]), (2, 28));
    let report = report(&operator.bulk(&["--json"]).ended(0));
    assert_eq!(
        (report["in_doubt"], report["already_deleted"], report["not_there"]),
        (0, 2, 0)
    );
}

#[test]
fn trouble_inside_the_service_is_repeated_by_the_clients_own_rules() {
    let operator = Operator::with_accounts(60);
    // One worker: of many, one item could meet three of more.
    operator.service.fault(Fault::code(50004).times(2));
    let ran = operator.bulk(&["--json", "--quiet", "--workers", "1"]).ended(0);
    assert_eq!(report(&ran)["deleted"], 60);
    assert_eq!(ran.object()["this_run"]["attempts"], 62);
}

#[test]
fn a_plan_without_groups_is_told_before_the_second_account() {
    let operator = Operator::with_accounts(100);
    operator.service.set_settings(Settings {
        plan: false,
        ..Settings::default()
    });
    operator
        .bulk(&["--quiet", "--workers", "1"])
        .ended(4)
        .says("51013 ")
        .prints("left                100");
    assert_eq!(operator.service.requests_total(), 1);
}
