//! The forms in which a verdict leaves the console.
pub mod json;
pub mod nagios;
pub mod prometheus;
pub mod text;

use crate::core::snapshot::Snapshot;
use crate::core::verdict::Verdict;

/// What was found out about one environment.
#[derive(Debug)]
pub struct Report {
    /// What it means.
    pub verdict: Verdict,
    /// What it rests on; nothing if the server could not be asked.
    pub snapshot: Option<Snapshot>,
    /// The kind of trouble with the link, if there was some: a stable word.
    pub link_error: Option<&'static str>,
}

#[cfg(test)]
pub(crate) mod samples {
    use super::Report;
    use crate::config::model::example;
    use crate::core::snapshot::Snapshot;
    use crate::core::units::EpochMs;
    use crate::core::verdict;
    use crate::text;

    /// A server whose whole answer was noise: every check is unknown.
    pub(crate) fn noise() -> Report {
        let env = example();
        let snapshot = Snapshot::read(&env, "", "m", b"noise", EpochMs(1_769_900_000_000), 1500);
        Report { verdict: verdict::judge(&env, &snapshot), snapshot: Some(snapshot), link_error: None }
    }

    /// A server that could not be reached.
    pub(crate) fn unreachable() -> Report {
        let (said, hint) = (text!("连不上", "cannot connect"), text!("检查网络", "check the network"));
        let verdict = verdict::unreachable(
            &example(),
            said,
            hint,
            text!("被拒绝|\"x\"", "refused|\"x\""),
            EpochMs(1_769_900_000_000),
            20,
        );
        Report { verdict, snapshot: None, link_error: Some("refused") }
    }
}
