//! Whose a pack is, and whether it is complete.
use crate::config::model::Environment;
use crate::core::derive::schedule;
use crate::core::gap::Known;
use crate::core::probe::containers::Container;
use crate::core::probe::database::{Database, Job, Kind};
use crate::core::probe::packs::{Pack, PackFolder};
use crate::core::safetext::SafeText;
use crate::core::units::{Bytes, JobId};
use serde::Serialize;

/// Whose a pack is: by the folder that a job of this server wrote, never by its name's look.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "owner", rename_all = "snake_case")]
pub enum Owner {
    /// A job of this server made it.
    Ours {
        /// The job.
        job: JobId,
        /// Its kind.
        kind: Kind,
    },
    /// No job of this server names it: another server's, or older than this server's list of jobs.
    NotOurs,
}

/// How a pack came to the share.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Layout {
    /// Written on the share itself; no `DONE`, no manifest.
    Direct,
    /// Made elsewhere and copied; has `DONE` and `replication_manifest.json`.
    Replicated,
}

/// Something that a complete pack has and this one has not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "missing", rename_all = "snake_case")]
pub enum Missing {
    /// `auth.db`, or it is empty.
    Database,
    /// Every volume archive.
    AllVolumes,
    /// The archive of one volume, or it is empty.
    Volume {
        /// Its name.
        volume: SafeText,
    },
    /// `images.tar`, or it is empty.
    Images,
    /// `DONE` or the manifest of a copied pack.
    Seal,
    /// An `auth.db.tmp` shows that the run was interrupted.
    Finish,
}

/// What is known of a pack.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Judged {
    /// How it came to the share.
    pub layout: Layout,
    /// What it lacks; empty is complete.
    pub missing: Vec<Missing>,
    /// What it should have could not all be learned (the list of volumes), so that "complete" is not proved.
    pub unproved: bool,
}

/// The folder name of a path.
pub fn base_name(path: &str) -> &str {
    path.trim_end_matches('/').rsplit('/').next().unwrap_or_default()
}

/// The zone of the backend's clock, by the newest job that named a pack; seconds east of UTC.
pub fn named_zone(db: &Database) -> Option<i32> {
    let of = |job: &Job| schedule::zone_of_name(base_name(job.output_dir.as_ref()?.as_str()), job.began()?);
    let jobs = db.jobs.iter().chain(&db.last_completed);
    jobs.filter_map(|job| Some((job.id, of(job)?))).max_by_key(|(id, _)| *id).map(|(_, zone_s)| zone_s)
}

/// Whose a pack is.
pub fn owner(pack: &Pack, db: &Database) -> Owner {
    let by_output = db.outputs.iter().find(|o| base_name(o.folder.as_str()) == pack.name.as_str());
    by_output.map_or(Owner::NotOurs, |o| Owner::Ours { job: o.job, kind: o.kind.clone() })
}

/// The pack of a job on the share, found by the folder that the job wrote or that its copy has.
pub fn of_job<'a>(job: &Job, folder: &'a PackFolder) -> Option<&'a Pack> {
    let name = base_name(job.output_dir.as_ref()?.as_str());
    folder.packs.iter().find(|p| p.name.as_str() == name)
}

/// The copy of a job's pack while it is under way: `_tmp/job_<id>_…`. The newest, for another server's may have the same number.
pub fn copy_of<'a>(job: &Job, folder: &'a PackFolder) -> Option<&'a Pack> {
    let name = format!("job_{}_", job.id.0);
    folder.interrupted.iter().filter(|p| p.name.as_str().starts_with(&name)).max_by_key(|p| p.changed)
}

/// Whether a job wrote on the share itself: its folder, through the container's binds, lies in the pack folder.
pub fn wrote_on_share(job: &Job, backend: Option<&Container>, env: &Environment) -> Option<bool> {
    let inside = job.output_dir.as_ref()?.as_str();
    let host = backend?.host_path(inside)?;
    Some(crate::core::probe::containers::under(&host, &env.paths.mount_point).is_some())
}

/// How a completed job's pack comes to the share, by where it wrote and by what it says. An old column of the backend also
/// writes 未同步 for packs that lie on the share already, so where it wrote counts first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// Written on the share itself.
    Direct,
    /// Made elsewhere, and copied.
    Copied,
    /// Made elsewhere, and not copied.
    NotCopied,
}

/// How a completed job's pack comes to the share.
pub fn way(job: &Job, backend: Option<&Container>, env: &Environment) -> Way {
    let says = |words: &str| job.message.as_str().contains(words);
    match wrote_on_share(job, backend, env) {
        Some(true) => Way::Direct,
        _ if says("已同步") => Way::Copied,
        Some(false) => Way::NotCopied,
        None if says("同步失败") || says("未同步") => Way::NotCopied,
        None => Way::Direct,
    }
}

