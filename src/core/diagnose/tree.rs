//! What comes from what: of everything that was found, the roots, with the rest hanging under them.
use super::cause::FULL;
use super::fix::{Fix, Mend};
use super::rule::{Found, Rule};
use super::scene::Scene;
use super::types::{CauseId, Certainty, Consequence, Evidence, Finding};
use crate::core::plan::{Action, How, Service};
use crate::core::state::State;
use crate::i18n::Text;
use crate::text;
use std::cmp::{Ordering, Reverse};

/// Everything that was found, in the order of the table, and what each comes from.
pub(super) struct Tree {
    all: Vec<(&'static Rule, Found)>,
    /// The place of what explains it; nothing for a root.
    parents: Vec<Option<usize>>,
}

impl Tree {
    /// Hangs each under the nearest cause that explains it and was found too.
    pub(super) fn of(mut all: Vec<(&'static Rule, Found)>) -> Tree {
        // what says nothing by itself goes where there is nothing to hang under; that may take the ground from another
        loop {
            let ids: Vec<CauseId> = all.iter().map(|(rule, _)| rule.id).collect();
            let before = all.len();
            all.retain(|(rule, f)| {
                !f.only_under || f.because_of.iter().any(|id| *id != rule.id && ids.contains(id))
            });
            if all.len() == before {
                break;
            }
        }
        let mut tree = Tree { all, parents: Vec::new() };
        tree.hang();
        // what only stands over others goes where there are none
        while let Some(n) = tree.all.iter().enumerate().position(|(n, (_, f))| f.only_over && !tree.bears(n))
        {
            tree.all.remove(n);
            tree.hang();
        }
        tree
    }

    fn hang(&mut self) {
        self.parents = (0..self.all.len()).map(|n| self.nearest(n)).collect();
    }

    /// Something hangs under it.
    fn bears(&self, n: usize) -> bool {
        self.parents.contains(&Some(n))
    }

    /// The same with more.
    pub(super) fn with(self, more: Vec<(&'static Rule, Found)>) -> Tree {
        let mut all = self.all;
        all.extend(more);
        Tree::of(all)
    }

    /// Whether a check of the verdict is accounted for: the night's by what became of it, any other by its causes.
    pub(super) fn covers(&self, check: &str) -> bool {
        let covers = |rule: &Rule, found: &Found| match check {
            "night" => found.is_the_night,
            other => rule.covers.contains(&other),
        };
        self.all.iter().any(|(rule, found)| covers(rule, found))
    }

    /// The worst of everything.
    pub(super) fn states(&self) -> impl Iterator<Item = State> + '_ {
        self.all.iter().map(|(_, found)| found.state)
    }

    /// The roots, the leading one first: that of the night, then the worst, then the surest, then as in the table.
    pub(super) fn findings(&self, s: &Scene) -> Vec<Finding> {
        let mut roots: Vec<usize> =
            (0..self.all.len()).filter(|n| self.parents.get(*n) == Some(&None)).collect();
        roots.sort_by_key(|n| {
            let sure = self.all.get(*n).map(|(_, f)| f.certainty);
            (Reverse(self.leads(*n)), Reverse(self.worst(*n)), Reverse(sure), *n)
        });
        roots.into_iter().filter_map(|n| self.finding(s, n)).collect()
    }

    fn position(&self, id: CauseId) -> Option<usize> {
        self.all.iter().position(|(rule, _)| rule.id == id)
    }

    /// One that leads back to itself explains nothing.
    fn nearest(&self, n: usize) -> Option<usize> {
        let (_, found) = self.all.get(n)?;
        let causes = found.because_of.iter().filter_map(|id| self.position(id));
        causes.into_iter().find(|p| *p != n && self.explains(*p) && !self.reaches(*p, n))
    }

    /// A disk or a share that is only nearly full keeps nothing from working, and an address that may only be translated on the
    /// way explains nothing.
    fn explains(&self, n: usize) -> bool {
        let only_if_failed = |id: &CauseId| FULL.contains(id) || *id == "wrong-server";
        self.all.get(n).is_some_and(|(rule, f)| !only_if_failed(&rule.id) || f.state == State::Failed)
    }

    /// Whether one cause names the other among what would explain it, however far up.
    fn reaches(&self, from: usize, to: usize) -> bool {
        let (mut seen, mut next) = (vec![from], vec![from]);
        while let Some(at) = next.pop() {
            let causes = self.all.get(at).map(|(_, f)| f.because_of.as_slice()).unwrap_or_default();
            for p in causes.iter().filter_map(|id| self.position(id)) {
                if p == to {
                    return true;
                }
                if !seen.contains(&p) {
                    seen.push(p);
                    next.push(p);
                }
            }
        }
        false
    }

    /// Everything below a cause: how far, and its place.
    fn below(&self, of: usize, depth: usize, out: &mut Vec<(usize, usize)>) {
        for (n, _) in self.parents.iter().enumerate().filter(|(_, p)| **p == Some(of)) {
            out.push((depth, n));
            self.below(n, depth + 1, out);
        }
    }

    /// A root and everything below it.
    fn family(&self, root: usize) -> Vec<(usize, usize)> {
        let mut all = vec![(0, root)];
        self.below(root, 1, &mut all);
        all
    }

    fn leads(&self, root: usize) -> bool {
        self.family(root).iter().any(|(_, n)| self.all.get(*n).is_some_and(|(_, f)| f.is_the_night))
    }

    fn worst(&self, root: usize) -> u8 {
        let states = self.family(root).into_iter().filter_map(|(_, n)| Some(self.all.get(n)?.1.state));
        states.map(weight).max().unwrap_or(0)
    }

    fn finding(&self, s: &Scene, root: usize) -> Option<Finding> {
        let (rule, found) = self.all.get(root)?;
        let explains = self.family(root).into_iter().skip(1).filter_map(|(depth, n)| {
            let (rule, found) = self.all.get(n)?;
            Some(Consequence {
                cause: rule.id,
                state: found.state,
                depth,
                says: found.says.clone(),
                evidence: found.evidence.clone(),
            })
        });
        let book = (rule.runbook)();
        let local = |at| s.time(at);
        let certainty = sure(s, found.certainty, &found.evidence);
        let leads = self.leads(root);
        let makes_up = |f: &Fix| matches!(f, Fix::Wait { .. } | Fix::Do(Action::Backup { .. }));
        let mut fixes = found.fixes.clone();
        let staying = self.family(root).into_iter().skip(1).filter_map(|(_, n)| Some(&self.all.get(n)?.1));
        for fix in staying.filter(|f| f.stays).flat_map(|f| &f.fixes) {
            let made_up = fixes.iter().any(makes_up);
            match fixes.iter().position(makes_up) {
                _ if fixes.contains(fix) || (makes_up(fix) && made_up) => {}
                // before what makes up for the night
                Some(at) => fixes.insert(at, fix.clone()),
                None => fixes.push(fix.clone()),
            }
        }
        // mending the cause does not make up for the night, unless the backend does
        if leads && s.night_lost() && !fixes.iter().any(makes_up) {
            fixes.push(s.backup());
        }
        // whatever a living backup would be ruined by, or would refuse, comes after its end
        if let Some(job) = s.at_work()
            && let Some(at) = fixes.iter().position(|fix| disturbs(s, fix))
            && !fixes.iter().take(at).any(|f| matches!(f, Fix::Wait { .. } | Fix::Do(Action::Cancel { .. })))
        {
            fixes.insert(at, s.wait_for(job));
        }
        Some(Finding {
            cause: rule.id,
            title: book.title,
            state: found.state,
            certainty,
            says: found.says.clone(),
            leads,
            evidence: found.evidence.clone(),
            against: found.against.clone(),
            explains: explains.collect(),
            would_prove: would_prove(s, found, certainty),
            mend: fixes.into_iter().map(|fix| Mend::of(fix, &s.f.env.key, &local)).collect(),
            proof: found.proof.clone().unwrap_or(book.proof),
            tells: found.tells,
        })
    }
}

/// What is refused while a backup lives. Where the share is in its place a mount only writes fstab, and that disturbs none.
fn disturbs(s: &Scene, fix: &Fix) -> bool {
    match fix {
        Fix::Do(Action::Backup { .. } | Action::Unmount { .. }) => true,
        Fix::Do(Action::Mount { .. }) => {
            s.state("mount") != State::Ok || s.state("container_mount") != State::Ok
        }
        _ => false,
    }
}

/// Nothing is proved by a question that had no answer.
fn sure(s: &Scene, certainty: Certainty, evidence: &[Evidence]) -> Certainty {
    let open = evidence.is_empty() || evidence.iter().any(|e| e.probe.gap(s.f).is_some());
    if open { certainty.min(Certainty::Likely) } else { certainty }
}

/// What would prove it, where it is not proved: what its rule says, or an answer to what had none.
fn would_prove(s: &Scene, found: &Found, certainty: Certainty) -> Option<Text> {
    if certainty == Certainty::Proved {
        return None;
    }
    let open = found.evidence.iter().find(|e| e.probe.gap(s.f).is_some()).map(|e| e.probe.word());
    let answer = |place: Text| Text {
        zh: format!("{}有应答之后再检查一次", place.zh),
        en: format!("another look, with an answer from: {}", place.en),
    };
    let otherwise = || text!("再检查一次，还是这样", "another look that shows the same");
    found.would_prove.clone().or_else(|| open.map(answer)).or_else(|| Some(otherwise()))
}

fn weight(state: State) -> u8 {
    match state {
        State::Failed => 3,
        State::Unknown => 2,
        State::Warning => 1,
        State::Ok => 0,
    }
}

/// All steps of what has to be mended for the night, in order: what is in the way first, and a backup last.
pub(super) fn steps(findings: &[Finding]) -> Vec<Mend> {
    // what is only a warning beside the trouble can wait
    let worst = findings.iter().map(|f| weight(f.state)).max().unwrap_or(0);
    let first = findings.iter().any(|f| f.leads);
    let mut meant: Vec<&Finding> =
        findings.iter().filter(|f| weight(f.state) == worst || (first && f.leads)).collect();
    // without Docker nothing is known of the backend, and nothing that concerns it can be done; without room nothing works for long
    meant.sort_by_key(|f| (f.cause != "docker-down", !FULL.contains(&f.cause)));
    if let [only] = meant.as_slice() {
        return only.mend.clone();
    }
    let is_backup = |m: &Mend| matches!(m.fix, Fix::Do(Action::Backup { .. }));
    // a backend that is started makes up for the night at once: without the share to no end, and the job that it begins would
    // be in the way of the mount
    let starts =
        |m: &Mend| matches!(m.fix, Fix::Do(Action::Services { which: Service::Backend, how: How::Start }));
    let mounts = |f: &&Finding| f.mend.iter().any(|m| matches!(m.fix, Fix::Do(Action::Mount { .. })));
    let last_mount = meant.iter().rposition(mounts);
    let (mut steps, mut held, mut backups, mut after) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for (place, finding) in meant.iter().enumerate() {
        // what is said after the backup is meant for when that does not do
        let at = finding.mend.iter().position(is_backup).unwrap_or(finding.mend.len());
        let start = finding.mend.iter().position(starts).filter(|_| last_mount > Some(place));
        for (n, step) in finding.mend.iter().enumerate() {
            let part: &mut Vec<Mend> = match n.cmp(&at) {
                Ordering::Less if start.is_some_and(|start| n >= start) => &mut held,
                Ordering::Less => &mut steps,
                Ordering::Equal => &mut backups,
                Ordering::Greater if is_backup(step) => &mut backups,
                Ordering::Greater => &mut after,
            };
            if !part.contains(step) {
                part.push(step.clone());
            }
        }
        if last_mount <= Some(place) {
            steps.append(&mut held);
        }
    }
    // where something else is mended too, the backend is not waited for in between
    let waits: Vec<Mend> = ends(findings).filter(|m| matches!(m.fix, Fix::Wait { .. })).cloned().collect();
    let (waits, steps): (Vec<Mend>, Vec<Mend>) = steps.into_iter().partition(|m| waits.contains(m));
    // a full one holds everything
    let full = backups.iter().find(|m| matches!(m.fix, Fix::Do(Action::Backup { full: true })));
    let last = match full.or(backups.first()) {
        Some(backup) => vec![backup.clone()],
        None => waits,
    };
    steps.into_iter().chain(last).chain(after).collect()
}

/// The last step of each that has more than one.
fn ends(findings: &[Finding]) -> impl Iterator<Item = &Mend> {
    findings.iter().filter(|f| f.mend.len() > 1).filter_map(|f| f.mend.last())
}
