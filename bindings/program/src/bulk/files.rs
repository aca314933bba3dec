//! The files that a run writes: whole lines only, one writer, readable by their owner alone. A line is with the kernel when `line` returns, so that a
//! killed process loses none; a line cut by a kill or a full disk is removed before the next one is written.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::exit::Exit;
use crate::output::{note, Failure};
use crate::system;

/// A file of lines that only grows, locked against a second run.
#[derive(Debug)]
pub struct Lines {
    path: PathBuf,
    pen: Mutex<Pen>,
    /// Each line reaches the disk before `line` returns.
    at_once: bool,
}

#[derive(Debug)]
struct Pen {
    file: File,
    /// Up to here there are whole lines.
    length: u64,
    /// Something was written since the last sync.
    dirty: bool,
}

impl Lines {
    /// Opens or makes it, and cuts off a last line that was never finished. A file that does not begin as its kind does is refused as it is.
    pub fn open(path: &Path, begins: &str, at_once: bool) -> Result<Lines, Failure> {
        let told = |error: io::Error| Failure::file(path, &error);
        let mut file = own(path)?;
        lock(&file, path)?;
        let mut start = Vec::new();
        (&file)
            .take(begins.len() as u64)
            .read_to_end(&mut start)
            .map_err(told)?;
        if !begins.as_bytes().starts_with(&start) {
            return Err(refused(path, "there is something else in this file; name another one"));
        }
        keep_others_out(&file, path).map_err(told)?;
        let length = whole_lines(&mut file).map_err(told)?;
        file.set_len(length).map_err(told)?;
        Ok(Lines {
            path: path.to_owned(),
            pen: Mutex::new(Pen {
                file,
                length,
                dirty: false,
            }),
            at_once,
        })
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    pub fn is_empty(&self) -> bool {
        self.lock().length == 0
    }

    /// Goes back to an earlier length, at the end of a line.
    pub fn cut(&self, length: u64) -> io::Result<()> {
        let mut pen = self.lock();
        pen.file.set_len(length)?;
        pen.length = length;
        Ok(())
    }

    /// Reads it from the start. Nothing is written meanwhile.
    pub fn read<R>(&self, f: impl FnOnce(&mut dyn Read) -> R) -> io::Result<R> {
        let mut pen = self.lock();
        pen.file.seek(SeekFrom::Start(0))?;
        Ok(f(&mut pen.file))
    }

    /// Appends whole lines, each with its end. After an error none of them is there.
    pub fn line(&self, text: &[u8]) -> io::Result<()> {
        let mut pen = self.lock();
        if let Err(error) = system::append(&pen.file, text) {
            let length = pen.length;
            // Shrinking needs no room on a full disk. If it fails too, the reader of the file drops the partial line.
            let _ = pen.file.set_len(length);
            return Err(error);
        }
        pen.length += text.len() as u64;
        pen.dirty = true;
        match self.at_once {
            true => pen.sync(),
            false => Ok(()),
        }
    }

    /// What was written so far survives a loss of power.
    pub fn sync(&self) -> io::Result<()> {
        let copy = {
            let mut pen = self.lock();
            if !std::mem::take(&mut pen.dirty) {
                return Ok(());
            }
            pen.file.try_clone()?
        };
        // Without the lock, so that a slow disk does not delay those who only write.
        copy.sync_data()
    }

    fn lock(&self) -> MutexGuard<'_, Pen> {
        self.pen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Pen {
    fn sync(&mut self) -> io::Result<()> {
        self.dirty = false;
        self.file.sync_data()
    }
}

/// The file of that name, made if there is none. A link to nothing, a pipe and a file of somebody else's are refused.
fn own(path: &Path) -> Result<File, Failure> {
    let told = |error: io::Error| Failure::file(path, &error);
    let file = match system::open_lines(path, false) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            system::open_lines(path, true).map_err(|error| match error.kind() {
                io::ErrorKind::AlreadyExists => refused(path, "a link to nothing; remove it, or name another file"),
                _ => told(error),
            })?
        }
        Err(error) if system::is_locked(&error) => return Err(in_use(path)),
        opened => opened.map_err(told)?,
    };
    let about = file.metadata().map_err(told)?;
    if !about.is_file() {
        return Err(refused(path, "a pipe or a device, not a file; name another one"));
    }
    if let Some(owner) = system::other_owner(&about) {
        return Err(refused(
            path,
            &format!("the file of another user (uid {owner}); name another one"),
        ));
    }
    Ok(file)
}

