//! A healthy server's answer, changed in one thing: what must turn, and what must stay.
use crate::fixtures::{captured, lab_prod, said, state};
use opsdeck::core::gap::Gap;
use opsdeck::core::probe::database::{Database, Kind, Status};
use opsdeck::core::safetext::SafeText;
use opsdeck::core::snapshot::Snapshot;
use opsdeck::core::state::State::{self, Failed, Ok as Fine, Unknown, Warning};
use opsdeck::core::units::EpochMs;
use opsdeck::core::verdict::{self, Verdict};

const MIN: i64 = 60_000;
const DAY: i64 = 1440 * MIN;
const MARK: &str = "00000000000000000000000000fixture";

fn healthy() -> Snapshot {
    let answer = captured("healthy");
    let read = |taken| Snapshot::read(&lab_prod(), "", MARK, &answer, taken, 1000);
    read(read(EpochMs(0)).identity.unwrap().clock)
}

fn db(s: &mut Snapshot) -> &mut Database {
    s.inside.as_mut().unwrap().database.as_mut().unwrap()
}

fn judged(change: impl FnOnce(&mut Snapshot)) -> Verdict {
    let mut snapshot = healthy();
    change(&mut snapshot);
    verdict::judge(&lab_prod(), &snapshot)
}

fn expect(v: &Verdict, states: &[(&str, State)]) {
    for (id, expected) in states {
        assert_eq!(state(v, id), *expected, "{id}\n{}", said(v));
    }
}

#[test]
fn a_full_backup_that_has_been_failing_for_weeks_is_not_green_because_an_old_one_is_whole() {
    let v = judged(|s| {
        let full = db(s).last_completed.iter_mut().find(|j| j.kind == Kind::Full).unwrap();
        full.finished = full.finished.map(|at| at.plus_ms(-14 * DAY));
        full.created = full.created.map(|at| at.plus_ms(-14 * DAY));
    });
    expect(&v, &[("last_full", Failed), ("night", Fine)]);
    assert_eq!(v.state, Failed);
    assert!(
        v.headline.en.starts_with("last full backup: "),
        "the first line names what is broken: {}",
        v.headline.en
    );
}

#[test]
fn a_good_pack_of_days_ago_is_not_last_nights() {
    let v = judged(|s| {
        let settings = db(s).settings.as_mut().unwrap();
        settings.incremental_schedule = Some(SafeText::new(""));
    });
    expect(&v, &[("night", Warning)]);
}

#[test]
fn what_the_backend_did_not_get_to_say_is_no_fault_of_the_backend() {
    expect(
        &judged(|s| s.inside = Err(Gap::NoAnswer)),
        &[("backend", Unknown), ("night", Unknown), ("clock", Unknown)],
    );
    // a server that is busy after a backup lets the question run out of time while /health answers
    expect(&judged(|s| s.inside = Err(Gap::TimedOut)), &[("backend", Unknown), ("night", Unknown)]);
    let hung = Gap::Failed { code: 126, said: SafeText::new("OCI runtime exec failed") };
    expect(&judged(|s| s.inside = Err(hung)), &[("backend", Failed)]);
}

#[test]
fn a_schedule_that_is_reckoned_in_another_zone_proves_nothing() {
    let v = judged(|s| s.inside.as_mut().unwrap().clock = Err(Gap::TimedOut));
    assert_ne!(state(&v, "night"), Fine, "{}", said(&v));
    expect(&v, &[("clock", Unknown)]);
}

#[test]
fn a_job_whose_pack_cannot_be_seen_is_neither_stuck_nor_well() {
    let with_job = |minutes_ago: i64| {
        judged(move |s| {
            let now = s.now();
            let mut job = db(s).jobs[0].clone();
            job.id.0 += 1;
            job.status = Status::Running;
            job.finished = None;
            job.created = Some(now.plus_ms(-minutes_ago * MIN));
            job.started = job.created;
            job.output_dir = Some(SafeText::new("/app/data/backups/migration_pack_elsewhere"));
            db(s).live.push(job);
        })
    };
    expect(&with_job(5), &[("live", Fine)]);
    expect(&with_job(45), &[("live", Unknown)]);
}

#[test]
fn a_copy_that_the_other_server_is_writing_now_is_no_leftover() {
    let with_copy = |minutes_ago: i64| {
        judged(move |s| {
            let now = s.now();
            let folder = s.packs.as_mut().unwrap();
            let mut copy = folder.packs[0].clone();
            copy.path = SafeText::new("_tmp/job_7_1");
            copy.changed = now.plus_ms(-minutes_ago * MIN);
            folder.interrupted.push(copy);
        })
    };
    expect(&with_copy(3), &[("packs", Fine)]);
    expect(&with_copy(300), &[("packs", Warning)]);
}

#[test]
fn a_backend_that_has_just_started_is_given_time() {
    let v = judged(|s| {
        let now = s.now();
        let backend = s
            .containers
            .as_mut()
            .unwrap()
            .iter_mut()
            .find(|c| c.name.as_str() == "ragflowauth-backend")
            .unwrap();
        backend.started = Some(now.plus_ms(-30_000));
        s.health = Ok(opsdeck::core::probe::health::Health::Silent { said: SafeText::new("curl: (7)") });
        // and last night's job is not there: it was away, and will make up for it
        let db = db(s);
        let newest = db.jobs[0].id;
        db.jobs.retain(|j| j.id != newest);
        db.last_completed.retain(|j| j.id != newest);
    });
    expect(&v, &[("backend", Warning), ("night", Warning)]);
}

#[test]
fn a_status_that_nobody_knows_is_unknown() {
    let v = judged(|s| {
        let db = db(s);
        let newest = db.jobs[0].id;
        db.jobs[0].status = Status::Other(SafeText::new("verifying"));
        db.last_completed.retain(|j| j.id != newest);
    });
    expect(&v, &[("night", Unknown)]);
}

#[test]
fn a_link_that_was_lost_stands_on_the_first_line() {
    let mut v = judged(|_| ());
    assert_eq!(v.state, Fine, "{}", said(&v));
    let text = |words: &str| opsdeck::i18n::Text::same(words);
    v.cut_short(text("the link was lost"), text("check the network"), text("reset"));
    assert_eq!(v.state, Unknown);
    assert!(v.headline.en.starts_with("link: the link was lost; "), "{}", v.headline.en);
}
