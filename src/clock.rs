//! The only place that asks for the time. Everything else takes it as an argument.
use crate::core::units::EpochMs;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

/// The workstation's wall clock, in milliseconds since 1970 (0 before that).
#[allow(clippy::disallowed_methods)]
pub fn now() -> EpochMs {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    EpochMs(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}

/// The workstation's offset from UTC, in seconds, east positive; 0 where its zone is not known.
#[allow(clippy::disallowed_methods)]
pub fn zone_s() -> i32 {
    jiff::Zoned::now().offset().seconds()
}

/// The workstation's monotonic clock, for deadlines and durations.
#[allow(clippy::disallowed_methods)]
pub fn tick() -> Instant {
    Instant::now()
}

/// The clock of tokio's timers, for deadlines that are awaited: a test can pause it.
pub fn timer() -> tokio::time::Instant {
    tokio::time::Instant::now()
}
