//! What several checks need, worked out once: the derived facts of one look.
use super::fate;
use crate::config::model::Environment;
use crate::core::derive::job::{self, Worker};
use crate::core::derive::mount::{self, MountState};
use crate::core::derive::night::{self, Plan, Slot};
use crate::core::derive::pack::{self, Small};
use crate::core::derive::progress::Past;
use crate::core::derive::schedule;
use crate::core::gap::{Gap, NotAsked};
use crate::core::plan::helpers;
use crate::core::probe::containers::{Container, under};
use crate::core::probe::database::{Database, Job, Kind};
use crate::core::probe::packs::{Pack, PackFolder};
use crate::core::safetext::SafeText;
use crate::core::snapshot::Snapshot;
use crate::core::units::{Bytes, EpochMs, JobId};
use crate::i18n::{Text, counted};
use crate::text;

/// Slots of the last day are all asked about: a full backup that failed at 02:00 is no less lost because of an incremental
/// one at 04:00.
const LAST_DAY_MS: i64 = 24 * 3_600_000;

/// The server's clock is read within this of a look's beginning: the `host` question of look.sh is given up after eight seconds.
const CLOCK_READ_MS: i64 = 10_000;

/// A look, and what follows from it.
pub struct Facts<'a> {
    /// What is expected.
    pub env: &'a Environment,
    /// What was answered.
    pub look: &'a Snapshot,
    /// The server's time.
    pub now: EpochMs,
    /// The zone in which schedules are meant: the container's, else that in which its packs were named, else the server's.
    pub zone_s: Option<i32>,
    /// The backend's container.
    pub backend: Result<Option<&'a Container>, &'a Gap>,
    /// What the host has on the mount point.
    pub mounted: Result<MountState, &'a Gap>,
    /// The packs, only if they are those of our share.
    pub packs: Result<&'a PackFolder, Gap>,
    /// The database.
    pub db: Result<&'a Database, &'a Gap>,
    /// What the settings schedule.
    pub plan: Option<Plan>,
    /// The slot that is asked about: the newest one that has passed, or an earlier one of the last day that came to worse.
    pub slot: Option<Slot>,
    /// The live jobs, each with what is known of its worker.
    pub live: Vec<(&'a Job, Worker)>,
    /// The volumes that a pack must hold.
    pub volumes: Option<Vec<&'a SafeText>>,
}

