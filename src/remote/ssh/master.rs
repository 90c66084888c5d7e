//! The ssh process that holds one connection, from its start to its end.
//!
//! It is started here, and handed to the openssh crate as a control socket: the crate's own start leaves the process
//! behind when it is given up, lets the messages be translated, and keeps no pid. The process goes to the background
//! once it is logged in, leaves by itself when no session was open for a while (also when the console was killed),
//! and is ended by its pid when it is stuck.
use super::Limits;
use super::folder::ControlFolder;
use super::programs::Programs;
use super::target::Target;
use crate::core::safetext::SafeText;
use crate::remote::error::{ChangedKey, LinkError, LinkErrorKind, classify};
use crate::remote::known_hosts;
use crate::remote::local::kill_group;
use openssh::Session;
use openssh_mux_client::Connection;
use rustix::process::{Pid, Signal, kill_process, test_kill_process};
use std::fs::OpenOptions;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::time::{Instant, timeout, timeout_at};

/// How long a process that works may take to say that it does, also on a busy workstation: one that does not is ended,
/// with all that runs over it.
const PULSE: Duration = Duration::from_secs(4);
/// The log is cut back from this size, in bytes: ssh writes some hundred for each session.
const LOG_LIMIT: u64 = 256 * 1024;

/// A connection.
pub(super) struct Master {
    pid: Pid,
    socket: PathBuf,
    log: PathBuf,
    /// Does nothing when dropped: it does not own the socket.
    pub(super) session: Arc<Session>,
    dead: AtomicBool,
}

/// An ssh that is not logged in yet. Dropping it ends it, and what it started for a jump host.
struct Attempt(Option<i32>);

impl Drop for Attempt {
    fn drop(&mut self) {
        if let Some(group) = self.0 {
            kill_group(group);
        }
    }
}

impl Master {
    /// Logs in. The files go to the folder, their names begin with the number. `until` is the deadline of the
    /// question that waits for the login.
    pub(super) async fn connect(
        target: &Target,
        programs: &Programs,
        (folder, number): (&ControlFolder, u64),
        limits: &Limits,
        until: Instant,
    ) -> Result<Master, LinkError> {
        let name = |suffix: &str| format!("{number}.{suffix}");
        let config = folder.write(&name("c"), &target.config()?)?;
        if let Some(file) = &target.identity {
            super::keyfile::check(file, target, programs, &config).await?;
        }
        let log = folder.write(&name("log"), "")?;
        let way = folder.write(&name("way"), "")?;
        let socket = folder.path().join(name("s"));
        let way_end = OpenOptions::new().append(true).open(&way).map_err(|e| unusable(&way, &e))?;
        let mut command = programs.command("ssh")?;
        command
            // says which host key was shown; without it ssh hides what the ssh for a jump host says
            .arg("-v")
            .arg("-E")
            .arg(&log)
            .arg("-F")
            .arg(&config)
            .arg("-M")
            .arg("-S")
            .arg(&socket)
            .args(["-N", "-o"])
            .arg(format!("ControlPersist={}", limits.idle_s))
            .args(target.arguments())
            .stderr(Stdio::from(way_end));
        let mut child =
            command.spawn().map_err(|e| LinkError::new(LinkErrorKind::Other, &format!("ssh: {e}")))?;
        let mut attempt = Attempt(child.id().and_then(|id| i32::try_from(id).ok()));
        let status = timeout_at(until.min(crate::clock::timer() + limits.connect), child.wait()).await;
        let said = read(&log);
        match status {
            // gone to the background: logged in
            Ok(Ok(status)) if status.success() => attempt.0 = None,
            Ok(_) => {
                attempt.0 = None;
                return Err(why(target, programs, &said, &read(&way)).await);
            }
            Err(_) => {
                if crate::clock::timer() >= until {
                    return Err(LinkError::new(LinkErrorKind::Deadline, classify::telling_line(&said)));
                }
                let kind = match said.contains("Connection established") || !read(&way).is_empty() {
                    true => LinkErrorKind::Silent,
                    false => LinkErrorKind::NoAnswer,
                };
                return Err(LinkError::new(kind, classify::telling_line(&said)));
            }
        }
        let pid = timeout(PULSE, pid_of(&socket)).await.unwrap_or(None);
        let Some(pid) = pid else {
            return Err(LinkError::new(LinkErrorKind::Frozen, "no answer on the control socket"));
        };
        let master = Master {
            pid,
            session: Arc::new(Session::resume_mux(socket.clone().into_boxed_path(), None)),
            socket,
            log,
            dead: AtomicBool::new(false),
        };
        // dropped on the way out, which ends it: nothing was asked of that server
        expected(target, &said)?;
        master.forget_log();
        Ok(master)
    }

    /// Whether it is known to be gone.
    pub(super) fn is_dead(&self) -> bool {
        self.dead.load(Ordering::Acquire)
    }

    /// Whether the process still reacts. One that does not is ended.
    pub(super) async fn pulse(&self) -> Result<(), LinkError> {
        if self.is_dead() {
            return Err(self.lost());
        }
        match timeout(PULSE, pid_of(&self.socket)).await {
            Ok(Some(_)) => Ok(()),
            Ok(None) => {
                self.dead.store(true, Ordering::Release);
                Err(self.lost())
            }
            Err(_) => {
                self.kill();
                Err(LinkError::new(LinkErrorKind::Frozen, ""))
            }
        }
    }

