//! What consoles have done and do on a server, as its folder of runs tells.
use crate::core::plan::script::RunName;
use crate::core::safetext::SafeText;
use crate::core::units::EpochMs;
use serde::Serialize;

/// One run of an action.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Run {
    /// Its name, here and in the journal of the workstation that began it.
    pub name: RunName,
    /// [`Action::id`](crate::core::plan::Action::id).
    pub action: SafeText,
    /// Who began it.
    pub operator: SafeText,
    /// When, by the server's clock.
    pub since: EpochMs,
    /// How it is.
    pub state: RunState,
}

/// How a run is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "run", rename_all = "snake_case")]
pub enum RunState {
    /// It is under way.
    AtWork,
    /// It has no processes, and nothing says how it ended: what it stopped may be down.
    Gone,
    /// It has ended.
    Ended {
        /// `finished`, `failed`, …; followed by `down` when something could not be started again.
        how: SafeText,
    },
}

/// Reads the lines. A line that is none is passed over: nothing is decided by the absence of a run.
pub fn parse(answer: &[u8]) -> Vec<Run> {
    let text = SafeText::lines(answer);
    text.iter().filter_map(|l| line(l.as_str())).collect()
}

fn line(line: &str) -> Option<Run> {
    let mut parts = line.split('|');
    let name = RunName::parse(parts.next()?)?;
    let (action, operator) = (SafeText::new(parts.next()?), SafeText::new(parts.next()?));
    let since: i64 = parts.next()?.parse().ok()?;
    let state = match parts.next()? {
        "at-work" => RunState::AtWork,
        "gone" => RunState::Gone,
        ended => RunState::Ended { how: SafeText::new(ended.strip_prefix("ended ")?) },
    };
    Some(Run { name, action, operator, since: EpochMs(since.checked_mul(1000)?), state })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_read_and_what_is_none_is_passed_over() {
        let said = b"1700000000-1f|mount|anna@desk|1700000000|at-work\n\
            ../x|mount|a|1|gone\n\
            2-a|unmount|b|5|ended failed down\n2-b|x|y|z|gone\n2-c|x|y|7|perhaps\n2-d|x|y|7|gone\n\xff\n";
        let runs = parse(said);
        let states: Vec<&RunState> = runs.iter().map(|r| &r.state).collect();
        let ended = RunState::Ended { how: SafeText::new("failed down") };
        assert_eq!(states, [&RunState::AtWork, &ended, &RunState::Gone]);
        assert_eq!(runs.first().unwrap().operator.as_str(), "anna@desk");
    }
}
