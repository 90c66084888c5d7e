//! The box of an action: what would be done, how it is confirmed, how it goes, and what became of it. The same for every
//! action: it is made from a [`Plan`] and from what is told of a run, and from nothing else.
//!
//! - [`Deed`]: the box, from the choice to the preview
//! - [`Run`]: what is at work on a server, whether its box is open or not
//! - [`page`]: the box as lines; `preview` and `ended` say the longer ones
//! - [`gone`]: what is said where the terminal is no more
//! - [`Typed`]: a password while it is typed; `write`: the write mode
mod ended;
mod gone;
mod page;
mod preview;
mod run;
mod typed;
pub mod write;

pub use ended::title as came;
pub use gone::gone;
pub use page::{DeedPage, Field, Line, page};
pub use run::{Run, Stage as RunStage, at_work, found, is_down};
pub use typed::Typed;

use super::msg::{Broken, RunId};
use crate::config::model::{EnvKey, SecretSource};
use crate::core::plan::{Action, Made, Plan, Refusal};
use crate::core::units::EpochMs;
use tui_input::Input;

/// A key counts when the box has been on the screen this long, and when this long has passed since the last key that came
/// too early: what was typed for another screen, or a key that is held down, confirms nothing.
pub const QUIET_MS: i64 = 300;

/// The box.
#[derive(Clone, Debug)]
pub struct Deed {
    /// The line of the menu that it was opened by.
    pub line: usize,
    /// What can be chosen. One that has no other needs no choice.
    pub choices: Vec<Action>,
    /// How far it is.
    pub stage: Stage,
    /// The exact commands are shown instead of what they do.
    pub commands: bool,
    /// Pages turned; only the drawing knows how many there are.
    pub page: i32,
    /// The chosen line where there is something to choose.
    pub pick: usize,
    /// What was typed of the environment's name.
    pub name: Input,
    /// The password that is typed here, where it is.
    pub password: Typed,
    /// It was typed to its end.
    pub has_password: bool,
}

/// How far a box is.
#[derive(Clone, Debug)]
pub enum Stage {
    /// Which of several?
    Choosing,
    /// The server is looked at.
    Asking {
        /// The question's number.
        run: RunId,
        /// Since when.
        since: EpochMs,
        /// What for.
        action: Action,
    },
    /// It could not be looked at.
    Unreachable {
        /// What for.
        action: Action,
        /// Why, and what to do.
        why: Box<Broken>,
    },
    /// What it would come to.
    Made {
        /// What for.
        action: Action,
        /// The question's number.
        run: RunId,
        /// What it would come to, by a look at `asked`.
        made: Box<Result<Made, Refusal>>,
        /// When it was asked.
        asked: EpochMs,
        /// Since when keys count: since it was drawn, or since the last one that came too early. Nothing before.
        quiet: Option<EpochMs>,
    },
    /// How the run of this environment goes, and what became of it.
    Running,
}

/// What is typed in a box.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Typing {
    /// The share's password.
    Password,
    /// The environment's name.
    Name,
}

impl Deed {
    /// A box for one of these.
    pub fn new(line: usize, choices: Vec<Action>) -> Deed {
        Deed {
            line,
            choices,
            stage: Stage::Choosing,
            commands: false,
            page: 0,
            pick: 0,
            name: Input::default(),
            password: Typed::default(),
            has_password: false,
        }
    }

    /// The plan that is previewed.
    pub fn plan(&self) -> Option<&Plan> {
        match &self.stage {
            Stage::Made { made, .. } => match made.as_ref() {
                Ok(Made::Plan(plan)) => Some(plan),
                _ => None,
            },
            _ => None,
        }
    }

    /// What it is about, once that is chosen.
    pub fn action(&self) -> Option<&Action> {
        match &self.stage {
            Stage::Choosing | Stage::Running => None,
            Stage::Asking { action, .. } | Stage::Unreachable { action, .. } | Stage::Made { action, .. } => {
                Some(action)
            }
        }
    }

    /// What is typed now; nothing where letters are keys.
    pub fn typing(&self, secret: Option<&SecretSource>) -> Option<Typing> {
        let plan = self.plan().filter(|_| !self.commands)?;
        if plan.needs_password && is_typed(secret) && !self.has_password {
            return Some(Typing::Password);
        }
        plan.asks_for_the_name().then_some(Typing::Name)
    }

    /// What can be chosen with a digit: one of several actions, or what can be done instead.
    pub fn picks(&self) -> &[Action] {
        match &self.stage {
            Stage::Choosing => &self.choices,
            Stage::Made { made, .. } if !self.commands => match made.as_ref() {
                Err(refusal) => &refusal.instead,
                Ok(_) => &[],
            },
            _ => &[],
        }
    }
}

/// The password is not kept anywhere: it is typed here, each time.
pub fn is_typed(secret: Option<&SecretSource>) -> bool {
    matches!(secret, None | Some(SecretSource::Prompt))
}

/// Whether what was typed is the environment's key or its name. Full-width letters are what they stand for, blanks around
/// it do not count, and neither do capitals.
pub fn is_name(key: &EnvKey, name: &str, typed: &str) -> bool {
    let folded = fold(typed);
    !folded.is_empty() && [key.0.as_str(), name].into_iter().any(|name| fold(name) == folded)
}

fn fold(text: &str) -> String {
    let meant = |c: char| match super::key::Key::char(c).meant().map(|k| k.code) {
        Some(super::key::Code::Char(c)) => c,
        _ => c,
    };
    text.trim().chars().map(meant).collect::<String>().trim().to_lowercase()
}
