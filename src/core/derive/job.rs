//! Whether a job that says it runs can still be running.
use crate::config::model::Thresholds;
use crate::core::gap::Gap;
use crate::core::probe::containers::Container;
use crate::core::probe::database::{Database, Job, Lock};
use crate::core::probe::packs::Pack;
use crate::core::safetext::SafeText;
use crate::core::units::EpochMs;
use serde::Serialize;

/// What is known of a live job's worker. The worker is a thread of a process in the backend's container, so it cannot
/// outlive the container's last start.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "worker", rename_all = "snake_case")]
pub enum Worker {
    /// Its container started after the job began: the worker is gone.
    GoneByRestart {
        /// When the job began.
        began: EpochMs,
        /// When the container started.
        container_started: EpochMs,
    },
    /// Its container does not run.
    GoneWithContainer {
        /// When the container ended, if Docker says it.
        ended: Option<EpochMs>,
    },
    /// Its pack has grown lately.
    Growing {
        /// The pack's last change, by the share's clock.
        changed: EpochMs,
    },
    /// Its pack cannot be seen, and a container packs for it.
    Packing {
        /// The container.
        container: SafeText,
    },
    /// Nothing of it has changed for too long.
    Still {
        /// The last sign of life.
        since: EpochMs,
        /// For how many minutes.
        minutes: i64,
    },
    /// Too young, or too little known, to say.
    CannotTell,
}

impl Worker {
    /// Proved dead: the row is a ghost.
    pub fn is_gone(&self) -> bool {
        matches!(self, Worker::GoneByRestart { .. } | Worker::GoneWithContainer { .. })
    }
}

/// Judges one live job. `now` is the server's time; `pack` is the job's own, if there is one.
pub fn worker(
    job: &Job,
    backend: Result<Option<&Container>, &Gap>,
    pack: Option<&Pack>,
    now: EpochMs,
    limits: &Thresholds,
) -> Worker {
    if let Ok(Some(container)) = backend {
        if !container.running {
            return Worker::GoneWithContainer { ended: container.finished };
        }
        let skew_ms = i64::from(limits.clock_skew_s) * 1000;
        if let (Some(began), Some(container_started)) = (job.began(), container.started)
            && container_started > began
        {
            // a start that is still to come was told by a clock that has been set back since: it proves nothing
            return match container_started.since(now) > skew_ms {
                true => Worker::CannotTell,
                false => Worker::GoneByRestart { began, container_started },
            };
        }
    }
    // its pack cannot be seen (made elsewhere, or the share is silent): no sign of life is no sign of death
    if pack.is_none() && job.output_dir.is_some() {
        return Worker::CannotTell;
    }
    let patience_ms = i64::from(limits.stuck_after_min) * 60_000;
    let last_sign = job.began().into_iter().chain(pack.map(|p| p.changed)).max();
    match (last_sign, pack) {
        (Some(since), _) if now.since(since) > patience_ms => {
            Worker::Still { since, minutes: now.since(since) / 60_000 }
        }
        (Some(_), Some(pack)) => Worker::Growing { changed: pack.changed },
        _ => Worker::CannotTell,
    }
}

/// The same where its pack is made elsewhere, by the other things that show life: the copy on the share while it changes, and a
/// container that packs for the job. Neither says anything by its absence.
pub fn seen_otherwise(
    worker: Worker,
    job: &Job,
    copy: Option<&Pack>,
    packing: Option<&SafeText>,
    now: EpochMs,
    limits: &Thresholds,
) -> Worker {
    if worker != Worker::CannotTell {
        return worker;
    }
    let patience_ms = i64::from(limits.stuck_after_min) * 60_000;
    // another server's copy may have the same number: one that is older than the job is not the job's
    let own = |at: EpochMs| job.began().is_none_or(|began| at.since(began) >= 0);
    let changed = copy.map(|c| c.changed).filter(|at| own(*at) && now.since(*at) <= patience_ms);
    match (changed, packing) {
        (Some(changed), _) => Worker::Growing { changed },
        (None, Some(container)) => Worker::Packing { container: container.clone() },
        (None, None) => worker,
    }
}

