//! What is told while an action is carried out, and what became of it.
use super::event::{self, Event, How};
use super::left::{self, Left};
use super::prove::Proof;
use super::script::RunName;
use super::{Action, Plan, Refusal};
use crate::core::state::State;
use crate::core::units::EpochMs;
use crate::core::verdict;
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

/// What a look saw when a run was over.
#[derive(Clone, Debug, PartialEq)]
pub struct Seen {
    /// When, by the server's clock.
    pub at: EpochMs,
    /// What.
    pub proofs: Vec<Proof>,
}

/// A look that is so much younger than a run's end sees a server on which others may have worked since: what is not as the run left
/// it says nothing of the run.
const LATE_MS: i64 = 600_000;

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
        /// Nobody will ever know more: the server has forgotten it, or has told its end long ago and still does not show what came of
        /// it. It is not asked for again.
        is_lost: bool,
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

/// What a run that has ended came to, from what it wrote down and what a look saw afterwards. `seen` is nothing when no
/// look could be taken.
pub fn outcome(action: &Action, events: &[Event], seen: Option<Seen>) -> Outcome {
    let late_ms = seen.as_ref().and_then(|seen| late_ms(events, seen));
    let mut outcome = judged(action, events, seen.map(|s| s.proofs), late_ms);
    if let Outcome::Unknown { is_lost, .. } = &mut outcome {
        *is_lost = late_ms.is_some();
    }
    outcome
}

/// How long after the run's end the look was taken, where that is so long that it says little of the run.
fn late_ms(events: &[Event], seen: &Seen) -> Option<i64> {
    let end = events.iter().rev().find(|e| matches!(e.what, event::What::End { .. }))?;
    Some(seen.at.since(end.at)).filter(|late| *late > LATE_MS)
}

fn judged(action: &Action, events: &[Event], proofs: Option<Vec<Proof>>, late_ms: Option<i64>) -> Outcome {
    let Some((how, down)) = event::ended(events) else {
        return Outcome::Unknown {
            said: text!("这次操作没有留下结尾", "the run left no end"),
            next: text!("再检查一次，看服务器现在怎样", "check again and see how the server is now"),
            run: None,
            is_lost: false,
        };
    };
    match (how, late_ms, proofs) {
        // one that left the backend down has failed then, whatever came later
        (How::Finished, Some(late_ms), Some(proofs)) if !down => seen_late(late_ms, proofs),
        (how, _, proofs) => judged_now(action, events, how, down, proofs),
    }
}

fn judged_now(
    action: &Action,
    events: &[Event],
    how: How,
    down: bool,
    proofs: Option<Vec<Proof>>,
) -> Outcome {
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

fn not_proved(said: Text) -> Outcome {
    Outcome::Unknown {
        said,
        next: text!("再检查一次（F5，或 opsdeck check）", "check again (F5, or opsdeck check)"),
        run: None,
        is_lost: false,
    }
}

fn one_cannot_be_seen() -> Outcome {
    not_proved(text!(
        "每一步都做完了，但有一项结果看不到：未知",
        "every step has worked, but one of the results cannot be seen: not proved"
    ))
}

/// Every step worked, long before the look. What is as it was meant to be proves it all the same; what is not may be somebody's
/// later work, so it is to be read and is no failure.
fn seen_late(late_ms: i64, mut proofs: Vec<Proof>) -> Outcome {
    match super::prove::state(&proofs) {
        State::Ok => return Outcome::Done { proofs },
        State::Unknown => return one_cannot_be_seen(),
        State::Warning | State::Failed => {}
    }
    for proof in proofs.iter_mut().filter(|p| p.state == State::Failed) {
        proof.state = State::Warning;
    }
    let Text { zh, en } = verdict::ago(late_ms);
    proofs.insert(
        0,
        Proof {
            what: text!("这次操作", "this run"),
            before: None,
            after: Text {
                zh: format!("每一步都做完了，{zh}就结束了；现在看到的是后来的样子，可能有人又动过"),
                en: format!(
                    "every step worked, and it ended {en}; what is seen now is later, and somebody may have done something since"
                ),
            },
            state: State::Warning,
        },
    );
    Outcome::Done { proofs }
}

/// Every step worked: whether that did it, only a look can say.
fn finished(action: &Action, events: &[Event], proofs: Option<Vec<Proof>>) -> Outcome {
    let Some(proofs) = proofs else {
        return not_proved(text!(
            "每一步都做完了，但之后没能再看服务器一眼：结果未知",
            "every step has worked, but the server could not be looked at afterwards: not proved"
        ));
    };
    match super::prove::state(&proofs) {
        State::Ok => Outcome::Done { proofs },
        State::Unknown => one_cannot_be_seen(),
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::plan::{How as Do, Service};

    const END_MS: i64 = 1_700_000_000_000;

    fn judged(lines: &[&str], late_ms: i64, state: State) -> Outcome {
        let events: Vec<Event> =
            lines.iter().map(|l| event::event(format!("1700000000 {l}").as_bytes())).collect();
        let stop = Action::Services { which: Service::Frontend, how: Do::Stop };
        let proof =
            Proof { what: Text::same("x"), before: None, after: Text::same("it is otherwise"), state };
        let seen = Seen { at: EpochMs(END_MS + late_ms), proofs: vec![proof] };
        outcome(&stop, &events, Some(seen))
    }

    const WORKED: &[&str] = &["begin", "step 1", "done 1", "finished", "end finished"];

    #[test]
    fn a_late_look_shows_that_it_worked_and_never_that_it_did_not() {
        for (state, at_once, late) in [
            (State::Ok, State::Ok, State::Ok),
            (State::Warning, State::Failed, State::Warning),
            (State::Failed, State::Failed, State::Warning),
            (State::Unknown, State::Unknown, State::Unknown),
        ] {
            assert_eq!(judged(WORKED, LATE_MS, state).state(), at_once, "{state:?}");
            let later = judged(WORKED, 3 * 86_400_000, state);
            assert_eq!(later.state(), late, "{state:?}");
            if late == State::Warning {
                let said = later.said();
                assert!(said.en.contains("every step worked") && said.en.contains("3 days ago"), "{said:?}");
                assert!(matches!(&later, Outcome::Done { proofs } if proofs.len() == 2), "{later:?}");
            }
        }
    }

    #[test]
    fn what_failed_then_has_failed_however_late_it_is_read() {
        let day = 86_400_000;
        let failed = ["begin", "step 1", "fail 1 7", "end failed"];
        assert_eq!(judged(&failed, day, State::Ok).came(), Came::Failed);
        let down = ["begin", "step 1", "done 1", "finished", "end finished down"];
        assert_eq!(judged(&down, day, State::Failed).came(), Came::Failed);
    }

    #[test]
    fn what_a_late_look_cannot_see_is_not_asked_for_again() {
        let is_lost = |o: &Outcome| matches!(o, Outcome::Unknown { is_lost: true, .. });
        assert!(is_lost(&judged(WORKED, LATE_MS + 1, State::Unknown)));
        assert!(!is_lost(&judged(WORKED, LATE_MS, State::Unknown)), "the next look may see it");
    }
}
