//! A scenario and a moment → what is true on one server.
use super::DemoError;
use super::begin;
use super::history::{self, History, full_slot};
use super::packs::Pack;
use super::spec::Spec;
use super::state::{
    BACKEND, Container, Database, Docker, Host, Image, KernelLine, Lock, Share, Space, State,
};
use super::timeline::{Anchors, cron};
use crate::core::units::EpochMs;
use serde_json::Value;
use std::collections::BTreeMap;

/// The box's folder with the content of the configured share, and of the other one.
pub(super) const SHARE: &str = "share";
pub(super) const OTHER: &str = "share-other";
/// The other one.
const OTHER_SOURCE: &str = "//192.0.2.99/backup";
/// RAGFlow's compose project.
const PROJECT: &str = "ragflow_compose";

/// What is true on the server `env`, and the packs that it wrote. `now` is this machine's clock.
pub(super) fn make(scenario: &str, env: &str, now: EpochMs) -> Result<(State, Vec<Pack>), DemoError> {
    let spec = Spec::read(scenario, env)?;
    let anchors = history::anchors(&spec, now.plus_ms(spec.host.clock_ahead_s * 1000))?;
    let past = history::make(&spec, env, &anchors);
    let source = format!("//{}/{}", spec.share.host, spec.share.name);
    let mounted = spec.mount.mounted.then(|| spec.mount.source.clone());
    let state = State {
        scenario: scenario.into(),
        env: env.into(),
        host: Host {
            hostname: spec.host.hostname.clone(),
            address: spec.host.address.clone(),
            machine_id: spec.host.machine_id.clone(),
            boot_ms: anchors.boot.0,
            clock_ahead_ms: spec.host.clock_ahead_s * 1000,
            zone_min: spec.host.zone_min,
        },
        mount_point: "/mnt/replica".into(),
        share: Share {
            host: spec.share.host.clone(),
            folders: BTreeMap::from([(source.clone(), SHARE.into()), (OTHER_SOURCE.into(), OTHER.into())]),
            source,
            port: spec.share.port,
            answers: spec.share.answers,
            password_good: spec.share.password_good,
        },
        root_disk: Space {
            kind: "xfs".into(),
            block_size: 4096,
            blocks: spec.disk.root_mib * 256,
            free: spec.disk.root_free_mib * 256,
            inodes: spec.disk.root_mib * 512,
            inodes_free: spec.disk.root_mib * 512 - 231_804,
        },
        share_disk: Space {
            kind: "smb2".into(),
            block_size: 4096,
            blocks: spec.disk.share_mib * 256,
            free: spec.disk.share_free_mib * 256,
            inodes: 0,
            inodes_free: 0,
        },
        kernel: kernel(&spec, &anchors)?,
        docker: docker(&spec, &anchors, mounted.as_deref())?,
        database: database(&spec, &anchors, &past)?,
        work: past
            .packs
            .iter()
            .find(|p| p.growing)
            .map(|p| begin::work(&spec, (p.job, "incremental"), &p.name, (p.begun, p.ended))),
        catches_up_ms: None,
        mounted,
    };
    Ok((state, past.packs))
}

fn kernel(spec: &Spec, anchors: &Anchors) -> Result<Vec<KernelLine>, DemoError> {
    let mut lines = Vec::new();
    for line in &spec.kernel {
        lines.push(KernelLine { at_ms: anchors.at(&line.at)?.0, text: line.text.clone() });
    }
    lines.sort_by_key(|l| l.at_ms);
    Ok(lines)
}

