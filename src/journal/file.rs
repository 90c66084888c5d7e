//! The journal's files: `journal.jsonl`, and the one before it when that has become large.
//!
//! Who writes holds `journal.lock`; the file is only ever added to. A line whose end is missing stays as it is: the next one
//! begins on a line of its own. What cannot be written whole is taken away again.
use super::{Entry, JournalError, Kept, Torn, open};
use crate::core::safetext::SafeText;
use crate::logging::file::own_folder;
use rustix::event::{Timespec, poll};
use rustix::fs::OFlags;
use std::collections::HashSet;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{ErrorKind, Read, Write};
use std::os::unix::fs::{FileExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::Path;

/// The file's name in the state folder.
pub(super) const NAME: &str = "journal.jsonl";
/// The one before it.
const OLD: &str = "journal.old.jsonl";
const LOCK: &str = "journal.lock";
/// Bytes from which on a new file is begun: thousands of actions.
pub(super) const LIMIT: u64 = 1024 * 1024;
/// Bytes that are read of a file at most.
const LARGEST: u64 = 16 * LIMIT;
/// How often the lock is tried, and the pause between two tries. Who holds it needs milliseconds.
const TRIES: usize = 100;
const PAUSE: Timespec = Timespec { tv_sec: 0, tv_nsec: 50_000_000 };
/// Characters of a line that cannot be read that are shown.
const SHOWN: usize = 60;

type Result<T> = std::result::Result<T, JournalError>;

/// Adds a line; it is on the disk when this returns.
pub(super) fn add(folder: &Path, entry: &Entry) -> Result<()> {
    own_folder(folder).map_err(|e| match e.kind() {
        ErrorKind::PermissionDenied if folder.exists() => JournalError::NotOurs { path: folder.to_owned() },
        _ => JournalError::Disk(e),
    })?;
    let _lock = lock(folder)?;
    let path = folder.join(NAME);
    let is_new = !path.exists();
    let mut file = ours(OpenOptions::new().read(true).append(true).create(true), &path)?;
    let before = file.metadata()?.len();
    let mut line = Vec::new();
    if cut_at_the_end(&file, before)? {
        line.push(b'\n');
    }
    serde_json::to_writer(&mut line, entry).map_err(std::io::Error::from)?;
    line.push(b'\n');
    if let Err(error) = file.write_all(&line).and_then(|()| file.sync_all()) {
        // half a line says nothing to anybody
        let _ = file.set_len(before).and_then(|()| file.sync_all());
        return Err(error.into());
    }
    if is_new {
        File::open(folder)?.sync_all()?;
    }
    if before > LIMIT
        && let Err(error) = begin_anew(folder)
    {
        tracing::warn!(%error, "the journal stays large");
    }
    Ok(())
}

/// Both files, oldest line first.
pub(super) fn kept(folder: &Path) -> Result<Kept> {
    // without the lock a reader still reads; it may miss what is moved to the other file at that very moment
    let _lock = if folder.join(LOCK).exists() { lock(folder).ok() } else { None };
    let mut kept = Kept::default();
    let mut seen = HashSet::new();
    for name in [OLD, NAME] {
        let path = folder.join(name);
        let text = match ours(OpenOptions::new().read(true), &path) {
            Ok(file) => whole(file)?,
            Err(JournalError::Disk(e)) if e.kind() == ErrorKind::NotFound => continue,
            Err(e) => return Err(e),
        };
        for (n, line) in text.split(|b| *b == b'\n').enumerate() {
            // what is unfinished is in both
            if line.is_empty() || !seen.insert(line.to_vec()) {
                continue;
            }
            match serde_json::from_slice(line) {
                Ok(entry) => kept.entries.push(entry),
                Err(_) => kept.torn.push(Torn { file: path.clone(), line: n + 1, begins: begins(line) }),
            }
        }
    }
    Ok(kept)
}

fn begins(line: &[u8]) -> SafeText {
    let text: String = SafeText::from_bytes(line).as_str().chars().take(SHOWN).collect();
    SafeText::new(&text)
}

/// The file becomes the old one; a new one begins with what is unfinished. Whatever happens on the way, each line is in one
/// of them.
fn begin_anew(folder: &Path) -> Result<()> {
    let path = folder.join(NAME);
    let text = whole(ours(OpenOptions::new().read(true), &path)?)?;
    let lines: Vec<&[u8]> = text.split_inclusive(|b| *b == b'\n').collect();
    let read: Vec<Entry> = lines.iter().filter_map(|l| serde_json::from_slice(l).ok()).collect();
    let open = open(&read);
    let mut fresh = tempfile::NamedTempFile::new_in(folder)?;
    let mut bytes = 0;
    for line in lines {
        let entry = serde_json::from_slice::<Entry>(line).ok();
        if entry.is_some_and(|e| open.contains_key(e.run.as_str())) {
            fresh.write_all(line)?;
            bytes += line.len() as u64;
        }
    }
    if bytes > LIMIT / 2 {
        return Ok(());
    }
    fresh.as_file().sync_all()?;
    let second = tempfile::Builder::new().make_in(folder, |name| std::fs::hard_link(&path, name))?;
    second.persist(folder.join(OLD)).map_err(|e| e.error)?;
    fresh.persist(&path).map_err(|e| e.error)?;
    File::open(folder)?.sync_all()?;
    Ok(())
}

/// A file in the folder that is a plain one and ours, and nobody else's to read.
fn ours(how: &mut OpenOptions, path: &Path) -> Result<File> {
    let flags = (OFlags::NOFOLLOW | OFlags::CLOEXEC | OFlags::NONBLOCK).bits().cast_signed();
    let not_ours = || JournalError::NotOurs { path: path.to_owned() };
    let file = how.mode(0o600).custom_flags(flags).open(path).map_err(|e| match e.raw_os_error() {
        // a link; a folder; a pipe that nobody reads; a socket
        Some(libc_loop) if NOT_A_FILE.contains(&libc_loop) => not_ours(),
        _ => JournalError::Disk(e),
    })?;
    let meta = file.metadata()?;
    if !meta.is_file() || meta.uid() != rustix::process::geteuid().as_raw() {
        return Err(not_ours());
    }
    if meta.mode() & 0o7777 != 0o600 {
        file.set_permissions(std::fs::Permissions::from_mode(0o600))?;
    }
    Ok(file)
}

/// What opening something else than a file gives.
const NOT_A_FILE: [i32; 3] = [
    rustix::io::Errno::LOOP.raw_os_error(),
    rustix::io::Errno::ISDIR.raw_os_error(),
    rustix::io::Errno::NXIO.raw_os_error(),
];

/// Held until it is dropped.
fn lock(folder: &Path) -> Result<File> {
    let file = ours(OpenOptions::new().read(true).append(true).create(true), &folder.join(LOCK))?;
    for _ in 0..TRIES {
        match file.try_lock() {
            Ok(()) => return Ok(file),
            Err(TryLockError::WouldBlock) => {
                let _ = poll(&mut [], Some(&PAUSE));
            }
            Err(TryLockError::Error(error)) => return Err(error.into()),
        }
    }
    Err(JournalError::Held)
}

fn whole(file: File) -> Result<Vec<u8>> {
    let mut text = Vec::new();
    let most = usize::try_from(LARGEST).unwrap_or(usize::MAX);
    if file.take(LARGEST + 1).read_to_end(&mut text)? > most {
        return Err(std::io::Error::other("the journal is larger than any that opsdeck writes").into());
    }
    Ok(text)
}

fn cut_at_the_end(file: &File, bytes: u64) -> Result<bool> {
    let mut last = [0_u8];
    match bytes.checked_sub(1) {
        None => Ok(false),
        Some(at) => {
            file.read_exact_at(&mut last, at)?;
            Ok(last != *b"\n")
        }
    }
}
