//! What looks well and is not: each of these was once called healthy, or told to wait.
use super::composed::{db, jobs, pack_of};
use super::*;
use jiff::civil::Date;
use opsdeck::core::diagnose::diagnose_night;
use opsdeck::core::gap::Gap;
use opsdeck::core::probe::database::{Kind, Status};
use opsdeck::core::probe::packs::PackFile;
use opsdeck::core::safetext::SafeText;
use opsdeck::core::units::{Bytes, JobId};
use opsdeck::core::verdict::judge;

const SUNDAY: Date = Date::constant(2026, 2, 1);

/// The weekly full backup was due at 02:00 of this night, the incremental one at 04:00; both are good.
pub(crate) fn both_last_night() -> (Environment, Snapshot) {
    let (env, mut look) = scene("images-missing");
    let full = full(&mut look);
    pack_of(&mut look, full).files.insert(SafeText::new("images.tar"), file(6_600_000_000));
    (env, look)
}

pub(crate) fn full(look: &mut Snapshot) -> JobId {
    db(look).last_completed.iter().find(|j| j.kind == Kind::Full).unwrap().id
}

fn incremental(look: &mut Snapshot) -> JobId {
    db(look).last_completed.iter().find(|j| j.kind == Kind::Incremental).unwrap().id
}

fn file(bytes: u64) -> PackFile {
    PackFile { bytes: Bytes(bytes), changed: MORNING }
}

/// It ended like this instead of being completed.
fn ended(look: &mut Snapshot, id: JobId, status: Status, words: &str) {
    for job in jobs(look).filter(|j| j.id == id) {
        (job.status, job.detail) = (status.clone(), SafeText::new(words));
    }
    let base = db(look);
    let before = base.jobs.iter().find(|j| j.kind == Kind::Full && j.id != id).unwrap().clone();
    base.last_completed.retain(|j| j.id != id);
    base.last_completed.push(before);
}

#[test]
fn a_full_backup_that_failed_before_a_good_incremental_one_is_told_at_once() {
    let (env, look) = both_last_night();
    assert!(is_healthy(&explained(&env, &look)), "{:?}", roots(&explained(&env, &look)));
    for status in [Status::Failed, Status::Canceled] {
        let (env, mut look) = both_last_night();
        let id = full(&mut look);
        ended(&mut look, id, status.clone(), "tar: No space");
        let root = if status == Status::Failed { "job-failed" } else { "job-canceled" };
        let d = explained(&env, &look);
        assert_eq!((roots(&d), d.state), (vec![root], State::Failed), "{}", d.headline.zh);
        assert_eq!(d.slot.as_ref().unwrap().kind, Kind::Full);
        assert_eq!(d.steps()[0].action, Some("backup-full"), "{:?}", d.steps());
        // that the incremental one is there is said too
        let beside = d.findings[0].evidence.iter().any(|e| e.says.en.contains("is on Windows and whole"));
        assert!(beside, "{:?}", d.findings[0].evidence);
        // asked about by its date it is the same, also when it is not last night any more
        assert_eq!(roots(&diagnose_night(&env, &look, SUNDAY, look.taken)), [root]);
        assert_eq!(judge(&env, &look).state, State::Failed);
    }
}

#[test]
fn a_full_backup_that_failed_stays_failed_until_one_is_completed() {
    // three nights ago
    let (env, mut look) = scene("healthy");
    let id = full(&mut look);
    ended(&mut look, id, Status::Failed, "tar: Permission denied");
    let d = explained(&env, &look);
    assert_eq!((roots(&d), d.state), (vec!["full-overdue"], State::Failed));
    assert!(d.headline.zh.contains("tar: Permission denied"), "{}", d.headline.zh);
    let thursday = SUNDAY.checked_sub(jiff::ToSpan::days(3)).unwrap();
    let d = diagnose_night(&env, &look, thursday, look.taken);
    assert_eq!((roots(&d), d.state), (vec!["job-failed"], State::Failed), "{}", d.headline.en);
    // somebody made up for it the same morning
    let (env, mut look) = scene("healthy");
    let id = full(&mut look);
    let mut first = db(&mut look).jobs.iter().find(|j| j.id == id).unwrap().clone();
    (first.id, first.status) = (JobId(id.0 - 1000), Status::Failed);
    db(&mut look).jobs.push(first);
    assert!(is_healthy(&explained(&env, &look)));
    assert_eq!(diagnose_night(&env, &look, thursday, look.taken).state, State::Ok);
}

#[test]
fn a_pack_without_images_is_told_of_its_night_however_good_the_incremental_one_was() {
    let (env, look) = scene("images-missing");
    let d = diagnose_night(&env, &look, SUNDAY, look.taken);
    assert_eq!((roots(&d), d.state), (vec!["images-missing"], State::Warning));
}

