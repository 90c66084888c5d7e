//! What looks broken and is not: each of these was once called failed, or told with a wrong reason.
use super::composed::{db, disks_of, jobs, pack_of, replicated};
use super::*;
use opsdeck::core::diagnose::diagnose_night;
use opsdeck::core::gap::Gap;
use opsdeck::core::probe::database::{Job, Kind, Status};
use opsdeck::core::probe::health::Health;
use opsdeck::core::probe::packs::Pack;
use opsdeck::core::probe::port::Port;
use opsdeck::core::probe::share::ShareAnswer;
use opsdeck::core::safetext::SafeText;
use opsdeck::core::units::{Bytes, JobId};
use opsdeck::core::verdict::{Check, Facts, judge};

const MIN: i64 = 60_000;

fn check(env: &Environment, look: &Snapshot, id: &str) -> Check {
    judge(env, look).checks.into_iter().find(|c| c.id == id).unwrap()
}

fn night_state(env: &Environment, look: &Snapshot) -> State {
    check(env, look, "night").state
}

#[test]
fn without_docker_an_old_row_is_no_proof_that_its_pack_was_copied() {
    let (env, mut look) = scene("healthy");
    let newest = db(&mut look).jobs[0].id;
    for job in jobs(&mut look).filter(|j| j.id == newest) {
        job.message = SafeText::new("备份完成（未同步）");
    }
    assert!(is_healthy(&explained(&env, &look)), "where it wrote counts before what it says");
    look.containers = Err(Gap::TimedOut);
    look.volumes = Err(Gap::TimedOut);
    let night = check(&env, &look, "night");
    assert_eq!(night.state, State::Unknown, "{}", night.summary.zh);
    look.volumes = scene("healthy").1.volumes;
    let night = check(&env, &look, "night");
    assert_eq!(night.state, State::Ok, "{}", night.summary.zh);
    // with its binds the copy that was made elsewhere is known, and needs its seal
    let (env, mut look) = replicated();
    look.packs.as_mut().unwrap().packs.last_mut().unwrap().files.remove(&SafeText::new("DONE"));
    assert_eq!(night_state(&env, &look), State::Failed);
}

#[test]
fn a_container_that_tells_no_zone_is_reckoned_in_that_of_its_packs() {
    // the host has UTC: by it the slot of 04:00 would be noon in Beijing, and was yesterday's
    let (env, mut look) = scene("healthy");
    look.inside.as_mut().unwrap().clock = Err(Gap::TimedOut);
    look.identity.as_mut().unwrap().zone_s = Some(0);
    // the backend runs on in the afternoon
    let now = look.now().plus_ms(6 * 60 * MIN);
    (look.taken, look.identity.as_mut().unwrap().clock) = (now, now);
    let night = check(&env, &look, "night");
    // what was lowered to unknown stays so
    assert_eq!(night.state, State::Unknown, "{}", night.summary.zh);
    assert!(night.summary.en.contains("is on Windows"), "{}", night.summary.en);
    assert!(night.evidence.iter().any(|e| e.en.contains("named its packs")), "{:?}", night.evidence);
    assert_eq!(explained(&env, &look).zone_s, Some(8 * 3600));
    // without a single name it is the server's
    for job in jobs(&mut look) {
        job.output_dir = None;
    }
    assert_eq!(explained(&env, &look).zone_s, Some(0));
}

#[test]
fn room_is_not_missed_for_a_backup_that_nobody_scheduled() {
    let (env, mut look) = scene("healthy");
    let free = |look: &mut Snapshot, gib: u64| {
        if let Ok(ShareAnswer::Answers { space, .. }) = &mut look.share {
            (space.total, space.free, space.available) =
                (Bytes(gib << 31), Bytes(gib << 30), Bytes(gib << 30));
        }
    };
    // enough for an incremental one, too little for one with images
    free(&mut look, 8);
    let d = explained(&env, &look);
    assert_eq!((roots(&d), d.state), (vec!["share-full"], State::Failed), "{}", d.headline.zh);
    db(&mut look).settings.as_mut().unwrap().full_enabled = Some(false);
    let room = check(&env, &look, "room");
    assert_ne!(room.state, State::Failed, "{}", room.summary.zh);
    assert!(room.evidence.iter().all(|e| !e.zh.contains("全量")), "{:?}", room.evidence);
    // the backup itself still asks by its kind
    use opsdeck::core::plan::{Action, make};
    assert!(make(&Action::Backup { full: true }, &Facts::of(&env, &look), "").is_err());
    assert!(make(&Action::Backup { full: false }, &Facts::of(&env, &look), "").is_ok());
    free(&mut look, 1);
    assert_eq!(check(&env, &look, "room").state, State::Failed);
}
