//! What the console makes of each scenario: its trouble is found, and a healthy server has none.
use super::asking::*;
use opsdeck::core::state::State;

/// The check that has to find the trouble of a scenario on prod, and what it has to come to.
const FOUND: &[(&str, &str, State)] = &[
    ("not-mounted", "mount", State::Failed),
    ("container-blind", "container_mount", State::Failed),
    ("wrong-share", "mount", State::Failed),
    ("share-hung", "share", State::Failed),
    ("wrong-password", "mount", State::Failed),
    ("ghost-job", "live", State::Failed),
    ("stale-lock", "lock", State::Failed),
    ("stuck-job", "live", State::Warning),
    ("backup-running", "night", State::Warning),
    ("backup-failed", "night", State::Failed),
    ("images-missing", "last_full", State::Warning),
    ("volumes-empty", "night", State::Failed),
    ("disk-full", "disks", State::Failed),
    ("backend-down", "backend", State::Failed),
    ("schedule-off", "schedule", State::Failed),
    ("late", "night", State::Warning),
    ("replication-failed", "night", State::Warning),
    ("evicted", "night", State::Warning),
    ("fstab-missing", "fstab", State::Warning),
    ("clock-skew", "clock", State::Warning),
    ("docker-down", "night", State::Unknown),
];

#[test]
fn the_trouble_of_each_scenario_is_found() {
    let named: Vec<&str> = opsdeck::demo::names().iter().map(|n| n.name).collect();
    for name in named {
        let now = opsdeck::clock::now();
        let demo = box_at(name, now);
        let verdict = verdict(&demo, "prod", now);
        let bad: Vec<(&str, State)> =
            verdict.checks.iter().filter(|c| c.state != State::Ok).map(|c| (c.id, c.state)).collect();
        match FOUND.iter().find(|f| f.0 == name) {
            Some((_, check, state)) => assert!(bad.contains(&(check, *state)), "{name}: {bad:?}"),
            None => assert_eq!(bad, [], "{name}"),
        }
    }
}
