//! Ticks in, standing out.
use super::past::tests::{pack, past};
use super::testing::{S, job, packed, rows};
use super::*;
use crate::core::probe::containers;
use proptest::prelude::*;

/// The workstation's clock is this far behind the server's.
const BEHIND: i64 = 50 * S;

fn progress(runs: i64) -> Progress {
    Progress::new(past(runs), Thresholds::default())
}

/// Takes a tick at a moment of the server's clock, in seconds.
fn take(p: &mut Progress, at_s: i64, tick: Tick) {
    p.take(tick, EpochMs(at_s * S - BEHIND));
}

fn at(p: &Progress, at_s: i64) -> Standing<'_> {
    p.standing(EpochMs(at_s * S - BEHIND)).unwrap()
}

fn backend(running: bool, started: &str) -> Tick {
    let json = format!(
        r#"{{"Id":"a","Name":"/b","State":{{"Running":{running},"StartedAt":"{started}","FinishedAt":"1970-01-01T00:04:00Z"}}}}"#
    );
    Tick::Backend(Ok(Box::new(containers::containers(json.as_bytes()).unwrap().remove(0))))
}

const VOLUME_A: &str = "备份 volume: a（写入中 0 MB）";

#[test]
fn a_backup_is_told_by_the_servers_clock_and_the_packs_growth() {
    let mut p = progress(3);
    take(&mut p, 115, rows(115, &[job(9, "running", VOLUME_A)]));
    take(&mut p, 116, packed(9, &[("auth.db", 10, 110), ("volumes/a.tar.gz", 0, 111)]));
    take(&mut p, 126, packed(9, &[("auth.db", 10, 110), ("volumes/a.tar.gz", 500, 126)]));
    let s = at(&p, 130);
    assert_eq!((s.step.clone(), s.elapsed_ms), (Some(Step::Volume(SafeText::new("a"))), Some(30 * S)));
    assert_eq!((s.bytes, s.usual), (Some(Bytes(510)), Some(Bytes(1001))));
    // 500 bytes in the 14 s since the first look
    assert_eq!((s.rate, s.still_ms), (Some(Bytes(35)), Some(4 * S)));
    // a began when auth.db was done, at 110: 80 of its 100 s are left, then b and the end
    assert_eq!((s.left, s.slow), (Some(Left::About(80 * S + 25 * S + 3)), None));
    assert!(matches!(s.worker, Some(Worker::Growing { .. })), "{:?}", s.worker);
}

#[test]
fn a_step_that_takes_longer_than_usual_says_so_and_nothing_is_ever_negative() {
    let mut p = progress(3);
    take(&mut p, 111, rows(111, &[job(9, "running", VOLUME_A)]));
    take(&mut p, 300, packed(9, &[("auth.db", 10, 110), ("volumes/a.tar.gz", 5, 299)]));
    let s = at(&p, 300);
    assert_eq!(s.slow, Some((190 * S, 100 * S + 1)));
    assert_eq!(s.left, Some(Left::About(25 * S + 2)));
    // before it all began, by a clock that is wrong
    let early = at(&p, 10);
    assert_eq!((early.elapsed_ms, early.still_ms), (Some(0), Some(0)));
}

#[test]
fn a_share_whose_clock_is_ahead_does_not_hold_up_a_step() {
    let mut p = progress(3);
    take(&mut p, 115, rows(115, &[job(9, "running", VOLUME_A)]));
    take(&mut p, 116, packed(9, &[("auth.db", 10, 900), ("volumes/a.tar.gz", 5, 905)]));
    // the volume was first seen at 115, whatever the share says
    assert_eq!(at(&p, 130).left, Some(Left::About(85 * S + 25 * S + 3)));
}

#[test]
fn two_runs_are_too_few() {
    let mut p = progress(2);
    take(&mut p, 111, rows(111, &[job(9, "running", VOLUME_A)]));
    assert_eq!((at(&p, 111).left, at(&p, 111).usual, at(&p, 111).slow), (Some(Left::TooFew), None, None));
}

