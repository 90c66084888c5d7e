//! Nights that are over: what rows and packs still tell, and what nobody kept.
use super::*;
use jiff::ToSpan;
use jiff::civil::Date;
use opsdeck::core::diagnose::diagnose_night;
use opsdeck::core::probe::database::Status;
use opsdeck::core::safetext::SafeText;

fn day(back: i64) -> Date {
    Date::constant(2026, 2, 1).checked_sub(back.days()).unwrap()
}

fn night(scenario: &str, back: i64) -> Diagnosis {
    let (env, look) = scene(scenario);
    diagnose_night(&env, &look, day(back), look.taken)
}

#[test]
fn a_good_night_of_the_past_is_good_by_its_row_and_its_pack() {
    let d = night("healthy", 2);
    assert_eq!((d.state, roots(&d).len(), d.night.as_deref()), (State::Ok, 0, Some("2026-01-30")));
    assert!(d.backup.as_ref().is_some_and(|b| b.whole && b.path.as_str().contains("20260130")));
    // what nobody kept is said all the same
    assert!(d.unchecked.iter().any(|u| u.what.en.contains("mounts")));
    assert!(d.headline.zh.contains("2026-01-30") && !d.headline.zh.contains("昨夜"), "{}", d.headline.zh);
}

#[test]
fn last_nights_date_is_asked_about_as_last_night() {
    let (env, look) = scene("not-mounted");
    let d = diagnose_night(&env, &look, day(0), look.taken);
    assert_eq!((roots(&d), d.night.as_deref()), (vec!["not-mounted"], Some("2026-02-01")));
    assert_eq!(d.steps()[0].key, Some('M'));
}

#[test]
fn todays_trouble_is_no_trouble_of_that_night() {
    // today's disk is full; three nights ago all was well
    let d = night("disk-full", 3);
    assert_eq!((roots(&d).len(), d.state), (0, State::Ok), "{}", d.headline.en);
    // the share cannot be seen today: nothing is proved of that night
    let d = night("share-hung", 3);
    assert_eq!((roots(&d).len(), d.state), (0, State::Unknown), "{}", d.headline.en);
    assert!(d.unchecked.iter().any(|u| u.decides));
}

#[test]
fn a_failed_night_of_the_past_says_what_its_row_says_and_offers_no_backup_for_it() {
    let (env, mut look) = scene("healthy");
    let db = look.inside.as_mut().unwrap().database.as_mut().unwrap();
    let row = &mut db.jobs[2];
    row.status = Status::Failed;
    row.detail = SafeText::new("预检失败：/mnt/replica 未挂载到 Windows 共享");
    let d = diagnose_night(&env, &look, day(2), look.taken);
    assert_eq!(roots(&d), ["job-failed"], "{}", d.headline.en);
    assert!(d.headline.zh.contains("预检失败"), "{}", d.headline.zh);
    assert!(d.findings[0].mend.iter().all(|m| m.key.is_none()), "{:?}", d.findings[0].mend);
    // how the mount was then is not known, and the row alone is no proof of the whole
    assert!(d.unchecked.iter().any(|u| u.decides && u.what.en.contains("mounts")), "{:?}", d.unchecked);
    assert_eq!(d.state, State::Failed);
}

#[test]
fn a_night_before_the_rows_is_unknown() {
    let d = night("healthy", 200);
    assert_eq!((d.state, roots(&d).len()), (State::Unknown, 0), "{}", d.headline.en);
    assert!(d.headline.zh.contains("查不出"), "{}", d.headline.zh);
}

#[test]
fn a_night_without_a_job_is_lost_and_why_is_not_known() {
    let (env, mut look) = scene("healthy");
    let db = look.inside.as_mut().unwrap().database.as_mut().unwrap();
    let gone = db.jobs[2].id;
    db.jobs.retain(|j| j.id != gone);
    let d = diagnose_night(&env, &look, day(2), look.taken);
    assert_eq!((roots(&d), d.state), (vec!["unknown"], State::Failed), "{}", d.headline.en);
}

#[test]
fn a_day_without_a_slot_is_no_trouble() {
    let (env, mut look) = scene("healthy");
    let settings = look.inside.as_mut().unwrap().database.as_mut().unwrap().settings.as_mut().unwrap();
    settings.incremental_schedule = Some(SafeText::new("0 4 * * 0"));
    settings.full_enabled = Some(false);
    let d = diagnose_night(&env, &look, day(2), look.taken);
    assert_eq!((roots(&d).len(), d.state), (0, State::Unknown));
    assert!(d.headline.en.contains("nothing was due"), "{}", d.headline.en);
}

