//! Programs of the workstation: where they are, and one run of one, with an end.
use crate::clock;
use crate::core::safetext::SafeText;
use secrecy::zeroize::Zeroizing;
use std::io::Read;
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Bytes kept of each output of a program.
pub const CAP: usize = 8192;
/// How often an ended program is looked for.
const TICK: Duration = Duration::from_millis(20);
/// The longest wait for what an ended program printed: a grandchild may hold the pipe open for ever.
const AFTER_THE_END: Duration = Duration::from_secs(2);

/// A program that ran to its end. What it printed is wiped when dropped: it may be a secret.
pub struct Ran {
    /// How it ended.
    pub status: ExitStatus,
    /// The first [`CAP`] bytes of its standard output.
    pub stdout: Zeroizing<Vec<u8>>,
    /// The first [`CAP`] bytes of its standard error.
    pub stderr: Zeroizing<Vec<u8>>,
}

/// Why a program did not run to its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RunError {
    /// There is no such program.
    NotFound,
    /// It was still running at the deadline, and was killed.
    Deadline,
    /// The system would not start it.
    Other(SafeText),
}

/// The program that a name means, as a shell would find it: a path as it is, else the first in `PATH`.
pub fn find(name: &str) -> Option<PathBuf> {
    let runs =
        |path: &PathBuf| rustix::fs::access(path, rustix::fs::Access::EXEC_OK).is_ok() && path.is_file();
    if name.is_empty() {
        return None;
    }
    if name.contains('/') {
        return Some(PathBuf::from(name)).filter(runs);
    }
    let folders = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&folders).map(|folder| folder.join(name)).find(runs)
}

/// Runs a program without any input. Blocks until it ends or the deadline is over, and then not much longer.
///
/// # Errors
/// [`RunError`]; a program that ran and failed is none.
pub fn run(mut command: Command, deadline: Duration) -> Result<Ran, RunError> {
    let spawned = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
    let mut child = spawned.map_err(|e| match e.kind() {
        std::io::ErrorKind::NotFound => RunError::NotFound,
        _ => RunError::Other(SafeText::new(&e.to_string())),
    })?;
    let stdout = reader(child.stdout.take());
    let stderr = reader(child.stderr.take());
    let Some(status) = wait(&mut child, clock::tick() + deadline) else {
        // one that cannot be killed is left to the system
        let _ = child.kill();
        let _ = child.try_wait();
        return Err(RunError::Deadline);
    };
    Ok(Ran { status, stdout: stdout.finish(), stderr: stderr.finish() })
}

/// What a thread has read so far.
struct Reading {
    bytes: Arc<Mutex<Zeroizing<Vec<u8>>>>,
    ended: Receiver<()>,
}

impl Reading {
    /// All of it, or what there is when the pipe stays open.
    fn finish(self) -> Zeroizing<Vec<u8>> {
        let _ = self.ended.recv_timeout(AFTER_THE_END);
        // a thread that panicked while reading leaves what it had read
        let mut bytes = self.bytes.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut *bytes)
    }
}

/// Reads on a thread of its own. What is more than the cap is drained, so that the program does not stop on a
/// full pipe.
fn reader(pipe: Option<impl Read + Send + 'static>) -> Reading {
    let (end, ended) = channel();
    // room from the start: growing would leave copies of a secret behind
    let bytes = Arc::new(Mutex::new(Zeroizing::new(Vec::with_capacity(CAP))));
    let shared = bytes.clone();
    std::thread::spawn(move || {
        let mut piece = Zeroizing::new([0_u8; 512]);
        let Some(mut pipe) = pipe else { return };
        while let Ok(n @ 1..) = pipe.read(&mut *piece) {
            let mut bytes = shared.lock().unwrap_or_else(PoisonError::into_inner);
            let room = CAP.saturating_sub(bytes.len()).min(n);
            bytes.extend(piece.iter().take(room));
        }
        let _ = end.send(());
    });
    Reading { bytes, ended }
}

fn wait(child: &mut Child, until: Instant) -> Option<ExitStatus> {
    // nobody sends on it: waiting for a message is the sleep that is left
    let (_keep, never) = channel::<()>();
    loop {
        match child.try_wait() {
            Ok(Some(status)) => return Some(status),
            Ok(None) if clock::tick() < until => match never.recv_timeout(TICK) {
                Err(RecvTimeoutError::Timeout) | Ok(()) => {}
                Err(RecvTimeoutError::Disconnected) => return None,
            },
            _ => return None,
        }
    }
}
