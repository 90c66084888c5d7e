//! A cause explains only what it can explain: what came after the time kept nothing from starting, what another share was told is
//! not ours, what may be so is not why.
use super::composed::{db, jobs, mount_of};
use super::*;
use opsdeck::core::diagnose::{Certainty, Finding, Probe};
use opsdeck::core::probe::database::Status;
use opsdeck::core::probe::kernel::KernelLine;
use opsdeck::core::probe::share::ShareAnswer;
use opsdeck::core::safetext::SafeText;
use opsdeck::core::units::Bytes;
use opsdeck::core::verdict::judge;

const MIN: i64 = 60_000;

fn steps(d: &Diagnosis) -> String {
    d.steps().iter().map(short).collect::<Vec<_>>().join(" ")
}

fn of<'a>(d: &'a Diagnosis, cause: &str) -> &'a Finding {
    d.findings.iter().find(|f| f.cause == cause).unwrap_or_else(|| panic!("no {cause}: {:?}", roots(d)))
}

fn backend(look: &mut Snapshot) -> &mut opsdeck::core::probe::containers::Container {
    look.containers.as_mut().unwrap().iter_mut().find(|c| c.name.as_str() == "ragflowauth-backend").unwrap()
}

/// When the night's backup was due.
fn due(d: &Diagnosis) -> EpochMs {
    d.slot.as_ref().unwrap().due
}

#[test]
fn an_address_that_may_be_translated_on_the_way_takes_no_key_away() {
    let (mut env, look) = scene("not-mounted");
    env.host = "192.0.2.200".into();
    let d = explained(&env, &look);
    assert_eq!(roots(&d), ["not-mounted", "wrong-server"], "{}", d.headline.zh);
    assert_eq!(steps(&d), "M B");
    assert_eq!(of(&d, "wrong-server").certainty, Certainty::Possible);
}

#[test]
fn a_lock_that_was_taken_in_the_morning_did_not_keep_the_night_from_starting() {
    let (env, mut look, due) = away();
    for c in look.containers.as_mut().unwrap() {
        c.started = Some(due.plus_ms(-600 * MIN));
    }
    let mut lock = db(&mut scene("stale-lock").1).locks[0].clone();
    lock.acquired = Some(due.plus_ms(-60 * MIN));
    db(&mut look).locks = vec![lock];
    let d = explained(&env, &look);
    assert_eq!((roots(&d), under(&d, "stale-lock")), (vec!["stale-lock"], vec!["no-job"]));
    // a backend that took it at the time, and died before it wrote the job
    db(&mut look).locks[0].acquired = Some(due.plus_ms(5_000));
    assert_eq!(under(&explained(&env, &look), "stale-lock"), ["no-job"]);
    db(&mut look).locks[0].acquired = Some(due.plus_ms(180 * MIN));
    let d = explained(&env, &look);
    assert_eq!(roots(&d), ["unknown", "stale-lock"], "{}", d.headline.zh);
    assert_eq!(steps(&d), "X B call you");
}

#[test]
fn a_backend_that_ran_over_the_time_did_not_miss_it() {
    let (env, mut look) = scene("backend-down");
    let d = explained(&env, &look);
    assert_eq!(under(&d, "backend-down"), ["no-job"]);
    let due = due(&d);
    let c = backend(&mut look);
    (c.started, c.finished) = (Some(due.plus_ms(-600 * MIN)), Some(due.plus_ms(180 * MIN)));
    let d = explained(&env, &look);
    assert_eq!(roots(&d), ["unknown", "backend-down"], "{}", d.headline.zh);
    assert_eq!(d.steps()[0].key, Some('R'), "{}", steps(&d));
}

