//! The folder of one link: its control socket, its generated configuration, its log.
//!
//! Whoever can reach the socket is logged in to the server, so the folder is ours alone (0700, no symbolic link, under
//! a parent that is ours alone). Its path is short: a socket's path has 108 bytes, and ssh adds 17 of its own while
//! it creates one. It goes away with the link; what a killed console left is removed by the next one, recognised by
//! a dead process and a lock that nobody holds.
use crate::core::safetext::SafeText;
use crate::remote::error::{LinkError, LinkErrorKind};
use rustix::fs::{FlockOperation, flock};
use rustix::process::{Pid, getuid, test_kill_process};
use std::ffi::OsString;
use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

/// The longest path of such a folder, in bytes.
pub(super) const LONGEST: usize = 60;
/// Room for the name of one in its parent: `p4194304-99`.
const NAME: usize = 12;
const LOCK: &str = "lock";

/// The parent of the folders of this user: under `$XDG_RUNTIME_DIR` when that can be used, else in `/tmp`.
pub(super) fn standard_parent(runtime: Option<OsString>) -> PathBuf {
    let plain = |p: &Path| {
        p.is_absolute()
            && p.as_os_str().len() + "/opsdeck/".len() + NAME <= LONGEST
            && p.to_str().is_some_and(|s| s.chars().all(|c| c.is_ascii_alphanumeric() || "/._-".contains(c)))
            && std::fs::metadata(p).is_ok_and(|m| m.is_dir() && m.uid() == getuid().as_raw())
    };
    match runtime.map(PathBuf::from).filter(|p| plain(p)) {
        Some(runtime) => runtime.join("opsdeck"),
        None => PathBuf::from(format!("/tmp/opsdeck-{}", getuid().as_raw())),
    }
}

/// The folder of one link, removed when dropped.
#[derive(Debug)]
pub(in crate::remote) struct ControlFolder {
    path: PathBuf,
    /// Held as long as this process lives; not inherited by what it starts.
    _lock: File,
}

