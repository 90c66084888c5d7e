//! What the words of a job speak of: the backend writes a reason as its tools said it, in English or in Chinese.
use crate::core::diagnose::scene::Scene;
use crate::core::probe::database::Job;
use crate::core::verdict::Fate;

/// No Docker.
pub(super) const DOCKER: &[&str] =
    &["docker daemon", "docker 不可用", "docker.sock", "docker: command not found", "docker: not found"];
/// No compose file.
pub(super) const COMPOSE: &[&str] =
    &["docker-compose", "compose 文件", "compose file", "compose 路径", "compose path"];
/// No share.
pub(super) const NOT_MOUNTED: &[&str] = &["未挂载", "cifs", "not mounted", "/proc/mounts"];
/// No room.
pub(super) const NO_ROOM: &[&str] = &["no space left", "errno 28", "空间不足", "disk full", "disk is full"];
/// No permission.
pub(super) const DENIED: &[&str] = &["permission denied", "errno 13"];
/// Not writable for anybody.
pub(super) const READ_ONLY: &[&str] = &["read-only file system", "errno 30"];
/// Whoever has the share went away while it was written.
pub(super) const AWAY: &[&str] = &[
    "host is down",
    "errno 112",
    "input/output error",
    "errno 5",
    "stale file handle",
    "broken pipe",
    "timed out",
    "errno 110",
];

/// The words of a job, in lower case.
pub(super) struct Words(String);

impl Words {
    pub(super) fn of(job: &Job) -> Words {
        Words(format!("{} {}", job.detail, job.message).to_lowercase())
    }

    /// Whether any of these stands in them.
    pub(super) fn say(&self, any: &[&str]) -> bool {
        any.iter().any(|w| self.0.contains(w))
    }

    /// Whether a path on the share stands in them, as the host or as the container has it.
    pub(super) fn name_the_share(&self, s: &Scene) -> bool {
        self.0.contains("/replica") || self.0.contains(&s.f.env.paths.mount_point.to_lowercase())
    }
}

/// The night's job, where it ended without success and says any of these.
pub(super) fn ended_with<'a>(s: &Scene<'a>, any: &[&str]) -> Option<(&'a Job, Words)> {
    let Fate::Ended(job) = &s.fate else { return None };
    let words = Words::of(job);
    words.say(any).then_some((*job, words))
}
