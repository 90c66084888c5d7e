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

/// A backup of the older layout that has been at work for this long.
fn copying(minutes: i64) -> (Environment, Snapshot, JobId) {
    let (env, mut look) = replicated();
    let now = look.now();
    let base = db(&mut look);
    let began = Some(now.plus_ms(-minutes * MIN));
    let job = Job {
        id: JobId(base.jobs[0].id.0 + 1),
        status: Status::Running,
        message: SafeText::new("备份 volume: ragflow_compose_esdata01（写入中 1 MB）"),
        output_dir: Some(SafeText::new("/app/data/backups/migration_pack_20260201_073000_000")),
        created: began,
        started: began,
        finished: None,
        ..base.jobs[0].clone()
    };
    base.jobs.insert(0, job.clone());
    base.live.push(job.clone());
    (env, look, job.id)
}

#[test]
fn a_copy_that_changes_and_a_container_that_packs_are_signs_of_life() {
    // nothing shows: it is not known, and the share has nothing to do with it
    let (env, mut look, id) = copying(30);
    let live = check(&env, &look, "live");
    assert_eq!((live.state, live.next.unwrap().en.as_str()), (State::Unknown, "look again in a few minutes"));
    // its copy lies on the share, and grows
    let copy = |changed: i64| Pack {
        name: SafeText::new(&format!("job_{}_1769903000", id.0)),
        path: SafeText::new(&format!("_tmp/job_{}_1769903000", id.0)),
        changed: MORNING.plus_ms(changed * MIN),
        files: Default::default(),
    };
    look.packs.as_mut().unwrap().interrupted = vec![copy(-2)];
    assert_eq!(check(&env, &look, "live").state, State::Ok);
    // one that is older than the job is another server's, or another job's
    look.packs.as_mut().unwrap().interrupted = vec![copy(-40)];
    assert_eq!(check(&env, &look, "live").state, State::Unknown);
    // a container packs for it
    let all = look.containers.as_mut().unwrap();
    let mut helper = all.iter().find(|c| c.name.as_str() == "ragflowauth-backend").unwrap().clone();
    (helper.id, helper.name) = (SafeText::new("feed"), SafeText::new("brave_tar"));
    helper.started = Some(MORNING.plus_ms(-20 * MIN));
    helper.mounts = vec![opsdeck::core::probe::containers::Bind {
        source: SafeText::new("/var/lib/docker/volumes/ragflow_compose_esdata01/_data"),
        destination: SafeText::new("/volume"),
        volume: Some(SafeText::new("ragflow_compose_esdata01")),
        writable: false,
        propagation: SafeText::default(),
    }];
    all.push(helper);
    let live = check(&env, &look, "live");
    assert_eq!(live.state, State::Ok, "{}", live.summary.zh);
    assert!(live.evidence.iter().any(|e| e.en.contains("brave_tar")), "{:?}", live.evidence);
    // the share cannot be seen: then it is what has to come back first
    let (env, mut look, _) = copying(30);
    look.packs = Err(Gap::TimedOut);
    assert!(check(&env, &look, "live").next.unwrap().en.contains("make the share answer"));
}

#[test]
fn a_later_backup_that_is_no_good_takes_nothing_from_a_good_one() {
    let (env, mut look) = scene("healthy");
    let good = db(&mut look).jobs[0].clone();
    let mut pack = pack_of(&mut look, good.id).clone();
    let name = "migration_pack_20260201_073000_000";
    (pack.name, pack.path) = (SafeText::new(name), SafeText::new(name));
    pack.files.retain(|file, _| file.as_str() == "auth.db");
    look.packs.as_mut().unwrap().packs.push(pack);
    let base = db(&mut look);
    let mut bad = good.clone();
    let folder = good.output_dir.as_ref().unwrap().as_str().rsplit_once('/').unwrap().0.to_owned();
    let dir = SafeText::new(&format!("{folder}/{name}"));
    (bad.id, bad.output_dir) = (JobId(good.id.0 + 1), Some(dir.clone()));
    for at in [&mut bad.created, &mut bad.started, &mut bad.finished] {
        *at = at.map(|at| at.plus_ms(200 * MIN));
    }
    base.jobs.insert(0, bad.clone());
    base.outputs.insert(
        0,
        opsdeck::core::probe::database::Output { job: bad.id, kind: Kind::Incremental, folder: dir },
    );
    base.last_completed.retain(|j| j.kind != Kind::Incremental);
    base.last_completed.push(bad.clone());
    let d = explained(&env, &look);
    assert!(is_healthy(&d), "{:?} {}", roots(&d), d.headline.zh);
    assert_eq!(d.backup.as_ref().map(|b| (b.job, b.whole)), Some((good.id, true)));
    let night = check(&env, &look, "night");
    let said = night.evidence.iter().any(|e| e.en.contains(&format!("the later backup {}", bad.id)));
    assert!(said, "{:?}", night.evidence);
    // where the older one is no good either, the newest tells
    pack_of(&mut look, good.id).files.remove(&SafeText::new("auth.db"));
    assert_eq!(roots(&explained(&env, &look)), ["incomplete-pack"]);
    assert!(check(&env, &look, "night").summary.en.contains(&bad.id.to_string()));
}

