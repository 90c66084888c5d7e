//! What became of each of the last nights: the slots of its day, the jobs that were made for them, and their packs.
//!
//! A day is the backend's, and its slots are those of today's schedule: what the schedule was earlier, nobody kept.
use super::{Mark, Night, Strip};
use crate::core::console::inventory::{Item, Whose, inventory};
use crate::core::derive::night::{self, Outcome, Plan, Slot};
use crate::core::derive::pack::base_name;
use crate::core::derive::schedule::{self, Cron};
use crate::core::probe::database::{Database, Job, Kind, Status};
use crate::core::state::State;
use crate::core::units::{EpochMs, JobId};
use crate::core::verdict::{Facts, check, not_copied, state_of};
use jiff::Span;
use jiff::civil::Date;

/// So many nights at most.
pub(super) const NIGHTS: i32 = 30;
/// A job's own clock may differ by seconds from the slot's.
const EARLY_MS: i64 = 60_000;
const DAY_MS: i64 = 24 * 3_600_000;
/// A slot is last night's if it is no older than this.
const LAST_NIGHT_MS: i64 = 36 * 3_600_000;

/// What the nights are worked out of.
struct Known<'a> {
    f: &'a Facts<'a>,
    db: &'a Database,
    zone_s: i32,
    /// Packs of this server on the share; nothing while the share cannot be seen.
    packs: Option<Vec<Item<'a>>>,
    /// Every row that was read, each once.
    jobs: Vec<&'a Job>,
    /// The rows that were read go back to here.
    reach: Option<EpochMs>,
}

/// What became of one slot, or of a day without one.
struct Found<'a> {
    mark: Mark,
    /// Its pack, where there is one.
    pack: Option<&'a Item<'a>>,
    full: bool,
    /// It lies before the rows that were read, and no pack speaks of it.
    before: bool,
}

/// The last nights.
pub fn strip(f: &Facts) -> Strip {
    let (Ok(db), Some(zone_s)) = (f.db, f.zone_s) else {
        return Strip { nights: Vec::new(), legend: super::legend::unknown(f) };
    };
    let packs = f.packs.as_ref().ok().map(|folder| {
        let mine = inventory(f, folder, &[]).into_iter();
        mine.filter(|i| matches!(i.whose, Whose::Ours(_))).collect()
    });
    let mut jobs: Vec<&Job> = db.jobs.iter().chain(&db.live).chain(&db.last_completed).collect();
    // of equals the first one is a slot's own
    jobs.sort_by_key(|j| j.id);
    jobs.dedup_by_key(|j| j.id);
    let reach = db.jobs.iter().filter_map(Job::made).min();
    let known = Known { f, db, zone_s, packs, jobs, reach };
    let Some(today) = schedule::local(f.now, zone_s).map(|t| t.date()) else {
        return Strip { nights: Vec::new(), legend: super::legend::unknown(f) };
    };
    // a day whose slots are still to come is none of the last nights
    let last = i32::from(known.is_to_come(today));
    let days = (last..last + NIGHTS).rev().filter_map(|back| today.checked_sub(Span::new().days(back)).ok());
    let mut nights: Vec<(Night, bool)> = days.map(|day| known.night(day)).collect();
    // what lies before the first night of which anything is known says nothing
    let cut = nights.iter().position(|(n, before)| !before && n.mark != Mark::NotDue);
    let cut = cut.filter(|_| nights.iter().any(|(_, before)| *before)).unwrap_or(0);
    let nights: Vec<Night> = nights.drain(cut..).map(|(night, _)| night).collect();
    Strip { legend: super::legend::of(f, &nights, cut), nights }
}

