//! A server over ssh: one connection for everything, opened when it is first needed, and again after it was lost.
//!
//! - `target`, `resolve`: what ssh is told: the user's own configuration, with what safety rests on in front of it;
//!   what ssh makes of it
//! - `programs`, `keyfile`: the programs of OpenSSH, called so that they cannot ask; the private key looked at first
//! - `folder`, `master`: where the connection's socket lies; the process that holds the connection
//! - `gate`, `channel`: how many sessions at a time; one session under a framed exchange
mod channel;
pub(super) mod folder;
mod gate;
mod keyfile;
mod master;
pub(super) mod programs;
pub(super) mod resolve;
pub(super) mod target;

use super::error::{LinkError, LinkErrorKind, Retry};
use super::host::{Answer, Ask, Host, Reply, Stream};
use super::talk::{Parcel, Talk};
use super::{follow, talk};
use crate::config::model::{Environment, SshSettings};
use channel::Opened;
use folder::ControlFolder;
use gate::Gate;
use master::Master;
use programs::Programs;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use target::Target;
use tokio::time::{Instant, sleep, timeout_at};

pub(super) use master::why;
pub use target::Folders;

/// Sessions at a time. sshd allows 10 unless it is told otherwise, and a refusal costs a round trip.
const SESSIONS: usize = 6;
/// Attempts to open a session that the server refuses although none of ours is open: it may still be closing one.
const REFUSALS: u32 = 6;
/// How long the connection may take to be closed in order.
const CLOSING: Duration = Duration::from_secs(2);

/// How patient a link is. Tests are less patient than people.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// The longest that logging in may take, whatever ssh itself thinks: some faults (a server that falls silent
    /// while keys are exchanged) are outside its own time-out.
    pub connect: Duration,
    /// How long opening a session may take before the local ssh is asked whether it still reacts.
    pub open: Duration,
    /// Seconds without a session after which the local ssh leaves by itself, also when the console was killed.
    pub idle_s: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Limits { connect: Duration::from_secs(30), open: Duration::from_secs(5), idle_s: 60 }
    }
}

/// A server over ssh.
pub struct SshHost {
    /// What ssh is told, or why it cannot be told.
    target: Result<Target, LinkError>,
    programs: Programs,
    limits: Limits,
    gate: Arc<Gate>,
    link: tokio::sync::Mutex<Link>,
    /// Attempts to log in that are over.
    attempts: AtomicU64,
    /// An error that is not tried again by itself.
    given_up: Mutex<Option<LinkError>>,
    /// The connection, for whoever must not wait for the lock.
    current: Mutex<Option<Arc<Master>>>,
    closed: AtomicBool,
}

#[derive(Default)]
struct Link {
    master: Option<Arc<Master>>,
    /// After the master: it is removed last.
    folder: Option<ControlFolder>,
    last: Option<LinkError>,
}

impl SshHost {
    /// The server of an environment. Nothing happens before the first question.
    pub fn new(environment: &Environment, settings: &SshSettings, folders: Folders) -> SshHost {
        SshHost::with_limits(environment, settings, folders, Limits::default())
    }

    /// The same, with another patience.
    pub fn with_limits(
        environment: &Environment,
        settings: &SshSettings,
        folders: Folders,
        limits: Limits,
    ) -> SshHost {
        SshHost {
            limits,
            programs: Programs::of(&folders),
            target: Target::new(environment, settings, folders),
            gate: Gate::new(SESSIONS),
            link: tokio::sync::Mutex::default(),
            attempts: AtomicU64::new(0),
            given_up: Mutex::new(None),
            current: Mutex::new(None),
            closed: AtomicBool::new(false),
        }
    }

    /// Where the control sockets of this process lie, once there is a connection. For the `doctor` of an operator.
    pub async fn control_folder(&self) -> Option<PathBuf> {
        let link = self.link.lock().await;
        link.folder.as_ref().map(|f| f.path().to_owned())
    }

    /// The connection; logs in when there is none. Those who wait while another logs in share the outcome: a key
    /// that is refused is offered once.
    async fn master(&self, until: Instant) -> Result<Arc<Master>, LinkError> {
        let target = self.target.as_ref().map_err(Clone::clone)?;
        let before = self.attempts.load(Ordering::Acquire);
        let Ok(mut link) = timeout_at(until, self.link.lock()).await else {
            return Err(LinkError::new(LinkErrorKind::Deadline, "waiting for the login"));
        };
        if self.closed.load(Ordering::Acquire) {
            return Err(LinkError::new(LinkErrorKind::Closed, ""));
        }
        if let Some(master) = link.master.as_ref().filter(|m| !m.is_dead()) {
            return Ok(Arc::clone(master));
        }
        link.master = None;
        if let Some(error) = lock(&self.given_up).clone() {
            return Err(error);
        }
        if self.attempts.load(Ordering::Acquire) != before
            && let Some(error) = &link.last
        {
            return Err(error.clone());
        }
        if link.folder.is_none() {
            link.folder = Some(ControlFolder::create(&target.folders.runtime)?);
        }
        let Some(folder) = &link.folder else {
            return Err(LinkError::new(LinkErrorKind::Other, "no control folder"));
        };
        let number = self.attempts.load(Ordering::Acquire);
        let outcome = Master::connect(target, &self.programs, (folder, number), &self.limits, until).await;
        self.attempts.fetch_add(1, Ordering::AcqRel);
        match outcome {
            // closed meanwhile: dropping it ends it
            Ok(_) if self.closed.load(Ordering::Acquire) => Err(LinkError::new(LinkErrorKind::Closed, "")),
            Ok(master) => {
                let master = Arc::new(master);
                link.last = None;
                link.master = Some(Arc::clone(&master));
                *lock(&self.current) = Some(Arc::clone(&master));
                Ok(master)
            }
            Err(error) => {
                // what can be mended here costs the server nothing and is looked at anew each time
                if error.retry() == Retry::Never && !error.is_local() {
                    *lock(&self.given_up) = Some(error.clone());
                }
                // that one question was in a hurry says nothing about the server
                link.last = (error.kind != LinkErrorKind::Deadline).then(|| error.clone());
                Err(error)
            }
        }
    }

