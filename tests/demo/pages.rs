//! What the pages say of each scenario: never better than the checks.
use super::asking::*;
use opsdeck::config::model::Environment;
use opsdeck::core::console::gauges::gauges;
use opsdeck::core::console::mount::mount;
use opsdeck::core::console::packs::packs;
use opsdeck::core::console::sheet::{Lead, Sheet};
use opsdeck::core::console::strip::{Mark, strip};
use opsdeck::core::derive::night::{self, Outcome};
use opsdeck::core::derive::pack;
use opsdeck::core::snapshot::Snapshot;
use opsdeck::core::state::State;
use opsdeck::core::verdict::facts::Facts;
use opsdeck::core::verdict::{Verdict, judge};
use std::sync::OnceLock;

type Looked = (Environment, Snapshot);

/// Every scenario, and what looks at both of its servers found: taken once for all tests.
fn looks() -> &'static [(&'static str, Looked, Looked)] {
    static LOOKS: OnceLock<Vec<(&str, Looked, Looked)>> = OnceLock::new();
    LOOKS.get_or_init(|| {
        let look = |scenario: &'static str| {
            let now = opsdeck::clock::now();
            let demo = box_at(scenario, now);
            (scenario, snapshot(&demo, "prod", now), snapshot(&demo, "test", now))
        };
        opsdeck::demo::names().iter().map(|scenario| look(scenario.name)).collect()
    })
}

/// Each server of each scenario, and the other one of its pair.
fn each(mut test: impl FnMut(&str, &Looked, &Looked)) {
    for (name, prod, other) in looks() {
        test(name, prod, other);
        test(&format!("{name} on test"), other, prod);
    }
}

fn state(verdict: &Verdict, id: &str) -> State {
    verdict.checks.iter().find(|c| c.id == id).unwrap_or_else(|| panic!("{id}")).state
}

/// The states of the lines on top.
fn tops(sheet: &Sheet) -> Vec<State> {
    let state = |lead: &Lead| match lead {
        Lead::Line { state, .. } => *state,
        _ => None,
    };
    sheet.lead.iter().filter_map(state).collect()
}

#[test]
fn a_page_of_mounts_is_never_better_than_its_checks() {
    each(|name, (env, look), _| {
        let verdict = judge(env, look);
        let sheet = mount(&Facts::of(env, look));
        for row in &sheet.rows {
            match verdict.checks.iter().find(|c| c.id == row.id) {
                Some(check) => assert_eq!(row.state, Some(check.state), "{name}: {}", row.id),
                // what no check speaks of is not called good
                None => assert_ne!(row.state, Some(State::Ok), "{name}: {}", row.id),
            }
            assert!(!row.detail.is_empty() && row.cells.len() == sheet.columns.len(), "{name}: {}", row.id);
        }
        let of = ["mount", "container_mount", "share", "fstab"].map(|id| state(&verdict, id));
        assert_eq!(tops(&sheet), [State::of_all(of)], "{name}");
        let Lead::Line { text, .. } = &sheet.lead[0] else { panic!() };
        let agree = text.zh.starts_with("主机和容器看到的是同一个共享");
        assert_eq!(agree, of[0] == State::Ok && of[1] == State::Ok, "{name}: {}", text.zh);
    });
}