/// The volumes that a pack must hold: those of the compose project.
pub fn expected_volumes<'a>(
    volumes: &'a Known<Vec<SafeText>>,
    env: &Environment,
) -> Option<Vec<&'a SafeText>> {
    let prefix = format!("{}_", env.containers.compose_project);
    let ours: Vec<&SafeText> =
        volumes.as_ref().ok()?.iter().filter(|v| v.as_str().starts_with(&prefix)).collect();
    // a project without volumes is a name that does not fit: what a pack must hold is not known then
    (!ours.is_empty()).then_some(ours)
}

/// What a pack is meant to be.
#[derive(Clone, Copy, Debug)]
pub struct Meant<'a> {
    /// Its job's kind.
    pub kind: &'a Kind,
    /// It was made elsewhere and copied, so it needs the seal of a copy.
    pub copied: bool,
    /// Full packs are meant to hold the images.
    pub with_images: bool,
    /// The volumes that it must hold, if they are known.
    pub volumes: Option<&'a [&'a SafeText]>,
}

/// Judges a finished pack.
pub fn judge(pack: &Pack, meant: Meant) -> Judged {
    let Meant { kind, copied, with_images, volumes: expected } = meant;
    let filled = |path: &str| pack.file(path).is_some_and(|b| b > Bytes(0));
    let sealed =
        (filled("DONE") || pack.file("DONE").is_some(), pack.file("replication_manifest.json").is_some());
    let layout = if copied || sealed.0 || sealed.1 { Layout::Replicated } else { Layout::Direct };
    let mut missing = Vec::new();
    if !filled("auth.db") {
        missing.push(Missing::Database);
    }
    if pack.file("auth.db.tmp").is_some() {
        missing.push(Missing::Finish);
    }
    let archives: Vec<(&str, Bytes)> = pack.volumes().collect();
    if archives.iter().all(|(_, bytes)| *bytes == Bytes(0)) {
        missing.push(Missing::AllVolumes);
    } else {
        let has = |name: &str| archives.iter().any(|(n, bytes)| *n == name && *bytes > Bytes(0));
        let lacking = expected.unwrap_or_default().iter().filter(|v| !has(v.as_str()));
        missing.extend(lacking.map(|v| Missing::Volume { volume: (*v).clone() }));
        // an archive of nothing is no archive, whoever expected it
        for (name, _) in archives.iter().filter(|(n, bytes)| {
            *bytes == Bytes(0) && !expected.unwrap_or_default().iter().any(|v| v.as_str() == *n)
        }) {
            missing.push(Missing::Volume { volume: SafeText::new(name) });
        }
    }
    if *kind == Kind::Full && with_images && !filled("images.tar") {
        missing.push(Missing::Images);
    }
    if layout == Layout::Replicated && !(sealed.0 && sealed.1) {
        missing.push(Missing::Seal);
    }
    let unproved = expected.is_none() || matches!(kind, Kind::Other(_));
    Judged { layout, missing, unproved }
}

/// What of a pack is far smaller than it used to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Small {
    /// Which file; nothing for the whole pack.
    pub file: Option<SafeText>,
    /// What it has; nothing for a volume that is not there at all and that every earlier pack has.
    pub has: Option<Bytes>,
    /// The middle size of the earlier ones, or what it is made of.
    pub usual: Bytes,
}

/// So many of the newest earlier packs are compared with: a week, so that data that really shrank is no news after some days.
pub const COMPARED: usize = 7;
/// Files whose usual size is below this are not compared: their content alone makes them twice or half as large.
const SMALLEST: Bytes = Bytes(64 << 10);
/// Images are saved whole: an images.tar below this percent of them was cut off. So low because images share layers.
const IMAGES_PERCENT: u64 = 1;

