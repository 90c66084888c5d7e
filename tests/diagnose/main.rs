//! The guided diagnosis: of every built-in scenario, of answers captured from servers, of troubles put together, of anything.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
mod alone;
#[path = "../demo/asking.rs"]
#[allow(dead_code)]
mod asking;
mod captured;
mod command;
mod composed;
mod each;
mod full;
mod golden;
mod healthy;
mod in_the_way;
mod in_time;
mod keys;
mod layers;
mod nights;
mod property;
mod runbooks;
mod second_look;
mod silence;
mod table;
mod two_looks;
mod wrong_green;
mod wrong_red;

use opsdeck::config::model::Environment;
use opsdeck::core::diagnose::{Diagnosis, Mend, diagnose};
use opsdeck::core::snapshot::Snapshot;
use opsdeck::core::state::State;
use opsdeck::core::units::EpochMs;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

/// Sunday morning, 2026-02-01 08:00 of the backend's clock.
pub(crate) const MORNING: EpochMs = EpochMs(1_769_904_000_000);

/// What prod's server of a scenario answers on Sunday morning, asked once.
pub(crate) fn scene(scenario: &str) -> (Environment, Snapshot) {
    type Asked = Mutex<HashMap<String, Arc<OnceLock<(Environment, Snapshot)>>>>;
    static ASKED: OnceLock<Asked> = OnceLock::new();
    let one = {
        let mut all = ASKED.get_or_init(Asked::default).lock().unwrap_or_else(PoisonError::into_inner);
        all.entry(scenario.to_owned()).or_default().clone()
    };
    one.get_or_init(|| look(scenario, "prod", MORNING)).clone()
}

pub(crate) fn look(scenario: &str, env: &str, now: EpochMs) -> (Environment, Snapshot) {
    asking::snapshot(&asking::box_at(scenario, now), env, now)
}

pub(crate) fn explained(env: &Environment, look: &Snapshot) -> Diagnosis {
    diagnose(env, look, None, look.taken)
}

/// The root causes.
pub(crate) fn roots(d: &Diagnosis) -> Vec<&str> {
    d.findings.iter().map(|f| f.cause).collect()
}

/// What hangs under a root cause.
pub(crate) fn under<'a>(d: &'a Diagnosis, root: &str) -> Vec<&'a str> {
    let found =
        d.findings.iter().find(|f| f.cause == root).unwrap_or_else(|| panic!("no {root}: {:?}", roots(d)));
    found.explains.iter().map(|c| c.cause).collect()
}

/// The first step in short: `M`, `call windows`, `wait`.
pub(crate) fn first_step(d: &Diagnosis) -> String {
    d.steps().first().map(short).unwrap_or_else(|| "-".into())
}

pub(crate) fn short(m: &Mend) -> String {
    match (m.key, m.whom) {
        (Some(key), _) => key.to_string(),
        (None, Some(whom)) => format!("call {whom:?}").to_lowercase(),
        (None, None) => m.how.to_owned(),
    }
}

/// Nothing wrong, nothing open.
pub(crate) fn is_healthy(d: &Diagnosis) -> bool {
    d.state == State::Ok && d.findings.is_empty() && d.unchecked.is_empty()
}
