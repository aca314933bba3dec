//! What Unix and Windows do each in their own way: how a file is opened, locked and kept from others, what stops the program, what an error of the
//! system means. The rest of the program knows no system.

pub use family::*;

#[cfg(unix)]
mod family {
    use std::fs::{File, FileType, Metadata, OpenOptions, Permissions};
    use std::io::{self, Write};
    use std::os::unix::fs::{FileTypeExt, MetadataExt, OpenOptionsExt, PermissionsExt};
    use std::path::Path;

    use rustix::fs::{flock, FlockOperation, OFlags};
    use rustix::io::Errno;
    use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
    use signal_hook::iterator::Signals;

    /// As `open` takes it: whoever opens a pipe would wait for its other end.
    const NONBLOCK: i32 = OFlags::NONBLOCK.bits() as i32;

    /// What removes a file.
    pub const REMOVE: &str = "rm";

    /// Opens to read, without waiting for a writer.
    pub fn read_at_once(path: &Path) -> io::Result<File> {
        File::options().read(true).custom_flags(NONBLOCK).open(path)
    }

    /// Of files that grow by whole lines; `new` makes one that nobody else can read, and follows no link.
    pub fn open_lines(path: &Path, new: bool) -> io::Result<File> {
        let mut options = File::options();
        options.read(true).append(true).custom_flags(NONBLOCK).mode(0o600);
        options.create_new(new).open(path)
    }

    /// Writes behind what stands in a file of [`open_lines`].
    pub fn append(mut file: &File, text: &[u8]) -> io::Result<()> {
        file.write_all(text)
    }

    /// For a new file that nobody else can read.
    pub fn private(options: &mut OpenOptions) -> &mut OpenOptions {
        options.mode(0o600)
    }

    /// False where another process has it. Held until the file is closed, by a kill as well.
    pub fn lock(file: &File) -> io::Result<bool> {
        match flock(file, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => Ok(true),
            Err(Errno::WOULDBLOCK) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    /// Whether opening failed because another process has locked it; here that is told by [`lock`].
    pub fn is_locked(_: &io::Error) -> bool {
        false
    }

    /// The user id of the owner, where that is somebody else.
    pub fn other_owner(about: &Metadata) -> Option<u32> {
        (about.uid() != rustix::process::geteuid().as_raw()).then(|| about.uid())
    }

    /// The rights of a file that others may read or change.
    pub fn shared_mode(about: &Metadata) -> Option<u32> {
        let mode = about.mode() & 0o777;
        (mode & 0o077 != 0).then_some(mode)
    }

    pub fn keep_others_out(file: &File, mode: u32) -> io::Result<()> {
        file.set_permissions(Permissions::from_mode(mode & 0o700))
    }

    /// After a new file: its name survives a loss of power as well.
    pub fn sync_folder(folder: &Path) -> io::Result<()> {
        File::open(folder)?.sync_all()
    }

    pub fn is_pipe(kind: FileType) -> bool {
        kind.is_fifo()
    }

    pub fn is_socket(kind: FileType) -> bool {
        kind.is_socket()
    }

    /// What an error means that the standard library has no kind for.
    pub fn meaning(error: &io::Error) -> Option<&'static str> {
        let known = [
            (Errno::IO, "the disk fails"),
            (Errno::LOOP, "its links lead in a circle"),
            (Errno::NAMETOOLONG, "the name is too long"),
            (Errno::MFILE, "too many files are open"),
            (Errno::NFILE, "too many files are open"),
            (Errno::NXIO, "nobody is at the other end"),
        ];
        let errno = Errno::from_io_error(error)?;
        known.iter().find(|(known, _)| *known == errno).map(|(_, words)| *words)
    }

    /// A word in quotes that a shell reads back as it is.
    pub fn quoted(word: &str) -> String {
        format!("'{}'", word.replace('\'', "'\\''"))
    }

    /// What no plain quotes can hold, byte by byte.
    pub fn escaped(bytes: &[u8]) -> String {
        let escaped = bytes.iter().map(|byte| match byte {
            b'\'' | b'\\' => format!("\\{}", char::from(*byte)),
            b' '..=b'~' => char::from(*byte).to_string(),
            byte => format!("\\x{byte:02x}"),
        });
        format!("$'{}'", escaped.collect::<String>())
    }

    /// The signals that ask the program to end, one after the other, until the handle is closed.
    pub struct StopSignals(Signals);

    pub struct StopHandle(signal_hook::iterator::Handle);

    impl StopSignals {
        pub fn new() -> io::Result<StopSignals> {
            let wanted = [SIGINT, SIGTERM, SIGHUP];
            // Under nohup a terminal that goes away is none of our business.
            let wanted = wanted
                .into_iter()
                .filter(|signal| *signal != SIGHUP || !is_ignored(SIGHUP));
            Ok(StopSignals(Signals::new(wanted)?))
        }

        pub fn handle(&self) -> StopHandle {
            StopHandle(self.0.handle())
        }

        pub fn each(mut self, mut heard: impl FnMut()) {
            self.0.forever().for_each(|_| heard());
        }
    }

    impl StopHandle {
        pub fn close(&self) {
            self.0.close();
        }
    }

    /// Whether the process was started with this signal ignored; known where the kernel tells it.
    fn is_ignored(signal: i32) -> bool {
        let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
        let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
        mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok())
            .is_some_and(|mask| mask >> (signal - 1) & 1 == 1)
    }
}

