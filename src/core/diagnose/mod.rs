//! Guided diagnosis: why is there no new backup on Windows this morning?
//!
//! One look (and an earlier one, if there is one) becomes a [`Diagnosis`]: the root causes with their evidence, what hangs
//! under each, what was ruled out, what could not be checked, what happened in the night, and the steps that mend it.
//!
//! A cause is a `Rule`: one look at the `Scene` says that it is so, that it is not, or
//! nothing. `tree` puts what was found under what explains it, so that one trouble is one finding. `net` stands below
//! the rules: a check of the verdict that is broken and that no cause accounts for becomes a finding of its own, and
//! one that is unknown is always said. Nothing is proved by a question that had no answer.
//!
//! To add a cause: a file in `cause/` (its rule and its runbook) and its line in the table of `cause/mod.rs`.
mod cause;
pub mod change;
pub mod fix;
mod headline;
mod net;
mod night;
pub mod probe;
pub mod render;
mod rule;
pub mod runbook;
mod scene;
pub mod timeline;
mod tree;
mod types;

pub use fix::{Fix, Mend, Whom};
pub use night::diagnose_night;
pub use probe::Probe;
pub use runbook::{Family, Runbook};
pub use types::{
    Backup, CauseId, Certainty, Consequence, Diagnosis, Evidence, Finding, RuledOut, Slot, Unchecked,
};

use crate::config::model::Environment;
use crate::core::safetext::SafeText;
use crate::core::snapshot::Snapshot;
use crate::core::state::State;
use crate::core::units::EpochMs;
use crate::core::verdict::{Facts, Fate, checks, fate};
use crate::i18n::Text;
use crate::text;
use rule::Ruling;
use scene::Scene;
use tree::Tree;

/// What an operator should know about every cause, by its id: a family after the other.
pub fn runbooks() -> Vec<(CauseId, Runbook)> {
    let mut all: Vec<_> = cause::RULES.iter().map(|rule| (rule.id, (rule.runbook)())).collect();
    all.sort_by_key(|(_, book)| Family::ALL.iter().position(|f| *f == book.family));
    all
}

/// What an operator should know about a cause.
pub fn runbook(id: &str) -> Option<Runbook> {
    cause::RULES.iter().find(|rule| rule.id == id).map(|rule| (rule.runbook)())
}

/// Explains last night. `earlier` is an older look at the same server; `now` is the workstation's time, from which the age
/// of the evidence counts. Total: what could not be checked is said.
pub fn diagnose(env: &Environment, look: &Snapshot, earlier: Option<&Snapshot>, now: EpochMs) -> Diagnosis {
    let facts = Facts::of(env, look);
    let checks = checks(&facts);
    let scene = Scene { f: &facts, fate: fate(&facts), checks, earlier, now };
    let mut diagnosis = explain(&scene, |_| true);
    diagnosis.timeline = timeline::of_last_night(&facts);
    diagnosis
}

/// Every rule that is asked, then what comes from what, then what nobody explained.
fn explain(s: &Scene, asked: impl Fn(CauseId) -> bool) -> Diagnosis {
    let mut found = Vec::new();
    let mut out = Vec::new();
    for rule in cause::RULES.iter().copied().filter(|r| asked(r.id)) {
        match (rule.look)(s) {
            Ruling::Found(one) => found.push((rule, *one)),
            Ruling::Out(because) => out.push((rule, because)),
            Ruling::Open => {}
        }
    }
    let mut tree = Tree::of(found);
    let rest = net::unexplained(s, &tree);
    tree = tree.with(rest);
    let findings = tree.findings(s);
    let unchecked = net::unchecked(s);
    let open = (!unchecked.is_empty()).then_some(State::Unknown);
    let states: Vec<State> = tree.states().chain(open).collect();
    let state = if states.is_empty() { State::Ok } else { State::of_all(states) };
    let ruled_out = out
        .into_iter()
        .filter(|(_, because)| because.probe.gap(s.f).is_none())
        .map(|(rule, because)| RuledOut { cause: rule.id, title: (rule.runbook)().title, because })
        .collect();
    let f = s.f;
    Diagnosis {
        env: f.env.key.clone(),
        name: f.env.name.clone(),
        role: f.env.role.clone(),
        host: f.env.host.clone(),
        night: None,
        state,
        headline: headline::of(s, &findings, &unchecked),
        slot: f.slot.as_ref().map(|slot| Slot { due: slot.due, kind: slot.kind.clone() }),
        backup: backup(s),
        findings,
        ruled_out,
        unchecked,
        timeline: Vec::new(),
        zone_s: f.zone_s,
        taken: f.look.taken,
        compared: s.earlier.map(|look| look.taken),
        took_ms: f.look.took_ms,
    }
}

/// The night's pack on the share, as Windows and the server have it.
fn backup(s: &Scene) -> Option<Backup> {
    let (job, pack, whole) = match &s.fate {
        Fate::There { job, pack } => (job, pack, true),
        Fate::Shrunk { job, pack, .. } | Fate::Incomplete { job, pack, .. } => (job, pack, false),
        _ => return None,
    };
    let env = s.f.env;
    let path = format!("{}/{}", env.paths.pack_folder, pack.path);
    let inside = crate::core::probe::containers::under(&path, &env.paths.mount_point);
    let windows = env.share.windows_path.as_ref().zip(inside).map(|(folder, rest)| {
        SafeText::new(&format!("{}{}", folder.trim_end_matches('\\'), rest.replace('/', "\\")))
    });
    let bytes = pack.bytes();
    Some(Backup { job: job.id, path: SafeText::new(&path), windows_path: windows, bytes, whole })
}

/// A server that could not be asked: nothing is known, and the link says why.
pub fn unreachable(env: &Environment, what: Text, hint: Text, now: EpochMs, took_ms: u64) -> Diagnosis {
    let why = what.clone();
    Diagnosis {
        env: env.key.clone(),
        name: env.name.clone(),
        role: env.role.clone(),
        host: env.host.clone(),
        night: None,
        state: State::Unknown,
        headline: headline::unreachable(&what),
        slot: None,
        backup: None,
        findings: Vec::new(),
        ruled_out: Vec::new(),
        unchecked: vec![headline::link(why, hint)],
        timeline: Vec::new(),
        zone_s: None,
        taken: now,
        compared: None,
        took_ms,
    }
}

impl Diagnosis {
    /// Says that the link was lost before the whole answer came: what came stands, and the rest is not known.
    pub fn cut_short(&mut self, what: Text, hint: Text) {
        self.unchecked.insert(0, headline::link(what, hint));
        self.state = State::of_all([self.state, State::Unknown]);
    }

    /// Says that a second look was to show whether a backup moves, and did not come to its end: what the first one showed
    /// stands.
    pub fn second_look_failed(&mut self, why: Text, hint: Text) {
        let what = text!(
            "第二次检查（备份有没有在动）",
            "the second look, which was to show whether the backup moves"
        );
        self.unchecked.insert(0, Unchecked { what, why, hint, decides: true });
        self.state = State::of_all([self.state, State::Unknown]);
    }

    /// All steps in order: what is in the way first, a backup last. Empty where nothing is to be done.
    pub fn steps(&self) -> Vec<Mend> {
        tree::steps(&self.findings)
    }

    /// The steps that a finding is shown with, by its place. The leading one has all of [`Diagnosis::steps`]: what another
    /// finding needs may have to come first.
    pub fn steps_of(&self, at: usize) -> Vec<Mend> {
        match at {
            0 => self.steps(),
            _ => self.findings.get(at).map(|f| f.mend.clone()).unwrap_or_default(),
        }
    }
}
