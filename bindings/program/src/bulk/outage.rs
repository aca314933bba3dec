//! A run outlives an outage: while neither service nor limit server can be reached, one worker at a time tries again, after pauses that grow, and all
//! others wait for it. Whoever gets an answer ends the outage; one that lasts longer than `--max-outage` ends the run.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use indicatif::HumanDuration;

use super::status_line::StatusLine;
use super::stop::{Reason, StopRequest};

const FIRST_PAUSE: Duration = Duration::from_millis(500);
const LONGEST_PAUSE: Duration = Duration::from_secs(10);
/// How soon a worker that waits sees that the run stops.
const LOOK: Duration = Duration::from_millis(50);
/// How often an item fails while the service answers others: then it is the item's failure.
const ROUNDS_ALONE: u32 = 3;

pub struct Outage<'a> {
    longest: Duration,
    status_line: &'a StatusLine,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    down: Option<Down>,
    /// When a call that was answered last began.
    answered: Option<Instant>,
    past: Past,
}

struct Down {
    since: Instant,
    code: i32,
    why: String,
    tries: u32,
    next_try: Instant,
    is_tried: bool,
}

/// The outages of a run that are over.
#[derive(Clone, Copy, Debug, Default)]
pub struct Past {
    pub count: u64,
    pub lasted: Duration,
}

/// An outage as it is now.
pub struct Waiting {
    pub code: i32,
    pub why: String,
    pub lasted: Duration,
}

/// One item's part in it.
#[derive(Default)]
pub struct Rounds {
    alone: u32,
    /// This worker is the one that tries.
    tries: bool,
    began: Option<Instant>,
}

impl<'a> Outage<'a> {
    pub fn new(longest: Duration, status_line: &'a StatusLine) -> Self {
        Outage {
            longest,
            status_line,
            state: Mutex::default(),
        }
    }

    /// Waits until a call may leave; `false` once the run stops.
    pub fn let_through(&self, rounds: &mut Rounds, stop: &StopRequest) -> bool {
        loop {
            if stop.is_asked() {
                return false;
            }
            let mut state = self.lock();
            let now = Instant::now();
            match &mut state.down {
                Some(down) if down.is_tried || now < down.next_try => {}
                down => {
                    rounds.tries = down.as_mut().map(|down| down.is_tried = true).is_some();
                    rounds.began = Some(now);
                    return true;
                }
            }
            drop(state);
            thread::sleep(LOOK);
        }
    }

    /// The call got through, whatever was answered.
    pub fn answered(&self, rounds: &mut Rounds) {
        let mut state = self.lock();
        let began = rounds.began;
        state.answered = state.answered.max(began);
        rounds.tries = false;
        // What was asked before the outage says nothing about it.
        let Some(down) = state.down.take_if(|down| began > Some(down.since)) else {
            return;
        };
        let lasted = down.since.elapsed();
        state.past.count += 1;
        state.past.lasted += lasted;
        drop(state);
        self.status_line.say(&format!(
            "the run goes on after an outage of {}",
            HumanDuration(lasted.max(Duration::from_secs(1)))
        ));
    }

    /// The call met an outage: whether the item is to be tried again. Asks the run to stop where this one lasts too long.
    pub fn met(&self, rounds: &mut Rounds, code: i32, why: &str, stop: &StopRequest) -> bool {
        if self.longest.is_zero() {
            return false;
        }
        let now = Instant::now();
        let mut state = self.lock();
        if state.answered > rounds.began {
            rounds.alone += 1;
            if rounds.alone == ROUNDS_ALONE {
                self.leave(&mut state, rounds);
                return false;
            }
        }
        let is_new = state.down.is_none();
        let down = state.down.get_or_insert_with(|| Down {
            since: now,
            code,
            why: why.to_owned(),
            tries: 0,
            next_try: now + FIRST_PAUSE,
            is_tried: false,
        });
        if rounds.tries {
            (down.code, down.why, down.is_tried) = (code, why.to_owned(), false);
            down.tries += 1;
            let pause = (FIRST_PAUSE * (1 << down.tries.min(8))).min(LONGEST_PAUSE);
            // The last try is that of the last moment.
            down.next_try = (now + pause).min(down.since + self.longest);
            rounds.tries = false;
        }
        let is_too_long = now >= down.since + self.longest;
        drop(state);
        if is_new {
            self.status_line.say(&format!(
                "{code} {why}; trying again for at most {} (--max-outage)",
                HumanDuration(self.longest)
            ));
        }
        if is_too_long {
            stop.ask(Reason::Outage(code, why.to_owned()));
        }
        !is_too_long
    }

