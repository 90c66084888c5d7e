//! The causes that are told apart.
use super::Class;
use crate::core::safetext::SafeText;

/// The kinds that are told apart. Texts inside come from outside and were made safe.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum LinkErrorKind {
    /// The server's key is in no list of known keys. Nothing was sent to it.
    HostKeyUnknown {
        /// The name that the key would be recorded under.
        host: SafeText,
        /// `ssh-ed25519 SHA256:…` as the server offered it just now.
        offered: Option<SafeText>,
    },
    /// The server showed another key than the recorded one. Nothing was sent to it.
    HostKeyChanged(Box<ChangedKey>),
    /// The server's key is recorded as revoked.
    HostKeyRevoked {
        /// The name that the key is recorded under.
        host: SafeText,
    },
    /// The key is recorded, but is not the one that `host_key` of the configuration asks for.
    HostKeyNotExpected {
        /// What the configuration says.
        expected: SafeText,
        /// What the server showed.
        offered: Option<SafeText>,
    },
    /// The private key file of the configuration does not exist.
    KeyFileMissing {
        /// The file.
        file: SafeText,
    },
    /// The private key file cannot be read, or is no private key.
    KeyFileUnreadable {
        /// The file.
        file: SafeText,
    },
    /// The private key file asks for a passphrase, and no agent holds the key.
    KeyFileLocked {
        /// The file.
        file: SafeText,
    },
    /// Others may read the private key file; ssh does not use it.
    KeyFileMode {
        /// The file.
        file: SafeText,
        /// Its mode, octal.
        mode: SafeText,
    },
    /// The server does not accept the key for this login.
    KeyRefused {
        /// `user@host`.
        login: SafeText,
    },
    /// More keys were offered than the server takes.
    TooManyKeys,
    /// Nothing listens on that port.
    Refused,
    /// The name is not known to the resolver.
    NameNotFound {
        /// The name.
        host: SafeText,
    },
    /// There is no way to that address from here.
    Unreachable,
    /// The address does not answer at all.
    NoAnswer,
    /// The port is open, and no ssh server speaks within the time.
    Silent,
    /// The server hangs up before a login is possible: overloaded, or it blocks this address.
    HungUp,
    /// Something answers on that port which is no ssh server.
    NotSsh,
    /// No algorithm that both sides have.
    NoCommonAlgorithm {
        /// What was not agreed on: `host key type`, `cipher`.
        what: SafeText,
        /// What the server offers.
        theirs: SafeText,
    },
    /// An ssh configuration file is not understood, or others may write to it.
    BadConfig {
        /// `file:line`, or the file.
        place: SafeText,
    },
    /// A value of the console's own configuration cannot be handed to ssh.
    BadSetting {
        /// The name of the setting: `host`, `jump`.
        setting: &'static str,
    },
    /// The folder for the link's sockets cannot be used.
    ControlFolder {
        /// The folder.
        folder: SafeText,
    },
    /// A program of the workstation is missing.
    ProgramMissing {
        /// `ssh`, `ssh-keygen`.
        program: SafeText,
    },
    /// The server's login shell did not start the script: no POSIX `sh`, or the login runs something else.
    NoShell,
    /// The script did not arrive whole, and nothing of it ran.
    CutShort,
    /// The server allows no further session on this connection, also after waiting.
    SessionsRefused,
    /// The link was lost.
    Lost,
    /// The local ssh process did not react; it was ended and will be started anew.
    Frozen,
    /// The script was ended from outside before it could say how it ended; the link itself lives.
    ScriptKilled,
    /// No answer before the deadline of the question.
    Deadline,
    /// The console's end of the link was closed.
    Closed,
    /// Anything that is not one of the others.
    Other,
}

/// A host key that is not the recorded one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ChangedKey {
    /// The name that the key is recorded under.
    pub host: SafeText,
    /// Fingerprint of the key that the server showed.
    pub offered: Option<SafeText>,
    /// Fingerprint of the key on record.
    pub recorded: Option<SafeText>,
    /// `file:line` of the record.
    pub place: Option<SafeText>,
}

impl LinkErrorKind {
    /// A name that stays: for JSON and exit codes.
    pub fn code(&self) -> &'static str {
        match self {
            Self::HostKeyUnknown { .. } => "host_key_unknown",
            Self::HostKeyChanged(_) => "host_key_changed",
            Self::HostKeyRevoked { .. } => "host_key_revoked",
            Self::HostKeyNotExpected { .. } => "host_key_not_expected",
            Self::KeyFileMissing { .. } => "key_file_missing",
            Self::KeyFileUnreadable { .. } => "key_file_unreadable",
            Self::KeyFileLocked { .. } => "key_file_locked",
            Self::KeyFileMode { .. } => "key_file_mode",
            Self::KeyRefused { .. } => "key_refused",
            Self::TooManyKeys => "too_many_keys",
            Self::Refused => "refused",
            Self::NameNotFound { .. } => "name_not_found",
            Self::Unreachable => "unreachable",
            Self::NoAnswer => "no_answer",
            Self::Silent => "silent",
            Self::HungUp => "hung_up",
            Self::NotSsh => "not_ssh",
            Self::NoCommonAlgorithm { .. } => "no_common_algorithm",
            Self::BadConfig { .. } => "bad_ssh_config",
            Self::BadSetting { .. } => "bad_setting",
            Self::ControlFolder { .. } => "control_folder",
            Self::ProgramMissing { .. } => "program_missing",
            Self::NoShell => "no_shell",
            Self::CutShort => "cut_short",
            Self::SessionsRefused => "sessions_refused",
            Self::Lost => "lost",
            Self::Frozen => "frozen",
            Self::ScriptKilled => "script_killed",
            Self::Deadline => "deadline",
            Self::Closed => "closed",
            Self::Other => "other",
        }
    }

    pub(super) fn class(&self) -> Class {
        match self {
            Self::HostKeyUnknown { .. }
            | Self::HostKeyChanged(_)
            | Self::HostKeyRevoked { .. }
            | Self::HostKeyNotExpected { .. } => Class::HostKey,
            Self::KeyFileMissing { .. }
            | Self::KeyFileUnreadable { .. }
            | Self::KeyFileLocked { .. }
            | Self::KeyFileMode { .. }
            | Self::KeyRefused { .. }
            | Self::TooManyKeys => Class::Login,
            Self::Refused
            | Self::NameNotFound { .. }
            | Self::Unreachable
            | Self::NoAnswer
            | Self::Silent
            | Self::HungUp
            | Self::NotSsh
            | Self::NoCommonAlgorithm { .. }
            | Self::Lost => Class::Unreachable,
            Self::BadConfig { .. }
            | Self::BadSetting { .. }
            | Self::ControlFolder { .. }
            | Self::ProgramMissing { .. }
            | Self::Frozen
            | Self::Closed => Class::Workstation,
            Self::NoShell
            | Self::CutShort
            | Self::SessionsRefused
            | Self::ScriptKilled
            | Self::Deadline
            | Self::Other => Class::Answer,
        }
    }
}