    /// The link is gone; the log may say why.
    pub(super) fn lost(&self) -> LinkError {
        LinkError::new(LinkErrorKind::Lost, classify::telling_line(&read(&self.log)))
    }

    /// Ends the process at once.
    pub(super) fn kill(&self) {
        self.dead.store(true, Ordering::Release);
        self.signal(Signal::KILL);
    }

    /// Ends the process in order, or at once when it does not leave within `limit`.
    pub(super) async fn end(&self, limit: Duration) {
        self.dead.store(true, Ordering::Release);
        self.signal(Signal::TERM);
        let gone = async {
            // not a child of ours any more: nothing tells when it is gone
            while self.is_ours() && test_kill_process(self.pid).is_ok() {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        if timeout(limit, gone).await.is_err() {
            self.signal(Signal::KILL);
        }
    }

    /// Cuts the log back when it has grown.
    pub(super) fn trim_log(&self) {
        if std::fs::metadata(&self.log).is_ok_and(|m| m.len() > LOG_LIMIT) {
            self.forget_log();
        }
    }

    fn forget_log(&self) {
        // ssh appends; what is lost are lines for debugging
        let _ = OpenOptions::new().write(true).truncate(true).open(&self.log);
    }

    fn signal(&self, signal: Signal) {
        if self.is_ours() {
            // gone already is as good
            let _ = kill_process(self.pid, signal);
        }
    }

    /// Whether the number still belongs to the process that was started: ssh shows the path of its socket in its
    /// arguments. Where there is no `/proc`, the number is trusted.
    fn is_ours(&self) -> bool {
        match std::fs::read(format!("/proc/{}/cmdline", self.pid.as_raw_nonzero())) {
            Ok(line) => {
                let socket = self.socket.as_os_str().as_encoded_bytes();
                line.windows(socket.len().max(1)).any(|w| w == socket)
            }
            Err(_) => !Path::new("/proc/self/cmdline").exists(),
        }
    }
}

impl Drop for Master {
    fn drop(&mut self) {
        self.signal(Signal::KILL);
    }
}

async fn pid_of(socket: &Path) -> Option<Pid> {
    let mut connection = Connection::connect(socket).await.ok()?;
    let pid = connection.send_alive_check().await.ok()?;
    i32::try_from(pid.get()).ok().and_then(Pid::from_raw)
}

/// Why ssh ended before it was logged in. `way` is what was said by an ssh for a jump host, or a proxy.
pub(in crate::remote) async fn why(target: &Target, programs: &Programs, said: &str, way: &str) -> LinkError {
    let detail = classify::telling_line(said);
    let kind = classify::classify(said);
    // a way that is cut looks like a server that hangs up
    let cut = matches!(kind, None | Some(LinkErrorKind::HungUp | LinkErrorKind::Silent));
    if cut && let Some(kind) = classify::classify(way) {
        return enriched(target, programs, kind, classify::telling_line(way), way).await.on_the_way();
    }
    enriched(target, programs, kind.unwrap_or(LinkErrorKind::Other), detail, said).await
}

async fn enriched(
    target: &Target,
    programs: &Programs,
    mut kind: LinkErrorKind,
    detail: &str,
    said: &str,
) -> LinkError {
    match &mut kind {
        LinkErrorKind::HostKeyUnknown { host, .. } if host.is_empty() => *host = SafeText::new(&target.host),
        LinkErrorKind::HostKeyChanged(key) => {
            let ChangedKey { place, recorded, .. } = key.as_mut();
            if let Some(at) = place {
                *recorded = known_hosts::fingerprint_at(programs, at.as_str()).await;
            }
        }
        LinkErrorKind::KeyRefused { .. } => {
            let tried: Vec<&str> =
                said.lines().filter_map(|l| l.trim().strip_prefix("debug1: Offering public key: ")).collect();
            let detail = match tried.is_empty() {
                true => format!("{detail} (no key was offered)"),
                false => format!("{detail} ({})", tried.join(", ")),
            };
            return LinkError::new(kind, &detail);
        }
        _ => {}
    }
    LinkError::new(kind, detail)
}

/// Compares the key that the server showed with the one that the configuration expects.
fn expected(target: &Target, said: &str) -> Result<(), LinkError> {
    let Some(expected) = &target.expected_key else {
        return Ok(());
    };
    let offered = classify::offered_key(said);
    match &offered {
        Some(key) if key.as_str().split(' ').nth(1) == Some(expected.trim()) => Ok(()),
        // also when ssh did not say which key it was: what cannot be proved is not trusted
        _ => Err(LinkError::new(
            LinkErrorKind::HostKeyNotExpected { expected: SafeText::new(expected), offered },
            "",
        )),
    }
}

fn read(path: &Path) -> String {
    String::from_utf8_lossy(&std::fs::read(path).unwrap_or_default()).into_owned()
}

fn unusable(path: &Path, error: &std::io::Error) -> LinkError {
    let folder = SafeText::new(&path.to_string_lossy());
    LinkError::new(LinkErrorKind::ControlFolder { folder }, &error.to_string())
}
