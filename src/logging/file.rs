//! The files of the log: one a day, for the owner only, the oldest removed, no day larger than a limit.
//!
//! tracing-appender's own rolling file opens with the mode of the umask, counts files by their time of birth,
//! removes one too many on every start and prints its errors over the screen. This one does none of that; the
//! writing thread around it is tracing-appender's.
use super::line::moment;
use crate::core::units::EpochMs;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use rustix::fs::OFlags;
use std::fs::{DirBuilder, DirEntry, File, OpenOptions, Permissions};
use std::io::{Error, ErrorKind, Result, Write};
use std::os::unix::fs::{DirBuilderExt, FileExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Files kept, today's among them.
pub const KEPT: usize = 14;
/// Bytes of one day's file: 32 MiB, so that all of them stay below half a gigabyte.
pub const DAY_LIMIT: u64 = 32 * 1024 * 1024;
const PREFIX: &str = "opsdeck.";
const SUFFIX: &str = ".jsonl";

/// What happened to the events.
#[derive(Debug, Default)]
pub struct Health {
    written: AtomicU64,
    lost: AtomicU64,
}

impl Health {
    /// Events in the file.
    pub fn written(&self) -> u64 {
        self.written.load(Ordering::Relaxed)
    }

    /// Events that could not be written: disk full, folder gone, day full.
    pub fn lost(&self) -> u64 {
        self.lost.load(Ordering::Relaxed)
    }
}

fn day(now: EpochMs, zone: &TimeZone) -> Date {
    let at = jiff::Timestamp::from_millisecond(now.0).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    at.to_zoned(zone.clone()).date()
}

/// The file of a moment's day, by the calendar of the workstation.
pub fn path(folder: &Path, now: EpochMs, zone: &TimeZone) -> PathBuf {
    name(folder, day(now, zone))
}

fn name(folder: &Path, day: Date) -> PathBuf {
    folder.join(format!("{PREFIX}{day}{SUFFIX}"))
}

/// The day that a file's name says, if it is one of ours.
fn day_of(name: &str) -> Option<Date> {
    name.strip_prefix(PREFIX)?.strip_suffix(SUFFIX)?.parse().ok()
}

/// The files of the log that are there, the newest first, by the days in their names.
pub fn files(folder: &Path) -> Vec<PathBuf> {
    days(folder, |_| true).into_iter().map(|day| name(folder, day)).collect()
}

/// The days that there are files of, the newest first.
fn days(folder: &Path, counts: impl Fn(&DirEntry) -> bool) -> Vec<Date> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten().filter(counts);
    let mut days: Vec<Date> = entries.filter_map(|e| day_of(e.file_name().to_str()?)).collect();
    days.sort();
    days.reverse();
    days
}

/// Makes the folder, or makes sure that it is ours alone.
///
/// # Errors
/// It cannot be made, or belongs to somebody else.
pub fn own_folder(folder: &Path) -> Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    let meta = std::fs::metadata(folder)?;
    if meta.uid() != rustix::process::geteuid().as_raw() {
        return Err(Error::new(ErrorKind::PermissionDenied, "the folder belongs to another user"));
    }
    if meta.mode() & 0o7777 != 0o700 {
        std::fs::set_permissions(folder, Permissions::from_mode(0o700))?;
    }
    Ok(())
}

/// Whether the log can be written there, proved by writing. Bytes of all its files.
///
/// # Errors
/// Why it cannot.
pub fn usable(folder: &Path) -> Result<u64> {
    own_folder(folder)?;
    let mut proof = tempfile::NamedTempFile::new_in(folder)?;
    proof.write_all(b"proof")?;
    proof.as_file().sync_data()?;
    let files = std::fs::read_dir(folder)?.flatten();
    let ours = files.filter(|e| e.file_name().to_str().and_then(day_of).is_some());
    Ok(ours.filter_map(|e| e.metadata().ok()).map(|m| m.len()).sum())
}

/// The writer at the end of the log. Each call of `write` is one whole line; it never returns an error, because
/// nobody above could do more than count, which [`Health`] does.
pub struct DailyFile {
    folder: PathBuf,
    now: fn() -> EpochMs,
    zone: TimeZone,
    limit: u64,
    health: Arc<Health>,
    today: Option<Today>,
    /// Events lost since the last line that was written.
    gap: u64,
}

