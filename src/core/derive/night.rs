//! Last night: which backup was due, and what became of it.
use super::schedule::{Cron, NeverFires};
use crate::config::model::Thresholds;
use crate::core::probe::database::{Database, Job, Kind, Settings, Status};
use crate::core::safetext::SafeText;
use crate::core::units::EpochMs;

/// What the settings schedule.
#[derive(Clone, Debug, PartialEq)]
pub enum Plan {
    /// The scheduler is switched off.
    Off,
    /// There is no row of settings, or it has no word about it.
    NotSet,
    /// The schedules that can fire, and those that cannot.
    On {
        /// Schedules that fire.
        fires: Vec<(Kind, Cron)>,
        /// Schedules that are meant to fire and never do: kind, text, reason.
        never: Vec<(Kind, SafeText, NeverFires)>,
    },
}

impl Plan {
    /// The schedule of a kind, where it fires.
    pub fn cron(&self, kind: &Kind) -> Option<&Cron> {
        let Plan::On { fires, .. } = self else { return None };
        fires.iter().find(|(of, _)| of == kind).map(|(_, cron)| cron)
    }
}

/// Reads the settings as the backend does.
pub fn plan(settings: Option<&Settings>) -> Plan {
    let Some(settings) = settings else {
        return Plan::NotSet;
    };
    match settings.enabled {
        None => return Plan::NotSet,
        Some(false) => return Plan::Off,
        Some(true) => {}
    }
    let (mut fires, mut never) = (Vec::new(), Vec::new());
    let full = if settings.full_enabled == Some(false) { None } else { settings.full_schedule.as_ref() };
    for (kind, text) in [(Kind::Incremental, settings.incremental_schedule.as_ref()), (Kind::Full, full)] {
        match text.map(|t| (t, Cron::parse(t.as_str()))) {
            None | Some((_, Err(NeverFires::Empty))) => {}
            Some((text, Ok(cron))) if cron.next(EpochMs(0), 0).is_none() => {
                never.push((kind, text.clone(), NeverFires::NoSuchDay));
            }
            Some((_, Ok(cron))) => fires.push((kind, cron)),
            Some((text, Err(why))) => never.push((kind, text.clone(), why)),
        }
    }
    Plan::On { fires, never }
}

/// The newest slot that has passed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Slot {
    /// When it was due.
    pub due: EpochMs,
    /// What was due; full where both were, because the full backup runs first and holds everything.
    pub kind: Kind,
}

/// The newest slot of each schedule, the newest of all first.
pub fn newest_slots(fires: &[(Kind, Cron)], now: EpochMs, zone_s: i32) -> Vec<Slot> {
    let newest =
        |(kind, cron): &(Kind, Cron)| Some(Slot { due: cron.newest(now, zone_s)?, kind: kind.clone() });
    let mut slots: Vec<Slot> = fires.iter().filter_map(newest).collect();
    slots.sort_by_key(|s| std::cmp::Reverse((s.due, s.kind == Kind::Full)));
    slots
}

/// The newest slot of all schedules.
pub fn newest_slot(fires: &[(Kind, Cron)], now: EpochMs, zone_s: i32) -> Option<Slot> {
    newest_slots(fires, now, zone_s).into_iter().next()
}

/// What became of a slot, by the jobs alone. Whether a completed job's pack is on the share is another question.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome<'a> {
    /// A job made since the slot says that it is completed; of several the newest.
    Completed(&'a Job),
    /// A job made since the slot is still at work, or says so.
    Live(&'a Job),
    /// The newest job made since the slot ended without a backup.
    Ended(&'a Job),
    /// No job yet, and it is early.
    Due,
    /// No job, and it is late.
    Missed,
}

/// The scheduler looks once a minute and a job's own clock may differ by seconds: a job this much before its slot is its.
const EARLY_MS: i64 = 60_000;

/// The jobs that belong to a slot, the newest first.
fn of_slot<'a>(slot: &Slot, db: &'a Database, now: EpochMs, limits: &Thresholds) -> Vec<&'a Job> {
    let since_slot = |j: &&Job| {
        // one that ended well after the slot holds what the slot was for; one that is still at work keeps the scheduler
        // from starting another, and a trigger would only return its number
        let at =
            if j.status == Status::Completed { j.finished.or(j.created) } else { j.created.or(j.started) };
        let patience_ms = i64::from(limits.finish_grace_min) * 60_000;
        let busy = j.status.is_live() && j.began().is_some_and(|b| now.since(b) <= patience_ms);
        busy || at.is_some_and(|at| at.since(slot.due) >= -EARLY_MS)
    };
    let mut jobs: Vec<&Job> =
        db.live.iter().chain(&db.last_completed).chain(&db.jobs).filter(since_slot).collect();
    jobs.sort_by_key(|j| std::cmp::Reverse(j.id));
    jobs.dedup_by_key(|j| j.id);
    jobs
}

/// What makes up for a full backup is only a full one.
fn counts(slot: &Slot, job: &Job) -> bool {
    slot.kind != Kind::Full || job.kind == Kind::Full
}

/// The jobs of a slot that say that they are completed, the newest first.
pub fn completed<'a>(slot: &Slot, db: &'a Database, now: EpochMs, limits: &Thresholds) -> Vec<&'a Job> {
    let mut jobs = of_slot(slot, db, now, limits);
    jobs.retain(|j| j.status == Status::Completed && counts(slot, j));
    jobs
}

