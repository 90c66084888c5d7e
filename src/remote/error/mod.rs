//! Why a server could not be asked, or why its answer cannot be relied on.
//!
//! One kind for each cause that asks something else of the operator. The texts for people are in `words`, the
//! reading of what ssh prints is in [`classify`].
pub mod classify;
mod kind;
mod words;

use crate::core::safetext::SafeText;
pub use kind::{ChangedKey, LinkErrorKind};
use std::time::Duration;

/// Why a server could not be asked. Each has a summary (what happened) and a hint (what was not done, what to do).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}: {detail}", kind.code())]
pub struct LinkError {
    /// What it is.
    pub kind: LinkErrorKind,
    /// What ssh, the system or the far side said, made safe. May be empty.
    pub detail: SafeText,
    /// Whether the script had begun, or may have: then it may have done all, some or nothing.
    pub begun: bool,
    /// Whether it went wrong on the way, at the jump host, and not at the server itself.
    pub at_jump: bool,
}

/// What class of trouble it is, for exit codes and colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// The server cannot be reached.
    Unreachable,
    /// The server cannot be logged in to.
    Login,
    /// The server's identity is in doubt.
    HostKey,
    /// Something on the workstation has to be mended first.
    Workstation,
    /// The link worked, the answer is not usable.
    Answer,
}

/// Whether and when to try again without being told to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Retry {
    /// Not by itself: each attempt counts against the login or the address, or a person has to decide.
    Never,
    /// After at least this long, and longer each time.
    Later(Duration),
    /// At once.
    Now,
}

impl LinkError {
    /// An error before anything began; `detail` is made safe here.
    pub fn new(kind: LinkErrorKind, detail: &str) -> LinkError {
        LinkError { kind, detail: SafeText::new(detail.trim()), begun: false, at_jump: false }
    }

    /// The same, when the script had begun or may have.
    pub fn after_begin(mut self) -> LinkError {
        self.begun = true;
        self
    }

    /// The same, when it went wrong at the jump host.
    pub fn on_the_way(mut self) -> LinkError {
        self.at_jump = true;
        self
    }

    /// A name that stays: for JSON and exit codes.
    pub fn code(&self) -> &'static str {
        self.kind.code()
    }

    /// Whether and when to try again without being told to.
    pub fn retry(&self) -> Retry {
        use LinkErrorKind as K;
        match self.kind {
            K::HostKeyUnknown { .. }
            | K::HostKeyChanged(_)
            | K::HostKeyRevoked { .. }
            | K::HostKeyNotExpected { .. }
            | K::KeyFileMissing { .. }
            | K::KeyFileUnreadable { .. }
            | K::KeyFileLocked { .. }
            | K::KeyFileMode { .. }
            | K::KeyRefused { .. }
            | K::TooManyKeys
            | K::NotSsh
            | K::NoCommonAlgorithm { .. }
            | K::BadConfig { .. }
            | K::BadSetting { .. }
            | K::ControlFolder { .. }
            | K::ProgramMissing { .. }
            | K::NoShell
            | K::Closed => Retry::Never,
            // a server that blocks an address adds to the time with each attempt
            K::HungUp => Retry::Later(Duration::from_secs(60)),
            K::NameNotFound { .. } => Retry::Later(Duration::from_secs(30)),
            K::Refused | K::Unreachable | K::NoAnswer | K::Silent => Retry::Later(Duration::from_secs(5)),
            K::SessionsRefused | K::Deadline | K::Other | K::ScriptKilled => {
                Retry::Later(Duration::from_secs(1))
            }
            K::CutShort | K::Lost | K::Frozen => Retry::Now,
        }
    }

    /// What class of trouble it is.
    pub fn class(&self) -> Class {
        self.kind.class()
    }

    /// Whether it was found out on the workstation alone, before anything went to the server.
    pub fn is_local(&self) -> bool {
        use LinkErrorKind as K;
        self.class() == Class::Workstation
            || matches!(
                self.kind,
                K::KeyFileMissing { .. }
                    | K::KeyFileUnreadable { .. }
                    | K::KeyFileLocked { .. }
                    | K::KeyFileMode { .. }
            )
    }
}