fn refused(path: &Path, what: &str) -> Failure {
    Failure::usage(format!("{}: {what}", path.display()))
}

/// It names users, and write access could make a run leave some out.
fn keep_others_out(file: &File, path: &Path) -> io::Result<()> {
    if let Some(mode) = system::shared_mode(&file.metadata()?) {
        system::keep_others_out(file, mode)?;
        note(&format!(
            "{}: others could read or change it (mode {mode:03o}); now only you can",
            path.display()
        ));
    }
    Ok(())
}

/// Held until the file is closed, by a kill as well.
fn lock(file: &File, path: &Path) -> Result<(), Failure> {
    match system::lock(file) {
        Ok(true) => Ok(()),
        Ok(false) => Err(in_use(path)),
        Err(error) => Err(Failure::file(path, &error)),
    }
}

fn in_use(path: &Path) -> Failure {
    let name = path.display();
    Failure::new(
        Exit::Failed,
        format!("{name}: another run is using it; wait for its end, or name another file"),
    )
}

/// The length of a file up to its last end of line.
fn whole_lines(file: &mut File) -> io::Result<u64> {
    const STEP: u64 = 4_096;
    let mut end = file.seek(SeekFrom::End(0))?;
    let mut block = Vec::new();
    while end > 0 {
        let start = end.saturating_sub(STEP);
        file.seek(SeekFrom::Start(start))?;
        block.clear();
        (&*file).take(end - start).read_to_end(&mut block)?;
        if let Some(at) = block.iter().rposition(|byte| *byte == b'\n') {
            return Ok(start + at as u64 + 1);
        }
        end = start;
    }
    Ok(0)
}

/// The same name with something behind it: `a.txt` and `journal` make `a.txt.journal`.
pub fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".");
    name.push(ending);
    PathBuf::from(name)
}

/// After a new file: its name survives a loss of power as well.
pub fn sync_folder(path: &Path) -> io::Result<()> {
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    system::sync_folder(folder)
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn a_line_that_was_cut_is_taken_away_before_the_next() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("f");
        for (had, kept) in [("a\nb\nc", "a\nb\n"), ("abc", ""), ("", ""), ("a\n", "a\n")] {
            fs::write(&path, had).unwrap();
            let lines = Lines::open(&path, "a", false).unwrap();
            assert_eq!(lines.is_empty(), kept.is_empty());
            lines.line(b"next\n").unwrap();
            drop(lines);
            assert_eq!(fs::read_to_string(&path).unwrap(), format!("{kept}next\n"));
        }
        let long = "a".repeat(10_000);
        fs::write(&path, format!("{long}\n{long}")).unwrap();
        drop(Lines::open(&path, "a", false).unwrap());
        assert_eq!(fs::metadata(&path).unwrap().len(), 10_001);
    }

    #[test]
    fn somebody_elses_file_is_left_as_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("f");
        for text in ["my notes", "accounts\nu1\n"] {
            fs::write(&path, text).unwrap();
            let failure = Lines::open(&path, "account,group\n", false).unwrap_err();
            assert!(failure.message.contains("something else"), "{}", failure.message);
            assert_eq!(fs::read_to_string(&path).unwrap(), text);
        }
    }

    #[test]
    fn only_the_owner_reads_it_and_only_one_run_writes_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("f");
        let lines = Lines::open(&path, "a", true).unwrap();
        lines.line(b"a\n").unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert!(Lines::open(&path, "a", true)
            .unwrap_err()
            .message
            .contains("another run"));
        drop(lines);
        Lines::open(&path, "a", true).unwrap();
    }

    #[test]
    fn a_name_gets_its_ending_behind_the_one_it_has() {
        assert_eq!(beside(Path::new("d/a.txt"), "journal"), Path::new("d/a.txt.journal"));
    }
}
