//! What every rule is given: the facts of a look, what the verdict made of them, and an earlier look if there was one.
use super::fix::Fix;
use super::probe::{self, Probe};
use super::types::{CauseId, Evidence};
use crate::core::derive::job::Worker;
use crate::core::derive::progress::Left;
use crate::core::plan::Action;
use crate::core::probe::database::{Job, Kind};
use crate::core::probe::packs::Pack;
use crate::core::snapshot::Snapshot;
use crate::core::state::State;
use crate::core::units::EpochMs;
use crate::core::verdict::{Check, Facts, Fate};
use crate::i18n::Text;
use crate::text;

/// A look, ready to be explained.
pub(super) struct Scene<'a> {
    pub(super) f: &'a Facts<'a>,
    /// What became of the night.
    pub(super) fate: Fate<'a>,
    /// The verdict's checks; of a past night, only that of the night.
    pub(super) checks: Vec<Check>,
    /// An earlier look at the same server.
    pub(super) earlier: Option<&'a Snapshot>,
    /// The workstation's time.
    pub(super) now: EpochMs,
}

/// A job of last night is no older than this.
pub(super) const LAST_NIGHT_MS: i64 = 36 * 3_600_000;
/// Long enough for a backend to start and to make up for what it missed.
pub(super) const CATCH_UP_MS: i64 = 180_000;
/// A backup of unknown length is worth another look after this.
const LOOK_AGAIN_MS: i64 = 10 * 60_000;
/// Long enough for a server to bring up its mounts, Docker and its containers.
const BOOTING_MS: i64 = 300_000;

impl<'a> Scene<'a> {
    /// Something that the look shows.
    pub(super) fn saw(&self, probe: Probe, says: Text) -> Evidence {
        Evidence { probe, says, age_ms: self.now.since(self.f.look.taken).max(0) }
    }

    /// Something that the earlier look showed.
    pub(super) fn saw_before(&self, probe: Probe, says: Text) -> Option<Evidence> {
        Some(Evidence { probe, says, age_ms: self.now.since(self.earlier?.taken).max(0) })
    }

    pub(super) fn check(&self, id: &str) -> Option<&Check> {
        self.checks.iter().find(|c| c.id == id)
    }

    /// The state of a check; unknown for one that was not made.
    pub(super) fn state(&self, id: &str) -> State {
        self.check(id).map_or(State::Unknown, |c| c.state)
    }

    /// What a check says in one line.
    pub(super) fn summary(&self, id: &str) -> Text {
        self.check(id).map(|c| c.summary.clone()).unwrap_or_default()
    }

    /// What a check rests on.
    pub(super) fn evidence(&self, id: &str) -> Vec<Evidence> {
        let lines = self.check(id).map(|c| c.evidence.as_slice()).unwrap_or_default();
        // what mounts and share quote of the kernel's log is the log's
        let kernel = crate::core::verdict::kernel(self.f);
        let place = |text: &Text| if kernel.contains(text) { Probe::Kernel } else { probe::of_check(id) };
        lines.iter().map(|text| self.saw(place(text), text.clone())).collect()
    }

    /// What a check rests on beside the kernel's log.
    pub(super) fn own(&self, id: &str) -> Vec<Evidence> {
        self.evidence(id).into_iter().filter(|e| e.probe != Probe::Kernel).collect()
    }

    /// What a check quotes of the kernel's log.
    pub(super) fn kernel(&self, id: &str) -> Vec<Evidence> {
        self.evidence(id).into_iter().filter(|e| e.probe == Probe::Kernel).collect()
    }

    /// What a check says and what it rests on.
    pub(super) fn whole(&self, id: &str) -> Vec<Evidence> {
        let mut all = vec![self.saw(probe::of_check(id), self.summary(id))];
        all.extend(self.evidence(id));
        all
    }

    /// What shows that something is not so: the words of its check where all of that is well, else these.
    pub(super) fn fine(&self, probe: Probe, id: &str, otherwise: Text) -> Evidence {
        let well = self.state(id) == State::Ok;
        self.saw(probe, if well { self.summary(id) } else { otherwise })
    }

    /// What a check says, from a place.
    pub(super) fn said(&self, probe: Probe, id: &str) -> Evidence {
        self.saw(probe, self.summary(id))
    }

    /// A pack that lacks nothing.
    pub(super) fn whole_pack(&self, pack: &Pack) -> Evidence {
        let size = pack.bytes();
        self.saw(Probe::Packs, text!("{} 完整，{size}", "{} is whole, {size}", pack.name))
    }

    pub(super) fn time(&self, at: EpochMs) -> String {
        self.f.time(at)
    }

    /// When the server was booted.
    pub(super) fn booted(&self) -> Option<EpochMs> {
        booted(self.f.look)
    }

    /// It was booted a moment ago: what systemd and Docker bring up by themselves may still be on its way.
    pub(super) fn is_booting(&self) -> bool {
        self.booted().is_some_and(|at| (0..BOOTING_MS).contains(&self.f.now.since(at)))
    }

