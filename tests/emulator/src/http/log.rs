//! The request log of one listener: what came, on which connection, and how far it was answered, in bounded memory. It is only
//! ever given text without signatures.

use std::collections::{BTreeMap, VecDeque};
use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, Weak};
use std::time::{Duration, Instant};

use serde::Serialize;
use tokio::sync::broadcast;

/// Bytes of bodies and answers that the log keeps in memory; the oldest entries go first.
const KEPT_BYTES: usize = 64 * 1024 * 1024;

/// How far a request was answered, as seen by the emulator: what its kernel took over counts as sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Answered {
    /// Every byte of an answer, as long as it said.
    Whole,
    /// A part of an answer, or one of another length than it said.
    Cut,
    /// Nothing.
    #[default]
    No,
}

/// One request that was read whole.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct LoggedRequest {
    /// Counts from 1.
    pub number: u64,
    /// Unix milliseconds of its arrival, on the real clock.
    pub time_ms: u64,
    /// The same in unix microseconds.
    pub time_us: u64,
    /// `http` or `https`.
    pub listener: String,
    /// Id of the extra listener; 0 for the emulator's own ports.
    pub listener_id: u64,
    /// Serial number of its TCP connection.
    pub connection: u64,
    /// `HTTP/1.1` and so on.
    pub http: String,
    /// `POST` and so on.
    pub method: String,
    /// Starts with `/`; without the query.
    pub path: String,
    /// Without the signature; `usersig_sha256` holds the first 12 hexadecimal digits of its SHA-256.
    pub query: BTreeMap<String, String>,
    /// Names in lower case; values of a repeated header are joined by a comma.
    pub headers: BTreeMap<String, String>,
    /// What is no UTF-8 is replaced.
    pub body: String,
    /// Whether the call was carried out with `ErrorCode` 0.
    pub applied: bool,
    /// How far it was answered.
    pub answered: Answered,
    /// HTTP status sent; `None` when nothing, or not the whole head, was sent.
    pub status: Option<u16>,
    /// `ErrorCode` sent; `None` when no answer, or none with a code, was sent whole.
    pub code: Option<i64>,
    /// Body sent, as far as it was meant to be; `None` for an answer that is huge on purpose.
    pub answer: Option<String>,
    /// The fault it met.
    pub fault: Option<String>,
}

impl LoggedRequest {
    fn size(&self) -> usize {
        self.body.len() + self.answer.as_ref().map_or(0, String::len)
    }
}

type Shared = Arc<Mutex<LoggedRequest>>;

/// Tells whoever looks of each request of all listeners: once when it has come, and once when nothing more can become known.
#[derive(Clone)]
pub(crate) struct News(broadcast::Sender<Weak<Mutex<LoggedRequest>>>);

/// Those who look on.
pub(crate) struct Onlooker(broadcast::Receiver<Weak<Mutex<LoggedRequest>>>);

impl Default for News {
    fn default() -> Self {
        Self(broadcast::Sender::new(256))
    }
}

impl News {
    pub(crate) fn look_on(&self) -> Onlooker {
        Onlooker(self.0.subscribe())
    }

    fn of(&self, request: &Shared) {
        // An error means that nobody looks.
        let _ = self.0.send(Arc::downgrade(request));
    }
}

impl Onlooker {
    /// The next request as it is now, in JSON; `Some(None)`: there was more than could be told. `None`: the emulator has ended.
    pub(crate) async fn next(&mut self) -> Option<Option<String>> {
        loop {
            match self.0.recv().await {
                Err(broadcast::error::RecvError::Closed) => return None,
                Err(broadcast::error::RecvError::Lagged(_)) => return Some(None),
                Ok(request) => {
                    if let Some(request) = request.upgrade() {
                        return Some(serde_json::to_string(&*locked(&request)).ok());
                    }
                }
            }
        }
    }
}

/// The kept entries and the count, taken at one moment.
#[derive(Serialize)]
pub(crate) struct Dump {
    total: u64,
    requests: Vec<LoggedRequest>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    malformed: Vec<Malformed>,
}

/// Requests by what became of them. Those of before a reset count in the tally of before.
#[derive(Default)]
struct Tally {
    applied: AtomicU64,
    whole: AtomicU64,
    cut: AtomicU64,
}

