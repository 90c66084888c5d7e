//! The first step mends what is really the matter, and the key that is offered is not refused.
use super::composed::{db, disks_of, jobs, mount_of};
use super::*;
use opsdeck::core::derive::night::Plan;
use opsdeck::core::diagnose::{Certainty, Fix, diagnose_night};
use opsdeck::core::plan::{Made, make};
use opsdeck::core::probe::containers::Bind;
use opsdeck::core::probe::database::{Kind, Status};
use opsdeck::core::probe::health::Health;
use opsdeck::core::probe::share::ShareAnswer;
use opsdeck::core::safetext::SafeText;
use opsdeck::core::verdict::Facts;

fn steps(d: &Diagnosis) -> String {
    d.steps().iter().map(short).collect::<Vec<_>>().join(" ")
}

/// Of a plan that can be made the steps are real; what it says where it cannot.
pub(crate) fn refused(env: &Environment, look: &Snapshot, d: &Diagnosis) -> Option<String> {
    let Some(Fix::Do(action)) = d.steps().first().map(|m| m.fix.clone()) else { return None };
    match make(&action, &Facts::of(env, look), "") {
        Ok(Made::Plan(_)) => None,
        Ok(Made::Nothing { said, .. }) => Some(format!("{action:?}: nothing to do: {}", said.en)),
        Err(refusal) => Some(format!("{action:?}: refused: {}", refusal.said.en)),
    }
}

fn nearly_full(look: &mut Snapshot) {
    for disk in look.disks.as_mut().unwrap().iter_mut().chain(look.docker_disk.as_mut().ok()) {
        disk.available = opsdeck::core::units::Bytes(disk.total.0 / 100 * 12);
        disk.free = disk.available;
    }
}

#[test]
fn a_disk_that_is_nearly_full_is_not_why_something_is_down() {
    for (scenario, root, first) in
        [("backend-down", "backend-down", "R"), ("docker-down", "docker-down", "call server")]
    {
        let (env, mut look) = scene(scenario);
        nearly_full(&mut look);
        let d = explained(&env, &look);
        assert_eq!((roots(&d), first_step(&d)), (vec![root, "disk-full"], first.to_owned()), "{scenario}");
    }
}

#[test]
fn no_room_on_a_path_of_the_share_speaks_of_the_share() {
    let (env, mut look) = scene("backup-failed");
    for job in jobs(&mut look).filter(|j| j.status == Status::Failed) {
        job.detail =
            SafeText::new("[Errno 28] No space left on device: '/mnt/replica/RagflowAuth/x/images.tar'");
    }
    if let Ok(ShareAnswer::Answers { space, .. }) = &mut look.share {
        space.available = opsdeck::core::units::Bytes(1 << 20);
    }
    disks_of(&mut look, &scene("disk-full").1);
    let d = explained(&env, &look);
    assert!(under(&d, "share-full").contains(&"job-failed"), "{:?} {:?}", roots(&d), d.headline.en);
}

#[test]
fn what_stays_after_the_root_is_mended_is_offered_too() {
    // the backend was stopped in mid-backup: its row blocks every trigger, and nothing makes up by itself
    let (env, mut look) = scene("ghost-job");
    let down = scene("backend-down").1;
    (look.containers, look.health) = (down.containers.clone(), down.health.clone());
    let d = explained(&env, &look);
    assert_eq!((roots(&d), steps(&d)), (vec!["backend-down"], "R X B".to_owned()));
    // a full disk took the backend, or Docker, with it: clearing it starts neither
    for (scenario, wanted) in
        [("backend-down", "call you R wait"), ("docker-down", "call you call server wait")]
    {
        let (env, mut look) = scene(scenario);
        disks_of(&mut look, &scene("disk-full").1);
        // it ended by itself
        for c in look.containers.iter_mut().flatten().filter(|c| !c.running) {
            c.exit_code = Some(1);
        }
        let d = explained(&env, &look);
        assert_eq!((roots(&d), steps(&d)), (vec!["disk-full"], wanted.to_owned()));
    }
}

#[test]
fn a_share_that_hangs_under_a_backup_is_not_detached_under_it() {
    for scenario in ["backup-running", "stuck-job"] {
        let (env, mut look) = scene(scenario);
        mount_of(&mut look, &scene("share-hung").1);
        look.port = Ok(opsdeck::core::probe::port::Port::Open);
        let d = explained(&env, &look);
        // every key would be refused while the backup lives
        assert_eq!(steps(&d), "wait call windows", "{scenario}: {:?}", roots(&d));
        assert_eq!(refused(&env, &look, &d), None);
    }
}

