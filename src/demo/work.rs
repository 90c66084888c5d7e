//! A backup that advances with time: what it says and has written is a function of the clock alone, so that every
//! stand-in, in whatever process, sees the same.
use super::state::{Container, Job, State};
use crate::core::units::EpochMs;
use serde::{Deserialize, Serialize};

/// A backup under way. It takes as long as it was given, whatever its size: a demo is watched.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Work {
    pub(super) job: i64,
    pub(super) started_ms: i64,
    pub(super) ends_ms: i64,
    /// The box's folder that holds the share, and the pack's path in it.
    pub(super) folder: String,
    pub(super) pack: String,
    /// The pack's path as the job knows it.
    pub(super) output_dir: String,
    /// Bytes of `auth.db`.
    pub(super) database: u64,
    /// Volumes in the order in which they are written: name and bytes.
    pub(super) volumes: Vec<(String, u64)>,
    /// Bytes of `images.tar`; none unless it is full.
    #[serde(default)]
    pub(super) images: u64,
    /// When it stops, if it was asked to.
    #[serde(default)]
    pub(super) stops_ms: Option<i64>,
    /// The container that packs a volume.
    pub(super) helper: Container,
}

/// How far it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Progress {
    pub(super) percent: i64,
    pub(super) message: String,
    /// Whether the pack's folder is there.
    pub(super) folder: bool,
    /// The pack's files: path in the pack and bytes.
    pub(super) files: Vec<(String, u64)>,
    /// The volume that is being written.
    pub(super) volume: Option<String>,
    pub(super) done: bool,
    /// It has stopped because it was asked to.
    pub(super) canceled: bool,
}

/// Percent of the time that the steps before and after the volumes take.
const BEFORE: u64 = 6;
const AFTER: u64 = 3;
/// How often the backend writes how far a volume is.
const REFRESH_MS: u64 = 15_000;

impl Work {
    /// How far it is at `now`, by the server's clock.
    pub(super) fn at(&self, now: EpochMs) -> Progress {
        let stopped = self.stops_ms.is_some_and(|at| now.0 >= at && at < self.ends_ms);
        let now = self.stops_ms.map_or(now, |at| EpochMs(at.min(now.0)));
        let whole = u64::try_from(self.ends_ms - self.started_ms).unwrap_or_default().max(1);
        let gone = u64::try_from(now.0 - self.started_ms).unwrap_or_default();
        let (first, last) = (whole * BEFORE / 100, whole * (100 - AFTER) / 100);
        let mut p = Progress {
            percent: 0,
            message: "开始备份".into(),
            folder: false,
            files: Vec::new(),
            volume: None,
            done: gone >= whole && !stopped,
            canceled: stopped,
        };
        if gone < first / 3 {
            return p;
        }
        p.folder = true;
        if gone < first {
            p.percent = 10;
            p.message = "备份数据库".into();
            return p;
        }
        p.files.push(("auth.db".into(), self.database));
        let span = (last - first).max(1);
        let volumes: u64 = self.volumes.iter().map(|v| v.1).sum();
        // the images come last, and take their share of the time
        let of_volumes = scale(span, volumes.max(1), (volumes + self.images).max(1)).max(1);
        self.write_volumes(gone - first, of_volumes, &mut p);
        if self.images > 0 && gone - first >= of_volumes {
            self.write_images(gone - first - of_volumes, (span - of_volumes).max(1), &mut p);
        }
        if p.done {
            p.percent = 100;
            p.message = "备份完成（已在共享目录）".into();
        }
        p
    }

    fn write_images(&self, gone: u64, span: u64, p: &mut Progress) {
        let written = scale(self.images, gone.min(span), span);
        p.files.push(("images.tar".into(), written));
        if gone < span {
            p.percent = 92;
            p.message = format!("备份镜像（写入中 {} MB）", written >> 20);
        }
    }

    /// Whether nothing of it is still to come.
    pub(super) fn is_over(&self, now: EpochMs) -> bool {
        now.0 >= self.stops_ms.map_or(self.ends_ms, |at| at.min(self.ends_ms))
    }

    /// `gone` of `span` ms of the volumes' time are over. Each volume gets time by its size, and 3 s at least.
    fn write_volumes(&self, gone: u64, span: u64, p: &mut Progress) {
        let total: u64 = self.volumes.iter().map(|v| v.1).sum();
        let floor = 3000.min(span / 8);
        let shared = span.saturating_sub(floor * self.volumes.len() as u64);
        let share = |bytes: u64| floor + scale(shared, bytes, total);
        let mut begin = 0;
        let step = 45 / self.volumes.len().max(1) as i64;
        for (n, (name, bytes)) in self.volumes.iter().enumerate() {
            if gone < begin {
                return;
            }
            let needs = share(*bytes).max(1);
            let into = (gone - begin).min(needs);
            let written = scale(*bytes, into, needs);
            p.files.push((format!("volumes/{name}.tar.gz"), written));
            // what the message says is as old as its last refresh
            let said = scale(*bytes, into - into % REFRESH_MS, needs) >> 20;
            p.percent = 45 + step * n as i64;
            p.message = format!("备份 volume: {name}（写入中 {said} MB）");
            p.volume = (into < needs).then(|| name.clone());
            begin += needs;
        }
        if gone >= begin {
            p.percent = 90;
            p.message = "备份完成，准备同步".into();
        }
    }
}

