//! The cap as the service sees it, by the emulator's own timestamps. Alone in its program, so that no other test's load shifts them.

mod operator;
#[path = "../../../tests/pace/stall.rs"]
mod stall;

use operator::{Operator, DELETE};
use stall::{assert_limit, stalled};

#[test]
fn a_run_at_the_whole_cap_never_passes_it_in_any_second() {
    assert_limit("the whole cap", || {
        let operator = Operator::with_accounts(600);
        let (ran, stall) = stalled(|| operator.bulk(&["--rate", "200", "--json", "--quiet"]).ended(0));
        let rate = operator.service.rates()[DELETE];
        let seconds = ran.object()["this_run"]["seconds"].as_f64().unwrap();
        assert_eq!(rate.calls, 600);
        // Half of it at once, then 200 a second.
        assert!(seconds >= 2.4, "{seconds} s");
        (rate, stall)
    });
}
