//! Backup packs: what belongs to one, which are left after every clean-up, and the files themselves (sparse: they
//! have a length and take no room).
use super::history::noise;
use super::spec::{PackKind, Spec};
use super::timeline::MINUTE;
use crate::core::units::EpochMs;
use std::fs::{File, FileTimes, OpenOptions};
use std::path::Path;
use std::time::{Duration, UNIX_EPOCH};

/// Where a pack is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// The box's folder with the content of a share.
    Share(String),
    /// The server's own disk.
    Local,
}

/// One pack.
#[derive(Clone, Debug)]
pub(super) struct Pack {
    /// The server that made it.
    pub(super) env: String,
    pub(super) job: i64,
    pub(super) place: Place,
    pub(super) name: String,
    pub(super) begun: EpochMs,
    pub(super) ended: EpochMs,
    /// Whether its job said completed: only then the server cleaned up after it.
    pub(super) completed: bool,
    pub(super) growing: bool,
    /// How many packs its server leaves in the folder.
    pub(super) keeps: Option<u64>,
    /// The older layout: with `DONE` and a manifest.
    pub(super) replicated: bool,
    /// Path in the pack, and bytes.
    pub(super) files: Vec<(String, u64)>,
}

/// The parts of a complete pack of this kind, as big as they were so many nights ago.
pub(super) fn scaled_parts(spec: &Spec, kind: &str, night: i64) -> Vec<(String, u64)> {
    let s = &spec.sizes;
    let mut all = vec![
        ("auth.db".to_owned(), s.auth_db),
        (volume("esdata01"), s.esdata01),
        (volume("minio_data"), s.minio_data),
        (volume("mysql_data"), s.mysql_data),
        (volume("redis_data"), s.redis_data),
    ];
    if kind == "full" {
        all.push(("images.tar".into(), s.images));
    }
    for (n, (_, size)) in (0..).zip(&mut all) {
        // data grows 0.4 % a night, give or take
        let per_mille = 1000 - 4 * night - noise(night * 7 + n, 12);
        *size = *size * 1024 / 1000 * u64::try_from(per_mille.max(200)).unwrap_or(1000);
    }
    all
}

fn volume(name: &str) -> String {
    format!("volumes/ragflow_compose_{name}.tar.gz")
}

/// What of these parts a pack of this kind has.
pub(super) fn parts(whole: &[(String, u64)], kind: PackKind) -> Vec<(String, u64)> {
    let of = |keep: &dyn Fn(&str) -> bool| whole.iter().filter(|p| keep(&p.0)).cloned().collect::<Vec<_>>();
    match kind {
        PackKind::Complete | PackKind::Local => of(&|_| true),
        PackKind::NoImages => of(&|name| name != "images.tar"),
        PackKind::EmptyVolumes => of(&|name| name == "auth.db"),
        PackKind::Partial => {
            let mut two: Vec<_> = whole.iter().take(2).cloned().collect();
            if let Some(half) = two.last_mut() {
                half.1 /= 2;
            }
            two
        }
        PackKind::Growing | PackKind::Bare | PackKind::None => Vec::new(),
    }
}

/// The packs that are left: after each completed job the server that ran it deleted the oldest in the folder,
/// whoever wrote them, until no more than its own number were there.
pub(super) fn kept(mut all: Vec<Pack>) -> Vec<Pack> {
    all.sort_by_key(|p| p.ended);
    let mut left: Vec<Pack> = Vec::new();
    for pack in all {
        let (place, keeps) = (pack.place.clone(), pack.keeps.filter(|_| pack.completed));
        left.push(pack);
        let Some(keeps) = keeps.and_then(|k| usize::try_from(k).ok()) else {
            continue;
        };
        let here = left.iter().filter(|p| p.place == place).count();
        let mut surplus = here.saturating_sub(keeps);
        left.retain(|p| {
            let goes = p.place == place && surplus > 0;
            surplus -= usize::from(goes);
            !goes
        });
    }
    left
}

