//! To the next line that has something: a hit, an error, a warning. Round the end, and saying so.
use super::{Hold, LogView};
use crate::core::log::buffer::Buffer;
use crate::core::log::index::Index;
use crate::core::log::pattern::Pattern;

/// What to go to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Aim {
    /// What is looked for.
    Hit,
    /// An error.
    Error,
    /// A warning.
    Warning,
}

/// What is to be said about the last key; the next one makes it go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Said {
    /// It went on at the other end: at the oldest line, or else at the newest.
    RoundTheEnd {
        /// At the oldest line.
        oldest: bool,
    },
    /// No line that is shown has it.
    None(Aim),
    /// It is still being looked for.
    Looking(Aim),
    /// Nothing was typed that could be looked for.
    NothingToFind,
    /// There is neither a filter nor a search.
    NothingToMatch,
}

/// Where to go.
#[derive(Clone, Copy, Debug)]
pub(super) struct Jump {
    aim: Aim,
    newer: bool,
    /// From this line on, itself included.
    from: u64,
    /// It was looked for up to the end already.
    round: bool,
}

impl LogView {
    /// Looks for something, or for nothing any more. Goes to the line nearest to the current one: while it follows, the
    /// newest one, and otherwise the next one.
    pub fn set_search(&mut self, buffer: &Buffer, search: Option<Pattern>) {
        let found = search.is_some();
        self.search = search;
        if !found && self.filter.is_none() {
            self.only = false;
        }
        self.look_again(buffer);
        if found {
            let newer = self.hold != Hold::Follow;
            let from = self.current(buffer).map_or(0, |line| line.number);
            self.jump = Some(Jump { aim: Aim::Hit, newer, from, round: false });
        }
    }

    /// Goes to the next line that has something, or to the one before.
    pub fn jump(&mut self, buffer: &Buffer, aim: Aim, newer: bool) {
        (self.jump, self.said) = (None, None);
        if aim == Aim::Hit && self.search.is_none() {
            self.said = Some(Said::NothingToFind);
            return;
        }
        let Some(here) = self.current(buffer).map(|line| line.number) else {
            self.said = Some(Said::None(aim));
            return;
        };
        // before the first line stands the last one
        let (from, round) = match (newer, here.checked_sub(1)) {
            (true, _) => (here + 1, false),
            (false, Some(before)) => (before, false),
            (false, None) => (u64::MAX - 1, true),
        };
        self.jump = Some(Jump { aim, newer, from, round });
        self.go_on(buffer);
    }

    /// Goes where it was to go, as soon as that is known.
    pub(super) fn go_on(&mut self, buffer: &Buffer) {
        while let Some(jump) = self.jump {
            let index = self.index(jump.aim);
            let found = match jump.newer {
                true => index.at_or_after(buffer, jump.from),
                false => index.at_or_before(buffer, jump.from),
            };
            match found {
                Err(_) => {
                    self.said = Some(Said::Looking(jump.aim));
                    return;
                }
                Ok(Some(line)) => {
                    (self.jump, self.said) = (None, None);
                    self.go_to(buffer, line);
                    self.said = jump.round.then_some(Said::RoundTheEnd { oldest: jump.newer });
                }
                Ok(None) if jump.round => {
                    (self.jump, self.said) = (None, Some(Said::None(jump.aim)));
                }
                Ok(None) => {
                    let from = if jump.newer { buffer.first() } else { u64::MAX - 1 };
                    self.jump = Some(Jump { from, round: true, ..jump });
                }
            }
        }
    }

    /// What is to be said about the last key.
    pub fn said(&self) -> Option<Said> {
        self.said
    }

    /// How many lines have it, as far as they were looked at.
    pub fn count(&self, aim: Aim) -> usize {
        self.index(aim).found().len()
    }

    /// Which of them the current line is, counted from 1.
    pub fn place(&self, buffer: &Buffer, aim: Aim) -> Option<usize> {
        let here = self.current(buffer)?.number;
        let index = self.index(aim);
        let before = index.before(here);
        (index.found().get(before) == Some(&here)).then_some(before + 1)
    }

    fn index(&self, aim: Aim) -> &Index {
        match aim {
            Aim::Hit => &self.hits,
            Aim::Error => &self.errors,
            Aim::Warning => &self.warnings,
        }
    }
}
