//! The progress of a backup, out of what a watch says: what it does, how much it has written, how long it still takes, and
//! whether it is alive at all.
//!
//! Two clocks: each tick is taken with the workstation's time at which it came, and some hold the server's. What is told
//! later is told by the server's clock, reckoned from the last one that was heard.
mod past;
mod rate;
mod step;
mod watched;

pub use past::{Left, Past};
pub use step::{Part, Step};

use crate::config::model::Thresholds;
use crate::core::derive::job::{self, Worker};
use crate::core::gap::Gap;
use crate::core::probe::containers::Container;
use crate::core::probe::database::{Job, Status};
use crate::core::probe::watch::{Jobs, Packs, Tick};
use crate::core::safetext::SafeText;
use crate::core::units::{Bytes, EpochMs, JobId};
use rate::Window;
use watched::{Watched, written};

/// What a watch has told so far.
#[derive(Clone, Debug)]
pub struct Progress {
    past: Past,
    limits: Thresholds,
    /// The server's clock less the workstation's.
    ahead_ms: i64,
    /// When the last tick came, by the workstation's clock.
    heard: Option<EpochMs>,
    /// When the rows came.
    rows_came: Option<EpochMs>,
    rows: Option<Jobs>,
    rows_gap: Option<Gap>,
    backend: Result<Option<Box<Container>>, Gap>,
    helper: Option<SafeText>,
    watched: Option<Watched>,
}

/// How it stands at a moment.
#[derive(Clone, Debug, PartialEq)]
pub struct Standing<'a> {
    /// The job's newest row.
    pub job: &'a Job,
    /// What it does; nothing when it has ended.
    pub step: Option<Step>,
    /// For how long, in milliseconds; from its start to its end when it has ended.
    pub elapsed_ms: Option<i64>,
    /// What it has written; the copy, while that is being made.
    pub bytes: Option<Bytes>,
    /// The pack itself is written and is being copied.
    pub copying: bool,
    /// What a pack of its kind usually weighs.
    pub usual: Option<Bytes>,
    /// Bytes a second over the last minute.
    pub rate: Option<Bytes>,
    /// How long nothing of it has changed, in milliseconds.
    pub still_ms: Option<i64>,
    /// How much longer it takes; nothing for one that waits, stops or has ended.
    pub left: Option<Left>,
    /// Its step takes longer than it usually does: so long, and usually so long.
    pub slow: Option<(i64, i64)>,
    /// Whether its worker is alive.
    pub worker: Option<Worker>,
    /// The container that packs a volume for it.
    pub helper: Option<&'a SafeText>,
    /// Other jobs that are queued, running or canceling.
    pub others: Vec<JobId>,
    /// The share holds the reader that was to look at the pack.
    pub held: Option<u32>,
    /// Why its pack cannot be seen.
    pub pack_gap: Option<&'a Gap>,
}

impl Progress {
    /// Nothing has been heard yet.
    pub fn new(past: Past, limits: Thresholds) -> Progress {
        Progress {
            past,
            limits,
            ahead_ms: 0,
            heard: None,
            rows_came: None,
            rows: None,
            rows_gap: None,
            backend: Err(Gap::NoAnswer),
            helper: None,
            watched: None,
        }
    }

    /// A newer look knows more of the past.
    pub fn learn(&mut self, past: Past) {
        self.past = past;
    }

    /// The watch is opened anew. What it told before may be over by now: until it is told again, it proves nothing.
    pub fn reopened(&mut self) {
        self.rows_gap = self.rows.is_some().then_some(Gap::NoAnswer);
        self.backend = Err(Gap::NoAnswer);
        self.helper = None;
        if let Some(w) = &mut self.watched {
            // what grew unseen was not written in the last minute
            (w.written, w.pack_gap, w.held) = (Window::default(), None, None);
        }
    }

    /// Takes a tick that came at this moment, by the workstation's clock.
    pub fn take(&mut self, tick: Tick, came: EpochMs) {
        self.heard = Some(came);
        match tick {
            Tick::Beat(clock) => self.ahead_ms = clock.since(came),
            Tick::Backend(Ok(container)) => self.backend = Ok(Some(container)),
            Tick::Backend(Err(gap)) => self.backend = Err(gap),
            Tick::Helper(name) => self.helper = name.ok().flatten(),
            Tick::Jobs { clock, jobs } => {
                self.ahead_ms = clock.map_or(self.ahead_ms, |clock| clock.since(came));
                match jobs {
                    Ok(jobs) => self.take_rows(jobs, came),
                    Err(gap) => self.rows_gap = Some(gap),
                }
            }
            Tick::Packs(Ok(packs)) => self.take_packs(packs, came),
            Tick::Packs(Err(gap)) => {
                if let Some(w) = &mut self.watched {
                    (w.pack_gap, w.held) = (Some(gap), None);
                }
            }
            Tick::Held { pid } => {
                if let Some(w) = &mut self.watched {
                    w.held = Some(pid);
                }
            }
        }
    }

    fn take_rows(&mut self, jobs: Jobs, came: EpochMs) {
        let server = self.server(came);
        let working = jobs.live.iter().find(|j| j.status != Status::Queued).or(jobs.live.first());
        let known = self.watched.as_ref().map(|w| w.job.id);
        // one that is not at work any more has ended; its row says how
        let ended = || jobs.ended.iter().find(|j| Some(j.id) == known);
        if let Some(job) = working.or_else(ended) {
            match &mut self.watched {
                Some(w) if w.job.id == job.id => {
                    if Step::of(&w.job) != Step::of(job) {
                        w.step_seen = server;
                    }
                    if w.job != *job {
                        w.moved = Some(came);
                    }
                    w.job = job.clone();
                }
                _ => self.watched = Some(Watched::new(job.clone(), server)),
            }
        } else {
            self.watched = None;
        }
        (self.rows, self.rows_gap, self.rows_came) = (Some(jobs), None, Some(came));
    }

