//! The full backup: whether it was due, and whether one that was not made is told beside a good incremental one.
use super::composed::{db, jobs, pack_of};
use super::wrong_green::{both_last_night, full};
use super::*;
use opsdeck::core::derive::schedule::Cron;
use opsdeck::core::probe::database::{Kind, Settings, Status};
use opsdeck::core::safetext::SafeText;
use opsdeck::core::units::JobId;
use opsdeck::core::verdict::judge;

const HOUR: i64 = 3_600_000;
const DAY: i64 = 24 * HOUR;

fn settings(look: &mut Snapshot) -> &mut Settings {
    db(look).settings.as_mut().unwrap()
}

fn schedule(look: &mut Snapshot, full: &str) {
    let settings = settings(look);
    (settings.full_enabled, settings.full_schedule) = (Some(true), Some(SafeText::new(full)));
}

/// Its row was made, and ended, so much earlier.
fn earlier(look: &mut Snapshot, id: JobId, ms: i64) {
    for job in jobs(look).filter(|j| j.id == id) {
        for at in [&mut job.created, &mut job.started, &mut job.finished] {
            *at = at.map(|at| at.plus_ms(-ms));
        }
    }
}

/// As if there never had been this one.
fn without(look: &mut Snapshot, id: JobId) {
    let base = db(look);
    base.jobs.retain(|j| j.id != id);
    base.last_completed.retain(|j| j.id != id);
}

fn state(env: &Environment, look: &Snapshot, check: &str) -> State {
    judge(env, look).checks.into_iter().find(|c| c.id == check).unwrap().state
}

/// At 02:00 a full backup is due every day, at 04:00 an incremental one. Yesterday's full one is good, today nobody began one,
/// and today's incremental one is good.
fn daily_full_not_begun() -> (Environment, Snapshot) {
    let (env, mut look) = both_last_night();
    schedule(&mut look, "0 2 * * *");
    let id = full(&mut look);
    assert!(is_healthy(&explained(&env, &look)), "{:?}", roots(&explained(&env, &look)));
    earlier(&mut look, id, DAY);
    (env, look)
}

#[test]
fn a_daily_full_backup_that_nobody_began_is_told_the_same_morning() {
    let (env, look) = daily_full_not_begun();
    let d = explained(&env, &look);
    assert_eq!((roots(&d), d.state), (vec!["unknown"], State::Failed), "{}", d.headline.zh);
    assert_eq!(d.slot.as_ref().unwrap().kind, Kind::Full);
    assert_eq!(d.steps()[0].action, Some("backup-full"), "{:?}", d.steps());
    // that the incremental one is there is said too
    let beside = d.findings[0].evidence.iter().any(|e| e.says.en.contains("is on Windows and whole"));
    assert!(beside, "{:?}", d.findings[0].evidence);
    // the check of the last full one does not wait until the next morning either
    assert_eq!(state(&env, &look, "last_full"), State::Failed);
    // once a month is no weekday either
    let (env, mut look) = daily_full_not_begun();
    schedule(&mut look, "0 2 1 * *");
    assert_eq!(explained(&env, &look).state, State::Failed);
}

#[test]
fn a_weekly_full_backup_that_nobody_began_is_given_a_day_whichever_slot_is_the_newest() {
    for (cron, later) in [("0 2 * * 0", 0), ("0 5 * * 0", 3)] {
        let (env, mut look) = both_last_night();
        let id = full(&mut look);
        earlier(&mut look, id, 7 * DAY - later * HOUR);
        schedule(&mut look, cron);
        let d = explained(&env, &look);
        assert!(is_healthy(&d), "{cron}: {:?} {}", roots(&d), d.headline.zh);
        // a day later the check of the last full one tells
        let now = look.taken.plus_ms(27 * HOUR);
        let id = look.identity.as_mut().unwrap();
        (look.taken, id.clock) = (now, id.clock.plus_ms(27 * HOUR));
        assert_eq!(state(&env, &look, "last_full"), State::Failed, "{cron}");
    }
    // where the incremental one was not begun either the night is lost
    let (env, mut look) = both_last_night();
    for job in [full(&mut look), db(&mut look).jobs[0].id] {
        without(&mut look, job);
    }
    schedule(&mut look, "0 5 * * 0");
    assert_eq!(state(&env, &look, "night"), State::Failed);
    assert!(Cron::parse("0 5 * * 0").unwrap().is_weekly() && !Cron::parse("0 5 * * *").unwrap().is_weekly());
}

#[test]
fn a_weekly_full_backup_that_nobody_began_does_not_make_a_past_night_a_lost_one() {
    let (env, mut look) = scene("healthy");
    let friday = jiff::civil::Date::constant(2026, 1, 30);
    let night = |look: &Snapshot| {
        let d = opsdeck::core::diagnose::diagnose_night(&env, look, friday, look.taken);
        (d.state, d.slot.unwrap().kind)
    };
    schedule(&mut look, "0 2 * * 5");
    assert_eq!(night(&look), (State::Ok, Kind::Incremental));
    // one that is due each day was due on that one
    schedule(&mut look, "0 2 * * *");
    assert_eq!(night(&look), (State::Failed, Kind::Full));
}

#[test]
fn a_full_backup_that_failed_is_named_beside_what_the_last_one_lacks() {
    // the one before it has no images, and this week's failed three nights ago
    let (env, mut look) = scene("healthy");
    let before = full(&mut look);
    let mut failed = jobs(&mut look).find(|j| j.id == before).unwrap().clone();
    earlier(&mut look, before, 7 * DAY);
    pack_of(&mut look, before).files.remove(&SafeText::new("images.tar"));
    (failed.id, failed.status) = (JobId(before.0 + 1000), Status::Failed);
    failed.detail = SafeText::new("tar: Permission denied");
    db(&mut look).jobs.insert(0, failed);
    let d = explained(&env, &look);
    assert_eq!((roots(&d), d.state), (vec!["full-overdue", "images-missing"], State::Failed));
    assert!(d.headline.zh.contains("tar: Permission denied"), "{}", d.headline.zh);
}

#[test]
fn a_full_backup_of_weeks_ago_is_overdue_whatever_its_pack_is_like() {
    type Spoil = fn(&mut Snapshot, JobId);
    let spoils: [(&str, Spoil); 2] = [
        ("lacks", |look, id| {
            pack_of(look, id).files.remove(&SafeText::new("volumes/ragflow_compose_esdata01.tar.gz"));
        }),
        ("not on the share", |look, id| {
            let name = pack_of(look, id).name.clone();
            look.packs.as_mut().unwrap().packs.retain(|p| p.name != name);
        }),
    ];
    for (words, spoil) in spoils {
        let (env, mut look) = scene("healthy");
        let id = full(&mut look);
        earlier(&mut look, id, 21 * DAY);
        db(&mut look).jobs.retain(|j| j.kind != Kind::Full);
        spoil(&mut look, id);
        let d = explained(&env, &look);
        assert_eq!((roots(&d)[0], d.state), ("full-overdue", State::Failed), "{words}: {}", d.headline.en);
        let said = d.findings[0].evidence.iter().any(|e| e.says.en.contains(words));
        assert!(said, "{words}: {:?}", d.findings[0].evidence);
    }
}