impl<'a> Known<'a> {
    /// A night, and whether it lies before all that is known.
    fn night(&'a self, day: Date) -> (Night, bool) {
        let slots = self.slots(day);
        let found = slots.iter().map(|slot| self.of_slot(slot));
        // of two slots on a day, the worse one tells
        let found = found.max_by_key(|found| found.mark.weight()).or_else(|| self.unplanned(day));
        let full = slots.iter().any(|s| s.kind == Kind::Full) || found.as_ref().is_some_and(|f| f.full);
        let before = found.as_ref().is_some_and(|f| f.before);
        let (mark, pack) = found.map_or((Mark::NotDue, None), |f| (f.mark, f.pack));
        let newest = self.f.slot.as_ref().filter(|s| slots.iter().any(|other| other.due == s.due));
        let mark = if newest.is_some_and(|s| self.is_last_night(s)) { self.agreed(mark) } else { mark };
        let day = u8::try_from(day.day()).unwrap_or_default();
        (Night { day, mark, full, bytes: pack.map(|p| p.pack.bytes()) }, before)
    }

    /// Nothing was due today so far, and something will be.
    fn is_to_come(&self, today: Date) -> bool {
        let Some(Plan::On { fires, .. }) = &self.f.plan else { return false };
        let next = fires.iter().filter_map(|(_, cron)| cron.next(self.f.now, self.zone_s)).min();
        let next = next.and_then(|at| schedule::local(at, self.zone_s)).map(|at| at.date());
        self.slots(today).is_empty() && self.unplanned(today).is_none() && next == Some(today)
    }

    fn is_last_night(&self, slot: &Slot) -> bool {
        self.f.now.since(slot.due) <= LAST_NIGHT_MS
    }

    /// Last night's sign is never better than what the check of it says.
    fn agreed(&self, mark: Mark) -> Mark {
        let state = check(self.f, "night").map(|c| c.state);
        match (state, mark) {
            (Some(State::Warning), Mark::There) => Mark::Late,
            (Some(State::Failed | State::Warning), Mark::Gone) => Mark::Missing,
            (Some(State::Failed), Mark::There | Mark::Late | Mark::Short) => Mark::Failed,
            (Some(State::Unknown) | None, Mark::There) => Mark::Unknown,
            _ => mark,
        }
    }

    /// The newest slot of each schedule on a day that has passed.
    fn slots(&self, day: Date) -> Vec<Slot> {
        let Some(Plan::On { fires, .. }) = &self.f.plan else { return Vec::new() };
        let end = self.moment(day).map(|start| start.plus_ms(DAY_MS - 1).min(self.f.now));
        let of = |kind: &Kind, cron: &Cron| {
            let due = cron.newest(end?, self.zone_s)?;
            let on = schedule::local(due, self.zone_s)?.date();
            (on == day).then(|| Slot { due, kind: kind.clone() })
        };
        fires.iter().filter_map(|(kind, cron)| of(kind, cron)).collect()
    }

    /// Midnight.
    fn moment(&self, day: Date) -> Option<EpochMs> {
        schedule::epoch(day.to_datetime(jiff::civil::Time::midnight()), self.zone_s)
    }

