//! The events of a simulated fleet in their order: callers, trips, calls that leave and arrive; and what is counted of them.
//! All times are microseconds of the world's own clock, which is also the server's.

use std::collections::BTreeMap;
use std::time::Instant;

use super::line::Served;
use super::machine::{Arrival, Machine, Trip, RETRY};
use super::server::Server;

const SECOND: i64 = 1_000_000;
const START: &str = "start";
const FORGOT: &str = "server gone for 5 s, then empty";
/// The library gives a step of a trip this long.
const LONGEST_STEP: i64 = SECOND;

/// What the fleet is made of.
#[derive(Clone, Copy, Debug)]
pub struct Scale {
    pub machines: usize,
    /// Callers on each machine, who call again when their call has returned.
    pub threads: usize,
    /// What the service grants, calls a second.
    pub cap: usize,
    pub seconds: usize,
    /// Calls a second of each machine while it does not reach the server; 0: none.
    pub fallback: usize,
}

/// What the library is promised for.
pub const A_THOUSAND: Scale = Scale {
    machines: 1_000,
    threads: 2,
    cap: 200,
    seconds: 300,
    fallback: 0,
};

enum Event {
    /// A caller of a machine wants to call.
    Call(usize),
    /// A trip of a machine may be due.
    Due,
    Ask(Trip),
    Answer(Trip, (i64, (i64, Vec<i64>))),
    /// The trip got no answer.
    Lost,
    /// The slot that a caller has without the server.
    Depart(usize, Instant),
    /// A call reaches the service.
    Served(usize),
}

/// What is counted between two moments.
#[derive(Debug, Default)]
pub struct Figures {
    pub calls: u64,
    pub trips: u64,
    pub throttled: u64,
    pub largest_second: usize,
    /// Calls a second.
    pub rate: f64,
}

/// One part of the fleet's life.
#[derive(Debug)]
pub struct Phase {
    pub name: &'static str,
    /// Of the cap, in hundredths.
    pub share: f64,
    pub largest_second: usize,
    pub trips_a_call: f64,
    pub throttled: u64,
}

#[derive(Debug)]
pub struct Fairness {
    pub fewest: u64,
    pub most: u64,
    pub jain: f64,
}

pub struct World {
    scale: Scale,
    now: i64,
    server: Server,
    server_back: i64,
    /// Until then nobody is told that the server is gone.
    silent_until: i64,
    cut_off_until: i64,
    /// One trip in so many gets no answer.
    pub one_lost_in: u32,
    machines: Vec<Machine>,
    /// By time, then by order of making, so that every run is the same.
    queue: BTreeMap<(i64, u64), (usize, Event)>,
    made: u64,
    arrivals: Vec<i64>,
    figures: Figures,
    random: fastrand::Rng,
}

impl World {
    pub fn new(scale: Scale) -> World {
        let mut random = fastrand::Rng::with_seed(7);
        let zero = Instant::now();
        let mut world = World {
            scale,
            now: 0,
            server: Server::default(),
            server_back: 0,
            silent_until: 0,
            one_lost_in: 200,
            cut_off_until: 0,
            machines: (0..scale.machines)
                .map(|_| Machine::new(zero, scale.fallback, &mut random))
                .collect(),
            queue: BTreeMap::new(),
            made: 0,
            arrivals: Vec::new(),
            figures: Figures::default(),
            random,
        };
        for machine in 0..scale.machines {
            for caller in 0..scale.threads {
                let then = world.random.i64(0..SECOND);
                world.at(then, machine, Event::Call(caller));
            }
        }
        world
    }

    fn at(&mut self, then: i64, machine: usize, event: Event) {
        self.queue.insert((then.max(self.now), self.made), (machine, event));
        self.made += 1;
    }

    /// The server is gone for so many seconds and then knows nothing.
    pub fn forget(&mut self, seconds: i64) {
        self.server = Server::default();
        self.server_back = self.now + seconds * SECOND;
    }

    /// Nobody reaches the server for so many seconds, and nobody is told.
    pub fn cut_off(&mut self, seconds: i64) {
        self.silent_until = self.now + seconds * SECOND;
    }

    /// A tenth of the machines does not reach the server for so many seconds.
    pub fn cut_off_a_tenth(&mut self, seconds: i64) {
        self.cut_off_until = self.now + seconds * SECOND;
    }

    /// Lets time pass, and counts from the call before to this.
    pub fn run_until(&mut self, second: usize) -> Figures {
        let (began, end) = (self.now, second as i64 * SECOND);
        while let Some(next) = self.queue.first_entry().filter(|next| next.key().0 <= end) {
            let ((then, _), (machine, event)) = next.remove_entry();
            self.now = then;
            self.happen(machine, event);
        }
        self.now = end;
        let mut figures = std::mem::take(&mut self.figures);
        let mut arrivals = std::mem::take(&mut self.arrivals);
        arrivals.sort_unstable();
        let within = |from: usize| arrivals.partition_point(|time| *time < arrivals[from] + SECOND) - from;
        figures.largest_second = (0..arrivals.len()).map(within).max().unwrap_or(0);
        figures.calls = arrivals.len() as u64;
        figures.rate = arrivals.len() as f64 / ((end - began) as f64 / SECOND as f64);
        figures
    }