impl<'a> Facts<'a> {
    /// Works the facts out.
    pub fn of(env: &'a Environment, look: &'a Snapshot) -> Facts<'a> {
        let now = look.now();
        let db = look.database();
        let container_zone = look.container_clock().ok().map(|c| c.zone_s);
        // a backend that is down tells no zone; the host may have another one, and its packs were named in the backend's
        let named_zone = || db.ok().and_then(pack::named_zone);
        let host_zone = || look.identity.as_ref().ok().and_then(|i| i.zone_s);
        let zone_s = container_zone.or_else(named_zone).or_else(host_zone);
        let backend = look.container(&env.containers.backend);
        let mounted = look.mounts.as_ref().map(|t| mount::at(t, &env.paths.mount_point, &env.share));
        // what lies on another share, or on the local disk, is no backup on Windows
        let packs = match &mounted {
            Ok(MountState::Share { .. }) => look.packs.as_ref().map_err(Gap::clone),
            Ok(other) => Err(not_ours(other)),
            Err(gap) => Err((*gap).clone()),
        };
        let plan = db.ok().map(|db| night::plan(db.settings.as_ref()));
        let mut slots = match (&plan, zone_s) {
            (Some(Plan::On { fires, .. }), Some(zone_s)) => night::newest_slots(fires, now, zone_s),
            _ => Vec::new(),
        };
        slots.retain({
            let newest = slots.first().map(|s| s.due);
            move |s| newest == Some(s.due) || now.since(s.due) <= LAST_DAY_MS
        });
        let live = db.map(|db| db.live.iter().collect::<Vec<_>>()).unwrap_or_default();
        let own_pack = |j: &Job| packs.as_ref().ok().and_then(|p| pack::of_job(j, p));
        let live = live
            .into_iter()
            .map(|j| (j, job::worker(j, backend, own_pack(j), now, &env.thresholds)))
            .collect();
        let volumes = pack::expected_volumes(&look.volumes, env);
        let mut facts =
            Facts { env, look, now, zone_s, backend, mounted, packs, db, plan, slot: None, live, volumes };
        facts.live =
            facts.live.iter().map(|(job, worker)| (*job, facts.alive(job, worker.clone()))).collect();
        facts.slot = fate::telling(&mut facts, slots);
        facts
    }

    /// What else shows that a job lives whose pack is made elsewhere.
    fn alive(&self, job: &Job, worker: Worker) -> Worker {
        // a job without a folder has only just begun; one that writes on the share itself may hang with it, container and all
        let backend = self.backend.ok().flatten();
        if job.output_dir.is_none() || pack::wrote_on_share(job, backend, self.env) == Some(true) {
            return worker;
        }
        let copy = self.packs.as_ref().ok().and_then(|folder| pack::copy_of(job, folder));
        let packing = helpers(self, job.began()).first().map(|c| &c.name);
        job::seen_otherwise(worker, job, copy, packing, self.now, &self.env.thresholds)
    }

    /// Why nothing on the mount point may be taken for the share's; nothing if it may.
    pub fn not_the_share(&self) -> Option<Gap> {
        match &self.mounted {
            Ok(MountState::Share { .. }) => None,
            Ok(other) => Some(not_ours(other)),
            Err(gap) => Some((*gap).clone()),
        }
    }

    /// Whether the newest slot passed without a job: a backend that starts makes up for it.
    pub fn missed_slot(&self) -> bool {
        let (Ok(db), Some(slot)) = (self.db, &self.slot) else { return false };
        let outcome = night::outcome(slot, db, self.now, &self.env.thresholds);
        matches!(outcome, night::Outcome::Missed | night::Outcome::Due)
    }

    /// Whether this job is the newest slot's and still to come to its end: without it the backend makes up for the slot.
    pub fn is_of_the_slot(&self, id: JobId) -> bool {
        let (Ok(db), Some(slot)) = (self.db, &self.slot) else { return false };
        let outcome = night::outcome(slot, db, self.now, &self.env.thresholds);
        matches!(outcome, night::Outcome::Live(job) if job.id == id)
    }

    /// Whether a job ended while this look was taken. Row and packs are read side by side, and a look may take a minute: what was
    /// read of such a job's pack may be older than its row, so what it lacks says nothing.
    pub fn ended_meanwhile(&self, job: &Job) -> bool {
        let took_ms = i64::try_from(self.look.took_ms).unwrap_or(i64::MAX);
        let since = |at: EpochMs| at.since(self.look.now());
        job.finished
            .is_some_and(|at| (-CLOCK_READ_MS..=took_ms.saturating_add(CLOCK_READ_MS)).contains(&since(at)))
    }

    /// Whether the host has our share on the mount point.
    pub fn share_is_mounted(&self) -> bool {
        matches!(self.mounted, Ok(MountState::Share { .. }))
    }

    /// Where the backend's container sees the pack folder: through its bind of the mount point, whatever its name there.
    pub fn pack_folder_inside(&self) -> Option<String> {
        let folder = self.env.paths.pack_folder.as_str();
        let binds = self.backend.ok().flatten()?.mounts.iter();
        let holding = binds.filter_map(|b| Some((b, under(folder, b.source.as_str())?)));
        let (bind, rest) = holding.max_by_key(|(b, _)| b.source.as_str().len())?;
        Some(format!("{}{rest}", bind.destination.as_str().trim_end_matches('/')))
    }

    /// Whether full packs are meant to hold the images; they are unless the settings say no.
    pub fn with_images(&self) -> bool {
        self.db.ok().and_then(|db| db.settings.as_ref()?.full_includes_images).unwrap_or(true)
    }

    /// Whole packs of this server that are older than one of them, the newest first: those of its kind, or of any kind where
    /// there are fewer than three. Every kind holds the database and all volumes.
    pub fn earlier(&self, kind: &Kind, than: &Pack) -> Vec<&'a Pack> {
        let (Ok(folder), Ok(db)) = (&self.packs, self.db) else {
            return Vec::new();
        };
        let folder: &'a PackFolder = folder;
        let mut older: Vec<&Pack> = folder.packs.iter().filter(|p| p.name < than.name).collect();
        older.sort_by_key(|p| std::cmp::Reverse(&p.name));
        let (mut same, mut any) = (Vec::new(), Vec::new());
        for pack in older {
            let pack::Owner::Ours { kind: of, .. } = pack::owner(pack, db) else { continue };
            if self.judge(pack, &of, None).missing.is_empty() {
                same.extend((of == *kind).then_some(pack));
                any.push(pack);
            }
            if same.len() == pack::COMPARED {
                break;
            }
        }
        if same.len() < 3 { any } else { same }
    }

    /// What of a completed job's pack is far smaller than usual: the whole of it, or one of its files. Thresholds: the whole
    /// below `shrink_percent` of the median of its kind (50 by default), a file below half of that, see
    /// [`pack::small_file`]. With fewer than three earlier packs there is nothing to compare with.
    pub fn small(&self, job: &Job, pack: &Pack) -> Option<Small> {
        let percent = self.env.thresholds.shrink_percent;
        let images = super::storage::images(self).filter(|_| self.with_images());
        if let Some(small) = pack::small_file(pack, &self.earlier(&job.kind, pack), percent / 2, images) {
            return Some(small);
        }
        let usual = pack::median(self.earlier_sizes(&job.kind, pack))?;
        let floor = u128::from(usual.0) * u128::from(percent) / 100;
        let has = pack.bytes();
        (u128::from(has.0) < floor).then_some(Small { file: None, has: Some(has), usual })
    }

    /// Sizes of this server's packs of a kind, oldest first, without one of them.
    pub fn earlier_sizes(&self, kind: &Kind, without: &Pack) -> Vec<Bytes> {
        let (Ok(folder), Ok(db)) = (&self.packs, self.db) else {
            return Vec::new();
        };
        let ours = |p: &&Pack| matches!(pack::owner(p, db), pack::Owner::Ours { kind: k, .. } if k == *kind);
        // a pack that an interrupted run left says nothing of the usual size
        let whole = |p: &&Pack| self.judge(p, kind, None).missing.is_empty();
        let earlier = folder.packs.iter().filter(|p| p.name != without.name);
        earlier.filter(ours).filter(whole).map(Pack::bytes).collect()
    }

    /// Judges a pack of ours. `job` is the one that made it, if its row is known: it says whether the pack was copied.
    pub fn judge(&self, pack: &Pack, kind: &Kind, job: Option<&Job>) -> pack::Judged {
        let backend = self.backend.ok().flatten();
        let copied = job.is_some_and(|j| match pack::way(j, backend, self.env) {
            pack::Way::Direct => false,
            pack::Way::Copied => true,
            // its words alone do not tell: old rows say 未同步 of packs that were written on the share itself, and whether this one
            // was cannot be seen without the container's binds
            pack::Way::NotCopied => pack::wrote_on_share(j, backend, self.env) == Some(false),
        });
        let volumes = self.volumes.as_deref();
        pack::judge(pack, pack::Meant { kind, copied, with_images: self.with_images(), volumes })
    }

    /// How long earlier backups took, as far as rows and packs tell.
    pub fn past(&self) -> Past {
        let rows = self.db.map(|db| db.jobs.as_slice()).unwrap_or_default();
        let whole = |job: &Job| {
            let pack = pack::of_job(job, self.packs.as_ref().ok()?)?;
            let judged = self.judge(pack, &job.kind, Some(job));
            (judged.missing.is_empty() && judged.layout == pack::Layout::Direct).then_some(pack)
        };
        Past::of(rows, whole)
    }

    /// A moment in the zone of the schedule, for people.
    pub fn time(&self, at: EpochMs) -> String {
        schedule::short(at, self.zone_s.unwrap_or(0))
    }

    /// How long ago something was, for people.
    pub fn ago(&self, at: EpochMs) -> Text {
        ago(self.now.since(at))
    }
}

/// How long ago, for people.
pub(in crate::core) fn ago(age_ms: i64) -> Text {
    match age_ms / 60_000 {
        m if m < 0 => text!("在未来 {} 分钟", "{} min in the future", -m),
        0 => text!("不到 1 分钟前", "less than 1 min ago"),
        m if m < 120 => text!("{m} 分钟前", "{m} min ago"),
        m if m < 48 * 60 => text!("{} 小时前", "{} h ago", m / 60),
        m => {
            let (days, counted) = (m / 1440, counted(m / 1440, "day", "days"));
            text!("{days} 天前", "{counted} ago")
        }
    }
}

/// The gap that is left by something else in the share's place.
fn not_ours(mounted: &MountState) -> Gap {
    let because = match mounted {
        MountState::Nothing { .. } => NotAsked::NotMounted,
        _ => NotAsked::NotOurShare,
    };
    Gap::NotAsked { because }
}

/// The kind of a backup in words.
pub(in crate::core) fn kind_word(kind: &Kind) -> Text {
    match kind {
        Kind::Incremental => text!("增量", "incremental"),
        Kind::Full => text!("全量", "full"),
        Kind::Other(word) => text!("未知种类 {word}", "unknown kind {word}"),
    }
}
