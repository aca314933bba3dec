//! The three programs that make the calls of the table, one a language: built, fed line by line with what to do, and heard. Each gets its
//! next line when one of its calls has ended, so that a fixed number is under way at a time. Knows nothing of outcomes.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use super::scene::{Begun, Cell, Scene, Told};
use crate::lookups::Lookups;
use crate::programs::{compiler, strict, Language};
use crate::stage;

/// Calls of one program under way at a time: most of them wait, so that hours of silence take seconds.
const AT_ONCE: usize = 32;
/// Only stops a hang: the longest call has a minute.
const LONGEST_SILENCE: Duration = Duration::from_secs(180);

#[derive(Clone, Copy, Debug)]
pub enum Face {
    C,
    Python,
    Go,
}

impl Face {
    /// The program, built where it must be; `None` without the language's tools.
    pub fn program(self) -> Option<Command> {
        match self {
            Face::C => Some(Command::new(compiled())),
            Face::Python => stage::tool("python3").map(interpreted),
            Face::Go => stage::tool("go").map(|go| Command::new(built(&go))),
        }
    }
}

fn source(name: &str) -> PathBuf {
    stage::root().join("tests/faults").join(name)
}

fn folder() -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("faults");
    fs::create_dir_all(&folder).unwrap();
    folder
}

fn compiled() -> PathBuf {
    let program = folder().join("caller_c");
    let prefix = stage::prefix();
    let mut command = compiler(Language::C);
    command.args(strict(Language::C)).arg("-I").arg(prefix.join("include"));
    command.arg(source("caller.c")).arg("-o").arg(&program);
    command.arg("-L").arg(prefix.join("lib"));
    command.arg(format!("-Wl,-rpath,{}", prefix.join("lib").display()));
    stage::succeed(command.args(["-ltencent_chat", "-lpthread"]));
    program
}

fn interpreted(python: PathBuf) -> Command {
    let mut command = Command::new(python);
    command
        .arg("-B")
        .arg(source("caller.py"))
        .env("PYTHONPATH", stage::root().join("bindings/python"))
        .env("PYTHONIOENCODING", "utf-8")
        .env("TENCENT_CHAT_LIBRARY", stage::prefix().join("lib/libtencent_chat.so"));
    command
}

fn built(go: &Path) -> PathBuf {
    let program = folder().join("caller_go");
    let prefix = stage::prefix().display();
    let mut command = Command::new(go);
    command
        .current_dir(source("go"))
        .args(["build", "-o"])
        .arg(&program)
        .arg(".")
        .env("CGO_CFLAGS", format!("'-I{prefix}/include'"))
        .env("CGO_LDFLAGS", format!("'-L{prefix}/lib' '-Wl,-rpath,{prefix}/lib'"))
        .env("GOFLAGS", "-mod=mod")
        .env("GOTOOLCHAIN", "local");
    stage::succeed(&mut command);
    program
}

/// Ends the program whatever happens to its test.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        // An error means that it has ended.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Has the program make every call, and returns what is wrong with any of them, and with what it printed.
pub fn run(
    face: Face,
    mut command: Command,
    lookups: Option<&Lookups>,
    scene: &Scene,
    cells: &[Cell<'_>],
) -> Vec<String> {
    if let Some(lookups) = lookups {
        lookups.preload(&mut command);
    }
    let complaints = folder().join(format!("{face:?}.{}.stderr", lookups.is_some()));
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(File::create(&complaints).unwrap());
    let mut program = Running(
        command
            .spawn()
            .unwrap_or_else(|error| panic!("cannot run {command:?}: {error}")),
    );
    let (mut printed, mut wrong) = converse(&mut program.0, scene, cells);
    let status = program.0.wait().unwrap();
    printed += &fs::read_to_string(&complaints).unwrap();
    if !status.success() {
        wrong.push(format!(
            "{face:?} ended with {status}\n{}",
            fs::read_to_string(&complaints).unwrap()
        ));
    }
    if let Some(what) = scene.secrets.found_in(&printed) {
        let line = printed.lines().find(|line| scene.secrets.found_in(line).is_some());
        wrong.push(format!("{face:?} printed {what}: {}", line.unwrap_or_default()));
    }
    wrong
}

/// Feeds the program and hears it until every call was told. All that it printed, and what is wrong.
fn converse(program: &mut Child, scene: &Scene, cells: &[Cell<'_>]) -> (String, Vec<String>) {
    let mut input = program.stdin.take().expect("its stdin is a pipe");
    let output = BufReader::new(program.stdout.take().expect("its stdout is a pipe"));
    let (tell, heard) = mpsc::channel();
    let reader = thread::spawn(move || {
        for line in output.lines() {
            if tell.send(line.expect("it prints UTF-8")).is_err() {
                return;
            }
        }
    });
    let (mut printed, mut wrong) = (String::new(), Vec::new());
    let mut waiting = cells.iter().enumerate();
    let mut under_way: BTreeMap<usize, (Begun, bool)> = BTreeMap::new();
    let mut last = Instant::now();
    loop {
        while under_way.len() < AT_ONCE {
            let Some((id, cell)) = waiting.next() else { break };
            let begun = scene.begin(id, cell);
            writeln!(input, "{}", begun.line).expect("it reads");
            under_way.insert(id, (begun, false));
        }
        if under_way.is_empty() {
            break;
        }
        for (id, (begun, said)) in under_way.iter_mut().filter(|(_, (_, said))| !said) {
            if begun.is_met() {
                *said = true;
                writeln!(input, "{id}").expect("it reads");
            }
        }
        match heard.recv_timeout(Duration::from_millis(5)) {
            Ok(line) => {
                last = Instant::now();
                let told: Told = serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line}"));
                let (begun, _) = under_way.remove(&told.id).expect("it tells each call once");
                wrong.extend(scene.judge(&cells[told.id], &begun, &told));
                printed += &format!("{line}\n");
            }
            Err(RecvTimeoutError::Timeout) if last.elapsed() < LONGEST_SILENCE => {}
            Err(_) => {
                wrong.extend(
                    under_way
                        .keys()
                        .map(|id| format!("{}: never came back", cells[*id].name())),
                );
                let _ = program.kill();
                break;
            }
        }
    }
    // The program ends when nothing more can come.
    drop(input);
    let _ = reader.join();
    (printed, wrong)
}
