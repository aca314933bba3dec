//! Runs that meet an outage: the service is restarted under them, never comes back, or loses answers. What they do meanwhile is said.

use std::time::Duration;

use chat_emulator::{Config as Emulation, Emulator, Ending, Fault};

use crate::bulk::on_a_terminal;
use crate::operator::{report, state, Operator};

/// The same service on the same port, so long after it went.
fn restart(operator: &mut Operator, pause: Duration) {
    // Nothing is done any more once its state is taken.
    operator.service.fault(Fault::drop_connection(Ending::Reset).times(0));
    std::thread::sleep(Duration::from_millis(200));
    let (port, accounts) = (port(operator), operator.service.state());
    operator.service = Emulator::start(Emulation::default()).unwrap();
    std::thread::sleep(pause);
    operator.service = Emulator::start(Emulation {
        port,
        seed: Some(accounts),
        log_limit: 100_000,
        ..Emulation::default()
    })
    .unwrap();
}

fn port(operator: &Operator) -> u16 {
    operator.service.url().rsplit(':').next().unwrap().parse().unwrap()
}

#[test]
fn a_run_outlives_a_restart_of_the_service_and_says_so_in_its_log_and_report() {
    let mut operator = Operator::with_accounts(400);
    let running = operator.begin(&["--json", "--log-file", "run.log", "--rate", "200"]);
    operator.wait_for(120);
    restart(&mut operator, Duration::from_secs(3));
    let ran = running
        .wait()
        .ended(0)
        .says("trying again for at most 10 minutes (--max-outage)")
        .says("the run goes on after an outage of ");
    let report = report(&ran);
    assert_eq!(
        (
            report["left"],
            report["in_doubt"],
            report["failed"],
            report["not_there"]
        ),
        (0, 0, 0, 0)
    );
    assert_eq!(operator.have_group("retired").len(), 0);
    let outages = &ran.object()["this_run"]["outages"];
    assert!(
        outages["count"] == 1 && outages["seconds"].as_f64() > Some(2.0),
        "{outages}"
    );
    let log = operator.read("run.log");
    assert!(
        log.contains("--max-outage") && log.contains("after an outage of"),
        "{log}"
    );
    assert!(
        log.lines().all(|line| line.starts_with("20") && line.contains("Z ")),
        "{log}"
    );
}

#[test]
fn an_outage_that_lasts_ends_the_run_with_the_status_of_the_network_and_nothing_failed() {
    let operator = Operator::with_accounts(50);
    let ran = operator
        .bulk(&["--base-url", "http://127.0.0.1:9", "--json", "--max-outage", "2"])
        .ended(5)
        .says("given up at --max-outage: -5 ")
        .says("to go on: ");
    assert_eq!((report(&ran)["left"], report(&ran)["failed"]), (50, 0));
    assert_eq!(ran.object()["stopped"], "outage");
    operator.bulk(&[]).ended(0).prints("deleted              50");
}

#[test]
fn the_bar_says_for_what_a_run_waits_and_for_how_long_already() {
    let operator = Operator::with_accounts(20);
    let outage = ["--base-url", "http://127.0.0.1:9", "--max-outage", "4"];
    let Some(ran) = on_a_terminal(&operator, &outage) else {
        return;
    };
    let ran = ran.ended(5);
    let bars: Vec<&str> = ran.out.split('\r').filter(|drawn| drawn.contains("0/20  ")).collect();
    let waits = bars.iter().find(|drawn| drawn.contains("; waiting for "));
    let waits = waits.unwrap_or_else(|| panic!("{:?}", ran.out));
    assert!(waits.contains("second") && waits.contains(": -5 "), "{waits:?}");
    assert!(ran.out.contains("given up at --max-outage"), "{:?}", ran.out);
}

#[test]
fn ctrl_c_ends_a_run_that_waits() {
    let mut operator = Operator::with_accounts(200);
    let running = operator.begin(&["--rate", "100"]);
    operator.wait_for(10);
    let port = port(&operator);
    operator.service = Emulator::start(Emulation::default()).unwrap();
    std::thread::sleep(Duration::from_secs(2));
    running.signal("INT");
    running.wait().ended(130).says("trying again").says("interrupted");
    operator.service = Emulator::start(Emulation {
        port,
        seed: Some(state(200)),
        ..Emulation::default()
    })
    .unwrap();
    operator.bulk(&[]).ended(0).prints("in doubt              0");
}

#[test]
fn a_code_that_condemns_ends_the_run_at_once_however_long_it_may_wait() {
    let operator = Operator::with_accounts(100);
    operator.service.fault(Fault::drop_connection(Ending::Reset).times(3));
    operator.service.fault(Fault::code(51013).skip(20).times(0));
    operator
        .bulk(&["--quiet", "--workers", "1", "--max-outage", "600"])
        .ended(4)
        .says("51013 ");
}

#[test]
fn an_answer_that_was_lost_in_an_outage_is_settled_by_the_same_run() {
    let operator = Operator::with_accounts(30);
    // Three attempts, so that the client's own repeats are lost as well.
    operator
        .service
        .fault(Fault::drop_connection(Ending::Fin).applied().times(3));
    let ran = operator.bulk(&["--json", "--quiet", "--workers", "1"]).ended(0);
    let report = report(&ran);
    assert_eq!(
        (report["already_deleted"], report["deleted"], report["in_doubt"]),
        (1, 29, 0)
    );
    assert!(operator.deletes().values().all(|(_, applied)| *applied == 1));
}