fn scale(value: u64, part: u64, whole: u64) -> u64 {
    let scaled = u128::from(value) * u128::from(part) / u128::from(whole.max(1));
    u64::try_from(scaled).unwrap_or(u64::MAX)
}

impl State {
    /// The server as it is at `now` by its own clock: the running backup is as far as it is by then.
    pub(super) fn at(self, now: EpochMs) -> State {
        let mut state = self.begun(now);
        let Some(work) = state.work.clone() else {
            return state;
        };
        let p = work.at(now);
        let mut kind = String::new();
        if let Some(job) = state.database.jobs.iter_mut().find(|j| j.id == work.job) {
            tell(job, &work, &p);
            kind = job.kind.clone();
        }
        if p.done || p.canceled {
            state.database.locks.clear();
        }
        if p.done {
            let ended = serde_json::Value::from(work.ends_ms);
            for column in ["last_run_at_ms".to_owned(), format!("last_{kind}_backup_time_ms")] {
                state.database.settings.insert(column, ended.clone());
            }
        }
        if let (Some(volume), false) = (&p.volume, p.canceled) {
            let mut helper = work.helper.clone();
            helper.mounts.push((volume.clone(), "/data".into(), false));
            state.docker.containers.push(helper);
        }
        state
    }
}

fn tell(job: &mut Job, work: &Work, p: &Progress) {
    job.output_dir = p.folder.then(|| work.output_dir.clone());
    job.progress = p.percent;
    // who was asked to stop says that until it has
    if job.status != "canceling" || p.done {
        job.message = p.message.clone();
    }
    if p.done {
        job.status = "completed".into();
        job.finished_at_ms = Some(work.ends_ms);
    }
    if p.canceled {
        job.status = "canceled".into();
        job.message = "备份已取消".into();
        (job.finished_at_ms, job.canceled_at_ms) = (work.stops_ms, work.stops_ms);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn work() -> Work {
        Work {
            job: 7,
            started_ms: 1_000_000,
            ends_ms: 1_400_000,
            folder: "share".into(),
            pack: "RagflowAuth/p".into(),
            output_dir: "/mnt/replica/RagflowAuth/p".into(),
            database: 1 << 20,
            volumes: vec![("a".into(), 3 << 30), ("b".into(), 1 << 30), ("c".into(), 1 << 20)],
            images: 0,
            stops_ms: None,
            helper: Container {
                id: "0".repeat(64),
                name: "helper".into(),
                image: "i".into(),
                project: None,
                restart_policy: "no".into(),
                created_ms: 0,
                started_ms: 0,
                finished_ms: None,
                running: true,
                exit_code: 0,
                checked: false,
                mounts: Vec::new(),
                sees: None,
            },
        }
    }

    #[test]
    fn a_backup_only_ever_grows_and_ends_complete() {
        let w = work();
        let mut before = 0;
        let mut messages = std::collections::BTreeSet::new();
        for s in 0..=400 {
            let p = w.at(EpochMs(1_000_000 + s * 1000));
            let bytes: u64 = p.files.iter().map(|f| f.1).sum();
            assert!(bytes >= before, "shrank at {s} s");
            before = bytes;
            messages.insert(p.message.clone());
            assert_eq!(p.done, s == 400, "{s}");
            assert_eq!(p.volume.is_some(), p.message.contains("写入中"), "{s}: {p:?}");
        }
        let end = w.at(EpochMs(1_400_000));
        assert_eq!((end.percent, end.message.as_str()), (100, "备份完成（已在共享目录）"));
        assert_eq!(before, (1 << 20) + (4 << 30) + (1 << 20));
        assert!(messages.len() > 15, "{messages:?}");
        assert!(messages.contains("备份完成，准备同步"));
    }

    #[test]
    fn the_message_of_a_volume_is_refreshed_every_15_s_while_the_file_grows() {
        let w = work();
        let at = |ms: i64| w.at(EpochMs(1_000_000 + 24_000 + ms));
        assert_eq!(at(20_000).message, at(29_000).message);
        assert_ne!(at(29_000).message, at(31_000).message);
        assert!(at(20_000).files[1].1 < at(29_000).files[1].1);
    }

    #[test]
    fn the_images_come_last_and_a_stop_leaves_what_was_written() {
        let full = Work { images: 4 << 30, ..work() };
        let said: Vec<String> = (0..400).map(|s| full.at(EpochMs(1_000_000 + s * 1000)).message).collect();
        let first = said.iter().position(|m| m.contains("镜像")).unwrap();
        assert!(said[first..].iter().all(|m| m.contains("镜像") || m.starts_with("备份完成")), "{said:?}");
        let end = full.at(EpochMs(1_400_000));
        assert_eq!((end.percent, end.files.last()), (100, Some(&("images.tar".to_owned(), 4 << 30))));

        let stopped = Work { stops_ms: Some(1_100_000), ..work() };
        let before = stopped.at(EpochMs(1_099_999));
        let (after, later) = (stopped.at(EpochMs(1_100_000)), stopped.at(EpochMs(9_000_000)));
        assert!(!before.canceled && after.canceled && !later.done && after == later);
        assert!(stopped.is_over(EpochMs(1_100_000)) && !stopped.is_over(EpochMs(1_099_999)));
    }
}
