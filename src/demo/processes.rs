//! What still runs in a box whose folder is about to be removed. A run of the box goes on by itself, as on a server; with the
//! server it ends.
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fd::OwnedFd;
use rustix::process::{Pid, PidfdFlags, Signal, pidfd_open, pidfd_send_signal};
use std::path::Path;

/// How long processes get to end when they are asked to, and when they are made to, in tenths of a second.
const ASKED: u32 = 20;
const MADE: u32 = 20;
const TENTH: Timespec = Timespec { tv_sec: 0, tv_nsec: 100_000_000 };

/// Ends every process that runs in this box: by the variable that all of them were started with. No other process is ever
/// signalled: who is meant is looked at once more when its number can no longer be anybody else's.
pub(super) fn end(dir: &Path) {
    for (signal, tenths) in [(Signal::TERM, ASKED), (Signal::KILL, MADE)] {
        for _ in 0..tenths {
            // those that were started meanwhile, too
            let all = of(dir);
            let Some(first) = all.first() else { return };
            for process in &all {
                // gone already is as good
                let _ = pidfd_send_signal(process, signal);
            }
            let _ = poll(&mut [PollFd::new(first, PollFlags::IN)], Some(&TENTH));
        }
    }
}

/// The processes of this box.
fn of(dir: &Path) -> Vec<OwnedFd> {
    let all = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    let pids = all.filter_map(|e| e.file_name().to_str()?.parse::<i32>().ok());
    let process = |pid: i32| {
        is_of(pid, dir).then_some(())?;
        // from here on the number means this process, or nobody
        let process = pidfd_open(Pid::from_raw(pid)?, PidfdFlags::empty()).ok()?;
        is_of(pid, dir).then_some(process)
    };
    pids.filter_map(process).collect()
}

/// Whether a process was started on a server of this box. A corpse has no variables any more.
fn is_of(pid: i32, dir: &Path) -> bool {
    let Ok(environ) = std::fs::read(format!("/proc/{pid}/environ")) else {
        return false;
    };
    let name = format!("{}=", super::boxed::BOX);
    let root = environ.split(|b| *b == 0).find_map(|v| v.strip_prefix(name.as_bytes()));
    root.and_then(|r| std::str::from_utf8(r).ok()).is_some_and(|r| Path::new(r).parent() == Some(dir))
}
