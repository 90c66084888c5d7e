//! What became of the night that is asked about: the job's row and what lies on the share, together. The check of the night
//! and the diagnosis both say it from here.
use super::backend::crash_loops;
use super::facts::Facts;
use super::words::{not_copied, state_of};
use crate::core::derive::job::Worker;
use crate::core::derive::night::{self, Outcome, Slot};
use crate::core::derive::pack::{self, Judged, Small};
use crate::core::derive::schedule::Cron;
use crate::core::gap::Gap;
use crate::core::probe::database::{Job, Status};
use crate::core::probe::packs::Pack;
use crate::core::state::State;
use crate::core::units::EpochMs;

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
        /// It is later than a backup may be.
        late: Option<Late>,
    },
    /// Completed while the look was taken, and what was read of its pack is not whole, or was not yet: see
    /// [`Facts::ended_meanwhile`].
    JustEnded(&'a Job),
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
    /// Completed long ago, and its pack made room for newer ones as it was meant to.
    Expired(&'a Job),
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
    /// Completed, and much smaller than usual, or one of its files is.
    Shrunk {
        /// The job.
        job: &'a Job,
        /// Its pack.
        pack: &'a Pack,
        /// What is too small.
        small: Small,
    },
    /// On the share, and whole.
    There {
        /// The job.
        job: &'a Job,
        /// Its pack.
        pack: &'a Pack,
    },
}

/// Why a backup that is at work is late.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::core) enum Late {
    /// It was begun late: made up for, or by hand.
    Began,
    /// It takes longer than a backup may.
    Runs,
}

impl Fate<'_> {
    /// What it means for the night.
    pub(in crate::core) fn state(&self) -> State {
        match self {
            Fate::There { .. } => State::Ok,
            Fate::Due
            | Fate::Starting
            | Fate::JustEnded(_)
            | Fate::Shrunk { .. }
            | Fate::NotCopied(_)
            | Fate::Gone(_) => State::Warning,
            Fate::Working { worker, .. } => match worker.is_some_and(Worker::is_gone) {
                true => State::Failed,
                false => State::Warning,
            },
            Fate::Incomplete { judged, .. } => state_of(judged),
            Fate::Missed | Fate::Ended(_) | Fate::NothingFires => State::Failed,
            Fate::Unread(_)
            | Fate::NoZone
            | Fate::Odd(_)
            | Fate::Unseen { .. }
            | Fate::Unproved { .. }
            | Fate::Expired(_) => State::Unknown,
        }
    }
}

/// The slot that tells of the last day: that which came to the worst, of equals the newest. The newest is given first. Of a
/// weekly one a row must speak, where another slot of the day can tell: see [`gives_way`].
pub(super) fn telling(f: &mut Facts, slots: Vec<Slot>) -> Option<Slot> {
    /// The slot that tells so far.
    struct Told {
        state: State,
        slot: Slot,
        gives_way: bool,
    }
    let mut told: Option<Told> = None;
    for slot in slots {
        f.slot = Some(slot.clone());
        let fate = fate(f);
        let state = fate.state();
        let excused = is_weekly(f, &slot) && matches!(fate, Fate::Missed | Fate::Starting | Fate::Due);
        let gives_way = gives_way(f, &slot, &fate);
        let tells = match &told {
            None => true,
            Some(t) if state == t.state || excused => false,
            Some(t) => t.gives_way || State::of_all([state, t.state]) == state,
        };
        if tells {
            told = Some(Told { state, slot, gives_way });
        }
    }
    told.map(|t| t.slot)
}

/// Whether a slot gives way to any other one of its day: a weekly one that nobody began. On which day the backend's week begins the
/// documents do not say, so such a backup is given more than a day, by the check of the last full one. A daily one was due on
/// this day whichever way weeks are counted.
pub(in crate::core) fn gives_way(f: &Facts, slot: &Slot, fate: &Fate) -> bool {
    is_weekly(f, slot) && matches!(fate, Fate::Missed)
}

fn is_weekly(f: &Facts, slot: &Slot) -> bool {
    f.plan.as_ref().and_then(|p| p.cron(&slot.kind)).is_some_and(Cron::is_weekly)
}