#[test]
fn the_end_is_seen_and_the_pack_stays_known() {
    let mut p = progress(3);
    take(&mut p, 200, rows(200, &[job(9, "running", "备份完成，准备同步")]));
    take(&mut p, 201, packed(9, &[("auth.db", 10, 110), ("volumes/a.tar.gz", 500, 190)]));
    take(&mut p, 241, rows(241, &[job(9, "completed", "备份完成（已在共享目录）")]));
    let s = at(&p, 500);
    assert_eq!((&s.job.status, s.step, s.elapsed_ms), (&Status::Completed, None, Some(140 * S)));
    assert_eq!((s.bytes, s.rate, s.left, s.worker, s.still_ms), (Some(Bytes(510)), None, None, None, None));
}

#[test]
fn a_container_that_started_anew_proves_a_ghost_and_takes_for_ever() {
    let mut p = progress(3);
    take(&mut p, 111, rows(111, &[job(9, "running", VOLUME_A)]));
    take(&mut p, 112, backend(true, "1970-01-01T00:00:01Z"));
    assert!(!at(&p, 113).worker.unwrap().is_gone());
    take(&mut p, 150, backend(true, "1970-01-01T00:02:20Z"));
    let s = at(&p, 151);
    assert_eq!(
        s.worker,
        Some(Worker::GoneByRestart { began: EpochMs(100 * S), container_started: EpochMs(140 * S) })
    );
    assert_eq!(s.left, None);
    take(&mut p, 152, backend(false, "1970-01-01T00:02:20Z"));
    assert!(matches!(at(&p, 153).worker, Some(Worker::GoneWithContainer { .. })));
}

#[test]
fn without_the_container_nothing_is_proved() {
    let mut p = progress(3);
    take(&mut p, 111, rows(111, &[job(9, "running", VOLUME_A)]));
    take(&mut p, 112, Tick::Backend(Err(Gap::TimedOut)));
    assert_eq!(at(&p, 112).worker, Some(Worker::CannotTell));
}

#[test]
fn a_job_that_does_not_move_is_stuck_until_something_of_it_changes() {
    let mut p = progress(3);
    take(&mut p, 111, rows(111, &[job(9, "running", VOLUME_A)]));
    take(&mut p, 112, packed(9, &[("auth.db", 10, 110)]));
    let hour = 3700;
    assert!(matches!(at(&p, hour).worker, Some(Worker::Still { .. })));
    assert_eq!(at(&p, hour).still_ms, Some((hour - 110) * S));
    // its words change, though no file does
    take(&mut p, hour, rows(hour, &[job(9, "running", "备份 volume: a（写入中 1 MB）")]));
    assert!(matches!(at(&p, hour + 60).worker, Some(Worker::Growing { .. })));
    assert_eq!(at(&p, hour + 60).still_ms, Some(60 * S));
}

#[test]
fn another_job_is_another_matter() {
    let mut p = progress(3);
    take(&mut p, 111, rows(111, &[job(9, "running", VOLUME_A), job(10, "queued", "等待执行")]));
    take(&mut p, 112, packed(9, &[("auth.db", 10, 110)]));
    assert_eq!((at(&p, 113).job.id, at(&p, 113).others), (JobId(9), vec![JobId(10)]));
    take(&mut p, 120, rows(120, &[job(9, "failed", "x"), job(10, "queued", "等待执行")]));
    let s = at(&p, 121);
    assert_eq!((s.job.id, s.step, s.bytes, s.left), (JobId(10), Some(Step::Waiting), None, None));
    // what was asked for the job before comes late
    take(&mut p, 122, packed(9, &[("auth.db", 10, 110)]));
    assert_eq!(at(&p, 123).bytes, None);
}

#[test]
fn the_copy_is_told_while_it_is_made() {
    let mut p = progress(3);
    take(&mut p, 111, rows(111, &[job(9, "running", "备份完成，准备同步")]));
    take(&mut p, 112, packed(9, &[("auth.db", 500, 110)]));
    let own = Some(pack(&[("auth.db", 500, 110)]));
    let copy = |bytes| Some(pack(&[("auth.db", bytes, 120)]));
    let tick = |bytes| Tick::Packs(Ok(Packs { job: JobId(9), own: own.clone(), copy: copy(bytes) }));
    take(&mut p, 120, tick(100));
    take(&mut p, 130, tick(200));
    let s = at(&p, 130);
    assert_eq!((s.copying, s.bytes, s.rate), (true, Some(Bytes(200)), Some(Bytes(10))));
}