/// Row and packs are read side by side: what a pack lacked before its job's end is no trouble.
#[test]
fn a_backup_that_ends_while_the_look_is_taken_is_not_called_incomplete() {
    let (env, whole) = scene("healthy");
    let id = db(&mut whole.clone()).jobs[0].id;
    let seen = |ended_ms: i64, change: fn(&mut opsdeck::core::probe::packs::Pack)| {
        let mut look = whole.clone();
        look.took_ms = 52_000;
        let ended = look.now().plus_ms(ended_ms);
        for job in jobs(&mut look).filter(|j| j.id == id) {
            job.finished = Some(ended);
        }
        change(super::composed::pack_of(&mut look, id));
        let d = explained(&env, &look);
        let night = judge(&env, &look).checks.into_iter().find(|c| c.id == "night").unwrap();
        (roots(&d).into_iter().map(str::to_owned).collect::<Vec<_>>(), steps(&d), night.state)
    };
    let lacks: fn(&mut opsdeck::core::probe::packs::Pack) =
        |pack| pack.files.retain(|name, _| !name.as_str().contains("redis"));
    for ended_ms in [-5_000, 0, 40_000] {
        let (found, steps, night) = seen(ended_ms, lacks);
        assert_eq!(
            (found, steps.as_str(), night),
            (vec!["running".to_owned()], "wait", State::Warning),
            "{ended_ms} ms"
        );
        // one that is whole is whole
        let (found, _, night) = seen(ended_ms, |_| ());
        assert_eq!((found.len(), night), (0, State::Ok), "{ended_ms} ms: {found:?}");
    }
    // before it, or by a clock that was wrong
    for ended_ms in [-60_000, 3_600_000] {
        let (found, _, night) = seen(ended_ms, lacks);
        assert_eq!((found, night), (vec!["incomplete-pack".to_owned()], State::Failed), "{ended_ms} ms");
    }
}

/// One that takes long is told from one that was begun late: only the first of them may be in trouble.
#[test]
fn a_backup_that_was_begun_by_hand_in_the_morning_is_not_slow() {
    let (mut env, mut look) = scene("backup-running");
    let night = |env: &Environment, look: &Snapshot| {
        let check = judge(env, look).checks.into_iter().find(|c| c.id == "night").unwrap();
        (explained(env, look).headline.en, check.summary.en)
    };
    for said in <[String; 2]>::from(night(&env, &look)) {
        assert!(!said.contains("late"), "it has time: {said}");
    }
    env.thresholds.finish_grace_min = 1;
    for said in <[String; 2]>::from(night(&env, &look)) {
        assert!(said.contains("later than it should"), "{said}");
    }
    let now = look.now();
    for job in jobs(&mut look).filter(|j| j.status.is_live()) {
        (job.created, job.started) = (Some(now.plus_ms(-MIN / 2)), Some(now.plus_ms(-MIN / 2)));
    }
    for said in <[String; 2]>::from(night(&env, &look)) {
        assert!(said.contains("began late and is running"), "{said}");
    }
}

/// A server whose night was missed, and whose backend began to run two hours after the time.
fn away() -> (Environment, Snapshot, EpochMs) {
    let (env, mut look) = scene("backend-down");
    let due = due(&explained(&env, &look));
    let healthy = scene("healthy").1;
    (look.health, look.containers) = (healthy.health.clone(), healthy.containers.clone());
    let database = look.inside.as_ref().unwrap().database.clone();
    look.inside = healthy.inside.clone();
    look.inside.as_mut().unwrap().database = database;
    for c in look.containers.as_mut().unwrap() {
        (c.started, c.finished) = (Some(due.plus_ms(120 * MIN)), None);
    }
    db(&mut look).settings.as_mut().unwrap().last_run = Some(due.plus_ms(-1440 * MIN));
    (env, look, due)
}

#[test]
fn only_an_end_before_the_time_proves_that_the_backend_was_away() {
    let (env, mut look, due) = away();
    let sure = |look: &Snapshot| {
        let d = explained(&env, look);
        assert_eq!((roots(&d), steps(&d).as_str()), (vec!["backend-away"], "B"), "{}", d.headline.zh);
        of(&d, "backend-away").clone()
    };
    assert_eq!(sure(&look).certainty, Certainty::Likely);
    backend(&mut look).finished = Some(due.plus_ms(-30 * MIN));
    assert_eq!(sure(&look).certainty, Certainty::Proved);
    // it ended after the time: it may have been there
    backend(&mut look).finished = Some(due.plus_ms(119 * MIN));
    let found = sure(&look);
    assert_eq!(found.certainty, Certainty::Possible);
    assert!(found.against.iter().any(|e| e.says.en.contains("last end at")), "{:?}", found.against);
    assert!(!found.says.zh.contains("它不在") && !found.says.en.contains("was away"), "{}", found.says.en);
    // the schedule fired before it was restarted: it was there
    db(&mut look).settings.as_mut().unwrap().last_run = Some(due.plus_ms(MIN));
    let d = explained(&env, &look);
    assert_eq!(roots(&d), ["unknown"], "{}", d.headline.zh);
    assert!(d.ruled_out.iter().any(|r| r.cause == "backend-away" && r.because.probe == Probe::Database));
}

