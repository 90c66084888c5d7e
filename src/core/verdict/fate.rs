//! What became of the night that is asked about: the job's row and what lies on the share, together. The check of the night
//! and the diagnosis both say it from here.
use super::facts::Facts;
use super::words::not_copied;
use crate::core::derive::job::Worker;
use crate::core::derive::night::{self, Outcome};
use crate::core::derive::pack::{self, Judged};
use crate::core::gap::Gap;
use crate::core::probe::database::{Job, Status};
use crate::core::probe::packs::Pack;
use crate::core::units::Bytes;

/// What became of the newest slot.
#[derive(Clone, Debug)]
pub(in crate::core) enum Fate<'a> {
    /// The database was not read.
    Unread(&'a Gap),
    /// Neither the container's zone nor the server's is known: which slot is the newest cannot be said.
    NoZone,
    /// No schedule fires, so nothing was due.
    NothingFires,
    /// The slot has just passed.
    Due,
    /// No job, but the backend has just started and makes up for it.
    Starting,
    /// No job, and it is late.
    Missed,
    /// A job that ended without a backup: failed or canceled.
    Ended(&'a Job),
    /// A job whose state this console does not know.
    Odd(&'a Job),
    /// A job that is at work, or says so.
    Working {
        /// The job.
        job: &'a Job,
        /// What is known of its worker.
        worker: Option<&'a Worker>,
        /// It takes longer than a backup may.
        late: bool,
    },
    /// Completed by its row, but the share cannot be seen.
    Unseen {
        /// The job.
        job: &'a Job,
        /// Why.
        gap: &'a Gap,
    },
    /// Completed, but its pack stayed on the server.
    NotCopied(&'a Job),
    /// Completed, but its pack is not on the share (any more).
    Gone(&'a Job),
    /// Completed, and its pack lacks something.
    Incomplete {
        /// The job.
        job: &'a Job,
        /// Its pack.
        pack: &'a Pack,
        /// What it lacks.
        judged: Judged,
    },
    /// Completed, but what its pack must hold is not known.
    Unproved {
        /// The job.
        job: &'a Job,
        /// Its pack.
        pack: &'a Pack,
    },
    /// Completed, and much smaller than usual.
    Shrunk {
        /// The job.
        job: &'a Job,
        /// Its pack.
        pack: &'a Pack,
        /// The usual size.
        usual: Bytes,
    },
    /// On the share, and whole.
    There {
        /// The job.
        job: &'a Job,
        /// Its pack.
        pack: &'a Pack,
    },
}

/// What became of the newest slot.
pub(in crate::core) fn fate<'a>(f: &'a Facts<'a>) -> Fate<'a> {
    let db = match f.db {
        Ok(db) => db,
        Err(gap) => return Fate::Unread(gap),
    };
    let Some(slot) = &f.slot else {
        return if f.zone_s.is_none() { Fate::NoZone } else { Fate::NothingFires };
    };
    match night::outcome(slot, db, f.now, &f.env.thresholds) {
        Outcome::Completed(job) => completed(f, job),
        Outcome::Live(job) => {
            let patience_ms = i64::from(f.env.thresholds.finish_grace_min) * 60_000;
            let late = f.now.since(slot.due) > patience_ms;
            let worker = f.live.iter().find(|(j, _)| j.id == job.id).map(|(_, w)| w);
            Fate::Working { job, worker, late }
        }
        Outcome::Ended(job) if matches!(job.status, Status::Other(_)) => Fate::Odd(job),
        Outcome::Ended(job) => Fate::Ended(job),
        Outcome::Due => Fate::Due,
        Outcome::Missed if backend_is_young(f) => Fate::Starting,
        Outcome::Missed => Fate::Missed,
    }
}

/// A job that says "completed": only its pack on the share makes it true.
fn completed<'a>(f: &'a Facts<'a>, job: &'a Job) -> Fate<'a> {
    let folder = match &f.packs {
        Ok(folder) => *folder,
        Err(gap) => return Fate::Unseen { job, gap },
    };
    let Some(pack) = pack::of_job(job, folder) else {
        return if not_copied(f, job) { Fate::NotCopied(job) } else { Fate::Gone(job) };
    };
    let judged = f.judge(pack, &job.kind, Some(job));
    if !judged.missing.is_empty() {
        return Fate::Incomplete { job, pack, judged };
    }
    if judged.unproved {
        return Fate::Unproved { job, pack };
    }
    match shrunk(f, job, pack) {
        Some(usual) => Fate::Shrunk { job, pack, usual },
        None => Fate::There { job, pack },
    }
}

/// The usual size, if this pack is far below it.
fn shrunk(f: &Facts, job: &Job, pack: &Pack) -> Option<Bytes> {
    let usual = pack::median(f.earlier_sizes(&job.kind, pack))?;
    let floor = u128::from(usual.0) * u128::from(f.env.thresholds.shrink_percent) / 100;
    (u128::from(pack.bytes().0) < floor).then_some(usual)
}

/// A backend this young has not had the time to make up for a slot that it missed.
const YOUNG_MS: i64 = 180_000;

fn backend_is_young(f: &Facts) -> bool {
    let started = f.backend.ok().flatten().filter(|c| c.running).and_then(|c| c.started);
    started.is_some_and(|at| (0..YOUNG_MS).contains(&f.now.since(at)))
}