/// Finds what became of a slot.
pub fn outcome<'a>(slot: &Slot, db: &'a Database, now: EpochMs, limits: &Thresholds) -> Outcome<'a> {
    let jobs = of_slot(slot, db, now, limits);
    let counts = |j: &&Job| counts(slot, j);
    // of several, the best one tells: a second try that succeeded mends the first
    if let Some(done) = jobs.iter().find(|j| j.status == Status::Completed && counts(j)) {
        return Outcome::Completed(done);
    }
    if let Some(live) = jobs.iter().find(|j| j.status.is_live() && counts(j)) {
        return Outcome::Live(live);
    }
    let ended = jobs.iter().find(|j| counts(j));
    // one of another kind at work does not make up for one that ended; where nothing else was made it keeps the place
    if let Some(live) = jobs.iter().find(|j| j.status.is_live() && ended.is_none()) {
        return Outcome::Live(live);
    }
    match ended {
        Some(ended) => Outcome::Ended(ended),
        None if now.since(slot.due) <= i64::from(limits.start_grace_min) * 60_000 => Outcome::Due,
        None => Outcome::Missed,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::units::JobId;

    const HOUR: i64 = 3_600_000;

    fn job(id: i64, kind: Kind, status: Status, created_h: i64) -> Job {
        let none = SafeText::default();
        Job {
            id: JobId(id),
            kind,
            status,
            progress: None,
            message: none.clone(),
            detail: none,
            output_dir: None,
            created: Some(EpochMs(created_h * HOUR)),
            started: None,
            finished: None,
            cancel_requested: None,
            cancel_reason: None,
            canceled: None,
        }
    }

    fn after_slot(kind: Kind, jobs: Vec<Job>, now_min: i64) -> String {
        let db = Database { jobs, ..Database::default() };
        let slot = Slot { due: EpochMs(100 * HOUR), kind };
        match outcome(&slot, &db, EpochMs(100 * HOUR + now_min * 60_000), &Thresholds::default()) {
            Outcome::Completed(j) => format!("completed {}", j.id),
            Outcome::Live(j) => format!("live {}", j.id),
            Outcome::Ended(j) => format!("ended {}", j.id),
            Outcome::Due => "due".into(),
            Outcome::Missed => "missed".into(),
        }
    }

    use Kind::{Full, Incremental};
    use Status::{Completed, Failed, Running};

    #[test]
    fn a_job_before_the_slot_is_not_the_slots() {
        let old = || vec![job(1, Incremental, Completed, 76)];
        assert_eq!(after_slot(Incremental, old(), 10), "due");
        assert_eq!(after_slot(Incremental, old(), 16), "missed");
    }

    #[test]
    fn a_job_that_began_before_the_slot_and_runs_over_it_is_the_slots() {
        let over = |status| {
            let mut job = job(7, Full, status, 98);
            job.finished = (job.status == Completed).then_some(EpochMs(101 * HOUR));
            vec![job]
        };
        assert_eq!(after_slot(Incremental, over(Running), 30), "live #7");
        assert_eq!(after_slot(Incremental, over(Completed), 90), "completed #7");
        // one that has been at work for longer than any backup takes is in the way, and is not the slot's
        assert_eq!(after_slot(Incremental, over(Running), 300), "missed");
    }

    #[test]
    fn the_best_of_several_tells() {
        let jobs = vec![
            job(5, Incremental, Failed, 102),
            job(4, Incremental, Completed, 101),
            job(3, Incremental, Failed, 100),
        ];
        assert_eq!(after_slot(Incremental, jobs, 200), "completed #4");
        assert_eq!(
            after_slot(
                Incremental,
                vec![job(6, Incremental, Running, 101), job(5, Incremental, Failed, 100)],
                200
            ),
            "live #6"
        );
        assert_eq!(after_slot(Incremental, vec![job(5, Incremental, Failed, 100)], 200), "ended #5");
    }

    #[test]
    fn an_incremental_does_not_make_up_for_a_full_one_but_a_full_one_does_for_an_incremental() {
        assert_eq!(after_slot(Full, vec![job(5, Incremental, Completed, 100)], 200), "missed");
        assert_eq!(after_slot(Incremental, vec![job(5, Full, Completed, 100)], 200), "completed #5");
    }

    fn settings(enabled: Option<bool>, incremental: &str, full_enabled: bool, full: &str) -> Settings {
        Settings {
            enabled,
            incremental_schedule: Some(SafeText::new(incremental)),
            full_enabled: Some(full_enabled),
            full_schedule: Some(SafeText::new(full)),
            ..Settings::default()
        }
    }

    #[test]
    fn what_is_meant_to_fire_and_does_not_is_named() {
        assert_eq!(plan(None), Plan::NotSet);
        assert_eq!(plan(Some(&settings(None, "0 4 * * *", true, ""))), Plan::NotSet);
        assert_eq!(plan(Some(&settings(Some(false), "0 4 * * *", true, ""))), Plan::Off);
        let Plan::On { fires, never } = plan(Some(&settings(Some(true), "*/5 * * * *", true, "0 3 * * 0")))
        else {
            panic!()
        };
        assert_eq!((fires.len(), never[0].2), (1, NeverFires::Unsupported));
        let Plan::On { fires, never } = plan(Some(&settings(Some(true), "0 4 * * *", false, "*/5 * * * *")))
        else {
            panic!()
        };
        assert_eq!((fires.len(), never.len()), (1, 0));
    }

    #[test]
    fn where_both_are_due_the_full_one_counts() {
        let daily = Cron::parse("0 4 * * *").unwrap();
        let slot =
            newest_slot(&[(Incremental, daily), (Full, daily)], EpochMs(1_700_000_000_000), 0).unwrap();
        assert_eq!(slot.kind, Full);
    }
}