impl Tally {
    fn of(&self, answered: Answered) -> Option<&AtomicU64> {
        match answered {
            Answered::Whole => Some(&self.whole),
            Answered::Cut => Some(&self.cut),
            Answered::No => None,
        }
    }
}

/// What became of the requests since the start or the last reset.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Totals {
    pub(crate) requests: u64,
    pub(crate) applied: u64,
    pub(crate) whole: u64,
    pub(crate) cut: u64,
}

#[derive(Default)]
struct Contents {
    entries: VecDeque<Shared>,
    bytes: usize,
    total: u64,
    malformed: VecDeque<Malformed>,
    tally: Arc<Tally>,
}

/// What came over a connection and was no request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Malformed {
    /// Why; the bytes are not shown, for a signature may be in them.
    pub malformed: String,
    /// Unix milliseconds, on the real clock.
    pub time_ms: u64,
    /// `http` or `https`.
    pub listener: String,
    /// Id of the extra listener; 0 for the emulator's own ports.
    pub listener_id: u64,
    /// Serial number of its TCP connection.
    pub connection: u64,
}

/// Where the lines of all listeners go: one line of JSON a request once it is answered or given up.
pub(crate) struct LogFile {
    path: PathBuf,
    state: Mutex<FileState>,
}

struct FileState {
    file: File,
    /// The latest line was written in part.
    torn: bool,
    missing: u64,
    failure: Option<std::io::Error>,
}

impl LogFile {
    /// Opens a file that is appended to. The error names it.
    pub(crate) fn open(path: &Path) -> Result<Self, String> {
        let failed = |what: String| format!("cannot write the log file {}: {what}", path.display());
        // `/dev/stderr` and the like are open already, and read by whoever the caller gave them to.
        #[cfg(unix)]
        if !path.starts_with("/dev")
            && std::fs::metadata(path).is_ok_and(|found| std::os::unix::fs::FileTypeExt::is_fifo(&found.file_type()))
        {
            return Err(failed(
                "it is a FIFO, on which every call would wait for its reader".into(),
            ));
        }
        let file = File::options().create(true).append(true).open(path);
        Ok(Self {
            path: path.to_owned(),
            state: Mutex::new(FileState {
                file: file.map_err(|e| failed(e.to_string()))?,
                torn: false,
                missing: 0,
                failure: None,
            }),
        })
    }

    /// A full disk does not take the emulator down: the log in memory stays right, and the failure is told.
    fn append(&self, entry: &impl Serialize) {
        let Ok(mut line) = serde_json::to_vec(entry) else {
            return;
        };
        line.push(b'\n');
        let mut state = self.state.lock().unwrap_or_else(|e| e.into_inner());
        if state.torn {
            line.insert(0, b'\n');
        }
        match written(&mut state.file, &line) {
            Ok(()) => state.torn = false,
            Err((torn, e)) => {
                state.torn |= torn;
                state.missing += 1;
                state.failure.get_or_insert(e);
            }
        }
    }

    /// What is missing in it, and why.
    pub(crate) fn failure(&self) -> Option<String> {
        let state = self.state.lock().unwrap_or_else(|e| e.into_inner());
        let (path, missing, why) = (self.path.display(), state.missing, state.failure.as_ref()?);
        Some(format!("the log file {path} lacks {missing} of the requests: {why}"))
    }
}

/// Writes all; the error says whether a part of it was.
fn written(file: &mut File, mut bytes: &[u8]) -> Result<(), (bool, std::io::Error)> {
    let whole = bytes.len();
    while !bytes.is_empty() {
        match file.write(bytes) {
            Ok(0) => return Err((bytes.len() < whole, std::io::ErrorKind::WriteZero.into())),
            Ok(n) => bytes = &bytes[n..],
            Err(e) if e.kind() == std::io::ErrorKind::Interrupted => {}
            Err(e) => return Err((bytes.len() < whole, e)),
        }
    }
    Ok(())
}

/// So many of what was no request are kept.
const KEPT_MALFORMED: usize = 1_000;

pub(crate) struct Log {
    limit: usize,
    file: Option<Arc<LogFile>>,
    news: News,
    contents: Mutex<Contents>,
    arrived: Condvar,
}

