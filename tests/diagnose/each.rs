//! Causes that no scenario and no single change of `alone` shows as a root: each whole, with how sure it is, its first step
//! and what is to be seen once it is mended. And every cause is in one of these tables.
use super::composed::{db, jobs, pack_of, replicated};
use super::*;
use opsdeck::core::diagnose::Certainty::{self, Likely, Possible, Proved};
use opsdeck::core::probe::database::Status;
use opsdeck::core::probe::packs::PackFile;
use opsdeck::core::probe::runs;
use opsdeck::core::probe::share::ShareAnswer;
use opsdeck::core::safetext::SafeText;
use opsdeck::core::units::Bytes;

type Made = fn() -> (Environment, Snapshot);
/// The root cause, a server that has it, how sure it is, the first step, words of the proof.
type Row = (&'static str, Made, Certainty, &'static str, &'static str);

const EACH: &[Row] = &[
    ("backend-away", || missed(600_000), Likely, "B", "a new job is completed"),
    ("container-no-bind", no_bind, Proved, "call backend", "the container sees cifs"),
    ("credentials-file", || changed("wrong-password", edited), Likely, "M", "a small file can be written"),
    ("no-mount-helper", || changed("not-mounted", no_helper), Proved, "call server", "mount.cifs is there"),
    ("job-canceled", || changed("backup-failed", canceled), Proved, "B", "a new job is completed"),
    ("just-started", || missed(60_000), Proved, "wait", "/health is fine"),
    ("nothing-due", nothing_due, Proved, "call you", "the next one is due tonight"),
    ("operation-at-work", || acted("at-work"), Proved, "wait", "it has ended"),
    ("operation-cut-off", || acted("gone"), Proved, "call you", "it has an end"),
    ("schedule-empty", || scheduled(""), Proved, "call you", "shows when the next one is"),
    ("schedule-unsupported", || scheduled("*/30 4 * * *"), Proved, "call you", "shows when the next one is"),
    ("services-down", || changed("healthy", no_frontend), Proved, "R", "the other services is OK"),
    ("share-full", || changed("healthy", no_room), Proved, "call windows", "has more room than"),
    ("small-pack", || changed("healthy", shrunk), Likely, "B", "of the usual size"),
    ("stuck-canceling", || changed("ghost-job", canceling), Proved, "X", "the job is out of the way"),
    (
        "wrong-server",
        || changed("healthy", another_machine),
        Likely,
        "call you",
        "host name and address are the expected ones",
    ),
    ("unknown", || changed("healthy", no_row), Possible, "B", "this one is OK"),
];

/// What says nothing alone: the cause, a server that has it, the root under which it hangs, words of its own.
type Below = (&'static str, Made, &'static str, &'static str);

const BELOW: &[Below] = &[
    ("no-job", || scene("backend-down"), "backend-down", "nothing was started"),
    ("pack-unseen", || scene("share-hung"), "windows-off", "cannot be seen"),
];

fn changed(scenario: &str, change: fn(&mut Snapshot)) -> (Environment, Snapshot) {
    let (env, mut look) = scene(scenario);
    change(&mut look);
    (env, look)
}

/// The backend was away when the backup was due, and was started so long ago.
fn missed(ms: i64) -> (Environment, Snapshot) {
    let (env, mut look) = scene("backend-down");
    let (_, healthy) = scene("healthy");
    let (now, database) = (look.now(), look.inside.as_ref().unwrap().database.clone());
    (look.containers, look.health, look.inside) = (healthy.containers, healthy.health, healthy.inside);
    look.inside.as_mut().unwrap().database = database;
    look.containers.as_mut().unwrap().iter_mut().for_each(|c| c.started = Some(now.plus_ms(-ms)));
    (env, look)
}

fn no_bind() -> (Environment, Snapshot) {
    let (env, mut look) = scene("container-blind");
    for c in look.containers.as_mut().unwrap() {
        c.mounts.retain(|m| m.source.as_str() != env.paths.mount_point);
    }
    (env, look)
}

fn edited(look: &mut Snapshot) {
    look.credentials.as_mut().unwrap().file.as_mut().unwrap().carriage_return = true;
}

fn no_helper(look: &mut Snapshot) {
    look.credentials.as_mut().unwrap().helper = false;
}

fn canceled(look: &mut Snapshot) {
    db(look).jobs[0].status = Status::Canceled;
}

/// Once a week, and today is not the day.
fn nothing_due() -> (Environment, Snapshot) {
    use opsdeck::core::probe::database::Kind;
    let (env, mut look) = scene("healthy");
    let after = look.now().plus_ms(-3 * 86_400_000);
    let base = db(&mut look);
    let settings = base.settings.as_mut().unwrap();
    (settings.incremental_schedule, settings.full_enabled) = (Some(SafeText::new("0 4 * * 4")), Some(false));
    base.jobs.retain(|j| j.made().is_none_or(|at| at <= after));
    let last = base.jobs.iter().find(|j| j.kind == Kind::Incremental).unwrap().clone();
    base.last_completed.retain(|j| j.kind == Kind::Full);
    base.last_completed.push(last);
    (env, look)
}

/// Somebody mounted the share and the backend is down since.
fn acted(state: &str) -> (Environment, Snapshot) {
    let (env, mut look) = scene("backend-down");
    look.runs = Ok(runs::parse(format!("1769900000-1f|mount|anna@desk|1769900000|{state}\n").as_bytes()));
    (env, look)
}

fn scheduled(cron: &str) -> (Environment, Snapshot) {
    let (env, mut look) = scene("schedule-off");
    let settings = db(&mut look).settings.as_mut().unwrap();
    (settings.enabled, settings.full_enabled) = (Some(true), Some(false));
    settings.incremental_schedule = Some(SafeText::new(cron));
    (env, look)
}

fn no_frontend(look: &mut Snapshot) {
    let all = look.containers.as_mut().unwrap().iter_mut();
    all.filter(|c| c.name.as_str().contains("frontend")).for_each(|c| c.running = false);
}

fn no_room(look: &mut Snapshot) {
    if let Ok(ShareAnswer::Answers { space, .. }) = &mut look.share {
        space.available = Bytes(1 << 20);
    }
}

fn shrunk(look: &mut Snapshot) {
    let newest = db(look).jobs[0].id;
    for file in pack_of(look, newest).files.values_mut() {
        *file = PackFile { bytes: Bytes(1000), changed: file.changed };
    }
}

fn canceling(look: &mut Snapshot) {
    jobs(look).filter(|j| j.status == Status::Running).for_each(|j| j.status = Status::Canceling);
}

fn another_machine(look: &mut Snapshot) {
    (look.containers, look.compose_file) = (Ok(Vec::new()), Ok(false));
}

fn no_row(look: &mut Snapshot) {
    let base = db(look);
    let newest = base.jobs[0].id;
    base.jobs.retain(|j| j.id != newest);
    base.last_completed.retain(|j| j.id != newest);
    base.outputs.retain(|o| o.job != newest);
}

#[test]
fn each_is_the_root_with_its_certainty_its_step_and_its_proof() {
    let mut wrong = Vec::new();
    for (cause, make, sure, step, proof) in EACH {
        let (env, look) = make();
        let d = explained(&env, &look);
        let Some(first) = d.findings.first() else {
            wrong.push(format!("{cause}: nothing was found"));
            continue;
        };
        let found = (first.cause, first.certainty, first_step(&d));
        if found != (*cause, *sure, (*step).to_owned()) || d.findings.len() != 1 {
            wrong.push(format!("{cause}: {found:?}, all {:?}", roots(&d)));
        }
        if !first.proof.en.contains(proof) || first.mend.is_empty() || first.evidence.is_empty() {
            wrong.push(format!("{cause}: {:?}; {} for it", first.proof.en, first.evidence.len()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_says_nothing_alone_hangs_under_its_root() {
    for (cause, make, root, words) in BELOW {
        let (env, look) = make();
        let d = explained(&env, &look);
        let of = d.findings.iter().find(|f| f.cause == *root).unwrap_or_else(|| panic!("{:?}", roots(&d)));
        let it = of.explains.iter().find(|c| c.cause == *cause);
        let it = it.unwrap_or_else(|| panic!("{cause} is not under {root}: {:?}", under(&d, root)));
        assert!(it.says.en.contains(words) && !it.evidence.is_empty() && it.depth > 0, "{it:?}");
        assert!(!roots(&d).contains(cause), "{cause}");
    }
}

/// Each of these rows is tried by the test of its table.
#[test]
fn every_cause_has_a_row_that_finds_it() {
    let rows = alone::ALONE.iter().map(|a| a.0).chain(table::EXPECTED.iter().map(|e| e.1));
    let rows = rows.chain(EACH.iter().map(|e| e.0)).chain(BELOW.iter().map(|b| b.0));
    let rows: std::collections::BTreeSet<&str> = rows.collect();
    let known: std::collections::BTreeSet<&str> =
        opsdeck::core::diagnose::runbooks().into_iter().map(|(id, _)| id).collect();
    let without: Vec<_> = known.difference(&rows).collect();
    assert!(without.is_empty(), "no row finds {without:?}");
    let gone: Vec<_> = rows.difference(&known).collect();
    assert!(gone.is_empty(), "no such cause: {gone:?}");
}

/// Where the older layout has it too: the pack is made on the server, and was not copied.
#[test]
fn a_job_that_says_completed_is_no_good_night_in_the_older_layout_either() {
    let (env, mut look) = replicated();
    look.packs.as_mut().unwrap().packs.pop();
    let d = explained(&env, &look);
    assert!(d.state != State::Ok && d.backup.is_none(), "{}", d.headline.en);
}

/// What a row says of itself while it is not completed is no proof: neither 100 % nor good words make a backup.
#[test]
fn a_job_that_is_not_completed_is_never_good_whatever_it_says() {
    let good = ["备份完成（已在共享目录）", "备份完成（已同步）", "backup completed, 100 %"];
    let layouts: [(&str, Made); 2] = [("direct", || scene("healthy")), ("copied", replicated)];
    let mut seen = 0;
    for status in [Status::Failed, Status::Running, Status::Canceling, Status::Canceled, Status::Queued] {
        for (words, (layout, make)) in good.iter().flat_map(|w| layouts.map(|l| (*w, l))) {
            let (env, mut look) = make();
            assert!(is_healthy(&explained(&env, &look)), "it was not well before");
            let id = db(&mut look).jobs[0].id;
            for job in jobs(&mut look).filter(|j| j.id == id) {
                (job.status, job.progress) = (status.clone(), Some(100));
                (job.message, job.detail) = (SafeText::new(words), SafeText::default());
            }
            let base = db(&mut look);
            let row = base.jobs[0].clone();
            base.last_completed.retain(|j| j.id != id);
            if status.is_live() {
                base.live.push(row);
            }
            let d = explained(&env, &look);
            let name = format!("{status:?} {words} {layout}: {}", d.headline.en);
            assert!(d.state != State::Ok && !d.findings.is_empty(), "{name}");
            assert!(!d.backup.as_ref().is_some_and(|b| b.whole), "{name}");
            let well = d.headline.en.contains("is on Windows") || d.headline.zh.contains("已在 Windows 上");
            assert!(!well, "{name}");
            let night = opsdeck::core::verdict::judge(&env, &look);
            let night = night.checks.into_iter().find(|c| c.id == "night").unwrap();
            assert_ne!(night.state, State::Ok, "{name}");
            seen += 1;
        }
    }
    assert_eq!(seen, 30);
}