#[test]
fn what_packs_for_a_ghost_is_ended_before_the_ghost_is_closed() {
    let (env, mut look) = scene("ghost-job");
    let all = look.containers.as_mut().unwrap();
    let mut helper = all.iter().find(|c| c.name.as_str() == "ragflowauth-backend").unwrap().clone();
    (helper.id, helper.name) = (SafeText::new("feed"), SafeText::new("helper"));
    helper.mounts = vec![Bind {
        source: SafeText::new("/var/lib/docker/volumes/ragflow_compose_esdata01/_data"),
        destination: SafeText::new("/volume"),
        volume: Some(SafeText::new("ragflow_compose_esdata01")),
        writable: false,
        propagation: SafeText::default(),
    }];
    all.push(helper);
    let d = explained(&env, &look);
    assert_eq!((roots(&d), d.steps()[0].action), (vec!["ghost-job"], Some("cancel-force")));
    assert_eq!(refused(&env, &look, &d), None);
}

#[test]
fn an_older_backend_is_not_asked_to_cancel() {
    let (env, mut look) = scene("stuck-job");
    db(&mut look).can_cancel = false;
    let d = explained(&env, &look);
    assert_eq!(d.steps()[0].action, Some("cancel-force"));
    assert_eq!(refused(&env, &look, &d), None);
}

#[test]
fn a_refusal_that_a_later_backup_refutes_is_no_reason() {
    let (env, mut look) = scene("wrong-password");
    let at = look.kernel.as_ref().unwrap().lines.iter().filter_map(|l| l.at).max().unwrap();
    let base = db(&mut look);
    for job in base.last_completed.iter_mut().filter(|j| j.kind == Kind::Incremental) {
        job.finished = Some(at.plus_ms(3_600_000));
    }
    assert!(roots(&explained(&env, &look)).contains(&"not-mounted"), "{:?}", roots(&explained(&env, &look)));
    assert!(!roots(&explained(&env, &look)).contains(&"wrong-password"));
}

/// A pack of the older layout lies in a folder of the server's own, and its copy went elsewhere, or was deleted.
#[test]
fn a_copied_pack_that_is_gone_is_told_from_one_that_went_elsewhere() {
    let (env, mut look) = composed::replicated();
    look.packs.as_mut().unwrap().packs.pop();
    let d = explained(&env, &look);
    assert_eq!((roots(&d), d.state), (vec!["evicted"], State::Warning), "{}", d.headline.en);
    db(&mut look).settings.as_mut().unwrap().replica_target = Some(SafeText::new("/mnt/replica/Elsewhere"));
    let d = explained(&env, &look);
    assert_eq!(roots(&d), ["wrong-folder"], "{}", d.headline.en);
    assert!(d.headline.zh.contains("/mnt/replica/Elsewhere"), "{}", d.headline.zh);
}

#[test]
fn where_copying_is_switched_off_another_backup_alone_does_not_help() {
    let (env, mut look) = scene("replication-failed");
    for job in jobs(&mut look).filter(|j| j.message.as_str().contains("同步失败")) {
        (job.message, job.detail) = (SafeText::new("备份完成（未同步）"), SafeText::default());
    }
    db(&mut look).settings.as_mut().unwrap().replica_enabled = Some(false);
    let d = explained(&env, &look);
    assert_eq!((roots(&d), steps(&d)), (vec!["not-copied"], "call you B".to_owned()));
}

#[test]
fn within_the_time_of_grace_what_keeps_the_backup_from_beginning_leads() {
    let late = |over: &str, mix: fn(&mut Snapshot, &Snapshot)| {
        let (env, mut look) = scene("late");
        mix(&mut look, &scene(over).1);
        explained(&env, &look)
    };
    let down = |l: &mut Snapshot, o: &Snapshot| {
        (l.containers, l.health) = (o.containers.clone(), o.health.clone());
    };
    let d = late("backend-down", down);
    assert_eq!((roots(&d), first_step(&d)), (vec!["backend-down"], "R".into()), "{}", d.headline.zh);
    let lock = |l: &mut Snapshot, o: &Snapshot| {
        db(l).locks = o.database().unwrap().locks.clone();
    };
    let d = late("stale-lock", lock);
    assert_eq!((roots(&d), first_step(&d)), (vec!["stale-lock"], "X".into()), "{}", d.headline.zh);
}