    /// Waits for a session, and asks the local ssh now and then whether it still reacts: a slow server is waited
    /// for, a stuck process is not.
    async fn session(&self, master: &Master, len: usize, until: Instant) -> Result<Opened, LinkError> {
        let mut opening = std::pin::pin!(channel::open(master, len));
        loop {
            let soon = until.min(crate::clock::timer() + self.limits.open);
            if let Ok(opened) = timeout_at(soon, &mut opening).await {
                return Ok(opened);
            }
            master.pulse().await?;
            if crate::clock::timer() >= until {
                return Err(LinkError::new(LinkErrorKind::Deadline, "opening a session"));
            }
        }
    }

    /// Opens a session for a parcel of `len` bytes. Nothing was sent yet when this fails, so a connection that turns
    /// out to be dead or stuck is replaced once without asking.
    async fn open(&self, len: usize, until: Instant) -> Result<Talk, LinkError> {
        let mut replaced = false;
        let mut refusals = 0;
        loop {
            let Ok(mut place) = timeout_at(until, self.gate.enter()).await else {
                let kind = match self.gate.limit() < SESSIONS {
                    true => LinkErrorKind::SessionsRefused,
                    false => LinkErrorKind::Deadline,
                };
                return Err(LinkError::new(kind, "all sessions are in use"));
            };
            let master = self.master(until).await?;
            let gone = match self.session(&master, len, until).await {
                Ok(Opened::Session(child)) => {
                    place.accepted();
                    master.trim_log();
                    return channel::talk(*child, master, place);
                }
                Ok(Opened::Refused(said)) => {
                    // a place of others that becomes free lets the next attempt in; else sshd is closing one
                    if !place.refused() {
                        refusals += 1;
                    }
                    if refusals >= REFUSALS || crate::clock::timer() >= until {
                        return Err(LinkError::new(LinkErrorKind::SessionsRefused, &said));
                    }
                    drop(place);
                    sleep(Duration::from_millis(25) * 2_u32.pow(refusals)).await;
                    continue;
                }
                Ok(Opened::Gone(said)) => {
                    let lost = master.lost();
                    master.kill();
                    match lost.detail.is_empty() {
                        true => LinkError::new(LinkErrorKind::Lost, &said),
                        false => lost,
                    }
                }
                Err(error) if error.kind == LinkErrorKind::Deadline => return Err(error),
                Err(stuck) => stuck,
            };
            if replaced {
                return Err(gone);
            }
            replaced = true;
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Host for SshHost {
    fn run<'a>(&'a self, ask: Ask<'a>) -> Reply<'a, Result<Answer, LinkError>> {
        Box::pin(async move {
            let since = crate::clock::timer();
            let until = since + ask.deadline;
            let parcel = Parcel::of(&ask)?;
            let talk = self.open(parcel.bytes.len(), until).await?;
            talk::run(talk, parcel, ask.cap, until, since).await
        })
    }

    fn stream<'a>(&'a self, ask: Ask<'a>) -> Reply<'a, Result<Box<dyn Stream>, LinkError>> {
        Box::pin(async move {
            let until = crate::clock::timer() + ask.deadline;
            let parcel = Parcel::of(&ask)?;
            let talk = self.open(parcel.bytes.len(), until).await?;
            follow::stream(talk, parcel, ask.cap, until).await
        })
    }

    fn check(&self) -> Reply<'_, Result<(), LinkError>> {
        Box::pin(super::host::round_trip(self))
    }

    fn retry_now(&self) {
        *lock(&self.given_up) = None;
    }

    fn close(&self) -> Reply<'_, ()> {
        Box::pin(async {
            self.closed.store(true, Ordering::Release);
            let current = lock(&self.current).take();
            if let Some(master) = current {
                master.end(CLOSING).await;
            }
            // whoever is logging in holds the lock; its attempt ends with its deadline
            if let Ok(mut link) = tokio::time::timeout(CLOSING, self.link.lock()).await {
                link.master = None;
                link.folder = None;
            }
        })
    }
}

impl Drop for SshHost {
    fn drop(&mut self) {
        // sends a signal, waits for nothing: sessions that are still open end with it
        if let Some(master) = lock(&self.current).take() {
            master.kill();
        }
    }
}