/// What became of the slot that is asked about.
pub(in crate::core) fn fate<'a>(f: &'a Facts<'a>) -> Fate<'a> {
    let db = match f.db {
        Ok(db) => db,
        Err(gap) => return Fate::Unread(gap),
    };
    let Some(slot) = &f.slot else {
        return if f.zone_s.is_none() { Fate::NoZone } else { Fate::NothingFires };
    };
    match night::outcome(slot, db, f.now, &f.env.thresholds) {
        // one that was made by hand later and is no good takes nothing from a good one
        Outcome::Completed(job) => match night::completed(slot, db, f.now, &f.env.thresholds)
            .into_iter()
            .map(|job| completed(f, job))
            .find(|fate| matches!(fate, Fate::There { .. }))
        {
            Some(there) => there,
            None => completed(f, job),
        },
        Outcome::Live(job) => {
            let patience_ms = i64::from(f.env.thresholds.finish_grace_min) * 60_000;
            let over = |from: EpochMs| f.now.since(from) > patience_ms;
            let late = match over(slot.due) {
                false => None,
                true if job.began().is_some_and(|at| !over(at)) => Some(Late::Began),
                true => Some(Late::Runs),
            };
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
    match by_its_pack(f, job) {
        Fate::Gone(_) | Fate::Incomplete { .. } | Fate::Shrunk { .. } if f.ended_meanwhile(job) => {
            Fate::JustEnded(job)
        }
        fate => fate,
    }
}

fn by_its_pack<'a>(f: &'a Facts<'a>, job: &'a Job) -> Fate<'a> {
    let folder = match &f.packs {
        Ok(folder) => *folder,
        Err(gap) => return Fate::Unseen { job, gap },
    };
    let Some(pack) = pack::of_job(job, folder) else {
        return match () {
            () if not_copied(f, job) => Fate::NotCopied(job),
            () if expired(f, job) => Fate::Expired(job),
            () => Fate::Gone(job),
        };
    };
    let judged = f.judge(pack, &job.kind, Some(job));
    if !judged.missing.is_empty() {
        return Fate::Incomplete { job, pack, judged };
    }
    if judged.unproved {
        return Fate::Unproved { job, pack };
    }
    match f.small(job, pack) {
        Some(small) => Fate::Shrunk { job, pack, small },
        None => Fate::There { job, pack },
    }
}

/// The newest completed backup of the slot, where it is none to rely on and an older one tells.
pub(super) fn spoilt<'a>(f: &'a Facts<'a>, told: &Fate) -> Option<(&'a Job, Fate<'a>)> {
    let (Fate::There { job, .. }, Some(slot), Ok(db)) = (told, &f.slot, f.db) else { return None };
    let newest = night::completed(slot, db, f.now, &f.env.thresholds).into_iter().next()?;
    let fate = (newest.id != job.id).then(|| completed(f, newest))?;
    (!matches!(fate, Fate::JustEnded(_))).then_some((newest, fate))
}

/// Whether a pack that is not on the share any more went as it was meant to: this server has made another one since, and at
/// least as many newer ones are there, whoever wrote them, as its own retention keeps.
pub(in crate::core) fn expired(f: &Facts, job: &Job) -> bool {
    let (Ok(folder), Ok(db)) = (&f.packs, f.db) else { return false };
    let keeps = db.settings.as_ref().and_then(|s| s.retention).and_then(|n| usize::try_from(n).ok());
    let Some(keeps) = keeps.filter(|n| *n > 0) else { return false };
    let Some(dir) = &job.output_dir else { return false };
    let name = pack::base_name(dir.as_str());
    let newer: Vec<&Pack> = folder.packs.iter().filter(|p| p.name.as_str() > name).collect();
    let ours = newer.iter().any(|p| matches!(pack::owner(p, db), pack::Owner::Ours { .. }));
    ours && newer.len() >= keeps
}

/// The last backup that is whole on the share, if it was completed not longer than this ago.
pub(in crate::core) fn last_good<'a>(f: &'a Facts<'a>, within_ms: i64) -> Option<(&'a Job, &'a Pack)> {
    let db = f.db.ok()?;
    let recent = |j: &&Job| j.finished.or(j.created).is_some_and(|at| f.now.since(at) <= within_ms);
    let done = db.last_completed.iter().chain(&db.jobs).filter(|j| j.status == Status::Completed);
    let done = done.filter(recent).filter_map(|j| match completed(f, j) {
        Fate::There { job, pack } => Some((job, pack)),
        _ => None,
    });
    done.max_by_key(|(j, _)| j.finished.or(j.created))
}

/// A backend this young has not had the time to make up for a slot that it missed.
const YOUNG_MS: i64 = 180_000;

fn backend_is_young(f: &Facts) -> bool {
    let backend = f.backend.ok().flatten().filter(|c| c.running && !crash_loops(f, c));
    let started = backend.and_then(|c| c.started);
    started.is_some_and(|at| (0..YOUNG_MS).contains(&f.now.since(at)))
}
