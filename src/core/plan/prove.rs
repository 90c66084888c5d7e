//! What a look says after an action, beside what one said before: success is what is seen, never an exit code alone.
use super::event::{self, Event, How};
use super::{Action, How as Do, backup, cancel, ghost, lock, services, share_proof};
use crate::core::state::State;
use crate::core::verdict::{self, Facts};
use crate::i18n::Text;
use serde::Serialize;

/// One thing that was looked at.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Proof {
    /// What.
    pub what: Text,
    /// How it was; nothing where no look was taken before.
    pub before: Option<Text>,
    /// How it is.
    pub after: Text,
    /// Whether that is what the action is for. *Unknown* proves nothing.
    pub state: State,
}

/// What is seen after an action. Nothing at all proves nothing.
pub fn prove(action: &Action, before: Option<&Facts>, after: &Facts, events: &[Event]) -> Vec<Proof> {
    let mut proofs = match action {
        Action::Mount { .. } => share_proof::mount(before, after, events),
        Action::Unmount { lazy } => share_proof::unmount(*lazy, before, after, events),
        Action::Services { which, how } => services::prove(*which, *how, before, after),
        Action::Backup { full } => backup::prove(*full, before, after, events),
        Action::Cancel { force } => cancel::prove(*force, before, after, events),
        Action::ClearLock => lock::prove_cleared(before, after, events),
        Action::PutLockBack(row) => lock::prove_put(row, before, after, events),
        Action::CloseGhost => ghost::prove(before, after, events),
    };
    // a share that was detached so that the backend could start: that it is gone is never left unsaid
    if event::fact(events, "detached").is_some() && !matches!(action, Action::Unmount { .. }) {
        let mount = of_check("mount", before, after);
        proofs.extend(mount.filter(|m| proofs.iter().all(|p| p.what != m.what)));
    }
    // a run that could not start again what it had stopped is no success, whatever else is seen; and how the backend is
    // after a run that broke off, a look says
    let stops = matches!(action, Action::Services { how: Do::Stop, .. });
    let ended = event::ended(events);
    let broke_off = ended.is_some_and(|(how, _)| !matches!(how, How::Finished | How::Refused));
    let may_be_down = ended.is_some_and(|(_, down)| down)
        || broke_off && event::fact(events, "backend_was").is_some_and(|was| was.starts_with("running"));
    if may_be_down && !stops {
        let backend = of_check("backend", before, after);
        proofs.extend(backend.filter(|b| proofs.iter().all(|p| p.what != b.what)));
    }
    proofs
}

/// Whether they show what the action is for.
pub fn state(proofs: &[Proof]) -> State {
    State::of_all(proofs.iter().map(|p| p.state))
}

/// Whether what was looked at is another than before; what was not seen before may be.
pub(super) fn changed(proof: &Proof) -> bool {
    !share_proof::is_try(proof) && proof.before.as_ref() != Some(&proof.after)
}

/// A check of the verdict, before and after.
pub(super) fn of_check(id: &str, before: Option<&Facts>, after: &Facts) -> Option<Proof> {
    let now = verdict::check(after, id)?;
    let was = before.and_then(|f| verdict::check(f, id));
    Some(Proof { what: now.title, before: was.map(|c| c.summary), after: now.summary, state: now.state })
}