fn docker(spec: &Spec, anchors: &Anchors, mounted: Option<&str>) -> Result<Docker, DemoError> {
    let started = anchors.at(&spec.backend.started)?;
    let mut images = Vec::new();
    let mut containers = Vec::new();
    for (name, image, size, mounts) in containers_of() {
        let own = name == BACKEND;
        // the others came up with the machine
        let up = if own { started } else { anchors.boot.plus_ms(38_000) };
        let running = spec.docker.up && (!own || spec.backend.running);
        let finished = match &spec.backend.finished {
            Some(at) if !running => Some(anchors.at(at)?.0),
            _ => None,
        };
        images.push(Image { id: format!("sha256:{}", hex(image)), name: image.into(), size: size << 20 });
        containers.push(Container {
            id: hex(&format!("{} {name}", spec.host.hostname)),
            name: name.into(),
            image: image.into(),
            project: name.starts_with(PROJECT).then(|| PROJECT.into()),
            restart_policy: "unless-stopped".into(),
            created_ms: anchors.at("now-62d")?.0,
            started_ms: up.0,
            finished_ms: finished,
            running,
            exit_code: if running { 0 } else { spec.backend.exit_code },
            checked: name.contains("mysql"),
            mounts,
            sees: (own && spec.backend.sees_mount).then(|| mounted.map(Into::into)).flatten(),
        });
    }
    let volumes = ["esdata01", "minio_data", "mysql_data", "redis_data"];
    Ok(Docker {
        up: spec.docker.up,
        containers,
        images,
        volumes: volumes.map(|v| format!("{PROJECT}_{v}")).into(),
    })
}

type Mounts = Vec<(String, String, bool)>;

/// Name, image, the image's size in MiB, and mounts of each container.
fn containers_of() -> Vec<(&'static str, &'static str, u64, Mounts)> {
    let bind = |from: &str, to: &str, write: bool| vec![(from.to_owned(), to.to_owned(), write)] as Mounts;
    let volume = |name: &str, to: &str| bind(&format!("{PROJECT}_{name}"), to, true);
    let mut backend = bind("/opt/ragflowauth/data", "/app/data", true);
    backend.extend(bind("/mnt/replica", "/mnt/replica", true));
    backend.extend(bind("/opt/ragflowauth/ragflow_compose", "/app/ragflow_compose", false));
    backend.extend(bind("/var/run/docker.sock", "/var/run/docker.sock", true));
    vec![
        (BACKEND, "ragflowauth-backend:local", 742, backend),
        ("ragflowauth-frontend", "ragflowauth-frontend:local", 61, Vec::new()),
        (
            "ragflow_compose-es01-1",
            "elasticsearch:8.11.3",
            1398,
            volume("esdata01", "/usr/share/elasticsearch/data"),
        ),
        ("ragflow_compose-minio-1", "minio/minio:latest", 167, volume("minio_data", "/data")),
        ("ragflow_compose-mysql-1", "mysql:8.0.39", 582, volume("mysql_data", "/var/lib/mysql")),
        ("ragflow_compose-redis-1", "valkey/valkey:8", 118, volume("redis_data", "/data")),
        ("ragflow_compose-ragflow-1", "infiniflow/ragflow:v0.17.2", 7204, Vec::new()),
    ]
}

fn database(spec: &Spec, anchors: &Anchors, past: &History) -> Result<Database, DemoError> {
    let mut settings = spec.settings.clone();
    let mut fill = |column: &str, value: Option<Value>| {
        settings.entry(column).or_insert_with(|| value.unwrap_or(Value::Null));
    };
    fill("incremental_schedule", Some(cron(anchors.slot, false).into()));
    fill("full_backup_schedule", Some(cron(full_slot(spec, anchors), true).into()));
    fill("last_run_at_ms", past.jobs.last().map(|j| j.created_at_ms.into()));
    for (column, kind) in
        [("last_incremental_backup_time_ms", "incremental"), ("last_full_backup_time_ms", "full")]
    {
        let good = |j: &&super::state::Job| j.kind == kind && j.status == "completed";
        let last = past.jobs.iter().rev().find(good);
        fill(column, last.and_then(|j| j.finished_at_ms).map(Into::into));
    }
    let mut locks = Vec::new();
    if let Some(lock) = &spec.lock {
        locks.push(Lock {
            name: "backup".into(),
            owner: hex(&format!("{} lock", spec.host.hostname)).chars().take(32).collect(),
            job_id: None,
            // it is taken just before the job is written
            acquired_at_ms: anchors.at(&lock.acquired)?.0 - 55,
        });
    }
    Ok(Database { jobs: past.jobs.clone(), locks, settings, old_schema: spec.history.old_schema })
}

/// 64 hexadecimal digits that look random and are always the same for the same text.
pub(super) fn hex(text: &str) -> String {
    let seed = text.bytes().fold(7_i64, |sum, b| sum.wrapping_mul(1_000_003).wrapping_add(i64::from(b)));
    (0..8).map(|n| format!("{:08x}", history::noise(seed.wrapping_add(n), 1 << 32))).collect()
}
