//! The file that keeps the state from one start to the next; it is whole at every moment.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use crate::backend::Backend;
use crate::world::state::State;

pub(crate) struct StateFile {
    path: PathBuf,
    /// What [`Backend::changes`] told when the file was written last.
    written: Mutex<Option<u64>>,
}

impl StateFile {
    /// Reads the file, if there is one. The error names it and says what to change.
    pub(crate) fn open(path: &Path) -> Result<(Self, Option<State>), String> {
        let failed = |what: String| format!("the state file {}: {what}", path.display());
        let kept = match std::fs::read(path) {
            Ok(text) => Some(State::from_json(&text).map_err(failed)?),
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => None,
            Err(e) => return Err(failed(e.to_string())),
        };
        let file = Self {
            path: path.to_owned(),
            written: Mutex::new(None),
        };
        Ok((file, kept))
    }

    /// Writes the state if it may have changed since the last time.
    pub(crate) fn save(&self, backend: &Backend) -> Result<(), String> {
        let mut written = self.written.lock().unwrap_or_else(PoisonError::into_inner);
        let now = backend.changes();
        if *written == Some(now) {
            return Ok(());
        }
        let state = backend.world().state.clone();
        let text = serde_json::to_vec(&state).map_err(|e| self.failed(&e))?;
        self.replace(&text).map_err(|e| self.failed(&e))?;
        *written = Some(now);
        Ok(())
    }

    fn replace(&self, text: &[u8]) -> std::io::Result<()> {
        let folder = self.path.parent().filter(|folder| !folder.as_os_str().is_empty());
        let mut new = tempfile::NamedTempFile::new_in(folder.unwrap_or(Path::new(".")))?;
        new.write_all(text)?;
        new.persist(&self.path)?;
        Ok(())
    }

    fn failed(&self, what: &dyn std::fmt::Display) -> String {
        format!("cannot write the state file {}: {what}", self.path.display())
    }
}
