//! Logs of a server: lines as they come in, kept within bounds, filtered and searched. Pure.
//!
//! A log is followed by one long-lived script; when the link or the container goes, the next one starts from the
//! [`Mark`] of the last line that came, so that no line is missed or shown twice.
pub mod buffer;
mod chunk;
pub mod filter;
pub mod index;
pub mod layout;
pub mod level;
pub mod line;
pub mod note;
pub mod pattern;
pub mod remark;
pub mod resume;
pub mod save;
pub mod shown;
pub mod stamp;
pub mod view;
use crate::core::safetext::SafeText;
use crate::core::units::EpochMs;

/// Which log.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Source {
    /// What a container printed, by the container's name (`docker logs`).
    Container(String),
    /// The journal of one systemd unit: `docker.service`.
    Unit(String),
    /// The whole system journal.
    Journal,
}

/// Nanoseconds since 1970-01-01 UTC, by the server's clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Nanos(pub i64);

/// A line of a log, as it came in and made safe.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Incoming {
    /// When it was written; nothing if the line does not say it.
    pub at: Option<Nanos>,
    /// Its place in the journal, by which the journal goes on exactly; container logs have none.
    pub cursor: Option<String>,
    /// What it says.
    pub text: SafeText,
    /// Bytes of it that were cut off before they came here.
    pub cut: u64,
}

/// Where to begin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum From {
    /// With the last so many lines.
    Tail(u32),
    /// With what was written since a moment, by the server's clock.
    Since(EpochMs),
    /// Where it was left.
    After(Mark),
}

/// The last line that came: what was written at that very moment comes again and is told apart by its text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Mark {
    /// The time of a container's last line, inclusive.
    At(Nanos),
    /// The journal's own mark, exclusive.
    Cursor(String),
}
