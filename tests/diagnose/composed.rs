//! Troubles put together in memory: two that have nothing to do with each other are both found, two that have hang together.
use super::*;
use opsdeck::core::probe::database::{Kind, Status};
use opsdeck::core::probe::health::Health;
use opsdeck::core::probe::packs::PackFile;
use opsdeck::core::safetext::SafeText;
use opsdeck::core::units::Bytes;

/// The mount of one server, and everything that depends on it.
pub(crate) fn mount_of(base: &mut Snapshot, other: &Snapshot) {
    base.mounts = other.mounts.clone();
    base.fstab = other.fstab.clone();
    base.kernel = other.kernel.clone();
    base.share = other.share.clone();
    base.port = other.port.clone();
    base.packs = other.packs.clone();
    base.leftovers = other.leftovers.clone();
    if let (Ok(inside), Ok(theirs)) = (&mut base.inside, &other.inside) {
        inside.mounts = theirs.mounts.clone();
    }
}

pub(crate) fn disks_of(base: &mut Snapshot, other: &Snapshot) {
    base.disks = other.disks.clone();
    base.docker_disk = other.docker_disk.clone();
    base.leftovers = other.leftovers.clone();
}

pub(crate) fn database_of(base: &mut Snapshot, other: &Snapshot) {
    if let (Ok(inside), Ok(theirs)) = (&mut base.inside, &other.inside) {
        inside.database = theirs.database.clone();
    }
}

pub(crate) fn db(look: &mut Snapshot) -> &mut opsdeck::core::probe::database::Database {
    look.inside.as_mut().unwrap().database.as_mut().unwrap()
}

/// Every copy of every row.
pub(crate) fn jobs(look: &mut Snapshot) -> impl Iterator<Item = &mut opsdeck::core::probe::database::Job> {
    let base = db(look);
    base.jobs.iter_mut().chain(&mut base.live).chain(&mut base.last_completed)
}

/// The night's pack.
pub(crate) fn pack_of(
    look: &mut Snapshot,
    job: opsdeck::core::units::JobId,
) -> &mut opsdeck::core::probe::packs::Pack {
    let dir = db(look).outputs.iter().find(|o| o.job == job).unwrap().folder.clone();
    let name = dir.as_str().rsplit('/').next().unwrap().to_owned();
    look.packs.as_mut().unwrap().packs.iter_mut().find(|p| p.name.as_str() == name).unwrap()
}

type Mix = fn(&mut Snapshot, &Snapshot);

/// Base, what is laid over it, how, and the roots that must be found, the leading one first.
const PAIRS: &[(&str, &str, Mix, &[&str])] = &[
    ("ghost-job", "not-mounted", mount_of, &["ghost-job", "not-mounted"]),
    ("share-hung", "disk-full", disks_of, &["windows-off", "disk-full"]),
    ("wrong-password", "disk-full", disks_of, &["wrong-password", "disk-full"]),
    (
        "container-blind",
        "fstab-missing",
        |b, o| b.fstab = o.fstab.clone(),
        &["container-blind", "fstab-missing"],
    ),
    ("stale-lock", "fstab-missing", |b, o| b.fstab = o.fstab.clone(), &["stale-lock", "fstab-missing"]),
    ("schedule-off", "not-mounted", mount_of, &["schedule-disabled", "not-mounted"]),
    ("backend-down", "not-mounted", mount_of, &["backend-down", "not-mounted"]),
    ("docker-down", "not-mounted", mount_of, &["not-mounted", "docker-down"]),
    ("backup-failed", "fstab-missing", |b, o| b.fstab = o.fstab.clone(), &["job-failed", "fstab-missing"]),
    ("evicted", "disk-full", disks_of, &["evicted", "disk-full"]),
    ("healthy", "stale-lock", database_of, &["stale-lock"]),
    // a job that says itself that there was no room hangs under the full disk, whatever else is wrong
    ("disk-full", "not-mounted", mount_of, &["disk-full", "not-mounted"]),
    // the backend that does not start on a full disk
    ("backend-down", "disk-full", disks_of, &["backend-down", "disk-full"]),
    ("docker-down", "disk-full", disks_of, &["disk-full"]),
    // the reboot that lost the mount, because nothing in fstab brings it back
    ("not-mounted", "fstab-missing", |b, o| b.fstab = o.fstab.clone(), &["reboot-lost-mount"]),
    // while Windows is away nothing else about the mount matters
    ("not-mounted", "share-hung", |b, o| b.port = o.port.clone(), &["windows-off"]),
    ("wrong-password", "share-hung", |b, o| b.port = o.port.clone(), &["windows-off", "wrong-password"]),
    ("stuck-job", "share-hung", mount_of, &["windows-off"]),
];

