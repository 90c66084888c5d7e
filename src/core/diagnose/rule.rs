//! What a rule is, what it says of one look, and what is told about its cause.
use super::fix::Fix;
use super::runbook::Runbook;
use super::scene::Scene;
use super::types::{CauseId, Certainty, Evidence};
use crate::core::state::State;
use crate::i18n::Text;

/// One cause: how it is recognised, and what is to be known about it.
pub(super) struct Rule {
    /// The cause.
    pub(super) id: CauseId,
    /// The checks of the verdict whose trouble is accounted for when this cause is found; that of the night is by
    /// [`Found::is_the_night`].
    pub(super) covers: &'static [&'static str],
    /// Whether it is what a look shows.
    pub(super) look: fn(&Scene) -> Ruling,
    /// What an operator should know about it.
    pub(super) runbook: fn() -> Runbook,
}

/// What a rule says.
pub(super) enum Ruling {
    /// It is so.
    Found(Box<Found>),
    /// It is not so, and this is what shows it.
    Out(Evidence),
    /// The question does not arise, or what would answer it is not known.
    Open,
}

/// A cause that was found, before it is known what comes from what.
pub(super) struct Found {
    pub(super) state: State,
    pub(super) certainty: Certainty,
    pub(super) says: Text,
    pub(super) evidence: Vec<Evidence>,
    pub(super) against: Vec<Evidence>,
    /// Causes that would explain this one, the nearest first.
    pub(super) because_of: Vec<CauseId>,
    pub(super) would_prove: Option<Text>,
    pub(super) fixes: Vec<Fix>,
    /// What is to be seen when it is mended, where more can be said than its runbook says.
    pub(super) proof: Option<Text>,
    /// It is what became of the night itself.
    pub(super) is_the_night: bool,
    /// Its words say what became of the night, so that nothing has to be added.
    pub(super) tells: bool,
    /// It says nothing by itself, only what came of another cause.
    pub(super) only_under: bool,
    /// It says nothing by itself, only why others are so for now.
    pub(super) only_over: bool,
    /// Its steps are still to be done when what explains it is mended.
    pub(super) stays: bool,
}

impl Found {
    pub(super) fn new(state: State, certainty: Certainty, says: Text) -> Found {
        Found {
            state,
            certainty,
            says,
            evidence: Vec::new(),
            against: Vec::new(),
            because_of: Vec::new(),
            would_prove: None,
            fixes: Vec::new(),
            proof: None,
            is_the_night: false,
            tells: false,
            only_under: false,
            only_over: false,
            stays: false,
        }
    }

    /// What speaks for it.
    pub(super) fn by(mut self, evidence: impl IntoIterator<Item = Evidence>) -> Found {
        self.evidence.extend(evidence);
        self
    }

    /// What speaks against it.
    pub(super) fn against(mut self, evidence: impl IntoIterator<Item = Evidence>) -> Found {
        self.against.extend(evidence);
        self
    }

    /// Causes that would explain it, the nearest first.
    pub(super) fn because_of(mut self, causes: &[CauseId]) -> Found {
        self.because_of.extend(causes);
        self
    }

    pub(super) fn would_prove(mut self, text: Text) -> Found {
        self.would_prove = Some(text);
        self
    }

    /// The next step.
    pub(super) fn fix(mut self, fix: Fix) -> Found {
        self.fixes.push(fix);
        self
    }

    /// What is to be seen when it is mended, in more words than its runbook has.
    pub(super) fn proof(mut self, text: Text) -> Found {
        self.proof = Some(text);
        self
    }

    pub(super) fn night(mut self, yes: bool) -> Found {
        self.is_the_night = yes;
        self
    }

    /// It is what became of the night, and says so.
    pub(super) fn tells_the_night(mut self, yes: bool) -> Found {
        (self.is_the_night, self.tells) = (yes, yes);
        self
    }

    pub(super) fn only_under(mut self) -> Found {
        self.only_under = true;
        self
    }

    pub(super) fn only_over(mut self, yes: bool) -> Found {
        self.only_over = yes;
        self
    }

    /// Mending its cause does not mend it: its own steps come after.
    pub(super) fn stays(self) -> Found {
        self.stays_if(true)
    }

    /// The same, where this is so.
    pub(super) fn stays_if(mut self, yes: bool) -> Found {
        self.stays = yes;
        self
    }

    pub(super) fn ruling(self) -> Ruling {
        Ruling::Found(Box::new(self))
    }
}
