//! What is found and what the runbook says of it agree: whatever a finding offers is on its page.
use super::*;
use opsdeck::core::diagnose::{Fix, Whom, runbook, runbooks};
use opsdeck::core::plan::Action;
use std::collections::BTreeSet;

/// Steps that a finding has and its page does not.
pub(crate) fn left_out(d: &Diagnosis) -> Vec<String> {
    let mut out = Vec::new();
    for f in &d.findings {
        let book = runbook(f.cause).unwrap_or_else(|| panic!("no runbook of {}", f.cause));
        assert_eq!(book.title, f.title);
        assert!(!f.proof.zh.is_empty() && !f.proof.en.is_empty(), "{}: no proof", f.cause);
        let has = |action: &Action| {
            let same = |a: &Action| match (a, action) {
                // which of the two is due tells the night
                (Action::Backup { .. }, Action::Backup { .. }) => true,
                (a, b) => a == b,
            };
            book.acts.iter().any(same)
        };
        for step in &f.mend {
            let is_there = match &step.fix {
                Fix::Do(action) => has(action),
                // whoever reads it is meant by every page
                Fix::Call { whom: Whom::You, .. } | Fix::Wait { .. } => true,
                Fix::Call { whom, .. } => book.call.contains(whom),
            };
            if !is_there {
                out.push(format!("{}: {:?}", f.cause, step.fix));
            }
        }
    }
    out
}

#[test]
fn what_a_finding_offers_is_on_the_page_of_its_cause() {
    let (mut wrong, mut seen) = (BTreeSet::new(), BTreeSet::new());
    for named in opsdeck::demo::names() {
        for env in asking::ENVS {
            let (environment, look) = look(named.name, env, MORNING);
            let d = explained(&environment, &look);
            seen.extend(d.findings.iter().map(|f| f.cause));
            wrong.extend(left_out(&d));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(seen.len() > 18, "only {seen:?}");
}

#[test]
fn every_cause_has_its_page_and_no_page_is_there_twice() {
    let ids: Vec<&str> = runbooks().into_iter().map(|(id, _)| id).collect();
    let unique: BTreeSet<&str> = ids.iter().copied().collect();
    assert_eq!(unique.len(), ids.len());
    assert!(ids.len() >= 58 && ids.iter().all(|id| runbook(id).is_some()));
    assert!(runbook("no-such-cause").is_none());
}
