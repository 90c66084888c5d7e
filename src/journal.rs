//! What was done to servers from this workstation: one JSON line for each intent, before anything is done, and one for what
//! became of it. Only its owner may read it; each line is on the disk before the next thing happens.
//!
//! An intent without an outcome is an action that this console did not see the end of: the server knows.
use crate::core::units::EpochMs;
use serde::{Deserialize, Serialize};
use std::fs::{File, OpenOptions};
use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

/// The file's name in the state folder.
const FILE: &str = "journal.jsonl";

/// One line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// When, by the workstation's clock.
    pub at_ms: i64,
    /// The run: the same on the server.
    pub run: String,
    /// The environment's key.
    pub env: String,
    /// The address or alias that was dialled.
    pub host: String,
    /// The server: host name.
    pub server: String,
    /// Who, on this workstation.
    pub operator: String,
    /// [`Action::id`](crate::core::plan::Action::id).
    pub action: String,
    /// What happened.
    #[serde(flatten)]
    pub what: What,
}

/// What a line is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum What {
    /// It is about to be done.
    Intent {
        /// SHA-256 of the text that runs, in hex.
        script: String,
        /// What will be changed, as it was seen: a lock's row, a job's row. Kept so that it can be put back.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        kept: Vec<String>,
    },
    /// What became of it.
    Outcome {
        /// `done`, `refused`, `failed`, `unknown`.
        came: String,
        /// In one line, in Chinese and in English.
        zh: String,
        /// English.
        en: String,
    },
}

/// The journal of this workstation.
#[derive(Clone, Debug)]
pub struct Journal {
    path: PathBuf,
}

impl Journal {
    /// Below the state folder.
    pub fn below(state: &Path) -> Journal {
        Journal { path: state.join(FILE) }
    }

    /// Adds a line, and returns when it is on the disk.
    ///
    /// # Errors
    /// When it cannot be written: then nothing may be done to a server.
    pub fn add(&self, entry: &Entry) -> std::io::Result<()> {
        if let Some(folder) = self.path.parent() {
            std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
        }
        let mut line = serde_json::to_vec(entry)?;
        line.push(b'\n');
        let is_new = !self.path.exists();
        let mut file: File = OpenOptions::new().append(true).create(true).mode(0o600).open(&self.path)?;
        // one write: two consoles that write at once each add a whole line
        file.write_all(&line)?;
        file.sync_all()?;
        if let Some(folder) = self.path.parent().filter(|_| is_new) {
            File::open(folder)?.sync_all()?;
        }
        Ok(())
    }

    /// Every line that can be read, oldest first.
    ///
    /// # Errors
    /// When the file is there and cannot be read.
    pub fn read(&self) -> std::io::Result<Vec<Entry>> {
        let text = match std::fs::read_to_string(&self.path) {
            Ok(text) => text,
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(e) => return Err(e),
        };
        Ok(text.lines().filter_map(|l| serde_json::from_str(l).ok()).collect())
    }

    /// Intents whose outcome was not seen, oldest first.
    ///
    /// # Errors
    /// As [`Journal::read`].
    pub fn unfinished(&self) -> std::io::Result<Vec<Entry>> {
        let all = self.read()?;
        let is_over = |run: &str| {
            all.iter()
                .any(|e| e.run == run && matches!(&e.what, What::Outcome { came, .. } if came != "unknown"))
        };
        let open = all.iter().filter(|e| matches!(e.what, What::Intent { .. }) && !is_over(&e.run));
        Ok(open.cloned().collect())
    }
}

impl Entry {
    /// The moment.
    pub fn at(&self) -> EpochMs {
        EpochMs(self.at_ms)
    }
}