#[test]
fn one_file_that_is_cut_off_or_emptied_is_told_by_its_name() {
    type Cut = fn(&mut Snapshot) -> (JobId, &'static str, u64);
    let cuts: [Cut; 4] = [
        |l| (incremental(l), "volumes/ragflow_compose_esdata01.tar.gz", 45),
        |l| (incremental(l), "auth.db", 4096),
        |l| (full(l), "images.tar", 1000),
        |l| (full(l), "volumes/ragflow_compose_minio_data.tar.gz", 1 << 20),
    ];
    for (base, cut) in ["healthy", "images-missing"].iter().flat_map(|b| cuts.iter().map(move |c| (b, c))) {
        let (env, mut look) = if *base == "healthy" { scene("healthy") } else { both_last_night() };
        let (job, name, bytes) = cut(&mut look);
        pack_of(&mut look, job).files.insert(SafeText::new(name), file(bytes));
        let d = explained(&env, &look);
        assert_eq!(
            (roots(&d), d.state),
            (vec!["small-pack"], State::Warning),
            "{base} {name}: {}",
            d.headline.zh
        );
        assert!(d.headline.zh.contains(name), "{}", d.headline.zh);
        assert!(!d.backup.as_ref().is_some_and(|b| b.whole && b.job == job), "{base} {name}");
    }
}

#[test]
fn a_volume_that_is_gone_from_docker_and_from_the_pack_is_missed() {
    let (env, mut look) = scene("healthy");
    let name = "ragflow_compose_redis_data";
    look.volumes.as_mut().unwrap().retain(|v| v.as_str() != name);
    let job = incremental(&mut look);
    pack_of(&mut look, job).files.remove(&SafeText::new(&format!("volumes/{name}.tar.gz")));
    let d = explained(&env, &look);
    assert_eq!((roots(&d), d.state), (vec!["small-pack"], State::Warning), "{}", d.headline.zh);
    assert!(d.headline.zh.contains(name), "{}", d.headline.zh);
}

#[test]
fn where_there_is_nothing_to_compare_with_that_is_said() {
    let (env, mut look) = scene("healthy");
    let keep = [incremental(&mut look), full(&mut look)];
    let kept: Vec<String> = keep.iter().map(|id| pack_of(&mut look, *id).name.to_string()).collect();
    look.packs.as_mut().unwrap().packs.retain(|p| kept.iter().any(|k| k == p.name.as_str()));
    db(&mut look).jobs.retain(|j| keep.contains(&j.id));
    let verdict = judge(&env, &look);
    let night = verdict.checks.iter().find(|c| c.id == "night").unwrap();
    assert!(night.evidence.iter().any(|e| e.en.contains("fewer than three")), "{:?}", night.evidence);
}

#[test]
fn a_backend_that_docker_starts_again_and_again_is_not_just_starting() {
    // also when it missed the slot: it will not make up for it
    let (env, mut look) = scene("healthy");
    let newest = incremental(&mut look);
    let base = db(&mut look);
    base.jobs.retain(|j| j.id != newest);
    base.last_completed.retain(|j| j.id != newest);
    alone::crash_loops(&mut look);
    let d = explained(&env, &look);
    assert_eq!((roots(&d), d.state), (vec!["backend-ill"], State::Failed), "{}", d.headline.zh);
    assert!(under(&d, "backend-ill").contains(&"no-job"), "{:?}", under(&d, "backend-ill"));
    assert_eq!(first_step(&d), "call backend");
    // a count of earlier days says nothing right after a boot
    look.identity.as_mut().unwrap().uptime_s = Some(60);
    assert_eq!(explained(&env, &look).state, State::Warning);
}

#[test]
fn a_container_without_a_zone_is_told_with_the_time_in_beijing() {
    let (env, mut look) = scene("healthy");
    look.inside.as_mut().unwrap().clock.as_mut().unwrap().zone_s = 0;
    db(&mut look).settings.as_mut().unwrap().full_enabled = Some(false);
    let d = explained(&env, &look);
    assert_eq!((roots(&d), d.state), (vec!["clock-skew"], State::Warning), "{}", d.headline.zh);
    assert!(d.headline.zh.contains("北京时间 12:00"), "{}", d.headline.zh);
    // it is set by whoever runs the container, and a clock by whoever runs the server
    assert_eq!(first_step(&d), "call backend");
    assert!(d.steps()[0].says.zh.contains("TZ=Asia/Shanghai"), "{}", d.steps()[0].says.zh);
    let (env, look) = scene("clock-skew");
    let d = explained(&env, &look);
    assert_eq!((roots(&d), first_step(&d)), (vec!["clock-skew"], "call server".to_owned()));
    // the host may have any zone
    let (env, mut look) = scene("healthy");
    look.identity.as_mut().unwrap().zone_s = Some(0);
    assert!(is_healthy(&explained(&env, &look)));
    // in another zone than that in which its packs were named
    let (env, mut look) = scene("healthy");
    look.inside.as_mut().unwrap().clock.as_mut().unwrap().zone_s = 9 * 3600;
    assert!(roots(&explained(&env, &look)).contains(&"clock-skew"));
}

#[test]
fn a_schedule_that_was_switched_off_after_a_good_night_does_not_lose_that_night() {
    let (env, mut look) = scene("healthy");
    db(&mut look).settings.as_mut().unwrap().enabled = Some(false);
    let d = explained(&env, &look);
    assert_eq!((roots(&d), d.state), (vec!["schedule-disabled"], State::Failed));
    let steps: Vec<String> = d.steps().iter().map(short).collect();
    assert_eq!(steps, ["call you"], "last night's backup is there");
    let kept = d.findings[0].evidence.iter().any(|e| e.says.en.contains("is on Windows and whole"));
    assert!(kept, "{:?}", d.findings[0].evidence);
    let night = judge(&env, &look).checks.into_iter().find(|c| c.id == "night").unwrap();
    assert!(night.summary.en.contains("is on Windows"), "{}", night.summary.en);
}

#[test]
fn a_look_into_the_container_that_ran_out_of_time_offers_no_restart() {
    // seen on a slow server right after a backup: /health answers, the exec did not come back in time
    let (env, mut look) = scene("healthy");
    look.inside = Err(Gap::TimedOut);
    let d = explained(&env, &look);
    assert_eq!((roots(&d), d.state), (vec![], State::Unknown), "{}", d.headline.en);
    assert!(d.unchecked.iter().any(|u| u.why.en.contains("ran out of time")), "{:?}", d.unchecked);
}