    /// Another worker is to try with its item.
    fn leave(&self, state: &mut State, rounds: &mut Rounds) {
        if let Some(down) = state.down.as_mut().filter(|_| rounds.tries) {
            down.is_tried = false;
        }
        rounds.tries = false;
    }

    pub fn waiting(&self) -> Option<Waiting> {
        self.lock().down.as_ref().map(|down| Waiting {
            code: down.code,
            why: down.why.clone(),
            lasted: down.since.elapsed(),
        })
    }

    /// The outages of the run, the one that ended it included.
    pub fn past(&self) -> Past {
        let state = self.lock();
        let mut past = state.past;
        if let Some(down) = &state.down {
            past.count += 1;
            past.lasted += down.since.elapsed();
        }
        past
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bulk::status_line::Shown;

    const LONG: Duration = Duration::from_secs(60);

    #[test]
    fn one_worker_tries_at_a_time_and_an_answer_lets_all_go_on() {
        let (line, stop) = (StatusLine::new(2, 0, Shown::Nothing, None), StopRequest::default());
        let outage = Outage::new(LONG, &line);
        let (mut one, mut other) = (Rounds::default(), Rounds::default());
        assert!(outage.let_through(&mut one, &stop) && outage.let_through(&mut other, &stop));
        assert!(outage.met(&mut one, -5, "refused", &stop) && outage.met(&mut other, -5, "refused", &stop));
        assert_eq!(
            outage.lock().down.as_ref().unwrap().tries,
            0,
            "no worker's first failure is a try"
        );
        assert!(outage.let_through(&mut one, &stop));
        assert!(outage.lock().down.as_ref().unwrap().is_tried);
        outage.answered(&mut one);
        assert!(outage.waiting().is_none() && outage.past().count == 1);
        assert!(outage.let_through(&mut other, &stop));
    }

    #[test]
    fn an_item_that_fails_while_others_are_answered_fails_by_itself() {
        let (line, stop) = (StatusLine::new(2, 0, Shown::Nothing, None), StopRequest::default());
        let outage = Outage::new(LONG, &line);
        let (mut bad, mut good) = (Rounds::default(), Rounds::default());
        for round in 1..=ROUNDS_ALONE {
            assert!(outage.let_through(&mut bad, &stop));
            thread::sleep(Duration::from_millis(1));
            good.began = Some(Instant::now());
            outage.answered(&mut good);
            assert_eq!(outage.met(&mut bad, -5, "reset", &stop), round < ROUNDS_ALONE);
            // Another one is answered meanwhile.
            thread::sleep(Duration::from_millis(1));
            good.began = Some(Instant::now());
            outage.answered(&mut good);
        }
        assert!(!stop.is_asked());
    }

    #[test]
    fn an_outage_that_lasts_too_long_ends_the_run_with_what_was_met() {
        let (line, stop) = (StatusLine::new(2, 0, Shown::Nothing, None), StopRequest::default());
        let outage = Outage::new(Duration::from_millis(600), &line);
        let mut rounds = Rounds::default();
        let mut tries = 0;
        while outage.let_through(&mut rounds, &stop) && outage.met(&mut rounds, -5, "refused", &stop) {
            tries += 1;
        }
        assert_eq!(stop.reason(), Some(Reason::Outage(-5, "refused".into())));
        assert!(tries >= 2, "{tries}");
    }
}
