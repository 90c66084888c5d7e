//! What was worked out of a look, for machines: the facts that the checks rest on.
use super::Facts;
use crate::core::derive::job::Worker;
use crate::core::derive::mount::MountState;
use crate::core::derive::pack::{self, Judged, Owner};
use crate::core::derive::room::Room;
use crate::core::gap::Known;
use crate::core::probe::database::Kind;
use crate::core::probe::packs::Pack;
use crate::core::safetext::SafeText;
use crate::core::units::{Bytes, EpochMs, JobId};
use serde::Serialize;

/// The derived facts of one look. What could not be derived is absent or a gap.
#[derive(Clone, Debug, Serialize)]
pub struct Derived {
    /// What the host has on the mount point, compared with the configuration.
    pub mounted: Known<MountState>,
    /// The newest slot that should have fired.
    pub slot: Option<DueSlot>,
    /// Jobs that say they are at work, and what is known of their workers.
    pub live: Vec<LiveJob>,
    /// The packs: whose, how they came, what they lack.
    pub packs: Known<Vec<KnownPack>>,
    /// Room for the next backup of each kind.
    pub room: Vec<RoomFor>,
}

/// A slot that has passed.
#[derive(Clone, Debug, Serialize)]
pub struct DueSlot {
    /// When.
    pub due: EpochMs,
    /// What.
    pub kind: Kind,
}

/// A job that says it is at work.
#[derive(Clone, Debug, Serialize)]
pub struct LiveJob {
    /// The job.
    pub job: JobId,
    /// What is known of its worker.
    #[serde(flatten)]
    pub worker: Worker,
}

/// A pack.
#[derive(Clone, Debug, Serialize)]
pub struct KnownPack {
    /// Its name.
    pub name: SafeText,
    /// All of its files.
    pub bytes: Bytes,
    /// Whose it is.
    #[serde(flatten)]
    pub owner: Owner,
    /// Layout and completeness; absent where its kind is not known, because it is not ours.
    pub judged: Option<Judged>,
}

/// Room for one kind.
#[derive(Clone, Debug, Serialize)]
pub struct RoomFor {
    /// The kind of backup.
    pub kind: Kind,
    /// Need and have.
    #[serde(flatten)]
    pub room: Room,
}

pub(super) fn of(f: &Facts) -> Derived {
    let known_pack = |p: &Pack| {
        let owner = f.db.map_or(Owner::NotOurs, |db| pack::owner(p, db));
        let judged = match &owner {
            Owner::Ours { kind, .. } => {
                let rows = f.db.map(|db| db.jobs.iter().chain(&db.last_completed)).into_iter().flatten();
                let row =
                    rows.into_iter().find(|j| matches!(&owner, Owner::Ours { job, .. } if j.id == *job));
                Some(f.judge(p, kind, row))
            }
            Owner::NotOurs => None,
        };
        KnownPack { name: p.name.clone(), bytes: p.bytes(), owner, judged }
    };
    let packs = match (&f.packs, f.db) {
        (Ok(folder), Ok(_)) => Ok(folder.packs.iter().map(known_pack).collect()),
        (Err(gap), _) => Err(gap.clone()),
        (_, Err(gap)) => Err(gap.clone()),
    };
    Derived {
        mounted: f.mounted.clone().map_err(Clone::clone),
        slot: f.slot.as_ref().map(|s| DueSlot { due: s.due, kind: s.kind.clone() }),
        live: f.live.iter().map(|(j, w)| LiveJob { job: j.id, worker: w.clone() }).collect(),
        packs,
        room: super::storage::rooms(f),
    }
}