struct Today {
    day: Date,
    file: File,
    /// A line was written in part: the next one starts on a line of its own.
    torn: bool,
}

impl DailyFile {
    /// Opens today's file, so that trouble shows at the start and not at the first event.
    ///
    /// # Errors
    /// The folder or the file cannot be made, opened or kept to the owner.
    pub fn open(
        folder: &Path,
        now: fn() -> EpochMs,
        zone: TimeZone,
        limit: u64,
        health: Arc<Health>,
    ) -> Result<DailyFile> {
        let today = open_day(folder, day(now(), &zone))?;
        Ok(DailyFile { folder: folder.to_owned(), now, zone, limit, health, today: Some(today), gap: 0 })
    }

    /// Today's file: the open one, unless the day is over or somebody removed it.
    fn today(&mut self) -> Option<&mut Today> {
        let day = day((self.now)(), &self.zone);
        let usable = |t: &Today| t.day == day && t.file.metadata().is_ok_and(|m| m.nlink() > 0);
        if !self.today.as_ref().is_some_and(usable) {
            self.today = open_day(&self.folder, day).ok();
        }
        self.today.as_mut()
    }

    fn put(&mut self, line: &[u8]) -> Result<()> {
        let (limit, gap) = (self.limit, self.gap);
        let at = moment((self.now)(), &self.zone);
        let full = || Error::from(ErrorKind::FileTooLarge);
        let today = self.today().ok_or_else(|| Error::from(ErrorKind::NotFound))?;
        let length = u64::try_from(line.len()).unwrap_or(u64::MAX);
        // as it is on the disk: another opsdeck may write to the same file
        let bytes = today.file.metadata()?.len();
        if bytes.saturating_add(length) > limit {
            return Err(full());
        }
        let mut bytes = Vec::with_capacity(line.len() + 160);
        if today.torn {
            bytes.push(b'\n');
        }
        if gap > 0 {
            let note = format!(
                "{{\"at\":\"{at}\",\"level\":\"WARN\",\"target\":\"opsdeck::logging\",\"message\":\"events lost before this one\",\"fields\":{{\"lost\":{gap}}}}}\n"
            );
            bytes.extend(note.as_bytes());
        }
        bytes.extend(line);
        // until it is known to be whole
        today.torn = true;
        today.file.write_all(&bytes)?;
        today.torn = false;
        Ok(())
    }
}

impl Write for DailyFile {
    fn write(&mut self, line: &[u8]) -> Result<usize> {
        match self.put(line) {
            Ok(()) => {
                self.gap = 0;
                self.health.written.fetch_add(1, Ordering::Relaxed);
            }
            Err(_) => {
                self.gap += 1;
                self.health.lost.fetch_add(1, Ordering::Relaxed);
            }
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> Result<()> {
        Ok(())
    }
}

fn open_day(folder: &Path, day: Date) -> Result<Today> {
    own_folder(folder)?;
    let flags = (OFlags::NOFOLLOW | OFlags::CLOEXEC | OFlags::NONBLOCK).bits();
    let file = OpenOptions::new()
        .read(true)
        .append(true)
        .create(true)
        .mode(0o600)
        .custom_flags(i32::try_from(flags).unwrap_or_default())
        .open(name(folder, day))?;
    let meta = file.metadata()?;
    if !meta.is_file() {
        return Err(Error::other("not a regular file"));
    }
    if meta.mode() & 0o7777 != 0o600 {
        file.set_permissions(Permissions::from_mode(0o600))?;
    }
    remove_oldest(folder);
    Ok(Today { day, torn: cut_at_the_end(&file, meta.len()), file })
}

/// Whether the last line has no end: the process that wrote it was killed.
fn cut_at_the_end(file: &File, bytes: u64) -> bool {
    let mut last = [0_u8];
    match bytes.checked_sub(1) {
        None => false,
        Some(at) => file.read_at(&mut last, at).is_ok() && last != *b"\n",
    }
}

/// Removes all but the newest files, by the day in their names. Other files are left alone.
fn remove_oldest(folder: &Path) {
    let days = days(folder, |e| e.file_type().is_ok_and(|t| t.is_file()));
    for old in days.into_iter().skip(KEPT) {
        let _ = std::fs::remove_file(name(folder, old));
    }
}
