//! What every Rust client of the bench shares: its arguments, its threads, its clocks and the one line that it prints.
//! The same protocol as `clients/client.h`.

use std::sync::Barrier;
use std::thread;
use std::time::Instant;

/// The delete that every client sends.
#[allow(dead_code)] // A client that builds its own body has no use for it.
pub const BODY: &str = r#"{"From_Account":"user_0001","GroupName":["group_0001"]}"#;
/// Calls of each thread before anything is measured.
const WARM_UP: usize = 20;

pub struct Run {
    /// Up to and with `&random=`.
    pub url: String,
    /// Empty: none.
    pub ca_file: String,
    threads: usize,
    calls: usize,
    bursts: usize,
}

/// User and system time of this process in microseconds, all threads.
fn cpu_us() -> f64 {
    let us = |time: libc::timeval| time.tv_sec as f64 * 1e6 + time.tv_usec as f64;
    // SAFETY: an all-zero `rusage` is a valid one, and the call writes no more than it.
    let used = unsafe {
        let mut used: libc::rusage = std::mem::zeroed();
        libc::getrusage(libc::RUSAGE_SELF, &mut used);
        used
    };
    us(used.ru_utime) + us(used.ru_stime)
}

impl Run {
    pub fn from_arguments() -> Run {
        let arguments: Vec<String> = std::env::args().collect();
        assert!(
            matches!(arguments.len(), 5 | 6),
            "usage: PROGRAM URL CA_FILE THREADS CALLS [BURSTS]"
        );
        let number = |index: usize| arguments.get(index).map_or(0, |text| text.parse().expect("a number"));
        Run {
            url: arguments[1].clone(),
            ca_file: arguments[2].clone(),
            threads: number(3),
            calls: number(4),
            bursts: number(5),
        }
    }

    /// Runs the calls and prints the line. `worker` is made once on each thread and gives one call, which panics unless it succeeds.
    pub fn measure<C: FnMut()>(&self, worker: impl Fn() -> C + Sync) {
        let barrier = Barrier::new(self.threads + 1);
        let (cpu, wall) = thread::scope(|scope| {
            for _ in 0..self.threads {
                scope.spawn(|| self.work(worker(), &barrier));
            }
            barrier.wait();
            let (cpu, wall) = (cpu_us(), Instant::now());
            barrier.wait();
            (0..self.bursts).for_each(|_| drop(barrier.wait()));
            barrier.wait();
            (cpu_us() - cpu, wall.elapsed())
        });
        let calls = self.threads * (self.calls + self.bursts);
        println!(
            r#"{{"calls":{calls},"cpu_us":{cpu:.0},"wall_us":{}}}"#,
            wall.as_micros()
        );
    }

    fn work(&self, mut call: impl FnMut(), barrier: &Barrier) {
        if self.bursts == 0 {
            (0..WARM_UP).for_each(|_| call());
        }
        barrier.wait();
        barrier.wait();
        (0..self.calls).for_each(|_| call());
        for _ in 0..self.bursts {
            call();
            barrier.wait();
        }
        barrier.wait();
    }
}
