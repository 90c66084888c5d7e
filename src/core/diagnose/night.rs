//! A night long past: only the jobs' rows and what is left of its packs tell of it. How mount, share, containers and disks
//! were then, nobody kept, and that is said.
use super::fix::{Fix, Mend, Whom};
use super::scene::Scene;
use super::timeline;
use super::types::{CauseId, Diagnosis, Unchecked};
use crate::config::model::Environment;
use crate::core::derive::night::{Plan, Slot, newest_slot, newest_slots};
use crate::core::derive::schedule;
use crate::core::gap::{Gap, NotAsked};
use crate::core::plan::Action;
use crate::core::probe::containers::Container;
use crate::core::probe::database::{Database, Job, Kind, Status};
use crate::core::snapshot::Snapshot;
use crate::core::state::State;
use crate::core::units::EpochMs;
use crate::core::verdict::{Facts, Fate, check, fate, gives_way};
use crate::i18n::Text;
use crate::text;
use jiff::civil::{Date, Time};

/// Causes that rows and packs can tell of a night that is over.
pub(super) const THEN: [CauseId; 13] = [
    "running",
    "ghost-job",
    "stuck-canceling",
    "stuck-job",
    "wrong-folder",
    "not-copied",
    "incomplete-pack",
    "images-missing",
    "small-pack",
    "evicted",
    "job-failed",
    "job-canceled",
    "no-job",
];

/// Causes that say that it is too early; only of a night that is not over.
const STILL: [CauseId; 2] = ["just-due", "just-started"];

const DAY_MS: i64 = 24 * 3_600_000;
/// A job's own clock may differ by seconds from the slot's.
const EARLY_MS: i64 = 60_000;

/// Explains the night of a date (of the container's calendar). Last night's date is asked about as last night.
pub fn diagnose_night(env: &Environment, look: &Snapshot, date: Date, now: EpochMs) -> Diagnosis {
    let facts = Facts::of(env, look);
    let on = |at: EpochMs| schedule::local(at, facts.zone_s.unwrap_or(0)).map(|t| t.date());
    let newest = newest(&facts);
    if newest.as_ref().and_then(|s| on(s.due)) == Some(date) {
        let mut diagnosis = super::diagnose(env, look, None, now);
        diagnosis.night = Some(date.to_string());
        return diagnosis;
    }
    let gap = Gap::NotAsked { because: NotAsked::PastNight };
    // of several that were due on that day, the one that came to the worst tells, as of last night
    let due: Vec<Option<Slot>> = match slots_on(&facts, date) {
        slots if slots.is_empty() => vec![None],
        slots => slots.into_iter().map(Some).collect(),
    };
    let nights: Vec<Night> = due.into_iter().map(|slot| Night::of(&facts, date, slot)).collect();
    let nobody_began = |night: &&Night| {
        let then = night.facts(&facts, &gap);
        night.slot.as_ref().is_some_and(|slot| gives_way(&facts, slot, &fate(&then)))
    };
    let (weekly, others): (Vec<&Night>, Vec<&Night>) = nights.iter().partition(nobody_began);
    let telling = if others.is_empty() { weekly } else { others };
    let state = |night: &Night| fate(&night.facts(&facts, &gap)).state();
    let worst = State::of_all(telling.iter().map(|night| state(night)));
    let Some(told) = telling.into_iter().find(|night| state(night) == worst) else {
        return super::diagnose(env, look, None, now);
    };
    let (slot, from, to) = (told.slot.clone(), told.from, told.to);
    let then = told.facts(&facts, &gap);
    // nothing was due: that is no trouble of that night
    let checks = if slot.is_some() { check(&then, "night").into_iter().collect() } else { Vec::new() };
    let scene = Scene { f: &then, fate: fate(&then), checks, earlier: None, now };
    // of a night that is not over yet it may still be too early to say anything else
    let early = !told.over && matches!(scene.fate, Fate::Due | Fate::Starting);
    let asked = |id: CauseId| THEN.contains(&id) || (early && STILL.contains(&id));
    let mut diagnosis = super::explain(&scene, |id| slot.is_some() && asked(id));
    if slot.is_none() {
        diagnosis.headline = none_due(&facts, date);
    }
    let whole = diagnosis.state == State::Ok;
    diagnosis.unchecked.extend(not_kept(&gap, !whole));
    if !whole || slot.is_none() {
        diagnosis.state = State::of_all([diagnosis.state, State::Unknown]);
    }
    let around = slot.as_ref().map_or(from, |s| s.due);
    let told = Facts { db: facts.db, backend: facts.backend, ..then };
    diagnosis.timeline = timeline::between(&told, around.plus_ms(-DAY_MS / 2), to);
    diagnosis.night = Some(date.to_string());
    retell(&mut diagnosis, date, env);
    diagnosis
}