#[test]
fn the_timeline_of_that_night_is_its_own() {
    let d = night("healthy", 2);
    assert!(d.timeline.iter().any(|e| e.says.en.contains("completed")), "{:?}", d.timeline);
    let (first, last) = (d.timeline.first().unwrap().at, d.timeline.last().unwrap().at);
    assert!(last.since(first) < 36 * 3_600_000);
    assert!(d.timeline.iter().all(|e| e.at < MORNING.plus_ms(-24 * 3_600_000)));
}

/// The container that runs today was started when that night had just ended; what was missed then is not made up for any more.
#[test]
fn a_night_that_is_over_is_missed_however_young_the_backend_was_at_its_end() {
    let (env, mut look) = scene("healthy");
    let db = look.inside.as_mut().unwrap().database.as_mut().unwrap();
    let gone = db.jobs[1].id;
    db.jobs.retain(|j| j.id != gone);
    // the next slot is at 04:00 of today
    let started = MORNING.plus_ms(-4 * 3_600_000 - 150_000);
    look.containers.as_mut().unwrap().iter_mut().for_each(|c| c.started = Some(started));
    let d = diagnose_night(&env, &look, day(1), look.taken);
    assert_eq!((roots(&d), d.state), (vec!["unknown"], State::Failed), "{}", d.headline.zh);
    let said = format!("{:?} {:?}", d.headline, d.findings);
    assert!(!said.contains("补跑") && !said.contains("make up for it"), "{said}");
    // that it was away then, nobody knows
    assert!(!said.contains("到点时它不在"), "{said}");
    // when it was started is still told where it belongs
    let told = d.timeline.iter().any(|e| e.at == started && e.says.en.contains("container started"));
    assert!(told, "{:?}", d.timeline);
}

/// The next slot came a few minutes later: the time of grace of the first one is up all the same.
#[test]
fn a_night_that_is_over_is_not_just_due() {
    let (env, mut look) = scene("healthy");
    let db = look.inside.as_mut().unwrap().database.as_mut().unwrap();
    let settings = db.settings.as_mut().unwrap();
    (settings.full_enabled, settings.full_includes_images) = (Some(true), Some(false));
    settings.full_schedule = Some(SafeText::new("5 4 * * *"));
    let row = &mut db.jobs[1];
    row.kind = opsdeck::core::probe::database::Kind::Full;
    for at in [&mut row.created, &mut row.started, &mut row.finished] {
        *at = at.map(|at| at.plus_ms(5 * 60_000));
    }
    let d = diagnose_night(&env, &look, day(1), look.taken);
    assert_eq!((roots(&d), d.state), (vec!["unknown"], State::Failed), "{}", d.headline.zh);
    assert!(!d.headline.zh.contains("刚过") && !d.headline.zh.contains("不算迟"), "{}", d.headline.zh);
}

/// Just past midnight: the evening's full backup may still begin, though an incremental one has been due since.
#[test]
fn a_night_that_is_not_over_may_still_be_just_due() {
    let (env, mut look) = scene("healthy");
    let db = look.inside.as_mut().unwrap().database.as_mut().unwrap();
    let settings = db.settings.as_mut().unwrap();
    settings.full_enabled = Some(true);
    (settings.full_schedule, settings.incremental_schedule) =
        (Some(SafeText::new("58 23 * * *")), Some(SafeText::new("1 0 * * *")));
    // 00:03 of the first of February
    let now = MORNING.plus_ms(-8 * 3_600_000 + 3 * 60_000);
    db.jobs.retain(|j| j.made().is_some_and(|at| at < now));
    (look.taken, look.identity.as_mut().unwrap().clock) = (now, now);
    let d = diagnose_night(&env, &look, day(1), now);
    assert_eq!((roots(&d), first_step(&d)), (vec!["just-due"], "wait".into()), "{}", d.headline.zh);
    assert!(d.state != State::Failed, "{}", d.headline.zh);
}

#[tokio::test]
async fn a_server_that_cannot_be_reached_is_asked_about_the_same_night() {
    use opsdeck::cli::diagnose::explain;
    use opsdeck::remote::scripted::{Canned, ScriptedHost};
    use opsdeck::remote::{LinkError, LinkErrorKind};
    let (env, _) = scene("healthy");
    for (date, night) in [(Some(day(2)), Some("2026-01-30")), (None, None)] {
        let refused = Canned::fails(LinkError::new(LinkErrorKind::Refused, "Connection refused"));
        let d = explain(&ScriptedHost::new().on("look", refused), &env, date).await;
        assert_eq!((d.night.as_deref(), d.state), (night, State::Unknown), "{}", d.headline.zh);
    }
}
