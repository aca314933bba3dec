//! What the slow checks run programs against: the installed emulator in a process of its own, built for speed, and programs linked with
//! the installed shared library.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStderr, ChildStdin, Command, Stdio};
use std::thread::{self, JoinHandle};

use serde_json::Value;

use crate::programs::{compiler, strict, Language};
use crate::stage;

/// Compiles one C program as a user does.
pub fn linked_shared(source: &str, program: &Path) -> PathBuf {
    let lib = stage::prefix().join("lib");
    let mut command = compiler(Language::C);
    command.args(strict(Language::C));
    command.arg("-I").arg(stage::prefix().join("include"));
    command.arg("-I").arg(stage::root().join("tests/c"));
    command.arg(stage::root().join(source)).arg("-o").arg(program);
    command.arg("-L").arg(&lib).arg(format!("-Wl,-rpath,{}", lib.display()));
    stage::succeed(command.args(["-ltencent_chat", "-lpthread"]));
    program.to_owned()
}

/// A running emulator; it ends with this value.
pub struct Service {
    process: Child,
    stdin: Option<ChildStdin>,
    ready: Value,
}

/// Reads lines as they come, so that nobody who writes them has to wait, and keeps what they say; a line that says nothing is an error.
pub fn read_lines<T: Send + 'static>(
    from: impl Read + Send + 'static,
    parse: fn(&str) -> Result<T, String>,
) -> JoinHandle<Result<Vec<T>, String>> {
    thread::spawn(move || {
        let lines = BufReader::new(from).lines();
        lines
            .map(|line| parse(&line.map_err(|error| error.to_string())?))
            .collect()
    })
}

impl Service {
    pub fn start() -> Service {
        Service::spawned(&[], Stdio::inherit())
    }

    /// One that writes its log, a line of JSON a request, to its standard error; whoever starts it has to read on.
    pub fn with_log() -> (Service, ChildStderr) {
        let mut service = Service::spawned(&["--log-file", "/dev/stderr"], Stdio::piped());
        let log = service.process.stderr.take().unwrap();
        (service, log)
    }

    fn spawned(arguments: &[&str], stderr: Stdio) -> Service {
        let mut command = Command::new(stage::prefix().join("bin/chat-emulator"));
        command
            .args(["--until-stdin-closes", "--log-limit", "100"])
            .args(arguments);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(stderr);
        let mut process = command.spawn().unwrap();
        let mut line = String::new();
        let mut stdout = BufReader::new(process.stdout.take().unwrap());
        stdout.read_line(&mut line).unwrap();
        Service {
            stdin: process.stdin.take(),
            ready: serde_json::from_str(&line).unwrap(),
            process,
        }
    }

    /// A member of its ready line, such as `url`.
    pub fn place(&self, name: &str) -> &str {
        self.ready[name].as_str().unwrap()
    }

    /// An answer of the admin port.
    pub fn ask(&self, path: &str) -> Value {
        let address = self.place("admin_url").trim_start_matches("http://");
        let mut connection = TcpStream::connect(address).unwrap();
        let request = format!("GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n");
        connection.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        connection.read_to_string(&mut answer).unwrap();
        let (_, body) = answer.split_once("\r\n\r\n").unwrap();
        serde_json::from_str(body).unwrap()
    }

    /// Ends the service, which writes the rest of its log first.
    pub fn end(mut self) {
        drop(self.stdin.take());
        assert!(self.process.wait().unwrap().success());
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
