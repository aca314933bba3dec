//! The server's side of the shared limit in simulated time: what src/pace/shared/reserve.lua does, line by line.
//! shared_limit_script.rs holds it against the script itself.

/// No slot is ever given 30 seconds ahead, so one that lies further ahead than this was given by another clock.
const FAR: i64 = 35_000_000;

/// What one client asks for; times in microseconds.
#[derive(Clone, Copy, Debug)]
pub struct Question {
    pub spacing: i64,
    pub window: i64,
    pub wanted: usize,
    pub horizon: i64,
    pub seen: i64,
    pub lead: i64,
    pub listen: i64,
}

/// One key: the latest slot that is known to be given, and before when none is.
#[derive(Clone, Debug, Default)]
pub struct Server {
    pub key: Option<(i64, i64)>,
}

impl Server {
    /// The time of the next slot, and the slots given.
    pub fn reserve(&mut self, now: i64, question: &Question) -> (i64, Vec<i64>) {
        let known = self
            .key
            .filter(|(latest, from)| *latest <= now + FAR && *from <= now + FAR);
        let listened = now + question.window + question.listen;
        let (mut latest, from) = match known {
            None => (now, listened),
            Some((latest, from)) if question.listen > 0 && now >= from && latest < now - question.window => {
                (latest, listened)
            }
            Some(known) => known,
        };
        if question.seen <= now + FAR {
            latest = latest.max(question.seen);
        }
        let mut next = (now + question.lead).max(from).max(latest + question.spacing);
        let mut slots = Vec::new();
        while now >= from && slots.len() < question.wanted && next <= now + question.horizon {
            slots.push(next);
            (latest, next) = (next, next + question.spacing);
        }
        self.key = Some((latest, from));
        (next, slots)
    }
}