/// A slot of that date, and what belongs to it.
struct Night {
    slot: Option<Slot>,
    from: EpochMs,
    to: EpochMs,
    /// Its rows; nothing where the database could not be read.
    rows: Option<Database>,
    /// The rows go back so far.
    reached: bool,
    /// Nothing can be begun for it any more.
    over: bool,
    /// The backend's container without when it was started, where it is known: of a night that is over, today's container
    /// tells where it writes, and not that it was young then.
    backend: Option<Container>,
}

impl Night {
    fn of(f: &Facts, date: Date, slot: Option<Slot>) -> Night {
        let (from, to) = window(f, date, slot.as_ref());
        let over = to.plus_ms(EARLY_MS) < f.now;
        let backend = f.backend.ok().flatten().filter(|_| over);
        let backend = backend.map(|c| Container { started: None, ..c.clone() });
        let rows = f.db.ok().map(|db| of_night(db, from, to));
        let reached = f.db.ok().is_some_and(|db| {
            db.jobs.iter().filter_map(Job::made).min().is_some_and(|at| at <= from.plus_ms(EARLY_MS))
        });
        Night { slot, from, to, rows, reached, over, backend }
    }

    /// What rows and packs tell of it.
    fn facts<'a>(&'a self, f: &Facts<'a>, gap: &'a Gap) -> Facts<'a> {
        let db = match (&self.rows, f.db) {
            // rows that do not go back so far are silent about it
            (Some(rows), Ok(_)) if self.reached || !rows.jobs.is_empty() => Ok(rows),
            (_, Err(gap)) => Err(gap),
            _ => Err(gap),
        };
        // where the next slot came within the time of grace, that is up all the same
        let grace_ms = i64::from(f.env.thresholds.start_grace_min) * 60_000;
        let late = self.slot.as_ref().filter(|_| self.over).map(|s| s.due.plus_ms(grace_ms + 1));
        Facts {
            env: f.env,
            look: f.look,
            now: late.map_or(self.to, |late| late.max(self.to)),
            zone_s: f.zone_s,
            backend: match &self.backend {
                Some(backend) => Ok(Some(backend)),
                None => f.backend,
            },
            mounted: f.mounted.clone(),
            packs: f.packs.clone(),
            db,
            plan: None,
            slot: self.slot.clone(),
            live: f.live.iter().filter(|(j, _)| made_in(j, self.from, self.to)).cloned().collect(),
            volumes: f.volumes.clone(),
        }
    }
}

/// The newest slot of all that have passed.
fn newest(f: &Facts) -> Option<Slot> {
    match (&f.plan, f.zone_s) {
        (Some(Plan::On { fires, .. }), Some(zone_s)) => newest_slot(fires, f.now, zone_s),
        _ => None,
    }
}

/// The newest slot of each schedule on that date, by today's schedule, the latest first.
fn slots_on(f: &Facts, date: Date) -> Vec<Slot> {
    let (Some(Plan::On { fires, .. }), Some(zone_s)) = (&f.plan, f.zone_s) else { return Vec::new() };
    let Some(midnight) = schedule::epoch(date.to_datetime(Time::midnight()), zone_s) else {
        return Vec::new();
    };
    let end = midnight.plus_ms(DAY_MS - 1).min(f.now);
    let mut slots = newest_slots(fires, end, zone_s);
    slots.retain(|slot| slot.due >= midnight);
    slots
}

/// The time that belongs to that night: from its slot to the next one that would do for it, at most a day.
fn window(f: &Facts, date: Date, slot: Option<&Slot>) -> (EpochMs, EpochMs) {
    let zone_s = f.zone_s.unwrap_or(0);
    let Some(slot) = slot else {
        let midnight = schedule::epoch(date.to_datetime(Time::midnight()), zone_s).unwrap_or(f.now);
        return (midnight, midnight.plus_ms(DAY_MS).min(f.now));
    };
    let next = match &f.plan {
        Some(Plan::On { fires, .. }) => {
            // what makes up for a full one is only a full one
            let counts = fires.iter().filter(|(kind, _)| slot.kind != Kind::Full || *kind == Kind::Full);
            counts.filter_map(|(_, c)| c.next(slot.due, zone_s)).min()
        }
        _ => None,
    };
    let end = slot.due.plus_ms(DAY_MS).min(next.unwrap_or(EpochMs(i64::MAX))).min(f.now);
    (slot.due.plus_ms(-EARLY_MS), end.plus_ms(-EARLY_MS))
}

