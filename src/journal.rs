//! What was done to servers from this workstation: one JSON line for each intent, before anything is done, and one for what
//! became of it. Only its owner may read it; each line is on the disk before the next thing happens.
//!
//! An intent without an outcome is an action that this console did not see the end of: the server knows.
mod file;

use crate::core::plan::{Action, LockRow};
use crate::core::safetext::SafeText;
use crate::core::units::EpochMs;
use crate::i18n::Text;
use crate::text;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::path::{Path, PathBuf};

/// Bytes of the longest text of an entry; what is longer is cut, and says so.
const LONGEST: usize = 2000;

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
        /// `done`, `refused`, `failed`, `unknown` (it may still be told: the intent stays open), `lost` (it was not seen, and never
        /// will be: the intent is closed).
        came: String,
        /// In one line, in Chinese and in English.
        zh: String,
        /// English.
        en: String,
    },
}

/// What the journal holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Kept {
    /// Every line that can be read, oldest first.
    pub entries: Vec<Entry>,
    /// Those that cannot: a process was killed or a disk was full while one was written, or a newer version wrote it.
    pub torn: Vec<Torn>,
}

/// A line that cannot be read. It stays where it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Torn {
    /// The file that holds it.
    pub file: PathBuf,
    /// Which line, from 1.
    pub line: usize,
    /// How it begins.
    pub begins: SafeText,
}

/// Why the journal cannot be written or read.
#[derive(Debug, thiserror::Error)]
#[error("{}", self.text().en)]
pub enum JournalError {
    /// There is something else in its place, or it is somebody else's.
    NotOurs {
        /// Which file or folder.
        path: PathBuf,
    },
    /// Another process holds it and does not let go.
    Held,
    /// The disk, or its permissions.
    Disk(#[from] std::io::Error),
}

impl JournalError {
    /// What happened, in plain words.
    pub fn text(&self) -> Text {
        match self {
            JournalError::NotOurs { path } => {
                let path = SafeText::new(&path.to_string_lossy());
                text!(
                    "{path} 不是自己的普通文件（是链接、别的东西或属于别人）",
                    "{path} is no plain file of ours (a link, something else, or somebody else's)"
                )
            }
            JournalError::Held => {
                text!("另一个 opsdeck 占着操作记录不放", "another opsdeck holds the journal")
            }
            JournalError::Disk(error) => {
                let why = SafeText::new(&error.to_string());
                text!("磁盘不让写或读（{why}）", "the disk does not let it be written or read ({why})")
            }
        }
    }
}

/// The journal of this workstation.
#[derive(Clone, Debug)]
pub struct Journal {
    folder: PathBuf,
}

impl Journal {
    /// Below the state folder.
    pub fn below(state: &Path) -> Journal {
        Journal { folder: state.to_owned() }
    }

    /// The file.
    pub fn path(&self) -> PathBuf {
        self.folder.join(file::NAME)
    }

    /// Adds a line, and returns when it is on the disk.
    ///
    /// # Errors
    /// When it cannot be written: then nothing may be done to a server. Nothing of the line stays.
    pub fn add(&self, entry: &Entry) -> Result<(), JournalError> {
        file::add(&self.folder, &entry.clone().short())
    }

    /// What it holds. Nothing is changed.
    ///
    /// # Errors
    /// When a file is there and cannot be read.
    pub fn kept(&self) -> Result<Kept, JournalError> {
        file::kept(&self.folder)
    }

    /// Every line that can be read, oldest first.
    ///
    /// # Errors
    /// As [`Journal::kept`].
    pub fn read(&self) -> Result<Vec<Entry>, JournalError> {
        Ok(self.kept()?.entries)
    }

    /// Intents whose outcome was not seen, oldest first.
    ///
    /// # Errors
    /// As [`Journal::kept`].
    pub fn unfinished(&self) -> Result<Vec<Entry>, JournalError> {
        Ok(self.kept()?.unfinished().cloned().collect())
    }
}

impl Kept {
    /// Intents whose outcome was not seen, oldest first.
    pub fn unfinished(&self) -> impl Iterator<Item = &Entry> {
        let open = open(&self.entries);
        self.entries.iter().filter(move |e| e.is_intent() && open.contains_key(e.run.as_str()))
    }

    /// The intent of a run.
    pub fn intent(&self, run: &str) -> Option<&Entry> {
        self.entries.iter().rev().find(|e| e.run == run && e.is_intent())
    }
}

/// The runs that have an intent and no outcome that was seen, or can never be.
fn open(entries: &[Entry]) -> HashMap<&str, ()> {
    let mut open = HashMap::new();
    for e in entries {
        match &e.what {
            What::Intent { .. } => {
                open.insert(e.run.as_str(), ());
            }
            What::Outcome { came, .. } if came != "unknown" => {
                open.remove(e.run.as_str());
            }
            What::Outcome { .. } => {}
        }
    }
    open
}

impl Entry {
    /// The moment.
    pub fn at(&self) -> EpochMs {
        EpochMs(self.at_ms)
    }

    /// Whether it stands before the deed.
    pub fn is_intent(&self) -> bool {
        matches!(self.what, What::Intent { .. })
    }

    /// The rows that were kept.
    pub fn kept(&self) -> &[String] {
        match &self.what {
            What::Intent { kept, .. } => kept,
            What::Outcome { .. } => &[],
        }
    }

    /// The action, where this version knows it.
    pub fn action(&self) -> Option<Action> {
        let row = || self.kept().iter().find_map(|row| LockRow::read(row)).unwrap_or_default();
        Action::of_id(&self.action).map(|action| match action {
            Action::PutLockBack(_) => Action::PutLockBack(row()),
            other => other,
        })
    }

    /// The action for people; its name where this version does not know it.
    pub fn title(&self) -> Text {
        match Action::of_id(&self.action) {
            Some(action) => action.title(),
            None => Text::same(SafeText::new(&self.action).as_str()),
        }
    }

    /// One line, of a bounded length, whatever it was made of.
    fn short(mut self) -> Entry {
        for field in [
            &mut self.run,
            &mut self.env,
            &mut self.host,
            &mut self.server,
            &mut self.operator,
            &mut self.action,
        ] {
            *field = cut(field);
        }
        if let What::Outcome { came, zh, en } = &mut self.what {
            (*came, *zh, *en) = (cut(came), cut(zh), cut(en));
        }
        self
    }
}

fn cut(text: &str) -> String {
    let safe = SafeText::new(text);
    let text = safe.as_str();
    if text.len() <= LONGEST {
        return text.to_owned();
    }
    let end = (0..=LONGEST).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
    format!("{}…", text.get(..end).unwrap_or_default())
}

#[cfg(test)]
pub(crate) mod tests;
