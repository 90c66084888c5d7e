//! Numbers that must not be mixed up.
use serde::Serialize;
use std::fmt;

/// Milliseconds since 1970-01-01 UTC.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct EpochMs(pub i64);

impl EpochMs {
    /// Milliseconds from `earlier` to this; negative when this is the earlier one.
    pub fn since(self, earlier: EpochMs) -> i64 {
        self.0.saturating_sub(earlier.0)
    }

    /// This moment moved by milliseconds.
    pub fn plus_ms(self, ms: i64) -> EpochMs {
        EpochMs(self.0.saturating_add(ms))
    }
}

/// A number of bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct Bytes(pub u64);

impl fmt::Display for Bytes {
    /// As `df -h` says it, one decimal: `512 B`, `1.5 KiB`, `6.2 GiB`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const UNITS: [&str; 5] = ["KiB", "MiB", "GiB", "TiB", "PiB"];
        if self.0 < 1024 {
            return write!(f, "{} B", self.0);
        }
        let mut value = self.0 as f64 / 1024.0;
        let mut unit = "KiB";
        for next in UNITS.iter().skip(1) {
            // 1023.95 would print as 1024.0
            if value < 1023.95 {
                break;
            }
            value /= 1024.0;
            unit = next;
        }
        write!(f, "{value:.1} {unit}")
    }
}

/// The `id` of a row of `backup_jobs`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct JobId(pub i64);

impl fmt::Display for JobId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_read_as_df_says_them() {
        let said: Vec<String> =
            [0, 1023, 1024, 1536, 1_048_575, 6_657_199_309].map(|b| Bytes(b).to_string()).into();
        assert_eq!(said, ["0 B", "1023 B", "1.0 KiB", "1.5 KiB", "1.0 MiB", "6.2 GiB"]);
    }
}