    /// The life of the fleet, from its first second to its last: what happened in each part.
    pub fn live(&mut self) -> Vec<Phase> {
        let mut phases = Vec::new();
        let mut note = |world: &mut World, name, until| {
            let figures = world.run_until(until);
            phases.push(Phase {
                name,
                share: figures.rate / world.scale.cap as f64 * 100.0,
                largest_second: figures.largest_second,
                trips_a_call: figures.trips as f64 / figures.calls.max(1) as f64,
                throttled: figures.throttled,
            });
        };
        note(self, START, 20);
        note(self, "steady", 80);
        self.forget(5);
        note(self, FORGOT, 110);
        note(self, "after that", 140);
        self.cut_off_a_tenth(10);
        note(self, "a tenth cut off for 10 s", 160);
        note(self, "to the end", self.scale.seconds.max(180));
        phases
    }

    pub fn fairness(&self) -> Fairness {
        let calls: Vec<f64> = self.machines.iter().map(|machine| machine.calls as f64).collect();
        let (sum, squares): (f64, f64) = (calls.iter().sum(), calls.iter().map(|calls| calls * calls).sum());
        Fairness {
            fewest: self.machines.iter().map(|machine| machine.calls).min().unwrap_or(0),
            most: self.machines.iter().map(|machine| machine.calls).max().unwrap_or(0),
            jain: sum * sum / (calls.len() as f64 * squares),
        }
    }

    fn happen(&mut self, machine: usize, event: Event) {
        match event {
            Event::Call(caller) => self.call(machine, caller),
            Event::Due => self.set_out(machine),
            Event::Ask(trip) => self.ask(machine, trip),
            Event::Answer(trip, answer) => {
                for (caller, served) in self.machines[machine].come_back(self.now, &trip, &answer) {
                    self.take(machine, caller, served);
                }
                self.look_for_a_trip(machine);
            }
            Event::Lost => {
                for (caller, arrival) in self.machines[machine].lose(self.now) {
                    self.meet(machine, caller, arrival);
                }
                self.look_for_a_trip(machine);
            }
            Event::Depart(caller, slot) => {
                if self.machines[machine].depart(caller, slot) {
                    self.take(machine, caller, Served::Slot(slot));
                }
            }
            Event::Served(caller) => {
                self.arrivals.push(self.now);
                self.machines[machine].calls += 1;
                let answered = self.now + self.random.i64(20_000..80_000);
                self.at(answered, machine, Event::Call(caller));
            }
        }
    }

    fn call(&mut self, machine: usize, caller: usize) {
        let arrival = self.machines[machine].arrive(self.now, caller);
        self.meet(machine, caller, arrival);
    }

    fn meet(&mut self, machine: usize, caller: usize, arrival: Arrival) {
        match arrival {
            Arrival::Served(served) => self.take(machine, caller, served),
            Arrival::Alone(Served::Slot(slot)) => {
                let then = self.machines[machine].world(slot);
                self.at(then, machine, Event::Depart(caller, slot));
            }
            Arrival::Alone(Served::Late(_)) | Arrival::Refused => self.refuse(machine, caller),
            Arrival::Waits => self.look_for_a_trip(machine),
        }
    }

    fn take(&mut self, machine: usize, caller: usize, served: Served) {
        match served {
            Served::Slot(slot) => {
                // A thread that wakes late, and a way to the service that is now longer, now shorter.
                let late = self.random.i64(0..1_500) + self.random.i64(0..10_000);
                let leaves = self.machines[machine].world(slot).max(self.now);
                self.at(leaves + late, machine, Event::Served(caller));
            }
            Served::Late(_) => self.refuse(machine, caller),
        }
    }

    fn refuse(&mut self, machine: usize, caller: usize) {
        self.figures.throttled += 1;
        let later = self.now + RETRY + self.random.i64(0..SECOND);
        self.at(later, machine, Event::Call(caller));
    }

    fn look_for_a_trip(&mut self, machine: usize) {
        if let Some(due) = self.machines[machine].due(self.now) {
            self.at(due, machine, Event::Due);
        }
    }

    fn set_out(&mut self, machine: usize) {
        match self.machines[machine].due(self.now) {
            Some(due) if due <= self.now => {}
            // Another event was faster, or nobody waits any more; what is due later has an event of its own.
            _ => return,
        }
        let trip = self.machines[machine].leave_for_the_server(self.now, self.scale.cap);
        self.figures.trips += 1;
        let way = self.machines[machine].way(&mut self.random);
        let cut = machine % 10 == 0 && self.now < self.cut_off_until || self.now < self.silent_until;
        if cut || self.random.u32(..self.one_lost_in) == 0 {
            return self.at(self.now + LONGEST_STEP, machine, Event::Lost);
        }
        self.at(self.now + way, machine, Event::Ask(trip));
    }

    fn ask(&mut self, machine: usize, trip: Trip) {
        let way = self.machines[machine].way(&mut self.random);
        if self.now < self.server_back {
            // The port is closed, and says so.
            return self.at(self.now + way, machine, Event::Lost);
        }
        let answer = trip.ask(&mut self.server, self.now);
        self.at(self.now + way, machine, Event::Answer(trip, answer));
    }
}

/// Whether the limit was kept, used and shared as the library promises it.
pub fn judge(scale: Scale, phases: &[Phase], fairness: &Fairness) -> Result<(), String> {
    for phase in phases {
        // What a server that forgot had given before comes on top; a start has to wait for a window.
        let (most, least) = match phase.name {
            FORGOT => (2 * scale.cap, 0.0),
            START => (scale.cap, 0.0),
            _ => (scale.cap, 97.5),
        };
        if phase.largest_second > most || phase.share < least {
            return Err(format!("the limit was broken or wasted: {phase:?}"));
        }
    }
    if fairness.jain < 0.99 {
        return Err(format!("the limit was shared unfairly: {fairness:?}"));
    }
    Ok(())
}
