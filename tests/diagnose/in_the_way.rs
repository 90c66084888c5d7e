//! What stands in the way of a step comes before it: a share that is mounted and fails, a backup that is at work, a mount that
//! the backend needs before it starts, another machine.
use super::composed::{db, jobs, mount_of};
use super::keys::refused;
use super::*;
use opsdeck::core::plan::{Made, make};
use opsdeck::core::probe::database::{Job, Kind, Status};
use opsdeck::core::probe::kernel::CifsTrouble;
use opsdeck::core::probe::share::ShareAnswer;
use opsdeck::core::safetext::SafeText;
use opsdeck::core::units::JobId;
use opsdeck::core::verdict::{Facts, judge};

const MIN: i64 = 60_000;

fn steps(d: &Diagnosis) -> String {
    d.steps().iter().map(short).collect::<Vec<_>>().join(" ")
}

/// What Windows said while the share was used, and what whoever uses it gets since.
fn fails(scenario: &str, means: CifsTrouble) -> (Environment, Snapshot) {
    let (env, mut look) = scene("healthy");
    let said = scene(scenario).1;
    look.kernel = said.kernel.clone();
    for line in &mut look.kernel.as_mut().unwrap().lines {
        line.at = Some(MORNING.plus_ms(-10 * MIN));
        line.means = line.means.map(|_| means);
    }
    look.kernel.as_mut().unwrap().lines.retain(|l| l.means.is_some());
    look.share = Ok(ShareAnswer::Fails { said: SafeText::new("Permission denied") });
    look.port = Ok(opsdeck::core::probe::port::Port::Open);
    look.packs = Err(opsdeck::core::gap::Gap::TimedOut);
    (env, look)
}

#[test]
fn a_share_that_fails_is_taken_off_before_it_is_mounted_with_a_new_password() {
    for (means, root, wanted) in [
        (CifsTrouble::Logon, "wrong-password", "U M"),
        (CifsTrouble::Account, "account-locked", "call windows U M"),
        (CifsTrouble::Denied, "no-permission", "call windows U M"),
    ] {
        let (env, look) = fails("wrong-password", means);
        let d = explained(&env, &look);
        assert_eq!((roots(&d), steps(&d).as_str()), (vec![root], wanted), "{}", d.headline.en);
        assert_eq!(refused(&env, &look, &d), None);
        assert_eq!(runbooks::left_out(&d), Vec::<String>::new());
        // the first key that is offered can be pressed
        let first = d.steps().iter().find_map(|m| m.action.map(|_| m.fix.clone()));
        let Some(opsdeck::core::diagnose::Fix::Do(action)) = first else { panic!("{root}") };
        assert!(matches!(make(&action, &Facts::of(&env, &look), ""), Ok(Made::Plan(_))), "{root}");
    }
    // with nothing on the point there is nothing to take off
    let (env, look) = scene("wrong-password");
    assert_eq!(steps(&explained(&env, &look)), "M B");
}

#[test]
fn the_share_is_there_before_the_backend_starts_and_makes_up_for_the_night() {
    let (env, mut look) = scene("backend-down");
    mount_of(&mut look, &scene("not-mounted").1);
    let d = explained(&env, &look);
    assert_eq!((roots(&d), steps(&d)), (vec!["backend-down", "not-mounted"], "M R wait".to_owned()));
    assert_eq!(refused(&env, &look, &d), None);
    // a row that stays is closed by the backend that runs again
    let (env, mut look) = scene("ghost-job");
    let down = scene("backend-down").1;
    (look.containers, look.health) = (down.containers.clone(), down.health.clone());
    mount_of(&mut look, &scene("not-mounted").1);
    assert_eq!(steps(&explained(&env, &look)), "M R X B");
    // a full disk is cleared before anything is written
    let (env, mut look) = scene("backend-down");
    composed::disks_of(&mut look, &scene("disk-full").1);
    let left = look.leftovers.clone();
    mount_of(&mut look, &scene("not-mounted").1);
    look.leftovers = left;
    let d = explained(&env, &look);
    assert_eq!(
        (roots(&d), steps(&d)),
        (vec!["backend-down", "not-mounted", "disk-full"], "call you M R wait".to_owned())
    );
}

