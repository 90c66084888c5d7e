//! A backup begins: because somebody asked for it, or because the backend makes up for a night without a job.
use super::facts::{SHARE, hex};
use super::packs::scaled_parts;
use super::spec::Spec;
use super::state::{BACKEND, Container, Job, Lock, State};
use super::timeline::{DAY, SHANGHAI_MIN, pack_name, wall};
use super::work::Work;
use crate::core::units::EpochMs;
use serde_json::Value;

/// From a start of the backend until it makes up for a night.
const CATCH_UP: i64 = 40_000;
/// How long a backup takes that begins in a box: a demo is watched.
const TAKES: i64 = 300_000;
/// From the job's beginning to its pack's folder.
const FOLDER: i64 = 1830;

/// A backup under way: job and kind, the pack's name, from when to when.
pub(super) fn work(
    spec: &Spec,
    (job, kind): (i64, &str),
    name: &str,
    (begun, ended): (EpochMs, EpochMs),
) -> Work {
    let whole = scaled_parts(spec, kind, 0);
    let bytes = |name: &str| whole.iter().find(|p| p.0 == name).map_or(0, |p| p.1);
    let volume = |p: &(String, u64)| {
        let name = p.0.strip_prefix("volumes/")?.strip_suffix(".tar.gz")?;
        Some((name.to_owned(), p.1))
    };
    Work {
        job,
        started_ms: begun.0,
        ends_ms: ended.0,
        folder: SHARE.into(),
        pack: format!("RagflowAuth/{name}"),
        output_dir: format!("/mnt/replica/RagflowAuth/{name}"),
        database: bytes("auth.db"),
        volumes: whole.iter().filter_map(volume).collect(),
        images: bytes("images.tar"),
        stops_ms: None,
        helper: Container {
            id: hex(&format!("{} helper", spec.host.hostname)),
            name: "quirky_tar".into(),
            image: "ragflowauth-backend:local".into(),
            project: None,
            restart_policy: "no".into(),
            created_ms: begun.0 + 5000,
            started_ms: begun.0 + 5400,
            finished_ms: None,
            running: true,
            exit_code: 0,
            checked: false,
            mounts: vec![(format!("/mnt/replica/RagflowAuth/{name}/volumes"), "/backup".into(), true)],
            sees: None,
        },
    }
}

impl State {
    /// The backup that is due by `now` has begun, if nothing is in its way.
    pub(super) fn begun(mut self, now: EpochMs) -> State {
        if let Some(at) = self.catches_up_ms.filter(|at| *at <= now.0) {
            self.catches_up_ms = None;
            if self.is_idle() && self.backend().is_some() {
                self.begin("incremental", EpochMs(at));
            }
        }
        self
    }

    /// Whether a backup may begin: no job says that it runs, and nobody has the lock.
    pub(super) fn is_idle(&self) -> bool {
        self.database.locks.is_empty() && !self.database.jobs.iter().any(Job::is_live)
    }

    /// A job begins. Its number; one that finds no share where it writes fails at once, as on a server.
    pub(super) fn begin(&mut self, kind: &str, at: EpochMs) -> i64 {
        let id = self.database.jobs.last().map_or(1, |j| j.id + 1);
        let sees = self.container(BACKEND).is_some_and(|c| c.sees.is_some());
        let spec = Spec::read(&self.scenario, &self.env).ok().filter(|_| sees);
        let mut job = Job {
            id,
            kind: kind.into(),
            status: "running".into(),
            progress: 0,
            message: "开始备份".into(),
            detail: String::new(),
            output_dir: None,
            created_at_ms: at.0 - 40,
            started_at_ms: Some(at.0),
            finished_at_ms: None,
            cancel_requested_at_ms: None,
            cancel_reason: None,
            canceled_at_ms: None,
        };
        match spec {
            Some(spec) => {
                let owner = hex(&format!("{id} {}", at.0)).chars().take(32).collect();
                self.database.locks =
                    vec![Lock { name: "backup".into(), owner, job_id: None, acquired_at_ms: at.0 - 95 }];
                let (name, ended) = (pack_name(at.plus_ms(FOLDER)), at.plus_ms(TAKES));
                let mut work = work(&spec, (id, kind), &name, (at, ended));
                work.folder = self.mounted_folder().unwrap_or(work.folder);
                self.work = Some(work);
            }
            None => {
                job.status = "failed".into();
                job.progress = 2;
                job.message = "备份失败".into();
                job.detail = format!(
                    "预检失败：{} 未挂载到 Windows 共享（当前文件系统：xfs），拒绝写入本地磁盘",
                    self.mount_point
                );
                job.finished_at_ms = Some(at.0 + 700);
            }
        }
        self.database.jobs.push(job);
        id
    }

    /// The box's folder with the content of what the backend sees on the mount point.
    fn mounted_folder(&self) -> Option<String> {
        let sees = self.container(BACKEND)?.sees.as_ref()?;
        self.share.folders.get(sees).cloned()
    }

    /// The backend has started: it makes up for the newest slot if that has no job. It tries a slot once.
    pub(super) fn backend_started(&mut self, now: EpochMs) {
        let on = self.database.settings.get("enabled").and_then(Value::as_i64) == Some(1);
        let missed = self.newest_slot(now).is_some_and(|slot| {
            !self.database.jobs.iter().any(|j| j.kind == "incremental" && j.created_at_ms >= slot.0 - 60_000)
        });
        self.catches_up_ms = (on && missed).then_some(now.0 + CATCH_UP);
    }

    /// The newest slot of a nightly schedule, `M H * * *` of the container's clock.
    fn newest_slot(&self, now: EpochMs) -> Option<EpochMs> {
        let cron = self.database.settings.get("incremental_schedule")?.as_str()?;
        let mut words = cron.split(' ').map(str::parse::<i8>);
        let (minute, hour) = (words.next()?.ok()?, words.next()?.ok()?);
        let today = wall(now, SHANGHAI_MIN).with().hour(hour).minute(minute).second(0).subsec_nanosecond(0);
        let slot = EpochMs(today.build().ok()?.timestamp().as_millisecond());
        Some(if slot.0 > now.0 { slot.plus_ms(-DAY) } else { slot })
    }
}

impl Job {
    /// Whether its row says that it is at work.
    pub(super) fn is_live(&self) -> bool {
        matches!(self.status.as_str(), "queued" | "running" | "canceling")
    }
}