/// Made for that night, or finished in it.
fn made_in(job: &Job, from: EpochMs, to: EpochMs) -> bool {
    let within = |at: Option<EpochMs>| at.is_some_and(|at| (from..to).contains(&at));
    within(job.made()) || (job.status == Status::Completed && within(job.finished))
}

/// The rows of that night alone.
fn of_night(db: &Database, from: EpochMs, to: EpochMs) -> Database {
    let keep = |jobs: &[Job]| jobs.iter().filter(|j| made_in(j, from, to)).cloned().collect::<Vec<_>>();
    Database {
        jobs: keep(&db.jobs),
        live: keep(&db.live),
        last_completed: keep(&db.last_completed),
        outputs: db.outputs.clone(),
        locks: Vec::new(),
        settings: db.settings.clone(),
        can_cancel: db.can_cancel,
    }
}

fn none_due(f: &Facts, date: Date) -> Text {
    match &f.plan {
        None => text!(
            "数据库读不到，{date} 那一夜怎么样查不出",
            "the database could not be read: nothing can be said of {date}"
        ),
        Some(plan) => match still_due(f, plan, date) {
            Some(at) => text!(
                "{date} 那一夜还没到，{} 才该做备份",
                "the night of {date} is still to come: the backup is due at {}",
                f.time(at)
            ),
            None => {
                text!("按现在的定时，{date} 没有安排备份", "by today's schedule nothing was due on {date}")
            }
        },
    }
}

/// When a backup is due on a date of which nothing has passed yet.
fn still_due(f: &Facts, plan: &Plan, date: Date) -> Option<EpochMs> {
    let (Plan::On { fires, .. }, zone_s) = (plan, f.zone_s?) else { return None };
    let midnight = schedule::epoch(date.to_datetime(Time::midnight()), zone_s)?;
    let after = midnight.plus_ms(-1).max(f.now);
    let next = fires.iter().filter_map(|(_, c)| c.next(after, zone_s)).min()?;
    (next < midnight.plus_ms(DAY_MS)).then_some(next)
}

/// What a look of today cannot tell of a night that is over.
fn not_kept(gap: &Gap, decides: bool) -> Vec<Unchecked> {
    vec![
        Unchecked {
            what: text!(
                "当时的挂载、共享、端口、容器、磁盘、备份锁、时钟",
                "mounts, share, port, containers, disks, lock and clocks as they were then"
            ),
            why: gap.text(),
            hint: gap.hint(),
            decides,
        },
        Unchecked {
            what: text!("当时的定时和数据卷", "schedule and volumes as they were then"),
            why: text!("按现在的设置推算", "reckoned by what they are today"),
            hint: text!("改过设置的话，以那时的为准", "if they were changed since, those of then count"),
            decides: false,
        },
    ]
}

/// What is said of last night is said of that night; and what nobody can make up for any more is not offered.
fn retell(d: &mut Diagnosis, date: Date, env: &Environment) {
    let say = |t: &mut Text| {
        t.zh = t.zh.replace("昨夜", &format!("{date} 那一夜"));
        t.en =
            t.en.replace("last night's", "that night's")
                .replace("last night", &format!("in the night of {date}"));
    };
    say(&mut d.headline);
    for u in &mut d.unchecked {
        say(&mut u.what);
        say(&mut u.why);
    }
    for out in &mut d.ruled_out {
        say(&mut out.because.says);
    }
    for f in &mut d.findings {
        say(&mut f.says);
        f.evidence.iter_mut().chain(&mut f.against).for_each(|e| say(&mut e.says));
        for c in &mut f.explains {
            say(&mut c.says);
            c.evidence.iter_mut().for_each(|e| say(&mut e.says));
        }
        f.mend.retain(|m| !matches!(m.fix, Fix::Do(Action::Backup { .. })));
        if f.mend.is_empty() {
            let what = text!(
                "那一夜补不回来了；看之后的备份是不是好的",
                "that night cannot be made up for; see whether later backups are good"
            );
            let mut step = Mend::of(Fix::Call { whom: Whom::You, what }, &env.key, &|_| String::new());
            step.command = Some(format!("opsdeck diagnose --env {}", env.key));
            f.mend.push(step);
        }
    }
}