#[test]
fn pairs_are_both_found_and_have_the_right_roots() {
    let mut wrong = Vec::new();
    for (base, over, mix, expected) in PAIRS {
        let (env, mut look) = scene(base);
        let (_, other) = scene(over);
        mix(&mut look, &other);
        let d = explained(&env, &look);
        if roots(&d) != *expected {
            wrong.push(format!("{base} + {over}: {:?}, expected {expected:?}", roots(&d)));
        }
        let all: usize = d.findings.iter().map(|f| 1 + f.explains.len()).sum();
        assert!(
            d.findings.len() <= 2 && all <= 8,
            "{base} + {over}: ten lines for one trouble: {:?}",
            roots(&d)
        );
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn two_obstacles_are_both_mended_before_the_backup() {
    let (env, mut look) = scene("ghost-job");
    let (_, other) = scene("not-mounted");
    mount_of(&mut look, &other);
    let steps: Vec<String> = explained(&env, &look).steps().iter().map(short).collect();
    assert_eq!(steps.join(" "), "X M B");
}

#[test]
fn a_server_in_its_first_minutes_is_not_broken() {
    let (env, mut look) = scene("healthy");
    let now = look.now();
    let id = look.identity.as_mut().unwrap();
    id.uptime_s = Some(100);
    for c in look.containers.as_mut().unwrap() {
        c.started = Some(now.plus_ms(-60_000));
    }
    // everything is up again
    assert!(is_healthy(&explained(&env, &look)), "{:?}", roots(&explained(&env, &look)));
    // the backend does not answer yet
    look.health = Ok(Health::Silent { said: SafeText::new("curl: (7)") });
    let d = explained(&env, &look);
    assert_eq!((roots(&d), d.state, first_step(&d)), (vec!["just-started"], State::Warning, "wait".into()));
    // and it was away when the backup was due: it will make up for it
    let (env, mut look) = scene("backend-down");
    let (_, healthy) = scene("healthy");
    look.containers = healthy.containers.clone();
    look.health = healthy.health.clone();
    let inside = healthy.inside.clone();
    let database = look.inside.as_ref().unwrap().database.clone();
    look.inside = inside;
    look.inside.as_mut().unwrap().database = database;
    for c in look.containers.as_mut().unwrap() {
        c.started = Some(now.plus_ms(-60_000));
    }
    let d = explained(&env, &look);
    assert_eq!((roots(&d), d.state, first_step(&d)), (vec!["just-started"], State::Warning, "wait".into()));
    // ten minutes later it has not
    for c in look.containers.as_mut().unwrap() {
        c.started = Some(now.plus_ms(-600_000));
    }
    let d = explained(&env, &look);
    assert_eq!((roots(&d), d.state), (vec!["backend-away"], State::Failed));
    assert_eq!(under(&d, "backend-away"), ["no-job"]);
}

/// The older layout: made on the server, copied, sealed.
pub(crate) fn replicated() -> (Environment, Snapshot) {
    let (env, mut look) = scene("replication-failed");
    let row = |n: usize, look: &mut Snapshot| {
        let dir = db(look).jobs[n].output_dir.clone().unwrap();
        dir.as_str().rsplit('/').next().unwrap().to_owned()
    };
    let (last, before) = (row(0, &mut look), row(1, &mut look));
    // the pack of the night before, as the copy of last night's
    let folder = look.packs.as_mut().unwrap();
    let mut pack = folder.packs.iter().find(|p| p.name.as_str() == before).unwrap().clone();
    assert!(pack.files.contains_key(&SafeText::new("DONE")), "{pack:?}");
    (pack.name, pack.path) = (SafeText::new(&last), SafeText::new(&last));
    folder.packs.push(pack);
    let base = db(&mut look);
    let id = base.jobs[0].id;
    for row in base.jobs.iter_mut().chain(&mut base.last_completed).filter(|j| j.id == id) {
        (row.message, row.detail) = (SafeText::new("备份完成（已同步）"), SafeText::default());
    }
    (env, look)
}

/// On a Sunday the full backup is made in the same night: two packs that stayed on the server are one trouble.
#[test]
fn a_full_backup_that_was_not_copied_either_hangs_under_the_same_cause() {
    let (env, mut look) = scene("replication-failed");
    let night = db(&mut look).jobs[0].clone();
    let full = db(&mut look).last_completed.iter().find(|j| j.kind == Kind::Full).unwrap().clone();
    let name = full.output_dir.as_ref().unwrap().as_str().rsplit('/').next().unwrap().to_owned();
    look.packs.as_mut().unwrap().packs.retain(|p| p.name.as_str() != name);
    for job in jobs(&mut look).filter(|j| j.id == full.id) {
        (job.message, job.detail) = (night.message.clone(), night.detail.clone());
        job.output_dir = Some(SafeText::new(&format!("/app/data/backups/{name}")));
    }
    let d = explained(&env, &look);
    assert_eq!((roots(&d), under(&d, "not-copied")), (vec!["not-copied"], vec!["full-overdue"]));
    let said = &d.findings[0].explains[0].says;
    assert!(said.en.contains("not copied") && !said.en.contains("any more"), "{}", said.en);
}

#[test]
fn the_older_layout_is_healthy_too() {
    let (env, mut look) = replicated();
    let d = explained(&env, &look);
    assert!(is_healthy(&d), "{:?} {:?}", d.headline, d.unchecked);
    // without its seal it is not
    let packs = &mut look.packs.as_mut().unwrap().packs;
    packs.last_mut().unwrap().files.remove(&SafeText::new("DONE"));
    assert_eq!(roots(&explained(&env, &look)), ["incomplete-pack"]);
}

#[test]
fn a_job_that_stands_in_the_way_of_the_slot_explains_it() {
    // the ghost of an earlier night: last night nothing was started at all
    let (env, mut look) = scene("ghost-job");
    let day = 24 * 3_600_000;
    let mut ghost = db(&mut look).live[0].clone();
    ghost.created = ghost.created.map(|at| at.plus_ms(-day));
    ghost.started = ghost.started.map(|at| at.plus_ms(-day));
    let base = db(&mut look);
    base.jobs.retain(|j| j.id != ghost.id);
    base.live = vec![ghost.clone()];
    base.jobs.insert(0, ghost);
    let d = explained(&env, &look);
    assert_eq!(roots(&d), ["ghost-job"], "{}", d.headline.en);
    assert!(under(&d, "ghost-job").contains(&"no-job"), "{:?}", under(&d, "ghost-job"));
    assert!(d.findings[0].leads);
}

#[test]
fn a_lock_left_before_the_slot_explains_that_nothing_was_started() {
    let (env, mut look) = scene("backend-down");
    let (_, healthy) = scene("healthy");
    let (_, locked) = scene("stale-lock");
    look.containers = healthy.containers.clone();
    look.health = healthy.health.clone();
    let database = look.inside.as_ref().unwrap().database.clone();
    look.inside = healthy.inside.clone();
    look.inside.as_mut().unwrap().database = database;
    let mut lock = locked.database().unwrap().locks[0].clone();
    lock.acquired = Some(MORNING.plus_ms(-10 * 3_600_000));
    db(&mut look).locks = vec![lock];
    let d = explained(&env, &look);
    assert_eq!(roots(&d), ["stale-lock"], "{}", d.headline.en);
    assert_eq!(under(&d, "stale-lock"), ["no-job"]);
    // whoever took it may still be there: the container has run since before
    assert_eq!(d.findings[0].certainty, opsdeck::core::diagnose::Certainty::Likely);
    let steps: Vec<String> = d.steps().iter().map(short).collect();
    assert_eq!(steps.join(" "), "X B");
}

#[test]
fn nothing_that_explains_it_is_said_as_unknown_and_the_backup_is_made_up_for() {
    let (env, mut look) = scene("healthy");
    let newest = db(&mut look).jobs[0].id;
    let base = db(&mut look);
    base.jobs.retain(|j| j.id != newest);
    base.last_completed.retain(|j| j.id != newest);
    base.outputs.retain(|o| o.job != newest);
    let d = explained(&env, &look);
    assert_eq!((roots(&d), d.state, first_step(&d)), (vec!["unknown"], State::Failed, "B".into()));
    assert_eq!(d.findings[0].certainty, opsdeck::core::diagnose::Certainty::Possible);
    assert!(d.findings[0].would_prove.is_some());
}

#[test]
fn a_job_that_nobody_runs_while_canceling_is_told_apart() {
    let (env, mut look) = scene("ghost-job");
    let base = db(&mut look);
    for row in base.jobs.iter_mut().chain(&mut base.live).filter(|j| j.status == Status::Running) {
        row.status = Status::Canceling;
    }
    let d = explained(&env, &look);
    assert_eq!((roots(&d), first_step(&d)), (vec!["stuck-canceling"], "X".into()));
    // with a container that is as old as the job it is only still, and is ended by force
    let (env, mut look) = scene("stuck-job");
    let base = db(&mut look);
    for row in base.jobs.iter_mut().chain(&mut base.live).filter(|j| j.status == Status::Running) {
        row.status = Status::Canceling;
    }
    let d = explained(&env, &look);
    assert_eq!((roots(&d), first_step(&d)), (vec!["stuck-canceling"], "K".into()));
    assert_eq!(d.steps()[0].action, Some("cancel-force"));
}

#[test]
fn the_wrong_words_of_a_job_do_not_hang_it_under_another_trouble() {
    // tar was refused inside a volume: the full disk beside it is another trouble
    let (env, mut look) = scene("backup-failed");
    let (_, full) = scene("disk-full");
    disks_of(&mut look, &full);
    assert_eq!(roots(&explained(&env, &look)), ["job-failed", "disk-full"]);
}

#[test]
fn inodes_are_another_trouble_than_room() {
    let (env, mut look) = scene("healthy");
    for d in look.disks.as_mut().unwrap() {
        d.inodes_free = 10;
    }
    let d = explained(&env, &look);
    assert_eq!((roots(&d), d.state), (vec!["inodes-full"], State::Failed));
}

#[test]
fn a_full_share_is_found_by_what_the_next_backup_needs() {
    let (env, mut look) = scene("healthy");
    if let Ok(opsdeck::core::probe::share::ShareAnswer::Answers { space, .. }) = &mut look.share {
        space.available = Bytes(1 << 20);
    }
    let d = explained(&env, &look);
    assert_eq!((roots(&d), first_step(&d)), (vec!["share-full"], "call windows".into()));
}

#[test]
fn a_pack_far_below_the_usual_size_is_a_warning_and_not_a_backup_to_rely_on() {
    let (env, mut look) = scene("healthy");
    let name = db(&mut look).jobs[0].output_dir.clone().unwrap();
    let name = name.as_str().rsplit('/').next().unwrap().to_owned();
    let folder = look.packs.as_mut().unwrap();
    let pack = folder.packs.iter_mut().find(|p| p.name.as_str() == name).unwrap();
    for file in pack.files.values_mut() {
        *file = PackFile { bytes: Bytes(1000), changed: file.changed };
    }
    let d = explained(&env, &look);
    assert_eq!((roots(&d), d.state), (vec!["small-pack"], State::Warning));
    assert!(!d.backup.unwrap().whole);
}

#[test]
fn a_cron_that_the_backend_does_not_understand_is_named() {
    let (env, mut look) = scene("schedule-off");
    let settings = db(&mut look).settings.as_mut().unwrap();
    settings.enabled = Some(true);
    settings.incremental_schedule = Some(SafeText::new("*/30 4 * * *"));
    settings.full_enabled = Some(false);
    let d = explained(&env, &look);
    assert_eq!(roots(&d), ["schedule-unsupported"]);
    assert!(d.headline.zh.contains("*/30 4 * * *"), "{}", d.headline.zh);
    let settings = db(&mut look).settings.as_mut().unwrap();
    settings.incremental_schedule = Some(SafeText::new(""));
    assert_eq!(roots(&explained(&env, &look)), ["schedule-empty"]);
    db(&mut look).settings = None;
    assert_eq!(roots(&explained(&env, &look)), ["schedule-empty"]);
}

#[test]
fn another_server_or_another_folder_is_told() {
    let (env, look) = scene("healthy");
    // none of our containers and no compose file: another machine
    let mut empty = look.clone();
    empty.containers = Ok(Vec::new());
    empty.compose_file = Ok(false);
    let d = explained(&env, &empty);
    assert_eq!(roots(&d), ["wrong-server"], "{}", d.headline.en);
    // the dialled address is not the server's
    let mut moved = env.clone();
    moved.host = "192.0.2.200".into();
    let d = explained(&moved, &look);
    assert_eq!((roots(&d), d.state), (vec!["wrong-server"], State::Warning));
    // backups go to another folder of the share
    let mut other = look.clone();
    let base = db(&mut other);
    let newest = base.jobs[0].id;
    for row in base.jobs.iter_mut().chain(&mut base.last_completed).filter(|j| j.id == newest) {
        row.output_dir = Some(SafeText::new("/mnt/replica/Elsewhere/migration_pack_x"));
    }
    let d = explained(&env, &other);
    assert_eq!(roots(&d), ["wrong-folder"], "{}", d.headline.en);
}

#[test]
fn a_container_without_the_bind_is_told_from_one_that_is_blind() {
    let (env, mut look) = scene("container-blind");
    for c in look.containers.as_mut().unwrap() {
        c.mounts.retain(|m| m.source.as_str() != "/mnt/replica");
    }
    let d = explained(&env, &look);
    assert_eq!((roots(&d), first_step(&d)), (vec!["container-no-bind"], "call backend".into()));
}

#[test]
fn a_canceled_night_and_frontends_are_told() {
    let (env, mut look) = scene("backup-failed");
    let base = db(&mut look);
    for row in base.jobs.iter_mut().take(1) {
        row.status = Status::Canceled;
    }
    assert_eq!(roots(&explained(&env, &look)), ["job-canceled"]);
    let (env, mut look) = scene("healthy");
    for c in look.containers.as_mut().unwrap().iter_mut().filter(|c| c.name.as_str().contains("frontend")) {
        c.running = false;
    }
    let d = explained(&env, &look);
    assert_eq!((roots(&d), d.state, first_step(&d)), (vec!["services-down"], State::Warning, "R".into()));
}

#[test]
fn a_credentials_file_that_was_edited_on_windows_is_why_the_password_is_wrong() {
    let (env, mut look) = scene("wrong-password");
    let file = look.credentials.as_mut().unwrap().file.as_mut().unwrap();
    file.carriage_return = true;
    let d = explained(&env, &look);
    assert_eq!((roots(&d), first_step(&d)), (vec!["credentials-file"], "M".into()));
    assert_eq!(
        under(&d, "credentials-file"),
        ["wrong-password", "not-mounted", "container-blind", "job-failed"]
    );
    assert_eq!(d.steps()[0].command.as_deref(), Some("opsdeck mount --new-password --env prod"));
    let (env, mut look) = scene("not-mounted");
    look.credentials.as_mut().unwrap().helper = false;
    let d = explained(&env, &look);
    assert_eq!((roots(&d), first_step(&d)), (vec!["no-mount-helper"], "call server".into()));
}

#[test]
fn an_action_that_was_cut_off_explains_a_backend_that_is_down() {
    use opsdeck::core::probe::runs::parse;
    let run = |state: &str| parse(format!("1769900000-1f|mount|anna@desk|1769900000|{state}\n").as_bytes());
    let (env, mut look) = scene("backend-down");
    look.runs = Ok(run("gone"));
    let d = explained(&env, &look);
    assert_eq!(roots(&d), ["operation-cut-off"], "{}", d.headline.en);
    assert_eq!(under(&d, "operation-cut-off"), ["backend-down", "no-job"]);
    let steps: Vec<String> = d.steps().iter().map(short).collect();
    assert_eq!(steps[..2], ["call you", "R"]);
    look.runs = Ok(run("at-work"));
    let d = explained(&env, &look);
    assert_eq!((roots(&d), first_step(&d)), (vec!["operation-at-work"], "wait".into()));
    look.runs = Ok(run("ended failed down"));
    let d = explained(&env, &look);
    assert_eq!((roots(&d), first_step(&d)), (vec!["operation-cut-off"], "R".into()));
    // one that ended well is no trouble
    let (env, mut look) = scene("healthy");
    look.runs = Ok(run("ended finished"));
    assert!(is_healthy(&explained(&env, &look)));
}

#[test]
fn a_pack_is_only_called_last_nights_where_that_is_known() {
    use opsdeck::core::gap::Gap;
    // in whose zone the schedule is meant is not known
    let (env, mut look) = scene("healthy");
    look.inside.as_mut().unwrap().clock = Err(Gap::TimedOut);
    let d = explained(&env, &look);
    assert_eq!((d.state, roots(&d).len()), (State::Unknown, 0));
    assert!(
        d.headline.zh.contains("说不准") && !d.headline.zh.contains("昨夜的备份已在"),
        "{}",
        d.headline.zh
    );
    // nothing was due last night: the good pack is an older one
    let (env, mut look) = scene("healthy");
    let day = 24 * 3_600_000;
    let base = db(&mut look);
    base.settings.as_mut().unwrap().incremental_schedule = Some(SafeText::new("0 4 * * 4"));
    base.settings.as_mut().unwrap().full_enabled = Some(false);
    let newest: Vec<_> = base
        .jobs
        .iter()
        .filter(|j| j.made().is_some_and(|at| at > MORNING.plus_ms(-3 * day)))
        .map(|j| j.id)
        .collect();
    base.jobs.retain(|j| !newest.contains(&j.id));
    let last =
        base.jobs.iter().find(|j| j.kind == opsdeck::core::probe::database::Kind::Incremental).cloned();
    base.last_completed = last
        .into_iter()
        .chain(
            base.last_completed
                .iter()
                .filter(|j| j.kind == opsdeck::core::probe::database::Kind::Full)
                .cloned(),
        )
        .collect();
    let d = explained(&env, &look);
    assert_eq!((roots(&d), d.state), (vec!["nothing-due"], State::Warning), "{}", d.headline.en);
    assert!(!d.headline.zh.contains("昨夜的备份已在"), "{}", d.headline.zh);
}

/// A virtual machine that was paused over the night counts less uptime than has passed.
#[test]
fn a_server_whose_containers_are_older_than_its_uptime_was_not_rebooted() {
    let (env, mut look) = scene("not-mounted");
    let (_, other) = scene("fstab-missing");
    look.fstab = other.fstab.clone();
    let now = look.now();
    let rebooted = |look: &mut Snapshot, started: i64| {
        look.identity.as_mut().unwrap().uptime_s = Some(300);
        for c in look.containers.as_mut().unwrap() {
            c.started = Some(now.plus_ms(started));
        }
        let d = explained(&env, look);
        let said = format!("{:?} {:?}", d.findings, d.timeline);
        (d.findings[0].cause, said.contains("rebooted"))
    };
    assert_eq!(rebooted(&mut look, -200_000), ("reboot-lost-mount", true));
    assert_eq!(rebooted(&mut look, -3 * 86_400_000), ("not-mounted", false));
}

/// A young backend makes up for the night, unless something is in its way: then that leads, and waiting is no step.
#[test]
fn a_backend_that_has_just_started_does_not_hide_what_keeps_it_from_making_up() {
    let (env, mut look) = scene("backend-down");
    let (_, healthy) = scene("healthy");
    let now = look.now();
    look.containers = healthy.containers.clone();
    look.health = healthy.health.clone();
    let database = look.inside.as_ref().unwrap().database.clone();
    look.inside = healthy.inside.clone();
    look.inside.as_mut().unwrap().database = database;
    for c in look.containers.as_mut().unwrap() {
        c.started = Some(now.plus_ms(-60_000));
    }
    assert_eq!(roots(&explained(&env, &look)), ["just-started"]);
    // a lock of last night
    let mut locked = look.clone();
    let mut lock = scene("stale-lock").1.database().unwrap().locks[0].clone();
    lock.acquired = Some(now.plus_ms(-4 * 3_600_000));
    db(&mut locked).locks = vec![lock];
    let d = explained(&env, &locked);
    assert_eq!((roots(&d), under(&d, "stale-lock")), (vec!["stale-lock"], vec!["just-started"]));
    assert_eq!(first_step(&d), "X");
    // and the share is away, too
    let (_, other) = scene("wrong-password");
    mount_of(&mut locked, &other);
    let d = explained(&env, &locked);
    assert_eq!(roots(&d), ["stale-lock", "wrong-password"]);
    let steps: Vec<String> = d.steps().iter().map(short).collect();
    assert_eq!(steps.join(" "), "X M");
    // the share alone
    mount_of(&mut look, &scene("not-mounted").1);
    let d = explained(&env, &look);
    assert_eq!((roots(&d), first_step(&d)), (vec!["not-mounted"], "M".into()));
}

/// After another share was taken off the point: the night's pack lies there, and nothing here shows who took it away.
#[test]
fn a_pack_that_nobody_is_seen_to_have_deleted_may_lie_elsewhere() {
    let (env, mut look) = scene("healthy");
    let dir = db(&mut look).jobs[0].output_dir.clone().unwrap();
    let name = dir.as_str().rsplit('/').next().unwrap().to_owned();
    let done = db(&mut look).jobs[0].finished.unwrap();
    let packs = &mut look.packs.as_mut().unwrap().packs;
    packs.retain(|p| p.name.as_str() != name && p.changed <= done);
    db(&mut look).settings.as_mut().unwrap().retention = Some(100);
    let d = explained(&env, &look);
    let first = &d.findings[0];
    assert_eq!((first.cause, first.certainty), ("evicted", opsdeck::core::diagnose::Certainty::Possible));
    assert!(
        first.says.en.contains("written elsewhere") && first.says.zh.contains("别处"),
        "{:?}",
        first.says
    );
}

/// What systemd and Docker bring up by themselves is no trouble in the first minutes after a boot.
#[test]
fn what_is_not_up_yet_hangs_under_the_boot() {
    let booted = |look: &mut Snapshot, s: u64| {
        look.identity.as_mut().unwrap().uptime_s = Some(s);
        for c in look.containers.iter_mut().flatten() {
            (c.running, c.started) = (false, None);
        }
    };
    for (scenario, below) in [
        ("docker-down", &["docker-down"][..]),
        // the other services are the boot's own: it is what says that they are on their way
        ("backend-down", &["backend-down", "no-job"]),
    ] {
        let (env, mut look) = scene(scenario);
        booted(&mut look, 60);
        let d = explained(&env, &look);
        assert_eq!((roots(&d), first_step(&d)), (vec!["just-started"], "wait".into()), "{scenario}");
        assert_eq!(under(&d, "just-started"), below, "{scenario}");
        // the verdict stays what it is
        assert_eq!(d.state, State::Failed, "{scenario}");
        booted(&mut look, 600);
        assert_eq!(first_step(&explained(&env, &look)), first_step(&explained(&env, &scene(scenario).1)));
    }
    // the share is on its way by fstab; without a line there it is not
    let (env, mut look) = scene("not-mounted");
    booted(&mut look, 60);
    mount_of(&mut look, &scene("not-mounted").1);
    assert_eq!(roots(&explained(&env, &look)), ["just-started"]);
    look.fstab = scene("fstab-missing").1.fstab.clone();
    assert_eq!(roots(&explained(&env, &look))[0], "reboot-lost-mount");
    // everything is up: nothing is said
    let (env, mut look) = scene("healthy");
    let now = look.now();
    look.identity.as_mut().unwrap().uptime_s = Some(60);
    for c in look.containers.as_mut().unwrap() {
        c.started = Some(now.plus_ms(-30_000));
    }
    assert!(is_healthy(&explained(&env, &look)));
}

/// Whom to call if the backup fails again stands after the backup, also where another trouble has steps of its own.
#[test]
fn what_is_for_later_stands_after_the_backup() {
    let (env, mut look) = scene("backup-failed");
    mount_of(&mut look, &scene("not-mounted").1);
    for job in &mut db(&mut look).jobs[..1] {
        (job.message, job.detail) = (SafeText::new("由运维关闭"), SafeText::default());
    }
    let d = explained(&env, &look);
    assert_eq!(roots(&d), ["job-failed", "not-mounted"]);
    let steps: Vec<String> = d.steps().iter().map(short).collect();
    assert_eq!(steps.join(" "), "M B call backend");
}
