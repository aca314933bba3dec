//! Reads whole files that the operator names: a file, or a pipe that somebody writes into. It never waits for ever for a writer and never reads a
//! device, and its errors show nothing of the content.

use std::fs::{self, File, FileType};
use std::io::{self, Read};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use zeroize::Zeroizing;

use crate::exit::Exit;
use crate::output::{why, Failure};
use crate::system;

/// So long somebody may take to open a named pipe for writing; then it may take its time.
const WRITER: Duration = Duration::from_secs(3);

/// What a path leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    File,
    /// It can be read once, and has a name only while this process lives or its writer does.
    Pipe,
}

pub fn kind(path: &Path) -> Result<Kind, Failure> {
    let refuse = |what: &str| Err(Failure::usage(format!("{}: {what}", path.display())));
    match fs::metadata(path).map(|about| about.file_type()) {
        // What stdin was redirected to is gone for the next command.
        Ok(kind) if kind.is_file() && is_of_this_process(path) => Ok(Kind::Pipe),
        Ok(kind) if kind.is_file() => Ok(Kind::File),
        Ok(kind) if system::is_pipe(kind) => Ok(Kind::Pipe),
        Ok(kind) if kind.is_dir() => refuse("this is a folder"),
        Ok(kind) => refuse(&format!("this is {}, not a file", name(kind))),
        Err(error) => refuse(&why(&error)),
    }
}

fn is_of_this_process(path: &Path) -> bool {
    ["/dev/fd", "/dev/stdin", "/proc"]
        .iter()
        .any(|folder| path.starts_with(folder))
}

fn name(kind: FileType) -> &'static str {
    if system::is_socket(kind) {
        "a socket"
    } else {
        "a device"
    }
}

pub fn open(path: &Path) -> Result<File, Failure> {
    let told = |error: io::Error| Failure::usage(format!("{}: {}", path.display(), why(&error)));
    if kind(path)? == Kind::File {
        return File::open(path).map_err(told);
    }
    let (opened, open) = mpsc::channel();
    let name = path.to_owned();
    // Opening a pipe waits for its writer.
    thread::spawn(move || opened.send(File::open(name)));
    match open.recv_timeout(WRITER) {
        Ok(file) => file.map_err(told),
        Err(_) => Err(Failure::usage(format!(
            "{}: a pipe that nobody writes into; begin its writer first",
            path.display()
        ))),
    }
}

/// Stdin is read to its end, by whoever asks first.
pub fn stdin_is_free() -> Result<(), Failure> {
    static TAKEN: AtomicBool = AtomicBool::new(false);
    match TAKEN.swap(true, Ordering::Relaxed) {
        false => Ok(()),
        true => Err(Failure::usage(
            "two things are to be read from stdin (-); put one of them into a file",
        )),
    }
}

/// A whole file, which may be as long as that; `-` is stdin.
pub fn bytes(path: &Path, longest: u64) -> Result<Zeroizing<Vec<u8>>, Failure> {
    let from_stdin = path == Path::new("-");
    if from_stdin {
        stdin_is_free()?;
    }
    // A growing one would leave copies of a secret behind.
    let mut bytes = Zeroizing::new(Vec::with_capacity(16 * 1_024));
    let read = if from_stdin {
        io::stdin().lock().take(longest + 1).read_to_end(&mut bytes)
    } else {
        open(path)?.take(longest + 1).read_to_end(&mut bytes)
    };
    let name = if from_stdin { Path::new("stdin") } else { path }.display();
    match read {
        Err(error) => Err(Failure::usage(format!("{name}: {}", why(&error)))),
        Ok(length) if length as u64 > longest => Err(Failure::usage(format!("{name}: over {longest} bytes"))),
        Ok(_) => Ok(bytes),
    }
}

/// A file that holds one secret: without a byte-order mark, blanks and ends of lines around it.
pub fn secret(path: &Path) -> Result<Zeroizing<String>, Failure> {
    const LONGEST: u64 = 64 * 1_024;
    let told = |what: &str| Failure::new(Exit::Authority, format!("{}: {what}", path.display()));
    let bytes = bytes(path, LONGEST).map_err(|failure| match path == Path::new("-") {
        true => failure,
        false => Failure::new(Exit::Authority, failure.message),
    })?;
    let text = std::str::from_utf8(&bytes).map_err(|_| told("not UTF-8 text; save it as UTF-8"))?;
    match text.trim_start_matches('\u{feff}').trim() {
        "" => Err(told("the file is empty")),
        secret => Ok(Zeroizing::new(secret.to_owned())),
    }
}

/// A word where others may read a file that holds a secret.
pub fn others_may_read(path: &Path) -> Option<String> {
    let about = fs::metadata(path).ok().filter(|about| about.is_file())?;
    system::shared_mode(&about).map(|mode| {
        format!(
            "{0}: others may read or change this secret (mode {mode:03o}); `chmod 600 {0}` keeps them out",
            path.display()
        )
    })
}
