//! Two diagnoses side by side, one from before something was done and one from after it: what is gone, what is still
//! there, what is new. What could not be looked at afterwards is not gone.
use super::types::{CauseId, Diagnosis};
use crate::core::state::State;
use crate::i18n::Text;

/// What became of one trouble.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Became {
    /// It was there, and something shows that it is not any more.
    Gone,
    /// It was there, and is.
    Still,
    /// It was not there.
    New,
    /// It was there, and whether it still is could not be checked.
    Open,
}

/// One trouble, before and after.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Which cause.
    pub cause: CauseId,
    /// What it is called.
    pub name: Text,
    /// What became of it.
    pub became: Became,
    /// How bad that is now.
    pub state: State,
    /// What it is, in one line: now, or what it was; for one that is gone what shows that it is.
    pub says: Text,
}

/// A root cause or something below it.
struct Trouble<'a> {
    cause: CauseId,
    name: Text,
    state: State,
    says: &'a Text,
}

impl Trouble<'_> {
    /// The same trouble as in another look. Two that no cause accounts for are told apart by the check that they are of.
    fn is(&self, other: &Trouble<'_>) -> bool {
        let of = |t: &Trouble<'_>| t.says.zh.split('：').next().unwrap_or_default().to_owned();
        self.cause == other.cause && (!is_nameless(self.cause) || of(self) == of(other))
    }
}

/// Its title says nothing about what it is.
pub(crate) fn is_nameless(cause: CauseId) -> bool {
    cause == super::cause::other::ELSE.id
}

fn troubles(d: &Diagnosis) -> Vec<Trouble<'_>> {
    let name = |cause: CauseId, title: Text, says: &Text| match is_nameless(cause) {
        true => says.clone(),
        false => title,
    };
    let title = |cause| super::runbook(cause).map(|book| book.title).unwrap_or_default();
    let mut all = Vec::new();
    for f in &d.findings {
        let (cause, says) = (f.cause, &f.says);
        all.push(Trouble { cause, name: name(cause, f.title.clone(), says), state: f.state, says });
        all.extend(f.explains.iter().map(|c| {
            let (cause, says) = (c.cause, &c.says);
            Trouble { cause, name: name(cause, title(cause), says), state: c.state, says }
        }));
    }
    all
}

/// What became of everything that was found before, and what is new. What was there comes first, in its old order.
pub fn changes(before: &Diagnosis, after: &Diagnosis) -> Vec<Change> {
    let (then, now) = (troubles(before), troubles(after));
    let mut all: Vec<Change> = then.iter().map(|was| what_became(was, &now, after)).collect();
    let new = now.iter().filter(|t| !then.iter().any(|was| was.is(t)));
    all.extend(new.map(|t| Change {
        cause: t.cause,
        name: t.name.clone(),
        became: Became::New,
        state: t.state,
        says: t.says.clone(),
    }));
    all
}

fn what_became(was: &Trouble<'_>, now: &[Trouble<'_>], after: &Diagnosis) -> Change {
    let (cause, name) = (was.cause, was.name.clone());
    if let Some(is) = now.iter().find(|t| t.is(was)) {
        return Change { cause, name, became: Became::Still, state: is.state, says: is.says.clone() };
    }
    if let Some(out) = after.ruled_out.iter().find(|r| r.cause == cause) {
        let says = out.because.says.clone();
        return Change { cause, name, became: Became::Gone, state: State::Ok, says };
    }
    // it is not found any more; that shows something only where nothing was left unseen
    let (became, state) = match after.unchecked.is_empty() {
        true => (Became::Gone, State::Ok),
        false => (Became::Open, State::Unknown),
    };
    Change { cause, name, became, state, says: was.says.clone() }
}
