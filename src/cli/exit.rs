//! The exit codes of every command, in one place.
//!
//! | code | meaning |
//! | --- | --- |
//! | 0 | 正常: done, or everything that was asked about is good |
//! | 1 | 告警: works today, needs a person soon |
//! | 2 | 失败: something that was asked about is broken |
//! | 3 | 未知: something could not be checked |
//! | 4 | the command itself could not work: wrong arguments, configuration refused, no terminal, output not written |
//!
//! 0 to 3 are what monitoring plugins return; only `check`, `diagnose`, `doctor` and `config check` give 1 to 3. A crash of
//! the program gives 101 and says so.
//!
//! `bundle`: 0 written with all its parts, 3 written and parts are missing (the list in it says which), 4 nothing written.
//!
//! Commands that change a server, and `attach`:
//!
//! | code | meaning |
//! | --- | --- |
//! | 0 | done, and seen to be done (what is to be read about it is said as 告警); or nothing had to be done; or a dry run |
//! | 1 | refused: nothing was changed |
//! | 2 | failed: whether what was stopped runs again is said; in JSON `put_back`, and `backend_is_down` where it is down |
//! | 3 | not known, or still at work: `opsdeck attach` follows it |
//! | 4 | as above |
use crate::core::plan::told::Came;
use crate::core::state::State;
use std::process::ExitCode;

/// How a command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// It did its work, and this is what it found. [`State::Ok`] also for commands that look at nothing.
    Found(State),
    /// What became of an action.
    Came(Came),
    /// It could not work.
    Trouble,
}

impl Exit {
    /// It did its work.
    pub const DONE: Exit = Exit::Found(State::Ok);

    /// The number.
    pub fn code(self) -> u8 {
        match self {
            Exit::Found(state) => state.exit_code(),
            Exit::Came(Came::Done) => 0,
            Exit::Came(Came::Refused) => 1,
            Exit::Came(Came::Failed) => 2,
            Exit::Came(Came::Unknown) => 3,
            Exit::Trouble => 4,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> ExitCode {
        ExitCode::from(exit.code())
    }
}
