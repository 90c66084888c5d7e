//! The last state of each environment that was told, in a file for its owner only; and one run at a time.
use super::Now;
use crate::clock;
use crate::core::safetext::SafeText;
use crate::core::state::State;
use crate::core::units::EpochMs;
use crate::logging::file::own_folder;
use rustix::fs::{FlockOperation, OFlags, flock};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::fs::{File, OpenOptions};
use std::io::{Error, ErrorKind, Read, Result, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// Its folder below the state folder.
const FOLDER: &str = "on-change";
/// Version of the form.
const SCHEMA: u32 = 1;
/// Bytes of the longest file that is read.
const MOST: u64 = 1024 * 1024;
/// How often a lock that is held is tried again.
const AGAIN: Duration = Duration::from_millis(50);

/// What was told last.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Last {
    /// The state.
    pub(super) state: State,
    /// When the server was looked at, by the workstation's clock.
    pub(super) looked_ms: i64,
    /// The slot that was asked about.
    #[serde(default)]
    pub(super) night_ms: Option<i64>,
}

#[derive(Serialize, Deserialize)]
struct Document {
    schema: u32,
    configuration: String,
    environments: BTreeMap<String, Last>,
}

/// The file of one configuration and set of environments.
pub(super) struct Kept {
    folder: PathBuf,
    name: String,
    configuration: String,
}

impl Kept {
    pub(super) fn at(state: &Path, configuration: &str, environments: &BTreeSet<String>) -> Kept {
        let mut sum = Sha256::new();
        for word in std::iter::once(configuration).chain(environments.iter().map(String::as_str)) {
            sum.update(word.as_bytes());
            sum.update([0]);
        }
        let name: String = sum.finalize().iter().take(8).map(|b| format!("{b:02x}")).collect();
        Kept { folder: state.join(FOLDER), name, configuration: configuration.to_owned() }
    }

    fn path(&self) -> PathBuf {
        self.folder.join(format!("{}.json", self.name))
    }

    /// The path, for people.
    pub(super) fn shown(&self) -> SafeText {
        SafeText::new(&self.path().to_string_lossy())
    }

    /// The last state of an environment; nothing the first time.
    pub(super) fn last(&self, env: &str) -> Result<Option<Last>> {
        Ok(self.read()?.and_then(|mut all| all.environments.remove(env)))
    }

    fn read(&self) -> Result<Option<Document>> {
        let flags = (OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC).bits().cast_signed();
        let file = match OpenOptions::new().read(true).custom_flags(flags).open(self.path()) {
            Ok(file) => file,
            Err(e) if e.kind() == ErrorKind::NotFound => return Ok(None),
            Err(e) => return Err(e),
        };
        let mut text = String::new();
        file.take(MOST).read_to_string(&mut text)?;
        let document: Document = serde_json::from_str(&text).map_err(Error::other)?;
        if document.schema != SCHEMA {
            return Err(Error::new(ErrorKind::InvalidData, "written by another version"));
        }
        Ok(Some(document))
    }

    /// Keeps a state: a reader sees the old file or the new one.
    pub(super) fn put(&self, now: &Now, night: Option<EpochMs>) -> Result<()> {
        // what cannot be read is replaced: it was said, and would be said for ever
        let old = self.read().ok().flatten().map(|d| d.environments);
        let mut environments = old.unwrap_or_default();
        // a look that does not know the night leaves the one that was told
        let night_ms = now.night.or(night).map(|at| at.0);
        environments.insert(now.env.clone(), Last { state: now.state, looked_ms: now.looked.0, night_ms });
        let document = Document { schema: SCHEMA, configuration: self.configuration.clone(), environments };
        let mut file = tempfile::NamedTempFile::new_in(&self.folder)?;
        file.write_all(&serde_json::to_vec_pretty(&document)?)?;
        file.as_file().sync_all()?;
        file.persist(self.path()).map_err(|e| e.error)?;
        File::open(&self.folder)?.sync_all()
    }
}

/// Held by the run that tells. The kernel lets go of it when the process ends, however it does.
pub(super) struct Lock {
    _file: File,
}

impl Lock {
    /// Waits for it; nothing when another run holds it to the end.
    pub(super) async fn take(kept: &Kept, until: Instant) -> Result<Option<Lock>> {
        own_folder(&kept.folder)?;
        let flags = (OFlags::NOFOLLOW | OFlags::CLOEXEC).bits().cast_signed();
        let path = kept.folder.join(format!("{}.lock", kept.name));
        let file = OpenOptions::new().write(true).create(true).mode(0o600).custom_flags(flags).open(path)?;
        loop {
            match flock(&file, FlockOperation::NonBlockingLockExclusive) {
                Ok(()) => return Ok(Some(Lock { _file: file })),
                Err(rustix::io::Errno::WOULDBLOCK) if clock::timer() < until => sleep(AGAIN).await,
                Err(rustix::io::Errno::WOULDBLOCK) => return Ok(None),
                Err(rustix::io::Errno::INTR) => {}
                Err(errno) => return Err(errno.into()),
            }
        }
    }
}
