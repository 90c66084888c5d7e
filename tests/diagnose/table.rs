//! What is made of each built-in scenario: the leading cause, alone, how sure, and the first step.
use super::*;
use opsdeck::core::diagnose::Certainty::{self, Likely, Proved};
use opsdeck::core::state::State::{Failed, Warning};

/// Scenario, the one root cause, how sure it is, its state, the first step.
type Expected = (&'static str, &'static str, Certainty, State, &'static str);

pub(crate) const EXPECTED: &[Expected] = &[
    ("not-mounted", "not-mounted", Proved, Failed, "M"),
    ("container-blind", "container-blind", Proved, Failed, "R"),
    ("wrong-share", "wrong-share", Proved, Failed, "U"),
    ("share-hung", "windows-off", Likely, Failed, "call windows"),
    ("wrong-password", "wrong-password", Proved, Failed, "M"),
    ("ghost-job", "ghost-job", Proved, Failed, "X"),
    ("stale-lock", "stale-lock", Proved, Failed, "X"),
    ("stuck-job", "stuck-job", Likely, Warning, "K"),
    ("backup-running", "running", Likely, Warning, "wait"),
    ("backup-failed", "job-failed", Proved, Failed, "B"),
    ("images-missing", "images-missing", Proved, Warning, "B"),
    ("volumes-empty", "incomplete-pack", Proved, Failed, "B"),
    ("disk-full", "disk-full", Proved, Failed, "call you"),
    ("backend-down", "backend-down", Proved, Failed, "R"),
    ("schedule-off", "schedule-disabled", Proved, Failed, "call you"),
    ("late", "just-due", Proved, Warning, "wait"),
    ("replication-failed", "not-copied", Proved, Warning, "B"),
    ("evicted", "evicted", Likely, Warning, "B"),
    ("fstab-missing", "fstab-missing", Proved, Warning, "M"),
    ("clock-skew", "clock-skew", Proved, Warning, "call server"),
    ("docker-down", "docker-down", Likely, Failed, "call server"),
];

/// A morning, an evening, and the hour before the backup is due.
const HOURS: [i64; 3] = [0, 12, 19];

fn said(d: &Diagnosis) -> String {
    d.findings.first().map_or_else(
        || "-".to_owned(),
        |f| format!("{} {:?} {:?} {}", f.cause, f.certainty, f.state, first_step(d)),
    )
}

#[test]
fn table() {
    let (mut right, mut all, mut wrong) = (0, 0, Vec::new());
    println!("{:<20} {:<5} {:>4}  diagnosis", "scenario", "env", "hour");
    for named in opsdeck::demo::names() {
        for (hour, env) in HOURS.into_iter().flat_map(|h| asking::ENVS.map(|e| (h, e))) {
            let (environment, look) = look(named.name, env, MORNING.plus_ms(hour * 3_600_000));
            let d = explained(&environment, &look);
            let expected = EXPECTED.iter().find(|e| e.0 == named.name);
            let line = said(&d);
            let fits = match expected {
                None => is_healthy(&d),
                // the test server deletes prod's packs, and as it is meant to its own: its last full one too
                Some(("evicted", ..)) if env == "test" => line == "full-overdue Proved Warning B",
                Some((_, cause, sure, state, step)) => {
                    let wanted = format!("{cause} {sure:?} {state:?} {step}");
                    line == wanted && d.findings.len() == 1 && d.state != State::Ok
                }
            };
            println!("{:<20} {env:<5} {hour:>4}  {line}", named.name);
            all += 1;
            right += usize::from(fits);
            if !fits {
                wrong.push(format!(
                    "{} {env} +{hour} h: {line}; {:?}; {:?}",
                    named.name,
                    roots(&d),
                    d.unchecked
                ));
            }
        }
    }
    println!("{right} of {all} right: {:.1} %", right as f64 * 100.0 / all as f64);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_scenario_is_expected_to_be_something_or_healthy() {
    let names: Vec<&str> = opsdeck::demo::names().iter().map(|n| n.name).collect();
    for (name, ..) in EXPECTED {
        assert!(names.contains(name), "{name}");
    }
    let healthy: Vec<&&str> = names.iter().filter(|n| EXPECTED.iter().all(|e| e.0 != **n)).collect();
    assert_eq!(healthy, [&"healthy", &"old-schema"]);
}

#[test]
fn one_trouble_hangs_together() {
    for (scenario, root, below) in [
        ("not-mounted", "not-mounted", &["container-blind", "job-failed"][..]),
        ("container-blind", "container-blind", &["job-failed"]),
        ("wrong-share", "wrong-share", &["container-blind", "pack-unseen"]),
        ("share-hung", "windows-off", &["share-hung", "pack-unseen"]),
        ("wrong-password", "wrong-password", &["not-mounted", "container-blind", "job-failed"]),
        ("ghost-job", "ghost-job", &["stale-lock"]),
        ("disk-full", "disk-full", &["job-failed"]),
        ("backend-down", "backend-down", &["no-job"]),
        ("evicted", "evicted", &["full-overdue"]),
    ] {
        let (env, look) = scene(scenario);
        assert_eq!(under(&explained(&env, &look), root), below, "{scenario}");
    }
}

#[test]
fn what_makes_up_for_the_night_stands_at_the_end() {
    for (scenario, steps) in [
        ("not-mounted", "M B"),
        ("container-blind", "R B"),
        ("wrong-password", "M B"),
        ("ghost-job", "X B"),
        // the backend makes up for it by itself
        ("backend-down", "R wait"),
        // the night's backup is there
        ("stale-lock", "X"),
        // whether it is there can only be said when the share is back
        ("wrong-share", "U M"),
    ] {
        let (env, look) = scene(scenario);
        let all: Vec<String> = explained(&env, &look).steps().iter().map(short).collect();
        assert_eq!(all.join(" "), steps, "{scenario}");
    }
}

/// The key that is offered first is not refused: the plan for it can be made of the very same look.
#[test]
fn what_is_offered_can_be_done() {
    use opsdeck::core::diagnose::Fix;
    use opsdeck::core::plan::{Made, make};
    use opsdeck::core::verdict::Facts;
    let mut wrong = Vec::new();
    for named in opsdeck::demo::names() {
        let (env, look) = scene(named.name);
        let d = explained(&env, &look);
        let Some(Fix::Do(action)) = d.steps().first().map(|m| m.fix.clone()) else { continue };
        match make(&action, &Facts::of(&env, &look), "") {
            Ok(Made::Plan(_)) => {}
            Ok(Made::Nothing { said, .. }) => {
                wrong.push(format!("{}: {action:?}: nothing to do: {said:?}", named.name))
            }
            Err(refusal) => wrong.push(format!("{}: {action:?}: refused: {:?}", named.name, refusal.said)),
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_could_not_be_checked_is_said_with_what_to_do() {
    for (scenario, what) in [
        ("not-mounted", "备份包目录"),
        ("share-hung", "昨夜的备份"),
        ("docker-down", "备份锁"),
        ("backend-down", "容器内的挂载"),
    ] {
        let (env, look) = scene(scenario);
        let d = explained(&env, &look);
        let open = d.unchecked.iter().find(|u| u.what.zh.contains(what));
        let open = open.unwrap_or_else(|| panic!("{scenario}: {what} in {:?}", d.unchecked));
        assert!(!open.hint.zh.is_empty() && !open.why.zh.is_empty(), "{scenario}: {open:?}");
    }
}

#[test]
fn a_backup_that_is_there_is_named_as_windows_names_it() {
    let (env, look) = scene("healthy");
    let d = explained(&env, &look);
    assert_eq!(d.state, State::Ok);
    let backup = d.backup.unwrap();
    assert!(backup.whole);
    let windows = backup.windows_path.unwrap();
    assert!(windows.as_str().starts_with("D:\\datas\\RagflowAuth\\migration_pack_2026"), "{windows}");
}

#[test]
fn the_night_is_told_in_order_with_its_sources() {
    let (env, look) = scene("not-mounted");
    let d = explained(&env, &look);
    let times: Vec<i64> = d.timeline.iter().map(|e| e.at.0).collect();
    assert!(times.is_sorted() && times.len() > 4, "{:?}", d.timeline);
    let has = |probe, words: &str| d.timeline.iter().any(|e| e.source == probe && e.says.en.contains(words));
    use opsdeck::core::diagnose::Probe;
    assert!(has(Probe::Server, "booted"));
    assert!(has(Probe::Containers, "started"));
    assert!(has(Probe::Kernel, "cifs_mount failed"));
    assert!(has(Probe::Database, "is due") && has(Probe::Database, "failed"));
    let (env, look) = scene("healthy");
    let d = explained(&env, &look);
    let first = d.timeline.iter().position(|e| e.says.en.contains("first file"));
    let last = d.timeline.iter().position(|e| e.says.en.contains("last file"));
    assert!(first.unwrap() < last.unwrap(), "{:?}", d.timeline);
}

#[test]
fn what_was_found_is_not_ruled_out_too() {
    for named in opsdeck::demo::names() {
        let (env, look) = scene(named.name);
        let d = explained(&env, &look);
        for out in &d.ruled_out {
            let found = roots(&d).contains(&out.cause)
                || d.findings.iter().any(|f| f.explains.iter().any(|c| c.cause == out.cause));
            assert!(!found, "{}: {}", named.name, out.cause);
        }
        if d.state == State::Ok {
            assert!(d.ruled_out.len() > 40, "{}: {}", named.name, d.ruled_out.len());
        }
    }
}