#[test]
fn docker_that_cannot_be_reached_under_a_living_backend_is_not_told_as_all_down() {
    let (env, mut look) = scene("docker-down");
    look.health = Ok(Health::Ok);
    let d = explained(&env, &look);
    assert_eq!(roots(&d), ["docker-down"]);
    assert!(!d.headline.zh.contains("都停着"), "{}", d.headline.zh);
    assert!(
        d.findings[0].against.iter().any(|e| e.says.en.contains("/health")),
        "{:?}",
        d.findings[0].against
    );
    assert_ne!(d.findings[0].certainty, Certainty::Proved);
}

#[test]
fn a_date_that_no_year_has_never_fires() {
    let (env, mut look) = scene("healthy");
    let settings = db(&mut look).settings.as_mut().unwrap();
    settings.incremental_schedule = Some(SafeText::new("0 4 30 2 *"));
    settings.full_enabled = Some(false);
    let d = explained(&env, &look);
    assert_eq!((roots(&d), d.state), (vec!["schedule-unsupported"], State::Failed), "{}", d.headline.en);
    let facts = Facts::of(&env, &look);
    assert!(matches!(&facts.plan, Some(Plan::On { never, .. }) if never.len() == 1));
}

/// The full schedule cannot fire; the incremental one can, and did not: that is another trouble.
#[test]
fn a_schedule_that_cannot_fire_does_not_explain_the_other_one() {
    let (env, mut look) = scene("healthy");
    let base = db(&mut look);
    base.settings.as_mut().unwrap().full_schedule = Some(SafeText::new("*/5 * * * *"));
    let newest = base.jobs[0].id;
    base.jobs.retain(|j| j.id != newest);
    base.last_completed.retain(|j| j.id != newest);
    let d = explained(&env, &look);
    assert_eq!(roots(&d), ["unknown", "schedule-unsupported"], "{}", d.headline.en);
}

#[test]
fn a_start_that_was_refused_is_said() {
    let (env, mut look) = scene("healthy");
    let due = Facts::of(&env, &look).slot.clone().unwrap().due;
    let base = db(&mut look);
    let newest = base.jobs[0].id;
    base.jobs.retain(|j| j.id != newest);
    base.last_completed.retain(|j| j.id != newest);
    base.settings.as_mut().unwrap().last_run = Some(due.plus_ms(12_000));
    let d = explained(&env, &look);
    assert_eq!(roots(&d), ["unknown"]);
    assert!(d.findings[0].evidence.iter().any(|e| e.says.en.contains("the start was refused")), "{d:?}");
    assert!(d.headline.zh.contains("原因没有查到"), "{}", d.headline.zh);
}

#[test]
fn a_mount_that_is_only_remembered_by_fstab_is_not_ruled_out_by_it() {
    let (env, look) = scene("not-mounted");
    let d = explained(&env, &look);
    assert!(d.ruled_out.iter().all(|r| r.cause != "reboot-lost-mount"), "{:?}", d.ruled_out);
    // by configuration nothing brings it back: then the mount is what is told
    let (mut env, mut look) = scene("not-mounted");
    env.share.persist = false;
    look.fstab = Ok(Vec::new());
    assert_eq!(roots(&explained(&env, &look)), ["not-mounted"]);
}

/// Today's share says nothing of a night that is over.
#[test]
fn a_folder_that_is_gone_today_was_not_gone_then() {
    let (env, mut look) = scene("healthy");
    if let Ok(ShareAnswer::Answers { folder, .. }) = &mut look.share {
        *folder = None;
    }
    let date = jiff::civil::Date::constant(2026, 1, 30);
    assert!(diagnose_night(&env, &look, date, look.taken).findings.is_empty());
}

#[test]
fn the_headline_says_how_sure_it_is() {
    for named in opsdeck::demo::names() {
        let (env, look) = scene(named.name);
        let d = explained(&env, &look);
        let Some(first) = d.findings.first() else { continue };
        let (word, sure) = (first.certainty.word(), first.certainty == Certainty::Proved);
        assert_eq!(
            d.headline.zh.contains(&format!("{}：", word.zh)),
            !sure,
            "{}: {}",
            named.name,
            d.headline.zh
        );
        assert_eq!(
            d.headline.en.contains(&format!("{}: ", word.en)),
            !sure,
            "{}: {}",
            named.name,
            d.headline.en
        );
    }
}

#[test]
fn what_is_not_proved_says_what_speaks_against_it_or_what_would_prove_it() {
    for named in opsdeck::demo::names() {
        let (env, look) = scene(named.name);
        for f in explained(&env, &look).findings {
            assert_eq!(
                f.would_prove.is_some(),
                f.certainty != Certainty::Proved,
                "{}: {}",
                named.name,
                f.cause
            );
            assert!(!f.proof.zh.is_empty(), "{}: {}", named.name, f.cause);
        }
    }
}