/// The file of a pack that is far smaller than in the earlier ones, which are given newest first: below `percent` of the
/// median of at least three. A volume that each of the last three has and this one has not counts as empty. `images` is what
/// images.tar was made of, for where there are no three to compare with.
pub fn small_file(pack: &Pack, earlier: &[&Pack], percent: u32, images: Option<Bytes>) -> Option<Small> {
    let far_below = |has: Bytes, usual: Bytes, percent: u64| {
        u128::from(has.0) * 100 < u128::from(usual.0) * u128::from(percent)
    };
    let sizes = |name: &str| earlier.iter().filter_map(|p| p.file(name)).take(COMPARED).collect::<Vec<_>>();
    let meant = |name: &str| name == "auth.db" || name == "images.tar" || name.starts_with("volumes/");
    for (name, file) in pack.files.iter().filter(|(name, _)| meant(name.as_str())) {
        let usual = median(sizes(name.as_str()));
        if let Some(usual) = usual.filter(|u| *u >= SMALLEST && far_below(file.bytes, *u, percent.into())) {
            return Some(Small { file: Some(name.clone()), has: Some(file.bytes), usual });
        }
        let made_of = images.filter(|_| name.as_str() == "images.tar" && usual.is_none());
        if let Some(usual) = made_of.filter(|of| far_below(file.bytes, *of, IMAGES_PERCENT)) {
            return Some(Small { file: Some(name.clone()), has: Some(file.bytes), usual });
        }
    }
    let last = earlier.get(..3)?;
    let gone = |name: &SafeText| {
        name.as_str().starts_with("volumes/")
            && pack.file(name.as_str()).is_none()
            && last.iter().all(|p| p.file(name.as_str()).is_some_and(|b| b > Bytes(0)))
    };
    let name = last.first()?.files.keys().find(|name| gone(name))?;
    let usual = median(sizes(name.as_str()))?;
    Some(Small { file: Some(name.clone()), has: None, usual })
}

