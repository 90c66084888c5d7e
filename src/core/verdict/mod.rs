//! The verdict: what a look means for an operator, one check a question, each with its evidence and the next step.
mod backend;
pub mod derived;
pub mod facts;
mod fate;
mod jobs;
mod mount;
mod night;
mod operations;
mod packs;
mod schedule;
mod server;
mod storage;
mod words;

use crate::config::model::{EnvKey, Environment, Role};
use crate::core::gap::Gap;
use crate::core::snapshot::Snapshot;
use crate::core::state::State;
use crate::core::units::EpochMs;
use crate::i18n::Text;
use crate::text;
use serde::Serialize;

pub(in crate::core) use backend::{crash_loops, is_of, just_booted};
pub use facts::Facts;
pub(in crate::core) use facts::{ago, kind_word};
pub(in crate::core) use fate::{Fate, Late, expired, fate, gives_way, last_good};
pub(in crate::core) use jobs::{proof, state_of_worker};
pub(in crate::core) use mount::{kernel, meaning};
pub(in crate::core) use packs::newest_full_is_lost;
pub(in crate::core) use server::odd_zone;
pub(in crate::core) use storage::{fullness, rooms};
pub(in crate::core) use words::{just_ended, lacking, not_copied, smaller, state_of};

/// One question and its answer.
#[derive(Clone, Debug, Serialize)]
pub struct Check {
    /// Its name for machines; stays the same from version to version.
    pub id: &'static str,
    /// What is checked.
    pub title: Text,
    /// What it came to.
    pub state: State,
    /// The answer in one line.
    pub summary: Text,
    /// What it rests on.
    pub evidence: Vec<Text>,
    /// What to do now, where there is something to do.
    pub next: Option<Text>,
}

/// What one look at one server came to.
#[derive(Clone, Debug, Serialize)]
pub struct Verdict {
    /// The environment.
    pub env: EnvKey,
    /// Its name for people.
    pub name: String,
    /// What it is for.
    pub role: Role,
    /// The address or alias that is dialled.
    pub host: String,
    /// The worst of all checks.
    pub state: State,
    /// The morning question in one line: is last night's backup on Windows?
    pub headline: Text,
    /// When the look was taken, by the workstation's clock.
    pub taken: EpochMs,
    /// How long it took, in milliseconds.
    pub took_ms: u64,
    /// The checks, the morning question first.
    pub checks: Vec<Check>,
    /// What they rest on; nothing if the server could not be asked.
    pub derived: Option<derived::Derived>,
}