#[test]
fn a_backend_that_somebody_started_by_hand_is_not_left_down_by_an_old_action() {
    use opsdeck::core::probe::runs::parse;
    let (env, mut look) = scene("healthy");
    let since = MORNING.0 / 1000 - 3600;
    look.runs = Ok(parse(format!("{since}-1f|mount|anna@desk|{since}|ended failed down\n").as_bytes()));
    // it has run since before: what was stopped is something else
    assert_eq!(roots(&explained(&env, &look)), ["operation-cut-off"]);
    let backend = |look: &mut Snapshot, minutes: i64| {
        let all = look.containers.as_mut().unwrap();
        let c = all.iter_mut().find(|c| c.name.as_str() == "ragflowauth-backend").unwrap();
        c.started = Some(MORNING.plus_ms(-minutes * MIN));
    };
    backend(&mut look, 30);
    let d = explained(&env, &look);
    assert!(is_healthy(&d), "{:?} {}", roots(&d), d.headline.zh);
    // it runs and is not well: another start would do nothing
    look.health = Ok(Health::Silent { said: SafeText::new("curl: (28)") });
    let d = explained(&env, &look);
    assert!(roots(&d).contains(&"operation-cut-off"), "{:?}", roots(&d));
    assert_eq!(runbooks::left_out(&d), Vec::<String>::new());
    assert!(d.steps().iter().all(|m| m.action != Some("start-backend")), "{:?}", d.steps());
}

#[test]
fn words_say_what_is_so() {
    // only the images are missing: all data is there
    let (env, mut look) = scene("images-missing");
    disks_of(&mut look, &scene("disk-full").1);
    for d in [explained(&env, &look), diagnose_night(&env, &look, jiff::civil::date(2026, 2, 1), look.taken)]
    {
        assert!(!d.headline.zh.contains("不能用"), "{}", d.headline.zh);
    }
    let d = explained(&env, &look);
    assert!(d.headline.zh.contains("缺镜像，数据都在"), "{} {:?}", d.headline.zh, roots(&d));
    // nothing is known of a switch that the settings do not have
    let (env, mut look) = scene("healthy");
    db(&mut look).settings = None;
    let d = explained(&env, &look);
    assert!(
        d.headline.zh.contains("没有填定时") && !d.headline.zh.contains("开关是开的"),
        "{}",
        d.headline.zh
    );
    // a port that is open is no machine that is off
    let (env, mut look) = scene("share-hung");
    look.port = Ok(Port::Open);
    let share = check(&env, &look, "share");
    assert!(
        share.summary.zh.contains("端口通") && !share.summary.zh.contains("关机"),
        "{}",
        share.summary.zh
    );
    // the line for fstab names the credentials file of this environment
    let (mut env, mut look) = scene("fstab-missing");
    env.paths.credentials_file = "/root/.smbcreds/ragflow_backup".into();
    look.fstab = Ok(Vec::new());
    let next = check(&env, &look, "fstab").next.unwrap();
    assert!(next.en.contains("credentials=/root/.smbcreds/ragflow_backup,"), "{}", next.en);
    // the pages say warning where the checks do
    let shows = |cause: &str| opsdeck::core::diagnose::runbook(cause).unwrap().shows;
    assert!(!shows("evicted").zh.contains("失败") && !shows("evicted").en.contains("fails"));
    assert!(shows("incomplete-pack").zh.contains("「最近的全量备份」告警"));
    // both languages say the same of what may be deleted
    let (env, look) = scene("disk-full");
    assert!(check(&env, &look, "disks").next.unwrap().en.contains("that the share has the same"));
}