/// The middle size; nothing for fewer than three.
pub fn median(mut sizes: Vec<Bytes>) -> Option<Bytes> {
    sizes.sort_unstable();
    if sizes.len() < 3 { None } else { sizes.get(sizes.len() / 2).copied() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::probe::packs::{self, PackFile};
    use crate::core::units::EpochMs;
    use serde_json::json;

    fn pack(files: &[(&str, u64)]) -> Pack {
        let file = |b| PackFile { bytes: Bytes(b), changed: EpochMs(0) };
        let files = files.iter().map(|(n, b)| (SafeText::new(n), file(*b))).collect();
        Pack {
            name: SafeText::new("migration_pack_20260201_040000"),
            path: SafeText::default(),
            changed: EpochMs(0),
            files,
        }
    }

    fn lacks(files: &[(&str, u64)], kind: Kind) -> Vec<Missing> {
        let (a, b) = (SafeText::new("ragflow_compose_a"), SafeText::new("ragflow_compose_b"));
        judge(&pack(files), Meant { kind: &kind, copied: false, with_images: true, volumes: Some(&[&a, &b]) })
            .missing
    }

    const DB: (&str, u64) = ("auth.db", 5);
    const A: (&str, u64) = ("volumes/ragflow_compose_a.tar.gz", 5);
    const B: (&str, u64) = ("volumes/ragflow_compose_b.tar.gz", 5);

    #[test]
    fn a_direct_pack_needs_its_database_and_every_volume() {
        assert_eq!(lacks(&[DB, A, B], Kind::Incremental), []);
        assert_eq!(lacks(&[A, B], Kind::Incremental), [Missing::Database]);
        assert_eq!(lacks(&[("auth.db", 0), A, B], Kind::Incremental), [Missing::Database]);
        assert_eq!(lacks(&[DB], Kind::Incremental), [Missing::AllVolumes]);
        let b = Missing::Volume { volume: SafeText::new("ragflow_compose_b") };
        assert_eq!(lacks(&[DB, A], Kind::Incremental), std::slice::from_ref(&b));
        assert_eq!(lacks(&[DB, A, ("volumes/ragflow_compose_b.tar.gz", 0)], Kind::Incremental), [b]);
        assert_eq!(lacks(&[DB, A, B, ("auth.db.tmp", 1)], Kind::Incremental), [Missing::Finish]);
    }

    #[test]
    fn a_full_pack_needs_its_images_too() {
        assert_eq!(lacks(&[DB, A, B], Kind::Full), [Missing::Images]);
        assert_eq!(lacks(&[DB, A, B, ("images.tar", 0)], Kind::Full), [Missing::Images]);
        assert_eq!(lacks(&[DB, A, B, ("images.tar", 9)], Kind::Full), []);
        assert_eq!(
            judge(
                &pack(&[DB, A, B]),
                Meant { kind: &Kind::Full, copied: false, with_images: false, volumes: Some(&[]) }
            )
            .missing,
            []
        );
    }

    #[test]
    fn a_copied_pack_needs_its_seal() {
        assert_eq!(lacks(&[DB, A, B, ("DONE", 0)], Kind::Incremental), [Missing::Seal]);
        assert_eq!(lacks(&[DB, A, B, ("DONE", 0), ("replication_manifest.json", 9)], Kind::Incremental), []);
    }

    #[test]
    fn a_copy_without_any_seal_is_not_taken_for_a_direct_pack() {
        let a = SafeText::new("ragflow_compose_a");
        let meant = Meant { kind: &Kind::Incremental, copied: true, with_images: true, volumes: Some(&[&a]) };
        assert_eq!(judge(&pack(&[DB, A]), meant).missing, [Missing::Seal]);
    }

    #[test]
    fn where_a_job_wrote_counts_before_what_it_says() {
        let backend = crate::core::probe::containers::containers(
            br#"{"Id":"a","Name":"/b","State":{"Running":true},"Mounts":[{"Source":"/mnt/replica","Destination":"/replica","RW":true},{"Source":"/opt/ragflowauth/data","Destination":"/app/data","RW":true}]}"#,
        )
        .unwrap();
        let env = crate::config::model::example();
        let way_of = |folder: &str, message: &str, known: bool| {
            let row = json!({"id": 1, "kind": "full", "status": "completed", "message": message, "output_dir": folder});
            let value = json!({"jobs": [row], "live": [], "last_completed": {"incremental": [], "full": []}, "locks": [], "settings": [], "outputs": []});
            let db = crate::core::probe::database::read(&value).unwrap();
            way(&db.jobs[0], known.then_some(&backend[0]), &env)
        };
        assert_eq!(way_of("/replica/RagflowAuth/p", "备份完成（未同步）", true), Way::Direct);
        assert_eq!(way_of("/app/data/backups/p", "备份完成（已同步）", true), Way::Copied);
        assert_eq!(way_of("/app/data/backups/p", "同步失败：x", true), Way::NotCopied);
        assert_eq!(way_of("/app/data/backups/p", "备份完成", true), Way::NotCopied);
        assert_eq!(way_of("/replica/RagflowAuth/p", "同步失败：x", false), Way::NotCopied);
    }

    #[test]
    fn without_the_list_of_volumes_complete_is_not_proved() {
        let judged = judge(
            &pack(&[DB, A]),
            Meant { kind: &Kind::Incremental, copied: false, with_images: true, volumes: None },
        );
        assert!(judged.missing.is_empty() && judged.unproved);
    }

    #[test]
    fn a_pack_belongs_to_the_job_that_wrote_it() {
        let db = crate::core::probe::database::read(&json!({
            "jobs": [], "live": [], "last_completed": {"incremental": [], "full": []}, "locks": [], "settings": [],
            "outputs": [[12, "full", "/replica/RagflowAuth/migration_pack_20260201_040000"], [11, "incremental", "/replica/RagflowAuth/migration_pack_20260201_04"]],
        })).unwrap();
        assert_eq!(owner(&pack(&[]), &db), Owner::Ours { job: JobId(12), kind: Kind::Full });
        let foreign = packs::parse(b"directory|0|1|/p/migration_pack_x\n", "/p").unwrap();
        assert_eq!(owner(&foreign.packs[0], &db), Owner::NotOurs);
    }

    #[test]
    fn a_file_is_compared_with_itself_in_earlier_packs() {
        let usual = [("auth.db", 5 << 20), ("volumes/c_a.tar.gz", 9 << 20), ("volumes/c_tiny.tar.gz", 900)];
        let whole = [pack(&usual), pack(&usual), pack(&usual)];
        let earlier: Vec<&Pack> = whole.iter().collect();
        let cut = |name: &str, bytes: u64| {
            let files: Vec<(&str, u64)> =
                usual.iter().map(|(n, b)| (*n, if *n == name { bytes } else { *b })).collect();
            small_file(&pack(&files), &earlier, 25, None)
        };
        assert_eq!(cut("", 0), None);
        let found = |name: &str, has: u64, usual: u64| {
            Some(Small { file: Some(SafeText::new(name)), has: Some(Bytes(has)), usual: Bytes(usual) })
        };
        assert_eq!(cut("volumes/c_a.tar.gz", 45), found("volumes/c_a.tar.gz", 45, 9 << 20));
        assert_eq!(cut("auth.db", 4096), found("auth.db", 4096, 5 << 20));
        // half the size is what deleted data makes of it, and what was small says nothing by being smaller
        assert_eq!((cut("auth.db", 2 << 20), cut("volumes/c_tiny.tar.gz", 45)), (None, None));
        // two are too few to compare with
        assert_eq!(small_file(&pack(&[("auth.db", 1)]), &earlier[..2], 25, None), None);
        let gone = small_file(&pack(&usual[..1]), &earlier, 25, None).unwrap();
        assert_eq!((gone.file.unwrap().as_str(), gone.has), ("volumes/c_a.tar.gz", None));
    }

    #[test]
    fn images_are_compared_with_what_they_are_made_of() {
        let cut = |bytes| small_file(&pack(&[("images.tar", bytes)]), &[], 25, Some(Bytes(10 << 30)));
        assert!(cut(1000).is_some() && cut(2 << 30).is_none());
    }

    #[test]
    fn a_median_needs_three() {
        assert_eq!(median(vec![Bytes(1), Bytes(9)]), None);
        assert_eq!(median(vec![Bytes(9), Bytes(1), Bytes(5)]), Some(Bytes(5)));
    }
}
