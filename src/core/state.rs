//! The four states that anything checked can be in.
use crate::i18n::Text;
use crate::text;
use serde::{Deserialize, Serialize};

/// 正常 告警 失败 未知. *Unknown* is a state of its own and never green.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// Checked, and good.
    Ok,
    /// Checked: works today, needs a person soon.
    Warning,
    /// Checked, and broken.
    Failed,
    /// Could not be checked.
    Unknown,
}

impl State {
    /// The exit code of a command that reports this state (the convention of monitoring plugins).
    pub fn exit_code(self) -> u8 {
        match self {
            State::Ok => 0,
            State::Warning => 1,
            State::Failed => 2,
            State::Unknown => 3,
        }
    }

    /// The state of a whole: failed if any part is, else unknown if any part is, else warning, else ok.
    /// Nothing checked is unknown.
    pub fn of_all(parts: impl IntoIterator<Item = State>) -> State {
        parts.into_iter().max_by_key(|s| s.weight()).unwrap_or(State::Unknown)
    }

    fn weight(self) -> u8 {
        match self {
            State::Ok => 0,
            State::Warning => 1,
            State::Unknown => 2,
            State::Failed => 3,
        }
    }

    /// The word an operator reads.
    pub fn word(self) -> Text {
        match self {
            State::Ok => text!("正常", "OK"),
            State::Warning => text!("告警", "WARNING"),
            State::Failed => text!("失败", "FAILED"),
            State::Unknown => text!("未知", "UNKNOWN"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::State::*;
    use super::*;

    #[test]
    fn a_whole_is_never_better_than_what_could_not_be_checked() {
        assert_eq!(State::of_all([Ok, Unknown, Warning]), Unknown);
        assert_eq!(State::of_all([Ok, Warning]), Warning);
        assert_eq!(State::of_all([Unknown, Failed]), Failed);
        assert_eq!(State::of_all([Ok, Ok]), Ok);
        assert_eq!(State::of_all([]), Unknown);
    }
}
