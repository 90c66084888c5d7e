//! What opsdeck did on this workstation, from where it is written down. Today that is the diagnostic log; a journal of
//! actions would be one more source in [`recent`].
use crate::core::console::activity::{Entry, merged, read};
use crate::logging::file;
use rustix::fs::OFlags;
use std::fs::OpenOptions;
use std::io::{Read, Result, Seek, SeekFrom};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

/// Entries that are shown at most.
pub const MOST: usize = 500;
/// Bytes that are read at most: a line is rarely longer than a few hundred.
const BYTES: u64 = 1024 * 1024;

/// The newest [`MOST`] entries, newest last. What cannot be read is not there; that much is said in the log.
pub fn recent(log: &Path) -> Vec<Entry> {
    merged(vec![logged(log)], MOST)
}

/// The newest lines of the newest files.
fn logged(folder: &Path) -> Vec<Entry> {
    let mut room = BYTES;
    let mut days: Vec<Vec<Entry>> = Vec::new();
    for path in file::files(folder) {
        if room == 0 || days.iter().map(Vec::len).sum::<usize>() >= MOST {
            break;
        }
        match tail(&path, room) {
            Ok(bytes) => {
                room = room.saturating_sub(u64::try_from(bytes.len()).unwrap_or(u64::MAX));
                days.push(read(&bytes));
            }
            Err(error) => tracing::warn!(%error, path = %path.display(), "a file of the log cannot be read"),
        }
    }
    days.into_iter().rev().flatten().collect()
}

/// The end of a file, from the beginning of a line on.
pub(crate) fn tail(path: &Path, most: u64) -> Result<Vec<u8>> {
    // a pipe or a link in its place is none of ours
    let flags = (OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC).bits();
    let mut file = OpenOptions::new().read(true).custom_flags(flags.cast_signed()).open(path)?;
    let meta = file.metadata()?;
    if !meta.is_file() {
        return Err(std::io::Error::other("not a regular file"));
    }
    let skipped = meta.len().saturating_sub(most);
    // one byte more: a line break there means that the first line is whole
    file.seek(SeekFrom::Start(skipped.saturating_sub(1)))?;
    let mut bytes = Vec::new();
    file.take(most.saturating_add(1)).read_to_end(&mut bytes)?;
    if skipped == 0 {
        return Ok(bytes);
    }
    let whole = bytes.iter().position(|b| *b == b'\n').map_or(bytes.len(), |at| at + 1);
    Ok(bytes.split_off(whole))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs::write;

    fn lines(day: u32, count: usize) -> String {
        let line = |n: usize| {
            format!(
                "{{\"at\":\"2026-01-{day:02}T00:{:02}:{:02}Z\",\"level\":\"INFO\",\"message\":\"{day}-{n}\"}}\n",
                n / 60,
                n % 60
            )
        };
        (0..count).map(line).collect()
    }

    fn said(folder: &Path) -> Vec<String> {
        recent(folder).iter().map(|e| e.what.to_string()).collect()
    }

    #[test]
    fn the_newest_entries_of_the_newest_files_come_newest_last() {
        let folder = tempfile::tempdir().unwrap();
        let day = |day: u32| folder.path().join(format!("opsdeck.2026-01-{day:02}.jsonl"));
        assert!(said(folder.path()).is_empty());
        assert!(said(&folder.path().join("gone")).is_empty());
        write(day(9), lines(9, 3)).unwrap();
        write(day(11), lines(11, 2)).unwrap();
        std::fs::create_dir(day(10)).unwrap();
        std::os::unix::fs::symlink(day(9), day(12)).unwrap();
        write(folder.path().join("opsdeck.2026-01-13.txt"), lines(13, 1)).unwrap();
        assert_eq!(said(folder.path()), ["9-0", "9-1", "9-2", "11-0", "11-1"]);
        write(day(13), lines(13, MOST - 1)).unwrap();
        let all = said(folder.path());
        assert_eq!((all.len(), all[0].as_str(), all[1].as_str()), (MOST, "11-1", "13-0"));
    }

    #[test]
    fn of_a_large_file_only_whole_lines_at_its_end_are_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x");
        write(&path, "first\nsecond\nthird").unwrap();
        let tail = |most| String::from_utf8(tail(&path, most).unwrap()).unwrap();
        for (most, expected) in [
            (100, "first\nsecond\nthird"),
            (18, "first\nsecond\nthird"),
            (17, "second\nthird"),
            (12, "second\nthird"),
            (11, "third"),
            (3, ""),
            (0, ""),
        ] {
            assert_eq!(tail(most), expected, "{most}");
        }
    }
}