#[test]
fn a_page_of_packs_is_never_better_than_its_checks() {
    each(|name, (env, look), (other_env, other_look)| {
        let verdict = judge(env, look);
        let facts = Facts::of(env, look);
        let others = [Facts::of(other_env, other_look)];
        let sheet = packs(&facts, &others);
        assert_eq!(tops(&sheet)[0], state(&verdict, "packs"), "{name}");
        if facts.packs.is_err() {
            assert!(sheet.rows.is_empty() && !tops(&sheet).contains(&State::Ok), "{name}");
            return;
        }
        assert_eq!(tops(&sheet)[1], state(&verdict, "room"), "{name}");
        // the pack of last night's job is what the night's answer is about; another one's is good or bad by itself
        let db = facts.db.ok();
        let done = db.zip(facts.slot.as_ref()).and_then(|(db, slot)| {
            match night::outcome(slot, db, facts.now, &env.thresholds) {
                Outcome::Completed(job) => Some(job),
                _ => None,
            }
        });
        let pack = done.and_then(|j| pack::of_job(j, facts.packs.as_ref().unwrap()));
        let row = pack.and_then(|p| sheet.rows.iter().find(|r| r.id == p.path.as_str()));
        if let Some(row) = row.filter(|r| r.state == Some(State::Ok)) {
            assert_eq!(state(&verdict, "night"), State::Ok, "{name}: {row:?}");
        }
        // with both servers' rows, nobody's pack is left
        let owners: Vec<&str> = sheet.rows.iter().map(|r| r.cells[1].zh.as_str()).collect();
        if db.is_some() && others[0].db.is_ok() {
            assert!(!owners.contains(&"其他来源") && !owners.contains(&"有争议"), "{name}: {owners:?}");
        }
    });
}

#[test]
fn pictures_are_never_better_than_the_checks() {
    each(|name, (env, look), _| {
        let verdict = judge(env, look);
        let facts = Facts::of(env, look);
        let gauges = gauges(&facts);
        assert_eq!(gauges[0].state, state(&verdict, "room"), "{name}");
        let disks = State::of_all(gauges[1..].iter().map(|g| g.state));
        assert_eq!(disks, state(&verdict, "disks"), "{name}");
        for gauge in &gauges {
            assert_eq!(gauge.percent.is_none(), gauge.state == State::Unknown, "{name}: {gauge:?}");
        }

        let strip = strip(&facts);
        let good = strip.nights.iter().any(|n| n.mark == Mark::There);
        assert!(!good || (facts.packs.is_ok() && facts.db.is_ok()), "{name}");
        let Some(last) = strip.nights.last() else {
            assert!(facts.db.is_err(), "{name}: no nights");
            return;
        };
        let night = state(&verdict, "night");
        assert!(last.mark != Mark::There || night == State::Ok, "{name}: {:?}, {night:?}", last.mark);
        assert!(!strip.legend.zh.is_empty() && !strip.legend.en.is_empty(), "{name}");
    });
}

/// What last night's sign is on prod, for each scenario in which it is not simply there.
const SIGNS: &[(&str, Mark)] = &[
    ("not-mounted", Mark::Failed),
    ("container-blind", Mark::Failed),
    ("wrong-share", Mark::Unknown),
    ("share-hung", Mark::Unknown),
    ("wrong-password", Mark::Failed),
    ("ghost-job", Mark::Failed),
    ("stuck-job", Mark::Running),
    ("backup-running", Mark::Running),
    ("backup-failed", Mark::Failed),
    ("volumes-empty", Mark::Failed),
    ("disk-full", Mark::Failed),
    ("schedule-off", Mark::NotDue),
    ("images-missing", Mark::Short),
    ("late", Mark::Due),
    ("replication-failed", Mark::Failed),
    ("evicted", Mark::Missing),
];

#[test]
fn last_nights_sign_is_that_of_each_scenarios_trouble() {
    each(|name, (env, look), _| {
        if name.ends_with(" on test") {
            return;
        }
        let strip = strip(&Facts::of(env, look));
        let sign = strip.nights.last().map(|n| n.mark);
        let expected = SIGNS.iter().find(|(n, _)| *n == name).map(|(_, mark)| *mark);
        match name {
            "docker-down" => assert_eq!(sign, None, "nothing is known without the database"),
            // by the server's zone, with no clock of the container: the night is there, and not proved
            "backend-down" => assert_ne!(sign, Some(Mark::There)),
            _ => assert_eq!(sign, Some(expected.unwrap_or(Mark::There)), "{name}"),
        }
    });
}