/// The lines of a mount that Windows refused, of this share, so long before now.
fn refusal(of: &str, look: &Snapshot, minutes: i64) -> Vec<KernelLine> {
    let at = |seconds: i64| Some(look.now().plus_ms(-minutes * MIN + seconds * 1000));
    let said = scene("wrong-password").1.kernel.unwrap().lines;
    let line = said.into_iter().find(|l| l.means.is_some()).unwrap();
    let begun = SafeText::new(&format!("CIFS: Attempting to mount {of}"));
    vec![KernelLine { at: at(0), text: begun, means: None }, KernelLine { at: at(1), ..line }]
}

#[test]
fn what_windows_said_to_another_share_is_not_said_of_ours() {
    let (env, mut look) = scene("not-mounted");
    look.fstab = scene("healthy").1.fstab;
    let ours = refusal(&env.share.source().replace('/', "\\"), &look, 60);
    let other = refusal("\\\\192.0.2.9\\archive", &look, 30);
    look.kernel.as_mut().unwrap().lines = ours.clone();
    let d = explained(&env, &look);
    assert_eq!((roots(&d), of(&d, "wrong-password").certainty), (vec!["wrong-password"], Certainty::Proved));
    look.kernel.as_mut().unwrap().lines = other.clone();
    let d = explained(&env, &look);
    assert_eq!((roots(&d), steps(&d).as_str()), (vec!["not-mounted"], "M B"), "{}", d.headline.zh);
    // what was said of ours before it still counts
    look.kernel.as_mut().unwrap().lines = [ours, other].concat();
    assert_eq!(of(&explained(&env, &look), "wrong-password").certainty, Certainty::Proved);
}

#[test]
fn a_mount_that_was_tried_after_the_boot_speaks_against_the_boot_and_another_share_s_does_not() {
    let (env, mut look) = scene("not-mounted");
    look.fstab = Ok(Vec::new());
    let against = |look: &Snapshot| {
        let d = explained(&env, look);
        assert_eq!(
            (roots(&d), of(&d, "reboot-lost-mount").certainty),
            (vec!["reboot-lost-mount"], Certainty::Likely)
        );
        of(&d, "reboot-lost-mount").against.len()
    };
    for (source, wanted) in [("//192.0.2.72/backup", 1), ("//192.0.2.9/archive", 0)] {
        let text = SafeText::new(&format!("CIFS: Attempting to mount {source}"));
        let at = Some(look.now().plus_ms(-60 * MIN));
        look.kernel.as_mut().unwrap().lines = vec![KernelLine { at, text, means: None }];
        assert_eq!(against(&look), wanted, "{source}");
    }
}

#[test]
fn a_full_disk_is_not_why_somebody_stopped_the_backend() {
    let (env, mut look) = scene("backend-down");
    composed::disks_of(&mut look, &scene("disk-full").1);
    for (code, wanted) in [(0, true), (143, true), (137, true), (1, false), (127, false)] {
        let c = backend(&mut look);
        (c.exit_code, c.oom_killed) = (Some(code), false);
        let d = explained(&env, &look);
        let both = roots(&d) == ["backend-down", "disk-full"];
        assert_eq!(both, wanted, "{code}: {:?}", roots(&d));
        assert_eq!(steps(&d), "call you R wait", "{code}: room comes first");
    }
}

#[test]
fn a_pack_in_another_folder_is_no_worse_for_the_diagnosis_than_for_the_check() {
    let (env, mut look) = scene("healthy");
    let job = db(&mut look).jobs[0].id;
    let name = composed::pack_of(&mut look, job).name.clone();
    look.packs.as_mut().unwrap().packs.retain(|p| p.name != name);
    let dir = SafeText::new(&format!("/mnt/replica/Other/{name}"));
    for row in jobs(&mut look).filter(|j| j.id == job) {
        row.output_dir = Some(dir.clone());
    }
    let d = explained(&env, &look);
    assert_eq!((roots(&d), d.state), (vec!["wrong-folder"], State::Warning), "{}", d.headline.zh);
    assert_eq!(judge(&env, &look).state, State::Warning);
}

