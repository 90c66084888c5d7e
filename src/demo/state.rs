//! What is true on one server of a box, kept in one file that the stand-ins read and, when they change something,
//! replace as a whole.
use super::spec::Port;
use super::work::Work;
use crate::core::units::EpochMs;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};

/// A server.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct State {
    pub(super) scenario: String,
    pub(super) env: String,
    pub(super) host: Host,
    pub(super) mount_point: String,
    /// What is mounted on the mount point: `//192.0.2.72/backup`.
    pub(super) mounted: Option<String>,
    pub(super) share: Share,
    pub(super) root_disk: Space,
    pub(super) share_disk: Space,
    pub(super) kernel: Vec<KernelLine>,
    pub(super) docker: Docker,
    pub(super) database: Database,
    /// The backup that advances.
    pub(super) work: Option<Work>,
    /// When the backend makes up for a night without a job, if it does.
    pub(super) catches_up_ms: Option<i64>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Host {
    pub(super) hostname: String,
    pub(super) address: String,
    pub(super) machine_id: String,
    pub(super) boot_ms: i64,
    /// Added to this machine's clock.
    pub(super) clock_ahead_ms: i64,
    /// Minutes east of UTC.
    pub(super) zone_min: i32,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Share {
    pub(super) host: String,
    /// The configured one: `//192.0.2.72/backup`.
    pub(super) source: String,
    pub(super) port: Port,
    pub(super) answers: bool,
    pub(super) password_good: bool,
    /// The box's folder that holds the content of each share that can be mounted.
    pub(super) folders: BTreeMap<String, String>,
}

/// A file system as statfs(2) says it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Space {
    pub(super) kind: String,
    pub(super) block_size: u64,
    pub(super) blocks: u64,
    pub(super) free: u64,
    pub(super) inodes: u64,
    pub(super) inodes_free: u64,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct KernelLine {
    pub(super) at_ms: i64,
    pub(super) text: String,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Docker {
    pub(super) up: bool,
    pub(super) containers: Vec<Container>,
    pub(super) images: Vec<Image>,
    pub(super) volumes: Vec<String>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Container {
    pub(super) id: String,
    pub(super) name: String,
    /// Name of its image.
    pub(super) image: String,
    /// Compose project.
    pub(super) project: Option<String>,
    pub(super) restart_policy: String,
    pub(super) created_ms: i64,
    pub(super) started_ms: i64,
    pub(super) finished_ms: Option<i64>,
    pub(super) running: bool,
    pub(super) exit_code: i64,
    /// Whether compose gave it a health check.
    pub(super) checked: bool,
    /// Binds (`/…`) and volumes: source, destination, writable.
    pub(super) mounts: Vec<(String, String, bool)>,
    /// The share that it sees on the mount point; the local disk when none.
    pub(super) sees: Option<String>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Image {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) size: u64,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Database {
    /// Oldest first.
    pub(super) jobs: Vec<Job>,
    pub(super) locks: Vec<Lock>,
    pub(super) settings: serde_json::Map<String, serde_json::Value>,
    /// The jobs table has no cancel columns.
    pub(super) old_schema: bool,
}

/// A row of `backup_jobs`, in the order of its columns.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Job {
    pub(super) id: i64,
    pub(super) kind: String,
    pub(super) status: String,
    pub(super) progress: i64,
    pub(super) message: String,
    pub(super) detail: String,
    pub(super) output_dir: Option<String>,
    pub(super) created_at_ms: i64,
    pub(super) started_at_ms: Option<i64>,
    pub(super) finished_at_ms: Option<i64>,
    pub(super) cancel_requested_at_ms: Option<i64>,
    pub(super) cancel_reason: Option<String>,
    pub(super) canceled_at_ms: Option<i64>,
}

/// A row of `backup_locks`; the backend never fills in the job.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Lock {
    pub(super) name: String,
    pub(super) owner: String,
    pub(super) job_id: Option<i64>,
    pub(super) acquired_at_ms: i64,
}

/// Name of the container that makes the backups.
pub(super) const BACKEND: &str = "ragflowauth-backend";

impl State {
    /// The server's clock when this machine's says `now`.
    pub(super) fn clock(&self, now: EpochMs) -> EpochMs {
        now.plus_ms(self.host.clock_ahead_ms)
    }

    /// The container of this name, or whose id starts so (12 characters at least, as people copy them).
    pub(super) fn container(&self, name: &str) -> Option<&Container> {
        let by_id = |c: &&Container| name.len() >= 12 && c.id.starts_with(name);
        let all = &self.docker.containers;
        all.iter().find(|c| c.name == name).or(all.iter().find(by_id))
    }

    /// The backend, when it runs.
    pub(super) fn backend(&self) -> Option<&Container> {
        self.container(BACKEND).filter(|c| self.docker.up && c.running)
    }

    /// Reads the state of the server whose root this is.
    pub(super) fn load(root: &Path) -> std::io::Result<State> {
        let bytes = std::fs::read(file(root))?;
        serde_json::from_slice(&bytes).map_err(std::io::Error::other)
    }

    /// Replaces the state of the server whose root this is: all of it or nothing.
    pub(super) fn save(&self, root: &Path) -> std::io::Result<()> {
        let folder = folder(root);
        std::fs::create_dir_all(&folder)?;
        let mut new = tempfile::NamedTempFile::new_in(&folder)?;
        new.write_all(&serde_json::to_vec_pretty(self)?)?;
        new.persist(file(root)).map_err(|e| e.error)?;
        Ok(())
    }
}

/// The folder below a server's root that is no part of the server.
pub(super) fn folder(root: &Path) -> PathBuf {
    root.join(".box")
}

fn file(root: &Path) -> PathBuf {
    folder(root).join("state.json")
}