    fn take_packs(&mut self, packs: Packs, came: EpochMs) {
        let Some(w) = self.watched.as_mut().filter(|w| w.job.id == packs.job) else {
            return;
        };
        (w.pack_gap, w.held) = (None, None);
        if let Some(old) = &w.packs
            && *old != packs
        {
            w.moved = Some(came);
            // the copy is another thing than the pack: its speed begins anew
            if old.copy.is_none() != packs.copy.is_none() {
                w.written = Window::default();
            }
        }
        if let Some(bytes) = written(&packs) {
            w.written.saw(came, bytes);
        }
        w.packs = Some(packs);
    }

    /// The server's clock at a moment of the workstation's.
    pub fn server(&self, now: EpochMs) -> EpochMs {
        now.plus_ms(self.ahead_ms)
    }

    /// How long nothing has been heard, in milliseconds; nothing if nothing ever was.
    pub fn silent_ms(&self, now: EpochMs) -> Option<i64> {
        self.heard.map(|heard| now.since(heard).max(0))
    }

    /// The rows, and when they came by the workstation's clock.
    pub fn rows(&self) -> Option<(&Jobs, EpochMs)> {
        self.rows.as_ref().zip(self.rows_came)
    }

    /// Why there are no newer rows.
    pub fn rows_gap(&self) -> Option<&Gap> {
        self.rows_gap.as_ref()
    }

    /// The backend's container, as it was told last.
    pub fn backend(&self) -> Result<Option<&Container>, &Gap> {
        self.backend.as_ref().map(Option::as_deref)
    }

    /// Whether a backup is queued, running or canceling.
    pub fn is_live(&self) -> bool {
        self.rows.as_ref().is_some_and(|r| !r.live.is_empty())
    }

    /// How the backup stands at a moment of the workstation's clock; nothing if none was at work since the watch began.
    pub fn standing(&self, now: EpochMs) -> Option<Standing<'_>> {
        let w = self.watched.as_ref()?;
        let (job, server) = (&w.job, self.server(now));
        let live = job.status.is_live();
        let step = live.then(|| Step::of(job));
        let until = if live { Some(server) } else { job.finished };
        let elapsed_ms = until.zip(job.began()).map(|(until, began)| until.since(began).max(0));
        let part = step.as_ref().and_then(Step::part);
        let in_part = part.as_ref().map(|p| (p, w.part_began(p).map_or(0, |at| server.since(at).max(0))));
        // before its pack was seen nobody knows since when the step runs
        let seen = w.packs.is_some() || w.pack_gap.is_some();
        let slow = in_part.filter(|_| seen).and_then(|(part, ms)| {
            self.past.usual_part_ms(&job.kind, part).filter(|usual| ms > *usual).map(|usual| (ms, usual))
        });
        let at_work = live && !matches!(step, Some(Step::Waiting | Step::Canceling));
        let worker = live.then(|| self.worker(w, server, now));
        let left = elapsed_ms.filter(|_| at_work).map(|ms| self.past.left(&job.kind, ms, in_part));
        let dead_or_still = worker.as_ref().is_some_and(|w| w.is_gone() || matches!(w, Worker::Still { .. }));
        let rows = self.rows.iter().flat_map(|r| &r.live);
        Some(Standing {
            job,
            elapsed_ms,
            bytes: w.packs.as_ref().and_then(written),
            copying: live && w.packs.as_ref().is_some_and(|p| p.copy.is_some()),
            usual: self.past.usual_bytes(&job.kind),
            rate: w.written.rate(now).filter(|_| live),
            still_ms: w.last_sign(now, server).filter(|_| live),
            // a dead one takes for ever, and of one that stands still nobody knows
            left: left.filter(|l| (seen || *l == Left::TooFew) && !dead_or_still),
            slow: slow.filter(|_| !dead_or_still),
            worker,
            helper: self.helper.as_ref().filter(|_| live),
            others: rows.filter(|j| j.id != job.id).map(|j| j.id).collect(),
            held: w.held,
            pack_gap: w.pack_gap.as_ref(),
            step,
        })
    }

    /// Whether the worker is alive: as a look judges it, and by what was seen to change since.
    fn worker(&self, w: &Watched, server: EpochMs, now: EpochMs) -> Worker {
        let judged = job::worker(&w.job, self.backend(), w.newest(), server, &self.limits);
        let patience_ms = i64::from(self.limits.stuck_after_min) * 60_000;
        match (&judged, w.moved) {
            (Worker::Still { .. }, Some(moved)) if now.since(moved) <= patience_ms => {
                Worker::Growing { changed: self.server(moved) }
            }
            // the share was seen, and its pack is made elsewhere
            (Worker::CannotTell, _)
                if w.packs.as_ref().is_some_and(|p| p.own.is_none() && p.copy.is_none())
                    && w.job.output_dir.is_some() =>
            {
                job::seen_otherwise(judged, &w.job, None, self.helper.as_ref(), server, &self.limits)
            }
            _ => judged,
        }
    }
}

#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;
