//! An action that was confirmed on a server, and what was found there before it: the left side of before | after.
//! The right side is a look that was asked for after the action's end, and no other.
use super::{Server, diagnosis};
use crate::core::diagnose::Diagnosis;
use crate::core::plan::Action;
use crate::core::plan::told::Outcome;
use crate::core::units::EpochMs;
use crate::i18n::Text;

/// An action and what was found before it.
#[derive(Clone, Debug)]
pub struct Mended {
    /// What was confirmed.
    pub action: Action,
    /// What was found before.
    pub before: Box<Diagnosis>,
    /// When that was asked.
    pub asked: EpochMs,
    /// How far the action is.
    pub end: End,
}

/// How far it is.
#[derive(Clone, Debug, PartialEq)]
pub enum End {
    /// At work.
    Waiting,
    /// Over: what became of it, in a word or two, and when that was known.
    Over {
        /// The word.
        came: Text,
        /// When.
        at: EpochMs,
    },
    /// Whether it is over is not known: nothing can be put beside what was found before.
    Unknown,
}

impl Mended {
    /// What is known before something is done; nothing where nothing is.
    pub(in crate::core::console) fn begun(server: &Server, action: &Action, now: EpochMs) -> Option<Mended> {
        let asked = server.answer.as_ref()?.asked;
        let before = Box::new(diagnosis(server, now)?);
        Some(Mended { action: action.clone(), before, asked, end: End::Waiting })
    }

    /// Takes its end in. Where nothing was done there is nothing to compare.
    pub(in crate::core::console) fn ended(mut self, outcome: &Outcome, now: EpochMs) -> Option<Mended> {
        self.end = match outcome {
            Outcome::Done { .. } | Outcome::Failed { .. } => {
                End::Over { came: crate::core::console::deed::came(outcome), at: now }
            }
            Outcome::Unknown { .. } => End::Unknown,
            Outcome::Nothing { .. } | Outcome::Refused(_) | Outcome::Changed { .. } => return None,
        };
        Some(self)
    }

    /// It is followed once more.
    pub(in crate::core::console) fn again(self) -> Mended {
        Mended { end: End::Waiting, ..self }
    }

    /// It is over, and the last answer is of a look that was asked for after that.
    pub fn is_seen(&self, server: &Server) -> bool {
        let asked = server.answer.as_ref().map(|a| a.asked);
        matches!((&self.end, asked), (End::Over { at, .. }, Some(asked)) if asked >= *at)
    }
}

/// Before and after can be shown side by side.
pub(super) fn compared(server: &Server) -> Option<&Mended> {
    server.walk.mended.as_ref().filter(|m| m.is_seen(server))
}
