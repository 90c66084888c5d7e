//! What is told while an action is carried out, and what became of it.
use super::event::{self, Event, How};
use super::left::{self, Left};
use super::prove::Proof;
use super::script::RunName;
use super::{Action, Plan, Refusal};
use crate::core::state::State;
use crate::i18n::Text;
use crate::text;
use serde::Serialize;

/// One thing that is told, in the order in which it happens. After [`Told::Ended`] nothing comes.
#[derive(Clone, Debug, PartialEq)]
pub enum Told {
    /// The server is looked at once more before anything is done.
    Checking,
    /// The run has begun on the server, or has been found there: from now on it goes on whatever becomes of the link.
    Begun {
        /// Its name.
        run: RunName,
    },
    /// The run wrote something down.
    Events(Vec<Event>),
    /// The link is gone; the run goes on, and the link is tried again.
    Lost {
        /// Why.
        said: Text,
        /// After how many milliseconds it is tried again.
        again_ms: u64,
    },
    /// The link is there again.
    Back,
    /// The run is over; the server is looked at, to see what it did.
    Proving,
    /// It is over.
    Ended(Box<Outcome>),
}

/// What became of an action.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// Nothing had to be done.
    Nothing {
        /// Why.
        said: Text,
        /// What shows it.
        evidence: Vec<Text>,
    },
    /// Done, and a look has shown it. A proof that is 告警 is to be read.
    Done {
        /// What was seen.
        proofs: Vec<Proof>,
    },
    /// Refused: nothing was changed.
    Refused(Refusal),
    /// What was confirmed is no longer what would be done. Nothing was changed.
    Changed {
        /// What would be done now; nothing where there would be no plan at all.
        now: Option<Box<Plan>>,
        /// What is different.
        said: Text,
    },
    /// It did not work.
    Failed {
        /// Why, in plain words.
        said: Text,
        /// What to do now.
        next: Text,
        /// What it leaves behind.
        left: Left,
        /// What was seen afterwards.
        proofs: Vec<Proof>,
    },
    /// Whether it was done is not known, or it is still at work.
    Unknown {
        /// What is known.
        said: Text,
        /// How to find out.
        next: Text,
        /// The run, if it may have begun.
        run: Option<RunName>,
    },
}

/// How an outcome is kept and counted: the exit codes of the commands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Came {
    /// 0: done and proved, or nothing had to be done.
    Done,
    /// 1: refused, nothing was changed.
    Refused,
    /// 2: failed; the proofs say whether all was put back.
    Failed,
    /// 3: not known, or still at work.
    Unknown,
}

impl Outcome {
    /// What it comes to.
    pub fn came(&self) -> Came {
        match self {
            Outcome::Nothing { .. } | Outcome::Done { .. } => Came::Done,
            Outcome::Refused(_) | Outcome::Changed { .. } => Came::Refused,
            Outcome::Failed { .. } => Came::Failed,
            Outcome::Unknown { .. } => Came::Unknown,
        }
    }

    /// Its sign: what was done is 告警 when there is something to be read about it.
    pub fn state(&self) -> State {
        match self {
            Outcome::Done { proofs } if proofs.iter().any(|p| p.state == State::Warning) => State::Warning,
            Outcome::Nothing { .. } | Outcome::Done { .. } => State::Ok,
            Outcome::Refused(_) | Outcome::Changed { .. } => State::Warning,
            Outcome::Failed { .. } => State::Failed,
            Outcome::Unknown { .. } => State::Unknown,
        }
    }

    /// In one line.
    pub fn said(&self) -> Text {
        match self {
            Outcome::Done { proofs } => match proofs.iter().find(|p| p.state == State::Warning) {
                None => text!("已完成，并且看到了结果", "done, and seen to be done"),
                Some(proof) => proof.after.clone(),
            },
            Outcome::Refused(refusal) => refusal.said.clone(),
            Outcome::Nothing { said, .. }
            | Outcome::Changed { said, .. }
            | Outcome::Failed { said, .. }
            | Outcome::Unknown { said, .. } => said.clone(),
        }
    }
}

/// What a run that has ended came to, from what it wrote down and what a look saw afterwards. `proofs` is nothing when no
/// look could be taken.
pub fn outcome(action: &Action, events: &[Event], proofs: Option<Vec<Proof>>) -> Outcome {
    let Some((how, down)) = event::ended(events) else {
        return Outcome::Unknown {
            said: text!("这次操作没有留下结尾", "the run left no end"),
            next: text!("再检查一次，看服务器现在怎样", "check again and see how the server is now"),
            run: None,
        };
    };
    match how {
        How::Finished => finished(action, events, proofs),
        // nothing was done, and the backend that ran before does not run: that is no mere refusal
        How::Refused if down => {
            let Refusal { said, next, .. } = super::explain::refused(action, events);
            Outcome::Failed { said, next, left: left::of(action, events, None), proofs: Vec::new() }
        }
        How::Refused => Outcome::Refused(super::explain::refused(action, events)),
        // nothing is done before its beginning is written down
        How::Killed | How::Rebooted if !event::has_begun(events) => {
            Outcome::Refused(super::explain::never_began(how))
        }
        How::Failed | How::Killed | How::Rebooted => {
            // what was asked for may have begun all the same
            if let Some(outcome) = super::backup::broke_off(action, events, proofs.as_deref()) {
                return outcome;
            }
            let (said, next) = super::explain::failed(action, how, events);
            let left = left::of(action, events, proofs.as_deref());
            Outcome::Failed { said, next, left, proofs: proofs.unwrap_or_default() }
        }
    }
}

/// Every step worked: whether that did it, only a look can say.
fn finished(action: &Action, events: &[Event], proofs: Option<Vec<Proof>>) -> Outcome {
    let unknown = |said: Text| Outcome::Unknown {
        said,
        next: text!("再检查一次（F5，或 opsdeck check）", "check again (F5, or opsdeck check)"),
        run: None,
    };
    let Some(proofs) = proofs else {
        return unknown(text!(
            "每一步都做完了，但之后没能再看服务器一眼：结果未知",
            "every step has worked, but the server could not be looked at afterwards: not proved"
        ));
    };
    match super::prove::state(&proofs) {
        State::Ok => Outcome::Done { proofs },
        State::Unknown => unknown(text!(
            "每一步都做完了，但有一项结果看不到：未知",
            "every step has worked, but one of the results cannot be seen: not proved"
        )),
        // the name is gone, as was wished; who keeps the share is said
        State::Warning if *action == (Action::Unmount { lazy: true }) => Outcome::Done { proofs },
        State::Warning | State::Failed => Outcome::Failed {
            said: text!(
                "每一步都做完了，但结果不对",
                "every step has worked, but the result is not what it should be"
            ),
            next: text!("看下面的对比", "see before and after below"),
            left: Left { clean: false, ..left::of(action, events, Some(&proofs)) },
            proofs,
        },
    }
}
