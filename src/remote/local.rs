//! This machine as a host: `sh` under the same frame as over ssh. The built-in server runs on it, and tests do.
use super::error::{LinkError, LinkErrorKind};
use super::host::{Answer, Ask, Host, Reply, Stream};
use super::talk::{Far, Heard, Parcel, Talk};
use super::{follow, talk, wire};
use rustix::process::{Pid, Signal, kill_process_group};
use std::collections::HashSet;
use std::ffi::OsString;
use std::path::PathBuf;
use std::process::Stdio;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::process::{Child, Command};

/// Where scripts look for programs when nothing else is said.
const PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
/// How long a shell that closed its output may take to leave.
const LEAVING: Duration = Duration::from_secs(1);

/// How scripts run on this machine. Nothing of the console's own environment reaches them.
#[derive(Clone, Debug)]
pub struct LocalOptions {
    /// The POSIX shell.
    pub shell: PathBuf,
    /// The folder that stands for `/`; empty for the real one. Scripts get it from [`Host::root`].
    pub root: String,
    /// The search path for programs instead of the usual one.
    pub path: Option<OsString>,
    /// More environment variables.
    pub env: Vec<(String, String)>,
}

impl Default for LocalOptions {
    fn default() -> Self {
        LocalOptions { shell: PathBuf::from("/bin/sh"), root: String::new(), path: None, env: Vec::new() }
    }
}

/// This machine. Each script has a process group of its own, which is killed when its question ends early.
pub struct LocalHost {
    options: LocalOptions,
    running: Running,
    closed: AtomicBool,
}

type Running = Arc<Mutex<HashSet<i32>>>;

impl LocalHost {
    /// A host that runs scripts as `options` say.
    pub fn new(options: LocalOptions) -> LocalHost {
        LocalHost { options, running: Running::default(), closed: AtomicBool::new(false) }
    }

    fn open(&self, len: usize) -> Result<Talk, LinkError> {
        if self.closed.load(Ordering::Acquire) {
            return Err(LinkError::new(LinkErrorKind::Closed, ""));
        }
        let mut command = Command::new(&self.options.shell);
        command
            .args(["-c", wire::BOOTSTRAP, "opsdeck"])
            .arg(len.to_string())
            .env_clear()
            .env("PATH", self.options.path.clone().unwrap_or_else(|| PATH.into()))
            .envs(self.options.env.iter().map(|(k, v)| (k, v)))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .process_group(0);
        let failed = |e: std::io::Error| match e.kind() {
            std::io::ErrorKind::NotFound => {
                let program = self.options.shell.to_string_lossy();
                let kind =
                    LinkErrorKind::ProgramMissing { program: crate::core::safetext::SafeText::new(&program) };
                LinkError::new(kind, &e.to_string())
            }
            _ => LinkError::new(LinkErrorKind::Other, &e.to_string()),
        };
        let mut child = command.spawn().map_err(failed)?;
        let pipes = (child.stdin.take(), child.stdout.take(), child.stderr.take());
        let group = Group::of(&child, &self.running);
        let (Some(stdin), Some(stdout), Some(stderr)) = pipes else {
            return Err(LinkError::new(LinkErrorKind::Other, "no pipes to the shell"));
        };
        Ok(Talk {
            stdin: Box::new(stdin),
            stdout: Box::new(stdout),
            stderr: Box::new(stderr),
            far: Box::new(Shell { group, child }),
        })
    }
}

impl Host for LocalHost {
    fn run<'a>(&'a self, ask: Ask<'a>) -> Reply<'a, Result<Answer, LinkError>> {
        Box::pin(async move {
            let since = crate::clock::timer();
            let parcel = Parcel::of(&ask)?;
            let talk = self.open(parcel.bytes.len())?;
            talk::run(talk, parcel, ask.cap, since + ask.deadline, since).await
        })
    }

    fn stream<'a>(&'a self, ask: Ask<'a>) -> Reply<'a, Result<Box<dyn Stream>, LinkError>> {
        Box::pin(async move {
            let until = crate::clock::timer() + ask.deadline;
            let parcel = Parcel::of(&ask)?;
            let talk = self.open(parcel.bytes.len())?;
            follow::stream(talk, parcel, ask.cap, until).await
        })
    }

    fn check(&self) -> Reply<'_, Result<(), LinkError>> {
        Box::pin(super::host::round_trip(self))
    }

    fn root(&self) -> &str {
        &self.options.root
    }

    fn close(&self) -> Reply<'_, ()> {
        self.closed.store(true, Ordering::Release);
        let groups = self.running.lock().unwrap_or_else(PoisonError::into_inner).clone();
        groups.into_iter().for_each(kill_group);
        Box::pin(std::future::ready(()))
    }
}

/// Kills a process group, unless it is gone.
pub(super) fn kill_group(group: i32) {
    if let Some(pid) = Pid::from_raw(group) {
        // gone already is as good
        let _ = kill_process_group(pid, Signal::KILL);
    }
}

/// A process group that dies with this value, unless it was let go. The leader is not reaped before, so the number
/// cannot have passed to another process.
struct Group {
    id: Option<i32>,
    running: Running,
}

impl Group {
    fn of(child: &Child, running: &Running) -> Group {
        let id = child.id().and_then(|id| i32::try_from(id).ok());
        running.lock().unwrap_or_else(PoisonError::into_inner).extend(id);
        Group { id, running: Arc::clone(running) }
    }

    fn let_go(&mut self) -> Option<i32> {
        let id = self.id.take()?;
        self.running.lock().unwrap_or_else(PoisonError::into_inner).remove(&id);
        Some(id)
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        if let Some(id) = self.let_go() {
            kill_group(id);
        }
    }
}

/// The far end of an exchange on this machine. The group stands before the child: it is killed before the child's
/// number can be given away.
struct Shell {
    group: Group,
    child: Child,
}

impl Far for Shell {
    fn autopsy<'a>(&'a mut self, heard: &'a Heard) -> Reply<'a, LinkError> {
        Box::pin(async {
            self.group.let_go();
            let code = match tokio::time::timeout(LEAVING, self.child.wait()).await {
                Ok(Ok(status)) => status.code(),
                Ok(Err(_)) | Err(_) => None,
            };
            match (heard.out.begun(), code) {
                (false, Some(wire::CUT_SHORT)) => LinkError::new(LinkErrorKind::CutShort, &heard.noise()),
                (false, Some(_)) => LinkError::new(LinkErrorKind::NoShell, &heard.noise()),
                _ => LinkError::new(LinkErrorKind::ScriptKilled, ""),
            }
        })
    }

    fn pulse(&mut self) -> Reply<'_, Result<(), LinkError>> {
        Box::pin(std::future::ready(Ok(())))
    }

    fn finished(&mut self) -> Reply<'_, ()> {
        self.group.let_go();
        Box::pin(async {
            // the shell leaves right after its end mark; a child of it may stay
            let _ = tokio::time::timeout(LEAVING, self.child.wait()).await;
        })
    }
}