impl Log {
    pub(crate) fn new(limit: usize, file: Option<Arc<LogFile>>, news: News) -> Self {
        Self {
            limit,
            file,
            news,
            contents: Mutex::default(),
            arrived: Condvar::new(),
        }
    }

    /// Counts a request and gives it its number.
    pub(crate) fn add(&self, mut request: LoggedRequest) -> Arc<Entry> {
        let mut contents = self.contents();
        contents.total += 1;
        request.number = contents.total;
        contents.bytes += request.size();
        let entry = Arc::new(Mutex::new(request));
        contents.entries.push_back(Arc::clone(&entry));
        self.trim(&mut contents);
        let tally = Arc::clone(&contents.tally);
        drop(contents);
        self.arrived.notify_all();
        self.news.of(&entry);
        Arc::new(Entry {
            record: Record { entry, tally },
            file: self.file.clone(),
            news: self.news.clone(),
        })
    }

    /// Takes note of what was no request; it counts as none.
    pub(crate) fn malformed_came(&self, what: Malformed) {
        if let Some(file) = &self.file {
            file.append(&what);
        }
        let mut contents = self.contents();
        contents.malformed.push_back(what);
        if contents.malformed.len() > KEPT_MALFORMED.min(self.limit) {
            contents.malformed.pop_front();
        }
    }

    pub(crate) fn malformed(&self) -> Vec<Malformed> {
        self.contents().malformed.iter().cloned().collect()
    }

    /// Fills in what is being sent. How far it gets is [`Record::answered`]'s to tell.
    pub(crate) fn sending(&self, entry: &Entry, status: u16, code: Option<i64>, answer: Option<String>) {
        let mut contents = self.contents();
        let added = answer.as_ref().map_or(0, String::len);
        let shared = &entry.record.entry;
        let mut request = locked(shared);
        request.status = Some(status);
        request.code = code;
        request.answer = answer;
        drop(request);
        if contents.entries.iter().rev().any(|kept| Arc::ptr_eq(kept, shared)) {
            contents.bytes += added;
            self.trim(&mut contents);
        }
    }

    fn trim(&self, contents: &mut Contents) {
        while contents.entries.len() > self.limit || contents.bytes > KEPT_BYTES {
            let Some(oldest) = contents.entries.pop_front() else {
                break;
            };
            contents.bytes -= locked(&oldest).size();
        }
    }

    /// The kept entries, newest last.
    pub(crate) fn requests(&self) -> Vec<LoggedRequest> {
        self.dump().requests
    }

    /// The kept entries, newest last, with the count.
    pub(crate) fn dump(&self) -> Dump {
        let contents = self.contents();
        let requests = contents.entries.iter().map(|entry| locked(entry).clone());
        Dump {
            total: contents.total,
            requests: requests.collect(),
            malformed: contents.malformed.iter().cloned().collect(),
        }
    }

    /// Requests since the start or the last reset, kept or not.
    pub(crate) fn total(&self) -> u64 {
        self.contents().total
    }

    /// What became of the requests since the start or the last reset.
    pub(crate) fn totals(&self) -> Totals {
        let contents = self.contents();
        let count = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        Totals {
            requests: contents.total,
            applied: count(&contents.tally.applied),
            whole: count(&contents.tally.whole),
            cut: count(&contents.tally.cut),
        }
    }

    /// Forgets the entries; the count goes on.
    pub(crate) fn forget(&self) {
        let mut contents = self.contents();
        contents.entries.clear();
        contents.malformed.clear();
        contents.bytes = 0;
    }

    /// Forgets the entries and the count.
    pub(crate) fn reset(&self) {
        *self.contents() = Contents::default();
    }

    /// Waits until `number` requests have come in all; `false` when the time is over first.
    pub(crate) fn wait_for(&self, number: u64, timeout: Duration) -> bool {
        let deadline = Instant::now() + timeout;
        let mut contents = self.contents();
        while contents.total < number {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return false;
            }
            contents = self
                .arrived
                .wait_timeout(contents, left)
                .unwrap_or_else(|e| e.into_inner())
                .0;
        }
        true
    }

    fn contents(&self) -> MutexGuard<'_, Contents> {
        self.contents.lock().unwrap_or_else(|e| e.into_inner())
    }
}