    fn of_slot(&'a self, slot: &Slot) -> Found<'a> {
        let newest = match &self.f.plan {
            Some(Plan::On { fires, .. }) => {
                night::newest_slot(fires, self.f.now, self.zone_s).as_ref() == Some(slot)
            }
            _ => false,
        };
        if newest && night::outcome(slot, self.db, self.f.now, &self.f.env.thresholds) == Outcome::Due {
            return Found { mark: Mark::Due, pack: None, full: false, before: false };
        }
        // an incremental backup's time ends where another backup is due; what makes up for a full one is only a full one
        let counts = |kind: &Kind| slot.kind != Kind::Full || *kind == Kind::Full;
        let fires = match &self.f.plan {
            Some(Plan::On { fires, .. }) => fires.as_slice(),
            _ => &[],
        };
        let next = fires.iter().filter(|(kind, _)| counts(kind));
        let next = next.filter_map(|(_, cron)| cron.next(slot.due, self.zone_s)).min();
        let end = slot.due.plus_ms(DAY_MS).min(next.unwrap_or(EpochMs(i64::MAX))).plus_ms(-EARLY_MS);
        let jobs = self.jobs.iter().filter(|j| counts(&j.kind) && made_for(j, slot.due, end));
        if let Some(found) = self.best(jobs.copied(), Some(slot.due)) {
            return found;
        }
        // older than the rows: the pack alone tells
        let is_in = |at: EpochMs| at.since(slot.due) >= -EARLY_MS && at < end;
        let packs = self.packs.iter().flatten();
        let mut packs = packs.filter(|p| p.kind.as_ref().is_some_and(counts) && p.made.is_some_and(is_in));
        if let Some(pack) = packs.next() {
            return Found {
                mark: self.of_pack(pack),
                pack: Some(pack),
                full: pack.kind == Some(Kind::Full),
                before: false,
            };
        }
        let reached = newest || self.reach.is_some_and(|reach| reach <= slot.due);
        let mark = if reached { Mark::Missing } else { Mark::Unknown };
        Found { mark, pack: None, full: false, before: !reached }
    }

    /// A day on which nothing is due by today's schedule, and something was made.
    fn unplanned(&'a self, day: Date) -> Option<Found<'a>> {
        let start = self.moment(day)?;
        let jobs = self.jobs.iter().filter(|j| made_for(j, start.plus_ms(EARLY_MS), start.plus_ms(DAY_MS)));
        self.best(jobs.copied(), None)
    }

    /// The best of several jobs tells: a second try that succeeded mends the first.
    fn best(&'a self, jobs: impl Iterator<Item = &'a Job>, due: Option<EpochMs>) -> Option<Found<'a>> {
        // as for last night: what is completed before what is at work before what ended without a backup
        let rank = |found: &Found| match found.mark {
            Mark::There => 0,
            Mark::Late | Mark::Short => 1,
            Mark::Gone => 2,
            Mark::Unknown => 3,
            Mark::Running => 4,
            _ => 5,
        };
        jobs.map(|job| self.of_job(job, due)).min_by_key(rank)
    }

    fn of_job(&'a self, job: &'a Job, due: Option<EpochMs>) -> Found<'a> {
        let full = job.kind == Kind::Full;
        let name = job.output_dir.as_ref().map(|dir| base_name(dir.as_str()));
        let pack = self.packs.iter().flatten().find(|p| Some(p.pack.name.as_str()) == name);
        let mark = match &job.status {
            Status::Completed => match (&self.packs, pack) {
                (None, _) => Mark::Unknown,
                (_, Some(pack)) => match self.of_pack(pack) {
                    Mark::There if due.is_some_and(|due| self.is_late(job, due)) => Mark::Late,
                    mark => mark,
                },
                (_, None) if not_copied(self.f, job) => Mark::Failed,
                (_, None) => Mark::Gone,
            },
            live if live.is_live() => match self.is_dead(job.id) {
                true => Mark::Failed,
                false => Mark::Running,
            },
            Status::Other(_) => Mark::Unknown,
            _ => Mark::Failed,
        };
        Found { mark, pack, full, before: false }
    }

    fn of_pack(&self, pack: &Item) -> Mark {
        let Some(judged) = &pack.judged else { return Mark::Unknown };
        match judged.missing.is_empty() {
            false if state_of(judged) == State::Failed => Mark::Failed,
            false => Mark::Short,
            true if judged.unproved => Mark::Unknown,
            true if pack.is_small(self.f.env.thresholds.shrink_percent) => Mark::Short,
            true => Mark::There,
        }
    }

    fn is_dead(&self, job: JobId) -> bool {
        self.f.live.iter().any(|(j, worker)| j.id == job && worker.is_gone())
    }

    /// Begun too long after the slot, or done too long after it.
    fn is_late(&self, job: &Job, due: EpochMs) -> bool {
        let limits = &self.f.env.thresholds;
        let after = |at: Option<EpochMs>, minutes: u32| {
            at.is_some_and(|at| at.since(due) > i64::from(minutes) * 60_000)
        };
        after(job.made(), limits.start_grace_min) || after(job.finished, limits.finish_grace_min)
    }
}

/// Whether a job was made for a slot, or was at work over it and holds what the slot was for.
fn made_for(job: &Job, due: EpochMs, end: EpochMs) -> bool {
    let Some(made) = job.made() else { return false };
    let over = made < due && job.status == Status::Completed;
    let ended_in = job.finished.is_some_and(|at| at.since(due) >= -EARLY_MS && at < end);
    (made.since(due) >= -EARLY_MS && made < end) || (over && ended_in)
}