#[test]
fn a_strangers_machine_is_one_finding() {
    let (env, mut look) = scene("not-mounted");
    look.containers = Ok(Vec::new());
    look.compose_file = Ok(false);
    look.inside = Err(opsdeck::core::gap::Gap::NoAnswer);
    look.fstab = Ok(Vec::new());
    let credentials = look.credentials.as_mut().unwrap();
    (credentials.helper, credentials.file) = (false, None);
    let d = explained(&env, &look);
    assert_eq!(roots(&d), ["wrong-server"], "{:?}", d.findings);
    let below = under(&d, "wrong-server");
    for cause in ["no-mount-helper", "credentials-file", "reboot-lost-mount", "fstab-missing", "not-mounted"]
    {
        assert!(below.contains(&cause), "{cause}: {below:?}");
    }
    assert_eq!(steps(&d), "call you");
    // an address that may only be translated on the way leaves the step where it is
    let (mut env, mut look) = scene("not-mounted");
    env.host = "192.0.2.200".into();
    look.credentials.as_mut().unwrap().helper = false;
    assert_eq!(roots(&explained(&env, &look)), ["no-mount-helper", "wrong-server"]);
}

/// One more backup that somebody began this long ago and that goes on.
fn at_work(look: &mut Snapshot, kind: Kind, minutes: i64) -> JobId {
    let now = look.now();
    let base = db(look);
    let newest = base.jobs.iter().map(|j| j.id.0).max().unwrap();
    let job = Job {
        id: JobId(newest + 1),
        kind,
        status: Status::Running,
        message: SafeText::new("备份 volume: ragflow_compose_esdata01（写入中 1 MB）"),
        detail: SafeText::default(),
        output_dir: None,
        created: Some(now.plus_ms(-minutes * MIN)),
        started: Some(now.plus_ms(-minutes * MIN)),
        finished: None,
        ..base.jobs[0].clone()
    };
    base.jobs.insert(0, job.clone());
    base.live.push(job);
    JobId(newest + 1)
}

#[test]
fn what_a_living_backup_refuses_comes_after_its_end() {
    // images are missing in the last full pack, and somebody makes an incremental one just now
    let (env, mut look) = scene("images-missing");
    at_work(&mut look, Kind::Incremental, 3);
    let d = explained(&env, &look);
    assert_eq!((roots(&d), steps(&d)), (vec!["images-missing"], "wait B".to_owned()), "{}", d.headline.en);
    // the share is on the point twice or read-only: nothing is taken off under it
    let (env, mut look) = scene("wrong-share");
    at_work(&mut look, Kind::Incremental, 3);
    let d = explained(&env, &look);
    assert_eq!((roots(&d)[0], steps(&d).split(' ').next()), ("wrong-share", Some("wait")), "{}", steps(&d));
    assert!(steps(&d).starts_with("wait U M"), "{}", steps(&d));
    // a line of fstab disturbs none
    let (env, mut look) = scene("fstab-missing");
    at_work(&mut look, Kind::Incremental, 3);
    let d = explained(&env, &look);
    assert_eq!((roots(&d), steps(&d)), (vec!["fstab-missing"], "M".to_owned()));
    assert_eq!(refused(&env, &look, &d), None);
}

/// The full backup began at 02:00 and goes on; at 06:05 the slot of 04:00 has no job of its own.
#[test]
fn a_long_backup_is_why_the_next_one_was_not_begun() {
    let (env, mut look) = look("healthy", "prod", MORNING.plus_ms(-115 * MIN));
    let now = look.now();
    let gone = db(&mut look).jobs[0].id;
    let base = db(&mut look);
    base.jobs.retain(|j| j.id != gone);
    base.last_completed.retain(|j| j.id != gone);
    let mut pack = look.packs.as_ref().unwrap().packs.last().unwrap().clone();
    let id = at_work(&mut look, Kind::Full, 245);
    let name = "migration_pack_20260201_020000_000";
    (pack.name, pack.path, pack.changed) = (SafeText::new(name), SafeText::new(name), now.plus_ms(-20_000));
    for job in jobs(&mut look).filter(|j| j.id == id) {
        job.output_dir = Some(SafeText::new(&format!("/mnt/replica/RagflowAuth/{name}")));
    }
    look.packs.as_mut().unwrap().packs.push(pack);
    let d = explained(&env, &look);
    assert_eq!((roots(&d), steps(&d)), (vec!["running"], "wait".to_owned()), "{}", d.headline.zh);
    assert!(under(&d, "running").contains(&"no-job"), "{:?}", under(&d, "running"));
    assert!(d.headline.zh.contains("04:00 的备份没有做"), "{}", d.headline.zh);
    assert_eq!(judge(&env, &look).state, State::Failed);
    // one that stands still is the stuck one
    look.packs.as_mut().unwrap().packs.last_mut().unwrap().changed = now.plus_ms(-60 * MIN);
    let d = explained(&env, &look);
    assert_eq!(roots(&d), ["stuck-job"], "{}", d.headline.zh);
}