fn locked(entry: &Shared) -> MutexGuard<'_, LoggedRequest> {
    entry.lock().unwrap_or_else(|e| e.into_inner())
}

/// What is known of one request, for those who learn more of it.
#[derive(Clone)]
pub(crate) struct Record {
    entry: Shared,
    tally: Arc<Tally>,
}

impl Record {
    /// Corrects how far the request was answered.
    pub(crate) fn answered(&self, answered: Answered) {
        let mut request = locked(&self.entry);
        if let Some(counter) = self.tally.of(request.answered) {
            counter.fetch_sub(1, Ordering::Relaxed);
        }
        if let Some(counter) = self.tally.of(answered) {
            counter.fetch_add(1, Ordering::Relaxed);
        }
        request.answered = answered;
    }
}

/// A request under way. When the last hold on it goes, nothing more can become known and its line goes to the file.
pub(crate) struct Entry {
    record: Record,
    file: Option<Arc<LogFile>>,
    news: News,
}

impl Entry {
    pub(crate) fn applied(&self) {
        locked(&self.record.entry).applied = true;
        self.record.tally.applied.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn record(&self) -> Record {
        self.record.clone()
    }
}

impl Drop for Entry {
    fn drop(&mut self) {
        self.news.of(&self.record.entry);
        if let Some(file) = &self.file {
            file.append(&*locked(&self.record.entry));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(body: &str) -> LoggedRequest {
        LoggedRequest {
            body: body.into(),
            ..LoggedRequest::default()
        }
    }

    #[test]
    fn the_newest_are_kept_and_all_are_counted() {
        let log = Log::new(2, None, News::default());
        for body in ["a", "b", "c"] {
            log.add(request(body));
        }
        let kept: Vec<_> = log.requests().into_iter().map(|r| (r.number, r.body)).collect();
        assert_eq!(kept, [(2, "b".into()), (3, "c".into())]);
        assert_eq!(log.total(), 3);
        log.forget();
        assert_eq!((log.requests().len(), log.total()), (0, 3));
    }

    #[test]
    fn large_bodies_do_not_fill_the_memory() {
        let log = Log::new(1000, None, News::default());
        let large = "x".repeat(KEPT_BYTES / 4);
        for _ in 0..6 {
            let entry = log.add(request(&large));
            log.sending(&entry, 200, Some(0), Some("y".repeat(1000)));
        }
        assert_eq!(log.requests().len(), 3);
        assert_eq!(log.total(), 6);
    }

    #[test]
    fn waiting_ends_when_the_request_has_come_or_the_time_is_over() {
        let log = Arc::new(Log::new(10, None, News::default()));
        assert!(!log.wait_for(1, Duration::from_millis(5)));
        let other = Arc::clone(&log);
        let thread = std::thread::spawn(move || other.wait_for(1, Duration::from_secs(20)));
        log.add(request(""));
        assert!(thread.join().unwrap());
    }

    #[test]
    fn the_file_gets_each_request_once_it_is_over() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("log");
        let log = Log::new(0, Some(Arc::new(LogFile::open(&path).unwrap())), News::default());
        let entry = log.add(request("a"));
        entry.applied();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "");
        log.sending(&entry, 200, Some(0), Some("b".into()));
        drop(entry);
        let line = std::fs::read_to_string(&path).unwrap();
        let value: serde_json::Value = serde_json::from_str(&line).unwrap();
        assert_eq!(
            (value["body"].as_str(), value["answer"].as_str()),
            (Some("a"), Some("b"))
        );
        assert_eq!(value["applied"], true);
        assert!(log.requests().is_empty());
    }

    #[test]
    fn what_became_of_the_requests_is_counted_once_each() {
        let log = Log::new(10, None, News::default());
        let old = log.add(request("before the reset"));
        log.reset();
        old.record().answered(Answered::Whole);
        let (first, second) = (log.add(request("")), log.add(request("")));
        first.applied();
        first.record().answered(Answered::Whole);
        first.record().answered(Answered::Cut);
        second.record().answered(Answered::Whole);
        second.record().answered(Answered::No);
        let expected = Totals {
            requests: 2,
            applied: 1,
            whole: 0,
            cut: 1,
        };
        assert_eq!(log.totals(), expected);
        assert_eq!(log.requests()[0].answered, Answered::Cut);
    }
}
