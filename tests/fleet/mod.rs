//! A real redis-server of its own for each test, and ways to it that are slow or silent.
//! Where redis-server is missing, that is said by `stage::missing`.
#![allow(dead_code)] // Each test program uses its part.

use std::fs::OpenOptions;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use crate::programs::{compiler, Language};
use crate::stage;

/// A server without a file on disk: it forgets everything when it ends.
pub struct Redis {
    program: PathBuf,
    pub port: u16,
    arguments: Vec<String>,
    /// A library loaded before all others.
    preload: Option<PathBuf>,
    folder: tempfile::TempDir,
    process: Option<Child>,
}

/// A port that nobody listens on, for the moment.
pub fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

impl Redis {
    /// `None` where there is no redis-server.
    pub fn start() -> Option<Redis> {
        Redis::with(&[])
    }

    pub fn with(arguments: &[&str]) -> Option<Redis> {
        let mut redis = Redis::stopped(arguments)?;
        redis.run();
        Some(redis)
    }

    /// Known by its port, but not started.
    pub fn stopped(arguments: &[&str]) -> Option<Redis> {
        Some(Redis {
            program: stage::tool("redis-server")?,
            port: free_port(),
            arguments: arguments.iter().map(|argument| (*argument).to_owned()).collect(),
            preload: None,
            folder: tempfile::tempdir().unwrap(),
            process: None,
        })
    }

    /// With a clock that [`Redis::shift_clock`] moves.
    pub fn with_a_clock_of_its_own() -> Option<Redis> {
        let mut redis = Redis::stopped(&[])?;
        let library = redis.folder.path().join("clock.so");
        let mut build = compiler(Language::C);
        build
            .args(["-shared", "-fPIC"])
            .arg(stage::root().join("tests/fleet/clock.c"));
        stage::succeed(build.arg("-o").arg(&library));
        redis.preload = Some(library);
        redis.shift_clock(0);
        redis.run();
        Some(redis)
    }

    /// So many seconds from the machine's clock, from now on.
    pub fn shift_clock(&self, seconds: i64) {
        let file = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(self.clock());
        file.unwrap().write_all(&seconds.to_ne_bytes()).unwrap();
    }

    fn clock(&self) -> PathBuf {
        self.folder.path().join("clock")
    }

    /// Starts it (again) on its port, with nothing in its memory.
    pub fn run(&mut self) {
        let mut command = Command::new(&self.program);
        command.args(["--save", "", "--appendonly", "no", "--bind", "127.0.0.1"]);
        if !self.arguments.iter().any(|argument| argument == "--port") {
            command.args(["--port", &self.port.to_string()]);
        }
        command.args(&self.arguments).arg("--dir").arg(self.folder.path());
        if let Some(library) = &self.preload {
            stage::preload(&mut command, library).env("CLOCK_FILE", self.clock());
        }
        self.process = Some(command.stdin(Stdio::null()).stdout(Stdio::null()).spawn().unwrap());
        let began = Instant::now();
        while TcpStream::connect(("127.0.0.1", self.port)).is_err() {
            assert!(began.elapsed() < Duration::from_secs(30), "redis-server does not start");
            thread::sleep(Duration::from_millis(10));
        }
    }

    /// As when the machine loses power.
    pub fn kill(&mut self) {
        if let Some(mut process) = self.process.take() {
            process.kill().unwrap();
            process.wait().unwrap();
        }
    }

    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    /// Runs one command on a connection of its own and answers what came.
    pub fn ask<T: redis::FromRedisValue>(&self, words: &[&str]) -> T {
        let mut connection = redis::Client::open(self.url()).unwrap().get_connection().unwrap();
        let (name, rest) = words.split_first().unwrap();
        redis::cmd(name).arg(rest).query(&mut connection).unwrap()
    }

    /// How often a script ran.
    pub fn trips(&self) -> u64 {
        let info: String = self.ask(&["INFO", "commandstats"]);
        let line = info
            .lines()
            .find_map(|line| line.strip_prefix("cmdstat_evalsha:calls="));
        let number = line.and_then(|rest| rest.split(',').next());
        number.map_or(0, |number| number.parse().unwrap())
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        self.kill();
    }
}

/// A way to a server on which every piece takes so long in each direction. Ends with the process.
pub fn slow_way_to(port: u16, delay: Duration) -> u16 {
    fn carry(mut from: TcpStream, mut to: TcpStream, delay: Duration) {
        let mut chunk = [0; 4_096];
        while let Ok(n @ 1..) = from.read(&mut chunk) {
            thread::sleep(delay);
            if to.write_all(&chunk[..n]).is_err() {
                return;
            }
        }
    }
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let here = listener.local_addr().unwrap().port();
    thread::spawn(move || {
        for near in listener.incoming().map_while(Result::ok) {
            let far = TcpStream::connect(("127.0.0.1", port)).unwrap();
            let (from, to) = (near.try_clone().unwrap(), far.try_clone().unwrap());
            thread::spawn(move || carry(from, to, delay));
            thread::spawn(move || carry(far, near, delay));
        }
    });
    here
}

/// A server that takes connections and never says a word. Ends with the process.
pub fn silent_server() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    thread::spawn(move || {
        let mut held = Vec::new();
        for connection in listener.incoming() {
            held.push(connection);
        }
    });
    port
}

/// A server that answers the n-th command, counted from 0, with these bytes, given its own time in microseconds. Ends with the process.
pub fn server_that_answers(answer: impl Fn(usize, i64) -> String + Send + 'static) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    thread::spawn(move || {
        let mut number = 0;
        for mut connection in listener.incoming().map_while(Result::ok) {
            let mut command = [0; 4_096];
            while let Ok(1..) = connection.read(&mut command) {
                let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_micros();
                if connection.write_all(answer(number, now as i64).as_bytes()).is_err() {
                    break;
                }
                number += 1;
            }
        }
    });
    port
}
