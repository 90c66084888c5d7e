//! Where a planted secret is looked for on this machine: files below a folder, arguments and environments of processes.
#![allow(dead_code, unreachable_pub, missing_docs)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

/// Packs of the built-in servers are holes of many gigabytes.
const LARGE: u64 = 4 * 1024 * 1024;

/// Files below a folder that hold it.
pub fn holding(folder: &Path, planted: &str) -> Vec<PathBuf> {
    let mut all = Vec::new();
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let (path, kind) = (entry.path(), entry.file_type().unwrap());
        if kind.is_dir() {
            all.extend(holding(&path, planted));
        } else if kind.is_file() && entry.metadata().unwrap().len() < LARGE {
            let text = std::fs::read(&path).unwrap_or_default();
            if text.windows(planted.len()).any(|w| w == planted.as_bytes()) {
                all.push(path);
            }
        }
    }
    all.sort();
    all
}

/// Arguments and environments of processes that hold it, now.
pub fn processes_with(planted: &str) -> Vec<String> {
    let all = std::fs::read_dir("/proc").unwrap().flatten();
    let pids = all.filter(|e| e.file_name().to_string_lossy().bytes().all(|b| b.is_ascii_digit()));
    let read = |path: PathBuf| std::fs::read(path).unwrap_or_default();
    let found = pids.flat_map(|e| [read(e.path().join("cmdline")), read(e.path().join("environ"))]);
    let text = found.map(|b| String::from_utf8_lossy(&b).into_owned());
    text.filter(|t| t.contains(planted)).collect()
}

/// Does something, and meanwhile looks at all processes over and over: what it came to, what was seen, and how often.
pub fn while_watching<T>(planted: &str, work: impl FnOnce() -> T) -> (T, Vec<String>, usize) {
    let over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let watch = scope.spawn(|| {
            let (mut seen, mut looks) = (Vec::new(), 0);
            while !over.load(Ordering::SeqCst) {
                seen.extend(processes_with(planted));
                looks += 1;
            }
            (seen, looks)
        });
        let done = work();
        over.store(true, Ordering::SeqCst);
        let (seen, looks) = watch.join().unwrap();
        (done, seen, looks)
    })
}