impl Pack {
    /// Writes the pack's files below the folder that holds packs.
    pub(super) fn lay(&self, folder: &Path) -> std::io::Result<()> {
        let own = folder.join(&self.name);
        std::fs::create_dir_all(&own)?;
        if self.files.iter().any(|f| f.0 == "auth.db") {
            std::fs::create_dir_all(own.join("volumes"))?;
        }
        let span = self.ended.since(self.begun);
        let total: u64 = self.files.iter().map(|f| f.1).sum();
        let mut written = 0;
        for (name, bytes) in &self.files {
            written += bytes;
            let share = i128::from(span) * i128::from(written) / i128::from(total.max(1));
            let at = self.begun.plus_ms(i64::try_from(share).unwrap_or_default());
            sparse(&own.join(name), *bytes, at)?;
        }
        let complete = self.completed && self.files.len() > 1;
        if complete && self.job % 2 == 0 {
            sparse(&own.join("backup_settings.json"), 1187, self.ended)?;
        }
        if self.replicated {
            sparse(&own.join("replication_manifest.json"), 2048, self.ended)?;
            sparse(&own.join("DONE"), 0, self.ended)?;
        }
        for dir in [own.join("volumes"), own] {
            if dir.is_dir() {
                touch(&File::open(dir)?, self.ended)?;
            }
        }
        Ok(())
    }
}

/// A pack that an older version left: small, and months old.
pub(super) fn leftover(now: EpochMs, n: i64, size: u64) -> Pack {
    let begun = now.plus_ms(-(211 + 9 * n) * 24 * 60 * MINUTE - noise(n, 3_600_000));
    let files = [
        ("auth.db".to_owned(), size / 400),
        (volume("esdata01"), size / 3),
        (volume("minio_data"), size / 2),
    ];
    Pack {
        env: String::new(),
        job: 1,
        place: Place::Local,
        name: super::timeline::pack_name(begun),
        begun,
        ended: begun.plus_ms(4 * MINUTE),
        completed: true,
        growing: false,
        keeps: None,
        replicated: false,
        files: files.into(),
    }
}

/// A file of this length that takes no room, last written at this moment. It only ever grows.
pub(super) fn sparse(path: &Path, bytes: u64, at: EpochMs) -> std::io::Result<()> {
    let file = OpenOptions::new().create(true).truncate(false).write(true).open(path)?;
    if file.metadata()?.len() < bytes {
        file.set_len(bytes)?;
    }
    touch(&file, at)
}

/// Sets when a file or folder was last written.
pub(super) fn touch(file: &File, at: EpochMs) -> std::io::Result<()> {
    let at = UNIX_EPOCH + Duration::from_millis(u64::try_from(at.0).unwrap_or_default());
    file.set_times(FileTimes::new().set_modified(at).set_accessed(at))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pack(ended: i64, env: &str, keeps: u64) -> Pack {
        let mut p = leftover(EpochMs(0), 0, 0);
        p.place = Place::Share("share".into());
        (p.ended, p.env, p.keeps) = (EpochMs(ended), env.into(), Some(keeps));
        p
    }

    #[test]
    fn each_clean_up_deletes_the_oldest_whoever_wrote_them() {
        let left =
            |all| -> Vec<(i64, String)> { kept(all).into_iter().map(|p| (p.ended.0, p.env)).collect() };
        let both = vec![pack(1, "prod", 3), pack(2, "test", 3), pack(3, "prod", 3), pack(4, "test", 3)];
        assert_eq!(left(both.clone()), [(2, "test".into()), (3, "prod".into()), (4, "test".into())]);
        let mut greedy = both.clone();
        greedy[3].keeps = Some(1);
        assert_eq!(left(greedy), [(4, "test".into())]);
        let mut failed = both;
        (failed[3].keeps, failed[3].completed) = (Some(1), false);
        assert_eq!(left(failed).len(), 4);
    }
}