#[test]
fn a_share_that_the_night_could_not_write_to_wants_a_permission_first() {
    let (env, mut look) = scene("backup-failed");
    for job in jobs(&mut look).filter(|j| j.status == Status::Failed) {
        job.detail = SafeText::new("[Errno 13] Permission denied: '/mnt/replica/RagflowAuth/x'");
    }
    let d = explained(&env, &look);
    assert_eq!(
        (roots(&d), steps(&d).as_str()),
        (vec!["no-permission"], "call windows B"),
        "{:?}",
        d.headline
    );
    assert_eq!(under(&d, "no-permission"), ["job-failed"]);
    assert_eq!(of(&d, "no-permission").certainty, Certainty::Likely);
    // the same words of a file of the server's own speak of something else
    for job in jobs(&mut look).filter(|j| j.status == Status::Failed) {
        job.detail = SafeText::new("[Errno 13] Permission denied: '/app/data/x'");
    }
    assert_eq!(roots(&explained(&env, &look)), ["job-failed"]);
}

#[test]
fn a_share_that_is_read_only_is_first_mounted_anew() {
    let (env, mut look) = scene("healthy");
    for m in look.mounts.as_mut().unwrap().mounts.iter_mut().filter(|m| m.point == b"/mnt/replica") {
        m.options = vec![SafeText::new("ro")];
    }
    let d = explained(&env, &look);
    assert!(roots(&d).contains(&"read-only"), "{:?}", roots(&d));
    assert_eq!(steps(&d), "U M B call windows");
}

#[test]
fn of_a_share_that_is_away_it_is_said_what_of_the_login_could_not_be_seen() {
    let (env, mut look) = scene("not-mounted");
    look.credentials = Err(opsdeck::core::gap::Gap::TimedOut);
    let d = explained(&env, &look);
    let word = Probe::Credentials.word();
    assert!(d.unchecked.iter().any(|u| u.what.en.contains(&word.en)), "{:?}", d.unchecked);
    // where it is mounted nobody needs it now
    let (env, mut look) = scene("healthy");
    look.credentials = Err(opsdeck::core::gap::Gap::TimedOut);
    let d = explained(&env, &look);
    assert!(d.unchecked.iter().all(|u| !u.what.en.contains(&word.en)), "{:?}", d.unchecked);
}

#[test]
fn a_compose_file_that_is_missing_does_not_say_that_the_volumes_are_there() {
    let (env, mut look) = scene("healthy");
    look.compose_file = Ok(false);
    let d = explained(&env, &look);
    assert_eq!(roots(&d), ["compose-missing"]);
    let out = d.ruled_out.iter().find(|r| r.cause == "volumes-missing").unwrap();
    assert_eq!(out.because.says.zh, "数据卷在");
}

#[test]
fn a_share_without_room_says_which_pack_is_the_oldest() {
    let (env, mut look) = scene("healthy");
    if let Ok(ShareAnswer::Answers { space, .. }) = &mut look.share {
        (space.free, space.available) = (Bytes(1 << 20), Bytes(1 << 20));
    }
    let oldest = look.packs.as_ref().unwrap().packs.iter().min_by_key(|p| p.changed).unwrap().name.clone();
    let d = explained(&env, &look);
    let said = &of(&d, "share-full").evidence;
    assert!(said.iter().any(|e| e.says.zh.contains(oldest.as_str())), "{said:?}");
}

#[test]
fn where_nothing_explains_the_night_a_bundle_is_offered_at_last() {
    let (env, mut look, due) = away();
    db(&mut look).settings.as_mut().unwrap().last_run = Some(due.plus_ms(MIN));
    mount_of(&mut look, &scene("healthy").1);
    let d = explained(&env, &look);
    assert_eq!((roots(&d), steps(&d).as_str()), (vec!["unknown"], "B call you"));
    assert!(d.steps()[1].says.zh.contains("诊断包"), "{}", d.steps()[1].says.zh);
}