/// A check by its id.
type Named = (&'static str, fn(&Facts) -> Check);

/// Every check, the morning question first.
const CHECKS: [Named; 18] = [
    ("night", night::night),
    ("mount", mount::host),
    ("container_mount", mount::container),
    ("share", storage::share),
    ("port", storage::port),
    ("room", storage::room),
    ("backend", backend::backend),
    ("schedule", schedule::schedule),
    ("live", jobs::live),
    ("lock", jobs::lock),
    ("last_full", packs::last_full),
    ("packs", packs::packs),
    ("disks", storage::disks),
    ("fstab", mount::fstab),
    ("services", backend::services),
    ("compose", backend::compose),
    ("clock", server::clock),
    ("server", server::server),
];

/// One check by its id, for a page that says the same in more detail.
pub fn check(facts: &Facts, id: &str) -> Option<Check> {
    CHECKS.iter().find(|(name, _)| *name == id).map(|(_, check)| check(facts))
}

/// Every check of a look, the morning question first.
pub(in crate::core) fn checks(facts: &Facts) -> Vec<Check> {
    let mut checks: Vec<Check> = CHECKS.iter().map(|(_, check)| check(facts)).collect();
    // only where there is something to say
    checks.extend(operations::operations(facts));
    checks
}

/// Judges a look. Total: whatever could not be checked is said as unknown.
pub fn judge(env: &Environment, snapshot: &Snapshot) -> Verdict {
    let facts = Facts::of(env, snapshot);
    let checks = checks(&facts);
    let state = State::of_all(checks.iter().map(|c| c.state));
    let headline = headline(&checks, state);
    Verdict {
        env: env.key.clone(),
        name: env.name.clone(),
        role: env.role.clone(),
        host: env.host.clone(),
        state,
        headline,
        taken: snapshot.taken,
        took_ms: snapshot.took_ms,
        checks,
        derived: Some(derived::of(&facts)),
    }
}

/// The night's answer; and where the whole is worse than the night, the first check that makes it so.
fn headline(checks: &[Check], state: State) -> Text {
    let Some(night) = checks.first() else { return Text::same("") };
    match checks.iter().find(|c| c.state == state).filter(|_| night.state != state) {
        None => night.summary.clone(),
        // what is not known says what it is that is not known
        Some(worst) if night.state == State::Unknown => Text {
            zh: format!("{}：{}；{}{}", worst.title.zh, worst.summary.zh, night.title.zh, night.summary.zh),
            en: format!("{}: {}; {} {}", worst.title.en, worst.summary.en, night.title.en, night.summary.en),
        },
        Some(worst) => Text {
            zh: format!("{}：{}；{}", worst.title.zh, worst.summary.zh, night.summary.zh),
            en: format!("{}: {}; {}", worst.title.en, worst.summary.en, night.summary.en),
        },
    }
}

impl Verdict {
    /// Says that the link was lost before the whole answer came: what came stands, and the whole is not known.
    pub fn cut_short(&mut self, summary: Text, hint: Text, detail: Text) {
        self.checks.push(link(summary, hint, detail));
        self.state = State::of_all([self.state, State::Unknown]);
        self.headline = headline(&self.checks, self.state);
    }
}

fn link(summary: Text, hint: Text, detail: Text) -> Check {
    Check::new("link", text!("连接", "link"), State::Unknown, summary)
        .evidence_of(Some(detail).filter(|d| !d.zh.is_empty()))
        .next(hint)
}

/// The verdict on a server that could not be asked: nothing is known, and the link says why.
pub fn unreachable(
    env: &Environment,
    summary: Text,
    hint: Text,
    detail: Text,
    taken: EpochMs,
    took_ms: u64,
) -> Verdict {
    let link = link(summary.clone(), hint, detail);
    Verdict {
        env: env.key.clone(),
        name: env.name.clone(),
        role: env.role.clone(),
        host: env.host.clone(),
        state: State::Unknown,
        headline: Text {
            zh: format!("无法检查：{}", summary.zh),
            en: format!("could not be checked: {}", summary.en),
        },
        taken,
        took_ms,
        checks: vec![link],
        derived: None,
    }
}

impl Check {
    fn new(id: &'static str, title: Text, state: State, summary: Text) -> Check {
        Check { id, title, state, summary, evidence: Vec::new(), next: None }
    }

    /// A check that could not be made.
    fn unknown(id: &'static str, title: Text, gap: &Gap) -> Check {
        let why = gap.text();
        let summary = Text {
            zh: format!("无法检查：{}", why.zh),
            en: format!("could not be checked: {}", why.en),
        };
        Check::new(id, title, State::Unknown, summary).next(gap.hint())
    }

    fn evidence(mut self, text: Text) -> Check {
        self.evidence.push(text);
        self
    }

    fn evidence_of(mut self, texts: impl IntoIterator<Item = Text>) -> Check {
        self.evidence.extend(texts);
        self
    }

    fn next(mut self, text: Text) -> Check {
        self.next = Some(text);
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_check_has_the_id_by_which_it_is_found() {
        let env = crate::config::model::example();
        let look = Snapshot::read(&env, "", "m", b"", EpochMs(0), 0);
        let facts = Facts::of(&env, &look);
        for (id, make) in CHECKS {
            assert_eq!(make(&facts).id, id);
        }
        assert!(check(&facts, "night").is_some() && check(&facts, "nights").is_none());
    }
}