#[test]
fn a_pack_that_cannot_be_seen_is_no_pack_that_stands_still() {
    let mut p = progress(3);
    take(&mut p, 111, rows(111, &[job(9, "running", VOLUME_A)]));
    take(&mut p, 112, Tick::Held { pid: 7 });
    let s = at(&p, 9000);
    assert_eq!((s.held, s.bytes, s.worker), (Some(7), None, Some(Worker::CannotTell)));
    take(&mut p, 113, packed(9, &[("auth.db", 10, 110)]));
    assert_eq!(at(&p, 114).held, None);
}

fn any_tick() -> impl Strategy<Value = Tick> {
    let status = prop_oneof!["queued", "running", "canceling", "canceled", "completed", "failed", "new"];
    let message = prop_oneof![Just(VOLUME_A.to_owned()), Just("备份镜像".into()), "[a-z备份]{0,8}"];
    let a_job = (0i64..4, status, message, any::<i64>()).prop_map(|(id, status, message, began)| {
        let mut j = job(id, &status, &message);
        j.started = Some(EpochMs(began));
        j
    });
    let files = proptest::collection::vec((0usize..4, any::<u64>(), -1_000_000i64..1_000_000), 0..4);
    let a_pack = files.prop_map(|files| {
        let names = ["auth.db", "volumes/a.tar.gz", "images.tar", "x"];
        pack(&files.into_iter().map(|(n, b, t)| (names[n], b, t)).collect::<Vec<_>>())
    });
    prop_oneof![
        any::<i64>().prop_map(|ms| Tick::Beat(EpochMs(ms))),
        (any::<i64>(), proptest::collection::vec(a_job, 0..3)).prop_map(|(at, jobs)| rows(at / S, &jobs)),
        (0i64..4, a_pack.clone(), proptest::option::of(a_pack))
            .prop_map(|(id, own, copy)| Tick::Packs(Ok(Packs { job: JobId(id), own: Some(own), copy }))),
        Just(Tick::Packs(Err(Gap::TimedOut))),
        Just(Tick::Held { pid: 3 }),
        any::<bool>().prop_map(|running| backend(running, "1970-01-01T00:02:20Z")),
        Just(Tick::Backend(Err(Gap::TimedOut))),
        Just(Tick::Jobs { clock: None, jobs: Err(Gap::NoAnswer) }),
    ]
}

proptest! {
    #[test]
    fn any_ticks_in_any_order_give_no_panic_and_no_figure_below_zero(
        ticks in proptest::collection::vec((any_tick(), any::<i64>()), 0..40), runs in 0i64..5, later in any::<i64>(),
    ) {
        let mut p = progress(runs);
        for (tick, came) in ticks {
            p.take(tick, EpochMs(came));
            for now in [came, later] {
                let Some(s) = p.standing(EpochMs(now)) else { continue };
                for ms in [s.elapsed_ms, s.still_ms].into_iter().flatten() {
                    prop_assert!(ms >= 0);
                }
                match s.left {
                    Some(Left::About(ms)) => prop_assert!(ms >= 0 && runs >= 3),
                    Some(Left::Over) => prop_assert!(runs >= 3),
                    Some(Left::TooFew) => prop_assert!(runs < 3 || s.job.kind != crate::core::probe::database::Kind::Incremental),
                    None => {}
                }
                if let Some((took, usual)) = s.slow {
                    prop_assert!(took > usual && usual >= 0 && runs >= 3);
                }
            }
        }
    }
}

#[test]
fn what_grew_while_nobody_watched_is_no_speed() {
    let mut p = Progress::new(Past::default(), Thresholds::default());
    p.take(rows(110, &[job(1, "running", "备份数据库")]), EpochMs(110 * S));
    p.take(packed(1, &[("auth.db", 1_000, 110)]), EpochMs(110 * S));
    p.reopened();
    let now = EpochMs(710 * S);
    p.take(rows(710, &[job(1, "running", "备份数据库")]), now);
    p.take(packed(1, &[("auth.db", 600_000, 710)]), now);
    assert_eq!(p.standing(now).unwrap().rate, None);
}