    /// What explains that something is not up yet, while the server boots.
    pub(super) fn coming_up(&self) -> &'static [CauseId] {
        if self.is_booting() { &["just-started"] } else { &[] }
    }

    /// When a backup was last completed, by the rows.
    pub(super) fn last_completed(&self) -> Option<EpochMs> {
        let db = self.f.db.ok()?;
        db.last_completed.iter().filter_map(|j| j.finished.or(j.created)).max()
    }

    /// A live job and its worker.
    pub(super) fn live(&self, which: impl Fn(&Job, &Worker) -> bool) -> Option<(&'a Job, &'a Worker)> {
        self.f.live.iter().find(|(j, w)| which(j, w)).map(|(j, w)| (*j, w))
    }

    /// The same job as the earlier look had it, and its pack.
    pub(super) fn earlier_job(&self, job: &Job) -> Option<(&'a Job, Option<&'a Pack>)> {
        let look = self.earlier?;
        let db = look.database().ok()?;
        let then = db.live.iter().chain(&db.jobs).find(|j| j.id == job.id)?;
        let packs = look.packs.as_ref().ok();
        Some((then, packs.and_then(|p| crate::core::derive::pack::of_job(then, p))))
    }

    /// The host uses our share, and it answers.
    pub(super) fn share_works(&self) -> bool {
        self.state("mount") != State::Failed && self.state("share") == State::Ok
    }

    /// The night has no good backup on Windows that is known, and nothing is under way that may still make one.
    pub(super) fn night_lost(&self) -> bool {
        match &self.fate {
            Fate::Missed | Fate::Ended(_) | Fate::NotCopied(_) | Fate::Gone(_) | Fate::Incomplete { .. } => {
                true
            }
            Fate::Working { worker, .. } => worker.is_some_and(Worker::is_gone),
            Fate::NothingFires => crate::core::verdict::last_good(self.f, LAST_NIGHT_MS).is_none(),
            _ => false,
        }
    }

    /// A backup that is at work, or may be: whatever would disturb it has to wait, or to end it first.
    pub(super) fn at_work(&self) -> Option<&'a Job> {
        self.live(|_, w| !w.is_gone()).map(|(job, _)| job)
    }

    /// What comes first where that would be disturbed.
    pub(super) fn wait_for(&self, job: &Job) -> Fix {
        let elapsed_ms = job.began().map_or(0, |at| self.f.now.since(at));
        // by how long earlier ones took; where that is not known, when it is worth another look
        let until = match self.f.past().left(&job.kind, elapsed_ms, None) {
            Left::About(ms) => self.soon(ms.max(60_000)),
            _ => self.soon(LOOK_AGAIN_MS),
        };
        let what = text!("等正在跑的 {} 做完", "wait for the end of {}, which is at work", job.id);
        Fix::Wait { until, what }
    }

    /// The backend makes up for a missed slot only where no row and no lock keeps it from starting.
    pub(super) fn may_catch_up(&self) -> bool {
        let free = self.f.live.is_empty() && self.f.db.is_ok_and(|db| db.locks.is_empty());
        free && self.refused_start().is_none()
    }

    /// When the schedule fired for the slot and started nothing: it may not try again.
    pub(super) fn refused_start(&self) -> Option<Evidence> {
        let due = self.f.slot.as_ref()?.due;
        let at = self.f.db.ok()?.settings.as_ref()?.last_run.filter(|at| at.since(due) >= 0)?;
        matches!(self.fate, Fate::Missed | Fate::Starting).then(|| {
            self.saw(
                Probe::Database,
                text!(
                    "后端的定时在 {} 触发过，却没有任务：启动被拒绝，它可能不会再试",
                    "the backend's schedule fired at {}, and there is no job: the start was refused, and it may not try again",
                    self.time(at)
                ),
            )
        })
    }

    /// What makes up for the night.
    pub(super) fn backup(&self) -> Fix {
        let full = self.f.slot.as_ref().is_some_and(|s| s.kind == Kind::Full);
        Fix::Do(Action::Backup { full })
    }

    /// A backend that starts makes up for what it missed.
    pub(super) fn catch_up(&self) -> Fix {
        Fix::Wait {
            until: self.soon(CATCH_UP_MS),
            what: text!(
                "等后端自己补跑错过的备份",
                "wait: once it is up, the backend makes up for the missed backup by itself"
            ),
        }
    }

    /// A moment shortly after now, by the server's clock.
    pub(super) fn soon(&self, ms: i64) -> EpochMs {
        self.f.now.plus_ms(ms)
    }
}

/// When a server was booted, by its own clock. A virtual machine that was paused has counted less uptime than has passed: what
/// runs in it since before that boot shows it.
pub(super) fn booted(look: &Snapshot) -> Option<EpochMs> {
    let id = look.identity.as_ref().ok()?;
    let counted = id.clock.plus_ms(-1000 * i64::try_from(id.uptime_s?).ok()?);
    let running = look.containers.iter().flatten().filter(|c| c.running);
    Some(running.filter_map(|c| c.started).min().map_or(counted, |oldest| oldest.min(counted)))
}