#[cfg(windows)]
mod family {
    use std::fs::{File, FileType, Metadata, OpenOptions};
    use std::io::{self, Seek, SeekFrom, Write};
    use std::os::windows::fs::OpenOptionsExt;
    use std::path::Path;
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::sync::Arc;
    use std::thread;
    use std::time::Duration;

    use signal_hook::consts::{SIGINT, SIGTERM};

    /// `FILE_SHARE_READ | FILE_SHARE_DELETE`: a second writer is refused when it opens the file.
    const ONE_WRITER: u32 = 0x1 | 0x4;
    /// `ERROR_SHARING_VIOLATION`.
    const IN_USE: i32 = 32;

    /// What removes a file.
    pub const REMOVE: &str = "del";

    /// Opens to read.
    pub fn read_at_once(path: &Path) -> io::Result<File> {
        File::open(path)
    }

    /// Of files that grow by whole lines; `new` makes one. To append only is not enough here: who does may not cut a file.
    pub fn open_lines(path: &Path, new: bool) -> io::Result<File> {
        let mut options = File::options();
        options.read(true).write(true).share_mode(ONE_WRITER);
        options.create_new(new).open(path)
    }

    /// Writes behind what stands in a file of [`open_lines`].
    pub fn append(mut file: &File, text: &[u8]) -> io::Result<()> {
        file.seek(SeekFrom::End(0))?;
        file.write_all(text)
    }

    /// A new file has the rights of its folder.
    pub fn private(options: &mut OpenOptions) -> &mut OpenOptions {
        options
    }

    /// Whoever has the file open has it alone: see [`open_lines`].
    pub fn lock(_: &File) -> io::Result<bool> {
        Ok(true)
    }

    /// Whether opening failed because another process has the file.
    pub fn is_locked(error: &io::Error) -> bool {
        error.raw_os_error() == Some(IN_USE)
    }

    /// Rights are told by lists here, which a folder hands down; nothing of them is judged.
    pub fn other_owner(_: &Metadata) -> Option<u32> {
        None
    }

    pub fn shared_mode(_: &Metadata) -> Option<u32> {
        None
    }

    pub fn keep_others_out(_: &File, _: u32) -> io::Result<()> {
        Ok(())
    }

    /// The file system keeps a journal of names.
    pub fn sync_folder(_: &Path) -> io::Result<()> {
        Ok(())
    }

    pub fn is_pipe(_: FileType) -> bool {
        false
    }

    pub fn is_socket(_: FileType) -> bool {
        false
    }

    /// What an error means that the standard library has no kind for.
    pub fn meaning(error: &io::Error) -> Option<&'static str> {
        match error.raw_os_error()? {
            4 => Some("too many files are open"),
            IN_USE => Some("another program has it open"),
            123 => Some("not a name that a file can have"),
            206 => Some("the name is too long"),
            1117 => Some("the disk fails"),
            _ => None,
        }
    }

    /// A word in quotes, as `cmd` and PowerShell read it; no name of a file holds such a quote.
    pub fn quoted(word: &str) -> String {
        format!("\"{}\"", word.replace('"', "\\\""))
    }

    /// No command line holds such a word.
    pub fn escaped(bytes: &[u8]) -> String {
        quoted(&String::from_utf8_lossy(bytes))
    }

    /// Ctrl-C, and whatever else asks the program to end, one after the other, until the handle is closed.
    pub struct StopSignals {
        asked: Arc<AtomicBool>,
        closed: Arc<AtomicBool>,
    }

    pub struct StopHandle(Arc<AtomicBool>);

    impl StopSignals {
        pub fn new() -> io::Result<StopSignals> {
            let asked = Arc::new(AtomicBool::new(false));
            for signal in [SIGINT, SIGTERM] {
                signal_hook::flag::register(signal, Arc::clone(&asked))?;
            }
            let closed = Arc::default();
            Ok(StopSignals { asked, closed })
        }

        pub fn handle(&self) -> StopHandle {
            StopHandle(Arc::clone(&self.closed))
        }

        /// Looks twenty times a second: nothing here waits for a signal.
        pub fn each(self, mut heard: impl FnMut()) {
            while !self.closed.load(Ordering::Acquire) {
                if self.asked.swap(false, Ordering::AcqRel) {
                    heard();
                }
                thread::sleep(Duration::from_millis(50));
            }
        }
    }

    impl StopHandle {
        pub fn close(&self) {
            self.0.store(true, Ordering::Release);
        }
    }
}