/// Locks that no living job holds. Nothing if there is none, or if a job may be alive.
pub fn stale_locks<'a>(db: &'a Database, workers: &[Worker]) -> Vec<&'a Lock> {
    let all_gone = workers.iter().all(Worker::is_gone);
    if all_gone { db.locks.iter().collect() } else { Vec::new() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::probe::containers;
    use crate::core::probe::database::{Kind, Status};
    use crate::core::safetext::SafeText;
    use crate::core::units::JobId;

    const MIN: i64 = 60_000;

    fn job(began_min: i64) -> Job {
        Job {
            id: JobId(9),
            kind: Kind::Incremental,
            status: Status::Running,
            progress: Some(45),
            message: SafeText::default(),
            detail: SafeText::default(),
            output_dir: None,
            created: Some(EpochMs(began_min * MIN)),
            started: None,
            finished: None,
            cancel_requested: None,
            cancel_reason: None,
            canceled: None,
        }
    }

    fn backend(running: bool, started: &str) -> Container {
        let line = format!(
            r#"{{"Id":"a","Name":"/b","State":{{"Running":{running},"StartedAt":"{started}","FinishedAt":"1970-01-01T00:30:00Z"}}}}"#
        );
        containers::containers(line.as_bytes()).unwrap().remove(0)
    }

    fn pack(changed_min: i64) -> Pack {
        Pack {
            name: SafeText::default(),
            path: SafeText::default(),
            changed: EpochMs(changed_min * MIN),
            files: Default::default(),
        }
    }

    #[test]
    fn a_container_started_after_the_job_proves_a_ghost() {
        let b = backend(true, "1970-01-01T00:20:00Z");
        let judge =
            |began| worker(&job(began), Ok(Some(&b)), None, EpochMs(25 * MIN), &Thresholds::default());
        assert_eq!(
            judge(10),
            Worker::GoneByRestart { began: EpochMs(10 * MIN), container_started: EpochMs(20 * MIN) }
        );
        assert_eq!(judge(20), Worker::CannotTell);
    }

    #[test]
    fn a_start_that_is_still_to_come_proves_nothing() {
        let b = backend(true, "1970-01-01T08:20:00Z");
        let judge =
            |now: i64| worker(&job(10), Ok(Some(&b)), None, EpochMs(now * MIN), &Thresholds::default());
        assert_eq!(judge(25), Worker::CannotTell);
        // within what two clocks may differ, and after it
        assert!(judge(8 * 60 + 19).is_gone() && judge(8 * 60 + 30).is_gone());
    }

    #[test]
    fn without_docker_nothing_is_proved() {
        let judged = worker(&job(10), Err(&Gap::TimedOut), None, EpochMs(15 * MIN), &Thresholds::default());
        assert_eq!(judged, Worker::CannotTell);
        let stopped = backend(false, "1970-01-01T00:00:01Z");
        assert!(
            worker(&job(10), Ok(Some(&stopped)), None, EpochMs(31 * MIN), &Thresholds::default()).is_gone()
        );
    }

    #[test]
    fn a_pack_that_grows_is_life_and_one_that_does_not_is_stillness() {
        let b = backend(true, "1970-01-01T00:00:01Z");
        let judge = |now: i64| {
            worker(&job(10), Ok(Some(&b)), Some(&pack(40)), EpochMs(now * MIN), &Thresholds::default())
        };
        assert_eq!(judge(60), Worker::Growing { changed: EpochMs(40 * MIN) });
        assert_eq!(judge(61), Worker::Still { since: EpochMs(40 * MIN), minutes: 21 });
    }

    #[test]
    fn of_a_pack_that_is_made_elsewhere_its_copy_and_its_container_show_life() {
        let limits = Thresholds::default();
        let seen = |copy: Option<&Pack>, packing: Option<&SafeText>, worker: Worker| {
            seen_otherwise(worker, &job(10), copy, packing, EpochMs(60 * MIN), &limits)
        };
        let container = SafeText::new("brave_tar");
        let packing = Worker::Packing { container: container.clone() };
        assert_eq!(
            seen(Some(&pack(50)), None, Worker::CannotTell),
            Worker::Growing { changed: EpochMs(50 * MIN) }
        );
        assert_eq!(seen(None, Some(&container), Worker::CannotTell), packing);
        // a copy that is still, or older than the job, says nothing
        assert_eq!(seen(Some(&pack(30)), None, Worker::CannotTell), Worker::CannotTell);
        let young = Thresholds { stuck_after_min: 90, ..limits.clone() };
        let old =
            seen_otherwise(Worker::CannotTell, &job(10), Some(&pack(9)), None, EpochMs(60 * MIN), &young);
        assert_eq!(old, Worker::CannotTell);
        // what is known otherwise stands
        let gone = Worker::GoneWithContainer { ended: None };
        assert_eq!(seen(Some(&pack(50)), Some(&container), gone.clone()), gone);
    }

    #[test]
    fn a_lock_is_stale_only_if_every_live_job_is_dead() {
        let lock = Lock { name: SafeText::new("backup"), owner: SafeText::new("x"), acquired: None };
        let db = Database { locks: vec![lock], ..Database::default() };
        let gone = Worker::GoneWithContainer { ended: None };
        assert_eq!(stale_locks(&db, &[]).len(), 1);
        assert_eq!(stale_locks(&db, std::slice::from_ref(&gone)).len(), 1);
        assert_eq!(stale_locks(&db, &[gone, Worker::CannotTell]).len(), 0);
    }
}