impl ControlFolder {
    /// A fresh one under `parent`; leftovers of dead processes are removed on the way.
    pub(in crate::remote) fn create(parent: &Path) -> Result<ControlFolder, LinkError> {
        static NEXT: AtomicU32 = AtomicU32::new(1);
        let failed = |path: &Path, e: &io::Error| refuse(path, &e.to_string());
        let name = format!("p{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let path = parent.join(name);
        if path.as_os_str().len() > LONGEST {
            return Err(refuse(&path, "the path is too long for a socket"));
        }
        ours_alone(parent).map_err(|e| failed(parent, &e))?;
        clean(parent);
        DirBuilder::new()
            .mode(0o700)
            .create(&path)
            .and_then(|()| {
                let lock =
                    OpenOptions::new().write(true).create_new(true).mode(0o600).open(path.join(LOCK))?;
                flock(&lock, FlockOperation::NonBlockingLockExclusive)?;
                Ok(lock)
            })
            .map(|lock| ControlFolder { path: path.clone(), _lock: lock })
            .map_err(|e| failed(&path, &e))
    }

    /// Writes a file in it, 0600; what was there under that name is gone.
    pub(in crate::remote) fn write(&self, name: &str, text: &str) -> Result<PathBuf, LinkError> {
        let path = self.path.join(name);
        OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(&path)
            .and_then(|mut f| f.write_all(text.as_bytes()))
            .map_err(|e| refuse(&path, &e.to_string()))?;
        Ok(path)
    }

    /// Its path.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for ControlFolder {
    fn drop(&mut self) {
        // what stays is removed by the next console
        let _ = std::fs::remove_dir_all(&self.path);
    }
}

fn refuse(path: &Path, why: &str) -> LinkError {
    let folder = SafeText::new(&path.to_string_lossy());
    LinkError::new(LinkErrorKind::ControlFolder { folder }, why)
}

/// Creates a folder unless it is there, and checks that nobody else can reach into it.
fn ours_alone(path: &Path) -> io::Result<()> {
    match DirBuilder::new().mode(0o700).create(path) {
        Err(e) if e.kind() != io::ErrorKind::AlreadyExists => return Err(e),
        Ok(()) | Err(_) => {}
    }
    let meta = std::fs::symlink_metadata(path)?;
    let wrong = if !meta.is_dir() {
        "it is no folder (or a symbolic link)"
    } else if meta.uid() != getuid().as_raw() {
        "it belongs to someone else"
    } else if meta.mode() & 0o077 != 0 {
        "others may reach into it"
    } else {
        return Ok(());
    };
    Err(io::Error::other(wrong))
}

/// Removes what dead processes left. A folder counts as left only if its process is gone and nobody holds its lock:
/// the number may belong to a process that this one cannot see (a container that shares the folder).
fn clean(parent: &Path) {
    let Ok(entries) = std::fs::read_dir(parent) else {
        return;
    };
    for entry in entries.flatten() {
        let name = entry.file_name();
        let pid = name
            .to_str()
            .and_then(|n| n.strip_prefix('p')?.split_once('-')?.0.parse().ok())
            .and_then(Pid::from_raw);
        let Some(pid) = pid else { continue };
        let dead = test_kill_process(pid) == Err(rustix::io::Errno::SRCH);
        let free = match File::open(entry.path().join(LOCK)) {
            Ok(lock) => flock(&lock, FlockOperation::NonBlockingLockExclusive).is_ok(),
            Err(e) => e.kind() == io::ErrorKind::NotFound,
        };
        if dead && free {
            // another console may be at the same work
            let _ = std::fs::remove_dir_all(entry.path());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::{PermissionsExt, symlink};

    #[test]
    fn a_folder_is_ours_alone_and_goes_away() {
        let dir = tempfile::tempdir_in("/tmp").unwrap();
        let parent = dir.path().join("o");
        let (a, b) = (ControlFolder::create(&parent).unwrap(), ControlFolder::create(&parent).unwrap());
        for f in [&a, &b] {
            assert_eq!(std::fs::metadata(f.path()).unwrap().mode() & 0o777, 0o700);
        }
        assert_eq!(std::fs::metadata(&parent).unwrap().mode() & 0o777, 0o700);
        assert_ne!(a.path(), b.path());
        let path = a.path().to_owned();
        drop(a);
        assert!(!path.exists() && b.path().exists());
    }

    #[test]
    fn a_parent_that_others_can_reach_into_is_refused() {
        let dir = tempfile::tempdir_in("/tmp").unwrap();
        let open = dir.path().join("open");
        std::fs::create_dir(&open).unwrap();
        std::fs::set_permissions(&open, PermissionsExt::from_mode(0o750)).unwrap();
        let link = dir.path().join("link");
        let real = dir.path().join("real");
        ours_alone(&real).unwrap();
        symlink(&real, &link).unwrap();
        let file = dir.path().join("file");
        std::fs::write(&file, "").unwrap();
        for parent in [open, link, file, dir.path().join(format!("{}/x", "long".repeat(20)))] {
            let error = ControlFolder::create(&parent).unwrap_err();
            assert!(matches!(error.kind, LinkErrorKind::ControlFolder { .. }), "{parent:?}");
        }
    }

    #[test]
    fn only_what_the_dead_left_is_removed() {
        let dir = tempfile::tempdir_in("/tmp").unwrap();
        let parent = dir.path().join("o");
        ours_alone(&parent).unwrap();
        let mut child = std::process::Command::new("true").spawn().unwrap();
        let dead = child.id();
        child.wait().unwrap();
        let made = |name: String, lock: bool| {
            let path = parent.join(name);
            std::fs::create_dir(&path).unwrap();
            lock.then(|| {
                let file = File::create(path.join(LOCK)).unwrap();
                flock(&file, FlockOperation::NonBlockingLockExclusive).unwrap();
                file
            })
        };
        // unlocked by its name and not by closing it: a process that another test starts just now holds a copy of the file
        let left_behind = |name: String| {
            let lock = made(name, true).unwrap();
            flock(&lock, FlockOperation::Unlock).unwrap();
        };
        let _held = made(format!("p{dead}-1"), true);
        left_behind(format!("p{dead}-2"));
        drop(made(format!("p{dead}-3"), false));
        left_behind(format!("p{}-777", std::process::id()));
        drop(made("other".into(), false));
        let mine = ControlFolder::create(&parent).unwrap();
        let mut left: Vec<String> = std::fs::read_dir(&parent)
            .unwrap()
            .map(|e| e.unwrap().file_name().into_string().unwrap())
            .collect();
        left.sort();
        let mut expected = vec![
            "other".to_owned(),
            format!("p{dead}-1"),
            format!("p{}-777", std::process::id()),
            mine.path().file_name().unwrap().to_str().unwrap().to_owned(),
        ];
        expected.sort();
        assert_eq!(left, expected);
    }

    #[test]
    fn the_runtime_folder_is_taken_only_when_it_is_plain_short_and_ours() {
        let dir = tempfile::tempdir_in("/tmp").unwrap();
        let fallback = PathBuf::from(format!("/tmp/opsdeck-{}", getuid().as_raw()));
        assert_eq!(standard_parent(Some(dir.path().into())), dir.path().join("opsdeck"));
        let odd = dir.path().join("a b");
        std::fs::create_dir(&odd).unwrap();
        for no in [Some(odd.into_os_string()), Some("rel".into()), Some("/no/such".into()), None] {
            assert_eq!(standard_parent(no), fallback);
        }
    }
}
