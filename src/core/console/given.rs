//! What the tests of pages start from: a look at a server of which they say what matters.
use crate::config::model::{Environment, example};
use crate::core::snapshot::Snapshot;
use crate::core::units::EpochMs;
use serde_json::{Value, json};

pub(super) const MIN: i64 = 60_000;
pub(super) const HOUR: i64 = 60 * MIN;
pub(super) const DAY: i64 = 24 * HOUR;
/// 2026-02-01 06:00 by the backend's clock, which is eight hours ahead of UTC.
pub(super) const NOW: EpochMs = EpochMs(1_769_896_800_000);
/// 04:00 of that day: the newest slot.
pub(super) const SLOT: i64 = NOW.0 - 2 * HOUR;

const HOST: &str = "22 1 254:0 / / rw - ext4 /dev/vda rw\n";
const SHARE: &str = "88 22 0:44 / /mnt/replica rw - cifs //192.0.2.72/backup rw,vers=3.1.1\n";

/// A look under construction.
pub(super) struct Given {
    pub(super) env: Environment,
    pub(super) mounted: bool,
    /// The rows of jobs, newest first.
    pub(super) jobs: Vec<Value>,
    /// Where jobs wrote that are older than the rows.
    pub(super) outputs: Vec<Value>,
    pub(super) incremental: &'static str,
    pub(super) full: &'static str,
    /// `type|bytes|seconds|path` below the pack folder.
    pub(super) files: Vec<String>,
}

impl Given {
    pub(super) fn new() -> Given {
        Given {
            env: example(),
            mounted: true,
            jobs: Vec::new(),
            outputs: Vec::new(),
            incremental: "0 4 * * *",
            full: "",
            files: Vec::new(),
        }
    }

    /// A job so many nights ago, begun so many minutes after four; a completed one took ten minutes.
    pub(super) fn job(mut self, night: i64, minutes: i64, kind: &str, status: &str) -> Given {
        let at = SLOT - night * DAY + minutes * MIN;
        let done = (status == "completed").then_some(at + 10 * MIN);
        let id = 1000 - night * 10 + minutes.clamp(0, 9);
        self.jobs.push(
            json!({"id": id, "kind": kind, "status": status, "message": "备份完成（已在共享目录）",
            "output_dir": format!("/mnt/replica/RagflowAuth/{}", name(at)), "created_at_ms": at,
            "started_at_ms": at, "finished_at_ms": done}),
        );
        self.jobs.sort_by_key(|j| std::cmp::Reverse(j["id"].as_i64()));
        self
    }

    /// The pack of such a job, so large, with everything in it.
    pub(super) fn pack(mut self, night: i64, minutes: i64, kind: &str, bytes: u64) -> Given {
        let at = SLOT - night * DAY + minutes * MIN;
        let mut files = vec![("auth.db", 5), ("volumes/ragflow_compose_a.tar.gz", bytes - 5)];
        if kind == "full" {
            files.push(("images.tar", 9));
        }
        for (file, bytes) in files {
            self.files.push(format!("regular file|{bytes}|{}|{}/{file}", at / 1000, name(at)));
        }
        self
    }

    /// A completed job and its pack.
    pub(super) fn backup(self, night: i64, kind: &str, bytes: u64) -> Given {
        self.job(night, 0, kind, "completed").pack(night, 0, kind, bytes)
    }

    pub(super) fn look(&self) -> Snapshot {
        let mounts = if self.mounted { format!("{HOST}{SHARE}") } else { HOST.to_owned() };
        let folder = "/mnt/replica/RagflowAuth";
        let files: String = self
            .files
            .iter()
            .map(|f| {
                let (head, path) = f.rsplit_once('|').unwrap();
                format!("{head}|{folder}/{path}\n")
            })
            .collect();
        let outputs: Vec<Value> =
            self.jobs.iter().map(|j| json!([j["id"], j["kind"], j["output_dir"]])).collect();
        let of_kind = |kind: &str| -> Vec<&Value> {
            let mut done = self.jobs.iter().filter(|j| j["kind"] == kind && j["status"] == "completed");
            done.next().into_iter().collect()
        };
        let live: Vec<&Value> = self.jobs.iter().filter(|j| j["status"] == "running").collect();
        let inside = json!({
            "mounts": {"mountinfo": mounts}, "clock": {"epoch_ms": NOW.0, "zone": "+0800"},
            "database": {"jobs": self.jobs, "live": live, "locks": [],
                "last_completed": {"incremental": of_kind("incremental"), "full": of_kind("full")},
                "outputs": outputs.into_iter().chain(self.outputs.iter().cloned()).collect::<Vec<_>>(),
                "settings": [{"enabled": 1, "incremental_schedule": self.incremental, "full_backup_enabled": 1,
                    "full_backup_schedule": self.full, "backup_retention_max": 9}]},
        });
        let host = format!("hostname=h\nmachine_id=m\nuid=0\nzone=+0000\nepoch_s={}\n", NOW.0 / 1000);
        let backend = r#"{"Id":"a","Name":"/ragflowauth-backend","State":{"Status":"running","Running":true,"StartedAt":"2026-01-01T00:00:00Z"},"Mounts":[{"Source":"/mnt/replica","Destination":"/mnt/replica","RW":true,"Propagation":"rprivate"}]}"#;
        let inside = format!("via=container\n{inside}\n");
        let answers = [
            ("host", host.as_str()),
            ("mounts", &mounts),
            ("packs", &files),
            ("containers", backend),
            ("volumes", "ragflow_compose_a\n"),
            ("inside", &inside),
        ];
        let all: String = answers
            .iter()
            .map(|(name, said)| format!("@@m begin {name}\n{said}\n@@m said {name}\n\n@@m end {name} 0\n"))
            .collect();
        Snapshot::read(&self.env, "", "m", all.as_bytes(), NOW, 0)
    }
}

/// The name of a pack that was begun at this moment.
pub(super) fn name(at_ms: i64) -> String {
    let at = crate::core::derive::schedule::local(EpochMs(at_ms), 8 * 3600).unwrap();
    at.strftime("migration_pack_%Y%m%d_%H%M%S").to_string()
}
